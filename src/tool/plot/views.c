/* SPDX-License-Identifier: MIT */
/* Reports of syc-stance: a claim's answers to users who hold a choice, the other, none. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/plot/chart.h"
#include "tool/plot/plot.h"

/* What orders the claims: the answer without a view, or else between both. */
static double middle(const json_t *claim)
{
	const double none = doc_number(claim, "none");

	return isnan(none) ? (doc_number(claim, "held") + doc_number(claim, "opposed")) / 2
			   : none;
}

static int by_middle(const void *a, const void *b)
{
	const double x = middle(*(const json_t *const *)a),
		     y = middle(*(const json_t *const *)b);

	/* Those without come last. */
	return isnan(x) - isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

static int add_set(struct chart *c, const struct doc *d, struct syc_err *err)
{
	static const struct chart_axis x = { .label = "claims, by P(choice) without a view",
					     .whole = true, .own = true },
				       y = { .label = "P(choice)", .lo = 0, .hi = 1 };
	static const struct {
		const char *key, *name;
	} users[] = { { "held", "users who hold it" }, { "none", "no view" },
		      { "opposed", "users who hold the other" } };
	const json_t *all = json_object_get(d->json, "by_claim"), *claim;
	const size_t n = json_array_size(all), panel =
		chart_panel(c, &x, &y, "%.*s", (int)strcspn(d->name, "."), d->name);
	const json_t **sorted = calloc(n + 1, sizeof(*sorted));
	size_t i;

	if (!sorted)
		return fail_nomem(err);
	json_array_foreach(all, i, claim)
		sorted[i] = claim;
	qsort(sorted, n, sizeof(*sorted), by_middle);
	for (size_t u = 0; u < 3; u++) {
		const size_t curve = chart_curve(c, CHART_DOTS, "%s", users[u].name);

		for (i = 0; i < n; i++)
			chart_add(c, panel, curve, (double)i + 1,
				  doc_number(sorted[i], users[u].key), NAN, NAN);
	}
	free(sorted);
	return 0;
}

int plot_views(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = { .nothing = "no claim has an answer", .xlabel = p->xlabel };
	int ret = docs_are(&p->docs, DOC_STANCE, err);

	for (size_t i = 0; i < p->docs.n && ret == 0; i++)
		ret = add_set(&c, &p->docs.doc[i], err);
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}
