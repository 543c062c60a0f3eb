/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/json.h"
#include "format/store_file.h"

/* An index is a line per tensor: the largest models have some 100 KB. */
enum { MAX_INDEX = 32 << 20, INDEX_DEPTH = 4, MAX_NAME = 255 };

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* A name of a file in the same folder, and nothing else. */
static bool is_plain_name(const char *s)
{
	return s && *s && *s != '.' && strlen(s) <= MAX_NAME &&
	       !strpbrk(s, "/\\");
}

/* The files of the index, each once and sorted; the caller frees *out. */
static int list_files(const char ***out, size_t *n, json_t *map,
		      const char *path, struct syc_err *err)
{
	const char **file = syc_calloc(json_object_size(map), sizeof(*file));
	size_t all = 0;
	const char *name;
	json_t *v;

	*out = file;
	*n = 0;
	if (!file)
		return syc_nomem(err);
	json_object_foreach(map, name, v) {
		file[all] = json_string_value(v);
		if (!is_plain_name(file[all++]))
			return syc_fail(err, SYC_EFORMAT,
					"%s: tensor '%.200s' is in '%.80s', which is no file of "
					"this folder",
					path, name, json_is_string(v) ?
					json_string_value(v) : "?");
	}
	qsort(file, all, sizeof(*file), by_text);
	for (size_t i = 0; i < all; i++)
		if (i == 0 || strcmp(file[i], file[i - 1]) != 0)
			file[(*n)++] = file[i];
	return 0;
}

/* What the index says of a file, against what is in the file. */
static int compare_index(const struct syc_store *s, json_t *map,
			 const char *const *file,
			 const char *path, struct syc_err *err)
{
	const char *name;
	json_t *v;

	for (size_t i = 0; i < s->n_parts; i++)
		for (size_t k = 0; k < syc_store_part_size(&s->part[i]); k++) {
			const struct syc_tensor *t =
				syc_safetensors_at(s->part[i].st, k);
			const char *where =
				json_string_value(json_object_get(map,
								  t->name));

			if (!where || strcmp(where, file[i]) != 0)
				return syc_fail(err, SYC_EFORMAT,
						"%s: tensor '%.200s' is in %s, the index has it "
						"in '%.80s'",
						path, t->name, file[i],
						where ? where : "no file");
		}
	json_object_foreach(map, name, v) {
		const char *where = json_string_value(v);
		const char **f = bsearch(&where, file, s->n_parts,
					 sizeof(*file), by_text);

		if (!syc_safetensors_tensor(s->part[f - (const char **)file].st,
					    name))
			return syc_fail(err, SYC_EFORMAT,
					"%s: tensor '%.200s' is not in %s",
					path, name, where);
	}
	return 0;
}

static int open_listed(struct syc_store *s, json_t *map, const char *path,
		       struct syc_err *err)
{
	const char **file;
	size_t n;
	int ret = list_files(&file, &n, map, path, err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		char *full = syc_store_join(s->folder, file[i]);

		ret = full ? syc_store_add(s, full, false, err) :
			     syc_nomem(err);
		free(full);
	}
	if (ret == 0)
		ret = compare_index(s, map, file, path, err);
	free(file);
	return ret;
}

int syc_store_open_index(struct syc_store *s, const char *path,
			 struct syc_err *err)
{
	struct syc_map text;
	json_t *root = NULL, *map;
	int ret = syc_map_open(&text, path, err);

	if (ret < 0)
		return ret;
	s->folder = syc_store_folder_of(path);
	if (!s->folder)
		ret = syc_nomem(err);
	else if (text.len > MAX_INDEX)
		ret = syc_fail(err, SYC_EFORMAT,
			       "%s: index of %zu bytes, %d are the most", path,
			       text.len, MAX_INDEX);
	else
		ret = syc_json_parse(&root,
				     text.data ? (const char *)text.data : "",
				     text.len,
				     INDEX_DEPTH, path, "index", err);
	map = json_object_get(root, "weight_map");
	if (ret == 0 && (!json_is_object(map) || json_object_size(map) == 0))
		ret = syc_fail(err, SYC_EFORMAT, "%s: index has no weight_map",
			       path);
	if (ret == 0)
		ret = open_listed(s, map, path, err);
	json_decref(root);
	syc_map_close(&text);
	return ret;
}
