/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/npy.h"
#include "format/tensor.h"

static const char magic[6] = "\x93NUMPY";

/* The dictionary's text, read from the left; bad once it does not fit. */
struct cur {
	const char *p, *end;
	bool bad;
};

static void skip_space(struct cur *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\n'))
		c->p++;
}

/* Step over one character if it is next. */
static bool take(struct cur *c, char want)
{
	skip_space(c);
	if (c->bad || c->p == c->end || *c->p != want)
		return false;
	c->p++;
	return true;
}

static void expect(struct cur *c, char want)
{
	if (!take(c, want))
		c->bad = true;
}

static bool take_word(struct cur *c, const char *word)
{
	size_t n = strlen(word);

	skip_space(c);
	if (c->bad || (size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0)
		return false;
	c->p += n;
	return true;
}

/* A quoted string without escapes, of less than size bytes. */
static void get_text(struct cur *c, char *out, size_t size)
{
	char quote = take(c, '\'') ? '\'' : '"';
	size_t n = 0;

	if (quote == '"')
		expect(c, '"');
	while (!c->bad && c->p < c->end && *c->p != quote) {
		if (n + 1 >= size || *c->p == '\\')
			c->bad = true;
		else
			out[n++] = *c->p++;
	}
	expect(c, quote);
	out[c->bad ? 0 : n] = 0;
}

static uint64_t get_count(struct cur *c)
{
	uint64_t v = 0;
	bool any = false;

	skip_space(c);
	while (!c->bad && c->p < c->end && *c->p >= '0' && *c->p <= '9') {
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*c->p - '0'), &v))
			c->bad = true;
		any = true;
		c->p++;
	}
	if (!any)
		c->bad = true;
	return v;
}

/* "()", "(3,)" or "(3, 128)"; n_dims is one too many when there are more. */
static void get_shape(struct cur *c, struct syc_npy *h)
{
	h->n_dims = 0;
	expect(c, '(');
	while (!c->bad && !take(c, ')')) {
		uint64_t v = get_count(c);

		if (h->n_dims < SYC_NPY_DIMS)
			h->shape[h->n_dims] = v;
		if (h->n_dims <= SYC_NPY_DIMS)
			h->n_dims++;
		if (take(c, ','))
			continue;
		/* "(3)" is a number in Python, not a tuple. */
		if (h->n_dims < 2)
			c->bad = true;
		expect(c, ')');
		break;
	}
}

/* "<f4" into kind and item; false for a type that is not read. */
static bool parse_descr(struct syc_npy *h, const char *s)
{
	static const char known[][4] = {
		"f2", "f4", "f8", "i1", "i2", "i4",
		"i8", "u1", "u2", "u4", "u8",
	};
	struct cur c = { s + 2, s + strlen(s), false };
	uint64_t n;

	if (strlen(s) < 3 || (s[0] != '<' && s[0] != '|'))
		return false;
	h->kind = s[1];
	if (h->kind == 'U' || h->kind == 'S') {
		n = get_count(&c);
		if (s[0] != (h->kind == 'U' ? '<' : '|') || c.bad || c.p != c.end || n == 0 ||
		    n > 1 << 24)
			return false;
		h->item = (size_t)n * (h->kind == 'U' ? 4 : 1);
		return true;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(s + 1, known[i]) == 0 &&
		    (s[0] == '<' || s[2] == '1')) {
			h->item = (size_t)(s[2] - '0');
			return true;
		}
	return false;
}

enum { HAS_DESCR = 1, HAS_ORDER = 2, HAS_SHAPE = 4, HAS_ALL = 7 };

/* One "'key': value"; returns which key it was, 0 for another. */
static unsigned get_pair(struct cur *c, struct syc_npy *h, char *descr,
			 size_t size)
{
	char key[16];

	get_text(c, key, sizeof(key));
	expect(c, ':');
	if (strcmp(key, "descr") == 0) {
		get_text(c, descr, size);
		return HAS_DESCR;
	}
	if (strcmp(key, "fortran_order") == 0) {
		h->fortran = take_word(c, "True");
		if (!h->fortran && !take_word(c, "False"))
			c->bad = true;
		return HAS_ORDER;
	}
	if (strcmp(key, "shape") == 0) {
		get_shape(c, h);
		return HAS_SHAPE;
	}
	return 0;
}

static int parse_dict(struct syc_npy *h, const char *s, size_t n,
		      const char *name, struct syc_err *err)
{
	struct cur c = { s, s + n, false };
	unsigned seen = 0, got;
	char descr[32] = "";

	expect(&c, '{');
	while (!c.bad && !take(&c, '}')) {
		got = get_pair(&c, h, descr, sizeof(descr));
		if (!got || (seen & got))
			c.bad = true;
		seen |= got;
		if (take(&c, ','))
			continue;
		expect(&c, '}');
		break;
	}
	skip_space(&c);
	if (c.bad || c.p != c.end || seen != HAS_ALL)
		return syc_fail(err, SYC_EFORMAT, "%s: not a valid .npy header",
				name);
	if (!parse_descr(h, descr))
		return syc_fail(err, SYC_EUNSUPP,
				"%s: array type '%s' is not supported", name,
				descr);
	if (h->n_dims > SYC_NPY_DIMS)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: array has more than %d dimensions", name,
				SYC_NPY_DIMS);
	return 0;
}

int syc_npy_parse(struct syc_npy *h, const void *data, size_t n,
		  const char *name, struct syc_err *err)
{
	const uint8_t *p = data;
	size_t len, at;
	int ret;

	*h = (struct syc_npy){ .shape = { 1, 1, 1, 1 } };
	if (n < 12 || memcmp(p, magic, sizeof(magic)) != 0)
		return syc_fail(err, SYC_EFORMAT, "%s: not a .npy array", name);
	if ((p[6] != 1 && p[6] != 2) || p[7] != 0)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: .npy version %d.%d (1.0 and 2.0 are read)",
				name, p[6], p[7]);
	len = (size_t)p[8] | (size_t)p[9] << 8;
	if (p[6] == 2)
		len |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
	at = p[6] == 1 ? 10 : 12;
	if (len > SYC_NPY_HEAD_MAX - at || len > n - at)
		return syc_fail(err, SYC_EFORMAT,
			"%s: .npy header of %zu bytes is cut short or too long",
			name, len);
	ret = parse_dict(h, (const char *)p + at, len, name, err);
	if (ret < 0)
		return ret;
	h->head = at + len;
	h->count = 1;
	for (unsigned d = 0; d < h->n_dims; d++)
		if (__builtin_mul_overflow(h->count, h->shape[d], &h->count))
			return syc_fail(err, SYC_EFORMAT,
					"%s: impossible array shape", name);
	if (__builtin_mul_overflow(h->count, (uint64_t)h->item, &h->bytes))
		return syc_fail(err, SYC_EFORMAT, "%s: impossible array shape",
				name);
	return 0;
}

void syc_npy_head(char *out, const char *descr, const uint64_t *shape,
		  unsigned n_dims)
{
	static const char *const rest[] = { "", ", ", ", " };
	char dims[72] = "";
	size_t n = 0;
	int len;

	for (unsigned d = 0; d < n_dims; d++)
		n += (size_t)snprintf(dims + n, sizeof(dims) - n, "%s%" PRIu64,
				      rest[d], shape[d]);
	memset(out, ' ', SYC_NPY_HEAD);
	memcpy(out, magic, sizeof(magic));
	out[6] = 1;
	out[7] = 0;
	out[8] = SYC_NPY_HEAD - 10;
	out[9] = 0;
	len = snprintf(out + 10, SYC_NPY_HEAD - 10,
		"{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }",
		descr, dims, n_dims == 1 ? "," : "");
	assert(len > 0 && len < SYC_NPY_HEAD - 10);
	out[10 + len] = ' ';
	out[SYC_NPY_HEAD - 1] = '\n';
}

static double get_num(const struct syc_npy *h, const uint8_t *p)
{
	union { uint8_t u8; int8_t i8; uint16_t u16; int16_t i16; uint32_t u32;
		int32_t i32; uint64_t u64; int64_t i64; float f32; double f64; } v;
	bool i = h->kind == 'i', f = h->kind == 'f';

	memcpy(&v, p, h->item);
	switch (h->item) {
	case 1:  return i ? v.i8 : v.u8;
	case 2:  return f ? (double)syc_f16_to_f32(v.u16) : i ? v.i16 : v.u16;
	case 4:  return f ? (double)v.f32 : i ? (double)v.i32 : v.u32;
	default: return f ? v.f64 : i ? (double)v.i64 : (double)v.u64;
	}
}

bool syc_npy_floats(float *out, const struct syc_npy *h, const uint8_t *data,
		    size_t n)
{
	if (h->kind == 'U' || h->kind == 'S')
		return false;
	if (h->kind == 'f' && h->item <= 4) {
		syc_type_decode(out, h->item == 4 ? SYC_TYPE_F32 : SYC_TYPE_F16,
				data, n);
		return true;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = (float)get_num(h, data + i * h->item);
	return true;
}
