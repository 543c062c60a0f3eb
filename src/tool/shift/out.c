/* SPDX-License-Identifier: MIT */
/* What a shift is: tables, columns, a document. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include "syc/sweep_test.h"
#include "tool/shift/shift.h"

static bool has_effect(const struct shift *w)
{
	return w->found->outcome != SYC_SWEEP_MATCHING;
}

static bool is_own(const struct shift *w, const struct syc_shift_layer *l)
{
	return l->position == w->plan.position;
}

/* ---- tables ------------------------------------------------------------------- */

/* "  0.512 [0.489, 0.534]" in a column of its own width. */
static void put_figure(struct sheet *o, const struct syc_shift_figure *f,
		       int digits)
{
	char x[CELL], cell[3 * CELL];

	if (isnan(f->lo))
		snprintf(cell, sizeof(cell), "%s%*s",
			 fixed(x, f->value, digits), 2 * digits + 8, "");
	else
		snprintf(cell, sizeof(cell), "%s [%.*f, %.*f]",
			 fixed(x, f->value, digits), digits, f->lo, digits,
			 f->hi);
	put(o, "  %*s", 3 * digits + 13, cell);
}

static void put_model(struct sheet *o, const struct shift *w, const char *name,
		      const struct syc_shift_figure *p,
		      const struct syc_shift_figure *effect,
		      const struct syc_shift_figure *mass)
{
	put(o, "%-8s", name);
	put_figure(o, p, 3);
	if (has_effect(w))
		put_figure(o, effect, 3);
	if (mass)
		put_figure(o, mass, 3);
	put(o, "\n");
}

static void put_head(struct sheet *o, const struct shift *w)
{
	const struct syc_shift_found *f = w->found;
	char x[CELL];

	put(o,
	    "%zu questions on %zu claims; %zu unrelated prompts with %zu tokens of answers\n",
	    f->n_questions, f->n_claims, f->n_prompts, f->n_tokens);
	put(o, "adapter as given times %s%s\nKL(tuned || base), nats a token:",
	    fixed(x, w->scale.scale, 4),
	    w->scale.reached ? "" : ", the nearest to that KL");
	put_figure(o, &f->kl, 4);
	put(o, " on unrelated prompts\n%31s", "");
	put_figure(o, &f->kl_questions, 4);
	put(o, " behind the questions\n\n%-8s%24s", "",
	    "P(matching)          ");
	if (has_effect(w))
		put(o, "%24s",
		    f->outcome == SYC_SWEEP_OPPOSITE
			    ? "stance effect         "
			    : "against no view        ");
	put(o, "%24s\n", "mass             ");
	put_model(o, w, "base", &f->base.p_match, &f->base.effect,
		  &f->base.mass);
	put_model(o, w, "tuned", &f->tuned.p_match, &f->tuned.effect,
		  &f->tuned.mass);
	put_model(o, w, "change", &f->change, &f->effect_change, NULL);
}

static void put_layer(struct sheet *o, const struct shift *w,
		      const struct syc_shift_layer *l)
{
	char x[CELL];

	put(o, "%5" PRIu32 " %8s", l->layer, fixed(x, l->share.length, 3));
	put(o, " %8s", fixed(x, l->relative, 3));
	put_figure(o, &l->share.constant, 3);
	put(o, " %7s", fixed(x, l->share.null_95, 3));
	put(o, " %7s", chance(x, l->share.p));
	for (size_t i = 0; l->along && i < w->direction.n; i++) {
		put(o, "   %7s", fixed(x, l->along[i].cosine, 3));
		put(o, " %7s", chance(x, l->along[i].p));
	}
	put(o, "\n");
}

static void put_layers(struct sheet *o, const struct shift *w,
		       enum syc_position position)
{
	const bool own = position == w->plan.position;

	put(o,
	    "\nShift at the %s\nlayer   length relative            constant share  null 95 %%"
	    "       p",
	    position == SYC_POSITION_LAST ? "last token"
					  : "prompt's last token");
	for (size_t i = 0; own && i < w->direction.n; i++) {
		put(o, "   cosine with ");
		put_name(o, w->vector[i].name);
	}
	put(o, "\n");
	for (size_t i = 0; i < w->found->n; i++)
		if (w->found->layer[i].position == position)
			put_layer(o, w, &w->found->layer[i]);
}

static void put_undo(struct sheet *o, const struct syc_shift_undo *u)
{
	char x[CELL];

	put_figure(o, &u->p, 3);
	put(o, " %8s", fixed(x, u->kl, 4));
	put(o, " %7s", chance(x, u->null_p));
}

/* A vector where it is ablated: one layer, or those of both halves. */
static void put_ablated(struct sheet *o, const uint32_t *layer, size_t n,
			const char *name, const struct syc_shift_undo *u)
{
	char where[CELL];

	snprintf(where, sizeof(where),
		 n > 1 ? "%" PRIu32 ",%3" PRIu32 : "%" PRIu32, layer[0],
		 layer[n - 1]);
	put(o, "%7s", where);
	put_undo(o, u);
	put(o, "  ");
	put_name(o, name);
	put(o, n > 1 ? "  chosen by the other half\n" : "\n");
}

static void put_what_was_made(struct sheet *o, const struct syc_shift_made *m,
			      const struct syc_shift_figure *unrelated)
{
	char x[CELL];

	put_figure(o, &m->kl_left, 3);
	put(o, " %7s", chance(x, m->null_left_p));
	if (unrelated)
		put_figure(o, unrelated, 3);
	else
		put(o, "%24s", "");
	put_figure(o, &m->make, 3);
	put(o, " %7s", chance(x, m->null_p));
	put(o, " %10s", fixed(x, m->kl, 4));
}

static void put_made(struct sheet *o, const struct shift *w)
{
	const struct syc_shift_found *f = w->found;

	put(o,
	    "\nMean shift added to the base; each half of the claims tested with the other's\n"
	    "  layer                KL left  null p    on unrelated prompts                   make"
	    "  null p         KL\n");
	for (size_t i = 0; i < f->n; i++) {
		const struct syc_shift_layer *l = &f->layer[i];

		if (!l->tried)
			continue;
		put(o, "%7" PRIu32, l->layer);
		put_what_was_made(o, &l->made, &l->kl_left_unrelated);
		put(o, "\n");
	}
	put(o, "%3" PRIu32 ",%3" PRIu32, f->chosen.layer[0],
	    f->chosen.layer[1]);
	put_what_was_made(o, &f->chosen.made, NULL);
	put(o, "  chosen by the other half\n");
}

static void put_undone(struct sheet *o, const struct shift *w)
{
	const struct syc_shift_found *f = w->found;

	put(o, "\nAblated in the tuned model\n"
	    "  layer                   undo         KL  null p  vector\n");
	for (size_t i = 0; i < f->n; i++) {
		const struct syc_shift_layer *l = &f->layer[i];

		if (!l->tried)
			continue;
		put_ablated(o, &l->layer, 1, "shift", &l->undo);
		for (size_t k = 0; k < w->direction.n; k++)
			put_ablated(o, &l->layer, 1, w->vector[k].name,
				    &l->along[k].undo);
	}
	if (isnan(f->chosen.undo.p.value))
		return;
	put_ablated(o, f->chosen.undo.layer, 2, "shift", &f->chosen.undo);
	for (size_t k = 0; k < w->direction.n; k++)
		put_ablated(o, f->chosen.along[k].layer, 2, w->vector[k].name,
			    &f->chosen.along[k]);
}

static void put_table(struct sheet *o, const struct shift *w)
{
	const struct syc_shift_found *f = w->found;

	put_head(o, w);
	put_layers(o, w, SYC_POSITION_PROMPT);
	put_layers(o, w, SYC_POSITION_LAST);
	if (f->has_chosen) {
		put_made(o, w);
		put_undone(o, w);
		if (isnan(f->chosen.undo.p.value))
			put(o,
			    "\nWhat is made and undone cannot be told: the interval of the change "
			    "of P(matching) holds 0\n");
	} else {
		put(o,
		    "\nSteering is not tried: that takes layers, and four claims\n");
	}
}

/* ---- columns ------------------------------------------------------------------ */

static void tsv_figure(struct sheet *o, const struct syc_shift_figure *f)
{
	tsv_num(o, f->value);
	tsv_num(o, f->lo);
	tsv_num(o, f->hi);
}

static void tsv_undo(struct sheet *o, const struct syc_shift_undo *u)
{
	tsv_figure(o, &u->p);
	tsv_num(o, u->kl);
	tsv_num(o, u->null_p);
}

static void tsv_layer(struct sheet *o, const struct syc_shift_layer *l)
{
	const double x[] = { l->share.null_95, l->share.p };

	put(o, "%s\t%" PRIu32, syc_position_name(l->position), l->layer);
	tsv_num(o, l->share.length);
	tsv_num(o, l->relative);
	tsv_figure(o, &l->share.constant);
	tsv_num(o, x[0]);
	tsv_num(o, x[1]);
	tsv_figure(o, &l->made.kl_left);
	tsv_figure(o, &l->kl_left_unrelated);
	tsv_figure(o, &l->made.make);
	tsv_figure(o, &l->made.effect);
	tsv_num(o, l->made.kl);
	tsv_num(o, l->made.null_p);
	tsv_num(o, l->made.null_left_p);
	tsv_undo(o, &l->undo);
}

/* A row a layer and vector; without vectors one a layer. */
static void put_tsv(struct sheet *o, const struct shift *w)
{
	static const struct {
		const char *figure, *behind;
	} head[] = {
		{"constant", "\tnull_95\tp"},
		{"kl_left", ""},
		{"kl_left_unrelated", ""},
		{"make", ""},
		{"make_effect", "\tmake_kl\tmake_null_p\tkl_left_null_p"},
		{"undo", ""},
	};

	put(o, "position\tlayer\tlength\trelative");
	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		put(o, "\t%s\t%s_lo\t%s_hi%s", head[i].figure, head[i].figure,
		    head[i].figure, head[i].behind);
	put(o,
	    "\tundo_kl\tundo_null_p\tvector\tcosine\tcosine_p\tvector_undo\tvector_undo_lo"
	    "\tvector_undo_hi\tvector_undo_kl\tvector_undo_null_p\n");
	for (size_t i = 0; i < w->found->n; i++) {
		const struct syc_shift_layer *l = &w->found->layer[i];
		const size_t n = l->along ? w->direction.n : 0;

		for (size_t k = 0; k < (n ? n : 1); k++) {
			tsv_layer(o, l);
			if (!n) {
				put(o, "\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\n");
				continue;
			}
			put(o, "\t");
			put_name(o, w->vector[k].name);
			tsv_num(o, l->along[k].cosine);
			tsv_num(o, l->along[k].p);
			tsv_undo(o, &l->along[k].undo);
			put(o, "\n");
		}
	}
}

/* ---- the document -------------------------------------------------------------- */

static void json_figure(struct sheet *o, const char *key,
			const struct syc_shift_figure *f)
{
	put(o, ",\"%s\":", key);
	json_num(o, f->value);
	put(o, ",\"%s_lo\":", key);
	json_num(o, f->lo);
	put(o, ",\"%s_hi\":", key);
	json_num(o, f->hi);
}

static void json_list(struct sheet *o, const char *key, const double *x,
		      size_t n)
{
	put(o, ",\"%s\":[", key);
	for (size_t i = 0; i < n; i++) {
		put(o, i ? "," : "");
		json_num(o, x[i]);
	}
	put(o, "]");
}

static void json_layers(struct sheet *o, const char *key,
			const uint32_t layer[2])
{
	put(o, ",\"%s\":[%" PRIu32 ",%" PRIu32 "]", key, layer[0], layer[1]);
}

static void json_made(struct sheet *o, const struct syc_shift_made *m)
{
	const struct table_field more[] = {
		{"make_kl", m->kl}, {"make_p", m->null_p}, {"kl_left_p", m->null_left_p}};

	json_figure(o, "kl_left", &m->kl_left);
	json_figure(o, "make", &m->make);
	json_figure(o, "make_effect", &m->effect);
	JSON_FIELDS(o, more);
	json_list(o, "make_nulls", m->null, m->n_nulls);
	json_list(o, "kl_left_nulls", m->null_left, m->n_nulls);
}

static void json_undo(struct sheet *o, const struct syc_shift_undo *u)
{
	const struct table_field more[] = {{"undo_kl", u->kl},
					   {"undo_p", u->null_p}};

	json_figure(o, "undo", &u->p);
	json_figure(o, "undo_effect", &u->effect);
	JSON_FIELDS(o, more);
	json_list(o, "undo_nulls", u->null, u->n_nulls);
}

static void json_model(struct sheet *o, const char *name,
		       const struct syc_shift_model *m)
{
	put(o, ",\"%s\":{\"model\":\"%s\"", name, name);
	json_figure(o, "p_match", &m->p_match);
	json_figure(o, "effect", &m->effect);
	json_figure(o, "mass", &m->mass);
	put(o, "}");
}

static void json_vectors(struct sheet *o, const struct shift *w,
			 const struct syc_shift_layer *l)
{
	put(o, ",\"vectors\":[");
	for (size_t i = 0; i < w->direction.n; i++) {
		const struct syc_shift_along *a = l ? &l->along[i] : NULL;

		put(o, i ? ",{\"vector\":" : "{\"vector\":");
		json_text(o, w->vector[i].name);
		if (a) {
			const struct table_field x[] = {{"cosine", a->cosine},
							{"cosine_p", a->p}};

			JSON_FIELDS(o, x);
			json_list(o, "cosine_nulls", a->null, a->n_nulls);
		}
		else
			json_layers(o, "undo_layers",
				    w->found->chosen.along[i].layer);
		json_undo(o, a ? &a->undo : &w->found->chosen.along[i]);
		put(o, "}");
	}
	put(o, "]");
}

static void json_layer(struct sheet *o, const struct shift *w,
		       const struct syc_shift_layer *l)
{
	const struct table_field x[] = {
		{ "length", l->share.length }, { "square", l->share.square },
		{ "relative", l->relative }, { "constant_p", l->share.p },
		{ "constant_null_95", l->share.null_95 },
	};

	put(o, "{\"position\":\"%s\",\"layer\":%" PRIu32,
	    syc_position_name(l->position), l->layer);
	JSON_FIELDS(o, x);
	json_figure(o, "constant", &l->share.constant);
	if (is_own(w, l)) {
		json_figure(o, "kl_left_unrelated", &l->kl_left_unrelated);
		json_made(o, &l->made);
		json_undo(o, &l->undo);
		json_vectors(o, w, l);
	}
	put(o, "}");
}

static void json_chosen(struct sheet *o, const struct shift *w)
{
	const struct syc_shift_chosen *c = &w->found->chosen;

	put(o, ",\"chosen\":");
	if (!w->found->has_chosen) {
		put(o, "null");
		return;
	}
	put(o, "{\"layers\":[%" PRIu32 ",%" PRIu32 "]", c->layer[0],
	    c->layer[1]);
	json_made(o, &c->made);
	json_layers(o, "undo_layers", c->undo.layer);
	json_undo(o, &c->undo);
	json_vectors(o, w, NULL);
	put(o, "}");
}

static void json_head(struct sheet *o, const struct shift *w,
		      const struct tool *t)
{
	const struct syc_shift_found *f = w->found;

	put(o, "{");
	if (load_describe(t, &w->load, &w->prompter, w->base, o->b) < 0)
		o->bad = true;
	put(o,
	    ",\"tuned_model\":\"%s\",\"questions\":%zu,\"claims\":%zu,\"prompts\":%zu"
	    ",\"tokens\":%zu,\"boot\":%zu,\"seed\":%" PRIu64
	    ",\"draws\":%zu,\"null\":\"%s\","
	    "\"steers_with\":\"%s\",",
	    syc_model_digest(w->tuned), f->n_questions, f->n_claims,
	    f->n_prompts, f->n_tokens, w->plan.boot, w->plan.seed,
	    w->plan.n_draws, syc_null_name(w->plan.null),
	    syc_position_name(w->plan.position));
	json_field(o, "at_kl", w->at_kl > 0 ? w->at_kl : NAN);
	put(o, ",");
	json_field(o, "scale", w->scale.scale);
	put(o, ",\"reached\":%s", w->scale.reached ? "true" : "false");
	json_figure(o, "kl", &f->kl);
	json_figure(o, "kl_questions", &f->kl_questions);
	put(o, ",\"outcome\":");
	if (has_effect(w))
		json_text(o, syc_sweep_outcome_name(f->outcome));
	else
		put(o, "null");
}

static void put_json(struct sheet *o, const struct shift *w,
		     const struct tool *t)
{
	const struct syc_shift_found *f = w->found;

	json_head(o, w, t);
	json_model(o, "base", &f->base);
	json_model(o, "tuned", &f->tuned);
	json_figure(o, "change", &f->change);
	json_figure(o, "effect_change", &f->effect_change);
	json_chosen(o, w);
	put(o, ",\"shifts\":[");
	for (size_t i = 0; i < f->n; i++) {
		put(o, i ? ",\n" : "\n");
		json_layer(o, w, &f->layer[i]);
	}
	put(o, "\n]}\n");
}

int shift_report(struct syc_buf *b, const struct shift *w, const struct tool *t)
{
	struct sheet o = { .b = b, .form = w->form };

	if (w->form == SHEET_JSON)
		put_json(&o, w, t);
	else if (w->form == SHEET_TSV)
		put_tsv(&o, w);
	else
		put_table(&o, w);
	return o.bad ? SYC_ENOMEM : 0;
}
