/* SPDX-License-Identifier: MIT */
/* The layout is described in gguf.c. */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/gguf.h"

enum { VERSION_WRITTEN = 3, ALIGN = SYC_GGUF_ALIGN };

struct syc_gguf_out {
	struct syc_buf kv;	/* the pairs, as they will be written */
	uint64_t n_kv;
	struct syc_buf head;	/* the tensors' descriptions */
	uint64_t n_tensors;
	uint64_t at;		/* where the next one's values will be */
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

static void put(struct syc_gguf_out *o, struct syc_buf *b, const void *data,
		size_t n)
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

static void put_text(struct syc_gguf_out *o, struct syc_buf *b, const char *s,
		     size_t len)
{
	put_u64(o, b, len);
	put(o, b, s, len);
}

static void put_kv(struct syc_gguf_out *o, const char *key, uint32_t type,
		   const void *v, size_t n)
{
	put_text(o, &o->kv, key, strlen(key));
	put_u32(o, &o->kv, type);
	put(o, &o->kv, v, n);
	o->n_kv++;
}

void syc_gguf_put_str(struct syc_gguf_out *o, const char *key, const char *s,
		      size_t len)
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

/* The key and what precedes the n values of an array. */
static void put_array(struct syc_gguf_out *o, const char *key, uint32_t elem,
		      uint64_t n)
{
	put_kv(o, key, SYC_GGUF_ARRAY, &elem, sizeof(elem));
	put_u64(o, &o->kv, n);
}

void syc_gguf_put_f32s(struct syc_gguf_out *o, const char *key, const float *v,
		       size_t n)
{
	put_array(o, key, SYC_GGUF_F32, n);
	put(o, &o->kv, v, n * sizeof(*v));
}

void syc_gguf_put_i32s(struct syc_gguf_out *o, const char *key,
		       const int32_t *v, size_t n)
{
	put_array(o, key, SYC_GGUF_I32, n);
	put(o, &o->kv, v, n * sizeof(*v));
}

void syc_gguf_put_bools(struct syc_gguf_out *o, const char *key, const bool *v,
			size_t n)
{
	put_array(o, key, SYC_GGUF_BOOL, n);
	for (size_t i = 0; i < n; i++)
		put(o, &o->kv, &(uint8_t){ v[i] }, 1);
}

void syc_gguf_put_strs(struct syc_gguf_out *o, const char *key,
		       const struct syc_str *v, size_t n)
{
	put_array(o, key, SYC_GGUF_STRING, n);
	for (size_t i = 0; i < n; i++)
		put_text(o, &o->kv, v[i].s, v[i].len);
}

void syc_gguf_put_kv(struct syc_gguf_out *o, const struct syc_gguf_kv *kv)
{
	if (kv->type == SYC_GGUF_ARRAY)
		put_array(o, kv->key, kv->elem, kv->n);
	else
		put_kv(o, kv->key, kv->type, NULL, 0);
	put(o, &o->kv, kv->data, syc_gguf_kv_bytes(kv));
}

void syc_gguf_put_tensor(struct syc_gguf_out *o, const struct syc_tensor *t)
{
	put_text(o, &o->head, t->name, strlen(t->name));
	put_u32(o, &o->head, t->n_dims);
	for (uint32_t d = 0; d < t->n_dims; d++)
		put_u64(o, &o->head, t->ne[d]);
	put_u32(o, &o->head, t->type);
	put_u64(o, &o->head, o->at);
	o->at += syc_round_up(t->bytes, ALIGN);
	o->n_tensors++;
}

void syc_gguf_put_f32_tensor(struct syc_gguf_out *o, const char *name,
			     const float *v, size_t n)
{
	static const char zero[ALIGN];
	const struct syc_tensor t = {
		.name = name, .type = SYC_TYPE_F32, .n_dims = 1,
			.ne = { n, 1, 1, 1 }, .bytes = n * sizeof(*v),
	};

	syc_gguf_put_tensor(o, &t);
	put(o, &o->data, v, n * sizeof(*v));
	put(o, &o->data, zero, syc_round_up(o->data.len, ALIGN) - o->data.len);
}

int syc_gguf_write(struct syc_gguf_out *o, FILE *f, const char *path,
		   struct syc_err *err)
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
	return good ? 0 :
		      syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}
