/* SPDX-License-Identifier: MIT */
/* Checked sizes, aligned memory and read-only file maps. */
#ifndef SRC_BASE_MEM_H
#define SRC_BASE_MEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "syc/base.h"

/* *out = a * b; false when the product does not fit a size_t. */
static inline bool syc_mul(size_t *out, size_t a, size_t b)
{
	return !__builtin_mul_overflow(a, b, out);
}

/* *out = a + b; false when the sum does not fit a size_t. */
static inline bool syc_add(size_t *out, size_t a, size_t b)
{
	return !__builtin_add_overflow(a, b, out);
}

static inline size_t syc_round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/*
 * The memory that reading a file of n bytes may take, whatever the file says of
 * itself: deflate makes a thousand bytes of one, and a shape costs nothing.
 */
static inline uint64_t syc_file_cost(uint64_t n)
{
	return n < UINT64_MAX / 8 ? 4 * n + ((uint64_t)12 << 20) : UINT64_MAX;
}

/* n * size zeroed bytes, or NULL (also when the product overflows). */
void *syc_calloc(size_t n, size_t size);
/*
 * n * size bytes aligned to 64, not cleared, or NULL; free with free(3).
 * Large blocks are aligned to 2 MiB so the kernel may use huge pages.
 */
void *syc_aligned(size_t n, size_t size);
/*
 * Grow *p (an array of elements of size bytes, *cap of them) to hold at least
 * need elements.  Returns false, leaving all as it was, when it cannot.
 */
bool syc_grow(void *p, size_t *cap, size_t need, size_t size);

/* Fails: what stands there, of that st_mode, is no regular file. */
int syc_not_a_file(const char *path, unsigned mode, struct syc_err *err);

struct syc_map {
	const uint8_t *data;	/* NULL for an empty file */
	size_t len;
};

/*
 * Map a regular file read-only.  On failure *m is empty and err names the
 * path.  Reading what a file has lost since raises SIGBUS: syc_mapped_file().
 */
int syc_map_open(struct syc_map *m, const char *path, struct syc_err *err);
void syc_map_close(struct syc_map *m);
/*
 * The n bytes at p, part of a map, will not be read soon: their memory need not
 * be kept.  Reading them again works.
 */
void syc_map_forget(const void *p, size_t n);

#endif
