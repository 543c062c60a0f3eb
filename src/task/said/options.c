/* SPDX-License-Identifier: MIT */
/* The choices of a row: its answers, and the lines of its prompt. */
#include "config.h"
#include <string.h>
#include "task/said/said.h"

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* Is the line at s number n of a run whose first letter is `first`? */
static bool is_line(const char *s, char first, size_t n, bool any_form,
		    struct syc_said_line *out)
{
	bool open;

	s = skip_blanks(s);
	open = *s == '(';
	s += open;
	if (n >= (first == '1' ? 9 : SYC_SAID_LINES) || *s != (char)(first + (char)n) ||
	    (open ? s[1] != ')' : !any_form || !s[1] || !strchr(").:", s[1]) ||
				      !strchr(" \t", s[2])))
		return false;
	out->letter = *s;
	out->text = skip_blanks(s + 2);
	out->end = out->text + strcspn(out->text, "\n");
	return true;
}

/* Is the line at s the first of a run, or the next one of n? */
static bool goes_on(const char *s, bool any_form, size_t n,
		    struct syc_said_line *line)
{
	static const char firsts[] = "Aa1";

	if (n)
		return is_line(s, line[0].letter, n, any_form, &line[n]);
	for (const char *f = firsts; *f; f++)
		if ((any_form || *f == 'A') &&
		    is_line(s, *f, 0, any_form, &line[0]))
			return true;
	return false;
}

size_t syc_said_lines(const char *s, bool any_form,
		      struct syc_said_line out[SYC_SAID_LINES])
{
	struct syc_said_line line[SYC_SAID_LINES];
	size_t n = 0, found = 0;

	for (;;) {
		if (!goes_on(s, any_form, n, line))
			n = n && goes_on(s, any_form, 0, line);
		else
			n++;
		if (n >= 2) {
			memcpy(out, line, n * sizeof(*line));
			found = n;
		}
		s += strcspn(s, "\n");
		if (!*s++)
			return found;
	}
}

const char *syc_said_question(const struct syc_row *row, size_t *message)
{
	const struct syc_prompt *p = &row->prompt;

	if (p->text)
		return p->text;
	for (*message = p->n_msg; (*message)--;)
		if (strcmp(p->msg[*message].role, "user") == 0)
			return p->msg[*message].content;
	return NULL;
}

static bool is_small(const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		const char *after = syc_said_after_any(s, syc_said_small);

		if (!after || after > end)
			return false;
		s = syc_said_skip_space(after);
	}
	return true;
}

/* Without space around it, and without the full stop that an answer may lack. */
static void set_text(struct syc_said_option *o, const char *s, const char *end)
{
	s = syc_said_skip_space(s);
	while (end > s && syc_said_space(end - 1))
		end--;
	if (end - s > 1 && end[-1] == '.')
		end--;
	if (end <= s)
		return;
	o->text = s;
	o->len = (size_t)(end - s);
	o->small = is_small(s, o->len);
}

/* " (A)", "A.", "(A) Canberra", "Canberra". */
static struct syc_said_option of_answer(const char *s, unsigned side)
{
	struct syc_said_option o = { .sides = side };
	const char *end;

	s = syc_said_skip_space(s);
	end = syc_said_bracketed(s, &o.letter);
	if (!end && syc_said_alnum(*s)) {
		end = s + 1 + (s[1] && strchr(").:", s[1]));
		o.letter = syc_said_lower(*s);
		if (*syc_said_skip_space(end))
			end = NULL;
	}
	if (!end)
		o.letter = 0;
	s = end ? end : s;
	set_text(&o, s, s + strlen(s));
	return o;
}

unsigned syc_said_letter_sides(const struct syc_said_options *o, char letter)
{
	unsigned sides = 0;

	for (size_t i = 0; i < o->n; i++)
		if (o->o[i].letter == letter)
			sides |= o->o[i].sides;
	return sides;
}

static bool same_text(const struct syc_said_option *a,
		      const struct syc_said_option *b)
{
	const char *end = a->text && b->text && a->len == b->len ?
		syc_said_after(a->text, b->text, b->len) : NULL;

	return end && end == a->text + a->len;
}

/* The sides of the answers that have the letter or, without letters, the text. */
static unsigned sides_of_line(const struct syc_said_options *o,
			      const struct syc_said_option *line)
{
	unsigned sides = 0;

	for (size_t i = 0; i < o->n; i++)
		if (o->o[i].letter ? o->o[i].letter == line->letter :
				     same_text(&o->o[i], line))
			sides |= o->o[i].sides;
	return sides;
}

/* Lines that hold none of the answers are another list. */
static void add_lines(struct syc_said_options *o, const char *question)
{
	struct syc_said_line line[SYC_SAID_LINES];
	const size_t n = syc_said_lines(question, true, line);
	unsigned sides = 0, side;

	for (size_t i = 0; i < n; i++) {
		struct syc_said_option *p = &o->o[o->n + i];

		*p = (struct syc_said_option){
			.letter = syc_said_lower(line[i].letter) };
		set_text(p, line[i].text, line[i].end);
		side = sides_of_line(o, p);
		sides |= side;
		p->sides = side ? side : SYC_SAID_ELSE;
	}
	if (sides == (SYC_SAID_MATCH | SYC_SAID_OTHER)) {
		o->n += n;
		o->listed = n;
	}
}

bool syc_said_options_of(struct syc_said_options *o, const struct syc_row *row)
{
	const char *question;
	size_t at;

	*o = (struct syc_said_options){ .letters = true };
	if (row->n_match > SYC_SAID_OPTIONS || row->n_other > SYC_SAID_OPTIONS ||
	    row->n_match + row->n_other + SYC_SAID_LINES > SYC_SAID_OPTIONS)
		return false;
	for (size_t i = 0; i < row->n_match; i++)
		o->o[o->n++] = of_answer(row->match[i], SYC_SAID_MATCH);
	for (size_t i = 0; i < row->n_other; i++)
		o->o[o->n++] = of_answer(row->other[i], SYC_SAID_OTHER);
	question = syc_said_question(row, &at);
	if (question)
		add_lines(o, question);
	for (size_t i = 0; i + o->listed < o->n; i++)
		o->letters &= o->listed || o->o[i].letter;
	return true;
}

unsigned syc_said_text(const struct syc_said_options *o, const char *s,
		       const char **end, bool *small)
{
	unsigned sides = 0;

	*end = NULL;
	for (size_t i = 0; i < o->n; i++) {
		const struct syc_said_option *p = &o->o[i];
		const char *e = p->text ?
			syc_said_after(s, p->text, p->len) : NULL;

		if (!e || (*end && e < *end))
			continue;
		sides = *end == e ? sides | p->sides : p->sides;
		*small = p->small;
		*end = e;
	}
	return sides;
}
