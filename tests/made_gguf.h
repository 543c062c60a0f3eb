/* SPDX-License-Identifier: MIT */
/*
 * GGUF metadata written by hand, so tests can make files that no writer would.
 * Works on little-endian machines, as syc does.
 */
#ifndef TESTS_MADE_GGUF_H
#define TESTS_MADE_GGUF_H
#include <string.h>
#include <unistd.h>
#include "format/gguf.h"
#include "suite.h"

struct made {
	struct syc_buf b;
	uint64_t n_kv;
};

static inline void made_bytes(struct made *m, const void *p, size_t n)
{
	ck_assert_int_eq(syc_buf_add(&m->b, p, n), 0);
}

static inline void made_u32(struct made *m, uint32_t v)
{
	made_bytes(m, &v, sizeof(v));
}

static inline void made_u64(struct made *m, uint64_t v)
{
	made_bytes(m, &v, sizeof(v));
}

static inline void made_text(struct made *m, const char *s)
{
	made_u64(m, strlen(s));
	made_bytes(m, s, strlen(s));
}

/* A key; its value is to follow. */
static inline void made_key(struct made *m, const char *key, uint32_t type)
{
	if (!m->b.len) {
		made_bytes(m, "GGUF", 4);
		made_u32(m, 3);
		made_u64(m, 0);
		made_u64(m, 0);
	}
	m->n_kv++;
	made_text(m, key);
	made_u32(m, type);
}

/* A key of an array; its n elements are to follow. */
static inline void made_array(struct made *m, const char *key, uint32_t elem,
			      uint64_t n)
{
	made_key(m, key, SYC_GGUF_ARRAY);
	made_u32(m, elem);
	made_u64(m, n);
}

static inline void made_str(struct made *m, const char *key, const char *s)
{
	made_key(m, key, SYC_GGUF_STRING);
	made_text(m, s);
}

static inline void made_id(struct made *m, const char *key, uint32_t v)
{
	made_key(m, key, SYC_GGUF_U32);
	made_u32(m, v);
}

static inline void made_bool(struct made *m, const char *key, bool v)
{
	made_key(m, key, SYC_GGUF_BOOL);
	made_bytes(m, &v, 1);
}

/* Write it to a new file; the name goes into path (of 64 bytes). */
static inline void made_write(struct made *m, char *path)
{
	int fd;

	memcpy(m->b.data + 16, &m->n_kv, 8);
	while (m->b.len % 32)
		made_bytes(m, "", 1);
	strcpy(path, "/tmp/made_gguf.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, m->b.data, m->b.len), m->b.len);
	close(fd);
	syc_buf_free(&m->b);
	m->n_kv = 0;
}

#endif
