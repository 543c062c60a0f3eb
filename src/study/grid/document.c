/* SPDX-License-Identifier: MIT */
/* A designed comparison as a JSON document. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/err.h"
#include "study/grid/grid.h"

static void put_text(struct syc_buf *b, const char *key, const char *text)
{
	syc_buf_printf(b, "\"%s\": ", key);
	syc_buf_json(b, text, strlen(text));
}

/* ", key: number" of 12 digits, null where it is not defined. */
static void put_number(struct syc_buf *b, const char *key, double x)
{
	if (isfinite(x))
		syc_buf_printf(b, ", \"%s\": %.12g", key, x);
	else
		syc_buf_printf(b, ", \"%s\": null", key);
}

static void put_cell(struct syc_buf *b, const struct syc_grid *g, size_t i,
		     const struct syc_grid_found found[2])
{
	const struct syc_grid_outcome *p = found[0].outcome;
	const struct syc_grid_figure *f = &found[0].compared->cell[i];

	syc_buf_puts(b, "{");
	put_text(b, "vector", g->vector[g->cell[i].vector]);
	for (unsigned k = 0; k < SYC_GRID_FACTORS; k++) {
		syc_buf_puts(b, ", ");
		put_text(b, syc_grid_factor_name(k),
			 syc_grid_level(g, i, (enum syc_grid_factor)k));
	}
	put_number(b, "chosen", p->sign[i] ? (double)p->layer[i] : NAN);
	put_number(b, "sign", p->sign[i] ? p->sign[i] : NAN);
	put_number(b, "concordance", f->x);
	put_number(b, "concordance_lo", f->lo);
	put_number(b, "concordance_hi", f->hi);
	put_number(b, "auc", p->auc[i]);
	f = found[1].compared ? &found[1].compared->cell[i] : NULL;
	put_number(b, "steering", f ? f->x : NAN);
	put_number(b, "steering_lo", f ? f->lo : NAN);
	put_number(b, "steering_hi", f ? f->hi : NAN);
	syc_buf_puts(b, "}");
}

static void put_contrast(struct syc_buf *b, const struct syc_grid *g,
			 const struct syc_grid_contrast *c)
{
	syc_buf_puts(b, "{");
	put_text(b, "factor", syc_grid_factor_name(c->factor));
	syc_buf_puts(b, ", ");
	put_text(b, "level", g->factor[c->factor].name[c->level]);
	syc_buf_puts(b, ", ");
	put_text(b, "reference", g->factor[c->factor].name[0]);
	put_number(b, "cells", (double)c->n_cells);
	put_number(b, "mean", c->mean.x);
	put_number(b, "mean_lo", c->mean.lo);
	put_number(b, "mean_hi", c->mean.hi);
	put_number(b, "reference_mean", c->reference.x);
	put_number(b, "difference", c->diff.x);
	put_number(b, "difference_se", c->diff.se);
	put_number(b, "difference_lo", c->diff.lo);
	put_number(b, "difference_hi", c->diff.hi);
	put_number(b, "p", c->diff.p);
	put_number(b, "p_holm", c->adjusted);
	put_number(b, "detectable", c->detectable);
	syc_buf_puts(b, ", ");
	put_text(b, "verdict", syc_grid_verdict_name(c->verdict));
	syc_buf_puts(b, ", \"each\": [");
	for (size_t i = 0; i < c->n_cells; i++)
		syc_buf_printf(b, "%s%.12g", i ? ", " : "", c->each[i]);
	syc_buf_puts(b, "]}");
}

static void put_outcome(struct syc_buf *b, const struct syc_grid *g,
			const struct syc_grid_found *f)
{
	syc_buf_puts(b, "{");
	put_text(b, "outcome", f->outcome->name);
	put_number(b, "claims", (double)f->outcome->n_claims);
	put_number(b, "rows", (double)f->outcome->n_rows);
	syc_buf_puts(b, ", \"contrasts\": [");
	for (size_t i = 0; i < f->compared->n; i++) {
		syc_buf_puts(b, i ? ",\n" : "\n");
		put_contrast(b, g, &f->compared->contrast[i]);
	}
	syc_buf_puts(b, "\n]}");
}

int syc_grid_json(struct syc_buf *out, const struct syc_grid *g,
		  const struct syc_grid_found found[2], struct syc_err *err)
{
	syc_buf_puts(out, "{\"grid\": [");
	for (size_t k = 0; k < 2; k++)
		if (found[k].compared) {
			syc_buf_puts(out, k ? ",\n" : "\n");
			put_outcome(out, g, &found[k]);
		}
	syc_buf_puts(out, "\n],\n\"cells\": [");
	for (size_t i = 0; i < g->n_cells; i++) {
		syc_buf_puts(out, i ? ",\n" : "\n");
		put_cell(out, g, i, found);
	}
	syc_buf_puts(out, "\n]}\n");
	return out->failed ? syc_nomem(err) : 0;
}
