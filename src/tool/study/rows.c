/* SPDX-License-Identifier: MIT */
/* Files of rows: which are asked, and what is read from them. */
#include "config.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/study/study.h"

int read_file(struct syc_buf *b, const char *path, struct syc_err *err)
{
	FILE *f = fopen(path, "r");
	char part[65536];
	size_t n;
	int ret = 0;

	*b = (struct syc_buf){ 0 };
	if (!f)
		return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		syc_buf_add(b, part, n);
	if (ferror(f))
		ret = fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	fclose(f);
	if (syc_buf_puts(b, "") < 0)
		out_of_memory();
	return ret;
}

/* An error of a function that knows no file. */
static int at_file(const char *path, int ret, const struct syc_err *why,
		   struct syc_err *err)
{
	return ret < 0 ? fail(err, ret, "%s: %s", path, why->msg) : 0;
}

/* Write b unless something failed, and empty it. */
static int finish(const char *path, struct syc_buf *b, int ret,
		  struct syc_err *err)
{
	if (ret == 0)
		ret = write_file(path, b, err);
	syc_buf_free(b);
	return ret;
}

/* n rows of those in memory, or all. */
static int write_spread(const struct syc_buf *rows, size_t n, const char *to,
			struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = syc_rows_spread(&b, rows->data, rows->len, n, err);

	return finish(to, &b, ret, err);
}

static int take(const char *from, size_t n, const char *to, struct syc_err *err)
{
	struct syc_buf rows;
	int ret = is_there(to) ? 0 : read_file(&rows, from, err);

	if (ret == 0 && !is_there(to)) {
		ret = write_spread(&rows, n, to, err);
		syc_buf_free(&rows);
	}
	return ret;
}

int rows_pairs(struct study *s, struct syc_err *err)
{
	return take(s->rows ? s->rows : s->set[s->train].path,
		    s->rows ? INT32_MAX : s->o.pairs, "pairs.jsonl", err);
}

/* Some of the set that no vector is made from, with what they ask. */
static int choose_questions(struct study *s, const struct set *set,
			    struct syc_buf *out, struct syc_err *err)
{
	struct syc_buf all, used = { 0 }, rest = { 0 }, some = { 0 };
	struct syc_err why;
	int ret = read_file(&all, set->path, err);

	if (ret == 0)
		ret = read_file(&used, "pairs.jsonl", err);
	if (ret == 0)
		ret = syc_rows_without(&rest, all.data, all.len, used.data,
				       used.len, err);
	if (ret == 0)
		ret = syc_rows_spread(&some, rest.data ? rest.data : "",
				      rest.len, s->o.questions, err);
	if (ret == 0)
		ret = at_file(set->path,
			      syc_rows_claim(out, some.data ? some.data : "",
					     some.len, &why),
			      &why, err);
	syc_buf_free(&all);
	syc_buf_free(&used);
	syc_buf_free(&rest);
	syc_buf_free(&some);
	return ret;
}

int rows_questions(struct study *s, const struct set *set, struct syc_err *err)
{
	char *path = text_new("%s.questions.jsonl", set->name);
	struct syc_buf b = { 0 };
	int ret = 0;

	if (!is_there(path))
		ret = finish(path, &b, choose_questions(s, set, &b, err), err);
	free(path);
	return ret;
}

int rows_control(struct study *s, struct syc_err *err)
{
	const size_t n = strlen(s->control);
	struct syc_buf csv, rows = { 0 };
	struct syc_err why;
	int ret;

	if (n < 4 || strcmp(s->control + n - 4, ".csv") != 0)
		return take(s->control, s->n_steered, "control.jsonl", err);
	if (is_there("control.jsonl"))
		return 0;
	ret = read_file(&csv, s->control, err);
	if (ret == 0)
		ret = at_file(s->control,
			      syc_truthful_rows(&rows, csv.data, csv.len, &why),
			      &why, err);
	if (ret == 0)
		ret = write_spread(&rows, s->n_steered, "control.jsonl", err);
	syc_buf_free(&csv);
	syc_buf_free(&rows);
	return ret;
}

int rows_given(const struct set *set, struct syc_err *err)
{
	char *from = text_new("%s.labeled.jsonl", set->name);
	char *to = text_new("%s.given.jsonl", set->name);
	struct syc_buf all = { 0 }, b = { 0 };
	struct syc_err why;
	int ret = is_there(to) ? 0 : read_file(&all, from, err);

	if (ret == 0 && !is_there(to)) {
		ret = at_file(from, syc_rows_given(&b, all.data, all.len, &why),
			      &why, err);
		ret = finish(to, &b, ret, err);
	}
	syc_buf_free(&all);
	free(from);
	free(to);
	return ret;
}

int rows_steered(struct study *s, struct syc_err *err)
{
	char *from = text_new("%s.given.jsonl", s->set[s->train].name);
	int ret = take(from, s->n_steered, "steered.jsonl", err);

	free(from);
	return ret;
}

/* What people ask in the sets that no vector has seen, or in the only one. */
int rows_text(const struct study *s, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = 0;

	if (is_there("text.txt"))
		return 0;
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		char *path = text_new("%s.questions.jsonl", s->set[i].name);
		struct syc_buf rows = { 0 };
		struct syc_err why;

		if (i != s->train || s->n_sets == 1) {
			ret = read_file(&rows, path, err);
			if (ret == 0)
				ret = at_file(path,
					      syc_rows_text(&b, rows.data,
							    rows.len, &why),
					      &why, err);
		}
		syc_buf_free(&rows);
		free(path);
	}
	return finish("text.txt", &b, ret, err);
}

/* ---- what rows say ----------------------------------------------------- */

int rows_count(size_t *n, const char *path, struct syc_err *err)
{
	struct syc_buf b;
	int ret = read_file(&b, path, err);

	*n = ret < 0 ? 0 : syc_rows_count(b.data, b.len);
	syc_buf_free(&b);
	return ret;
}

int rows_values(size_t *n, const char *path, const char *field,
		struct syc_err *err)
{
	struct syc_buf b;
	struct syc_err why;
	int ret = read_file(&b, path, err);

	if (ret == 0)
		ret = at_file(path,
			      syc_rows_values(n, b.data, b.len, field, &why),
			      &why, err);
	syc_buf_free(&b);
	return ret;
}

int rows_choices(struct syc_choice_rates *c, const struct set *set,
		 struct syc_err *err)
{
	char *path = text_new("%s.labeled.jsonl", set->name);
	struct syc_buf b;
	struct syc_err why;
	int ret = read_file(&b, path, err);

	if (ret == 0)
		ret = at_file(path, syc_rows_choices(c, b.data, b.len, &why),
			      &why, err);
	syc_buf_free(&b);
	free(path);
	return ret;
}
