/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "tool/fit/columns.h"

#define LAYER(k, m) .key = k, .at = offsetof(struct syc_fit_layer, m)
#define OF_CELL(k, m) .key = k, .at = offsetof(struct syc_transfer_cell, m)

#define NULLS_OF(k, kind) \
	{ LAYER(k "_lo", null[kind].lo), .need = NULLS + kind }, \
	{ LAYER(k "_hi", null[kind].hi), .need = NULLS + kind }, \
	{ LAYER(k "_p", null[kind].p), .need = NULLS + kind }, \
	{ LAYER(k "_p_max", null[kind].p_max), .need = NULLS + kind }

const struct column layer_columns[] = {
	{ LAYER("auc", auc.auc) }, { LAYER("auc_se", auc.se), .json_only = true },
	{ LAYER("auc_lo", auc.lo) }, { LAYER("auc_hi", auc.hi) },
	{ LAYER("auc_logit_lo", auc.logit_lo), .json_only = true },
	{ LAYER("auc_logit_hi", auc.logit_hi), .json_only = true },
	{ LAYER("auc_plain_lo", auc.plain_lo), .json_only = true },
	{ LAYER("auc_plain_hi", auc.plain_hi), .json_only = true },
	{ LAYER("mean", logit.mean), .json_only = true },
	{ LAYER("sd", logit.sd), .json_only = true },
	{ LAYER("intercept", logit.intercept), .json_only = true },
	{ LAYER("slope", logit.slope) }, { LAYER("slope_se", logit.se) },
	{ LAYER("z", logit.z), .json_only = true },
	{ LAYER("p", logit.p) }, { LAYER("p_adj", p_adj) },
	{ .key = NULL }
};

const struct column more_columns[] = {
	{ LAYER("r", corr.r) }, { LAYER("r_p", corr.p) },
	{ LAYER("base", ap.base), .json_only = true },
	{ LAYER("loglik", logit.loglik), .json_only = true },
	{ LAYER("brier_skill", brier.skill), .json_only = true },
	{ LAYER("logloss", brier.loss), .json_only = true },
	{ LAYER("ap", ap.ap) }, { LAYER("ap_lo", ap.lo) }, { LAYER("ap_hi", ap.hi) },
	{ LAYER("r_lo", corr.lo) }, { LAYER("r_hi", corr.hi) },
	{ LAYER("rho", corr.rho) }, { LAYER("rho_p", corr.rho_p) },
	{ LAYER("slope_lo", logit.lo) }, { LAYER("slope_hi", logit.hi) },
	{ LAYER("r2", logit.r2) }, { LAYER("ridge", ridge) },
	{ LAYER("brier", brier.brier) },
	{ LAYER("brier_lo", brier.lo) }, { LAYER("brier_hi", brier.hi) },
	{ LAYER("boot_se", boot.se), .need = BOOT },
	{ LAYER("boot_lo", boot.lo), .need = BOOT },
	{ LAYER("boot_hi", boot.hi), .need = BOOT },
	{ LAYER("band_lo", boot.band_lo), .need = BOOT },
	{ LAYER("band_hi", boot.band_hi), .need = BOOT },
	{ LAYER("perm_p", perm.p), .need = PERMUTE },
	{ LAYER("perm_p_max", perm.p_max), .need = PERMUTE },
	{ LAYER("perm_lo", perm.lo), .need = PERMUTE },
	{ LAYER("perm_hi", perm.hi), .need = PERMUTE },
	{ LAYER("perm_max_lo", perm.max_lo), .need = PERMUTE },
	{ LAYER("perm_max_hi", perm.max_hi), .need = PERMUTE },
	{ LAYER("cv_auc", cv.auc.auc), .need = CROSS },
	{ LAYER("cv_auc_lo", cv.auc.lo), .need = CROSS },
	{ LAYER("cv_auc_hi", cv.auc.hi), .need = CROSS },
	{ LAYER("cv_brier", cv.brier.brier), .need = CROSS },
	{ LAYER("cv_brier_lo", cv.brier.lo), .need = CROSS },
	{ LAYER("cv_brier_hi", cv.brier.hi), .need = CROSS },
	{ LAYER("sign_p", sign_p), .json_only = true },
	NULLS_OF("null", SYC_NULL_RANDOM), NULLS_OF("cov", SYC_NULL_COV),
	NULLS_OF("flip", SYC_NULL_FLIP), NULLS_OF("shuffle", SYC_NULL_SHUFFLE),
	{ LAYER("gain", increment.gain), .need = BESIDE },
	{ LAYER("gain_p", increment.p), .need = BESIDE },
	{ LAYER("gain_p_max", increment.p_max), .need = BESIDE },
	{ LAYER("gain_auc", increment.auc), .need = BESIDE, .json_only = true },
	{ LAYER("gain_slope", increment.slope), .need = BESIDE, .json_only = true },
	{ LAYER("known", increment.known), .need = BESIDE, .json_only = true },
	{ .key = NULL }
};

const struct column line_columns[] = {
	{ LAYER("intercept", line.intercept), .json_only = true },
	{ LAYER("mean", line.mean), .json_only = true },
	{ LAYER("sd", line.sd), .json_only = true },
	{ LAYER("slope", line.slope) }, { LAYER("slope_se", line.se) },
	{ LAYER("slope_lo", line.lo) }, { LAYER("slope_hi", line.hi) },
	{ LAYER("t", line.t), .json_only = true },
	{ LAYER("p", line.p) }, { LAYER("p_adj", p_adj) },
	{ LAYER("r", line.r) }, { LAYER("r_lo", line.r_lo) }, { LAYER("r_hi", line.r_hi) },
	{ LAYER("r2", line.r2) },
	{ LAYER("rho", line.rho) }, { LAYER("rho_lo", line.rho_lo) },
	{ LAYER("rho_hi", line.rho_hi) }, { LAYER("rho_p", line.rho_p) },
	{ .key = NULL }
};

const struct column cell_columns[] = {
	{ OF_CELL("train_auc", train_auc) }, { OF_CELL("auc", auc.auc) },
	{ OF_CELL("auc_lo", auc.lo) }, { OF_CELL("auc_hi", auc.hi) },
	{ OF_CELL("brier", brier.brier) },
	{ OF_CELL("brier_lo", brier.lo), .json_only = true },
	{ OF_CELL("brier_hi", brier.hi), .json_only = true },
	{ OF_CELL("brier_skill", brier.skill) },
	{ OF_CELL("logloss", brier.loss), .json_only = true },
	{ OF_CELL("calibration_slope", slope) },
	{ OF_CELL("calibration_intercept", intercept) },
	{ OF_CELL("multi_auc", multi.auc), .need = MULTI },
	{ OF_CELL("multi_lo", multi.lo), .need = MULTI },
	{ OF_CELL("multi_hi", multi.hi), .need = MULTI },
	{ OF_CELL("multi_brier", multi_brier.brier), .need = MULTI, .json_only = true },
	{ OF_CELL("multi_brier_skill", multi_brier.skill), .need = MULTI, .json_only = true },
	{ OF_CELL("multi_logloss", multi_brier.loss), .need = MULTI, .json_only = true },
	{ .key = NULL }
};

static bool asked(const struct syc_fit *f, enum need need)
{
	const bool has[] = { true, f->o.n_boot > 0, f->o.n_perm > 0, f->cross,
			     f->o.multi, f->o.baselines != 0 };

	return need < NULLS ? has[need] : f->o.n_null[need - NULLS] > 0;
}

static double value(const struct column *c, const void *base, const struct syc_fit *f)
{
	return asked(f, c->need) ? *(const double *)((const char *)base + c->at) : NAN;
}

void columns_head(struct sheet *o, const struct column *c)
{
	for (; c->key; c++)
		if (!c->json_only)
			put(o, "\t%s", c->key);
}

void columns_tsv(struct sheet *o, const struct column *c, const void *base,
		 const struct syc_fit *f)
{
	for (; c->key; c++)
		if (!c->json_only)
			tsv_num(o, value(c, base, f));
}

void columns_json(struct sheet *o, const struct column *c, const void *base,
		  const struct syc_fit *f)
{
	for (; c->key; c++) {
		if ((c->need == MULTI || c->need == BESIDE) && !asked(f, c->need))
			continue;
		put(o, ",");
		json_field(o, c->key, value(c, base, f));
	}
}
