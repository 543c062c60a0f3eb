/* SPDX-License-Identifier: MIT */
/* The programs' documents, and where in them a number is. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/study/study.h"

static char *doc_path(const struct study *s, enum study_doc which)
{
	static const char *const names[] = {
		[DOC_SETS] = "transfer", [DOC_HELD] = "confounds",
		[DOC_LIKE] = "cosines",	 [DOC_STABLE] = "stability.all",
		[DOC_EQUAL] = "equal",	 [DOC_ALL] = "sweep-methods",
		[DOC_GRID] = "sweep",
	};

	return text_new("%s.json", which == DOC_ANSWERS ? s->set[s->train].name
							: names[which]);
}

int study_doc(struct study *s, enum study_doc which, const json_t **doc,
	      struct syc_err *err)
{
	struct docs *d = &s->doc[which];
	int ret = 0;

	*doc = NULL;
	if (!d->n) {
		char *path = doc_path(s, which);

		ret = docs_read(d, &path, 1, err);
		if (ret == 0 && !d->n)
			ret = fail(err, SYC_EFORMAT, "%s is empty", path);
		free(path);
	}
	if (ret == 0)
		*doc = d->doc[0].json;
	return ret;
}

static struct syc_estimate three(const json_t *o, const char *x, const char *lo,
				 const char *hi)
{
	return (struct syc_estimate){ doc_number(o, x), doc_number(o, lo),
				      doc_number(o, hi) };
}

struct syc_estimate estimate(const json_t *o, const char *key)
{
	char lo[64], hi[64];

	snprintf(lo, sizeof(lo), "%s_lo", key);
	snprintf(hi, sizeof(hi), "%s_hi", key);
	return three(o, key, lo, hi);
}

struct syc_estimate within_of(const json_t *confound)
{
	return three(confound, "within_auc", "within_lo", "within_hi");
}

struct syc_estimate stable_of(const json_t *stability)
{
	return three(stability, "cosine", "lo", "hi");
}

bool text_is(const json_t *o, const char *key, const char *text)
{
	return strcmp(doc_text(o, key), text) == 0;
}

const json_t *transfer_of(const json_t *doc, const char *vector,
			  const char *train, const char *test)
{
	const json_t *cells = json_object_get(doc, "transfer");

	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *c = json_array_get(cells, i);

		if (text_is(c, "vector", vector) &&
		    text_is(c, "train", train) && text_is(c, "test", test))
			return c;
	}
	return NULL;
}

const json_t *fit_of(const json_t *doc, const char *vector, int layer)
{
	const json_t *fits = json_object_get(doc, "fits");

	for (size_t i = 0; i < json_array_size(fits); i++) {
		const json_t *f = json_array_get(fits, i),
			     *layers = json_object_get(f, "layers");

		for (size_t l = 0; text_is(f, "vector", vector) &&
				   l < json_array_size(layers);
		     l++)
			if (doc_number(json_array_get(layers, l), "layer") ==
			    layer)
				return json_array_get(layers, l);
	}
	return NULL;
}

int study_choose_layer(struct study *s, struct syc_err *err)
{
	const char *train = s->set[s->train].name;
	const json_t *doc, *own;
	int ret = study_doc(s, DOC_SETS, &doc, err);

	if (ret < 0)
		return ret;
	own = transfer_of(doc, "mean", train, train);
	if (own) {
		s->layer = (int)doc_number(own, "layer");
	} else {
		const double first = doc_number(
			json_array_get(json_object_get(doc, "transfer"), 0),
			"layer");

		s->layer = isnan(first) ? 0 : (int)first / 2;
	}
	return 0;
}
