/* SPDX-License-Identifier: MIT */
/* syc-bench: what is measured, and how a figure is kept. */
#ifndef SRC_TOOL_BENCH_BENCH_H
#define SRC_TOOL_BENCH_BENCH_H
#include "syc/bench.h"
#include "syc/record.h"
#include "tool/common/rows.h"
#include "tool/common/table.h"
#include "tool/run/load.h"

/* ---- models of known shapes ---------------------------------------------- */

struct shape {
	const char *name;
	uint32_t n_layers, dim, n_heads, n_kv_heads, ffn_dim, n_vocab, n_ctx;
	float rope_base;
};

/* Ends with a NULL name. */
extern const struct shape shapes[];

/*
 * The path of a model of that shape with random Q8_0 weights in the folder dir
 * (NULL: syc in the user's cache folder), written first if it is not there:
 * the same bytes everywhere.  The caller frees *path.
 */
int shape_model(const struct tool *t, const struct opt_values *c, const struct shape *s,
		    const char *dir, char **path, struct syc_err *err);

/* ---- figures ------------------------------------------------------------- */

enum work {
	WORK_LOAD, WORK_PREFILL, WORK_LONG, WORK_DECODE, WORK_BATCH,
	WORK_CONTRAST, WORK_RECORD, WORK_STEER, WORK_MEMORY, WORK_TUNE, N_WORKS,
};

/* Those that are held against ceilings; without them none is measured. */
#define WORKS_SHARED (1u << WORK_PREFILL | 1u << WORK_LONG | 1u << WORK_DECODE | \
			  1u << WORK_BATCH | 1u << WORK_CONTRAST)

/* What is measured unless --only says it. */
#define WORKS_USUAL ((1u << WORK_TUNE) - 1)

/* "load", "prefill", ... */
extern const char *const work_names[N_WORKS + 1];

enum bound { BOUND_NONE, BOUND_READ, BOUND_INT8, BOUND_SGEMM };

/* One figure: the median of n runs, and their range. */
struct figure {
	bool there;
	double value, lo, hi;	/* for ratios lo and hi are the interval's ends */
	unsigned n;
	const char *unit;
	char what[80];		/* what was run, in words */
	double bytes, ops;	/* needed per unit of value; 0: no share */
	double share;		/* of the ceiling of `bound` */
	enum bound bound;
};

/* Another program's speed on the same file, and how many times as fast syc is. */
struct peer {
	const char *program;	/* its llama-bench; NULL: none */
	const char *args;	/* more arguments, or NULL */
	char build[64];		/* as it calls itself, or "" */
	struct figure speed[N_WORKS], ratio[N_WORKS];
};
/* What a llama-bench measures. */
#define WORKS_OF_PEER (1u << WORK_PREFILL | 1u << WORK_DECODE)
enum { BENCH_NEW = 64 };	/* steps that are timed of one row */

struct bench {
	const struct tool *tool;
	struct opt_values common;
	struct load load;
	unsigned threads;	/* as many as run */
	unsigned repeat;
	unsigned works;		/* mask of 1 << enum work */
	const char *pairs;	/* file of contrast pairs, or NULL */
	uint32_t max_pairs;
	struct syc_model *model;
	struct syc_ceilings ceilings;	/* kernels NULL: not measured */
	double sgemm;		/* operations per second of products in float */
	size_t most_kv;		/* bytes that the largest run needed */
	struct figure figure[N_WORKS];
	struct peer peer;
};

/* Open the model and run what is asked; the figures go into b. */
int bench_run(struct bench *b, struct syc_err *err);
/* The parts of it. */
int bench_load(struct bench *b, struct syc_err *err);
int bench_work(struct bench *b, enum work w, struct syc_err *err);
int bench_tune(struct bench *b, struct syc_err *err);
/* Tokens of the prompt that prefill reads. */
size_t bench_prompt(const struct bench *b);
/*
 * In its place: b->repeat rounds in which syc and b->peer run one after the
 * other.  Medians of each, and of the rounds' ratios.
 */
int bench_against(struct bench *b, struct syc_err *err);
/* Shares of the ceilings, once all is measured. */
void bench_shares(struct bench *b);
/* Append the table, or the JSON object. */
void bench_table(struct sheet *o, const struct bench *b);
void bench_json(struct sheet *o, const struct bench *b);

#endif
