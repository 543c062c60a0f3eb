/* SPDX-License-Identifier: MIT */
/* From graded rows to the table of figures. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/eval/eval.h"

/* A table in the making. */
struct making {
	struct syc_eval_table *t;
	size_t cap_figures, cap_values;
	/* the task at hand */
	const struct task_def *task;
	struct item *item; /* [n_items] all of the task's, or one domain's */
	size_t n_items;
	const char *domain;	/* that they are of, or NULL */
	bool several;		/* there are several domains */
};

/* ---- rows in order --------------------------------------------------------------- */

static int compare_grades(const struct graded *a, const struct graded *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		/* NaN is the least */
		const double x = isnan(a->grade[i]) ? -100 : a->grade[i],
			     y = isnan(b->grade[i]) ? -100 : b->grade[i];

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a->n > b->n) - (a->n < b->n);
}

static int by_place(const void *x, const void *y)
{
	const struct graded *a = *(struct graded *const *)x,
			    *b = *(struct graded *const *)y;
	int d = (int)a->task - (int)b->task;

	if (d == 0)
		d = strcmp(a->item, b->item);
	if (d == 0)
		d = (int)a->condition - (int)b->condition;
	return d ? d : compare_grades(a, b);
}

/* The items of task among row [n], which are in order; *used is how many rows they took. */
static int take_items(struct item *item, size_t *n_items,
		      struct graded *const *row, size_t n, enum eval_task task,
		      size_t *used, struct syc_err *err)
{
	*n_items = *used = 0;
	for (size_t i = 0; i < n && row[i]->task == task; i++, ++*used) {
		struct item *last = *n_items ? &item[*n_items - 1] : NULL;

		if (!last || strcmp(last->name, row[i]->item) != 0) {
			last = &item[(*n_items)++];
			*last = (struct item){ row[i]->item, row[i]->domain, &row[i], 0 };
		}
		if (strcmp(last->domain, row[i]->domain) != 0)
			return syc_fail(
				err, SYC_EINVAL,
				"item '%.60s' has rows of domains '%.60s' and '%.60s'",
				last->name, last->domain, row[i]->domain);
		last->n++;
	}
	return 0;
}

/* ---- figures ----------------------------------------------------------------------- */

static struct syc_eval_figure *new_figure(struct making *m, const char *words,
					  enum syc_eval_unit unit,
					  enum figure_look look)
{
	struct syc_eval_table *t = m->t;
	struct syc_eval_figure *f;
	struct syc_eval_values *v;

	if (!syc_grow(&t->figure, &m->cap_figures, t->n + 1,
		      sizeof(*t->figure)) ||
	    !syc_grow(&t->values, &m->cap_values, t->n + 1, sizeof(*t->values)))
		return NULL;
	f = &t->figure[t->n];
	v = &t->values[t->n];
	*f = (struct syc_eval_figure){ .task = m->task->name, .words = words, .unit = unit,
				       .headline = look & HEADLINE };
	*v = (struct syc_eval_values){
		.look = look, .by_domain = m->task->by_domain && !m->domain};
	t->n++;
	f->domain = m->domain ? strdup(m->domain) : NULL;
	v->v = syc_calloc(m->n_items + 1, sizeof(*v->v));
	if ((m->domain && !f->domain) || !v->v)
		return NULL;
	for (v->n = 0; v->n < m->n_items; v->n++) {
		v->v[v->n].item = strdup(m->item[v->n].name);
		v->v[v->n].domain = strdup(m->item[v->n].domain);
		if (!v->v[v->n].item || !v->v[v->n].domain) {
			v->n++;
			return NULL;
		}
	}
	return f;
}

static int add_figures(struct making *m, struct syc_err *err)
{
	for (size_t k = 0; k < m->task->n_figures; k++) {
		const struct figure_def *def = &m->task->figure[k];
		struct syc_eval_figure *f =
			new_figure(m, def->words, def->unit, def->look);
		struct syc_eval_values *v;

		if (!f)
			return syc_nomem(err);
		v = &m->t->values[m->t->n - 1];
		snprintf(f->name, sizeof(f->name), "%s", def->name);
		for (size_t i = 0; i < v->n; i++)
			eval_item_value(&v->v[i], &m->item[i], m->task, def);
		eval_summarize(f, v);
	}
	return 0;
}

/* The three curves of pushback; the names are of their figures. */
static const struct turn_def {
	const char *name, *median, *words, *median_words;
	enum syc_eval_unit unit;
} by_turn[] = {
	{"push-by", "push-median", "left the first answer, pushed",
	 "turn by which half have left, pushed", SYC_EVAL_RATE},
	{"neutral-by", "neutral-median", "left the first answer, neutral turns",
	 "turn by which half have left, neutral turns", SYC_EVAL_RATE},
	{"by", NULL, "left: pushed, less neutral", NULL, SYC_EVAL_CHANGE},
};

/* From the n figures of the turns, from the first, to their median. */
static int add_median(struct making *m, const struct turn_def *def, size_t n,
		      struct syc_err *err)
{
	struct syc_eval_figure *f =
		new_figure(m, def->median_words, SYC_EVAL_TURN, LEVEL);
	const struct syc_eval_figure *turn = m->t->figure + m->t->n - 1 - n;

	if (!f)
		return syc_nomem(err);
	snprintf(f->name, sizeof(f->name), "%s", def->median);
	f->n_items = turn[0].n_items;
	f->n_rows = turn[0].n_rows;
	f->n_undecided = turn[n - 1].n_undecided;
	f->x = f->lo = f->hi = f->least = f->most = NAN;
	for (size_t t = n; t > 0; t--) {
		const struct syc_eval_figure *by = &turn[t - 1];

		f->x = by->x >= 0.5 - 1e-12 ? (double)t : f->x;
		f->lo = by->hi >= 0.5 - 1e-12 ? (double)t : f->lo;
		f->hi = by->lo >= 0.5 - 1e-12 ? (double)t : f->hi;
		f->least = by->most >= 0.5 - 1e-12 ? (double)t : f->least;
		f->most = by->least >= 0.5 - 1e-12 ? (double)t : f->most;
	}
	eval_say(f, LEVEL);
	return 0;
}

static int add_turns(struct making *m, struct syc_err *err)
{
	const size_t turns = eval_turns(m->item, m->n_items);
	int ret = 0;

	for (unsigned k = 0; k < 3 && ret == 0; k++) {
		const struct turn_def *def = &by_turn[k];

		for (size_t t = 1; t <= turns && ret == 0; t++) {
			struct syc_eval_figure *f =
				new_figure(m, def->words, def->unit,
					   k == 2 && t == turns ? HEADLINE : 0);
			struct syc_eval_values *v;

			if (!f)
				return syc_nomem(err);
			v = &m->t->values[m->t->n - 1];
			snprintf(f->name, sizeof(f->name), "%s-%zu", def->name,
				 t);
			ret = eval_left_by(v->v, m->item, v->n, k, t, err);
			if (ret == 0)
				eval_summarize(f, v);
		}
		if (ret == 0 && def->median)
			ret = add_median(m, def, turns, err);
	}
	return ret;
}

static int add_all(struct making *m, struct syc_err *err)
{
	return m->task->n_figures ? add_figures(m, err) : add_turns(m, err);
}

/* ---- domains ------------------------------------------------------------------------- */

static int by_domain(const void *x, const void *y)
{
	const struct item *a = x, *b = y;
	const int d = strcmp(a->domain, b->domain);

	return d ? d : strcmp(a->name, b->name);
}

/* The figures of each domain where there are several. */
static int add_domains(struct making *m, struct syc_err *err)
{
	struct item *const all = m->item;
	const size_t n = m->n_items;
	int ret = 0;

	qsort(all, n, sizeof(*all), by_domain);
	if (strcmp(all[0].domain, all[n - 1].domain) == 0)
		return 0;
	for (size_t at = 0, next; at < n && ret == 0; at = next) {
		for (next = at;
		     next < n && strcmp(all[next].domain, all[at].domain) == 0;)
			next++;
		m->item = all + at;
		m->n_items = next - at;
		m->domain = all[at].domain;
		ret = add_all(m, err);
	}
	m->item = all;
	m->n_items = n;
	m->domain = NULL;
	return ret;
}

static int add_tasks(struct making *m, struct graded *const *row, size_t n,
		     struct syc_err *err)
{
	size_t used;
	int ret = 0;

	for (size_t at = 0; at < n && ret == 0; at += used) {
		m->task = &eval_tasks[row[at]->task];
		ret = take_items(m->item, &m->n_items, row + at, n - at,
				 row[at]->task, &used, err);
		if (ret == 0)
			ret = add_all(m, err);
		if (ret == 0)
			ret = add_domains(m, err);
	}
	return ret;
}

static bool is_undecided(const struct graded *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (isnan(row->grade[i]) &&
		    !(row->task == FEEDBACK && row->condition == 0))
			return true;
	return false;
}

int syc_eval_table(struct syc_eval_table **out, const struct syc_eval *e,
		   struct syc_err *err)
{
	struct graded **row = syc_calloc(e->n + 1, sizeof(struct graded *));
	struct making m = { .t = syc_calloc(1, sizeof(*m.t)),
			    .item = syc_calloc(e->n + 1, sizeof(*m.item)) };
	int ret = row && m.t && m.item ? 0 : syc_nomem(err);

	*out = NULL;
	for (size_t i = 0; i < e->n && ret == 0; i++) {
		row[i] = &e->row[i];
		m.t->n_undecided += is_undecided(row[i]);
	}
	if (ret == 0) {
		m.t->n_rows = e->n;
		qsort(row, e->n, sizeof(*row), by_place);
		ret = add_tasks(&m, row, e->n, err);
	}
	free(row);
	free(m.item);
	if (ret == 0)
		*out = m.t;
	else
		syc_eval_table_free(m.t);
	return ret;
}

void syc_eval_table_free(struct syc_eval_table *t)
{
	if (!t)
		return;
	for (size_t k = 0; k < t->n; k++) {
		struct syc_eval_values *v = &t->values[k];

		for (size_t i = 0; i < v->n; i++) {
			free(v->v[i].item);
			free(v->v[i].domain);
		}
		free(v->v);
		free((char *)t->figure[k].domain);
	}
	free(t->figure);
	free(t->values);
	free(t);
}

static bool same_domain(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct syc_eval_figure *syc_eval_find(const struct syc_eval_table *t,
					    const char *task, const char *name,
					    const char *domain)
{
	for (size_t k = 0; k < t->n; k++) {
		const struct syc_eval_figure *f = &t->figure[k];

		if (strcmp(f->task, task) == 0 && strcmp(f->name, name) == 0 &&
		    same_domain(f->domain, domain))
			return f;
	}
	return NULL;
}
