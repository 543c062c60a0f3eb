/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "stat/sample.h"
#include "syc/stat.h"

/*
 * Whether each class has one score of its own: r is 1 or -1 then, and must
 * not miss it by a rounding, since p is very steep there.
 */
static bool two_points(const struct sample *s)
{
	const double x0 = s->row[0].x, y0 = s->row[0].y;
	const double x1 = s->row[s->n - 1].x;

	for (size_t i = 0; i < s->n; i++)
		if (s->row[i].x != (s->row[i].y == y0 ? x0 : x1))
			return false;
	return true;
}

/* Pearson's r of x with the label; NaN when either does not vary. */
static double pearson(struct sample *s)
{
	const double rate = (double)s->n_pos / (double)s->n;
	const double y_last = s->row[s->n - 1].y;
	double mean, sd, sum = 0;

	if (s->n_pos == 0 || s->n_pos == s->n)
		return NAN;
	if (two_points(s) && s->row[0].x != s->row[s->n - 1].x)
		return y_last == 1 ? 1 : -1;
	if (!sample_standardise(s, &mean, &sd))
		return NAN;
	for (size_t i = 0; i < s->n; i++)
		sum += s->row[i].x * (s->row[i].y - rate);
	/* The label's own variance is rate (1 - rate) n / (n - 1). */
	sum /= sqrt((double)(s->n - 1) * (double)s->n * rate * (1 - rate));
	return fmax(-1, fmin(1, sum));
}

int syc_stat_corr(struct syc_corr *out, const double *score,
		  const int8_t *label, size_t n, struct syc_err *err)
{
	struct sample s;
	int ret;

	*out = (struct syc_corr){ .r = NAN, .p = NAN };
	ret = sample_init(&s, score, label, n, err);
	if (ret < 0)
		return ret;
	out->n = s.n;
	if (s.n > 1)
		out->r = pearson(&s);
	if (s.n > 2) {
		const double df = (double)(s.n - 2);

		out->p = syc_stat_t_p(
			out->r * sqrt(df / ((1 - out->r) * (1 + out->r))), df);
	}
	sample_free(&s);
	return 0;
}
