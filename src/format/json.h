/* SPDX-License-Identifier: MIT */
/* JSON out of files that nobody vouches for. */
#ifndef SRC_FORMAT_JSON_H
#define SRC_FORMAT_JSON_H
#include <jansson.h>
#include "syc/base.h"

/*
 * The object in n bytes of text, which may begin with a byte order mark.  A key
 * that comes twice is refused; an integer beyond 64 bits is read as a float.
 * what names the text in messages: "header".  The caller owns *out.
 */
int syc_json_load(json_t **out, const char *text, size_t n, const char *path,
		  const char *what, struct syc_err *err);
/*
 * The same from files that nobody vouches for: nesting deeper than depth is
 * refused, and so is text of so many tiny values that they would take many
 * times their bytes of memory (real headers stay far below it).
 */
int syc_json_parse(json_t **out, const char *text, size_t n, unsigned depth,
		   const char *path,
		   const char *what, struct syc_err *err);

#endif
