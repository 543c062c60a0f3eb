/* SPDX-License-Identifier: MIT */
/* A row with what it owns, shared by the files that fill one. */
#ifndef SRC_TASK_ROW_H
#define SRC_TASK_ROW_H
#include <jansson.h>
#include "syc/task.h"

enum { SYC_ROW_OWN = 12 };	/* most arrays one row needs */

struct syc_row_box {
	struct syc_row row;	/* first: the public part */
	/* every string of the row is borrowed from it */
	json_t *root;
	void *own[SYC_ROW_OWN];
	unsigned n_own;
	char made_id[32];	/* row.id points here when it was made */
	uint64_t hash;
};

/* Zeroed memory that goes with the row, or NULL. */
void *syc_row_own(struct syc_row_box *b, size_t n, size_t size);
/*
 * The member of that name, or NULL when it is absent or null.  (Tables written
 * by pandas fill gaps with null.)
 */
const json_t *syc_row_field(const struct syc_row_box *b, const char *name);
/* A string without NUL characters in *out; name is for the message. */
int syc_row_text(const json_t *v, const char *name, const char **out,
		 struct syc_err *err);
/* A list of token ids. */
int syc_row_tokens(struct syc_row_box *b, const json_t *v, const char *name,
		   const int32_t **out, size_t *n, struct syc_err *err);
/* Fill prompt, positive and negative and hash their content. */
int syc_row_prompts(struct syc_row_box *b, struct syc_err *err);

struct syc_stated;
/* Which option is right, by the row's field "truth"; -1: it does not say. */
int syc_stated_truth(const struct syc_stated *a, const struct syc_row *row);

#endif
