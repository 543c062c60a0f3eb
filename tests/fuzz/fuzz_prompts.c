/* SPDX-License-Identifier: MIT */
/*
 * Any text is a data set or is refused, in any task (two of them a text); what becomes of it are rows that
 * parse and whose ids differ.  As templates it is refused or comes back.
 */
#include "config.h"
#include <jansson.h>
#include <string.h>
#include "fuzz.h"
#include "syc/prompts.h"
#include "syc/task.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static void check_rows(const char *s, size_t n)
{
	json_t *ids = json_object();

	for (const char *end; n; n -= (size_t)(end + 1 - s), s = end + 1) {
		struct syc_row *row;

		end = memchr(s, '\n', n);
		need(end != NULL);
		need(syc_row_parse(&row, s, (size_t)(end - s), NULL) == 0);
		need(row->has_id && row->has_prompt);
		need(json_object_get(ids, row->id) == NULL);
		json_object_set_new(ids, row->id, json_true());
		syc_row_free(row);
	}
	json_decref(ids);
}

static void try_task(const char *task, const char *text, size_t n, bool whole)
{
	const struct syc_prompts_opts o = {
		.task = task, .keep_going = true, .both_orders = whole, .shuffle = whole, .seed = 1,
		.form = whole ? SYC_PROMPTS_CHOICES : SYC_PROMPTS_AS_GIVEN,
	};
	struct syc_prompts_counts c;
	struct syc_buf rows = { 0 };
	struct syc_prompts *p;

	need(syc_prompts_new(&p, &o, NULL) == 0);
	syc_prompts_use(p, text, n, NULL);
	if (syc_prompts_read(p, "f", text, n, NULL) == 0) {
		if (whole)
			syc_prompts_shots(p, "s", text, n, NULL);
		if (syc_prompts_make(&rows, p, &c, NULL) == 0)
			check_rows(rows.data, rows.len);
	}
	syc_buf_free(&rows);
	syc_prompts_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of the exact size: reading past it is found out. */
	char *text = malloc(size ? size : 1);
	const char *task;
	unsigned sum = 0;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	for (size_t i = 0; i < size; i++)
		sum += data[i];
	for (unsigned i = 0; (task = syc_prompts_task(i)); i++)
		if ((i + sum) % 4 == 0)
			try_task(task, text, size, i < 4);
	free(text);
	return 0;
}
