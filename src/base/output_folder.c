/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "base/err.h"
#include "base/output.h"

static int os_error(const char *path, struct syc_err *err)
{
	return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}

/* The name that path will be, without the slashes behind it; and that until then. */
static int find_names(const char *path, char **name, char **part,
		      struct syc_err *err)
{
	size_t n = strlen(path);
	char *trimmed;

	while (n > 1 && path[n - 1] == '/')
		n--;
	trimmed = strndup(path, n);
	*part = NULL;
	*name = trimmed ? syc_output_follow(trimmed) : NULL;
	free(trimmed);
	if (!*name)
		return os_error(path, err);
	*part = syc_output_part_of(*name);
	if (*part)
		return 0;
	free(*name);
	*name = NULL;
	return syc_nomem(err);
}

static int check_free(const char *path, const char *name, struct syc_err *err)
{
	struct stat st;

	if (!*path)
		return syc_fail(err, SYC_EIO, "'': %s", strerror(ENOENT));
	if (lstat(name, &st) == 0)
		return syc_fail(err, SYC_EINVAL, "%s: is there already", path);
	return syc_output_check_folder(path, name, err);
}

/* What is there under the name until it is whole: nothing, or what was left. */
static int check_part(const char *path, const char *part, struct syc_err *err)
{
	const int fd = open(part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : os_error(part, err);
	if (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		ret = syc_output_busy(path, err);
	close(fd);
	return ret;
}

int syc_output_folder_check(const char *path, struct syc_err *err)
{
	char *name, *part;
	int ret = find_names(path, &name, &part, err);

	if (ret < 0)
		return ret;
	ret = check_free(path, name, err);
	if (ret == 0)
		ret = check_part(path, part, err);
	free(name);
	free(part);
	return ret;
}

/* Remove its files; a folder in it stays, and then so does it. */
static int clear(int fd, const char *part, struct syc_err *err)
{
	const int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *e;
	int ret = dir ? 0 : os_error(part, err);

	while (dir && ret == 0 && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    unlinkat(fd, e->d_name, 0) < 0)
			ret = syc_fail(err, SYC_EIO, "%s/%s: %s", part,
				       e->d_name, strerror(errno));
	if (dir)
		closedir(dir);
	else if (again >= 0)
		close(again);
	return ret;
}

/* Open part, which may be there, and lock it. */
static int open_locked(struct syc_output_folder *o, struct syc_err *err)
{
	struct stat st;

	for (;;) {
		if (mkdir(o->part, 0777) < 0 && errno != EEXIST)
			return os_error(o->path, err);
		o->fd = open(o->part,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (o->fd < 0 && errno != ENOENT)
			return os_error(o->part, err);
		if (o->fd < 0)
			continue;
		if (!syc_output_lock(o->fd)) {
			close(o->fd);
			return syc_output_busy(o->path, err);
		}
		if (syc_output_is_called(o->fd, o->part, &st))
			return 0;
		close(o->fd);
	}
}

static void forget(struct syc_output_folder *o)
{
	free(o->part);
	free(o->name);
	*o = (struct syc_output_folder){ .fd = -1 };
}

int syc_output_folder_open(struct syc_output_folder *o, const char *path,
			   struct syc_err *err)
{
	int ret;

	*o = (struct syc_output_folder){ .path = path, .fd = -1 };
	ret = find_names(path, &o->name, &o->part, err);
	if (ret == 0)
		ret = check_free(path, o->name, err);
	if (ret == 0)
		ret = open_locked(o, err);
	if (ret == 0) {
		ret = clear(o->fd, o->part, err);
		if (ret < 0)
			close(o->fd);
	}
	if (ret < 0)
		forget(o);
	return ret;
}

char *syc_output_folder_file(const struct syc_output_folder *o,
			     const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", o->part, name) < 0 ? NULL : path;
}

int syc_output_folder_finish(struct syc_output_folder *o, struct syc_err *err)
{
	struct stat st;
	int ret = 0;

	/* An empty folder would be replaced. */
	if (lstat(o->name, &st) == 0)
		ret = syc_fail(err, SYC_EINVAL, "%s: is there already",
			       o->path);
	else if (rename(o->part, o->name) < 0)
		ret = os_error(o->path, err);
	else
		ret = syc_output_sync_folder(o->name, err);
	if (ret < 0 && syc_output_is_called(o->fd, o->part, &st)) {
		syc_output_folder_drop(o);
		return ret;
	}
	close(o->fd);
	forget(o);
	return ret;
}

void syc_output_folder_drop(struct syc_output_folder *o)
{
	if (!o->part)
		return;
	clear(o->fd, o->part, NULL);
	rmdir(o->part);
	close(o->fd);
	forget(o);
}
