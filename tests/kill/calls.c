/* SPDX-License-Identifier: MIT */
/* Which system calls are looked at, and the files that they are about. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "interrupt.h"

#define BY_FD(name, deed)        { #name, SYS_##name, deed, -1, -1, 0, -1 }
#define BY_PATH(name, deed)      { #name, SYS_##name, deed, 0, -1, -1, -1 }
#define BY_AT(name, deed)        { #name, SYS_##name, deed, 1, 0, -1, -1 }

const struct call calls[] = {
	BY_PATH(open, DEED_OPEN),
	BY_AT(openat, DEED_OPEN),
	BY_PATH(creat, DEED_OPEN),
	BY_FD(write, DEED_WRITE),
	BY_FD(pwrite64, DEED_WRITE),
	BY_FD(writev, DEED_WRITE),
	BY_FD(sendfile, DEED_WRITE),
	{ "copy_file_range", SYS_copy_file_range, DEED_WRITE, -1, -1, 2, -1 },
	BY_FD(ftruncate, DEED_CUT),
	BY_PATH(truncate, DEED_CUT),
	BY_FD(fallocate, DEED_CUT),
	BY_FD(fsync, DEED_SYNC),
	BY_FD(fdatasync, DEED_SYNC),
	{ "rename", SYS_rename, DEED_RENAME, 0, -1, -1, 1 },
	{ "renameat", SYS_renameat, DEED_RENAME, 1, 0, -1, 3 },
	{ "renameat2", SYS_renameat2, DEED_RENAME, 1, 0, -1, 3 },
	{ "link", SYS_link, DEED_LINK, 0, -1, -1, 1 },
	{ "linkat", SYS_linkat, DEED_LINK, 1, 0, -1, 3 },
	BY_PATH(unlink, DEED_UNLINK),
	BY_AT(unlinkat, DEED_UNLINK),
	BY_PATH(rmdir, DEED_UNLINK),
	BY_PATH(mkdir, DEED_FOLDER),
	BY_AT(mkdirat, DEED_FOLDER),
	BY_FD(close, DEED_CLOSE),
	{ "mmap", SYS_mmap, DEED_MAP, -1, -1, 4, -1 },
	{ 0 },
};

unsigned long long event_arg(const struct event *e, int i)
{
	const struct user_regs_struct *r = &e->regs;
	const unsigned long long args[] = { r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9 };

	return args[i];
}

/* The name of /proc/TID/WHAT, a link; false where it is none. */
static bool link_of(char out[PATH_MAX], pid_t tid, const char *what, int fd)
{
	char path[64];
	ssize_t n;

	if (fd < 0)
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, what);
	else
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	n = readlink(path, out, PATH_MAX - 1);
	out[n < 0 ? 0 : n] = '\0';
	return n > 0 && out[0] == '/';
}

static bool text_of(char out[PATH_MAX], pid_t tid, unsigned long long at)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : pread(fd, out, PATH_MAX, (off_t)at);
	if (fd >= 0)
		close(fd);
	return n > 0 && memchr(out, '\0', (size_t)n);
}

/* The file's folder without links and dots, and its name. */
static bool canonical(char *out, char *path)
{
	char folder[PATH_MAX], *slash = strrchr(path, '/');

	if (!slash)
		return false;
	*slash = '\0';
	if (!realpath(*path ? path : "/", folder))
		return false;
	return snprintf(out, PATH_MAX, "%s/%s", folder, slash + 1) < PATH_MAX;
}

static bool path_of(char *out, const struct event *e, pid_t tid, int path, int at)
{
	char text[PATH_MAX], folder[PATH_MAX], all[2 * PATH_MAX];
	const int dir = at < 0 ? AT_FDCWD : (int)event_arg(e, at);

	if (!text_of(text, tid, event_arg(e, path)))
		return false;
	if (text[0] != '/' && !link_of(folder, tid, "cwd", dir == AT_FDCWD ? -1 : dir))
		return false;
	snprintf(all, sizeof(all), "%s%s%s", text[0] == '/' ? "" : folder,
		 text[0] == '/' ? "" : "/", text);
	return canonical(out, all);
}

static int open_flags(const struct event *e)
{
	if (e->call->number == SYS_creat)
		return O_CREAT | O_WRONLY | O_TRUNC;
	return (int)event_arg(e, e->call->path + 1);
}

static bool changes(const struct event *e)
{
	switch (e->call->deed) {
	case DEED_OPEN:
		return open_flags(e) & (O_CREAT | O_TRUNC);
	case DEED_SYNC:
	case DEED_CLOSE:
	case DEED_MAP:
		return false;
	default:
		return true;
	}
}

static bool file_of(struct event *e, pid_t tid)
{
	const struct call *c = e->call;

	if (c->to >= 0 && !path_of(e->to, e, tid, c->to, c->at < 0 ? -1 : c->to - 1))
		return false;
	if (c->path >= 0)
		return path_of(e->file, e, tid, c->path, c->at);
	if (c->deed == DEED_MAP && event_arg(e, 3) & MAP_ANONYMOUS)
		return true;
	return link_of(e->file, tid, "", (int)event_arg(e, c->fd));
}

bool event_read(struct event *e, pid_t tid, const char *folder)
{
	const size_t n = strlen(folder);

	*e = (struct event){ .call = calls };
	if (ptrace(PTRACE_GETREGS, tid, NULL, &e->regs) < 0)
		return false;
	while (e->call->name && e->call->number != (long)e->regs.orig_rax)
		e->call++;
	if (!e->call->name || !file_of(e, tid))
		return false;
	e->changes = changes(e);
	if (e->call->deed == DEED_OPEN && (open_flags(e) & O_ACCMODE) == O_RDONLY && !e->changes)
		return false;
	if (!e->file[0])
		return true;
	return strncmp(e->file, folder, n) == 0 && e->file[n] == '/';
}
