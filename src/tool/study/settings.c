/* SPDX-License-Identifier: MIT */
/* What a study was made with, as a table of its page. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/run/load.h"
#include "tool/study/study.h"

/* Of JSON lines of English; rarely is a line longer than what is asked. */
enum { BYTES_PER_TOKEN = 3 };

static void put_row(struct syc_buf *b, const char *what, const char *text)
{
	if (!text || !*text)
		return;
	syc_buf_printf(b, "%s\t", what);
	for (; *text; text++)
		syc_buf_add(b, (unsigned char)*text < ' ' ? " " : text, 1);
	syc_buf_puts(b, "\n");
}

/* Where it goes and how much it says change nothing. */
static bool is_no_setting(const char *arg, bool *has_value)
{
	*has_value = strcmp(arg, "-o") == 0 || strcmp(arg, "--output") == 0;
	return *has_value || strncmp(arg, "--output=", 9) == 0 ||
	       strncmp(arg, "-o", 2) == 0 || strcmp(arg, "-q") == 0 ||
	       strcmp(arg, "--quiet") == 0;
}

void study_note_command(struct study *s, int argc, char **argv)
{
	bool has_value, plain = true;

	syc_buf_puts(&s->command, "syc-study");
	for (int i = 1; i < argc; i++) {
		plain = plain && strcmp(argv[i], "--") != 0;
		if (plain && is_no_setting(argv[i], &has_value)) {
			i += has_value;
			continue;
		}
		syc_buf_puts(&s->command, " ");
		child_put_word(&s->command, argv[i]);
	}
}

/* What the vector mean says of the model, and how it was run. */
static void put_provenance(struct syc_buf *b, const json_t *doc)
{
	static const char *const row[][2] = {
		{"model", "digest of the model"},
		{"compute", "compute"},
		{"weights", "floats held as"},
		{"arithmetic", "digest of the arithmetic"},
		{"chat", "chat format"},
		{"data", "digest of the rows that made the vector mean"},
	};
	const json_t *p = json_object_get(doc, "provenance");
	const json_t *run = json_array_get(json_object_get(p, "activations"), 0);

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		put_row(b, row[i][1],
			doc_text(json_object_get(run, row[i][0]) ? run : p, row[i][0]));
}

/* The run that answers name. */
static int put_run(struct syc_buf *b, const char *before, const char *name,
		   struct syc_err *err)
{
	char *path = text_new("%s%sanswers.jsonl", before, *before ? "." : "");
	char *what = text_new("digest of the run of %s", name);
	struct docs d = { 0 };
	int ret = docs_read(&d, &path, 1, err);

	if (ret == 0)
		put_row(b, what, doc_text(d.doc[0].json, "run"));
	docs_free(&d);
	free(path);
	free(what);
	return ret;
}

int study_settings_table(struct study *s, struct syc_err *err)
{
	char *path = text_new("vectors.json"), *slash = strrchr(s->model, '/');
	struct syc_buf b = { 0 };
	struct docs d = { 0 };
	int ret = docs_read(&d, &path, 1, err);

	syc_buf_puts(&b, "setting\tvalue\n");
	put_row(&b, "version", syc_version());
	put_row(&b, "command", s->command.data);
	put_row(&b, "model", slash ? slash + 1 : s->model);
	if (ret == 0)
		put_provenance(&b, d.doc[0].json);
	if (ret == 0 && s->o.tune)
		ret = put_run(&b, "", "the untuned model", err);
	for (size_t i = 0; i < s->n_sets && ret == 0 && !s->o.tune; i++)
		ret = put_run(&b, s->set[i].name, s->set[i].name, err);
	put_row(&b, "seed", s->o.tune ?
		"those of the runs for tuning, else 1; rows are taken by a hash of their text" :
		"1, of every program; rows are taken by a hash of their text");
	put_row(&b, "tests",
		"p values are adjusted by Holm's method over all that the page makes");
	if (ret == 0)
		ret = write_file("settings.tsv", &b, err);
	syc_buf_free(&b);
	docs_free(&d);
	free(path);
	return ret;
}

/* ---- what it will need ----------------------------------------------------- */

/* The options behind "--" that decide about memory. */
static void take_option(struct load *l, struct opt_values *c, char *arg,
			char *next)
{
	static const struct opt row[] = {
		{.name = "compute", .set = opt_choice, .names = compute_names},
		{.name = "kv-memory", .set = opt_bytes},
		{.name = "weights", .set = opt_weights},
		{.name = "batch", .set = opt_u32, .from = 1, .to = 65536},
		{.name = "threads", .set = opt_u32, .from = 1, .to = 1024},
	};
	void *const to[] = {&l->compute, &l->kv_memory, l, &l->batch,
			    &c->threads};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const size_t n = strlen(row[i].name);

		if (strncmp(arg, "--", 2) != 0 ||
		    strncmp(arg + 2, row[i].name, n) != 0)
			continue;
		if (arg[2 + n] == '=' || (!arg[2 + n] && next))
			row[i].set(&study_tool, &row[i], to[i],
				   arg[2 + n] ? arg + 3 + n : next);
	}
}

/* Bytes of the longest line; 0 when it cannot be read. */
static size_t longest_line(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t cap = 0, most = 0;
	char *line = NULL;

	for (ssize_t n; f && (n = getline(&line, &cap, f)) > 0; )
		most = (size_t)n > most ? (size_t)n : most;
	free(line);
	if (f)
		fclose(f);
	return most;
}

void study_say_memory(const struct study *s)
{
	struct load l = { .model = s->model };
	struct opt_values c = OPT_VALUES_INIT;
	struct syc_work w = { .n_rows = 2 * (uint64_t)s->o.questions, .steered = true };
	struct syc_buf line = { 0 };
	struct syc_err err;

	for (int i = 0; i < s->o.n_model_options; i++)
		take_option(&l, &c, s->o.model_options[i],
			    i + 1 < s->o.n_model_options
				    ? s->o.model_options[i + 1]
				    : NULL);
	for (size_t i = 0; i < s->n_sets; i++) {
		const size_t n = longest_line(s->set[i].path) / BYTES_PER_TOKEN;

		w.longest = n > w.longest ? n : w.longest;
	}
	w.n_tokens = w.n_rows * w.longest;
	/* What is wrong with the model is said by the program that opens it. */
	if (load_need(&c, &l, &w, &line, &err) == 0)
		tool_say("%s %s", s->o.model, line.data);
	syc_buf_free(&line);
}
