/* SPDX-License-Identifier: MIT */
/* What came out, by the programs' documents, and its rank correlation with forecasts. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/forecast/forecast.h"
#include "syc/regress.h"

static double number(const json_t *o, const char *key)
{
	const json_t *x = json_object_get(o, key);

	return json_is_number(x) ? json_number_value(x) : NAN;
}

static bool is(const json_t *o, const char *key, const char *text)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && strcmp(s, text) == 0;
}

/* The area of a cell that says how a vector does on another data set. */
static double transferred(const json_t *cell, const char *test)
{
	if (json_is_true(json_object_get(cell, "cross_validated")) ||
	    (test && !is(cell, "test", test)))
		return NAN;
	return number(cell, "auc");
}

/* What a setting moves the answers by, in the vector's own direction. */
static double steered(const json_t *setting, const char *unused)
{
	const double effect = number(setting, "effect_change"),
		     scale = number(setting, "scale");

	(void)unused;
	if (!is(setting, "kind", "steer"))
		return NAN;
	return (isnan(effect) ? number(setting, "change") : effect) * (scale < 0 ? -1 : 1);
}

int syc_forecast_outcome(double *out, const char **what, const struct syc_forecast *f,
			 const json_t *doc, const char *test, struct syc_err *err)
{
	const json_t *transfer = json_object_get(doc, "transfer"),
		     *rows = transfer ? transfer : json_object_get(doc, "settings"), *row;
	double (*of)(const json_t *, const char *) = transfer ? transferred : steered;
	size_t k;

	if (!json_is_array(rows))
		return syc_fail(err, SYC_EINVAL,
				"is no document of syc-fit --transfer or syc-sweep, with --json");
	*what = transfer ? "transfer" : "steering";
	for (size_t i = 0; i < f->n; i++) {
		double sum = 0, n = 0;

		json_array_foreach(rows, k, row) {
			const double x = is(row, "vector", f->vector[i].name) ? of(row, test)
									      : NAN;

			sum += isfinite(x) ? x : 0;
			n += isfinite(x);
		}
		out[i] = n > 0 ? sum / n : NAN;
	}
	return 0;
}

int syc_forecast_rank(struct syc_forecast_rank *out, const struct syc_forecast *f,
		      enum syc_forecast_kind kind, const double *outcome,
		      struct syc_err *err)
{
	double *x = syc_calloc(f->n + 1, sizeof(*x));
	struct syc_line line;
	int ret;

	if (!x)
		return syc_nomem(err);
	for (size_t i = 0; i < f->n; i++)
		x[i] = kind == SYC_FORECAST_LENS ? fabs(f->vector[i].mean[kind])
						 : f->vector[i].mean[kind];
	ret = syc_stat_line(&line, x, outcome, f->n, NULL, err);
	*out = (struct syc_forecast_rank){ line.n, line.rho };
	free(x);
	return ret;
}
