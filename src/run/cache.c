/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/rand.h"
#include "run/cache.h"

/* Unused pages are kept up to so many times those that were ever used at once. */
enum { PLENTY = 16 };

void syc_cache_init(struct syc_cache *c, size_t token_bytes, size_t elem,
		    size_t memory, bool share)
{
	*c = (struct syc_cache){
		.token_bytes = token_bytes, .page_bytes = token_bytes * SYC_PAGE,
		.run_bytes = elem * SYC_PAGE, .memory = memory, .share = share,
	};
	c->max_pages = memory / c->page_bytes;
}

void syc_cache_free(struct syc_cache *c)
{
	for (size_t i = 0; i < c->n_pages; i++) {
		free(c->page[i]->kv);
		free(c->page[i]);
	}
	free(c->page);
	free(c->heap);
	free(c->bucket);
	*c = (struct syc_cache){ 0 };
}

size_t syc_cache_pages(size_t n_tokens)
{
	return (n_tokens + SYC_PAGE - 1) / SYC_PAGE;
}

size_t syc_cache_kept(size_t n_used)
{
	return n_used * (PLENTY + 1) + 1;
}

bool syc_cache_fits(const struct syc_cache *c, size_t n)
{
	return n <= c->max_pages - c->n_used;
}

/* ---- the tree of tokens ------------------------------------------------------ */

static struct syc_node **bucket_of(const struct syc_cache *c, const void *up,
				   uint64_t steer, int32_t token)
{
	const struct {
		uint64_t up, steer, token;
	} key = { (uintptr_t)up, steer, (uint32_t)token };

	return &c->bucket[syc_hash(0, &key, sizeof(key)) & (c->n_buckets - 1)];
}

static struct syc_node *find_node(const struct syc_cache *c, const void *up,
				  uint64_t steer, int32_t token)
{
	struct syc_node *n = *bucket_of(c, up, steer, token);

	while (n && (n->up != up || n->steer != steer || n->token != token))
		n = n->chain;
	return n;
}

/* The last node that token [n] behind a page leads to, and how many those are. */
static struct syc_node *follow(const struct syc_cache *c,
			       const struct syc_page *parent, uint64_t steer,
			       const int32_t *token, size_t n, uint32_t *len)
{
	struct syc_node *at = NULL, *next;

	for (*len = 0; *len < n; ++*len, at = next) {
		next = find_node(c, at ? (void *)at : parent, at ? 0 : steer,
				 token[*len]);
		if (!next)
			break;
	}
	return at;
}

/* A page behind a node: each leads to one. */
static struct syc_page *any_page(const struct syc_node *n)
{
	while (!n->page)
		n = n->child;
	return n->page;
}

/* Every page has brought as many nodes as it can need. */
static struct syc_node *add_node(struct syc_cache *c, struct syc_node *up,
				 const struct syc_page *parent, uint64_t steer,
				 int32_t token)
{
	struct syc_node *n = c->free_nodes, **bucket;

	c->free_nodes = n->chain;
	*n = (struct syc_node){ .up = up ? (void *)up : parent, .steer = up ? 0 : steer,
				.token = token };
	bucket = bucket_of(c, n->up, n->steer, token);
	n->chain = *bucket;
	*bucket = n;
	if (up) {
		n->next = up->child;
		n->back = &up->child;
		if (n->next)
			n->next->back = &n->next;
		up->child = n;
	}
	return n;
}

static void remove_node(struct syc_cache *c, struct syc_node *n)
{
	struct syc_node **at = bucket_of(c, n->up, n->steer, n->token);

	while (*at != n)
		at = &(*at)->chain;
	*at = n->chain;
	if (n->back) {
		*n->back = n->next;
		if (n->next)
			n->next->back = n->back;
	}
	n->chain = c->free_nodes;
	c->free_nodes = n;
}

/* No longer among those that end where it does; its tokens stay. */
static void unlink_end(struct syc_page *p)
{
	struct syc_page **at = &p->end->page;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
}

/* Take a page's tokens out, but for those that lead to others. */
static void remove_tokens(struct syc_cache *c, struct syc_page *p)
{
	struct syc_node *n = p->end, *up;

	unlink_end(p);
	for (; n && !n->page && !n->child; n = up) {
		up = n->back ? (struct syc_node *)(uintptr_t)n->up : NULL;
		remove_node(c, n);
	}
	p->end = NULL;
	p->n = 0;
}

/* ---- pages that may go: a heap by when they were used ------------------------- */

static void put(struct syc_cache *c, size_t i, struct syc_page *p)
{
	c->heap[i] = p;
	p->place = i + 1;
}

/* Move a page at place i to where it belongs. */
static void settle(struct syc_cache *c, size_t i, struct syc_page *p)
{
	for (size_t up; i && c->heap[up = (i - 1) / 2]->used > p->used; i = up)
		put(c, i, c->heap[up]);
	for (size_t k; (k = 2 * i + 1) < c->n_heap; i = k) {
		k += k + 1 < c->n_heap &&
		     c->heap[k + 1]->used < c->heap[k]->used;
		if (c->heap[k]->used >= p->used)
			break;
		put(c, i, c->heap[k]);
	}
	put(c, i, p);
}

/* Leaves of the tree that nobody uses are in the heap, others are not. */
static void keep_heap(struct syc_cache *c, struct syc_page *p)
{
	const bool goes = p->in_tree && !p->refs && !p->n_children;

	if (goes && !p->place) {
		settle(c, c->n_heap++, p);
	} else if (!goes && p->place) {
		const size_t i = p->place - 1;
		struct syc_page *last = c->heap[--c->n_heap];

		p->place = 0;
		if (last != p)
			settle(c, i, last);
	}
}

/* ---- pages --------------------------------------------------------------------- */

/* Room in the heap and the buckets for one page more, and for its tokens. */
static bool make_room(struct syc_cache *c)
{
	const size_t want = (c->n_pages + 1) * SYC_PAGE;
	struct syc_node **old = c->bucket;
	const size_t n_old = c->n_buckets;

	if (!syc_grow(&c->page, &c->cap, c->n_pages + 1,
		      sizeof(struct syc_page *)) ||
	    !syc_grow(&c->heap, &c->cap_heap, c->n_pages + 1,
		      sizeof(struct syc_page *)))
		return false;
	if (want <= c->n_buckets)
		return true;
	c->n_buckets = n_old ? 2 * n_old : 1024;
	c->bucket = calloc(c->n_buckets, sizeof(struct syc_node *));
	if (!c->bucket) {
		c->bucket = old;
		c->n_buckets = n_old;
		return false;
	}
	for (size_t i = 0; i < n_old; i++)
		for (struct syc_node *n = old[i], *next; n; n = next) {
			struct syc_node **at = bucket_of(c, n->up, n->steer,
							 n->token);

			next = n->chain;
			n->chain = *at;
			*at = n;
		}
	free(old);
	return true;
}

static struct syc_page *new_page(struct syc_cache *c)
{
	struct syc_page *p = make_room(c) ? calloc(1, sizeof(*p)) : NULL;

	if (!p)
		return NULL;
	p->kv = syc_aligned(c->page_bytes, 1);
	if (!p->kv) {
		free(p);
		return NULL;
	}
	/* Kernels compute with what is behind a page's last token, too. */
	memset(p->kv, 0, c->page_bytes);
	for (size_t i = 0; i < SYC_PAGE; i++) {
		p->node[i].chain = c->free_nodes;
		c->free_nodes = &p->node[i];
	}
	c->page[c->n_pages++] = p;
	return p;
}

/* Take the longest unused leaf out of the tree. */
static struct syc_page *evict(struct syc_cache *c)
{
	struct syc_page *p = c->n_heap ? c->heap[0] : NULL;

	if (!p)
		return NULL;
	remove_tokens(c, p);
	p->in_tree = false;
	keep_heap(c, p);
	p->parent->n_children--;
	keep_heap(c, p->parent);
	p->parent = NULL;
	return p;
}

/* Enough pages are unused for whatever may come again. */
static bool has_plenty(const struct syc_cache *c)
{
	return c->n_pages - c->n_used > PLENTY * c->most_used;
}

struct syc_page *syc_cache_take(struct syc_cache *c)
{
	struct syc_page *p = c->free;

	if (p)
		c->free = p->next;
	if (!p && c->n_pages < c->max_pages && !has_plenty(c))
		p = new_page(c);
	if (!p)
		p = evict(c);
	if (!p && c->n_pages < c->max_pages)
		p = new_page(c);
	if (!p)
		return NULL;
	p->next = NULL;
	p->refs = 1;
	if (++c->n_used > c->most_used)
		c->most_used = c->n_used;
	return p;
}

void syc_cache_hold(struct syc_cache *c, struct syc_page *p)
{
	if (p->refs++ == 0 && ++c->n_used > c->most_used)
		c->most_used = c->n_used;
	keep_heap(c, p);
	p->used = ++c->clock;
}

void syc_cache_drop(struct syc_cache *c, struct syc_page *p)
{
	p->used = ++c->clock;
	if (--p->refs)
		return;
	c->n_used--;
	keep_heap(c, p);
	if (!p->in_tree) {
		p->next = c->free;
		c->free = p;
	}
}

void syc_cache_pin(struct syc_cache *c, struct syc_page *p, bool pinned)
{
	p->refs += pinned ? 1 : -1u;
	keep_heap(c, p);
}

size_t syc_cache_find(struct syc_cache *c, uint64_t steer, const int32_t *token,
		      size_t n, struct syc_page **page, size_t *n_whole,
		      struct syc_page **part)
{
	const struct syc_page *at = &c->root;
	size_t pos = 0;

	*n_whole = 0;
	*part = NULL;
	while (c->share && c->n_buckets && pos < n) {
		const size_t rest = n - pos < SYC_PAGE ? n - pos : SYC_PAGE;
		uint32_t len;
		struct syc_node *end = follow(c, at, steer, token + pos, rest,
					      &len);
		struct syc_page *best = end ? any_page(end) : NULL;

		pos += len;
		if (len < SYC_PAGE) {
			*part = best;
			break;
		}
		if (page) {
			syc_cache_hold(c, best);
			page[*n_whole] = best;
		}
		++*n_whole;
		at = best;
	}
	return pos;
}

/* The page's last token is now at this node. */
static void end_at(struct syc_page *p, struct syc_node *at, uint32_t n)
{
	p->end = at;
	p->next = at->page;
	at->page = p;
	p->n = n;
}

struct syc_page *syc_cache_publish(struct syc_cache *c, struct syc_page *parent,
				   struct syc_page *p, uint64_t steer,
				   const int32_t *token, uint32_t n)
{
	struct syc_node *at;
	uint32_t len;

	if (!parent)
		parent = &c->root;
	if (!c->share || !n || (parent != &c->root && !parent->in_tree))
		return NULL;
	if (p->in_tree && (p->parent != parent || p->n >= n))
		return p;
	at = follow(c, parent, steer, token, n, &len);
	if (len == n)
		return any_page(at);
	for (; len < n; len++)
		at = add_node(c, at, parent, steer, token[len]);
	if (p->in_tree) {
		unlink_end(p);
	} else {
		p->parent = parent;
		parent->n_children++;
		keep_heap(c, parent);
		p->in_tree = true;
	}
	end_at(p, at, n);
	p->used = ++c->clock;
	return p;
}
