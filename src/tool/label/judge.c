/* SPDX-License-Identifier: MIT */
/*
 * Labels by a judge: a model is asked a rubric about each row, and the
 * probabilities of the allowed answers are read; nothing is generated.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "syc/judging.h"
#include "tool/common/fail.h"
#include "tool/label/label.h"

struct judge {
	struct label_run *r;
	struct syc_speaker judge;
	struct syc_judging of;
	struct asked *now;	/* whose jobs are handed out */
	size_t at;
};

/* A row while the judge is asked about it. */
struct asked {
	struct syc_case c;	/* first: jobs point to it */
	struct syc_row *row;
	char *line;
	size_t len;
	unsigned refs;			/* jobs under way, and the source */
};

static void unref(struct asked *a)
{
	if (!a || --a->refs)
		return;
	syc_case_close(&a->c);
	free(a->line);
	syc_row_free(a->row);
	free(a);
}

static int take_row(void *arg, struct syc_row *row, struct syc_err *err)
{
	struct judge *j = arg;
	struct asked *a = calloc(1, sizeof(*a));
	int ret;

	if (!a) {
		syc_row_free(row);
		return fail_nomem(err);
	}
	*a = (struct asked){ .row = row, .refs = 1, .len = j->r->r.m.in.len };
	a->line = model_rows_line(&j->r->r.m);
	ret = a->line ? syc_case_open(&a->c, &j->of, row, row->id, err) : fail_nomem(err);
	if (ret < 0)
		unref(a);
	else
		j->now = a;
	return ret;
}

/* Of the row whose jobs are handed out. */
static void pass(void *arg)
{
	struct judge *j = arg;

	unref(j->now);
	j->now = NULL;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct judge *j = arg;
	int ret;

	*job = NULL;
	if (!j->now && (ret = recording_next_missing(&j->r->r, take_row, pass, j, err)) <= 0)
		return ret;
	*job = &j->now->c.job[j->at];
	j->now->refs++;
	if (++j->at == j->now->c.n_jobs) {
		pass(j);
		j->at = 0;
	}
	return 0;
}

static void drop(void *arg, struct syc_job *job)
{
	(void)arg;
	unref(job->user);
}

static void describe(struct syc_buf *b, const struct syc_rubric *r,
		     const struct syc_judgment *found, const double *share, const char *run)
{
	syc_buf_puts(b, "{\"rubric\": ");
	syc_buf_json(b, r->name, strlen(r->name));
	syc_buf_puts(b, ", \"value\": ");
	syc_buf_float(b, (float)found->value);
	syc_buf_puts(b, ", \"mass\": ");
	syc_buf_float(b, (float)found->mass);
	syc_buf_puts(b, ", \"p\": {");
	for (size_t i = 0; i < r->n_answers; i++) {
		syc_buf_puts(b, i ? ", " : "");
		syc_buf_json(b, r->answer[i], strlen(r->answer[i]));
		syc_buf_puts(b, ": ");
		syc_buf_float(b, (float)share[i]);
	}
	syc_buf_printf(b, "}, \"run\": \"%s\"}", run);
}

static int write_row(struct judge *j, const struct asked *a,
		     struct syc_err *err)
{
	const struct syc_rubric *r = &j->of.rubric;
	const struct syc_judge_rule rule = { r->value, r->threshold,
					    j->r->margin, j->r->min_mass };
	struct syc_judgment found;
	struct syc_buf json = { 0 }, row = { 0 };
	struct verdict v = { .why = r->name, .key = "judge" };
	double share[SYC_RUBRIC_ANSWERS];
	int ret;

	syc_judge(&found, &j->of.tree, a->c.p, j->of.n_orders, &rule, share);
	v.label = found.label;
	if (found.lacks_mass)
		v.why = "mass";
	describe(&json, r, &found, share, j->r->r.digest);
	v.json = json.data;
	ret = json.failed ? fail_nomem(err)
			  : label_row(j->r, a->line, a->len, &v, &row, err);
	if (ret == 0)
		ret = recording_add(&j->r->r, NULL, &row, err);
	syc_buf_free(&json);
	syc_buf_free(&row);
	return ret;
}

static int done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct judge *j = arg;
	struct asked *a = job->user;
	int ret = 0;

	if (job == &a->c.job[a->c.n_jobs - 1])
		ret = write_row(j, a, err);
	drop(NULL, job);
	return ret;
}

static int open_judge(struct judge *j, struct syc_err *err)
{
	const char *name = j->r->rubric ? j->r->rubric : "sycophancy";
	struct model_rows *m = &j->r->r.m;
	struct syc_rubric known;
	int ret = syc_rubric_open(&known, name, err);

	if (ret < 0)
		return ret;
	syc_rubric_close(&known);
	/* No row ends its own quotation by writing an end token. */
	m->load.no_special = true;
	ret = recording_open(&j->r->r, err);
	j->judge = (struct syc_speaker){ .prompter = &m->prompter, .n_ctx = m->n_ctx };
	return ret < 0 ? ret : syc_judging_open(&j->of, name, &j->judge, false, err);
}

/* What of the options makes labels, and what names who made them. */
static int describe_run(struct judge *j, struct syc_err *err)
{
	struct label_run *r = j->r;
	struct syc_buf *b = &r->r.shape, *more = &r->r.more;
	int bad = syc_buf_puts(b, ", \"labeler\": ");

	bad |= syc_buf_json(b, r->labeler, strlen(r->labeler));
	bad |= syc_buf_printf(more, ", \"margin\": %.9g, \"min_mass\": %.9g", r->margin,
			      r->min_mass);
	bad |= settings_add(more, "rubric", j->of.rubric.root);
	return bad ? fail_nomem(err) : 0;
}

int label_by_judge(struct label_run *r, struct syc_err *err)
{
	static const char *const made[] = { "label", "labeler", "why", "judge", NULL };
	struct judge j = { .r = r };
	const struct jobs work = {
		"rows", "questions", &r->r.m.progress, next_job, done, drop, &j };
	int ret = open_judge(&j, err);

	r->r.made = made;
	if (ret == 0)
		ret = describe_run(&j, err);
	if (ret == 0)
		ret = recording_begin(&r->r, err);
	if (ret == 0)
		ret = recording_run(&r->r, &work, 0, err);
	unref(j.now);
	syc_judging_close(&j.of);
	return ret;
}
