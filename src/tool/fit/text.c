/* SPDX-License-Identifier: MIT */
/* The report of syc-fit for the eye. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "tool/fit/fit.h"

static const char *method(const struct syc_logit *f)
{
	return f->method == SYC_LOGIT_NONE ? "-" : syc_stat_logit_name(f->method);
}

static void text_layer(struct sheet *o, uint32_t layer, const struct syc_fit_layer *f)
{
	char c[7][CELL];

	put(o, "%5" PRIu32 " %5zu %5zu", layer, f->auc.n_pos + f->auc.n_neg,
	    f->auc.n_pos);
	put(o, " %5s %-14s", fixed(c[0], f->auc.auc, 3),
	    range(c[1], f->auc.lo, f->auc.hi));
	put(o, " %6s %5s %7s %7s", fixed(c[2], f->logit.slope, 3),
	    fixed(c[3], f->logit.se, 3), chance(c[4], f->logit.p),
	    chance(c[5], f->p_adj));
	put(o, " %6s %s\n", fixed(c[6], f->corr.r, 3), method(&f->logit));
}

/* Layers in runs: "+ at 2-5, 8; - at 0". */
static void text_runs(struct sheet *o, const struct syc_fit *f,
		      const struct syc_fit_set *s, int sign)
{
	const struct syc_scores *c = f->scores;
	const char *before = sign > 0 ? "above 1/2 at layers " : "below 1/2 at layers ";

	for (size_t l = 0, to; l < c->n_layers; l = to + 1) {
		to = l;
		if (s->layer[l].sign != sign)
			continue;
		while (to + 1 < c->n_layers &&
		       s->layer[to + 1].sign == sign)
			to++;
		put(o, "%s%" PRIu32, before, c->layer[l]);
		if (to > l)
			put(o, "-%" PRIu32, c->layer[to]);
		before = ", ";
	}
}

/* Only where some layers point one way and some the other, all looked at together. */
static void text_signs(struct sheet *o, const struct syc_fit *f,
		       const struct syc_fit_set *s)
{
	bool up = false, down = false;

	for (size_t l = 0; l < f->scores->n_layers; l++) {
		up |= s->layer[l].sign > 0;
		down |= s->layer[l].sign < 0;
	}
	if (!up || !down)
		return;
	put(o, "The sign changes: ");
	text_runs(o, f, s, 1);
	put(o, "; ");
	text_runs(o, f, s, -1);
	put(o, ".\n");
}

static void text_best(struct sheet *o, const struct syc_fit *f,
		      const struct syc_fit_set *s)
{
	const struct syc_fit_cv *cv = &s->best.cv;
	const char *before = " (chosen: ";
	char c[2][CELL];

	put(o, "Best layer, chosen without the rows that test it: AUC %s %s",
	    fixed(c[0], cv->auc.auc, 3), range(c[1], cv->auc.lo, cv->auc.hi));
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		if (!s->best.chosen[l])
			continue;
		put(o, "%s%" PRIu32 " x%zu", before, f->scores->layer[l],
		    s->best.chosen[l]);
		before = ", ";
	}
	put(o, "%s\n", before[0] == ',' ? ")" : "");
}

static void text_multi(struct sheet *o, const struct syc_fit_set *s)
{
	const struct syc_fit_cv *cv = &s->multi.cv;
	char c[3][CELL];

	put(o, "All layers together: ");
	if (s->multi.why) {
		put(o, "%s\n", s->multi.why);
		return;
	}
	put(o, "AUC %s %s, Brier %s", fixed(c[0], cv->auc.auc, 3),
	    range(c[1], cv->auc.lo, cv->auc.hi), fixed(c[2], cv->brier.brier, 3));
	put(o, " (ridge %s, %zu rows)\n", fixed(c[0], s->multi.lambda, 3), s->multi.n);
}

static void text_procedure(struct sheet *o, const struct syc_fit *f, const char *of,
			   const struct syc_procedure *p)
{
	const char *before = "chosen: ";
	char c[3][CELL];

	put(o, "Whole procedure, %s claims: ", of);
	if (p->why) {
		put(o, "%s\n", p->why);
		return;
	}
	put(o, "AUC %s, p %s, %zu claims; by chance %s\n", fixed(c[0], p->auc, 3),
	    chance(c[1], p->p), p->n_claims, range(c[2], p->null_lo, p->null_hi));
	put(o, "  ");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		if (!p->chosen[l])
			continue;
		put(o, "%s%" PRIu32 " x%zu", before, f->scores->layer[l], p->chosen[l]);
		before = ", ";
	}
	put(o, "\n");
	if (isnan(p->test.auc.auc))
		return;
	put(o, "  one test: layer %" PRIu32 "%s, chosen without the %zu claims of the test:",
	    f->scores->layer[p->test.layer], p->test.sign < 0 ? " turned" : "",
	    p->test.n_claims);
	put(o, " AUC %s %s\n", fixed(c[0], p->test.auc.auc, 3),
	    range(c[1], p->test.auc.lo, p->test.auc.hi));
}

/* The second table: what was asked for beyond the first. */
static void more_head(struct sheet *o, const struct syc_fit *f, bool verbose)
{
	const struct syc_fit_opts *p = &f->o;

	put(o, "\n%5s", "layer");
	if (verbose)
		put(o, " %5s %6s %5s %5s", "AP", "rho", "R2", "Brier");
	if (p->n_boot)
		put(o, " %-14s %-14s", "bootstrap", "band");
	if (p->n_perm)
		put(o, " %6s %6s", "perm.p", "of max");
	if (f->cross)
		put(o, " %6s %-14s %5s", "cv.AUC", "95 % interval", "Brier");
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		char c[CELL];

		snprintf(c, sizeof(c), "%s 95 %%", syc_null_name(k));
		if (p->n_null[k])
			put(o, " %-14s %6s %6s", c, "p", "of max");
	}
	put(o, "\n");
}

static void more_layer(struct sheet *o, const struct syc_fit *f, bool verbose, size_t i,
		       const struct syc_fit_layer *l)
{
	const struct syc_fit_opts *p = &f->o;
	char c[4][CELL];

	put(o, "%5" PRIu32, f->scores->layer[i]);
	if (verbose)
		put(o, " %5s %6s %5s %5s", fixed(c[0], l->ap.ap, 3),
		    fixed(c[1], l->corr.rho, 3), fixed(c[2], l->logit.r2, 3),
		    fixed(c[3], l->brier.brier, 3));
	if (p->n_boot)
		put(o, " %-14s %-14s", range(c[0], l->boot.lo, l->boot.hi),
		    range(c[1], l->boot.band_lo, l->boot.band_hi));
	if (p->n_perm)
		put(o, " %6s %6s", chance(c[0], l->perm.p), chance(c[1], l->perm.p_max));
	if (f->cross)
		put(o, " %6s %-14s %5s", fixed(c[0], l->cv.auc.auc, 3),
		    range(c[1], l->cv.auc.lo, l->cv.auc.hi),
		    fixed(c[2], l->cv.brier.brier, 3));
	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		if (p->n_null[k])
			put(o, " %-14s %6s %6s", range(c[0], l->null[k].lo, l->null[k].hi),
			    chance(c[1], l->null[k].p), chance(c[2], l->null[k].p_max));
	put(o, "\n");
}

/* "Best layer against null vectors: random p .005, flip p .020" */
static void text_nulls(struct sheet *o, const struct syc_fit *f,
		       const struct syc_fit_set *s)
{
	const char *before = "";
	char c[CELL];

	put(o, "Best layer against null vectors: ");
	for (unsigned k = 0; k < SYC_N_NULLS && !s->null_why; k++) {
		if (!f->o.n_null[k])
			continue;
		put(o, "%s%s p %s", before, syc_null_name(k), chance(c, s->null_p[k]));
		before = ", ";
	}
	put(o, "%s", s->null_why ? s->null_why : "");
	if (s->null_left)
		put(o, " (%zu rows of claims that made the vector are left out)", s->null_left);
	put(o, "\n");
}

static void text_more(struct sheet *o, const struct syc_fit *f,
		      const struct syc_fit_set *s, bool verbose)
{
	const struct syc_fit_opts *p = &f->o;

	if (verbose || p->n_boot || p->n_perm || syc_fit_has_nulls(p) || f->cross) {
		more_head(o, f, verbose);
		for (size_t l = 0; l < f->scores->n_layers; l++)
			more_layer(o, f, verbose, l, &s->layer[l]);
	}
	if (f->cross)
		text_best(o, f, s);
	if (p->multi)
		text_multi(o, s);
	if (p->claim) {
		text_procedure(o, f, "between", s->between);
		text_procedure(o, f, "within", s->within);
	}
	if (p->baselines)
		increment_text(o, f, s->increment);
	if (syc_fit_has_nulls(p))
		text_nulls(o, f, s);
}

static void text_held(struct sheet *o, uint32_t layer, const struct syc_fit_confound *b)
{
	const struct syc_logit *w = &b->adjusted.with;
	char c[6][CELL];

	put(o, "%5" PRIu32 " %6zu %5s %-14s %6s %6s %5s %7s %s\n", layer,
	    b->within.n_pos + b->within.n_neg, fixed(c[0], b->within.auc, 3),
	    range(c[1], b->within.lo, b->within.hi), fixed(c[2], b->adjusted.alone.slope, 3),
	    fixed(c[3], w->slope, 3), fixed(c[4], w->se, 3), chance(c[5], w->p),
	    w->why ? w->why : method(w));
}

static void text_confound(struct sheet *o, const struct syc_fit *f,
			  const struct syc_fit_set *s, size_t i)
{
	put(o, "\nwith ");
	put_name(o, f->o.confound[i]);
	put(o, " held fixed\n%5s %6s %5s %-14s %6s %6s %5s %7s %s\n", "layer", "n", "AUC",
	    "95 % interval", "alone", "slope", "se", "p", "fit");
	for (size_t l = 0; l < f->scores->n_layers; l++)
		text_held(o, f->scores->layer[l], &s->layer[l].confound[i]);
	if (!s->apart)
		return;
	put(o, "chosen%s on other claims than these %zu:\n",
	    s->between->test.sign < 0 ? " and turned" : "", s->between->test.n_claims);
	text_held(o, f->scores->layer[s->between->test.layer], &s->apart[i]);
}

static void text_set(struct sheet *o, const struct syc_fit *f,
		     const struct syc_fit_set *s, bool verbose)
{
	const size_t missing = f->scores->n_labeled - s->t->n;

	put(o, "\nvector ");
	put_name(o, s->t->vector);
	put(o, ", position ");
	put_name(o, s->t->position);
	if (missing)
		put(o, " (missing in %zu labeled rows)", missing);
	if (s->cluster) {
		put(o, ", %zu clusters by ", s->n_clusters);
		put_name(o, f->o.cluster);
	}
	put(o, "\n");
	if (f->o.outcome) {
		line_text(o, f, s);
		return;
	}
	put(o, "%5s %5s %5s %5s %-14s", "layer", "n", "pos", "AUC", "95 % interval");
	put(o, " %6s %5s %7s %7s %6s %s\n", "slope", "se", "p", "adj.p", "r", "fit");
	for (size_t l = 0; l < f->scores->n_layers; l++)
		text_layer(o, f->scores->layer[l], &s->layer[l]);
	text_signs(o, f, s);
	text_more(o, f, s, verbose);
	for (size_t i = 0; i < f->o.n_confounds; i++)
		text_confound(o, f, s, i);
}

/* The rest of a line on the difference of two areas. */
static void text_areas(struct sheet *o, const struct syc_auc_diff *x)
{
	char c[5][CELL];

	put(o, " %5zu %5s %5s %6s %-16s %7s", x->n_pos + x->n_neg, fixed(c[0], x->a, 3),
	    fixed(c[1], x->b, 3), fixed(c[2], x->diff, 3), range(c[3], x->lo, x->hi),
	    chance(c[4], x->p));
}

static void text_diff(struct sheet *o, const struct syc_fit *f,
		      const struct syc_fit_diff *d)
{
	const uint32_t *layer = f->scores->layer;
	char c[CELL];

	put(o, "\n");
	put_name(o, d->a->vector);
	if (strcmp(d->a->position, d->b->position) == 0) {
		put(o, " less ");
		put_name(o, d->b->vector);
		put(o, ", position ");
		put_name(o, d->a->position);
	} else {
		put(o, ", position ");
		put_name(o, d->a->position);
		put(o, " less ");
		put_name(o, d->b->position);
	}
	put(o, ", rows paired by %s\n%5s %5s %5s %5s %6s %-16s %7s %7s\n",
	    d->by_id ? "id" : "row", "layer", "n", "AUC", "AUC", "diff", "95 % interval",
	    "p", "adj.p");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		put(o, "%5" PRIu32, layer[l]);
		text_areas(o, &d->layer[l]);
		put(o, " %7s\n", chance(c, d->p_adj[l]));
	}
	if (isnan(d->test.p))
		return;
	put(o,
	    "layers %" PRIu32 "%s and %" PRIu32 "%s, chosen on other claims than these %zu:\n     ",
	    layer[d->test_layer[0]], d->test_sign[0] < 0 ? " (turned)" : "",
	    layer[d->test_layer[1]], d->test_sign[1] < 0 ? " (turned)" : "", d->test_claims);
	text_areas(o, &d->test);
	put(o, "\n");
}

static bool any_firth(const struct syc_fit *f)
{
	for (size_t i = 0; i < f->scores->n_sets; i++)
		for (size_t l = 0; l < f->scores->n_layers; l++)
			if (f->set[i].layer[l].logit.method == SYC_LOGIT_FIRTH)
				return true;
	return false;
}

static void text_notes(struct sheet *o, const struct syc_fit *f)
{
	const struct syc_fit_opts *p = &f->o;

	put(o, "\n");
	if (p->weight) {
		put_name(o, p->weight);
		put(o, " is how much a row counts.\n");
	}
	if (p->outcome) {
		put(o, "slope: ");
		put_name(o, p->outcome);
		put(o, " per standard deviation of the score, by least squares.  adj.p:\n"
		    "Benjamini-Hochberg over the layers.  rho: Spearman's.\n%s",
		    p->cluster ? "Intervals and p allow for rows of a cluster being alike.\n" : "");
		return;
	}
	put(o,
	    "AUC: 95 %% interval after %s and Wilson.  slope: log odds of a\n"
	    "%s answer per standard deviation of the score, "
	    "with Wald's p.\n"
	    "adj.p: Benjamini-Hochberg over the layers.  r: point-biserial.\n",
	    p->cluster ? "Obuchowski" : "DeLong", measured(f->scores));
	if (p->cluster)
		put(o, "se, p and intervals allow for rows of a cluster being alike.\n");
	if (any_firth(f))
		put(o, "firth: the classes are separated; the slope is Firth's, %s.\n",
		    p->cluster || p->weight ?
		    "and has no p:\nits ratio would take rows to be independent"
			       : "with p of its\npenalized likelihood's ratio");
	if (p->n_boot)
		put(o, "bootstrap: %zu samples of %s; band: all layers at once.\n",
		    p->n_boot, p->cluster ? "clusters" : "rows");
	if (p->n_perm)
		put(o, "perm.p: %zu permutations; of max: for the best of all layers.\n",
		    p->n_perm);
	if (f->cross)
		put(o, "cv: %zu folds.\n", f->n_folds);
	if (syc_fit_has_nulls(p)) {
		for (unsigned k = 0; k < SYC_N_NULLS; k++)
			if (p->n_null[k])
				put(o, "%s: %zu null vectors; ", syc_null_name(k), p->n_null[k]);
		put(o, "of max: their best of all layers.\n");
	}
	if (p->claim)
		put(o,
		    "Whole procedure: layer and sign chosen on other claims, %zu permutations of\n"
		    "whole claims' labels (between) or of labels inside a claim%s (within).\n",
		    p->n_procedure ? p->n_procedure : 999, p->view ? " and view" : "");
	if (p->n_boot || p->n_perm || syc_fit_has_nulls(p) || f->cross || p->claim)
		put(o, "Seed %" PRIu64 ".\n", p->seed);
}

/* "400 rows: 380 labeled (210 sycophantic, 170 not), 20 undecided" */
static void text_counts(struct sheet *o, const struct syc_fit *f)
{
	const struct syc_scores *s = f->scores;

	put(o, "%" PRIu64 " rows: %" PRIu64 " ", s->n_rows, s->n_syc + s->n_not);
	if (s->outcome) {
		put(o, "with ");
		put_name(o, s->outcome);
		put(o, " (%" PRIu64 " above 0), %" PRIu64 " without", s->n_syc, s->n_undecided);
	} else {
		put(o, "labeled (%" PRIu64 " %s, %" PRIu64 " not)", s->n_syc, measured(s),
		    s->n_not);
		put(o, ", %" PRIu64 " undecided", s->n_undecided);
	}
	if (s->n_skipped)
		put(o, "; %" PRIu64 " broken rows skipped", s->n_skipped);
	put(o, "\n");
}

void fit_text(struct sheet *o, const struct syc_fit *f, bool verbose)
{
	text_counts(o, f);
	for (size_t i = 0; i < f->scores->n_sets; i++)
		text_set(o, f, &f->set[i], verbose);
	for (size_t i = 0; i < f->n_diffs; i++)
		text_diff(o, f, &f->diff[i]);
	if (f->scores->n_sets)
		text_notes(o, f);
}
