/* SPDX-License-Identifier: MIT */
/* What syc-fit writes of scores beside baselines. */
#include "config.h"
#include <inttypes.h>
#include "tool/fit/columns.h"

static void put_baselines(struct sheet *o, unsigned mask, const char *between)
{
	const char *before = "";

	for (unsigned i = 0; syc_baseline_name(i); i++)
		if (mask >> i & 1) {
			put(o, "%s%s", before, syc_baseline_name(i));
			before = between;
		}
}

void increment_text(struct sheet *o, const struct syc_fit *f,
		    const struct syc_increment *p)
{
	char c[6][CELL];

	put(o, "\nBeside ");
	put_baselines(o, f->o.baselines, ", ");
	put(o, ": ");
	if (p->why) {
		put(o, "%s\n", p->why);
		return;
	}
	put(o,
	    "%zu rows of %zu claims; log loss %s by the rate alone, %s by these\n",
	    p->n, p->n_claims, fixed(c[0], p->loss_rate, 3),
	    fixed(c[1], p->loss, 3));
	put(o, "(AUC %s).  What the score adds:\n%5s %7s %7s %7s %6s %6s %6s\n",
	    fixed(c[0], p->auc, 3), "layer", "gain", "p", "of max", "AUC",
	    "slope", "known");
	for (size_t l = 0; l < f->scores->n_layers; l++) {
		const struct syc_increment_layer *at = &p->layer[l];

		put(o, "%5" PRIu32 " %7s %7s %7s %6s %6s %6s\n",
		    f->scores->layer[l], fixed(c[0], at->gain, 4),
		    chance(c[1], at->p), chance(c[2], at->p_max),
		    fixed(c[3], at->auc, 3), fixed(c[4], at->slope, 3),
		    fixed(c[5], at->known, 3));
	}
	put(o,
	    "Best of all layers: %" PRIu32
	    ", p %s (%zu permutations of claims)\n",
	    f->scores->layer[p->best], chance(c[0], p->layer[p->best].p_max),
	    p->n_perm);
}

void increment_json(struct sheet *o, const struct syc_fit *f,
		    const struct syc_increment *p)
{
	const struct table_field v[] = {
		{"loss_rate", p->loss_rate},
		{"loss", p->loss},
		{"auc", p->auc},
		{"gain", p->layer[p->best].gain},
		{"p", p->layer[p->best].p_max},
	};

	put(o, ",\n\"increment\":{\"baselines\":[\"");
	put_baselines(o, f->o.baselines, "\",\"");
	put(o, "\"],\"n\":%zu,\"positives\":%zu,\"claims\":%zu,\"folds\":%zu",
	    p->n, p->n_pos, p->n_claims, p->n_folds);
	put(o, ",\"features\":%zu,\"permutations\":%zu", p->n_features,
	    p->n_perm);
	JSON_FIELDS(o, v);
	json_why(o, p->why);
	put(o, ",\"best\":%" PRIu32 "}", f->scores->layer[p->best]);
}
