/* SPDX-License-Identifier: MIT */
/* Pairs with a known difference and noise, and sums over them. */
#ifndef TESTS_PAIRS_FILLED_H
#define TESTS_PAIRS_FILLED_H
#include "made_pairs.h"

enum { N = 12, D = 4, L = 2 };

/* Pairs that differ by about (3, 1, 0, -1) and more at layer 1. */
static float match[N][L][D], other[N][L][D];

static inline void fill(void)
{
	static const float mean[D] = { 3, 1, 0, -1 };
	uint64_t state = 1;

	for (size_t i = 0; i < N; i++)
		for (size_t l = 0; l < L; l++)
			for (size_t c = 0; c < D; c++) {
				other[i][l][c] =
					5 + noise(&state) * (float)(1 + c);
				match[i][l][c] = other[i][l][c] +
						 mean[c] * (float)(l + 1) +
						 noise(&state);
			}
}

static inline struct syc_pairs *open_filled(void)
{
	fill();
	return made_pairs(match[0][0], other[0][0], N, L, D);
}

/* The sum of x [D] y. */
static inline double dot(const double *x, const double *y)
{
	double sum = 0;

	for (size_t c = 0; c < D; c++)
		sum += x[c] * y[c];
	return sum;
}

static inline double length(const double *x)
{
	return sqrt(dot(x, x));
}

static inline double cosine(const double *x, const double *y)
{
	return dot(x, y) / length(x) / length(y);
}

static inline void difference(double *d, size_t i, size_t l)
{
	for (size_t c = 0; c < D; c++)
		d[c] = (double)match[i][l][c] - (double)other[i][l][c];
}

static inline void mean_difference(double *out, size_t l)
{
	memset(out, 0, D * sizeof(*out));
	for (size_t i = 0; i < N; i++) {
		double d[D];

		difference(d, i, l);
		for (size_t c = 0; c < D; c++)
			out[c] += d[c] / N;
	}
}

static inline void all_sides(double (*x)[D], double *m, size_t l)
{
	memset(m, 0, D * sizeof(*m));
	for (size_t i = 0; i < 2 * N; i++)
		for (size_t c = 0; c < D; c++) {
			x[i][c] = (double)(i < N ? match[i][l][c]
						 : other[i - N][l][c]);
			m[c] += x[i][c] / (2 * N);
		}
}

#endif
