/* SPDX-License-Identifier: MIT */
/*
 * Does a training set say, before anything is tuned, how far tuning on it will move a
 * model along a vector?  The projection difference of Chen et al. (2025, "Persona
 * vectors"), over several sets.
 */
#ifndef SYC_FORETELL_H
#define SYC_FORETELL_H
#include "syc/acts.h"
#include "syc/rows.h"
#include "syc/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Of the rows of a set with their training answers, and of the same prompts with the
 * untuned model's own ones: the mean of x.v / |v| over the first, less that over the
 * second, by layer, where x is the activation at `at` that a row's "acts" names.  Rows
 * without such an activation (an empty answer) do not count.
 */
struct syc_projected {
	uint32_t *layer;	/* [n_layers] of the recordings */
	double *difference;	/* [n_layers] NaN where v has no vector */
	size_t n_layers;
	size_t n_trained, n_own;	/* rows that counted */
};
/*
 * SYC_EINVAL where one of the streams has no such row, or the two have other layers.
 * Free with syc_projected_free(), which may be given NULL.
 */
SYC_API int syc_projection_difference(struct syc_projected **out, struct syc_rows *trained,
				      struct syc_rows *own, const struct syc_vector *v,
				      enum syc_position at, struct syc_err *err);
SYC_API void syc_projected_free(struct syc_projected *p);

/*
 * The correlation over n sets of what was foretold with what came, where both are
 * finite: Pearson's r, and Spearman's rho, r of the midranks.  lo and hi: the middle
 * 95 % of r when what came is exchanged among the sets, which is what chance gives; p
 * is the share of exchanges whose |r| is as large (two-sided, the given one included).
 * All n! of them up to n = 8, else SYC_FORETELL_DRAWS that are drawn by the seed, and
 * the given one.  NaN for n < 4 or where either has one value only.
 */
enum { SYC_FORETELL_DRAWS = 99999 };
struct syc_foretold {
	size_t n;
	double r, lo, hi, p;
	double rho, rho_lo, rho_hi, rho_p;
	size_t n_exchanges;
};
SYC_API int syc_foretell(struct syc_foretold *out, const double *foretold, const double *came,
			 size_t n, uint64_t seed, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
