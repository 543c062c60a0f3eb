/* SPDX-License-Identifier: MIT */
/* Vectors of vectors: sums, what is orthogonal to others, random ones as long. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "study/vector/direction.h"
#include "syc/linear.h"
#include "syc/stat.h"

static bool has_layer(const struct syc_vector *v, size_t l)
{
	return l < v->n_layers && v->has[l];
}

double syc_vector_length(const struct syc_vector *v, size_t l)
{
	double sum = 0;

	for (size_t i = 0; i < v->dim; i++)
		sum += (double)v->v[l * v->dim + i] *
		       (double)v->v[l * v->dim + i];
	return sqrt(sum);
}

double syc_vector_cosine(const struct syc_vector *a, size_t l,
			 const struct syc_vector *b, size_t k)
{
	if (!has_layer(a, l) || !has_layer(b, k) || a->dim != b->dim)
		return NAN;
	return syc_cosine(a->v + l * a->dim, b->v + k * b->dim, a->dim);
}

/* x [dim] is the sum; the mean of the inputs' lengths is *length. */
static int add_layer(double *x, double *length, const struct syc_combine *c,
		     size_t l, struct syc_err *err)
{
	const size_t dim = c->in[0].v->dim;

	*length = 0;
	memset(x, 0, dim * sizeof(*x));
	for (size_t k = 0; k < c->n_in; k++) {
		const struct syc_vector *v = c->in[k].v;
		const double own = syc_vector_length(v, l);
		double w = c->in[k].weight / (c->average ? (double)c->n_in : 1);

		if (c->unit && !(own > 0))
			return syc_fail(err, SYC_EINVAL,
					"layer %zu: vector %zu has no length",
					l, k + 1);
		w /= c->unit ? own : 1;
		*length += own / (double)c->n_in;
		for (size_t i = 0; i < dim; i++)
			x[i] += w * (double)v->v[l * dim + i];
	}
	return 0;
}

/* What the others have at this layer, one orthogonal to the next. */
static size_t basis_of(double *basis, const struct syc_combine *c, size_t l)
{
	const size_t dim = c->in[0].v->dim;
	size_t n = 0;

	for (size_t k = 0; k < c->n_out; k++) {
		const struct syc_vector *v = c->out[k].v;
		double *u = basis + n * dim, before, length;

		if (!has_layer(v, l))
			continue;
		for (size_t i = 0; i < dim; i++)
			u[i] = (double)v->v[l * dim + i];
		before = double_length(u, dim);
		/* Twice: once leaves rounding where two are nearly alike. */
		orthogonalize(u, basis, n, dim);
		orthogonalize(u, basis, n, dim);
		length = double_length(u, dim);
		if (!(length > 1e-6 * before))
			continue;
		for (size_t i = 0; i < dim; i++)
			u[i] /= length;
		n++;
	}
	return n;
}

/* x [dim] and basis [n_out][dim] are room. */
static int combine_layer(struct syc_vector *out, const struct syc_combine *c,
			 size_t l, double *x, double *basis,
			 struct syc_err *err)
{
	const size_t dim = out->dim;
	double mean_length, before, length, scale = c->scale;
	int ret = add_layer(x, &mean_length, c, l, err);

	if (ret < 0)
		return ret;
	before = double_length(x, dim);
	orthogonalize(x, basis, basis_of(basis, c, l), dim);
	length = double_length(x, dim);
	if (c->n_out && !(length > 1e-6 * before))
		return syc_fail(err, SYC_EINVAL,
			"layer %zu: nothing is left beside what is taken out",
			l);
	if (c->normalize && !(length > 0))
		return syc_fail(err, SYC_EINVAL,
			"layer %zu: the vector has no length to normalize", l);
	if (c->normalize)
		scale *= (c->normalize == SYC_NORMALIZE_UNIT ? 1 : mean_length) /
			 length;
	for (size_t i = 0; i < dim; i++)
		out->v[l * dim + i] = (float)(x[i] * scale);
	out->has[l] = 1;
	return 0;
}

static int put_program(struct syc_buf *b, const char *program)
{
	return syc_buf_printf(b, "{\"program\": \"%s\", \"version\": \"%s\"",
			      program ? program : "libsyc", syc_version());
}

static int put_parts(struct syc_buf *b, const struct syc_combine_part *p,
		     size_t n)
{
	int bad = syc_buf_puts(b, "[");

	for (size_t i = 0; i < n; i++) {
		const struct syc_vector *v = p[i].v;
		const size_t bytes = v->n_layers * v->dim * sizeof(*v->v);
		uint32_t sum = (uint32_t)crc32_z(0, (const unsigned char *)v->v,
						 bytes);

		bad |= syc_buf_printf(b,
				      "%s{\"vector\": \"crc32:%08" PRIx32
				      "\", \"weight\": %.17g}",
				      i ? ", " : "", sum, p[i].weight);
	}
	return bad | syc_buf_puts(b, "]");
}

/* What a vector says of itself that was made like another. */
static int set_texts(struct syc_vector *v, const struct syc_vector *like,
		     const char *method, const struct syc_buf *provenance)
{
	const char *position = like->position ? like->position : "";
	const char *hint = like->model_hint ? like->model_hint : "";

	return syc_vector_str(&v->name, "") < 0 ||
		syc_vector_str(&v->provenance, provenance->data) < 0 ||
		syc_vector_str(&v->method, method) < 0 ||
		syc_vector_str(&v->position, position) < 0 ||
		syc_vector_str(&v->model_hint, hint) < 0;
}

/* The model that all inputs are of, where every one says so. */
static int put_model(struct syc_buf *b, const struct syc_combine *c)
{
	struct syc_buf model = { 0 }, other = { 0 };
	int bad = syc_provenance_model(&model, c->in[0].v->provenance);
	bool one = model.len > 0;

	for (size_t i = 1; i < c->n_in && one; i++) {
		other.len = 0;
		bad |= syc_provenance_model(&other, c->in[i].v->provenance);
		one = other.len == model.len && memcmp(other.data, model.data, model.len) == 0;
	}
	if (one) {
		bad |= syc_buf_puts(b, ", \"model\": ");
		bad |= syc_buf_json(b, model.data, model.len);
	}
	syc_buf_free(&model);
	syc_buf_free(&other);
	return bad;
}

static int describe(struct syc_vector *v, const struct syc_combine *c)
{
	struct syc_buf b = { 0 };
	int bad = put_program(&b, c->program);

	bad |= put_model(&b, c);
	bad |= syc_buf_puts(&b, ", \"sum\": ");
	bad |= put_parts(&b, c->in, c->n_in);
	bad |= syc_buf_puts(&b, ", \"orthogonal_to\": ");
	bad |= put_parts(&b, c->out, c->n_out);
	bad |= syc_buf_printf(&b,
		", \"unit\": %s, \"average\": %s, \"scale\": %.17g, "
		"\"normalize\": \"%s\"}",
		c->unit ? "true" : "false", c->average ? "true" : "false",
		c->scale, syc_normalize_name(c->normalize));
	bad = bad || set_texts(v, c->in[0].v, "combine", &b);
	v->normalized =
		c->normalize == SYC_NORMALIZE_UNIT && fabs(c->scale) == 1;
	syc_buf_free(&b);
	return bad;
}

static int check_widths(const struct syc_combine *c, struct syc_err *err)
{
	if (!c->n_in)
		return syc_fail(err, SYC_EINVAL, "there are no vectors");
	for (size_t i = 0; i < c->n_in + c->n_out; i++) {
		const struct syc_vector *v =
			i < c->n_in ? c->in[i].v : c->out[i - c->n_in].v;

		if (v->dim != c->in[0].v->dim)
			return syc_fail(err, SYC_EINVAL,
					"vectors of width %zu and %zu", v->dim,
					c->in[0].v->dim);
	}
	return 0;
}

/* The layers that all inputs have. */
static int combine(struct syc_vector *v, const struct syc_combine *c, double *x,
		   struct syc_err *err)
{
	size_t n = 0;

	for (size_t l = 0; l < v->n_layers; l++) {
		bool all = true;
		int ret;

		for (size_t k = 0; k < c->n_in; k++)
			all &= has_layer(c->in[k].v, l);
		if (!all)
			continue;
		ret = combine_layer(v, c, l, x, x + v->dim, err);
		if (ret < 0)
			return ret;
		n++;
	}
	return n ? 0 : syc_fail(err, SYC_EINVAL, "no layer is in all vectors");
}

int syc_vector_combine(struct syc_vector **out, const struct syc_combine *c,
		       struct syc_err *err)
{
	struct syc_vector *v;
	double *x;
	int ret = check_widths(c, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	v = syc_vector_new(c->in[0].v->n_layers, c->in[0].v->dim);
	x = calloc(c->in[0].v->dim, (c->n_out + 2) * sizeof(*x));
	ret = v && x && !describe(v, c) ? combine(v, c, x, err)
					: syc_nomem(err);
	free(x);
	if (ret == 0)
		*out = v;
	else
		syc_vector_free(v);
	return ret;
}

int syc_vector_random(struct syc_vector **out, const struct syc_vector *like,
		      uint64_t seed, uint64_t i, const char *program,
		      struct syc_err *err)
{
	struct syc_vector *v = *out = syc_vector_new(like->n_layers, like->dim);
	struct syc_buf b = { 0 };
	int bad;

	if (!v)
		return syc_nomem(err);
	/* Every layer has a direction of its own. */
	for (size_t l = 0; l < v->n_layers; l++) {
		v->has[l] = like->has[l];
		if (v->has[l])
			syc_random_directions(v->v + l * v->dim, 1, v->dim,
					      syc_vector_length(like, l), seed,
					      i * v->n_layers + l);
	}
	bad = put_program(&b, program);
	bad |= syc_buf_printf(&b,
		", \"seed\": %" PRIu64 ", \"number\": %" PRIu64 "}", seed,
		i + 1);
	bad = bad || set_texts(v, like, "random", &b);
	v->normalized = like->normalized;
	syc_buf_free(&b);
	if (!bad)
		return 0;
	syc_vector_free(v);
	*out = NULL;
	return syc_nomem(err);
}
