/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/converse/grade.h"
#include "syc/judging.h"

/* What a job of a case reads. */
struct syc_case_job {
	struct syc_case *of;
	unsigned order;
	size_t fork;
};

/* Every answer is one token behind what all begin with. */
static int check_single(const struct syc_judging *j, struct syc_err *err)
{
	const struct syc_answer_tree *t = &j->tree;

	for (size_t i = 1; i < t->n_nodes; i++)
		if (t->answer[i] >= 0 &&
		    (t->n_forks != 1 || t->parent[i] != t->fork[0]))
			return syc_fail(
				err, SYC_EINVAL,
				"rubric '%s': to this judge answer '%.40s' is no single "
				"token",
				j->rubric.name, j->rubric.answer[t->answer[i]]);
	return 0;
}

int syc_judging_open(struct syc_judging *j, const char *rubric,
		     const struct syc_speaker *judge, bool single,
		     struct syc_err *err)
{
	int ret;

	*j = (struct syc_judging){ .judge = judge };
	ret = syc_rubric_open(&j->rubric, rubric, err);
	if (ret < 0)
		return ret;
	j->n_orders = j->rubric.swap[0] ? 2 : 1;
	ret = syc_rubric_tree(&j->tree, &j->rubric, judge->prompter, err);
	if (ret == 0 && single)
		ret = check_single(j, err);
	if (ret < 0)
		syc_judging_close(j);
	return ret;
}

void syc_judging_close(struct syc_judging *j)
{
	syc_answer_tree_free(&j->tree);
	syc_rubric_close(&j->rubric);
}

static void read_fork(struct syc_job *job, const float *logits)
{
	struct syc_case *c = job->user;
	const struct syc_case_job *own = &c->own[job - c->job];

	syc_answer_tree_read(&c->of->tree, own->fork, logits,
			     syc_vocab_size(c->of->judge->prompter->vocab),
			     c->p[own->order]);
}

static int fill_order(struct syc_case *c, unsigned k, const struct syc_row *row,
		      const char *id, struct syc_err *err)
{
	const struct syc_answer_tree *t = &c->of->tree;
	const size_t n_ctx = c->of->judge->n_ctx;
	int ret = syc_rubric_ids(&c->of->rubric, c->of->judge->prompter, row, k,
				 &c->ids[k], err);

	if (ret < 0)
		return ret;
	c->too_long = c->ids[k].n + t->depth > n_ctx;
	if (c->too_long)
		return syc_fail(
			err, SYC_EINVAL,
			"the judge's prompt of %zu tokens does not fit the context of %zu",
			c->ids[k].n, n_ctx);
	for (size_t f = 0; f < t->n_forks; f++) {
		c->own[c->n_jobs] = (struct syc_case_job){ c, k, f };
		c->job[c->n_jobs++] = (struct syc_job){
			.id = id,
			.tokens = c->ids[k].id,
			.n_tokens = c->ids[k].n,
			.may_skip = c->ids[k].n - 1,
			.probe = t->path[t->fork[f]].id,
			.n_probe = t->path[t->fork[f]].n,
			.on_probe = read_fork,
			.user = c,
		};
	}
	return 0;
}

int syc_case_open(struct syc_case *c, const struct syc_judging *j,
		  const struct syc_row *row, const char *id,
		  struct syc_err *err)
{
	const size_t n = j->n_orders * j->tree.n_forks;
	int ret = 0;

	*c = (struct syc_case){ .of = j };
	c->job = calloc(n, sizeof(*c->job));
	c->own = calloc(n, sizeof(*c->own));
	if (!c->job || !c->own)
		ret = syc_nomem(err);
	for (unsigned k = 0; k < j->n_orders && ret == 0; k++) {
		c->p[k] = calloc(j->tree.n_nodes, sizeof(double));
		ret = c->p[k] ? fill_order(c, k, row, id, err) : syc_nomem(err);
	}
	if (ret < 0) {
		const bool too_long = c->too_long;

		syc_case_close(c);
		c->too_long = too_long;
	}
	return ret;
}

void syc_case_close(struct syc_case *c)
{
	for (size_t i = 0; i < c->n_jobs; i++)
		syc_job_clear(&c->job[i]);
	for (unsigned k = 0; k < 2; k++) {
		syc_ids_free(&c->ids[k]);
		free(c->p[k]);
	}
	free(c->job);
	free(c->own);
	*c = (struct syc_case){ 0 };
}

/* ---- replies ------------------------------------------------------------- */

/* A reply before the judge. */
struct before {
	struct syc_case c;
	struct syc_grade *grade;
	json_t *row;		/* what the rubric takes its fields from */
	const char *id;
};

static int open_before(struct before *b, const struct syc_judging *j,
		       struct syc_err *err)
{
	char *line = json_dumps(b->row, 0);
	struct syc_row *row;
	int ret;

	*b->grade = (struct syc_grade){ NAN, "not text" };
	if (!line)	/* a reply that is no UTF-8 is not in the row */
		return 0;
	ret = syc_row_parse(&row, line, strlen(line), err);
	free(line);
	if (ret < 0)
		return ret;
	ret = syc_case_open(&b->c, j, row, b->id, err);
	syc_row_free(row);
	if (!b->c.too_long)
		return ret;
	b->grade->why = "context";
	return 0;
}

/* P of the answer that is worth 1; or, with yes_or_no, which of both it is. */
static void judge(const struct before *b, double min_mass, bool yes_or_no)
{
	const struct syc_rubric *r = &b->c.of->rubric;
	const struct syc_judge_rule rule = {r->value, r->threshold, 0,
					    min_mass};
	double share[SYC_RUBRIC_ANSWERS];
	struct syc_judgment found;

	syc_judge(&found, &b->c.of->tree, b->c.p, b->c.of->n_orders, &rule,
		  share);
	*b->grade = (struct syc_grade){ found.value, found.lacks_mass ? "mass" : "judge" };
	if (found.label == SYC_LABEL_UNDECIDED &&
	    (yes_or_no || found.lacks_mass))
		b->grade->value = NAN;
	else if (yes_or_no)
		b->grade->value = found.label;
}

/* Put n replies before the judge; frees their rows. */
static int judge_all(const struct syc_judging *j, struct before *b, size_t n,
		     double min_mass, bool yes_or_no, struct syc_err *err)
{
	struct syc_job **job =
		calloc(n * j->n_orders * j->tree.n_forks + 1, sizeof(*job));
	size_t n_jobs = 0;
	int ret = job ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		ret = open_before(&b[i], j, err);
		for (size_t k = 0; ret == 0 && k < b[i].c.n_jobs; k++)
			job[n_jobs++] = &b[i].c.job[k];
	}
	if (ret == 0)
		ret = syc_engine_run_all(j->judge->engine, job, n_jobs, err);
	for (size_t i = 0; i < n; i++) {
		if (ret == 0 && b[i].c.n_jobs)
			judge(&b[i], min_mass, yes_or_no);
		syc_case_close(&b[i].c);
		json_decref(b[i].row);
	}
	free(job);
	return ret;
}

/* The row's fields with a reply as its completion. */
static json_t *row_of(const struct syc_task_row *r, const char *reply)
{
	json_t *o = json_copy((json_t *)(uintptr_t)syc_row_json(r->row));

	json_object_set_new(o, "completion", json_string(reply));
	return o;
}

int syc_judge_comments(const struct syc_judging *j, struct syc_comment *c,
		       size_t n, double min_mass, struct syc_err *err)
{
	struct before *b = calloc(n + 1, sizeof(*b));
	int ret;

	if (!b)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		b[i] = (struct before){.grade = &c[i].grade,
				       .row = row_of(c[i].row, c[i].reply),
				       .id = c[i].row->row->id};
		json_object_set_new(b[i].row, "baseline",
				    json_string(c[i].baseline));
	}
	ret = judge_all(j, b, n, min_mass, false, err);
	free(b);
	return ret;
}

const char *syc_judged_by(const struct syc_task_row *r, size_t k)
{
	const enum task_kind kind = task_kind_of(r->task);

	if (k && r->turn[k - 1].aside)
		return NULL;
	if (kind == TASK_SURE && k && !is_last_reply(r, k))
		return "admits";
	if (kind == TASK_MORAL)
		return "not-wrong";
	return kind == TASK_ANSWER || kind == TASK_SIDES || kind == TASK_SURE
		       ? "right"
		       : NULL;
}

/* "Paris; in Paris" */
static json_t *right_of(const struct syc_task_row *r)
{
	struct syc_buf b = { 0 };
	json_t *s;

	for (size_t i = 0; i < r->n_correct; i++) {
		syc_buf_puts(&b, i ? "; " : "");
		syc_buf_puts(&b, r->correct[i]);
	}
	s = json_string(b.data ? b.data : "");
	syc_buf_free(&b);
	return s;
}

int syc_judge_replies(const struct syc_judging *j, struct syc_judged_reply *c,
		      size_t n, double min_mass, struct syc_err *err)
{
	struct before *b = calloc(n + 1, sizeof(*b));
	int ret;

	if (!b)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const struct syc_task_row *r = c[i].row;

		b[i] = (struct before){.grade = &c[i].grade,
				       .row = row_of(r, c[i].reply),
				       .id = r->row->id};
		json_object_set_new(b[i].row, "right", right_of(r));
		if (c[i].k)
			json_object_set_new(
				b[i].row, "said",
				json_string(r->turn[c[i].k - 1].user));
	}
	ret = judge_all(j, b, n, min_mass, true, err);
	free(b);
	return ret;
}
