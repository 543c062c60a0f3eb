/* SPDX-License-Identifier: MIT */
/*
 * Forward and backward over a pass of n tokens: whole sequences, one behind the
 * other.  Activations are [n][width], float, and a gradient has the shape of
 * what it is of.
 */
#ifndef SRC_TRAIN_TRAIN_H
#define SRC_TRAIN_TRAIN_H
#include "base/par.h"
#include "kern/kern.h"
#include "model/model.h"
#include "syc/train.h"

/* What work is cut into; never by the number of threads. */
enum {
	SYC_TRAIN_QUERIES = 64,		/* of a tile of attention */
	SYC_TRAIN_LOGITS = 256,		/* rows of logits at once */
};

/* Of a pass: tokens [first, first + n). */
struct syc_train_span {
	size_t first, n;
	uint64_t key;
};

/* What a block's backward pass needs of its forward pass. */
struct syc_train_kept {
	/* before norms of heads; q and k where there are none */
	float *q_raw, *k_raw;
	float *q, *k, *v;	/* as attention takes them */
	float *log_sum;		/* [n][n_heads] of exp of scores */
	float *mixed;		/* [n][q_dim] attention's output, before o */
	float *mid;		/* the residual stream behind attention */
	float *gate, *up;
	float *z[SYC_LORA_N];	/* [n][rank] inputs times a */
};

/* A matrix of a block, and what is trained of it. */
struct syc_train_linear {
	const struct syc_matrix *w;
	const struct syc_lora_pair *pair;	/* or NULL */
	float *z;				/* of its pair */
	size_t number; /* layer * SYC_LORA_N + matrix */
};

struct syc_trainer {
	const struct syc_model *m;
	const struct syc_kern *kern;
	struct syc_par *par;
	const struct syc_lora_weights *w;
	const struct syc_lora_pair **pair; /* [n_layers][SYC_LORA_N] or NULL */
	uint32_t lowest;			/* block with a pair */
	float *steer;				/* [n_layers][dim] or NULL */
	uint64_t seed;
	size_t memory;

	/* widths */
	size_t dim, q_dim, kv_dim, hd, ffn, rank, threads;

	/* the pass under way */
	enum syc_train_mode mode;
	bool ready;				/* for a backward pass */
	bool keeps;				/* every block's own */
	size_t n, n_spans, n_answer;
	size_t n_rows; /* of products: n, or behind the last attention n_answer */
	struct syc_train_span *span;		/* [n_spans] */
	uint32_t *of;				/* [n] a token's span */
	int32_t *token;				/* [n] */
	/* of whom logits are wanted: where, and the token that follows */
	size_t *row;				/* [n_answer] */
	int32_t *target;
	double *top, *sum, *picked; /* of their logits: see head.c */

	/* rooms */
	char *base, *more;
	size_t base_bytes, more_bytes;
	size_t base_tokens, more_tokens;
	struct syc_train_kept one, *kept; /* kept [n_layers], from lowest on */
	float *turn, *turn_back;		/* [n][hd / 2][2] by position */
	/* [n_layers + 1] inputs of blocks; the last has n_answer rows */
	float **x;
	float *xb;				/* [n][dim] normalized */
	float *words;	/* [n_answer][dim] sum of exp of logits times rows */
	float *h;				/* [n][ffn] */
	float *dx, *dxb, *dmixed, *dq, *dk, *dv, *dgate, *dup;
	float *dz;				/* [n][rank] */
	float *dropped;				/* [n][widest] */
	float *decoded;				/* [chunk] rows of a matrix */
	float *logits;				/* [SYC_TRAIN_LOGITS][chunk] */
	float *scores; /* [threads][2][SYC_TRAIN_QUERIES][n] */
};

/* ---- rooms.c ------------------------------------------------------------- */

/* Fill in widths. */
void syc_train_widths(struct syc_trainer *t, const struct syc_config *c,
		      const struct syc_lora_shape *s);
/*
 * Rows of a matrix that are decoded at once, a multiple of 16 unless all are.
 */
size_t syc_train_chunk(size_t rows, size_t cols);
/* Room for a pass of n tokens; t->keeps says for what. */
int syc_train_rooms(struct syc_trainer *t, size_t n, struct syc_err *err);
/* Bytes that blocks of n tokens keep in all. */
size_t syc_train_kept_bytes(const struct syc_trainer *t, size_t n);

/* ---- linear.c ------------------------------------------------------------ */

/* The token that row i of n_rows is of. */
size_t syc_train_token(const struct syc_trainer *t, size_t i);
/* y = x W' + bias + scale (x a') b'; z is filled. */
void syc_train_linear(struct syc_trainer *t, const struct syc_train_linear *lin,
		      const float *x, float *y);
/* z alone. */
void syc_train_linear_low(struct syc_trainer *t,
			  const struct syc_train_linear *lin, const float *x);
/*
 * From dy: dx, or with `add` what is added to it (dx may be NULL), and what the
 * pair's gradient has in grad is added to.  x as in the forward pass; it is
 * read where there is a pair.
 */
void syc_train_linear_back(struct syc_trainer *t,
			   const struct syc_train_linear *lin, const float *x,
			   const float *dy, float *dx, bool add, float *grad);
/* Rows [row, row + n) of w as floats. */
void syc_train_rows(const struct syc_trainer *t, const struct syc_matrix *w,
		    size_t row, size_t n, float *out);
/* The same into t->decoded, by all threads. */
void syc_train_decode(struct syc_trainer *t, const struct syc_matrix *w,
		      size_t row, size_t n);
/* y [m][ldy] = x [m][cols] times the n rows in t->decoded. */
void syc_train_times(struct syc_trainer *t, float *y, size_t ldy,
		     const float *x, size_t m, size_t n, size_t cols);
/*
 * dx [m][cols] = dy [m][ldy] times the n rows in t->decoded, added where `add`.
 */
void syc_train_times_back(struct syc_trainer *t, float *dx, const float *dy,
			  size_t ldy, size_t m, size_t n, size_t cols,
			  bool add);

/* ---- attend.c ------------------------------------------------------------ */

void syc_train_attend(struct syc_trainer *t, uint32_t layer,
		      struct syc_train_kept *k);
/* dq, dk and dv from dmixed. */
void syc_train_attend_back(struct syc_trainer *t, uint32_t layer,
			   const struct syc_train_kept *k);

/* ---- block.c ------------------------------------------------------------- */

/*
 * x[l + 1] from x[l].  In the last block only tokens whose logits are wanted go
 * on behind attention.
 */
void syc_train_block(struct syc_trainer *t, uint32_t l);
/* dx of x[l] from that of x[l + 1]. */
void syc_train_block_back(struct syc_trainer *t, uint32_t l, float *grad);
/* dy, of a norm's output, becomes that of its input x. */
void syc_train_norm_back(const struct syc_kern *kern, float *dy, const float *x,
			 const float *w, size_t n, float eps);

/* ---- head.c -------------------------------------------------------------- */

/* logprob [n_spans] from the last block's output. */
void syc_train_head(struct syc_trainer *t, double *logprob);
/* dx [n_answer][dim] of the last block's output, after a head of learning. */
void syc_train_head_back(struct syc_trainer *t, const double *coef);

#endif
