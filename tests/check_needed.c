/* SPDX-License-Identifier: MIT */
/* What memory a model and an engine will take, said before there are any. */
#include "config.h"
#include <string.h>
#include "jobs.h"
#include "run/engine.h"

static const char *const models[] = {
	"demo/demo-f16.gguf", "demo/demo-q8_0.gguf", "demo", "demo/reward",
	"tests/data/llama-mha/llama-mha-f16.gguf", "tests/data/family/biases",
	"tests/data/family/layers", "tests/data/family/max-window",
};

static void compare(const char *name, struct syc_model_opts o)
{
	struct syc_model_need need;
	struct syc_model *m;
	struct syc_err err;

	ck_assert_msg(syc_model_memory_needed(&need, source_path(name), &o,
					      &err) == 0,
		      "%s", err.msg);
	ck_assert_msg(syc_model_open(&m, source_path(name), &o, &err) == 0,
		      "%s", err.msg);
	ck_assert_msg(need.weights == syc_model_memory(m), "%s: %zu is not %zu",
		      name, need.weights, syc_model_memory(m));
	ck_assert(memcmp(&need.config, syc_model_config(m),
			 sizeof(need.config)) == 0);
	ck_assert((need.mapped == 0) == (o.compute != SYC_COMPUTE_F32));
	syc_model_close(m);
}

START_TEST(weights_are_what_is_held)
{
	static char lora[4096];
	struct syc_adapter adapter = { lora, 1 };
	struct syc_model_need need;
	struct syc_err err;

	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		const char *name = models[i];

		compare(name,
			(struct syc_model_opts){.compute = SYC_COMPUTE_INT8});
		compare(name,
			(struct syc_model_opts){.compute = SYC_COMPUTE_F32});
		compare(name,
			(struct syc_model_opts){.compute = SYC_COMPUTE_AUTO});
	}
	snprintf(lora, sizeof(lora), "%s", source_path("demo/lora"));
	compare(models[0],
		(struct syc_model_opts){.adapters = &adapter, .n_adapters = 1});
	compare(models[0], (struct syc_model_opts){.compute = SYC_COMPUTE_F32,
						   .adapters = &adapter,
						   .n_adapters = 1});
	for (int w = SYC_WEIGHTS_Q8_0; w <= SYC_WEIGHTS_Q4_0; w++) {
		const struct syc_model_opts o = {
			.set_weights = true, .weights = (enum syc_weights)w};

		compare(models[0], o);
		compare(models[3], o);
		compare(models[5], o);
	}
	ck_assert_int_eq(syc_model_memory_needed(&need, "nowhere", NULL, &err),
			 SYC_EIO);
	ck_assert_ptr_nonnull(strstr(err.msg, "nowhere"));
}
END_TEST

static void too_much(const char *name, struct syc_model_opts o, size_t memory,
		     const char *what)
{
	struct syc_model_need need;
	struct syc_store *s;
	struct syc_err err;

	ck_assert_int_eq(
		syc_model_memory_needed(&need, source_path(name), &o, NULL), 0);
	ck_assert_int_eq(syc_store_open(&s, source_path(name), NULL), 0);
	ck_assert_int_eq(syc_weights_fit(s, &need.config, &o, NULL,
					 need.weights + 1, &err),
			 0);
	ck_assert_int_eq(
		syc_weights_fit(s, &need.config, &o, NULL, memory, &err),
		SYC_ENOMEM);
	ck_assert_msg(strstr(err.msg, what) && strstr(err.msg, name), "%s",
		      err.msg);
	syc_store_close(s);
}

/* What would fit is the largest type that does. */
START_TEST(what_fits_is_named)
{
	struct syc_model_opts any = {.set_weights = true,
				     .weights = SYC_WEIGHTS_Q4_0},
			      int8 = {.compute = SYC_COMPUTE_INT8};
	struct syc_model_need need;

	ck_assert_int_eq(syc_model_memory_needed(&need, source_path(models[0]),
						 &any, NULL),
			 0);
	too_much(models[0], int8, need.weights + 1,
		 ": --weights=q4_0 would need");
	too_much(models[0], int8, need.weights,
		 ": even --weights=q4_0 would need");
	too_much(models[1], int8, need.weights + 1,
		 ": a file in q4_0 (syc-quant) would need");
	too_much(models[0], any, 1000,
		 "for weights in q4_0, this machine has 0.00: even");
}
END_TEST

enum { ROWS = 40, LENGTH = 70, NEW = 10 };

/* Rows that share nothing take the most. */
static size_t bytes_of_pages(const struct syc_model *m,
			     const struct syc_engine_opts *o)
{
	static int32_t tokens[ROWS][LENGTH];
	static struct syc_job job[ROWS];
	struct jobs jobs = { .job = job, .n = ROWS };
	struct syc_engine *e;
	size_t n;

	for (int i = 0; i < ROWS; i++) {
		for (int t = 0; t < LENGTH; t++)
			tokens[i][t] = 300 + (i * 7 + t * (i + 1)) % 200;
		job[i] = (struct syc_job){.id = "",
					  .tokens = tokens[i],
					  .n_tokens = LENGTH,
					  .max_new = NEW,
					  .n_below = o->n_hooks ? 2 : 0};
	}
	ck_assert_int_eq(syc_engine_new(&e, m, o, NULL), 0);
	ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
	n = e->cache.n_pages * (e->cache.page_bytes + sizeof(struct syc_page)) +
	    e->stem.n_pages * (e->stem.page_bytes + sizeof(struct syc_page));
	syc_engine_free(e);
	for (int i = 0; i < ROWS; i++)
		syc_job_clear(&job[i]);
	return n;
}

static void compare_pages(const struct syc_model *m, struct syc_engine_opts o)
{
	const struct syc_work w = {ROWS, ROWS * (LENGTH + NEW), LENGTH + NEW,
				   o.n_hooks > 0};
	const struct syc_model_need model = {
		.weights = syc_model_memory(m), .config = *syc_model_config(m),
	};
	struct syc_engine_need need;
	const size_t got = bytes_of_pages(m, &o);

	syc_engine_memory_needed(&need, &model, syc_model_compute(m), &o, &w);
	ck_assert_msg(got <= need.kv && need.kv <= got * 3 / 2,
		      "%zu needed, said %zu", got, need.kv);
}

START_TEST(keys_and_values_are_what_rows_take)
{
	const struct syc_model_opts f32 = { .compute = SYC_COMPUTE_F32 };
	const char *path = source_path("demo/demo-q8_0.gguf");
	const struct syc_hook hook = { 0 };	/* of jobs that are steered */
	struct syc_model *m;

	ck_assert_int_eq(syc_model_open(&m, path, NULL, NULL), 0);
	compare_pages(m, (struct syc_engine_opts){ .threads = 1 });
	compare_pages(
		m, (struct syc_engine_opts){.threads = 1, .no_sharing = true});
	compare_pages(m, (struct syc_engine_opts){.threads = 1, .n_slots = 1});
	compare_pages(m, (struct syc_engine_opts){.threads = 1,
						  .kv_memory = 2000000});
	compare_pages(m, (struct syc_engine_opts){
				 .threads = 1, .hooks = &hook, .n_hooks = 1});
	syc_model_close(m);
	ck_assert_int_eq(syc_model_open(&m, path, &f32, NULL), 0);
	compare_pages(m, (struct syc_engine_opts){ .threads = 1 });
	syc_model_close(m);
}
END_TEST

/* The activations of a step, the logits of rows, a place per thread. */
START_TEST(buffers_grow_with_what_they_are_for)
{
	const struct syc_engine_opts
		few = {.threads = 1, .batch = 64, .n_slots = 4},
		many = {.threads = 1, .batch = 128, .n_slots = 4},
		rows = {.threads = 1, .batch = 64, .n_slots = 8},
		threads = {.threads = 3, .batch = 64, .n_slots = 4};
	const struct syc_work w = {.longest = 100}, longer = {.longest = 1000};
	struct syc_engine_need a, b;
	struct syc_model_need m;
	const struct syc_config *c = &m.config;

	ck_assert_int_eq(
		syc_model_memory_needed(&m, source_path("demo/demo-q8_0.gguf"),
					NULL, NULL),
		0);
	syc_engine_memory_needed(&a, &m, SYC_COMPUTE_INT8, &few, &w);
	syc_engine_memory_needed(&b, &m, SYC_COMPUTE_INT8, &many, &w);
	ck_assert_uint_ge(b.buffers - a.buffers,
			  64 * (c->dim * 2 + c->ffn_dim * 2) * 4);
	syc_engine_memory_needed(&b, &m, SYC_COMPUTE_INT8, &rows, &w);
	ck_assert_uint_ge(b.buffers - a.buffers, 4 * c->n_vocab * 4);
	ck_assert_uint_le(b.buffers - a.buffers, 4 * c->n_vocab * 4 + 4096);
	syc_engine_memory_needed(&b, &m, SYC_COMPUTE_INT8, &threads, &w);
	ck_assert_uint_gt(b.buffers, a.buffers);
	syc_engine_memory_needed(&b, &m, SYC_COMPUTE_INT8, &few, &longer);
	ck_assert_uint_ge(b.buffers - a.buffers, 900 * c->head_dim * 4);
}
END_TEST

START_TEST(shares_leave_room_for_weights)
{
	const size_t all = syc_machine_memory();

	ck_assert_uint_eq(syc_engine_fair_share(0), all / 4);
	ck_assert_uint_eq(syc_engine_fair_share(all / 5), all / 4);
	ck_assert_uint_eq(syc_engine_fair_share(all / 5 * 2), all / 5 * 3 - all / 5 * 2);
	ck_assert_uint_eq(syc_engine_fair_share(all / 5 * 3), all / 16);
	ck_assert_uint_eq(syc_engine_fair_share(SIZE_MAX), all / 16);
}
END_TEST

static const struct test tests[] = {
	TEST(weights_are_what_is_held),
	TEST(what_fits_is_named),
	TEST(keys_and_values_are_what_rows_take),
	TEST(buffers_grow_with_what_they_are_for),
	TEST(shares_leave_room_for_weights),
};

int main(void)
{
	return RUN_TESTS("needed", tests);
}
