/* SPDX-License-Identifier: MIT */
/*
 * Zip archives, as far as .npz needs them: deflated or stored members, zip64,
 * no encryption, one file.
 *
 * Written so that a crash loses little and the same input gives the same
 * bytes: each member's local header already carries its sizes and checksum,
 * dates are 1980-01-01, the deflate level is fixed, and the directory at the
 * end is a function of the members alone.
 */
#ifndef SRC_FORMAT_ZIP_H
#define SRC_FORMAT_ZIP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "format/npy.h"
#include "syc/base.h"

struct syc_zip_entry {
	char *name;		/* NUL-terminated, no NUL inside */
	uint64_t offset;	/* of the local header in the file */
	uint64_t data;		/* of the packed data; 0: not looked up yet */
	uint64_t packed;	/* bytes in the file */
	uint64_t bytes;		/* bytes unpacked */
	uint32_t crc;		/* CRC-32 of the unpacked bytes */
	uint16_t method;	/* 0 stored, 8 deflated */
};

/* A list of members; zero-initialize it, free with syc_zip_dir_free(). */
struct syc_zip_dir {
	struct syc_zip_entry *e;	/* [n] */
	size_t n, cap;
};

void syc_zip_dir_free(struct syc_zip_dir *d);
/* Keep the first n members only. */
void syc_zip_dir_cut(struct syc_zip_dir *d, size_t n);
/* Append a copy of e.  Returns 0 or SYC_ENOMEM. */
int syc_zip_dir_add(struct syc_zip_dir *d, const struct syc_zip_entry *e);

/*
 * Append to out one member holding n bytes, deflated or, where that saves less
 * than a fifth, stored at a multiple of 64 bytes, and note it in dir.  at is
 * where in the file out->data[0] will be written.  Returns 0 or SYC_ENOMEM, with
 * both as they were.
 */
int syc_zip_pack(struct syc_buf *out, struct syc_zip_dir *dir, uint64_t at,
		 const char *name, const void *data, size_t n);
/*
 * The same of a text that is not empty, as an array of one string named
 * name.npy: what goes through an archive with numpy finds nothing but arrays.
 */
int syc_zip_pack_text(struct syc_buf *out, struct syc_zip_dir *dir, uint64_t at,
		      const char *name, const char *text);
/* Append to out, which will be written at `at`, the archive's end. */
int syc_zip_pack_end(struct syc_buf *out, const struct syc_zip_dir *dir,
		     uint64_t at);

struct syc_zip;

/*
 * Open for reading: by the directory at the end, or, when that is missing or
 * not sound (or scan is set), by the local headers from the start, as far as
 * they go.  SYC_EFORMAT when the file does not even begin like an archive; an
 * empty file is one that has no members yet.
 */
int syc_zip_open(struct syc_zip **out, const char *path, bool scan,
		 struct syc_err *err);
void syc_zip_close(struct syc_zip *z);
const char *syc_zip_path(const struct syc_zip *z);
/* syc_file_cost() of the file as it was last looked at. */
uint64_t syc_zip_cost(const struct syc_zip *z);
const struct syc_zip_dir *syc_zip_list(const struct syc_zip *z);
/* Has its directory. */
bool syc_zip_complete(const struct syc_zip *z);
/*
 * Look for members that were added since, unless complete.  The members known
 * so far keep their places.
 */
int syc_zip_rescan(struct syc_zip *z, struct syc_err *err);
/* Index of the member, or SIZE_MAX. */
size_t syc_zip_find(const struct syc_zip *z, const char *name);

/*
 * Unpack the first n bytes of member i, or all when there are fewer; *got says
 * how many.  The checksum is not looked at.
 */
int syc_zip_peek(struct syc_zip *z, size_t i, void *out, size_t n, size_t *got,
		 struct syc_err *err);
/* Unpack all of member i into out[bytes]; the checksum must be right. */
int syc_zip_read(struct syc_zip *z, size_t i, void *out, struct syc_err *err);
/* The same without keeping it. */
int syc_zip_verify(struct syc_zip *z, size_t i, struct syc_err *err);
/*
 * Index of a text as syc_zip_pack_text() writes it, or of a member of that name
 * which is the text alone, as in files of earlier versions; or SIZE_MAX.
 */
size_t syc_zip_find_text(const struct syc_zip *z, const char *name);
/* Either kind of text, of at most max bytes, with a NUL behind it; caller frees. */
int syc_zip_text(struct syc_zip *z, size_t i, size_t max, char **out,
		 struct syc_err *err);

/*
 * The header of a .npy member: its shape must account for the member's size
 * exactly, so what follows can be allocated by it.
 */
int syc_npz_head(struct syc_zip *z, size_t i, struct syc_npy *h,
		 struct syc_err *err);
/*
 * Read a C-ordered .npy member: *data (caller frees) is the whole member, the
 * elements begin at *data + h->head.
 */
int syc_npz_read(struct syc_zip *z, size_t i, struct syc_npy *h, uint8_t **data,
		 struct syc_err *err);

#endif
