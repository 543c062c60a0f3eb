/* SPDX-License-Identifier: MIT */
/* The scale at which a setting is as far from the unsteered model as asked for. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "tool/common/fail.h"
#include "tool/sweep/sweep.h"

enum { MAX_TRIES = 24 };

static const double close_to = 0.02, near_to = 0.1;	/* relative errors of the KL */

/* A scale's size is between lo and hi; their KL, infinite when it is no number. */
struct search {
	struct sweep_setting *s;
	double sign, size, lo, hi, kl_lo, kl_hi;
	double best, best_kl;		/* the nearest so far */
	bool done;
};

/* The largest scale of an operator: all of what it does. */
static double most(const struct sweep_setting *s)
{
	return fmin(syc_steer_op_info(s->rule.op)->full, 1e4);
}

static void begin(struct search *a, struct sweep_setting *s)
{
	*a = (struct search){ .s = s, .sign = s->rule.scale < 0 ? -1 : 1, .size = fabs((double)s->rule.scale),
			      .hi = most(s), .kl_hi = NAN, .best_kl = NAN };
	if (a->size > a->hi)
		a->size = a->hi;
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
static void next_size(struct search *a, double kl, double want)
{
	double lo = log(a->lo), hi = log(a->hi), x;

	if (isnan(a->kl_hi)) {	/* nothing was too much yet */
		a->size = fmin(a->hi, a->size * fmin(fmax(sqrt(want / kl), 1.1), 8));
		return;
	}
	if (!(a->lo > 0)) {
		a->size *= isfinite(kl) ? fmin(fmax(sqrt(want / kl), 0.05), 0.9) : 0.25;
		return;
	}
	x = 0.5;
	if (isfinite(a->kl_hi) && a->kl_hi > a->kl_lo && a->kl_lo > 0)
		x = log(want / a->kl_lo) / log(a->kl_hi / a->kl_lo);
	x = fmin(fmax(x, 0.1), 0.9);
	a->size = exp(lo + x * (hi - lo));
}

static void take(struct search *a, double want)
{
	const struct sweep_setting *s = a->s;
	double kl = a->s->kl;
	bool at_most = a->size >= most(s);

	if (isnan(a->best_kl) || off(kl, want) < off(a->best_kl, want)) {
		a->best = a->size;
		a->best_kl = kl;
	}
	a->done = off(kl, want) < close_to || (kl < want && at_most);
	if (a->done)
		return;
	if (kl < want) {
		a->lo = a->size;
		a->kl_lo = kl;
	} else {
		a->hi = a->size;
		a->kl_hi = isfinite(kl) ? kl : INFINITY;
	}
	next_size(a, kl, want);
}

/* One run with all settings that are still looking. */
static int try_all(struct sweep *w, struct search *a, size_t n, struct sweep_setting **list, struct syc_err *err)
{
	size_t left = 0;
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		if (a[i].done)
			continue;
		a[i].s->rule.scale = (float)(a[i].sign * a[i].size);
		ret = sweep_steer(w, a[i].s, err);
		list[left++] = a[i].s;
	}
	if (ret == 0)
		ret = sweep_run(w, list, left, true, err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		struct sweep_setting *s = a[i].s;

		if (a[i].done)
			continue;
		s->kl = w->kl_on_text ? s->text_kl_sum / (double)s->n_text_kl : s->kl_sum / (double)s->n_kl;
		take(&a[i], w->at_kl);
	}
	return ret;
}

int sweep_find_kl(struct sweep *w, struct syc_err *err)
{
	struct search *a = calloc(w->n, sizeof(*a));
	struct sweep_setting **list = calloc(w->n, sizeof(struct sweep_setting *));
	size_t n = 0;
	int ret = a && list ? 0 : fail_nomem(err);

	for (size_t i = 0; i < w->n && ret == 0; i++)
		if (w->setting[i].kind == SWEEP_STEER || w->setting[i].kind == SWEEP_RANDOM)
			begin(&a[n++], &w->setting[i]);
	for (int k = 0; k < MAX_TRIES && ret == 0; k++) {
		bool done = true;

		for (size_t i = 0; i < n; i++)
			done = done && a[i].done;
		if (done)
			break;
		ret = try_all(w, a, n, list, err);
	}
	for (size_t i = 0; i < n && ret == 0; i++) {
		a[i].s->rule.scale = (float)(a[i].sign * a[i].best);
		a[i].s->reached = off(a[i].best_kl, w->at_kl) < near_to;
		ret = sweep_steer(w, a[i].s, err);
	}
	free(list);
	free(a);
	return ret;
}
