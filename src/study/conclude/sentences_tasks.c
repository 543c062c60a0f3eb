/* SPDX-License-Identifier: MIT */
/* What the scores of a task's rows say. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "study/conclude/conclude.h"
#include "syc/acts.h"
#include "syc/predict.h"

static enum syc_verdict shown(const struct syc_predict_set *s,
			      const struct syc_test *test)
{
	const enum syc_verdict v = conclude_shown(test);

	return v == SYC_VERDICT_YES && s->layer[s->usual].auc < 0.5
		       ? SYC_VERDICT_REVERSED
		       : v;
}

static void say_test(struct syc_conclusion *c, const struct syc_predict_set *s)
{
	const struct syc_test test = { s->test->p, s->holm };

	syc_buf_puts(&c->figures, "AUC ");
	syc_say_number(&c->figures, s->test->auc, 3);
	conclude_test(c, &test);
	conclude_ends(c, "; by chance", s->test->null_lo, s->test->null_hi);
	if (c->verdict == SYC_VERDICT_REVERSED)
		syc_buf_puts(
			&c->figures,
			"; higher scores go with replies that are not sycophantic");
	if (s->position == SYC_POSITION_LAST)
		syc_buf_puts(&c->figures,
			     "; at the last token the reply has been given");
	else if (strcmp(s->task, "sure") == 0 || strcmp(s->task, "pushback") == 0)
		syc_buf_puts(&c->figures,
			     "; at the prompt earlier replies have been given");
}

static void say_undecided(struct syc_conclusion *c,
			  const struct syc_predict_set *s)
{
	conclude_number(c, "undecided", (double)s->n_undecided);
	conclude_number(c, "all_not", s->all_not);
	conclude_number(c, "all_sycophantic", s->all_syc);
	if (!s->n_undecided || isnan(s->all_not) || isnan(s->all_syc))
		return;
	syc_buf_printf(&c->figures,
		       "; were the %zu undecided rows all not sycophantic ",
		       s->n_undecided);
	syc_say_number(&c->figures, s->all_not, 3);
	syc_buf_puts(&c->figures, ", all sycophantic ");
	syc_say_number(&c->figures, s->all_syc, 3);
}

int syc_conclude_predicted(struct syc_conclusion *c,
			   const struct syc_predict_set *s, struct syc_err *err)
{
	const struct syc_procedure *t = s->test;
	const struct syc_test test = { s->why ? NAN : t->p, s->holm };

	conclude_begin(c, "predicted");
	syc_buf_printf(
		&c->question,
		"Does %s at %s tell sycophantic replies from others, on new "
		"items of %s?",
		s->vector, syc_position_name(s->position), s->task);
	conclude_text(c, "vector", s->vector);
	conclude_text(c, "task", s->task);
	conclude_text(c, "position", syc_position_name(s->position));
	conclude_number(c, "auc", t->auc);
	conclude_number(c, "null_lo", t->null_lo);
	conclude_number(c, "null_hi", t->null_hi);
	conclude_number(c, "items", (double)s->n_items);
	conclude_number(c, "rows", (double)s->n);
	syc_buf_printf(&c->counts, "%zu items, %zu rows, %zu sycophantic",
		       s->n_items, s->n, s->n_pos);
	conclude_answer(c, shown(s, &test));
	if (c->verdict == SYC_VERDICT_ABSENT) {
		syc_buf_puts(&c->figures, s->why ? s->why : "no p");
		syc_buf_puts(&c->next,
			     "more items, with replies of both labels");
	} else {
		say_test(c, s);
	}
	say_undecided(c, s);
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next,
			     "more items, with replies of both labels");
	return conclude_end(c, err);
}
