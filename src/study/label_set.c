/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/label_set.h"

int syc_row_label(const struct syc_row *row, int8_t *label, struct syc_err *err)
{
	const json_t *v = json_object_get(syc_row_json(row), "label");
	const double x = json_number_value(v);

	*label = SYC_LABEL_UNDECIDED;
	if (!v)
		return syc_fail(err, SYC_EFORMAT, "no \"label\"");
	if (json_is_null(v))
		return 0;
	if (!json_is_number(v) || (x != 0 && x != 1))
		return syc_fail(err, SYC_EFORMAT,
				"\"label\" is not 1, 0 or null");
	*label = (int8_t)x;
	return 0;
}

static int by_row(const void *a, const void *b)
{
	const struct syc_labeled *p = a, *q = b;
	const int c = strcmp(p->id, q->id);

	if (c || p->sample != q->sample)
		return c ? c : p->sample < q->sample ? -1 : 1;
	if (p->key.a != q->key.a)
		return p->key.a < q->key.a ? -1 : 1;
	return (p->key.b > q->key.b) - (p->key.b < q->key.b);
}

static int add(struct syc_label_set *s, const struct syc_row *row, int8_t label,
	       struct syc_err *err)
{
	char *id = strdup(row->id);

	if (!id || !syc_grow(&s->row, &s->cap, s->n + 1, sizeof(*s->row))) {
		free(id);
		return syc_nomem(err);
	}
	s->row[s->n++] = (struct syc_labeled){
		id, row->sample < 0 ? 0 : row->sample, label, syc_row_key(row) };
	s->count[label == SYC_LABEL_UNDECIDED ? 2 : label]++;
	return 0;
}

int syc_label_set_read(struct syc_label_set *s, struct syc_rows *in,
		       const char *name, struct syc_err *err)
{
	struct syc_row *row;
	int8_t label;
	int ret;

	*s = (struct syc_label_set){ 0 };
	in->allow_duplicates = false;	/* which of the two would be compared? */
	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		ret = syc_row_label(row, &label, err);
		ret = ret < 0 ? syc_rows_bad(in, err)
			      : add(s, row, label, err);
		syc_row_free(row);
		if (ret < 0)
			break;
	}
	if (ret < 0)
		return ret;
	if (!s->n)
		return syc_fail(err, SYC_EFORMAT, "%.400s: no rows", name);
	qsort(s->row, s->n, sizeof(*s->row), by_row);
	return 0;
}

void syc_label_set_free(struct syc_label_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->row[i].id);
	free(s->row);
	free(s->common);
	*s = (struct syc_label_set){ 0 };
}

int syc_label_sets_join(struct syc_label_set *s, size_t n, size_t *n_common,
			struct syc_err *err)
{
	*n_common = 0;
	for (size_t k = 0; k < n; k++) {
		free(s[k].common);
		s[k].common = calloc(s[0].n + 1, sizeof(int8_t));
		if (!s[k].common)
			return syc_nomem(err);
	}
	for (size_t i = 0; i < s[0].n; i++) {
		size_t k = 0;

		for (; k < n; k++) {
			const struct syc_labeled *r =
				bsearch(&s[0].row[i], s[k].row, s[k].n,
					sizeof(*r), by_row);

			if (!r)
				break;
			s[k].common[*n_common] = r->label;
		}
		*n_common += k == n;
	}
	if (!*n_common)
		return syc_fail(err, SYC_EFORMAT,
			"the files have no row in common (by \"id\" and \"sample\")");
	return 0;
}

void syc_label_table(size_t count[3][3], const int8_t *x, const int8_t *y,
		     size_t n)
{
	memset(count, 0, 9 * sizeof(count[0][0]));
	for (size_t i = 0; i < n; i++)
		count[x[i] < 0 ? 2 : x[i]][y[i] < 0 ? 2 : y[i]]++;
}
