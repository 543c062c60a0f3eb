/* SPDX-License-Identifier: MIT */
/* Templates as JSON: the built-in ones, and those of a file. */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "task/prompt/fill.h"
#include "task/prompt/templates.h"

const struct syc_prompt_task *syc_prompt_task_find(const char *name)
{
	for (const struct syc_prompt_task *t = syc_prompt_tasks; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

static bool has_condition(const struct syc_prompt_task *t, const char *name)
{
	for (size_t i = 0; t->condition[i]; i++)
		if (strcmp(t->condition[i], name) == 0)
			return true;
	return false;
}

/* ---- the built-in ones ----------------------------------------------------------- */

static void set(json_t *o, const char *key, const char *text)
{
	if (text)
		json_object_set_new(o, key, json_string(text));
}

static json_t *turns_of(const struct syc_template_text *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SYC_TEMPLATE_TURNS && t->turn[i].user; i++) {
		json_t *o = json_object();

		set(o, "user", t->turn[i].user);
		set(o, "begin", t->turn[i].begin);
		if (t->turn[i].aside)
			json_object_set_new(o, "aside", json_true());
		json_array_append_new(list, o);
	}
	return list;
}

json_t *syc_templates_builtin(void)
{
	json_t *all = json_array();

	for (const struct syc_template_text *t = syc_template_texts; t->task;
	     t++) {
		json_t *o = json_object();

		set(o, "task", t->task);
		set(o, "condition", t->condition);
		set(o, "kind", t->kind);
		set(o, "source", t->source);
		set(o, "user", t->user);
		set(o, "begin", t->begin);
		set(o, "view", t->view);
		if (t->options[0])
			json_object_set_new(o, "options",
					    json_pack("[ss]", t->options[0],
						      t->options[1]));
		if (t->turn[0].user)
			json_object_set_new(o, "turns", turns_of(t));
		json_array_append_new(all, o);
	}
	return all;
}

/* ---- those of a file ------------------------------------------------------------- */

/* Every member of o is of that kind: a name of texts, or another that is allowed. */
static int check_names(const json_t *o, const char *const *texts,
		       const char *const *others, struct syc_err *err)
{
	const char *key;
	const json_t *v;

	json_object_foreach((json_t *)o, key, v) {
		size_t i = 0;

		while (texts[i] && strcmp(texts[i], key) != 0)
			i++;
		if (texts[i] && !json_is_string(v))
			return syc_fail(err, SYC_EFORMAT,
					"\"%.60s\" is not a string", key);
		if (texts[i] && !syc_fill_ok(json_string_value(v)))
			return syc_fail(
				err, SYC_EFORMAT,
				"\"%.60s\" has a brace that holds no name",
				key);
		for (size_t k = 0; !texts[i] && (k == 0 || others[k - 1]);
		     k++) {
			if (!others[k])
				return syc_fail(err, SYC_EFORMAT,
						"\"%.60s\" is no part of it",
						key);
			if (strcmp(others[k], key) == 0)
				break;
		}
	}
	return 0;
}

static int check_turns(const json_t *turns, struct syc_err *err)
{
	static const char *const texts[] = {"user", "begin", NULL},
				 *const others[] = {"aside", NULL};
	size_t i;
	const json_t *t;

	if (turns && !json_is_array(turns))
		return syc_fail(err, SYC_EFORMAT, "\"turns\" is not a list");
	json_array_foreach((json_t *)turns, i, t) {
		const int ret = json_is_object(t)
					? check_names(t, texts, others, err)
					: syc_fail(err, SYC_EFORMAT,
						   "a turn is no object");

		if (ret < 0)
			return ret;
		if (!json_object_get(t, "user"))
			return syc_fail(err, SYC_EFORMAT,
					"a turn has no \"user\"");
	}
	return 0;
}

static int check_options(const json_t *o, struct syc_err *err)
{
	if (o &&
	    (json_array_size(o) != 2 || !json_is_string(json_array_get(o, 0)) ||
	     !json_is_string(json_array_get(o, 1))))
		return syc_fail(err, SYC_EFORMAT,
				"\"options\" are not two texts");
	return 0;
}

static int check_one(const json_t *t, struct syc_err *err)
{
	static const char *const texts[] = {"task",   "condition", "kind",
					    "source", "system",	   "user",
					    "begin",  "view",	   NULL};
	static const char *const others[] = { "options", "turns", NULL };
	const char *name = json_string_value(json_object_get(t, "task")),
		   *condition = json_string_value(json_object_get(t, "condition"));
	const struct syc_prompt_task *task =
		name ? syc_prompt_task_find(name) : NULL;
	int ret;

	if (!json_is_object(t))
		return syc_fail(err, SYC_EFORMAT, "not an object");
	ret = check_names(t, texts, others, err);
	if (ret < 0)
		return ret;
	if (!task)
		return syc_fail(err, SYC_EFORMAT,
				name ? "no task '%.60s'" : "no \"task\"", name);
	if (!condition || !has_condition(task, condition))
		return syc_fail(err, SYC_EFORMAT, "%s has no condition '%.60s'",
				name, condition ? condition : "");
	if (!json_object_get(t, "user"))
		return syc_fail(err, SYC_EFORMAT, "no \"user\"");
	ret = check_options(json_object_get(t, "options"), err);
	return ret < 0 ? ret : check_turns(json_object_get(t, "turns"), err);
}

int syc_templates_check(const json_t *v, struct syc_err *err)
{
	size_t i;
	const json_t *t;

	if (!json_array_size(v))
		return syc_fail(err, SYC_EFORMAT, "no list of templates");
	json_array_foreach((json_t *)v, i, t) {
		struct syc_err why;
		const int ret = check_one(t, &why);

		if (ret < 0)
			return syc_fail(err, ret, "template %zu: %.300s", i + 1,
					why.msg);
	}
	return 0;
}

static bool has_task(const json_t *list, const json_t *of)
{
	size_t i;
	const json_t *t;

	json_array_foreach(
		(json_t *)list, i,
		t) if (json_equal(json_object_get(t, "task"),
				  json_object_get(of, "task"))) return true;
	return false;
}

int syc_templates_replace(json_t *all, json_t *with, struct syc_err *err)
{
	for (size_t i = json_array_size(all); i-- > 0;)
		if (has_task(with, json_array_get(all, i)))
			json_array_remove(all, i);
	return json_array_extend(all, with) < 0 ? syc_nomem(err) : 0;
}
