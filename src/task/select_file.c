/* SPDX-License-Identifier: MIT */
/* Rows in files. */
#include "config.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "syc/output.h"
#include "syc/questions.h"
#include "syc/rows.h"

static int read_all(struct syc_buf *b, const char *path, struct syc_err *err)
{
	FILE *f = fopen(path, "r");
	char part[65536];
	size_t n;
	int bad;

	if (!f)
		return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		syc_buf_add(b, part, n);
	bad = ferror(f) ? errno : 0;
	fclose(f);
	if (bad)
		return syc_fail(err, SYC_EIO, "%s: %s", path, strerror(bad));
	return syc_buf_puts(b, "") < 0 || b->failed ? syc_nomem(err) : 0;
}

/* An error of a function that knows no file. */
static int name_file(const char *path, int ret, const struct syc_err *why,
		     struct syc_err *err)
{
	return ret < 0 ? syc_fail(err, ret, "%s: %s", path, why->msg) : 0;
}

static bool ends_in(const char *path, const char *end)
{
	const size_t n = strlen(path), k = strlen(end);

	return n >= k && strcmp(path + n - k, end) == 0;
}

/* Append a file's rows, those of another maker's table when it is one. */
static int add_file(struct syc_buf *rows, const char *path, unsigned views, bool as_text,
		    struct syc_err *err)
{
	const bool csv = ends_in(path, ".csv");
	struct syc_buf all = { 0 };
	struct syc_err why;
	int ret;

	if (!csv && !ends_in(path, ".json"))
		return read_all(rows, path, err);
	ret = read_all(&all, path, err);
	if (ret == 0)
		ret = name_file(path,
				csv ? syc_truthful_rows(rows, all.data, all.len, views, as_text,
							&why)
				    : syc_genies_rows(rows, all.data, all.len, &why),
				&why, err);
	syc_buf_free(&all);
	return ret;
}

int syc_rows_file_count(size_t *n, const char *path, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = read_all(&b, path, err);

	*n = ret < 0 ? 0 : syc_rows_count(b.data, b.len);
	syc_buf_free(&b);
	return ret;
}

int syc_rows_file_values(size_t *n, const char *path, const char *field,
			 struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct syc_err why;
	int ret = read_all(&b, path, err);

	*n = 0;
	if (ret == 0)
		ret = name_file(path,
				syc_rows_values(n, b.data, b.len, field, &why),
				&why, err);
	syc_buf_free(&b);
	return ret;
}

int syc_rows_file_most(double *most, const char *path, const char *field,
		       struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct syc_err why;
	int ret = read_all(&b, path, err);

	*most = NAN;
	if (ret == 0)
		ret = name_file(path, syc_rows_most(most, b.data, b.len, field, &why), &why, err);
	syc_buf_free(&b);
	return ret;
}

int syc_rows_file_choices(struct syc_choice_rates *out, const char *path,
			  struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct syc_err why;
	int ret = read_all(&b, path, err);

	if (ret == 0)
		ret = name_file(path,
				syc_rows_choices(out, b.data, b.len, &why),
				&why, err);
	syc_buf_free(&b);
	return ret;
}

/* ---- selections -------------------------------------------------------- */

/* Put the result of a step in the place of what it was made from. */
static int next(struct syc_buf *rows, struct syc_buf *made, int ret)
{
	syc_buf_free(rows);
	*rows = *made;
	*made = (struct syc_buf){ 0 };
	if (ret == 0 && !rows->data && syc_buf_puts(rows, "") < 0)
		return SYC_ENOMEM;
	return ret;
}

typedef int step_fn(struct syc_buf *out, const char *rows, size_t len,
		    struct syc_err *err);

static int step(struct syc_buf *rows, bool wanted, step_fn *fn,
		const char *path, struct syc_err *err)
{
	struct syc_buf made = { 0 };
	struct syc_err why;
	int ret;

	if (!wanted)
		return 0;
	ret = fn(&made, rows->data, rows->len, &why);
	return next(rows, &made, name_file(path, ret, &why, err));
}

/* None may come twice; what cannot be read as a row is not told here. */
static int check_unique(const char *path, struct syc_err *err)
{
	char *one = (char *)(uintptr_t)path;
	struct syc_rows in = { .paths = &one, .n_paths = 1, .keep_going = true };
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(&in, &row, err)) == 1)
		syc_row_free(row);
	syc_rows_done(&in);
	return ret;
}

/* All rows of some files; NULL data without any. */
static int read_files(struct syc_buf *b, const char *const *path, size_t n,
		      struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		ret = add_file(b, path[i], SYC_TRUTHFUL_TRUE, false, err);
		syc_buf_puts(b, "\n");
	}
	return ret == 0 && b->failed ? syc_nomem(err) : ret;
}

static void add_up(struct syc_picked *sum, const struct syc_picked *one)
{
	sum->n_rows += one->n_rows;
	sum->n_claims += one->n_claims;
	sum->of_rows += one->of_rows;
	sum->of_claims += one->of_claims;
	sum->left_rows += one->left_rows;
	sum->left_claims += one->left_claims;
	sum->n_unknown += one->n_unknown;
}

static int pick(struct syc_buf *rows, const char *path, const struct syc_selection *s,
		struct syc_picked *got, struct syc_err *err)
{
	struct syc_buf not_on = { 0 }, shared = { 0 }, made = { 0 };
	struct syc_picked one = { 0 };
	struct syc_err why;
	int ret = read_files(&not_on, s->not_on, s->n_not_on, err);

	if (ret == 0)
		ret = read_files(&shared, s->shared, s->n_shared, err);
	if (ret == 0) {
		const struct syc_pick how = { not_on.data, not_on.len, shared.data,
					      shared.len, s->third, s->pairs, s->n,
					      s->both_views };

		ret = name_file(path, syc_rows_pick(&made, &one, rows->data, rows->len,
						    &how, &why), &why, err);
		ret = next(rows, &made, ret);
	}
	add_up(got, &one);
	syc_buf_free(&not_on);
	syc_buf_free(&shared);
	return ret;
}

static int add_twins(struct syc_buf *out, const char *rows, size_t len, struct syc_err *err)
{
	return syc_rows_twins(out, rows, len, SYC_TWIN_NO_VIEW, NULL, err);
}

/* The rows of one of the files, all but which are wanted left out. */
static int select_from(struct syc_buf *rows, const char *path,
		       const struct syc_selection *s, struct syc_picked *got,
		       struct syc_err *err)
{
	const unsigned views = s->views ? s->views :
			       s->pairs ? SYC_TRUTHFUL_FALSE : SYC_TRUTHFUL_TRUE;
	int ret = add_file(rows, path, views, s->as_text, err);

	if (ret == 0)
		ret = check_unique(path, err);
	if (ret == 0)
		ret = step(rows, s->given, syc_rows_given, path, err);
	if (ret == 0)
		ret = step(rows, s->at_risk, syc_rows_at_risk, path, err);
	if (ret == 0 && (s->n || s->n_not_on || s->n_shared || s->pairs))
		ret = pick(rows, path, s, got, err);
	if (ret == 0)
		ret = step(rows, s->no_view, add_twins, path, err);
	return ret < 0 ? ret : step(rows, s->text, syc_rows_text, path, err);
}

int syc_rows_file_select(const char *to, const struct syc_selection *s,
			 struct syc_picked *got, struct syc_err *err)
{
	struct syc_buf all = { 0 };
	struct syc_picked sum = { 0 };
	int ret = syc_buf_puts(&all, "") < 0 ? syc_nomem(err) : 0;

	for (size_t i = 0; i < s->n_from && ret == 0; i++) {
		struct syc_buf rows = { 0 };

		ret = select_from(&rows, s->from[i], s, &sum, err);
		if (ret == 0 && syc_buf_add(&all, rows.data, rows.len) < 0)
			ret = syc_nomem(err);
		syc_buf_free(&rows);
	}
	if (ret == 0 && to)
		ret = syc_output_all(to, all.data, all.len, err);
	syc_buf_free(&all);
	if (got)
		*got = sum;
	return ret;
}
