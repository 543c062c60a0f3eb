/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/zip.h"
#include "rec/vector_file.h"

/*
 * Room for the rows of an array [layers][dim] but the base first, of a file
 * that takes `beside` bytes while it is read.
 */
static int rows_new(struct syc_vector **out, const struct syc_npy *h, const char *path,
		    const struct syc_vector_read_opts *o, uint64_t beside,
		    struct syc_err *err)
{
	const uint64_t drop = (uint64_t)vec_base(o);

	if (h->n_dims != 2 || h->shape[1] == 0 || h->shape[0] <= drop ||
	    h->kind == 'U' || h->kind == 'S')
		return syc_fail(err, SYC_EFORMAT,
			"%s: is not an array [layers, width] of numbers", path);
	if (h->fortran)
		return syc_fail(err, SYC_EUNSUPP,
			"%s: is in Fortran order; save numpy.ascontiguousarray() of it",
			path);
	return vec_new(out, path, o, h->shape[0] - drop, h->shape[1], beside, err);
}

static int rows_fill(struct syc_vector *v, const struct syc_npy *h, const uint8_t *data,
		     const struct syc_vector_read_opts *o, struct syc_err *err)
{
	const int base = vec_base(o);

	memset(v->has, 1, v->n_layers);
	syc_npy_floats(v->v, h, data + (size_t)base * v->dim * h->item,
		       v->n_layers * v->dim);
	return syc_vector_str(&v->layer_base, vec_import_text(false, base)) < 0 ?
		syc_nomem(err) : 0;
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
		ret = rows_new(out, &h, path, o, 0, err);
	if (ret == 0)
		ret = rows_fill(*out, &h, m.data, o, err);
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
	if (ret == 0)
		ret = vec_need_base(o, path, err);
	if (ret == 0)
		ret = rows_new(out, &h, path, o, 0, err);
	if (ret == 0)
		ret = rows_fill(*out, &h, m.data + h.head, o, err);
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
		if (h.n_dims != 2 || h.kind == 'U' || h.kind == 'S')
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
	uint8_t *data = NULL;
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
		ret = syc_npz_head(z, i, &h, err);
	if (ret == 0)
		ret = rows_new(out, &h, syc_zip_path(z), o, h.bytes, err);
	if (ret == 0)
		ret = syc_npz_read(z, i, &h, &data, err);
	if (ret == 0)
		ret = rows_fill(*out, &h, data + h.head, o, err);
	free(data);
	if (ret == 0 && o->key && syc_vector_str(&(*out)->name, o->key) < 0)
		ret = syc_nomem(err);
	return ret;
}

/* Where an array of our own is, and its shape, which the caller checks. */
static int read_head(struct syc_zip *z, const char *name, struct syc_npy *h, size_t *i,
		     struct syc_err *err)
{
	*i = find_array(z, name);
	if (*i == SIZE_MAX)
		return syc_fail(err, SYC_EFORMAT, "%s: has no array '%s'",
				syc_zip_path(z), name);
	return syc_npz_head(z, *i, h, err);
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
		uint8_t *data = NULL;
		struct syc_npy h;
		size_t at;
		int ret;

		if (find_array(z, key) == SIZE_MAX)
			key = vec_old_key(key);
		if (find_array(z, key) == SIZE_MAX)
			continue;
		ret = read_head(z, key, &h, &at, err);
		if (ret < 0)
			return ret;
		if (h.kind != 'f' || h.item != 4 || h.n_dims != 1 ||
		    h.count != v->n_layers)
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: '%s' is not a list of %zu floats",
				       syc_zip_path(z), key, v->n_layers);
		else
			ret = syc_npz_read(z, at, &h, &data, err);
		if (ret == 0 && vec_set_diag(v, i, data + h.head) < 0)
			ret = syc_nomem(err);
		free(data);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* direction.npy [k, dim] and layer.npy [k], and room for n_layers layers. */
struct own_layers {
	struct syc_npy row, layer;
	size_t at_row, at_layer;
};

static int layers_new(struct syc_vector **out, struct own_layers *x, struct syc_zip *z,
		      json_int_t n_layers, const struct syc_vector_read_opts *o,
		      struct syc_err *err)
{
	const struct syc_npy *r = &x->row, *l = &x->layer;
	int ret = read_head(z, "direction", &x->row, &x->at_row, err);

	if (ret == 0)
		ret = read_head(z, "layer", &x->layer, &x->at_layer, err);
	if (ret < 0)
		return ret;
	if (r->n_dims != 2 || r->kind != 'f' || r->item != 4 || r->shape[1] == 0 ||
	    l->n_dims != 1 || l->kind != 'i' || l->item != 4 || l->count != r->shape[0] ||
	    l->count > VEC_MAX_LAYERS || n_layers < 1 || n_layers > VEC_MAX_LAYERS)
		return syc_fail(err, SYC_EFORMAT,
				"%s: direction.npy and layer.npy do not fit",
				syc_zip_path(z));
	return vec_new(out, syc_zip_path(z), o, (uint64_t)n_layers, r->shape[1],
		       r->bytes + l->bytes, err);
}

static int layers_fill(struct syc_vector *v, struct own_layers *x, struct syc_zip *z,
		       struct syc_err *err)
{
	const size_t row = v->dim * sizeof(float);
	uint8_t *data, *layers = NULL;
	int ret = syc_npz_read(z, x->at_row, &x->row, &data, err);

	if (ret == 0)
		ret = syc_npz_read(z, x->at_layer, &x->layer, &layers, err);
	for (uint64_t i = 0; ret == 0 && i < x->layer.count; i++) {
		int32_t l;

		memcpy(&l, layers + x->layer.head + 4 * i, sizeof(l));
		if (l < 0 || (size_t)l >= v->n_layers || v->has[l]) {
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: layer.npy has %" PRId32 " of %zu layers",
				       syc_zip_path(z), l, v->n_layers);
			break;
		}
		memcpy(v->v + (size_t)l * v->dim, data + x->row.head + i * row, row);
		v->has[l] = 1;
	}
	free(data);
	free(layers);
	return ret;
}

/* What a file may cost that holds v already. */
static size_t room_left(const struct syc_zip *z, const struct syc_vector *v)
{
	const uint64_t all = syc_zip_cost(z),
		       used = (uint64_t)v->n_layers * v->dim * sizeof(float);

	return all - used < VEC_MAX_TEXT ? (size_t)(all - used) : VEC_MAX_TEXT;
}

static int read_own(struct syc_vector **out, struct syc_zip *z, json_t *root,
		    const struct syc_vector_read_opts *o, struct syc_err *err)
{
	size_t i = syc_zip_find_text(z, "provenance.json");
	struct own_layers x;
	int ret;

	if (json_integer_value(json_object_get(root, "version")) != VEC_NPZ_VERSION)
		return syc_fail(err, SYC_EUNSUPP,
			"%s: vector file of another version (this program reads %d)",
			syc_zip_path(z), VEC_NPZ_VERSION);
	ret = layers_new(out, &x, z,
			 json_integer_value(json_object_get(root, "n_layers")), o, err);
	if (ret == 0)
		ret = layers_fill(*out, &x, z, err);
	if (ret == 0 && read_texts(*out, root) < 0)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = read_diags(*out, z, err);
	if (ret == 0 && i != SIZE_MAX)
		ret = syc_zip_text(z, i, room_left(z, *out), &(*out)->provenance, err);
	return ret;
}

/* *root is format.json, if it is there and says syc-vector, or NULL. */
static int own_format(json_t **root, struct syc_zip *z, struct syc_err *err)
{
	size_t i = syc_zip_find_text(z, "format.json");
	const char *format;
	char *text;
	int ret;

	*root = NULL;
	if (i == SIZE_MAX)
		return 0;
	ret = syc_zip_text(z, i, VEC_MAX_FORMAT, &text, err);
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
		ret = root ? read_own(out, z, root, o, err) :
			     read_foreign(out, z, o, err);
	json_decref(root);
	syc_zip_close(z);
	return ret;
}
