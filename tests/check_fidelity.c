/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "suite.h"
#include "syc/fidelity.h"

static const char text[] =
	"Hello, I am Tess, a miner, and I drive to work every day. I would say: a new road. "
			   "Tell me, what should the town build next?";

static struct syc_model *open_demo(const char *name, enum syc_compute compute)
{
	struct syc_model_opts o = { .compute = compute };
	struct syc_model *m;
	struct syc_err err;

	ck_assert_msg(syc_model_open(&m, source_path(name), &o, &err) == 0,
		      "%s", err.msg);
	return m;
}

/* ---- perplexity, from every beginning of the text on its own ------------------- */

/* All beginnings of ids, one job after the other. */
struct beginnings {
	struct syc_ids ids;
	struct syc_job job;
	size_t n;		/* tokens of the job */
	size_t n_vocab;
	int32_t *top;		/* [ids.n] */
	float *logits;		/* [ids.n][n_vocab] */
	double nll;
};

static void on_logits(struct syc_job *job, const float *logits)
{
	struct beginnings *b = job->user;
	size_t best = 0;
	double sum = 0;

	for (size_t i = 0; i < b->n_vocab; i++) {
		best = logits[i] > logits[best] ? i : best;
		sum += exp((double)logits[i]);
	}
	b->top[job->n_tokens - 1] = (int32_t)best;
	memcpy(b->logits + (job->n_tokens - 1) * b->n_vocab, logits,
	       b->n_vocab * sizeof(*logits));
	if (job->n_tokens < b->ids.n)
		b->nll += log(sum) - (double)logits[b->ids.id[job->n_tokens]];
}

static int next(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct beginnings *b = arg;

	(void)err;
	*job = NULL;
	if (b->n == b->ids.n)
		return 0;
	b->job = (struct syc_job){ .id = "", .tokens = b->ids.id,
				   .n_tokens = ++b->n,
				   .on_probe = on_logits, .user = b };
	*job = &b->job;
	return 0;
}

static int done(void *arg, struct syc_job *job, struct syc_err *err)
{
	(void)arg;
	(void)err;
	syc_job_clear(job);
	return 0;
}

static void drop(void *arg, struct syc_job *job)
{
	(void)arg;
	(void)job;
}

static void run_beginnings(struct beginnings *b, const struct syc_model *m)
{
	struct syc_engine_opts o = { .n_slots = 1 };
	struct syc_engine *e;

	ck_assert_int_eq(syc_vocab_encode(syc_model_vocab(m), text,
					  strlen(text), SYC_TOK_BOS, &b->ids,
					  NULL), 0);
	b->n_vocab = syc_model_config(m)->n_vocab;
	b->top = calloc(b->ids.n, sizeof(*b->top));
	b->logits = calloc(b->ids.n * b->n_vocab, sizeof(*b->logits));
	ck_assert_int_eq(syc_engine_new(&e, m, &o, NULL), 0);
	ck_assert_int_eq(syc_engine_run(e, next, done, drop, b, NULL), 0);
	ck_assert_uint_eq(b->n, b->ids.n);
	syc_engine_free(e);
}

/* Of the token behind token t. */
static double kl_of(const struct beginnings *p, const struct beginnings *q, size_t t)
{
	const float *a = p->logits + t * p->n_vocab, *b = q->logits + t * p->n_vocab;
	double sa = 0, sb = 0, kl = 0;

	for (size_t i = 0; i < p->n_vocab; i++) {
		sa += exp((double)a[i]);
		sb += exp((double)b[i]);
	}
	for (size_t i = 0; i < p->n_vocab; i++)
		kl += exp((double)a[i]) / sa *
		      log(exp((double)a[i]) / sa / (exp((double)b[i]) / sb));
	return kl;
}

static void close_to(double a, double b)
{
	ck_assert_msg(fabs(a - b) <= 1e-6 * fabs(b), "%.12g is not %.12g", a, b);
}

/*
 * f32's last bits depend on how many tokens run together, and of distributions
 * as near as 1e-7 the divergence shows it.
 */
static void near(double a, double b)
{
	ck_assert_msg(fabs(a - b) <= 1e-3 * fabs(b), "%.12g is not %.12g", a, b);
}

START_TEST(perplexity_and_top_tokens)
{
	struct syc_model *m[2] = { open_demo("demo/demo-f16.gguf", SYC_COMPUTE_F32),
				   open_demo("demo/demo-f16.gguf",
					     SYC_COMPUTE_INT8) };
	struct beginnings b[2] = { { .n = 0 } };
	struct syc_fidelity_total t;
	struct syc_fidelity *f;
	double kl = 0, largest = 0;
	size_t same = 0, n;

	for (int i = 0; i < 2; i++)
		run_beginnings(&b[i], m[i]);
	n = b[0].ids.n;
	for (size_t i = 0; i < n; i++) {
		same += b[0].top[i] == b[1].top[i];
		kl += kl_of(&b[0], &b[1], i) / (double)n;
		largest = fmax(largest, kl_of(&b[0], &b[1], i));
	}
	ck_assert_int_eq(syc_fidelity_new(&f, m[0], m[1], NULL, NULL), 0);
	/* Twice the same: sums double, means stay. */
	for (uint64_t k = 1; k <= 2; k++) {
		ck_assert_int_eq(syc_fidelity_add(f, b[0].ids.id, n, NULL), 0);
		syc_fidelity_total(f, &t);
		ck_assert_uint_eq(t.n_tokens, k * n);
		ck_assert_uint_eq(t.n_predicted, k * (n - 1));
		ck_assert_uint_eq(t.n_agree, k * same);
		close_to(t.reference_perplexity, exp(b[0].nll / (double)(n - 1)));
		close_to(t.perplexity, exp(b[1].nll / (double)(n - 1)));
		near(t.kl, kl);
		near(t.largest_kl, largest);
		near(t.end_kl, kl_of(&b[0], &b[1], n - 1));
		ck_assert_double_eq(t.end_kl, t.largest_end_kl);
		ck_assert_uint_eq(t.n_sequences, k);
		ck_assert_double_ne(t.perplexity, t.reference_perplexity);
	}
	syc_fidelity_free(f);
	for (int i = 0; i < 2; i++) {
		syc_ids_free(&b[i].ids);
		free(b[i].top);
		free(b[i].logits);
		syc_model_close(m[i]);
	}
}
END_TEST

/* ---- reading out --------------------------------------------------------------- */

struct last {
	float x[64][128];
	size_t dim;
	float logits[1024];
	size_t n_vocab;
};

static void keep_last(void *arg, enum syc_hook_point point, uint32_t layer,
		      size_t n,
		      const struct syc_where *at, float *x)
{
	struct last *l = arg;

	(void)point;
	for (size_t t = 0; t < n && layer == 5; t++)
		memcpy(l->x[at[t].pos], x + t * l->dim, l->dim * sizeof(*x));
}

static void keep_logits(struct syc_job *job, const float *logits)
{
	struct last *l = job->user;

	memcpy(l->logits, logits, l->n_vocab * sizeof(*logits));
}

static int one_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct syc_job **waiting = arg;

	(void)err;
	*job = *waiting;
	*waiting = NULL;
	return 0;
}

/* The same bytes as the engine's own, whatever the rows beside. */
START_TEST(reading_out_is_what_the_engine_does)
{
	struct syc_model *m = open_demo("demo/demo-q8_0.gguf", SYC_COMPUTE_INT8);
	static struct last l;
	struct syc_hook hook = { SYC_HOOK_BLOCK, keep_last, &l };
	struct syc_engine_opts o =
		{ .hooks = &hook, .n_hooks = 1, .batch = 40,
		  .no_sharing = true };
	struct syc_ids ids = { 0 };
	struct syc_job job, *waiting = &job;
	struct syc_engine *e;
	static float rows[64][128];
	float *logits;

	ck_assert_int_eq(syc_vocab_encode(syc_model_vocab(m), text, 60,
					  SYC_TOK_BOS, &ids, NULL), 0);
	ck_assert_uint_le(ids.n, 64);
	l.dim = syc_model_config(m)->dim;
	l.n_vocab = syc_model_config(m)->n_vocab;
	ck_assert_uint_eq(l.dim, 128);
	ck_assert_uint_le(l.n_vocab, 1024);
	job = (struct syc_job){ .id = "", .tokens = ids.id, .n_tokens = ids.n,
				.on_probe = keep_logits, .user = &l };
	ck_assert_int_eq(syc_engine_new(&e, m, &o, NULL), 0);
	ck_assert_int_eq(syc_engine_run(e, one_job, done, drop, &waiting, NULL), 0);
	logits = calloc(64 * l.n_vocab, sizeof(*logits));
	for (size_t n = 1; n <= 64; n += 21) {	/* below and above the batch */
		const float *last = logits + (n - 1) * l.n_vocab;

		for (size_t i = 0; i < n; i++)
			memcpy(rows[i], l.x[i < n - 1 ? i % ids.n : ids.n - 1],
			       sizeof(rows[i]));
		syc_engine_read_out(e, rows[0], n, logits);
		ck_assert_int_eq(memcmp(last, l.logits,
					l.n_vocab * sizeof(*last)), 0);
	}
	/* The engine goes on as before. */
	memcpy(logits, l.logits, l.n_vocab * sizeof(*logits));
	memset(l.logits, 0, sizeof(l.logits));
	waiting = &job;
	ck_assert_int_eq(syc_engine_run(e, one_job, done, drop, &waiting, NULL), 0);
	ck_assert_int_eq(memcmp(logits, l.logits, l.n_vocab * sizeof(*logits)), 0);
	free(logits);
	syc_ids_free(&ids);
	syc_engine_free(e);
	syc_model_close(m);
}
END_TEST

START_TEST(what_cannot_be_compared)
{
	struct syc_model *m = open_demo("demo/demo-q8_0.gguf", SYC_COMPUTE_INT8);
	struct syc_model *other =
		open_demo("tests/data/llama-mha/llama-mha-f16.gguf",
			  SYC_COMPUTE_F32);
	struct syc_vector *v = syc_vector_new(6, 64);
	const struct syc_vector *vs[] = { v };
	struct syc_fidelity_opts o = { .vectors = vs, .n_vectors = 1 };
	const int32_t far[] = { 1, 100000 };
	struct syc_fidelity *f;
	struct syc_err err;

	ck_assert_int_eq(syc_fidelity_new(&f, other, m, NULL, &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "cannot be compared"));
	ck_assert_ptr_null(f);
	ck_assert_int_eq(syc_fidelity_new(&f, m, m, &o, &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "width 64"));
	ck_assert_int_eq(syc_fidelity_new(&f, m, m, NULL, &err), 0);
	ck_assert_int_eq(syc_fidelity_add(f, far, 2, &err), SYC_EINVAL);
	ck_assert_int_eq(syc_fidelity_add(f, far, 0, &err), SYC_EINVAL);
	syc_fidelity_free(f);
	syc_fidelity_free(NULL);
	syc_vector_free(v);
	syc_model_close(m);
	syc_model_close(other);
}
END_TEST

/* One sequence differs from none, and neither do two that are alike. */
START_TEST(nothing_differs)
{
	struct syc_model *m = open_demo("demo/demo-q8_0.gguf", SYC_COMPUTE_INT8);
	const int32_t tokens[] = { 1, 300, 301, 302 };
	struct syc_fidelity_answers a;
	struct syc_fidelity_layer l;
	struct syc_fidelity *f;

	ck_assert_int_eq(syc_fidelity_new(&f, m, m, NULL, NULL), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(syc_fidelity_add(f, tokens, 4, NULL), 0);
		ck_assert_int_eq(syc_fidelity_layer(f, 2, &l, NULL), 0);
		ck_assert(l.cosine == 1 && l.error == 0);
		ck_assert(isnan(l.centered_cosine) && isnan(l.centered_error));
	}
	ck_assert_int_eq(syc_fidelity_add(f, tokens, 3, NULL), 0);
	ck_assert_int_eq(syc_fidelity_layer(f, 2, &l, NULL), 0);
	ck_assert_double_eq(l.centered_error, 0);
	close_to(l.centered_cosine, 1);
	ck_assert_int_eq(syc_fidelity_answers(f, &a, NULL), 0);
	ck_assert(a.n == 0 && a.n_flipped == 0 && isnan(a.margin));
	syc_fidelity_free(f);
	syc_model_close(m);
}
END_TEST

static const struct test tests[] = {
	TEST(nothing_differs),
	TEST(perplexity_and_top_tokens),
	TEST(reading_out_is_what_the_engine_does),
	TEST(what_cannot_be_compared),
};

int main(void)
{
	return RUN_TESTS("fidelity", tests);
}
