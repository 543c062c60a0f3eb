/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
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
	in->line_no = 0;
	in->from = in->to = 0;
	in->ended = false;
	if (strcmp(in->path, "-") == 0) {
		in->path = "standard input";
		in->f = stdin;
	} else if (!(in->f = fopen(in->path, "r"))) {
		return syc_fail(err, SYC_EIO, "%s: %s", in->path,
				strerror(errno));
	}
	in->at++;
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

enum { BUFFER = 65536, LATER = 2 };

/*
 * More of the file into the buffer: 1, 0 at its end; unless it may wait, LATER
 * where that would take until somebody writes.
 */
static int fill(struct syc_rows *in, bool wait, struct syc_err *err)
{
	struct pollfd p = { .fd = fileno(in->f), .events = POLLIN };
	ssize_t n;

	if (in->ended)
		return 0;
	if (!in->buffer && !(in->buffer = malloc(BUFFER)))
		return syc_nomem(err);
	if (!wait && poll(&p, 1, 0) == 0)
		return LATER;
	while ((n = read(p.fd, in->buffer, BUFFER)) < 0 && errno == EINTR)
		;
	if (n < 0)
		return syc_fail(err, SYC_EIO, "%s: %s", in->path,
				strerror(errno));
	in->from = 0;
	in->to = (size_t)n;
	in->ended = n == 0;	/* a terminal could begin again */
	return n > 0;
}

/* Take what the buffer has of the line: 1 to its end, 0 more is to come. */
static int take_bytes(struct syc_rows *in, struct syc_err *err)
{
	const char *s = in->buffer + in->from;
	const char *end = memchr(s, '\n', in->to - in->from);
	const size_t n = end ? (size_t)(end - s) : in->to - in->from;
	const size_t room = SYC_ROW_MAX + 1 - in->len, keep = n < room ? n : room;

	if (!syc_grow(&in->line, &in->cap, in->len + keep + 1, 1))
		return syc_nomem(err);
	memcpy(in->line + in->len, s, keep);
	in->len += keep;
	in->from += n + (end != NULL);
	return end != NULL;
}

/*
 * Read one line of any length, keeping at most SYC_ROW_MAX + 1 bytes of it, or
 * go on with one that was begun.  1 a line, 0 the end of the file, or LATER.
 */
static int read_line(struct syc_rows *in, bool wait, struct syc_err *err)
{
	int ret = 0;

	if (!in->begun)
		in->len = 0;
	in->begun = true;
	while (ret == 0) {
		ret = in->from < in->to ? 1 : fill(in, wait, err);
		if (ret == 0 && in->len)
			break;
		in->begun = ret != 0;
		if (ret != 1)
			return ret;
		ret = take_bytes(in, err);
		if (ret < 0)
			return ret;
	}
	in->begun = false;
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

	if (!in->keep_going || code == SYC_ENOMEM)
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

/* The line last read with "parent", the row's id, where it names none. */
static int add_parent(struct syc_rows *in, const struct syc_row *row, struct syc_err *err)
{
	const struct syc_row_box *b = (const struct syc_row_box *)row;
	struct syc_buf id = { 0 }, line = { 0 };
	int ret;

	if (syc_row_field(b, "parent"))
		return 0;
	ret = syc_buf_json(&id, row->id, strlen(row->id)) < 0 ? syc_nomem(err) : 0;
	if (ret == 0)
		ret = syc_row_set(&line, in->line, in->len, "parent", id.data, err);
	if (ret == 0)
		ret = replace_line(in, &line, err);
	syc_buf_free(&id);
	syc_buf_free(&line);
	return ret;
}

/* Write "order" into the row just parsed and prepare what follows it. */
static int prepare_orders(struct syc_rows *in, struct syc_row **row,
			  struct syc_err *err)
{
	struct syc_buf given = { 0 };
	int ret = add_parent(in, *row, err);

	in->reversed.len = 0;
	if (ret == 0)
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
	const struct syc_seen_place at = { in->path, in->line_no };
	int ret = in->allow_duplicates || !is_named(*row) ? 0 : check_seen(in, *row, err);

	if (ret == 0 && in->one_run)
		ret = syc_one_run_row(in->one_run, *row, syc_rows_place(in), err);
	if (ret == 0 && in->one_run)
		ret = syc_run_makers_row(&in->makers, *row, at, err);
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

/* A line that is not blank, of this file or the next: 1, 0 at the end, or LATER. */
static int next_line(struct syc_rows *in, bool wait, struct syc_err *err)
{
	int ret = 1;

	while (in->f || (ret = next_file(in, err)) == 1) {
		ret = read_line(in, wait, err);
		if (ret == 0)
			close_file(in);
		else if (ret != 1 || !is_blank(in->line, in->len))
			return ret;
	}
	return ret;
}

bool syc_rows_ready(struct syc_rows *in)
{
	int ret = 1;

	if (!in->ahead && !in->reversed.len) {
		ret = next_line(in, false, NULL);
		in->ahead = ret == 1;
	}
	return ret != LATER;	/* errors come again */
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
		ret = in->ahead ? 1 : next_line(in, true, err);
		in->ahead = false;
		if (ret <= 0)
			return ret;
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
	free(in->buffer);
	in->line = in->buffer = NULL;
	in->cap = in->from = in->to = 0;
	syc_buf_free(&in->reversed);
	syc_row_ids_free(in->ids);
	in->ids = NULL;
	syc_seen_free(in->seen);
	in->seen = NULL;
}

