/* SPDX-License-Identifier: MIT */
/* Which pictures of syc-plot belong to which document. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/report/report.h"

static bool has_compare(const json_t *doc)
{
	return json_array_size(json_object_get(doc, "compare")) > 0;
}

static bool any_fit_has(const json_t *doc, const char *key, bool in_layers)
{
	const json_t *fits = json_object_get(doc, "fits"), *f;
	size_t i;

	json_array_foreach(fits, i, f) {
		const json_t *layers = json_object_get(f, "layers");

		if (json_object_get(in_layers ? json_array_get(layers, 0) : f, key))
			return true;
	}
	return false;
}

static bool has_best(const json_t *doc)
{
	return any_fit_has(doc, "best", false);
}

static bool has_calibration(const json_t *doc)
{
	return any_fit_has(doc, "calibration", true);
}

static bool has_confounds(const json_t *doc)
{
	return any_fit_has(doc, "confounds", true);
}

/* More than one scale of some operator, so that there is a curve along it. */
static bool has_scales(const json_t *doc)
{
	const json_t *list = json_object_get(doc, "settings"), *s, *t;
	size_t i, k;

	if (json_is_number(json_object_get(doc, "at_kl")))
		return false;
	json_array_foreach(list, i, s)
		json_array_foreach(list, k, t)
			if (strcmp(doc_text(s, "kind"), "steer") == 0 &&
			    strcmp(doc_text(t, "kind"), "steer") == 0 &&
			    strcmp(doc_text(s, "op"), doc_text(t, "op")) == 0 &&
			    doc_number(s, "layer") == doc_number(t, "layer") &&
			    doc_number(s, "scale") < doc_number(t, "scale"))
				return true;
	return false;
}

static bool has_control(const json_t *doc)
{
	const json_t *settings = json_object_get(doc, "settings");

	return json_object_get(json_array_get(settings, 0), "control") != NULL;
}

static const struct figure {
	enum doc_kind of;
	const char *kind, *option;	/* of syc-plot */
	size_t most;			/* files in one picture */
	bool (*has)(const json_t *doc);	/* NULL: always */
	const char *caption;
} figures[] = {
	{DOC_FIT, "auc", NULL, 6, NULL,
	 "AUC by layer, with its 95 % interval; the dashed line is chance"},
	{DOC_FIT, "best", NULL, 12, has_best,
	 "The best layer, and all layers together, on rows left out"},
	{DOC_FIT, "calibration", NULL, 1, has_calibration,
	 "Calibration: the share of sycophantic answers against the predicted probability"},
	{DOC_FIT, "diff", NULL, 6, has_compare, "Differences of AUC between vectors"},
	{DOC_FIT, "confound", NULL, 1, has_confounds, "AUC with each confound held fixed"},
	{DOC_TRANSFER, "transfer", NULL, 1, NULL,
	 "AUC in the set across; layer and direction were chosen on the set down"},
	{DOC_SWEEP, "sweep", NULL, 1, NULL, "P(match): the dashed line is the model as it is"},
	{DOC_SWEEP, "sweep", "--over=scale", 1, has_scales,
	 "P(match) against how much is added or taken away"},
	{DOC_SWEEP, "best", NULL, 1, NULL,
	 "Settings by how much they change P(match); the best of many looks better than it is"},
	{DOC_SWEEP, "sweep", "--of=control", 1, has_control,
	 "What the same settings do to questions whose matching answers are true"},
	{DOC_COSINES, "heat", NULL, 1, NULL, "Cosines of vectors"},
	{DOC_STABILITY, "stability", NULL, 1, NULL,
	 "How far the directions of parts of the pairs agree"},
	{DOC_VECTOR, "vector", NULL, 6, NULL, "What the vectors' own pairs say of them"},
	{DOC_SHIFT, "shift", NULL, 6, NULL,
	 "What tuning did: how much of the shift is one vector, and what that vector does"},
	{DOC_FIDELITY, "fidelity", NULL, 6, NULL, "How far int8 is from the exact weights"},
	{DOC_AGREE, "agree", NULL, 1, NULL, "How far sets of labels agree"},
	{DOC_EVAL, "eval", NULL, 6, NULL,
	 "The figures of the tasks to look at first, with 95 % intervals over items"},
};

enum { N_FIGURES = sizeof(figures) / sizeof(figures[0]) };

/* Of files of one kind, those for which a figure has something. */
static size_t gather(const struct figure *f, char *const *paths, size_t n,
		     const char **out)
{
	size_t n_out = 0;

	for (size_t i = 0; i < n; i++) {
		struct docs d = { 0 };
		struct syc_err err;
		bool has = false;

		if (docs_read(&d, &paths[i], 1, &err) == 0)
			for (size_t k = 0; k < d.n; k++)
				has |= !f->has || f->has(d.doc[k].json);
		docs_free(&d);
		if (has)
			out[n_out++] = paths[i];
	}
	return n_out;
}

static int add_figure(struct report *r, struct syc_buf *b,
		      const struct figure *f, const char *const *paths,
		      size_t n, const char *caption, struct syc_err *err)
{
	const char *options[2] = { f->option, NULL };
	char *kind = NULL, *said = NULL,
	     *stem = n == 1 ? doc_stem(paths[0]) : NULL;
	const char *of = caption ? caption : stem;
	int ret = 0;

	if (asprintf(&kind, "--kind=%s", f->kind) < 0)
		kind = NULL;
	if (asprintf(&said, of ? "%s (%s)" : "%s", f->caption, of) < 0)
		said = NULL;
	if (!kind || !said)
		ret = fail_nomem(err);
	else
		ret = report_plot(r, b, kind, options, paths, n, said, err);
	free(kind);
	free(said);
	free(stem);
	return ret;
}

int report_figures(struct report *r, struct syc_buf *b, enum doc_kind of,
		   char *const *paths, size_t n, const char *caption,
		   struct syc_err *err)
{
	const char **in = calloc(n + 1, sizeof(*in));
	int ret = in ? 0 : fail_nomem(err);

	for (size_t i = 0; i < N_FIGURES && ret == 0; i++) {
		const struct figure *f = &figures[i];
		size_t n_in = 0;

		if (f->of == of)
			n_in = gather(f, paths, n, in);
		for (size_t at = 0; at < n_in && ret == 0; at += f->most) {
			const size_t many = n_in - at < f->most ? n_in - at : f->most;

			ret = add_figure(r, b, f, in + at, many, caption, err);
		}
	}
	free(in);
	return ret;
}
