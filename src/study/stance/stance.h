/* SPDX-License-Identifier: MIT */
/* What rows say beside who holds what. */
#ifndef SRC_STUDY_STANCE_STANCE_H
#define SRC_STUDY_STANCE_STANCE_H
#include "syc/questions.h"
#include "syc/stance.h"

struct stance_said {
	int truth;		/* option, or -1 */
	bool identity;
	int agree;		/* option, or -1 */
	char *negates;		/* a claim, or NULL */
	char *by;		/* value of the field, or NULL */
};

/* Read them; SYC_EINVAL: a row with a view lacks the field, or truth is no option. */
int stance_say(struct stance_said *said, const struct syc_row *row,
	       const struct syc_stated *asked, const char *by, struct syc_err *err);
/* The number of the value among s's groups, where it goes if it is new. */
int stance_group(uint32_t *group, struct syc_stances *s, const struct stance_said *said,
		 int view, struct syc_err *err);
/* Which choice agrees, and what claim the row denies; SYC_EINVAL where it must say. */
int stance_agree(struct stance_said *said, const struct syc_row *row,
		 const struct syc_stated *asked, struct syc_err *err);
/* Fill s's acquiescence from its questions. */
int stance_acquiescence(struct syc_stances *s, struct syc_err *err);
/* s->margin, from o's and the differences from the exact answers. */
int stance_margin(struct syc_stances *s, const struct syc_stances_opts *o,
		  struct syc_err *err);

#endif
