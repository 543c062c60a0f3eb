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

#endif
