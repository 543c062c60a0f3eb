/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "kern/peak.h"

enum { CHAINS = 8 };

static uint64_t read_all(const void *p, size_t n)
{
	const uint64_t *x = p;
	uint64_t s[CHAINS] = { 0 };

	for (size_t i = 0; i < n / sizeof(*x); i += CHAINS)
		for (int j = 0; j < CHAINS; j++)
			s[j] += x[i + (size_t)j];
	for (int j = 1; j < CHAINS; j++)
		s[0] += s[j];
	return s[0];
}

static uint64_t int8_loop(size_t n)
{
	int32_t s[CHAINS] = { 0 };

	for (size_t i = 0; i < n; i++) {
		int8_t a = (int8_t)i, b = (int8_t)(i >> 8);

		for (int j = 0; j < CHAINS; j++)
			s[j] += (a + j) * b;
		__asm__ volatile("" : : "r"(s) : "memory");
	}
	return (uint64_t)s[0] + (uint64_t)s[CHAINS - 1];
}

static uint64_t fma_loop(size_t n)
{
	volatile float a0 = 1.0f, b0 = 1e-9f;
	const float a = a0, b = b0;
	float s[CHAINS] = { 0 };

	for (size_t i = 0; i < n; i++) {
		for (int j = 0; j < CHAINS; j++)
			s[j] = s[j] * a + b;
		__asm__ volatile("" : : "r"(s) : "memory");
	}
	return (uint64_t)(s[0] + s[CHAINS - 1]);
}

void syc_peak_init_scalar(struct syc_peak *p)
{
	*p = (struct syc_peak){
		.name     = "scalar",
		.read     = read_all,
		.int8     = int8_loop,
		.fma      = fma_loop,
		.int8_ops = 2 * CHAINS,
		.fma_ops  = 2 * CHAINS,
	};
}
