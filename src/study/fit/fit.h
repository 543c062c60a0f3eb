/* SPDX-License-Identifier: MIT */
/* The parts of a fit. */
#ifndef SRC_STUDY_FIT_FIT_H
#define SRC_STUDY_FIT_FIT_H
#include "syc/fit.h"

/* layer.c: every layer on all rows, and resampled. */
int syc_fit_layers(const struct syc_fit *f, struct syc_fit_set *s,
		   struct syc_err *err);
int syc_fit_resample(const struct syc_fit *f, struct syc_fit_set *s,
		     struct syc_err *err);

/* signs.c: the side of 1/2 of every layer. */
int syc_fit_signs(const struct syc_fit *f, struct syc_fit_set *s,
		  struct syc_err *err);

/* cv.c: folds, every layer and the best. */
int syc_fit_cross(const struct syc_fit *f, struct syc_fit_set *s,
		  struct syc_err *err);
/* Probabilities of n rows into cv; strata are pairs' folds, or NULL. */
int syc_fit_forecast(struct syc_fit_cv *cv, const double *prob,
		     const int8_t *label, const uint32_t *fold,
		     const uint32_t *cluster, size_t n, struct syc_err *err);
/* What folds keep together, as numbers of the set's rows, or NULL. */
const uint32_t *syc_fit_groups(const struct syc_fit_set *s);

/* number.c: number what is in g [n] anew, from 0 on; *n_values different ones. */
int syc_fit_compact(uint32_t *g, size_t n, size_t *n_values,
		    struct syc_err *err);
/* Number the values of a field from 0, by their order as text: *out [t->n]. */
int syc_fit_number(uint32_t **out, size_t *n_values, const struct syc_scores *s,
		   const struct syc_scores_set *t, const char *field,
		   struct syc_err *err);
/* The same of the rows that each was made from (syc_row_parent()). */
int syc_fit_parents(uint32_t **out, size_t *n_values, const struct syc_scores *s,
		    const struct syc_scores_set *t, struct syc_err *err);

/* The numbers of a field: *out [t->n], NaN where it is none; NULL without a name. */
int syc_fit_values(double **out, const struct syc_scores *s,
		   const struct syc_scores_set *t, const char *field,
		   struct syc_err *err);

/* multi.c, procedures.c, increment.c, confound.c, diff.c, null.c: what their names say, into the fit. */
int syc_fit_multi(const struct syc_fit *f, struct syc_fit_set *s,
		  struct syc_err *err);
int syc_fit_procedures(const struct syc_fit *f, struct syc_fit_set *s,
		       struct syc_err *err);
int syc_fit_increment(const struct syc_fit *f, struct syc_fit_set *s,
		      struct syc_err *err);
int syc_fit_confounds(const struct syc_fit *f, struct syc_fit_set *s,
		      struct syc_err *err);
int syc_fit_diffs(struct syc_fit *f, struct syc_err *err);
int syc_fit_null_vectors(const struct syc_fit *f, struct syc_fit_set *s,
			 struct syc_err *err);


#endif
