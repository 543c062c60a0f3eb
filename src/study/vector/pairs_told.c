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
#include "syc/score.h"

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

/* Where the file has a row: SYC_EINVAL, saying what is wanted, where it has not. */
static int place_of(struct syc_acts_place *at, const struct syc_row *row,
		    struct syc_acts *a, const char *wanted, struct syc_err *err)
{
	const uint64_t n = syc_acts_info(a)->n_rows;

	if (syc_score_acts(row, at, NULL) < 0 || at->row >= n || n > UINT32_MAX)
		return syc_fail(err, SYC_EINVAL, "has no %s", wanted);
	return syc_acts_check_row(a, at, err);
}

/* Take what one row says. */
static int take_told(struct told *t, const struct syc_row *row,
		     struct syc_acts *a, struct syc_err *err)
{
	static const char wanted[] =
		"acts and n_prompt of that file: give the rows of syc-rec";
	struct syc_acts_place at;
	uint32_t n_prompt = 0;
	int ret = place_of(&at, row, a, wanted, err);

	if (ret < 0)
		return ret;
	if (!number_of(&n_prompt, json_object_get(syc_row_json(row), "n_prompt"),
		       UINT32_MAX))
		return syc_fail(err, SYC_EINVAL, "has no %s", wanted);
	t->n_prompt[at.row] = n_prompt;
	return 0;
}

int told_read(struct told *t, const struct syc_rows *from, struct syc_acts *a,
	      struct syc_err *err)
{
	const uint64_t n = syc_acts_info(a)->n_rows;
	struct syc_rows rows = pairs_rows(from);
	struct syc_row *row;
	int ret;

	if (n <= SIZE_MAX / sizeof(uint32_t))
		t->n_prompt = malloc((size_t)n * sizeof(uint32_t));
	if (!t->n_prompt)
		return syc_nomem(err);
	memset(t->n_prompt, 0xff, (size_t)n * sizeof(uint32_t));
	t->n = n;
	rows.keep_going = false;
	while ((ret = syc_rows_next(&rows, &row, err)) == 1) {
		ret = take_told(t, row, a, err);
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
	*t = (struct told){ 0 };
}

/* The group of a row's pair, where it is one and not known yet: *done counts. */
static int take_group(struct syc_pairs *p, const struct syc_row *row,
		      struct syc_acts *a, unsigned char *seen, uint64_t *at, uint64_t *done,
		      struct syc_err *err)
{
	struct syc_acts_place place;
	int ret = place_of(&place, row, a, "acts: give the rows of syc-rec", err);

	if (ret < 0)
		return ret;
	ret = pairs_find_mark(p, at, (uint32_t)place.row, err);
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
	struct syc_acts *a = NULL;
	uint64_t done = 0, at = 0;
	int ret = seen ? syc_acts_open(&a, p->first, err) : syc_nomem(err);

	rows.keep_going = false;
	while (ret == 0 && (ret = syc_rows_next(&rows, &row, err)) == 1) {
		ret = take_group(p, row, a, seen, &at, &done, err);
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
	syc_acts_close(a);
	free(seen);
	return ret;
}
