/* SPDX-License-Identifier: MIT */
/* Activation files whose numbers say where they stand, opened as pairs. */
#ifndef TESTS_PAIRS_OF_ACTS_H
#define TESTS_PAIRS_OF_ACTS_H
#include "made_pairs.h"

enum { LAYERS = 2, DIMS = 3, VALUES = LAYERS * DIMS };
static const uint32_t at_layers[LAYERS] = { 1, 4 };

/* Activation number i at a position: 100 i + 10 position + component. */
static inline const float *values(size_t i, enum syc_position position)
{
	static float x[16][SYC_POSITION_ALL][VALUES];

	for (size_t c = 0; c < VALUES; c++)
		x[i][position][c] = (float)(100 * i + 10 * position + c);
	return x[i][position];
}

/* A row with activations at positions (a mask). */
static inline struct syc_acts_row row_of(size_t i, const char *id, int answer,
					 unsigned positions)
{
	struct syc_acts_row r = { .id = id, .answer = answer };

	for (unsigned p = 0; p < SYC_POSITION_ALL; p++)
		if (positions & 1u << p)
			r.position[p] = values(i, p);
	return r;
}

enum {
	PROMPT = 1u << SYC_POSITION_PROMPT, LAST = 1u << SYC_POSITION_LAST,
	LETTER = 1u << SYC_POSITION_LETTER, MEAN = 1u << SYC_POSITION_MEAN,
};

static inline const char *put_rows(const char *name, unsigned positions,
				   const struct syc_acts_row *row, size_t n)
{
	const struct syc_acts_opts o = {
		.positions = positions,
		.layers = at_layers,
		.n_layers = LAYERS,
		.dim = DIMS,
		.dtype = SYC_DTYPE_F32,
		.provenance = "{\"of\": \"a test\"}",
	};

	return put_acts(name, &o, row, n);
}

/* Two pairs a, b at positions. */
static inline const char *put_two(const char *name, unsigned positions)
{
	const struct syc_acts_row row[] = {
		row_of(0, "a", 1, positions), row_of(1, "a", 0, positions),
		row_of(2, "b", 1, positions), row_of(3, "b", 0, positions),
	};

	return put_rows(name, positions, row, 4);
}

static inline int open_as(struct syc_pairs **p, const struct syc_pairs_opts *o,
			  const char *path, const struct syc_rows *rows,
			  struct syc_err *err)
{
	struct syc_pairs_opts own = *o;

	own.store = own.store ? own.store : dir;
	return syc_pairs_of_acts(p, &own, &path, 1, rows, err);
}

static inline struct syc_pairs *must(const struct syc_pairs_opts *o,
				     const char *path,
				     const struct syc_rows *rows)
{
	struct syc_err err = { 0 };
	struct syc_pairs *p;

	ck_assert_msg(open_as(&p, o, path, rows, &err) == 0, "%s", err.msg);
	return p;
}

static inline struct syc_err refused(const struct syc_pairs_opts *o,
				     const char *path,
				     const struct syc_rows *rows)
{
	struct syc_err err = { 0 };
	struct syc_pairs *p = (void *)&err;

	ck_assert_int_eq(open_as(&p, o, path, rows, &err), SYC_EINVAL);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(open_as(&p, o, path, rows, NULL), SYC_EINVAL);
	return err;
}

/* The first of a pair's values at a layer. */
static inline void has(const struct syc_pairs *p, uint64_t i, size_t layer,
		       float match, float other)
{
	float a[DIMS], b[DIMS];

	ck_assert_int_eq(syc_pairs_get(p, i, layer, a, b, NULL, NULL), 0);
	for (size_t c = 0; c < DIMS; c++) {
		ck_assert(a[c] == match + (float)c);
		ck_assert(b[c] ==
			  other + (match == other || other ? (float)c : 0));
	}
}

#endif
