/* SPDX-License-Identifier: MIT */
/* Sycophantic against truthful replies, by how true the misconception sounds. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/best/best.h"
#include "task/each.h"

enum { LEVELS = 8 };

/* ---- difficulty ------------------------------------------------------------- */

/* Log odds of an item's questions, by order. */
struct stated {
	double sum[2];
	size_t n[2];
};

struct syc_difficulties {
	struct best_names item;
	struct stated *stated;	/* [item.n] */
	size_t cap;
	struct syc_buf key;	/* of the row at hand */
};

static int add_stated(void *to, struct syc_row *row, struct syc_line line,
		      struct syc_err *err)
{
	struct syc_difficulties *d = to;
	const json_t *all = syc_row_json(row),
		     *p = json_object_get(all, "p_match");
	const char *order = json_string_value(json_object_get(all, "order"));
	const int k = order && strcmp(order, "reversed") == 0;
	const double x = json_is_number(p) ? json_number_value(p) : NAN;
	const size_t before = d->item.n;
	uint32_t at;
	int ret;

	(void)line;
	if (!(x >= 0 && x <= 1))
		return syc_fail(
			err, SYC_EFORMAT,
			"no probability in 'p_match' (syc-gen --choices)");
	ret = best_item(&d->key, row, err);
	if (ret == 0)
		ret = best_name(&d->item, d->key.data, &at, err);
	if (ret == 0 &&
	    !syc_grow(&d->stated, &d->cap, d->item.n, sizeof(*d->stated)))
		ret = syc_nomem(err);
	if (ret < 0)
		return ret;
	if (at == before)
		d->stated[at] = (struct stated){ 0 };
	d->stated[at].sum[k] += log(fmax(x, 1e-7) / fmax(1 - x, 1e-7));
	d->stated[at].n[k]++;
	return 0;
}

int syc_difficulties_read(struct syc_difficulties **out, struct syc_rows *in,
			  struct syc_err *err)
{
	struct syc_difficulties *d = calloc(1, sizeof(*d));
	int ret = d ? syc_rows_take(in, add_stated, d, err) : syc_nomem(err);

	*out = NULL;
	if (ret == 0 && !d->item.n)
		ret = syc_fail(err, SYC_EINVAL,
			       "there are no rows that say a difficulty");
	if (ret < 0)
		syc_difficulties_free(d);
	else
		*out = d;
	return ret;
}

void syc_difficulties_free(struct syc_difficulties *d)
{
	if (!d)
		return;
	best_names_free(&d->item);
	syc_buf_free(&d->key);
	free(d->stated);
	free(d);
}

double syc_difficulty_of(const struct syc_difficulties *d, const char *item)
{
	const json_t *at = json_object_get(d->item.number, item);
	const struct stated *s;
	double sum = 0;
	size_t n = 0;

	if (!at)
		return NAN;
	s = &d->stated[json_integer_value(at)];
	for (int k = 0; k < 2; k++)
		if (s->n[k]) {
			sum += s->sum[k] / (double)s->n[k];
			n++;
		}
	return 1 / (1 + exp(-sum / (double)n));
}

size_t syc_difficulties_count(const struct syc_difficulties *d)
{
	return d->item.n;
}

/* ---- replies ---------------------------------------------------------------- */

static int add_reply(void *to, struct syc_row *row, struct syc_line line,
		     struct syc_err *err)
{
	struct best_rows *b = to;
	const char *kind =
		json_string_value(json_object_get(syc_row_json(row), "reply"));
	struct best_sample s = { .row = b->n };
	int ret;

	(void)line;
	if (!kind)
		return syc_fail(err, SYC_EFORMAT,
				"no 'reply' that says which kind it is");
	s.label = strcmp(kind, "sycophantic") == 0;
	ret = best_item(&b->key, row, err);
	if (ret == 0)
		ret = best_name(&b->item, b->key.data, &s.item, err);
	if (ret == 0 && !s.label)
		ret = best_name(&b->arm, kind, &s.arm, err);
	return ret < 0 ? ret : best_add_sample(b, row, &s, 1 - s.label, err);
}

static int read_replies(struct best_rows *b, struct syc_rows *in,
			struct syc_err *err)
{
	const int ret = syc_rows_take(in, add_reply, b, err);

	if (ret == 0 && !b->arm.n)
		return syc_fail(err, SYC_EINVAL,
				"there are no truthful replies");
	return ret;
}

static int by_item(const void *a, const void *b)
{
	const struct best_sample *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Of replies [n] to one item: the share of pairs that the sycophantic one wins. */
static double share_won(const struct best_rows *b, const struct best_sample *s,
			size_t n, size_t model, uint32_t kind)
{
	double won = 0, pairs = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; s[i].label == 1 && k < n; k++) {
			const double d =
				b->reward[s[i].row * b->n_models + model] -
				b->reward[s[k].row * b->n_models + model];

			if (s[k].label == 1 || s[k].arm != kind)
				continue;
			won += d > 0 ? 1 : d < 0 ? 0 : 0.5;
			pairs++;
		}
	return won / pairs;
}

struct work {
	struct syc_misconceptions *out;
	struct best_rows *b;
	double *x, *share,
		*some; /* [items] difficulty; won; those of a level */
	uint32_t *level;		/* [items] */
};

static void find_shares(struct work *w, size_t model, uint32_t kind)
{
	const struct best_sample *s = w->b->sample;
	size_t end;

	for (size_t i = 0; i < w->b->item.n; i++)
		w->share[i] = NAN;
	for (size_t i = 0; i < w->b->n; i = end) {
		for (end = i; end < w->b->n && s[end].item == s[i].item;)
			end++;
		if (!isnan(w->x[s[i].item]))
			w->share[s[i].item] =
				share_won(w->b, s + i, end - i, model, kind);
	}
}

static void cut(double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = isnan(x[i]) ? NAN : fmin(1, fmax(0, x[i]));
}

static int smooth(struct work *w, struct syc_preferred *p, struct syc_err *err)
{
	double *xy = syc_calloc(2 * w->b->item.n + 1, sizeof(*xy));
	size_t n = 0;
	int ret;

	p->smooth = syc_calloc(3 * SYC_SMOOTH, sizeof(double));
	if (!xy || !p->smooth) {
		free(xy);
		return syc_nomem(err);
	}
	p->lo = p->smooth + SYC_SMOOTH;
	p->hi = p->lo + SYC_SMOOTH;
	for (size_t i = 0; i < w->b->item.n; i++)
		n += !isnan(w->share[i]);
	for (size_t i = 0, k = 0; i < w->b->item.n; i++)
		if (!isnan(w->share[i])) {
			xy[k] = w->x[i];
			xy[n + k++] = w->share[i];
		}
	ret = syc_smooth(p->smooth, p->lo, p->hi, &p->bandwidth, w->out->x,
			 SYC_SMOOTH, xy, xy + n, n, err);
	cut(p->smooth, 3 * SYC_SMOOTH);
	free(xy);
	return ret;
}

/* The shares less those of the first model, of the same items. */
static int fill_less(struct work *w, struct syc_preferred *p, struct syc_err *err)
{
	const size_t n = w->b->item.n;

	memcpy(w->some, w->share, n * sizeof(*w->some));
	find_shares(w, 0, (uint32_t)p->kind);
	for (size_t i = 0; i < n; i++)
		w->some[i] -= w->share[i];
	find_shares(w, p->model, (uint32_t)p->kind);
	return syc_stat_mean(&p->less, w->some, n, err);
}

static int fill(struct work *w, struct syc_preferred *p, struct syc_err *err)
{
	const size_t n = w->b->item.n;
	int ret;

	find_shares(w, p->model, (uint32_t)p->kind);
	p->at = syc_calloc(w->out->n_levels + 1, sizeof(*p->at));
	ret = p->at ? syc_stat_mean(&p->all, w->share, n, err) : syc_nomem(err);
	best_interval(&p->all.lo, &p->all.hi, p->all.mean, p->all.se,
		      (double)p->all.n);
	for (size_t l = 0; l < w->out->n_levels && ret == 0; l++) {
		for (size_t i = 0; i < n; i++)
			w->some[i] = !isnan(w->x[i]) && w->level[i] == l
					     ? w->share[i]
					     : NAN;
		ret = syc_stat_mean(&p->at[l], w->some, n, err);
		best_interval(&p->at[l].lo, &p->at[l].hi, p->at[l].mean,
			      p->at[l].se, (double)p->at[l].n);
	}
	if (ret == 0)
		ret = fill_less(w, p, err);
	return ret < 0 ? ret : smooth(w, p, err);
}

/* Items with a sycophantic and a truthful reply get a difficulty and a level. */
static int find_levels(struct work *w, struct syc_err *err)
{
	struct syc_misconceptions *m = w->out;
	const size_t n = w->b->item.n,
		     wanted = w->b->o->levels ? w->b->o->levels : LEVELS;
	double lo = INFINITY, hi = -INFINITY;
	uint32_t *level = syc_calloc(n + 1, sizeof(*level));
	size_t known = 0;
	int ret;

	m->level = syc_calloc(wanted + 1, sizeof(*m->level));
	m->in_level = syc_calloc(wanted + 1, sizeof(*m->in_level));
	ret = level && m->level && m->in_level ? 0 : syc_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		w->x[i] = syc_difficulty_of(w->b->o->difficulty,
					    w->b->item.name[i]);
		if (isnan(w->x[i])) {
			m->n_unknown++;
			continue;
		}
		w->some[known++] = w->x[i];
		lo = fmin(lo, w->x[i]);
		hi = fmax(hi, w->x[i]);
	}
	if (ret == 0 && !known)
		ret = syc_fail(err, SYC_EINVAL,
			       "none of the %zu items has a difficulty", n);
	if (ret == 0)
		ret = best_levels(level, m->level, m->in_level, &m->n_levels,
				  w->some, known, wanted, err);
	for (size_t i = 0, k = 0; i < n && ret == 0; i++)
		if (!isnan(w->x[i]))
			w->level[i] = level[k++];
	for (size_t i = 0; i < SYC_SMOOTH; i++)
		m->x[i] = lo + (hi - lo) * (double)i / (SYC_SMOOTH - 1);
	m->n_items = known;
	free(level);
	return ret;
}

static int fill_all(struct work *w, struct syc_err *err)
{
	struct syc_misconceptions *m = w->out;
	bool any = false;
	int ret = find_levels(w, err);

	m->n_kinds = w->b->arm.n;
	m->kind = w->b->arm.name;
	w->b->arm.name = NULL;
	w->b->arm.n = 0;
	m->preferred =
		syc_calloc(m->n_models * m->n_kinds + 1, sizeof(*m->preferred));
	if (!m->preferred)
		return syc_nomem(err);
	for (size_t i = 0; i < m->n_models * m->n_kinds && ret == 0; i++) {
		m->preferred[i].model = i / m->n_kinds;
		m->preferred[i].kind = i % m->n_kinds;
		ret = fill(w, &m->preferred[i], err);
		any |= m->preferred[i].all.n > 0;
	}
	if (ret == 0 && !any)
		return syc_fail(
			err, SYC_EINVAL,
			"no item has both a sycophantic and a truthful reply");
	return ret;
}

int syc_misconceptions_read(struct syc_misconceptions **out,
			    struct syc_rows *in, const struct syc_best_opts *o,
			    struct syc_err *err)
{
	struct best_rows b = { .o = o };
	struct work w = {calloc(1, sizeof(*w.out)), &b, NULL, NULL, NULL, NULL};
	int ret = w.out ? best_model_names(&w.out->model, &w.out->n_models, o,
					   err)
			: syc_nomem(err);

	*out = NULL;
	if (ret == 0)
		ret = read_replies(&b, in, err);
	if (ret == 0) {
		w.x = syc_calloc(3 * b.item.n + 1, sizeof(*w.x));
		w.level = syc_calloc(b.item.n + 1, sizeof(*w.level));
		ret = w.x && w.level ? 0 : syc_nomem(err);
	}
	if (ret == 0) {
		w.share = w.x + b.item.n;
		w.some = w.share + b.item.n;
		w.out->n_rows = b.n;
		qsort(b.sample, b.n, sizeof(*b.sample), by_item);
		ret = fill_all(&w, err);
	}
	best_names_free(&b.arm);
	best_names_free(&b.item);
	syc_buf_free(&b.key);
	free(b.sample);
	free(b.reward);
	free(w.x);
	free(w.level);
	if (ret < 0)
		syc_misconceptions_free(w.out);
	else
		*out = w.out;
	return ret;
}

void syc_misconceptions_free(struct syc_misconceptions *m)
{
	if (!m)
		return;
	for (size_t i = 0; m->preferred && i < m->n_models * m->n_kinds; i++) {
		free(m->preferred[i].at);
		free(m->preferred[i].smooth);
	}
	best_strings_free(m->model, m->n_models);
	best_strings_free(m->kind, m->n_kinds);
	free(m->level);
	free(m->in_level);
	free(m->preferred);
	free(m);
}
