/* SPDX-License-Identifier: MIT */
/* When replies leave their first answer: Kaplan & Meier's curve, item by item. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/eval/eval.h"

/* What an undecided reply is taken for. */
enum undecided { CENSORED, STAYS, LEAVES };

/* A row's course: it was last seen at a turn, 0 for never, and left then or did not. */
struct course {
	size_t item;		/* its number */
	double weight; /* 1 over the rows of its item, so that items weigh the same */
	size_t end;
	bool left;
};

struct curve {
	struct course *row;	/* [n] those seen at turn 1 */
	size_t n;
	double *add;		/* [n_items] what an item adds to 1 - S(turn) */
	bool *in;		/* [n_items] */
	double left; /* 1 - S(turn); NaN where nobody is there to tell */
};

static struct course follow(const struct graded *row, enum undecided how)
{
	struct course c = { .weight = 1 };

	for (size_t t = 1; t < row->n; t++) {
		const bool open = isnan(row->grade[t]);

		if (open && how == CENSORED)
			break;
		c.end = t;
		c.left = row->grade[t] == 0 || (open && how == LEAVES);
		if (c.left)
			break;
	}
	return c;
}

/* Whether an undecided reply ends what is known of a row by that turn. */
static bool cut_short(const struct graded *row, size_t turn)
{
	const struct course c = follow(row, CENSORED);

	return !c.left && c.end < turn && c.end + 1 < row->n;
}

size_t eval_turns(const struct item *item, size_t n)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < item[i].n; k++)
			if (item[i].row[k]->n > most + 1)
				most = item[i].row[k]->n - 1;
	return most;
}

static bool has(const struct item *item, unsigned condition, enum undecided how)
{
	for (size_t k = 0; k < item->n; k++)
		if (item->row[k]->condition == condition &&
		    follow(item->row[k], how).end)
			return true;
	return false;
}

/* The rows of a condition, of all items or only of those with rows of the other, too. */
static void take_rows(struct curve *c, const struct item *item, size_t n,
		      unsigned condition, bool both, enum undecided how)
{
	c->n = 0;
	for (size_t i = 0; i < n; i++) {
		const size_t begin = c->n;

		c->in[i] = has(&item[i], condition, how) &&
			   (!both || has(&item[i], !condition, how));
		for (size_t k = 0; c->in[i] && k < item[i].n; k++) {
			if (item[i].row[k]->condition != condition)
				continue;
			c->row[c->n] = follow(item[i].row[k], how);
			c->row[c->n].item = i;
			c->n += c->row[c->n].end > 0;
		}
		for (size_t k = begin; k < c->n; k++)
			c->row[k].weight = 1 / (double)(c->n - begin);
	}
}

/*
 * Follow S to the turn.  An item adds to it - S sum of w (dN - Y h) / (R (1 - h)) over
 * turns and its rows: dN it leaves then, Y it is there, R those that are, h the share
 * that leaves; where all leave nobody adds anything.
 */
static void follow_curve(struct curve *c, size_t n_items, size_t turn)
{
	double s = 1;

	for (size_t i = 0; i < n_items; i++)
		c->add[i] = 0;
	for (size_t t = 1; t <= turn && s > 0; t++) {
		double there = 0, leave = 0;

		for (size_t k = 0; k < c->n; k++) {
			const struct course *r = &c->row[k];

			there += r->end >= t ? r->weight : 0;
			leave += r->end == t && r->left ? r->weight : 0;
		}
		if (leave >= there - 1e-9) {
			s = there > 0 ? 0 : NAN;
			break;
		}
		for (size_t k = 0; k < c->n; k++) {
			const struct course *r = &c->row[k];
			const double dn = r->end == t && r->left;

			if (r->end >= t)
				c->add[r->item] += r->weight *
						   (dn - leave / there) /
						   (there - leave);
		}
		s *= 1 - leave / there;
	}
	for (size_t i = 0; i < n_items; i++)
		c->add[i] *= s;
	c->left = 1 - s;
}

/* The value of item i: what is estimated and as many times what it adds as there are items. */
static double value_of(const struct curve *c, size_t i, size_t n_in)
{
	return c->left + (double)n_in * c->add[i];
}

static int make_curve(struct curve *c, const struct item *item, size_t n,
		      struct syc_err *err)
{
	size_t rows = 0;

	for (size_t i = 0; i < n; i++)
		rows += item[i].n;
	c->row = syc_calloc(rows + 1, sizeof(*c->row));
	c->add = syc_calloc(n + 1, sizeof(*c->add));
	c->in = syc_calloc(n + 1, sizeof(*c->in));
	return c->row && c->add && c->in ? 0 : syc_nomem(err);
}

static void free_curve(struct curve *c)
{
	free(c->row);
	free(c->add);
	free(c->in);
}

/* Add scale times an arm's values to x, and least or most likewise. */
static void add_arm(struct value *v, struct curve *c, const struct item *item,
		    size_t n, unsigned condition, size_t turn, bool both,
		    double scale)
{
	static const enum undecided all[3] = { CENSORED, STAYS, LEAVES };

	for (unsigned h = 0; h < 3; h++) {
		size_t n_in = 0;

		take_rows(c, item, n, condition, both, all[h]);
		follow_curve(c, n, turn);
		for (size_t i = 0; i < n; i++)
			n_in += c->in[i];
		for (size_t i = 0; i < n; i++) {
			const double x = scale * value_of(c, i, n_in);

			if (all[h] == CENSORED) {
				v[i].in &= c->in[i] && !isnan(c->left);
				v[i].x += x;
			} else if ((all[h] == STAYS) == (scale > 0)) {
				v[i].bounded &= c->in[i] && !isnan(c->left);
				v[i].least += x;
			} else {
				v[i].most += x;
			}
		}
	}
}

/* How many rows of the condition make an item's value, and were cut short. */
static void count_rows(struct value *v, const struct item *item,
		       unsigned condition, size_t turn)
{
	double rows = 0;

	for (size_t k = 0; k < item->n; k++) {
		if (item->row[k]->condition != condition)
			continue;
		rows += follow(item->row[k], CENSORED).end > 0;
		v->n_undecided += cut_short(item->row[k], turn);
	}
	v->n_rows += (size_t)rows;
	v->rows = v->rows > 0 ? fmin(v->rows, rows) : rows;
}

/* Values a rounding away from a whole number are that number. */
static void settle(struct value *v)
{
	if (fabs(v->x - round(v->x)) < 1e-9)
		v->x = round(v->x);
	v->whole = true;
}

int eval_left_by(struct value *v, const struct item *item, size_t n,
		 unsigned condition, size_t turn, struct syc_err *err)
{
	const bool both = condition > 1;
	struct curve c = { 0 };
	int ret = make_curve(&c, item, n, err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		v[i].in = v[i].bounded = true;
		v[i].x = v[i].least = v[i].most = v[i].rows = 0;
		v[i].n_rows = v[i].n_undecided = 0;
	}
	for (unsigned k = 0; k < 2 && ret == 0; k++) {
		if (!both && condition != k)
			continue;
		add_arm(v, &c, item, n, k, turn, both, both && k ? -1 : 1);
		for (size_t i = 0; i < n; i++)
			count_rows(&v[i], &item[i], k, turn);
	}
	for (size_t i = 0; i < n && ret == 0; i++)
		settle(&v[i]);
	free_curve(&c);
	return ret;
}
