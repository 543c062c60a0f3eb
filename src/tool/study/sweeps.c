/* SPDX-License-Identifier: MIT */
/* Tables of what steering does, and what it costs. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/study/tables.h"

#define NBSP "\302\240"

/* The first column of syc-sweep --tsv, and all others. */
static const char columns[] =
	"kind\tvector\tdraw\tlayers\top\tscale\treached\tp_match\tchange\tchange_lo\tchange_hi\t"
	"chosen\tchosen_change\tchosen_change_lo\tchosen_change_hi\twrong_way\tkl\ttext_kl\t"
	"perplexity\trepetition\tcontrol_p_match\tcontrol_change\tcontrol_change_lo\t"
	"control_change_hi\tcontrol_chosen\tcontrol_chosen_change\tcontrol_chosen_change_lo\t"
	"control_chosen_change_hi\tcontrol_wrong_way";

static int settings_of(struct study *s, enum study_doc which,
		       const json_t **all, struct syc_err *err)
{
	const json_t *doc;
	int ret = study_doc(s, which, &doc, err);

	*all = json_object_get(doc, "settings");
	return ret;
}

static int raw(struct study *s, struct cells *c, enum study_doc which,
	       struct syc_err *err)
{
	const json_t *all, *o;
	size_t i;
	int ret = settings_of(s, which, &all, err);

	if (ret < 0)
		return ret;
	row_text(c, columns);
	json_array_foreach(all, i, o)
		row_members(c, o, columns);
	return 0;
}

static int raw_equal(struct study *s, struct cells *c, struct syc_err *err)
{
	return raw(s, c, DOC_EQUAL, err);
}

static int raw_methods(struct study *s, struct cells *c, struct syc_err *err)
{
	return raw(s, c, DOC_ALL, err);
}

/* The vector or system message, and where and how it steers. */
static void put_setting(struct cells *c, const json_t *o)
{
	if (text_is(o, "kind", "none")) {
		syc_buf_puts(cell(c), "unsteered\t\t\t");
	} else if (text_is(o, "kind", "prompt")) {
		cell_text(c, "\342\200\234");
		syc_buf_printf(&c->b, "%s\342\200\235\t\t\t",
			       doc_text(o, "system"));
	} else {
		cell_text(c, doc_text(o, "vector"));
		cell_text(c, doc_text(o, "layers"));
		syc_say_operator(cell(c), doc_text(o, "op"),
				 doc_number(o, "scale"));
		syc_buf_puts(&c->b, json_is_true(json_object_get(o, "reached"))
					    ? ""
					    : " *");
		cell_number(c, doc_number(o, "scale"), 3);
	}
}

/* The same vector, layers, operator and way. */
static bool alike(const json_t *a, const json_t *b)
{
	struct syc_buf x = { 0 }, y = { 0 };
	bool same;

	syc_say_operator(&x, doc_text(a, "op"), doc_number(a, "scale"));
	syc_say_operator(&y, doc_text(b, "op"), doc_number(b, "scale"));
	same = x.data && y.data && strcmp(x.data, y.data) == 0 &&
	       text_is(a, "vector", doc_text(b, "vector")) &&
	       text_is(a, "layers", doc_text(b, "layers"));
	syc_buf_free(&x);
	syc_buf_free(&y);
	return same;
}

/* What random directions of equal length do at a setting's layers and operator. */
static void put_beside(struct syc_buf *b, const json_t *all, const json_t *o)
{
	double lo = NAN, hi = NAN;

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *r = json_array_get(all, i);

		if (!text_is(r, "kind", "random") || !alike(r, o))
			continue;
		lo = fmin(lo, doc_number(r, "change"));
		hi = fmax(hi, doc_number(r, "change"));
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
		if (text_is(json_array_get(all, i), "kind", "random"))
			return true;
	return false;
}

static void steering_row(struct cells *c, const json_t *all, const json_t *o,
			 bool any)
{
	const struct syc_estimate change = estimate(o, "change");
	const struct syc_estimate control =
		estimate(json_object_get(o, "control"), "change");
	const bool base = text_is(o, "kind", "none");

	put_setting(c, o);
	cell_number(c, doc_number(o, "p_match"), 3);
	cell(c);
	if (!base)
		syc_say_change(&c->b, &change);
	if (any)
		put_beside(cell(c), all, o);
	cell(c);
	if (!base)
		syc_say_change(&c->b, &control);
	row_end(c);
}

static int steering(struct study *s, struct cells *c, enum study_doc which,
		    struct syc_err *err)
{
	const json_t *all;
	int ret = settings_of(s, which, &all, err);
	const bool any = any_random(all);

	if (ret < 0)
		return ret;
	row_text(
		c,
		any ? "vector\tlayers\toperator\tscale\tP(matching)\tchange\t"
		      "random directions\tchange of the control"
		    : "vector\tlayers\toperator\tscale\tP(matching)\tchange\t"
		      "change of the control");
	for (size_t i = 0; i < json_array_size(all); i++)
		if (!text_is(json_array_get(all, i), "kind", "random"))
			steering_row(c, all, json_array_get(all, i), any);
	return 0;
}

static int steering_equal(struct study *s, struct cells *c, struct syc_err *err)
{
	return steering(s, c, DOC_EQUAL, err);
}

static int steering_methods(struct study *s, struct cells *c,
			    struct syc_err *err)
{
	return steering(s, c, DOC_ALL, err);
}

static int cost(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *all, *o;
	size_t i;
	int ret = settings_of(s, DOC_EQUAL, &all, err);

	if (ret < 0)
		return ret;
	row_text(
		c,
		"vector\tlayers\toperator\tscale\tmoves the wrong way\t"
		 "KL\tKL on the text\tits perplexity\t"
		"repeated");
	json_array_foreach(all, i, o) {
		if (text_is(o, "kind", "random"))
			continue;
		put_setting(c, o);
		cells_of(
			c, o,
			"wrong_way:% kl:4 text_kl:3 perplexity:2 repetition:%");
		row_end(c);
	}
	return 0;
}

int study_sweep_tables(struct study *s, struct syc_err *err)
{
	int ret = table_make(s, "sweep.tsv", raw_equal, err);

	if (ret == 0)
		ret = table_make(s, "sweep-methods.tsv", raw_methods, err);
	if (ret == 0)
		ret = table_make(s, "steering.tsv", steering_equal, err);
	if (ret == 0)
		ret = table_make(s, "cost.tsv", cost, err);
	return ret < 0 ? ret
		       : table_make(s, "steering-methods.tsv", steering_methods,
				    err);
}
