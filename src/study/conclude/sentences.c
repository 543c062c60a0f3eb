/* SPDX-License-Identifier: MIT */
/* What the scores' numbers say. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "study/conclude/conclude.h"

static const char *const names[] = {
	[SYC_VERDICT_ABSENT] = "absent",     [SYC_VERDICT_OPEN] = "open",
	[SYC_VERDICT_YES] = "yes",	     [SYC_VERDICT_NO] = "no",
	[SYC_VERDICT_REVERSED] = "reversed", [SYC_VERDICT_SOME] = "some",
	[SYC_VERDICT_PERHAPS] = "perhaps",   [SYC_VERDICT_RANDOM] = "random",
	[SYC_VERDICT_FIGURES] = "figures",   [SYC_VERDICT_UNASKED] = "unasked",
};

static const char *const plain_words[] = {
	[SYC_VERDICT_ABSENT] = "cannot be told",
	[SYC_VERDICT_UNASKED] = "cannot be asked",
	[SYC_VERDICT_OPEN] = "not shown",
	[SYC_VERDICT_YES] = "yes",
	[SYC_VERDICT_NO] = "no",
	[SYC_VERDICT_REVERSED] = "no: the other way round",
	[SYC_VERDICT_PERHAPS] = "perhaps",
	[SYC_VERDICT_RANDOM] = "no more than null vectors",
};

const char *syc_verdict_name(enum syc_verdict v)
{
	return names[v];
}

void syc_conclusion_free(struct syc_conclusion *c)
{
	syc_buf_free(&c->question);
	syc_buf_free(&c->answer);
	syc_buf_free(&c->figures);
	syc_buf_free(&c->counts);
	syc_buf_free(&c->seen);
	syc_buf_free(&c->next);
	syc_buf_free(&c->numbers);
	*c = (struct syc_conclusion){ 0 };
}

/* ---- shared by the questions ------------------------------------------------ */

void conclude_begin(struct syc_conclusion *c, const char *key)
{
	syc_conclusion_free(c);
	c->key = key;
	syc_buf_puts(&c->numbers, "{");
}

void conclude_answer(struct syc_conclusion *c, enum syc_verdict v)
{
	c->verdict = v;
	syc_buf_puts(&c->answer, plain_words[v]);
}

int conclude_end(struct syc_conclusion *c, struct syc_err *err)
{
	struct syc_buf *all[] = { &c->answer, &c->figures, &c->counts, &c->seen, &c->next };
	bool bad = c->question.failed;

	syc_buf_puts(&c->numbers, "}");
	/* Nothing is empty. */
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i]->len)
			syc_buf_puts(all[i], "\342\200\223");
		bad |= all[i]->failed;
	}
	return bad || c->numbers.failed ? syc_nomem(err) : 0;
}

enum syc_verdict conclude_shown(const struct syc_test *t)
{
	return isnan(t->holm) ? SYC_VERDICT_ABSENT :
	       t->holm <= 0.05 ? SYC_VERDICT_YES : SYC_VERDICT_OPEN;
}

void conclude_unasked(struct syc_conclusion *c, const char *because, const char *next)
{
	conclude_answer(c, SYC_VERDICT_UNASKED);
	syc_buf_printf(&c->answer, ": %s", because);
	syc_buf_puts(&c->next, next);
}

bool conclude_rests(struct syc_conclusion *c, const struct syc_rests *r)
{
	if (r)
		conclude_unasked(c, r->because, r->next);
	return r != NULL;
}

static void put_key(struct syc_buf *b, const char *key)
{
	const char last = b->len ? b->data[b->len - 1] : '{';

	syc_buf_puts(b, last == '{' || last == '[' ? "" : ", ");
	if (!key)
		return;
	syc_buf_json(b, key, strlen(key));
	syc_buf_puts(b, ": ");
}

void conclude_number(struct syc_conclusion *c, const char *key, double x)
{
	put_key(&c->numbers, key);
	if (isfinite(x))
		syc_buf_printf(&c->numbers, "%.12g", x);
	else
		syc_buf_puts(&c->numbers, "null");
}

void conclude_text(struct syc_conclusion *c, const char *key, const char *text)
{
	put_key(&c->numbers, key);
	syc_buf_json(&c->numbers, text, strlen(text));
}

void conclude_open(struct syc_conclusion *c, const char *key,
		   const char *bracket)
{
	put_key(&c->numbers, key);
	syc_buf_puts(&c->numbers, bracket);
}

void conclude_close(struct syc_conclusion *c, const char *bracket)
{
	syc_buf_puts(&c->numbers, bracket);
}

void conclude_estimate(struct syc_conclusion *c, const char *key,
		       const struct syc_estimate *e)
{
	char part[64];

	conclude_number(c, key, e->x);
	snprintf(part, sizeof(part), "%s_lo", key);
	conclude_number(c, part, e->lo);
	snprintf(part, sizeof(part), "%s_hi", key);
	conclude_number(c, part, e->hi);
}

void conclude_list(struct syc_conclusion *c, const char *key, const char *what,
		   const char *value, const struct syc_figure *f, size_t n)
{
	conclude_open(c, key, "[");
	for (size_t i = 0; i < n; i++) {
		conclude_open(c, NULL, "{");
		conclude_text(c, what, f[i].name);
		conclude_estimate(c, value, &f[i].value);
		conclude_close(c, "}");
	}
	conclude_close(c, "]");
}

void conclude_counts(struct syc_conclusion *c, struct syc_counts n)
{
	conclude_number(c, "claims", (double)n.n_claims);
	conclude_number(c, "rows", (double)n.n_rows);
	if (!n.n_rows)
		return;
	syc_buf_puts(&c->counts, c->counts.len ? "; " : "");
	if (n.n_claims)
		syc_buf_printf(&c->counts, "%zu claims, ", n.n_claims);
	syc_buf_printf(&c->counts, "%zu rows", n.n_rows);
}

void conclude_seen(struct syc_conclusion *c, const char *what, double x)
{
	conclude_number(c, "seen", x);
	if (isnan(x))
		return;
	syc_buf_printf(&c->seen, "%s%s", c->seen.len ? "; " : "", what);
	syc_say_number(&c->seen, x, 3);
}

double conclude_least(const struct syc_estimate *e)
{
	return (e->hi - e->lo) / 2 * 2.8016 / 1.96;
}

void conclude_test(struct syc_conclusion *c, const struct syc_test *t)
{
	conclude_number(c, "p", t->p);
	conclude_number(c, "p_holm", t->holm);
	syc_buf_puts(&c->figures, ", p ");
	syc_say_p(&c->figures, t->p);
	syc_buf_puts(&c->figures, " (adjusted ");
	syc_say_p(&c->figures, t->holm);
	syc_buf_puts(&c->figures, ")");
}

void conclude_ends(struct syc_conclusion *c, const char *what, double lo, double hi)
{
	syc_buf_printf(&c->figures, "%s from ", what);
	syc_say_number(&c->figures, lo, 3);
	syc_buf_puts(&c->figures, " to ");
	syc_say_number(&c->figures, hi, 3);
}
