/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/fidelity.h"

enum { REFERENCE, MODEL, READ_OUT = 32 };

/* Sums over tokens, of one layer. */
struct sums {
	double cosine, least_cosine;
	double ref2, err2;	/* of squares */
};

struct side {
	struct syc_engine *e;
	struct syc_hook hook;
	float *last;		/* [cap][dim] after the last block */
	int32_t *top;		/* [cap] most probable next token */
	double nll;		/* sum of -ln P */
};

struct syc_fidelity {
	size_t n_layers, dim, n_vocab;
	bool predicts;		/* neither is a reward model */
	const struct syc_vector *const *v;	/* [n_v] */
	size_t n_v;
	/* [n_v][n_layers] of the vectors, squared; 0: none */
	double *len2;
	struct side side[2];
	size_t cap;		/* tokens that fit */
	float *x;		/* [cap][n_layers][dim] of the reference */
	float *logits;		/* [READ_OUT][n_vocab] */
	struct sums *sum;	/* [n_layers] */
	/* [n_v][n_layers] errors along vectors, squared */
	double *along2;
	uint64_t n_tokens, n_compared, n_agree, n_predicted;
};

static double dot(const float *a, const float *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

/* ---- hooks ------------------------------------------------------------------ */

static void keep_last(struct syc_fidelity *f, struct side *s, uint32_t layer,
		      uint32_t pos, const float *x)
{
	if (layer == f->n_layers - 1)
		memcpy(s->last + pos * f->dim, x, f->dim * sizeof(*x));
}

static float *place(const struct syc_fidelity *f, uint32_t pos, uint32_t layer)
{
	return f->x + ((size_t)pos * f->n_layers + layer) * f->dim;
}

static void keep(void *arg, enum syc_hook_point point, uint32_t layer, size_t n,
		 const struct syc_where *at, float *x)
{
	struct syc_fidelity *f = arg;

	(void)point;
	for (size_t t = 0; t < n; t++, x += f->dim) {
		memcpy(place(f, at[t].pos, layer), x, f->dim * sizeof(*x));
		keep_last(f, &f->side[REFERENCE], layer, at[t].pos, x);
	}
}

static void add_token(struct syc_fidelity *f, uint32_t layer, const float *x,
		      const float *y)
{
	struct sums *s = &f->sum[layer];
	double xx = dot(x, x, f->dim), yy = dot(y, y, f->dim),
	       both = sqrt(xx) * sqrt(yy), d2 = 0;
	double cosine = both > 0 ? dot(x, y, f->dim) / both : xx == yy;

	for (size_t i = 0; i < f->dim; i++)
		d2 += ((double)y[i] - (double)x[i]) *
		      ((double)y[i] - (double)x[i]);
	s->cosine += cosine;
	s->least_cosine = cosine < s->least_cosine ? cosine : s->least_cosine;
	s->ref2 += xx;
	s->err2 += d2;
}

static void add_along(struct syc_fidelity *f, uint32_t layer, const float *x,
		      const float *y)
{
	for (size_t k = 0; k < f->n_v; k++) {
		size_t i = k * f->n_layers + layer;
		const float *v;
		double along = 0;

		if (f->len2[i] == 0)
			continue;
		v = f->v[k]->v + layer * f->dim;
		for (size_t j = 0; j < f->dim; j++)
			along += ((double)y[j] - (double)x[j]) * (double)v[j];
		along /= f->len2[i];
		f->along2[i] += along * along;
	}
}

static void compare(void *arg, enum syc_hook_point point, uint32_t layer,
		    size_t n, const struct syc_where *at, float *y)
{
	struct syc_fidelity *f = arg;

	(void)point;
	for (size_t t = 0; t < n; t++, y += f->dim) {
		const float *x = place(f, at[t].pos, layer);

		add_token(f, layer, x, y);
		add_along(f, layer, x, y);
		keep_last(f, &f->side[MODEL], layer, at[t].pos, y);
	}
}

/* ---- life ------------------------------------------------------------------- */

static int check_shapes(const struct syc_config *a, const struct syc_config *b,
			struct syc_err *err)
{
	if (a->n_layers == b->n_layers && a->dim == b->dim &&
	    a->n_vocab == b->n_vocab)
		return 0;
	return syc_fail(err, SYC_EINVAL,
		"a model of %" PRIu32 " layers, width %" PRIu32 " and %" PRIu32
		" tokens cannot be compared with one of %" PRIu32 ", %" PRIu32 " and %" PRIu32,
			b->n_layers, b->dim, b->n_vocab, a->n_layers, a->dim, a->n_vocab);
}

static int measure_vectors(struct syc_fidelity *f, struct syc_err *err)
{
	for (size_t k = 0; k < f->n_v; k++) {
		const struct syc_vector *v = f->v[k];

		if (v->dim != f->dim)
			return syc_fail(err, SYC_EINVAL,
				"vectors of width %zu do not fit the model's width %zu",
				v->dim, f->dim);
		for (size_t l = 0; l < f->n_layers && l < v->n_layers; l++) {
			const float *x = v->v + l * f->dim;

			if (v->has[l])
				f->len2[k * f->n_layers + l] = dot(x, x, f->dim);
		}
	}
	return 0;
}

static int new_side(struct syc_fidelity *f, int which,
		    const struct syc_model *m, unsigned threads,
		    struct syc_err *err)
{
	struct side *s = &f->side[which];
	struct syc_engine_opts eo = { .threads = threads, .n_slots = 1, .no_sharing = true,
				      .hooks = &s->hook, .n_hooks = 1 };

	s->hook = (struct syc_hook){ SYC_HOOK_BLOCK,
				     which == REFERENCE ? keep : compare, f };
	return syc_engine_new(&s->e, m, &eo, err);
}

static int alloc(struct syc_fidelity *f, struct syc_err *err)
{
	size_t n, rows;

	if (!syc_mul(&n, f->n_v, f->n_layers) ||
	    !syc_mul(&rows, READ_OUT, f->n_vocab))
		return syc_nomem(err);
	f->len2 = syc_calloc(n, sizeof(*f->len2));
	f->along2 = syc_calloc(n, sizeof(*f->along2));
	f->sum = syc_calloc(f->n_layers, sizeof(*f->sum));
	f->logits = syc_aligned(rows, sizeof(*f->logits));
	if ((n && (!f->len2 || !f->along2)) || !f->sum || !f->logits)
		return syc_nomem(err);
	for (size_t l = 0; l < f->n_layers; l++)
		f->sum[l].least_cosine = 1;
	return 0;
}

int syc_fidelity_new(struct syc_fidelity **out,
		     const struct syc_model *reference,
		     const struct syc_model *model,
		     const struct syc_fidelity_opts *o, struct syc_err *err)
{
	static const struct syc_fidelity_opts none;
	const struct syc_config *c = syc_model_config(model);
	struct syc_fidelity *f;
	int ret;

	*out = NULL;
	o = o ? o : &none;
	ret = check_shapes(syc_model_config(reference), c, err);
	if (ret < 0)
		return ret;
	f = calloc(1, sizeof(*f));
	if (!f)
		return syc_nomem(err);
	f->n_layers = c->n_layers;
	f->dim = c->dim;
	f->n_vocab = c->n_vocab;
	f->predicts = !c->reward && !syc_model_config(reference)->reward;
	f->v = o->vectors;
	f->n_v = o->n_vectors;
	if ((ret = alloc(f, err)) < 0 || (ret = measure_vectors(f, err)) < 0 ||
	    (ret = new_side(f, REFERENCE, reference, o->threads, err)) < 0 ||
	    (ret = new_side(f, MODEL, model, o->threads, err)) < 0) {
		syc_fidelity_free(f);
		return ret;
	}
	*out = f;
	return 0;
}

static void free_rows(struct syc_fidelity *f)
{
	free(f->x);
	f->x = NULL;
	for (int i = 0; i < 2; i++) {
		free(f->side[i].last);
		free(f->side[i].top);
		f->side[i].last = NULL;
		f->side[i].top = NULL;
	}
	f->cap = 0;
}

void syc_fidelity_free(struct syc_fidelity *f)
{
	if (!f)
		return;
	free_rows(f);
	for (int i = 0; i < 2; i++)
		syc_engine_free(f->side[i].e);
	free(f->len2);
	free(f->along2);
	free(f->sum);
	free(f->logits);
	free(f);
}

/* ---- a sequence -------------------------------------------------------------- */

static int reserve(struct syc_fidelity *f, size_t n, struct syc_err *err)
{
	size_t wide, all;

	if (n <= f->cap)
		return 0;
	free_rows(f);
	if (!syc_mul(&wide, f->n_layers, f->dim) || !syc_mul(&all, wide, n))
		return syc_nomem(err);
	f->x = syc_aligned(all, sizeof(*f->x));
	for (int i = 0; i < 2; i++) {
		f->side[i].last = syc_aligned(n * f->dim, sizeof(float));
		f->side[i].top = syc_calloc(n, sizeof(int32_t));
	}
	if (!f->x || !f->side[0].last || !f->side[0].top || !f->side[1].last ||
	    !f->side[1].top)
		return syc_nomem(err);
	f->cap = n;
	return 0;
}

/* The engine's source and sink: one job. */
/* What the side says after each token, read off its last layer. */
static int read_out(struct syc_fidelity *f, struct side *s,
		    const int32_t *tokens, size_t n, struct syc_err *err)
{
	for (size_t t = 0; t < n; t++) {
		const float *logits = f->logits + t % READ_OUT * f->n_vocab;
		float logprob;

		if (t % READ_OUT == 0)
			syc_engine_read_out(s->e, s->last + t * f->dim,
					    n - t < READ_OUT ? n - t : READ_OUT,
					    f->logits);
		syc_top_logprobs(logits, f->n_vocab, 1, &s->top[t], &logprob);
		if (!isfinite(logprob))
			return syc_fail(err, SYC_EINVAL,
				"the model's output is not finite after %zu tokens",
				t + 1);
		if (t + 1 < n)
			s->nll += (double)logits[s->top[t]] -
				  (double)logits[tokens[t + 1]] -
				  (double)logprob;
	}
	return 0;
}

static int run_side(struct syc_fidelity *f, struct side *s,
		    const int32_t *tokens, size_t n, struct syc_err *err)
{
	struct syc_job job = { .id = "text", .tokens = tokens, .n_tokens = n };
	struct syc_job *const one = &job;
	int ret = syc_engine_run_all(s->e, &one, 1, err);

	syc_job_clear(&job);
	return ret < 0 || !f->predicts ? ret : read_out(f, s, tokens, n, err);
}

int syc_fidelity_add(struct syc_fidelity *f, const int32_t *tokens, size_t n,
		     struct syc_err *err)
{
	int ret = reserve(f, n, err);

	for (int i = 0; i < 2 && ret == 0; i++)
		ret = run_side(f, &f->side[i], tokens, n, err);
	if (ret < 0)
		return ret;
	f->n_tokens += n;
	if (!f->predicts)
		return 0;
	for (size_t t = 0; t < n; t++)
		f->n_agree += f->side[0].top[t] == f->side[1].top[t];
	f->n_compared += n;
	f->n_predicted += n - 1;
	return 0;
}

/* ---- what came out ------------------------------------------------------------- */

void syc_fidelity_layer(const struct syc_fidelity *f, uint32_t layer,
			struct syc_fidelity_layer *out)
{
	const struct sums *s = &f->sum[layer];

	out->cosine = s->cosine / (double)f->n_tokens;
	out->least_cosine = s->least_cosine;
	out->error = s->err2 == 0 ? 0 : sqrt(s->err2 / s->ref2);
}

double syc_fidelity_noise(const struct syc_fidelity *f, uint32_t layer,
			  size_t vector)
{
	size_t i = vector * f->n_layers + layer;

	return f->len2[i] == 0 ? NAN : sqrt(f->along2[i] / (double)f->n_tokens);
}

void syc_fidelity_total(const struct syc_fidelity *f,
			struct syc_fidelity_total *out)
{
	double n = (double)f->n_predicted;

	*out = (struct syc_fidelity_total){
		.n_tokens = f->n_tokens, .n_compared = f->n_compared,
		.n_agree = f->n_agree, .n_predicted = f->n_predicted,
		.reference_perplexity = exp(f->side[REFERENCE].nll / n),
		.perplexity = exp(f->side[MODEL].nll / n),
	};
}
