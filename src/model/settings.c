/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/json.h"
#include "model/settings.h"

enum { MAX_BYTES = 16 << 20, MAX_DEPTH = 32 };

int syc_settings_parse(struct syc_settings *in, const char *text, size_t n,
		       const char *path, struct syc_err *err)
{
	int ret;

	*in = (struct syc_settings){ .path = path, .err = err };
	if (n > MAX_BYTES)
		return syc_fail(err, SYC_EFORMAT, "%s: %zu bytes are too many",
				path, n);
	ret = syc_json_parse(&in->root, text ? text : "", n, MAX_DEPTH, path,
			     "the file", err);
	in->o = in->root;
	return ret;
}

int syc_settings_open(struct syc_settings *in, const char *folder,
		      const char *name, struct syc_err *err)
{
	struct syc_map map;
	char *path;
	int ret;

	*in = (struct syc_settings){ 0 };
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return syc_nomem(err);
	ret = syc_map_open(&map, path, err);
	if (ret == 0) {
		ret = syc_settings_parse(in, (const char *)map.data, map.len,
					 path, err);
		syc_map_close(&map);
	}
	in->own_path = path;
	return ret;
}

void syc_settings_free(struct syc_settings *in)
{
	json_decref(in->root);
	free(in->own_path);
	*in = (struct syc_settings){ 0 };
}

const json_t *syc_settings_get(const struct syc_settings *in, const char *key)
{
	const json_t *v = json_object_get(in->o, key);

	return json_is_null(v) ? NULL : v;
}

int syc_settings_count(const struct syc_settings *in, const char *key,
		       uint32_t fallback, uint32_t max, uint32_t *out)
{
	const json_t *v = syc_settings_get(in, key);
	json_int_t n = v ? json_integer_value(v) : fallback;

	if (!v && !fallback)
		return syc_fail(in->err, SYC_EFORMAT, "%s: no '%s'", in->path,
				key);
	if (json_is_real(v) && fabs(json_real_value(v)) > 9e18)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: '%s' is %g (1 to %" PRIu32 " is possible)",
				in->path, key, json_real_value(v), max);
	if (v && !json_is_integer(v))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: '%s' is not a whole number", in->path,
				key);
	if (n < 1 || n > max)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: '%s' is %" JSON_INTEGER_FORMAT " (1 to "
				"%" PRIu32 " is possible)",
				in->path, key, n, max);
	*out = (uint32_t)n;
	return 0;
}

int syc_settings_float(const struct syc_settings *in, const char *key,
		       float fallback, float *out)
{
	const json_t *v = syc_settings_get(in, key);

	*out = json_is_number(v) ? (float)json_number_value(v) : fallback;
	if (!v && !(fallback > 0))
		return syc_fail(in->err, SYC_EFORMAT, "%s: no '%s'", in->path,
				key);
	if (v && !json_is_number(v))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: '%s' is not a number", in->path, key);
	if (!(*out > 0 && *out < 1e30f))
		return syc_fail(in->err, SYC_EFORMAT, "%s: '%s' is %g",
				in->path, key, (double)*out);
	return 0;
}

int syc_settings_bool(const struct syc_settings *in, const char *key,
		      bool fallback, bool *out)
{
	const json_t *v = syc_settings_get(in, key);

	*out = v ? json_is_true(v) : fallback;
	if (v && !json_is_boolean(v))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: '%s' is neither true nor false", in->path,
				key);
	return 0;
}

int syc_settings_text(const struct syc_settings *in, const char *key,
		      const char **out)
{
	const json_t *v = syc_settings_get(in, key);

	*out = json_string_value(v);
	if (v && !*out)
		return syc_fail(in->err, SYC_EFORMAT, "%s: '%s' is not a text",
				in->path, key);
	return 0;
}
