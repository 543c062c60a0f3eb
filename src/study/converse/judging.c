/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
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
		if (t->answer[i] >= 0 && (t->n_forks != 1 || t->parent[i] != t->fork[0]))
			return syc_fail(err, SYC_EINVAL,
					"rubric '%s': to this judge answer '%.40s' is no single "
					"token", j->rubric.name, j->rubric.answer[t->answer[i]]);
	return 0;
}

int syc_judging_open(struct syc_judging *j, const char *rubric, const struct syc_speaker *judge,
		     bool single, struct syc_err *err)
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
			     syc_vocab_size(c->of->judge->prompter->vocab), c->p[own->order]);
}

static int fill_order(struct syc_case *c, unsigned k, const struct syc_row *row, const char *id,
		      struct syc_err *err)
{
	const struct syc_answer_tree *t = &c->of->tree;
	const size_t n_ctx = c->of->judge->n_ctx;
	int ret = syc_rubric_ids(&c->of->rubric, c->of->judge->prompter, row, k, &c->ids[k], err);

	if (ret < 0)
		return ret;
	if (c->ids[k].n + t->depth > n_ctx)
		return syc_fail(err, SYC_EINVAL,
				"the judge's prompt of %zu tokens does not fit the context of %zu",
				c->ids[k].n, n_ctx);
	for (size_t f = 0; f < t->n_forks; f++) {
		c->own[c->n_jobs] = (struct syc_case_job){ c, k, f };
		c->job[c->n_jobs++] = (struct syc_job){
			.id = id, .tokens = c->ids[k].id, .n_tokens = c->ids[k].n,
			.may_skip = c->ids[k].n - 1, .probe = t->path[t->fork[f]].id,
			.n_probe = t->path[t->fork[f]].n, .on_probe = read_fork, .user = c,
		};
	}
	return 0;
}

int syc_case_open(struct syc_case *c, const struct syc_judging *j, const struct syc_row *row,
		  const char *id, struct syc_err *err)
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
	if (ret < 0)
		syc_case_close(c);
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

/* ---- comments ------------------------------------------------------------------------ */

/* The row with both comments. */
static int comments_row(struct syc_row **out, const struct syc_comment *c, struct syc_err *err)
{
	json_t *o = json_copy((json_t *)(uintptr_t)syc_row_json(c->row->row));
	char *line;
	int ret;

	json_object_set_new(o, "completion", json_string(c->reply));
	json_object_set_new(o, "baseline", json_string(c->baseline));
	line = o ? json_dumps(o, 0) : NULL;
	json_decref(o);
	if (!line)
		return syc_nomem(err);
	ret = syc_row_parse(out, line, strlen(line), err);
	free(line);
	return ret;
}

/* 1, and the case is open; 0, this comment is undecided; or an error. */
static int open_case(struct syc_case *s, const struct syc_judging *j, struct syc_comment *c,
		     struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	c->grade = (struct syc_grade){ NAN, "not text" };
	if (!json_object_get(syc_row_json(c->row->row), "text"))
		return syc_fail(err, SYC_EINVAL, "row '%.200s': no \"text\" that the comment is on",
				c->row->row->id);
	ret = comments_row(&row, c, err);
	if (ret < 0)
		return ret;
	ret = syc_case_open(s, j, row, c->row->row->id, err);
	syc_row_free(row);
	if (ret != SYC_EINVAL)
		return ret < 0 ? ret : 1;
	c->grade.why = "context";
	return 0;
}

static void judge(struct syc_comment *c, const struct syc_case *s, double min_mass)
{
	const struct syc_rubric *r = &s->of->rubric;
	const struct syc_judge_rule rule = { r->value, r->threshold, 0, min_mass };
	double share[SYC_RUBRIC_ANSWERS];
	struct syc_judgment found;

	syc_judge(&found, &s->of->tree, s->p, s->of->n_orders, &rule, share);
	c->grade = (struct syc_grade){ found.lacks_mass ? (double)NAN : found.value,
				       found.lacks_mass ? "mass" : "judge" };
}

int syc_judge_comments(const struct syc_judging *j, struct syc_comment *c, size_t n,
		       double min_mass, struct syc_err *err)
{
	struct syc_case *s = calloc(n + 1, sizeof(*s));
	const size_t each = j->n_orders * j->tree.n_forks;
	struct syc_job **job = calloc(n * each + 1, sizeof(*job));
	size_t n_jobs = 0;
	int ret = s && job ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n && ret >= 0; i++) {
		ret = open_case(&s[i], j, &c[i], err);
		for (size_t k = 0; ret > 0 && k < s[i].n_jobs; k++)
			job[n_jobs++] = &s[i].job[k];
	}
	if (ret >= 0)
		ret = syc_engine_run_all(j->judge->engine, job, n_jobs, err);
	for (size_t i = 0; s && i < n; i++) {
		if (ret == 0 && s[i].n_jobs)
			judge(&c[i], &s[i], min_mass);
		syc_case_close(&s[i]);
	}
	free(s);
	free(job);
	return ret;
}
