/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "tool/fit/figures.h"

uint64_t fit_missing(const struct scores *s, const struct scores_set *t)
{
	return s->n_syc + s->n_not - t->n;
}

size_t fit_more(struct table_field out[FIT_MORE], const struct fit_opts *o,
		const struct fit_layer *l, bool cross)
{
	const double boot = o->n_boot ? 1 : NAN, perm = o->n_perm ? 1 : NAN;
	const double null = o->n_null ? 1 : NAN, cv = cross ? 1 : NAN;
	const struct table_field f[] = {
		{ "ap", l->ap.ap }, { "ap_lo", l->ap.lo }, { "ap_hi", l->ap.hi },
		{ "r_lo", l->corr.lo }, { "r_hi", l->corr.hi },
		{ "rho", l->corr.rho }, { "rho_p", l->corr.rho_p },
		{ "slope_lo", l->logit.lo }, { "slope_hi", l->logit.hi },
		{ "r2", l->logit.r2 }, { "ridge", l->ridge },
		{ "brier", l->brier.brier }, { "brier_lo", l->brier.lo },
		{ "brier_hi", l->brier.hi },
		{ "boot_se", boot * l->boot.se }, { "boot_lo", boot * l->boot.lo },
		{ "boot_hi", boot * l->boot.hi }, { "band_lo", boot * l->boot.band_lo },
		{ "band_hi", boot * l->boot.band_hi },
		{ "perm_p", perm * l->perm.p }, { "perm_p_max", perm * l->perm.p_max },
		{ "perm_lo", perm * l->perm.lo }, { "perm_hi", perm * l->perm.hi },
		{ "perm_max_lo", perm * l->perm.max_lo }, { "perm_max_hi", perm * l->perm.max_hi },
		{ "cv_auc", cv * l->cv.auc.auc }, { "cv_auc_lo", cv * l->cv.auc.lo },
		{ "cv_auc_hi", cv * l->cv.auc.hi },
		{ "cv_brier", cv * l->cv.brier.brier }, { "cv_brier_lo", cv * l->cv.brier.lo },
		{ "cv_brier_hi", cv * l->cv.brier.hi },
		{ "null_lo", null * l->null.lo }, { "null_hi", null * l->null.hi },
		{ "null_p", null * l->null.p }, { "null_p_max", null * l->null.p_max },
	};

	_Static_assert(sizeof(f) / sizeof(f[0]) <= FIT_MORE, "room for all");
	memcpy(out, f, sizeof(f));
	return sizeof(f) / sizeof(f[0]);
}

/* A tab-separated line of a layer. */
static void tsv_layer(struct sheet *o, const struct fit *f, const struct scores_set *t,
		      uint32_t layer, const struct fit_layer *l)
{
	const double v[] = { l->auc.auc, l->auc.lo, l->auc.hi, l->logit.slope, l->logit.se,
			     l->logit.p, l->p_adj };
	struct table_field more[FIT_MORE];
	const size_t n = fit_more(more, f->o, l, f->cross);

	put_name(o, t->vector);
	put(o, "\t");
	put_name(o, t->position);
	put(o, "\t%" PRIu32 "\t%zu\t%zu\t%zu", layer, l->auc.n_pos + l->auc.n_neg, l->auc.n_pos,
	    l->auc.n_dropped);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		tsv_num(o, v[i]);
	put(o, "\t%s\t%d", syc_stat_logit_name(l->logit.method), l->logit.separated);
	tsv_num(o, l->corr.r);
	tsv_num(o, l->corr.p);
	for (size_t i = 0; i < n; i++)
		tsv_num(o, more[i].x);
	put(o, "\n");
}

int fit_tsv(struct syc_buf *b, const struct fit *f)
{
	const struct fit_layer none = { .auc = { 0 } };
	const struct scores *s = &f->scores;
	struct table_field more[FIT_MORE];
	const size_t n = fit_more(more, f->o, &none, false);
	struct sheet o = { .b = b };

	put(&o, "vector\tposition\tlayer\tn\tpositives\tdropped\tauc\tauc_lo\t"
	    "auc_hi\tslope\tslope_se\tp\tp_adj\tmethod\tseparated\tr\tr_p");
	for (size_t i = 0; i < n; i++)
		put(&o, "\t%s", more[i].key);
	put(&o, "\n");
	for (size_t i = 0; i < s->n_sets; i++)
		for (size_t l = 0; l < s->n_layers; l++)
			tsv_layer(&o, f, &s->set[i], s->layer[l], &f->set[i].layer[l]);
	return o.bad ? SYC_ENOMEM : 0;
}
