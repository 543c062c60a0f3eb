/* SPDX-License-Identifier: MIT */
/* syc-tok: text to token ids and back. */
#include "config.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "syc/vocab.h"
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"

struct tok {
	struct opt_values common;
	const char *model;
	bool decode, raw, no_special, no_bos;
	struct syc_rows in;
	struct syc_vocab *v;
	struct syc_text_counts seen;
	struct syc_output o;
};

static const struct opt opts[] = {
	OPT_HEAD("Tokens"),
	OPT_TEXT('m', "model", "PATH", struct tok, model,
		 "the vocabulary: GGUF, tokenizer.model or .json, a folder"),
	OPT_FLAG(0, "decode", struct tok, decode,
		 "read 'ids' and write 'text'"),
	OPT_FLAG(0, "no-special", struct tok, no_special,
		 "take \"</s>\" and the like for plain text"),
	OPT_FLAG(0, "no-bos", struct tok, no_bos,
		 "put no BOS token in front (--decode: keep it)"),
	OPT_HEAD("Rows"),
	OPT_FLAG(0, "raw", struct tok, raw,
		 "every line of input is a text, not a JSON object"),
	OPT_FLAG(0, "keep-going", struct tok, in.keep_going, "report broken rows and skip them"),
	OPTS_COMMON(struct tok, common)
};

static const struct tool tool = {
	.name = "syc-tok",
	.usage = "-m FILE [OPTION]... [FILE]...",
	.brief = "Turn text into token ids, or ids into text",
	.opts = opts,
};

static void parse(struct tok *t, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, t);

	t->in.paths = argv + at;
	t->in.n_paths = argc - at;
	if (!t->model)
		tool_usage(&tool, "--model is needed");
	if (t->raw && t->decode)
		tool_usage(&tool,
			   "--raw has texts, --decode needs rows with 'ids'");
}

static void set_ids(struct edit *e, const struct syc_ids *ids)
{
	syc_buf_puts(&e->value, "[");
	for (size_t i = 0; i < ids->n; i++)
		syc_buf_printf(&e->value, "%s%d", i ? ", " : "",
			       (int)ids->id[i]);
	syc_buf_puts(&e->value, "]");
	edit_set(e, "ids");
}

static void set_pieces(const struct tok *t, struct edit *e,
		       const struct syc_ids *ids)
{
	syc_buf_puts(&e->value, "[");
	for (size_t i = 0; i < ids->n; i++) {
		syc_buf_puts(&e->value, i ? ", " : "");
		syc_vocab_show(t->v, ids->id[i], &e->value);
	}
	syc_buf_puts(&e->value, "]");
	edit_set(e, "pieces");
}

static int encode(struct tok *t, const char *text, size_t len,
		  struct edit *e)
{
	unsigned flags = (t->no_bos ? 0 : SYC_TOK_BOS) |
			 (t->no_special ? 0 : SYC_TOK_SPECIAL);
	struct syc_ids ids = { 0 };
	int ret = syc_vocab_encode(t->v, text, len, flags, &ids, e->err);

	if (ret == 0) {
		set_ids(e, &ids);
		set_pieces(t, e, &ids);
		syc_text_count(&t->seen, t->v, text, len, ids.id, ids.n);
	}
	syc_ids_free(&ids);
	return ret;
}

static int read_ids(const struct tok *t, const json_t *list,
		    struct syc_ids *ids, struct syc_err *err)
{
	size_t n = syc_vocab_size(t->v);

	if (!json_is_array(list))
		return fail(err, SYC_EFORMAT, "'ids' is %s",
			    list ? "not a list" : "missing");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		double x = json_number_value(v);
		int32_t id;

		if (!json_is_number(v) || !(x >= 0 && x < (double)n) ||
		    x != (double)(int32_t)x)
			return fail(err, SYC_EFORMAT,
				    "'ids[%zu]' is not a token of the %zu", i,
				    n);
		id = (int32_t)x;
		if (syc_ids_add(ids, &id, 1) < 0)
			return fail_nomem(err);
	}
	return 0;
}

static int decode(const struct tok *t, const json_t *list, struct edit *e)
{
	struct syc_buf text = { 0 };
	struct syc_ids ids = { 0 };
	size_t from;
	int ret = read_ids(t, list, &ids, e->err);

	from = ret == 0 && !t->no_bos && ids.n &&
	       ids.id[0] == syc_vocab_bos(t->v);
	if (ret == 0 && syc_vocab_decode(t->v, ids.id + from, ids.n - from,
					 !t->no_special, true, &text) < 0)
		ret = fail_nomem(e->err);
	if (ret == 0) {
		syc_buf_json(&e->value, text.data ? text.data : "", text.len);
		edit_set(e, "text");
	}
	syc_ids_free(&ids);
	syc_buf_free(&text);
	return ret;
}

/* Add to the row being edited what was asked for. */
static int do_row(struct tok *t, const struct syc_row *row,
		  struct edit *e)
{
	const json_t *root = syc_row_json(row),
		     *text = json_object_get(root, "text");

	if (t->decode)
		return decode(t, json_object_get(root, "ids"), e);
	if (!json_is_string(text))
		return fail(e->err, SYC_EFORMAT, "'text' is %s",
			    text ? "not a string" : "missing");
	return encode(t, json_string_value(text), json_string_length(text), e);
}

/* Write out what was edited, unless it failed; ret passes through. */
static int finish(struct tok *t, struct edit *e, int ret)
{
	struct syc_buf line = { 0 };
	int end = edit_end(e, &line);

	if (ret == 0)
		ret = end;
	if (ret == 0)
		ret = syc_output_write(&t->o, line.data, line.len, e->err);
	syc_buf_free(&line);
	return ret;
}

static int run_rows(struct tok *t, struct syc_err *err)
{
	struct syc_rows *in = &t->in;
	struct syc_row *row;
	struct edit e;
	int ret;

	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		edit_begin(&e, in->line, in->len, err);
		ret = do_row(t, row, &e);
		syc_row_free(row);
		if (ret < 0) {
			finish(t, &e, ret);
			ret = syc_rows_bad(in, err);
		} else {
			ret = finish(t, &e, 0);
		}
		if (ret < 0)
			break;
	}
	return ret;
}

/* {"text": ...} of one plain line, then as for a row. */
static int do_raw(struct tok *t, const char *s, size_t n, struct syc_err *err)
{
	struct edit e;

	edit_begin(&e, "{}", 2, err);
	syc_buf_json(&e.value, s, n);
	edit_set(&e, "text");
	return finish(t, &e, encode(t, s, n, &e));
}

static int raw_file(struct tok *t, const char *path, struct syc_err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "r");
	char *s = NULL;
	size_t cap = 0;
	ssize_t n;
	int ret = 0;

	if (!f)
		return fail(err, SYC_EIO, "%.400s: %s", path, strerror(errno));
	while (ret == 0 && (n = getline(&s, &cap, f)) > 0)
		ret = do_raw(t, s, (size_t)n - (s[n - 1] == '\n'), err);
	if (ret == 0 && !feof(f))
		ret = fail(err, SYC_EIO, "%.400s: %s", path, strerror(errno));
	free(s);
	if (!is_stdin)
		fclose(f);
	return ret;
}

static int run(struct tok *t, struct syc_err *err)
{
	int ret = 0;

	if (!t->raw)
		return run_rows(t, err);
	if (t->in.n_paths == 0)
		return raw_file(t, "-", err);
	for (int i = 0; i < t->in.n_paths && ret == 0; i++)
		ret = raw_file(t, t->in.paths[i], err);
	return ret;
}

int main(int argc, char **argv)
{
	struct tok t = {.common = OPT_VALUES_INIT,
			.in = {ROWS_OF(&tool), .allow_duplicates = true}};
	struct syc_err err = { 0 };
	int ret;

	parse(&t, argc, argv);
	syc_output_begin(&t.o, t.common.output, SYC_LEFTOVER_REPLACE);
	ret = work_check(&tool, t.common.output, t.in.paths, t.in.n_paths, &err);
	if (ret == 0)
		ret = syc_vocab_open(&t.v, t.model, &err);
	if (ret == 0)
		tool_warn_lines(&tool, &t.common, syc_vocab_notes(t.v));
	if (ret == 0) {
		ret = run(&t, &err);
		if (ret == 0)
			ret = syc_output_finish(&t.o, &err);
		else
			syc_output_drop(&t.o);
	}
	tool_warn_texts(&tool, &t.common, &t.seen);
	syc_rows_done(&t.in);
	syc_vocab_close(t.v);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
