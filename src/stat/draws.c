/* SPDX-License-Identifier: MIT */
/* A procedure beside whole draws of what says nothing. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/draws.h"
#include "syc/resample.h"

/* What choosing found: a setting, its mean over claims and the mean's error. */
struct found {
	size_t setting;
	double value, se;
	size_t n;
};

static void choose(struct found *f, const double *x, size_t n_settings,
		   size_t n_claims)
{
	*f = (struct found){ 0, NAN, NAN, 0 };
	for (size_t k = 0; k < n_settings; k++) {
		const double *of = x + k * n_claims;
		double sum = 0, squares = 0, mean;
		size_t n = 0;

		for (size_t c = 0; c < n_claims; c++)
			if (isfinite(of[c])) {
				sum += of[c];
				n++;
			}
		mean = sum / (double)n;
		if (!n || !(isnan(f->value) || mean > f->value))
			continue;
		for (size_t c = 0; c < n_claims; c++)
			if (isfinite(of[c]))
				squares += (of[c] - mean) * (of[c] - mean);
		*f = (struct found){ k, mean, NAN, n };
		if (n > 1)
			f->se = sqrt(squares / (double)(n - 1) / (double)n);
	}
}

/* The interval of the setting that was chosen. */
static int interval(struct syc_draws *out, const struct syc_draws_data *d,
		    struct syc_err *err)
{
	const double *x = d->given + out->best * d->n_claims;
	double *finite = syc_calloc(d->n_claims + 1, sizeof(*finite));
	size_t n = 0;
	int ret;

	if (!finite)
		return syc_nomem(err);
	for (size_t c = 0; c < d->n_claims; c++)
		if (isfinite(x[c]))
			finite[n++] = x[c];
	ret = syc_stat_boot_clusters(&out->lo, &out->hi, finite, NULL, n,
				     d->boot, d->seed, err);
	free(finite);
	return ret;
}

/* best, se [n_draws] of the draws, which are put in order. */
static void compare(struct syc_draws *out, double *best, double *se, size_t n)
{
	/* Sums of floats: what differs by rounding alone is as good. */
	const double as_good = out->value - 1e-9;

	for (size_t i = 0; i < n; i++)
		out->n_above += best[i] >= as_good;
	out->p = (1 + (double)out->n_above) / (1 + (double)n);
	out->p_least = 1 / (1 + (double)n);
	syc_stat_sort(best, n);
	syc_stat_sort(se, n);
	out->null_median = syc_stat_quantile(best, n, 0.5);
	out->null_95 = syc_stat_quantile(best, n, 0.95);
	out->null_most = best[n - 1];
	if (out->p_least <= SYC_DRAWS_LEVEL && out->n_claims > 1)
		out->detectable = out->null_95 +
			syc_stat_t_quantile(0.4, (double)out->n_claims - 1) *
			syc_stat_quantile(se, n, 0.5);
}

static int against(struct syc_draws *out, const struct syc_draws_data *d,
		   struct syc_err *err)
{
	double *best = syc_calloc(2 * d->n_draws + 1, sizeof(*best));
	double *se = best ? best + d->n_draws : NULL;
	size_t n = 0;

	if (!best)
		return syc_nomem(err);
	for (size_t i = 0; i < d->n_draws; i++) {
		struct found f;

		choose(&f, d->null + i * d->n_settings * d->n_claims,
		       d->n_settings, d->n_claims);
		/* A draw that came to nothing counts as one that does as well. */
		best[n] = isnan(f.value) ? INFINITY : f.value;
		se[n++] = isnan(f.se) ? INFINITY : f.se;
	}
	if (n)
		compare(out, best, se, n);
	free(best);
	return 0;
}

int syc_draws_test(struct syc_draws *out, const struct syc_draws_data *d,
		   struct syc_err *err)
{
	struct found f;
	int ret;

	*out = (struct syc_draws){
		.n_draws = d->n_draws, .value = NAN, .lo = NAN, .hi = NAN, .se = NAN,
		.p = NAN, .p_least = NAN, .null_median = NAN, .null_95 = NAN,
		.null_most = NAN,
		.detectable = NAN,
	};
	if (!d->n_settings)
		return syc_fail(err, SYC_EINVAL, "there are no settings to choose from");
	choose(&f, d->given, d->n_settings, d->n_claims);
	if (isnan(f.value))
		return 0;
	out->best = f.setting;
	out->value = f.value;
	out->se = f.se;
	out->n_claims = f.n;
	ret = interval(out, d, err);
	return ret < 0 ? ret : against(out, d, err);
}

enum syc_draws_verdict syc_draws_verdict(double p, double p_least, double lo,
					 double hi, double relevant)
{
	if (p <= SYC_DRAWS_LEVEL && lo > 0)
		return SYC_DRAWS_YES;
	if (lo > -relevant && hi < relevant)
		return SYC_DRAWS_NO_EFFECT;
	if (!(p_least <= SYC_DRAWS_LEVEL))
		return SYC_DRAWS_FEW;
	return lo > 0 ? SYC_DRAWS_NULL : SYC_DRAWS_UNKNOWN;
}

const char *syc_draws_verdict_name(enum syc_draws_verdict v)
{
	static const char *const name[] = {
		[SYC_DRAWS_UNKNOWN] = "cannot tell",
		[SYC_DRAWS_FEW] = "too few draws",
		[SYC_DRAWS_YES] = "steers",
		[SYC_DRAWS_NULL] = "as null vectors",
		[SYC_DRAWS_NO_EFFECT] = "no relevant effect",
	};

	return name[v];
}
