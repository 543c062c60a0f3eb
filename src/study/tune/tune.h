/* SPDX-License-Identifier: MIT */
/* The inside of a run. */
#ifndef SRC_STUDY_TUNE_TUNE_H
#define SRC_STUDY_TUNE_TUNE_H
#include "syc/lora.h"
#include "syc/train.h"
#include "syc/tune.h"

/* Which of a row's texts. */
enum { TRAINED = 1, REJECTED = 2, CHOICES = 4 };
bool tune_wants(const struct syc_tune_example *e, int text, unsigned which);

/* Sequences that go through the model together. */
struct pass {
	struct syc_train_sequence *seq;	/* [n] */
	double *logprob, *coef;		/* [n] */
	size_t *row;			/* [n] of which example, and */
	int *text;			/* [n] which of its texts */
	size_t n, cap, tokens;
};
void pass_free(struct pass *p);
int pass_add(struct pass *p, const struct syc_tune_example *e, size_t row, int text, uint64_t key,
	     struct syc_err *err);
/* Whether as many tokens still fit; always in an empty one. */
bool pass_holds(const struct pass *p, size_t tokens, size_t most);
/* Forward; SYC_EINVAL names the first row whose ln P is not finite. */
int pass_forward(struct pass *p, struct syc_trainer *t, const struct syc_tune_rows *rows,
		 enum syc_train_mode mode, struct syc_err *err);

/* ln P of texts by example and place. */
typedef double tune_logprob[4];

struct syc_tune {
	struct syc_trainer *t;
	struct syc_lora_weights *w;
	const struct syc_tune_rows *train, *held;
	struct syc_tune_plan plan;
	uint64_t n_steps, n_warm;
	float *grad;
	struct pass pass;
	uint32_t *order;	/* [train->n] of that epoch */
	uint64_t epoch;		/* UINT64_MAX: of none */
	/* DPO: before tuning; NULL: not yet known */
	tune_logprob *ref, *ref_held;
	tune_logprob *logprob;	/* [held->n] */
	/* What a run goes on with, beside w: */
	float *m, *v, *best;	/* [w->n_values]; best NULL unless plan.best */
	uint64_t step;		/* that are done */
	uint64_t worse;		/* looks since the best one */
	double least;		/* held-out loss, INFINITY before the first look */
};

/* ln P of all texts wanted, lp [rows->n]. */
int tune_probs(struct syc_tune *u, const struct syc_tune_rows *rows, enum syc_train_mode mode,
	       unsigned which, tune_logprob *lp, struct syc_err *err);
/* The figures before tuning that DPO needs, unless they are there. */
int tune_refer(struct syc_tune *u, struct syc_err *err);

/* ln(1 + exp(x)), and 1 / (1 + exp(-x)). */
double tune_softplus(double x);
double tune_logistic(double x);

#endif
