/* SPDX-License-Identifier: MIT */
/* What regressions on one score and on several have in common. */
#ifndef SRC_STAT_LOGIT_FIT_H
#define SRC_STAT_LOGIT_FIT_H
#include "stat/irls.h"
#include "syc/logit.h"

/* Everything undefined. */
void logit_none(struct syc_logit *f);
/* The log likelihood of the intercept alone. */
double logit_null(size_t n_pos, size_t n);
/* The clusters that m's rows are in; 0 without clusters. */
size_t logit_clusters(const struct irls *m);
/* z, p and interval of f->slope. */
void logit_test(struct syc_logit *f, double se);

#endif
