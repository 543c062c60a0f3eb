/* SPDX-License-Identifier: MIT */
/* Which layers' areas lie on which side of 1/2, all layers looked at together. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "study/fit/fit.h"

enum { PERMUTATIONS = 999 };

int syc_fit_signs(const struct syc_fit *f, struct syc_fit_set *s,
		  struct syc_err *err)
{
	const size_t k = f->scores->n_layers;
	struct syc_perm *perm = calloc(k + 1, sizeof(*perm));
	struct syc_ranks *r = NULL;
	enum syc_shuffle how;
	int ret = perm ? 0 : syc_nomem(err);

	for (size_t l = 0; l < k && ret == 0; l++)
		perm[l] = s->layer[l].perm;
	if (ret == 0 && !f->o.n_perm)
		ret = syc_ranks_new(&r, s->t->score, s->t->label, s->cluster,
				    s->t->n, k, err);
	if (ret == 0 && r)
		ret = syc_permute_auc(perm, &how, r, PERMUTATIONS, f->o.seed,
				      f->o.threads, err);
	for (size_t l = 0; l < k && ret == 0; l++) {
		struct syc_fit_layer *to = &s->layer[l];

		to->sign_p = perm[l].p_max;
		/* Within clusters what is expected may be another area. */
		to->sign = !(to->sign_p <= 0.05) ? 0 :
			   (perm[l].auc > fmax(0.5, perm[l].center)) -
			   (perm[l].auc < fmin(0.5, perm[l].center));
	}
	syc_ranks_free(r);
	free(perm);
	return ret;
}
