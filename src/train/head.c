/* SPDX-License-Identifier: MIT */
/*
 * From the residual stream to probabilities, at the tokens before an answer's:
 * a chunk of the vocabulary at a time, so that no row of logits is kept.
 */
#include "config.h"
#include <math.h>
#include <string.h>
#include "kern/math.h"
#include "train/train.h"

struct head {
	struct syc_trainer *t;
	const double *coef;	/* [n_spans] */
	size_t from;		/* the rows at hand begin with that one */
	size_t word, n_words;	/* of the chunk */
	size_t ld;		/* of logits */
};

static float *row_out(const struct syc_trainer *t, size_t i)
{
	return t->x[t->m->cfg.n_layers] + t->row[i] * t->dim;
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

/* The largest logit so far, and the sum of exp(logit - it). */
static void sum_row(void *arg, size_t part, unsigned thread)
{
	const struct head *h = arg;
	struct syc_trainer *t = h->t;
	const size_t i = h->from + part;
	float *s = t->logits + part * h->ld, top = t->kern->max(s, h->n_words);
	const size_t word = (size_t)t->target[i] - h->word;
	double sum;

	(void)thread;
	if (word < h->n_words)
		t->picked[i] = (double)s[word];
	if ((double)top > t->top[i]) {
		t->sum[i] *= t->top[i] > -700 + (double)top
				     ? syc_exp(t->top[i] - (double)top)
				     : 0;
		t->top[i] = (double)top;
	}
	sum = (double)t->kern->exp_sum(s, s, (float)t->top[i], h->n_words);
	t->sum[i] += sum;
}

/* A row's gradient of its logits, in their place. */
static void logit_row_back(void *arg, size_t part, unsigned thread)
{
	const struct head *h = arg;
	const struct syc_trainer *t = h->t;
	const size_t i = h->from + part, word = (size_t)t->target[i] - h->word;
	const double coef = h->coef[t->of[t->row[i]]];
	float *s = t->logits + part * h->ld;

	(void)thread;
	t->kern->exp_sum(s, s, (float)t->top[i], h->n_words);
	t->kern->scale(s, (float)(-coef / t->sum[i]), h->n_words);
	if (word < h->n_words)
		s[word] += (float)coef;
}

/*
 * fn on each row of logits, chunk by chunk; then what comes back to dxb, or
 * not.
 */
static void each_chunk(struct head *h,
		       void (*fn)(void *arg, size_t row, unsigned thread),
		       bool back)
{
	struct syc_trainer *t = h->t;
	const struct syc_matrix *w = &t->m->output;
	const size_t dim = t->dim;

	h->ld = syc_train_chunk(w->rows, w->cols);
	for (h->word = 0; h->word < w->rows; h->word += h->ld) {
		h->n_words =
			w->rows - h->word < h->ld ? w->rows - h->word : h->ld;
		syc_train_decode(t, w, h->word, h->n_words);
		for (h->from = 0; h->from < t->n_answer;
		     h->from += SYC_TRAIN_LOGITS) {
			size_t n = t->n_answer - h->from < SYC_TRAIN_LOGITS
					   ? t->n_answer - h->from
					   : SYC_TRAIN_LOGITS;

			syc_train_times(t, t->logits, h->ld,
					t->xb + h->from * dim, n, h->n_words,
					dim);
			syc_par_run(t->par, n, fn, h);
			if (back)
				syc_train_times_back(
					t, t->dxb + h->from * dim, t->logits,
					h->ld, n, h->n_words, dim, h->word > 0);
		}
	}
}

/* ln of a sum that may be no number. */
static double log_of(double sum)
{
	return isfinite(sum) && sum > 0 ? syc_log(sum) : (double)NAN;
}

void syc_train_head(struct syc_trainer *t, double *logprob)
{
	struct head h = { .t = t };

	for (size_t i = 0; i < t->n_answer; i++) {
		t->top[i] = -(double)INFINITY;
		t->sum[i] = t->picked[i] = 0;
	}
	syc_par_run(t->par, t->n_answer, norm_row, t);
	each_chunk(&h, sum_row, false);
	for (size_t i = 0; i < t->n_spans; i++)
		logprob[i] = 0;
	for (size_t i = 0; i < t->n_answer; i++)
		logprob[t->of[t->row[i]]] +=
			t->picked[i] - t->top[i] - log_of(t->sum[i]);
}

static void norm_row_back(void *arg, size_t i, unsigned thread)
{
	struct syc_trainer *t = arg;
	float *d = t->dxb + i * t->dim;

	(void)thread;
	syc_train_norm_back(t->kern, d, row_out(t, i), t->m->output_norm,
			    t->dim, t->m->cfg.norm_eps);
	memcpy(t->dx + t->row[i] * t->dim, d, t->dim * sizeof(*d));
}

void syc_train_head_back(struct syc_trainer *t, const double *coef)
{
	struct head h = { .t = t, .coef = coef };

	memset(t->dx, 0, t->n * t->dim * sizeof(*t->dx));
	syc_par_run(t->par, t->n_answer, norm_row, t);
	each_chunk(&h, logit_row_back, true);
	syc_par_run(t->par, t->n_answer, norm_row_back, t);
}
