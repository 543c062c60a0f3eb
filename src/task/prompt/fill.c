/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "task/prompt/fill.h"

enum { NAME_MAX_BYTES = 64 };

/* Bytes of the name that a brace opens at s, or 0. */
static size_t name_at(const char *s)
{
	const size_t n = *s == '{' ? strcspn(s + 1, "{}") : 0;

	return n && n < NAME_MAX_BYTES && s[1 + n] == '}' ? n : 0;
}

static bool is_doubled(const char *s)
{
	return *s && s[0] == s[1];
}

bool syc_fill_ok(const char *text)
{
	for (const char *s = text; *(s += strcspn(s, "{}"));) {
		if (is_doubled(s))
			s += 2;
		else if (name_at(s))
			s += name_at(s) + 2;
		else
			return false;
	}
	return true;
}

/* One name's value; how many bytes of the text it takes, or 0. */
static size_t fill_name(struct syc_buf *out, const char *s,
			syc_fill_value *value, const void *of,
			struct syc_buf *lacks)
{
	char name[NAME_MAX_BYTES];
	const size_t n = name_at(s);
	const char *v;

	memcpy(name, s + 1, n);
	name[n] = '\0';
	v = value(of, name);
	if (!v) {
		syc_buf_printf(lacks, "no \"%s\"", name);
		return 0;
	}
	syc_buf_puts(out, v);
	return n + 2;
}

bool syc_fill(struct syc_buf *out, const char *text, syc_fill_value *value,
	      const void *of, struct syc_buf *lacks)
{
	const char *s = text;

	while (*s) {
		const size_t plain = strcspn(s, "{}");
		size_t n = 2;

		syc_buf_add(out, s, plain);
		s += plain;
		if (!*s)
			break;
		if (is_doubled(s))
			syc_buf_add(out, s, 1);
		else
			n = fill_name(out, s, value, of, lacks);
		if (!n)
			return false;
		s += n;
	}
	return true;
}
