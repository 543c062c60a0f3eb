/* SPDX-License-Identifier: MIT */
/* syc-score: how much of each vector is in a row's activations? */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "syc/score.h"
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/common/vectors.h"
#include "tool/run/load.h"
#include "tool/score/score.h"

enum { MAX_VECTORS = 1024 };

struct score {
	struct opt_values common;
	struct syc_rows in;
	struct syc_output out;
	char *name[MAX_VECTORS]; /* [opts.n_vectors] keys of "score" */
	const char *path[MAX_VECTORS];
	struct syc_vector *vector[MAX_VECTORS];
	struct syc_scorer_opts opts;
	struct syc_scorer *scorer;
	struct texts acts;		/* none: the rows' */
	char *seen;			/* the recording that a row named last */
	bool prompt;			/* flush every row */
	bool foreign;			/* vectors of other models are meant */
	bool tsv;
};

static void add_direction(const struct tool *t, const struct opt *o, void *at,
			  char *arg)
{
	struct score *s = at;
	const size_t n = s->opts.n_vectors;

	(void)o;
	if (n == MAX_VECTORS)
		tool_usage(t, "more than %d vectors", MAX_VECTORS);
	s->name[n] = named_file(arg, &s->path[n]);
	if (!s->name[n])
		tool_usage(t, "out of memory");
	for (size_t i = 0; i < n; i++)
		if (strcmp(s->name[i], s->name[n]) == 0)
			tool_usage(
				t,
				"two vectors are named '%s': give -d NAME=FILE",
				s->name[n]);
	s->opts.n_vectors++;
}

static void set_positions(const struct tool *t, const struct opt *o, void *at,
			  char *arg)
{
	unsigned *positions = at;
	struct syc_err err;

	if (syc_positions_parse(positions, arg, &err) < 0)
		tool_usage(t, "--%s: %s", o->name, err.msg);
	if (*positions >> SYC_POSITION_ALL & 1)
		tool_usage(t, "--%s: 'all' has no score", o->name);
}

static const char *position(unsigned i)
{
	return i < SYC_POSITION_ALL ? syc_position_name(i) : NULL;
}

static const char *const metrics[] = { "cosine", "dot", "projection", NULL };

#define S struct score
static const struct opt opts[] = {
	OPT_HEAD("Scores"),
	OPT_CALL('d', "direction", "[NAME=]FILE", add_direction,
		 "score with the vector in FILE (may be repeated)"),
	OPT_CHOICE(0, "metric", "NAME", S, opts.metric, enum syc_metric,
		   metrics, "cosine (default), dot or projection"),
	OPT_FLAG(0, "foreign", S, foreign,
		 "vectors of another model of the same width are meant"),
	OPT_FLAG(0, "center", S, opts.center,
		 "subtract the activation file's mean first"),
	{ OPT_ROW(0, "positions", "LIST",
		  "use these positions (default: all in the file but 'all')", set_positions,
		  offsetof(S, opts.positions)), .nth = position },
	OPT_TEXTS('a', "acts", "FILE", S, acts,
		  "an activation file (may be repeated; default: the one the row names)"),
	OPT_FLAG(0, "tsv", S, tsv, "columns separated by tabs, a line for each score"),
	OPT_HEAD("Rows"),
	OPTS_OF_ROWS(S, in),
	OPT_OF_MIXED(S, in),
	OPTS_COMMON(S, common)};
#undef S

static const struct tool tool = {
	"syc-score", "-d VECTOR [OPTION]... [FILE]...",
	"Score recorded activations against steering vectors", opts,
};

static void parse(struct score *s, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, s);

	if (!s->opts.n_vectors)
		tool_usage(&tool, "no vector: give --direction=FILE");
	s->in.paths = argv + at;
	s->in.n_paths = argc - at;
}

static void say_foreign(void *arg, const char *vector, const char *acts)
{
	const struct score *s = arg;

	tool_warn_foreign(&tool, &s->common, vector, acts);
}

static int read_directions(struct score *s, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < s->opts.n_vectors && ret == 0; i++)
		ret = vector_open(&tool, &s->common, s->path[i], &s->vector[i], err);
	s->opts.vector = (const struct syc_vector *const *)s->vector;
	s->opts.name = s->path;
	s->opts.acts = s->acts.text;
	s->opts.foreign = s->foreign ? NULL : say_foreign;
	s->opts.arg = s;
	s->opts.n_acts = s->acts.n;
	return ret < 0 ? ret : syc_scorer_new(&s->scorer, &s->opts, err);
}

/* 9 digits: more than float16 or int8 can justify, none are lost later. */
static void put_number(struct syc_buf *b, double x)
{
	if (isfinite(x))
		syc_buf_printf(b, "%.9g", x);
	else
		syc_buf_puts(b, "null");
}

/* {"prompt": [1, ...], ...} of a vector. */
static void put_vector(struct syc_buf *b, const struct syc_row_scores *r,
		       size_t vector)
{
	const char *before = "{";

	for (unsigned p = 0; p < SYC_POSITION_ALL; p++) {
		if (!(r->positions >> p & 1))
			continue;
		syc_buf_printf(b, "%s\"%s\": [", before, syc_position_name(p));
		for (size_t k = 0; k < r->n_layers; k++) {
			syc_buf_puts(b, k ? ", " : "");
			put_number(b, r->score[p][vector * r->n_layers + k]);
		}
		syc_buf_puts(b, "]");
		before = ", ";
	}
	syc_buf_puts(b, "}");
}

static void put_scores(struct syc_buf *b, const struct score *s,
		       const struct syc_row_scores *r)
{
	for (size_t i = 0; i < s->opts.n_vectors; i++) {
		syc_buf_puts(b, i ? ", " : "{");
		syc_buf_json(b, s->name[i], strlen(s->name[i]));
		syc_buf_puts(b, ": ");
		put_vector(b, r, i);
	}
	syc_buf_puts(b, "}");
}

static void put_layers(struct syc_buf *b, const struct syc_row_scores *r)
{
	for (size_t i = 0; i < r->n_layers; i++)
		syc_buf_printf(b, "%s%" PRIu32, i ? ", " : "[", r->layer[i]);
	syc_buf_puts(b, "]");
}

/* A recording that rows name is read as well. */
static int check_output(struct score *s, const char *acts, struct syc_err *err)
{
	if (s->seen && strcmp(s->seen, acts) == 0)
		return 0;
	free(s->seen);
	s->seen = strdup(acts);
	return s->seen ? syc_outputs_differ(s->common.output, acts, err) : fail_nomem(err);
}

/* The row with its scores into line. */
static int score_row(struct score *s, const struct syc_row *row,
		     struct syc_buf *line, struct syc_err *err)
{
	struct syc_row_scores r;
	struct syc_acts_place at;
	struct edit e;
	int ret = syc_score_acts(row, &at, err);

	at.rows = syc_rows_path(&s->in);
	if (ret == 0 && at.path && !s->acts.n)
		ret = check_output(s, at.path, err);
	if (ret == 0)
		ret = syc_scorer_row(s->scorer, &at, &r, err);
	if (ret < 0)
		return ret;
	if (s->tsv) {
		struct sheet o = { .b = line, .form = SHEET_TSV };

		score_tsv(&o, row, s->name, s->opts.n_vectors, &r);
		return o.bad ? fail_nomem(err) : 0;
	}
	edit_begin(&e, s->in.line, s->in.len, err);
	put_scores(&e.value, s, &r);
	edit_set(&e, "score");
	put_layers(&e.value, &r);
	edit_set(&e, "layers");
	return edit_end(&e, line);
}

static int write_line(struct score *s, struct syc_buf *line,
		      struct syc_err *err)
{
	int ret = syc_output_write(&s->out, line->data, line->len, err);

	line->len = 0;
	if (ret == 0 && s->prompt)
		ret = syc_output_flush(&s->out, err);
	return ret;
}

static int run(struct score *s, struct syc_err *err)
{
	struct syc_buf line = { 0 };
	struct sheet head = { .b = &line, .form = SHEET_TSV };
	struct syc_row *row;
	int ret = 0;

	if (s->tsv)
		score_tsv_head(&head);
	if (head.bad)
		return fail_nomem(err);
	if (s->tsv)
		ret = write_line(s, &line, err);
	while (ret == 0 && (ret = syc_rows_next(&s->in, &row, err)) > 0) {
		ret = score_row(s, row, &line, err);
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
		if (strcmp(in->paths[i], "-") != 0 &&
		    stat(in->paths[i], &st) == 0 && !S_ISREG(st.st_mode))
			return true;
	return fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode);
}

int main(int argc, char **argv)
{
	struct score s = { .common = OPT_VALUES_INIT, .in = {ROWS_OF_ONE_RUN(&tool)}};
	struct syc_err err = { 0 };
	int ret;

	parse(&s, argc, argv);
	s.prompt = from_pipe(&s.in);
	syc_output_begin(&s.out, s.common.output, SYC_LEFTOVER_REPLACE);
	ret = work_check(&tool, s.common.output, s.in.paths, s.in.n_paths, &err);
	if (ret == 0)
		ret = read_directions(&s, &err);
	if (ret == 0) {
		ret = run(&s, &err);
		if (ret == 0)
			ret = syc_output_finish(&s.out, &err);
		else
			syc_output_drop(&s.out);
	}
	if (ret == 0 && s.common.verbose > 0)
		tool_warn(&tool, "%" PRIu64 " rows skipped", s.in.n_skipped);
	syc_rows_done(&s.in);
	syc_scorer_free(s.scorer);
	texts_free(&s.acts);
	free(s.seen);
	for (size_t i = 0; i < s.opts.n_vectors; i++) {
		free(s.name[i]);
		syc_vector_free(s.vector[i]);
	}
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
