/* SPDX-License-Identifier: MIT */
/*
 * Adapters made in memory: in files, read again, and merged, they are the same
 * numbers and make the same model.
 */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobs.h"
#include "made_lora.h"
#include "model/lora.h"
#include "model/lora_weights.h"
#include "model/model.h"
#include "model/rope.h"
#include "syc/output.h"

static char dir[64];

static const char *in_dir(const char *name)
{
	static char path[4][512];
	static unsigned at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", dir, name);
	return path[at];
}

static void enter(void)
{
	snprintf(dir, sizeof(dir), "made-lora-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_adapter(const char *name)
{
	char file[600];

	snprintf(file, sizeof(file), "%s/adapter_config.json", in_dir(name));
	ck_assert_int_eq(unlink(file), 0);
	snprintf(file, sizeof(file), "%s/adapter_model.safetensors", in_dir(name));
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(in_dir(name)), 0);
}

static void leave(void)
{
	ck_assert_int_eq(rmdir(dir), 0);
}

static struct syc_config config_of(const char *model)
{
	struct syc_model_need need;
	struct syc_err err;

	ck_assert_msg(syc_model_memory_needed(&need, model, NULL, &err) == 0, "%s",
		      err.msg);
	return need.config;
}

static struct syc_lora_weights *make(const struct syc_config *c,
				     const struct syc_lora_shape *s)
{
	struct syc_lora_weights *w;
	struct syc_err err;

	ck_assert_msg(syc_lora_weights_new(&w, c, s, &err) == 0, "%s", err.msg);
	made_lora_fill(w, 1);
	return w;
}

/* ---- the numbers ------------------------------------------------------------ */

/* Within so many roundings of a float. */
static void same_scaled(float got, float want, int roundings)
{
	ck_assert_msg(fabsf(got - want) <=
			      (float)roundings * 0x1p-23f * fabsf(want),
		      "%.9g is not %.9g", (double)got, (double)want);
}

static void check_numbers(const struct syc_model *m, const struct syc_lora_weights *w,
			  int roundings)
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
					    w->scale * p->b[r * rank + k], roundings);
	}
}

enum { N_TOKENS = 12 };

struct got {
	float *logits;		/* [N_TOKENS][n_vocab] */
	size_t n_vocab;
};

static void keep(struct syc_job *job, uint32_t pos, const float *logits)
{
	struct got *g = job->user;

	memcpy(g->logits + pos * g->n_vocab, logits, g->n_vocab * sizeof(*logits));
}

/* The logits of a few tokens, to be freed. */
static float *logits_of(const struct syc_model *m)
{
	const struct syc_engine_opts o = { .threads = 1 };
	struct got g = { .n_vocab = syc_model_config(m)->n_vocab };
	int32_t tokens[N_TOKENS];
	struct syc_job job = { .id = "a", .tokens = tokens, .n_tokens = N_TOKENS,
			       .on_token = keep, .user = &g };
	struct jobs jobs = { .job = &job, .n = 1 };
	struct syc_engine *e;

	for (int i = 0; i < N_TOKENS; i++)
		tokens[i] = 3 + 17 * i;
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

	ck_assert_msg(syc_model_open(&m, model, &o, &err) == 0, "%s: %s", model, err.msg);
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
	const double d = distance(got, want,
				  N_TOKENS * (size_t)syc_model_config(m)->n_vocab);

	if (w)
		check_numbers(m, w, roundings);
	free(got);
	syc_model_close(m);
	return d;
}

static void check_merged(const char *model, const char *adapter, const float *want)
{
	const struct syc_adapter one = { adapter, 1 };
	const struct syc_convert_opts o = { .weights = SYC_WEIGHTS_F32, .threads = 1,
					    .adapters = &one, .n_adapters = 1 };
	struct syc_err err;

	ck_assert_msg(syc_model_convert(model, in_dir("merged"), &o, &err) == 0, "%s",
		      err.msg);
	ck_assert_double_le(compare(in_dir("merged"), NULL, want, NULL, 0), 1e-5);
	ck_assert_int_eq(unlink(in_dir("merged")), 0);
}

/* An adapter in both files, read again and, where GGUF has such a model, merged. */
static void check_model(const char *model, const struct syc_lora_shape *s, bool merged)
{
	const struct syc_config c = config_of(model);
	struct syc_lora_weights *w = make(&c, s);
	struct syc_model *m;
	struct syc_err err;
	float *want;

	ck_assert_msg(syc_lora_weights_write(w, &c, model, in_dir("peft"), &err) == 0,
		      "%s", err.msg);
	ck_assert_msg(syc_lora_weights_write_gguf(w, &c, in_dir("gguf"), &err) == 0,
		      "%s", err.msg);
	m = open_with(model, in_dir("peft"));
	check_numbers(m, w, 0);
	want = logits_of(m);
	syc_model_close(m);
	/* alpha / rank says a scale of rslora to its last bit. */
	ck_assert_double_le(compare(model, in_dir("gguf"), want, w, s->rslora ? 2 : 0),
			    s->rslora ? 1e-5 : 0);
	if (merged)
		check_merged(model, in_dir("peft"), want);
	ck_assert_double_ge(compare(model, NULL, want, NULL, 0), 1e-2);
	free(want);
	syc_lora_weights_free(w);
	remove_adapter("peft");
	ck_assert_int_eq(unlink(in_dir("gguf")), 0);
}

static const struct syc_lora_shape shapes[] = {
	{ .rank = 4, .alpha = 8 },
	{ .rank = 3, .alpha = 5, .rslora = true, .dropout = 0.05f,
	  .matrices = 1u << SYC_LORA_Q | 1u << SYC_LORA_K },
	{ .rank = 1, .alpha = 0.7f, .matrices = 1u << SYC_LORA_DOWN },
	{ .rank = 70, .alpha = 1.5f, .rslora = true },
};
enum { N_SHAPES = sizeof(shapes) / sizeof(*shapes) };

START_TEST(every_architecture)
{
	static const char *const here[] = { "demo", "demo/demo-q8_0.gguf",
		"tests/data/llama-mha/llama-mha-f16.gguf", "tests/data/family/biases",
		"tests/data/family/layers" };
	static const char *const shared[] = { "llama-gqa-tied-rope3", "llama-mha",
		"llama-rope-linear", "mistral-window", "qwen2-bias", "qwen3-qknorm" };
	char path[128];

	enter();
	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++)
		check_model(source_path(here[i]), &shapes[0], true);
	check_model(source_path("tests/data/family/max-window"), &shapes[0], false);
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
		snprintf(path, sizeof(path), "models/%s", shared[i]);
		if (!shared_path(path)) {
			left_out(path);
			continue;
		}
		check_model(shared_path(path), &shapes[1 + i % (N_SHAPES - 1)],
			    true);
		snprintf(path, sizeof(path), "models/%s/%s-f16.gguf", shared[i], shared[i]);
		check_model(shared_path(path), &shapes[i % N_SHAPES], true);
	}
	leave();
}
END_TEST

/* Those that others made, some of them for the embedding and the output as well. */
START_TEST(merged)
{
	static const char *const made[][2] = {
		{ "demo", "demo/lora" },
		{ "tests/data/family/biases", "tests/data/family/biases/lora" },
		{ "tests/data/family/layers", "tests/data/family/layers/lora" },
		{ "tests/data/family/layers", "tests/data/family/layers/lora.gguf" },
	};

	enter();
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		char model[512], adapter[512];
		struct syc_model *m;
		float *want;

		snprintf(model, sizeof(model), "%s", source_path(made[i][0]));
		snprintf(adapter, sizeof(adapter), "%s", source_path(made[i][1]));
		m = open_with(model, adapter);
		want = logits_of(m);
		check_merged(model, adapter, want);
		free(want);
		syc_model_close(m);
	}
	leave();
}
END_TEST

START_TEST(every_shape)
{
	enter();
	for (size_t i = 0; i < N_SHAPES; i++) {
		check_model(source_path("tests/data/family/biases"), &shapes[i], true);
		check_model(source_path("tests/data/llama-mha/llama-mha-f16.gguf"),
			    &shapes[i], true);
	}
	leave();
}
END_TEST

/* ---- where rows go ---------------------------------------------------------- */

/* The one row of that tensor that is not zero. */
static size_t row_of(const char *path, const char *name, size_t rank, size_t rows)
{
	const struct syc_tensor *t;
	size_t row = rows;
	struct syc_store *s;

	ck_assert_int_eq(syc_store_open(&s, path, NULL), 0);
	t = syc_store_tensor(s, name);
	ck_assert_msg(t && t->type == SYC_TYPE_F32 && t->n_dims == 2, "%s", name);
	ck_assert(t->ne[0] == rank && t->ne[1] == rows);
	for (size_t i = 0; i < rows * rank; i++) {
		float x;

		memcpy(&x, t->data + i * sizeof(x), sizeof(x));
		if (x == 0)
			continue;
		ck_assert(row == rows || row == i / rank);
		row = i / rank;
	}
	syc_store_close(s);
	return row;
}

/* The value rotated with a head's first: beside it, or half a head behind. */
static void check_rows(const char *model, bool gguf_halves)
{
	const struct syc_lora_shape s = { .rank = 2, .alpha = 2 };
	const struct syc_config c = config_of(model);
	struct syc_lora_weights *w;
	const size_t head = c.head_dim, half = head / 2;
	size_t rows, kv;
	char file[600];

	ck_assert_int_eq(syc_lora_weights_new(&w, &c, &s, NULL), 0);
	rows = w->pair[SYC_LORA_Q].rows;
	kv = w->pair[SYC_LORA_V].rows;
	w->pair[SYC_LORA_Q].b[(head + 1) * 2] = 1;
	w->pair[SYC_LORA_V].b[3] = 1;
	ck_assert_int_eq(syc_lora_weights_write(w, &c, "it's \"b\\", in_dir("peft"), NULL), 0);
	ck_assert_int_eq(syc_lora_weights_write_gguf(w, &c, in_dir("gguf"), NULL), 0);
	snprintf(file, sizeof(file), "%s/adapter_model.safetensors", in_dir("peft"));
	ck_assert_uint_eq(row_of(file, "base_model.model.model.layers.0.self_attn.q_proj."
				       "lora_B.weight", 2, rows), head + half);
	ck_assert_uint_eq(row_of(file, "base_model.model.model.layers.0.self_attn.v_proj."
				       "lora_B.weight", 2, kv), 1);
	ck_assert_uint_eq(row_of(in_dir("gguf"), "blk.0.attn_q.weight.lora_b", 2, rows),
			  head + (gguf_halves ? half : 1));
	ck_assert_uint_eq(row_of(in_dir("gguf"), "blk.0.attn_v.weight.lora_b", 2, kv), 1);
	syc_lora_weights_free(w);
	remove_adapter("peft");
	ck_assert_int_eq(unlink(in_dir("gguf")), 0);
}

START_TEST(rows_of_heads)
{
	enter();
	check_rows(source_path("demo"), false);
	check_rows(source_path("tests/data/family/layers"), true);
	leave();
}
END_TEST

START_TEST(halves_and_back)
{
	for (size_t head = 2; head <= 128; head *= 2)
		for (size_t r = 0; r < 3 * head; r++) {
			ck_assert_uint_eq(syc_rope_row_of_halves(syc_rope_row(r, head), head),
					  r);
			ck_assert_uint_eq(syc_rope_row(syc_rope_row_of_halves(r, head), head),
					  r);
		}
}
END_TEST

/* ---- in memory -------------------------------------------------------------- */

START_TEST(beginning)
{
	const struct syc_config c = config_of(source_path("demo"));
	struct syc_lora_shape s = { .rank = 3, .alpha = 6 };
	struct syc_lora_weights *all, *some;
	double square = 0;
	size_t n = 0;

	ck_assert_int_eq(syc_lora_weights_new(&all, &c, &s, NULL), 0);
	s.matrices = 1u << SYC_LORA_O;
	ck_assert_int_eq(syc_lora_weights_new(&some, &c, &s, NULL), 0);
	ck_assert_uint_eq(all->n, c.n_layers * SYC_LORA_N);
	ck_assert_uint_eq(some->n, c.n_layers);
	ck_assert(all->scale == 2 && all->shape.matrices == 127);
	syc_lora_weights_init(all, 7);
	syc_lora_weights_init(some, 7);
	for (size_t i = 0; i < all->n; i++) {
		const struct syc_lora_pair *p = &all->pair[i];

		for (size_t k = 0; k < 3 * p->cols; k++, n++) {
			ck_assert(fabs((double)p->a[k]) <= 1 / sqrt((double)p->cols));
			square += (double)p->a[k] * (double)p->a[k] * (double)p->cols;
		}
		for (size_t k = 0; k < 3 * p->rows; k++)
			ck_assert(p->b[k] == 0);
	}
	/* A uniform number's variance. */
	ck_assert(fabs(square / (double)n - 1. / 3) < .01);
	/* Whatever other matrices there are. */
	ck_assert_mem_eq(some->pair[1].a, all->pair[SYC_LORA_N + SYC_LORA_O].a,
			 3 * some->pair[1].cols * sizeof(float));
	ck_assert(memcmp(some->pair[1].a, some->pair[0].a, 3 * sizeof(float)) != 0);
	syc_lora_weights_free(some);
	syc_lora_weights_free(all);
	syc_lora_weights_free(NULL);
}
END_TEST

static void refuse_shape(const char *model, const struct syc_lora_shape *s, int code,
			 const char *what)
{
	const struct syc_config c = config_of(model);
	struct syc_lora_weights *w = (struct syc_lora_weights *)&c;
	struct syc_err err;

	ck_assert_int_eq(syc_lora_weights_new(&w, &c, s, &err), code);
	ck_assert_ptr_null(w);
	ck_assert_msg(strstr(err.msg, what), "%s", err.msg);
}

START_TEST(no_shapes)
{
	const struct { struct syc_lora_shape s; const char *what; } bad[] = {
		{ { .rank = 0, .alpha = 1 }, "rank 0" },
		{ { .rank = 65537, .alpha = 1 }, "rank 65537" },
		{ { .rank = 1, .alpha = 0 }, "alpha 0" },
		{ { .rank = 1, .alpha = NAN }, "alpha nan" },
		{ { .rank = 1, .alpha = INFINITY }, "alpha inf" },
		{ { .rank = 1, .alpha = 1, .dropout = 1 }, "dropout 1" },
		{ { .rank = 1, .alpha = 1, .dropout = -.5f }, "dropout -0.5" },
		{ { .rank = 1, .alpha = 1, .matrices = 128 }, "matrices 0x80" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refuse_shape(source_path("demo"), &bad[i].s, SYC_EINVAL, bad[i].what);
	refuse_shape(source_path("demo/reward"), &shapes[0], SYC_EUNSUPP, "reward");
}
END_TEST

/* ---- what stands in the way ------------------------------------------------- */

static bool exists(const char *name)
{
	return access(in_dir(name), F_OK) == 0;
}

static void refuse(const struct syc_lora_weights *w, const struct syc_config *c,
		   const char *name, int code, const char *what)
{
	struct syc_err err = { 0 };

	ck_assert_int_eq(syc_lora_weights_write(w, c, "x", in_dir(name), &err), code);
	ck_assert_msg(strstr(err.msg, what) && strstr(err.msg, name), "%s", err.msg);
}

START_TEST(in_the_way)
{
	const struct syc_config c = config_of(source_path("demo"));
	struct syc_lora_weights *w = make(&c, &shapes[2]);
	struct syc_err err = { 0 };

	enter();
	ck_assert_int_eq(mkdir(in_dir("there"), 0777), 0);
	refuse(w, &c, "there", SYC_EINVAL, "is there already");
	refuse(w, &c, "no/such", SYC_EIO, "No such file");
	ck_assert_int_eq(syc_lora_weights_write_gguf(w, &c, in_dir("no/such"), &err), SYC_EIO);
	w->values[w->n_values - 1] = NAN;
	ck_assert_int_eq(syc_lora_weights_write(w, &c, "x", in_dir("adapter"), &err), SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, "layers.5.mlp.down_proj.lora_B"), "%s", err.msg);
	ck_assert(!exists("adapter") && !exists("adapter.part"));
	ck_assert_int_eq(rmdir(in_dir("there")), 0);
	syc_lora_weights_free(w);
	leave();
}
END_TEST

/* A limit on the size of files is as a full disk. */
START_TEST(no_room)
{
	const struct syc_config c = config_of(source_path("demo"));
	struct syc_lora_weights *w = make(&c, &shapes[0]);
	struct rlimit before, little = { 4096, 0 };
	struct syc_err err = { 0 };

	enter();
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	little.rlim_max = before.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	refuse(w, &c, "adapter", SYC_EIO, "File too large");
	ck_assert_int_eq(syc_lora_weights_write_gguf(w, &c, in_dir("gguf"), &err), SYC_EIO);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert(!exists("adapter") && !exists("adapter.part") && !exists("gguf") &&
		  !exists("gguf.part"));
	syc_lora_weights_free(w);
	leave();
}
END_TEST

/* ---- for others ------------------------------------------------------------- */

/* The configuration that PEFT reads. */
static void check_config(const char *name, const char *base, size_t n_modules)
{
	char file[600];
	json_t *o;

	snprintf(file, sizeof(file), "%s/adapter_config.json", in_dir(name));
	o = json_load_file(file, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(o, "base_model_name_or_path")),
			 base);
	ck_assert_str_eq(json_string_value(json_object_get(o, "task_type")), "CAUSAL_LM");
	ck_assert_uint_eq(json_array_size(json_object_get(o, "target_modules")), n_modules);
	ck_assert(json_real_value(json_object_get(o, "lora_dropout")) == 0.05);
	ck_assert(json_integer_value(json_object_get(o, "lora_alpha")) == 5);
	ck_assert(json_is_true(json_object_get(o, "use_rslora")));
	json_decref(o);
}

START_TEST(configuration)
{
	const struct syc_config c = config_of(source_path("demo"));
	const char *base = "it's \"b\\ \xc3\xa9";
	struct syc_lora_weights *w = make(&c, &shapes[1]);

	enter();
	ck_assert_int_eq(syc_lora_weights_write(w, &c, base, in_dir("peft"), NULL), 0);
	check_config("peft", base, 2);
	syc_lora_weights_free(w);
	remove_adapter("peft");
	leave();
}
END_TEST

/*
 * tests/peft.sh and whoever compares by hand: CHECK_LORA_OUT is a new folder, which
 * gets an adapter for CHECK_LORA_MODEL (peft, gguf) and what logits it gives (logits,
 * float32).
 */
START_TEST(for_others)
{
	const char *out = getenv("CHECK_LORA_OUT"), *model = getenv("CHECK_LORA_MODEL");
	const struct syc_lora_shape s = { .rank = 6, .alpha = 5, .rslora = true };
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
	ck_assert_msg(syc_lora_weights_write(w, &c, model, in_dir("peft"), &err) == 0, "%s",
		      err.msg);
	ck_assert_int_eq(syc_lora_weights_write_gguf(w, &c, in_dir("gguf"), NULL), 0);
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
		TEST(rows_of_heads),
		TEST(halves_and_back), TEST(beginning), TEST(no_shapes),
		TEST(in_the_way), TEST(no_room), TEST(configuration), TEST(for_others),
	};

	return RUN_TESTS("lora_write", tests);
}
