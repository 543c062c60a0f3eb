/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/safetensors.h"
#include "rec/vector_file.h"

static const struct syc_tensor *tensor_at(const void *file, size_t i)
{
	return syc_safetensors_at(file, i);
}

/* A whole number in the metadata, or 0. */
static uint64_t get_count(const struct syc_safetensors *s, const char *key)
{
	const char *text = syc_safetensors_meta(s, key);

	return text && *text >= '0' && *text <= '9' ? strtoull(text, NULL, 10) : 0;
}

/* A text of the metadata, by its old name where there is no other. */
static const char *get_meta(const struct syc_safetensors *s, const char *key)
{
	const char *text = syc_safetensors_meta(s, key);

	return text ? text : syc_safetensors_meta(s, vec_old_key(key));
}

static int get_diag(struct syc_vector *v, unsigned i,
		    const struct syc_safetensors *s, struct syc_err *err)
{
	const struct syc_tensor *t = syc_safetensors_tensor(s, vec_diag_key(i));

	if (!t)
		t = syc_safetensors_tensor(s, vec_old_key(vec_diag_key(i)));
	if (!t)
		return 0;
	if (t->type != SYC_TYPE_F32 || t->n_dims != 1 ||
	    t->ne[0] != v->n_layers)
		return syc_fail(err, SYC_EFORMAT,
				"%s: '%s' is not a list of %zu floats",
				syc_safetensors_path(s), t->name, v->n_layers);
	*vec_diag(v, i) = syc_calloc(v->n_layers, sizeof(float));
	if (!*vec_diag(v, i))
		return syc_nomem(err);
	syc_type_decode(*vec_diag(v, i), t->type, t->data, v->n_layers);
	return 0;
}

static int get_fields(struct syc_vector *v, const struct syc_safetensors *s,
		      struct syc_err *err)
{
	const char *text = syc_safetensors_meta(s, "provenance");
	int ret = 0;

	if (text)
		ret = syc_vector_str(&v->provenance, text);
	for (unsigned i = 0; i < VEC_TEXTS && ret == 0; i++) {
		text = get_meta(s, vec_text_key(i));
		if (text)
			ret = syc_vector_str(vec_text(v, i), text);
	}
	if (ret < 0)
		return syc_nomem(err);
	for (unsigned i = 0; i < VEC_DIAGS && ret == 0; i++)
		ret = get_diag(v, i, s, err);
	v->n_pairs = get_count(s, "n_pairs");
	text = get_meta(s, "normalized");
	v->normalized = text && strcmp(text, "true") == 0;
	return ret;
}

static bool is_ours(const struct syc_safetensors *s)
{
	const char *format = syc_safetensors_meta(s, "format");

	return format && strcmp(format, "syc-vector") == 0;
}

int vec_read_safetensors(struct syc_vector **out, const char *path,
			 const struct syc_vector_read_opts *o,
			 struct syc_err *err)
{
	struct syc_safetensors *s;
	struct vec_tensors t = { .path = path, .o = o, .at = tensor_at, .base = vec_base(o) };
	int ret = syc_safetensors_open(&s, path, err);

	if (ret < 0)
		return ret;
	t.file = s;
	t.n = syc_safetensors_n(s);
	if (o->layer_base != SYC_BASE_UNSAID && is_ours(s))
		ret = syc_fail(err, SYC_EINVAL,
			       "%s: says itself how its layers are counted",
			       path);
	if (ret == 0 && !is_ours(s))
		ret = vec_need_base(o, path, err);
	if (is_ours(s))
		t.n_layers = get_count(s, "n_layers");
	if (ret == 0)
		ret = vec_from_tensors(out, &t, err);
	if (ret == 0 && is_ours(s))
		ret = get_fields(*out, s, err);
	else if (ret == 0 && syc_vector_str(&(*out)->layer_base,
					    vec_import_text(true, t.base)) < 0)
		ret = syc_nomem(err);
	syc_safetensors_close(s);
	return ret;
}

static struct syc_tensor list_of(const char *name, const float *x, size_t n)
{
	return (struct syc_tensor){
		.name = name, .type = SYC_TYPE_F32, .n_dims = 1,
		.ne = { n, 1, 1, 1 }, .data = (const uint8_t *)x, .bytes = n * sizeof(*x),
	};
}

/* The metadata; numbers are printed into the two buffers. */
enum { FIXED = 5 };	/* texts of every file */

/* m [FIXED + VEC_TEXTS] */
static size_t fill_meta(struct syc_meta *m, const struct syc_vector *v,
			char *n_layers, char *n_pairs, size_t size)
{
	const struct syc_meta fixed[] = {
		{ "format", "syc-vector" },
		{ "n_layers", n_layers },
		{ "n_pairs", n_pairs },
		{ "normalized", v->normalized ? "true" : "false" },
		{ "provenance", v->provenance ? v->provenance : "{}" },
	};
	size_t n = 0;

	_Static_assert(sizeof(fixed) / sizeof(fixed[0]) == FIXED,
		       "all of them");

	snprintf(n_layers, size, "%zu", v->n_layers);
	snprintf(n_pairs, size, "%" PRIu64, v->n_pairs);
	for (; n < FIXED; n++)
		m[n] = fixed[n];
	for (unsigned i = 0; i < VEC_TEXTS; i++) {
		const char *s = *vec_text(v, i);

		if (vec_text(v, i) == &v->layer_base && (!s || !*s))
			s = vec_layer_base;
		if (s)
			m[n++] = (struct syc_meta){ vec_text_key(i), s };
	}
	return n;
}

int vec_write_safetensors(const struct syc_vector *v, FILE *f, const char *path,
			  struct syc_err *err)
{
	enum { NAME = 32, NUMBER = 24 };
	struct syc_tensor *t = syc_calloc(v->n_layers + VEC_DIAGS, sizeof(*t));
	char *names = syc_calloc(v->n_layers, NAME), n_layers[NUMBER],
	     n_pairs[NUMBER];
	struct syc_meta meta[FIXED + VEC_TEXTS];
	size_t n = 0, n_meta;
	int ret;

	if (!t || !names) {
		free(t);
		free(names);
		return syc_nomem(err);
	}
	for (size_t l = 0; l < v->n_layers; l++) {
		if (!v->has[l])
			continue;
		snprintf(names + l * NAME, NAME, "direction.%zu", l);
		t[n++] = list_of(names + l * NAME, v->v + l * v->dim, v->dim);
	}
	for (unsigned i = 0; i < VEC_DIAGS; i++)
		if (*vec_diag(v, i))
			t[n++] = list_of(vec_diag_key(i), *vec_diag(v, i),
					 v->n_layers);
	n_meta = fill_meta(meta, v, n_layers, n_pairs, NUMBER);
	ret = syc_safetensors_write(t, n, meta, n_meta, f, path, err);
	free(t);
	free(names);
	return ret;
}
