/* SPDX-License-Identifier: MIT */
/*
 * The few routines of LAPACK in use, as OpenBLAS exports them.  A matrix is
 * [n][n] by rows and its lower triangle counts, which LAPACK, counting by
 * columns, calls upper.
 */
#ifndef SRC_STAT_LAPACK_H
#define SRC_STAT_LAPACK_H
#include <stdbool.h>
#include <stddef.h>
#include "syc/base.h"

/* Hold OpenBLAS to one thread; call it before any routine of BLAS or LAPACK. */
void blas_begin(void);
/* Whether n fits the integers of BLAS, with room for sums of two. */
bool blas_fits(size_t n);
/* a becomes its Cholesky factor (lower); false: not positive definite. */
bool chol_factor(double *a, size_t n);
/* x = A^-1 x by the factor. */
void chol_solve(const double *a, double *x, size_t n);
/*
 * The k largest eigenvalues of a (which is destroyed) by falling size into
 * value [k], and their unit vectors into vec [k][n].
 */
int eigen_top(double *a, size_t n, size_t k, double *value, double *vec,
	      struct syc_err *err);

#endif
