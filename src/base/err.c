/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"

int syc_fail(struct syc_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	err->code = code;
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	/* Names come from files. */
	err->msg[syc_text_show(err->msg, strlen(err->msg), 0)] = 0;
	return code;
}

int syc_nomem(struct syc_err *err)
{
	return syc_fail(err, SYC_ENOMEM, "out of memory");
}

const char *syc_version(void)
{
	return PACKAGE_VERSION;
}
