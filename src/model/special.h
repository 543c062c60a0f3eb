/* SPDX-License-Identifier: MIT */
/* Tokens that are looked for in a text before anything is merged. */
#ifndef SRC_MODEL_SPECIAL_H
#define SRC_MODEL_SPECIAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct syc_special {
	const char *name;	/* [n], n > 0; borrowed */
	uint32_t n;
	int32_t id;
	bool user;		/* looked for always; else on demand */
};

struct syc_specials {
	struct syc_special *list;	/* [n] sorted by name, then by id */
	size_t n, cap;
	uint32_t max, max_user;		/* bytes of the longest; of user ones */
	uint64_t start[1 << 10];	/* two bytes that one may begin with */
	bool single[256];		/* there is one of just this byte */
};

/* A token at a place of a text. */
struct syc_match {
	size_t at;
	uint32_t n;
	int32_t id;
};

struct syc_matches {
	struct syc_match *m;	/* [n] by place; free(3) it */
	size_t n, cap;
};

/* Both return false when out of memory. */
bool syc_specials_add(struct syc_specials *t, const char *name, uint32_t n,
		      int32_t id, bool user);
/*
 * Append the tokens of s (with all unset, the user's only) after
 * syc_specials_sort().  Longer ones are found first wherever they stand, of
 * equally long ones the leftmost; shorter ones in what is left.  Of equal names
 * the last id counts.
 */
void syc_specials_sort(struct syc_specials *t);
bool syc_specials_find(const struct syc_specials *t, const char *s, size_t n,
		       bool all, struct syc_matches *out);

#endif
