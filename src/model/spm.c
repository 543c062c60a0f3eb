/* SPDX-License-Identifier: MIT */
/*
 * SentencePiece BPE.  Every character begins as a symbol; the two neighbors
 * whose joined text is the piece of the highest score, the leftmost of equals,
 * become one; until no two neighbors form a piece.
 *
 * A text is cut where no piece could span the cut (between words, for common
 * vocabularies), which changes no result and keeps the queue small.
 */
#include "config.h"
#include <float.h>
#include <string.h>
#include "base/err.h"
#include "model/merge.h"
#include "model/vocab.h"

/* Scores as integers that sort the other way: the highest is the smallest. */
static uint32_t order_of(float score)
{
	uint32_t bits;

	score += 0.0f;		/* -0 is 0 */
	memcpy(&bits, &score, sizeof(bits));
	bits = bits >> 31 ? bits : ~bits & 0x7fffffff;
	return bits;
}

static uint32_t pair(const struct syc_merger *m, const struct syc_symbol *a,
		     const struct syc_symbol *b, int32_t *whole)
{
	const struct syc_vocab *v = m->arg;

	if (a->n + b->n > v->max_plain)
		return SYC_MERGE_NEVER;
	*whole = syc_names_find(&v->plain, v->meta.piece, m->s + a->at, a->n + b->n);
	if (*whole < 0 || v->meta.piece[*whole].score < -FLT_MAX)
		return SYC_MERGE_NEVER;
	return order_of(v->meta.piece[*whole].score);
}

/* A symbol that is no piece: its bytes, or the unknown token. */
static int put_bytes(const struct syc_vocab *v, const char *s, size_t n,
		     struct syc_ids *out, struct syc_err *err)
{
	int32_t id[4];

	for (size_t i = 0; i < n; i++) {
		id[i] = v->byte[(unsigned char)s[i]];
		if (id[i] >= 0)
			continue;
		if (v->meta.unk < 0)
			return syc_fail(err, SYC_EFORMAT,
					"the vocabulary has no token for byte "
					"0x%02X "
					"and none for the unknown",
					(unsigned char)s[i]);
		return syc_ids_add(out, &v->meta.unk, 1) < 0 ? syc_nomem(err) : 0;
	}
	return syc_ids_add(out, id, n) < 0 ? syc_nomem(err) : 0;
}

static int put_symbols(const struct syc_merger *m, struct syc_ids *out,
		       struct syc_err *err)
{
	const struct syc_vocab *v = m->arg;
	int ret = 0;

	for (int32_t i = 0; i >= 0 && ret == 0; i = m->sym[i].next) {
		const struct syc_symbol *y = &m->sym[i];
		int32_t id = y->id >= 0 ? y->id :
			     syc_names_find(&v->plain, v->meta.piece,
					    m->s + y->at, y->n);

		if (id < 0)
			ret = put_bytes(v, m->s + y->at, y->n, out, err);
		else if (syc_ids_add(out, &id, 1) < 0)
			ret = syc_nomem(err);
	}
	return ret;
}

/*
 * Make symbols of the characters up to the first place where cutting is safe;
 * returns the bytes they cover, or 0 when out of memory.
 */
static size_t take_symbols(struct syc_merger *m, const char *s, size_t n)
{
	size_t at = 0, len = syc_char_len(s, n), next_len;

	m->s = s;
	m->n = 0;
	for (;;) {
		if (!syc_merge_add(m, at, len, -1))
			return 0;
		at += len;
		if (at >= n || at > INT32_MAX)
			return at;
		next_len = syc_char_len(s + at, n - at);
		if (!syc_pair_known(m->arg, s + at - len, len, s + at,
				    next_len))
			return at;
		len = next_len;
	}
}

int syc_spm_encode(const struct syc_vocab *v, const char *s, size_t n,
		   struct syc_ids *out, struct syc_err *err)
{
	struct syc_merger m = { .pair = pair, .arg = v };
	int ret = 0;

	while (n && ret == 0) {
		size_t took = take_symbols(&m, s, n);

		if (took > INT32_MAX)
			ret = syc_fail(err, SYC_EINVAL,
				"the text has a word of more than 2 GiB");
		else if (took == 0 || !syc_merge_run(&m))
			ret = syc_nomem(err);
		else
			ret = put_symbols(&m, out, err);
		s += took;
		n -= took;
	}
	syc_merge_free(&m);
	return ret;
}
