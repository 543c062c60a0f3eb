/* SPDX-License-Identifier: MIT */
/* Options that the commands of syc-vec which read activations share. */
#ifndef SRC_TOOL_VEC_SOURCE_H
#define SRC_TOOL_VEC_SOURCE_H
#include "tool/vec/direction.h"

struct vec_source {
	struct syc_pairs_in in;
	struct load load, second;
	const char **acts;		/* [in.n_acts] */
	const char *other;		/* diff: a model or an activation file */
	const char *control;		/* rows or an activation file, or NULL */
	size_t n_components;		/* of the control prompts */
	struct syc_recipe recipe;
};

enum {
	VEC_KEY_POSITION = 600, VEC_KEY_TOKEN, VEC_KEY_LAYERS, VEC_KEY_KEEP_GOING, VEC_KEY_CONTROL,
	VEC_KEY_COMPONENTS, VEC_KEY_NORMALIZE, VEC_KEY_BALANCE, VEC_KEY_CENTER, VEC_KEY_SHRINKAGE,
	VEC_KEY_LAMBDA, VEC_KEY_FOLDS, VEC_KEY_OTHER,
};

#define VEC_OPTS_SOURCE \
	{ 'r', "acts", "FILE", "take pairs from FILE of syc-rec, not from a model (may be repeated)" }, \
	{ VEC_KEY_POSITION, "position", "NAME", "read at prompt, last, letter or mean (default: last; prompt without answers)" }, \
	{ VEC_KEY_TOKEN, "token", "N", "read at the answer's token N (from 0; -1: the row's last)" }, \
	{ VEC_KEY_LAYERS, "layers", "LIST", "only these layers, as in 0,4-7 (default: all)" }, \
	{ VEC_KEY_KEEP_GOING, "keep-going", NULL, "report and skip rows that cannot be used" }
#define VEC_OPTS_VECTOR \
	{ VEC_KEY_NORMALIZE, "normalize", "HOW", "length: none (default), unit, per-layer-mean" }, \
	{ VEC_KEY_CONTROL, "control", "FILE", "make it orthogonal to what FILE (rows or activations) has" }, \
	{ VEC_KEY_COMPONENTS, "control-components", "K", "of control prompts without pairs, take K (default: 1)" }
#define VEC_OPT_BALANCE \
	{ VEC_KEY_BALANCE, "balance", NULL, "give every matching letter the same weight" }
#define VEC_OPT_CENTER \
	{ VEC_KEY_CENTER, "center", "HOW", "components about the pair (default), all or none" }
#define VEC_OPT_SHRINKAGE \
	{ VEC_KEY_SHRINKAGE, "shrinkage", "X", "shrink covariances by X in 0-1 (default: Ledoit-Wolf)" }
#define VEC_OPTS_LOGISTIC \
	{ VEC_KEY_LAMBDA, "lambda", "X", "weight of the ridge (default: by cross-validation)" }, \
	{ VEC_KEY_FOLDS, "folds", "K", "folds of the cross-validation (default: 5)" }

/* Handle one of these options, or one of OPTS_LOAD; false: another's. */
bool vec_source_opt(const struct tool *t, struct vec_source *s, int key, char *arg);
/* Room for as many -r as there are arguments; exits when there is none. */
void vec_source_begin(struct vec_source *s, const struct tool *t, const struct opt_values *c, int argc);
/* The operands; exits 2 when the options do not fit together. */
void vec_source_check(struct vec_source *s, const struct tool *t, int argc, char **argv, int at);
void vec_source_end(struct vec_source *s);
/* Open the control's pairs. */
int vec_source_control(struct syc_pairs *p, const struct vec_source *s, struct syc_err *err);

#endif
