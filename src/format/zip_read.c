/* SPDX-License-Identifier: MIT */
/* The layout is described in zip_write.c. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/zip_file.h"

enum {
	LOCAL = SYC_ZIP_LOCAL, ENTRY = 46, END = 22, END64 = 56, LOCATOR = 20,
	MAX_NAME = 4096, MAX_COMMENT = 65535,
};

int syc_zip_pread(struct syc_zip *z, void *out, size_t n, uint64_t at,
		  struct syc_err *err)
{
	uint8_t *p = out;

	if (at > z->size || n > z->size - at)
		return syc_fail(err, SYC_EFORMAT,
				"%s: is cut short at %" PRIu64 " bytes",
				z->path, z->size);
	while (n) {
		ssize_t got = pread(z->fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return syc_fail(err, SYC_EIO, "%s: %s", z->path,
					strerror(errno));
		if (got == 0)
			return syc_fail(err, SYC_EFORMAT,
					"%s: became shorter while it was read",
					z->path);
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

/* Replace the fields that are all ones by those of extra field 1, in order. */
static bool widen(struct syc_zip_entry *e, const uint8_t *x, size_t n,
		  bool with_offset)
{
	uint64_t *field[3] = { &e->bytes, &e->packed, &e->offset };
	size_t n_fields = with_offset ? 3 : 2, len = 0;
	bool found = false;

	while (n >= 4 && !found) {
		len = syc_get16(x + 2);
		if (len > n - 4)
			return false;
		found = syc_get16(x) == 1;
		n -= 4 + (found ? 0 : len);
		x += 4 + (found ? 0 : len);
	}
	for (size_t i = 0; i < n_fields; i++) {
		if (*field[i] != 0xffffffff)
			continue;
		if (!found || len < 8)
			return !found;
		*field[i] = syc_get64(x);
		x += 8;
		len -= 8;
	}
	return true;
}

/* Do the sizes make sense at all?  Deflate gains at most 1032 to 1. */
static bool sane(const struct syc_zip *z, const struct syc_zip_entry *e)
{
	if (e->packed > z->size || e->bytes > SIZE_MAX - 1)
		return false;
	if (e->method == 0)
		return e->bytes == e->packed;
	return e->bytes / 1032 <= e->packed + 1;
}

/*
 * The local header at `at` into *e (whose name the caller frees when 1 is
 * returned); 0 when there is none, or not wholly.
 */
static int read_local(struct syc_zip *z, uint64_t at, struct syc_zip_entry *e,
		      struct syc_err *err)
{
	uint8_t h[LOCAL], extra[1024];
	size_t n_name, n_extra;

	*e = (struct syc_zip_entry){ .offset = at };
	if (at > z->size || z->size - at < LOCAL)
		return 0;
	if (syc_zip_pread(z, h, LOCAL, at, err) < 0)
		return SYC_EIO;
	n_name = syc_get16(h + 26);
	n_extra = syc_get16(h + 28);
	/* Flag 1 is encryption, 8 means that the sizes come after the data. */
	if (memcmp(h, "PK\3\4", 4) != 0 || (syc_get16(h + 6) & 9) ||
	    n_name == 0 || n_name > MAX_NAME || n_extra > sizeof(extra) ||
	    n_name + n_extra > z->size - at - LOCAL)
		return 0;
	e->method = syc_get16(h + 8);
	e->crc = syc_get32(h + 14);
	e->packed = syc_get32(h + 18);
	e->bytes = syc_get32(h + 22);
	e->data = at + LOCAL + n_name + n_extra;
	if (syc_zip_pread(z, extra, n_extra, at + LOCAL + n_name, err) < 0)
		return SYC_EIO;
	if (!widen(e, extra, n_extra, false) ||
	    (e->method != 0 && e->method != 8) || !sane(z, e) ||
	    e->packed > z->size - e->data)
		return 0;
	e->name = syc_calloc(n_name + 1, 1);
	if (!e->name)
		return syc_nomem(err);
	if (syc_zip_pread(z, e->name, n_name, at + LOCAL, err) < 0 ||
	    strlen(e->name) != n_name) {
		free(e->name);
		return 0;
	}
	return 1;
}

/* Take members from their local headers as far as they are whole. */
static int scan(struct syc_zip *z, struct syc_err *err)
{
	struct syc_zip_entry e;
	int ret;

	while ((ret = read_local(z, z->scanned, &e, err)) > 0) {
		ret = syc_zip_dir_add(&z->dir, &e);
		free(e.name);
		if (ret < 0)
			return syc_nomem(err);
		z->scanned = e.data + e.packed;
	}
	return ret;
}

/* What the archive's end says. */
struct end {
	uint64_t at;		/* where the end records begin */
	uint64_t n, bytes, offset;
};

/* Find "PK\5\6" whose comment reaches exactly to the end of the file. */
static bool find_end(struct syc_zip *z, struct end *end, uint8_t *rec)
{
	uint64_t room = z->size < END + MAX_COMMENT ? z->size :
						      END + MAX_COMMENT;
	uint8_t *tail = malloc((size_t)room + 1);
	bool found = false;

	if (!tail || room < END ||
	    syc_zip_pread(z, tail, (size_t)room, z->size - room, NULL) < 0) {
		free(tail);
		return false;
	}
	for (size_t i = (size_t)room - END + 1; i-- > 0 && !found; ) {
		if (memcmp(tail + i, "PK\5\6", 4) != 0 ||
		    syc_get16(tail + i + 20) != room - END - i)
			continue;
		memcpy(rec, tail + i, END);
		end->at = z->size - room + i;
		found = true;
	}
	free(tail);
	return found;
}

/* Read the end records; false when they are not there or not sound. */
static bool read_end(struct syc_zip *z, struct end *end)
{
	uint8_t rec[END], loc[LOCATOR], rec64[END64];
	uint64_t at;

	*end = (struct end){ 0 };
	if (!find_end(z, end, rec) || syc_get32(rec + 4) != 0 ||
	    syc_get16(rec + 8) != syc_get16(rec + 10))
		return false;
	end->n = syc_get16(rec + 10);
	end->bytes = syc_get32(rec + 12);
	end->offset = syc_get32(rec + 16);
	if (end->n == 0xffff || end->bytes == 0xffffffff ||
	    end->offset == 0xffffffff) {
		if (end->at < LOCATOR ||
		    syc_zip_pread(z, loc, LOCATOR, end->at - LOCATOR,
				  NULL) < 0 ||
		    memcmp(loc, "PK\6\7", 4) != 0)
			return false;
		at = syc_get64(loc + 8);
		if (at > end->at ||
		    syc_zip_pread(z, rec64, END64, at, NULL) < 0 ||
		    memcmp(rec64, "PK\6\6", 4) != 0)
			return false;
		end->at = at;
		end->n = syc_get64(rec64 + 32);
		end->bytes = syc_get64(rec64 + 40);
		end->offset = syc_get64(rec64 + 48);
	}
	return end->offset <= end->at && end->bytes == end->at - end->offset &&
	       end->n <= end->bytes / ENTRY;
}

/* One directory entry from p; returns its length, 0 when it is not sound. */
static size_t parse_entry(const struct syc_zip *z, const uint8_t *p, size_t n,
			  struct syc_zip_dir *dir)
{
	struct syc_zip_entry e = { 0 };
	size_t n_name, n_extra, len;
	char name[MAX_NAME + 1];

	if (n < ENTRY || memcmp(p, "PK\1\2", 4) != 0 || (syc_get16(p + 8) & 1))
		return 0;
	n_name = syc_get16(p + 28);
	n_extra = syc_get16(p + 30);
	len = ENTRY + n_name + n_extra + syc_get16(p + 32);
	if (len > n || n_name == 0 || n_name > MAX_NAME ||
	    memchr(p + ENTRY, 0, n_name))
		return 0;
	memcpy(name, p + ENTRY, n_name);
	name[n_name] = 0;
	e.name = name;
	e.method = syc_get16(p + 10);
	e.crc = syc_get32(p + 16);
	e.packed = syc_get32(p + 20);
	e.bytes = syc_get32(p + 24);
	e.offset = syc_get32(p + 42);
	if (!widen(&e, p + ENTRY + n_name, n_extra, true) || !sane(z, &e) ||
	    e.offset > z->size || syc_zip_dir_add(dir, &e) < 0)
		return 0;
	return len;
}

/* Read the directory into *dir; false when it is missing or not sound. */
static bool read_dir(struct syc_zip *z, struct syc_zip_dir *dir)
{
	struct end end;
	uint8_t *buf;
	size_t at = 0, len = 1;

	if (!read_end(z, &end))
		return false;
	buf = malloc((size_t)end.bytes + 1);
	if (!buf ||
	    syc_zip_pread(z, buf, (size_t)end.bytes, end.offset, NULL) < 0) {
		free(buf);
		return false;
	}
	for (uint64_t i = 0; i < end.n && len; i++) {
		len = parse_entry(z, buf + at, (size_t)end.bytes - at, dir);
		at += len;
	}
	free(buf);
	if (len && at == end.bytes)
		return true;
	syc_zip_dir_free(dir);
	return false;
}

static int look_at_size(struct syc_zip *z, struct syc_err *err)
{
	struct stat st;

	if (fstat(z->fd, &st) < 0)
		return syc_fail(err, SYC_EIO, "%s: %s", z->path,
				strerror(errno));
	if (!S_ISREG(st.st_mode))
		return syc_not_a_file(z->path, st.st_mode, err);
	z->size = (uint64_t)st.st_size;
	return 0;
}

/*
 * Is the directory that ends the file that of the members scanned?  Only then
 * is a file that was being written complete.
 */
static void check_complete(struct syc_zip *z)
{
	struct syc_zip_dir dir = { 0 };
	bool same;

	if (!read_dir(z, &dir))
		return;
	same = dir.n == z->dir.n;
	for (size_t i = 0; i < dir.n && same; i++)
		same = dir.e[i].offset == z->dir.e[i].offset &&
		       dir.e[i].crc == z->dir.e[i].crc &&
		       strcmp(dir.e[i].name, z->dir.e[i].name) == 0;
	z->complete = same;
	syc_zip_dir_free(&dir);
}

int syc_zip_rescan(struct syc_zip *z, struct syc_err *err)
{
	int ret;

	if (z->complete)
		return 0;
	ret = look_at_size(z, err);
	if (ret < 0)
		return ret;
	ret = scan(z, err);
	if (ret < 0)
		return ret;
	if (z->size > z->scanned)
		check_complete(z);
	return 0;
}

int syc_zip_open(struct syc_zip **out, const char *path, bool by_scan,
		 struct syc_err *err)
{
	struct syc_zip *z = calloc(1, sizeof(*z));
	int ret;

	*out = NULL;
	if (!z)
		return syc_nomem(err);
	z->path = strdup(path);
	z->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ret = !z->path ? syc_nomem(err) :
	      z->fd < 0 ? syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno)) :
	      look_at_size(z, err);
	if (ret == 0 && !by_scan)
		z->complete = read_dir(z, &z->dir);
	if (ret == 0)
		ret = syc_zip_rescan(z, err);
	if (ret == 0 && !z->complete && !z->dir.n && z->size) {
		uint8_t head[4] = "";

		if (syc_zip_pread(z, head, z->size < 4 ? (size_t)z->size : 4, 0,
			    NULL) < 0 ||
			memcmp(head, "PK\3\4",
				z->size < 4 ? (size_t)z->size : 4) != 0)
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: not a zip archive", path);
	}
	if (ret < 0) {
		syc_zip_close(z);
		return ret;
	}
	*out = z;
	return 0;
}

void syc_zip_close(struct syc_zip *z)
{
	if (!z)
		return;
	if (z->fd >= 0)
		close(z->fd);
	syc_zip_dir_free(&z->dir);
	free(z->path);
	free(z);
}

const char *syc_zip_path(const struct syc_zip *z)
{
	return z->path;
}

uint64_t syc_zip_cost(const struct syc_zip *z)
{
	return syc_file_cost(z->size);
}

const struct syc_zip_dir *syc_zip_list(const struct syc_zip *z)
{
	return &z->dir;
}

bool syc_zip_complete(const struct syc_zip *z)
{
	return z->complete;
}

size_t syc_zip_find(const struct syc_zip *z, const char *name)
{
	for (size_t i = 0; i < z->dir.n; i++)
		if (strcmp(z->dir.e[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

size_t syc_zip_find_text(const struct syc_zip *z, const char *name)
{
	const size_t n = strlen(name);

	for (size_t i = 0; i < z->dir.n; i++)
		if (strncmp(z->dir.e[i].name, name, n) == 0 &&
		    strcmp(z->dir.e[i].name + n, ".npy") == 0)
			return i;
	return syc_zip_find(z, name);
}
