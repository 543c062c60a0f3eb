/* SPDX-License-Identifier: MIT */
/* A line for each layer, its values separated by tabs. */
#include "config.h"
#include <inttypes.h>
#include "tool/fit/columns.h"

static void tsv_layer(struct sheet *o, const struct syc_fit *f,
		      const struct syc_scores_set *t, uint32_t layer,
		      const struct syc_fit_layer *l)
{
	put_name(o, t->vector);
	put(o, "\t");
	put_name(o, t->position);
	put(o, "\t%" PRIu32 "\t%zu\t%zu\t%zu", layer,
	    l->auc.n_pos + l->auc.n_neg, l->auc.n_pos, l->auc.n_dropped);
	columns_tsv(o, layer_columns, l, f);
	put(o, "\t%s\t%d", syc_stat_logit_name(l->logit.method),
	    l->logit.separated);
	columns_tsv(o, more_columns, l, f);
	put(o, "\n");
}

void fit_tsv(struct sheet *o, const struct syc_fit *f)
{
	const struct syc_scores *s = f->scores;

	if (f->o.outcome) {
		line_tsv(o, f);
		return;
	}
	put(o, "vector\tposition\tlayer\tn\tpositives\tdropped");
	columns_head(o, layer_columns);
	put(o, "\tmethod\tseparated");
	columns_head(o, more_columns);
	put(o, "\n");
	for (size_t i = 0; i < s->n_sets; i++)
		for (size_t l = 0; l < s->n_layers; l++)
			tsv_layer(o, f, &s->set[i], s->layer[l],
				  &f->set[i].layer[l]);
}
