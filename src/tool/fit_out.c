/* SPDX-License-Identifier: MIT */
/* The reports of syc-fit: a table to read, a table to load, a document. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "tool/fit.h"

enum { CELL = 32 };

/* A report in the making, which remembers when memory ran out. */
struct page {
	struct syc_buf *b;
	bool bad;
};

__attribute__((format(printf, 2, 3)))
static void put(struct page *o, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0 || syc_buf_add(o->b, s, (size_t)n) < 0)
		o->bad = true;
	if (n >= 0)
		free(s);
}

/* Names come from files: no byte of them may break the table. */
static void put_name(struct page *o, const char *s)
{
	for (; *s; s++)
		put(o, "%c", (unsigned char)*s < ' ' || *s == 127 ? '?' : *s);
}

static uint64_t missing(const struct scores *s, const struct scores_set *t)
{
	return s->n_syc + s->n_not - t->n;
}

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
	if (f->method == SYC_LOGIT_NONE)
		return "-";
	return syc_stat_logit_name(f->method);
}

static void text_layer(struct page *o, uint32_t layer, const struct fit_layer *f)
{
	char c[7][CELL];

	put(o, "%5" PRIu32 " %5zu %5zu", layer, f->auc.n_pos + f->auc.n_neg,
	    f->auc.n_pos);
	put(o, " %5s %-14s", fixed(c[0], f->auc.auc, 3),
	    range(c[1], f->auc.lo, f->auc.hi));
	put(o, " %6s %5s %7s %7s", fixed(c[2], f->logit.slope, 3),
	    fixed(c[3], f->logit.se, 3), chance(c[4], f->logit.p),
	    chance(c[5], f->p_adj));
	put(o, " %6s %s\n", fixed(c[6], f->corr.r, 3), method(&f->logit));
}

static void text_set(struct page *o, const struct fit *f, size_t i)
{
	const struct scores *s = f->scores;
	const struct scores_set *t = &s->set[i];

	put(o, "\nvector ");
	put_name(o, t->vector);
	put(o, ", site ");
	put_name(o, t->site);
	if (missing(s, t))
		put(o, " (missing in %" PRIu64 " labelled rows)", missing(s, t));
	put(o, "\n%5s %5s %5s %5s %-14s", "layer", "n", "pos", "AUC",
	    "95 % interval");
	put(o, " %6s %5s %7s %7s %6s %s\n", "slope", "se", "p", "adj.p", "r",
	    "fit");
	for (size_t l = 0; l < s->n_layers; l++)
		text_layer(o, s->layer[l], &f->layer[i * s->n_layers + l]);
}

static bool any_firth(const struct fit *f)
{
	for (size_t i = 0; i < f->scores->n_sets * f->scores->n_layers; i++)
		if (f->layer[i].logit.method == SYC_LOGIT_FIRTH)
			return true;
	return false;
}

static void text_notes(struct page *o, const struct fit *f)
{
	put(o, "\nAUC: 95 %% interval after DeLong, on the logit scale.  "
	    "slope: log odds of a\n"
	    "sycophantic answer per standard deviation of the score, "
	    "with Wald's p.\n"
	    "adj.p: Benjamini-Hochberg over the layers.  "
	    "r: point-biserial.\n");
	if (any_firth(f))
		put(o, "firth: the classes are separated, "
		    "and the slope is Firth's.\n");
}

/* "400 rows: 380 labelled (210 sycophantic, 170 not), 20 undecided" */
static void text_counts(struct page *o, const struct fit *f)
{
	const struct scores *s = f->scores;

	put(o, "%" PRIu64 " rows: %" PRIu64 " labelled", s->n_rows,
	    s->n_syc + s->n_not);
	put(o, " (%" PRIu64 " sycophantic, %" PRIu64 " not)", s->n_syc, s->n_not);
	put(o, ", %" PRIu64 " undecided", s->n_undecided);
	if (f->n_skipped)
		put(o, "; %" PRIu64 " broken rows skipped", f->n_skipped);
	put(o, "\n");
}

int fit_text(struct syc_buf *b, const struct fit *f)
{
	struct page o = { .b = b };

	text_counts(&o, f);
	for (size_t i = 0; i < f->scores->n_sets; i++)
		text_set(&o, f, i);
	if (f->scores->n_sets)
		text_notes(&o, f);
	return o.bad ? SYC_ENOMEM : 0;
}

/* A tab and a number, "NA" when it is not defined. */
static void tsv_num(struct page *o, double x)
{
	if (isnan(x))
		put(o, "\tNA");
	else
		put(o, "\t%.9g", x);
}

static void tsv_layer(struct page *o, const struct scores_set *t,
		      uint32_t layer, const struct fit_layer *f)
{
	const double v[] = {
		f->auc.auc, f->auc.lo, f->auc.hi,
		f->logit.slope, f->logit.se, f->logit.p, f->p_adj,
	};

	put_name(o, t->vector);
	put(o, "\t");
	put_name(o, t->site);
	put(o, "\t%" PRIu32 "\t%zu\t%zu\t%zu", layer,
	    f->auc.n_pos + f->auc.n_neg, f->auc.n_pos, f->auc.n_dropped);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		tsv_num(o, v[i]);
	put(o, "\t%s\t%d", syc_stat_logit_name(f->logit.method),
	    f->logit.separated);
	tsv_num(o, f->corr.r);
	tsv_num(o, f->corr.p);
	put(o, "\n");
}

int fit_tsv(struct syc_buf *b, const struct fit *f)
{
	const struct scores *s = f->scores;
	struct page o = { .b = b };

	put(&o, "vector\tsite\tlayer\tn\tpositives\tdropped\tauc\tauc_lo\t"
	    "auc_hi\tslope\tslope_se\tp\tp_adj\tmethod\tseparated\tr\tr_p\n");
	for (size_t i = 0; i < s->n_sets; i++)
		for (size_t l = 0; l < s->n_layers; l++)
			tsv_layer(&o, &s->set[i], s->layer[l],
				  &f->layer[i * s->n_layers + l]);
	return o.bad ? SYC_ENOMEM : 0;
}

static void json_text(struct page *o, const char *s)
{
	if (syc_buf_json(o->b, s, strlen(s)) < 0)
		o->bad = true;
}

static void json_layer(struct page *o, uint32_t layer, const struct fit_layer *f)
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

	put(o, "{\"layer\":%" PRIu32 ",\"n\":%zu", layer,
	    f->auc.n_pos + f->auc.n_neg);
	put(o, ",\"positives\":%zu,\"dropped\":%zu", f->auc.n_pos,
	    f->auc.n_dropped);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		put(o, ",\"%s\":", v[i].key);
		if (isfinite(v[i].x))
			put(o, "%.12g", v[i].x);
		else
			put(o, "null");
	}
	put(o, ",\"method\":\"%s\"", syc_stat_logit_name(f->logit.method));
	put(o, ",\"separated\":%s", f->logit.separated ? "true" : "false");
	if (f->logit.why)
		put(o, ",\"why\":\"%s\"", f->logit.why);
	put(o, "}");
}

static void json_set(struct page *o, const struct fit *f, size_t i)
{
	const struct scores *s = f->scores;
	const struct scores_set *t = &s->set[i];

	put(o, "{\"vector\":");
	json_text(o, t->vector);
	put(o, ",\"site\":");
	json_text(o, t->site);
	put(o, ",\"missing\":%" PRIu64 ",\"layers\":[", missing(s, t));
	for (size_t l = 0; l < s->n_layers; l++) {
		put(o, l ? ",\n" : "\n");
		json_layer(o, s->layer[l], &f->layer[i * s->n_layers + l]);
	}
	put(o, "]}");
}

int fit_json(struct syc_buf *b, const struct fit *f)
{
	const struct scores *s = f->scores;
	struct page o = { .b = b };

	put(&o, "{\"program\":\"syc-fit\",\"version\":\"%s\",\n", syc_version());
	put(&o, "\"rows\":{\"read\":%" PRIu64 ",\"labelled\":%" PRIu64, s->n_rows,
	    s->n_syc + s->n_not);
	put(&o, ",\"sycophantic\":%" PRIu64 ",\"not\":%" PRIu64, s->n_syc,
	    s->n_not);
	put(&o, ",\"undecided\":%" PRIu64 ",\"skipped\":%" PRIu64 "},\n",
	    s->n_undecided, f->n_skipped);
	put(&o, "\"confidence\":0.95,\"interval\":\"delong-logit\","
	    "\"adjustment\":\"benjamini-hochberg\",\n\"fits\":[");
	for (size_t i = 0; i < s->n_sets; i++) {
		put(&o, i ? ",\n" : "\n");
		json_set(&o, f, i);
	}
	put(&o, "]}\n");
	return o.bad ? SYC_ENOMEM : 0;
}
