/* SPDX-License-Identifier: MIT */
/* What the last tokens of sequences tell: how they differ from one another, and still do. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/fidelity/fidelity.h"
#include "syc/stance.h"
#include "syc/stat.h"

int fidelity_grow(struct syc_fidelity *f, struct syc_err *err)
{
	size_t wide = f->n_layers * f->dim * sizeof(float);
	bool good = syc_grow(&f->label, &f->cap_label, f->n + 1, sizeof(*f->label));

	for (int i = 0; i < 2; i++) {
		struct side *s = &f->side[i];

		good = good && syc_grow(&s->end, &s->cap_end, f->n + 1, wide) &&
		       syc_grow(&s->p, &s->cap_p, f->n + 1, sizeof(*s->p));
	}
	return good ? 0 : syc_nomem(err);
}

/* ---- centered ----------------------------------------------------------------- */

/* mean [dim] over sequences. */
static void average(double *mean, const struct syc_fidelity *f, int side, uint32_t layer)
{
	for (size_t j = 0; j < f->dim; j++)
		mean[j] = 0;
	for (size_t i = 0; i < f->n; i++) {
		const float *x = fidelity_end(f, side, i, layer);

		for (size_t j = 0; j < f->dim; j++)
			mean[j] += (double)x[j];
	}
	for (size_t j = 0; j < f->dim; j++)
		mean[j] /= (double)f->n;
}

/* Of one sequence, with what both have in common taken out. */
struct products {
	double xx, yy, xy, d2;
};

static struct products multiply(const struct syc_fidelity *f, size_t i, uint32_t layer,
				const double *mean_x, const double *mean_y)
{
	const float *x = fidelity_end(f, REFERENCE, i, layer),
		    *y = fidelity_end(f, MODEL, i, layer);
	struct products p = { 0 };

	for (size_t j = 0; j < f->dim; j++) {
		const double a = (double)x[j] - mean_x[j], b = (double)y[j] - mean_y[j];

		p.xx += a * a;
		p.yy += b * b;
		p.xy += a * b;
		p.d2 += (b - a) * (b - a);
	}
	return p;
}

int fidelity_centered(const struct syc_fidelity *f, uint32_t layer,
		      struct syc_fidelity_layer *out, struct syc_err *err)
{
	double *mean = syc_calloc(2 * f->dim, sizeof(*mean)), cosine = 0, xx = 0, d2 = 0;
	size_t n = 0;

	out->centered_cosine = out->centered_error = NAN;
	if (!mean)
		return syc_nomem(err);
	average(mean, f, REFERENCE, layer);
	average(mean + f->dim, f, MODEL, layer);
	for (size_t i = 0; i < f->n; i++) {
		const struct products p = multiply(f, i, layer, mean, mean + f->dim);

		xx += p.xx;
		d2 += p.d2;
		if (p.xx > 0 && p.yy > 0) {
			cosine += p.xy / (sqrt(p.xx) * sqrt(p.yy));
			n++;
		}
	}
	free(mean);
	if (n > 1) {
		out->centered_cosine = cosine / (double)n;
		out->centered_error = sqrt(d2 / xx);
	}
	return 0;
}

/* ---- scores --------------------------------------------------------------------- */

/* NaN where one does not vary. */
static double pearson(const double *x, const double *y, size_t n)
{
	double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

	for (size_t i = 0; i < n; i++) {
		mx += x[i] / (double)n;
		my += y[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		xx += (x[i] - mx) * (x[i] - mx);
		yy += (y[i] - my) * (y[i] - my);
		xy += (x[i] - mx) * (y[i] - my);
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx) / sqrt(yy) : NAN;
}

/* Of the sequences that have a label; NaN without both. */
static int area(double *auc, const struct syc_fidelity *f, const double *score,
		struct syc_err *err)
{
	double *s = syc_calloc(f->n + 1, sizeof(*s));
	int8_t *label = syc_calloc(f->n + 1, sizeof(*label));
	size_t n = 0, n_pos = 0;
	struct syc_auc a = { .auc = NAN };
	int ret = s && label ? 0 : syc_nomem(err);

	for (size_t i = 0; i < f->n && ret == 0; i++) {
		if (f->label[i] < 0)
			continue;
		s[n] = score[i];
		label[n++] = f->label[i];
		n_pos += f->label[i] > 0;
	}
	if (ret == 0 && n_pos > 0 && n_pos < n)
		ret = syc_stat_auc(&a, s, label, n, err);
	*auc = a.auc;
	free(s);
	free(label);
	return ret;
}

static void put_scores(double *score, const struct syc_fidelity *f, int side, uint32_t layer,
		       const float *v)
{
	for (size_t i = 0; i < f->n; i++) {
		const float *x = fidelity_end(f, side, i, layer);

		score[i] = 0;
		for (size_t j = 0; j < f->dim; j++)
			score[i] += (double)x[j] * (double)v[j];
	}
}

int syc_fidelity_scores(const struct syc_fidelity *f, uint32_t layer, size_t vector,
			struct syc_fidelity_scores *out, struct syc_err *err)
{
	double *score[2] = { syc_calloc(f->n + 1, sizeof(double)),
			     syc_calloc(f->n + 1, sizeof(double)) };
	double *const to[2] = { &out->reference_auc, &out->auc };
	int ret = score[0] && score[1] ? 0 : syc_nomem(err);

	out->correlation = out->auc = out->reference_auc = NAN;
	if (ret == 0 && f->len2[vector * f->n_layers + layer] > 0) {
		const float *v = f->o.vectors[vector]->v + layer * f->dim;

		for (int i = 0; i < 2 && ret == 0; i++) {
			put_scores(score[i], f, i, layer, v);
			ret = area(to[i], f, score[i], err);
		}
		out->correlation = pearson(score[0], score[1], f->n);
	}
	free(score[0]);
	free(score[1]);
	return ret;
}

/* ---- answers --------------------------------------------------------------------- */

int syc_fidelity_answers(const struct syc_fidelity *f, struct syc_fidelity_answers *out,
			 struct syc_err *err)
{
	double *d = syc_calloc(f->n + 1, sizeof(*d));

	*out = (struct syc_fidelity_answers){ 0 };
	if (!d)
		return syc_nomem(err);
	for (size_t i = 0; i < f->n; i++) {
		const double x = f->side[REFERENCE].p[i], y = f->side[MODEL].p[i];

		if (isnan(x) || isnan(y))
			continue;
		out->n_flipped += (x - 0.5) * (y - 0.5) < 0;
		d[out->n++] = fabs(syc_stance_log_odds(y) - syc_stance_log_odds(x));
	}
	out->margin = syc_stance_margin(d, out->n);
	free(d);
	return 0;
}
