/* SPDX-License-Identifier: MIT */
/* Rows' activations against vectors. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/score/files.h"
#include "syc/score.h"

struct syc_scorer {
	struct syc_scorer_opts o;
	struct syc_acts_files files;
	float *x;		/* [n_layers][dim] of the row */
	double *score;		/* [positions][n_vectors][n_layers] */
	size_t cap_x, cap_score;
	bool *told;		/* [n_vectors] that it is another model's */
	char *looked;		/* the file last looked at for that, or NULL */
};

const char *syc_metric_name(enum syc_metric m)
{
	static const char *const name[] = { "cosine", "dot", "projection" };

	return name[m];
}

static double dot(const float *a, const float *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

double syc_metric_score(enum syc_metric m, const float *x, const float *v,
			size_t n)
{
	switch (m) {
	case SYC_METRIC_COSINE: return syc_cosine(x, v, n);
	case SYC_METRIC_DOT: return dot(x, v, n);
	default: return dot(x, v, n) / sqrt(dot(v, v, n));
	}
}

static int32_t answer_of(const struct syc_row *row)
{
	const char *s = json_string_value(json_object_get(syc_row_json(row), "answer"));

	return !s ? -1 : strcmp(s, "match") == 0 ? 1 : strcmp(s, "other") == 0 ? 0 : -1;
}

int syc_score_acts(const struct syc_row *row, struct syc_acts_place *at,
		   struct syc_err *err)
{
	const json_t *acts = json_object_get(syc_row_json(row), "acts");
	const json_t *number = json_object_get(acts, "row");
	const double x = json_number_value(number);
	const char *file = json_string_value(json_object_get(acts, "file"));
	const char *run = json_string_value(json_object_get(acts, "run"));

	*at = (struct syc_acts_place){ .id = row->id };
	if (!acts)
		return syc_fail(err, SYC_EFORMAT,
			"no \"acts\": no activations were recorded for this row");
	if (!json_is_number(number) || !(x >= 0) || x > 0x1p53 || x != floor(x))
		return syc_fail(err, SYC_EFORMAT, "\"acts\" has no row number");
	at->path = file && *file ? file : NULL;
	at->row = (uint64_t)x;
	at->sample = row->sample;
	at->answer = answer_of(row);
	snprintf(at->run, sizeof(at->run), "%s", run ? run : "");
	return 0;
}

int syc_scorer_new(struct syc_scorer **out, const struct syc_scorer_opts *o,
		   struct syc_err *err)
{
	struct syc_scorer *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return syc_nomem(err);
	s->o = *o;
	s->files.center = o->center;
	s->told = calloc(o->n_vectors + 1, sizeof(*s->told));
	if (!s->told) {
		free(s);
		return syc_nomem(err);
	}
	*out = s;
	return 0;
}

void syc_scorer_free(struct syc_scorer *s)
{
	if (!s)
		return;
	syc_acts_files_free(&s->files);
	free(s->x);
	free(s->score);
	free(s->told);
	free(s->looked);
	free(s);
}

/* Does everything fit?  *positions are those to be scored. */
static int check_file(const struct syc_scorer *s, const struct syc_acts_kept *f,
		      const struct syc_acts_info *info, unsigned *positions,
		      struct syc_err *err)
{
	const unsigned have = info->positions & ~(1u << SYC_POSITION_ALL);

	*positions = s->o.positions ? s->o.positions : have;
	for (unsigned p = 0; p < SYC_N_POSITIONS; p++)
		if ((*positions & ~have) >> p & 1)
			return syc_fail(err, SYC_EINVAL,
					"%s: has no position '%s'", f->path,
					syc_position_name(p));
	if (!*positions)
		return syc_fail(err, SYC_EINVAL,
				"%s: has no position but 'all'", f->path);
	for (size_t i = 0; i < s->o.n_vectors; i++)
		if (s->o.vector[i]->dim != info->dim)
			return syc_fail(err, SYC_EINVAL,
					"%s: its activations have width %zu, "
					"the vectors of %s %zu",
					f->path, info->dim, s->o.name[i],
					s->o.vector[i]->dim);
	return 0;
}

/* Layers of two models have the same numbers and nothing else in common. */
static int tell_foreign(struct syc_scorer *s, const char *acts,
			const struct syc_acts_info *info, struct syc_err *err)
{
	if (!s->o.foreign || (s->looked && strcmp(s->looked, acts) == 0))
		return 0;
	free(s->looked);
	s->looked = strdup(acts);
	for (size_t i = 0; i < s->o.n_vectors; i++) {
		if (s->told[i] || !syc_provenance_foreign(s->o.vector[i]->provenance,
							  info->provenance))
			continue;
		s->told[i] = true;
		s->o.foreign(s->o.arg, s->o.name[i], acts);
	}
	return s->looked ? 0 : syc_nomem(err);
}

static int make_room(struct syc_scorer *s, const struct syc_acts_info *info,
		     struct syc_err *err)
{
	const size_t n =
		(size_t)SYC_POSITION_ALL * s->o.n_vectors * info->n_layers;

	if (!syc_grow(&s->x, &s->cap_x, info->n_layers * info->dim,
		      sizeof(*s->x)) ||
	    !syc_grow(&s->score, &s->cap_score, n + 1, sizeof(*s->score)))
		return syc_nomem(err);
	return 0;
}

/* The activations in s->x against all vectors: out [n_vectors][n_layers]. */
static void score_all(const struct syc_scorer *s,
		      const struct syc_acts_info *info, double *out)
{
	for (size_t i = 0; i < s->o.n_vectors; i++) {
		const struct syc_vector *v = s->o.vector[i];

		for (size_t k = 0; k < info->n_layers; k++) {
			const uint32_t l = info->layers[k];

			*out = NAN;
			if (l < v->n_layers && v->has[l])
				*out = syc_metric_score(s->o.metric,
							s->x + k * info->dim,
							v->v + l * v->dim,
							info->dim);
			out++;
		}
	}
}

int syc_scorer_row(struct syc_scorer *s, const struct syc_acts_place *at,
		   struct syc_row_scores *out, struct syc_err *err)
{
	const struct syc_acts_info *info;
	struct syc_acts_kept *f;
	int ret = syc_acts_files_find(&s->files, at, s->o.acts, s->o.n_acts, &f, err);

	*out = (struct syc_row_scores){ 0 };
	if (ret < 0)
		return ret;
	info = syc_acts_info(f->acts);
	ret = check_file(s, f, info, &out->positions, err);
	if (ret == 0)
		ret = make_room(s, info, err);
	if (ret == 0)
		ret = tell_foreign(s, f->path, info, err);
	for (unsigned p = 0; p < SYC_POSITION_ALL && ret == 0; p++) {
		double *to = s->score + p * s->o.n_vectors * info->n_layers;

		if (!(out->positions >> p & 1))
			continue;
		ret = syc_acts_kept_read(f, p, at->row, s->x, err);
		if (ret == 0)
			score_all(s, info, to);
		out->score[p] = to;
	}
	info = syc_acts_info(f->acts);
	out->layer = info->layers;
	out->n_layers = info->n_layers;
	return ret;
}
