/* SPDX-License-Identifier: MIT */
/*
 * Layout (all little-endian): "GGUF", u32 version, u64 tensors, u64 pairs;
 * then each pair: string key, u32 type, value; then each tensor: string name,
 * u32 dimensions, u64 per dimension, u32 type, u64 offset; then, from the next
 * multiple of general.alignment (32), the data.  A string is u64 length and
 * bytes; an array u32 element type, u64 count and the elements.
 */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/gguf.h"

enum { DEFAULT_ALIGN = SYC_GGUF_ALIGN, MAX_ALIGN = 1 << 20, MAX_KEY = 65535 };

struct syc_gguf {
	char *path;
	struct syc_map map;
	uint32_t version;
	struct syc_gguf_kv *kv;		/* [n_kv] */
	size_t n_kv;
	struct syc_tensor *tensor;	/* [n_tensors] in the file's order */
	size_t n_tensors;
	struct syc_tensor **by_name;	/* [n_tensors] sorted */
};

/* Reads that remember failure: once bad, every get returns 0. */
struct cur {
	const uint8_t *p, *end;
	bool bad;
};

static const uint8_t *get_bytes(struct cur *c, uint64_t n)
{
	const uint8_t *p = c->p;

	if (c->bad || n > (size_t)(c->end - c->p)) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	return p;
}

/* A little-endian number of n bytes. */
static uint64_t get_number(struct cur *c, size_t n)
{
	const uint8_t *p = get_bytes(c, n);
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, n);
	return v;
}

static uint32_t get_u32(struct cur *c)
{
	return (uint32_t)get_number(c, 4);
}

static uint64_t get_u64(struct cur *c)
{
	return get_number(c, 8);
}

static struct syc_str get_str(struct cur *c)
{
	uint64_t len = get_u64(c);
	const uint8_t *p = get_bytes(c, len);

	return p ? (struct syc_str){ (const char *)p, (size_t)len } :
		(struct syc_str){ "", 0 };
}

/* A copy with a NUL behind it; refuses long ones and a NUL inside. */
static char *get_name(struct cur *c)
{
	struct syc_str s = get_str(c);
	char *name;

	if (c->bad || s.len > MAX_KEY || memchr(s.s, 0, s.len))
		return NULL;
	name = malloc(s.len + 1);
	if (!name)
		return NULL;
	memcpy(name, s.s, s.len);
	name[s.len] = 0;
	return name;
}

/* Step over n values of one type; c->bad when they are not all there. */
static void skip_values(struct cur *c, uint32_t type, uint64_t n)
{
	size_t bytes = syc_gguf_value_bytes(type);

	if (type == SYC_GGUF_STRING) {
		/* Each string takes at least 8 bytes: no long loop on lies. */
		if (n > (size_t)(c->end - c->p) / 8)
			c->bad = true;
		for (uint64_t i = 0; i < n && !c->bad; i++)
			get_str(c);
	} else if (bytes && n <= UINT64_MAX / bytes) {
		get_bytes(c, n * bytes);
	} else {
		c->bad = true;
	}
}

static int read_kv(struct syc_gguf *g, struct cur *c, size_t i,
		   struct syc_err *err)
{
	struct syc_gguf_kv *kv = &g->kv[i];
	uint64_t n = 1;
	char *key = get_name(c);

	kv->key = key;
	kv->type = kv->elem = get_u32(c);
	if (kv->type == SYC_GGUF_ARRAY) {
		kv->elem = get_u32(c);
		n = get_u64(c);
	}
	if (c->bad || !key)
		return syc_fail(err, SYC_EFORMAT,
				"%s: metadata pair %zu of %zu is cut short or has no name",
				g->path, i, g->n_kv);
	if (kv->elem != SYC_GGUF_STRING && !syc_gguf_value_bytes(kv->elem))
		return syc_fail(err, SYC_EFORMAT,
				"%s: metadata '%s' has value type %" PRIu32,
				g->path, key, kv->elem);
	kv->data = c->p;
	skip_values(c, kv->elem, n);
	if (c->bad || n > SIZE_MAX)
		return syc_fail(err, SYC_EFORMAT,
				"%s: metadata '%s': %" PRIu64
				" values do not fit the file",
				g->path, key, n);
	kv->n = (size_t)n;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Which of two would count depends on the reader. */
static int check_keys(const struct syc_gguf *g, struct syc_err *err)
{
	const char **key = syc_calloc(g->n_kv, sizeof(*key));
	int ret = 0;

	if (!key)
		return syc_nomem(err);
	for (size_t i = 0; i < g->n_kv; i++)
		key[i] = g->kv[i].key;
	qsort(key, g->n_kv, sizeof(*key), by_key);
	for (size_t i = 1; i < g->n_kv && ret == 0; i++)
		if (strcmp(key[i - 1], key[i]) == 0)
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: metadata '%.200s' is there twice",
				       g->path, key[i]);
	free(key);
	return ret;
}

static int read_tensor(struct syc_gguf *g, struct cur *c, size_t i,
		       uint64_t *offset, struct syc_err *err)
{
	struct syc_tensor *t = &g->tensor[i];
	uint64_t n = 1;
	char *name = get_name(c);

	t->name = name;
	t->n_dims = get_u32(c);
	if (c->bad || !name)
		return syc_fail(err, SYC_EFORMAT,
			"%s: tensor %zu of %zu is cut short or has no name",
			g->path, i, g->n_tensors);
	if (t->n_dims < 1 || t->n_dims > SYC_TENSOR_DIMS)
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s' has %" PRIu32 " dimensions",
				g->path, name, t->n_dims);
	for (uint32_t d = 0; d < SYC_TENSOR_DIMS; d++) {
		t->ne[d] = d < t->n_dims ? get_u64(c) : 1;
		if (!c->bad && (t->ne[d] == 0 ||
				__builtin_mul_overflow(n, t->ne[d], &n)))
			return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s' has an impossible shape",
				g->path, name);
	}
	t->type = get_u32(c);
	*offset = get_u64(c);
	if (c->bad)
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s' is cut short", g->path, name);
	/* An unknown type is refused when it is used: its size is not known. */
	if (syc_type_known(t->type) &&
	    (t->ne[0] % syc_type_block(t->type) ||
	     !syc_type_size(&t->bytes, t->type, n)))
		return syc_fail(err, SYC_EFORMAT,
			"%s: tensor '%s' has an impossible shape for type %s",
			g->path, name, syc_type_name(t->type));
	return 0;
}

static int place_tensor(struct syc_gguf *g, struct syc_tensor *t,
			uint64_t offset, uint64_t start, uint64_t align,
			struct syc_err *err)
{
	uint64_t have = start <= g->map.len ? g->map.len - start : 0;

	if (offset % align)
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s': offset %" PRIu64
				" is not a multiple of %" PRIu64,
				g->path, t->name, offset, align);
	if (offset > have || t->bytes > have - offset)
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s': needs %zu bytes at %" PRIu64
				", file has %zu",
				g->path, t->name, t->bytes, start + offset,
				g->map.len);
	t->data = g->map.data + start + offset;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct syc_tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int by_place(const void *a, const void *b)
{
	const struct syc_tensor *const *x = a, *const *y = b;

	return (*x)->data < (*y)->data ? -1 : (*x)->data > (*y)->data;
}

/* Data that many tensors share would make small files take much time and disk. */
static int check_places(const struct syc_gguf *g, struct syc_tensor **sorted,
			struct syc_err *err)
{
	const uint8_t *end = g->map.data;

	qsort(sorted, g->n_tensors, sizeof(*sorted), by_place);
	for (size_t i = 0; i < g->n_tensors; i++) {
		const struct syc_tensor *t = sorted[i];

		if (t->data < end && t->bytes)
			return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s' shares its data with another",
				g->path, t->name);
		if (t->bytes)
			end = t->data + t->bytes;
	}
	return 0;
}

static int index_tensors(struct syc_gguf *g, struct syc_err *err)
{
	int ret;

	g->by_name = syc_calloc(g->n_tensors, sizeof(struct syc_tensor *));
	if (!g->by_name)
		return syc_nomem(err);
	for (size_t i = 0; i < g->n_tensors; i++)
		g->by_name[i] = &g->tensor[i];
	ret = check_places(g, g->by_name, err);
	if (ret < 0)
		return ret;
	qsort(g->by_name, g->n_tensors, sizeof(struct syc_tensor *), by_name);
	for (size_t i = 1; i < g->n_tensors; i++)
		if (by_name(&g->by_name[i - 1], &g->by_name[i]) == 0)
			return syc_fail(err, SYC_EFORMAT,
					"%s: two tensors are named '%s'",
					g->path, g->by_name[i]->name);
	return 0;
}

static int read_tensors(struct syc_gguf *g, struct cur *c, struct syc_err *err)
{
	uint64_t *offset = syc_calloc(g->n_tensors, sizeof(*offset));
	uint64_t align = DEFAULT_ALIGN, start;
	int ret = 0;

	if (!offset)
		return syc_nomem(err);
	for (size_t i = 0; i < g->n_tensors && ret == 0; i++)
		ret = read_tensor(g, c, i, &offset[i], err);
	if (ret == 0)
		ret = syc_gguf_u64(g, "general.alignment", &align, err);
	if (ret >= 0 &&
	    (align < 8 || align > MAX_ALIGN || (align & (align - 1))))
		ret = syc_fail(err, SYC_EFORMAT,
			       "%s: general.alignment is %" PRIu64, g->path,
			       align);
	start = syc_round_up((size_t)(c->p - g->map.data),
			     ret >= 0 ? (size_t)align : 1);
	for (size_t i = 0; i < g->n_tensors && ret >= 0; i++)
		ret = place_tensor(g, &g->tensor[i], offset[i], start, align,
				   err);
	free(offset);
	return ret < 0 ? ret : index_tensors(g, err);
}

static int read_header(struct syc_gguf *g, struct cur *c, struct syc_err *err)
{
	const uint8_t *magic = get_bytes(c, 4);
	uint64_t n_tensors, n_kv;

	if (!g->map.len)
		return syc_fail(err, SYC_EFORMAT, "%s: is empty", g->path);
	if (!magic || memcmp(magic, "GGUF", 4) != 0)
		return syc_fail(err, SYC_EFORMAT, "%s: not a GGUF file",
				g->path);
	g->version = get_u32(c);
	if (!c->bad && (g->version & 0xffff) == 0 && g->version)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: a big-endian GGUF file, little-endian "
				"ones are read (gguf-convert-endian of "
				"llama.cpp's gguf package makes one of it)",
				g->path);
	if (!c->bad && g->version != 2 && g->version != 3)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: GGUF version %" PRIu32
				" (2 and 3 are read)",
				g->path, g->version);
	n_tensors = get_u64(c);
	n_kv = get_u64(c);
	if (c->bad)
		return syc_fail(err, SYC_EFORMAT,
				"%s: header is cut short (%zu bytes)", g->path,
				g->map.len);
	/* A tensor takes at least 32 bytes of header, a pair 13. */
	if (n_tensors > g->map.len / 32 || n_kv > g->map.len / 13)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %" PRIu64 " tensors and %" PRIu64
				" metadata pairs do not"
				" fit %zu bytes",
				g->path, n_tensors, n_kv, g->map.len);
	g->kv = syc_calloc((size_t)n_kv, sizeof(*g->kv));
	g->tensor = syc_calloc((size_t)n_tensors, sizeof(*g->tensor));
	if (!g->kv || !g->tensor)
		return syc_nomem(err);
	g->n_kv = (size_t)n_kv;
	g->n_tensors = (size_t)n_tensors;
	return 0;
}

int syc_gguf_open(struct syc_gguf **out, const char *path, struct syc_err *err)
{
	struct syc_gguf *g;
	struct cur c;
	int ret;

	*out = NULL;
	g = calloc(1, sizeof(*g));
	if (!g)
		return syc_nomem(err);
	g->path = strdup(path);
	ret = g->path ? syc_map_open(&g->map, path, err) : syc_nomem(err);
	if (ret < 0)
		goto fail;
	/* An empty file has no map; NULL + 0 is undefined in C. */
	c.p = c.end = g->map.data;
	c.bad = false;
	if (g->map.len)
		c.end += g->map.len;
	ret = read_header(g, &c, err);
	for (size_t i = 0; i < g->n_kv && ret == 0; i++)
		ret = read_kv(g, &c, i, err);
	if (ret == 0)
		ret = check_keys(g, err);
	if (ret == 0)
		ret = read_tensors(g, &c, err);
	if (ret < 0)
		goto fail;
	*out = g;
	return 0;
fail:
	syc_gguf_close(g);
	return ret;
}

void syc_gguf_close(struct syc_gguf *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n_kv; i++)
		free((char *)g->kv[i].key);
	for (size_t i = 0; i < g->n_tensors; i++)
		free((char *)g->tensor[i].name);
	free(g->kv);
	free(g->tensor);
	free(g->by_name);
	syc_map_close(&g->map);
	free(g->path);
	free(g);
}

const char *syc_gguf_path(const struct syc_gguf *g)
{
	return g->path;
}

uint32_t syc_gguf_version(const struct syc_gguf *g)
{
	return g->version;
}

size_t syc_gguf_bytes(const struct syc_gguf *g)
{
	return g->map.len;
}

const struct syc_map *syc_gguf_map(const struct syc_gguf *g)
{
	return &g->map;
}

size_t syc_gguf_n_kv(const struct syc_gguf *g)
{
	return g->n_kv;
}

const struct syc_gguf_kv *syc_gguf_kv_at(const struct syc_gguf *g, size_t i)
{
	return &g->kv[i];
}

const struct syc_gguf_kv *syc_gguf_kv(const struct syc_gguf *g, const char *key)
{
	for (size_t i = 0; i < g->n_kv; i++)
		if (strcmp(g->kv[i].key, key) == 0)
			return &g->kv[i];
	return NULL;
}

size_t syc_gguf_n_tensors(const struct syc_gguf *g)
{
	return g->n_tensors;
}

const struct syc_tensor *syc_gguf_tensor_at(const struct syc_gguf *g, size_t i)
{
	return &g->tensor[i];
}

const struct syc_tensor *syc_gguf_tensor(const struct syc_gguf *g,
					 const char *name)
{
	size_t lo = 0, hi = g->n_tensors;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = strcmp(name, g->by_name[mid]->name);

		if (d == 0)
			return g->by_name[mid];
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}
