/* SPDX-License-Identifier: MIT */
/* A vocabulary as GGUF metadata. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/convert.h"
#include "model/model.h"
#include "model/vocab.h"

#define KEY "tokenizer.ggml."

static void put_text(struct syc_gguf_out *o, const char *key, const char *text)
{
	syc_gguf_put_str(o, key, text, strlen(text));
}

static int put_tokens(struct syc_gguf_out *o, const struct syc_vocab_meta *m)
{
	struct syc_str *name = syc_calloc(m->n, sizeof(*name));
	float *score = syc_calloc(m->n, sizeof(*score));
	int32_t *type = syc_calloc(m->n, sizeof(*type));
	bool good = name && score && type;

	for (size_t i = 0; i < m->n && good; i++) {
		name[i] = (struct syc_str){ m->piece[i].name, m->piece[i].n_name };
		score[i] = m->piece[i].score;
		type[i] = m->piece[i].type;
	}
	if (good) {
		syc_gguf_put_strs(o, KEY "tokens", name, m->n);
		if (m->kind == SYC_VOCAB_SPM)
			syc_gguf_put_f32s(o, KEY "scores", score, m->n);
		syc_gguf_put_i32s(o, KEY "token_type", type, m->n);
	}
	free(name);
	free(score);
	free(type);
	return good ? 0 : SYC_ENOMEM;
}

/* "left right" for each. */
static int put_merges(struct syc_gguf_out *o, const struct syc_vocab_meta *m)
{
	struct syc_str *line = syc_calloc(m->n_merge, sizeof(*line));
	struct syc_buf text = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < m->n_merge && line; i++) {
		const struct syc_piece *left = &m->piece[m->merge[i].left],
			*right = &m->piece[m->merge[i].right];

		syc_buf_add(&text, left->name, left->n_name);
		syc_buf_puts(&text, " ");
		syc_buf_add(&text, right->name, right->n_name);
		line[i].len = text.len - at;
		at = text.len;
	}
	if (line && !text.failed) {
		at = 0;
		for (size_t i = 0; i < m->n_merge; at += line[i++].len)
			line[i].s = text.data + at;
		syc_gguf_put_strs(o, KEY "merges", line, m->n_merge);
	}
	at = line && !text.failed;
	free(line);
	syc_buf_free(&text);
	return at ? 0 : SYC_ENOMEM;
}

/* The token that ends an answer beside eos and eot; GGUF has room for one. */
static int32_t other_end(const struct syc_vocab_meta *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->piece[i].end && (int32_t)i != m->eos &&
		    (int32_t)i != m->eot)
			return (int32_t)i;
	return -1;
}

static void put_ids(struct syc_gguf_out *o, const struct syc_vocab_meta *m)
{
	const struct { const char *key; int32_t id; } ids[] = {
		{ KEY "bos_token_id", m->bos }, { KEY "eos_token_id", m->eos },
		{ KEY "unknown_token_id", m->unk }, { KEY "padding_token_id", m->pad },
		{ KEY "eot_token_id", m->eot }, { KEY "eom_token_id", other_end(m) },
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (ids[i].id >= 0)
			syc_gguf_put_u32(o, ids[i].key, (uint32_t)ids[i].id);
	syc_gguf_put_bool(o, KEY "add_bos_token", m->add_bos);
	syc_gguf_put_bool(o, KEY "add_eos_token", m->add_eos);
	if (m->kind == SYC_VOCAB_SPM)
		syc_gguf_put_bool(o, KEY "add_space_prefix", m->add_prefix);
	if (m->prefix_once)
		syc_gguf_put_bool(o, SYC_VOCAB_KEY_ONCE, true);
	if (m->prefix_first)
		syc_gguf_put_bool(o, SYC_VOCAB_KEY_FIRST, true);
	if (m->nfc)
		syc_gguf_put_bool(o, SYC_VOCAB_KEY_NFC, true);
	if (m->tmpl)
		syc_gguf_put_str(o, "tokenizer.chat_template", m->tmpl,
				 m->n_tmpl);
}

int syc_convert_vocab(struct syc_convert *c, struct syc_err *err)
{
	const struct syc_vocab_meta *m;
	struct syc_vocab *v;
	int ret = syc_vocab_from_folder(&v, syc_store_folder(c->store),
					c->cfg.n_vocab, err);

	if (ret < 0)
		return ret;
	m = syc_vocab_meta(v);
	ret = syc_model_check_vocab(&c->cfg, v, c->path, err);
	if (ret == 0 && m->kind == SYC_VOCAB_BPE && !m->pre) {
		ret = syc_fail(err, SYC_EUNSUPP,
			"%s: its way of splitting texts into words has no "
			"name in GGUF",
			c->path);
	} else if (ret == 0) {
		put_text(c->out, KEY "model",
			 m->kind == SYC_VOCAB_SPM ? "llama" : "gpt2");
		put_text(c->out, KEY "pre", m->pre ? m->pre : "default");
		ret = put_tokens(c->out, m);
		if (ret == 0 && m->kind == SYC_VOCAB_BPE)
			ret = put_merges(c->out, m);
		if (ret == 0)
			ret = syc_notes_add(c->notes, syc_vocab_notes(v));
		if (ret < 0)
			syc_nomem(err);
		put_ids(c->out, m);
	}
	syc_vocab_close(v);
	return ret;
}
