/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/common/out.h"

static const char *out_name(const struct out *o)
{
	return o->path ? o->path : "standard output";
}

int out_open(struct out *o, const char *path, struct syc_err *err)
{
	struct stat st;

	*o = (struct out){ .path = path };
	if (!path) {
		o->f = stdout;
		return 0;
	}
	/* A device or a pipe is written as it is: nothing to rename onto. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		o->f = fopen(path, "w");
		return o->f ? 0 : fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	}
	if (asprintf(&o->part, "%s.part", path) < 0) {
		o->part = NULL;
		return fail_nomem(err);
	}
	o->f = fopen(o->part, "w");
	if (!o->f) {
		fail(err, SYC_EIO, "%s: %s", o->part, strerror(errno));
		free(o->part);
		o->part = NULL;
		return SYC_EIO;
	}
	return 0;
}

/* The same on a terminal, which gets no commands from rows. */
static int write_shown(struct out *o, const void *data, size_t n, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = 0;

	if (syc_buf_add(&b, data, n) < 0)
		return fail_nomem(err);
	n = syc_text_show(b.data, n, 1);
	if (fwrite(b.data, 1, n, o->f) != n)
		ret = fail(err, SYC_EIO, "%s: %s", out_name(o), strerror(errno));
	syc_buf_free(&b);
	return ret;
}

int out_write(struct out *o, const void *data, size_t n, struct syc_err *err)
{
	if (n && isatty(fileno(o->f)))
		return write_shown(o, data, n, err);
	if (n && fwrite(data, 1, n, o->f) != n)
		return fail(err, SYC_EIO, "%s: %s", out_name(o), strerror(errno));
	return 0;
}

int out_flush(struct out *o, struct syc_err *err)
{
	if (fflush(o->f) != 0 || ferror(o->f))
		return fail(err, SYC_EIO, "%s: %s", out_name(o), strerror(errno));
	return 0;
}

int out_finish(struct out *o, struct syc_err *err)
{
	int ret = out_flush(o, err);

	if (!o->part) {
		if (o->path && fclose(o->f) != 0 && ret == 0)
			ret = fail(err, SYC_EIO, "%s: %s", o->path, strerror(errno));
		return ret;
	}
	if (ret == 0 && fsync(fileno(o->f)) < 0 && errno != EINVAL && errno != EROFS)
		ret = fail(err, SYC_EIO, "%s: %s", o->path, strerror(errno));
	if (fclose(o->f) != 0 && ret == 0)
		ret = fail(err, SYC_EIO, "%s: %s", o->path, strerror(errno));
	o->f = NULL;
	if (ret == 0 && rename(o->part, o->path) < 0)
		ret = fail(err, SYC_EIO, "%s: %s", o->path, strerror(errno));
	if (ret < 0)
		unlink(o->part);
	free(o->part);
	o->part = NULL;
	return ret;
}

void out_abandon(struct out *o)
{
	if (!o->part)
		return;
	if (o->f)
		fclose(o->f);
	unlink(o->part);
	free(o->part);
	*o = (struct out){ 0 };
}

int out_all(const char *path, const void *data, size_t n, struct syc_err *err)
{
	struct out o;
	int ret = out_open(&o, path, err);

	if (ret < 0)
		return ret;
	ret = out_write(&o, data, n, err);
	if (ret == 0)
		return out_finish(&o, err);
	out_abandon(&o);
	return ret;
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
