/* SPDX-License-Identifier: MIT */
/* Matrices that activations are multiplied with, as stored and as packed. */
#ifndef SRC_MODEL_MATRIX_H
#define SRC_MODEL_MATRIX_H
#include "base/par.h"
#include "format/tensor.h"
#include "kern/form.h"
#include "syc/model.h"

/*
 * Adapters (Hu et al. 2021): the sum over k of b[k][row] a[k][col] is added to
 * a matrix [rows][cols].
 */
struct syc_low_rank {
	size_t rank;
	float *a;	/* [rank][cols] */
	float *b;	/* [rank][rows] with all scales */
};

/* A matrix [rows][cols]. */
struct syc_matrix {
	const struct syc_tensor *t;	/* as stored */
	uint32_t type;			/* t's, or what its floats are quantized to */
	size_t rows, cols;
	size_t halves;			/* a head's rows, when they lie in halves
					 * (see rope.h), or 0 */
	const struct syc_low_rank *add;	/* adapters, or NULL */
	/* blocks of 32 per row, the last padded */
	size_t nb;
	size_t n_groups;		/* groups of 16 rows, the last padded */
	struct syc_form form;		/* of packed weights */
	size_t panel;			/* bytes of 16 packed rows */
	uint8_t *packed;		/* [n_groups][panel], or NULL */
	float *merged;			/* [rows][cols] with adapters, or NULL */
	/* Its rows are read from the panels of another or its own, which hold them
	 * exactly, and not from the file; or NULL. */
	const struct syc_matrix *same;
	float *bias;			/* [rows], or NULL */
	bool summed;			/* crc is that of its stored bytes */
	uint32_t crc;
};

/*
 * The form of packed weights of that stored type: exact for what is made of
 * integers and scales (true is returned), int8 by quantize_w for floats.
 */
bool syc_matrix_form(struct syc_form *form, uint32_t type);

/*
 * Decode n rows of w from `row` on, adapters added: out [n][cols].  Every value
 * comes about in the same way whatever n is.
 */
void syc_matrix_rows(float *out, const struct syc_matrix *w, size_t row,
		     size_t n, const struct syc_kern *kern);

/* The same from the file, rounded to float16 where that is w's type, without adapters. */
void syc_matrix_stored(float *out, const struct syc_matrix *w, size_t row,
		       size_t n, const struct syc_kern *kern);

/*
 * Those of 16 rows from group g on that w has, packed or not: out [16][ld], ld at
 * least cols rounded up to 32.  Adapters are left out.
 */
void syc_matrix_group(float *out, size_t ld, const struct syc_matrix *w, size_t g,
		      const struct syc_kern *kern);

/* Packs matrices with a pool's threads, or only looks at their values. */
struct syc_packer;

/* For matrices of at most max_cols columns. */
int syc_packer_new(struct syc_packer **out, const struct syc_kern *kern,
		   struct syc_par *par, size_t max_cols, struct syc_err *err);
void syc_packer_free(struct syc_packer *p);
/*
 * w has everything but same, nb, n_groups, form, panel and packed.  With pack its rows,
 * without adapters, are packed into memory of their own, which w owns; rows with
 * adapters go to w->merged where the caller has set that, to be freed.  NaN and
 * infinite weights, and floats too large for int8, are SYC_EFORMAT naming path
 * and tensor.  With sum the CRC-32 of what is stored is made on the way.
 */
int syc_packer_run(struct syc_packer *p, struct syc_matrix *w, bool pack, bool sum,
		   const char *path, struct syc_err *err);

#endif
