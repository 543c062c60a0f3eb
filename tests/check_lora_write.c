/* SPDX-License-Identifier: MIT */
/*
 * Adapters made in memory: in files, read again, and merged, they are the same
 * numbers and make the same model.
 */
#include "config.h"
#include <math.h>
#include <string.h>
#include "jobs.h"
#include "lora_folder.h"
#include "model/lora.h"
#include "model/lora_weights.h"
#include "model/model.h"
#include "syc/train.h"

/* ---- the numbers ------------------------------------------------------------ */

/* Within so many roundings of a float. */
static void same_scaled(float got, float want, int roundings)
{
	ck_assert_msg(fabsf(got - want) <=
			      (float)roundings * 0x1p-23f * fabsf(want),
		      "%.9g is not %.9g", (double)got, (double)want);
}

static void check_numbers(const struct syc_model *m,
			  const struct syc_lora_weights *w, int roundings)
{
	const size_t rank = w->shape.rank;

	for (size_t i = 0; i < w->n; i++) {
		const struct syc_lora_pair *p = &w->pair[i];
		const struct syc_low_rank *low =
			syc_lora_find(m->lora, syc_lora_part(p).part, p->layer);

		ck_assert_ptr_nonnull(low);
		ck_assert_uint_eq(low->rank, rank);
		ck_assert_mem_eq(low->a, p->a, rank * p->cols * sizeof(float));
		for (size_t k = 0; k < rank; k++)
			for (size_t r = 0; r < p->rows; r++)
				same_scaled(low->b[k * p->rows + r],
					    w->scale * p->b[r * rank + k],
					    roundings);
	}
}

enum { N_TOKENS = 12, N_PROMPT = 5 };

static void fill_tokens(int32_t *tokens)
{
	for (int i = 0; i < N_TOKENS; i++)
		tokens[i] = 3 + 17 * i;
}

struct got {
	float *logits;		/* [N_TOKENS][n_vocab] */
	size_t n_vocab;
};

static void keep(struct syc_job *job, uint32_t pos, const float *logits)
{
	struct got *g = job->user;

	memcpy(g->logits + pos * g->n_vocab, logits,
	       g->n_vocab * sizeof(*logits));
}

/* The logits of a few tokens, to be freed. */
static float *logits_of(const struct syc_model *m)
{
	const struct syc_engine_opts o = { .threads = 1 };
	struct got g = { .n_vocab = syc_model_config(m)->n_vocab };
	int32_t tokens[N_TOKENS];
	struct syc_job job = {.id = "a",
			      .tokens = tokens,
			      .n_tokens = N_TOKENS,
			      .on_token = keep,
			      .user = &g};
	struct jobs jobs = { .job = &job, .n = 1 };
	struct syc_engine *e;

	fill_tokens(tokens);
	g.logits = calloc(N_TOKENS * g.n_vocab, sizeof(float));
	ck_assert_ptr_nonnull(g.logits);
	ck_assert_int_eq(syc_engine_new(&e, m, &o, NULL), 0);
	ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
	syc_job_clear(&job);
	syc_engine_free(e);
	return g.logits;
}

static struct syc_model *open_with(const char *model, const char *adapter)
{
	const struct syc_adapter one = { adapter, 1 };
	const struct syc_model_opts o = {
		.compute = SYC_COMPUTE_F32, .threads = 1, .adapters = &one,
		.n_adapters = adapter ? 1 : 0,
	};
	struct syc_model *m;
	struct syc_err err;

	ck_assert_msg(syc_model_open(&m, model, &o, &err) == 0, "%s: %s", model,
		      err.msg);
	return m;
}

/* The largest difference over the standard deviation of what it should be. */
static double distance(const float *got, const float *want, size_t n)
{
	double sum = 0, square = 0, most = 0;

	for (size_t i = 0; i < n; i++) {
		const double e = fabs((double)got[i] - (double)want[i]);

		sum += (double)want[i];
		square += (double)want[i] * (double)want[i];
		most = e <= most ? most : e;
	}
	sum /= (double)n;
	return most / sqrt(square / (double)n - sum * sum);
}

static double compare(const char *model, const char *adapter, const float *want,
		      const struct syc_lora_weights *w, int roundings)
{
	struct syc_model *m = open_with(model, adapter);
	float *got = logits_of(m);
	const double d = distance(
		got, want, N_TOKENS * (size_t)syc_model_config(m)->n_vocab);

	if (w)
		check_numbers(m, w, roundings);
	free(got);
	syc_model_close(m);
	return d;
}

/* Of tokens [N_PROMPT, N_TOKENS), each after those before it. */
static double logprob_of(const float *logits, const int32_t *tokens,
			 size_t n_vocab)
{
	double sum = 0;

	for (size_t i = N_PROMPT; i < N_TOKENS; i++) {
		const float *x = logits + (i - 1) * n_vocab;

		sum += (double)x[tokens[i]] - syc_log_sum_exp(x, n_vocab);
	}
	return sum;
}

/* What is trained is what the files say: the trainer computes the same model. */
static void check_trained(const char *model, const struct syc_lora_weights *w,
			  const float *want)
{
	int32_t tokens[N_TOKENS];
	const struct syc_train_sequence s = { tokens, N_TOKENS, N_PROMPT, 0 };
	const struct syc_trainer_opts o = { .threads = 1 };
	struct syc_model *m = open_with(model, NULL);
	struct syc_trainer *t;
	double got, read;

	fill_tokens(tokens);
	read = logprob_of(want, tokens, syc_model_config(m)->n_vocab);
	ck_assert_int_eq(syc_trainer_new(&t, m, w, &o, NULL), 0);
	ck_assert_int_eq(
		syc_trainer_forward(t, &s, 1, SYC_TRAIN_TUNED, &got, NULL), 0);
	ck_assert_msg(fabs(got - read) <= 1e-5 * fabs(read),
		      "%s: %.9g is not %.9g", model, got, read);
	ck_assert_int_eq(
		syc_trainer_forward(t, &s, 1, SYC_TRAIN_BASE, &got, NULL), 0);
	ck_assert(fabs(got - read) > 1e-4 * fabs(read));
	syc_trainer_free(t);
	syc_model_close(m);
}

static void check_merged(const char *model, const char *adapter,
			 const float *want)
{
	const struct syc_adapter one = { adapter, 1 };
	const struct syc_convert_opts o = {.weights = SYC_WEIGHTS_F32,
					   .threads = 1,
					   .adapters = &one,
					   .n_adapters = 1};
	struct syc_err err;

	ck_assert_msg(syc_model_convert(model, in_dir("merged"), &o, &err) == 0,
		      "%s", err.msg);
	ck_assert_double_le(compare(in_dir("merged"), NULL, want, NULL, 0),
			    1e-5);
	ck_assert_int_eq(unlink(in_dir("merged")), 0);
}

/* An adapter in both files, read again and, where GGUF has such a model, merged. */
static void check_model(const char *model, const struct syc_lora_shape *s,
			bool merged)
{
	const struct syc_config c = config_of(model);
	struct syc_lora_weights *w = make(&c, s);
	struct syc_model *m;
	struct syc_err err;
	float *want;

	ck_assert_msg(
		syc_lora_weights_write(w, &c, model, in_dir("peft"), &err) == 0,
		"%s", err.msg);
	ck_assert_msg(
		syc_lora_weights_write_gguf(w, &c, in_dir("gguf"), &err) == 0,
		"%s", err.msg);
	m = open_with(model, in_dir("peft"));
	check_numbers(m, w, 0);
	want = logits_of(m);
	syc_model_close(m);
	/* alpha / rank says a scale of rslora to its last bit. */
	ck_assert_double_le(
		compare(model, in_dir("gguf"), want, w, s->rslora ? 2 : 0),
		s->rslora ? 1e-5 : 0);
	check_trained(model, w, want);
	if (merged)
		check_merged(model, in_dir("peft"), want);
	ck_assert_double_ge(compare(model, NULL, want, NULL, 0), 1e-2);
	free(want);
	syc_lora_weights_free(w);
	remove_adapter("peft");
	ck_assert_int_eq(unlink(in_dir("gguf")), 0);
}

START_TEST(every_architecture)
{
	static const char *const here[] = {
		"demo", "demo/demo-q8_0.gguf",
		"tests/data/llama-mha/llama-mha-f16.gguf",
		"tests/data/family/biases", "tests/data/family/layers"};
	static const char *const shared[] = {
		"llama-gqa-tied-rope3", "llama-mha",  "llama-rope-linear",
		"mistral-window",	"qwen2-bias", "qwen3-qknorm"};
	char path[128];

	enter();
	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++)
		check_model(source_path(here[i]), &shapes[0], true);
	check_model(source_path("tests/data/family/max-window"), &shapes[0],
		    false);
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
		snprintf(path, sizeof(path), "models/%s", shared[i]);
		if (!shared_path(path)) {
			left_out(path);
			continue;
		}
		check_model(shared_path(path), &shapes[1 + i % (N_SHAPES - 1)],
			    true);
		snprintf(path, sizeof(path), "models/%s/%s-f16.gguf", shared[i],
			 shared[i]);
		check_model(shared_path(path), &shapes[i % N_SHAPES], true);
	}
	leave();
}
END_TEST

/* Those that others made, some of them for the embedding and the output as well. */
START_TEST(merged)
{
	static const char *const made[][2] = {
		{"demo", "demo/lora"},
		{"tests/data/family/biases", "tests/data/family/biases/lora"},
		{"tests/data/family/layers", "tests/data/family/layers/lora"},
		{"tests/data/family/layers",
		 "tests/data/family/layers/lora.gguf"},
	};

	enter();
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		char model[512], adapter[512];
		struct syc_model *m;
		float *want;

		snprintf(model, sizeof(model), "%s", source_path(made[i][0]));
		snprintf(adapter, sizeof(adapter), "%s",
			 source_path(made[i][1]));
		m = open_with(model, adapter);
		want = logits_of(m);
		check_merged(model, adapter, want);
		free(want);
		syc_model_close(m);
	}
	leave();
}
END_TEST

START_TEST(another_model)
{
	const struct syc_config c = config_of(source_path("demo"));
	struct syc_lora_weights *w = make(&c, &shapes[0]);
	struct syc_model *m =
		open_with(source_path("tests/data/family/biases"), NULL);
	struct syc_trainer *t = (struct syc_trainer *)w;
	struct syc_err err;

	ck_assert_int_eq(syc_trainer_new(&t, m, w, NULL, &err), SYC_EINVAL);
	ck_assert_ptr_null(t);
	ck_assert_msg(strstr(err.msg, "another shape"), "%s", err.msg);
	syc_model_close(m);
	syc_lora_weights_free(w);
}
END_TEST

START_TEST(every_shape)
{
	enter();
	for (size_t i = 0; i < N_SHAPES; i++) {
		check_model(source_path("tests/data/family/biases"), &shapes[i],
			    true);
		check_model(
			source_path("tests/data/llama-mha/llama-mha-f16.gguf"),
			&shapes[i], true);
	}
	leave();
}
END_TEST

/* ---- for others ------------------------------------------------------------- */

/*
 * tests/peft.sh and whoever compares by hand: CHECK_LORA_OUT is a new folder, which
 * gets an adapter for CHECK_LORA_MODEL (peft, gguf) and what logits it gives (logits,
 * float32).
 */
START_TEST(for_others)
{
	const char *out = getenv("CHECK_LORA_OUT"),
		   *model = getenv("CHECK_LORA_MODEL");
	const struct syc_lora_shape s = {.rank = 6, .alpha = 5, .rslora = true};
	struct syc_lora_weights *w;
	struct syc_config c;
	struct syc_model *m;
	struct syc_err err;
	float *logits;

	if (!out || !model)
		return;
	snprintf(dir, sizeof(dir), "%s", out);
	c = config_of(model);
	w = make(&c, &s);
	ck_assert_msg(
		syc_lora_weights_write(w, &c, model, in_dir("peft"), &err) == 0,
		"%s", err.msg);
	ck_assert_int_eq(
		syc_lora_weights_write_gguf(w, &c, in_dir("gguf"), NULL), 0);
	m = open_with(model, in_dir("peft"));
	logits = logits_of(m);
	spill(in_dir("logits"), logits, N_TOKENS * sizeof(*logits) * c.n_vocab);
	free(logits);
	syc_model_close(m);
	syc_lora_weights_free(w);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(every_architecture), TEST(merged), TEST(every_shape),
		TEST(another_model),
		TEST(for_others),
	};

	return RUN_TESTS("lora_write", tests);
}
