/* SPDX-License-Identifier: MIT */
/*
 * Models of known shapes with random weights, as GGUF files: written as a
 * stream, a tensor at a time.  A GGUF file is "GGUF", version, counts of
 * tensors and pairs, the pairs, the tensors' descriptions, then their data,
 * each aligned to 32.
 */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "syc/random.h"
#include "tool/bench/bench.h"
#include "tool/common/fail.h"
#include "tool/common/progress.h"

enum {
	GGUF_VERSION = 3, ALIGN = 32, BLOCK = 32, BLOCK_BYTES = 34,
	T_U32 = 4, T_I32 = 5, T_F32 = 6, T_BOOL = 7, T_STR = 8, T_ARRAY = 9,
	TENSOR_F32 = 0, TENSOR_Q8_0 = 8, FILE_TYPE_Q8_0 = 7,
	N_SPECIAL = 3, N_BYTES = 256, EOS = 2,
	PIECE_NORMAL = 1, PIECE_UNKNOWN = 2, PIECE_CONTROL = 3, PIECE_BYTE = 6,
	BUF_BLOCKS = 8192,
};

/* Change when the weights change: files of another number are not used. */
#define FILE_NUMBER "1"

const struct shape shapes[] = {
	{ "tiny",        4,   256,  8,  4,   704,  1024,  8192, 1e4f },
	{ "135m",       30,   576,  9,  3,  1536, 49152,  8192, 1e5f },	/* SmolLM2 */
	{ "1.1b",       22,  2048, 32,  4,  5632, 32000,  8192, 1e4f },	/* TinyLlama */
	{ "7b",         32,  4096, 32, 32, 11008, 32000,  4096, 1e4f },	/* Llama 2 */
	{ "mistral-7b", 32,  4096, 32,  8, 14336, 32000, 32768, 1e6f },
	{ NULL, 0, 0, 0, 0, 0, 0, 0, 0 },
};

/* ---- the vocabulary ------------------------------------------------------- */

#define SPACE "\xe2\x96\x81"	/* U+2581 */

/* A string of n letters, counting up: "aaa", "aab", ... */
static size_t letters(char *out, uint32_t i, int n)
{
	for (int k = n - 1; k >= 0; k--, i /= 26)
		out[k] = (char)('a' + i % 26);
	out[n] = 0;
	return (size_t)n;
}

/*
 * The text of a token: the special ones, bytes, printable characters, then all
 * pairs and triples of letters, with a space in front and without, so that
 * English becomes a token for every three or so characters.
 */
static size_t piece(char out[32], uint32_t id, uint32_t *type)
{
	static const char *const special[] = { "<unk>", "<s>", "</s>" };
	static const struct { const char *front; int n; uint32_t count;
	} kinds[] = {
		{"", 2, 676}, {SPACE, 1, 26}, {SPACE, 2, 676}, {"", 3, 17576}, {SPACE, 3, 17576},
	};

	*type = id == 0 ? PIECE_UNKNOWN : id < N_SPECIAL ? PIECE_CONTROL : PIECE_BYTE;
	if (id < N_SPECIAL)
		return (size_t)snprintf(out, 32, "%s", special[id]);
	id -= N_SPECIAL;
	if (id < N_BYTES)
		return (size_t)snprintf(out, 32, "<0x%02" PRIX32 ">", id);
	id -= N_BYTES;
	*type = PIECE_NORMAL;
	if (id == 0)
		return (size_t)snprintf(out, 32, SPACE);
	if (id < 95)
		return (size_t)snprintf(out, 32, "%c", (char)(' ' + id));
	id -= 95;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t n = strlen(kinds[k].front);

		memcpy(out, kinds[k].front, n);
		if (id < kinds[k].count)
			return n + letters(out + n, id, kinds[k].n);
		id -= kinds[k].count;
	}
	return (size_t)snprintf(out, 32, "<more%" PRIu32 ">", id);
}

/* ---- the head --------------------------------------------------------------- */

static void put_u32(struct syc_buf *b, uint32_t v)
{
	syc_buf_add(b, &v, sizeof(v));
}

static void put_u64(struct syc_buf *b, uint64_t v)
{
	syc_buf_add(b, &v, sizeof(v));
}

static void put_f32(struct syc_buf *b, float v)
{
	syc_buf_add(b, &v, sizeof(v));
}

static void put_text(struct syc_buf *b, const char *s, size_t n)
{
	put_u64(b, n);
	syc_buf_add(b, s, n);
}

static void put_key(struct syc_buf *b, const char *key, uint32_t type, uint64_t *n)
{
	put_text(b, key, strlen(key));
	put_u32(b, type);
	++*n;
}

static void put_array(struct syc_buf *b, const char *key, uint32_t type, uint64_t len, uint64_t *n)
{
	put_key(b, key, T_ARRAY, n);
	put_u32(b, type);
	put_u64(b, len);
}

static void put_numbers(struct syc_buf *b, const struct shape *s, uint64_t *n)
{
	const struct { const char *key; uint32_t v; } number[] = {
		{ "general.file_type", FILE_TYPE_Q8_0 },
		{ "general.quantization_version", 2 },
		{ "llama.context_length", s->n_ctx },
		{ "llama.embedding_length", s->dim },
		{ "llama.block_count", s->n_layers },
		{ "llama.feed_forward_length", s->ffn_dim },
		{ "llama.rope.dimension_count", s->dim / s->n_heads },
		{ "llama.attention.head_count", s->n_heads },
		{ "llama.attention.head_count_kv", s->n_kv_heads },
		{ "llama.vocab_size", s->n_vocab },
		{ "tokenizer.ggml.unknown_token_id", 0 },
		{ "tokenizer.ggml.bos_token_id", 1 },
		{ "tokenizer.ggml.eos_token_id", EOS },
	};

	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		put_key(b, number[i].key, T_U32, n);
		put_u32(b, number[i].v);
	}
	put_key(b, "llama.attention.layer_norm_rms_epsilon", T_F32, n);
	put_f32(b, 1e-5f);
	put_key(b, "llama.rope.freq_base", T_F32, n);
	put_f32(b, s->rope_base);
}

static void put_vocabulary(struct syc_buf *b, const struct shape *s, uint64_t *n)
{
	char text[32];
	uint32_t type;

	put_key(b, "tokenizer.ggml.model", T_STR, n);
	put_text(b, "llama", 5);
	put_array(b, "tokenizer.ggml.tokens", T_STR, s->n_vocab, n);
	for (uint32_t i = 0; i < s->n_vocab; i++) {
		size_t len = piece(text, i, &type);

		put_text(b, text, len);
	}
	put_array(b, "tokenizer.ggml.scores", T_F32, s->n_vocab, n);
	for (uint32_t i = 0; i < s->n_vocab; i++)
		put_f32(b, i < N_SPECIAL + N_BYTES ? 0.0f : -(float)i);
	put_array(b, "tokenizer.ggml.token_type", T_I32, s->n_vocab, n);
	for (uint32_t i = 0; i < s->n_vocab; i++) {
		piece(text, i, &type);
		put_u32(b, type);
	}
	put_key(b, "tokenizer.ggml.add_bos_token", T_BOOL, n);
	syc_buf_add(b, "\1", 1);
}

struct tensor {
	char name[40];
	uint64_t cols, rows;	/* rows 0: a vector of ones */
};

enum { PER_BLOCK = 9 };

static uint32_t n_tensors(const struct shape *s)
{
	return s->n_layers * PER_BLOCK + 3;
}

/* Tensor i of the file. */
static struct tensor tensor(const struct shape *s, uint32_t i)
{
	uint64_t dim = s->dim, ffn = s->ffn_dim, kv = dim / s->n_heads * s->n_kv_heads;
	const struct tensor block[PER_BLOCK] = {
		{ "attn_norm", dim, 0 }, { "attn_q", dim, dim }, { "attn_k", dim, kv },
		{ "attn_v", dim, kv }, { "attn_output", dim, dim }, { "ffn_norm", dim, 0 },
		{ "ffn_gate", dim, ffn }, { "ffn_up", dim, ffn }, { "ffn_down", ffn, dim },
	}, ends[] = {
		{ "token_embd.weight", dim, s->n_vocab }, { "output_norm.weight", dim, 0 },
		{ "output.weight", dim, s->n_vocab },
	};
	struct tensor t;

	if (i < 3)
		return ends[i];
	i -= 3;
	t = block[i % PER_BLOCK];
	snprintf(t.name, sizeof(t.name), "blk.%" PRIu32 ".%s.weight", i / PER_BLOCK,
		 block[i % PER_BLOCK].name);
	return t;
}

/* Rows are whole blocks and so are sums of 34 bytes times 16: ALIGN holds. */
static uint64_t tensor_bytes(const struct tensor *t)
{
	uint64_t n = t->rows ? t->cols / BLOCK * BLOCK_BYTES * t->rows : t->cols * sizeof(float);

	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static int head(struct syc_buf *out, const struct shape *s)
{
	struct syc_buf kv = { 0 };
	uint64_t n = 0, at = 0;
	char name[64];

	put_key(&kv, "general.architecture", T_STR, &n);
	put_text(&kv, "llama", 5);
	put_key(&kv, "general.name", T_STR, &n);
	put_text(&kv, name,
		 (size_t)snprintf(name, sizeof(name), "random weights, shape %s", s->name));
	put_numbers(&kv, s, &n);
	put_vocabulary(&kv, s, &n);
	syc_buf_add(out, "GGUF", 4);
	put_u32(out, GGUF_VERSION);
	put_u64(out, n_tensors(s));
	put_u64(out, n);
	syc_buf_add(out, kv.data, kv.len);
	for (uint32_t i = 0; i < n_tensors(s); i++) {
		struct tensor t = tensor(s, i);

		put_text(out, t.name, strlen(t.name));
		put_u32(out, t.rows ? 2 : 1);
		put_u64(out, t.cols);
		if (t.rows)
			put_u64(out, t.rows);
		put_u32(out, t.rows ? TENSOR_Q8_0 : TENSOR_F32);
		put_u64(out, at);
		at += tensor_bytes(&t);
	}
	while (out->len % ALIGN && !out->failed)
		syc_buf_add(out, "", 1);
	n = kv.failed || out->failed;
	syc_buf_free(&kv);
	return n ? SYC_ENOMEM : 0;
}

/* ---- the weights ------------------------------------------------------------- */

/* The float16 next below x, which must be in its normal range. */
static uint16_t half(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return (uint16_t)((bits >> 13) - (112 << 10));
}

/* Uniform in -127 .. 127; the last bits of the scale differ between blocks. */
static void random_block(uint8_t *out, uint16_t scale, uint64_t *state)
{
	uint64_t r[BLOCK / 8];
	uint16_t d = (uint16_t)((scale & ~15u) | (syc_splitmix64(state) & 15));

	memcpy(out, &d, sizeof(d));
	for (int i = 0; i < BLOCK / 8; i++)
		r[i] = syc_splitmix64(state);
	memcpy(out + 2, r, BLOCK);
	for (int i = 2; i < BLOCK_BYTES; i++)
		out[i] = (uint8_t)(out[i] + (out[i] == 0x80));
}

/*
 * Weights with a variance of 1 / cols keep activations near 1 from layer to
 * layer.  The end token's logit is zero: far from the largest, so greedy
 * answers do not end early.
 */
static int write_matrix(struct syc_output *o, const struct tensor *t, uint64_t seed, uint8_t *buf,
			struct syc_err *err)
{
	const uint16_t scale = half(1.0f / (73.3f * sqrtf((float)t->cols)));
	uint64_t per_row = t->cols / BLOCK, left = per_row * t->rows, from = 0;
	bool output = strcmp(t->name, "output.weight") == 0;
	int ret = 0;

	while (left && ret == 0) {
		uint64_t n = left < BUF_BLOCKS ? left : BUF_BLOCKS;

		for (uint64_t i = 0; i < n; i++) {
			random_block(buf + i * BLOCK_BYTES, scale, &seed);
			if (output && (from + i) / per_row == EOS)
				memset(buf + i * BLOCK_BYTES, 0, BLOCK_BYTES);
		}
		ret = syc_output_write(o, buf, n * BLOCK_BYTES, err);
		left -= n;
		from += n;
	}
	return ret;
}

static int write_ones(struct syc_output *o, const struct tensor *t, struct syc_err *err)
{
	const float one = 1.0f;
	int ret = 0;

	for (uint64_t i = 0; i < t->cols && ret == 0; i++)
		ret = syc_output_write(o, &one, sizeof(one), err);
	return ret;
}

static int write_tensor(struct syc_output *o, const struct tensor *t, uint64_t seed, uint8_t *buf,
			struct syc_err *err)
{
	static const char zero[ALIGN];
	uint64_t n = t->rows ? t->cols / BLOCK * BLOCK_BYTES * t->rows : t->cols * sizeof(float);
	int ret = t->rows ? write_matrix(o, t, seed, buf, err) : write_ones(o, t, err);

	return ret < 0 ? ret : syc_output_write(o, zero, tensor_bytes(t) - n, err);
}

static uint64_t data_bytes(const struct shape *s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < n_tensors(s); i++) {
		struct tensor t = tensor(s, i);

		n += tensor_bytes(&t);
	}
	return n;
}

static int write_model(const struct tool *tool, const struct opt_values *c, const struct shape *s,
		       const struct syc_buf *top, const char *path, struct syc_err *err)
{
	uint64_t total = data_bytes(s), done = 0;
	uint8_t *buf = malloc((size_t)BUF_BLOCKS * BLOCK_BYTES);
	struct progress p;
	struct syc_output o;
	int ret = 0;

	if (!buf)
		return fail_nomem(err);
	syc_output_begin(&o, path, SYC_LEFTOVER_REPLACE);
	if (c->verbose >= 0)
		tool_warn(tool, "writing %s (%" PRIu64 " MB)", path, (total + top->len) / 1000000);
	progress_begin(&p, tool, c, "MB");
	ret = syc_output_write(&o, top->data, top->len, err);
	for (uint32_t i = 0; i < n_tensors(s) && ret == 0; i++) {
		struct tensor t = tensor(s, i);

		ret = write_tensor(&o, &t, (uint64_t)i << 40, buf, err);
		done += tensor_bytes(&t);
		progress_show(&p, done / 1000000, (double)done / (double)total);
	}
	progress_end(&p);
	if (ret == 0)
		ret = syc_output_finish(&o, err);
	else
		syc_output_drop(&o);
	free(buf);
	return ret;
}

/* ---- the cache folder ---------------------------------------------------------- */

/* Make the folder and those above it. */
static int make_folder(char *dir, struct syc_err *err)
{
	for (char *end = dir; end && *dir;) {
		int failed;

		end = strchr(end + 1, '/');
		if (end)
			*end = 0;
		failed = mkdir(dir, 0777) < 0 && errno != EEXIST;
		if (failed)
			return fail(err, SYC_EIO, "%s: %s", dir, strerror(errno));
		if (end)
			*end = '/';
	}
	return 0;
}

/* The folder for files that can be made again, as the XDG specification says. */
static int cache_folder(char **dir, struct syc_err *err)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	if (xdg && xdg[0] == '/')
		n = asprintf(dir, "%s/syc", xdg);
	else if (home && home[0])
		n = asprintf(dir, "%s/.cache/syc", home);
	else
		return fail(err, SYC_EINVAL, "no cache folder: give --cache=DIR");
	if (n < 0)
		return fail_nomem(err);
	return 0;
}

/* A file of the right size with the right head is taken to be whole. */
static bool is_there(const char *path, const struct syc_buf *top, const struct shape *s)
{
	char *have = malloc(top->len);
	FILE *f = fopen(path, "r");
	struct stat st;
	bool same = have && f && fstat(fileno(f), &st) == 0 &&
		(uint64_t)st.st_size == top->len + data_bytes(s) &&
		fread(have, 1, top->len, f) == top->len && memcmp(have, top->data, top->len) == 0;

	if (f)
		fclose(f);
	free(have);
	return same;
}

int shape_model(const struct tool *t, const struct opt_values *c, const struct shape *s,
		    const char *dir, char **path, struct syc_err *err)
{
	struct syc_buf top = { 0 };
	char *folder = NULL;
	int ret = 0;

	*path = NULL;
	if (dir)
		folder = strdup(dir);
	else
		ret = cache_folder(&folder, err);
	if (ret == 0 && !folder)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = make_folder(folder, err);
	if (ret == 0 && (head(&top, s) < 0 || asprintf(path, "%s/random-%s-" FILE_NUMBER ".gguf",
						       folder, s->name) < 0)) {
		*path = NULL;
		ret = fail_nomem(err);
	}
	if (ret == 0 && !is_there(*path, &top, s))
		ret = write_model(t, c, s, &top, *path, err);
	if (ret < 0) {
		free(*path);
		*path = NULL;
	}
	syc_buf_free(&top);
	free(folder);
	return ret;
}
