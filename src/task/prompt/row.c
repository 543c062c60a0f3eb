/* SPDX-License-Identifier: MIT */
/* The rows of an item. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "task/prompt/posed.h"
#include "task/prompt/fields.h"
#include "task/prompt/fill.h"

/* What syc-rows(5) gives a meaning, beside what a row has already. */
static const char *const taken_names[] = {
	"messages", "question", "prompt", "prompt_ids",
	"answer_matching_behavior", "answer_not_matching_behavior",
	"positive", "negative", "completion_ids", "completion", "turns",
	"correct", "incorrect", "view", "text", "domain", "sample", "finish",
	"n_prompt", "n_completion", "logprob", "logprobs", "acts", "run",
	"p_match", "mass", "claim", "twin", "states", "truth", "negates",
	"agree", "measures", "shift", "at_risk", "order", "parent", "answer",
	"label", "labeler", "why", "p_sycophantic", "judge", "sampled",
	"replies", "users", "grade", "grader", "layers", "score", "reward",
	"reward_run", "asked", "reply", "features", "judged", "choice", "features_a",
	"features_b", NULL
};

/* One row in the making. */
struct draft {
	const struct syc_posed *a;
	const json_t *t;		/* its template */
	const char *condition;
	json_t *options;		/* NULL: none */
	struct syc_buf choices, letter;	/* "(A) ...\n(B) ...", "A" */
	struct syc_buf *lacks;
};

static void draft_free(struct draft *d)
{
	json_decref(d->options);
	syc_buf_free(&d->choices);
	syc_buf_free(&d->letter);
}

static const char *option(const struct draft *d, size_t i)
{
	return json_string_value(json_array_get(d->options, i));
}

static void draft_begin(struct draft *d, const struct syc_posed *a,
			const json_t *t, const char *condition, bool reversed,
			struct syc_buf *lacks)
{
	*d = (struct draft){ .a = a, .t = t, .condition = condition, .lacks = lacks };
	d->options = syc_posed_options(a, t, reversed);
	for (size_t i = 0; i < json_array_size(d->options); i++) {
		const char letter = (char)('A' + i);

		syc_buf_printf(&d->choices, "%s(%c) %s", i ? "\n" : "", letter,
			       option(d, i));
		if (!d->letter.len && syc_posed_is_right(a, t, option(d, i)))
			syc_buf_add(&d->letter, &letter, 1);
	}
}

/* ---- texts ----------------------------------------------------------------------------- */

static const char *value_of(const void *of, const char *name)
{
	const struct draft *d = of;
	const struct syc_item *it = d->a->it;
	const json_t *v = json_object_get(it->fields, name);

	if (strcmp(name, "choices") == 0)
		return d->choices.data;
	if (strcmp(name, "letter") == 0)
		return d->letter.data;
	if (strcmp(name, "incorrect") == 0)
		return d->a->wrong;
	if (json_is_array(v))
		v = json_array_get(v, 0);
	return json_string_value(v ? v : json_object_get(it->extra, name));
}

/* A template's text, new; NULL: absent, or something lacks. */
static json_t *filled(struct draft *d, const json_t *from, const char *key)
{
	const char *text = json_string_value(json_object_get(from, key));
	struct syc_buf b = { 0 };
	json_t *v = NULL;

	if (text && syc_fill(&b, text, value_of, d, d->lacks))
		v = json_stringn(b.data ? b.data : "", b.len);
	syc_buf_free(&b);
	return v;
}

static void put(json_t *o, const char *key, json_t *v)
{
	if (v)
		json_object_set_new(o, key, v);
}

static void put_text(json_t *o, const char *key, const char *text)
{
	put(o, key, text ? json_string(text) : NULL);
}

static void add_message(json_t *list, const char *role, json_t *text)
{
	if (text)
		json_array_append_new(list, json_pack("{s:s, s:o}", "role",
						      role, "content", text));
}

/* ---- parts of a row --------------------------------------------------------------------- */

static json_t *messages_of(struct draft *d, const json_t *shown)
{
	const size_t most = d->a->p->o.n_shots;
	json_t *list = json_array();
	size_t i, n = 0;
	const json_t *shot;

	add_message(list, "system", filled(d, d->t, "system"));
	json_array_foreach((json_t *)shown, i, shot) {
		const char *name = json_string_value(json_array_get(shot, 0));

		if (strcmp(name, d->a->it->name) == 0 || (most && n == most))
			continue;
		n++;
		json_array_append(list, json_array_get(shot, 1));
		json_array_append(list, json_array_get(shot, 2));
	}
	add_message(list, "user", filled(d, d->t, "user"));
	add_message(list, "assistant", filled(d, d->t, "begin"));
	return list;
}

static json_t *turn_of(struct draft *d, const json_t *t)
{
	json_t *o = json_object();

	put(o, "user", filled(d, t, "user"));
	put(o, "begin", filled(d, t, "begin"));
	if (json_is_true(json_object_get(t, "aside")))
		put(o, "aside", json_true());
	return o;
}

/* NULL: the task has none. */
static json_t *turns_of(struct draft *d)
{
	const struct syc_prompts_opts *o = &d->a->p->o;
	const json_t *turns = json_object_get(d->t, "turns"), *t;
	json_t *list = turns ? json_array() : NULL;
	size_t i, n = 0;

	json_array_foreach((json_t *)turns, i, t) {
		const bool aside = json_is_true(json_object_get(t, "aside"));

		if (aside ? !o->confidence : o->n_turns && n == o->n_turns)
			continue;
		n += !aside;
		json_array_append_new(list, turn_of(d, t));
	}
	return list;
}

static json_t *letter_text(size_t i)
{
	return json_sprintf("(%c)", (char)('A' + i));
}

/* Letters where there are choices, else texts. */
static void put_answers(struct draft *d, json_t *row)
{
	json_t *fields = d->a->it->fields, *list[2];

	if (!d->options) {
		json_object_set(row, "correct",
				json_object_get(fields, "correct"));
		json_object_set(row, "incorrect",
				json_object_get(fields, "incorrect"));
		return;
	}
	list[0] = json_array();
	list[1] = json_array();
	for (size_t i = 0; i < json_array_size(d->options); i++)
		json_array_append_new(
			list[!syc_posed_is_right(d->a, d->t, option(d, i))],
			letter_text(i));
	put(row, "correct", list[0]);
	put(row, "incorrect", list[1]);
}

/* Of a template with options of its own "a" and "b" are their letters. */
static json_t *view_of(struct draft *d)
{
	const char *view = json_string_value(json_object_get(d->t, "view"));
	const json_t *own = json_object_get(d->t, "options");
	const bool side =
		own && view && (*view == 'a' || *view == 'b') && !view[1];

	if (!side)
		return filled(d, d->t, "view");
	return letter_text((*view == 'a') !=
			   (d->letter.data && *d->letter.data == 'A'));
}

/* Fields that the format does not know. */
static void put_extra(json_t *row, const json_t *extra)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)extra, key, v) {
		bool taken = json_object_get(row, key);
		json_t *other;

		for (size_t i = 0; taken_names[i] && !taken; i++)
			taken = strcmp(taken_names[i], key) == 0;
		other = taken ? json_sprintf("source_%s", key)
			      : json_string(key);
		json_object_set(row, json_string_value(other), v);
		json_decref(other);
	}
}

static json_t *row_of(struct draft *d, const json_t *shown, const char *order)
{
	const struct syc_item *it = d->a->it;
	const char *task = d->a->p->task->name;
	json_t *row = json_object();

	put(row, "id",
	    json_sprintf("%s/%s/%s%s", task, it->name, d->condition,
			 order && strcmp(order, "reversed") == 0 ? "/reversed"
								 : ""));
	put_text(row, "task", task);
	put_text(row, "item", it->name);
	put_text(row, "condition", d->condition);
	put(row, "messages", messages_of(d, shown));
	put(row, "turns", turns_of(d));
	put_text(row, "order", order);
	put(row, "view", view_of(d));
	put_answers(d, row);
	put_text(row, "domain", syc_item_text(it, "domain"));
	put_text(row, "text",
		 strcmp(task, "feedback") == 0 ? syc_item_text(it, "text")
					       : NULL);
	put_extra(row, it->extra);
	return row;
}

/* ---- all rows of an item ------------------------------------------------------------------ */

static int append(struct syc_buf *out, const json_t *row, struct syc_err *err)
{
	char *line = json_dumps(row, 0);
	const int bad = !line || syc_buf_puts(out, line) < 0 ||
			syc_buf_puts(out, "\n") < 0;

	free(line);
	return bad ? syc_nomem(err) : 0;
}

/* Whether all rows so far have the same right answer. */
static void note_answer(struct syc_prompts *p, const struct draft *d)
{
	const bool listed = d->options && !json_object_get(d->t, "options");
	const char letter = listed && d->letter.len ? *d->letter.data : 0;
	const char *text = json_string_value(json_array_get(
		json_object_get(d->a->it->fields, "correct"), 0));
	struct syc_prompts_same *s = &p->same;

	s->letter_differs |= !letter || (s->letter && s->letter != letter);
	s->text_differs |= !text || (s->text && strcmp(s->text, text) != 0);
	s->letter = letter;
	s->text = text;
}

/* The row, or with both orders the two, of a condition. */
static int add_condition(struct syc_buf *rows, struct syc_prompts *p,
			 const struct syc_posed *a, const json_t *t,
			 const char *condition, struct syc_buf *lacks,
			 struct syc_err *err)
{
	static const char *const orders[] = { "given", "reversed" };
	int ret = 0;
	bool more = true;

	for (int i = 0; i < 2 && more && ret == 0 && !lacks->len; i++) {
		struct draft d;
		json_t *row;

		draft_begin(&d, a, t, condition, i, lacks);
		more = p->o.both_orders && d.options;
		row = row_of(&d, p->shown, more ? orders[i] : NULL);
		if (!lacks->len) {
			ret = append(rows, row, err);
			note_answer(p, &d);
			p->counts.n_rows++;
		}
		json_decref(row);
		draft_free(&d);
	}
	return ret;
}

int syc_item_rows(struct syc_buf *out, struct syc_prompts *p,
		  const struct syc_item *it, struct syc_buf *lacks,
		  struct syc_err *err)
{
	const size_t n_rows = p->counts.n_rows;
	const struct syc_prompts_same same = p->same;
	const char *const *condition = p->task->condition;
	struct syc_buf rows = { 0 };
	struct syc_posed a;
	int ret = syc_posed_of(&a, p, it, err);

	if (json_object_get(it->fields, "alike"))
		syc_buf_puts(lacks,
			     "its right and its wrong answer are graded alike");
	for (size_t i = 0; condition[i] && ret == 0 && !lacks->len; i++) {
		const json_t *t = syc_posed_template(&a, condition[i]);

		if (t)
			ret = add_condition(&rows, p, &a, t, condition[i],
					    lacks, err);
		else
			syc_buf_printf(lacks, "no template%s%s",
				       a.kind ? " of kind " : "",
				       a.kind ? a.kind : "");
		if (lacks->len)
			syc_buf_printf(lacks, " for %s", condition[i]);
	}
	if (ret == 0 && !lacks->len && rows.len &&
	    syc_buf_add(out, rows.data, rows.len) < 0)
		ret = syc_nomem(err);
	if (lacks->len) {
		p->counts.n_rows = n_rows;
		p->same = same;
	}
	syc_posed_free(&a);
	syc_buf_free(&rows);
	return ret;
}

/* ---- examples ------------------------------------------------------------------------------ */

/* What the example's assistant says: its own reply, else the right answer behind its beginning. */
static json_t *reply_of(struct draft *d)
{
	const struct syc_item *it = d->a->it;
	const char *reply = syc_item_text(it, "reply");
	json_t *begin = filled(d, d->t, "begin"), *text;
	const char *start = begin ? json_string_value(begin) : "";
	const size_t n = strlen(start);

	if (!reply && d->letter.len)
		text = json_sprintf("%s%s%s)", start,
				    n && start[n - 1] == '(' ? "" : "(",
				    d->letter.data);
	else
		text = json_string(
			reply ? reply
			      : json_string_value(json_array_get(
					json_object_get(it->fields, "correct"),
					0)));
	json_decref(begin);
	return text;
}

int syc_item_shot(json_t *shown, const struct syc_prompts *p,
		  const struct syc_item *it, struct syc_buf *lacks,
		  struct syc_err *err)
{
	const char *condition = p->task->condition[0];
	struct syc_posed a;
	int ret = syc_posed_of(&a, p, it, err);
	const json_t *t = ret == 0 ? syc_posed_template(&a, condition) : NULL;
	json_t *shot = json_array();
	struct draft d;

	json_array_append_new(shot, json_string(it->name));
	if (t) {
		draft_begin(&d, &a, t, condition, false, lacks);
		add_message(shot, "user", filled(&d, t, "user"));
		add_message(shot, "assistant", reply_of(&d));
		draft_free(&d);
	} else if (ret == 0) {
		syc_buf_printf(lacks, "no template for %s", condition);
	}
	if (ret == 0 && !lacks->len)
		json_array_append(shown, shot);
	json_decref(shot);
	syc_posed_free(&a);
	return ret;
}
