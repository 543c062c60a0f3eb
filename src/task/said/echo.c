/* SPDX-License-Identifier: MIT */
/* Where an answer repeats the list of the choices, or its labels, and says nothing. */
#include "config.h"
#include <string.h>
#include "task/said/said.h"

/* An item of a list that is being read. */
struct item {
	const char *end;
	bool lettered;
	bool cut;		/* the answer ends in it */
};

/* "(A)", "A.", "A)" or "A:": what follows, or NULL. */
static const char *label(const char *s, char *letter)
{
	const char *end = syc_said_bracketed(s, letter);

	if (end || !syc_said_alnum(*s) || !s[1] || !strchr(").:", s[1]))
		return end;
	*letter = syc_said_lower(*s);
	return s + 2;
}

/* Does s end within the text of p? */
static bool is_cut(const struct syc_said_option *p, const char *s)
{
	size_t i = 0;

	while (i < p->len && s[i] &&
	       syc_said_lower(s[i]) == syc_said_lower(p->text[i]))
		i++;
	return !s[i];
}

/* Is choice p at s, with its letter or without? */
static bool is_item(const struct syc_said_option *p, const char *s,
		    struct item *it)
{
	const char *end;
	char letter;

	*it = (struct item){ 0 };
	s = syc_said_skip_marks(s);
	if (*s == '(' && (!s[1] || (syc_said_lower(s[1]) == p->letter && !s[2]))) {
		*it = (struct item){ s + strlen(s), true, true };
		return true;
	}
	end = label(s, &letter);
	it->lettered = end != NULL;
	if (!p->text || (end && letter != p->letter))
		return false;
	if (end)
		s = syc_said_skip_marks(end + strspn(end, ".:)"));
	it->end = syc_said_after(s, p->text, p->len);
	if (!it->end && (it->lettered || *s) && is_cut(p, s)) {
		it->cut = true;
		it->end = s + strlen(s);
	}
	return it->end != NULL;
}

/* To the next item; *line when that needs no letter to be one. */
static const char *skip_between(const char *s, bool *line)
{
	*line = false;
	for (size_t n;; s += n) {
		n = syc_said_space(s);
		if (!n && *s && strchr(".,;|/)]*_`#>-", *s))
			n = 1;
		if (!n)
			return s;
		*line |= *s == '\n' || *s == '/' || *s == '|';
	}
}

/* The end of a run of items from number `first` on that is long enough, or NULL. */
static const char *run(const struct syc_said_options *o, const char *s,
		       size_t first, bool again)
{
	const struct syc_said_option *p = &o->o[o->n - o->listed];
	const char *end = s;
	size_t n = 0;
	struct item it;
	bool line, lettered = false;

	for (size_t i = first; i < o->listed && is_item(&p[i], s, &it); i++) {
		if (it.cut && !n && !(again && !first))
			return NULL;
		if (n && it.lettered != lettered)
			break;
		lettered = it.lettered;
		n++;
		end = it.end;
		s = skip_between(end, &line);
		if (it.cut || (!it.lettered && !line))
			break;
	}
	/* A list that begins once more where the answer ends is one item. */
	if (n == 1 && again && !first)
		return *skip_between(end, &line) ? NULL : end;
	return n >= 2 ? end : NULL;
}

/* "A: A:" and "A: B:": the end, or NULL. */
static const char *labels(const struct syc_said_options *o, const char *s)
{
	const char *end = s;
	size_t n = 0;

	while (syc_said_alnum(*s) && s[1] == ':' &&
	       syc_said_letter_sides(o, syc_said_lower(*s))) {
		n++;
		end = s + 2;
		s = syc_said_skip_space(end);
	}
	if (n >= 2 && syc_said_alnum(*s) && !s[1])
		end = s + 1;
	return n >= 2 ? end : NULL;
}

const char *syc_said_echo(const struct syc_said_options *o, const char *s,
			  bool again)
{
	for (size_t first = 0; first < o->listed; first++) {
		const char *end = run(o, s, first, again);

		if (end)
			return end;
	}
	return labels(o, s);
}
