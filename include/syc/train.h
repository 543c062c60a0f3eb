/* SPDX-License-Identifier: MIT */
/*
 * Gradients of an adapter over a frozen model: the probabilities of answers,
 * and how each of the adapter's numbers changes them, in float32.
 */
#ifndef SYC_TRAIN_H
#define SYC_TRAIN_H
#include "syc/lora.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_trainer;

struct syc_trainer_opts {
	unsigned threads;	/* 0: all cores */
	/*
	 * Bytes for what the forward pass keeps for the backward pass.  A pass
	 * that would keep more keeps each block's input alone, and computes the
	 * block again when its gradient is due.  0: half of the machine's
	 * memory.
	 */
	size_t memory;
	/*
	 * [n_layers][dim] added to the residual stream behind each block, at
	 * all tokens, while learning; or NULL.  Copied.
	 */
	const float *steer;
	uint64_t seed;		/* of dropout */
};

/*
 * For a model that was opened with SYC_COMPUTE_F32 (others, reward models, and
 * those that w is not for, are SYC_EINVAL); adapters it was opened with are
 * part of the frozen weights.  m and w are borrowed; w is read at every pass,
 * so that its values may change between them.  o may be NULL.  One pass at a
 * time.
 */
SYC_API int syc_trainer_new(struct syc_trainer **out, const struct syc_model *m,
			    const struct syc_lora_weights *w,
			    const struct syc_trainer_opts *o,
			    struct syc_err *err);
SYC_API void syc_trainer_free(struct syc_trainer *t);

struct syc_train_sequence {
	const int32_t *tokens;	/* [n] prompt, then answer */
	size_t n, n_prompt;	/* 1 <= n_prompt < n */
	uint64_t key;		/* of its dropout, say of step and row */
};

enum syc_train_mode {
	SYC_TRAIN_LEARN, /* adapter, dropout, steering; for a backward pass */
	SYC_TRAIN_TUNED, /* the adapter alone */
	SYC_TRAIN_BASE,	 /* the model as it was opened */
};

/*
 * logprob [n]: of each sequence the sum over its answer's tokens of ln P(token
 * | tokens before).  Matrices see the tokens of all sequences one behind the
 * other, attention those of its own sequence.
 *
 * The numbers are the same bytes whatever the threads, and whether blocks are
 * computed again; what else is in the pass may change a sequence's last bits.
 * What is not finite is returned as it is.  A sequence longer than the model's
 * context, a token that it does not have and an n_prompt that leaves no answer
 * are SYC_EINVAL.
 */
SYC_API int syc_trainer_forward(struct syc_trainer *t,
				const struct syc_train_sequence *s, size_t n,
				enum syc_train_mode mode, double *logprob,
				struct syc_err *err);
/*
 * Add the gradient of the sum over i of coef[i] logprob[i] to grad
 * [w->n_values], in the order of w->values.  logprob is that of the last pass,
 * which was one of SYC_TRAIN_LEARN (else SYC_EINVAL) and whose sequences and
 * adapter are as they were.
 *
 * Dropout (Srivastava et al. 2014): an input of a matrix's a is 0 with the
 * probability w->shape.dropout, rounded to a multiple of 1 / 65536, and else
 * divided by the rest, by seed, key, matrix and place in its sequence alone.
 */
SYC_API int syc_trainer_backward(struct syc_trainer *t, const double *coef,
				 float *grad, struct syc_err *err);

/* What the passes so far have allocated, in bytes. */
SYC_API size_t syc_trainer_memory(const struct syc_trainer *t);
/*
 * What a pass of SYC_TRAIN_LEARN over so many tokens takes, beside the model
 * and the adapter; threads as in the options.  with_checkpoints: blocks are
 * computed again.
 */
SYC_API size_t syc_trainer_need(const struct syc_config *c,
				const struct syc_lora_shape *s,
				unsigned threads, size_t n_tokens,
				bool with_checkpoints);
/* Sums over sequences. */
struct syc_train_work {
	double tokens, answer;	/* answer: those whose probability is wanted */
	double pairs;		/* n (n + 1) / 2: a query and a key it sees */
};

/*
 * Floating-point operations of matrix products, an addition and a
 * multiplication being two: forward, or with backward both.  Not counted: what
 * is computed a second time, pairs that attention masks, and all that is not a
 * product.  Where attention has a window its pairs are counted as if it had
 * none.
 */
SYC_API double syc_trainer_flops(const struct syc_config *c,
				 const struct syc_lora_shape *s,
				 const struct syc_train_work *w, bool backward);

#ifdef __cplusplus
}
#endif
#endif
