/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/zip.h"
#include "rec/vector_file.h"

enum { FORMAT_VERSION = 1 };

/* Rows of an array [layers][dim] as a vector; base rows are dropped. */
static int from_rows(struct syc_vector **out, const struct syc_npy *h,
		     const uint8_t *data, const char *path, int base,
		     struct syc_err *err)
{
	uint64_t drop = (uint64_t)base, rows;

	if (h->n_dims != 2 || h->shape[1] == 0 || h->shape[0] <= drop ||
	    h->kind == 'U')
		return syc_fail(err, SYC_EFORMAT,
			"%s: is not an array [layers, width] of numbers", path);
	rows = h->shape[0] - drop;
	if (rows > VEC_MAX_LAYERS)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %" PRIu64 " layers (at most %d)", path,
				rows, VEC_MAX_LAYERS);
	*out = syc_vector_new((size_t)rows, (size_t)h->shape[1]);
	if (!*out)
		return syc_nomem(err);
	memset((*out)->has, 1, (size_t)rows);
	syc_npy_floats((*out)->v, h, data + drop * h->shape[1] * h->item,
		       (size_t)(rows * h->shape[1]));
	if (syc_vector_str(&(*out)->layer_base, vec_import_text(false, base)) < 0)
		return syc_nomem(err);
	return 0;
}

int vec_read_raw(struct syc_vector **out, const char *path,
		 const struct syc_vector_read_opts *o, struct syc_err *err)
{
	struct syc_npy h = { .kind = 'f', .item = 4, .n_dims = 2,
			     .shape = { o->raw_layers, o->raw_dim } };
	struct syc_map m;
	size_t bytes;
	int ret = vec_need_base(o, path, err);

	if (ret < 0)
		return ret;
	if (!syc_mul(&bytes, o->raw_layers, o->raw_dim) ||
	    !syc_mul(&bytes, bytes, 4))
		return syc_fail(err, SYC_EINVAL, "%s: a shape of %zux%zu", path,
				o->raw_layers, o->raw_dim);
	ret = syc_map_open(&m, path, err);
	if (ret < 0)
		return ret;
	if (bytes != m.len)
		ret = syc_fail(err, SYC_EFORMAT,
			"%s: shape %zux%zu needs %zu bytes, file has %zu", path,
			o->raw_layers, o->raw_dim, bytes, m.len);
	else
		ret = from_rows(out, &h, m.data, path, vec_base(o), err);
	syc_map_close(&m);
	return ret;
}

int vec_read_npy(struct syc_vector **out, const char *path,
		 const struct syc_vector_read_opts *o, struct syc_err *err)
{
	struct syc_map m;
	struct syc_npy h;
	int ret = syc_map_open(&m, path, err);

	if (ret < 0)
		return ret;
	ret = syc_npy_parse(&h, m.data, m.len, path, err);
	if (ret == 0 && h.bytes != m.len - h.head)
		ret = syc_fail(err, SYC_EFORMAT,
			       "%s: shape needs %" PRIu64 " bytes, file has %zu",
			       path, h.bytes, m.len - h.head);
	if (ret == 0 && h.fortran)
		ret = syc_fail(err, SYC_EUNSUPP,
			"%s: is in Fortran order; save numpy.ascontiguousarray() of it",
			path);
	if (ret == 0)
		ret = vec_need_base(o, path, err);
	if (ret == 0)
		ret = from_rows(out, &h, m.data + h.head, path, vec_base(o),
				err);
	syc_map_close(&m);
	return ret;
}

/* The member "KEY.npy", or "KEY" as given; SIZE_MAX. */
static size_t find_array(const struct syc_zip *z, const char *key)
{
	char name[256];
	size_t i;

	snprintf(name, sizeof(name), "%.240s.npy", key);
	i = syc_zip_find(z, name);
	return i != SIZE_MAX ? i : syc_zip_find(z, key);
}

/* The only array of two dimensions, or an error listing them. */
static int only_matrix(struct syc_zip *z, size_t *found, struct syc_err *err)
{
	const struct syc_zip_dir *dir = syc_zip_list(z);
	struct syc_err why = { 0 }, packed = { 0 };
	char names[256] = "";
	size_t len = 0, n = 0;
	struct syc_npy h;

	for (size_t i = 0; i < dir->n; i++) {
		size_t stem = strlen(dir->e[i].name);

		if (syc_npz_head(z, i, &h, &why) < 0) {
			if (why.code == SYC_EUNSUPP && !packed.code)
				packed = why;
			continue;
		}
		if (h.n_dims != 2 || h.kind == 'U')
			continue;
		*found = i;
		stem -= stem > 4 ? 4 : 0;
		if (len < sizeof(names))
			len += (size_t)snprintf(names + len,
				sizeof(names) - len, "%s%.*s", n ? ", " : "",
				stem < 60 ? (int)stem : 60, dir->e[i].name);
		n++;
	}
	if (n == 1)
		return 0;
	if (n == 0 && packed.code)
		return syc_fail(err, packed.code, "%s", packed.msg);
	if (n == 0)
		return syc_fail(err, SYC_EFORMAT,
				"%s: has no array [layers, width]",
				syc_zip_path(z));
	return syc_fail(err, SYC_EINVAL,
			"%s: has several arrays (%s): name one as the key",
			syc_zip_path(z), names);
}

/* torch.save(): a folder with data.pkl, and bare numbers. */
static bool is_torch(const struct syc_zip *z)
{
	const struct syc_zip_dir *dir = syc_zip_list(z);

	for (size_t i = 0; i < dir->n; i++) {
		const char *slash = strrchr(dir->e[i].name, '/');

		if (slash && strcmp(slash, "/data.pkl") == 0)
			return true;
	}
	return false;
}

static int read_foreign(struct syc_vector **out, struct syc_zip *z,
			const struct syc_vector_read_opts *o,
			struct syc_err *err)
{
	struct syc_npy h;
	uint8_t *data;
	size_t i = 0;
	int ret = 0;

	if (is_torch(z))
		return syc_fail(err, SYC_EUNSUPP,
			"%s: is a file of PyTorch; save numpy.save() of its "
			"tensor as float32",
			syc_zip_path(z));
	if (!o->key)
		ret = only_matrix(z, &i, err);
	else if ((i = find_array(z, o->key)) == SIZE_MAX)
		ret = syc_fail(err, SYC_EINVAL, "%s: has no array '%s'",
			       syc_zip_path(z), o->key);
	if (ret == 0)
		ret = vec_need_base(o, syc_zip_path(z), err);
	if (ret == 0)
		ret = syc_npz_read(z, i, &h, &data, err);
	if (ret < 0)
		return ret;
	ret = from_rows(out, &h, data + h.head, syc_zip_path(z), vec_base(o),
			err);
	free(data);
	if (ret == 0 && o->key && syc_vector_str(&(*out)->name, o->key) < 0)
		ret = syc_nomem(err);
	return ret;
}

/* One array of our own, by name; its shape is checked by the caller. */
static int read_array(struct syc_zip *z, const char *name, struct syc_npy *h,
		      uint8_t **data, struct syc_err *err)
{
	size_t i = find_array(z, name);

	*data = NULL;
	if (i == SIZE_MAX)
		return syc_fail(err, SYC_EFORMAT, "%s: has no array '%s'",
				syc_zip_path(z), name);
	return syc_npz_read(z, i, h, data, err);
}

/* A member of format.json, by its old name where there is no other. */
static const json_t *member(const json_t *root, const char *key)
{
	const json_t *x = json_object_get(root, key);

	return x ? x : json_object_get(root, vec_old_key(key));
}

static int read_texts(struct syc_vector *v, json_t *root)
{
	int ret = 0;

	for (unsigned i = 0; i < VEC_TEXTS && ret == 0; i++) {
		const char *s = json_string_value(member(root, vec_text_key(i)));

		if (s)
			ret = syc_vector_str(vec_text(v, i), s);
	}
	v->n_pairs = (uint64_t)json_integer_value(json_object_get(root, "n_pairs"));
	v->normalized = json_is_true(member(root, "normalized"));
	return ret;
}

static int read_diags(struct syc_vector *v, struct syc_zip *z,
		      struct syc_err *err)
{
	for (unsigned i = 0; i < VEC_DIAGS; i++) {
		const char *key = vec_diag_key(i);
		struct syc_npy h;
		uint8_t *data;
		int ret;

		if (find_array(z, key) == SIZE_MAX)
			key = vec_old_key(key);
		if (find_array(z, key) == SIZE_MAX)
			continue;
		ret = read_array(z, key, &h, &data, err);
		if (ret < 0)
			return ret;
		if (h.kind != 'f' || h.item != 4 || h.n_dims != 1 ||
		    h.count != v->n_layers)
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: '%s' is not a list of %zu floats",
				       syc_zip_path(z), key, v->n_layers);
		else if (vec_set_diag(v, i, data + h.head) < 0)
			ret = syc_nomem(err);
		free(data);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* direction.npy [k, dim] and layer.npy [k] into n_layers layers. */
static int read_layers(struct syc_vector **out, struct syc_zip *z,
		       json_int_t n_layers, struct syc_err *err)
{
	struct syc_npy h, hl;
	uint8_t *data, *layers = NULL;
	int ret = read_array(z, "direction", &h, &data, err);

	if (ret == 0)
		ret = read_array(z, "layer", &hl, &layers, err);
	if (ret == 0 && (h.n_dims != 2 || h.kind != 'f' || h.item != 4 ||
			 h.shape[1] == 0 || hl.n_dims != 1 || hl.kind != 'i' ||
			 hl.item != 4 || hl.count != h.shape[0] ||
			 n_layers < 1 || n_layers > VEC_MAX_LAYERS))
		ret = syc_fail(err, SYC_EFORMAT,
			       "%s: direction.npy and layer.npy do not fit",
			       syc_zip_path(z));
	if (ret == 0) {
		*out = syc_vector_new((size_t)n_layers, (size_t)h.shape[1]);
		ret = *out ? 0 : syc_nomem(err);
	}
	for (uint64_t i = 0; ret == 0 && i < hl.count; i++) {
		size_t row = (size_t)h.shape[1] * 4;
		int32_t l;

		memcpy(&l, layers + hl.head + 4 * i, sizeof(l));
		if (l < 0 || l >= n_layers || (*out)->has[l]) {
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: layer.npy has %" PRId32
				       " of %lld layers",
				       syc_zip_path(z), l, (long long)n_layers);
			break;
		}
		memcpy((*out)->v + (size_t)l * (*out)->dim,
		       data + h.head + i * row, row);
		(*out)->has[l] = 1;
	}
	free(data);
	free(layers);
	return ret;
}

static int read_own(struct syc_vector **out, struct syc_zip *z, json_t *root,
		    struct syc_err *err)
{
	size_t i = syc_zip_find(z, "provenance.json");
	int ret;

	if (json_integer_value(json_object_get(root, "version")) != FORMAT_VERSION)
		return syc_fail(err, SYC_EUNSUPP,
			"%s: vector file of another version (this program reads %d)",
			syc_zip_path(z), FORMAT_VERSION);
	ret = read_layers(out, z,
			  json_integer_value(json_object_get(root, "n_layers")),
			  err);
	if (ret == 0 && read_texts(*out, root) < 0)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = read_diags(*out, z, err);
	if (ret == 0 && i != SIZE_MAX)
		ret = syc_zip_text(z, i, VEC_MAX_TEXT, &(*out)->provenance,
				   err);
	return ret;
}

/* *root is format.json, if it is there and says syc-vector, or NULL. */
static int own_format(json_t **root, struct syc_zip *z, struct syc_err *err)
{
	size_t i = syc_zip_find(z, "format.json");
	const char *format;
	char *text;
	int ret;

	*root = NULL;
	if (i == SIZE_MAX)
		return 0;
	ret = syc_zip_text(z, i, VEC_MAX_TEXT, &text, err);
	if (ret < 0)
		return ret;
	*root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	format = json_string_value(json_object_get(*root, "format"));
	if (!format || strcmp(format, "syc-vector") != 0) {
		json_decref(*root);
		*root = NULL;
	}
	return 0;
}

int vec_read_npz(struct syc_vector **out, const char *path,
		 const struct syc_vector_read_opts *o, struct syc_err *err)
{
	struct syc_zip *z;
	json_t *root;
	int ret = syc_zip_open(&z, path, false, err);

	if (ret < 0)
		return ret;
	ret = own_format(&root, z, err);
	if (!syc_zip_complete(z))
		ret = syc_fail(err, SYC_EFORMAT, "%s: is cut short", path);
	else if (ret < 0)
		;	/* what is broken has been said */
	else if (root && o->layer_base != SYC_BASE_UNSAID)
		ret = syc_fail(err, SYC_EINVAL,
			       "%s: says itself how its layers are counted",
			       path);
	else
		ret = root ? read_own(out, z, root, err) :
			     read_foreign(out, z, o, err);
	json_decref(root);
	syc_zip_close(z);
	return ret;
}

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
			     FORMAT_VERSION, v->n_layers, v->n_pairs,
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
	return bad | syc_buf_puts(b, "}\n");
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
		bad = syc_zip_pack(zip, dir, 0, "format.json", b.data, b.len);
	if (!bad)
		bad = syc_zip_pack(zip, dir, 0, "provenance.json", provenance,
				   strlen(provenance));
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
	int ret = pack_all(&zip, &dir, v) < 0 ? syc_nomem(err) : 0;

	if (ret == 0 && fwrite(zip.data, 1, zip.len, f) != zip.len)
		ret = syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	syc_zip_dir_free(&dir);
	syc_buf_free(&zip);
	return ret;
}
