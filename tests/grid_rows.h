/* SPDX-License-Identifier: MIT */
/* Designs and made rows of designed comparisons. */
#ifndef TESTS_GRID_ROWS_H
#define TESTS_GRID_ROWS_H
#include "normal.h"
#include "suite.h"
#include "syc/grid.h"

static struct syc_err err;

static const struct syc_grid_pairs sets[] = {
	{"ab", false, true, 60},
	{"free", false, false, 90},
	{"cue", true, false, 40},
};

static struct syc_grid *design(unsigned vary, size_t n_pairs)
{
	const struct syc_grid_design d = { vary, sets, n_pairs };
	struct syc_grid *g;

	ck_assert_msg(syc_grid_new(&g, &d, &err) == 0, "%s", err.msg);
	return g;
}

enum { LAYERS = 6, ROWS_OF = 4 };

/*
 * Claims of ROWS_OF rows, the first `choose` of set 0 choose; the rest are
 * dealt to two sets, or one.  Scores are y times a slope of the vector and
 * layer, with noise that vectors share and of their own; claims share noise,
 * too.
 */
static struct syc_grid_rows *draw(const struct syc_grid *g, size_t choose,
				  size_t test, size_t n_sets,
				  const double *slope, uint64_t key)
{
	struct syc_grid_rows *r = calloc(1, sizeof(*r));
	const size_t n_claims = choose + test, n = n_claims * ROWS_OF;
	uint64_t step = 0;

	*r = (struct syc_grid_rows){ .n = n, .n_claims = n_claims, .n_sets = n_sets,
				     .n_layers = LAYERS };
	r->score = calloc(g->n_vectors * n * LAYERS, sizeof(*r->score));
	r->y = calloc(n, sizeof(*r->y));
	r->label = calloc(n, sizeof(*r->label));
	r->claim = calloc(n, sizeof(*r->claim));
	r->set = calloc(n, sizeof(*r->set));
	r->chooses = calloc(n, sizeof(*r->chooses));
	r->layer = calloc(LAYERS, sizeof(*r->layer));
	for (uint32_t l = 0; l < LAYERS; l++)
		r->layer[l] = l;
	for (size_t c = 0; c < n_claims; c++) {
		const double of_y = normal(key, &step),
			     of_x = normal(key, &step);

		for (size_t i = c * ROWS_OF; i < (c + 1) * ROWS_OF; i++) {
			const double shared = of_x + normal(key, &step);

			r->y[i] = of_y + normal(key, &step);
			r->label[i] = r->y[i] > 0.3    ? 1
				      : r->y[i] < -0.3 ? 0
						       : -1;
			r->claim[i] = (uint32_t)c;
			r->chooses[i] = c < choose;
			r->set[i] = c < choose ? 0 : (uint32_t)(c % n_sets);
			for (size_t v = 0; v < g->n_vectors; v++)
				for (size_t l = 0; l < LAYERS; l++)
					r->score[(v * n + i) * LAYERS + l] =
						(slope ? slope[v] : 0) *
							r->y[i] +
						shared +
						0.7 * normal(key, &step);
		}
	}
	return r;
}

#endif
