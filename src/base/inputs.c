/* SPDX-License-Identifier: MIT */
/* Which files a program reads, and whether one that it writes is among them. */
#include "config.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/output.h"

struct syc_input {
	dev_t dev;
	ino_t ino;
};

static int add(struct syc_inputs *in, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return 0;
	if (!syc_grow(&in->file, &in->cap, in->n + 1, sizeof(*in->file)))
		return SYC_ENOMEM;
	in->file[in->n++] = (struct syc_input){ st->st_dev, st->st_ino };
	return 0;
}

static bool ends(const char *s, const char *end)
{
	const size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* What a hub's folder has for a model, and the parts of one in several files. */
static bool is_of_model(const char *name, bool folder)
{
	static const char *const names[] = {
		"adapter_config.json", "added_tokens.json", "chat_template.jinja",
		"config.json", "generation_config.json", "merges.txt",
		"special_tokens_map.json", "tokenizer.json", "tokenizer.model",
		"tokenizer_config.json", "vocab.json",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	if (ends(name, ".safetensors.index.json") || strstr(name, "-of-0"))
		return true;
	return folder && ends(name, ".safetensors") &&
	       (strncmp(name, "model", 5) == 0 ||
		strncmp(name, "adapter_model", 13) == 0);
}

static int add_folder(struct syc_inputs *in, const char *path, bool folder)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	struct stat st;
	int ret = 0;

	while (dir && ret == 0 && (e = readdir(dir)))
		if (is_of_model(e->d_name, folder) &&
		    fstatat(dirfd(dir), e->d_name, &st, 0) == 0)
			ret = add(in, &st);
	if (dir)
		closedir(dir);
	return ret;
}

int syc_inputs_add(struct syc_inputs *in, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct stat st;
	char *folder;
	int ret;

	if ((strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(path, &st)) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return add_folder(in, path, true);
	ret = add(in, &st);
	if (ret < 0 || !(strstr(name, "-of-0") || ends(name, ".safetensors")))
		return ret;
	folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	ret = folder ? add_folder(in, folder, false) : SYC_ENOMEM;
	free(folder);
	return ret;
}

void syc_inputs_free(struct syc_inputs *in)
{
	free(in->file);
	*in = (struct syc_inputs){ 0 };
}

static bool is_among(const struct syc_inputs *in, const struct stat *st)
{
	for (size_t i = 0; in && i < in->n && S_ISREG(st->st_mode); i++)
		if (in->file[i].dev == st->st_dev && in->file[i].ino == st->st_ino)
			return true;
	return false;
}

static int is_input(const char *path, struct syc_err *err)
{
	return syc_fail(err, SYC_EINVAL,
			"%s: is read as well, and would be lost: write to another file",
			path);
}

/* ---- before any work --------------------------------------------------- */

/* "a/b" lies in "a/", "b" in "./"; to be freed. */
static char *folder_of(const char *name, struct stat *st)
{
	const char *slash = strrchr(name, '/');
	char *folder = slash ? strndup(name, (size_t)(slash - name) + 1)
			     : strdup("./");

	if (folder && stat(folder, st) == 0)
		return folder;
	free(folder);
	return NULL;
}

int syc_output_check_folder(const char *path, const char *name, struct syc_err *err)
{
	struct stat st;
	char *folder = folder_of(name, &st);
	const bool good = folder && access(folder, W_OK | X_OK) == 0;
	const int why = errno;

	free(folder);
	return good ? 0 : syc_fail(err, SYC_EIO, "%s: %s", path, strerror(why));
}

/* What is there under the name until it is whole: nothing, or who wrote it. */
static int check_part(const char *path, const char *part,
		      enum syc_leftover leftover, const struct syc_inputs *in,
		      struct syc_err *err)
{
	struct stat st;
	int fd, ret = 0;

	if (lstat(part, &st) < 0)
		return 0;
	if (!S_ISREG(st.st_mode))
		return syc_fail(err, SYC_EIO, "%s: not a regular file", part);
	if (is_among(in, &st))
		return is_input(part, err);
	fd = open(part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		ret = syc_output_busy(path, err);
	else if (st.st_size && leftover == SYC_LEFTOVER_REFUSE)
		ret = syc_output_left(part, err);
	close(fd);
	return ret;
}

static int check_name(const char *path, const char *name,
		      enum syc_leftover leftover, const struct syc_inputs *in,
		      struct syc_err *err)
{
	char *part;
	int ret = syc_output_check_folder(path, name, err);

	if (ret < 0)
		return ret;
	part = syc_output_part(name);
	ret = part ? check_part(path, part, leftover, in, err) : syc_nomem(err);
	free(part);
	return ret;
}

int syc_output_check(const char *path, enum syc_leftover leftover,
		     const struct syc_inputs *in, struct syc_err *err)
{
	const int fd = syc_output_is_stdout(path) ? STDOUT_FILENO
						  : syc_output_fd(path);
	const bool there = fd < 0 || fd == STDOUT_FILENO;
	struct stat st;
	char *name;
	int ret;

	if (there && (fd < 0 ? stat(path, &st) : fstat(fd, &st)) == 0) {
		if (is_among(in, &st))
			return is_input(fd < 0 ? path : "standard output", err);
		if (fd < 0 && S_ISDIR(st.st_mode))
			return syc_fail(err, SYC_EIO, "%s: %s", path,
					strerror(EISDIR));
		if (fd < 0 && !S_ISREG(st.st_mode))
			return 0;
	}
	if (fd >= 0)
		return 0;
	name = syc_output_follow(path);
	if (!name)
		return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	ret = check_name(path, name, leftover, in, err);
	free(name);
	return ret;
}

/* Whether two files have one name, or one the name that the other has until it is whole. */
static bool is_same_name(const char *a, const char *b)
{
	const size_t n = strlen(a), m = strlen(b);
	const char *longer = n > m ? a : b;
	const size_t less = n > m ? m : n;

	return strncmp(a, b, less) == 0 &&
	       (n == m || strcmp(longer + less, ".part") == 0);
}

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;
	char *in_a, *in_b;
	bool same;

	if (stat(a, &x) == 0 && stat(b, &y) == 0)
		if (x.st_dev == y.st_dev && x.st_ino == y.st_ino)
			return S_ISREG(x.st_mode);
	in_a = folder_of(a, &x);
	in_b = folder_of(b, &y);
	same = in_a && in_b && x.st_dev == y.st_dev && x.st_ino == y.st_ino &&
	       is_same_name(base_of(a), base_of(b));
	free(in_a);
	free(in_b);
	return same;
}

int syc_outputs_differ(const char *a, const char *b, struct syc_err *err)
{
	char *x, *y;
	int ret = 0;

	if (syc_output_is_stdout(a) || syc_output_is_stdout(b))
		return 0;
	x = syc_output_follow(a);
	y = syc_output_follow(b);
	if (x && y && is_same_file(x, y))
		ret = syc_fail(err, SYC_EINVAL,
			       "%s and %s are the same file: give two to write to", a, b);
	free(x);
	free(y);
	return ret;
}
