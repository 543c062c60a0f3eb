/* SPDX-License-Identifier: MIT */
/* The cells of a designed comparison. */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/grid/grid.h"
#include "syc/direction.h"

static const char *const factors[] = {
	"method", "position", "pairs", "number", "balance", "layer", NULL,
};
static const char *const positions[] = {"letter", "last", "mean", "prompt",
					NULL};
static const char *const balances[] = { "on", "off", "none", NULL };
static const char *const layers[] = { "all", "low", "middle", "high", NULL };
enum { PROMPT = 3, NONE = 2 };

const char *syc_grid_factor_name(unsigned factor)
{
	return factor < SYC_GRID_FACTORS ? factors[factor] : NULL;
}

int syc_grid_parse(unsigned *mask, const char *list, struct syc_err *err)
{
	*mask = 0;
	if (strcmp(list, "all") == 0) {
		*mask = (1u << SYC_GRID_FACTORS) - 1;
		return 0;
	}
	while (*list) {
		const size_t n = strcspn(list, ",");
		unsigned f = 0;

		while (factors[f] && (strlen(factors[f]) != n ||
				      strncmp(factors[f], list, n) != 0))
			f++;
		if (!factors[f])
			return syc_fail(
				err, SYC_EINVAL,
				"'%.*s' is none of method, position, pairs, number, "
				"balance, layer",
				(int)(n < 40 ? n : 40), list);
		*mask |= 1u << f;
		list += n + (list[n] == ',');
	}
	return *mask ? 0 : syc_fail(err, SYC_EINVAL, "no factor is named");
}

/* ---- levels --------------------------------------------------------------- */

static int add_level(struct syc_grid *g, enum syc_grid_factor f,
		     const char *name, struct syc_err *err)
{
	const size_t n = g->factor[f].n;

	if (n == SYC_GRID_LEVELS)
		return syc_fail(err, SYC_EINVAL,
				"more than %d levels of the factor %s",
				SYC_GRID_LEVELS, factors[f]);
	g->factor[f].name[n] = strdup(name);
	if (!g->factor[f].name[n])
		return syc_nomem(err);
	g->factor[f].n++;
	return 0;
}

static int add_levels(struct syc_grid *g, enum syc_grid_factor f,
		      const char *const *name, struct syc_err *err)
{
	int ret = 0;

	for (; *name && ret == 0; name++)
		ret = add_level(g, f, *name, err);
	return ret;
}

static int add_numbers(struct syc_grid *g, const struct syc_grid_design *d,
		       struct syc_err *err)
{
	size_t n = SIZE_MAX;
	int ret = 0;

	for (size_t i = 0; i < d->n_pairs; i++) {
		if (d->pairs[i].n < SYC_GRID_LEAST)
			return syc_fail(err, SYC_EINVAL,
					"%s has %zu pairs, fewer than %d",
					d->pairs[i].name, d->pairs[i].n,
					SYC_GRID_LEAST);
		n = d->pairs[i].n < n ? d->pairs[i].n : n;
	}
	for (size_t i = 0; i < 3 && n >= SYC_GRID_LEAST && ret == 0;
	     i++, n /= 2) {
		char name[24];

		snprintf(name, sizeof(name), "%zu", n);
		ret = add_level(g, SYC_GRID_NUMBER, name, err);
	}
	return ret;
}

/* Of every factor all levels, whatever varies. */
static int name_levels(struct syc_grid *g, const struct syc_grid_design *d,
		       struct syc_err *err)
{
	int ret = 0;

	for (unsigned m = SYC_METHOD_MEAN; m <= SYC_METHOD_LOGISTIC && ret == 0;
	     m++)
		ret = add_level(g, SYC_GRID_METHOD, syc_method_info(m)->name,
				err);
	if (ret == 0)
		ret = add_levels(g, SYC_GRID_POSITION, positions, err);
	for (size_t i = 0; i < d->n_pairs && ret == 0; i++)
		ret = add_level(g, SYC_GRID_PAIRS, d->pairs[i].name, err);
	if (ret == 0)
		ret = add_numbers(g, d, err);
	if (ret == 0)
		ret = add_levels(g, SYC_GRID_BALANCE, balances, err);
	return ret < 0 ? ret : add_levels(g, SYC_GRID_LAYER, layers, err);
}

const char *syc_grid_level(const struct syc_grid *g, size_t cell,
			   enum syc_grid_factor f)
{
	return g->factor[f].name[g->cell[cell].level[f]];
}

/* ---- cells ------------------------------------------------------------------ */

static bool can_be(const struct syc_grid_design *d, const uint8_t *level)
{
	const struct syc_grid_pairs *p = &d->pairs[level[SYC_GRID_PAIRS]];
	const size_t position = level[SYC_GRID_POSITION],
		     balance = level[SYC_GRID_BALANCE];

	return p->prompts == (position == PROMPT) &&
	       (p->letters && !p->prompts) == (balance != NONE);
}

/*
 * A factor that does not vary has the first level that a set of pairs can have:
 * letter or prompt, on or none.
 */
static bool is_wanted(const struct syc_grid_design *d, const uint8_t *level)
{
	if (!can_be(d, level))
		return false;
	for (unsigned f = 0; f < SYC_GRID_FACTORS; f++) {
		uint8_t first[SYC_GRID_FACTORS];

		memcpy(first, level, sizeof(first));
		for (first[f] = 0; first[f] < level[f] && !(d->vary & 1u << f);
		     first[f]++)
			if (can_be(d, first))
				return false;
	}
	return true;
}

static char *vector_name(const struct syc_grid *g, const uint8_t *level)
{
	char *name;

	if (asprintf(&name, "%s.%s.%s.%s.%s", g->factor[0].name[level[0]],
		     g->factor[1].name[level[1]], g->factor[2].name[level[2]],
		     g->factor[3].name[level[3]],
		     g->factor[4].name[level[4]]) < 0)
		return NULL;
	return name;
}

/* The next combination, layer the fastest; false behind the last. */
static bool count_up(const struct syc_grid *g, uint8_t *level)
{
	for (unsigned f = SYC_GRID_FACTORS; f-- > 0;) {
		if (++level[f] < g->factor[f].n)
			return true;
		level[f] = 0;
	}
	return false;
}

static int add_cells(struct syc_grid *g, const struct syc_grid_design *d,
		     struct syc_err *err)
{
	uint8_t level[SYC_GRID_FACTORS] = { 0 };
	size_t all = 1;

	for (unsigned f = 0; f < SYC_GRID_FACTORS; f++)
		all *= g->factor[f].n;
	g->cell = syc_calloc(all, sizeof(*g->cell));
	g->vector = syc_calloc(all, sizeof(*g->vector));
	if (!g->cell || !g->vector)
		return syc_nomem(err);
	/* The first set may have no level 0 of position and balance. */
	do {
		struct syc_grid_cell *c = &g->cell[g->n_cells];

		if (!is_wanted(d, level))
			continue;
		if (level[SYC_GRID_LAYER] == 0) {
			g->vector[g->n_vectors] = vector_name(g, level);
			if (!g->vector[g->n_vectors++])
				return syc_nomem(err);
		}
		memcpy(c->level, level, sizeof(level));
		c->vector = g->n_vectors - 1;
		g->n_cells++;
	} while (count_up(g, level));
	return 0;
}

int syc_grid_new(struct syc_grid **out, const struct syc_grid_design *d,
		 struct syc_err *err)
{
	struct syc_grid *g = calloc(1, sizeof(*g));
	int ret;

	*out = NULL;
	if (!g)
		return syc_nomem(err);
	ret = d->n_pairs ? name_levels(g, d, err)
			 : syc_fail(err, SYC_EINVAL,
				    "no pairs to make vectors from");
	if (ret == 0)
		ret = add_cells(g, d, err);
	if (ret == 0 && g->n_cells < 2)
		ret = syc_fail(err, SYC_EINVAL,
			       "there is one cell only: nothing to compare");
	if (ret < 0)
		syc_grid_free(g);
	else
		*out = g;
	return ret;
}

void syc_grid_free(struct syc_grid *g)
{
	if (!g)
		return;
	for (unsigned f = 0; f < SYC_GRID_FACTORS; f++)
		for (size_t i = 0; i < g->factor[f].n; i++)
			free(g->factor[f].name[i]);
	for (size_t i = 0; i < g->n_vectors; i++)
		free(g->vector[i]);
	free(g->vector);
	free(g->cell);
	free(g);
}

/* ---- partners ----------------------------------------------------------------- */

/* Whether a cell of the first set of pairs has that level. */
static bool reference_has(const struct syc_grid *g, unsigned f, uint8_t level)
{
	for (size_t i = 0; i < g->n_cells; i++)
		if (!g->cell[i].level[SYC_GRID_PAIRS] &&
		    g->cell[i].level[f] == level)
			return true;
	return false;
}

static size_t find(const struct syc_grid *g, const uint8_t *level)
{
	for (size_t i = 0; i < g->n_cells; i++)
		if (memcmp(g->cell[i].level, level, SYC_GRID_FACTORS) == 0)
			return i;
	return SIZE_MAX;
}

size_t syc_grid_partner(const struct syc_grid *g, size_t cell,
			enum syc_grid_factor f)
{
	const struct syc_grid_cell *c = &g->cell[cell];
	uint8_t level[SYC_GRID_FACTORS];

	if (!c->level[f] || (f != SYC_GRID_LAYER && c->level[SYC_GRID_LAYER]))
		return SIZE_MAX;
	memcpy(level, c->level, sizeof(level));
	level[f] = 0;
	for (unsigned k = 0; k < SYC_GRID_FACTORS && f == SYC_GRID_PAIRS; k++)
		if (!reference_has(g, k, level[k]))
			level[k] = g->cell[0].level[k];
	return find(g, level);
}

bool syc_grid_is_near(const struct syc_grid *g, size_t cell)
{
	bool near = cell == 0;

	for (unsigned f = 0; f < SYC_GRID_FACTORS && !near; f++)
		near = syc_grid_partner(g, cell, (enum syc_grid_factor)f) == 0;
	return near;
}
