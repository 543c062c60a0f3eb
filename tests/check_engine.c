/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "load.h"

static void shuffle(size_t *order, uint64_t seed)
{
	for (size_t i = 0; i < N_JOBS; i++) {
		size_t j = (size_t)syc_rand_below(seed, i, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

/* ---- company ------------------------------------------------------------ */

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
		{ .threads = 1, .no_sharing = true },
		{ .threads = 1, .n_slots = 2, .batch = 9, .no_sharing = true },
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
	run_load(&l, int8, &(struct syc_engine_opts){ .threads = 1 }, NULL,
		 true, &all);
	load_free(&l);
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		struct syc_model_opts o =
			{ .threads = 1, .set_window = true,
			  .window = windows[i] };
		struct syc_model *best = open_with(&o), *plain;

		o.cpu = "scalar";
		plain = open_with(&o);
		check_company(best, &want);
		ck_assert(want.len != all.len ||
			  memcmp(want.data, all.data, all.len) != 0);
		load_init(&l, plain);
		run_load(&l, plain, &(struct syc_engine_opts){ .threads = 2,
							       .batch = 33 },
								       NULL, true, &got);
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
	const struct syc_engine_opts one = { .threads = 1 },
		three = { .threads = 3 };
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

/* The take of a job over given text: SYC_POSITION_LAST is its last token. */
static void score_take(struct load *l, const int32_t *tokens, size_t n,
		       struct syc_take *t)
{
	struct syc_job job = { .id = "score", .tokens = tokens, .n_tokens = n,
			       .rec = t };
	struct syc_spots at = { (uint32_t)n - 1, SYC_NOWHERE, (uint32_t)n - 1,
				(uint32_t)n, 0 };

	ck_assert_int_eq(syc_take_begin(t, &at), 0);
	ck_assert_int_eq(run_one(int8, l, &two_threads, &job, NULL), 0);
	syc_job_clear(&job);
}

/* A job with recording over prompt p; it is run. */
static void run_recorded(struct load *l, struct syc_job *job,
			 const struct syc_engine_opts *o)
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

/* SYC_POSITION_LAST is the activation of the last token that was kept. */
static void check_last(struct load *l, const struct syc_job *job)
{
	const float *got = syc_take_position(l->one[0].take, SYC_POSITION_LAST),
		*want;
	struct syc_ids all = { 0 };

	syc_ids_add(&all, job->tokens, job->n_tokens);
	syc_ids_add(&all, job->out.id, job->out.n);
	score_take(l, all.id, all.n, l->one[1].take);
	want = syc_take_position(l->one[1].take, SYC_POSITION_LAST);
	ck_assert_ptr_nonnull(got);
	ck_assert_ptr_nonnull(want);
	ck_assert_mem_eq(got, want, N_LAYERS * DIM * sizeof(*got));
	syc_ids_free(&all);
}

static char *greedy_text(const struct syc_ids *p, size_t n)
{
	struct syc_job job = { .id = "", .tokens = p->id, .n_tokens = p->n,
			       .max_new = n };
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
			.tokens = prompt[0].id, .n_tokens = prompt[0].n,
				.max_new = 12, .stop = both, .n_stop = 2,
		};
		size_t want = (size_t)(strstr(text, stop) - text), kept = 0, piece;

		run_recorded(&l, &job, &two_threads);
		ck_assert_int_eq(job.finish, SYC_FINISH_STOP);
		ck_assert_uint_eq(job.text.len, want);
		ck_assert_uint_eq(strlen(job.text.data), want);
		ck_assert_mem_eq(job.text.data, text, want);
		for (size_t i = 0; i < job.out.n; i++) {
			ck_assert_uint_lt(kept, want);	/* each begins in front of the cut */
			syc_vocab_piece(syc_model_vocab(int8), job.out.id[i],
					false, &piece);
			kept += piece;
		}
		ck_assert_uint_ge(kept, want);
		cut_short += kept > want;
		if (job.out.n)
			check_last(&l, &job);
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
		struct syc_job job = { .tokens = prompt[1].id,
				       .n_tokens = prompt[1].n, .max_new = n };

		run_recorded(&l, &job, &two_threads);
		ck_assert_int_eq(job.finish, SYC_FINISH_LENGTH);
		ck_assert_uint_eq(job.out.n, n);
		check_last(&l, &job);
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
		struct syc_job job = { .tokens = prompt[p].id,
				       .n_tokens = prompt[p].n, .max_new = 60 };

		run_recorded(&l, &job, &two_threads);
		ended += job.finish == SYC_FINISH_STOP;
		for (size_t i = 0; i < job.out.n; i++)
			ck_assert(!syc_vocab_is_end(syc_model_vocab(int8),
						    job.out.id[i]));
		check_last(&l, &job);
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
	ck_assert_ptr_null(syc_take_position(l.one[0].take, SYC_POSITION_LAST));
	ck_assert_ptr_nonnull(syc_take_position(l.one[0].take,
						SYC_POSITION_PROMPT));
	syc_job_clear(&job);
	syc_ids_free(&all);
	load_free(&l);
}
END_TEST

START_TEST(context_ends)
{
	for (uint32_t room = 0; room < 4; room++) {
		struct syc_job job = { .tokens = prompt[2].id,
				       .n_tokens = prompt[2].n,
					       .max_new = 100 };
		const struct syc_engine_opts o =
			{ .threads = 1, .n_ctx = (uint32_t)prompt[2].n + room };
		struct load l;

		load_init(&l, int8);
		run_recorded(&l, &job, &o);
		ck_assert_int_eq(job.finish, SYC_FINISH_LENGTH);
		ck_assert_uint_eq(job.out.n, room);
		if (room)
			check_last(&l, &job);
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
		struct syc_job job = { .id = "few", .tokens = prompt[3].id,
				       .n_tokens = prompt[3].n,
					       .rec = l.one[1].take };
		struct syc_spots at = { (uint32_t)prompt[3].n - 1, SYC_NOWHERE,
					SYC_NOWHERE, SYC_NOWHERE, 0 };

		ck_assert_int_eq(syc_take_begin(l.one[1].take, &at), 0);
		ck_assert_int_eq(run_one(int8, &l, &o, &job, NULL), 0);
		ck_assert_mem_eq(syc_take_position(l.one[1].take,
						   SYC_POSITION_PROMPT),
				 syc_take_position(l.one[0].take,
						   SYC_POSITION_PROMPT),
						   n * DIM * sizeof(float));
	}
	load_free(&l);
}
END_TEST

/* ---- logits of every token --------------------------------------------------------- */

enum { N_READ = 6 };

struct seen {
	float last[N_VOCAB];
	size_t n;
	uint32_t first;
};

static void see_token(struct syc_job *job, uint32_t pos, const float *logits)
{
	struct seen *s = job->user;

	if (!s->n)
		s->first = pos;
	ck_assert_uint_eq(pos, s->first + s->n);
	s->n++;
	memcpy(s->last, logits, sizeof(s->last));
}

static void see_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct seen *s = job->user;

	(void)chosen;
	if (job->out.n == 0)	/* the token's own logits, and those it generates from */
		ck_assert_mem_eq(s->last, logits, sizeof(s->last));
}

START_TEST(logits_of_every_token)
{
	static const uint32_t batch[] = { 512, 5, 33 };

	for (size_t b = 0; b < 3; b++) {
		struct syc_engine *e =
			steering_engine((struct syc_engine_opts){ .threads = 2,
					.batch = batch[b], .n_slots = 4 });

		for (int again = 0; again < 2; again++) {
			static struct seen seen[N_READ];
			struct syc_job job[N_READ];
			struct jobs jobs = { .job = job, .n = N_READ };

			memset(seen, 0, sizeof(seen));
			for (size_t i = 0; i < N_READ; i++)
				job[i] = (struct syc_job){
					.id = "t", .tokens = prompt[i].id,
						.n_tokens = prompt[i].n,
							.may_skip = prompt[i].n,
					.read_from = i * 7,
						.on_token = see_token,
							.on_step = see_step,
					.max_new = 2, .user = &seen[i],
				};
			ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
			for (size_t i = 0; i < N_READ; i++) {
				ck_assert_uint_eq(seen[i].first, i * 7);
				ck_assert_uint_eq(seen[i].n, prompt[i].n - i * 7);
				syc_job_clear(&job[i]);
			}
		}
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
	TEST(logits_of_every_token),
};

int main(void)
{
	return RUN_ON_DEMO("engine", tests);
}
