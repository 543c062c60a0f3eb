/* SPDX-License-Identifier: MIT */
/* From the documents to the conclusions: a table and a document of them. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/tables/page.h"

const struct syc_rests *page_on_effect(const struct page *p)
{
	return p->why.len ? &p->effect : NULL;
}

/* ---- the numbers of each question -------------------------------------- */

static int declared(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	return syc_conclude_stance(out, true, &p->t.followed[p->d->train], 1, err);
}

static int other_sets(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	struct syc_followed *f = calloc(p->d->n_sets + 1, sizeof(*f));
	size_t n = 0;
	int ret;

	if (!f)
		return syc_nomem(err);
	for (size_t i = 0; i < p->d->n_sets; i++)
		if (i != p->d->train)
			f[n++] = p->t.followed[i];
	ret = syc_conclude_stance(out, false, f, n, err);
	free(f);
	return ret;
}

static int moved(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const struct syc_study_documents *d = p->d;
	struct syc_moved *m = calloc(d->n_sets + 1, sizeof(*m));
	int ret;

	if (!m)
		return syc_nomem(err);
	for (size_t i = 0; i < d->n_sets; i++) {
		const json_t *o = json_object_get(d->set[i].stance, "labels");

		m[i] = (struct syc_moved){
			d->set[i].name, count_of(o, "moved"), count_of(o, "held"),
			count_of(o, "within_margin"), count_of(o, "agree_anyway"),
		};
	}
	ret = syc_conclude_moved(out, m, d->n_sets, err);
	free(m);
	return ret;
}

/* Letters and repeated words have questions of their own. */
static bool is_rival(const char *vector)
{
	return strcmp(vector, "ab") == 0 || strcmp(vector, "repeats") == 0;
}

static int likeness(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const struct syc_study_documents *d = p->d;
	struct syc_figure *f = calloc(d->n_vectors + 1, sizeof(*f));
	struct syc_likeness l = { .layer = d->layer, .cosine = f, .n_pairs = d->n_pairs,
				  .halves = { NAN, NAN, NAN } };
	const json_t *o;
	size_t i;
	int ret;

	if (!f)
		return syc_nomem(err);
	for (i = 1; i < d->n_vectors; i++) {
		if (is_rival(d->vector[i]))
			continue;
		f[l.n++] = (struct syc_figure){
			d->vector[i],
			{ cosine_of(d, d->vector[0], d->vector[i]), NAN, NAN }
		};
	}
	json_array_foreach(d->doc[SYC_STUDY_STABILITY], i, o)
		if (isnan(l.halves.x) && text_is(o, "what", "halves"))
			l.halves = estimate_of(o, STABLE);
	ret = syc_conclude_likeness(out, &l, err);
	free(f);
	return ret;
}

/* ---- steering ---------------------------------------------------------- */

static struct syc_setting setting_of(const json_t *o)
{
	const bool prompt = text_is(o, "kind", "prompt");

	return (struct syc_setting){
		.kind = prompt	       ? SYC_SETTING_PROMPT
			: is_random(o) ? SYC_SETTING_RANDOM
				       : SYC_SETTING_VECTOR,
		.name = text_of(o, prompt ? "system" : "vector"),
		.op = text_of(o, "op"),
		.scale = number_of(o, "scale"),
		.draw = (int)count_of(o, "draw"),
		.layers = text_of(o, "layers"),
		.change = estimate_of(o, "change"),
		.control = estimate_of(json_object_get(o, "control"), "change"),
	};
}

static int steering(const struct page *p, int way, struct syc_conclusion *out,
		    struct syc_err *err)
{
	const struct syc_steered s = {
		.way = way, .at_kl = p->d->at_kl, .n_tests = p->t.n_tests,
		.test = way < 0 ? p->t.lowers : p->t.raises,
		.counts = p->d->steered, .set = p->set, .n = p->n_set,
	};

	return syc_conclude_steering(out, page_on_effect(p), &s, err);
}

static int lowers(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	return steering(p, -1, out, err);
}

static int raises(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	return steering(p, 1, out, err);
}

static int denial(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	static const struct syc_rests no = {
		"it is not shown that steering lowers it", "see steering"
	};
	const struct syc_rests *r = page_on_effect(p);

	if (!r && out[SYC_ASKED_LOWERS - SYC_ASKED_DENIAL].verdict != SYC_VERDICT_YES)
		r = &no;
	return syc_conclude_denial(out, r, p->set, p->n_set, p->d->steered, err);
}

static int asking(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	return syc_conclude_asking(out, page_on_effect(p), p->set, p->n_set, p->d->steered, err);
}

/* ---- all of them ------------------------------------------------------- */

static int read_settings(struct page *p, struct syc_err *err)
{
	const json_t *all = rows_of(p->d, SYC_STUDY_EQUAL), *o;
	size_t i;

	p->set = calloc(json_array_size(all) + 1, sizeof(*p->set));
	if (!p->set)
		return syc_nomem(err);
	json_array_foreach(all, i, o)
		if (!text_is(o, "kind", "none"))
			p->set[p->n_set++] = setting_of(o);
	return 0;
}

/* Why nothing may rest on the declared answer; nothing where it may. */
static void say_why(struct page *p)
{
	const struct syc_followed *f = &p->t.followed[p->d->train];
	const enum syc_stance_verdict v = syc_followed_verdict(f);

	if (page_has_effect(f))
		return;
	if (v == SYC_STANCE_NO_EFFECT)
		syc_buf_printf(&p->why, "a view has no relevant effect on %s", f->set);
	else
		syc_buf_printf(&p->why, "it cannot be told that a view has an effect on %s",
			       f->set);
	p->effect = (struct syc_rests){
		p->why.data, v == SYC_STANCE_NO_EFFECT ? "another set, or another model"
						       : "see the declared answer"
	};
}

int syc_study_conclude(struct syc_conclusion out[SYC_STUDY_QUESTIONS],
		       const struct syc_study_documents *d, struct syc_err *err)
{
	static int (*const questions[SYC_STUDY_QUESTIONS])(struct page *, struct syc_conclusion *,
							   struct syc_err *) = {
		[SYC_ASKED_DECLARED] = declared,
		[SYC_ASKED_STANCE] = other_sets,
		[SYC_ASKED_MOVED] = moved,
		[SYC_ASKED_PREDICTION] = ask_prediction,
		[SYC_ASKED_SHIFT] = ask_shift,
		[SYC_ASKED_CEILING] = ask_ceiling,
		[SYC_ASKED_NULLS] = ask_nulls,
		[SYC_ASKED_LETTERS] = ask_letters,
		[SYC_ASKED_RIVAL] = ask_rival,
		[SYC_ASKED_INCREMENT] = ask_increment,
		[SYC_ASKED_ELSEWHERE] = ask_elsewhere,
		[SYC_ASKED_CONFOUNDS] = ask_confounds,
		[SYC_ASKED_LIKENESS] = likeness,
		[SYC_ASKED_LOWERS] = lowers,
		[SYC_ASKED_RAISES] = raises,
		[SYC_ASKED_DENIAL] = denial,
		[SYC_ASKED_ASKING] = asking,
	};
	struct page p = { .d = d };
	int ret = read_settings(&p, err);

	if (ret == 0)
		ret = page_tests_make(&p.t, d, p.set, p.n_set, err);
	if (ret == 0)
		say_why(&p);
	if (ret == 0 && p.why.failed)
		ret = syc_nomem(err);
	for (size_t i = 0; i < SYC_STUDY_QUESTIONS && ret == 0; i++)
		ret = questions[i](&p, &out[i], err);
	page_tests_free(&p.t);
	syc_buf_free(&p.why);
	free(p.set);
	return ret;
}

/* ---- what is written --------------------------------------------------- */

/* Whether two are not asked for one reason. */
static bool lack_alike(const struct syc_conclusion *a, const struct syc_conclusion *b)
{
	return a->verdict == SYC_VERDICT_UNASKED && b->verdict == SYC_VERDICT_UNASKED &&
	       strcmp(a->answer.data, b->answer.data) == 0;
}

/* How many of n questions lack the same as c. */
static size_t count_alike(const struct syc_conclusion *c, const struct syc_conclusion *of,
			  size_t n)
{
	size_t alike = 0;

	for (size_t i = 0; i < n; i++)
		alike += lack_alike(c, &of[i]);
	return alike;
}

int syc_study_glance(struct syc_buf *out,
		     const struct syc_conclusion c[SYC_STUDY_QUESTIONS],
		     struct syc_err *err)
{
	struct cells o = { .b = out };

	row_text(&o, "Question\tAnswer\tFigures\tRests on\tSeen with 80 % power\tNext");
	for (size_t i = 0; i < SYC_STUDY_QUESTIONS; i++) {
		const size_t more =
			count_alike(&c[i], c + i + 1, SYC_STUDY_QUESTIONS - i - 1);

		if (count_alike(&c[i], c, i))
			continue;
		cell_text(&o, c[i].question.data);
		cell_text(&o, c[i].answer.data);
		if (more)
			syc_buf_printf(out, "; nor can %zu more that rest on it", more);
		cell_text(&o, c[i].figures.data);
		cell_text(&o, c[i].counts.data);
		cell_text(&o, c[i].seen.data);
		cell_text(&o, c[i].next.data);
		row_end(&o);
	}
	return out->failed ? syc_nomem(err) : 0;
}

static void put_words(struct syc_buf *b, const char *before,
		      const struct syc_buf *text)
{
	syc_buf_puts(b, before);
	syc_buf_json(b, text->data, text->len);
}

int syc_study_conclusions(struct syc_buf *out,
			  const struct syc_study_documents *d,
			  const struct syc_conclusion all[SYC_STUDY_QUESTIONS],
			  struct syc_err *err)
{
	syc_buf_printf(out, "{\"program\": \"syc-study\", \"version\": \"%s\"",
		       syc_version());
	syc_buf_puts(out, ", \"train\": ");
	syc_buf_json(out, train_of(d), strlen(train_of(d)));
	syc_buf_printf(out, ", \"layer\": %d, \"conclusions\": [", d->layer);
	for (size_t i = 0; i < SYC_STUDY_QUESTIONS; i++) {
		const struct syc_conclusion *c = &all[i];

		syc_buf_printf(out, "%s\n{\"key\": \"%s\", \"verdict\": \"%s\"",
			       i ? "," : "", c->key,
			       syc_verdict_name(c->verdict));
		put_words(out, ",\n\"question\": ", &c->question);
		put_words(out, ",\n\"answer\": ", &c->answer);
		put_words(out, ",\n\"figures\": ", &c->figures);
		put_words(out, ",\n\"rests_on\": ", &c->counts);
		put_words(out, ",\n\"seen\": ", &c->seen);
		put_words(out, ",\n\"next\": ", &c->next);
		syc_buf_printf(out, ",\n\"numbers\": %s}", c->numbers.data);
	}
	syc_buf_puts(out, "\n]}\n");
	return out->failed ? syc_nomem(err) : 0;
}
