/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include "base/rand.h"
#include "stat/lapack.h"
#include "syc/linear.h"

/* Two normal numbers from two uniform ones (Box & Muller 1958). */
static void normal_pair(uint64_t key, uint64_t step, double *a, double *b)
{
	const double u = 1 - syc_rand_unit(key, 2 * step),
		v = syc_rand_unit(key, 2 * step + 1);
	const double r = sqrt(-2 * log(u)), phi = 2 * 3.14159265358979323846 * v;

	*a = r * cos(phi);
	*b = r * sin(phi);
}

static void direction(float *out, size_t dim, double length, uint64_t key)
{
	double sum = 0, a, b;

	for (size_t i = 0; i < dim; i += 2) {
		normal_pair(key, i / 2, &a, &b);
		out[i] = (float)a;
		if (i + 1 < dim)
			out[i + 1] = (float)b;
	}
	for (size_t i = 0; i < dim; i++)
		sum += (double)out[i] * (double)out[i];
	for (size_t i = 0; i < dim; i++)
		out[i] = (float)((double)out[i] * length / sqrt(sum));
}

void syc_random_directions(float *out, size_t n, size_t dim, double length,
			   uint64_t seed,
			   uint64_t from)
{
	for (size_t i = 0; i < n; i++)
		direction(out + i * dim, dim, length,
			  syc_rand_key(seed, "direction", from + i));
}

void syc_project(float *out, const float *x, size_t n, const float *w, size_t k,
		 size_t dim)
{
	blas_begin();
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)k,
		    (int)dim, 1, x,
		    (int)dim, w, (int)dim, 0, out, (int)k);
}
