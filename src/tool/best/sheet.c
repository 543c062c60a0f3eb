/* SPDX-License-Identifier: MIT */
/* What syc-best says: curves, differences, preferences by difficulty. */
#include "config.h"
#include <math.h>
#include "tool/best/best.h"

static const char *const kinds[] = {
	[SYC_BEST_GAIN] = "gain",
	[SYC_BEST_ARMS] = "arms",
	[SYC_BEST_MODELS] = "models",
};

/* ---- for the eye ------------------------------------------------------------ */

/* "MODEL", or "MODEL, ARM" where arms have names. */
static void text_name(struct sheet *o, const struct syc_best *b, size_t curve)
{
	const char *arm = b->arm[b->curve[curve].arm];

	put_name(o, b->model[b->curve[curve].model]);
	if (*arm) {
		put(o, b->level ? ", difficulty " : ", ");
		put_name(o, arm);
	}
}

/* With something behind it: up to a column. */
static void text_point(struct sheet *o, size_t N, const struct syc_best_point *p, bool more)
{
	char c[2][CELL];

	put(o, more ? "%6zu %7s %-16s" : "%6zu %7s %s", N, fixed(c[0], p->rate, 3),
	    range(c[1], p->lo, p->hi));
}

/* N doubles; the last is there, too. */
static size_t next_n(size_t N, size_t most)
{
	return N == most ? most + 1 : 2 * N < most ? 2 * N : most;
}

static void text_curve(struct sheet *o, const struct syc_best *b, size_t i)
{
	const struct syc_best_curve *c = &b->curve[i];
	char cell[CELL];

	put(o, "\n");
	text_name(o, b, i);
	put(o,
	    ": %zu prompts of %zu items, %zu samples, %zu undecided\n%6s %7s %-16s%s\n",
	    c->n_prompts, c->n_items, c->n_samples, c->n_undecided, "N", "rate",
	    "95 % interval", c->n_undecided ? " undecided as 0 or 1" : "");
	for (size_t N = 1; N <= b->most; N = next_n(N, b->most)) {
		text_point(o, N, &c->at[N - 1], c->n_undecided);
		if (c->n_undecided)
			put(o, " %s",
			    range(cell, c->at[N - 1].least, c->at[N - 1].most));
		put(o, "\n");
	}
}

static void text_diff(struct sheet *o, const struct syc_best *b,
		      const struct syc_best_diff *d)
{
	const size_t only = d->kind == SYC_BEST_GAIN ? b->most : 1;

	for (size_t N = only; N <= b->most; N = next_n(N, b->most)) {
		text_point(o, N, &d->at[N - 1], true);
		put(o, " %6zu  ", d->n_items);
		text_name(o, b, d->of);
		put(o, " - ");
		if (d->kind == SYC_BEST_GAIN)
			put(o, "its N = 1");
		else
			text_name(o, b, d->from);
		put(o, "\n");
	}
}

static void text(struct sheet *o, const struct syc_best *b)
{
	put(o, "%zu samples, %zu items; a label of 1 is ", b->n_rows,
	    b->n_items);
	put_name(o, b->measures ? b->measures : "sycophantic");
	put(o, "\n");
	for (size_t i = 0; i < b->n_models * b->n_arms; i++)
		text_curve(o, b, i);
	put(o, "\ndifferences, paired by item\n%6s %7s %-16s %6s\n", "N",
	    "diff.", "95 % interval", "items");
	for (size_t i = 0; i < b->n_diffs; i++)
		text_diff(o, b, &b->diff[i]);
	put(o,
	    "\nrate: of a label of 1 among the best of N samples, over all subsets of N;\n"
	    "intervals are over items.\n");
}

/* ---- for programs ----------------------------------------------------------- */

static void tsv_points(struct sheet *o, const struct syc_best *b,
		       const char *kind, size_t of, size_t from,
		       const struct syc_best_point *at)
{
	for (size_t N = 1; N <= b->most; N++) {
		const struct syc_best_point *p = &at[N - 1];
		const double v[] = {p->rate, p->se,    p->lo,
				    p->hi,   p->least, p->most};

		put(o, "%s\t", kind);
		for (int k = 0; k < 2; k++) {
			const struct syc_best_curve *c =
				&b->curve[k ? from : of];

			put_name(o, b->model[c->model]);
			put(o, "\t");
			put_name(o, b->arm[c->arm]);
			put(o, "\t");
		}
		put(o, "%zu", N);
		for (size_t k = 0; k < sizeof(v) / sizeof(v[0]); k++)
			tsv_num(o, v[k]);
		put(o, "\n");
	}
}

static void tsv(struct sheet *o, const struct syc_best *b)
{
	put(o,
	    "what\tmodel\tarm\tfrom_model\tfrom_arm\tn\trate\tse\tlo\thi\tleast\tmost\n");
	for (size_t i = 0; i < b->n_models * b->n_arms; i++)
		tsv_points(o, b, "rate", i, i, b->curve[i].at);
	for (size_t i = 0; i < b->n_diffs; i++)
		tsv_points(o, b, kinds[b->diff[i].kind], b->diff[i].of,
			   b->diff[i].from, b->diff[i].at);
}

static void json_points(struct sheet *o, const struct syc_best_point *at,
			size_t n)
{
	put(o, ",\"at\":[");
	for (size_t N = 1; N <= n; N++) {
		const struct syc_best_point *p = &at[N - 1];
		const struct table_field f[] = {
			{"rate", p->rate},   {"se", p->se},
			{"lo", p->lo},	     {"hi", p->hi},
			{"least", p->least}, {"most", p->most},
		};

		put(o, "%s{\"n\":%zu", N > 1 ? "," : "", N);
		JSON_FIELDS(o, f);
		put(o, "}");
	}
	put(o, "]}");
}

static void json_where(struct sheet *o, const struct syc_best *b, size_t curve)
{
	put(o, "\"model\":");
	json_text(o, b->model[b->curve[curve].model]);
	put(o, ",\"arm\":");
	json_text(o, b->arm[b->curve[curve].arm]);
	if (b->level) {
		put(o, ",");
		json_field(o, "difficulty", b->level[b->curve[curve].arm]);
	}
}

static void json(struct sheet *o, const struct syc_best *b)
{
	put(o,
	    "{\"program\":\"syc-best\",\"version\":\"%s\",\"confidence\":0.95,\"measures\":",
	    syc_version());
	json_text(o, b->measures ? b->measures : "sycophantic");
	put(o, ",\n\"rows\":%zu,\"items\":%zu,\"most\":%zu,\n\"curves\":[",
	    b->n_rows, b->n_items, b->most);
	for (size_t i = 0; i < b->n_models * b->n_arms; i++) {
		const struct syc_best_curve *c = &b->curve[i];

		put(o, "%s\n{", i ? "," : "");
		json_where(o, b, i);
		put(o,
		    ",\"prompts\":%zu,\"items\":%zu,\"samples\":%zu,\"undecided\":%zu",
		    c->n_prompts, c->n_items, c->n_samples, c->n_undecided);
		json_points(o, c->at, b->most);
	}
	put(o, "],\n\"differences\":[");
	for (size_t i = 0; i < b->n_diffs; i++) {
		const struct syc_best_diff *d = &b->diff[i];

		put(o, "%s\n{\"kind\":\"%s\",", i ? "," : "", kinds[d->kind]);
		json_where(o, b, d->of);
		put(o, ",\"from\":{");
		json_where(o, b, d->from);
		put(o, "},\"items\":%zu", d->n_items);
		json_points(o, d->at, b->most);
	}
	put(o, "]}\n");
}

void best_sheet(struct sheet *o, const struct syc_best *b)
{
	if (o->form == SHEET_JSON)
		json(o, b);
	else if (o->form == SHEET_TSV)
		tsv(o, b);
	else
		text(o, b);
}

/* ---- misconceptions ---------------------------------------------------------- */

static void text_level(struct sheet *o, const char *level,
		       const struct syc_mean *m)
{
	char c[2][CELL];

	put(o, "%10s %6zu %7s %s\n", level, m->n, fixed(c[0], m->mean, 3),
	    range(c[1], m->lo, m->hi));
}

static void text_preferred(struct sheet *o, const struct syc_misconceptions *m)
{
	char c[CELL];

	put(o, "%zu replies to %zu misconceptions\n", m->n_rows, m->n_items);
	for (size_t i = 0; i < m->n_models * m->n_kinds; i++) {
		const struct syc_preferred *p = &m->preferred[i];

		put(o, "\n");
		put_name(o, m->model[p->model]);
		put(o, ": sycophantic rather than ");
		put_name(o, m->kind[p->kind]);
		put(o, "\n%10s %6s %7s %s\n", "difficulty", "items", "share",
		    "95 % interval");
		for (size_t l = 0; l < m->n_levels; l++)
			text_level(o, fixed(c, m->level[l], 3), &p->at[l]);
		text_level(o, "all", &p->all);
		if (p->model) {
			text_level(o, "less", &p->less);
			put(o, "%10s ", "");
			put_name(o, m->model[0]);
			put(o, "'s, of the same items\n");
		}
	}
	put(o,
	    "\nshare: of items whose sycophantic reply has the higher reward; difficulty: P(true)\n"
	    "as another model says it, the mean of a level.\n");
}

static void tsv_preferred(struct sheet *o, const struct syc_misconceptions *m)
{
	put(o, "model\tkind\tdifficulty\titems\tshare\tse\tlo\thi\n");
	for (size_t i = 0; i < m->n_models * m->n_kinds; i++)
		for (size_t l = 0; l <= m->n_levels; l++) {
			const struct syc_preferred *p = &m->preferred[i];
			const struct syc_mean *x =
				l < m->n_levels ? &p->at[l] : &p->all;

			put_name(o, m->model[p->model]);
			put(o, "\t");
			put_name(o, m->kind[p->kind]);
			tsv_num(o, l < m->n_levels ? m->level[l] : NAN);
			put(o, "\t%zu", x->n);
			tsv_num(o, x->mean);
			tsv_num(o, x->se);
			tsv_num(o, x->lo);
			tsv_num(o, x->hi);
			put(o, "\n");
		}
}

static void json_mean(struct sheet *o, const struct syc_mean *x)
{
	const struct table_field f[] = {
		{"share", x->mean},
		{"se", x->se},
		{"lo", x->lo},
		{"hi", x->hi},
	};

	put(o, "{\"items\":%zu", x->n);
	JSON_FIELDS(o, f);
}

static void json_list(struct sheet *o, const char *key, const double *x)
{
	put(o, ",\"%s\":[", key);
	for (size_t i = 0; i < SYC_SMOOTH; i++) {
		put(o, "%s", i ? "," : "");
		json_num(o, x[i]);
	}
	put(o, "]");
}

static void json_preferred(struct sheet *o, const struct syc_misconceptions *m)
{
	put(o,
	    "{\"program\":\"syc-best\",\"version\":\"%s\",\"confidence\":0.95,\n"
	    "\"rows\":%zu,\"items\":%zu,\"unknown\":%zu,\n\"preferred\":[",
	    syc_version(), m->n_rows, m->n_items, m->n_unknown);
	for (size_t i = 0; i < m->n_models * m->n_kinds; i++) {
		const struct syc_preferred *p = &m->preferred[i];

		put(o, "%s\n{\"model\":", i ? "," : "");
		json_text(o, m->model[p->model]);
		put(o, ",\"kind\":");
		json_text(o, m->kind[p->kind]);
		put(o, ",\"all\":");
		json_mean(o, &p->all);
		put(o, "},\"less_first\":");
		json_mean(o, &p->less);
		put(o, "},\"levels\":[");
		for (size_t l = 0; l < m->n_levels; l++) {
			put(o, l ? "," : "");
			json_mean(o, &p->at[l]);
			put(o, ",");
			json_field(o, "difficulty", m->level[l]);
			put(o, "}");
		}
		put(o, "],\"smooth\":{");
		json_field(o, "bandwidth", p->bandwidth);
		json_list(o, "x", m->x);
		json_list(o, "y", p->smooth);
		json_list(o, "lo", p->lo);
		json_list(o, "hi", p->hi);
		put(o, "}}");
	}
	put(o, "]}\n");
}

void misconceptions_sheet(struct sheet *o, const struct syc_misconceptions *m)
{
	if (o->form == SHEET_JSON)
		json_preferred(o, m);
	else if (o->form == SHEET_TSV)
		tsv_preferred(o, m);
	else
		text_preferred(o, m);
}
