/* SPDX-License-Identifier: MIT */
/* Products of the batch's rows with the model's matrices. */
#ifndef SRC_RUN_PRODUCT_H
#define SRC_RUN_PRODUCT_H
#include "run/engine.h"

/* Rows of weights that a thread decodes for sgemm at a time. */
enum { SYC_SGEMM_ROWS = 128 };

/*
 * Make the first n rows of xb the input of a product of cols values: each the
 * normalized row from[i] of x (from NULL: row i; norm NULL: what is there
 * already), padded and, where the product will be of int8, quantized.
 */
void syc_product_input(struct syc_engine *e, const float *norm,
		       const size_t *from, size_t n, size_t cols);
/* out [n][ldo] = the first n rows of xb, made ready, times w; a bias is not added. */
void syc_product(struct syc_engine *e, float *out, size_t ldo,
		 const struct syc_matrix *w, size_t n);

/* autotune.c: set e->sgemm_from by trying which way of multiplying is faster here. */
void syc_autotune(struct syc_engine *e);

#endif
