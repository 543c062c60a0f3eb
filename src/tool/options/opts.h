/* SPDX-License-Identifier: MIT */
/* Options, messages and exit codes: what all programs share. */
#ifndef SRC_TOOL_OPTIONS_OPTS_H
#define SRC_TOOL_OPTIONS_OPTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "syc/vocab.h"

struct tool;
struct opt;
/*
 * Store an option's argument (NULL for a flag) at `at`; exits 2 on nonsense,
 * by tool_usage().
 */
typedef void opt_setter(const struct tool *t, const struct opt *o, void *at,
			char *arg);

/*
 * One row per option; the same rows drive getopt_long() and --help, so the
 * two cannot disagree.  A row without a setter is a heading, its help; one
 * without help the end.  The macros below write rows.
 */
struct opt {
	int key;		/* short letter, or 0 */
	const char *name;	/* long name without the dashes */
	const char *arg;	/* metavariable, or NULL for a flag */
	const char *help;
	opt_setter *set;
	/* offset of what it sets in the program's struct */
	size_t at;
	uint64_t from, to;	/* of whole numbers */
	double min, max;	/* of others */
	/* of a choice, or what a text or a list may say; NULL at the end */
	const char *const *names;
	/* the same, where the library has them: the name of that number, or NULL */
	const char *(*nth)(unsigned i);
};

struct tool {
	const char *name;	/* "syc-score" */
	const char *usage;	/* "[OPTION]... [FILE]..." */
	const char *brief;	/* one sentence, no full stop */
	const struct opt *opts;
};

/*
 * Set the options of argv in *to, the struct that the rows' offsets are in;
 * returns where the operands begin.  --help and --version end the program.
 * More threads than cores are said, unless -q.
 */
int opt_parse(const struct tool *t, int argc, char **argv, void *to);

/*
 * The arguments so far of options that say FILE, PATH or SPEC: what a program reads,
 * but for --output and --record; what else is written is OUTPUT.
 */
const struct texts *opt_inputs(void);

/* The setters: bool, int that counts, and what their names say. */
opt_setter opt_flag, opt_count, opt_text, opt_u32, opt_u64, opt_size, opt_float,
	opt_double;
/* An enum (or unsigned) gets the place of arg among names. */
opt_setter opt_choice;
/* Texts given by several options of one name; texts_free() when done. */
struct texts {
	const char **text;	/* [n] borrowed from argv */
	size_t n;
};
opt_setter opt_texts;
void texts_free(struct texts *t);
/* Numbers, "0,3-5,8" or "all" (then none); uint32_list_free() when done. */
struct opt_list {
	uint32_t *v;		/* [n] rising */
	size_t n;
	bool given;
};
opt_setter opt_numbers;

/* Where member m of struct T is; a compile error unless it is a TYPE. */
#define OPT_AT(T, m, type) (offsetof(T, m) + 0 * sizeof(&((T *)0)->m == (type *)0))
#define OPT_HEAD(text) { .help = text }
/* No option: the words that the first operand may be, or has to be where it is a TASK. */
#define OPT_FIRST(words) { .help = "", .nth = words }
#define OPT_ROW(k, n, a, h, setter, place) \
	.key = k, .name = n, .arg = a, .help = h, .set = setter, .at = place
#define OPT_FLAG(k, n, T, m, h)  { OPT_ROW(k, n, NULL, h, opt_flag, OPT_AT(T, m, bool)) }
#define OPT_TEXT(k, n, a, T, m, h) { OPT_ROW(k, n, a, h, opt_text, OPT_AT(T, m, const char *)) }
#define OPT_TEXTS(k, n, a, T, m, h) { OPT_ROW(k, n, a, h, opt_texts, OPT_AT(T, m, struct texts)) }
#define OPT_NUMBERS(k, n, a, T, m, h) \
	{ OPT_ROW(k, n, a, h, opt_numbers, OPT_AT(T, m, struct opt_list)) }
#define OPT_U32(k, n, a, T, m, lo, hi, h) \
	{ OPT_ROW(k, n, a, h, opt_u32, OPT_AT(T, m, uint32_t)), .from = lo, .to = hi }
#define OPT_U64(k, n, a, T, m, lo, hi, h) \
	{ OPT_ROW(k, n, a, h, opt_u64, OPT_AT(T, m, uint64_t)), .from = lo, .to = hi }
#define OPT_SIZE(k, n, a, T, m, lo, hi, h) \
	{ OPT_ROW(k, n, a, h, opt_size, OPT_AT(T, m, size_t)), .from = lo, .to = hi }
#define OPT_FLOAT(k, n, a, T, m, lo, hi, h) \
	{ OPT_ROW(k, n, a, h, opt_float, OPT_AT(T, m, float)), .min = lo, .max = hi }
#define OPT_DOUBLE(k, n, a, T, m, lo, hi, h) \
	{ OPT_ROW(k, n, a, h, opt_double, OPT_AT(T, m, double)), .min = lo, .max = hi }
/* type is the enum's. */
#define OPT_CHOICE(k, n, a, T, m, type, list, h) \
	{ OPT_ROW(k, n, a, h, opt_choice, OPT_AT(T, m, type)), .names = list }
/* Names in a text, or for a setter of the program's own: opt_named(). */
#define OPT_TEXT_OF(k, n, a, T, m, list, h) \
	{ OPT_ROW(k, n, a, h, opt_text, OPT_AT(T, m, const char *)), .names = list }
#define OPT_OWN_OF(k, n, a, T, m, setter, list, h) \
	{ OPT_ROW(k, n, a, h, setter, offsetof(T, m)), .names = list }
#define OPT_NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }
/* A setter of the program's own, which gets member m, or the whole struct. */
#define OPT_OWN_AT(k, n, a, T, m, setter, h) { OPT_ROW(k, n, a, h, setter, offsetof(T, m)) }
#define OPT_CALL(k, n, a, setter, h) { OPT_ROW(k, n, a, h, setter, 0) }

/* What every program understands. */
struct opt_values {
	const char *output;
	uint32_t threads;	/* 0: all cores */
	uint64_t seed;
	const char *cpu;
	int verbose;		/* -1: quiet */
};
#define OPT_VALUES_INIT { .seed = 1 }

/* The rows of every program; T has a struct opt_values c.  What goes to -o is mostly all. */
#define OPTS_COMMON(T, c) \
	OPTS_COMMON_TO(T, c, "FILE", "write to FILE instead of standard output")
#define OPTS_COMMON_TO(T, c, arg, what) \
	OPT_HEAD("Common options"), \
	OPT_TEXT('o', "output", arg, T, c.output, what), \
	OPT_OWN_AT('q', "quiet", NULL, T, c.verbose, opt_quiet, "print errors only"), \
	{ OPT_ROW('v', "verbose", NULL, "say more", opt_count, OPT_AT(T, c.verbose, int)) }, \
	OPT_CALL('h', "help", NULL, opt_help, "display this help and exit"), \
	OPT_CALL('V', "version", NULL, opt_version, "display the version and exit"), \
	{ .help = NULL }
/* With threads and kernels, and with a seed. */
#define OPTS_THREADED(T, c) \
	OPTS_OF_THREADS(T, c), \
	OPTS_COMMON(T, c)
#define OPTS_RANDOM(T, c) \
	OPT_SEED_ROW(T, c), \
	OPTS_THREADED(T, c)
#define OPTS_RANDOM_TO(T, c, arg, what) \
	OPT_SEED_ROW(T, c), \
	OPTS_OF_THREADS(T, c), \
	OPTS_COMMON_TO(T, c, arg, what)
#define OPTS_OF_THREADS(T, c) \
	OPT_THREADS_ROW(T, c), \
	OPT_TEXT_OF(0, "cpu", "NAME", T, c.cpu, opt_cpu_names, "use at most the NAME kernels")
#define OPT_THREADS_ROW(T, c) \
	OPT_U32('t', "threads", "N", T, c.threads, 1, 1024, \
		"use N threads (default: all cores)")
#define OPT_SEED_ROW(T, c) \
	OPT_U64(0, "seed", "N", T, c.seed, 0, UINT64_MAX, \
		"seed every random choice with N (default: 1)")
/* Of programs that can go on with what an interrupted run left. */
#define OPT_OF_FORCE(T, m) \
	OPT_FLAG(0, "force", T, m, "throw away what an interrupted run left in FILE.part")
opt_setter opt_quiet, opt_help, opt_version;
extern const char *const opt_cpu_names[];

/* Parse a decimal integer or a number in [min, max], or exit 2 naming the option. */
uint64_t opt_whole(const struct tool *t, const char *opt, const char *arg,
		   uint64_t min, uint64_t max);
double opt_num(const struct tool *t, const char *opt, const char *arg,
	       double min, double max);
/* Those of a row whose names a setter of the program's own reads: opt_enum() of them. */
unsigned opt_named(const struct tool *t, const struct opt *o, const char *arg);
/* The index of arg among n names, or exit 2 listing them. */
unsigned opt_enum(const struct tool *t, const char *opt, const char *arg,
		  const char *const *names, unsigned n);
/*
 * Parse "0,3-5,8" or "all" into rising numbers below n (n = 0: not known yet,
 * "all" gives an empty list); exits 2 on nonsense.  The caller frees *out.
 */
void opt_list(const struct tool *t, const char *opt, const char *arg,
	      uint32_t n, uint32_t **out, size_t *n_out);

/* A program's commands, each with options of its own. */
struct tool_command {
	const char *name, *help;
	int (*run)(int argc, char **argv);	/* argv[0] is the command */
};
/* Run the command that argv[1] names of c [n], --help or --version. */
int tool_command(const struct tool *t, const struct tool_command *c, size_t n, int argc,
		 char **argv);

/*
 * Whether the first argument is this command: then the arguments begin there.  What is
 * asked of a command by --complete is, too.
 */
bool tool_begins(const char *command, int *argc, char ***argv);

/*
 * --complete WORD...: what can stand in the last one's place, for shells.  Standard
 * output gets a line, what else may be there ("words": nothing, "files", "folders" or
 * "programs") and, behind a tab, what of the word is to stay; then a line for each word,
 * with what it means behind a tab.
 */
bool complete_asked(int argc, char **argv);
__attribute__((noreturn))
void complete_tell(const struct tool *t, int argc, char **argv);
/* The lines, for who answers himself: n bytes of prefix; help may be NULL. */
void complete_begin(const char *kind, const char *prefix, size_t n);
void complete_word(const char *word, const char *help);

/* A line on standard output that is read, not processed. */
__attribute__((format(printf, 1, 2)))
void tool_say(const char *fmt, ...);
/* "prog: text" to standard error; usage errors exit 2 and point to --help. */
__attribute__((format(printf, 2, 3)))
void tool_warn(const struct tool *t, const char *fmt, ...);
/* Each of some lines as a warning, unless quiet. */
void tool_warn_lines(const struct tool *t, const struct opt_values *c,
		     const char *lines);
/* What is to be said of the texts encoded (syc_text_notes()); may be NULL. */
void tool_warn_texts(const struct tool *t, const struct opt_values *c,
		     const struct syc_text_counts *seen);
/*
 * Unless -q: a vector file does not say how its layers are counted (assumed of
 * struct syc_vector).
 */
void tool_warn_assumed(const struct tool *t, const struct opt_values *c,
		       const char *file);
__attribute__((format(printf, 2, 3), noreturn))
void tool_usage(const struct tool *t, const char *fmt, ...);
/* "prog: err's text"; returns 1, the exit status of a failure. */
int tool_err(const struct tool *t, const struct syc_err *err);
/* Flush and check standard output; the exit status of every program. */
int tool_finish(const struct tool *t, int status);

#endif
