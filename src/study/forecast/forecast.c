/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/forecast/forecast.h"
#include "syc/probe.h"

struct work {
	const struct syc_pairs *p;
	const struct syc_forecast_opts *o;
	struct syc_forecast *f;
	uint32_t *pick;		/* [n] pairs used */
	double *rms;		/* [n_layers] */
	size_t k;		/* the layer in hand, in f->layers */
	struct view view;	/* of it */
	double *u, *r, *cr;	/* [dim] a vector, the reference, C times it */
	double *set;		/* [sets][dim] means */
	struct syc_moments *m;	/* of activations less their set's mean */
};

const char *syc_forecast_name(unsigned kind)
{
	static const char *const names[SYC_N_FORECASTS] = {
		"cosine", "separation", "mahalanobis", "reference", "lens",
	};

	return kind < SYC_N_FORECASTS ? names[kind] : NULL;
}

/* ---- what is compared ------------------------------------------------------ */

/* Whether a vector says that it was made of what these pairs were read from. */
static bool made_of(const struct syc_vector *v, const struct syc_pairs_info *p)
{
	json_t *doc = json_loads(v->provenance ? v->provenance : "", 0, NULL);
	const char *data = json_string_value(json_object_get(doc, "data"));
	char own[24];
	bool same;

	snprintf(own, sizeof(own), "crc32:%08" PRIx32, p->checksum);
	same = data && strcmp(data, own) == 0;
	json_decref(doc);
	return same;
}

static int check_vector(const struct work *w, const struct syc_vector *v, struct syc_err *err)
{
	const struct syc_pairs_info *p = &w->p->info;

	if (v->dim != p->dim)
		return syc_fail(err, SYC_EINVAL, "vector '%.60s' has width %zu, the pairs %zu",
				v->name ? v->name : "", v->dim, p->dim);
	if (made_of(v, p))
		return syc_fail(err, SYC_EINVAL,
				"vector '%.60s' was made of these pairs; a forecast takes others",
				v->name ? v->name : "");
	return 0;
}

static bool has_layer(const struct syc_vector *v, uint32_t layer)
{
	return v->has && layer < v->n_layers && v->has[layer];
}

static int find_layers(struct work *w, struct syc_err *err)
{
	const struct syc_forecast_opts *o = w->o;
	const struct syc_pairs_info *p = &w->p->info;

	w->f->layers = syc_calloc(p->n_layers, sizeof(*w->f->layers));
	if (!w->f->layers)
		return syc_nomem(err);
	for (size_t l = 0; l < p->n_layers; l++) {
		bool all = !o->reference || has_layer(o->reference, p->layers[l]);

		for (size_t i = 0; i < o->n; i++)
			all = all && has_layer(o->v[i], p->layers[l]);
		if (all)
			w->f->layers[w->f->n_layers++] = p->layers[l];
	}
	return w->f->n_layers ? 0 : syc_fail(err, SYC_EINVAL,
					     "the pairs and all vectors have no layer in common");
}

static int find_pairs(struct work *w, struct syc_err *err)
{
	const struct syc_forecast_opts *o = w->o;

	if (w->p->info.n > UINT32_MAX)
		return syc_fail(err, SYC_EINVAL, "too many pairs");
	w->pick = syc_calloc((size_t)w->p->info.n, sizeof(*w->pick));
	if (!w->pick)
		return syc_nomem(err);
	for (uint64_t i = 0; i < w->p->info.n; i++) {
		bool made = false;

		for (size_t k = 0; k < o->n_made && !made; k++)
			made = syc_nulls_has_claim(o->made[k], syc_pairs_claim(w->p, i));
		if (made)
			w->f->n_left++;
		else
			w->pick[w->f->n_pairs++] = (uint32_t)i;
	}
	if (w->f->n_pairs >= 2)
		return 0;
	return syc_fail(err, SYC_EINVAL,
			"%" PRIu64 " of %" PRIu64
			" pairs are on claims that made no vector; it takes two",
			w->f->n_pairs, w->p->info.n);
}

static void find_answers(struct work *w)
{
	const struct syc_pairs_info *p = &w->p->info;
	uint32_t two[2];

	if (!syc_pairs_choices(w->p) || !method_letters(two, p))
		return;
	for (unsigned i = 0; i < 2; i++)
		memcpy(w->f->answer[i], p->letter[two[i]].name, SYC_PAIRS_TEXT);
}

static int make_room(struct work *w, struct syc_err *err)
{
	const size_t dim = w->p->info.dim;
	struct syc_forecast *f = w->f;

	f->vector = syc_calloc(f->n, sizeof(*f->vector));
	f->shrinkage = syc_calloc(f->n_layers, sizeof(*f->shrinkage));
	w->rms = syc_calloc(f->n_layers, sizeof(*w->rms));
	w->u = syc_calloc(3 * dim, sizeof(*w->u));
	w->set = syc_calloc(f->n_sets * dim, sizeof(*w->set));
	if (!f->vector || !f->shrinkage || !w->rms || !w->u || !w->set)
		return syc_nomem(err);
	w->r = w->u + dim;
	w->cr = w->r + dim;
	for (size_t i = 0; i < f->n; i++) {
		f->vector[i].name = w->o->v[i]->name ? w->o->v[i]->name : "";
		f->vector[i].layer = syc_calloc(f->n_layers, sizeof(*f->vector[i].layer));
		if (!f->vector[i].layer)
			return syc_nomem(err);
	}
	return 0;
}

/* ---- one vector and the pairs ---------------------------------------------- */

static void take(double *u, const struct syc_vector *v, uint32_t layer)
{
	for (size_t c = 0; c < v->dim; c++)
		u[c] = (double)v->v[layer * v->dim + c];
}

/* Sums of numbers and squares, about the first. */
struct spread {
	double first, sum, square;
	uint64_t n;
};

static void spread_add(struct spread *s, double x)
{
	s->first = s->n++ ? s->first : x;
	s->sum += x - s->first;
	s->square += (x - s->first) * (x - s->first);
}

static double spread_mean(const struct spread *s)
{
	return s->first + s->sum / (double)s->n;
}

static double spread_variance(const struct spread *s)
{
	return (s->square - s->sum * s->sum / (double)s->n) / (double)(s->n - 1);
}

static double cosine_with(const double *u, const float *a, const float *b, size_t dim)
{
	double dd = 0, uu = 0, du = 0;

	for (size_t c = 0; c < dim; c++) {
		const double d = (double)a[c] - (double)b[c];

		dd += d * d;
		uu += u[c] * u[c];
		du += d * u[c];
	}
	return du / sqrt(dd) / sqrt(uu);
}

static int beside_pairs(double x[SYC_N_FORECASTS], const struct work *w, struct syc_err *err)
{
	struct spread side[2] = { 0 }, cosine = { 0 };
	const size_t dim = w->p->info.dim;
	const float *a, *b;

	for (uint64_t i = 0; i < w->view.n; i++) {
		int ret = view_get(&w->view, i, &a, &b, err);
		double cos;

		if (ret < 0)
			return ret;
		spread_add(&side[0], mixed_dot(w->u, a, dim));
		spread_add(&side[1], mixed_dot(w->u, b, dim));
		cos = cosine_with(w->u, a, b, dim);
		if (isfinite(cos))
			spread_add(&cosine, cos);
	}
	x[SYC_FORECAST_COSINE] = cosine.n ? spread_mean(&cosine) : NAN;
	x[SYC_FORECAST_SEPARATION] =
		(spread_mean(&side[0]) - spread_mean(&side[1])) /
		sqrt((spread_variance(&side[0]) + spread_variance(&side[1])) / 2);
	return 0;
}

/* ---- the covariance ---------------------------------------------------------- */

static size_t set_of(const struct work *w, uint64_t i)
{
	return w->o->by_group ? w->p->said[w->pick[i]].group : 0;
}

/* The mean of each set, and how long activations are. */
static int find_means(struct work *w, struct syc_err *err)
{
	const size_t dim = w->p->info.dim;
	const float eps = w->o->model ? syc_model_config(w->o->model)->norm_eps : 0;
	uint64_t n[SYC_PAIRS_GROUPS] = { 0 };
	const float *x[2];
	double sum = 0;

	memset(w->set, 0, w->f->n_sets * dim * sizeof(*w->set));
	for (uint64_t i = 0; i < w->view.n; i++) {
		int ret = view_get(&w->view, i, &x[0], &x[1], err);

		if (ret < 0)
			return ret;
		n[set_of(w, i)] += 2;
		for (int side = 0; side < 2; side++) {
			double *mean = w->set + set_of(w, i) * dim, square = 0;

			for (size_t c = 0; c < dim; c++) {
				mean[c] += (double)x[side][c];
				square += (double)x[side][c] * (double)x[side][c];
			}
			sum += 1 / sqrt(square / (double)dim + (double)eps);
		}
	}
	for (size_t s = 0; s < w->f->n_sets; s++)
		for (size_t c = 0; c < dim && n[s]; c++)
			w->set[s * dim + c] /= (double)n[s];
	w->rms[w->k] = sum / (2 * (double)w->view.n);
	return 0;
}

static int find_moments(struct work *w, struct syc_err *err)
{
	const size_t dim = w->p->info.dim;
	float *y = syc_calloc(2 * dim, sizeof(*y));
	const float *x[2];
	int ret = y ? syc_moments_new(&w->m, dim, SYC_MOMENTS_COV, err) : syc_nomem(err);

	for (uint64_t i = 0; i < w->view.n && ret == 0; i++) {
		const double *mean = w->set + set_of(w, i) * dim;

		ret = view_get(&w->view, i, &x[0], &x[1], err);
		for (size_t c = 0; c < 2 * dim && ret == 0; c++)
			y[c] = (float)((double)x[c / dim][c % dim] - mean[c % dim]);
		if (ret == 0)
			ret = syc_moments_add(w->m, y, 2, err);
	}
	free(y);
	return ret;
}

/* out = C x, from the lower triangle of the scatter. */
static void times(double *out, const struct work *w, double s, const double *x)
{
	const size_t d = w->p->info.dim;
	const double *a = syc_moments_scatter(w->m), n = 2 * (double)w->view.n;
	double trace = 0;

	memset(out, 0, d * sizeof(*out));
	for (size_t i = 0; i < d; i++) {
		for (size_t j = 0; j < i; j++) {
			out[i] += a[i * d + j] * x[j];
			out[j] += a[i * d + j] * x[i];
		}
		out[i] += a[i * d + i] * x[i];
		trace += a[i * d + i];
	}
	for (size_t i = 0; i < d; i++)
		out[i] = (1 - s) * out[i] / n + s * trace / n / (double)d * x[i];
}

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* The covariance of the layer, and the reference under it. */
static int begin_reference(struct work *w, struct syc_err *err)
{
	const uint32_t layer = w->f->layers[w->k];
	double s = w->o->shrinkage;
	int ret;

	w->f->shrinkage[w->k] = NAN;
	if (!w->o->reference)
		return 0;
	ret = find_moments(w, err);
	if (ret < 0)
		return ret;
	if (!w->o->shrinkage_given)
		s = syc_ledoit_wolf(&w->m, 1);
	if (isnan(s))
		return syc_nomem(err);
	w->f->shrinkage[w->k] = s;
	take(w->r, w->o->reference, layer);
	times(w->cr, w, s, w->r);
	return 0;
}

static int beside_reference(double x[SYC_N_FORECASTS], const struct work *w, struct syc_err *err)
{
	const size_t d = w->p->info.dim;
	double *cu;

	x[SYC_FORECAST_MAHALANOBIS] = x[SYC_FORECAST_REFERENCE] = NAN;
	if (!w->o->reference)
		return 0;
	cu = syc_calloc(d, sizeof(*cu));
	if (!cu)
		return syc_nomem(err);
	times(cu, w, w->f->shrinkage[w->k], w->u);
	x[SYC_FORECAST_REFERENCE] = double_cosine(w->u, w->r, d);
	x[SYC_FORECAST_MAHALANOBIS] =
		dot(w->u, w->cr, d) / sqrt(dot(w->u, cu, d)) / sqrt(dot(w->r, w->cr, d));
	free(cu);
	return 0;
}

/* ---- all of it --------------------------------------------------------------- */

static int look(struct work *w, struct syc_err *err)
{
	int ret = find_means(w, err);

	if (ret == 0)
		ret = begin_reference(w, err);
	for (size_t i = 0; i < w->f->n && ret == 0; i++) {
		double *x = w->f->vector[i].layer[w->k].x;

		take(w->u, w->o->v[i], w->f->layers[w->k]);
		x[SYC_FORECAST_LENS] = NAN;
		ret = beside_pairs(x, w, err);
		if (ret == 0)
			ret = beside_reference(x, w, err);
	}
	syc_moments_free(w->m);
	w->m = NULL;
	return ret;
}

static int do_layer(struct work *w, struct syc_err *err)
{
	size_t at = 0;
	int ret;

	while (w->p->layers[at] != w->f->layers[w->k])
		at++;
	ret = view_begin(&w->view, w->p, at, true, err);
	w->view.pick = w->pick;
	w->view.n = w->f->n_pairs;
	if (ret == 0)
		ret = look(w, err);
	view_end(&w->view);
	return ret;
}

static void average(struct syc_forecast *f)
{
	for (size_t i = 0; i < f->n; i++)
		for (unsigned k = 0; k < SYC_N_FORECASTS; k++) {
			double sum = 0, n = 0;

			for (size_t l = 0; l < f->n_layers; l++) {
				const double x = f->vector[i].layer[l].x[k];

				sum += isfinite(x) ? x : 0;
				n += isfinite(x);
			}
			f->vector[i].mean[k] = n > 0 ? sum / n : NAN;
		}
}

static int check(const struct work *w, struct syc_err *err)
{
	const struct syc_forecast_opts *o = w->o;
	int ret = o->reference ? check_vector(w, o->reference, err) : 0;

	for (size_t i = 0; i < o->n && ret == 0; i++)
		ret = check_vector(w, o->v[i], err);
	return ret;
}

static int run(struct work *w, struct syc_err *err)
{
	int ret = check(w, err);

	w->f->n = w->o->n;
	w->f->n_sets = w->o->by_group ? w->p->info.n_groups : 1;
	if (ret == 0)
		ret = find_layers(w, err);
	if (ret == 0)
		ret = find_pairs(w, err);
	if (ret == 0)
		ret = make_room(w, err);
	if (ret == 0)
		find_answers(w);
	for (; ret == 0 && w->k < w->f->n_layers; w->k++)
		ret = do_layer(w, err);
	if (ret == 0 && w->o->model)
		ret = forecast_lens(w->f, w->o, w->rms, err);
	if (ret == 0)
		average(w->f);
	return ret;
}

int syc_forecast(struct syc_forecast **out, const struct syc_pairs *p,
		 const struct syc_forecast_opts *o, struct syc_err *err)
{
	struct work w = { .p = p, .o = o, .f = calloc(1, sizeof(*w.f)) };
	int ret = w.f ? run(&w, err) : syc_nomem(err);

	*out = NULL;
	free(w.pick);
	free(w.rms);
	free(w.u);
	free(w.set);
	if (ret < 0)
		syc_forecast_free(w.f);
	else
		*out = w.f;
	return ret;
}

void syc_forecast_free(struct syc_forecast *f)
{
	if (!f)
		return;
	for (size_t i = 0; f->vector && i < f->n; i++)
		free(f->vector[i].layer);
	free(f->vector);
	free(f->layers);
	free(f->shrinkage);
	free(f->token);
	free(f);
}
