/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/ranks.h"

/* A row where it was given. */
struct given {
	const double *x;	/* [k] */
	size_t k;
	uint32_t c;
	int8_t y;
};

struct scored {
	double x;
	uint32_t row;
};

/* NaN comes first and equals itself. */
static int compare(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(b) - isnan(a);
	return (a > b) - (a < b);
}

static int by_all(const void *a, const void *b)
{
	const struct given *p = a, *q = b;
	int c = p->y - q->y;

	for (size_t i = 0; i < p->k && !c; i++)
		c = compare(p->x[i], q->x[i]);
	return c ? c : (p->c > q->c) - (p->c < q->c);
}

static int by_score(const void *a, const void *b)
{
	const struct scored *p = a, *q = b;

	if (p->x != q->x)
		return (p->x > q->x) - (p->x < q->x);
	return (p->row > q->row) - (p->row < q->row);
}

int ranks_sort(struct column *c, const double *x, size_t n, struct syc_err *err)
{
	struct scored *s = syc_calloc(n + 1, sizeof(*s));

	c->order = syc_calloc(n + 1, sizeof(*c->order));
	c->end = syc_calloc(n + 1, sizeof(*c->end));
	if (!s || !c->order || !c->end) {
		free(s);
		return syc_nomem(err);
	}
	for (size_t r = 0; r < n; r++)
		if (isfinite(x[r]))
			s[c->n++] = (struct scored){ x[r], (uint32_t)r };
	qsort(s, c->n, sizeof(*s), by_score);
	for (size_t r = 0; r < c->n; r++) {
		c->order[r] = s[r].row;
		if (r + 1 == c->n || s[r].x != s[r + 1].x)
			c->end[c->n_groups++] = (uint32_t)r + 1;
	}
	free(s);
	if (c->n_groups == c->n) {
		free(c->end);
		c->end = NULL;
	}
	return 0;
}

void ranks_column_free(struct column *c)
{
	free(c->order);
	free(c->end);
}

/* Clusters are numbered anew, by where they appear in the sorted rows. */
static int copy(struct syc_ranks *r, const struct given *g, bool clustered,
		size_t n_given,
		struct syc_err *err)
{
	uint32_t *seen = syc_calloc(n_given, sizeof(*seen));

	r->label = syc_calloc(r->n, sizeof(*r->label));
	r->cluster = clustered ? syc_calloc(r->n, sizeof(*r->cluster)) : NULL;
	if (!seen || !r->label || (clustered && !r->cluster)) {
		free(seen);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < r->n; i++) {
		r->label[i] = g[i].y;
		r->n_pos += g[i].y == 1;
		if (!clustered)
			continue;
		if (!seen[g[i].c])
			seen[g[i].c] = (uint32_t)++r->n_clusters;
		r->cluster[i] = seen[g[i].c] - 1;
	}
	free(seen);
	return 0;
}

static int fill(struct syc_ranks *r, const struct given *g, bool clustered,
		size_t n_given,
		struct syc_err *err)
{
	double *x = syc_calloc(r->n + 1, sizeof(*x));
	int ret = x ? copy(r, g, clustered, n_given, err) : syc_nomem(err);

	for (size_t i = 0; i < r->k && ret == 0; i++) {
		for (size_t j = 0; j < r->n; j++)
			x[j] = g[j].x[i];
		ret = ranks_sort(&r->column[i], x, r->n, err);
	}
	free(x);
	return ret;
}

int syc_ranks_new(struct syc_ranks **out, const double *score, const int8_t *label,
		  const uint32_t *cluster, size_t n, size_t k, struct syc_err *err)
{
	struct given *g = syc_calloc(n, sizeof(*g));
	struct syc_ranks *r = syc_calloc(1, sizeof(*r));
	int ret;

	*out = NULL;
	if (r)
		r->column = syc_calloc(k, sizeof(*r->column));
	if (n > UINT32_MAX / 4)
		ret = syc_fail(err, SYC_EINVAL, "%zu rows are too many", n);
	else
		ret = g && r && r->column ? 0 : syc_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		if (label[i] != 0 && label[i] != 1)
			continue;
		g[r->n++] = (struct given){ score + i * k, k,
					    cluster ? cluster[i] : 0,
					    label[i] };
	}
	if (ret == 0) {
		r->k = k;
		qsort(g, r->n, sizeof(*g), by_all);
		ret = fill(r, g, cluster, n, err);
	}
	free(g);
	if (ret < 0)
		syc_ranks_free(r);
	else
		*out = r;
	return ret;
}

void syc_ranks_free(struct syc_ranks *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->k && r->column; i++)
		ranks_column_free(&r->column[i]);
	free(r->column);
	free(r->label);
	free(r->cluster);
	free(r);
}

/* Twice the wins, with *pos and *neg rows; no two rows tie. */
static uint64_t wins_apart(const struct column *c, const uint32_t *weight,
			   uint64_t *pos,
			   uint64_t *neg)
{
	uint64_t wins = 0, p = 0, q = 0;

	for (size_t i = 0; i < c->n; i++) {
		const uint32_t v = weight[c->order[i]];
		const uint64_t w = v >> 1, one = w & -(uint64_t)(v & 1);

		wins += one * q;
		p += one;
		q += w - one;
	}
	*pos = p;
	*neg = q;
	return 2 * wins;
}

static uint64_t wins_tied(const struct column *c, const uint32_t *weight,
			  uint64_t *pos,
			  uint64_t *neg)
{
	uint64_t wins = 0, p = 0, q = 0;

	for (size_t g = 0, i = 0; g < c->n_groups; g++) {
		uint64_t here[2] = { 0, 0 };

		for (; i < c->end[g]; i++)
			here[weight[c->order[i]] & 1] += weight[c->order[i]] >> 1;
		wins += here[1] * (2 * q + here[0]);
		p += here[1];
		q += here[0];
	}
	*pos = p;
	*neg = q;
	return wins;
}

double ranks_area(const struct column *c, const uint32_t *weight)
{
	uint64_t pos, neg, wins;

	wins = c->end ? wins_tied(c, weight, &pos, &neg) :
		wins_apart(c, weight, &pos, &neg);
	return pos && neg ? (double)wins / (2.0 * (double)pos * (double)neg) : NAN;
}
