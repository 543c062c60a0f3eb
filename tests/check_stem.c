/* SPDX-License-Identifier: MIT */
/* What steered jobs have in common below their steering is computed once. */
#include "config.h"
#include <string.h>
#include <zlib.h>
#include "load.h"

enum { N_STEERS = 9, N_SHAPES = 4, N_RUN = 2 * N_STEERS * N_SHAPES, SEEN = 5 };

static const uint32_t layer[] = { 0, 1, 2, 3, 4, 5 }, two_and_four[] = { 2, 4 };
#define AT(l) .layers = &layer[l], .n_layers = 1

/* Those at block 3, and before block 4, have four blocks in common. */
static const struct syc_steer_rule rules[N_STEERS - 1][2] = {
	{ { .scale = 1, AT(3) } },
	{ { .scale = -2, AT(3) } },
	{ { .op = SYC_STEER_ABLATE, .scale = 1, AT(3) } },
	{ { .scale = 1, .hook = SYC_HOOK_ATTN, AT(4) } },
	{ { .scale = 1, .layers = two_and_four, .n_layers = 2 } },
	{ { .op = SYC_STEER_ROTATE, .scale = 30, .when = SYC_STEER_LAST, AT(4) } },
	{ { .scale = 1, AT(0) } },
	{ { .op = SYC_STEER_ABLATE, .scale = 1, AT(5) },
	  { .scale = 2, .when = SYC_STEER_GENERATED, AT(4) } },
};

static struct syc_steer *steer[N_STEERS];	/* the last: none */

static void make_steers(void)
{
	for (size_t i = 0; i + 1 < N_STEERS; i++)
		steer[i] = steer_by(rules[i], rules[i][1].n_layers ? 2 : 1);
}

static void free_steers(void)
{
	for (size_t i = 0; i < N_STEERS; i++)
		syc_steer_free(steer[i]);
}

/* Of one job: its logits, and what a hook saw of the tokens it has to see. */
struct sums {
	uint32_t logits, n_seen;
	uint64_t seen;
};

static void sum_logits(struct syc_job *job, const float *logits)
{
	struct sums *s = job->user;

	s->logits = (uint32_t)crc32_z(s->logits, (const void *)logits,
				      N_VOCAB * sizeof(*logits));
}

static void sum_token(struct syc_job *job, uint32_t pos, const float *logits)
{
	(void)pos;
	sum_logits(job, logits);
}

static void sum_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	(void)chosen;
	sum_logits(job, logits);
}

/* In any order, since steps differ. */
static void see(void *arg, enum syc_hook_point point, uint32_t l, size_t n,
		const struct syc_where *at, float *x)
{
	(void)arg;
	for (size_t i = 0; i < n; i++) {
		struct sums *s = at[i].job->user;
		const uint32_t where[] = { point, l, at[i].pos, at[i].probe };
		const uint64_t h = syc_hash(0, where, sizeof(where));

		if (at[i].pos < at[i].job->may_skip)
			continue;
		s->seen += syc_hash(h, x + i * DIM, DIM * sizeof(*x));
		s->n_seen++;
	}
}

static const struct syc_hook *hooks(void)
{
	static struct syc_hook h[2];

	h[0] = syc_steer_hook();
	h[1] = (struct syc_hook){ SYC_HOOK_ATTN | SYC_HOOK_MLP | SYC_HOOK_BLOCK, see, NULL };
	return h;
}

/* Shapes: choices read, a text followed, an answer generated, activations seen. */
static void make_job(struct syc_job *job, size_t i, struct sums *sum)
{
	const size_t shape = i / N_STEERS % N_SHAPES;
	const struct syc_ids *p = &prompt[i / N_STEERS / N_SHAPES];

	*job = (struct syc_job){ .id = "j", .tokens = p->id, .n_tokens = p->n,
				 .may_skip = p->n, .user = sum };
	if (shape == 0) {
		job->probe = answer[0].id;
		job->n_probe = 2;
		job->on_probe = sum_logits;
	} else if (shape == 1) {
		job->read_from = p->n - 12;
		job->on_token = sum_token;
	} else {
		job->max_new = 3;
		job->on_step = sum_step;
	}
	if (shape == 3)
		job->may_skip = p->n - SEEN;
	syc_steer_job(steer[i % N_STEERS], job, p->n - (shape == 1 ? 11 : 0));
}

static void run_all(struct sums *sum, const struct syc_engine_opts *how,
		    bool swap, struct syc_engine_stats *st)
{
	static struct syc_job job[N_RUN];
	struct syc_job *list[N_RUN];
	struct jobs jobs = { .list = list, .n = N_RUN };
	struct syc_engine_opts o = *how;
	struct syc_engine *e;
	struct syc_err err = { 0 };

	o.hooks = hooks();
	o.n_hooks = 2;
	memset(sum, 0, N_RUN * sizeof(*sum));
	for (size_t i = 0; i < N_RUN; i++) {
		make_job(&job[i], i, &sum[i]);
		list[swap ? N_RUN - 1 - i : i] = &job[i];
	}
	ck_assert_int_eq(syc_engine_new(&e, int8, &o, NULL), 0);
	ck_assert_msg(jobs_run(&jobs, e, &err) == 0, "%s", err.msg);
	syc_engine_stats(e, st);
	syc_engine_free(e);
	for (size_t i = 0; i < N_RUN; i++)
		syc_job_clear(&job[i]);
}

/* Room for one of these jobs, which then takes that of stems, too. */
static size_t kv_of_one(void)
{
	const size_t n = prompt[0].n > prompt[1].n ? prompt[0].n : prompt[1].n;

	return (n + 3 + 31) / 32 * 32 * syc_engine_kv_bytes(int8);
}

START_TEST(same_bytes)
{
	const struct {
		struct syc_engine_opts o;
		bool saves;	/* there is room for stems */
	} ways[] = {
		{ { .threads = 1 }, true }, { { .threads = 2, .batch = 7, .n_slots = 3 }, true },
		{ { .threads = 2, .n_slots = 1 }, true },
		{ { .threads = 2, .batch = 64, .n_slots = 40 }, true },
		{ { .threads = 1, .kv_memory = kv_of_one() }, false },
		{ { .threads = 2, .kv_memory = 6 * kv_of_one() }, true },
	};
	static struct sums alone[N_RUN], shared[N_RUN];
	struct syc_engine_stats st;

	make_steers();
	run_all(alone, &(struct syc_engine_opts){ .threads = 1, .no_sharing = true },
		false, &st);
	ck_assert_uint_eq(st.n_blocks_shared, 0);
	for (size_t i = 0; i < N_RUN; i++) {	/* nothing is the same by chance */
		for (size_t j = i / N_STEERS * N_STEERS; j < i; j++)
			ck_assert_uint_ne(alone[i].logits, alone[j].logits);
		if (i / N_STEERS % N_SHAPES == 3)
			ck_assert_uint_ge(alone[i].n_seen, 3 * N_LAYERS * SEEN);
	}
	for (size_t w = 0; w < 2 * sizeof(ways) / sizeof(*ways); w++) {
		run_all(shared, &ways[w / 2].o, w % 2, &st);
		ck_assert_mem_eq(alone, shared, sizeof(alone));
		ck_assert(ways[w / 2].saves ? st.n_blocks_shared > 0 : true);
	}
	free_steers();
}
END_TEST

/* One job after the other on the same prompt: the blocks each does not compute. */
START_TEST(blocks_are_counted)
{
	const size_t n = prompt[0].n;
	const struct {
		size_t steer, may_skip, blocks;
	} job[] = {
		{ N_STEERS - 1, n, 0 },		/* unsteered: makes none */
		{ 0, n, 0 },			/* the first at block 3 */
		{ 1, n, 4 * n },		/* another vector there */
		{ 3, n, 4 * n },		/* the same four blocks */
		{ 4, n, 0 },			/* three: no shorter one is there */
		{ 7, n, 4 * n },		/* five: makes one of the four */
		{ 2, n - SEEN, 4 * (n - SEEN) },	/* hooks see the last */
		{ 6, n, 0 }, { 2, 0, 0 },
	};
	const struct syc_engine_opts o = { .threads = 1, .n_slots = 1, .hooks = hooks(),
					   .n_hooks = 2 };
	struct syc_engine *e;
	struct syc_engine_stats st;
	uint64_t before = 0;

	make_steers();
	ck_assert_int_eq(syc_engine_new(&e, int8, &o, NULL), 0);
	for (size_t i = 0; i < sizeof(job) / sizeof(*job); i++) {
		struct sums sum = { 0 };
		struct syc_job j = { .id = "j", .tokens = prompt[0].id, .n_tokens = n,
				     .may_skip = job[i].may_skip, .max_new = 1, .user = &sum };
		struct jobs jobs = { .job = &j, .n = 1 };

		syc_steer_job(steer[job[i].steer], &j, n);
		ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
		syc_engine_stats(e, &st);
		ck_assert_msg(st.n_blocks_shared - before == job[i].blocks,
			      "job %zu: %zu blocks", i, (size_t)(st.n_blocks_shared - before));
		before = st.n_blocks_shared;
		syc_job_clear(&j);
	}
	syc_engine_free(e);
	free_steers();
}
END_TEST

/* With f32 last bits depend on the shape of a product. */
START_TEST(f32_computes_all)
{
	const struct syc_engine_opts o = { .threads = 1, .hooks = hooks(), .n_hooks = 2 };
	struct syc_engine *e;
	struct syc_engine_stats st;

	make_steers();
	ck_assert_int_eq(syc_engine_new(&e, f32, &o, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		struct sums sum = { 0 };
		struct syc_job j;
		struct jobs jobs = { .job = &j, .n = 1 };

		make_job(&j, i, &sum);
		ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
		syc_job_clear(&j);
	}
	syc_engine_stats(e, &st);
	ck_assert_uint_eq(st.n_blocks_shared, 0);
	syc_engine_free(e);
	free_steers();
}
END_TEST

static const struct test tests[] = {
	TEST(same_bytes), TEST(blocks_are_counted), TEST(f32_computes_all),
};

int main(void)
{
	return RUN_ON_DEMO("stem", tests);
}
