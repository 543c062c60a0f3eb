/* SPDX-License-Identifier: MIT */
/* syc-rec: activations of the texts of rows. */
#include "config.h"
#include <stdlib.h>
#include "tool/rec/row.h"
#include "tool/run/recording.h"

struct rec {
	struct recording r;
	struct syc_sequence_rules rules;
	struct syc_sequence *item[2];	/* of a row, still to be handed out */
};

static const struct opt opts[] = {
	OPT_HEAD("Model"),
	OPTS_OF_MODEL(struct rec, r.m.load),
	OPT_OF_STEER(struct rec, r),
	OPT_HEAD("Recording"),
	OPTS_OF_RECORDING(
		struct rec, r,
		"prompt, last, letter, mean, all (default: first two)"),
	OPT_FLAG(0, "both-answers", struct rec, rules.answers,
		 "record the two answers even of rows with a completion"),
	OPTS_OF_RESUMING(struct rec, r),
	OPTS_THREADED(struct rec, r.m.common)
};

static const struct tool tool = {
	"syc-rec", "-m MODEL -r FILE [OPTION]... [FILE]...",
	"Record activations of the given text in FILEs or standard input", opts,
};

static int take_row(void *arg, struct syc_row *row, struct syc_err *err)
{
	struct rec *r = arg;
	const struct model_rows *m = &r->r.m;
	size_t n;

	if (row->has_pair && !row->has_prompt && !r->rules.answers)
		return syc_sequences_of_prompts(r->item, &r->rules,
						&m->prompter, m->in.line,
						m->in.len, row, err);
	return syc_sequences_of_row(r->item, &n, &r->rules, &m->prompter,
				    m->in.line, m->in.len, row, err);
}

/* The next sequence: 1, 0 at the end, or an error. */
static int next_item(struct rec *r, struct syc_sequence **it,
		     struct syc_err *err)
{
	int ret = r->item[0] ? 1 : recording_next(&r->r, take_row, r, err);

	if (ret <= 0)
		return ret;
	*it = r->item[0];
	r->item[0] = r->item[1];
	r->item[1] = NULL;
	return 1;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct rec *r = arg;
	struct syc_sequence *it = NULL;
	int ret;

	*job = NULL;
	for (;; syc_sequence_free(it)) {
		ret = next_item(r, &it, err);
		if (ret <= 0)
			return ret;
		ret = recording_has(&r->r, it->row, -1, it->answer, err);
		if (ret == 0)
			break;
		if (ret < 0) {
			syc_sequence_free(it);
			return ret;
		}
	}
	ret = recording_job(&r->r, &it->job, it->n_prompt, &it->at, err);
	if (ret < 0)
		syc_sequence_free(it);
	else
		*job = &it->job;
	return ret;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct rec *r = arg;
	struct syc_sequence *it = job->user;
	struct syc_acts_row acts = {
		.id = job->id,
		.sample = it->row->sample < 0 ? 0 : it->row->sample,
		.answer = it->answer,
		.all = syc_take_all(job->rec),
		.tokens = it->ids.id,
		.n_tokens = it->ids.n,
	};
	struct syc_buf line = { 0 };
	int ret;

	for (unsigned s = 0; s < SYC_POSITION_ALL; s++)
		acts.position[s] =
			syc_take_position(job->rec, (enum syc_position)s);
	ret = rec_row_write(it, r->r.path, r->r.dump.n_rows, r->r.digest, &line, err);
	if (ret == 0)
		ret = recording_add(&r->r, &acts, &line, err);
	syc_buf_free(&line);
	syc_sequence_free(it);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	syc_sequence_free(job->user);
}

static int record(struct rec *r, struct syc_err *err)
{
	const struct jobs work = {
		"rows", "rows", &r->r.m.progress,
		next_job, job_done, job_dropped, r,
	};
	static const char *const made[] = { "answer", "n_prompt", "n_completion", "acts", NULL };
	int ret;

	r->r.made = made;
	r->r.run.more = r->rules.answers ? ", \"answers\": true" : ", \"answers\": false";
	ret = recording_begin(&r->r, err);
	/* No layer behind the last recorded one is computed. */
	return ret < 0 ? ret
		       : recording_run(&r->r, &work,
				       r->r.layers[r->r.n_layers - 1] + 1, err);
}

int main(int argc, char **argv)
{
	struct rec r = { .r.m = MODEL_ROWS_OF(&tool) };
	struct syc_err err = { 0 };
	int ret;

	model_rows_parse(&r.r.m, argc, argv, &r);
	if (!r.r.path)
		tool_usage(&tool, "nowhere to record: give --record=FILE");
	ret = recording_check(&r.r, &err);
	if (!r.r.positions)
		r.r.positions = POSITIONS_BOTH;
	r.rules.positions = r.r.positions;
	if (ret == 0)
		ret = recording_open(&r.r, &err);
	r.rules.n_ctx = r.r.m.n_ctx;
	if (ret == 0)
		ret = record(&r, &err);
	syc_sequence_free(r.item[0]);
	syc_sequence_free(r.item[1]);
	return recording_end(&r.r, ret, &err);
}
