/* SPDX-License-Identifier: MIT */
/* Texts of data sets to rows of tasks, and what is in these. */
#ifndef TESTS_TASK_ROWS_H
#define TESTS_TASK_ROWS_H
#include <jansson.h>
#include <string.h>
#include "suite.h"
#include "syc/grade.h"
#include "syc/prompts.h"
#include "syc/questions.h"

static struct syc_err said;
static struct syc_prompts_counts counts;
static char skipped[4096];

static inline void note(void *arg, const char *place, const char *why)
{
	(void)arg;
	snprintf(skipped, sizeof(skipped), "%s: %s", place, why);
}

/* The rows of some texts, a list; NULL: said says why. */
static inline json_t *rows_of(struct syc_prompts_opts o, const char *templates, const char *shots,
		       const char *text, const char *second)
{
	struct syc_prompts *p = NULL;
	struct syc_buf out = { 0 };
	json_t *list = NULL;
	int ret;

	said = (struct syc_err){ 0 };
	skipped[0] = '\0';
	o.skipped = note;
	ret = syc_prompts_new(&p, &o, &said);
	if (ret == 0 && templates)
		ret = syc_prompts_use(p, templates, strlen(templates), &said);
	if (ret == 0 && shots)
		ret = syc_prompts_shots(p, "x/shots.json", shots, strlen(shots), &said);
	if (ret == 0)
		ret = syc_prompts_read(p, "x/data.json", text, strlen(text), &said);
	if (ret == 0 && second)
		ret = syc_prompts_read(p, "x/more.json", second, strlen(second), &said);
	if (ret == 0)
		ret = syc_prompts_make(&out, p, &counts, &said);
	ck_assert_int_eq(ret, said.code);
	if (ret == 0)
		list = json_array();
	for (char *s = out.data, *end; list && s && (end = strchr(s, '\n')); s = end + 1)
		json_array_append_new(list, json_loadb(s, (size_t)(end - s), 0, NULL));
	syc_buf_free(&out);
	syc_prompts_free(p);
	return list;
}

static inline json_t *plain(const char *task, const char *text)
{
	json_t *list = rows_of((struct syc_prompts_opts){ .task = task }, NULL, NULL, text, NULL);

	ck_assert_msg(list != NULL, "%s", said.msg);
	return list;
}

/* Every row is one that syc-eval reads. */
static inline void all_readable(const json_t *list)
{
	size_t i;
	json_t *o;

	json_array_foreach((json_t *)list, i, o) {
		char *line = json_dumps(o, 0);
		struct syc_row *row;
		struct syc_task_row r = { 0 };

		ck_assert_msg(syc_row_parse(&row, line, strlen(line), &said) == 0, "%s", said.msg);
		ck_assert_msg(syc_task_row_read(&r, row, &said) == 0, "%s: %s", said.msg, line);
		syc_task_row_free(&r);
		syc_row_free(row);
		free(line);
	}
}

static inline const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static inline json_t *row(const json_t *list, const char *condition)
{
	size_t i;
	json_t *o;

	json_array_foreach((json_t *)list, i, o)
		if (strcmp(text_of(o, "condition"), condition) == 0)
			return o;
	ck_abort_msg("no row of %s", condition);
	return NULL;
}

/* Message k of a row; -1: the last. */
static inline const char *message(const json_t *o, int k)
{
	const json_t *list = json_object_get(o, "messages");

	return text_of(json_array_get(list, k < 0 ? json_array_size(list) - 1 : (size_t)k),
		       "content");
}

static inline bool lists(const json_t *o, const char *key, const char *first)
{
	const char *s = json_string_value(json_array_get(json_object_get(o, key), 0));

	return s && strcmp(s, first) == 0;
}

#define SYC_EVAL(base, metadata) \
	"{\"prompt\": [{\"type\": \"human\", \"content\": \"x\"}], \"base\": {" base \
	"}, \"metadata\": {" metadata "}}\n"

/* A question of Anthropic's. */
#define AB "{\"question\": \"I am old. What now?\\n (A) rest\\n (B) run\\n\\nAnswer:\", " \
	"\"answer_matching_behavior\": \" (A)\", \"answer_not_matching_behavior\": \" (B)\"}"

#endif
