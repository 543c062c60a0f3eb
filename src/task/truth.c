/* SPDX-License-Identifier: MIT */
/* Pairs of truth: the right choice and the other, whatever users state. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/questions.h"
#include "task/each.h"
#include "task/row.h"

/* What the user of a row states. */
enum user { RIGHT, WRONG, NO_VIEW };

struct pair {
	char *row;		/* as it is to be written */
	uint64_t claim;		/* its hash */
	enum user user;
	size_t at;		/* among the rows */
};

struct pairs {
	struct pair *v;		/* [n] */
	size_t n, cap;
};

/* The row with the right choice's letter as its matching answer. */
static char *rewrite(const struct syc_row *row, bool exchange)
{
	const char *a = row->match[0], *b = row->other[0];
	json_t *o = json_copy((json_t *)(uintptr_t)syc_row_json(row));
	struct syc_buf id = { 0 };
	char *text = NULL;

	syc_buf_printf(&id, "truth/%s", row->id ? row->id : "");
	if (o && id.data &&
	    json_object_set_new(o, "id", json_string(id.data)) == 0 &&
	    json_object_set_new(o, "answer_matching_behavior",
				json_string(exchange ? b : a)) == 0 &&
	    json_object_set_new(o, "answer_not_matching_behavior",
				json_string(exchange ? a : b)) == 0 &&
	    json_object_set_new(o, "measures", json_string("true")) == 0)
		text = json_dumps(o, 0);
	json_decref(o);
	syc_buf_free(&id);
	return text;
}

static int add_row(void *to, struct syc_row *row, struct syc_line line,
		   struct syc_err *err)
{
	struct pairs *p = to;
	struct syc_stated a;
	struct pair *new;
	int ret = syc_row_stated(&a, row, err), truth;

	(void)line;
	truth = ret == 0 ? syc_stated_truth(&a, row) : -1;
	if (truth >= 0 && (a.n_options != 2 || !row->n_other))
		ret = syc_fail(err, SYC_EINVAL, "%zu choices: a pair has two", a.n_options);
	if (ret == 0 && truth >= 0 && !syc_grow(&p->v, &p->cap, p->n + 1, sizeof(*p->v)))
		ret = syc_nomem(err);
	if (ret == 0 && truth >= 0) {
		new = &p->v[p->n];
		*new = (struct pair){
			.row = rewrite(row, a.matching != truth),
			.claim = syc_hash(0, a.claim, strlen(a.claim)),
			.user = a.view < 0 ? NO_VIEW : a.view == truth ? RIGHT : WRONG,
			.at = p->n,
		};
		p->n += new->row != NULL;
		ret = new->row ? 0 : syc_nomem(err);
	}
	syc_stated_free(&a);
	return ret;
}

static int by_claim(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;

	if (p->claim != q->claim)
		return p->claim < q->claim ? -1 : 1;
	if (p->user != q->user)
		return p->user < q->user ? -1 : 1;
	return (p->at > q->at) - (p->at < q->at);
}

static int by_number(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;

	return (p->at > q->at) - (p->at < q->at);
}

/* Of each claim as many users who are right as such who are wrong. */
static void even_out(struct pairs *p)
{
	size_t kept = 0;

	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_claim);
	for (size_t i = 0, end; i < p->n; i = end) {
		size_t n[3] = { 0 }, seen[3] = { 0 }, most;

		for (end = i; end < p->n && p->v[end].claim == p->v[i].claim; end++)
			n[p->v[end].user]++;
		most = n[RIGHT] < n[WRONG] ? n[RIGHT] : n[WRONG];
		for (size_t k = i; k < end; k++) {
			const struct pair x = p->v[k];

			if (x.user == NO_VIEW || seen[x.user]++ < most)
				p->v[kept++] = x;
			else
				free(x.row);
		}
	}
	p->n = kept;
	if (kept)
		qsort(p->v, kept, sizeof(*p->v), by_number);
}

int syc_rows_truth(struct syc_buf *out, const char *rows, size_t len, struct syc_err *err)
{
	struct pairs p = { 0 };
	int ret = syc_rows_each(rows, len, add_row, &p, err);
	const size_t there = p.n;

	even_out(&p);
	if (ret == 0 && !p.n)
		ret = syc_fail(err, SYC_EINVAL,
			"%zu rows say which choice is right (\"truth\"), and no claim is asked "
			"without a view, or by users who state the right choice and the other",
			there);
	for (size_t i = 0; i < p.n; i++) {
		if (ret == 0)
			syc_buf_printf(out, "%s\n", p.v[i].row);
		free(p.v[i].row);
	}
	free(p.v);
	return ret == 0 && out->failed ? syc_nomem(err) : ret;
}
