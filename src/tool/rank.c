/* SPDX-License-Identifier: MIT */
/* syc-rank: what a reward model thinks of the texts of rows. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/common/model_rows.h"

struct rank {
	struct model_rows m;
	bool no_end;
	struct item *item;	/* of the row last read */
	struct syc_output out;
	uint64_t n_out;
};

static const struct opt opts[] = {
	OPT_HEAD("Model"),
	OPTS_OF_MODEL(struct rank, m.load),
	OPT_HEAD("Rows"),
	OPT_FLAG(0, "no-end", struct rank, no_end,
		 "read the score without an end token behind the text"),
	OPT_OF_SHARD(struct rank, m.load),
	OPTS_OF_ROWS(struct rank, m.in),
	OPTS_THREADED(struct rank, m.common)
};

static const struct tool tool = {
	"syc-rank",
	"-m MODEL [OPTION]... [FILE]...",
	"Add what a reward model gives for the texts in FILEs or standard input",
	opts,
};

/* A row under way. */
struct item {
	struct syc_job job;
	struct syc_row *row;
	char *line;		/* [len] its bytes */
	size_t len;
	struct syc_ids ids;
};

static int open_model(struct rank *r, struct syc_err *err)
{
	int ret = model_rows_open(&r->m, err);

	if (ret < 0)
		return ret;
	if (!syc_model_config(r->m.model)->reward)
		return fail(
			err, SYC_EUNSUPP,
			"%s: not a reward model: it has no head that scores texts",
			r->m.load.model);
	if (!r->no_end && syc_vocab_eos(r->m.prompter.vocab) < 0)
		return fail(
			err, SYC_EFORMAT,
			"%s: its vocabulary has no end token (--no-end does without)",
			r->m.load.model);
	return 0;
}

static void drop(void *arg, struct syc_job *job)
{
	struct item *it = job->user;

	(void)arg;
	syc_job_clear(&it->job);
	syc_row_free(it->row);
	syc_ids_free(&it->ids);
	free(it->line);
	free(it);
}

/* Whether the prompt alone is a whole text: raw, or ending in an answer. */
static bool is_whole(const struct syc_prompt *p)
{
	return p->ids || p->text ||
	       (p->n_msg &&
		strcmp(p->msg[p->n_msg - 1].role, "assistant") == 0);
}

static int add_text(const struct rank *r, struct item *it, struct syc_err *err)
{
	const struct syc_row *row = it->row;
	const struct syc_prompter *p = &r->m.prompter;
	int32_t eos = syc_vocab_eos(p->vocab);
	int ret;

	if (!row->has_prompt)
		return fail(
			err, SYC_EINVAL,
			"no prompt: the row needs question, messages, prompt or prompt_ids");
	if (!row->completion && !row->has_completion_ids &&
	    !is_whole(&row->prompt))
		return fail(err, SYC_EINVAL, "no completion");
	ret = syc_prompter_ids(p, &row->prompt, &it->ids, NULL, err);
	if (ret == 0 && row->has_completion_ids)
		ret = syc_prompter_given(p, row->completion_ids,
					 row->n_completion_ids, &it->ids, err);
	else if (ret == 0 && row->completion)
		ret = syc_prompter_answer(p, &row->prompt, row->completion,
					  &it->ids, err);
	if (ret < 0)
		return ret;
	if (!r->no_end &&
	    !(it->ids.n &&
	      syc_vocab_is_end(p->vocab, it->ids.id[it->ids.n - 1])) &&
	    syc_ids_add(&it->ids, &eos, 1) < 0)
		return fail_nomem(err);
	if (!it->ids.n)
		return fail(err, SYC_EINVAL, "the text is empty");
	if (it->ids.n > r->m.n_ctx)
		return fail(
			err, SYC_EINVAL,
			"the text's %zu tokens do not fit the context of %zu",
			it->ids.n, r->m.n_ctx);
	return 0;
}

static int take_row(void *arg, struct syc_row *row, struct syc_err *err)
{
	struct rank *r = arg;
	struct item *it = calloc(1, sizeof(*it));
	int ret;

	if (!it) {
		syc_row_free(row);
		return fail_nomem(err);
	}
	it->job.user = it;
	it->row = row;
	it->len = r->m.in.len;
	it->line = model_rows_line(&r->m);
	ret = it->line ? add_text(r, it, err) : fail_nomem(err);
	if (ret < 0) {
		drop(NULL, &it->job);
		return ret;
	}
	it->job = (struct syc_job){
		.id = row->id,
		.tokens = it->ids.id,
		.n_tokens = it->ids.n,
		.may_skip = it->ids.n,
		.want_score = true,
		.user = it,
	};
	r->item = it;
	return 0;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct rank *r = arg;
	const int ret = model_rows_next(&r->m, take_row, r, err);

	*job = ret == 1 ? &r->item->job : NULL;
	return ret < 0 ? ret : 0;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct rank *r = arg;
	struct item *it = job->user;
	struct syc_buf b = { 0 };
	struct edit e;
	int ret = 0;

	if (!isfinite(job->score))
		ret = fail(err, SYC_EINVAL,
			   "row '%s': the model's output is not finite",
			   job->id);
	edit_row(&e, it->row, it->line, it->len, err);
	syc_buf_float(&e.value, job->score);
	edit_set(&e, "reward");
	if (edit_end(&e, &b) < 0 && ret == 0)
		ret = err->code;
	if (ret == 0)
		ret = syc_output_write(&r->out, b.data, b.len, err);
	if (ret == 0)
		ret = syc_output_flush(&r->out, err);
	progress_show(&r->m.progress, ++r->n_out, syc_rows_share(&r->m.in));
	syc_buf_free(&b);
	drop(NULL, &it->job);
	return ret;
}

static int run(struct rank *r, struct syc_err *err)
{
	const struct syc_engine_opts eo = load_engine(&r->m.common, &r->m.load);
	const struct jobs work = {
		"rows", "rows", &r->m.progress,
		next_job, job_done, drop, r,
	};
	int ret;

	syc_output_begin(&r->out, r->m.common.output, SYC_LEFTOVER_REPLACE);
	ret = model_rows_run(&r->m, &eo, &work, err);
	if (ret == 0)
		return syc_output_finish(&r->out, err);
	syc_output_drop(&r->out);
	return ret;
}

int main(int argc, char **argv)
{
	struct rank r = { .m = MODEL_ROWS_OF(&tool) };
	struct syc_err err = { 0 };
	int ret;

	model_rows_parse(&r.m, argc, argv, &r);
	ret = model_rows_check(&r.m, &err);
	if (ret == 0)
		ret = open_model(&r, &err);
	if (ret == 0)
		ret = run(&r, &err);
	return model_rows_end(&r.m, ret, &err);
}
