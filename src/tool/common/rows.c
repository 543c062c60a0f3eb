/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/common/rows.h"

/* Make in->f the next file; 1 opened, 0 no more. */
static int next_file(struct rows_in *in, struct syc_err *err)
{
	int n = in->n_paths ? in->n_paths : 1;

	if (in->at >= n)
		return 0;
	in->path = in->n_paths ? in->paths[in->at] : "-";
	in->at++;
	in->line_no = 0;
	if (strcmp(in->path, "-") == 0) {
		in->path = "standard input";
		in->f = stdin;
		return 1;
	}
	in->f = fopen(in->path, "r");
	if (!in->f)
		return fail(err, SYC_EIO, "%s: %s", in->path, strerror(errno));
	return 1;
}

static void close_file(struct rows_in *in)
{
	if (in->f && in->f != stdin)
		fclose(in->f);
	in->f = NULL;
}

/*
 * Read one line of any length, keeping at most SYC_ROW_MAX + 1 bytes of it.
 * 1 a line, 0 the end of the file.
 */
static int read_line(struct rows_in *in, struct syc_err *err)
{
	int c = 0;

	in->len = 0;
	while ((c = getc_unlocked(in->f)) != EOF && c != '\n') {
		if (in->len > SYC_ROW_MAX)
			continue;
		if (in->len + 1 >= in->cap) {
			size_t cap = in->cap * 2 + 4096;
			char *p = realloc(in->line, cap);

			if (!p)
				return fail_nomem(err);
			in->line = p;
			in->cap = cap;
		}
		in->line[in->len++] = (char)c;
	}
	if (c == EOF && ferror(in->f))
		return fail(err, SYC_EIO, "%s: %s", in->path, strerror(errno));
	if (c == EOF && !in->len)
		return 0;
	in->line_no++;
	in->n_bytes += in->len + 1;
	if (in->len && in->line[in->len - 1] == '\r')
		in->len--;
	return 1;
}

static bool is_blank(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != ' ' && s[i] != '\t')
			return false;
	return true;
}

const char *rows_place(struct rows_in *in)
{
	static char place[512];

	snprintf(place, sizeof(place), "%s:%" PRIu64, in->path, in->line_no);
	return place;
}

int rows_bad(struct rows_in *in, struct syc_err *err)
{
	struct syc_err e = *err;
	int code = e.code ? e.code : SYC_EINVAL;

	if (!in->keep_going)
		return fail(err, code, "%.240s: %s", rows_place(in), e.msg);
	tool_warn(in->tool, "%s: %s (row skipped)", rows_place(in), e.msg);
	in->n_skipped++;
	return 0;
}

static int parse_line(struct rows_in *in, struct syc_row **row, struct syc_err *err)
{
	int ret;

	if (in->len > SYC_ROW_MAX)
		return fail(err, SYC_EFORMAT, "row is longer than %zu MiB", SYC_ROW_MAX >> 20);
	ret = syc_row_parse(row, in->line, in->len, err);
	if (ret < 0)
		return ret;
	if (!in->ids)
		in->ids = syc_row_ids_new();
	if (!in->ids || syc_row_ids_number(in->ids, *row) < 0) {
		syc_row_free(*row);
		*row = NULL;
		return fail_nomem(err);
	}
	return 0;
}

/* Make text the line last read. */
static int replace_line(struct rows_in *in, const struct syc_buf *text, struct syc_err *err)
{
	if (text->len >= in->cap) {
		char *p = realloc(in->line, text->len + 1);

		if (!p)
			return fail_nomem(err);
		in->line = p;
		in->cap = text->len + 1;
	}
	memcpy(in->line, text->data, text->len);
	in->len = text->len;
	return 0;
}

/* Write "order" into the row just parsed and prepare what follows it. */
static int prepare_orders(struct rows_in *in, struct syc_row **row, struct syc_err *err)
{
	struct syc_buf given = { 0 };
	int ret;

	in->reversed.len = 0;
	ret = syc_row_reverse(&in->reversed, *row, in->line, in->len, err);
	if (ret == 0)
		ret = syc_row_set(&given, in->line, in->len, "order", "\"given\"", err);
	if (ret == 0)
		ret = replace_line(in, &given, err);
	syc_buf_free(&given);
	if (ret < 0) {
		in->reversed.len = 0;
		syc_row_free(*row);
		*row = NULL;
	}
	return ret;
}

static int use_line(struct rows_in *in, struct syc_row **row, struct syc_err *err)
{
	int ret = parse_line(in, row, err);

	return ret == 0 && in->both_orders ? prepare_orders(in, row, err) : ret;
}

static int next_reversed(struct rows_in *in, struct syc_row **row, struct syc_err *err)
{
	int ret = replace_line(in, &in->reversed, err);

	in->reversed.len = 0;
	if (ret == 0)
		ret = syc_row_parse(row, in->line, in->len, err);
	return ret < 0 ? ret : 1;
}

int rows_next(struct rows_in *in, struct syc_row **row, struct syc_err *err)
{
	int ret;

	*row = NULL;
	if (in->reversed.len)
		return next_reversed(in, row, err);
	for (;;) {
		if (!in->f) {
			ret = next_file(in, err);
			if (ret <= 0)
				return ret;
		}
		ret = read_line(in, err);
		if (ret < 0)
			return ret;
		if (ret == 0) {
			close_file(in);
			continue;
		}
		if (is_blank(in->line, in->len))
			continue;
		if (use_line(in, row, err) == 0)
			return 1;
		ret = rows_bad(in, err);
		if (ret < 0)
			return ret;
	}
}

double rows_share(struct rows_in *in)
{
	struct stat st;

	for (int i = 0; i < in->n_paths && in->n_total != UINT64_MAX && in->at <= 1; i++) {
		if (i == 0)
			in->n_total = 0;
		if (stat(in->paths[i], &st) < 0 || !S_ISREG(st.st_mode))
			in->n_total = UINT64_MAX;
		else
			in->n_total += (uint64_t)st.st_size;
	}
	if (!in->n_total || in->n_total == UINT64_MAX)
		return -1;
	return (double)in->n_bytes / (double)in->n_total;
}

void rows_done(struct rows_in *in)
{
	close_file(in);
	free(in->line);
	in->line = NULL;
	in->cap = 0;
	syc_buf_free(&in->reversed);
	syc_row_ids_free(in->ids);
	in->ids = NULL;
}

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

int out_write(struct out *o, const void *data, size_t n, struct syc_err *err)
{
	if (fwrite(data, 1, n, o->f) != n)
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
