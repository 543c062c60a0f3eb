/* SPDX-License-Identifier: MIT */
/* What a sweep found: a table, columns, a document. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/sweep/sweep.h"

static const char *const kinds[] = { "none", "steer", "random", "prompt" };
_Static_assert(sizeof(kinds) / sizeof(*kinds) == SYC_SWEEP_N_KINDS,
	       "a kind without a name");

static bool is_steered(const struct syc_sweep_setting *s)
{
	return s->vector != NULL;
}

static const char *op_of(const struct syc_sweep_setting *s)
{
	return syc_steer_op_info(s->rule.op)->name;
}

static const char *prompt_of(const struct sweep *w,
			     const struct syc_sweep_setting *s)
{
	return w->prompt.text[s->variant - 1];
}

static void put_layers(struct sheet *o, const struct syc_sweep_setting *s)
{
	if (syc_sweep_layers_text(o->b, s->rule.layers, s->rule.n_layers) < 0)
		o->bad = true;
}

/* The figures of a result, in the order of columns. */
enum { N_FIGURES = 9 };
static const char *const figures[N_FIGURES] = {
	"p_match", "change", "change_lo", "change_hi", "chosen",
	"chosen_change", "chosen_change_lo", "chosen_change_hi", "wrong_way",
};

static void figures_of(double x[N_FIGURES], const struct syc_sweep_result *r)
{
	const double all[N_FIGURES] = {
		r->p.value, r->p.change, r->p.lo, r->p.hi, r->chosen.value,
		r->chosen.change, r->chosen.lo, r->chosen.hi, r->wrong,
	};

	memcpy(x, all, sizeof(all));
}

/* An outcome that is not P(matching) alone. */
static bool has_effect(const struct sweep *w)
{
	return w->settings.outcome != SYC_SWEEP_MATCHING;
}

/* ---- the table -------------------------------------------------------------------- */

/* Text of the table's, filled up with spaces to a width. */
static void put_padded(struct sheet *o, const char *s, size_t width)
{
	const size_t from = o->b->len;
	char cell[CELL];

	snprintf(cell, sizeof(cell), "%s", s);
	put_name(o, cell);
	while (o->b->len < from + width && !o->bad)
		put(o, " ");
}

static void put_change(struct sheet *o, const struct syc_sweep_mean *m)
{
	char x[CELL];

	if (isnan(m->lo))
		put(o, " %7s %16s", fixed(x, m->change, 3), "");
	else
		put(o, " %+7.3f [%+.3f, %+.3f]", m->change, m->lo, m->hi);
}

struct widths {
	size_t name, layers;
};

/* What it is: vector or baseline, layers, operator and scale. */
static void put_setting(struct sheet *o, const struct sweep *w,
			const struct syc_sweep_setting *s, struct widths to)
{
	const size_t all = to.name + to.layers + 20;
	char name[CELL + 16];
	struct syc_buf layers = { 0 };
	struct sheet of_layers = { .b = &layers };

	if (!is_steered(s)) {
		snprintf(name, sizeof(name), "prompt: %s",
			 s->variant ? prompt_of(w, s) : "");
		put_padded(o, s->variant ? name : "unsteered", all);
		return;
	}
	put_layers(&of_layers, s);
	put_padded(o, s->draw ? "random" : s->vector->name, to.name);
	put(o, " %*s %-10s%8.4g", (int)to.layers,
	    layers.data ? layers.data : "", op_of(s), s->scale);
	o->bad = o->bad || of_layers.bad;
	syc_buf_free(&layers);
}

static void put_row(struct sheet *o, const struct sweep *w,
		    const struct syc_sweep_setting *s, struct widths to)
{
	const double cells[] = {
		s->main.wrong, s->kl, s->text_kl, s->perplexity, s->repetition,
	};
	const int digits[] = { 3, 4, 4, s->perplexity < 1e5 ? 2 : 4, 3 };
	char x[CELL];

	put_setting(o, w, s, to);
	put(o, "%s %8s", s->reached ? " " : "*", fixed(x, s->main.p.value, 3));
	put_change(o, &s->main.p);
	put(o, " %7s", fixed(x, s->main.chosen.value, 3));
	for (size_t i = 0; i < 5; i++)
		put(o, " %8s", fixed(x, cells[i], digits[i]));
	if (has_effect(w)) {
		put(o, " %8s", fixed(x, s->effect.value, 3));
		put_change(o, &s->effect);
	}
	if (w->control.n) {
		put(o, " %8s", fixed(x, s->control.p.value, 3));
		put_change(o, &s->control.p);
		put(o, " %7s", fixed(x, s->control.chosen.value, 3));
	}
	put(o, "\n");
}

static void put_head(struct sheet *o, const struct sweep *w, struct widths to)
{
	static const char change[] = "  change  95 % interval  ";

	put(o, "%zu questions", w->questions.n);
	if (w->control.n)
		put(o, ", %zu of the control", w->control.n);
	put(o, " on %zu claims; KL over %zu answers%s", w->questions.n_claims,
	    w->settings.n_answers, w->unrelated.n ? " to unrelated prompts" : "");
	if (w->plan.at_kl > 0)
		put(o, "; scales for a KL of %g nats per token of the %s",
		    w->plan.at_kl, w->plan.kl_on_text ? "text" : "answers");
	put(o, "\n\n%-*s %*s %-10s%8s  %8s%s  chosen", (int)to.name, "vector",
	    (int)to.layers, "layer", "operator", "scale", "P(match)", change);
	put(o, " %8s %8s %8s %8s %8s", "wrong", "KL", "text KL", "perpl.",
	    "repeated");
	if (has_effect(w))
		put(o, " %8s%s", "effect", change);
	if (w->control.n)
		put(o, " %8s%s  chosen", "control", change);
	put(o, "\n");
}

static struct widths measure(const struct sweep *w)
{
	struct widths to = { 9, 5 };

	for (size_t i = 0; i < w->direction.n; i++)
		if (strlen(w->vector[i].name) > to.name)
			to.name = strlen(w->vector[i].name);
	for (size_t i = 0; i < w->settings.n; i++) {
		const struct syc_steer_rule *r = &w->settings.setting[i].rule;
		struct syc_buf b = { 0 };

		syc_sweep_layers_text(&b, r->layers, r->n_layers);
		if (b.len > to.layers)
			to.layers = b.len;
		syc_buf_free(&b);
	}
	if (to.name >= CELL)
		to.name = CELL - 1;
	return to;
}

static void put_table(struct sheet *o, const struct sweep *w)
{
	const struct widths to = measure(w);
	bool short_of = false;

	put_head(o, w, to);
	for (size_t i = 0; i < w->settings.n; i++) {
		put_row(o, w, &w->settings.setting[i], to);
		short_of = short_of || !w->settings.setting[i].reached;
	}
	if (short_of)
		put(o, "\n* does not reach that KL: the nearest found\n");
	if (has_effect(w))
		put(o, "\neffect: %s; its intervals and those of changes are over claims\n",
		    syc_sweep_outcome_name(w->settings.outcome));
	else if (w->questions.stated)
		put(o, "\nP(matching) does not say whether the user's view matters: that takes %d "
		    "claims or more\nwith users of both views, or of one and none\n",
		    SYC_BOOT_CLUSTERS);
	text_tests(o, w);
	text_curves(o, w);
}

/* ---- columns ----------------------------------------------------------------------- */

static void tsv_text(struct sheet *o, const char *s)
{
	put(o, "\t");
	put_name(o, s);
}

static void tsv_result(struct sheet *o, const struct syc_sweep_result *r)
{
	double x[N_FIGURES];

	figures_of(x, r);
	for (size_t i = 0; i < N_FIGURES; i++)
		tsv_num(o, x[i]);
}

static void tsv_mean(struct sheet *o, const struct syc_sweep_mean *m)
{
	const double x[] = { m->value, m->change, m->lo, m->hi };

	for (size_t i = 0; i < 4; i++)
		tsv_num(o, x[i]);
}

static void tsv_row(struct sheet *o, const struct sweep *w,
		    const struct syc_sweep_setting *s)
{
	const double cost[] = { s->kl, s->text_kl, s->perplexity, s->repetition };

	put(o, "%s", kinds[s->kind]);
	if (is_steered(s)) {
		tsv_text(o, s->vector->name);
		tsv_num(o, s->draw ? (double)s->draw : NAN);
		put(o, "\t");
		put_layers(o, s);
		tsv_text(o, op_of(s));
		tsv_num(o, s->scale);
	} else {
		tsv_text(o, s->variant ? prompt_of(w, s) : "NA");
		put(o, "\tNA\tNA\tNA\tNA");
	}
	tsv_num(o, s->reached);
	tsv_result(o, &s->main);
	for (size_t i = 0; i < 4; i++)
		tsv_num(o, cost[i]);
	tsv_result(o, &s->control);
	tsv_mean(o, &s->effect);
	put(o, "\n");
}

static void put_tsv(struct sheet *o, const struct sweep *w)
{
	put(o, "kind\tvector\tdraw\tlayers\top\tscale\treached");
	for (size_t i = 0; i < N_FIGURES; i++)
		put(o, "\t%s", figures[i]);
	put(o, "\tkl\ttext_kl\tperplexity\trepetition");
	for (size_t i = 0; i < N_FIGURES; i++)
		put(o, "\tcontrol_%s", figures[i]);
	put(o, "\teffect\teffect_change\teffect_lo\teffect_hi\n");
	for (size_t i = 0; i < w->settings.n; i++)
		tsv_row(o, w, &w->settings.setting[i]);
}

/* ---- the document ------------------------------------------------------------------ */

static void json_result(struct sheet *o, const struct syc_sweep_result *r)
{
	double x[N_FIGURES];

	figures_of(x, r);
	for (size_t i = 0; i < N_FIGURES; i++) {
		put(o, ",");
		json_field(o, figures[i], x[i]);
	}
}

static void json_steered(struct sheet *o, const struct syc_sweep_setting *s)
{
	const struct syc_steer_rule *r = &s->rule;

	put(o, ",\"vector\":");
	json_text(o, s->vector->name);
	if (s->draw)
		put(o, ",\"draw\":%zu", s->draw);
	put(o, ",");
	json_field(o, "layer", r->n_layers == 1 ? (double)r->layers[0] : NAN);
	put(o, ",\"layers\":\"");
	put_layers(o, s);
	put(o, "\",\"op\":\"%s\",", op_of(s));
	json_field(o, "scale", s->scale);
	put(o, ",\"steer\":");
	if (syc_steer_describe(s->steer, o->b) < 0)
		o->bad = true;
	put(o, ",\"reached\":%s", s->reached ? "true" : "false");
}

static void json_setting(struct sheet *o, const struct sweep *w,
			 const struct syc_sweep_setting *s)
{
	const struct table_field cost[] = {
		{ "kl", s->kl }, { "text_kl", s->text_kl },
		{ "perplexity", s->perplexity }, { "repetition", s->repetition },
		{ "effect", s->effect.value }, { "effect_change", s->effect.change },
		{ "effect_lo", s->effect.lo }, { "effect_hi", s->effect.hi },
	};

	put(o, "{\"kind\":\"%s\"", kinds[s->kind]);
	if (s->variant) {
		put(o, ",\"system\":");
		json_text(o, prompt_of(w, s));
	}
	if (is_steered(s))
		json_steered(o, s);
	json_result(o, &s->main);
	JSON_FIELDS(o, cost);
	put(o, ",\"by_claim\":[");
	for (size_t c = 0; c < w->questions.n_claims; c++) {
		put(o, c ? "," : "");
		json_num(o, s->by_claim[c]);
	}
	put(o, "]");
	if (w->control.n) {
		put(o, ",\"control\":{\"n\":%zu", w->control.n);
		json_result(o, &s->control);
		put(o, "}");
	}
	put(o, "}");
}

static void put_json(struct sheet *o, const struct sweep *w,
		     const struct tool *t)
{
	const struct syc_sweep_plan *plan = &w->plan;

	put(o, "{");
	if (load_describe(t, &w->load, &w->prompter[0], w->model, o->b) < 0)
		o->bad = true;
	put(o, ",\"n\":%zu,\"n_control\":%zu,\"boot\":%zu,\"seed\":%" PRIu64,
	    w->questions.n, w->control.n, plan->boot, plan->seed);
	put(o, ",\"answers\":%zu,\"max_tokens\":%zu,\"text_tokens\":%zu"
	    ",\"kl_on\":\"%s\",",
	    w->settings.n_answers, plan->max_new, w->settings.n_text,
	    plan->kl_on_text ? "text" : "answers");
	json_field(o, "at_kl", plan->at_kl > 0 ? plan->at_kl : NAN);
	put(o, ",\"settings\":[");
	for (size_t i = 0; i < w->settings.n; i++) {
		put(o, i ? ",\n" : "\n");
		json_setting(o, w, &w->settings.setting[i]);
	}
	put(o, "\n]");
	json_shown(o, w);
	put(o, "}\n");
}

int sweep_report(struct syc_buf *b, const struct sweep *w, const struct tool *t)
{
	struct sheet o = { .b = b };

	o.form = w->json ? SHEET_JSON : w->tsv ? SHEET_TSV : SHEET_TEXT;
	if (w->json)
		put_json(&o, w, t);
	else if (w->tsv && w->per_question)
		tsv_curves(&o, w);
	else if (w->tsv)
		put_tsv(&o, w);
	else
		put_table(&o, w);
	return o.bad ? SYC_ENOMEM : 0;
}
