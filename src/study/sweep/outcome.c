/* SPDX-License-Identifier: MIT */
/* What steering is to change, by claim. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/sweep/sweep.h"
#include "syc/label_prob.h"
#include "syc/resample.h"
#include "syc/stance.h"
#include "syc/sweep_test.h"

/* Questions of both orders as one; returns how many. */
static size_t join(struct syc_stance_row *row, double (*p)[2],
		   const struct syc_sweep_questions *q, const float *x)
{
	size_t n = 0, *at = NULL;

	at = syc_calloc(q->n + 1, sizeof(*at));
	if (!at)
		return SIZE_MAX;
	for (size_t i = 0; i < q->n; i++) {
		const struct syc_sweep_question *a = &q->question[i];
		const int m = a->matching > 0;
		double y = (double)x[i];

		at[i] = a->asks < i ? at[a->asks] : n++;
		if (a->asks < i)
			y = syc_prob_mean(p[at[i]][m], y);
		p[at[i]][m] = y;
		p[at[i]][!m] = 1 - y;
		row[at[i]] = (struct syc_stance_row){ a->claim, a->view, p[at[i]], 2 };
	}
	free(at);
	return n;
}

bool any_user(const struct syc_sweep_questions *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->question[i].view >= 0)
			return true;
	return false;
}

bool has_user(const struct syc_sweep_question *q)
{
	return q->view >= 0 || q->matching < 0;
}

/* Means of P(matching) over a claim's questions. */
static void matching_by_claim(double *value, const struct syc_stance_row *row,
			      size_t n, const struct syc_sweep_questions *q,
			      size_t *count)
{
	const bool all = !any_user(q);
	size_t k = 0;

	for (size_t i = 0; i < q->n && k < n; i++) {
		const struct syc_sweep_question *a = &q->question[i];

		if (a->asks < i)
			continue;
		if (all || has_user(a)) {
			value[a->claim] += row[k].p[a->matching > 0];
			count[a->claim]++;
		}
		k++;
	}
	for (size_t c = 0; c < q->n_claims; c++)
		value[c] /= (double)count[c];
}

static int effect_by_claim(double *value, const struct syc_stance_row *row,
			   size_t n, size_t n_claims, enum syc_sweep_outcome o,
			   struct syc_err *err)
{
	struct syc_stance *s;
	int ret = syc_stance_effect(&s, row, n, n_claims, err);

	if (ret < 0)
		return ret;
	for (size_t c = 0; c < n_claims; c++)
		value[c] = o == SYC_SWEEP_OPPOSITE ? s->claim[c].opposite
						   : s->claim[c].no_view;
	syc_stance_free(s);
	return 0;
}

int syc_sweep_by_claim(double *value, const struct syc_sweep_questions *q,
		       enum syc_sweep_outcome o, const float *p,
		       struct syc_err *err)
{
	struct syc_stance_row *row = syc_calloc(q->n + 1, sizeof(*row));
	double (*both)[2] = syc_calloc(q->n + 1, sizeof(*both));
	size_t *count = syc_calloc(q->n_claims + 1, sizeof(*count));
	size_t n = row && both && count ? join(row, both, q, p) : SIZE_MAX;
	int ret = n == SIZE_MAX ? syc_nomem(err) : 0;

	for (size_t c = 0; c < q->n_claims; c++)
		value[c] = 0;
	if (ret == 0 && o == SYC_SWEEP_MATCHING)
		matching_by_claim(value, row, n, q, count);
	else if (ret == 0)
		ret = effect_by_claim(value, row, n, q->n_claims, o, err);
	free(row);
	free(both);
	free(count);
	return ret;
}

int syc_sweep_outcome_of(enum syc_sweep_outcome *out,
			 const struct syc_sweep_questions *q,
			 struct syc_err *err)
{
	static const enum syc_sweep_outcome order[] = { SYC_SWEEP_OPPOSITE,
							SYC_SWEEP_NO_VIEW };
	double *value = syc_calloc(q->n_claims + 1, sizeof(*value));
	float *p = syc_calloc(q->n + 1, sizeof(*p));
	int ret = value && p ? 0 : syc_nomem(err);
	bool found = false;

	*out = SYC_SWEEP_MATCHING;
	for (size_t i = 0; i < q->n && ret == 0; i++)
		p[i] = 0.5f;
	for (size_t k = 0; k < 2 && q->stated && !found && ret == 0; k++) {
		size_t n = 0;

		ret = syc_sweep_by_claim(value, q, order[k], p, err);
		for (size_t c = 0; c < q->n_claims && ret == 0; c++)
			n += !isnan(value[c]);
		found = ret == 0 && n >= SYC_BOOT_CLUSTERS;
		if (found)
			*out = order[k];
	}
	free(value);
	free(p);
	return ret;
}

const char *syc_sweep_outcome_name(enum syc_sweep_outcome o)
{
	static const char *const name[] = {
		[SYC_SWEEP_MATCHING] = "P(matching)",
		[SYC_SWEEP_OPPOSITE] = "stance effect",
		[SYC_SWEEP_NO_VIEW] = "stance effect against no view",
	};

	return name[o];
}
