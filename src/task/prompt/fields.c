/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "syc/task.h"
#include "task/prompt/fields.h"
#include "task/said/said.h"

/* ---- one value ------------------------------------------------------------------------- */

/* A string, or a whole number's digits, as a new string; NULL: neither. */
static json_t *as_text(const json_t *v)
{
	char digits[32];

	if (json_is_integer(v)) {
		snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(v));
		return json_string(digits);
	}
	if (json_is_real(v)) {
		snprintf(digits, sizeof(digits), "%.15g", json_real_value(v));
		return json_string(digits);
	}
	return json_is_string(v) ? json_string(json_string_value(v)) : NULL;
}

static bool is_absent(const json_t *v)
{
	return !v || json_is_null(v) ||
	       (json_is_string(v) &&
		!json_string_value(
			v)[strspn(json_string_value(v), " \t\r\n")]) ||
	       (json_is_array(v) && !json_array_size(v));
}

static void add(json_t *list, const char *s, size_t n)
{
	for (; n && strchr(" \t\r\n", s[n - 1]); n--)
		;
	if (n)
		json_array_append_new(list, json_stringn(s, n));
}

/* The texts between ";". */
static void add_parts(json_t *list, const char *s)
{
	while (*s) {
		s += strspn(s, "; \t\r\n");
		add(list, s, strcspn(s, ";"));
		s += strcspn(s, ";");
	}
}

static void add_lines(json_t *list, const char *s)
{
	struct syc_said_line line[SYC_SAID_LINES];
	const size_t n = syc_said_lines(s, true, line);

	for (size_t i = 0; i < n; i++)
		add(list, line[i].text, (size_t)(line[i].end - line[i].text));
	if (!n)
		add_parts(list, s);
}

/* A list of texts; NULL: it is none. */
static json_t *as_texts(const json_t *v, enum syc_field_how how)
{
	json_t *list = json_array(), *text;
	size_t i;
	const json_t *one;

	json_array_foreach((json_t *)v, i, one) {
		text = as_text(one);
		if (!text || json_array_append_new(list, text) < 0)
			goto none;
	}
	if (json_is_array(v))
		return list;
	text = as_text(v);
	if (!text)
		goto none;
	if (how == SYC_FIELD_OPTIONS)
		add_lines(list, json_string_value(text));
	else
		add_parts(list, json_string_value(text));
	json_decref(text);
	return list;
none:
	json_decref(list);
	return NULL;
}

/* "B", "(B)", " (B)": the letter, or 0. */
static char letter_of(const char *s)
{
	char c;

	s += strspn(s, " ");
	s += *s == '(';
	c = *s;
	if (c < 'A' || c > 'Z')
		return 0;
	s++;
	s += *s == ')';
	return s[strspn(s, " ")] ? 0 : c;
}

/* ---- maps ------------------------------------------------------------------------------ */

static const json_t *look_up(const json_t *o, const char *path)
{
	const char *dot = strchr(path, '.');
	char outer[32];

	if (!dot)
		return json_object_get(o, path);
	snprintf(outer, sizeof(outer), "%.*s", (int)(dot - path), path);
	return json_object_get(json_object_get(o, outer), dot + 1);
}

static int map_texts(const struct syc_field_map *m, const json_t *v,
		     json_t *fields, struct syc_err *err)
{
	json_t *list = as_texts(v, m->how);
	size_t i;
	const json_t *text;

	if (!list)
		return syc_fail(err, SYC_EFORMAT,
				"\"%s\" is neither a text nor a list of texts",
				m->from);
	json_array_foreach(list, i, text)
		syc_fields_add(fields, m->to, json_string_value(text));
	json_decref(list);
	return 0;
}

static int map_text(const struct syc_field_map *m, const json_t *v,
		    json_t *fields, struct syc_err *err)
{
	json_t *text = as_text(v);
	char letter[2] = "";

	if (!text)
		return syc_fail(err, SYC_EFORMAT, "\"%s\" is not a text",
				m->from);
	if (m->how == SYC_FIELD_LETTER) {
		letter[0] = letter_of(json_string_value(text));
		json_decref(text);
		if (!letter[0])
			return syc_fail(err, SYC_EFORMAT,
					"\"%s\" is not a letter", m->from);
		text = json_string(letter);
	}
	if (!json_object_get(fields, m->to))
		json_object_set(fields, m->to, text);
	json_decref(text);
	return 0;
}

int syc_fields_map(const struct syc_field_map *map, const json_t *o,
		   json_t *fields, struct syc_err *err)
{
	int ret = 0;

	for (const struct syc_field_map *m = map; m->from && ret == 0; m++) {
		const json_t *v = look_up(o, m->from);
		const bool one =
			m->how == SYC_FIELD_TEXT || m->how == SYC_FIELD_LETTER;

		if (m->to && !is_absent(v))
			ret = one ? map_text(m, v, fields, err)
				  : map_texts(m, v, fields, err);
	}
	return ret;
}

/* Whether the map has that name itself, and whether it looks within it. */
static void named(const struct syc_field_map *map, const char *within,
		  const char *key, bool *itself, bool *inside)
{
	char path[128];
	const size_t n = (size_t)snprintf(path, sizeof(path), "%s%s%s", within,
					  *within ? "." : "", key);

	*itself = *inside = false;
	for (; map->from && n < sizeof(path); map++) {
		*itself |= strcmp(map->from, path) == 0;
		*inside |= strncmp(map->from, path, n) == 0 && map->from[n] == '.';
	}
}

static void add_extra(const struct syc_field_map *map, const char *within,
		      const json_t *o, json_t *extra)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)o, key, v) {
		bool itself, inside;

		named(map, within, key, &itself, &inside);
		if (inside && !itself && !*within)
			add_extra(map, key, v, extra);
		else if (!itself)
			json_object_set(extra, key, v);
	}
}

void syc_fields_extra(const struct syc_field_map *map, const json_t *o,
		      json_t *extra)
{
	add_extra(map, "", o, extra);
}

void syc_fields_add(json_t *fields, const char *name, const char *text)
{
	json_t *list = json_object_get(fields, name), *v = json_string(text);
	size_t i;
	const json_t *old;

	if (!list) {
		list = json_array();
		json_object_set_new(fields, name, list);
	}
	json_array_foreach(list, i, old)
		if (json_equal(old, v)) {
			json_decref(v);
			return;
		}
	json_array_append_new(list, v);
}

/* ---- answers --------------------------------------------------------------------------- */

/* What stands before the last list of lines, without a heading of it. */
static size_t stem_length(const char *q, const char *list)
{
	static const char heading[] = "Choices:";
	size_t n = (size_t)(list - q);

	for (int k = 0; k < 2; k++) {
		for (; n && strchr(" \t\r\n", q[n - 1]); n--)
			;
		if (n >= sizeof(heading) - 1 &&
		    strncmp(q + n - (sizeof(heading) - 1), heading,
			    sizeof(heading) - 1) == 0)
			n -= sizeof(heading) - 1;
	}
	return n;
}

int syc_fields_split_question(json_t *fields, struct syc_err *err)
{
	const char *q = json_string_value(json_object_get(fields, "question"));
	struct syc_said_line line[SYC_SAID_LINES];
	const size_t n = q ? syc_said_lines(q, false, line) : 0;
	json_t *options, *stem;
	const char *from;

	if (!n)
		return 0;
	options = json_array();
	for (size_t i = 0; i < n; i++)
		add(options, line[i].text,
		    (size_t)(line[i].end - line[i].text));
	from = line[0].text;
	while (from > q && from[-1] != '\n')
		from--;
	stem = json_stringn(q, stem_length(q, from));
	if (json_array_size(options) != n || !json_string_length(stem)) {
		json_decref(options);
		json_decref(stem);
		return syc_fail(err, SYC_EFORMAT,
				"\"question\" has a choice without text, or no "
				"question");
	}
	json_object_set_new(fields, "options", options);
	json_object_set_new(fields, "question", stem);
	return 0;
}

static bool same_text(const char *a, const char *b)
{
	struct syc_buf x = { 0 }, y = { 0 };
	const bool same = syc_text_normalize(&x, a, NULL) == 0 &&
			  syc_text_normalize(&y, b, NULL) == 0 &&
			  x.len == y.len && x.len &&
			  memcmp(x.data, y.data, x.len) == 0;

	syc_buf_free(&x);
	syc_buf_free(&y);
	return same || strcmp(a, b) == 0;
}

bool syc_fields_holds(const json_t *list, const char *text)
{
	size_t i;
	const json_t *v;

	json_array_foreach((json_t *)list, i, v)
		if (same_text(json_string_value(v), text))
			return true;
	return false;
}

/* Answers "(A)" as the options' texts. */
static int spell_out(json_t *list, const json_t *options, struct syc_err *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));
		const char c = letter_of(s);

		if (!c || syc_fields_holds(options, s))
			continue;
		if ((size_t)(c - 'A') >= json_array_size(options))
			return syc_fail(
				err, SYC_EFORMAT,
				"answer (%c) is none of the %zu options", c,
				json_array_size(options));
		json_array_set(list, i,
			       json_array_get(options, (size_t)(c - 'A')));
	}
	return 0;
}

/* The letter of the (first) right option, and what it says. */
static int find_letter(json_t *fields, const json_t *options,
		       struct syc_err *err)
{
	const char *given =
		json_string_value(json_object_get(fields, "letter"));
	const json_t *correct = json_object_get(fields, "correct");
	const size_t n = json_array_size(options);
	char letter[2] = "";
	size_t at = 0;

	while (!given && at < n &&
	       !syc_fields_holds(
		       correct, json_string_value(json_array_get(options, at))))
		at++;
	if (given)
		at = (size_t)(*given - 'A');
	if (n < 2 || n > 26)
		return syc_fail(err, SYC_EFORMAT,
				"%zu options (2 to 26 can be)", n);
	if (at >= n)
		return syc_fail(err, SYC_EFORMAT,
				given ? "letter (%s) is none of the %zu options"
				      : "%s: none of the %zu options is right",
				given ? given : "correct", n);
	letter[0] = (char)('A' + at);
	json_object_set_new(fields, "letter", json_string(letter));
	syc_fields_add(fields, "correct",
		       json_string_value(json_array_get(options, at)));
	return 0;
}

/* Options without a right answer beside them are wrong. */
static void other_options(json_t *fields, const json_t *options)
{
	const json_t *correct = json_object_get(fields, "correct");
	size_t i;
	const json_t *v;

	json_array_foreach(
		(json_t *)options, i,
		v) if (!syc_fields_holds(correct, json_string_value(v)))
		syc_fields_add(fields, "incorrect", json_string_value(v));
}

/* What is right is not wrong; where nothing else is wrong, the item is of no use. */
static void keep_wrong(json_t *fields)
{
	const json_t *correct = json_object_get(fields, "correct");
	json_t *wrong = json_object_get(fields, "incorrect"),
	       *left = json_array(), *v;
	size_t i;

	json_array_foreach(wrong, i, v)
		if (!syc_fields_holds(correct, json_string_value(v)))
			json_array_append(left, v);
	json_object_del(fields, "alike");
	if (json_array_size(left))
		json_object_set(fields, "incorrect", left);
	else if (wrong)
		json_object_set_new(fields, "alike", json_true());
	json_decref(left);
}

int syc_fields_answers(json_t *fields, struct syc_err *err)
{
	const json_t *options = json_object_get(fields, "options");
	int ret = 0;

	if (options) {
		ret = spell_out(json_object_get(fields, "correct"), options,
				err);
		if (ret == 0)
			ret = spell_out(json_object_get(fields, "incorrect"),
					options, err);
		if (ret == 0)
			ret = find_letter(fields, options, err);
		if (ret == 0 && !json_object_get(fields, "incorrect"))
			other_options(fields, options);
	}
	if (ret == 0)
		keep_wrong(fields);
	return ret;
}
