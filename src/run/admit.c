/* SPDX-License-Identifier: MIT */
/*
 * A job's way into a slot: its pages, those of the tree that hold its beginning
 * among them, or the wait for another job that computes what both begin with.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "run/engine.h"

enum { MIN_SHARE = 8 };	/* tokens worth waiting for */

/* The first tokens of both, at most n. */
static size_t common(const int32_t *a, const int32_t *b, size_t n)
{
	size_t i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

/* Under what the beginning that other jobs may have, too, is known. */
static uint64_t share_key(const struct syc_job *job)
{
	return job->steer && !job->n_plain ? job->steer_key : 0;
}

/* How long that beginning is. */
static size_t n_shareable(const struct syc_job *job)
{
	size_t n = job->n_own < job->n_tokens ? job->n_tokens - job->n_own : 0;

	if (!job->steer)
		return job->n_tokens;
	if (job->n_plain)
		return job->n_plain < n ? job->n_plain : n;
	return job->steer_key ? n : 0;
}

/* How many leading tokens may come from the tree: the last is always computed. */
static size_t may_skip(const struct syc_job *job)
{
	size_t n = n_shareable(job), max = job->n_tokens - 1;

	n = job->may_skip < n ? job->may_skip : n;
	if (job->on_token && job->read_from < n)
		n = job->read_from;
	return n < max ? n : max;
}

static bool is_computing(const struct syc_slot *s)
{
	return s->phase == SYC_PHASE_PROMPT || s->phase == SYC_PHASE_WAIT;
}

/* Wait for slot o to have computed n tokens, in whole pages. */
static void wait_for(struct syc_slot *s, const struct syc_slot *o, size_t n,
		   size_t end)
{
	n = syc_round_up(n, SYC_PAGE);
	s->leader = o;
	s->leader_job = o->job;
	s->leader_pos = (uint32_t)(n < end ? n : end);
}

/* An earlier slot about to compute more of the beginning than the `have` there. */
static void find_leader(const struct syc_engine *e, struct syc_slot *s,
			size_t have)
{
	for (size_t i = 0; i < e->n_queue && e->queue[i] != s; i++) {
		const struct syc_slot *o = e->queue[i];
		size_t max = may_skip(s->job), end = n_shareable(o->job), n;

		if (!is_computing(o) || share_key(o->job) != share_key(s->job))
			continue;
		n = common(o->job->tokens, s->job->tokens,
			   max < end ? max : end);
		if (n < have + MIN_SHARE)
			continue;
		have = n;
		wait_for(s, o, n, end);
	}
}

/* One about to make a better stem for the tokens behind the `have` there. */
static void find_stem_leader(struct syc_engine *e, struct syc_slot *s,
			     size_t have)
{
	const uint32_t below = syc_stem_blocks(e, s->job);
	size_t best = below ? syc_stem_have(e, s->job, have) : 0;

	for (size_t i = 0; below && i < e->n_queue && e->queue[i] != s; i++) {
		const struct syc_slot *o = e->queue[i];
		size_t max = syc_job_unseen(s->job), end = o->job->n_tokens, n;
		uint32_t blocks = syc_stem_blocks(e, o->job);

		if (!is_computing(o) || !blocks || blocks > below)
			continue;
		n = common(o->job->tokens, s->job->tokens,
			   max < end ? max : end);
		if (n < have + MIN_SHARE || (n - have) * blocks <= best)
			continue;
		best = (n - have) * blocks;
		wait_for(s, o, n, end);
	}
}

/* How much of the job's beginning is in the tree. */
static size_t n_there(struct syc_engine *e, const struct syc_job *job)
{
	struct syc_page *part;
	size_t whole;

	return syc_cache_find(&e->cache, share_key(job), job->tokens,
			      may_skip(job), NULL, &whole, &part);
}

/* Whether the job has to wait for another one; the stem comes second. */
static bool has_leader(struct syc_engine *e, struct syc_slot *s, bool stem)
{
	const size_t have = n_there(e, s->job);

	s->leader = NULL;
	s->stem_leader = stem;
	if (!e->cache.share)
		return false;
	if (!stem)
		find_leader(e, s, have);
	if (!s->leader) {
		s->stem_leader = true;
		find_stem_leader(e, s, have);
	}
	return s->leader;
}

/* Positions the job can come to need. */
static size_t room(const struct syc_engine *e, const struct syc_job *job)
{
	size_t left = e->n_ctx - job->n_tokens,
	       n = job->max_new < left ? job->max_new : left;

	return job->n_tokens + (n > job->n_probe ? n : job->n_probe);
}

/*
 * Take the pages: those of the tree that hold the job's beginning, then pages
 * of its own, the first with what a page of the tree holds of the rest.
 */
static int start(struct syc_engine *e, struct syc_slot *s, struct syc_err *err)
{
	struct syc_cache *c = &e->cache;
	struct syc_job *job = s->job;
	size_t n = syc_cache_pages(room(e, job)), pos, whole;
	struct syc_page *part;

	c->n_used -= s->n_reserved;
	s->n_reserved = 0;
	pos = syc_stem_reach(e, job, n_there(e, job));
	pos = syc_cache_find(c, share_key(job), job->tokens, pos, s->page,
			     &whole, &part);
	s->n_pages = s->n_published = whole;
	if (part)	/* so that it is not the page taken next */
		syc_cache_pin(c, part, true);
	while (s->n_pages < n) {
		struct syc_page *p = syc_cache_take(c);

		if (!p && !part)
			return syc_nomem(err);
		if (p) {
			s->page[s->n_pages++] = p;
			continue;
		}
		/* it takes the job's own room: let it go */
		syc_cache_pin(c, part, false);
		part = NULL;
		pos = whole * SYC_PAGE;
	}
	if (part) {
		memcpy(s->page[whole]->kv, part->kv, c->page_bytes);
		syc_cache_pin(c, part, false);
	}
	if (syc_stem_start(e, s, pos, err) < 0)
		return SYC_ENOMEM;
	e->stats.n_shared += pos;
	syc_slot_feed(s, SYC_PHASE_PROMPT, job->tokens + pos,
		      job->n_tokens - pos, (uint32_t)pos,
		      s->generating || job->want_score ||
			      (job->on_probe && !job->n_probe));
	return 0;
}

/*
 * What a job was answered goes into the tree behind its tokens, as far as it was
 * computed: who goes on with the conversation begins with it.
 */
static void publish_answer(struct syc_engine *e, struct syc_slot *s)
{
	const struct syc_job *job = s->job;
	const size_t all = job->n_tokens + job->out.n, end = s->pos < all ? s->pos : all;
	struct syc_page *up = NULL;
	int32_t token[SYC_PAGE];

	if (!job->out.n || (job->steer && !(job->steer_key && job->steered_alike)))
		return;
	for (size_t from = 0; from < end; from += SYC_PAGE) {
		const size_t n = end - from < SYC_PAGE ? end - from : SYC_PAGE;

		for (size_t i = 0; i < n; i++)
			token[i] = from + i < job->n_tokens ? job->tokens[from + i] :
				   job->out.id[from + i - job->n_tokens];
		up = syc_cache_publish(&e->cache, up, s->page[from / SYC_PAGE], share_key(job),
				       token, (uint32_t)n);
		if (!up)
			return;
	}
}

/* Whether there are pages for the job; 1 yes, 0 later, or an error. */
static int find_memory(struct syc_engine *e, const struct syc_job *job,
		       size_t n, struct syc_err *err)
{
	struct syc_cache *c = &e->cache;

	if (syc_cache_fits(c, n))
		return 1;
	if (e->n_queue)
		return 0;
	syc_stem_free(e);
	if (syc_cache_fits(c, n))
		return 1;
	return syc_fail(err, SYC_EINVAL,
		"row '%s': keys and values of %zu tokens take %zu bytes, "
		"%zu are allowed",
		job->id, room(e, job), n * c->page_bytes, c->memory);
}

void syc_slot_release(struct syc_engine *e, struct syc_slot *s)
{
	syc_stem_drop(e, s);
	if (s->phase == SYC_PHASE_DONE)
		publish_answer(e, s);
	for (size_t i = 0; i < s->n_pages; i++)
		syc_cache_drop(&e->cache, s->page[i]);
	e->cache.n_used -= s->n_reserved;
	s->n_reserved = s->n_pages = 0;
	s->phase = SYC_PHASE_FREE;
	s->job = NULL;
}

int syc_slot_admit(struct syc_engine *e, struct syc_slot *s,
		   struct syc_job *job, struct syc_err *err)
{
	size_t n = syc_cache_pages(room(e, job));
	int ret;

	if ((ret = find_memory(e, job, n, err)) <= 0 ||
	    (ret = syc_buffers_grow(e, room(e, job), err)) < 0)
		return ret;
	if (!syc_grow(&s->page, &s->cap_pages, n, sizeof(struct syc_page *)))
		return syc_nomem(err);
	s->job = job;
	s->generating = job->max_new > 0 && job->n_tokens < e->n_ctx;
	s->key = syc_rand_key(job->sampling ? job->sampling->seed : 0, job->id,
			      job->sample);
	s->last_pos = 0;
	s->n_pages = 0;
	job->finish = job->max_new ? SYC_FINISH_LENGTH : SYC_FINISH_NONE;
	job->logprob = 0;
	job->score = 0;
	s->phase = SYC_PHASE_WAIT;
	s->n_feed = 0;
	s->n_reserved = n;
	e->cache.n_used += n;
	ret = has_leader(e, s, false) ? 0 : start(e, s, err);
	if (ret < 0) {
		syc_slot_release(e, s);
		return ret;
	}
	e->queue[e->n_queue++] = s;
	return 1;
}

/* Show the tree every page of the beginning that is whole, and its last tokens. */
static void publish(struct syc_engine *e, struct syc_slot *s)
{
	const struct syc_job *job = s->job;
	size_t end = n_shareable(job);

	for (;;) {
		size_t i = s->n_published, from = i * SYC_PAGE;
		size_t n = end - from < SYC_PAGE ? end - from : SYC_PAGE;

		if (from >= end || s->pos < from + n)
			return;
		syc_cache_publish(&e->cache, i ? s->page[i - 1] : NULL,
				  s->page[i], share_key(job),
				  job->tokens + from, (uint32_t)n);
		s->n_published++;
	}
}

int syc_slot_follow(struct syc_engine *e, struct syc_slot *s,
		    struct syc_err *err)
{
	const struct syc_slot *o = s->leader;

	if (s->phase == SYC_PHASE_PROMPT) {
		publish(e, s);
		syc_stem_publish(e, s);
	}
	if (s->phase != SYC_PHASE_WAIT)
		return 0;
	if (o->job == s->leader_job && is_computing(o) &&
	    (o->phase == SYC_PHASE_WAIT || o->pos < s->leader_pos))
		return 0;
	if (!s->stem_leader && has_leader(e, s, true))
		return 0;
	return start(e, s, err);
}
