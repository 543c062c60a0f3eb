/* SPDX-License-Identifier: MIT */
/* Activation files whose every value follows from its place. */
#ifndef TESTS_MADE_ACTS_H
#define TESTS_MADE_ACTS_H
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/rand.h"
#include "format/tensor.h"
#include "rec/acts_file.h"
#include "suite.h"

static char path[64];		/* of this process: tests run side by side */

enum { LAYERS = 3, DIM = 5, VALUES = LAYERS * DIM, MAX_TOKENS = 7 };

static const uint32_t layers[LAYERS] = { 0, 2, 9 };

static const struct syc_acts_opts plain = {
	.positions = 1 << SYC_POSITION_PROMPT | 1 << SYC_POSITION_MEAN,
	.layers = layers, .n_layers = LAYERS, .dim = DIM,
	.chunk_rows = 2, .provenance = "{\"seed\": 1}",
};

/* The value at one place: exact in float16, different everywhere near. */
static inline float value(uint64_t row, unsigned position, size_t i)
{
	return (float)(int)(syc_rand_u64(row * 8 + position, i) % 2048) / 8 - 128;
}

/* The name of a row; of every fourth it is more than ASCII. */
static inline void make_id(char id[32], uint64_t r)
{
	snprintf(id, 32, r % 4 == 3 ? "r\xc3\xb6w \xf0\x9f\x99\x82 %d" : "row-%d",
		 (int)r);
}

static inline void add_row(struct syc_acts_out *w, uint64_t r)
{
	float v[SYC_POSITION_ALL][VALUES], all[MAX_TOKENS * VALUES];
	int32_t tokens[MAX_TOKENS];
	char id[32];
	struct syc_acts_row row = {
		.id = id,
		.sample = (int32_t)(r % 3), .answer = (int32_t)(r % 3) - 1,
		.all = all, .tokens = tokens, .n_tokens = r % (MAX_TOKENS + 1),
	};

	make_id(id, r);
	for (unsigned s = 0; s < SYC_POSITION_ALL; s++) {
		for (size_t i = 0; i < VALUES; i++)
			v[s][i] = value(r, s, i);
		/* One row without an answer: NaN. */
		row.position[s] = s == SYC_POSITION_MEAN && r == 1 ? NULL : v[s];
	}
	for (size_t i = 0; i < row.n_tokens * VALUES; i++)
		all[i] = value(r, SYC_POSITION_ALL, i);
	for (size_t i = 0; i < row.n_tokens; i++)
		tokens[i] = (int32_t)(100 * r + i);
	ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
}

static inline void write_acts(const char *name, const struct syc_acts_opts *o,
			      uint64_t n)
{
	struct syc_acts_out *w;

	ck_assert_int_eq(syc_acts_create(&w, name, o, NULL), 0);
	for (uint64_t r = 0; r < n; r++)
		add_row(w, r);
	ck_assert_uint_eq(syc_acts_saved(w), n - n % o->chunk_rows);
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
}

static inline void slurp(struct syc_buf *b)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;

	b->len = 0;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		ck_assert_int_eq(syc_buf_add(b, block, n), 0);
	fclose(f);
}

static inline void check_row(struct syc_acts *a, uint64_t r)
{
	float x[VALUES];
	const char *id;
	char want[32];
	int32_t sample, answer;

	make_id(want, r);
	ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_PROMPT, r, x, &id, NULL), 0);
	ck_assert_str_eq(id, want);
	for (size_t i = 0; i < VALUES; i++)
		ck_assert(x[i] == value(r, SYC_POSITION_PROMPT, i));
	ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_MEAN, r, x, NULL, NULL), 0);
	for (size_t i = 0; i < VALUES; i++)
		ck_assert(r == 1 ? isnan(x[i]) :
			  x[i] == value(r, SYC_POSITION_MEAN, i));
	ck_assert_int_eq(syc_acts_row_info(a, r, &sample, &answer, NULL), 0);
	ck_assert_int_eq(sample, (int)(r % 3));
	ck_assert_int_eq(answer, (int)(r % 3) - 1);
}

#endif
