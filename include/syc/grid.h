/* SPDX-License-Identifier: MIT */
/*
 * A designed comparison of how vectors are extracted: which choices matter for
 * what the vectors predict, and for how they steer?
 *
 * Cells are the combinations of the levels of six factors, all that can be made
 * (a full factorial design); level 0 of a factor is its reference:
 *
 *	method    mean, pca, lda, logistic
 *	position  letter, last, mean; prompt for pairs of prompts, which have no other
 *	pairs     what they are made from, by name
 *	number    of pairs: N, N/2, N/4, the same for all sets
 *	balance   on, off; none where matching answers are not a few texts
 *	layer     all: chosen among all layers; low, middle, high: in that third
 *
 * Every level is compared with its factor's reference: planned contrasts, of
 * which each is the mean, over the cells that have the level, of the cell's
 * outcome less that of its partner, which differs in this factor alone.  Pairs
 * whose positions or balance the reference pairs have not are compared with the
 * reference's position and balance.  A cell without a partner is left out;
 * factors other than layer are compared with layers chosen among all.
 *
 * What is compared is one outcome of every cell, of the same test rows, and how
 * it changes when a claim is left out.  With G claims, d the contrast and d_g
 * that without claim g, the pseudo-values G d - (G - 1) d_g are a sample whose
 * standard error is that of d, and Student's t with G - 1 degrees of freedom
 * gives interval and p (Tukey 1958; Arvesen 1969 for U-statistics).  So cells
 * are paired by claim, rows of one claim may be alike, and however alike cells
 * are needs no model.  Holm's method is over the contrasts of an outcome.
 */
#ifndef SYC_GRID_H
#define SYC_GRID_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the design ------------------------------------------------------------- */

enum syc_grid_factor {
	SYC_GRID_METHOD,
	SYC_GRID_POSITION,
	SYC_GRID_PAIRS,
	SYC_GRID_NUMBER,
	SYC_GRID_BALANCE,
	SYC_GRID_LAYER,
	SYC_GRID_FACTORS
};
/* "method", ...; NULL beyond. */
SYC_API const char *syc_grid_factor_name(unsigned factor);
/* Names with commas between, or "all", as a mask of 1 << factor. */
SYC_API int syc_grid_parse(unsigned *mask, const char *list,
			   struct syc_err *err);

enum {
	SYC_GRID_LEVELS = 16, /* the most of a factor */
	SYC_GRID_LEAST = 6,   /* the fewest pairs that make a vector */
	SYC_GRID_CLAIMS = 10, /* the fewest to test on */
	SYC_GRID_OF_SET = 5,  /* the fewest of a set of questions that counts */
};

/* A set of pairs. */
struct syc_grid_pairs {
	const char *name;
	bool prompts;	/* pairs of prompts */
	bool letters;	/* matching answers are a few texts */
	size_t n;
};

struct syc_grid_design {
	unsigned vary;	/* a mask of factors; the others stay at level 0 */
	/* [n_pairs], the first the reference */
	const struct syc_grid_pairs *pairs;
	size_t n_pairs;
};

struct syc_grid_cell {
	uint8_t level[SYC_GRID_FACTORS];
	size_t vector;
};

struct syc_grid {
	struct {
		char *name[SYC_GRID_LEVELS];	/* [n] */
		size_t n;
	} factor[SYC_GRID_FACTORS];
	char **vector; /* [n_vectors] "METHOD.POSITION.PAIRS.NUMBER.BALANCE" */
	size_t n_vectors;
	/* [n_cells] of each vector all levels of layer; cell 0 is the reference */
	struct syc_grid_cell *cell;
	size_t n_cells;
};

/*
 * N is what the smallest set has; halves below SYC_GRID_LEAST are no levels.
 * SYC_EINVAL for too few pairs, too many sets, or a factor with one level in
 * `vary` where nothing else varies.  Free with syc_grid_free().
 */
SYC_API int syc_grid_new(struct syc_grid **out, const struct syc_grid_design *d,
			 struct syc_err *err);
SYC_API void syc_grid_free(struct syc_grid *g);
/* The name of a cell's level; borrowed. */
SYC_API const char *syc_grid_level(const struct syc_grid *g, size_t cell,
				   enum syc_grid_factor f);
/* The cell that one is compared with, as above; SIZE_MAX: none. */
SYC_API size_t syc_grid_partner(const struct syc_grid *g, size_t cell,
				enum syc_grid_factor f);
/*
 * Whether it is the reference, or its partner in some factor is: one factor at
 * a time, which is what steering, with the model's passes it takes, is tried
 * on.
 */
SYC_API bool syc_grid_is_near(const struct syc_grid *g, size_t cell);

/* ---- outcomes ----------------------------------------------------------------- */

struct syc_grid_outcome {
	const char *name;	/* static */
	double nothing;		/* what a vector that says nothing has */
	size_t n_claims, n_rows;
	double *value;		/* [n_cells]; NaN: not tried */
	double *without;	/* [n_cells][n_claims] without that claim */
	/* Of predictions: the layer's number and the sign that were chosen, */
	size_t *layer;		/* [n_cells], or NULL */
	int *sign;		/* [n_cells] 1, -1 */
	/* and the area of moved among moved and held rows. */
	double *auc;		/* [n_cells], NaN without both */
};
/* What it holds, but not itself. */
SYC_API void syc_grid_outcome_free(struct syc_grid_outcome *o);

/*
 * Predictions.  A cell's layer and sign are those with the farthest concordance
 * from 1/2 among the rows that choose; the outcome is the concordance among the
 * other rows: over pairs of rows of one set with different y, the share in
 * which the row with more y has the higher score (a tie counts half), which is
 * the AUC where y has two values; each set weighs the same.  Sets with fewer
 * than SYC_GRID_OF_SET claims to test on are left out.
 */
struct syc_grid_rows {
	double *score; /* [n_vectors][n][n_layers], NaN at layers that it lacks */
	double *y;     /* [n] how far the view moved the answer, finite */
	int8_t *label;		/* [n] 1 moved, 0 held, -1 neither */
	uint32_t *claim;	/* [n] below n_claims */
	uint32_t *set;		/* [n] below n_sets */
	bool *chooses;		/* [n] the same for all rows of a claim */
	uint32_t *layer;	/* [n_layers] */
	size_t n, n_claims, n_sets, n_layers;
};
SYC_API int syc_grid_predict(struct syc_grid_outcome *out,
			     const struct syc_grid *g,
			     const struct syc_grid_rows *r,
			     struct syc_err *err);
/*
 * Scored rows (syc-score(1)) of several sets of questions, with "shift" for y,
 * "label" and "claim"; those whose shift is not known are left out.  Half the
 * claims of set `train`, drawn by a hash, choose; all others test.  SYC_EINVAL
 * where a vector of the grid has no scores.
 */
SYC_API int syc_grid_rows_read(struct syc_grid_rows **out,
			       const struct syc_grid *g,
			       const char *const *path, size_t n_sets,
			       size_t train, struct syc_err *err);
SYC_API void syc_grid_rows_free(struct syc_grid_rows *r);

/*
 * Steering, from what syc-sweep --json writes at equal KL of vectors named as
 * the grid's, with `add` both ways: half of what the effect of the view is more
 * under the positive scale than under the negative one, by claim; its mean over
 * claims.  The first document steers at several layers together (level 0 of
 * layer), the second, or NULL, the reference at one of them at a time: low,
 * middle, high.  Cells that are in neither, or do not reach the KL either way,
 * are NaN.
 */
struct json_t;
SYC_API int syc_grid_steer(struct syc_grid_outcome *out,
			   const struct syc_grid *g,
			   const struct json_t *together,
			   const struct json_t *alone, struct syc_err *err);

/* ---- comparisons ---------------------------------------------------------------- */

struct syc_grid_figure {
	double x, se, lo, hi;
	double p; /* two-sided, that x is 0, or that of its outcome */
};

enum syc_grid_verdict {
	SYC_GRID_UNKNOWN, /* no difference shown: cannot tell */
	SYC_GRID_MORE, /* p, adjusted, is at most .05: more than the reference */
	SYC_GRID_LESS,
	SYC_GRID_ALIKE, /* the interval lies within +-SYC_STANCE_RELEVANT */
};
/* "cannot tell", "more", "less", "no relevant difference"; static. */
SYC_API const char *syc_grid_verdict_name(enum syc_grid_verdict v);

struct syc_grid_contrast {
	enum syc_grid_factor factor;
	size_t level;
	size_t n_cells;
	double *each; /* [n_cells] differences; they are described, not tested */
	/* means over the cells, over their partners, and the difference */
	struct syc_grid_figure mean, reference, diff;
	double adjusted;	/* diff.p, Holm's */
	/*
	 * What would be found with 80 % power at the level of Holm's first
	 * step, .05 over the number of contrasts: (t(.05 / m) + t(.4)) se.  The
	 * standard error says how alike claims and cells are, not what was
	 * found.
	 */
	double detectable;
	enum syc_grid_verdict verdict;
};

struct syc_grid_comparison {
	struct syc_grid_figure *cell;	/* [n_cells] */
	struct syc_grid_contrast *contrast;	/* [n] by factor and level */
	size_t n;
};
/*
 * All contrasts that the outcome has cells for.  Below SYC_GRID_CLAIMS claims
 * nothing is tested: figures but x are NaN.  out is zeroed first; free it
 * always.
 */
SYC_API int syc_grid_compare(struct syc_grid_comparison *out,
			     const struct syc_grid *g,
			     const struct syc_grid_outcome *o,
			     struct syc_err *err);
SYC_API void syc_grid_comparison_free(struct syc_grid_comparison *c);

/* ---- what is written ------------------------------------------------------------- */

/* Prediction first; then steering, or nothing. */
struct syc_grid_found {
	const struct syc_grid_outcome *outcome;
	const struct syc_grid_comparison *compared;
};

/* Append a row for each cell: levels, chosen layer, figures of both outcomes. */
SYC_API int syc_grid_tsv(struct syc_buf *out, const struct syc_grid *g,
			 const struct syc_grid_found found[2],
			 struct syc_err *err);
/* The contrasts of both outcomes as a table for the eye, and in sentences. */
SYC_API int syc_grid_table(struct syc_buf *out, const struct syc_grid *g,
			   const struct syc_grid_found found[2],
			   struct syc_err *err);
SYC_API int syc_grid_say(struct syc_buf *out, const struct syc_grid *g,
			 const struct syc_grid_found found[2],
			 struct syc_err *err);
/* All of it as a JSON document; see syc-study(1). */
SYC_API int syc_grid_json(struct syc_buf *out, const struct syc_grid *g,
			  const struct syc_grid_found found[2],
			  struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
