/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/tensor.h"
#include "rec/acts_out.h"

static int os_error(const char *path, struct syc_err *err)
{
	return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}

int acts_out_new(struct syc_acts_out **out, const char *path,
		 struct syc_output *file, const struct acts_desc *d,
		 struct syc_err *err)
{
	struct syc_acts_out *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (!w) {
		syc_output_keep(file);
		return syc_nomem(err);
	}
	w->file = *file;
	w->fd = fileno(file->f);
	w->path = strdup(path);
	w->id_len = syc_calloc(d->o.chunk_rows, sizeof(*w->id_len));
	if (!w->path || !w->id_len) {
		acts_out_free(w);
		return syc_nomem(err);
	}
	w->file.path = file->path ? w->path : NULL;
	if (acts_desc_copy(&w->d, &d->o, err) < 0) {
		acts_out_free(w);
		return SYC_ENOMEM;
	}
	*out = w;
	return 0;
}

void acts_out_free(struct syc_acts_out *w)
{
	if (!w)
		return;
	syc_output_keep(&w->file);
	for (unsigned k = 0; k < ACTS_KINDS; k++)
		syc_buf_free(&w->part[k]);
	syc_buf_free(&w->out);
	syc_zip_dir_free(&w->dir);
	acts_desc_free(&w->d);
	free(w->id_len);
	free(w->path);
	free(w);
}

int acts_out_write(struct syc_acts_out *w, struct syc_err *err)
{
	const char *p = w->out.data;
	size_t left = w->out.len;

	if (w->cut && (ftruncate(w->fd, (off_t)w->at) < 0 ||
		       lseek(w->fd, (off_t)w->at, SEEK_SET) < 0))
		return os_error(w->path, err);
	w->cut = false;
	while (left) {
		ssize_t n = write(w->fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			os_error(w->path, err);
			/* Leave whole members only; no harm if it fails. */
			if (ftruncate(w->fd, (off_t)w->at) == 0)
				lseek(w->fd, (off_t)w->at, SEEK_SET);
			return SYC_EIO;
		}
		p += n;
		left -= (size_t)n;
	}
	w->at += w->out.len;
	w->out.len = 0;
	return 0;
}

int acts_out_begin(struct syc_acts_out *w, struct syc_err *err)
{
	if (acts_desc_pack(&w->out, &w->dir, &w->d) < 0)
		return syc_nomem(err);
	return acts_out_write(w, err);
}

int syc_acts_create(struct syc_acts_out **out, const char *path,
		    const struct syc_acts_opts *o, struct syc_err *err)
{
	struct syc_output file;
	struct acts_desc d;
	int ret = acts_desc_copy(&d, o, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	syc_output_begin(&file, path, o->leftover);
	ret = syc_acts_check(path, o->leftover, err);
	if (ret == 0)
		ret = syc_output_open(&file, err);
	if (ret == 0)
		ret = acts_out_new(out, path, &file, &d, err);
	if (ret == 0)
		ret = acts_out_begin(*out, err);
	acts_desc_free(&d);
	if (ret < 0) {
		syc_acts_abandon(*out);
		*out = NULL;
	}
	return ret;
}

/* Room for n more bytes at the end of part k, behind its header. */
static char *more(struct syc_acts_out *w, unsigned k, size_t n)
{
	struct syc_buf *b = &w->part[k];
	size_t need;

	if (k != ACTS_ID && !b->len)
		b->len = SYC_NPY_HEAD;
	if (!syc_add(&need, b->len, n) || !syc_add(&need, need, 1) ||
	    !syc_grow(&b->data, &b->cap, need, 1))
		return NULL;
	b->len += n;
	return b->data + b->len - n;
}

/* Convert n values, one layer's after another's, to the file's type. */
static int convert(struct syc_acts_out *w, char *out, const float *x, size_t n,
		   unsigned kind, const char *id, struct syc_err *err)
{
	const struct syc_acts_opts *o = &w->d.o;

	if (o->dtype == SYC_DTYPE_F32) {
		memcpy(out, x, n * sizeof(*x));
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		uint16_t h = syc_f32_to_f16(x[i]);

		if ((h & 0x7fff) == 0x7c00 && isfinite(x[i]))
			return syc_fail(err, SYC_EINVAL,
				"%s: row '%.60s': %g at layer %" PRIu32
				" (%s) is beyond float16; use --dtype f32",
				w->path, id, (double)x[i],
				o->layers[i / o->dim % o->n_layers],
				acts_kind_name(kind));
		memcpy(out + 2 * i, &h, sizeof(h));
	}
	return 0;
}

/* Add n_vec * layers * dim values to a part; NaN for no x. */
static int add_values(struct syc_acts_out *w, unsigned kind, const float *x,
		      size_t n_vec, const char *id, struct syc_err *err)
{
	const struct syc_acts_opts *o = &w->d.o;
	static const uint16_t nan16 = 0x7e00;
	static const uint32_t nan32 = 0x7fc00000;
	const void *nan = o->dtype == SYC_DTYPE_F16 ? (const void *)&nan16 :
						      &nan32;
	size_t n, bytes, item = acts_item(o->dtype);
	char *p;

	if (!syc_mul(&n, n_vec, o->n_layers * o->dim) ||
	    !syc_mul(&bytes, n, item))
		return syc_nomem(err);
	p = more(w, kind, bytes);
	if (!p)
		return syc_nomem(err);
	if (x)
		return convert(w, p, x, n, kind, id, err);
	for (size_t i = 0; i < n; i++)
		memcpy(p + i * item, nan, item);
	return 0;
}

static int add_plain(struct syc_acts_out *w, unsigned kind, const void *data,
		     size_t bytes, struct syc_err *err)
{
	char *p = more(w, kind, bytes);

	if (!p)
		return syc_nomem(err);
	if (bytes)
		memcpy(p, data, bytes);
	return 0;
}

static int add_all(struct syc_acts_out *w, const struct syc_acts_row *row,
		   struct syc_err *err)
{
	int64_t offset = (int64_t)w->n_tokens;
	int ret;

	if (row->n_tokens && (!row->all || !row->tokens))
		return syc_fail(err, SYC_EINVAL,
			"%s: row '%.60s' has %zu tokens but not their activations",
			w->path, row->id, row->n_tokens);
	ret = add_values(w, ACTS_ALL,
			 row->n_tokens ? row->all : (const float[]){ 0 },
			 row->n_tokens, row->id, err);
	if (ret == 0)
		ret = add_plain(w, ACTS_ALL_OFFSET, &offset, sizeof(offset),
				err);
	if (ret == 0)
		ret = add_plain(w, ACTS_ALL_TOKEN, row->tokens,
				row->n_tokens * sizeof(int32_t), err);
	return ret;
}

static int add_row(struct syc_acts_out *w, const struct syc_acts_row *row,
		   struct syc_err *err)
{
	unsigned positions = w->d.o.positions;
	int8_t answer = (int8_t)row->answer;
	int ret = 0;

	for (unsigned s = 0; s < SYC_POSITION_ALL && ret == 0; s++)
		if (positions >> s & 1)
			ret = add_values(w, s, row->position[s], 1, row->id,
					 err);
	if (ret == 0 && positions >> SYC_POSITION_ALL & 1)
		ret = add_all(w, row, err);
	if (ret == 0)
		ret = add_plain(w, ACTS_SAMPLE, &row->sample,
				sizeof(row->sample), err);
	if (ret == 0)
		ret = add_plain(w, ACTS_ANSWER, &answer, sizeof(answer), err);
	if (ret == 0 && acts_id_pack(&w->part[ACTS_ID], row->id) < 0)
		ret = syc_nomem(err);
	return ret;
}

/* The ids, of any length, as an array of the longest's width. */
static int pack_ids(struct syc_acts_out *w, struct syc_buf *b)
{
	const uint64_t n = w->n;
	size_t width = 1;
	const char *from = w->part[ACTS_ID].data;
	char descr[32], *p;

	for (size_t i = 0; i < w->n; i++)
		if (w->id_len[i] > width)
			width = w->id_len[i];
	if (!syc_grow(&b->data, &b->cap, SYC_NPY_HEAD + w->n * width * 4, 1))
		return SYC_ENOMEM;
	b->len = SYC_NPY_HEAD + w->n * width * 4;
	memset(b->data, 0, b->len);
	snprintf(descr, sizeof(descr), "<U%zu", width);
	syc_npy_head(b->data, descr, &n, 1);
	p = b->data + SYC_NPY_HEAD;
	for (size_t i = 0; i < w->n; i++, p += width * 4) {
		if (!w->id_len[i])
			continue;
		memcpy(p, from, w->id_len[i] * 4);
		from += w->id_len[i] * 4;
	}
	return 0;
}

/* Fill in the header of a part, now that its length is known. */
static void head_of(struct syc_acts_out *w, unsigned kind)
{
	const struct syc_acts_opts *o = &w->d.o;
	static const char *const descr[ACTS_KINDS] = {
		[ACTS_ALL_OFFSET] = "<i8", [ACTS_ALL_TOKEN] = "<i4",
		[ACTS_SAMPLE] = "<i4", [ACTS_ANSWER] = "|i1",
	};
	uint64_t shape[3] = { w->n, o->n_layers, o->dim };

	if (kind == ACTS_ALL || kind == ACTS_ALL_TOKEN)
		shape[0] = w->n_tokens;
	else if (kind == ACTS_ALL_OFFSET)
		shape[0] = w->n + 1;
	if (kind <= ACTS_ALL)
		syc_npy_head(w->part[kind].data,
			o->dtype == SYC_DTYPE_F16 ? "<f2" : "<f4", shape, 3);
	else
		syc_npy_head(w->part[kind].data, descr[kind], shape, 1);
}

static int pack_part(struct syc_acts_out *w, unsigned kind)
{
	struct syc_buf ids = { 0 }, *b = &w->part[kind];
	char name[64];
	int ret = 0;

	snprintf(name, sizeof(name), "%s/%06zu.npy", acts_kind_name(kind),
		 w->n_chunks);
	if (kind == ACTS_ID) {
		ret = pack_ids(w, &ids);
		b = &ids;
	} else {
		head_of(w, kind);
	}
	if (ret == 0)
		ret = syc_zip_pack(&w->out, &w->dir, w->at, name, b->data,
				   b->len);
	syc_buf_free(&ids);
	return ret;
}

/* Write the chunk in hand in one piece. */
static int flush_chunk(struct syc_acts_out *w, struct syc_err *err)
{
	unsigned positions = w->d.o.positions;
	size_t n_members = w->dir.n;
	int64_t end = (int64_t)w->n_tokens;
	int ret = 0;

	if (positions >> SYC_POSITION_ALL & 1)
		ret = add_plain(w, ACTS_ALL_OFFSET, &end, sizeof(end), err);
	for (unsigned k = 0; k < ACTS_KINDS && ret == 0; k++)
		if (acts_kind_present(k, positions) && pack_part(w, k) < 0)
			ret = syc_nomem(err);
	if (ret == 0)
		ret = acts_out_write(w, err);
	if (ret < 0) {
		syc_zip_dir_cut(&w->dir, n_members);
		w->out.len = 0;
	} else {
		w->n_chunks++;
		w->saved += w->n;
	}
	for (unsigned k = 0; k < ACTS_KINDS; k++)
		w->part[k].len = 0;
	w->n = w->n_tokens = 0;
	return ret;
}

/* Activations in hand; acts_resume.c must count in the same way. */
static uint64_t chunk_bytes(const struct syc_acts_out *w)
{
	uint64_t sum = 0;

	for (unsigned k = 0; k <= ACTS_ALL; k++)
		if (w->part[k].len)
			sum += w->part[k].len - SYC_NPY_HEAD;
	return sum;
}

int syc_acts_add(struct syc_acts_out *w, const struct syc_acts_row *row,
		 struct syc_err *err)
{
	size_t before[ACTS_KINDS];
	int ret;

	if (strlen(row->id) > ACTS_MAX_ID)
		return syc_fail(err, SYC_EINVAL,
				"%s: row id '%.40s...' is longer than %d bytes",
				w->path, row->id, ACTS_MAX_ID);
	for (unsigned k = 0; k < ACTS_KINDS; k++)
		before[k] = w->part[k].len;
	ret = add_row(w, row, err);
	if (ret < 0) {
		for (unsigned k = 0; k < ACTS_KINDS; k++)
			w->part[k].len = before[k];
		return ret;
	}
	w->id_len[w->n++] = (w->part[ACTS_ID].len - before[ACTS_ID]) / 4;
	w->n_tokens += w->d.o.positions >> SYC_POSITION_ALL & 1 ? row->n_tokens : 0;
	if (w->n == w->d.o.chunk_rows || chunk_bytes(w) >= ACTS_CHUNK_BYTES)
		return flush_chunk(w, err);
	return 0;
}

uint64_t syc_acts_saved(const struct syc_acts_out *w)
{
	return w->saved;
}

int acts_out_end(struct syc_acts_out *w, struct syc_err *err)
{
	int ret;

	if (syc_zip_pack_end(&w->out, &w->dir, w->at) < 0)
		return syc_nomem(err);
	ret = acts_out_write(w, err);
	return ret < 0 ? ret : syc_output_sync(&w->file, err);
}

int syc_acts_seal(struct syc_acts_out *w, struct syc_err *err)
{
	int ret = w->n ? flush_chunk(w, err) : 0;

	if (ret == 0)
		ret = acts_out_end(w, err);
	w->sealed = ret == 0;
	return ret;
}

int syc_acts_finish(struct syc_acts_out *w, struct syc_err *err)
{
	int ret = w->sealed ? 0 : syc_acts_seal(w, err);

	if (ret == 0)
		ret = syc_output_finish(&w->file, err);
	if (ret == 0)
		acts_out_free(w);
	else
		syc_acts_abandon(w);
	return ret;
}

void syc_acts_abandon(struct syc_acts_out *w)
{
	if (w && !w->saved && !w->cut)
		syc_output_drop(&w->file);
	acts_out_free(w);
}
