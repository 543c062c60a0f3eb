/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/err.h"
#include "base/utf8.h"
#include "task/row.h"
#include "syc/rows.h"

/* Make in->f the next file; 1 opened, 0 no more. */
static int next_file(struct syc_rows *in, struct syc_err *err)
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
		return syc_fail(err, SYC_EIO, "%s: %s", in->path,
				strerror(errno));
	return 1;
}

static void close_file(struct syc_rows *in)
{
	if (in->f && in->f != stdin)
		fclose(in->f);
	in->f = NULL;
}

/* A byte order mark is no part of the first row. */
static void drop_mark(struct syc_rows *in)
{
	size_t n = in->len;
	const char *s = syc_utf8_start(in->line, &n);

	if (n < in->len)
		memmove(in->line, s, n);
	in->len = n;
}

/*
 * Read one line of any length, keeping at most SYC_ROW_MAX + 1 bytes of it.
 * 1 a line, 0 the end of the file.
 */
static int read_line(struct syc_rows *in, struct syc_err *err)
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
				return syc_nomem(err);
			in->line = p;
			in->cap = cap;
		}
		in->line[in->len++] = (char)c;
	}
	if (c == EOF && ferror(in->f))
		return syc_fail(err, SYC_EIO, "%s: %s", in->path,
				strerror(errno));
	if (c == EOF && !in->len)
		return 0;
	in->line_no++;
	in->n_bytes += in->len + 1;
	if (in->line_no == 1)
		drop_mark(in);
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

const char *syc_rows_place(struct syc_rows *in)
{
	snprintf(in->place, sizeof(in->place), "%s:%" PRIu64, in->path,
		 in->line_no);
	return in->place;
}

const char *syc_rows_path(const struct syc_rows *in)
{
	return in->f != stdin ? in->path : NULL;
}

int syc_rows_bad(struct syc_rows *in, struct syc_err *err)
{
	const struct syc_err e = err ? *err : (struct syc_err){ 0 };
	const int code = e.code ? e.code : SYC_EINVAL;

	if (!in->keep_going)
		return syc_fail(err, code, "%.240s: %s", syc_rows_place(in),
				e.msg);
	if (in->skipped)
		in->skipped(in->arg, syc_rows_place(in), e.msg);
	in->n_skipped++;
	return 0;
}

/* Whether anything says which row it is: without id and prompt, two may be alike. */
static bool is_named(const struct syc_row *row)
{
	return row->has_id || row->has_prompt || row->has_pair;
}

static int parse_line(struct syc_rows *in, struct syc_row **row,
		      struct syc_err *err)
{
	int ret;

	if (in->len > SYC_ROW_MAX)
		return syc_fail(err, SYC_EFORMAT, "row is longer than %zu MiB",
				SYC_ROW_MAX >> 20);
	ret = syc_row_parse(row, in->line, in->len, err);
	if (ret < 0 || (!in->allow_duplicates && is_named(*row)))
		return ret;
	if (!in->ids)
		in->ids = syc_row_ids_new();
	if (!in->ids || syc_row_ids_number(in->ids, *row) < 0) {
		syc_row_free(*row);
		*row = NULL;
		return syc_nomem(err);
	}
	return 0;
}

/* Make text the line last read. */
static int replace_line(struct syc_rows *in, const struct syc_buf *text,
			struct syc_err *err)
{
	if (text->len >= in->cap) {
		char *p = realloc(in->line, text->len + 1);

		if (!p)
			return syc_nomem(err);
		in->line = p;
		in->cap = text->len + 1;
	}
	memcpy(in->line, text->data, text->len);
	in->len = text->len;
	return 0;
}

/* Write "order" into the row just parsed and prepare what follows it. */
static int prepare_orders(struct syc_rows *in, struct syc_row **row,
			  struct syc_err *err)
{
	struct syc_buf given = { 0 };
	int ret;

	in->reversed.len = 0;
	ret = syc_row_reverse(&in->reversed, *row, in->line, in->len, err);
	if (ret == 0)
		ret = syc_row_set(&given, in->line, in->len, "order",
				  "\"given\"", err);
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

static int use_line(struct syc_rows *in, struct syc_row **row,
		    struct syc_err *err)
{
	int ret = parse_line(in, row, err);

	return ret == 0 && in->both_orders ? prepare_orders(in, row, err) : ret;
}

/* Whether the row came before; its place is in front of the message. */
static int check_seen(struct syc_rows *in, const struct syc_row *row, struct syc_err *err)
{
	const struct syc_row_key key = syc_row_key(row);
	const struct syc_seen_place at = { in->path, in->line_no };
	struct syc_seen_place first;
	char sample[32] = "";
	int ret = SYC_ENOMEM;

	if (in->seen || (in->seen = syc_seen_new()))
		ret = syc_seen_add(in->seen, &key, at, &first);
	if (ret <= 0)
		return ret < 0 ? syc_nomem(err) : 0;
	if (row->sample >= 0)
		snprintf(sample, sizeof(sample), ", sample %d", row->sample);
	return syc_fail(err, SYC_ETWICE,
			"%.160s: the row (%s '%.60s'%s) is already in %.160s:%" PRIu64,
			syc_rows_place(in), row->has_id ? "id" : "no id, its prompt's is",
			row->id, sample, first.file, first.number);
}

/* A good row: 1, or an error when it does not go with those before, and it is freed. */
static int check(struct syc_rows *in, struct syc_row **row, struct syc_err *err)
{
	int ret = in->allow_duplicates || !is_named(*row) ? 0 : check_seen(in, *row, err);

	if (ret == 0 && in->one_run)
		ret = syc_one_run_row(in->one_run, *row, syc_rows_place(in), err);
	if (ret == 0)
		return 1;
	syc_row_free(*row);
	*row = NULL;
	return ret;
}

static int next_reversed(struct syc_rows *in, struct syc_row **row,
			 struct syc_err *err)
{
	int ret = replace_line(in, &in->reversed, err);

	in->reversed.len = 0;
	if (ret == 0)
		ret = syc_row_parse(row, in->line, in->len, err);
	return ret < 0 ? ret : check(in, row, err);
}

int syc_rows_next(struct syc_rows *in, struct syc_row **row,
		  struct syc_err *err)
{
	/* a skipped row has a reason, whoever wants to know */
	struct syc_err own;
	int ret;

	err = err ? err : &own;
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
			return check(in, row, err);
		ret = syc_rows_bad(in, err);
		if (ret < 0)
			return ret;
	}
}

double syc_rows_share(struct syc_rows *in)
{
	struct stat st;

	for (int i = 0;
	     i < in->n_paths && in->n_total != UINT64_MAX && in->at <= 1; i++) {
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

void syc_rows_done(struct syc_rows *in)
{
	close_file(in);
	free(in->line);
	in->line = NULL;
	in->cap = 0;
	syc_buf_free(&in->reversed);
	syc_row_ids_free(in->ids);
	in->ids = NULL;
	syc_seen_free(in->seen);
	in->seen = NULL;
}

