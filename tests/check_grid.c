/* SPDX-License-Identifier: MIT */
/* Designed comparisons: cells, outcomes, contrasts. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "grid_rows.h"
#include "syc/stat.h"

/* The cell of a vector and a level of layer. */
static size_t cell(const struct syc_grid *g, const char *vector,
		   const char *layer)
{
	for (size_t i = 0; i < g->n_cells; i++)
		if (strcmp(g->vector[g->cell[i].vector], vector) == 0 &&
		    strcmp(syc_grid_level(g, i, SYC_GRID_LAYER), layer) == 0)
			return i;
	ck_abort_msg("no cell %s %s", vector, layer);
	return 0;
}

static void partners(const struct syc_grid *g, enum syc_grid_factor f,
		     const char *vector, const char *layer, const char *partner)
{
	const size_t p = syc_grid_partner(g, cell(g, vector, layer), f);

	if (!partner)
		ck_assert(p == SIZE_MAX);
	else
		ck_assert_uint_eq(p, cell(g, partner, "all"));
}

/* 40 pairs of each: the smallest set has no more. */
START_TEST(cells)
{
	struct syc_grid *g = design(63, 3);
	size_t near = 0;

	ck_assert_uint_eq(g->n_vectors, 4 * 3 * 3 * 2 + 4 * 3 * 3 + 4 * 3);
	ck_assert_uint_eq(g->n_cells, 4 * g->n_vectors);
	ck_assert_str_eq(g->vector[0], "mean.letter.ab.40.on");
	partners(g, SYC_GRID_METHOD, "lda.last.ab.20.off", "all",
		 "mean.last.ab.20.off");
	partners(g, SYC_GRID_METHOD, "lda.last.ab.20.off", "low", NULL);
	partners(g, SYC_GRID_METHOD, "mean.last.ab.20.off", "all", NULL);
	partners(g, SYC_GRID_NUMBER, "lda.prompt.cue.10.none", "all",
		 "lda.prompt.cue.40.none");
	partners(g, SYC_GRID_LAYER, "lda.prompt.cue.10.none", "high",
		 "lda.prompt.cue.10.none");
	/* Pairs without letters, and of prompts, beside the reference's recipe. */
	partners(g, SYC_GRID_PAIRS, "pca.mean.free.20.none", "all",
		 "pca.mean.ab.20.on");
	partners(g, SYC_GRID_PAIRS, "pca.prompt.cue.20.none", "all",
		 "pca.letter.ab.20.on");
	partners(g, SYC_GRID_POSITION, "pca.prompt.cue.20.none", "all", NULL);
	partners(g, SYC_GRID_BALANCE, "pca.mean.free.20.none", "all", NULL);
	for (size_t i = 0; i < g->n_cells; i++)
		near += syc_grid_is_near(g, i);
	/* the reference; 3 methods, 2 positions, 2 sets, 2 numbers, off, 3 of layer */
	ck_assert_uint_eq(near, 1 + 3 + 2 + 2 + 2 + 1 + 3);
	syc_grid_free(g);
	syc_grid_free(NULL);
}
END_TEST

/* What does not vary stays at the first level that a set of pairs can have. */
START_TEST(some_factors)
{
	const struct syc_grid_pairs few = { "few", false, true, 5 };
	struct syc_grid_design d = { 1u << SYC_GRID_BALANCE, &few, 1 };
	unsigned mask;
	struct syc_grid *g;

	ck_assert_int_eq(syc_grid_parse(&mask, "pairs,layer", &err), 0);
	ck_assert_uint_eq(mask, 1u << SYC_GRID_PAIRS | 1u << SYC_GRID_LAYER);
	g = design(mask, 3);
	ck_assert_uint_eq(g->n_vectors, 3);
	ck_assert_uint_eq(g->n_cells, 12);
	ck_assert_str_eq(g->vector[2], "mean.prompt.cue.40.none");
	syc_grid_free(g);
	ck_assert_int_eq(syc_grid_parse(&mask, "all", &err), 0);
	ck_assert_uint_eq(mask, 63);
	ck_assert_int_eq(syc_grid_parse(&mask, "pairs,size", &err), SYC_EINVAL);
	ck_assert_int_eq(syc_grid_parse(&mask, "", &err), SYC_EINVAL);
	ck_assert_int_eq(syc_grid_new(&g, &d, &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "few has 5 pairs, fewer than 6");
	d.vary = 1u << SYC_GRID_PAIRS;
	d.pairs = sets;
	ck_assert_int_eq(syc_grid_new(&g, &d, &err), SYC_EINVAL);
	ck_assert_ptr_null(g);
}
END_TEST

/* ---- rows --------------------------------------------------------------------- */

/* By the definition, without the rows of a claim (UINT32_MAX: with all). */
static double concordance(const struct syc_grid_rows *r, size_t vector,
			  size_t layer, int sign, bool choosing,
			  uint32_t without)
{
	double sum = 0;
	size_t n_sets = 0;

	for (uint32_t s = 0; s < r->n_sets; s++) {
		double agree = 0, n = 0;

		for (size_t i = 0; i < r->n; i++)
			for (size_t k = 0; k < r->n; k++) {
				const double *x = r->score +
						  vector * r->n * r->n_layers +
						  layer;
				const double d = sign * (x[i * r->n_layers] -
							 x[k * r->n_layers]);

				if (r->set[i] != s || r->set[k] != s ||
				    r->y[i] <= r->y[k] ||
				    r->chooses[i] != choosing ||
				    r->chooses[k] != choosing ||
				    r->claim[i] == without ||
				    r->claim[k] == without)
					continue;
				agree += d > 0 ? 1 : d < 0 ? 0 : 0.5;
				n++;
			}
		if (n > 0) {
			sum += agree / n;
			n_sets++;
		}
	}
	return sum / (double)n_sets;
}

static void same(double a, double b)
{
	ck_assert_msg(fabs(a - b) < 1e-10 || (isnan(a) && isnan(b)),
		      "%.15g is not %.15g", a, b);
}

/* The layer of a third, or of all, that is farthest from 1/2 where it is chosen. */
static size_t best(const struct syc_grid_rows *r, size_t vector, size_t part,
		   int *sign)
{
	size_t at = 0;
	double most = -1;

	for (size_t l = part ? 2 * (part - 1) : 0;
	     l < (part ? 2 * part : LAYERS); l++) {
		const double c =
			concordance(r, vector, l, 1, true, UINT32_MAX) - 0.5;

		if (fabs(c) > most) {
			most = fabs(c);
			at = l;
			*sign = c < 0 ? -1 : 1;
		}
	}
	return at;
}

/* Layers, signs, values and those without a claim, again by counting pairs. */
START_TEST(predictions)
{
	const double slope[] = { 1, -0.5, 0.2, 0, 0.7, -1 };
	struct syc_grid *g =
		design(1u << SYC_GRID_NUMBER | 1u << SYC_GRID_BALANCE |
			       1u << SYC_GRID_LAYER,
		       1);
	struct syc_grid_rows *r = draw(g, 6, 15, 2, slope, 11);
	struct syc_grid_outcome o;

	ck_assert_uint_eq(g->n_vectors, 6);
	r->score[3] = r->score[LAYERS + 3];	/* a tie */
	r->y[30] = r->y[31];
	ck_assert_int_eq(syc_grid_predict(&o, g, r, &err), 0);
	ck_assert_uint_eq(o.n_claims, 15);
	ck_assert_uint_eq(o.n_rows, 60);
	for (size_t i = 0; i < g->n_cells; i++) {
		const size_t v = g->cell[i].vector;
		int sign = 0;
		const size_t l =
			best(r, v, g->cell[i].level[SYC_GRID_LAYER], &sign);
		bool seen[21] = { false };

		ck_assert_uint_eq(o.layer[i], l);
		ck_assert_int_eq(o.sign[i], sign);
		same(o.value[i], concordance(r, v, l, sign, false, UINT32_MAX));
		for (uint32_t c = 6; c < 21; c++) {
			const double x = concordance(r, v, l, sign, false, c);

			for (size_t k = 0; k < 15 && !seen[c]; k++)
				seen[c] =
					fabs(o.without[i * 15 + k] - x) < 1e-10;
			ck_assert(seen[c]);
		}
	}
	/* a label of y's sign has the same order */
	ck_assert(o.auc[0] > 0.7 && o.auc[0] < 1);
	syc_grid_outcome_free(&o);
	syc_grid_rows_free(r);
	syc_grid_free(g);
}
END_TEST

/* Sets with fewer than five claims to test on do not count. */
START_TEST(small_sets)
{
	struct syc_grid *g = design(1u << SYC_GRID_BALANCE, 1);
	struct syc_grid_rows *r = draw(g, 6, 15, 1, NULL, 5);
	struct syc_grid_outcome a, b;
	struct syc_grid_comparison c;

	for (size_t i = 0; i < r->n; i++)
		r->set[i] = r->claim[i] > 16;
	r->n_sets = 2;
	ck_assert_int_eq(syc_grid_predict(&a, g, r, &err), 0);
	r->n = 17 * ROWS_OF;
	for (size_t v = 1; v < g->n_vectors; v++)
		memmove(r->score + v * r->n * LAYERS,
			r->score + v * 21 * ROWS_OF * LAYERS,
			r->n * LAYERS * sizeof(*r->score));
	ck_assert_int_eq(syc_grid_predict(&b, g, r, &err), 0);
	ck_assert_uint_eq(a.n_claims, 11);
	ck_assert(a.value[0] == b.value[0] && a.value[1] == b.value[1]);
	ck_assert(memcmp(a.without, b.without, 22 * sizeof(*a.without)) == 0);
	/* and below ten claims nothing is tested */
	a.n_claims = 9;
	ck_assert_int_eq(syc_grid_compare(&c, g, &a, &err), 0);
	ck_assert_uint_eq(c.n, 1);
	same(c.contrast[0].diff.x, a.value[1] - a.value[0]);
	ck_assert(isnan(c.contrast[0].diff.p) && isnan(c.contrast[0].adjusted));
	ck_assert_int_eq(c.contrast[0].verdict, SYC_GRID_UNKNOWN);
	syc_grid_comparison_free(&c);
	syc_grid_outcome_free(&a);
	syc_grid_outcome_free(&b);
	syc_grid_rows_free(r);
	syc_grid_free(g);
}
END_TEST

/* ---- contrasts ------------------------------------------------------------------- */

/*
 * Of means over claims the jackknife is Student's t of the paired differences.
 * Documents as syc-sweep writes them: the effect of a cell's vector at claim c.
 */
static json_t *sweep(const struct syc_grid *g, double (*x)[12], bool alone)
{
	json_t *list = json_array(), *doc;

	json_array_append_new(
		list, json_pack("{s:s, s:[]}", "kind", "none", "by_claim"));
	for (size_t i = 0; i < g->n_cells; i++)
		for (int sign = -1; sign <= 1; sign += 2) {
			const uint8_t layer = g->cell[i].level[SYC_GRID_LAYER];
			json_t *by = json_array();

			if (!syc_grid_is_near(g, i) || (layer > 0) != alone) {
				json_decref(by);
				continue;
			}
			for (size_t c = 0; c < 12; c++)
				json_array_append_new(
					by, c == 7 ? json_null()
						   : json_real(0.3 +
							       sign * x[i][c]));
			json_array_append_new(
				list,
				json_pack(
					"{s:s, s:s, s:s, s:o?, s:f, s:b, s:o}",
					"kind", "steer", "vector",
					g->vector[g->cell[i].vector], "op",
					"add", "layer",
					layer ? json_integer(layer * 3)
					      : json_null(),
					"scale", 0.25 * sign, "reached",
					i != 2 || sign > 0, "by_claim", by));
		}
	json_array_set_new(json_object_get(json_array_get(list, 0), "by_claim"),
			   0, json_null());
	for (size_t c = 0; c < 12; c++)
		json_array_append_new(
			json_object_get(json_array_get(list, 0), "by_claim"),
			c == 7 ? json_null() : json_real(0.3));
	doc = json_pack("{s:f, s:o}", "n", 24., "settings", list);
	return doc;
}

START_TEST(steering)
{
	struct syc_grid *g =
		design(1u << SYC_GRID_NUMBER | 1u << SYC_GRID_BALANCE |
			       1u << SYC_GRID_LAYER,
		       1);
	static double x[64][12];
	double d[12];
	json_t *together, *alone;
	struct syc_grid_outcome o;
	struct syc_grid_comparison c;
	struct syc_mean m;
	uint64_t step = 0;
	size_t off = cell(g, "mean.letter.ab.60.off", "all");

	for (size_t i = 0; i < g->n_cells; i++)
		for (size_t k = 0; k < 12; k++)
			x[i][k] = 0.1 * normal(3, &step);
	together = sweep(g, x, false);
	alone = sweep(g, x, true);
	ck_assert_int_eq(syc_grid_steer(&o, g, together, alone, &err), 0);
	ck_assert_uint_eq(o.n_claims, 11);
	ck_assert_uint_eq(o.n_rows, 24);
	ck_assert_int_eq(syc_grid_compare(&c, g, &o, &err), 0);
	/* 30, 15, off, and of layer low and high: middle does not reach the KL */
	ck_assert_uint_eq(c.n, 5);
	ck_assert_int_eq(c.contrast[2].factor, SYC_GRID_BALANCE);
	for (size_t k = 0, n = 0; k < 12; k++)
		if (k != 7)
			d[n++] = x[off][k] - x[0][k];
	ck_assert_int_eq(syc_stat_mean(&m, d, 11, &err), 0);
	same(c.contrast[2].diff.x, m.mean);
	same(c.contrast[2].diff.lo, m.lo);
	same(c.contrast[2].diff.hi, m.hi);
	same(c.contrast[2].diff.p, m.p);
	same(c.contrast[2].each[0], m.mean);
	same(c.contrast[2].detectable, m.se * (syc_stat_t_quantile(0.01, 10) +
					       syc_stat_t_quantile(0.4, 10)));
	ck_assert(c.contrast[2].adjusted >= m.p &&
		  c.contrast[2].adjusted <= 5 * m.p);
	json_decref(together);
	json_decref(alone);
	syc_grid_comparison_free(&c);
	syc_grid_outcome_free(&o);
	syc_grid_free(g);
}
END_TEST

/* An outcome of cells by claim: each differs from the reference by what is planted. */
START_TEST(verdicts)
{
	struct syc_grid *g = design(1u << SYC_GRID_METHOD, 1);
	const double shift[] = { 0, 0.2, -0.1, 0.001 };
	double value[4], without[4 * 20];
	struct syc_grid_outcome o = {.name = "steering",
				     .n_claims = 20,
				     .value = value,
				     .without = without};
	struct syc_grid_comparison c;
	struct syc_buf text = { 0 };
	struct syc_grid_found found[2] = { { NULL, NULL }, { &o, &c } };

	for (size_t i = 0; i < 4; i++) {
		double sum = 0, x[20];

		for (size_t k = 0; k < 20; k++) {
			x[k] = shift[i] + 0.01 * (double)(k % 5) +
			       0.002 * (double)((k * (i + 1)) % 7);
			sum += x[k];
		}
		value[i] = sum / 20;
		for (size_t k = 0; k < 20; k++)
			without[i * 20 + k] = (sum - x[k]) / 19;
	}
	ck_assert_int_eq(syc_grid_compare(&c, g, &o, &err), 0);
	ck_assert_uint_eq(c.n, 3);
	ck_assert_int_eq(c.contrast[0].verdict, SYC_GRID_MORE);
	ck_assert_int_eq(c.contrast[1].verdict, SYC_GRID_LESS);
	ck_assert_int_eq(c.contrast[2].verdict, SYC_GRID_ALIKE);
	ck_assert_int_eq(syc_grid_say(&text, g, found, &err), 0);
	ck_assert(strstr(text.data, "20 claims"));
	ck_assert(strstr(text.data,
			 "The method pca steers more than mean by 0.2"));
	ck_assert(strstr(text.data, "method lda steers less than mean by 0.1"));
	ck_assert(strstr(
		text.data,
		"No relevant difference: method logistic and mean (+0.001; "));
	syc_buf_free(&text);
	ck_assert_int_eq(syc_grid_table(&text, g, found, &err), 0);
	ck_assert(strstr(text.data, "steering\tmethod\tpca against mean\t1\t"));
	syc_buf_free(&text);
	syc_grid_comparison_free(&c);
	syc_grid_free(g);
}
END_TEST

/* ---- rows of files ------------------------------------------------------------- */

/* A scored row for each claim; those of 'x' have no shift, of 'd' no label. */
static void write_rows(char *path, const char *claims, const char *vector)
{
	const int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	ck_assert_ptr_nonnull(f);
	for (size_t i = 0; claims[i]; i++)
		fprintf(f,
			"{\"id\":\"%s-%zu\",\"claim\":\"%c\",\"label\":%s,\"shift\":%s,"
			"\"layers\":[4,7],\"score\":{\"%s\":{\"prompt\":[%zu,null]},"
			"\"mean.letter.ab.60.off\":{\"prompt\":[1,%zu]}}}\n",
			path + 5, i, claims[i],
			claims[i] == 'd' ? "null"
			: i % 2		 ? "1"
					 : "0",
			claims[i] == 'x' ? "null" : "0.5", vector, i, 2 * i);
	fclose(f);
}

/* Half the claims of the second set choose, wherever its rows are; a table lacks a vector. */
START_TEST(reading)
{
	struct syc_grid *g = design(1u << SYC_GRID_BALANCE, 1);
	char one[] = "/tmp/grid-rows-XXXXXX", two[] = "/tmp/grid-rows-XXXXXX";
	const char *const path[] = { one, two };
	struct syc_grid_rows *r;
	size_t n_choose = 0;

	write_rows(one, "abxc", "mean.letter.ab.60.on");
	write_rows(two, "deefdgx", "mean.letter.ab.60.on");
	ck_assert_int_eq(syc_grid_rows_read(&r, g, path, 2, 1, &err), 0);
	ck_assert(r->n == 9 && r->n_claims == 7 && r->n_sets == 2 &&
		  r->n_layers == 2);
	ck_assert(r->layer[0] == 4 && r->layer[1] == 7 && r->y[8] == 0.5);
	ck_assert(r->label[0] == 0 && r->label[1] == 1 && r->label[3] == -1 &&
		  r->label[4] == 1);
	ck_assert(r->set[2] == 0 && r->set[3] == 1 &&
		  r->claim[4] == r->claim[5]);
	/* vector, row, layer */
	ck_assert(r->score[2 * 2] == 3 && isnan(r->score[2 * 2 + 1]));
	ck_assert(r->score[(9 + 8) * 2] == 1 &&
		  r->score[(9 + 8) * 2 + 1] == 10);
	for (size_t i = 0; i < r->n; i++) {
		ck_assert(!r->chooses[i] || r->set[i] == 1);
		n_choose += r->chooses[i] &&
			    (!i || r->claim[i] != r->claim[i - 1]) && i != 7;
	}
	ck_assert_uint_eq(n_choose, 2);
	ck_assert(r->chooses[3] == r->chooses[7] &&
		  r->chooses[4] == r->chooses[5]);
	syc_grid_rows_free(r);
	unlink(one);
	memcpy(one + 15, "XXXXXX", 6);
	write_rows(one, "ab", "other");
	ck_assert_int_eq(syc_grid_rows_read(&r, g, path, 2, 1, &err),
			 SYC_EINVAL);
	ck_assert(strstr(err.msg, "no scores of mean.letter.ab.60.on") && !r);
	unlink(one);
	unlink(two);
	syc_grid_free(g);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(cells),	  TEST(some_factors), TEST(predictions),
		TEST(small_sets), TEST(steering),     TEST(verdicts),
		TEST(reading),
	};

	return RUN_TESTS("grid", tests);
}
