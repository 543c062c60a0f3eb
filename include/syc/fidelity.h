/* SPDX-License-Identifier: MIT */
/*
 * How far one way of computing a model is from another: the same text through
 * both, layer by layer.
 */
#ifndef SYC_FIDELITY_H
#define SYC_FIDELITY_H
#include "syc/choice.h"
#include "syc/rows.h"
#include "syc/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sums over all tokens compared so far. */
struct syc_fidelity;

struct syc_fidelity_opts {
	unsigned threads;	/* 0: all cores */
	/* Directions along which errors are measured; they must outlive it. */
	/* [n_vectors] may be none */
	const struct syc_vector *const *vectors;
	size_t n_vectors;
	/* Called behind each sequence: all tokens so far, share of the input
	 * (negative: unknown); or NULL. */
	void (*progress)(void *arg, uint64_t tokens, double share);
	void *arg;
};

/*
 * Compare model with reference, which may be the same file opened another way
 * or another file of the same architecture, shape and vocabulary; both must
 * outlive it.  SYC_EINVAL when these, or a vector's width, differ.  One thread at a
 * time.
 */
SYC_API int syc_fidelity_new(struct syc_fidelity **out,
	const struct syc_model *reference, const struct syc_model *model,
	const struct syc_fidelity_opts *o, struct syc_err *err);
SYC_API void syc_fidelity_free(struct syc_fidelity *f);
/* A sequence of its own. */
struct syc_fidelity_prompt {
	const int32_t *tokens;		/* [n] not empty */
	size_t n;
	const struct syc_choices *choices;	/* what may be answered, or NULL */
	enum syc_label label;		/* for areas under the ROC curve */
};
/*
 * Run it through both.  It must fit both contexts.  After a failure, which
 * activations or logits that are not finite are too (SYC_EINVAL), the sums are
 * worth nothing.  Memory: 4 bytes for each token, layer and element, for the
 * longest sequence, and for the last token of every sequence twice as much.
 */
SYC_API int syc_fidelity_add_prompt(struct syc_fidelity *f,
				    const struct syc_fidelity_prompt *p,
				    struct syc_err *err);
/* Tokens without choices and label. */
SYC_API int syc_fidelity_add(struct syc_fidelity *f, const int32_t *tokens,
			     size_t n, struct syc_err *err);
/* A text in pieces of at most ctx tokens, each begun as a text is. */
SYC_API int syc_fidelity_add_text(struct syc_fidelity *f, const struct syc_vocab *v,
				  const char *text, size_t len, size_t ctx,
				  struct syc_err *err);
/*
 * The prompts of all rows, with their two answers where they have them and
 * "label" where it is 0 or 1.  Fewer than two are SYC_EINVAL.
 */
SYC_API int syc_fidelity_add_rows(struct syc_fidelity *f, const struct syc_prompter *p,
				  struct syc_rows *rows, struct syc_err *err);
/* syc_unrelated_prompts(). */
SYC_API int syc_fidelity_add_own(struct syc_fidelity *f, const struct syc_prompter *p,
				 struct syc_err *err);

/* x_t is the reference's activation at token t after the block, y_t the other's. */
struct syc_fidelity_layer {
	double cosine;		/* mean over t of x_t.y_t / (|x_t| |y_t|) */
	double least_cosine;
	double error;		/* sqrt(sum |y_t - x_t|^2 / sum |x_t|^2) */
	/*
	 * The same over the last tokens of sequences alone, each dimension's mean
	 * over these taken off, of x and of y its own: a few dimensions are large
	 * and the same everywhere, and hide what differs.  NaN where nothing does,
	 * as with one sequence.
	 */
	double centered_cosine, centered_error;
};
SYC_API int syc_fidelity_layer(const struct syc_fidelity *f, uint32_t layer,
			       struct syc_fidelity_layer *out, struct syc_err *err);
/*
 * The error along vector v of that layer, over v's own length: the root of the
 * mean over t of ((y_t - x_t).v / |v|^2)^2.  NaN where there is no such vector,
 * or it is zero.
 */
SYC_API double syc_fidelity_noise(const struct syc_fidelity *f, uint32_t layer,
				  size_t vector);

/*
 * What becomes of scores x.v at sequences' last tokens: Pearson's correlation of
 * the two ways', and the area under the ROC curve of either where labels are.
 * NaN where there is no such vector, nothing varies, or a label is lacking.
 */
struct syc_fidelity_scores {
	double correlation, auc, reference_auc;
};
SYC_API int syc_fidelity_scores(const struct syc_fidelity *f, uint32_t layer, size_t vector,
				struct syc_fidelity_scores *out, struct syc_err *err);

/* What becomes of answers, of n sequences with choices. */
struct syc_fidelity_answers {
	size_t n, n_flipped;	/* P(matching) is on the other side of 1/2 */
	double margin;		/* syc_stance_margin() of their log odds */
};
SYC_API int syc_fidelity_answers(const struct syc_fidelity *f,
				 struct syc_fidelity_answers *out, struct syc_err *err);

struct syc_fidelity_total {
	uint64_t n_tokens;
	/* Reward models predict no tokens: of them the rest is 0 or NaN. */
	/* tokens behind which the most probable were compared: all */
	uint64_t n_compared;
	uint64_t n_agree;	/* times that both found the same one */
	/* tokens with another in front, in their sequence */
	uint64_t n_predicted;
	/* exp of the mean over these of -ln P(token | those in front). */
	double reference_perplexity, perplexity;
	/*
	 * KL divergence of the next token's distribution, of the model from the
	 * reference, in nats: mean and largest over all tokens, and over the last
	 * ones of sequences; NaN where nothing is predicted.
	 */
	double kl, largest_kl, end_kl, largest_end_kl;
	size_t n_sequences;
};
SYC_API void syc_fidelity_total(const struct syc_fidelity *f,
				struct syc_fidelity_total *out);

#ifdef __cplusplus
}
#endif
#endif
