/* SPDX-License-Identifier: MIT */
/* What the files of the preference model share. */
#ifndef SRC_STUDY_PREFER_PREFER_H
#define SRC_STUDY_PREFER_PREFER_H
#include "syc/prefer.h"

/* Names a feature that is the same in all pairs, or made of those before it. */
int prefer_check(const struct syc_prefer_data *p, struct syc_err *err);
/* Find `scale` and divide by it. */
void prefer_scale(struct syc_prefer_data *p);

/*
 * The Laplace number (scale 1) of the same probability as the normal number z,
 * -log erfc(|z| / sqrt 2) with the sign of z, and its derivative.
 */
double laplace_of_normal(double z, double *slope);

/* P(choice) of some pairs, [n][n_draws of all chains], by each draw. */
struct chances {
	const struct syc_prefer_data *p;
	const struct syc_nuts *draws;
	size_t n_draws;
	double *x, *s;		/* [PREFER_BLOCK][k], [PREFER_BLOCK][n_draws] */
};
enum { PREFER_BLOCK = 32 };
int chances_init(struct chances *c, const struct syc_prefer_data *p,
		 const struct syc_nuts *draws, struct syc_err *err);
/* Fill s of n <= PREFER_BLOCK pairs. */
void chances_fill(struct chances *c, const uint32_t *row, size_t n);
void chances_free(struct chances *c);

/* A mean over pairs, and of what share was right, by prompt. */
int prefer_score(struct syc_prefer_score *out, const struct syc_prefer_data *p,
		 const uint32_t *row, size_t n, const double *chance, struct syc_err *err);

/*
 * Smooth importance weights w [n], given as logs: they become weights that sum to 1.
 * Returns the Pareto shape; room [n].
 */
double psis(double *w, size_t n, double *room);

#endif
