/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/run/load.h"

/* Beside weights and buffers: the program, and what a vocabulary is found by. */
enum { PROGRAM = 16000000, PER_TOKEN = 200, GIGA = 1000000000 };

/* A mistake in --chat is better known before the model is loaded. */
static int check_chat(const struct load *l, struct syc_err *err)
{
	const struct syc_chat *chat;
	struct syc_chat *own = NULL;
	int ret = l->chat ? syc_chat_choose(&chat, &own, l->chat, err) : 0;

	syc_chat_free(own);
	return ret;
}

static void show_load(void *arg, uint64_t done, uint64_t total)
{
	progress_show(arg, done / 1000000,
		      total ? (double)done / (double)total : -1);
}

static struct syc_model_opts model_opts(const struct opt_values *c, const struct load *l)
{
	return (struct syc_model_opts){
		.compute = l->compute, .threads = c->threads, .cpu = c->cpu,
		.set_weights = l->set_weights, .weights = l->weights,
		.set_window = l->set_window, .window = l->window,
		.adapters = l->lora, .n_adapters = l->n_lora,
	};
}

/* "4.6 GB", the unit that of the largest. */
static void put_bytes(struct syc_buf *out, const char *what, uint64_t bytes, bool giga)
{
	syc_buf_printf(out, "%s %.*f", what, giga ? 1 : 0, (double)bytes / (giga ? 1e9 : 1e6));
}

int load_need(const struct opt_values *c, const struct load *l,
	      const struct syc_work *work, struct syc_buf *out, struct syc_err *err)
{
	const struct syc_model_opts o = model_opts(c, l);
	const struct syc_engine_opts eo = load_engine(c, l);
	struct syc_model_need m;
	struct syc_engine_need e;
	uint64_t weights, rest, all;
	int ret = syc_model_memory_needed(&m, l->model, &o, err);

	if (ret < 0)
		return ret;
	syc_engine_memory_needed(&e, &m, l->compute, &eo, work);
	weights = (uint64_t)m.weights + m.mapped;
	rest = e.buffers + PROGRAM + (uint64_t)m.config.n_vocab * PER_TOKEN;
	all = weights + e.kv + rest;
	put_bytes(out, "needs about", all, all >= GIGA);
	put_bytes(out, all >= GIGA ? " GB: weights" : " MB: weights", weights, all >= GIGA);
	put_bytes(out, ", keys and values", e.kv, all >= GIGA);
	put_bytes(out, ", the rest", rest, all >= GIGA);
	return out->failed ? fail_nomem(err) : 0;
}

int load_open(const struct tool *t, const struct opt_values *c,
	      const struct load *l, struct syc_model **m, struct syc_err *err)
{
	struct progress p;
	struct syc_model_opts o = model_opts(c, l);
	const struct syc_config *cfg;
	int ret;

	if (!l->model)
		tool_usage(t, "no model: give --model=PATH");
	ret = check_chat(l, err);
	if (ret < 0)
		return ret;
	o.progress = show_load;
	o.arg = &p;
	progress_begin(&p, t, c, "million weights");
	ret = syc_model_open(m, l->model, &o, err);
	progress_end(&p);
	if (ret == 0)
		tool_warn_lines(t, c, syc_model_notes(*m));
	if (ret < 0 || c->verbose < 1)
		return ret;
	cfg = syc_model_config(*m);
	tool_warn(t,
		  "%s: %s, %" PRIu32 " layers, width %" PRIu32
		  ", %s on %s kernels, %zu MB of weights",
		  l->model, cfg->name[0] ? cfg->name : cfg->arch, cfg->n_layers,
		  cfg->dim, syc_compute_name(l->compute), syc_model_kernels(*m),
		  syc_model_memory(*m) / 1000000);
	tool_warn(t, "keys and values: at most %zu MB, %zu bytes per token",
		  (l->kv_memory ? l->kv_memory : syc_engine_fair_share(syc_model_memory(*m))) /
			  1000000,
		  syc_engine_kv_bytes(*m));
	return 0;
}

struct syc_engine_opts load_engine(const struct opt_values *c,
				   const struct load *l)
{
	return (struct syc_engine_opts){
		.threads = c->threads,
		.n_ctx = l->ctx,
		.batch = l->batch,
		.kv_memory = l->kv_memory,
		.no_sharing = l->no_sharing,
	};
}

void load_say(const struct tool *t, const struct opt_values *c,
	      const struct load *l, const struct syc_engine_stats *st,
	      const char *jobs)
{
	if (c->verbose < 1)
		return;
	if (l->compute == SYC_COMPUTE_AUTO && st->sgemm_from)
		tool_warn(
			t,
			"steps of %zu tokens or more multiply in single precision",
			st->sgemm_from);
	else if (l->compute == SYC_COMPUTE_AUTO)
		tool_warn(
			t,
			"all steps multiply 8-bit integers: that is faster here");
	tool_warn(t,
		  "%" PRIu64 " %s computed: %" PRIu64 " prompt tokens (%" PRIu64
		  " more were shared, and %" PRIu64 " blocks of these) and %" PRIu64
		  " generated in %.2f s",
		  st->n_jobs, jobs, st->n_prompt, st->n_shared,
		  st->n_blocks_shared, st->n_generated,
		  st->seconds);
}

struct syc_run load_settings(const struct tool *t, const struct load *l,
			     const struct syc_prompter *p, struct syc_model *m)
{
	return (struct syc_run){
		.program = t->name,
		.model = m,
		.prompter = p,
		.set_window = l->set_window,
		.window = l->window,
		.n_ctx = l->ctx,
	};
}

int load_describe(const struct tool *t, const struct load *l,
		  const struct syc_prompter *p, struct syc_model *m,
		  struct syc_buf *out)
{
	const struct syc_run run = load_settings(t, l, p, m);

	return syc_run_settings(&run, out);
}

int load_prompter(struct syc_prompter *p, const struct load *l,
		  const struct syc_model *m, struct syc_err *err)
{
	const struct syc_prompter_opts o = {
		.chat = l->chat,
		.system = l->system,
		.no_special = l->no_special,
		.model = l->model,
	};

	return syc_prompter_init(p, m, &o, err);
}

void tool_warn_foreign(const struct tool *t, const struct opt_values *c, const char *vector,
		       const char *what)
{
	if (c->verbose >= 0)
		tool_warn(t, "warning: %s was made with another model file than %s: an effect is "
			  "one only beside that model's null vectors (--foreign: it is meant)",
			  vector, what);
}
