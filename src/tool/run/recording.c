/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "syc/steer.h"
#include "tool/common/fail.h"
#include "tool/run/recording.h"

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

/* Those of a run that was killed after its very last step but this. */
static void drop_settings(const char *out)
{
	char *part = syc_output_part(out);
	char *path = part ? syc_resume_settings_path(part) : NULL;

	if (path)
		unlink(path);
	free(path);
	free(part);
}

int recording_check(struct recording *r, struct syc_err *err)
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
	r->complete = r->resume && dump_is_complete(out, r->path);
	ret = operands_check(r->m.in.paths, r->m.in.n_paths, err);
	return ret < 0 || r->complete ? ret : check_outputs(r, err);
}

static int open_steer(struct recording *r, struct syc_err *err)
{
	int ret = r->specs.n ? syc_steer_new(&r->steer, r->m.model, err) : 0;

	for (size_t i = 0; i < r->specs.n && ret == 0; i++) {
		ret = syc_steer_parse(r->steer, r->specs.text[i], err);
		if (ret == 0 && syc_steer_assumed(r->steer))
			tool_warn_assumed(r->m.tool, &r->m.common,
					  r->specs.text[i]);
		if (ret == 0 && syc_steer_foreign(r->steer) && !r->foreign)
			tool_warn_foreign(r->m.tool, &r->m.common, r->specs.text[i],
					  r->m.load.model);
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

int settings_add(struct syc_buf *b, const char *key, const struct json_t *value)
{
	char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : strdup("null");
	const int ret = text ? syc_buf_printf(b, ", \"%s\": %s", key, text) : -1;

	free(text);
	return ret;
}

int recording_begin(struct recording *r, struct syc_err *err)
{
	const struct syc_recorder_opts ro = { r->layers, r->n_layers, r->positions };

	if (r->more.failed)
		return fail_nomem(err);
	if (r->more.len)
		r->run.more = r->more.data;
	if (syc_run_digest(&r->run, r->digest) < 0 ||
	    syc_run_describe(&r->run, &r->provenance) < 0)
		return fail_nomem(err);
	return r->path ? syc_recorder_new(&r->recorder, r->m.model, &ro, err) : 0;
}

/* All that shapes rows and recording: the run, and what is asked of both. */
static int settings(const struct recording *r, struct syc_buf *b)
{
	const struct load *l = &r->m.load;
	int bad = syc_buf_add(b, r->provenance.data, r->provenance.len - 1);

	bad |= syc_buf_puts(b, ", \"shard\": ");
	bad |= l->n_shards ? syc_buf_printf(b, "\"%" PRIu32 "/%" PRIu32 "\"", l->shard,
					    l->n_shards) : syc_buf_puts(b, "\"1/1\"");
	bad |= syc_buf_puts(b, ", \"record\": ");
	bad |= r->path ? syc_buf_json(b, r->path, strlen(r->path)) : syc_buf_puts(b, "\"nothing\"");
	if (r->path) {
		bad |= syc_buf_printf(b, ", \"dtype\": \"%s\", \"positions\": [",
				      dtype_names[r->dtype]);
		for (unsigned p = 0, n = 0; p < SYC_N_POSITIONS; p++)
			if (r->positions >> p & 1)
				bad |= syc_buf_printf(b, "%s\"%s\"", n++ ? ", " : "",
						      syc_position_name(p));
		bad |= syc_buf_puts(b, "], \"layers\": [");
		for (size_t i = 0; i < r->n_layers; i++)
			bad |= syc_buf_printf(b, "%s%" PRIu32, i ? ", " : "", r->layers[i]);
		bad |= syc_buf_puts(b, "]");
	}
	bad |= syc_buf_puts(b, r->shape.data ? r->shape.data : "");
	return bad | syc_buf_puts(b, "}\n");
}

/* Whether the interrupted run was this one: 1, 0 not known, or an error. */
static int compare_settings(const struct recording *r, const struct syc_buf *now,
			    struct syc_err *err)
{
	char *part = r->resume ? syc_output_part(r->m.common.output) : NULL;
	const bool there = part && access(part, F_OK) == 0;
	const int ret = there ? syc_resume_compare(part, now->data, err) : 0;

	free(part);
	return ret;
}

/* What the run goes on from, and for the next one how it was begun. */
static int open_before(struct recording *r, bool known, const struct syc_buf *now,
		       struct syc_err *err)
{
	const struct dump *d = &r->dump;
	int ret = 0;

	if (!d->out.part)
		return 0;
	r->settings_path = syc_resume_settings_path(d->out.part);
	if (!r->settings_path)
		return fail_nomem(err);
	if (d->n_there)
		ret = syc_resume_open(&r->before, d->out.part, d->n_resumed, r->path,
				      r->digest, err);
	return ret < 0 || known || d->n_there ? ret
	       : syc_output_all(r->settings_path, now->data, now->len, err);
}

static struct syc_acts_opts acts_opts(const struct recording *r)
{
	return (struct syc_acts_opts){
		.positions = r->positions,
		.layers = r->layers,
		.n_layers = r->n_layers,
		.dim = syc_model_config(r->m.model)->dim,
		.dtype = r->dtype,
		.provenance = r->provenance.data,
		.leftover = leftover(r),
	};
}

/* Nothing is written: rows and recording are compared with the input and options. */
static int open_complete(struct recording *r, struct syc_err *err)
{
	const struct syc_acts_opts ao = acts_opts(r);
	const char *out = r->m.common.output;
	uint64_t n_recorded;
	int ret = syc_resume_open(&r->before, out, UINT64_MAX, r->path, r->digest, err);

	r->opened = true;
	if (ret < 0)
		return ret;
	r->n_before = r->n_skip = syc_resume_rows(r->before);
	return r->path && r->n_skip ? syc_acts_resume(&r->dump.acts, r->path, &ao, r->n_skip,
						      &n_recorded, err) : 0;
}

/* Open rows and activations. */
static int open_dump(struct recording *r, struct syc_err *err)
{
	const struct syc_acts_opts ao = acts_opts(r);
	struct syc_buf now = { 0 };
	int known = settings(r, &now) ? fail_nomem(err) : compare_settings(r, &now, err);
	int ret = known < 0 ? known :
		  dump_open(&r->dump, r->m.tool, r->m.common.output, r->path,
			    r->path ? &ao : NULL, leftover(r), known > 0, err);

	if (ret == 0)
		ret = open_before(r, known > 0, &now, err);
	syc_buf_free(&now);

	r->opened = true;
	r->n_before = r->before ? r->dump.n_there : 0;
	r->n_skip = r->dump.n_resumed;
	if (ret == 0 && r->n_skip && r->m.common.verbose >= 0)
		tool_warn(r->m.tool, "going on after %" PRIu64 " row%s", r->n_skip,
			  r->n_skip == 1 ? "" : "s");
	return ret;
}

int recording_next(struct recording *r,
		   int (*make)(void *arg, struct syc_row *row, struct syc_err *err),
		   void *arg, struct syc_err *err)
{
	const int ret = model_rows_next(&r->m, make, arg, err);

	if (ret < 0)
		return ret;
	if (!r->opened && (r->complete ? open_complete : open_dump)(r, err) < 0)
		return err->code;
	if (ret == 0 && r->n_before)
		return fail(err, SYC_EINVAL,
			    "%s: has %" PRIu64 " rows more than the input: another input",
			    r->complete ? r->m.common.output : r->dump.out.part,
			    r->n_before);
	return ret;
}

int recording_has(struct recording *r, const struct syc_row *row, int32_t sample,
		  int32_t answer, struct syc_err *err)
{
	const int ret = r->n_before ? syc_resume_row(r->before, row, sample, answer,
						     r->made, err) : 0;
	const bool there = ret == 0 && r->n_skip;

	r->n_before -= ret == 0 && r->n_before;
	r->n_skip -= there;
	if (ret == 0 && !there && r->complete)
		return fail(err, SYC_EINVAL, "%s: is finished, but the input has more rows",
			    r->m.common.output);
	return ret < 0 ? ret : there;
}

/* What makes of a row what is asked, and the row that it got last. */
struct maker {
	int (*make)(void *arg, struct syc_row *row, struct syc_err *err);
	void *arg;
	const struct syc_row *row;
};

static int make_noted(void *arg, struct syc_row *row, struct syc_err *err)
{
	struct maker *m = arg;

	m->row = row;
	return m->make(m->arg, row, err);
}

int recording_next_missing(struct recording *r,
			   int (*make)(void *arg, struct syc_row *row, struct syc_err *err),
			   void (*pass)(void *arg), void *arg, struct syc_err *err)
{
	struct maker m = { .make = make, .arg = arg };
	int ret;

	while ((ret = recording_next(r, make_noted, &m, err)) > 0) {
		ret = recording_has(r, m.row, -1, -1, err);
		if (ret == 0)
			return 1;
		pass(arg);
		if (ret < 0)
			return ret;
	}
	return ret;
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

/* The settings go when nothing is left to go on with. */
int recording_close(struct recording *r, int ret, struct syc_err *err)
{
	char *part = r->settings_path ? strdup(r->dump.out.part) : NULL;

	if (r->complete) {
		if (ret == 0) {
			tool_warn(r->m.tool, "nothing to resume: %s is complete",
				  r->m.common.output);
			drop_settings(r->m.common.output);
		}
		return ret;
	}
	ret = dump_close(&r->dump, ret == 0, err) < 0 ? -1 : ret;
	if (part && access(part, F_OK) < 0)
		unlink(r->settings_path);
	free(part);
	return ret;
}

struct syc_engine_opts recording_engine(struct recording *r, uint32_t n_layers)
{
	struct syc_engine_opts eo = load_engine(&r->m.common, &r->m.load);

	r->hooks[0] = r->hooks[1] = syc_steer_hook();
	if (r->recorder)
		r->hooks[r->pre ? 0 : 1] = syc_recorder_hook(r->recorder);
	eo.hooks = r->hooks;
	eo.n_hooks = r->recorder ? 2 : r->steer ? 1 : 0;
	eo.n_layers = n_layers;
	return eo;
}

int recording_run(struct recording *r, const struct jobs *w, uint32_t n_layers,
		  struct syc_err *err)
{
	const struct syc_engine_opts eo = recording_engine(r, n_layers);
	const int ret = model_rows_run(&r->m, &eo, w, err);

	return recording_close(r, ret, err);
}

int recording_add(struct recording *r, const struct syc_acts_row *acts,
		  const struct syc_buf *row, struct syc_err *err)
{
	int ret = dump_add(&r->dump, acts, row, err);

	progress_show(&r->m.progress, r->dump.n_rows, syc_rows_share(&r->m.in));
	return ret;
}

void recording_free(struct recording *r)
{
	syc_buf_free(&r->provenance);
	syc_buf_free(&r->shape);
	syc_buf_free(&r->more);
	syc_resume_close(r->before);
	free(r->settings_path);
	syc_recorder_free(r->recorder);
	syc_steer_free(r->steer);
	free(r->layers);
	texts_free(&r->specs);
}

int recording_end(struct recording *r, int ret, const struct syc_err *err)
{
	recording_free(r);
	return model_rows_end(&r->m, ret, err);
}
