/* SPDX-License-Identifier: MIT */
/* Small activation files with numbers of one's own, and the pairs in them. */
#ifndef TESTS_MADE_PAIRS_H
#define TESTS_MADE_PAIRS_H
#include <math.h>
#include <stdarg.h>
#include "folder.h"
#include "syc/direction.h"

/* A file of the folder; sixteen may be in use at once. */
static inline const char *file(const char *name)
{
	static char path[16][512];
	static unsigned at;

	at = (at + 1) % 16;
	snprintf(path[at], sizeof(path[at]), "%s/%s", dir, name);
	return path[at];
}

/* Write rows of a file that says what it holds. */
static inline const char *put_acts(const char *name,
				   const struct syc_acts_opts *o,
				   const struct syc_acts_row *row, size_t n)
{
	const char *path = file(name);
	struct syc_acts_out *out;
	struct syc_err err = { 0 };

	ck_assert_msg(syc_acts_create(&out, path, o, &err) == 0, "%s", err.msg);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(syc_acts_add(out, &row[i], &err) == 0, "%s",
			      err.msg);
	ck_assert_int_eq(syc_acts_finish(out, &err), 0);
	return path;
}

/*
 * Pairs by their two sides [n][layers][dim], layers 0, 1, ..., at the last
 * position: row r<i> twice, the matching answer and the other.
 */
static inline const char *put_pairs(const char *name, const float *match,
				    const float *other, size_t n, size_t layers,
				    size_t dim)
{
	static const uint32_t number[] = { 0, 1, 2, 3, 4, 5 };
	const struct syc_acts_opts o = {
		.positions = 1u << SYC_POSITION_LAST,
		.layers = number,
		.n_layers = layers,
		.dim = dim,
		.dtype = SYC_DTYPE_F32,
		.provenance = "{\"made\": 1}",
	};
	struct syc_acts_row *row = calloc(2 * n, sizeof(*row));
	char (*id)[24] = calloc(n, sizeof(*id));
	const char *path;

	for (size_t i = 0; i < 2 * n; i++) {
		const float *x = (i % 2 ? other : match) + i / 2 * layers * dim;

		snprintf(id[i / 2], sizeof(id[0]), "r%zu", i / 2);
		row[i] = (struct syc_acts_row){.id = id[i / 2],
					       .answer = 1 - (int)(i % 2)};
		row[i].position[SYC_POSITION_LAST] = x;
	}
	path = put_acts(name, &o, row, 2 * n);
	free(row);
	free(id);
	return path;
}

static inline struct syc_pairs *open_pairs(const char *path,
					   enum syc_pairs_kind kind,
					   const struct syc_rows *rows)
{
	const struct syc_pairs_opts o = { .kind = kind, .store = dir };
	struct syc_pairs *p;
	struct syc_err err = { 0 };

	ck_assert_msg(syc_pairs_of_acts(&p, &o, &path, 1, rows, &err) == 0,
		      "%s", err.msg);
	return p;
}

/* The same in one, without rows. */
static inline struct syc_pairs *made_pairs(const float *match,
					   const float *other, size_t n,
					   size_t layers, size_t dim)
{
	return open_pairs(put_pairs("made.npz", match, other, n, layers, dim),
			  SYC_PAIRS_CONTRAST, NULL);
}

/* A stream of these rows, of a file of the folder. */
static inline struct syc_rows rows_in(const char *text)
{
	static char path[512], *paths[1] = { path };

	put_text("rows", text);
	snprintf(path, sizeof(path), "%s", file("rows"));
	return (struct syc_rows){ .paths = paths, .n_paths = 1,
				  .allow_duplicates = true };
}

/* Numbers from -1 to 1 that look random. */
static inline float noise(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (float)((double)(*state >> 33) / 1073741824.0 - 1);
}

/* What err says has each of these texts, up to a NULL. */
__attribute__((sentinel))
static inline void says(const struct syc_err *err, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, err);
	while ((text = va_arg(ap, const char *)))
		ck_assert_msg(strstr(err->msg, text), "'%s' lacks '%s'",
			      err->msg, text);
	va_end(ap);
}

static inline void near(double a, double b, double tolerance)
{
	ck_assert_msg(fabs(a - b) <= tolerance * fmax(1, fabs(b)),
		      "%.17g is not %.17g", a, b);
}

#endif
