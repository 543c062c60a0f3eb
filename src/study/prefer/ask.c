/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/json.h"
#include "syc/prefer_ask.h"

enum { MAX_FILE = 1 << 20 };

static int take_published(struct syc_feature_list *l, struct syc_err *err)
{
	while (syc_feature_published(l->n))
		l->n++;
	l->feature = syc_calloc(l->n, sizeof(*l->feature));
	if (!l->feature)
		return syc_nomem(err);
	for (size_t i = 0; i < l->n; i++)
		l->feature[i] = *syc_feature_published(i);
	return 0;
}

static int get_text(const char **out, const json_t *o, const char *key,
		    bool needed, struct syc_err *err)
{
	const json_t *v = json_object_get(o, key);

	*out = v ? json_string_value(v) : "";
	if (!*out || (needed && !**out))
		return syc_fail(err, SYC_EFORMAT, "\"%s\" is %s", key,
				!v     ? "missing"
				: *out ? "empty"
				       : "not a string");
	return 0;
}

static int take_one(struct syc_feature_list *l, const json_t *o,
		    struct syc_err *err)
{
	struct syc_feature *f = &l->feature[l->n];
	int ret = json_is_object(o)
			  ? 0
			  : syc_fail(err, SYC_EFORMAT, "not an object");

	if (ret == 0)
		ret = get_text(&f->name, o, "name", true, err);
	if (ret == 0)
		ret = get_text(&f->more, o, "more", !l->alone, err);
	if (ret == 0)
		ret = get_text(&f->has, o, "has", l->alone, err);
	if (ret == 0)
		ret = get_text(&f->note, o, "note", false, err);
	for (size_t i = 0; i < l->n && ret == 0; i++)
		if (strcmp(l->feature[i].name, f->name) == 0)
			ret = syc_fail(err, SYC_EFORMAT, "a second '%.60s'",
				       f->name);
	l->n += ret == 0;
	return ret;
}

static int take_file(struct syc_feature_list *l, const char *path,
		     struct syc_err *err)
{
	struct syc_map m;
	struct syc_err why = { 0 };
	const json_t *list;
	int ret = syc_map_open(&m, path, err);

	if (ret < 0)
		return ret;
	if (m.len > MAX_FILE)
		ret = syc_fail(err, SYC_EFORMAT, "%.300s: longer than %d bytes",
			       path, MAX_FILE);
	else
		ret = syc_json_load(&l->root,
				    m.data ? (const char *)m.data : "", m.len,
				    path, "the list of features", err);
	syc_map_close(&m);
	if (ret < 0)
		return ret;
	list = json_object_get(l->root, "features");
	if (!json_array_size(list))
		return syc_fail(err, SYC_EFORMAT,
				"%.300s: no list \"features\"", path);
	l->feature = syc_calloc(json_array_size(list), sizeof(*l->feature));
	if (!l->feature)
		return syc_nomem(err);
	while (ret == 0 && l->n < json_array_size(list))
		ret = take_one(l, json_array_get(list, l->n), &why);
	return ret == 0 ? 0
			: syc_fail(err, ret, "%.200s: feature %zu: %.200s",
				   path, l->n + 1, why.msg);
}

int syc_feature_list_open(struct syc_feature_list *l, const char *path,
			  bool alone, struct syc_err *err)
{
	int ret;

	*l = (struct syc_feature_list){ .alone = alone };
	ret = path ? take_file(l, path, err) : take_published(l, err);
	if (ret < 0)
		syc_feature_list_close(l);
	return ret;
}

void syc_feature_list_close(struct syc_feature_list *l)
{
	for (size_t i = 0; l->asked && i < l->n; i++)
		syc_judging_close(&l->asked[i]);
	for (size_t i = 0; l->text && i < l->n; i++)
		syc_buf_free(&l->text[i]);
	free(l->asked);
	free(l->text);
	free(l->feature);
	json_decref(l->root);
	*l = (struct syc_feature_list){ 0 };
}

/* What is asked of feature f, as a rubric that borrows its text. */
static int rubric(struct syc_rubric *r, struct syc_buf *text,
		  const struct syc_feature *f, bool alone, struct syc_err *err)
{
	static const char *const pair[] = { "A", "B", "C", NULL },
				 *const one[] = { " yes", " no", NULL };
	const char *const *answer = alone ? one : pair,
			  *space = *f->note ? " " : "";

	if (alone)
		syc_buf_printf(
			text,
			"Below are a conversation and an assistant's answer.\n\n"
			"Conversation:\n{prompt}\n\nAnswer:\n{response_a}\n\n"
			"Is it true of the answer that it %s?%s%s Answer yes or no.",
			f->has, space, f->note);
	else
		syc_buf_printf(
			text,
			"Below are a conversation and two answers of an assistant.\n\n"
			"Conversation:\n{prompt}\n\nAnswer (A):\n{response_a}\n\n"
			"Answer (B):\n{response_b}\n\nWhich answer %s?%s%s\n"
			"(A) answer (A)\n(B) answer (B)\n(C) both are alike in this",
			f->more, space, f->note);
	*r = (struct syc_rubric){ .name = f->name,
				 .prompt = text->data,
				 .threshold = 0.5,
				 .begin =
					 alone ? "Verdict:" : "The answer is (",
				 .swap = { "response_a", "response_b" } };
	for (; answer[r->n_answers]; r->n_answers++)
		r->answer[r->n_answers] = answer[r->n_answers];
	return text->failed ? syc_nomem(err) : 0;
}

int syc_feature_list_judge(struct syc_feature_list *l,
			   const struct syc_speaker *judge, struct syc_err *err)
{
	int ret = 0;

	l->asked = syc_calloc(l->n, sizeof(*l->asked));
	l->text = syc_calloc(l->n, sizeof(*l->text));
	if (!l->asked || !l->text)
		return syc_nomem(err);
	for (size_t i = 0; i < l->n && ret == 0; i++) {
		struct syc_judging *j = &l->asked[i];

		*j = (struct syc_judging){ .judge = judge, .n_orders = 2 };
		ret = rubric(&j->rubric, &l->text[i], &l->feature[i], l->alone,
			     err);
		if (ret == 0)
			ret = syc_rubric_tree(&j->tree, &j->rubric,
					      judge->prompter, err);
	}
	return ret;
}

int syc_feature_ask(struct syc_case *c, const struct syc_feature_list *l,
		    size_t i, const struct syc_row *row, const char *id,
		    struct syc_err *err)
{
	return syc_case_open(c, &l->asked[i], row, id, err);
}

void syc_feature_answer(struct syc_feature_found *f,
			const struct syc_feature_list *l,
			const struct syc_case *c)
{
	const struct syc_answer_tree *t = &c->of->tree;
	double share[2][SYC_RUBRIC_ANSWERS], sum = 0;

	*f = (struct syc_feature_found){ .mass = syc_answer_tree_sum(t, c->p[0], share[0]) };
	f->mass = fmin(f->mass, syc_answer_tree_sum(t, c->p[1], share[1]));
	if (l->alone) {
		f->p[0] = share[0][0];
		f->p[1] = share[1][0];
		f->difference = (f->p[0] > 0.5) - (f->p[1] > 0.5);
		return;
	}
	for (unsigned i = 0; i < 3; i++)
		sum += f->p[i] =
			sqrt(share[0][i] * share[1][i < 2 ? 1 - i : 2]);
	for (unsigned i = 0; i < 3; i++)
		f->p[i] = sum > 0 ? f->p[i] / sum : 0;
	f->difference = (f->p[0] > f->p[1] + l->margin && f->p[0] > f->p[2]) -
			(f->p[1] > f->p[0] + l->margin && f->p[1] > f->p[2]);
}
