/* SPDX-License-Identifier: MIT */
/* What tuning did, by arm. */
#include "config.h"
#include <math.h>
#include "study/conclude/conclude.h"
#include "syc/tuned.h"

static const char more_runs[] = "more runs an arm (--seeds)";

static void put_runs(struct syc_conclusion *c, size_t n, size_t others)
{
	conclude_number(c, "runs", (double)n);
	syc_buf_printf(&c->counts, "%zu run%s", n, n == 1 ? "" : "s");
	if (others)
		syc_buf_printf(&c->counts, ", and %zu", others);
}

static void say_estimate(struct syc_conclusion *c, const char *key, const char *before,
			 const struct syc_estimate *e)
{
	conclude_estimate(c, key, e);
	syc_buf_puts(&c->figures, before);
	syc_say_estimate(&c->figures, e, 3);
}

/* ---- an arm beside others ---------------------------------------------------- */

static enum syc_verdict side_of(const struct syc_test *t, double x)
{
	const enum syc_verdict v = conclude_shown(t);

	return v == SYC_VERDICT_YES && x < 0 ? SYC_VERDICT_REVERSED : v;
}

static void say_diff(struct syc_conclusion *c, const struct syc_tuned_beside *b)
{
	const struct syc_estimate d = { b->diff.diff, b->diff.lo, b->diff.hi };

	say_estimate(c, "own", "", &b->own);
	syc_buf_printf(&c->figures, ", %s ", b->other);
	say_estimate(c, "other", "", &b->others);
	syc_buf_puts(&c->figures, ": ");
	conclude_estimate(c, "difference", &d);
	syc_say_change(&c->figures, &d);
}

/* The least difference that 80 % power sees. */
static void seen_diff(struct syc_conclusion *c, const struct syc_welch *w)
{
	conclude_seen(c, "a difference of ",
		      (syc_stat_t_quantile(0.05, w->df) + syc_stat_t_quantile(0.4, w->df)) * w->se);
}

int syc_conclude_rises(struct syc_conclusion *c, const struct syc_tuned_beside *b,
		       struct syc_err *err)
{
	conclude_begin(c, "rises");
	syc_buf_printf(&c->question, "At a KL of %g, does P(matching) rise more by tuning on %s "
		       "answers than on %s ones?", b->at_kl, b->arm, b->other);
	conclude_text(c, "arm", b->arm);
	conclude_text(c, "other_arm", b->other);
	conclude_number(c, "at_kl", b->at_kl);
	put_runs(c, b->n_runs, b->n_others);
	conclude_answer(c, side_of(&b->test, b->diff.diff));
	say_diff(c, b);
	conclude_test(c, &b->test);
	conclude_number(c, "short", (double)b->n_short);
	if (b->n_short)
		syc_buf_printf(&c->figures, "; %zu of the runs came short of that KL", b->n_short);
	if (isfinite(b->diff.se))
		seen_diff(c, &b->diff);
	if (c->verdict == SYC_VERDICT_ABSENT || c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next, more_runs);
	return conclude_end(c, err);
}

double syc_tuned_beside_all(const struct syc_tuned_beside *b, size_t n)
{
	double most = NAN;

	for (size_t i = 0; i < n; i++) {
		if (isnan(b[i].diff.p))
			return NAN;
		most = fmax(most, b[i].diff.diff > 0 ? b[i].diff.p : 1);
	}
	return most;
}

int syc_conclude_constant(struct syc_conclusion *c, const struct syc_tuned_beside *b, size_t n,
			  const struct syc_test *test, struct syc_err *err)
{
	const struct syc_tuned_beside *near = b;

	conclude_begin(c, "constant");
	syc_buf_printf(&c->question, "Is the shift by %s answers more one constant vector than by "
		       "any other arm's?", n ? b->arm : "sycophant");
	for (size_t i = 1; i < n; i++)
		if (b[i].others.x > near->others.x)
			near = &b[i];
	conclude_answer(c, n ? conclude_shown(test) : SYC_VERDICT_ABSENT);
	if (n) {
		conclude_text(c, "arm", near->arm);
		conclude_text(c, "most_of_others", near->other);
		put_runs(c, near->n_runs, near->n_others);
		say_diff(c, near);
		conclude_test(c, test);
	}
	if (!n)
		syc_buf_puts(&c->next, "more arms (--arms)");
	else if (c->verdict != SYC_VERDICT_YES && !(near->diff.diff < 0))
		syc_buf_puts(&c->next, more_runs);
	return conclude_end(c, err);
}

/* ---- beside null vectors ----------------------------------------------------- */

static enum syc_verdict against(const struct syc_tuned_against *a)
{
	if (isnan(a->test.holm))
		return SYC_VERDICT_ABSENT;
	if (a->test.holm <= 0.05)
		return SYC_VERDICT_YES;
	return a->least_holm <= 0.05 ? SYC_VERDICT_RANDOM : SYC_VERDICT_ABSENT;
}

static void say_against(struct syc_conclusion *c, enum syc_verdict v, const char *key,
			const struct syc_tuned_against *a)
{
	const bool few = v == SYC_VERDICT_ABSENT && !isnan(a->test.holm);

	conclude_text(c, "arm", a->arm);
	conclude_text(c, "contrast", a->contrast);
	conclude_number(c, "layer", a->layer);
	conclude_number(c, "nulls", (double)a->nulls.n);
	conclude_number(c, "null_most", a->nulls.most);
	put_runs(c, a->n_runs, 0);
	c->verdict = v;
	if (few)
		syc_buf_puts(&c->answer, "too few null vectors");
	else if (v != SYC_VERDICT_FIGURES)
		conclude_answer(c, v);
	say_estimate(c, key, "", &a->own);
	if (!isnan(a->test.p)) {
		syc_buf_printf(&c->figures, "; the farthest of %zu null vectors ",
			       a->nulls.n);
		syc_say_number(&c->figures, a->nulls.most, 3);
		conclude_test(c, &a->test);
	}
	if (few)
		syc_buf_puts(&c->next, "more null vectors (--draws)");
}

int syc_conclude_aligned(struct syc_conclusion *c, const struct syc_tuned_against *a,
			 struct syc_err *err)
{
	const enum syc_verdict v = against(a);

	conclude_begin(c, "aligned");
	syc_buf_printf(&c->question,
		       "Does the mean shift by %s answers point as the vector %s does "
		       "(cosine at layer %d)?",
		       a->arm, a->contrast, a->layer);
	say_against(c, v == SYC_VERDICT_YES && a->own.x < 0 ? SYC_VERDICT_REVERSED : v, "cosine",
		    a);
	return conclude_end(c, err);
}

int syc_conclude_undoes(struct syc_conclusion *c, bool contrast,
			const struct syc_tuned_against *a, struct syc_err *err)
{
	conclude_begin(c, contrast ? "undoes-contrast" : "undoes");
	if (contrast)
		syc_buf_printf(&c->question, "Does taking the vector %s out at layer %d undo the "
			       "tuning on %s answers?", a->contrast, a->layer, a->arm);
	else
		syc_buf_printf(&c->question, "Does taking the mean shift's direction out at layer "
			       "%d undo the tuning on %s answers?", a->layer, a->arm);
	say_against(c, against(a), "undo", a);
	return conclude_end(c, err);
}

/* ---- the mean shift in the untuned model --------------------------------------- */

int syc_conclude_made(struct syc_conclusion *c, const struct syc_tuned_made *m,
		      struct syc_err *err)
{
	const struct syc_tuned_against *a = &m->make;

	conclude_begin(c, "makes");
	syc_buf_printf(&c->question,
		       "Does the mean shift by %s answers, added to the untuned model at layer %d, "
		       "move P(matching) the way tuning did?",
		       a->arm, a->layer);
	syc_buf_puts(&c->figures, "share of the change ");
	say_against(c, a->nulls.n || isnan(a->own.x) ? against(a) : SYC_VERDICT_FIGURES, "make",
		    a);
	if (c->verdict == SYC_VERDICT_FIGURES) {
		syc_say_percent(&c->answer, a->own.x);
		syc_buf_puts(&c->answer, " of the change of P(matching)");
	}
	say_estimate(c, "kl_left", "; of the KL to the tuned model is left ", &m->kl_left);
	conclude_number(c, "kl_left_nulls", (double)m->left.n);
	conclude_number(c, "kl_left_null_least", m->left.most);
	if (m->left.n) {
		syc_buf_printf(&c->figures, ", the least by %zu null vectors ", m->left.n);
		syc_say_number(&c->figures, m->left.most, 3);
	}
	return conclude_end(c, err);
}

int syc_conclude_predicts(struct syc_conclusion *c, const struct syc_tuned_predicts *p,
			  struct syc_err *err)
{
	conclude_begin(c, "predicts");
	syc_buf_printf(&c->question,
		       "Does the mean shift by %s answers say how far a view moves the "
		       "untuned model's answers?",
		       p->arm);
	conclude_text(c, "arm", p->arm);
	conclude_number(c, "layer", p->layer);
	conclude_number(c, "rho", p->rho);
	conclude_counts(c, p->counts);
	conclude_answer(c, conclude_shown(&p->test));
	if (isnan(p->test.p))
		return conclude_end(c, err);
	syc_buf_printf(&c->figures, "Spearman's rho at layer %d ", p->layer);
	syc_say_number(&c->figures, p->rho, 3);
	if (p->rho < 0 && c->verdict == SYC_VERDICT_YES)
		syc_buf_puts(&c->figures, " (turned)");
	conclude_test(c, &p->test);
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next, "more claims (-n)");
	return conclude_end(c, err);
}

int syc_conclude_steers_untuned(struct syc_conclusion *c, const struct syc_figure *arm, size_t n,
				double at_kl, struct syc_counts counts, struct syc_err *err)
{
	conclude_begin(c, "steers");
	syc_buf_printf(&c->question,
		       "What does adding each arm's mean shift to the untuned model do "
		       "to the view's effect, at a KL of %g?",
		       at_kl);
	conclude_number(c, "at_kl", at_kl);
	conclude_counts(c, counts);
	conclude_list(c, "arms", "arm", "change", arm, n);
	for (size_t i = 0; i < n; i++) {
		syc_buf_printf(&c->figures, "%s%s ", i ? "; " : "", arm[i].name);
		syc_say_change(&c->figures, &arm[i].value);
	}
	if (n) {
		c->verdict = SYC_VERDICT_FIGURES;
		syc_buf_puts(&c->answer, "changes; intervals are over claims");
	} else {
		conclude_answer(c, SYC_VERDICT_ABSENT);
	}
	return conclude_end(c, err);
}

/* ---- before tuning ------------------------------------------------------------- */

int syc_conclude_foretold(struct syc_conclusion *c, const struct syc_tuned_foretold *t,
			  struct syc_err *err)
{
	const struct syc_foretold *f = t->f;

	conclude_begin(c, "foretold");
	syc_buf_puts(&c->question,
		     "Does the projection of a training set's answers, before tuning, "
		     "foretell how far it moves the model?");
	if (!f) {
		conclude_unasked(c, "no small training sets were given", "--small-sets FOLDER");
		return conclude_end(c, err);
	}
	conclude_number(c, "layer", t->layer);
	conclude_number(c, "sets", (double)f->n);
	conclude_estimate(c, "r", &(struct syc_estimate){ f->r, f->lo, f->hi });
	conclude_number(c, "rho", f->rho);
	conclude_number(c, "rho_p", f->rho_p);
	syc_buf_printf(&c->counts, "%zu sets, one run each", f->n);
	conclude_answer(c, side_of(&t->test, f->r));
	if (isnan(f->p))
		return conclude_end(c, err);
	syc_buf_puts(&c->figures, "r ");
	syc_say_number(&c->figures, f->r, 3);
	conclude_test(c, &t->test);
	conclude_ends(c, "; by chance", f->lo, f->hi);
	syc_buf_puts(&c->figures, "; Spearman's rho ");
	syc_say_number(&c->figures, f->rho, 3);
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->next, "more sets");
	return conclude_end(c, err);
}
