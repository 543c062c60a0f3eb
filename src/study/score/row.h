/* SPDX-License-Identifier: MIT */
/* A row for the table of scores: what it says, checked. */
#ifndef SRC_STUDY_SCORE_ROW_H
#define SRC_STUDY_SCORE_ROW_H
#include <jansson.h>
#include "syc/scores.h"

struct syc_scored_row {
	const struct syc_row *row;
	const json_t *score, *layers;	/* borrowed from the row */
	int label;			/* enum syc_label */
	struct syc_acts_place acts;	/* where the table wants them */
};

/* Fill *r from a row that is to go into s; SYC_EFORMAT when it cannot. */
int syc_scored_row_check(struct syc_scored_row *r, const struct syc_row *row,
			 const struct syc_scores *s, struct syc_err *err);
/* A field by its name, or by names with dots between objects; NULL without it. */
const json_t *syc_scored_field(const struct syc_row *row, const char *name);
/* A field of it; false without memory. */
bool syc_scored_row_value(struct syc_scores_value *v,
			  const struct syc_scored_row *r, const char *name);
/* Number i of its layers. */
static inline uint32_t syc_scored_row_layer(const struct syc_scored_row *r,
					    size_t i)
{
	return (uint32_t)json_number_value(json_array_get(r->layers, i));
}

/* What a set holds, but not itself. */
void syc_scores_set_free(struct syc_scores_set *t);

#endif
