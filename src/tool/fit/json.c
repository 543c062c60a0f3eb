/* SPDX-License-Identifier: MIT */
/* The report of syc-fit as one JSON document. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "tool/fit/columns.h"

void json_string(struct sheet *o, const char *key, const char *s)
{
	put(o, ",\"%s\":", key);
	json_text(o, s);
}

void json_why(struct sheet *o, const char *why)
{
	if (why)
		json_string(o, "why", why);
}

/* ,"KEY":{"slope":,"intercept":,"bins":[]} */
static void json_calibration(struct sheet *o, const char *key, double slope,
			     double intercept,
			     const struct syc_calibration_bin *bin)
{
	put(o, ",\"%s\":{", key);
	json_field(o, "slope", slope);
	put(o, ",");
	json_field(o, "intercept", intercept);
	put(o, ",\"bins\":[");
	for (size_t i = 0; i < SYC_FIT_BINS; i++) {
		const struct table_field f[] = {
			{ "prob", bin[i].prob }, { "rate", bin[i].rate },
			{ "lo", bin[i].lo }, { "hi", bin[i].hi },
		};

		put(o, "%s{\"n\":%zu", i ? "," : "", bin[i].n);
		JSON_FIELDS(o, f);
		put(o, "}");
	}
	put(o, "]}");
}

/* A confound's part of a layer. */
static void json_confound(struct sheet *o, const char *name,
			  const struct syc_fit_confound *c)
{
	const struct syc_logit_adjusted *b = &c->adjusted;
	const struct table_field f[] = {
		{ "within_auc", c->within.auc }, { "within_lo", c->within.lo },
		{ "within_hi", c->within.hi }, { "slope_alone", b->alone.slope },
		{ "slope", b->with.slope }, { "slope_se", b->with.se },
		{ "slope_lo", b->with.lo }, { "slope_hi", b->with.hi },
		{ "p", b->with.p }, { "p_lr", b->p }, { "r2", b->with.r2 },
		{ "r2_confound", b->r2_rest },
	};

	put(o, "{\"field\":");
	json_text(o, name);
	put(o, ",\"n\":%zu,\"within_n\":%zu,\"features\":%zu,\"method\":\"%s\"",
	    b->with.n, c->within.n_pos + c->within.n_neg, b->n_features,
	    syc_stat_logit_name(b->with.method));
	JSON_FIELDS(o, f);
	json_why(o, b->with.why);
	put(o, "}");
}

static void json_layer(struct sheet *o, const struct syc_fit *fit,
		       uint32_t layer, const struct syc_fit_layer *f)
{
	put(o, "{\"layer\":%" PRIu32 ",\"n\":%zu", layer,
	    f->auc.n_pos + f->auc.n_neg);
	put(o, ",\"positives\":%zu,\"dropped\":%zu", f->auc.n_pos,
	    f->auc.n_dropped);
	columns_json(o, layer_columns, f, fit);
	columns_json(o, more_columns, f, fit);
	put(o, ",\"method\":\"%s\"", syc_stat_logit_name(f->logit.method));
	put(o, ",\"separated\":%s", f->logit.separated ? "true" : "false");
	json_why(o, f->logit.why);
	json_calibration(o, "calibration", f->slope, f->intercept, f->bin);
	if (fit->cross)
		json_calibration(o, "cv_calibration", f->cv.slope,
				 f->cv.intercept, f->cv.bin);
	for (size_t i = 0; i < fit->o.n_confounds; i++) {
		put(o, i ? "," : ",\"confounds\":[");
		json_confound(o, fit->o.confound[i], &f->confound[i]);
	}
	put(o, "%s}", fit->o.n_confounds ? "]" : "");
}

/*
 * Runs of layers on one side of chance, adjusted for all of them, and how often the
 * side changes.
 */
static void json_signs(struct sheet *o, const struct syc_fit *f,
		       const struct syc_fit_set *s)
{
	const struct syc_scores *c = f->scores;
	int last = 0, before = 0;
	size_t changes = 0;

	put(o, ",\"signs\":[");
	for (size_t l = 0; l < c->n_layers; l++) {
		const int sign = s->layer[l].sign;

		changes += sign && before && sign != before;
		before = sign ? sign : before;
		if (l == 0 || sign != last)
			put(o, "%s{\"from\":%" PRIu32 ",\"sign\":%d",
			    l ? "}," : "", c->layer[l], sign);
		if (l + 1 == c->n_layers ||
		    s->layer[l + 1].sign != sign)
			put(o, ",\"to\":%" PRIu32, c->layer[l]);
		last = sign;
	}
	put(o, "%s],\"sign_changes\":%zu", c->n_layers ? "}" : "", changes);
}

static void json_cv(struct sheet *o, const struct syc_fit_cv *cv)
{
	const struct table_field f[] = {
		{ "auc", cv->auc.auc }, { "auc_lo", cv->auc.lo },
		{ "auc_hi", cv->auc.hi }, { "brier", cv->brier.brier },
		{ "brier_lo", cv->brier.lo }, { "brier_hi", cv->brier.hi },
		{ "brier_skill", cv->brier.skill }, { "logloss", cv->brier.loss },
	};

	put(o, "\"n\":%zu", cv->brier.n);
	JSON_FIELDS(o, f);
	json_calibration(o, "calibration", cv->slope, cv->intercept, cv->bin);
}

static void json_best(struct sheet *o, const struct syc_fit *f,
		      const struct syc_fit_set *s)
{
	const char *comma = "";

	put(o, ",\n\"best\":{\"folds\":%zu,", s->n_folds);
	json_cv(o, &s->best.cv);
	put(o, ",\"chosen\":[");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		if (!s->best.chosen[l])
			continue;
		put(o, "%s{\"layer\":%" PRIu32 ",\"folds\":%zu}", comma,
		    f->scores->layer[l], s->best.chosen[l]);
		comma = ",";
	}
	put(o, "]}");
}

static void json_multi(struct sheet *o, const struct syc_fit *f,
		       const struct syc_fit_set *s)
{
	put(o, ",\n\"multi\":{\"folds\":%zu,\"rows\":%zu,", s->n_folds,
	    s->multi.n);
	json_field(o, "ridge", s->multi.lambda);
	put(o, ",");
	json_cv(o, &s->multi.cv);
	json_why(o, s->multi.why);
	put(o, ",\"slopes\":[");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		put(o, l ? "," : "");
		json_num(o, s->multi.why ? NAN : s->multi.w_sd[l]);
	}
	put(o, "]}");
}

static void json_test(struct sheet *o, const struct syc_fit *f,
		      const struct syc_procedure *p)
{
	const struct table_field v[] = {
		{ "auc", p->test.auc.auc }, { "auc_lo", p->test.auc.lo },
		{ "auc_hi", p->test.auc.hi },
	};

	put(o, ",\"test\":");
	if (isnan(p->test.auc.auc)) {
		put(o, "null");
		return;
	}
	put(o, "{\"layer\":%" PRIu32 ",\"sign\":%d,\"claims\":%zu,\"n\":%zu",
	    f->scores->layer[p->test.layer], p->test.sign, p->test.n_claims,
	    p->test.auc.n_pos + p->test.auc.n_neg);
	JSON_FIELDS(o, v);
	put(o, "}");
}

/* ,"KEY":{} of one kind of permutations */
static void json_procedure(struct sheet *o, const struct syc_fit *f, const char *key,
			   const struct syc_procedure *p)
{
	const struct table_field v[] = {
		{ "auc", p->auc }, { "p", p->p }, { "null_mean", p->null_mean },
		{ "null_lo", p->null_lo }, { "null_hi", p->null_hi },
	};
	const char *comma = "";

	put(o, ",\n\"%s\":{\"n\":%zu,\"positives\":%zu,\"claims\":%zu,\"folds\":%zu", key,
	    p->n, p->n_pos, p->n_claims, p->n_folds);
	put(o, ",\"permutations\":%zu", p->n_perm);
	JSON_FIELDS(o, v);
	json_why(o, p->why);
	put(o, ",\"chosen\":[");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		if (!p->chosen[l])
			continue;
		put(o, "%s{\"layer\":%" PRIu32 ",\"folds\":%zu}", comma,
		    f->scores->layer[l], p->chosen[l]);
		comma = ",";
	}
	put(o, "]");
	json_test(o, f, p);
	put(o, "}");
}

/* ,"nulls":{"rows":,"left_out":,"flip":{"n":,"p":},...} */
static void json_nulls(struct sheet *o, const struct syc_fit *f,
		       const struct syc_fit_set *s)
{
	put(o, ",\n\"nulls\":{\"rows\":%zu,\"left_out\":%zu", s->null_rows, s->null_left);
	if (s->claim)
		put(o, ",\"claims\":%zu", s->null_claims);
	json_why(o, s->null_why);
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		if (!f->o.n_null[k])
			continue;
		put(o, ",\"%s\":{\"n\":%zu,", syc_null_name(k), f->o.n_null[k]);
		json_field(o, "p", s->null_p[k]);
		put(o, "}");
	}
	put(o, "}");
}

/* ,"confounds_apart":{"layer":,"sign":,"claims":,"fields":[]} */
static void json_apart(struct sheet *o, const struct syc_fit *f,
		       const struct syc_fit_set *s)
{
	const struct syc_procedure *p = s->between;

	put(o,
	    ",\n\"confounds_apart\":{\"layer\":%" PRIu32 ",\"sign\":%d,\"claims\":%zu,\"fields\":[",
	    f->scores->layer[p->test.layer], p->test.sign, p->test.n_claims);
	for (size_t i = 0; i < f->o.n_confounds; i++) {
		put(o, i ? "," : "");
		json_confound(o, f->o.confound[i], &s->apart[i]);
	}
	put(o, "]}");
}

static void json_set(struct sheet *o, const struct syc_fit *f,
		     const struct syc_fit_set *s)
{
	static const char *const how[] = { "rows", "within", "clusters" };
	const struct syc_scores_set *t = s->t;

	put(o, "{\"vector\":");
	json_text(o, t->vector);
	json_string(o, "position", t->position);
	put(o, ",\"missing\":%zu", f->scores->n_labeled - t->n);
	if (s->cluster)
		put(o, ",\"clusters\":%zu", s->n_clusters);
	if (s->group)
		put(o, ",\"groups\":%zu", s->n_groups);
	if (f->o.outcome) {
		line_json(o, f, s);
		return;
	}
	if (f->o.n_perm)
		json_string(o, "shuffle", how[s->how]);
	put(o, ",\"layers\":[");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		put(o, l ? ",\n" : "\n");
		json_layer(o, f, f->scores->layer[l], &s->layer[l]);
	}
	put(o, "]");
	json_signs(o, f, s);
	if (f->cross)
		json_best(o, f, s);
	if (f->o.multi)
		json_multi(o, f, s);
	if (f->o.claim) {
		json_procedure(o, f, "between", s->between);
		json_procedure(o, f, "within", s->within);
	}
	if (f->o.baselines)
		increment_json(o, f, s->increment);
	if (syc_fit_has_nulls(&f->o))
		json_nulls(o, f, s);
	if (s->apart)
		json_apart(o, f, s);
	put(o, "}");
}

/* "n":..., of a difference between two areas; "p_adj" where there is one. */
static void json_areas(struct sheet *o, const struct syc_auc_diff *x, const double *p_adj)
{
	const struct table_field v[] = {
		{ "a_auc", x->a }, { "b_auc", x->b }, { "diff", x->diff },
		{ "se", x->se }, { "z", x->z }, { "p", x->p },
		{ "lo", x->lo }, { "hi", x->hi },
		{ "plain_lo", x->plain_lo }, { "plain_hi", x->plain_hi },
	};

	put(o, "\"n\":%zu,\"positives\":%zu", x->n_pos + x->n_neg, x->n_pos);
	JSON_FIELDS(o, v);
	if (!p_adj)
		return;
	put(o, ",");
	json_field(o, "p_adj", *p_adj);
}

static void json_diff(struct sheet *o, const struct syc_fit *f,
		      const struct syc_fit_diff *d)
{
	const uint32_t *layer = f->scores->layer;

	put(o, "{\"a\":");
	json_text(o, d->a->vector);
	json_string(o, "b", d->b->vector);
	json_string(o, "position", d->a->position);
	json_string(o, "b_position", d->b->position);
	json_string(o, "paired", d->by_id ? "id" : "row");
	put(o, ",\"layers\":[");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		put(o, "%s{\"layer\":%" PRIu32 ",", l ? ",\n" : "\n", layer[l]);
		json_areas(o, &d->layer[l], &d->p_adj[l]);
		put(o, "}");
	}
	put(o, "]");
	if (!isnan(d->test.p)) {
		put(o, ",\n\"test\":{\"a_layer\":%" PRIu32 ",\"a_sign\":%d,\"b_layer\":%" PRIu32
		    ",\"b_sign\":%d,\"claims\":%zu,", layer[d->test_layer[0]],
		    d->test_sign[0], layer[d->test_layer[1]], d->test_sign[1], d->test_claims);
		json_areas(o, &d->test, NULL);
		put(o, "}");
	}
	put(o, "}");
}

void json_counts(struct sheet *o, const struct syc_scores *s)
{
	put(o, "\"rows\":{\"read\":%" PRIu64 ",\"%s\":%zu", s->n_rows,
	    s->outcome ? "with_outcome" : "labeled", s->n_labeled);
	if (s->measures)
		json_string(o, "measures", s->measures);
	put(o, ",\"%s\":%" PRIu64 ",\"not\":%" PRIu64, s->outcome ? "above_0" :
	    s->measures ? "measured" : "sycophantic", s->n_syc, s->n_not);
	put(o, ",\"undecided\":%" PRIu64 ",\"skipped\":%" PRIu64 "}",
	    s->n_undecided, s->n_skipped);
}

void json_sets(struct sheet *o, const struct syc_fit *f)
{
	put(o, "\"fits\":[");
	for (size_t i = 0; i < f->scores->n_sets; i++) {
		put(o, i ? ",\n" : "\n");
		json_set(o, f, &f->set[i]);
	}
	put(o, "]");
}

void json_settings(struct sheet *o, const struct syc_fit *f)
{
	const struct syc_fit_opts *p = &f->o;

	put(o, "{\"program\":\"syc-fit\",\"version\":\"%s\",\n", syc_version());
	put(o, "\"confidence\":0.95,\"interval\":\"%s-wilson\","
	    "\"adjustment\":\"benjamini-hochberg\",\"seed\":%" PRIu64,
	    p->cluster ? "obuchowski" : "delong", p->seed);
	if (p->cluster)
		json_string(o, "cluster", p->cluster);
	if (p->outcome)
		json_string(o, "outcome", p->outcome);
	if (p->undecided)
		put(o, ",\"undecided_are\":%d", p->undecided == SYC_UNDECIDED_SYC);
	if (p->weight)
		json_string(o, "weight", p->weight);
	if (p->group)
		json_string(o, "group", p->group);
	if (p->claim)
		json_string(o, "claim", p->claim);
	if (p->view)
		json_string(o, "view", p->view);
	if (p->n_boot)
		put(o, ",\"boot\":%zu", p->n_boot);
	if (p->n_perm)
		put(o, ",\"permutations\":%zu", p->n_perm);
	if (f->cross)
		put(o, ",\"folds\":%zu", f->n_folds);
	/* A projection is the dot product with a direction of length 1. */
	if (p->n_null[SYC_NULL_RANDOM])
		put(o, ",\"null\":%zu", p->n_null[SYC_NULL_RANDOM]);
	if (syc_fit_has_nulls(p))
		put(o, ",\"metric\":\"%s\",\"centered\":%s",
		    p->metric == SYC_METRIC_COSINE ? "cosine" : "dot",
		    p->center ? "true" : "false");
	put(o, ",\n");
}

void fit_json(struct sheet *o, const struct syc_fit *f)
{
	json_settings(o, f);
	json_counts(o, f->scores);
	put(o, ",\n");
	json_sets(o, f);
	for (size_t i = 0; i < f->n_diffs; i++) {
		put(o, i ? ",\n" : ",\n\"compare\":[\n");
		json_diff(o, f, &f->diff[i]);
	}
	put(o, "%s}\n", f->n_diffs ? "]" : "");
}
