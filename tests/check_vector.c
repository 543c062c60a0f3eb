/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "format/gguf.h"
#include "format/npy.h"
#include "format/safetensors.h"
#include "rec/vector_file.h"
#include "suite.h"

enum { LAYERS = 5, DIM = 7 };

static const char *const paths[] = {
	"check_vector.gguf", "check_vector.npz", "check_vector.npy",
	"check_vector.safetensors", "check_vector.tmp",
};
enum { N_PATHS = sizeof(paths) / sizeof(paths[0]) };
static const char *const tmp = "check_vector.tmp";

static float value(size_t layer, size_t i)
{
	return (float)(layer * 100 + i) + 0.5f;
}

/* Layers 0 to 4, without layer 2 unless all is set. */
static struct syc_vector *example(bool all)
{
	struct syc_vector *v = syc_vector_new(LAYERS, DIM);
	const float diag[LAYERS] = { 1, 2, NAN, 4, 5.5f };

	ck_assert_ptr_nonnull(v);
	for (size_t l = 0; l < LAYERS; l++) {
		if (l == 2 && !all)
			continue;
		v->has[l] = 1;
		for (size_t i = 0; i < DIM; i++)
			v->v[l * DIM + i] = value(l, i);
	}
	for (unsigned i = 0; i < VEC_DIAGS; i++)
		ck_assert_int_eq(vec_set_diag(v, i, diag), 0);
	syc_vector_str(&v->name, "caf\xc3\xa9 \"x\"");
	syc_vector_str(&v->method, "mean");
	syc_vector_str(&v->position, "letter");
	syc_vector_str(&v->model_hint, "llama");
	syc_vector_str(&v->provenance, "{\"seed\": 1}");
	v->n_pairs = 200;
	v->normalized = true;
	return v;
}

static void check_layers(const struct syc_vector *v, bool all)
{
	ck_assert_uint_eq(v->n_layers, LAYERS);
	ck_assert_uint_eq(v->dim, DIM);
	for (size_t l = 0; l < LAYERS; l++) {
		ck_assert_int_eq(v->has[l], l != 2 || all);
		for (size_t i = 0; i < DIM; i++)
			ck_assert(v->v[l * DIM + i] == (v->has[l] ?
							value(l, i) : 0));
	}
}

static void check_fields(const struct syc_vector *v)
{
	ck_assert_str_eq(v->name, "caf\xc3\xa9 \"x\"");
	ck_assert_str_eq(v->method, "mean");
	ck_assert_str_eq(v->position, "letter");
	ck_assert_str_eq(v->model_hint, "llama");
	ck_assert_str_eq(v->layer_base, vec_layer_base);
	ck_assert_str_eq(v->provenance, "{\"seed\": 1}");
	ck_assert_uint_eq(v->n_pairs, 200);
	ck_assert(v->normalized);
	for (unsigned i = 0; i < VEC_DIAGS; i++) {
		const float *d = *vec_diag(v, i);

		ck_assert_ptr_nonnull(d);
		ck_assert(d[0] == 1 && isnan(d[2]) && d[4] == 5.5f);
	}
}

/* A shift by one, or layer 0 lost, shows: the values tell their layer. */
START_TEST(every_format_round_trips)
{
	struct syc_vector *v = example(false), *w;
	struct syc_err err;

	for (unsigned i = 0; i < N_PATHS; i++) {
		bool npy = strstr(paths[i], ".npy") != NULL;

		if (npy) {
			ck_assert_int_eq(syc_vector_write(v, paths[i],
							  SYC_VECTOR_AUTO,
							  &err), SYC_EINVAL);
			ck_assert_ptr_nonnull(strstr(err.msg, "layer 2"));
			ck_assert_int_ne(access(paths[i], F_OK), 0);
			continue;
		}
		ck_assert_int_eq(syc_vector_write(v, paths[i], SYC_VECTOR_AUTO,
						  NULL), 0);
		ck_assert_int_eq(syc_vector_read(&w, paths[i], NULL, NULL), 0);
		check_layers(w, false);
		check_fields(w);
		syc_vector_free(w);
	}
	syc_vector_free(v);
	v = example(true);
	ck_assert_int_eq(syc_vector_write(v, tmp, SYC_VECTOR_NPY, NULL), 0);
	ck_assert_int_eq(syc_vector_read(&w, tmp, NULL, NULL), 0);
	check_layers(w, true);
	ck_assert_ptr_nonnull(strstr(w->layer_base, "row i was taken as layer i"));
	syc_vector_free(w);
	syc_vector_free(v);
}
END_TEST

/* Format after format: what goes in comes out, wherever it went between. */
START_TEST(chain_of_formats)
{
	struct syc_vector *v = example(false), *w;

	for (int f = 0; f < 6; f++) {
		static const enum syc_vector_format order[] = {
			SYC_VECTOR_SAFETENSORS, SYC_VECTOR_GGUF, SYC_VECTOR_NPZ,
			SYC_VECTOR_SAFETENSORS, SYC_VECTOR_NPZ, SYC_VECTOR_GGUF,
		};

		ck_assert_int_eq(syc_vector_write(v, tmp, order[f], NULL), 0);
		ck_assert_int_eq(syc_vector_read(&w, tmp, NULL, NULL), 0);
		syc_vector_free(v);
		v = w;
		check_layers(v, false);
		check_fields(v);
	}
	syc_vector_free(v);
}
END_TEST

/* The rules of llama.cpp's loader, which a file must obey to be loaded. */
START_TEST(llama_cpp_accepts)
{
	struct syc_vector *v = example(false);
	const struct syc_gguf_kv *zero;
	struct syc_str arch;
	struct syc_gguf *g;
	uint64_t count = 0;

	ck_assert_int_eq(syc_vector_write(v, tmp, SYC_VECTOR_GGUF, NULL), 0);
	ck_assert_int_eq(syc_gguf_open(&g, tmp, NULL), 0);
	ck_assert_uint_eq(syc_gguf_version(g), 3);
	ck_assert_int_eq(syc_gguf_str(g, "general.architecture", &arch, NULL), 1);
	ck_assert(arch.len == 13 && memcmp(arch.s, "controlvector", 13) == 0);
	ck_assert_uint_eq(syc_gguf_n_tensors(g), 3);
	for (size_t i = 0; i < syc_gguf_n_tensors(g); i++) {
		const struct syc_tensor *t = syc_gguf_tensor_at(g, i);
		float x[DIM];
		int l = -1;

		ck_assert_int_eq(sscanf(t->name, "direction.%d", &l), 1);
		ck_assert_int_gt(l, 0);
		ck_assert_uint_eq(t->type, SYC_TYPE_F32);
		ck_assert_uint_eq(t->n_dims, 1);
		ck_assert_uint_eq(t->ne[0], DIM);
		syc_type_decode(x, t->type, t->data, DIM);
		ck_assert(x[3] == value((size_t)l, 3));
	}
	ck_assert_int_eq(syc_gguf_u64(g, "controlvector.layer_count", &count,
				      NULL), 1);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(syc_gguf_kv(g, "controlvector.layer_count")->type,
			  SYC_GGUF_I32);
	zero = syc_gguf_kv(g, "syc.direction.0");
	ck_assert_ptr_nonnull(zero);
	ck_assert(zero->n == DIM && syc_gguf_num(zero, 2) == (double)value(0, 2));
	syc_gguf_close(g);
	syc_vector_free(v);
}
END_TEST

static void write_gguf(struct syc_gguf_out *g)
{
	FILE *f = fopen(tmp, "wb");

	ck_assert_int_eq(syc_gguf_write(g, f, tmp, NULL), 0);
	ck_assert_int_eq(fclose(f), 0);
	syc_gguf_out_free(g);
}

/* As repeng and llama.cpp's own tool write them: no syc.* keys. */
START_TEST(foreign_gguf)
{
	const float a[2] = { 1, 2 }, b[2] = { 3, 4 }, wide[3] = { 0 };
	struct syc_vector_read_opts shifted = { .layer_base = SYC_BASE_1 };
	struct syc_vector *v;
	struct syc_err err;

	for (int kind = 0; kind < 5; kind++) {
		struct syc_gguf_out *g = syc_gguf_out_new();

		syc_gguf_put_str(g, "general.architecture",
				 kind == 2 ? "llama" : "controlvector",
				 kind == 2 ? 5 : 13);
		if (kind == 0)
			syc_gguf_put_u32(g, "controlvector.layer_count", 2);
		else
			syc_gguf_put_i32(g, "controlvector.layer_count", 2);
		syc_gguf_put_f32_tensor(g, "direction.1", a, 2);
		syc_gguf_put_f32_tensor(g, kind == 3 ? "token_embd" : "direction.2",
					kind == 4 ? wide : b, kind == 4 ? 3 : 2);
		write_gguf(g);
		if (kind >= 2) {
			ck_assert_int_eq(syc_vector_read(&v, tmp, NULL, &err),
					 SYC_EFORMAT);
			ck_assert_ptr_null(v);
			continue;
		}
		ck_assert_int_eq(syc_vector_read(&v, tmp, NULL, NULL), 0);
		ck_assert_uint_eq(v->n_layers, 3);
		ck_assert(!v->has[0] && v->has[1] && v->has[2]);
		ck_assert(v->v[2] == 1 && v->v[5] == 4);
		ck_assert_str_eq(v->name, "");
		syc_vector_free(v);
		ck_assert_int_eq(syc_vector_read(&v, tmp, &shifted, NULL), 0);
		ck_assert(v->has[0] && v->has[1] && v->v[0] == 1 && v->v[3] == 4);
		syc_vector_free(v);
	}
}
END_TEST

/* Only layer 0 has a vector: llama.cpp finds nothing, we do. */
START_TEST(layer_zero_alone)
{
	struct syc_vector *v = syc_vector_new(3, 2), *w;

	v->has[0] = 1;
	v->v[1] = 8;
	ck_assert_int_eq(syc_vector_write(v, tmp, SYC_VECTOR_GGUF, NULL), 0);
	ck_assert_int_eq(syc_vector_read(&w, tmp, NULL, NULL), 0);
	ck_assert_uint_eq(w->n_layers, 3);
	ck_assert(w->has[0] && !w->has[1] && w->v[1] == 8);
	syc_vector_free(w);
	syc_vector_free(v);
}
END_TEST

START_TEST(not_finite_is_refused)
{
	static const enum syc_vector_format formats[] = {
		SYC_VECTOR_GGUF, SYC_VECTOR_NPZ, SYC_VECTOR_SAFETENSORS,
	};
	const uint32_t nan = 0x7fc00000;
	struct syc_vector *v = example(false), *w;
	struct syc_err err;

	v->v[3 * DIM + 1] = INFINITY;
	ck_assert_int_eq(syc_vector_write(v, tmp, SYC_VECTOR_GGUF, &err),
			 SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "layer 3"));
	v->v[3 * DIM + 1] = 12345.625f;
	/* In a file: put a NaN where that number is (npz is deflated: no). */
	for (int i = 0; i < 3; i += 2) {
		char buf[8192];
		size_t n;
		FILE *f;

		ck_assert_int_eq(syc_vector_write(v, tmp, formats[i], NULL), 0);
		f = fopen(tmp, "r+b");
		n = fread(buf, 1, sizeof(buf), f);
		for (size_t at = 0; at + 4 <= n; at++)
			if (memcmp(buf + at, &v->v[3 * DIM + 1], 4) == 0) {
				fseek(f, (long)at, SEEK_SET);
				fwrite(&nan, 4, 1, f);
			}
		fclose(f);
		ck_assert_int_eq(syc_vector_read(&w, tmp, NULL, &err), SYC_EFORMAT);
		ck_assert_msg(strstr(err.msg, "layer 3") != NULL, "%s", err.msg);
	}
	syc_vector_free(v);
}
END_TEST

/* Row 0 of hidden_states is the embedding: layer l is row l + 1. */
START_TEST(foreign_arrays)
{
	struct syc_vector_read_opts o = { .layer_base = SYC_BASE_1 };
	struct syc_vector *v = example(true), *w;
	const char *path = source_path("demo/vectors.npz");
	struct syc_err err;

	ck_assert_int_eq(syc_vector_write(v, tmp, SYC_VECTOR_NPY, NULL), 0);
	ck_assert_int_eq(syc_vector_read(&w, tmp, &o, NULL), 0);
	ck_assert_uint_eq(w->n_layers, LAYERS - 1);
	ck_assert(w->v[0] == value(1, 0));
	ck_assert_ptr_nonnull(strstr(w->layer_base, "layer i-1"));
	syc_vector_free(w);
	ck_assert_int_eq(syc_vector_write(v, tmp, SYC_VECTOR_GGUF, NULL), 0);
	ck_assert_int_eq(syc_vector_read(&w, tmp, &o, &err), SYC_EINVAL);
	syc_vector_free(v);
	ck_assert_int_eq(syc_vector_read(&w, path, NULL, &err), SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, "cue") != NULL, "%s", err.msg);
	o = (struct syc_vector_read_opts){ .key = "nothing" };
	ck_assert_int_eq(syc_vector_read(&w, path, &o, &err), SYC_EINVAL);
	o.key = "cue";
	ck_assert_int_eq(syc_vector_read(&w, path, &o, NULL), 0);
	ck_assert_uint_eq(w->n_layers, 6);
	ck_assert_uint_eq(w->dim, 128);
	ck_assert_str_eq(w->name, "cue");
	o.layer_base = SYC_BASE_1;
	ck_assert_int_eq(syc_vector_read(&v, path, &o, NULL), 0);
	ck_assert_mem_eq(v->v, w->v + 128, 5 * 128 * sizeof(float));
	syc_vector_free(v);
	syc_vector_free(w);
}
END_TEST

static size_t slurp(char *buf, size_t size)
{
	FILE *f = fopen(tmp, "rb");
	size_t n = fread(buf, 1, size, f);

	fclose(f);
	ck_assert_uint_lt(n, size);
	return n;
}

static int reads(const char *path)
{
	struct syc_vector *v;
	int ret = syc_vector_read(&v, path, NULL, NULL);

	if (ret == 0)
		for (size_t l = 0; l < v->n_layers; l++)
			for (size_t i = 0; i < v->dim; i++)
				ck_assert(isfinite(v->v[l * v->dim + i]));
	syc_vector_free(v);
	return ret;
}

START_TEST(damaged_files)
{
	static const char *const path = "check_vector.npy";
	struct syc_vector *v = example(true);
	static char buf[16384];

	for (int f = SYC_VECTOR_GGUF; f <= SYC_VECTOR_SAFETENSORS; f++) {
		size_t n;

		ck_assert_int_eq(syc_vector_write(v, tmp, f, NULL), 0);
		n = slurp(buf, sizeof(buf));
		for (size_t cut = 0; cut < n; cut++) {
			spill(path, buf, cut);
			/* GGUF pads its last tensor. */
			ck_assert(reads(path) < 0 ||
				  (f == SYC_VECTOR_GGUF && cut >= n - 31));
		}
		for (size_t i = 0; i < 8 * n; i++) {
			buf[i / 8] ^= (char)(1 << i % 8);
			spill(path, buf, n);
			reads(path);
			buf[i / 8] ^= (char)(1 << i % 8);
		}
	}
	syc_vector_free(v);
}
END_TEST

START_TEST(failed_write_keeps_the_old)
{
	struct syc_vector *v = example(true), *w;
	struct syc_err err;

	ck_assert_int_eq(syc_vector_write(v, tmp, SYC_VECTOR_GGUF, NULL), 0);
	v->v[0] = NAN;
	ck_assert_int_eq(syc_vector_write(v, tmp, SYC_VECTOR_GGUF, &err),
			 SYC_EINVAL);
	v->v[0] = value(0, 0);
	ck_assert_int_eq(syc_vector_read(&w, tmp, NULL, NULL), 0);
	check_layers(w, true);
	syc_vector_free(w);
	if (access("/dev/full", W_OK) == 0) {
		ck_assert_int_eq(syc_vector_write(v, "/dev/full",
						  SYC_VECTOR_GGUF, &err),
						  SYC_EIO);
		ck_assert_ptr_nonnull(strstr(err.msg, "/dev/full: "));
		ck_assert_int_ne(access("/dev/full.part", F_OK), 0);
	}
	ck_assert_int_eq(syc_vector_write(v, "no/such/folder/v.gguf", 0, &err),
			 SYC_EIO);
	syc_vector_free(v);
}
END_TEST

static int open_safetensors(const char *json, size_t data)
{
	struct syc_safetensors *s;
	struct syc_buf b = { 0 };
	const uint64_t n = strlen(json);
	int ret;

	syc_buf_add(&b, &n, sizeof(n));
	syc_buf_puts(&b, json);
	for (size_t i = 0; i < data; i++)
		syc_buf_add(&b, "\0", 1);
	spill(tmp, b.data, b.len);
	syc_buf_free(&b);
	ret = syc_safetensors_open(&s, tmp, NULL);
	syc_safetensors_close(s);
	return ret;
}

START_TEST(safetensors_headers)
{
	static const char *const good[] = {
		"{}", "{\"__metadata__\":{\"a\":\"b\"}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
		"{\"a\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[0,8]}}",
		"{\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}}",
		("{\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]},"
		 "\"a\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[0,4]}}   "),
	};
	static const char *const bad[] = {
		"{", "{]", "{\"a\":1}", "{\"a\":{}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-4,4]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
		"{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}",
		"{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],"
		"\"data_offsets\":[0,0]}}",
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],"
		"\"data_offsets\":[0,0]}}",
		"{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,8],\"data_offsets\":[0,8]}}",
		"{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]},"
		"\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
		"{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]},"
		"\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[5,8]}}",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(open_safetensors(good[i], 8) == 0, "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(open_safetensors(bad[i], 8) < 0, "%s", bad[i]);
}
END_TEST

START_TEST(safetensors_model)
{
	const char *path = source_path("demo/model.safetensors");
	const struct syc_tensor *t;
	struct syc_safetensors *s;

	ck_assert_int_eq(syc_safetensors_open(&s, path, NULL), 0);
	ck_assert_uint_gt(syc_safetensors_n(s), 50);
	t = syc_safetensors_tensor(s, "model.embed_tokens.weight");
	ck_assert_ptr_nonnull(t);
	ck_assert(t->ne[0] == 128 && t->ne[1] == 768 && t->type == SYC_TYPE_F16);
	ck_assert_ptr_null(syc_safetensors_tensor(s, "nothing"));
	syc_safetensors_close(s);
}
END_TEST

/* As an earlier version wrote them: "site", "normalised" and "centre". */
START_TEST(old_names)
{
	static const char *const names[] =
		{ "vector.gguf", "vector.npz", "vector.safetensors" };
	char old[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct syc_vector *v;

		snprintf(old, sizeof(old), "%s/%s",
			 source_path("tests/data/old"), names[i]);
		ck_assert_int_eq(syc_vector_read(&v, old, NULL, NULL), 0);
		ck_assert_str_eq(v->position, "last");
		ck_assert(v->normalized);
		ck_assert(v->center && isnan(v->center[0]) && v->center[1] > 2);
		syc_vector_free(v);
	}
}
END_TEST

START_TEST(cosines)
{
	const float a[2] = { 3e-38f, 0 }, b[2] = { 3e38f, 3e38f }, zero[2] = { 0 };
	const float inf[2] = { INFINITY, 1 };

	ck_assert(fabs(syc_cosine(a, b, 2) - sqrt(0.5)) < 1e-12);
	ck_assert(syc_cosine(a, a, 2) == 1);
	ck_assert(isnan(syc_cosine(a, zero, 2)));
	ck_assert(isnan(syc_cosine(a, inf, 2)));
	ck_assert(isnan(syc_cosine(a, b, 0)));
}
END_TEST

static const struct test tests[] = {
	TEST(every_format_round_trips),
	TEST(chain_of_formats),
	TEST(llama_cpp_accepts),
	TEST(foreign_gguf),
	TEST(layer_zero_alone),
	TEST(not_finite_is_refused),
	TEST(foreign_arrays),
	TEST(damaged_files),
	TEST(failed_write_keeps_the_old),
	TEST(safetensors_headers),
	TEST(safetensors_model),
	TEST(old_names),
	TEST(cosines),
};

int main(void)
{
	int status = RUN_TESTS("vector", tests);

	for (unsigned i = 0; i < N_PATHS; i++)
		unlink(paths[i]);
	return status;
}
