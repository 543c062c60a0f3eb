/* SPDX-License-Identifier: MIT */
/* From the regular expressions of tokenizer.json to PCRE2's. */
#include "config.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>
#include "model/pretok.h"

/* Unicode's White_Space; PCRE2 has U+180E beside it. */
#define SPACE "\\t-\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}" \
	      "\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"

/*
 * \p{Han} and other names longer than a category's: since 10.40 PCRE2 takes
 * them for script extensions.  Returns the bytes read, 0 for anything else.
 */
static size_t script(struct syc_buf *out, const char *s)
{
	const char *end = s[2] == '{' ? strchr(s, '}') : NULL;
	const char *name = s + 3;

	if (!end || end - name < 3 || memchr(name, ':', (size_t)(end - name)) ||
	    *name == '^')
		return 0;
#if PCRE2_MAJOR > 10 || PCRE2_MINOR >= 40
	syc_buf_printf(out, "\\%c{sc:%.*s}", s[1], (int)(end - name), name);
#else
	syc_buf_add(out, s, (size_t)(end - s) + 1);
#endif
	return (size_t)(end - s) + 1;
}

/* An escape at s; returns its bytes, or 0 with *why set. */
static size_t escape(struct syc_buf *out, const char *s, bool in_set,
		     const char **why)
{
	size_t n;

	switch (s[1]) {
	case 's':
		syc_buf_puts(out, in_set ? SPACE : "[" SPACE "]");
		return 2;
	case 'S':
		syc_buf_puts(out, in_set ? "\\S\\x{180e}" : "[^" SPACE "]");
		return 2;
	case 'h': case 'H':
		*why = "\\h (a hexadecimal digit there, a space here)";
		return 0;
	case 'p': case 'P':
		n = script(out, s);
		if (n)
			return n;
		break;
	case 0:
		syc_buf_puts(out, "\\");
		return 1;
	}
	syc_buf_add(out, s, 2);
	return 2;
}

/* "[:alpha:]" inside a set is not a set of its own; its bytes, or 0. */
static size_t named_set(const char *s)
{
	const char *end = s[1] == ':' ? strstr(s + 2, ":]") : NULL;

	return end ? (size_t)(end - s) + 2 : 0;
}

int syc_pretok_translate(struct syc_buf *out, const char *re, const char **why)
{
	unsigned depth = 0;	/* of sets */
	size_t n;

	*why = NULL;
	for (const char *s = re; *s; s += n) {
		n = 1;
		if (*s == '\\') {
			n = escape(out, s, depth > 0, why);
		} else if (*s == '[' && depth && named_set(s)) {
			n = named_set(s);
			syc_buf_add(out, s, n);
		} else if (*s == '[' && depth++) {
			/* A set in a set adds to it: its brackets can go. */
			if (s[1] == '^')
				*why = "a negated set inside a set";
		} else if (*s == ']' && depth > 1) {
			depth--;
		} else if (*s == '&' && s[1] == '&' && depth) {
			*why = "an intersection of sets";
		} else {
			depth -= *s == ']' && depth;
			syc_buf_add(out, s, 1);
		}
		if (*why)
			return SYC_EUNSUPP;
	}
	return out->failed ? SYC_ENOMEM : 0;
}
