/* SPDX-License-Identifier: MIT */
/* What this processor can do, and which of it to use. */
#ifndef SRC_KERN_CPU_H
#define SRC_KERN_CPU_H
#include "syc/base.h"

enum {
	SYC_CPU_AVX2       = 1 << 0,	/* with FMA and F16C */
	SYC_CPU_AVXVNNI    = 1 << 1,
	SYC_CPU_AVX512VNNI = 1 << 2,	/* with F, BW and VL */
	SYC_CPU_AMX        = 1 << 3,	/* int8 in tile registers; with the set before */
	SYC_CPU_NEON       = 1 << 4,	/* AArch64: always there */
	SYC_CPU_DOTPROD    = 1 << 5,
	SYC_CPU_I8MM       = 1 << 6,
};

/* In rising order: each set is used together with those before it that the
 * processor has. */
struct syc_cpu_name {
	const char *name;
	unsigned flag;
};
extern const struct syc_cpu_name syc_cpu_names[];	/* ends with NULL */

/*
 * The flags of this processor that the operating system allows; asks it for tile
 * registers, which Linux gives a process that asks.
 */
unsigned syc_cpu_detect(void);
/*
 * *flags = the detected ones up to and including name; NULL takes them all,
 * "scalar" none.  A name this build does not know is SYC_EINVAL, one the
 * processor lacks SYC_EUNSUPP; both list what there is.
 */
int syc_cpu_choose(unsigned *flags, const char *name, struct syc_err *err);

#endif
