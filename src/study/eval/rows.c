/* SPDX-License-Identifier: MIT */
/* Graded rows, gathered. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/eval/eval.h"

int syc_eval_new(struct syc_eval **out, struct syc_err *err)
{
	*out = syc_calloc(1, sizeof(**out));
	return *out ? 0 : syc_nomem(err);
}

void syc_eval_free(struct syc_eval *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n; i++) {
		free(e->row[i].item);
		free(e->row[i].domain);
		free(e->row[i].grade);
	}
	free(e->row);
	free(e);
}

static int find_task(enum eval_task *task, const char *name,
		     struct syc_err *err)
{
	for (unsigned i = 0; i < N_TASKS; i++) {
		*task = i;
		if (strcmp(eval_tasks[i].name, name) == 0)
			return 0;
	}
	return syc_fail(err, SYC_EINVAL, "there is no task '%.60s'", name);
}

static int find_condition(unsigned *condition, const struct task_def *task,
			  const char *name, struct syc_err *err)
{
	for (*condition = 0; task->condition[*condition]; ++*condition)
		if (strcmp(task->condition[*condition], name) == 0)
			return 0;
	return syc_fail(err, SYC_EINVAL, "task '%s' has no condition '%.60s'",
			task->name, name);
}

static int check_grades(const struct task_def *task, const double *grade,
			size_t n, struct syc_err *err)
{
	if (n < task->least_grades)
		return syc_fail(err, SYC_EINVAL,
				"task '%s' takes %zu grades at least, not %zu",
				task->name, task->least_grades, n);
	for (size_t i = 0; i < n; i++) {
		const double g = grade[i];

		if (!isnan(g) && (!(g >= task->lowest && g <= task->highest) ||
				  (task->whole && g != 0 && g != 1)))
			return syc_fail(
				err, SYC_EINVAL,
				"task '%s' has grades %s %g %s %g, not %g",
				task->name, task->whole ? "of" : "from",
				task->lowest, task->whole ? "and" : "to",
				task->highest, g);
	}
	return 0;
}

static int copy_row(struct graded *to, const struct syc_eval_row *row,
		    struct syc_err *err)
{
	to->item = strdup(row->item);
	to->domain = strdup(row->domain ? row->domain : "");
	to->grade = syc_calloc(row->n_grades, sizeof(*to->grade));
	to->n = row->n_grades;
	if (!to->item || !to->domain || !to->grade) {
		free(to->item);
		free(to->domain);
		free(to->grade);
		return syc_nomem(err);
	}
	memcpy(to->grade, row->grade, row->n_grades * sizeof(*to->grade));
	return 0;
}

int syc_eval_put(struct syc_eval *e, const struct syc_eval_row *row,
		 struct syc_err *err)
{
	struct graded g = { 0 };
	int ret = find_task(&g.task, row->task, err);

	if (ret == 0)
		ret = find_condition(&g.condition, &eval_tasks[g.task],
				     row->condition, err);
	if (ret == 0)
		ret = check_grades(&eval_tasks[g.task], row->grade,
				   row->n_grades, err);
	if (ret == 0 && !syc_grow(&e->row, &e->cap, e->n + 1, sizeof(*e->row)))
		ret = syc_nomem(err);
	if (ret == 0)
		ret = copy_row(&g, row, err);
	if (ret == 0)
		e->row[e->n++] = g;
	return ret;
}

/* ---- from JSON ------------------------------------------------------------------ */

static int take_text(const char **out, const json_t *row, const char *key,
		     struct syc_err *err)
{
	*out = json_string_value(json_object_get(row, key));
	return *out ? 0
		    : syc_fail(err, SYC_EFORMAT, "the row has no text \"%s\"",
			       key);
}

static bool is_aside(const json_t *turns, size_t reply)
{
	return reply && json_is_true(json_object_get(
				json_array_get(turns, reply - 1), "aside"));
}

/* Into grade, which has room for all of them; *n is how many there are without asides. */
static int take_grades(double *grade, size_t *n, const json_t *list,
		       const json_t *turns, struct syc_err *err)
{
	const json_t *g;
	size_t i;

	*n = 0;
	json_array_foreach(list, i, g) {
		if (!json_is_number(g) && !json_is_null(g))
			return syc_fail(
				err, SYC_EFORMAT,
				"\"grade\" has something that is no number or null");
		if (!is_aside(turns, i))
			grade[(*n)++] =
				json_is_null(g) ? NAN : json_number_value(g);
	}
	return 0;
}

int syc_eval_add(struct syc_eval *e, const struct syc_row *row,
		 struct syc_err *err)
{
	const json_t *o = syc_row_json(row),
		     *list = json_object_get(o, "grade"),
		     *domain = json_object_get(o, "domain");
	struct syc_eval_row r = { .domain = json_string_value(domain) };
	double *grade;
	int ret = take_text(&r.task, o, "task", err);

	if (ret == 0)
		ret = take_text(&r.item, o, "item", err);
	if (ret == 0)
		ret = take_text(&r.condition, o, "condition", err);
	if (ret == 0 && !json_is_array(list))
		ret = syc_fail(err, SYC_EFORMAT,
			       "the row has no list \"grade\": was it graded?");
	if (ret == 0 && domain && !r.domain && !json_is_null(domain))
		ret = syc_fail(err, SYC_EFORMAT, "\"domain\" is no text");
	if (ret < 0)
		return ret;
	grade = syc_calloc(json_array_size(list) + 1, sizeof(*grade));
	if (!grade)
		return syc_nomem(err);
	ret = take_grades(grade, &r.n_grades, list, json_object_get(o, "turns"),
			  err);
	r.grade = grade;
	if (ret == 0)
		ret = syc_eval_put(e, &r, err);
	free(grade);
	return ret;
}

int syc_eval_read(struct syc_eval **out, struct syc_rows *in,
		  struct syc_err *err)
{
	struct syc_row *row;
	int ret = syc_eval_new(out, err);

	while (ret == 0 && (ret = syc_rows_next(in, &row, err)) > 0) {
		ret = syc_eval_add(*out, row, err);
		if (ret < 0)
			ret = syc_rows_bad(in, err);
		syc_row_free(row);
	}
	if (ret < 0) {
		syc_eval_free(*out);
		*out = NULL;
	}
	return ret;
}
