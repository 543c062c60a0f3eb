/* SPDX-License-Identifier: MIT */
/* What the questions' functions share. */
#ifndef SRC_STUDY_CONCLUDE_CONCLUDE_H
#define SRC_STUDY_CONCLUDE_CONCLUDE_H
#include "base/err.h"
#include "syc/conclude.h"

/* Empty it, and open its numbers. */
void conclude_begin(struct syc_conclusion *c, const char *key);
/* The verdict in its usual words. */
void conclude_answer(struct syc_conclusion *c, enum syc_verdict v);
/* YES with an adjusted p of 0.05 at most, else OPEN; ABSENT without. */
enum syc_verdict conclude_shown(const struct syc_test *t);
/* Close its numbers; 0 or SYC_ENOMEM. */
int conclude_end(struct syc_conclusion *c, struct syc_err *err);

/* Whether a question is not asked, in which case it is answered. */
void conclude_unasked(struct syc_conclusion *c, const char *because, const char *next);
bool conclude_rests(struct syc_conclusion *c, const struct syc_rests *r);
/* "13 claims, 260 rows" and its numbers; "the least AUC .." of `seen`. */
void conclude_counts(struct syc_conclusion *c, struct syc_counts n);
void conclude_seen(struct syc_conclusion *c, const char *what, double x);
/* The least effect that 80 % power sees, z(.975) + z(.8) standard errors, by a 95 % interval. */
double conclude_least(const struct syc_estimate *e);
/* "p 0.004, Holm's 0.02" and its numbers. */
void conclude_test(struct syc_conclusion *c, const struct syc_test *t);
void conclude_ends(struct syc_conclusion *c, const char *what, double lo, double hi);
/* "key": [{"what": name, "value": x, ...}, ...] */
void conclude_list(struct syc_conclusion *c, const char *key, const char *what,
		   const char *value, const struct syc_figure *f, size_t n);

/* Members of the numbers; key is NULL in a list. */
void conclude_number(struct syc_conclusion *c, const char *key, double x);
void conclude_text(struct syc_conclusion *c, const char *key, const char *text);
void conclude_estimate(struct syc_conclusion *c, const char *key, const struct syc_estimate *e);
void conclude_open(struct syc_conclusion *c, const char *key, const char *bracket);
void conclude_close(struct syc_conclusion *c, const char *bracket);

#endif
