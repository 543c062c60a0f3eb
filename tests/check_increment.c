/* SPDX-License-Identifier: MIT */
/* What a score adds to baselines: by hand, and its rate of errors. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "normal.h"
#include "suite.h"
#include "syc/increment.h"

enum { MOST = 240, LAYERS = 5, WORDS = 40 };

static double x[MOST * LAYERS], plain[MOST * 2];
static float words[MOST * WORDS];
static int8_t y[MOST];
static uint32_t claim[MOST];
static size_t n;

enum kind {
	LETTER,		/* a copy of the letter, which the label leans on */
	TRUE,		/* the letter, and what else the label leans on */
};

/*
 * Claims of 4 rows, in each of which letter and label are drawn; the label leans
 * on the letter, on its claim, on some of the words and on something hidden that
 * only a true score knows.  Scores are alike in a claim and over layers.
 */
static void draw(enum kind kind, size_t n_claims, double size, uint64_t key)
{
	uint64_t s = 0;

	n = 4 * n_claims;
	for (size_t c = 0; c < n_claims; c++) {
		const double opinion = normal(key, &s), own = normal(key, &s);
		double topic = 0, at_claim[WORDS];

		for (size_t w = 0; w < WORDS; w++) {
			at_claim[w] = normal(key, &s) > 0.7;
			topic += w < 6 ? at_claim[w] - 0.242 : 0;
		}
		for (size_t i = 4 * c; i < 4 * c + 4; i++) {
			const double letter = normal(key, &s) > 0 ? 1 : -1;
			const double hidden = normal(key, &s);
			const double lean = letter + 0.7 * opinion + topic +
				(kind == TRUE ? size * hidden : 0);
			double noise = normal(key, &s);

			for (size_t w = 0; w < WORDS; w++)
				words[i * WORDS + w] = (float)at_claim[w];
			claim[i] = (uint32_t)c;
			plain[2 * i] = letter;
			plain[2 * i + 1] = 10 + normal(key, &s);
			y[i] = lean + noise > 0;
			for (size_t l = 0; l < LAYERS; l++) {
				noise = l ? 0.9 * noise +
							0.436 * normal(key, &s)
					  : normal(key, &s);
				x[i * LAYERS + l] = 0.6 * own + noise +
						    2 * letter +
						    (kind == TRUE ? hidden : 0);
			}
		}
	}
}

static struct syc_increment *run(const struct syc_increment_opts *o,
				 bool with_words)
{
	const struct syc_increment_in in = {
		.score = x, .label = y, .claim = claim, .plain = plain,
		.words = with_words ? words : NULL, .n = n, .n_layers = LAYERS,
		.n_plain = 2, .n_words = WORDS };
	struct syc_increment *p;
	struct syc_err err;

	ck_assert_msg(syc_increment_run(&p, &in, o, &err) == 0, "%s", err.msg);
	return p;
}

/* No figure depends on threads; a score that is a baseline adds nothing. */
START_TEST(figures)
{
	struct syc_increment_opts o = { .n_perm = 99, .threads = 1 };
	struct syc_increment *a, *b;

	draw(TRUE, 30, 1.5, 5);
	for (size_t i = 0; i < n; i++)
		x[i * LAYERS + 2] = 3 - 2 * plain[2 * i] + plain[2 * i + 1];
	a = run(&o, false);
	o.threads = 3;
	b = run(&o, false);
	ck_assert_ptr_null(a->why);
	ck_assert(a->n == 120 && a->n_claims == 30 && a->n_features == 2);
	ck_assert(a->loss < a->loss_rate && a->auc > 0.6);
	ck_assert(a->layer[0].gain > 0.02 && a->layer[0].p < 0.05);
	ck_assert(a->layer[0].slope > 0.3 && a->layer[0].auc > a->auc);
	ck_assert(a->layer[0].known > 0.3 && a->layer[0].known < 0.9);
	ck_assert(fabs(a->layer[2].gain) < 1e-9 && a->layer[2].p == 1);
	ck_assert(a->layer[2].known > 1 - 1e-9);
	for (size_t l = 0; l < LAYERS; l++) {
		ck_assert(a->layer[l].p <= a->layer[l].p_max);
		ck_assert(a->layer[l].gain == b->layer[l].gain);
		ck_assert(a->layer[l].p_max == b->layer[l].p_max);
		ck_assert(a->layer[l].gain <= a->layer[a->best].gain);
	}
	syc_increment_free(a);
	syc_increment_free(b);
	syc_increment_free(NULL);
}
END_TEST

/* Without baselines the reduced fit is the labels' rate. */
START_TEST(nothing_beside)
{
	const struct syc_increment_opts o = { .n_perm = 19 };
	const struct syc_increment_in in = {.score = x,
					    .label = y,
					    .claim = claim,
					    .n = 120,
					    .n_layers = LAYERS};
	struct syc_increment *p;

	draw(TRUE, 30, 1.5, 5);
	x[7] = NAN;
	y[9] = -1;
	ck_assert_int_eq(syc_increment_run(&p, &in, &o, NULL), 0);
	ck_assert_uint_eq(p->n, 118);
	ck_assert(fabs(p->loss - p->loss_rate) < 1e-9 &&
		  p->layer[0].known < 1e-9);
	syc_increment_free(p);
}
END_TEST

START_TEST(undefined)
{
	const struct syc_increment_opts o = {.n_perm = 19}, two = {.folds = 2};
	struct syc_increment *p;
	struct syc_err err;

	draw(LETTER, 9, 0, 1);
	p = run(&o, true);
	ck_assert_str_eq(p->why, "fewer than 10 claims, or than folds");
	ck_assert(isnan(p->layer[0].p) && isnan(p->loss));
	syc_increment_free(p);
	draw(LETTER, 12, 0, 1);
	memset(y, 1, sizeof(y));
	p = run(&o, true);
	ck_assert_str_eq(p->why, "all rows have one label");
	syc_increment_free(p);
	memset(y, 0, sizeof(y));
	y[3] = 1;
	p = run(&o, true);
	ck_assert_str_eq(p->why, "one label is in the claims of one fold only");
	syc_increment_free(p);
	ck_assert_int_eq(syc_increment_run(&p,
					   &(struct syc_increment_in){.n = 0},
					   &two, &err),
			 SYC_EINVAL);
}
END_TEST

static int found(enum kind kind, size_t n_claims, double size, bool with_words,
		 int times)
{
	const struct syc_increment_opts o = {
		.n_perm = getenv("SYC_LONG") ? 199 : 99,
		.threads = getenv("SYC_LONG") ? 0 : 1};
	int got = 0;

	for (int i = 0; i < times; i++) {
		struct syc_increment *p;

		draw(kind, n_claims, size, 40000 + (uint64_t)i);
		p = run(&o, with_words);
		got += !p->why && p->layer[p->best].p_max < 0.05;
		syc_increment_free(p);
	}
	return got;
}

/*
 * The best of 5 layers, beside letter, length and words: p below .05.  400
 * studies a cell with SYC_LONG=1 (31 is the binomial bound at .01), else few.
 */
START_TEST(rates)
{
	const int times = getenv("SYC_LONG") ? 400 : 12;
	static const char *const names[] = {"copies the letter", "knows more"};
	static const size_t claims[] = { 15, 30, 60 };

	for (int kind = LETTER; kind <= TRUE; kind++)
		for (size_t c = getenv("SYC_LONG") ? 0 : 1;
		     c < (getenv("SYC_LONG") ? 3 : 2); c++) {
			const int got = found((enum kind)kind, claims[c], 1.5,
					      true, times);

			printf("%s, %zu claims: %d of %d\n", names[kind],
			       claims[c], got, times);
			if (kind != TRUE)
				ck_assert_int_le(got, (times == 400 ? 31 : 3));
			else if (claims[c] > 15)
				ck_assert_int_ge(got, times * 3 / 4);
		}
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(figures),
		TEST(nothing_beside),
		TEST(undefined),
		TEST(rates),
	};

	return RUN_TESTS("increment", tests);
}
