/* SPDX-License-Identifier: MIT */
/* The numbers of the questions on steering. */
#include "config.h"
#include <stdlib.h>
#include "base/err.h"
#include "study/tables/page.h"

/* NULL where what rests on steering is asked. */
static const struct syc_rests *on_steering(const struct page *p)
{
	static const struct syc_rests quick = {
		"a quick study does not steer", "the study without --quick, in a folder of its own"
	};
	const struct syc_rests *effect = page_on_effect(p);

	return effect || !p->d->quick ? effect : &quick;
}

static int steering(const struct page *p, bool primary, struct syc_conclusion *out,
		    struct syc_err *err)
{
	struct syc_buf nulls = { 0 };
	const struct syc_steered s = steered_of(p->d, primary, &p->t, &nulls);
	int ret = nulls.failed ? syc_nomem(err)
			       : syc_conclude_steering(out, on_steering(p), &s, err);

	syc_buf_free(&nulls);
	return ret;
}

int ask_steers(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	return steering(p, true, out, err);
}

int ask_opposite(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	return steering(p, false, out, err);
}

int ask_slopes(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *o = json_array_get(rows_of(p->d, SYC_STUDY_SLOPES), 0);
	const struct syc_sloped s = {
		.set = setting_of(o), .slope = estimate_of(o, "slope"),
		.wrong = number_of(o, "wrong_way"), .below = number_of(o, "below_0"),
		.counts = { count_of(o, "claims"), count_of(o, "n") },
	};

	return syc_conclude_slopes(out, on_steering(p), &s, err);
}

int ask_denial(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *o = setting_tested(p->d, true),
		     *control = json_object_get(o, "control");
	const struct syc_setting set = setting_of(o);
	const struct syc_estimate change = estimate_of(control, "change");
	const size_t n = count_of(p->d->doc[SYC_STUDY_PRIMARY], "n_control");

	return syc_conclude_denial(out, on_steering(p), &set, &change,
				   (struct syc_counts){ 0, n }, err);
}

int ask_asking(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *all = rows_of(p->d, SYC_STUDY_EQUAL), *o;
	struct syc_figure *f = calloc(json_array_size(all) + 1, sizeof(*f));
	const struct syc_counts n = {
		count_of(p->d->doc[SYC_STUDY_EQUAL], "claims"),
		count_of(p->d->doc[SYC_STUDY_EQUAL], "n")
	};
	size_t i, k = 0;
	int ret;

	if (!f)
		return syc_nomem(err);
	json_array_foreach(all, i, o)
		if (text_is(o, "kind", "prompt"))
			f[k++] = (struct syc_figure){ text_of(o, "system"),
						      estimate_of(o, CHANGE) };
	ret = syc_conclude_asking(out, on_steering(p), outcome_of(p->d), f, k, n, err);
	free(f);
	return ret;
}

