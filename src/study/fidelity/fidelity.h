/* SPDX-License-Identifier: MIT */
/* Both ways at work (fidelity.c), and what their last tokens tell (last.c). */
#ifndef SRC_STUDY_FIDELITY_FIDELITY_H
#define SRC_STUDY_FIDELITY_FIDELITY_H
#include "syc/fidelity.h"

enum { REFERENCE, MODEL };

/* Sums over tokens, of one layer. */
struct sums {
	double cosine, least_cosine;
	double ref2, err2;	/* of squares */
};

struct side {
	struct syc_engine *e;
	struct syc_hook hook;
	float *last;		/* [cap][dim] after the last block */
	float *logits;		/* [READ_OUT][n_vocab] */
	double nll;		/* sum of -ln P */
	float *end;		/* [cap_end][n_layers][dim] at sequences' last tokens */
	size_t cap_end;
	double *p;		/* [cap_p] P(matching), NaN without choices */
	size_t cap_p;
};

struct kl {
	double sum, largest;
};

struct syc_fidelity {
	size_t n_layers, dim, n_vocab;
	bool predicts;		/* neither is a reward model */
	struct syc_fidelity_opts o;
	/* [n_vectors][n_layers] of the vectors, squared; 0: none */
	double *len2;
	struct side side[2];
	size_t cap;		/* tokens that fit */
	float *x;		/* [cap][n_layers][dim] of the reference */
	struct sums *sum;	/* [n_layers] */
	/* [n_vectors][n_layers] errors along vectors, squared */
	double *along2;
	uint64_t n_tokens, n_compared, n_agree, n_predicted;
	struct kl kl, kl_end;
	size_t n;		/* sequences */
	int8_t *label;		/* [n] of cap_label */
	size_t cap_label;
	size_t n_now;		/* tokens of the one under way */
};

/* The centered figures of a layer. */
int fidelity_centered(const struct syc_fidelity *f, uint32_t layer,
		      struct syc_fidelity_layer *out, struct syc_err *err);
/* Room for one more sequence's end. */
int fidelity_grow(struct syc_fidelity *f, struct syc_err *err);

static inline float *fidelity_end(const struct syc_fidelity *f, int side, size_t i,
				  size_t layer)
{
	return f->side[side].end + (i * f->n_layers + layer) * f->dim;
}

#endif
