/* SPDX-License-Identifier: MIT */
/* Concordance of a score with how far answers were moved, and without a claim. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/grid/grid.h"
#include "syc/stat.h"

enum { N_LAYERS_OF = 3 };	/* parts of the layers: low, middle, high */

/* Pairs of rows and what they agree by. */
struct pairs {
	double agree, n;
};

/* Rows of a set that choose or test. */
struct part {
	size_t *row;		/* [n] */
	size_t n;
};

struct work {
	const struct syc_grid *g;
	const struct syc_grid_rows *r;
	struct part choose;	/* of all sets, one after the other */
	struct part *test;	/* [n_sets], empty where too few claims test */
	uint32_t *claim;	/* [r->n_claims] numbers among those tested */
	size_t n_claims, n_rows;
	struct pairs *all;	/* [n_sets] */
	struct pairs *of; /* [n_sets][n_claims] that a claim has part in */
	int8_t *label;		/* [r->n] of test rows */
	double *x;		/* [r->n] scores of one cell */
};

static double score_at(const struct work *w, size_t vector, size_t row,
		       size_t layer)
{
	const struct syc_grid_rows *r = w->r;

	return r->score[(vector * r->n + row) * r->n_layers + layer];
}

/* ---- parts of the rows ------------------------------------------------------ */

/* Claims of a set that test; each gets a number behind those before. */
static size_t number_claims(struct work *w, uint32_t set)
{
	const struct syc_grid_rows *r = w->r;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->set[i] == set && !r->chooses[i] &&
		    w->claim[r->claim[i]] == UINT32_MAX) {
			w->claim[r->claim[i]] = (uint32_t)(w->n_claims + n);
			n++;
		}
	return n;
}

/* How many claims of a set test, those of other sets among them. */
static size_t count_claims(const struct work *w, uint32_t set, bool *seen)
{
	const struct syc_grid_rows *r = w->r;
	size_t n = 0;

	memset(seen, 0, r->n_claims * sizeof(*seen));
	for (size_t i = 0; i < r->n; i++)
		if (r->set[i] == set && !r->chooses[i] && !seen[r->claim[i]]) {
			seen[r->claim[i]] = true;
			n++;
		}
	return n;
}

static int divide(struct work *w, struct syc_err *err)
{
	const struct syc_grid_rows *r = w->r;
	bool *seen = syc_calloc(r->n_claims + 1, sizeof(*seen));
	int ret = seen ? 0 : syc_nomem(err);

	for (size_t i = 0; i < r->n && ret == 0; i++)
		if (r->chooses[i])
			w->choose.row[w->choose.n++] = i;
	for (uint32_t s = 0; s < r->n_sets && ret == 0; s++) {
		struct part *t = &w->test[s];

		if (count_claims(w, s, seen) < SYC_GRID_OF_SET)
			continue;
		t->row = syc_calloc(r->n + 1, sizeof(*t->row));
		if (!t->row)
			ret = syc_nomem(err);
		w->n_claims += number_claims(w, s);
		for (size_t i = 0; i < r->n && ret == 0; i++)
			if (r->set[i] == s && !r->chooses[i]) {
				t->row[t->n++] = i;
				w->label[i] = r->label[i];
			}
		w->n_rows += t->n;
	}
	free(seen);
	return ret;
}

/* ---- concordance -------------------------------------------------------------- */

/* Add a pair of rows; whether it counts. */
static bool compare(struct pairs *p, double x, double y, double v, double u)
{
	const double d = (x - v) * (y > u ? 1 : -1);

	if (y == u || isnan(d))
		return false;
	p->agree += d > 0 ? 1 : d < 0 ? 0 : 0.5;
	p->n++;
	return true;
}

/* Among the rows that choose, of one set. */
static double at_layer(const struct work *w, size_t vector, size_t layer)
{
	const struct part *c = &w->choose;
	struct pairs p = { 0, 0 };

	for (size_t a = 0; a < c->n; a++) {
		const size_t i = c->row[a];
		const double x = score_at(w, vector, i, layer);

		for (size_t b = 0; b < a; b++) {
			const size_t k = c->row[b];

			if (w->r->set[i] == w->r->set[k])
				compare(&p, x, w->r->y[i],
					score_at(w, vector, k, layer),
					w->r->y[k]);
		}
	}
	return p.n > 0 ? p.agree / p.n : NAN;
}

/* The tested pairs of a set, and for each claim those that it has part in. */
static void count_set(struct work *w, size_t set, int sign)
{
	const struct syc_grid_rows *r = w->r;
	const struct part *t = &w->test[set];
	struct pairs *of = w->of + set * w->n_claims;

	w->all[set] = (struct pairs){ 0, 0 };
	memset(of, 0, w->n_claims * sizeof(*of));
	for (size_t a = 0; a < t->n; a++) {
		const size_t i = t->row[a];
		struct pairs *own = &of[w->claim[r->claim[i]]];

		for (size_t b = 0; b < a; b++) {
			const size_t k = t->row[b];
			struct pairs *other = &of[w->claim[r->claim[k]]];
			struct pairs one = { 0, 0 };

			if (!compare(&one, sign * w->x[i], r->y[i],
				     sign * w->x[k], r->y[k]))
				continue;
			own->agree += one.agree;
			own->n++;
			if (other != own) {
				other->agree += one.agree;
				other->n++;
			}
			w->all[set].agree += one.agree;
			w->all[set].n++;
		}
	}
}

/* The mean over sets, without the pairs of a claim (SIZE_MAX: with all). */
static double over_sets(const struct work *w, size_t claim)
{
	double sum = 0;
	size_t n = 0;

	for (size_t s = 0; s < w->r->n_sets; s++) {
		struct pairs p = w->all[s];

		if (claim != SIZE_MAX) {
			p.agree -= w->of[s * w->n_claims + claim].agree;
			p.n -= w->of[s * w->n_claims + claim].n;
		}
		if (p.n > 0) {
			sum += p.agree / p.n;
			n++;
		}
	}
	return n ? sum / (double)n : NAN;
}

/* ---- cells --------------------------------------------------------------------- */

/* The layers of a level: all, or a third. */
static void layers_of(const struct syc_grid *g, size_t cell, size_t n,
		      size_t *from, size_t *to)
{
	const size_t part = g->cell[cell].level[SYC_GRID_LAYER];

	*from = part ? n * (part - 1) / N_LAYERS_OF : 0;
	*to = part ? n * part / N_LAYERS_OF : n;
}

/* Layer and sign by the rows that choose; false without any. */
static bool choose(const struct work *w, const double *chosen_by, size_t cell,
		   size_t *layer, int *sign)
{
	size_t from, to;
	double most = -1;

	layers_of(w->g, cell, w->r->n_layers, &from, &to);
	for (size_t l = from; l < to; l++) {
		const double far = fabs(chosen_by[l] - 0.5);

		if (far > most) {
			most = far;
			*layer = l;
			*sign = chosen_by[l] < 0.5 ? -1 : 1;
		}
	}
	return most >= 0;
}

/* The area of moved among moved and held rows that test, pairs within sets. */
static int area(double *auc, const struct work *w, int sign, struct syc_err *err)
{
	const struct syc_grid_rows *r = w->r;
	const struct syc_stat_opts o = { .stratum = r->set };
	struct syc_auc a;
	const int ret = syc_stat_auc_with(&a, w->x, w->label, r->n, &o, err);

	*auc = sign < 0 ? 1 - a.auc : a.auc;
	return ret;
}

static int try_cell(struct syc_grid_outcome *out, struct work *w, size_t cell,
		    size_t layer, int sign, struct syc_err *err)
{
	const size_t vector = w->g->cell[cell].vector;

	for (size_t i = 0; i < w->r->n; i++)
		w->x[i] = score_at(w, vector, i, layer);
	for (size_t s = 0; s < w->r->n_sets; s++)
		count_set(w, s, sign);
	out->value[cell] = over_sets(w, SIZE_MAX);
	for (size_t c = 0; c < w->n_claims; c++)
		out->without[cell * w->n_claims + c] = over_sets(w, c);
	out->layer[cell] = w->r->layer[layer];
	out->sign[cell] = sign;
	return area(&out->auc[cell], w, sign, err);
}

/* Cells of one vector follow each other: its layers are looked at once. */
static int try_all(struct syc_grid_outcome *out, struct work *w,
		   struct syc_err *err)
{
	double *by = syc_calloc(w->r->n_layers + 1, sizeof(*by));
	size_t looked = SIZE_MAX;
	int ret = by ? 0 : syc_nomem(err);

	for (size_t i = 0; i < w->g->n_cells && ret == 0; i++) {
		const size_t vector = w->g->cell[i].vector;
		size_t layer = 0;
		int sign = 1;

		for (size_t l = 0; l < w->r->n_layers && looked != vector; l++)
			by[l] = at_layer(w, vector, l);
		looked = vector;
		if (choose(w, by, i, &layer, &sign))
			ret = try_cell(out, w, i, layer, sign, err);
	}
	free(by);
	return ret;
}

/* ---- all ------------------------------------------------------------------------ */

int grid_outcome_init(struct syc_grid_outcome *o, const struct syc_grid *g,
		      size_t n_claims, struct syc_err *err)
{
	o->n_claims = n_claims;
	o->value = syc_calloc(g->n_cells + 1, sizeof(*o->value));
	o->without = syc_calloc(g->n_cells * n_claims + 1, sizeof(*o->without));
	o->layer = syc_calloc(g->n_cells + 1, sizeof(*o->layer));
	o->sign = syc_calloc(g->n_cells + 1, sizeof(*o->sign));
	o->auc = syc_calloc(g->n_cells + 1, sizeof(*o->auc));
	if (!o->value || !o->without || !o->layer || !o->sign || !o->auc)
		return syc_nomem(err);
	for (size_t i = 0; i < g->n_cells; i++)
		o->value[i] = o->auc[i] = NAN;
	for (size_t i = 0; i < g->n_cells * n_claims; i++)
		o->without[i] = NAN;
	return 0;
}

void syc_grid_outcome_free(struct syc_grid_outcome *o)
{
	free(o->value);
	free(o->without);
	free(o->layer);
	free(o->sign);
	free(o->auc);
	*o = (struct syc_grid_outcome){ 0 };
}

static int begin(struct work *w, struct syc_err *err)
{
	const struct syc_grid_rows *r = w->r;

	w->choose.row = syc_calloc(r->n + 1, sizeof(*w->choose.row));
	w->test = syc_calloc(r->n_sets + 1, sizeof(*w->test));
	w->claim = syc_calloc(r->n_claims + 1, sizeof(*w->claim));
	w->all = syc_calloc(r->n_sets + 1, sizeof(*w->all));
	w->x = syc_calloc(r->n + 1, sizeof(*w->x));
	w->label = syc_calloc(r->n + 1, sizeof(*w->label));
	if (!w->choose.row || !w->test || !w->claim || !w->all || !w->x ||
	    !w->label)
		return syc_nomem(err);
	for (size_t c = 0; c < r->n_claims; c++)
		w->claim[c] = UINT32_MAX;
	memset(w->label, -1, r->n * sizeof(*w->label));
	return divide(w, err);
}

static void end(struct work *w)
{
	for (size_t s = 0; w->test && s < w->r->n_sets; s++)
		free(w->test[s].row);
	free(w->choose.row);
	free(w->test);
	free(w->claim);
	free(w->all);
	free(w->of);
	free(w->x);
	free(w->label);
}

int syc_grid_predict(struct syc_grid_outcome *out, const struct syc_grid *g,
		     const struct syc_grid_rows *r, struct syc_err *err)
{
	struct work w = { .g = g, .r = r };
	int ret = begin(&w, err);

	*out = (struct syc_grid_outcome){ .name = "prediction", .nothing = 0.5 };
	if (ret == 0) {
		w.of = syc_calloc(r->n_sets * w.n_claims + 1, sizeof(*w.of));
		ret = w.of ? grid_outcome_init(out, g, w.n_claims, err)
			   : syc_nomem(err);
		out->n_rows = w.n_rows;
	}
	if (ret == 0)
		ret = try_all(out, &w, err);
	end(&w);
	return ret;
}
