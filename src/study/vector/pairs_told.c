/* SPDX-License-Identifier: MIT */
/* What the rows that were written with an activation file say of it. */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "study/vector/pairs.h"

uint32_t told_crc(const char *text)
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

/* The number in "acts": {"row": ...}; false when there is none below n. */
static bool row_of(uint32_t *number, const struct syc_row *row, uint64_t n)
{
	return number_of(number,
		json_object_get(json_object_get(syc_row_json(row), "acts"),
				"row"),
		n);
}

/* Take what one row says. */
static int take_told(struct told *t, const struct syc_row *row,
		     struct syc_err *err)
{
	uint32_t at = 0, n_prompt = 0;

	if (!row_of(&at, row, t->n) ||
	    !number_of(&n_prompt,
		       json_object_get(syc_row_json(row), "n_prompt"),
		       UINT32_MAX))
		return syc_fail(err, SYC_EINVAL,
				"has no acts and n_prompt of that file: "
				"give the rows of syc-rec");
	t->n_prompt[at] = n_prompt;
	t->id[at] = told_crc(row->id);
	return 0;
}

/* Where the answers of a file of n rows begin; it has one at least. */
int told_read(struct told *t, const struct syc_rows *from, uint64_t n,
		     struct syc_err *err)
{
	struct syc_rows rows = pairs_rows(from);
	struct syc_row *row;
	int ret;

	if (n <= SIZE_MAX / sizeof(uint32_t)) {
		t->n_prompt = malloc((size_t)n * sizeof(uint32_t));
		t->id = calloc((size_t)n, sizeof(uint32_t));
	}
	if (!t->n_prompt || !t->id)
		return syc_nomem(err);
	memset(t->n_prompt, 0xff, (size_t)n * sizeof(uint32_t));
	t->n = n;
	rows.keep_going = false;
	while ((ret = syc_rows_next(&rows, &row, err)) == 1) {
		ret = take_told(t, row, err);
		if (ret == SYC_EINVAL)
			ret = syc_rows_bad(&rows, err);
		syc_row_free(row);
		if (ret < 0)
			break;
	}
	syc_rows_done(&rows);
	return ret;
}

void told_free(struct told *t)
{
	free(t->n_prompt);
	free(t->id);
	*t = (struct told){ 0 };
}

/* The group of a row's pair, where it is one and not known yet: *done counts. */
static int take_group(struct syc_pairs *p, const struct syc_row *row,
		      unsigned char *seen, uint64_t *at, uint64_t *done,
		      struct syc_err *err)
{
	uint32_t number;
	int ret;

	if (!row_of(&number, row, 2 * (p->info.n + p->info.n_skipped)))
		return syc_fail(err, SYC_EINVAL,
				"has no acts: give the rows of syc-rec");
	ret = pairs_find_mark(p, at, number, err);
	if (ret < 1 || seen[*at])
		return ret < 0 ? ret : 0;
	*done += ++seen[*at];
	return pairs_put_row(p, *at, row, err);
}

/* The groups of the pairs, from the rows that were written with them. */
int pairs_read_groups(struct syc_pairs *p, const struct syc_rows *from,
		       struct syc_err *err)
{
	struct syc_rows rows = pairs_rows(from);
	unsigned char *seen = calloc((size_t)p->info.n, 1);
	struct syc_row *row;
	uint64_t done = 0, at = 0;
	int ret = seen ? 0 : syc_nomem(err);

	rows.keep_going = false;
	while (ret == 0 && (ret = syc_rows_next(&rows, &row, err)) == 1) {
		ret = take_group(p, row, seen, &at, &done, err);
		if (ret == SYC_EINVAL)
			ret = syc_rows_bad(&rows, err);
		syc_row_free(row);
	}
	if (ret == 0 && done != p->info.n)
		ret = syc_fail(err, SYC_EINVAL,
			       "%s: only %" PRIu64 " of %" PRIu64
			       " pairs have rows",
			       rows.paths[0], done, p->info.n);
	syc_rows_done(&rows);
	free(seen);
	return ret;
}
