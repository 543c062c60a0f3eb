/* SPDX-License-Identifier: MIT */
/* The designed comparison of extraction choices: its files, and what they say. */
#include "config.h"
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "syc/grid.h"
#include "tool/common/fail.h"
#include "tool/study/grid.h"
#include "tool/study/jobs.h"

/* A set of pairs; its files are grid/NAME.rows.jsonl, .npz and .jsonl. */
struct source {
	char *name;
	const char *from;	/* rows, or a table of another maker's */
};

struct step {
	struct study *s;
	struct source *source;		/* [n] */
	struct syc_grid_pairs *pairs;	/* [n] */
	size_t n;
	struct syc_grid *g;
	struct syc_grid_rows *rows;
	struct syc_grid_outcome outcome[2];
	struct syc_grid_comparison compared[2];
	bool steered;
};

/* ---- before the first step ---------------------------------------------------- */

/* A set of pairs that is there, can be read and has enough of them. */
static int add_path(struct study *s, const char *named, struct syc_err *err)
{
	char **more = realloc(s->grid_pairs,
			      (s->n_grid_pairs + 1) * sizeof(*more));
	char *path = study_absolute(named, err);
	const char *from = path;
	const struct syc_selection all = { .from = &from, .n_from = 1, .pairs = true };
	struct syc_picked got;

	if (!more)
		out_of_memory();
	s->grid_pairs = more;
	if (!path)
		return SYC_EIO;
	more[s->n_grid_pairs++] = path;
	if (syc_rows_file_select(NULL, &all, &got, err) < 0)
		return err->code;
	return got.n_rows >= SYC_GRID_LEAST
		       ? 0
		       : fail(err, SYC_EINVAL, "%s has %zu pairs, fewer than %d",
			      named, got.n_rows, SYC_GRID_LEAST);
}

/* The public sets that lie beside a folder of questions, as they are unpacked. */
static int look_beside(struct study *s, const char *folder, struct syc_err *err)
{
	static const char *const there[] = { "truthfulqa/TruthfulQA.csv",
					     "genies-sycophancy/*.json" };
	int ret = 0;

	for (size_t k = 0; k < 2 && ret == 0; k++) {
		char *pattern = text_new("%s/../%s", folder, there[k]);
		glob_t found;

		if (glob(pattern, 0, NULL, &found) == 0) {
			for (size_t i = 0; i < found.gl_pathc && ret == 0; i++)
				ret = add_path(s, found.gl_pathv[i], err);
			globfree(&found);
		}
		free(pattern);
	}
	return ret;
}

int grid_prepare(struct study *s, struct syc_err *err)
{
	const struct texts *given = &s->o.grid_pairs, *data = &s->o.data;
	int ret = 0;

	for (size_t i = 0; i < given->n && ret == 0; i++)
		ret = add_path(s, given->text[i], err);
	for (size_t i = 0; i < data->n && ret == 0 && s->o.grid && !given->n; i++)
		ret = look_beside(s, data->text[i], err);
	return ret;
}

/* ---- sets of pairs -------------------------------------------------------------- */

static void add_source(struct step *t, const char *from, const char *named)
{
	const char *slash = strrchr(named, '/');
	struct source *more = realloc(t->source, (t->n + 1) * sizeof(*more));
	char *name;

	if (!more)
		out_of_memory();
	t->source = more;
	name = text_new("%s", slash ? slash + 1 : named);
	name[strcspn(name, ".")] = '\0';
	for (char *c = name; *c; c++)
		*c = strchr(" \t=:,{}", *c) ? '_' : *c;
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->source[i].name, name) == 0) {
			char *other = text_new("%s-%zu", name, t->n + 1);

			free(name);
			name = other;
			i = SIZE_MAX;
		}
	more[t->n++] = (struct source){ name, from };
}

/* The study's own questions come first, and are the reference. */
static void add_sources(struct step *t)
{
	struct study *s = t->s;

	add_source(t, "pairs.jsonl", s->rows ? s->rows : s->set[s->train].name);
	if (s->prompts)
		add_source(t, "prompts.jsonl", s->prompts);
	for (size_t i = 0; i < s->n_grid_pairs; i++)
		add_source(t, s->grid_pairs[i], s->grid_pairs[i]);
}

void grid_expect(struct study *s)
{
	struct step t = { .s = s };
	const double each = (double)s->n_steered + 8 * 8;

	if (!s->o.grid)
		return;
	add_sources(&t);
	for (size_t i = 0; i < t.n; i++) {
		char *file = text_new("grid/%s.jsonl", t.source[i].name);

		children_expect(&s->children, 2 * (double)s->n_pairs, file);
		free(file);
		free(t.source[i].name);
	}
	if (!s->o.quick) {
		children_expect(&s->children, 2 * (double)(8 + t.n) * each,
				"grid/steering.json");
		children_expect(&s->children, 6 * each,
				"grid/steering-alone.json");
	}
	free(t.source);
}

/* None is on a claim that is tested; the first N are the same for every N. */
static int take_rows(struct step *t, const struct source *a, const char *to,
		     struct syc_err *err)
{
	struct study *s = t->s;
	struct cmd tested = { 0 };
	struct syc_selection how = {
		.from = &a->from, .n_from = 1, .pairs = true, .n = s->n_pairs};
	int ret = 0;

	cmd_expand(&tested, &s->words, "{sets}.given.jsonl");
	how.not_on = (const char *const *)tested.arg;
	how.n_not_on = tested.n;
	children_note(&s->children, to, "chosen by syc-study");
	if (!is_there(to))
		ret = syc_rows_file_select(to, &how, NULL, err);
	cmd_free(&tested);
	return ret;
}

/* Whether matching answers are a few texts, as letters are, that come again and again. */
static int look_at(struct syc_grid_pairs *p, const char *rows,
		   struct syc_err *err)
{
	size_t n_answers = 0, n = 0;
	int ret = syc_rows_file_values(&n_answers, rows,
				       "answer_matching_behavior", err);

	if (ret == 0)
		ret = syc_rows_file_count(&n, rows, err);
	p->prompts = n_answers == 0;
	p->letters = n_answers > 1 && n_answers <= 5 && n >= 3 * n_answers;
	return ret;
}

/* Recorded once, at all positions and layers. */
static int record(struct step *t, size_t i, struct syc_err *err)
{
	const struct source *a = &t->source[i];
	struct syc_grid_pairs *p = &t->pairs[i];
	char *rows = text_new("grid/%s.rows.jsonl", a->name),
	     *recorded = text_new("grid/%s.jsonl", a->name);
	int ret = take_rows(t, a, rows, err);

	p->name = a->name;
	if (ret == 0)
		ret = look_at(p, rows, err);
	words_set(&t->s->words, "grid_rows", "%s", rows);
	words_set(&t->s->words, "grid_acts", "grid/%s.npz", a->name);
	words_set(&t->s->words, "grid_positions", "%s",
		  p->prompts ? "prompt" : "letter,last,mean");
	if (ret == 0)
		ret = jobs_make(t->s, recorded,
			"syc-rec -q -m {model} --resume --keep-going --positions "
			"{grid_positions} -r {grid_acts} -o {file} {options} {grid_rows}",
			false, err);
	if (ret == 0)
		ret = syc_rows_file_count(&p->n, recorded, err);
	p->n /= 2;
	free(rows);
	free(recorded);
	return ret;
}

/* ---- cells ------------------------------------------------------------------------ */

static int make_vector(struct step *t, size_t cell, struct syc_err *err)
{
	struct words *w = &t->s->words;
	const struct syc_grid *g = t->g;
	const char *pairs = syc_grid_level(g, cell, SYC_GRID_PAIRS);
	const bool balanced =
		strcmp(syc_grid_level(g, cell, SYC_GRID_BALANCE), "on") == 0;
	char *file = text_new("grid/%s.gguf", g->vector[g->cell[cell].vector]),
	     *command;
	int ret;

	words_set(w, "grid_method", "%s",
		  syc_grid_level(g, cell, SYC_GRID_METHOD));
	words_set(w, "grid_acts", "grid/%s.npz", pairs);
	words_set(w, "grid_rows", "grid/%s.jsonl", pairs);
	command = text_new(
		"syc-vec {grid_method} -q -a {grid_acts} --position %s --first %s "
		"-o {file}%s",
		syc_grid_level(g, cell, SYC_GRID_POSITION),
		syc_grid_level(g, cell, SYC_GRID_NUMBER),
		balanced ? " --balance {grid_rows}" : "");
	ret = jobs_make(t->s, file, command, false, err);
	words_add(w, "grid_vectors", "%s", file);
	free(command);
	free(file);
	return ret;
}

static int make_vectors(struct step *t, struct syc_err *err)
{
	const struct syc_grid *g = t->g;
	int ret = 0;

	words_clear(&t->s->words, "grid_vectors");
	for (size_t i = 0; i < g->n_cells && ret == 0; i++)
		if (!i || g->cell[i].vector != g->cell[i - 1].vector)
			ret = make_vector(t, i, err);
	return ret;
}

/* ---- outcomes --------------------------------------------------------------------- */

static int predict(struct step *t, struct syc_err *err)
{
	struct study *s = t->s;
	struct cmd files = { 0 };
	int ret = 0;

	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		char *file = text_new("grid/%s.scored.jsonl", s->set[i].name);

		words_set(&s->words, "set", "%s", s->set[i].name);
		ret = jobs_make(t->s, file,
			"syc-score --direction={grid_vectors} {set}.given.jsonl", false, err);
		cmd_add(&files, file);
		free(file);
	}
	if (ret == 0)
		ret = syc_grid_rows_read(&t->rows, t->g,
					 (const char *const *)files.arg,
					 files.n, s->train, err);
	cmd_free(&files);
	if (ret == 0)
		ret = syc_grid_predict(&t->outcome[0], t->g, t->rows, err);
	return ret < 0 ? ret
		       : syc_grid_compare(&t->compared[0], t->g, &t->outcome[0],
					  err);
}

/* The reference and what differs from it in one factor. */
static void name_near(struct step *t)
{
	const struct syc_grid *g = t->g;
	struct words *w = &t->s->words;
	const size_t n = t->s->n_layers;

	words_clear(w, "grid_near");
	for (size_t i = 0; i < g->n_cells; i++)
		if (!g->cell[i].level[SYC_GRID_LAYER] && syc_grid_is_near(g, i))
			words_add(w, "grid_near", "grid/%s.gguf",
				  g->vector[g->cell[i].vector]);
	words_set(w, "grid_reference", "grid/%s.gguf", g->vector[0]);
	words_set(w, "grid_layers", "%zu,%zu,%zu", n / 6, n / 2, n * 5 / 6);
}

#define SWEEP \
	"syc-sweep --json -q -m {model} --keep-going --answers 8 --text text.txt --at-kl {kl} " \
	"--op add:-1,1 "

static int read_sweep(struct docs *d, const char *file, struct syc_err *err)
{
	char *path = text_new("%s", file);
	int ret = docs_read(d, &path, 1, err);

	free(path);
	return ret < 0 ? ret : docs_are(d, DOC_SWEEP, err);
}

static int steer(struct step *t, struct syc_err *err)
{
	const bool alone =
		t->g->cell[t->g->n_cells - 1].level[SYC_GRID_LAYER] > 0;
	struct docs d[2] = { { 0 }, { 0 } };
	int ret;

	name_near(t);
	ret = jobs_make(t->s, "grid/steering.json",
			SWEEP "--direction={grid_near} --at-once {grid_layers} "
			      "{options} steered.jsonl", false, err);
	if (ret == 0)
		ret = read_sweep(&d[0], "grid/steering.json", err);
	if (ret == 0 && alone)
		ret = jobs_make(t->s, "grid/steering-alone.json",
			SWEEP "-d {grid_reference} --layers {grid_layers} {options} "
			      "steered.jsonl", false, err);
	if (ret == 0 && alone)
		ret = read_sweep(&d[1], "grid/steering-alone.json", err);
	if (ret == 0)
		ret = syc_grid_steer(&t->outcome[1], t->g, d[0].doc[0].json,
				     alone ? d[1].doc[0].json : NULL, err);
	if (ret == 0)
		ret = syc_grid_compare(&t->compared[1], t->g, &t->outcome[1],
				       err);
	t->steered = ret == 0;
	docs_free(&d[0]);
	docs_free(&d[1]);
	return ret;
}

/* ---- what it says ------------------------------------------------------------------- */

typedef int writer(struct syc_buf *out, const struct syc_grid *g,
		   const struct syc_grid_found found[2], struct syc_err *err);

static int write_one(struct step *t, const char *file, writer *how,
		     struct syc_err *err)
{
	const struct syc_grid_found found[2] = {
		{ &t->outcome[0], &t->compared[0] },
		{ &t->outcome[1], t->steered ? &t->compared[1] : NULL },
	};
	struct syc_buf b = { 0 };
	int ret = how(&b, t->g, found, err);

	if (ret == 0 && file)
		ret = write_file(file, &b, err);
	else if (ret == 0)
		words_set(&t->s->words, "grid_said", "%s", b.data);
	syc_buf_free(&b);
	return ret;
}

static int write_all(struct step *t, struct syc_err *err)
{
	int ret = write_one(t, "grid.tsv", syc_grid_tsv, err);

	words_set(&t->s->words, "n_cells", "%zu", t->g->n_vectors);
	if (ret == 0)
		ret = write_one(t, "contrasts.tsv", syc_grid_table, err);
	if (ret == 0)
		ret = write_one(t, "grid.json", syc_grid_json, err);
	return ret < 0 ? ret : write_one(t, NULL, syc_grid_say, err);
}

static int compare(struct step *t, struct syc_err *err)
{
	struct syc_grid_design d = { .pairs = t->pairs };
	int ret = syc_grid_parse(&d.vary, t->s->o.grid, err);

	d.n_pairs = d.vary & 1u << SYC_GRID_PAIRS ? t->n : 1;
	for (size_t i = 0; i < d.n_pairs && ret == 0; i++)
		ret = record(t, i, err);
	if (ret == 0 && t->s->n_layers < 3)
		d.vary &= ~(1u << SYC_GRID_LAYER);
	if (ret == 0)
		ret = syc_grid_new(&t->g, &d, err);
	if (ret == 0)
		ret = make_vectors(t, err);
	if (ret == 0)
		ret = predict(t, err);
	if (ret == 0 && !t->s->o.quick)
		ret = steer(t, err);
	return ret < 0 ? ret : write_all(t, err);
}

int study_grid(struct study *s, struct syc_err *err)
{
	struct step t = { .s = s };
	int ret;

	syc_buf_puts(&s->children.commands, "mkdir -p grid\n");
	if (mkdir("grid", 0777) < 0 && errno != EEXIST)
		return fail(err, SYC_EIO, "grid: %s", strerror(errno));
	add_sources(&t);
	t.pairs = calloc(t.n, sizeof(*t.pairs));
	if (!t.pairs)
		out_of_memory();
	ret = compare(&t, err);
	for (size_t i = 0; i < t.n; i++)
		free(t.source[i].name);
	for (size_t k = 0; k < 2; k++) {
		syc_grid_comparison_free(&t.compared[k]);
		syc_grid_outcome_free(&t.outcome[k]);
	}
	free(t.source);
	free(t.pairs);
	syc_grid_rows_free(t.rows);
	syc_grid_free(t.g);
	return ret;
}
