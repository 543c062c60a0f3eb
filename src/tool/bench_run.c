/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include "tool/bench.h"
#include "tool/fail.h"
#include "tool/progress.h"
#include "tool/rec_row.h"

enum {
	PREFILL = 512, LONG = 4096,
	DECODE_PROMPT = 8, DECODE_NEW = 65,	/* 64 steps are timed */
	BATCH_ROWS = 16, BATCH_PROMPT = 128, BATCH_NEW = 33,
	SHORT_ROWS = 8, SHORT_PROMPT = 64,	/* one step of 512 tokens */
	MADE_PAIRS = 16, PAIR_PREFIX = 200, PAIR_ANSWER = 4,
	PAIRED_RUNS = 4,			/* as many as figures have runs */
};

const char *const syc_work_names[SYC_N_WORKS] = {
	"load", "prefill", "prefill-long", "decode", "batch", "contrast", "record", "steer", "memory",
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool wanted(const struct syc_bench *b, enum syc_work w)
{
	return b->works & 1u << w;
}

/* ---- runs of jobs ----------------------------------------------------------- */

/* A row of random tokens, and when its own were chosen. */
struct row {
	struct syc_job job;
	struct syc_ids ids;
	struct syc_spots at;
	struct set *set;
	bool begun;
	double first, last;
};

struct set {
	struct row *row;	/* [n] */
	size_t n, next;
	double start, end;
};

static void set_free(struct set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		syc_job_clear(&s->row[i].job);
		syc_take_free(s->row[i].job.rec);
		syc_ids_free(&s->row[i].ids);
	}
	free(s->row);
	*s = (struct set){ 0 };
}

static void on_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct row *r = job->user;

	(void)logits;
	(void)chosen;
	r->last = now();
	if (!r->begun)
		r->first = r->last;
	r->begun = true;
}

/* Tokens that differ in every call: nothing can be had from an earlier run. */
static int random_tokens(const struct syc_bench *b, struct syc_ids *ids, size_t n)
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

static int set_init(struct set *s, size_t n)
{
	*s = (struct set){ .row = calloc(n, sizeof(*s->row)) };
	if (!s->row)
		return SYC_ENOMEM;
	s->n = n;
	return 0;
}

/* The job of row i, once it has its tokens. */
static void set_job(struct set *s, size_t i, size_t max_new)
{
	struct row *r = &s->row[i];

	r->set = s;
	r->job = (struct syc_job){
		.id = "bench", .sample = (uint32_t)i, .tokens = r->ids.id, .n_tokens = r->ids.n,
		.max_new = max_new, .on_step = on_step, .user = r,
	};
	r->at = (struct syc_spots){
		.prompt = (uint32_t)r->ids.n - 1, .letter = SYC_NOWHERE, .begin = SYC_NOWHERE,
		.end = SYC_NOWHERE, .n_tokens = (uint32_t)r->ids.n,
	};
}

/* n rows of n_tok random tokens. */
static int set_random(const struct syc_bench *b, struct set *s, size_t n, size_t n_tok, size_t max_new)
{
	if (set_init(s, n) < 0)
		return SYC_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (random_tokens(b, &s->row[i].ids, n_tok) < 0)
			return SYC_ENOMEM;
		set_job(s, i, max_new);
	}
	return 0;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct set *s = arg;

	(void)err;
	*job = s->next < s->n ? &s->row[s->next++].job : NULL;
	return 0;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	(void)arg;
	(void)job;
	(void)err;
	return 0;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	(void)job;
}

static int set_run(struct set *s, struct syc_engine *e, struct syc_err *err)
{
	int ret;

	s->next = 0;
	s->start = now();
	ret = syc_engine_run(e, next_job, job_done, job_dropped, s, err);
	s->end = now();
	return ret;
}

static int engine(const struct syc_bench *b, struct syc_engine **e, uint32_t batch,
		  const struct syc_hook *hooks, size_t n_hooks, struct syc_err *err)
{
	struct syc_engine_opts o = syc_load_engine(&b->common, &b->load);

	if (batch)
		o.batch = batch;
	o.hooks = hooks;
	o.n_hooks = n_hooks;
	return syc_engine_new(e, b->model, &o, err);
}

/* ---- figures ------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *v, unsigned n)
{
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void take_median(struct syc_figure *f, double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), by_value);
	f->there = true;
	f->value = median(v, n);
	f->lo = v[0];
	f->hi = v[n - 1];
	f->n = n;
}

/*
 * The median's interval from ranks alone, which no outlier moves: the k-th
 * lowest to the k-th highest, where k is the largest for which a binomial of n
 * tosses stays below k with a probability of at most 2.5 %.  (With fewer than
 * six values no k will do, and the interval is their range.)
 */
static void take_interval(struct syc_figure *f, double *v, unsigned n)
{
	double p = pow(0.5, n), below = p;
	unsigned k = 0;

	while (k < n / 2 && below <= 0.025) {
		k++;
		p *= (double)(n - k + 1) / k;
		below += p;
	}
	take_median(f, v, n);
	if (k) {
		f->lo = v[k - 1];
		f->hi = v[n - k];
	}
}

/* Multiplications and additions for one token, without attention's. */
static double token_ops(const struct syc_bench *b, bool with_output)
{
	const struct syc_config *c = syc_model_config(b->model);
	double q = (double)c->n_heads * c->head_dim, kv = (double)c->n_kv_heads * c->head_dim, dim = c->dim;
	double block = dim * (2 * q + 2 * kv + 3.0 * c->ffn_dim);

	return 2 * (block * c->n_layers + (with_output ? dim * c->n_vocab : 0));
}

/* Bytes of weights that a step reads. */
static double weight_bytes(const struct syc_bench *b)
{
	struct stat st;

	if (syc_model_compute(b->model) == SYC_COMPUTE_INT8)
		return (double)syc_model_memory(b->model);
	return stat(b->load.model, &st) == 0 ? (double)st.st_size : 0;
}

static void need_kv(struct syc_bench *b, size_t tokens)
{
	size_t n = tokens * syc_engine_kv_bytes(b->model);

	if (n > b->most_kv)
		b->most_kv = n;
}

/* The time of one run of rows that are read to the end of their prompts. */
static int time_prefill(struct syc_bench *b, struct syc_engine *e, size_t n, double *v, struct syc_err *err)
{
	struct set s = { 0 };
	int ret = set_random(b, &s, 1, n, 1) < 0 ? fail_nomem(err) : set_run(&s, e, err);

	if (ret == 0)
		*v = (double)n / (s.row[0].first - s.start);
	set_free(&s);
	return ret;
}

static int prefill(struct syc_bench *b, enum syc_work w, size_t n, struct syc_err *err)
{
	struct syc_figure *f = &b->figure[w];
	double *v = calloc(b->repeat, sizeof(*v)), warm;
	struct syc_engine *e = NULL;
	int ret = v ? engine(b, &e, 0, NULL, 0, err) : fail_nomem(err);

	if (ret == 0)
		ret = time_prefill(b, e, n < PREFILL ? n : PREFILL, &warm, err);
	for (unsigned i = 0; i < b->repeat && ret == 0; i++)
		ret = time_prefill(b, e, n, &v[i], err);
	if (ret == 0) {
		take_median(f, v, b->repeat);
		f->unit = "tokens/s";
		f->ops = token_ops(b, false);
		snprintf(f->what, sizeof(f->what), "a prompt of %zu tokens", n);
		need_kv(b, n + 1);
	}
	syc_engine_free(e);
	free(v);
	return ret;
}

/* Tokens per second after every row has its first. */
static int time_decode(struct syc_bench *b, struct syc_engine *e, size_t rows, size_t prompt,
		       size_t max_new, double *v, struct syc_err *err)
{
	struct set s = { 0 };
	int ret = set_random(b, &s, rows, prompt, max_new) < 0 ? fail_nomem(err) : set_run(&s, e, err);
	double from = 0, to = 0;
	size_t tokens = 0;

	for (size_t i = 0; i < rows && ret == 0; i++) {
		from = s.row[i].first > from ? s.row[i].first : from;
		to = s.row[i].last > to ? s.row[i].last : to;
		tokens += s.row[i].job.out.n;
	}
	/* All prompts fit one step, so that all rows have one token by then. */
	if (ret == 0 && !(to > from))
		ret = fail(err, SYC_EINVAL, "the model ends its answers at once: nothing to measure");
	if (ret == 0)
		*v = (double)(tokens - rows) / (to - from);
	set_free(&s);
	return ret;
}

static int decode(struct syc_bench *b, enum syc_work w, size_t rows, size_t prompt, size_t max_new,
		  struct syc_err *err)
{
	struct syc_figure *f = &b->figure[w];
	double *v = calloc(b->repeat, sizeof(*v)), warm;
	struct syc_engine *e = NULL;
	int ret = v ? engine(b, &e, (uint32_t)(rows * prompt), NULL, 0, err) : fail_nomem(err);

	if (ret == 0)
		ret = time_decode(b, e, rows, prompt, 4, &warm, err);
	for (unsigned i = 0; i < b->repeat && ret == 0; i++)
		ret = time_decode(b, e, rows, prompt, max_new, &v[i], err);
	if (ret == 0) {
		take_median(f, v, b->repeat);
		f->unit = "tokens/s";
		f->ops = token_ops(b, true);
		f->bytes = weight_bytes(b) / (double)rows +
			(double)(prompt + max_new / 2) * (double)syc_engine_kv_bytes(b->model);
		snprintf(f->what, sizeof(f->what), "%zu row%s, %zu tokens after prompts of %zu",
			 rows, rows > 1 ? "s" : "", max_new - 1, prompt);
		need_kv(b, rows * (prompt + max_new));
	}
	syc_engine_free(e);
	free(v);
	return ret;
}

/* ---- contrast pairs -------------------------------------------------------------- */

/* Two rows that part at the answer. */
static int made_pairs(const struct syc_bench *b, struct set *s)
{
	size_t n = b->max_pairs < MADE_PAIRS ? b->max_pairs : MADE_PAIRS;

	if (set_init(s, 2 * n) < 0)
		return SYC_ENOMEM;
	for (size_t i = 0; i < s->n; i += 2) {
		struct syc_ids *a = &s->row[i].ids, *o = &s->row[i + 1].ids;

		if (random_tokens(b, a, PAIR_PREFIX) < 0 || syc_ids_add(o, a->id, a->n) < 0 ||
		    random_tokens(b, a, PAIR_ANSWER) < 0 || random_tokens(b, o, PAIR_ANSWER) < 0)
			return SYC_ENOMEM;
		set_job(s, i, 0);
		set_job(s, i + 1, 0);
	}
	return 0;
}

/* Take over an item's tokens. */
static void add_item(struct set *s, struct syc_rec_item *it)
{
	s->row[s->n].ids = it->ids;
	it->ids = (struct syc_ids){ 0 };
	set_job(s, s->n++, 0);
}

static int read_pairs(struct syc_bench *b, struct set *s, struct syc_err *err)
{
	struct syc_load load = b->load;
	struct syc_rec_rules rules = {
		.answers = true, .sites = 1u << SYC_SITE_CONTINUATION,
		.n_ctx = syc_model_config(b->model)->n_ctx,
	};
	char *paths[] = { (char *)(uintptr_t)b->pairs };
	struct syc_rows_in in = { .tool = b->tool, .paths = paths, .n_paths = 1 };
	struct syc_prompter p = { 0 };
	struct syc_rec_item *two[2];
	struct syc_row *row;
	size_t n, len;
	int ret;

	if (!syc_vocab_chat_template(syc_model_vocab(b->model), &len))
		load.chat = "none";
	ret = set_init(s, 2 * (size_t)b->max_pairs) < 0 ? fail_nomem(err) :
		syc_prompter_init(&p, &load, b->model, err);
	s->n = 0;
	while (ret == 0 && s->n < 2 * (size_t)b->max_pairs &&
	       (ret = syc_rows_next(&in, &row, err)) == 1) {
		ret = syc_rec_items(two, &n, &rules, &p, in.line, in.len, row, err);
		if (ret < 0) {
			ret = syc_rows_bad(&in, err);
			break;
		}
		for (size_t i = 0; i < n; i++)
			add_item(s, two[i]);
		/* The second item owns the row, if there are two. */
		for (size_t i = 0; i < n; i++)
			syc_rec_item_free(two[i]);
	}
	if (ret == 0 && !s->n)
		ret = fail(err, SYC_EINVAL, "%s: there are no pairs", b->pairs);
	syc_rows_done(&in);
	syc_prompter_done(&p);
	return ret;
}

static int begin_takes(struct set *s, struct syc_recorder *r)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!s->row[i].job.rec && !(s->row[i].job.rec = syc_take_new(r)))
			return SYC_ENOMEM;
		if (syc_take_begin(s->row[i].job.rec, &s->row[i].at) < 0)
			return SYC_ENOMEM;
	}
	return 0;
}

/* A recorder of the last token of all layers. */
static int new_recorder(const struct syc_bench *b, struct syc_recorder **r, struct syc_err *err)
{
	uint32_t n = syc_model_config(b->model)->n_layers, *layers = calloc(n, sizeof(*layers));
	struct syc_recorder_opts o = { layers, n, 1u << SYC_SITE_PROMPT };
	int ret;

	if (!layers)
		return fail_nomem(err);
	for (uint32_t i = 0; i < n; i++)
		layers[i] = i;
	ret = syc_recorder_new(r, b->model, &o, err);
	free(layers);
	return ret;
}

/* One extraction, by an engine that has seen nothing yet. */
static int time_pairs(struct syc_bench *b, struct set *s, struct syc_recorder *r, double *t,
		      struct syc_err *err)
{
	struct syc_hook hook = syc_recorder_hook(r);
	struct syc_engine *e = NULL;
	int ret = begin_takes(s, r) < 0 ? fail_nomem(err) : engine(b, &e, 0, &hook, 1, err);

	if (ret == 0)
		ret = set_run(s, e, err);
	*t = s->end - s->start;
	syc_engine_free(e);
	return ret;
}

static int contrast(struct syc_bench *b, struct syc_err *err)
{
	struct syc_figure *f = &b->figure[SYC_WORK_CONTRAST];
	double *v = calloc(b->repeat, sizeof(*v));
	struct syc_recorder *r = NULL;
	struct set s = { 0 };
	size_t tokens = 0, longest = 0;
	int ret = v ? new_recorder(b, &r, err) : fail_nomem(err);

	if (ret == 0)
		ret = b->pairs ? read_pairs(b, &s, err) : made_pairs(b, &s) < 0 ? fail_nomem(err) : 0;
	for (size_t i = 0; i < s.n; i++) {
		tokens += s.row[i].ids.n;
		longest = s.row[i].ids.n > longest ? s.row[i].ids.n : longest;
		s.row[i].job.may_skip = s.row[i].ids.n - 1;	/* the last is read */
	}
	for (unsigned i = 0; i < b->repeat && ret == 0; i++) {
		ret = time_pairs(b, &s, r, &v[i], err);
		v[i] = (double)tokens / v[i];
	}
	if (ret == 0) {
		take_median(f, v, b->repeat);
		f->unit = "tokens/s";
		f->ops = token_ops(b, false);
		snprintf(f->what, sizeof(f->what), "%zu pairs, %zu tokens if each row is counted in full",
			 s.n / 2, tokens);
		need_kv(b, 16 * longest);
	}
	set_free(&s);
	syc_recorder_free(r);
	free(v);
	return ret;
}

/* ---- what hooks cost --------------------------------------------------------------- */

/* One run of the same rows with each engine; the ratio of their times. */
static int time_two(struct syc_bench *b, struct syc_engine *const *e, struct syc_recorder *r,
		    const struct syc_steer *steer, bool swap, double *ratio, struct syc_err *err)
{
	struct set s = { 0 };
	double t[2] = { 0 };
	int ret = set_random(b, &s, SHORT_ROWS, SHORT_PROMPT, 1) < 0 ? fail_nomem(err) : 0;

	for (int k = 0; k < 2 && ret == 0; k++) {
		int i = swap ? 1 - k : k;

		for (size_t j = 0; j < s.n; j++)
			s.row[j].job.steer = i ? steer : NULL;
		if (i && r && begin_takes(&s, r) < 0)
			ret = fail_nomem(err);
		if (ret == 0)
			ret = set_run(&s, e[i], err);
		for (size_t j = 0; j < s.n; j++) {
			syc_ids_free(&s.row[j].job.out);
			syc_buf_free(&s.row[j].job.text);
		}
		t[i] = s.end - s.start;
	}
	*ratio = t[1] / t[0];
	set_free(&s);
	return ret;
}

static int overhead(struct syc_bench *b, enum syc_work w, const struct syc_hook *hook,
		    struct syc_recorder *r, const struct syc_steer *steer, struct syc_err *err)
{
	struct syc_figure *f = &b->figure[w];
	unsigned n = PAIRED_RUNS * b->repeat;
	double *v = calloc(n, sizeof(*v)), warm;
	struct syc_engine *e[2] = { NULL };
	int ret = v ? engine(b, &e[0], 0, NULL, 0, err) : fail_nomem(err);

	if (ret == 0)
		ret = engine(b, &e[1], 0, hook, 1, err);
	if (ret == 0)
		ret = time_two(b, e, r, steer, false, &warm, err);
	for (unsigned i = 0; i < n && ret == 0; i++)
		ret = time_two(b, e, r, steer, i % 2, &v[i], err);
	if (ret == 0) {
		take_interval(f, v, n);
		f->unit = "x the time";
		snprintf(f->what, sizeof(f->what), "%s; %d prompts of %d tokens",
			 r ? "recording the last token of all layers" : "adding a vector at one layer",
			 SHORT_ROWS, SHORT_PROMPT);
		need_kv(b, 2 * SHORT_ROWS * (SHORT_PROMPT + 1));
	}
	syc_engine_free(e[0]);
	syc_engine_free(e[1]);
	free(v);
	return ret;
}

static int record(struct syc_bench *b, struct syc_err *err)
{
	struct syc_recorder *r = NULL;
	struct syc_hook hook;
	int ret = new_recorder(b, &r, err);

	if (ret == 0) {
		hook = syc_recorder_hook(r);
		ret = overhead(b, SYC_WORK_RECORD, &hook, r, NULL, err);
	}
	syc_recorder_free(r);
	return ret;
}

static int steer(struct syc_bench *b, struct syc_err *err)
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
		ret = overhead(b, SYC_WORK_STEER, &hook, NULL, s, err);
	syc_steer_free(s);
	syc_vector_free(v);
	return ret;
}

/* ---- all of it ---------------------------------------------------------------------- */

static int load(struct syc_bench *b, struct syc_err *err)
{
	struct syc_figure *f = &b->figure[SYC_WORK_LOAD];
	struct stat st;
	double t = now();
	int ret = syc_load_open(b->tool, &b->common, &b->load, &b->model, err);

	t = now() - t;
	if (ret < 0)
		return ret;
	if (wanted(b, SYC_WORK_LOAD)) {
		take_median(f, &t, 1);
		f->unit = "s";
		snprintf(f->what, sizeof(f->what), "a file of %.0f MB, read once",
			 stat(b->load.model, &st) == 0 ? (double)st.st_size / 1e6 : 0.0);
	}
	return 0;
}

static void memory(struct syc_bench *b)
{
	struct syc_figure *f = &b->figure[SYC_WORK_MEMORY];
	struct rusage u;
	double peak, need = (double)(syc_model_memory(b->model) + b->most_kv);

	getrusage(RUSAGE_SELF, &u);
	peak = (double)u.ru_maxrss * 1024 / 1e6;
	take_median(f, &peak, 1);
	f->unit = "MB";
	snprintf(f->what, sizeof(f->what), "at most; weights, keys and values take %.0f MB", need / 1e6);
}

int syc_bench_run(struct syc_bench *b, struct syc_err *err)
{
	uint32_t n_ctx;
	int ret = load(b, err);

	if (ret < 0)
		return ret;
	n_ctx = syc_model_config(b->model)->n_ctx;
	if (ret == 0 && wanted(b, SYC_WORK_PREFILL))
		ret = prefill(b, SYC_WORK_PREFILL, n_ctx > PREFILL ? PREFILL : n_ctx - 1, err);
	if (ret == 0 && wanted(b, SYC_WORK_LONG) && n_ctx >= LONG)
		ret = prefill(b, SYC_WORK_LONG, n_ctx > LONG ? LONG : LONG - 1, err);
	if (ret == 0 && wanted(b, SYC_WORK_DECODE))
		ret = decode(b, SYC_WORK_DECODE, 1, DECODE_PROMPT, DECODE_NEW, err);
	if (ret == 0 && wanted(b, SYC_WORK_BATCH))
		ret = decode(b, SYC_WORK_BATCH, BATCH_ROWS, BATCH_PROMPT, BATCH_NEW, err);
	if (ret == 0 && wanted(b, SYC_WORK_CONTRAST))
		ret = contrast(b, err);
	if (ret == 0 && wanted(b, SYC_WORK_RECORD))
		ret = record(b, err);
	if (ret == 0 && wanted(b, SYC_WORK_STEER))
		ret = steer(b, err);
	if (ret == 0 && wanted(b, SYC_WORK_MEMORY))
		memory(b);
	return ret;
}
