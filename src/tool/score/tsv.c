/* SPDX-License-Identifier: MIT */
/* Scores as a table: what says which row it is, its label, and one score a line. */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include "tool/score/score.h"

void score_tsv_head(struct sheet *o)
{
	put(o, "id\tparent\tsample\torder\tanswer\tlabel\tvector\tposition\tlayer\tscore\n");
}

static void put_text(struct sheet *o, const struct syc_row *row, const char *key)
{
	const char *s = json_string_value(json_object_get(syc_row_json(row), key));

	put(o, "\t");
	put_name(o, s ? s : "NA");
}

static void put_parent(struct sheet *o, const struct syc_row *row, struct syc_buf *text)
{
	size_t n = 0;
	const char *parent = syc_row_parent(row, &n);

	text->len = 0;
	if (syc_buf_add(text, parent ? parent : "NA", parent ? n : 2) < 0)
		o->bad = true;
	else
		put_name(o, text->data);
}

/* What all lines of a row begin with. */
static void row_cells(struct sheet *o, const struct syc_row *row, struct syc_buf *text)
{
	const json_t *label = json_object_get(syc_row_json(row), "label");

	put_name(o, row->id);
	put(o, "\t");
	put_parent(o, row, text);
	put(o, "\t%d", row->sample < 0 ? 0 : row->sample);
	put_text(o, row, "order");
	put_text(o, row, "answer");
	tsv_num(o, json_is_number(label) ? json_number_value(label) : NAN);
}

static void score_line(struct sheet *o, const struct syc_buf *begin, const char *vector,
		       unsigned position, uint32_t layer, double x)
{
	put(o, "%s\t", begin->data);
	put_name(o, vector);
	put(o, "\t%s\t%" PRIu32 "\t", syc_position_name(position), layer);
	if (isfinite(x))
		put(o, "%.9g\n", x);
	else
		put(o, "NA\n");
}

void score_tsv(struct sheet *o, const struct syc_row *row, char *const *name, size_t n,
	       const struct syc_row_scores *r)
{
	struct syc_buf begin = { 0 }, text = { 0 };
	struct sheet cells = { .b = &begin, .form = SHEET_TSV };

	row_cells(&cells, row, &text);
	o->bad |= cells.bad;
	for (size_t i = 0; i < n && !o->bad; i++)
		for (unsigned p = 0; p < SYC_POSITION_ALL; p++)
			for (size_t k = 0; k < r->n_layers && r->positions >> p & 1; k++)
				score_line(o, &begin, name[i], p, r->layer[k],
					   r->score[p][i * r->n_layers + k]);
	syc_buf_free(&begin);
	syc_buf_free(&text);
}
