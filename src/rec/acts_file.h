/* SPDX-License-Identifier: MIT */
/*
 * What the writer, the reader and the repair of activation files share: the
 * names and order of the members, the description at the start, the index of
 * the chunks.  syc-acts(5) is the format.
 */
#ifndef SRC_REC_ACTS_FILE_H
#define SRC_REC_ACTS_FILE_H
#include "format/zip.h"
#include "syc/acts.h"

/* The members of a chunk in the order they are written; id is the last. */
enum {
	ACTS_ALL = SYC_POSITION_ALL,	/* those before are the positions */
	ACTS_ALL_OFFSET,
	ACTS_ALL_TOKEN,
	ACTS_SAMPLE,
	ACTS_ANSWER,
	ACTS_ID,
	ACTS_KINDS,
};

enum {
	ACTS_HEAD_MEMBERS = 3,		/* layer, format, provenance */
	ACTS_CHUNK_ROWS = 32,		/* by default */
	ACTS_MAX_CHUNK_ROWS = 65536,
	ACTS_MAX_LAYERS = 65536,
	ACTS_MAX_DIM = 1 << 24,
	ACTS_MAX_ID = 65535,		/* bytes */
	ACTS_MAX_PROVENANCE = 1 << 24,
};
/*
 * A chunk also ends once its activations take this much, so that a chunk of
 * long rows at every token stays in memory.
 */
#define ACTS_CHUNK_BYTES ((uint64_t)64 << 20)

/* "prompt", ..., "all_offset", ..., "id". */
const char *acts_kind_name(unsigned kind);
/* The kind of that name of n bytes, also by what version 1 called it, or ACTS_KINDS. */
unsigned acts_kind_find(const char *name, size_t n);
/* Is a member of this kind in a file with these positions? */
bool acts_kind_present(unsigned kind, unsigned positions);
/* Members per chunk. */
size_t acts_chunk_members(unsigned positions);
/* Bytes per value. */
size_t acts_item(enum syc_dtype dtype);

/* The description: options that own their memory. */
struct acts_desc {
	struct syc_acts_opts o;
	uint32_t *layers;
	char *provenance;
	char run[17];	/* its "run", or "" */
	int version;	/* of the format; 1: with other names of positions */
};

/* Check and copy o, filling in defaults. */
int acts_desc_copy(struct acts_desc *d, const struct syc_acts_opts *o,
		   struct syc_err *err);
void acts_desc_free(struct acts_desc *d);
/* Append the members that describe the file. */
int acts_desc_pack(struct syc_buf *out, struct syc_zip_dir *dir,
		   const struct acts_desc *d);
/* Read them back; SYC_EFORMAT when one is missing or not sound. */
int acts_desc_read(struct acts_desc *d, struct syc_zip *z, struct syc_err *err);
/* SYC_EINVAL naming the first thing in which the file differs from want. */
int acts_desc_same(const struct acts_desc *file, const struct acts_desc *want,
		   const char *path, struct syc_err *err);

struct acts_chunk {
	size_t member[ACTS_KINDS];	/* index in the archive, or SIZE_MAX */
	uint64_t row;			/* its first row */
	size_t n_rows;
};

/* Zero-initialize it, free with acts_index_free(). */
struct acts_index {
	struct acts_chunk *chunk;	/* [cap]; the first n are whole */
	size_t n, cap;
	size_t n_begun;			/* beyond the highest number seen */
	size_t n_members;		/* of the archive, already sorted in */
	uint64_t n_rows;		/* in whole chunks */
};

/*
 * Sort in the archive's members that are new.  A chunk counts as whole when it
 * has its id member; it is SYC_EFORMAT if another is missing then.
 */
int acts_index_update(struct acts_index *x, struct syc_zip *z,
		      const struct acts_desc *d, struct syc_err *err);
void acts_index_free(struct acts_index *x);
/* The chunk that holds a row < n_rows. */
size_t acts_index_find(const struct acts_index *x, uint64_t row);

/* Append id as UCS-4, bytes that are not UTF-8 replaced by U+FFFD. */
int acts_id_pack(struct syc_buf *out, const char *id);
/*
 * Append the UTF-8 of a text of at most width characters; trailing zeros are
 * padding.  SYC_EFORMAT for what is not a character.
 */
int acts_id_text(struct syc_buf *out, const uint8_t *ucs4, size_t width);

#endif
