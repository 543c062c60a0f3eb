/* SPDX-License-Identifier: MIT */
/* The layout is described in gguf.c. */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/gguf.h"

enum { VERSION_WRITTEN = 3, ALIGN = 32 };

struct syc_gguf_out {
	struct syc_buf kv;	/* the pairs, as they will be written */
	uint64_t n_kv;
	struct syc_buf head;	/* the tensors' descriptions */
	uint64_t n_tensors;
	struct syc_buf data;	/* their values, each padded to ALIGN */
	bool failed;		/* out of memory at some point */
};

struct syc_gguf_out *syc_gguf_out_new(void)
{
	return calloc(1, sizeof(struct syc_gguf_out));
}

void syc_gguf_out_free(struct syc_gguf_out *o)
{
	if (!o)
		return;
	syc_buf_free(&o->kv);
	syc_buf_free(&o->head);
	syc_buf_free(&o->data);
	free(o);
}

static void put(struct syc_gguf_out *o, struct syc_buf *b, const void *data, size_t n)
{
	if (syc_buf_add(b, data, n) < 0)
		o->failed = true;
}

static void put_u32(struct syc_gguf_out *o, struct syc_buf *b, uint32_t v)
{
	put(o, b, &v, sizeof(v));
}

static void put_u64(struct syc_gguf_out *o, struct syc_buf *b, uint64_t v)
{
	put(o, b, &v, sizeof(v));
}

static void put_text(struct syc_gguf_out *o, struct syc_buf *b, const char *s, size_t len)
{
	put_u64(o, b, len);
	put(o, b, s, len);
}

static void put_kv(struct syc_gguf_out *o, const char *key, uint32_t type, const void *v, size_t n)
{
	put_text(o, &o->kv, key, strlen(key));
	put_u32(o, &o->kv, type);
	put(o, &o->kv, v, n);
	o->n_kv++;
}

void syc_gguf_put_str(struct syc_gguf_out *o, const char *key, const char *s, size_t len)
{
	const uint64_t n = len;

	put_kv(o, key, SYC_GGUF_STRING, &n, sizeof(n));
	put(o, &o->kv, s, len);
}

void syc_gguf_put_u32(struct syc_gguf_out *o, const char *key, uint32_t v)
{
	put_kv(o, key, SYC_GGUF_U32, &v, sizeof(v));
}

void syc_gguf_put_i32(struct syc_gguf_out *o, const char *key, int32_t v)
{
	put_kv(o, key, SYC_GGUF_I32, &v, sizeof(v));
}

void syc_gguf_put_u64(struct syc_gguf_out *o, const char *key, uint64_t v)
{
	put_kv(o, key, SYC_GGUF_U64, &v, sizeof(v));
}

void syc_gguf_put_f32(struct syc_gguf_out *o, const char *key, float v)
{
	put_kv(o, key, SYC_GGUF_F32, &v, sizeof(v));
}

void syc_gguf_put_bool(struct syc_gguf_out *o, const char *key, bool v)
{
	const uint8_t byte = v;

	put_kv(o, key, SYC_GGUF_BOOL, &byte, 1);
}

void syc_gguf_put_f32s(struct syc_gguf_out *o, const char *key, const float *v, size_t n)
{
	const uint32_t elem = SYC_GGUF_F32;

	put_kv(o, key, SYC_GGUF_ARRAY, &elem, sizeof(elem));
	put_u64(o, &o->kv, n);
	put(o, &o->kv, v, n * sizeof(*v));
}

void syc_gguf_put_f32_tensor(struct syc_gguf_out *o, const char *name, const float *v, size_t n)
{
	static const char zero[ALIGN];

	put_text(o, &o->head, name, strlen(name));
	put_u32(o, &o->head, 1);
	put_u64(o, &o->head, n);
	put_u32(o, &o->head, SYC_TYPE_F32);
	put_u64(o, &o->head, o->data.len);
	put(o, &o->data, v, n * sizeof(*v));
	put(o, &o->data, zero, syc_round_up(o->data.len, ALIGN) - o->data.len);
	o->n_tensors++;
}

int syc_gguf_write(struct syc_gguf_out *o, FILE *f, const char *path, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	static const char zero[ALIGN];
	const char *data = o->data.data ? o->data.data : "";
	size_t n;
	bool good;

	put(o, &b, "GGUF", 4);
	put_u32(o, &b, VERSION_WRITTEN);
	put_u64(o, &b, o->n_tensors);
	put_u64(o, &b, o->n_kv);
	put(o, &b, o->kv.data, o->kv.len);
	put(o, &b, o->head.data, o->head.len);
	n = b.len;
	put(o, &b, zero, syc_round_up(n, ALIGN) - n);
	good = !o->failed && fwrite(b.data, 1, b.len, f) == b.len &&
	       fwrite(data, 1, o->data.len, f) == o->data.len;
	syc_buf_free(&b);
	if (o->failed)
		return syc_nomem(err);
	return good ? 0 : syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}
