/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target is one function that must return for any input.  Built with
 * --enable-fuzz it is driven by libFuzzer, else by replay.c, which runs the
 * corpus and a fixed number of seeded mutations of it in `make check`.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/*
 * The readers take paths: put the bytes into this process's scratch file, by its name
 * each time, for what a target wrote there is another file.
 */
static inline const char *fuzz_file(const uint8_t *data, size_t n)
{
	static char path[64];
	int fd;

	if (!path[0]) {
		/* In memory where that can be had: the writers sync. */
		snprintf(path, sizeof(path), "%s/syc-fuzz-XXXXXX",
			 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		fd = mkstemp(path);
	} else {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	}
	if (fd < 0 || write(fd, data, n) != (ssize_t)n || close(fd) != 0)
		abort();
	return path;
}

#endif
