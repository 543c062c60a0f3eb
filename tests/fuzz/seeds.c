/* SPDX-License-Identifier: MIT */
/*
 * Writes the corpus: `make tests/fuzz/seeds && tests/fuzz/seeds FOLDER`.  The
 * files numpy*.npz in it are numpy.savez() and savez_compressed() of
 * last=[[1,2],[3,4]] (float32) and x=[[1.5]] (float64).  old.* are what earlier
 * versions wrote.
 */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/rand.h"
#include "format/gguf.h"
#include "format/safetensors.h"
#include "format/zip.h"
#include "syc/acts.h"
#include "syc/null.h"
#include "syc/vector.h"
#include "small_tune.h"

static const char *folder;

static const char *name_of(const char *target, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
	return path;
}

/*
 * The options of fuzz_acts.c.  Few numbers are deflated, since the heads of arrays are;
 * many are stored where they can be mapped, but for the lists of rows.
 */
static int acts(const char *name, size_t n_rows, enum syc_dtype dtype, bool many, bool finish)
{
	static const uint32_t layers[] = { 0, 2 };
	enum { TOKENS = 12, VALUES = TOKENS * 6, ROWS = 5 };
	static const int32_t tokens[TOKENS] = { 5, 6, 7 };
	float x[ROWS * VALUES] = { 1, 2, 3, -1, 0.5f };
	struct syc_acts_opts o = {
		.positions = 1 << SYC_POSITION_PROMPT | 1 << SYC_POSITION_ALL,
			.dtype = dtype,
		.layers = layers, .n_layers = 2, .dim = 3, .chunk_rows = 2,
	};
	struct syc_acts_row row = { .id = "row", .tokens = tokens };
	struct syc_acts_out *w;
	char part[512];

	for (size_t i = 0; many && i < sizeof(x) / sizeof(*x); i++) {
		const uint64_t r = syc_rand_u64(3, i);

		/* Nothing that deflate could save: sign, exponent and fraction at random. */
		x[i] = ldexpf((r & 1 ? 1 : -1) * (1 + (float)(r >> 8 & 0x7fffff) / 0x800000),
			      (int)(r >> 40 & 15) - 8);
	}
	if (syc_acts_create(&w, name_of("acts", name), &o, NULL) < 0)
		return -1;
	for (size_t i = 0; i < n_rows; i++) {
		row.n_tokens = many ? TOKENS - i : i % 4;
		row.all = row.position[SYC_POSITION_PROMPT] = many ? x + i * VALUES : x;
		if (syc_acts_add(w, &row, NULL) < 0)
			return -1;
	}
	if (finish)
		return syc_acts_finish(w, NULL);
	syc_acts_abandon(w);
	snprintf(part, sizeof(part), "%s.part", name_of("acts", name));
	return rename(part, name_of("acts", name));
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
	bad |= syc_vector_write(v, name_of("safetensors", "v.safetensors"), 0,
				NULL);
	syc_vector_free(v);
	return bad;
}

/* A recording of ten pairs, the matching answer and the other. */
static int paired(const char *path)
{
	static const uint32_t layers[] = { 0, 2 };
	const struct syc_acts_opts o = {
		.positions = 1 << SYC_POSITION_LAST, .dtype = SYC_DTYPE_F32,
		.layers = layers, .n_layers = 2, .dim = 3,
	};
	struct syc_acts_out *w;
	char id[8];
	float x[6];

	if (syc_acts_create(&w, path, &o, NULL) < 0)
		return -1;
	for (unsigned i = 0; i < 20; i++) {
		struct syc_acts_row row = { .id = id, .answer = !(i % 2) };

		row.position[SYC_POSITION_LAST] = x;
		snprintf(id, sizeof(id), "r%u", i / 2);
		for (unsigned c = 0; c < 6; c++)
			x[c] = (float)(syc_rand_u64(i, c) & 0xff) / 64 + (float)(!(i % 2));
		if (syc_acts_add(w, &row, NULL) < 0)
			return -1;
	}
	return syc_acts_finish(w, NULL);
}

/* Null vectors of all kinds, and of one. */
static int nulls(void)
{
	const struct syc_pairs_opts o = { .store = folder };
	const struct syc_null_opts all = { .n = { 20, 20, 20, 20 }, .seed = 1 },
				   one = { .n = { 0, 0, 20, 0 }, .seed = 2 };
	const struct syc_recipe r = { 0 };
	struct syc_vector *v = NULL;
	struct syc_pairs *p = NULL;
	char path[512];
	const char *paths[] = { path };
	int bad;

	snprintf(path, sizeof(path), "%s/pairs.npz", folder);
	bad = paired(path) < 0 || syc_pairs_of_acts(&p, &o, paths, 1, NULL, NULL) < 0 ||
	      syc_vector_of_pairs(&v, p, NULL, &r, NULL) < 0 ||
	      syc_nulls_write(name_of("nulls", "all.npz"), p, NULL, &r, v, &all, NULL) < 0 ||
	      syc_nulls_write(name_of("nulls", "flip.npz"), p, NULL, &r, v, &one, NULL) < 0;
	syc_vector_free(v);
	syc_pairs_free(p);
	remove(path);
	return bad;
}

/* What other programs write. */
static int foreign_vectors(void)
{
	static const char svec[] =
		"{\"model_type\": \"llama\", \"directions\": {\"0\": [1, -2.5e-3], "
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

/* Files for fuzz_store: see there. */
static int store(const char *name, unsigned kind, const struct syc_buf *file, int n)
{
	FILE *f = fopen(name_of("store", name), "wb");
	int bad;

	if (!f)
		return -1;
	bad = fputc((int)kind, f) < 0;
	for (int i = 0; i < n; i++) {
		const uint32_t len = (uint32_t)file[i].len;

		bad |= fwrite(&len, sizeof(len), 1, f) != 1 ||
			fwrite(file[i].data, 1, len, f) != len;
	}
	return bad | fclose(f);
}

static struct syc_buf safetensors(const char *json, size_t n)
{
	const uint64_t len = strlen(json);
	struct syc_buf b = { 0 };

	syc_buf_add(&b, &len, sizeof(len));
	syc_buf_puts(&b, json);
	for (size_t i = 0; i < n; i++)
		syc_buf_add(&b, &(char){ (char)(i * 37) }, 1);
	return b;
}

/* A GGUF file as bytes; then o is gone. */
static struct syc_buf bytes_of(struct syc_gguf_out *o)
{
	FILE *f = tmpfile();
	struct syc_buf b = { 0 };
	int c;

	if (f && syc_gguf_write(o, f, "seed", NULL) == 0) {
		rewind(f);
		while ((c = fgetc(f)) != EOF)
			syc_buf_add(&b, &(char){ (char)c }, 1);
	}
	if (f)
		fclose(f);
	syc_gguf_out_free(o);
	return b;
}

static struct syc_buf part(unsigned no, const char *tensor)
{
	struct syc_gguf_out *o = syc_gguf_out_new();
	static const float x[2] = { 1, 2 };

	if (!o)
		exit(1);
	syc_gguf_put_u32(o, "split.no", no);
	syc_gguf_put_u32(o, "split.count", 2);
	syc_gguf_put_i32(o, "split.tensors.count", 2);
	syc_gguf_put_f32_tensor(o, tensor, x, 2);
	return bytes_of(o);
}

static int stores(void)
{
	struct syc_buf st[3] = { { 0 } },
		gguf[2] = { part(0, "one"), part(1, "two") };
	int bad;

	syc_buf_puts(&st[0],
		     "{\"metadata\":{\"total_size\":12},\"weight_map\":{\"x\":\"a.safetensors\","
		     "\"y\":\"b.safetensors\",\"z\":\"b.safetensors\"}}");
	st[1] = safetensors("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4);
	st[2] = safetensors("{\"__metadata__\":{\"format\":\"pt\"},"
			    "\"y\":{\"dtype\":\"BF16\",\"shape\":[2,1],"
			    "\"data_offsets\":[0,4]},"
			    "\"z\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[4,8]}}", 8);
	bad = store("index", 0, st, 3) | store("split", 1, gguf, 2) |
		store("single", 2, &st[2],
							  1);
	for (int i = 0; i < 3; i++)
		syc_buf_free(&st[i]);
	syc_buf_free(&gguf[0]);
	syc_buf_free(&gguf[1]);
	return bad;
}

/* Two blocks of every type, of no particular numbers. */
static int blocks(void)
{
	int bad = 0;

	for (uint32_t type = 0; type < 64; type++) {
		FILE *f = syc_type_known(type) ?
		fopen(name_of("decode", syc_type_name(type)), "wb") : NULL;
		size_t n = 2 * (syc_type_bytes(type) < 64 ? 64 :
				syc_type_bytes(type));

		if (!f)
			continue;
		bad |= fputc((int)type, f) < 0;
		for (size_t i = 0; i < n; i++)
			bad |= fputc((int)(syc_rand_u64(type, i) & 0x3f), f) < 0;
		bad |= fclose(f);
	}
	return bad;
}

/* A small model with many types. */
static int convert(void)
{
	static const struct { const char *name; uint32_t type; uint64_t cols,
			      rows; } t[] = {
		{ "token_embd.weight", SYC_TYPE_Q8_0, 32, 3 },
		{ "output_norm.weight", SYC_TYPE_BF16, 32, 0 },
		{ "output.weight", SYC_TYPE_F16, 32, 3 },
		{ "blk.0.attn_norm.weight", SYC_TYPE_F32, 32, 0 },
		{ "blk.0.attn_q.weight", SYC_TYPE_Q4_0, 32, 32 },
		{ "blk.0.attn_k.weight", SYC_TYPE_Q4_1, 32, 32 },
		{ "blk.0.attn_v.weight", SYC_TYPE_Q5_0, 32, 32 },
		{ "blk.0.attn_output.weight", SYC_TYPE_Q5_1, 32, 32 },
		{ "blk.0.ffn_norm.weight", SYC_TYPE_F16, 32, 0 },
		{ "blk.0.ffn_gate.weight", SYC_TYPE_IQ4_NL, 32, 256 },
		{ "blk.0.ffn_up.weight", SYC_TYPE_IQ4_NL, 32, 256 },
		{ "blk.0.ffn_down.weight", SYC_TYPE_Q2_K, 256, 32 },
	};
	struct syc_gguf_out *o = syc_gguf_out_new();
	struct syc_buf b;
	size_t bytes = 0;
	FILE *f;
	int bad;

	if (!o)
		return -1;
	syc_gguf_put_str(o, "general.architecture", "llama", 5);
	syc_gguf_put_u32(o, "general.file_type", 1);
	syc_gguf_put_u32(o, "llama.block_count", 1);
	syc_gguf_put_u32(o, "llama.embedding_length", 32);
	syc_gguf_put_u32(o, "llama.feed_forward_length", 256);
	syc_gguf_put_u32(o, "llama.context_length", 32);
	syc_gguf_put_u32(o, "llama.attention.head_count", 2);
	syc_gguf_put_f32(o, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
	syc_gguf_put_strs(o, "tokenizer.ggml.tokens",
			  (struct syc_str[]){ { "a", 1 }, { "b", 1 },
					      { "", 0 } }, 3);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct syc_tensor x = { .name = t[i].name, .type = t[i].type,
					.n_dims = t[i].rows ? 2 : 1,
					.ne = { t[i].cols,
						t[i].rows ? t[i].rows : 1, 1,
						1 } };

		if (!syc_type_size(&x.bytes, x.type, syc_tensor_values(&x)))
			return -1;
		bytes += (x.bytes + 31) / 32 * 32;
		syc_gguf_put_tensor(o, &x);
	}
	b = bytes_of(o);
	while (bytes--)
		syc_buf_add(&b, &(char){ (char)(bytes % 50) }, 1);
	f = fopen(name_of("convert", "model"), "wb");
	bad = !f || fwrite(b.data, 1, b.len, f) != b.len || fclose(f) != 0;
	syc_buf_free(&b);
	return bad;
}

/* Checkpoints of tuning, without their CRC-32: fuzz_tune.c puts it there. */
static int tune(const char *name, bool best)
{
	const char *path = name_of("tune", name);
	struct syc_buf log = { 0 };
	struct small_tune s;
	struct stat st;
	int bad;

	small_tune_make(&s, best);
	syc_lora_weights_init(s.w, 1);
	syc_buf_puts(&log, "{\"step\": 1}\n");
	bad = syc_tune_save(s.run, path, SMALL_SETTINGS, &log, NULL) < 0 ||
	      stat(path, &st) < 0 || truncate(path, st.st_size - 4) < 0;
	syc_buf_free(&log);
	small_tune_free(&s);
	return bad;
}

int main(int argc, char **argv)
{
	int bad = 0;

	if (argc != 2)
		return 2;
	folder = argv[1];
	mkdir(folder, 0777);
	bad |= acts("whole.npz", 3, SYC_DTYPE_F16, false, true);
	bad |= acts("f32.npz", 3, SYC_DTYPE_F32, false, true);
	bad |= acts("cut.npz", 5, SYC_DTYPE_F16, false, false);
	bad |= acts("empty.npz", 0, SYC_DTYPE_F16, false, true);
	bad |= acts("stored.npz", 3, SYC_DTYPE_F16, true, true);
	bad |= acts("stored-cut.npz", 5, SYC_DTYPE_F16, true, false);
	bad |= acts("stored-f32.npz", 3, SYC_DTYPE_F32, true, true);
	bad |= vectors();
	bad |= nulls();
	bad |= foreign_vectors();
	bad |= gguf();
	bad |= stores();
	bad |= blocks();
	bad |= convert();
	bad |= tune("three", false);
	bad |= tune("four", true);
	return bad ? 1 : 0;
}
