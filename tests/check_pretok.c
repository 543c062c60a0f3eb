/* SPDX-License-Identifier: MIT */
/* How a text is cut before it is encoded: split patterns, special tokens. */
#include "config.h"
#include "base/rand.h"
#include "model/pretok.h"
#include "model/special.h"
#include "model/vocab.h"
#include "suite.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

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
	TEST(splitting),
	TEST(patterns_gone_wild),
	TEST(patterns_that_look_far),
	TEST(far_between),
	TEST(names_of_pretokenizers),
	TEST(longest_special_tokens_first),
};

int main(void)
{
	return RUN_TESTS("pretok", tests);
}
