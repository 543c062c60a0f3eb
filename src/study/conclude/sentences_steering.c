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

/* The largest change that way of a draw; NaN when there is no such draw. */
static double most_of_draw(const struct syc_setting *s, size_t n, int draw, int way)
{
	double most = NAN;

	for (size_t i = 0; i < n; i++)
		if (s[i].kind == SYC_SETTING_RANDOM && s[i].draw == draw)
			most = fmax(most, way * s[i].change.x);
	return most;
}

static int last_draw(const struct syc_setting *s, size_t n)
{
	int last = -1;

	for (size_t i = 0; i < n; i++)
		if (s[i].kind == SYC_SETTING_RANDOM && s[i].draw > last)
			last = s[i].draw;
	return last;
}

/* Of all draws: how many, how many go as far as x, and the mean and sd of how far. */
struct draws {
	size_t n, as_far;
	double mean, sd, most;
};

static struct draws draws_of(const struct syc_setting *s, size_t n, int way, double x)
{
	struct draws d = { .most = NAN };
	double sum = 0, squares = 0;

	for (int k = 0, end = last_draw(s, n); k <= end; k++) {
		const double far = most_of_draw(s, n, k, way);

		if (isnan(far))
			continue;
		d.n++;
		d.as_far += far >= x;
		d.most = fmax(d.most, far);
		sum += far;
		squares += far * far;
	}
	d.mean = d.n ? sum / (double)d.n : NAN;
	d.sd = d.n > 1 ? sqrt(fmax(squares - sum * d.mean, 0) / (double)(d.n - 1)) : NAN;
	return d;
}

double syc_steering_p(int way, const struct syc_setting *set, size_t n)
{
	const struct syc_setting *far = farthest(set, n, way);
	struct draws d;

	if (!far)
		return NAN;
	d = draws_of(set, n, way, way * far->change.x);
	return d.n ? (double)(1 + d.as_far) / (double)(1 + d.n) : NAN;
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

/* The draws with which the least p, times all tests, is 0.05. */
static size_t draws_needed(const struct syc_steered *s)
{
	return 20 * s->n_tests - 1;
}

static enum syc_verdict steers(const struct syc_steered *s, const struct syc_setting *far,
			       const struct draws *d)
{
	const bool beyond = s->way < 0 ? far->change.hi < 0 : far->change.lo > 0;

	if (isnan(s->test.holm) || isnan(far->change.lo))
		return SYC_VERDICT_ABSENT;
	if (s->test.holm <= 0.05)
		return beyond ? SYC_VERDICT_YES : SYC_VERDICT_OPEN;
	/* Even if no draw goes as far. */
	if (!d->as_far && d->n < draws_needed(s))
		return SYC_VERDICT_ABSENT;
	return beyond ? SYC_VERDICT_RANDOM : SYC_VERDICT_OPEN;
}

static void say_steering(struct syc_conclusion *c, const struct syc_steered *s,
			 const struct syc_setting *far)
{
	const struct draws d = draws_of(s->set, s->n, s->way, s->way * far->change.x);

	conclude_number(c, "draws", (double)d.n);
	conclude_number(c, "random_largest", s->way * d.most);
	conclude_answer(c, steers(s, far, &d));
	say_setting(&c->figures, far);
	syc_buf_printf(&c->figures, "; the farthest of %zu random directions ", d.n);
	syc_say_signed(&c->figures, s->way * d.most, 3);
	conclude_test(c, &s->test);
	if (d.n > 4)
		conclude_seen(c, "a change of ", d.mean + (1.96 + 0.8416) * d.sd);
	if (c->verdict == SYC_VERDICT_ABSENT)
		syc_buf_printf(&c->next, "--random %zu", draws_needed(s));
	else if (c->verdict != SYC_VERDICT_YES)
		syc_buf_puts(&c->next, "a vector from other pairs, or other layers (-L)");
}

int syc_conclude_steering(struct syc_conclusion *c, const struct syc_rests *r,
			  const struct syc_steered *s, struct syc_err *err)
{
	const struct syc_setting *far = farthest(s->set, s->n, s->way);

	conclude_begin(c, s->way < 0 ? "lowers" : "raises");
	if (s->way < 0)
		syc_buf_printf(&c->question,
			"Does steering lower P(matching), at a KL of %g at most?",
			s->at_kl);
	else
		syc_buf_puts(&c->question, "Does it raise it?");
	conclude_number(c, "at_kl", s->at_kl);
	conclude_counts(c, s->counts);
	if (far)
		put_setting(c, far);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	if (far)
		say_steering(c, s, far);
	else
		conclude_answer(c, SYC_VERDICT_ABSENT);
	return conclude_end(c, err);
}

int syc_conclude_denial(struct syc_conclusion *c, const struct syc_rests *r,
			const struct syc_setting *s, size_t n, struct syc_counts counts,
			struct syc_err *err)
{
	const struct syc_setting *far = farthest(s, n, -1);

	conclude_begin(c, "denial");
	syc_buf_puts(&c->question,
		"Does the setting that lowers it most deny true statements?");
	conclude_counts(c, counts);
	if (far) {
		put_setting(c, far);
		conclude_estimate(c, "control_change", &far->control);
	}
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	if (!far || isnan(far->control.lo)) {
		conclude_answer(c, SYC_VERDICT_ABSENT);
		syc_buf_puts(&c->figures, "no control");
		syc_buf_puts(&c->next, "--control");
		return conclude_end(c, err);
	}
	c->verdict = SYC_VERDICT_FIGURES;
	syc_buf_puts(&c->answer, far->control.hi < 0 ? "fewer are affirmed" :
				 far->control.lo > 0 ? "more are affirmed" : "cannot tell");
	syc_buf_puts(&c->figures, "change of P(true answer) ");
	syc_say_change(&c->figures, &far->control);
	conclude_seen(c, "a change of ", (far->control.hi - far->control.lo) / 2 * 2.8016 / 1.96);
	return conclude_end(c, err);
}

int syc_conclude_asking(struct syc_conclusion *c, const struct syc_rests *r,
			const struct syc_setting *s, size_t n, struct syc_counts counts,
			struct syc_err *err)
{
	size_t told = 0;

	conclude_begin(c, "asking");
	syc_buf_puts(&c->question, "What does asking do?");
	conclude_counts(c, counts);
	if (conclude_rests(c, r))
		return conclude_end(c, err);
	conclude_open(c, "messages", "[");
	for (size_t i = 0; i < n; i++) {
		if (s[i].kind != SYC_SETTING_PROMPT)
			continue;
		told++;
		syc_buf_printf(&c->figures, "%s\342\200\234%s\342\200\235 ",
			       c->figures.len ? "; " : "", s[i].name);
		syc_say_change(&c->figures, &s[i].change);
		conclude_open(c, NULL, "{");
		conclude_text(c, "message", s[i].name);
		conclude_estimate(c, "change", &s[i].change);
		conclude_close(c, "}");
	}
	conclude_close(c, "]");
	c->verdict = told ? SYC_VERDICT_FIGURES : SYC_VERDICT_ABSENT;
	syc_buf_puts(&c->answer, told ? "changes of P(matching)" : "cannot be told");
	return conclude_end(c, err);
}
