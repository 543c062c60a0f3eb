/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "stat/nuts.h"

/* As Stan and PyMC have them. */
static const double gamma_ = 0.05, t0 = 10, kappa = 0.75;
enum { FIRST = 75, BASE = 25, LAST = 50, FEWEST = 20 };

void averaging_begin(struct averaging *a, double step)
{
	*a = (struct averaging){ .mu = log(10 * step), .accept = a->accept };
}

double averaging_next(struct averaging *a, double accept)
{
	const double n = (double)++a->n, eta = 1 / (n + t0),
		     keep = pow(n, -kappa);
	double x;

	a->s = (1 - eta) * a->s + eta * (a->accept - accept);
	x = a->mu - a->s * sqrt(n) / gamma_;
	a->x_bar = (1 - keep) * a->x_bar + keep * x;
	return exp(x);
}

double averaging_end(const struct averaging *a)
{
	return exp(a->x_bar);
}

void windows_begin(struct windows *w, size_t n)
{
	size_t last = LAST;

	*w = (struct windows){ .n = n, .begin = FIRST, .size = BASE };
	if (n < FEWEST) {
		w->begin = w->end = n;
		return;
	}
	if (FIRST + BASE + LAST > n) {
		w->begin = n * 15 / 100;
		last = n / 10;
		w->size = n - w->begin - last;
	}
	w->end = n - last;
	w->next = w->begin + w->size;
}

bool windows_next(struct windows *w, bool *inside)
{
	const size_t at = w->at++;

	*inside = at >= w->begin && at < w->end;
	if (!*inside || w->at != w->next)
		return false;
	w->size *= 2;
	w->next += w->size;
	/* no room for one more behind it: it takes all that is left */
	if (w->next + 2 * w->size > w->end)
		w->next = w->end;
	return true;
}

void spread_add(struct spread *s, const double *x)
{
	s->n++;
	for (size_t i = 0; i < s->dim; i++) {
		const double off = x[i] - s->mean[i];

		s->mean[i] += off / (double)s->n;
		s->m2[i] += off * (x[i] - s->mean[i]);
	}
}

void spread_end(struct spread *s, double *var)
{
	const double n = (double)s->n, keep = n / (n + 5);

	for (size_t i = 0; i < s->dim; i++)
		var[i] = (s->n > 1 ? keep * s->m2[i] / (n - 1) : 0) +
			 1e-3 * (1 - keep);
	s->n = 0;
	memset(s->mean, 0, s->dim * sizeof(*s->mean));
	memset(s->m2, 0, s->dim * sizeof(*s->m2));
}
