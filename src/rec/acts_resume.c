/* SPDX-License-Identifier: MIT */
/* Going on with an activation file that was not finished, and repairing it. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/output.h"
#include "rec/acts_out.h"

/* An activation file opened for looking at, by its local headers. */
struct look {
	struct syc_zip *zip;
	struct acts_desc d;
	struct acts_index index;
};

static void look_close(struct look *l)
{
	acts_index_free(&l->index);
	acts_desc_free(&l->d);
	syc_zip_close(l->zip);
	*l = (struct look){ 0 };
}

static int look_open(struct look *l, const char *path, struct syc_err *err)
{
	int ret;

	*l = (struct look){ 0 };
	ret = syc_zip_open(&l->zip, path, true, err);
	if (ret == 0)
		ret = acts_desc_read(&l->d, l->zip, err);
	if (ret == 0)
		ret = acts_index_update(&l->index, l->zip, &l->d, err);
	return ret;
}

/* Members lie in the order we write them, so that they can be cut off. */
static bool in_order(const struct look *l)
{
	size_t want = ACTS_HEAD_MEMBERS;

	for (size_t i = 0; i < l->index.n; i++)
		for (unsigned k = 0; k < ACTS_KINDS; k++)
			if (acts_kind_present(k, l->d.o.positions) &&
			    l->index.chunk[i].member[k] != want++)
				return false;
	return true;
}

/* Was the chunk written because it was full? */
static bool is_full(const struct look *l, const struct acts_chunk *c)
{
	uint64_t sum = 0;

	for (unsigned k = 0; k <= ACTS_ALL; k++)
		if (acts_kind_present(k, l->d.o.positions))
			sum += syc_zip_list(l->zip)->e[c->member[k]].bytes -
			       SYC_NPY_HEAD;
	return c->n_rows == l->d.o.chunk_rows || sum >= ACTS_CHUNK_BYTES;
}

static bool is_sound(struct look *l, const struct acts_chunk *c)
{
	for (unsigned k = 0; k < ACTS_KINDS; k++)
		if (acts_kind_present(k, l->d.o.positions) &&
		    syc_zip_verify(l->zip, c->member[k], NULL) < 0)
			return false;
	return true;
}

/*
 * How many chunks to keep, at most max_rows rows.  After a crash of the whole
 * machine the last blocks of a file may be zero: chunks at the end whose
 * checksums are wrong are not kept.
 */
static size_t keep_chunks(struct look *l, uint64_t max_rows, bool full_only)
{
	const struct acts_chunk *c = l->index.chunk;
	size_t n = 0;

	while (n < l->index.n && c[n].row + c[n].n_rows <= max_rows &&
	       (!full_only || is_full(l, &c[n])))
		n++;
	while (n && !is_sound(l, &c[n - 1]))
		n--;
	return n;
}

/* Let w go on behind the first n chunks; what follows goes when it writes. */
static int take_over(struct syc_acts_out *w, const struct look *l, size_t n,
		     struct syc_err *err)
{
	const struct syc_zip_dir *dir = syc_zip_list(l->zip);
	size_t keep = ACTS_HEAD_MEMBERS +
		      n * acts_chunk_members(l->d.o.positions);
	const struct syc_zip_entry *last = &dir->e[keep - 1];

	for (size_t i = 0; i < keep; i++)
		if (syc_zip_dir_add(&w->dir, &dir->e[i]) < 0)
			return syc_nomem(err);
	w->at = last->data + last->packed;
	w->n_chunks = n;
	w->saved = n ? l->index.chunk[n - 1].row + l->index.chunk[n - 1].n_rows : 0;
	w->cut = true;
	return 0;
}

/*
 * Does the file hold nothing but the beginning of the description that we
 * would write?  Then the run died before its first chunk.
 */
static bool is_stub(struct syc_acts_out *w)
{
	struct syc_buf head = { 0 };
	struct syc_zip_dir dir = { 0 };
	struct stat st;
	char *have = NULL;
	bool same = false;

	if (acts_desc_pack(&head, &dir, &w->d) == 0 && fstat(w->fd, &st) == 0 &&
	    (uint64_t)st.st_size <= head.len) {
		have = malloc((size_t)st.st_size + 1);
		same = have && pread(w->fd, have, (size_t)st.st_size, 0) == st.st_size &&
		       memcmp(have, head.data, (size_t)st.st_size) == 0;
	}
	free(have);
	syc_buf_free(&head);
	syc_zip_dir_free(&dir);
	return same;
}

static int go_on(struct syc_acts_out *w, uint64_t max_rows, struct syc_err *err)
{
	struct look l;
	int ret;

	if (is_stub(w)) {
		if (ftruncate(w->fd, 0) < 0)
			return syc_fail(err, SYC_EIO, "%s: %s", w->path,
					strerror(errno));
		return acts_out_begin(w, err);
	}
	ret = look_open(&l, w->file.part, err);
	if (ret == 0)
		ret = acts_desc_same(&l.d, &w->d, w->path, err);
	if (ret == 0 && !in_order(&l))
		ret = syc_fail(err, SYC_EINVAL,
			"%s: its members are not in the order in which they are written",
			w->path);
	if (ret == 0)
		ret = take_over(w, &l, keep_chunks(&l, max_rows, true), err);
	look_close(&l);
	return ret;
}

/* ---- what is there ----------------------------------------------------- */

/* Whether a file is there and has something in it. */
static bool is_filled(const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size;
}

static bool has_part(const char *path)
{
	char *part = syc_output_part(path);
	const bool has = is_filled(part);

	free(part);
	return has;
}

/* The recording that is called path: 1 it is, 0 there is none. */
static int look_named(struct look *l, const char *path, struct syc_err *err)
{
	struct syc_err why;
	int ret;

	*l = (struct look){ 0 };
	if (syc_output_is_stdout(path) || !is_filled(path))
		return 0;
	ret = look_open(l, path, &why);
	if (ret == SYC_EFORMAT || ret == SYC_EUNSUPP)
		ret = syc_fail(err, SYC_EINVAL,
			"%s: is there and no recording: give another name to record into",
			path);
	else if (ret < 0)
		ret = syc_fail(err, ret, "%s", why.msg);
	if (ret < 0)
		look_close(l);
	return ret < 0 ? ret : 1;
}

int syc_acts_check(const char *path, enum syc_leftover leftover,
		   struct syc_err *err)
{
	struct look l;
	int ret = look_named(&l, path, err);

	/* Earlier versions wrote it under its name. */
	if (ret > 0 && leftover == SYC_LEFTOVER_REFUSE && !syc_zip_complete(l.zip))
		ret = syc_output_left(path, err);
	look_close(&l);
	return ret < 0 ? ret : 0;
}

/* Give the unfinished file of an earlier version the name that it has now. */
static int take_part_name(const char *path, struct syc_err *err)
{
	char *name = syc_output_follow(path), *part = syc_output_part(path);
	int ret = !name || !part ? syc_nomem(err) : 0;

	if (ret == 0 && rename(name, part) < 0)
		ret = syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	free(name);
	free(part);
	return ret;
}

/*
 * The run may have ended when it had given the recording its name and not yet
 * its rows theirs: 1.  What else is finished is another run's, and stays.
 */
static int is_done(const char *path, const struct acts_desc *d, uint64_t max_rows,
		   struct syc_err *err)
{
	struct look l;
	int ret = has_part(path) ? 0 : look_named(&l, path, err);

	if (ret <= 0)
		return ret;
	if (!syc_zip_complete(l.zip) || max_rows)
		ret = acts_desc_same(&l.d, d, path, err);
	if (ret < 0) {
		look_close(&l);
		return ret;
	}
	if (!syc_zip_complete(l.zip))
		ret = take_part_name(path, err);
	else if (max_rows && l.index.n_rows != max_rows)
		ret = syc_fail(err, SYC_EINVAL,
			"%s: is finished, with %" PRIu64
			" rows: it is not of the %" PRIu64 " rows to go on with",
			path, l.index.n_rows, max_rows);
	else
		ret = max_rows > 0;
	look_close(&l);
	return ret;
}

static int open_to_go_on(struct syc_acts_out **out, const char *path,
			 const struct acts_desc *d, struct syc_err *err)
{
	struct syc_output file;
	int ret;

	syc_output_begin(&file, path, SYC_LEFTOVER_TAKE);
	ret = syc_output_open(&file, err);
	if (ret == 0 && !file.part) {
		syc_output_keep(&file);
		return syc_fail(err, SYC_EIO, "%s: not a regular file", path);
	}
	return ret < 0 ? ret : acts_out_new(out, path, &file, d, err);
}

int syc_acts_resume(struct syc_acts_out **out, const char *path,
		    const struct syc_acts_opts *o, uint64_t max_rows,
		    uint64_t *n_rows, struct syc_err *err)
{
	struct acts_desc d;
	int ret = acts_desc_copy(&d, o, err);

	*out = NULL;
	*n_rows = 0;
	if (ret < 0)
		return ret;
	ret = is_done(path, &d, max_rows, err);
	if (ret > 0)
		*n_rows = max_rows;
	else if (ret == 0)
		ret = open_to_go_on(out, path, &d, err);
	acts_desc_free(&d);
	if (ret == 0)
		ret = go_on(*out, max_rows, err);
	if (ret == 0)
		*n_rows = (*out)->saved;
	if (ret < 0) {
		acts_out_free(*out);
		*out = NULL;
	}
	return ret < 0 ? ret : 0;
}

/* ---- repair ------------------------------------------------------------ */

/* Open it as it is, where nobody else writes it. */
static int open_there(struct syc_output *file, const char *path,
		      struct syc_err *err)
{
	const int fd = open(path, O_RDWR | O_CLOEXEC);

	*file = (struct syc_output){ .path = path };
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		close(fd);
		return syc_output_busy(path, err);
	}
	file->f = fd >= 0 ? fdopen(fd, "r+b") : NULL;
	if (file->f)
		return 0;
	syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return SYC_EIO;
}

static int repair(const char *path, struct look *l, uint64_t *n_rows,
		  struct syc_err *err)
{
	struct syc_output file;
	struct syc_acts_out *w;
	int ret;

	if (!in_order(l))
		return syc_fail(err, SYC_EINVAL,
			"%s: its members are not in the order in which they are written",
			path);
	ret = open_there(&file, path, err);
	if (ret == 0)
		ret = acts_out_new(&w, path, &file, &l->d, err);
	if (ret < 0)
		return ret;
	ret = take_over(w, l, keep_chunks(l, UINT64_MAX, false), err);
	if (ret == 0)
		ret = acts_out_end(w, err);
	*n_rows = w->saved;
	acts_out_free(w);
	return ret;
}

static int repair_one(const char *path, uint64_t *n_rows, struct syc_err *err)
{
	struct look l;
	int ret = look_open(&l, path, err);

	if (ret == 0 && syc_zip_complete(l.zip))
		*n_rows = l.index.n_rows;
	else if (ret == 0)
		ret = repair(path, &l, n_rows, err);
	look_close(&l);
	return ret;
}

int syc_acts_repair(const char *path, uint64_t *n_rows, struct syc_err *err)
{
	char *part = access(path, F_OK) < 0 ? syc_output_part(path) : NULL;
	int ret;

	*n_rows = 0;
	ret = repair_one(is_filled(part) ? part : path, n_rows, err);
	free(part);
	return ret;
}
