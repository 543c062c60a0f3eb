/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "stat/sample.h"
#include "syc/stat.h"

/* From the highest score down, a group of ties at a time. */
static double average_precision(const struct sample *s)
{
	double pos = 0, rows = 0, sum = 0;
	size_t from;

	for (size_t to = s->n; to > 0; to = from) {
		double here = 0;

		for (from = to; from > 0 && s->row[from - 1].x == s->row[to - 1].x; from--)
			here += s->row[from - 1].y;
		pos += here;
		rows += (double)(to - from);
		sum += here * pos / rows;
	}
	return sum / (double)s->n_pos;
}

int syc_stat_ap(struct syc_ap *out, const double *score, const int8_t *label, size_t n,
		struct syc_err *err)
{
	struct sample s;
	int ret = sample_init(&s, score, label, NULL, n, err);

	*out = (struct syc_ap){ .n = s.n, .ap = NAN, .base = NAN, .lo = NAN, .hi = NAN };
	if (ret < 0)
		return ret;
	if (s.n)
		out->base = (double)s.n_pos / (double)s.n;
	if (s.n_pos && s.n_pos < s.n) {
		const double pos = (double)s.n_pos;

		out->ap = average_precision(&s);
		syc_stat_wilson(&out->lo, &out->hi, out->ap * pos, pos);
	}
	sample_free(&s);
	return 0;
}
