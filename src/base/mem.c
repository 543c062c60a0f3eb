/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"

enum { HUGE_PAGE = 2 << 20 };
#define LONG 0.002	/* seconds */
enum { MOST_LONG = 4 };

void *syc_calloc(size_t n, size_t size)
{
	return calloc(n ? n : 1, size);
}

#ifdef MADV_HUGEPAGE
/*
 * Where memory is full of cached files the kernel first moves pages about, some
 * 5 ms for each huge one: several seconds for a large model.  Then small ones
 * are better.  Once may have been other work on this processor.
 */
static bool is_slow(void *first)
{
	static atomic_uint n_long;
	double from;

	if (atomic_load(&n_long) >= MOST_LONG)
		return true;
	madvise(first, HUGE_PAGE, MADV_HUGEPAGE);
	from = syc_seconds();
	*(volatile char *)first = 0;
	if (syc_seconds() - from <= LONG)
		return false;
	atomic_fetch_add(&n_long, 1);
	return true;
}
#endif

void *syc_aligned(size_t n, size_t size)
{
	size_t bytes, align;
	void *p;

	if (!syc_mul(&bytes, n, size) || !syc_add(&bytes, bytes, HUGE_PAGE))
		return NULL;
	bytes -= HUGE_PAGE;
	align = bytes >= 2 * HUGE_PAGE ? HUGE_PAGE : 64;
	p = aligned_alloc(align, syc_round_up(bytes ? bytes : 1, align));
#ifdef MADV_HUGEPAGE
	if (p && align == HUGE_PAGE && !is_slow(p))
		madvise(p, bytes, MADV_HUGEPAGE);
#endif
	return p;
}

bool syc_grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap, bytes;
	void *old, *new;

	if (need <= *cap)
		return true;
	if (!syc_add(&n, n, n / 2 + 16))
		return false;
	if (n < need)
		n = need;
	if (!syc_mul(&bytes, n, size))
		return false;
	memcpy(&old, p, sizeof(old));
	new = realloc(old, bytes);
	if (!new)
		return false;
	memcpy(p, &new, sizeof(new));
	*cap = n;
	return true;
}

int syc_not_a_file(const char *path, unsigned mode, struct syc_err *err)
{
	return syc_fail(err, SYC_EIO, "%s: is a %s, it has to be a file", path,
			S_ISFIFO(mode) ? "pipe" : S_ISDIR(mode) ? "folder" :
			S_ISSOCK(mode) ? "socket" : "device");
}

/*
 * Which file lies where in memory, for syc_mapped_file(): a table that can be
 * read in a signal handler.  A slot is taken by its length, and shown by its
 * address.
 */
enum { N_MAPS = 64, MAP_NAME = 512 };

static struct {
	_Atomic size_t n;
	_Atomic uintptr_t at;
	char path[MAP_NAME];
} maps[N_MAPS];

static void remember(const struct syc_map *m, const char *path)
{
	for (size_t i = 0; i < N_MAPS; i++) {
		size_t none = 0;

		if (!atomic_compare_exchange_strong(&maps[i].n, &none, m->len))
			continue;
		snprintf(maps[i].path, MAP_NAME, "%s", path);
		atomic_store(&maps[i].at, (uintptr_t)m->data);
		return;
	}
}

static void forget(const struct syc_map *m)
{
	for (size_t i = 0; m->data && i < N_MAPS; i++)
		if (atomic_load(&maps[i].at) == (uintptr_t)m->data) {
			atomic_store(&maps[i].at, 0);
			atomic_store(&maps[i].n, 0);
		}
}

const char *syc_mapped_file(const void *address)
{
	const uintptr_t p = (uintptr_t)address;

	for (size_t i = 0; i < N_MAPS; i++) {
		const uintptr_t at = atomic_load(&maps[i].at);

		if (at && p >= at && p - at < atomic_load(&maps[i].n))
			return maps[i].path;
	}
	return NULL;
}

int syc_map_open(struct syc_map *m, const char *path, struct syc_err *err)
{
	struct stat st;
	void *p;
	int fd;

	*m = (struct syc_map){ 0 };
	/* A pipe would wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0) {
		syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		syc_not_a_file(path, st.st_mode, err);
	} else if (st.st_size == 0) {
		close(fd);
		return 0;
	} else {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p != MAP_FAILED) {
			m->data = p;
			m->len = (size_t)st.st_size;
			remember(m, path);
			close(fd);
			return 0;
		}
		syc_fail(err, SYC_EIO, "%s: cannot map: %s", path, strerror(errno));
	}
	close(fd);
	return SYC_EIO;
}

void syc_map_close(struct syc_map *m)
{
	forget(m);
	if (m->data)
		munmap((void *)m->data, m->len);
	*m = (struct syc_map){ 0 };
}

void syc_map_forget(const void *p, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = syc_round_up((uintptr_t)p, page), end = ((uintptr_t)p + n) / page * page;

	if (from < end)
		madvise((void *)from, end - from, MADV_DONTNEED);
}
