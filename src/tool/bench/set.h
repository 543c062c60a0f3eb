/* SPDX-License-Identifier: MIT */
/* syc-bench: rows to run, and what all its measurements share. */
#ifndef SRC_TOOL_BENCH_SET_H
#define SRC_TOOL_BENCH_SET_H
#include "tool/bench/bench.h"

/* A row, and when the first and last of its own tokens were chosen. */
struct bench_row {
	struct syc_job job;
	struct syc_ids ids;
	struct syc_spots at;
	bool begun;
	double first, last;	/* seconds, of the clock of start and end */
};

struct bench_set {
	struct bench_row *row;	/* [n] */
	size_t n;
	double start, end;		/* of the last run */
};

/* n rows without tokens; 0 or SYC_ENOMEM. */
int bench_set_init(struct bench_set *s, size_t n);
void bench_set_free(struct bench_set *s);
/* Append n tokens that differ in every call: nothing can be had from an
 * earlier run.  0 or SYC_ENOMEM. */
int bench_set_tokens(const struct bench *b, struct syc_ids *ids, size_t n);
/* The job of row i, once it has its tokens. */
void bench_set_job(struct bench_set *s, size_t i, size_t max_new);
/* n rows of n_tok random tokens; 0 or SYC_ENOMEM. */
int bench_set_random(const struct bench *b, struct bench_set *s, size_t n,
		     size_t n_tok, size_t max_new);
/* Let the rows be recorded; 0 or SYC_ENOMEM. */
int bench_set_begin_takes(struct bench_set *s, struct syc_recorder *r);
int bench_set_run(struct bench_set *s, struct syc_engine *e,
		  struct syc_err *err);

/* An engine with the command line's settings; batch 0: theirs, too. */
int bench_engine(const struct bench *b, struct syc_engine **e, uint32_t batch,
		 const struct syc_hook *hooks, size_t n_hooks,
		 struct syc_err *err);
/* A recorder of the last token of all layers. */
int bench_recorder(const struct bench *b, struct syc_recorder **r,
		   struct syc_err *err);
/*
 * Multiplications and additions for one token, without attention's; of one whose
 * logits nobody reads, only those that are computed.
 */
double bench_token_ops(const struct bench *b, bool read);
/* A run needs the keys and values of so many tokens. */
void bench_need_kv(struct bench *b, size_t tokens);
/* Median and range of v [n], which is sorted. */
void figure_median(struct figure *f, double *v, unsigned n);

/* Contrast pairs, extracted: b->figure[WORK_CONTRAST]. */
int bench_contrast(struct bench *b, struct syc_err *err);

#endif
