/* SPDX-License-Identifier: MIT */
#ifndef SRC_BASE_ERR_H
#define SRC_BASE_ERR_H
#include "syc/base.h"

/* Fill err (which may be NULL) and return code. */
__attribute__((format(printf, 3, 4)))
int syc_fail(struct syc_err *err, int code, const char *fmt, ...);

/* The same for "out of memory". */
int syc_nomem(struct syc_err *err);

#endif
