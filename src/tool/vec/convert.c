/* SPDX-License-Identifier: MIT */
/* syc-vec convert: from one format of vector file to another. */
#include "config.h"
#include <string.h>
#include "syc/vector.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/options/opts.h"
#include "tool/vec/vec.h"

struct convert {
	struct opt_values common;
	struct syc_vector_read_opts read;
	enum syc_vector_format to;
	const char *name;
};

static const char *const formats[] = {"auto", "gguf",	     "npz",
				      "npy",  "safetensors", NULL};

static opt_setter set_base, set_shape;
static const struct opt opts[] = {
	OPT_HEAD("Input"),
	OPT_TEXT(0, "key", "NAME", struct convert, read.key,
		 "take the array NAME of an .npz that has several"),
	OPT_OWN_OF(0, "layer-base", "N", struct convert, read.layer_base,
		   set_base, OPT_NAMES("0", "1", "hf"),
		   "index of layer 0 in a file that does not say: 0, 1 or hf"),
	OPT_OWN_AT(0, "bare", "LxD", struct convert, read, set_shape,
		   "IN is bare float32: L layers of width D"),
	OPT_HEAD("Output"),
	OPT_CHOICE(0, "to", "FORMAT", struct convert, to,
		   enum syc_vector_format, formats,
		   "auto (by the ending), gguf, npz, npy or safetensors"),
	OPT_TEXT(0, "name", "TEXT", struct convert, name,
		 "name the vector TEXT"),
	OPTS_COMMON(struct convert, common)};

static const struct tool tool = {
	"syc-vec convert", "[OPTION]... IN -o OUT",
	"Convert a vector file to another format", opts,
};

static void set_base(const struct tool *t, const struct opt *o, void *at,
		     char *arg)
{
	*(enum syc_layer_base *)at = SYC_BASE_0 + opt_named(t, o, arg);
}

static void set_shape(const struct tool *t, const struct opt *o, void *at,
		      char *arg)
{
	struct syc_vector_read_opts *read = at;
	char left[16];
	const char *x = strchr(arg, 'x');

	if (!x || (size_t)(x - arg) >= sizeof(left))
		tool_usage(t, "--bare: '%s' is not like 32x4096", arg);
	snprintf(left, sizeof(left), "%.*s", (int)(x - arg), arg);
	read->raw_layers = (size_t)opt_whole(t, o->name, left, 1, 4097);
	read->raw_dim = (size_t)opt_whole(t, o->name, x + 1, 1, 1u << 24);
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
	struct syc_vector *v = NULL;
	struct syc_err err = { 0 };
	int at = opt_parse(&tool, argc, argv, &c), ret;

	if (argc - at != 1)
		tool_usage(&tool, "give one vector file");
	if (!c.common.output)
		tool_usage(&tool,
			   "nowhere to write the vector: give --output=FILE");
	ret = work_check(&tool, c.common.output, argv + at, 1, &err);
	if (ret == 0)
		ret = syc_vector_read(&v, argv[at], &c.read, &err);
	if (ret == 0 && c.name && syc_vector_str(&v->name, c.name) < 0)
		ret = fail_nomem(&err);
	if (ret == 0)
		ret = syc_vector_write(v, c.common.output, c.to, &err);
	if (ret == 0 && c.common.verbose >= 0)
		tool_warn(&tool, "%s: %zu vectors of %zu layers, width %zu; %s",
			  c.common.output, count(v), v->n_layers, v->dim,
			  v->layer_base);
	syc_vector_free(v);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
