/* SPDX-License-Identifier: MIT */
/* syc-vec compare: the cosines between vectors, layer by layer. */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/vector.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/vec/vec.h"

enum { KEY_TSV = OPT_OWN, KEY_JSON, KEY_BETWEEN };
enum style { TABLE, TSV, JSON };

static const struct opt opts[] = {
	{ KEY_BETWEEN, "between", NULL, "the cosines of all layers with all layers" },
	{ 0, NULL, NULL, "Output" },
	{ KEY_TSV, "tsv", NULL, "columns separated by tabs" },
	{ KEY_JSON, "json", NULL, "one JSON object per pair of vectors" },
	OPTS_PLAIN
};

static const struct tool tool = {
	"syc-vec compare", "[OPTION]... VECTOR...",
	"Print the cosines between vectors, at each layer or between layers", opts,
};

struct compare {
	char **path;			/* [n] */
	struct syc_vector **v;		/* [n] */
	size_t n;
	size_t n_layers;		/* the most of any */
	enum style style;
	bool between;
	struct syc_buf b;		/* the text so far */
	int bad;
};

/* Of layer l of vector i and layer k of vector j. */
static double cosine_between(const struct compare *c, size_t i, size_t l, size_t j, size_t k)
{
	const struct syc_vector *a = c->v[i], *b = c->v[j];

	if (l >= a->n_layers || k >= b->n_layers || !a->has[l] || !b->has[k])
		return NAN;
	return syc_cosine(a->v + l * a->dim, b->v + k * b->dim, a->dim);
}

static double cosine(const struct compare *c, size_t i, size_t j, size_t l)
{
	return cosine_between(c, i, l, j, l);
}

/* "-" in tables, null in JSON, where one of the two has no vector. */
static void put_cosine(struct compare *c, double x)
{
	if (isnan(x))
		c->bad |= syc_buf_puts(&c->b, c->style == JSON ? "null" : c->style == TSV ? "" : "       -");
	else
		c->bad |= syc_buf_printf(&c->b, c->style == TABLE ? "%8.4f" : "%.9g", x);
}

static void put_names(struct compare *c, size_t i, size_t j)
{
	c->bad |= syc_buf_puts(&c->b, "{\"a\": ");
	c->bad |= syc_buf_json(&c->b, c->path[i], strlen(c->path[i]));
	c->bad |= syc_buf_puts(&c->b, ", \"b\": ");
	c->bad |= syc_buf_json(&c->b, c->path[j], strlen(c->path[j]));
}

static void put_json(struct compare *c, size_t i, size_t j)
{
	put_names(c, i, j);
	c->bad |= syc_buf_puts(&c->b, ", \"cosine\": [");
	for (size_t l = 0; l < c->n_layers; l++) {
		c->bad |= l ? syc_buf_puts(&c->b, ", ") : 0;
		put_cosine(c, cosine(c, i, j, l));
	}
	c->bad |= syc_buf_puts(&c->b, "]}\n");
}

static void put_all_json(struct compare *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = i + 1; j < c->n; j++)
			put_json(c, i, j);
}

/* The files by letter, then a column per pair. */
static void put_head(struct compare *c)
{
	for (size_t i = 0; i < c->n && c->style == TABLE; i++)
		c->bad |= syc_buf_printf(&c->b, "%zu = %s\n", i + 1, c->path[i]);
	c->bad |= syc_buf_puts(&c->b, "layer");
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = i + 1; j < c->n; j++) {
			char name[64];

			if (c->style == TSV) {
				c->bad |= syc_buf_printf(&c->b, "\t%s:%s", c->path[i], c->path[j]);
				continue;
			}
			snprintf(name, sizeof(name), "%zu:%zu", i + 1, j + 1);
			c->bad |= syc_buf_printf(&c->b, " %8s", name);
		}
	c->bad |= syc_buf_puts(&c->b, "\n");
}

static void put_table(struct compare *c)
{
	put_head(c);
	for (size_t l = 0; l < c->n_layers; l++) {
		c->bad |= syc_buf_printf(&c->b, c->style == TSV ? "%zu" : "%5zu", l);
		for (size_t i = 0; i < c->n; i++)
			for (size_t j = i + 1; j < c->n; j++) {
				c->bad |= syc_buf_puts(&c->b, c->style == TSV ? "\t" : " ");
				put_cosine(c, cosine(c, i, j, l));
			}
		c->bad |= syc_buf_puts(&c->b, "\n");
	}
}

/* A row of the matrix: layer l of i with all of j. */
static void put_matrix_row(struct compare *c, size_t i, size_t j, size_t l)
{
	const char *const gap = c->style == JSON ? ", " : c->style == TSV ? "\t" : " ";

	if (c->style == JSON)
		c->bad |= syc_buf_puts(&c->b, l ? ", [" : "[");
	else
		c->bad |= syc_buf_printf(&c->b, c->style == TSV ? "%zu" : "%5zu", l);
	for (size_t k = 0; k < c->v[j]->n_layers; k++) {
		c->bad |= k || c->style != JSON ? syc_buf_puts(&c->b, gap) : 0;
		put_cosine(c, cosine_between(c, i, l, j, k));
	}
	c->bad |= syc_buf_puts(&c->b, c->style == JSON ? "]" : "\n");
}

/* Layers of i downwards, of j to the right. */
static void put_matrix(struct compare *c, size_t i, size_t j)
{
	if (c->style == JSON) {
		put_names(c, i, j);
		c->bad |= syc_buf_puts(&c->b, ", \"between\": [");
	} else {
		c->bad |= syc_buf_printf(&c->b, c->style == TSV ? "%s:%s" : "%s (down) and %s (across)\nlayer",
					 c->path[i], c->path[j]);
		for (size_t k = 0; k < c->v[j]->n_layers; k++)
			c->bad |= syc_buf_printf(&c->b, c->style == TSV ? "\t%zu" : " %8zu", k);
		c->bad |= syc_buf_puts(&c->b, "\n");
	}
	for (size_t l = 0; l < c->v[i]->n_layers; l++)
		put_matrix_row(c, i, j, l);
	if (c->style == JSON)
		c->bad |= syc_buf_puts(&c->b, "]}\n");
}

static void put_matrices(struct compare *c)
{
	if (c->n == 1)
		put_matrix(c, 0, 0);
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = i + 1; j < c->n; j++)
			put_matrix(c, i, j);
}

static int read_all(struct compare *c, struct syc_err *err)
{
	c->v = calloc(c->n, sizeof(struct syc_vector *));
	if (!c->v)
		return fail_nomem(err);
	for (size_t i = 0; i < c->n; i++) {
		int ret = syc_vector_read(&c->v[i], c->path[i], NULL, err);

		if (ret < 0)
			return ret;
		if (c->v[i]->dim != c->v[0]->dim)
			return fail(err, SYC_EINVAL, "%s: has vectors of width %zu, %s of width %zu",
				    c->path[i], c->v[i]->dim, c->path[0], c->v[0]->dim);
		if (c->v[i]->n_layers > c->n_layers)
			c->n_layers = c->v[i]->n_layers;
	}
	return 0;
}

static int write_out(struct compare *c, const char *path, struct syc_err *err)
{
	struct out o;
	int ret;

	if (c->bad)
		return fail_nomem(err);
	ret = out_open(&o, path, err);
	if (ret < 0)
		return ret;
	ret = out_write(&o, c->b.data, c->b.len, err);
	if (ret == 0)
		return out_finish(&o, err);
	out_abandon(&o);
	return ret;
}

int vec_compare(int argc, char **argv)
{
	struct opt_values common = OPT_VALUES_INIT;
	struct compare c = { 0 };
	struct syc_err err = { 0 };
	int key, ret;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_TSV: c.style = TSV; break;
		case KEY_JSON: c.style = JSON; break;
		case KEY_BETWEEN: c.between = true; break;
		default: opt_common(&tool, &common, key, optarg);
		}
	}
	c.path = argv + optind;
	c.n = (size_t)(argc - optind);
	if (c.n < (c.between ? 1 : 2))
		tool_usage(&tool, c.between ? "give a vector or more" : "give two vectors or more");
	ret = read_all(&c, &err);
	for (size_t i = 0; i < c.n && ret == 0; i++)
		if (c.v[i]->assumed)
			tool_warn_assumed(&tool, &common, c.path[i]);
	if (ret == 0) {
		if (c.between)
			put_matrices(&c);
		else if (c.style == JSON)
			put_all_json(&c);
		else
			put_table(&c);
		ret = write_out(&c, common.output, &err);
	}
	for (size_t i = 0; i < c.n && c.v; i++)
		syc_vector_free(c.v[i]);
	free(c.v);
	syc_buf_free(&c.b);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
