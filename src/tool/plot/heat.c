/* SPDX-License-Identifier: MIT */
/* Cosines of vectors, transfer between data sets, agreement of labels: shaded tables. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/plot/matrix.h"
#include "tool/plot/plot.h"

enum { MAX_SIDE = 4096, MAX_SETS = 64 };

/* The two vectors of a comparison, by their files' names; one when they are the same. */
static char *pair_name(const json_t *o, bool matrix)
{
	char *a = doc_stem(doc_text(o, "a")), *b = doc_stem(doc_text(o, "b")),
	     *name = NULL;

	if (a && b && matrix && strcmp(doc_text(o, "a"), doc_text(o, "b")) == 0)
		name = strdup(a);
	else if (a && b &&
		 asprintf(&name, "%s%s%s%s", a, matrix ? " (down), " : ", ", b,
			  matrix ? " (across)" : "") < 0)
		name = NULL;
	free(a);
	free(b);
	return name;
}

static int finish(struct matrices *s, int ret, struct gp *g,
		  struct syc_err *err)
{
	if (ret == 0)
		ret = matrix_draw(s, g, err);
	matrix_free(s);
	return ret;
}

static bool is_list(const json_t *list, size_t n)
{
	for (size_t k = 0; k < json_array_size(list); k++)
		if (!json_is_number(json_array_get(list, k)) &&
		    !json_is_null(json_array_get(list, k)))
			return false;
	return n && n <= MAX_SIDE && json_array_size(list) == n;
}

/* Rows of numbers or null, all equally long. */
static bool is_matrix(const json_t *m)
{
	const size_t rows = json_array_size(m),
		     cols = json_array_size(json_array_get(m, 0));

	for (size_t i = 0; i < rows; i++)
		if (!is_list(json_array_get(m, i), cols))
			return false;
	return rows && rows <= MAX_SIDE;
}

static void fill_row(struct matrix *m, size_t row, const json_t *list)
{
	for (size_t k = 0; k < m->cols; k++) {
		const json_t *v = json_array_get(list, k);

		m->value[row * m->cols + k] = json_is_number(v) ? json_number_value(v) : NAN;
	}
}

/* The cosines of all layers with all layers: a panel for a pair of vectors. */
static int add_between(struct matrices *s, const struct doc *d,
		       struct syc_err *err)
{
	const json_t *between = json_object_get(d->json, "between");
	struct matrix *m;
	char *title;

	if (!is_matrix(between))
		return fail(err, SYC_EFORMAT, "%s: not a matrix of cosines",
			    d->path ? d->path : "standard input");
	title = pair_name(d->json, true);
	if (!title)
		return fail_nomem(err);
	m = matrix_add(s, title, json_array_size(between),
		       json_array_size(json_array_get(between, 0)), false);
	for (size_t i = 0; m && i < m->rows; i++)
		fill_row(m, i, json_array_get(between, i));
	free(title);
	return 0;
}

/* The cosines at the same layer: a row for each pair, in one panel. */
static int add_pairs(struct matrices *s, const struct docs *d,
		     struct syc_err *err)
{
	size_t n = 0, most = 0, row = 0;
	struct matrix *m;

	for (size_t i = 0; i < d->n; i++) {
		const json_t *list = json_object_get(d->doc[i].json, "cosine");

		if (list && !is_list(list, json_array_size(list)))
			return fail(err, SYC_EFORMAT,
				    "%s: not a list of cosines",
				    d->doc[i].path ? d->doc[i].path :
						     "standard input");
		n += list != NULL;
		most = json_array_size(list) > most ? json_array_size(list) :
						      most;
	}
	if (n > MAX_SIDE)
		return fail(err, SYC_EINVAL,
			    "%zu pairs of vectors are more than %d", n,
			    MAX_SIDE);
	m = n ? matrix_add(s, "Cosine at the same layer", n, most, false) :
		NULL;
	for (size_t i = 0; m && i < d->n; i++) {
		const json_t *o = d->doc[i].json,
			     *list = json_object_get(o, "cosine");
		char *name = list ? pair_name(o, false) : NULL;

		if (!list)
			continue;
		matrix_name(s, &m->row_name, n, row, name ? name : "");
		fill_row(m, row++, list);
		s->bad |= !name;
		free(name);
	}
	return 0;
}

int plot_heat(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct matrices s = { .min = -1, .mid = 0, .max = 1, .ylabel = "layer", .scale = "cosine",
			      .xlabel = p->xlabel ? p->xlabel : "layer" };
	int ret = docs_are(&p->docs, DOC_COSINES, err);

	if (ret == 0)
		ret = add_pairs(&s, &p->docs, err);
	for (size_t i = 0; i < p->docs.n && ret == 0; i++)
		if (json_object_get(p->docs.doc[i].json, "between"))
			ret = add_between(&s, &p->docs.doc[i], err);
	return finish(&s, ret, g, err);
}

/* ---- transfer ------------------------------------------------------------------------ */

/* The number of a name among those before, or at the end. */
static size_t find(const char **names, size_t *n, const char *name)
{
	size_t i = 0;

	while (i < *n && strcmp(names[i], name) != 0)
		i++;
	if (i == *n && *n < MAX_SETS)
		names[(*n)++] = name;
	return i;
}

static void set_cell(struct matrix *m, size_t row, size_t col, const json_t *c,
		     const char *value, const char *lo, const char *hi)
{
	const size_t i = row * m->cols + col;

	m->value[i] = doc_number(c, value);
	m->lo[i] = doc_number(c, lo);
	m->hi[i] = doc_number(c, hi);
	m->star[i] = json_is_true(json_object_get(c, "cross_validated"));
}

/* A row's name is its set, and the layer chosen there with its sign. */
static void name_row(struct matrices *s, struct matrix *m, size_t row,
		     const json_t *c, bool multi)
{
	char layer[48] = ": all layers", *name;

	if (!multi)
		snprintf(layer, sizeof(layer), ": layer %.0f%s",
			 doc_number(c, "layer"),
			 doc_number(c, "sign") < 0 ? ", turned" : "");
	if (asprintf(&name, "%s%s", doc_text(c, "train"), layer) < 0) {
		s->bad = true;
		return;
	}
	matrix_name(s, &m->row_name, m->rows, row, name);
	free(name);
}

/* The cells of one vector and position, from list[from] on; where the next begins. */
static void add_transfer(struct matrices *s, const json_t *list,
			 const json_t *first, bool multi)
{
	const char *sets[MAX_SETS], *vector = doc_text(first, "vector"),
				    *position = doc_text(first, "position");
	size_t n = 0, i;
	struct matrix *m;
	const json_t *c;
	char *title;

	json_array_foreach(list, i, c) {
		find(sets, &n, doc_text(c, "train"));
		find(sets, &n, doc_text(c, "test"));
	}
	if (asprintf(&title, "%s, %s%s", vector, position,
		     multi ? ", all layers" : "") < 0) {
		s->bad = true;
		return;
	}
	m = matrix_add(s, title, n, n, true);
	free(title);
	json_array_foreach(list, i, c) {
		const size_t row = find(sets, &n, doc_text(c, "train")),
			     col = find(sets, &n, doc_text(c, "test"));

		if (!m || row >= n || col >= n ||
		    strcmp(doc_text(c, "vector"), vector) != 0 ||
		    strcmp(doc_text(c, "position"), position) != 0)
			continue;
		set_cell(m, row, col, c, multi ? "multi_auc" : "auc",
			 multi ? "multi_lo" : "auc_lo",
			 multi ? "multi_hi" : "auc_hi");
		name_row(s, m, row, c, multi);
	}
	for (i = 0; m && i < n; i++) {
		matrix_name(s, &m->row_name, n, i, sets[i]);
		matrix_name(s, &m->col_name, n, i, sets[i]);
	}
}

/* Whether a cell before this one is of its vector and position. */
static bool is_first(const json_t *list, size_t i)
{
	const json_t *c = json_array_get(list, i);

	for (size_t k = 0; k < i; k++) {
		const json_t *o = json_array_get(list, k);

		if (strcmp(doc_text(o, "vector"), doc_text(c, "vector")) == 0 &&
			strcmp(doc_text(o, "position"),
				doc_text(c, "position")) == 0)
			return false;
	}
	return true;
}

int plot_transfer(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct matrices s = {.min = 0,
			     .mid = 0.5,
			     .max = 1,
			     .ylabel = "",
			     .scale = "AUC in the set across (*: cross-validated)",
			     .xlabel = p->xlabel ? p->xlabel :
				"tested on (down: layer and direction chosen on)" };
	int ret = docs_are(&p->docs, DOC_TRANSFER, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const json_t *list = json_object_get(p->docs.doc[d].json, "transfer"), *c;
		size_t i;

		json_array_foreach(list, i, c) {
			if (!plot_wants(p, doc_text(c, "vector"),
					doc_text(c, "position")) ||
			    !is_first(list, i))
				continue;
			add_transfer(&s, list, c, false);
			if (json_object_get(c, "multi_auc"))
				add_transfer(&s, list, c, true);
		}
	}
	return finish(&s, ret, g, err);
}

/* ---- agreement ----------------------------------------------------------------------- */

static void add_agreement(struct matrices *s, const json_t *doc,
			  const char *title, const char *value, const char *lo,
			  const char *hi)
{
	const json_t *pairs = json_object_get(doc, "pairs"), *o;
	const char *sets[MAX_SETS];
	size_t n = 0, i;
	struct matrix *m;

	json_array_foreach(pairs, i, o) {
		find(sets, &n, doc_text(o, "a"));
		find(sets, &n, doc_text(o, "b"));
	}
	m = n ? matrix_add(s, title, n, n, true) : NULL;
	json_array_foreach(pairs, i, o) {
		const size_t a = find(sets, &n, doc_text(o, "a")),
			     b = find(sets, &n, doc_text(o, "b"));
		const json_t *k = json_object_get(o, "decided");

		if (m && a < n && b < n) {
			set_cell(m, a, b, k, value, lo, hi);
			set_cell(m, b, a, k, value, lo, hi);
		}
	}
	for (i = 0; m && i < n; i++) {
		matrix_name(s, &m->row_name, n, i, sets[i]);
		matrix_name(s, &m->col_name, n, i, sets[i]);
	}
}

int plot_agree(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct matrices s = {.min = -1,
			     .mid = 0,
			     .max = 1,
			     .ylabel = "",
			     .scale = "share of rows; kappa",
			     .xlabel = p->xlabel ? p->xlabel : ""};
	int ret = docs_are(&p->docs, DOC_AGREE, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const json_t *doc = p->docs.doc[d].json;

		add_agreement(&s, doc, "Labeled alike", "agree", "agree_lo",
			      "agree_hi");
		add_agreement(&s, doc, "Cohen's kappa (95 %)", "kappa",
			      "kappa_lo", "kappa_hi");
	}
	return finish(&s, ret, g, err);
}
