/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "kern/math.h"
#include "rec/steer.h"

enum { LANES = 8 };

static double sum(const double *s)
{
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

double steer_dot(const float *a, const float *b, size_t n)
{
	double s[LANES] = { 0 };
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			s[j] += (double)a[i + j] * (double)b[i + j];
	for (size_t j = 0; i + j < n; j++)
		s[j] += (double)a[i + j] * (double)b[i + j];
	return sum(s);
}

/* |p x + q v|^2 */
static double square(const float *x, double p, const float *v, double q, size_t n)
{
	double s[LANES] = { 0 };

	for (size_t i = 0; i < n; i += LANES) {
		for (size_t j = 0; j < LANES && i + j < n; j++) {
			double y = p * (double)x[i + j] + q * (double)v[i + j];

			s[j] += y * y;
		}
	}
	return sum(s);
}

/* x = p x + q v */
static void mix(float *x, double p, const float *v, double q, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(p * (double)x[i] + q * (double)v[i]);
}

static void add(float *x, const float *v, float k, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] += k * v[i];
}

/*
 * With a = x.u and w = x - a u, x is a u + w.  Turned by t toward u it is
 * (a cos t + |w| sin t) u + (|w| cos t - a sin t) w / |w|.
 */
static void rotate(float *x, const float *v, double d, double sq, double degrees, size_t n)
{
	const double tiny = 1e-12, pi = 3.14159265358979323846;
	double length = sqrt(sq), a = d / length, w, s, c, along, across;

	w = sqrt(square(x, 1, v, -d / sq, n));
	if (!(w * w > tiny * (a * a + w * w)))
		return;
	syc_sincos(degrees * pi / 180, &s, &c);
	along = a * c + w * s;
	across = (w * c - a * s) / w;
	mix(x, across, v, (along - across * a) / length, n);
}

static void norm_keep(float *x, const float *v, double k, size_t n)
{
	double from = steer_dot(x, x, n), to = square(x, 1, v, k, n), r = sqrt(from / to);

	if (to > 0)
		mix(x, r, v, r * k, n);
}

void steer_one(const struct steer_rule *a, uint32_t layer, double f, float *x, size_t dim)
{
	const struct syc_steer_rule *r = &a->r;
	const float *v = a->row[layer];
	double sq = a->sq[layer], k = f * (double)r->scale, d;

	/* The plain addition needs no product. */
	d = r->op == SYC_STEER_ADD && r->side == SYC_STEER_BOTH ? 0 : steer_dot(x, v, dim);
	if ((r->side == SYC_STEER_POSITIVE && !(d > 0)) || (r->side == SYC_STEER_NEGATIVE && !(d < 0)))
		return;
	switch (r->op) {
	case SYC_STEER_ADD: add(x, v, (float)k, dim); break;
	case SYC_STEER_ABLATE: mix(x, 1, v, -k * d / sq, dim); break;
	case SYC_STEER_ABLATE_ADD: mix(x, 1, v, k - f * d / sq, dim); break;
	case SYC_STEER_CLAMP: mix(x, 1, v, k * ((double)a->to[layer] / sqrt(sq) - d / sq), dim); break;
	case SYC_STEER_ROTATE: rotate(x, v, d, sq, k, dim); break;
	case SYC_STEER_NORM_KEEP: norm_keep(x, v, k, dim); break;
	}
}
