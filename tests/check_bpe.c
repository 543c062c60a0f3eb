/* SPDX-License-Identifier: MIT */
/* Byte-level BPE: ids, merging, splitting; from GGUF and from tokenizer.json. */
#include "config.h"
#include "base/rand.h"
#include "lines.h"
#include "model/vocab.h"
#include "vocabs.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static struct syc_vocab *open_file(const char *path)
{
	struct syc_err err = { 0 };
	struct syc_vocab *v;

	ck_assert_msg(syc_vocab_open(&v, path, &err) == 0, "%s", err.msg);
	return v;
}

/* The metadata of v in a GGUF file, with the name of a pre-tokenizer. */
static void put_meta(struct made *m, const struct syc_vocab *v, const char *pre)
{
	const struct syc_vocab_meta *d = syc_vocab_meta(v);

	made_str(m, "tokenizer.ggml.model", "gpt2");
	made_str(m, "tokenizer.ggml.pre", pre);
	made_array(m, "tokenizer.ggml.tokens", SYC_GGUF_STRING, d->n);
	for (size_t i = 0; i < d->n; i++) {
		made_u64(m, d->piece[i].n_name);
		made_bytes(m, d->piece[i].name, d->piece[i].n_name);
	}
	made_array(m, "tokenizer.ggml.token_type", SYC_GGUF_I32, d->n);
	for (size_t i = 0; i < d->n; i++)
		made_u32(m, d->piece[i].type);
	made_array(m, "tokenizer.ggml.merges", SYC_GGUF_STRING, d->n_merge);
	for (size_t i = 0; i < d->n_merge; i++) {
		const struct syc_piece *a = &d->piece[d->merge[i].left];
		const struct syc_piece *b = &d->piece[d->merge[i].right];

		made_u64(m, a->n_name + 1 + b->n_name);
		made_bytes(m, a->name, a->n_name);
		made_bytes(m, " ", 1);
		made_bytes(m, b->name, b->n_name);
	}
}

static struct syc_vocab *with_pre(const struct syc_vocab *from, const char *pre)
{
	struct syc_err err = { 0 };
	struct syc_vocab *v;
	struct made m = { 0 };

	put_meta(&m, from, pre);
	ck_assert_msg(try_made(&m, &v, &err) == 0, "%s", err.msg);
	return v;
}

struct cases {
	struct syc_vocab *json;	/* tests/data/bpe */
	struct syc_vocab *made;	/* the same as GGUF with the pre-tokenizer... */
	char pre[32];		/* ... of this name */
	size_t n, n_pre;
};

/* The bytes of a row's text; those of "hex" need not be UTF-8. */
static struct syc_buf text_of(const json_t *row)
{
	const json_t *text = json_object_get(row, "text");
	const char *hex = field(row, "hex");
	struct syc_buf b = { 0 };

	for (; hex && *hex; hex += 2) {
		char two[3] = { hex[0], hex[1], 0 },
			c = (char)strtoul(two, NULL, 16);

		ck_assert_int_eq(syc_buf_add(&b, &c, 1), 0);
	}
	if (!hex)
		ck_assert_int_eq(syc_buf_add(&b, json_string_value(text),
					     json_string_length(text)), 0);
	return b;
}

static void compare(const struct syc_vocab *v, const struct syc_buf *text,
		    const json_t *row)
{
	const json_t *want = json_object_get(row, "ids");
	struct syc_ids ids = { 0 };
	struct syc_buf back = { 0 };

	ck_assert_int_eq(syc_vocab_encode(v, text->data, text->len,
					  SYC_TOK_SPECIAL, &ids, NULL), 0);
	ck_assert_msg(ids.n == json_array_size(want),
		      "%s: %zu ids, not %zu: %.200s",
		      field(row, "pre"), ids.n, json_array_size(want), text->data);
	for (size_t i = 0; i < ids.n; i++)
		ck_assert_msg(ids.id[i] == json_integer_value(json_array_get(want, i)),
			      "%s: id %zu is %d: %.200s", field(row, "pre"), i,
			      ids.id[i], text->data);
	ck_assert_int_eq(syc_vocab_decode(v, ids.id, ids.n, true, true, &back), 0);
	if (!field(row, "hex"))
		ck_assert(back.len == text->len &&
			  (back.len == 0 || memcmp(back.data, text->data,
						   back.len) == 0));
	syc_ids_free(&ids);
	syc_buf_free(&back);
}

static void case_line(void *arg, const json_t *row)
{
	struct cases *c = arg;
	const char *pre = field(row, "pre");
	struct syc_buf text = text_of(row);

	if (*pre && strcmp(pre, c->pre) != 0) {
		syc_vocab_close(c->made);
		c->made = with_pre(c->json, pre);
		snprintf(c->pre, sizeof(c->pre), "%s", pre);
		c->n_pre++;
	}
	compare(*pre ? c->made : c->json, &text, row);
	syc_buf_free(&text);
	c->n++;
}

START_TEST(ids_of_every_splitting)
{
	struct cases c = { .json = open_file(source_path("tests/data/bpe")) };

	each_line(source_path("tests/data/bpe/cases.jsonl"), case_line, &c);
	ck_assert_uint_ge(c.n, 400);
	ck_assert_uint_ge(c.n_pre, 14);
	syc_vocab_close(c.json);
	syc_vocab_close(c.made);
}
END_TEST

START_TEST(what_the_folder_says)
{
	struct syc_vocab *v = open_file(source_path("tests/data/bpe"));
	const struct syc_vocab_meta *m = syc_vocab_meta(v);
	const char *text;
	size_t n;

	ck_assert_int_eq(m->kind, SYC_VOCAB_BPE);
	ck_assert_str_eq(m->pre, "qwen2");
	ck_assert_int_eq(syc_vocab_bos(v), -1);
	ck_assert_str_eq(m->piece[syc_vocab_eos(v)].name, "<|im_end|>");
	ck_assert_str_eq(m->piece[m->pad].name, "<|endoftext|>");
	ck_assert_int_eq(m->eot, m->pad);
	ck_assert(syc_vocab_is_end(v, m->pad) && syc_vocab_is_end(v, m->eos));
	ck_assert(!m->add_bos && !m->add_eos && !m->add_prefix);
	text = syc_vocab_chat_template(v, &n);
	ck_assert_str_eq(text, "{{ messages }}");
	ck_assert_uint_eq(n, strlen(text));
	/* Control tokens only when asked for, the user's always. */
	ck_assert_str_eq(syc_vocab_piece(v, m->eos, false, &n), "");
	ck_assert_int_eq(m->piece[m->n - 1].type, SYC_PIECE_USER);
	ck_assert_str_eq(syc_vocab_piece(v, (int32_t)m->n - 1, false, &n),
			 "<tool>");
	syc_vocab_close(v);
}
END_TEST

/* Bytes go out as they are, so a character may end in the next token. */
START_TEST(pieces_are_bytes)
{
	struct syc_vocab *v = open_file(source_path("tests/data/bpe"));
	const char *text = "\xf0\x9f\xa6\x84 \xe2\x82\xac";	/* in no merge whole */
	struct syc_ids ids = { 0 };
	struct syc_buf b = { 0 };
	size_t n, cut = 0;

	ck_assert_int_eq(syc_vocab_encode(v, text, strlen(text), 0, &ids, NULL), 0);
	for (size_t i = 0; i < ids.n; i++) {
		const char *s = syc_vocab_piece(v, ids.id[i], false, &n);

		cut += ((unsigned char)s[0] & 0xc0) == 0x80;
		ck_assert_int_eq(syc_buf_add(&b, s, n), 0);
	}
	ck_assert_uint_gt(cut, 0);
	ck_assert_str_eq(b.data, text);
	syc_ids_free(&ids);
	syc_buf_free(&b);
	syc_vocab_close(v);
}
END_TEST

/* Any text comes back; any bytes come back with U+FFFD for what is no text. */
START_TEST(bytes_round_trip)
{
	struct syc_vocab *v = open_file(source_path("tests/data/bpe"));
	static const char *const part[] = {
		"the", " ", "\n", "\xc3\xa9", "\xe6\x9d\xb1",
		"\xf0\x9f\x99\x82", "1", "'s", "<|im_end|>",
		"\xff", "\xe2\x82", "\xed\xa0\x80",
	};
	struct syc_buf text = { 0 }, want = { 0 };

	for (uint64_t i = 0; i < 2000; i++) {
		uint64_t key = syc_rand_key(4, "bpe", i),
			n = syc_rand_below(key, 0, 60);
		struct syc_ids ids = { 0 };
		struct syc_buf back = { 0 };

		text.len = want.len = 0;
		syc_buf_puts(&text, "");
		syc_buf_puts(&want, "");
		for (uint64_t j = 1; j <= n; j++) {
			uint64_t k = syc_rand_below(key, j, i % 2 ? LEN(part) : 9);

			syc_buf_puts(&text, part[k]);
			syc_buf_puts(&want, k < 9 ? part[k] : "\xef\xbf\xbd");
			for (size_t b = 1; k >= 9 && part[k][b]; b++)
				syc_buf_puts(&want, "\xef\xbf\xbd");
		}
		ck_assert_int_eq(syc_vocab_encode(v, text.data, text.len,
						  i % 3 ? SYC_TOK_SPECIAL : 0,
						  &ids, NULL), 0);
		ck_assert_int_eq(syc_vocab_decode(v, ids.id, ids.n, true, true,
						  &back), 0);
		ck_assert_uint_eq(back.len, want.len);
		ck_assert(back.len == 0 ||
			  memcmp(back.data, want.data, back.len) == 0);
		syc_ids_free(&ids);
		syc_buf_free(&back);
	}
	syc_buf_free(&text);
	syc_buf_free(&want);
	syc_vocab_close(v);
}
END_TEST

/*
 * Random lists of merges over three letters, against the rule itself: look at
 * all neighbors, join those of the smallest rank, the leftmost of equals.
 */
enum { N_LETTERS = 3, N_RULES = 24 };

struct rules {
	char name[N_LETTERS + N_RULES][64];	/* of tokens */
	size_t n;				/* tokens */
	int left[N_RULES], right[N_RULES], whole[N_RULES];
	size_t n_rules;
};

static int token(struct rules *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->name[i], name) == 0)
			return (int)i;
	strcpy(r->name[r->n], name);
	return (int)r->n++;
}

static void make_rules(struct rules *r, uint64_t key)
{
	uint64_t step = 0;
	char both[130];

	*r = (struct rules){ 0 };
	for (int i = 0; i < N_LETTERS; i++)
		token(r, (const char[]){ (char)('a' + i), 0 });
	while (r->n_rules < N_RULES) {
		size_t k = r->n_rules;

		r->left[k] = (int)syc_rand_below(key, step++, r->n);
		r->right[k] = (int)syc_rand_below(key, step++, r->n);
		if (snprintf(both, sizeof(both), "%s%s", r->name[r->left[k]],
			     r->name[r->right[k]]) > 12)
			continue;
		r->whole[k] = token(r, both);
		r->n_rules++;
	}
}

static size_t naive(const struct rules *r, int *sym, size_t n)
{
	for (;;) {
		size_t best = r->n_rules, at = 0;

		for (size_t i = 0; i + 1 < n; i++)
			for (size_t k = 0; k < best; k++)
				if (r->left[k] == sym[i] &&
				    r->right[k] == sym[i + 1]) {
					best = k;
					at = i;
				}
		if (best == r->n_rules)
			return n;
		sym[at] = r->whole[best];
		memmove(sym + at + 1, sym + at + 2, (n - at - 2) * sizeof(*sym));
		n--;
	}
}

static void put_rules(struct made *m, const struct rules *r, const char *pre)
{
	char line[140];

	made_str(m, "tokenizer.ggml.model", "gpt2");
	made_str(m, "tokenizer.ggml.pre", pre);
	made_array(m, "tokenizer.ggml.tokens", SYC_GGUF_STRING, r->n);
	for (size_t i = 0; i < r->n; i++)
		made_text(m, r->name[i]);
	made_array(m, "tokenizer.ggml.merges", SYC_GGUF_STRING, r->n_rules);
	for (size_t k = 0; k < r->n_rules; k++) {
		snprintf(line, sizeof(line), "%s %s", r->name[r->left[k]],
			 r->name[r->right[k]]);
		made_text(m, line);
	}
}

START_TEST(merges_as_the_rule_says)
{
	for (uint64_t i = 0; i < 80; i++) {
		uint64_t key = syc_rand_key(6, "rules", i);
		struct syc_err err = { 0 };
		struct syc_vocab *v;
		struct made m = { 0 };
		struct rules r;

		make_rules(&r, key);
		put_rules(&m, &r, "gpt-2");
		ck_assert_msg(try_made(&m, &v, &err) == 0, "%s", err.msg);
		for (uint64_t j = 0; j < 40; j++) {
			uint64_t k = syc_rand_key(key, "text", j);
			size_t n = 1 + syc_rand_below(k, 0, j % 4 ? 30 : 400);
			struct syc_ids ids = { 0 };
			char text[401];
			int sym[401];

			for (size_t t = 0; t < n; t++) {
				sym[t] = (int)syc_rand_below(k, t + 1,
							     1 + j % N_LETTERS);
				text[t] = (char)('a' + sym[t]);
			}
			ck_assert_int_eq(syc_vocab_encode(v, text, n, 0, &ids,
							  NULL), 0);
			n = naive(&r, sym, n);
			ck_assert_uint_eq(ids.n, n);
			for (size_t t = 0; t < n; t++)
				ck_assert_int_eq(ids.id[t], sym[t]);
			syc_ids_free(&ids);
		}
		syc_vocab_close(v);
	}
}
END_TEST

static void put_small(struct made *m, const char *pre, const char *merge)
{
	made_str(m, "tokenizer.ggml.model", "gpt2");
	made_array(m, "tokenizer.ggml.tokens", SYC_GGUF_STRING, 3);
	made_text(m, "a");
	made_text(m, "b");
	made_text(m, "ab");
	if (pre)
		made_str(m, "tokenizer.ggml.pre", pre);
	if (!merge)
		return;
	made_array(m, "tokenizer.ggml.merges", SYC_GGUF_STRING, 2);
	made_text(m, "a b");
	made_text(m, merge);
}

START_TEST(bad_vocabularies)
{
	struct made m = { 0 };

	put_small(&m, "gpt-2", NULL);
	refuse_made(&m, SYC_EFORMAT, "no 'tokenizer.ggml.merges'");
	put_small(&m, "gpt-5", "a b");
	refuse_made(&m, SYC_EUNSUPP, "unknown pre-tokenizer 'gpt-5'");
	put_small(&m, "gpt-2", "a c");
	refuse_made(&m, SYC_EFORMAT, "merge 1 names 'c', which is no token");
	put_small(&m, "gpt-2", "ab a");
	refuse_made(&m, SYC_EFORMAT, "merge 1 names 'aba', which is no token");
	put_small(&m, "gpt-2", "ab");
	refuse_made(&m, SYC_EFORMAT, "entry 1 is not of two parts");
	put_small(&m, "gpt-2", "");
	refuse_made(&m, SYC_EFORMAT, "entry 1 is not of two parts");
}
END_TEST

/* What has no token is left out; without a name, "default" is meant. */
START_TEST(bytes_without_a_token)
{
	struct syc_err err = { 0 };
	struct syc_ids ids = { 0 };
	struct syc_vocab *v;
	struct made m = { 0 };

	put_small(&m, NULL, "a b");
	ck_assert_msg(try_made(&m, &v, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(syc_vocab_meta(v)->pre, "default");
	ck_assert_int_eq(syc_vocab_encode(v, "abcba", 5, 0, &ids, NULL), 0);
	ck_assert_uint_eq(ids.n, 3);
	ck_assert(ids.id[0] == 2 && ids.id[1] == 1 && ids.id[2] == 0);
	syc_ids_free(&ids);
	syc_vocab_close(v);
}
END_TEST

/* A word of 3 MB: in a square of steps this would take hours. */
START_TEST(long_words_take_no_square)
{
	struct syc_vocab *v = open_file(source_path("tests/data/bpe"));
	static const char *const unit[] = { " ", "e", "the", "\xc3\xbc", "1" };
	const size_t n = 3 << 20;
	char *text = malloc(n);

	for (size_t u = 0; u < LEN(unit); u++) {
		struct syc_ids ids = { 0 };
		struct syc_buf back = { 0 };
		size_t len = strlen(unit[u]);

		for (size_t i = 0; i < n; i++)
			text[i] = unit[u][i % len];
		ck_assert_int_eq(syc_vocab_encode(v, text, n - n % len, 0, &ids,
						  NULL), 0);
		ck_assert_int_eq(syc_vocab_decode(v, ids.id, ids.n, true, true,
						  &back), 0);
		ck_assert_uint_eq(back.len, n - n % len);
		ck_assert_int_eq(memcmp(back.data, text, back.len), 0);
		syc_ids_free(&ids);
		syc_buf_free(&back);
	}
	free(text);
	syc_vocab_close(v);
}
END_TEST

static const struct test tests[] = {
	TEST(ids_of_every_splitting),
	TEST(what_the_folder_says),
	TEST(pieces_are_bytes),
	TEST(bytes_round_trip),
	TEST(merges_as_the_rule_says),
	TEST(bad_vocabularies),
	TEST(bytes_without_a_token),
	TEST(long_words_take_no_square),
};

int main(void)
{
	return RUN_TESTS("bpe", tests);
}
