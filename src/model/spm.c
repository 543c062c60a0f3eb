/* SPDX-License-Identifier: MIT */
/*
 * SentencePiece BPE.  Every character begins as a symbol; the two neighbours
 * whose joined text is the piece of the highest score, the leftmost of equals,
 * become one; until no two neighbours form a piece.
 *
 * A text is cut where no piece could span the cut (between words, for common
 * vocabularies), which changes no result and keeps the queue small.
 */
#include "config.h"
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/vocab.h"

enum { NONE = -1 };

struct symbol {
	uint32_t at, n;		/* bytes; n is 0 once merged into another */
	int32_t prev, next;	/* NONE at the ends */
};

/* Two neighbours that form a piece of n bytes; stale when the sizes changed. */
struct bigram {
	float score;
	int32_t left;
	uint32_t n;
};

struct work {
	const struct syc_vocab *v;
	const char *s;		/* the stretch being merged */
	struct symbol *sym;
	size_t n_sym, sym_cap;
	struct bigram *heap;
	size_t n_heap, heap_cap;
	struct syc_ids *out;
};

static bool before(const struct bigram *a, const struct bigram *b)
{
	return a->score > b->score || (a->score == b->score && a->left < b->left);
}

static bool push(struct work *w, struct bigram b)
{
	size_t i = w->n_heap;

	if (!syc_grow(&w->heap, &w->heap_cap, i + 1, sizeof(*w->heap)))
		return false;
	w->n_heap++;
	while (i > 0 && before(&b, &w->heap[(i - 1) / 2])) {
		w->heap[i] = w->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	w->heap[i] = b;
	return true;
}

static struct bigram pop(struct work *w)
{
	struct bigram top = w->heap[0], last = w->heap[--w->n_heap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < w->n_heap) {
		if (child + 1 < w->n_heap && before(&w->heap[child + 1], &w->heap[child]))
			child++;
		if (!before(&w->heap[child], &last))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = last;
	return top;
}

/* Queue symbols left and right if together they are a piece. */
static bool try_pair(struct work *w, int32_t left, int32_t right)
{
	uint32_t n;
	int32_t id;

	if (left == NONE || right == NONE)
		return true;
	n = w->sym[left].n + w->sym[right].n;
	if (n > w->v->max_plain)
		return true;
	id = syc_names_find(&w->v->plain, w->v->meta.piece, w->s + w->sym[left].at, n);
	if (id < 0)
		return true;
	return push(w, (struct bigram){ w->v->meta.piece[id].score, left, n });
}

/*
 * A symbol only ever grows, and only by its right neighbour, so a queued pair
 * is as it was exactly if its sizes still add up.
 */
static bool merge_all(struct work *w)
{
	while (w->n_heap) {
		struct bigram b = pop(w);
		struct symbol *l = &w->sym[b.left], *r;

		if (l->n == 0 || l->next == NONE)
			continue;
		r = &w->sym[l->next];
		if (l->n + r->n != b.n)
			continue;
		l->n += r->n;
		l->next = r->next;
		r->n = 0;
		if (l->next != NONE)
			w->sym[l->next].prev = b.left;
		if (!try_pair(w, l->prev, b.left) || !try_pair(w, b.left, l->next))
			return false;
	}
	return true;
}

/* A symbol that is no piece: its bytes, or the unknown token. */
static int put_bytes(struct work *w, const struct symbol *y, struct syc_err *err)
{
	const unsigned char *s = (const unsigned char *)w->s + y->at;
	int32_t id[4];

	for (uint32_t i = 0; i < y->n; i++) {
		id[i] = w->v->byte[s[i]];
		if (id[i] >= 0)
			continue;
		if (w->v->meta.unk < 0)
			return syc_fail(err, SYC_EFORMAT,
					"the vocabulary has no token for byte 0x%02X "
					"and none for the unknown", s[i]);
		return syc_ids_add(w->out, &w->v->meta.unk, 1) < 0 ? syc_nomem(err) : 0;
	}
	return syc_ids_add(w->out, id, y->n) < 0 ? syc_nomem(err) : 0;
}

static int put_symbols(struct work *w, struct syc_err *err)
{
	int ret = 0;

	for (int32_t i = 0; i != NONE && ret == 0; i = w->sym[i].next) {
		const struct symbol *y = &w->sym[i];
		int32_t id = syc_names_find(&w->v->plain, w->v->meta.piece, w->s + y->at, y->n);

		if (id < 0)
			ret = put_bytes(w, y, err);
		else if (syc_ids_add(w->out, &id, 1) < 0)
			ret = syc_nomem(err);
	}
	return ret;
}

/*
 * Make symbols of the characters up to the first place where cutting is safe;
 * returns the bytes they cover, or 0 when out of memory.
 */
static size_t take_symbols(struct work *w, const char *s, size_t n)
{
	size_t at = 0, len = syc_char_len(s, n), next_len;

	w->s = s;
	w->n_sym = 0;
	for (;;) {
		int32_t i = (int32_t)w->n_sym;

		if (!syc_grow(&w->sym, &w->sym_cap, w->n_sym + 1, sizeof(*w->sym)))
			return 0;
		w->sym[w->n_sym++] = (struct symbol){ (uint32_t)at, (uint32_t)len, i - 1, i + 1 };
		if (at + len >= n || at + len > INT32_MAX)
			break;
		next_len = syc_char_len(s + at + len, n - at - len);
		if (!syc_pair_known(w->v, s + at, len, s + at + len, next_len))
			break;
		at += len;
		len = next_len;
	}
	w->sym[w->n_sym - 1].next = NONE;
	return at + len;
}

int syc_spm_encode(const struct syc_vocab *v, const char *s, size_t n,
		   struct syc_ids *out, struct syc_err *err)
{
	struct work w = { .v = v, .out = out };
	size_t took;
	int ret = 0;

	while (n && ret == 0) {
		bool ok;

		took = take_symbols(&w, s, n);
		ok = took != 0;
		if (took > INT32_MAX) {
			ret = syc_fail(err, SYC_EINVAL, "the text has a word of more than 2 GiB");
			break;
		}
		for (size_t i = 1; ok && i < w.n_sym; i++)
			ok = try_pair(&w, (int32_t)i - 1, (int32_t)i);
		ok = ok && merge_all(&w);
		ret = ok ? put_symbols(&w, err) : syc_nomem(err);
		s += took;
		n -= took;
	}
	free(w.sym);
	free(w.heap);
	return ret;
}
