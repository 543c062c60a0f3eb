/* SPDX-License-Identifier: MIT */
/* The parts of a vector that all its file formats have in common. */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/err.h"
#include "base/mem.h"
#include "rec/vector_file.h"
#include "syc/engine.h"

struct field {
	const char *key;
	size_t at;
};

static const struct field texts[] = {
	{ "name", offsetof(struct syc_vector, name) },
	{ "method", offsetof(struct syc_vector, method) },
	{ "position", offsetof(struct syc_vector, position) },
	{ "layer_base", offsetof(struct syc_vector, layer_base) },
	{ "model_hint", offsetof(struct syc_vector, model_hint) },
};

static const struct field diags[] = {
	{ "norm", offsetof(struct syc_vector, norm) },
	{ "explained", offsetof(struct syc_vector, explained) },
	{ "dprime", offsetof(struct syc_vector, dprime) },
	{ "pair_cosine", offsetof(struct syc_vector, pair_cosine) },
	{ "wrong_side", offsetof(struct syc_vector, wrong_side) },
	{ "center", offsetof(struct syc_vector, center) },
};

_Static_assert(sizeof(texts) / sizeof(texts[0]) == VEC_TEXTS, "all texts");
_Static_assert(sizeof(diags) / sizeof(diags[0]) == VEC_DIAGS, "all lists");
_Static_assert((int)VEC_MAX_LAYERS >= (int)SYC_MAX_LAYERS,
	       "vectors of every model");

const char *vec_old_key(const char *key)
{
	static const char *const names[][2] = {
		{ "position", "site" },
		{ "center", "centre" },
		{ "normalized", "normalised" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i][0], key) == 0)
			return names[i][1];
	return key;
}

const char *vec_text_key(unsigned i)
{
	return texts[i].key;
}

char **vec_text(const struct syc_vector *v, unsigned i)
{
	return (char **)((char *)v + texts[i].at);
}

const char *vec_diag_key(unsigned i)
{
	return diags[i].key;
}

float **vec_diag(const struct syc_vector *v, unsigned i)
{
	return (float **)((char *)v + diags[i].at);
}

int vec_set_diag(struct syc_vector *v, unsigned i, const void *x)
{
	float *copy = syc_calloc(v->n_layers, sizeof(*copy));

	if (!copy)
		return SYC_ENOMEM;
	memcpy(copy, x, v->n_layers * sizeof(*copy));
	free(*vec_diag(v, i));
	*vec_diag(v, i) = copy;
	return 0;
}

const char *vec_import_text(bool tensors, int base)
{
	if (tensors)
		return base ? "imported: direction.l was taken as layer l-1, direction.0 dropped" :
			      "imported: direction.l was taken as layer l";
	return base ? "imported: row i was taken as layer i-1, row 0 dropped" :
		      "imported: row i was taken as layer i";
}

int vec_base(const struct syc_vector_read_opts *o)
{
	return o->layer_base == SYC_BASE_1 || o->layer_base == SYC_BASE_HF;
}

int vec_need_base(const struct syc_vector_read_opts *o, const char *path,
		  struct syc_err *err)
{
	if (!o->strict || o->layer_base != SYC_BASE_UNSAID)
		return 0;
	return syc_fail(err, SYC_EINVAL,
		"%s: does not say how its layers are counted: give --layer-base "
		"0, 1 or hf to syc-vec convert", path);
}

bool vec_parse_direction(const char *name, uint32_t *layer)
{
	const char *s = name + 10;
	size_t digits;

	if (strncmp(name, "direction.", 10) != 0)
		return false;
	digits = strspn(s, "0123456789");
	if (digits < 1 || digits > 6 || s[digits] ||
	    (s[0] == '0' && digits > 1))
		return false;
	*layer = (uint32_t)strtoul(s, NULL, 10);
	return true;
}

size_t vec_not_finite(const struct syc_vector *v)
{
	for (size_t l = 0; l < v->n_layers; l++)
		for (size_t i = 0; i < v->dim && v->has[l]; i++)
			if (!isfinite(v->v[l * v->dim + i]))
				return l;
	return v->n_layers;
}

size_t vec_count(const struct syc_vector *v)
{
	size_t n = 0;

	for (size_t l = 0; l < v->n_layers; l++)
		n += v->has[l];
	return n;
}

int vec_new(struct syc_vector **out, const char *path,
	    const struct syc_vector_read_opts *o, uint64_t n_layers, uint64_t dim,
	    uint64_t beside, struct syc_err *err)
{
	struct stat st = { 0 };
	uint64_t most;

	if (o->dim && dim != o->dim)
		return syc_fail(err, SYC_EINVAL,
			"%s: vectors of width %" PRIu64 " do not fit the model's width %zu",
			path, dim, o->dim);
	if (n_layers > VEC_MAX_LAYERS)
		return syc_fail(err, SYC_EFORMAT, "%s: %" PRIu64 " layers (at most %d)",
				path, n_layers, VEC_MAX_LAYERS);
	if (stat(path, &st) < 0)
		return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	most = syc_file_cost((uint64_t)st.st_size);
	if (beside > most || dim > (most - beside) / sizeof(float) / (n_layers ? n_layers : 1))
		return syc_fail(err, SYC_EFORMAT,
			"%s: %" PRIu64 " layers of width %" PRIu64
			" are too much of a file of %" PRIu64 " bytes",
			path, n_layers, dim, (uint64_t)st.st_size);
	*out = syc_vector_new((size_t)n_layers, (size_t)dim);
	return *out ? 0 : syc_nomem(err);
}

/* [width], or [1][width] as some programs write it. */
static bool is_list(const struct syc_tensor *x)
{
	for (unsigned i = 1; i < x->n_dims; i++)
		if (x->ne[i] != 1)
			return false;
	return x->n_dims > 0 && x->ne[0] > 0;
}

/* The layers and the width that the tensors need, all of them checked. */
static int measure(const struct vec_tensors *t, uint64_t *n_layers, size_t *dim,
		   struct syc_err *err)
{
	uint32_t l;

	*n_layers = t->n_layers;
	*dim = t->dim;
	for (size_t i = 0; i < t->n; i++) {
		const struct syc_tensor *x = t->at(t->file, i);

		if (!vec_parse_direction(x->name, &l)) {
			if (!t->strict)
				continue;
			return syc_fail(err, SYC_EFORMAT,
				"%s: has a tensor '%.100s', which is no direction.<layer>",
				t->path, x->name);
		}
		if (!syc_type_known(x->type) || !is_list(x))
			return syc_fail(err, SYC_EFORMAT,
					"%s: '%s' is not a list of floats",
					t->path, x->name);
		if (!*dim)
			*dim = (size_t)x->ne[0];
		if (x->ne[0] != *dim)
			return syc_fail(err, SYC_EFORMAT,
					"%s: '%s' has width %" PRIu64
					", another %zu",
					t->path, x->name, x->ne[0], *dim);
		if (l + 1 - (uint32_t)t->base > *n_layers &&
		    l + 1 > (uint32_t)t->base)
			*n_layers = l + 1 - (uint32_t)t->base;
	}
	return 0;
}

int vec_from_tensors(struct syc_vector **out, const struct vec_tensors *t,
		     struct syc_err *err)
{
	uint64_t n_layers;
	uint32_t l;
	size_t dim;
	int ret = measure(t, &n_layers, &dim, err);

	if (ret < 0)
		return ret;
	if (!dim)
		return syc_fail(err, SYC_EFORMAT,
				"%s: has no direction.<layer>", t->path);
	ret = vec_new(out, t->path, t->o, n_layers, dim, 0, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < t->n; i++) {
		const struct syc_tensor *x = t->at(t->file, i);

		if (!vec_parse_direction(x->name, &l) || l < (uint32_t)t->base)
			continue;
		l -= (uint32_t)t->base;
		syc_type_decode((*out)->v + l * dim, x->type, x->data, dim);
		(*out)->has[l] = 1;
	}
	return 0;
}
