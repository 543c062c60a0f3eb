/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/score/files.h"
#include "syc/output.h"

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

/* A search for the file that has a row. */
struct search {
	struct syc_acts_files *files;
	const struct syc_acts_place *at;
	struct syc_acts_kept *found;
	bool opened;		/* err is of a file that was there */
	struct syc_err err;
	int ret;		/* negative until it is found */
};

static void try_file(struct search *s, const char *path)
{
	struct syc_acts_kept *f;
	struct syc_err why = { 0 };
	bool there;
	int ret;

	if (s->ret == 0 || s->ret == SYC_ENOMEM)
		return;
	ret = syc_acts_files_get(s->files, path, &f, &why);
	there = ret == 0;
	if (there)
		ret = syc_acts_check_row(f->acts, s->at, &why);
	if (ret == 0)
		s->found = f;
	/* What is not there says less than what does not fit. */
	if (ret == 0 || s->ret > 0 || (there && !s->opened)) {
		s->err = why;
		s->ret = ret;
	}
	s->opened |= there;
}

static struct syc_acts_kept *kept(struct syc_acts_files *files, const char *path)
{
	for (unsigned i = 0; i < SYC_ACTS_OPEN; i++)
		if (files->file[i].path && strcmp(files->file[i].path, path) == 0)
			return &files->file[i];
	return NULL;
}

/*
 * What is written there now, where something else is finished; and when that is
 * finished too, it has the name of the other, which was opened before.
 */
static void try_part(struct search *s, const char *path)
{
	char *part = syc_output_part(path);
	struct syc_acts_kept *old = kept(s->files, path);

	if (part && (kept(s->files, part) || access(part, F_OK) == 0))
		try_file(s, part);
	free(part);
	if (s->ret == 0 || !old)
		return;
	close_file(old);
	try_file(s, path);
}

/* The file of that name in the folder of the rows; to be freed. */
static char *beside(const struct syc_acts_place *at)
{
	const char *slash = strrchr(at->rows, '/'), *base = strrchr(at->path, '/');
	struct syc_buf b = { 0 };

	syc_buf_add(&b, at->rows, slash ? (size_t)(slash - at->rows) + 1 : 0);
	syc_buf_puts(&b, base ? base + 1 : at->path);
	return b.data;
}

static bool is_there(const char *path)
{
	char *part = syc_output_part(path);
	const bool there = access(path, F_OK) == 0 || (part && access(part, F_OK) == 0);

	free(part);
	return there;
}

char *syc_acts_named(const struct syc_acts_place *at)
{
	char *other = at->rows && !is_there(at->path) ? beside(at) : NULL;

	if (other && is_there(other))
		return other;
	free(other);
	return strdup(at->path);
}

int syc_acts_files_find(struct syc_acts_files *files, const struct syc_acts_place *at,
			const char *const *acts, size_t n,
			struct syc_acts_kept **out, struct syc_err *err)
{
	struct search s = { .files = files, .at = at, .ret = 1 };
	char *other;

	for (size_t i = 0; i < n; i++)
		try_file(&s, acts[i]);
	if (!n && at->path) {
		try_file(&s, at->path);
		if (s.ret != 0)
			try_part(&s, at->path);
		other = s.ret != 0 && at->rows ? beside(at) : NULL;
		if (other && strcmp(other, at->path) != 0)
			try_file(&s, other);
		free(other);
	}
	if (s.ret > 0)
		return syc_fail(err, SYC_EFORMAT, "\"acts\" names no file");
	*out = s.found;
	return s.ret < 0 ? syc_fail(err, s.ret, "%s", s.err.msg) : 0;
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
