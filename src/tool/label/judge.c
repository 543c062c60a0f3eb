/* SPDX-License-Identifier: MIT */
/*
 * Labels by a judge: a model is asked a rubric about each row, and the
 * probabilities of the allowed answers are read; nothing is generated.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "syc/rubric.h"
#include "tool/common/fail.h"
#include "tool/label/label.h"

struct judge {
	struct label_run *r;
	struct syc_rubric rubric;
	struct syc_answer_tree tree;
	uint64_t n_done;
	unsigned n_orders;
	struct asked *now;	/* whose jobs are handed out */
	unsigned order;
	size_t fork;
};

/* A row while the judge is asked about it. */
struct asked {
	char *line;
	size_t len;
	char *id;
	struct syc_ids prompt[2];	/* by order */
	double *p[2];			/* [tree's edges] */
	unsigned refs;			/* jobs under way, and the source */
};

/* One job: one fork of the tree of answers, in one order. */
struct item {
	struct syc_job job;
	struct judge *j;
	struct asked *row;
	unsigned order;
	size_t fork;
};

static void unref(struct asked *a)
{
	if (!a || --a->refs)
		return;
	for (unsigned i = 0; i < 2; i++) {
		syc_ids_free(&a->prompt[i]);
		free(a->p[i]);
	}
	free(a->line);
	free(a->id);
	free(a);
}

static int ask(struct judge *j, struct asked *a, const struct syc_row *row,
	       struct syc_err *err)
{
	const struct model_rows *m = &j->r->m;
	int ret = 0;

	for (unsigned k = 0; k < j->n_orders && ret == 0; k++) {
		ret = syc_rubric_ids(&j->rubric, &m->prompter, row, k,
				     &a->prompt[k], err);
		if (ret == 0 && a->prompt[k].n + j->tree.depth > m->n_ctx)
			ret = fail(
				err, SYC_EINVAL,
				"the judge's prompt of %zu tokens does not fit the context of %zu",
				a->prompt[k].n, m->n_ctx);
		a->p[k] = calloc(j->tree.n_nodes, sizeof(double));
		if (ret == 0 && !a->p[k])
			ret = fail_nomem(err);
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
		a->line = model_rows_line(&j->r->m);
		a->len = j->r->m.in.len;
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

static void read_fork(struct syc_job *job, const float *logits)
{
	const struct item *it = job->user;

	syc_answer_tree_read(&it->j->tree, it->fork, logits,
			     syc_vocab_size(it->j->r->m.prompter.vocab),
			     it->row->p[it->order]);
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct judge *j = arg;
	struct item *it;
	int ret;

	*job = NULL;
	if (!j->now && (ret = model_rows_next(&j->r->m, take_row, j, err)) <= 0)
		return ret;
	it = calloc(1, sizeof(*it));
	if (!it)
		return fail_nomem(err);
	*it = (struct item){ .j = j, .row = j->now, .order = j->order, .fork = j->fork };
	it->job = (struct syc_job){
		.id = j->now->id,
		.sample = 0,
		.tokens = j->now->prompt[j->order].id,
		.n_tokens = j->now->prompt[j->order].n,
		.probe = j->tree.path[j->tree.fork[j->fork]].id,
		.n_probe = j->tree.path[j->tree.fork[j->fork]].n,
		.on_probe = read_fork,
		.user = it,
	};
	it->job.may_skip = it->job.n_tokens - 1;
	j->now->refs++;
	if (++j->fork == j->tree.n_forks) {
		j->fork = 0;
		j->order++;
	}
	if (j->order == j->n_orders) {
		unref(j->now);
		j->now = NULL;
		j->order = 0;
	}
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

static void describe(struct syc_buf *b, const struct syc_rubric *r,
		     const struct syc_judgment *found, const double *share)
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
	syc_buf_puts(b, "}}");
}

static int write_row(struct judge *j, const struct asked *a,
		     struct syc_err *err)
{
	const struct syc_rubric *r = &j->rubric;
	const struct syc_judge_rule rule = { r->value, r->threshold,
					    j->r->margin, j->r->min_mass };
	struct syc_judgment found;
	struct syc_buf json = { 0 };
	struct verdict v = { .why = r->name, .key = "judge" };
	double share[SYC_RUBRIC_ANSWERS];
	int ret;

	syc_judge(&found, &j->tree, a->p, j->n_orders, &rule, share);
	v.label = found.label;
	if (found.lacks_mass)
		v.why = "mass";
	describe(&json, r, &found, share);
	v.json = json.data;
	ret = json.failed ? fail_nomem(err)
			  : label_write(j->r, a->line, a->len, &v, err);
	syc_buf_free(&json);
	return ret;
}

static int done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct judge *j = arg;
	struct item *it = job->user;
	int ret = 0;

	if (it->order + 1 == j->n_orders && it->fork + 1 == j->tree.n_forks) {
		ret = write_row(j, it->row, err);
		progress_show(&j->r->m.progress, ++j->n_done,
			      syc_rows_share(&j->r->m.in));
	}
	drop(NULL, job);
	return ret;
}

static int open_judge(struct judge *j, struct syc_err *err)
{
	struct model_rows *m = &j->r->m;
	int ret = syc_rubric_open(&j->rubric,
			      j->r->rubric ? j->r->rubric : "sycophancy", err);

	if (ret < 0)
		return ret;
	j->n_orders = j->rubric.swap[0] ? 2 : 1;
	/* No row ends its own quotation by writing an end token. */
	m->load.no_special = true;
	ret = model_rows_open(m, err);
	return ret < 0 ? ret : syc_rubric_tree(&j->tree, &j->rubric,
					       &m->prompter, err);
}

int label_by_judge(struct label_run *r, struct syc_err *err)
{
	struct judge j = { .r = r };
	struct syc_engine_opts eo = load_engine(&r->m.common, &r->m.load);
	const struct jobs work = {
		"rows", "questions", &r->m.progress, next_job, done, drop, &j };
	int ret = open_judge(&j, err);

	if (ret == 0)
		ret = model_rows_run(&r->m, &eo, &work, err);
	unref(j.now);
	syc_answer_tree_free(&j.tree);
	syc_rubric_close(&j.rubric);
	return ret;
}
