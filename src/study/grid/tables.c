/* SPDX-License-Identifier: MIT */
/* A designed comparison as tables and in sentences. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/err.h"
#include "study/grid/grid.h"
#include "study/tables/tables.h"
#include "syc/stance.h"

static void put_levels(struct cells *c, const struct syc_grid *g, size_t i)
{
	for (unsigned f = 0; f < SYC_GRID_FACTORS; f++)
		cell_text(c, syc_grid_level(g, i, (enum syc_grid_factor)f));
}

int syc_grid_tsv(struct syc_buf *out, const struct syc_grid *g,
		 const struct syc_grid_found found[2], struct syc_err *err)
{
	struct cells c = { .b = out };

	for (unsigned f = 0; f < SYC_GRID_FACTORS; f++)
		cell_text(&c, syc_grid_factor_name(f));
	row_text(
		&c,
		"chosen\tsign\tconcordance\tconcordance_lo\tconcordance_hi\tauc"
		"\tsteering\tsteering_lo\tsteering_hi");
	for (size_t i = 0; i < g->n_cells; i++) {
		const struct syc_grid_outcome *p = found[0].outcome;

		put_levels(&c, g, i);
		cell_full(&c, p->sign[i] ? (double)p->layer[i] : NAN);
		cell_full(&c, p->sign[i] ? p->sign[i] : NAN);
		for (size_t k = 0; k < 2; k++) {
			const struct syc_grid_figure
				none = {NAN, NAN, NAN, NAN, NAN},
				*f = found[k].compared
					     ? &found[k].compared->cell[i]
					     : &none;

			cell_full(&c, f->x);
			cell_full(&c, f->lo);
			cell_full(&c, f->hi);
			if (k == 0)
				cell_full(&c, p->auc[i]);
		}
		row_end(&c);
	}
	return out->failed ? syc_nomem(err) : 0;
}

/* ---- for the eye -------------------------------------------------------------- */

static struct syc_estimate estimate(const struct syc_grid_figure *f)
{
	return (struct syc_estimate){ f->x, f->lo, f->hi };
}

static const char *level_of(const struct syc_grid *g,
			    const struct syc_grid_contrast *k, size_t level)
{
	return g->factor[k->factor].name[level];
}

static bool is_shown(const struct syc_grid_contrast *k)
{
	return k->verdict == SYC_GRID_MORE || k->verdict == SYC_GRID_LESS;
}

/* What is shown need not matter: SYC_STANCE_RELEVANT. */
static bool is_small(const struct syc_grid_figure *f)
{
	return f->lo > -SYC_STANCE_RELEVANT && f->hi < SYC_STANCE_RELEVANT;
}

static void put_contrast(struct cells *c, const struct syc_grid *g,
			 const char *outcome, const struct syc_grid_contrast *k)
{
	const struct syc_estimate d = estimate(&k->diff);

	cell_text(c, outcome);
	cell_text(c, syc_grid_factor_name(k->factor));
	cell_text(c, level_of(g, k, k->level));
	syc_buf_puts(c->b, " against ");
	put_text(c, level_of(g, k, 0));
	syc_buf_printf(cell(c), "%zu", k->n_cells);
	cell_number(c, k->mean.x, 3);
	cell_number(c, k->reference.x, 3);
	cell(c);
	syc_say_change(c->b, &d);
	syc_say_p(cell(c), k->adjusted);
	cell_number(c, k->detectable, 3);
	cell_text(c, syc_grid_verdict_name(k->verdict));
	if (is_shown(k) && is_small(&k->diff))
		syc_buf_puts(c->b, ", within 0.05");
	row_end(c);
}

int syc_grid_table(struct syc_buf *out, const struct syc_grid *g,
		   const struct syc_grid_found found[2], struct syc_err *err)
{
	struct cells c = { .b = out };

	row_text(
		&c,
		"outcome\tfactor\tlevel against reference\tcells\tmean\treference"
		"\tdifference [95 %]\tp (Holm)\tseen with 80 %\tanswer");
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0;
		     found[k].compared && i < found[k].compared->n; i++)
			put_contrast(&c, g, found[k].outcome->name,
				     &found[k].compared->contrast[i]);
	return out->failed ? syc_nomem(err) : 0;
}

/* ---- in sentences --------------------------------------------------------- */

static void say_level(struct syc_buf *b, const struct syc_grid *g,
		      const struct syc_grid_contrast *k)
{
	struct cells c = { .b = b };

	syc_buf_printf(b, "%s ", syc_grid_factor_name(k->factor));
	put_text(&c, level_of(g, k, k->level));
}

/* "method lda predicts worse than mean by 0.041 [0.010, 0.072], p 0.012" */
static void say_shown(struct syc_buf *b, const struct syc_grid *g, bool steers,
		      const struct syc_grid_contrast *k)
{
	const bool more = k->verdict == SYC_GRID_MORE;
	const struct syc_grid_figure *d = &k->diff;
	const struct syc_estimate by = { fabs(d->x), more ? d->lo : -d->hi,
					 more ? d->hi : -d->lo };
	struct cells c = { .b = b };

	syc_buf_puts(b, "The ");
	say_level(b, g, k);
	if (steers)
		syc_buf_puts(b, more ? " steers more than "
				     : " steers less than ");
	else
		syc_buf_puts(b, more ? " predicts better than "
				     : " predicts worse than ");
	put_text(&c, level_of(g, k, 0));
	syc_buf_puts(b, " by ");
	syc_say_estimate(b, &by, 3);
	syc_buf_puts(b, ", p ");
	syc_say_p(b, k->adjusted);
	syc_buf_puts(b, is_small(d) ? " (within 0.05). " : ". ");
}

/* "position mean and letter (+0.005; 0.041)" */
static void say_not_shown(struct syc_buf *b, const struct syc_grid *g,
			  const struct syc_grid_contrast *k)
{
	struct cells c = { .b = b };

	say_level(b, g, k);
	syc_buf_puts(b, " and ");
	put_text(&c, level_of(g, k, 0));
	syc_buf_puts(b, " (");
	syc_say_signed(b, k->diff.x, 3);
	syc_buf_puts(b, "; ");
	syc_say_number(b, k->detectable, 3);
	syc_buf_puts(b, ")");
}

/* The contrasts of a verdict, behind what that says. */
static void say_list(struct syc_buf *b, const struct syc_grid *g,
		     const struct syc_grid_comparison *c,
		     enum syc_grid_verdict v, const char *says)
{
	const char *before = says;

	for (size_t i = 0; i < c->n; i++)
		if (c->contrast[i].verdict == v) {
			syc_buf_puts(b, before);
			before = ", ";
			say_not_shown(b, g, &c->contrast[i]);
		}
	syc_buf_puts(b, before == says ? "" : ". ");
}

/* What differences are from: where it says nothing they mean little. */
static void say_reference(struct syc_buf *b, const struct syc_grid *g,
			  bool steers, const struct syc_grid_figure *f)
{
	const struct syc_estimate e = estimate(f);
	struct cells c = { .b = b };

	syc_buf_puts(b, "The reference vector (");
	put_text(&c, g->vector[0]);
	syc_buf_puts(b, steers ? ") moves the effect by " : ") has a concordance of ");
	if (steers)
		syc_say_change(b, &e);
	else
		syc_say_estimate(b, &e, 3);
	syc_buf_puts(b, ". ");
}

static void say_all(struct syc_buf *b, const struct syc_grid *g, bool steers,
		    const struct syc_grid_found *f)
{
	const struct syc_grid_comparison *c = f->compared;

	syc_buf_printf(b, "%s: %zu claims, %zu rows, %zu contrasts. ",
		       steers ? "Steering" : "Prediction", f->outcome->n_claims,
		       f->outcome->n_rows, c->n);
	if (f->outcome->n_claims < SYC_GRID_CLAIMS) {
		syc_buf_printf(b, "Fewer than %d claims: nothing is tested.",
			       SYC_GRID_CLAIMS);
		return;
	}
	say_reference(b, g, steers, &c->cell[0]);
	for (size_t i = 0; i < c->n; i++)
		if (is_shown(&c->contrast[i]))
			say_shown(b, g, steers, &c->contrast[i]);
	say_list(b, g, c, SYC_GRID_ALIKE, "No relevant difference: ");
	say_list(b, g, c, SYC_GRID_UNKNOWN, "No difference shown: ");
	syc_buf_puts(b, "In brackets: the difference, and what would have been "
			"seen with 80 % power.");
}

int syc_grid_say(struct syc_buf *out, const struct syc_grid *g,
		 const struct syc_grid_found found[2], struct syc_err *err)
{
	for (size_t k = 0; k < 2; k++)
		if (found[k].compared && found[k].compared->n) {
			syc_buf_puts(out, k ? "\n\n" : "");
			say_all(out, g, k, &found[k]);
		}
	return out->failed ? syc_nomem(err) : 0;
}
