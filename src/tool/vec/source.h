/* SPDX-License-Identifier: MIT */
/* Options of the commands of syc-vec that read activations, and their pairs. */
#ifndef SRC_TOOL_VEC_SOURCE_H
#define SRC_TOOL_VEC_SOURCE_H
#include "syc/direction.h"
#include "tool/common/rows.h"
#include "tool/run/load.h"

struct vec_source {
	struct opt_values common;
	struct load load;
	struct texts acts;
	struct opt_list layers;
	uint64_t first;			/* pairs to take; 0: all */
	enum syc_pairs_kind kind;
	enum syc_read read;
	int64_t token;
	const char *by;			/* stability: a field of the rows */
	const char *other;		/* diff: a model or an activation file */
	const char *control;		/* rows or an activation file, or NULL */
	const char *nulls;		/* to write null vectors to, or NULL */
	bool head;			/* forecast: a model beside --acts is for its head */
	bool claims;			/* claims of the pairs are asked for */
	bool foreign;			/* activations of other models are meant */
	struct syc_recipe recipe;
	struct syc_rows in;		/* the operands */
};
#define VEC_SOURCE_INIT(t) \
	{ .common = OPT_VALUES_INIT, .recipe.n_components = 1, .in = { ROWS_OF_ONE_RUN(t) } }

/* The rows; T has a struct vec_source s. */
#define VEC_OPTS_SOURCE(T, s) \
	OPT_TEXTS('a', "acts", "FILE", T, s.acts, \
		  "take pairs from FILE of syc-rec, not from a model (may be repeated)"), \
		OPT_OWN_OF( \
			0, "position", "NAME", T, s.read, vec_set_position, vec_positions, \
			"read at prompt, last, letter or mean (default: last; prompt without answers)"), \
		OPT_OWN_AT(0, "token", "N", T, s, vec_set_token, \
			   "read at the answer's token N (from 0; -1: the row's last)"), \
		OPT_NUMBERS(0, "layers", "LIST", T, s.layers, \
			    "only these layers, as in 0,4-7 (default: all)"), \
		OPT_FLAG(0, "foreign", T, s.foreign, "other models' activations are meant"), \
		OPT_U64(0, "first", "N", T, s.first, 1, UINT32_MAX, "take the first N pairs"), \
		OPTS_OF_ROWS(T, s.in), OPT_OF_MIXED(T, s.in)
#define VEC_OPT_BALANCE(T, s) \
	OPT_FLAG(0, "balance", T, s.recipe.balance, "give every matching letter the same weight")
#define VEC_OPT_CENTER(T, s) \
	OPT_CHOICE(0, "about", "HOW", T, s.recipe.center, enum syc_center, vec_centers, \
		   "components about the pair (default), all or none")
#define VEC_OPT_SHRINKAGE(T, s) \
	OPT_OWN_AT(0, "shrinkage", "X", T, s.recipe, vec_set_shrinkage, \
		   "shrink covariances by X in 0-1 (default: Ledoit-Wolf)")
#define VEC_OPT_LAMBDA(T, s) \
	OPT_DOUBLE(0, "lambda", "X", T, s.recipe.lambda, 1e-12, 1e12, \
		   "weight of the ridge (default: by cross-validation)")
#define VEC_OPT_FOLDS(T, s) \
	OPT_SIZE(0, "folds", "K", T, s.recipe.folds, 2, 1000, \
		 "folds of the cross-validation (default: 5)")
#define VEC_OPT_NORMALIZE(T, m, help) \
	OPT_CHOICE(0, "normalize", "HOW", T, m, enum syc_normalize, vec_normalizes, help)

extern const char *const vec_centers[], *const vec_normalizes[];
extern const char *const vec_positions[];	/* by enum syc_read, from SYC_READ_LAST */
opt_setter vec_set_position, vec_set_token, vec_set_shrinkage;

/* The operands begin at `at`; exits 2 when the options do not fit together. */
void vec_source_check(struct vec_source *s, const struct tool *t, int argc,
		      char **argv, int at);
void vec_source_free(struct vec_source *s);

/* What runs rows: a model that is open. */
struct vec_model {
	const struct tool *tool;
	const struct vec_source *source;
	struct load load;
	struct syc_model *model;	/* NULL: pairs come from activation files */
	struct syc_prompter prompter;
	struct syc_buf describe;
};

/* Open a model, the source's or the other; vec_model_close() in any case. */
int vec_model_open(struct vec_model *m, const struct load *l,
		   struct syc_err *err);
void vec_model_close(struct vec_model *m);
/* The pairs of the source, read at a position; and the control's. */
int vec_pairs(struct syc_pairs **p, const struct vec_model *m,
	      enum syc_read read, struct syc_err *err);
int vec_control(struct syc_pairs **p, const struct vec_model *m,
		struct syc_err *err);
/* diff: put the other side beside; m is the other model. */
int vec_pairs_other(struct syc_pairs *p, const struct vec_model *m,
		    struct syc_err *err);

/* Unless --foreign or -q: `what` is of another model file than `than`. */
void vec_warn_foreign(const struct vec_model *m, const char *what, const char *than);

/* Name a vector as asked for, or as its file without folder and ending. */
int vec_name(struct syc_vector *v, const char *name, const char *path,
	     struct syc_err *err);

#endif
