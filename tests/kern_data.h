/* SPDX-License-Identifier: MIT */
/* Data for tests of kernels: drawn, odd, and in front of unmapped pages. */
#ifndef TESTS_KERN_DATA_H
#define TESTS_KERN_DATA_H
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/half.h"
#include "kern/cpu.h"
#include "kern/kern.h"

static uint64_t state = 1;
static int checks, failures;

static inline uint32_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32);
}

/* A buffer of n bytes that ends where an unmapped page begins. */
struct guarded {
	char *map;
	size_t len;
	void *p;
};

static inline struct guarded guarded_new(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t body = (n + page - 1) / page * page;
	struct guarded g = { NULL, body + page, NULL };

	g.map = mmap(NULL, g.len, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (g.map == MAP_FAILED || mprotect(g.map + body, page, PROT_NONE))
		exit(99);
	g.p = g.map + body - n;
	return g;
}

static inline void guarded_free(struct guarded *g)
{
	munmap(g->map, g->len);
}

/* Modes: plain numbers, wide range, special values among them. */
enum { PLAIN, WIDE, SPECIAL, N_MODES, HALVES = N_MODES };

static inline float rnd_float(int mode)
{
	static const float special[] = {
		0.0f, -0.0f, 1.0f, -1.0f, INFINITY, -INFINITY, NAN, 1e-45f,
		-1e-40f, 3.4e38f, -3.4e38f, 65504.0f, 65520.0f, 6e-8f, 88.5f,
		-104.0f,
	};
	uint32_t bits = rnd();
	float x;

	if (mode == SPECIAL && rnd() % 4 == 0)
		return special[rnd() % 16];
	if (mode == PLAIN)
		return (float)(int32_t)bits * 0x1p-29f;
	memcpy(&x, &bits, sizeof(x));
	return x;
}

static inline void fill(float *x, size_t n, int mode)
{
	for (size_t i = 0; i < n; i++)
		x[i] = rnd_float(mode);
}

static inline void fill_half(uint16_t *x, size_t n, int mode)
{
	for (size_t i = 0; i < n; i++)
		x[i] = mode == PLAIN ? syc_f32_to_f16(rnd_float(PLAIN)) :
			(uint16_t)rnd();
}

static inline bool same_floats(const float *a, const float *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(&a[i], &b[i], sizeof(*a)) != 0 &&
		    !(isnan(a[i]) && isnan(b[i])))
			return false;
	return true;
}

static inline void verdict(const struct syc_kern *k, const char *name, size_t n,
		    int mode, bool ok)
{
	checks++;
	if (ok)
		return;
	if (failures++ < 20)
		printf("FAIL %s %s n=%zu mode=%d\n", k->name, name, n, mode);
}

#endif
