/* SPDX-License-Identifier: MIT */
/* How fast an adapter is trained: forward and backward over one pass of rows. */
#include "config.h"
#include <stdlib.h>
#include "syc/train.h"
#include "syc/tune.h"
#include "tool/bench/set.h"
#include "tool/common/fail.h"
#include "tool/common/progress.h"

enum { ROWS = 8, TOKENS = 128, ANSWER = 32, RANK = 8 };

/* A pass over random tokens, and what it fills. */
struct pass {
	int32_t token[ROWS][TOKENS];
	struct syc_train_sequence row[ROWS];
	double logprob[ROWS], coef[ROWS];
	struct syc_lora_weights *w;
	struct syc_trainer *t;
	struct syc_model *model;
	float *grad;
};

static int pass_new(struct pass *p, const struct bench *b, struct syc_err *err)
{
	const struct syc_model_opts how = { .compute = SYC_COMPUTE_F32, .threads = b->threads };
	const struct syc_trainer_opts o = { .threads = b->threads };
	const struct syc_lora_shape shape = { .rank = RANK, .alpha = 2 * RANK };
	const struct syc_config *c;
	int ret = syc_model_open(&p->model, b->load.model, &how, err);

	if (ret < 0)
		return ret;
	c = syc_model_config(p->model);
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t k = 0; k < TOKENS; k++)
			p->token[i][k] = (int32_t)((i * 7919 + k * 104729 + 5) % c->n_vocab);
		p->row[i] = (struct syc_train_sequence){ p->token[i], TOKENS, TOKENS - ANSWER, i };
		p->coef[i] = 1;
	}
	ret = syc_lora_weights_new(&p->w, c, &shape, err);
	if (ret < 0)
		return ret;
	syc_lora_weights_init(p->w, 1);
	p->grad = calloc(p->w->n_values, sizeof(*p->grad));
	return p->grad ? syc_trainer_new(&p->t, p->model, p->w, &o, err) : fail_nomem(err);
}

static void pass_free(struct pass *p)
{
	syc_trainer_free(p->t);
	syc_lora_weights_free(p->w);
	syc_model_close(p->model);
	free(p->grad);
	free(p);
}

static int time_pass(struct pass *p, double *v, struct syc_err *err)
{
	const double start = syc_seconds();
	int ret = syc_trainer_forward(p->t, p->row, ROWS, SYC_TRAIN_LEARN, p->logprob, err);

	if (ret == 0)
		ret = syc_trainer_backward(p->t, p->coef, p->grad, err);
	*v = ROWS * TOKENS / (syc_seconds() - start);
	return ret;
}

/* Of each pass: tokens/s, and its share of the better rate just before and behind it. */
static int time_passes(struct bench *b, struct pass *p, double *v, double *share,
		       struct syc_err *err)
{
	const struct syc_train_work w = {
		ROWS * TOKENS, ROWS * ANSWER, ROWS * TOKENS * (TOKENS + 1) / 2,
	};
	const double flops = syc_trainer_flops(syc_model_config(p->model), &p->w->shape, &w,
					       true) / w.tokens;
	double warm, before, behind;
	int ret = time_pass(p, &warm, err);

	behind = syc_sgemm_rate(b->threads);
	for (unsigned i = 0; i < b->repeat && ret == 0; i++) {
		before = behind;
		ret = time_pass(p, &v[i], err);
		behind = syc_sgemm_rate(b->threads);
		share[i] = v[i] * flops / (behind > before ? behind : before);
		b->sgemm = behind > b->sgemm ? behind : b->sgemm;
	}
	return ret;
}

int bench_tune(struct bench *b, struct syc_err *err)
{
	struct figure *f = &b->figure[WORK_TUNE], share;
	double *v = calloc(2 * (size_t)b->repeat, sizeof(*v));
	struct pass *p = calloc(1, sizeof(*p));
	int ret = v && p ? pass_new(p, b, err) : fail_nomem(err);

	if (ret == 0)
		ret = time_passes(b, p, v, v + b->repeat, err);
	if (ret == 0) {
		figure_median(&share, v + b->repeat, b->repeat);
		figure_median(f, v, b->repeat);
		f->unit = "tokens/s";
		f->bound = BOUND_SGEMM;
		f->share = share.value;
		snprintf(f->what, sizeof(f->what), "%d rows of %d tokens, %d of them answer, "
			 "forward and backward", ROWS, TOKENS, ANSWER);
	}
	if (p)
		pass_free(p);
	free(v);
	return ret;
}
