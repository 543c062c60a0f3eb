/* SPDX-License-Identifier: MIT */
/* What this machine can do at most: measured, to hold figures against. */
#ifndef SYC_BENCH_H
#define SYC_BENCH_H
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_ceilings {
	const char *kernels;	/* whose instructions the loops are made of */
	double read;		/* bytes per second, reading 1 GiB */
	double int8;		/* operations per second: a multiplication of */
	/* int8, or of float, and its addition are two */
	double fma;
};

/*
 * Measure them: each the best of 5 rounds, all threads (0: one per core) at
 * once.  The loops do nothing but read, or multiply what is in registers, with
 * the best instructions of this processor that the kernels use.  Takes about a
 * second, and 1 GiB of memory while it runs.
 */
SYC_API int syc_ceilings_measure(struct syc_ceilings *out, unsigned threads,
				 struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
