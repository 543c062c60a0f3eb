/* SPDX-License-Identifier: MIT */
/* Intervals of slopes, correlations and kappa. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include "base/rand.h"
#include "coverage.h"
#include "syc/agree.h"
#include "syc/logit.h"
#include "syc/regress.h"

/* The slope per unit of the score is d; r that of a mixture of two normals. */
static void regression_design(struct rows *r, size_t a, size_t s, size_t reps)
{
	const double d = distance(areas[a]);
	const double share = (double)sizes[s][0] / (double)(sizes[s][0] +
							    sizes[s][1]);
	const double v = share * (1 - share),
		corr = d * sqrt(v) / sqrt(1 + d * d * v);
	struct tally t = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_logit f;
		struct syc_corr c;

		begin(r, "regression", a * 4 + s, i);
		draw(r, EQUAL, areas[a], sizes[s][0], sizes[s][1]);
		syc_stat_logit(&f, r->a, r->y, r->n, NULL);
		syc_stat_corr(&c, r->a, r->y, r->n, NULL);
		hold(&t, 0, f.lo / f.sd, f.hi / f.sd, d);
		hold(&t, 1, c.lo, c.hi, corr);
	}
	snprintf(design, sizeof(design), "%g, %zu+%zu", areas[a], sizes[s][0],
		 sizes[s][1]);
	show(design, &t, 2, 0.90, 0.985);
}

void regression_tables(struct rows *r, size_t reps, bool all)
{
	(void)all;
	printf("\nSlope (Wald), point-biserial r\n");
	for (size_t s = 0; s < 4; s++)
		for (size_t a = 0; a < 4; a++)
			regression_design(r, a, s, reps);
}

/* Of skewness 2 / sqrt(3), mean 0 and standard deviation 1. */
static double gamma3(struct rows *r)
{
	double u = 1;

	for (int i = 0; i < 3; i++)
		u *= 1 - syc_rand_unit(r->key, r->step++);
	return (-log(u) - 3) / sqrt(3);
}

/* Labels are drawn, too: r of a class that is d above the other. */
static void label_design(struct rows *r, bool skewed, double share, size_t a,
			 size_t n, size_t reps)
{
	const double d = distance(areas[a]), v = share * (1 - share),
		truth = d * sqrt(v) / sqrt(1 + d * d * v);
	struct tally t = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_corr c;

		begin(r, "label", (size_t)(share * 100) * 100000 + n * 100 + a * 10 +
		      skewed, i);
		for (size_t k = 0; k < n; k++) {
			r->y[k] = syc_rand_unit(r->key, r->step++) < share;
			r->a[k] = r->y[k] * d + (skewed ? gamma3(r) : normal(r));
		}
		syc_stat_corr(&c, r->a, r->y, n, NULL);
		/* One class: there is no figure to be right or wrong. */
		if (isnan(c.r))
			t.n--;
		else
			hold(&t, 0, c.lo, c.hi, truth);
	}
	snprintf(design, sizeof(design), "%s, share %g, r %.2f, n %zu",
		 skewed ? "gamma" : "normal", share, truth, n);
	show(design, &t, 1, 0.93, 0.97);
}

/* Two numbers, log-normal where skewed: r of them, rho of what is behind them. */
static void number_design(struct rows *r, bool skewed, double corr, size_t n,
			  size_t reps)
{
	const double s = 0.36, pi = 3.14159265358979323846;
	const double truth = skewed ? expm1(s * corr) / expm1(s) : corr;
	const double rho = 6 / pi * asin(corr / 2);
	struct tally t = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_line f;

		begin(r, "number", (size_t)(corr * 100) * 10000 + n * 10 + skewed, i);
		for (size_t k = 0; k < n; k++) {
			const double u = normal(r);
			const double v = corr * u + sqrt(1 - corr * corr) * normal(r);

			r->a[k] = skewed ? exp(sqrt(s) * u) : u;
			r->b[k] = skewed ? exp(sqrt(s) * v) : v;
		}
		syc_stat_line(&f, r->a, r->b, n, NULL, NULL);
		hold(&t, 0, f.r_lo, f.r_hi, truth);
		hold(&t, 1, f.rho_lo, f.rho_hi, rho);
	}
	snprintf(design, sizeof(design), "%s, r %.2f, n %zu",
		 skewed ? "log-normal" : "normal", truth, n);
	show(design, &t, 2, 0.93, 0.97);
}

void correlation_tables(struct rows *r, size_t reps, bool all)
{
	static const size_t rows[] = { 20, 50, 200 };
	static const double corr[] = { 0, 0.3, 0.6, 0.9 };

	printf("\nr of a label\n");
	for (size_t i = 0; i < 3; i++)
		for (int skewed = 0; skewed < 2; skewed++)
			for (size_t a = 0; a < 4; a++) {
				label_design(r, skewed, 0.5, a, rows[i], reps);
				if (all)
					label_design(r, skewed, 0.25, a, rows[i],
						     reps);
			}
	printf("\nr and rho of numbers\n");
	for (size_t i = 0; i < 3; i++)
		for (int skewed = 0; skewed < 2; skewed++)
			for (size_t k = 0; k < 4; k++)
				number_design(r, skewed, corr[k], rows[i], reps);
}

/*
 * The slope by topic.  What it should hold is the slope of all topics there
 * could be, found from many draws of as many rows as fit.
 */
static double topic_slope(struct rows *r, const struct topics *t, double d)
{
	const struct topics many =
		{ MOST / 20, 20, t->shift, t->effect, t->leaning };
	double sum = 0;

	for (size_t i = 0; i < 400; i++) {
		struct syc_logit f;

		begin(r, "slopes", t->n, i);
		draw_topics(r, &many, d);
		syc_stat_logit(&f, r->a, r->y, r->n, NULL);
		sum += f.slope / f.sd / 400;
	}
	return sum;
}

static void topic_slopes(struct rows *r, size_t a, size_t n, size_t reps)
{
	const struct topics t = { n, 20, 0.5, 0.5, 1 };
	const double d = distance(areas[a]), truth = topic_slope(r, &t, d);
	struct tally tally = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_logit_opts o = { .cluster = r->c };
		struct syc_logit f;

		begin(r, "topic slopes", a * 100 + n, i);
		draw_topics(r, &t, d);
		syc_stat_logit_with(&f, r->a, r->y, r->n, &o, NULL);
		hold(&tally, 0, f.lo / f.sd, f.hi / f.sd, truth);
		syc_stat_logit(&f, r->a, r->y, r->n, NULL);
		hold(&tally, 1, f.lo / f.sd, f.hi / f.sd, truth);
	}
	snprintf(design, sizeof(design), "%zu topics of 20, slope %.2f", n, truth);
	show(design, &tally, 2, 0.85, 0.98);
}

void topic_slope_tables(struct rows *r, size_t reps, bool all)
{
	printf("\nSlope by topic: --cluster, as if independent\n");
	for (size_t n = 10; n <= 40; n *= 2)
		for (size_t a = 0; a < 4 && all; a++)
			topic_slopes(r, a, n, reps);
}

static void kappa_design(struct rows *r, size_t n, double share, double kappa,
			 size_t reps)
{
	static int8_t other[MOST];
	struct tally t = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_kappa k;

		begin(r, "kappa", n * 10000 + (size_t)(share * 100) * 100 +
		      (size_t)(kappa * 100), i);
		for (size_t j = 0; j < n; j++) {
			/* Both alike with chance kappa, else each on its own. */
			r->y[j] = syc_rand_unit(r->key, 3 * j) < share;
			other[j] = syc_rand_unit(r->key, 3 * j + 1) < kappa ?
				r->y[j] :
				syc_rand_unit(r->key, 3 * j + 2) < share;
		}
		syc_stat_cohen(&k, r->y, other, n, false, NULL);
		hold(&t, 0, k.lo, k.hi, kappa);
		hold(&t, 1, k.kappa - 1.96 * k.se, k.kappa + 1.96 * k.se, kappa);
	}
	snprintf(design, sizeof(design), "kappa %g, share %g, n %zu", kappa,
		 share, n);
	show(design, &t, 2, share > 0.7 && n < 200 ? 0.5 : 0.92, 0.985);
}

void kappa_tables(struct rows *r, size_t reps, bool all)
{
	printf("\nCohen's kappa: its interval, Wald's\n");
	for (size_t n = 50; n <= 400; n *= all ? 2 : 8)
		for (double share = 0.5; share < 0.9; share += 0.3)
			for (double kappa = 0.2; kappa < 1; kappa += 0.25)
				kappa_design(r, n, share, kappa, reps);
}
