/* SPDX-License-Identifier: MIT */
/* One run: a task's rows through a model. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/eval/eval.h"

int voice_open(struct voice *v, const struct eval *e, const char *path,
	       bool quotes, struct syc_err *err)
{
	const struct model_rows *m = &e->r.m;
	struct syc_engine_opts eo;
	int ret;

	v->load = m->load;
	v->load.no_special = quotes;
	v->load.system = NULL;
	v->speaker.n_ctx = m->n_ctx;
	if (path) {
		v->load = (struct load){.model = path,
					.compute = m->load.compute,
					.kv_memory = m->load.kv_memory,
					.no_special = quotes};
		ret = load_open(&eval_tool, &m->common, &v->load, &v->model,
				err);
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
	return load_prompter(&v->prompter, &v->load, path ? v->model : m->model,
			     err);
}

void voice_close(struct voice *v)
{
	syc_engine_free(v->engine);
	syc_prompter_done(&v->prompter);
	syc_model_close(v->model);
}

/* Append what of another model shapes the rows: ", "judge": {...". */
static int describe_voice(struct syc_buf *out, const char *key, struct voice *v,
			  struct eval *e, struct syc_err *err)
{
	syc_buf_printf(out, ", \"%s\": {", key);
	return load_describe(&eval_tool, &v->load, &v->prompter,
			     v->model ? v->model : e->r.m.model, out) < 0
		       ? fail_nomem(err)
		       : 0;
}

/*
 * The rubrics by which a task's replies are judged; none where only rules grade
 * them.
 */
static const char *const *rubrics_of(const struct eval *e)
{
	static const char *const right[] = {"right", NULL},
				 *const sure[] = {"right", "admits"},
				 *const moral[] = {"not-wrong", NULL};
	static const char *comments[] = { NULL, NULL };

	if (strcmp(e->task, "feedback") == 0) {
		comments[0] = e->o->rubric ? e->o->rubric : "comments";
		return comments;
	}
	if (!e->o->judge)
		return NULL;
	return strcmp(e->task, "sure") == 0    ? sure
	       : strcmp(e->task, "moral") == 0 ? moral
	       : strcmp(e->task, "answer") == 0 ||
			       strcmp(e->task, "two-sides") == 0
		       ? right
		       : NULL;
}

static int open_judge(struct eval *e, struct syc_buf *more, struct syc_err *err)
{
	const char *const *rubric = rubrics_of(e);
	int ret = rubric ? voice_open(&e->judge, e, e->o->judge, true, err) : 0;

	if (!rubric || ret < 0)
		return ret;
	ret = describe_voice(more, "judge", &e->judge, e, err);
	syc_buf_puts(more, ", \"rubrics\": [");
	for (size_t i = 0; i < 2 && rubric[i] && ret == 0; i++) {
		struct syc_judging *j = &e->judging[i];

		ret = syc_judging_open(j, rubric[i], &e->judge.speaker, true,
				       err);
		if (ret < 0)
			return ret;
		e->n_judging++;
		syc_buf_puts(more, i ? ", " : "");
		syc_buf_json(more, j->rubric.prompt, strlen(j->rubric.prompt));
		if (strcmp(e->task, "feedback") == 0 && j->n_orders < 2)
			ret = fail(err, SYC_EINVAL,
				   "rubric '%s' does not swap: comments are "
				   "compared in both orders",
				   j->rubric.name);
	}
	return ret == 0 && syc_buf_puts(more, "]}") < 0 ? fail_nomem(err) : ret;
}

static int open_user(struct eval *e, struct syc_buf *more, struct syc_err *err)
{
	int ret;

	if (!e->o->user_model || strcmp(e->task, "pushback") != 0)
		return 0;
	ret = voice_open(&e->user, e, e->o->user_model, false, err);
	if (ret == 0)
		ret = describe_voice(more, "user", &e->user, e, err);
	e->talk.user = &e->user.speaker;
	e->talk.user_max = e->o->user_tokens;
	return ret == 0 && syc_buf_printf(more, ", \"tokens\": %zu}",
					  e->o->user_tokens) < 0
		       ? fail_nomem(err)
		       : ret;
}

/* What is generated, and how; what is said of it. */
static void set_run(struct eval *e)
{
	static const char *const made[] = {
		"replies", "users",  "finish", "grade", "why",	"grader",
		"label",   "sample", "parent", "run",	"acts", NULL};
	struct syc_run *run = &e->r.run;

	run->max_tokens = e->o->max_tokens;
	run->sampling = e->sampling;
	run->stop = e->o->stop.text;
	run->n_stop = e->o->stop.n;
	e->r.made = made;
	syc_buf_printf(&e->r.shape,
		       ", \"samples\": %" PRIu32 ", \"task\": \"%s\"",
		       e->o->samples, e->task);
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

static int run(struct eval *e, struct syc_err *err)
{
	struct syc_buf *more = &e->r.more;
	int ret = recording_check(&e->r, err);

	if (ret == 0)
		ret = recording_open(&e->r, err);
	if (ret < 0)
		return ret;
	e->model = (struct syc_speaker){.prompter = &e->r.m.prompter,
					.steer = e->r.steer,
					.n_ctx = e->r.m.n_ctx};
	ret = open_judge(e, more, err);
	if (ret == 0)
		ret = open_user(e, more, err);
	if (ret < 0)
		return ret;
	set_run(e);
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
		      now < 0 ? now
			      : e->share + (now - e->share) * (double)done /
						   (double)all);
}

int eval_run(struct eval *e)
{
	const struct eval_opts *o = e->o;
	struct syc_err err = { 0 };
	int ret;

	e->r.m.shard_by = "item";
	e->sampling = o->sampling;
	e->sampling.seed = e->r.m.common.seed;
	e->talk = (struct syc_talk_opts){
		.model = &e->model,
		.max_new = o->max_tokens,
		.sampling = &e->sampling,
		.stop = o->stop.text,
		.n_stop = o->stop.n,
		.progress = show,
		.arg = e,
	};
	ret = run(e, &err);
	batch_free(e);
	while (e->n_judging)
		syc_judging_close(&e->judging[--e->n_judging]);
	voice_close(&e->judge);
	voice_close(&e->user);
	if (ret == 0 && e->n_dropped)
		tool_warn(&eval_tool,
			  "%" PRIu64
			  " rows were dropped: longer than the context",
			  e->n_dropped);
	return recording_end(&e->r, ret, &err);
}
