/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include "base/rand.h"
#include "coverage.h"

const double areas[4] = { 0.6, 0.75, 0.9, 0.97 };
const size_t sizes[4][2] = { { 15, 15 }, { 50, 50 }, { 20, 180 }, { 200, 200 } };
bool bad;

double normal(struct rows *r)
{
	const double u = 1 - syc_rand_unit(r->key, r->step),
		v = syc_rand_unit(r->key, r->step + 1);

	r->step += 2;
	return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

/* An interval that is undefined does not hold; its width is not counted. */
void hold(struct tally *t, int i, double lo, double hi, double truth)
{
	t->held[i] += lo <= truth && truth <= hi;
	if (!isnan(lo)) {
		t->width[i] += hi - lo;
		t->defined[i]++;
	}
}

/* A line of the table; the first interval has to hold between least and most. */
void show(const char *design, const struct tally *t, int n, double least,
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
		bad = true;
	}
}

void begin(struct rows *r, const char *what, size_t design, size_t rep)
{
	r->key = syc_rand_key(design, what, rep);
	r->step = 0;
}

double phi(double x)
{
	return 0.5 * erfc(-x / sqrt(2));
}

/* The distance d of an area: Phi(d / sqrt 2) turned round by bisection. */
double distance(double auc)
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

/* m positive rows and n others with this area; the truth. */
double draw(struct rows *r, enum shape shape, double auc, size_t m, size_t n)
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

void draw_topics(struct rows *r, const struct topics *t, double d)
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
