/* SPDX-License-Identifier: MIT */
/* The rows of a procedure, in a form in which labels can be changed often. */
#ifndef SRC_STAT_PROCEDURE_H
#define SRC_STAT_PROCEDURE_H
#include "stat/ranks.h"
#include "syc/procedure.h"

/* Rows that belong together: row[from[i]] to row[from[i + 1] - 1]. */
struct blocks {
	uint32_t *row;		/* [n] */
	uint32_t *from;		/* [count + 1] */
	size_t count;
};
/* of [n] are numbers below count, of which each may be used. */
int blocks_init(struct blocks *b, const uint32_t *of, size_t n, size_t count,
		struct syc_err *err);
void blocks_free(struct blocks *b);
/*
 * Blocks exchange their rows by a key, a longer one taking a block again and
 * again: row i gets what belongs to row from[i] [n].  room [n + count].
 */
void blocks_exchange(const struct blocks *b, size_t n, uint64_t key,
		     uint32_t *room, uint32_t *from);
/* v [n] in another order, by a key and steps of it. */
void shuffle_rows(uint32_t *v, size_t n, uint64_t key, uint64_t *step);

struct trial {
	size_t n, k, n_folds;
	double *x;		/* [k][n] */
	uint32_t *fold;		/* [n], below n_folds */
	/* of claim and view: pairs lie within them; count 0: anywhere */
	struct blocks strata;
	struct column *column;	/* [k] */
};

/* A layer and sign, and how well they did where they were chosen. */
struct pick {
	size_t layer;
	int sign;		/* 0: no layer has an area there */
};

/* What one thread needs; areas of parts of the rows, by layer. */
struct trial_room {
	uint32_t *weight;	/* [n] */
	double *wins, *pairs;	/* [k][n_folds] within strata */
};
int trial_room_init(struct trial_room *r, const struct trial *t,
		    struct syc_err *err);
void trial_room_free(struct trial_room *r);
/* The best layer and sign on the rows outside fold f, with these labels [n]. */
struct pick trial_pick(const struct trial *t, const int8_t *label, size_t f,
		       struct trial_room *r);
/*
 * The cross-validated area; chosen [k] (or NULL) counts the layers.  NaN where
 * no fold has pairs.
 */
double trial_area(const struct trial *t, const int8_t *label,
		  struct trial_room *r, size_t *chosen);

#endif
