/* SPDX-License-Identifier: MIT */
/* Questions without the view of who asks. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/questions.h"
#include "task/row.h"

struct twin {
	char *line;		/* the row, with claim and view */
	char *claim, *question;
	/* bytes of question up to its choices, without blanks behind */
	size_t stem;
	bool has_view;
	uint32_t at;		/* its number */
};

struct twins {
	struct twin *row;	/* [n] */
	size_t n, cap;
	struct twin **sorted;	/* [n] by claim, then number */
};

/* Bytes of a question before its choices. */
static size_t stem_of(const char *question)
{
	static const char head[] = "Choices:";
	const size_t n = sizeof(head) - 1;
	const char *a = strstr(question, "\n (A) ");
	size_t len = a ? (size_t)(a - question) : strlen(question);

	for (int i = 0; i < 2; i++) {
		while (len && strchr(" \t\r\n", question[len - 1]))
			len--;
		if (len >= n && memcmp(question + len - n, head, n) == 0)
			len -= n;
	}
	return len;
}

/* The line with a field set to a string, or null. */
static int set(struct syc_buf *line, const char *key, const char *text,
	       struct syc_err *err)
{
	struct syc_buf value = { 0 }, next = { 0 };
	int ret;

	if (text)
		syc_buf_json(&value, text, strlen(text));
	else
		syc_buf_puts(&value, "null");
	ret = value.failed ? syc_nomem(err)
			   : syc_row_set(&next, line->data, line->len, key,
					 value.data, err);
	syc_buf_free(&value);
	if (ret < 0) {
		syc_buf_free(&next);
		return ret;
	}
	syc_buf_free(line);
	*line = next;
	return 0;
}

static int fill(struct twin *t, const struct syc_row *row, const char *line,
		size_t len, struct syc_err *err)
{
	const char *q = json_string_value(json_object_get(syc_row_json(row), "question"));
	struct syc_stated a = { 0 };
	struct syc_buf b = { 0 };
	int ret = q ? syc_row_stated(&a, row, err)
		    : syc_fail(err, SYC_EINVAL, "the row has no \"question\"");

	if (ret == 0 && syc_buf_add(&b, line, len) < 0)
		ret = syc_nomem(err);
	if (ret == 0 && !row->has_id)
		ret = set(&b, "id", row->id, err);
	if (ret == 0)
		ret = set(&b, "claim", a.claim, err);
	if (ret == 0)
		ret = set(&b, "view", a.view < 0 ? NULL : a.option[a.view], err);
	if (ret == 0) {
		t->line = b.data;
		b = (struct syc_buf){ 0 };
		t->claim = strdup(a.claim);
		t->question = strdup(q);
		t->stem = stem_of(q);
		t->has_view = a.view >= 0;
		ret = t->line && t->claim && t->question ? 0 : syc_nomem(err);
	}
	syc_buf_free(&b);
	syc_stated_free(&a);
	return ret;
}

static int add_row(struct twins *t, const char *line, size_t len,
		   struct syc_row_ids *ids, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	if (t->n == t->cap && !syc_grow(&t->row, &t->cap, t->n + 1, sizeof(*t->row)))
		return syc_nomem(err);
	t->row[t->n] = (struct twin){ .at = (uint32_t)t->n };
	ret = syc_row_parse(&row, line, len, err);
	if (ret < 0)
		return ret;
	if (syc_row_ids_number(ids, row) < 0)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = fill(&t->row[t->n++], row, line, len, err);
	syc_row_free(row);
	return ret;
}

static bool is_blank(const char *s, size_t n)
{
	while (n && strchr(" \t\r", s[n - 1]))
		n--;
	return !n;
}

static int read_rows(struct twins *t, const char *rows, size_t len,
		     struct syc_err *err)
{
	struct syc_row_ids *ids = syc_row_ids_new();
	size_t number = 0;
	int ret = ids ? 0 : syc_nomem(err);

	for (const char *end = rows + len; rows < end && ret == 0;) {
		const char *stop = memchr(rows, '\n', (size_t)(end - rows));
		size_t n = (size_t)((stop ? stop : end) - rows);
		struct syc_err e = { 0 };

		number++;
		if (!is_blank(rows, n)) {
			n -= rows[n - 1] == '\r';
			ret = add_row(t, rows, n, ids, &e);
			if (ret < 0)
				syc_fail(err, ret, "line %zu: %s", number, e.msg);
		}
		rows = stop ? stop + 1 : end;
	}
	syc_row_ids_free(ids);
	return ret;
}

static int by_claim(const void *a, const void *b)
{
	const struct twin *p = *(struct twin *const *)a, *q = *(struct twin *const *)b;
	const int c = strcmp(p->claim, q->claim);

	return c ? c : (p->at > q->at) - (p->at < q->at);
}

/* The twin of n rows on one claim, whose first it is made from. */
static int add_twin(struct syc_buf *out, struct twin *const *row, size_t n,
		    struct syc_err *err)
{
	const char **text = syc_calloc(n, sizeof(*text));
	size_t *len = syc_calloc(n, sizeof(*len)), keep = 0;
	struct syc_buf b = { 0 };
	char id[40];
	int ret = text && len ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		text[i] = row[i]->question;
		len[i] = row[i]->stem;
	}
	if (ret == 0) {
		keep = syc_question_shared(text, len, n);
		ret = syc_buf_puts(&b, row[0]->line) < 0 ? syc_nomem(err) : 0;
	}
	snprintf(id, sizeof(id), "no-view/%016" PRIx64,
		 syc_hash(0, row[0]->claim, strlen(row[0]->claim)));
	if (ret == 0)
		ret = set(&b, "id", id, err);
	if (ret == 0)
		ret = set(&b, "question", row[0]->question + (len[0] - keep), err);
	if (ret == 0)
		ret = set(&b, "view", NULL, err);
	if (ret == 0)
		ret = set(&b, "twin", "no-view", err);
	if (ret == 0 && (syc_buf_add(out, b.data, b.len) < 0 || syc_buf_puts(out, "\n") < 0))
		ret = syc_nomem(err);
	syc_buf_free(&b);
	free(text);
	free(len);
	return ret;
}

static int write_all(struct syc_buf *out, struct twins *t, struct syc_err *err)
{
	size_t n = 0;
	int ret = 0;

	t->sorted = syc_calloc(t->n + 1, sizeof(*t->sorted));
	if (!t->sorted)
		return syc_nomem(err);
	for (size_t i = 0; i < t->n; i++) {
		if (t->row[i].has_view)
			t->sorted[n++] = &t->row[i];
		syc_buf_puts(out, t->row[i].line);
		syc_buf_puts(out, "\n");
	}
	qsort(t->sorted, n, sizeof(*t->sorted), by_claim);
	for (size_t from = 0, to; from < n && ret == 0; from = to) {
		for (to = from; to < n &&
		     strcmp(t->sorted[to]->claim, t->sorted[from]->claim) == 0; to++)
			;
		ret = add_twin(out, t->sorted + from, to - from, err);
	}
	return ret == 0 && out->failed ? syc_nomem(err) : ret;
}

int syc_rows_no_view(struct syc_buf *out, const char *rows, size_t len,
		     struct syc_err *err)
{
	struct twins t = { 0 };
	int ret = read_rows(&t, rows, len, err);

	if (ret == 0)
		ret = write_all(out, &t, err);
	for (size_t i = 0; i < t.n; i++) {
		free(t.row[i].line);
		free(t.row[i].claim);
		free(t.row[i].question);
	}
	free(t.row);
	free(t.sorted);
	return ret;
}
