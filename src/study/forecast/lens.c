/* SPDX-License-Identifier: MIT */
/* The logit lens: which tokens a direction writes, by the model's head alone. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/model.h"
#include "study/forecast/forecast.h"
#include "syc/choice.h"
#include "syc/linear.h"

enum { ROWS = 256 };	/* of the output at a time */

struct lens {
	const struct syc_model *m;
	size_t n;		/* directions: vectors times layers */
	size_t n_tokens;
	float *w;		/* [n][dim] directions behind the last norm's weights */
	float *rows;		/* [ROWS][dim] */
	float *logit;		/* [ROWS][n] */
	/* [n][2][n_tokens] the most and the least, and their tokens */
	float *best;
	int32_t *token;
	int32_t answer[2];	/* tokens; -1: not known */
	double *odds;		/* [n] of the first answer's less the second's */
};

static int encode(struct syc_ids *out, const struct syc_model *m, const char *text,
		  struct syc_err *err)
{
	return syc_vocab_encode(m->vocab, text, strlen(text), SYC_TOK_MIDDLE, out, err);
}

/* The tokens in which the two answers first differ. */
static int find_answers(struct lens *s, const struct syc_forecast *f, struct syc_err *err)
{
	struct syc_ids id[2] = { 0 };
	int ret = encode(&id[0], s->m, f->answer[0], err);
	size_t at;

	if (ret == 0)
		ret = encode(&id[1], s->m, f->answer[1], err);
	at = ret == 0 ? syc_shared_tokens(id, 2) : SIZE_MAX;
	for (unsigned i = 0; i < 2; i++)
		s->answer[i] = at == SIZE_MAX ? -1 : id[i].id[at];
	syc_ids_free(&id[0]);
	syc_ids_free(&id[1]);
	return ret;
}

static int begin(struct lens *s, const struct syc_forecast *f,
		 const struct syc_forecast_opts *o, struct syc_err *err)
{
	const size_t dim = s->m->cfg.dim, kept = s->n * 2 * s->n_tokens;

	if (!s->m->output.rows)
		return syc_fail(err, SYC_EINVAL, "the model has no logits to read vectors by");
	if (f->n && o->v[0]->dim != dim)
		return syc_fail(err, SYC_EINVAL, "the vectors have width %zu, the model %zu",
				o->v[0]->dim, dim);
	s->w = syc_calloc(s->n * dim, sizeof(*s->w));
	s->rows = syc_calloc(ROWS * dim, sizeof(*s->rows));
	s->logit = syc_calloc(ROWS * s->n, sizeof(*s->logit));
	s->best = syc_calloc(kept + 1, sizeof(*s->best));
	s->token = syc_calloc(kept + 1, sizeof(*s->token));
	s->odds = syc_calloc(s->n, sizeof(*s->odds));
	if (!s->w || !s->rows || !s->logit || !s->best || !s->token || !s->odds)
		return syc_nomem(err);
	for (size_t k = 0; k < s->n; k++) {
		const float *v = o->v[k / f->n_layers]->v + f->layers[k % f->n_layers] * dim;

		for (size_t c = 0; c < dim; c++)
			s->w[k * dim + c] = s->m->output_norm[c] * v[c];
	}
	for (size_t i = 0; i < kept; i++)
		s->best[i] = -INFINITY;
	return find_answers(s, f, err);
}

/* Put a token among the n greatest, the first of equals before. */
static void keep(float *best, int32_t *token, size_t n, float x, int32_t id)
{
	size_t at = n;

	while (at && x > best[at - 1])
		at--;
	if (at == n)
		return;
	memmove(best + at + 1, best + at, (n - at - 1) * sizeof(*best));
	memmove(token + at + 1, token + at, (n - at - 1) * sizeof(*token));
	best[at] = x;
	token[at] = id;
}

static void take_token(struct lens *s, const float *logit, int32_t id)
{
	const double sign = (id == s->answer[0]) - (id == s->answer[1]);

	for (size_t k = 0; k < s->n; k++) {
		const size_t at = k * 2 * s->n_tokens;

		s->odds[k] += sign * (double)logit[k];
		keep(s->best + at, s->token + at, s->n_tokens, logit[k], id);
		keep(s->best + at + s->n_tokens, s->token + at + s->n_tokens, s->n_tokens,
		     -logit[k], id);
	}
}

static void read_head(struct lens *s)
{
	const size_t n_vocab = s->m->output.rows;

	for (size_t row = 0; row < n_vocab; row += ROWS) {
		const size_t n = n_vocab - row < ROWS ? n_vocab - row : ROWS;

		syc_matrix_rows(s->rows, &s->m->output, row, n, &s->m->kern);
		syc_project(s->logit, s->rows, n, s->w, s->n, s->m->cfg.dim);
		for (size_t i = 0; i < n; i++)
			take_token(s, s->logit + i * s->n, (int32_t)(row + i));
	}
}

/* The tokens are the forecast's now. */
static void give(struct syc_forecast *f, struct lens *s, const double *rms)
{
	f->token = s->token;
	f->n_tokens = s->n_tokens;
	s->token = NULL;
	for (size_t k = 0; k < s->n; k++) {
		struct syc_forecast_layer *l =
			&f->vector[k / f->n_layers].layer[k % f->n_layers];

		l->up = f->token + k * 2 * s->n_tokens;
		l->down = l->up + s->n_tokens;
		if (s->answer[0] >= 0)
			l->x[SYC_FORECAST_LENS] = s->odds[k] * rms[k % f->n_layers];
	}
}

int forecast_lens(struct syc_forecast *f, const struct syc_forecast_opts *o,
		  const double *rms, struct syc_err *err)
{
	const size_t n_vocab = o->model->output.rows;
	struct lens s = {
		.m = o->model,
		.n = f->n * f->n_layers,
		.n_tokens = o->n_tokens < n_vocab ? o->n_tokens : n_vocab,
	};
	int ret = begin(&s, f, o, err);

	if (ret == 0) {
		read_head(&s);
		give(f, &s, rms);
	}
	free(s.w);
	free(s.rows);
	free(s.logit);
	free(s.best);
	free(s.token);
	free(s.odds);
	return ret;
}
