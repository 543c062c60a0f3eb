/* SPDX-License-Identifier: MIT */
/*
 * What a direction that means nothing reaches: the same rows' activations
 * scored against random directions, the same ones at every layer.
 */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/linear.h"
#include "syc/stat.h"
#include "base/err.h"
#include "base/mem.h"
#include "study/fit/fit.h"
#include "study/score/files.h"

/* Scores held at once: layers are taken in turns when there are more. */
static const size_t most_scores = (size_t)1 << 28;

struct null {
	struct syc_fit *f;
	enum syc_position position;
	const char *name;
	uint32_t *row; /* [n] rows of scores->row that have the position */
	int8_t *label;		/* [n] */
	size_t n;
	struct syc_acts_files files;
	float *dir;		/* [n_null][dim] */
	size_t dim;
	float *x;		/* [file's layers][dim] of a row */
	size_t cap_x;
	float *score;		/* [layers of a turn][n][n_null] */
	size_t from, n_turn;	/* layers of this turn */
	double *area;		/* [n_layers][n_null] */
};

/* Rows of any of the position's sets, each once. */
static int find_rows(struct null *u, struct syc_err *err)
{
	const struct syc_scores *s = u->f->scores;
	int8_t *label = calloc(s->n_labeled + 1, 1);

	u->row = calloc(s->n_labeled + 1, sizeof(*u->row));
	u->label = calloc(s->n_labeled + 1, 1);
	if (!label || !u->row || !u->label) {
		free(label);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < s->n_labeled; i++)
		label[i] = SYC_LABEL_UNDECIDED;
	for (size_t k = 0; k < s->n_sets; k++) {
		const struct syc_scores_set *t = &s->set[k];

		for (size_t i = 0;
		     i < t->n && strcmp(t->position, u->name) == 0; i++)
			label[t->row[i]] = t->label[i];
	}
	for (size_t i = 0; i < s->n_labeled; i++)
		if (label[i] != SYC_LABEL_UNDECIDED) {
			u->row[u->n] = (uint32_t)i;
			u->label[u->n++] = label[i];
		}
	free(label);
	return 0;
}

/* The directions, once the width is known. */
static int make_directions(struct null *u, size_t dim, struct syc_err *err)
{
	const struct syc_fit_opts *o = &u->f->o;

	u->dim = dim;
	u->dir = calloc(o->n_null, dim * sizeof(*u->dir));
	if (!u->dir)
		return syc_nomem(err);
	syc_random_directions(u->dir, o->n_null, dim, 1, o->seed, 0);
	return 0;
}

static int check_file(struct null *u, struct syc_acts_kept *file,
		      struct syc_err *err)
{
	const struct syc_acts_info *info = syc_acts_info(file->acts);
	const size_t n = info->n_layers * info->dim;

	if (!(info->positions >> u->position & 1))
		return syc_fail(err, SYC_EINVAL, "%.300s: has no position '%s'",
				file->path, u->name);
	if (!u->dir && make_directions(u, info->dim, err) < 0)
		return SYC_ENOMEM;
	if (info->dim != u->dim)
		return syc_fail(err, SYC_EINVAL,
			"%.300s: its activations have width %zu, those before %zu",
			file->path, info->dim, u->dim);
	if (!syc_grow(&u->x, &u->cap_x, n, sizeof(*u->x)))
		return syc_nomem(err);
	return 0;
}

static size_t find_layer(const struct syc_acts_info *info, uint32_t layer)
{
	size_t i = 0;

	while (i < info->n_layers && info->layers[i] != layer)
		i++;
	return i;
}

static double norm(const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return sqrt(sum);
}

/* Scores of activation x against all directions. */
static void score_layer(const struct null *u, const float *x, float *out)
{
	const size_t n = u->f->o.n_null;
	const double by =
		u->f->o.metric == SYC_METRIC_COSINE ? norm(x, u->dim) : 1;

	syc_project(out, x, 1, u->dir, n, u->dim);
	for (size_t k = 0; k < n; k++)
		out[k] = (float)(out[k] / by);
}

/* Scores of row i at the turn's layers. */
static int score_row(struct null *u, size_t i, struct syc_err *err)
{
	const struct syc_scores_row *row = &u->f->scores->row[u->row[i]];
	const struct syc_acts_info *info;
	struct syc_acts_kept *file;
	int ret = syc_acts_files_find(&u->files, &row->place, NULL, 0, &file, err);

	if (ret == 0)
		ret = check_file(u, file, err);
	if (ret == 0)
		ret = syc_acts_kept_read(file, u->position, row->place.row, u->x, err);
	if (ret < 0)
		return ret;
	info = syc_acts_info(file->acts);
	for (size_t l = 0; l < u->n_turn; l++) {
		const uint32_t layer = u->f->scores->layer[u->from + l];
		const size_t at = find_layer(info, layer);

		if (at == info->n_layers)
			return syc_fail(err, SYC_EINVAL,
					"%.300s: has no layer %" PRIu32,
					file->path, layer);
		score_layer(u, u->x + at * u->dim,
			    u->score + (l * u->n + i) * u->f->o.n_null);
	}
	return 0;
}

/* Layers in turns of as many as there is room for. */
static int find_areas(struct null *u, struct syc_err *err)
{
	const size_t n_null = u->f->o.n_null, n_layers = u->f->scores->n_layers;
	const size_t each = u->n * n_null, room = each ? most_scores / each : 1;
	const size_t turn = room < 1 ? 1 : room < n_layers ? room : n_layers;
	int ret = 0;

	u->score = calloc(each + 1, turn * sizeof(*u->score));
	u->area = calloc(n_layers + 1, n_null * sizeof(*u->area));
	if (!u->score || !u->area)
		return syc_nomem(err);
	for (u->from = 0; u->from < n_layers && ret == 0; u->from += turn) {
		u->n_turn =
			n_layers - u->from < turn ? n_layers - u->from : turn;
		for (size_t i = 0; i < u->n && ret == 0; i++)
			ret = score_row(u, i, err);
		for (size_t l = 0; l < u->n_turn && ret == 0; l++)
			ret = syc_many_auc(u->area + (u->from + l) * n_null,
					   u->score + l * each, u->label, u->n,
					   n_null, u->f->o.threads, err);
	}
	return ret;
}

/* The share of n directions, and of this one, that reach as far. */
static double share(const double *reach, size_t n, double auc)
{
	double far = 1;

	for (size_t k = 0; k < n; k++)
		far += reach[k] >= fabs(auc - 0.5) - 1e-12;
	return isnan(auc) ? NAN : far / (double)(n + 1);
}

/* How far the best layer of each direction reaches. */
static void farthest(const struct null *u, double *reach)
{
	const size_t n = u->f->o.n_null;

	for (size_t k = 0; k < n; k++) {
		reach[k] = 0;
		for (size_t l = 0; l < u->f->scores->n_layers; l++)
			if (!isnan(u->area[l * n + k]))
				reach[k] = fmax(reach[k],
						fabs(u->area[l * n + k] - 0.5));
	}
}

/* A layer's areas [n] and the best ones' reach into out; room [2][n]. */
static void summarize_layer(struct syc_fit_null *out, const double *area,
			    const double *best, size_t n, double *room,
			    double auc)
{
	double *reach = room, *sorted = room + n;

	*out = (struct syc_fit_null){ NAN, NAN, NAN, NAN };
	if (isnan(area[0]))
		return;
	memcpy(sorted, area, n * sizeof(*sorted));
	syc_stat_sort(sorted, n);
	for (size_t k = 0; k < n; k++)
		reach[k] = fabs(area[k] - 0.5);
	out->lo = syc_stat_quantile(sorted, n, 0.025);
	out->hi = syc_stat_quantile(sorted, n, 0.975);
	out->p = share(reach, n, auc);
	out->p_max = share(best, n, auc);
}

static int summarize(struct null *u, struct syc_err *err)
{
	const size_t n = u->f->o.n_null;
	double *best = calloc(n, 3 * sizeof(*best));

	if (!best)
		return syc_nomem(err);
	farthest(u, best);
	for (size_t k = 0; k < u->f->scores->n_sets; k++) {
		struct syc_fit_set *s = &u->f->set[k];

		for (size_t l = 0; l < u->f->scores->n_layers; l++)
			if (strcmp(s->t->position, u->name) == 0)
				summarize_layer(&s->layer[l].null,
						u->area + l * n, best, n,
						best + n, s->layer[l].auc.auc);
	}
	free(best);
	return 0;
}

static int one_position(struct syc_fit *f, const char *name,
			struct syc_err *err)
{
	struct null u = {
		.f = f, .name = name, .files = { .center = f->o.center }};
	unsigned mask;
	int ret = syc_positions_parse(&mask, name, err);

	if (ret == 0 && (mask & (mask - 1) || mask >> SYC_POSITION_ALL & 1))
		ret = syc_fail(err, SYC_EINVAL,
			       "no activations are recorded at '%s'", name);
	while (ret == 0 && !(mask >> u.position & 1))
		u.position++;
	if (ret == 0)
		ret = find_rows(&u, err);
	if (ret == 0)
		ret = find_areas(&u, err);
	if (ret == 0)
		ret = summarize(&u, err);
	syc_acts_files_free(&u.files);
	free(u.row);
	free(u.label);
	free(u.dir);
	free(u.x);
	free(u.score);
	free(u.area);
	return ret;
}

int syc_fit_nulls(struct syc_fit *f, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < f->scores->n_sets && ret == 0; i++) {
		bool seen = false;

		for (size_t j = 0; j < i; j++)
			seen |= strcmp(f->scores->set[j].position,
				       f->scores->set[i].position) == 0;
		if (!seen)
			ret = one_position(f, f->scores->set[i].position, err);
	}
	return ret;
}
