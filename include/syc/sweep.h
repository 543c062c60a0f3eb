/* SPDX-License-Identifier: MIT */
/*
 * Sweeps: what steering does to a model's answers, and at what cost.
 *
 * The same questions are asked of the model as it is and under many settings:
 * a vector at some layers with an operator and a scale, a random direction as
 * long as the vector, or another system message.  For each there are
 *
 *     P(matching)     of every question (choice.h), and the mean's difference
 *                     from the unsteered model's, paired by question
 *     KL              sum p ln(p / q) of the unsteered model's distribution p
 *                     of the next token from the setting's q, in nats, the mean
 *                     over the tokens of the unsteered model's own greedy
 *                     answers; and the same along a held-out text
 *     perplexity      exp of the text's mean -ln q
 *     repetition      the share of 4-grams of tokens that were there before, in
 *                     the setting's own greedy answers (seq-rep-4, Welleck et
 *                     al. 2020), the mean over answers of 4 tokens and more
 *
 * Settings are compared fairly at equal KL: with at_kl the scale of each is
 * searched for.  Read the questions, fill a plan, make its settings, run them.
 * What is tested of them is in sweep_test.h.
 */
#ifndef SYC_SWEEP_H
#define SYC_SWEEP_H
#include "syc/choice.h"
#include "syc/rows.h"
#include "syc/steer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- questions -------------------------------------------------------------- */

struct syc_sweep_question {
	char *id;
	struct syc_ids *prompt;	/* [n_variants] */
	struct syc_choices choices;
	uint32_t claim;		/* below n_claims */
	/* Options as syc_row_stated() numbers them; -1: none, or not known. */
	int view, matching;
	/*
	 * The first question with this id but for "/reversed": the same in
	 * another order of the choices; its own number where there is none.
	 */
	size_t asks;
};

struct syc_sweep_questions {
	struct syc_sweep_question *question;	/* [n] */
	size_t n, cap;
	size_t n_variants;
	/*
	 * [n_claims] in the order of the rows: what a row's question asks
	 * (syc_row_stated()), else its field "claim", else its own id.
	 */
	char **claim;
	size_t n_claims;
	bool stated;		/* all have two options and a claim */
};

/*
 * All rows of `in` as questions, each prompt by every one of p [n_variants]:
 * the first is how it is asked, the others have other system messages.  A row
 * without a prompt, without answers that differ or too long for a context of
 * n_ctx tokens is SYC_EINVAL, or skipped as in->keep_going has it.  q is zeroed
 * first; free it always.  `in` stays the caller's.
 */
SYC_API int syc_sweep_questions_read(struct syc_sweep_questions *q,
				     struct syc_rows *in,
				     const struct syc_prompter *p,
				     size_t n_variants, size_t n_ctx,
				     struct syc_err *err);
/* The same of rows that need no answers: prompts alone, choices.n is 0. */
SYC_API int syc_sweep_prompts_read(struct syc_sweep_questions *q,
				   struct syc_rows *in,
				   const struct syc_prompter *p,
				   size_t n_variants, size_t n_ctx,
				   struct syc_err *err);
/* The same of syc_unrelated_prompts(). */
SYC_API int syc_sweep_prompts_own(struct syc_sweep_questions *q, const struct syc_prompter *p,
				  size_t n_variants, size_t n_ctx, struct syc_err *err);
SYC_API void syc_sweep_questions_free(struct syc_sweep_questions *q);
/* How many have the same prompt in this variant as in the first. */
SYC_API size_t syc_sweep_questions_same(const struct syc_sweep_questions *q,
					size_t variant);

/* ---- the plan ----------------------------------------------------------------- */

struct syc_sweep_vector {
	const char *name;
	const struct syc_vector *v;
};

/* An operator and the scales to try. */
struct syc_sweep_op {
	struct syc_steer_rule rule;	/* but for its scale and layers */
	/* [n]; none: the operator's own, see syc_steer_op_info(). */
	const double *scale;
	size_t n;
};

/* The layers that one setting steers, all at once. */
struct syc_sweep_layers {
	const uint32_t *layer;	/* [n] */
	size_t n;
};

/* What steering is to change. */
enum syc_sweep_outcome {
	SYC_SWEEP_MATCHING,	/* P(matching), whatever the claim */
	/*
	 * The stance effect (stance.h) of the questions, both orders of the
	 * choices joined: against users who hold the other view, or against
	 * users who state none.
	 */
	SYC_SWEEP_OPPOSITE,
	SYC_SWEEP_NO_VIEW,
	SYC_SWEEP_N_OUTCOMES
};

/* Vectors that say nothing, which take the place of those that are tested. */
struct syc_sweep_null {
	const char *name;
	/*
	 * [n] brought to the length of the vector whose place they take, layer
	 * by layer; NULL: random directions.
	 */
	const struct syc_vector *const *v;
	size_t n;
	/* The one they are made for; NULL: they take every vector's place. */
	const struct syc_sweep_vector *of;
};

/* What is asked and how.  All that it points to must outlive the settings. */
struct syc_sweep_plan {
	const struct syc_model *model;
	struct syc_engine_opts engine;	/* its hooks are the sweep's */
	const struct syc_sweep_questions *questions;
	/* With figures of their own, such as true claims; or NULL. */
	const struct syc_sweep_questions *control;
	const struct syc_sweep_vector *vector;	/* [n_vectors] */
	size_t n_vectors;
	const struct syc_sweep_op *op;		/* [n_ops] */
	size_t n_ops;
	/* [n_layers] one after the other; none: each that the vector has. */
	const struct syc_sweep_layers *layers;
	size_t n_layers;
	size_t n_random;	/* directions beside each vector */
	const struct syc_sweep_null *null;	/* [n_nulls] */
	size_t n_nulls;
	/*
	 * Prompts whose answers the KL is on instead of the questions': on these
	 * what steering does and what it costs are one figure.  Or NULL.
	 */
	const struct syc_sweep_questions *unrelated;
	uint64_t seed;		/* of these and of the bootstrap */
	size_t boot;		/* samples of the bootstrap */
	/* the first so many questions (and unrelated prompts) are answered, */
	size_t n_answers;
	size_t max_new;		/* in at most so many tokens; 0: none are */
	/* [text_len] held out; NULL: a short one of syc's */
	const char *text;
	size_t text_len;
	size_t n_text;		/* at most so many tokens of it */
	double at_kl;		/* nats per token; 0: scales are as they are */
	bool kl_on_text;	/* that KL is the text's */
	/*
	 * Of `of` sequences, or draws of null vectors, `done` are computed; 0
	 * when a run begins.  Or NULL.
	 */
	void (*progress)(void *arg, size_t done, size_t of);
	void *arg;
};

/* ---- settings -------------------------------------------------------------------- */

enum syc_sweep_kind {
	SYC_SWEEP_NONE,		/* the model as it is: the first setting */
	SYC_SWEEP_STEER,
	SYC_SWEEP_RANDOM,
	/* not steered, another variant of the prompts */
	SYC_SWEEP_PROMPT,
	SYC_SWEEP_N_KINDS
};

/* A mean over questions, and its difference from the unsteered model's. */
struct syc_sweep_mean {
	double value, change;
	/*
	 * 95 % of the change: syc_stat_boot_mean(), by claim where two questions
	 * or more have one, syc_stat_boot_clusters()
	 */
	double lo, hi;
};

struct syc_sweep_result {
	struct syc_sweep_mean p;	/* P(matching) */
	struct syc_sweep_mean chosen;	/* share above 1/2; a tie counts half */
	/*
	 * The share of questions whose P(matching) moves the wrong way: against
	 * the scale's sign as the operator has it, or against the mean where
	 * nothing is intended (operators without a way, random directions,
	 * system messages).  NaN for the unsteered model.
	 */
	double wrong;
};

/*
 * What a setting is, and in the end what came of it; NaN: not defined, or not
 * finite.
 */
struct syc_sweep_setting {
	enum syc_sweep_kind kind;
	size_t variant;		/* of the prompts */
	/* Steered ones: */
	const struct syc_sweep_vector *vector;
	size_t draw;		/* of a random direction, from 1 */
	const struct syc_vector *null;	/* instead of a random direction */
	size_t key;		/* of those that null vectors take; SIZE_MAX */
	double scale;
	struct syc_steer_rule rule;	/* with the scale and the layers */
	struct syc_steer *steer;
	/* at_kl, within 10 %; else as near as it came */
	bool reached;

	float *p_match;		/* [questions, then control] */
	double kl, text_kl, perplexity, repetition;
	struct syc_sweep_result main, control;
	double *by_claim;	/* [n_claims] of the outcome */
	struct syc_sweep_mean effect;	/* of claims, each weighing the same */
	struct syc_ids *answer;	/* [n_answered] to the first questions, or NULL */
	size_t n_answered;
};

/*
 * What is done with a vector, and with null vectors: the settings of the given
 * vectors but for those whose c is the vector's mean.  At equal KL a vector's
 * length is of no account, so settings of different vectors may have one key.
 */
struct syc_sweep_key {
	const struct syc_sweep_vector *vector;
	struct syc_steer_rule rule;	/* with the layers */
	double scale;			/* the first, at equal KL */
};

struct syc_sweep_settings {
	struct syc_sweep_setting *setting;	/* [n] */
	size_t n, cap;
	uint32_t *own_layer;	/* lists of one layer */
	/* After the run: */
	size_t n_answers;	/* that the KL is of */
	enum syc_sweep_outcome outcome;
	size_t n_claims;	/* of the questions */
	struct syc_sweep_key *key;	/* [n_keys] where there are null vectors */
	size_t n_keys;
	/*
	 * [all draws of the plan's nulls, one after the other][n_keys][n_claims]
	 * the outcome's change; of keys that a draw does not have, 0
	 */
	double *null_change;
	size_t n_text;		/* tokens of the text */
	struct syc_engine_stats stats;
};

/*
 * The settings of a plan, none of them run: the unsteered model; for each
 * vector, list of layers and operator its scales, then the same of random
 * directions (none where c is the vector's mean); the other variants of the
 * questions.  With at_kl only an operator's first scale of each sign, where
 * the search begins.
 *
 * A random direction depends on seed, draw and layer alone, so it is the same
 * for all operators and scales, and for vectors that are as long.
 *
 * SYC_EINVAL names the vector that cannot steer so.  s is zeroed first; free
 * it always.
 */
SYC_API int syc_sweep_settings_init(struct syc_sweep_settings *s,
				    const struct syc_sweep_plan *plan,
				    struct syc_err *err);
SYC_API void syc_sweep_settings_free(struct syc_sweep_settings *s);
/* What a run computes, if nothing were shared; searches as of 4 tries. */
struct syc_sweep_cost {
	size_t n_settings, n_null;	/* without null vectors, and of these */
	double sequences, tokens;	/* all together */
	double null_tokens;		/* of the null vectors */
};
SYC_API void syc_sweep_cost(struct syc_sweep_cost *c,
			    const struct syc_sweep_settings *s,
			    const struct syc_sweep_plan *plan);
/* Layers as text: "2-4,7". */
SYC_API int syc_sweep_layers_text(struct syc_buf *out, const uint32_t *layer,
				  size_t n);

/*
 * Run the settings of that plan and fill in what came of them.  The results
 * depend on neither threads nor batch.  With at_kl each scale is searched for
 * by its KL, at most 24 times, until it is within 2 %; where more is never
 * enough (ablation at 1), the setting stays short of it.  The unsteered
 * model's distributions are kept meanwhile: 4 bytes for each word of the
 * vocabulary and token of the answers and the text.
 *
 * SYC_EINVAL: logits that are not finite, naming the row; a text of less than
 * two tokens; at_kl of answers, but none.
 */
SYC_API int syc_sweep_run(struct syc_sweep_settings *s,
			  const struct syc_sweep_plan *plan,
			  struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
