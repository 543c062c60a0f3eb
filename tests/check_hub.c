/* SPDX-License-Identifier: MIT */
/* What stands beside a tokenizer: settings, split patterns, special tokens. */
#include "config.h"
#include "base/rand.h"
#include "folder.h"
#include "model/pretok.h"
#include "model/vocab.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char tokenizer[] =
	"{\"added_tokens\":[{\"id\":3,\"content\":\"<e>\",\"special\":true}],"
	"\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false},"
	"\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}";

/* Open the folder with that text as one of its files, which then goes again. */
static struct syc_vocab *with(const char *name, const char *text)
{
	struct syc_vocab *v;

	put_text(name, text);
	v = open_path(dir);
	unlink(in_dir(name));
	return v;
}

static void refuse(const char *name, const char *text, int code, const char *part)
{
	put_text(name, text);
	refuse_path(dir, code, part);
	unlink(in_dir(name));
}

START_TEST(settings)
{
	struct syc_vocab *v;
	size_t n;

	make_dir();
	put_text("tokenizer.json", tokenizer);
	v = open_path(dir);
	ck_assert(syc_vocab_bos(v) == -1 && syc_vocab_eos(v) == -1);
	ck_assert_ptr_null(syc_vocab_chat_template(v, &n));
	syc_vocab_close(v);
	v = with("tokenizer_config.json",
		 "{\"bos_token\":\"a\",\"add_bos_token\":true,"
		 "\"eos_token\":{\"content\":\"<e>\"},\"chat_template\":\"x\","
		 "\"added_tokens_decoder\":{\"10\":{\"content\":\"<n>\",\"special\":true},"
		 "\"4\":{\"content\":\"<u>\"}}}");
	ck_assert(syc_vocab_bos(v) == 0 && syc_vocab_eos(v) == 3);
	ck_assert(syc_vocab_is_end(v, 3) && !syc_vocab_is_end(v, 0));
	ck_assert_str_eq(syc_vocab_chat_template(v, &n), "x");
	/* Ids left out are filled; the others come in the order of their ids. */
	ck_assert_uint_eq(syc_vocab_size(v), 11);
	ck_assert_str_eq(syc_vocab_meta(v)->piece[7].name, "[PAD7]");
	/* tokenizer.json says what is put in front, and it says nothing. */
	ck_assert_str_eq(ids_of(v, "<u><n>ab", SYC_TOK_BOS | SYC_TOK_SPECIAL),
			 "4 10 2");
	ck_assert_str_eq(ids_of(v, "<u><n>ab", 0), "4 2");
	syc_vocab_close(v);
	v = with("special_tokens_map.json",
		 "{\"eos_token\":\"b\",\"bos_token\":null}");
	ck_assert_int_eq(syc_vocab_eos(v), 1);
	syc_vocab_close(v);
	v = with("added_tokens.json", "{\"<pad>\":4}");
	ck_assert_str_eq(ids_of(v, "<pad>", 0), "4");
	syc_vocab_close(v);
	v = with("generation_config.json", "{\"eos_token_id\":[1,2]}");
	ck_assert(syc_vocab_is_end(v, 1) && syc_vocab_is_end(v, 2) &&
		  !syc_vocab_is_end(v, 0));
	syc_vocab_close(v);
	v = with("generation_config.json", "{\"eos_token_id\":1}");
	ck_assert(syc_vocab_is_end(v, 1) && !syc_vocab_is_end(v, 2));
	syc_vocab_close(v);
	/* Without that file config.json has them; odd ones in it do no harm. */
	v = with("config.json", "{\"eos_token_id\":[1,2,-1,99]}");
	ck_assert(syc_vocab_is_end(v, 1) && syc_vocab_is_end(v, 2) &&
		  !syc_vocab_is_end(v, 0));
	syc_vocab_close(v);
	put_text("generation_config.json", "{\"eos_token_id\":0}");
	v = with("config.json", "{\"eos_token_id\":1}");
	ck_assert(syc_vocab_is_end(v, 0) && !syc_vocab_is_end(v, 1));
	syc_vocab_close(v);
	unlink(in_dir("generation_config.json"));
	remove_dir();
}
END_TEST

START_TEST(settings_left_out)
{
	struct syc_vocab *v;
	size_t n;

	make_dir();
	put_text("tokenizer.json", tokenizer);
	/* Training scripts name tokens and forget to add them. */
	v = with("tokenizer_config.json",
		 "{\"pad_token\":\"[PAD]\",\"unk_token\":\"<unk>\","
		 "\"eos_token\":\"b\"}");
	ck_assert(syc_vocab_meta(v)->pad == -1 &&
		  syc_vocab_meta(v)->unk == -1 && syc_vocab_eos(v) == 1);
	syc_vocab_close(v);
	v = with("chat_template.jinja", "{{ y }}");
	ck_assert_str_eq(syc_vocab_chat_template(v, &n), "{{ y }}");
	syc_vocab_close(v);
	v = with("tokenizer_config.json",
		 "{\"chat_template\":[{\"name\":\"rag\",\"template\":\"r\"}]}");
	ck_assert_str_eq(syc_vocab_chat_template(v, &n), "r");
	syc_vocab_close(v);
	remove_dir();
}
END_TEST

/* Of tokens that were added without room in the embedding none is used. */
START_TEST(tokens_without_a_row)
{
	static const char added[] =
		"{\"pad_token\":\"<pad>\",\"added_tokens_decoder\":{"
		"\"4\":{\"content\":\"<u>\"},\"5\":{\"content\":\"<pad>\",\"special\":true}}}";
	static const struct { size_t rows, tokens; const char *ids; } t[] = {
		{ 0, 6, "4 5 2" }, { 9, 9, "4 5 2" }, { 6, 6, "4 5 2" },
		{ 5, 5, "4 0 2" }, { 4, 4, "0 2" },
	};
	struct syc_vocab *v;

	make_dir();
	put_text("tokenizer.json", tokenizer);
	put_text("tokenizer_config.json", added);
	for (size_t i = 0; i < LEN(t); i++) {
		ck_assert_int_eq(syc_vocab_from_folder(&v, dir, t[i].rows,
						       NULL), 0);
		ck_assert_uint_eq(syc_vocab_size(v), t[i].tokens);
		ck_assert_int_eq(syc_vocab_meta(v)->pad, t[i].tokens >= 6 ? 5 : -1);
		ck_assert_str_eq(ids_of(v, "<u><pad>ab", SYC_TOK_SPECIAL),
				 t[i].ids);
		syc_vocab_close(v);
	}
	remove_dir();
}
END_TEST

START_TEST(bad_settings)
{
	static const struct {
		const char *name, *text;
		int code;
		const char *part;
	} t[] = {
		{ "tokenizer_config.json", "[]", SYC_EFORMAT, "not a JSON object" },
		{ "tokenizer_config.json", "{\"a\":", SYC_EFORMAT, "line 1" },
		{ "tokenizer_config.json", "{\"a\":1,\"a\":2}", SYC_EFORMAT, "duplicate" },
		{ "tokenizer_config.json", "{\"bos_token\":\"zz\"}", SYC_EFORMAT,
		  "tokenizer_config.json: 'bos_token' is no token" },
		{ "tokenizer_config.json", "{\"eos_token\":7}", SYC_EFORMAT,
		  "'eos_token' is not a token" },
		{ "tokenizer_config.json", "{\"add_bos_token\":1}", SYC_EFORMAT,
		  "neither true nor false" },
		{ "tokenizer_config.json", "{\"chat_template\":7}", SYC_EFORMAT,
		  "'chat_template'" },
		{ "tokenizer_config.json", "{\"chat_template\":[{},{}]}",
		  SYC_EFORMAT, "no default" },
		{ "tokenizer_config.json", "{\"added_tokens_decoder\":[]}",
		  SYC_EFORMAT, "not an object" },
		{ "tokenizer_config.json",
		  "{\"added_tokens_decoder\":{\"x\":{}}}", SYC_EFORMAT,
		  "no number" },
		{ "tokenizer_config.json",
		  "{\"added_tokens_decoder\":{\"01\":{}}}", SYC_EFORMAT,
		  "no number" },
		{ "tokenizer_config.json",
		  "{\"added_tokens_decoder\":{\"4\":{}}}", SYC_EFORMAT,
		  "no 'content'" },
		{ "tokenizer_config.json",
		  "{\"added_tokens_decoder\":{\"9999999\":{\"content\":\"q\"}}}",
		  SYC_EFORMAT, "'q' has id 9999999" },
		{ "tokenizer_config.json",
		  "{\"added_tokens_decoder\":{\"40000\":{\"content\":\"q\"},"
		  "\"80000\":{\"content\":\"r\"}}}", SYC_EFORMAT,
		  "more than 65536 ids have no token" },
		{ "tokenizer_config.json",
		  "{\"added_tokens_decoder\":{\"4\":{\"content\":\"q\",\"rstrip\":true}}}",
		  SYC_EUNSUPP, "'rstrip' is not supported" },
		{ "added_tokens.json", "{\"q\":\"4\"}", SYC_EFORMAT, "'q' has no id" },
		{ "generation_config.json", "{\"eos_token_id\":4}", SYC_EFORMAT,
		  "'eos_token_id' is no token" },
		{ "generation_config.json", "{\"eos_token_id\":[-1]}",
		  SYC_EFORMAT, "'eos_token_id'" },
		{ "generation_config.json", "{\"eos_token_id\":\"x\"}",
		  SYC_EFORMAT, "'eos_token_id'" },
	};

	make_dir();
	put_text("tokenizer.json", tokenizer);
	for (size_t i = 0; i < LEN(t); i++)
		refuse(t[i].name, t[i].text, t[i].code, t[i].part);
	remove_dir();
}
END_TEST

#define MODEL(more) "{\"pre_tokenizer\":{\"type\":\"ByteLevel\"},\"model\":{" more "}}"
#define BPE(vocab, merges) MODEL("\"type\":\"BPE\",\"vocab\":" vocab ",\"merges\":" merges)
#define PRE(pre) "{\"pre_tokenizer\":" pre ",\"decoder\":{\"type\":\"ByteLevel\"},\"model\":" \
	"{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}}"
#define LAST ",{\"type\":\"ByteLevel\",\"use_regex\":false}"
#define SPLIT(re, how) PRE("{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\"," \
	"\"pattern\":{\"Regex\":\"" re "\"},\"behavior\":\"" how "\"}" LAST "]}")

START_TEST(bad_tokenizers)
{
	static const struct {
		const char *text;
		int code;
		const char *part;
	} t[] = {
		{ "{}", SYC_EFORMAT, "no 'model'" },
		{ MODEL("\"type\":\"Unigram\""), SYC_EUNSUPP, "'Unigram'" },
		{ MODEL("\"type\":\"WordPiece\""), SYC_EUNSUPP, "'WordPiece'" },
		{ MODEL("\"type\":\"BPE\",\"dropout\":0.1"), SYC_EUNSUPP, "'dropout'" },
		{ MODEL("\"type\":\"BPE\",\"end_of_word_suffix\":\"x\""), SYC_EUNSUPP, "suffix" },
		{ MODEL("\"type\":\"BPE\""), SYC_EFORMAT, "no 'vocab'" },
		{ BPE("{\"a\":-1}", "[]"), SYC_EFORMAT, "'a' has no id" },
		{ BPE("{\"a\":\"b\"}", "[]"), SYC_EFORMAT, "'a' has no id" },
		{ BPE("{\"a\":999999999999}", "[]"), SYC_EFORMAT, "'a' has no id" },
		{ BPE("{\"a\":0,\"b\":0}", "[]"), SYC_EFORMAT, "two tokens have id 0" },
		{ BPE("{}", "[]"), SYC_EFORMAT, "no tokens" },
		{ BPE("{\"a\":0}", "7"), SYC_EFORMAT, "no 'merges'" },
		{ BPE("{\"a\":0}", "[7]"), SYC_EFORMAT, "merge 0 is not of two parts" },
		{ BPE("{\"a\":0}", "[\"a\"]"), SYC_EFORMAT, "merge 0 is not of two parts" },
		{ BPE("{\"a\":0}", "[[\"a\",\"a\",\"a\"]]"), SYC_EFORMAT, "not of two parts" },
		{ BPE("{\"a\":0}", "[\"a q\"]"), SYC_EFORMAT, "merge 0 names 'q'" },
		{ PRE("{\"type\":\"Whitespace\"}"), SYC_EUNSUPP, "'Whitespace'" },
		{ PRE("{\"type\":\"ByteLevel\",\"add_prefix_space\":true}"),
		  SYC_EUNSUPP,
		  "add_prefix_space" },
		{ PRE("{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\"}"
		      LAST "]}"),
		  SYC_EUNSUPP, "behind ByteLevel" },
		{ PRE("{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\"}" LAST "]}"),
		  SYC_EFORMAT, "without pattern" },
		{ SPLIT("a", "MergedWithNext"), SYC_EUNSUPP, "'MergedWithNext'" },
		{ SPLIT("(a", "Isolated"), SYC_EFORMAT, "split pattern '(a': missing" },
		{ SPLIT("[a", "Isolated"), SYC_EFORMAT, "split pattern '[a'" },
		{ SPLIT("[a&&b]", "Isolated"), SYC_EUNSUPP, "intersection" },
		{ SPLIT("[a[^b]]", "Isolated"), SYC_EUNSUPP, "negated set" },
		{ SPLIT("\\\\h", "Isolated"), SYC_EUNSUPP, "\\h" },
		{ SPLIT("\\\\C", "Isolated"), SYC_EFORMAT, "\\C" },
		{ SPLIT("\\\\p{Nonsense}", "Isolated"), SYC_EFORMAT, "Nonsense" },
		{ "{\"pre_tokenizer\":{\"type\":\"ByteLevel\"},"
		  "\"normalizer\":{\"type\":\"Lowercase\"},"
		  "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}}", SYC_EUNSUPP,
		  "normalizer 'Lowercase'" },
		{ "{\"pre_tokenizer\":{\"type\":\"ByteLevel\"},\"post_processor\":{\"type\":"
		  "\"BertProcessing\"},"
		  "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}}",
		  SYC_EUNSUPP, "'BertProcessing'" },
	};

	make_dir();
	for (size_t i = 0; i < LEN(t); i++) {
		put_text("tokenizer.json", t[i].text);
		refuse_path(in_dir("tokenizer.json"), t[i].code, t[i].part);
	}
	remove_dir();
}
END_TEST

/* ---- splitting ------------------------------------------------------------- */

static int join(void *arg, const char *s, size_t n)
{
	struct syc_buf *b = arg;

	return syc_buf_printf(b, "%s%.*s", b->len ? "|" : "", (int)n, s);
}

static const char *parts(const char *re, enum syc_pretok_keep keep,
			 bool literal, const char *text)
{
	static char s[65536];
	struct syc_pretok_rule r = { .re = re, .keep = keep, .literal = literal };
	struct syc_err err = { 0 };
	struct syc_pretok *p;
	struct syc_buf b = { 0 };

	ck_assert_msg(syc_pretok_new(&p, &r, 1, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(syc_pretok_split(p, text, strlen(text), join, &b,
					  NULL), 0);
	snprintf(s, sizeof(s), "%s", b.data ? b.data : "");
	syc_buf_free(&b);
	syc_pretok_free(p);
	return s;
}

START_TEST(splitting)
{
	ck_assert_str_eq(parts("b+", SYC_PRETOK_ALL, false, "abbcb"), "a|bb|c|b");
	ck_assert_str_eq(parts("b+", SYC_PRETOK_MATCHES, false, "abbcb"), "bb|b");
	ck_assert_str_eq(parts("b+", SYC_PRETOK_GAPS, false, "abbcb"), "a|c");
	ck_assert_str_eq(parts("b+", SYC_PRETOK_ALL, true, "ab+cb"), "a|b+|cb");
	/* An empty match parts; what begins there is still found. */
	ck_assert_str_eq(parts("(?=b)", SYC_PRETOK_ALL, false, "abbc"), "a|b|bc");
	ck_assert_str_eq(parts("x*", SYC_PRETOK_ALL, false, "\xc3\xa9xxa"),
			 "\xc3\xa9|xx|a");
	ck_assert_str_eq(parts("(?=c)|cd", SYC_PRETOK_ALL, false, "abcd"), "ab|cd");
	/* White space is Unicode's: not U+180E, but U+3000 and U+0085. */
	ck_assert_str_eq(parts("\\s", SYC_PRETOK_GAPS, false,
			       "a\xe3\x80\x80" "b\xe1\xa0\x8e\xc2\x85."),
			 "a|b\xe1\xa0\x8e|.");
	ck_assert_str_eq(parts("[\\S]+", SYC_PRETOK_MATCHES, false,
			       "a\xe1\xa0\x8e b"), "a\xe1\xa0\x8e|b");
	/* Sets in sets add up; a script is not what shares its characters. */
	ck_assert_str_eq(parts("[^(a|[bc]d)]", SYC_PRETOK_ALL, false, "abxd"),
			 "ab|x|d");
	ck_assert_str_eq(parts("[[:alpha:]]+", SYC_PRETOK_MATCHES, false,
			       "a1b"), "a|b");
	ck_assert_str_eq(parts("\\p{Han}+", SYC_PRETOK_MATCHES, false,
			       "\xe6\x9d\xb1\xe3\x80\x81"), "\xe6\x9d\xb1");
	ck_assert_str_eq(parts("\\p{Lu}", SYC_PRETOK_MATCHES, false,
			       "a\xc3\x89"), "\xc3\x89");
	/* The end is the end, also before a line's. */
	ck_assert_str_eq(parts("b$", SYC_PRETOK_MATCHES, false, "b\nab"), "b");
}
END_TEST

/* A pattern that takes exponential time is an error, and soon. */
START_TEST(patterns_gone_wild)
{
	static const char *const wild[] =
		{ "(a+)+c", "(a|a)*c", "(?:a?){40}a{40}c", "(a*)*\\1c" };
	char text[2003];

	/* A "c" that must be there is there, only not where it would help. */
	memset(text, 'a', 2000);
	strcpy(text + 2000, "bc");
	for (size_t i = 0; i < LEN(wild); i++) {
		struct syc_pretok_rule r = { .re = wild[i] };
		struct syc_err err = { 0 };
		struct syc_pretok *p;
		struct syc_buf b = { 0 };

		ck_assert_int_eq(syc_pretok_new(&p, &r, 1, &err), 0);
		ck_assert_int_eq(syc_pretok_split(p, text, 2002, join, &b,
						  &err), SYC_EFORMAT);
		ck_assert_msg(strstr(err.msg, wild[i]) &&
			      strstr(err.msg, "limit"), "%s", err.msg);
		syc_buf_free(&b);
		syc_pretok_free(p);
	}
}
END_TEST

/* So is one that goes over the whole text from each of its characters. */
START_TEST(patterns_that_look_far)
{
	enum { N = 500000 };
	static const char *const far[] = { "(?=[^z]*z)a|a", "(?=[^z]*z)a" };
	static char text[N + 1];

	memset(text, 'a', N);
	for (size_t i = 0; i < LEN(far); i++) {
		struct syc_pretok_rule r = { .re = far[i] };
		struct syc_err err = { 0 };
		struct syc_pretok *p;
		struct syc_buf b = { 0 };

		ck_assert_int_eq(syc_pretok_new(&p, &r, 1, &err), 0);
		ck_assert_int_eq(syc_pretok_split(p, text, 1000, join, &b,
						  &err), 0);
		ck_assert_int_eq(syc_pretok_split(p, text, N, join, &b, &err),
				 SYC_EFORMAT);
		ck_assert_msg(strstr(err.msg, far[i]) &&
			      strstr(err.msg, "limit"), "%s", err.msg);
		syc_buf_free(&b);
		syc_pretok_free(p);
	}
}
END_TEST

/* Where nothing is found for long, the search goes on at a character's begin. */
START_TEST(far_between)
{
	struct syc_buf text = { 0 };

	for (int i = 0; i < 10000; i++)
		syc_buf_puts(&text, "\xe2\x82\xac");
	syc_buf_puts(&text, "b\xe2\x82\xac");
	for (size_t skip = 0; skip < 30; skip += 3)
		ck_assert_uint_eq(strcspn(parts("b|c", SYC_PRETOK_ALL, false,
						text.data + skip), "|"),
						30000 - skip);
	syc_buf_free(&text);
}
END_TEST

/* Every name llama.cpp gives is found, its patterns compile, and none is taken twice. */
START_TEST(names_of_pretokenizers)
{
	static const char *const name[] = {
		"llama-bpe", "llama3", "gpt-2", "qwen2", "deepseek-llm",
		"deepseek-coder",
		"deepseek-v3", "falcon", "starcoder", "refact", "command-r",
		"mpt", "olmo", "dbrx",
		"smaug-bpe", "poro-chat", "viking", "jais", "tekken", "smollm",
		"codeshell", "bloom",
		"gpt3-finnish", "exaone", "chameleon", "minerva-7b", "megrez",
		"gpt-4o", "superbpe",
		"trillion", "granite-docling", "default", "youtu", "tiny_aya",
		"jais-2", "exaone-moe",
		"bailingmoe", "seed-coder", "spark2_5", "minicpm5", "laguna",
		"qwen35", "ufakzeka",
		"granite-embed-multi-97m", "hunyuan", "glm4", "llama4",
		"falcon3", "stablelm2",
	};

	for (size_t i = 0; i < LEN(name); i++) {
		const struct syc_pretok_def *d =
			syc_pretok_find(name[i], strlen(name[i]));
		struct syc_err err = { 0 };

		ck_assert_msg(d != NULL, "%s", name[i]);
		for (size_t k = 0; k < LEN(d->re) && d->re[k]; k++) {
			struct syc_pretok_rule r = { .re = d->re[k] };
			struct syc_pretok *p;

			ck_assert_msg(syc_pretok_new(&p, &r, 1, &err) == 0,
				      "%s: %s", name[i], err.msg);
			syc_pretok_free(p);
		}
	}
	ck_assert_ptr_null(syc_pretok_find("", 0));
	ck_assert_ptr_null(syc_pretok_find("llama", 5));
	ck_assert_ptr_null(syc_pretok_find("llama-bpe llama3", 16));
}
END_TEST

/* ---- special tokens -------------------------------------------------------- */

/* Longest first, the leftmost of equals, as often as there are any. */
static size_t naive_find(const char *const *name, size_t n, const char *s,
			 size_t len,
			 struct syc_match *out)
{
	bool taken[128] = { false };
	size_t n_out = 0;

	for (size_t k = 8; k > 0; k--)
		for (size_t at = 0; at + k <= len; at++)
			for (size_t i = n; i-- > 0;) {
				if (strlen(name[i]) != k ||
				    memcmp(name[i], s + at, k) != 0 ||
				    memchr(taken + at, true, k))
					continue;
				memset(taken + at, true, k);
				out[n_out++] = (struct syc_match){ at,
								   (uint32_t)k,
								   (int32_t)i };
			}
	return n_out;
}

START_TEST(longest_special_tokens_first)
{
	for (uint64_t i = 0; i < 300; i++) {
		uint64_t key = syc_rand_key(8, "special", i), step = 0;
		static struct syc_specials t;
		char name[8][9];
		const char *list[8];

		t = (struct syc_specials){ 0 };
		for (int32_t k = 0; k < 8; k++) {
			size_t n = 1 + syc_rand_below(key, step++, 8);

			for (size_t j = 0; j < n; j++)
				name[k][j] = (char)('a' +
						    syc_rand_below(key, step++,
								   2 + i % 2));
			name[k][n] = 0;
			list[k] = name[k];
			ck_assert(syc_specials_add(&t, name[k], (uint32_t)n, k,
						   true));
		}
		syc_specials_sort(&t);
		for (int k = 0; k < 30; k++) {
			struct syc_matches got = { 0 };
			struct syc_match want[128];
			char text[121];
			size_t n = syc_rand_below(key, step++, 120), n_want;

			for (size_t j = 0; j < n; j++)
				text[j] = (char)('a' +
						 syc_rand_below(key, step++,
								3));
			ck_assert(syc_specials_find(&t, text, n, false, &got));
			n_want = naive_find(list, 8, text, n, want);
			ck_assert_uint_eq(got.n, n_want);
			for (size_t a = 0; a < n_want; a++) {
				size_t b = 0;

				while (b < n_want && want[b].at != got.m[a].at)
					b++;
				ck_assert(b < n_want &&
					  want[b].n == got.m[a].n &&
					  want[b].id == got.m[a].id);
				ck_assert(a == 0 || got.m[a - 1].at < got.m[a].at);
			}
			free(got.m);
		}
		free(t.list);
	}
}
END_TEST

static const struct test tests[] = {
	TEST(settings),
	TEST(settings_left_out),
	TEST(tokens_without_a_row),
	TEST(bad_settings),
	TEST(bad_tokenizers),
	TEST(splitting),
	TEST(patterns_gone_wild),
	TEST(patterns_that_look_far),
	TEST(far_between),
	TEST(names_of_pretokenizers),
	TEST(longest_special_tokens_first),
};

int main(void)
{
	return RUN_TESTS("hub", tests);
}
