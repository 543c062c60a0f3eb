/* SPDX-License-Identifier: MIT */
/* The parts of a sweep: passages, runs of the engine, the search, the sums. */
#ifndef SRC_STUDY_SWEEP_SWEEP_H
#define SRC_STUDY_SWEEP_SWEEP_H
#include <stdbool.h>
#include "syc/sweep.h"

struct sweep;

/* ---- passage.c ------------------------------------------------------------- */

/*
 * Tokens along which each setting is compared with the unsteered model: an
 * answer of its own to a question, or the held-out text.
 */
struct passage {
	struct syc_ids *tokens;	/* [n_variants] prompt and what follows */
	size_t *n_prompt;	/* [n_variants] */
	size_t n_variants;	/* 1 of the text: it has no prompt to vary */
	size_t n;		/* distributions, the first after the prompt */
	float *logprob;		/* [n][n_vocab] of the unsteered model */
	bool is_text;
};

/* The text of a plan, no longer than the context. */
int passage_of_text(struct passage *t, const struct syc_sweep_plan *plan,
		    size_t n_ctx, struct syc_err *err);
/*
 * The unsteered model's answer behind each prompt of q, as far as n_ctx goes,
 * since a prompt with a system message is longer; n is there already.
 */
int passage_of_answer(struct passage *t, const struct syc_sweep_question *q,
		      size_t n_variants, const struct syc_ids *answer,
		      size_t n_ctx);
/* Keep log probabilities as the i-th; memory as SYC_ENOMEM. */
int passage_keep(struct passage *t, size_t i, const float *logits,
		 const struct sweep *w);
/* The divergence of logits from the i-th distribution, and their log sum exp. */
double passage_kl(const struct passage *t, size_t i, const float *logits,
		  const struct sweep *w, double *lse);
void passage_free(struct passage *t);

/* ---- settings.c ------------------------------------------------------------- */

/* Make the steering of a setting from its rule. */
int setting_steer(struct syc_sweep_setting *s, const struct syc_model *m,
		  uint64_t seed, struct syc_err *err);
/* Settings of the same kind as a key, for null vectors; NULL without memory. */
struct syc_sweep_setting *setting_add(struct syc_sweep_settings *to,
				      const struct syc_sweep_plan *plan,
				      enum syc_sweep_kind kind);
/* A null vector at layers, as long as v at each; NULL without memory. */
struct syc_vector *null_vector(const struct syc_vector *null,
			       const struct syc_vector *v,
			       const uint32_t *layer, size_t n);
/* As long as v at layers, in directions of (seed, draw, layer); NULL without memory. */
struct syc_vector *random_vector(const struct syc_vector *v,
				 const uint32_t *layer, size_t n, uint64_t seed,
				 size_t draw);
static inline bool is_steered(const struct syc_sweep_setting *s)
{
	return s->kind == SYC_SWEEP_STEER || s->kind == SYC_SWEEP_RANDOM;
}

/* ---- run.c ------------------------------------------------------------------ */

/* What a run adds up for a setting. */
struct sums {
	double kl, text_kl, nll, repetition;
	size_t n_kl, n_text, n_repetition;
};

struct sweep {
	const struct syc_sweep_plan *plan;
	struct syc_sweep_settings *all;
	struct sums *sums;		/* [all->n] */
	struct passage *passage;	/* [n_passages] the text comes last */
	size_t n_passages;
	struct syc_engine *engine;
	size_t n_ctx, n_vocab;
	uint32_t *claim_number;		/* [n_claims] 0, 1, ... */
	double *start;			/* [n_keys] where null vectors' searches begin */
	bool silent;			/* progress is somebody else's */
};

enum scope {
	RUN_BASE,	/* the unsteered model, whose answers become passages */
	RUN_ALL,
	RUN_PASSAGES,	/* those that at_kl is about, nothing else */
	RUN_QUESTIONS,	/* nothing but P(matching) of the questions */
};

/* Run the settings of list [n] and fill their sums. */
int sweep_pass(struct sweep *w, struct syc_sweep_setting *const *list, size_t n,
	       enum scope scope, struct syc_err *err);
/* The share of n-grams that were there before; at least NGRAM tokens. */
enum { NGRAM = 4 };
double repetition(const struct syc_ids *ids);

/* Search for the scales of all steered settings. */
int find_scales(struct sweep *w, struct syc_err *err);

/* ---- null.c ---------------------------------------------------------------- */

/* The keys of settings, which are still at their first scales. */
int null_keys(struct syc_sweep_settings *s, const struct syc_sweep_plan *plan,
	      struct syc_err *err);
/* All draws; fills null_change. */
int null_run(struct sweep *w, struct syc_err *err);

/* ---- kl.c --------------------------------------------------------------------- */

/* A search for the scale that has a KL. */
struct kl_search {
	void *user;
	double full;	/* the largest size of a scale */
	double scale;	/* to begin with; to be measured; the nearest found */
	double kl;	/* at that scale; not finite: too much */
	bool reached;	/* within 10 % */
	/* Private: sizes of scales that are too small and too large. */
	double sign, size, lo, hi, kl_lo, kl_hi;
	double best, best_kl;
	bool done;
};

enum { KL_TRIES = 24 };
/* Set kl of look [n] at their scales. */
typedef int kl_measure(void *arg, struct kl_search *const *look, size_t n,
		       struct syc_err *err);
/* Search s [n] side by side; measures at most KL_TRIES times. */
int kl_search(struct kl_search *s, size_t n, double want, kl_measure *measure,
	      void *arg, struct syc_err *err);

/* ---- outcome.c ------------------------------------------------------------------ */

/*
 * Where any question states a view, P(matching) is of those whose user has one: what is
 * answered to nobody in particular matches nobody.  has_user() is true, too, of what
 * says nothing of its views.
 */
bool any_user(const struct syc_sweep_questions *q);
bool has_user(const struct syc_sweep_question *q);

/* ---- summary.c ------------------------------------------------------------------ */

/*
 * y [n] beside the unsteered model's x [n]; way is the intended one, 0: the
 * mean's.  claim [n] (or NULL) says which are resampled together.
 */
int summarize(struct syc_sweep_result *r, const float *x, const float *y,
	      size_t n, const uint32_t *claim, int way, size_t boot,
	      uint64_t seed, struct syc_err *err);
/* Which way P(matching) should move; 0 where the setting does not say. */
int intended(const struct syc_sweep_setting *s);
/* Fill in what came of a setting from its sums. */
int summarize_setting(const struct sweep *w, struct syc_sweep_setting *s,
		      struct syc_err *err);

#endif
