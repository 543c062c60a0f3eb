/* SPDX-License-Identifier: MIT */
/* Pairs from activation files, as syc-rec writes them. */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "tool/common/fail.h"
#include "tool/vec/pairs.h"
#include "tool/common/rows.h"

/* What rows beside a file say of its own. */
struct told {
	uint32_t *n_prompt;	/* [n] tokens of each row's prompt; UINT32_MAX: not told */
	uint32_t *id;		/* [n] checksums */
	uint64_t n;
};

struct source {
	struct syc_pairs *p;
	const struct syc_pairs_in *in;
	struct syc_acts *a;
	const char *path;
	const struct syc_acts_info *info;
	enum syc_position position;
	unsigned side;		/* MODELS: of which of the two files */
	size_t *at;		/* [n_layers] p's layers among the file's */
	float *x;		/* [layers][dim] of one row */
	uint64_t n;		/* records so far */
	const struct told *told;	/* n is 0 without rows */
};

static uint32_t crc_of(const char *text)
{
	return (uint32_t)crc32_z(0, (const unsigned char *)text, strlen(text));
}

/* A whole number from 0 to n - 1. */
static bool number_of(uint32_t *number, const json_t *x, uint64_t n)
{
	const double v = json_number_value(x);
	const bool good = json_is_number(x) && v >= 0 && v < (double)n;

	if (good)
		*number = (uint32_t)v;
	return good;
}

/* Take what one row says. */
static int take_told(struct told *t, const struct syc_rows *rows, const struct syc_row *row, struct syc_err *err)
{
	json_t *root = json_loadb(rows->line, rows->len, JSON_DECODE_INT_AS_REAL, NULL);
	uint32_t at = 0, n_prompt = 0;
	int ret = 0;

	if (!number_of(&at, json_object_get(json_object_get(root, "acts"), "row"), t->n) ||
	    !number_of(&n_prompt, json_object_get(root, "n_prompt"), UINT32_MAX))
		ret = fail(err, SYC_EINVAL, "has no acts and n_prompt of that file: give the rows of syc-rec");
	json_decref(root);
	if (ret < 0)
		return ret;
	t->n_prompt[at] = n_prompt;
	t->id[at] = crc_of(row->id);
	return 0;
}

/* Where the answers of a file of n rows begin; it has one at least. */
static int read_told(struct told *t, const struct syc_pairs_in *in, uint64_t n, struct syc_err *err)
{
	struct syc_rows rows = { ROWS_OF(in->tool), .paths = in->paths, .n_paths = in->n_paths };
	struct syc_row *row;
	int ret = 0;

	if (n <= SIZE_MAX / sizeof(uint32_t)) {
		t->n_prompt = malloc((size_t)n * sizeof(uint32_t));
		t->id = calloc((size_t)n, sizeof(uint32_t));
	}
	if (!t->n_prompt || !t->id)
		return fail_nomem(err);
	memset(t->n_prompt, 0xff, (size_t)n * sizeof(uint32_t));
	t->n = n;
	while ((ret = syc_rows_next(&rows, &row, err)) == 1) {
		ret = take_told(t, &rows, row, err);
		if (ret == SYC_EINVAL)
			ret = syc_rows_bad(&rows, err);
		syc_row_free(row);
		if (ret < 0)
			break;
	}
	syc_rows_done(&rows);
	return ret;
}

static int find_position(struct source *s, struct syc_err *err)
{
	static const enum syc_position positions[] = {
		[SYC_READ_END] = SYC_POSITION_LAST, [SYC_READ_LAST] = SYC_POSITION_LAST,
		[SYC_READ_LETTER] = SYC_POSITION_LETTER, [SYC_READ_MEAN] = SYC_POSITION_MEAN,
		[SYC_READ_PROMPT] = SYC_POSITION_PROMPT, [SYC_READ_TOKEN] = SYC_POSITION_ALL,
	};

	s->position = positions[s->in->read];
	if (s->position == SYC_POSITION_ALL && s->in->token >= 0 && !s->told->n)
		return fail(err, SYC_EINVAL, "%s: where answers begin is in the rows of syc-rec alone: "
			    "give them, or count from the end (--token -1)", s->path);
	/* Without an answer the last token is the prompt's. */
	if (s->in->read == SYC_READ_END && !(s->info->positions & 1u << s->position))
		s->position = SYC_POSITION_PROMPT;
	if (s->info->positions & 1u << s->position)
		return 0;
	return fail(err, SYC_EINVAL, "%s: was recorded without the position '%s'%s", s->path,
		    syc_position_name(s->position), s->position == SYC_POSITION_LAST &&
		    s->info->positions & 1u << SYC_POSITION_PROMPT ? " (use --position prompt)" : "");
}

/* The number of blocks is not told; there are at least so many. */
static int begin(struct source *s, struct syc_err *err)
{
	const struct syc_acts_info *i = s->info;
	struct syc_pairs *p = s->p;
	int ret;

	if (p->fd >= 0) {
		if (i->dim != p->dim)
			return fail(err, SYC_EINVAL, "%s: has width %zu, another %zu", s->path, i->dim, p->dim);
		for (size_t l = 0; l < p->n_layers; l++) {
			size_t k = 0;

			while (k < i->n_layers && i->layers[k] != p->layers[l])
				k++;
			if (k == i->n_layers)
				return fail(err, SYC_EINVAL, "%s: layer %" PRIu32 " was not recorded",
					    s->path, p->layers[l]);
		}
	} else {
		ret = syc_pairs_begin(p, s->in, i->layers, i->n_layers, i->dim, err);
		if (ret < 0)
			return ret;
	}
	if (i->layers[i->n_layers - 1] >= p->n_blocks)
		p->n_blocks = i->layers[i->n_layers - 1] + 1;
	s->at = syc_pairs_places(p, i->layers, i->n_layers);
	s->x = calloc(i->n_layers * i->dim, sizeof(*s->x));
	return s->at && s->x ? 0 : fail_nomem(err);
}

static int read_position(struct source *s, uint64_t row, const char **id, struct syc_err *err)
{
	int64_t token = s->in->token;

	if (s->position != SYC_POSITION_ALL)
		return syc_acts_read(s->a, s->position, row, s->x, id, err);
	if (token >= 0) {
		if (row >= s->told->n || s->told->n_prompt[row] == UINT32_MAX)
			return fail(err, SYC_EINVAL, "%s: row %" PRIu64 " is not among the rows given", s->path, row);
		token += s->told->n_prompt[row];
	}
	return syc_acts_read_token(s->a, row, token, s->x, id, err);
}

/* One row of the file as a side of record number s->n. */
static int put_row(struct source *s, uint64_t row, unsigned side, char *id, size_t size, struct syc_err *err)
{
	const char *name;
	enum syc_position position = s->position;
	struct syc_err why;
	int ret = read_position(s, row, &name, err);

	/* The last token of a row without an answer. */
	if (ret == 0 && s->in->read == SYC_READ_END && isnan(s->x[0]) && s->info->positions & 1u << SYC_POSITION_PROMPT) {
		position = SYC_POSITION_PROMPT;
		ret = syc_acts_read(s->a, position, row, s->x, &name, err);
	}
	if (ret < 0)
		return ret;
	if (s->in->read == SYC_READ_LAST && isnan(s->x[0]))
		return fail(err, SYC_EINVAL, "%s: row %" PRIu64 " ('%.60s') has no answer (use --position prompt)",
			    s->path, row, name);
	if (row < s->told->n && s->told->n_prompt[row] != UINT32_MAX && s->told->id[row] != crc_of(name))
		return fail(err, SYC_EINVAL, "%s: row %" PRIu64 " is '%.60s', the row given another", s->path, row, name);
	snprintf(id, size, "%s", name);
	ret = syc_pairs_put(s->p, s->n, side, s->x, s->at, &why);
	if (ret < 0)
		return fail(err, ret, "%s: row %" PRIu64 " ('%.60s') at %s: %.200s", s->path, row, id,
			    syc_position_name(position), why.msg);
	s->p->positions |= 1u << position;
	s->p->checksum = (uint32_t)crc32_z(s->p->checksum, (unsigned char *)s->x,
					   s->info->n_layers * s->info->dim * sizeof(*s->x));
	return 0;
}

static int add_single(struct source *s, uint64_t row, struct syc_err *err)
{
	char id[256];
	int ret = put_row(s, row, 0, id, sizeof(id), err);

	if (ret == 0)
		ret = syc_pairs_put(s->p, s->n, 1, NULL, s->at, err);
	return ret < 0 ? ret : syc_pairs_put_group(s->p, s->n, "", err);
}

static int add_pair(struct source *s, uint64_t row, struct syc_err *err)
{
	char match[256], other[256];
	int ret = put_row(s, row, 0, match, sizeof(match), err);

	if (ret == 0)
		ret = put_row(s, row + 1, 1, other, sizeof(other), err);
	if (ret == 0 && strcmp(match, other) != 0)
		ret = fail(err, SYC_EINVAL, "%s: rows %" PRIu64 " and %" PRIu64 " ('%.60s', '%.60s') are no pair",
			   s->path, row, row + 1, match, other);
	if (ret == 0 && s->in->n_paths)
		return syc_pairs_put_mark(s->p, s->n, 0, (uint32_t)row, err);
	return ret < 0 ? ret : syc_pairs_put_group(s->p, s->n, "", err);
}

/* One row of one of two models' files. */
static int add_text(struct source *s, uint64_t row, int32_t sample, int32_t answer, struct syc_err *err)
{
	const int32_t told[2] = { sample, answer };
	struct syc_err why;
	char id[256];
	uint32_t mark;
	int ret = put_row(s, row, s->side, id, sizeof(id), err);

	if (ret < 0)
		return ret;
	mark = crc_of(id);
	mark = (uint32_t)crc32_z(mark, (const unsigned char *)told, sizeof(told));
	if (s->side && s->n >= s->p->n)
		return 0;	/* the counts will tell */
	ret = syc_pairs_put_mark(s->p, s->n, s->side, mark, &why);
	if (ret < 0)
		return fail(err, ret, "%s: %s", s->path, why.msg);
	return s->side ? 0 : syc_pairs_put_group(s->p, s->n, "", err);
}

/* Put what begins at row; *step is how many rows that took. */
static int add(struct source *s, uint64_t row, uint64_t *step, struct syc_err *err)
{
	int32_t sample, answer, skip, next = -1;
	int ret = syc_acts_row_info(s->a, row, &sample, &answer, err);

	*step = 1;
	if (ret == 0 && row + 1 < s->info->n_rows)
		ret = syc_acts_row_info(s->a, row + 1, &skip, &next, err);
	if (ret < 0)
		return ret;
	if (s->in->kind == SYC_PAIRS_MODELS)
		return add_text(s, row, sample, answer, err);
	if (s->in->kind == SYC_PAIRS_CONTROL && answer == -1) {
		if (s->n && !s->p->single)
			return fail(err, SYC_EINVAL, "%s: prompts and pairs are mixed", s->path);
		s->p->single = true;
		return add_single(s, row, err);
	}
	if (answer != 1 || next != 0 || s->p->single)
		return fail(err, SYC_EINVAL, "%s: row %" PRIu64 " is no matching answer with the other behind it",
			    s->path, row);
	*step = 2;
	return add_pair(s, row, err);
}

static int add_all(struct source *s, struct syc_err *err)
{
	for (uint64_t row = 0, step; row < s->info->n_rows; row += step) {
		int ret = add(s, row, &step, err);

		if (ret == 0)
			s->n++;
		else if (ret != SYC_EINVAL || !s->in->keep_going || s->in->kind == SYC_PAIRS_MODELS)
			return ret;
		else {
			tool_warn(s->in->tool, "%s", err->msg);
			s->p->n_skipped++;
		}
	}
	return 0;
}

static int one_file(struct syc_pairs *p, const struct syc_pairs_in *in, struct told *told, const char *path,
		    unsigned side, struct syc_err *err)
{
	struct source s = { .p = p, .in = in, .path = path, .side = side, .n = side ? 0 : p->n, .told = told };
	int ret = syc_acts_open(&s.a, path, err);

	if (ret < 0)
		return ret;
	s.info = syc_acts_info(s.a);
	if (in->read == SYC_READ_TOKEN && in->n_paths && !told->n && s.info->n_rows)
		ret = read_told(told, in, s.info->n_rows, err);
	if (ret == 0)
		ret = find_position(&s, err);
	if (ret == 0)
		ret = begin(&s, err);
	if (ret == 0)
		ret = add_all(&s, err);
	if (ret == 0 && side && s.n != p->n)
		ret = fail(err, SYC_EINVAL, "%s: has %" PRIu64 " rows, %s %" PRIu64, path, s.n, in->acts[0], p->n);
	if (ret == 0)
		ret = syc_buf_printf(&p->described, "%s%s", side ? ", \"other_activations\": " :
				     p->described.len ? ", " : "\"activations\": [", s.info->provenance) < 0 ?
			fail_nomem(err) : 0;
	p->n = s.n;
	free(s.at);
	free(s.x);
	syc_acts_close(s.a);
	return ret;
}

/* The number in "acts": {"row": ...}; false when there is none below n. */
static bool row_of(uint32_t *number, const char *line, size_t len, uint64_t n)
{
	json_t *root = json_loadb(line, len, JSON_DECODE_INT_AS_REAL, NULL);
	const bool good = number_of(number, json_object_get(json_object_get(root, "acts"), "row"), n);

	json_decref(root);
	return good;
}

/* The groups of the pairs, from the rows that were written with them. */
static int read_rows(struct syc_pairs *p, const struct syc_pairs_in *in, struct syc_err *err)
{
	struct syc_rows rows = { ROWS_OF(in->tool), .paths = in->paths, .n_paths = in->n_paths };
	const uint64_t n = 2 * (p->n + p->n_skipped);
	unsigned char *seen = calloc((size_t)p->n, 1);
	struct syc_row *row;
	uint64_t done = 0, at = 0;
	uint32_t number = 0;
	int ret = seen ? 0 : fail_nomem(err);

	while (ret == 0 && (ret = syc_rows_next(&rows, &row, err)) == 1) {
		ret = 0;
		if (!row_of(&number, rows.line, rows.len, n)) {
			fail(err, SYC_EINVAL, "has no acts: give the rows of syc-rec");
			ret = syc_rows_bad(&rows, err);
		} else {
			ret = syc_pairs_find_mark(p, &at, number, err);
			if (ret == 1 && !seen[at]) {
				ret = syc_pairs_put_row(p, at, in, row, rows.line, rows.len, err);
				done += ++seen[at];
			}
			ret = ret < 0 ? ret : 0;
		}
		syc_row_free(row);
	}
	if (ret == 0 && done != p->n)
		ret = fail(err, SYC_EINVAL, "%s: only %" PRIu64 " of %" PRIu64 " pairs have rows", in->paths[0], done, p->n);
	syc_rows_done(&rows);
	free(seen);
	return ret;
}

/* The architecture is not told either; the files' provenance names the model. */
int syc_pairs_from_acts(struct syc_pairs *p, const struct syc_pairs_in *in, struct syc_err *err)
{
	struct told told = { 0 };
	int ret = 0;

	p->arch = strdup("");
	if (!p->arch)
		return fail_nomem(err);
	for (size_t i = 0; i < in->n_acts && ret == 0; i++)
		ret = one_file(p, in, &told, in->acts[i], 0, err);
	if (ret == 0 && syc_buf_puts(&p->described, "]") < 0)
		ret = fail_nomem(err);
	if (ret == 0 && in->n_paths && p->n && in->kind == SYC_PAIRS_CONTRAST)
		ret = read_rows(p, in, err);
	if (ret == 0 && in->kind == SYC_PAIRS_MODELS)
		ret = one_file(p, in, &told, in->second_acts, 1, err);
	free(told.n_prompt);
	free(told.id);
	return ret;
}
