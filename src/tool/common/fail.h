/* SPDX-License-Identifier: MIT */
#ifndef SRC_TOOL_COMMON_FAIL_H
#define SRC_TOOL_COMMON_FAIL_H
#include <stdarg.h>
#include <stdio.h>
#include "syc/base.h"

/* Fill err, as the library does behind its own doors, and return code. */
__attribute__((format(printf, 3, 4)))
static inline int fail(struct syc_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err->code = code;
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return code;
}

static inline int fail_nomem(struct syc_err *err)
{
	return fail(err, SYC_ENOMEM, "out of memory");
}

#endif
