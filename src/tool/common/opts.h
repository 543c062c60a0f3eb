/* SPDX-License-Identifier: MIT */
/* Options, messages and exit codes: what all programs share. */
#ifndef SRC_TOOL_COMMON_OPTS_H
#define SRC_TOOL_COMMON_OPTS_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "syc/base.h"

/*
 * One row per option; the same rows drive getopt_long() and --help, so the
 * two cannot disagree.  A row with key 0 is a heading.
 */
struct opt {
	int key;		/* short letter, or a value above 255 */
	const char *name;	/* long name without the dashes */
	const char *arg;	/* metavariable, or NULL for a flag */
	const char *help;
};

struct tool {
	const char *name;	/* "syc-score" */
	const char *usage;	/* "[OPTION]... [FILE]..." */
	const char *brief;	/* one sentence, no full stop */
	const struct opt *opts;
};

/* What every program understands; see opt_common(). */
struct opt_values {
	const char *output;
	unsigned threads;	/* 0: all cores */
	uint64_t seed;
	const char *cpu;
	int verbose;
};

enum { OPT_CPU = 256, OPT_SEED, OPT_OWN /* first free key */ };

#define OPTS_PLAIN \
	{ 0,   NULL,      NULL,   "Common options" }, \
	{ 'o', "output",  "FILE", "write to FILE instead of standard output" }, \
	{ 'q', "quiet",   NULL,   "print errors only" }, \
	{ 'v', "verbose", NULL,   "say more" }, \
	{ 'h', "help",    NULL,   "display this help and exit" }, \
	{ 'V', "version", NULL,   "display the version and exit" }, \
	{ 0,   NULL,      NULL,   NULL }
#define OPTS_MODEL \
	{ 't', "threads", "N",    "use N threads (default: all cores)" }, \
	{ OPT_CPU, "cpu", "NAME", "use at most the NAME kernels" }, \
	OPTS_PLAIN
#define OPTS_SEEDED \
	{ OPT_SEED, "seed", "N", "seed every random choice with N (default: 1)" }, \
	OPTS_MODEL
#define OPT_VALUES_INIT { .seed = 1 }

/* Return the next option's key, or -1 when only operands are left. */
int opt_next(const struct tool *t, int argc, char **argv);
/* Handle a common option. */
void opt_common(const struct tool *t, struct opt_values *c, int key, const char *arg);
/* Parse a decimal integer or a number in [min, max], or exit 2 naming the option. */
uint64_t opt_u64(const struct tool *t, const char *opt, const char *arg, uint64_t min, uint64_t max);
double opt_num(const struct tool *t, const char *opt, const char *arg, double min, double max);
/* The index of arg among n names, or exit 2 listing them. */
unsigned opt_enum(const struct tool *t, const char *opt, const char *arg,
		      const char *const *names, unsigned n);
/*
 * Parse "0,3-5,8" or "all" into rising numbers below n (n = 0: not known yet,
 * "all" gives an empty list); exits 2 on nonsense.  The caller frees *out.
 */
void opt_list(const struct tool *t, const char *opt, const char *arg,
		  uint32_t n, uint32_t **out, size_t *n_out);

/* "prog: text" to standard error; usage errors exit 2 and point to --help. */
__attribute__((format(printf, 2, 3)))
void tool_warn(const struct tool *t, const char *fmt, ...);
/* Unless -q: a vector file does not say how its layers are counted (struct syc_vector's assumed). */
void tool_warn_assumed(const struct tool *t, const struct opt_values *c, const char *file);
__attribute__((format(printf, 2, 3), noreturn))
void tool_usage(const struct tool *t, const char *fmt, ...);
/* "prog: err's text"; returns 1, the exit status of a failure. */
int tool_err(const struct tool *t, const struct syc_err *err);
/* Flush and check standard output; the exit status of every program. */
int tool_finish(const struct tool *t, int status);

#endif
