/* SPDX-License-Identifier: MIT */
/* What syc-fit writes of a numeric outcome. */
#include "config.h"
#include <inttypes.h>
#include "tool/fit/columns.h"

static void text_layer(struct sheet *o, uint32_t layer,
		       const struct syc_fit_layer *f)
{
	const struct syc_line *l = &f->line;
	char c[6][CELL];

	put(o, "%5" PRIu32 " %5zu %7s %-16s %7s %7s", layer, l->n,
	    fixed(c[0], l->slope, 3), range(c[1], l->lo, l->hi),
	    chance(c[2], l->p), chance(c[3], f->p_adj));
	put(o, " %6s %6s %s\n", fixed(c[4], l->r, 3), fixed(c[5], l->rho, 3),
	    l->why ? l->why : range(c[0], l->rho_lo, l->rho_hi));
}

void line_text(struct sheet *o, const struct syc_fit *f,
	       const struct syc_fit_set *s)
{
	put(o, "%5s %5s %7s %-16s %7s %7s %6s %6s %s\n", "layer", "n", "slope",
	    "95 % interval", "p", "adj.p", "r", "rho", "95 % interval");
	for (size_t l = 0; l < f->scores->n_layers; l++)
		text_layer(o, f->scores->layer[l], &s->layer[l]);
}

void line_tsv(struct sheet *o, const struct syc_fit *f)
{
	const struct syc_scores *s = f->scores;

	put(o, "vector\tposition\tlayer\tn");
	columns_head(o, line_columns);
	put(o, "\n");
	for (size_t i = 0; i < s->n_sets; i++)
		for (size_t l = 0; l < s->n_layers; l++) {
			const struct syc_fit_layer *at = &f->set[i].layer[l];

			put_name(o, s->set[i].vector);
			put(o, "\t");
			put_name(o, s->set[i].position);
			put(o, "\t%" PRIu32 "\t%zu", s->layer[l], at->line.n);
			columns_tsv(o, line_columns, at, f);
			put(o, "\n");
		}
}

void line_json(struct sheet *o, const struct syc_fit *f,
	       const struct syc_fit_set *s)
{
	put(o, ",\"layers\":[");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		const struct syc_fit_layer *at = &s->layer[l];

		put(o, "%s{\"layer\":%" PRIu32 ",\"n\":%zu", l ? ",\n" : "\n",
		    f->scores->layer[l], at->line.n);
		columns_json(o, line_columns, at, f);
		json_why(o, at->line.why);
		put(o, "}");
	}
	put(o, "]}");
}
