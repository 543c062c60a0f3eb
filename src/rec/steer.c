/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/record.h"

/* One vector added at some layers. */
struct addition {
	float *v;		/* [n_blocks][dim] scaled; zero where not added */
	unsigned char *on;	/* [n_blocks] */
	float scale;
	uint32_t checksum;	/* of the vectors as they were read */
	struct addition *next;
};

struct syc_steer {
	uint32_t n_blocks;
	size_t dim;
	struct addition *first, **last;
};

int syc_steer_new(struct syc_steer **out, const struct syc_model *m, struct syc_err *err)
{
	struct syc_steer *s = calloc(1, sizeof(*s));

	*out = s;
	if (!s)
		return syc_nomem(err);
	s->n_blocks = syc_model_config(m)->n_layers;
	s->dim = syc_model_config(m)->dim;
	s->last = &s->first;
	return 0;
}

static void free_addition(struct addition *a)
{
	if (!a)
		return;
	free(a->v);
	free(a->on);
	free(a);
}

void syc_steer_free(struct syc_steer *s)
{
	if (!s)
		return;
	for (struct addition *a = s->first, *next; a; a = next) {
		next = a->next;
		free_addition(a);
	}
	free(s);
}

static struct addition *new_addition(const struct syc_steer *s, const struct syc_vector *v, float scale)
{
	struct addition *a = calloc(1, sizeof(*a));
	size_t n;

	if (!a)
		return NULL;
	a->v = syc_mul(&n, s->n_blocks, s->dim) ? syc_calloc(n, sizeof(*a->v)) : NULL;
	a->on = syc_calloc(s->n_blocks, 1);
	a->scale = scale;
	a->checksum = (uint32_t)crc32_z(crc32_z(0, NULL, 0), (const unsigned char *)v->v,
					v->n_layers * v->dim * sizeof(*v->v));
	if (a->v && a->on)
		return a;
	free_addition(a);
	return NULL;
}

static int add_layer(const struct syc_steer *s, struct addition *a, const struct syc_vector *v,
		     uint32_t l, struct syc_err *err)
{
	const float *from = v->v + (size_t)l * v->dim;
	bool zero = true;

	if (l >= s->n_blocks)
		return syc_fail(err, SYC_EINVAL, "layer %" PRIu32 ": the model's layers are 0 to %" PRIu32, l, s->n_blocks - 1);
	if (l >= v->n_layers || !v->has[l])
		return syc_fail(err, SYC_EINVAL, "there is no vector for layer %" PRIu32, l);
	for (size_t i = 0; i < s->dim; i++) {
		a->v[l * s->dim + i] = a->scale * from[i];
		zero = zero && from[i] == 0;
	}
	if (zero)
		return syc_fail(err, SYC_EINVAL, "the vector of layer %" PRIu32 " is zero", l);
	a->on[l] = 1;
	return 0;
}

int syc_steer_add(struct syc_steer *s, const struct syc_vector *v, float scale,
		  const uint32_t *layers, size_t n_layers, struct syc_err *err)
{
	struct addition *a;
	int ret = 0;

	if (v->dim != s->dim)
		return syc_fail(err, SYC_EINVAL, "vectors of width %zu do not fit the model's width %zu", v->dim, s->dim);
	if (!isfinite(scale))
		return syc_fail(err, SYC_EINVAL, "a scale of %g", (double)scale);
	a = new_addition(s, v, scale);
	if (!a)
		return syc_nomem(err);
	for (size_t i = 0; i < n_layers && ret == 0; i++)
		ret = add_layer(s, a, v, layers[i], err);
	for (uint32_t l = 0; !n_layers && l < v->n_layers && ret == 0; l++)
		if (v->has[l])
			ret = add_layer(s, a, v, l, err);
	if (ret < 0) {
		free_addition(a);
		return ret;
	}
	*s->last = a;
	s->last = &a->next;
	return 0;
}

/*
 * "3,5-7" into layers, each once; false when it is no such list.  A layer that
 * the model of n_blocks does not have comes alone, for its refusal.
 */
static bool parse_layers(const char *p, uint32_t *layers, uint32_t n_blocks, size_t *n)
{
	unsigned long from, to, beyond = 0;
	size_t have;
	char *end;

	for (*n = 0;; p = end + 1) {
		if (*p < '0' || *p > '9')
			return false;
		from = to = strtoul(p, &end, 10);
		if (*end == '-') {
			if (end[1] < '0' || end[1] > '9')
				return false;
			to = strtoul(end + 1, &end, 10);
		}
		if (from > to || (*end && *end != ','))
			return false;
		if (to >= n_blocks)
			beyond = to;
		for (; from <= to && to < n_blocks; from++) {
			for (have = 0; have < *n && layers[have] != from; have++)
				;
			if (have == *n)
				layers[(*n)++] = (uint32_t)from;
		}
		if (!*end)
			break;
	}
	if (beyond) {
		layers[0] = beyond < UINT32_MAX ? (uint32_t)beyond : UINT32_MAX;
		*n = 1;
	}
	return true;
}

/* Cut ":SCALE" off the end of path; 1 when there is none. */
static float cut_scale(char *path)
{
	char *colon = strrchr(path, ':'), *end;
	float scale;

	if (!colon || !colon[1])
		return 1;
	scale = strtof(colon + 1, &end);
	if (*end)
		return 1;
	*colon = 0;
	return scale;
}

static int add_file(struct syc_steer *s, char *path, uint32_t *layers, struct syc_err *err)
{
	struct syc_vector *v = NULL;
	struct syc_err e;
	char *at = strrchr(path, '@');
	size_t n = 0;
	float scale;
	int ret;

	if (at && parse_layers(at + 1, layers, s->n_blocks, &n))
		*at = 0;
	else
		n = 0;
	scale = cut_scale(path);
	ret = syc_vector_read(&v, path, NULL, err);
	if (ret == 0 && (ret = syc_steer_add(s, v, scale, layers, n, &e)) < 0)
		syc_fail(err, ret, "%s: %.400s", path, e.msg);
	syc_vector_free(v);
	return ret;
}

int syc_steer_parse(struct syc_steer *s, const char *spec, struct syc_err *err)
{
	uint32_t *layers = syc_calloc(s->n_blocks, sizeof(*layers));
	char *path = strdup(spec);
	int ret = path && layers ? add_file(s, path, layers, err) : syc_nomem(err);

	free(path);
	free(layers);
	return ret;
}

static void steer(void *arg, enum syc_hook_site site, uint32_t layer, size_t n,
		  const struct syc_where *at, float *x)
{
	(void)arg;
	(void)site;
	for (size_t t = 0; t < n; t++) {
		const struct syc_steer *s = at[t].job->steer;

		for (const struct addition *a = s ? s->first : NULL; a; a = a->next) {
			const float *v = a->v + layer * s->dim;
			float *row = x + t * s->dim;

			for (size_t i = 0; a->on[layer] && i < s->dim; i++)
				row[i] += v[i];
		}
	}
}

struct syc_hook syc_steer_hook(void)
{
	return (struct syc_hook){ SYC_HOOK_BLOCK, steer, NULL };
}

int syc_steer_describe(const struct syc_steer *s, struct syc_buf *out)
{
	int bad = syc_buf_puts(out, "[");

	for (const struct addition *a = s ? s->first : NULL; a; a = a->next) {
		const char *sep = "";

		bad |= syc_buf_printf(out, "%s{\"vector\": \"crc32:%08" PRIx32 "\", \"scale\": ",
				      a == s->first ? "" : ", ", a->checksum);
		bad |= syc_buf_float(out, a->scale);
		bad |= syc_buf_puts(out, ", \"layers\": [");
		for (uint32_t l = 0; l < s->n_blocks; l++) {
			if (!a->on[l])
				continue;
			bad |= syc_buf_printf(out, "%s%" PRIu32, sep, l);
			sep = ", ";
		}
		bad |= syc_buf_puts(out, "]}");
	}
	return bad | syc_buf_puts(out, "]") ? SYC_ENOMEM : 0;
}
