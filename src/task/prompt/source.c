/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "base/utf8.h"
#include "syc/questions.h"
#include "task/each.h"
#include "task/prompt/source.h"

json_t *syc_source_json(const char *s, size_t n, size_t *used, json_error_t *e)
{
	const size_t how = used ? JSON_DISABLE_EOF_CHECK : 0;
	json_t *v = json_loadb(s, n, how, e);

	/* What 64 bits do not hold is passed on as a double. */
	if (!v && json_error_code(e) == json_error_numeric_overflow)
		v = json_loadb(s, n, how | JSON_DECODE_INT_AS_REAL, e);
	if (v && used)
		*used = (size_t)e->position;
	return v;
}

static int take_json(const json_t *o, const json_error_t *e, size_t line,
		     syc_take_object *take, void *to, struct syc_err *err)
{
	if (json_is_object(o))
		return take(to, o, line, err);
	syc_fail(err, SYC_EFORMAT, "%.200s", o ? "not a JSON object" : e->text);
	return take(to, NULL, line, err);
}

static int each_line(const char *text, size_t len, syc_take_object *take,
		     void *to, struct syc_err *err)
{
	const char *at = text;
	struct syc_line l;
	size_t number = 0;
	int ret = 0;

	while (ret == 0 && syc_next_line(&at, text + len, &l, &number)) {
		json_error_t e;
		json_t *o = syc_source_json(l.s, l.n, NULL, &e);

		ret = take_json(o, &e, number, take, to, err);
		json_decref(o);
	}
	return ret;
}

/* A place in the text of an array. */
struct place {
	const char *s, *end;
	size_t line;
};

static void go(struct place *p, size_t n)
{
	for (; n; n--)
		p->line += *p->s++ == '\n';
}

static char next(struct place *p)
{
	while (p->s < p->end && strchr(" \t\r\n", *p->s) && *p->s)
		go(p, 1);
	return p->s < p->end ? *p->s : '\0';
}

static int cut_short(const struct place *p, const char *what,
		     struct syc_err *err)
{
	return syc_fail(err, SYC_EFORMAT, "line %zu: %.200s", p->line, what);
}

static int each_element(const char *text, size_t len, syc_take_object *take,
			void *to, struct syc_err *err)
{
	struct place p = { text, text + len, 1 };
	char c;

	next(&p);
	go(&p, 1);	/* [ */
	for (c = next(&p); c != ']'; c = next(&p)) {
		const size_t line = p.line;
		json_error_t e;
		size_t used;
		json_t *o =
			syc_source_json(p.s, (size_t)(p.end - p.s), &used, &e);
		int ret;

		if (!o)
			return cut_short(
				&p, c ? e.text : "the array does not end", err);
		go(&p, used);
		ret = take_json(o, &e, line, take, to, err);
		json_decref(o);
		if (ret < 0)
			return ret;
		if (next(&p) == ',')
			go(&p, 1);
		else if (next(&p) != ']')
			return cut_short(&p, "no , or ] behind an object", err);
	}
	go(&p, 1);
	return next(&p) ? cut_short(&p, "something behind the array", err) : 0;
}

static json_t *cells(const struct syc_csv *c, const json_t *names,
		     struct syc_err *err)
{
	json_t *o = json_object();
	size_t i;
	const json_t *name;

	json_array_foreach((json_t *)names, i, name) {
		if (!*c->field[i])
			continue;
		if (json_object_set_new(o, json_string_value(name),
					json_string(c->field[i])) == 0)
			continue;
		syc_fail(err, SYC_EFORMAT, "\"%.60s\" is not UTF-8",
			 json_string_value(name));
		json_decref(o);
		return NULL;
	}
	return o;
}

static int take_cells(const struct syc_csv *c, const json_t *names,
		      syc_take_object *take, void *to, struct syc_err *err)
{
	const size_t n = json_array_size(names);
	json_t *o = NULL;
	int ret;

	if (c->n == n)
		o = cells(c, names, err);
	else
		syc_fail(err, SYC_EFORMAT,
			 "%zu cells in a table of %zu columns", c->n, n);
	ret = take(to, o, c->line, err);
	json_decref(o);
	return ret;
}

/* The first line: names that are all there, and once each. */
static int column_names(struct syc_csv *c, json_t *names, struct syc_err *err)
{
	int ret = syc_csv_next(c, err);

	if (ret == 0)
		return syc_fail(err, SYC_EFORMAT, "the file is empty");
	for (size_t i = 0; ret > 0 && i < c->n; i++) {
		if (!*c->field[i] || syc_csv_find(c, c->field[i]) != (int)i)
			return syc_fail(
				err, SYC_EFORMAT,
				*c->field[i]
					? "line 1: column '%.60s' comes twice"
					: "line 1: a column has no name%s",
				c->field[i]);
		if (json_array_append_new(names, json_string(c->field[i])) < 0)
			return syc_fail(err, SYC_EFORMAT,
					"line 1: a name is not UTF-8");
	}
	return ret < 0 ? ret : 0;
}

static int each_cells(const char *text, size_t len, syc_take_object *take,
		      void *to, struct syc_err *err)
{
	const char *end = memchr(text, '\n', len);
	struct syc_csv c = { .data = text, .len = len };
	json_t *names = json_array();
	int ret;

	if (memchr(text, '\t', end ? (size_t)(end - text) : len))
		c.comma = '\t';
	ret = column_names(&c, names, err);
	while (ret == 0 && (ret = syc_csv_next(&c, err)) > 0)
		ret = take_cells(&c, names, take, to, err);
	syc_csv_free(&c);
	json_decref(names);
	return ret;
}

static char first_of(const char *text, size_t len)
{
	struct place p = { text, text + len, 1 };

	return next(&p);
}

bool syc_source_is_json(const char *text, size_t len)
{
	const char *s = syc_utf8_start(text, &len);
	const char c = first_of(s, len);

	return c == '[' || c == '{';
}

int syc_source_each(const char *text, size_t len, syc_take_object *take,
		    void *to, struct syc_err *err)
{
	const char *s;
	char c;

	if (syc_utf16(text, len))
		return syc_fail(err, SYC_EFORMAT,
				"the text is UTF-16, not UTF-8");
	s = syc_utf8_start(text, &len);
	c = first_of(s, len);
	if (!c)
		return syc_fail(err, SYC_EFORMAT, "the file is empty");
	return c == '[' ? each_element(s, len, take, to, err) :
	       c == '{' ? each_line(s, len, take, to, err) :
			  each_cells(s, len, take, to, err);
}
