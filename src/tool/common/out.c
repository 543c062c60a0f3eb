/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/options/opts.h"

/*
 * The files that an argument may name: FILE, NAME=FILE, FILE:SCALE,
 * FILE@LAYERS,KEY=VALUE; those that are there count.
 */
static int add_input(struct syc_inputs *in, const char *arg)
{
	const char *eq = strchr(arg, '=');
	char *s = strdup(arg), *end;
	int ret = s ? syc_inputs_add(in, arg) : SYC_ENOMEM;

	if (ret == 0 && eq)
		ret = syc_inputs_add(in, eq + 1);
	while (ret == 0 && (end = strpbrk(s + 1, ":@,")) && (end = strrchr(end, *end))) {
		*end = 0;
		ret = syc_inputs_add(in, s);
	}
	free(s);
	return ret;
}

/* An operand is a file that can be read, NAME=FILE and FILE:WEIGHT too. */
static int check_operand(const char *arg, struct syc_err *err)
{
	const char *path = arg, *colon = strrchr(arg, ':');
	bool good = strcmp(arg, "-") == 0 || access(arg, R_OK) == 0;

	if (!good && colon) {
		char *cut = strndup(arg, (size_t)(colon - arg));

		good = cut && access(cut, R_OK) == 0;
		free(cut);
	}
	if (!good)
		free(named_file(arg, &path));
	if (good || access(path, R_OK) == 0)
		return 0;
	return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}

int inputs_of(struct syc_inputs *in, char *const *operands, int n, struct syc_err *err)
{
	const struct texts *o = opt_inputs();
	int bad = 0;

	for (size_t i = 0; i < o->n; i++)
		bad |= add_input(in, o->text[i]);
	for (int i = 0; i < n; i++)
		bad |= add_input(in, operands[i]);
	return bad ? fail_nomem(err) : 0;
}

int operands_check(char *const *operands, int n, struct syc_err *err)
{
	int ret = 0;

	for (int i = 0; i < n && ret == 0; i++)
		ret = check_operand(operands[i], err);
	return ret;
}

int out_check(const struct tool *t, const char *path, char *const *operands, int n,
	      struct syc_err *err)
{
	struct syc_inputs in = { 0 };
	int ret = inputs_of(&in, operands, n, err);

	if (ret == 0)
		ret = syc_output_check(path, SYC_LEFTOVER_REPLACE, &in, err);
	syc_inputs_free(&in);
	if (ret == SYC_EINVAL)
		tool_usage(t, "%s", err->msg);
	return ret;
}

int work_check(const struct tool *t, const char *path, char *const *operands, int n,
	       struct syc_err *err)
{
	const int ret = operands_check(operands, n, err);

	return ret < 0 ? ret : out_check(t, path, operands, n, err);
}

int read_all_of(struct syc_buf *b, const char *path, size_t most, struct syc_err *err)
{
	FILE *f = path ? fopen(path, "rb") : stdin;
	const char *name = path ? path : "standard input";
	char piece[4096];
	size_t n;
	int ret = 0;

	if (!f)
		return fail(err, SYC_EIO, "%s: %s", name, strerror(errno));
	while (ret == 0 && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		if (syc_buf_add(b, piece, n) < 0)
			ret = fail_nomem(err);
		else if (b->len > most)
			ret = fail(err, SYC_EINVAL, "%s: more than %zu bytes", name,
				   most);
	if (ret == 0 && ferror(f))
		ret = fail(err, SYC_EIO, "%s: %s", name, strerror(errno));
	if (path)
		fclose(f);
	return ret;
}

char *named_file(const char *arg, const char **path)
{
	const char *eq = strchr(arg, '='), *slash = strchr(arg, '/'), *base, *dot;

	*path = arg;
	if (eq && eq > arg && (!slash || eq < slash)) {
		*path = eq + 1;
		return strndup(arg, (size_t)(eq - arg));
	}
	base = strrchr(arg, '/');
	base = base ? base + 1 : arg;
	dot = strrchr(base, '.');
	return dot && dot > base ? strndup(base, (size_t)(dot - base)) : strdup(base);
}
