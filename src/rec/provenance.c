/* SPDX-License-Identifier: MIT */
/* In what two provenances differ. */
#include "config.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "syc/acts.h"

enum { MAX_NAME = 120 };

/* Where two values differ: the innermost, and its name. */
struct difference {
	const json_t *was, *now;	/* NULL: is not there */
	char name[MAX_NAME];
};

static bool find(struct difference *d, const json_t *was, const json_t *now,
		 const char *name);

static bool find_member(struct difference *d, const json_t *was,
			const json_t *now, const char *name, const char *key)
{
	char inner[MAX_NAME];

	snprintf(inner, sizeof(inner), "%s%s%s", name, *name ? "." : "", key);
	return find(d, json_object_get(was, key), json_object_get(now, key), inner);
}

/* The run is last: its digest says only that something differs. */
static bool find_in_object(struct difference *d, const json_t *was,
			   const json_t *now, const char *name)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)was, key, v)
		if (strcmp(key, "run") != 0 && find_member(d, was, now, name, key))
			return true;
	json_object_foreach((json_t *)now, key, v)
		if (strcmp(key, "run") != 0 && find_member(d, was, now, name, key))
			return true;
	return find_member(d, was, now, name, "run");
}

static bool find_in_array(struct difference *d, const json_t *was,
			  const json_t *now, const char *name)
{
	char inner[MAX_NAME];

	for (size_t i = 0; i < json_array_size(was); i++) {
		snprintf(inner, sizeof(inner), "%s[%zu]", name, i);
		if (find(d, json_array_get(was, i), json_array_get(now, i), inner))
			return true;
	}
	return false;
}

static bool find(struct difference *d, const json_t *was, const json_t *now,
		 const char *name)
{
	if ((!was && !now) || json_equal(was, now))
		return false;
	if (json_is_object(was) && json_is_object(now))
		return find_in_object(d, was, now, name);
	if (json_is_array(was) && json_array_size(was) == json_array_size(now) &&
	    json_is_array(now))
		return find_in_array(d, was, now, name);
	d->was = was;
	d->now = now;
	snprintf(d->name, sizeof(d->name), "%s", name);
	return true;
}

static char *text_of(const json_t *v)
{
	return v ? json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) : strdup("none");
}

static int tell(const struct difference *d, const char *path, struct syc_err *err)
{
	char *was = text_of(d->was), *now = text_of(d->now);
	const int ret = was && now ?
		syc_fail(err, SYC_EINVAL, "%.200s: was begun with %s %.90s, not %.90s",
			 path, d->name, was, now) : syc_nomem(err);

	free(was);
	free(now);
	return ret;
}

int syc_provenance_same(const char *was, const char *now, const char *path,
			struct syc_err *err)
{
	json_t *a = json_loads(was, 0, NULL), *b = json_loads(now, 0, NULL);
	struct difference d = { 0 };
	int ret = 0;

	if (!a || !b)
		ret = strcmp(was, now) == 0 ? 0 :
		      syc_fail(err, SYC_EINVAL, "%s: was begun with another provenance", path);
	else if (find(&d, a, b, ""))
		ret = tell(&d, path, err);
	json_decref(a);
	json_decref(b);
	return ret;
}

/* The model's digest: its own, or that of the activations it was made from. */
static const char *model_of(const json_t *o)
{
	const json_t *acts = json_object_get(o, "activations");
	const char *model = json_string_value(json_object_get(o, "model"));

	acts = acts ? json_array_get(acts, 0) : json_object_get(o, "acts");
	return model ? model : json_string_value(json_object_get(acts, "model"));
}

static bool is_foreign(const json_t *a, const json_t *b)
{
	const char *p = model_of(a), *q = model_of(b);

	return p && q && strcmp(p, q) != 0;
}

bool syc_provenance_foreign(const char *a, const char *b)
{
	json_t *p = json_loads(a ? a : "", 0, NULL), *q = json_loads(b ? b : "", 0, NULL);
	const bool foreign = is_foreign(p, q);

	json_decref(p);
	json_decref(q);
	return foreign;
}

int syc_provenance_model(struct syc_buf *out, const char *a)
{
	json_t *p = json_loads(a ? a : "", 0, NULL);
	const char *model = model_of(p);
	const int ret = model ? syc_buf_puts(out, model) : 0;

	json_decref(p);
	return ret;
}
