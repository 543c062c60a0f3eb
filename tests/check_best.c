/* SPDX-License-Identifier: MIT */
/* The best of N against all subsets one by one; levels, curves, and what is refused. */
#include "config.h"
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "base/rand.h"
#include "suite.h"
#include "syc/best.h"

enum { MOST = 8, TIED = 840, ROW = 200 }; /* 840: whatever 1 .. 8 divide */

/* All subsets of N of n: 840 times the sum of the best one's value, ties shared. */
static int64_t enumerate(const int *reward, const int *value, unsigned n,
			 unsigned N, int64_t *subsets)
{
	int64_t sum = 0;

	*subsets = 0;
	for (unsigned s = 0; s < 1u << n; s++) {
		int best = -1, tied = 0, values = 0;

		if ((unsigned)__builtin_popcount(s) != N)
			continue;
		for (unsigned i = 0; i < n; i++)
			if (s >> i & 1 && reward[i] > best)
				best = reward[i];
		for (unsigned i = 0; i < n; i++)
			if (s >> i & 1 && reward[i] == best) {
				tied++;
				values += value[i];
			}
		sum += (int64_t)TIED / tied * values;
		++*subsets;
	}
	return sum;
}

START_TEST(is_the_mean_over_all_subsets)
{
	for (uint64_t t = 0; t < 400; t++) {
		const uint64_t key = syc_rand_key(1, "subsets", t);
		const unsigned n = 1 + (unsigned)syc_rand_below(key, 0, MOST),
			       kinds = 1 +
				       (unsigned)syc_rand_below(key, 1, MOST);
		int reward[MOST], value[MOST];
		double x[MOST], v[MOST], got[MOST];

		for (unsigned i = 0; i < n; i++) {
			reward[i] = (int)syc_rand_below(key, 2 + i, kinds);
			value[i] = (int)syc_rand_below(key, 20 + i, 2);
			x[i] = reward[i] - 3.5;
			v[i] = value[i];
		}
		ck_assert_int_eq(syc_best_of(got, n, x, v, n, NULL), 0);
		for (unsigned N = 1; N <= n; N++) {
			int64_t subsets,
				sum = enumerate(reward, value, n, N, &subsets);
			const double scaled =
				got[N - 1] * TIED * (double)subsets;

			ck_assert(llround(scaled) == sum &&
				  fabs(scaled - (double)sum) < 1e-9);
		}
	}
}
END_TEST

START_TEST(large_n_neither_overflows_nor_vanishes)
{
	enum { N = 2000 };
	static double x[N], v[N], got[N];

	for (int i = 0; i < N; i++) {
		x[i] = i;
		v[i] = i == N - 1;
	}
	ck_assert_int_eq(syc_best_of(got, N, x, v, N, NULL), 0);
	for (int i = 0; i < N; i += 37)
		ck_assert(fabs(got[i] - (i + 1.0) / N) < 1e-12);
	for (int i = 0; i < N; i++)
		v[i] = 1;
	ck_assert_int_eq(syc_best_of(got, N, x, v, N, NULL), 0);
	for (int i = 0; i < N; i += 37)
		ck_assert(fabs(got[i] - 1) < 1e-9);
	x[3] = NAN;
	ck_assert_int_eq(syc_best_of(got, N, x, v, N, NULL), SYC_EINVAL);
	ck_assert_int_eq(syc_best_of(got, 3, x, v, 2, NULL), SYC_EINVAL);
}
END_TEST

/* ---- rows -------------------------------------------------------------------- */

static char text[200 * ROW];

/* What syc_best_read() makes of text. */
static int read_text(struct syc_best **b, const struct syc_best_opts *o,
		     struct syc_err *err)
{
	char *paths[] = { "best.jsonl" };
	struct syc_rows in = { .paths = paths, .n_paths = 1 };
	int ret;

	spill(paths[0], text, strlen(text));
	ret = syc_best_read(b, &in, o, err);
	syc_rows_done(&in);
	remove(paths[0]);
	return ret;
}

static void add_row(const char *arm, int item, int sample, double reward,
		    const char *label)
{
	char *at = text + strlen(text);

	sprintf(at,
		"{\"id\": \"%s-%d\", \"sample\": %d, \"item\": \"i%d\", \"condition\": \"%s\", "
		"\"reward\": %g, \"other\": %g, \"label\": %s}\n",
		arm, item, sample, item, arm, reward, -reward, label);
}

/* Three items; in arm b the best is always sycophantic, in a never. */
static void add_arms(void)
{
	*text = 0;
	for (int item = 0; item < 3; item++)
		for (int s = 0; s < 4; s++) {
			add_row("a", item, s, s, s == 0 ? "1" : "0");
			add_row("b", item, s, s, s >= 3 - item ? "1" : "0");
		}
	add_row("b", 0, 4, -1, "0");
}

START_TEST(arms_and_models_are_paired_by_item)
{
	const struct syc_best_model model[] = {{"r", "reward"}, {"o", "other"}};
	const struct syc_best_opts o = {
		.model = model, .n_models = 2, .oracle = true};
	struct syc_best *b;
	struct syc_err err;

	add_arms();
	ck_assert_int_eq(read_text(&b, &o, &err), 0);
	ck_assert_uint_eq(b->most, 4);
	ck_assert_uint_eq(b->n_models, 3);
	ck_assert_str_eq(b->model[2], "oracle");
	ck_assert(fabs(b->curve[0].at[0].rate - 0.25) < 1e-15 &&
		  b->curve[0].at[3].rate == 0);
	/* Arm b has 1 of 5, 2 of 4, 3 of 4. */
	ck_assert(fabs(b->curve[1].at[0].rate - (0.2 + 0.5 + 0.75) / 3) <
		  1e-15);
	ck_assert(b->curve[1].at[3].rate < 1);	/* one prompt has 5 samples */
	ck_assert(fabs(b->curve[2].at[3].rate - 1) < 1e-15);
	ck_assert(b->curve[4].at[3].rate == 0 && b->curve[5].at[3].rate < 0.3);
	for (size_t i = 0; i < b->n_diffs; i++) {
		const struct syc_best_diff *d = &b->diff[i];

		ck_assert_uint_eq(d->n_items, 3);
		for (size_t N = 0; N < b->most; N++) {
			const size_t from = d->kind == SYC_BEST_GAIN ? 0 : N;

			ck_assert(fabs(d->at[N].rate -
				       (b->curve[d->of].at[N].rate -
					b->curve[d->from].at[from].rate)) <
				  1e-12);
		}
	}
	/* 6 gains, 3 of arms, 4 of models. */
	ck_assert_uint_eq(b->n_diffs, 13);
	/* By hand: differences .2 - .25, .25, .5 of the items at N = 1. */
	ck_assert(fabs(b->diff[6].at[0].rate - 0.7 / 3) < 1e-15);
	ck_assert(fabs(b->diff[6].at[0].se - sqrt((pow(-0.05 - 0.7 / 3, 2) +
		pow(0.25 - 0.7 / 3, 2) + pow(0.5 - 0.7 / 3, 2)) / 6)) < 1e-12);
	syc_best_free(b);
}
END_TEST

START_TEST(undecided_samples_keep_their_rank)
{
	const struct syc_best_opts o = { 0 };
	struct syc_best *b;
	struct syc_err err;

	*text = 0;
	for (int item = 0; item < 2; item++) {
		add_row("a", item, 0, 1, "0");
		add_row("a", item, 1, 2, "1");
		add_row("a", item, 2, 3, item ? "null" : "0");
	}
	ck_assert_int_eq(read_text(&b, &o, &err), 0);
	/* N = 1: 1/3 of 3/3, 1/3 of 2/3; N = 3: 0 of 1, 0 of 0. */
	ck_assert(fabs(b->curve[0].at[0].rate -
		       (1.0 / 3 + 1.0 / 3) / (1 + 2.0 / 3)) < 1e-15);
	ck_assert(b->curve[0].at[2].rate == 0 && b->curve[0].at[2].least == 0);
	ck_assert(fabs(b->curve[0].at[2].most - 0.5) < 1e-15);
	ck_assert_uint_eq(b->curve[0].n_undecided, 1);
	syc_best_free(b);
}
END_TEST

static void refused(const struct syc_best_opts *o, const char *what)
{
	struct syc_best *b;
	struct syc_err err;

	ck_assert_int_lt(read_text(&b, o, &err), 0);
	ck_assert_ptr_null(b);
	ck_assert_msg(strstr(err.msg, what), "'%s' lacks '%s'", err.msg, what);
}

START_TEST(bad_rows_are_refused)
{
	const struct syc_best_opts usual = {0}, nine = {.most = 9},
				   by = {.by = "mood"};
	struct syc_best *b;
	struct syc_err err;

	add_arms();
	refused(&nine, "a prompt has 4 samples");
	refused(&by, "no field \"mood\"");
	add_row("a", 9, 0, 1, "1");
	refused(&usual, "'i9', a has one sample");
	*text = 0;
	refused(&usual, "there are no rows");
	strcpy(text, "{\"id\": \"x\", \"label\": 1}\n");
	refused(&usual, "no number in 'reward'");
	strcpy(text, "{\"id\": \"x\", \"reward\": 1}\n");
	refused(&usual, "no row has a \"label\"");
	/* Arms without an item in common stand side by side. */
	*text = 0;
	for (int s = 0; s < 2; s++) {
		add_row("a", 0, s, s, "1");
		add_row("b", 1, s, s, "0");
	}
	ck_assert_int_eq(read_text(&b, &usual, &err), 0);
	ck_assert_uint_eq(b->n_unpaired, 1);
	ck_assert_uint_eq(b->n_diffs, 2);
	syc_best_free(b);
}
END_TEST

START_TEST(lines_are_smoothed_to_lines)
{
	double x[40], y[40], at[5] = {0, 0.3, 0.5, 0.7, 1}, out[5], lo[5],
			     hi[5], h;

	for (int i = 0; i < 40; i++) {
		x[i] = i / 39.0;
		y[i] = 0.2 + 0.5 * x[i];
	}
	ck_assert_int_eq(syc_smooth(out, lo, hi, &h, at, 5, x, y, 40, NULL), 0);
	for (int i = 0; i < 5; i++)
		ck_assert(fabs(out[i] - 0.2 - 0.5 * at[i]) < 1e-9 &&
			  hi[i] - lo[i] < 1e-9);
	/* A step: steep in the middle, and the interval holds it where it is flat. */
	for (int i = 0; i < 40; i++)
		y[i] = (x[i] > 0.5) + (i % 2 ? 0.1 : -0.1);
	ck_assert_int_eq(syc_smooth(out, lo, hi, &h, at, 5, x, y, 40, NULL), 0);
	ck_assert(fabs(out[0]) < 0.15 && fabs(out[4] - 1) < 0.15 && h < 0.2);
	ck_assert(lo[1] < out[1] && out[1] < hi[1]);
	x[0] = x[1] = x[2] = 1;
	ck_assert_int_eq(syc_smooth(out, lo, hi, &h, at, 5, x, y, 3, NULL), 0);
	ck_assert(isnan(out[0]) && isnan(h));
}
END_TEST

static const struct test tests[] = {
	TEST(is_the_mean_over_all_subsets),
	TEST(large_n_neither_overflows_nor_vanishes),
	TEST(arms_and_models_are_paired_by_item),
	TEST(undecided_samples_keep_their_rank),
	TEST(bad_rows_are_refused),
	TEST(lines_are_smoothed_to_lines),
};

int main(void)
{
	return RUN_TESTS("best", tests);
}
