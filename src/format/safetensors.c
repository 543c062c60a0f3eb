/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/json.h"
#include "format/safetensors.h"

/* 100 MB is the format's own limit.  A tensor's shape is the third level. */
enum { MAX_HEADER = 100 * 1000 * 1000, LENGTH = 8, DEPTH = 3 };

struct syc_safetensors {
	char *path;
	struct syc_map map;
	json_t *root;			/* owns names and metadata */
	const uint8_t *data;		/* behind the header */
	uint64_t data_bytes;
	struct syc_tensor *tensor;	/* [n] in the order of their data */
	struct syc_tensor **by_name;	/* [n] sorted */
	size_t n;
};

static const struct {
	const char *name;
	uint32_t type, bytes;
} dtypes[] = {
	{ "F32", SYC_TYPE_F32, 4 }, { "F16", SYC_TYPE_F16, 2 },
	{ "BF16", SYC_TYPE_BF16, 2 }, { "F64", 28, 8 },
	{ "I8", 24, 1 }, { "I16", 25, 2 }, { "I32", 26, 4 }, { "I64", 27, 8 },
	{ "U8", SYC_TYPE_U8, 1 }, { "U16", SYC_TYPE_U16, 2 },
	{ "U32", SYC_TYPE_U32, 4 }, { "U64", SYC_TYPE_U64, 8 },
	{ "BOOL", SYC_TYPE_BOOL, 1 }, { "F8_E4M3", SYC_TYPE_F8_E4M3, 1 },
	{ "F8_E5M2", SYC_TYPE_F8_E5M2, 1 }, { "F8_E8M0", SYC_TYPE_F8_E8M0, 1 },
};

static int bad(const struct syc_safetensors *s, const char *name,
	       const char *what, struct syc_err *err)
{
	return syc_fail(err, SYC_EFORMAT, "%s: tensor '%.200s' %s", s->path,
			name, what);
}

/* The shape, last dimension first; *n is the number of values. */
static int read_shape(const struct syc_safetensors *s, struct syc_tensor *t,
		      json_t *shape,
		      uint64_t *n, struct syc_err *err)
{
	size_t dims = json_array_size(shape);

	if (!json_is_array(shape))
		return bad(s, t->name, "has no shape", err);
	if (dims > SYC_TENSOR_DIMS)
		return bad(s, t->name, "has more than 4 dimensions", err);
	t->n_dims = (uint32_t)dims;
	*n = 1;
	for (size_t d = 0; d < SYC_TENSOR_DIMS; d++) {
		json_t *v = d < dims ? json_array_get(shape, dims - 1 - d) :
				       NULL;

		t->ne[d] = v ? (uint64_t)json_integer_value(v) : 1;
		if ((v && (!json_is_integer(v) || json_integer_value(v) < 0)) ||
		    __builtin_mul_overflow(*n, t->ne[d], n))
			return bad(s, t->name, "has an impossible shape", err);
	}
	return 0;
}

static int read_type(const struct syc_safetensors *s, struct syc_tensor *t,
		     json_t *dtype,
		     uint64_t n, struct syc_err *err)
{
	const char *name = json_string_value(dtype);
	size_t i = 0, n_types = sizeof(dtypes) / sizeof(dtypes[0]);
	uint64_t bytes;

	while (name && i < n_types && strcmp(dtypes[i].name, name) != 0)
		i++;
	if (!name || i == n_types)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: tensor '%.200s' has type '%.40s', which is not supported",
				s->path, t->name, name ? name : "?");
	t->type = dtypes[i].type;
	if (__builtin_mul_overflow(n, (uint64_t)dtypes[i].bytes, &bytes) ||
	    bytes > SIZE_MAX)
		return bad(s, t->name, "has an impossible shape", err);
	t->bytes = (size_t)bytes;
	return 0;
}

static int read_tensor(const struct syc_safetensors *s, struct syc_tensor *t,
		       json_t *v, struct syc_err *err)
{
	json_t *offsets = json_object_get(v, "data_offsets");
	json_int_t begin = json_integer_value(json_array_get(offsets, 0));
	json_int_t end = json_integer_value(json_array_get(offsets, 1));
	uint64_t n = 0;
	int ret;

	ret = read_shape(s, t, json_object_get(v, "shape"), &n, err);
	if (ret == 0)
		ret = read_type(s, t, json_object_get(v, "dtype"), n, err);
	if (ret < 0)
		return ret;
	if (json_array_size(offsets) != 2 ||
	    !json_is_integer(json_array_get(offsets, 0)) ||
	    !json_is_integer(json_array_get(offsets, 1)) || begin < 0 ||
	    end < begin)
		return bad(s, t->name, "has no sound data_offsets", err);
	if ((uint64_t)end > s->data_bytes)
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%.200s': ends at %lld of %" PRIu64
				" bytes of data",
				s->path, t->name, (long long)end,
				s->data_bytes);
	if ((uint64_t)(end - begin) != t->bytes)
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%.200s': its shape needs %zu bytes, it has %lld",
				s->path, t->name, t->bytes, (long long)(end - begin));
	t->data = s->data + begin;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct syc_tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int by_place(const void *a, const void *b)
{
	const struct syc_tensor *x = a, *y = b;

	if (x->data != y->data)
		return x->data < y->data ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int sort_tensors(struct syc_safetensors *s, struct syc_err *err)
{
	qsort(s->tensor, s->n, sizeof(*s->tensor), by_place);
	for (size_t i = 0; i < s->n; i++) {
		const struct syc_tensor *t = &s->tensor[i];

		s->by_name[i] = &s->tensor[i];
		if (i && (size_t)(t->data - t[-1].data) < t[-1].bytes)
			return bad(s, t->name, "shares its data with another",
				   err);
	}
	qsort(s->by_name, s->n, sizeof(*s->by_name), by_name);
	return 0;
}

static int read_tensors(struct syc_safetensors *s, struct syc_err *err)
{
	size_t max = json_object_size(s->root);
	const char *name;
	json_t *v;
	int ret;

	s->tensor = syc_calloc(max, sizeof(*s->tensor));
	s->by_name = syc_calloc(max, sizeof(*s->by_name));
	if (!s->tensor || !s->by_name)
		return syc_nomem(err);
	json_object_foreach(s->root, name, v) {
		if (strcmp(name, "__metadata__") == 0)
			continue;
		s->tensor[s->n].name = name;
		ret = read_tensor(s, &s->tensor[s->n], v, err);
		if (ret < 0)
			return ret;
		s->n++;
	}
	return sort_tensors(s, err);
}

static int read_header(struct syc_safetensors *s, struct syc_err *err)
{
	uint64_t n = 0;
	int ret;

	if (!s->map.len)
		return syc_fail(err, SYC_EFORMAT, "%s: is empty", s->path);
	if (s->map.len >= LENGTH + 2)
		memcpy(&n, s->map.data, LENGTH);
	if (n < 2 || s->map.data[LENGTH] != '{')
		return syc_fail(err, SYC_EFORMAT, "%s: not a safetensors file",
				s->path);
	if (n > s->map.len - LENGTH || n > MAX_HEADER)
		return syc_fail(err, SYC_EFORMAT,
				"%s: header of %" PRIu64
				" bytes, file has %zu and %d are the most",
				s->path, n, s->map.len, MAX_HEADER);
	ret = syc_json_parse(&s->root, (const char *)s->map.data + LENGTH,
			     (size_t)n, DEPTH,
			     s->path, "header", err);
	if (ret < 0)
		return ret;
	s->data = s->map.data + LENGTH + n;
	s->data_bytes = s->map.len - LENGTH - n;
	return 0;
}

int syc_safetensors_open(struct syc_safetensors **out, const char *path,
			 struct syc_err *err)
{
	struct syc_safetensors *s = calloc(1, sizeof(*s));
	int ret;

	*out = NULL;
	if (!s)
		return syc_nomem(err);
	s->path = strdup(path);
	ret = s->path ? syc_map_open(&s->map, path, err) : syc_nomem(err);
	if (ret == 0)
		ret = read_header(s, err);
	if (ret == 0)
		ret = read_tensors(s, err);
	if (ret < 0) {
		syc_safetensors_close(s);
		return ret;
	}
	*out = s;
	return 0;
}

void syc_safetensors_close(struct syc_safetensors *s)
{
	if (!s)
		return;
	free(s->tensor);
	free(s->by_name);
	json_decref(s->root);
	syc_map_close(&s->map);
	free(s->path);
	free(s);
}

const char *syc_safetensors_path(const struct syc_safetensors *s)
{
	return s->path;
}

const struct syc_map *syc_safetensors_map(const struct syc_safetensors *s)
{
	return &s->map;
}

size_t syc_safetensors_n(const struct syc_safetensors *s)
{
	return s->n;
}

const struct syc_tensor *syc_safetensors_at(const struct syc_safetensors *s,
					    size_t i)
{
	return &s->tensor[i];
}

const struct syc_tensor *syc_safetensors_tensor(const struct syc_safetensors *s,
						const char *name)
{
	const struct syc_tensor want = { .name = name }, *key = &want;
	struct syc_tensor **t = bsearch(&key, s->by_name, s->n,
					sizeof(*s->by_name), by_name);

	return t ? *t : NULL;
}

const char *syc_safetensors_meta(const struct syc_safetensors *s,
				 const char *key)
{
	return json_string_value(json_object_get(json_object_get(s->root,
								 "__metadata__"), key));
}

/* The JSON of the header, padded so that the data begins at a multiple of 8. */
static int make_header(struct syc_buf *b, const struct syc_tensor *t, size_t n,
		       const struct syc_meta *meta, size_t n_meta)
{
	uint64_t at = 0;
	int fail = syc_buf_puts(b, "{\"__metadata__\":{");

	for (size_t i = 0; i < n_meta; i++) {
		fail |= syc_buf_puts(b, i ? "," : "");
		fail |= syc_buf_json(b, meta[i].key, strlen(meta[i].key));
		fail |= syc_buf_puts(b, ":");
		fail |= syc_buf_json(b, meta[i].value, strlen(meta[i].value));
	}
	fail |= syc_buf_puts(b, "}");
	for (size_t i = 0; i < n; i++) {
		fail |= syc_buf_puts(b, ",");
		fail |= syc_buf_json(b, t[i].name, strlen(t[i].name));
		fail |= syc_buf_puts(b, ":{\"dtype\":\"F32\",\"shape\":[");
		for (uint32_t d = t[i].n_dims; d-- > 0; )
			fail |= syc_buf_printf(b, "%" PRIu64 "%s", t[i].ne[d],
					       d ? "," : "");
		fail |= syc_buf_printf(b,
				       "],\"data_offsets\":[%" PRIu64
				       ",%" PRIu64 "]}",
				       at, at + t[i].bytes);
		at += t[i].bytes;
	}
	fail |= syc_buf_puts(b, "}");
	while (!fail && b->len % 8)
		fail = syc_buf_puts(b, " ");
	return fail;
}

int syc_safetensors_write(const struct syc_tensor *t, size_t n,
			  const struct syc_meta *meta,
			  size_t n_meta, FILE *f, const char *path,
			  struct syc_err *err)
{
	struct syc_buf b = { 0 };
	uint64_t len;
	bool good;

	if (make_header(&b, t, n, meta, n_meta) < 0) {
		syc_buf_free(&b);
		return syc_nomem(err);
	}
	len = b.len;
	good = fwrite(&len, 1, LENGTH, f) == LENGTH &&
		fwrite(b.data, 1, b.len, f) == b.len;
	for (size_t i = 0; i < n && good; i++)
		good = fwrite(t[i].data, 1, t[i].bytes, f) == t[i].bytes;
	syc_buf_free(&b);
	return good ? 0 :
		      syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}
