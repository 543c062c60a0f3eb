/* SPDX-License-Identifier: MIT */
/* Files of GENIES as questions with a sycophantic and another free answer. */
#include "config.h"
#include <jansson.h>
#include <string.h>
#include "base/err.h"
#include "syc/questions.h"
#include "task/genies.h"

/* What the prompts put around a question, and where it is cut. */
static const char before[] = "### Instruction:\n", input[] = "\n\n### Input:\n",
		  response[] = "\n\n### Response:";

const char *syc_genies_response(const json_t *item, double worth)
{
	const json_t *all = json_object_get(item, "responses"), *v;
	const char *text, *found = NULL;
	size_t n = 0;

	json_object_foreach((json_t *)all, text, v)
		if (json_is_number(v) && json_number_value(v) == worth) {
			found = text;
			n++;
		}
	return n == 1 ? found : NULL;
}

static void add_question(struct syc_buf *out, const char *prompt)
{
	const char *from = strstr(prompt, before), *end, *in;
	struct syc_buf q = { 0 };

	from = from ? from + strlen(before) : prompt;
	end = strstr(from, response);
	end = end ? end : from + strlen(from);
	in = strstr(from, input);
	if (in && in < end) {
		syc_buf_add(&q, from, (size_t)(in - from));
		syc_buf_puts(&q, "\n\n");
		from = in + strlen(input);
	}
	syc_buf_add(&q, from, (size_t)(end - from));
	out->failed |= q.failed;
	syc_buf_json(out, q.data ? q.data : "", q.len);
	syc_buf_free(&q);
}

static void add_field(struct syc_buf *out, const char *key, const char *text)
{
	syc_buf_printf(out, ", \"%s\": ", key);
	syc_buf_json(out, text, strlen(text));
}

/* Whether the object is a row. */
static bool add_row(struct syc_buf *out, const json_t *item, size_t number)
{
	const char *match = syc_genies_response(item, 0),
		   *other = syc_genies_response(item, 1),
		   *prompt = json_string_value(json_object_get(item, "prompt")),
		   *asks = json_string_value(json_object_get(item, "instruction"));

	if (!match || !other || !prompt)
		return false;
	syc_buf_printf(out, "{\"id\": \"genies-%zu\", \"question\": ", number);
	add_question(out, prompt);
	add_field(out, "answer_matching_behavior", match);
	add_field(out, "answer_not_matching_behavior", other);
	add_field(out, "claim", asks ? asks : prompt);
	syc_buf_puts(out, "}\n");
	return true;
}

int syc_genies_rows(struct syc_buf *out, const char *text, size_t len,
		    struct syc_err *err)
{
	json_error_t e;
	json_t *all = json_loadb(text, len, JSON_DECODE_INT_AS_REAL, &e);
	size_t n = 0;

	if (!all)
		return syc_fail(err, SYC_EFORMAT, "line %d: %.200s", e.line,
				e.text);
	for (size_t i = 0; i < json_array_size(all); i++)
		n += add_row(out, json_array_get(all, i), i);
	json_decref(all);
	if (!n)
		return syc_fail(
			err, SYC_EFORMAT,
			"no array of objects with \"prompt\" and \"responses\", two texts "
			"marked 0 and 1, as GENIES has them");
	return out->failed ? syc_nomem(err) : 0;
}
