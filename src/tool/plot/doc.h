/* SPDX-License-Identifier: MIT */
/* JSON documents that the programs write, told apart by what is in them. */
#ifndef SRC_TOOL_PLOT_DOC_H
#define SRC_TOOL_PLOT_DOC_H
#include <jansson.h>
#include "syc/base.h"

enum doc_kind {
	DOC_OTHER,
	DOC_FIT,	/* syc-fit --json */
	DOC_TRANSFER,	/* with --transfer */
	DOC_SWEEP,	/* syc-sweep --json */
	DOC_COSINES,	/* syc-vec compare --json, by layer or --between */
	DOC_STABILITY,	/* a line of syc-vec stability --json */
	DOC_VECTOR,	/* syc-info --json of a vector file */
	DOC_FIDELITY,	/* syc-info --fidelity --json */
	DOC_AGREE,	/* syc-label --agree --json */
	DOC_STANCE,	/* syc-stance effect --json */
	DOC_EVAL,	/* syc-eval --json */
	DOC_GRID,	/* grid.json of syc-study --grid */
	DOC_TUNED,	/* tuned.json of syc-study --tune */
	DOC_BEST,	/* syc-best --json */
	DOC_PREFERRED,	/* with --replies */
	DOC_PREFER,	/* syc-pref --json */
	DOC_SHIFT,	/* syc-shift --json */
	DOC_ROW,	/* a scored row */
};

struct doc {
	json_t *json;
	const char *path;	/* borrowed; NULL: standard input */
	char *name;		/* the file's, without folder and ending */
	enum doc_kind kind;
};

/* Those of all files, several to a file where it has lines of them. */
struct docs {
	struct doc *doc;	/* [n] */
	size_t n;
};

enum doc_kind doc_kind_of(const json_t *doc);
/* How a kind is made, "syc-fit --json", for messages. */
const char *doc_made_by(enum doc_kind kind);
/* Read the files (none: standard input, as is "-"); free *d also on failure. */
int docs_read(struct docs *d, char *const *paths, int n_paths,
	      struct syc_err *err);
/* Negative, naming the first that is of another kind. */
int docs_are(const struct docs *d, enum doc_kind kind, struct syc_err *err);
void docs_free(struct docs *d);

/* A file's name without folder and ending; to be freed, NULL without memory. */
char *doc_stem(const char *path);
/* A member: "" or NaN where there is none of its kind. */
const char *doc_text(const json_t *o, const char *key);
double doc_number(const json_t *o, const char *key);

#endif
