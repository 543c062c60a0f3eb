/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <zlib.h>
#include "base/rand.h"
#include "jobs.h"
#include "run/engine.h"
#include "syc/record.h"
#include "syc/steer.h"

/* ---- allocations counted ------------------------------------------------ */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define COUNTED 0
static size_t n_allocations;
#else
#define COUNTED 1
static size_t n_allocations;
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

void *malloc(size_t n)
{
	__atomic_fetch_add(&n_allocations, 1, __ATOMIC_RELAXED);
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	__atomic_fetch_add(&n_allocations, 1, __ATOMIC_RELAXED);
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	__atomic_fetch_add(&n_allocations, 1, __ATOMIC_RELAXED);
	return __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	__atomic_fetch_add(&n_allocations, 1, __ATOMIC_RELAXED);
	return __libc_memalign(align, n);
}
#endif

/* ---- a mixed load ------------------------------------------------------- */

enum { N_PROMPTS = 20, N_JOBS = 15, LONGEST = 20, N_USED = 4, N_LAYERS = 6, DIM = 128 };
enum { SITES = 1 << SYC_SITE_PROMPT | 1 << SYC_SITE_CONTINUATION };
static const uint32_t all_layers[N_LAYERS] = { 0, 1, 2, 3, 4, 5 };
static const float scale = -1.5f;
static const uint32_t steered_layers[] = { 1, 4 };

/* Shared by the tests, which run in processes of their own. */
static struct syc_model *int8, *f32;
static struct syc_ids prompt[N_PROMPTS], answer[N_PROMPTS];

static bool read_ids(const json_t *row, const char *key, int32_t end, struct syc_ids *out)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(row, key), i, v) {
		int32_t id = (int32_t)json_integer_value(v);

		if (id != end)
			syc_ids_add(out, &id, 1);
	}
	return out->n > 0;
}

/* The demo model's reference prompts and answers; called outside of tests. */
static bool read_prompts(void)
{
	FILE *f = fopen(source_path("demo/greedy.jsonl"), "r");
	bool ok = f != NULL;

	for (size_t i = 0; i < N_PROMPTS && ok; i++) {
		json_t *row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);

		ok = read_ids(row, "prompt_ids", -1, &prompt[i]) && read_ids(row, "completion_ids", 2, &answer[i]);
		json_decref(row);
	}
	if (f)
		fclose(f);
	return ok;
}

static struct syc_model *open_with(const struct syc_model_opts *o)
{
	struct syc_model *m;

	syc_model_open(&m, source_path("demo/demo-f16.gguf"), o, NULL);
	return m;
}

static struct syc_model *open_demo(enum syc_compute compute, const char *cpu)
{
	const struct syc_model_opts o = { .compute = compute, .threads = 1, .cpu = cpu };

	return open_with(&o);
}

/* One job with everything that it gives. */
struct one {
	struct syc_job job;
	struct syc_take *take;
	uint32_t steps, probe;	/* checksums of logits */
};

struct load {
	struct one one[N_JOBS];
	struct syc_sampling sampling[3];
	struct syc_recorder *recorder;
	struct syc_steer *steer;
	struct syc_hook hooks[2];
};

static const char *const stops[] = { "\n\n", " it", "zzz" };

static uint32_t checksum(uint32_t sum, const void *p, size_t n)
{
	return (uint32_t)crc32_z(sum, p, n);
}

static void sum_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct one *o = job->user;

	o->steps = checksum(o->steps, logits, 768 * sizeof(*logits));
	o->steps = checksum(o->steps, &chosen, sizeof(chosen));
}

static void keep_logits(struct syc_job *job, const float *logits)
{
	memcpy(job->user, logits, 768 * sizeof(*logits));
}

static void sum_probe(struct syc_job *job, const float *logits)
{
	struct one *o = job->user;

	o->probe = checksum(o->probe, logits, 768 * sizeof(*logits));
}

static struct syc_steer *make_steer(const struct syc_model *m)
{
	const struct syc_vector_read_opts ro = { .key = "cue" };
	struct syc_vector *v;
	struct syc_steer *s;

	ck_assert_int_eq(syc_vector_read(&v, source_path("demo/vectors.npz"), &ro, NULL), 0);
	ck_assert_int_eq(syc_steer_new(&s, m, NULL), 0);
	ck_assert_int_eq(syc_steer_add(s, v, scale, steered_layers, 2, NULL), 0);
	syc_vector_free(v);
	return s;
}

static void load_init(struct load *l, const struct syc_model *m)
{
	const struct syc_recorder_opts ro = { all_layers, N_LAYERS, SITES };

	*l = (struct load){ .sampling = {
		{ .temperature = 1, .seed = 7 },
		{ .temperature = 1.5f, .top_k = 20, .top_p = 0.9f, .seed = 8 },
		{ .temperature = 0.7f, .top_p = 0.8f, .seed = 9 },
	} };
	ck_assert_int_eq(syc_recorder_new(&l->recorder, m, &ro, NULL), 0);
	l->steer = make_steer(m);
	l->hooks[0] = syc_steer_hook();
	l->hooks[1] = syc_recorder_hook(l->recorder);
	for (size_t i = 0; i < N_JOBS; i++) {
		static const size_t lengths[] = { LONGEST, 0, 7, 1, 15 };
		struct one *o = &l->one[i];

		ck_assert_uint_ge(prompt[i % N_USED].n, 80);
		o->job = (struct syc_job){
			.id = i % 2 ? "odd" : "even", .sample = (uint32_t)i,
			.tokens = prompt[i % N_USED].id, .n_tokens = 20 + i * 17 % 60,
			.max_new = lengths[i % 5], .feed_last = i % 3 == 0,
			.sampling = i % 4 ? &l->sampling[i % 4 - 1] : NULL,
			.may_skip = i % 8 == 5 ? 0 : 19 + i * 17 % 60,
			.stop = i % 7 == 2 ? stops : NULL, .n_stop = i % 7 == 2 ? 3 : 0,
			.on_step = sum_step, .user = o,
		};
		syc_steer_job(i % 6 == 3 ? l->steer : NULL, &o->job, o->job.n_tokens);
		if (i % 5) {
			o->job.probe = answer[i % N_USED].id;
			o->job.n_probe = i % 4;
			o->job.on_probe = sum_probe;
		}
		o->take = syc_take_new(l->recorder);
		ck_assert_ptr_nonnull(o->take);
		o->job.rec = o->take;
	}
}

static void load_free(struct load *l)
{
	for (size_t i = 0; i < N_JOBS; i++) {
		syc_job_clear(&l->one[i].job);
		syc_take_free(l->one[i].take);
	}
	syc_recorder_free(l->recorder);
	syc_steer_free(l->steer);
}

/* All that job i gave, as bytes. */
static void put_result(struct load *l, size_t i, bool with_probe, struct syc_buf *b)
{
	struct one *o = &l->one[i];
	const struct syc_job *j = &o->job;

	syc_buf_printf(b, "%zu: %zu tokens %08x, '%s', finish %d, steps %08x", i, j->out.n,
		       (unsigned)checksum(0, j->out.id ? (void *)j->out.id : "", j->out.n * 4),
		       j->text.data ? j->text.data : "", (int)j->finish, (unsigned)o->steps);
	syc_buf_printf(b, ", logprob %a", j->logprob);
	if (with_probe)
		syc_buf_printf(b, ", probe %08x", (unsigned)o->probe);
	for (enum syc_site s = SYC_SITE_PROMPT; s <= SYC_SITE_CONTINUATION; s++) {
		const float *x = syc_take_site(o->take, s);

		syc_buf_printf(b, ", %s %08x", syc_site_name(s),
			       x ? (unsigned)checksum(1, x, N_LAYERS * DIM * sizeof(*x)) : 0);
	}
	syc_buf_puts(b, "\n");
}

static struct syc_engine *new_engine(const struct syc_model *m, struct load *l, const struct syc_engine_opts *o)
{
	struct syc_engine_opts eo = *o;
	struct syc_engine *e;

	eo.hooks = l ? l->hooks : NULL;
	eo.n_hooks = l ? 2 : 0;
	ck_assert_int_eq(syc_engine_new(&e, m, &eo, NULL), 0);
	return e;
}

/* Run the load, in an order; the results in the load's own order. */
static void run_load(struct load *l, const struct syc_model *m, const struct syc_engine_opts *o,
		     const size_t *order, bool with_probe, struct syc_buf *b)
{
	struct syc_engine *e = new_engine(m, l, o);
	struct syc_job *job[N_JOBS];
	struct syc_err err;
	struct jobs jobs = { .list = job, .n = N_JOBS };

	for (size_t i = 0; i < N_JOBS; i++) {
		struct one *w = &l->one[i];
		struct syc_spots at = {
			.prompt = (uint32_t)w->job.n_tokens - 1, .letter = SYC_NOWHERE,
			.begin = (uint32_t)w->job.n_tokens, .end = SYC_NOWHERE,
		};

		syc_job_clear(&w->job);
		w->steps = w->probe = 0;
		ck_assert_int_eq(syc_take_begin(w->take, &at), 0);
	}
	for (size_t i = 0; i < N_JOBS; i++)
		job[i] = &l->one[order ? order[i] : i].job;
	ck_assert_msg(jobs_run(&jobs, e, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(jobs.n_done, N_JOBS);
	syc_engine_free(e);
	b->len = 0;
	for (size_t i = 0; i < N_JOBS; i++)
		put_result(l, i, with_probe, b);
}

static void shuffle(size_t *order, uint64_t seed)
{
	for (size_t i = 0; i < N_JOBS; i++) {
		size_t j = (size_t)syc_rand_below(seed, i, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

static void same(const struct syc_buf *a, const struct syc_buf *b)
{
	if (strcmp(a->data, b->data) != 0)
		ck_abort_msg("\n%s\n%s", a->data, b->data);
}

/* Room for keys and values of the longest job and not for two. */
static size_t kv_of_one(const struct syc_model *m)
{
	return (80 + LONGEST) * syc_engine_kv_bytes(m);
}

/* The same outputs, left in want, however the engine runs the jobs. */
static void check_company(const struct syc_model *m, struct syc_buf *want)
{
	const struct syc_engine_opts base = { .threads = 1 }, o[] = {
		{ .threads = 2 }, { .threads = 3 }, { .threads = 1, .batch = 1, .n_slots = 1 },
		{ .threads = 2, .batch = 7, .n_slots = 3 }, { .threads = 1, .batch = 1 },
		{ .threads = 1, .batch = 17 }, { .threads = 1, .n_slots = 1 },
		{ .threads = 1, .n_slots = 3 }, { .threads = 2, .kv_memory = kv_of_one(m) },
		{ .threads = 1, .n_slots = 5, .kv_memory = 3 * kv_of_one(m) },
		{ .threads = 1, .no_sharing = true }, { .threads = 1, .n_slots = 2, .batch = 9, .no_sharing = true },
	};
	struct syc_buf got = { 0 };
	size_t order[N_JOBS];
	struct load l;

	load_init(&l, m);
	run_load(&l, m, &base, NULL, true, want);
	for (size_t i = 0; i < sizeof(o) / sizeof(o[0]); i++) {
		run_load(&l, m, &o[i], NULL, true, &got);
		same(want, &got);
	}
	for (uint64_t seed = 1; seed <= 3; seed++) {
		shuffle(order, seed);
		run_load(&l, m, seed == 2 ? &o[3] : &base, order, true, &got);
		same(want, &got);
	}
	syc_buf_free(&got);
	load_free(&l);
}

START_TEST(int8_same_whatever_runs_beside)
{
	struct syc_buf want = { 0 };

	check_company(int8, &want);
	syc_buf_free(&want);
}
END_TEST

/* Queries of a batch then see from different keys on. */
START_TEST(int8_same_with_window)
{
	static const uint32_t windows[] = { 1, 21, 32, 45 };
	struct syc_buf want = { 0 }, got = { 0 }, all = { 0 };
	struct load l;

	load_init(&l, int8);
	run_load(&l, int8, &(struct syc_engine_opts){ .threads = 1 }, NULL, true, &all);
	load_free(&l);
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		struct syc_model_opts o = { .threads = 1, .set_window = true, .window = windows[i] };
		struct syc_model *best = open_with(&o), *plain;

		o.cpu = "scalar";
		plain = open_with(&o);
		check_company(best, &want);
		ck_assert(want.len != all.len || memcmp(want.data, all.data, all.len) != 0);
		load_init(&l, plain);
		run_load(&l, plain, &(struct syc_engine_opts){ .threads = 2, .batch = 33 }, NULL, true, &got);
		same(&want, &got);
		load_free(&l);
		syc_model_close(best);
		syc_model_close(plain);
	}
	syc_buf_free(&want);
	syc_buf_free(&got);
	syc_buf_free(&all);
}
END_TEST

START_TEST(int8_same_on_every_cpu)
{
	const struct syc_engine_opts o = { .threads = 2 };
	struct syc_model *m = open_demo(SYC_COMPUTE_INT8, "scalar");
	struct syc_buf want = { 0 }, got = { 0 };
	struct load l;

	ck_assert_str_eq(syc_model_kernels(m), "scalar");
	load_init(&l, m);
	run_load(&l, m, &o, NULL, true, &want);
	load_free(&l);
	syc_model_close(m);
	load_init(&l, int8);	/* the best there is */
	run_load(&l, int8, &o, NULL, true, &got);
	same(&want, &got);
	load_free(&l);
	syc_buf_free(&want);
	syc_buf_free(&got);
}
END_TEST

START_TEST(f32_same_for_threads_and_order)
{
	const struct syc_engine_opts one = { .threads = 1 }, three = { .threads = 3 };
	struct syc_buf want = { 0 }, got = { 0 };
	size_t order[N_JOBS];
	struct load l;

	load_init(&l, f32);
	run_load(&l, f32, &one, NULL, true, &want);
	run_load(&l, f32, &three, NULL, true, &got);
	same(&want, &got);
	shuffle(order, 4);
	run_load(&l, f32, &one, order, true, &got);
	same(&want, &got);
	load_free(&l);
	syc_buf_free(&want);
	syc_buf_free(&got);
}
END_TEST

/* Results with and without a look ahead are the same. */
START_TEST(probe_leaves_no_trace)
{
	const struct syc_engine_opts o = { .threads = 2 };
	const struct syc_model *models[] = { int8, f32 };
	struct syc_buf want = { 0 }, got = { 0 };

	for (int k = 0; k < 2; k++) {
		bool any = false;
		struct load l;

		load_init(&l, models[k]);
		run_load(&l, models[k], &o, NULL, false, &want);
		for (size_t i = 0; i < N_JOBS; i++) {
			any = any || (l.one[i].probe && l.one[i].job.n_probe);
			l.one[i].job.on_probe = NULL;
			l.one[i].job.probe = NULL;
			l.one[i].job.n_probe = 0;
		}
		ck_assert(any);
		run_load(&l, models[k], &o, NULL, false, &got);
		same(&want, &got);
		load_free(&l);
	}
	syc_buf_free(&want);
	syc_buf_free(&got);
}
END_TEST

/* ---- one job ------------------------------------------------------------ */

static int run_one(const struct syc_model *m, struct load *l, const struct syc_engine_opts *o,
		   struct syc_job *job, struct syc_err *err)
{
	struct syc_engine *e = new_engine(m, l, o);
	struct jobs jobs = { .job = job, .n = 1 };
	int ret = jobs_run(&jobs, e, err);

	ck_assert_uint_eq(jobs.n_done + jobs.n_dropped, 1);
	syc_engine_free(e);
	return ret;
}

static const struct syc_engine_opts two_threads = { .threads = 2 };

/* The take of a job over given text: its last token is the continuation. */
static void score_take(struct load *l, const int32_t *tokens, size_t n, struct syc_take *t)
{
	struct syc_job job = { .id = "score", .tokens = tokens, .n_tokens = n, .rec = t };
	struct syc_spots at = { (uint32_t)n - 1, SYC_NOWHERE, (uint32_t)n - 1, (uint32_t)n, 0 };

	ck_assert_int_eq(syc_take_begin(t, &at), 0);
	ck_assert_int_eq(run_one(int8, l, &two_threads, &job, NULL), 0);
	syc_job_clear(&job);
}

/* A job with recording over prompt p; it is run. */
static void run_recorded(struct load *l, struct syc_job *job, const struct syc_engine_opts *o)
{
	struct syc_spots at = {
		.prompt = (uint32_t)job->n_tokens - 1, .letter = SYC_NOWHERE,
		.begin = (uint32_t)job->n_tokens, .end = SYC_NOWHERE,
	};

	job->id = "recorded";
	job->feed_last = true;
	job->rec = l->one[0].take;
	ck_assert_int_eq(syc_take_begin(job->rec, &at), 0);
	ck_assert_int_eq(run_one(int8, l, o, job, NULL), 0);
}

/* The continuation is the activation of the last token that was kept. */
static void check_continuation(struct load *l, const struct syc_job *job)
{
	const float *got = syc_take_site(l->one[0].take, SYC_SITE_CONTINUATION), *want;
	struct syc_ids all = { 0 };

	syc_ids_add(&all, job->tokens, job->n_tokens);
	syc_ids_add(&all, job->out.id, job->out.n);
	score_take(l, all.id, all.n, l->one[1].take);
	want = syc_take_site(l->one[1].take, SYC_SITE_CONTINUATION);
	ck_assert_ptr_nonnull(got);
	ck_assert_ptr_nonnull(want);
	ck_assert_mem_eq(got, want, N_LAYERS * DIM * sizeof(*got));
	syc_ids_free(&all);
}

static char *greedy_text(const struct syc_ids *p, size_t n)
{
	struct syc_job job = { .id = "", .tokens = p->id, .n_tokens = p->n, .max_new = n };
	char *text;

	ck_assert_int_eq(run_one(int8, NULL, &two_threads, &job, NULL), 0);
	text = strdup(job.text.data ? job.text.data : "");
	syc_job_clear(&job);
	return text;
}

/* Stop texts of every length at every place of an answer. */
START_TEST(stop_texts)
{
	char *text = greedy_text(&prompt[0], 12);
	size_t len = strlen(text), cut_short = 0;
	struct load l;

	ck_assert_uint_gt(len, 12);
	load_init(&l, int8);
	for (size_t from = 0; from < len; from += 3) {
		size_t n = 1 + from % 7;
		char *stop = strndup(text + from, n);
		const char *const both[] = { "never there", stop };
		struct syc_job job = {
			.tokens = prompt[0].id, .n_tokens = prompt[0].n, .max_new = 12, .stop = both, .n_stop = 2,
		};
		size_t want = (size_t)(strstr(text, stop) - text), kept = 0, piece;

		run_recorded(&l, &job, &two_threads);
		ck_assert_int_eq(job.finish, SYC_FINISH_STOP);
		ck_assert_uint_eq(job.text.len, want);
		ck_assert_uint_eq(strlen(job.text.data), want);
		ck_assert_mem_eq(job.text.data, text, want);
		for (size_t i = 0; i < job.out.n; i++) {
			ck_assert_uint_lt(kept, want);	/* each begins in front of the cut */
			syc_vocab_piece(syc_model_vocab(int8), job.out.id[i], false, &piece);
			kept += piece;
		}
		ck_assert_uint_ge(kept, want);
		cut_short += kept > want;
		if (job.out.n)
			check_continuation(&l, &job);
		syc_job_clear(&job);
		free(stop);
	}
	ck_assert_uint_gt(cut_short, 0);
	free(text);
	load_free(&l);
}
END_TEST

/* An answer cut by length has its last token computed, too. */
START_TEST(last_token_is_recorded)
{
	struct load l;

	load_init(&l, int8);
	for (size_t n = 1; n < 9; n += 3) {
		struct syc_job job = { .tokens = prompt[1].id, .n_tokens = prompt[1].n, .max_new = n };

		run_recorded(&l, &job, &two_threads);
		ck_assert_int_eq(job.finish, SYC_FINISH_LENGTH);
		ck_assert_uint_eq(job.out.n, n);
		check_continuation(&l, &job);
		syc_job_clear(&job);
	}
	load_free(&l);
}
END_TEST

/* ... and one that ends by itself is recorded at the token before. */
START_TEST(end_token_is_not_recorded)
{
	struct load l;
	size_t ended = 0;

	load_init(&l, int8);
	for (size_t p = 0; p < 4; p++) {
		struct syc_job job = { .tokens = prompt[p].id, .n_tokens = prompt[p].n, .max_new = 60 };

		run_recorded(&l, &job, &two_threads);
		ended += job.finish == SYC_FINISH_STOP;
		for (size_t i = 0; i < job.out.n; i++)
			ck_assert(!syc_vocab_is_end(syc_model_vocab(int8), job.out.id[i]));
		check_continuation(&l, &job);
		syc_job_clear(&job);
	}
	ck_assert_uint_gt(ended, 0);
	load_free(&l);
}
END_TEST

START_TEST(empty_answer)
{
	struct syc_ids all = { 0 };
	struct load l;
	struct syc_job job;

	load_init(&l, int8);
	syc_ids_add(&all, prompt[0].id, prompt[0].n);
	syc_ids_add(&all, answer[0].id, answer[0].n);
	job = (struct syc_job){ .tokens = all.id, .n_tokens = all.n, .max_new = 5 };
	run_recorded(&l, &job, &two_threads);
	ck_assert_int_eq(job.finish, SYC_FINISH_STOP);
	ck_assert_uint_eq(job.out.n, 0);
	ck_assert(job.logprob == 0);
	ck_assert_ptr_null(syc_take_site(l.one[0].take, SYC_SITE_CONTINUATION));
	ck_assert_ptr_nonnull(syc_take_site(l.one[0].take, SYC_SITE_PROMPT));
	syc_job_clear(&job);
	syc_ids_free(&all);
	load_free(&l);
}
END_TEST

START_TEST(context_ends)
{
	for (uint32_t room = 0; room < 4; room++) {
		struct syc_job job = { .tokens = prompt[2].id, .n_tokens = prompt[2].n, .max_new = 100 };
		const struct syc_engine_opts o = { .threads = 1, .n_ctx = (uint32_t)prompt[2].n + room };
		struct load l;

		load_init(&l, int8);
		run_recorded(&l, &job, &o);
		ck_assert_int_eq(job.finish, SYC_FINISH_LENGTH);
		ck_assert_uint_eq(job.out.n, room);
		if (room)
			check_continuation(&l, &job);
		syc_job_clear(&job);
		load_free(&l);
	}
}
END_TEST

/* Computing fewer blocks changes nothing below. */
START_TEST(fewer_blocks)
{
	struct load l;

	load_init(&l, int8);
	score_take(&l, prompt[3].id, prompt[3].n, l.one[0].take);
	for (uint32_t n = 1; n <= N_LAYERS; n++) {
		const struct syc_engine_opts o = { .threads = 2, .n_layers = n };
		struct syc_job job = { .id = "few", .tokens = prompt[3].id, .n_tokens = prompt[3].n, .rec = l.one[1].take };
		struct syc_spots at = { (uint32_t)prompt[3].n - 1, SYC_NOWHERE, SYC_NOWHERE, SYC_NOWHERE, 0 };

		ck_assert_int_eq(syc_take_begin(l.one[1].take, &at), 0);
		ck_assert_int_eq(run_one(int8, &l, &o, &job, NULL), 0);
		ck_assert_mem_eq(syc_take_site(l.one[1].take, SYC_SITE_PROMPT),
				 syc_take_site(l.one[0].take, SYC_SITE_PROMPT), n * DIM * sizeof(float));
	}
	load_free(&l);
}
END_TEST

/* ---- refusals ----------------------------------------------------------- */

static void refused(struct syc_job job, struct syc_engine_opts o, const char *what)
{
	struct syc_err err = { 0 };

	job.id = "row-7";
	ck_assert_int_eq(run_one(int8, NULL, &o, &job, &err), SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, "row-7") && strstr(err.msg, what), "'%s' lacks '%s'", err.msg, what);
	syc_job_clear(&job);
}

static void no_probe(struct syc_job *job, const float *logits)
{
	(void)job;
	(void)logits;
}

START_TEST(impossible_jobs)
{
	const int32_t low[] = { 1, -1 }, high[] = { 1, 768 }, good[] = { 1, 767, 3 };
	const struct syc_engine_opts any = { .threads = 1 }, tiny = { .threads = 1, .n_ctx = 2 };
	const struct syc_engine_opts few = { .threads = 1, .n_layers = 3 };
	struct syc_engine_opts bad = { .n_ctx = 1 << 24 };
	struct syc_engine *e;
	struct syc_err err;

	refused((struct syc_job){ .tokens = low, .n_tokens = 2 }, any, "token -1");
	refused((struct syc_job){ .tokens = high, .n_tokens = 2 }, any, "768");
	refused((struct syc_job){ .tokens = good, .n_tokens = 0 }, any, "no tokens");
	refused((struct syc_job){ .tokens = good, .n_tokens = 3 }, tiny, "3 tokens");
	refused((struct syc_job){ .tokens = good, .n_tokens = 1, .probe = good, .n_probe = 2,
				  .on_probe = no_probe }, tiny, "3 tokens");
	refused((struct syc_job){ .tokens = good, .n_tokens = 1, .probe = low, .n_probe = 2,
				  .on_probe = no_probe }, any, "token -1");
	refused((struct syc_job){ .tokens = good, .n_tokens = 1, .max_new = 1 }, few, "blocks");
	refused((struct syc_job){ .tokens = good, .n_tokens = 1, .on_probe = no_probe }, few, "blocks");
	ck_assert_int_eq(syc_engine_new(&e, int8, &bad, &err), SYC_EINVAL);
	ck_assert_ptr_null(e);
	bad = (struct syc_engine_opts){ .n_layers = 7 };
	ck_assert_int_eq(syc_engine_new(&e, int8, &bad, &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "6 blocks"));
}
END_TEST

START_TEST(memory_for_less_than_one)
{
	/* Memory comes in pages of 32 tokens. */
	const size_t need = (prompt[0].n + 20 + 31) / 32 * 32 * syc_engine_kv_bytes(int8);
	const struct syc_engine_opts enough = { .threads = 1, .kv_memory = need };
	const struct syc_engine_opts less = { .threads = 1, .kv_memory = need - 1 };
	struct syc_job job = { .id = "x", .tokens = prompt[0].id, .n_tokens = prompt[0].n, .max_new = 20 };
	char text[32];

	ck_assert_int_eq(run_one(int8, NULL, &enough, &job, NULL), 0);
	syc_job_clear(&job);
	snprintf(text, sizeof(text), "%zu bytes", need);
	refused(job, less, text);
	snprintf(text, sizeof(text), "%zu are allowed", need - 1);
	refused(job, less, text);
}
END_TEST

/*
 * The page that two sequences share in part was held while the second one's
 * pages were taken; with memory for one that was one page too many, and the job
 * was dropped twice.
 */
START_TEST(shared_beginning_in_memory_for_one)
{
	const struct syc_engine_opts tight = { .threads = 1, .kv_memory = 96 * syc_engine_kv_bytes(int8) };
	struct syc_ids b = { 0 }, want = { 0 };

	syc_ids_add(&b, prompt[0].id, 50);
	syc_ids_add(&b, prompt[1].id, 36);
	for (int shared = 0; shared < 2; shared++) {
		struct syc_job job[2] = {
			{ .id = "a", .tokens = prompt[0].id, .n_tokens = 86, .max_new = 10, .may_skip = 85 },
			{ .id = "b", .tokens = b.id, .n_tokens = b.n, .max_new = 10, .may_skip = shared ? b.n - 1 : 0 },
		};
		struct jobs jobs = { .job = job, .n = 2 };
		struct syc_engine *e = new_engine(int8, NULL, &tight);
		struct syc_err err = { 0 };

		ck_assert_msg(jobs_run(&jobs, e, &err) == 0, "%s", err.msg);
		if (!shared)
			syc_ids_add(&want, job[1].out.id, job[1].out.n);
		ck_assert_uint_eq(job[1].out.n, want.n);
		ck_assert_mem_eq(job[1].out.id, want.id, want.n * sizeof(*want.id));
		syc_engine_free(e);
		syc_job_clear(&job[0]);
		syc_job_clear(&job[1]);
	}
	syc_ids_free(&b);
	syc_ids_free(&want);
}
END_TEST

/* done fails, or a job cannot run: every other one is dropped. */
START_TEST(drop_gets_the_rest)
{
	const int32_t unknown[] = { 5000 };

	for (size_t at = 1; at <= N_JOBS; at += 5) {
		const struct syc_engine_opts o = { .threads = 1, .n_slots = 4 };
		struct load l;
		struct syc_engine *e;
		struct syc_job *job[N_JOBS];
		struct jobs jobs = { .list = job, .n = N_JOBS, .fail_at = at };
		struct syc_err err;

		load_init(&l, int8);
		for (size_t i = 0; i < N_JOBS; i++) {
			job[i] = &l.one[i].job;
			job[i]->rec = NULL;
		}
		e = new_engine(int8, &l, &o);
		ck_assert_int_eq(jobs_run(&jobs, e, &err), SYC_ECANCEL);
		ck_assert_uint_eq(jobs.n_done + jobs.n_dropped, jobs.n_next);
		ck_assert_uint_eq(jobs.n_done, at);
		jobs.fail_at = 0;
		job[at - 1]->tokens = unknown;
		job[at - 1]->n_tokens = 1;
		for (size_t i = 0; i < N_JOBS; i++)
			syc_job_clear(job[i]);
		ck_assert_int_eq(jobs_run(&jobs, e, &err), SYC_EINVAL);
		ck_assert_uint_eq(jobs.n_done + jobs.n_dropped, jobs.n_next);
		ck_assert_uint_eq(jobs.n_next, at);
		syc_engine_free(e);
		load_free(&l);
	}
}
END_TEST

/* ---- steering ----------------------------------------------------------- */

enum { WATCHED = 128 };

/* What passes a place, of each job: by layer and position. */
struct watch {
	float x[2][N_LAYERS][WATCHED][DIM];
	int seen[2][N_LAYERS][WATCHED];
};

static void watch(void *arg, enum syc_hook_site site, uint32_t layer, size_t n,
		  const struct syc_where *at, float *x)
{
	struct watch *w = arg;

	(void)site;
	for (size_t i = 0; i < n; i++) {
		size_t job = at[i].job->sample;

		ck_assert_uint_lt(at[i].pos, WATCHED);
		memcpy(w->x[job][layer][at[i].pos], x + i * DIM, DIM * sizeof(*x));
		w->seen[job][layer][at[i].pos]++;
	}
}

/* Both jobs share every step's batch. */
static void run_watched(struct watch *before, struct watch *after, const struct syc_steer *steer)
{
	const struct syc_hook hooks[] = {
		{ SYC_HOOK_BLOCK, watch, before }, syc_steer_hook(), { SYC_HOOK_BLOCK, watch, after },
	};
	const struct syc_engine_opts o = { .threads = 2, .hooks = hooks, .n_hooks = 3 };
	struct syc_job job[2];
	struct jobs jobs = { .job = job, .n = 2 };
	struct syc_engine *e;

	for (uint32_t i = 0; i < 2; i++) {
		job[i] = (struct syc_job){
			.id = "w", .sample = i, .tokens = prompt[i].id, .n_tokens = prompt[i].n, .max_new = 8,
		};
		syc_steer_job(i ? steer : NULL, &job[i], prompt[i].n);
	}
	ck_assert_int_eq(syc_engine_new(&e, int8, &o, NULL), 0);
	ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
	syc_engine_free(e);
	syc_job_clear(&job[0]);
	syc_job_clear(&job[1]);
}

START_TEST(steering_adds_exactly)
{
	const struct syc_vector_read_opts ro = { .key = "cue" };
	struct syc_steer *s = make_steer(int8);
	static struct watch before, after, plain, plain_after;
	struct syc_vector *v;

	ck_assert_int_eq(syc_vector_read(&v, source_path("demo/vectors.npz"), &ro, NULL), 0);
	run_watched(&before, &after, s);
	run_watched(&plain, &plain_after, NULL);
	ck_assert_mem_eq(&plain, &plain_after, sizeof(plain));
	for (size_t l = 0; l < N_LAYERS; l++) {
		bool on = l == steered_layers[0] || l == steered_layers[1];

		for (size_t p = 0; p < WATCHED; p++) {
			ck_assert_int_le(before.seen[1][l][p], 1);
			ck_assert_int_eq(before.seen[1][l][p], after.seen[1][l][p]);
			for (size_t i = 0; i < DIM && before.seen[1][l][p]; i++) {
				float add = on ? scale * v->v[l * DIM + i] : 0;

				ck_assert(after.x[1][l][p][i] == before.x[1][l][p][i] + add);
			}
		}
		ck_assert_mem_eq(before.x[0][l], after.x[0][l], sizeof(before.x[0][l]));
	}
	/* The job beside it is as if nobody were steered; this one is not. */
	ck_assert_mem_eq(after.x[0], plain.x[0], sizeof(plain.x[0]));
	ck_assert_mem_eq(after.x[1][0], plain.x[1][0], DIM * prompt[1].n * sizeof(float));
	ck_assert_mem_ne(before.x[1][2], plain.x[1][2], sizeof(plain.x[1][2]));
	syc_vector_free(v);
	syc_steer_free(s);
}
END_TEST

/* ---- allocations -------------------------------------------------------- */

struct counted {
	size_t n, n_steps, out_cap, text_cap, extra;
};

/* Between two steps nothing is allocated but room for the answer itself. */
static void count_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct counted *c = job->user;
	size_t n = n_allocations;

	(void)logits;
	(void)chosen;
	if (c->n_steps++ && c->out_cap == job->out.cap && c->text_cap == job->text.cap)
		c->extra += n - c->n;
	c->out_cap = job->out.cap;
	c->text_cap = job->text.cap;
	c->n = n;
}

START_TEST(no_allocation_per_token)
{
	static const struct syc_sampling hot = { .temperature = 3, .top_k = 500, .top_p = 0.99f };
	const struct syc_engine_opts o = { .threads = 2 };
	struct counted c = { 0 };
	struct load l;
	struct syc_job job = {
		.id = "long", .tokens = prompt[0].id, .n_tokens = prompt[0].n, .max_new = 60,
		.sampling = &hot, .on_step = count_step, .user = &c, .stop = stops + 2, .n_stop = 1,
	};

	if (!COUNTED)
		return;
	load_init(&l, int8);
	job.rec = l.one[0].take;
	syc_steer_job(l.steer, &job, job.n_tokens);
	ck_assert_int_eq(syc_take_begin(job.rec, &(struct syc_spots){ 0, 0, 1, SYC_NOWHERE, 0 }), 0);
	ck_assert_int_eq(run_one(int8, &l, &o, &job, NULL), 0);
	ck_assert_uint_gt(c.n_steps, 25);
	ck_assert_uint_gt(n_allocations, 0);
	ck_assert_uint_eq(c.extra, 0);
	syc_job_clear(&job);
	load_free(&l);
}
END_TEST

/* ---- choosing tokens ---------------------------------------------------- */

enum { WORDS = 50, DRAWS = 40000 };

static void made_logits(float *logits)
{
	for (size_t i = 0; i < WORDS; i++)
		logits[i] = (float)(syc_rand_unit(3, i) * 8 - 4);
	logits[7] = logits[31];	/* a tie */
}

static bool ahead(const float *x, size_t a, size_t b)
{
	return x[a] > x[b] || (x[a] == x[b] && a < b);
}

/* P of each token, straight from the definition. */
static void direct(const float *logits, const struct syc_sampling *s, double *p)
{
	size_t rank[WORDS];
	double sum = 0, run = 0;
	size_t kept = WORDS;

	for (size_t i = 0; i < WORDS; i++) {
		p[i] = exp(((double)logits[i] - 4) / (double)s->temperature);
		rank[i] = 0;
		for (size_t j = 0; j < WORDS; j++)
			rank[i] += ahead(logits, j, i);
	}
	if (s->top_k)
		kept = s->top_k < WORDS ? s->top_k : WORDS;
	for (size_t i = 0; i < WORDS; i++)
		sum += rank[i] < kept ? p[i] : 0;
	for (size_t r = 0; r < kept && s->top_p > 0; r++) {
		for (size_t i = 0; i < WORDS; i++)
			run += rank[i] == r ? p[i] : 0;
		if (run >= (double)s->top_p * sum)
			kept = r + 1;
	}
	sum = 0;
	for (size_t i = 0; i < WORDS; i++)
		sum += rank[i] < kept ? p[i] : 0;
	for (size_t i = 0; i < WORDS; i++)
		p[i] = rank[i] < kept ? p[i] / sum : 0;
}

/* A comb of u finds each token's share to within a tooth. */
START_TEST(shares_of_sampling)
{
	static const struct syc_sampling how[] = {
		{ .temperature = 1 }, { .temperature = 0.3f }, { .temperature = 2.5f },
		{ .temperature = 1, .top_k = 1 }, { .temperature = 1, .top_k = 5 },
		{ .temperature = 1, .top_k = 50 }, { .temperature = 1, .top_k = 9999 },
		{ .temperature = 1, .top_p = 0.5f }, { .temperature = 1, .top_p = 1 },
		{ .temperature = 1, .top_p = 1e-6f }, { .temperature = 1.5f, .top_k = 12, .top_p = 0.7f },
		{ .temperature = 100, .top_p = 0.999f }, { .temperature = 1e-3f },
	};
	float logits[WORDS], probs[WORDS];
	uint32_t heap[WORDS];
	struct syc_kern k;

	syc_kern_select(&k, 0);
	made_logits(logits);
	for (size_t h = 0; h < sizeof(how) / sizeof(how[0]); h++) {
		double p[WORDS];
		size_t n[WORDS] = { 0 };

		direct(logits, &how[h], p);
		for (size_t i = 0; i < DRAWS; i++)
			n[syc_choose(&k, logits, WORDS, &how[h], ((double)i + 0.5) / DRAWS, probs, heap)]++;
		for (size_t i = 0; i < WORDS; i++) {
			ck_assert_msg(fabs((double)n[i] / DRAWS - p[i]) < 1e-4, "case %zu, token %zu: %g, not %g",
				      h, i, (double)n[i] / DRAWS, p[i]);
			ck_assert(p[i] > 0 || n[i] == 0);
		}
	}
}
END_TEST

START_TEST(ties_go_to_the_lowest)
{
	float logits[WORDS] = { 0 }, probs[WORDS], lp[3];
	const struct syc_sampling one = { .temperature = 1, .top_k = 1 };
	uint32_t heap[WORDS];
	int32_t id[3];
	struct syc_kern k;

	syc_kern_select(&k, 0);
	ck_assert_int_eq(syc_choose(&k, logits, WORDS, NULL, 0.9, probs, heap), 0);
	logits[40] = logits[9] = logits[22] = 2;
	ck_assert_int_eq(syc_choose(&k, logits, WORDS, NULL, 0.9, probs, heap), 9);
	ck_assert_int_eq(syc_choose(&k, logits, WORDS, &one, 0.999999, probs, heap), 9);
	ck_assert_uint_eq(syc_top_logprobs(logits, WORDS, 3, id, lp), 3);
	ck_assert(id[0] == 9 && id[1] == 22 && id[2] == 40);
}
END_TEST

/* Draws under many seeds and samples follow the model's own shares. */
START_TEST(draws_follow_the_model)
{
	enum { N = 2000, TOP = 8 };
	const int32_t start[] = { 1, 266, 309 };
	static struct syc_job job[N];
	static struct syc_sampling sampling[N];
	static float logits[768];
	struct syc_job look = { .id = "", .tokens = start, .n_tokens = 3 };
	struct jobs jobs = { .job = job, .n = N };
	struct syc_engine *e = new_engine(int8, NULL, &two_threads);
	int32_t id[TOP];
	float lp[TOP];
	double chi = 0;

	for (size_t i = 0; i < N; i++) {
		sampling[i] = (struct syc_sampling){ .temperature = 1, .seed = i / 4 };
		job[i] = (struct syc_job){ .id = "same", .sample = (uint32_t)(i % 4), .tokens = start, .n_tokens = 3,
					   .max_new = 1, .sampling = &sampling[i] };
	}
	look.on_probe = keep_logits;
	look.user = logits;
	ck_assert_int_eq(jobs_run(&(struct jobs){ .job = &look, .n = 1 }, e, NULL), 0);
	ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
	syc_top_logprobs(logits, 768, TOP, id, lp);
	for (size_t k = 0; k < TOP; k++) {
		double want = N * exp((double)lp[k]), n = 0;

		for (size_t i = 0; i < N; i++)
			n += job[i].out.n ? job[i].out.id[0] == id[k] : 2 == id[k];
		chi += (n - want) * (n - want) / want;
	}
	ck_assert_msg(chi < 30, "chi square of %d is %g", TOP, chi);
	for (size_t i = 0; i < N; i++)
		syc_job_clear(&job[i]);
	syc_engine_free(e);
}
END_TEST

START_TEST(logprobs_and_choices)
{
	float logits[WORDS], lp[WORDS];
	double sum = 0, rest = 0;
	int32_t id[WORDS];
	const int32_t other[] = { 4, 9, 4, 2, 9, 11 };

	made_logits(logits);
	for (size_t i = 0; i < WORDS; i++)
		sum += exp((double)logits[i]);
	for (size_t k = 0; k <= WORDS + 1; k++) {
		size_t n = syc_top_logprobs(logits, WORDS, k, id, lp);

		ck_assert_uint_eq(n, k < WORDS ? k : WORDS);
		for (size_t i = 0; i < n; i++) {
			size_t rank = 0;

			for (size_t j = 0; j < WORDS; j++)
				rank += ahead(logits, j, (size_t)id[i]);
			ck_assert_uint_eq(rank, i);
			ck_assert(fabs((double)lp[i] - ((double)logits[id[i]] - log(sum))) < 1e-5);
		}
	}
	rest = exp((double)logits[4]) + exp((double)logits[9]) + exp((double)logits[11]);
	ck_assert(fabs(syc_choice_prob(logits, 2, other, 6) -
		       exp((double)logits[2]) / (exp((double)logits[2]) + rest)) < 1e-12);
	logits[2] = 1e30f;
	ck_assert(syc_choice_prob(logits, 2, other, 6) == 1);
	logits[2] = -1e30f;
	ck_assert(syc_choice_prob(logits, 2, other, 6) >= 0 && syc_choice_prob(logits, 2, other, 6) < 1e-100);
}
END_TEST

/* ---- not finite --------------------------------------------------------- */

static void spoil(void *arg, enum syc_hook_site site, uint32_t layer, size_t n,
		  const struct syc_where *at, float *x)
{
	(void)site;
	for (size_t i = 0; i < n; i++)
		if (layer == 3 && at[i].pos == prompt[0].n + 1)
			x[i * DIM + 5] = *(const float *)arg;
}

START_TEST(not_finite_is_an_error)
{
	static float what[] = { NAN, INFINITY };

	for (int i = 0; i < 4; i++) {
		const struct syc_hook hook = { SYC_HOOK_BLOCK, spoil, &what[i % 2] };
		const struct syc_engine_opts o = { .threads = 1, .hooks = &hook, .n_hooks = 1 };
		struct syc_job job = { .id = "row-3", .tokens = prompt[0].id, .n_tokens = prompt[0].n, .max_new = 9 };
		struct jobs jobs = { .job = &job, .n = 1 };
		struct syc_err err = { 0 };
		struct syc_engine *e;

		ck_assert_int_eq(syc_engine_new(&e, i < 2 ? int8 : f32, &o, NULL), 0);
		ck_assert_int_eq(jobs_run(&jobs, e, &err), SYC_EINVAL);
		ck_assert_msg(strstr(err.msg, "row-3") && strstr(err.msg, "not finite"), "%s", err.msg);
		syc_job_clear(&job);
		syc_engine_free(e);
	}
}
END_TEST

static const struct test tests[] = {
	TEST(int8_same_whatever_runs_beside),
	TEST(int8_same_with_window),
	TEST(int8_same_on_every_cpu),
	TEST(f32_same_for_threads_and_order),
	TEST(probe_leaves_no_trace),
	TEST(stop_texts),
	TEST(last_token_is_recorded),
	TEST(end_token_is_not_recorded),
	TEST(empty_answer),
	TEST(context_ends),
	TEST(fewer_blocks),
	TEST(impossible_jobs),
	TEST(memory_for_less_than_one),
	TEST(shared_beginning_in_memory_for_one),
	TEST(drop_gets_the_rest),
	TEST(steering_adds_exactly),
	TEST(no_allocation_per_token),
	TEST(shares_of_sampling),
	TEST(ties_go_to_the_lowest),
	TEST(draws_follow_the_model),
	TEST(logprobs_and_choices),
	TEST(not_finite_is_an_error),
};

int main(void)
{
	int status;

	int8 = open_demo(SYC_COMPUTE_INT8, NULL);
	f32 = open_demo(SYC_COMPUTE_F32, NULL);
	if (!int8 || !f32 || !read_prompts()) {
		fprintf(stderr, "check_engine: the demo model is not there\n");
		return 1;
	}
	status = RUN_TESTS("engine", tests);
	syc_model_close(int8);
	syc_model_close(f32);
	for (size_t i = 0; i < N_PROMPTS; i++) {
		syc_ids_free(&prompt[i]);
		syc_ids_free(&answer[i]);
	}
	return status;
}
