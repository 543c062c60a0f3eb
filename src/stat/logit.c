/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/irls.h"
#include "stat/sample.h"
#include "syc/stat.h"

/* Whether the classes' ranges meet in one point at most. */
static bool separated(const struct sample *s)
{
	double lo[2] = { INFINITY, INFINITY }, hi[2] = { -INFINITY, -INFINITY };

	for (size_t i = 0; i < s->n; i++) {
		const int y = s->row[i].y > 0;

		lo[y] = fmin(lo[y], s->row[i].x);
		hi[y] = fmax(hi[y], s->row[i].x);
	}
	return hi[0] <= lo[1] || hi[1] <= lo[0];
}

/* Fit with intercept; 1, 0 when there is no maximum, or negative. */
static int fit(struct syc_logit *f, const struct sample *s, bool firth,
	       struct syc_err *err)
{
	const double rate = (double)s->n_pos / (double)s->n;
	double *x = syc_calloc(s->n, 3 * sizeof(*x)), *y = x + 2 * s->n;
	double beta[2] = { log(rate / (1 - rate)), 0 }, cov[4];
	int ret;

	if (!x)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n; i++) {
		x[2 * i] = 1;
		x[2 * i + 1] = s->row[i].x;
		y[i] = s->row[i].y;
	}
	ret = irls_fit(&(struct irls){ .x = x, .y = y, .n = s->n, .k = 2,
				       .firth = firth }, beta, cov, err);
	free(x);
	if (ret <= 0)
		return ret;
	f->method = firth ? SYC_LOGIT_FIRTH : SYC_LOGIT_ML;
	f->intercept = beta[0];
	f->slope = beta[1];
	f->se = sqrt(cov[3]);
	f->z = f->slope / f->se;
	f->p = syc_stat_normal_p(f->z);
	return 1;
}

static int fit_either(struct syc_logit *f, const struct sample *s,
		      struct syc_err *err)
{
	int ret = 0;

	if (!f->separated)
		ret = fit(f, s, false, err);
	if (ret == 0)
		ret = fit(f, s, true, err);
	if (ret == 0)
		f->why = "no maximum was found";
	return ret < 0 ? ret : 0;
}

int syc_stat_logit(struct syc_logit *out, const double *score,
		   const int8_t *label, size_t n, struct syc_err *err)
{
	struct sample s;
	int ret;

	*out = (struct syc_logit){ .intercept = NAN, .slope = NAN, .se = NAN,
				   .z = NAN, .p = NAN };
	ret = sample_init(&s, score, label, n, err);
	if (ret < 0)
		return ret;
	out->n = s.n;
	if (s.n == 0)
		out->why = "no rows";
	else if (s.n_pos == 0 || s.n_pos == s.n)
		out->why = "one class only";
	out->separated = !out->why && separated(&s);
	if (!sample_standardise(&s, &out->mean, &out->sd) && !out->why)
		out->why = "all scores are equal";
	if (out->why)
		out->separated = false;
	else
		ret = fit_either(out, &s, err);
	sample_free(&s);
	return ret;
}

double syc_stat_logit_at(const struct syc_logit *f, double score)
{
	return 1 / (1 + exp(-(f->intercept +
			      f->slope * ((score - f->mean) / f->sd))));
}

const char *syc_stat_logit_name(enum syc_logit_method method)
{
	static const char *const names[] = {
		[SYC_LOGIT_NONE]  = "none",
		[SYC_LOGIT_ML]    = "ml",
		[SYC_LOGIT_FIRTH] = "firth",
	};

	return (size_t)method < sizeof(names) / sizeof(names[0]) ? names[method]
								 : "none";
}
