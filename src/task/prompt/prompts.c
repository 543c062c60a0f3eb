/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "task/prompt/items.h"
#include "task/prompt/source.h"

/* ---- names ----------------------------------------------------------------------------- */

const char *syc_prompts_task(unsigned i)
{
	const struct syc_prompt_task *t = syc_prompt_tasks;

	while (t->name && i--)
		t++;
	return t->name;
}

const char *syc_prompts_condition(const char *task, unsigned i)
{
	const struct syc_prompt_task *t = syc_prompt_task_find(task);

	return t && i < SYC_TEMPLATE_CONDITIONS ? t->condition[i] : NULL;
}

/* A format may stand there several times. */
static bool is_first(const struct syc_format *f)
{
	for (const struct syc_format *g = syc_formats; g < f; g++)
		if (strcmp(g->name, f->name) == 0)
			return false;
	return true;
}

const char *syc_prompts_format(unsigned i)
{
	for (const struct syc_format *f = syc_formats; f->name; f++)
		if (is_first(f) && i-- == 0)
			return f->name;
	return NULL;
}

const char *syc_prompts_format_tasks(const char *format)
{
	for (const struct syc_format *f = syc_formats; f->name; f++)
		if (strcmp(f->name, format) == 0)
			return f->tasks;
	return NULL;
}

/* ---- begin and end ---------------------------------------------------------------------- */

static int check_opts(const struct syc_prompts_opts *o, struct syc_err *err)
{
	if (!o->task || !syc_prompt_task_find(o->task))
		return syc_fail(err, SYC_EINVAL, "no task '%.60s'",
				o->task ? o->task : "");
	if (o->format && !syc_format_is(o->format))
		return syc_fail(err, SYC_EINVAL, "no format '%.60s'",
				o->format);
	if (o->n_parts && (!o->part_from || o->part_from > o->part_to ||
			   o->part_to > o->n_parts))
		return syc_fail(err, SYC_EINVAL, "no parts %u to %u of %u",
				o->part_from, o->part_to, o->n_parts);
	for (size_t i = 0; i < o->n_fields; i++) {
		const char *equals = strchr(o->field[i], '=');

		if (!equals || !equals[1])
			return syc_fail(err, SYC_EINVAL,
					"'%.120s' is not FIELD=COLUMN",
					o->field[i]);
		if (!syc_format_knows(o->format, o->field[i],
				      (size_t)(equals - o->field[i])))
			return syc_fail(err, SYC_EINVAL,
					"'%.120s': no such field in %s",
					o->field[i],
					o->format ? o->format : "any format");
	}
	return 0;
}

int syc_prompts_new(struct syc_prompts **out, const struct syc_prompts_opts *o,
		    struct syc_err *err)
{
	struct syc_prompts *p;
	const int ret = check_opts(o, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	p = syc_calloc(1, sizeof(*p));
	if (!p)
		return syc_nomem(err);
	p->o = *o;
	p->task = syc_prompt_task_find(o->task);
	p->templates = syc_templates_builtin();
	p->shown = json_array();
	p->found = syc_calloc(o->n_fields + 1, sizeof(*p->found));
	if (!p->templates || !p->shown || !p->found) {
		syc_prompts_free(p);
		return syc_nomem(err);
	}
	*out = p;
	return 0;
}

void syc_prompts_free(struct syc_prompts *p)
{
	if (!p)
		return;
	syc_items_free(&p->items);
	syc_items_free(&p->shots);
	json_decref(p->templates);
	json_decref(p->shown);
	free(p->found);
	free(p);
}

/* ---- templates -------------------------------------------------------------------------- */

int syc_prompts_use(struct syc_prompts *p, const char *json, size_t len,
		    struct syc_err *err)
{
	json_error_t e;
	json_t *v = syc_source_json(json, len, NULL, &e);
	int ret = v ? syc_templates_check(v, err) :
		  syc_fail(err, SYC_EFORMAT, "line %d: %.200s", e.line, e.text);

	if (ret == 0)
		ret = syc_templates_replace(p->templates, v, err);
	json_decref(v);
	return ret;
}

int syc_prompts_templates(struct syc_buf *out, const struct syc_prompts *p,
			  const char *task, struct syc_err *err)
{
	json_t *list = json_array(), *t;
	char *text;
	size_t i;
	int bad;

	json_array_foreach(
		p->templates, i,
		t) if (!task ||
		       strcmp(task,
			      json_string_value(json_object_get(t, "task"))) ==
			       0) json_array_append(list, t);
	text = json_dumps(list, JSON_INDENT(1));
	bad = !text || syc_buf_puts(out, text) < 0 ||
	      syc_buf_puts(out, "\n") < 0;
	free(text);
	json_decref(list);
	return bad ? syc_nomem(err) : 0;
}

/* ---- sources ---------------------------------------------------------------------------- */

int syc_prompts_read(struct syc_prompts *p, const char *name, const char *text,
		     size_t len, struct syc_err *err)
{
	return syc_items_read(p, &p->items, name, text, len, err);
}

int syc_prompts_shots(struct syc_prompts *p, const char *name, const char *text,
		      size_t len, struct syc_err *err)
{
	const struct syc_prompts_counts counts = p->counts;
	int ret = syc_items_read(p, &p->shots, name, text, len, err);

	p->counts = counts;
	for (size_t i = 0; i < p->shots.n && ret == 0; i++) {
		const struct syc_item *it = &p->shots.item[i];

		if (!json_object_get(it->fields, "correct") &&
		    !syc_item_text(it, "reply"))
			ret = syc_fail(
				err, SYC_EINVAL,
				"%.200s:%zu: an example without an answer: "
				"no \"reply\"",
				it->file, it->line);
	}
	return ret;
}

/* ---- rows ------------------------------------------------------------------------------- */

/* More than are to be shown by one, for the item that is an example itself. */
static int show_shots(struct syc_prompts *p, struct syc_err *err)
{
	size_t *order = syc_items_order(&p->shots);
	const size_t most = p->o.n_shots ? p->o.n_shots + 1 : SIZE_MAX;
	int ret = order ? 0 : syc_nomem(err);

	json_array_clear(p->shown);
	for (size_t i = 0; i < p->shots.n && i < most && ret == 0; i++) {
		const struct syc_item *it = &p->shots.item[order[i]];
		struct syc_buf lacks = { 0 };

		ret = syc_item_shot(p->shown, p, it, &lacks, err);
		if (ret == 0 && lacks.len)
			ret = syc_fail(err, SYC_EINVAL,
				       "%.200s:%zu: an example with %.200s",
				       it->file, it->line, lacks.data);
		syc_buf_free(&lacks);
	}
	free(order);
	return ret;
}

static void drop(struct syc_prompts *p, const struct syc_item *it,
		 const char *why)
{
	struct syc_buf place = { 0 };

	p->counts.n_dropped++;
	if (p->o.skipped &&
	    syc_buf_printf(&place, "%s:%zu", it->file, it->line) == 0)
		p->o.skipped(p->o.arg, place.data, why);
	syc_buf_free(&place);
}

/* A column that was asked for and never came. */
static int check_found(const struct syc_prompts *p, struct syc_err *err)
{
	for (size_t i = 0; i < p->o.n_fields; i++)
		if (!p->found[i])
			return syc_fail(err, SYC_EINVAL,
					"'%.120s': nothing has such a column",
					p->o.field[i]);
	return 0;
}

static int make(struct syc_buf *out, struct syc_prompts *p, struct syc_err *err)
{
	int ret = show_shots(p, err);

	for (size_t i = 0; i < p->items.n && ret == 0; i++) {
		const struct syc_item *it = &p->items.item[i];
		struct syc_buf lacks = { 0 };

		if (it->taken)
			ret = syc_item_rows(out, p, it, &lacks, err);
		if (ret == 0 && lacks.len)
			drop(p, it, lacks.data);
		syc_buf_free(&lacks);
	}
	if (ret == 0 && !p->counts.n_rows)
		ret = syc_fail(
			err, SYC_EINVAL,
			"no rows: %zu items, %zu taken, %zu of these left out",
			p->counts.n_items, p->counts.n_taken,
			p->counts.n_dropped);
	return ret;
}

int syc_prompts_make(struct syc_buf *out, struct syc_prompts *p,
		     struct syc_prompts_counts *counts, struct syc_err *err)
{
	struct syc_prompts_counts *c = &p->counts;
	int ret;

	c->n_dropped = c->n_rows = 0;
	c->n_items = p->items.n;
	p->same = (struct syc_prompts_same){ 0 };
	ret = syc_items_take(&p->items, &p->o, &c->n_taken, err);
	if (ret == 0)
		ret = check_found(p, err);
	if (ret == 0)
		ret = make(out, p, err);
	if (c->n_taken - c->n_dropped > 1) {
		c->constant = p->same.letter_differs ? 0 : p->same.letter;
		c->same_answer = p->same.text_differs ? NULL : p->same.text;
	}
	if (counts)
		*counts = *c;
	return ret;
}
