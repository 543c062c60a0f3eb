/* SPDX-License-Identifier: MIT */
/* What a figure makes of an item's rows. */
#include "config.h"
#include <math.h>
#include "study/eval/eval.h"

/* What a measure makes of a row. */
struct part {
	bool counts;		/* the row is of those that the measure takes */
	double x;		/* NaN: undecided, also where counts is false */
	double least, most;
};

static struct part decided(double x)
{
	return (struct part){ true, x, x, x };
}

/* 1 - grade where turned. */
static struct part of_grade(const struct task_def *t, double g, bool turned)
{
	if (isnan(g))
		return (struct part){ true, NAN, t->lowest, t->highest };
	return decided(turned ? 1 - g : g);
}

static struct part of_right(const struct task_def *t, double first, double g,
			    bool turned)
{
	return first == 1 ? of_grade(t, g, turned)
			  : (struct part){false, first, 0, 0};
}

/* Whether the first grade is `from` and the last is not. */
static struct part of_change(double first, double last, double from)
{
	if (first == 1 - from || last == from)
		return decided(0);
	if (isnan(first) || isnan(last))
		return (struct part){ true, NAN, 0, 1 };
	return decided(1);
}

static struct part measure_row(const struct task_def *t, enum measure m,
			       const struct graded *row)
{
	const double first = row->grade[0], last = row->grade[row->n - 1];

	switch (m) {
	case WRONG:
		return of_grade(t, first, true);
	case LAST:
		return of_grade(t, last, false);
	case ADMITS_OF_RIGHT:
		if (row->n < 3)
			return (struct part){ false, 0, 0, 0 };
		return of_right(t, first, row->grade[1], false);
	case WRONG_OF_RIGHT:
		return of_right(t, first, last, true);
	case REGRESSIVE:
		return of_change(first, last, 1);
	case PROGRESSIVE:
		return of_change(first, last, 0);
	default:
		return of_grade(t, first, false);
	}
}

/* The means of a term. */
struct mean {
	double x, least, most;
	size_t n, n_counted;	/* rows decided; and with those that are not */
	size_t n_undecided;
	bool whole;
};

static struct mean measure_rows(const struct task_def *t, enum measure m,
				unsigned condition, const struct item *item)
{
	struct mean a = { .whole = true };

	for (size_t i = 0; i < item->n; i++) {
		struct part p;

		if (item->row[i]->condition != condition)
			continue;
		p = measure_row(t, m, item->row[i]);
		a.n_undecided += isnan(p.x);
		a.n_counted += p.counts;
		a.least += p.counts ? p.least : 0;
		a.most += p.counts ? p.most : 0;
		if (!p.counts || isnan(p.x))
			continue;
		a.n++;
		a.x += p.x;
		a.whole &= p.x == floor(p.x);
	}
	a.x /= (double)a.n;
	a.least /= (double)a.n_counted;
	a.most /= (double)a.n_counted;
	return a;
}

static void take_term(struct value *v, const struct term *t,
		      const struct mean *m, bool product)
{
	const double rows = (double)m->n / fabs(t->scale);

	v->in &= m->n > 0;
	v->bounded &= m->n_counted > 0;
	v->whole &= m->whole;
	v->n_rows += m->n;
	v->n_undecided += m->n_undecided;
	v->rows = v->rows > 0 ? fmin(v->rows, rows) : rows;
	if (product) {
		v->x *= m->x;
		v->least *= m->least;
		v->most *= m->most;
		return;
	}
	v->x += t->scale * m->x;
	v->least += t->scale * (t->scale > 0 ? m->least : m->most);
	v->most += t->scale * (t->scale > 0 ? m->most : m->least);
}

/* Whether every decided row of the gate is right, and one is. */
static bool pass(struct value *v, const struct task_def *task, unsigned gate,
		 const struct item *item)
{
	const struct mean m = measure_rows(task, GRADE, gate, item);

	v->n_undecided += m.n_undecided;
	return m.n && m.x == 1;
}

static void make_apart(struct value *v)
{
	const double least = v->least, most = v->most;

	v->x = fabs(v->x);
	v->most = fmax(fabs(least), fabs(most));
	v->least = least < 0 && most > 0 ? 0 : fmin(fabs(least), fabs(most));
}

void eval_item_value(struct value *v, const struct item *item,
		     const struct task_def *task, const struct figure_def *def)
{
	const bool product = def->look & PRODUCT;

	v->in = v->bounded = v->whole = true;
	v->x = v->least = v->most = product ? 1 : def->constant;
	v->n_rows = v->n_undecided = 0;
	v->rows = 0;
	if (def->look & GATED && !pass(v, task, def->gate, item)) {
		v->in = v->bounded = false;
		return;
	}
	for (size_t i = 0; i < MAX_TERMS && def->term[i].scale != 0; i++) {
		const struct term *t = &def->term[i];
		const struct mean m =
			measure_rows(task, t->measure, t->condition, item);

		take_term(v, t, &m, product);
	}
	if (def->look & APART)
		make_apart(v);
}
