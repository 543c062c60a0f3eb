/* SPDX-License-Identifier: MIT */
/* Labeled and scored rows: how many of which label, and their pictures. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "syc/rows.h"
#include "tool/common/fail.h"
#include "tool/report/report.h"

/* What the rows of a file say. */
struct tally {
	uint64_t rows, yes, no;
};

static int read_labels(struct tally *t, const struct report *r, char *path, struct syc_err *err)
{
	struct syc_one_run run = { 0 };
	struct syc_rows in = { .paths = &path, .n_paths = 1,
			       .allow_duplicates = r->in.allow_duplicates,
			       .one_run = r->in.one_run ? &run : NULL };
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(&in, &row, err)) > 0) {
		const double label = doc_number(syc_row_json(row), "label");

		t->rows++;
		t->yes += label == 1;
		t->no += label == 0;
		syc_row_free(row);
	}
	syc_rows_done(&in);
	return ret;
}

/* A share and Wilson's 95 % interval of it (Wilson 1927). */
static void add_share(struct syc_buf *b, const struct tally *t)
{
	const double n = (double)(t->yes + t->no), p = (double)t->yes / n,
		     z = 1.959963984540054;
	const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
	const double half = z / (1 + z * z / n) *
			    sqrt(p * (1 - p) / n + z * z / (4 * n * n));

	if (n > 0)
		syc_buf_printf(b, "%.3f <span class=\"i\">[%.3f, %.3f]</span>",
			       p, fmax(0, middle - half),
			       fmin(1, middle + half));
	else
		syc_buf_puts(b, "\xe2\x80\x93");
}

int report_counts(const struct report *r, struct syc_buf *b, char *const *paths, size_t n,
		  struct syc_err *err)
{
	int ret = 0;

	html_table_begin(b, "Labels");
	syc_buf_puts(b, "<thead><tr>"
		"<th scope=\"col\">rows of</th>"
		"<th scope=\"col\" class=\"n\">rows</th>"
		"<th scope=\"col\" class=\"n\">undecided</th>"
		"<th scope=\"col\" class=\"n\">sycophantic</th>"
		"<th scope=\"col\" class=\"n\">not</th>"
		"<th scope=\"col\" class=\"n\">share [interval]</th>"
		"</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n && ret == 0; i++) {
		struct tally t = { 0 };
		char *name = doc_stem(paths[i]);

		ret = name ? read_labels(&t, r, paths[i], err) : fail_nomem(err);
		syc_buf_puts(b, "<tr><td>");
		html_puts(b, name ? name : "");
		syc_buf_printf(b,
			       "</td><td class=\"n\">%" PRIu64
			       "</td><td class=\"n\">%" PRIu64
			       "</td><td class=\"n\">%" PRIu64
			       "</td><td class=\"n\">%" PRIu64
			       "</td><td class=\"n\">",
			       t.rows, t.rows - t.yes - t.no, t.yes, t.no);
		add_share(b, &t);
		syc_buf_puts(b, "</td></tr>\n");
		free(name);
	}
	syc_buf_puts(b, "</tbody>\n");
	html_table_end(b);
	return ret;
}

/* The vector, position and layer whose area is farthest from 1/2. */
struct best {
	/* options of syc-plot; NULL: there is none */
	char *vector, *position;
	char layer[32];
};

static char *option(const char *name, const char *value)
{
	char *s;

	return asprintf(&s, "%s=%s", name, value) < 0 ? NULL : s;
}

static void find_best(struct best *b, const json_t *doc)
{
	const json_t *fits = json_object_get(doc, "fits"), *f, *l;
	const char *vector = NULL, *position = "";
	double most = -1, layer = 0;
	size_t i, k;

	json_array_foreach(fits, i, f) {
		json_array_foreach(json_object_get(f, "layers"), k, l) {
			if (!(fabs(doc_number(l, "auc") - 0.5) > most) ||
			    !(doc_number(l, "layer") >= 0))
				continue;
			most = fabs(doc_number(l, "auc") - 0.5);
			vector = doc_text(f, "vector");
			position = doc_text(f, "position");
			layer = doc_number(l, "layer");
		}
	}
	if (vector && layer <= 1e6) {
		b->vector = option("--vector", vector);
		b->position = option("--position", position);
		snprintf(b->layer, sizeof(b->layer), "--layers=%.0f", layer);
	}
}

/* What syc-plot is told of rows, behind the options that are there. */
static void add_options(const char **options, const struct report *r)
{
	while (*options)
		options++;
	if (r->in.allow_duplicates)
		*options++ = "--allow-duplicates";
	if (!r->in.one_run)
		*options = "--mixed";
}

int report_scores(struct report *r, struct syc_buf *b, const char *rows,
		  const char *fit, struct syc_err *err)
{
	struct docs d = { 0 };
	struct best at = { 0 };
	char *stem = doc_stem(rows), *path = (char *)fit, *said = NULL;
	int ret = stem ? 0 : fail_nomem(err);

	if (ret == 0 && fit)
		ret = docs_read(&d, &path, 1, err);
	if (ret == 0 && d.n)
		find_best(&at, d.doc[0].json);
	if (ret == 0 && at.vector && at.position) {
		const char *options[6] = { at.vector, at.position, at.layer };

		add_options(options, r);
		ret = asprintf(&said,
			       "Labels against scores at the layer farthest from chance; "
			       "each dot is a row (%s, %s, %s)",
			       stem, at.vector + strlen("--vector="),
			       at.position + strlen("--position="));
		ret = ret < 0 ? fail_nomem(err) :
			report_plot(r, b, "--kind=points", options, &rows, 1,
				    said, err);
		free(said);
	}
	if (ret == 0) {
		const char *options[3] = { NULL };

		add_options(options, r);
		ret = asprintf(&said, "ROC curves (%s)", stem);
		ret = ret < 0 ? fail_nomem(err) :
			report_plot(r, b, "--kind=roc", options, &rows, 1, said,
				    err);
		free(said);
	}
	docs_free(&d);
	free(at.vector);
	free(at.position);
	free(stem);
	return ret;
}
