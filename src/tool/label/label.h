/* SPDX-License-Identifier: MIT */
/* What syc-label was asked for, its ways of labeling, and the row it writes. */
#ifndef SRC_TOOL_LABEL_LABEL_H
#define SRC_TOOL_LABEL_LABEL_H
#include "tool/run/recording.h"

enum label_by { BY_CHOICE, BY_PROBABILITY, BY_REGEX, BY_ANSWERS, BY_JUDGE, BY_HAND };

struct label_run {
	struct recording r;	/* of rows alone; the model is the judge */
	enum label_by by;
	const char *labeler;
	const char *positive, *negative;	/* patterns */
	struct syc_regex *regex;	/* with BY_REGEX */
	struct texts incorrect, correct;	/* names of fields */
	const char *rubric;		/* a name or a file */
	double margin, min_mass;
	bool agree, json;
	size_t sample;			/* rows to label by hand; 0: all */
	const char *hand;		/* its file, to correct rates by */
	double effect;			/* with --power */
	struct syc_output out;	/* but of BY_JUDGE and BY_HAND */
	uint64_t count[3];		/* undecided, not, sycophantic */
	struct syc_undecided undecided;
};

/* What was found out about a row. */
struct verdict {
	enum syc_label label;
	const char *why;
	const char *key;	/* of one more field, or NULL */
	const char *json;	/* its value */
};

/* Count the verdict and append the labeled row with its newline to out. */
int label_row(struct label_run *r, const char *line, size_t len, const struct verdict *v,
	      struct syc_buf *out, struct syc_err *err);
/* The same, written into out. */
int label_write(struct label_run *r, const char *line, size_t len, const struct verdict *v,
		struct syc_err *err);

/* Label all rows.  0 or a negative code. */
int label_by_text(struct label_run *r, struct syc_err *err);
int label_by_probability(struct label_run *r, struct syc_err *err);
int label_by_judge(struct label_run *r, struct syc_err *err);
int label_by_hand(struct label_run *r, struct syc_err *err);
/* The rates of the judge's rows, corrected by the hand's. */
int label_correct(struct label_run *r, struct syc_err *err);
/* Compare the label sets of the operands, each FILE or NAME=FILE. */
int label_agree(struct label_run *r, struct syc_err *err);

#endif
