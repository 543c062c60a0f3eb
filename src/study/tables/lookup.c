/* SPDX-License-Identifier: MIT */
/* Where in the programs' documents a number is. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "study/tables/tables.h"

double number_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

bool text_is(const json_t *o, const char *key, const char *text)
{
	return strcmp(text_of(o, key), text) == 0;
}

struct syc_estimate estimate_of(const json_t *o, const char *key)
{
	char x[64], lo[64], hi[64];

	if (sscanf(key, "%63[^,],%63[^,],%63s", x, lo, hi) != 3) {
		snprintf(x, sizeof(x), "%s", key);
		snprintf(lo, sizeof(lo), "%s_lo", key);
		snprintf(hi, sizeof(hi), "%s_hi", key);
	}
	return (struct syc_estimate){ number_of(o, x), number_of(o, lo),
				      number_of(o, hi) };
}

const char *train_of(const struct syc_study_documents *d)
{
	return d->set[d->train].name;
}

const json_t *rows_of(const struct syc_study_documents *d,
		      enum syc_study_doc which)
{
	const json_t *doc = d->doc[which];

	switch (which) {
	case SYC_STUDY_TRANSFER: return json_object_get(doc, "transfer");
	case SYC_STUDY_SLOPES: return json_object_get(doc, "curves");
	case SYC_STUDY_PRIMARY:
	case SYC_STUDY_EQUAL:
	case SYC_STUDY_METHODS:
	case SYC_STUDY_TRUTH: return json_object_get(doc, "settings");
	default: return doc;
	}
}

const json_t *transfer_of(const struct syc_study_documents *d,
			  const char *vector, const char *train,
			  const char *test)
{
	const json_t *t;
	size_t i;

	json_array_foreach(rows_of(d, SYC_STUDY_TRANSFER), i, t)
		if (text_is(t, "vector", vector) &&
		    text_is(t, "train", train) && text_is(t, "test", test))
			return t;
	return NULL;
}

const json_t *fit_of(const json_t *doc, const char *vector, double layer)
{
	const json_t *fit, *l;
	size_t i, k;

	json_array_foreach(json_object_get(doc, "fits"), i, fit) {
		if (!text_is(fit, "vector", vector))
			continue;
		json_array_foreach(json_object_get(fit, "layers"), k, l)
			if (number_of(l, "layer") == layer)
				return l;
	}
	return NULL;
}

const json_t *procedure_of(const json_t *doc, const char *vector, const char *of)
{
	const json_t *fit;
	size_t i;

	json_array_foreach(json_object_get(doc, "fits"), i, fit)
		if (text_is(fit, "vector", vector))
			return json_object_get(fit, of);
	return NULL;
}

/* Whether a member is the name of a vector's file. */
static bool is_file_of(const json_t *o, const char *key, const char *vector)
{
	const size_t n = strlen(vector);

	return strncmp(text_of(o, key), vector, n) == 0 &&
	       strcmp(text_of(o, key) + n, ".gguf") == 0;
}

const json_t *cosines_of(const struct syc_study_documents *d, const char *a, const char *b)
{
	const json_t *o;
	size_t i;

	json_array_foreach(d->doc[SYC_STUDY_COSINES], i, o)
		if (is_file_of(o, "a", a) && is_file_of(o, "b", b))
			return json_object_get(o, "cosine");
	return NULL;
}

double cosine_of(const struct syc_study_documents *d, const char *a, const char *b)
{
	const json_t *x = json_array_get(cosines_of(d, a, b), (size_t)d->layer);

	return json_is_number(x) ? json_number_value(x) : NAN;
}

int sign_of(const json_t *o)
{
	return number_of(o, "sign") < 0 ? -1 : 1;
}

int syc_study_choose_layer(const struct syc_study_documents *d)
{
	const json_t *own = transfer_of(d, "mean", train_of(d), train_of(d)),
		     *any = json_array_get(rows_of(d, SYC_STUDY_TRANSFER), 0);
	const double at = own ? number_of(own, "layer")
			      : number_of(any, "layer") / 2;

	return isnan(at) ? 0 : (int)at;
}
