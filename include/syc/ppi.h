/* SPDX-License-Identifier: MIT */
/*
 * Rates that rest on a judge, corrected by hand labels of some of its rows.
 *
 * All rows have the judge's number f (a label, or a probability); a random
 * sample also has a hand's label y.  Within a stratum s of N_s rows, n_s of
 * them labeled by hand, prediction-powered inference with power tuning (PPI++:
 * Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453) gives
 *
 *     theta_s = mean(y) + lambda_s (mean of f without y - mean of f with y)
 *     lambda_s = cov(y, f) / ((1 + n_s / (N_s - n_s)) var(f)), within [0, 1]
 *
 * and over strata (Fisch et al. 2024, arXiv 2406.04291) theta = sum of theta_s
 * N_s / N. Rows of one stratum that were drawn with different probabilities
 * weigh 1 / p in its means of y.
 */
#ifndef SYC_PPI_H
#define SYC_PPI_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_ppi_row {
	double judge;		/* f; finite */
	double hand;		/* y; NaN: not labeled by hand */
	double p;		/* of being drawn, above 0; of rows with y */
	int8_t label;		/* the judge's: 1, 0 or undecided */
	uint32_t arm, stratum, cluster;	/* numbers below n; strata are the arm's */
};

/*
 * theta and its 95 % interval, Student's with the degrees of freedom df: the
 * clusters with a hand's label less the strata.  se sums rows' influences by
 * cluster: of the labels (drawn at random) and of the strata's shares (rows are
 * drawn from more).  In a stratum whose labels are all alike their variance is
 * that of a quarter of a label more of each kind.  NaN where a stratum has no
 * hand's label; plain_se is without that and without the factor for few.
 */
struct syc_ppi {
	size_t n, n_hand, n_clusters, n_strata;
	size_t n_empty;		/* strata without a hand's label */
	double judge;		/* mean f: the rate as the judge has it */
	double theta, se, plain_se, lo, hi, df;
	double lambda;		/* mean of the strata's, by rows */
	/* se^2 by clusters: from all rows, and from the choice of those labeled */
	double var_rows, var_hand;
};

/* Of each arm, out [n_arms]. */
SYC_API int syc_stat_ppi(struct syc_ppi *out, const struct syc_ppi_row *row,
			 size_t n, size_t n_arms, struct syc_err *err);
/* Arm a minus arm b, over clusters, which may be in both. */
SYC_API int syc_stat_ppi_diff(struct syc_ppi *out,
			      const struct syc_ppi_row *row, size_t n,
			      uint32_t a, uint32_t b, struct syc_err *err);

/*
 * Rogan & Gladen's (1978) rate of an arm, (q + sp - 1) / (se + sp - 1), of the
 * judge's rate q among decided rows and what its labels are worth by the
 * hand's: a sensitivity analysis.  least and most let sensitivity and
 * specificity go anywhere within their own 95 % intervals (Wilson's, for the
 * hand's labels there are).  refused: sensitivity + specificity is at most 1,
 * or one of them is not known; all is NaN then, and least and most alone where
 * they may be at most 1 within the intervals.
 */
struct syc_rogan_gladen {
	double rate, sensitivity, specificity, least, most;
	bool refused;
};
SYC_API void syc_stat_rogan_gladen(struct syc_rogan_gladen *out,
				   const struct syc_ppi_row *row, size_t n,
				   uint32_t arm);

/*
 * What an effect needs: 80 % power for a two-sided test at .05.  With se^2 =
 * var_rows / clusters + var_hand / labels, the clusters and labels that make se
 * as small as the effect asks.  clusters: with as many labels a cluster as now;
 * alone: clusters if all rows were labeled by hand; labels: with the clusters
 * there are, 0: none are enough.
 */
struct syc_ppi_needs {
	size_t clusters, clusters_labels, alone, labels;
};
SYC_API void syc_stat_ppi_needs(struct syc_ppi_needs *out,
				const struct syc_ppi *diff, double effect);

#ifdef __cplusplus
}
#endif
#endif
