/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "syc/tune.h"

#define PI 3.14159265358979323846

void syc_adamw_step(const struct syc_adamw *o, float *w, const float *grad,
		    float *m, float *v, size_t n, uint64_t t)
{
	const double keep = 1 - o->rate * o->decay;
	const double step = o->rate / (1 - pow(o->beta1, (double)t));
	const double root = sqrt(1 - pow(o->beta2, (double)t));

	for (size_t i = 0; i < n; i++) {
		const double g = (double)grad[i];
		const double mi = o->beta1 * (double)m[i] + (1 - o->beta1) * g;
		const double vi =
			o->beta2 * (double)v[i] + (1 - o->beta2) * g * g;

		m[i] = (float)mi;
		v[i] = (float)vi;
		w[i] = (float)(keep * (double)w[i] -
			       step * mi / (sqrt(vi) / root + o->eps));
	}
}

double syc_clip(float *grad, size_t n, double most)
{
	double sum = 0, norm, k;

	for (size_t i = 0; i < n; i++)
		sum += (double)grad[i] * (double)grad[i];
	norm = sqrt(sum);
	k = most / (norm + 1e-6);
	if (!(most > 0) || !(k < 1))
		return norm;
	for (size_t i = 0; i < n; i++)
		grad[i] = (float)(k * (double)grad[i]);
	return norm;
}

double syc_tune_rate(uint64_t s, uint64_t n, uint64_t n_warm,
		     enum syc_decay decay)
{
	double p;

	if (s < n_warm)
		return (double)(s + 1) / (double)n_warm;
	p = (double)(s + 1 - n_warm) / (double)(n + 1 - n_warm);
	switch (decay) {
	case SYC_DECAY_COSINE:
		return (1 + cos(PI * p)) / 2;
	case SYC_DECAY_LINEAR:
		return 1 - p;
	default:
		return 1;
	}
}
