/* SPDX-License-Identifier: MIT */
/*
 * What vectors that mean nothing reach: the same rows' activations scored
 * against null vectors, at every layer.
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

/* Numbers held at once: layers are taken in turns when there are more. */
static const size_t most_numbers = (size_t)1 << 28;

struct null {
	const struct syc_fit *f;
	struct syc_fit_set *s;
	struct syc_nulls *file;		/* of the vector, or NULL */
	enum syc_position position;
	uint32_t *row;			/* [n] numbers of the set's rows */
	int8_t *label;			/* [n] */
	size_t n;
	size_t draws[SYC_N_NULLS];	/* of kinds that there are */
	size_t all;			/* their sum */
	struct syc_acts_files files;
	float *dir;			/* [layers of a turn][all][dim] */
	size_t dim;
	float *x;			/* [file's layers][dim] of a row */
	size_t cap_x;
	float *score;			/* [layers of a turn][n][all] */
	size_t from, n_turn;		/* layers of this turn */
	double *area;			/* [n_layers][all] */
	double *auc;			/* [n_layers] of the vector, on these rows */
};

bool syc_fit_has_nulls(const struct syc_fit_opts *o)
{
	bool any = false;

	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		any |= o->n_null[k] > 0;
	return any;
}

/* ---- rows ---------------------------------------------------------------- */

/* Whether the claim of row i of the set helped to make the vector. */
static bool made_it(const struct null *u, size_t i)
{
	const struct syc_fit_opts *o = &u->f->o;
	const struct syc_scores *s = u->f->scores;
	const char *claim;

	if (!u->file || !o->claim)
		return false;
	claim = s->row[u->s->t->row[i]].value[syc_scores_field(s, o->claim)].text;
	return claim && syc_nulls_has_claim(u->file, syc_claim_hash(claim));
}

static int find_rows(struct null *u, struct syc_err *err)
{
	const struct syc_scores_set *t = u->s->t;
	unsigned char *seen = calloc(u->s->n_claims + 1, 1);

	u->row = calloc(t->n + 1, sizeof(*u->row));
	u->label = calloc(t->n + 1, 1);
	if (!u->row || !u->label || !seen) {
		free(seen);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < t->n; i++) {
		if (made_it(u, i)) {
			u->s->null_left++;
			continue;
		}
		if (u->s->claim)
			u->s->null_claims += !seen[u->s->claim[i]]++;
		u->row[u->n] = (uint32_t)i;
		u->label[u->n++] = t->label[i];
	}
	u->s->null_rows = u->n;
	if (u->s->null_left && u->s->null_claims < SYC_PROCEDURE_CLAIMS)
		u->s->null_why = "fewer than 10 claims that did not make the vector";
	free(seen);
	return 0;
}

/* The vector's own areas on these rows. */
static int own_areas(struct null *u, struct syc_err *err)
{
	const size_t k = u->f->scores->n_layers;
	double *x = calloc(u->n + 1, sizeof(*x));
	int ret = 0;

	u->auc = calloc(k + 1, sizeof(*u->auc));
	if (!x || !u->auc)
		ret = syc_nomem(err);
	for (size_t l = 0; l < k && ret == 0; l++) {
		struct syc_auc a;

		for (size_t i = 0; i < u->n; i++)
			x[i] = u->s->t->score[u->row[i] * k + l];
		ret = syc_stat_auc(&a, x, u->label, u->n, err);
		u->auc[l] = a.auc;
	}
	free(x);
	return ret;
}

/* ---- directions ---------------------------------------------------------- */

static void count_draws(struct null *u)
{
	const struct syc_fit_opts *o = &u->f->o;

	for (size_t i = 0; i < o->n_nulls; i++)
		if (strcmp(o->nulls[i].vector, u->s->t->vector) == 0)
			u->file = o->nulls[i].file;
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		const bool has = k == SYC_NULL_RANDOM ||
				 (u->file && syc_nulls_info(u->file)->n[k]);

		u->draws[k] = has ? o->n_null[k] : 0;
		u->all += u->draws[k];
	}
}

/* All kinds at layer number l of the fit into out [all][dim]. */
static int read_layer(const struct null *u, size_t l, float *out,
		      struct syc_err *err)
{
	const uint32_t layer = u->f->scores->layer[l];
	const struct syc_nulls_info *info;
	size_t at = 0;

	syc_random_directions(out, u->draws[SYC_NULL_RANDOM], u->dim, 1,
			      u->f->o.seed, 0);
	out += u->draws[SYC_NULL_RANDOM] * u->dim;
	if (u->draws[SYC_NULL_RANDOM] == u->all)
		return 0;
	info = syc_nulls_info(u->file);
	while (at < info->n_layers && info->layers[at] != layer)
		at++;
	if (at == info->n_layers || info->dim != u->dim)
		return syc_fail(err, SYC_EINVAL, "the null vectors of '%.100s' have %s",
				u->s->t->vector, at == info->n_layers ?
				"no such layer as the rows" : "another width than the activations");
	for (unsigned k = SYC_NULL_RANDOM + 1; k < SYC_N_NULLS; k++) {
		const size_t n = u->draws[k] * u->dim;
		float *x;
		int ret = n ? syc_nulls_layer(&x, u->file, k, at, err) : 0;

		if (ret < 0)
			return ret;
		if (!n)
			continue;
		memcpy(out, x, n * sizeof(*x));
		out += n;
		free(x);
	}
	return 0;
}

/* The directions of this turn, once the width is known. */
static int read_turn(struct null *u, size_t dim, struct syc_err *err)
{
	const size_t each = u->all * dim;
	int ret = 0;

	u->dim = dim;
	u->dir = syc_calloc(u->n_turn, each * sizeof(*u->dir));
	if (!u->dir)
		return syc_nomem(err);
	for (size_t l = 0; l < u->n_turn && ret == 0; l++)
		ret = read_layer(u, u->from + l, u->dir + l * each, err);
	return ret;
}

/* ---- scores -------------------------------------------------------------- */

static int check_file(struct null *u, struct syc_acts_kept *file,
		      struct syc_err *err)
{
	const struct syc_acts_info *info = syc_acts_info(file->acts);
	const size_t n = info->n_layers * info->dim;
	int ret = 0;

	if (!(info->positions >> u->position & 1))
		return syc_fail(err, SYC_EINVAL, "%.300s: has no position '%s'",
				file->path, u->s->t->position);
	if (u->dim && info->dim != u->dim)
		return syc_fail(err, SYC_EINVAL,
			"%.300s: its activations have width %zu, those before %zu",
			file->path, info->dim, u->dim);
	if (!u->dir)
		ret = read_turn(u, info->dim, err);
	if (ret == 0 && !syc_grow(&u->x, &u->cap_x, n, sizeof(*u->x)))
		return syc_nomem(err);
	return ret;
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

/* Scores of activation x against all directions of a layer of the turn. */
static void score_layer(const struct null *u, const float *x, size_t l, float *out)
{
	const double by =
		u->f->o.metric == SYC_METRIC_COSINE ? norm(x, u->dim) : 1;

	syc_project(out, x, 1, u->dir + l * u->all * u->dim, u->all, u->dim);
	for (size_t k = 0; k < u->all; k++)
		out[k] = (float)((double)out[k] / by);
}

/* Scores of row i at the turn's layers. */
static int score_row(struct null *u, size_t i, struct syc_err *err)
{
	const struct syc_scores_row *row =
		&u->f->scores->row[u->s->t->row[u->row[i]]];
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
		score_layer(u, u->x + at * u->dim, l,
			    u->score + (l * u->n + i) * u->all);
	}
	return 0;
}

/* Layers in turns of as many as there is room for; a first guess of the width. */
static int find_areas(struct null *u, struct syc_err *err)
{
	const size_t n_layers = u->f->scores->n_layers, each = (u->n + 4096) * u->all;
	const size_t room = most_numbers / each;
	const size_t turn = room < 1 ? 1 : room < n_layers ? room : n_layers;
	int ret = 0;

	u->score = syc_calloc(turn, (u->n * u->all + 1) * sizeof(*u->score));
	u->area = syc_calloc(n_layers + 1, u->all * sizeof(*u->area));
	if (!u->score || !u->area)
		return syc_nomem(err);
	for (u->from = 0; u->from < n_layers && ret == 0; u->from += turn) {
		u->n_turn =
			n_layers - u->from < turn ? n_layers - u->from : turn;
		for (size_t i = 0; i < u->n && ret == 0; i++)
			ret = score_row(u, i, err);
		for (size_t l = 0; l < u->n_turn && ret == 0; l++)
			ret = syc_many_auc(u->area + (u->from + l) * u->all,
					   u->score + l * u->n * u->all, u->label,
					   u->n, u->all, u->f->o.threads, err);
		free(u->dir);
		u->dir = NULL;
	}
	return ret;
}

/* ---- figures ------------------------------------------------------------- */

/* The share of n null vectors, and of this one, that reach as far. */
static double share(const double *reach, size_t n, double far_as)
{
	double far = 1;

	for (size_t k = 0; k < n; k++)
		far += reach[k] >= far_as - 1e-12;
	return isnan(far_as) ? NAN : far / (double)(n + 1);
}

/* How far the best layer of n draws from number at on reaches. */
static void farthest(const struct null *u, size_t at, size_t n, double *reach)
{
	for (size_t k = 0; k < n; k++) {
		reach[k] = 0;
		for (size_t l = 0; l < u->f->scores->n_layers; l++) {
			const double area = u->area[l * u->all + at + k];

			if (!isnan(area))
				reach[k] = fmax(reach[k], fabs(area - 0.5));
		}
	}
}

/* Areas [n] of a layer and the best ones' reach into out; room [2][n]. */
static void summarize_layer(struct syc_fit_null *out, const double *area,
			    const double *best, size_t n, double *room,
			    double auc)
{
	double *reach = room, *sorted = room + n;

	if (isnan(area[0]))
		return;
	memcpy(sorted, area, n * sizeof(*sorted));
	syc_stat_sort(sorted, n);
	for (size_t k = 0; k < n; k++)
		reach[k] = fabs(area[k] - 0.5);
	out->lo = syc_stat_quantile(sorted, n, 0.025);
	out->hi = syc_stat_quantile(sorted, n, 0.975);
	out->p = share(reach, n, fabs(auc - 0.5));
	out->p_max = share(best, n, fabs(auc - 0.5));
}

/* A kind whose n draws are from number at on; room [3][n]. */
static void summarize(struct null *u, unsigned kind, size_t at, double *room)
{
	const size_t n = u->draws[kind];
	double best = NAN;

	farthest(u, at, n, room);
	for (size_t l = 0; l < u->f->scores->n_layers; l++) {
		const double *area = u->area + l * u->all + at;

		summarize_layer(&u->s->layer[l].null[kind], area, room, n,
				room + n, u->auc[l]);
		if (!isnan(area[0]) && !isnan(u->auc[l]))
			best = fmax(isnan(best) ? 0 : best, fabs(u->auc[l] - 0.5));
	}
	u->s->null_p[kind] = share(room, n, best);
}

static int summarize_all(struct null *u, struct syc_err *err)
{
	double *room = syc_calloc(u->all + 1, 3 * sizeof(*room));
	size_t at = 0;

	if (!room)
		return syc_nomem(err);
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		if (u->draws[k])
			summarize(u, k, at, room);
		at += u->draws[k];
	}
	free(room);
	return 0;
}

static int find_position(struct null *u, struct syc_err *err)
{
	const char *name = u->s->t->position;
	unsigned mask;
	int ret = syc_positions_parse(&mask, name, err);

	if (ret == 0 && (mask & (mask - 1) || mask >> SYC_POSITION_ALL & 1))
		ret = syc_fail(err, SYC_EINVAL,
			       "no activations are recorded at '%s'", name);
	while (ret == 0 && !(mask >> u->position & 1))
		u->position++;
	return ret;
}

static void nothing_yet(struct syc_fit_set *s, size_t n_layers)
{
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		s->null_p[k] = NAN;
		for (size_t l = 0; l < n_layers; l++)
			s->layer[l].null[k] =
				(struct syc_fit_null){ NAN, NAN, NAN, NAN };
	}
}

int syc_fit_null_vectors(const struct syc_fit *f, struct syc_fit_set *s,
			 struct syc_err *err)
{
	struct null u = {
		.f = f, .s = s, .files = { .center = f->o.center }};
	int ret = find_position(&u, err);

	nothing_yet(s, f->scores->n_layers);
	count_draws(&u);
	if (ret == 0)
		ret = find_rows(&u, err);
	if (ret == 0 && u.all && !s->null_why) {
		ret = own_areas(&u, err);
		if (ret == 0)
			ret = find_areas(&u, err);
		if (ret == 0)
			ret = summarize_all(&u, err);
	}
	syc_acts_files_free(&u.files);
	free(u.row);
	free(u.label);
	free(u.dir);
	free(u.x);
	free(u.score);
	free(u.area);
	free(u.auc);
	return ret;
}
