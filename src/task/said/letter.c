/* SPDX-License-Identifier: MIT */
/* Letters that stand for a choice, and letters that do not. */
#include "config.h"
#include <string.h>
#include "task/said/said.h"

const char *syc_said_bracketed(const char *s, char *letter)
{
	static const char open[] = "([{<", close[] = ")]}>";
	const char *o = *s ? strchr(open, *s) : NULL;

	if (!o)
		return NULL;
	s = syc_said_skip_space(s + 1);
	*letter = syc_said_lower(*s);
	if (!syc_said_alnum(*s))
		return NULL;
	s = syc_said_skip_space(s + 1);
	if (*s != close[o - open] || syc_said_alnum(s[1]))
		return NULL;
	return s + 1;
}

/* A letter in front of a word: is it more than an article or a pronoun? */
static bool before_word(char c, const char *rest, enum syc_said_where where)
{
	if (where == SYC_SAID_START)
		return false;
	if (where == SYC_SAID_OPTION)
		return true;
	if (c >= 'a' && c <= 'z')
		return false;
	return (c != 'A' && c != 'I') ||
	       syc_said_after_any(rest, syc_said_reasons);
}

/* "A.", "a)", "A" alone, "B because": the letter's end, or NULL. */
static const char *bare(const char *s, enum syc_said_where where, char *letter)
{
	const char *next = s + 1, *rest;

	if (!syc_said_alnum(*s) || syc_said_in_word(next))
		return NULL;
	*letter = syc_said_lower(*s);
	if (!*next || strchr(")]:;!?*_`\"'\n\r", *next))
		return next;
	if (*next == '.' || *next == ',')
		return syc_said_alnum(next[1]) ||
		       (*next == ',' && *letter == 'i') ? NULL : next;
	rest = syc_said_skip_space(next);
	if (rest == next)
		return syc_said_wide_mark(next) || *next == '/' ? next : NULL;
	if (!*rest || memchr(next, '\n', (size_t)(rest - next)) ||
	    strchr(")]:=", *rest))
		return next;
	if ((*rest == '-' && syc_said_space(rest + 1)) ||
	    syc_said_wide_mark(rest))
		return next;
	return before_word(*s, rest, where) ? next : NULL;
}

const char *syc_said_letter(const char *s, enum syc_said_where where,
			    char *letter)
{
	const char *end = syc_said_bracketed(s, letter);

	return end ? end : bare(s, where, letter);
}
