/* SPDX-License-Identifier: MIT */
/* Claims of pairs, and which of them are turned. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/vector/null.h"
#include "syc/random.h"

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

/* Letters weigh the same, however many pairs have them. */
static int find_leanings(struct claims *c, const struct syc_pairs *p,
			 struct syc_err *err)
{
	double *sum = syc_calloc(c->n + 1, sizeof(*sum));
	uint32_t two[2];

	c->lean = syc_calloc(c->n + 1, sizeof(*c->lean));
	if (!sum || !c->lean) {
		free(sum);
		return syc_nomem(err);
	}
	for (uint64_t i = 0; i < p->info.n && method_letters(two, &p->info); i++)
		for (int k = 0; k < 2; k++)
			if (syc_pairs_letter(p, i) == two[k])
				sum[c->of[i]] += (k ? -1 : 1) /
						 (double)p->letter[two[k]].n;
	for (size_t k = 0; k < c->n; k++)
		c->lean[k] = (signed char)((sum[k] > 1e-9) - (sum[k] < -1e-9));
	free(sum);
	return 0;
}

int claims_read(struct claims *c, const struct syc_pairs *p,
		struct syc_err *err)
{
	int ret;

	*c = (struct claims){ 0 };
	ret = number(c, p, err);
	return ret < 0 ? ret : find_leanings(c, p, err);
}

void claims_free(struct claims *c)
{
	free(c->of);
	free(c->hash);
	free(c->lean);
	*c = (struct claims){ 0 };
}

/*
 * block [n] of claims in a random order: each on its own, or those that lean dealt
 * onto as many as there are of the rarer leaning.  Where that would leave too few
 * signs to draw, or there is one leaning, all are on their own.
 */
static void make_blocks(uint32_t *block, const uint32_t *order,
			const struct claims *c)
{
	size_t n[2] = { 0, 0 }, least, at[2] = { 0, 0 };
	bool alone;

	for (size_t k = 0; k < c->n; k++) {
		n[0] += c->lean[k] > 0;
		n[1] += c->lean[k] < 0;
	}
	least = n[0] < n[1] ? n[0] : n[1];
	alone = !least || c->n - n[0] - n[1] + least < SYC_NULL_CLAIMS;
	for (size_t k = 0; k < c->n; k++) {
		const uint32_t claim = order[k];
		const signed char lean = alone ? 0 : c->lean[claim];

		block[claim] = lean ? (uint32_t)(c->n + at[lean < 0]++ % least) : claim;
	}
}

int claims_flip(uint32_t *act, const struct claims *c, uint64_t n, uint64_t seed,
		uint64_t i)
{
	const uint64_t key = syc_rand_key(seed, "flip", i);
	uint32_t *order = syc_calloc(2 * c->n + 1, sizeof(*order)),
		 *block = order ? order + c->n : NULL;

	if (!order)
		return SYC_ENOMEM;
	syc_random_order(order, c->n, syc_rand_u64(key, 2 * c->n));
	make_blocks(block, order, c);
	for (uint64_t k = 0; k < n; k++) {
		const uint32_t turned = syc_rand_u64(key, block[c->of[k]]) & 1;

		act[2 * k] = (uint32_t)(2 * k + turned);
		act[2 * k + 1] = (uint32_t)(2 * k + !turned);
	}
	free(order);
	return 0;
}
