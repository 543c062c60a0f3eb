/* SPDX-License-Identifier: MIT */
/* Folders of files for one test, and what their vocabularies make of a text. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H
#include <dirent.h>
#include <string.h>
#include <unistd.h>
#include "vocabs.h"

/* A folder of this process, with the files put into it. */
static char dir[64];

static inline void make_dir(void)
{
	snprintf(dir, sizeof(dir), "tokenizer-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static inline const char *in_dir(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static inline void put(const char *name, const void *data, size_t n)
{
	FILE *f = fopen(in_dir(name), "wb");

	ck_assert(f && fwrite(data, 1, n, f) == n && fclose(f) == 0);
}

static inline void put_text(const char *name, const char *s)
{
	put(name, s, strlen(s));
}

static inline void remove_dir(void)
{
	DIR *d = opendir(dir);

	for (struct dirent *e; (e = readdir(d));)
		unlink(in_dir(e->d_name));
	closedir(d);
	ck_assert_int_eq(rmdir(dir), 0);
}

static inline struct syc_vocab *open_path(const char *path)
{
	struct syc_err err = { 0 };
	struct syc_vocab *v;

	ck_assert_msg(syc_vocab_open(&v, path, &err) == 0, "%s", err.msg);
	return v;
}

static inline void refuse_path(const char *path, int code, const char *part)
{
	struct syc_err err = { 0 };
	struct syc_vocab *v;

	ck_assert_msg(syc_vocab_open(&v, path, &err) == code, "%d: %s", code,
		      err.msg);
	ck_assert_ptr_null(v);
	ck_assert_msg(strstr(err.msg, part), "'%s' lacks '%s'", err.msg, part);
}

#endif
