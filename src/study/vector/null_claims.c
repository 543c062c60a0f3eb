/* SPDX-License-Identifier: MIT */
/* Claims of pairs, and which of them are turned. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/vector/null.h"

uint64_t syc_claim_hash(const char *claim)
{
	return syc_hash(0, claim, strlen(claim));
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Number the claims in order of their hashes. */
static int number(struct claims *c, const struct syc_pairs *p,
		  struct syc_err *err)
{
	const size_t n = (size_t)p->info.n;

	c->of = syc_calloc(n + 1, sizeof(*c->of));
	c->hash = syc_calloc(n + 1, sizeof(*c->hash));
	if (!c->of || !c->hash)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		c->hash[i] = syc_pairs_claim(p, i);
	qsort(c->hash, n, sizeof(*c->hash), by_number);
	for (size_t i = 0; i < n; i++)
		if (!c->n || c->hash[i] != c->hash[c->n - 1])
			c->hash[c->n++] = c->hash[i];
	for (size_t i = 0; i < n; i++) {
		const uint64_t key = syc_pairs_claim(p, i);
		const uint64_t *at = bsearch(&key, c->hash, c->n, sizeof(key),
					     by_number);

		c->of[i] = (uint32_t)(at - c->hash);
	}
	return 0;
}

/* A claim's pairs by letter. */
struct mix {
	uint32_t n[SYC_PAIRS_GROUPS];
	uint32_t claim;
};

static int by_mix(const void *a, const void *b)
{
	const struct mix *p = a, *q = b;

	for (size_t g = 0; g < SYC_PAIRS_GROUPS; g++)
		if (p->n[g] != q->n[g])
			return p->n[g] > q->n[g] ? -1 : 1;
	return (p->claim > q->claim) - (p->claim < q->claim);
}

static int classify(struct claims *c, const struct syc_pairs *p,
		    struct syc_err *err)
{
	struct mix *m = syc_calloc(c->n + 1, sizeof(*m));
	uint32_t class = 0;

	c->class = syc_calloc(c->n + 1, sizeof(*c->class));
	if (!m || !c->class) {
		free(m);
		return syc_nomem(err);
	}
	for (size_t k = 0; k < c->n; k++)
		m[k].claim = (uint32_t)k;
	for (uint64_t i = 0; i < p->info.n; i++)
		m[c->of[i]].n[syc_pairs_letter(p, i)]++;
	qsort(m, c->n, sizeof(*m), by_mix);
	for (size_t k = 0; k < c->n; k++) {
		class += k && memcmp(m[k].n, m[k - 1].n, sizeof(m[k].n)) != 0;
		c->class[m[k].claim] = class;
	}
	free(m);
	return 0;
}

int claims_read(struct claims *c, const struct syc_pairs *p,
		struct syc_err *err)
{
	int ret;

	*c = (struct claims){ 0 };
	ret = number(c, p, err);
	return ret < 0 ? ret : classify(c, p, err);
}

void claims_free(struct claims *c)
{
	free(c->of);
	free(c->hash);
	free(c->class);
	*c = (struct claims){ 0 };
}

struct place {
	uint32_t class, claim;
	uint64_t random;
};

static int by_class(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	if (p->class != q->class)
		return p->class < q->class ? -1 : 1;
	return p->random != q->random ? (p->random > q->random) - (p->random < q->random)
				      : (p->claim > q->claim) - (p->claim < q->claim);
}

/* Neighbors in an order that is random within a class: one of two is turned. */
int claims_flip(uint32_t *act, const struct claims *c, uint64_t n, uint64_t seed,
		uint64_t i)
{
	const uint64_t key = syc_rand_key(seed, "flip", i);
	struct place *p = syc_calloc(c->n + 1, sizeof(*p));
	unsigned char *turned = syc_calloc(c->n + 1, 1);

	for (uint32_t k = 0; k < c->n && p && turned; k++)
		p[k] = (struct place){ c->class[k], k, syc_rand_u64(key, k) };
	if (p && turned)
		qsort(p, c->n, sizeof(*p), by_class);
	for (size_t k = 0; k < c->n && p && turned; k++)
		turned[p[k].claim] =
			(syc_rand_u64(key, c->n + k / 2) ^ k) & 1;
	for (uint64_t k = 0; k < n && p && turned; k++) {
		act[2 * k] = (uint32_t)(2 * k + turned[c->of[k]]);
		act[2 * k + 1] = (uint32_t)(2 * k + !turned[c->of[k]]);
	}
	n = p && turned;
	free(p);
	free(turned);
	return n ? 0 : SYC_ENOMEM;
}
