/* SPDX-License-Identifier: MIT */
/* What a sweep found: the figures of each setting, a table and a document. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/resample.h"
#include "tool/common/fail.h"
#include "tool/sweep/sweep.h"

enum { CELL = 32 };

/* ---- figures -------------------------------------------------------------------- */

static double chosen(double p)
{
	return p > 0.5 ? 1 : p < 0.5 ? 0 : 0.5;
}

/* The mean of y and that of its difference from x, over n items. */
static int compare(struct sweep_mean *m, const double *x, const double *y, double *d, size_t n,
		   const struct sweep *w, struct syc_err *err)
{
	*m = (struct sweep_mean){ NAN, NAN, NAN, NAN };
	if (!n)
		return 0;
	m->value = m->change = 0;
	for (size_t i = 0; i < n; i++) {
		d[i] = y[i] - x[i];
		m->value += y[i] / (double)n;
		m->change += d[i] / (double)n;
	}
	return syc_stat_boot_mean(&m->lo, &m->hi, d, n, w->boot, w->common.seed, err);
}

/*
 * Which way P(matching) should move: 0 when the setting does not say, as a
 * random direction or a system message.
 */
static int intended(const struct sweep_setting *s)
{
	int sign = s->rule.scale < 0 ? -1 : 1;

	return s->kind == SWEEP_STEER ? sign * syc_steer_op_info(s->rule.op)->way : 0;
}

static int summarize_set(struct sweep_result *r, const struct sweep *w, const struct sweep_setting *s,
			 size_t from, size_t n, struct syc_err *err)
{
	double *x = calloc(3 * n + 1, sizeof(*x)), *y = x ? x + n : NULL, *d = x ? x + 2 * n : NULL;
	int ret = x ? 0 : fail_nomem(err), way = intended(s);
	size_t wrong = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		x[i] = (double)w->setting[0].p_match[from + i];
		y[i] = (double)s->p_match[from + i];
	}
	if (ret == 0)
		ret = compare(&r->p, x, y, d, n, w, err);
	if (!way)
		way = r->p.change < 0 ? -1 : 1;
	for (size_t i = 0; i < n && ret == 0; i++) {
		wrong += d[i] * way < 0;
		x[i] = chosen(x[i]);
		y[i] = chosen(y[i]);
	}
	r->wrong = n && s->kind != SWEEP_NONE ? (double)wrong / (double)n : NAN;
	if (ret == 0)
		ret = compare(&r->chosen, x, y, d, n, w, err);
	free(x);
	return ret;
}

int sweep_summarize(struct sweep *w, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < w->n && ret == 0; i++) {
		struct sweep_setting *s = &w->setting[i];

		s->kl = s->n_kl ? s->kl_sum / (double)s->n_kl : i || !w->n_passages ? NAN : 0;
		s->text_kl = s->n_text_kl ? s->text_kl_sum / (double)s->n_text_kl : NAN;
		s->perplexity = s->n_nll ? exp(s->nll_sum / (double)s->n_nll) : NAN;
		s->repetition = s->n_rep ? s->rep_sum / (double)s->n_rep : NAN;
		ret = summarize_set(&s->main, w, s, 0, w->questions.n, err);
		if (ret == 0)
			ret = summarize_set(&s->control, w, s, w->questions.n, w->control.n, err);
	}
	return ret;
}

/* ---- the table -------------------------------------------------------------------- */

/* Names come from files: no byte of them may break the table. */
static void put_name(struct syc_buf *b, const char *s, int width)
{
	char cell[CELL];

	snprintf(cell, sizeof(cell), "%s", s);
	for (char *c = cell; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	syc_buf_printf(b, "%-*s", width, cell);
}

/* A number for the eye, "-" when it is not defined. */
static const char *fixed(char cell[CELL], double x, int digits)
{
	if (isnan(x))
		snprintf(cell, CELL, "-");
	else
		snprintf(cell, CELL, "%.*f", fabs(x) < 1e9 ? digits : 0, fmin(fmax(x, -1e18), 1e18));
	return cell;
}

static void put_change(struct syc_buf *b, const struct sweep_mean *m)
{
	char x[CELL];

	if (isnan(m->lo))
		syc_buf_printf(b, " %7s %16s", fixed(x, m->change, 3), "");
	else
		syc_buf_printf(b, " %+7.3f [%+.3f, %+.3f]", m->change, m->lo, m->hi);
}

/* What it is: vector or baseline, layer, operator and scale. */
static void put_setting(struct syc_buf *b, const struct sweep_setting *s, int width, int at)
{
	char name[CELL + 16];

	switch (s->kind) {
	case SWEEP_NONE: syc_buf_printf(b, "%-*s", width + at + 20, "unsteered"); return;
	case SWEEP_PROMPT:
		snprintf(name, sizeof(name), "prompt: %s", s->prompt);
		put_name(b, name, width + at + 20);
		return;
	case SWEEP_RANDOM: syc_buf_printf(b, "%-*s", width, "random"); break;
	case SWEEP_STEER: put_name(b, s->vector->name, width); break;
	}
	syc_buf_printf(b, " %*s %-10s%8.4g", at, s->at->text,
		       syc_steer_op_info(s->rule.op)->name, (double)s->rule.scale);
}

static void put_row(struct syc_buf *b, const struct sweep *w, const struct sweep_setting *s, int width, int at)
{
	const double figures[] = { s->main.wrong, s->kl, s->text_kl, s->perplexity, s->repetition };
	static const int digits[] = { 3, 4, 4, 2, 3 };
	char x[CELL];

	put_setting(b, s, width, at);
	syc_buf_printf(b, "%s %8s", s->reached ? " " : "*", fixed(x, s->main.p.value, 3));
	put_change(b, &s->main.p);
	syc_buf_printf(b, " %7s", fixed(x, s->main.chosen.value, 3));
	for (size_t i = 0; i < 5; i++)
		syc_buf_printf(b, " %8s", fixed(x, figures[i], digits[i]));
	if (w->control.n) {
		syc_buf_printf(b, " %8s", fixed(x, s->control.p.value, 3));
		put_change(b, &s->control.p);
		syc_buf_printf(b, " %7s", fixed(x, s->control.chosen.value, 3));
	}
	syc_buf_puts(b, "\n");
}

static void put_head(struct syc_buf *b, const struct sweep *w, int width, int at)
{
	syc_buf_printf(b, "%zu questions", w->questions.n);
	if (w->control.n)
		syc_buf_printf(b, ", %zu of the control", w->control.n);
	syc_buf_printf(b, "; KL over %zu answers", w->n_passages - 1);
	if (!isnan(w->at_kl))
		syc_buf_printf(b, "; scales for a KL of %g nats per token of the %s", w->at_kl,
			       w->kl_on_text ? "text" : "answers");
	syc_buf_printf(b, "\n\n%-*s %*s %-10s%8s  %8s %7s %-16s %7s %8s %8s %8s %8s %8s", width, "vector", at, "layer", "operator", "scale",
		       "P(match)", "change", " 95 % interval", "chosen", "wrong", "KL", "text KL", "perpl.", "repeated");
	if (w->control.n)
		syc_buf_printf(b, " %8s %7s %-16s %7s", "control", "change", " 95 % interval", "chosen");
	syc_buf_puts(b, "\n");
}

int sweep_table(struct syc_buf *b, const struct sweep *w)
{
	size_t width = 9, at = 5;
	bool short_of = false;

	for (size_t i = 0; i < w->n_vectors; i++)
		if (strlen(w->vector[i].name) > width)
			width = strlen(w->vector[i].name);
	width = width < CELL ? width : CELL - 1;
	for (size_t i = 0; i < w->n_layers; i++)
		if (strlen(w->layers[i].text) > at)
			at = strlen(w->layers[i].text);
	put_head(b, w, (int)width, (int)at);
	for (size_t i = 0; i < w->n; i++) {
		put_row(b, w, &w->setting[i], (int)width, (int)at);
		short_of = short_of || !w->setting[i].reached;
	}
	if (short_of)
		syc_buf_puts(b, "\n* does not reach that KL: the nearest found\n");
	return b->failed ? SYC_ENOMEM : 0;
}

/* ---- columns ----------------------------------------------------------------------- */

static const char *const kinds[] = { "none", "steer", "random", "prompt" };

static void tab_num(struct syc_buf *b, double x)
{
	if (isfinite(x))
		syc_buf_printf(b, "\t%.7g", x);
	else
		syc_buf_puts(b, "\tNA");
}

/* No byte of a name may break a line into other columns. */
static void tab_text(struct syc_buf *b, const char *s)
{
	syc_buf_puts(b, "\t");
	for (; *s; s++)
		syc_buf_printf(b, "%c", (unsigned char)*s < ' ' || *s == 127 ? ' ' : *s);
}

static void tab_result(struct syc_buf *b, const struct sweep_result *r, bool any)
{
	const double x[] = { r->p.value, r->p.change, r->p.lo, r->p.hi, r->chosen.value,
			     r->chosen.change, r->chosen.lo, r->chosen.hi, r->wrong };

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		tab_num(b, any ? x[i] : NAN);
}

static void tab_row(struct syc_buf *b, const struct sweep *w, const struct sweep_setting *s)
{
	const bool steered = s->kind == SWEEP_STEER || s->kind == SWEEP_RANDOM;

	syc_buf_puts(b, kinds[s->kind]);
	tab_text(b, steered ? s->vector->name : s->kind == SWEEP_PROMPT ? s->prompt : "NA");
	tab_num(b, s->kind == SWEEP_RANDOM ? (double)s->draw : NAN);
	tab_text(b, steered ? s->at->text : "NA");
	tab_text(b, steered ? syc_steer_op_info(s->rule.op)->name : "NA");
	tab_num(b, steered ? (double)s->rule.scale : NAN);
	tab_num(b, s->reached);
	tab_result(b, &s->main, true);
	tab_num(b, s->kl);
	tab_num(b, s->text_kl);
	tab_num(b, s->perplexity);
	tab_num(b, s->repetition);
	tab_result(b, &s->control, w->control.n > 0);
	syc_buf_puts(b, "\n");
}

int sweep_tsv(struct syc_buf *b, const struct sweep *w)
{
	static const char *const figures[] = { "p_match", "change", "change_lo", "change_hi", "chosen",
		"chosen_change", "chosen_change_lo", "chosen_change_hi", "wrong_way" };
	const size_t n = sizeof(figures) / sizeof(figures[0]);

	syc_buf_puts(b, "kind\tvector\tdraw\tlayers\top\tscale\treached");
	for (size_t i = 0; i < n; i++)
		syc_buf_printf(b, "\t%s", figures[i]);
	syc_buf_puts(b, "\tkl\ttext_kl\tperplexity\trepetition");
	for (size_t i = 0; i < n; i++)
		syc_buf_printf(b, "\tcontrol_%s", figures[i]);
	syc_buf_puts(b, "\n");
	for (size_t i = 0; i < w->n; i++)
		tab_row(b, w, &w->setting[i]);
	return b->failed ? SYC_ENOMEM : 0;
}

/* ---- the document ------------------------------------------------------------------ */

static void put_num(struct syc_buf *b, const char *key, double x)
{
	syc_buf_printf(b, ", \"%s\": ", key);
	syc_buf_float(b, (float)x);
}

static void put_text(struct syc_buf *b, const char *key, const char *s)
{
	syc_buf_printf(b, ", \"%s\": ", key);
	syc_buf_json(b, s, strlen(s));
}

static void put_result(struct syc_buf *b, const struct sweep_result *r)
{
	put_num(b, "p_match", r->p.value);
	put_num(b, "change", r->p.change);
	put_num(b, "change_lo", r->p.lo);
	put_num(b, "change_hi", r->p.hi);
	put_num(b, "chosen", r->chosen.value);
	put_num(b, "chosen_change", r->chosen.change);
	put_num(b, "chosen_change_lo", r->chosen.lo);
	put_num(b, "chosen_change_hi", r->chosen.hi);
	put_num(b, "wrong_way", r->wrong);
}

static void put_what(struct syc_buf *b, const struct sweep_setting *s)
{
	syc_buf_printf(b, "{\"kind\": \"%s\"", kinds[s->kind]);
	if (s->kind == SWEEP_PROMPT)
		put_text(b, "system", s->prompt);
	if (s->kind != SWEEP_STEER && s->kind != SWEEP_RANDOM)
		return;
	put_text(b, "vector", s->vector->name);
	if (s->kind == SWEEP_RANDOM)
		syc_buf_printf(b, ", \"draw\": %zu", s->draw);
	if (s->at->n == 1)
		syc_buf_printf(b, ", \"layer\": %" PRIu32, s->at->layer[0]);
	else
		syc_buf_puts(b, ", \"layer\": null");
	syc_buf_printf(b, ", \"layers\": \"%s\", \"op\": \"%s\"", s->at->text,
		       syc_steer_op_info(s->rule.op)->name);
	put_num(b, "scale", (double)s->rule.scale);
	syc_buf_puts(b, ", \"steer\": ");
	syc_steer_describe(s->steer, b);
	syc_buf_printf(b, ", \"reached\": %s", s->reached ? "true" : "false");
}

int sweep_json(struct syc_buf *b, const struct sweep *w)
{
	const struct sweep_passage *text = &w->passage[w->n_passages - 1];

	syc_buf_puts(b, "{");
	if (load_describe(w->tool, &w->load, w->prompter[0].chat, w->model, b) < 0)
		return SYC_ENOMEM;
	syc_buf_printf(b, ", \"n\": %zu, \"n_control\": %zu, \"boot\": %zu, \"seed\": %" PRIu64
		       ", \"answers\": %zu, \"max_tokens\": %zu, \"text_tokens\": %zu, \"kl_on\": \"%s\"",
		       w->questions.n, w->control.n, w->boot, w->common.seed, w->n_passages - 1, w->max_new,
		       text->n + 1, w->kl_on_text ? "text" : "answers");
	put_num(b, "at_kl", w->at_kl);
	syc_buf_puts(b, ", \"settings\": [");
	for (size_t i = 0; i < w->n; i++) {
		const struct sweep_setting *s = &w->setting[i];

		syc_buf_puts(b, i ? ",\n" : "\n");
		put_what(b, s);
		put_result(b, &s->main);
		put_num(b, "kl", s->kl);
		put_num(b, "text_kl", s->text_kl);
		put_num(b, "perplexity", s->perplexity);
		put_num(b, "repetition", s->repetition);
		if (w->control.n) {
			syc_buf_printf(b, ", \"control\": {\"n\": %zu", w->control.n);
			put_result(b, &s->control);
			syc_buf_puts(b, "}");
		}
		syc_buf_puts(b, "}");
	}
	syc_buf_puts(b, "\n]}\n");
	return b->failed ? SYC_ENOMEM : 0;
}
