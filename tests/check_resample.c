/* SPDX-License-Identifier: MIT */
/*
 * Bootstrap and permutation against what they converge to: moments worked out
 * by hand, and all outcomes counted where there are few.
 */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/rand.h"
#include "suite.h"
#include "syc/resample.h"
#include "syc/stat.h"

enum { MANY = 40000 };

/* Made rows: score [n][k]. */
struct rows {
	double *x;
	int8_t *y;
	uint32_t *c;
	size_t n, k;
};

static struct rows made(size_t n, size_t k, uint64_t seed, double coarse)
{
	const uint64_t key = syc_rand_key(seed, "rows", n);
	struct rows r = { calloc(n * k, sizeof(double)), calloc(n, 1),
			  calloc(n, 4), n, k };

	ck_assert(r.x && r.y && r.c);
	for (size_t i = 0; i < n; i++) {
		r.y[i] = syc_rand_below(key, 3 * i, 5) < 2;
		r.c[i] = (uint32_t)syc_rand_below(key, 3 * i + 1, n / 6 + 1);
		for (size_t j = 0; j < k; j++) {
			const double u = syc_rand_unit(key,
						       1000000 + i * k +
						       j) * 3 + r.y[i];

			r.x[i * k + j] = coarse > 0 ? round(u * coarse) : u;
		}
	}
	return r;
}

static void drop(struct rows *r)
{
	free(r->x);
	free(r->y);
	free(r->c);
}

static struct syc_ranks *ranks(const struct rows *r, bool clusters)
{
	struct syc_ranks *out;

	ck_assert_int_eq(syc_ranks_new(&out, r->x, r->y, clusters ? r->c : NULL,
				       r->n, r->k, NULL),
			 0);
	return out;
}

static double column_area(const struct rows *r, size_t j)
{
	double *x = calloc(r->n, sizeof(*x));
	struct syc_auc a;

	for (size_t i = 0; i < r->n; i++)
		x[i] = r->x[i * r->k + j];
	ck_assert_int_eq(syc_stat_auc(&a, x, r->y, r->n, NULL), 0);
	free(x);
	return a.auc;
}

static double psi(const struct rows *r, size_t i, size_t j)
{
	return r->x[i] > r->x[j] ? 1 : r->x[i] == r->x[j] ? 0.5 : 0;
}

/*
 * The variance of the area over all samples of either class: with weights w, v
 * E(w_i w_k) = 1 - 1/m + (i = k), E(v_j v_l) likewise, and the area is the sum
 * of w_i v_j psi_ij / (m n).
 */
static double exact_variance(const struct rows *r)
{
	double all = 0, square = 0, by_pos = 0, by_neg = 0, m = 0, n = 0;

	for (size_t i = 0; i < r->n; i++) {
		double sum = 0;

		m += r->y[i] == 1;
		n += r->y[i] == 0;
		for (size_t j = 0; j < r->n; j++) {
			if (r->y[i] == r->y[j])
				continue;
			sum += r->y[i] ? psi(r, i, j) : psi(r, j, i);
			square += r->y[i] ? psi(r, i, j) * psi(r, i, j) : 0;
		}
		by_pos += r->y[i] ? sum * sum : 0;
		by_neg += r->y[i] ? 0 : sum * sum;
		all += r->y[i] ? sum : 0;
	}
	return ((1 - 1 / m) * (1 - 1 / n) * all * all + (1 - 1 / n) * by_pos +
		(1 - 1 / m) * by_neg + square) / (m * n) / (m * n) -
		pow(all / (m * n), 2);
}

START_TEST(bootstrap_has_the_exact_variance)
{
	for (int coarse = 0; coarse < 3; coarse += 2) {
		struct rows r = made(40, 1, 4, coarse);
		struct syc_ranks *k = ranks(&r, false);
		const double want = sqrt(exact_variance(&r));
		struct syc_boot b;

		ck_assert_int_eq(syc_bootstrap_auc(&b, k, MANY, 9, 2, NULL), 0);
		ck_assert_uint_eq(b.n, MANY);
		ck_assert(b.auc == column_area(&r, 0));
		ck_assert_msg(fabs(b.se / want - 1) < 0.02, "se %g, want %g",
			      b.se, want);
		ck_assert(b.lo < b.auc && b.auc < b.hi &&
			  fabs((b.hi - b.lo) / b.se - 3.9) < 0.2);
		/* One column: the band is an interval, about as wide. */
		ck_assert(fabs((b.band_hi - b.band_lo) / (b.hi - b.lo) - 1) < 0.2);
		syc_ranks_free(k);
		drop(&r);
	}
}
END_TEST

/* All 27 samples of three clusters. */
START_TEST(cluster_bootstrap_draws_clusters)
{
	double x[] = { 0.1, 0.5, 0.9, 0.4, 0.8, 0.3, 0.7 }, area[27], mean = 0,
		square = 0;
	int8_t y[] = { 0, 1, 1, 0, 1, 0, 0 };
	uint32_t c[] = { 0, 0, 1, 1, 1, 2, 2 };
	struct rows r = { x, y, c, 7, 1 };
	struct syc_ranks *k = ranks(&r, true);
	struct syc_boot b;
	size_t n = 0;

	for (int draw = 0; draw < 27; draw++) {
		const int from[] = { draw % 3, draw / 3 % 3, draw / 9 };
		double wins = 0, pairs = 0, w[7];

		for (int i = 0; i < 7; i++)
			w[i] = (from[0] == (int)c[i]) + (from[1] == (int)c[i]) +
				(from[2] == (int)c[i]);
		for (size_t i = 0; i < 7; i++)
			for (size_t j = 0; j < 7; j++)
				if (y[i] && !y[j]) {
					wins += w[i] * w[j] * psi(&r, i, j);
					pairs += w[i] * w[j];
				}
		if (pairs > 0)
			area[n++] = wins / pairs;
	}
	ck_assert_uint_eq(n, 26);	/* cluster 2 three times has one class */
	for (size_t i = 0; i < n; i++)
		mean += area[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		square += pow(area[i] - mean, 2) / (double)n;
	ck_assert_int_eq(syc_bootstrap_auc(&b, k, MANY, 1, 2, NULL), 0);
	ck_assert(fabs((double)b.n / MANY - 26.0 / 27) < 0.005);
	ck_assert_msg(fabs(b.se / sqrt(square) - 1) < 0.02, "se %g, want %g",
		      b.se, sqrt(square));
	syc_ranks_free(k);
}
END_TEST

/* Whether p of n trials agrees with the truth, by four standard deviations. */
static void agrees(const char *what, double p, double want)
{
	const double slack = 4 * sqrt(want * (1 - want) / MANY) + 1.0 / MANY;

	ck_assert_msg(fabs(p - want) <= slack, "%s is %g, want %g", what, p, want);
}

/* Areas of the first two columns with the labels of bits; NaN: not a shuffle. */
struct count {
	double area[2], far[2], farthest[2], sd[2], center[2], n;
};

static void areas(const struct rows *r, unsigned bits, double out[2])
{
	for (size_t k = 0; k < 2; k++) {
		double wins = 0, pairs = 0;

		for (size_t i = 0; i < r->n; i++)
			for (size_t j = 0; j < r->n; j++) {
				const double a = r->x[i * 2 + k],
					b = r->x[j * 2 + k];

				if (!(bits >> i & 1) || bits >> j & 1)
					continue;
				wins += a > b ? 1 : a == b ? 0.5 : 0;
				pairs++;
			}
		out[k] = wins / pairs;
	}
}

/* Whether the labels of bits are the given ones, put about as allowed. */
static bool is_shuffle(const struct rows *r, unsigned bits, enum syc_shuffle how)
{
	for (uint32_t c = 0; c < 4; c++) {
		int here[2] = { 0, 0 }, rows = 0;

		for (size_t i = 0; i < r->n; i++) {
			if (how != SYC_SHUFFLE_ROWS && r->c[i] != c)
				continue;
			rows++;
			here[0] += r->y[i];
			here[1] += bits >> i & 1;
		}
		if (how == SYC_SHUFFLE_CLUSTERS ? here[1] &&
		    here[1] != rows : here[0] != here[1])
			return false;
	}
	return how != SYC_SHUFFLE_CLUSTERS || __builtin_popcount(bits) == 4;
}

static void count_all(const struct rows *r, enum syc_shuffle how, struct count *c)
{
	double a[2];

	*c = (struct count){ .center = { 0.5, 0.5 } };
	for (int pass = 0; pass < 3; pass++) {
		c->n = 0;
		for (unsigned bits = 1; bits + 1 < 1u << r->n; bits++) {
			double z[2];

			if (!is_shuffle(r, bits, how))
				continue;
			c->n++;
			areas(r, bits, a);
			for (int k = 0; k < 2; k++) {
				z[k] = fabs(a[k] - c->center[k]) / c->sd[k];
				if (pass == 0)
					c->area[k] += a[k];
				else if (pass == 1)
					c->sd[k] += pow(a[k] - c->center[k], 2);
			}
			for (int k = 0; k < 2 && pass == 2; k++) {
				const double own =
					fabs(c->area[k] -
					     c->center[k]) / c->sd[k];

				c->far[k] += z[k] >= own - 1e-9;
				c->farthest[k] += fmax(z[0], z[1]) >= own - 1e-9;
			}
		}
		for (int k = 0; k < 2 && pass == 0 && how == SYC_SHUFFLE_WITHIN;
		     k++)
			c->center[k] = c->area[k] / c->n;
		for (int k = 0; k < 2 && pass == 1; k++)
			c->sd[k] = sqrt(c->sd[k] / c->n);
		if (pass == 1) {
			unsigned bits = 0;

			for (size_t i = 0; i < r->n; i++)
				bits |= (unsigned)r->y[i] << i;
			areas(r, bits, c->area);
		}
	}
}

static void check_shuffle(enum syc_shuffle how)
{
	double x[] = { 1, 4, 2, 2.5, 3, 1, 4, 7, 5, 7, 6, 5, 7, 9, 8, 9 };
	int8_t rows[] = { 0, 0, 1, 0, 1, 0, 1, 1 },
		whole[] = { 0, 0, 1, 1, 0, 0, 1, 1 };
	uint32_t c[] = { 0, 0, 1, 1, 2, 2, 3, 3 },
		mixed[] = { 0, 0, 0, 1, 1, 1, 1, 2 };
	struct rows r = { x, how == SYC_SHUFFLE_CLUSTERS ? whole : rows,
			  how == SYC_SHUFFLE_WITHIN ? mixed : c, 8, 2 };
	struct syc_ranks *k = ranks(&r, how != SYC_SHUFFLE_ROWS);
	enum syc_shuffle got;
	struct syc_perm p[2];
	struct count want;

	count_all(&r, how, &want);
	ck_assert_int_eq(syc_permute_auc(p, &got, k, MANY, 3, 2, NULL), 0);
	ck_assert_int_eq(got, how);
	ck_assert(want.n == (how == SYC_SHUFFLE_ROWS ? 70 :
			     how == SYC_SHUFFLE_WITHIN ? 18 : 6));
	for (int i = 0; i < 2; i++) {
		ck_assert(fabs(p[i].auc - want.area[i]) < 1e-12);
		ck_assert(fabs(p[i].center - want.center[i]) < 1e-12);
		ck_assert(fabs(p[i].sd / want.sd[i] - 1) < 0.02);
		agrees("p", p[i].p, want.far[i] / want.n);
		agrees("p_max", p[i].p_max, want.farthest[i] / want.n);
		ck_assert(p[i].p_max >= p[i].p);
	}
	syc_ranks_free(k);
}

START_TEST(permutations_count_all_outcomes)
{
	check_shuffle(SYC_SHUFFLE_ROWS);
	check_shuffle(SYC_SHUFFLE_WITHIN);
	check_shuffle(SYC_SHUFFLE_CLUSTERS);
}
END_TEST

/* Other threads, and rows in another order, give the same bytes. */
START_TEST(threads_and_order_change_no_bit)
{
	for (int clusters = 0; clusters < 2; clusters++) {
		struct rows r = made(200, 3, 8, 5), s = made(200, 3, 8, 5);
		struct syc_ranks *a, *b;
		struct syc_boot boot[2][3];
		struct syc_perm perm[2][3];
		enum syc_shuffle how;

		for (size_t i = 0; i < r.n; i++) {
			const size_t to = (i * 77 + 13) % r.n;

			memcpy(s.x + to * 3, r.x + i * 3, 3 * sizeof(double));
			s.y[to] = r.y[i];
			s.c[to] = r.c[i];
		}
		a = ranks(&r, clusters);
		b = ranks(&s, clusters);
		memset(boot, 0, sizeof(boot));
		memset(perm, 0, sizeof(perm));
		ck_assert_int_eq(syc_bootstrap_auc(boot[0], a, 300, 5, 1, NULL), 0);
		ck_assert_int_eq(syc_bootstrap_auc(boot[1], b, 300, 5, 3, NULL), 0);
		ck_assert_int_eq(memcmp(boot[0], boot[1], sizeof(boot[0])), 0);
		ck_assert_int_eq(syc_permute_auc(perm[0], &how, a, 300, 5, 1,
						 NULL), 0);
		ck_assert_int_eq(syc_permute_auc(perm[1], &how, b, 300, 5, 3,
						 NULL), 0);
		ck_assert_int_eq(memcmp(perm[0], perm[1], sizeof(perm[0])), 0);
		ck_assert_int_eq(syc_bootstrap_auc(boot[1], b, 300, 6, 3, NULL), 0);
		ck_assert_int_ne(memcmp(boot[0], boot[1], sizeof(boot[0])), 0);
		syc_ranks_free(a);
		syc_ranks_free(b);
		drop(&r);
		drop(&s);
	}
}
END_TEST

/* A band holds several columns, so it is wider than their intervals. */
START_TEST(band_is_wider_than_intervals)
{
	struct rows r = made(300, 20, 12, 0);
	struct syc_ranks *k = ranks(&r, false);
	struct syc_boot b[20];

	ck_assert_int_eq(syc_bootstrap_auc(b, k, 4000, 1, 2, NULL), 0);
	for (int i = 0; i < 20; i++) {
		const double ratio = (b[i].band_hi - b[i].band_lo) / (b[i].hi -
								      b[i].lo);

		/* 20 independent ones: the normal quantile of 1 - .05 / 40 is 3.02. */
		ck_assert_msg(ratio > 1.45 && ratio < 1.65, "ratio %g", ratio);
	}
	syc_ranks_free(k);
	drop(&r);
}
END_TEST

/* An area lies outside the limits when its p says so, at its layer and over all. */
START_TEST(limits_are_where_p_changes)
{
	struct rows r = made(150, 20, 12, 0);
	struct syc_perm p[20];
	struct syc_ranks *k;
	enum syc_shuffle how;
	int beyond = 0, far_beyond = 0;

	for (size_t i = 0; i < r.n * 20; i++)
		r.x[i] -= (1 - 0.03 * (double)(i % 20)) * r.y[i / 20];
	k = ranks(&r, false);
	ck_assert_int_eq(syc_permute_auc(p, &how, k, 1000, 3, 2, NULL), 0);
	for (int i = 0; i < 20; i++) {
		const bool out = p[i].auc < p[i].lo || p[i].auc > p[i].hi;
		const bool far = p[i].auc < p[i].max_lo || p[i].auc > p[i].max_hi;

		ck_assert(p[i].max_lo < p[i].lo && p[i].lo < 0.5 &&
			  p[i].hi > 0.5 && p[i].hi < p[i].max_hi);
		ck_assert(fabs(p[i].lo + p[i].hi - 1) < 1e-12);
		ck_assert_int_eq(out, p[i].p * 1001 - 1 < 50.5);
		ck_assert_int_eq(far, p[i].p_max * 1001 - 1 < 50.5);
		beyond += out;
		far_beyond += far;
	}
	ck_assert(far_beyond > 0 && far_beyond < beyond && beyond < 20);
	syc_ranks_free(k);
	drop(&r);
}
END_TEST

/* Gaps, undecided rows and what cannot be resampled. */
START_TEST(gaps_and_too_few_rows)
{
	double x[] = { 1, 0.3, 2, 5, 3, NAN, 4, 1, 5, 2, 6, INFINITY };
	int8_t y[] = { 0, 1, 0, 1, -1, 1 }, one[] = { 1, 1, 1, 1, 1, 1 };
	struct rows r = { x, y, NULL, 6, 2 };
	struct syc_ranks *k = ranks(&r, false);
	enum syc_shuffle how;
	struct syc_boot b[2];
	struct syc_perm p[2];

	ck_assert_int_eq(syc_bootstrap_auc(b, k, 100, 1, 1, NULL), 0);
	ck_assert(b[0].auc == column_area(&r, 0) && b[1].auc == column_area(&r, 1));
	ck_assert_int_eq(syc_permute_auc(p, &how, k, 100, 1, 1, NULL), 0);
	ck_assert(p[0].auc == b[0].auc && p[0].p > 0 && p[0].p <= 1);
	syc_ranks_free(k);
	r.y = one;
	k = ranks(&r, false);
	ck_assert_int_eq(syc_bootstrap_auc(b, k, 100, 1, 1, NULL), 0);
	ck_assert_int_eq(syc_permute_auc(p, &how, k, 100, 1, 1, NULL), 0);
	for (int i = 0; i < 2; i++)
		ck_assert(isnan(b[i].auc) && isnan(b[i].se) &&
			  isnan(b[i].band_lo) &&
			  isnan(p[i].p) && isnan(p[i].p_max));
	syc_ranks_free(k);
	/* All rows alike: an area, but no spread and no p. */
	r.y = y;
	for (int i = 0; i < 12; i++)
		x[i] = 7;
	k = ranks(&r, false);
	ck_assert_int_eq(syc_bootstrap_auc(b, k, 100, 1, 1, NULL), 0);
	ck_assert_int_eq(syc_permute_auc(p, &how, k, 100, 1, 1, NULL), 0);
	ck_assert(b[0].auc == 0.5 && b[0].se == 0 && b[0].band_lo < 0.5 &&
		  isnan(p[0].p));
	syc_ranks_free(k);
}
END_TEST

START_TEST(many_areas_are_those_of_one)
{
	enum { N = 150, K = 9 };
	struct rows r = made(N, K, 21, 3);
	float *x = calloc(N * K, sizeof(*x));
	double out[K];

	for (size_t i = 0; i < N * K; i++) {
		r.x[i] = (r.x[i] - 4) * 1e-3;
		if (i % 31 == 5)
			r.x[i] = NAN;
		x[i] = (float)r.x[i];
	}
	x[3] = r.x[3] = 0;
	x[K + 3] = -0.0f;
	r.x[K + 3] = 0;
	r.y[7] = -1;
	ck_assert_int_eq(syc_many_auc(out, x, r.y, N, K, 2, NULL), 0);
	for (size_t j = 0; j < K; j++)
		ck_assert_msg(out[j] == column_area(&r, j), "column %zu: %g", j,
			      out[j]);
	free(x);
	drop(&r);
}
END_TEST

static const struct test tests[] = {
	TEST(bootstrap_has_the_exact_variance),
	TEST(cluster_bootstrap_draws_clusters),
	TEST(permutations_count_all_outcomes),
	TEST(threads_and_order_change_no_bit),
	TEST(band_is_wider_than_intervals),
	TEST(limits_are_where_p_changes),
	TEST(gaps_and_too_few_rows),
	TEST(many_areas_are_those_of_one),
};

int main(void)
{
	return RUN_TESTS("resample", tests);
}
