/* SPDX-License-Identifier: MIT */
/* What a vector tells beside null vectors, letters, repeated words, plain text, a probe. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include "study/conclude/conclude.h"
#include "syc/procedure.h"

/* "AUC 0.841" after some words. */
static void say_auc(struct syc_buf *b, const char *before, double auc)
{
	syc_buf_puts(b, before);
	syc_say_number(b, auc, 3);
}

/* ---- how well it could be told -------------------------------------------- */

int syc_conclude_shift(struct syc_conclusion *c, const struct syc_rests *r,
		       const struct syc_shifted *s, struct syc_err *err)
{
	conclude_begin(c, "shift");
	syc_buf_puts(&c->question, "Does its score say how far answers were moved?");
	conclude_number(c, "layer", s->layer);
	conclude_number(c, "rho", s->rho);
	conclude_number(c, "r", s->r);
	conclude_counts(c, s->counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	conclude_answer(c, conclude_shown(&s->test));
	if (c->verdict == SYC_VERDICT_ABSENT)
		return conclude_end(c, err);
	if (c->verdict == SYC_VERDICT_YES && s->rho < 0)
		syc_buf_puts(&c->answer, ", turned");
	say_auc(&c->figures, "Spearman's rho ", s->rho);
	say_auc(&c->figures, ", r ", s->r);
	syc_buf_printf(&c->figures, " at layer %d, the best of %zu; over all of them", s->layer,
		       s->n_layers);
	conclude_test(c, &s->test);
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next, "more claims");
	return conclude_end(c, err);
}

int syc_conclude_ceiling(struct syc_conclusion *c, const struct syc_rests *r,
			 const struct syc_ceiling *k, struct syc_err *err)
{
	conclude_begin(c, "ceiling");
	syc_buf_puts(&c->question, "How well could the answers be told?");
	conclude_number(c, "probe", k->probe);
	conclude_number(c, "vector", k->vector);
	conclude_counts(c, k->counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	if (isnan(k->probe)) {
		conclude_unasked(c, "a probe takes 10 claims with moved and held answers",
				 "more claims");
		return conclude_end(c, err);
	}
	c->verdict = SYC_VERDICT_FIGURES;
	say_auc(&c->answer, "AUC ", k->probe);
	syc_buf_puts(&c->answer, " by a probe");
	say_auc(&c->figures, "trained on these answers, tried on claims that it has not seen; "
		"the mean difference has ", k->vector);
	return conclude_end(c, err);
}

/* ---- null vectors ----------------------------------------------------------- */

static const char *const null_words[SYC_N_NULLS] = {
	[SYC_NULL_RANDOM] = "random directions",
	[SYC_NULL_COV] = "directions of its pairs' covariance",
	[SYC_NULL_FLIP] = "vectors of its pairs with sides flipped by claim",
	[SYC_NULL_SHUFFLE] = "vectors of shuffled activations",
};

enum syc_null syc_nulls_kind(size_t n_claims)
{
	return n_claims >= SYC_NULL_CLAIMS ? SYC_NULL_FLIP : SYC_NULL_COV;
}

static void put_shares(struct syc_conclusion *c, const struct syc_beside_nulls *n)
{
	conclude_open(c, "nulls", "[");
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		if (!n->share[k].n)
			continue;
		conclude_open(c, NULL, "{");
		conclude_text(c, "kind", syc_null_name(n->share[k].kind));
		conclude_number(c, "draws", (double)n->share[k].n);
		conclude_number(c, "p", n->share[k].p);
		conclude_close(c, "}");
	}
	conclude_close(c, "]");
}

static void say_shares(struct syc_conclusion *c, const struct syc_beside_nulls *n)
{
	const char *before = "; not adjusted: ";

	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		const struct syc_null_share *s = &n->share[k];

		if (!s->n || s->kind == n->kind || isnan(s->p))
			continue;
		syc_buf_printf(&c->figures, "%s%s p ", before, null_words[s->kind]);
		syc_say_p(&c->figures, s->p);
		before = ", ";
	}
}

int syc_conclude_nulls(struct syc_conclusion *c, const struct syc_rests *r,
		       const struct syc_beside_nulls *n, struct syc_err *err)
{
	conclude_begin(c, "nulls");
	syc_buf_printf(&c->question, "Better than %s?", null_words[n->kind]);
	conclude_text(c, "kind", syc_null_name(n->kind));
	put_shares(c, n);
	conclude_number(c, "left_out", (double)n->n_left);
	conclude_counts(c, n->counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	if (*n->why) {
		conclude_unasked(c, n->why, "more claims that no vector is made from");
		return conclude_end(c, err);
	}
	conclude_answer(c, conclude_shown(&n->test));
	if (c->verdict == SYC_VERDICT_ABSENT)
		return conclude_end(c, err);
	syc_buf_printf(&c->figures, "its best layer beside the best of each, on %zu claims that "
		       "did not make it", n->counts.n_claims);
	conclude_test(c, &n->test);
	say_shares(c, n);
	conclude_seen(c, "AUC ", n->hi);
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next, "other pairs");
	return conclude_end(c, err);
}

/* ---- rivals ----------------------------------------------------------------- */

int syc_conclude_letters(struct syc_conclusion *c, const struct syc_rests *r,
			 const struct syc_paired *p, struct syc_err *err)
{
	char few[96];

	conclude_begin(c, "letters");
	syc_buf_puts(&c->question, "Does it tell more than the letter, (A) less (B)?");
	conclude_number(c, "auc", p->auc);
	conclude_number(c, "letters", p->other);
	conclude_estimate(c, "difference", &p->diff);
	conclude_counts(c, p->counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	if (isnan(p->test.p)) {
		snprintf(few, sizeof(few), "layers are chosen on other claims, which takes %d; "
			 "there are %zu", 2 * SYC_PROCEDURE_CLAIMS, p->n_claims);
		conclude_unasked(c, few, "more claims with moved and held answers");
		return conclude_end(c, err);
	}
	conclude_answer(c, conclude_shown(&p->test));
	if (c->verdict == SYC_VERDICT_YES && p->diff.x < 0) {
		syc_buf_free(&c->answer);
		conclude_answer(c, SYC_VERDICT_REVERSED);
	}
	say_auc(&c->figures, "AUC ", p->auc);
	say_auc(&c->figures, " less ", p->other);
	syc_buf_puts(&c->figures, ": ");
	syc_say_change(&c->figures, &p->diff);
	conclude_test(c, &p->test);
	conclude_seen(c, "a difference of ", conclude_least(&p->diff));
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next, "more claims");
	return conclude_end(c, err);
}

static void ends(const double *x, size_t n, double *lo, double *hi)
{
	*lo = *hi = NAN;
	for (size_t i = 0; i < n; i++) {
		*lo = fmin(*lo, x[i]);
		*hi = fmax(*hi, x[i]);
	}
}

int syc_conclude_rival(struct syc_conclusion *c, const struct syc_rests *r,
		       const struct syc_rival *v, struct syc_err *err)
{
	double lo, hi;

	conclude_begin(c, "rival");
	syc_buf_puts(&c->question, "Is it the repeating of the user's words?");
	ends(v->cosine, v->n_layers, &lo, &hi);
	conclude_number(c, "cosine_least", lo);
	conclude_number(c, "cosine_largest", hi);
	conclude_number(c, "rival_auc", v->auc);
	conclude_number(c, "auc", v->own);
	conclude_estimate(c, "difference", &v->diff);
	conclude_counts(c, v->counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	if (isnan(lo) || isnan(v->auc)) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		return conclude_end(c, err);
	}
	c->verdict = SYC_VERDICT_FIGURES;
	say_auc(&c->answer, "AUC ", v->auc);
	syc_buf_puts(&c->answer, " by that alone");
	say_auc(&c->figures, "of a vector of answers that repeat them; the mean difference has ",
		v->own);
	say_auc(&c->figures, ", and cosines with it from ", lo);
	say_auc(&c->figures, " to ", hi);
	syc_buf_puts(&c->figures, " over the layers");
	if (!isnan(v->diff.x)) {
		syc_buf_puts(&c->figures, "; on claims that chose no layer the difference is ");
		syc_say_change(&c->figures, &v->diff);
		conclude_seen(c, "a difference of ", conclude_least(&v->diff));
	}
	return conclude_end(c, err);
}

/* ---- without activations ---------------------------------------------------- */

static void say_increment(struct syc_conclusion *c, const struct syc_added *a)
{
	say_auc(&c->figures, "length, view, letter and words of the question have AUC ", a->auc);
	if (c->verdict == SYC_VERDICT_YES)
		say_auc(&c->figures, "; the score adds ", a->gain);
	else
		say_auc(&c->figures, "; with the score the gain is ", a->gain);
	syc_buf_printf(&c->figures, " nats a row at layer %d, the best", a->layer);
	conclude_test(c, &a->test);
}

int syc_conclude_increment(struct syc_conclusion *c, const struct syc_rests *r,
			   const struct syc_added *a, struct syc_err *err)
{
	conclude_begin(c, "increment");
	syc_buf_puts(&c->question, "Does it add to what can be told without activations?");
	conclude_number(c, "baselines_auc", a->auc);
	conclude_number(c, "gain", a->gain);
	conclude_number(c, "layer", a->layer);
	conclude_counts(c, a->counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	if (*a->why) {
		conclude_unasked(c, a->why, "more claims with moved and held answers");
		return conclude_end(c, err);
	}
	conclude_answer(c, a->gain > 0 || isnan(a->test.holm) ? conclude_shown(&a->test)
							       : SYC_VERDICT_OPEN);
	if (c->verdict != SYC_VERDICT_ABSENT)
		say_increment(c, a);
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next, "more claims");
	return conclude_end(c, err);
}
