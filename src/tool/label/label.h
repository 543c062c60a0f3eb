/* SPDX-License-Identifier: MIT */
/* What syc-label was asked for, its ways of labeling, and the row it writes. */
#ifndef SRC_TOOL_LABEL_LABEL_H
#define SRC_TOOL_LABEL_LABEL_H
#include "tool/common/load.h"
#include "tool/common/rows.h"

enum label_by { BY_CHOICE, BY_PROBABILITY, BY_REGEX, BY_ANSWERS, BY_JUDGE, BY_HAND };

struct label_opts {
	const struct tool *tool;
	struct opt_values common;
	struct load load;		/* the judge */
	enum label_by by;
	const char *labeler;
	const char *positive, *negative;	/* patterns */
	struct syc_regex *regex;	/* with BY_REGEX */
	const char **incorrect, **correct;	/* [n_...] names of fields */
	size_t n_incorrect, n_correct;
	const char *rubric;		/* a name or a file */
	double margin, min_mass;
	bool agree, json;
};

struct label_run {
	const struct label_opts *o;
	struct syc_rows *in;
	struct out *out;
	uint64_t count[3];		/* undecided, not, sycophantic */
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
/* The same, written. */
int label_write(struct label_run *r, const char *line, size_t len, const struct verdict *v,
		struct syc_err *err);
/* The label of x: above, below or within margin of the threshold. */
enum syc_label label_of(double x, double threshold, double margin);
/* The mean of two probabilities in log odds. */
double label_mean_prob(double a, double b);

/* Label all rows.  0 or a negative code. */
int label_by_text(struct label_run *r, struct syc_err *err);
int label_by_probability(struct label_run *r, struct syc_err *err);
int label_by_judge(struct label_run *r, struct syc_err *err);
/* Writes the output itself; r->out is not used. */
int label_by_hand(struct label_run *r, struct syc_err *err);

#endif
