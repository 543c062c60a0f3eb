/* SPDX-License-Identifier: MIT */
/* Runs by arm: means, differences, and null vectors beside them. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/tuned.h"

static const struct {
	const char *name, *head;
} figures[SYC_TUNED_FIGURES] = {
	[SYC_TUNED_P_MATCH] = { "p_match", "P(matching)" },
	[SYC_TUNED_CHANGE] = { "change", "change of it" },
	[SYC_TUNED_EFFECT] = { "effect_change", "change of the view's effect" },
	[SYC_TUNED_KL] = { "kl", "KL elsewhere" },
	[SYC_TUNED_SCALE] = { "scale", "adapter's scale" },
	[SYC_TUNED_REACHED] = { "reached", "at that KL" },
	[SYC_TUNED_LENGTH] = { "relative", "length of the mean shift" },
	[SYC_TUNED_CONSTANT] = { "constant", "constant share" },
	[SYC_TUNED_KL_LEFT] = { "kl_left", "KL left by adding it" },
	[SYC_TUNED_MAKE] = { "make", "makes" },
	[SYC_TUNED_UNDO] = { "undo", "undoes" },
	[SYC_TUNED_COSINE] = { "cosine", "cosine with the contrast" },
	[SYC_TUNED_UNDO_CONTRAST] = { "undo_contrast", "the contrast undoes" },
	[SYC_TUNED_SEEDS] = { "seeds", "cosine between its runs" },
	[SYC_TUNED_OTHERS] = { "others", "cosine with the first arm's" },
};

const char *syc_tuned_name(enum syc_tuned_figure f)
{
	return figures[f].name;
}

const char *syc_tuned_head(enum syc_tuned_figure f)
{
	return figures[f].head;
}

int syc_tuned_arms(struct syc_tuned_arm *out, const char *const *name, size_t n_arms,
		   const struct syc_tuned_run *run, size_t n_runs, struct syc_err *err)
{
	double *x = syc_calloc(n_runs + 1, sizeof(*x));
	int ret = x ? 0 : syc_nomem(err);

	for (size_t a = 0; a < n_arms; a++) {
		out[a] = (struct syc_tuned_arm){ .name = name[a] };
		for (int f = 0; f < SYC_TUNED_FIGURES && ret == 0; f++) {
			size_t n = 0;

			for (size_t i = 0; i < n_runs; i++)
				if (strcmp(run[i].arm, name[a]) == 0)
					x[n++] = run[i].figure[f];
			out[a].n_runs = n;
			ret = syc_stat_mean(&out[a].figure[f], x, n, err);
		}
	}
	free(x);
	return ret;
}

void syc_stat_welch(struct syc_welch *out, const struct syc_mean *a, const struct syc_mean *b)
{
	const double va = a->se * a->se, vb = b->se * b->se, v = va + vb;
	double t;

	*out = (struct syc_welch){ .diff = a->mean - b->mean, .se = NAN, .df = NAN,
				   .lo = NAN, .hi = NAN, .p = NAN };
	if (!(v > 0))
		return;
	out->se = sqrt(v);
	out->df = v * v / (va * va / (double)(a->n - 1) + vb * vb / (double)(b->n - 1));
	out->p = syc_stat_t_p(out->diff / out->se, out->df);
	t = syc_stat_t_quantile(0.05, out->df);
	out->lo = out->diff - t * out->se;
	out->hi = out->diff + t * out->se;
}

int syc_tuned_way(enum syc_tuned_figure f)
{
	return f == SYC_TUNED_COSINE ? 0 : f == SYC_TUNED_KL_LEFT ? -1 : 1;
}

double syc_null_share(double x, const double *null, size_t n, int way)
{
	size_t k = 0, there = 0;

	for (size_t i = 0; i < n; i++) {
		there += isfinite(null[i]);
		k += way ? way * null[i] >= way * x : fabs(null[i]) >= fabs(x);
	}
	return there && isfinite(x) ? (double)(1 + k) / (double)(1 + there) : NAN;
}

static bool is_of(const struct syc_tuned_run *r, const char *arm)
{
	return strcmp(r->arm, arm) == 0;
}

static double mean_of(const struct syc_tuned_run *run, size_t n_runs, const char *arm,
		      enum syc_tuned_figure f)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < n_runs; i++)
		if (is_of(&run[i], arm) && isfinite(run[i].figure[f])) {
			sum += run[i].figure[f];
			n++;
		}
	return n ? sum / (double)n : NAN;
}

/* One behind the other, those that are finite. */
static size_t pool(double *all, const struct syc_tuned_run *run, size_t n_runs, const char *arm,
		   enum syc_tuned_figure f)
{
	size_t n = 0;

	for (size_t i = 0; i < n_runs; i++)
		for (size_t k = 0; is_of(&run[i], arm) && k < run[i].n_null[f]; k++)
			if (isfinite(run[i].null[f][k]))
				all[n++] = run[i].null[f][k];
	return n;
}

/* Each one's mean over the runs, of those that all runs have. */
static size_t average(double *all, const struct syc_tuned_run *run, size_t n_runs,
		      const char *arm, enum syc_tuned_figure f)
{
	size_t n = SIZE_MAX, runs = 0;

	for (size_t i = 0; i < n_runs; i++)
		if (is_of(&run[i], arm)) {
			n = run[i].n_null[f] < n ? run[i].n_null[f] : n;
			runs++;
		}
	for (size_t k = 0; runs && k < n; k++) {
		all[k] = 0;
		for (size_t i = 0; i < n_runs; i++)
			if (is_of(&run[i], arm))
				all[k] += run[i].null[f][k] / (double)runs;
	}
	return runs ? n : 0;
}

int syc_tuned_beside_nulls(struct syc_tuned_nulls *out, const struct syc_tuned_run *run,
			   size_t n_runs, const char *arm, enum syc_tuned_figure f,
			   struct syc_err *err)
{
	const int way = syc_tuned_way(f);
	size_t most = 0;
	double *all;

	for (size_t i = 0; i < n_runs; i++)
		most += run[i].n_null[f];
	all = syc_calloc(most + 1, sizeof(*all));
	if (!all)
		return syc_nomem(err);
	out->n = f == SYC_TUNED_COSINE ? average(all, run, n_runs, arm, f)
				       : pool(all, run, n_runs, arm, f);
	out->most = NAN;
	for (size_t i = 0; i < out->n; i++)
		if (isnan(out->most) || (way ? way * all[i] > way * out->most
					     : fabs(all[i]) > fabs(out->most)))
			out->most = all[i];
	out->p = syc_null_share(mean_of(run, n_runs, arm, f), all, out->n, way);
	free(all);
	return 0;
}
