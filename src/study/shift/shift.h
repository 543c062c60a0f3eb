/* SPDX-License-Identifier: MIT */
/* The parts of a run: answers of both models, activations, figures, null vectors. */
#ifndef SRC_STUDY_SHIFT_SHIFT_H
#define SRC_STUDY_SHIFT_SHIFT_H
#include "study/sweep/sweep.h"
#include "syc/shift.h"
#include "syc/steer.h"

enum { BASE, TUNED, N_SIDES };
enum { HALVES = 2 };
/* Where activations are read. */
enum { AT_PROMPT, AT_LAST, N_PLACES };
/* By claim. */
enum of { OF_P, OF_EFFECT, OF_KL, N_OF, OF_MASS = N_OF };
#define OF_MEAN SIZE_MAX	/* the mean shift, and no vector of the plan's */
enum { COSINES = 199 };		/* random directions beside a cosine */

/* ---- share.c ---------------------------------------------------------------- */

/* The mean of those that are finite, with its interval. */
int shift_mean(struct syc_shift_figure *out, const double *x, size_t n, size_t boot,
	       uint64_t seed, struct syc_err *err);

/* What claims' texts add up to, by place and layer. */
struct moments {
	size_t n_layers, dim, n_claims, bytes;
	double *shift;		/* [places][layers][claims][dim] means */
	double *square;		/* [places][layers][claims] means of |s|^2 */
	double *base_mean;	/* [places][layers][dim] E a(base) */
	double *base_square;	/* [places][layers] E |a(base)|^2 */
	double *count[N_PLACES];	/* [claims] texts */
};

/* ---- ask.c ------------------------------------------------------------------ */

/* Answers under one steering. */
struct answers {
	float *p;		/* [questions] P(matching) */
	double *mass;		/* [questions] */
	double *kl;		/* [questions] from the tuned model, next token */
	double *along;		/* [prompts] the same summed over a prompt's tokens */
	double *moved;		/* [prompts] from the base; 0 of the tuned model's */
};

/* Some of them to be found: steered how (NULL: not). */
struct asking {
	const struct syc_steer *steer;
	struct answers *to;
};

struct study {
	const struct syc_shift_plan *plan;
	struct syc_shift_found *out;
	struct syc_hook hook;		/* of the engines */
	struct sweep side[N_SIDES];	/* of these the engine and the vocabulary's size */
	/*
	 * The tuned model's distributions: where the answers to questions [n_q] part, and
	 * along the base's answers to prompts [n_u].
	 */
	struct passage *question, *prompt;
	/* [n_u] the base's along the same answers; no tokens.  NULL: not wanted. */
	struct passage *own;
	size_t n_q, n_u, n_tokens;
	struct answers base, tuned;
	int place;			/* of the plan's position */
	struct moments moments;
	uint8_t *half;			/* [claims] 0 or 1 */
	double *base_by[N_OF], *tuned_by[N_OF];	/* [claims] */
	struct syc_vector *mean[HALVES];	/* mean shifts */
	/* Under these: [layers of the plan][halves], and [same][vectors]. */
	struct answers *made, *undone, *other;
	const char *part;		/* for progress */
};

enum { ASK_QUESTIONS = 1, ASK_PROMPTS = 2 };

int answers_init(struct answers *a, const struct study *s, struct syc_err *err);
void answers_free(struct answers *a);
/* An engine with the steering hook. */
int ask_open(struct study *s, int side, const struct syc_model *m, struct syc_err *err);
void ask_close(struct study *s, int side);
/* The base's greedy answers to unrelated prompts become passages. */
int ask_passages(struct study *s, struct syc_err *err);
/* Keep the tuned model's distributions, and what it answers, in s->tuned. */
int ask_tuned(struct study *s, unsigned what, struct syc_err *err);
/* Ask under all of list [n], side by side; in order of layers they share most. */
int ask_all(struct study *s, int side, const struct asking *list, size_t n, unsigned what,
	    struct syc_err *err);
/* KL a token along the answers to prompts, from the base or the tuned model. */
double ask_kl(const struct study *s, int from, const struct answers *a);

/* ---- record.c --------------------------------------------------------------- */

int moments_init(struct moments *m, const struct study *s, struct syc_err *err);
void moments_free(struct moments *m);
/* The number of a place and layer. */
size_t moments_at(const struct moments *m, int place, size_t layer);
/* Run the questions with their answers through both models. */
int record_shifts(struct moments *m, struct study *s, struct syc_err *err);

/* ---- scale.c ---------------------------------------------------------------- */

/* Check the plan; engines, and room for answers. */
int study_open(struct study *s, struct syc_err *err);
void study_close(struct study *s);

/* ---- try.c ------------------------------------------------------------------ */

int deal_claims(struct study *s, struct syc_err *err);
/* Of the claims of a half, HALVES: of all; NULL without memory. */
struct syc_vector *mean_shift(const struct study *s, int place, int half);
bool vector_has(const struct syc_vector *v, uint32_t layer);
int steer_at(struct syc_steer **out, const struct syc_model *m, const struct syc_vector *v,
	     enum syc_steer_op op, double scale, uint32_t layer, struct syc_err *err);
/* Ask all that the plan's layers have. */
int try_all(struct study *s, struct syc_err *err);
void tried_free(struct study *s);

/* ---- figures.c: `at` is the place among the plan's layers that serves each half -- */

/* NaN where nothing was asked, or there is no such outcome. */
int by_claim(double *out, const struct study *s, enum of what, const struct answers *a,
	     struct syc_err *err);
int crossed(double *out, const struct study *s, enum of what, const struct answers *a,
	    const size_t at[HALVES], struct syc_err *err);
int fill_made(struct syc_shift_made *m, const struct study *s, const size_t at[HALVES],
	      struct syc_err *err);
int fill_left_on_prompts(struct syc_shift_figure *f, const struct study *s, size_t t,
			 struct syc_err *err);
int fill_undone(struct syc_shift_undo *u, const struct study *s, size_t vector,
		const size_t at[HALVES], struct syc_err *err);
/* (tuned - x) / (tuned - base) of P(matching) by claim; KL of x / that of the base. */
double undone_by(const struct study *s, const double *x);
double left_by(const struct study *s, const double *x);
/* Where the mean shift leaves the least KL, and where ablating a vector undoes most. */
int choose_to_make(size_t at[HALVES], const struct study *s, struct syc_err *err);
int choose_to_undo(size_t at[HALVES], const struct study *s, size_t vector, struct syc_err *err);

/* ---- nulls.c ---------------------------------------------------------------- */

/*
 * P(matching), and KL from the tuned model, under null vectors of that KL from the one that
 * is asked: [n_draws][claims], NaN where none has it.
 */
int null_answers(double *p, double *kl, struct study *s, int side, uint32_t layer, double want,
		 struct syc_err *err);
int fill_cosine(struct syc_shift_along *a, const struct study *s, size_t vector, uint32_t layer,
		struct syc_err *err);

/* ---- beside.c --------------------------------------------------------------- */

struct syc_shift_layer *layer_of(const struct study *s, size_t t);
/* Beside what was made, or undone, at the layers of both halves, which it was filled for. */
int beside_made(struct study *s, const size_t at[HALVES], struct syc_err *err);
int beside_undone(struct study *s, size_t vector, const size_t at[HALVES], struct syc_err *err);

#endif
