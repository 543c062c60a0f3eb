/* SPDX-License-Identifier: MIT */
/*
 * An answer, read from its first byte to its last.  Where an answer may stand,
 * at the beginning of a sentence or of a clause, words that lead to one are
 * stepped over; everywhere else choices are only named.
 */
#include "config.h"
#include <string.h>
#include "task/said/said.h"

enum { LEADS = 12 };		/* in front of one answer, at most */

struct reader {
	const struct syc_said_options *o;
	const char *begin;
	struct syc_said *out;
	enum { MIDDLE, CLAUSE, SENTENCE } start;
	bool again;		/* only marks since a list of choices */
	bool cut;		/* there was more to come */
};

/* A choice that is named at `at`. */
struct named {
	const char *at, *end;
	unsigned sides;
	bool letter, given, led;
};

/* Undecidable: one name for both answers. */
static bool is_both(unsigned sides)
{
	return (sides & SYC_SAID_MATCH) && (sides & SYC_SAID_OTHER);
}

/* "It is a", and then no more. */
static bool is_article(const struct reader *r, const char *s)
{
	return *s == 'a' && !*syc_said_skip_space(s + 1) && s > r->begin + 1 &&
	       s[-1] == ' ' && syc_said_alnum(s[-2]);
}

/* The letter of a choice, or one beside those of the choices where answers stand. */
static bool letter_at(const struct reader *r, const char *s,
		      enum syc_said_where where, bool given, struct named *n)
{
	const struct syc_said *out = r->out;
	char c;

	n->at = s;
	n->letter = true;
	/* "(A)nother" */
	if (s > r->begin && strchr("([{<", s[-1]) && s[1] && strchr(")]}>", s[1]))
		return false;
	if (is_article(r, s))
		return false;
	n->end = syc_said_letter(s, where, &c);
	n->sides = n->end ? syc_said_letter_sides(r->o, c) : 0;
	if (n->end && !n->sides && given && r->o->letters && c >= 'a' &&
	    r->o->n && r->o->o[0].letter >= 'a' &&
	    (n->led || !(out->letter | out->text_given)))
		n->sides = SYC_SAID_ELSE;
	return n->sides != 0;
}

/* "Empiricism is the view that" gives no answer, "Empiricism is right" does. */
static bool is_about(const char *behind)
{
	behind = syc_said_skip_closers(behind);
	return syc_said_after_any(behind, syc_said_about) &&
	       !syc_said_after_any(behind, syc_said_is_right);
}

/* "... Genes": the beginning of a sentence that was cut off. */
static bool is_begun(const struct reader *r, const struct named *n)
{
	return r->cut && !n->led && !r->out->letter_given && !*n->end &&
	       n->at > syc_said_skip_marks(r->begin);
}

/* A choice's text; small words and questions give no answer. */
static bool text_at(const struct reader *r, const char *s, bool given,
		    struct named *n)
{
	const char *rest;
	bool small = false;

	n->at = s;
	n->letter = false;
	n->sides = syc_said_text(r->o, s, &n->end, &small);
	if (!n->sides)
		return false;
	rest = n->end + strspn(n->end, ")]*_`\"'");
	if (small && (!given || syc_said_alnum(*syc_said_skip_space(rest))))
		return false;
	n->given = given && *rest != '?' && !is_begun(r, n) &&
		   (n->led || !is_about(n->end)) &&
		   !syc_said_after_any(syc_said_skip_space(rest),
				       (const char *const[]){ "of", NULL });
	return true;
}

/* Behind "or", "and", a slash or a comma, or NULL. */
static const char *after_joint(const char *s)
{
	const char *next;

	s = syc_said_skip_closers(s);
	next = syc_said_after_any(s, syc_said_joints);
	if (!next && *s && strchr(",/&+", *s)) {
		next = syc_said_skip_space(s + 1);
		s = syc_said_after_any(next, syc_said_joints);
		next = s ? s : next;
	}
	return next ? syc_said_skip_marks(next) : NULL;
}

/* "(A) or (B)": the other one follows; *end is behind it. */
static unsigned joined_with(const struct reader *r, const struct named *n,
			    const char **end)
{
	const char *s = after_joint(n->end), *option;
	unsigned sides;
	bool small;
	char c;

	if (!s)
		return 0;
	option = syc_said_after_any(s, syc_said_options);
	s = option ? syc_said_skip_marks(option) : s;
	*end = syc_said_letter(s, option ? SYC_SAID_OPTION : SYC_SAID_LED, &c);
	sides = *end ? syc_said_letter_sides(r->o, c) : 0;
	if (!sides)
		sides = syc_said_text(r->o, s, end, &small);
	return sides & n->sides ? 0 : sides;
}

static void add_denied(struct syc_said *out, const struct named *n)
{
	if (n->letter)
		out->letter_denied |= n->sides;
	else
		out->text_denied |= n->sides;
}

static void add_named(struct syc_said *out, const struct named *n)
{
	const unsigned given = n->given ? n->sides : 0;

	if (n->letter) {
		out->letter |= n->sides;
		out->letter_given |= given;
		out->led |= n->led ? given : 0;
		out->last = n->led ? given : 0;
	} else {
		out->text |= n->sides;
		out->text_given |= given;
	}
}

/* Behind the text of a choice that follows a letter, or behind the letter. */
static const char *behind_text(const struct reader *r, const char *end)
{
	const char *text = syc_said_skip_marks(end + strspn(end, ")].:")), *behind;
	bool small;

	return syc_said_text(r->o, text, &behind, &small) ? behind : end;
}

/* Words of a choice behind its letter deny nothing: "(B) If it is so". */
static bool is_denied(const struct reader *r, const struct named *n,
		      const char *behind)
{
	return syc_said_denied_before(r->begin, n->at) ||
	       syc_said_denied_behind(behind, !n->letter);
}

/* Note what is named; returns where reading goes on. */
static const char *note(struct reader *r, struct named *n)
{
	const char *end = n->end, *other;
	const char *behind = n->letter ? behind_text(r, end) : end;
	unsigned sides;

	r->start = MIDDLE;
	r->again = false;
	n->given &= n->led || behind == end || !is_about(behind);
	if (is_denied(r, n, behind)) {
		add_denied(r->out, n);
		return end;
	}
	sides = joined_with(r, n, &other);
	if (sides || is_both(n->sides)) {
		r->out->joined = true;
		n->given = false;
		n->sides |= sides;
		end = sides ? other : end;
	}
	add_named(r->out, n);
	if (n->letter && n->given)
		r->start = SENTENCE;
	return n->letter ? end + strspn(end, ")].:") : end;
}

static const char *note_echo(struct reader *r, const char *end)
{
	r->out->echo = true;
	r->out->text = r->out->text_given = r->out->text_denied = 0;
	r->start = SENTENCE;
	r->again = true;
	return end;
}

/* Choices in the middle of what is said. */
static const char *named_at(struct reader *r, const char *s)
{
	const char *option = syc_said_after_any(s, syc_said_options);
	struct named n = { 0 };

	if (option && letter_at(r, syc_said_skip_marks(option), SYC_SAID_OPTION,
				false, &n))
		return note(r, &n);
	if (((*s >= 'A' && *s <= 'Z') || !syc_said_alnum(*s)) &&
	    letter_at(r, s, SYC_SAID_LED, false, &n))
		return note(r, &n);
	return text_at(r, s, false, &n) ? note(r, &n) : NULL;
}

/* An answer at s, behind leads or none, or NULL. */
static const char *given_at(struct reader *r, const char *s)
{
	enum syc_said_where where = SYC_SAID_START;
	struct named n = { 0 };

	for (unsigned k = 0; k < LEADS; k++) {
		const char *end = syc_said_echo(r->o, s, r->again && !k),
			   *next;
		const bool given = n.led || r->start == SENTENCE;

		if (end)
			return note_echo(r, end);
		n.given = given;
		if (letter_at(r, s, where, given, &n) || text_at(r, s, given, &n))
			return note(r, &n);
		where = SYC_SAID_OPTION;
		next = syc_said_after_any(s, syc_said_options);
		if (!next) {
			where = SYC_SAID_LED;
			next = syc_said_after_any(s, syc_said_leads);
			n.led |= next != NULL;
		}
		if (!next)
			next = syc_said_after_any(s, syc_said_fillers);
		if (!next)
			return NULL;
		s = syc_said_skip_marks(next);
	}
	return NULL;
}

/* Over a word or a mark, where nothing was found. */
static const char *step(struct reader *r, const char *s)
{
	const char *next = s + 1;

	if (syc_said_space(s) || syc_said_wide_mark(s)) {
		if (*s == '\n')
			r->start = SENTENCE;
		else if (syc_said_wide_mark(s) && r->start == MIDDLE)
			r->start = CLAUSE;
		return s + syc_said_space(s) + syc_said_wide_mark(s);
	}
	if (syc_said_in_word(s)) {
		while (syc_said_in_word(s))
			s++;
		r->start = MIDDLE;
		r->again = false;
		return s;
	}
	if (strchr(".!?", *s) && !syc_said_in_word(next))
		r->start = SENTENCE;
	else if (strchr(",;", *s) && r->start == MIDDLE)
		r->start = CLAUSE;
	return next;
}

static bool is_empty(const char *s)
{
	while (*s) {
		s = syc_said_skip_marks(s);
		if (*s && !strchr(".!?)]}([{-", *s))
			return false;
		s += *s != 0;
	}
	return true;
}

/* Behind what was found at s, or behind the marks in front of nothing, or NULL. */
static const char *found_at(struct reader *r, const char *s)
{
	const char *p = s, *next;

	if (syc_said_behind_word(r->begin, s))
		return NULL;
	if (r->start == MIDDLE) {
		next = syc_said_echo(r->o, s, false);
		next = next ? note_echo(r, next) : NULL;
	} else {
		p = syc_said_skip_marks(s);
		if (memchr(s, '\n', (size_t)(p - s)))
			r->start = SENTENCE;
		next = given_at(r, p);
	}
	if (!next)
		next = named_at(r, p);
	return !next && p > s ? p : next;
}

void syc_said_read(struct syc_said *out, const struct syc_said_options *o,
		   const char *text, bool cut)
{
	struct reader r = { o, text, out, SENTENCE, false, cut };
	const char *s = text, *next;

	*out = (struct syc_said){ .empty = is_empty(text) };
	while (*s) {
		next = found_at(&r, s);
		s = next ? next : step(&r, s);
	}
}
