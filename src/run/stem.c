/* SPDX-License-Identifier: MIT */
/*
 * The stem of steered jobs: what blocks below the lowest steered layer compute
 * does not depend on the steering.  A page of it holds keys and values of these
 * blocks and the residual stream that the last of them puts out, as floats, so
 * that another job goes on from there with the same bytes: one that is steered
 * at that layer or at a higher one, which makes a longer stem of it.  Pages lie
 * in a tree of their own, known by how many blocks they stand for.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "run/engine.h"

enum { SHARE = 4 };	/* of the memory for keys and values: a quarter */

void syc_stem_init(struct syc_engine *e)
{
	struct syc_cache *c = &e->cache;
	const size_t memory = c->memory / SHARE,
		     per_token = c->token_bytes + e->m->cfg.dim * sizeof(float);

	if (!c->share || !e->n_hooks || memory < per_token * SYC_PAGE)
		return;
	syc_cache_init(&e->stem, per_token, c->run_bytes / SYC_PAGE, memory,
		       true);
	c->max_pages = (c->memory - memory) / c->page_bytes;
}

void syc_stem_free(struct syc_engine *e)
{
	syc_cache_free(&e->stem);
	e->cache.max_pages = e->cache.memory / e->cache.page_bytes;
}

uint32_t syc_stem_blocks(const struct syc_engine *e, const struct syc_job *job)
{
	if (!e->stem.share)
		return 0;
	return job->n_below < e->n_layers ? job->n_below : e->n_layers;
}

/* The stem that saves the job most blocks of tokens from pos on; how many. */
static size_t find_root(struct syc_engine *e, const struct syc_job *job,
			size_t pos, uint32_t *blocks)
{
	const size_t n = syc_job_unseen(job);
	size_t best = 0, len = 0, whole;
	struct syc_page *part;

	*blocks = 0;
	for (uint32_t b = syc_stem_blocks(e, job); b && len < n; b--) {
		len = syc_cache_find(&e->stem, b, job->tokens, n, NULL, &whole,
				     &part);
		if (len <= pos || (len - pos) * b <= best)
			continue;
		best = (len - pos) * b;
		*blocks = b;
	}
	return best;
}

size_t syc_stem_have(struct syc_engine *e, const struct syc_job *job, size_t pos)
{
	uint32_t blocks;

	return find_root(e, job, pos, &blocks);
}

size_t syc_stem_reach(struct syc_engine *e, const struct syc_job *job, size_t pos)
{
	const uint32_t below = syc_stem_blocks(e, job);
	struct syc_page *part;
	size_t whole, end;

	if (!below || !syc_stem_have(e, job, pos))
		return pos;
	end = syc_cache_find(&e->stem, below, job->tokens, job->n_tokens, NULL,
			     &whole, &part);
	return end < pos && 2 * (pos - end) <= job->n_tokens - pos ? end : pos;
}

/* Keys and values of a page's first blocks: they lie in front. */
static void copy_blocks(const struct syc_engine *e, struct syc_page *to,
			const struct syc_page *from, uint32_t n)
{
	memcpy(to->kv, from->kv, e->cache.page_bytes / e->n_layers * n);
}

/* Let the slot's tokens from pos on begin where the best stem ends. */
static void take_root(struct syc_engine *e, struct syc_slot *s, size_t pos)
{
	const struct syc_job *job = s->job;
	struct syc_stem *r = &s->root;
	struct syc_page *part;

	if (!find_root(e, job, pos, &r->blocks))
		return;
	s->root_end = (uint32_t)syc_cache_find(&e->stem, r->blocks, job->tokens,
					       syc_job_unseen(job), r->page,
					       &r->n, &part);
	if (part) {
		syc_cache_hold(&e->stem, part);
		r->page[r->n++] = part;
	}
	for (size_t i = pos / SYC_PAGE; i < r->n; i++)
		copy_blocks(e, s->page[i], r->page[i], r->blocks);
}

/*
 * Begin a stem of the job's own: pages of the tree, then others, the first with
 * what the tree holds of it.
 */
static void begin_own(struct syc_engine *e, struct syc_slot *s, size_t pos)
{
	const struct syc_job *job = s->job;
	struct syc_cache *c = &e->stem;
	struct syc_stem *o = &s->own;
	struct syc_page *part, *p;
	size_t end;

	o->blocks = syc_stem_blocks(e, job);
	end = syc_cache_find(c, o->blocks, job->tokens, job->n_tokens, o->page,
			     &o->n, &part);
	o->n_published = o->n;
	/* It is whole, or nobody computes what lies between. */
	if (end == job->n_tokens || end < pos)
		return;
	if (part)	/* so that it is not the page taken next */
		syc_cache_pin(c, part, true);
	while (o->n < syc_cache_pages(job->n_tokens) && (p = syc_cache_take(c))) {
		if (part && o->n == o->n_published)
			memcpy(p->kv, part->kv, c->page_bytes);
		o->page[o->n++] = p;
	}
	if (part)
		syc_cache_pin(c, part, false);
}

int syc_stem_start(struct syc_engine *e, struct syc_slot *s, size_t pos,
		   struct syc_err *err)
{
	const size_t n = syc_cache_pages(s->job->n_tokens);

	if (!syc_stem_blocks(e, s->job))
		return 0;
	if (!syc_grow(&s->root.page, &s->root.cap, n, sizeof(struct syc_page *)) ||
	    !syc_grow(&s->own.page, &s->own.cap, n, sizeof(struct syc_page *)))
		return syc_nomem(err);
	take_root(e, s, pos);
	begin_own(e, s, pos);
	return 0;
}

uint32_t syc_stem_from(const struct syc_slot *s)
{
	return s->pos < s->root_end ? s->root.blocks : 0;
}

void syc_stem_publish(struct syc_engine *e, struct syc_slot *s)
{
	const struct syc_job *job = s->job;
	struct syc_stem *o = &s->own;

	for (size_t i; (i = o->n_published) < o->n; o->n_published++) {
		const size_t from = i * SYC_PAGE, left = job->n_tokens - from;
		const size_t n = left < SYC_PAGE ? left : SYC_PAGE;

		if (s->pos < from + n)
			return;
		copy_blocks(e, o->page[i], s->page[i], o->blocks);
		syc_cache_publish(&e->stem, i ? o->page[i - 1] : NULL,
				  o->page[i], o->blocks, job->tokens + from,
				  (uint32_t)n);
	}
	if (s->pos >= job->n_tokens)
		syc_stem_drop(e, s);
}

static void drop(struct syc_engine *e, struct syc_stem *s)
{
	for (size_t i = 0; i < s->n; i++)
		syc_cache_drop(&e->stem, s->page[i]);
	s->n = s->n_published = 0;
}

void syc_stem_drop(struct syc_engine *e, struct syc_slot *s)
{
	drop(e, &s->root);
	drop(e, &s->own);
	s->root_end = 0;
}

/* The residual stream of a token in its page. */
static float *residual(const struct syc_engine *e, const struct syc_stem *s,
		       uint32_t pos)
{
	char *page = s->page[pos / SYC_PAGE]->kv;

	return (float *)(void *)(page + e->cache.page_bytes) +
	       pos % SYC_PAGE * e->m->cfg.dim;
}

static void load_row(void *arg, size_t t, unsigned thread)
{
	struct syc_engine *e = arg;
	const size_t dim = e->m->cfg.dim;

	(void)thread;
	memcpy(e->b.x + t * dim,
	       residual(e, &e->b.slot[t]->root, e->b.at[t].pos),
	       dim * sizeof(float));
}

void syc_stem_load(struct syc_engine *e)
{
	syc_par_rows(e->par, e->b.n, load_row, e);
}

bool syc_stem_keeps(const struct syc_engine *e, size_t t, uint32_t n_blocks)
{
	const struct syc_stem *o = &e->b.slot[t]->own;
	const uint32_t page = e->b.at[t].pos / SYC_PAGE;

	return o->blocks == n_blocks && page >= o->n_published && page < o->n;
}

void syc_stem_keep(struct syc_engine *e, uint32_t n_blocks)
{
	const size_t dim = e->m->cfg.dim;

	for (size_t t = 0; t < e->b.n; t++)
		if (syc_stem_keeps(e, t, n_blocks))
			memcpy(residual(e, &e->b.slot[t]->own, e->b.at[t].pos),
			       e->b.x + t * dim, dim * sizeof(float));
}
