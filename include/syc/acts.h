/* SPDX-License-Identifier: MIT */
/*
 * Activation files: .npz archives that numpy.load() opens, written in chunks
 * of whole rows.  syc-acts(5) is the format.
 */
#ifndef SYC_ACTS_H
#define SYC_ACTS_H
#include <stdbool.h>
#include "syc/output.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The token of a row at which an activation was read. */
enum syc_position {
	SYC_POSITION_PROMPT,	/* last token of the prompt */
	SYC_POSITION_LAST,	/* last token of the answer, never </s> */
	/* the token in which the two answers first differ */
	SYC_POSITION_LETTER,
	SYC_POSITION_MEAN,	/* mean over the answer's tokens */
	SYC_POSITION_ALL,	/* every token of the row */
	SYC_N_POSITIONS,
};

/* "prompt", ...; NULL beyond the last. */
SYC_API const char *syc_position_name(unsigned position);
/* A comma-separated list of names as a mask of 1 << position. */
SYC_API int syc_positions_parse(unsigned *mask, const char *list,
				struct syc_err *err);

enum syc_dtype { SYC_DTYPE_F16, SYC_DTYPE_F32 };

struct syc_acts_opts {
	unsigned positions;		/* mask of 1 << position, not 0 */
	const uint32_t *layers;		/* [n_layers] rising, not empty */
	size_t n_layers;
	size_t dim;
	enum syc_dtype dtype;
	size_t chunk_rows;		/* rows per chunk; 0 means 32 */
	const char *provenance;		/* JSON text, or NULL for {} */
	/* syc_acts_create(): of PATH.part that an interrupted run left */
	enum syc_leftover leftover;
};

/* One row to be written; positions that the file does not have are ignored. */
struct syc_acts_row {
	const char *id;
	int32_t sample;		/* 0 unless several were drawn */
	int32_t answer;		/* 1 match, 0 other, -1 neither */
	/* each [n_layers][dim]; NULL: all NaN */
	const float *position[SYC_POSITION_ALL];
	const float *all;	/* [n_tokens][n_layers][dim] */
	const int32_t *tokens;	/* [n_tokens] ids, for SYC_POSITION_ALL */
	size_t n_tokens;
};

struct syc_acts_out;

/*
 * Begin path: PATH.part is created (syc/output.h) and the file's description
 * written.  The file gets its name from syc_acts_finish(); until then
 * syc_acts_open() finds it under the other.  SYC_EINVAL when path is something
 * else than a recording, which is not written over.
 */
SYC_API int syc_acts_create(struct syc_acts_out **out, const char *path,
			    const struct syc_acts_opts *o, struct syc_err *err);
/*
 * What can be known before any work: path is free, or a recording that may be
 * replaced.  One that an earlier version left unfinished under its name is a
 * leftover, too.
 */
SYC_API int syc_acts_check(const char *path, enum syc_leftover leftover,
			   struct syc_err *err);
/*
 * Open PATH.part to go on: it is cut back to its whole full chunks, and further
 * to at most max_rows rows.  *n_rows is what is left, and finishing gives the
 * bytes of a run that was not interrupted.  The options must equal the file's,
 * else SYC_EINVAL says which does not.  A file that is missing or empty is
 * begun.  Where there is no PATH.part, and path is finished with max_rows rows
 * (not 0), nothing is left to do and *out is NULL; with others, SYC_EINVAL.
 */
SYC_API int syc_acts_resume(struct syc_acts_out **out, const char *path,
			    const struct syc_acts_opts *o, uint64_t max_rows,
			    uint64_t *n_rows, struct syc_err *err);
/*
 * Add a row; all of it is copied.  A chunk goes to disk when it is full (by
 * rows, or by 64 MiB of activations).  A value that float16 cannot hold is
 * SYC_EINVAL naming the layer and --dtype f32, NaN is kept.  After SYC_EINVAL
 * the row is not in the file and the next may be added; after another failure
 * the chunk in hand is lost.
 */
SYC_API int syc_acts_add(struct syc_acts_out *w, const struct syc_acts_row *row,
			 struct syc_err *err);
/* Rows that are on disk in whole chunks: these survive a crash. */
SYC_API uint64_t syc_acts_saved(const struct syc_acts_out *w);
/*
 * Write the last, shorter chunk and the central directory, and make sure that
 * all is on disk: all rows are saved.  No row may be added after it.
 */
SYC_API int syc_acts_seal(struct syc_acts_out *w, struct syc_err *err);
/*
 * The same, unless that was done, and give the file its name.  On failure the
 * whole chunks written before stay in PATH.part.  w is freed always.
 */
SYC_API int syc_acts_finish(struct syc_acts_out *w, struct syc_err *err);
/*
 * Give up: the whole chunks stay in PATH.part, which is removed when it has
 * none; the rest is dropped.  Frees w, which may be NULL.
 */
SYC_API void syc_acts_abandon(struct syc_acts_out *w);

struct syc_acts;

/*
 * Open for reading; where path is not there, PATH.part.  A file that is still
 * being written, or lacks its end, is read as far as its whole chunks go.
 */
SYC_API int syc_acts_open(struct syc_acts **out, const char *path,
			  struct syc_err *err);
SYC_API void syc_acts_close(struct syc_acts *a);

struct syc_acts_info {
	const uint32_t *layers;		/* [n_layers] */
	size_t n_layers, dim;
	unsigned positions;
	enum syc_dtype dtype;
	uint64_t n_rows;		/* in whole chunks, as last looked at */
	bool complete;			/* has its central directory */
	const char *provenance;		/* JSON text */
	const char *run;		/* its "run", 16 hex digits, or "" */
};

/* What a row says of its activations: field "acts" of syc-rows(5), and itself. */
struct syc_acts_place {
	const char *path;	/* of the file; borrowed; NULL where it names none */
	/* the file that the row is in, beside which the other may be; borrowed, or NULL */
	const char *rows;
	uint64_t row;		/* number in the file */
	const char *id;		/* borrowed */
	int32_t sample;		/* -1 where it says none */
	int32_t answer;		/* as in struct syc_acts_row; -1 where it says none */
	char run[17];		/* that recorded it; "" where it does not say */
};

/* Borrowed until the next call with a. */
SYC_API const struct syc_acts_info *syc_acts_info(struct syc_acts *a);
/*
 * Read one row at one position into out [n_layers][dim] (not SYC_POSITION_ALL).  A row
 * beyond those known makes the file be looked at again, so a writer can be
 * followed; SYC_EINVAL when it is still not there.  id (may be NULL) gets the
 * row's id, borrowed until the next call.  Rows read in order are cheap; any
 * order works.
 */
SYC_API int syc_acts_read(struct syc_acts *a, enum syc_position position,
			  uint64_t row, float *out, const char **id,
			  struct syc_err *err);
/*
 * The same for one token of a file with SYC_POSITION_ALL: number token of the row's,
 * prompt and answer, from 0, or from its end, -1 the last.  SYC_EINVAL when
 * the row has no such token.
 */
SYC_API int syc_acts_read_token(struct syc_acts *a, uint64_t row, int64_t token,
				float *out, const char **id,
				struct syc_err *err);
/* The row's sample and answer (see struct syc_acts_row). */
SYC_API int syc_acts_row_info(struct syc_acts *a, uint64_t row, int32_t *sample,
			      int32_t *answer, struct syc_err *err);
/*
 * SYC_EINVAL, naming the row and what differs, where the file is of another run
 * than the row, or has another id, sample or answer at that place.
 */
SYC_API int syc_acts_check_row(struct syc_acts *a,
			       const struct syc_acts_place *at,
			       struct syc_err *err);

/*
 * Give an unfinished file its central directory, dropping what follows its
 * last whole chunk.  *n_rows is what it holds.  A complete file is left alone.
 * Where path is not there it is PATH.part, and keeps that name.
 */
SYC_API int syc_acts_repair(const char *path, uint64_t *n_rows,
			    struct syc_err *err);

/*
 * Whether two provenances, JSON texts or NULL, name models of different content,
 * their own or those of the activations that something was made from; not where one
 * of them does not say.
 */
SYC_API bool syc_provenance_foreign(const char *a, const char *b);
/* Append the digest of the model that it names; nothing where it names none. */
SYC_API int syc_provenance_model(struct syc_buf *out, const char *a);
/*
 * Compare what two provenances, JSON texts, say: 0 equal, or SYC_EINVAL "PATH: was
 * begun with NAME X, not Y" of the first difference.
 */
SYC_API int syc_provenance_same(const char *was, const char *now,
				const char *path, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
