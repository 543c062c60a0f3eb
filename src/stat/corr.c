/* SPDX-License-Identifier: MIT */
/* The correlation of a score and a label. */
#include "config.h"
#include <math.h>
#include "stat/correlate.h"
#include "syc/stat.h"

/* The fourth standardized moment of a label. */
static double kurtosis(const struct scored *s)
{
	const double rate = (double)s->n_pos / (double)s->n;

	return 1 / (rate * (1 - rate)) - 3;
}

int syc_stat_corr_clustered(struct syc_corr *out, const double *score,
			    const int8_t *label,
			    const uint32_t *cluster, size_t n, struct syc_err *err)
{
	struct correlation c, k;
	struct scored s;
	int ret = scored_init(&s, score, label, cluster, n, err);

	*out = (struct syc_corr){ .n = s.n, .r = NAN, .p = NAN, .lo = NAN, .hi = NAN,
				  .rho = NAN, .rho_p = NAN };
	if (ret == 0)
		ret = correlate(&c, &s, kurtosis(&s), err);
	if (ret == 0)
		ret = correlate_ranks(&k, &s, err);
	if (ret == 0) {
		out->r = c.r;
		out->lo = c.lo;
		out->hi = c.hi;
		out->p = cluster && fabs(c.r) < 1 ? c.p : correlate_p(c.r, s.n);
		out->rho = k.r;
		out->rho_p = cluster ? NAN : correlate_p(k.r, s.n);
	}
	scored_free(&s);
	return ret;
}

int syc_stat_corr(struct syc_corr *out, const double *score,
		  const int8_t *label, size_t n,
		  struct syc_err *err)
{
	return syc_stat_corr_clustered(out, score, label, NULL, n, err);
}
