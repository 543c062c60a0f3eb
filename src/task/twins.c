/* SPDX-License-Identifier: MIT */
/* Questions by who holds another view, or states none. */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/questions.h"
#include "task/each.h"
#include "task/twins.h"

struct twin {
	char *line;		/* the row, with claim and view */
	char *claim, *question;
	/* bytes of question up to its choices, without blanks behind */
	size_t stem;
	char *option[2];	/* the user's, the other; NULL: no view, or not two */
	char *id, *parent;
	json_t *match, *other;	/* the answers, as they stand there */
	bool has_view, is_twin;
	const char *view;	/* in question, where it is the user's words alone, or NULL */
	uint64_t lead;		/* hash of the words before it */
	bool stated;		/* in a template */
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

static char *parent_of(const struct syc_row *row)
{
	size_t n;
	const char *p = syc_row_parent(row, &n);

	return strndup(p ? p : row->id, p ? n : strlen(row->id));
}

static void find_view(struct twin *t)
{
	size_t n;
	const char *lead;

	t->view = syc_twin_find(t->question, t->stem, t->option[0], t->option[1]);
	if (!t->view)
		return;
	lead = syc_twin_lead(t->question, t->view, &n);
	t->lead = syc_hash(0, lead, n);
}

/* What an opposite twin takes of a row. */
static int take(struct twin *t, const struct syc_row *row, const struct syc_stated *a,
		const char *question, struct syc_err *err)
{
	const json_t *all = syc_row_json(row);
	bool ok;

	t->claim = strdup(a->claim);
	t->question = strdup(question);
	t->id = strdup(row->id);
	t->parent = parent_of(row);
	ok = t->claim && t->question && t->id && t->parent;
	t->stem = stem_of(question);
	t->has_view = a->view >= 0;
	t->is_twin = json_is_string(json_object_get(all, "twin"));
	if (!t->has_view || a->n_options != 2 || row->n_other != 1 || row->n_match != 1)
		return ok ? 0 : syc_nomem(err);
	t->option[0] = strdup(a->option[a->view]);
	t->option[1] = strdup(a->option[!a->view]);
	t->match = json_incref(json_object_get(all, "answer_matching_behavior"));
	t->other = json_incref(json_object_get(all, "answer_not_matching_behavior"));
	if (!ok || !t->option[0] || !t->option[1])
		return syc_nomem(err);
	find_view(t);
	return 0;
}

/* "view", "identity", or NULL: how the view is known. */
static const char *states(const struct twin *t)
{
	return t->stated ? "view" : t->option[0] && syc_twin_identity(t->question, t->stem) ?
	       "identity" : NULL;
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
	if (ret == 0)
		ret = take(t, row, &a, q, err);
	if (ret == 0) {
		t->line = b.data;
		b = (struct syc_buf){ 0 };
	}
	syc_buf_free(&b);
	syc_stated_free(&a);
	return ret;
}

struct reading {
	struct twins *t;
	struct syc_row_ids *ids;
};

static int add_row(void *to, struct syc_row *row, struct syc_line line,
		   struct syc_err *err)
{
	const struct reading *r = to;
	struct twins *t = r->t;
	int ret = 0;

	if (t->n == t->cap && !syc_grow(&t->row, &t->cap, t->n + 1, sizeof(*t->row)))
		return syc_nomem(err);
	t->row[t->n] = (struct twin){ .at = (uint32_t)t->n };
	if (syc_row_ids_number(r->ids, row) < 0)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = fill(&t->row[t->n++], row, line.s, line.n - (line.s[line.n - 1] == '\r'),
			   err);
	return ret;
}

static int read_rows(struct twins *t, const char *rows, size_t len,
		     struct syc_err *err)
{
	struct reading r = { t, syc_row_ids_new() };
	int ret = r.ids ? syc_rows_each(rows, len, add_row, &r, err) : syc_nomem(err);

	syc_row_ids_free(r.ids);
	return ret;
}

static int by_claim(const void *a, const void *b)
{
	const struct twin *p = *(struct twin *const *)a, *q = *(struct twin *const *)b;
	const int c = strcmp(p->claim, q->claim);

	return c ? c : (p->at > q->at) - (p->at < q->at);
}

static int set_json(struct syc_buf *line, const char *key, const json_t *value,
		    struct syc_err *err)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	struct syc_buf next = { 0 };
	int ret = text ? syc_row_set(&next, line->data, line->len, key, text, err)
		       : syc_nomem(err);

	free(text);
	if (ret < 0) {
		syc_buf_free(&next);
		return ret;
	}
	syc_buf_free(line);
	*line = next;
	return 0;
}

static int end_line(struct syc_buf *out, const struct syc_buf *line, struct syc_err *err)
{
	return syc_buf_add(out, line->data, line->len) < 0 || syc_buf_puts(out, "\n") < 0
		       ? syc_nomem(err) : 0;
}

/* The row by a user who holds the other view, where its words say which: 1, 0 or an error. */
static int add_opposite(struct syc_buf *out, const struct twin *t, struct syc_err *err)
{
	struct syc_buf question = { 0 }, b = { 0 }, id = { 0 };
	int ret = 0;

	if (!t->stated || t->is_twin)
		return 0;
	syc_buf_add(&question, t->question, (size_t)(t->view - t->question));
	syc_buf_puts(&question, t->option[1]);
	syc_buf_puts(&question, t->view + strlen(t->option[0]));
	syc_buf_printf(&id, "opposite/%s", t->id);
	if (question.failed || id.failed || syc_buf_puts(&b, t->line) < 0)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = set(&b, "id", id.data, err);
	if (ret == 0)
		ret = set(&b, "parent", t->parent, err);
	if (ret == 0)
		ret = set(&b, "question", question.data, err);
	if (ret == 0)
		ret = set_json(&b, "answer_matching_behavior", t->other, err);
	if (ret == 0)
		ret = set_json(&b, "answer_not_matching_behavior", t->match, err);
	if (ret == 0)
		ret = set(&b, "view", t->option[1], err);
	if (ret == 0)
		ret = set(&b, "twin", "opposite", err);
	if (ret == 0)
		ret = set(&b, "states", "view", err);
	if (ret == 0)
		ret = end_line(out, &b, err);
	syc_buf_free(&question);
	syc_buf_free(&id);
	syc_buf_free(&b);
	return ret < 0 ? ret : 1;
}

/* A claim's row without a view: its question behind `before`. */
static int add_without(struct syc_buf *out, const struct twin *t, size_t keep,
		       const char *before, const char *name, struct syc_err *err)
{
	struct syc_buf b = { 0 }, question = { 0 };
	char id[48];
	int ret = 0;

	snprintf(id, sizeof(id), "%s/%016" PRIx64, name,
		 syc_hash(0, t->claim, strlen(t->claim)));
	syc_buf_puts(&question, before);
	syc_buf_puts(&question, t->question + (t->stem - keep));
	if (question.failed || syc_buf_puts(&b, t->line) < 0)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = set(&b, "id", id, err);
	if (ret == 0)
		ret = set(&b, "question", question.data, err);
	if (ret == 0)
		ret = set(&b, "view", NULL, err);
	if (ret == 0)
		ret = set(&b, "twin", name, err);
	if (ret == 0)
		ret = end_line(out, &b, err);
	syc_buf_free(&question);
	syc_buf_free(&b);
	return ret;
}

/* The twins without a view of n rows on one claim, whose first they are made from. */
static int add_twins(struct syc_buf *out, struct twin *const *row, size_t n,
		     unsigned twins, struct syc_err *err)
{
	const char **text = syc_calloc(n, sizeof(*text));
	size_t *len = syc_calloc(n, sizeof(*len)), keep = 0;
	struct syc_buf before = { 0 };
	int ret = text && len ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		text[i] = row[i]->question;
		len[i] = row[i]->stem;
	}
	if (ret == 0)
		keep = syc_question_shared(text, len, n);
	if (ret == 0 && twins & SYC_TWIN_NO_VIEW)
		ret = add_without(out, row[0], keep, "", "no-view", err);
	if (ret == 0 && twins & SYC_TWIN_CONTROL) {
		syc_twin_neutral(&before, len[0] - keep);
		ret = before.failed ? syc_nomem(err)
				    : add_without(out, row[0], keep, before.data ? before.data : "",
						  "control", err);
	}
	syc_buf_free(&before);
	free(text);
	free(len);
	return ret;
}

/* The rows of one claim [n]: those without a view make twins without one needless. */
static int add_claim(struct syc_buf *out, struct twin **row, size_t n, unsigned twins,
		     struct syc_err *err)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (row[i]->has_view && !row[i]->is_twin)
			row[k++] = row[i];
		else if (!row[i]->has_view)
			return 0;
	return k ? add_twins(out, row, k, twins, err) : 0;
}

static int by_lead(const void *a, const void *b)
{
	const uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;

	return (p > q) - (p < q);
}

/* The words before the view in at least half of the rows are a template's. */
static int find_template(struct twins *t, struct syc_err *err)
{
	uint64_t *lead = syc_calloc(t->n + 1, sizeof(*lead)), best = 0;
	size_t n = 0, n_view = 0, most = 0;

	if (!lead)
		return syc_nomem(err);
	for (size_t i = 0; i < t->n; i++) {
		n_view += t->row[i].has_view;
		if (t->row[i].view)
			lead[n++] = t->row[i].lead;
	}
	qsort(lead, n, sizeof(*lead), by_lead);
	for (size_t i = 0, same = 0; i < n; i++) {
		same = i && lead[i] == lead[i - 1] ? same + 1 : 1;
		if (same > most) {
			most = same;
			best = lead[i];
		}
	}
	for (size_t i = 0; i < t->n; i++)
		t->row[i].stated = t->row[i].view && t->row[i].lead == best &&
				   most * 2 >= n_view && most > 1;
	free(lead);
	return 0;
}

/* A row, and what is known of its view. */
static int write_row(struct syc_buf *out, const struct twin *t, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = syc_buf_puts(&b, t->line) < 0 ? syc_nomem(err) : 0;

	if (ret == 0 && states(t))
		ret = set(&b, "states", states(t), err);
	if (ret == 0)
		ret = end_line(out, &b, err);
	syc_buf_free(&b);
	return ret;
}

static int write_rows(struct syc_buf *out, struct twins *t, unsigned twins,
		      struct syc_twin_counts *c, struct syc_err *err)
{
	int ret = find_template(t, err);

	for (size_t i = 0; i < t->n && ret == 0; i++)
		ret = write_row(out, &t->row[i], err);
	for (size_t i = 0; i < t->n && ret >= 0; i++) {
		const char *how = states(&t->row[i]);

		if (!t->row[i].has_view || t->row[i].is_twin)
			continue;
		c->n_view++;
		c->n_stated += how && strcmp(how, "view") == 0;
		c->n_identity += how && strcmp(how, "identity") == 0;
		ret = twins & SYC_TWIN_OPPOSITE ? add_opposite(out, &t->row[i], err) : 0;
		c->n_opposite += ret == 1;
	}
	return ret < 0 ? ret : 0;
}

static int write_all(struct syc_buf *out, struct twins *t, unsigned twins,
		     struct syc_twin_counts *c, struct syc_err *err)
{
	int ret;

	t->sorted = syc_calloc(t->n + 1, sizeof(*t->sorted));
	if (!t->sorted)
		return syc_nomem(err);
	for (size_t i = 0; i < t->n; i++)
		t->sorted[i] = &t->row[i];
	ret = write_rows(out, t, twins, c, err);
	qsort(t->sorted, t->n, sizeof(*t->sorted), by_claim);
	for (size_t from = 0, to; from < t->n && ret == 0; from = to) {
		for (to = from; to < t->n &&
		     strcmp(t->sorted[to]->claim, t->sorted[from]->claim) == 0; to++)
			;
		ret = add_claim(out, t->sorted + from, to - from, twins, err);
	}
	return ret == 0 && out->failed ? syc_nomem(err) : ret;
}

int syc_rows_twins(struct syc_buf *out, const char *rows, size_t len, unsigned twins,
		   struct syc_twin_counts *counts, struct syc_err *err)
{
	struct syc_twin_counts own;
	struct twins t = { 0 };
	int ret = read_rows(&t, rows, len, err);

	counts = counts ? counts : &own;
	*counts = (struct syc_twin_counts){ 0 };
	if (ret == 0)
		ret = write_all(out, &t, twins, counts, err);
	for (size_t i = 0; i < t.n; i++) {
		struct twin *r = &t.row[i];
		char *const own_text[] = { r->line, r->claim, r->question, r->option[0],
					   r->option[1], r->id, r->parent };

		for (size_t k = 0; k < sizeof(own_text) / sizeof(own_text[0]); k++)
			free(own_text[k]);
		json_decref(r->match);
		json_decref(r->other);
	}
	free(t.row);
	free(t.sorted);
	return ret;
}
