/* SPDX-License-Identifier: MIT */
/* Files of null vectors, which are trusted in nothing. */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/zip.h"
#include "study/vector/null.h"

enum { MOST_TEXT = 1 << 24, MOST_LAYERS = 4096 };

struct syc_nulls {
	struct syc_zip *z;
	struct syc_nulls_info info;	/* its texts and lists are below */
	char *name, *position, *provenance;
	uint32_t *layers;
	uint64_t *claim;
	enum syc_null kind;		/* of what is kept */
	float **kept;			/* [n_layers] or NULL */
};

static int bad(const struct syc_nulls *s, const char *why, struct syc_err *err)
{
	return syc_fail(err, SYC_EFORMAT, "%.300s: %s", syc_zip_path(s->z), why);
}

/* The elements of an array of one dimension; the caller frees *data. */
static int read_list(uint8_t **data, const uint8_t **x, size_t *n,
		     struct syc_nulls *s, const char *name, char kind,
		     size_t item, struct syc_err *err)
{
	const size_t i = syc_zip_find(s->z, name);
	struct syc_npy h;
	int ret;

	*data = NULL;
	if (i == SIZE_MAX)
		return bad(s, "is no whole file of null vectors", err);
	ret = syc_npz_read(s->z, i, &h, data, err);
	if (ret < 0)
		return ret;
	if (h.n_dims != 1 || h.kind != kind || h.item != item)
		return bad(s, "has a list of another kind", err);
	*x = *data + h.head;
	*n = (size_t)h.count;
	return 0;
}

static int read_layers(struct syc_nulls *s, struct syc_err *err)
{
	const uint8_t *x;
	uint8_t *data;
	size_t n;
	int ret = read_list(&data, &x, &n, s, "layer.npy", 'i', 4, err);

	if (ret == 0 && (!n || n > MOST_LAYERS))
		ret = bad(s, "has no layers", err);
	if (ret == 0)
		s->layers = syc_calloc(n, sizeof(*s->layers));
	if (ret == 0 && !s->layers)
		ret = syc_nomem(err);
	if (ret == 0)
		memcpy(s->layers, x, n * sizeof(*s->layers));
	for (size_t l = 0; l < n && ret == 0; l++)
		if (s->layers[l] >= s->info.n_blocks ||
		    (l && s->layers[l] <= s->layers[l - 1]))
			ret = bad(s, "its layers do not rise", err);
	s->info.n_layers = n;
	free(data);
	return ret;
}

static int read_claims(struct syc_nulls *s, struct syc_err *err)
{
	const uint8_t *x;
	uint8_t *data;
	size_t n;
	int ret = read_list(&data, &x, &n, s, "claim.npy", 'u', 8, err);

	if (ret == 0)
		s->claim = syc_calloc(n + 1, sizeof(*s->claim));
	if (ret == 0 && !s->claim)
		ret = syc_nomem(err);
	if (ret == 0)
		memcpy(s->claim, x, n * sizeof(*s->claim));
	for (size_t k = 1; k < n && ret == 0; k++)
		if (s->claim[k] <= s->claim[k - 1])
			ret = bad(s, "its claims do not rise", err);
	s->info.n_claims = n;
	free(data);
	return ret;
}

static int take_text(char **out, const json_t *doc, const char *key)
{
	const char *x = json_string_value(json_object_get(doc, key));

	*out = strdup(x ? x : "");
	return *out ? 0 : SYC_ENOMEM;
}

static bool take_count(size_t *n, const json_t *x, size_t most)
{
	const double v = x ? json_number_value(x) : 0;

	*n = v >= 0 && v <= (double)most ? (size_t)v : 0;
	return v == (double)*n;
}

static int take_format(struct syc_nulls *s, const json_t *doc,
		       struct syc_err *err)
{
	const char *format = json_string_value(json_object_get(doc, "format"));
	const json_t *draws = json_object_get(doc, "draws");
	bool good = format && strcmp(format, "syc-nulls") == 0;

	if (!good)
		return bad(s, "is no file of null vectors", err);
	if (json_integer_value(json_object_get(doc, "version")) != 1)
		return bad(s, "is of a version that is not known", err);
	good = take_count(&s->info.n_blocks, json_object_get(doc, "blocks"), MOST_LAYERS);
	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		good &= take_count(&s->info.n[k], json_object_get(draws, syc_null_name(k)),
				   SYC_NULL_MOST);
	if (!good)
		return bad(s, "has numbers that are none", err);
	return take_text(&s->name, doc, "name") < 0 ||
	       take_text(&s->position, doc, "position") < 0 ? syc_nomem(err) : 0;
}

static int read_texts(struct syc_nulls *s, struct syc_err *err)
{
	const size_t i = syc_zip_find_text(s->z, "format.json"),
		     k = syc_zip_find_text(s->z, "provenance.json");
	char *text = NULL;
	json_t *doc = NULL;
	int ret;

	if (i == SIZE_MAX || k == SIZE_MAX || !syc_zip_complete(s->z))
		return bad(s, "is no whole file of null vectors", err);
	ret = syc_zip_text(s->z, i, MOST_TEXT, &text, err);
	if (ret == 0)
		doc = json_loads(text, 0, NULL);
	if (ret == 0)
		ret = doc ? take_format(s, doc, err) : bad(s, "format.json is not JSON", err);
	if (ret == 0)
		ret = syc_zip_text(s->z, k, MOST_TEXT, &s->provenance, err);
	json_decref(doc);
	free(text);
	return ret;
}

/* The member of a kind at a layer, and that it has the shape it should. */
static int find_member(size_t *at, struct syc_npy *h, struct syc_nulls *s,
		       enum syc_null kind, size_t layer, struct syc_err *err)
{
	char name[32];
	int ret;

	snprintf(name, sizeof(name), "%s/%06" PRIu32 ".npy", syc_null_name(kind),
		 s->layers[layer]);
	*at = syc_zip_find(s->z, name);
	if (*at == SIZE_MAX)
		return bad(s, "lacks draws at a layer", err);
	ret = syc_npz_head(s->z, *at, h, err);
	if (ret == 0 && (h->n_dims != 2 || h->kind != 'f' || h->item != 4 || h->fortran ||
			 h->shape[0] != s->info.n[kind] || !h->shape[1] ||
			 (s->info.dim && h->shape[1] != s->info.dim)))
		ret = bad(s, "has draws of another shape than it says", err);
	return ret;
}

static int check_members(struct syc_nulls *s, struct syc_err *err)
{
	struct syc_npy h;
	size_t at;

	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		for (size_t l = 0; l < s->info.n_layers && s->info.n[k]; l++) {
			int ret = find_member(&at, &h, s, k, l, err);

			if (ret < 0)
				return ret;
			s->info.dim = (size_t)h.shape[1];
		}
	return s->info.dim ? 0 : bad(s, "has no null vectors", err);
}

int syc_nulls_open(struct syc_nulls **out, const char *path, struct syc_err *err)
{
	struct syc_nulls *s = calloc(1, sizeof(*s));
	int ret = s ? syc_zip_open(&s->z, path, false, err) : syc_nomem(err);

	*out = NULL;
	if (ret == 0)
		ret = read_texts(s, err);
	if (ret == 0)
		ret = read_layers(s, err);
	if (ret == 0)
		ret = read_claims(s, err);
	if (ret == 0)
		ret = check_members(s, err);
	if (ret < 0) {
		syc_nulls_close(s);
		return ret;
	}
	s->info.name = s->name;
	s->info.position = s->position;
	s->info.provenance = s->provenance;
	s->info.layers = s->layers;
	s->info.claim = s->claim;
	*out = s;
	return 0;
}

static void drop_kept(struct syc_nulls *s)
{
	for (size_t l = 0; s->kept && l < s->info.n_layers; l++)
		free(s->kept[l]);
	free(s->kept);
	s->kept = NULL;
}

void syc_nulls_close(struct syc_nulls *s)
{
	if (!s)
		return;
	drop_kept(s);
	syc_zip_close(s->z);
	free(s->name);
	free(s->position);
	free(s->provenance);
	free(s->layers);
	free(s->claim);
	free(s);
}

const struct syc_nulls_info *syc_nulls_info(const struct syc_nulls *s)
{
	return &s->info;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

bool syc_nulls_has_claim(const struct syc_nulls *s, uint64_t claim)
{
	return bsearch(&claim, s->claim, s->info.n_claims, sizeof(claim),
		       by_number) != NULL;
}

int syc_nulls_layer(float **out, struct syc_nulls *s, enum syc_null kind,
		    size_t layer, struct syc_err *err)
{
	struct syc_npy h;
	uint8_t *data;
	size_t at;
	int ret = find_member(&at, &h, s, kind, layer, err);

	*out = NULL;
	if (ret == 0)
		ret = syc_npz_read(s->z, at, &h, &data, err);
	if (ret < 0)
		return ret;
	*out = syc_calloc((size_t)h.count, sizeof(**out));
	if (*out)
		syc_npy_floats(*out, &h, data + h.head, (size_t)h.count);
	free(data);
	if (!*out)
		return syc_nomem(err);
	for (size_t i = 0; i < h.count; i++)
		if (!isfinite((*out)[i])) {
			free(*out);
			*out = NULL;
			return bad(s, "has a number that is not finite", err);
		}
	return 0;
}

/* All layers of a kind. */
static int keep_kind(struct syc_nulls *s, enum syc_null kind, struct syc_err *err)
{
	int ret = 0;

	if (s->kept && s->kind == kind)
		return 0;
	drop_kept(s);
	s->kept = calloc(s->info.n_layers, sizeof(*s->kept));
	s->kind = kind;
	if (!s->kept)
		return syc_nomem(err);
	for (size_t l = 0; l < s->info.n_layers && ret == 0; l++)
		ret = syc_nulls_layer(&s->kept[l], s, kind, l, err);
	if (ret < 0)
		drop_kept(s);
	return ret;
}

static int describe(struct syc_vector *v, const struct syc_nulls *s,
		    enum syc_null kind, size_t i)
{
	char method[32];
	struct syc_buf b = { 0 };
	int bad_text;

	snprintf(method, sizeof(method), "null-%s", syc_null_name(kind));
	bad_text = syc_buf_printf(&b, "%s-%s-%zu", s->name, syc_null_name(kind), i + 1) < 0 ||
		   syc_vector_str(&v->name, b.data) < 0 ||
		   syc_vector_str(&v->method, method) < 0 ||
		   syc_vector_str(&v->model_hint, "") < 0 ||
		   syc_vector_str(&v->position, s->position) < 0;
	b.len = 0;
	bad_text = bad_text ||
		   syc_buf_printf(&b, "{\"number\": %zu, \"nulls\": %s}", i + 1,
				  s->provenance) < 0 ||
		   syc_vector_str(&v->provenance, b.data) < 0;
	syc_buf_free(&b);
	return bad_text ? SYC_ENOMEM : 0;
}

int syc_nulls_vector(struct syc_vector **out, struct syc_nulls *s,
		     enum syc_null kind, size_t i, struct syc_err *err)
{
	const size_t dim = s->info.dim;
	struct syc_vector *v;
	int ret = i < s->info.n[kind] ? keep_kind(s, kind, err)
				      : bad(s, "has no such draw", err);

	*out = NULL;
	if (ret < 0)
		return ret;
	v = syc_vector_new(s->info.n_blocks, dim);
	if (!v || describe(v, s, kind, i) < 0) {
		syc_vector_free(v);
		return syc_nomem(err);
	}
	for (size_t l = 0; l < s->info.n_layers; l++) {
		const size_t at = s->layers[l];

		memcpy(v->v + at * dim, s->kept[l] + i * dim, dim * sizeof(*v->v));
		v->has[at] = 1;
	}
	*out = v;
	return 0;
}
