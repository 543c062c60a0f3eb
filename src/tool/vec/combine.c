/* SPDX-License-Identifier: MIT */
/* syc-vec combine: sums, means and what is orthogonal to others. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/vec/source.h"
#include "tool/vec/vec.h"

/* What is added, and what it is made orthogonal to. */
struct parts {
	struct syc_combine_part *part;	/* [n] */
	struct syc_vector **v;		/* [n] the same to be freed */
	size_t n;
};

struct combine {
	struct opt_values common;
	struct texts orthogonal;
	const char *name;
	struct syc_combine how;
	struct parts in, out;
};

static const struct opt opts[] = {
	OPT_HEAD("Vector"),
	OPT_FLAG(0, "unit", struct combine, how.unit,
		 "bring every VECTOR to length 1 first"),
	OPT_FLAG(0, "average", struct combine, how.average,
		 "divide the sum by the number of vectors"),
	OPT_TEXTS(0, "orthogonal-to", "FILE", struct combine, orthogonal,
		  "take the direction of vector FILE out (may be repeated)"),
	VEC_OPT_NORMALIZE(
		struct combine, how.normalize,
		"length: none (default), unit, per-layer-mean of the inputs'"),
	OPT_DOUBLE(0, "scale", "X", struct combine, how.scale, -1e30, 1e30,
		   "multiply by X in the end"),
	OPT_TEXT(0, "name", "TEXT", struct combine, name, "the vector's name"),
	OPTS_COMMON(struct combine, common)};

static const struct tool tool = {
	"syc-vec combine", "[OPTION]... VECTOR[:WEIGHT]... -o OUT",
	"Add, average, scale and orthogonalize vectors", opts,
};

/* FILE[:WEIGHT]; a colon with no number behind it belongs to the name. */
static int read_part(struct syc_vector **v, double *weight, const char *arg,
		     bool weighted, struct syc_err *err)
{
	const char *colon = weighted ? strrchr(arg, ':') : NULL;
	const struct syc_vector_read_opts strict = { .strict = true };
	char *end, *path;
	int ret;

	*weight = 1;
	if (colon && colon[1]) {
		*weight = strtod(colon + 1, &end);
		if (*end || colon[1] == ' ') {
			*weight = 1;
			colon = NULL;
		} else if (!isfinite(*weight)) {
			return fail(err, SYC_EINVAL,
				    "%s: the weight is not finite", arg);
		}
	}
	path = strndup(arg, colon ? (size_t)(colon - arg) : strlen(arg));
	ret = path ? syc_vector_read(v, path, &strict, err) : fail_nomem(err);
	free(path);
	return ret;
}

/* Read n files; all have the width of `like`, or of the first. */
static int read_parts(struct parts *p, const char *const *files, size_t n,
		      const struct parts *like, const char *first,
		      struct syc_err *err)
{
	p->part = calloc(n + 1, sizeof(*p->part));
	p->v = calloc(n + 1, sizeof(struct syc_vector *));
	if (!p->part || !p->v)
		return fail_nomem(err);
	for (size_t i = 0; i < n; i++) {
		int ret = read_part(&p->v[i], &p->part[i].weight, files[i],
				    p == like, err);

		if (ret < 0)
			return ret;
		p->n = i + 1;
		p->part[i].v = p->v[i];
		if (p->v[i]->dim != like->v[0]->dim)
			return fail(
				err, SYC_EINVAL,
				"%s: has vectors of width %zu, %s of width %zu",
				files[i], p->v[i]->dim, first, like->v[0]->dim);
	}
	return 0;
}

static void free_parts(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		syc_vector_free(p->v[i]);
	free(p->v);
	free(p->part);
}

static int combine(struct combine *c, const char *const *files, size_t n,
		   struct syc_err *err)
{
	struct syc_vector *v = NULL;
	size_t layers = 0;
	int ret = read_parts(&c->in, files, n, &c->in, files[0], err);

	if (ret == 0)
		ret = read_parts(&c->out, c->orthogonal.text, c->orthogonal.n,
				 &c->in, files[0], err);
	if (ret < 0)
		return ret;
	c->how.in = c->in.part;
	c->how.n_in = c->in.n;
	c->how.out = c->out.part;
	c->how.n_out = c->out.n;
	ret = syc_vector_combine(&v, &c->how, err);
	if (ret == 0)
		ret = vec_name(v, c->name, c->common.output, err);
	if (ret == 0)
		ret = syc_vector_write(v, c->common.output, SYC_VECTOR_AUTO,
				       err);
	for (size_t l = 0; ret == 0 && l < v->n_layers; l++)
		layers += v->has[l];
	if (ret == 0 && c->common.verbose >= 0)
		tool_warn(&tool, "%s: %zu layers of %zu vectors",
			  c->common.output, layers, n);
	syc_vector_free(v);
	return ret;
}

int vec_combine(int argc, char **argv)
{
	struct combine c = {
		.common = OPT_VALUES_INIT,
		.how = {.scale = 1, .program = tool.name},
	};
	struct syc_err err = { 0 };
	int at = opt_parse(&tool, argc, argv, &c), ret;

	if (at == argc)
		tool_usage(&tool, "no vectors");
	if (!c.common.output)
		tool_usage(&tool,
			   "nowhere to write the vector: give --output=FILE");
	ret = work_check(&tool, c.common.output, argv + at, argc - at, &err);
	if (ret == 0)
		ret = combine(&c, (const char *const *)argv + at, (size_t)(argc - at),
		      &err);
	free_parts(&c.in);
	free_parts(&c.out);
	texts_free(&c.orthogonal);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
