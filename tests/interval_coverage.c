/* SPDX-License-Identifier: MIT */
/*
 * How often the 95 % intervals hold the truth, on simulated rows whose truth is
 * known.  Without an argument a short run that fails when an interval that is
 * promised to hold (syc-fit(1), COVERAGE) does not; with a number of
 * repetitions the tables of that page:
 *
 *     tests/interval_coverage 4000 [area|topics|difference|regression|correlation|
 *                                   slopes|precision|band|kappa]
 *
 * Scores are normal with standard deviation 1 in both classes, d apart unless
 * said otherwise, so that AUC = Phi(d / sqrt 2) and the log odds of the label
 * rise by d per unit of the score.
 */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "coverage.h"
#include "syc/regress.h"
#include "syc/resample.h"

static void area_design(struct rows *r, enum shape shape, size_t a, size_t s,
			size_t reps,
			double least, double most)
{
	static const char *const names[] =
		{ "normal", "normal, sd 2 and 1", "exponential",
					     "five steps" };
	struct tally t = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_auc auc;
		double truth;

		begin(r, "area", (a * 4 + s) * 4 + shape, i);
		truth = draw(r, shape, areas[a], sizes[s][0], sizes[s][1]);
		syc_stat_auc(&auc, r->a, r->y, r->n, NULL);
		hold(&t, 0, auc.lo, auc.hi, truth);
		hold(&t, 1, auc.logit_lo, auc.logit_hi, truth);
		hold(&t, 2, auc.plain_lo, auc.plain_hi, truth);
	}
	snprintf(design, sizeof(design), "%s %g, %zu+%zu", names[shape],
		 areas[a], sizes[s][0],
		 sizes[s][1]);
	show(design, &t, 3, least, most);
}

static void area_tables(struct rows *r, size_t reps, bool all)
{
	printf("AUC: its interval, DeLong on the logit scale, plain DeLong (%%, mean width)\n");
	for (size_t s = 0; s < 4; s++)
		for (size_t a = 0; a < 4; a++)
			area_design(r, EQUAL, a, s, reps, 0.93, 0.974);
	for (int shape = WIDE; shape <= FIVE_STEPS && all; shape++)
		for (size_t s = 0; s < 4; s++)
			for (size_t a = 0; a < 4; a++)
				area_design(r, shape, a, s, reps, 0, 1);
}

/*
 * The area of pairs of different topics, whose scores differ by d + e + b - b'
 * and noise: e and b of topics as positive rows have them (their weight does
 * not depend on these), so Phi(d / sqrt(2 + 2 shift^2 + effect^2)).
 */
static double topic_area(const struct topics *t, double d)
{
	return phi(d / sqrt(2 + 2 * t->shift * t->shift + t->effect * t->effect));
}

static void topic_design(struct rows *r, const struct topics *t, size_t a,
			 size_t boot,
			 size_t reps, double least)
{
	const double d = distance(areas[a]), truth = topic_area(t, d);
	struct tally tally = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_auc auc;
		struct syc_ranks *k;
		struct syc_boot b;

		begin(r, "topics", a * 1000 + t->n * 7 + t->rows +
		      (t->effect > 0) * 500000, i);
		draw_topics(r, t, d);
		syc_stat_auc_clustered(&auc, r->a, r->y, r->c, r->n, NULL);
		hold(&tally, 0, auc.lo, auc.hi, truth);
		syc_stat_auc(&auc, r->a, r->y, r->n, NULL);
		hold(&tally, 1, auc.lo, auc.hi, truth);
		if (!boot)
			continue;
		syc_ranks_new(&k, r->a, r->y, r->c, r->n, 1, NULL);
		syc_bootstrap_auc(&b, k, boot, i, 1, NULL);
		hold(&tally, 2, b.lo, b.hi, truth);
		syc_ranks_free(k);
	}
	snprintf(design, sizeof(design), "%zu topics of %zu, %.3f%s", t->n,
		 t->rows, truth,
		 t->effect > 0 ? ", uneven" : "");
	show(design, &tally, boot ? 3 : 2, least, 0.98);
}

static void topic_tables(struct rows *r, size_t reps, bool all)
{
	printf("\nAUC by topic: --cluster, as if independent%s\n",
	       all ? ", cluster bootstrap" : "");
	for (size_t n = 10; n <= 40; n *= 2)
		for (size_t rows = 10; rows <= 40; rows *= 4)
			for (size_t a = 0; a < 4; a++) {
				const struct topics even = { n, rows, 0.5, 0, 0.5 };
				const struct topics uneven =
					{ n, rows, 0.5, 0.5, 1.5 };

				if (!all && (n != 20 || rows != 10 || a % 2))
					continue;
				topic_design(r, &even, a, all ? 300 : 0, reps,
					     0.91);
				topic_design(r, &uneven, a, all ? 300 : 0, reps,
					     0.90);
			}
}

/* Two scores of the same rows, with correlation 1/2 beside the label. */
static void difference_design(struct rows *r, double auc_a, double auc_b,
			      size_t s, size_t reps)
{
	const double da = distance(auc_a), db = distance(auc_b);
	struct tally t = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_auc_diff d;

		begin(r, "difference", (size_t)(auc_a * 100) * 1000 + s, i);
		r->n = sizes[s][0] + sizes[s][1];
		for (size_t k = 0; k < r->n; k++) {
			const double common = normal(r) * sqrt(0.5);

			r->y[k] = k < sizes[s][0];
			r->a[k] = r->y[k] * da + common + normal(r) * sqrt(0.5);
			r->b[k] = r->y[k] * db + common + normal(r) * sqrt(0.5);
		}
		syc_stat_auc_diff(&d, r->a, r->b, r->y, NULL, r->n, NULL);
		hold(&t, 0, d.lo, d.hi, auc_a - auc_b);
		hold(&t, 1, d.plain_lo, d.plain_hi, auc_a - auc_b);
	}
	snprintf(design, sizeof(design), "%g - %g, %zu+%zu", auc_a, auc_b,
		 sizes[s][0],
		 sizes[s][1]);
	show(design, &t, 2, 0.92, 0.98);
}

static void difference_tables(struct rows *r, size_t reps, bool all)
{
	(void)all;
	printf("\nDifference of two AUCs: its interval, plain DeLong\n");
	for (size_t s = 0; s < 4; s++) {
		difference_design(r, 0.75, 0.75, s, reps);
		difference_design(r, 0.9, 0.75, s, reps);
		difference_design(r, 0.97, 0.9, s, reps);
	}
}

/*
 * The average precision of the population: the mean over positive scores x of
 * share P(pos > x) / (share P(pos > x) + (1 - share) P(neg > x)).
 */
static double true_ap(double d, double share)
{
	const double step = 1e-3;
	double sum = 0;

	for (double x = d - 8; x < d + 8; x += step) {
		const double pos = share * phi(d - x), neg = (1 - share) * phi(-x);

		sum += step * exp(-(x - d) * (x -
					      d) / 2) / sqrt(2 * 3.14159265358979323846) *
			pos / (pos + neg);
	}
	return sum;
}

static void ap_design(struct rows *r, size_t a, size_t s, size_t reps)
{
	const double share = (double)sizes[s][0] / (double)(sizes[s][0] +
							    sizes[s][1]);
	const double truth = true_ap(distance(areas[a]), share);
	struct tally t = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps; i++) {
		struct syc_ap ap;

		begin(r, "precision", a * 4 + s, i);
		draw(r, EQUAL, areas[a], sizes[s][0], sizes[s][1]);
		syc_stat_ap(&ap, r->a, r->y, r->n, NULL);
		hold(&t, 0, ap.lo, ap.hi, truth);
	}
	snprintf(design, sizeof(design), "AP %.3f, %zu+%zu", truth, sizes[s][0],
		 sizes[s][1]);
	show(design, &t, 1, 0, 1);
}

/* Layers alike by r: all areas within the band, one within its interval. */
static void band_design(struct rows *r, size_t a, size_t s, double alike,
			size_t reps)
{
	enum { LAYERS = 12 };
	const double d = distance(areas[a]);
	const size_t n = sizes[s][0] + sizes[s][1];
	double *x = calloc(n, LAYERS * sizeof(*x));
	struct tally t = { .n = reps };
	char design[64];

	for (size_t i = 0; i < reps && x; i++) {
		struct syc_boot b[LAYERS];
		struct syc_ranks *k;
		double lo = -1, hi = 2, width = 0;

		begin(r, "band", (a * 4 + s) * 10 + (size_t)(alike * 10), i);
		for (size_t j = 0; j < n; j++) {
			const double common = normal(r);

			r->y[j] = j < sizes[s][0];
			for (size_t l = 0; l < LAYERS; l++)
				x[j * LAYERS + l] = d * r->y[j] +
				sqrt(alike) * common +
					sqrt(1 - alike) * normal(r);
		}
		syc_ranks_new(&k, x, r->y, NULL, n, LAYERS, NULL);
		syc_bootstrap_auc(b, k, 400, i, 1, NULL);
		for (int l = 0; l < LAYERS; l++) {
			/* An end that is undefined holds nothing. */
			lo = isnan(b[l].band_lo) ? 2 : fmax(lo, b[l].band_lo);
			hi = fmin(hi, b[l].band_hi);
			width += (b[l].band_hi - b[l].band_lo) / LAYERS;
		}
		t.held[0] += lo <= areas[a] && areas[a] <= hi;
		if (!isnan(width)) {
			t.width[0] += width;
			t.defined[0]++;
		}
		hold(&t, 1, b[0].lo, b[0].hi, areas[a]);
		syc_ranks_free(k);
	}
	snprintf(design, sizeof(design), "%g, %zu+%zu, layers alike %g",
		 areas[a], sizes[s][0],
		 sizes[s][1], alike);
	show(design, &t, 2, s < 3 || areas[a] > 0.95 ? 0.8 : 0.92, 1);
	free(x);
}

static void ap_tables(struct rows *r, size_t reps, bool all)
{
	printf("\nAverage precision\n");
	for (size_t s = 0; s < 4; s++)
		for (size_t a = 0; a < 4 && all; a++)
			ap_design(r, a, s, reps);
}

static void band_tables(struct rows *r, size_t reps, bool all)
{
	printf("\nBand over 12 layers, bootstrap of one\n");
	for (size_t s = 0; s < 4; s++)
		for (size_t a = 0; a < 4 && all; a++)
			band_design(r, a, s, 0.7, reps / 2);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*tables)(struct rows *r, size_t reps, bool all);
	} parts[] = {
		{ "area", area_tables }, { "topics", topic_tables },
		{ "difference", difference_tables }, { "regression", regression_tables },
		{ "correlation", correlation_tables },
		{ "slopes", topic_slope_tables }, { "precision", ap_tables },
		{ "band", band_tables }, { "kappa", kappa_tables },
	};
	const size_t reps = argc > 1 ? strtoul(argv[1], NULL, 10) : 600;
	struct rows *r = calloc(1, sizeof(*r));

	if (!r || !reps)
		return 99;
	printf("%zu repetitions\n", reps);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (argc < 3 || strcmp(argv[2], parts[i].name) == 0)
			parts[i].tables(r, reps, argc > 1);
	free(r);
	return bad;
}
