/* SPDX-License-Identifier: MIT */
/* From what a file says to a vocabulary that can be used. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/vocab.h"

enum { POOL_BYTES = 1 << 16, MAX_HOLE = 1 << 16, SHOWN = 40 };

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
	free(v->meta.piece);
	free(v->meta.merge);
	free(v->plain.slot);
	free(v->special.slot);
	free(v->special_len);
	free(v);
}

static int set_piece(struct syc_vocab_in *in, size_t i, const char *name, size_t n,
		     float score, int type)
{
	struct syc_piece *p = &in->v->meta.piece[i];

	if (n > UINT32_MAX / 4)
		return syc_fail(in->err, SYC_EFORMAT, "%s: token %zu has %zu bytes",
				in->path, i, n);
	*p = (struct syc_piece){ .n_name = (uint32_t)n, .score = score, .type = (uint8_t)type };
	p->name = syc_vocab_keep(in->v, name, n);
	return p->name ? 0 : syc_nomem(in->err);
}

int syc_vocab_add(struct syc_vocab_in *in, const char *name, size_t n, float score, int type)
{
	struct syc_vocab_meta *m = &in->v->meta;

	if (m->n >= INT32_MAX)
		return syc_fail(in->err, SYC_EFORMAT, "%s: too many tokens", in->path);
	if (!syc_grow(&m->piece, &in->cap, m->n + 1, sizeof(*m->piece)))
		return syc_nomem(in->err);
	return set_piece(in, m->n++, name, n, score, type);
}

int syc_vocab_add_at(struct syc_vocab_in *in, int64_t id, const char *name, size_t n, bool special)
{
	struct syc_vocab_meta *m = &in->v->meta;
	int type = special ? SYC_PIECE_CONTROL : SYC_PIECE_USER;
	struct syc_piece *old;
	int ret = 0;

	if (id < 0 || (uint64_t)id > m->n + MAX_HOLE)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: added token '%.*s' has id %" PRId64 ", there are %zu tokens",
				in->path, (int)(n < SHOWN ? n : SHOWN), name, id, m->n);
	while (ret == 0 && m->n <= (uint64_t)id) {
		char hole[32];
		int len = snprintf(hole, sizeof(hole), "[PAD%zu]", m->n);

		ret = syc_vocab_add(in, hole, (size_t)len, 0, SYC_PIECE_UNUSED);
	}
	if (ret < 0)
		return ret;
	/* The model's own unknown and byte tokens are listed as added ones, too. */
	old = &m->piece[id];
	if (old->n_name == n && memcmp(old->name, name, n) == 0 &&
	    (old->type == SYC_PIECE_UNKNOWN || old->type == SYC_PIECE_BYTE))
		return 0;
	return set_piece(in, (size_t)id, name, n, old->score, type);
}

/* "<0x0A>" is 10; -1 when the name is of another form. */
int syc_piece_byte(const struct syc_piece *p)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *hi, *lo;

	if (p->n_name != 6 || memcmp(p->name, "<0x", 3) != 0 || p->name[5] != '>')
		return -1;
	hi = memchr(hex, p->name[3], 16);
	lo = memchr(hex, p->name[4], 16);
	return hi && lo ? (int)((hi - hex) * 16 + (lo - hex)) : -1;
}

/* A copy with U+2581 as a space. */
static int unescape(struct syc_vocab *v, struct syc_piece *p)
{
	char *to = syc_vocab_keep(v, p->name, p->n_name);
	uint32_t len = 0;

	if (!to)
		return SYC_ENOMEM;
	for (uint32_t i = 0; i < p->n_name; len++) {
		if (p->n_name - i >= 3 && memcmp(to + i, "\xe2\x96\x81", 3) == 0) {
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

static int add_special(struct syc_vocab *v, int32_t id, size_t *cap)
{
	const struct syc_piece *p = &v->meta.piece[id];

	if (p->n_name == 0)
		return 0;
	syc_names_add(&v->special, v->meta.piece, id);
	v->special_first[(unsigned char)p->name[0]] = true;
	for (size_t i = 0; i < v->n_special_len; i++)
		if (v->special_len[i] == p->n_name)
			return 0;
	if (!syc_grow(&v->special_len, cap, v->n_special_len + 1, sizeof(*v->special_len)))
		return SYC_ENOMEM;
	v->special_len[v->n_special_len++] = p->n_name;
	return 0;
}

static int place_byte(struct syc_vocab *v, int32_t id)
{
	struct syc_piece *p = &v->meta.piece[id];
	char c = (char)syc_piece_byte(p);

	p->text = syc_vocab_keep(v, &c, 1);
	p->n_text = 1;
	v->byte[(unsigned char)c] = id;
	return p->text ? 0 : SYC_ENOMEM;
}

/* The text of a piece and where it is looked up. */
static int place_piece(struct syc_vocab *v, int32_t id, size_t *cap)
{
	struct syc_piece *p = &v->meta.piece[id];

	switch (p->type) {
	case SYC_PIECE_BYTE:
		return place_byte(v, id);
	case SYC_PIECE_CONTROL: case SYC_PIECE_UNKNOWN: case SYC_PIECE_USER:
		p->text = p->name;
		p->n_text = p->n_name;
		return add_special(v, id, cap);
	}
	if (unescape(v, p) < 0)
		return SYC_ENOMEM;
	if (!p->n_name)
		return 0;
	syc_names_add(&v->plain, v->meta.piece, id);
	syc_pair_note(v, p->name, p->n_name);
	if (p->n_name > v->max_plain)
		v->max_plain = p->n_name;
	return 0;
}

static int check_pieces(struct syc_vocab_in *in)
{
	struct syc_vocab_meta *m = &in->v->meta;

	if (m->n == 0)
		return syc_fail(in->err, SYC_EFORMAT, "%s: a vocabulary of no tokens", in->path);
	for (size_t i = 0; i < m->n; i++) {
		const struct syc_piece *p = &m->piece[i];

		if (p->type == SYC_PIECE_UNKNOWN && m->unk < 0)
			m->unk = (int32_t)i;
		if (p->type == SYC_PIECE_BYTE && syc_piece_byte(p) < 0)
			return syc_fail(in->err, SYC_EFORMAT, "%s: byte token %zu is '%.*s'",
					in->path, i,
					(int)(p->n_name < SHOWN ? p->n_name : SHOWN), p->name);
	}
	return 0;
}

/* Tokens that end an answer: those named by key, and those known by name. */
static void mark_ends(struct syc_vocab *v)
{
	static const char *const name[] = {
		"<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|endoftext|>",
		"<end_of_turn>", "<|end_of_text|>",
	};
	struct syc_vocab_meta *m = &v->meta;

	if (m->eos >= 0)
		m->piece[m->eos].end = true;
	if (m->eot >= 0)
		m->piece[m->eot].end = true;
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		int32_t id = syc_names_find(&v->special, m->piece, name[i], strlen(name[i]));

		if (id >= 0)
			m->piece[id].end = true;
	}
}

int syc_vocab_finish(struct syc_vocab_in *in)
{
	struct syc_vocab *v = in->v;
	size_t cap = 0;
	int ret = check_pieces(in);

	if (ret < 0)
		return ret;
	if (!syc_names_init(&v->plain, v->meta.n) || !syc_names_init(&v->special, v->meta.n))
		return syc_nomem(in->err);
	for (size_t i = 0; i < v->meta.n; i++)
		if (place_piece(v, (int32_t)i, &cap) < 0)
			return syc_nomem(in->err);
	mark_ends(v);
	return 0;
}
