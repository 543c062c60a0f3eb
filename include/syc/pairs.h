/* SPDX-License-Identifier: MIT */
/*
 * Activations of contrast pairs, from a model or from activation files.  They
 * wait in a temporary file without a name: memory does not grow with the
 * number of pairs, and methods look at one layer after another.
 */
#ifndef SYC_PAIRS_H
#define SYC_PAIRS_H
#include "syc/acts.h"
#include "syc/engine.h"
#include "syc/prompter.h"
#include "syc/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* At which position of a row an activation is read. */
enum syc_read {
	SYC_READ_END,	/* last, or prompt where a row has no answer */
	SYC_READ_LAST,
	SYC_READ_LETTER,
	SYC_READ_MEAN,
	SYC_READ_PROMPT,
	SYC_READ_TOKEN,	/* one that is counted, see below */
	SYC_N_READS,
};
/* "end", "last", ..., "token"; NULL beyond. */
SYC_API const char *syc_read_name(unsigned read);

/* What makes a pair. */
enum syc_pairs_kind {
	SYC_PAIRS_CONTRAST,	/* the matching and the other answer, or two
				 * prompts */
	SYC_PAIRS_CONTROL,	/* the same; or single prompts, see
				 * struct syc_pairs_info */
	SYC_PAIRS_MODELS,	/* one text in two models */
};

struct syc_pairs_opts {
	enum syc_pairs_kind kind;
	enum syc_read read;
	int64_t token;		/* READ_TOKEN: from the answer's first, or,
				 * negative, from the row's last, -1 */
	const uint32_t *layers;	/* [n_layers] rising; none: all */
	size_t n_layers;
	uint64_t most;		/* take the first so many; 0: all */
	const char *by;		/* group pairs by this field of their rows;
				 * NULL: by the matching answer */
	const char *store;	/* how the temporary file's path begins:
				 * "out.gguf" puts it beside that; NULL:
				 * "/var/tmp/syc" */
};

/* A model that runs rows. */
struct syc_pairs_model {
	struct syc_model *model;
	const struct syc_prompter *prompter;
	struct syc_engine_opts engine;	/* but hooks and n_layers */
	/*
	 * JSON members that say how activations came to be, for vectors'
	 * provenance; NULL: the model's digest.
	 */
	const char *source;
	/* Now and then: n pairs, and the share of the rows; or NULL. */
	void (*progress)(void *arg, uint64_t n, double share);
	void *arg;
	struct syc_engine_stats *stats;	/* filled, or NULL */
};

struct syc_pairs;

/*
 * Run rows through a model.  Of rows the paths, keep_going, skipped, arg,
 * allow_duplicates and one_run count.  A row that cannot be used is an error, or
 * with keep_going skipped; so is one whose two sides have equal tokens.  No pairs
 * is SYC_EINVAL.
 */
SYC_API int syc_pairs_of_model(struct syc_pairs **out,
			       const struct syc_pairs_opts *o,
			       const struct syc_pairs_model *m,
			       const struct syc_rows *rows,
			       struct syc_err *err);
/*
 * PAIRS_MODELS: the other side, which must have the same shape and see the same
 * rows.
 */
SYC_API int syc_pairs_other_model(struct syc_pairs *p,
				  const struct syc_pairs_model *m,
				  const struct syc_rows *rows,
				  struct syc_err *err);
/*
 * Read activation files [n]: a matching answer and, in the next row, the other.
 * rows (no paths: none) are those that were written with the one file; groups
 * and tokens counted from the answer need them.  Unless rows allow duplicates,
 * a row of a file that came before is SYC_ETWICE; where they have one_run,
 * files of different runs are SYC_EMIXED.
 */
SYC_API int syc_pairs_of_acts(struct syc_pairs **out,
			      const struct syc_pairs_opts *o,
			      const char *const *paths, size_t n,
			      const struct syc_rows *rows, struct syc_err *err);
SYC_API int syc_pairs_other_acts(struct syc_pairs *p, const char *path,
				 const struct syc_rows *rows,
				 struct syc_err *err);
SYC_API void syc_pairs_free(struct syc_pairs *p);
/*
 * Whether a vector's provenance names another model than the one that the pairs are
 * of; not where one of them does not say.  The same of two sets of pairs.
 */
SYC_API bool syc_pairs_foreign(const struct syc_pairs *p, const char *provenance);
SYC_API bool syc_pairs_foreign_pairs(const struct syc_pairs *a, const struct syc_pairs *b);

enum { SYC_PAIRS_TEXT = 32, SYC_PAIRS_GROUPS = 64 };

/* What tells pairs apart: a value of a field. */
struct syc_pairs_group {
	char name[SYC_PAIRS_TEXT];	/* cut to fit; U+2400 for NUL */
	uint64_t n;			/* pairs */
};

struct syc_pairs_info {
	enum syc_pairs_kind kind;
	const uint32_t *layers;	/* [n_layers] of the model */
	size_t n_layers, dim;
	size_t n_blocks;	/* of the model, as far as known */
	uint64_t n;		/* pairs */
	uint64_t n_skipped;
	/* CONTROL: prompts alone; the other side is 0 */
	bool single;
	/* [n_groups], at most SYC_PAIRS_GROUPS: what does not fit is in the last. */
	const struct syc_pairs_group *group;
	size_t n_groups;
	/* Likewise the matching answers, whatever the groups go by. */
	const struct syc_pairs_group *letter;
	size_t n_letters;
	uint32_t checksum;	/* CRC-32 of what was read */
	const char *arch;	/* of the model; "" when not known */
	const char *source;	/* JSON members: program, model or data */
	/*
	 * An activation file that was recorded with another model file than the
	 * first, or NULL; layers of two models have nothing in common but numbers.
	 */
	const char *foreign;
};

/* Borrowed from the pairs. */
SYC_API const struct syc_pairs_info *syc_pairs_info(const struct syc_pairs *p);
/*
 * Whether the matching answers are choices, "(A)" or "yes", and not texts of their
 * own: all are one letter, with or without brackets, or there are at most 4 with at
 * least 5 pairs for each on average.  False where they are not known.
 */
SYC_API bool syc_pairs_choices(const struct syc_pairs *p);
/*
 * The name of the position they were read at: "last,prompt" when some rows have
 * no answer.
 */
SYC_API const char *syc_pairs_position(const struct syc_pairs *p);
/*
 * Pair number i at layers[layer]: two sides [dim], and the number of its group
 * (or NULL).
 */
SYC_API int syc_pairs_get(const struct syc_pairs *p, uint64_t i, size_t layer,
			  float *match, float *other, uint32_t *group,
			  struct syc_err *err);
/* The number of its matching answer. */
SYC_API uint32_t syc_pairs_letter(const struct syc_pairs *p, uint64_t i);
/*
 * What it is about, the same number for the same claim (syc_claim_hash() of
 * null.h): of its row's field "claim", else of what syc_question_claim() gives,
 * else of its id.  Without rows every pair is on its own.
 */
SYC_API uint64_t syc_pairs_claim(const struct syc_pairs *p, uint64_t i);

#ifdef __cplusplus
}
#endif
#endif
