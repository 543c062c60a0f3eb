/* SPDX-License-Identifier: MIT */
/* What an engine will take, before there is one. */
#include "config.h"
#include "base/mem.h"
#include "run/engine.h"

/* Pages of all sequences under way, and what may be kept beside them. */
static size_t most_pages(const struct syc_engine *e, const struct syc_work *w)
{
	const uint64_t rows = w->n_rows && w->n_rows < e->n_slots ? w->n_rows : e->n_slots;
	const uint64_t used = rows * syc_cache_pages(w->longest);
	const uint64_t all = w->n_rows ? w->n_tokens / SYC_PAGE + w->n_rows : UINT64_MAX;
	uint64_t n = e->cache.share ? syc_cache_kept((size_t)used) : used;

	n = n < all ? n : all;
	return n < e->cache.max_pages ? (size_t)n : e->cache.max_pages;
}

void syc_engine_memory_needed(struct syc_engine_need *out, const struct syc_config *c,
			      enum syc_compute compute, const struct syc_engine_opts *o,
			      const struct syc_work *work)
{
	const struct syc_model m = { .cfg = *c, .compute = compute };
	struct syc_engine e = { 0 };

	syc_engine_sizes(&e, &m, o);
	out->kv = most_pages(&e, work) * (e.cache.page_bytes + sizeof(struct syc_page));
	out->buffers = syc_buffers_need(&e, o->threads ? o->threads : syc_machine_cores(),
					work->longest);
}
