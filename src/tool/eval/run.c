/* SPDX-License-Identifier: MIT */
/* One run: a task's rows through a model. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/eval/eval.h"

int voice_open(struct voice *v, const struct eval *e, const char *path, bool quotes,
	       struct syc_err *err)
{
	const struct model_rows *m = &e->r.m;
	struct syc_engine_opts eo;
	int ret;

	v->load = m->load;
	v->load.no_special = quotes;
	v->load.system = NULL;
	v->speaker.n_ctx = m->n_ctx;
	if (path) {
		v->load = (struct load){ .model = path, .compute = m->load.compute,
					 .kv_memory = m->load.kv_memory, .no_special = quotes };
		ret = load_open(&eval_tool, &m->common, &v->load, &v->model, err);
		if (ret < 0)
			return ret;
		eo = load_engine(&m->common, &v->load);
		ret = syc_engine_new(&v->engine, v->model, &eo, err);
		if (ret < 0)
			return ret;
		v->speaker.n_ctx = syc_model_config(v->model)->n_ctx;
	}
	v->speaker.prompter = &v->prompter;
	v->speaker.engine = v->engine;
	return load_prompter(&v->prompter, &v->load, path ? v->model : m->model, err);
}

void voice_close(struct voice *v)
{
	syc_engine_free(v->engine);
	syc_prompter_done(&v->prompter);
	syc_model_close(v->model);
}

/* Append what of another model shapes the rows: ", "judge": {...}". */
static int describe_voice(struct syc_buf *out, const char *key, struct voice *v, struct eval *e,
			  struct syc_err *err)
{
	int ret;

	syc_buf_printf(out, ", \"%s\": {", key);
	ret = load_describe(&eval_tool, &v->load, &v->prompter,
			    v->model ? v->model : e->r.m.model, out);
	if (ret == 0 && v == &e->judge) {
		syc_buf_puts(out, ", \"rubric\": ");
		syc_buf_json(out, e->judging.rubric.prompt, strlen(e->judging.rubric.prompt));
	}
	return ret < 0 || syc_buf_puts(out, "}") < 0 ? fail_nomem(err) : 0;
}

/* The judge and the user's model, where the task has them; and what is said of both. */
static int open_voices(struct eval *e, struct syc_buf *more, struct syc_err *err)
{
	const struct eval_opts *o = e->o;
	int ret = 0;

	if (strcmp(e->task, "feedback") == 0) {
		ret = voice_open(&e->judge, e, o->judge, true, err);
		if (ret == 0)
			ret = syc_judging_open(&e->judging, o->rubric ? o->rubric : "comments",
					       &e->judge.speaker, true, err);
		e->judged = ret == 0;
		if (ret == 0 && e->judging.n_orders < 2)
			ret = fail(err, SYC_EINVAL, "rubric '%s' does not swap: comments are "
				   "compared in both orders", e->judging.rubric.name);
		if (ret == 0)
			ret = describe_voice(more, "judge", &e->judge, e, err);
	}
	if (ret == 0 && o->user_model && strcmp(e->task, "pushback") == 0) {
		ret = voice_open(&e->user, e, o->user_model, false, err);
		e->talk.user = &e->user.speaker;
		e->talk.user_max = o->user_tokens;
		syc_buf_printf(more, ", \"user_tokens\": %zu", o->user_tokens);
		if (ret == 0)
			ret = describe_voice(more, "user", &e->user, e, err);
	}
	return ret;
}

/* What is generated, and how; what is said of it. */
static void set_run(struct eval *e, const char *more)
{
	static const char *const made[] = { "replies", "users", "finish", "grade", "why", "grader",
					    "label", "sample", "parent", "run", "acts", NULL };
	struct syc_run *run = &e->r.run;

	run->max_tokens = e->o->max_tokens;
	run->sampling = e->sampling;
	run->stop = e->o->stop.text;
	run->n_stop = e->o->stop.n;
	run->more = more;
	e->r.made = made;
	syc_buf_printf(&e->r.shape, ", \"samples\": %" PRIu32 ", \"task\": \"%s\"", e->o->samples,
		       e->task);
}

static int open_engine(struct eval *e, struct syc_err *err)
{
	const struct syc_engine_opts eo = recording_engine(&e->r, 0);
	const int ret = model_rows_engine(&e->r.m, &eo, err);

	e->model.engine = e->r.m.engine;
	if (!e->judge.engine)
		e->judge.speaker.engine = e->r.m.engine;
	return ret;
}

static int all_batches(struct eval *e, struct syc_err *err)
{
	int ret;

	progress_begin(&e->r.m.progress, &eval_tool, &e->r.m.common, "rows");
	while ((ret = batch_read(e, err)) > 0) {
		ret = batch_run(e, err);
		if (ret == 0)
			ret = batch_write(e, err);
		if (ret < 0)
			break;
	}
	progress_end(&e->r.m.progress);
	return ret;
}

static int run(struct eval *e, struct syc_buf *more, struct syc_err *err)
{
	int ret = recording_check(&e->r, err);

	if (ret == 0)
		ret = recording_open(&e->r, err);
	if (ret < 0)
		return ret;
	e->model = (struct syc_speaker){ .prompter = &e->r.m.prompter, .steer = e->r.steer,
					 .n_ctx = e->r.m.n_ctx };
	ret = open_voices(e, more, err);
	if (ret < 0)
		return ret;
	set_run(e, more->data);
	ret = recording_begin(&e->r, err);
	if (ret == 0)
		ret = open_engine(e, err);
	if (ret < 0)
		return ret;
	ret = recording_close(&e->r, all_batches(e, err), err);
	model_rows_engine_end(&e->r.m, "replies");
	return ret;
}

static void show(void *arg, size_t done, size_t all)
{
	struct eval *e = arg;
	const double now = syc_rows_share(&e->r.m.in);

	progress_show(&e->r.m.progress, e->n_written,
		      now < 0 ? now : e->share + (now - e->share) * (double)done / (double)all);
}

int eval_run(struct eval *e)
{
	const struct eval_opts *o = e->o;
	struct syc_buf more = { 0 };
	struct syc_err err = { 0 };
	int ret;

	e->r.m.shard_by = "item";
	e->sampling = o->sampling;
	e->sampling.seed = e->r.m.common.seed;
	e->talk = (struct syc_talk_opts){
		.model = &e->model, .max_new = o->max_tokens, .sampling = &e->sampling,
		.stop = o->stop.text, .n_stop = o->stop.n, .progress = show, .arg = e,
	};
	ret = run(e, &more, &err);
	batch_free(e);
	if (e->judged)
		syc_judging_close(&e->judging);
	voice_close(&e->judge);
	voice_close(&e->user);
	syc_buf_free(&more);
	if (ret == 0 && e->n_dropped)
		tool_warn(&eval_tool, "%" PRIu64 " rows were dropped: longer than the context",
			  e->n_dropped);
	return recording_end(&e->r, ret, &err);
}
