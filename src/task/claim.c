/* SPDX-License-Identifier: MIT */
/* What a question asks. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "syc/questions.h"
#include "task/row.h"
#include "task/said/said.h"

struct text {
	const char *s;
	size_t n;
};

static struct text up_to(const char *s, const char *end)
{
	return (struct text){ s, end ? (size_t)(end - s) : strlen(s) };
}

/* Without "Choices:" and the newlines before it. */
static void cut_choices(struct text *t)
{
	static const char head[] = "Choices:";
	const size_t n = sizeof(head) - 1;

	if (t->n < n || memcmp(t->s + t->n - n, head, n) != 0)
		return;
	t->n -= n;
	while (t->n && t->s[t->n - 1] == '\n')
		t->n--;
}

/* What is behind the last full stop, question or exclamation mark and blanks. */
static void last_sentence(struct text *t)
{
	size_t from = 0;

	for (size_t i = 0, k; i + 1 < t->n; i++) {
		if (!strchr(".?!", t->s[i]))
			continue;
		for (k = i + 1; k < t->n && t->s[k] == ' '; k++)
			;
		if (k > i + 1 && k < t->n)
			from = k;
	}
	t->s += from;
	t->n -= from;
}

static bool before(struct text a, struct text b)
{
	const int c = memcmp(a.s, b.s, a.n < b.n ? a.n : b.n);

	return c < 0 || (c == 0 && a.n < b.n);
}

int syc_question_claim(struct syc_buf *out, const char *question,
		       struct syc_err *err)
{
	const char *end = strstr(question, "\n\nAnswer:");
	const char *a = strstr(question, "\n (A) "),
		   *b = a ? strstr(a + 1, "\n (B) ") : NULL;
	struct text stem, first, second;

	if (!a || (end && end < a))
		return 0;
	stem = up_to(question, a);
	cut_choices(&stem);
	last_sentence(&stem);
	syc_buf_add(out, stem.s, stem.n);
	if (b && !(end && end < b)) {
		first = up_to(a + 6, b);
		second = up_to(b + 6, end);
		if (!before(first, second)) {
			const struct text t = first;

			first = second;
			second = t;
		}
		syc_buf_puts(out, " ");
		syc_buf_add(out, first.s, first.n);
		syc_buf_puts(out, " / ");
		syc_buf_add(out, second.s, second.n);
	}
	return out->failed ? syc_nomem(err) : 0;
}

int syc_row_claim(char **claim, const struct syc_row *row, struct syc_err *err)
{
	const json_t *field = json_object_get(syc_row_json(row), "claim");
	const struct syc_row asking = { .prompt = row->has_pair ? row->positive : row->prompt };
	struct syc_buf text = { 0 };
	const char *s = json_string_value(field);
	size_t at;
	int ret = 0;

	*claim = NULL;
	if (!s && (s = syc_said_question(&asking, &at))) {
		ret = syc_question_claim(&text, s, err);
		s = text.len ? text.data : NULL;
	}
	if (ret == 0 && s && !(*claim = strdup(s)))
		ret = syc_nomem(err);
	syc_buf_free(&text);
	return ret;
}
