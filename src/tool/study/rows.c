/* SPDX-License-Identifier: MIT */
/* Which rows are asked, and what is read from rows. */
#include "config.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "syc/questions.h"
#include "syc/task.h"
#include "tool/common/fail.h"
#include "tool/study/study.h"

/* A file's lines that are not blank, without their ends. */
struct lines {
	char *text;
	size_t len;
	char **line;	/* [n] */
	size_t n;
};

static void lines_free(struct lines *l)
{
	free(l->text);
	free(l->line);
	*l = (struct lines){ 0 };
}

static void split(struct lines *l)
{
	size_t cap = 0;

	for (char *p = l->text, *end; p < l->text + l->len; p = end + 1) {
		end = memchr(p, '\n', l->len - (size_t)(p - l->text));
		if (!end)
			end = l->text + l->len;
		*end = '\0';
		if (p[strspn(p, " \t\r")] == '\0')
			continue;
		if (l->n == cap) {
			cap = 2 * cap + 64;
			l->line = realloc(l->line, cap * sizeof(*l->line));
			if (!l->line)
				out_of_memory();
		}
		l->line[l->n++] = p;
	}
}

static int lines_read(struct lines *l, const char *path, struct syc_err *err)
{
	FILE *f = fopen(path, "r");
	struct syc_buf b = { 0 };
	char part[65536];
	size_t n;
	int ret = 0;

	*l = (struct lines){ 0 };
	if (!f)
		return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		syc_buf_add(&b, part, n);
	if (ferror(f))
		ret = fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	fclose(f);
	if (b.failed)
		out_of_memory();
	l->text = b.data;
	l->len = b.len;
	split(l);
	return ret;
}

static void add_line(struct syc_buf *b, const char *line)
{
	syc_buf_puts(b, line);
	syc_buf_puts(b, "\n");
}

/* n of them, evenly spread. */
static void add_spread(struct syc_buf *b, char *const *line, size_t total, size_t n)
{
	for (size_t i = 0; i < total; i++)
		if (syc_spread_has(i, total, n))
			add_line(b, line[i]);
}

/* ---- rows to rows ------------------------------------------------------------------- */

/* Write b unless reading failed, and empty it. */
static int finish(const char *path, struct syc_buf *b, int ret, struct syc_err *err)
{
	if (ret == 0)
		ret = write_file(path, b, err);
	syc_buf_free(b);
	return ret;
}

/* n lines of a file, or all. */
static int take(const char *from, size_t n, const char *to, struct syc_err *err)
{
	struct lines l;
	struct syc_buf b = { 0 };
	int ret = lines_read(&l, from, err);

	add_spread(&b, l.line, l.n, n);
	lines_free(&l);
	return finish(to, &b, ret, err);
}

int rows_pairs(struct study *s, struct syc_err *err)
{
	const char *from = s->rows ? s->rows : s->set[s->train].path;

	return is_there("pairs.jsonl") ? 0 : take(from, s->rows ? INT32_MAX : s->o.pairs, "pairs.jsonl", err);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Drop the lines that are in used, which is sorted for it. */
static void drop(struct lines *l, struct lines *used)
{
	size_t n = 0;

	if (used->n)
		qsort(used->line, used->n, sizeof(*used->line), by_text);
	for (size_t i = 0; i < l->n; i++)
		if (!used->n || !bsearch(&l->line[i], used->line, used->n, sizeof(*used->line), by_text))
			l->line[n++] = l->line[i];
	l->n = n;
}

/* The row with what it asks as "claim", unless it has one. */
static int add_claim(struct syc_buf *b, const char *line, const char *path, struct syc_err *err)
{
	size_t len = strlen(line);
	struct syc_buf claim = { 0 }, value = { 0 };
	json_t *row;
	int ret = 0;

	while (len && strchr(" \r", line[len - 1]))
		len--;
	row = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
	if (json_is_object(row) && !json_object_get(row, "claim")) {
		syc_question_claim(&claim, doc_text(row, "question"), NULL);
		syc_buf_json(&value, claim.data ? claim.data : "", claim.len);
		ret = syc_row_set(b, line, len, "claim", value.data, err);
		syc_buf_puts(b, "\n");
	} else if (row) {
		add_line(b, line);
	} else {
		ret = fail(err, SYC_EFORMAT, "%s: not JSON: %.60s", path, line);
	}
	json_decref(row);
	syc_buf_free(&claim);
	syc_buf_free(&value);
	return ret;
}

int rows_questions(struct study *s, const struct set *set, struct syc_err *err)
{
	char *path = text_new("%s.questions.jsonl", set->name);
	struct lines l = { 0 }, used = { 0 };
	struct syc_buf b = { 0 };
	int ret = 0;

	if (!is_there(path)) {
		ret = lines_read(&used, "pairs.jsonl", err);
		if (ret == 0)
			ret = lines_read(&l, set->path, err);
		drop(&l, &used);
		for (size_t i = 0; i < l.n && ret == 0; i++)
			if (syc_spread_has(i, l.n, s->o.questions))
				ret = add_claim(&b, l.line[i], set->path, err);
		ret = finish(path, &b, ret, err);
	}
	lines_free(&l);
	lines_free(&used);
	free(path);
	return ret;
}

static int from_truthful(const char *path, size_t n, struct syc_err *err)
{
	struct lines l = { 0 };
	struct syc_buf b = { 0 }, rows = { 0 };
	struct syc_err why;
	FILE *f = fopen(path, "r");
	char part[65536];
	size_t k;
	int ret;

	if (!f)
		return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	while ((k = fread(part, 1, sizeof(part), f)) > 0)
		syc_buf_add(&b, part, k);
	fclose(f);
	ret = syc_truthful_rows(&rows, b.data ? b.data : "", b.len, &why);
	syc_buf_free(&b);
	if (ret < 0)
		fail(err, ret, "%s: %s", path, why.msg);
	l.text = rows.data;
	l.len = rows.len;
	split(&l);
	add_spread(&b, l.line, l.n, n);
	lines_free(&l);
	return finish("control.jsonl", &b, ret, err);
}

int rows_control(struct study *s, struct syc_err *err)
{
	const size_t n = strlen(s->control);

	if (is_there("control.jsonl"))
		return 0;
	if (n > 4 && strcmp(s->control + n - 4, ".csv") == 0)
		return from_truthful(s->control, s->n_steered, err);
	return take(s->control, s->n_steered, "control.jsonl", err);
}

int rows_steered(struct study *s, struct syc_err *err)
{
	char *from = text_new("%s.given.jsonl", s->set[s->train].name);
	int ret = is_there("steered.jsonl") ? 0 : take(from, s->n_steered, "steered.jsonl", err);

	free(from);
	return ret;
}

/* ---- what rows say --------------------------------------------------------------------- */

/* Calls fn for each row of a file. */
typedef void row_fn(void *arg, const json_t *row, const char *line);

static int each_row(const char *path, row_fn *fn, void *arg, struct syc_err *err)
{
	struct lines l;
	int ret = lines_read(&l, path, err);

	for (size_t i = 0; i < l.n && ret == 0; i++) {
		json_t *row = json_loads(l.line[i], JSON_ALLOW_NUL, NULL);

		if (row)
			fn(arg, row, l.line[i]);
		else
			ret = fail(err, SYC_EFORMAT, "%s: not JSON: %.60s", path, l.line[i]);
		json_decref(row);
	}
	lines_free(&l);
	return ret;
}

int rows_count(size_t *n, const char *path, struct syc_err *err)
{
	struct lines l;
	int ret = lines_read(&l, path, err);

	*n = l.n;
	lines_free(&l);
	return ret;
}

/* The two orders of a question are not two questions. */
static void add_given(void *arg, const json_t *row, const char *line)
{
	if (!text_is(row, "order", "reversed"))
		add_line(arg, line);
}

int rows_given(const struct set *set, struct syc_err *err)
{
	char *from = text_new("%s.labeled.jsonl", set->name);
	char *to = text_new("%s.given.jsonl", set->name);
	struct syc_buf b = { 0 };
	int ret = is_there(to) ? 0 : each_row(from, add_given, &b, err);

	if (!is_there(to))
		ret = finish(to, &b, ret, err);
	free(from);
	free(to);
	return ret;
}

static void add_text(void *arg, const json_t *row, const char *line)
{
	const char *question = doc_text(row, "question");

	(void)line;
	if (*question)
		syc_buf_printf(arg, "%s\n\n", question);
}

/* What people ask in the sets that no vector has seen; in its own when there are no others. */
int rows_text(const struct study *s, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = 0;

	if (is_there("text.txt"))
		return 0;
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		char *path = text_new("%s.questions.jsonl", s->set[i].name);

		if (i != s->train || s->n_sets == 1)
			ret = each_row(path, add_text, &b, err);
		free(path);
	}
	return finish("text.txt", &b, ret, err);
}

/* Different values of a field. */
struct values {
	const char *field;
	json_t *seen;
};

static void add_value(void *arg, const json_t *row, const char *line)
{
	struct values *v = arg;
	const json_t *x = json_object_get(row, v->field);
	char number[32];

	(void)line;
	if (json_is_number(x))
		snprintf(number, sizeof(number), "%.17g", json_number_value(x));
	if (json_is_number(x) || (json_is_string(x) && *json_string_value(x)))
		json_object_set_new(v->seen, json_is_number(x) ? number : json_string_value(x), json_true());
}

int rows_values(size_t *n, const char *path, const char *field, struct syc_err *err)
{
	struct values v = { field, json_object() };
	int ret = each_row(path, add_value, &v, err);

	*n = json_object_size(v.seen);
	json_decref(v.seen);
	return ret;
}

struct tally {
	struct letters *l;
	size_t n_given, n_reversed;
};

static void count_row(void *arg, const json_t *row, const char *line)
{
	struct tally *t = arg;
	const double p = doc_number(row, "p_match"), label = doc_number(row, "label");
	const bool reversed = text_is(row, "order", "reversed");
	const char *match = doc_text(row, "answer_matching_behavior");

	(void)line;
	match += *match == ' ';
	match += *match == '(';
	if (!isnan(p)) {
		t->l->a += *match == 'A' ? p : 1 - p;
		*(reversed ? &t->l->reversed : &t->l->given) += p;
		t->n_given += !reversed;
		t->n_reversed += reversed;
	}
	if (reversed)
		return;
	t->l->n++;
	t->l->n_labeled += !isnan(label);
	t->l->n_sycophantic += label == 1;
}

static double mean(double sum, size_t n)
{
	return n ? sum / (double)n : NAN;
}

int rows_letters(struct letters *l, const struct set *set, struct syc_err *err)
{
	char *path = text_new("%s.labeled.jsonl", set->name);
	struct tally t = { .l = l };
	int ret;

	*l = (struct letters){ 0 };
	ret = each_row(path, count_row, &t, err);
	l->given = mean(l->given, t.n_given);
	l->reversed = mean(l->reversed, t.n_reversed);
	l->a = mean(l->a, t.n_given + t.n_reversed);
	free(path);
	return ret;
}
