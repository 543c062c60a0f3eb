/* SPDX-License-Identifier: MIT */
/*
 * The header of a .npy array: a magic, a version, a length, and a Python
 * dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (3, 128), }
 * padded with spaces.  Read strictly, written in one fixed form.
 */
#ifndef SRC_FORMAT_NPY_H
#define SRC_FORMAT_NPY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "syc/base.h"

enum {
	SYC_NPY_DIMS = 4,
	SYC_NPY_HEAD = 128,	/* bytes of a header that we write */
	SYC_NPY_HEAD_MAX = 10240,/* of one that we read; numpy's own limit */
};

struct syc_npy {
	char kind;		/* 'f', 'i', 'u', 'U' (UCS-4 text) or 'S' (bytes) */
	size_t item;		/* bytes per element, not 0 */
	bool fortran;		/* first index varies fastest */
	unsigned n_dims;	/* 0 for a single value */
	uint64_t shape[SYC_NPY_DIMS];	/* unused ones are 1 */
	uint64_t count;		/* product of shape */
	size_t head;		/* bytes before the data */
	uint64_t bytes;		/* of data: count * item, checked */
};

/*
 * Parse the header at the start of n bytes (a prefix of the array's file
 * suffices).  name is for messages.  Returns 0 or SYC_EFORMAT, SYC_EUNSUPP for
 * a type or a number of dimensions that is not read.
 */
int syc_npy_parse(struct syc_npy *h, const void *data, size_t n,
		  const char *name, struct syc_err *err);
/*
 * Write the header of a C-ordered array, always SYC_NPY_HEAD bytes.  descr is
 * "<f4", "<U12", ...; n_dims is at most 3, each below 10^12.
 */
void syc_npy_head(char *out, const char *descr, const uint64_t *shape,
		  unsigned n_dims);
/*
 * Decode n elements of kind 'f', 'i' or 'u' to float, rounding wider ones;
 * false when the type has no such reading.
 */
bool syc_npy_floats(float *out, const struct syc_npy *h, const uint8_t *data,
		    size_t n);

#endif
