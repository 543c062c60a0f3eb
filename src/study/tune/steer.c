/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "rec/steer.h"
#include "syc/tune.h"

int syc_tune_steer(float *out, const struct syc_steer *s, struct syc_err *err)
{
	memset(out, 0, s->n_blocks * s->dim * sizeof(*out));
	for (const struct steer_rule *a = s->first; a; a = a->next) {
		const struct syc_steer_rule *r = &a->r;

		if (r->op != SYC_STEER_ADD ||
		    (r->hook && r->hook != SYC_HOOK_BLOCK) ||
		    r->side != SYC_STEER_BOTH || r->when != SYC_STEER_ALL ||
		    r->decay)
			return syc_fail(
				err, SYC_EUNSUPP,
				"while tuning, steering adds a "
				"vector behind blocks, to all tokens, and nothing else");
		for (size_t l = 0; l < s->n_blocks; l++)
			for (size_t i = 0; a->row[l] && i < s->dim; i++)
				out[l * s->dim + i] += r->scale * a->row[l][i];
	}
	return 0;
}
