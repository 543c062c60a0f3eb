/* SPDX-License-Identifier: MIT */
/*
 * Writes the corpus: `make tests/fuzz/seeds && tests/fuzz/seeds FOLDER`.  The
 * files numpy*.npz in it are numpy.savez() and savez_compressed() of
 * last=[[1,2],[3,4]] (float32) and x=[[1.5]] (float64).
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "format/gguf.h"
#include "format/safetensors.h"
#include "format/zip.h"
#include "syc/acts.h"
#include "syc/vector.h"

static const char *folder;

static const char *name_of(const char *target, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
	return path;
}

/* The options of fuzz_acts.c. */
static int acts(const char *name, size_t n_rows, enum syc_dtype dtype, int finish)
{
	static const uint32_t layers[] = { 0, 2 };
	static const float x[18] = { 1, 2, 3, -1, 0.5f };
	static const int32_t tokens[3] = { 5, 6, 7 };
	struct syc_acts_opts o = {
		.sites = 1 << SYC_SITE_PROMPT | 1 << SYC_SITE_ALL, .dtype = dtype,
		.layers = layers, .n_layers = 2, .dim = 3, .chunk_rows = 2,
	};
	struct syc_acts_row row = { .id = "row", .site = { x }, .all = x, .tokens = tokens };
	struct syc_acts_out *w;

	if (syc_acts_create(&w, name_of("acts", name), &o, NULL) < 0)
		return -1;
	for (size_t i = 0; i < n_rows; i++) {
		row.n_tokens = i % 4;
		if (syc_acts_add(w, &row, NULL) < 0)
			return -1;
	}
	if (finish)
		return syc_acts_finish(w, NULL);
	syc_acts_abandon(w);
	return 0;
}

static int vectors(void)
{
	struct syc_vector *v = syc_vector_new(3, 4);
	int bad = 0;

	if (!v)
		return -1;
	for (size_t i = 0; i < 12; i++)
		v->v[i] = (float)i + 0.25f;
	memset(v->has, 1, 3);
	v->norm = calloc(3, sizeof(float));
	syc_vector_str(&v->name, "seed");
	bad |= syc_vector_write(v, name_of("vector", "v.gguf"), 0, NULL);
	bad |= syc_vector_write(v, name_of("vector", "v.npz"), 0, NULL);
	bad |= syc_vector_write(v, name_of("vector", "v.npy"), 0, NULL);
	bad |= syc_vector_write(v, name_of("vector", "v.safetensors"), 0, NULL);
	bad |= syc_vector_write(v, name_of("gguf", "v.gguf"), 0, NULL);
	bad |= syc_vector_write(v, name_of("npz", "v.npz"), 0, NULL);
	bad |= syc_vector_write(v, name_of("npz", "v.npy"), 0, NULL);
	bad |= syc_vector_write(v, name_of("safetensors", "v.safetensors"), 0, NULL);
	syc_vector_free(v);
	return bad;
}

/* What other programs write. */
static int foreign_vectors(void)
{
	static const char svec[] = "{\"model_type\": \"llama\", \"directions\": {\"0\": [1, -2.5e-3], "
		"\"2\": [0.5, 4]}, \"explained_variances\": {\"0\": 0.25, \"2\": 1}}";
	static const float x[4] = { 1, 2, 3, 4 };
	struct syc_gguf_out *o = syc_gguf_out_new();
	FILE *f = fopen(name_of("vector", "dialz.gguf"), "wb");
	int bad;

	if (!o || !f)
		return -1;
	syc_gguf_put_str(o, "general.architecture", "steeringvector", 14);
	syc_gguf_put_str(o, "steeringvector.model_hint", "llama", 5);
	syc_gguf_put_u32(o, "steeringvector.layer_count", 2);
	syc_gguf_put_f32_tensor(o, "direction.0", x, 4);
	syc_gguf_put_f32_tensor(o, "direction.2", x, 4);
	bad = syc_gguf_write(o, f, "dialz.gguf", NULL);
	syc_gguf_out_free(o);
	bad |= fclose(f);
	o = syc_gguf_out_new();
	f = fopen(name_of("vector", "llama.gguf"), "wb");
	if (!o || !f)
		return -1;
	syc_gguf_put_str(o, "general.architecture", "controlvector", 13);
	syc_gguf_put_str(o, "controlvector.model_hint", "llama", 5);
	syc_gguf_put_i32(o, "controlvector.layer_count", 2);
	syc_gguf_put_f32_tensor(o, "direction.1", x, 2);
	syc_gguf_put_f32_tensor(o, "direction.2", x + 2, 2);
	bad |= syc_gguf_write(o, f, "llama.gguf", NULL);
	syc_gguf_out_free(o);
	bad |= fclose(f);
	f = fopen(name_of("vector", "ibm.svec"), "wb");
	if (!f)
		return -1;
	bad |= fputs(svec, f) < 0;
	return bad | fclose(f);
}

/* Every type of value, and a list of words. */
static int gguf(void)
{
	struct syc_gguf_out *o = syc_gguf_out_new();
	static const float x[4] = { 1, 2, 3, 4 };
	FILE *f = fopen(name_of("gguf", "types.gguf"), "wb");
	int bad;

	if (!o || !f)
		return -1;
	syc_gguf_put_str(o, "general.architecture", "llama", 5);
	syc_gguf_put_u32(o, "general.alignment", 32);
	syc_gguf_put_i32(o, "a.i32", -5);
	syc_gguf_put_u64(o, "a.u64", 5);
	syc_gguf_put_f32(o, "a.f32", 1.5f);
	syc_gguf_put_bool(o, "a.bool", true);
	syc_gguf_put_f32s(o, "a.list", x, 4);
	syc_gguf_put_f32_tensor(o, "one", x, 1);
	syc_gguf_put_f32_tensor(o, "two", x, 4);
	bad = syc_gguf_write(o, f, "types.gguf", NULL);
	syc_gguf_out_free(o);
	return bad | fclose(f);
}

int main(int argc, char **argv)
{
	int bad = 0;

	if (argc != 2)
		return 2;
	folder = argv[1];
	mkdir(folder, 0777);
	bad |= acts("whole.npz", 3, SYC_DTYPE_F16, 1);
	bad |= acts("f32.npz", 3, SYC_DTYPE_F32, 1);
	bad |= acts("cut.npz", 5, SYC_DTYPE_F16, 0);
	bad |= acts("empty.npz", 0, SYC_DTYPE_F16, 1);
	bad |= vectors();
	bad |= foreign_vectors();
	bad |= gguf();
	return bad ? 1 : 0;
}
