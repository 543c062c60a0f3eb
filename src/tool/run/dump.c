/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/run/dump.h"

/* Whole lines of f, and the offset behind line number max or the last. */
static uint64_t count_lines(FILE *f, uint64_t max, off_t *end)
{
	uint64_t n = 0;
	off_t at = 0;
	int c;

	*end = 0;
	rewind(f);
	while (n < max && (c = getc_unlocked(f)) != EOF) {
		at++;
		if (c == '\n') {
			n++;
			*end = at;
		}
	}
	return n;
}

/* Whole rows in the file: of a write that failed, some came there. */
static uint64_t count_written(const char *path)
{
	FILE *f = fopen(path, "re");
	off_t end;
	const uint64_t n = f ? count_lines(f, UINT64_MAX, &end) : 0;

	if (f)
		fclose(f);
	return n;
}

static bool is_begun(const char *path)
{
	char *part = path ? syc_output_part(path) : NULL;
	const bool begun = part && access(part, F_OK) == 0;

	free(part);
	return begun;
}

bool dump_is_complete(const char *out_path, const char *acts_path)
{
	return !is_begun(out_path) && !is_begun(acts_path) && access(out_path, F_OK) == 0;
}

/* Cut the rows that are made again; not before the first of them is. */
static int cut_rows(struct dump *d, struct syc_err *err)
{
	if (!d->cut)
		return 0;
	d->cut = false;
	if (ftruncate(fileno(d->out.f), d->end) < 0 ||
	    fseeko(d->out.f, d->end, SEEK_SET) < 0)
		return fail(err, SYC_EIO, "%s: %s", d->out.part, strerror(errno));
	return 0;
}

/* Take the last of n rows, to compare it when it is made again. */
static int take_last(struct dump *d, uint64_t *n, struct syc_err *err)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	off_t at;
	int bad;

	count_lines(d->out.f, --*n, &at);
	if (fseeko(d->out.f, at, SEEK_SET) < 0 ||
	    (len = getline(&line, &cap, d->out.f)) < 0) {
		free(line);
		return fail(err, SYC_EIO, "%s: %s", d->out.part,
			    strerror(errno));
	}
	bad = syc_buf_add(&d->again, line, (size_t)len);
	free(line);
	return bad ? fail_nomem(err) : 0;
}

/* Is it the row that was there?  If not, that one stays where it was. */
static int compare(struct dump *d, const struct syc_buf *row,
		   struct syc_err *err)
{
	const bool same = row->len == d->again.len &&
			  memcmp(row->data, d->again.data, row->len) == 0;
	int ret = 0;

	if (!same) {
		ret = cut_rows(d, err);
		if (ret == 0)
			ret = syc_output_write(&d->out, d->again.data, d->again.len, err);
		if (ret == 0)
			ret = syc_output_flush(&d->out, err);
		d->out_failed = ret < 0;
		d->n_written += ret == 0;
		d->n_rows++;
	}
	syc_buf_free(&d->again);
	if (same || ret < 0)
		return ret;
	return fail(err, SYC_EINVAL,
		    "%s:%" PRIu64
		    ": the row is not what it is now: options, model or input "
		    "have changed since",
		    d->out.part, d->n_rows);
}

/* Nothing is resumed: what was there stays. */
static void let_go(struct dump *d, bool fresh)
{
	syc_acts_abandon(d->acts);
	d->acts = NULL;
	if (fresh)
		syc_output_drop(&d->out);
	else
		syc_output_keep(&d->out);
}

static int resume_both(struct dump *d, const struct syc_acts_opts *acts,
		       struct syc_err *err)
{
	uint64_t n;
	off_t end;
	bool fresh;
	int ret = syc_output_open(&d->out, err);

	if (ret < 0)
		return ret;
	n = count_lines(d->out.f, UINT64_MAX, &end);
	fresh = !n;
	d->n_there = n;
	ret = acts ? syc_acts_resume(&d->acts, d->acts_path, acts, n, &n, err)
		   : 0;
	if (ret == 0 && !acts && n && !d->known)
		ret = take_last(d, &n, err);
	if (ret < 0) {
		let_go(d, fresh);
		return ret;
	}
	count_lines(d->out.f, n, &d->end);
	d->cut = true;
	d->old = !fresh;
	d->n_rows = d->n_written = d->n_resumed = n;
	return 0;
}

int dump_open(struct dump *d, const struct tool *t, const char *out_path,
	      const char *acts_path, const struct syc_acts_opts *acts,
	      enum syc_leftover leftover, bool known, struct syc_err *err)
{
	int ret = 0;

	*d = (struct dump){ .tool = t, .out_path = out_path, .acts_path = acts_path,
			    .known = known };
	syc_output_begin(&d->out, out_path, leftover);
	/* A recorder outlives its reader: it closes its file, then fails. */
	if (acts)
		signal(SIGPIPE, SIG_IGN);
	if (leftover == SYC_LEFTOVER_TAKE)
		return resume_both(d, acts, err);
	/* Rows that are there without their recording are of a run that is done. */
	if (acts)
		ret = syc_acts_create(&d->acts, acts_path, acts, err);
	if (ret == 0)
		ret = syc_output_open(&d->out, err);
	if (ret < 0)
		let_go(d, true);
	return ret;
}

/* Write the pending rows whose activations are on disk. */
static int release(struct dump *d, uint64_t saved, struct syc_err *err)
{
	size_t n = (size_t)(saved - d->n_written), bytes;
	int ret;

	if (!n || d->out_failed)
		return 0;
	bytes = d->ends[n - 1];
	ret = cut_rows(d, err);
	if (ret == 0)
		ret = syc_output_write(&d->out, d->pending.data, bytes, err);
	if (ret == 0)
		ret = syc_output_flush(&d->out, err);
	d->out_failed = ret < 0;
	memmove(d->pending.data, d->pending.data + bytes,
		d->pending.len - bytes);
	d->pending.len -= bytes;
	memmove(d->ends, d->ends + n, (d->n_ends - n) * sizeof(*d->ends));
	d->n_ends -= n;
	for (size_t i = 0; i < d->n_ends; i++)
		d->ends[i] -= bytes;
	if (ret == 0)
		d->n_written = saved;
	return ret;
}

static int queue(struct dump *d, const struct syc_buf *row, struct syc_err *err)
{
	if (d->n_ends == d->cap_ends) {
		size_t cap = d->cap_ends * 2 + 64;
		size_t *p = cap < SIZE_MAX / sizeof(*p) ? realloc(d->ends, cap * sizeof(*p)) : NULL;

		if (!p)
			return fail_nomem(err);
		d->ends = p;
		d->cap_ends = cap;
	}
	if (syc_buf_add(&d->pending, row->data, row->len) < 0)
		return fail_nomem(err);
	d->ends[d->n_ends++] = d->pending.len;
	d->n_rows++;
	return 0;
}

/* Rows whose activations were lost with their chunk never leave. */
static void forget_pending(struct dump *d)
{
	syc_buf_free(&d->pending);
	d->n_ends = 0;
	d->n_rows = d->n_written;
}

int dump_add(struct dump *d, const struct syc_acts_row *acts,
		 const struct syc_buf *row, struct syc_err *err)
{
	int ret = d->again.len ? compare(d, row, err) : 0;

	if (ret == 0 && d->acts_path && !d->acts)
		ret = fail(err, SYC_EINVAL,
			   "%s: is finished, but the input has more rows", d->acts_path);
	if (ret == 0 && d->acts)
		ret = syc_acts_add(d->acts, acts, err);
	if (ret < 0 && ret != SYC_EINVAL)
		forget_pending(d);
	if (ret == 0)
		ret = queue(d, row, err);
	if (ret == 0)
		ret = release(d, d->acts ? syc_acts_saved(d->acts) : d->n_rows,
			      err);
	return ret;
}

/* Keep what there is for --resume; it goes on behind the last full chunk. */
static void keep_parts(struct dump *d, uint64_t saved)
{
	const bool part = d->out.part != NULL;
	const uint64_t n = part && d->out_failed ? count_written(d->out.part) : d->n_written;

	if (part && n)
		tool_warn(d->tool, "%" PRIu64 " row%s in %s; --resume goes on after %" PRIu64,
			  n, n == 1 ? " is" : "s are", d->out.part,
			  !d->acts_path ? n : saved < d->n_written ? saved : d->n_written);
	else if (!part && d->acts && d->n_rows)
		tool_warn(d->tool, "%s is not finished: it is %s.part", d->acts_path,
			  d->acts_path);
	if (n || (d->cut && d->old))
		syc_output_keep(&d->out);
	else
		syc_output_drop(&d->out);
	syc_acts_abandon(d->acts);
}

/*
 * The recording is whole on disk before the last rows leave, and has its name
 * before they have theirs: whoever finds the rows finds it.
 */
static int finish_both(struct dump *d, struct syc_err *err)
{
	struct syc_acts_out *acts = d->acts;
	int ret = cut_rows(d, err);

	if (ret == 0)
		ret = syc_output_sync(&d->out, err);
	if (ret < 0)
		return ret;
	d->acts = NULL;
	ret = acts ? syc_acts_finish(acts, err) : 0;
	return ret < 0 ? ret : syc_output_finish(&d->out, err);
}

int dump_close(struct dump *d, bool ok, struct syc_err *err)
{
	const uint64_t saved = d->acts ? syc_acts_saved(d->acts) : d->n_resumed;
	struct syc_err e;
	/* What was refused before a row was added stays as it is. */
	const bool seal = d->acts && (ok || d->n_rows > d->n_resumed);
	int ret = seal ? syc_acts_seal(d->acts, ok ? err : &e) : 0;

	if (ret == 0 && d->out.f && !d->out_failed)
		ret = release(d, d->n_rows, ok ? err : &e);
	if (ok && ret == 0)
		ret = finish_both(d, err);
	if (!ok || ret < 0)
		keep_parts(d, saved);
	syc_buf_free(&d->pending);
	syc_buf_free(&d->again);
	free(d->ends);
	d->ends = NULL;
	return ret;
}
