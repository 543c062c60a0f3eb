/* SPDX-License-Identifier: MIT */
/*
 * Fine-tuning: rows to examples, AdamW over an adapter's matrices, losses on
 * answers and on pairs of them, held-out rows, going on after an interruption.
 * Gradients are those of syc/train.h.
 */
#ifndef SYC_TUNE_H
#define SYC_TUNE_H
#include "syc/prompter.h"
#include "syc/rows.h"
#include "syc/steer.h"
#include "syc/train.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_lora_weights;
struct syc_lora_shape;
struct syc_trainer;

/* ---- examples ------------------------------------------------------------ */

/* A prompt and an answer to it, which is tokens [n_prompt, n). */
struct syc_tune_text {
	int32_t *tokens;	/* [n] */
	size_t n, n_prompt;
};

/* What a row asks for; the numbers are places in text, -1: there is none. */
struct syc_tune_example {
	struct syc_tune_text text[4];	/* [n_texts] no two alike */
	int n_texts;
	int trained;		/* its answer's probability is to rise */
	int rejected;		/* DPO: that of this one is to fall */
	int match, other;	/* the row's two answers */
	double weight;
	char *place;		/* "rows.jsonl:12" */
	uint64_t prompt;	/* hash of the prompt's tokens */
};

struct syc_tune_rows {
	struct syc_tune_example *e;	/* [n] in the order they were read */
	size_t n;
	size_t longest;		/* tokens of the longest text */
	uint64_t n_cut;		/* rows that lost the end of an answer */
	/*
	 * Rows of which cutting would have left no answer, or a part of a
	 * choice.
	 */
	uint64_t n_left_out;
};

struct syc_tune_read_opts {
	size_t max_length;	/* tokens of a text */
	/*
	 * Longer texts are cut at their end, and rows left out where that is
	 * the prompt's or a choice's; else they are SYC_EINVAL.
	 */
	bool cut;
	bool pairs;		/* rows without a rejected one are SYC_EINVAL */
	bool choices;		/* so are rows without two answers */
};

/*
 * Read rows.  What is trained is "completion" (or its ids), else the first
 * matching answer; of pairs, what is rejected is "rejected" (or
 * "rejected_ids"), else the other answer: of a completion that is one of the
 * row's answers that which it is not, else the first of
 * answer_not_matching_behavior.  "weight" is a number above 0 (default: 1).
 *
 * An answer that is one of the row's choices ends where it ends.  Any other one
 * is followed by what the model would say to end it: the tokens of the chat
 * format up to the first that ends an answer, the vocabulary's EOS where the
 * format has none; but not where "finish" is "length", since that answer was
 * cut off.
 *
 * Rows that cannot be used are as with syc_rows_bad(); none at all is
 * SYC_EINVAL.  Free with syc_tune_rows_free().
 */
SYC_API int syc_tune_read(struct syc_tune_rows **out, struct syc_rows *in,
			  const struct syc_prompter *p,
			  const struct syc_tune_read_opts *o,
			  struct syc_err *err);
SYC_API void syc_tune_rows_free(struct syc_tune_rows *rows);
/*
 * A number for all that training takes of them: tokens, weights, their order.
 */
SYC_API uint64_t syc_tune_rows_digest(const struct syc_tune_rows *rows);
/* SYC_ETWICE, with both places, when two of them have the same prompt. */
SYC_API int syc_tune_rows_apart(const struct syc_tune_rows *train,
				const struct syc_tune_rows *held,
				struct syc_err *err);

/* ---- the optimizer ------------------------------------------------------- */

/*
 * AdamW (Loshchilov & Hutter 2019, algorithm 2, as torch.optim.AdamW has it):
 * with g the gradient and t the step, from 1,
 *
 *     w -= rate decay w
 *     m = beta1 m + (1 - beta1) g          m' = m / (1 - beta1^t)
 *     v = beta2 v + (1 - beta2) g^2        v' = v / (1 - beta2^t)
 *     w -= rate m' / (sqrt(v') + eps)
 */
struct syc_adamw {
	double rate, beta1, beta2, eps, decay;
};
/* w, m, v [n]; m and v are 0 before the first step. */
SYC_API void syc_adamw_step(const struct syc_adamw *o, float *w,
			    const float *grad, float *m, float *v, size_t n,
			    uint64_t t);
/*
 * Scale grad [n] so that its Euclidean norm is at most `most` (0: leave it), as
 * torch's clip_grad_norm_ does, by most / (norm + 1e-6); returns the norm
 * before.
 */
SYC_API double syc_clip(float *grad, size_t n, double most);

enum syc_decay { SYC_DECAY_COSINE, SYC_DECAY_LINEAR, SYC_DECAY_NONE };
/*
 * The share of the rate at step s of n, from 0: (s + 1) / warm-up in the first
 * n_warm ones, then from 1 at their end toward 0 behind the last.
 */
SYC_API double syc_tune_rate(uint64_t s, uint64_t n, uint64_t n_warm,
			     enum syc_decay decay);

/* ---- the run ------------------------------------------------------------- */

/*
 * With w the rows' weights, over the rows of a step:
 *
 * ANSWERS   -sum w ln P(answer) / sum w n, n the answer's tokens
 * DPO       -sum w ln s(beta (c - r)) / sum w, s the logistic function, c and
 *           r the trained and the rejected answer's ln P less what it was
 *           before tuning (Rafailov et al. 2023); sums over tokens, not means
 */
enum syc_tune_loss { SYC_TUNE_ANSWERS, SYC_TUNE_DPO };

struct syc_tune_plan {
	enum syc_tune_loss loss;
	double beta;		/* of DPO */
	struct syc_adamw adam;	/* rate: the highest */
	enum syc_decay decay;
	double warmup;		/* share of the steps */
	double clip;		/* 0: none */
	size_t batch;		/* rows of a step */
	size_t tokens;		/* most in a pass, unless one text is longer */
	double epochs;		/* times that all rows are seen */
	uint64_t steps;		/* not 0: so many instead */
	uint64_t seed;		/* of the rows' order, another each epoch */
	/* Steps between looks at the held-out rows; 0: those of an epoch. */
	uint64_t eval_every;
	uint64_t patience;	/* not 0: end after so many no better looks */
	bool best;		/* keep what had the least held-out loss */
};

/* How many steps a plan has for n rows. */
SYC_API uint64_t syc_tune_steps(const struct syc_tune_plan *plan, size_t n);
/* What a plan has to compute. */
struct syc_tune_work {
	struct syc_train_work learn, look; /* look: forward only */
	size_t pass;		/* tokens of the largest */
};
SYC_API struct syc_tune_work syc_tune_work(const struct syc_tune_plan *plan,
					   const struct syc_tune_rows *train,
					   const struct syc_tune_rows *held);

/*
 * Held-out rows: loss is that of the plan over them, p_match the mean of
 * P(matching) / (P(matching) + P(other)) by the answers' probabilities, mass
 * that of P(matching) + P(other), without weights.  NaN: not known.
 */
struct syc_tune_held {
	double loss, p_match, mass;
};
struct syc_tune_step {
	uint64_t step, n_steps;	/* from 1 */
	double epoch;		/* behind it, as in 1.5 */
	double loss, rate;
	double norm;		/* of the gradient, before it was clipped */
	/*
	 * DPO: the mean of the trained answers' ln P (it may fall), of (c - r)
	 * beta, and of the mass on both of a row's answers where these are its
	 * choices.
	 */
	double chosen, margin, mass;
	bool looked;		/* at the held-out rows: */
	struct syc_tune_held held;
	bool best;		/* their loss was the least so far */
};

struct syc_tune;
/*
 * Begin: borrows everything; w has its initial values, t reads them.  held may
 * be NULL, then nothing is looked at.  With DPO the probabilities before tuning
 * are computed by the first step.
 */
SYC_API int syc_tune_new(struct syc_tune **out, struct syc_trainer *t,
			 struct syc_lora_weights *w,
			 const struct syc_tune_rows *train,
			 const struct syc_tune_rows *held,
			 const struct syc_tune_plan *plan, struct syc_err *err);
SYC_API void syc_tune_free(struct syc_tune *u);
/*
 * One step, with a look at the held-out rows where one is due: 1, or 0 when all
 * are done or patience ended; with plan.best w then has the best values.  A
 * loss or gradient that is not finite is SYC_EINVAL with the step and row.
 */
SYC_API int syc_tune_next(struct syc_tune *u, struct syc_tune_step *out,
			  struct syc_err *err);
/*
 * A look at the held-out rows as w is now; before the first step: the untuned
 * model.
 */
SYC_API int syc_tune_look(struct syc_tune *u, struct syc_tune_held *out,
			  struct syc_err *err);
/*
 * Write all that going on needs, and the texts settings and log, as one file,
 * which appears when it is whole (syc/output.h).
 */
SYC_API int syc_tune_save(const struct syc_tune *u, const char *path,
			  const char *settings, const struct syc_buf *log,
			  struct syc_err *err);
/*
 * Go on behind what syc_tune_save() wrote, to the same bytes; log is appended
 * to.  SYC_EINVAL where its settings, a JSON object, are not these, naming the
 * first that differs; SYC_EFORMAT for a file that is damaged.
 */
SYC_API int syc_tune_resume(struct syc_tune *u, const char *path,
			    const char *settings, struct syc_buf *log,
			    struct syc_err *err);

/*
 * What a steering adds behind each block to every token, out [n_layers][dim] of
 * the model.  SYC_EUNSUPP for rules other than adding at the block to all
 * tokens.
 */
SYC_API int syc_tune_steer(float *out, const struct syc_steer *s,
			   struct syc_err *err);
/*
 * Operations per second of a matrix product in float here; threads 0: all
 * cores.
 */
SYC_API double syc_sgemm_rate(unsigned threads);

#ifdef __cplusplus
}
#endif
#endif
