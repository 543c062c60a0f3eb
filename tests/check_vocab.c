/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "base/rand.h"
#include "lines.h"
#include "vocabs.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

struct piece {
	const char *name;
	float score;
	int32_t type;
};

static void put_pieces(struct made *m, const struct piece *p, size_t n)
{
	made_str(m, "tokenizer.ggml.model", "llama");
	made_array(m, "tokenizer.ggml.tokens", SYC_GGUF_STRING, n);
	for (size_t i = 0; i < n; i++)
		made_text(m, p[i].name);
	made_array(m, "tokenizer.ggml.scores", SYC_GGUF_F32, n);
	for (size_t i = 0; i < n; i++)
		made_bytes(m, &p[i].score, 4);
	made_array(m, "tokenizer.ggml.token_type", SYC_GGUF_I32, n);
	for (size_t i = 0; i < n; i++)
		made_bytes(m, &p[i].type, 4);
}

static struct syc_vocab *open_demo(void)
{
	struct syc_err err = { 0 };
	struct syc_vocab *v;

	ck_assert_msg(syc_vocab_open(&v, source_path("demo/demo-f16.gguf"),
				     &err) == 0,
		      "%s", err.msg);
	return v;
}

/* The ids must be those of the list; a list of `cut` ids may be a beginning. */
static void compare(const struct syc_vocab *v, const char *text, size_t len,
		    unsigned flags,
		    const json_t *want, size_t cut)
{
	struct syc_ids ids = { 0 };
	size_t n = json_array_size(want);

	ck_assert_int_eq(syc_vocab_encode(v, text, len, flags, &ids, NULL), 0);
	if (n == cut && ids.n > cut)
		ids.n = cut;
	ck_assert_msg(ids.n == n, "%zu ids, not %zu: %.200s", ids.n, n, text);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(ids.id[i] == json_integer_value(json_array_get(want, i)),
			      "id %zu is %d: %.200s", i, ids.id[i], text);
	syc_ids_free(&ids);
}

static void llama2_line(void *arg, const json_t *row)
{
	const json_t *text = json_object_get(row, "text");

	compare(arg, json_string_value(text), json_string_length(text), 0,
		json_object_get(row, "ids"), SIZE_MAX);
}

START_TEST(llama2_ids)
{
	const char *path = shared_path("models/ggml-vocab-llama-spm.gguf");
	struct syc_vocab *v;

	if (!path) {
		left_out("llama2_ids");
		return;
	}
	ck_assert_int_eq(syc_vocab_open(&v, path, NULL), 0);
	ck_assert_uint_eq(syc_vocab_size(v), 32000);
	each_line(shared_path("models/llama2-spm.jsonl"), llama2_line, v);
	syc_vocab_close(v);
}
END_TEST

/* The demo model is carried, the others are in the shared folder. */
static void golden_line(void *arg, const json_t *row)
{
	const json_t *text = json_object_get(row, "text");
	const char *name = json_string_value(json_object_get(row, "model")), *path;
	char file[256];
	struct syc_vocab *v;
	struct syc_err err = { 0 };

	snprintf(file, sizeof(file), "models/%s/%s-f16.gguf", name, name);
	path = strcmp(name, "demo") ? shared_path(file) :
		source_path("demo/demo-f16.gguf");
	if (!path)
		return;
	ck_assert_msg(syc_vocab_open(&v, path, &err) == 0, "%s", err.msg);
	compare(v, json_string_value(text), json_string_length(text),
		SYC_TOK_BOS | SYC_TOK_SPECIAL, json_object_get(row, "ids"), 220);
	syc_vocab_close(v);
	++*(unsigned *)arg;
}

START_TEST(golden_ids)
{
	unsigned n = 0;

	each_line(source_path("tests/data/golden_tokens.jsonl"), golden_line, &n);
	ck_assert_uint_ge(n, 3);
}
END_TEST

START_TEST(what_the_demo_says_of_itself)
{
	struct syc_vocab *v = open_demo();
	size_t len;

	ck_assert_uint_eq(syc_vocab_size(v), 768);
	ck_assert_int_eq(syc_vocab_bos(v), 1);
	ck_assert_int_eq(syc_vocab_eos(v), 2);
	ck_assert(syc_vocab_is_end(v, 2) && !syc_vocab_is_end(v, 1));
	ck_assert(!syc_vocab_is_end(v, -1) && !syc_vocab_is_end(v, 768));
	ck_assert_ptr_nonnull(strstr(syc_vocab_chat_template(v, &len),
				     "<|assistant|>"));
	ck_assert_uint_eq(len, strlen(syc_vocab_chat_template(v, &len)));
	ck_assert_ptr_null(syc_vocab_piece(v, -1, true, &len));
	ck_assert_ptr_null(syc_vocab_piece(v, 768, true, &len));
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq(syc_vocab_piece(v, 2, false, &len), "");
	ck_assert_int_eq(strncmp(syc_vocab_piece(v, 2, true, &len), "</s>", 4), 0);
	ck_assert_uint_eq(len, 4);
	syc_vocab_close(v);
	syc_vocab_close(NULL);
}
END_TEST

/* Any bytes at all come back, the dummy prefix stripped. */
START_TEST(bytes_round_trip)
{
	struct syc_vocab *v = open_demo();
	char text[512];

	for (uint64_t i = 0; i < 3000; i++) {
		uint64_t key = syc_rand_key(3, "bytes", i);
		size_t n = syc_rand_below(key, 0, sizeof(text));
		struct syc_ids ids = { 0 };
		struct syc_buf b = { 0 };

		for (size_t j = 0; j < n; j++) {
			text[j] = (char)syc_rand_below(key, j + 1, 256);
			if (i % 3)
				text[j] =
					" etaoins<|/s>\n\xe2\x96\x81"[(unsigned char)text[j] % 16];
		}
		ck_assert_int_eq(syc_vocab_encode(v, text, n, 0, &ids, NULL), 0);
		ck_assert_int_eq(syc_vocab_decode(v, ids.id, ids.n, false, true,
						  &b), 0);
		/* U+2581 itself comes back as a space: SentencePiece's own loss. */
		if (!memmem(text, n, "\xe2\x96\x81", 3)) {
			ck_assert_uint_eq(b.len, n);
			ck_assert(n == 0 || memcmp(b.data, text, n) == 0);
		}
		syc_ids_free(&ids);
		syc_buf_free(&b);
	}
	syc_vocab_close(v);
}
END_TEST

static const struct piece small[] = {
	{ "<unk>", 0, 2 }, { "<s>", 0, 3 }, { "</s>", 0, 3 },
	{ "\xe2\x96\x81", -9, 1 }, { "a", -10, 1 }, { "b", -11, 1 }, { "c", -12, 1 },
	{ "ab", -1, 1 }, { "bc", -1, 1 }, { "aa", -2, 1 }, { "aaa", -3, 1 },	/* 7-10 */
	{ "<u>", 0, 4 }, { "<u>x", 0, 4 }, { "x<u", 0, 4 }, { "u>", 0, 4 },	/* 11-14 */
	{ "\xe2\x96\x81" "a", -4, 1 }, { "<0x62>", 0, 6 }, { "</s>a", 0, 3 },	/* 15-17 */
};

START_TEST(merging_order)
{
	struct made m = { 0 };
	struct syc_vocab *v;

	put_pieces(&m, small, LEN(small));
	v = open_made(&m);
	/* Leftmost of equal scores. */
	ck_assert_str_eq(ids_of(v, "abc", SYC_TOK_MIDDLE), "7 6");
	ck_assert_str_eq(ids_of(v, "bcab", SYC_TOK_MIDDLE), "8 7");
	ck_assert_str_eq(ids_of(v, "aaaa", SYC_TOK_MIDDLE), "9 9");
	ck_assert_str_eq(ids_of(v, "aaaaa", SYC_TOK_MIDDLE), "9 10");
	/* The dummy prefix, and a space of the text's own. */
	ck_assert_str_eq(ids_of(v, "", 0), "");
	ck_assert_str_eq(ids_of(v, "a", 0), "15");
	ck_assert_str_eq(ids_of(v, " a", 0), "3 15");
	ck_assert_str_eq(ids_of(v, " a", SYC_TOK_MIDDLE), "15");
	ck_assert_str_eq(ids_of(v, "a", SYC_TOK_BOS), "15");
	syc_vocab_close(v);
}
END_TEST

/*
 * The rule itself, in square time and without cuts: join the neighbors whose
 * text is the best piece, the leftmost of equals, until none is.
 */
struct naive {
	const struct piece *p;	/* [n]; 0 is the unknown */
	size_t n;
	char sym[64][64];
	size_t n_sym;
};

static int naive_find(const struct naive *w, const char *s)
{
	for (size_t i = w->n; i-- > 1;)
		if (strcmp(w->p[i].name, s) == 0)
			return (int)i;
	return 0;
}

static bool naive_join(struct naive *w)
{
	int best = 0;
	size_t at = 0;
	char two[130];

	for (size_t i = 0; i + 1 < w->n_sym; i++) {
		snprintf(two, sizeof(two), "%s%s", w->sym[i], w->sym[i + 1]);
		int id = naive_find(w, two);

		if (id && (!best || w->p[id].score > w->p[best].score)) {
			best = id;
			at = i;
		}
	}
	if (!best)
		return false;
	strcpy(w->sym[at], w->p[best].name);
	memmove(w->sym[at + 1], w->sym[at + 2],
		(w->n_sym - at - 2) * sizeof(w->sym[0]));
	w->n_sym--;
	return true;
}

static const char *naive_ids(struct naive *w, const char *const *chars,
			     const int *text, size_t n)
{
	static char s[1024];
	int len = 0;

	w->n_sym = n;
	for (size_t i = 0; i < n; i++)
		strcpy(w->sym[i], chars[text[i]]);
	while (naive_join(w))
		;
	s[0] = 0;
	for (size_t i = 0; i < w->n_sym; i++)
		len += snprintf(s + len, sizeof(s) - (size_t)len, "%s%d",
				i ? " " : "",
				naive_find(w, w->sym[i]));
	return s;
}

/* Cutting and queueing change nothing: random vocabularies, random texts. */
START_TEST(as_the_rule_says)
{
	static const char *const chars[] =
		{ "a", "b", "\xc3\xa9", "\xe2\x96\x81", "\xf0\x9f\x99\x82" };
	struct made m = { 0 };

	for (uint64_t i = 0; i < 60; i++) {
		uint64_t key = syc_rand_key(5, "vocab", i), step = 0;
		struct piece p[30] = { { "<unk>", 0, 2 } };
		static char name[30][64];
		struct naive w = { .p = p, .n = LEN(p) };
		struct syc_vocab *v;

		for (size_t j = 1; j < LEN(p); j++) {
			size_t n = j < LEN(chars) ? 1 :
				1 + syc_rand_below(key, step++, 4);

			name[j][0] = 0;
			while (n--)
				strcat(name[j], chars[syc_rand_below(key,
								     step++, 2 +
								     i % 4)]);
			p[j] = (struct piece){ name[j],
					       (float)syc_rand_below(key,
								     step++, 6),
								     1 };
		}
		put_pieces(&m, p, LEN(p));
		v = open_made(&m);
		for (int k = 0; k < 100; k++) {
			size_t n = syc_rand_below(key, step++, 40);
			char text[256] = "";
			int c[40];

			for (size_t j = 0; j < n; j++)
				c[j] = (int)syc_rand_below(key, step++, LEN(chars));
			for (size_t j = 0; j < n; j++)
				strcat(text, c[j] == 3 ? " " : chars[c[j]]);
			ck_assert_str_eq(ids_of(v, text, SYC_TOK_MIDDLE),
					 naive_ids(&w, chars, c, n));
		}
		syc_vocab_close(v);
	}
}
END_TEST

START_TEST(special_tokens_part_the_text)
{
	struct made m = { 0 };
	struct syc_vocab *v;

	put_pieces(&m, small, LEN(small));
	made_id(&m, "tokenizer.ggml.bos_token_id", 1);
	made_id(&m, "tokenizer.ggml.eos_token_id", 2);
	v = open_made(&m);
	ck_assert_str_eq(ids_of(v, "a</s>b", SYC_TOK_BOS | SYC_TOK_SPECIAL),
			 "1 15 2 3 5");
	ck_assert_str_eq(ids_of(v, "a</s>b", SYC_TOK_MIDDLE | SYC_TOK_SPECIAL),
			 "4 2 3 5");
	ck_assert_str_eq(ids_of(v, "<s></s>", SYC_TOK_SPECIAL), "1 2");
	ck_assert_str_eq(ids_of(v, "<unk>", SYC_TOK_SPECIAL), "0");
	/* The longest wins wherever it stands. */
	ck_assert_str_eq(ids_of(v, "</s>a", SYC_TOK_SPECIAL), "17");
	ck_assert_str_eq(ids_of(v, "x<u>x", 0), "3 0 12");
	ck_assert_str_eq(ids_of(v, "x<ux", 0), "13 3 0");
	/* User-defined ones need no flag, control tokens do. */
	ck_assert_str_eq(ids_of(v, "a<u>a", 0), "15 11 15");
	ck_assert_str_eq(ids_of(v, "<s>", SYC_TOK_MIDDLE), "0 0 0");
	syc_vocab_close(v);
}
END_TEST

START_TEST(bytes_or_the_unknown)
{
	struct made m = { 0 };
	struct syc_vocab *v;
	struct syc_ids ids = { 0 };
	struct syc_err err;
	int32_t keep = 5;

	put_pieces(&m, small, LEN(small));
	v = open_made(&m);
	ck_assert_str_eq(ids_of(v, "d\xe4\xb8\x80", SYC_TOK_MIDDLE), "0 0");
	syc_vocab_close(v);
	/* No unknown token: an error, and nothing is left in the list. */
	put_pieces(&m, small + 3, LEN(small) - 3);
	v = open_made(&m);
	ck_assert_int_eq(syc_ids_add(&ids, &keep, 1), 0);
	ck_assert_int_eq(syc_vocab_encode(v, "abd", 3, 0, &ids, &err), SYC_EFORMAT);
	ck_assert_ptr_nonnull(strstr(err.msg, "0x64"));
	ck_assert_uint_eq(ids.n, 1);
	syc_ids_free(&ids);
	syc_vocab_close(v);
}
END_TEST

START_TEST(settings_of_the_file)
{
	struct made m = { 0 };
	struct syc_vocab *v;
	size_t len;

	put_pieces(&m, small, LEN(small));
	made_id(&m, "tokenizer.ggml.bos_token_id", 1);
	made_id(&m, "tokenizer.ggml.eot_token_id", 17);
	made_bool(&m, "tokenizer.ggml.add_bos_token", false);
	made_bool(&m, "tokenizer.ggml.add_space_prefix", false);
	v = open_made(&m);
	ck_assert_str_eq(ids_of(v, "a", SYC_TOK_BOS), "4");
	ck_assert(syc_vocab_is_end(v, 17) && !syc_vocab_is_end(v, 2));
	ck_assert_int_eq(syc_vocab_eos(v), -1);
	ck_assert_ptr_null(syc_vocab_chat_template(v, &len));
	syc_vocab_close(v);
}
END_TEST

START_TEST(bad_vocabularies)
{
	const struct piece bad_byte = { "<0xZZ>", 0, 6 }, bad_type = { "x", 0, 9 };
	const struct piece no_score = { "x", (float)(0.0 / 0.0), 1 };
	struct made m = { 0 };

	made_str(&m, "general.architecture", "llama");
	refuse_made(&m, SYC_EFORMAT, "no 'tokenizer.ggml.model'");
	made_str(&m, "tokenizer.ggml.model", "bert");
	refuse_made(&m, SYC_EUNSUPP, "'bert'");
	made_str(&m, "tokenizer.ggml.model", "llama");
	refuse_made(&m, SYC_EFORMAT, "no 'tokenizer.ggml.tokens'");
	put_pieces(&m, small, 0);
	refuse_made(&m, SYC_EFORMAT, "'tokenizer.ggml.tokens' has 0");
	made_str(&m, "tokenizer.ggml.model", "llama");
	made_str(&m, "tokenizer.ggml.tokens", "x");
	refuse_made(&m, SYC_EFORMAT, "not a list of strings");
	made_str(&m, "tokenizer.ggml.model", "llama");
	made_array(&m, "tokenizer.ggml.tokens", SYC_GGUF_STRING, 1);
	made_text(&m, "x");
	refuse_made(&m, SYC_EFORMAT, "no 'tokenizer.ggml.scores'");
	made_str(&m, "tokenizer.ggml.model", "llama");
	made_array(&m, "tokenizer.ggml.tokens", SYC_GGUF_STRING, 1);
	made_text(&m, "x");
	made_array(&m, "tokenizer.ggml.scores", SYC_GGUF_F32, 2);
	made_u64(&m, 0);
	refuse_made(&m, SYC_EFORMAT, "has 2 entries for 1 tokens");
	put_pieces(&m, &bad_byte, 1);
	refuse_made(&m, SYC_EFORMAT, "byte token 0");
	put_pieces(&m, &bad_type, 1);
	refuse_made(&m, SYC_EFORMAT, "has type 9");
	put_pieces(&m, &no_score, 1);
	refuse_made(&m, SYC_EFORMAT, "'tokenizer.ggml.scores'");
	put_pieces(&m, small, LEN(small));
	made_id(&m, "tokenizer.ggml.bos_token_id", LEN(small));
	refuse_made(&m, SYC_EFORMAT, "'tokenizer.ggml.bos_token_id' is 18");
	put_pieces(&m, small, LEN(small));
	made_str(&m, "tokenizer.ggml.add_bos_token", "yes");
	refuse_made(&m, SYC_EFORMAT, "tokenizer.ggml.add_bos_token");
}
END_TEST

/* One long word made the queue as long as the text. */
START_TEST(long_words_take_no_square)
{
	const size_t n = 10 << 20;
	struct syc_vocab *v = open_demo();
	struct syc_ids ids = { 0 };
	char *text = malloc(n);

	memset(text, 'e', n);
	ck_assert_int_eq(syc_vocab_encode(v, text, n, 0, &ids, NULL), 0);
	ck_assert_uint_ge(ids.n, n / 16);
	syc_ids_free(&ids);
	free(text);
	syc_vocab_close(v);
}
END_TEST

static const struct test tests[] = {
	TEST(llama2_ids),
	TEST(golden_ids),
	TEST(what_the_demo_says_of_itself),
	TEST(bytes_round_trip),
	TEST(merging_order),
	TEST(as_the_rule_says),
	TEST(special_tokens_part_the_text),
	TEST(bytes_or_the_unknown),
	TEST(settings_of_the_file),
	TEST(bad_vocabularies),
	TEST(long_words_take_no_square),
};

int main(void)
{
	return RUN_TESTS("vocab", tests);
}
