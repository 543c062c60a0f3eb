/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "load.h"

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
	if (c->n_steps++ && c->out_cap == job->out.cap &&
	    c->text_cap == job->text.cap)
		c->extra += n - c->n;
	c->out_cap = job->out.cap;
	c->text_cap = job->text.cap;
	c->n = n;
}

START_TEST(no_allocation_per_token)
{
	static const struct syc_sampling hot =
		{ .temperature = 3, .top_k = 500, .top_p = 0.99f };
	const struct syc_engine_opts o = { .threads = 2 };
	struct counted c = { 0 };
	struct load l;
	struct syc_job job = {
		.id = "long", .tokens = prompt[0].id, .n_tokens = prompt[0].n,
			.max_new = 60,
		.sampling = &hot, .on_step = count_step, .user = &c,
			.stop = stops + 2, .n_stop = 1,
	};

	if (!COUNTED)
		return;
	load_init(&l, int8);
	job.rec = l.one[0].take;
	syc_steer_job(l.steer, &job, job.n_tokens);
	ck_assert_int_eq(syc_take_begin(job.rec,
					&(struct syc_spots){ 0, 0, 1,
							     SYC_NOWHERE, 0 }),
							     0);
	ck_assert_int_eq(run_one(int8, &l, &o, &job, NULL), 0);
	ck_assert_uint_gt(c.n_steps, 20);
	ck_assert_uint_gt(n_allocations, 0);
	ck_assert_uint_eq(c.extra, 0);
	syc_job_clear(&job);
	load_free(&l);
}
END_TEST

static const struct test tests[] = {
	TEST(no_allocation_per_token),
};

int main(void)
{
	return RUN_ON_DEMO("alloc", tests);
}
