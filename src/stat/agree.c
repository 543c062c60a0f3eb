/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/distribution.h"
#include "syc/agree.h"
#include "syc/stat.h"

enum { LABELS = 3 };

/* A row: how often each label was given, and by two raters by whom. */
struct item {
	double share[LABELS];	/* of the raters */
	int a, b;		/* labels of two raters */
};

static int code(int8_t label)
{
	return label == 0 || label == 1 ? label : 2;
}

/* Fill the item of row r; false: left out. */
static bool get_item(struct item *it, const int8_t *const *label,
		     size_t n_raters, size_t r,
		     bool undecided)
{
	*it = (struct item){ .a = code(label[0][r]), .b = code(label[1][r]) };
	for (size_t i = 0; i < n_raters; i++)
		it->share[code(label[i][r])] += 1 / (double)n_raters;
	return undecided || it->share[2] == 0;
}

/* The share of pairs of raters who agree on an item. */
static double agreement(const struct item *it, size_t n_raters)
{
	const double k = (double)n_raters;
	double same = 0;

	for (int l = 0; l < LABELS; l++) {
		const double given = it->share[l] * k;

		same += given * (given - 1);
	}
	return same / (k * (k - 1));
}

/* Each rater's shares of labels, or all raters' alike. */
struct shares {
	double a[LABELS], b[LABELS];
};

static void add_shares(struct shares *s, const struct item *it, bool own)
{
	for (int l = 0; l < LABELS; l++) {
		s->a[l] += own ? it->a == l : it->share[l];
		s->b[l] += own ? it->b == l : it->share[l];
	}
}

/* What a row adds to chance agreement, beyond the mean: its derivative. */
static double pull(const struct shares *s, const struct item *it, bool own,
		   double chance)
{
	double sum = 0;

	for (int l = 0; l < LABELS; l++)
		sum += (own ? it->a == l : it->share[l]) * s->b[l] +
			(own ? it->b == l : it->share[l]) * s->a[l];
	return sum - 2 * chance;
}

/* Of n > 0 items. */
static void fill(struct syc_kappa *k, const struct item *it, size_t n_raters,
		 bool own)
{
	const double n = (double)k->n, z = syc_stat_t_quantile(0.05, INFINITY);
	struct shares s = { { 0 }, { 0 } };
	double square = 0, rows = n, rest;

	k->agree = k->chance = 0;
	for (size_t i = 0; i < k->n; i++) {
		add_shares(&s, &it[i], own);
		k->agree += agreement(&it[i], n_raters) / n;
	}
	for (int l = 0; l < LABELS; l++) {
		s.a[l] /= n;
		s.b[l] /= n;
		k->chance += s.a[l] * s.b[l];
	}
	wilson_interval(fmin(k->agree, 1), n, z, &k->agree_lo, &k->agree_hi);
	rest = 1 - k->chance;
	if (!(rest > 1e-12))
		return;
	k->kappa = 1 - (1 - k->agree) / rest;
	for (size_t i = 0; i < k->n; i++) {
		const double d = (agreement(&it[i], n_raters) - k->agree) / rest -
			(1 - k->agree) / rest / rest * pull(&s, &it[i], own,
							    k->chance);

		square += d * d;
	}
	k->se = sqrt(square) / n;
	if (k->agree < 1 - 1e-12 && k->agree > 0 && k->se > 0)
		rows = k->agree * (1 - k->agree) / (k->se * rest * k->se * rest);
	wilson_interval(fmin(k->agree, 1), rows, z, &k->lo, &k->hi);
	k->lo = 1 - (1 - k->lo) / rest;
	k->hi = 1 - (1 - k->hi) / rest;
}

static int rate(struct syc_kappa *out, const int8_t *const *label,
		size_t n_raters, size_t n,
		bool undecided, bool own, struct syc_err *err)
{
	struct item *it = syc_calloc(n, sizeof(*it));

	*out = (struct syc_kappa){ .agree = NAN, .agree_lo = NAN, .agree_hi = NAN, .chance = NAN,
				   .kappa = NAN, .se = NAN, .lo = NAN, .hi = NAN };
	if (!it)
		return syc_nomem(err);
	for (size_t r = 0; r < n; r++)
		out->n += get_item(&it[out->n], label, n_raters, r, undecided);
	if (out->n)
		fill(out, it, n_raters, own);
	free(it);
	return 0;
}

int syc_stat_cohen(struct syc_kappa *out, const int8_t *a, const int8_t *b, size_t n,
		   bool undecided, struct syc_err *err)
{
	return rate(out, (const int8_t *const[]){ a, b }, 2, n, undecided, true, err);
}

int syc_stat_fleiss(struct syc_kappa *out, const int8_t *const *label,
		    size_t n_raters, size_t n,
		    bool undecided, struct syc_err *err)
{
	if (n_raters < 2)
		return syc_fail(err, SYC_EINVAL, "agreement of %zu raters", n_raters);
	return rate(out, label, n_raters, n, undecided, false, err);
}
