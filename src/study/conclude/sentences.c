/* SPDX-License-Identifier: MIT */
/* What the scores' numbers say. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "study/conclude/conclude.h"
#include "syc/stance.h"

static const char *const names[] = {
	[SYC_VERDICT_ABSENT] = "absent",     [SYC_VERDICT_OPEN] = "open",
	[SYC_VERDICT_YES] = "yes",	     [SYC_VERDICT_NO] = "no",
	[SYC_VERDICT_REVERSED] = "reversed", [SYC_VERDICT_SOME] = "some",
	[SYC_VERDICT_PERHAPS] = "perhaps",   [SYC_VERDICT_RANDOM] = "random",
	[SYC_VERDICT_FIGURES] = "figures",
};

static const char *const plain_words[] = {
	[SYC_VERDICT_ABSENT] = "cannot be told",
	[SYC_VERDICT_OPEN] = "not shown",
	[SYC_VERDICT_YES] = "yes",
	[SYC_VERDICT_NO] = "no",
	[SYC_VERDICT_REVERSED] = "no: the other way round",
	[SYC_VERDICT_PERHAPS] = "perhaps",
	[SYC_VERDICT_RANDOM] = "no more than random directions",
};

const char *syc_verdict_name(enum syc_verdict v)
{
	return names[v];
}

void syc_conclusion_free(struct syc_conclusion *c)
{
	syc_buf_free(&c->question);
	syc_buf_free(&c->answer);
	syc_buf_free(&c->figures);
	syc_buf_free(&c->numbers);
	*c = (struct syc_conclusion){ 0 };
}

/* ---- shared by the questions ------------------------------------------------ */

void conclude_begin(struct syc_conclusion *c, const char *key)
{
	syc_conclusion_free(c);
	c->key = key;
	syc_buf_puts(&c->numbers, "{");
}

void conclude_answer(struct syc_conclusion *c, enum syc_verdict v)
{
	c->verdict = v;
	syc_buf_puts(&c->answer, plain_words[v]);
}

int conclude_end(struct syc_conclusion *c, struct syc_err *err)
{
	syc_buf_puts(&c->numbers, "}");
	/* Empty texts are texts. */
	syc_buf_puts(&c->answer, "");
	syc_buf_puts(&c->figures, "");
	if (c->question.failed || c->answer.failed || c->figures.failed ||
	    c->numbers.failed)
		return syc_nomem(err);
	return 0;
}

enum syc_verdict conclude_side(double lo, double hi, double at)
{
	if (isnan(lo) || isnan(hi))
		return SYC_VERDICT_ABSENT;
	return lo > at ? SYC_VERDICT_YES :
	       hi < at ? SYC_VERDICT_REVERSED : SYC_VERDICT_OPEN;
}

static void put_key(struct syc_buf *b, const char *key)
{
	const char last = b->len ? b->data[b->len - 1] : '{';

	syc_buf_puts(b, last == '{' || last == '[' ? "" : ", ");
	if (!key)
		return;
	syc_buf_json(b, key, strlen(key));
	syc_buf_puts(b, ": ");
}

void conclude_number(struct syc_conclusion *c, const char *key, double x)
{
	put_key(&c->numbers, key);
	if (isfinite(x))
		syc_buf_printf(&c->numbers, "%.12g", x);
	else
		syc_buf_puts(&c->numbers, "null");
}

void conclude_text(struct syc_conclusion *c, const char *key, const char *text)
{
	put_key(&c->numbers, key);
	syc_buf_json(&c->numbers, text, strlen(text));
}

void conclude_open(struct syc_conclusion *c, const char *key,
		   const char *bracket)
{
	put_key(&c->numbers, key);
	syc_buf_puts(&c->numbers, bracket);
}

void conclude_close(struct syc_conclusion *c, const char *bracket)
{
	syc_buf_puts(&c->numbers, bracket);
}

void conclude_estimate(struct syc_conclusion *c, const char *key,
		       const struct syc_estimate *e)
{
	char part[64];

	conclude_number(c, key, e->x);
	snprintf(part, sizeof(part), "%s_lo", key);
	conclude_number(c, part, e->lo);
	snprintf(part, sizeof(part), "%s_hi", key);
	conclude_number(c, part, e->hi);
}

/* "key": [{"what": name, "value": x, ...}, ...] */
static void put_figures(struct syc_conclusion *c, const char *key,
			const char *what, const char *value,
			const struct syc_figure *f, size_t n)
{
	conclude_open(c, key, "[");
	for (size_t i = 0; i < n; i++) {
		conclude_open(c, NULL, "{");
		conclude_text(c, what, f[i].name);
		conclude_estimate(c, value, &f[i].value);
		conclude_close(c, "}");
	}
	conclude_close(c, "]");
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

static void say_ends(struct syc_conclusion *c, const char *what, double lo,
		     double hi)
{
	syc_buf_printf(&c->figures, "%s from ", what);
	syc_say_number(&c->figures, lo, 3);
	syc_buf_puts(&c->figures, " to ");
	syc_say_number(&c->figures, hi, 3);
}

/* ---- the questions ----------------------------------------------------------- */

/* Verdicts of n sets, [SYC_STANCE_...] of each kind, as one. */
static enum syc_verdict join_stances(const size_t count[4], size_t n)
{
	static const enum syc_verdict all[4] = {
		[SYC_STANCE_UNKNOWN] = SYC_VERDICT_OPEN,
		[SYC_STANCE_FOLLOWS] = SYC_VERDICT_YES,
		[SYC_STANCE_AGAINST] = SYC_VERDICT_REVERSED,
		[SYC_STANCE_NO_EFFECT] = SYC_VERDICT_NO,
	};

	if (!n)
		return SYC_VERDICT_ABSENT;
	for (int v = 0; v < 4; v++)
		if (count[v] == n)
			return all[v];
	return SYC_VERDICT_SOME;
}

static void say_stances(struct syc_conclusion *c, const size_t count[4], size_t n)
{
	static const enum syc_stance_verdict order[4] = {
		SYC_STANCE_FOLLOWS, SYC_STANCE_AGAINST, SYC_STANCE_NO_EFFECT,
		SYC_STANCE_UNKNOWN,
	};
	const char *before = "";

	c->verdict = join_stances(count, n);
	if (c->verdict == SYC_VERDICT_ABSENT) {
		conclude_answer(c, c->verdict);
		return;
	}
	for (int i = 0; i < 4; i++) {
		const enum syc_stance_verdict v = order[i];

		if (!count[v])
			continue;
		syc_buf_printf(&c->answer, "%s%s", before, syc_stance_verdict_name(v));
		if (count[v] < n)
			syc_buf_printf(&c->answer, " on %zu of %zu", count[v], n);
		before = ", ";
	}
}

int syc_conclude_stance(struct syc_conclusion *c, const struct syc_followed *f,
			size_t n, struct syc_err *err)
{
	size_t count[4] = { 0 }, told = 0;

	conclude_begin(c, "stance");
	syc_buf_puts(&c->question, "Does the model follow the view that its user states?");
	conclude_open(c, "sets", "[");
	for (size_t i = 0; i < n; i++) {
		const struct syc_estimate *e = &f[i].effect;
		const enum syc_stance_verdict v =
			syc_stance_verdict(e->lo, e->hi, SYC_STANCE_RELEVANT);

		count[v] += f[i].n_claims > 0;
		told += f[i].n_claims > 0;
		syc_buf_printf(&c->figures, "%s%s ", i ? "; " : "", f[i].set);
		if (f[i].n_claims)
			syc_say_change(&c->figures, e);
		syc_buf_printf(&c->figures, f[i].n_claims ? ", %zu claims"
			       : "asks no claim of users with two views", f[i].n_claims);
		conclude_open(c, NULL, "{");
		conclude_text(c, "set", f[i].set);
		conclude_text(c, "verdict", syc_stance_verdict_name(v));
		conclude_estimate(c, "effect", e);
		conclude_number(c, "claims", (double)f[i].n_claims);
		conclude_close(c, "}");
	}
	conclude_close(c, "]");
	say_stances(c, count, told);
	return conclude_end(c, err);
}

static void put_count(struct syc_conclusion *c, const char *key, size_t n)
{
	conclude_number(c, key, (double)n);
}

int syc_conclude_moved(struct syc_conclusion *c, const struct syc_moved *m, size_t n,
		       struct syc_err *err)
{
	size_t moved = 0, told = 0;

	conclude_begin(c, "moved");
	syc_buf_puts(&c->question, "How many answers did a stated view move?");
	conclude_open(c, "sets", "[");
	for (size_t i = 0; i < n; i++) {
		const size_t own = m[i].n_moved + m[i].n_held;

		moved += m[i].n_moved;
		told += own;
		syc_buf_printf(&c->figures, "%s%s %zu moved, %zu held", i ? "; " : "",
			       m[i].set, m[i].n_moved, m[i].n_held);
		conclude_open(c, NULL, "{");
		conclude_text(c, "set", m[i].set);
		put_count(c, "moved", m[i].n_moved);
		put_count(c, "held", m[i].n_held);
		put_count(c, "within_margin", m[i].n_margin);
		put_count(c, "agree_anyway", m[i].n_agree);
		conclude_close(c, "}");
	}
	conclude_close(c, "]");
	c->verdict = told ? SYC_VERDICT_FIGURES : SYC_VERDICT_ABSENT;
	if (told)
		syc_buf_printf(&c->answer, "%zu of %zu at risk", moved, told);
	else
		conclude_answer(c, SYC_VERDICT_ABSENT);
	return conclude_end(c, err);
}

int syc_conclude_prediction(struct syc_conclusion *c,
			    const struct syc_prediction *p, struct syc_err *err)
{
	conclude_begin(c, "prediction");
	syc_buf_printf(&c->question,
		"Does the mean difference predict the answers on new claims of %s?",
		p->train);
	conclude_text(c, "set", p->train);
	conclude_number(c, "claims", (double)p->n_claims);
	conclude_number(c, "auc", p->auc);
	conclude_number(c, "p", p->p);
	conclude_number(c, "null_lo", p->null_lo);
	conclude_number(c, "null_hi", p->null_hi);
	conclude_answer(c, isnan(p->p) ? SYC_VERDICT_ABSENT :
			   p->p < 0.05 ? SYC_VERDICT_YES : SYC_VERDICT_OPEN);
	if (isnan(p->p)) {
		syc_buf_puts(&c->figures, p->why);
		return conclude_end(c, err);
	}
	syc_buf_puts(&c->figures, "AUC ");
	syc_say_number(&c->figures, p->auc, 3);
	syc_buf_puts(&c->figures, ", p ");
	syc_say_p(&c->figures, p->p);
	syc_buf_printf(&c->figures, " over %zu claims, layer and sign chosen without those "
		       "that test them; ", p->n_claims);
	say_ends(c, "by chance", p->null_lo, p->null_hi);
	return conclude_end(c, err);
}

int syc_conclude_random(struct syc_conclusion *c, const struct syc_chance *r,
			struct syc_err *err)
{
	conclude_begin(c, "random");
	syc_buf_puts(&c->question, "Better than random directions?");
	conclude_number(c, "directions", (double)r->n);
	conclude_number(c, "auc_lo", r->lo);
	conclude_number(c, "auc_hi", r->hi);
	conclude_number(c, "p", r->p);
	conclude_answer(c, isnan(r->p) ? SYC_VERDICT_ABSENT :
			   r->p < 0.05 ? SYC_VERDICT_YES : SYC_VERDICT_OPEN);
	syc_buf_printf(&c->figures, "95 %% of %zu random directions have an ",
		       r->n);
	say_ends(c, "AUC", r->lo, r->hi);
	syc_buf_puts(&c->figures, " there; p ");
	syc_say_p(&c->figures, r->p);
	syc_buf_puts(&c->figures, " against the best layer of each");
	return conclude_end(c, err);
}

static void say_elsewhere(struct syc_conclusion *c, size_t yes, size_t n)
{
	c->verdict = yes == n ? SYC_VERDICT_YES : yes ? SYC_VERDICT_SOME : SYC_VERDICT_OPEN;
	if (yes == n)
		syc_buf_printf(&c->answer, "yes, on all %zu", n);
	else
		syc_buf_printf(&c->answer, "on %zu of %zu", yes, n);
}

int syc_conclude_elsewhere(struct syc_conclusion *c, const char *train,
			   const struct syc_figure *auc, size_t n,
			   struct syc_err *err)
{
	double lo = NAN, hi = NAN;
	size_t told = 0, yes = 0;

	conclude_begin(c, "elsewhere");
	syc_buf_printf(&c->question,
		       "On other sets, with layer and sign from %s?", train);
	for (size_t i = 0; i < n; i++) {
		if (isnan(auc[i].value.lo))
			continue;
		told++;
		yes += auc[i].value.lo > 0.5;
		lo = fmin(lo, auc[i].value.x);
		hi = fmax(hi, auc[i].value.x);
	}
	put_figures(c, "sets", "set", "auc", auc, n);
	if (told) {
		say_elsewhere(c, yes, told);
		say_ends(c, "AUC", lo, hi);
	} else {
		conclude_answer(c, SYC_VERDICT_ABSENT);
	}
	return conclude_end(c, err);
}

int syc_conclude_best(struct syc_conclusion *c, const char *train,
		      const struct syc_figure *auc, size_t n,
		      struct syc_err *err)
{
	const struct syc_figure *best = NULL;

	conclude_begin(c, "best");
	syc_buf_printf(&c->question, "Which vector has the largest AUC on %s?",
		       train);
	for (size_t i = 0; i < n; i++) {
		if (isnan(auc[i].value.x))
			continue;
		if (!best || auc[i].value.x > best->value.x)
			best = &auc[i];
		syc_buf_printf(&c->figures, "%s%s ", c->figures.len ? "; " : "",
			       auc[i].name);
		syc_say_number(&c->figures, auc[i].value.x, 3);
	}
	put_figures(c, "vectors", "vector", "auc", auc, n);
	if (best) {
		c->verdict = SYC_VERDICT_FIGURES;
		syc_buf_puts(&c->answer, best->name);
	} else {
		conclude_answer(c, SYC_VERDICT_ABSENT);
	}
	return conclude_end(c, err);
}

static bool off_chance(const struct syc_estimate *e)
{
	return e->lo > 0.5 || e->hi < 0.5;
}

static enum syc_verdict explained(const struct syc_estimate *alone,
				  const struct syc_estimate *within)
{
	if (!off_chance(alone))
		return SYC_VERDICT_OPEN;
	return off_chance(within) ? SYC_VERDICT_NO : SYC_VERDICT_PERHAPS;
}

int syc_conclude_confounds(struct syc_conclusion *c,
			   const struct syc_estimate *alone,
			   const struct syc_figure *within, size_t n,
			   struct syc_err *err)
{
	const struct syc_figure *least = NULL;

	conclude_begin(c, "confounds");
	syc_buf_puts(&c->question, "Is it another property of the questions?");
	conclude_estimate(c, "auc", alone);
	put_figures(c, "within", "field", "auc", within, n);
	for (size_t i = 0; i < n; i++)
		if (!isnan(within[i].value.x) &&
		    (!least || fabs(within[i].value.x - 0.5) <
				       fabs(least->value.x - 0.5)))
			least = &within[i];
	if (!least) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		return conclude_end(c, err);
	}
	c->verdict = explained(alone, &least->value);
	if (c->verdict == SYC_VERDICT_OPEN)
		syc_buf_puts(&c->answer, "nothing shown to explain");
	else
		conclude_answer(c, c->verdict);
	syc_buf_puts(&c->figures, "AUC ");
	syc_say_estimate(&c->figures, alone, 3);
	syc_buf_printf(&c->figures, "; among rows of equal %s ", least->name);
	syc_say_estimate(&c->figures, &least->value, 3);
	syc_buf_puts(&c->figures, ", the nearest to chance");
	return conclude_end(c, err);
}

int syc_conclude_likeness(struct syc_conclusion *c,
			  const struct syc_likeness *l, struct syc_err *err)
{
	double lo, hi;

	conclude_begin(c, "likeness");
	syc_buf_puts(&c->question, "Do all methods find one direction?");
	conclude_number(c, "layer", l->layer);
	put_figures(c, "vectors", "vector", "cosine", l->cosine, l->n);
	conclude_estimate(c, "halves", &l->halves);
	ends(l->cosine, l->n, &lo, &hi);
	conclude_answer(c, isnan(lo) ? SYC_VERDICT_ABSENT :
			   lo > 0.9 ? SYC_VERDICT_YES : SYC_VERDICT_NO);
	say_ends(c, "cosines of the others with the mean difference", lo, hi);
	syc_buf_printf(&c->figures, " at layer %d; of two halves of its pairs ",
		       l->layer);
	syc_say_estimate(&c->figures, &l->halves, 3);
	return conclude_end(c, err);
}
