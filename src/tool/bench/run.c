/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "syc/steer.h"
#include "tool/bench/set.h"
#include "tool/common/fail.h"

enum {
	PREFILL = 512, LONG = 4096,
	DECODE_PROMPT = 8,
	BATCH_ROWS = 16, BATCH_PROMPT = 128, BATCH_NEW = 33,
	SHORT_ROWS = 8, SHORT_PROMPT = 64,	/* one step of 512 tokens */
	PAIRED_RUNS = 4,			/* as many as figures have runs */
};

const char *const work_names[N_WORKS + 1] = {
	"load",	    "prefill", "prefill-long", "decode", "batch",
	"contrast", "record",  "steer",	       "memory", "tune",
};

static bool wanted(const struct bench *b, enum work w)
{
	return b->works & 1u << w;
}

/* ---- figures ------------------------------------------------------------------ */

/*
 * The median's interval from ranks alone, which no outlier moves: the k-th
 * lowest to the k-th highest, where k is the largest for which a binomial of n
 * tosses stays below k with a probability of at most 2.5 %.  (With fewer than
 * six values no k will do, and the interval is their range.)
 */
static void take_interval(struct figure *f, double *v, unsigned n)
{
	double p = pow(0.5, n), below = p;
	unsigned k = 0;

	while (k < n / 2 && below <= 0.025) {
		k++;
		p *= (double)(n - k + 1) / k;
		below += p;
	}
	figure_median(f, v, n);
	if (k) {
		f->lo = v[k - 1];
		f->hi = v[n - k];
	}
}

/* Bytes of weights that a step reads. */
static double weight_bytes(const struct bench *b)
{
	struct stat st;

	if (syc_model_compute(b->model) != SYC_COMPUTE_F32)
		return (double)syc_model_memory(b->model);
	return stat(b->load.model, &st) == 0 ? (double)st.st_size : 0;
}

size_t bench_prompt(const struct bench *b)
{
	const uint32_t n_ctx = syc_model_config(b->model)->n_ctx;

	return n_ctx > PREFILL ? PREFILL : n_ctx - 1;
}

/* The time of one run of rows that are read to the end of their prompts. */
static int time_prefill(struct bench *b, struct syc_engine *e, size_t n, double *v,
			struct syc_err *err)
{
	struct bench_set s = { 0 };
	int ret =
		bench_set_random(b, &s, 1, n, 1) < 0 ? fail_nomem(err) : bench_set_run(&s, e, err);

	if (ret == 0)
		*v = (double)n / (s.row[0].first - s.start);
	bench_set_free(&s);
	return ret;
}

static int prefill(struct bench *b, enum work w, size_t n, struct syc_err *err)
{
	struct figure *f = &b->figure[w];
	double *v = calloc(b->repeat, sizeof(*v)), warm;
	struct syc_engine *e = NULL;
	int ret = v ? bench_engine(b, &e, 0, NULL, 0, err) : fail_nomem(err);

	if (ret == 0)
		ret = time_prefill(b, e, n < PREFILL ? n : PREFILL, &warm, err);
	for (unsigned i = 0; i < b->repeat && ret == 0; i++)
		ret = time_prefill(b, e, n, &v[i], err);
	if (ret == 0) {
		figure_median(f, v, b->repeat);
		f->unit = "tokens/s";
		f->ops = bench_token_ops(b, false);
		snprintf(f->what, sizeof(f->what), "a prompt of %zu tokens", n);
		bench_need_kv(b, n + 1);
	}
	syc_engine_free(e);
	free(v);
	return ret;
}

/* Tokens per second after every row has its first. */
static int time_decode(struct bench *b, struct syc_engine *e, size_t rows, size_t prompt,
		       size_t max_new, double *v, struct syc_err *err)
{
	struct bench_set s = { 0 };
	int ret = bench_set_random(b, &s, rows, prompt, max_new) < 0 ? fail_nomem(err)
								     : bench_set_run(&s, e, err);
	double from = 0, to = 0;
	size_t tokens = 0;

	for (size_t i = 0; i < rows && ret == 0; i++) {
		from = s.row[i].first > from ? s.row[i].first : from;
		to = s.row[i].last > to ? s.row[i].last : to;
		tokens += s.row[i].job.out.n;
	}
	/* All prompts fit one step, so that all rows have one token by then. */
	if (ret == 0 && !(to > from))
		ret = fail(err, SYC_EINVAL,
			   "the model ends its answers at once: nothing to measure");
	if (ret == 0)
		*v = (double)(tokens - rows) / (to - from);
	bench_set_free(&s);
	return ret;
}

static int decode(struct bench *b, enum work w, size_t rows, size_t prompt, size_t max_new,
		  struct syc_err *err)
{
	struct figure *f = &b->figure[w];
	double *v = calloc(b->repeat, sizeof(*v)), warm;
	struct syc_engine *e = NULL;
	int ret =
		v ? bench_engine(b, &e, (uint32_t)(rows * prompt), NULL, 0, err) : fail_nomem(err);

	if (ret == 0)
		ret = time_decode(b, e, rows, prompt, 4, &warm, err);
	for (unsigned i = 0; i < b->repeat && ret == 0; i++)
		ret = time_decode(b, e, rows, prompt, max_new, &v[i], err);
	if (ret == 0) {
		figure_median(f, v, b->repeat);
		f->unit = "tokens/s";
		f->ops = bench_token_ops(b, true);
		f->bytes = weight_bytes(b) / (double)rows +
			(double)(prompt + max_new / 2) * (double)syc_engine_kv_bytes(b->model);
		snprintf(f->what, sizeof(f->what), "%zu row%s, %zu tokens after prompts of %zu",
			 rows, rows > 1 ? "s" : "", max_new - 1, prompt);
		bench_need_kv(b, rows * (prompt + max_new));
	}
	syc_engine_free(e);
	free(v);
	return ret;
}

/* ---- what hooks cost --------------------------------------------------------------- */

/* One run of the same rows with each engine; the ratio of their times. */
static int time_two(struct bench *b, struct syc_engine *const *e, struct syc_recorder *r,
		    const struct syc_steer *steer, bool swap, double *ratio, struct syc_err *err)
{
	struct bench_set s = { 0 };
	double t[2] = { 0 };
	int ret = bench_set_random(b, &s, SHORT_ROWS, SHORT_PROMPT, 1) < 0 ? fail_nomem(err) : 0;

	for (int k = 0; k < 2 && ret == 0; k++) {
		int i = swap ? 1 - k : k;

		for (size_t j = 0; j < s.n; j++)
			syc_steer_job(i ? steer : NULL, &s.row[j].job, s.row[j].job.n_tokens);
		if (i && r && bench_set_begin_takes(&s, r) < 0)
			ret = fail_nomem(err);
		if (ret == 0)
			ret = bench_set_run(&s, e[i], err);
		for (size_t j = 0; j < s.n; j++) {
			syc_ids_free(&s.row[j].job.out);
			syc_buf_free(&s.row[j].job.text);
		}
		t[i] = s.end - s.start;
	}
	*ratio = t[1] / t[0];
	bench_set_free(&s);
	return ret;
}

static int overhead(struct bench *b, enum work w, const struct syc_hook *hook,
		    struct syc_recorder *r, const struct syc_steer *steer, struct syc_err *err)
{
	struct figure *f = &b->figure[w];
	unsigned n = PAIRED_RUNS * b->repeat;
	double *v = calloc(n, sizeof(*v)), warm;
	struct syc_engine *e[2] = { NULL };
	int ret = v ? bench_engine(b, &e[0], 0, NULL, 0, err) : fail_nomem(err);

	if (ret == 0)
		ret = bench_engine(b, &e[1], 0, hook, 1, err);
	if (ret == 0)
		ret = time_two(b, e, r, steer, false, &warm, err);
	for (unsigned i = 0; i < n && ret == 0; i++)
		ret = time_two(b, e, r, steer, i % 2, &v[i], err);
	if (ret == 0) {
		take_interval(f, v, n);
		f->unit = "x the time";
		snprintf(f->what, sizeof(f->what), "%s; %d prompts of %d tokens",
			 r ? "recording the last token of all layers"
			   : "adding a vector at one layer",
			 SHORT_ROWS, SHORT_PROMPT);
		bench_need_kv(b, 2 * SHORT_ROWS * (SHORT_PROMPT + 1));
	}
	syc_engine_free(e[0]);
	syc_engine_free(e[1]);
	free(v);
	return ret;
}

static int record(struct bench *b, struct syc_err *err)
{
	struct syc_recorder *r = NULL;
	struct syc_hook hook;
	int ret = bench_recorder(b, &r, err);

	if (ret == 0) {
		hook = syc_recorder_hook(r);
		ret = overhead(b, WORK_RECORD, &hook, r, NULL, err);
	}
	syc_recorder_free(r);
	return ret;
}

static int steer(struct bench *b, struct syc_err *err)
{
	const struct syc_config *c = syc_model_config(b->model);
	struct syc_vector *v = syc_vector_new(c->n_layers, c->dim);
	struct syc_hook hook = syc_steer_hook();
	struct syc_steer *s = NULL;
	uint32_t layer = c->n_layers / 2;
	int ret = v ? syc_steer_new(&s, b->model, err) : fail_nomem(err);

	if (ret == 0) {
		for (size_t i = 0; i < c->dim; i++)
			v->v[layer * v->dim + i] = i % 2 ? 1e-3f : -1e-3f;
		v->has[layer] = 1;
		ret = syc_steer_add(s, v, 1.0f, &layer, 1, err);
	}
	if (ret == 0)
		ret = overhead(b, WORK_STEER, &hook, NULL, s, err);
	syc_steer_free(s);
	syc_vector_free(v);
	return ret;
}

/* ---- all of it ---------------------------------------------------------------------- */

int bench_load(struct bench *b, struct syc_err *err)
{
	struct figure *f = &b->figure[WORK_LOAD];
	struct stat st;
	double t = syc_seconds();
	int ret = load_open(b->tool, &b->common, &b->load, &b->model, err);

	t = syc_seconds() - t;
	if (ret < 0)
		return ret;
	if (wanted(b, WORK_LOAD)) {
		figure_median(f, &t, 1);
		f->unit = "s";
		snprintf(f->what, sizeof(f->what), "a file of %.0f MB, read once",
			 stat(b->load.model, &st) == 0 ? (double)st.st_size / 1e6 : 0.0);
	}
	return 0;
}

static void memory(struct bench *b)
{
	struct figure *f = &b->figure[WORK_MEMORY];
	struct rusage u;
	double peak, need = (double)(syc_model_memory(b->model) + b->most_kv);

	getrusage(RUSAGE_SELF, &u);
	peak = (double)u.ru_maxrss * 1024 / 1e6;
	figure_median(f, &peak, 1);
	f->unit = "MB";
	snprintf(f->what, sizeof(f->what), "at most; weights, keys and values take %.0f MB",
		 need / 1e6);
}

int bench_work(struct bench *b, enum work w, struct syc_err *err)
{
	const uint32_t n_ctx = syc_model_config(b->model)->n_ctx;

	switch (w) {
	case WORK_PREFILL:
		return prefill(b, w, bench_prompt(b), err);
	case WORK_LONG:
		return n_ctx < LONG ? 0 : prefill(b, w, n_ctx > LONG ? LONG : LONG - 1, err);
	case WORK_DECODE:
		return decode(b, w, 1, DECODE_PROMPT, BENCH_NEW + 1, err);
	case WORK_BATCH:
		return decode(b, w, BATCH_ROWS, BATCH_PROMPT, BATCH_NEW, err);
	case WORK_CONTRAST:
		return bench_contrast(b, err);
	case WORK_RECORD:
		return record(b, err);
	case WORK_STEER:
		return steer(b, err);
	case WORK_MEMORY:
		memory(b);
		return 0;
	case WORK_TUNE:
		return bench_tune(b, err);
	default:
		return 0;
	}
}

int bench_run(struct bench *b, struct syc_err *err)
{
	int ret = bench_load(b, err);

	for (unsigned w = 0; w < N_WORKS && ret == 0; w++)
		if (wanted(b, w))
			ret = bench_work(b, w, err);
	return ret;
}
