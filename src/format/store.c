/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/store_file.h"

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

char *syc_store_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

char *syc_store_join(const char *folder, const char *name)
{
	struct syc_buf b = { 0 };

	if (syc_buf_printf(&b, "%s/%s", folder, name) < 0)
		syc_buf_free(&b);
	return b.data;
}

int syc_store_add(struct syc_store *s, const char *path, bool gguf,
		  struct syc_err *err)
{
	struct syc_store_part *p;
	int ret;

	if (!syc_grow(&s->part, &s->cap_parts, s->n_parts + 1,
		      sizeof(*s->part)))
		return syc_nomem(err);
	p = &s->part[s->n_parts];
	*p = (struct syc_store_part){ 0 };
	ret = gguf ? syc_gguf_open(&p->gguf, path, err) :
		syc_safetensors_open(&p->st, path, err);
	s->n_parts += ret == 0;
	return ret;
}

size_t syc_store_part_size(const struct syc_store_part *p)
{
	return p->gguf ? syc_gguf_n_tensors(p->gguf) : syc_safetensors_n(p->st);
}

static const char *part_path(const struct syc_store_part *p)
{
	return p->gguf ? syc_gguf_path(p->gguf) : syc_safetensors_path(p->st);
}

/*
 * The end of a name that is one of several: "-00001-of-00003.gguf".  Returns
 * where it begins, or NULL.
 */
static const char *split_name(const char *path, const char *ext, unsigned *no,
			      unsigned *count)
{
	enum { DIGITS = 5 };
	size_t n = strlen(path), len = strlen("-00001-of-00003") + strlen(ext);
	const char *at;
	char end = 0;

	if (n < len || !ends_with(path, ext))
		return NULL;
	at = path + n - len;
	if (at[0] != '-' || strncmp(at + 1 + DIGITS, "-of-", 4) != 0)
		return NULL;
	if (strspn(at + 1, "0123456789") != DIGITS ||
	    strspn(at + 10, "0123456789") != DIGITS)
		return NULL;
	return sscanf(at, "-%5u-of-%5u%c", no, count, &end) == 3 ? at : NULL;
}

/* ---- GGUF --------------------------------------------------------------- */

/* A count of part i that must be what is expected. */
static int check_split(const struct syc_store *s, size_t i, const char *key,
		       uint64_t want, struct syc_err *err)
{
	const struct syc_gguf *g = s->part[i].gguf;
	uint64_t v = 0;
	int ret = syc_gguf_u64(g, key, &v, err);

	if (ret < 0)
		return ret;
	if (!ret)
		return syc_fail(err, SYC_EFORMAT, "%s: no metadata '%s'",
				syc_gguf_path(g), key);
	if (v != want)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %s is %" PRIu64 ", should be %" PRIu64,
				syc_gguf_path(g), key, v, want);
	return 0;
}

static int open_others(struct syc_store *s, const char *path, unsigned count,
		       struct syc_err *err)
{
	unsigned no = 0, of = 0;
	const char *end = split_name(path, ".gguf", &no, &of);
	struct syc_buf name = { 0 };
	int ret = 0;

	if (!end || no != 1 || of != count)
		return syc_fail(err, SYC_EFORMAT,
			"%s: is the first of %u files, its name should end in "
			"-00001-of-%05u.gguf",
			path, count, count);
	for (unsigned i = 1; i < count && ret == 0; i++) {
		name.len = 0;
		syc_buf_add(&name, path, (size_t)(end - path));
		syc_buf_printf(&name, "-%05u-of-%05u.gguf", i + 1, count);
		ret = name.failed ? syc_nomem(err) :
			syc_store_add(s, name.data, true, err);
	}
	syc_buf_free(&name);
	return ret;
}

static int open_split(struct syc_store *s, const char *path, uint64_t count,
		      struct syc_err *err)
{
	uint64_t no = 0, total = 0, have = 0;
	const struct syc_gguf *first = s->part[0].gguf;
	int ret;

	if (syc_gguf_u64(first, "split.no", &no, NULL) == 1 && no != 0)
		return syc_fail(err, SYC_EFORMAT,
				"%s: is file %" PRIu64 " of a model in %" PRIu64
				" files: name the first",
				path, no + 1, count);
	if (count > 99999)
		return syc_fail(err, SYC_EFORMAT, "%s: split.count is %" PRIu64,
				path, count);
	ret = open_others(s, path, (unsigned)count, err);
	if (ret == 0)
		ret = syc_gguf_u64(first, "split.tensors.count", &total, err);
	for (size_t i = 0; i < s->n_parts && ret >= 0; i++) {
		have += syc_gguf_n_tensors(s->part[i].gguf);
		if ((ret = check_split(s, i, "split.no", i, err)) == 0 &&
		    (ret = check_split(s, i, "split.count", count, err)) == 0)
			ret = check_split(s, i, "split.tensors.count", total,
					  err);
	}
	if (ret == 0 && have != total)
		return syc_fail(err, SYC_EFORMAT,
				"%s: its %" PRIu64 " files have %" PRIu64
				" tensors, split.tensors.count is %" PRIu64,
				path, count, have, total);
	return ret;
}

static int open_gguf(struct syc_store *s, const char *path, struct syc_err *err)
{
	uint64_t count = 1;
	int ret = syc_store_add(s, path, true, err);

	if (ret == 0)
		ret = syc_gguf_u64(s->part[0].gguf, "split.count", &count, err);
	if (ret < 0)
		return ret;
	return count > 1 ? open_split(s, path, count, err) : 0;
}

/* ---- safetensors -------------------------------------------------------- */

static int open_safetensors(struct syc_store *s, const char *path,
			    struct syc_err *err)
{
	unsigned no, count;

	if (split_name(path, ".safetensors", &no, &count) && count > 1)
		return syc_fail(err, SYC_EFORMAT,
			"%s: is one of %u files: name their folder or index",
			path, count);
	s->folder = syc_store_folder_of(path);
	return s->folder ? syc_store_add(s, path, false, err) : syc_nomem(err);
}

/* ---- which of them ------------------------------------------------------ */

static int open_file(struct syc_store *s, const char *path, struct syc_err *err)
{
	struct syc_map m;
	bool gguf, st, empty;
	int ret;

	if (ends_with(path, ".index.json"))
		return syc_store_open_index(s, path, err);
	ret = syc_map_open(&m, path, err);
	if (ret < 0)
		return ret;
	gguf = m.len >= 4 && memcmp(m.data, "GGUF", 4) == 0;
	st = m.len > 8 && m.data[8] == '{';
	empty = m.len == 0;
	syc_map_close(&m);
	if (empty)
		return syc_fail(err, SYC_EFORMAT, "%s: is empty", path);
	if (!gguf && !st)
		return syc_fail(err, SYC_EFORMAT,
				"%s: neither a GGUF nor a safetensors file",
				path);
	return gguf ? open_gguf(s, path, err) : open_safetensors(s, path, err);
}

/* The folder's GGUF file, if it has one; of a split one the first. */
static int find_gguf(char **out, const char *folder, struct syc_err *err)
{
	DIR *dir = opendir(folder);
	struct dirent *d;
	size_t n = 0;

	*out = NULL;
	if (!dir)
		return syc_fail(err, SYC_EIO, "%s: %s", folder,
				strerror(errno));
	while ((d = readdir(dir))) {
		unsigned no = 1, count;

		if (*d->d_name == '.' || !ends_with(d->d_name, ".gguf") ||
		    (split_name(d->d_name, ".gguf", &no, &count) && no != 1))
			continue;
		if (n++ == 0)
			*out = syc_store_join(folder, d->d_name);
	}
	closedir(dir);
	if (n > 1)
		return syc_fail(err, SYC_EFORMAT,
				"%s: has %zu GGUF files: name one", folder, n);
	if (n && !*out)
		return syc_nomem(err);
	return 0;
}

static int open_folder(struct syc_store *s, const char *path,
		       struct syc_err *err)
{
	char *one = syc_store_join(path, "model.safetensors"),
		*index = syc_store_join(path, "model.safetensors.index.json");
	char *gguf = NULL;
	struct stat st;
	int ret;

	if (!one || !index)
		ret = syc_nomem(err);
	else if (stat(one, &st) == 0)
		ret = open_file(s, one, err);
	else if (stat(index, &st) == 0)
		ret = syc_store_open_index(s, index, err);
	else if ((ret = find_gguf(&gguf, path, err)) == 0)
		ret = gguf ? open_file(s, gguf, err) :
			syc_fail(err, SYC_EFORMAT,
				 "%s: no model.safetensors, model.safetensors.index.json or "
				 "GGUF file in this folder", path);
	free(one);
	free(index);
	free(gguf);
	return ret;
}

/* ---- all tensors -------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct syc_store_entry *x = a, *y = b;

	return strcmp(x->t->name, y->t->name);
}

static int list_tensors(struct syc_store *s, struct syc_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_parts; i++)
		n += syc_store_part_size(&s->part[i]);
	s->entry = syc_calloc(n, sizeof(*s->entry));
	s->by_name = syc_calloc(n, sizeof(*s->by_name));
	if (!s->entry || !s->by_name)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n_parts; i++)
		for (size_t k = 0; k < syc_store_part_size(&s->part[i]); k++) {
			const struct syc_store_part *p = &s->part[i];

			s->entry[s->n].t = p->gguf ?
				syc_gguf_tensor_at(p->gguf, k) :
				syc_safetensors_at(p->st, k);
			s->entry[s->n++].part = i;
		}
	memcpy(s->by_name, s->entry, n * sizeof(*s->entry));
	qsort(s->by_name, n, sizeof(*s->by_name), by_name);
	for (size_t i = 1; i < n; i++)
		if (by_name(&s->by_name[i - 1], &s->by_name[i]) == 0)
			return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%.200s' is also in %s",
				part_path(&s->part[s->by_name[i].part]),
				s->by_name[i].t->name,
				part_path(&s->part[s->by_name[i - 1].part]));
	return 0;
}

int syc_store_open(struct syc_store **out, const char *path,
		   struct syc_err *err)
{
	struct syc_store *s = calloc(1, sizeof(*s));
	struct stat st;
	int ret;

	*out = NULL;
	if (!s)
		return syc_nomem(err);
	s->path = strdup(path);
	if (!s->path)
		ret = syc_nomem(err);
	else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		ret = open_folder(s, path, err);
	else
		ret = open_file(s, path, err);
	if (ret == 0)
		ret = list_tensors(s, err);
	if (ret < 0) {
		syc_store_close(s);
		return ret;
	}
	*out = s;
	return 0;
}

void syc_store_close(struct syc_store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_parts; i++) {
		syc_gguf_close(s->part[i].gguf);
		syc_safetensors_close(s->part[i].st);
	}
	free(s->part);
	free(s->entry);
	free(s->by_name);
	free(s->folder);
	free(s->path);
	free(s);
}

const char *syc_store_path(const struct syc_store *s)
{
	return s->path;
}

const struct syc_gguf *syc_store_gguf(const struct syc_store *s)
{
	return s->part[0].gguf;
}

const char *syc_store_folder(const struct syc_store *s)
{
	return s->folder;
}

size_t syc_store_n_files(const struct syc_store *s)
{
	return s->n_parts;
}

const char *syc_store_file(const struct syc_store *s, size_t i)
{
	return part_path(&s->part[i]);
}

const uint8_t *syc_store_bytes(const struct syc_store *s, size_t i, size_t *len)
{
	const struct syc_store_part *p = &s->part[i];
	const struct syc_map *m = p->gguf ? syc_gguf_map(p->gguf) : syc_safetensors_map(p->st);

	*len = m->len;
	return m->data;
}

size_t syc_store_n_tensors(const struct syc_store *s)
{
	return s->n;
}

const struct syc_tensor *syc_store_tensor_at(const struct syc_store *s,
					     size_t i)
{
	return s->entry[i].t;
}

const struct syc_tensor *syc_store_tensor(const struct syc_store *s,
					  const char *name)
{
	const struct syc_tensor want = { .name = name };
	const struct syc_store_entry key = { .t = &want };
	const struct syc_store_entry *e =
		bsearch(&key, s->by_name, s->n, sizeof(*s->by_name), by_name);

	return e ? e->t : NULL;
}
