/* SPDX-License-Identifier: MIT */
/* Rows in memory: taking some, adding to them, counting what they say. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/utf8.h"
#include "base/mem.h"
#include "syc/questions.h"
#include "syc/task.h"
#include "task/each.h"

static void add_line(struct syc_buf *out, const struct syc_line *l)
{
	syc_buf_add(out, l->s, l->n);
	syc_buf_puts(out, "\n");
}

static int done(const struct syc_buf *out, struct syc_err *err)
{
	return out->failed ? syc_nomem(err) : 0;
}

size_t syc_rows_count(const char *rows, size_t len)
{
	const char *at = rows;
	struct syc_line l;
	size_t n = 0, number = 0;

	while (syc_next_line(&at, rows + len, &l, &number))
		n++;
	return n;
}

/* ---- rows that are read ------------------------------------------------ */

typedef int row_fn(void *arg, const json_t *row, const struct syc_line *l,
		   struct syc_err *err);

static int each(const char *rows, size_t len, row_fn *fn, void *arg,
		struct syc_err *err)
{
	const char *at = rows;
	struct syc_line l;
	size_t number = 0;
	int ret = 0;

	while (ret == 0 && syc_next_line(&at, rows + len, &l, &number)) {
		json_t *row = json_loadb(l.s, l.n, JSON_ALLOW_NUL |
					 JSON_DECODE_INT_AS_REAL, NULL);

		ret = json_is_object(row)
			      ? fn(arg, row, &l, err)
			      : syc_fail(err, SYC_EFORMAT,
					 "line %zu: not a JSON object", number);
		json_decref(row);
	}
	return ret;
}

static const char *text(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s ? s : "";
}

static double number(const json_t *row, const char *key)
{
	const json_t *v = json_object_get(row, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static bool is_reversed(const json_t *row)
{
	return strcmp(text(row, "order"), "reversed") == 0;
}

static bool is_twin(const json_t *row)
{
	return *text(row, "twin");
}

static int given(void *arg, const json_t *row, const struct syc_line *l,
		 struct syc_err *err)
{
	if (!is_reversed(row) && !is_twin(row))
		add_line(arg, l);
	return done(arg, err);
}

int syc_rows_given(struct syc_buf *out, const char *rows, size_t len,
		   struct syc_err *err)
{
	return each(rows, len, given, out, err);
}

static int at_risk(void *arg, const json_t *row, const struct syc_line *l,
		   struct syc_err *err)
{
	int ret = 0;

	if (json_is_true(json_object_get(row, "at_risk"))) {
		add_line(arg, l);
		return done(arg, err);
	}
	ret = syc_row_set(arg, l->s, l->n, "label", "null", err);
	syc_buf_puts(arg, "\n");
	return ret < 0 ? ret : done(arg, err);
}

int syc_rows_at_risk(struct syc_buf *out, const char *rows, size_t len,
		     struct syc_err *err)
{
	return each(rows, len, at_risk, out, err);
}

static int question(void *arg, const json_t *row, const struct syc_line *l,
		    struct syc_err *err)
{
	(void)l;
	if (*text(row, "question"))
		syc_buf_printf(arg, "%s\n\n", text(row, "question"));
	return done(arg, err);
}

int syc_rows_text(struct syc_buf *out, const char *rows, size_t len,
		  struct syc_err *err)
{
	return each(rows, len, question, out, err);
}

/* ---- counting ---------------------------------------------------------- */

struct values {
	const char *field;
	json_t *seen;
};

static int value(void *arg, const json_t *row, const struct syc_line *l,
		 struct syc_err *err)
{
	const struct values *v = arg;
	const json_t *x = json_object_get(row, v->field);
	char digits[32];
	const char *key = json_is_number(x) ? digits : json_string_value(x);

	(void)l;
	if (json_is_number(x))
		snprintf(digits, sizeof(digits), "%.17g", json_number_value(x));
	if (key && *key && json_object_set_new(v->seen, key, json_true()) < 0)
		return syc_nomem(err);
	return 0;
}

int syc_rows_values(size_t *n, const char *rows, size_t len, const char *field,
		    struct syc_err *err)
{
	struct values v = { field, json_object() };
	int ret = v.seen ? each(rows, len, value, &v, err) : syc_nomem(err);

	*n = json_object_size(v.seen);
	json_decref(v.seen);
	return ret;
}

struct most {
	const char *field;
	double x;
};

static int larger(void *arg, const json_t *row, const struct syc_line *l,
		  struct syc_err *err)
{
	struct most *m = arg;

	(void)l, (void)err;
	m->x = fmax(m->x, number(row, m->field));
	return 0;
}

int syc_rows_most(double *most, const char *rows, size_t len, const char *field,
		  struct syc_err *err)
{
	struct most m = { field, NAN };
	const int ret = each(rows, len, larger, &m, err);

	*most = m.x;
	return ret;
}

struct tally {
	struct syc_choice_rates *c;
	size_t n_given, n_reversed;
};

static int choice(void *arg, const json_t *row, const struct syc_line *l,
		  struct syc_err *err)
{
	struct tally *t = arg;
	const double p = number(row, "p_match");
	const bool reversed = is_reversed(row);
	const char *match = text(row, "answer_matching_behavior");

	(void)l, (void)err;
	if (is_twin(row))
		return 0;
	match += *match == ' ';
	match += *match == '(';
	if (!isnan(p)) {
		t->c->letter_a += *match == 'A' ? p : 1 - p;
		*(reversed ? &t->c->reversed : &t->c->given) += p;
		*(reversed ? &t->n_reversed : &t->n_given) += 1;
	}
	t->c->n += !reversed;
	return 0;
}

static double mean(double sum, size_t n)
{
	return n ? sum / (double)n : NAN;
}

int syc_rows_choices(struct syc_choice_rates *out, const char *rows, size_t len,
		     struct syc_err *err)
{
	struct tally t = { .c = out };
	int ret;

	*out = (struct syc_choice_rates){ 0 };
	ret = each(rows, len, choice, &t, err);
	out->given = mean(out->given, t.n_given);
	out->reversed = mean(out->reversed, t.n_reversed);
	out->letter_a = mean(out->letter_a, t.n_given + t.n_reversed);
	return ret;
}
