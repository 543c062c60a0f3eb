/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/common/vectors.h"

int vector_open(const struct tool *t, const struct opt_values *c, const char *path,
		struct syc_vector **v, struct syc_err *err)
{
	const int ret = syc_vector_read(v, path, NULL, err);

	if (ret == 0 && (*v)->assumed)
		tool_warn_assumed(t, c, path);
	return ret;
}

int vector_named(const struct tool *t, const struct opt_values *c, const char *arg,
		 const char **name, const struct syc_vector **v, struct syc_err *err)
{
	struct syc_vector *read = NULL;
	const char *path;
	int ret;

	*name = named_file(arg, &path);
	ret = *name ? vector_open(t, c, path, &read, err) : fail_nomem(err);
	*v = read;
	return ret;
}

/* The number of the vector of this name; vectors->n: none. */
static size_t find(const struct texts *vectors, const char *name)
{
	size_t i = 0;

	for (bool found = false; i < vectors->n; i++) {
		const char *path;
		char *its = named_file(vectors->text[i], &path);

		found = its && strcmp(its, name) == 0;
		free(its);
		if (found)
			break;
	}
	return i;
}

int nulls_open(struct syc_nulls **file, const char **path, size_t *of, const char *arg,
	       const struct texts *vectors, struct syc_err *err)
{
	char *name = named_file(arg, path);
	const bool named = *path != arg;
	int ret = name ? syc_nulls_open(file, *path, err) : fail_nomem(err);

	if (ret == 0)
		*of = find(vectors, named ? name : syc_nulls_info(*file)->name);
	if (ret == 0 && *of == vectors->n && !named && vectors->n == 1)
		*of = 0;
	if (ret == 0 && *of == vectors->n)
		ret = fail(err, SYC_EINVAL, "%s: of which --direction? Say so: NAME=FILE",
			   *path);
	free(name);
	return ret;
}
