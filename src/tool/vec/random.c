/* SPDX-License-Identifier: MIT */
/* syc-vec random: directions that mean nothing, as long as those that might. */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/linear.h"
#include "syc/vector.h"
#include "tool/common/fail.h"
#include "tool/common/opts.h"
#include "tool/vec/vec.h"

enum { KEY_LIKE = OPT_OWN, KEY_COUNT };

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Vector" },
	{ KEY_LIKE, "like", "FILE", "at the layers of vector FILE, with their lengths" },
	{ KEY_COUNT, "count", "N", "write N files, -1 to -N before the ending (default: one)" },
	{ OPT_SEED, "seed", "N", "seed every random choice with N (default: 1)" },
	OPTS_PLAIN
};

static const struct tool tool = {
	"syc-vec random", "--like FILE -o OUT [OPTION]...",
	"Make random vectors with the lengths of another", opts,
};

static double length_at(const struct syc_vector *v, size_t l)
{
	double sum = 0;

	for (size_t i = 0; i < v->dim; i++)
		sum += (double)v->v[l * v->dim + i] * (double)v->v[l * v->dim + i];
	return sqrt(sum);
}

/* Vector number i: every layer has a direction of its own. */
static int fill(struct syc_vector *v, const struct syc_vector *like, uint64_t seed, uint64_t i)
{
	struct syc_buf b = { 0 };
	int bad;

	for (size_t l = 0; l < v->n_layers; l++) {
		v->has[l] = like->has[l];
		if (v->has[l])
			syc_random_directions(v->v + l * v->dim, 1, v->dim, length_at(like, l), seed,
					      i * v->n_layers + l);
	}
	bad = syc_buf_printf(&b, "{\"program\": \"%s\", \"version\": \"%s\", \"seed\": %" PRIu64
			     ", \"number\": %" PRIu64 "}", tool.name, syc_version(), seed, i + 1);
	bad = bad || syc_vector_str(&v->provenance, b.data) < 0 || syc_vector_str(&v->method, "random") < 0 ||
		syc_vector_str(&v->position, like->position) < 0 || syc_vector_str(&v->model_hint, like->model_hint) < 0;
	v->normalized = like->normalized;
	syc_buf_free(&b);
	return bad;
}

/* The file of number i of n, its name without folder and ending. */
static int file_name(struct syc_buf *path, char **name, const char *output, uint64_t i, uint64_t n)
{
	const char *base = strrchr(output, '/'), *dot;
	int bad;

	base = base ? base + 1 : output;
	dot = strrchr(base, '.');
	dot = dot && dot > base ? dot : base + strlen(base);
	path->len = 0;
	if (n == 1)
		bad = syc_buf_puts(path, output);
	else
		bad = syc_buf_printf(path, "%.*s-%" PRIu64 "%s", (int)(dot - output), output, i + 1, dot);
	free(*name);
	*name = strndup(base, (size_t)(dot - base));
	return bad || !*name;
}

static int write_one(const struct syc_vector *like, const struct opt_values *c, uint64_t i, uint64_t n,
		     struct syc_err *err)
{
	struct syc_vector *v = syc_vector_new(like->n_layers, like->dim);
	struct syc_buf path = { 0 };
	char *name = NULL;
	int ret = 0;

	if (!v || fill(v, like, c->seed, i) || file_name(&path, &name, c->output, i, n) ||
	    syc_vector_str(&v->name, name) < 0)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = syc_vector_write(v, path.data, SYC_VECTOR_AUTO, err);
	syc_vector_free(v);
	syc_buf_free(&path);
	free(name);
	return ret;
}

int vec_random(int argc, char **argv)
{
	struct opt_values common = OPT_VALUES_INIT;
	const char *like = NULL;
	struct syc_vector *v = NULL;
	struct syc_err err = { 0 };
	uint64_t n = 1;
	const struct syc_vector_read_opts strict = { .strict = true };
	int key, ret;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_LIKE: like = optarg; break;
		case KEY_COUNT: n = opt_whole(&tool, "count", optarg, 1, 100000); break;
		default: opt_common(&tool, &common, key, optarg);
		}
	}
	if (optind != argc)
		tool_usage(&tool, "'%s' is one too many", argv[optind]);
	if (!like)
		tool_usage(&tool, "no lengths: give --like=FILE");
	if (!common.output)
		tool_usage(&tool, "nowhere to write the vector: give --output=FILE");
	ret = syc_vector_read(&v, like, &strict, &err);
	for (uint64_t i = 0; i < n && ret == 0; i++)
		ret = write_one(v, &common, i, n, &err);
	syc_vector_free(v);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
