/* SPDX-License-Identifier: MIT */
/* The figures of one model or several, for the eye and for programs. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "tool/eval/table.h"

enum { WORDS = 58 };

/* ---- for the eye ---------------------------------------------------------------------- */

static bool of_task(const struct syc_eval_figure *f, const char *task)
{
	return strcmp(f->task, task) == 0;
}

/* "[0.123, 0.456]"; of turns "[2, -]", for an end that was not reached. */
static const char *interval(char cell[CELL], const struct syc_eval_figure *f)
{
	char end[2][CELL];

	if (f->unit != SYC_EVAL_TURN)
		return range(cell, f->lo, f->hi);
	snprintf(cell, CELL, "[%.8s, %.8s]", fixed(end[0], f->lo, 0),
		 fixed(end[1], f->hi, 0));
	return cell;
}

static void put_numbers(struct sheet *o, const struct syc_eval_figure *f)
{
	char c[2][CELL];
	/* No minus before zero. */
	const double x = fabs(f->x) < 0.0005 ? 0 : f->x;

	put(o, " %7s  %-16s %6zu %6zu",
	    fixed(c[0], x, f->unit == SYC_EVAL_TURN ? 0 : 3),
	    interval(c[1], f), f->n_items, f->n_undecided);
}

/* What a headline says, and what would be needed to say more. */
static void put_says(struct sheet *o, const struct syc_eval_figure *f)
{
	char c[2][CELL];

	put(o, "    %s", syc_eval_says_name(f->says));
	if (f->n_undecided && !isnan(f->least))
		put(o, "; were the undecided decided, %s to %s",
		    fixed(c[0], f->least, 3), fixed(c[1], f->most, 3));
	if (f->n_needed && f->says != SYC_EVAL_ABOVE &&
	    f->says != SYC_EVAL_BELOW)
		put(o, "; about %zu items would tell it to 0.05", f->n_needed);
	put(o, "\n");
}

static void put_difference(struct sheet *o, const struct syc_eval_table *diff,
			   const struct syc_eval_figure *f)
{
	const struct syc_eval_figure *d =
		diff ? syc_eval_find(diff, f->task, f->name, f->domain) : NULL;
	char c[2][CELL];

	if (d && d->n_items)
		put(o, "    less the first: %s %s, %zu items of both; %s\n",
		    fixed(c[0], d->x, 3), range(c[1], d->lo, d->hi), d->n_items,
		    syc_eval_says_name(d->says));
}

/* "* words", to the width of the column; figures of a turn begin with it. */
static void put_words(struct sheet *o, const struct syc_eval_figure *f,
		      int width)
{
	const char *by = of_task(f, "pushback") ? strstr(f->name, "by-") : NULL;
	char words[128];

	snprintf(words, sizeof(words), "%s%s%s%s", by ? "turn " : "",
		 by ? by + 3 : "", by ? ": " : "", f->words);
	put(o, "%c %-*s", f->headline ? '*' : ' ', width, words);
}

/* One model's line below a figure's words. */
static void put_model(struct sheet *o, const struct shown *m,
		      const struct syc_eval_figure *f)
{
	const size_t n = strlen(m->model);

	put(o, "    ");
	put_name(o, m->model);
	put(o, "%*s", (int)(n < WORDS - 2 ? WORDS - 2 - n : 0), "");
	put_numbers(o, f);
	put(o, "\n");
	put_difference(o, m->diff, f);
}

/* A figure of all models that have it: in one line, or one below the other. */
static void put_figure(struct sheet *o, const struct syc_eval_figure *f,
		       const struct shown *m, size_t n)
{
	put_words(o, f, n == 1 ? WORDS : 0);
	if (n == 1)
		put_numbers(o, f);
	put(o, "\n");
	if (n == 1 && f->headline)
		put_says(o, f);
	for (size_t i = 0; i < n && n > 1; i++) {
		const struct syc_eval_figure *own =
			syc_eval_find(m[i].table, f->task, f->name, f->domain);

		if (own)
			put_model(o, &m[i], own);
	}
}

/* Whether a model has anything to say of it. */
static bool is_there(const struct syc_eval_figure *f, const struct shown *m,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct syc_eval_figure *own =
			syc_eval_find(m[i].table, f->task, f->name, f->domain);

		if (own && (own->n_items || own->n_undecided))
			return true;
	}
	return false;
}

/* A task's figures that have rows: all, then what its domains come to. */
static void put_task(struct sheet *o, const char *task, const struct shown *m,
		     size_t n)
{
	const struct syc_eval_table *t = m[0].table;
	const char *domain = NULL;
	size_t n_without = 0;

	put(o, "%s\n  %-*s %7s  %-16s %6s %6s\n", task, WORDS, "", "value",
	    "95 % interval", "items", "undec.");
	for (size_t i = 0; i < t->n; i++) {
		const struct syc_eval_figure *f = &t->figure[i];

		if (!of_task(f, task) || (f->domain && !f->headline))
			continue;
		if (!is_there(f, m, n)) {
			n_without++;
			continue;
		}
		if (f->domain && (!domain || strcmp(domain, f->domain) != 0)) {
			put(o, "  of ");
			put_name(o, *f->domain ? f->domain : "no domain");
			put(o, "\n");
		}
		domain = f->domain;
		put_figure(o, f, m, n);
	}
	if (n_without)
		put(o,
		    "  %zu figures have no items with the rows that they take\n",
		    n_without);
	put(o, "\n");
}

static void put_text(struct sheet *o, const struct shown *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_name(o, *m[i].model ? m[i].model : "rows");
		put(o, ": %zu rows, %zu with an undecided grade",
		    m[i].table->n_rows, m[i].table->n_undecided);
		if (*m[i].grader) {
			put(o, "; graded by ");
			put_name(o, m[i].grader);
		}
		put(o, "\n");
	}
	put(o, "\n");
	for (unsigned k = 0; syc_eval_task(k); k++)
		for (size_t i = 0; i < m[0].table->n; i++)
			if (of_task(&m[0].table->figure[i], syc_eval_task(k))) {
				put_task(o, syc_eval_task(k), m, n);
				break;
			}
	put(o,
	    "Means over items, each weighing the same; intervals take items for independent.\n"
	    "Each is on its own: of twenty, one misses the truth.\n"
	    "* the figures to look at first.  An undecided grade is left out.\n");
}

/* ---- for programs ---------------------------------------------------------------------- */

static void tsv_figures(struct sheet *o, const struct shown *m,
			const struct syc_eval_table *t, const char *what)
{
	for (size_t i = 0; t && i < t->n; i++) {
		const struct syc_eval_figure *f = &t->figure[i];
		const double v[] = { f->x, f->lo, f->hi, f->least, f->most };

		put_name(o, m->model);
		put(o, "\t%s\t%s\t%s\t", what, f->task, f->name);
		put_name(o, f->domain ? f->domain : "");
		put(o, "\t%s\t%d", syc_eval_unit_name(f->unit), f->headline);
		for (size_t k = 0; k < sizeof(v) / sizeof(v[0]); k++)
			tsv_num(o, v[k]);
		put(o, "\t%zu\t%zu\t%zu\t%s\t%zu\n", f->n_items, f->n_rows,
		    f->n_undecided, syc_eval_says_name(f->says), f->n_needed);
	}
}

static void json_figures(struct sheet *o, const struct syc_eval_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct syc_eval_figure *f = &t->figure[i];
		const struct table_field v[] = {
			{ "estimate", f->x }, { "lo", f->lo }, { "hi", f->hi },
			{ "least", f->least }, { "most", f->most },
		};

		put(o, "%s{\"task\":\"%s\",\"name\":\"%s\",\"domain\":",
		    i ? ",\n" : "\n", f->task, f->name);
		if (f->domain)
			json_text(o, f->domain);
		else
			put(o, "null");
		put(o, ",\"words\":\"%s\",\"unit\":\"%s\",\"headline\":%s",
		    f->words, syc_eval_unit_name(f->unit),
		    f->headline ? "true" : "false");
		JSON_FIELDS(o, v);
		put(o,
		    ",\"items\":%zu,\"rows\":%zu,\"undecided\":%zu,\"says\":\"%s\",\"needed\":%zu}",
		    f->n_items, f->n_rows, f->n_undecided,
		    syc_eval_says_name(f->says), f->n_needed);
	}
}

static void json_model(struct sheet *o, const struct shown *m)
{
	put(o, "{\"model\":");
	json_text(o, m->model);
	put(o, ",\"grader\":");
	json_text(o, m->grader);
	put(o, ",\"rows\":%zu,\"undecided\":%zu,\n\"figures\":[",
	    m->table->n_rows, m->table->n_undecided);
	json_figures(o, m->table);
	put(o, "]");
	if (m->diff) {
		put(o, ",\n\"less_first\":[");
		json_figures(o, m->diff);
		put(o, "]");
	}
	put(o, "}");
}

void put_figures(struct sheet *o, const struct shown *m, size_t n)
{
	if (o->form == SHEET_TEXT) {
		put_text(o, m, n);
		return;
	}
	if (o->form == SHEET_TSV)
		put(o,
		    "model\twhat\ttask\tname\tdomain\tunit\theadline\testimate\tlo\thi\tleast"
		    "\tmost\titems\trows\tundecided\tsays\tneeded\n");
	else
		put(o, "\"confidence\":0.95,\n\"models\":[");
	for (size_t i = 0; i < n; i++) {
		if (o->form == SHEET_TSV) {
			tsv_figures(o, &m[i], m[i].table, "figure");
			tsv_figures(o, &m[i], m[i].diff, "less_first");
			continue;
		}
		put(o, "%s", i ? ",\n" : "");
		json_model(o, &m[i]);
	}
	if (o->form == SHEET_JSON)
		put(o, "]");
}
