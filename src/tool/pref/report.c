/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "tool/pref/pref.h"

static const char *const quantile_names[SYC_PREFER_QUANTILES] = {
	"lo95", "lo50", "median", "hi50", "hi95",
};

static size_t pairs_of(const struct pref_report *r, size_t i)
{
	return i < r->data->k ? r->data->n_differ[i] : 0;
}

static double scale_of(const struct pref_report *r, size_t i)
{
	return i < r->data->k ? r->data->scale[i] : NAN;
}

/* ---- for the eye --------------------------------------------------------------- */

static void text_score(struct sheet *o, const struct syc_prefer_score *s)
{
	char c[3][CELL];

	put(o, "%s right %s of %zu pairs, log P %s\n",
	    fixed(c[0], s->accuracy, 3), range(c[1], s->lo, s->hi), s->n,
	    fixed(c[2], s->log_lik, 4));
}

static void text_rows(struct sheet *o, const struct pref_report *r)
{
	const struct syc_prefer_data *p = r->data;
	const struct syc_prefer *f = r->found;

	put(o,
	    "%zu pairs of %zu prompts with %zu features; left out: "
	    "%zu ties, %zu without features\n",
	    p->n, p->n_prompts, p->k, p->n_ties, p->n_bare);
	put(o, "to fit %zu pairs of %zu prompts", f->n_rows[0],
	    f->n_prompts[0]);
	if (f->n_tried)
		put(o, ", to choose b %zu of %zu", f->n_rows[1],
		    f->n_prompts[1]);
	put(o, ", to test %zu of %zu\n", f->n_rows[2], f->n_prompts[2]);
}

static void text_path(struct sheet *o, const struct syc_prefer *f)
{
	char c[4][CELL];

	if (f->n_tried)
		put(o, "\n%-10s %8s %8s  %s\n", "b", "log P", "+-", "right");
	for (size_t i = 0; i < f->n_tried; i++) {
		const struct syc_prefer_tried *t = &f->tried[i];

		put(o, "%-8.3g %s %8s %8s  %s %s\n", t->b,
		    t->b == f->b ? "<" : " ", fixed(c[0], t->score.log_lik, 4),
		    fixed(c[1], t->score.se, 4),
		    fixed(c[2], t->score.accuracy, 3),
		    range(c[3], t->score.lo, t->score.hi));
	}
}

static void text_effect(struct sheet *o, const struct pref_report *r, size_t i,
			int width)
{
	const struct syc_prefer_effect *e = &r->found->effect[i];
	const double *p = e->p;
	struct syc_buf name = { 0 };
	struct sheet of = { .b = &name };
	char c[5][CELL];

	put_name(&of, e->name);
	o->bad |= of.bad || name.failed;
	put(o, "%-*s %s %6s  %-16s %-16s ", width, name.data ? name.data : "",
	    e->is_sum		  ? "+"
	    : scale_of(r, i) == 1 ? " "
				  : "s",
	    fixed(c[0], p[SYC_PREFER_MEDIAN], 3),
	    range(c[1], p[SYC_PREFER_LO50], p[SYC_PREFER_HI50]),
	    range(c[2], p[SYC_PREFER_LO95], p[SYC_PREFER_HI95]));
	if (e->is_sum)
		put(o, "%6s", "-");
	else
		put(o, "%6zu", pairs_of(r, i));
	put(o, " %6s %6s\n", fixed(c[3], e->mcmc.rhat, 3),
	    fixed(c[4], e->mcmc.ess_bulk, 0));
	syc_buf_free(&name);
}

static void text_prior(struct sheet *o, const struct syc_prefer *f, int width)
{
	const double *p = f->prior;
	char c[3][CELL];

	put(o, "%-*s   %6s  %-16s %-16s\n", width, "(prior)",
	    fixed(c[0], p[SYC_PREFER_MEDIAN], 3),
	    range(c[1], p[SYC_PREFER_LO50], p[SYC_PREFER_HI50]),
	    range(c[2], p[SYC_PREFER_LO95], p[SYC_PREFER_HI95]));
}

static void text_effects(struct sheet *o, const struct pref_report *r)
{
	const struct syc_prefer *f = r->found;
	bool scaled = false, sums = false;
	int width = 7;

	for (size_t i = 0; i < f->n; i++) {
		const int n = snprintf(NULL, 0, "%s", f->effect[i].name);

		width = n > width && n < 40 ? n : width;
		sums |= f->effect[i].is_sum;
		scaled |= i < r->data->k && scale_of(r, i) != 1;
	}
	put(o,
	    "\nP(preferred), all else equal, given b = %.3g: medians, 50 %% and 95 %% intervals\n",
	    f->b);
	put(o, "%-*s   %6s  %-16s %-16s %6s %6s %6s\n", width, "feature", "P",
	    "50 %", "95 %", "pairs", "R-hat", "ESS");
	for (size_t i = 0; i < f->n; i++)
		text_effect(o, r, r->found->order[i], width);
	text_prior(o, f, width);
	if (scaled)
		put(o,
		    "s: of an answer with one standard deviation of the difference more\n");
	if (sums)
		put(o, "+: of an answer with all that is summed\n");
	put(o,
	    "all else equal: all features that are listed; others may stand behind them\n");
}

static void text_draws(struct sheet *o, const struct syc_prefer *f)
{
	const struct syc_nuts *s = f->draws;
	char c[4][CELL];

	if (!isnan(f->pair_r)) {
		put(o, "strongest posterior correlation: %s of ",
		    fixed(c[0], f->pair_r, 2));
		put_name(o, f->pair[0]);
		put(o, " and ");
		put_name(o, f->pair[1]);
		put(o, "\n");
	}
	put(o,
	    "%zu chains of %zu draws: R-hat at most %s, effective draws at least "
	    "%s (bulk), %s (tail), "
	    "%zu divergences\n",
	    s->n_chains, s->n_draws, fixed(c[1], f->rhat, 4),
	    fixed(c[2], f->ess_bulk, 0), fixed(c[3], f->ess_tail, 0),
	    s->n_divergent);
}

void pref_text(struct sheet *o, const struct pref_report *r)
{
	const struct syc_prefer *f = r->found;

	text_rows(o, r);
	text_path(o, f);
	text_effects(o, r);
	put(o, "\n");
	if (f->test.n) {
		put(o, "tested:          ");
		text_score(o, &f->test);
	}
	put(o, "leave one out:   ");
	text_score(o, &f->loo.score);
	text_draws(o, f);
}

/* ---- for programs ---------------------------------------------------------------- */

void pref_tsv(struct sheet *o, const struct pref_report *r)
{
	put(o, "feature\tsum\tpairs\tscale");
	for (size_t q = 0; q < SYC_PREFER_QUANTILES; q++)
		put(o, "\tp_%s", quantile_names[q]);
	for (size_t q = 0; q < SYC_PREFER_QUANTILES; q++)
		put(o, "\tbeta_%s\tbeta_%s_se", quantile_names[q],
		    quantile_names[q]);
	put(o, "\trhat\tess_bulk\tess_tail\n");
	for (size_t k = 0; k < r->found->n; k++) {
		const size_t i = r->found->order[k];
		const struct syc_prefer_effect *e = &r->found->effect[i];

		put_name(o, e->name);
		put(o, "\t%d\t%zu", e->is_sum, pairs_of(r, i));
		tsv_num(o, scale_of(r, i));
		for (size_t q = 0; q < SYC_PREFER_QUANTILES; q++)
			tsv_num(o, e->p[q]);
		for (size_t q = 0; q < SYC_PREFER_QUANTILES; q++) {
			tsv_num(o, e->beta[q]);
			tsv_num(o, e->se[q]);
		}
		tsv_num(o, e->mcmc.rhat);
		tsv_num(o, e->mcmc.ess_bulk);
		tsv_num(o, e->mcmc.ess_tail);
		put(o, "\n");
	}
}

static void json_score(struct sheet *o, const struct syc_prefer_score *s)
{
	const struct table_field f[] = {
		{"log_lik", s->log_lik},   {"se", s->se},
		{"accuracy", s->accuracy}, {"accuracy_lo", s->lo},
		{"accuracy_hi", s->hi},
	};

	put(o, "\"pairs\":%zu,\"prompts\":%zu", s->n, s->n_prompts);
	JSON_FIELDS(o, f);
}

static void json_quantiles(struct sheet *o, const double *x)
{
	for (size_t q = 0; q < SYC_PREFER_QUANTILES; q++) {
		put(o, q ? "," : "{");
		json_field(o, quantile_names[q], x[q]);
	}
	put(o, "}");
}

static void json_effect(struct sheet *o, const struct pref_report *r, size_t i)
{
	const struct syc_prefer_effect *e = &r->found->effect[i];
	const struct table_field m[] = {
		{ "rhat", e->mcmc.rhat }, { "ess_bulk", e->mcmc.ess_bulk },
		{ "ess_tail", e->mcmc.ess_tail },
	};
	const double *const of[] = { e->p, e->beta, e->se };
	static const char *const key[] = { "p", "beta", "beta_se" };

	put(o, "{\"feature\":");
	json_text(o, e->name);
	put(o, ",\"sum\":%s,\"pairs\":%zu,", e->is_sum ? "true" : "false",
	    pairs_of(r, i));
	json_field(o, "scale", scale_of(r, i));
	for (size_t k = 0; k < 3; k++) {
		put(o, ",\"%s\":", key[k]);
		json_quantiles(o, of[k]);
	}
	JSON_FIELDS(o, m);
	put(o, "}");
}

static void json_sampler(struct sheet *o, const struct pref_report *r)
{
	const struct syc_prefer *f = r->found;
	const struct syc_nuts *s = f->draws;
	const struct table_field m[] = {
		{"rhat", f->rhat},
		{"ess_bulk", f->ess_bulk},
		{"ess_tail", f->ess_tail},
	};

	put(o,
	    "\"sampler\":{\"chains\":%zu,\"warmup\":%zu,\"draws\":%zu,\"divergences\":%zu,"
	    "\"deepest\":%zu",
	    s->n_chains, r->plan->nuts.n_warmup, s->n_draws, s->n_divergent,
	    s->n_deepest);
	JSON_FIELDS(o, m);
	put(o, ",\"by_chain\":[");
	for (size_t i = 0; i < s->n_chains; i++) {
		const struct syc_nuts_chain *c = &s->chain[i];
		const struct table_field g[] = {
			{"step", c->step},
			{"accept", c->accept},
			{"depth", c->depth},
		};

		put(o,
		    "%s{\"divergences\":%zu,\"deepest\":%zu,\"gradients\":%llu",
		    i ? "," : "", c->n_divergent, c->n_deepest,
		    (unsigned long long)c->n_gradients);
		JSON_FIELDS(o, g);
		put(o, "}");
	}
	put(o, "]}");
}

static void json_rows(struct sheet *o, const struct pref_report *r)
{
	static const char *const part[] = { "fit", "choose", "test" };
	const struct syc_prefer_data *p = r->data;

	put(o,
	    "{\"program\":\"syc-pref\",\"version\":\"%s\",\"seed\":%llu,\"choice_by\":",
	    syc_version(), (unsigned long long)r->plan->nuts.seed);
	if (r->choice_by)
		json_text(o, r->choice_by);
	else
		put(o, "null");
	put(o,
	    ",\n\"pairs\":%zu,\"prompts\":%zu,\"ties\":%zu,\"without_features\":%zu,\"split\":{",
	    p->n, p->n_prompts, p->n_ties, p->n_bare);
	for (unsigned i = 0; i < 3; i++)
		put(o, "%s\"%s\":{\"pairs\":%zu,\"prompts\":%zu}", i ? "," : "",
		    part[i], r->found->n_rows[i], r->found->n_prompts[i]);
	put(o, "},\n");
}

void pref_json(struct sheet *o, const struct pref_report *r)
{
	const struct syc_prefer *f = r->found;

	json_rows(o, r);
	json_field(o, "b", f->b);
	put(o, ",\"path\":[");
	for (size_t i = 0; i < f->n_tried; i++) {
		put(o, "%s{", i ? ",\n" : "\n");
		json_field(o, "b", f->tried[i].b);
		put(o, ",");
		json_score(o, &f->tried[i].score);
		put(o, ",");
		json_field(o, "rhat", f->tried[i].rhat);
		put(o, "}");
	}
	put(o, "],\n\"effects\":[");
	for (size_t k = 0; k < f->n; k++) {
		put(o, k ? ",\n" : "\n");
		json_effect(o, r, r->found->order[k]);
	}
	put(o, "],\n\"prior\":");
	json_quantiles(o, f->prior);
	put(o, ",\n\"test\":%s", f->test.n ? "{" : "null");
	if (f->test.n)
		json_score(o, &f->test);
	put(o, "%s,\n\"leave_one_out\":{", f->test.n ? "}" : "");
	json_score(o, &f->loo.score);
	put(o, ",\"bad\":%zu,", f->loo.n_bad);
	json_field(o, "most_k", f->loo.most_k);
	put(o, "},\n\"correlation\":");
	if (isnan(f->pair_r)) {
		put(o, "null");
	} else {
		put(o, "{\"a\":");
		json_text(o, f->pair[0]);
		put(o, ",\"b\":");
		json_text(o, f->pair[1]);
		put(o, ",");
		json_field(o, "r", f->pair_r);
		put(o, "}");
	}
	put(o, ",\n");
	json_sampler(o, r);
	put(o, "}\n");
}
