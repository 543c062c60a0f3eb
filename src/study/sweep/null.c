/* SPDX-License-Identifier: MIT */
/*
 * Null vectors in the place of those that are tested.  Of a draw nothing but
 * the outcome's change by claim is kept, so that memory does not grow with
 * steerings, and nothing but that and the search for its scale is computed.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/sweep/sweep.h"
#include "syc/sweep_test.h"

enum { SIDE_BY_SIDE = 128 }; /* settings at a time, which share their prompts */

/* ---- keys ------------------------------------------------------------------- */

static bool same_rule(const struct syc_steer_rule *a,
		      const struct syc_steer_rule *b)
{
	return a->op == b->op && a->hook == b->hook && a->side == b->side &&
	       a->when == b->when && a->count == b->count &&
	       a->decay == b->decay && a->to == b->to &&
	       a->n_layers == b->n_layers &&
	       memcmp(a->layers, b->layers, a->n_layers * sizeof(*a->layers)) ==
		       0;
}

/* The key of a setting, a new one where there is none. */
static int find_key(struct syc_sweep_settings *s, size_t *cap,
		    struct syc_sweep_setting *of, bool at_kl,
		    struct syc_err *err)
{
	for (size_t k = 0; k < s->n_keys; k++) {
		const struct syc_sweep_key *key = &s->key[k];

		if (same_rule(&key->rule, &of->rule) &&
		    (at_kl ? (key->scale < 0) == (of->scale < 0)
			   : key->scale == of->scale &&
				     key->vector == of->vector)) {
			of->key = k;
			return 0;
		}
	}
	if (!syc_grow(&s->key, cap, s->n_keys + 1, sizeof(*s->key)))
		return syc_nomem(err);
	of->key = s->n_keys;
	s->key[s->n_keys++] =
		(struct syc_sweep_key){of->vector, of->rule, of->scale};
	return 0;
}

int null_keys(struct syc_sweep_settings *s, const struct syc_sweep_plan *plan,
	      struct syc_err *err)
{
	size_t cap = 0;
	int ret = 0;

	for (size_t i = 0; i < s->n && plan->n_nulls && ret == 0; i++)
		if (s->setting[i].kind == SYC_SWEEP_STEER &&
		    !s->setting[i].rule.to_mean)
			ret = find_key(s, &cap, &s->setting[i], plan->at_kl > 0,
				       err);
	return ret;
}

/* ---- draws ------------------------------------------------------------------ */

/* Some draws of one kind, as settings of their own. */
struct part {
	struct syc_sweep_settings s;
	const struct syc_sweep_null *null;
	size_t from, n;		/* draws */
	size_t *key;		/* [n_keys] of those whose place they take */
	size_t n_keys;
};

/* The keys that null vectors take. */
static int take_keys(struct part *p, const struct sweep *w, struct syc_err *err)
{
	const struct syc_sweep_vector *of = p->null->of;

	p->key = syc_calloc(w->all->n_keys + 1, sizeof(*p->key));
	if (!p->key)
		return syc_nomem(err);
	for (size_t k = 0; k < w->all->n_keys; k++) {
		bool has = !of;

		for (size_t i = 0; i < w->all->n && !has; i++)
			has = w->all->setting[i].key == k &&
			      w->all->setting[i].vector == of;
		if (has)
			p->key[p->n_keys++] = k;
	}
	return 0;
}

static int fill_part(struct part *p, const struct sweep *w, struct syc_err *err)
{
	int ret = 0;

	for (size_t d = p->from; d < p->from + p->n; d++)
		for (size_t k = 0; k < p->n_keys && ret == 0; k++) {
			const struct syc_sweep_key *key =
				&w->all->key[p->key[k]];
			struct syc_sweep_setting *s =
				setting_add(&p->s, w->plan, SYC_SWEEP_RANDOM);

			if (!s)
				return syc_nomem(err);
			s->vector = p->null->of ? p->null->of : key->vector;
			s->draw = d + 1;
			s->null = p->null->v ? p->null->v[d] : NULL;
			s->rule = key->rule;
			s->scale = w->start[p->key[k]];
			s->rule.scale = (float)s->scale;
			ret = setting_steer(s, w->plan->model, w->plan->seed,
					    err);
		}
	return ret;
}

/* The change at each claim of setting i, a draw's at one key. */
static int take_change(double *x, const struct part *p, const struct sweep *w,
		       size_t i, struct syc_err *err)
{
	const double *base = w->all->setting[0].by_claim;
	const struct syc_sweep_setting *s = &p->s.setting[i];
	const size_t key = p->key[i % p->n_keys], n_claims = w->all->n_claims;
	int ret;

	x += ((i / p->n_keys) * w->all->n_keys + key) * n_claims;
	ret = syc_sweep_by_claim(x, w->plan->questions, w->all->outcome,
				 s->p_match, err);
	for (size_t c = 0; c < n_claims; c++)
		x[c] -= base[c];
	/* Vectors that say nothing are much alike: the next search begins here. */
	if (w->plan->at_kl > 0 && s->reached)
		w->start[key] = s->scale;
	return ret;
}

/* Run them; change [n][n_keys][n_claims]. */
static int run_part(struct part *p, const struct sweep *w, double *change,
		    struct syc_err *err)
{
	struct sweep own = *w;
	struct syc_sweep_setting **list = syc_calloc(p->s.n + 1, sizeof(*list));
	int ret;

	own.all = &p->s;
	own.silent = true;
	own.sums = syc_calloc(p->s.n + 1, sizeof(*own.sums));
	ret = list && own.sums ? 0 : syc_nomem(err);
	for (size_t i = 0; i < p->s.n && ret == 0; i++)
		list[i] = &p->s.setting[i];
	if (ret == 0 && w->plan->at_kl > 0)
		ret = find_scales(&own, err);
	if (ret == 0)
		ret = sweep_pass(&own, list, p->s.n, RUN_QUESTIONS, err);
	for (size_t i = 0; i < p->s.n && ret == 0; i++)
		ret = take_change(change, p, w, i, err);
	free(list);
	free(own.sums);
	return ret;
}

static void tell(const struct sweep *w, size_t from, size_t to, size_t of)
{
	for (size_t i = from; w->plan->progress && i <= to; i++)
		w->plan->progress(w->plan->arg, i, of);
}

/* All draws of a kind, of which `done` of `of` came before. */
static int run_null(struct sweep *w, const struct syc_sweep_null *null,
		    size_t done, size_t of, struct syc_err *err)
{
	const size_t size = w->all->n_keys * w->all->n_claims;
	const size_t most = SIDE_BY_SIDE / w->all->n_keys;
	const size_t step = most ? most : 1;
	struct syc_err e;
	int ret = 0;

	for (size_t d = 0, n; d < null->n && ret == 0; d += n) {
		struct part p = { .null = null, .from = d };

		/* The first alone finds where the others' searches begin. */
		n = !d && w->plan->at_kl > 0 ? 1 : step;
		n = n < null->n - d ? n : null->n - d;
		p.n = n;
		ret = take_keys(&p, w, &e);
		if (ret == 0)
			ret = fill_part(&p, w, &e);
		if (ret == 0)
			ret = run_part(&p, w,
				       w->all->null_change + (done + d) * size,
				       &e);
		if (ret < 0)
			syc_fail(err, ret, "%s: %.400s", null->name, e.msg);
		free(p.key);
		syc_sweep_settings_free(&p.s);
		if (ret == 0)
			tell(w, done + d + 1, done + d + p.n, of);
	}
	return ret;
}

int null_run(struct sweep *w, struct syc_err *err)
{
	const struct syc_sweep_plan *plan = w->plan;
	const size_t size = w->all->n_keys * w->all->n_claims;
	size_t all = 0, done = 0, n;
	int ret = 0;

	for (size_t i = 0; i < plan->n_nulls; i++)
		all += plan->null[i].n;
	if (!all || !size)
		return 0;
	if (!syc_mul(&n, all, size))
		return syc_nomem(err);
	w->all->null_change = syc_calloc(n, sizeof(*w->all->null_change));
	w->start = syc_calloc(w->all->n_keys, sizeof(*w->start));
	if (!w->all->null_change || !w->start)
		return syc_nomem(err);
	for (size_t k = 0; k < w->all->n_keys; k++)
		w->start[k] = w->all->key[k].scale;
	tell(w, 0, 0, all);
	for (size_t i = 0; i < plan->n_nulls && ret == 0; i++) {
		ret = run_null(w, &plan->null[i], done, all, err);
		done += plan->null[i].n;
	}
	return ret;
}
