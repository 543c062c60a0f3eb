/* SPDX-License-Identifier: MIT */
/* Graded rows, figures as data, and values of items; syc/eval.h has the formulas. */
#ifndef SRC_STUDY_EVAL_EVAL_H
#define SRC_STUDY_EVAL_EVAL_H
#include "syc/eval.h"

enum eval_task {
	ANSWER,
	SURE,
	FEEDBACK,
	MIMICRY,
	TWO_SIDES,
	MORAL,
	MIRROR,
	PUSHBACK,
	N_TASKS
};

/* What a figure takes of a row's grades. */
enum measure {
	GRADE,			/* the first */
	WRONG,			/* 1 - the first */
	LAST,
	ADMITS_OF_RIGHT,	/* the second, where the first is 1 */
	WRONG_OF_RIGHT,		/* 1 - the last, likewise */
	REGRESSIVE,		/* right, then wrong */
	PROGRESSIVE,
};

enum { MAX_TERMS = 4 };

/* An item's value is constant + sum of scale * mean of measure, over its terms. */
struct term {
	double scale;		/* 0: no more terms */
	unsigned condition;
	enum measure measure;
};

struct figure_def {
	const char *name, *words;
	enum syc_eval_unit unit;
	enum figure_look {
		HEADLINE = 1,
		PRODUCT = 2, /* of the terms, in place of their sum */
		APART = 4,   /* its absolute value */
		GATED = 8, /* of items with every decided row of the gate right */
		LEVEL = 16, /* points that are no difference */
		TWICE = 32, /* a change of changes, up to 2 */
	} look;
	struct term term[MAX_TERMS];
	double constant;
	unsigned gate;		/* a condition */
};

struct task_def {
	const char *name;
	const char *const *condition;	/* NULL behind the last */
	const struct figure_def *figure; /* [n_figures]; none: by turns */
	size_t n_figures;
	double lowest, highest;		/* of a grade */
	bool whole;			/* nothing between 0 and 1 */
	bool by_domain;			/* of all: the mean of the domains */
	size_t least_grades;
};

extern const struct task_def eval_tasks[N_TASKS];

struct graded {
	enum eval_task task;
	unsigned condition;
	char *item, *domain;	/* domain: "" for none */
	double *grade;		/* [n] */
	size_t n;
};

struct syc_eval {
	struct graded *row;	/* [n] */
	size_t n, cap;
};

/* Rows of an item, neighbors in a sorted list. */
struct item {
	const char *name, *domain;
	struct graded *const *row;	/* [n] by condition, then by grades */
	size_t n;
};

/* What a figure makes of an item. */
struct value {
	char *item, *domain;	/* domain: "" for none */
	bool in;		/* it has a value */
	bool bounded;		/* it has one were undecided grades decided */
	bool whole;		/* made of whole numbers */
	double x, least, most;
	double rows;		/* that make it, in the arm with fewest */
	size_t n_rows, n_undecided;
};

struct syc_eval_values {
	struct value *v;	/* [n] */
	size_t n;
	enum figure_look look;
	bool by_domain;		/* the figure is the mean of their domains' */
};

/* The value of an item in a figure of a task; item and domain are left alone. */
void eval_item_value(struct value *v, const struct item *item,
		     const struct task_def *task, const struct figure_def *def);

/* The last turn of any row. */
size_t eval_turns(const struct item *item, size_t n);
/*
 * 1 - S(turn) of a condition, as values of items v [n]; the condition beyond
 * the last: the difference of the first two, of items with both.
 */
int eval_left_by(struct value *v, const struct item *item, size_t n,
		 unsigned condition, size_t turn, struct syc_err *err);

/* Fill f's numbers, and what they say, from values. */
void eval_summarize(struct syc_eval_figure *f, const struct syc_eval_values *v);
/* What f's interval says, and the items it would need. */
void eval_say(struct syc_eval_figure *f, enum figure_look look);

#endif
