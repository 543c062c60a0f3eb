/* SPDX-License-Identifier: MIT */
/* Pairs from activation files, as syc-rec writes them. */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "study/vector/pairs.h"

struct source {
	struct syc_pairs *p;
	struct syc_acts *a;
	const char *path;
	const struct syc_rows *rows;	/* or none */
	const struct syc_acts_info *info;
	enum syc_position position;
	unsigned side;		/* MODELS: of which of the two files */
	size_t *at;		/* [n_layers] p's layers among the file's */
	float *x;		/* [layers][dim] of one row */
	uint64_t n;		/* records so far */
	struct told told;	/* n is 0 without rows */
};

static int find_position(struct source *s, struct syc_err *err)
{
	static const enum syc_position positions[] = {
		[SYC_READ_END] = SYC_POSITION_LAST,
		[SYC_READ_LAST] = SYC_POSITION_LAST,
		[SYC_READ_LETTER] = SYC_POSITION_LETTER,
		[SYC_READ_MEAN] = SYC_POSITION_MEAN,
		[SYC_READ_PROMPT] = SYC_POSITION_PROMPT,
		[SYC_READ_TOKEN] = SYC_POSITION_ALL,
	};
	const unsigned has = s->info->positions;
	const char *instead = "";

	s->position = positions[s->p->o.read];
	if (s->position == SYC_POSITION_ALL && s->p->o.token >= 0 && !s->told.n)
		return syc_fail(err, SYC_EINVAL,
			"%s: where answers begin is in the rows of "
			"syc-rec alone: give them, or count from the end (-1)",
			s->path);
	/* Without an answer the last token is the prompt's. */
	if (s->p->o.read == SYC_READ_END && !(has & 1u << s->position))
		s->position = SYC_POSITION_PROMPT;
	if (has & 1u << s->position)
		return 0;
	if (s->position == SYC_POSITION_LAST && has & 1u << SYC_POSITION_PROMPT)
		instead = " (it has the position prompt)";
	return syc_fail(err, SYC_EINVAL,
			"%s: was recorded without the position '%s'%s", s->path,
			syc_position_name(s->position), instead);
}

/* A file behind the first: it must have the same shape. */
static int check_shape(const struct source *s, struct syc_err *err)
{
	const struct syc_acts_info *i = s->info;
	const struct syc_pairs_info *p = &s->p->info;

	if (i->dim != p->dim)
		return syc_fail(err, SYC_EINVAL,
				"%s: has width %zu, another %zu", s->path,
				i->dim, p->dim);
	for (size_t l = 0; l < p->n_layers; l++) {
		size_t k = 0;

		while (k < i->n_layers && i->layers[k] != s->p->layers[l])
			k++;
		if (k == i->n_layers)
			return syc_fail(err, SYC_EINVAL,
					"%s: layer %" PRIu32
					" was not recorded",
					s->path, s->p->layers[l]);
	}
	return 0;
}

/* The number of blocks is not told; there are at least so many. */
static int begin(struct source *s, struct syc_err *err)
{
	const struct syc_acts_info *i = s->info;
	struct syc_pairs *p = s->p;
	int ret = p->fd >= 0 ? check_shape(s, err) :
		pairs_begin(p, i->layers, i->n_layers, i->dim, err);

	if (ret < 0)
		return ret;
	if (i->layers[i->n_layers - 1] >= p->info.n_blocks)
		p->info.n_blocks = i->layers[i->n_layers - 1] + 1;
	s->at = pairs_places(p, i->layers, i->n_layers);
	s->x = calloc(i->n_layers * i->dim, sizeof(*s->x));
	return s->at && s->x ? 0 : syc_nomem(err);
}

static bool has_rows(const struct syc_rows *rows)
{
	return rows && rows->n_paths;
}

static bool is_told(const struct source *s, uint64_t row)
{
	return row < s->told.n && s->told.n_prompt[row] != UINT32_MAX;
}

static int read_position(struct source *s, uint64_t row, const char **id,
			 struct syc_err *err)
{
	int64_t token = s->p->o.token;

	if (s->position != SYC_POSITION_ALL)
		return syc_acts_read(s->a, s->position, row, s->x, id, err);
	if (token >= 0) {
		if (!is_told(s, row))
			return syc_fail(err, SYC_EINVAL,
					"%s: row %" PRIu64
					" is not among the rows given",
					s->path, row);
		token += s->told.n_prompt[row];
	}
	return syc_acts_read_token(s->a, row, token, s->x, id, err);
}

/* Read a row where it is to be read; *position is where that was. */
static int read_row(struct source *s, uint64_t row, const char **id,
		    enum syc_position *position, struct syc_err *err)
{
	const enum syc_read read = s->p->o.read;
	int ret = read_position(s, row, id, err);

	*position = s->position;
	/* The last token of a row without an answer. */
	if (ret == 0 && read == SYC_READ_END && isnan(s->x[0]) &&
	    s->info->positions & 1u << SYC_POSITION_PROMPT) {
		*position = SYC_POSITION_PROMPT;
		ret = syc_acts_read(s->a, *position, row, s->x, id, err);
	}
	if (ret < 0)
		return ret;
	if (read == SYC_READ_LAST && isnan(s->x[0]))
		return syc_fail(err, SYC_EINVAL,
				"%s: row %" PRIu64 " ('%.60s') has no answer",
				s->path, row, *id);
	return 0;
}

/* A row of the first side that came before, in this file or another. */
static int check_seen(const struct source *s, uint64_t row, const char *id,
		      struct syc_err *err)
{
	static const char *const answers[] = { NULL, "other", "match" };
	struct syc_seen_place first;
	struct syc_row_key key;
	int32_t sample, answer;
	int ret;

	if (!s->p->seen || s->side)
		return 0;
	ret = syc_acts_row_info(s->a, row, &sample, &answer, err);
	if (ret < 0)
		return ret;
	key = syc_row_key_of(id, sample, NULL, answers[(answer + 1) % 3]);
	ret = syc_seen_add(s->p->seen, &key, (struct syc_seen_place){ s->path, row }, &first);
	if (ret <= 0)
		return ret < 0 ? syc_nomem(err) : 0;
	return syc_fail(err, SYC_ETWICE,
			"%.160s: row %" PRIu64 " ('%.60s') is already in %.160s, row %" PRIu64,
			s->path, row, id, first.file, first.number);
}

/* One row of the file as a side of record number s->n. */
static int put_row(struct source *s, uint64_t row, unsigned side, char *id,
		   size_t size, struct syc_err *err)
{
	const size_t bytes = s->info->n_layers * s->info->dim * sizeof(*s->x);
	struct syc_pairs_info *info = &s->p->info;
	const char *name;
	enum syc_position position;
	struct syc_err why;
	int ret = read_row(s, row, &name, &position, err);

	if (ret < 0)
		return ret;
	snprintf(id, size, "%s", name);
	ret = check_seen(s, row, id, err);
	if (ret < 0)
		return ret;
	ret = pairs_put(s->p, s->n, side, s->x, s->at, &why);
	if (ret < 0)
		return syc_fail(err, ret,
			"%s: row %" PRIu64 " ('%.60s') at %s: %.200s",
			s->path, row, id, syc_position_name(position), why.msg);
	s->p->positions |= 1u << position;
	info->checksum =
		(uint32_t)crc32_z(info->checksum, (unsigned char *)s->x, bytes);
	return 0;
}

static int add_single(struct source *s, uint64_t row, struct syc_err *err)
{
	char id[256];
	int ret;

	if (s->n && !s->p->info.single)
		return syc_fail(err, SYC_EINVAL,
				"%s: prompts and pairs are mixed", s->path);
	s->p->info.single = true;
	ret = put_row(s, row, 0, id, sizeof(id), err);
	if (ret == 0)
		ret = pairs_put(s->p, s->n, 1, NULL, s->at, err);
	return ret < 0 ? ret : pairs_put_none(s->p, s->n, err);
}

static int add_pair(struct source *s, uint64_t row, struct syc_err *err)
{
	char match[256], other[256];
	int ret = put_row(s, row, 0, match, sizeof(match), err);

	if (ret == 0)
		ret = put_row(s, row + 1, 1, other, sizeof(other), err);
	if (ret == 0 && strcmp(match, other) != 0)
		ret = syc_fail(err, SYC_EINVAL,
			       "%s: rows %" PRIu64 " and %" PRIu64
			       " ('%.60s', '%.60s') are no pair",
			       s->path, row, row + 1, match, other);
	if (ret == 0 && has_rows(s->rows))
		return pairs_put_mark(s->p, s->n, 0, (uint32_t)row, err);
	return ret < 0 ? ret : pairs_put_none(s->p, s->n, err);
}

/* One row of one of two models' files. */
static int add_text(struct source *s, uint64_t row, int32_t sample,
		    int32_t answer, struct syc_err *err)
{
	const int32_t told[2] = { sample, answer };
	struct syc_err why;
	char id[256];
	uint32_t mark;
	int ret;

	if (s->side && s->n >= s->p->info.n)
		return 0;	/* the counts will tell */
	ret = put_row(s, row, s->side, id, sizeof(id), err);
	if (ret < 0)
		return ret;
	mark = told_crc(id);
	mark = (uint32_t)crc32_z(mark, (const unsigned char *)told,
				 sizeof(told));
	ret = pairs_put_mark(s->p, s->n, s->side, mark, &why);
	if (ret < 0)
		return syc_fail(err, ret, "%s: %s", s->path, why.msg);
	return s->side ? 0 : pairs_put_none(s->p, s->n, err);
}

/* Put what begins at row; *step is how many rows that took. */
static int add(struct source *s, uint64_t row, uint64_t *step,
	       struct syc_err *err)
{
	const enum syc_pairs_kind kind = s->p->o.kind;
	int32_t sample, answer, skip, next = -1;
	int ret = syc_acts_row_info(s->a, row, &sample, &answer, err);

	*step = 1;
	if (ret == 0 && row + 1 < s->info->n_rows)
		ret = syc_acts_row_info(s->a, row + 1, &skip, &next, err);
	if (ret < 0)
		return ret;
	if (kind == SYC_PAIRS_MODELS)
		return add_text(s, row, sample, answer, err);
	if (kind == SYC_PAIRS_CONTROL && answer == -1)
		return add_single(s, row, err);
	if (answer != 1 || next != 0 || s->p->info.single)
		return syc_fail(err, SYC_EINVAL,
			"%s: row %" PRIu64
			" is no matching answer with the other behind it",
			s->path, row);
	*step = 2;
	return add_pair(s, row, err);
}

/* A row that cannot be used was skipped: say so, the file's name once. */
static void skip(const struct source *s, const char *why)
{
	const size_t n = strlen(s->path);

	s->p->info.n_skipped++;
	if (strncmp(why, s->path, n) == 0 && why[n] == ':')
		why += n + 2;
	if (s->rows->skipped)
		s->rows->skipped(s->rows->arg, s->path, why);
}

static int add_all(struct source *s, struct syc_err *err)
{
	const bool keep_going = s->rows && s->rows->keep_going &&
				s->p->o.kind != SYC_PAIRS_MODELS;

	const uint64_t most = s->p->o.most ? s->p->o.most : UINT64_MAX;

	for (uint64_t row = 0, step; row < s->info->n_rows && s->n < most; row += step) {
		int ret = add(s, row, &step, err);

		if (ret == 0)
			s->n++;
		else if (ret != SYC_EINVAL || !keep_going)
			return ret;
		else
			skip(s, err->msg);
	}
	return 0;
}

static int describe(const struct source *s, struct syc_err *err)
{
	struct syc_buf *b = &s->p->source;
	const char *before = s->side ? ", \"other_activations\": " :
			     b->len ? ", " : "\"activations\": [";

	if (syc_buf_printf(b, "%s%s", before, s->info->provenance) < 0)
		return syc_nomem(err);
	return 0;
}

/* Which run recorded the file, "" when it does not say. */
static void run_of(char run[17], const struct syc_acts_info *info)
{
	json_t *j = json_loads(info->provenance, 0, NULL);
	const char *s = json_string_value(json_object_get(j, "run"));

	snprintf(run, 17, "%s", s && strlen(s) == 16 ? s : "");
	json_decref(j);
}

/* The recordings of one side are of one run. */
static int check_run(const struct source *s, struct syc_one_run *one_run, struct syc_err *err)
{
	char run[17];

	if (!one_run)
		return 0;
	run_of(run, s->info);
	return syc_one_run_add(one_run, "", run, s->path, err);
}

/* Whether a file is of another model than the first. */
static int note_model(const struct source *s, struct syc_err *err)
{
	struct syc_pairs *p = s->p;

	if (!p->first_of)
		p->first_of = strdup(s->info->provenance);
	else if (!p->foreign && syc_provenance_foreign(p->first_of, s->info->provenance))
		return (p->foreign = strdup(s->path)) ? 0 : syc_nomem(err);
	return p->first_of ? 0 : syc_nomem(err);
}

static int one_file(struct syc_pairs *p, const struct syc_rows *rows,
		    const char *path, unsigned side, struct syc_one_run *one_run,
		    struct syc_err *err)
{
	struct source s = {
		.p = p,
		.path = path,
		.rows = rows,
		.side = side,
		.n = side ? 0 : p->info.n,
	};
	int ret = syc_acts_open(&s.a, path, err);

	if (ret < 0)
		return ret;
	s.info = syc_acts_info(s.a);
	if (!side)
		ret = note_model(&s, err);
	if (ret == 0)
		ret = check_run(&s, one_run, err);
	if (ret == 0 && p->o.read == SYC_READ_TOKEN && p->o.token >= 0 && has_rows(rows) &&
	    s.info->n_rows)
		ret = told_read(&s.told, rows, s.a, err);
	if (ret == 0)
		ret = find_position(&s, err);
	if (ret == 0)
		ret = begin(&s, err);
	if (ret == 0)
		ret = add_all(&s, err);
	if (ret == 0 && side && s.n != p->info.n)
		ret = syc_fail(err, SYC_EINVAL,
			       "%s: has %" PRIu64 " rows, %s %" PRIu64, path,
			       s.n, p->first, p->info.n);
	if (ret == 0)
		ret = describe(&s, err);
	if (!side)
		p->info.n = s.n;
	free(s.at);
	free(s.x);
	told_free(&s.told);
	syc_acts_close(s.a);
	return ret;
}

static int read_all(struct syc_pairs *p, const char *const *paths, size_t n,
		    const struct syc_rows *rows, struct syc_err *err)
{
	struct syc_one_run run = { 0 };
	const bool twice = rows && rows->allow_duplicates;
	int ret = 0;

	p->first = strdup(n ? paths[0] : "");
	p->seen = twice ? NULL : syc_seen_new();
	if (!p->first || (!p->seen && !twice))
		return syc_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = one_file(p, rows, paths[i], 0, rows && rows->one_run ? &run : NULL, err);
	if (ret == 0 && syc_buf_puts(&p->source, "]") < 0)
		ret = syc_nomem(err);
	if (ret == 0 && has_rows(rows) && p->info.n &&
	    p->o.kind == SYC_PAIRS_CONTRAST)
		ret = pairs_read_groups(p, rows, err);
	return ret;
}

/* The architecture is not told; the files' provenance names the model. */
int syc_pairs_of_acts(struct syc_pairs **out, const struct syc_pairs_opts *o,
		      const char *const *paths, size_t n,
		      const struct syc_rows *rows, struct syc_err *err)
{
	struct syc_err own;
	int ret;

	err = err ? err : &own;
	ret = pairs_new(out, o, "", err);
	if (ret == 0)
		ret = read_all(*out, paths, n, rows, err);
	if (ret == 0)
		ret = pairs_finish(*out, err);
	if (ret == 0)
		return 0;
	syc_pairs_free(*out);
	*out = NULL;
	return ret;
}

int syc_pairs_other_acts(struct syc_pairs *p, const char *path,
			 const struct syc_rows *rows, struct syc_err *err)
{
	struct syc_err own;
	int ret;

	err = err ? err : &own;
	ret = one_file(p, rows, path, 1, NULL, err);
	return ret < 0 ? ret : pairs_finish(p, err);
}
