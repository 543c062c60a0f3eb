/* SPDX-License-Identifier: MIT */
/* Reports of syc-eval: the figures of tasks with intervals, models side by side. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "tool/plot/plot.h"

enum { POINTS = 10 };	/* of mirror's scale, from -5 to 5 */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A figure's place: those of points as a share of their scale. */
static void add_figure(struct lines *l, size_t series, const json_t *f)
{
	const bool points = strcmp(doc_text(f, "unit"), "points") == 0;
	const double scale = points ? POINTS : 1;
	const double x = doc_number(f, "estimate") / scale;

	if (isnan(x))
		return;
	lines_add(l,
		  lines_row(l, "%s: %s%s", doc_text(f, "task"),
			    doc_text(f, "words"),
			    points ? " (of 10 points)" : ""),
		  series, x, doc_number(f, "lo") / scale,
		  doc_number(f, "hi") / scale);
}

static void add_model(struct lines *l, const struct doc *d, const json_t *model)
{
	const char *name = doc_text(model, "model");
	const size_t series =
		lines_series(l, false, *name ? base_name(name) : d->name);
	const json_t *list = json_object_get(model, "figures"), *f;
	size_t i;

	json_array_foreach(list, i, f)
		if (json_is_true(json_object_get(f, "headline")) &&
		    !json_is_string(json_object_get(f, "domain")))
			add_figure(l, series, f);
}

/* What --predict says behind the figures, which is another picture. */
static bool is_prediction(const struct doc *d)
{
	return d->kind == DOC_FIT &&
	       strcmp(doc_text(d->json, "program"), "syc-eval") == 0;
}

int plot_eval(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct lines l = {
		.label = p->xlabel ? p->xlabel :
				     "rate, or change of a rate (95 % interval)",
		.beside = true,
		.nothing = "no figure has a value"};
	int ret = 0;

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const struct docs one = { &p->docs.doc[d], 1 };
		const json_t *models = json_object_get(one.doc->json, "models"), *m;
		size_t i;

		if (!is_prediction(one.doc))
			ret = docs_are(&one, DOC_EVAL, err);
		json_array_foreach(models, i, m)
			add_model(&l, one.doc, m);
	}
	if (ret == 0)
		ret = lines_draw(&l, g, err);
	lines_free(&l);
	return ret;
}
