/* SPDX-License-Identifier: MIT */
/* Cells of the study's tables, and where in a document a number is. */
#ifndef SRC_STUDY_TABLES_TABLES_H
#define SRC_STUDY_TABLES_TABLES_H
#include <jansson.h>
#include <stdbool.h>
#include "syc/study_tables.h"

/* ---- members of documents: lookup.c ------------------------------------ */

/* NaN or "" where there is none of its kind, or no object. */
double number_of(const json_t *o, const char *key);
const char *text_of(const json_t *o, const char *key);
bool text_is(const json_t *o, const char *key, const char *text);
/* X with its interval X_lo, X_hi; "X,LO,HI" has other names of the ends. */
struct syc_estimate estimate_of(const json_t *o, const char *key);
#define WITHIN "within_auc,within_lo,within_hi"
#define EFFECT "mean,lo,hi"
#define STABLE "cosine,lo,hi"
#define CHANGE "effect_change,effect_lo,effect_hi"

/* The list that a document is about. */
const json_t *rows_of(const struct syc_study_documents *d,
		      enum syc_study_doc which);
/* The transfer of a vector from set to set, or NULL. */
const json_t *transfer_of(const struct syc_study_documents *d,
			  const char *vector, const char *train,
			  const char *test);
/* A vector's figures at a layer in a document of fits, or NULL. */
const json_t *fit_of(const json_t *doc, const char *vector, double layer);
/* 1 or -1, of an object that has a sign. */
int sign_of(const json_t *o);
/* Cosines of two vectors by layer, or NULL; that at the study's layer, NaN without. */
const json_t *cosines_of(const struct syc_study_documents *d, const char *a, const char *b);
double cosine_of(const struct syc_study_documents *d, const char *a,
		 const char *b);
const char *train_of(const struct syc_study_documents *d);

size_t count_of(const json_t *o, const char *key);
/* The test of the whole procedure of a vector, "between" claims or "within", or NULL. */
const json_t *procedure_of(const json_t *doc, const char *vector, const char *of);

/* ---- what stands beside the vector "mean": beside.c --------------------- */

/* The layer with the least p in the document of the shifts, and that p for all layers. */
const json_t *shift_best(const json_t *doc);
double shift_p(const json_t *doc);
size_t shift_clusters(const json_t *doc);
/* All but the test. */
void nulls_read(struct syc_beside_nulls *x, const struct syc_study_documents *d);
/* Vector a less b at layers that other claims chose: all but Holm's p; NaN without. */
struct syc_paired paired_of(const struct syc_study_documents *d, const char *a, const char *b);

/*
 * Confounds at a layer that other claims chose: those of the set itself, where they are
 * enough, else those of another set.
 */
struct held {
	const json_t *fields;	/* NULL: there is no such layer */
	int layer, sign;
	const char *chosen_on;
	struct syc_estimate alone;
	struct syc_counts counts;
};
struct held held_of(const struct syc_study_documents *d);
/* Of a field, turned where the sign asks for it; at: what it is turned about, 1/2 or 0. */
struct syc_estimate held_estimate(const struct held *h, const json_t *field, const char *key,
				  double at);

/* ---- all tests of a page: tests.c -------------------------------------- */

struct page_tests {
	struct syc_test **planned;	/* [n_tests] of what follows */
	size_t n_tests;
	/* [n_sets] */
	struct syc_followed *followed;
	struct syc_elsewhere *elsewhere;	/* NaN at the set of the vectors */
	struct syc_test prediction, shift, nulls, letters, increment;
	struct steering_test {
		struct syc_test test;
		double least_holm;	/* of the smallest p that its draws can give */
		size_t n_needed;
	} steering[2];		/* that was fixed before, and its opposite */
};
/* Free also on failure. */
int page_tests_make(struct page_tests *t, const struct syc_study_documents *d,
		    struct syc_err *err);
void page_tests_free(struct page_tests *t);
/* Whether the page says that the view has an effect, either way. */
bool page_has_effect(const struct syc_followed *f);

/* ---- cells: cells.c ---------------------------------------------------- */

/* A table in the making; the cells of a row follow each other. */
struct cells {
	struct syc_buf *b;
	bool begun;	/* a row has a cell */
};

/* Begin a cell; what is put into the buffer next is in it. */
struct syc_buf *cell(struct cells *c);
void cell_text(struct cells *c, const char *text);
/* Text for the cell that was begun: no byte of it may break the table. */
void put_text(struct cells *c, const char *text);
/* With a plain minus, for such cells are aligned. */
void cell_number(struct cells *c, double x, int digits);
/* For programs: 12 digits, NA where the number is not defined. */
void cell_full(struct cells *c, double x);
/*
 * Cells of an object's members, for the eye.  Columns are parted by blanks, as
 * "X:3 Y:%": a number of so many digits; a share, in per cent; X:e with its
 * interval (see estimate_of()); X:p a p value; X:t text.  X:* marks the cell
 * before where X is true.
 */
void cells_of(struct cells *c, const json_t *o, const char *columns);
void row_end(struct cells *c);
/* A row that is there already, with tabs: the head. */
void row_text(struct cells *c, const char *row);
/*
 * A row of members in full; columns are their names, parted by tabs.  control_X
 * is X of "control", and a message's "system" stands for its vector.
 */
void row_full(struct cells *c, const json_t *o, const char *columns);

/* ---- what vectors predict: prediction.c -------------------------------- */

typedef void table_fill(struct cells *c, const struct syc_study_documents *d);
table_fill table_predict, table_told, table_nulls, table_paired, table_matrix, table_confounds;

/* ---- what steering does: steered.c, steering.c --------------------------- */

/* The test of the setting that was fixed before, or of its opposite; NULL without. */
const json_t *steering_of(const struct syc_study_documents *d, bool primary);
/* Its setting; of the opposite also where it is not tested.  NULL. */
const json_t *setting_tested(const struct syc_study_documents *d, bool primary);
struct syc_setting setting_of(const json_t *setting);
const char *outcome_of(const struct syc_study_documents *d);
/* The largest p of its null vectors, or the least that it could be; NaN without. */
double steering_p(const json_t *test, bool least);
/* All that is said of it; nulls gets the kinds, and must last as long. */
struct syc_steered steered_of(const struct syc_study_documents *d, bool primary,
			      const struct page_tests *t, struct syc_buf *nulls);

/* The vector or system message, and where and how it steers. */
void put_setting(struct cells *c, const json_t *setting);
/* Tables with their heads. */
void put_steering(struct cells *c, const json_t *settings, const char *outcome);
void put_hypotheses(struct cells *c, const struct syc_study_documents *d);
void put_texts(struct cells *c, const struct syc_study_documents *d);
void put_truthful(struct cells *c, const struct syc_study_documents *d);
void put_in_words(struct cells *c, const struct syc_study_documents *d);

/* ---- conclusions as they are written: glance.c ---------------------------- */

/* n of them as a table, and as the rest of a document behind its first members. */
int conclusions_table(struct syc_buf *out, const struct syc_conclusion *c, size_t n,
		      struct syc_err *err);
int conclusions_list(struct syc_buf *out, int layer, const struct syc_conclusion *all,
		     size_t n, struct syc_err *err);

#endif
