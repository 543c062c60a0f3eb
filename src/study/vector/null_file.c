/* SPDX-License-Identifier: MIT */
/*
 * The file of null vectors is an .npz:
 *
 *     flip/000003.npy   <f4 [n][dim]: all draws of a kind at layer 3
 *     layer.npy         <i4 [n_layers]
 *     claim.npy         <u8 [n_claims], rising
 *     format.json       {"format": "syc-nulls", "version": 1, "name", "position",
 *                        "blocks": of the model, "draws": {"flip": n, ...}}
 *     provenance.json   what the vector says of itself, and the seed
 */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/zip.h"
#include "study/vector/null.h"
#include "syc/output.h"

enum { FILE_VERSION = 1 };

static const char *const names[SYC_N_NULLS] = { "random", "cov", "flip", "shuffle" };

const char *syc_null_name(unsigned kind)
{
	return kind < SYC_N_NULLS ? names[kind] : NULL;
}

/* One NAME[:N] of len bytes. */
static int parse_one(size_t n[SYC_N_NULLS], const char *s, size_t len, size_t least,
		     size_t usual, struct syc_err *err)
{
	const size_t name = strcspn(s, ":,");
	const char *number = s[0] >= '0' && s[0] <= '9' ? s :
			     s[name] == ':' ? s + name + 1 : NULL;
	unsigned kind = 0;
	char *end;
	double x = (double)usual;

	while (number != s && kind < SYC_N_NULLS &&
	       (strlen(names[kind]) != name || memcmp(names[kind], s, name) != 0))
		kind++;
	if (kind == SYC_N_NULLS)
		return syc_fail(err, SYC_EINVAL,
			"'%.*s' is none of random, cov, flip and shuffle",
			(int)len, s);
	if (number) {
		x = strtod(number, &end);
		if (end != s + len || number[0] < '0' || number[0] > '9')
			x = 0;
	}
	if (!(x >= (double)least && x <= SYC_NULL_MOST) || x != (double)(size_t)x)
		return syc_fail(err, SYC_EINVAL,
			"'%.*s' is no number of draws from %zu to %d", (int)len,
			s, least, SYC_NULL_MOST);
	if (n[kind])
		return syc_fail(err, SYC_EINVAL, "'%s' is given twice",
				names[kind]);
	n[kind] = (size_t)x;
	return 0;
}

int syc_null_parse(size_t n[SYC_N_NULLS], const char *text, size_t least, size_t usual,
		   struct syc_err *err)
{
	int ret = 0;

	memset(n, 0, SYC_N_NULLS * sizeof(*n));
	while (ret == 0) {
		const size_t len = strcspn(text, ",");

		ret = parse_one(n, text, len, least, usual, err);
		if (!text[len])
			break;
		text += len + 1;
	}
	return ret;
}

/* ---- written ------------------------------------------------------------- */

struct writer {
	struct syc_output out;
	struct syc_buf b, member;
	struct syc_zip_dir dir;
	uint64_t at;
};

/* Write out the member that w->b has, if packing it went well. */
static int put(struct writer *w, int packed, struct syc_err *err)
{
	int ret;

	if (packed < 0)
		return syc_nomem(err);
	ret = syc_output_write(&w->out, w->b.data, w->b.len, err);
	w->at += w->b.len;
	w->b.len = 0;
	return ret;
}

static int put_text(struct writer *w, const char *name, const char *text, struct syc_err *err)
{
	return put(w, syc_zip_pack_text(&w->b, &w->dir, w->at, name, text), err);
}

static int put_array(struct writer *w, const char *name, const char *descr,
		     const uint64_t *shape, unsigned n_dims, const void *data,
		     size_t bytes, struct syc_err *err)
{
	char head[SYC_NPY_HEAD];

	w->member.len = 0;
	syc_npy_head(head, descr, shape, n_dims);
	syc_buf_add(&w->member, head, sizeof(head));
	syc_buf_add(&w->member, data, bytes);
	if (w->member.failed)
		return syc_nomem(err);
	return put(w, syc_zip_pack(&w->b, &w->dir, w->at, name, w->member.data, w->member.len), err);
}

static int put_kind(struct writer *w, const struct draws *d,
		    const struct view *v, struct syc_err *err)
{
	const size_t dim = v->p->info.dim;
	const uint64_t shape[2] = { d->n, dim };
	float *x = syc_calloc(d->n, dim * sizeof(*x));
	char name[32];
	int ret = x ? draws_make(x, d, v, err) : syc_nomem(err);

	snprintf(name, sizeof(name), "%s/%06" PRIu32 ".npy", names[d->kind],
		 v->p->info.layers[v->layer]);
	if (ret == 0)
		ret = put_array(w, name, "<f4", shape, 2, x,
				d->n * dim * sizeof(*x), err);
	free(x);
	return ret;
}

static int put_layer(struct writer *w, struct draws *d,
		     const struct syc_pairs *p, size_t layer,
		     const struct syc_recipe *as_told,
		     const struct syc_null_opts *o, struct syc_err *err)
{
	struct syc_recipe r = *as_told;
	struct view v;
	int ret = view_begin(&v, p, layer, true, err);

	d->r = &r;
	if (ret == 0)
		ret = method_settle(&r, &v, err);
	for (unsigned k = 0; k < SYC_N_NULLS && ret == 0; k++) {
		d->kind = k;
		d->n = o->n[k];
		if (d->n)
			ret = put_kind(w, d, &v, err);
	}
	view_end(&v);
	return ret;
}

static int put_json(struct syc_buf *b, const char *key, const char *s)
{
	syc_buf_printf(b, ", \"%s\": ", key);
	return syc_buf_json(b, s ? s : "", s ? strlen(s) : 0);
}

static int put_texts(struct writer *w, const struct syc_vector *v,
		     const struct syc_null_opts *o, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	const char *before = "";
	int ret;

	syc_buf_printf(&b, "{\"format\": \"syc-nulls\", \"version\": %d, \"blocks\": %zu",
		       FILE_VERSION, v->n_layers);
	put_json(&b, "name", v->name);
	put_json(&b, "position", v->position);
	syc_buf_puts(&b, ", \"draws\": {");
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		if (!o->n[k])
			continue;
		syc_buf_printf(&b, "%s\"%s\": %zu", before, names[k], o->n[k]);
		before = ", ";
	}
	syc_buf_puts(&b, "}}\n");
	ret = b.failed ? syc_nomem(err) : put_text(w, "format.json", b.data, err);
	b.len = 0;
	syc_buf_printf(&b, "{\"program\": \"%s\", \"version\": \"%s\", \"seed\": %" PRIu64
		       ", \"vector\": %s}\n", o->program ? o->program : "libsyc",
		       syc_version(), o->seed,
		       v->provenance && *v->provenance ? v->provenance : "{}");
	if (ret == 0)
		ret = b.failed ? syc_nomem(err)
			       : put_text(w, "provenance.json", b.data, err);
	syc_buf_free(&b);
	return ret;
}

/* Layers, claims and texts, and the end. */
static int put_rest(struct writer *w, const struct syc_pairs *p,
		    const struct claims *c, const struct syc_vector *v,
		    const struct syc_null_opts *o, struct syc_err *err)
{
	const uint64_t n_layers = p->info.n_layers, n_claims = c->n;
	int ret = put_array(w, "layer.npy", "<i4", &n_layers, 1, p->layers,
			    p->info.n_layers * sizeof(*p->layers), err);

	if (ret == 0)
		ret = put_array(w, "claim.npy", "<u8", &n_claims, 1, c->hash,
				c->n * sizeof(*c->hash), err);
	if (ret == 0)
		ret = put_texts(w, v, o, err);
	w->b.len = 0;
	if (ret == 0 && syc_zip_pack_end(&w->b, &w->dir, w->at) < 0)
		ret = syc_nomem(err);
	return ret < 0 ? ret : syc_output_write(&w->out, w->b.data, w->b.len, err);
}

static int check_all(struct draws *d, const struct syc_null_opts *o,
		     struct syc_err *err)
{
	int ret = 0;

	for (unsigned k = 0; k < SYC_N_NULLS && ret == 0; k++) {
		d->kind = k;
		ret = o->n[k] ? draws_check(d, err) : 0;
	}
	return ret;
}

int syc_nulls_write(const char *path, const struct syc_pairs *p,
		    const struct syc_pairs *control, const struct syc_recipe *r,
		    const struct syc_vector *v, const struct syc_null_opts *o,
		    struct syc_err *err)
{
	struct writer w = { .at = 0 };
	struct claims c;
	struct draws d = { .control = control, .r = r, .v = v, .claims = &c,
			   .seed = o->seed, .threads = o->threads };
	int ret = claims_read(&c, p, err);

	syc_output_begin(&w.out, path, SYC_LEFTOVER_REPLACE);
	if (ret == 0)
		ret = check_all(&d, o, err);
	for (size_t l = 0; l < p->info.n_layers && ret == 0; l++)
		ret = put_layer(&w, &d, p, l, r, o, err);
	if (ret == 0)
		ret = put_rest(&w, p, &c, v, o, err);
	if (ret == 0)
		ret = syc_output_finish(&w.out, err);
	else
		syc_output_drop(&w.out);
	claims_free(&c);
	syc_buf_free(&w.b);
	syc_buf_free(&w.member);
	syc_zip_dir_free(&w.dir);
	return ret;
}
