/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "run/cache.h"

void syc_cache_init(struct syc_cache *c, size_t token_bytes, size_t elem, size_t memory, bool share)
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
	*c = (struct syc_cache){ 0 };
}

size_t syc_cache_pages(size_t n_tokens)
{
	return (n_tokens + SYC_PAGE - 1) / SYC_PAGE;
}

bool syc_cache_fits(const struct syc_cache *c, size_t n)
{
	return n <= c->max_pages - c->n_used;
}

static struct syc_page *new_page(struct syc_cache *c)
{
	struct syc_page *p;

	if (!syc_grow(&c->page, &c->cap, c->n_pages + 1, sizeof(struct syc_page *)))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->kv = syc_aligned(c->page_bytes, 1);
	if (!p->kv) {
		free(p);
		return NULL;
	}
	/* Kernels compute with what is behind a page's last token, too. */
	memset(p->kv, 0, c->page_bytes);
	c->page[c->n_pages++] = p;
	return p;
}

static void unlink_page(struct syc_page *p)
{
	struct syc_page **at = &p->parent->child;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->in_tree = false;
	p->parent = p->next = NULL;
	p->n = 0;
}

/* Take the longest unused leaf out of the tree. */
static struct syc_page *evict(struct syc_cache *c)
{
	struct syc_page *best = NULL;

	for (size_t i = 0; i < c->n_pages; i++) {
		struct syc_page *p = c->page[i];

		if (p->in_tree && !p->refs && !p->child && (!best || p->used < best->used))
			best = p;
	}
	if (best)
		unlink_page(best);
	return best;
}

struct syc_page *syc_cache_take(struct syc_cache *c)
{
	struct syc_page *p = c->free;

	if (p)
		c->free = p->next;
	else if (c->n_pages < c->max_pages)
		p = new_page(c);
	else
		p = evict(c);
	if (!p)
		return NULL;
	p->next = NULL;
	p->refs = 1;
	c->n_used++;
	return p;
}

static void hold(struct syc_cache *c, struct syc_page *p)
{
	if (p->refs++ == 0)
		c->n_used++;
	p->used = ++c->clock;
}

void syc_cache_drop(struct syc_cache *c, struct syc_page *p)
{
	p->used = ++c->clock;
	if (--p->refs)
		return;
	c->n_used--;
	if (!p->in_tree) {
		p->next = c->free;
		c->free = p;
	}
}

/* How many of the page's tokens are the first of token [n]. */
static uint32_t shared(const struct syc_page *p, const int32_t *token, size_t n)
{
	uint32_t i = 0;

	while (i < p->n && i < n && p->token[i] == token[i])
		i++;
	return i;
}

size_t syc_cache_find(struct syc_cache *c, uint64_t steer, const int32_t *token, size_t n,
		      struct syc_page **page, size_t *n_whole, struct syc_page **part)
{
	const struct syc_page *at = &c->root;
	size_t pos = 0;

	*n_whole = 0;
	*part = NULL;
	while (c->share && pos < n) {
		struct syc_page *best = NULL;
		uint32_t len = 0;

		for (struct syc_page *p = at->child; p; p = p->next) {
			uint32_t k = p->steer == steer ? shared(p, token + pos, n - pos) : 0;

			if (k > len) {
				best = p;
				len = k;
			}
		}
		pos += len;
		if (len < SYC_PAGE) {
			*part = best;
			break;
		}
		if (page) {
			hold(c, best);
			page[*n_whole] = best;
		}
		++*n_whole;
		at = best;
	}
	return pos;
}

void syc_cache_publish(struct syc_cache *c, struct syc_page *parent, struct syc_page *p,
		       uint64_t steer, const int32_t *token, uint32_t n)
{
	if (!c->share || !n || p->in_tree)
		return;
	if (!parent)
		parent = &c->root;
	if (parent != &c->root && !parent->in_tree)
		return;
	for (const struct syc_page *s = parent->child; s; s = s->next)
		if (s->steer == steer && s->n >= n && shared(s, token, n) == n)
			return;
	memcpy(p->token, token, n * sizeof(*token));
	p->n = n;
	p->steer = steer;
	p->parent = parent;
	p->next = parent->child;
	parent->child = p;
	p->in_tree = true;
	p->used = ++c->clock;
}
