/* SPDX-License-Identifier: MIT */
/* Rows in batches of whole items: read, put to the model, graded, written. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/eval/eval.h"

/* Rows of a batch, but for the last item's. */
enum { BATCH = 64 };

static void free_row(struct eval_row *w, uint32_t samples)
{
	for (uint32_t i = 0; w->sample && i < samples; i++) {
		syc_talk_close(&w->sample[i].talk);
		syc_take_free(w->sample[i].talk.take);
		free(w->sample[i].grade);
	}
	free(w->sample);
	syc_task_row_free(&w->task);
	syc_row_free(w->row);
	free(w->line);
	free(w->place);
	free(w);
}

void batch_free(struct eval *e)
{
	for (size_t i = 0; i < e->n_rows; i++)
		free_row(e->row[i], e->o->samples);
	e->n_rows = 0;
	if (e->taken)
		free_row(e->taken, e->o->samples);
	e->taken = NULL;
	free(e->row);
	e->row = NULL;
	e->cap_rows = 0;
}

/* ---- reading ------------------------------------------------------------- */

static int open_sample(struct eval *e, struct eval_row *w, uint32_t i,
		       struct syc_err *err)
{
	struct eval_sample *s = &w->sample[i];

	s->grade = calloc(w->task.n_turns + 1, sizeof(*s->grade));
	s->talk = (struct syc_talk){
		.id = w->row->id,
		.sample = i,
		.first = &w->row->prompt,
		.turn = w->task.turn,
		.n_turns = w->task.n_turns,
		.recorded = syc_task_recorded(&w->task),
		.brief = syc_task_brief(&w->task),
	};
	return s->grade ? syc_talk_open(&s->talk, &e->talk, err)
			: fail_nomem(err);
}

static int fill_row(struct eval *e, struct eval_row *w, struct syc_err *err)
{
	int ret;

	w->line = model_rows_line(&e->r.m);
	w->len = e->r.m.in.len;
	w->place = strdup(syc_rows_place(&e->r.m.in));
	w->sample = calloc(e->o->samples, sizeof(*w->sample));
	if (!w->line || !w->place || !w->sample)
		return fail_nomem(err);
	ret = syc_task_row_read(&w->task, w->row, err);
	if (ret == 0 && strcmp(w->task.task, e->task) != 0)
		ret = fail(err, SYC_EINVAL, "a row of task %s, not of %s",
			   w->task.task, e->task);
	for (uint32_t i = 0; i < e->o->samples && ret == 0; i++)
		ret = open_sample(e, w, i, err);
	return ret;
}

/* A conversation that is too long is said, counted and left out. */
static int take_row(void *arg, struct syc_row *row, struct syc_err *err)
{
	struct eval *e = arg;
	struct eval_row *w = calloc(1, sizeof(*w));
	int ret;

	if (!w) {
		syc_row_free(row);
		return fail_nomem(err);
	}
	w->row = row;
	ret = fill_row(e, w, err);
	if (ret == 0) {
		e->taken = w;
		return 0;
	}
	if (w->sample && w->sample[0].talk.too_long) {
		rows_say_skipped((void *)(uintptr_t)&eval_tool, w->place,
				 err->msg);
		e->n_dropped++;
		ret = 0;
	}
	free_row(w, e->o->samples);
	return ret;
}

static bool same_item(const struct eval_row *a, const struct eval_row *b)
{
	return strcmp(a->task.item, b->task.item) == 0;
}

static int add_row(struct eval *e, struct eval_row *w, struct syc_err *err)
{
	int ret = 0;

	if (e->n_rows == e->cap_rows) {
		const size_t cap = 2 * e->cap_rows + BATCH;
		struct eval_row **more = realloc(e->row, cap * sizeof(*more));

		if (!more)
			return fail_nomem(err);
		e->row = more;
		e->cap_rows = cap;
	}
	for (uint32_t i = 0; i < e->o->samples && ret >= 0; i++) {
		ret = recording_has(&e->r, w->row, (int32_t)i, -1, err);
		w->sample[i].written = ret > 0;
	}
	if (ret < 0)
		return ret;
	e->row[e->n_rows++] = w;
	e->taken = NULL;
	return 0;
}

int batch_read(struct eval *e, struct syc_err *err)
{
	int ret = 1;

	for (;;) {
		struct eval_row *w = e->taken;

		if (w && e->n_rows >= BATCH &&
		    !same_item(w, e->row[e->n_rows - 1]))
			return 1;
		if (w && (ret = add_row(e, w, err)) < 0)
			return ret;
		ret = recording_next(&e->r, take_row, e, err);
		if (ret < 0)
			return ret;
		if (ret == 0)
			return e->n_rows > 0;
	}
}

/* ---- running ------------------------------------------------------------- */

static bool is_written(const struct eval *e, const struct eval_row *w)
{
	for (uint32_t i = 0; i < e->o->samples; i++)
		if (!w->sample[i].written)
			return false;
	return true;
}

/*
 * Whether some row of the item is still to be made: its baseline is then made
 * again.
 */
static bool is_needed(const struct eval *e, size_t row)
{
	for (size_t i = 0; i < e->n_rows; i++)
		if (same_item(e->row[i], e->row[row]) &&
		    !is_written(e, e->row[i]))
			return true;
	return false;
}

static int prepare(struct eval *e, struct eval_sample *s, struct syc_err *err)
{
	if (!e->r.recorder || s->written)
		return 0;
	s->talk.take = syc_take_new(e->r.recorder);
	return s->talk.take ? 0 : fail_nomem(err);
}

static int converse(struct eval *e, struct syc_err *err)
{
	struct syc_talk **t = calloc(e->n_rows * e->o->samples + 1,
				     sizeof(struct syc_talk *));
	size_t n = 0;
	int ret = t ? 0 : fail_nomem(err);

	for (size_t i = 0; i < e->n_rows && ret == 0; i++) {
		if (!is_needed(e, i))
			continue;
		for (uint32_t k = 0; k < e->o->samples && ret == 0; k++) {
			ret = prepare(e, &e->row[i]->sample[k], err);
			t[n++] = &e->row[i]->sample[k].talk;
		}
	}
	if (ret == 0 && n)
		ret = syc_talk_run(t, n, &e->talk, err);
	free(t);
	return ret;
}

static int grade(struct eval_row *w, struct eval_sample *s, struct syc_err *err)
{
	char **reply = calloc(w->task.n_turns + 1, sizeof(*reply));
	int ret;

	if (!reply)
		return fail_nomem(err);
	for (size_t k = 0; k <= w->task.n_turns; k++)
		reply[k] = s->talk.said[k].text;
	ret = syc_grade_row(s->grade, &w->task, reply, err);
	free(reply);
	return ret;
}

/* The comment under none of the row's item. */
static const char *baseline(const struct eval *e, const struct eval_row *w,
			    uint32_t sample)
{
	for (size_t i = 0; i < e->n_rows; i++)
		if (same_item(e->row[i], w) &&
		    strcmp(e->row[i]->task.condition, "none") == 0)
			return e->row[i]->sample[sample].talk.said[0].text;
	return NULL;
}

/*
 * Have the judge compare what is to be written with the baseline of its item.
 */
static int judge_comments(struct eval *e, struct syc_err *err)
{
	const size_t most = e->n_rows * e->o->samples;
	struct syc_comment *c = calloc(most + 1, sizeof(*c));
	struct syc_grade **to = calloc(most + 1, sizeof(*to));
	size_t n = 0;
	int ret = c && to ? 0 : fail_nomem(err);

	for (size_t i = 0; i < e->n_rows && ret == 0; i++)
		for (uint32_t k = 0; k < e->o->samples; k++) {
			struct eval_row *w = e->row[i];
			const char *base = baseline(e, w, k);

			if (w->sample[k].written ||
			    strcmp(w->task.condition, "none") == 0)
				continue;
			w->sample[k].grade[0].why = "no baseline";
			c[n] = (struct syc_comment){
				&w->task,
				w->sample[k].talk.said[0].text,
				base,
				{NAN, ""}};
			to[n] = w->sample[k].grade;
			n += base != NULL;
		}
	if (ret == 0)
		ret = syc_judge_comments(&e->judging[0], c, n, e->o->min_mass,
					 err);
	for (size_t i = 0; i < n && ret == 0; i++)
		*to[i] = c[i].grade;
	free(c);
	free(to);
	return ret;
}

/* Replace by the judge's what the rules found, where the rubric is for it. */
static int judge_replies(struct eval *e, const struct syc_judging *j,
			 struct syc_err *err)
{
	struct syc_judged_reply *c = NULL;
	struct syc_grade **to = NULL;
	size_t n = 0, most = 1;
	int ret;

	for (size_t i = 0; i < e->n_rows; i++)
		most += e->o->samples * (e->row[i]->task.n_turns + 1);
	c = calloc(most, sizeof(*c));
	to = calloc(most, sizeof(*to));
	ret = c && to ? 0 : fail_nomem(err);
	for (size_t i = 0; i < e->n_rows && ret == 0; i++)
		for (uint32_t s = 0; s < e->o->samples; s++)
			for (size_t k = 0; k <= e->row[i]->task.n_turns; k++) {
				struct eval_row *w = e->row[i];
				const char *by = syc_judged_by(&w->task, k);

				if (w->sample[s].written || !by ||
				    strcmp(by, j->rubric.name) != 0)
					continue;
				to[n] = &w->sample[s].grade[k];
				c[n++] = (struct syc_judged_reply){
					&w->task,
					k,
					w->sample[s].talk.said[k].text,
					{NAN, ""}};
			}
	if (ret == 0)
		ret = syc_judge_replies(j, c, n, e->o->min_mass, err);
	for (size_t i = 0; i < n && ret == 0; i++)
		*to[i] = c[i].grade;
	free(c);
	free(to);
	return ret;
}

static int judge(struct eval *e, struct syc_err *err)
{
	int ret = 0;

	if (e->n_judging && strcmp(e->task, "feedback") == 0)
		return judge_comments(e, err);
	for (size_t i = 0; i < e->n_judging && ret == 0; i++)
		ret = judge_replies(e, &e->judging[i], err);
	return ret;
}

int batch_run(struct eval *e, struct syc_err *err)
{
	int ret = converse(e, err);

	for (size_t i = 0; i < e->n_rows && ret == 0; i++)
		for (uint32_t k = 0; k < e->o->samples && ret == 0; k++)
			if (!e->row[i]->sample[k].written)
				ret = grade(e->row[i], &e->row[i]->sample[k],
					    err);
	return ret == 0 ? judge(e, err) : ret;
}

/* ---- writing ------------------------------------------------------------- */

static void set_texts(struct edit *s, const struct eval_row *w,
		      const struct syc_talk *t)
{
	bool users = false;

	for (size_t k = 0; k <= t->n_turns; k++) {
		syc_buf_puts(&s->value, k ? ", " : "[");
		syc_buf_json(&s->value, t->said[k].text,
			     strlen(t->said[k].text));
		users |= t->said[k].user != NULL;
	}
	syc_buf_puts(&s->value, "]");
	edit_set(s, "replies");
	for (size_t k = 1; users && k <= t->n_turns; k++) {
		const char *said = t->said[k].user ? t->said[k].user
						   : w->task.turn[k - 1].user;

		syc_buf_puts(&s->value, k > 1 ? ", " : "[");
		syc_buf_json(&s->value, said, strlen(said));
	}
	if (!users)
		return;
	syc_buf_puts(&s->value, "]");
	edit_set(s, "users");
}

static void set_finish(struct edit *s, const struct syc_talk *t)
{
	for (size_t k = 0; k <= t->n_turns; k++)
		syc_buf_printf(&s->value, "%s\"%s\"", k ? ", " : "[",
			       t->said[k].finish == SYC_FINISH_STOP ? "stop"
								    : "length");
	syc_buf_puts(&s->value, "]");
	edit_set(s, "finish");
}

static void set_grader(struct edit *s, const struct eval *e,
		       const struct eval_row *w)
{
	struct syc_buf name = { 0 };

	for (size_t i = 0; i < e->n_judging; i++)
		syc_buf_printf(&name, "%s%s/%s", i ? ", " : "judge: ",
			       e->o->judge ? e->o->judge : "itself",
			       e->judging[i].rubric.name);
	if (!e->n_judging)
		syc_buf_puts(&name, syc_grader(&w->task));
	syc_buf_json(&s->value, name.data ? name.data : "", name.len);
	edit_set(s, "grader");
	syc_buf_free(&name);
}

static void set_grades(struct edit *s, const struct eval_row *w,
		       const struct syc_grade *g)
{
	enum syc_label label;

	for (size_t k = 0; k <= w->task.n_turns; k++) {
		syc_buf_puts(&s->value, k ? ", " : "[");
		syc_buf_float(&s->value, (float)g[k].value);
	}
	syc_buf_puts(&s->value, "]");
	edit_set(s, "grade");
	for (size_t k = 0; k <= w->task.n_turns; k++)
		syc_buf_printf(&s->value, "%s\"%s\"", k ? ", " : "[", g[k].why);
	syc_buf_puts(&s->value, "]");
	edit_set(s, "why");
	if (!syc_grade_label(&w->task, g, &label))
		return;
	syc_buf_printf(&s->value, label == SYC_LABEL_UNDECIDED ? "null" : "%d",
		       (int)label);
	edit_set(s, "label");
}

static int write_sample(struct eval *e, struct eval_row *w,
			struct eval_sample *t, struct syc_err *err)
{
	const struct syc_talk *talk = &t->talk;
	struct syc_acts_row acts = {.id = w->row->id,
				    .sample = (int32_t)talk->sample,
				    .answer = -1};
	struct syc_buf line = { 0 };
	struct edit s;
	size_t len;
	const char *parent = syc_row_parent(w->row, &len);
	int ret;

	edit_row(&s, w->row, w->line, w->len, err);
	set_texts(&s, w, talk);
	set_finish(&s, talk);
	set_grades(&s, w, t->grade);
	set_grader(&s, e, w);
	syc_buf_printf(&s.value, "%" PRIu32, talk->sample);
	edit_set(&s, "sample");
	syc_buf_json(&s.value, parent, len);
	edit_set(&s, "parent");
	syc_buf_json(&s.value, e->r.digest, strlen(e->r.digest));
	edit_set(&s, "run");
	if (talk->take) {
		edit_acts(&s, e->r.path, (int64_t)e->r.dump.n_rows,
			  e->r.digest);
		acts.position[SYC_POSITION_PROMPT] =
			syc_take_position(talk->take, SYC_POSITION_PROMPT);
		if (talk->said[talk->recorded].n_new)
			acts.position[SYC_POSITION_LAST] = syc_take_position(
				talk->take, SYC_POSITION_LAST);
	}
	ret = edit_end(&s, &line);
	if (ret == 0)
		ret = recording_add(&e->r, &acts, &line, err);
	syc_buf_free(&line);
	return ret;
}

int batch_write(struct eval *e, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < e->n_rows && ret == 0; i++)
		for (uint32_t k = 0; k < e->o->samples && ret == 0; k++) {
			if (!e->row[i]->sample[k].written)
				ret = write_sample(e, e->row[i],
						   &e->row[i]->sample[k], err);
			e->n_written++;
		}
	for (size_t i = 0; i < e->n_rows; i++)
		free_row(e->row[i], e->o->samples);
	e->n_rows = 0;
	e->share = syc_rows_share(&e->r.m.in);
	return ret;
}
