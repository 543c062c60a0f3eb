/* SPDX-License-Identifier: MIT */
/* The matrix of syc-fit --transfer, to read and to load. */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "tool/fit/columns.h"

enum { NAME = 16 };

/* A name in a column of so many bytes, cut or filled. */
static void column(struct sheet *o, const char *name, size_t width)
{
	const size_t at = o->b->len;
	char cut[64];

	snprintf(cut, sizeof(cut), "%.*s", (int)width, name);
	put_name(o, cut);
	while (!o->bad && o->b->len - at < width)
		put(o, " ");
}

static void head(struct sheet *o, const struct matrix *m,
		 const struct syc_transfer_cell *c)
{
	put(o, "\nvector ");
	put_name(o, c->vector);
	put(o, ", position ");
	put_name(o, c->position);
	put(o, "\n%-*s %7s", NAME, "train \\ test", "layer");
	for (size_t j = 0; j < m->n; j++) {
		put(o, "  ");
		column(o, m->name[j], NAME + 4);
	}
	put(o, "\n");
}

/* "0.884 [0.849, 0.915]*" */
static void cell(struct sheet *o, const struct syc_auc *a, bool crossed)
{
	char c[2][CELL];

	put(o, "  %5s %-14s%s", fixed(c[0], a->auc, 3),
	    range(c[1], a->lo, a->hi), crossed ? "*" : "");
}

static bool same_row(const struct syc_transfer_cell *a,
		     const struct syc_transfer_cell *b)
{
	return strcmp(a->vector, b->vector) == 0 &&
	       strcmp(a->position, b->position) == 0 && a->train == b->train;
}

/* The cells of one training set, from c until end, of which some may be missing. */
static void row(struct sheet *o, const struct matrix *m,
		const struct syc_transfer_cell *c,
		const struct syc_transfer_cell *end, bool multi)
{
	column(o, m->name[c->train], NAME);
	if (multi)
		put(o, " %7s", "all");
	else
		put(o, " %6" PRIu32 "%c", c->layer, c->turned ? '-' : '+');
	for (size_t j = 0; j < m->n; j++) {
		const bool here = c < end && c->test == j;

		if (here)
			cell(o, multi ? &c->multi : &c->auc, c->crossed);
		else
			put(o, "  %5s %-14s", "-", "");
		if (j + 1 < m->n && !(here && c->crossed))
			put(o, " ");
		c += here;
	}
	put(o, "\n");
}

static void text_cells(struct sheet *o, const struct matrix *m)
{
	const struct syc_transfer_cell *c = m->t->cell,
				       *const end = c + m->t->n_cells, *to;

	for (const struct syc_transfer_cell *before = NULL; c < end;
	     before = c, c = to) {
		for (to = c; to < end && same_row(to, c); to++)
			;
		if (!before || strcmp(c->vector, before->vector) != 0 ||
		    strcmp(c->position, before->position) != 0)
			head(o, m, c);
		row(o, m, c, to, false);
		if (m->fit[0]->o.multi)
			row(o, m, c, to, true);
	}
}

void matrix_text(struct sheet *o, const struct matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct syc_scores *s = m->fit[i]->scores;

		put_name(o, m->name[i]);
		put(o,
		    ": %" PRIu64 " rows, %zu labeled (%" PRIu64
		    " %s, %" PRIu64 " not)\n",
		    s->n_rows, s->n_labeled, s->n_syc, measured(s), s->n_not);
	}
	text_cells(o, m);
	put(o,
	    "\nAUC and its 95 %% interval in the test set, at the layer farthest from chance\n"
	    "in training, turned (-) as training says%s.\n"
	    "*: the training set itself, by %zu-fold cross-validation (seed %" PRIu64
	    ").\n",
	    m->fit[0]->o.multi ? "; all: all layers together" : "",
	    m->fit[0]->n_folds, m->fit[0]->o.seed);
}

static void tsv_cell(struct sheet *o, const struct matrix *m,
		     const struct syc_transfer_cell *c)
{
	const char *const name[] = {c->vector, c->position, m->name[c->train],
				    m->name[c->test]};

	for (size_t k = 0; k < 4; k++) {
		put_name(o, name[k]);
		put(o, "\t");
	}
	put(o, "%" PRIu32 "\t%d\t%d\t%zu\t%zu", c->layer, c->turned ? -1 : 1,
	    c->crossed, c->auc.n_pos + c->auc.n_neg, c->auc.n_pos);
	columns_tsv(o, cell_columns, c, m->fit[c->train]);
	put(o, "\n");
}

void matrix_tsv(struct sheet *o, const struct matrix *m)
{
	put(o,
	    "vector\tposition\ttrain\ttest\tlayer\tsign\tcross_validated\tn\tpositives");
	columns_head(o, cell_columns);
	put(o, "\n");
	for (size_t i = 0; i < m->t->n_cells; i++)
		tsv_cell(o, m, &m->t->cell[i]);
}

static void json_cell(struct sheet *o, const struct matrix *m,
		      const struct syc_transfer_cell *c)
{
	put(o, "{\"vector\":");
	json_text(o, c->vector);
	json_string(o, "position", c->position);
	json_string(o, "train", m->name[c->train]);
	json_string(o, "test", m->name[c->test]);
	put(o, ",\"layer\":%" PRIu32 ",\"sign\":%d,\"cross_validated\":%s",
	    c->layer, c->turned ? -1 : 1, c->crossed ? "true" : "false");
	put(o, ",\"n\":%zu,\"positives\":%zu", c->auc.n_pos + c->auc.n_neg,
	    c->auc.n_pos);
	columns_json(o, cell_columns, c, m->fit[c->train]);
	put(o, "}");
}

void matrix_json(struct sheet *o, const struct matrix *m)
{
	json_settings(o, m->fit[0]);
	put(o, "\"transfer\":[");
	for (size_t i = 0; i < m->t->n_cells; i++) {
		put(o, i ? ",\n" : "\n");
		json_cell(o, m, &m->t->cell[i]);
	}
	put(o, "],\n\"datasets\":[");
	for (size_t i = 0; i < m->n; i++) {
		put(o, i ? ",\n{\"name\":" : "\n{\"name\":");
		json_text(o, m->name[i]);
		put(o, ",");
		json_counts(o, m->fit[i]->scores);
		put(o, ",\n");
		json_sets(o, m->fit[i]);
		put(o, "}");
	}
	put(o, "]}\n");
}
