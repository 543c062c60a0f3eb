/* SPDX-License-Identifier: MIT */
/* Finding special tokens in a text. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "model/special.h"

static int by_name(const void *a, const void *b)
{
	const struct syc_special *x = a, *y = b;
	uint32_t n = x->n < y->n ? x->n : y->n;
	int c = memcmp(x->name, y->name, n);

	if (c == 0)
		c = (x->n > y->n) - (x->n < y->n);
	return c ? c : (x->id > y->id) - (x->id < y->id);
}

/* Tokens begin with two bytes of which most texts have few. */
static size_t first_two(const char *s)
{
	return (size_t)(unsigned char)s[0] << 8 | (unsigned char)s[1];
}

static void note_start(struct syc_specials *t, const struct syc_special *p)
{
	char two[2] = { p->name[0], p->n > 1 ? p->name[1] : 0 };

	for (unsigned c = 0; c < (p->n > 1 ? 1 : 256); c++) {
		size_t k = first_two(two) + c;

		t->start[k / 64] |= (uint64_t)1 << k % 64;
	}
	if (p->n == 1)
		t->single[(unsigned char)p->name[0]] = true;
}

bool syc_specials_add(struct syc_specials *t, const char *name, uint32_t n,
		      int32_t id, bool user)
{
	if (!syc_grow(&t->list, &t->cap, t->n + 1, sizeof(*t->list)))
		return false;
	t->list[t->n] = (struct syc_special){ .name = name, .n = n, .id = id, .user = user };
	note_start(t, &t->list[t->n++]);
	if (n > t->max)
		t->max = n;
	if (user && n > t->max_user)
		t->max_user = n;
	return true;
}

void syc_specials_sort(struct syc_specials *t)
{
	if (t->n)
		qsort(t->list, t->n, sizeof(*t->list), by_name);
}

/* The first of list[from, to) whose byte at depth is at least c. */
static size_t bound(const struct syc_specials *t, size_t from, size_t to,
		    uint32_t depth, int c)
{
	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if ((unsigned char)t->list[mid].name[depth] < c)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/*
 * The longest token at s; its length, or 0.  Names that begin with the bytes
 * read so far are a range of the sorted list, the shortest of them first.
 */
static uint32_t longest(const struct syc_specials *t, const char *s, size_t n,
			bool all, int32_t *id)
{
	size_t from = 0, to = t->n;
	uint32_t best = 0;

	if (n == 0 || (n == 1 ? !t->single[(unsigned char)s[0]] :
		       !(t->start[first_two(s) / 64] >> first_two(s) % 64 & 1)))
		return 0;
	for (uint32_t depth = 0; from < to; depth++) {
		for (; from < to && t->list[from].n == depth; from++) {
			if (!all && !t->list[from].user)
				continue;
			best = depth;
			*id = t->list[from].id;
		}
		if (depth == n)
			break;
		from = bound(t, from, to, depth, (unsigned char)s[depth]);
		to = bound(t, from, to, depth, (unsigned char)s[depth] + 1);
	}
	return best;
}

static bool put(struct syc_matches *out, size_t at, uint32_t n, int32_t id)
{
	if (!syc_grow(&out->m, &out->cap, out->n + 1, sizeof(*out->m)))
		return false;
	out->m[out->n++] = (struct syc_match){ at, n, id };
	return true;
}

/*
 * Does a longer one begin inside the token of len bytes at s?  Then *end is where
 * that, and all that overlap it, and those that overlap them, come to an end.
 */
static bool is_beaten(const struct syc_specials *t, const char *s, size_t n,
		      bool all, uint32_t len, size_t *end)
{
	bool beaten = false;
	int32_t id;

	*end = len;
	for (size_t i = 1; i < *end; i++) {
		uint32_t k = longest(t, s + i, n - i, all, &id);

		beaten |= k > len;
		if (beaten && i + k > *end)
			*end = i + k;
	}
	return beaten;
}

static uint32_t longest_of_all(const struct syc_specials *t, const char *s,
			       size_t at, size_t end, bool all)
{
	uint32_t best = 0, k;
	int32_t id;

	for (size_t i = at; i < end && best < end - i; i++) {
		k = longest(t, s + i, end - i, all, &id);
		if (k > best)
			best = k;
	}
	return best;
}

/* The longest of s[at, end) from left to right, and so on in what lies between. */
static bool resolve(const struct syc_specials *t, const char *s, size_t at,
		    size_t end, bool all, struct syc_matches *out)
{
	uint32_t best = longest_of_all(t, s, at, end, all);
	size_t i = at;
	int32_t id;

	if (best == 0)
		return true;
	while (best <= end - i) {
		if (longest(t, s + i, end - i, all, &id) < best) {
			i++;
			continue;
		}
		if (!resolve(t, s, at, i, all, out) || !put(out, i, best, id))
			return false;
		at = i += best;
	}
	return resolve(t, s, at, end, all, out);
}

bool syc_specials_find(const struct syc_specials *t, const char *s, size_t n,
		       bool all, struct syc_matches *out)
{
	uint32_t max = all ? t->max : t->max_user;
	size_t at = 0, end;
	int32_t id;

	while (max && at < n) {
		uint32_t len = longest(t, s + at, n - at, all, &id);
		bool ok = true;

		if (len == 0) {
			at++;
			continue;
		}
		end = len;
		if (len < max && is_beaten(t, s + at, n - at, all, len, &end))
			ok = resolve(t, s, at, at + end, all, out);
		else
			ok = put(out, at, len, id);
		if (!ok)
			return false;
		at += end;
	}
	return true;
}
