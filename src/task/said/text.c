/* SPDX-License-Identifier: MIT */
/* Words, space and marks. */
#include "config.h"
#include <string.h>
#include "task/said/said.h"

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool syc_said_alnum(char c)
{
	return is_alpha(c) || (c >= '0' && c <= '9');
}

char syc_said_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

size_t syc_said_space(const char *s)
{
	if (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		return 1;
	return strncmp(s, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

/* U+2010 to U+201F. */
size_t syc_said_wide_mark(const char *s)
{
	return strncmp(s, "\xe2\x80", 2) == 0 && (unsigned char)s[2] >= 0x90 &&
	       (unsigned char)s[2] <= 0x9f ? 3 : 0;
}

bool syc_said_in_word(const char *s)
{
	if (*s == '\'' || strncmp(s, "\xe2\x80\x99", 3) == 0)
		return is_alpha(s[*s == '\'' ? 1 : 3]);
	if (*s == '-')
		return syc_said_alnum(s[1]);
	if (syc_said_space(s) || syc_said_wide_mark(s) ||
	    strncmp(s, "\xe2\x80\xa6", 3) == 0)
		return false;
	return syc_said_alnum(*s) || (unsigned char)*s >= 0x80;
}

bool syc_said_behind_word(const char *begin, const char *s)
{
	if (s == begin)
		return false;
	if (strchr("-'.", s[-1]))
		return s - 1 > begin && syc_said_alnum(s[-2]);
	if ((unsigned char)s[-1] < 0x80)
		return syc_said_alnum(s[-1]);
	return !(s - begin >= 2 && syc_said_space(s - 2) == 2) &&
	       !(s - begin >= 3 && (syc_said_wide_mark(s - 3) ||
				    strncmp(s - 3, "\xe2\x80\xa6", 3) == 0));
}

const char *syc_said_skip_space(const char *s)
{
	size_t n;

	while ((n = syc_said_space(s)))
		s += n;
	return s;
}

const char *syc_said_skip_marks(const char *s)
{
	for (;;) {
		size_t n = syc_said_space(s);

		if (!n)
			n = syc_said_wide_mark(s);
		if (!n && *s && strchr("\"'`*_#>$:,", *s))
			n = 1;
		if (!n && *s == '-' && syc_said_space(s + 1))
			n = 1;
		if (!n)
			return s;
		s += n;
	}
}

const char *syc_said_skip_closers(const char *s)
{
	while (*s && strchr(")]*_`\"'", *s))
		s++;
	return syc_said_skip_space(s);
}

const char *syc_said_after(const char *s, const char *want, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (syc_said_space(want + i)) {
			if (!syc_said_space(s))
				return NULL;
			s = syc_said_skip_space(s);
			while (i + 1 < n && syc_said_space(want + i + 1))
				i++;
		} else if (want[i] == '\'' &&
			   strncmp(s, "\xe2\x80\x99", 3) == 0) {
			s += 3;
		} else if (syc_said_lower(*s) == syc_said_lower(want[i])) {
			s++;
		} else {
			return NULL;
		}
	}
	return syc_said_in_word(s) ? NULL : s;
}

const char *syc_said_after_any(const char *s, const char *const *words)
{
	for (; *words; words++) {
		const char *end = syc_said_after(s, *words, strlen(*words));

		if (end)
			return end;
	}
	return NULL;
}
