/* SPDX-License-Identifier: MIT */
/*
 * Loops that do one thing as fast as an instruction set allows.  They compute
 * nothing of use; the sums they return only keep the compiler from dropping
 * them.
 */
#ifndef SRC_KERN_PEAK_H
#define SRC_KERN_PEAK_H
#include <stddef.h>
#include <stdint.h>

struct syc_peak {
	const char *name;
	/* Read n bytes, a multiple of 1024, 64-byte aligned. */
	uint64_t (*read)(const void *p, size_t n);
	/*
	 * n rounds of products held in registers, int8_ops and fma_ops
	 * operations each.
	 */
	uint64_t (*int8)(size_t n);
	uint64_t (*fma)(size_t n);
	unsigned int8_ops, fma_ops;
};

void syc_peak_init_scalar(struct syc_peak *p);
void syc_peak_init_avx2(struct syc_peak *p);
void syc_peak_init_avx512vnni(struct syc_peak *p);
void syc_peak_init_neon(struct syc_peak *p);
/* These have a faster int8 loop only: after the one before them. */
void syc_peak_init_avxvnni(struct syc_peak *p);
void syc_peak_init_dotprod(struct syc_peak *p);
void syc_peak_init_i8mm(struct syc_peak *p);
/* As syc_kern_select(). */
void syc_peak_select(struct syc_peak *p, unsigned cpu);

#endif
