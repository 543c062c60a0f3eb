/* SPDX-License-Identifier: MIT */
/*
 * .svec files of IBM's activation-steering library: one JSON object
 *
 *     {"model_type": "llama", "directions": {"0": [numbers], ...},
 *      "explained_variances": {"0": number, ...}}
 *
 * where key l is what block l put out (hidden_states[l+1] of transformers).
 */
#include "config.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/json.h"
#include "rec/vector_file.h"

/* "12" as 12; false for what is no layer. */
static bool parse_layer(const char *s, size_t *layer)
{
	const size_t digits = strspn(s, "0123456789");

	if (digits < 1 || digits > 6 || s[digits] ||
	    (s[0] == '0' && digits > 1))
		return false;
	*layer = strtoul(s, NULL, 10);
	return true;
}

/* The layers and the width that the directions need, all of them checked. */
static int measure(json_t *dirs, int base, const char *path, size_t *n_layers,
		   size_t *dim, struct syc_err *err)
{
	const char *key;
	json_t *x;
	size_t l;

	*n_layers = *dim = 0;
	json_object_foreach(dirs, key, x) {
		if (!parse_layer(key, &l))
			return syc_fail(err, SYC_EFORMAT,
					"%s: '%.60s' is no layer", path, key);
		if (!json_is_array(x) || json_array_size(x) == 0)
			return syc_fail(err, SYC_EFORMAT,
				"%s: layer %zu is not a list of numbers",
				path, l);
		if (*dim && json_array_size(x) != *dim)
			return syc_fail(err, SYC_EFORMAT,
				"%s: layer %zu has width %zu, another %zu",
				path, l, json_array_size(x), *dim);
		*dim = json_array_size(x);
		if (l + 1 > *n_layers + (size_t)base)
			*n_layers = l + 1 - (size_t)base;
	}
	if (*n_layers == 0)
		return syc_fail(err, SYC_EFORMAT, "%s: has no directions",
				path);
	if (*n_layers > VEC_MAX_LAYERS)
		return syc_fail(err, SYC_EFORMAT, "%s: %zu layers (at most %d)",
				path, *n_layers, VEC_MAX_LAYERS);
	return 0;
}

static int fill(struct syc_vector *v, json_t *dirs, size_t base,
		const char *path, struct syc_err *err)
{
	const char *key;
	json_t *x;
	size_t l = 0;

	json_object_foreach(dirs, key, x) {
		if (!parse_layer(key, &l) || l < base)
			continue;
		l -= base;
		v->has[l] = 1;
		for (size_t i = 0; i < v->dim; i++) {
			const json_t *number = json_array_get(x, i);

			if (!json_is_number(number))
				return syc_fail(err, SYC_EFORMAT,
					"%s: layer %s, component %zu is not a number",
					path, key, i);
			v->v[l * v->dim + i] = (float)json_number_value(number);
		}
	}
	return 0;
}

/* As the file has them; NaN where it has none. */
static int get_explained(struct syc_vector *v, json_t *root, size_t base,
			 struct syc_err *err)
{
	const char *key;
	json_t *x, *all = json_object_get(root, "explained_variances");
	size_t l;

	if (!json_is_object(all))
		return 0;
	v->explained = syc_calloc(v->n_layers, sizeof(*v->explained));
	if (!v->explained)
		return syc_nomem(err);
	for (l = 0; l < v->n_layers; l++)
		v->explained[l] = __builtin_nanf("");
	json_object_foreach(all, key, x)
		if (parse_layer(key, &l) && l >= base &&
		    l - base < v->n_layers && json_is_number(x))
			v->explained[l - base] = (float)json_number_value(x);
	return 0;
}

static int from_json(struct syc_vector **out, json_t *root,
		     const struct syc_vector_read_opts *o, const char *path,
		     struct syc_err *err)
{
	const int base = vec_base(o);
	json_t *dirs = json_object_get(root, "directions");
	const char *model = json_string_value(json_object_get(root, "model_type"));
	const char *said = base ?
		"imported: key l was taken as layer l-1, key 0 dropped" :
		"imported: key l was taken as layer l";
	size_t n_layers, dim;
	int ret;

	if (!json_is_object(dirs))
		return syc_fail(err, SYC_EFORMAT,
			"%s: not a vector file: JSON without 'directions' of layers",
			path);
	ret = measure(dirs, base, path, &n_layers, &dim, err);
	if (ret < 0)
		return ret;
	ret = vec_new(out, path, o, n_layers, dim, 0, err);
	if (ret < 0)
		return ret;
	ret = fill(*out, dirs, (size_t)base, path, err);
	if (ret == 0)
		ret = get_explained(*out, root, (size_t)base, err);
	if (ret == 0 && model && syc_vector_str(&(*out)->model_hint, model) < 0)
		ret = syc_nomem(err);
	if (ret == 0 && syc_vector_str(&(*out)->layer_base, said) < 0)
		ret = syc_nomem(err);
	return ret;
}

int vec_read_svec(struct syc_vector **out, const char *path,
		  const struct syc_vector_read_opts *o, struct syc_err *err)
{
	struct syc_map m;
	json_t *root;
	int ret = syc_map_open(&m, path, err);

	if (ret < 0)
		return ret;
	ret = syc_json_load(&root, m.data ? (const char *)m.data : "", m.len,
			    path, "the vector file", err);
	if (ret == 0)
		ret = from_json(out, root, o, path, err);
	json_decref(root);
	syc_map_close(&m);
	return ret;
}
