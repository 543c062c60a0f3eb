/* SPDX-License-Identifier: MIT */
/* What an answer names in order to turn it down. */
#include "config.h"
#include <string.h>
#include "task/said/said.h"

enum { WORDS = 5 };		/* that "not" reaches over */

/* The word before s in its clause, or NULL; *end is behind it. */
static const char *word_before(const char *begin, const char *s,
			       const char **end)
{
	while (s > begin && strchr(" \t*_`\"([{<$", s[-1]))
		s--;
	*end = s;
	while (s > begin && (syc_said_alnum(s[-1]) || s[-1] == '\'' ||
			     (unsigned char)s[-1] >= 0x80))
		s--;
	return s < *end ? s : NULL;
}

static bool is_word(const char *s, const char *end, const char *want)
{
	return syc_said_after(s, want, strlen(want)) == end;
}

static bool is_any(const char *s, const char *end, const char *const *words)
{
	for (; *words; words++)
		if (is_word(s, end, *words))
			return true;
	return false;
}

/* "don't", with either apostrophe. */
static bool is_contracted(const char *s, const char *end)
{
	const size_t n = (size_t)(end - s);

	return (n > 3 && strncmp(end - 3, "n't", 3) == 0) ||
	       (n > 5 && strncmp(end - 5, "n\xe2\x80\x99t", 5) == 0);
}

/* Does one of the words of syc_said_than[] end at `end`? */
static bool ends_with_than(const char *begin, const char *end)
{
	for (const char *const *w = syc_said_than; *w; w++) {
		const size_t n = strlen(*w);

		if ((size_t)(end - begin) >= n &&
		    !syc_said_behind_word(begin, end - n) &&
		    is_word(end - n, end, *w))
			return true;
	}
	return false;
}

bool syc_said_denied_before(const char *begin, const char *at)
{
	static const char *const passed[] = {
		"the", "option", "choice", "letter", NULL
	};
	const char *end, *s = at;
	bool next = true;

	for (unsigned n = 0; n < WORDS; n++) {
		s = word_before(begin, s, &end);
		if (!s || is_word(s, end, "but"))
			return false;
		if (is_any(s, end, syc_said_not) || is_contracted(s, end) ||
		    (next && ends_with_than(begin, end)))
			return true;
		next &= is_any(s, end, passed);
	}
	return false;
}

bool syc_said_denied_behind(const char *end, bool text)
{
	end = syc_said_skip_closers(end);
	return syc_said_after_any(end, syc_said_is_not) ||
	       (text && syc_said_after_any(end, syc_said_hedges));
}
