/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/score/files.h"

static void close_file(struct syc_acts_kept *f)
{
	for (unsigned s = 0; s < SYC_POSITION_ALL; s++)
		free(f->mean[s]);
	syc_acts_close(f->acts);
	free(f->path);
	*f = (struct syc_acts_kept){ 0 };
}

/* Sum one position over all rows that have it; the number of those, or negative. */
static int64_t sum_rows(struct syc_acts_kept *f, enum syc_position position,
			double *sum, float *x, size_t n, struct syc_err *err)
{
	const uint64_t n_rows = syc_acts_info(f->acts)->n_rows;
	int64_t used = 0;

	for (uint64_t r = 0; r < n_rows; r++) {
		int ret = syc_acts_read(f->acts, position, r, x, NULL, err);

		if (ret < 0)
			return ret;
		/* A row without this position is NaN throughout. */
		if (isnan(x[0]))
			continue;
		for (size_t i = 0; i < n; i++)
			sum[i] += (double)x[i];
		used++;
	}
	return used;
}

static int mean_of(struct syc_acts_kept *f, enum syc_position position,
		   struct syc_err *err)
{
	const struct syc_acts_info *info = syc_acts_info(f->acts);
	const size_t n = info->n_layers * info->dim;
	double *sum = calloc(n, sizeof(*sum));
	float *x = malloc(n * sizeof(*x));
	int64_t used = sum && x ? sum_rows(f, position, sum, x, n, err)
				: syc_nomem(err);

	f->mean[position] = used < 0 ? NULL : malloc(n * sizeof(float));
	if (used >= 0 && !f->mean[position])
		used = syc_nomem(err);
	for (size_t i = 0; i < n && used >= 0; i++)
		f->mean[position][i] = (float)(sum[i] / (double)used);
	free(sum);
	free(x);
	return used < 0 ? (int)used : 0;
}

static int all_means(struct syc_acts_kept *f, struct syc_err *err)
{
	const struct syc_acts_info *info = syc_acts_info(f->acts);
	int ret = 0;

	if (!info->complete)
		return syc_fail(err, SYC_EINVAL,
			"%s: is not finished; its mean needs all of its rows",
			f->path);
	for (unsigned s = 0; s < SYC_POSITION_ALL && ret == 0; s++)
		if (info->positions >> s & 1)
			ret = mean_of(f, s, err);
	return ret;
}

int syc_acts_files_get(struct syc_acts_files *s, const char *path,
		       struct syc_acts_kept **out, struct syc_err *err)
{
	struct syc_acts_kept *f = &s->file[0];
	int ret;

	for (unsigned i = 0; i < SYC_ACTS_OPEN; i++) {
		struct syc_acts_kept *g = &s->file[i];

		if (g->path && strcmp(g->path, path) == 0) {
			g->used = ++s->now;
			*out = g;
			return 0;
		}
		if (g->used < f->used)
			f = g;
	}
	close_file(f);
	f->path = strdup(path);
	ret = f->path ? syc_acts_open(&f->acts, path, err) : syc_nomem(err);
	if (ret == 0 && s->center)
		ret = all_means(f, err);
	if (ret < 0) {
		close_file(f);
		return ret;
	}
	f->used = ++s->now;
	*out = f;
	return 0;
}

void syc_acts_files_free(struct syc_acts_files *s)
{
	for (unsigned i = 0; i < SYC_ACTS_OPEN; i++)
		close_file(&s->file[i]);
}

int syc_acts_kept_read(struct syc_acts_kept *f, enum syc_position position,
		       uint64_t row, float *out, struct syc_err *err)
{
	const struct syc_acts_info *info = syc_acts_info(f->acts);
	const size_t n = info->n_layers * info->dim;
	const int ret = syc_acts_read(f->acts, position, row, out, NULL, err);

	for (size_t i = 0; i < n && f->mean[position] && ret == 0; i++)
		out[i] -= f->mean[position][i];
	return ret;
}
