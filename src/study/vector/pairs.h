/* SPDX-License-Identifier: MIT */
/* The store of pairs, and what the two sources put into it. */
#ifndef SRC_STUDY_VECTOR_PAIRS_H
#define SRC_STUDY_VECTOR_PAIRS_H
#include "syc/pairs.h"

/* What is known of a pair but its activations. */
struct pair_said {
	uint32_t group, letter;		/* numbers of theirs */
	uint64_t claim;			/* a hash of what it is about */
};

struct syc_pairs {
	struct syc_pairs_info info;	/* its texts are the fields below */
	struct syc_pairs_opts o;	/* its pointers: while reading only */
	uint32_t *layers;
	struct syc_pairs_group *group;	/* [SYC_PAIRS_GROUPS] */
	struct syc_pairs_group *letter;	/* [SYC_PAIRS_GROUPS] */
	struct pair_said *said;		/* [info.n] */
	size_t cap_said;
	char *arch;
	struct syc_buf source;
	unsigned positions;	/* a mask: where they were read */
	char *first;		/* the first file, for messages */
	char *first_of;		/* its provenance */
	char *foreign;		/* a file of another model, or NULL */
	struct syc_seen *seen;	/* rows of recordings; NULL: they may come twice */
	char *store;		/* what the store lies beside, for messages */
	int fd;
	size_t record;		/* bytes of one */
	unsigned char *room;	/* one record */
};

int pairs_new(struct syc_pairs **out, const struct syc_pairs_opts *o,
	      const char *arch, struct syc_err *err);
/* All is read: what is known now, or why there is nothing. */
int pairs_finish(struct syc_pairs *p, struct syc_err *err);
/* Layers, width and file, before the first pair; all [n] is what can be had. */
int pairs_begin(struct syc_pairs *p, const uint32_t *all, size_t n, size_t dim,
		struct syc_err *err);
/*
 * Put side 0 (match) or 1 (other) of record i, x [n_all][dim] of all layers of
 * which p keeps its own (places in at [n_layers]); NULL is zero.
 */
int pairs_put(struct syc_pairs *p, uint64_t i, unsigned side, const float *x,
	      const size_t *at, struct syc_err *err);
/* Record i has no group and no letter, and is the only one of its claim. */
int pairs_put_none(struct syc_pairs *p, uint64_t i, struct syc_err *err);
/*
 * What a row tells of record i: its group, which is its field o.by or its
 * matching answer; that answer; and its claim.
 */
int pairs_put_row(struct syc_pairs *p, uint64_t i, const struct syc_row *row,
		  struct syc_err *err);
/* A number that record i must have on both sides: side 1 compares. */
int pairs_put_mark(struct syc_pairs *p, uint64_t i, unsigned side,
		   uint32_t mark, struct syc_err *err);
/*
 * The record with that mark, looked for from *i on and then from the start: 1
 * when there is one, else 0.
 */
int pairs_find_mark(const struct syc_pairs *p, uint64_t *i, uint32_t mark,
		    struct syc_err *err);
/* Where p's layers are among all [n]; to be freed. */
size_t *pairs_places(const struct syc_pairs *p, const uint32_t *all, size_t n);

/* ---- pairs_told.c: what rows beside an activation file say of it ---------- */

struct told {
	uint32_t *n_prompt;	/* [n] tokens of prompts; UINT32_MAX: not told */
	uint64_t n;
};

/* Where answers begin; rows must be those of the file.  Free in any case. */
int told_read(struct told *t, const struct syc_rows *rows, struct syc_acts *a,
	      struct syc_err *err);
void told_free(struct told *t);
uint32_t told_crc(const char *text);
/* The groups of the pairs. */
int pairs_read_groups(struct syc_pairs *p, const struct syc_rows *rows,
		      struct syc_err *err);

/* A stream of its own over the same rows. */
static inline struct syc_rows pairs_rows(const struct syc_rows *rows)
{
	struct syc_rows own = { 0 };

	if (rows) {
		own.paths = rows->paths;
		own.n_paths = rows->n_paths;
		own.keep_going = rows->keep_going;
		own.skipped = rows->skipped;
		own.arg = rows->arg;
		own.allow_duplicates = rows->allow_duplicates;
		own.one_run = rows->one_run;
	}
	return own;
}

#endif
