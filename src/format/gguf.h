/* SPDX-License-Identifier: MIT */
/*
 * GGUF version 2 and 3, little-endian, mapped read-only.  Everything is
 * checked when the file is opened: after that every name, value and tensor
 * can be used without looking again.
 */
#ifndef SRC_FORMAT_GGUF_H
#define SRC_FORMAT_GGUF_H
#include <stdbool.h>
#include <stdio.h>
#include "base/mem.h"
#include "format/tensor.h"
#include "syc/base.h"

enum syc_gguf_type {
	SYC_GGUF_U8, SYC_GGUF_I8, SYC_GGUF_U16, SYC_GGUF_I16, SYC_GGUF_U32,
	SYC_GGUF_I32, SYC_GGUF_F32, SYC_GGUF_BOOL, SYC_GGUF_STRING,
	SYC_GGUF_ARRAY, SYC_GGUF_U64, SYC_GGUF_I64, SYC_GGUF_F64,
};

/* Bytes inside the map: not NUL-terminated. */
struct syc_str {
	const char *s;
	size_t len;
};

/*
 * One metadata pair.  For an array, type is SYC_GGUF_ARRAY, elem its element
 * type (never ARRAY: nested arrays are refused) and n its length; else n is 1
 * and elem equals type.  data points at the first element.
 */
struct syc_gguf_kv {
	const char *key;	/* NUL-terminated */
	uint32_t type, elem;
	size_t n;
	const uint8_t *data;
};

struct syc_gguf;

int syc_gguf_open(struct syc_gguf **out, const char *path, struct syc_err *err);
void syc_gguf_close(struct syc_gguf *g);
/* The path it was opened with, for messages. */
const char *syc_gguf_path(const struct syc_gguf *g);
uint32_t syc_gguf_version(const struct syc_gguf *g);
size_t syc_gguf_bytes(const struct syc_gguf *g);
/* The file, mapped. */
const struct syc_map *syc_gguf_map(const struct syc_gguf *g);

size_t syc_gguf_n_kv(const struct syc_gguf *g);
const struct syc_gguf_kv *syc_gguf_kv_at(const struct syc_gguf *g, size_t i);
const struct syc_gguf_kv *syc_gguf_kv(const struct syc_gguf *g,
				      const char *key);

/*
 * Scalars: 1 and *v when the key is there with a type that holds such a value
 * (any integer type for u64 when not negative, any float or integer for f32,
 * bool), 0 and *v untouched when it is absent, SYC_EFORMAT when it is there
 * with another type.
 */
int syc_gguf_u64(const struct syc_gguf *g, const char *key, uint64_t *v,
		 struct syc_err *err);
int syc_gguf_f32(const struct syc_gguf *g, const char *key, float *v,
		 struct syc_err *err);
int syc_gguf_bool(const struct syc_gguf *g, const char *key, bool *v,
		  struct syc_err *err);
int syc_gguf_str(const struct syc_gguf *g, const char *key, struct syc_str *v,
		 struct syc_err *err);
/* Element i < kv->n as a number; kv->elem must be a number type. */
double syc_gguf_num(const struct syc_gguf_kv *kv, size_t i);
/*
 * Fill out[kv->n] with the strings of a string or an array of strings.
 */
void syc_gguf_strings(const struct syc_gguf_kv *kv, struct syc_str *out);
/* Bytes of one value; 0 for strings, arrays and what is no type. */
size_t syc_gguf_value_bytes(uint32_t type);
/* Bytes of all values of a pair. */
size_t syc_gguf_kv_bytes(const struct syc_gguf_kv *kv);

size_t syc_gguf_n_tensors(const struct syc_gguf *g);
const struct syc_tensor *syc_gguf_tensor_at(const struct syc_gguf *g, size_t i);
/* NULL when there is none of that name. */
const struct syc_tensor *syc_gguf_tensor(const struct syc_gguf *g,
					 const char *name);

/*
 * Writing: collect pairs and tensors (all data is copied), then write the
 * whole file, version 3, alignment 32.  Any failed add is remembered and
 * reported by syc_gguf_write().
 *
 * Large tensors are only described, with syc_gguf_put_tensor(), before
 * syc_gguf_write(); their data has to be written behind it, in that order, each
 * padded with zeros to a multiple of SYC_GGUF_ALIGN.  A file has tensors of
 * one kind only.
 */
enum { SYC_GGUF_ALIGN = 32 };
struct syc_gguf_out;

struct syc_gguf_out *syc_gguf_out_new(void);
void syc_gguf_out_free(struct syc_gguf_out *o);
void syc_gguf_put_str(struct syc_gguf_out *o, const char *key, const char *s,
		      size_t len);
void syc_gguf_put_u32(struct syc_gguf_out *o, const char *key, uint32_t v);
void syc_gguf_put_i32(struct syc_gguf_out *o, const char *key, int32_t v);
void syc_gguf_put_u64(struct syc_gguf_out *o, const char *key, uint64_t v);
void syc_gguf_put_f32(struct syc_gguf_out *o, const char *key, float v);
void syc_gguf_put_bool(struct syc_gguf_out *o, const char *key, bool v);
void syc_gguf_put_f32s(struct syc_gguf_out *o, const char *key, const float *v,
		       size_t n);
void syc_gguf_put_i32s(struct syc_gguf_out *o, const char *key,
		       const int32_t *v, size_t n);
void syc_gguf_put_strs(struct syc_gguf_out *o, const char *key,
		       const struct syc_str *v, size_t n);
void syc_gguf_put_bools(struct syc_gguf_out *o, const char *key, const bool *v,
			size_t n);
/* A pair as it was read. */
void syc_gguf_put_kv(struct syc_gguf_out *o, const struct syc_gguf_kv *kv);
/* Of t only the name, the type, the shape and the bytes are looked at. */
void syc_gguf_put_tensor(struct syc_gguf_out *o, const struct syc_tensor *t);
void syc_gguf_put_f32_tensor(struct syc_gguf_out *o, const char *name,
			     const float *v, size_t n);
int syc_gguf_write(struct syc_gguf_out *o, FILE *f, const char *path,
		   struct syc_err *err);

#endif
