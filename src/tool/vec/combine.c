/* SPDX-License-Identifier: MIT */
/* syc-vec combine: sums, means and what is orthogonal to others. */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "syc/vector.h"
#include "tool/vec/direction.h"
#include "tool/common/fail.h"
#include "tool/vec/vec.h"

enum { KEY_AVERAGE = OPT_OWN, KEY_UNIT, KEY_ORTHOGONAL, KEY_SCALE, KEY_NORMALIZE, KEY_NAME };

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Vector" },
	{ KEY_UNIT, "unit", NULL, "bring every VECTOR to length 1 first" },
	{ KEY_AVERAGE, "average", NULL, "divide the sum by the number of vectors" },
	{ KEY_ORTHOGONAL, "orthogonal-to", "FILE", "take the direction of vector FILE out (may be repeated)" },
	{ KEY_NORMALIZE, "normalize", "HOW", "length: none (default), unit, per-layer-mean of the inputs'" },
	{ KEY_SCALE, "scale", "X", "multiply by X in the end" },
	{ KEY_NAME, "name", "TEXT", "the vector's name" },
	OPTS_PLAIN
};

static const struct tool tool = {
	"syc-vec combine", "[OPTION]... VECTOR[:WEIGHT]... -o OUT",
	"Add, average, scale and orthogonalize vectors", opts,
};

struct part {
	struct syc_vector *v;
	double weight;
};

struct combine {
	struct opt_values common;
	struct part *in;	/* [n_in] what is added */
	struct part *out;	/* [n_out] what it is made orthogonal to */
	size_t n_in, n_out;
	bool unit, average;
	double scale;
	enum syc_normalize normalize;
	const char *name;
	const char **orthogonal;	/* [n_orthogonal] files */
	size_t n_orthogonal;
};

/* FILE[:WEIGHT]; a colon with no number behind it belongs to the name. */
static int read_part(struct part *p, const char *arg, bool weighted, struct syc_err *err)
{
	const char *colon = weighted ? strrchr(arg, ':') : NULL;
	const struct syc_vector_read_opts strict = { .strict = true };
	char *end, *path;
	int ret;

	p->weight = 1;
	if (colon && colon[1]) {
		p->weight = strtod(colon + 1, &end);
		if (*end || colon[1] == ' ') {
			p->weight = 1;
			colon = NULL;
		} else if (!isfinite(p->weight)) {
			return fail(err, SYC_EINVAL, "%s: the weight is not finite", arg);
		}
	}
	path = strndup(arg, colon ? (size_t)(colon - arg) : strlen(arg));
	ret = path ? syc_vector_read(&p->v, path, &strict, err) : fail_nomem(err);
	free(path);
	return ret;
}

static int read_all(struct combine *c, char **argv, size_t n, struct syc_err *err)
{
	int ret = 0;

	c->in = calloc(n, sizeof(*c->in));
	c->out = calloc(c->n_orthogonal + 1, sizeof(*c->out));
	if (!c->in || !c->out)
		return fail_nomem(err);
	for (c->n_in = 0; c->n_in < n && ret == 0; c->n_in++)
		ret = read_part(&c->in[c->n_in], argv[c->n_in], true, err);
	for (c->n_out = 0; c->n_out < c->n_orthogonal && ret == 0; c->n_out++)
		ret = read_part(&c->out[c->n_out], c->orthogonal[c->n_out], false, err);
	for (size_t i = 0; i < c->n_in + c->n_out && ret == 0; i++) {
		const struct syc_vector *v = i < c->n_in ? c->in[i].v : c->out[i - c->n_in].v;

		if (v->dim != c->in[0].v->dim)
			ret = fail(err, SYC_EINVAL, "%s: has vectors of width %zu, %s of width %zu",
				   i < c->n_in ? argv[i] : c->orthogonal[i - c->n_in], v->dim, argv[0],
				   c->in[0].v->dim);
	}
	return ret;
}

static bool has_layer(const struct syc_vector *v, size_t l)
{
	return l < v->n_layers && v->has[l];
}

static double length_at(const struct syc_vector *v, size_t l)
{
	double sum = 0;

	for (size_t i = 0; i < v->dim; i++)
		sum += (double)v->v[l * v->dim + i] * (double)v->v[l * v->dim + i];
	return sqrt(sum);
}

/* x [dim] is the sum; the mean of the inputs' lengths is *length. */
static int add_layer(double *x, double *length, const struct combine *c, size_t l, struct syc_err *err)
{
	const size_t dim = c->in[0].v->dim;

	*length = 0;
	memset(x, 0, dim * sizeof(*x));
	for (size_t k = 0; k < c->n_in; k++) {
		const struct syc_vector *v = c->in[k].v;
		const double own = length_at(v, l);
		double w = c->in[k].weight / (c->average ? (double)c->n_in : 1);

		if (c->unit && !(own > 0))
			return fail(err, SYC_EINVAL, "layer %zu: vector %zu has no length", l, k + 1);
		w /= c->unit ? own : 1;
		*length += own / (double)c->n_in;
		for (size_t i = 0; i < dim; i++)
			x[i] += w * (double)v->v[l * dim + i];
	}
	return 0;
}

/* What the others have at this layer, one orthogonal to the next. */
static size_t basis_of(double *basis, const struct combine *c, size_t l)
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
		before = syc_length(u, dim);
		/* Twice: once leaves rounding where two are nearly alike. */
		syc_orthogonalize(u, basis, n, dim);
		syc_orthogonalize(u, basis, n, dim);
		length = syc_length(u, dim);
		if (!(length > 1e-6 * before))
			continue;
		for (size_t i = 0; i < dim; i++)
			u[i] /= length;
		n++;
	}
	return n;
}

static int combine_layer(struct syc_vector *out, const struct combine *c, size_t l, double *x, double *basis,
			 struct syc_err *err)
{
	double mean_length, before, length, scale = c->scale;
	int ret = add_layer(x, &mean_length, c, l, err);

	if (ret < 0)
		return ret;
	before = syc_length(x, out->dim);
	if (c->n_out) {
		syc_orthogonalize(x, basis, basis_of(basis, c, l), out->dim);
		if (!(syc_length(x, out->dim) > 1e-6 * before))
			return fail(err, SYC_EINVAL, "layer %zu: nothing is left beside --orthogonal-to", l);
	}
	length = syc_length(x, out->dim);
	if (c->normalize && !(length > 0))
		return fail(err, SYC_EINVAL, "layer %zu: the vector has no length to normalize", l);
	if (c->normalize)
		scale *= (c->normalize == SYC_NORMALIZE_UNIT ? 1 : mean_length) / length;
	for (size_t i = 0; i < out->dim; i++)
		out->v[l * out->dim + i] = (float)(x[i] * scale);
	out->has[l] = 1;
	return 0;
}

static int put_parts(struct syc_buf *b, const struct part *p, size_t n)
{
	int bad = syc_buf_puts(b, "[");

	for (size_t i = 0; i < n; i++) {
		const struct syc_vector *v = p[i].v;
		uint32_t sum = (uint32_t)crc32_z(0, (const unsigned char *)v->v, v->n_layers * v->dim * sizeof(*v->v));

		bad |= syc_buf_printf(b, "%s{\"vector\": \"crc32:%08" PRIx32 "\", \"weight\": %.17g}",
				      i ? ", " : "", sum, p[i].weight);
	}
	return bad | syc_buf_puts(b, "]");
}

static int describe(struct syc_vector *v, const struct combine *c)
{
	const char *base = strrchr(c->common.output, '/');
	char *name = strdup(c->name ? c->name : base ? base + 1 : c->common.output);
	const struct syc_vector *first = c->in[0].v;
	struct syc_buf b = { 0 };
	int bad;

	if (!c->name && name && strrchr(name, '.') > name)
		*strrchr(name, '.') = 0;
	bad = syc_buf_printf(&b, "{\"program\": \"%s\", \"version\": \"%s\", \"sum\": ", tool.name, syc_version());
	bad |= put_parts(&b, c->in, c->n_in);
	bad |= syc_buf_puts(&b, ", \"orthogonal_to\": ");
	bad |= put_parts(&b, c->out, c->n_out);
	bad |= syc_buf_printf(&b, ", \"unit\": %s, \"average\": %s, \"scale\": %.17g, \"normalize\": \"%s\"}",
			      c->unit ? "true" : "false", c->average ? "true" : "false", c->scale,
			      syc_normalize_names[c->normalize]);
	bad = bad || !name || syc_vector_str(&v->name, name) < 0 || syc_vector_str(&v->provenance, b.data) < 0 ||
		syc_vector_str(&v->method, "combine") < 0 || syc_vector_str(&v->position, first->position) < 0 ||
		syc_vector_str(&v->model_hint, first->model_hint) < 0;
	v->normalized = c->normalize == SYC_NORMALIZE_UNIT && fabs(c->scale) == 1;
	syc_buf_free(&b);
	free(name);
	return bad;
}

/* The layers that all inputs have. */
static int combine(struct combine *c, struct syc_err *err)
{
	const struct syc_vector *first = c->in[0].v;
	struct syc_vector *v = syc_vector_new(first->n_layers, first->dim);
	double *x = calloc(first->dim, (c->n_out + 2) * sizeof(*x));
	size_t n = 0;
	int ret = v && x && !describe(v, c) ? 0 : fail_nomem(err);

	for (size_t l = 0; l < first->n_layers && ret == 0; l++) {
		bool all = true;

		for (size_t k = 0; k < c->n_in; k++)
			all &= has_layer(c->in[k].v, l);
		if (!all)
			continue;
		ret = combine_layer(v, c, l, x, x + first->dim, err);
		n++;
	}
	if (ret == 0 && n == 0)
		ret = fail(err, SYC_EINVAL, "no layer is in all vectors");
	if (ret == 0)
		ret = syc_vector_write(v, c->common.output, SYC_VECTOR_AUTO, err);
	if (ret == 0 && c->common.verbose >= 0)
		tool_warn(&tool, "%s: %zu layers of %zu vectors", c->common.output, n, c->n_in);
	syc_vector_free(v);
	free(x);
	return ret;
}

static void parse(struct combine *c, int argc, char **argv)
{
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_UNIT: c->unit = true; break;
		case KEY_AVERAGE: c->average = true; break;
		case KEY_ORTHOGONAL: c->orthogonal[c->n_orthogonal++] = optarg; break;
		case KEY_SCALE: c->scale = opt_num(&tool, "scale", optarg, -1e30, 1e30); break;
		case KEY_NORMALIZE:
			c->normalize = (enum syc_normalize)opt_enum(&tool, "normalize", optarg,
									syc_normalize_names, 3);
			break;
		case KEY_NAME: c->name = optarg; break;
		default: opt_common(&tool, &c->common, key, optarg);
		}
	}
	if (optind == argc)
		tool_usage(&tool, "no vectors");
	if (!c->common.output)
		tool_usage(&tool, "nowhere to write the vector: give --output=FILE");
}

static void free_parts(struct part *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		syc_vector_free(p[i].v);
	free(p);
}

int vec_combine(int argc, char **argv)
{
	struct combine c = { .common = OPT_VALUES_INIT, .scale = 1 };
	struct syc_err err = { 0 };
	int ret;

	c.orthogonal = calloc((size_t)argc + 1, sizeof(*c.orthogonal));
	if (!c.orthogonal)
		return 1;
	parse(&c, argc, argv);
	ret = read_all(&c, argv + optind, (size_t)(argc - optind), &err);
	if (ret == 0)
		ret = combine(&c, &err);
	free_parts(c.in, c.n_in);
	free_parts(c.out, c.n_out);
	free(c.orthogonal);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
