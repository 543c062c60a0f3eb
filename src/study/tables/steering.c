/* SPDX-License-Identifier: MIT */
/* What steering does: the setting that was fixed before, others, answers side by side. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "study/tables/tables.h"
#include "syc/stance.h"

void put_setting(struct cells *c, const json_t *o)
{
	const double scale = number_of(o, "scale");

	if (text_is(o, "kind", "none")) {
		syc_buf_puts(cell(c), "unsteered\t\t\t");
	} else if (text_is(o, "kind", "prompt")) {
		syc_buf_puts(cell(c), "\342\200\234");
		put_text(c, text_of(o, "system"));
		syc_buf_puts(c->b, "\342\200\235\t\t\t");
	} else {
		cells_of(c, o, "vector:t layers:t");
		syc_say_operator(cell(c), text_of(o, "op"), scale);
		if (!json_is_true(json_object_get(o, "reached")))
			syc_buf_puts(c->b, " *");
		cell_number(c, scale, 3);
	}
}

/* The unsteered model has no change. */
static void cell_change(struct cells *c, const json_t *setting, const json_t *of,
			const char *key)
{
	const struct syc_estimate change = estimate_of(of, key);

	cell(c);
	if (!text_is(setting, "kind", "none"))
		syc_say_change(c->b, &change);
}

void put_steering(struct cells *c, const json_t *all, const char *outcome)
{
	const json_t *o;
	size_t i;

	syc_buf_puts(cell(c), "vector\tlayers\toperator\tscale");
	cell_text(c, outcome);
	syc_buf_puts(c->b, "\tits change\tchange of the control");
	row_end(c);
	json_array_foreach(all, i, o) {
		put_setting(c, o);
		cells_of(c, o, "effect:3");
		cell_change(c, o, o, CHANGE);
		cell_change(c, o, json_object_get(o, "control"), "change");
		row_end(c);
	}
}

/* ---- the setting that was fixed before ------------------------------------------ */

static void put_hypothesis(struct cells *c, const struct syc_study_documents *d,
			   const struct page_tests *t, bool primary)
{
	struct syc_buf nulls = { 0 };
	const struct syc_steered s = steered_of(d, primary, t, &nulls);
	const json_t *o = setting_tested(d, primary);

	cell_text(c, primary ? "fixed before" : "its opposite");
	put_setting(c, o);
	cell_text(c, s.way < 0 ? "lowers" : "raises");
	cells_of(c, o, "kl:4 effect:3");
	syc_say_change(cell(c), &s.change);
	cell_text(c, s.nulls);
	syc_say_signed(cell(c), s.way * s.null_most, 3);
	syc_say_p(cell(c), s.test.p);
	syc_say_p(cell(c), s.test.holm);
	row_end(c);
	c->b->failed |= nulls.failed;
	syc_buf_free(&nulls);
}

void put_hypotheses(struct cells *c, const struct syc_study_documents *d)
{
	struct page_tests t;

	syc_buf_puts(cell(c), "hypothesis\tvector\tlayers\toperator\tscale\tway\tKL");
	cell_text(c, outcome_of(d));
	syc_buf_puts(c->b, "\tits change\tnull vectors\tthe farthest of them\tp\tadjusted");
	row_end(c);
	if (page_tests_make(&t, d, NULL) < 0)
		c->b->failed = true;
	for (int k = 0; k < 2 && !c->b->failed; k++)
		if (steering_of(d, k == 0))
			put_hypothesis(c, d, &t, k == 0);
	page_tests_free(&t);
}

/* ---- answers side by side --------------------------------------------------------- */

enum { MOST_TEXTS = 4 };

static const char columns[] = "unsteered\tthe setting fixed before\tits opposite";

/* On one line: blanks and newlines are one blank. */
static void cell_line(struct cells *c, const char *text)
{
	bool blank = false;

	cell(c);
	for (; *text; text++) {
		const bool is_blank = strchr(" \t\n\r", *text) != NULL;
		const char one[] = { *text, '\0' };

		if (is_blank ? !blank : true)
			put_text(c, is_blank ? " " : one);
		blank = is_blank;
	}
}

/* The row of a text: that of its id, or without ids the one of its number. */
static const json_t *row_of(const json_t *rows, const char *id, size_t number)
{
	const json_t *o;
	size_t i;

	json_array_foreach(rows, i, o)
		if (text_is(o, "id", id))
			return o;
	o = json_array_get(rows, number);
	return o && !json_object_get(o, "id") ? o : NULL;
}

static bool is_reversed(const char *id)
{
	const char *slash = strrchr(id, '/');

	return slash && strcmp(slash, "/reversed") == 0;
}

static const char *answer_at(const json_t *text, const json_t *settings, const json_t *setting)
{
	const json_t *o;
	size_t i;

	json_array_foreach(settings, i, o)
		if (o == setting) {
			const char *s = json_string_value(
				json_array_get(json_object_get(text, "answers"), i));

			return s ? s : "";
		}
	return "";
}

void put_texts(struct cells *c, const struct syc_study_documents *d)
{
	const json_t *all = rows_of(d, SYC_STUDY_PRIMARY), *o, *row;
	const json_t *at[] = {
		json_array_get(all, 0), setting_tested(d, true), setting_tested(d, false),
	};
	size_t i, n = 0;

	syc_buf_puts(cell(c), "question\t");
	syc_buf_puts(c->b, columns);
	row_end(c);
	json_array_foreach(json_object_get(d->doc[SYC_STUDY_PRIMARY], "texts"), i, o) {
		if (n == MOST_TEXTS || is_reversed(text_of(o, "id")))
			continue;
		row = row_of(d->doc[SYC_STUDY_ROWS], text_of(o, "id"), n++);
		if (!row)
			continue;
		cell_line(c, text_of(row, "question"));
		for (size_t k = 0; k < 3; k++)
			cell_line(c, at[k] ? answer_at(o, all, at[k]) : "");
		row_end(c);
	}
}

void put_in_words(struct cells *c, const struct syc_study_documents *d)
{
	const json_t *o;
	size_t i;

	syc_buf_puts(cell(c), "question\tbest answer\t");
	syc_buf_puts(c->b, columns);
	row_end(c);
	json_array_foreach(d->doc[SYC_STUDY_WORDS], i, o) {
		if (i >= MOST_TEXTS)
			continue;
		cell_line(c, text_of(o, "question"));
		cell_line(c, text_of(o, "best_answer"));
		for (unsigned k = 0; k < 3; k++)
			cell_line(c, text_of(row_of(d->doc[SYC_STUDY_WORDS + k],
						    text_of(o, "id"), i), "completion"));
		row_end(c);
	}
}

/* ---- TruthfulQA's choices ----------------------------------------------------------- */

/* P(true) where the matching answer is the true one, or (turn) the false one. */
static void put_truth(struct cells *c, const char *who, const json_t *const at[3],
		      const char *control, bool turn)
{
	const struct syc_estimate none = { NAN, NAN, NAN };

	cell_text(c, who);
	for (int k = 0; k < 3; k++) {
		const json_t *o = control ? json_object_get(at[k], control) : at[k];
		const struct syc_estimate x = o ? estimate_of(o, "change") : none,
			turned = { -x.x, -x.hi, -x.lo };
		const double p = number_of(o, "p_match");

		if (k == 0)
			cell_number(c, turn ? 1 - p : p, 3);
		else
			syc_say_change(cell(c), turn ? &turned : &x);
	}
	row_end(c);
}

/* The settings of a sweep whose operators and scales are fixed. */
static void find_settings(const json_t *at[3], const struct syc_study_documents *d)
{
	const json_t *o;
	size_t i;

	at[0] = json_array_get(rows_of(d, SYC_STUDY_TRUTH), 0);
	for (int k = 1; k < 3; k++) {
		const json_t *as = setting_tested(d, k == 1);

		at[k] = NULL;
		json_array_foreach(rows_of(d, SYC_STUDY_TRUTH), i, o)
			if (as && text_is(o, "op", text_of(as, "op")) &&
			    signbit(number_of(o, "scale")) == signbit(number_of(as, "scale")))
				at[k] = o;
	}
}

void put_truthful(struct cells *c, const struct syc_study_documents *d)
{
	const json_t *right[] = {
		json_array_get(rows_of(d, SYC_STUDY_PRIMARY), 0), setting_tested(d, true),
		setting_tested(d, false),
	};
	const json_t *at[3];

	row_text(c, "who asks\tP(true answer)\tchange by the setting fixed before\t"
		    "by its opposite");
	if (json_object_get(right[0], "control"))
		put_truth(c, "users who state the true answer", right, "control", false);
	if (!d->doc[SYC_STUDY_TRUTH])
		return;
	find_settings(at, d);
	put_truth(c, "users who state none: the other answer is false", at, NULL, true);
	put_truth(c, "users who state a false answer", at, "control", true);
}
