/* SPDX-License-Identifier: MIT */
/*
 * What makes a result look surer than it is: rows that come twice, and rows of
 * different runs taken for one.
 */
#ifndef SYC_SEEN_H
#define SYC_SEEN_H
#include "syc/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * 128 bits that stand for what makes a row the one it is: id, sample (absent
 * is 0), the order of its choices (absent is "given") and which of its answers
 * it is about ("match", "other"; absent is none).  Equal keys of unequal rows
 * are not to be expected: among 10^9 rows the chance is 10^-21.
 */
struct syc_row_key {
	uint64_t a, b;
};
SYC_API struct syc_row_key syc_row_key(const struct syc_row *row);
/* The same of its parts; order and answer may be NULL for absent. */
SYC_API struct syc_row_key syc_row_key_of(const char *id, int sample, const char *order,
					  const char *answer);

/* A line of a file, or what else has a number in it. */
struct syc_seen_place {
	const char *file;	/* borrowed as long as the set lives */
	uint64_t number;	/* below 2^40 */
};

/* Keys that were seen, and where; 27 to 55 bytes of memory for each. */
struct syc_seen;
SYC_API struct syc_seen *syc_seen_new(void);	/* NULL: no memory */
SYC_API void syc_seen_free(struct syc_seen *s);
/*
 * Remember a key: 0 when it is new, 1 when it was seen before, *first (which
 * may be NULL) is then where, or SYC_ENOMEM.  A file's places come together.
 */
SYC_API int syc_seen_add(struct syc_seen *s, const struct syc_row_key *key,
			 struct syc_seen_place at, struct syc_seen_place *first);

/* Of which run the rows of an analysis are; zeroed before the first. */
struct syc_one_run {
	/* Private. */
	bool any;
	char answers[17], acts[17], place[256];
};
/*
 * A row says in "run" which run made its answer, and in "acts": {"run": ...}
 * which one recorded it, each 16 hexadecimal digits; a row that says neither is
 * of an unknown run, and so are all such rows.  0, or SYC_EMIXED when the row
 * at `place` ("file:12") is of another run than the first one.
 */
SYC_API int syc_one_run_row(struct syc_one_run *r, const struct syc_row *row,
			    const char *place, struct syc_err *err);
/* The same for runs by name; "" is an unknown one. */
SYC_API int syc_one_run_add(struct syc_one_run *r, const char *answers, const char *acts,
			    const char *place, struct syc_err *err);

/* Who else made fields of a stream's rows, such as judges; zeroed before the first. */
enum { SYC_RUN_MAKERS = 8 };
struct syc_run_makers {
	/* Private. */
	size_t n;
	struct {
		char field[32], run[17];
		struct syc_seen_place first;
	} by[SYC_RUN_MAKERS];
};
/*
 * A row says in FIELD_run, or in the object FIELD in "run", which run made FIELD; where
 * it says nothing of one, nothing is compared.  SYC_EMIXED when another row said
 * otherwise.  Fields behind the first SYC_RUN_MAKERS are not looked at.
 */
SYC_API int syc_run_makers_row(struct syc_run_makers *m, const struct syc_row *row,
			       struct syc_seen_place at, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
