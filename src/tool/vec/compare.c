/* SPDX-License-Identifier: MIT */
/* syc-vec compare: the cosines between vectors, layer by layer. */
#include "config.h"
#include <stdlib.h>
#include "syc/direction.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/common/table.h"
#include "tool/common/vectors.h"
#include "tool/vec/vec.h"

struct compare {
	struct opt_values common;
	char **path;			/* [n] */
	struct syc_vector **v;		/* [n] */
	size_t n;
	size_t n_layers;		/* the most of any */
	bool between;
	enum sheet_form form;
	struct sheet o;			/* the text so far */
};

static const struct opt opts[] = {
	OPT_FLAG(0, "between", struct compare, between,
		 "the cosines of all layers with all layers"),
	OPT_HEAD("Output"),
	OPTS_OF_FORM(struct compare, form,
		     "one JSON object per pair of vectors"),
	OPTS_COMMON(struct compare, common)};

static const struct tool tool = {
	"syc-vec compare",
	"[OPTION]... VECTOR...",
	"Print the cosines between vectors, at each layer or between layers",
	opts,
};

/* Of layer l of vector i and layer k of vector j. */
static void put_cosine(struct compare *c, size_t i, size_t l, size_t j,
		       size_t k)
{
	const double x = syc_vector_cosine(c->v[i], l, c->v[j], k);
	char cell[CELL];

	if (c->form == SHEET_TEXT)
		put(&c->o, "%8s", fixed(cell, x, 4));
	else
		put_num(&c->o, x);
}

static void put_names(struct compare *c, size_t i, size_t j)
{
	put(&c->o, "{\"a\": ");
	json_text(&c->o, c->path[i]);
	put(&c->o, ", \"b\": ");
	json_text(&c->o, c->path[j]);
}

static void put_json(struct compare *c, size_t i, size_t j)
{
	put_names(c, i, j);
	put(&c->o, ", \"cosine\": [");
	for (size_t l = 0; l < c->n_layers; l++) {
		put(&c->o, "%s", l ? ", " : "");
		put_cosine(c, i, l, j, l);
	}
	put(&c->o, "]}\n");
}

static void put_all_json(struct compare *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = i + 1; j < c->n; j++)
			put_json(c, i, j);
}

/* The files by number, then a column per pair. */
static void put_head(struct compare *c)
{
	for (size_t i = 0; i < c->n; i++)
		put(&c->o, "%zu = %s\n", i + 1, c->path[i]);
	put(&c->o, "layer");
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = i + 1; j < c->n; j++) {
			char name[64];

			snprintf(name, sizeof(name), "%zu:%zu", i + 1, j + 1);
			put(&c->o, " %8s", name);
		}
	put(&c->o, "\n");
}

static void put_table(struct compare *c)
{
	put_head(c);
	for (size_t l = 0; l < c->n_layers; l++) {
		put(&c->o, "%5zu", l);
		for (size_t i = 0; i < c->n; i++)
			for (size_t j = i + 1; j < c->n; j++) {
				put(&c->o, " ");
				put_cosine(c, i, l, j, l);
			}
		put(&c->o, "\n");
	}
}

/* A line for each cosine; with --between of a layer of i and one of j. */
static void put_line(struct compare *c, size_t i, size_t l, size_t j, size_t k)
{
	put_name(&c->o, c->path[i]);
	put(&c->o, "\t");
	put_name(&c->o, c->path[j]);
	put(&c->o, "\t%zu\t", l);
	if (c->between)
		put(&c->o, "%zu\t", k);
	put_cosine(c, i, l, j, k);
	put(&c->o, "\n");
}

static void put_lines(struct compare *c, size_t i, size_t j)
{
	const size_t n = c->between ? c->v[i]->n_layers : c->n_layers;

	for (size_t l = 0; l < n; l++)
		for (size_t k = c->between ? 0 : l; k < (c->between ? c->v[j]->n_layers : l + 1); k++)
			put_line(c, i, l, j, k);
}

static void put_all_lines(struct compare *c)
{
	put(&c->o, c->between ? "a\tb\tlayer_a\tlayer_b\tcosine\n" : "a\tb\tlayer\tcosine\n");
	if (c->n == 1)
		put_lines(c, 0, 0);
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = i + 1; j < c->n; j++)
			put_lines(c, i, j);
}

/* A row of the matrix: layer l of i with all of j. */
static void put_matrix_row(struct compare *c, size_t i, size_t j, size_t l)
{
	const bool json = c->form == SHEET_JSON;

	if (json)
		put(&c->o, l ? ", [" : "[");
	else
		put(&c->o, "%5zu", l);
	for (size_t k = 0; k < c->v[j]->n_layers; k++) {
		put(&c->o, "%s", !json ? " " : k ? ", " : "");
		put_cosine(c, i, l, j, k);
	}
	put(&c->o, json ? "]" : "\n");
}

/* Layers of i downwards, of j to the right. */
static void put_matrix(struct compare *c, size_t i, size_t j)
{
	if (c->form == SHEET_JSON) {
		put_names(c, i, j);
		put(&c->o, ", \"between\": [");
	} else {
		put_name(&c->o, c->path[i]);
		put(&c->o, " (down) and ");
		put_name(&c->o, c->path[j]);
		put(&c->o, " (across)\nlayer");
		for (size_t k = 0; k < c->v[j]->n_layers; k++)
			put(&c->o, " %8zu", k);
		put(&c->o, "\n");
	}
	for (size_t l = 0; l < c->v[i]->n_layers; l++)
		put_matrix_row(c, i, j, l);
	if (c->form == SHEET_JSON)
		put(&c->o, "]}\n");
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
		int ret = vector_open(&tool, &c->common, c->path[i], &c->v[i], err);

		if (ret < 0)
			return ret;
		if (c->v[i]->dim != c->v[0]->dim)
			return fail(
				err, SYC_EINVAL,
				"%s: has vectors of width %zu, %s of width %zu",
				c->path[i], c->v[i]->dim, c->path[0],
				c->v[0]->dim);
		if (c->v[i]->n_layers > c->n_layers)
			c->n_layers = c->v[i]->n_layers;
	}
	return 0;
}

static int compare(struct compare *c, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = read_all(c, err);

	if (ret < 0)
		return ret;
	c->o = (struct sheet){ &b, c->form, false };
	if (c->form == SHEET_TSV)
		put_all_lines(c);
	else if (c->between)
		put_matrices(c);
	else if (c->form == SHEET_JSON)
		put_all_json(c);
	else
		put_table(c);
	ret = c->o.bad ? fail_nomem(err)
		       : syc_output_all(c->common.output, b.data, b.len, err);
	syc_buf_free(&b);
	return ret;
}

int vec_compare(int argc, char **argv)
{
	struct compare c = { .common = OPT_VALUES_INIT };
	struct syc_err err = { 0 };
	int at = opt_parse(&tool, argc, argv, &c), ret;

	c.path = argv + at;
	c.n = (size_t)(argc - at);
	if (c.n < (c.between ? 1 : 2))
		tool_usage(&tool, c.between ? "give a vector or more"
					    : "give two vectors or more");
	ret = work_check(&tool, c.common.output, c.path, (int)c.n, &err);
	if (ret == 0)
		ret = compare(&c, &err);
	for (size_t i = 0; i < c.n && c.v; i++)
		syc_vector_free(c.v[i]);
	free(c.v);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
