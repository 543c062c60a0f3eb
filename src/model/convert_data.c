/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/convert.h"
#include "model/rope.h"

/*
 * A tensor is cut into parts of about PART values (whole rows where rows
 * change places or get something added), a batch of which is worked on by all threads and then
 * written.
 */
enum { PART = 1 << 16, BATCH = 32 };

struct work {
	const struct syc_convert_item *item;
	const struct syc_kern *kern;
	uint64_t n;		/* values of the tensor */
	/* values that stay together: a row, or all of a part */
	size_t run;
	size_t part;		/* values of a part, a multiple of run */
	uint64_t first;		/* the batch's first value */
	float *x;		/* [threads][run] */
	uint8_t *out;		/* [BATCH][bytes of a part] */
	atomic_int bad;
};

/* Bytes of n values, a multiple of the block. */
static size_t bytes_of(uint32_t type, size_t n)
{
	return n / syc_type_block(type) * syc_type_bytes(type);
}

static bool all_finite(const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

/* Add what adapters say of that row of `to`, as syc_matrix_rows() does. */
static void add_low_rank(const struct work *w, float *x, size_t row)
{
	const struct syc_low_rank *add = w->item->add;
	const size_t rows = (size_t)w->item->to.ne[1];

	if (w->item->halves)
		row = syc_rope_row_of_halves(row, w->item->halves);
	for (size_t k = 0; k < add->rank; k++)
		w->kern->axpy(x, add->b[k * rows + row], add->a + k * w->run,
			      w->run);
}

/* n values, decoded to x and stored at `at`; those that have their type are copied. */
static int put_values(const struct work *w, uint8_t *out, float *x,
		      uint64_t at, uint64_t from, size_t n)
{
	const struct syc_tensor *t = w->item->from;
	const uint8_t *in = t->data + bytes_of(t->type, (size_t)from);

	syc_type_decode(x, t->type, in, n);
	if (w->item->add)
		add_low_rank(w, x, (size_t)(at / w->run));
	if (w->item->add || t->type != w->item->to.type)
		return syc_type_encode(out, w->item->to.type, x, n);
	memcpy(out, in, bytes_of(t->type, n));
	return all_finite(x, n) ? SYC_ENCODE_GOOD : SYC_ENCODE_NAN;
}

/* Where the values come from that go to `at`, the first of a run. */
static uint64_t source(const struct work *w, uint64_t at)
{
	if (!w->item->head_dim)
		return at;
	return syc_rope_row((size_t)(at / w->run),
			    w->item->head_dim) * (uint64_t)w->run;
}

static void do_part(void *arg, size_t i, unsigned thread)
{
	struct work *w = arg;
	uint64_t at = w->first + i * (uint64_t)w->part;
	size_t n = at + w->part <= w->n ? w->part : (size_t)(w->n - at), len;
	uint8_t *out = w->out + i * bytes_of(w->item->to.type, w->part);
	int bad = SYC_ENCODE_GOOD;

	for (size_t k = 0; k < n && !bad; k += len) {
		len = n - k < w->run ? n - k : w->run;
		bad = put_values(w, out + bytes_of(w->item->to.type, k),
				 w->x + thread * w->run, at + k,
				 source(w, at + k), len);
	}
	if (bad)
		atomic_store(&w->bad, bad);
}

static int write_all(struct work *w, struct syc_par *par, FILE *f,
		     const char *to, const struct syc_convert_progress *p,
		     struct syc_err *err)
{
	static const char zero[SYC_GGUF_ALIGN];
	const struct syc_tensor *t = &w->item->to;
	size_t pad = syc_round_up(t->bytes, SYC_GGUF_ALIGN) - t->bytes;
	bool good = true;

	while (w->first < w->n && good) {
		uint64_t left = w->n - w->first;
		size_t n = left < BATCH * w->part ? (size_t)left :
						    BATCH * w->part;
		size_t bytes = bytes_of(t->type, n);

		syc_par_run(par, (n + w->part - 1) / w->part, do_part, w);
		if (atomic_load(&w->bad))
			return 0;
		good = fwrite(w->out, 1, bytes, f) == bytes;
		w->first += n;
		if (p->fn)
			p->fn(p->arg, p->done + w->first, p->total);
	}
	good = good && fwrite(zero, 1, pad, f) == pad;
	return good ? 0 : syc_fail(err, SYC_EIO, "%s: %s", to, strerror(errno));
}

int syc_convert_write(const struct syc_convert *c,
		      const struct syc_convert_item *item, struct syc_par *par,
		      FILE *f, const char *to,
		      const struct syc_convert_progress *p, struct syc_err *err)
{
	struct work w = {
		.item = item,
		.kern = &c->kern,
		.n = syc_tensor_values(&item->to),
		.run = PART,
		.part = PART,
	};
	size_t parts;
	int ret;

	if (item->head_dim || item->add) {
		w.run = item->to.n_dims > 1 ? (size_t)item->to.ne[0] : 1;
		w.part = w.run < PART ? PART / w.run * w.run : w.run;
	}
	/* Most tensors are small. */
	if (w.n < w.part)
		w.part = (size_t)w.n;
	if (w.part < w.run)
		w.run = w.part;
	w.x = syc_calloc(syc_par_threads(par) * w.run, sizeof(*w.x));
	parts = w.n / w.part + 1 < BATCH ? (size_t)(w.n / w.part) + 1 : BATCH;
	w.out = syc_calloc(parts, bytes_of(item->to.type, w.part));
	ret = w.x && w.out ? write_all(&w, par, f, to, p, err) : syc_nomem(err);
	free(w.x);
	free(w.out);
	if (item->from != &c->made)
		syc_map_forget(item->from->data, item->from->bytes);
	if (ret < 0 || !atomic_load(&w.bad))
		return ret;
	return syc_fail(err, SYC_EFORMAT, "%s: tensor '%s' has %s", c->path,
			item->from->name, atomic_load(&w.bad) == SYC_ENCODE_NAN ?
			"NaN or infinite values" : "values too large for float16");
}
