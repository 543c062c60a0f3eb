/* SPDX-License-Identifier: MIT */
/* Gradients against those of tests/ref/tune.py, differences, and each other. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/mem.h"
#include "format/npy.h"
#include "suite.h"
#include "syc/engine.h"
#include "syc/train.h"

enum { N_SEQ = 3, MOST_TOKENS = 75 };

/* A model whose gradients are stored, as a hub has it or as GGUF. */
struct known {
	const char *name, *path;
	bool shared;
	uint32_t rank;
};
static const struct known all_known[] = {
	{ "llama-mha", "tests/data/llama-mha/llama-mha-f16.gguf", false, 2 },
	{ "biases", "tests/data/family/biases", false, 2 },
	{ "layers", "tests/data/family/layers", false, 2 },
	{ "max-window", "tests/data/family/max-window", false, 2 },
	{ "llama-gqa-tied-rope3", "models/llama-gqa-tied-rope3", true, 1 },
	{ "llama-rope-linear", "models/llama-rope-linear", true, 1 },
	{ "mistral-window", "models/mistral-window", true, 1 },
	{ "qwen2-bias", "models/qwen2-bias", true, 1 },
	{ "qwen3-qknorm", "models/qwen3-qknorm", true, 1 },
};
enum { N_KNOWN = sizeof(all_known) / sizeof(all_known[0]), N_OWN = 4 };

/* ---- what tests/ref/tune.py has, too ------------------------------------- */

static const struct { size_t n, n_prompt; double coef; } sizes[N_SEQ] = {
	{ 40, 30, -0.7 }, { 75, 61, 0.4 }, { 5, 1, 1.3 },
};

static uint32_t hashed(size_t i)
{
	uint32_t h = ((uint32_t)i + 1) * 2654435761u;

	h ^= h >> 15;
	h *= 2246822519u;
	return h ^ h >> 13;
}

static void fill_weights(struct syc_lora_weights *w)
{
	for (size_t i = 0; i < w->n_values; i++)
		w->values[i] = (float)((hashed(i) / 4294967296.0 - 0.5) * 0.25);
}

/* ---- a model, an adapter and sequences ----------------------------------- */

struct work {
	struct syc_model *m;
	struct syc_lora_weights *w;
	int32_t tokens[N_SEQ][MOST_TOKENS];
	struct syc_train_sequence seq[N_SEQ];
	double coef[N_SEQ];
};

static struct syc_lora_weights *adapter(const struct syc_model *m,
					const struct syc_lora_shape *s)
{
	struct syc_lora_weights *w;
	struct syc_err err;

	ck_assert_msg(syc_lora_weights_new(&w, syc_model_config(m), s, &err) ==
			      0,
		      "%s", err.msg);
	fill_weights(w);
	return w;
}

static void work_init(struct work *k, const char *path,
		      const struct syc_lora_shape *s)
{
	const struct syc_model_opts o = {.compute = SYC_COMPUTE_F32,
					 .threads = 1};
	struct syc_err err;

	ck_assert_msg(syc_model_open(&k->m, path, &o, &err) == 0, "%s",
		      err.msg);
	k->w = adapter(k->m, s);
	for (size_t i = 0; i < N_SEQ; i++) {
		for (size_t j = 0; j < sizes[i].n; j++)
			k->tokens[i][j] =
				(int32_t)(3 + hashed(1000 * i + j) %
						      (syc_model_config(k->m)
							       ->n_vocab -
						       3));
		k->seq[i] = (struct syc_train_sequence){
			k->tokens[i], sizes[i].n, sizes[i].n_prompt, i};
		k->coef[i] = sizes[i].coef;
	}
}

static void work_free(struct work *k)
{
	syc_lora_weights_free(k->w);
	syc_model_close(k->m);
}

static struct syc_trainer *trainer(const struct work *k,
				   const struct syc_trainer_opts *o)
{
	struct syc_trainer *t;
	struct syc_err err;

	ck_assert_msg(syc_trainer_new(&t, k->m, k->w, o, &err) == 0, "%s",
		      err.msg);
	return t;
}

static void forward(struct syc_trainer *t, const struct work *k,
		    enum syc_train_mode mode, double *logprob)
{
	ck_assert_int_eq(
		syc_trainer_forward(t, k->seq, N_SEQ, mode, logprob, NULL), 0);
}

/* The gradient of sum coef logprob, to be freed. */
static float *gradient(struct syc_trainer *t, const struct work *k)
{
	float *g = syc_calloc(k->w->n_values, sizeof(*g));
	double logprob[N_SEQ];

	forward(t, k, SYC_TRAIN_LEARN, logprob);
	ck_assert_int_eq(syc_trainer_backward(t, k->coef, g, NULL), 0);
	return g;
}

/* With these options, once. */
static float *gradient_with(const struct work *k,
			    const struct syc_trainer_opts *o)
{
	struct syc_trainer *t = trainer(k, o);
	float *g = gradient(t, k);

	syc_trainer_free(t);
	return g;
}

static const struct syc_trainer_opts one_thread = { .threads = 1 };

static void open_known(struct work *k, const struct known *n)
{
	const struct syc_lora_shape s = { .rank = n->rank, .alpha = 3 };

	work_init(k, n->shared ? shared_path(n->path) : source_path(n->path),
		  &s);
}

/* Call fn for all known models that are there. */
static void each_known(size_t n,
		       void (*fn)(const struct known *n, struct work *k))
{
	for (size_t i = 0; i < n; i++) {
		struct work k;

		if (all_known[i].shared && !shared_path(all_known[i].path)) {
			left_out(all_known[i].name);
			continue;
		}
		open_known(&k, &all_known[i]);
		fn(&all_known[i], &k);
		work_free(&k);
	}
}

/* ---- against PyTorch ----------------------------------------------------- */

static float *read_stored(const struct known *n, size_t count)
{
	char path[128];
	struct syc_npy head;
	struct syc_map map;
	float *x = syc_calloc(count, sizeof(*x));

	snprintf(path, sizeof(path), "tests/data/tune/%s.npy", n->name);
	ck_assert_int_eq(syc_map_open(&map, source_path(path), NULL), 0);
	ck_assert_int_eq(syc_npy_parse(&head, map.data, map.len, path, NULL),
			 0);
	ck_assert_uint_eq(head.count, count);
	ck_assert(syc_npy_floats(x, &head, map.data + head.head, count));
	syc_map_close(&map);
	return x;
}

/* |x - want| / |want| */
static double apart(const float *x, const float *want, size_t n)
{
	double d = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		d += pow((double)x[i] - (double)want[i], 2);
		all += pow((double)want[i], 2);
	}
	return sqrt(d / all);
}

static void close_logprobs(const struct known *n, struct syc_trainer *t,
			   const struct work *k, enum syc_train_mode mode,
			   const float *want)
{
	double got[N_SEQ];

	forward(t, k, mode, got);
	for (size_t i = 0; i < N_SEQ; i++)
		ck_assert_msg(fabs(got[i] / (double)want[i] - 1) < 1e-5,
			      "%s: %.9g for %.9g", n->name, got[i],
			      (double)want[i]);
}

static void against_torch(const struct known *n, struct work *k)
{
	float *stored = read_stored(n, 2 * N_SEQ + k->w->n_values),
	      *want = stored + 2 * N_SEQ, *g;
	struct syc_trainer *t = trainer(k, &one_thread);

	close_logprobs(n, t, k, SYC_TRAIN_TUNED, stored);
	close_logprobs(n, t, k, SYC_TRAIN_BASE, stored + N_SEQ);
	g = gradient(t, k);
	for (size_t i = 0; i < k->w->n; i++) {
		const struct syc_lora_pair *p = &k->w->pair[i];
		size_t a = (size_t)(p->a - k->w->values),
		       b = (size_t)(p->b - k->w->values);
		double off_a = apart(g + a, want + a, n->rank * p->cols),
		       off_b = apart(g + b, want + b, n->rank * p->rows);

		ck_assert_msg(off_a < 1e-4 && off_b < 1e-4,
			      "%s: layer %u %s: a %g, b %g", n->name, p->layer,
			      syc_lora_matrix_name(p->matrix), off_a, off_b);
	}
	free(g);
	free(stored);
	syc_trainer_free(t);
}

START_TEST(torch)
{
	each_known(N_KNOWN, against_torch);
}
END_TEST

/* ---- against itself ------------------------------------------------------ */

static double weighted(struct syc_trainer *t, const struct work *k)
{
	double p[N_SEQ], sum = 0;

	forward(t, k, SYC_TRAIN_LEARN, p);
	for (size_t i = 0; i < N_SEQ; i++)
		sum += k->coef[i] * p[i];
	return sum;
}

static double length_of(const float *g, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)g[i] * (double)g[i];
	return sqrt(sum);
}

/* Along the gradient the sum rises by its length. */
static void along_gradient(const char *name, const struct work *k,
			   const struct syc_trainer_opts *o)
{
	struct syc_trainer *t = trainer(k, o);
	float *g = gradient(t, k), *v = k->w->values;
	const double len = length_of(g, k->w->n_values), step = 0.02;
	double up, rise;

	for (size_t i = 0; i < k->w->n_values; i++)
		v[i] += (float)(step / len * (double)g[i]);
	up = weighted(t, k);
	for (size_t i = 0; i < k->w->n_values; i++)
		v[i] -= (float)(2 * step / len * (double)g[i]);
	rise = (up - weighted(t, k)) / (2 * step);
	fill_weights(k->w);
	ck_assert_msg(fabs(rise / len - 1) < 1e-2, "%s: %g for %g", name, rise,
		      len);
	free(g);
	syc_trainer_free(t);
}

static void differences_of(const struct known *n, struct work *k)
{
	along_gradient(n->name, k, &one_thread);
}

START_TEST(differences)
{
	each_known(N_KNOWN, differences_of);
}
END_TEST

static void same_gradient(const struct work *k,
			  const struct syc_trainer_opts *a,
			  const struct syc_trainer_opts *b)
{
	float *one = gradient_with(k, a), *other = gradient_with(k, b);

	ck_assert_mem_eq(one, other, k->w->n_values * sizeof(*one));
	free(one);
	free(other);
}

static void same_bytes_of(const struct known *n, struct work *k)
{
	const struct syc_trainer_opts again = { .threads = 1, .memory = 1 },
				      three = { .threads = 3 };

	(void)n;
	same_gradient(k, &one_thread, &again);
	same_gradient(k, &one_thread, &three);
}

/* Whether blocks are computed again or not, and whatever the threads. */
START_TEST(same_bytes)
{
	each_known(N_OWN, same_bytes_of);
}
END_TEST

static void alone_of(const struct known *n, struct work *k)
{
	struct syc_trainer *t = trainer(k, &one_thread);
	double packed[N_SEQ], alone;

	forward(t, k, SYC_TRAIN_LEARN, packed);
	for (size_t i = 0; i < N_SEQ; i++) {
		ck_assert_int_eq(syc_trainer_forward(t, &k->seq[i], 1,
						     SYC_TRAIN_LEARN, &alone,
						     NULL),
				 0);
		ck_assert_msg(fabs(packed[i] / alone - 1) < 1e-5,
			      "%s: %g alone %g", n->name, packed[i], alone);
	}
	syc_trainer_free(t);
}

START_TEST(packing)
{
	each_known(N_OWN, alone_of);
}
END_TEST

/* Gradients are added to, and those of two sums are the sum of two. */
START_TEST(added)
{
	struct work k;
	struct syc_trainer *t;
	float *g, *whole;
	double p[N_SEQ], part[N_SEQ] = { 0 };

	open_known(&k, &all_known[0]);
	t = trainer(&k, &one_thread);
	whole = gradient(t, &k);
	g = syc_calloc(k.w->n_values, sizeof(*g));
	forward(t, &k, SYC_TRAIN_LEARN, p);
	part[0] = k.coef[0];
	ck_assert_int_eq(syc_trainer_backward(t, part, g, NULL), 0);
	part[0] = 0;
	part[1] = k.coef[1];
	part[2] = k.coef[2];
	ck_assert_int_eq(syc_trainer_backward(t, part, g, NULL), 0);
	ck_assert(apart(g, whole, k.w->n_values) < 1e-5);
	free(g);
	free(whole);
	syc_trainer_free(t);
	work_free(&k);
}
END_TEST

/* Of some matrices: what the others have is the same. */
START_TEST(some_matrices)
{
	struct syc_lora_shape s = {
		.rank = 2, .alpha = 3, .matrices = 1u << SYC_LORA_UP};
	struct work k;

	for (int i = 0; i < SYC_LORA_N; i++) {
		s.matrices = 1u << i;
		work_init(&k, source_path(all_known[2].path), &s);
		along_gradient(syc_lora_matrix_name((enum syc_lora_matrix)i),
			       &k, &one_thread);
		work_free(&k);
	}
}
END_TEST

/* ---- against the engine -------------------------------------------------- */

struct reading {
	double sum;
	const float *steer;	/* [n_layers][dim] or NULL */
	size_t dim;
};

static void read_token(struct syc_job *job, uint32_t pos, const float *logits)
{
	struct reading *r = job->user;
	const struct syc_train_sequence *s = job->rec;
	double sum = 0;

	if (pos + 1 >= s->n)
		return;
	for (size_t i = 0; i < 512; i++)
		sum += exp((double)logits[i]);
	r->sum += (double)logits[s->tokens[pos + 1]] - log(sum);
}

static void steer_hook(void *arg, enum syc_hook_point point, uint32_t layer,
		       size_t n, const struct syc_where *at, float *x)
{
	const struct reading *r = arg;

	(void)point;
	(void)at;
	for (size_t i = 0; i < n * r->dim; i++)
		x[i] += r->steer[layer * r->dim + i % r->dim];
}

/* What the engine gives that sequence's answer. */
static double by_engine(const struct work *k,
			const struct syc_train_sequence *s, const float *steer)
{
	struct reading r = { 0, steer, syc_model_config(k->m)->dim };
	const struct syc_hook hook = { SYC_HOOK_BLOCK, steer_hook, &r };
	const struct syc_engine_opts o = { .threads = 1, .hooks = &hook,
					   .n_hooks = steer != NULL };
	struct syc_train_sequence copy = *s;
	struct syc_job job = {.id = "s",
			      .tokens = s->tokens,
			      .n_tokens = s->n,
			      .user = &r,
			      .rec = &copy,
			      .on_token = read_token,
			      .read_from = s->n_prompt - 1},
		       *const jobs[] = {&job};
	struct syc_engine *e;

	ck_assert_int_eq(syc_engine_new(&e, k->m, &o, NULL), 0);
	ck_assert_int_eq(syc_engine_run_all(e, jobs, 1, NULL), 0);
	syc_engine_free(e);
	syc_job_clear(&job);
	return r.sum;
}

static void base_of(const struct known *n, struct work *k)
{
	struct syc_trainer *t = trainer(k, &one_thread);
	double p[N_SEQ];

	forward(t, k, SYC_TRAIN_BASE, p);
	for (size_t i = 0; i < N_SEQ; i++) {
		double want = by_engine(k, &k->seq[i], NULL);

		ck_assert_msg(fabs(p[i] - want) < 1e-4 * fabs(want),
			      "%s: %g for %g", n->name, p[i], want);
	}
	syc_trainer_free(t);
}

START_TEST(untuned)
{
	each_known(N_OWN, base_of);
}
END_TEST

/* Without an adapter's b, learning under steering is the engine under it. */
START_TEST(steering)
{
	struct work k;
	struct syc_trainer_opts o = one_thread;
	float steer[3 * 64];
	struct syc_trainer *t;
	double p[N_SEQ], plain[N_SEQ];

	open_known(&k, &all_known[2]);
	for (size_t i = 0; i < 3 * 64; i++)
		steer[i] = (float)(hashed(i) / 4294967296.0 - 0.5);
	o.steer = steer;
	along_gradient("steered", &k, &o);
	memset(k.w->values, 0, k.w->n_values * sizeof(float));
	t = trainer(&k, &o);
	forward(t, &k, SYC_TRAIN_LEARN, p);
	forward(t, &k, SYC_TRAIN_TUNED, plain);
	for (size_t i = 0; i < N_SEQ; i++) {
		double want = by_engine(&k, &k.seq[i], steer);

		ck_assert(fabs(p[i] - want) < 1e-4 * fabs(want));
		want = by_engine(&k, &k.seq[i], NULL);
		ck_assert(fabs(plain[i] - want) < 1e-4 * fabs(want));
		ck_assert(fabs(p[i] - plain[i]) > 0.1);
	}
	syc_trainer_free(t);
	work_free(&k);
}
END_TEST

/* ---- dropout ------------------------------------------------------------- */

enum { N_DRAWS = 300 };

/*
 * With an adapter so small that answers change in proportion to it, the mean
 * change under dropout is that without.
 */
START_TEST(dropout_mean)
{
	const struct syc_lora_shape s = {
		.rank = 2, .alpha = 0.02f, .dropout = 0.4f};
	struct work k;
	struct syc_trainer *t;
	double base, tuned, p, sum = 0, sq = 0, mean, error;

	work_init(&k, source_path(all_known[1].path), &s);
	t = trainer(&k, &one_thread);
	syc_trainer_forward(t, k.seq, 1, SYC_TRAIN_BASE, &base, NULL);
	syc_trainer_forward(t, k.seq, 1, SYC_TRAIN_TUNED, &tuned, NULL);
	for (uint64_t i = 0; i < N_DRAWS; i++) {
		k.seq[0].key = i;
		syc_trainer_forward(t, k.seq, 1, SYC_TRAIN_LEARN, &p, NULL);
		sum += p - base;
		sq += (p - base) * (p - base);
	}
	mean = sum / N_DRAWS;
	error = sqrt((sq / N_DRAWS - mean * mean) / N_DRAWS);
	ck_assert_msg(fabs(mean - (tuned - base)) < 4 * error,
		      "%g for %g, error %g", mean, tuned - base, error);
	ck_assert_msg(error < 0.2 * fabs(tuned - base), "%g of %g", error,
		      tuned - base);
	syc_trainer_free(t);
	work_free(&k);
}
END_TEST

/*
 * A sequence's mask is its own: of the seed and its key, not of its neighbors.
 */
START_TEST(dropout_keys)
{
	const struct syc_lora_shape s = {
		.rank = 2, .alpha = 3, .dropout = 0.25f};
	const struct syc_trainer_opts again = { .threads = 3, .memory = 1 },
				      other = { .threads = 1, .seed = 1 };
	struct work k;
	struct syc_trainer *t;
	double p[N_SEQ], alone, keyed;

	work_init(&k, source_path(all_known[2].path), &s);
	along_gradient("dropout", &k, &one_thread);
	same_gradient(&k, &one_thread, &again);
	t = trainer(&k, &one_thread);
	forward(t, &k, SYC_TRAIN_LEARN, p);
	syc_trainer_forward(t, &k.seq[1], 1, SYC_TRAIN_LEARN, &alone, NULL);
	ck_assert(fabs(alone / p[1] - 1) < 1e-5);
	k.seq[1].key = 77;
	syc_trainer_forward(t, &k.seq[1], 1, SYC_TRAIN_LEARN, &keyed, NULL);
	ck_assert(fabs(alone - keyed) > 1e-3);
	syc_trainer_free(t);
	k.seq[1].key = 1;
	t = trainer(&k, &other);
	syc_trainer_forward(t, &k.seq[1], 1, SYC_TRAIN_LEARN, &keyed, NULL);
	ck_assert(fabs(alone - keyed) > 1e-3);
	syc_trainer_free(t);
	work_free(&k);
}
END_TEST

/* ---- memory, operations, bad input --------------------------------------- */

static void need_of(const struct known *n, struct work *k)
{
	const struct syc_trainer_opts o[] = {{.threads = 2},
					     {.threads = 2, .memory = 1}};

	for (size_t i = 0; i < 2; i++) {
		struct syc_trainer *t = trainer(k, &o[i]);
		double p[N_SEQ];

		forward(t, k, SYC_TRAIN_LEARN, p);
		ck_assert_msg(syc_trainer_memory(t) ==
				      syc_trainer_need(syc_model_config(k->m),
						       &k->w->shape, 2,
						       sizes[0].n + sizes[1].n +
							       sizes[2].n,
						       i == 1),
			      "%s: %zu", n->name, syc_trainer_memory(t));
		syc_trainer_free(t);
	}
}

START_TEST(need)
{
	each_known(N_OWN, need_of);
}
END_TEST

/* Of a model of 2 blocks, all counted by hand. */
START_TEST(flops)
{
	struct work k;
	const double dim = 32, ffn = 48, kv = 16, vocab = 512;
	const double block = 2 * dim * dim + 2 * kv * dim + 3 * ffn * dim,
		     low = 2 * (2 * 2 * dim + 2 * (dim + kv) + 3 * (dim + ffn)),
		     inputs = dim * dim + 2 * kv * dim,
		     behind = block - inputs,
		     low_behind = low - 2 * (2 * dim + 2 * (dim + kv)),
		     pairs = 2 * dim * 33;
	const struct syc_train_work w = {10, 3, 33};
	const struct syc_config *c;

	open_known(&k, &all_known[1]);
	c = syc_model_config(k.m);
	ck_assert_double_eq(syc_trainer_flops(c, &k.w->shape, &w, false),
			    2 * (10 * 2 * (block + low) -
				 7 * (behind + low_behind) + 3 * vocab * dim +
				 2 * pairs));
	ck_assert_double_eq(syc_trainer_flops(c, &k.w->shape, &w, true),
			    2 * (10 * (2 * (2 * block + 3 * low) - inputs) -
				 7 * (2 * behind + 3 * low_behind) +
				 2 * 3 * vocab * dim + 6 * pairs));
	work_free(&k);
}
END_TEST

static void refused(struct syc_trainer *t, const struct syc_train_sequence *s,
		    const char *why)
{
	struct syc_err err;
	double p;

	ck_assert_int_eq(
		syc_trainer_forward(t, s, 1, SYC_TRAIN_LEARN, &p, &err),
		SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, why) != NULL, "%s", err.msg);
}

START_TEST(bad_input)
{
	const struct syc_model_opts int8 = { .threads = 1 };
	struct work k;
	struct syc_trainer *t;
	struct syc_model *m;
	struct syc_err err;
	static int32_t many[3000];
	float g;

	open_known(&k, &all_known[0]);
	t = trainer(&k, &one_thread);
	ck_assert_int_eq(syc_trainer_backward(t, k.coef, &g, &err), SYC_EINVAL);
	refused(t, &(struct syc_train_sequence){k.tokens[0], 5, 5, 0},
		"5 of them a prompt's");
	refused(t, &(struct syc_train_sequence){k.tokens[0], 5, 0, 0},
		"0 of them");
	refused(t, &(struct syc_train_sequence){many, 3000, 1, 0},
		"3000 tokens");
	k.tokens[0][2] = 512;
	refused(t, &(struct syc_train_sequence){k.tokens[0], 5, 3, 0},
		"no token 512");
	k.tokens[0][2] = -1;
	refused(t, &(struct syc_train_sequence){k.tokens[0], 5, 3, 0},
		"no token -1");
	syc_trainer_free(t);
	ck_assert_int_eq(
		syc_model_open(&m, source_path(all_known[0].path), &int8, NULL),
		0);
	ck_assert_int_eq(syc_trainer_new(&t, m, k.w, NULL, &err), SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, "int8") != NULL, "%s", err.msg);
	ck_assert_ptr_null(t);
	syc_model_close(m);
	work_free(&k);
}
END_TEST

/* What is no number comes back as such. */
START_TEST(not_finite)
{
	struct work k;
	struct syc_trainer *t;
	double p[N_SEQ];

	open_known(&k, &all_known[0]);
	t = trainer(&k, &one_thread);
	k.w->pair[3].b[5] = NAN;
	forward(t, &k, SYC_TRAIN_LEARN, p);
	ck_assert(isnan(p[0]) && isnan(p[1]) && isnan(p[2]));
	forward(t, &k, SYC_TRAIN_BASE, p);
	ck_assert(isfinite(p[0]) && isfinite(p[1]) && isfinite(p[2]));
	syc_trainer_free(t);
	work_free(&k);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(torch),	    TEST(differences), TEST(same_bytes),
		TEST(packing),	    TEST(added),       TEST(some_matrices),
		TEST(untuned),	    TEST(steering),    TEST(dropout_mean),
		TEST(dropout_keys), TEST(need),	       TEST(flops),
		TEST(bad_input),    TEST(not_finite),
	};

	return RUN_TESTS("train", tests);
}
