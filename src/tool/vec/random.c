/* SPDX-License-Identifier: MIT */
/* syc-vec random: directions that mean nothing, as long as those that might. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/vec/source.h"
#include "tool/vec/vec.h"

struct random {
	struct opt_values common;
	const char *like;
	uint64_t n;
};

static const struct opt opts[] = {
	OPT_HEAD("Vector"),
	OPT_TEXT(0, "like", "FILE", struct random, like,
		 "at the layers of vector FILE, with their lengths"),
	OPT_U64(0, "count", "N", struct random, n, 1, 100000,
		"write N files, -1 to -N before the ending (default: one)"),
	OPT_SEED_ROW(struct random, common),
	OPTS_COMMON(struct random, common)
};

static const struct tool tool = {
	"syc-vec random", "--like FILE -o OUT [OPTION]...",
	"Make random vectors with the lengths of another", opts,
};

/* The file of number i of n: the output, or with the number before its ending. */
static int file_name(struct syc_buf *path, const char *output, uint64_t i,
		     uint64_t n)
{
	const char *base = strrchr(output, '/'), *dot;

	base = base ? base + 1 : output;
	dot = strrchr(base, '.');
	dot = dot && dot > base ? dot : base + strlen(base);
	if (n == 1)
		return syc_buf_puts(path, output);
	return syc_buf_printf(path, "%.*s-%" PRIu64 "%s", (int)(dot - output),
			      output, i + 1, dot);
}

static int write_one(const struct syc_vector *like, const struct random *r,
		     uint64_t i, struct syc_err *err)
{
	const char *output = r->common.output;
	struct syc_vector *v = NULL;
	struct syc_buf path = { 0 };
	int ret = file_name(&path, output, i, r->n) < 0 ? fail_nomem(err) :
		syc_vector_random(&v, like, r->common.seed, i, tool.name, err);

	if (ret == 0)
		ret = vec_name(v, NULL, output, err);
	if (ret == 0)
		ret = syc_vector_write(v, path.data, SYC_VECTOR_AUTO, err);
	syc_vector_free(v);
	syc_buf_free(&path);
	return ret;
}

static int check_outputs(const struct random *r, struct syc_err *err)
{
	int ret = 0;

	for (uint64_t i = 0; i < r->n && ret == 0; i++) {
		struct syc_buf path = { 0 };

		ret = file_name(&path, r->common.output, i, r->n) < 0
			      ? fail_nomem(err)
			      : work_check(&tool, path.data, NULL, 0, err);
		syc_buf_free(&path);
	}
	return ret;
}

int vec_random(int argc, char **argv)
{
	struct random r = { .common = OPT_VALUES_INIT, .n = 1 };
	const struct syc_vector_read_opts strict = { .strict = true };
	struct syc_vector *v = NULL;
	struct syc_err err = { 0 };
	int at = opt_parse(&tool, argc, argv, &r), ret;

	if (at != argc)
		tool_usage(&tool, "'%s' is one too many", argv[at]);
	if (!r.like)
		tool_usage(&tool, "no lengths: give --like=FILE");
	if (!r.common.output)
		tool_usage(&tool,
			   "nowhere to write the vector: give --output=FILE");
	ret = check_outputs(&r, &err);
	if (ret == 0)
		ret = syc_vector_read(&v, r.like, &strict, &err);
	for (uint64_t i = 0; i < r.n && ret == 0; i++)
		ret = write_one(v, &r, i, &err);
	syc_vector_free(v);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
