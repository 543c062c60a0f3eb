/* SPDX-License-Identifier: MIT */
/* syc-bench: what is measured, and how a figure is kept. */
#ifndef SRC_TOOL_BENCH_H
#define SRC_TOOL_BENCH_H
#include "syc/bench.h"
#include "syc/record.h"
#include "tool/load.h"
#include "tool/rows.h"

/* ---- models of known shapes ---------------------------------------------- */

struct syc_shape {
	const char *name;
	uint32_t n_layers, dim, n_heads, n_kv_heads, ffn_dim, n_vocab, n_ctx;
	float rope_base;
};

/* Ends with a NULL name. */
extern const struct syc_shape syc_shapes[];

/*
 * The path of a model of that shape with random Q8_0 weights in the folder dir
 * (NULL: syc in the user's cache folder), written first if it is not there:
 * the same bytes everywhere.  The caller frees *path.
 */
int syc_shape_model(const struct syc_tool *t, const struct syc_common *c, const struct syc_shape *s,
		    const char *dir, char **path, struct syc_err *err);

/* ---- figures ------------------------------------------------------------- */

enum syc_work {
	SYC_WORK_LOAD, SYC_WORK_PREFILL, SYC_WORK_LONG, SYC_WORK_DECODE, SYC_WORK_BATCH,
	SYC_WORK_CONTRAST, SYC_WORK_RECORD, SYC_WORK_STEER, SYC_WORK_MEMORY, SYC_N_WORKS,
};

/* Those that are held against ceilings; without them none is measured. */
#define SYC_WORKS_SHARED (1u << SYC_WORK_PREFILL | 1u << SYC_WORK_LONG | 1u << SYC_WORK_DECODE | \
			  1u << SYC_WORK_BATCH | 1u << SYC_WORK_CONTRAST)

/* "load", "prefill", ... */
extern const char *const syc_work_names[SYC_N_WORKS];

enum syc_bound { SYC_BOUND_NONE, SYC_BOUND_READ, SYC_BOUND_INT8, SYC_BOUND_FMA };

/* One figure: the median of n runs, and their range. */
struct syc_figure {
	bool there;
	double value, lo, hi;	/* for ratios lo and hi are the interval's ends */
	unsigned n;
	const char *unit;
	char what[80];		/* what was run, in words */
	double bytes, ops;	/* needed per unit of value; 0: no share */
	double share;		/* of the ceiling of `bound` */
	enum syc_bound bound;
};

struct syc_bench {
	const struct syc_tool *tool;
	struct syc_common common;
	struct syc_load load;
	unsigned threads;	/* as many as run */
	unsigned repeat;
	unsigned works;		/* mask of 1 << enum syc_work */
	const char *pairs;	/* file of contrast pairs, or NULL */
	uint32_t max_pairs;
	struct syc_model *model;
	struct syc_ceilings ceilings;	/* kernels NULL: not measured */
	size_t most_kv;		/* bytes that the largest run needed */
	struct syc_figure figure[SYC_N_WORKS];
};

/* Open the model and run what is asked; the figures go into b. */
int syc_bench_run(struct syc_bench *b, struct syc_err *err);
/* Shares of the ceilings, once all is measured. */
void syc_bench_shares(struct syc_bench *b);
/* Append the table, or the JSON object, to out. */
int syc_bench_table(const struct syc_bench *b, struct syc_buf *out);
int syc_bench_json(const struct syc_bench *b, struct syc_buf *out);

#endif
