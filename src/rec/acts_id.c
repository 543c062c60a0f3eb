/* SPDX-License-Identifier: MIT */
/* Row ids are UTF-8 here and UCS-4, little-endian, in numpy's text arrays. */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "rec/acts_file.h"

enum { REPLACEMENT = 0xfffd };

/* One character from s, not at its end; *n is its length. */
static uint32_t decode(const char *s, size_t *n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t len = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 :
		     p[0] >> 3 == 30 ? 4 : 0;
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fu >> len);

	*n = 1;
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)	/* the closing NUL too */
			return REPLACEMENT;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (!len || c < least[len] || c > 0x10ffff ||
	    (c >= 0xd800 && c < 0xe000))
		return REPLACEMENT;
	*n = len;
	return c;
}

int acts_id_pack(struct syc_buf *out, const char *id)
{
	while (*id) {
		size_t n;
		uint32_t c = decode(id, &n);

		if (syc_buf_add(out, &c, sizeof(c)) < 0)
			return SYC_ENOMEM;
		id += n;
	}
	return 0;
}

static size_t encode(char *s, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		s[i] = (char)(0x80 | (c & 0x3f));
	s[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xff) | c);
	return n;
}

int acts_id_text(struct syc_buf *out, const uint8_t *ucs4, size_t width)
{
	uint32_t c;
	char s[4];

	for (; width; width--) {
		memcpy(&c, ucs4 + 4 * (width - 1), sizeof(c));
		if (c)
			break;
	}
	for (size_t i = 0; i < width; i++) {
		memcpy(&c, ucs4 + 4 * i, sizeof(c));
		if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return SYC_EFORMAT;
		if (syc_buf_add(out, s, encode(s, c)) < 0)
			return SYC_ENOMEM;
	}
	return syc_buf_add(out, "", 0);
}
