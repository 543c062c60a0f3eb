/* SPDX-License-Identifier: MIT */
/*
 * A study's answers that labels were made of, with their activations, two vectors, and
 * what is tested of these, for check_page_rates.c: null vectors, letters, the increment.
 */
#ifndef TESTS_PAGE_ANSWERS_H
#define TESTS_PAGE_ANSWERS_H
#include "made_pairs.h"
#include "normal.h"
#include "syc/fit.h"

enum { ROWS = 60, LAYERS = 6, DIM = 8, MADE = 20, WIDTH = LAYERS * DIM, WORDS = 12 };

/*
 * Rows of 20 claims, alike in a claim and from layer to layer.  How far an answer was
 * moved is its claim's, its letter's and its own; a label says whether that is above 0.
 */
struct answers {
	double shift[ROWS], plain[ROWS * 2];	/* letter, length */
	int8_t label[ROWS];
	uint32_t claim[ROWS];
	float word[ROWS * WORDS];
	float x[ROWS][WIDTH];
	float axis[WIDTH];	/* [LAYERS][DIM] of length 1 at each layer */
	float v[2][WIDTH];	/* the vectors ab and mean */
	double score[2][ROWS * LAYERS];
};

static const char *const answer_vectors[2] = { "ab", "mean" };

static inline void draw_axes(struct answers *a, uint64_t key, uint64_t *step)
{
	for (size_t l = 0; l < LAYERS; l++) {
		float *u = a->axis + l * DIM;
		double sum = 0;

		for (size_t k = 0; k < DIM; k++) {
			u[k] = (float)normal(key, step);
			sum += (double)u[k] * (double)u[k];
		}
		for (size_t k = 0; k < DIM; k++)
			u[k] /= (float)sqrt(sum);
	}
}

static inline void draw_shifts(struct answers *a, uint64_t key, uint64_t *step)
{
	double opinion = 0;

	for (uint32_t i = 0; i < ROWS; i++) {
		const double letter = normal(key, step) > 0 ? 1 : -1;

		if (i % 3 == 0)
			opinion = normal(key, step);
		for (size_t w = 0; w < WORDS; w++)
			a->word[i * WORDS + w] = i % 3 ? a->word[(i - 1) * WORDS + w]
						       : normal(key, step) + opinion / 2 > 0.7;
		a->claim[i] = i / 3;
		a->plain[2 * i] = letter;
		a->plain[2 * i + 1] = 10 + normal(key, step);
		a->shift[i] = 0.45 * opinion + 0.8 * letter + 0.4 * normal(key, step);
		a->label[i] = a->shift[i] > 0;
	}
}

/*
 * Activations hold the letter along the axis, or nothing of the answer.  So what a score
 * tells is what any vector along the axis tells, and what the letter tells by itself.
 */
static inline void draw_activations(struct answers *a, bool predicts, uint64_t key,
				    uint64_t *step)
{
	double own[WIDTH], w;

	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; k < DIM; k++) {
			w = normal(key, step);
			for (size_t l = 0; l < LAYERS; l++) {
				const size_t at = l * DIM + k;

				if (i % 3 == 0)
					own[at] = normal(key, step);
				w = l ? 0.9 * w + 0.44 * normal(key, step) : w;
				a->x[i][at] = (float)(0.55 * own[at] + 0.84 * w +
						      (predicts ? 3 * a->plain[2 * i] : 0) *
							      (double)a->axis[at]);
			}
		}
}

/*
 * Differences of two pairs a claim.  They lie along the axis, one way or the other by claim
 * and layer: the mean points along it by chance alone, as those of flipped pairs do.
 */
static inline void draw_pairs(const struct answers *a, float x[2 * MADE][WIDTH], uint64_t key,
			      uint64_t *step)
{
	double way[LAYERS];

	for (size_t i = 0; i < 2 * MADE; i++)
		for (size_t at = 0; at < WIDTH; at++) {
			double *to = &way[at / DIM];

			if (i % 2 == 0 && at % DIM == 0)
				*to = normal(key, step) > 0 ? 2 : -2;
			x[i][at] = (float)(*to * (double)a->axis[at] + 0.3 * normal(key, step));
		}
}

/* The vector mean and 200 of its flipped pairs, as syc-vec makes them. */
static inline struct syc_nulls *make_mean(struct answers *a, uint64_t key, uint64_t *step)
{
	const struct syc_null_opts o = { .n[SYC_NULL_FLIP] = SYC_NULL_DRAWS, .seed = key,
					 .threads = 1 };
	const struct syc_recipe mean = { .balance = true };
	static float x[2 * MADE][WIDTH], zero[2 * MADE][WIDTH];
	struct syc_err err = { 0 };
	struct syc_buf b = { 0 };
	struct syc_rows rows;
	struct syc_vector *v;
	struct syc_nulls *n;
	struct syc_pairs *p;
	const char *path;

	draw_pairs(a, x, key, step);
	for (size_t i = 0; i < 4 * MADE; i++)
		syc_buf_printf(&b, "{\"id\": \"r%zu\", \"answer\": \"%s\", \"claim\": \"m%zu\", "
			       "\"acts\": {\"row\": %zu}, "
			       "\"answer_matching_behavior\": \"(%c)\"}\n", i / 2,
			       i % 2 ? "other" : "match", i / 4, i, i / 2 % 2 ? 'A' : 'B');
	path = put_pairs("pairs.npz", x[0], zero[0], 2 * MADE, LAYERS, DIM);
	rows = rows_in(b.data);
	p = open_pairs(path, SYC_PAIRS_CONTRAST, &rows);
	ck_assert_msg(syc_vector_of_pairs(&v, p, NULL, &mean, &err) == 0, "%s", err.msg);
	ck_assert_msg(syc_nulls_write(file("n.npz"), p, NULL, &mean, v, &o, &err) == 0, "%s",
		      err.msg);
	ck_assert_msg(syc_nulls_open(&n, file("n.npz"), &err) == 0, "%s", err.msg);
	memcpy(a->v[1], v->v, sizeof(a->v[1]));
	syc_vector_free(v);
	syc_pairs_free(p);
	syc_buf_free(&b);
	return n;
}

/* The letters' vector, of pairs of its own that are drawn like those of the other. */
static inline void make_ab(struct answers *a, uint64_t key, uint64_t *step)
{
	static float x[2 * MADE][WIDTH];

	draw_pairs(a, x, key, step);
	for (size_t at = 0; at < WIDTH; at++) {
		double sum = 0;

		for (size_t i = 0; i < 2 * MADE; i++)
			sum += (double)x[i][at];
		a->v[0][at] = (float)(sum / (2 * MADE));
	}
}

static inline void score_answers(struct answers *a)
{
	for (int v = 0; v < 2; v++)
		for (size_t i = 0; i < ROWS; i++)
			for (size_t l = 0; l < LAYERS; l++)
				a->score[v][i * LAYERS + l] =
					syc_metric_score(SYC_METRIC_COSINE, a->x[i] + l * DIM,
							 a->v[v] + l * DIM, DIM);
}

static inline struct syc_nulls *draw_answers(struct answers *a, bool predicts, uint64_t key,
					     uint64_t *step)
{
	struct syc_nulls *n;

	draw_axes(a, key, step);
	draw_shifts(a, key, step);
	draw_activations(a, predicts, key, step);
	n = make_mean(a, key, step);
	make_ab(a, key, step);
	score_answers(a);
	return n;
}

/* ---- as syc-fit has them ---------------------------------------------------- */

static inline void put_answers(struct syc_buf *b, const struct answers *a)
{
	static const uint32_t layer[] = { 0, 1, 2, 3, 4, 5 };
	const struct syc_acts_opts o = { .positions = 1u << SYC_POSITION_PROMPT,
					 .layers = layer, .n_layers = LAYERS, .dim = DIM,
					 .dtype = SYC_DTYPE_F32, .provenance = "{}" };
	struct syc_acts_row row[ROWS] = { { .id = NULL } };
	static char id[ROWS][8];

	for (size_t i = 0; i < ROWS; i++) {
		snprintf(id[i], sizeof(id[i]), "q%zu", i);
		row[i] = (struct syc_acts_row){ .id = id[i], .answer = -1, .sample = 0 };
		row[i].position[SYC_POSITION_PROMPT] = a->x[i];
		syc_buf_printf(b, "{\"id\": \"q%zu\", \"claim\": \"c%u\", \"label\": %d, "
			       "\"layers\": [0,1,2,3,4,5], \"acts\": {\"file\": \"%s\", \"row\": "
			       "%zu}, \"score\": {", i, a->claim[i], a->label[i],
			       file("rows.npz"), i);
		for (int v = 0; v < 2; v++) {
			syc_buf_printf(b, "%s\"%s\": {\"prompt\": [", v ? ", " : "",
				       answer_vectors[v]);
			for (size_t l = 0; l < LAYERS; l++)
				syc_buf_printf(b, "%s%.17g", l ? "," : "",
					       a->score[v][i * LAYERS + l]);
			syc_buf_puts(b, "]}");
		}
		syc_buf_puts(b, "}}\n");
	}
	put_acts("rows.npz", &o, row, ROWS);
}

/*
 * The fit of both vectors: null vectors of the mean, and the two compared at layers that
 * other claims choose.  Neither needs the procedure's own permutations.
 */
static inline struct syc_fit *fit_answers(const struct answers *a, struct syc_nulls *n)
{
	const struct syc_fit_nulls of = { "mean", n };
	const struct syc_fit_opts o = { .n_null[SYC_NULL_FLIP] = SYC_NULL_DRAWS, .nulls = &of,
					.n_nulls = 1, .cluster = "claim", .claim = "claim",
					.compare = true, .threads = 1, .n_procedure = 1 };
	struct syc_err err = { 0 };
	struct syc_buf b = { 0 };
	struct syc_rows in;
	struct syc_fit *f;

	put_answers(&b, a);
	in = rows_in(b.data);
	ck_assert_msg(syc_fit_rows(&f, &in, &o, &err) == 0, "%s", err.msg);
	syc_rows_done(&in);
	syc_buf_free(&b);
	ck_assert(f->scores->n_sets == 2 && f->n_diffs == 1);
	return f;
}

#endif
