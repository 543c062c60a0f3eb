/* SPDX-License-Identifier: MIT */
/* What the programs that run a model do: open it, run jobs, say by what. */
#ifndef SRC_TOOL_RUN_LOAD_H
#define SRC_TOOL_RUN_LOAD_H
#include "syc/engine.h"
#include "syc/run.h"
#include "tool/common/progress.h"
#include "tool/run/model_opts.h"

/*
 * Open the model.  No --model is a usage error.  With -v says what it is.
 */
int load_open(const struct tool *t, const struct opt_values *c,
	      const struct load *l, struct syc_model **m, struct syc_err *err);
/*
 * Append what memory it will take for that work, from the files' headers alone:
 * "needs about 4.6 GB: weights 4.1, keys and values 0.4, the rest 0.1".
 */
int load_need(const struct opt_values *c, const struct load *l,
	      const struct syc_work *work, struct syc_buf *out, struct syc_err *err);
/* The engine's options from the command line; hooks are the caller's. */
struct syc_engine_opts load_engine(const struct opt_values *c,
				   const struct load *l);
/* With -v: say what an engine did for its jobs, and what --compute=auto chose. */
void load_say(const struct tool *t, const struct opt_values *c,
	      const struct load *l, const struct syc_engine_stats *st,
	      const char *jobs);

/* The settings of a run that the command line has; the rest is the program's. */
struct syc_run load_settings(const struct tool *t, const struct load *l,
			     const struct syc_prompter *p, struct syc_model *m);
/* Append those of them that can change a result: syc_run_settings(). */
int load_describe(const struct tool *t, const struct load *l,
		  const struct syc_prompter *p, struct syc_model *m,
		  struct syc_buf *out);

/* Unless -q: a vector was made with another model than what it meets. */
void tool_warn_foreign(const struct tool *t, const struct opt_values *c, const char *vector,
		       const char *what);

/* The prompter of these options. */
int load_prompter(struct syc_prompter *p, const struct load *l,
		  const struct syc_model *m, struct syc_err *err);

#endif
