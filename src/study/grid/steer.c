/* SPDX-License-Identifier: MIT */
/* What the vectors of a designed comparison do to the effect of the view. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/grid/grid.h"

/* What a cell is in the documents. */
struct place {
	const json_t *settings;
	const char *vector;
	size_t alone; /* which of the layers that are steered alone, from 1; 0: together */
};

static bool is(const json_t *o, const char *key, const char *text)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && strcmp(s, text) == 0;
}

/* The setting of the place with a scale of that sign, which reaches the KL; or NULL. */
static const json_t *setting(const struct place *p, int sign)
{
	const json_t *s, *layer, *last = NULL;
	size_t i, n = 0;

	json_array_foreach(p->settings, i, s) {
		layer = json_object_get(s, "layer");
		if (!is(s, "kind", "steer") || !is(s, "vector", p->vector) ||
		    !is(s, "op", "add") || (p->alone && !json_is_number(layer)))
			continue;
		n += !last || !json_equal(layer, last);
		last = layer;
		if (p->alone && n != p->alone)
			continue;
		if (sign * json_number_value(json_object_get(s, "scale")) > 0)
			return json_is_true(json_object_get(s, "reached"))
				       ? s
				       : NULL;
	}
	return NULL;
}

static struct place place_of(const struct syc_grid *g, size_t cell,
			     const json_t *together, const json_t *alone)
{
	const size_t layer = g->cell[cell].level[SYC_GRID_LAYER];

	return (struct place){
		json_object_get(layer ? alone : together, "settings"),
		g->vector[g->cell[cell].vector], layer};
}

static const json_t *by_claim(const struct place *p, int sign)
{
	return json_object_get(setting(p, sign), "by_claim");
}

/* How many claims settings have, and how many of them a value: all have the same. */
static size_t count(const struct syc_grid *g, const json_t *together,
		    size_t *all)
{
	const struct place p = place_of(g, 0, together, NULL);
	const json_t *of =
		json_object_get(json_array_get(p.settings, 0), "by_claim");
	size_t n = 0;

	*all = json_array_size(of);
	for (size_t c = 0; c < *all; c++)
		n += json_is_number(json_array_get(of, c));
	return n;
}

/* Half of what is more under the positive scale, at the claims that have a value. */
static bool fill(double *x, size_t n, const json_t *plus, const json_t *minus,
		 size_t all)
{
	size_t k = 0;

	if (json_array_size(plus) != all || json_array_size(minus) != all)
		return false;
	for (size_t c = 0; c < all; c++) {
		const json_t *a = json_array_get(plus, c),
			     *b = json_array_get(minus, c);

		if (!json_is_number(a) || !json_is_number(b))
			continue;
		if (k == n)
			return false;
		x[k++] = (json_number_value(a) - json_number_value(b)) / 2;
	}
	return k == n && n > 1;
}

static void put(struct syc_grid_outcome *out, size_t cell, const double *x)
{
	const size_t n = out->n_claims;
	double sum = 0;

	for (size_t c = 0; c < n; c++)
		sum += x[c];
	out->value[cell] = sum / (double)n;
	for (size_t c = 0; c < n; c++)
		out->without[cell * n + c] = (sum - x[c]) / (double)(n - 1);
}

int syc_grid_steer(struct syc_grid_outcome *out, const struct syc_grid *g,
		   const json_t *together, const json_t *alone,
		   struct syc_err *err)
{
	size_t all, n = count(g, together, &all);
	double *x = syc_calloc(n + 1, sizeof(*x));
	int ret;

	*out = (struct syc_grid_outcome){ .name = "steering" };
	ret = x ? grid_outcome_init(out, g, n, err) : syc_nomem(err);
	out->n_rows = (size_t)json_number_value(json_object_get(together, "n"));
	for (size_t i = 0; i < g->n_cells && ret == 0; i++) {
		const struct place p = place_of(g, i, together, alone);

		if (fill(x, n, by_claim(&p, 1), by_claim(&p, -1), all))
			put(out, i, x);
	}
	free(x);
	return ret;
}
