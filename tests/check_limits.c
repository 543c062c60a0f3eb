/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "load.h"

/* ---- refusals ----------------------------------------------------------- */

static void refused(struct syc_job job, struct syc_engine_opts o, const char *what)
{
	struct syc_err err = { 0 };

	job.id = "row-7";
	ck_assert_int_eq(run_one(int8, NULL, &o, &job, &err), SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, "row-7") && strstr(err.msg, what),
		      "'%s' lacks '%s'", err.msg, what);
	syc_job_clear(&job);
}

static void no_probe(struct syc_job *job, const float *logits)
{
	(void)job;
	(void)logits;
}

START_TEST(impossible_jobs)
{
	const int32_t low[] = { 1, -1 }, high[] = { 1, 768 },
		good[] = { 1, 767, 3 };
	const struct syc_engine_opts any = { .threads = 1 },
		tiny = { .threads = 1, .n_ctx = 2 };
	const struct syc_engine_opts few = { .threads = 1, .n_layers = 3 };
	struct syc_engine_opts bad = { .n_ctx = 1 << 24 };
	struct syc_engine *e;
	struct syc_err err;

	refused((struct syc_job){ .tokens = low, .n_tokens = 2 }, any, "token -1");
	refused((struct syc_job){ .tokens = high, .n_tokens = 2 }, any, "768");
	refused((struct syc_job){ .tokens = good, .n_tokens = 0 }, any,
		"no tokens");
	refused((struct syc_job){ .tokens = good, .n_tokens = 3 }, tiny,
		"3 tokens");
	refused((struct syc_job){ .tokens = good, .n_tokens = 1, .probe = good,
				  .n_probe = 2,
				  .on_probe = no_probe }, tiny, "3 tokens");
	refused((struct syc_job){ .tokens = good, .n_tokens = 1, .probe = low,
				  .n_probe = 2,
				  .on_probe = no_probe }, any, "token -1");
	refused((struct syc_job){ .tokens = good, .n_tokens = 1, .max_new = 1 },
		few, "blocks");
	refused((struct syc_job){ .tokens = good, .n_tokens = 1,
				  .on_probe = no_probe }, few, "blocks");
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
	const size_t need = (prompt[0].n + 20 +
			     31) / 32 * 32 * syc_engine_kv_bytes(int8);
	const struct syc_engine_opts enough = { .threads = 1, .kv_memory = need };
	const struct syc_engine_opts less = { .threads = 1, .kv_memory = need - 1 };
	struct syc_job job = { .id = "x", .tokens = prompt[0].id,
			       .n_tokens = prompt[0].n, .max_new = 20 };
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
	const struct syc_engine_opts tight =
		{ .threads = 1, .kv_memory = 96 * syc_engine_kv_bytes(int8) };
	struct syc_ids b = { 0 }, want = { 0 };

	syc_ids_add(&b, prompt[0].id, 50);
	syc_ids_add(&b, prompt[1].id, 36);
	for (int shared = 0; shared < 2; shared++) {
		struct syc_job job[2] = {
			{ .id = "a", .tokens = prompt[0].id, .n_tokens = 86,
			  .max_new = 10, .may_skip = 85 },
			{ .id = "b", .tokens = b.id, .n_tokens = b.n,
			  .max_new = 10, .may_skip = shared ? b.n - 1 : 0 },
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

/* ---- not finite --------------------------------------------------------- */

static void spoil(void *arg, enum syc_hook_point point, uint32_t layer, size_t n,
		  const struct syc_where *at, float *x)
{
	(void)point;
	for (size_t i = 0; i < n; i++)
		if (layer == 3 && at[i].pos == prompt[0].n + 1)
			x[i * DIM + 5] = *(const float *)arg;
}

START_TEST(not_finite_is_an_error)
{
	static float what[] = { NAN, INFINITY };

	for (int i = 0; i < 4; i++) {
		const struct syc_hook hook =
			{ SYC_HOOK_BLOCK, spoil, &what[i % 2] };
		const struct syc_engine_opts o =
			{ .threads = 1, .hooks = &hook, .n_hooks = 1 };
		struct syc_job job = { .id = "row-3", .tokens = prompt[0].id,
				       .n_tokens = prompt[0].n, .max_new = 9 };
		struct jobs jobs = { .job = &job, .n = 1 };
		struct syc_err err = { 0 };
		struct syc_engine *e;

		ck_assert_int_eq(syc_engine_new(&e, i < 2 ? int8 : f32, &o,
						NULL), 0);
		ck_assert_int_eq(jobs_run(&jobs, e, &err), SYC_EINVAL);
		ck_assert_msg(strstr(err.msg, "row-3") &&
			      strstr(err.msg, "not finite"), "%s", err.msg);
		syc_job_clear(&job);
		syc_engine_free(e);
	}
}
END_TEST

/* Jobs of a list, run together, and one that cannot run. */
START_TEST(list_of_jobs)
{
	struct syc_engine *e;
	struct syc_job job[3] = { { .id = "" } }, *list[3], *one;
	struct syc_err err = { 0 };
	const int32_t unknown = N_VOCAB;

	ck_assert_int_eq(syc_engine_new(&e, int8, &two_threads, NULL), 0);
	for (size_t i = 0; i < 3; i++) {
		job[i] = (struct syc_job){ .id = "", .tokens = prompt[i].id,
					   .n_tokens = prompt[i].n,
					   .max_new = i + 1 };
		list[2 - i] = &job[i];
	}
	ck_assert_int_eq(syc_engine_run_all(e, list, 0, NULL), 0);
	ck_assert_uint_eq(job[0].out.n, 0);
	ck_assert_int_eq(syc_engine_run_all(e, list, 3, NULL), 0);
	for (size_t i = 0; i < 3; i++) {
		struct syc_job alone = { .id = "", .tokens = prompt[i].id,
					.n_tokens = prompt[i].n,
					.max_new = i + 1 };

		one = &alone;
		ck_assert_int_eq(syc_engine_run_all(e, &one, 1, NULL), 0);
		ck_assert_uint_gt(alone.out.n, 0);
		ck_assert_uint_eq(job[i].out.n, alone.out.n);
		ck_assert_mem_eq(job[i].out.id, alone.out.id,
				 alone.out.n * sizeof(*alone.out.id));
		syc_job_clear(&alone);
		syc_job_clear(&job[i]);
	}
	job[0].tokens = &unknown;
	job[0].n_tokens = 1;
	ck_assert_int_eq(syc_engine_run_all(e, list, 3, &err), SYC_EINVAL);
	for (size_t i = 0; i < 3; i++)
		syc_job_clear(&job[i]);
	syc_engine_free(e);
}
END_TEST

/* A source whose second and last job comes when the first is done. */
struct slow {
	struct syc_engine *e;
	struct syc_job job[2];
	size_t n_next, n_done, n_later;
};

static int slow_next(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct slow *s = arg;

	(void)err;
	*job = NULL;
	if (s->n_next == 2)
		return 0;
	if (s->n_next > s->n_done) {
		ck_assert(syc_engine_later(s->e));
		s->n_later++;
		return 0;
	}
	ck_assert(!syc_engine_later(s->e));
	*job = &s->job[s->n_next++];
	return 0;
}

static int slow_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct slow *s = arg;

	(void)err;
	ck_assert_ptr_eq(job, &s->job[s->n_done++]);
	return 0;
}

static void never_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	ck_abort_msg("job '%s' was dropped", job->id);
}

START_TEST(source_that_is_not_ready)
{
	const struct syc_model *models[] = { int8, f32 };

	for (size_t k = 0; k < 2; k++) {
		struct slow s = { .n_done = 0 };

		for (size_t i = 0; i < 2; i++)
			s.job[i] = (struct syc_job){ .id = "", .tokens = prompt[i].id,
						     .n_tokens = prompt[i].n, .max_new = 3 };
		ck_assert_int_eq(syc_engine_new(&s.e, models[k], &two_threads, NULL), 0);
		ck_assert_int_eq(syc_engine_run(s.e, slow_next, slow_done, never_dropped, &s,
						NULL), 0);
		ck_assert_uint_eq(s.n_done, 2);
		/* with f32 there is no room beside the first */
		ck_assert(k == 1 ? s.n_later == 0 : s.n_later > 0);
		for (size_t i = 0; i < 2; i++)
			syc_job_clear(&s.job[i]);
		syc_engine_free(s.e);
	}
}
END_TEST

static const struct test tests[] = {
	TEST(source_that_is_not_ready),
	TEST(list_of_jobs),
	TEST(impossible_jobs),
	TEST(memory_for_less_than_one),
	TEST(shared_beginning_in_memory_for_one),
	TEST(drop_gets_the_rest),
	TEST(not_finite_is_an_error),
};

int main(void)
{
	return RUN_ON_DEMO("limits", tests);
}
