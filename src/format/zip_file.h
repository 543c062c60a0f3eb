/* SPDX-License-Identifier: MIT */
/* What zip_read.c (which members) and zip_unpack.c (their bytes) share. */
#ifndef SRC_FORMAT_ZIP_FILE_H
#define SRC_FORMAT_ZIP_FILE_H
#include "format/zip.h"

enum { SYC_ZIP_LOCAL = 30 };	/* bytes of a local header without its name */

struct syc_zip {
	char *path;
	int fd;
	uint64_t size;		/* of the file, as last looked at */
	uint64_t scanned;	/* members before this are known (by scan) */
	bool complete;
	struct syc_zip_dir dir;
	uint8_t in[64 << 10];	/* packed bytes on their way to zlib */
};

/* Read n bytes at `at`; SYC_EFORMAT when the file is shorter. */
int syc_zip_pread(struct syc_zip *z, void *out, size_t n, uint64_t at,
		  struct syc_err *err);

static inline uint16_t syc_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t syc_get32(const uint8_t *p)
{
	return syc_get16(p) | (uint32_t)syc_get16(p + 2) << 16;
}

static inline uint64_t syc_get64(const uint8_t *p)
{
	return syc_get32(p) | (uint64_t)syc_get32(p + 4) << 32;
}

#endif
