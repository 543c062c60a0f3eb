/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/tensor.h"
#include "rec/acts_file.h"
#include "syc/output.h"

struct syc_acts {
	struct syc_zip *zip;
	struct acts_desc d;
	struct acts_index index;
	struct syc_acts_info info;
	size_t at;			/* the chunk unpacked; SIZE_MAX none */
	uint8_t *part[ACTS_KINDS];	/* its members, as far as needed */
	struct syc_npy head[ACTS_KINDS];
	struct syc_buf id;		/* the one handed out last */
};

static void drop_chunk(struct syc_acts *a)
{
	for (unsigned k = 0; k < ACTS_KINDS; k++) {
		free(a->part[k]);
		a->part[k] = NULL;
	}
	a->at = SIZE_MAX;
}

/*
 * While it is written it has another name, and gets its own one between our
 * looking for the one and the other.
 */
static int open_named(struct syc_zip **zip, const char *path, struct syc_err *err)
{
	char *part = access(path, F_OK) < 0 ? syc_output_part(path) : NULL;
	int ret = part && access(part, F_OK) == 0
			  ? syc_zip_open(zip, part, false, NULL)
			  : SYC_EIO;

	free(part);
	return ret == 0 ? 0 : syc_zip_open(zip, path, false, err);
}

int syc_acts_open(struct syc_acts **out, const char *path, struct syc_err *err)
{
	struct syc_acts *a = calloc(1, sizeof(*a));
	int ret;

	*out = NULL;
	if (!a)
		return syc_nomem(err);
	a->at = SIZE_MAX;
	ret = open_named(&a->zip, path, err);
	if (ret == 0)
		ret = acts_desc_read(&a->d, a->zip, err);
	if (ret == 0)
		ret = acts_index_update(&a->index, a->zip, &a->d, err);
	if (ret < 0) {
		syc_acts_close(a);
		return ret;
	}
	*out = a;
	return 0;
}

void syc_acts_close(struct syc_acts *a)
{
	if (!a)
		return;
	drop_chunk(a);
	syc_buf_free(&a->id);
	acts_index_free(&a->index);
	acts_desc_free(&a->d);
	syc_zip_close(a->zip);
	free(a);
}

const struct syc_acts_info *syc_acts_info(struct syc_acts *a)
{
	a->info = (struct syc_acts_info){
		.layers = a->d.o.layers, .n_layers = a->d.o.n_layers,
		.dim = a->d.o.dim, .positions = a->d.o.positions, .dtype = a->d.o.dtype,
		.n_rows = a->index.n_rows, .complete = syc_zip_complete(a->zip),
		.provenance = a->d.provenance, .run = a->d.run,
	};
	return &a->info;
}

/* Make the chunk with this row the current one; *i is the row's place in it. */
static int seek_row(struct syc_acts *a, uint64_t row, size_t *i,
		    struct syc_err *err)
{
	size_t chunk;
	int ret = 0;

	if (row >= a->index.n_rows) {
		ret = syc_zip_rescan(a->zip, err);
		if (ret == 0)
			ret = acts_index_update(&a->index, a->zip, &a->d, err);
	}
	if (ret < 0)
		return ret;
	if (row >= a->index.n_rows)
		return syc_fail(err, SYC_EINVAL,
			"%s: has no row %" PRIu64 ", it has %" PRIu64 "%s",
			syc_zip_path(a->zip), row, a->index.n_rows,
			syc_zip_complete(a->zip) ? "" : " (and lacks its end)");
	chunk = acts_index_find(&a->index, row);
	if (chunk != a->at)
		drop_chunk(a);
	a->at = chunk;
	*i = (size_t)(row - a->index.chunk[chunk].row);
	return 0;
}

/* What a member's header must be; rows of ids vary in width, tokens in number. */
static bool head_fits(const struct syc_acts *a, unsigned kind,
		      const struct syc_npy *h)
{
	const struct syc_acts_opts *o = &a->d.o;
	const uint64_t n = a->index.chunk[a->at].n_rows;

	if (kind == ACTS_ALL_OFFSET)
		return h->kind == 'i' && h->item == 8 && h->n_dims == 1 &&
		       h->shape[0] == n + 1;
	if (kind != ACTS_ALL && h->shape[0] != n)
		return false;
	if (kind == ACTS_ID)
		return h->kind == 'U' && h->n_dims == 1;
	if (kind >= ACTS_SAMPLE)
		return h->kind == 'i' &&
		       h->item == (kind == ACTS_SAMPLE ? 4 : 1) &&
		       h->n_dims == 1;
	return h->kind == 'f' && h->item == acts_item(o->dtype) &&
	       h->n_dims == 3 && h->shape[1] == o->n_layers &&
	       h->shape[2] == o->dim;
}

/* Unpack one member of the current chunk, unless that was done. */
static int need(struct syc_acts *a, unsigned kind, const uint8_t **data,
		struct syc_err *err)
{
	size_t member = a->index.chunk[a->at].member[kind];
	struct syc_npy *h = &a->head[kind];
	int ret = 0;

	if (!a->part[kind]) {
		/* The header first: memory is asked for by a shape that fits. */
		ret = syc_npz_head(a->zip, member, h, err);
		if (ret == 0 && !head_fits(a, kind, h))
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: %s has an unexpected type or shape",
				       syc_zip_path(a->zip),
				       syc_zip_list(a->zip)->e[member].name);
		if (ret == 0)
			ret = syc_npz_read(a->zip, member, h, &a->part[kind],
					   err);
	}
	if (ret == 0)
		*data = a->part[kind] + h->head;
	return ret;
}

static int get_id(struct syc_acts *a, size_t i, const char **id,
		  struct syc_err *err)
{
	const uint8_t *data;
	size_t item;
	int ret = need(a, ACTS_ID, &data, err);

	if (ret < 0)
		return ret;
	item = a->head[ACTS_ID].item;
	a->id.len = 0;
	ret = acts_id_text(&a->id, data + i * item, item / 4);
	if (ret == SYC_ENOMEM)
		return syc_nomem(err);
	if (ret < 0)
		return syc_fail(err, SYC_EFORMAT,
				"%s: the id of row %" PRIu64 " is not text",
				syc_zip_path(a->zip),
				a->index.chunk[a->at].row + i);
	*id = a->id.data;
	return 0;
}

/* Number i among the activations of a member. */
static int decode(struct syc_acts *a, unsigned kind, uint64_t i, float *out,
		  struct syc_err *err)
{
	const struct syc_acts_opts *o = &a->d.o;
	const size_t n = o->n_layers * o->dim;
	const uint8_t *data;
	int ret = need(a, kind, &data, err);

	if (ret == 0)
		syc_type_decode(out,
			o->dtype == SYC_DTYPE_F16 ? SYC_TYPE_F16 : SYC_TYPE_F32,
			data + i * n * acts_item(o->dtype), n);
	return ret;
}

static int has_position(const struct syc_acts *a, unsigned position,
			struct syc_err *err)
{
	if (position < SYC_N_POSITIONS && a->d.o.positions >> position & 1)
		return 0;
	return syc_fail(err, SYC_EINVAL, "%s: has no position '%s'",
		syc_zip_path(a->zip),
		position < SYC_N_POSITIONS ? syc_position_name(position) : "?");
}

int syc_acts_read(struct syc_acts *a, enum syc_position position, uint64_t row,
		  float *out, const char **id, struct syc_err *err)
{
	size_t i;
	int ret = has_position(a,
		position == SYC_POSITION_ALL ? SYC_N_POSITIONS : position, err);

	if (ret == 0)
		ret = seek_row(a, row, &i, err);
	if (ret == 0)
		ret = decode(a, position, i, out, err);
	return ret == 0 && id ? get_id(a, i, id, err) : ret;
}

/* Which tokens of the current chunk are those of its row i. */
static int find_tokens(struct syc_acts *a, size_t i, uint64_t *from,
		       uint64_t *n, struct syc_err *err)
{
	const uint8_t *data, *all;
	int64_t at[2];
	int ret = need(a, ACTS_ALL_OFFSET, &data, err);

	if (ret == 0)
		ret = need(a, ACTS_ALL, &all, err);
	if (ret < 0)
		return ret;
	memcpy(at, data + 8 * i, sizeof(at));
	if (at[0] < 0 || at[1] < at[0] ||
	    (uint64_t)at[1] > a->head[ACTS_ALL].shape[0])
		return syc_fail(err, SYC_EFORMAT,
			"%s: the tokens of row %" PRIu64
			" are not in its chunk",
			syc_zip_path(a->zip), a->index.chunk[a->at].row + i);
	*from = (uint64_t)at[0];
	*n = (uint64_t)(at[1] - at[0]);
	return 0;
}

int syc_acts_read_token(struct syc_acts *a, uint64_t row, int64_t token,
			float *out, const char **id, struct syc_err *err)
{
	uint64_t from = 0, n = 0;
	size_t i;
	int ret = has_position(a, SYC_POSITION_ALL, err);

	if (ret == 0)
		ret = seek_row(a, row, &i, err);
	if (ret == 0)
		ret = find_tokens(a, i, &from, &n, err);
	if (ret < 0)
		return ret;
	if (token < 0 ? (uint64_t)-(token + 1) >= n : (uint64_t)token >= n)
		return syc_fail(err, SYC_EINVAL,
				"%s: row %" PRIu64 " has no token %" PRId64
				", it has %" PRIu64,
				syc_zip_path(a->zip), row, token, n);
	ret = decode(a, ACTS_ALL,
		     from + (uint64_t)(token < 0 ? (int64_t)n + token : token),
		     out, err);
	return ret == 0 && id ? get_id(a, i, id, err) : ret;
}

int syc_acts_row_info(struct syc_acts *a, uint64_t row, int32_t *sample,
		      int32_t *answer, struct syc_err *err)
{
	const uint8_t *samples, *answers;
	size_t i;
	int ret = seek_row(a, row, &i, err);

	if (ret == 0)
		ret = need(a, ACTS_SAMPLE, &samples, err);
	if (ret == 0)
		ret = need(a, ACTS_ANSWER, &answers, err);
	if (ret < 0)
		return ret;
	memcpy(sample, samples + 4 * i, sizeof(*sample));
	*answer = (int8_t)answers[i];
	return 0;
}

static int differ(const struct syc_acts *a, const struct syc_acts_place *at,
		  const char *what, const char *have, const char *want,
		  struct syc_err *err)
{
	return syc_fail(err, SYC_EINVAL,
			"%.300s: row %" PRIu64 " (%.80s): %s is %.80s here, %.80s of the row: "
			"the file belongs to another run", syc_zip_path(a->zip), at->row,
			at->id, what, have, want);
}

static int differ_number(const struct syc_acts *a, const struct syc_acts_place *at,
			 const char *what, int32_t have, int32_t want,
			 struct syc_err *err)
{
	char x[16], y[16];

	snprintf(x, sizeof(x), "%" PRId32, have);
	snprintf(y, sizeof(y), "%" PRId32, want);
	return differ(a, at, what, x, y, err);
}

int syc_acts_check_row(struct syc_acts *a, const struct syc_acts_place *at,
		       struct syc_err *err)
{
	static const char *const answers[] = { "other", "match" };
	const char *id;
	int32_t sample, answer;
	size_t i;
	int ret;

	if (*at->run && strcmp(at->run, a->d.run) != 0)
		return differ(a, at, "the run", *a->d.run ? a->d.run : "not known",
			      at->run, err);
	if ((ret = seek_row(a, at->row, &i, err)) < 0 ||
	    (ret = get_id(a, i, &id, err)) < 0 ||
	    (ret = syc_acts_row_info(a, at->row, &sample, &answer, err)) < 0)
		return ret;
	if (strcmp(id, at->id) != 0)
		return differ(a, at, "the id", id, at->id, err);
	if (at->sample >= 0 && sample != at->sample)
		return differ_number(a, at, "the sample", sample, at->sample, err);
	if (answer >= 0 && at->answer >= 0 && !answer != !at->answer)
		return differ(a, at, "the answer", answers[answer > 0],
			      answers[at->answer > 0], err);
	return 0;
}
