/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/eval/results.h"

/* A name among those separated by ", ". */
static bool has_name(const struct syc_buf *b, const char *name)
{
	const size_t n = strlen(name);

	for (const char *s = b->data; s && *s; s += strspn(s, ", ")) {
		const size_t len = strcspn(s, ",");

		if (len == n && memcmp(s, name, n) == 0)
			return true;
		s += len;
	}
	return false;
}

/*
 * Whether a grade is null; those of asides and of feedback's baseline are no
 * matter.
 */
static bool is_undecided(const json_t *row)
{
	const json_t *turns = json_object_get(row, "turns"), *g;
	const char *condition =
		json_string_value(json_object_get(row, "condition"));
	size_t k;

	if (condition && strcmp(condition, "none") == 0)
		return false;
	json_array_foreach(json_object_get(row, "grade"), k,
			   g) if (json_is_null(g) &&
				  !(k && json_is_true(json_object_get(
						 json_array_get(turns, k - 1),
						 "aside")))) return true;
	return false;
}

static void count_row(struct task_rows *t, const json_t *row)
{
	const json_t *g = json_array_get(json_object_get(row, "grade"), 0);

	if (!t->n_same)
		t->first = json_number_value(g);
	t->n_same += json_is_number(g) && json_number_value(g) == t->first;
	t->n++;
	t->n_undecided += is_undecided(row);
}

static void count(struct results *r, const json_t *row)
{
	const char *task = json_string_value(json_object_get(row, "task"));

	for (unsigned k = 0; task && syc_eval_task(k) && k < TASKS; k++)
		if (strcmp(syc_eval_task(k), task) == 0)
			count_row(&r->task[k], row);
}

static int add_row(struct results *r, const struct syc_row *row,
		   struct syc_err *err)
{
	const char *grader =
		json_string_value(json_object_get(syc_row_json(row), "grader"));

	if (grader && !has_name(&r->graders, grader)) {
		syc_buf_puts(&r->graders, r->graders.len ? ", " : "");
		syc_buf_puts(&r->graders, grader);
	}
	count(r, syc_row_json(row));
	return r->graders.failed ? fail_nomem(err)
				 : syc_eval_add(r->eval, row, err);
}

int results_add(struct results *r, struct syc_rows *in, struct syc_err *err)
{
	struct syc_row *row;
	int ret = r->eval ? 0 : syc_eval_new(&r->eval, err);

	while (ret == 0 && (ret = syc_rows_next(in, &row, err)) > 0) {
		ret = add_row(r, row, err);
		syc_row_free(row);
		if (ret < 0)
			ret = syc_rows_bad(in, err);
	}
	syc_rows_done(in);
	return ret;
}

int results_read(struct results *r, const char *path, struct syc_err *err)
{
	char *paths[] = { (char *)(uintptr_t)path };
	struct syc_rows in = { .paths = paths, .n_paths = 1 };

	return results_add(r, &in, err);
}

int results_compare(struct results *r, size_t n, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		ret = r[i].eval ? 0 : syc_eval_new(&r[i].eval, err);
		if (ret == 0)
			ret = syc_eval_table(&r[i].table, r[i].eval, err);
		if (ret == 0 && i)
			ret = syc_eval_compare(&r[i].diff, r[0].table,
					       r[i].table, err);
	}
	return ret;
}

void results_free(struct results *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		syc_eval_table_free(r[i].diff);
		syc_eval_table_free(r[i].table);
		syc_eval_free(r[i].eval);
		syc_buf_free(&r[i].graders);
	}
}

int results_put(struct sheet *o, const struct results *r, size_t n,
		struct syc_err *err)
{
	struct shown *m = calloc(n, sizeof(*m));

	if (!m)
		return fail_nomem(err);
	for (size_t i = 0; i < n; i++)
		m[i] = (struct shown){
			r[i].name, r[i].graders.data ? r[i].graders.data : "",
			r[i].table, r[i].diff};
	if (o->form == SHEET_JSON)
		put(o, "{");
	put_figures(o, m, n);
	if (o->form == SHEET_JSON)
		put(o, "}\n");
	free(m);
	return o->bad || o->b->failed ? fail_nomem(err) : 0;
}
