/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/fidelity/fidelity.h"

enum { READ_OUT = 32 };

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
	const size_t bytes = f->dim * sizeof(*x);

	if (layer == f->n_layers - 1)
		memcpy(s->last + pos * f->dim, x, bytes);
	if (pos + 1 == f->n_now)
		memcpy(fidelity_end(f, (int)(s - f->side), f->n, layer), x, bytes);
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
	for (size_t t = 0; t < n && !at[t].probe; t++, x += f->dim) {
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
	for (size_t k = 0; k < f->o.n_vectors; k++) {
		size_t i = k * f->n_layers + layer;
		const float *v;
		double along = 0;

		if (f->len2[i] == 0)
			continue;
		v = f->o.vectors[k]->v + layer * f->dim;
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
	for (size_t t = 0; t < n && !at[t].probe; t++, y += f->dim) {
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
	    a->n_vocab == b->n_vocab && strcmp(a->arch, b->arch) == 0)
		return 0;
	return syc_fail(err, SYC_EINVAL,
		"a model (%s) of %" PRIu32 " layers, width %" PRIu32 " and %" PRIu32
		" tokens cannot be compared with one (%s) of %" PRIu32 ", %" PRIu32 " and %" PRIu32,
			b->arch, b->n_layers, b->dim, b->n_vocab, a->arch, a->n_layers, a->dim,
			a->n_vocab);
}

/* Files name what fills a vocabulary up in their own ways: one token in a hundred may differ. */
static int check_vocab(const struct syc_vocab *a, const struct syc_vocab *b,
		       struct syc_err *err)
{
	const size_t n = syc_vocab_size(a) < syc_vocab_size(b) ? syc_vocab_size(a) :
							       syc_vocab_size(b);
	size_t n_other = 0;

	for (size_t i = 0; i < n; i++) {
		size_t la, lb;
		const char *x = syc_vocab_piece(a, (int32_t)i, true, &la),
			   *y = syc_vocab_piece(b, (int32_t)i, true, &lb);

		n_other += la != lb || memcmp(x, y, la) != 0;
	}
	return n_other <= n / 100 ? 0 :
		syc_fail(err, SYC_EINVAL, "%zu of its %zu tokens are others than the "
			 "reference's: it cannot be compared with it", n_other, n);
}

static int measure_vectors(struct syc_fidelity *f, struct syc_err *err)
{
	for (size_t k = 0; k < f->o.n_vectors; k++) {
		const struct syc_vector *v = f->o.vectors[k];

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

	if (!syc_mul(&n, f->o.n_vectors, f->n_layers) ||
	    !syc_mul(&rows, READ_OUT, f->n_vocab))
		return syc_nomem(err);
	f->len2 = syc_calloc(n, sizeof(*f->len2));
	f->along2 = syc_calloc(n, sizeof(*f->along2));
	f->sum = syc_calloc(f->n_layers, sizeof(*f->sum));
	for (int i = 0; i < 2; i++)
		f->side[i].logits = syc_aligned(rows, sizeof(float));
	if ((n && (!f->len2 || !f->along2)) || !f->sum || !f->side[0].logits ||
	    !f->side[1].logits)
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
	if (ret == 0)
		ret = check_vocab(syc_model_vocab(reference), syc_model_vocab(model), err);
	if (ret < 0)
		return ret;
	f = calloc(1, sizeof(*f));
	if (!f)
		return syc_nomem(err);
	f->n_layers = c->n_layers;
	f->dim = c->dim;
	f->n_vocab = c->n_vocab;
	f->predicts = !c->reward && !syc_model_config(reference)->reward;
	f->o = *o;
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
		f->side[i].last = NULL;
	}
	f->cap = 0;
}

void syc_fidelity_free(struct syc_fidelity *f)
{
	if (!f)
		return;
	free_rows(f);
	for (int i = 0; i < 2; i++) {
		syc_engine_free(f->side[i].e);
		free(f->side[i].logits);
		free(f->side[i].end);
		free(f->side[i].p);
	}
	free(f->label);
	free(f->len2);
	free(f->along2);
	free(f->sum);
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
	for (int i = 0; i < 2; i++)
		f->side[i].last = syc_aligned(n * f->dim, sizeof(float));
	if (!f->x || !f->side[0].last || !f->side[1].last)
		return syc_nomem(err);
	f->cap = n;
	return 0;
}

/* What a side says after a token. */
struct next {
	const float *logits;
	size_t top;		/* most probable, lowest id at ties */
	double log_sum;
};

static int look(struct next *s, const float *logits, size_t n, size_t token,
		struct syc_err *err)
{
	s->logits = logits;
	s->top = 0;
	s->log_sum = syc_log_sum_exp(logits, n);
	if (!isfinite(s->log_sum))
		return syc_fail(err, SYC_EINVAL,
				"the model's output is not finite after %zu tokens", token + 1);
	for (size_t i = 1; i < n; i++)
		if (logits[i] > logits[s->top])
			s->top = i;
	return 0;
}

/* The sum over tokens of P ln(P / Q), P the reference's. */
static double divergence(const struct next *p, const struct next *q, size_t n)
{
	const double shift = q->log_sum - p->log_sum;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += exp((double)p->logits[i] - p->log_sum) *
		       ((double)p->logits[i] - (double)q->logits[i] + shift);
	return sum > 0 ? sum : 0;
}

static void add_kl(struct kl *k, double kl)
{
	k->sum += kl;
	k->largest = kl > k->largest ? kl : k->largest;
}

static int compare_next(struct syc_fidelity *f, const int32_t *tokens, size_t n, size_t t,
			struct syc_err *err)
{
	struct next next[2];
	double kl;

	for (int i = 0; i < 2; i++) {
		const float *logits = f->side[i].logits + t % READ_OUT * f->n_vocab;
		int ret = look(&next[i], logits, f->n_vocab, t, err);

		if (ret < 0)
			return ret;
		if (t + 1 < n)
			f->side[i].nll += next[i].log_sum - (double)logits[tokens[t + 1]];
	}
	kl = divergence(&next[REFERENCE], &next[MODEL], f->n_vocab);
	add_kl(&f->kl, kl);
	if (t + 1 == n)
		add_kl(&f->kl_end, kl);
	f->n_agree += next[0].top == next[1].top;
	return 0;
}

/* What both say after each token, read off their last layers. */
static int read_out(struct syc_fidelity *f, const int32_t *tokens, size_t n,
		    struct syc_err *err)
{
	int ret = 0;

	for (size_t t = 0; t < n && ret == 0; t++) {
		for (int i = 0; t % READ_OUT == 0 && i < 2; i++)
			syc_engine_read_out(f->side[i].e, f->side[i].last + t * f->dim,
					    n - t < READ_OUT ? n - t : READ_OUT,
					    f->side[i].logits);
		ret = compare_next(f, tokens, n, t, err);
	}
	f->n_compared += n;
	f->n_predicted += n - 1;
	return ret;
}

struct probe {
	const struct syc_choices *choices;
	double *p;
};

static void read_choice(struct syc_job *job, const float *logits)
{
	const struct probe *probe = job->user;

	*probe->p = syc_choices_prob(probe->choices, logits);
}

static int run_side(struct syc_fidelity *f, struct side *s,
		    const struct syc_fidelity_prompt *p, struct syc_err *err)
{
	struct probe probe = { p->choices, &s->p[f->n] };
	struct syc_job job = { .id = "", .tokens = p->tokens, .n_tokens = p->n };
	struct syc_job *const one = &job;
	int ret;

	s->p[f->n] = NAN;
	if (p->choices && f->predicts) {
		job.probe = p->choices->answer[0].id;
		job.n_probe = p->choices->shared;
		job.on_probe = read_choice;
		job.user = &probe;
	}
	ret = syc_engine_run_all(s->e, &one, 1, err);
	syc_job_clear(&job);
	return ret;
}

/* A NaN anywhere stays in the sums. */
static int check_sums(const struct syc_fidelity *f, struct syc_err *err)
{
	for (size_t l = 0; l < f->n_layers; l++)
		if (!isfinite(f->sum[l].ref2) || !isfinite(f->sum[l].err2))
			return syc_fail(err, SYC_EINVAL,
					"activations of layer %zu are not finite", l);
	return 0;
}

int syc_fidelity_add_prompt(struct syc_fidelity *f, const struct syc_fidelity_prompt *p,
			    struct syc_err *err)
{
	int ret = reserve(f, p->n, err);

	if (ret == 0)
		ret = fidelity_grow(f, err);
	f->n_now = p->n;
	for (int i = 0; i < 2 && ret == 0; i++)
		ret = run_side(f, &f->side[i], p, err);
	if (ret == 0)
		ret = check_sums(f, err);
	if (ret == 0 && f->predicts)
		ret = read_out(f, p->tokens, p->n, err);
	if (ret < 0)
		return ret;
	f->label[f->n++] = (int8_t)p->label;
	f->n_tokens += p->n;
	return 0;
}

int syc_fidelity_add(struct syc_fidelity *f, const int32_t *tokens, size_t n,
		     struct syc_err *err)
{
	const struct syc_fidelity_prompt p = {
		.tokens = tokens, .n = n, .label = SYC_LABEL_UNDECIDED,
	};

	return syc_fidelity_add_prompt(f, &p, err);
}

/* ---- what came out ------------------------------------------------------------- */

int syc_fidelity_layer(const struct syc_fidelity *f, uint32_t layer,
		       struct syc_fidelity_layer *out, struct syc_err *err)
{
	const struct sums *s = &f->sum[layer];

	out->cosine = s->cosine / (double)f->n_tokens;
	out->least_cosine = s->least_cosine;
	out->error = s->err2 == 0 ? 0 : sqrt(s->err2 / s->ref2);
	return fidelity_centered(f, layer, out, err);
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
		.kl = f->kl.sum / (double)f->n_compared, .largest_kl = f->kl.largest,
		.end_kl = f->kl_end.sum / (double)f->n, .largest_end_kl = f->kl_end.largest,
		.n_sequences = f->n,
	};
	if (!f->predicts)
		out->kl = out->end_kl = out->largest_kl = out->largest_end_kl = NAN;
}
