/* SPDX-License-Identifier: MIT */
/*
 * Activations of contrast pairs, from a model or from activation files, kept
 * in an unnamed temporary file: memory does not grow with the number of pairs,
 * and a method can look at one layer after another.
 */
#ifndef SRC_TOOL_VEC_PAIRS_H
#define SRC_TOOL_VEC_PAIRS_H
#include "syc/acts.h"
#include "tool/common/load.h"

/* At which position of a row an activation is read. */
enum syc_read {
	SYC_READ_END,		/* last, or prompt where a row has no answer */
	SYC_READ_LAST, SYC_READ_LETTER, SYC_READ_MEAN, SYC_READ_PROMPT, SYC_READ_TOKEN,
};

/* "end", "last", ..., "token". */
extern const char *const syc_read_names[];

/* What makes one record of the store. */
enum syc_pairs_kind {
	SYC_PAIRS_CONTRAST,	/* the matching and the other answer, or two prompts */
	SYC_PAIRS_CONTROL,	/* the same, or single prompts: see single below */
	SYC_PAIRS_MODELS,	/* one text in two models */
};

enum { SYC_PAIRS_TEXT = 32, SYC_PAIRS_GROUPS = 64 };

/* From where and what. */
struct syc_pairs_in {
	const struct tool *tool;
	const struct opt_values *common;
	const struct load *load;	/* the model, unless acts are given */
	const struct load *second;	/* MODELS: the other one */
	const char *const *acts;	/* [n_acts] activation files */
	size_t n_acts;
	const char *second_acts;	/* MODELS: the other activation file */
	char *const *paths;		/* [n_paths] rows */
	int n_paths;
	enum syc_pairs_kind kind;
	enum syc_read read;
	int64_t token;			/* READ_TOKEN: from the answer's first, or
					 * negative, from the row's end */
	const char *layers;		/* a list, NULL: all */
	const char *by;			/* group by this field of the rows; NULL: by
					 * the matching answer */
	bool keep_going;
};

struct syc_pairs {
	uint32_t *layers;	/* [n_layers] of the model */
	size_t n_layers, dim;
	size_t n_blocks;	/* of the model, as far as known */
	uint64_t n;		/* pairs */
	bool single;		/* the other side is not there, and reads as 0 */
	char (*group)[SYC_PAIRS_TEXT];	/* [n_groups] what tells groups of pairs apart */
	uint64_t group_n[SYC_PAIRS_GROUPS];
	size_t n_groups;	/* what does not fit goes to the last */
	unsigned positions;	/* where READ_END found them: 1 << SYC_POSITION_LAST or PROMPT */
	uint32_t checksum;	/* of what was read */
	uint64_t n_skipped;
	char *arch;		/* of the model; "" when not known */
	struct syc_buf described;	/* JSON members: program, model or data */
	/* Private from here. */
	int fd;
	const char *output;	/* what it lies beside, for messages; borrowed */
	size_t record;		/* bytes of one */
	unsigned char *room;	/* one record */
};

/* Read all.  No pairs is an error.  Close in any case. */
int syc_pairs_open(struct syc_pairs *p, const struct syc_pairs_in *in, struct syc_err *err);
void syc_pairs_close(struct syc_pairs *p);
/* The name of the position they were read at: "last,prompt" when some rows have no answer. */
const char *syc_pairs_position(const struct syc_pairs *p, const struct syc_pairs_in *in);
/* Pair number i at layers[layer]: two [dim] and the number of its group (or NULL). */
int syc_pairs_get(const struct syc_pairs *p, uint64_t i, size_t layer, float *match, float *other,
		  uint32_t *group, struct syc_err *err);

/* ---- for the two sources ------------------------------------------------ */

/* Layers, width and file, before the first pair; all [n] is what can be had. */
int syc_pairs_begin(struct syc_pairs *p, const struct syc_pairs_in *in, const uint32_t *all,
		    size_t n, size_t dim, struct syc_err *err);
/*
 * Put side 0 (match) or 1 (other) of record i, x [n_all][dim] of all layers of
 * which p keeps its own (places in at [n_layers]); NULL is zero.
 */
int syc_pairs_put(struct syc_pairs *p, uint64_t i, unsigned side, const float *x, const size_t *at,
		  struct syc_err *err);
/* The group of that name; record i is in it. */
int syc_pairs_put_group(struct syc_pairs *p, uint64_t i, const char *name, struct syc_err *err);
/* The group that a row tells: its field in->by, or its matching answer. */
int syc_pairs_put_row(struct syc_pairs *p, uint64_t i, const struct syc_pairs_in *in, const struct syc_row *row,
		      const char *line, size_t len, struct syc_err *err);
/* A number that record i must have on both sides: side 1 compares. */
int syc_pairs_put_mark(struct syc_pairs *p, uint64_t i, unsigned side, uint32_t mark, struct syc_err *err);
/*
 * The record with that mark, looked for from *i on and then from the start: 1
 * when there is one, else 0.
 */
int syc_pairs_find_mark(const struct syc_pairs *p, uint64_t *i, uint32_t mark, struct syc_err *err);
/* Where p's layers are among all [n]; to be freed. */
size_t *syc_pairs_places(const struct syc_pairs *p, const uint32_t *all, size_t n);

int syc_pairs_from_model(struct syc_pairs *p, const struct syc_pairs_in *in, struct syc_err *err);
int syc_pairs_from_acts(struct syc_pairs *p, const struct syc_pairs_in *in, struct syc_err *err);

#endif
