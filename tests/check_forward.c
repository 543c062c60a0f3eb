/* SPDX-License-Identifier: MIT */
/*
 * The forward pass against reference outputs of a plain float32 PyTorch
 * implementation.  CHECK_FORWARD_SHOW=1 prints the errors.
 */
#include "config.h"
#include <math.h>
#include "kern/cpu.h"
#include "jobs.h"
#include "mul_data.h"
#include "npz.h"

enum { N_LOGITS = 4 };

/* What one text should give. */
struct golden {
	struct array ids, blocks, logits;
	size_t n_layers, n_tokens, dim, n_vocab, n_logits;
};

/* What it gives. */
struct got {
	size_t n_layers, n_tokens, dim, n_vocab;
	float *blocks;		/* [layer][token][dim] */
	float *logits;		/* [n_vocab] of one position */
};

/* The worst over all texts of a model. */
struct worst {
	double block, logit;	/* largest difference over standard deviation */
	double cosine;		/* smallest over layers and tokens */
	size_t n_texts;
	uint64_t digest;	/* of all outputs, in order */
};

/* Text number i of several, or the only one, whose names have no number. */
static bool golden_read(struct golden *g, struct syc_zip *z, size_t i)
{
	char number[24] = "", name[32];
	bool one = syc_zip_find(z, "ids.npy") != SIZE_MAX;

	if (!one)
		snprintf(number, sizeof(number), "%zu", i);
	snprintf(name, sizeof(name), "ids%s", number);
	if ((one && i > 0) || !array_read(&g->ids, z, name))
		return false;
	snprintf(name, sizeof(name), "blocks%s", number);
	ck_assert(array_read(&g->blocks, z, name));
	snprintf(name, sizeof(name), "logits%s", number);
	ck_assert(array_read(&g->logits, z, name));
	g->n_layers = g->blocks.head.shape[0];
	g->n_tokens = g->blocks.head.shape[1];
	g->dim = g->blocks.head.shape[2];
	g->n_vocab = g->logits.head.shape[1];
	g->n_logits = g->logits.head.shape[0];
	ck_assert_uint_eq(g->ids.head.count, g->n_tokens);
	return true;
}

static void golden_free(struct golden *g)
{
	array_free(&g->ids);
	array_free(&g->blocks);
	array_free(&g->logits);
}

static void collect(void *arg, enum syc_hook_point point, uint32_t layer, size_t n,
		    const struct syc_where *at, float *x)
{
	struct got *g = arg;

	ck_assert_int_eq(point, SYC_HOOK_BLOCK);
	for (size_t i = 0; i < n; i++) {
		ck_assert(!at[i].probe);
		memcpy(g->blocks + (layer * g->n_tokens + at[i].pos) * g->dim,
		       x + i * g->dim,
		       g->dim * sizeof(*x));
	}
}

static void keep_logits(struct syc_job *job, const float *logits)
{
	struct got *g = job->user;

	memcpy(g->logits, logits, g->n_vocab * sizeof(*logits));
}

static double deviation(const float *x, size_t n)
{
	double sum = 0, sq = 0;

	for (size_t i = 0; i < n; i++) {
		sum += (double)x[i];
		sq += (double)x[i] * (double)x[i];
	}
	return sqrt(sq / (double)n - sum / (double)n * (sum / (double)n));
}

static double largest_difference(const float *a, const float *b, size_t n)
{
	double max = 0;

	for (size_t i = 0; i < n; i++)	/* NaN counts */
		max = fabs((double)a[i] - (double)b[i]) <= max ? max :
			fabs((double)a[i] - (double)b[i]);
	return max;
}

static double cosine(const float *a, const float *b, size_t n)
{
	double ab = 0, aa = 0, bb = 0;

	for (size_t i = 0; i < n; i++) {
		ab += (double)a[i] * (double)b[i];
		aa += (double)a[i] * (double)a[i];
		bb += (double)b[i] * (double)b[i];
	}
	return ab / sqrt(aa * bb);
}

static void compare_blocks(const struct golden *g, const struct got *got,
			   struct worst *w)
{
	const float *want = array_floats(&g->blocks);
	double e = largest_difference(got->blocks, want, g->blocks.head.count) /
		deviation(want, g->blocks.head.count);

	w->block = e <= w->block ? w->block : e;
	for (size_t i = 0; i < g->n_layers * g->n_tokens; i++) {
		double c = cosine(got->blocks + i * g->dim, want + i * g->dim,
				  g->dim);

		w->cosine = c >= w->cosine ? w->cosine : c;
	}
}

static void compare_logits(const struct golden *g, const struct got *got,
			   size_t back, struct worst *w)
{
	const float *want = array_floats(&g->logits) +
		(g->n_logits - 1 - back) * g->n_vocab;
	double e = largest_difference(got->logits, want,
				      g->n_vocab) / deviation(want, g->n_vocab);

	w->logit = e <= w->logit ? w->logit : e;
}

/* FNV-1a, over the numbers' bits. */
static void digest(struct worst *w, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		memcpy(&bits, &x[i], sizeof(bits));
		for (int shift = 0; shift < 32; shift += 8)
			w->digest =
				(w->digest ^ (bits >> shift & 255)) * 0x100000001b3u;
	}
}

/* The text whole, then without its last token, its last two, ... */
static void run_text(const struct syc_model *m, const struct golden *g,
		     struct worst *w)
{
	struct got got = {
		.n_layers = g->n_layers, .n_tokens = g->n_tokens, .dim = g->dim,
			.n_vocab = g->n_vocab,
		.blocks = calloc(g->blocks.head.count, sizeof(float)),
		.logits = calloc(g->n_vocab, sizeof(float)),
	};
	const struct syc_hook hook = { SYC_HOOK_BLOCK, collect, &got };
	const struct syc_engine_opts o =
		{ .threads = 2, .hooks = &hook, .n_hooks = 1 };
	struct syc_engine *e;

	ck_assert_int_eq(syc_engine_new(&e, m, &o, NULL), 0);
	for (size_t back = 0; back < N_LOGITS && back < g->n_logits &&
	     back < g->n_tokens; back++) {
		struct syc_job job = {
			.id = "text", .tokens = array_ints(&g->ids),
				.n_tokens = g->n_tokens - back,
			.on_probe = keep_logits, .user = &got,
		};
		struct jobs jobs = { .job = &job, .n = 1 };

		ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
		ck_assert_int_eq(job.finish, SYC_FINISH_NONE);
		if (back == 0) {
			compare_blocks(g, &got, w);
			digest(w, got.blocks, g->blocks.head.count);
		}
		compare_logits(g, &got, back, w);
		digest(w, got.logits, g->n_vocab);
		syc_job_clear(&job);
	}
	syc_engine_free(e);
	free(got.blocks);
	free(got.logits);
}

static struct worst run_model(const char *model, const char *golden,
			      const struct syc_model_opts *o)
{
	struct worst w = { .cosine = 1, .digest = 0xcbf29ce484222325u };
	struct syc_err err = { 0 };
	struct golden g = { 0 };
	struct syc_model *m;
	struct syc_zip *z;

	ck_assert_msg(syc_model_open(&m, model, o, &err) == 0, "%s", err.msg);
	ck_assert_msg(syc_zip_open(&z, golden, false, &err) == 0, "%s", err.msg);
	for (; golden_read(&g, z, w.n_texts); w.n_texts++) {
		ck_assert_uint_eq(g.n_layers, syc_model_config(m)->n_layers);
		ck_assert_uint_eq(g.dim, syc_model_config(m)->dim);
		run_text(m, &g, &w);
		golden_free(&g);
	}
	ck_assert_uint_ge(w.n_texts, 1);
	syc_zip_close(z);
	syc_model_close(m);
	if (getenv("CHECK_FORWARD_SHOW"))
		printf("%-40s %-4s: blocks %.2g, logits %.2g, cosine %.6f, digest %016llx\n",
		       strlen(model) > 40 ? model + strlen(model) - 40 : model,
		       o->compute == SYC_COMPUTE_F32 ? "f32" : "int8", w.block,
		       w.logit, w.cosine,
		       (unsigned long long)w.digest);
	return w;
}

static struct worst run_golden(const char *model, const char *golden,
			       enum syc_compute compute,
			       const char *cpu)
{
	const struct syc_model_opts o =
		{ .compute = compute, .threads = 1, .cpu = cpu };

	return run_model(model, golden, &o);
}

static struct worst check_exact(const char *model, const char *golden,
				const struct syc_model_opts *o)
{
	struct worst w = run_model(model, golden, o);

	ck_assert_msg(w.block < 1e-4, "%s: blocks differ by %g", model, w.block);
	ck_assert_msg(w.logit < 1e-4, "%s: logits differ by %g", model, w.logit);
	return w;
}

static void check_f32(const char *model, const char *golden)
{
	const struct syc_model_opts o =
		{ .compute = SYC_COMPUTE_F32, .threads = 1 };

	check_exact(model, golden, &o);
}

static void check_int8(const char *model, const char *golden, double least)
{
	struct worst w = run_golden(model, golden, SYC_COMPUTE_INT8, NULL);

	ck_assert_msg(w.cosine >= least, "%s: cosine %g", model, w.cosine);
}

START_TEST(demo_f32)
{
	check_f32(source_path("demo/demo-f16.gguf"),
		  source_path("demo/golden.npz"));
}
END_TEST

START_TEST(demo_int8)
{
	check_int8(source_path("demo/demo-f16.gguf"),
		   source_path("demo/golden.npz"), 0.998);
}
END_TEST

/* The reference had the weights before they were rounded to q8_0. */
START_TEST(demo_q8_0)
{
	struct worst w = run_golden(source_path("demo/demo-q8_0.gguf"),
				    source_path("demo/golden.npz"),
				    SYC_COMPUTE_F32, NULL);

	ck_assert_msg(w.cosine >= 0.99, "cosine %g", w.cosine);
	check_int8(source_path("demo/demo-q8_0.gguf"),
		   source_path("demo/golden.npz"), 0.99);
}
END_TEST

/* What the demo's type leaves out: products with weights of every form, few and many. */
static void digest_products(struct worst *w, const char *cpu)
{
	enum { PANELS = 2, OUT = PANELS * SYC_Q_ROWS, MOST = 9 };
	const size_t nb = SYC_SUPER_BLOCKS;
	struct drawn *rows = malloc(sizeof(*rows));
	void *scratch = room(SYC_MUL_SCRATCH(nb));
	float out[MOST * OUT];
	struct syc_kern k;
	unsigned flags;

	ck_assert_int_eq(syc_cpu_choose(&flags, cpu, NULL), 0);
	syc_kern_select(&k, flags);
	state = 1;
	for (size_t form = 0; form < N_FORMS; form++) {
		const struct syc_form *f = &forms[form].form;
		const size_t bytes = syc_form_bytes(f, nb);
		uint8_t *panel = room(PANELS * bytes);

		for (size_t p = 0; p < PANELS; p++) {
			draw_rows(rows, f, nb, ANY);
			pack(panel + p * bytes, &k, f, rows, nb);
		}
		for (size_t n = 1; n <= MOST; n += 4) {
			struct tokens x = tokens_new(&k, nb, n, ANY);

			k.mul(out, OUT, f, panel, PANELS, &x.x, nb, n, scratch);
			digest(w, out, n * OUT);
			tokens_free(&x);
		}
		free(panel);
	}
	free(scratch);
	free(rows);
}

static void check_bytes(const char *cpu)
{
	struct worst w = run_golden(source_path("demo/demo-q8_0.gguf"),
				    source_path("demo/golden.npz"),
				    SYC_COMPUTE_INT8, cpu);

	digest_products(&w, cpu);
	ck_assert_msg(w.digest == syc_arithmetic(),
		      "%s: outputs have the digest %016llx: other arithmetic, "
		      "which syc_arithmetic() and NEWS have to say", cpu,
		      (unsigned long long)w.digest);
}

/* With int8 every processor gives the same bytes, with any of its kernels. */
START_TEST(int8_bytes)
{
	unsigned have = syc_cpu_detect();

	check_bytes("scalar");
	for (const struct syc_cpu_name *c = syc_cpu_names; c->name; c++)
		if (have & c->flag)
			check_bytes(c->name);
}
END_TEST

START_TEST(mha_f32)
{
	check_f32(source_path("tests/data/llama-mha/llama-mha-f16.gguf"),
		  source_path("tests/data/llama-mha/golden.npz"));
}
END_TEST

START_TEST(mha_int8)
{
	check_int8(source_path("tests/data/llama-mha/llama-mha-f16.gguf"),
		   source_path("tests/data/llama-mha/golden.npz"), 0.99);
}
END_TEST

static struct worst check_close(const char *model, const char *golden,
				const struct syc_model_opts *o)
{
	struct worst w = run_model(model, golden, o);

	ck_assert_msg(w.cosine >= 0.99, "%s: cosine %g", model, w.cosine);
	return w;
}

/*
 * A model of the shared data, when it is there: as GGUF and as the hub has it,
 * each exactly and with int8; the same weights give the same bits either way,
 * whatever their order.  window is what the GGUF file does not tell.
 */
static void check_shared(const char *name, uint32_t window)
{
	struct syc_model_opts f32 =
		{ .compute = SYC_COMPUTE_F32, .threads = 1 },
		int8 = { .threads = 1 };
	struct worst exact, close;
	char path[4][256];
	const char *golden;

	snprintf(path[0], sizeof(path[0]), "models/%s/golden.npz", name);
	golden = shared_path(path[0]);
	if (!golden) {
		left_out(name);
		return;
	}
	snprintf(path[0], sizeof(path[0]), "%s", golden);
	snprintf(path[1], sizeof(path[1]), "%.*s",
		 (int)(strlen(golden) - strlen("/golden.npz")), golden);
	snprintf(path[2], sizeof(path[2]), "%.100s/%s-f16.gguf", path[1], name);
	snprintf(path[3], sizeof(path[3]), "%.100s/%s-q8_0.gguf", path[1], name);
	exact = check_exact(path[1], path[0], &f32);
	close = check_close(path[1], path[0], &int8);
	if (window) {
		f32.set_window = int8.set_window = true;
		f32.window = int8.window = window;
	}
	ck_assert_uint_eq(check_exact(path[2], path[0], &f32).digest, exact.digest);
	ck_assert_uint_eq(check_close(path[2], path[0], &int8).digest,
			  close.digest);
	check_close(path[3], path[0], &f32);
	check_close(path[3], path[0], &int8);
}

START_TEST(llama)
{
	check_shared("llama-mha", 0);
}
END_TEST

START_TEST(grouped_tied_llama3_rope)
{
	check_shared("llama-gqa-tied-rope3", 0);
}
END_TEST

START_TEST(linear_rope)
{
	check_shared("llama-rope-linear", 0);
}
END_TEST

START_TEST(sliding_window)
{
	check_shared("mistral-window", 24);
}
END_TEST

START_TEST(biases)
{
	check_shared("qwen2-bias", 0);
}
END_TEST

START_TEST(head_norms)
{
	check_shared("qwen3-qknorm", 0);
}
END_TEST

/* What those models lack, against tests/ref/forward.py. */
static void check_made(const char *name)
{
	const struct syc_model_opts int8 = { .threads = 1 };
	char model[512], golden[512];

	snprintf(model, sizeof(model), "%s/%s",
		 source_path("tests/data/family"), name);
	snprintf(golden, sizeof(golden), "%s/%s/golden.npz",
		 source_path("tests/data/family"), name);
	check_f32(model, golden);
	check_close(model, golden, &int8);
}

START_TEST(biases_everywhere)
{
	check_made("biases");
}
END_TEST

START_TEST(window_by_layer)
{
	check_made("layers");
}
END_TEST

START_TEST(window_from_layer)
{
	check_made("max-window");
}
END_TEST

/* Adapters with all that PEFT may set, and as GGUF has them. */
static void check_made_adapter(const char *name, const char *adapter)
{
	char model[256], golden[256], path[256];
	const struct syc_adapter one = { path, 1 };
	const struct syc_model_opts o =
		{ .compute = SYC_COMPUTE_F32, .threads = 1, .adapters = &one,
		  .n_adapters = 1 };

	snprintf(model, sizeof(model), "%.200s/%.40s",
		 source_path("tests/data/family"), name);
	snprintf(golden, sizeof(golden), "%.200s/%.30s/golden-lora.npz",
		 source_path("tests/data/family"), name);
	snprintf(path, sizeof(path), "%.200s/%.30s/%.20s",
		 source_path("tests/data/family"), name, adapter);
	check_exact(model, golden, &o);
}

START_TEST(adapters_made)
{
	check_made_adapter("biases", "lora");
	check_made_adapter("biases", "lora.gguf");
	check_made_adapter("layers", "lora");
	check_made_adapter("layers", "lora.gguf");
}
END_TEST

/* The demo with its adapter, from either file; also in two halves. */
START_TEST(adapter)
{
	const char *model = source_path("demo/demo-f16.gguf"),
		*golden = source_path("demo/lora/golden.npz");
	const struct syc_adapter once[] = { { source_path("demo/lora"), 1 } };
	struct syc_model_opts f32 =
		{ .compute = SYC_COMPUTE_F32, .threads = 1, .adapters = once,
		  .n_adapters = 1 };
	struct syc_model_opts int8 =
		{ .threads = 1, .adapters = once, .n_adapters = 1 };
	char folder[256], file[320];
	struct syc_adapter halves[2];
	struct worst hub, gguf;

	snprintf(folder, sizeof(folder), "%s", source_path("demo"));
	gguf = check_exact(model, golden, &f32);
	hub = check_exact(folder, golden, &f32);
	ck_assert_uint_eq(gguf.digest, hub.digest);
	check_close(model, golden, &int8);
	snprintf(file, sizeof(file), "%s/lora/adapter_model.safetensors", folder);
	halves[0] = (struct syc_adapter){ file, 0.25f };
	halves[1] = (struct syc_adapter){ once[0].path, 0.75f };
	f32.adapters = halves;
	f32.n_adapters = 2;
	check_exact(model, golden, &f32);
}
END_TEST

static const struct test tests[] = {
	TEST(demo_f32),
	TEST(demo_int8),
	TEST(demo_q8_0),
	TEST(int8_bytes),
	TEST(mha_f32),
	TEST(mha_int8),
	TEST(llama),
	TEST(grouped_tied_llama3_rope),
	TEST(linear_rope),
	TEST(sliding_window),
	TEST(biases),
	TEST(head_norms),
	TEST(biases_everywhere),
	TEST(window_by_layer),
	TEST(window_from_layer),
	TEST(adapter),
	TEST(adapters_made),
};

int main(void)
{
	return RUN_TESTS("forward", tests);
}
