/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include "base/err.h"
#include "syc/task.h"
#include "task/splice.h"

/*
 * The text has been through a real parser, so this one only has to find the
 * borders; it never reads past the end whatever it is given.
 */
struct scan {
	const char *s;
	size_t len;
	size_t at;
};

static char peek(const struct scan *c)
{
	return c->at < c->len ? c->s[c->at] : 0;
}

static void skip_space(struct scan *c)
{
	while (c->at < c->len && memchr(" \t\n\r", c->s[c->at], 4))
		c->at++;
}

static bool skip_char(struct scan *c, char want)
{
	skip_space(c);
	if (peek(c) != want)
		return false;
	c->at++;
	return true;
}

/* From the opening quote to just after the closing one. */
static bool skip_string(struct scan *c)
{
	if (!skip_char(c, '"'))
		return false;
	while (c->at < c->len && c->s[c->at] != '"')
		c->at += c->s[c->at] == '\\' ? 2 : 1;
	if (c->at >= c->len)
		return false;
	c->at++;
	return true;
}

/* An object or array with everything in it, however deep. */
static bool skip_nested(struct scan *c)
{
	size_t depth = 0;

	do {
		switch (peek(c)) {
		case '"':
			if (!skip_string(c))
				return false;
			continue;
		case '{': case '[':
			depth++;
			break;
		case '}': case ']':
			depth--;
			break;
		}
		if (c->at >= c->len)
			return false;
		c->at++;
	} while (depth);
	return true;
}

static bool skip_value(struct scan *c)
{
	size_t from;

	skip_space(c);
	from = c->at;
	if (peek(c) == '"')
		return skip_string(c);
	if (peek(c) == '{' || peek(c) == '[')
		return skip_nested(c);
	while (c->at < c->len && !memchr(",}] \t\n\r", c->s[c->at], 7))
		c->at++;
	return c->at > from;
}

/* Is the string of n bytes with its quotes the key?  Escapes are decoded. */
static bool key_is(const char *s, size_t n, const char *key)
{
	size_t len = strlen(key);
	json_t *v;
	bool same;

	if (!memchr(s, '\\', n))
		return n == len + 2 && memcmp(s + 1, key, len) == 0;
	v = json_loadb(s, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	same = v && json_string_length(v) == len &&
	       memcmp(json_string_value(v), key, len) == 0;
	json_decref(v);
	return same;
}

/* One "key": value; 1 when it is the one looked for, 0 not, -1 broken. */
static int member(struct scan *c, const char *key, struct syc_member *m)
{
	size_t from;
	bool same;

	skip_space(c);
	from = c->at;
	if (!skip_string(c))
		return -1;
	same = key_is(c->s + from, c->at - from, key);
	if (!skip_char(c, ':'))
		return -1;
	skip_space(c);
	m->value = c->at;
	if (!skip_value(c))
		return -1;
	m->end = c->at;
	return same;
}

int syc_member_find(const char *line, size_t len, const char *key,
		    struct syc_member *m, struct syc_err *err)
{
	struct scan c = { line, len, 0 };
	struct syc_member one;
	int found = 0, same;

	if (!skip_char(&c, '{'))
		goto bad;
	*m = (struct syc_member){ c.at, c.at };
	if (skip_char(&c, '}'))
		return 0;
	do {
		same = member(&c, key, &one);
		if (same < 0)
			goto bad;
		if (same)
			*m = one;
		else if (!found)
			*m = (struct syc_member){ one.end, one.end };
		found |= same;
	} while (skip_char(&c, ','));
	if (skip_char(&c, '}'))
		return found;
bad:
	return syc_fail(err, SYC_EFORMAT, "not a JSON object (byte %zu)", c.at);
}

/* The new member's text with the comma that it needs. */
static int add_member(struct syc_buf *out, bool first, const char *key,
		      const char *value)
{
	if ((!first && syc_buf_puts(out, ", ") < 0) ||
	    syc_buf_json(out, key, strlen(key)) < 0 ||
	    syc_buf_puts(out, ": ") < 0)
		return SYC_ENOMEM;
	return syc_buf_puts(out, value);
}

int syc_row_set(struct syc_buf *out, const char *line, size_t len,
		const char *key, const char *value, struct syc_err *err)
{
	struct syc_member m;
	size_t from = out->len;
	int found, bad;

	found = syc_member_find(line, len, key, &m, err);
	if (found < 0)
		return found;
	bad = syc_buf_add(out, line, m.value);
	if (!bad && found)
		bad = syc_buf_puts(out, value);
	else if (!bad)
		bad = add_member(out, line[m.value - 1] == '{', key, value);
	if (!bad)
		bad = syc_buf_add(out, line + m.end, len - m.end);
	if (!bad)
		return 0;
	out->len = from;
	return syc_nomem(err);
}
