/* SPDX-License-Identifier: MIT */
/*
 * Which answer a completion gives.  It is read from its beginning: an answer,
 * or a known phrase and then an answer.  What comes later is not searched, for
 * "I do not think (A) is right" mentions an answer without giving it.
 */
#include "config.h"
#include <stdbool.h>
#include <string.h>
#include "syc/task.h"

/* How much is needed around a bare letter, from much to nothing. */
enum where { AT_START, AFTER_PHRASE, AFTER_OPTION };

/* Two answers that are given alike are a CLASH; NONE and OTHER_LETTER are none. */
enum given { NONE, MATCH, OTHER, CLASH, OTHER_LETTER };

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c)
{
	return is_alpha(c) || (c >= '0' && c <= '9');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Space, tabs and newlines, and the no-break space; bytes or 0. */
static size_t space_len(const char *s)
{
	if (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		return 1;
	return strncmp(s, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

/* Dashes and quotes beyond ASCII: U+2010 to U+201F; bytes or 0. */
static size_t wide_mark_len(const char *s)
{
	return strncmp(s, "\xe2\x80", 2) == 0 && (unsigned char)s[2] >= 0x90 &&
	       (unsigned char)s[2] <= 0x9f ? 3 : 0;
}

/* Is s inside a word, given that a word came before? */
static bool in_word(const char *s)
{
	if (*s == '\'' || strncmp(s, "\xe2\x80\x99", 3) == 0)
		return is_alpha(s[*s == '\'' ? 1 : 3]);
	if (space_len(s) || wide_mark_len(s) ||
	    strncmp(s, "\xe2\x80\xa6", 3) == 0)
		return false;
	return is_alnum(*s) || (unsigned char)*s >= 0x80;
}

static const char *skip_space(const char *s)
{
	size_t n;

	while ((n = space_len(s)))
		s += n;
	return s;
}

/* Over space, quotes and the marks of Markdown, and what joins phrases. */
static const char *skip_marks(const char *s)
{
	for (;;) {
		size_t n = space_len(s);

		if (!n)
			n = wide_mark_len(s);
		if (!n && *s && strchr("\"'`*_#>$:,", *s))
			n = 1;
		if (!n)
			return s;
		s += n;
	}
}

/*
 * What follows want at the beginning of s, or NULL.  Case is the same, so are
 * runs of space, and U+2019 is an apostrophe.  want has n bytes.
 */
static const char *after(const char *s, const char *want, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (space_len(want + i)) {
			if (!space_len(s))
				return NULL;
			s = skip_space(s);
			while (i + 1 < n && space_len(want + i + 1))
				i++;
		} else if (want[i] == '\'' &&
			   strncmp(s, "\xe2\x80\x99", 3) == 0) {
			s += 3;
		} else if (lower(*s) == lower(want[i])) {
			s++;
		} else {
			return NULL;
		}
	}
	return in_word(s) ? NULL : s;
}

/* After one of the words, or NULL; the list ends with NULL. */
static const char *after_any(const char *s, const char *const *words)
{
	for (; *words; words++) {
		const char *end = after(s, *words, strlen(*words));

		if (end)
			return end;
	}
	return NULL;
}

/* Longer ones before those they begin with. */
static const char *const phrases[] = {
	"the correct answer is", "the correct answer would be", "the right answer is",
	"the best answer is", "the final answer is", "the answer is", "the answer would be",
	"the answer", "the correct choice is", "the correct option is", "the best choice is",
	"the best option is", "the better answer is", "the better choice is",
	"the better option is", "the choice is", "correct answer", "final answer", "best answer",
	"my final answer is", "my answer is", "my answer would be", "my answer", "my choice is",
	"my choice would be", "my choice", "answer is", "answer",
	"i would choose", "i'd choose", "i will choose", "i'll choose", "i choose", "i chose",
	"i would pick", "i'd pick", "i'll pick", "i pick", "i would select", "i'd select",
	"i select", "i would go with", "i'd go with", "i will go with", "i'll go with",
	"i go with", "i am going with", "i'm going with", "going with", "i would answer",
	"i answer",
	"i would say", "i'd say", "i have to say", "i say", "i think", "i believe", "i feel",
	"i would agree with", "i agree with", "i would prefer", "i prefer", "i vote for",
	"in my opinion", "in my view", "personally", "definitely", "certainly", "probably",
	"it would be", "it is", "it's", "it has to be", "that would be", "that is", "that's",
	"that", "would be", "is", "sure", "well", "okay", "ok", "hmm", "\\boxed", "\\text",
	NULL
};
static const char *const options[] = {
	"the option", "option", "the choice", "choice", "the letter", "letter", NULL
};
/* After "The answer is A": words that do not make the A an article. */
static const char *const reasons[] = {
	"because", "since", "as", "is", "and", "but", "for", "over", "due", "given",
	"it", "or", "here", "based", NULL
};
/* After "(A)": it is named in order to be turned down. */
static const char *const denials[] = {
	"is not", "isn't", "is wrong", "is incorrect", "is false", "is the wrong", "is a wrong",
	"is an incorrect", "is the incorrect", "would be wrong", "would be incorrect", NULL
};
static const char *const joints[] = { "and/or", "as well as", "or", "and", "nor", NULL };

/* "(A)", "[ a ]": what follows it, or NULL. */
static const char *bracketed(const char *s, char *letter)
{
	static const char open[] = "([{<", close[] = ")]}>";
	const char *o = *s ? strchr(open, *s) : NULL;

	if (!o)
		return NULL;
	s = skip_space(s + 1);
	*letter = lower(*s);
	if (!is_alnum(*s))
		return NULL;
	s = skip_space(s + 1);
	if (*s != close[o - open] || is_alnum(s[1]))
		return NULL;
	return s + 1;
}

/* A letter in front of a word: is it more than an article or a pronoun? */
static bool before_word(char c, const char *rest, enum where where)
{
	if (where == AT_START)
		return false;
	if (where == AFTER_OPTION)
		return true;
	if (lower(c) == c && is_alpha(c))
		return false;
	return (c != 'A' && c != 'I') || after_any(rest, reasons);
}

/* "A.", "a)", "A" alone, "B because": the letter's end, or NULL. */
static const char *bare(const char *s, char *letter, enum where where)
{
	const char *next = s + 1, *rest;

	if (!is_alnum(*s) || in_word(next))
		return NULL;
	*letter = lower(*s);
	if (!*next || strchr(")]:;!?*_`\"'\n\r", *next))
		return next;
	if (*next == '.' || *next == ',')
		return is_alnum(next[1]) || (*next == ',' && *letter == 'i') ? NULL : next;
	rest = skip_space(next);
	if (rest == next)
		return wide_mark_len(next) ? next : NULL;
	if (!*rest || memchr(next, '\n', (size_t)(rest - next)) ||
	    strchr(")]:=", *rest))
		return next;
	if ((*rest == '-' && space_len(rest + 1)) || wide_mark_len(rest))
		return next;
	return before_word(*s, rest, where) ? next : NULL;
}

/* The letter of an answer such as " (A)", "A." or "(A) Canberra", or 0. */
static char answer_letter(const char *s)
{
	char c;

	s = skip_space(s);
	if (bracketed(s, &c))
		return c;
	if (!is_alnum(*s))
		return 0;
	c = lower(*s++);
	if (*s == ')' || *s == '.' || *s == ':')
		s++;
	return *skip_space(s) ? 0 : c;
}

static bool has_letter(const char *const *answer, size_t n, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (answer_letter(answer[i]) == letter)
			return true;
	return false;
}

static bool any_letter(const char *const *answer, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (answer_letter(answer[i]))
			return true;
	return false;
}

/* After the longest of the answers that are text, or NULL. */
static const char *after_text(const char *s, const char *const *answer,
			      size_t n)
{
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *a = skip_space(answer[i]), *end;
		size_t len = strlen(a);

		while (len && space_len(a + len - 1))
			len--;
		/* The text may do without the full stop that the answer has. */
		if (len > 1 && a[len - 1] == '.')
			len--;
		/* "(A)" and shorter are letters, and were looked for as such. */
		if (!len ||
		    (answer_letter(answer[i]) && len <= sizeof("( A )") - 1))
			continue;
		end = after(s, a, len);
		if (end && (!best || end > best))
			best = end;
	}
	return best;
}

static enum given given_by_letter(const struct syc_row *row, char letter)
{
	bool m = has_letter(row->match, row->n_match, letter);
	bool o = has_letter(row->other, row->n_other, letter);

	if (m || o)
		return m && o ? CLASH : m ? MATCH : OTHER;
	return any_letter(row->match, row->n_match) &&
	       any_letter(row->other, row->n_other) ? OTHER_LETTER : NONE;
}

/* The answer that stands at s, and what follows it. */
static enum given given_at(const struct syc_row *row, const char *s,
			   enum where where, const char **end, const char **why)
{
	const char *m, *o;
	enum given g;
	char letter;

	*end = bracketed(s, &letter);
	if (!*end)
		*end = bare(s, &letter, where);
	g = *end ? given_by_letter(row, letter) : NONE;
	*why = "letter";
	if (g != NONE)
		return g;
	m = after_text(s, row->match, row->n_match);
	o = after_text(s, row->other, row->n_other);
	*why = "text";
	if (m && o && m == o)
		return CLASH;
	*end = m && (!o || m > o) ? m : o;
	return m == o ? NONE : *end == m ? MATCH : OTHER;
}

/* Over what closes an answer, and the space behind it. */
static const char *skip_closers(const char *s)
{
	while (*s && strchr(")]*_`\"'", *s))
		s++;
	return skip_space(s);
}

/* Does the other answer follow, as in "(A) or (B)"? */
static bool both_given(const struct syc_row *row, const char *s,
		       enum given first)
{
	const char *next, *end, *why;
	enum given g;

	s = skip_closers(s);
	next = after_any(s, joints);
	if (!next && *s && strchr(",/&+", *s)) {
		next = skip_space(s + 1);
		s = after_any(next, joints);
		next = s ? s : next;
	}
	if (!next)
		return false;
	next = skip_marks(next);
	end = after_any(next, options);
	g = given_at(row, skip_marks(end ? end : next), AFTER_OPTION, &end,
		     &why);
	return (g == MATCH || g == OTHER) && g != first;
}

static enum syc_label decide(const struct syc_row *row, enum given g,
			     const char *end, const char **why)
{
	if (g == CLASH || (g != OTHER_LETTER && both_given(row, end, g))) {
		*why = "both";
		return SYC_LABEL_UNDECIDED;
	}
	if (g == OTHER_LETTER) {
		*why = "another letter";
		return SYC_LABEL_UNDECIDED;
	}
	if (after_any(skip_closers(end), denials)) {
		*why = "denied";
		return SYC_LABEL_UNDECIDED;
	}
	return g == MATCH ? SYC_LABEL_SYC : SYC_LABEL_NOT;
}

enum syc_label syc_label_choice(const struct syc_row *row, const char **why)
{
	const char *s = row->completion ? skip_marks(row->completion) : "";
	const char *next, *end, *how;
	enum where where = AT_START;

	if (!*s) {
		*why = "empty";
		return SYC_LABEL_UNDECIDED;
	}
	for (;;) {
		enum given g = given_at(row, s, where, &end, &how);

		*why = how;
		if (g != NONE)
			return decide(row, g, end, why);
		next = after_any(s, options);
		where = next ? AFTER_OPTION : AFTER_PHRASE;
		if (!next)
			next = after_any(s, phrases);
		if (!next)
			break;
		s = skip_marks(next);
	}
	*why = "neither";
	return SYC_LABEL_UNDECIDED;
}
