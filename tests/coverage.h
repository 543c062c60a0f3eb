/* SPDX-License-Identifier: MIT */
/* Simulated rows whose truth is known, and how often intervals hold it. */
#ifndef TESTS_COVERAGE_H
#define TESTS_COVERAGE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Rows of a topic share a shift of the score, an effect and a leaning. */
struct topics {
	size_t n, rows;
	double shift, effect, leaning;
};
extern const double areas[4];
extern const size_t sizes[4][2];	/* positive rows and others */
extern bool bad;			/* an interval does not hold what is promised */

/* A new stream of numbers for a repetition of a design. */
void begin(struct rows *r, const char *what, size_t design, size_t rep);
double normal(struct rows *r);
/* An interval that is undefined does not hold; its width is not counted. */
void hold(struct tally *t, int i, double lo, double hi, double truth);
/* A line of the table; the first interval has to hold between least and most. */
void show(const char *design, const struct tally *t, int n, double least, double most);

double phi(double x);
/* The distance d of an area: Phi(d / sqrt 2). */
double distance(double auc);
enum shape { EQUAL, WIDE, EXPONENTIAL, FIVE_STEPS };
/* m positive rows and n others with this area; the truth. */
double draw(struct rows *r, enum shape shape, double auc, size_t m, size_t n);
void draw_topics(struct rows *r, const struct topics *t, double d);

/* Parts of the tables: all of a part, or what a short run has. */
void regression_tables(struct rows *r, size_t reps, bool all);
void correlation_tables(struct rows *r, size_t reps, bool all);
void topic_slope_tables(struct rows *r, size_t reps, bool all);
void kappa_tables(struct rows *r, size_t reps, bool all);

#endif
