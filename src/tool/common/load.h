/* SPDX-License-Identifier: MIT */
/* What the programs that run a model share: options, loading, prompts. */
#ifndef SRC_TOOL_COMMON_LOAD_H
#define SRC_TOOL_COMMON_LOAD_H
#include "syc/engine.h"
#include "syc/prompter.h"
#include "tool/common/opts.h"
#include "tool/common/progress.h"

enum { MAX_LORA = 16 };

struct load {
	const char *model;
	enum syc_compute compute;
	const char *chat;	/* a name or file; NULL: found from the model's template */
	const char *system;	/* NULL: none */
	bool no_special, no_sharing;
	bool set_window;	/* --window: */
	uint32_t window;	/* 0: none */
	struct syc_adapter lora[MAX_LORA];
	size_t n_lora;
	uint32_t ctx, batch;
	size_t kv_memory;
	uint32_t shard, n_shards;	/* --shard I/N; 0: all rows */
};

enum {
	OPT_COMPUTE = 512, OPT_CHAT, OPT_SYSTEM, OPT_NO_SPECIAL,
	OPT_CTX, OPT_BATCH, OPT_KV, OPT_NO_SHARING, OPT_SHARD, OPT_WINDOW,
	OPT_LORA,
};

#define OPTS_LOAD \
	{ 'm', "model", "PATH", "the model: a GGUF or safetensors file, or a folder" }, \
	{ OPT_COMPUTE, "compute", "HOW", "int8 (default), f32 (exact to the stored weights), auto (fastest)" }, \
	{ OPT_LORA, "lora", "PATH[:SCALE]", "add an adapter, SCALE times (default: 1); may be repeated" }, \
	{ OPT_WINDOW, "window", "N", "attention sees N tokens (default: as the model says; 0: all)" }, \
	{ OPT_CHAT, "chat", "NAME", "chat format, or its FILE (default: the model's); none: text as it is" }, \
	{ OPT_SYSTEM, "system", "TEXT", "system message of prompts that have none" }, \
	{ OPT_NO_SPECIAL, "no-special", NULL, "read \"</s>\" and the like in prompts as text" }, \
	{ OPT_CTX, "ctx", "N", "longest row in tokens (default: the model's)" }, \
	{ OPT_BATCH, "batch", "N", "tokens per step (default: 512)" }, \
	{ OPT_KV, "kv-memory", "BYTES", "memory for keys and values (K, M, G; default: a quarter)" }, \
	{ OPT_NO_SHARING, "no-sharing", NULL, "compute beginnings that rows share again and again" }
#define OPTS_SHARD \
	{ OPT_SHARD, "shard", "I/N", "every N-th row, beginning with row I" }

/* Handle one of these options; false when key is another's. */
bool load_opt(const struct tool *t, struct load *l, int key, char *arg);
/* Whether row number n (from 0) of the input is in this shard. */
static inline bool in_shard(const struct load *l, uint64_t n)
{
	return !l->n_shards || n % l->n_shards == l->shard - 1;
}
/*
 * Open the model.  No --model is a usage error.  With -v says what it is.
 */
int load_open(const struct tool *t, const struct opt_values *c, const struct load *l,
		  struct syc_model **m, struct syc_err *err);
/* The engine's options from the command line; hooks are the caller's. */
struct syc_engine_opts load_engine(const struct opt_values *c, const struct load *l);
/* With -v: say what the engine did for its jobs, and what --compute=auto chose. */
void load_say(const struct tool *t, const struct opt_values *c, const struct load *l,
		  const struct syc_engine *e, const char *jobs);

/* The jobs of a program and what becomes of them, as in syc_engine_run(). */
struct jobs {
	const char *what;	/* "pairs": what progress counts */
	const char *jobs;	/* "answers": what the engine counts */
	struct progress *progress;
	int (*next)(void *arg, struct syc_job **job, struct syc_err *err);
	int (*done)(void *arg, struct syc_job *job, struct syc_err *err);
	void (*drop)(void *arg, struct syc_job *job);
	void *arg;
};
/* Run them on an engine of their own, with progress and, with -v, a last word. */
int load_run(const struct tool *t, const struct opt_values *c, const struct load *l,
		 const struct syc_model *m, const struct syc_engine_opts *eo,
		 const struct jobs *w, struct syc_err *err);
/*
 * Append the settings that can change a result, as JSON members without
 * braces: program, version, model, compute, chat (the prompter's), system.
 */
int load_describe(const struct tool *t, const struct load *l, const struct syc_chat *chat,
		      struct syc_model *m, struct syc_buf *out);

/* The prompter of these options. */
int load_prompter(struct syc_prompter *p, const struct load *l, const struct syc_model *m,
		  struct syc_err *err);

#endif
