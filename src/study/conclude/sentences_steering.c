/* SPDX-License-Identifier: MIT */
/* What a sweep at equal KL says. */
#include "config.h"
#include <ctype.h>
#include <math.h>
#include <string.h>
#include "study/conclude/conclude.h"

/* The vectors' setting that goes farthest that way; NULL when there is none. */
static const struct syc_setting *farthest(const struct syc_setting *s, size_t n,
					  int way)
{
	const struct syc_setting *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (s[i].kind == SYC_SETTING_VECTOR && !isnan(s[i].change.x) &&
		    (!best || s[i].change.x * way > best->change.x * way))
			best = &s[i];
	return best;
}

/* The largest change of a random direction, either way; NaN without one. */
static double largest_random(const struct syc_setting *s, size_t n,
			     size_t *n_random)
{
	double most = NAN;

	*n_random = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i].kind != SYC_SETTING_RANDOM)
			continue;
		most = fmax(most, fabs(s[i].change.x));
		(*n_random)++;
	}
	return most;
}

static enum syc_verdict moved(const struct syc_estimate *change, double random,
			      int way)
{
	if (isnan(change->lo) || isnan(change->hi))
		return SYC_VERDICT_ABSENT;
	if (change->x * way <= 0 || change->lo * change->hi <= 0)
		return SYC_VERDICT_OPEN;
	return fabs(change->x) <= random ? SYC_VERDICT_RANDOM : SYC_VERDICT_YES;
}

static void say_setting(struct syc_buf *b, const struct syc_setting *s)
{
	const bool one = s->layers[strspn(s->layers, "0123456789")] == '\0';

	syc_say_operator(b, s->op, s->scale);
	syc_buf_printf(b, " at layer%s %s: ", one ? "" : "s", s->layers);
	syc_say_change(b, &s->change);
}

static void put_setting(struct syc_conclusion *c, const struct syc_setting *s)
{
	conclude_text(c, "vector", s->name);
	conclude_text(c, "op", s->op);
	conclude_number(c, "scale", s->scale);
	conclude_text(c, "layers", s->layers);
	conclude_estimate(c, "change", &s->change);
}

int syc_conclude_steering(struct syc_conclusion *c, int way, double at_kl,
			  const struct syc_setting *s, size_t n,
			  struct syc_err *err)
{
	const struct syc_setting *far = farthest(s, n, way);
	size_t n_random;
	const double random = largest_random(s, n, &n_random);

	conclude_begin(c, way < 0 ? "lowers" : "raises");
	if (way < 0)
		syc_buf_printf(&c->question,
			"Does steering lower P(matching), at a KL of %g at most?",
			at_kl);
	else
		syc_buf_puts(&c->question, "Does it raise it?");
	conclude_number(c, "at_kl", at_kl);
	conclude_number(c, "random_settings", (double)n_random);
	conclude_number(c, "random_largest", random);
	if (!far) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		return conclude_end(c, err);
	}
	put_setting(c, far);
	conclude_answer(c, moved(&far->change, random, way));
	say_setting(&c->figures, far);
	if (way < 0) {
		syc_buf_printf(&c->figures,
			       "; the largest of %zu random settings \302\261",
			       n_random);
		syc_say_number(&c->figures, random, 3);
	}
	return conclude_end(c, err);
}

static enum syc_verdict denies(const struct syc_estimate *control)
{
	const enum syc_verdict up = conclude_side(control->lo, control->hi, 0);

	return up == SYC_VERDICT_YES ? SYC_VERDICT_REVERSED :
	       up == SYC_VERDICT_REVERSED ? SYC_VERDICT_YES : up;
}

int syc_conclude_denial(struct syc_conclusion *c, const struct syc_setting *s,
			size_t n, struct syc_err *err)
{
	const struct syc_setting *far = farthest(s, n, -1);

	conclude_begin(c, "denial");
	syc_buf_puts(&c->question,
		"Does the setting that lowers it most deny true statements?");
	if (!far) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		return conclude_end(c, err);
	}
	put_setting(c, far);
	conclude_estimate(c, "control_change", &far->control);
	conclude_answer(c, denies(&far->control));
	if (isnan(far->control.x)) {
		syc_buf_puts(&c->figures, "no control");
	} else {
		syc_buf_puts(&c->figures, "change of P(true answer) ");
		syc_say_change(&c->figures, &far->control);
	}
	return conclude_end(c, err);
}

int syc_conclude_asking(struct syc_conclusion *c, const struct syc_setting *s,
			size_t n, struct syc_err *err)
{
	conclude_begin(c, "asking");
	c->verdict = SYC_VERDICT_ABSENT;
	syc_buf_puts(&c->question, "Does asking do it?");
	conclude_open(c, "messages", "[");
	for (size_t i = 0; i < n; i++) {
		if (s[i].kind != SYC_SETTING_PROMPT)
			continue;
		c->verdict = SYC_VERDICT_FIGURES;
		syc_buf_printf(&c->figures, "%s\342\200\234%s\342\200\235 ",
			       c->figures.len ? "; " : "", s[i].name);
		syc_say_change(&c->figures, &s[i].change);
		conclude_open(c, NULL, "{");
		conclude_text(c, "message", s[i].name);
		conclude_estimate(c, "change", &s[i].change);
		conclude_close(c, "}");
	}
	conclude_close(c, "]");
	return conclude_end(c, err);
}
