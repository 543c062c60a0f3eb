/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include "syc/stat.h"
#include "tool/bench/set.h"
#include "tool/common/fail.h"

void bench_set_free(struct bench_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		syc_job_clear(&s->row[i].job);
		syc_take_free(s->row[i].job.rec);
		syc_ids_free(&s->row[i].ids);
	}
	free(s->row);
	*s = (struct bench_set){ 0 };
}

static void on_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct bench_row *r = job->user;

	(void)logits;
	(void)chosen;
	r->last = syc_seconds();
	if (!r->begun)
		r->first = r->last;
	r->begun = true;
}

int bench_set_tokens(const struct bench *b, struct syc_ids *ids, size_t n)
{
	static uint64_t state = 1;
	uint32_t n_vocab = syc_model_config(b->model)->n_vocab;

	for (size_t i = 0; i < n; i++) {
		int32_t id;

		state = state * 6364136223846793005 + 1442695040888963407;
		id = (int32_t)((state >> 33) % n_vocab);
		if (syc_ids_add(ids, &id, 1) < 0)
			return SYC_ENOMEM;
	}
	return 0;
}

int bench_set_init(struct bench_set *s, size_t n)
{
	*s = (struct bench_set){ .row = calloc(n, sizeof(*s->row)) };
	if (!s->row)
		return SYC_ENOMEM;
	s->n = n;
	return 0;
}

void bench_set_job(struct bench_set *s, size_t i, size_t max_new)
{
	struct bench_row *r = &s->row[i];

	r->job = (struct syc_job){
		.id = "bench", .sample = (uint32_t)i, .tokens = r->ids.id, .n_tokens = r->ids.n,
		.max_new = max_new, .on_step = on_step, .user = r,
	};
	r->at = (struct syc_spots){
		.prompt = (uint32_t)r->ids.n - 1, .letter = SYC_NOWHERE, .begin = SYC_NOWHERE,
		.end = SYC_NOWHERE, .n_tokens = (uint32_t)r->ids.n,
	};
}

int bench_set_random(const struct bench *b, struct bench_set *s, size_t n, size_t n_tok,
		     size_t max_new)
{
	if (bench_set_init(s, n) < 0)
		return SYC_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (bench_set_tokens(b, &s->row[i].ids, n_tok) < 0)
			return SYC_ENOMEM;
		bench_set_job(s, i, max_new);
	}
	return 0;
}

int bench_set_run(struct bench_set *s, struct syc_engine *e, struct syc_err *err)
{
	struct syc_job **job = calloc(s->n, sizeof(*job));
	int ret;

	if (!job)
		return fail_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		job[i] = &s->row[i].job;
	s->start = syc_seconds();
	ret = syc_engine_run_all(e, job, s->n, err);
	s->end = syc_seconds();
	free(job);
	return ret;
}

int bench_engine(const struct bench *b, struct syc_engine **e, uint32_t batch,
		     const struct syc_hook *hooks, size_t n_hooks, struct syc_err *err)
{
	struct syc_engine_opts o = load_engine(&b->common, &b->load);

	if (batch)
		o.batch = batch;
	o.hooks = hooks;
	o.n_hooks = n_hooks;
	return syc_engine_new(e, b->model, &o, err);
}

int bench_set_begin_takes(struct bench_set *s, struct syc_recorder *r)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!s->row[i].job.rec && !(s->row[i].job.rec = syc_take_new(r)))
			return SYC_ENOMEM;
		if (syc_take_begin(s->row[i].job.rec, &s->row[i].at) < 0)
			return SYC_ENOMEM;
	}
	return 0;
}

int bench_recorder(const struct bench *b, struct syc_recorder **r, struct syc_err *err)
{
	uint32_t n = syc_model_config(b->model)->n_layers, *layers = calloc(n, sizeof(*layers));
	struct syc_recorder_opts o = { layers, n, 1u << SYC_POSITION_PROMPT };
	int ret;

	if (!layers)
		return fail_nomem(err);
	for (uint32_t i = 0; i < n; i++)
		layers[i] = i;
	ret = syc_recorder_new(r, b->model, &o, err);
	free(layers);
	return ret;
}

void figure_median(struct figure *f, double *v, unsigned n)
{
	syc_stat_sort(v, n);
	f->there = true;
	f->value = syc_stat_quantile(v, n, 0.5);
	f->lo = v[0];
	f->hi = v[n - 1];
	f->n = n;
}

double bench_token_ops(const struct bench *b, bool read)
{
	const struct syc_config *c = syc_model_config(b->model);
	double q = (double)c->n_heads * c->head_dim, kv = (double)c->n_kv_heads * c->head_dim,
	       dim = c->dim;
	double block = dim * (2 * q + 2 * kv + 3.0 * c->ffn_dim), last = block;

	if (!read && syc_model_compute(b->model) != SYC_COMPUTE_F32)
		last = dim * (q + 2 * kv);	/* its queries, keys and values */
	return 2 * (block * (c->n_layers - 1) + last + (read ? dim * c->n_vocab : 0));
}

void bench_need_kv(struct bench *b, size_t tokens)
{
	size_t n = tokens * syc_engine_kv_bytes(b->model);

	if (n > b->most_kv)
		b->most_kv = n;
}
