/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/gguf.h"
#include "syc/model.h"

enum { MAX_SHOWN = 8 };	/* elements of an array */

static int add_strings(struct syc_buf *out, const struct syc_gguf_kv *kv, size_t n)
{
	struct syc_str *s = syc_calloc(kv->n, sizeof(*s));
	int bad = 0;

	if (!s)
		return SYC_ENOMEM;
	syc_gguf_strings(kv, s);
	for (size_t i = 0; i < n; i++) {
		bad |= i ? syc_buf_puts(out, ", ") : 0;
		bad |= syc_buf_json(out, s[i].s, s[i].len);
	}
	free(s);
	return bad;
}

static int add_number(struct syc_buf *out, const struct syc_gguf_kv *kv, size_t i)
{
	double v = syc_gguf_num(kv, i);

	if (kv->elem == SYC_GGUF_BOOL)
		return syc_buf_puts(out, v ? "true" : "false");
	if (kv->elem == SYC_GGUF_F32)
		return syc_buf_float(out, (float)v);
	if (!isfinite(v))
		return syc_buf_puts(out, "null");
	return syc_buf_printf(out, "%.17g", v);
}

static int add_value(struct syc_buf *out, const struct syc_gguf_kv *kv)
{
	bool array = kv->type == SYC_GGUF_ARRAY, cut = kv->n > MAX_SHOWN;
	size_t n = cut ? MAX_SHOWN : kv->n;
	int bad = 0;

	if (cut)
		bad |= syc_buf_printf(out, "{\"length\": %zu, \"first\": ", kv->n);
	bad |= syc_buf_puts(out, array ? "[" : "");
	if (kv->elem == SYC_GGUF_STRING)
		bad |= add_strings(out, kv, n);
	for (size_t i = 0; kv->elem != SYC_GGUF_STRING && i < n; i++) {
		bad |= i ? syc_buf_puts(out, ", ") : 0;
		bad |= add_number(out, kv, i);
	}
	bad |= syc_buf_puts(out, array ? "]" : "");
	return bad | (cut ? syc_buf_puts(out, "}") : 0);
}

static int add_tensor(struct syc_buf *out, const struct syc_tensor *t)
{
	int bad = syc_buf_puts(out, "{\"name\": ");

	bad |= syc_buf_json(out, t->name, strlen(t->name));
	bad |= syc_buf_printf(out, ", \"type\": \"%s\", \"shape\": [", syc_type_name(t->type));
	for (uint32_t d = 0; d < t->n_dims; d++)
		bad |= syc_buf_printf(out, "%s%" PRIu64, d ? ", " : "", t->ne[d]);
	return bad | syc_buf_printf(out, "], \"bytes\": %zu}", t->bytes);
}

int syc_gguf_describe(const char *path, struct syc_buf *out, struct syc_err *err)
{
	struct syc_gguf *g;
	int bad, ret = syc_gguf_open(&g, path, err);

	if (ret < 0)
		return ret;
	bad = syc_buf_printf(out, "{\"format\": \"gguf\", \"version\": %" PRIu32 ", \"bytes\": %zu, \"metadata\": {",
			     syc_gguf_version(g), syc_gguf_bytes(g));
	for (size_t i = 0; i < syc_gguf_n_kv(g); i++) {
		const struct syc_gguf_kv *kv = syc_gguf_kv_at(g, i);

		bad |= syc_buf_puts(out, i ? ", " : "");
		bad |= syc_buf_json(out, kv->key, strlen(kv->key));
		bad |= syc_buf_puts(out, ": ");
		bad |= add_value(out, kv);
	}
	bad |= syc_buf_puts(out, "}, \"tensors\": [");
	for (size_t i = 0; i < syc_gguf_n_tensors(g); i++) {
		bad |= syc_buf_puts(out, i ? ", " : "");
		bad |= add_tensor(out, syc_gguf_tensor_at(g, i));
	}
	bad |= syc_buf_puts(out, "]}");
	syc_gguf_close(g);
	return bad ? syc_nomem(err) : 0;
}

int syc_file_kind(enum syc_file_kind *kind, const char *path, struct syc_err *err)
{
	unsigned char b[9] = { 0 };
	FILE *f = fopen(path, "rb");
	size_t n;
	bool failed;

	*kind = SYC_FILE_UNKNOWN;
	if (!f)
		return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	n = fread(b, 1, sizeof(b), f);
	failed = ferror(f);
	if (failed)
		syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	fclose(f);
	if (failed)
		return SYC_EIO;
	if (n >= 4 && memcmp(b, "GGUF", 4) == 0)
		*kind = SYC_FILE_GGUF;
	else if (n >= 4 && memcmp(b, "PK\3\4", 4) == 0)
		*kind = SYC_FILE_ZIP;
	else if (n >= 6 && memcmp(b, "\x93NUMPY", 6) == 0)
		*kind = SYC_FILE_NPY;
	else if (n == 9 && b[8] == '{')
		*kind = SYC_FILE_SAFETENSORS;
	return 0;
}
