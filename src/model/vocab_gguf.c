/* SPDX-License-Identifier: MIT */
/* A vocabulary from GGUF metadata. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/model.h"
#include "model/vocab.h"

#define KEY "tokenizer.ggml."

struct reader {
	struct syc_vocab_in in;
	const struct syc_gguf *g;
};

static int check_model(struct reader *r)
{
	struct syc_str s;
	int ret = syc_gguf_str(r->g, KEY "model", &s, r->in.err);

	if (ret < 0)
		return ret;
	if (ret == 0)
		return syc_fail(r->in.err, SYC_EFORMAT,
				"%s: no '" KEY "model': no vocabulary",
				r->in.path);
	if (s.len == 5 && memcmp(s.s, "llama", 5) == 0)
		return 0;
	r->in.v->meta.kind = SYC_VOCAB_BPE;
	if (s.len == 4 && memcmp(s.s, "gpt2", 4) == 0)
		return 0;
	return syc_fail(r->in.err, SYC_EUNSUPP,
			"%s: '" KEY "model' is '%.*s'; 'llama' and 'gpt2' are "
			"supported",
			r->in.path, (int)(s.len < 40 ? s.len : 40), s.s);
}

static bool is_number(uint32_t elem)
{
	return elem != SYC_GGUF_STRING && elem != SYC_GGUF_BOOL;
}

/* An array, of n elements if of numbers; absent: NULL and, when needed, an error. */
static int get_array(struct reader *r, const char *key, bool strings,
		     bool needed, size_t n, const struct syc_gguf_kv **out)
{
	const struct syc_gguf_kv *kv = syc_gguf_kv(r->g, key);

	*out = kv;
	if (!kv && needed)
		return syc_fail(r->in.err, SYC_EFORMAT, "%s: no '%s'",
				r->in.path, key);
	if (!kv)
		return 0;
	if (kv->type != SYC_GGUF_ARRAY ||
	    (strings ? kv->elem != SYC_GGUF_STRING : !is_number(kv->elem)))
		return syc_fail(r->in.err, SYC_EFORMAT,
				"%s: '%s' is not a list of %s", r->in.path, key,
				strings ? "strings" : "numbers");
	if (!strings && kv->n != n)
		return syc_fail(r->in.err, SYC_EFORMAT,
				"%s: '%s' has %zu entries for %zu tokens",
				r->in.path, key, kv->n, n);
	return 0;
}

static int add_piece(struct reader *r, size_t i, const struct syc_str *s,
		     const struct syc_gguf_kv *scores,
		     const struct syc_gguf_kv *types)
{
	double score = scores ? syc_gguf_num(scores, i) : 0;
	struct syc_piece p = { .name = s->s, .n_name = (uint32_t)s->len };
	bool spm = r->in.v->meta.kind == SYC_VOCAB_SPM;
	double type = types			     ? syc_gguf_num(types, i) :
		      spm && syc_piece_byte(&p) >= 0 ? SYC_PIECE_BYTE :
						       SYC_PIECE_NORMAL;

	if (isnan(score))
		return syc_fail(r->in.err, SYC_EFORMAT,
				"%s: '" KEY "scores': token %zu has no number",
				r->in.path, i);
	if (!(type >= 0 && type <= SYC_PIECE_BYTE))
		return syc_fail(r->in.err, SYC_EFORMAT,
				"%s: '" KEY
				"token_type': token %zu has type %g",
				r->in.path, i, type);
	/* Clamped: a double beyond float has no defined conversion. */
	if (score != -INFINITY)
		score = fmax(-3e38, fmin(3e38, score));
	return syc_vocab_add(&r->in, s->s, s->len, (float)score,
			     type < 1 ? SYC_PIECE_NORMAL : (int)type);
}

static int read_pieces(struct reader *r)
{
	const struct syc_gguf_kv *kv, *scores, *types;
	bool spm = r->in.v->meta.kind == SYC_VOCAB_SPM;
	struct syc_str *s;
	int ret = get_array(r, KEY "tokens", true, true, 0, &kv);

	if (ret < 0)
		return ret;
	if (kv->n == 0 || kv->n > INT32_MAX)
		return syc_fail(r->in.err, SYC_EFORMAT,
				"%s: '" KEY "tokens' has %zu entries",
				r->in.path, kv->n);
	if ((ret = get_array(r, KEY "scores", false, spm, kv->n, &scores)) < 0 ||
	    (ret = get_array(r, KEY "token_type", false, false, kv->n, &types)) < 0)
		return ret;
	s = syc_calloc(kv->n, sizeof(*s));
	if (!s)
		return syc_nomem(r->in.err);
	syc_gguf_strings(kv, s);
	for (size_t i = 0; ret == 0 && i < kv->n; i++)
		ret = add_piece(r, i, &s[i], scores, types);
	free(s);
	return ret;
}

/* "left right"; the first character belongs to the left one, even a space. */
static int read_merges(struct reader *r)
{
	const struct syc_gguf_kv *kv;
	struct syc_str *s;
	int ret = get_array(r, KEY "merges", true, true, 0, &kv);

	if (ret < 0 || (ret = syc_vocab_index(&r->in)) < 0)
		return ret;
	s = syc_calloc(kv->n + 1, sizeof(*s));
	if (!s)
		return syc_nomem(r->in.err);
	syc_gguf_strings(kv, s);
	for (size_t i = 0; ret == 0 && i < kv->n; i++) {
		const char *gap = s[i].len > 1 ? memchr(s[i].s + 1, ' ',
							s[i].len - 1) :
						 NULL;
		size_t left = gap ? (size_t)(gap - s[i].s) : s[i].len;

		if (!gap)
			ret = syc_fail(r->in.err, SYC_EFORMAT,
				       "%s: '" KEY
				       "merges': entry %zu is not of two parts",
				       r->in.path, i);
		else
			ret = syc_vocab_merge(&r->in, s[i].s, left, gap + 1,
					      s[i].len - left - 1);
	}
	free(s);
	return ret;
}

/* Vocabularies made of text in NFC, by their pre-tokenizer. */
static bool is_nfc(const struct syc_str *pre)
{
	static const char *const names[] = { "qwen2", "olmo" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == pre->len &&
		    memcmp(names[i], pre->s, pre->len) == 0)
			return true;
	return false;
}

/* How a text is split changes its ids, and without the key nobody knows. */
static int note_pre(struct reader *r)
{
	static const char token[] = "<|begin_of_text|>";
	const struct syc_vocab_meta *m = &r->in.v->meta;
	bool llama3 = false;

	for (size_t i = 0; i < m->n && !llama3; i++)
		llama3 = m->piece[i].n_name == strlen(token) &&
			 memcmp(m->piece[i].name, token, strlen(token)) == 0;
	return syc_vocab_note(&r->in,
		"no '" KEY "pre': texts are split by 'default'%s, and BOS is "
		"%sadded%s", llama3 ? ", not by 'llama-bpe' as Llama 3's are" : "",
		m->add_bos ? "" : "not ",
		llama3 ? " (convert the model again, or set the key)" : "");
}

static int read_bpe(struct reader *r)
{
	struct syc_str pre = { 0 };
	int ret;

	if (r->in.v->meta.kind != SYC_VOCAB_BPE)
		return 0;
	if ((ret = read_merges(r)) < 0 ||
	    (ret = syc_gguf_str(r->g, KEY "pre", &pre, r->in.err)) < 0)
		return ret;
	r->in.v->meta.nfc = is_nfc(&pre);
	return syc_vocab_pretok(&r->in, pre.s, pre.len);
}

/* *id or -1; an id the vocabulary does not have is an error. */
static int read_id(struct reader *r, const char *key, int32_t *id)
{
	size_t n_tokens = r->in.v->meta.n;
	uint64_t n;
	int ret = syc_gguf_u64(r->g, key, &n, r->in.err);

	*id = -1;
	if (ret <= 0)
		return ret;
	if (n >= n_tokens)
		return syc_fail(r->in.err, SYC_EFORMAT,
				"%s: '%s' is %" PRIu64 ", there are %zu tokens",
				r->in.path, key, n, n_tokens);
	*id = (int32_t)n;
	return 0;
}

static int read_ids(struct reader *r)
{
	struct syc_vocab_meta *m = &r->in.v->meta;
	const struct {
		const char *key;
		int32_t *id;
	} t[] = {
		{ KEY "bos_token_id", &m->bos },
		{ KEY "eos_token_id", &m->eos },
		{ KEY "unknown_token_id", &m->unk },
		{ KEY "padding_token_id", &m->pad },
		{ KEY "eot_token_id", &m->eot },
	};
	static const char *const end[] = {
		KEY "eom_token_id",
		KEY "fim_pad_token_id",
		KEY "fim_rep_token_id",
		KEY "fim_sep_token_id",
	};
	int32_t id;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof(end) / sizeof(end[0]); i++) {
		ret = read_id(r, end[i], &id);
		if (ret == 0 && id >= 0)
			m->piece[id].end = true;
	}
	for (size_t i = 0; ret == 0 && i < sizeof(t) / sizeof(t[0]); i++)
		ret = read_id(r, t[i].key, t[i].id);
	/* Files without types name their special tokens here alone. */
	if (ret == 0 && !syc_gguf_kv(r->g, KEY "token_type")) {
		if (m->bos >= 0)
			m->piece[m->bos].type = SYC_PIECE_CONTROL;
		if (m->eos >= 0)
			m->piece[m->eos].type = SYC_PIECE_CONTROL;
		if (m->unk >= 0)
			m->piece[m->unk].type = SYC_PIECE_UNKNOWN;
	}
	return ret;
}

static int read_settings(struct reader *r)
{
	struct syc_vocab_meta *m = &r->in.v->meta;
	struct syc_err *err = r->in.err;
	bool prefix = true;
	struct syc_str s;
	int ret;

	if (m->kind == SYC_VOCAB_SPM)
		m->add_bos = true;
	if ((ret = syc_gguf_bool(r->g, KEY "add_bos_token", &m->add_bos,
				 err)) < 0 ||
	    (ret = syc_gguf_bool(r->g, KEY "add_eos_token", &m->add_eos,
				 err)) < 0 ||
	    (ret = syc_gguf_bool(r->g, KEY "add_space_prefix", &prefix, err)) < 0 ||
	    (ret = syc_gguf_bool(r->g, SYC_VOCAB_KEY_ONCE, &m->prefix_once,
				 err)) < 0 ||
	    (ret = syc_gguf_bool(r->g, SYC_VOCAB_KEY_FIRST, &m->prefix_first,
				 err)) < 0 ||
	    (ret = syc_gguf_bool(r->g, SYC_VOCAB_KEY_NFC, &m->nfc, err)) < 0)
		return ret;
	if (m->kind == SYC_VOCAB_BPE && !syc_gguf_kv(r->g, KEY "pre") &&
	    (ret = note_pre(r)) < 0)
		return ret;
	m->add_prefix = prefix && m->kind == SYC_VOCAB_SPM;
	if ((ret = syc_gguf_str(r->g, "tokenizer.chat_template", &s, err)) <= 0)
		return ret;
	m->tmpl = syc_vocab_keep(r->in.v, s.s, s.len);
	m->n_tmpl = s.len;
	return m->tmpl ? 0 : syc_nomem(err);
}

/* Rows of the embedding, where it is in this file; 0: not known. */
static size_t rows_of(const struct syc_gguf *g)
{
	const struct syc_tensor *t = syc_gguf_tensor(g, "token_embd.weight");

	return t && t->ne[1] <= SYC_MAX_VOCAB ? (size_t)t->ne[1] : 0;
}

int syc_vocab_from_gguf(struct syc_vocab **out, const struct syc_gguf *g,
			struct syc_err *err)
{
	struct reader r = { .in = { .path = syc_gguf_path(g), .err = err },
			    .g = g };
	int ret;

	*out = NULL;
	r.in.v = syc_vocab_new();
	if (!r.in.v)
		return syc_nomem(err);
	if ((ret = check_model(&r)) < 0 || (ret = read_pieces(&r)) < 0 ||
	    (ret = read_bpe(&r)) < 0 ||
	    (ret = read_ids(&r)) < 0 || (ret = read_settings(&r)) < 0 ||
	    (ret = syc_vocab_fill_rows(&r.in, rows_of(g))) < 0 ||
	    (ret = syc_vocab_finish(&r.in)) < 0) {
		syc_vocab_close(r.in.v);
		return ret;
	}
	*out = r.in.v;
	return 0;
}
