/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "model/template.h"

/*
 * The normal form: constant text as it is, \1 expression \2 for what a
 * {{ }} writes, \3 statement \4 for {% %}.
 */
enum { EXPR = 1, EXPR_END, STMT, STMT_END, ODD };

static bool is_space(char c)
{
	return c && strchr(" \t\r\n\f\v", c);
}

static int put(struct syc_buf *out, char c)
{
	return syc_buf_add(out, &c, 1);
}

/* A quoted string at s; its text goes to out.  Returns its bytes or 0. */
static size_t quoted(struct syc_buf *out, const char *s, size_t n)
{
	size_t i;

	for (i = 1; i < n && s[i] != s[0]; i++) {
		char c = s[i];

		if (c == '\\' && i + 1 < n) {
			c = s[++i];
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		if (put(out, c) < 0)
			return 0;
	}
	return i < n ? i + 1 : 0;
}

static size_t skip_space(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_space(s[i]))
		i++;
	return i;
}

static bool is_word(char c)
{
	return c == '_' || (c >= '0' && c <= '9') ||
		((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* Space inside a tag counts where it keeps two words apart. */
static size_t space(struct syc_buf *out, const char *s, size_t n)
{
	size_t took = skip_space(s, n);

	if (took && took < n && is_word(s[took]) && out->len &&
	    is_word(out->data[out->len - 1]))
		put(out, ' ');
	return took;
}

/* What is no string: one character, or the filter that is a method too. */
static size_t plain(struct syc_buf *out, const char *s, size_t n)
{
	if (*s == '|') {
		size_t i = 1 + skip_space(s + 1, n - 1);

		if (n - i >= 4 && memcmp(s + i, "trim", 4) == 0)
			return syc_buf_puts(out, ".strip()") < 0 ? 0 : i + 4;
	}
	return put(out, *s) < 0 ? 0 : 1;
}

static size_t quoted_again(struct syc_buf *out, const char *s, size_t n)
{
	size_t took;

	if (put(out, '\'') < 0)
		return 0;
	took = quoted(out, s, n);
	return put(out, '\'') < 0 ? 0 : took;
}

static bool statement(struct syc_buf *out, const char *s, size_t n)
{
	size_t took;

	if (put(out, STMT) < 0)
		return false;
	for (size_t i = 0; i < n; i += took) {
		took = space(out, s + i, n - i);
		if (took)
			continue;
		took = s[i] == '\'' || s[i] == '"' ? quoted_again(out, s + i, n - i)
						   : plain(out, s + i, n - i);
		if (!took)
			return false;
	}
	return put(out, STMT_END) == 0;
}

/* A constant term of a sum; marked odd when something is done to it. */
static size_t constant(struct syc_buf *out, const char *s, size_t n)
{
	size_t took = quoted(out, s, n), next;

	if (!took)
		return 0;
	next = took + skip_space(s + took, n - took);
	if (next < n && s[next] != '+' && put(out, ODD) < 0)
		return 0;
	return took;
}

/* The terms of a sum, constants as text. */
static bool expression(struct syc_buf *out, const char *s, size_t n)
{
	size_t took, depth = 0;
	bool open = false;

	for (size_t i = 0; i < n; i += took) {
		bool string = s[i] == '\'' || s[i] == '"';

		took = open ? space(out, s + i, n - i) :
			      skip_space(s + i, n - i);
		if (took)
			continue;
		if (s[i] == '+' && depth == 0) {
			if (open && put(out, EXPR_END) < 0)
				return false;
			open = false;
			took = 1;
			continue;
		}
		if (string && !open) {
			took = constant(out, s + i, n - i);
		} else {
			if (!open && put(out, EXPR) < 0)
				return false;
			open = true;
			depth += s[i] == '(' || s[i] == '[';
			depth -= depth && (s[i] == ')' || s[i] == ']');
			took = string ? quoted_again(out, s + i, n - i) :
					plain(out, s + i, n - i);
		}
		if (!took)
			return false;
	}
	return !open || put(out, EXPR_END) == 0;
}

/* Bytes of the tag at s, "{%" to "%}"; 0 when it does not end. */
static size_t tag_len(const char *s, size_t n)
{
	char end = s[1] == '{' ? '}' : s[1], quote = 0;

	for (size_t i = 2; i + 1 < n; i++) {
		if (quote) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == quote)
				quote = 0;
		} else if (end != '#' && (s[i] == '\'' || s[i] == '"')) {
			quote = s[i];
		} else if (s[i] == end && s[i + 1] == '}') {
			return i + 2;
		}
	}
	return 0;
}

static bool is_tag(const char *s, size_t n)
{
	return n >= 2 && s[0] == '{' &&
	       (s[1] == '{' || s[1] == '%' || s[1] == '#');
}

/* The text between two tags, and what these do to its ends. */
struct gap {
	const char *s;
	size_t n;
	bool eat_left, eat_right;	/* "-%}" in front, "{%-" behind */
	bool after_block, before_block;
	bool first, last;
};

static int put_gap(struct syc_buf *out, struct gap g)
{
	size_t n = g.n;

	if (g.eat_right)
		while (n && is_space(g.s[n - 1]))
			n--;
	if (g.last && n && g.s[n - 1] == '\n')
		n--;
	if (g.before_block && !g.eat_right) {
		while (n && (g.s[n - 1] == ' ' || g.s[n - 1] == '\t'))
			n--;
		/* Only where the tag begins its line. */
		if (n ? g.s[n - 1] != '\n' : !g.first)
			n = g.n;
	}
	if (g.eat_left)
		for (; n && is_space(*g.s); n--)
			g.s++;
	else if (g.after_block && n && *g.s == '\n') {
		g.s++;
		n--;
	}
	return syc_buf_add(out, g.s, n);
}

static bool put_tag(struct syc_buf *out, const char *s, size_t n)
{
	size_t from = 2 + (s[2] == '-');
	size_t to = n - 2 - (n > 4 && s[n - 3] == '-');

	if (s[1] == '#')
		return true;
	if (from > to || s[2] == '+' || s[n - 3] == '+')
		return false;
	return s[1] == '{' ? expression(out, s + from, to - from)
			   : statement(out, s + from, to - from);
}

int syc_template_normal(struct syc_buf *out, const char *tmpl, size_t n)
{
	struct gap g = { .first = true };
	size_t at = 0, from = 0, len;

	for (;;) {
		while (at < n && !is_tag(tmpl + at, n - at))
			at++;
		g.s = tmpl + from;
		g.n = at - from;
		g.last = at >= n;
		g.before_block = !g.last && tmpl[at + 1] != '{';
		g.eat_right = n - at > 2 && tmpl[at + 2] == '-';
		if (put_gap(out, g) < 0)
			return SYC_ENOMEM;
		if (g.last)
			return 0;
		len = tag_len(tmpl + at, n - at);
		if (!len || !put_tag(out, tmpl + at, len))
			return SYC_EFORMAT;
		g.after_block = g.before_block;
		g.eat_left = len > 4 && tmpl[at + len - 3] == '-';
		g.first = false;
		at += len;
		from = at;
	}
}
