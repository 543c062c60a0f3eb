/* SPDX-License-Identifier: MIT */
/* Tables of what the vectors predict, and how alike they are. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/study/tables.h"

#define MINUS "\342\210\222"

/* ---- answers ----------------------------------------------------------- */

static int letters(struct study *s, struct cells *c, struct syc_err *err)
{
	row_text(
		c,
		"set\tquestions\tlabeled\tsycophantic\t"
		 "P(matching) as given\twith choices reversed\tP(A)");
	for (size_t i = 0; i < s->n_sets; i++) {
		struct syc_choice_rates l;
		int ret = study_choices(&l, &s->set[i], err);

		if (ret < 0)
			return ret;
		cell_text(c, s->set[i].name);
		syc_buf_printf(cell(c), "%zu\t%zu", l.n, l.n_labeled);
		syc_say_percent(cell(c), l.n_labeled
						 ? (double)l.n_sycophantic /
							   (double)l.n_labeled
						 : NAN);
		cell_number(c, l.given, 3);
		cell_number(c, l.reversed, 3);
		cell_number(c, l.letter_a, 3);
		row_end(c);
	}
	return 0;
}

/* ---- what the vectors predict ------------------------------------------ */

static const char *sign_of(const json_t *transfer)
{
	return doc_number(transfer, "sign") < 0 ? MINUS : "+";
}

static void predict_head(const struct study *s, struct cells *c)
{
	syc_buf_puts(cell(c), "vector\tlayer and sign");
	for (size_t i = 0; i < s->n_sets; i++) {
		cell_text(c, s->set[i].name);
		syc_buf_puts(&c->b, i == s->train ? " (cross-validated)" : "");
	}
	syc_buf_puts(cell(c), "random directions (95 %)\tp");
	row_end(c);
}

static void predict_row(const struct study *s, struct cells *c,
			const json_t *doc, const json_t *own,
			const json_t *fits)
{
	const char *train = s->set[s->train].name,
		   *vector = doc_text(own, "vector");
	const int layer = (int)doc_number(own, "layer");
	const json_t *at = fit_of(fits, vector, layer);

	cell_text(c, vector);
	syc_buf_printf(cell(c), "%d %s", layer, sign_of(own));
	for (size_t i = 0; i < s->n_sets; i++)
		cells_of(c, transfer_of(doc, vector, train, s->set[i].name),
			 "auc:e");
	syc_say_number(cell(c), doc_number(at, "null_lo"), 3);
	syc_buf_puts(&c->b, " to ");
	syc_say_number(&c->b, doc_number(at, "null_hi"), 3);
	cells_of(c, at, "null_p_max:p");
	row_end(c);
}

/* Each vector, its layer chosen on the set of the vectors, on every set. */
static int predict(struct study *s, struct cells *c, struct syc_err *err)
{
	const char *train = s->set[s->train].name;
	const json_t *doc, *fits, *own;
	size_t i;
	int ret = study_doc(s, DOC_SETS, &doc, err);

	if (ret == 0)
		ret = study_doc(s, DOC_ANSWERS, &fits, err);
	if (ret < 0)
		return ret;
	predict_head(s, c);
	json_array_foreach(json_object_get(doc, "transfer"), i, own)
		if (text_is(own, "train", train) && text_is(own, "test", train))
			predict_row(s, c, doc, own, fits);
	return 0;
}

static int matrix(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *doc;
	int ret = study_doc(s, DOC_SETS, &doc, err);

	if (ret < 0)
		return ret;
	syc_buf_puts(cell(c), "layer chosen on");
	for (size_t i = 0; i < s->n_sets; i++)
		syc_buf_printf(cell(c), "tested on %s", s->set[i].name);
	row_end(c);
	for (size_t k = 0; k < s->n_sets; k++) {
		const char *from = s->set[k].name;
		const json_t *own = transfer_of(doc, "mean", from, from);

		cell_text(c, from);
		if (own)
			syc_buf_printf(&c->b, ", layer %d %s",
				       (int)doc_number(own, "layer"),
				       sign_of(own));
		for (size_t i = 0; i < s->n_sets; i++) {
			cells_of(c,
				 transfer_of(doc, "mean", from, s->set[i].name),
				 "auc:e");
			syc_buf_puts(&c->b, i == k && own ? " *" : "");
		}
		row_end(c);
	}
	return 0;
}

static int calibration(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *doc, *t;
	size_t i;
	int ret = study_doc(s, DOC_SETS, &doc, err);

	row_text(
		c,
		"fitted on\ttested on\tBrier score\t"
		 "gain over the base rate\tslope\tintercept");
	json_array_foreach(json_object_get(doc, "transfer"), i, t) {
		if (!text_is(t, "vector", "mean"))
			continue;
		cell_text(c, doc_text(t, "train"));
		cell_text(c, doc_text(t, "test"));
		syc_buf_puts(&c->b,
			     json_is_true(json_object_get(t, "cross_validated"))
				     ? " *"
				     : "");
		cells_of(
			c, t,
			"brier:3 brier_skill:% calibration_slope:3 calibration_intercept:3");
		row_end(c);
	}
	return ret;
}

static int confounds(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *doc, *at, *o;
	size_t i;
	int ret = study_doc(s, DOC_HELD, &doc, err);

	row_text(
		c,
		"held fixed\tAUC alone\tAUC within equal values\t"
		 "log odds per SD, alone\tbeside it\tp");
	at = fit_of(doc, "mean", s->layer);
	json_array_foreach(json_object_get(at, "confounds"), i, o) {
		const struct syc_estimate within = within_of(o);

		cell_text(c, doc_text(o, "field"));
		cells_of(c, at, "auc:e");
		syc_say_estimate(cell(c), &within, 3);
		cells_of(c, o, "slope_alone:3 slope:e p:p");
		row_end(c);
	}
	return ret;
}

/* ---- vectors among each other ------------------------------------------ */

static bool is_file_of(const json_t *o, const char *key, const char *vector)
{
	char *file = text_new("%s.gguf", vector);
	const bool same = text_is(o, key, file);

	free(file);
	return same;
}

double cosine_of(const struct study *s, const char *a, const char *b)
{
	const struct docs *d = &s->doc[DOC_LIKE];
	double x = NAN;

	for (size_t i = 0; i < d->n; i++) {
		const json_t *o = d->doc[i].json;
		const json_t *v = json_array_get(json_object_get(o, "cosine"),
						 (size_t)s->layer);

		if (is_file_of(o, "a", a) && is_file_of(o, "b", b) &&
		    json_is_number(v))
			x = json_number_value(v);
	}
	return x;
}

/* Cosines of all pairs at a layer, as a triangle. */
static int methods(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *doc;
	int ret = study_doc(s, DOC_LIKE, &doc, err);

	cell_text(c, "vector");
	for (size_t i = 0; i + 1 < s->n_vectors; i++)
		cell_text(c, s->vector[i]);
	row_end(c);
	for (size_t k = 1; k < s->n_vectors; k++) {
		cell_text(c, s->vector[k]);
		for (size_t i = 0; i + 1 < s->n_vectors; i++) {
			if (i < k)
				cell_number(c,
					    cosine_of(s, s->vector[i],
						      s->vector[k]),
					    3);
			else
				cell_text(c, "");
		}
		row_end(c);
	}
	return ret;
}

static const char *what_compared(const json_t *o)
{
	static const char *const words[][2] = {
		{ "halves", "two halves of the pairs, method " },
		{ "bootstrap", "pairs drawn again, with all, method " },
		{ "number", "so many of the pairs, with all: " },
		{ "method", "the first method with " },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(o, "what", words[i][0]))
			return words[i][1];
	return "";
}

static int stability(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *first;
	int ret = study_doc(s, DOC_STABLE, &first, err);

	row_text(c, "compared\tpairs\tdraws\tcosine");
	for (size_t i = 0; i < s->doc[DOC_STABLE].n; i++) {
		const json_t *o = s->doc[DOC_STABLE].doc[i].json;
		const struct syc_estimate cosine = stable_of(o);

		cell_text(c, what_compared(o));
		syc_buf_puts(&c->b, doc_text(o, "setting"));
		cells_of(c, o, "pairs:0 draws:0");
		syc_say_estimate(cell(c), &cosine, 3);
		row_end(c);
	}
	return ret;
}

/* The document's lines with their numbers in full. */
static int stability_all(struct study *s, struct cells *c, struct syc_err *err)
{
	static const char columns[] =
		"layer\twhat\tsetting\tpairs\tdraws\tcosine\tlo\thi";
	const json_t *first;
	int ret = study_doc(s, DOC_STABLE, &first, err);

	row_text(c, columns);
	for (size_t i = 0; i < s->doc[DOC_STABLE].n; i++)
		row_members(c, s->doc[DOC_STABLE].doc[i].json, columns);
	return ret;
}

int study_tables(struct study *s, struct syc_err *err)
{
	static const struct {
		const char *file;
		table_fn *fn;
	} all[] = {
		{ "letters.tsv", letters },
		{ "predict.tsv", predict },
		{ "matrix.tsv", matrix },
		{ "calibration.tsv", calibration },
		{ "confounds.tsv", confounds },
		{ "methods.tsv", methods },
		{ "stability.all.tsv", stability_all },
		{ "stability.tsv", stability },
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && ret == 0; i++)
		ret = table_make(s, all[i].file, all[i].fn, err);
	return ret;
}
