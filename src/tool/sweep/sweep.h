/* SPDX-License-Identifier: MIT */
/* syc-sweep's parts: questions, settings, the run, and what comes out. */
#ifndef SRC_TOOL_SWEEP_SWEEP_H
#define SRC_TOOL_SWEEP_SWEEP_H
#include "syc/choice.h"
#include "syc/steer.h"
#include "tool/common/load.h"
#include "tool/common/progress.h"
#include "tool/common/rows.h"

/* ---- sweep_rows.c: what is asked ------------------------------------------- */

/* A question; variant 0 is as it is, the others have a system message. */
struct sweep_question {
	char *id;
	struct syc_ids *prompt;	/* [n_variants] */
	struct syc_choices choices;
};

struct sweep_set {
	struct sweep_question *q;	/* [n] */
	size_t n, cap;
};

int sweep_read(struct sweep_set *set, struct syc_rows *in, const struct syc_prompter *p,
	       size_t n_variants, size_t n_ctx, struct syc_err *err);
void sweep_set_free(struct sweep_set *set, size_t n_variants);

/*
 * Tokens along which each setting is compared with the unsteered model: an
 * answer of its own to a question, or the held-out text.
 */
struct sweep_passage {
	struct syc_ids *tokens;	/* [n_variants] prompt and what follows */
	size_t *n_prompt;	/* [n_variants] */
	size_t n;		/* distributions, the first after the prompt */
	float *logprob;		/* [n][n_vocab] of the unsteered model */
	bool is_text;		/* has only variant 0 */
};

/* The held-out text's tokens: of the file, or the one built in (NULL). */
int sweep_text(struct sweep_passage *t, const char *path, const struct syc_vocab *v, size_t max,
	       struct syc_err *err);

/* ---- settings ---------------------------------------------------------------- */

enum sweep_kind { SWEEP_NONE, SWEEP_STEER, SWEEP_RANDOM, SWEEP_PROMPT };

/* An operator with its scales, as one --op gives them. */
struct sweep_op {
	struct syc_steer_rule rule;
	double *scale;		/* [n] */
	size_t n;
};

/* Layers that one setting steers, as -s of syc-gen writes them: "3", "2-4,7". */
struct sweep_layers {
	uint32_t *layer;	/* [n] */
	size_t n;
	char *text;
};

struct sweep_vector {
	char *name;
	struct syc_vector *v;
};

/* A mean over items, and how it differs from the unsteered model's. */
struct sweep_mean {
	double value, change, lo, hi;
};

struct sweep_result {
	struct sweep_mean p, chosen;
	double wrong;		/* share that moves the wrong way */
};

struct sweep_setting {
	enum sweep_kind kind;
	const struct sweep_vector *vector;
	size_t draw;		/* of a random direction, from 1 */
	size_t variant;		/* of the prompts */
	const char *prompt;	/* system message */
	const struct sweep_layers *at;
	struct syc_steer_rule rule;	/* scale in here */
	struct syc_steer *steer;	/* while it runs */
	bool reached;		/* --at-kl was */

	float *p_match;		/* [questions, then control] */
	double kl_sum, text_kl_sum, nll_sum, rep_sum;
	size_t n_kl, n_text_kl, n_nll, n_rep;
	/* From these: */
	double kl, text_kl, perplexity, repetition;
	struct sweep_result main, control;
};

struct sweep {
	const struct tool *tool;
	struct opt_values common;
	struct load load;
	struct syc_model *model;
	struct syc_engine *engine;
	struct sweep_vector *vector;	/* [n_vectors] */
	size_t n_vectors;
	struct sweep_op *op;		/* [n_ops] */
	size_t n_ops;
	const char **prompt;		/* [n_prompts] system messages */
	size_t n_prompts, n_variants;
	struct load *variant;	/* [n_variants] load, with a system message */
	struct syc_prompter *prompter;	/* [n_variants] */
	const char *layers_arg, *control_path, *text_path;
	const char **at_once;		/* [n_at_once] lists as given */
	size_t n_at_once;
	struct sweep_layers *layers;	/* [n_layers] what to steer, one after the other */
	size_t n_layers;
	bool vectors_own;		/* of these, the layers that the vector has */
	size_t n_random;
	size_t max_new, n_answers, n_text, boot;
	double at_kl;			/* NaN: not asked for */
	bool kl_on_text, json, tsv, keep_going;

	struct sweep_set questions, control;
	struct sweep_passage *passage;	/* [n_passages] the text comes last */
	size_t n_passages;
	struct sweep_setting *setting;	/* [n] the first is the unsteered model */
	size_t n, cap;
	struct progress progress;
};

/* sweep_set.c: the layers of the options, and all settings; a random direction is made anew. */
int sweep_layers(struct sweep *w, struct syc_err *err);
int sweep_settings(struct sweep *w, struct syc_err *err);
int sweep_steer(const struct sweep *w, struct sweep_setting *s, struct syc_err *err);
void sweep_setting_free(struct sweep_setting *s);

/*
 * sweep_run.c: one run of the engine.  The first is of the unsteered model,
 * and makes the passages of its answers; the others run the given settings
 * over everything, or over those passages alone that --at-kl is about.
 */
int sweep_run_base(struct sweep *w, struct syc_err *err);
int sweep_run(struct sweep *w, struct sweep_setting **list, size_t n, bool passages_only,
	      struct syc_err *err);

/* sweep_kl.c: find the scales at which the settings have the KL of --at-kl. */
int sweep_find_kl(struct sweep *w, struct syc_err *err);

/* sweep_out.c */
int sweep_summarize(struct sweep *w, struct syc_err *err);
int sweep_table(struct syc_buf *b, const struct sweep *w);
int sweep_tsv(struct syc_buf *b, const struct sweep *w);
int sweep_json(struct syc_buf *b, const struct sweep *w);

#endif
