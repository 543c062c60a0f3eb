/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target is one function that must return for any input.  Built with
 * --enable-fuzz it is driven by libFuzzer, else by replay.c, which runs the
 * corpus and a fixed number of seeded mutations of it in `make check`.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The readers take paths: put the bytes into this process's scratch file. */
static inline const char *fuzz_file(const uint8_t *data, size_t n)
{
	static char path[64];
	static FILE *f;

	if (!f) {
		/* In memory where that can be had: the writers sync. */
		snprintf(path, sizeof(path), "%s/syc-fuzz-XXXXXX",
			 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		f = fdopen(mkstemp(path), "r+b");
	}
	if (!f || ftruncate(fileno(f), 0) < 0 ||
	    pwrite(fileno(f), data, n, 0) != (ssize_t)n)
		abort();
	return path;
}

#endif
