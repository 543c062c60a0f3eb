/* SPDX-License-Identifier: MIT */
/* Adapters in memory, where their rows go in files, and what stands in the way of these. */
#include "config.h"
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "format/store.h"
#include "lora_folder.h"
#include "model/rope.h"

/* ---- where rows go ---------------------------------------------------------- */

/* The one row of that tensor that is not zero. */
static size_t row_of(const char *path, const char *name, size_t rank,
		     size_t rows)
{
	const struct syc_tensor *t;
	size_t row = rows;
	struct syc_store *s;

	ck_assert_int_eq(syc_store_open(&s, path, NULL), 0);
	t = syc_store_tensor(s, name);
	ck_assert_msg(t && t->type == SYC_TYPE_F32 && t->n_dims == 2, "%s",
		      name);
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
	ck_assert_int_eq(syc_lora_weights_write(w, &c, "it's \"b\\",
						in_dir("peft"), NULL),
			 0);
	ck_assert_int_eq(
		syc_lora_weights_write_gguf(w, &c, in_dir("gguf"), NULL), 0);
	snprintf(file, sizeof(file), "%s/adapter_model.safetensors",
		 in_dir("peft"));
	ck_assert_uint_eq(
		row_of(file,
		       "base_model.model.model.layers.0.self_attn.q_proj."
		       "lora_B.weight",
		       2, rows),
		head + half);
	ck_assert_uint_eq(
		row_of(file,
		       "base_model.model.model.layers.0.self_attn.v_proj."
		       "lora_B.weight",
		       2, kv),
		1);
	ck_assert_uint_eq(
		row_of(in_dir("gguf"), "blk.0.attn_q.weight.lora_b", 2, rows),
		head + (gguf_halves ? half : 1));
	ck_assert_uint_eq(
		row_of(in_dir("gguf"), "blk.0.attn_v.weight.lora_b", 2, kv), 1);
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
			ck_assert_uint_eq(syc_rope_row_of_halves(
						  syc_rope_row(r, head), head),
					  r);
			ck_assert_uint_eq(
				syc_rope_row(syc_rope_row_of_halves(r, head),
					     head),
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
			ck_assert(fabs((double)p->a[k]) <=
				  1 / sqrt((double)p->cols));
			square += (double)p->a[k] * (double)p->a[k] *
				  (double)p->cols;
		}
		for (size_t k = 0; k < 3 * p->rows; k++)
			ck_assert(p->b[k] == 0);
	}
	/* A uniform number's variance. */
	ck_assert(fabs(square / (double)n - 1. / 3) < .01);
	/* Whatever other matrices there are. */
	ck_assert_mem_eq(some->pair[1].a, all->pair[SYC_LORA_N + SYC_LORA_O].a,
			 3 * some->pair[1].cols * sizeof(float));
	ck_assert(memcmp(some->pair[1].a, some->pair[0].a, 3 * sizeof(float)) !=
		  0);
	syc_lora_weights_free(some);
	syc_lora_weights_free(all);
	syc_lora_weights_free(NULL);
}
END_TEST

static void refuse_shape(const char *model, const struct syc_lora_shape *s,
			 int code, const char *what)
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
		refuse_shape(source_path("demo"), &bad[i].s, SYC_EINVAL,
			     bad[i].what);
	refuse_shape(source_path("demo/reward"), &shapes[0], SYC_EUNSUPP,
		     "reward");
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

	ck_assert_int_eq(syc_lora_weights_write(w, c, "x", in_dir(name), &err),
			 code);
	ck_assert_msg(strstr(err.msg, what) && strstr(err.msg, name), "%s",
		      err.msg);
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
	ck_assert_int_eq(
		syc_lora_weights_write_gguf(w, &c, in_dir("no/such"), &err),
		SYC_EIO);
	w->values[w->n_values - 1] = NAN;
	ck_assert_int_eq(
		syc_lora_weights_write(w, &c, "x", in_dir("adapter"), &err),
		SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, "layers.5.mlp.down_proj.lora_B"), "%s",
		      err.msg);
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
	ck_assert_int_eq(
		syc_lora_weights_write_gguf(w, &c, in_dir("gguf"), &err),
		SYC_EIO);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert(!exists("adapter") && !exists("adapter.part") &&
		  !exists("gguf") && !exists("gguf.part"));
	syc_lora_weights_free(w);
	leave();
}
END_TEST

/* The configuration that PEFT reads. */
static void check_config(const char *name, const char *base, size_t n_modules)
{
	char file[600];
	json_t *o;

	snprintf(file, sizeof(file), "%s/adapter_config.json", in_dir(name));
	o = json_load_file(file, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_str_eq(json_string_value(
				 json_object_get(o, "base_model_name_or_path")),
			 base);
	ck_assert_str_eq(json_string_value(json_object_get(o, "task_type")),
			 "CAUSAL_LM");
	ck_assert_uint_eq(json_array_size(json_object_get(o, "target_modules")),
			  n_modules);
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
	ck_assert_int_eq(
		syc_lora_weights_write(w, &c, base, in_dir("peft"), NULL), 0);
	check_config("peft", base, 2);
	syc_lora_weights_free(w);
	remove_adapter("peft");
	leave();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(rows_of_heads), TEST(halves_and_back), TEST(beginning),
		TEST(no_shapes), TEST(in_the_way), TEST(no_room), TEST(configuration),
	};

	return RUN_TESTS("lora_made", tests);
}
