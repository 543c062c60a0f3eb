/* SPDX-License-Identifier: MIT */
/* Options, messages and exit codes: what all programs share. */
#ifndef SRC_TOOL_OPTS_H
#define SRC_TOOL_OPTS_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "syc/base.h"

/*
 * One row per option; the same rows drive getopt_long() and --help, so the
 * two cannot disagree.  A row with key 0 is a heading.
 */
struct syc_opt {
	int key;		/* short letter, or a value above 255 */
	const char *name;	/* long name without the dashes */
	const char *arg;	/* metavariable, or NULL for a flag */
	const char *help;
};

struct syc_tool {
	const char *name;	/* "syc-score" */
	const char *usage;	/* "[OPTION]... [FILE]..." */
	const char *brief;	/* one sentence, no full stop */
	const struct syc_opt *opts;
};

/* What every program understands; see syc_opt_common(). */
struct syc_common {
	const char *output;
	unsigned threads;	/* 0: all cores */
	uint64_t seed;
	const char *cpu;
	int verbose;
};

enum { SYC_KEY_CPU = 256, SYC_KEY_SEED, SYC_KEY_TOOL /* first free key */ };

#define SYC_OPTS_PLAIN \
	{ 0,   NULL,      NULL,   "Common options" }, \
	{ 'o', "output",  "FILE", "write to FILE instead of standard output" }, \
	{ 'q', "quiet",   NULL,   "print errors only" }, \
	{ 'v', "verbose", NULL,   "say more" }, \
	{ 'h', "help",    NULL,   "display this help and exit" }, \
	{ 'V', "version", NULL,   "display the version and exit" }, \
	{ 0,   NULL,      NULL,   NULL }
#define SYC_OPTS_MODEL \
	{ 't', "threads", "N",    "use N threads (default: all cores)" }, \
	{ SYC_KEY_CPU, "cpu", "NAME", "use at most the NAME kernels" }, \
	SYC_OPTS_PLAIN
#define SYC_OPTS_SEEDED \
	{ SYC_KEY_SEED, "seed", "N", "seed every random choice with N (default: 1)" }, \
	SYC_OPTS_MODEL
#define SYC_COMMON_INIT { .seed = 1 }

/* Return the next option's key, or -1 when only operands are left. */
int syc_opt_next(const struct syc_tool *t, int argc, char **argv);
/* Handle a common option. */
void syc_opt_common(const struct syc_tool *t, struct syc_common *c, int key, const char *arg);
/* Parse a decimal integer or a number in [min, max], or exit 2 naming the option. */
uint64_t syc_opt_u64(const struct syc_tool *t, const char *opt, const char *arg, uint64_t min, uint64_t max);
double syc_opt_num(const struct syc_tool *t, const char *opt, const char *arg, double min, double max);
/* The index of arg among n names, or exit 2 listing them. */
unsigned syc_opt_enum(const struct syc_tool *t, const char *opt, const char *arg,
		      const char *const *names, unsigned n);
/*
 * Parse "0,3-5,8" or "all" into rising numbers below n (n = 0: not known yet,
 * "all" gives an empty list); exits 2 on nonsense.  The caller frees *out.
 */
void syc_opt_list(const struct syc_tool *t, const char *opt, const char *arg,
		  uint32_t n, uint32_t **out, size_t *n_out);

/* "prog: text" to standard error; usage errors exit 2 and point to --help. */
__attribute__((format(printf, 2, 3)))
void syc_warn(const struct syc_tool *t, const char *fmt, ...);
/* Unless -q: a vector file does not say how its layers are counted (struct syc_vector's assumed). */
void syc_warn_assumed(const struct syc_tool *t, const struct syc_common *c, const char *file);
__attribute__((format(printf, 2, 3), noreturn))
void syc_usage(const struct syc_tool *t, const char *fmt, ...);
/* "prog: err's text"; returns 1, the exit status of a failure. */
int syc_tool_err(const struct syc_tool *t, const struct syc_err *err);
/* Flush and check standard output; the exit status of every program. */
int syc_tool_finish(const struct syc_tool *t, int status);

#endif
