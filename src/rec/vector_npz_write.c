/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/zip.h"
#include "rec/vector_file.h"

/* An array with its header, ready to be a member or a file. */
static int make_array(struct syc_buf *b, const char *descr,
		      const uint64_t *shape, unsigned n_dims, const void *data,
		      size_t bytes)
{
	char head[SYC_NPY_HEAD];

	b->len = 0;
	syc_npy_head(head, descr, shape, n_dims);
	if (syc_buf_add(b, head, sizeof(head)) < 0)
		return SYC_ENOMEM;
	return data ? syc_buf_add(b, data, bytes) : 0;
}

int vec_write_npy(const struct syc_vector *v, FILE *f, const char *path,
		  struct syc_err *err)
{
	const uint64_t shape[2] = { v->n_layers, v->dim };
	struct syc_buf b = { 0 };
	bool good;

	for (size_t l = 0; l < v->n_layers; l++)
		if (!v->has[l])
			return syc_fail(err, SYC_EINVAL,
				"%s: .npy cannot say that layer %zu has no vector; use .npz",
				path, l);
	if (make_array(&b, "<f4", shape, 2, v->v,
		       v->n_layers * v->dim * sizeof(*v->v)) < 0) {
		syc_buf_free(&b);
		return syc_nomem(err);
	}
	good = fwrite(b.data, 1, b.len, f) == b.len;
	syc_buf_free(&b);
	return good ? 0 :
		      syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}

static int format_text(struct syc_buf *b, const struct syc_vector *v)
{
	int bad;

	b->len = 0;
	bad = syc_buf_printf(b, "{\"format\": \"syc-vector\", "
			     "\"version\": %d, \"n_layers\": %zu, "
			     "\"n_pairs\": %" PRIu64 ", \"normalized\": %s",
			     VEC_NPZ_VERSION, v->n_layers, v->n_pairs,
			     v->normalized ? "true" : "false");
	for (unsigned i = 0; i < VEC_TEXTS; i++) {
		const char *s = *vec_text(v, i);

		if (vec_text(v, i) == &v->layer_base && (!s || !*s))
			s = vec_layer_base;
		if (!s)
			continue;
		bad |= syc_buf_printf(b, ", \"%s\": ", vec_text_key(i));
		bad |= syc_buf_json(b, s, strlen(s));
	}
	bad |= syc_buf_puts(b, "}\n");
	return bad ? SYC_ENOMEM : b->len > VEC_MAX_FORMAT ? SYC_EINVAL : 0;
}

/* direction.npy and layer.npy: the layers that have a vector. */
static int pack_layers(struct syc_buf *zip, struct syc_zip_dir *dir,
		       const struct syc_vector *v)
{
	const uint64_t shape[2] = { vec_count(v), v->dim };
	struct syc_buf rows = { 0 }, layers = { 0 };
	int bad = make_array(&rows, "<f4", shape, 2, NULL, 0);

	bad |= make_array(&layers, "<i4", shape, 1, NULL, 0);
	for (size_t l = 0; l < v->n_layers && !bad; l++) {
		const int32_t number = (int32_t)l;

		if (!v->has[l])
			continue;
		bad = syc_buf_add(&rows, v->v + l * v->dim,
				  v->dim * sizeof(*v->v));
		bad |= syc_buf_add(&layers, &number, sizeof(number));
	}
	if (!bad)
		bad = syc_zip_pack(zip, dir, 0, "direction.npy", rows.data,
				   rows.len);
	if (!bad)
		bad = syc_zip_pack(zip, dir, 0, "layer.npy", layers.data,
				   layers.len);
	syc_buf_free(&rows);
	syc_buf_free(&layers);
	return bad;
}

static int pack_all(struct syc_buf *zip, struct syc_zip_dir *dir,
		    const struct syc_vector *v)
{
	const char *provenance = v->provenance ? v->provenance : "{}";
	const uint64_t n = v->n_layers;
	struct syc_buf b = { 0 };
	char name[32];
	int bad = pack_layers(zip, dir, v);

	for (unsigned i = 0; i < VEC_DIAGS && !bad; i++) {
		if (!*vec_diag(v, i))
			continue;
		snprintf(name, sizeof(name), "%s.npy", vec_diag_key(i));
		bad = make_array(&b, "<f4", &n, 1, *vec_diag(v, i),
				 v->n_layers * sizeof(float));
		if (!bad)
			bad = syc_zip_pack(zip, dir, 0, name, b.data, b.len);
	}
	if (!bad)
		bad = format_text(&b, v);
	if (!bad)
		bad = syc_zip_pack_text(zip, dir, 0, "format.json", b.data);
	if (!bad)
		bad = syc_zip_pack_text(zip, dir, 0, "provenance.json", provenance);
	if (!bad)
		bad = syc_zip_pack_end(zip, dir, 0);
	syc_buf_free(&b);
	return bad;
}

int vec_write_npz(const struct syc_vector *v, FILE *f, const char *path,
		  struct syc_err *err)
{
	struct syc_buf zip = { 0 };
	struct syc_zip_dir dir = { 0 };
	int ret = pack_all(&zip, &dir, v);

	if (ret < 0)
		ret = ret == SYC_EINVAL ? syc_fail(err, ret, "%s: its name is too long", path) :
			syc_nomem(err);
	if (ret == 0 && fwrite(zip.data, 1, zip.len, f) != zip.len)
		ret = syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	syc_zip_dir_free(&dir);
	syc_buf_free(&zip);
	return ret;
}
