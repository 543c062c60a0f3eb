/* SPDX-License-Identifier: MIT */
/* A vector at a position, its layer and sign chosen by claim. */
#include "config.h"
#include <stdlib.h>
#include "base/err.h"
#include "study/fit/fit.h"

int syc_fit_procedures(const struct syc_fit *f, struct syc_fit_set *s,
		       struct syc_err *err)
{
	struct syc_procedure_opts o = { .folds = f->o.folds, .n_perm = f->o.n_procedure,
					.seed = f->o.seed, .threads = f->o.threads };
	const struct syc_scores_set *t = s->t;
	const size_t k = f->scores->n_layers;
	uint32_t *view = NULL;
	size_t n_values;
	int ret = syc_fit_number(&s->claim, &s->n_claims, f->scores, t,
				 f->o.claim, err);

	if (ret == 0 && f->o.view)
		ret = syc_fit_number(&view, &n_values, f->scores, t, f->o.view, err);
	if (ret == 0)
		ret = syc_procedure_run(&s->between, t->score, t->label, s->claim,
					NULL, t->n, k, &o, err);
	o.of = SYC_WITHIN_CLAIMS;
	if (ret == 0)
		ret = syc_procedure_run(&s->within, t->score, t->label, s->claim,
					(const int32_t *)view, t->n, k, &o, err);
	free(view);
	return ret;
}
