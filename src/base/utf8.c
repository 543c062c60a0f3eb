/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdint.h>
#include <string.h>
#include "base/utf8.h"
#include "syc/base.h"

size_t syc_utf8_len(const char *s, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 :
		     p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fu >> len);

	if (len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (len > 1 && (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)))
		return 0;
	return len;
}

const char *syc_utf8_start(const char *text, size_t *n)
{
	if (*n < 3 || memcmp(text, "\xef\xbb\xbf", 3) != 0)
		return text;
	*n -= 3;
	return text + 3;
}

bool syc_utf16(const char *text, size_t n)
{
	return n >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
			  memcmp(text, "\xfe\xff", 2) == 0);
}

bool syc_utf8_steers(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	if (len == 1)
		return p[0] < ' ' || p[0] == 127;
	if (len == 2)
		return p[0] == 0xc2 && p[1] < 0xa0;
	if (len != 3 || p[0] != 0xe2)
		return false;
	/* U+2028 to U+202E and U+2066 to U+2069 */
	return (p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
	       (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

size_t syc_text_show(char *s, size_t n, int lines)
{
	size_t to = 0, len;

	for (size_t at = 0; at < n; at += len ? len : 1) {
		len = syc_utf8_len(s + at, n - at);
		if (lines && (s[at] == '\n' || s[at] == '\t'))
			s[to++] = s[at];
		else if (!len || syc_utf8_steers(s + at, len))
			s[to++] = '?';
		else {
			memmove(s + to, s + at, len);
			to += len;
		}
	}
	return to;
}
