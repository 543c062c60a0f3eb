/* SPDX-License-Identifier: MIT */
/* Folders and GGUF files as they really are: what is read, said and refused. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include "folder.h"
#include "format/tensor.h"
#include "model/vocab.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define KEY "tokenizer.ggml."

/* Byte-level BPE of a, b and ab, with more members. */
#define TOKENIZER(more) \
	"{\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false}," more \
	"\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}"

static void put_json(const char *name, const json_t *o)
{
	char *text = json_dumps(o, 0);

	ck_assert_ptr_nonnull(text);
	put_text(name, text);
	free(text);
}

/* tests/data/bos_cases.json is what transformers does. */
START_TEST(bos_by_post_processor)
{
	json_t *doc = json_load_file(source_path("tests/data/bos_cases.json"), 0, NULL), *c;
	size_t i;

	ck_assert_ptr_nonnull(doc);
	make_dir();
	json_array_foreach(json_object_get(doc, "cases"), i, c) {
		const char *name = json_string_value(json_object_get(c, "tokenizer"));
		struct syc_vocab *v;

		put_json("tokenizer.json",
			 json_object_get(json_object_get(doc, "tokenizers"), name));
		put_json("tokenizer_config.json", json_object_get(c, "config"));
		v = open_path(dir);
		ck_assert_msg(strcmp(ids_of(v, "ab", SYC_TOK_BOS),
			json_string_value(json_object_get(c, "ids"))) == 0,
			"case %zu", i);
		syc_vocab_close(v);
	}
	ck_assert_uint_eq(i, 72);
	json_decref(doc);
	remove_dir();
}
END_TEST

static void expect_note(const char *config, const char *note)
{
	struct syc_vocab *v;

	put_text("tokenizer_config.json", config);
	v = open_path(dir);
	if (note)
		ck_assert_msg(strstr(syc_vocab_notes(v), note), "'%s' lacks '%s'",
			      syc_vocab_notes(v), note);
	else
		ck_assert_str_eq(syc_vocab_notes(v), "");
	syc_vocab_close(v);
}

START_TEST(flags_that_do_not_count)
{
	make_dir();
	put_text("tokenizer.json", TOKENIZER(""));
	expect_note("{\"add_bos_token\":true,\"tokenizer_class\":\"LlamaTokenizer\"}",
		    "add_bos_token is true, and tokenizer.json adds none");
	expect_note("{\"add_bos_token\":true,\"tokenizer_class\":\"Qwen2Tokenizer\"}", NULL);
	expect_note("{\"tokenizer_class\":\"LlamaTokenizer\"}", NULL);
	/* Another token in front than the one that is called BOS. */
	put_text("tokenizer.json", TOKENIZER(
		"\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":["
		"{\"SpecialToken\":{\"id\":\"a\"}},{\"Sequence\":{\"id\":\"A\"}}],"
		"\"special_tokens\":{\"a\":{\"ids\":[0]}}},"));
	put_text("tokenizer_config.json", "{\"bos_token\":\"b\"}");
	refuse_path(dir, SYC_EUNSUPP, "'bos_token' is token 1");
	put_text("tokenizer_config.json", "{\"bos_token\":null}");
	struct syc_vocab *v = open_path(dir);
	ck_assert_str_eq(ids_of(v, "ab", SYC_TOK_BOS), "0 2");
	syc_vocab_close(v);
	remove_dir();
}
END_TEST

/* Long integers and marks are read; what is empty or said twice is named. */
START_TEST(json_of_others)
{
	static const char *const good[] = {
		"{\"model_max_length\":1000000000000000019884624838656}",
		"{\"a\":9223372036854775807,\"b\":9223372036854775808,\"c\":-99999999999999999999}",
		"\xef\xbb\xbf{\"a\":[123456789012345678901234567890,1]}",
		"{\"a\":\"123456789012345678901234567890\",\"b\":1.5e20}",
	};
	static const struct { const char *text, *part; } bad[] = {
		{ "", "tokenizer_config.json: the file is empty" },
		{ " \n", "is empty" }, { "\xef\xbb\xbf", "is empty" },
		{ "\xff\xfe{\0}", "is UTF-16" }, { "\xfe\xff", "is UTF-16" },
		{ "{\"a\":1,\"a\":2}", "duplicate object key" },
		{ "{\"a\":0123456789012345678901234567890}", "not JSON" },
		{ "{\"added_tokens_decoder\":{\"1\":{\"content\":\"x\"},"
		  "\"1\":{\"content\":\"y\"}}}", "duplicate object key" },
	};
	char digits[600] = "{\"a\":";

	make_dir();
	put_text("tokenizer.json", TOKENIZER(""));
	for (size_t i = 0; i < LEN(good); i++)
		expect_note(good[i], NULL);
	memset(digits + 5, '9', 500);
	strcpy(digits + 505, "}");
	expect_note(digits, NULL);
	for (size_t i = 0; i < LEN(bad); i++) {
		put_text("tokenizer_config.json", bad[i].text);
		refuse_path(dir, SYC_EFORMAT, bad[i].part);
	}
	unlink(in_dir("tokenizer_config.json"));
	put_text("generation_config.json", "{\"eos_token_id\":99999999999999999999999}");
	refuse_path(dir, SYC_EFORMAT, "'eos_token_id' is no token");
	remove_dir();
}
END_TEST

/* Rows without a token: the same from a folder and from GGUF, and no text. */
static void check_fillers(struct syc_vocab *v)
{
	struct syc_buf b = { 0 };
	size_t len;

	ck_assert_uint_eq(syc_vocab_size(v), 5);
	ck_assert_str_eq(ids_of(v, "ab[PAD4]", SYC_TOK_SPECIAL), "2");
	ck_assert_int_eq(syc_vocab_decode(v, (int32_t[]){ 2, 3, 4, 0 }, 4, true,
					  false, &b), 0);
	ck_assert_str_eq(b.data, "aba");
	ck_assert_str_eq(syc_vocab_piece(v, 4, true, &len), "");
	ck_assert_ptr_null(syc_vocab_piece(v, 5, true, &len));
	syc_buf_free(&b);
	syc_vocab_close(v);
}

static void made_bpe(struct made *m, size_t n_tokens)
{
	static const char *const token[] = { "a", "b", "ab", "[PAD3]", "[PAD4]",
					     "<|begin_of_text|>" };

	made_str(m, KEY "model", "gpt2");
	made_array(m, KEY "tokens", SYC_GGUF_STRING, n_tokens);
	for (size_t i = 0; i < n_tokens; i++)
		made_text(m, token[i]);
	made_array(m, KEY "token_type", SYC_GGUF_I32, n_tokens);
	for (size_t i = 0; i < n_tokens; i++)
		made_u32(m, i < 3 ? SYC_PIECE_NORMAL :
			    i < 5 ? SYC_PIECE_UNUSED : SYC_PIECE_CONTROL);
	made_array(m, KEY "merges", SYC_GGUF_STRING, 1);
	made_text(m, "a b");
}

START_TEST(rows_without_a_token)
{
	struct made m = { 0 };

	make_dir();
	put_text("tokenizer.json", TOKENIZER(""));
	put_text("config.json", "{\"vocab_size\":5}");
	check_fillers(open_path(dir));
	remove_dir();
	made_bpe(&m, 5);
	made_str(&m, KEY "pre", "gpt-2");
	check_fillers(open_made(&m));
}
END_TEST

START_TEST(no_pre_tokenizer_named)
{
	struct made m = { 0 };
	struct syc_vocab *v;

	made_bpe(&m, 6);
	v = open_made(&m);
	ck_assert_msg(strstr(syc_vocab_notes(v), "split by 'default', not by 'llama-bpe'"),
		      "%s", syc_vocab_notes(v));
	ck_assert_ptr_nonnull(strstr(syc_vocab_notes(v), "BOS is not added"));
	syc_vocab_close(v);
	made_bpe(&m, 5);
	v = open_made(&m);
	ck_assert_ptr_nonnull(strstr(syc_vocab_notes(v), "split by 'default', and"));
	syc_vocab_close(v);
	made_bpe(&m, 6);
	made_str(&m, KEY "pre", "llama-bpe");
	v = open_made(&m);
	ck_assert_str_eq(syc_vocab_notes(v), "");
	syc_vocab_close(v);
}
END_TEST

START_TEST(gguf_of_others)
{
	struct made m = { 0 };

	made_bpe(&m, 5);
	made_str(&m, KEY "pre", "gpt-2");
	made_str(&m, KEY "model", "llama");
	refuse_made(&m, SYC_EFORMAT, "'" KEY "model' is there twice");
	made_bpe(&m, 5);
	m.b.data[4] = 0;
	m.b.data[7] = 3;
	refuse_made(&m, SYC_EUNSUPP, "big-endian");
	make_dir();
	put("x.gguf", "", 0);
	refuse_path(in_dir("x.gguf"), SYC_EFORMAT, "x.gguf: is empty");
	put("tokenizer.model", "", 0);
	refuse_path(dir, SYC_EFORMAT, "tokenizer.model: is empty");
	remove_dir();
}
END_TEST

/* In NFC and not: "é" as one character and as two. */
START_TEST(texts_are_counted)
{
	static const char *const nfc = TOKENIZER("\"normalizer\":{\"type\":\"NFC\"},");
	struct syc_text_counts c = { 0 };
	struct syc_buf b = { 0 };
	struct syc_vocab *v;

	make_dir();
	put_text("tokenizer.json", nfc);
	v = open_path(dir);
	syc_text_count(&c, v, "\xc3\xa9", 2, NULL, 0);
	syc_text_count(&c, v, "\xff\xcc", 2, NULL, 0);
	ck_assert_int_eq(syc_text_notes(&c, &b), 0);
	ck_assert_uint_eq(b.len, 0);
	syc_text_count(&c, v, "e\xcc\x81", 3, NULL, 0);
	ck_assert_int_eq(syc_text_notes(&c, &b), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "NFC"));
	ck_assert_ptr_nonnull(strstr(b.data, ": 1 "));
	syc_vocab_close(v);
	put_text("tokenizer.json", TOKENIZER(""));
	put_text("tokenizer_config.json", "{\"bos_token\":\"a\"}");
	v = open_path(dir);
	c = (struct syc_text_counts){ 0 };
	syc_text_count(&c, v, "e\xcc\x81", 3, (int32_t[]){ 0, 1, 0 }, 3);
	ck_assert(c.twice == 0 && c.not_nfc == 0);
	syc_text_count(&c, v, "a", 1, (int32_t[]){ 0, 0 }, 2);
	ck_assert_uint_eq(c.twice, 1);
	syc_vocab_close(v);
	syc_buf_free(&b);
	remove_dir();
}
END_TEST

/* A copy in another type is one as far as the type can say it. */
START_TEST(copies_of_tensors)
{
	float x[64], y[64];
	uint16_t h[64], bf[64];
	struct syc_tensor a = { .name = "a", .type = SYC_TYPE_F32, .n_dims = 2,
				.ne = { 32, 2, 1, 1 }, .data = (const uint8_t *)x,
				.bytes = sizeof(x) };
	struct syc_tensor b = a;

	for (int i = 0; i < 64; i++) {
		uint32_t bits;

		x[i] = y[i] = 0.001f * (float)(i * i - 700) + 1e-9f;
		h[i] = syc_f32_to_f16(x[i]);
		memcpy(&bits, &x[i], 4);
		bf[i] = (uint16_t)((bits + 0x8000) >> 16);
	}
	b.data = (const uint8_t *)y;
	ck_assert(syc_tensor_same(&a, &b));
	y[63] = nextafterf(y[63], 0);
	ck_assert(!syc_tensor_same(&a, &b));
	b.type = SYC_TYPE_F16;
	b.data = (const uint8_t *)h;
	ck_assert(syc_tensor_same(&a, &b));
	h[5] += 2;
	ck_assert(!syc_tensor_same(&a, &b));
	b.type = SYC_TYPE_BF16;
	b.data = (const uint8_t *)bf;
	ck_assert(syc_tensor_same(&a, &b));
	bf[40] ^= 4;
	ck_assert(!syc_tensor_same(&a, &b));
	b = a;
	b.ne[0] = 64;
	b.ne[1] = 1;
	ck_assert(!syc_tensor_same(&a, &b));
}
END_TEST

static const struct test tests[] = {
	TEST(bos_by_post_processor),
	TEST(flags_that_do_not_count),
	TEST(json_of_others),
	TEST(rows_without_a_token),
	TEST(no_pre_tokenizer_named),
	TEST(gguf_of_others),
	TEST(texts_are_counted),
	TEST(copies_of_tensors),
};

int main(void)
{
	return RUN_TESTS("hub_odd", tests);
}
