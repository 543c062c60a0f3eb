/* SPDX-License-Identifier: MIT */
/* The demo's greedy answers and rewards against those of PyTorch. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "jobs.h"
#include "lines.h"

static size_t ints(const json_t *row, const char *key, int32_t **out)
{
	const json_t *a = json_object_get(row, key);
	size_t n = json_array_size(a);

	*out = malloc(n * sizeof(**out) + 1);
	ck_assert_ptr_nonnull(*out);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = (int32_t)json_integer_value(json_array_get(a, i));
	return n;
}

static void greedy_row(void *arg, const json_t *row)
{
	int32_t *prompt, *want;
	size_t n_prompt = ints(row, "prompt_ids", &prompt),
		n = ints(row, "completion_ids", &want);
	bool ended = n && want[n - 1] == 2;
	struct syc_job job = { .id = "greedy", .tokens = prompt,
			       .n_tokens = n_prompt, .max_new = n };
	struct jobs jobs = { .job = &job, .n = 1 };

	ck_assert_int_eq(jobs_run(&jobs, arg, NULL), 0);
	ck_assert_int_eq(job.finish, ended ? SYC_FINISH_STOP : SYC_FINISH_LENGTH);
	ck_assert_uint_eq(job.out.n, n - ended);
	ck_assert_mem_eq(job.out.id, want, job.out.n * sizeof(*want));
	syc_job_clear(&job);
	free(prompt);
	free(want);
}

START_TEST(greedy_answers)
{
	const struct syc_model_opts mo =
		{ .compute = SYC_COMPUTE_F32, .threads = 1 };
	const struct syc_engine_opts o = { .threads = 2 };
	struct syc_engine *e;
	struct syc_model *m;

	ck_assert_int_eq(syc_model_open(&m, source_path("demo/demo-f16.gguf"),
					&mo, NULL), 0);
	ck_assert_int_eq(syc_engine_new(&e, m, &o, NULL), 0);
	each_line(source_path("demo/greedy.jsonl"), greedy_row, e);
	syc_engine_free(e);
	syc_model_close(m);
}
END_TEST

/* A reward model's scores of whole texts. */
struct scores {
	struct syc_engine *e;
	double want[64], got[64];
	size_t n;
};

static void score_row(void *arg, const json_t *row)
{
	struct scores *s = arg;
	int32_t *id;
	size_t n = ints(row, "ids", &id);
	struct syc_job job = { .id = "text", .tokens = id, .n_tokens = n,
			       .may_skip = n, .want_score = true };
	struct jobs jobs = { .job = &job, .n = 1 };

	ck_assert_uint_lt(s->n, 64);
	ck_assert_int_eq(jobs_run(&jobs, s->e, NULL), 0);
	s->want[s->n] = json_real_value(json_object_get(row, "score"));
	s->got[s->n++] = (double)job.score;
	syc_job_clear(&job);
	free(id);
}

static void check_scores(enum syc_compute compute, double most)
{
	const struct syc_model_opts mo = { .compute = compute, .threads = 1 };
	const struct syc_engine_opts o = { .threads = 2 };
	struct scores s = { 0 };
	double mean = 0, var = 0, worst = 0;
	struct syc_model *m;

	ck_assert_int_eq(syc_model_open(&m, source_path("demo/reward"), &mo,
					NULL), 0);
	ck_assert(syc_model_config(m)->reward);
	ck_assert_int_eq(syc_engine_new(&s.e, m, &o, NULL), 0);
	each_line(source_path("demo/reward/golden.jsonl"), score_row, &s);
	ck_assert_uint_ge(s.n, 10);
	for (size_t i = 0; i < s.n; i++)
		mean += s.want[i] / (double)s.n;
	for (size_t i = 0; i < s.n; i++)
		var += (s.want[i] - mean) * (s.want[i] - mean) / (double)s.n;
	for (size_t i = 0; i < s.n; i++)
		worst = fabs(s.got[i] - s.want[i]) <= worst ? worst :
			fabs(s.got[i] - s.want[i]);
	if (getenv("CHECK_FORWARD_SHOW"))
		printf("reward of %zu texts: %.2g\n", s.n, worst / sqrt(var));
	ck_assert_msg(worst / sqrt(var) < most, "%g", worst / sqrt(var));
	syc_engine_free(s.e);
	syc_model_close(m);
}

START_TEST(rewards)
{
	check_scores(SYC_COMPUTE_F32, 1e-4);
	check_scores(SYC_COMPUTE_INT8, 0.1);
}
END_TEST

/* It has no next token, and other models have no score. */
START_TEST(heads_that_are_not_there)
{
	static const char *const path[] = { "demo/reward", "demo/demo-q8_0.gguf" };
	const struct syc_engine_opts o = { .threads = 1 };
	const int32_t id[] = { 1, 266 };

	for (int i = 0; i < 2; i++) {
		struct syc_job job = { .id = "x", .tokens = id, .n_tokens = 2,
				       .max_new = i == 0,
					       .want_score = i == 1 };
		struct jobs jobs = { .job = &job, .n = 1 };
		struct syc_err err = { 0 };
		struct syc_engine *e;
		struct syc_model *m;

		ck_assert_int_eq(syc_model_open(&m, source_path(path[i]), NULL,
						NULL), 0);
		ck_assert_int_eq(syc_engine_new(&e, m, &o, NULL), 0);
		ck_assert_int_eq(jobs_run(&jobs, e, &err), SYC_EINVAL);
		ck_assert_ptr_nonnull(strstr(err.msg, "scores texts"));
		syc_engine_free(e);
		syc_model_close(m);
	}
}
END_TEST

static const struct test tests[] = {
	TEST(greedy_answers),
	TEST(rewards),
	TEST(heads_that_are_not_there),
};

int main(void)
{
	return RUN_TESTS("outputs", tests);
}
