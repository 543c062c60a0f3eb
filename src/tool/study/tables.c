/* SPDX-License-Identifier: MIT */
/* Tables of what the vectors predict, and how alike they are. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/study/tables.h"

#define MINUS "\342\210\222"

/* ---- cells ---------------------------------------------------------------------- */

struct syc_buf *cell(struct cells *c)
{
	if (c->begun)
		syc_buf_puts(&c->b, "\t");
	c->begun = true;
	return &c->b;
}

void cell_text(struct cells *c, const char *text)
{
	size_t from;

	cell(c);
	from = c->b.len;
	syc_buf_puts(&c->b, text);
	/* Names come from files: no byte of them may break the table. */
	for (size_t i = from; i < c->b.len; i++)
		if ((unsigned char)c->b.data[i] < ' ' || c->b.data[i] == 127)
			c->b.data[i] = '?';
}

void cell_number(struct cells *c, double x, int digits)
{
	struct syc_buf word = { 0 };

	syc_say_number(&word, x, digits);
	if (word.data && strncmp(word.data, MINUS, strlen(MINUS)) == 0)
		syc_buf_printf(cell(c), "-%s", word.data + strlen(MINUS));
	else
		syc_buf_puts(cell(c), word.data ? word.data : "");
	syc_buf_free(&word);
}

void cell_percent(struct cells *c, double x)
{
	syc_say_percent(cell(c), x);
}

void cell_estimate(struct cells *c, const struct syc_estimate *e)
{
	syc_say_estimate(cell(c), e, 3);
}

void cells_texts(struct cells *c, const char *texts)
{
	syc_buf_puts(cell(c), texts);
}

void row_end(struct cells *c)
{
	syc_buf_puts(&c->b, "\n");
	c->begun = false;
}

static void cell_member(struct cells *c, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_string(v))
		cell_text(c, json_string_value(v));
	else if (json_is_boolean(v))
		cell_text(c, json_is_true(v) ? "1" : "0");
	else if (json_is_number(v))
		syc_buf_printf(cell(c), "%.9g", json_number_value(v));
	else
		cell_text(c, "NA");
}

void cells_members(struct cells *c, const json_t *o, const char *columns)
{
	while (*columns) {
		const size_t n = strcspn(columns, "\t");
		char *key = text_new("%.*s", (int)n, columns);
		const json_t *control = json_object_get(o, "control");

		if (control && strncmp(key, "control_", 8) == 0)
			cell_member(c, control, key + 8);
		else if (strcmp(key, "vector") == 0 && json_object_get(o, "system"))
			cell_member(c, o, "system");
		else
			cell_member(c, o, key);
		free(key);
		columns += n + (columns[n] == '\t');
	}
	row_end(c);
}

int table_make(struct study *s, const char *file, table_fn *fn, struct syc_err *err)
{
	struct cells c = { 0 };
	int ret;

	if (is_there(file))
		return 0;
	ret = fn(s, &c, err);
	if (ret == 0)
		ret = write_file(file, &c.b, err);
	syc_buf_free(&c.b);
	return ret;
}

/* ---- answers --------------------------------------------------------------------- */

static int letters(struct study *s, struct cells *c, struct syc_err *err)
{
	cells_texts(c, "set\tquestions\tlabeled\tsycophantic\tP(matching) as given\twith choices reversed\tP(A)");
	row_end(c);
	for (size_t i = 0; i < s->n_sets; i++) {
		struct letters l;
		int ret = rows_letters(&l, &s->set[i], err);

		if (ret < 0)
			return ret;
		cell_text(c, s->set[i].name);
		syc_buf_printf(cell(c), "%zu", l.n);
		syc_buf_printf(cell(c), "%zu", l.n_labeled);
		cell_percent(c, l.n_labeled ? (double)l.n_sycophantic / (double)l.n_labeled : NAN);
		cell_number(c, l.given, 3);
		cell_number(c, l.reversed, 3);
		cell_number(c, l.a, 3);
		row_end(c);
	}
	return 0;
}

/* ---- what the vectors predict ------------------------------------------------------- */

static const char *sign_of(const json_t *cell_of)
{
	return doc_number(cell_of, "sign") < 0 ? MINUS : "+";
}

static void cell_area(struct cells *c, const json_t *transfer, const char *behind)
{
	const struct syc_estimate auc = estimate(transfer, "auc");

	cell_estimate(c, &auc);
	syc_buf_puts(&c->b, behind);
}

static void predict_head(const struct study *s, struct cells *c)
{
	cells_texts(c, "vector\tlayer and sign");
	for (size_t i = 0; i < s->n_sets; i++) {
		cell_text(c, s->set[i].name);
		syc_buf_puts(&c->b, i == s->train ? " (cross-validated)" : "");
	}
	cells_texts(c, "random directions (95 %)\tp");
	row_end(c);
}

static void predict_row(const struct study *s, struct cells *c, const json_t *doc, const json_t *own,
			const json_t *fits)
{
	const char *train = s->set[s->train].name, *vector = doc_text(own, "vector");
	const int layer = (int)doc_number(own, "layer");
	const json_t *at = fit_of(fits, vector, layer);

	cell_text(c, vector);
	syc_buf_printf(cell(c), "%d %s", layer, sign_of(own));
	for (size_t i = 0; i < s->n_sets; i++)
		cell_area(c, transfer_of(doc, vector, train, s->set[i].name), "");
	syc_say_number(cell(c), doc_number(at, "null_lo"), 3);
	syc_buf_puts(&c->b, " to ");
	syc_say_number(&c->b, doc_number(at, "null_hi"), 3);
	syc_say_p(cell(c), doc_number(at, "null_p_max"));
	row_end(c);
}

/* Each vector, its layer chosen on the set of the vectors, on every set. */
static int predict(struct study *s, struct cells *c, struct syc_err *err)
{
	const char *train = s->set[s->train].name;
	const json_t *doc, *fits, *all;
	int ret = study_doc(s, DOC_SETS, &doc, err);

	if (ret == 0)
		ret = study_doc(s, DOC_ANSWERS, &fits, err);
	if (ret < 0)
		return ret;
	predict_head(s, c);
	all = json_object_get(doc, "transfer");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *own = json_array_get(all, i);

		if (text_is(own, "train", train) && text_is(own, "test", train))
			predict_row(s, c, doc, own, fits);
	}
	return 0;
}

static int matrix(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *doc;
	int ret = study_doc(s, DOC_SETS, &doc, err);

	if (ret < 0)
		return ret;
	cells_texts(c, "layer chosen on");
	for (size_t i = 0; i < s->n_sets; i++)
		syc_buf_printf(cell(c), "tested on %s", s->set[i].name);
	row_end(c);
	for (size_t k = 0; k < s->n_sets; k++) {
		const char *from = s->set[k].name;
		const json_t *own = transfer_of(doc, "mean", from, from);

		cell_text(c, from);
		if (own)
			syc_buf_printf(&c->b, ", layer %d %s", (int)doc_number(own, "layer"), sign_of(own));
		for (size_t i = 0; i < s->n_sets; i++)
			cell_area(c, transfer_of(doc, "mean", from, s->set[i].name), i == k && own ? " *" : "");
		row_end(c);
	}
	return 0;
}

static int calibration(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *doc, *all;
	int ret = study_doc(s, DOC_SETS, &doc, err);

	if (ret < 0)
		return ret;
	cells_texts(c, "fitted on\ttested on\tBrier score\tgain over the base rate\tslope\tintercept");
	row_end(c);
	all = json_object_get(doc, "transfer");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i);

		if (!text_is(t, "vector", "mean"))
			continue;
		cell_text(c, doc_text(t, "train"));
		cell_text(c, doc_text(t, "test"));
		syc_buf_puts(&c->b, json_is_true(json_object_get(t, "cross_validated")) ? " *" : "");
		cell_number(c, doc_number(t, "brier"), 3);
		cell_percent(c, doc_number(t, "brier_skill"));
		cell_number(c, doc_number(t, "calibration_slope"), 3);
		cell_number(c, doc_number(t, "calibration_intercept"), 3);
		row_end(c);
	}
	return 0;
}

static void confounds_row(struct cells *c, const json_t *o, const struct syc_estimate *alone)
{
	const struct syc_estimate within = estimate_of(o, "within_auc", "within_lo", "within_hi");
	const struct syc_estimate slope = estimate(o, "slope");

	cell_text(c, doc_text(o, "field"));
	cell_estimate(c, alone);
	cell_estimate(c, &within);
	cell_number(c, doc_number(o, "slope_alone"), 3);
	cell_estimate(c, &slope);
	syc_say_p(cell(c), doc_number(o, "p"));
	row_end(c);
}

static int confounds(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *doc, *at, *all;
	int ret = study_doc(s, DOC_HELD, &doc, err);
	struct syc_estimate alone;

	if (ret < 0)
		return ret;
	cells_texts(c, "held fixed\tAUC alone\tAUC within equal values\tlog odds per SD, alone\tbeside it\tp");
	row_end(c);
	at = fit_of(doc, "mean", s->layer);
	all = json_object_get(at, "confounds");
	alone = estimate(at, "auc");
	for (size_t i = 0; i < json_array_size(all); i++)
		confounds_row(c, json_array_get(all, i), &alone);
	return 0;
}

/* ---- vectors among each other --------------------------------------------------------- */

double cosine_of(const struct study *s, const char *a, const char *b)
{
	const struct docs *d = &s->doc[DOC_LIKE];
	double x = NAN;

	for (size_t i = 0; i < d->n; i++) {
		const json_t *o = d->doc[i].json, *all = json_object_get(o, "cosine");
		const char *first = doc_text(o, "a"), *second = doc_text(o, "b");
		const json_t *v = json_array_get(all, (size_t)s->layer);

		if (strncmp(first, a, strlen(a)) == 0 && strcmp(first + strlen(a), ".gguf") == 0 &&
		    strncmp(second, b, strlen(b)) == 0 && strcmp(second + strlen(b), ".gguf") == 0 &&
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

	if (ret < 0)
		return ret;
	cells_texts(c, "vector");
	for (size_t i = 0; i + 1 < s->n_vectors; i++)
		cell_text(c, s->vector[i]);
	row_end(c);
	for (size_t k = 1; k < s->n_vectors; k++) {
		cell_text(c, s->vector[k]);
		for (size_t i = 0; i + 1 < s->n_vectors; i++) {
			if (i < k)
				cell_number(c, cosine_of(s, s->vector[i], s->vector[k]), 3);
			else
				cell_text(c, "");
		}
		row_end(c);
	}
	return 0;
}

static const char *what_compared(const char *what)
{
	static const char *const words[][2] = {
		{ "halves", "two halves of the pairs, method " },
		{ "bootstrap", "pairs drawn again, with all, method " },
		{ "number", "so many of the pairs, with all: " },
		{ "method", "the first method with " },
		{ "position", "the first position with " },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(what, words[i][0]) == 0)
			return words[i][1];
	return "";
}

static int stability(struct study *s, struct cells *c, struct syc_err *err)
{
	const json_t *first;
	int ret = study_doc(s, DOC_STABLE, &first, err);

	if (ret < 0)
		return ret;
	cells_texts(c, "compared\tpairs\tdraws\tcosine");
	row_end(c);
	for (size_t i = 0; i < s->doc[DOC_STABLE].n; i++) {
		const json_t *o = s->doc[DOC_STABLE].doc[i].json;
		const struct syc_estimate cosine = estimate_of(o, "cosine", "lo", "hi");

		cell_text(c, what_compared(doc_text(o, "what")));
		syc_buf_puts(&c->b, doc_text(o, "setting"));
		cell_number(c, doc_number(o, "pairs"), 0);
		cell_number(c, doc_number(o, "draws"), 0);
		cell_estimate(c, &cosine);
		row_end(c);
	}
	return 0;
}

/* The document's lines with their numbers in full. */
static int stability_all(struct study *s, struct cells *c, struct syc_err *err)
{
	static const char columns[] = "layer\twhat\tsetting\tpairs\tdraws\tcosine\tlo\thi";
	const json_t *first;
	int ret = study_doc(s, DOC_STABLE, &first, err);

	if (ret < 0)
		return ret;
	cells_texts(c, columns);
	row_end(c);
	for (size_t i = 0; i < s->doc[DOC_STABLE].n; i++)
		cells_members(c, s->doc[DOC_STABLE].doc[i].json, columns);
	return 0;
}

int study_tables(struct study *s, struct syc_err *err)
{
	static const struct {
		const char *file;
		table_fn *fn;
	} all[] = {
		{ "letters.tsv", letters }, { "predict.tsv", predict }, { "matrix.tsv", matrix },
		{ "calibration.tsv", calibration }, { "confounds.tsv", confounds },
		{ "methods.tsv", methods }, { "stability.all.tsv", stability_all },
		{ "stability.tsv", stability },
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && ret == 0; i++)
		ret = table_make(s, all[i].file, all[i].fn, err);
	return ret;
}
