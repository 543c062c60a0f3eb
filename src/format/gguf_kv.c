/* SPDX-License-Identifier: MIT */
/* The values of metadata pairs. */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "format/gguf.h"

static const size_t value_bytes[] = {
	[SYC_GGUF_U8] = 1, [SYC_GGUF_I8] = 1, [SYC_GGUF_U16] = 2,
	[SYC_GGUF_I16] = 2, [SYC_GGUF_U32] = 4, [SYC_GGUF_I32] = 4,
	[SYC_GGUF_F32] = 4, [SYC_GGUF_BOOL] = 1, [SYC_GGUF_STRING] = 0,
	[SYC_GGUF_ARRAY] = 0, [SYC_GGUF_U64] = 8, [SYC_GGUF_I64] = 8,
	[SYC_GGUF_F64] = 8,
};

size_t syc_gguf_value_bytes(uint32_t type)
{
	return type <= SYC_GGUF_F64 ? value_bytes[type] : 0;
}

/* The integer at p as unsigned; false for other types and negative values. */
static bool as_u64(const struct syc_gguf_kv *kv, uint64_t *v)
{
	uint64_t u = 0;
	size_t n = syc_gguf_value_bytes(kv->type);
	bool is_signed = kv->type == SYC_GGUF_I8 || kv->type == SYC_GGUF_I16 ||
			 kv->type == SYC_GGUF_I32 || kv->type == SYC_GGUF_I64;

	if (!n || kv->type == SYC_GGUF_F32 || kv->type == SYC_GGUF_F64 ||
	    kv->type == SYC_GGUF_BOOL)
		return false;
	memcpy(&u, kv->data, n);
	if (is_signed && u >> (8 * n - 1))
		return false;
	*v = u;
	return true;
}

static int wrong_type(const struct syc_gguf *g, const char *key,
		      const char *want, struct syc_err *err)
{
	return syc_fail(err, SYC_EFORMAT, "%s: metadata '%s' is not %s",
			syc_gguf_path(g), key, want);
}

int syc_gguf_u64(const struct syc_gguf *g, const char *key, uint64_t *v,
		 struct syc_err *err)
{
	const struct syc_gguf_kv *kv = syc_gguf_kv(g, key);

	if (!kv)
		return 0;
	return as_u64(kv, v) ? 1 : wrong_type(g, key, "a count", err);
}

int syc_gguf_f32(const struct syc_gguf *g, const char *key, float *v,
		 struct syc_err *err)
{
	const struct syc_gguf_kv *kv = syc_gguf_kv(g, key);

	if (!kv)
		return 0;
	if (!syc_gguf_value_bytes(kv->type) || kv->type == SYC_GGUF_BOOL)
		return wrong_type(g, key, "a number", err);
	*v = (float)syc_gguf_num(kv, 0);
	return 1;
}

int syc_gguf_bool(const struct syc_gguf *g, const char *key, bool *v,
		  struct syc_err *err)
{
	const struct syc_gguf_kv *kv = syc_gguf_kv(g, key);

	if (!kv)
		return 0;
	if (kv->type != SYC_GGUF_BOOL)
		return wrong_type(g, key, "true or false", err);
	*v = kv->data[0] != 0;
	return 1;
}

int syc_gguf_str(const struct syc_gguf *g, const char *key, struct syc_str *v,
		 struct syc_err *err)
{
	const struct syc_gguf_kv *kv = syc_gguf_kv(g, key);

	if (!kv)
		return 0;
	if (kv->type != SYC_GGUF_STRING)
		return wrong_type(g, key, "a string", err);
	syc_gguf_strings(kv, v);
	return 1;
}

double syc_gguf_num(const struct syc_gguf_kv *kv, size_t i)
{
	const uint8_t *p = kv->data + i * value_bytes[kv->elem];
	union { uint16_t u16; int16_t i16; uint32_t u32; int32_t i32; float f32;
		uint64_t u64; int64_t i64; double f64; } v;

	memcpy(&v, p, value_bytes[kv->elem]);
	switch (kv->elem) {
	case SYC_GGUF_I8:  return (int8_t)p[0];
	case SYC_GGUF_U16: return v.u16;
	case SYC_GGUF_I16: return v.i16;
	case SYC_GGUF_U32: return v.u32;
	case SYC_GGUF_I32: return v.i32;
	case SYC_GGUF_F32: return (double)v.f32;
	case SYC_GGUF_U64: return (double)v.u64;
	case SYC_GGUF_I64: return (double)v.i64;
	case SYC_GGUF_F64: return v.f64;
	default:           return p[0];
	}
}

void syc_gguf_strings(const struct syc_gguf_kv *kv, struct syc_str *out)
{
	const uint8_t *p = kv->data;
	uint64_t len;

	for (size_t i = 0; i < kv->n; i++) {
		memcpy(&len, p, sizeof(len));
		out[i] = (struct syc_str){ (const char *)p + 8, (size_t)len };
		p += 8 + len;
	}
}

size_t syc_gguf_kv_bytes(const struct syc_gguf_kv *kv)
{
	size_t bytes = 0;
	uint64_t len;

	if (kv->elem != SYC_GGUF_STRING)
		return kv->n * value_bytes[kv->elem];
	for (size_t i = 0; i < kv->n; i++) {
		memcpy(&len, kv->data + bytes, sizeof(len));
		bytes += sizeof(len) + (size_t)len;
	}
	return bytes;
}
