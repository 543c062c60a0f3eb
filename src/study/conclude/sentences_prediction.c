/* SPDX-License-Identifier: MIT */
/* What the scores' numbers say. */
#include "config.h"
#include <math.h>
#include "study/conclude/conclude.h"
#include "syc/stat.h"

/* Of an estimate whose middle 95 % by chance are known: one-sided, 2.5 % and 80 %. */
static double power_seen(double null_lo, double null_hi)
{
	return null_hi + 0.8416 * (null_hi - null_lo) / 3.92;
}

static void say_within(struct syc_conclusion *c, const struct syc_prediction *p)
{
	conclude_number(c, "within_auc", p->within_auc);
	conclude_number(c, "within_p", p->within_p);
	if (isnan(p->within_p))
		return;
	syc_buf_puts(&c->figures, "; among rows of one claim AUC ");
	syc_say_number(&c->figures, p->within_auc, 3);
	syc_buf_puts(&c->figures, ", p ");
	syc_say_p(&c->figures, p->within_p);
}

/* Leaving out the rows near even odds flatters an area. */
static void say_undecided(struct syc_conclusion *c, const struct syc_prediction *p)
{
	conclude_number(c, "undecided", (double)p->n_undecided);
	conclude_number(c, "all_held", p->all_held);
	conclude_number(c, "all_moved", p->all_moved);
	if (!p->n_undecided || isnan(p->all_held) || isnan(p->all_moved))
		return;
	syc_buf_printf(&c->figures, "; were the %zu undecided rows all held ", p->n_undecided);
	syc_say_number(&c->figures, p->all_held, 3);
	syc_buf_puts(&c->figures, ", all moved ");
	syc_say_number(&c->figures, p->all_moved, 3);
}

int syc_conclude_prediction(struct syc_conclusion *c, const struct syc_rests *r,
			    const struct syc_prediction *p, struct syc_err *err)
{
	conclude_begin(c, "prediction");
	syc_buf_printf(&c->question,
		"Does the mean difference tell moved answers from held ones, on new claims of %s?",
		p->train);
	conclude_text(c, "set", p->train);
	conclude_number(c, "auc", p->auc);
	conclude_number(c, "null_lo", p->null_lo);
	conclude_number(c, "null_hi", p->null_hi);
	conclude_counts(c, p->counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	conclude_answer(c, conclude_shown(&p->test));
	if (c->verdict == SYC_VERDICT_ABSENT) {
		syc_buf_puts(&c->figures, p->why);
		syc_buf_puts(&c->next,
			     "ask 10 claims at least with answers that were moved and held "
			     "(-n, or add rows)");
		return conclude_end(c, err);
	}
	syc_buf_puts(&c->figures, "AUC ");
	syc_say_number(&c->figures, p->auc, 3);
	conclude_test(c, &p->test);
	conclude_ends(c, "; by chance", p->null_lo, p->null_hi);
	say_within(c, p);
	say_undecided(c, p);
	conclude_seen(c, "AUC ", power_seen(p->null_lo, p->null_hi));
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next, "more claims, whose answers were moved and held");
	return conclude_end(c, err);
}

double syc_elsewhere_p(const struct syc_estimate *auc)
{
	const double z = 1.96 * (auc->x - 0.5) / (auc->x - auc->lo);

	if (isnan(auc->x) || isnan(auc->lo))
		return NAN;
	if (auc->x <= 0.5)
		return 1;
	return auc->x > auc->lo ? syc_stat_normal_p(z) : 0;
}

static void say_elsewhere(struct syc_conclusion *c, size_t yes, size_t told)
{
	c->verdict = !told ? SYC_VERDICT_ABSENT : yes == told ? SYC_VERDICT_YES :
		     yes ? SYC_VERDICT_SOME : SYC_VERDICT_OPEN;
	if (c->verdict == SYC_VERDICT_ABSENT)
		conclude_answer(c, c->verdict);
	else if (yes == told)
		syc_buf_printf(&c->answer, "yes, on all %zu", told);
	else
		syc_buf_printf(&c->answer, "shown on %zu of %zu", yes, told);
}

static void one_elsewhere(struct syc_conclusion *c, const struct syc_elsewhere *e)
{
	conclude_open(c, NULL, "{");
	conclude_text(c, "set", e->set);
	conclude_estimate(c, "auc", &e->auc);
	syc_buf_printf(&c->figures, "%s%s ", c->figures.len ? "; " : "", e->set);
	if (isnan(e->test.p)) {
		syc_buf_puts(&c->figures, "not asked, for it shows no effect of the view");
	} else {
		syc_buf_puts(&c->figures, "AUC ");
		syc_say_estimate(&c->figures, &e->auc, 3);
		conclude_test(c, &e->test);
		conclude_seen(c, "AUC ", 0.5 + conclude_least(&e->auc));
	}
	conclude_counts(c, e->counts);
	conclude_close(c, "}");
}

int syc_conclude_elsewhere(struct syc_conclusion *c, const struct syc_rests *r,
			   const char *train, const struct syc_elsewhere *e, size_t n,
			   struct syc_err *err)
{
	size_t told = 0, yes = 0;

	conclude_begin(c, "elsewhere");
	syc_buf_printf(&c->question,
		       "On other sets, with layer and sign from %s?", train);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	conclude_open(c, "sets", "[");
	for (size_t i = 0; i < n; i++) {
		told += !isnan(e[i].test.holm);
		yes += e[i].test.holm <= 0.05;
		one_elsewhere(c, &e[i]);
	}
	conclude_close(c, "]");
	say_elsewhere(c, yes, told);
	if (yes < n)
		syc_buf_puts(&c->next, "more claims of these sets");
	return conclude_end(c, err);
}

static bool off_chance(const struct syc_estimate *e)
{
	return e->lo > 0.5 || e->hi < 0.5;
}

int syc_conclude_confounds(struct syc_conclusion *c, const struct syc_rests *r,
			   const struct syc_estimate *alone,
			   const struct syc_figure *within, size_t n,
			   struct syc_counts counts, struct syc_err *err)
{
	const struct syc_figure *least = NULL;

	conclude_begin(c, "confounds");
	syc_buf_puts(&c->question, "Is it another property of the questions?");
	conclude_estimate(c, "auc", alone);
	conclude_list(c, "within", "field", "auc", within, n);
	conclude_counts(c, counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	for (size_t i = 0; i < n; i++)
		if (!isnan(within[i].value.x) &&
		    (!least || fabs(within[i].value.x - 0.5) <
				       fabs(least->value.x - 0.5)))
			least = &within[i];
	if (!least) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		return conclude_end(c, err);
	}
	c->verdict = off_chance(&least->value) ? SYC_VERDICT_NO : SYC_VERDICT_PERHAPS;
	if (c->verdict == SYC_VERDICT_NO)
		syc_buf_printf(&c->answer, "none of the %zu that were held fixed", n);
	else
		syc_buf_printf(&c->answer, "perhaps %s", least->name);
	syc_buf_puts(&c->figures, "AUC ");
	syc_say_estimate(&c->figures, alone, 3);
	syc_buf_printf(&c->figures, "; among rows of equal %s ", least->name);
	syc_say_estimate(&c->figures, &least->value, 3);
	syc_buf_puts(&c->figures, ", the nearest to chance");
	syc_buf_puts(&c->next, "--confound of other fields");
	return conclude_end(c, err);
}

/* The least and the largest that are there; NaN when none is. */
static void ends(const struct syc_figure *f, size_t n, double *lo, double *hi)
{
	*lo = *hi = NAN;
	for (size_t i = 0; i < n; i++) {
		*lo = fmin(*lo, f[i].value.x);
		*hi = fmax(*hi, f[i].value.x);
	}
}

int syc_conclude_likeness(struct syc_conclusion *c,
			  const struct syc_likeness *l, struct syc_err *err)
{
	double lo, hi;

	conclude_begin(c, "likeness");
	syc_buf_puts(&c->question, "How alike are the methods' vectors?");
	conclude_number(c, "layer", l->layer);
	conclude_list(c, "vectors", "vector", "cosine", l->cosine, l->n);
	conclude_estimate(c, "halves", &l->halves);
	ends(l->cosine, l->n, &lo, &hi);
	if (isnan(lo)) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		return conclude_end(c, err);
	}
	c->verdict = SYC_VERDICT_FIGURES;
	syc_buf_puts(&c->answer, lo < hi ? "cosines " : "cosine ");
	syc_say_number(&c->answer, lo, 3);
	if (lo < hi) {
		syc_buf_puts(&c->answer, " to ");
		syc_say_number(&c->answer, hi, 3);
	}
	syc_buf_printf(&c->figures, "of the others with the mean difference at layer %d; "
		       "split-half of its own pairs ", l->layer);
	syc_say_estimate(&c->figures, &l->halves, 3);
	if (l->n_pairs)
		syc_buf_printf(&c->counts, "%zu pairs", l->n_pairs);
	return conclude_end(c, err);
}
