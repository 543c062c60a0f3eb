/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include <zlib.h>
#include "load.h"

/* ---- what is added ------------------------------------------------------ */

enum { WATCHED = 128 };

/* What passes a place, of each job: by layer and position. */
struct watch {
	float x[2][N_LAYERS][WATCHED][DIM];
	int seen[2][N_LAYERS][WATCHED];
};

static void watch(void *arg, enum syc_hook_point point, uint32_t layer, size_t n,
		  const struct syc_where *at, float *x)
{
	struct watch *w = arg;

	(void)point;
	for (size_t i = 0; i < n; i++) {
		size_t job = at[i].job->sample;

		ck_assert_uint_lt(at[i].pos, WATCHED);
		memcpy(w->x[job][layer][at[i].pos], x + i * DIM, DIM * sizeof(*x));
		w->seen[job][layer][at[i].pos]++;
	}
}

/* Both jobs share every step's batch. */
static void run_watched(struct watch *before, struct watch *after,
			const struct syc_steer *steer)
{
	const struct syc_hook hooks[] = {
		{ SYC_HOOK_BLOCK, watch, before }, syc_steer_hook(),
		{ SYC_HOOK_BLOCK, watch, after },
	};
	const struct syc_engine_opts o =
		{ .threads = 2, .hooks = hooks, .n_hooks = 3 };
	struct syc_job job[2];
	struct jobs jobs = { .job = job, .n = 2 };
	struct syc_engine *e;

	for (uint32_t i = 0; i < 2; i++) {
		job[i] = (struct syc_job){
			.id = "w", .sample = i, .tokens = prompt[i].id,
				.n_tokens = prompt[i].n, .max_new = 8,
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
	struct syc_steer *s = make_steer(int8);
	static struct watch before, after, plain, plain_after;

	run_watched(&before, &after, s);
	run_watched(&plain, &plain_after, NULL);
	ck_assert_mem_eq(&plain, &plain_after, sizeof(plain));
	for (size_t l = 0; l < N_LAYERS; l++) {
		bool on = l == steered_layers[0] || l == steered_layers[1];

		for (size_t p = 0; p < WATCHED; p++) {
			ck_assert_int_le(before.seen[1][l][p], 1);
			ck_assert_int_eq(before.seen[1][l][p], after.seen[1][l][p]);
			for (size_t i = 0; i < DIM && before.seen[1][l][p]; i++) {
				float add = on ? scale * cue->v[l * DIM + i] : 0;

				ck_assert(after.x[1][l][p][i] == before.x[1][l][p][i] + add);
			}
		}
		ck_assert_mem_eq(before.x[0][l], after.x[0][l],
				 sizeof(before.x[0][l]));
	}
	/* The job beside it is as if nobody were steered; this one is not. */
	ck_assert_mem_eq(after.x[0], plain.x[0], sizeof(plain.x[0]));
	ck_assert_mem_eq(after.x[1][0], plain.x[1][0],
			 DIM * prompt[1].n * sizeof(float));
	ck_assert_mem_ne(before.x[1][2], plain.x[1][2], sizeof(plain.x[1][2]));
	syc_steer_free(s);
}
END_TEST

/* ---- keys and values are never mixed ------------------------------------ */

enum { N_STEERS = 8, N_RUN = 4 * N_STEERS };

struct run {
	uint32_t sum[N_RUN];		/* of all logits */
	struct syc_engine_stats stats;
};

static void sum_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	uint32_t *sum = job->user;

	(void)chosen;
	*sum = (uint32_t)crc32_z(*sum, (const void *)logits, N_VOCAB * sizeof(*logits));
}

static void sum_token(struct syc_job *job, uint32_t pos, const float *logits)
{
	(void)pos;
	sum_step(job, logits, 0);
}

/* Each prompt under each steering, prompts that end early among them. */
static void run_all(struct run *r, struct syc_engine *e,
		    struct syc_steer *const *s, bool swap)
{
	struct syc_job job[N_RUN] = { 0 }, *list[N_RUN];
	struct jobs jobs = { .list = list, .n = N_RUN };
	struct syc_err err = { 0 };

	for (size_t i = 0; i < N_RUN; i++) {
		size_t k = i / N_STEERS, n = prompt[k / 2].n;

		r->sum[i] = 0;
		job[i] = (struct syc_job){
			.id = "k", .tokens = prompt[k / 2].id, .n_tokens = n,
				.may_skip = n - 1,
			.max_new = 3, .on_step = sum_step, .user = &r->sum[i],
		};
		if (k == 1) {	/* the answer is given */
			job[i].on_token = sum_token;
			job[i].read_from = n - 12;
			syc_steer_job(s[i % N_STEERS], &job[i], n - 11);
		} else {
			syc_steer_job(s[i % N_STEERS], &job[i], n);
		}
		list[swap ? N_RUN - 1 - i : i] = &job[i];
	}
	ck_assert_msg(jobs_run(&jobs, e, &err) == 0, "%s", err.msg);
	for (size_t i = 0; i < N_RUN; i++)
		syc_job_clear(&job[i]);
	syc_engine_stats(e, &r->stats);
}

static void make_steers(struct syc_steer **s)
{
	static const struct syc_steer_rule rules[N_STEERS] = {
		{ .op = SYC_STEER_ADD, .scale = 1, .layers = steered_layers, .n_layers = 2 },
		{ .op = SYC_STEER_ADD, .scale = 1, .when = SYC_STEER_GENERATED },
		{ .op = SYC_STEER_ADD, .scale = 1, .when = SYC_STEER_PROMPT },
		{ .op = SYC_STEER_ROTATE, .scale = 30, .when = SYC_STEER_LAST },
		{ .op = SYC_STEER_CLAMP, .scale = 1, .to = 1, .decay = 50 },
		{ .op = SYC_STEER_NORM_KEEP, .scale = 2, .when = SYC_STEER_FIRST, .count = 2 },
		{ .op = SYC_STEER_ABLATE, .scale = 1, .hook = SYC_HOOK_ATTN },
	};

	for (size_t i = 0; i + 1 < N_STEERS; i++)
		s[i] = steer_by(&rules[i], 1);
	s[N_STEERS - 1] = NULL;
}

START_TEST(sharing_changes_nothing)
{
	static const struct syc_engine_opts ways[] = {
		{ .threads = 1 }, { .threads = 2, .batch = 7, .n_slots = 3 },
		{ .threads = 2, .n_slots = 1 },
		{ .threads = 2, .batch = 64, .n_slots = 40 },
	};
	struct syc_steer *s[N_STEERS];
	static struct run alone, shared;
	struct syc_engine *e =
		steering_engine((struct syc_engine_opts){ .threads = 1,
							  .no_sharing = true });

	make_steers(s);
	run_all(&alone, e, s, false);
	syc_engine_free(e);
	for (size_t i = 0; i < N_RUN; i++)	/* the steerings differ */
		for (size_t j = i / N_STEERS * N_STEERS; j < i; j++)
			ck_assert_uint_ne(alone.sum[i], alone.sum[j]);
	for (size_t w = 0; w < 2 * sizeof(ways) / sizeof(*ways); w++) {
		e = steering_engine(ways[w / 2]);
		for (int twice = 0; twice < 2; twice++) {
			run_all(&shared, e, s, w % 2);
			ck_assert_mem_eq(alone.sum, shared.sum, sizeof(alone.sum));
		}
		ck_assert_uint_gt(shared.stats.n_shared, 0);
		syc_engine_free(e);
	}
	for (size_t i = 0; i < N_STEERS; i++)
		syc_steer_free(s[i]);
}
END_TEST

/* A prompt that is not steered is computed once for all; a steered one is not. */
START_TEST(unsteered_prompts_are_shared)
{
	static const struct {
		struct syc_steer_rule rule;
		size_t own;	/* tokens that the steered job computes itself */
	} cases[] = {
		{ { .scale = 1, .when = SYC_STEER_GENERATED }, 1 },
		{ { .scale = 1, .when = SYC_STEER_AFTER, .count = 2 }, 1 },
		{ { .scale = 1, .when = SYC_STEER_LAST }, 1 },
		{ { .scale = 1, .when = SYC_STEER_PROMPT }, SIZE_MAX },
		{ { .scale = 1 }, SIZE_MAX },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct syc_steer *s = steer_by(&cases[i].rule, 1);
		struct syc_engine *e =
			steering_engine((struct syc_engine_opts){ .threads = 1,
								  .n_slots =
									  1 });
		struct syc_engine_stats a, b;
		struct syc_job job[2] = { 0 };
		struct jobs jobs = { .job = job, .n = 2 };
		size_t n = prompt[0].n;

		for (size_t k = 0; k < 2; k++) {
			job[k] = (struct syc_job){ .id = "s",
					.tokens = prompt[0].id, .n_tokens = n,
						.may_skip = n - 1,
							.max_new = 1 };
			syc_steer_job(k ? s : NULL, &job[k], n);
		}
		ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
		syc_engine_stats(e, &a);
		ck_assert_uint_eq(a.n_prompt,
				  n + (cases[i].own < n ? cases[i].own : n));
		/* Under the same steering it is shared, whatever that is. */
		syc_job_clear(&job[0]);
		syc_job_clear(&job[1]);
		ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
		syc_engine_stats(e, &b);
		ck_assert_uint_eq(b.n_prompt - a.n_prompt, 2);
		syc_engine_free(e);
		syc_job_clear(&job[0]);
		syc_job_clear(&job[1]);
		syc_steer_free(s);
	}
}
END_TEST

/*
 * Pages were once known by the address of the steering: a changed one, or
 * another at the same address, met keys and values of the old.
 */
START_TEST(no_stale_keys_after_a_change)
{
	static const struct syc_steer_rule rules[] = {
		{ .op = SYC_STEER_ADD, .scale = 1, .layers = steered_layers, .n_layers = 2 },
		{ .op = SYC_STEER_ADD, .scale = -1, .layers = steered_layers, .n_layers = 2 },
		{ .op = SYC_STEER_ABLATE, .scale = 1, .layers = steered_layers, .n_layers = 2 },
	};
	struct syc_engine *e =
		steering_engine((struct syc_engine_opts){ .threads = 1 });
	uint32_t sum[2][4];

	for (int fresh = 0; fresh < 2; fresh++) {
		struct syc_steer *s = NULL;

		for (size_t i = 0; i < 4; i++) {
			struct syc_engine *own = fresh ?
				steering_engine((struct syc_engine_opts){ .threads = 1 }) : e;
			struct syc_job job =
				{ .id = "c", .tokens = prompt[0].id,
				  .n_tokens = prompt[0].n,
					       .may_skip = prompt[0].n - 1,
						       .max_new = 2,
							       .on_step =
								       sum_step };
			struct jobs jobs = { .job = &job, .n = 1 };

			if (i < 3) {
				syc_steer_free(s);
				s = steer_by(&rules[i], 1);
			} else {
				ck_assert_int_eq(syc_steer_apply(s, cue,
								 &rules[0],
								 NULL), 0);
			}
			sum[fresh][i] = 0;
			job.user = &sum[fresh][i];
			syc_steer_job(s, &job, job.n_tokens);
			ck_assert_int_eq(jobs_run(&jobs, own, NULL), 0);
			syc_job_clear(&job);
			if (fresh)
				syc_engine_free(own);
		}
		syc_steer_free(s);
	}
	ck_assert_mem_eq(sum[0], sum[1], sizeof(sum[0]));
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_uint_ne(sum[0][i], sum[0][j]);
	syc_engine_free(e);
}
END_TEST

static const struct test tests[] = {
	TEST(steering_adds_exactly),
	TEST(sharing_changes_nothing),
	TEST(unsteered_prompts_are_shared),
	TEST(no_stale_keys_after_a_change),
};

int main(void)
{
	return RUN_ON_DEMO("steer_engine", tests);
}
