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
#include "base/rand.h"
#include "syc/agree.h"
#include "syc/logit.h"
#include "syc/regress.h"
#include "syc/resample.h"

enum { MOST = 2000, INTERVALS = 6 };

/* Rows in the making. */
struct rows {
	uint64_t key, step;
	double a[MOST], b[MOST];
	int8_t y[MOST];
	uint32_t c[MOST];
	size_t n;
};

/* What is counted for one design. */
struct tally {
	double held[INTERVALS], width[INTERVALS];
	size_t n, defined[INTERVALS];
};

static int bad;

static double normal(struct rows *r)
{
	const double u = 1 - syc_rand_unit(r->key, r->step),
		v = syc_rand_unit(r->key, r->step + 1);

	r->step += 2;
	return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

/* An interval that is undefined does not hold; its width is not counted. */
static void hold(struct tally *t, int i, double lo, double hi, double truth)
{
	t->held[i] += lo <= truth && truth <= hi;
	if (!isnan(lo)) {
		t->width[i] += hi - lo;
		t->defined[i]++;
	}
}

/* A line of the table; the first interval has to hold between least and most. */
static void show(const char *design, const struct tally *t, int n, double least,
		 double most)
{
	const double slack = 3 * sqrt(0.05 * 0.95 / (double)t->n);
	const double first = t->held[0] / (double)t->n;

	printf("%-34s", design);
	for (int i = 0; i < n; i++)
		printf("  %5.1f %.3f", 100 * t->held[i] / (double)t->n,
		       t->width[i] / (double)t->defined[i]);
	printf("\n");
	if (first < least - slack || first > most + slack) {
		printf("FAIL: %s: %.1f %% is not within %.0f and %.0f\n",
		       design, 100 * first,
		       100 * least, 100 * most);
		bad = 1;
	}
}

static void begin(struct rows *r, const char *what, size_t design, size_t rep)
{
	r->key = syc_rand_key(design, what, rep);
	r->step = 0;
}

static double phi(double x)
{
	return 0.5 * erfc(-x / sqrt(2));
}

/* The distance d of an area: Phi(d / sqrt 2) turned round by bisection. */
static double distance(double auc)
{
	double lo = 0, hi = 10;

	for (int i = 0; i < 100; i++) {
		const double mid = (lo + hi) / 2;

		if (phi(mid / sqrt(2)) < auc)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static const double areas[] = { 0.6, 0.75, 0.9, 0.97 };
static const size_t sizes[][2] =
	{ { 15, 15 }, { 50, 50 }, { 20, 180 }, { 200, 200 } };

enum shape { EQUAL, WIDE, EXPONENTIAL, FIVE_STEPS };

/* m positive rows and n others with this area; the truth. */
static double draw(struct rows *r, enum shape shape, double auc, size_t m, size_t n)
{
	const double sd = shape == WIDE ? 2 : 1,
		d = distance(auc) * sqrt((1 + sd * sd) / 2);
	double truth = auc, p[5], q[5], below = 0;

	r->n = m + n;
	for (size_t i = 0; i < r->n; i++) {
		r->y[i] = i < m;
		if (shape == EXPONENTIAL)
			r->a[i] = -log(1 - syc_rand_unit(r->key, r->step++)) *
				(i < m ? auc / (1 - auc) : 1);
		else
			r->a[i] = i < m ? d + sd * normal(r) : normal(r);
		if (shape == FIVE_STEPS)
			r->a[i] = fmin(fmax(floor(r->a[i] + 0.5), -1), 3);
	}
	if (shape != FIVE_STEPS)
		return truth;
	truth = 0;
	for (int k = 0; k < 5; k++) {
		p[k] = k < 4 ? phi(k - 0.5 - d) : 1;
		q[k] = k < 4 ? phi(k - 0.5) : 1;
	}
	for (int k = 0; k < 5; k++) {
		const double here = q[k] - below;

		truth += (p[k] - (k ? p[k - 1] : 0)) * (below + here / 2);
		below = q[k];
	}
	return truth;
}

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

/* Rows of a topic share a shift of the score, an effect and a leaning. */
struct topics {
	size_t n, rows;
	double shift, effect, leaning;
};

static void draw_topics(struct rows *r, const struct topics *t, double d)
{
	r->n = 0;
	for (size_t g = 0; g < t->n; g++) {
		const double b = t->shift * normal(r), e = t->effect * normal(r);
		const double p = 1 / (1 + exp(-t->leaning * normal(r)));

		for (size_t i = 0; i < t->rows; i++) {
			const int y = syc_rand_unit(r->key, r->step++) < p;

			r->a[r->n] = (d + e) * y + b + normal(r);
			r->y[r->n] = (int8_t)y;
			r->c[r->n++] = (uint32_t)g;
		}
	}
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

static void regression_tables(struct rows *r, size_t reps, bool all)
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

static void correlation_tables(struct rows *r, size_t reps, bool all)
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

static void kappa_tables(struct rows *r, size_t reps, bool all)
{
	printf("\nCohen's kappa: its interval, Wald's\n");
	for (size_t n = 50; n <= 400; n *= all ? 2 : 8)
		for (double share = 0.5; share < 0.9; share += 0.3)
			for (double kappa = 0.2; kappa < 1; kappa += 0.25)
				kappa_design(r, n, share, kappa, reps);
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

static void topic_slope_tables(struct rows *r, size_t reps, bool all)
{
	printf("\nSlope by topic: --cluster, as if independent\n");
	for (size_t n = 10; n <= 40; n *= 2)
		for (size_t a = 0; a < 4 && all; a++)
			topic_slopes(r, a, n, reps);
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
