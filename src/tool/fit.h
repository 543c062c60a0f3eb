/* SPDX-License-Identifier: MIT */
/* What syc-fit finds, and the three ways of writing it. */
#ifndef SRC_TOOL_FIT_H
#define SRC_TOOL_FIT_H
#include "syc/logit.h"
#include "tool/scores.h"

struct fit_layer {
	struct syc_auc auc;
	struct syc_logit logit;
	struct syc_corr corr;
	double p_adj;		/* logit.p over the layers of its set */
};

struct fit {
	const struct scores *scores;
	struct fit_layer *layer;	/* [n_sets][n_layers] */
	uint64_t n_skipped;
};

/* Append the report to b; they return 0 or SYC_ENOMEM. */
int fit_text(struct syc_buf *b, const struct fit *f);
int fit_tsv(struct syc_buf *b, const struct fit *f);
int fit_json(struct syc_buf *b, const struct fit *f);

#endif
