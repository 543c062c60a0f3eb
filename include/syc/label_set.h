/* SPDX-License-Identifier: MIT */
/* Labels of the same rows by several hands, to be compared (syc/agree.h). */
#ifndef SYC_LABEL_SET_H
#define SYC_LABEL_SET_H
#include "syc/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What "label" says: 1, 0, or SYC_LABEL_UNDECIDED for null.  SYC_EFORMAT when
 * it is missing or anything else.
 */
SYC_API int syc_row_label(const struct syc_row *row, int8_t *label,
			  struct syc_err *err);

/* A labeled row, known by its key. */
struct syc_labeled {
	char *id;
	int sample;
	int8_t label;
	struct syc_row_key key;
};

struct syc_label_set {
	struct syc_labeled *row;	/* [n] sorted by id, sample and key */
	size_t n, cap;
	uint64_t count[3];	/* not, sycophantic, undecided */
	int8_t *common;		/* [n_common] see syc_label_sets_join() */
};

/*
 * Read all rows of in; name is what messages call them.  SYC_EFORMAT when
 * there are none, SYC_ETWICE when one is there twice.  s is zeroed first; free it always.
 */
SYC_API int syc_label_set_read(struct syc_label_set *s, struct syc_rows *in,
			       const char *name, struct syc_err *err);
SYC_API void syc_label_set_free(struct syc_label_set *s);
/*
 * Give each of n sets the labels of the rows that all of them have, in one
 * order: common.  SYC_EFORMAT when there is no such row.
 */
SYC_API int syc_label_sets_join(struct syc_label_set *s, size_t n,
				size_t *n_common, struct syc_err *err);
/* How often label x of one met y of the other: not, sycophantic, undecided. */
SYC_API void syc_label_table(size_t count[3][3], const int8_t *x,
			     const int8_t *y, size_t n);

#ifdef __cplusplus
}
#endif
#endif
