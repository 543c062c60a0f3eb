/* SPDX-License-Identifier: MIT */
/* What steering does, beside random directions and messages. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "study/tables/tables.h"

#define NBSP "\302\240"

bool is_random(const json_t *setting)
{
	return text_is(setting, "kind", "random");
}

void put_setting(struct cells *c, const json_t *o)
{
	const double scale = number_of(o, "scale");

	if (text_is(o, "kind", "none")) {
		syc_buf_puts(cell(c), "unsteered\t\t\t");
	} else if (text_is(o, "kind", "prompt")) {
		syc_buf_puts(cell(c), "\342\200\234");
		put_text(c, text_of(o, "system"));
		syc_buf_puts(c->b, "\342\200\235\t\t\t");
	} else {
		cells_of(c, o, "vector:t layers:t");
		syc_say_operator(cell(c), text_of(o, "op"), scale);
		if (!json_is_true(json_object_get(o, "reached")))
			syc_buf_puts(c->b, " *");
		cell_number(c, scale, 3);
	}
}

/* An operator with its way, its layers and its vector. */
static void put_way(struct syc_buf *b, const json_t *o)
{
	syc_say_operator(b, text_of(o, "op"), number_of(o, "scale"));
	syc_buf_printf(b, "\n%s\n%s", text_of(o, "layers"),
		       text_of(o, "vector"));
}

static bool alike(struct syc_buf *out, const json_t *a, const json_t *b)
{
	struct syc_buf x = { 0 }, y = { 0 };
	bool same;

	put_way(&x, a);
	put_way(&y, b);
	same = x.data && y.data && strcmp(x.data, y.data) == 0;
	out->failed |= x.failed | y.failed;
	syc_buf_free(&x);
	syc_buf_free(&y);
	return same;
}

/* What random directions of equal length do at a setting's layers and operator. */
static void put_beside(struct syc_buf *b, const json_t *all, const json_t *o)
{
	double lo = NAN, hi = NAN;
	const json_t *r;
	size_t i;

	json_array_foreach(all, i, r) {
		if (!is_random(r) || !alike(b, r, o))
			continue;
		lo = fmin(lo, number_of(r, "change"));
		hi = fmax(hi, number_of(r, "change"));
	}
	if (isnan(lo))
		return;
	syc_say_signed(b, lo, 3);
	syc_buf_puts(b, NBSP "to" NBSP);
	syc_say_signed(b, hi, 3);
}

static bool any_random(const json_t *all)
{
	for (size_t i = 0; i < json_array_size(all); i++)
		if (is_random(json_array_get(all, i)))
			return true;
	return false;
}

/* The unsteered model has no change. */
static void cell_change(struct cells *c, const json_t *setting,
			const json_t *of)
{
	const struct syc_estimate change = estimate_of(of, "change");

	cell(c);
	if (!text_is(setting, "kind", "none"))
		syc_say_change(c->b, &change);
}

void put_steering(struct cells *c, const json_t *all)
{
	const bool beside = any_random(all);
	const json_t *o;
	size_t i;

	syc_buf_puts(cell(c), "vector\tlayers\toperator\tscale\tP(matching)");
	cell_text(c, "change");
	if (beside)
		cell_text(c, "random directions");
	cell_text(c, "change of the control");
	row_end(c);
	json_array_foreach(all, i, o) {
		if (is_random(o))
			continue;
		put_setting(c, o);
		cells_of(c, o, "p_match:3");
		cell_change(c, o, o);
		if (beside)
			put_beside(cell(c), all, o);
		cell_change(c, o, json_object_get(o, "control"));
		row_end(c);
	}
}
