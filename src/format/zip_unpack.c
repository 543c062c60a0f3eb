/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/zip_file.h"

/* A member being unpacked, piece by piece. */
struct unpack {
	struct syc_zip *z;
	const struct syc_zip_entry *e;
	z_stream s;		/* for deflated members */
	uint64_t at, left;	/* packed bytes not yet read */
	uint64_t todo;		/* unpacked bytes not yet made */
};

static int bad(const struct unpack *u, const char *what, struct syc_err *err)
{
	return syc_fail(err, SYC_EFORMAT, "%s: member '%.100s' %s", u->z->path,
			u->e->name, what);
}

/* Where the data begins is known from the local header only. */
static int locate(struct unpack *u, struct syc_err *err)
{
	uint8_t h[SYC_ZIP_LOCAL];
	const struct syc_zip_entry *e = u->e;
	int ret;

	u->at = e->data;
	if (!u->at) {
		ret = syc_zip_pread(u->z, h, sizeof(h), e->offset, err);
		if (ret < 0)
			return ret;
		if (memcmp(h, "PK\3\4", 4) != 0)
			return bad(u, "is not where the directory says", err);
		u->at = e->offset + sizeof(h) + syc_get16(h + 26) +
			syc_get16(h + 28);
	}
	if (u->at > u->z->size || e->packed > u->z->size - u->at)
		return bad(u, "is cut short", err);
	return 0;
}

static const char *method_name(unsigned method)
{
	static const struct { unsigned method; const char *name; } names[] = {
		{ 9, "deflate64" }, { 12, "bzip2" }, { 14, "lzma" },
		{ 93, "zstd" }, { 95, "xz" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].method == method)
			return names[i].name;
	return "a method without a name here";
}

static int begin(struct unpack *u, struct syc_zip *z, size_t i,
		 struct syc_err *err)
{
	int ret;

	*u = (struct unpack){ .z = z, .e = &z->dir.e[i] };
	u->left = u->e->packed;
	u->todo = u->e->bytes;
	if (u->e->method != 0 && u->e->method != 8)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: member '%.100s' is packed by %s (%d); what "
				"is read is stored or deflated, as numpy does",
				z->path, u->e->name,
				method_name(u->e->method), u->e->method);
	ret = locate(u, err);
	if (ret < 0)
		return ret;
	if (u->e->method == 8 && inflateInit2(&u->s, -15) != Z_OK)
		return syc_nomem(err);
	return 0;
}

static void end(struct unpack *u)
{
	if (u->e->method == 8)
		inflateEnd(&u->s);
}

/* Refill z->in with what comes next; the number of bytes. */
static int refill(struct unpack *u, size_t max, size_t *n, struct syc_err *err)
{
	*n = u->left < max ? (size_t)u->left : max;
	if (syc_zip_pread(u->z, u->z->in, *n, u->at, err) < 0)
		return SYC_EIO;
	u->at += *n;
	u->left -= *n;
	return 0;
}

static int inflate_some(struct unpack *u, uint8_t *out, size_t n,
			struct syc_err *err)
{
	int ret;

	u->s.next_out = out;
	u->s.avail_out = (uInt)n;
	while (u->s.avail_out) {
		if (!u->s.avail_in && u->left) {
			size_t got;

			if (refill(u, sizeof(u->z->in), &got, err) < 0)
				return SYC_EIO;
			u->s.next_in = u->z->in;
			u->s.avail_in = (uInt)got;
		}
		ret = inflate(&u->s, Z_NO_FLUSH);
		if (ret == Z_STREAM_END && !u->s.avail_out)
			break;
		if (ret != Z_OK)
			return bad(u, "does not unpack", err);
	}
	return 0;
}

/* Make the next n <= todo bytes, n below 2^31. */
static int next(struct unpack *u, uint8_t *out, size_t n, struct syc_err *err)
{
	size_t got;

	u->todo -= n;
	if (u->e->method == 8)
		return inflate_some(u, out, n, err);
	while (n) {
		size_t max = n < sizeof(u->z->in) ? n : sizeof(u->z->in);

		if (refill(u, max, &got, err) < 0)
			return SYC_EIO;
		memcpy(out, u->z->in, got);
		out += got;
		n -= got;
	}
	return 0;
}

int syc_zip_peek(struct syc_zip *z, size_t i, void *out, size_t n, size_t *got,
		 struct syc_err *err)
{
	struct unpack u;
	int ret = begin(&u, z, i, err);

	*got = 0;
	if (ret < 0)
		return ret;
	if (n > u.todo)
		n = (size_t)u.todo;
	ret = next(&u, out, n, err);
	end(&u);
	if (ret == 0)
		*got = n;
	return ret;
}

/* All of it, into out[bytes] or, when out is NULL, to nowhere. */
static int unpack_all(struct syc_zip *z, size_t i, uint8_t *out,
		      struct syc_err *err)
{
	enum { STEP = 32 << 10 };
	uint8_t scrap[STEP];
	struct unpack u;
	uLong crc = crc32(0, NULL, 0);
	int ret = begin(&u, z, i, err);

	if (ret < 0)
		return ret;
	while (u.todo && ret == 0) {
		size_t n = u.todo < STEP ? (size_t)u.todo : STEP;
		uint8_t *to = out ? out : scrap;

		ret = next(&u, to, n, err);
		if (ret == 0)
			crc = crc32(crc, to, (uInt)n);
		out = out ? out + n : NULL;
	}
	if (ret == 0 && crc != u.e->crc)
		ret = bad(&u, "has a wrong checksum", err);
	end(&u);
	return ret;
}

int syc_zip_read(struct syc_zip *z, size_t i, void *out, struct syc_err *err)
{
	return unpack_all(z, i, out, err);
}

int syc_zip_verify(struct syc_zip *z, size_t i, struct syc_err *err)
{
	return unpack_all(z, i, NULL, err);
}

/* Room for member i and a byte more, unless it is more than its file is worth. */
static int make_room(uint8_t **out, const struct syc_zip *z, size_t i, struct syc_err *err)
{
	const struct syc_zip_entry *e = &z->dir.e[i];

	*out = NULL;
	if (e->bytes > syc_zip_cost(z))
		return syc_fail(err, SYC_EFORMAT,
				"%s: member '%.100s' would be %" PRIu64
				" bytes, too much of a file of %" PRIu64,
				z->path, e->name, e->bytes, z->size);
	*out = malloc((size_t)e->bytes + 1);
	if (!*out)
		return syc_nomem(err);
	(*out)[e->bytes] = 0;
	return 0;
}

static bool is_array(const struct syc_zip_entry *e)
{
	const size_t n = strlen(e->name);

	return n > 4 && strcmp(e->name + n - 4, ".npy") == 0;
}

/* The header of an array that is one string of bytes. */
static int text_head(struct syc_zip *z, size_t i, struct syc_npy *h, struct syc_err *err)
{
	int ret = syc_npz_head(z, i, h, err);

	if (ret == 0 && (h->kind != 'S' || h->n_dims))
		ret = syc_fail(err, SYC_EFORMAT, "%s: member '%.100s' is not a text",
			       z->path, z->dir.e[i].name);
	return ret;
}

int syc_zip_text(struct syc_zip *z, size_t i, size_t max, char **out,
		 struct syc_err *err)
{
	const struct syc_zip_entry *e = &z->dir.e[i];
	struct syc_npy h = { 0 };
	uint8_t *text;
	int ret = is_array(e) ? text_head(z, i, &h, err) : 0;

	*out = NULL;
	if (ret < 0)
		return ret;
	if (e->bytes - h.head > max)
		return syc_fail(err, SYC_EFORMAT,
				"%s: member '%.100s' has %" PRIu64
				" bytes (at most %zu)",
				z->path, e->name, e->bytes - h.head, max);
	ret = make_room(&text, z, i, err);
	if (ret == 0)
		ret = syc_zip_read(z, i, text, err);
	if (ret < 0) {
		free(text);
		return ret;
	}
	memmove(text, text + h.head, (size_t)e->bytes - h.head + 1);
	*out = (char *)text;
	return 0;
}

int syc_npz_head(struct syc_zip *z, size_t i, struct syc_npy *h,
		 struct syc_err *err)
{
	const struct syc_zip_entry *e = &z->dir.e[i];
	uint8_t *head = malloc(SYC_NPY_HEAD_MAX);
	struct syc_buf where = { 0 };
	size_t got;
	int ret;

	ret = head && syc_buf_printf(&where, "%s: %.100s", z->path, e->name) == 0 ?
		syc_zip_peek(z, i, head, SYC_NPY_HEAD_MAX, &got, err) :
		syc_nomem(err);
	if (ret == 0)
		ret = syc_npy_parse(h, head, got, where.data, err);
	if (ret == 0 && (h->head > e->bytes || h->bytes != e->bytes - h->head))
		ret = syc_fail(err, SYC_EFORMAT,
			       "%s: shape needs %" PRIu64
			       " bytes, member has %" PRIu64,
			       where.data, h->bytes, e->bytes - h->head);
	free(head);
	syc_buf_free(&where);
	return ret;
}

int syc_npz_read(struct syc_zip *z, size_t i, struct syc_npy *h, uint8_t **data,
		 struct syc_err *err)
{
	const struct syc_zip_entry *e = &z->dir.e[i];
	int ret = syc_npz_head(z, i, h, err);

	*data = NULL;
	if (ret < 0)
		return ret;
	if (h->fortran && h->n_dims > 1)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: %.100s: is in Fortran order; save "
				"numpy.ascontiguousarray() of it",
				z->path, e->name);
	ret = make_room(data, z, i, err);
	if (ret == 0)
		ret = syc_zip_read(z, i, *data, err);
	if (ret < 0) {
		free(*data);
		*data = NULL;
	}
	return ret;
}
