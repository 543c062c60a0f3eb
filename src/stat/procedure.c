/* SPDX-License-Identifier: MIT */
/* A test of a whole procedure, see syc/procedure.h. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rand.h"
#include "stat/procedure.h"
#include "stat/scored.h"

struct run {
	struct trial t;
	int8_t *label;		/* [n] as given */
	uint32_t *claim;	/* [n] numbered from 0 */
	uint32_t *given;	/* [n] which row it was */
	size_t n_claims;
	struct blocks claims;
	uint64_t seed;
	struct trial_room *room;	/* [threads] */
	int8_t **changed;	/* [threads][n] labels */
	uint32_t **order;	/* [threads][2 n + n_claims] */
	double *area;		/* [n_perm] */
};

/* ---- rows --------------------------------------------------------------- */

/* The rows that count: none where no layer has a score. */
static size_t keep(bool *layer, bool *row, const double *score, const int8_t *label,
		   size_t n, size_t n_layers)
{
	const size_t kept = scored_whole(layer, row, score, label, n, n_layers);

	if (memchr(layer, 1, n_layers))
		return kept;
	memset(row, 0, n * sizeof(*row));
	return 0;
}

static int allocate(struct run *r, size_t n, size_t k, struct syc_err *err)
{
	size_t size;

	r->t.n = n;
	r->t.k = k;
	r->t.x = syc_mul(&size, n + 1, k + 1) ? syc_calloc(size, sizeof(*r->t.x))
					      : NULL;
	r->t.column = syc_calloc(k + 1, sizeof(*r->t.column));
	r->t.fold = syc_calloc(n + 1, sizeof(*r->t.fold));
	r->label = syc_calloc(n + 1, sizeof(*r->label));
	r->claim = syc_calloc(n + 1, sizeof(*r->claim));
	r->given = syc_calloc(n + 1, sizeof(*r->given));
	return r->t.x && r->t.column && r->t.fold && r->label && r->claim &&
	       r->given ? 0 : syc_nomem(err);
}

/* Number claims anew, from 0 in their own order. */
static int number(uint32_t *claim, size_t n, size_t n_given, size_t *count,
		  struct syc_err *err)
{
	uint32_t *now = syc_calloc(n_given + 1, sizeof(*now));

	if (!now)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		now[claim[i]] = 1;
	*count = 0;
	for (size_t c = 0; c < n_given; c++)
		if (now[c])
			now[c] = (uint32_t)(*count)++;
	for (size_t i = 0; i < n; i++)
		claim[i] = now[claim[i]];
	free(now);
	return 0;
}

struct seen {
	uint32_t claim, row;
	int32_t view;
};

static int by_view(const void *a, const void *b)
{
	const struct seen *p = a, *q = b;

	if (p->claim != q->claim)
		return p->claim < q->claim ? -1 : 1;
	return (p->view > q->view) - (p->view < q->view);
}

/* Strata: rows of one claim and view.  view [n] of the rows that are kept. */
static int stratify(struct run *r, const int32_t *view, struct syc_err *err)
{
	const size_t n = r->t.n;
	struct seen *s = syc_calloc(n + 1, sizeof(*s));
	uint32_t *of = syc_calloc(n + 1, sizeof(*of)), count = 0;
	int ret = s && of ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++)
		s[i] = (struct seen){ r->claim[i], (uint32_t)i, view ? view[i] : 0 };
	if (ret == 0)
		qsort(s, n, sizeof(*s), by_view);
	for (size_t i = 0; i < n && ret == 0; i++) {
		count += i && by_view(&s[i - 1], &s[i]) != 0;
		of[s[i].row] = count;
	}
	if (ret == 0)
		ret = blocks_init(&r->t.strata, of, n, n ? count + 1 : 0, err);
	free(s);
	free(of);
	return ret;
}

static int take_rows(struct run *r, const double *score, const int8_t *label,
		     const uint32_t *claim, const int32_t *view, size_t n,
		     size_t n_layers, bool within, struct syc_err *err)
{
	bool *layer = syc_calloc(n_layers + 1, sizeof(*layer));
	bool *row = syc_calloc(n + 1, sizeof(*row));
	int32_t *kept_view = syc_calloc(n + 1, sizeof(*kept_view));
	size_t kept, at = 0;
	int ret = layer && row && kept_view ? 0 : syc_nomem(err);

	if (ret == 0) {
		kept = keep(layer, row, score, label, n, n_layers);
		ret = allocate(r, kept, n_layers, err);
	}
	for (size_t i = 0; i < n && ret == 0; i++) {
		if (!row[i])
			continue;
		for (size_t l = 0; l < n_layers; l++)
			r->t.x[l * r->t.n + at] = score[i * n_layers + l];
		kept_view[at] = view ? view[i] : 0;
		r->claim[at] = claim[i];
		r->given[at] = (uint32_t)i;
		r->label[at++] = label[i];
	}
	if (ret == 0)
		ret = number(r->claim, r->t.n, n, &r->n_claims, err);
	if (ret == 0)
		ret = blocks_init(&r->claims, r->claim, r->t.n, r->n_claims, err);
	if (ret == 0 && within)
		ret = stratify(r, kept_view, err);
	for (size_t l = 0; l < n_layers && ret == 0; l++)
		ret = ranks_sort(&r->t.column[l], r->t.x + l * r->t.n, r->t.n, err);
	free(layer);
	free(row);
	free(kept_view);
	return ret;
}

/* ---- labels that say nothing -------------------------------------------- */

/* Claims exchange their labels. */
static void exchange(const struct run *r, uint64_t key, uint32_t *room,
		     int8_t *out)
{
	uint32_t *from = room + r->t.n + r->n_claims;

	blocks_exchange(&r->claims, r->t.n, key, room, from);
	for (size_t i = 0; i < r->t.n; i++)
		out[i] = r->label[from[i]];
}

/* Rows of a stratum exchange theirs. */
static void exchange_within(const struct run *r, uint64_t key, uint32_t *room,
			    int8_t *out)
{
	const struct blocks *b = &r->t.strata;
	uint64_t step = 0;

	for (size_t s = 0; s < b->count; s++) {
		const uint32_t *row = b->row + b->from[s];
		const size_t n = b->from[s + 1] - b->from[s];

		memcpy(room, row, n * sizeof(*room));
		shuffle_rows(room, n, key, &step);
		for (size_t i = 0; i < n; i++)
			out[row[i]] = r->label[room[i]];
	}
}

static void one(void *arg, size_t part, unsigned thread)
{
	struct run *r = arg;
	const uint64_t key = syc_rand_key(r->seed, "procedure", part);
	int8_t *label = r->changed[thread];

	if (r->t.strata.count)
		exchange_within(r, key, r->order[thread], label);
	else
		exchange(r, key, r->order[thread], label);
	r->area[part] = trial_area(&r->t, label, &r->room[thread], NULL);
}

static int threads_init(struct run *r, unsigned threads, struct syc_err *err)
{
	int ret = 0;

	r->room = syc_calloc(threads, sizeof(*r->room));
	r->changed = syc_calloc(threads, sizeof(*r->changed));
	r->order = syc_calloc(threads, sizeof(*r->order));
	if (!r->room || !r->changed || !r->order)
		return syc_nomem(err);
	for (unsigned i = 0; i < threads && ret == 0; i++) {
		r->changed[i] = syc_calloc(r->t.n + 1, sizeof(**r->changed));
		r->order[i] = syc_calloc(2 * r->t.n + r->n_claims + 1, sizeof(**r->order));
		ret = r->changed[i] && r->order[i] ? trial_room_init(&r->room[i], &r->t, err)
						   : syc_nomem(err);
	}
	return ret;
}

static void run_free(struct run *r, unsigned threads)
{
	for (unsigned i = 0; i < threads; i++) {
		if (r->room)
			trial_room_free(&r->room[i]);
		if (r->changed)
			free(r->changed[i]);
		if (r->order)
			free(r->order[i]);
	}
	for (size_t l = 0; l < r->t.k && r->t.column; l++)
		ranks_column_free(&r->t.column[l]);
	blocks_free(&r->claims);
	blocks_free(&r->t.strata);
	free(r->t.x);
	free(r->t.column);
	free(r->t.fold);
	free(r->label);
	free(r->claim);
	free(r->given);
	free(r->room);
	free(r->changed);
	free(r->order);
	free(r->area);
}

/* ---- figures ------------------------------------------------------------ */

/* Folds of claims, of like numbers of rows, whatever the rows' order and labels. */
static int deal(struct run *r, size_t folds, uint64_t seed, struct syc_err *err)
{
	const struct blocks *b = &r->claims;
	int8_t *alike = syc_calloc(r->t.n + 1, sizeof(*alike));
	uint32_t *claim = syc_calloc(2 * r->t.n + 1, sizeof(*claim));
	int ret = alike && claim ? 0 : syc_nomem(err);

	for (size_t i = 0; i < r->t.n && ret == 0; i++)
		claim[i] = r->claim[b->row[i]];
	if (ret == 0)
		ret = syc_stat_folds(claim + r->t.n, alike, claim, r->t.n, folds,
				     seed, err);
	for (size_t i = 0; i < r->t.n && ret == 0; i++)
		r->t.fold[b->row[i]] = claim[r->t.n + i];
	r->t.n_folds = folds;
	free(alike);
	free(claim);
	return ret;
}

/* What the permutations say; areas that are not defined count as equal. */
static void sum_up(struct syc_procedure *p, double *area, size_t n)
{
	size_t far = 1, defined = 0;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		far += !(area[i] < p->auc - 1e-12);
		if (isnan(area[i]))
			continue;
		area[defined++] = area[i];
	}
	p->p = (double)far / (double)(n + 1);
	if (!defined)
		return;
	syc_stat_sort(area, defined);
	for (size_t i = 0; i < defined; i++)
		sum += area[i];
	p->null_mean = sum / (double)defined;
	p->null_lo = syc_stat_quantile(area, defined, 0.025);
	p->null_hi = syc_stat_quantile(area, defined, 0.975);
}

static int permute(struct syc_procedure *p, struct run *r, unsigned threads,
		   struct syc_par *par, struct syc_err *err)
{
	int ret;

	r->area = syc_calloc(p->n_perm + 1, sizeof(*r->area));
	ret = r->area ? threads_init(r, threads, err) : syc_nomem(err);
	if (ret < 0)
		return ret;
	p->auc = trial_area(&r->t, r->label, &r->room[0], p->chosen);
	if (isnan(p->auc)) {
		p->why = "no fold has rows of both labels";
		return 0;
	}
	syc_par_run(par, p->n_perm, one, r);
	sum_up(p, r->area, p->n_perm);
	return 0;
}

/* A layer chosen on one half of the claims, one area on the other. */
static int test(struct syc_procedure *p, struct run *r, struct syc_err *err)
{
	struct trial_room room = { 0 };
	struct pick best = { 0 };
	double *x = syc_calloc(r->t.n + 1, sizeof(*x));
	uint32_t *stratum = syc_calloc(r->t.n + 1, sizeof(*stratum));
	int ret = x && stratum ? deal(r, 2, r->seed + 1, err) : syc_nomem(err);

	if (ret == 0)
		ret = trial_room_init(&room, &r->t, err);
	if (ret == 0)
		best = trial_pick(&r->t, r->label, 1, &room);
	for (size_t i = 0; i < r->t.n && ret == 0; i++)
		x[i] = r->t.fold[i] == 1 && best.sign
			       ? best.sign * r->t.x[best.layer * r->t.n + i] : NAN;
	for (size_t s = 0; s < r->t.strata.count && ret == 0; s++)
		for (size_t i = r->t.strata.from[s]; i < r->t.strata.from[s + 1]; i++)
			stratum[r->t.strata.row[i]] = (uint32_t)s;
	if (ret == 0)
		ret = syc_stat_auc_within(&p->test.auc, x, r->label,
					  r->t.strata.count ? stratum : NULL,
					  r->claim, r->t.n, err);
	for (size_t i = 0; i < r->t.n && ret == 0; i++)
		p->test.row[r->given[i]] = !isnan(x[i]);
	p->test.layer = best.layer;
	p->test.sign = best.sign;
	p->test.n_claims = p->test.auc.n_clusters;
	trial_room_free(&room);
	free(x);
	free(stratum);
	return ret;
}

/* Claims that can count: all, or with both labels in a stratum. */
static size_t useful_claims(const struct run *r)
{
	const struct blocks *s = &r->t.strata;
	size_t n = 0, last = SIZE_MAX;

	if (!s->count)
		return r->n_claims;
	for (size_t i = 0; i < s->count; i++) {
		const uint32_t *row = s->row + s->from[i];
		bool has[2] = { false, false };

		for (size_t j = 0; j < s->from[i + 1] - s->from[i]; j++)
			has[r->label[row[j]]] = true;
		if (has[0] && has[1] && r->claim[row[0]] != last) {
			n++;
			last = r->claim[row[0]];
		}
	}
	return n;
}

static int figures(struct syc_procedure *p, struct run *r,
		   const struct syc_procedure_opts *o, struct syc_par *par,
		   struct syc_err *err)
{
	const size_t folds = o->folds ? o->folds : 5;
	int ret = 0;

	p->n = r->t.n;
	for (size_t i = 0; i < r->t.n; i++)
		p->n_pos += r->label[i];
	p->n_claims = useful_claims(r);
	p->n_folds = folds < r->n_claims ? folds : r->n_claims;
	p->n_perm = o->n_perm ? o->n_perm : 999;
	if (!p->n_pos || p->n_pos == p->n)
		p->why = "all rows have one label";
	else if (p->n_claims < SYC_PROCEDURE_CLAIMS)
		p->why = o->of == SYC_WITHIN_CLAIMS
				 ? "fewer than 10 claims have both labels"
				 : "fewer than 10 claims";
	if (p->why)
		return 0;
	if (p->n_claims >= 2 * SYC_PROCEDURE_CLAIMS)
		ret = test(p, r, err);
	if (ret == 0)
		ret = deal(r, p->n_folds, o->seed, err);
	return ret < 0 ? ret : permute(p, r, syc_par_threads(par), par, err);
}

static struct syc_procedure *procedure_new(size_t n, size_t n_layers)
{
	struct syc_procedure *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->auc = p->p = p->null_mean = p->null_lo = p->null_hi = NAN;
	p->test.auc.auc = p->test.auc.lo = p->test.auc.hi = NAN;
	p->chosen = syc_calloc(n_layers + 1, sizeof(*p->chosen));
	p->test.row = syc_calloc(n + 1, sizeof(*p->test.row));
	if (p->chosen && p->test.row)
		return p;
	syc_procedure_free(p);
	return NULL;
}

int syc_procedure_run(struct syc_procedure **out, const double *score,
		      const int8_t *label, const uint32_t *claim,
		      const int32_t *view, size_t n, size_t n_layers,
		      const struct syc_procedure_opts *o, struct syc_err *err)
{
	static const struct syc_procedure_opts none;
	struct syc_procedure *p = procedure_new(n, n_layers);
	struct run r = { .seed = o ? o->seed : 0 };
	struct syc_par *par = NULL;
	int ret = p ? 0 : syc_nomem(err);

	*out = NULL;
	o = o ? o : &none;
	if (ret == 0)
		ret = syc_par_new(&par, o->threads, err);
	if (ret == 0)
		ret = take_rows(&r, score, label, claim, view, n, n_layers,
				o->of == SYC_WITHIN_CLAIMS, err);
	if (ret == 0)
		ret = figures(p, &r, o, par, err);
	run_free(&r, par ? syc_par_threads(par) : 0);
	syc_par_free(par);
	if (ret < 0)
		syc_procedure_free(p);
	else
		*out = p;
	return ret;
}

void syc_procedure_free(struct syc_procedure *p)
{
	if (!p)
		return;
	free(p->chosen);
	free(p->test.row);
	free(p);
}
