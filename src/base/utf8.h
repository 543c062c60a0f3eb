/* SPDX-License-Identifier: MIT */
#ifndef SRC_BASE_UTF8_H
#define SRC_BASE_UTF8_H
#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes of the UTF-8 character at s, of which n > 0 bytes are there; 0 when
 * there is none: stray, cut or overlong sequences, surrogates and what is
 * beyond U+10FFFF.
 */
size_t syc_utf8_len(const char *s, size_t n);
/*
 * Whether the character of len bytes at s commands a terminal (C0, DEL, C1) or
 * changes the lines or the direction in which others are read.
 */
bool syc_utf8_steers(const char *s, size_t len);

/* Where text begins behind a byte order mark; *n is what is left of it. */
const char *syc_utf8_start(const char *text, size_t *n);
/* Whether it begins as UTF-16 does, with one of its marks. */
bool syc_utf16(const char *text, size_t n);

#endif
