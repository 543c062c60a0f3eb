/* SPDX-License-Identifier: MIT */
/* The tree of pages, against a list that is searched through. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "run/cache.h"
#include "suite.h"

enum { MAX = 5 * SYC_PAGE, HELD = 6, ROUNDS = 4000 };

/* A sequence: its tokens, and the pages it holds while it is under way. */
struct sequence {
	uint64_t steer;
	int32_t token[MAX];
	size_t n, n_pages;
	struct syc_page *page[MAX / SYC_PAGE];
};

/* What a page in the tree stands for, by its place in the cache's list. */
struct known {
	uint64_t steer;
	int32_t token[MAX];
	size_t n;	/* tokens up to its last */
};

static uint32_t state;

static uint32_t draw(uint32_t n)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

/* Few tokens, long runs: many beginnings are shared, within pages and beyond. */
static void make(struct sequence *s)
{
	s->steer = draw(3);
	s->n = 1 + draw(MAX);
	for (size_t i = 0; i < s->n; i++)
		s->token[i] = draw(20) ? 7 : (int32_t)draw(3);
	s->n_pages = 0;
}

static size_t number_of(const struct syc_cache *c, const struct syc_page *p)
{
	size_t i = 0;

	while (c->page[i] != p)
		i++;
	return i;
}

static size_t common(const struct known *k, const struct sequence *s, size_t n)
{
	size_t i = 0;

	if (k->steer != s->steer)
		return 0;
	while (i < k->n && i < n && k->token[i] == s->token[i])
		i++;
	return i;
}

/* The longest beginning that some page in the tree has. */
static size_t longest(const struct syc_cache *c, const struct known *known,
		      const struct sequence *s, size_t n)
{
	size_t best = 0;

	for (size_t i = 0; i < c->n_pages; i++) {
		const size_t len = c->page[i]->in_tree ?
			common(&known[i], s, n) : 0;

		best = len > best ? len : best;
	}
	return best;
}

static void check_heap(const struct syc_cache *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_pages; i++) {
		const struct syc_page *p = c->page[i];
		const bool goes = p->in_tree && !p->refs && !p->n_children;

		ck_assert_int_eq(goes, p->place != 0);
		ck_assert(!p->place || c->heap[p->place - 1] == p);
		n += goes;
	}
	ck_assert_uint_eq(n, c->n_heap);
	for (size_t i = 1; i < c->n_heap; i++)
		ck_assert_uint_le(c->heap[(i - 1) / 2]->used, c->heap[i]->used);
}

/* Begin a sequence as the engine does; false when there is no room. */
static bool begin(struct syc_cache *c, struct known *known, struct sequence *s)
{
	const size_t want = longest(c, known, s, s->n), all = syc_cache_pages(s->n);
	struct syc_page *part;
	size_t whole, got;

	got = syc_cache_find(c, s->steer, s->token, s->n, NULL, &whole, &part);
	ck_assert_uint_eq(got, want);
	ck_assert_uint_eq(whole, want / SYC_PAGE);
	ck_assert_int_eq(part != NULL, want % SYC_PAGE != 0);
	if (part)
		ck_assert_uint_ge(common(&known[number_of(c, part)], s, s->n),
				  want);
	if (!syc_cache_fits(c, all))
		return false;
	syc_cache_find(c, s->steer, s->token, s->n, s->page, &whole, &part);
	s->n_pages = whole;
	while (s->n_pages < all) {
		struct syc_page *p = syc_cache_take(c);

		ck_assert_ptr_nonnull(p);
		ck_assert(!p->in_tree && p->refs == 1);
		s->page[s->n_pages++] = p;
	}
	return true;
}

static void publish_first(struct syc_cache *c, struct known *known,
			  const struct sequence *s, size_t end)
{
	struct syc_page *up = NULL;

	for (size_t i = 0; i * SYC_PAGE < end; i++) {
		const size_t from = i * SYC_PAGE;
		const size_t n = end - from < SYC_PAGE ? end - from : SYC_PAGE;
		struct syc_page *p = s->page[i];
		const uint32_t was = p->in_tree ? p->n : 0;
		struct known *k = &known[number_of(c, p)];

		up = syc_cache_publish(c, up, p, s->steer, s->token + from, (uint32_t)n);
		ck_assert_ptr_nonnull(up);
		ck_assert(up->in_tree && up->n >= n);
		if (!p->in_tree || p->n == was)
			continue;
		k->steer = s->steer;
		k->n = from + n;
		memcpy(k->token, s->token, k->n * sizeof(*k->token));
	}
}

/* A part of it first, as a prompt is, and then all, with what was answered. */
static void publish(struct syc_cache *c, struct known *known, const struct sequence *s)
{
	publish_first(c, known, s, draw((uint32_t)s->n));
	publish_first(c, known, s, s->n);
}

static void end(struct syc_cache *c, struct sequence *s)
{
	for (size_t i = 0; i < s->n_pages; i++)
		syc_cache_drop(c, s->page[i]);
	s->n_pages = 0;
}

/* Sequences come and go in a cache that is too small for all that they leave. */
START_TEST(agrees_with_a_search)
{
	static struct sequence held[HELD];
	static struct known known[64];
	struct syc_cache c;

	state = 1;
	syc_cache_init(&c, 8, 4, 40 * 8 * SYC_PAGE, true);
	for (int r = 0; r < ROUNDS; r++) {
		struct sequence *s = &held[draw(HELD)];

		if (s->n_pages) {
			publish(&c, known, s);
			end(&c, s);
		} else {
			make(s);
			if (!begin(&c, known, s))
				s->n_pages = 0;
		}
		check_heap(&c);
	}
	for (size_t i = 0; i < HELD; i++)
		end(&c, &held[i]);
	ck_assert_uint_eq(c.n_used, 0);
	syc_cache_free(&c);
}
END_TEST

/* The longest unused page goes first, and a parent after its children. */
START_TEST(forgets_the_oldest)
{
	struct sequence s = { .n = 2 * SYC_PAGE };
	struct known known[4];
	struct syc_page *part;
	struct syc_cache c;
	size_t whole;

	syc_cache_init(&c, 8, 4, 4 * 8 * SYC_PAGE, true);
	for (int i = 0; i < 2; i++) {	/* two sequences of two pages */
		s.token[0] = i;
		ck_assert(begin(&c, known, &s));
		publish(&c, known, &s);
		end(&c, &s);
	}
	s.token[0] = 0;			/* the first is used again */
	syc_cache_find(&c, 0, s.token, s.n, s.page, &whole, &part);
	ck_assert_uint_eq(whole, 2);
	s.n_pages = 2;
	end(&c, &s);
	for (int i = 0; i < 2; i++)
		ck_assert_ptr_nonnull(syc_cache_take(&c));
	ck_assert_uint_eq(syc_cache_find(&c, 0, s.token, s.n, NULL, &whole,
					 &part), s.n);
	s.token[0] = 1;
	ck_assert_uint_eq(syc_cache_find(&c, 0, s.token, s.n, NULL, &whole,
					 &part), 0);
	syc_cache_free(&c);
}
END_TEST

/* Rows that have nothing in common take no more pages however many they are. */
START_TEST(strangers_do_not_pile_up)
{
	struct sequence s = { .n = SYC_PAGE };
	struct syc_cache c;

	syc_cache_init(&c, 8, 4, (size_t)100000 * 8 * SYC_PAGE, true);
	for (int32_t i = 0; i < 20000; i++) {
		s.token[0] = i;
		s.page[0] = syc_cache_take(&c);
		s.n_pages = 1;
		syc_cache_publish(&c, NULL, s.page[0], 0, s.token, SYC_PAGE);
		end(&c, &s);
	}
	ck_assert_uint_le(c.n_pages, 20);
	syc_cache_free(&c);
}
END_TEST

/* Without sharing nothing is found, and every page is given back. */
START_TEST(no_sharing)
{
	struct sequence s = { .n = SYC_PAGE };
	struct syc_page *part;
	struct syc_cache c;
	size_t whole;

	syc_cache_init(&c, 8, 4, 2 * 8 * SYC_PAGE, false);
	for (int i = 0; i < 9; i++) {
		s.page[0] = syc_cache_take(&c);
		ck_assert_ptr_nonnull(s.page[0]);
		s.n_pages = 1;
		syc_cache_publish(&c, NULL, s.page[0], 0, s.token, SYC_PAGE);
		ck_assert_uint_eq(syc_cache_find(&c, 0, s.token, s.n, NULL,
						 &whole, &part), 0);
		end(&c, &s);
	}
	ck_assert_uint_eq(c.n_pages, 1);
	syc_cache_free(&c);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		TEST(agrees_with_a_search), TEST(forgets_the_oldest),
		TEST(strangers_do_not_pile_up), TEST(no_sharing),
	};

	return RUN_TESTS("cache", tests);
}
