/* SPDX-License-Identifier: MIT */
/* syc-rank: what a reward model thinks of the texts of rows. */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/common/load.h"
#include "tool/common/progress.h"
#include "tool/common/rows.h"

enum { KEY_NO_END = OPT_OWN, KEY_KEEP_GOING };

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	{ 0, NULL, NULL, "Rows" },
	{ KEY_NO_END, "no-end", NULL, "read the score without an end token behind the text" },
	OPTS_SHARD,
	{ KEY_KEEP_GOING, "keep-going", NULL, "report and skip rows that cannot be used" },
	OPTS_MODEL
};

static const struct tool tool = {
	"syc-rank", "-m MODEL [OPTION]... [FILE]...",
	"Add what a reward model gives for the texts in FILEs or standard input", opts,
};

struct rank {
	struct opt_values common;
	struct load load;
	struct syc_rows in;
	struct syc_model *model;
	struct syc_prompter prompter;
	struct out out;
	struct progress progress;
	bool no_end;
	size_t n_ctx;
	uint64_t n_in, n_out;
};

/* A row under way. */
struct item {
	struct syc_job job;
	struct syc_row *row;
	char *line;		/* [len] its bytes */
	size_t len;
	struct syc_ids ids;
};

static void parse_options(struct rank *r, int argc, char **argv)
{
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_NO_END: r->no_end = true; break;
		case KEY_KEEP_GOING: r->in.keep_going = true; break;
		default:
			if (!load_opt(&tool, &r->load, key, optarg))
				opt_common(&tool, &r->common, key, optarg);
		}
	}
	if (!r->load.model)
		tool_usage(&tool, "no model: give --model=PATH");
}

static int open_model(struct rank *r, struct syc_err *err)
{
	const struct syc_config *c;
	int ret = load_open(&tool, &r->common, &r->load, &r->model, err);

	if (ret < 0)
		return ret;
	c = syc_model_config(r->model);
	if (!c->reward)
		return fail(err, SYC_EUNSUPP, "%s: not a reward model: it has no head that scores texts", r->load.model);
	if (r->load.ctx > c->n_ctx)
		tool_usage(&tool, "--ctx: the model was trained for %" PRIu32 " tokens", c->n_ctx);
	r->n_ctx = r->load.ctx ? r->load.ctx : c->n_ctx;
	if (!r->no_end && syc_vocab_eos(syc_model_vocab(r->model)) < 0)
		return fail(err, SYC_EFORMAT, "%s: its vocabulary has no end token (--no-end does without)", r->load.model);
	return load_prompter(&r->prompter, &r->load, r->model, err);
}

static void free_item(struct item *it)
{
	if (!it)
		return;
	syc_job_clear(&it->job);
	syc_row_free(it->row);
	syc_ids_free(&it->ids);
	free(it->line);
	free(it);
}

/* Whether the prompt alone is a whole text: raw, or ending in an answer. */
static bool is_whole(const struct syc_prompt *p)
{
	return p->ids || p->text || (p->n_msg && strcmp(p->msg[p->n_msg - 1].role, "assistant") == 0);
}

static int add_text(const struct rank *r, struct item *it, struct syc_err *err)
{
	const struct syc_row *row = it->row;
	const struct syc_prompter *p = &r->prompter;
	int32_t eos = syc_vocab_eos(p->vocab);
	int ret;

	if (!row->has_prompt)
		return fail(err, SYC_EINVAL, "no prompt: the row needs question, messages, prompt or prompt_ids");
	if (!row->completion && !row->has_completion_ids && !is_whole(&row->prompt))
		return fail(err, SYC_EINVAL, "no completion");
	ret = syc_prompter_ids(p, &row->prompt, &it->ids, NULL, err);
	if (ret == 0 && row->has_completion_ids)
		ret = syc_prompter_given(p, row->completion_ids, row->n_completion_ids, &it->ids, err);
	else if (ret == 0 && row->completion)
		ret = syc_prompter_answer(p, &row->prompt, row->completion, &it->ids, err);
	if (ret < 0)
		return ret;
	if (!r->no_end && !(it->ids.n && syc_vocab_is_end(p->vocab, it->ids.id[it->ids.n - 1])) &&
	    syc_ids_add(&it->ids, &eos, 1) < 0)
		return fail_nomem(err);
	if (!it->ids.n)
		return fail(err, SYC_EINVAL, "the text is empty");
	if (it->ids.n > r->n_ctx)
		return fail(err, SYC_EINVAL, "the text's %zu tokens do not fit the context of %zu", it->ids.n, r->n_ctx);
	return 0;
}

/* Takes over row. */
static int new_item(const struct rank *r, struct syc_row *row, struct item **out, struct syc_err *err)
{
	struct item *it = calloc(1, sizeof(*it));
	int ret;

	*out = NULL;
	if (!it) {
		syc_row_free(row);
		return fail_nomem(err);
	}
	it->row = row;
	it->len = r->in.len;
	it->line = malloc(it->len + 1);
	if (it->line)
		memcpy(it->line, r->in.line, it->len);
	ret = it->line ? add_text(r, it, err) : fail_nomem(err);
	if (ret < 0) {
		free_item(it);
		return ret;
	}
	it->job = (struct syc_job){
		.id = row->id, .tokens = it->ids.id, .n_tokens = it->ids.n, .may_skip = it->ids.n,
		.want_score = true, .user = it,
	};
	*out = it;
	return 0;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct rank *r = arg;
	struct syc_row *row;
	struct item *it;
	int ret;

	*job = NULL;
	while ((ret = syc_rows_next(&r->in, &row, err)) == 1) {
		if (!in_shard(&r->load, r->n_in++)) {
			syc_row_free(row);
			continue;
		}
		if (new_item(r, row, &it, err) == 0) {
			*job = &it->job;
			return 0;
		}
		ret = syc_rows_bad(&r->in, err);
		if (ret < 0)
			return ret;
	}
	return ret;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct rank *r = arg;
	struct item *it = job->user;
	struct syc_buf b = { 0 };
	struct edit e;
	int ret = 0;

	if (!isfinite(job->score))
		ret = fail(err, SYC_EINVAL, "row '%s': the model's output is not finite", job->id);
	edit_begin(&e, it->line, it->len, err);
	if (!it->row->has_id) {
		syc_buf_json(&e.value, it->row->id, strlen(it->row->id));
		edit_set(&e, "id");
	}
	syc_buf_float(&e.value, job->score);
	edit_set(&e, "reward");
	if (edit_end(&e, &b) < 0 && ret == 0)
		ret = err->code;
	if (ret == 0)
		ret = out_write(&r->out, b.data, b.len, err);
	progress_show(&r->progress, ++r->n_out, syc_rows_share(&r->in));
	syc_buf_free(&b);
	free_item(it);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	free_item(job->user);
}

static int run(struct rank *r, struct syc_err *err)
{
	const struct syc_engine_opts eo = load_engine(&r->common, &r->load);
	const struct jobs work = {
		"rows", "rows", &r->progress, next_job, job_done, job_dropped, r,
	};

	return load_run(&tool, &r->common, &r->load, r->model, &eo, &work, err);
}

int main(int argc, char **argv)
{
	struct rank r = { .common = OPT_VALUES_INIT, .in = { ROWS_OF(&tool) } };
	struct syc_err err = { 0 };
	int ret;

	parse_options(&r, argc, argv);
	r.in.paths = argv + optind;
	r.in.n_paths = argc - optind;
	ret = open_model(&r, &err);
	if (ret == 0)
		ret = out_open(&r.out, r.common.output, &err);
	if (ret == 0) {
		ret = run(&r, &err);
		if (ret == 0)
			ret = out_finish(&r.out, &err);
		else
			out_abandon(&r.out);
	}
	if (r.in.n_skipped && ret == 0)
		tool_warn(&tool, "%" PRIu64 " rows were skipped", r.in.n_skipped);
	syc_rows_done(&r.in);
	syc_prompter_done(&r.prompter);
	syc_model_close(r.model);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
