/* SPDX-License-Identifier: MIT */
/* The description of an activation file: its first three members. */
#include "config.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "rec/acts_file.h"
#include "syc/engine.h"

enum { FORMAT_VERSION = 2, MAX_FORMAT = 4096 };

static const char *const members[] = {
	"layer.npy", "format.json", "provenance.json",	/* the texts: syc_zip_pack_text() */
};
_Static_assert(sizeof(members) / sizeof(members[0]) == ACTS_HEAD_MEMBERS,
	       "all of them");
_Static_assert((int)ACTS_MAX_LAYERS >= (int)SYC_MAX_LAYERS,
	       "every model can be recorded");
static const char *const dtypes[] = { [SYC_DTYPE_F16] = "f16", [SYC_DTYPE_F32] = "f32" };
static const char layer_base[] = "layer l is the residual stream after block l, counted from 0";

static int check(const struct syc_acts_opts *o, struct syc_err *err)
{
	if (o->positions == 0 || o->positions >> SYC_N_POSITIONS)
		return syc_fail(err, SYC_EINVAL,
			"no position, or an unknown one, is to be recorded");
	if (o->n_layers == 0 || o->n_layers > ACTS_MAX_LAYERS)
		return syc_fail(err, SYC_EINVAL,
				"%zu layers are to be recorded (1 to %d)",
				o->n_layers, ACTS_MAX_LAYERS);
	if (o->dim == 0 || o->dim > ACTS_MAX_DIM)
		return syc_fail(err, SYC_EINVAL,
				"activations of width %zu (1 to %d)", o->dim,
				ACTS_MAX_DIM);
	if (o->chunk_rows > ACTS_MAX_CHUNK_ROWS)
		return syc_fail(err, SYC_EINVAL, "%zu rows per chunk (1 to %d)",
				o->chunk_rows, ACTS_MAX_CHUNK_ROWS);
	if (o->dtype != SYC_DTYPE_F16 && o->dtype != SYC_DTYPE_F32)
		return syc_fail(err, SYC_EINVAL, "unknown type of activations");
	for (size_t i = 0; i < o->n_layers; i++)
		if (o->layers[i] > INT32_MAX ||
		    (i && o->layers[i] <= o->layers[i - 1]))
			return syc_fail(err, SYC_EINVAL,
					"the layers to record are not rising");
	return 0;
}

int acts_desc_copy(struct acts_desc *d, const struct syc_acts_opts *o,
		   struct syc_err *err)
{
	const char *provenance = o->provenance ? o->provenance : "{}";
	int ret = check(o, err);

	*d = (struct acts_desc){ 0 };
	if (ret < 0)
		return ret;
	if (strlen(provenance) > ACTS_MAX_PROVENANCE)
		return syc_fail(err, SYC_EINVAL, "the provenance is too long");
	d->o = *o;
	d->version = FORMAT_VERSION;
	d->layers = syc_calloc(o->n_layers, sizeof(*d->layers));
	d->provenance = strdup(provenance);
	if (!d->layers || !d->provenance) {
		acts_desc_free(d);
		return syc_nomem(err);
	}
	memcpy(d->layers, o->layers, o->n_layers * sizeof(*d->layers));
	d->o.layers = d->layers;
	d->o.provenance = d->provenance;
	if (!d->o.chunk_rows)
		d->o.chunk_rows = ACTS_CHUNK_ROWS;
	return 0;
}

void acts_desc_free(struct acts_desc *d)
{
	free(d->layers);
	free(d->provenance);
	*d = (struct acts_desc){ 0 };
}

static int format_text(struct syc_buf *b, const struct syc_acts_opts *o)
{
	const char *comma = "";
	int bad;

	bad = syc_buf_printf(b,
		"{\"format\": \"syc-acts\", \"version\": %d, \"positions\": [",
		FORMAT_VERSION);
	for (unsigned i = 0; i < SYC_N_POSITIONS; i++) {
		if (!(o->positions >> i & 1))
			continue;
		bad |= syc_buf_printf(b, "%s\"%s\"", comma,
				      syc_position_name(i));
		comma = ", ";
	}
	bad |= syc_buf_printf(b,
		"], \"layers\": %zu, \"dim\": %zu, \"dtype\": \"%s\", "
		"\"chunk_rows\": %zu, \"layer_base\": \"%s\"}\n",
		o->n_layers, o->dim, dtypes[o->dtype], o->chunk_rows,
		layer_base);
	return bad;
}

static int layer_array(struct syc_buf *b, const struct acts_desc *d)
{
	const uint64_t n = d->o.n_layers;
	char head[SYC_NPY_HEAD];

	syc_npy_head(head, "<i4", &n, 1);
	if (syc_buf_add(b, head, sizeof(head)) < 0)
		return SYC_ENOMEM;
	return syc_buf_add(b, d->layers, d->o.n_layers * sizeof(*d->layers));
}

int acts_desc_pack(struct syc_buf *out, struct syc_zip_dir *dir,
		   const struct acts_desc *d)
{
	struct syc_buf layers = { 0 }, format = { 0 };
	int bad = layer_array(&layers, d);

	if (!bad)
		bad = format_text(&format, &d->o);
	if (!bad)
		bad = syc_zip_pack(out, dir, 0, members[0], layers.data, layers.len);
	if (!bad)
		bad = syc_zip_pack_text(out, dir, 0, members[1], format.data);
	if (!bad)
		bad = syc_zip_pack_text(out, dir, 0, members[2], d->provenance);
	syc_buf_free(&layers);
	syc_buf_free(&format);
	return bad;
}

static int not_acts(struct syc_zip *z, const char *why, struct syc_err *err)
{
	return syc_fail(err, SYC_EFORMAT, "%s: not an activation file: %s",
			syc_zip_path(z), why);
}

static int find_member(struct syc_zip *z, unsigned which, size_t *i,
		       struct syc_err *err)
{
	*i = syc_zip_find_text(z, members[which]);
	if (*i != SIZE_MAX)
		return 0;
	return syc_fail(err, SYC_EFORMAT,
			"%s: not an activation file: it has no %s",
			syc_zip_path(z), members[which]);
}

static bool parse_positions(struct syc_acts_opts *o, json_t *list)
{
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		const char *name = json_is_string(v) ? json_string_value(v) : "";
		const unsigned position = acts_kind_find(name,
							 json_string_length(v));

		if (position >= SYC_N_POSITIONS)
			return false;
		o->positions |= 1u << position;
	}
	return true;
}

static bool parse_format(struct syc_acts_opts *o, json_t *root, int version)
{
	const char *format = json_string_value(json_object_get(root, "format"));
	const char *dtype = json_string_value(json_object_get(root, "dtype"));
	json_int_t dim = json_integer_value(json_object_get(root, "dim"));
	json_int_t rows = json_integer_value(json_object_get(root, "chunk_rows"));
	json_t *list = json_object_get(root, version == 1 ? "sites" : "positions");

	if (!format || strcmp(format, "syc-acts") != 0 || !dtype || dim < 1 ||
	    dim > ACTS_MAX_DIM || rows < 1 || rows > ACTS_MAX_CHUNK_ROWS ||
	    !parse_positions(o, list))
		return false;
	o->dim = (size_t)dim;
	o->chunk_rows = (size_t)rows;
	o->dtype = strcmp(dtype, "f32") == 0 ? SYC_DTYPE_F32 : SYC_DTYPE_F16;
	return strcmp(dtype, dtypes[o->dtype]) == 0;
}

static int read_format(struct acts_desc *d, struct syc_zip *z,
		       struct syc_err *err)
{
	json_t *root;
	json_int_t version;
	size_t i;
	char *text;
	bool good;
	int ret = find_member(z, 1, &i, err);

	if (ret == 0)
		ret = syc_zip_text(z, i, MAX_FORMAT, &text, err);
	if (ret < 0)
		return ret;
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	version = json_integer_value(json_object_get(root, "version"));
	d->version = version == 1 ? 1 : FORMAT_VERSION;
	good = parse_format(&d->o, root, d->version);
	json_decref(root);
	if (version > FORMAT_VERSION)
		return syc_fail(err, SYC_EUNSUPP,
			"%s: activation file of version %lld (this program reads %d)",
			syc_zip_path(z), (long long)version, FORMAT_VERSION);
	return good && version == d->version ? 0 : not_acts(z, "format.json is not sound", err);
}

static int read_layers(struct acts_desc *d, struct syc_zip *z,
		       struct syc_err *err)
{
	struct syc_npy h;
	uint8_t *data;
	size_t i;
	int ret = find_member(z, 0, &i, err);

	if (ret == 0)
		ret = syc_npz_head(z, i, &h, err);
	if (ret == 0 && (h.kind != 'i' || h.item != 4 || h.n_dims != 1 ||
			 h.count > ACTS_MAX_LAYERS))
		return not_acts(z, "layer.npy is not a list of layers", err);
	if (ret == 0)
		ret = syc_npz_read(z, i, &h, &data, err);
	if (ret < 0)
		return ret;
	d->o.n_layers = (size_t)h.count;
	d->layers = syc_calloc(d->o.n_layers, sizeof(*d->layers));
	if (d->layers)
		memcpy(d->layers, data + h.head, (size_t)h.bytes);
	d->o.layers = d->layers;
	free(data);
	return d->layers ? 0 : syc_nomem(err);
}

/* Files of other programs and earlier versions name none. */
static void find_run(struct acts_desc *d)
{
	json_t *root = json_loads(d->provenance, 0, NULL);
	const char *run = json_string_value(json_object_get(root, "run"));

	snprintf(d->run, sizeof(d->run), "%s",
		 run && strlen(run) < sizeof(d->run) ? run : "");
	json_decref(root);
}

int acts_desc_read(struct acts_desc *d, struct syc_zip *z, struct syc_err *err)
{
	struct syc_err why;
	size_t i;
	int ret;

	*d = (struct acts_desc){ 0 };
	ret = read_layers(d, z, err);
	if (ret == 0)
		ret = read_format(d, z, err);
	if (ret == 0)
		ret = find_member(z, 2, &i, err);
	if (ret == 0)
		ret = syc_zip_text(z, i, ACTS_MAX_PROVENANCE, &d->provenance,
				   err);
	d->o.provenance = d->provenance;
	if (ret == 0)
		find_run(d);
	if (ret == 0 && check(&d->o, &why) < 0)
		ret = not_acts(z, why.msg, err);
	if (ret < 0)
		acts_desc_free(d);
	return ret;
}

int acts_desc_same(const struct acts_desc *file, const struct acts_desc *want,
		   const char *path, struct syc_err *err)
{
	const struct syc_acts_opts *a = &file->o, *b = &want->o;
	const char *what = NULL;

	if (file->version != want->version)
		return syc_fail(err, SYC_EUNSUPP,
			"%s: was begun by an earlier version (format %d, not %d), "
			"which alone can go on with it; begin anew",
			path, file->version, want->version);
	if (a->dim != b->dim)
		return syc_fail(err, SYC_EINVAL,
				"%s: was begun with width %zu, not %zu", path,
				a->dim, b->dim);
	if (a->dtype != b->dtype)
		return syc_fail(err, SYC_EINVAL,
				"%s: was begun with %s values, not %s", path,
				dtypes[a->dtype], dtypes[b->dtype]);
	if (a->chunk_rows != b->chunk_rows)
		return syc_fail(err, SYC_EINVAL,
			"%s: was begun with %zu rows per chunk, not %zu", path,
			a->chunk_rows, b->chunk_rows);
	if (a->positions != b->positions)
		what = "other positions";
	else if (a->n_layers != b->n_layers ||
		 memcmp(a->layers, b->layers,
			a->n_layers * sizeof(*a->layers)) != 0)
		what = "other layers";
	return what ? syc_fail(err, SYC_EINVAL, "%s: was begun with %s", path, what) :
		      syc_provenance_same(a->provenance, b->provenance, path, err);
}
