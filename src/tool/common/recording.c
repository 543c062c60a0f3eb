/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/steer.h"
#include "tool/common/fail.h"
#include "tool/common/recording.h"

const char *const dtype_names[] = { "f16", "f32", NULL };

void opt_positions(const struct tool *t, const struct opt *o, void *at,
		   char *arg)
{
	struct syc_err err;

	if (syc_positions_parse(at, arg, &err) < 0)
		tool_usage(t, "--%s: %s", o->name, err.msg);
}

static enum syc_leftover leftover(const struct recording *r)
{
	return r->resume ? SYC_LEFTOVER_TAKE
	       : r->force ? SYC_LEFTOVER_REPLACE : SYC_LEFTOVER_REFUSE;
}

/* Both outputs can be written, and are neither read nor one. */
static int check_outputs(const struct recording *r, struct syc_err *err)
{
	const char *out = r->m.common.output;
	struct syc_inputs in = { 0 };
	int ret = inputs_of(&in, r->m.in.paths, r->m.in.n_paths, err);

	if (ret == 0)
		ret = syc_output_check(out, leftover(r), &in, err);
	if (ret == 0 && r->path)
		ret = syc_output_check(r->path, leftover(r), &in, err);
	if (ret == 0 && r->path)
		ret = syc_outputs_differ(out, r->path, err);
	syc_inputs_free(&in);
	if (ret == SYC_EINVAL)
		tool_usage(r->m.tool, "%s", err->msg);
	return ret < 0 || !r->path ? ret : syc_acts_check(r->path, leftover(r), err);
}

int recording_check(const struct recording *r, struct syc_err *err)
{
	const struct tool *t = r->m.tool;
	const char *out = r->m.common.output;
	int ret;

	if (r->resume && syc_output_is_stdout(out))
		tool_usage(t, "--resume needs --output");
	if (r->resume && r->force)
		tool_usage(t, "--resume goes on with what --force throws away");
	if (!r->m.load.model)
		tool_usage(t, "no model: give --model=PATH");
	if (r->resume && dump_is_complete(out)) {
		tool_warn(t, "nothing to resume: %s is complete", out);
		return 0;
	}
	ret = operands_check(r->m.in.paths, r->m.in.n_paths, err);
	if (ret == 0)
		ret = check_outputs(r, err);
	return ret < 0 ? ret : 1;
}

static int open_steer(struct recording *r, struct syc_err *err)
{
	int ret = r->specs.n ? syc_steer_new(&r->steer, r->m.model, err) : 0;

	for (size_t i = 0; i < r->specs.n && ret == 0; i++) {
		ret = syc_steer_parse(r->steer, r->specs.text[i], err);
		if (ret == 0 && syc_steer_assumed(r->steer))
			tool_warn_assumed(r->m.tool, &r->m.common,
					  r->specs.text[i]);
	}
	return ret;
}

int recording_open(struct recording *r, struct syc_err *err)
{
	int ret = model_rows_open(&r->m, err);

	if (ret < 0)
		return ret;
	opt_list(r->m.tool, "layers", r->layers_arg ? r->layers_arg : "all",
		 syc_model_config(r->m.model)->n_layers, &r->layers,
		 &r->n_layers);
	ret = open_steer(r, err);
	r->run = load_settings(r->m.tool, &r->m.load, &r->m.prompter, r->m.model);
	r->run.steer = r->steer;
	r->run.pre = r->pre;
	return ret;
}

int recording_begin(struct recording *r, struct syc_err *err)
{
	const struct syc_recorder_opts ro = { r->layers, r->n_layers, r->positions };

	if (syc_run_digest(&r->run, r->digest) < 0 ||
	    syc_run_describe(&r->run, &r->provenance) < 0)
		return fail_nomem(err);
	return r->path ? syc_recorder_new(&r->recorder, r->m.model, &ro, err) : 0;
}

/* Open rows and activations. */
static int open_dump(struct recording *r, struct syc_err *err)
{
	const struct syc_acts_opts ao = {
		.positions = r->positions,
		.layers = r->layers,
		.n_layers = r->n_layers,
		.dim = syc_model_config(r->m.model)->dim,
		.dtype = r->dtype,
		.provenance = r->provenance.data,
		.leftover = leftover(r),
	};
	int ret = dump_open(&r->dump, r->m.tool, r->m.common.output, r->path,
			    r->path ? &ao : NULL, leftover(r), err);

	r->opened = true;
	r->n_skip = r->dump.n_resumed;
	if (ret == 0 && r->resume && r->m.common.verbose >= 0)
		tool_warn(r->m.tool, "going on after %" PRIu64 " rows", r->n_skip);
	return ret;
}

int recording_next(struct recording *r,
		   int (*make)(void *arg, struct syc_row *row, struct syc_err *err),
		   void *arg, struct syc_err *err)
{
	const int ret = model_rows_next(&r->m, make, arg, err);

	if (ret < 0 || r->opened)
		return ret;
	return open_dump(r, err) < 0 ? err->code : ret;
}

int recording_job(const struct recording *r, struct syc_job *job,
		  size_t n_prompt, const struct syc_spots *at,
		  struct syc_err *err)
{
	syc_steer_job(r->steer, job, n_prompt);
	if (!r->recorder)
		return 0;
	job->rec = syc_take_new(r->recorder);
	return job->rec && syc_take_begin(job->rec, at) == 0 ? 0
							     : fail_nomem(err);
}

int recording_run(struct recording *r, const struct jobs *w, uint32_t n_layers,
		  struct syc_err *err)
{
	struct syc_engine_opts eo = load_engine(&r->m.common, &r->m.load);
	struct syc_hook hooks[2] = { syc_steer_hook() };
	int ret;

	eo.hooks = hooks;
	eo.n_hooks = 1;
	eo.n_layers = n_layers;
	if (r->recorder) {
		hooks[r->pre ? 1 : 0] = syc_steer_hook();
		hooks[r->pre ? 0 : 1] = syc_recorder_hook(r->recorder);
		eo.n_hooks = 2;
	}
	ret = model_rows_run(&r->m, &eo, w, err);
	return dump_close(&r->dump, ret == 0, err) < 0 ? -1 : ret;
}

int recording_add(struct recording *r, const struct syc_acts_row *acts,
		  const struct syc_buf *row, struct syc_err *err)
{
	int ret = dump_add(&r->dump, acts, row, err);

	progress_show(&r->m.progress, r->dump.n_rows, syc_rows_share(&r->m.in));
	return ret;
}

int recording_end(struct recording *r, int ret, const struct syc_err *err)
{
	syc_buf_free(&r->provenance);
	syc_recorder_free(r->recorder);
	syc_steer_free(r->steer);
	free(r->layers);
	texts_free(&r->specs);
	return model_rows_end(&r->m, ret, err);
}
