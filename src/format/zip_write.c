/* SPDX-License-Identifier: MIT */
/*
 * Local header (30 bytes): "PK\3\4", version, flags, method, time, date, crc,
 * packed, bytes, name length, extra length; then name, extra, data.
 * Directory entry (46): "PK\1\2", made by, version, flags, method, time, date,
 * crc, packed, bytes, three lengths, disk, attributes (2 + 4), local offset.
 * End (22): "PK\5\6", disks, counts, directory size and offset, comment.
 * A 32-bit field that is too small holds all ones, and its value goes to an
 * extra field (id 1) or to the zip64 end record.
 *
 * A member that deflate would shrink by less than a fifth is stored instead, at
 * a multiple of 64 bytes, so that its array can be mapped where it lies.  What
 * fills the gap is an extra field of the local header, of the id that Android's
 * zipalign took for this: the alignment (16 bits), then zeros.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/mem.h"
#include "format/zip.h"

enum {
	LEVEL = 1,		/* float noise: more effort saves nothing */
	NEEDS = 20, NEEDS64 = 45,
	DATE = 1 << 5 | 1,	/* 1980-01-01 */
	LOCAL = 30, EXTRA = 20,
	ALIGN = 64, ALIGN_ID = 0xd935, ALIGN_LEAST = 6,
	STORED = 0, DEFLATED = 8,
};

static const uint32_t full32 = 0xffffffff;

static void put16(struct syc_buf *b, uint64_t v)
{
	const char s[2] = { (char)v, (char)(v >> 8) };

	syc_buf_add(b, s, 2);
}

static void put32(struct syc_buf *b, uint64_t v)
{
	put16(b, v);
	put16(b, v >> 16);
}

static void put64(struct syc_buf *b, uint64_t v)
{
	put32(b, v);
	put32(b, v >> 32);
}

static uint64_t low32(uint64_t v)
{
	return v < full32 ? v : full32;
}

void syc_zip_dir_cut(struct syc_zip_dir *d, size_t n)
{
	while (d->n > n)
		free(d->e[--d->n].name);
}

void syc_zip_dir_free(struct syc_zip_dir *d)
{
	syc_zip_dir_cut(d, 0);
	free(d->e);
	*d = (struct syc_zip_dir){ 0 };
}

int syc_zip_dir_add(struct syc_zip_dir *d, const struct syc_zip_entry *e)
{
	char *name = strdup(e->name);

	if (!name || !syc_grow(&d->e, &d->cap, d->n + 1, sizeof(*d->e))) {
		free(name);
		return SYC_ENOMEM;
	}
	d->e[d->n] = *e;
	d->e[d->n++].name = name;
	return 0;
}

/* The next piece of input or output as zlib's 32-bit counts want it. */
static uInt piece(size_t n)
{
	return n < 1 << 30 ? (uInt)n : 1 << 30;
}

/*
 * Deflate data onto the end of out.  1 when that would save less than a fifth,
 * and out->len says nothing.
 */
static int deflate_into(struct syc_buf *out, const uint8_t *data, size_t n)
{
	const size_t start = out->len, most = n - n / 5;
	z_stream z = { 0 };
	size_t left = n;
	int ret;

	/* Raw, as zip wants it; the other values are zlib's defaults. */
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return SYC_ENOMEM;
	z.next_in = (Bytef *)data;
	do {
		uInt in = piece(left), room;

		if (!syc_grow(&out->data, &out->cap, out->len + 4096, 1)) {
			deflateEnd(&z);
			return SYC_ENOMEM;
		}
		room = piece(out->cap - out->len - 1);
		z.avail_in = in;
		z.next_out = (Bytef *)out->data + out->len;
		z.avail_out = room;
		ret = deflate(&z, left == in ? Z_FINISH : Z_NO_FLUSH);
		left -= in - z.avail_in;
		out->len += room - z.avail_out;
	} while (ret != Z_STREAM_END && out->len - start <= most);
	deflateEnd(&z);
	out->data[out->len] = 0;
	return out->len - start > most;
}

static uint32_t crc_of(const uint8_t *data, size_t n)
{
	uLong crc = crc32(0, NULL, 0);

	while (n) {
		uInt part = piece(n);

		crc = crc32(crc, data, part);
		data += part;
		n -= part;
	}
	return (uint32_t)crc;
}

/*
 * Sizes go to the extra field when they might not fit: decided before the
 * packed size is known, by how much deflate can grow at worst.
 */
static bool needs_extra(uint64_t bytes)
{
	return bytes + bytes / 1000 + 1024 >= full32;
}

/* What headers of both kinds have, from the flags to the extra field's length. */
static void put_fields(struct syc_buf *b, const struct syc_zip_entry *e,
		       uint64_t packed, uint64_t bytes, unsigned extra)
{
	put16(b, 0);
	put16(b, e->method);
	put16(b, 0);
	put16(b, DATE);
	put32(b, e->crc);
	put32(b, packed);
	put32(b, bytes);
	put16(b, strlen(e->name));
	put16(b, extra);
}

/* Bytes of the local header's extra field that align what is stored. */
static size_t gap(const struct syc_zip_entry *e)
{
	uint64_t at = e->offset + LOCAL + strlen(e->name) +
		      (needs_extra(e->bytes) ? EXTRA : 0) + ALIGN_LEAST;

	return e->method == STORED ? ALIGN_LEAST + (ALIGN - at % ALIGN) % ALIGN : 0;
}

static void put_local(struct syc_buf *b, const struct syc_zip_entry *e)
{
	static const char zeros[ALIGN];
	const bool extra = needs_extra(e->bytes);
	const size_t fill = gap(e);

	syc_buf_add(b, "PK\3\4", 4);
	put16(b, extra ? NEEDS64 : NEEDS);
	put_fields(b, e, extra ? full32 : e->packed, extra ? full32 : e->bytes,
		   (extra ? EXTRA : 0) + (unsigned)fill);
	syc_buf_puts(b, e->name);
	if (extra) {
		put16(b, 1);
		put16(b, EXTRA - 4);
		put64(b, e->bytes);
		put64(b, e->packed);
	}
	if (fill) {
		put16(b, ALIGN_ID);
		put16(b, fill - 4);
		put16(b, ALIGN);
		syc_buf_add(b, zeros, fill - ALIGN_LEAST);
	}
}

/* Append a header and data, by e's method; 1 when deflating is not worth it. */
static int put_member(struct syc_buf *out, struct syc_zip_entry *e,
		      const void *data)
{
	const size_t start = out->len;
	struct syc_buf local = { 0 };
	int ret;

	/* The header's place is left free until the sizes are known. */
	put_local(&local, e);
	ret = local.failed ? SYC_ENOMEM : syc_buf_add(out, local.data, local.len);
	if (ret == 0)
		ret = e->method == STORED ? syc_buf_add(out, data, e->bytes) :
					    deflate_into(out, data, e->bytes);
	if (ret == 0) {
		const size_t head = local.len;

		e->data = e->offset + head;
		e->packed = out->len - start - head;
		local.len = 0;
		put_local(&local, e);
		memcpy(out->data + start, local.data, head);
	} else {
		out->len = start;
	}
	syc_buf_free(&local);
	return ret;
}

int syc_zip_pack(struct syc_buf *out, struct syc_zip_dir *dir, uint64_t at,
		 const char *name, const void *data, size_t n)
{
	const size_t start = out->len;
	struct syc_zip_entry e = {
		.name = (char *)name, .offset = at + start, .bytes = n,
		.method = DEFLATED, .crc = crc_of(data, n),
	};
	int ret = put_member(out, &e, data);

	if (ret > 0) {
		e.method = STORED;
		ret = put_member(out, &e, data);
	}
	if (ret == 0)
		ret = syc_zip_dir_add(dir, &e);
	if (ret < 0)
		out->len = start;
	return ret < 0 ? SYC_ENOMEM : 0;
}

int syc_zip_pack_text(struct syc_buf *out, struct syc_zip_dir *dir, uint64_t at,
		      const char *name, const char *text)
{
	const size_t n = strlen(text);
	struct syc_buf array = { 0 }, npy = { 0 };
	char head[SYC_NPY_HEAD], descr[32];
	int ret = SYC_ENOMEM;

	snprintf(descr, sizeof(descr), "|S%zu", n);
	syc_npy_head(head, descr, NULL, 0);
	syc_buf_add(&array, head, sizeof(head));
	syc_buf_add(&array, text, n);
	syc_buf_printf(&npy, "%s.npy", name);
	if (!array.failed && !npy.failed)
		ret = syc_zip_pack(out, dir, at, npy.data, array.data, array.len);
	syc_buf_free(&array);
	syc_buf_free(&npy);
	return ret;
}

static void put_entry(struct syc_buf *b, const struct syc_zip_entry *e)
{
	bool big_n = e->bytes >= full32, big_p = e->packed >= full32;
	bool big_o = e->offset >= full32;
	unsigned extra = 8u * (big_n + big_p + big_o);

	syc_buf_add(b, "PK\1\2", 4);
	put16(b, extra ? NEEDS64 : NEEDS);
	put16(b, extra ? NEEDS64 : NEEDS);
	put_fields(b, e, low32(e->packed), low32(e->bytes),
		   extra ? extra + 4 : 0);
	put64(b, 0);		/* comment, disk, attributes ... */
	put16(b, 0);		/* ... 2 + 2 + 2 + 4 bytes */
	put32(b, low32(e->offset));
	syc_buf_puts(b, e->name);
	if (!extra)
		return;
	put16(b, 1);
	put16(b, extra);
	if (big_n)
		put64(b, e->bytes);
	if (big_p)
		put64(b, e->packed);
	if (big_o)
		put64(b, e->offset);
}

/* The zip64 end record and the pointer to it. */
static void put_end64(struct syc_buf *b, uint64_t n, uint64_t bytes,
		      uint64_t offset)
{
	syc_buf_add(b, "PK\6\6", 4);
	put64(b, 44);		/* bytes of the record that follow */
	put16(b, NEEDS64);
	put16(b, NEEDS64);
	put64(b, 0);		/* both disk numbers */
	put64(b, n);
	put64(b, n);
	put64(b, bytes);
	put64(b, offset);
	syc_buf_add(b, "PK\6\7", 4);
	put32(b, 0);
	put64(b, offset + bytes);
	put32(b, 1);		/* disks */
}

int syc_zip_pack_end(struct syc_buf *out, const struct syc_zip_dir *dir,
		     uint64_t at)
{
	size_t start = out->len, want = start, bytes;
	uint64_t offset = at + start, n16 = dir->n < 0xffff ? dir->n : 0xffff;

	/* With the room made first, none of the puts can fail. */
	for (size_t i = 0; i < dir->n; i++)
		want += 46 + 28 + strlen(dir->e[i].name);
	if (!syc_grow(&out->data, &out->cap, want + 128, 1))
		return SYC_ENOMEM;
	for (size_t i = 0; i < dir->n; i++)
		put_entry(out, &dir->e[i]);
	bytes = out->len - start;
	if (n16 == 0xffff || bytes >= full32 || offset >= full32)
		put_end64(out, dir->n, bytes, offset);
	syc_buf_add(out, "PK\5\6", 4);
	put32(out, 0);
	put16(out, n16);
	put16(out, n16);
	put32(out, low32(bytes));
	put32(out, low32(offset));
	put16(out, 0);
	return 0;
}
