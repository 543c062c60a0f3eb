/* SPDX-License-Identifier: MIT */
/* A chain: its path from draw to draw, and what it tunes while it warms up. */
#ifndef SRC_STAT_NUTS_H
#define SRC_STAT_NUTS_H
#include <stdbool.h>
#include "syc/nuts.h"

/* Dual averaging of the step (Hoffman & Gelman 2014, section 3.2), Stan's constants. */
struct averaging {
	double mu, s, x_bar, accept;
	size_t n;
};
void averaging_begin(struct averaging *a, double step);
/* The next step, after one with that acceptance. */
double averaging_next(struct averaging *a, double accept);
/* The one to stay with. */
double averaging_end(const struct averaging *a);

/*
 * When the metric is learned: after `begin` draws, in windows that double, up to
 * `end`, behind which only the step is tuned.
 */
struct windows {
	size_t n, begin, end, size, next, at;
};
void windows_begin(struct windows *w, size_t n_warmup);
/*
 * Count a draw of warm-up: *inside says whether the metric learns of it; returns
 * whether a window ends with it.
 */
bool windows_next(struct windows *w, bool *inside);

/* Variances of the draws of a window (Welford 1962). */
struct spread {
	size_t dim, n;
	double *mean, *m2;	/* [dim] */
};
void spread_add(struct spread *s, const double *x);
/* Drawn toward 1e-3 as Stan does; begins anew. */
void spread_end(struct spread *s, double *var);

/* Where a path is. */
struct state {
	double *x, *p, *grad;	/* [dim] */
	double log_density;
};

/* States from one end of a path to the other. */
struct tree {
	double *begin, *end;	/* [dim] momenta at the ends */
	double *rho;		/* [dim] sum of the momenta */
	struct state drawn;	/* without a momentum of its own */
	double weight;		/* log of the sum of weights */
};

struct walk {
	const struct syc_density *f;
	size_t dim;
	unsigned thread, max_depth;
	uint64_t key, step;	/* of random numbers */
	double *inverse;	/* [dim] of the metric: variances */
	double epsilon;
	struct state at[2];	/* the path's ends */
	struct tree whole, more, *room;	/* [max_depth] */
	struct spread spread;
	double energy;		/* at the beginning */
	unsigned way;		/* 1: forward */
	double accept;		/* sum over the states of a path */
	size_t n_states;
	bool divergent;
	double *memory;
	struct syc_nuts_chain found;
};

/* Of a walk that is zero but for its thread and key; variances are 1. */
int walk_init(struct walk *w, const struct syc_density *f, unsigned max_depth);
void walk_free(struct walk *w);
/* A uniform number in [0, 1). */
double walk_unit(struct walk *w);
/* Density and gradient at z->x. */
void walk_look(struct walk *w, struct state *z);
/* Energy before - after one step from the state drawn last, with a new momentum. */
double walk_try(struct walk *w);
/*
 * From the state drawn last, whole.drawn, to the next: the tree's depth.  accept is
 * the mean acceptance then, divergent whether the path ended so.
 */
unsigned walk_draw(struct walk *w);

#endif
