/* SPDX-License-Identifier: MIT */
/* What stands beside a tokenizer: settings, and what is broken in them. */
#include "config.h"
#include "folder.h"
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

static const struct test tests[] = {
	TEST(settings),
	TEST(settings_left_out),
	TEST(tokens_without_a_row),
	TEST(bad_settings),
	TEST(bad_tokenizers),
};

int main(void)
{
	return RUN_TESTS("hub", tests);
}
