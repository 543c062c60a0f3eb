/* SPDX-License-Identifier: MIT */
/* What an engine will take, before there is one. */
#include "config.h"
#include "base/mem.h"
#include "run/engine.h"

/* Pages of all sequences under way, and what may be kept beside them; in bytes. */
static size_t most_pages(const struct syc_engine *e, const struct syc_cache *c,
			 const struct syc_work *w)
{
	const uint64_t rows =
		w->n_rows && w->n_rows < e->n_slots ? w->n_rows : e->n_slots;
	const uint64_t used = rows * syc_cache_pages(w->longest);
	const uint64_t all =
		w->n_rows ? w->n_tokens / SYC_PAGE + w->n_rows : UINT64_MAX;
	uint64_t n = c->share ? syc_cache_kept((size_t)used) : used;

	n = n < all ? n : all;
	n = n < c->max_pages ? n : c->max_pages;
	return (size_t)n * (c->page_bytes + sizeof(struct syc_page));
}

void syc_engine_memory_needed(struct syc_engine_need *out,
			      const struct syc_model_need *model,
			      enum syc_compute compute,
			      const struct syc_engine_opts *o,
			      const struct syc_work *work)
{
	const struct syc_model m = {
		.cfg = model->config, .compute = compute, .memory = model->weights,
	};
	struct syc_engine_opts opts = *o;
	struct syc_engine e = { 0 };

	opts.n_hooks += work->steered;
	syc_engine_sizes(&e, &m, &opts);
	out->kv = most_pages(&e, &e.cache, work);
	if (work->steered && e.stem.share)
		out->kv += most_pages(&e, &e.stem, work);
	out->buffers = syc_buffers_need(
		&e, o->threads ? o->threads : syc_machine_cores(),
		work->longest);
}
