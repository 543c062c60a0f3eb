/* SPDX-License-Identifier: MIT */
/*
 * The members of a JSON object as places in its text.  Nothing is decoded but
 * keys, so what is not touched keeps its bytes.
 */
#ifndef SRC_TASK_SPLICE_H
#define SRC_TASK_SPLICE_H
#include "syc/base.h"

/* Byte offsets into the line: value is where it begins, end just after it. */
struct syc_member {
	size_t value, end;
};

/*
 * Find the last member of that name at the top of the object.  1 found, 0 not
 * there, SYC_EFORMAT when the text is no object.  *m is then the member, or
 * the place where a new one goes: value and end are equal, just after the last
 * member's value, or after the opening brace.
 */
int syc_member_find(const char *line, size_t len, const char *key,
		    struct syc_member *m, struct syc_err *err);

#endif
