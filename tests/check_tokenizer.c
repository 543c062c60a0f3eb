/* SPDX-License-Identifier: MIT */
/* tokenizer.model, tokenizer.json and the folders that have them. */
#include "config.h"
#include "folder.h"
#include "model/vocab.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* ---- tokenizer.model ------------------------------------------------------- */

static void put_varint(struct syc_buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		syc_buf_add(b, &(char){ (char)(v | 0x80) }, 1);
	syc_buf_add(b, &(char){ (char)v }, 1);
}

static void put_bytes(struct syc_buf *b, unsigned field, const void *data, size_t n)
{
	put_varint(b, field << 3 | 2);
	put_varint(b, n);
	syc_buf_add(b, data, n);
}

static void put_number(struct syc_buf *b, unsigned field, uint64_t v)
{
	put_varint(b, field << 3);
	put_varint(b, v);
}

static void put_piece(struct syc_buf *b, const char *name, float score,
		      unsigned type)
{
	struct syc_buf p = { 0 };

	put_bytes(&p, 1, name, strlen(name));
	put_varint(&p, 2 << 3 | 5);
	syc_buf_add(&p, &score, 4);
	put_number(&p, 3, type);
	put_bytes(b, 1, p.data, p.len);
	syc_buf_free(&p);
}

/* Settings of a SentencePiece model; NULL fields are as Llama's. */
struct spec {
	unsigned type;		/* 2: BPE */
	bool suffix, no_prefix, squeeze, plain_space;
	const char *charsmap;
};

static struct syc_buf sp_model(const struct spec *s)
{
	struct syc_buf b = { 0 }, t = { 0 }, n = { 0 };
	char name[16];

	put_piece(&b, "<unk>", 0, 2);
	put_piece(&b, "<s>", 0, 3);
	put_piece(&b, "</s>", 0, 3);
	for (int i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "<0x%02X>", i);
		put_piece(&b, name, 0, 6);
	}
	put_piece(&b, "\xe2\x96\x81", -1, 1);
	put_piece(&b, "a", -2, 1);
	put_piece(&b, "\xe2\x96\x81" "a", -3, 1);
	if (s->type)
		put_number(&t, 3, s->type);
	put_number(&t, 24, s->suffix);
	put_number(&t, 43, UINT64_MAX);
	put_bytes(&b, 2, t.data, t.len);
	put_bytes(&n, 1, "nmt", 3);
	if (s->charsmap)
		put_bytes(&n, 2, s->charsmap, strlen(s->charsmap));
	put_number(&n, 3, !s->no_prefix);
	put_number(&n, 4, s->squeeze);
	put_number(&n, 5, !s->plain_space);
	put_bytes(&b, 3, n.data, n.len);
	syc_buf_free(&t);
	syc_buf_free(&n);
	return b;
}

static void put_sp(const struct spec *s)
{
	struct syc_buf b = sp_model(s);

	put("tokenizer.model", b.data, b.len);
	syc_buf_free(&b);
}

START_TEST(sentencepiece_models)
{
	struct syc_vocab *v;

	make_dir();
	put_sp(&(struct spec){ .type = 2 });
	v = open_path(in_dir("tokenizer.model"));
	ck_assert_uint_eq(syc_vocab_size(v), 262);
	ck_assert_int_eq(syc_vocab_bos(v), 1);
	ck_assert_int_eq(syc_vocab_eos(v), 2);
	ck_assert_int_eq(syc_vocab_meta(v)->unk, 0);
	ck_assert_int_eq(syc_vocab_meta(v)->pad, -1);
	ck_assert_str_eq(ids_of(v, "a ab</s>", SYC_TOK_BOS | SYC_TOK_SPECIAL),
			 "1 261 261 101 2");
	syc_vocab_close(v);
	put_text("tokenizer_config.json", "{\"add_prefix_space\":false}");
	v = open_path(dir);
	ck_assert_str_eq(ids_of(v, "a a", 0), "260 261");
	syc_vocab_close(v);
	unlink(in_dir("tokenizer_config.json"));
	put_sp(&(struct spec){ .type = 2, .no_prefix = true });
	v = open_path(dir);
	ck_assert_str_eq(ids_of(v, "a a", 0), "260 261");
	syc_vocab_close(v);
	remove_dir();
}
END_TEST

START_TEST(sentencepiece_refusals)
{
	static const struct {
		struct spec s;
		const char *part;
	} t[] = {
		{ { .type = 0 }, "'unigram'" }, { { .type = 1 }, "'unigram'" },
		{ { .type = 3 }, "'word'" }, { { .type = 9 }, "'unknown'" },
		{ { .type = 2, .suffix = true }, "treat_whitespace_as_suffix" },
		{ { .type = 2, .squeeze = true }, "remove_extra_whitespaces" },
		{ { .type = 2, .plain_space = true }, "escape_whitespaces" },
		{ { .type = 2, .charsmap = "x" }, "normalization 'nmt'" },
	};
	struct syc_buf b = sp_model(&(struct spec){ .type = 2 });
	float inf = 1.0f / 0.0f;

	make_dir();
	for (size_t i = 0; i < LEN(t); i++) {
		put_sp(&t[i].s);
		refuse_path(in_dir("tokenizer.model"), SYC_EUNSUPP, t[i].part);
	}
	/* Cut anywhere, it is an error or what was read is checked. */
	for (size_t n = 1; n < b.len; n++) {
		struct syc_vocab *v;

		put("tokenizer.model", b.data, n);
		if (syc_vocab_open(&v, in_dir("tokenizer.model"), NULL) == 0)
			syc_vocab_close(v);
		ck_assert(n > 3000 || v == NULL);
	}
	put("tokenizer.model", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11);
	refuse_path(in_dir("tokenizer.model"), SYC_EFORMAT,
		    "the message is broken");
	put("tokenizer.model", "\x0a\x02\x08\xff", 4);
	refuse_path(in_dir("tokenizer.model"), SYC_EFORMAT, "a piece is broken");
	b.len = 0;
	put_piece(&b, "a", inf, 1);
	put("tokenizer.model", b.data, b.len);
	refuse_path(in_dir("tokenizer.model"), SYC_EFORMAT, "no finite score");
	b.len = 0;
	put_piece(&b, "a", 0, 7);
	put("tokenizer.model", b.data, b.len);
	refuse_path(in_dir("tokenizer.model"), SYC_EFORMAT, "has type 7");
	syc_buf_free(&b);
	remove_dir();
}
END_TEST

/* The shared models have their vocabulary as tokenizer.model and in GGUF. */
static void same_ids(const struct syc_vocab *a, const struct syc_vocab *b,
		     const char *path)
{
	struct syc_ids x = { 0 }, y = { 0 };
	struct syc_buf text = { 0 };
	char line[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	ck_assert_ptr_nonnull(f);
	while ((n = fread(line, 1, sizeof(line), f)))
		ck_assert_int_eq(syc_buf_add(&text, line, n), 0);
	fclose(f);
	for (unsigned flags = 0; flags < 8; flags++) {
		x.n = y.n = 0;
		ck_assert_int_eq(syc_vocab_encode(a, text.data, text.len, flags,
						  &x, NULL), 0);
		ck_assert_int_eq(syc_vocab_encode(b, text.data, text.len, flags,
						  &y, NULL), 0);
		ck_assert(x.n == y.n &&
			  memcmp(x.id, y.id, x.n * sizeof(*x.id)) == 0);
	}
	syc_ids_free(&x);
	syc_ids_free(&y);
	syc_buf_free(&text);
}

static void same_vocabularies(const char *one, const char *other)
{
	struct syc_vocab *a = open_path(one), *b = open_path(other);

	ck_assert_uint_eq(syc_vocab_size(a), syc_vocab_size(b));
	ck_assert_int_eq(syc_vocab_bos(a), syc_vocab_bos(b));
	ck_assert_int_eq(syc_vocab_eos(a), syc_vocab_eos(b));
	for (int32_t id = 0; id < (int32_t)syc_vocab_size(a); id++)
		ck_assert(syc_vocab_is_end(a, id) == syc_vocab_is_end(b, id));
	same_ids(a, b, source_path("HACKING.md"));
	same_ids(a, b, source_path("tests/data/bpe/cases.jsonl"));
	syc_vocab_close(a);
	syc_vocab_close(b);
}

START_TEST(model_files_as_gguf)
{
	static const char *const name[] = {
		"models/llama-mha/llama-mha",
		"models/mistral-window/mistral-window",
		"models/llama-gqa-tied-rope3/llama-gqa-tied-rope3",
		"models/qwen2-bias/qwen2-bias",
		"models/llama-rope-linear/llama-rope-linear",
		"models/qwen3-qknorm/qwen3-qknorm",
	};
	char file[256], folder[256];

	same_vocabularies(source_path("demo/demo-f16.gguf"), source_path("demo"));
	for (size_t i = 0; i < LEN(name); i++) {
		snprintf(file, sizeof(file), "%s-f16.gguf", name[i]);
		snprintf(folder, sizeof(folder), "%.*s",
			 (int)(strrchr(name[i], '/') - name[i]),
			 name[i]);
		if (shared_path(file))
			same_vocabularies(shared_path(file), shared_path(folder));
	}
}
END_TEST

/* ---- tokenizer.json of a SentencePiece model ------------------------------- */

#define PREPEND "{\"type\":\"Prepend\",\"prepend\":\"\xe2\x96\x81\"}"
#define REPLACE "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"\xe2\x96\x81\"}"
#define BOTH "{\"type\":\"Sequence\",\"normalizers\":[" PREPEND "," REPLACE "]}"
#define METASPACE(scheme, split) "{\"type\":\"Metaspace\",\"replacement\":\"\xe2\x96\x81\"," \
	"\"prepend_scheme\":\"" scheme "\",\"split\":" split "}"

static void put_llama(const char *normalizer, const char *pre)
{
	struct syc_buf b = { 0 };

	/* "ab" is the first merge; "abc" has none, so it is never made. */
	syc_buf_printf(&b,
		"{\"added_tokens\":[{\"id\":1,\"content\":\"<s>\",\"special\":true},"
		"{\"id\":9,\"content\":\"<x>\",\"special\":false}],"
		"\"normalizer\":%s,\"pre_tokenizer\":%s,\"post_processor\":"
		"{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\"}},"
		"{\"Sequence\":{\"id\":\"A\"}}],\"special_tokens\":{\"<s>\":{\"ids\":[1]}}},"
		"\"model\":{\"type\":\"BPE\",\"unk_token\":\"<unk>\",\"byte_fallback\":true,"
		"\"vocab\":{\"<unk>\":0,\"<s>\":1,\"<0x62>\":2,\"\xe2\x96\x81\":3,\"a\":4,\"b\":5,"
		"\"c\":6,\"ab\":7,\"\xe2\x96\x81" "a\":8,\"abc\":10},"
		"\"merges\":[\"a b\",[\"\xe2\x96\x81\",\"a\"]]}}", normalizer, pre);
	put("tokenizer.json", b.data, b.len);
	syc_buf_free(&b);
}

START_TEST(json_of_sentencepiece)
{
	struct syc_vocab *v;

	make_dir();
	put_llama(BOTH, "null");
	v = open_path(in_dir("tokenizer.json"));
	ck_assert_int_eq(syc_vocab_meta(v)->kind, SYC_VOCAB_SPM);
	ck_assert_uint_eq(syc_vocab_size(v), 11);
	ck_assert_int_eq(syc_vocab_bos(v), 1);
	ck_assert_str_eq(ids_of(v, "abc a", SYC_TOK_BOS), "1 3 7 6 8");
	ck_assert_str_eq(ids_of(v, "<x>d", 0), "9 3 0");
	ck_assert_str_eq(syc_vocab_meta(v)->piece[9].name, "<x>");
	syc_vocab_close(v);
	put_llama("null", METASPACE("first", "false"));
	v = open_path(in_dir("tokenizer.json"));
	ck_assert_str_eq(ids_of(v, "abc a", 0), "3 7 6 8");
	syc_vocab_close(v);
	put_llama(REPLACE, "null");
	v = open_path(in_dir("tokenizer.json"));
	ck_assert_str_eq(ids_of(v, "abc a", 0), "7 6 8");
	syc_vocab_close(v);
	put_llama("null", METASPACE("first", "true"));
	refuse_path(in_dir("tokenizer.json"), SYC_EUNSUPP, "Metaspace");
	put_llama("{\"type\":\"NFKC\"}", "null");
	refuse_path(in_dir("tokenizer.json"), SYC_EUNSUPP, "normalizer 'NFKC'");
	put_llama("null", "{\"type\":\"BertPreTokenizer\"}");
	refuse_path(in_dir("tokenizer.json"), SYC_EUNSUPP, "'BertPreTokenizer'");
	remove_dir();
}
END_TEST

/*
 * Where a text gets a space in front: Prepend adds one to each stretch between
 * special tokens, Metaspace only where none stands, or to the text alone.
 */
START_TEST(spaces_in_front)
{
	static const struct {
		const char *norm, *pre, *text, *ids;
	} t[] = {
		{ BOTH, "null", "a<x>a", "8 9 8" },
		{ BOTH, "null", " a<x> a", "3 8 9 3 8" },
		{ "null", METASPACE("always", "false"), "a<x>a", "8 9 8" },
		{ "null", METASPACE("always", "false"), " a<x> a", "8 9 8" },
		{ "null", METASPACE("first", "false"), "a<x>a", "8 9 4" },
		{ "null", METASPACE("first", "false"), " a<x> a", "8 9 8" },
		{ "null", METASPACE("first", "false"), "<x>a", "9 4" },
		{ "null", METASPACE("first", "false"), "\xe2\x96\x81" "a", "8" },
		{ "null", METASPACE("never", "false"), "a<x> a", "4 9 8" },
	};

	make_dir();
	for (size_t i = 0; i < LEN(t); i++) {
		struct syc_vocab *v;

		put_llama(t[i].norm, t[i].pre);
		v = open_path(in_dir("tokenizer.json"));
		ck_assert_msg(strcmp(ids_of(v, t[i].text, SYC_TOK_SPECIAL),
				     t[i].ids) == 0,
			      "%zu: '%s' is %s", i, t[i].text,
			      ids_of(v, t[i].text, SYC_TOK_SPECIAL));
		ck_assert_str_eq(ids_of(v, "a", SYC_TOK_MIDDLE), "4");
		syc_vocab_close(v);
	}
	remove_dir();
}
END_TEST

/*
 * With both files there, the scores of tokenizer.model count, and what
 * tokenizer.json adds to them: tokens, and where spaces go.
 */
START_TEST(which_file_is_taken)
{
	struct syc_vocab *v;

	make_dir();
	refuse_path(dir, SYC_EIO, "neither tokenizer.json nor tokenizer.model");
	put_llama(BOTH, "null");
	put_sp(&(struct spec){ .type = 2 });
	v = open_path(dir);
	ck_assert_uint_eq(syc_vocab_size(v), 262);
	ck_assert_str_eq(syc_vocab_meta(v)->piece[9].name, "<x>");
	ck_assert_str_eq(ids_of(v, "<x>a", 0), "9 261");
	syc_vocab_close(v);
	put_llama("null", METASPACE("first", "false"));
	v = open_path(dir);
	ck_assert_str_eq(ids_of(v, "<x>a", 0), "9 260");
	syc_vocab_close(v);
	unlink(in_dir("tokenizer.model"));
	v = open_path(dir);
	ck_assert_uint_eq(syc_vocab_size(v), 11);
	syc_vocab_close(v);
	put_text("other", "hello");
	refuse_path(in_dir("other"), SYC_EFORMAT, "other");
	remove_dir();
}
END_TEST

static const struct test tests[] = {
	TEST(sentencepiece_models),
	TEST(sentencepiece_refusals),
	TEST(model_files_as_gguf),
	TEST(json_of_sentencepiece),
	TEST(spaces_in_front),
	TEST(which_file_is_taken),
};

int main(void)
{
	return RUN_TESTS("tokenizer", tests);
}
