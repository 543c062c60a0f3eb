/* SPDX-License-Identifier: MIT */
/* The ways in which syc-fit writes what it found. */
#ifndef SRC_TOOL_FIT_FIT_H
#define SRC_TOOL_FIT_FIT_H
#include "syc/transfer.h"
#include "tool/common/table.h"

/* Data sets tried on each other. */
struct matrix {
	char **name;			/* [n] */
	struct syc_fit **fit;		/* [n] */
	size_t n;
	struct syc_transfer *t;
};

/* verbose: with average precision and the like. */
void fit_text(struct sheet *o, const struct syc_fit *f, bool verbose);
void fit_tsv(struct sheet *o, const struct syc_fit *f);
void fit_json(struct sheet *o, const struct syc_fit *f);
/* The parts of these that an outcome has in place of a label's; line.c. */
void line_text(struct sheet *o, const struct syc_fit *f, const struct syc_fit_set *s);
void line_tsv(struct sheet *o, const struct syc_fit *f);
void line_json(struct sheet *o, const struct syc_fit *f, const struct syc_fit_set *s);
/* What scores add to baselines; increment.c. */
void increment_text(struct sheet *o, const struct syc_fit *f, const struct syc_increment *p);
void increment_json(struct sheet *o, const struct syc_fit *f, const struct syc_increment *p);
void matrix_text(struct sheet *o, const struct matrix *m);
void matrix_tsv(struct sheet *o, const struct matrix *m);
void matrix_json(struct sheet *o, const struct matrix *m);

/* Parts that the documents of both have: what can change the figures, rows, vectors. */
void json_settings(struct sheet *o, const struct syc_fit *f);
void json_counts(struct sheet *o, const struct syc_scores *s);
void json_sets(struct sheet *o, const struct syc_fit *f);
/* ,"why":"why", where there is one */
void json_why(struct sheet *o, const char *why);
/* ,"key":"s" */
void json_string(struct sheet *o, const char *key, const char *s);

/* What a label of 1 says of an answer. */
static inline const char *measured(const struct syc_scores *s)
{
	return s->measures ? s->measures : "sycophantic";
}

#endif
