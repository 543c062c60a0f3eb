/* SPDX-License-Identifier: MIT */
/* What stands beside the vector "mean": shifts, null vectors, other vectors, confounds. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "study/tables/tables.h"

/* ---- shifts --------------------------------------------------------------- */

const json_t *shift_best(const json_t *doc)
{
	const json_t *best = NULL, *o;
	size_t i;

	json_array_foreach(procedure_of(doc, "mean", "layers"), i, o)
		if (!isnan(number_of(o, "p")) &&
		    (!best || number_of(o, "p") < number_of(best, "p")))
			best = o;
	return best;
}

/* The least of Benjamini and Hochberg's is Simes' p that no layer has a slope. */
double shift_p(const json_t *doc)
{
	double least = NAN;
	const json_t *o;
	size_t i;

	json_array_foreach(procedure_of(doc, "mean", "layers"), i, o)
		least = fmin(least, number_of(o, "p_adj"));
	return least;
}

size_t shift_clusters(const json_t *doc)
{
	const json_t *n = procedure_of(doc, "mean", "clusters");

	return json_is_number(n) ? (size_t)json_number_value(n) : 0;
}

/* ---- null vectors --------------------------------------------------------- */

void nulls_read(struct syc_beside_nulls *x, const struct syc_study_documents *d)
{
	const json_t *fit = d->doc[SYC_STUDY_FIT], *o = procedure_of(fit, "mean", "nulls");
	char hi[32];

	*x = (struct syc_beside_nulls){
		.kind = syc_nulls_kind(d->n_made_claims),
		.n_left = count_of(o, "left_out"),
		.counts = { count_of(o, "claims"), count_of(o, "rows") },
		.why = text_of(o, "why"),
	};
	for (unsigned k = 0; k < SYC_N_NULLS; k++) {
		const json_t *of = json_object_get(o, syc_null_name(k));

		x->share[k] = (struct syc_null_share){ k, count_of(of, "n"), number_of(of, "p") };
	}
	x->test = (struct syc_test){ x->share[x->kind].p, NAN };
	snprintf(hi, sizeof(hi), "%s_hi", syc_null_name(x->kind));
	x->hi = number_of(fit_of(fit, "mean", d->layer), hi);
}

/* ---- other vectors -------------------------------------------------------- */

/* The test of two vectors, in whichever order it stands; turn: in the other one. */
static const json_t *test_of(const json_t *fit, const char *a, const char *b, bool *turn)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(fit, "compare"), i, o) {
		*turn = text_is(o, "a", b) && text_is(o, "b", a);
		if (*turn || (text_is(o, "a", a) && text_is(o, "b", b)))
			return json_object_get(o, "test");
	}
	return NULL;
}

struct syc_paired paired_of(const struct syc_study_documents *d, const char *a, const char *b)
{
	const json_t *fit = d->doc[SYC_STUDY_FIT];
	bool turn = false;
	const json_t *o = test_of(fit, a, b, &turn);
	const struct syc_estimate x = estimate_of(o, "diff,lo,hi");

	return (struct syc_paired){
		.auc = number_of(o, turn ? "b_auc" : "a_auc"),
		.other = number_of(o, turn ? "a_auc" : "b_auc"),
		.diff = turn ? (struct syc_estimate){ -x.x, -x.hi, -x.lo } : x,
		.test = { number_of(o, "p"), NAN },
		.counts = { count_of(o, "claims"), count_of(o, "n") },
		.n_claims = count_of(procedure_of(fit, a, "between"), "claims"),
	};
}

/* ---- confounds ------------------------------------------------------------ */

/* Of the other sets, whose claims are others, the one with the most rows. */
static const json_t *other_choice(const struct syc_study_documents *d)
{
	const json_t *best = NULL;

	for (size_t i = 0; i < d->n_sets; i++) {
		const char *name = d->set[i].name;
		const json_t *o = transfer_of(d, "mean", name, name);

		if (i != d->train && !isnan(number_of(o, "layer")) &&
		    count_of(o, "n") > count_of(best, "n"))
			best = o;
	}
	return best;
}

static struct syc_estimate turn(struct syc_estimate e, int sign, double at)
{
	return sign > 0 ? e
			: (struct syc_estimate){ 2 * at - e.x, 2 * at - e.hi, 2 * at - e.lo };
}

/* On the half of the claims that did not choose the layer; scores are turned. */
static struct held held_apart(const json_t *doc, const json_t *apart)
{
	const json_t *test = json_object_get(procedure_of(doc, "mean", "between"), "test");

	return (struct held){
		.fields = json_object_get(apart, "fields"),
		.layer = (int)count_of(apart, "layer"), .sign = 1,
		.chosen_on = "its other claims",
		.alone = estimate_of(test, "auc"),
		.counts = { count_of(apart, "claims"), count_of(test, "n") },
	};
}

struct held held_of(const struct syc_study_documents *d)
{
	const json_t *doc = d->doc[SYC_STUDY_CONFOUNDS];
	const json_t *apart = procedure_of(doc, "mean", "confounds_apart");
	const json_t *choice = other_choice(d),
		     *at = fit_of(doc, "mean", number_of(choice, "layer"));

	if (apart)
		return held_apart(doc, apart);
	return (struct held){
		.fields = json_object_get(at, "confounds"),
		.layer = (int)count_of(choice, "layer"), .sign = sign_of(choice),
		.chosen_on = text_of(choice, "test"),
		.alone = turn(estimate_of(at, "auc"), sign_of(choice), 0.5),
		.counts = { count_of(procedure_of(doc, "mean", "between"), "claims"),
			    count_of(at, "n") },
	};
}

struct syc_estimate held_estimate(const struct held *h, const json_t *field, const char *key,
				  double at)
{
	return turn(estimate_of(field, key), h->sign, at);
}
