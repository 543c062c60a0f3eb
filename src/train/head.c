/* SPDX-License-Identifier: MIT */
/*
 * From the residual stream to probabilities, at the tokens before an answer's:
 * a chunk of the vocabulary at a time, so that no row of logits is kept.  For
 * the way back the sum of exp(logit) times the words' rows is kept instead,
 * beside that of exp(logit), and as that grows with the largest logit so far
 * (Milakov and Gimelshein 2018).
 */
#include "config.h"
#include <math.h>
#include <string.h>
#include "kern/math.h"
#include "train/train.h"

struct head {
	struct syc_trainer *t;
	bool learns;		/* t->words takes the words' rows */
	const double *coef;	/* [n_spans] */
	size_t from;		/* the rows at hand begin with that one */
	size_t word, n_words;	/* of the chunk */
	size_t ld;		/* of logits */
};

static float *row_out(const struct syc_trainer *t, size_t i)
{
	return t->x[t->m->cfg.n_layers] + i * t->dim;
}

static void norm_row(void *arg, size_t i, unsigned thread)
{
	struct syc_trainer *t = arg;
	float *x = row_out(t, i);

	(void)thread;
	/*
	 * Of what is too large to be squared the norm makes zeros, and so any
	 * word as likely as another: no number is the truth.
	 */
	if (!isfinite(t->kern->dot(x, x, t->dim)))
		x[0] = NAN;
	t->kern->rmsnorm(t->xb + i * t->dim, x, t->m->output_norm, t->dim,
			 t->m->cfg.norm_eps);
}

/* Row i has a larger logit than those so far. */
static void raise_top(const struct head *h, size_t i, double top)
{
	struct syc_trainer *t = h->t;
	const double by = t->top[i] > -700 + top ? syc_exp(t->top[i] - top) : 0;

	t->sum[i] *= by;
	t->top[i] = top;
	if (h->learns && h->word)
		t->kern->scale(t->words + i * t->dim, (float)by, t->dim);
}

/* Logits become exp(logit - the largest so far), and are added up. */
static void sum_row(void *arg, size_t part, unsigned thread)
{
	const struct head *h = arg;
	struct syc_trainer *t = h->t;
	const size_t i = h->from + part;
	float *s = t->logits + part * h->ld, top = t->kern->max(s, h->n_words);
	const size_t word = (size_t)t->target[i] - h->word;

	(void)thread;
	if (word < h->n_words)
		t->picked[i] = (double)s[word];
	if ((double)top > t->top[i])
		raise_top(h, i, (double)top);
	t->sum[i] += (double)t->kern->exp_sum(s, s, (float)t->top[i], h->n_words);
}

/* The rows at hand, over all words. */
static void sum_chunk(struct head *h)
{
	struct syc_trainer *t = h->t;
	const size_t dim = t->dim, left = t->n_answer - h->from,
		     n = left < SYC_TRAIN_LOGITS ? left : SYC_TRAIN_LOGITS;

	syc_train_times(t, t->logits, h->ld, t->xb + h->from * dim, n,
			h->n_words, dim);
	syc_par_run(t->par, n, sum_row, h);
	if (h->learns)
		syc_train_times_back(t, t->words + h->from * dim, t->logits,
				     h->ld, n, h->n_words, dim, h->word > 0);
}

/* ln of a sum that may be no number. */
static double log_of(double sum)
{
	return isfinite(sum) && sum > 0 ? syc_log(sum) : (double)NAN;
}

void syc_train_head(struct syc_trainer *t, double *logprob)
{
	const struct syc_matrix *w = &t->m->output;
	struct head h = {
		.t = t,
		.learns = t->mode == SYC_TRAIN_LEARN,
		.ld = syc_train_chunk(w->rows, w->cols),
	};

	for (size_t i = 0; i < t->n_answer; i++) {
		t->top[i] = -(double)INFINITY;
		t->sum[i] = t->picked[i] = 0;
	}
	syc_par_run(t->par, t->n_answer, norm_row, t);
	for (h.word = 0; h.word < w->rows; h.word += h.ld) {
		h.n_words = w->rows - h.word < h.ld ? w->rows - h.word : h.ld;
		syc_train_decode(t, w, h.word, h.n_words);
		for (h.from = 0; h.from < t->n_answer; h.from += SYC_TRAIN_LOGITS)
			sum_chunk(&h);
	}
	for (size_t i = 0; i < t->n_spans; i++)
		logprob[i] = 0;
	for (size_t i = 0; i < t->n_answer; i++)
		logprob[t->of[t->row[i]]] +=
			t->picked[i] - t->top[i] - log_of(t->sum[i]);
}

/* coef (the target's row - the mean of all rows by probability). */
static void row_back(void *arg, size_t i, unsigned thread)
{
	const struct head *h = arg;
	struct syc_trainer *t = h->t;
	const double coef = h->coef[t->of[t->row[i]]];
	const float *mean = t->words + i * t->dim;
	float *d = t->dx + i * t->dim;

	(void)thread;
	syc_train_rows(t, &t->m->output, (size_t)t->target[i], 1, d);
	t->kern->scale(d, (float)coef, t->dim);
	t->kern->axpy(d, (float)(-coef / t->sum[i]), mean, t->dim);
	syc_train_norm_back(t->kern, d, row_out(t, i), t->m->output_norm,
			    t->dim, t->m->cfg.norm_eps);
}

void syc_train_head_back(struct syc_trainer *t, const double *coef)
{
	struct head h = { .t = t, .coef = coef };

	syc_par_run(t->par, t->n_answer, row_back, &h);
}
