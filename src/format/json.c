/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/utf8.h"
#include "format/json.h"

/* Bytes of text that each nested value, and each value at all, must have. */
enum { PER_NESTED = 16, PER_VALUE = 4, FEW = 64 };

struct shape {
	unsigned deepest;
	size_t nested, values;
};

/* Behind the string that begins at p, whether or not it is sound. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end ? p + 1 : end;
}

static struct shape measure(const char *p, const char *end)
{
	struct shape s = { 0 };
	unsigned depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{' || *p == '[') {
			s.nested++;
			depth++;
			s.deepest = depth > s.deepest ? depth : s.deepest;
		} else if ((*p == '}' || *p == ']') && depth) {
			depth--;
		}
		s.values += *p++ == ',';
	}
	return s;
}

/* ---- integers beyond 64 bits --------------------------------------------- */

/* Digits of an integer at p that jansson would refuse for its size, or 0. */
static size_t too_long(const char *p, const char *end)
{
	enum { SAFE = 18 };	/* digits that always fit */
	size_t n = 0;
	char copy[20];

	while (p + n < end && p[n] >= '0' && p[n] <= '9')
		n++;
	if (n <= SAFE || *p == '0' || (p + n < end && strchr(".eE", p[n])))
		return 0;
	if (n >= sizeof(copy))
		return n;
	memcpy(copy, p, n);
	copy[n] = 0;
	errno = 0;
	strtoll(copy, NULL, 10);
	return errno ? n : 0;
}

/* The next of them, outside of strings, or NULL. */
static const char *find_long(const char *p, const char *end, size_t *n)
{
	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
		} else if (*p >= '0' && *p <= '9') {
			*n = too_long(p, end);
			if (*n)
				return p;
			while (p < end && strchr("0123456789.eE+-", *p))
				p++;
		} else {
			p++;
		}
	}
	return NULL;
}

/* Write n digits as a float of n characters; what is huge stays huge. */
static void make_float(char *p, size_t n)
{
	char exponent[8];
	size_t e = (size_t)snprintf(exponent, sizeof(exponent), "e%zu",
				    n - 1 < 307 ? n - 1 : 307);

	memmove(p + 2, p + 1, n - 2 - e);
	p[1] = '.';
	memcpy(p + n - e, exponent, e);
}

/*
 * A copy in which such integers are floats, or NULL with *found false where
 * there is none: "no limit" is written as the integer 1e30.
 */
static char *widen(const char *text, size_t n, bool *found)
{
	size_t digits;
	const char *at = find_long(text, text + n, &digits);
	char *copy;

	*found = at;
	copy = at ? malloc(n) : NULL;
	if (!copy)
		return NULL;
	memcpy(copy, text, n);
	for (; at; at = find_long(at + digits, text + n, &digits))
		make_float(copy + (at - text), digits);
	return copy;
}

/* ---- the whole ------------------------------------------------------------ */

static bool is_blank(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && memchr(" \t\r\n", s[i], 4))
		i++;
	return i == n;
}

int syc_json_load(json_t **out, const char *text, size_t n, const char *path,
		  const char *what, struct syc_err *err)
{
	json_error_t why;
	bool wide;
	char *copy;

	*out = NULL;
	text = syc_utf8_start(text, &n);
	if (is_blank(text, n))
		return syc_fail(err, SYC_EFORMAT, "%s: %s is empty", path,
				what);
	if (syc_utf16(text, n))
		return syc_fail(err, SYC_EFORMAT,
				"%s: %s is UTF-16, it has to be UTF-8", path,
				what);
	copy = widen(text, n, &wide);
	if (wide && !copy)
		return syc_nomem(err);
	*out = json_loadb(copy ? copy : text, n,
			  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	free(copy);
	if (json_is_object(*out))
		return 0;
	if (!*out)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %s is not JSON: line %d: %s", path, what,
				why.line, why.text);
	json_decref(*out);
	*out = NULL;
	return syc_fail(err, SYC_EFORMAT, "%s: %s is not a JSON object", path,
			what);
}

int syc_json_parse(json_t **out, const char *text, size_t n, unsigned depth,
		   const char *path,
		   const char *what, struct syc_err *err)
{
	struct shape s = measure(text, text + n);

	*out = NULL;
	if (s.deepest > depth)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %s is nested %u deep, %u is the most",
				path, what, s.deepest, depth);
	if (s.nested > n / PER_NESTED + FEW || s.values > n / PER_VALUE + FEW)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %s has too many values for its %zu bytes",
				path, what, n);
	return syc_json_load(out, text, n, path, what, err);
}
