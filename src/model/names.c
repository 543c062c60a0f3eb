/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/mem.h"
#include "model/vocab.h"

bool syc_names_init(struct syc_names *m, size_t n)
{
	size_t cap = 16;

	while (cap / 2 < n)
		cap *= 2;
	m->slot = syc_calloc(cap, sizeof(*m->slot));
	if (!m->slot)
		return false;
	memset(m->slot, 0xff, cap * sizeof(*m->slot));
	m->mask = cap - 1;
	return true;
}

static uint64_t load(const char *s, size_t n)
{
	uint32_t a, b;
	uint64_t w;

	if (n >= 8) {
		memcpy(&w, s, 8);
		return w;
	}
	if (n >= 4) {
		memcpy(&a, s, 4);
		memcpy(&b, s + n - 4, 4);
		return (uint64_t)b << 32 | a;
	}
	w = n ? (unsigned char)s[0] : 0;
	return n > 1 ? w << 16 | (unsigned char)s[n / 2] << 8 | (unsigned char)s[n - 1] : w;
}

/* Eight bytes at a time; it lives in memory only, so machines may differ. */
static uint64_t hash(const char *s, size_t n)
{
	uint64_t h = n;

	for (; n > 8; s += 8, n -= 8) {
		h = (h ^ load(s, 8)) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	h = (h ^ load(s, n)) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* The slot of that name, or the free one where it would go. */
static struct syc_name *find(const struct syc_names *m,
			     const struct syc_piece *piece, const char *s,
			     size_t n, uint64_t h)
{
	size_t i = (size_t)h & m->mask;

	for (; m->slot[i].id >= 0; i = (i + 1) & m->mask) {
		const struct syc_piece *p = &piece[m->slot[i].id];

		if (m->slot[i].hash == h >> 32 && p->n_name == n &&
		    memcmp(p->name, s, n) == 0)
			break;
	}
	return &m->slot[i];
}

void syc_names_add(struct syc_names *m, const struct syc_piece *piece,
		   int32_t id)
{
	const struct syc_piece *p = &piece[id];
	uint64_t h = hash(p->name, p->n_name);

	*find(m, piece, p->name, p->n_name, h) = (struct syc_name){ id, (uint32_t)(h >> 32) };
}

int32_t syc_names_find(const struct syc_names *m, const struct syc_piece *piece,
		       const char *s, size_t n)
{
	return find(m, piece, s, n, hash(s, n))->id;
}

size_t syc_char_len(const char *s, size_t n)
{
	static const unsigned char len_of[16] = {
		[0xc] = 2, [0xd] = 2, [0xe] = 3, [0xf] = 4,
	};
	size_t len = len_of[(unsigned char)*s >> 4];

	if (len > n)
		return 1;
	for (size_t i = 1; i < len; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 1;
	return len ? len : 1;
}

static uint32_t char_key(const char *s, size_t n)
{
	uint32_t c = 0;

	for (size_t i = 0; i < n; i++)
		c = c << 8 | (unsigned char)s[i];
	return c;
}

static size_t pair_bit(const char *a, size_t na, const char *b, size_t nb)
{
	uint64_t k = (uint64_t)char_key(a, na) << 32 | char_key(b, nb);

	return (size_t)((k * 0x9e3779b97f4a7c15u) >> 32) % SYC_PAIR_BITS;
}

void syc_pair_note(struct syc_vocab *v, const char *s, size_t n)
{
	size_t a = 0, na = syc_char_len(s, n);

	while (a + na < n) {
		size_t b = a + na, nb = syc_char_len(s + b, n - b);
		size_t bit = pair_bit(s + a, na, s + b, nb);

		v->pair[bit / 64] |= (uint64_t)1 << bit % 64;
		a = b;
		na = nb;
	}
}

bool syc_pair_known(const struct syc_vocab *v, const char *a, size_t na,
		    const char *b, size_t nb)
{
	size_t bit = pair_bit(a, na, b, nb);

	return v->pair[bit / 64] >> bit % 64 & 1;
}
