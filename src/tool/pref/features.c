/* SPDX-License-Identifier: MIT */
/*
 * syc-pref features: a judge model is asked about each pair of answers, feature by
 * feature, each question twice; the probabilities of its answers are read.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "syc/prefer_ask.h"
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/pref/pref.h"
#include "tool/run/recording.h"

struct judge {
	struct recording r;	/* of rows alone */
	const char *file;
	bool alone;
	double margin;
	struct syc_feature_list list;
	struct syc_speaker speaker;
	struct asked *now;	/* whose jobs are handed out */
	size_t feature, job;	/* next of them */
	uint64_t n_done;
	uint64_t n_light;	/* of them, with half of the mass elsewhere */
};

static const struct opt opts[] = {
	OPT_HEAD("Judge"),
	OPTS_OF_MODEL(struct judge, r.m.load),
	OPT_TEXT(0, "features", "FILE", struct judge, file,
		 "ask for the features of FILE (default: the published 24)"),
	OPT_FLAG(0, "alone", struct judge, alone,
		 "ask of each answer alone, yes or no"),
	OPT_DOUBLE(
		0, "margin", "X", struct judge, margin, 0, 1,
		"answers are alike where P(a) and P(b) differ by X or less (default: 0)"),
	OPT_HEAD("Rows"),
	OPTS_OF_RESUMING(struct judge, r),
	OPTS_THREADED(struct judge, r.m.common)};

static const struct tool tool = {
	"syc-pref features",
	"-m MODEL [OPTION]... [FILE]...",
	"Add to pairs of answers the features that a judge model sees in them",
	opts,
};

/* A row while the judge is asked about it. */
struct asked {
	struct syc_row *row;
	char *line;
	size_t len;
	struct question {
		struct syc_case c;	/* first: what its jobs have as user */
		struct asked *row;
	} *question;		/* [n] by feature */
	size_t n;
	size_t refs;		/* jobs under way, and the source */
};

static void unref(struct asked *a)
{
	if (!a || --a->refs)
		return;
	for (size_t i = 0; a->question && i < a->n; i++)
		syc_case_close(&a->question[i].c);
	free(a->question);
	free(a->line);
	syc_row_free(a->row);
	free(a);
}

static int ask(struct judge *j, struct asked *a, struct syc_err *err)
{
	int ret = a->line && a->question ? 0 : fail_nomem(err);

	for (size_t i = 0; i < a->n && ret == 0; i++) {
		a->question[i].row = a;
		ret = syc_feature_ask(&a->question[i].c, &j->list, i, a->row,
				      a->row->id, err);
	}
	return ret;
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
	*a = (struct asked){ .row = row, .refs = 1, .n = j->list.n, .len = j->r.m.in.len };
	a->line = model_rows_line(&j->r.m);
	a->question = calloc(a->n, sizeof(*a->question));
	ret = ask(j, a, err);
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
	struct syc_case *c;
	int ret;

	*job = NULL;
	if (!j->now && (ret = recording_next_missing(&j->r, take_row, pass, j, err)) <= 0)
		return ret;
	c = &j->now->question[j->feature].c;
	*job = &c->job[j->job];
	j->now->refs++;
	if (++j->job == c->n_jobs) {
		j->job = 0;
		j->feature++;
	}
	if (j->feature == j->list.n) {
		j->feature = 0;
		pass(j);
	}
	return 0;
}

static void drop(void *arg, struct syc_job *job)
{
	(void)arg;
	unref(((struct question *)job->user)->row);
}

static void put_key(struct syc_buf *b, size_t i, const char *name)
{
	syc_buf_puts(b, i ? ", " : "{");
	syc_buf_json(b, name, strlen(name));
	syc_buf_puts(b, ": ");
}

static int write_row(struct judge *j, const struct asked *a,
		     struct syc_err *err)
{
	struct syc_buf p = { 0 }, b = { 0 };
	struct syc_feature_found f;
	double mass = 1;
	struct edit e;
	int ret;

	edit_begin(&e, a->line, a->len, err);
	for (size_t i = 0; i < j->list.n; i++) {
		const char *name = j->list.feature[i].name;

		syc_feature_answer(&f, &j->list, &a->question[i].c);
		mass = f.mass < mass ? f.mass : mass;
		put_key(&e.value, i, name);
		syc_buf_printf(&e.value, "%d", f.difference);
		put_key(&p, i, name);
		for (unsigned k = 0; k < (j->alone ? 2 : 3); k++) {
			syc_buf_puts(&p, k ? ", " : "[");
			syc_buf_float(&p, (float)f.p[k]);
		}
		syc_buf_puts(&p, "]");
	}
	j->n_light += mass < 0.5;
	syc_buf_puts(&e.value, "}");
	edit_set(&e, "features");
	syc_buf_puts(&e.value, "{\"mass\": ");
	syc_buf_float(&e.value, (float)mass);
	syc_buf_puts(&e.value, ", \"p\": ");
	syc_buf_add(&e.value, p.data, p.len);
	syc_buf_printf(&e.value, "}, \"run\": \"%s\"}", j->r.digest);
	edit_set(&e, "judged");
	ret = edit_end(&e, &b);
	if (ret == 0 && p.failed)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = recording_add(&j->r, NULL, &b, err);
	j->n_done++;
	syc_buf_free(&b);
	syc_buf_free(&p);
	return ret;
}

static int done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct judge *j = arg;
	const struct question *q = job->user;
	int ret = 0;

	if (q == &q->row->question[q->row->n - 1] &&
	    job == &q->c.job[q->c.n_jobs - 1])
		ret = write_row(j, q->row, err);
	drop(NULL, job);
	return ret;
}

static int open_judge(struct judge *j, struct syc_err *err)
{
	int ret = syc_feature_list_open(&j->list, j->file, j->alone, err);

	j->list.margin = j->margin;
	/* No row ends its own quotation by writing an end token. */
	j->r.m.load.no_special = true;
	if (ret == 0)
		ret = recording_open(&j->r, err);
	j->speaker = (struct syc_speaker){ .prompter = &j->r.m.prompter,
					  .n_ctx = j->r.m.n_ctx };
	return ret < 0 ? ret
		       : syc_feature_list_judge(&j->list, &j->speaker, err);
}

/* What of the options makes numbers. */
static int describe_run(struct judge *j, struct syc_err *err)
{
	int bad = syc_buf_printf(&j->r.more, ", \"alone\": %s, \"margin\": %.9g",
				 j->alone ? "true" : "false", j->margin);

	/* The published ones are the program's. */
	bad |= settings_add(&j->r.more, "features", j->list.root);
	return bad ? fail_nomem(err) : 0;
}

static int run(struct judge *j, struct syc_err *err)
{
	static const char *const made[] = { "features", "judged", NULL };
	const struct jobs work = {
		"pairs", "questions", &j->r.m.progress, next_job, done, drop, j };
	int ret = open_judge(j, err);

	j->r.made = made;
	if (ret == 0)
		ret = describe_run(j, err);
	if (ret == 0)
		ret = recording_begin(&j->r, err);
	if (ret == 0)
		ret = recording_run(&j->r, &work, 0, err);
	if (ret == 0 && j->n_light && j->r.m.common.verbose >= 0)
		tool_warn(&tool,
			  "of %llu of %llu pairs the judge would rather say "
			  "something else than an answer",
			  (unsigned long long)j->n_light,
			  (unsigned long long)j->n_done);
	return ret;
}

int pref_features(int argc, char **argv)
{
	struct judge j = { .r.m = MODEL_ROWS_OF(&tool) };
	struct syc_err err = { 0 };
	int ret;

	model_rows_parse(&j.r.m, argc, argv, &j);
	ret = recording_check(&j.r, &err);
	if (ret == 0)
		ret = run(&j, &err);
	unref(j.now);
	syc_feature_list_close(&j.list);
	return recording_end(&j.r, ret, &err);
}
