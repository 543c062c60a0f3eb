/* SPDX-License-Identifier: MIT */
/* How each question moves with the scale: slopes in order, with their margins. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/plot/chart.h"
#include "tool/common/fail.h"
#include "tool/plot/plot.h"

struct slope {
	double slope, margin;
};

static int by_slope(const void *a, const void *b)
{
	const struct slope *x = a, *y = b;

	return (x->slope > y->slope) - (x->slope < y->slope);
}

static int add_curve(struct chart *c, const json_t *curve, struct syc_err *err)
{
	static const struct chart_axis
		x = { .label = "questions in order of their slopes", .own = true },
		y = { .label = "slope of the log odds", .own = true, .has_rule = true };
	const json_t *list = json_object_get(curve, "questions"), *q;
	struct slope *s = calloc(json_array_size(list) + 1, sizeof(*s));
	const double wrong = doc_number(curve, "wrong_way");
	size_t n = 0, i, panel, at;

	if (!s)
		return fail_nomem(err);
	json_array_foreach(list, i, q) {
		s[n] = (struct slope){ doc_number(q, "slope"), doc_number(q, "margin") };
		n += isfinite(s[n].slope) && isfinite(s[n].margin);
	}
	qsort(s, n, sizeof(*s), by_slope);
	panel = chart_panel(c, &x, &y, "%s, %s, layers %s: %.0f %% the wrong way",
			    doc_text(curve, "vector"), doc_text(curve, "op"),
			    doc_text(curve, "layers"), wrong * 100);
	at = chart_curve(c, 0, "question");
	for (i = 0; i < n; i++)
		chart_add(c, panel, at, (double)i + 1, s[i].slope,
			  s[i].slope - s[i].margin, s[i].slope + s[i].margin);
	free(s);
	return 0;
}

int plot_slopes(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = { .xlabel = p->xlabel, .nothing =
			   "the sweep has no slopes: syc-sweep --per-question makes them" };
	int ret = docs_are(&p->docs, DOC_SWEEP, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const json_t *list = json_object_get(p->docs.doc[d].json, "curves"), *o;
		size_t i;

		json_array_foreach(list, i, o)
			if (ret == 0 && (!p->vector ||
					 !strcmp(p->vector, doc_text(o, "vector"))))
				ret = add_curve(&c, o, err);
	}
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}
