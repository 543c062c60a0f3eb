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
#include "tool/common/model_rows.h"
#include "tool/pref/pref.h"

struct judge {
	struct model_rows m;
	const char *file;
	bool alone;
	double margin;
	struct syc_feature_list list;
	struct syc_rubric *rubric;	/* [list.n] */
	struct syc_buf *text;		/* [list.n] of the rubrics */
	struct syc_answer_tree tree;
	struct syc_output out;
	struct asked *now;		/* whose jobs are handed out */
	size_t question, fork;		/* next; question 2 i + swapped */
	uint64_t n_done;
};

static const struct opt opts[] = {
	OPT_HEAD("Judge"),
	OPTS_OF_MODEL(struct judge, m.load),
	OPT_TEXT(0, "features", "FILE", struct judge, file,
		 "ask for the features of FILE (default: the published 24)"),
	OPT_FLAG(0, "alone", struct judge, alone, "ask of each answer alone, yes or no"),
	OPT_DOUBLE(0, "margin", "P", struct judge, margin, 0, 1,
		   "answers are alike where P(a) and P(b) differ by P or less (default: 0)"),
	OPT_HEAD("Rows"),
	OPT_OF_SHARD(struct judge, m.load),
	OPTS_OF_ROWS(struct judge, m.in),
	OPTS_THREADED(struct judge, m.common)
};

static const struct tool tool = {
	"syc-pref features",
	"-m MODEL [OPTION]... [FILE]...",
	"Add to pairs of answers the features that a judge model sees in them",
	opts,
};

/* A row while the judge is asked about it. */
struct asked {
	char *line, *id;
	size_t len;
	struct syc_ids *prompt;	/* [2 list.n] */
	double *p;		/* [2 list.n][n_nodes] */
	size_t refs;		/* jobs under way, and the source */
	size_t n;		/* prompts */
};

/* One job: one fork of the tree of answers to one question. */
struct item {
	struct syc_job job;
	struct judge *j;
	struct asked *row;
	size_t question, fork;
};

static void unref(struct asked *a)
{
	if (!a || --a->refs)
		return;
	for (size_t i = 0; a->prompt && i < a->n; i++)
		syc_ids_free(&a->prompt[i]);
	free(a->prompt);
	free(a->p);
	free(a->line);
	free(a->id);
	free(a);
}

static int ask(struct judge *j, struct asked *a, const struct syc_row *row, struct syc_err *err)
{
	const struct model_rows *m = &j->m;
	int ret = 0;

	a->prompt = calloc(a->n, sizeof(*a->prompt));
	a->p = calloc(a->n * j->tree.n_nodes, sizeof(*a->p));
	if (!a->prompt || !a->p)
		return fail_nomem(err);
	for (size_t q = 0; q < a->n && ret == 0; q++) {
		ret = syc_rubric_ids(&j->rubric[q / 2], &m->prompter, row, q % 2, &a->prompt[q], err);
		if (ret == 0 && a->prompt[q].n + j->tree.depth > m->n_ctx)
			ret = fail(err, SYC_EINVAL,
				   "the judge's prompt of %zu tokens does not fit the context of %zu",
				   a->prompt[q].n, m->n_ctx);
	}
	return ret;
}

static int take_row(void *arg, struct syc_row *row, struct syc_err *err)
{
	struct judge *j = arg;
	struct asked *a = calloc(1, sizeof(*a));
	int ret;

	if (a) {
		a->refs = 1;
		a->n = 2 * j->list.n;
		a->line = model_rows_line(&j->m);
		a->len = j->m.in.len;
		a->id = strdup(row->id);
	}
	ret = a && a->line && a->id ? ask(j, a, row, err) : fail_nomem(err);
	syc_row_free(row);
	if (ret < 0)
		unref(a);
	else
		j->now = a;
	return ret;
}

static double *answers(const struct judge *j, const struct asked *a, size_t question)
{
	return a->p + question * j->tree.n_nodes;
}

static void read_fork(struct syc_job *job, const float *logits)
{
	const struct item *it = job->user;

	syc_answer_tree_read(&it->j->tree, it->fork, logits,
			     syc_vocab_size(it->j->m.prompter.vocab),
			     answers(it->j, it->row, it->question));
}

/* On to the next fork, question, row. */
static void advance(struct judge *j)
{
	if (++j->fork < j->tree.n_forks)
		return;
	j->fork = 0;
	if (++j->question < j->now->n)
		return;
	j->question = 0;
	unref(j->now);
	j->now = NULL;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct judge *j = arg;
	struct item *it;
	int ret;

	*job = NULL;
	if (!j->now && (ret = model_rows_next(&j->m, take_row, j, err)) <= 0)
		return ret;
	it = calloc(1, sizeof(*it));
	if (!it)
		return fail_nomem(err);
	*it = (struct item){ .j = j, .row = j->now, .question = j->question, .fork = j->fork };
	it->job = (struct syc_job){
		.id = j->now->id,
		.tokens = j->now->prompt[j->question].id,
		.n_tokens = j->now->prompt[j->question].n,
		.probe = j->tree.path[j->tree.fork[j->fork]].id,
		.n_probe = j->tree.path[j->tree.fork[j->fork]].n,
		.on_probe = read_fork,
		.user = it,
	};
	it->job.may_skip = it->job.n_tokens - 1;
	j->now->refs++;
	advance(j);
	*job = &it->job;
	return 0;
}

static void drop(void *arg, struct syc_job *job)
{
	struct item *it = job->user;

	(void)arg;
	unref(it->row);
	syc_job_clear(job);
	free(it);
}

static void put_key(struct syc_buf *b, size_t i, const char *name)
{
	syc_buf_puts(b, i ? ", " : "{");
	syc_buf_json(b, name, strlen(name));
	syc_buf_puts(b, ": ");
}

static int write_row(struct judge *j, const struct asked *a, struct syc_err *err)
{
	struct syc_buf p = { 0 }, b = { 0 };
	struct syc_feature_found f;
	double mass = 1;
	struct edit e;
	int ret;

	edit_begin(&e, a->line, a->len, err);
	for (size_t i = 0; i < j->list.n; i++) {
		double *const of[2] = { answers(j, a, 2 * i), answers(j, a, 2 * i + 1) };
		const char *name = j->list.feature[i].name;

		syc_feature_answer(&f, &j->list, &j->tree, of);
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
	syc_buf_puts(&e.value, "}");
	edit_set(&e, "features");
	syc_buf_puts(&e.value, "{\"mass\": ");
	syc_buf_float(&e.value, (float)mass);
	syc_buf_puts(&e.value, ", \"p\": ");
	syc_buf_add(&e.value, p.data, p.len);
	syc_buf_puts(&e.value, "}}");
	edit_set(&e, "judged");
	ret = edit_end(&e, &b);
	if (ret == 0 && p.failed)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = syc_output_write(&j->out, b.data, b.len, err);
	if (ret == 0)
		ret = syc_output_flush(&j->out, err);
	syc_buf_free(&b);
	syc_buf_free(&p);
	return ret;
}

static int done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct judge *j = arg;
	struct item *it = job->user;
	int ret = 0;

	if (it->question + 1 == it->row->n && it->fork + 1 == j->tree.n_forks) {
		ret = write_row(j, it->row, err);
		progress_show(&j->m.progress, ++j->n_done, syc_rows_share(&j->m.in));
	}
	drop(NULL, job);
	return ret;
}

static int open_judge(struct judge *j, struct syc_err *err)
{
	int ret = syc_feature_list_open(&j->list, j->file, j->alone, err);

	if (ret < 0)
		return ret;
	j->list.margin = j->margin;
	j->rubric = calloc(j->list.n, sizeof(*j->rubric));
	j->text = calloc(j->list.n, sizeof(*j->text));
	if (!j->rubric || !j->text)
		return fail_nomem(err);
	for (size_t i = 0; i < j->list.n && ret == 0; i++)
		ret = syc_feature_rubric(&j->rubric[i], &j->text[i], &j->list, i, err);
	/* No row ends its own quotation by writing an end token. */
	j->m.load.no_special = true;
	if (ret == 0)
		ret = model_rows_open(&j->m, err);
	return ret < 0 ? ret : syc_rubric_tree(&j->tree, &j->rubric[0], &j->m.prompter, err);
}

static void close_judge(struct judge *j)
{
	unref(j->now);
	for (size_t i = 0; j->text && i < j->list.n; i++)
		syc_buf_free(&j->text[i]);
	free(j->text);
	free(j->rubric);
	syc_answer_tree_free(&j->tree);
	syc_feature_list_close(&j->list);
}

static int run(struct judge *j, struct syc_err *err)
{
	const struct syc_engine_opts eo = load_engine(&j->m.common, &j->m.load);
	const struct jobs work = { "pairs", "questions", &j->m.progress, next_job, done, drop, j };
	int ret = open_judge(j, err);

	if (ret < 0)
		return ret;
	syc_output_begin(&j->out, j->m.common.output, SYC_LEFTOVER_REPLACE);
	ret = model_rows_run(&j->m, &eo, &work, err);
	if (ret == 0)
		return syc_output_finish(&j->out, err);
	syc_output_drop(&j->out);
	return ret;
}

int pref_features(int argc, char **argv)
{
	struct judge j = { .m = MODEL_ROWS_OF(&tool) };
	struct syc_err err = { 0 };
	int ret;

	model_rows_parse(&j.m, argc, argv, &j);
	ret = model_rows_check(&j.m, &err);
	if (ret == 0)
		ret = run(&j, &err);
	close_judge(&j);
	return model_rows_end(&j.m, ret, &err);
}
