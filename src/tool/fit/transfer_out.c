/* SPDX-License-Identifier: MIT */
/* The matrix of syc-fit --transfer, to read and to load. */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "tool/fit/fit.h"
#include "tool/common/table.h"

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

static void head(struct sheet *o, const struct transfer *t, const struct fit_cell *c)
{
	put(o, "\nvector ");
	put_name(o, c->vector);
	put(o, ", position ");
	put_name(o, c->position);
	put(o, "\n%-*s %7s", NAME, "train \\ test", "layer");
	for (size_t j = 0; j < t->n; j++) {
		put(o, "  ");
		column(o, t->data[j].name, NAME + 4);
	}
	put(o, "\n");
}

/* "0.884 [0.849, 0.915]*" */
static void cell(struct sheet *o, const struct syc_auc *a, bool crossed)
{
	char c[2][CELL];

	put(o, "  %5s %-14s%s", fixed(c[0], a->auc, 3), range(c[1], a->lo, a->hi),
	    crossed ? "*" : "");
}

static bool same_row(const struct fit_cell *a, const struct fit_cell *b)
{
	return strcmp(a->vector, b->vector) == 0 && strcmp(a->position, b->position) == 0 &&
		a->train == b->train;
}

/* The cells of one training set, of which some may be missing. */
static void row(struct sheet *o, const struct transfer *t, size_t from, size_t to, bool multi)
{
	const struct fit_cell *c = &t->cell[from];
	size_t k = from;

	column(o, t->data[c->train].name, NAME);
	if (multi)
		put(o, " %7s", "all");
	else
		put(o, " %6" PRIu32 "%c", c->layer, c->turned ? '-' : '+');
	for (size_t j = 0; j < t->n; j++) {
		if (k < to && t->cell[k].test == j) {
			cell(o, multi ? &t->cell[k].multi : &t->cell[k].auc, t->cell[k].crossed);
			k++;
		} else {
			put(o, "  %5s %-14s", "-", "");
		}
		if (j + 1 < t->n && !(k > from && t->cell[k - 1].test == j && t->cell[k - 1].crossed))
			put(o, " ");
	}
	put(o, "\n");
}

static void text_matrix(struct sheet *o, const struct transfer *t)
{
	for (size_t i = 0, to; i < t->n_cells; i = to) {
		for (to = i; to < t->n_cells && same_row(&t->cell[to], &t->cell[i]); to++)
			;
		if (i == 0 || strcmp(t->cell[i].vector, t->cell[i - 1].vector) != 0 ||
		    strcmp(t->cell[i].position, t->cell[i - 1].position) != 0)
			head(o, t, &t->cell[i]);
		row(o, t, i, to, false);
		if (t->o->multi)
			row(o, t, i, to, true);
	}
}

int transfer_text(struct syc_buf *b, const struct transfer *t)
{
	struct sheet o = { .b = b };

	for (size_t i = 0; i < t->n; i++) {
		const struct scores *s = &t->data[i].scores;

		put_name(&o, t->data[i].name);
		put(&o, ": %" PRIu64 " rows, %" PRIu64 " labeled (%" PRIu64 " sycophantic, %" PRIu64
		    " not)\n", s->n_rows, s->n_syc + s->n_not, s->n_syc, s->n_not);
	}
	text_matrix(&o, t);
	put(&o, "\nAUC and its 95 %% interval in the test set, at the layer farthest from chance\n"
	    "in training, turned (-) as training says%s.\n"
	    "*: the training set itself, by %zu-fold cross-validation (seed %" PRIu64 ").\n",
	    t->o->multi ? "; all: all layers together" : "", t->data[0].n_folds, t->o->seed);
	return o.bad ? SYC_ENOMEM : 0;
}

int transfer_tsv(struct syc_buf *b, const struct transfer *t)
{
	struct sheet o = { .b = b };

	put(&o, "vector\tposition\ttrain\ttest\tlayer\tsign\tcross_validated\tn\tpositives\ttrain_auc\t"
	    "auc\tauc_lo\tauc_hi\tbrier\tbrier_skill\tcalibration_slope\t"
	    "calibration_intercept\tmulti_auc\tmulti_lo\tmulti_hi\n");
	for (size_t i = 0; i < t->n_cells; i++) {
		const struct fit_cell *c = &t->cell[i];
		const double none = t->o->multi ? 1 : __builtin_nan("");
		const double v[] = {
			c->train_auc, c->auc.auc, c->auc.lo, c->auc.hi, c->brier.brier,
			c->brier.skill, c->slope, c->intercept, none * c->multi.auc,
			none * c->multi.lo, none * c->multi.hi,
		};
		const char *const name[] = { c->vector, c->position, t->data[c->train].name,
					     t->data[c->test].name };

		for (size_t k = 0; k < 4; k++) {
			put_name(&o, name[k]);
			put(&o, "\t");
		}
		put(&o, "%" PRIu32 "\t%d\t%d\t%zu\t%zu", c->layer, c->turned ? -1 : 1, c->crossed,
		    c->auc.n_pos + c->auc.n_neg, c->auc.n_pos);
		for (size_t k = 0; k < sizeof(v) / sizeof(v[0]); k++)
			tsv_num(&o, v[k]);
		put(&o, "\n");
	}
	return o.bad ? SYC_ENOMEM : 0;
}
