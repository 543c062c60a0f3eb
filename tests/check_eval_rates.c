/* SPDX-License-Identifier: MIT */
/*
 * How often the intervals of the tasks' figures hold the truth, on drawn grades whose truth
 * is known.  SYC_LONG=1 draws the 4,000 sets a line of tests/data/rates/eval.txt.
 *
 * Rows of an item are alike: its chance of a grade of 1 is drawn from a beta distribution with
 * the mean p and the variance p (1 - p) / (1 + k).  So that the steps of a share do not
 * decide, p differs a little between sets.
 */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "normal.h"
#include "suite.h"
#include "syc/eval.h"

enum { SETS = 4000, SHORT = 200 };

struct draws {
	uint64_t key, step;
};

static double unit(struct draws *d)
{
	return syc_rand_unit(d->key, d->step++);
}

/* Of a gamma distribution of shape a (Marsaglia & Tsang 2000). */
static double draw_gamma(struct draws *d, double a)
{
	const double boost = a < 1 ? pow(1 - unit(d), 1 / a) : 1,
		     b = (a < 1 ? a + 1 : a) - 1. / 3;

	for (;;) {
		const double x = normal(d->key, &d->step), u = 1 - unit(d);
		const double v = pow(1 + x / sqrt(9 * b), 3);

		if (v > 0 && log(u) < x * x / 2 + b - b * v + b * log(v))
			return boost * b * v;
	}
}

static double draw_beta(struct draws *d, double p, double k)
{
	const double x = draw_gamma(d, p * k), y = draw_gamma(d, (1 - p) * k);

	return x + y > 0 ? x / (x + y) : p;
}

/*
 * A design: an arm of a task or two, and the figure that is made of them; the same arm twice
 * is that of two models.
 */
static const struct design {
	const char *task, *figure, *arm[2];
	double p[2];		/* of the arms */
	double k;		/* of the beta distributions */
	unsigned rows;		/* of an arm of an item; 0: its chance is the grade */
	/* of 100 that hold the truth; most 0: not limited, few items differ */
	double least, most;
} designs[] = {
#define PLAIN "answer", "plain", { "plain" }
	{ PLAIN, { .03 }, 1, 1, 93, 97 },
	{ PLAIN, { .3 }, 1, 1, 93, 97 },
	{ PLAIN, { .95 }, 1, 1, 93, 97 },
	{ PLAIN, { .2 }, 2, 3, 93, 97 },
	{ PLAIN, { .5 }, 20, 10, 93, 97 },
	{ PLAIN, { .95 }, 5, 5, 93, 0 },
#define SWAY "answer", "sway", { "suggests-right", "suggests-wrong" }
	{ SWAY, { .8, .5 }, 1, 1, 93, 97 },
	{ SWAY, { .4, .4 }, 1, 1, 93, 97 },
	{ SWAY, { .9, .1 }, 1, 1, 93, 97 },
	{ SWAY, { .05, .03 }, 1, 1, 93, 0 },
	{ SWAY, { .8, .5 }, 3, 5, 93, 97 },
	{ SWAY, { .05, .03 }, 3, 5, 93, 0 },
#define LIKE "feedback", "like", { "like" }
	{ LIKE, { .6 }, 3, 0, 93, 97 },
	{ LIKE, { .9 }, 5, 0, 91, 97 },
#define LIKED "feedback", "like-dislike", { "like", "dislike" }
	{ LIKED, { .7, .4 }, 3, 0, 93, 97 },
	{ LIKED, { .9, .1 }, 5, 0, 91, 97 },
#define WROTE "feedback", "wrote-did-not-write", { "wrote", "did-not-write" }
	{ WROTE, { .6, .4 }, 3, 0, 93, 0 },
#define MODELS "answer", "plain", { "plain", "plain" }
	{ MODELS, { .6, .4 }, 1, 1, 93, 97 },
#define PUSH "pushback", "push-by-3", { "push" }
	{ PUSH, { .2 }, 1, 1, 93, 97 },
	{ PUSH, { .1 }, 3, 4, 93, 97 },
#define BY "pushback", "by-3", { "push", "neutral" }
	{ BY, { .3, .1 }, 1, 1, 93, 97 },
};

static bool of_models(const struct design *g)
{
	return g->arm[1] && strcmp(g->arm[0], g->arm[1]) == 0;
}

/* Three turns, each left with chance p, one in ten not seen to its end. */
static size_t draw_turns(double grade[4], struct draws *d, double p)
{
	const size_t n = unit(d) < .1 ? 2 + (size_t)(2 * unit(d)) : 4;
	bool left = false;

	grade[0] = 1;
	for (size_t t = 1; t < n; t++) {
		left |= unit(d) < p;
		grade[t] = !left;
	}
	return n;
}

static void draw_arm(struct syc_eval *e, struct draws *d,
		     const struct design *g, unsigned arm, const char *item,
		     double p)
{
	const double chance = g->rows == 1 ? p : draw_beta(d, p, g->k);
	struct syc_eval_row row = { g->task, item, g->arm[arm], NULL, NULL, 1 };
	static const char *const names[] = { "a", "b", "c" };
	const bool domains = strstr(g->figure, "write") != NULL;
	double grade[4];

	/* The mean of three domains, by the last digit of an item. */
	if (domains)
		row.domain = names[(item[strlen(item) - 1] - '0') % 3];
	row.grade = grade;
	for (unsigned r = 0; r < (g->rows ? g->rows : 1); r++) {
		grade[0] = g->rows ? unit(d) < chance : chance;
		if (strcmp(g->task, "pushback") == 0)
			row.n_grades = draw_turns(grade, d, chance);
		ck_assert_int_eq(syc_eval_put(e, &row, NULL), 0);
	}
}

/* E (1 - h)^3 of h from a beta distribution, or of p. */
static double stays(const struct design *g, double p)
{
	double s = 1;

	for (int i = 0; i < 3; i++)
		s *= g->rows == 1 ? 1 - p : ((1 - p) * g->k + i) / (g->k + i);
	return s;
}

static double truth_of(const struct design *g, const double p[2])
{
	const bool turns = strcmp(g->task, "pushback") == 0;
	const double a = turns ? 1 - stays(g, p[0]) : p[0],
		     b = turns ? 1 - stays(g, p[1]) : p[1];

	return !g->arm[1] ? a : of_models(g) ? b - a : a - b;
}

static struct syc_eval_table *table_of(struct syc_eval *e)
{
	struct syc_eval_table *t;

	ck_assert_int_eq(syc_eval_table(&t, e, NULL), 0);
	syc_eval_free(e);
	return t;
}

/* One set of n items; whether the interval holds the truth. */
static bool holds(const struct design *g, size_t n, size_t number,
		  double *width)
{
	struct draws d = {syc_rand_key(number, g->figure,
				       (uint64_t)(g - designs) * 1000 + n),
			  0};
	const double spread = fmin(.04, .8 * fmin(g->p[0], 1 - g->p[0]));
	const double shift = (2 * unit(&d) - 1) * spread;
	const double p[2] = {
		g->p[0] + shift,
		g->arm[1] ? g->p[1] + (g->p[1] > spread ? shift : 0) : 0};
	struct syc_eval *e[2] = { NULL, NULL };
	struct syc_eval_table *t, *other = NULL, *first;
	const struct syc_eval_figure *f;
	const double truth = truth_of(g, p);
	const bool models = of_models(g);
	bool in;

	for (unsigned m = 0; m <= models; m++)
		ck_assert_int_eq(syc_eval_new(&e[m], NULL), 0);
	for (size_t i = 0; i < n; i++) {
		char item[24];

		snprintf(item, sizeof(item), "i%zu", i);
		for (unsigned a = 0; a < 2 && g->arm[a]; a++)
			draw_arm(e[models && a], &d, g, a, item, p[a]);
	}
	t = table_of(e[0]);
	if (models) {
		first = t;
		other = table_of(e[1]);
		ck_assert_int_eq(syc_eval_compare(&t, first, other, NULL), 0);
		syc_eval_table_free(first);
		syc_eval_table_free(other);
	}
	f = syc_eval_find(t, g->task, g->figure, NULL);
	in = f->lo <= truth + 1e-12 && truth - 1e-12 <= f->hi;
	*width += f->hi - f->lo;
	syc_eval_table_free(t);
	return in;
}

/* Allowing for chance: 3.3 standard errors. */
static void check(const struct design *g, size_t n, double held, bool all)
{
	const double slack = 3.3 * sqrt(.07 * .93 / (all ? SETS : SHORT));

	ck_assert_msg(held >= g->least / 100 - slack, "too few hold");
	ck_assert_msg(!all || n < 20 || !(g->most > 0) ||
			      held <= g->most / 100 + slack,
		      "too many hold");
}

START_TEST(coverage)
{
	static const size_t sizes[] = { 10, 20, 50, 200 };
	const bool all = getenv("SYC_LONG") != NULL;
	const size_t sets = all ? SETS : SHORT;

	for (size_t i = 0; i < sizeof(designs) / sizeof(designs[0]); i++) {
		const struct design *g = &designs[i];

		for (size_t s = 0; s < (all ? 4 : 2); s++) {
			size_t held = 0;
			double width = 0;

			for (size_t k = 0; k < sets; k++)
				held += holds(g, sizes[s], k, &width);
			printf("%s%s, %s: %g %g, spread %g, %u rows, %zu items: "
			       "%.1f of 100, %.3f wide\n",
			       g->task, of_models(g) ? " of two models" : "",
			       g->figure, g->p[0], g->p[1],
			       g->rows == 1 ? 0 : 1 / (1 + g->k), g->rows,
			       sizes[s], 100 * (double)held / (double)sets,
			       width / (double)sets);
			check(g, sizes[s], (double)held / (double)sets, all);
		}
	}
}
END_TEST

int main(void)
{
	static const struct test t[] = { TEST(coverage) };

	return RUN_TESTS("eval_rates", t);
}
