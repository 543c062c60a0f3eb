/* SPDX-License-Identifier: MIT */
/* Taking some of many rows, by what they ask. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/questions.h"
#include "task/each.h"

struct item {
	const char *s;		/* [n] the line */
	size_t n, at;
	char *claim;
	uint64_t claim_hash, hash;
	int view;
	size_t rank;		/* among the rows of its claim */
	bool out, taken;
};

struct items {
	struct item *item;	/* [n] */
	size_t n, cap, n_unknown;
};

/* ---- what rows ask ------------------------------------------------------ */

static int read_asked(struct item *t, const struct syc_row *row, struct syc_err *err)
{
	struct syc_stated a;
	struct syc_err none;

	if (syc_row_stated(&a, row, &none) == SYC_ENOMEM) {
		syc_stated_free(&a);
		return syc_nomem(err);
	}
	t->view = a.view;
	syc_stated_free(&a);
	return syc_row_claim(&t->claim, row, err);
}

static int add_item(void *to, struct syc_row *row, struct syc_line line,
		    struct syc_err *err)
{
	struct items *all = to;
	struct item *t;
	int ret;

	if (all->n == all->cap && !syc_grow(&all->item, &all->cap, all->n + 1, sizeof(*t)))
		return syc_nomem(err);
	t = &all->item[all->n];
	*t = (struct item){ .s = line.s, .n = line.n, .at = all->n, .view = -1,
			    .hash = syc_hash(0, line.s, line.n) };
	all->n++;
	ret = read_asked(t, row, err);
	/* What asks nothing that is found is alone. */
	if (ret == 0 && !t->claim) {
		all->n_unknown++;
		t->claim = strndup(line.s, line.n);
	}
	if (ret == 0 && !t->claim)
		return syc_nomem(err);
	t->claim_hash = ret < 0 ? 0 : syc_hash(0, t->claim, strlen(t->claim));
	return ret;
}

static void free_items(struct items *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->item[i].claim);
	free(all->item);
}

/* ---- orders ------------------------------------------------------------- */

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_claim(const void *a, const void *b)
{
	const struct item *p = a, *q = b;
	const int c = compare(p->claim_hash, q->claim_hash);

	return c ? c : strcmp(p->claim, q->claim);
}

/* By claim, what is not left out first, then by view, then as drawn. */
static int by_view(const void *a, const void *b)
{
	const struct item *p = a, *q = b;
	int c = by_claim(a, b);

	if (!c)
		c = p->out - q->out;
	if (!c)
		c = (p->view > q->view) - (p->view < q->view);
	if (!c)
		c = compare(p->hash, q->hash);
	return c ? c : compare(p->at, q->at);
}

/* By claim and rank: views alternate. */
static int by_rank(const void *a, const void *b)
{
	const struct item *p = a, *q = b;
	int c = by_claim(a, b);

	if (!c)
		c = compare(p->rank, q->rank);
	if (!c)
		c = compare(p->hash, q->hash);
	return c ? c : compare(p->at, q->at);
}

/* Round robin: the first of each claim, then the second. */
static int by_turn(const void *a, const void *b)
{
	const struct item *p = a, *q = b;
	int c = p->out - q->out;

	if (!c)
		c = compare(p->rank, q->rank);
	if (!c)
		c = by_claim(a, b);
	return c ? c : compare(p->at, q->at);
}

static int by_place(const void *a, const void *b)
{
	return compare(((const struct item *)a)->at, ((const struct item *)b)->at);
}

static void sort(struct items *all, int (*by)(const void *, const void *))
{
	if (all->n)
		qsort(all->item, all->n, sizeof(*all->item), by);
}

static size_t count_claims(struct items *all)
{
	size_t n = 0;

	sort(all, by_claim);
	for (size_t i = 0; i < all->n; i++)
		n += !i || by_claim(&all->item[i - 1], &all->item[i]) != 0;
	return n;
}

/* ---- what is left out --------------------------------------------------- */

static bool has_claim(const struct items *all, const struct item *t)
{
	return all->n && bsearch(t, all->item, all->n, sizeof(*t), by_claim);
}

/* Both sorted by claim. */
static void leave_out(struct items *all, const struct items *others)
{
	for (size_t i = 0; i < all->n; i++)
		all->item[i].out |= has_claim(others, &all->item[i]);
}

/*
 * Of the claims that others have, too, a third, rounded up, or all but this third; both
 * sorted by claim.
 */
static void leave_shared(struct items *all, const struct items *others, bool but_third)
{
	size_t shared = 0, seen = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0, to; i < all->n; i = to) {
			for (to = i + 1; to < all->n &&
			     by_claim(&all->item[i], &all->item[to]) == 0; to++)
				;
			if (!has_claim(others, &all->item[i]))
				continue;
			shared += !pass;
			seen += pass;
			for (size_t k = i; k < to && pass; k++)
				all->item[k].out |= (3 * seen < shared + 3) != but_third;
		}
}

static void set_ranks(struct items *all, bool same_view)
{
	size_t rank = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct item *t = &all->item[i], *last = i ? t - 1 : NULL;

		rank = last && by_claim(last, t) == 0 && last->out == t->out &&
		       (!same_view || last->view == t->view) ? rank + 1 : 0;
		all->item[i].rank = rank;
	}
}

/* Turns of two rows, of the claims that have both views; the others come last. */
static void pair_ranks(struct items *all)
{
	for (size_t i = 0, to; i < all->n; i = to) {
		bool both = false;
		int first = -1;

		for (to = i; to < all->n && by_claim(&all->item[i], &all->item[to]) == 0; to++) {
			const int view = all->item[to].view;

			first = first < 0 ? view : first;
			both |= view >= 0 && view != first;
		}
		for (size_t k = i; k < to; k++)
			all->item[k].rank = both ? all->item[k].rank / 2 :
						   all->item[k].rank + all->n;
	}
}

static void take(struct items *all, size_t n, bool both_views)
{
	sort(all, by_view);
	set_ranks(all, true);
	sort(all, by_rank);
	set_ranks(all, false);
	if (both_views)
		pair_ranks(all);
	sort(all, by_turn);
	for (size_t i = 0; i < all->n && (!n || i < n); i++)
		all->item[i].taken = !all->item[i].out;
}

static void count(struct syc_picked *got, struct items *all)
{
	bool taken = false, left = false;

	*got = (struct syc_picked){ .n_unknown = all->n_unknown, .of_rows = all->n };
	got->of_claims = count_claims(all);
	for (size_t i = 0; i < all->n; i++) {
		const struct item *t = &all->item[i];

		if (!i || by_claim(t - 1, t) != 0)
			taken = left = false;
		got->n_rows += t->taken;
		got->left_rows += t->out;
		got->n_claims += t->taken && !taken;
		got->left_claims += t->out && !left;
		taken |= t->taken;
		left |= t->out;
	}
}

int syc_rows_pick(struct syc_buf *out, struct syc_picked *got, const char *rows,
		  size_t len, const struct syc_pick *how, struct syc_err *err)
{
	struct items all = { 0 }, others = { 0 }, shared = { 0 };
	int ret = syc_rows_each(rows, len, add_item, &all, err);

	*got = (struct syc_picked){ 0 };
	if (ret == 0 && how->not_on)
		ret = syc_rows_each(how->not_on, how->n_not_on, add_item, &others, err);
	if (ret == 0 && how->shared)
		ret = syc_rows_each(how->shared, how->n_shared, add_item, &shared, err);
	if (ret == 0) {
		sort(&all, by_claim);
		sort(&others, by_claim);
		sort(&shared, by_claim);
		leave_out(&all, &others);
		leave_shared(&all, &shared, how->third);
		take(&all, how->n, how->both_views);
		count(got, &all);
		if (!how->in_turns)
			sort(&all, by_place);
		else
			sort(&all, by_turn);
	}
	for (size_t i = 0; i < all.n && ret == 0; i++)
		if (all.item[i].taken) {
			syc_buf_add(out, all.item[i].s, all.item[i].n);
			syc_buf_puts(out, "\n");
		}
	free_items(&all);
	free_items(&others);
	free_items(&shared);
	return ret == 0 && out->failed ? syc_nomem(err) : ret;
}
