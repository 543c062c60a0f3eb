/* SPDX-License-Identifier: MIT */
/* The setting that was fixed before, its opposite, and how they were tested. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "study/tables/tables.h"
#include "syc/stat.h"

const json_t *steering_of(const struct syc_study_documents *d, bool primary)
{
	const json_t *t;
	size_t i;

	json_array_foreach(json_object_get(d->doc[SYC_STUDY_PRIMARY], "tests"), i, t)
		if (json_is_true(json_object_get(t, "primary")) == primary)
			return t;
	return NULL;
}

const json_t *setting_tested(const struct syc_study_documents *d, bool primary)
{
	const json_t *t = steering_of(d, primary);

	return t ? json_array_get(rows_of(d, SYC_STUDY_PRIMARY), count_of(t, "setting")) : NULL;
}

struct syc_setting setting_of(const json_t *o)
{
	return (struct syc_setting){
		text_of(o, "vector"), text_of(o, "op"), number_of(o, "scale"),
		text_of(o, "layers"),
	};
}

const char *outcome_of(const struct syc_study_documents *d)
{
	return text_of(d->doc[SYC_STUDY_PRIMARY], "outcome");
}

/* Of the counts: what a document has of 1 / 140 is more than it is. */
double steering_p(const json_t *test, bool least)
{
	double p = NAN;
	const json_t *n;
	size_t i;

	json_array_foreach(json_object_get(test, "null"), i, n)
		p = fmax(p, (1 + (least ? 0 : number_of(n, "above"))) /
			    (1 + number_of(n, "draws")));
	return p;
}

/* How many of which kinds, and the farthest of all. */
static double join_nulls(const json_t *test, struct syc_buf *names)
{
	double most = NAN;
	const json_t *n;
	size_t i;

	json_array_foreach(json_object_get(test, "null"), i, n) {
		syc_buf_printf(names, "%s%zu %s", i ? ", " : "", count_of(n, "draws"),
			       text_of(n, "name"));
		most = fmax(most, number_of(n, "most"));
	}
	return most;
}

/* With an interval at the page's level, where the change has a spread. */
struct syc_steered steered_of(const struct syc_study_documents *d, bool primary,
			      const struct page_tests *t, struct syc_buf *nulls)
{
	const json_t *o = steering_of(d, primary), *set = setting_tested(d, primary);
	const struct steering_test *at = &t->steering[!primary];
	const double se = number_of(o, "change_se"), claims = number_of(o, "claims");
	const double wide = claims > 1 ? se *
		syc_stat_t_quantile(0.05 / (double)t->n_tests, claims - 1) : NAN;
	struct syc_steered s = {
		.primary = primary, .outcome = o ? outcome_of(d) : "",
		.way = text_is(o, "way", "raises") || (!o && !primary) ? 1 : -1,
		.set = setting_of(set), .at_kl = d->at_kl,
		.reached = json_is_true(json_object_get(set, "reached")),
		.change = estimate_of(o, "change"), .test = at->test,
		.least = steering_p(o, true), .least_holm = at->least_holm,
		.n_needed = at->n_needed,
		.counts = { count_of(o, "claims"), count_of(o, "rows") },
	};

	s.page_lo = s.change.x - wide;
	s.page_hi = s.change.x + wide;
	s.null_most = join_nulls(o, nulls);
	/* As far as the farthest, and the power beyond it. */
	s.seen = s.null_most + se * syc_stat_t_quantile(0.4, claims - 1);
	s.nulls = nulls->data ? nulls->data : "";
	return s;
}
