/* SPDX-License-Identifier: MIT */
/* syc-vec convert: from one format of vector file to another. */
#include "config.h"
#include <getopt.h>
#include <string.h>
#include "syc/vector.h"
#include "tool/common/fail.h"
#include "tool/common/opts.h"
#include "tool/vec/vec.h"

enum { KEY_KEY = OPT_OWN, KEY_TO, KEY_LAYER_BASE, KEY_NAME, KEY_RAW };

static const char *const formats[] = { "auto", "gguf", "npz", "npy", "safetensors" };
static const char *const bases[] = { "0", "1", "hf" };

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Input" },
	{ KEY_KEY, "key", "NAME", "take the array NAME of an .npz that has several" },
	{ KEY_LAYER_BASE, "layer-base", "N", "index of layer 0 in a file that does not say: 0, 1 or hf" },
	{ KEY_RAW, "raw", "LxD", "IN is bare float32: L layers of width D" },
	{ 0, NULL, NULL, "Output" },
	{ KEY_TO, "to", "FORMAT", "auto (by the ending), gguf, npz, npy or safetensors" },
	{ KEY_NAME, "name", "TEXT", "name the vector TEXT" },
	OPTS_PLAIN
};

static const struct tool tool = {
	"syc-vec convert", "[OPTION]... IN -o OUT",
	"Convert a vector file to another format", opts,
};

struct convert {
	struct opt_values common;
	struct syc_vector_read_opts read;
	enum syc_vector_format to;
	const char *name, *in;
};

static void set_shape(struct convert *c, const char *arg)
{
	char left[16];
	const char *x = strchr(arg, 'x');

	if (!x || (size_t)(x - arg) >= sizeof(left))
		tool_usage(&tool, "--raw: '%s' is not like 32x4096", arg);
	snprintf(left, sizeof(left), "%.*s", (int)(x - arg), arg);
	c->read.raw_layers = (size_t)opt_whole(&tool, "raw", left, 1, 4097);
	c->read.raw_dim = (size_t)opt_whole(&tool, "raw", x + 1, 1, 1u << 24);
}

static void parse(struct convert *c, int argc, char **argv)
{
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_KEY: c->read.key = optarg; break;
		case KEY_LAYER_BASE:
			c->read.layer_base = (enum syc_layer_base)(1 + opt_enum(&tool, "layer-base", optarg, bases, 3));
			break;
		case KEY_RAW: set_shape(c, optarg); break;
		case KEY_TO:
			c->to = (enum syc_vector_format)opt_enum(&tool, "to", optarg, formats, 5);
			break;
		case KEY_NAME: c->name = optarg; break;
		default: opt_common(&tool, &c->common, key, optarg);
		}
	}
	if (argc - optind != 1)
		tool_usage(&tool, "give one vector file");
	if (!c->common.output)
		tool_usage(&tool, "nowhere to write the vector: give --output=FILE");
	c->in = argv[optind];
}

static size_t count(const struct syc_vector *v)
{
	size_t n = 0;

	for (size_t l = 0; l < v->n_layers; l++)
		n += v->has[l];
	return n;
}

int vec_convert(int argc, char **argv)
{
	struct convert c = { .common = OPT_VALUES_INIT, .read.strict = true };
	struct syc_vector *v;
	struct syc_err err = { 0 };
	int ret;

	parse(&c, argc, argv);
	ret = syc_vector_read(&v, c.in, &c.read, &err);
	if (ret == 0 && c.name && syc_vector_str(&v->name, c.name) < 0)
		ret = fail_nomem(&err);
	if (ret == 0)
		ret = syc_vector_write(v, c.common.output, c.to, &err);
	if (ret == 0 && c.common.verbose >= 0)
		tool_warn(&tool, "%s: %zu vectors of %zu layers, width %zu; %s", c.common.output,
			 count(v), v->n_layers, v->dim, v->layer_base);
	syc_vector_free(v);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
