/* SPDX-License-Identifier: MIT */
/* syc-score: how much of each vector is in a row's activations? */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "syc/vector.h"
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/score/score.h"

enum { KEY_POSITIONS = OPT_OWN, KEY_METRIC, KEY_CENTER, KEY_KEEP_GOING };
enum metric { COSINE, DOT, PROJECTION };
enum { MAX_VECTORS = 64 };
static const char *const metrics[] = { "cosine", "dot", "projection" };

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Scores" },
	{ 'd', "direction", "FILE", "a vector, or NAME=FILE (may be repeated)" },
	{ KEY_METRIC, "metric", "NAME", "cosine (default), dot or projection" },
	{ KEY_CENTER, "center", NULL, "subtract the activation file's mean first" },
	{ KEY_POSITIONS, "positions", "LIST", "use these positions (default: all in the file but 'all')" },
	{ 'r', "record", "FILE", "the activation file (default: the one the row names)" },
	{ 0, NULL, NULL, "Rows" },
	{ KEY_KEEP_GOING, "keep-going", NULL, "report rows that cannot be used and skip them" },
	OPTS_PLAIN
};

static const struct tool tool = {
	"syc-score", "-d VECTOR [OPTION]... [FILE]...",
	"Score recorded activations against steering vectors", opts,
};

struct direction {
	char *name;
	const char *path;
	struct syc_vector *v;
};

struct score {
	struct opt_values common;
	struct syc_rows in;
	struct out out;
	struct score_files files;
	struct direction dir[MAX_VECTORS];
	size_t n_dirs;
	enum metric metric;
	unsigned positions;		/* 0: those of the file */
	const char *acts_path;		/* NULL: the row's */
	bool prompt;			/* flush every row */
	float *x;			/* [n_layers][dim] of the row */
	size_t cap_x;
};

static void add_direction(struct score *s, const char *arg)
{
	struct direction *d = &s->dir[s->n_dirs];

	if (s->n_dirs == MAX_VECTORS)
		tool_usage(&tool, "more than %d vectors", MAX_VECTORS);
	d->name = named_file(arg, &d->path);
	if (!d->name)
		tool_usage(&tool, "out of memory");
	for (size_t i = 0; i < s->n_dirs; i++)
		if (strcmp(s->dir[i].name, d->name) == 0)
			tool_usage(&tool, "two vectors are named '%s': give -d NAME=FILE", d->name);
	s->n_dirs++;
}

static void set_positions(struct score *s, const char *arg)
{
	struct syc_err err;

	if (syc_positions_parse(&s->positions, arg, &err) < 0)
		tool_usage(&tool, "--positions: %s", err.msg);
	if (s->positions >> SYC_POSITION_ALL & 1)
		tool_usage(&tool, "--positions: 'all' has no score");
}

static void parse(struct score *s, int argc, char **argv)
{
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case 'd': add_direction(s, optarg); break;
		case 'r': s->acts_path = optarg; break;
		case KEY_METRIC: s->metric = (enum metric)opt_enum(&tool, "metric", optarg, metrics, 3); break;
		case KEY_CENTER: s->files.center = true; break;
		case KEY_POSITIONS: set_positions(s, optarg); break;
		case KEY_KEEP_GOING: s->in.keep_going = true; break;
		default: opt_common(&tool, &s->common, key, optarg);
		}
	}
	if (!s->n_dirs)
		tool_usage(&tool, "no vector: give --direction=FILE");
	s->in.paths = argv + optind;
	s->in.n_paths = argc - optind;
}

static int read_directions(struct score *s, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < s->n_dirs && ret == 0; i++) {
		ret = syc_vector_read(&s->dir[i].v, s->dir[i].path, NULL, err);
		if (ret == 0 && s->dir[i].v->assumed)
			tool_warn_assumed(&tool, &s->common, s->dir[i].path);
	}
	return ret;
}

/* The activation file and the row in it that a row of input means. */
static int find_acts(const struct score *s, json_t *doc, const char **path, uint64_t *row,
		     struct syc_err *err)
{
	const json_t *acts = json_object_get(doc, "acts");
	const json_t *number = json_object_get(acts, "row");
	double x = json_number_value(number);

	*path = s->acts_path ? s->acts_path : json_string_value(json_object_get(acts, "file"));
	if (!acts)
		return fail(err, SYC_EFORMAT, "no \"acts\": no activations were recorded for this row");
	if (!*path || !**path)
		return fail(err, SYC_EFORMAT, "\"acts\" names no file");
	if (!json_is_number(number) || !(x >= 0) || x > 0x1p53 || x != floor(x))
		return fail(err, SYC_EFORMAT, "\"acts\" has no row number");
	*row = (uint64_t)x;
	return 0;
}

/* Does everything fit?  *positions are those to be scored. */
static int check_file(struct score *s, struct score_file *f, unsigned *positions, struct syc_err *err)
{
	const struct syc_acts_info *info = syc_acts_info(f->acts);
	const size_t n = info->n_layers * info->dim;

	*positions = s->positions ? s->positions : info->positions & ~(1u << SYC_POSITION_ALL);
	for (unsigned position = 0; position < SYC_POSITION_ALL; position++)
		if (*positions >> position & 1 && !(info->positions >> position & 1))
			return fail(err, SYC_EINVAL, "%s: has no position '%s'", f->path, syc_position_name(position));
	if (!*positions)
		return fail(err, SYC_EINVAL, "%s: has no position but 'all'", f->path);
	for (size_t i = 0; i < s->n_dirs; i++)
		if (s->dir[i].v->dim != info->dim)
			return fail(err, SYC_EINVAL, "%s: its activations have width %zu, the vectors of %s %zu",
				    f->path, info->dim, s->dir[i].path, s->dir[i].v->dim);
	if (n > s->cap_x) {
		free(s->x);
		s->x = malloc(n * sizeof(*s->x));
		s->cap_x = s->x ? n : 0;
	}
	return s->x ? 0 : fail_nomem(err);
}

static double dot(const float *a, const float *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

static double measure(enum metric metric, const float *x, const float *v, size_t n)
{
	switch (metric) {
	case COSINE: return syc_cosine(x, v, n);
	case DOT:    return dot(x, v, n);
	default:     return dot(x, v, n) / sqrt(dot(v, v, n));
	}
}

/* 9 digits: more than float16 or int8 can justify, none are lost later. */
static int put_number(struct syc_buf *b, double x)
{
	return isfinite(x) ? syc_buf_printf(b, "%.9g", x) : syc_buf_puts(b, "null");
}

/* One number per layer of the file, of the activations in s->x. */
static int put_layers(const struct score *s, const struct syc_vector *v,
		      const struct syc_acts_info *info, struct syc_buf *b)
{
	int bad = syc_buf_puts(b, "[");

	for (size_t i = 0; i < info->n_layers; i++) {
		uint32_t l = info->layers[i];
		double x = l < v->n_layers && v->has[l] ?
			measure(s->metric, s->x + i * info->dim, v->v + l * v->dim, info->dim) : NAN;

		bad |= i ? syc_buf_puts(b, ", ") : 0;
		bad |= put_number(b, x);
	}
	return bad | syc_buf_puts(b, "]");
}

/* All of a row's numbers at one position, each behind its vector's others. */
static int put_position(const struct score *s, const struct syc_acts_info *info, unsigned position,
		    struct syc_buf *each)
{
	int bad = 0;

	for (size_t i = 0; i < s->n_dirs; i++) {
		bad |= each[i].len ? syc_buf_puts(&each[i], ", ") : 0;
		bad |= syc_buf_printf(&each[i], "\"%s\": ", syc_position_name(position));
		bad |= put_layers(s, s->dir[i].v, info, &each[i]);
	}
	return bad;
}

/* The JSON of "score", from each vector's part. */
static int join(const struct score *s, struct syc_buf *out, const struct syc_buf *each)
{
	int bad = syc_buf_puts(out, "{");

	for (size_t i = 0; i < s->n_dirs; i++) {
		bad |= i ? syc_buf_puts(out, ", ") : 0;
		bad |= syc_buf_json(out, s->dir[i].name, strlen(s->dir[i].name));
		bad |= syc_buf_puts(out, ": {");
		bad |= syc_buf_add(out, each[i].data, each[i].len);
		bad |= syc_buf_puts(out, "}");
	}
	return bad | syc_buf_puts(out, "}");
}

static int make_score(struct score *s, struct score_file *f, uint64_t row, const char *id,
		      struct syc_buf *out, struct syc_err *err)
{
	struct syc_buf each[MAX_VECTORS] = { { 0 } };
	unsigned positions;
	int ret = check_file(s, f, &positions, err);

	for (unsigned position = 0; position < SYC_POSITION_ALL && ret == 0; position++) {
		if (!(positions >> position & 1))
			continue;
		ret = score_file_read(f, position, row, id, s->x, err);
		if (ret == 0 && put_position(s, syc_acts_info(f->acts), position, each) < 0)
			ret = fail_nomem(err);
	}
	if (ret == 0 && join(s, out, each) < 0)
		ret = fail_nomem(err);
	for (size_t i = 0; i < s->n_dirs; i++)
		syc_buf_free(&each[i]);
	return ret;
}

static int put_list(struct syc_buf *b, const struct syc_acts_info *info)
{
	int bad = syc_buf_puts(b, "[");

	for (size_t i = 0; i < info->n_layers; i++)
		bad |= syc_buf_printf(b, "%s%" PRIu32, i ? ", " : "", info->layers[i]);
	return bad | syc_buf_puts(b, "]");
}

/* The row with its scores into line. */
static int score_row(struct score *s, const char *id, struct syc_buf *line, struct syc_err *err)
{
	json_t *doc = json_loadb(s->in.line, s->in.len, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
	struct score_file *f;
	struct edit e;
	const char *path = NULL;
	uint64_t row = 0;
	int ret = doc ? find_acts(s, doc, &path, &row, err) : fail_nomem(err);

	if (ret == 0)
		ret = score_files_get(&s->files, path, &f, err);
	if (ret == 0) {
		edit_begin(&e, s->in.line, s->in.len, err);
		ret = make_score(s, f, row, id, &e.value, err);
		if (ret < 0)
			e.ret = ret;
		edit_set(&e, "score");
		if (put_list(&e.value, syc_acts_info(f->acts)) < 0)
			e.ret = fail_nomem(err);
		edit_set(&e, "layers");
		ret = edit_end(&e, line);
	}
	json_decref(doc);
	return ret;
}

static int write_line(struct score *s, struct syc_buf *line, struct syc_err *err)
{
	int ret = out_write(&s->out, line->data, line->len, err);

	line->len = 0;
	if (ret == 0 && s->prompt)
		ret = out_flush(&s->out, err);
	return ret;
}

static int run(struct score *s, struct syc_err *err)
{
	struct syc_buf line = { 0 };
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(&s->in, &row, err)) > 0) {
		ret = score_row(s, row->id, &line, err);
		syc_row_free(row);
		if (ret == 0)
			ret = write_line(s, &line, err);
		else if (ret != SYC_ENOMEM)
			ret = syc_rows_bad(&s->in, err);
		if (ret < 0)
			break;
	}
	syc_buf_free(&line);
	return ret;
}

/* Rows that come through a pipe are passed on one by one. */
static bool from_pipe(const struct syc_rows *in)
{
	struct stat st;

	for (int i = 0; i < in->n_paths; i++)
		if (strcmp(in->paths[i], "-") != 0 && stat(in->paths[i], &st) == 0 && !S_ISREG(st.st_mode))
			return true;
	return fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode);
}

int main(int argc, char **argv)
{
	struct score s = { .common = OPT_VALUES_INIT, .in = { ROWS_OF(&tool) } };
	struct syc_err err = { 0 };
	int ret;

	parse(&s, argc, argv);
	s.prompt = from_pipe(&s.in);
	ret = read_directions(&s, &err);
	if (ret == 0)
		ret = out_open(&s.out, s.common.output, &err);
	if (ret == 0) {
		ret = run(&s, &err);
		if (ret == 0)
			ret = out_finish(&s.out, &err);
		else
			out_abandon(&s.out);
	}
	if (ret == 0 && s.common.verbose > 0)
		tool_warn(&tool, "%" PRIu64 " rows skipped", s.in.n_skipped);
	syc_rows_done(&s.in);
	score_files_free(&s.files);
	for (size_t i = 0; i < s.n_dirs; i++) {
		free(s.dir[i].name);
		syc_vector_free(s.dir[i].v);
	}
	free(s.x);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
