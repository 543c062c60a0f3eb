/* SPDX-License-Identifier: MIT */
/* The choices of a question in reverse order: what tells a letter from an answer. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "task/row.h"
#include "task/said/said.h"

/* s with the texts of its choices in reverse, the letters where they were. */
static int reverse_text(struct syc_buf *out, const char *s,
			const struct syc_said_line *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct syc_said_line *from = &c[n - 1 - i];

		syc_buf_add(out, s, (size_t)(c[i].text - s));
		syc_buf_add(out, from->text, (size_t)(from->end - from->text));
		s = c[i].end;
	}
	return syc_buf_puts(out, s);
}

/* " (B) no" of n choices: the letter becomes that of its text's new place. */
static int reverse_answer(char *s, size_t n, struct syc_err *err)
{
	char *p = s + strspn(s, " \t\n");
	const char *rest;

	p += *p == '(';
	rest = p + (*p != 0);
	if (*p < 'A' || *p >= (char)('A' + n) ||
	    !(p > s && p[-1] == '(' ? *rest == ')' : !*rest))
		return syc_fail(err, SYC_EINVAL,
			"answer '%.40s' is not the letter of one of the %zu choices",
			s, n);
	*p = (char)('A' + (n - 1 - (size_t)(*p - 'A')));
	return 0;
}

static int add_answers(struct syc_buf *out, const char *const *answer,
		       size_t n_answers, size_t n, struct syc_err *err)
{
	const bool list = n_answers != 1;
	int ret = 0;

	if (list)
		syc_buf_puts(out, "[");
	for (size_t i = 0; i < n_answers && ret == 0; i++) {
		char *s = strdup(answer[i]);

		if (!s)
			return syc_nomem(err);
		ret = reverse_answer(s, n, err);
		if (i)
			syc_buf_puts(out, ", ");
		syc_buf_json(out, s, strlen(s));
		free(s);
	}
	if (list)
		syc_buf_puts(out, "]");
	return ret;
}

/* The member that holds the prompt, with that text for the one at `at`. */
static int prompt_value(struct syc_buf *out, const char **key,
			const struct syc_row *row, size_t at,
			const struct syc_buf *text)
{
	const struct syc_row_box *b = (const struct syc_row_box *)row;
	const json_t *list = syc_row_field(b, "messages");
	json_t *copy;
	char *s;

	*key = list ? "messages" : row->prompt.text ? "prompt" : "question";
	if (!list)
		return syc_buf_json(out, text->data, text->len);
	copy = json_deep_copy(list);
	json_object_set_new(json_array_get(copy, at), "content",
			    json_stringn(text->data, text->len));
	s = json_dumps(copy, JSON_ENSURE_ASCII);
	json_decref(copy);
	if (s)
		syc_buf_puts(out, s);
	free(s);
	return s ? 0 : SYC_ENOMEM;
}

/* Sets one field after the other; line and next change places. */
struct steps {
	struct syc_buf line, next, value;
	int ret;
};

static void set(struct steps *t, const char *key, struct syc_err *err)
{
	struct syc_buf old = t->line;

	if (t->ret == 0 && t->value.failed)
		t->ret = syc_nomem(err);
	if (t->ret == 0)
		t->ret = syc_row_set(&t->next, t->line.data, t->line.len, key,
				     t->value.data, err);
	if (t->ret == 0) {
		t->line = t->next;
		t->next = old;
		t->next.len = 0;
	}
	t->value.len = 0;
}

int syc_row_reverse(struct syc_buf *out, const struct syc_row *row,
		    const char *line, size_t len, struct syc_err *err)
{
	struct syc_said_line c[SYC_SAID_LINES];
	struct syc_buf text = { 0 };
	struct steps t = { 0 };
	size_t at = 0, n;
	const char *s = syc_said_question(row, &at), *key = "question";

	if (!row->n_match || !row->n_other)
		return syc_fail(err, SYC_EINVAL,
			"no choices to reverse: the row has no answers");
	if (row->prompt.ids || !s)
		return syc_fail(err, SYC_EINVAL,
			"no choices to reverse: the row has no prompt in words");
	n = syc_said_lines(s, false, c);
	if (!n)
		return syc_fail(err, SYC_EINVAL,
			"no choices to reverse: the prompt has no lines (A), (B)");
	syc_buf_add(&t.line, line, len);
	if (t.line.failed || reverse_text(&text, s, c, n) < 0 ||
	    prompt_value(&t.value, &key, row, at, &text) < 0)
		t.ret = syc_nomem(err);
	set(&t, key, err);
	if (t.ret == 0)
		t.ret = add_answers(&t.value, row->match, row->n_match, n, err);
	set(&t, "answer_matching_behavior", err);
	if (t.ret == 0)
		t.ret = add_answers(&t.value, row->other, row->n_other, n, err);
	set(&t, "answer_not_matching_behavior", err);
	syc_buf_puts(&t.value, "\"reversed\"");
	set(&t, "order", err);
	text.len = 0;
	syc_buf_printf(&text, "%s/reversed", row->id);
	syc_buf_json(&t.value, text.data ? text.data : "", text.len);
	set(&t, "id", err);
	if (t.ret == 0 &&
	    (text.failed || syc_buf_add(out, t.line.data, t.line.len) < 0))
		t.ret = syc_nomem(err);
	syc_buf_free(&text);
	syc_buf_free(&t.line);
	syc_buf_free(&t.next);
	syc_buf_free(&t.value);
	return t.ret;
}
