/* SPDX-License-Identifier: MIT */
/* Products of the batch's rows with the model's matrices. */
#ifndef SRC_RUN_PRODUCT_H
#define SRC_RUN_PRODUCT_H
#include "run/engine.h"

/* Rows of weights at most that a thread decodes for sgemm at a time. */
enum { SYC_SGEMM_ROWS = 384 };

/*
 * A block of activations whose largest value is more than twice the root mean
 * square of all blocks' gets a second pass.  Of SmolLM2-135M's blocks that is one
 * in 20, and takes the next token's KL to float from 2.2e-3 to 8e-4; half as many
 * leave 1.2e-3, twice as many 6e-4, and scales per 16 values 1.4e-3.
 */
#define SYC_SECOND_PASS 4.0f

/*
 * Make the first n rows of xb the input of a product of cols values: each the
 * normalized row from[i] of x (from NULL: row i; norm NULL: what is there
 * already), padded and, where the product will be of int8, quantized.
 */
void syc_product_input(struct syc_engine *e, const float *norm,
		       const size_t *from, size_t n, size_t cols);
/* out [n][ldo] = the first n rows of xb times w; a bias is not added. */
struct syc_product {
	const struct syc_matrix *w;
	float *out;
	size_t ldo;
};

/* Products with the input that was made ready, of matrices with as many columns. */
void syc_products(struct syc_engine *e, const struct syc_product *p, size_t n_products,
		  size_t n);

/* autotune.c: set e->sgemm_from by trying which way of multiplying is faster here. */
void syc_autotune(struct syc_engine *e);

#endif
