/* SPDX-License-Identifier: MIT */
/* Tables of what tuning did. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/tables/tuned.h"

struct source {
	const struct syc_tuned_documents *d;
	const struct syc_tuned_run *run;
	const struct syc_tuned_arm *arm;
};

typedef int filler(struct cells *c, const struct source *s, struct syc_err *err);

static void cell_mean(struct cells *c, const struct syc_mean *m, int digits)
{
	const struct syc_estimate e = { m->mean, m->lo, m->hi };

	syc_say_estimate(cell(c), &e, digits);
}

/* Arms by figures. */
static void put_arms(struct cells *c, const struct source *s,
		     const enum syc_tuned_figure *f, size_t n)
{
	cell_text(c, "tuned on");
	cell_text(c, "runs");
	for (size_t k = 0; k < n; k++)
		cell_text(c, syc_tuned_head(f[k]));
	row_end(c);
	for (size_t a = 0; a < s->d->n_arms; a++) {
		cell_text(c, s->arm[a].name);
		syc_buf_printf(cell(c), "%zu", s->arm[a].n_runs);
		for (size_t k = 0; k < n; k++)
			if (f[k] == SYC_TUNED_REACHED)
				syc_say_percent(cell(c), s->arm[a].figure[f[k]].mean);
			else
				cell_mean(c, &s->arm[a].figure[f[k]], f[k] == SYC_TUNED_KL ? 4 : 3);
		row_end(c);
	}
}

static int fill_arms(struct cells *c, const struct source *s, struct syc_err *err)
{
	static const enum syc_tuned_figure f[] = {
		SYC_TUNED_P_MATCH, SYC_TUNED_EFFECT, SYC_TUNED_KL, SYC_TUNED_REACHED,
		SYC_TUNED_LENGTH, SYC_TUNED_CONSTANT,
	};

	(void)err;
	put_arms(c, s, f, sizeof(f) / sizeof(f[0]));
	return 0;
}

static int fill_directions(struct cells *c, const struct source *s, struct syc_err *err)
{
	static const enum syc_tuned_figure f[] = {
		SYC_TUNED_SEEDS, SYC_TUNED_OTHERS, SYC_TUNED_COSINE, SYC_TUNED_KL_LEFT,
		SYC_TUNED_MAKE, SYC_TUNED_UNDO, SYC_TUNED_UNDO_CONTRAST,
	};

	(void)err;
	put_arms(c, s, f, sizeof(f) / sizeof(f[0]));
	return 0;
}

static int fill_beside(struct cells *c, const struct source *s, struct syc_err *err)
{
	static const enum syc_tuned_figure f[] = {
		SYC_TUNED_COSINE, SYC_TUNED_KL_LEFT,	   SYC_TUNED_MAKE,
		SYC_TUNED_UNDO,	  SYC_TUNED_UNDO_CONTRAST,
	};
	const size_t n_f = sizeof(f) / sizeof(f[0]);
	int ret = 0;

	row_text(c, "tuned on\tfigure\tmean over runs\tnull vectors\tthe farthest\tp");
	for (size_t i = 0; i < s->d->n_arms * n_f && ret == 0; i++) {
		const struct syc_tuned_arm *a = &s->arm[i / n_f];
		const enum syc_tuned_figure k = f[i % n_f];
		struct syc_tuned_nulls n;

		ret = syc_tuned_beside_nulls(&n, s->run, s->d->n_runs, a->name, k, err);
		if (ret < 0 || !n.n)
			continue;
		cell_text(c, a->name);
		cell_text(c, syc_tuned_head(k));
		cell_mean(c, &a->figure[k], 3);
		syc_buf_printf(cell(c), "%zu", n.n);
		cell_number(c, n.most, 3);
		syc_say_p(cell(c), n.p);
		row_end(c);
	}
	return ret;
}

/* ---- by layer ------------------------------------------------------------------ */

static int fill_nulls(struct cells *c, const struct source *s, int layer, struct syc_err *err)
{
	double lo, hi;
	const int ret = tuned_null_range(&lo, &hi, s->d, layer, err);

	syc_say_number(cell(c), lo, 3);
	syc_buf_puts(c->b, " to ");
	syc_say_number(c->b, hi, 3);
	return ret;
}

static void put_heads(struct cells *c, const char *arm, const char *first)
{
	syc_buf_printf(cell(c), "%s: constant share\tcosine between its runs", arm);
	if (first)
		syc_buf_printf(cell(c), "with %s", first);
	cell_text(c, "with the contrast");
}

/* Of the first arm, its likeness to itself is that between its runs. */
static void put_layer(struct cells *c, const struct syc_tuned_documents *d, const char *arm,
		      int layer)
{
	for (int k = 0; k < TUNED_BY_LAYER; k++)
		if (k != TUNED_FIRST || arm != d->arm[0])
			cell_number(c, tuned_at(d, arm, layer, (enum tuned_by_layer)k), 3);
}

static int fill_layers(struct cells *c, const struct source *s, struct syc_err *err)
{
	const struct syc_tuned_documents *d = s->d;
	const char *other = tuned_reference(d);
	int ret = 0;

	cell_text(c, "layer");
	put_heads(c, d->arm[0], NULL);
	if (other)
		put_heads(c, other, d->arm[0]);
	cell_text(c, "null vectors in the contrast's place (95 %)");
	row_end(c);
	for (int l = 0; l < tuned_layers(d) && ret == 0; l++) {
		syc_buf_printf(cell(c), "%d", l);
		put_layer(c, d, d->arm[0], l);
		if (other)
			put_layer(c, d, other, l);
		ret = fill_nulls(c, s, l, err);
		row_end(c);
	}
	return ret;
}

/* ---- the rest -------------------------------------------------------------------- */

static int fill_foretold(struct cells *c, const struct source *s, struct syc_err *err)
{
	(void)err;
	row_text(c, "training set\trows\tprojection difference, before\tshift along it, after");
	for (size_t i = 0; i < s->d->n_sets; i++) {
		cell_text(c, s->d->set[i].name);
		syc_buf_printf(cell(c), "%zu", s->d->set[i].n_rows);
		cell_number(c, s->d->set[i].foretold, 3);
		cell_number(c, tuned_came(s->d, &s->d->set[i]), 3);
		row_end(c);
	}
	return 0;
}

static int fill_tuned(struct cells *c, const struct source *s, struct syc_err *err)
{
	(void)err;
	cell_text(c, "arm");
	cell_text(c, "seed");
	for (int f = 0; f < SYC_TUNED_FIGURES; f++)
		cell_text(c, syc_tuned_name(f));
	row_end(c);
	for (size_t i = 0; i < s->d->n_runs; i++) {
		cell_text(c, s->run[i].arm);
		syc_buf_printf(cell(c), "%" PRIu64, s->run[i].seed);
		for (int f = 0; f < SYC_TUNED_FIGURES; f++)
			cell_full(c, s->run[i].figure[f]);
		row_end(c);
	}
	return 0;
}

int syc_tuned_table(struct syc_buf *out, const struct syc_tuned_documents *d, const char *name,
		    struct syc_err *err)
{
	static const struct {
		const char *name;
		filler *fill;
	} tables[] = {
		{ "arms", fill_arms }, { "directions", fill_directions },
		{ "beside", fill_beside }, { "layers", fill_layers },
		{ "foretold", fill_foretold }, { "tuned", fill_tuned },
	};
	const size_t n = sizeof(tables) / sizeof(tables[0]);
	struct cells c = { .b = out };
	struct syc_tuned_runs r = { 0 };
	struct syc_tuned_arm *arm = NULL;
	size_t k = 0;
	int ret;

	while (k < n && strcmp(tables[k].name, name) != 0)
		k++;
	if (k == n)
		return syc_fail(err, SYC_EINVAL, "no table of tuning: '%s'", name);
	ret = syc_tuned_read(&r, d, err);
	if (ret == 0)
		ret = tuned_arms(&arm, d, r.run, err);
	if (ret == 0)
		ret = tables[k].fill(&c, &(struct source){ d, r.run, arm }, err);
	free(arm);
	syc_tuned_free(&r);
	return ret == 0 && out->failed ? syc_nomem(err) : ret;
}
