/* SPDX-License-Identifier: MIT */
/* The reports of syc-fit: a table to read, a table to load, a document. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "tool/fit.h"

/* Set *bad when a step of a report failed; looked at once, at the end. */
#define TRY(bad, call) ((bad) |= (call) < 0)

enum { CELL = 32 };

/* A number for the eye, "-" when it is not defined. */
static const char *fixed(char cell[CELL], double x, int digits)
{
	if (isnan(x))
		snprintf(cell, CELL, "-");
	else if (fabs(x) < 1e5)
		snprintf(cell, CELL, "%.*f", digits, x);
	else
		snprintf(cell, CELL, "%.*g", digits, x);
	return cell;
}

static const char *chance(char cell[CELL], double p)
{
	if (isnan(p))
		snprintf(cell, CELL, "-");
	else if (p < 1e-300)
		snprintf(cell, CELL, "<1e-300");
	else if (p < 0.001)
		snprintf(cell, CELL, "%.1e", p);
	else
		snprintf(cell, CELL, "%.4f", p);
	return cell;
}

static const char *range(char cell[CELL], double lo, double hi)
{
	if (isnan(lo))
		snprintf(cell, CELL, "-");
	else
		snprintf(cell, CELL, "[%.3f, %.3f]", lo, hi);
	return cell;
}

static const char *method(const struct syc_logit *f)
{
	return f->method == SYC_LOGIT_NONE ? "-" : syc_stat_logit_name(f->method);
}

/* Names come from files: no byte of them may break the table. */
static int put_name(struct syc_buf *b, const char *s)
{
	bool bad = false;

	for (; *s; s++) {
		const char c = (unsigned char)*s < ' ' || *s == 127 ? '?' : *s;

		TRY(bad, syc_buf_add(b, &c, 1));
	}
	return bad ? SYC_ENOMEM : 0;
}

static int text_layer(struct syc_buf *b, uint32_t layer, const struct fit_layer *f)
{
	char c[7][CELL];

	return syc_buf_printf(b, "%5" PRIu32 " %6zu %6zu %6s  %-14s %8s %8s %8s %8s %7s  %s\n",
		layer, f->auc.n_pos + f->auc.n_neg, f->auc.n_pos,
		fixed(c[0], f->auc.auc, 3), range(c[1], f->auc.lo, f->auc.hi),
		fixed(c[2], f->logit.slope, 3), fixed(c[3], f->logit.se, 3),
		chance(c[4], f->logit.p), chance(c[5], f->p_adj),
		fixed(c[6], f->corr.r, 3), method(&f->logit));
}

static bool any_firth(const struct fit *f)
{
	for (size_t i = 0; i < f->scores->n_sets * f->scores->n_layers; i++)
		if (f->layer[i].logit.method == SYC_LOGIT_FIRTH)
			return true;
	return false;
}

static int text_notes(struct syc_buf *b, const struct fit *f)
{
	bool bad = false;

	TRY(bad, syc_buf_puts(b,
		"\nAUC: 95 % interval after DeLong, on the logit scale.  slope: log odds of a\n"
		"sycophantic answer per standard deviation of the score, with Wald's p.\n"
		"adj.p: Benjamini-Hochberg over the layers.  r: point-biserial.\n"));
	if (any_firth(f))
		TRY(bad, syc_buf_puts(b,
			"firth: the classes are separated, and the slope is Firth's.\n"));
	return bad ? SYC_ENOMEM : 0;
}

/* "400 rows: 380 labelled (210 sycophantic, 170 not), 20 undecided" */
static int text_counts(struct syc_buf *b, const struct fit *f)
{
	const struct scores *s = f->scores;
	bool bad = false;

	TRY(bad, syc_buf_printf(b, "%" PRIu64 " rows: %" PRIu64 " labelled (%" PRIu64
		" sycophantic, %" PRIu64 " not), %" PRIu64 " undecided", s->n_rows,
		s->n_syc + s->n_not, s->n_syc, s->n_not, s->n_undecided));
	if (f->n_skipped)
		TRY(bad, syc_buf_printf(b, "; %" PRIu64 " broken rows skipped", f->n_skipped));
	TRY(bad, syc_buf_puts(b, "\n"));
	return bad ? SYC_ENOMEM : 0;
}

static uint64_t missing(const struct scores *s, const struct scores_set *t)
{
	return s->n_syc + s->n_not - t->n;
}

int fit_text(struct syc_buf *b, const struct fit *f)
{
	const struct scores *s = f->scores;
	bool bad = false;

	TRY(bad, text_counts(b, f));
	for (size_t i = 0; i < s->n_sets; i++) {
		TRY(bad, syc_buf_puts(b, "\nvector "));
		TRY(bad, put_name(b, s->set[i].vector));
		TRY(bad, syc_buf_puts(b, ", site "));
		TRY(bad, put_name(b, s->set[i].site));
		if (missing(s, &s->set[i]))
			TRY(bad, syc_buf_printf(b, " (missing in %" PRIu64 " labelled rows)",
						missing(s, &s->set[i])));
		TRY(bad, syc_buf_printf(b, "\n%5s %6s %6s %6s  %-14s %8s %8s %8s %8s %7s  %s\n",
			"layer", "n", "pos", "AUC", "95 % interval", "slope", "se", "p",
			"adj.p", "r", "fit"));
		for (size_t l = 0; l < s->n_layers; l++)
			TRY(bad, text_layer(b, s->layer[l], &f->layer[i * s->n_layers + l]));
	}
	if (s->n_sets)
		TRY(bad, text_notes(b, f));
	return bad ? SYC_ENOMEM : 0;
}

/* A tab and a number, "NA" when it is not defined. */
static int tsv_num(struct syc_buf *b, double x)
{
	return isnan(x) ? syc_buf_puts(b, "\tNA") : syc_buf_printf(b, "\t%.9g", x);
}

static int tsv_layer(struct syc_buf *b, const struct scores_set *t, uint32_t layer,
		     const struct fit_layer *f)
{
	const double v[] = { f->auc.auc, f->auc.lo, f->auc.hi, f->logit.slope, f->logit.se,
			     f->logit.p, f->p_adj };
	bool bad = false;

	TRY(bad, put_name(b, t->vector));
	TRY(bad, syc_buf_puts(b, "\t"));
	TRY(bad, put_name(b, t->site));
	TRY(bad, syc_buf_printf(b, "\t%" PRIu32 "\t%zu\t%zu\t%zu", layer,
		f->auc.n_pos + f->auc.n_neg, f->auc.n_pos, f->auc.n_dropped));
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		TRY(bad, tsv_num(b, v[i]));
	TRY(bad, syc_buf_printf(b, "\t%s\t%d", syc_stat_logit_name(f->logit.method),
				f->logit.separated));
	TRY(bad, tsv_num(b, f->corr.r));
	TRY(bad, tsv_num(b, f->corr.p));
	TRY(bad, syc_buf_puts(b, "\n"));
	return bad ? SYC_ENOMEM : 0;
}

int fit_tsv(struct syc_buf *b, const struct fit *f)
{
	const struct scores *s = f->scores;
	bool bad = false;

	TRY(bad, syc_buf_puts(b, "vector\tsite\tlayer\tn\tpositives\tdropped\tauc\tauc_lo\t"
		"auc_hi\tslope\tslope_se\tp\tp_adj\tmethod\tseparated\tr\tr_p\n"));
	for (size_t i = 0; i < s->n_sets; i++)
		for (size_t l = 0; l < s->n_layers; l++)
			TRY(bad, tsv_layer(b, &s->set[i], s->layer[l],
					   &f->layer[i * s->n_layers + l]));
	return bad ? SYC_ENOMEM : 0;
}

static int json_num(struct syc_buf *b, const char *key, double x)
{
	if (!isfinite(x))
		return syc_buf_printf(b, ",\"%s\":null", key);
	return syc_buf_printf(b, ",\"%s\":%.12g", key, x);
}

static int json_layer(struct syc_buf *b, uint32_t layer, const struct fit_layer *f)
{
	const struct { const char *key; double x; } v[] = {
		{ "auc", f->auc.auc },
		{ "auc_se", f->auc.se },
		{ "auc_lo", f->auc.lo },
		{ "auc_hi", f->auc.hi },
		{ "auc_plain_lo", f->auc.plain_lo },
		{ "auc_plain_hi", f->auc.plain_hi },
		{ "mean", f->logit.mean },
		{ "sd", f->logit.sd },
		{ "intercept", f->logit.intercept },
		{ "slope", f->logit.slope },
		{ "slope_se", f->logit.se },
		{ "z", f->logit.z },
		{ "p", f->logit.p },
		{ "p_adj", f->p_adj },
		{ "r", f->corr.r },
		{ "r_p", f->corr.p },
	};
	bool bad = false;

	TRY(bad, syc_buf_printf(b, "{\"layer\":%" PRIu32 ",\"n\":%zu,\"positives\":%zu,\"dropped\":%zu",
		layer, f->auc.n_pos + f->auc.n_neg, f->auc.n_pos, f->auc.n_dropped));
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		TRY(bad, json_num(b, v[i].key, v[i].x));
	TRY(bad, syc_buf_printf(b, ",\"method\":\"%s\",\"separated\":%s",
		syc_stat_logit_name(f->logit.method), f->logit.separated ? "true" : "false"));
	if (f->logit.why)
		TRY(bad, syc_buf_printf(b, ",\"why\":\"%s\"", f->logit.why));
	TRY(bad, syc_buf_puts(b, "}"));
	return bad ? SYC_ENOMEM : 0;
}

static int json_set(struct syc_buf *b, const struct fit *f, size_t i)
{
	const struct scores *s = f->scores;
	const struct scores_set *t = &s->set[i];
	bool bad = false;

	TRY(bad, syc_buf_puts(b, "{\"vector\":"));
	TRY(bad, syc_buf_json(b, t->vector, strlen(t->vector)));
	TRY(bad, syc_buf_puts(b, ",\"site\":"));
	TRY(bad, syc_buf_json(b, t->site, strlen(t->site)));
	TRY(bad, syc_buf_printf(b, ",\"missing\":%" PRIu64 ",\"layers\":[", missing(s, t)));
	for (size_t l = 0; l < s->n_layers; l++) {
		TRY(bad, syc_buf_puts(b, l ? ",\n" : "\n"));
		TRY(bad, json_layer(b, s->layer[l], &f->layer[i * s->n_layers + l]));
	}
	TRY(bad, syc_buf_puts(b, "]}"));
	return bad ? SYC_ENOMEM : 0;
}

int fit_json(struct syc_buf *b, const struct fit *f)
{
	const struct scores *s = f->scores;
	bool bad = false;

	TRY(bad, syc_buf_printf(b, "{\"program\":\"syc-fit\",\"version\":\"%s\",\n", PACKAGE_VERSION));
	TRY(bad, syc_buf_printf(b, "\"rows\":{\"read\":%" PRIu64 ",\"labelled\":%" PRIu64
		",\"sycophantic\":%" PRIu64 ",\"not\":%" PRIu64 ",\"undecided\":%" PRIu64
		",\"skipped\":%" PRIu64 "},\n", s->n_rows, s->n_syc + s->n_not, s->n_syc,
		s->n_not, s->n_undecided, f->n_skipped));
	TRY(bad, syc_buf_puts(b, "\"confidence\":0.95,\"interval\":\"delong-logit\","
		"\"adjustment\":\"benjamini-hochberg\",\n\"fits\":["));
	for (size_t i = 0; i < s->n_sets; i++) {
		TRY(bad, syc_buf_puts(b, i ? ",\n" : "\n"));
		TRY(bad, json_set(b, f, i));
	}
	TRY(bad, syc_buf_puts(b, "]}\n"));
	return bad ? SYC_ENOMEM : 0;
}
