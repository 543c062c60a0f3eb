/* SPDX-License-Identifier: MIT */
/* Fits of made rows. */
#ifndef TESTS_FITS_H
#define TESTS_FITS_H
#include "made_rows.h"
#include "syc/fit.h"

static inline struct syc_fit *fit_made(const struct syc_fit_opts *o)
{
	struct syc_rows in = made_begin(false);
	struct syc_err err = { 0 };
	struct syc_fit *f;

	ck_assert_msg(syc_fit_rows(&f, &in, o, &err) == 0, "%s", err.msg);
	made_end(&in);
	return f;
}

static inline int fail_made(const struct syc_fit_opts *o, struct syc_err *err)
{
	struct syc_rows in = made_begin(false);
	struct syc_fit *f;
	int ret = syc_fit_rows(&f, &in, o, err);

	ck_assert_ptr_null(f);
	made_end(&in);
	return ret;
}

/*
 * n rows of one vector at layers 1, 2 and 5 in some order: layer 1 says a
 * little, layer 2 the opposite, layer 5 nothing; 7 topics, 3 sizes.
 */
static inline void make_rows(size_t n, uint64_t seed, uint64_t order_seed)
{
	uint32_t *order = calloc(n, sizeof(*order));

	syc_random_order(order, n, order_seed);
	for (size_t k = 0; k < n; k++) {
		const uint32_t i = order[k];
		uint64_t state = seed * 1000003 + i;
		const int y = syc_splitmix64(&state) % 5 < 2;
		const double topic = (double)(syc_splitmix64(&state) % 7);
		const double a = noise(&state) + 0.8 * y,
			     b = noise(&state) - 1.5 * y;

		ROW("{\"id\":\"r%u\",\"topic\":\"t%.0f\",\"size\":%d,\"long\":%.3f,\"label\":%d,"
		    "\"layers\":[1,2,5],",
		    i, topic, (int)(i % 3), 9 * noise(&state), y);
		ROW("\"score\":{\"v\":{\"mean\":[%s,%s,%s]}}}\n", json_of(a),
		    json_of(b), json_of(noise(&state)));
	}
	free(order);
}

static inline double *column(const struct syc_fit *f, size_t set, size_t l)
{
	double *x = calloc(f->scores->set[set].n + 1, sizeof(*x));

	syc_scores_column(f->scores, &f->scores->set[set], l, x);
	return x;
}

#endif
