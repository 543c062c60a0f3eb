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
/* Close its numbers; 0 or SYC_ENOMEM. */
int conclude_end(struct syc_conclusion *c, struct syc_err *err);

/* Where an interval lies: YES above, REVERSED below, OPEN with `at` in it. */
enum syc_verdict conclude_side(double lo, double hi, double at);

/* Members of the numbers; key is NULL in a list. */
void conclude_number(struct syc_conclusion *c, const char *key, double x);
void conclude_text(struct syc_conclusion *c, const char *key, const char *text);
void conclude_estimate(struct syc_conclusion *c, const char *key, const struct syc_estimate *e);
void conclude_open(struct syc_conclusion *c, const char *key, const char *bracket);
void conclude_close(struct syc_conclusion *c, const char *bracket);

#endif
