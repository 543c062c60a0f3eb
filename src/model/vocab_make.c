/* SPDX-License-Identifier: MIT */
/* From what a file says to a vocabulary that can be used. */
#include "config.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/pretok.h"
#include "model/vocab.h"

enum { POOL_BYTES = 1 << 16, SHOWN = 40 };

/* Score of tokens that only fill up the embedding's rows. */
#define FILLER_SCORE (-10000.0f)

struct syc_pool {
	struct syc_pool *next;
	size_t used, cap;
	char bytes[];
};

char *syc_vocab_keep(struct syc_vocab *v, const char *s, size_t n)
{
	struct syc_pool *p = v->pool;
	char *to;

	if (!p || n >= p->cap - p->used) {
		size_t cap = n < POOL_BYTES ? POOL_BYTES : n + 1;

		if (n > SIZE_MAX / 2 || !(p = malloc(sizeof(*p) + cap)))
			return NULL;
		*p = (struct syc_pool){ .next = v->pool, .cap = cap };
		v->pool = p;
	}
	to = p->bytes + p->used;
	if (n)
		memcpy(to, s, n);
	to[n] = 0;
	p->used += n + 1;
	return to;
}

struct syc_vocab *syc_vocab_new(void)
{
	struct syc_vocab *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->meta.bos = v->meta.eos = v->meta.unk = v->meta.pad = v->meta.eot = -1;
	memset(v->byte, 0xff, sizeof(v->byte));
	return v;
}

void syc_vocab_close(struct syc_vocab *v)
{
	struct syc_pool *next;

	if (!v)
		return;
	for (struct syc_pool *p = v->pool; p; p = next) {
		next = p->next;
		free(p);
	}
	syc_buf_free(&v->notes);
	free(v->meta.piece);
	free(v->meta.merge);
	free(v->merge_slot);
	syc_pretok_free(v->pretok);
	free(v->plain.slot);
	free(v->special.list);
	free(v);
}

static int set_piece(struct syc_vocab_in *in, size_t i, const char *name,
		     size_t n, float score, int type)
{
	struct syc_piece *p = &in->v->meta.piece[i];

	if (n > UINT32_MAX / 4)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: token %zu has %zu bytes", in->path, i, n);
	*p = (struct syc_piece){ .n_name = (uint32_t)n, .score = score, .type = (uint8_t)type };
	p->name = syc_vocab_keep(in->v, name, n);
	return p->name ? 0 : syc_nomem(in->err);
}

int syc_vocab_add(struct syc_vocab_in *in, const char *name, size_t n,
		  float score, int type)
{
	struct syc_vocab_meta *m = &in->v->meta;

	if (m->n >= INT32_MAX)
		return syc_fail(in->err, SYC_EFORMAT, "%s: too many tokens",
				in->path);
	if (!syc_grow(&m->piece, &in->cap, m->n + 1, sizeof(*m->piece)))
		return syc_nomem(in->err);
	return set_piece(in, m->n++, name, n, score, type);
}

int syc_vocab_note(struct syc_vocab_in *in, const char *fmt, ...)
{
	struct syc_buf *b = &in->v->notes;
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return syc_buf_printf(b, "%s%s: %s", b->len ? "\n" : "", in->path,
			      line) < 0 ? syc_nomem(in->err) : 0;
}

const char *syc_vocab_notes(const struct syc_vocab *v)
{
	return v->notes.len ? v->notes.data : "";
}

int syc_vocab_fill(struct syc_vocab_in *in, size_t n)
{
	if (n > in->v->meta.n &&
	    (in->n_filled += n - in->v->meta.n) > SYC_VOCAB_HOLE)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: more than %d ids have no token", in->path,
				SYC_VOCAB_HOLE);
	return syc_vocab_fill_rows(in, n);
}

bool syc_piece_filler(const struct syc_piece *p, size_t id)
{
	char name[32];

	if (p->type != SYC_PIECE_UNUSED)
		return false;
	snprintf(name, sizeof(name), "[PAD%zu]", id);
	return strlen(name) == p->n_name && memcmp(name, p->name, p->n_name) == 0;
}

int syc_vocab_fill_rows(struct syc_vocab_in *in, size_t n)
{
	int ret = 0;

	while (ret == 0 && in->v->meta.n < n) {
		char name[32];
		int len = snprintf(name, sizeof(name), "[PAD%zu]",
				   in->v->meta.n);

		ret = syc_vocab_add(in, name, (size_t)len, FILLER_SCORE,
				    SYC_PIECE_UNUSED);
	}
	return ret;
}

static int set_token(struct syc_vocab_in *in, size_t id, const char *name,
		     size_t n, bool special)
{
	size_t before = in->v->meta.n;
	int type = special ? SYC_PIECE_CONTROL : SYC_PIECE_USER,
	    ret = syc_vocab_fill(in, id + 1);
	struct syc_piece *old;

	if (ret < 0)
		return ret;
	in->n_filled -= id >= before;	/* the last one is taken */
	/* The model's own unknown and byte tokens are listed as added ones, too. */
	old = &in->v->meta.piece[id];
	if (old->n_name == n && memcmp(old->name, name, n) == 0 &&
	    (old->type == SYC_PIECE_UNKNOWN || old->type == SYC_PIECE_BYTE))
		return 0;
	return set_piece(in, id, name, n, old->score, type);
}

int syc_vocab_add_token(struct syc_vocab_in *in, int64_t id,
			const json_t *token)
{
	static const char *const strange[] = { "lstrip", "rstrip",
					       "single_word" };
	const json_t *content = json_object_get(token, "content");
	const char *s = json_string_value(content);

	if (!s)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: an added token has no 'content'",
				in->path);
	if (id < 0 || (uint64_t)id > in->v->meta.n + SYC_VOCAB_HOLE)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: added token '%.*s' has id %" PRId64 ", "
				"there are %zu tokens", in->path, SHOWN, s, id,
				in->v->meta.n);
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		if (json_is_true(json_object_get(token, strange[i])))
			return syc_fail(in->err, SYC_EUNSUPP,
					"%s: added token '%.*s': '%s' is not "
					"supported", in->path, SHOWN, s,
					strange[i]);
	if (in->n_rows && (uint64_t)id >= in->n_rows)
		return 0;
	return set_token(in, (size_t)id, s, json_string_length(content),
			 json_is_true(json_object_get(token, "special")));
}

int syc_vocab_index(struct syc_vocab_in *in)
{
	struct syc_vocab *v = in->v;

	free(v->plain.slot);
	if (!syc_names_init(&v->plain, v->meta.n))
		return syc_nomem(in->err);
	for (size_t i = 0; i < v->meta.n; i++)
		if (v->meta.piece[i].n_name && !syc_piece_filler(&v->meta.piece[i], i))
			syc_names_add(&v->plain, v->meta.piece, (int32_t)i);
	return 0;
}

static int32_t merge_part(struct syc_vocab_in *in, const char *s, size_t n,
			  int *ret)
{
	const struct syc_vocab *v = in->v;
	int32_t id = n ? syc_names_find(&v->plain, v->meta.piece, s, n) : -1;

	if (id < 0 && *ret == 0)
		*ret = syc_fail(in->err, SYC_EFORMAT,
				"%s: merge %zu names '%.*s', which is no token",
				in->path, v->meta.n_merge,
				(int)(n < SHOWN ? n : SHOWN), s);
	return id;
}

int syc_vocab_merge(struct syc_vocab_in *in, const char *a, size_t na,
		    const char *b, size_t nb)
{
	struct syc_vocab_meta *m = &in->v->meta;
	struct syc_buf both = { 0 };
	struct syc_merge e;
	int ret = 0;

	e.left = merge_part(in, a, na, &ret);
	e.right = merge_part(in, b, nb, &ret);
	if (ret == 0 && (syc_buf_add(&both, a, na) < 0 ||
			 syc_buf_add(&both, b, nb) < 0))
		ret = syc_nomem(in->err);
	if (ret == 0)
		e.whole = merge_part(in, both.data, both.len, &ret);
	syc_buf_free(&both);
	if (ret < 0)
		return ret;
	if (m->n_merge >= INT32_MAX ||
	    !syc_grow(&m->merge, &in->merge_cap, m->n_merge + 1, sizeof(e)))
		return syc_nomem(in->err);
	m->merge[m->n_merge++] = e;
	return 0;
}

int syc_vocab_pretok(struct syc_vocab_in *in, const char *name, size_t n)
{
	const struct syc_pretok_def *d = n ? syc_pretok_find(name, n) :
					     syc_pretok_find("default", 7);
	struct syc_pretok_rule rule[sizeof(d->re) / sizeof(d->re[0])] = { { 0 } };
	size_t n_rules = 0;
	struct syc_vocab *v = in->v;

	if (!d)
		return syc_fail(in->err, SYC_EUNSUPP,
				"%s: unknown pre-tokenizer '%.*s'", in->path,
				(int)(n < SHOWN ? n : SHOWN), name);
	while (n_rules < sizeof(rule) / sizeof(rule[0]) && d->re[n_rules]) {
		rule[n_rules].re = d->re[n_rules];
		n_rules++;
	}
	v->meta.pre = n ? syc_vocab_keep(v, name, n) : "default";
	v->ignore_merges = d->ignore_merges;
	v->meta.add_bos = d->add_bos;
	if (!v->meta.pre)
		return syc_nomem(in->err);
	return syc_pretok_new(&v->pretok, rule, n_rules, in->err);
}

/* "<0x0A>" is 10; -1 when the name is of another form. */
int syc_piece_byte(const struct syc_piece *p)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *hi, *lo;

	if (p->n_name != 6 || memcmp(p->name, "<0x", 3) != 0 ||
	    p->name[5] != '>')
		return -1;
	hi = memchr(hex, p->name[3], 16);
	lo = memchr(hex, p->name[4], 16);
	return hi && lo ? (int)((hi - hex) * 16 + (lo - hex)) : -1;
}

/* BPE: the bytes that a name written in its alphabet stands for. */
static int unmap(struct syc_vocab *v, struct syc_piece *p)
{
	char *to = syc_vocab_keep(v, p->name, p->n_name);
	size_t len = to ? syc_bpe_unmap(to, p->name, p->n_name) : 0;

	/* Some files have added tokens among the others, as plain text. */
	p->text = len == SIZE_MAX ? p->name : to;
	p->n_text = len == SIZE_MAX ? p->n_name : (uint32_t)len;
	return to ? 0 : SYC_ENOMEM;
}

/* A copy with U+2581 as a space. */
static int unescape(struct syc_vocab *v, struct syc_piece *p)
{
	char *to = syc_vocab_keep(v, p->name, p->n_name);
	uint32_t len = 0;

	if (!to)
		return SYC_ENOMEM;
	for (uint32_t i = 0; i < p->n_name; len++) {
		if (p->n_name - i >= 3 &&
		    memcmp(to + i, "\xe2\x96\x81", 3) == 0) {
			to[len] = ' ';
			i += 3;
		} else {
			to[len] = to[i++];
		}
	}
	p->text = to;
	p->n_text = len;
	return 0;
}

static int place_byte(struct syc_vocab *v, int32_t id)
{
	struct syc_piece *p = &v->meta.piece[id];
	char c = (char)syc_piece_byte(p);

	p->text = syc_vocab_keep(v, &c, 1);
	p->n_text = 1;
	if (v->meta.kind == SYC_VOCAB_SPM)
		v->byte[(unsigned char)c] = id;
	return p->text ? 0 : SYC_ENOMEM;
}

/* The text of a piece and where it is looked up. */
static int place_piece(struct syc_vocab *v, int32_t id)
{
	struct syc_piece *p = &v->meta.piece[id];

	switch (p->type) {
	case SYC_PIECE_BYTE:
		return place_byte(v, id);
	case SYC_PIECE_CONTROL: case SYC_PIECE_UNKNOWN: case SYC_PIECE_USER:
		p->text = p->name;
		p->n_text = p->n_name;
		return p->n_name == 0 ||
		       syc_specials_add(&v->special, p->name, p->n_name, id,
					p->type == SYC_PIECE_USER) ? 0 : SYC_ENOMEM;
	}
	if (syc_piece_filler(p, (size_t)id)) {
		p->text = "";
		return 0;
	}
	if (v->meta.kind == SYC_VOCAB_BPE)
		return unmap(v, p);
	if (unescape(v, p) < 0)
		return SYC_ENOMEM;
	if (!p->n_name)
		return 0;
	syc_names_add(&v->plain, v->meta.piece, id);
	syc_pair_note(v, p->name, p->n_name);
	return 0;
}

static int check_pieces(struct syc_vocab_in *in)
{
	struct syc_vocab_meta *m = &in->v->meta;

	if (m->n == 0)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: a vocabulary of no tokens", in->path);
	for (size_t i = 0; i < m->n; i++) {
		const struct syc_piece *p = &m->piece[i];

		if (p->type == SYC_PIECE_UNKNOWN && m->unk < 0)
			m->unk = (int32_t)i;
		if (p->type == SYC_PIECE_BYTE && syc_piece_byte(p) < 0)
			return syc_fail(in->err, SYC_EFORMAT,
				"%s: byte token %zu is '%.*s'", in->path, i,
				(int)(p->n_name < SHOWN ? p->n_name : SHOWN),
				p->name);
	}
	return 0;
}

/*
 * Tokens that end an answer, by name: files forget to say so, or that they are
 * control tokens.  The list is llama.cpp's, with what fills and parts code, but
 * without those of models that no LLaMA is.
 */
static bool ends_by_name(const struct syc_piece *p)
{
	static const char *const name[] = {
		"<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>",
			"<|endoftext|>",
		"<|end_of_text|>", "<end_of_turn>", "<end_of_utterance>",
		"<EOT>", "_<EOT>", "[EOT]", "[EOS]",
		("<\xef\xbd\x9c" "end\xe2\x96\x81of\xe2\x96\x81sentence\xef\xbd\x9c>"),
		"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]",
		"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>",
		"<reponame>",
		"<|file_sep|>",
	};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (strlen(name[i]) == p->n_name &&
		    memcmp(name[i], p->name, p->n_name) == 0)
			return true;
	return false;
}

static void mark_ends(struct syc_vocab_meta *m)
{
	if (m->eos >= 0)
		m->piece[m->eos].end = true;
	if (m->eot >= 0)
		m->piece[m->eot].end = true;
	for (size_t i = 0; i < m->n; i++) {
		struct syc_piece *p = &m->piece[i];

		if (p->n_name && strchr("<[_", p->name[0]) && ends_by_name(p)) {
			p->end = true;
			p->type = SYC_PIECE_CONTROL;
		}
	}
}

int syc_vocab_finish(struct syc_vocab_in *in)
{
	struct syc_vocab *v = in->v;
	int ret = check_pieces(in);

	if (ret < 0)
		return ret;
	mark_ends(&v->meta);
	free(v->plain.slot);
	if (!syc_names_init(&v->plain, v->meta.n))
		return syc_nomem(in->err);
	for (size_t i = 0; i < v->meta.n; i++) {
		if (place_piece(v, (int32_t)i) < 0)
			return syc_nomem(in->err);
		if (v->meta.piece[i].n_name > v->max_plain)
			v->max_plain = v->meta.piece[i].n_name;
	}
	syc_specials_sort(&v->special);
	if (v->meta.kind == SYC_VOCAB_SPM)
		return 0;
	if ((ret = syc_vocab_index(in)) < 0)
		return ret;
	return syc_bpe_prepare(v) < 0 ? syc_nomem(in->err) : 0;
}
