/* SPDX-License-Identifier: MIT */
/* The scale at which a setting is as far from the unsteered model as asked for. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "study/sweep/sweep.h"

/* Relative errors of the KL. */
static const double close_to = 0.02, near_to = 0.1;

static void begin(struct kl_search *a)
{
	a->sign = a->scale < 0 ? -1 : 1;
	a->size = fmin(fabs(a->scale), a->full);
	a->hi = a->full;
	a->lo = a->kl_lo = 0;
	a->kl_hi = a->best_kl = NAN;
	a->done = a->reached = false;
}

/* How far a KL is from what is wanted, so that more and less count alike. */
static double off(double kl, double want)
{
	return kl > 0 && isfinite(kl) ? fabs(log(kl / want)) : INFINITY;
}

/*
 * The KL grows about with the square of a small scale; between two that are
 * known the next is where a power law through them would have it.
 */
static double next_size(const struct kl_search *a, double kl, double want)
{
	double x = 0.5;

	if (isnan(a->kl_hi)) {	/* nothing was too much yet */
		x = fmin(fmax(sqrt(want / kl), 1.1), 8);
		return fmin(a->hi, a->size * x);
	}
	if (!(a->lo > 0)) {	/* nor too little */
		x = isfinite(kl) ? fmin(fmax(sqrt(want / kl), 0.05), 0.9) : 0.25;
		return a->size * x;
	}
	if (isfinite(a->kl_hi) && a->kl_hi > a->kl_lo && a->kl_lo > 0)
		x = log(want / a->kl_lo) / log(a->kl_hi / a->kl_lo);
	x = fmin(fmax(x, 0.1), 0.9);
	return exp(log(a->lo) + x * (log(a->hi) - log(a->lo)));
}

/* The KL at a->size is known. */
static void take(struct kl_search *a, double want)
{
	const double kl = a->kl;

	if (isnan(a->best_kl) || off(kl, want) < off(a->best_kl, want)) {
		a->best = a->size;
		a->best_kl = kl;
	}
	a->done = off(kl, want) < close_to || (kl < want && a->size >= a->full);
	if (a->done)
		return;
	if (kl < want) {
		a->lo = a->size;
		a->kl_lo = kl;
	} else {
		a->hi = a->size;
		a->kl_hi = isfinite(kl) ? kl : INFINITY;
	}
	a->size = next_size(a, kl, want);
}

int kl_search(struct kl_search *s, size_t n, double want, kl_measure *measure,
	      void *arg, struct syc_err *err)
{
	struct kl_search **look = calloc(n + 1, sizeof(*look));
	int ret = look ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n; i++)
		begin(&s[i]);
	for (int k = 0; k < KL_TRIES && ret == 0; k++) {
		size_t left = 0;

		for (size_t i = 0; i < n; i++) {
			s[i].scale = s[i].sign * s[i].size;
			if (!s[i].done)
				look[left++] = &s[i];
		}
		if (!left)
			break;
		ret = measure(arg, look, left, err);
		for (size_t i = 0; i < left && ret == 0; i++)
			take(look[i], want);
	}
	for (size_t i = 0; i < n && ret == 0; i++) {
		s[i].scale = s[i].sign * s[i].best;
		s[i].kl = s[i].best_kl;
		s[i].reached = off(s[i].best_kl, want) < near_to;
	}
	free(look);
	return ret;
}
