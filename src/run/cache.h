/* SPDX-License-Identifier: MIT */
/*
 * Keys and values in pages of 32 tokens, and a tree of the pages whose tokens
 * are known, so that sequences that begin alike compute the beginning once.
 *
 * A page holds, per layer, the keys of every head and then their values, each
 * a run of 32 x head_dim numbers.  A page in the tree is keyed by its tokens, by
 * the pages in front of it and by the steering; its first n tokens never change
 * again.  Pages that no sequence uses stay in the tree until their memory is
 * needed, or until there are sixteen times as many as were ever used at once:
 * many rows that have nothing in common cost no more than without a tree.  The
 * longest unused goes first.
 */
#ifndef SRC_RUN_CACHE_H
#define SRC_RUN_CACHE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kern/kern.h"
#include "syc/base.h"

enum { SYC_PAGE = SYC_RUN };	/* tokens */

/*
 * A token behind others, as the pages in the tree have it.  The nodes of one
 * page's children are a tree of tokens, so that the page which goes on like a
 * sequence for longest is found without looking at the others.
 */
struct syc_node {
	const void *up;		/* the node in front, or the parent page */
	uint64_t steer;		/* key; 0 but for a page's first token */
	int32_t token;
	/* children; the place that links here */
	struct syc_node *child, *next, **back;
	struct syc_node *chain;	/* of its bucket, or free */
	struct syc_page *page;	/* the first that ends here */
};

struct syc_page {
	void *kv;
	unsigned refs;		/* sequences that use it */
	bool in_tree;
	struct syc_page *parent;
	struct syc_page *next;	/* that ends at the same node, or free */
	uint32_t n_children;
	size_t place;		/* in the heap of those that may go, from 1 */
	struct syc_node *end;	/* of its last token */
	uint32_t n;		/* tokens in the tree */
	uint64_t used;		/* when last, for eviction */
	/* for the tree, whoever needs them */
	struct syc_node node[SYC_PAGE];
};

struct syc_cache {
	size_t page_bytes, token_bytes;
	size_t run_bytes;		/* 32 keys or values of one head */
	size_t memory;			/* as asked for */
	size_t max_pages, n_pages, n_used, most_used;
	struct syc_page **page;		/* [n_pages] */
	size_t cap;
	/* [n_heap] may go: the longest unused first */
	struct syc_page **heap;
	size_t n_heap, cap_heap;
	struct syc_page *free;
	struct syc_page root;
	struct syc_node *free_nodes;
	struct syc_node **bucket;	/* [n_buckets], a power of two */
	size_t n_buckets;
	uint64_t clock;
	bool share;
};

/*
 * Room for memory bytes of pages that hold token_bytes per token, in runs of
 * 32 tokens of elem bytes.
 */
void syc_cache_init(struct syc_cache *c, size_t token_bytes, size_t elem,
		    size_t memory, bool share);
void syc_cache_free(struct syc_cache *c);

/* Pages that n tokens take. */
size_t syc_cache_pages(size_t n_tokens);
/* Pages there may come to be where so many are used at once. */
size_t syc_cache_kept(size_t n_used);
/* Whether n more pages can be had. */
bool syc_cache_fits(const struct syc_cache *c, size_t n);
/* A page of its own for a sequence, with one reference; NULL: no memory. */
struct syc_page *syc_cache_take(struct syc_cache *c);
/* One reference more to a page of the tree; one less. */
void syc_cache_hold(struct syc_cache *c, struct syc_page *p);
void syc_cache_drop(struct syc_cache *c, struct syc_page *p);
/*
 * Keep a page of the tree while others are taken, or no longer.  It does not
 * count as used meanwhile: syc_cache_take() may then find nothing.
 */
void syc_cache_pin(struct syc_cache *c, struct syc_page *p, bool pinned);

/*
 * How many of the first n tokens are in the tree.  Whole pages of them are put
 * into page[] (may be NULL) with a reference each, *n_whole says how many; the
 * rest, less than a page, is the beginning of *part.
 */
size_t syc_cache_find(struct syc_cache *c, uint64_t steer, const int32_t *token,
		      size_t n, struct syc_page **page, size_t *n_whole,
		      struct syc_page **part);
/*
 * Put a sequence's page, whose first n tokens are computed, behind parent (NULL:
 * at the beginning); one that is in the tree gets the tokens it does not have there.
 * Left alone when the same is there already.  Returns the page that has them, for
 * parent of the next; NULL: none, the parent is not in the tree.
 */
struct syc_page *syc_cache_publish(struct syc_cache *c, struct syc_page *parent,
		       struct syc_page *p, uint64_t steer, const int32_t *token,
		       uint32_t n);

#endif
