/* SPDX-License-Identifier: MIT */
/* The parts of a run: answers of both models, activations, figures, null vectors. */
#ifndef SRC_STUDY_SHIFT_SHIFT_H
#define SRC_STUDY_SHIFT_SHIFT_H
#include "study/sweep/sweep.h"
#include "syc/shift.h"
#include "syc/steer.h"

enum { BASE, TUNED, N_SIDES };
enum { HALVES = 2 };

/* ---- share.c ---------------------------------------------------------------- */

/* The mean of those that are finite, with its interval. */
int shift_mean(struct syc_shift_figure *out, const double *x, size_t n, size_t boot,
	       uint64_t seed, struct syc_err *err);

/* ---- ask.c ------------------------------------------------------------------ */

/* Answers under one steering. */
struct answers {
	float *p;		/* [questions] P(matching) */
	double *mass;		/* [questions] */
	double *kl;		/* [questions] from the tuned model, next token */
	double *along;		/* [prompts] the same summed over a prompt's tokens */
};

/* One of them to be found: by which model, steered how (NULL: not). */
struct asking {
	int side;
	struct syc_steer *steer;
	struct answers *to;
};

struct study {
	const struct syc_shift_plan *plan;
	struct syc_shift_found *out;
	struct sweep side[N_SIDES];	/* of these the engine and the vocabulary's size */
	/*
	 * The tuned model's distributions: behind questions [n_q], and along the base's
	 * answers to prompts [n_u].
	 */
	struct passage *question, *prompt;
	size_t n_q, n_u, n_tokens;
	struct answers base, tuned;
	uint8_t *half;			/* [claims] */
	const char *part;		/* for progress */
};

enum { ASK_QUESTIONS = 1, ASK_PROMPTS = 2 };

int answers_init(struct answers *a, const struct study *s, struct syc_err *err);
void answers_free(struct answers *a);
/* Engines with the steering hook. */
int ask_open(struct study *s, struct syc_err *err);
void ask_close(struct study *s);
/* The base's greedy answers become passages. */
int ask_passages(struct study *s, struct syc_err *err);
/* Keep the tuned model's distributions, and what it answers, in s->tuned. */
int ask_tuned(struct study *s, unsigned what, struct syc_err *err);
/* Ask all of list [n], side by side; in order of layers they share most. */
int ask_all(struct study *s, const struct asking *list, size_t n, unsigned what,
	    struct syc_err *err);
/* KL a token along the answers to prompts. */
double ask_kl(const struct study *s, const struct answers *a);

#endif
