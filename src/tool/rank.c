/* SPDX-License-Identifier: MIT */
/* syc-rank: what a reward model, or an ordinary one asked in words, thinks of answers. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/judging.h"
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/run/recording.h"

struct rank {
	struct recording r;	/* of rows alone */
	bool no_end, honest;
	const char *rubric, *as;	/* or NULL */
	const char *made[4];	/* fields that it makes */
	char *run_field;	/* of these, that which names the run */
	struct syc_speaker judge;	/* with a rubric */
	struct syc_judging judging;
	struct item *item;	/* whose jobs are handed out */
	uint64_t n_out, n_vague;	/* vague: with a mass below VAGUE */
};

#define VAGUE 0.1

static const struct opt opts[] = {
	OPT_HEAD("Model"),
	OPTS_OF_MODEL(struct rank, r.m.load),
	OPT_HEAD("Questions"),
	OPT_TEXT_OF(
		0, "rubric", "RUBRIC", struct rank, rubric, OPT_NAMES("good", "better"),
		"ask an ordinary model: good, better, or a file (.json) with two answers"),
	OPT_FLAG(0, "honest", struct rank, honest,
		 "before each conversation the user asks for the truth"),
	OPT_HEAD("Rows"),
	OPT_TEXT(0, "as", "FIELD", struct rank, as,
		 "write into FIELD (default: reward)"),
	OPT_FLAG(0, "no-end", struct rank, no_end,
		 "read the score without an end token behind the text"),
	OPTS_OF_RESUMING(struct rank, r),
	OPTS_THREADED(struct rank, r.m.common)};

static const struct tool tool = {
	"syc-rank",
	"-m MODEL [OPTION]... [FILE]...",
	"Add what a preference model gives for the texts in FILEs or standard input",
	opts,
};

/* A row under way: a text for a reward model, or a case for a judge. */
struct item {
	struct syc_case
		asked; /* first, for its jobs' user is it, and the row */
	struct syc_job job;
	struct syc_row *row;	/* as it came */
	struct syc_row *spoken;	/* a conversation that was held, or NULL */
	struct syc_msg
		*honest; /* the row's messages with the request, or NULL */
	char *line;		/* [len] its bytes */
	size_t len;
	struct syc_ids ids;
	size_t n_jobs, n_out, n_done;
	unsigned refs;		/* jobs under way, and the source */
};

static struct syc_job *job_of(struct item *it, size_t i)
{
	return it->asked.n_jobs ? &it->asked.job[i] : &it->job;
}

static int open_rubric(struct rank *r, struct syc_err *err)
{
	int ret;

	/* No row ends its own quotation by writing an end token. */
	r->r.m.load.no_special = true;
	ret = recording_open(&r->r, err);
	if (ret < 0)
		return ret;
	r->judge = (struct syc_speaker){.prompter = &r->r.m.prompter,
					.n_ctx = r->r.m.n_ctx};
	ret = syc_judging_open(&r->judging, r->rubric, &r->judge, false, err);
	if (ret < 0) {
		r->rubric = NULL;
		return ret;
	}
	if (r->judging.rubric.n_answers != 2)
		return fail(
			err, SYC_EINVAL,
			"rubric '%.200s' has %zu answers: log odds are of two",
			r->rubric, r->judging.rubric.n_answers);
	return 0;
}

static int open_model(struct rank *r, struct syc_err *err)
{
	int ret = r->rubric ? open_rubric(r, err) : recording_open(&r->r, err);

	if (ret < 0 || r->rubric)
		return ret;
	if (!syc_model_config(r->r.m.model)->reward)
		return fail(
			err, SYC_EUNSUPP,
			"%s: not a reward model: it has no head that scores texts "
			"(--rubric asks it in words)",
			r->r.m.load.model);
	if (!r->no_end && syc_vocab_eos(r->r.m.prompter.vocab) < 0)
		return fail(
			err, SYC_EFORMAT,
			"%s: its vocabulary has no end token (--no-end does without)",
			r->r.m.load.model);
	return 0;
}

static void unref(struct item *it)
{
	if (!it || --it->refs)
		return;
	syc_job_clear(&it->job);
	syc_case_close(&it->asked);
	syc_row_free(it->spoken);
	syc_row_free(it->row);
	syc_ids_free(&it->ids);
	free(it->honest);
	free(it->line);
	free(it);
}

static void drop(void *arg, struct syc_job *job)
{
	(void)arg;
	unref(job->user);
}

/* Whether the prompt alone is a whole text: raw, or ending in an answer. */
static bool is_whole(const struct syc_prompt *p)
{
	return p->ids || p->text ||
	       (p->n_msg &&
		strcmp(p->msg[p->n_msg - 1].role, "assistant") == 0);
}

static int add_text(const struct rank *r, struct item *it, const struct syc_row *row,
		    struct syc_err *err)
{
	const struct syc_prompter *p = &r->r.m.prompter;
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
	if (it->ids.n > r->r.m.n_ctx)
		return fail(
			err, SYC_EINVAL,
			"the text's %zu tokens do not fit the context of %zu",
			it->ids.n, r->r.m.n_ctx);
	return 0;
}

static int prepare(struct rank *r, struct item *it, struct syc_err *err)
{
	struct syc_row *row = it->row;
	int ret = it->line ? syc_row_spoken(&it->spoken, row, err) : fail_nomem(err);

	if (it->spoken)
		row = it->spoken;
	ret = ret < 0 ? ret : 0;
	if (ret == 0 && r->honest)
		ret = syc_prompt_honest(&it->honest, &row->prompt, err);
	if (ret == 0)
		ret = r->rubric ? syc_case_open(&it->asked, &r->judging, row, row->id, err)
				: add_text(r, it, row, err);
	if (ret < 0)
		return ret;
	it->n_jobs = r->rubric ? it->asked.n_jobs : 1;
	if (!r->rubric)
		it->job = (struct syc_job){
			.id = it->row->id,
			.tokens = it->ids.id,
			.n_tokens = it->ids.n,
			.may_skip = it->ids.n,
			.want_score = true,
			.user = it,
		};
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
	it->row = row;
	it->refs = 1;
	it->len = r->r.m.in.len;
	it->line = model_rows_line(&r->r.m);
	ret = prepare(r, it, err);
	if (ret < 0)
		unref(it);
	else
		r->item = it;
	return ret;
}

/* Of the row whose jobs are handed out. */
static void pass(void *arg)
{
	struct rank *r = arg;

	unref(r->item);
	r->item = NULL;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct rank *r = arg;
	struct item *it;
	int ret;

	*job = NULL;
	if (!r->item && (ret = recording_next_missing(&r->r, take_row, pass, r, err)) <= 0)
		return ret;
	it = r->item;
	*job = job_of(it, it->n_out++);
	it->refs++;
	if (it->n_out == it->n_jobs)
		pass(r);
	return 0;
}

/* Log odds of the answer that is worth more, and of each order by itself. */
static double log_odds(const struct rank *r, const struct item *it,
		       double *mass, double order[2])
{
	const struct syc_judging *j = &r->judging;
	const int more = j->rubric.value[1] > j->rubric.value[0];
	double share[2], sum = 0;

	for (unsigned k = 0; k < j->n_orders; k++) {
		const double all =
			syc_answer_tree_sum(&j->tree, it->asked.p[k], share);

		*mass = k ? fmin(*mass, all) : all;
		/* In the second order the answers stand for each other. */
		order[k] = (k ? -1 : 1) * log(share[more] / share[!more]);
		sum += order[k];
	}
	return sum / j->n_orders;
}

static void describe(struct edit *e, const struct rank *r, double mass,
		     const double *order)
{
	const char *name = r->judging.rubric.name;

	syc_buf_puts(&e->value, "{\"rubric\": ");
	syc_buf_json(&e->value, name, strlen(name));
	syc_buf_puts(&e->value, ", \"mass\": ");
	syc_buf_float(&e->value, (float)mass);
	syc_buf_puts(&e->value, ", \"orders\": [");
	for (unsigned k = 0; k < r->judging.n_orders; k++) {
		syc_buf_puts(&e->value, k ? ", " : "");
		syc_buf_float(&e->value, (float)order[k]);
	}
	syc_buf_puts(&e->value, "]}");
	edit_set(e, "asked");
}

static int write_row(struct rank *r, struct item *it, struct syc_err *err)
{
	double mass = 0, order[2];
	const double x =
		r->rubric ? log_odds(r, it, &mass, order) : it->job.score;
	struct syc_buf b = { 0 };
	struct edit e;
	int ret = 0;

	if (!isfinite(x))
		ret = fail(err, SYC_EINVAL,
			   "row '%s': the model's output is not finite",
			   it->row->id);
	edit_row(&e, it->row, it->line, it->len, err);
	syc_buf_float(&e.value, (float)x);
	edit_set(&e, r->made[0]);
	syc_buf_printf(&e.value, "\"%s\"", r->r.digest);
	edit_set(&e, r->run_field);
	if (r->rubric)
		describe(&e, r, mass, order);
	r->n_vague += r->rubric && mass < VAGUE;
	if (edit_end(&e, &b) < 0 && ret == 0)
		ret = err->code;
	if (ret == 0)
		ret = recording_add(&r->r, NULL, &b, err);
	r->n_out++;
	syc_buf_free(&b);
	return ret;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct rank *r = arg;
	struct item *it = job->user;
	int ret = 0;

	if (++it->n_done == it->n_jobs)
		ret = write_row(r, it, err);
	unref(it);
	return ret;
}

/* What of the options makes numbers, and what names them. */
static int describe_run(struct rank *r, struct syc_err *err)
{
	struct syc_buf *b = &r->r.shape, *more = &r->r.more;
	int bad = syc_buf_puts(b, ", \"as\": ");

	bad |= syc_buf_json(b, r->made[0], strlen(r->made[0]));
	bad |= syc_buf_printf(more, ", \"end\": %s, \"honest\": %s",
			      r->no_end ? "false" : "true", r->honest ? "true" : "false");
	bad |= settings_add(more, "rubric", r->rubric ? r->judging.rubric.root : NULL);
	return bad ? fail_nomem(err) : 0;
}

static int run(struct rank *r, struct syc_err *err)
{
	const struct jobs work = {
		"rows", "rows", &r->r.m.progress,
		next_job, job_done, drop, r,
	};
	int ret;

	r->made[0] = r->as ? r->as : "reward";
	if (asprintf(&r->run_field, "%s_run", r->made[0]) < 0) {
		r->run_field = NULL;
		return fail_nomem(err);
	}
	r->made[1] = r->run_field;
	r->made[2] = r->rubric ? "asked" : NULL;
	r->r.made = r->made;
	ret = describe_run(r, err);
	if (ret == 0)
		ret = recording_begin(&r->r, err);
	return ret < 0 ? ret : recording_run(&r->r, &work, 0, err);
}

int main(int argc, char **argv)
{
	struct rank r = { .r.m = MODEL_ROWS_OF(&tool) };
	struct syc_err err = { 0 };
	int ret;

	model_rows_parse(&r.r.m, argc, argv, &r);
	if (r.rubric && r.no_end)
		tool_usage(
			&tool,
			"--no-end is of a reward model's text, not of --rubric");
	ret = recording_check(&r.r, &err);
	if (ret == 0)
		ret = open_model(&r, &err);
	if (ret == 0)
		ret = run(&r, &err);
	if (r.n_vague && ret == 0 && r.r.m.common.verbose >= 0)
		tool_warn(&tool,
			  "%" PRIu64 " of %" PRIu64
			  " rows: the answers that the rubric "
			  "allows have less than %g of the probability",
			  r.n_vague, r.n_out, VAGUE);
	unref(r.item);
	if (r.rubric)
		syc_judging_close(&r.judging);
	free(r.run_field);
	return recording_end(&r.r, ret, &err);
}
