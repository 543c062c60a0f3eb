/* SPDX-License-Identifier: MIT */
/* The questions on what vectors predict: their numbers, from the documents. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "study/tables/page.h"

struct syc_counts page_tested(const struct syc_study_documents *d)
{
	const json_t *own = procedure_of(d->doc[SYC_STUDY_FIT], "mean", "between");

	return (struct syc_counts){ count_of(own, "claims"), count_of(own, "n") };
}

static double turned(double auc, int sign)
{
	return sign < 0 ? 1 - auc : auc;
}

/* Rows that only a fit to all of them has. */
static size_t undecided(const json_t *all, const json_t *decided)
{
	const size_t n = count_of(all, "n"), own = count_of(decided, "n");

	return n > own ? n - own : 0;
}

/* Why labels say nothing, before the scores are looked at; else what the test says. */
static const char *why_not(const struct page *p, const json_t *procedure)
{
	const json_t *o = json_object_get(p->d->set[p->d->train].stance, "labels");

	return o && !count_of(o, "moved")  ? "no answer was moved"
	       : o && !count_of(o, "held") ? "no answer was held"
					   : text_of(procedure, "why");
}

int ask_prediction(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *doc = p->d->doc[SYC_STUDY_FIT];
	const json_t *own = procedure_of(doc, "mean", "between"),
		     *within = procedure_of(doc, "mean", "within"),
		     *at = fit_of(doc, "mean", p->d->layer),
		     *held = fit_of(p->d->doc[SYC_STUDY_ALL_HELD], "mean", p->d->layer),
		     *moved = fit_of(p->d->doc[SYC_STUDY_ALL_MOVED], "mean", p->d->layer);
	const int sign = sign_of(transfer_of(p->d, "mean", train_of(p->d), train_of(p->d)));
	const struct syc_prediction x = {
		.train = train_of(p->d),
		.auc = number_of(own, "auc"),
		.null_lo = number_of(own, "null_lo"),
		.null_hi = number_of(own, "null_hi"),
		.test = p->t.prediction,
		.within_auc = number_of(within, "auc"),
		.within_p = number_of(within, "p"),
		.n_undecided = undecided(held, at),
		.all_held = turned(number_of(held, "auc"), sign),
		.all_moved = turned(number_of(moved, "auc"), sign),
		.counts = page_tested(p->d),
		.why = why_not(p, own),
	};

	return syc_conclude_prediction(out, page_on_effect(p), &x, err);
}

/* What rests on a yes to prediction. */
static const struct syc_rests *on_prediction(const struct page *p)
{
	static const struct syc_rests no = {
		"it is not shown that the vector predicts", "see the prediction"
	};

	return p->why.len ? &p->effect : p->t.prediction.holm <= 0.05 ? NULL : &no;
}

int ask_shift(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *doc = p->d->doc[SYC_STUDY_SHIFT], *best = shift_best(doc);
	const struct syc_shifted x = {
		.layer = (int)count_of(best, "layer"),
		.n_layers = json_array_size(procedure_of(doc, "mean", "layers")),
		.rho = number_of(best, "rho"),
		.r = number_of(best, "r"),
		.test = p->t.shift,
		.counts = { shift_clusters(doc), count_of(best, "n") },
	};

	return syc_conclude_shift(out, page_on_effect(p), &x, err);
}

int ask_ceiling(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *doc = p->d->doc[SYC_STUDY_PROBE];
	const json_t *own = procedure_of(p->d->doc[SYC_STUDY_FIT], "mean", "between");
	const struct syc_ceiling x = {
		number_of(json_object_get(doc, "best"), "auc"), number_of(own, "auc"),
		{ count_of(doc, "claims"), count_of(doc, "rows") },
	};

	return syc_conclude_ceiling(out, page_on_effect(p), &x, err);
}

int ask_nulls(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const struct syc_study_documents *d = p->d;
	struct syc_beside_nulls x;

	nulls_read(&x, d);
	x.test = p->t.nulls;
	return syc_conclude_nulls(out, on_prediction(p), &x, err);
}

int ask_letters(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	struct syc_paired x = paired_of(p->d, "mean", "ab");

	x.test = p->t.letters;
	return syc_conclude_letters(out, on_prediction(p), &x, err);
}

int ask_rival(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const struct syc_study_documents *d = p->d;
	const json_t *fit = d->doc[SYC_STUDY_FIT];
	const json_t *all = cosines_of(d, "mean", "repeats");
	double *cosine = calloc(json_array_size(all) + 1, sizeof(*cosine));
	struct syc_rival x = {
		.cosine = cosine, .n_layers = json_array_size(all),
		.auc = number_of(procedure_of(fit, "repeats", "between"), "auc"),
		.own = number_of(procedure_of(fit, "mean", "between"), "auc"),
		.diff = paired_of(d, "mean", "repeats").diff,
		.counts = page_tested(d),
	};
	int ret;

	if (!cosine)
		return syc_nomem(err);
	for (size_t i = 0; i < x.n_layers; i++) {
		const json_t *c = json_array_get(all, i);

		cosine[i] = json_is_number(c) ? json_number_value(c) : NAN;
	}
	ret = syc_conclude_rival(out, on_prediction(p), &x, err);
	free(cosine);
	return ret;
}

int ask_increment(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *o = procedure_of(p->d->doc[SYC_STUDY_INCREMENT], "mean", "increment");
	const struct syc_added x = {
		.auc = number_of(o, "auc"), .gain = number_of(o, "gain"),
		.layer = (int)count_of(o, "best"), .test = p->t.increment,
		.counts = { count_of(o, "claims"), count_of(o, "n") },
		.why = text_of(o, "why"),
	};

	return syc_conclude_increment(out, on_prediction(p), &x, err);
}

int ask_elsewhere(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	struct syc_elsewhere *e = calloc(p->d->n_sets + 1, sizeof(*e));
	size_t n = 0;
	int ret;

	if (!e)
		return syc_nomem(err);
	for (size_t i = 0; i < p->d->n_sets; i++)
		if (i != p->d->train)
			e[n++] = p->t.elsewhere[i];
	ret = syc_conclude_elsewhere(out, on_prediction(p), train_of(p->d), e, n, err);
	free(e);
	return ret;
}

int ask_confounds(struct page *p, struct syc_conclusion *out, struct syc_err *err)
{
	const struct held h = held_of(p->d);
	struct syc_figure *f = calloc(json_array_size(h.fields) + 1, sizeof(*f));
	const json_t *o;
	size_t i;
	int ret;

	if (!f)
		return syc_nomem(err);
	json_array_foreach(h.fields, i, o)
		f[i] = (struct syc_figure){ text_of(o, "field"),
					    held_estimate(&h, o, WITHIN, 0.5) };
	ret = syc_conclude_confounds(out, on_prediction(p), &h.alone, f,
				     json_array_size(h.fields), h.counts, err);
	free(f);
	return ret;
}
