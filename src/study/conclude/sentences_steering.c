/* SPDX-License-Identifier: MIT */
/* What steering does, of settings that were fixed before. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "study/conclude/conclude.h"
#include "syc/draws.h"

void syc_say_setting(struct syc_buf *b, const struct syc_setting *s)
{
	const bool one = s->layers[strspn(s->layers, "0123456789")] == '\0';

	syc_buf_printf(b, "%s (", s->vector);
	syc_say_operator(b, s->op, s->scale);
	syc_buf_printf(b, " at layer%s %s)", one ? "" : "s", s->layers);
}

static void put_setting(struct syc_conclusion *c, const struct syc_setting *s)
{
	conclude_text(c, "vector", s->vector);
	conclude_text(c, "op", s->op);
	conclude_number(c, "scale", s->scale);
	conclude_text(c, "layers", s->layers);
}

/* ---- beside null vectors ----------------------------------------------------- */

/* The ends of an interval, turned so that more is more of what is asked about. */
static double low(const struct syc_steered *s, double lo, double hi)
{
	return s->way < 0 ? -hi : lo;
}

enum syc_verdict syc_steered_verdict(const struct syc_steered *s)
{
	static const enum syc_verdict of[] = {
		[SYC_DRAWS_UNKNOWN] = SYC_VERDICT_OPEN,
		[SYC_DRAWS_FEW] = SYC_VERDICT_ABSENT,
		[SYC_DRAWS_YES] = SYC_VERDICT_YES,
		[SYC_DRAWS_NULL] = SYC_VERDICT_RANDOM,
		[SYC_DRAWS_NO_EFFECT] = SYC_VERDICT_NO,
	};
	const double lo = low(s, s->change.lo, s->change.hi);
	enum syc_draws_verdict v;

	if (isnan(s->test.holm) || isnan(lo))
		return SYC_VERDICT_ABSENT;
	v = syc_draws_verdict(s->test.holm, s->least_holm, lo,
			      low(s, s->change.hi, s->change.lo), 0);
	/* By the page's interval: it is one of all that the page may say. */
	if (v != SYC_DRAWS_YES &&
	    s->page_lo > -SYC_STANCE_RELEVANT && s->page_hi < SYC_STANCE_RELEVANT)
		v = SYC_DRAWS_NO_EFFECT;
	return of[v];
}

static void say_verdict(struct syc_conclusion *c, const struct syc_steered *s)
{
	c->verdict = syc_steered_verdict(s);
	switch (c->verdict) {
	case SYC_VERDICT_YES: syc_buf_puts(&c->answer, "yes: it steers"); break;
	case SYC_VERDICT_RANDOM: syc_buf_puts(&c->answer, "no more than null vectors do"); break;
	case SYC_VERDICT_NO: syc_buf_puts(&c->answer, "no relevant effect"); break;
	case SYC_VERDICT_OPEN: syc_buf_puts(&c->answer, "cannot tell"); break;
	default:
		syc_buf_printf(&c->answer, isnan(s->test.holm) ? "cannot be told" :
			       "too few draws of null vectors: %zu are needed", s->n_needed);
	}
}

static void say_draws(struct syc_conclusion *c, const struct syc_steered *s)
{
	syc_say_change(&c->figures, &s->change);
	if (!s->reached)
		syc_buf_puts(&c->figures, ", short of that KL");
	syc_buf_printf(&c->figures, "; the farthest of null vectors (%s) ", s->nulls);
	syc_say_signed(&c->figures, s->way * s->null_most, 3);
	conclude_test(c, &s->test);
	if (c->verdict == SYC_VERDICT_ABSENT) {
		syc_buf_puts(&c->figures, "; so many draws give at least ");
		syc_say_p(&c->figures, s->least);
	}
}

static void say_next(struct syc_conclusion *c, const struct syc_steered *s)
{
	switch (c->verdict) {
	case SYC_VERDICT_ABSENT:
		if (*s->outcome)
			syc_buf_printf(&c->next, "--null %zu", s->n_needed);
		break;
	case SYC_VERDICT_OPEN:
		syc_buf_puts(&c->next, "more claims (--steered, -n)");
		break;
	case SYC_VERDICT_RANDOM:
	case SYC_VERDICT_NO:
		syc_buf_puts(&c->next, "another hypothesis, on other claims (--primary)");
		break;
	default: break;
	}
}

static void ask(struct syc_conclusion *c, const struct syc_steered *s)
{
	const char *verb = s->way < 0 ? "lower" : "raise";

	conclude_begin(c, s->primary ? "steers" : "opposite");
	if (!*s->outcome) {
		syc_buf_printf(&c->question, "%s steering %s what the view does?",
			       s->primary ? "Does" : "And the opposite: does", verb);
		return;
	}
	syc_buf_puts(&c->question, s->primary ? "Fixed before: does " : "The opposite: does ");
	syc_say_setting(&c->question, &s->set);
	syc_buf_printf(&c->question, " %s the %s, at a KL of %g?", verb, s->outcome, s->at_kl);
	put_setting(c, &s->set);
}

int syc_conclude_steering(struct syc_conclusion *c, const struct syc_rests *r,
			  const struct syc_steered *s, struct syc_err *err)
{
	ask(c, s);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	conclude_counts(c, s->counts);
	conclude_text(c, "outcome", s->outcome);
	conclude_number(c, "at_kl", s->at_kl);
	conclude_estimate(c, "change", &s->change);
	conclude_text(c, "nulls", s->nulls);
	conclude_number(c, "null_most", s->way * s->null_most);
	conclude_number(c, "p_least", s->least);
	conclude_number(c, "draws_needed", (double)s->n_needed);
	say_verdict(c, s);
	if (!isnan(s->test.p))
		say_draws(c, s);
	conclude_seen(c, "a change of ", s->seen);
	say_next(c, s);
	return conclude_end(c, err);
}

/* ---- question by question ------------------------------------------------------ */

int syc_conclude_slopes(struct syc_conclusion *c, const struct syc_rests *r,
			const struct syc_sloped *s, struct syc_err *err)
{
	conclude_begin(c, "slopes");
	syc_buf_puts(&c->question, "Does it move every question?");
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	conclude_counts(c, s->counts);
	conclude_estimate(c, "slope", &s->slope);
	conclude_number(c, "wrong_way", s->wrong);
	conclude_number(c, "below_0", s->below);
	if (isnan(s->slope.x)) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		return conclude_end(c, err);
	}
	put_setting(c, &s->set);
	c->verdict = SYC_VERDICT_FIGURES;
	syc_say_percent(&c->answer, s->wrong);
	syc_buf_puts(&c->answer, " of the questions go the wrong way");
	syc_buf_puts(&c->figures, "log odds of the user's answer by ");
	syc_say_change(&c->figures, &s->slope);
	syc_buf_printf(&c->figures, " for each unit of the scale (%s, %s); below 0 at all: ",
		       s->set.vector, s->set.op);
	syc_say_percent(&c->figures, s->below);
	return conclude_end(c, err);
}

/* ---- what it costs, and what else does it --------------------------------------- */

int syc_conclude_denial(struct syc_conclusion *c, const struct syc_rests *r,
			const struct syc_setting *set, const struct syc_estimate *control,
			struct syc_counts counts, struct syc_err *err)
{
	conclude_begin(c, "denial");
	syc_buf_puts(&c->question, "Does that setting deny true statements?");
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	conclude_counts(c, counts);
	conclude_estimate(c, "control_change", control);
	if (isnan(control->lo)) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		syc_buf_puts(&c->figures, "no control");
		syc_buf_puts(&c->next, "--control");
		return conclude_end(c, err);
	}
	put_setting(c, set);
	c->verdict = SYC_VERDICT_FIGURES;
	syc_buf_puts(&c->answer, control->hi < 0 ? "fewer are affirmed" :
				 control->lo > 0 ? "more are affirmed" : "cannot tell");
	syc_buf_puts(&c->figures, "change of P(true answer) ");
	syc_say_change(&c->figures, control);
	conclude_seen(c, "a change of ", conclude_least(control));
	return conclude_end(c, err);
}

int syc_conclude_asking(struct syc_conclusion *c, const struct syc_rests *r,
			const char *outcome, const struct syc_figure *message, size_t n,
			struct syc_counts counts, struct syc_err *err)
{
	conclude_begin(c, "asking");
	syc_buf_puts(&c->question, "What does asking do?");
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	conclude_counts(c, counts);
	conclude_list(c, "messages", "message", "change", message, n);
	for (size_t i = 0; i < n; i++) {
		syc_buf_printf(&c->figures, "%s\342\200\234%s\342\200\235 ",
			       i ? "; " : "", message[i].name);
		syc_say_change(&c->figures, &message[i].value);
	}
	c->verdict = n ? SYC_VERDICT_FIGURES : SYC_VERDICT_ABSENT;
	if (n)
		syc_buf_printf(&c->answer, "changes of the %s", outcome);
	else
		conclude_answer(c, SYC_VERDICT_ABSENT);
	return conclude_end(c, err);
}
