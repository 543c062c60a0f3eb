/* SPDX-License-Identifier: MIT */
/*
 * Merging neighbors, which both kinds of vocabularies do: of all neighbors
 * that may become one, those of the smallest order go first, the leftmost of
 * equals; until there are none.  n symbols take n log n steps.
 */
#ifndef SRC_MODEL_MERGE_H
#define SRC_MODEL_MERGE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYC_MERGE_NEVER UINT32_MAX

struct syc_symbol {
	uint32_t at, n;		/* bytes; n is 0 once merged into another */
	/* the piece it is; -1: none, or not looked up */
	int32_t id;
	int32_t prev, next;	/* -1 at the ends */
	uint32_t order;		/* of it and the next one, or NEVER */
	int32_t whole;		/* what these two become */
};

enum { SYC_LINES = 4 };

struct syc_line {
	/* [end], sorted; from at on they wait */
	uint64_t *key;
	size_t at, end, cap;
};

struct syc_merger {
	/* The order of two neighbors and what they become, or NEVER. */
	uint32_t (*pair)(const struct syc_merger *m, const struct syc_symbol *a,
			 const struct syc_symbol *b, int32_t *whole);
	const void *arg;
	const char *s;			/* the text of the symbols */
	struct syc_symbol *sym;		/* [n] */
	size_t n, cap;
	/* What waits, as order << 32 | left: in sorted lines, and the rest. */
	struct syc_line line[SYC_LINES];
	uint64_t *heap;			/* [n_heap] */
	size_t n_heap, heap_cap;
};

/* Append a symbol.  Returns false when out of memory. */
bool syc_merge_add(struct syc_merger *m, size_t at, size_t n, int32_t id);
/* Merge; sym[0] and the chain of next behind it are the outcome. */
bool syc_merge_run(struct syc_merger *m);
void syc_merge_free(struct syc_merger *m);

#endif
