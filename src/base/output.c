/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/err.h"
#include "base/output.h"

enum { MAX_LINKS = 40 };

static const char *name_of(const struct syc_output *o)
{
	return o->path ? o->path : "standard output";
}

static int os_error(const char *path, struct syc_err *err)
{
	return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
}

int syc_output_left(const char *part, struct syc_err *err)
{
	return syc_fail(err, SYC_EIO,
			"%s: an interrupted run left it: --resume goes on with it, "
			"--force throws it away", part);
}

int syc_output_busy(const char *path, struct syc_err *err)
{
	return syc_fail(err, SYC_EIO, "%s: another program is writing it", path);
}

/* ---- names ------------------------------------------------------------- */

bool syc_output_is_stdout(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

int syc_output_fd(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (unsigned i = 0; i < 2; i++) {
		const size_t n = strlen(folders[i]);
		char *end;
		long fd;

		if (strncmp(path, folders[i], n) != 0)
			continue;
		fd = strtol(path + n, &end, 10);
		if (end > path + n && !*end && fd >= 0 && fd <= INT_MAX)
			return (int)fd;
	}
	return -1;
}

/* A link at `at` to `to`, seen from where we are. */
static char *beside(const char *at, const char *to)
{
	const char *slash = strrchr(at, '/');
	struct syc_buf b = { 0 };

	if (to[0] != '/' && slash)
		syc_buf_add(&b, at, (size_t)(slash - at) + 1);
	syc_buf_puts(&b, to);
	return b.failed ? NULL : b.data;
}

char *syc_output_follow(const char *path)
{
	char to[PATH_MAX], *at = strdup(path), *next;

	for (unsigned i = 0; at && i < MAX_LINKS; i++) {
		const ssize_t n = readlink(at, to, sizeof(to) - 1);

		if (n < 0)
			return at;
		to[n] = 0;
		next = beside(at, to);
		free(at);
		at = next;
	}
	errno = at ? ELOOP : ENOMEM;
	free(at);
	return NULL;
}

char *syc_output_part_of(const char *name)
{
	struct syc_buf b = { 0 };

	syc_buf_printf(&b, "%s.part", name);
	return b.data;
}

char *syc_output_part(const char *path)
{
	char *name = syc_output_follow(path), *part = name ? syc_output_part_of(name) : NULL;

	free(name);
	return part;
}

/* ---- opening ----------------------------------------------------------- */

void syc_output_begin(struct syc_output *o, const char *path,
		      enum syc_leftover leftover)
{
	*o = (struct syc_output){
		.path = syc_output_is_stdout(path) ? NULL : path,
		.leftover = leftover,
	};
}

/* Whoever only looks whether it is locked lets go at once. */
bool syc_output_lock(int fd)
{
	const struct timespec nap = { .tv_nsec = 20000000 };

	for (unsigned i = 0; i < 5; i++) {
		/* Not every file system has locks; where they are, use them. */
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

bool syc_output_is_called(int fd, const char *part, struct stat *st)
{
	struct stat at;

	return fstat(fd, st) == 0 && stat(part, &at) == 0 &&
	       st->st_dev == at.st_dev && st->st_ino == at.st_ino;
}

/* Open part and lock it; what is in it is as it was. */
static int open_locked(int *fd, const char *part, const char *path,
		       struct stat *st, struct syc_err *err)
{
	for (;;) {
		*fd = open(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			   0666);
		if (*fd < 0)
			return os_error(path, err);
		if (!syc_output_lock(*fd)) {
			close(*fd);
			return syc_output_busy(path, err);
		}
		if (syc_output_is_called(*fd, part, st))
			break;
		close(*fd);
	}
	if (S_ISREG(st->st_mode))
		return 0;
	close(*fd);
	return syc_fail(err, SYC_EIO, "%s: not a regular file", part);
}

static int open_part(struct syc_output *o, struct syc_err *err)
{
	struct stat st;
	int fd, ret;

	o->name = syc_output_follow(o->path);
	if (!o->name)
		return os_error(o->path, err);
	o->part = syc_output_part_of(o->name);
	if (!o->part)
		return syc_nomem(err);
	ret = open_locked(&fd, o->part, o->path, &st, err);
	if (ret < 0)
		return ret;
	if (st.st_size && o->leftover == SYC_LEFTOVER_REFUSE)
		ret = syc_output_left(o->part, err);
	else if (st.st_size && o->leftover == SYC_LEFTOVER_REPLACE &&
		 ftruncate(fd, 0) < 0)
		ret = os_error(o->path, err);
	o->f = ret == 0 ? fdopen(fd, "r+b") : NULL;
	if (o->f)
		return 0;
	close(fd);
	return ret < 0 ? ret : os_error(o->path, err);
}

/* What is there already and no file. */
static int open_as_is(struct syc_output *o, int fd, struct syc_err *err)
{
	if (fd >= 0)
		fd = dup(fd);
	o->f = fd >= 0 ? fdopen(fd, "wb") : fopen(o->path, "wb");
	if (o->f)
		return 0;
	os_error(o->path, err);
	if (fd >= 0)
		close(fd);
	return SYC_EIO;
}

static void forget(struct syc_output *o)
{
	free(o->part);
	free(o->name);
	o->part = o->name = NULL;
	o->f = NULL;
}

int syc_output_open(struct syc_output *o, struct syc_err *err)
{
	struct stat st;
	int fd, ret;

	if (o->f)
		return 0;
	if (!o->path) {
		o->f = stdout;
		return 0;
	}
	if (!*o->path) {
		errno = ENOENT;
		return os_error("''", err);
	}
	fd = syc_output_fd(o->path);
	if (fd >= 0 || (stat(o->path, &st) == 0 && !S_ISREG(st.st_mode)))
		ret = open_as_is(o, fd, err);
	else
		ret = open_part(o, err);
	if (ret < 0)
		forget(o);
	return ret;
}

/* ---- writing ----------------------------------------------------------- */

/* The same on a terminal, which gets no commands from rows. */
static int write_shown(struct syc_output *o, const void *data, size_t n,
		       struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = 0;

	if (syc_buf_add(&b, data, n) < 0)
		return syc_nomem(err);
	n = syc_text_show(b.data, n, 1);
	if (fwrite(b.data, 1, n, o->f) != n)
		ret = os_error(name_of(o), err);
	syc_buf_free(&b);
	return ret;
}

int syc_output_write(struct syc_output *o, const void *data, size_t n,
		     struct syc_err *err)
{
	const int ret = syc_output_open(o, err);

	if (ret == 0 && n && !o->part && isatty(fileno(o->f)))
		return write_shown(o, data, n, err);
	if (ret == 0 && n && fwrite(data, 1, n, o->f) != n)
		return os_error(name_of(o), err);
	return ret;
}

int syc_output_flush(struct syc_output *o, struct syc_err *err)
{
	if (o->f && (fflush(o->f) != 0 || ferror(o->f)))
		return os_error(name_of(o), err);
	return 0;
}

/* Some file systems cannot sync; that alone is no failure. */
static bool synced(int fd)
{
	return fsync(fd) == 0 || errno == EINVAL || errno == EROFS ||
	       errno == ENOTSUP;
}

int syc_output_sync(struct syc_output *o, struct syc_err *err)
{
	int ret = syc_output_flush(o, err);

	if (ret == 0 && o->f && o->path && !synced(fileno(o->f)))
		ret = os_error(o->path, err);
	return ret;
}

/* A folder that may not be read cannot be synced. */
int syc_output_sync_folder(const char *name, struct syc_err *err)
{
	const char *slash = strrchr(name, '/');
	char *folder = slash ? strndup(name, (size_t)(slash - name) + 1)
			     : strdup(".");
	int fd, ret = 0;

	if (!folder)
		return syc_nomem(err);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && !synced(fd))
		ret = os_error(folder, err);
	if (fd >= 0)
		close(fd);
	free(folder);
	return ret;
}

/* Close it and give it its name; the lock holds until it has that. */
static int close_named(struct syc_output *o, int ret, struct syc_err *err)
{
	const int held = dup(fileno(o->f));

	if (fclose(o->f) != 0 && ret == 0)
		ret = os_error(o->path, err);
	if (ret == 0 && o->part && rename(o->part, o->name) < 0)
		ret = os_error(o->path, err);
	else if (ret == 0 && o->part)
		ret = syc_output_sync_folder(o->name, err);
	if (ret < 0 && o->part && o->leftover == SYC_LEFTOVER_REPLACE)
		unlink(o->part);
	if (held >= 0)
		close(held);
	return ret;
}

int syc_output_finish(struct syc_output *o, struct syc_err *err)
{
	int ret = syc_output_open(o, err);

	if (ret < 0)
		return ret;
	ret = syc_output_sync(o, err);
	if (o->path)
		ret = close_named(o, ret, err);
	forget(o);
	return ret;
}

void syc_output_drop(struct syc_output *o)
{
	if (o->part)
		unlink(o->part);
	syc_output_keep(o);
}

void syc_output_keep(struct syc_output *o)
{
	if (o->f && o->path)
		fclose(o->f);
	forget(o);
}

int syc_output_all(const char *path, const void *data, size_t n,
		   struct syc_err *err)
{
	struct syc_output o;
	int ret;

	syc_output_begin(&o, path, SYC_LEFTOVER_REPLACE);
	ret = syc_output_write(&o, data, n, err);
	if (ret == 0)
		return syc_output_finish(&o, err);
	syc_output_drop(&o);
	return ret;
}
