/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/lapack.h"

/* Fortran passes the lengths of its strings behind the arguments. */
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda,
		    int *info,
		    size_t n_uplo);
extern void dsyevr_(const char *jobz, const char *range, const char *uplo,
		    const int *n,
		    double *a, const int *lda, const double *vl,
			    const double *vu, const int *il,
		    const int *iu, const double *abstol, int *m, double *w, double *z,
		    const int *ldz, int *isuppz, double *work, const int *lwork,
			    int *iwork,
		    const int *liwork, int *info, size_t n_jobz, size_t n_range,
			    size_t n_uplo);

static void one_thread(void)
{
	openblas_set_num_threads(1);
}

void blas_begin(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, one_thread);
}

bool blas_fits(size_t n)
{
	return n <= INT_MAX / 2;
}

bool chol_factor(double *a, size_t n)
{
	const int k = (int)n;
	int info = 0;

	dpotrf_("U", &k, a, &k, &info, 1);
	return info == 0;
}

void chol_solve(const double *a, double *x, size_t n)
{
	cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit,
		    (int)n, a, (int)n, x, 1);
	cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, (int)n,
		    a, (int)n, x, 1);
}

/* Its arguments for eigenvalues number il to iu, counted from 1, rising. */
struct eigen {
	int n, il, iu, found, info;
	double *value, *vec, *work;
	int *support, *iwork, lwork, liwork;
};

static void call(struct eigen *e, double *a)
{
	const double none = 0;

	dsyevr_("V", "I", "U", &e->n, a, &e->n, &none, &none, &e->il, &e->iu,
		&none, &e->found,
		e->value, e->vec, &e->n, e->support, e->work, &e->lwork,
		e->iwork, &e->liwork,
		&e->info, 1, 1, 1);
}

/* Ask how much room is needed, and have it. */
static bool make_room(struct eigen *e, double *a)
{
	double work;
	int iwork;

	e->work = &work;
	e->iwork = &iwork;
	e->lwork = e->liwork = -1;
	call(e, a);
	e->lwork = (int)work;
	e->liwork = iwork;
	e->work = syc_calloc((size_t)e->lwork, sizeof(*e->work));
	e->iwork = syc_calloc((size_t)e->liwork, sizeof(*e->iwork));
	return e->work && e->iwork;
}

/* They come rising; turn them about. */
static void falling(const struct eigen *e, size_t k, double *value, double *vec)
{
	const size_t n = (size_t)e->n;

	for (size_t i = 0; i < k; i++) {
		value[i] = e->value[k - 1 - i];
		cblas_dcopy((int)n, e->vec + (k - 1 - i) * n, 1, vec + i * n, 1);
	}
}

int eigen_top(double *a, size_t n, size_t k, double *value, double *vec,
	      struct syc_err *err)
{
	struct eigen e = { .n = (int)n, .il = (int)(n - k + 1), .iu = (int)n };
	int ret = 0;

	e.value = syc_calloc(n, sizeof(*e.value));
	e.vec = syc_calloc(n, k * sizeof(*e.vec));
	e.support = syc_calloc(n, 2 * sizeof(*e.support));
	if (!e.value || !e.vec || !e.support || !make_room(&e, a)) {
		ret = syc_nomem(err);
	} else {
		call(&e, a);
		if (e.info != 0 || (size_t)e.found != k)
			ret = syc_fail(err, SYC_EINVAL,
				       "the eigenvalues of a %zu x %zu matrix were not found",
				       n, n);
		else
			falling(&e, k, value, vec);
		}
	free(e.value);
	free(e.vec);
	free(e.support);
	free(e.work);
	free(e.iwork);
	return ret;
}
