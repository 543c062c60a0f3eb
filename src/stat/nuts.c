/* SPDX-License-Identifier: MIT */
/* Chains of the No-U-Turn sampler. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rand.h"
#include "stat/nuts.h"

enum { TRIES = 100, MAX_DEPTH = 30 };

/* Double or halve the step until one step's acceptance crosses 0.8 (Stan's rule). */
static void find_step(struct walk *w)
{
	int way = 0;

	while (w->epsilon > 1e-300 && w->epsilon < 1e7) {
		const int now = walk_try(w) > log(0.8) ? 1 : -1;

		if (way && now != way)
			return;
		way = now;
		w->epsilon *= way > 0 ? 2 : 0.5;
	}
}

static bool begin(struct walk *w)
{
	struct state *z = &w->whole.drawn;

	for (unsigned k = 0; k < TRIES; k++) {
		bool finite;

		for (size_t i = 0; i < w->dim; i++)
			z->x[i] = 4 * walk_unit(w) - 2;
		walk_look(w, z);
		finite = isfinite(z->log_density);
		for (size_t i = 0; i < w->dim && finite; i++)
			finite = isfinite(z->grad[i]);
		if (finite)
			return true;
	}
	return false;
}

static void warm_up(struct walk *w, size_t n, double accept)
{
	struct averaging a = { .accept = accept };
	struct windows windows;
	bool inside;

	w->epsilon = 1;
	find_step(w);
	averaging_begin(&a, w->epsilon);
	windows_begin(&windows, n);
	for (size_t i = 0; i < n; i++) {
		bool ends;

		walk_draw(w);
		w->epsilon = averaging_next(&a, w->accept);
		ends = windows_next(&windows, &inside);
		if (inside)
			spread_add(&w->spread, w->whole.drawn.x);
		if (!ends)
			continue;
		spread_end(&w->spread, w->inverse);
		find_step(w);
		averaging_begin(&a, w->epsilon);
	}
	if (n)
		w->epsilon = averaging_end(&a);
}

static void keep(struct walk *w, double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned depth = walk_draw(w);

		w->found.n_divergent += w->divergent;
		w->found.n_deepest += depth == w->max_depth;
		w->found.accept += w->accept / (double)n;
		w->found.depth += depth / (double)n;
		memcpy(x + i * w->dim, w->whole.drawn.x, w->dim * sizeof(*x));
	}
	w->found.step = w->epsilon;
}

/* ---- all of them --------------------------------------------------------------- */

struct run {
	const struct syc_density *f;
	struct syc_nuts_opts o;
	struct syc_nuts *out;
	int *ret;		/* [n_chains] */
};

static void run_chain(void *arg, size_t i, unsigned thread)
{
	struct run *r = arg;
	struct walk w = { .thread = thread,
			 .key = syc_rand_key(r->o.seed, "nuts", i) };

	r->ret[i] = walk_init(&w, r->f, r->o.max_depth);
	if (r->ret[i] == 0 && !begin(&w))
		r->ret[i] = SYC_EINVAL;
	if (r->ret[i] == 0) {
		warm_up(&w, r->o.n_warmup, r->o.accept);
		keep(&w, r->out->x + i * r->o.n_draws * r->f->dim,
		     r->o.n_draws);
		r->out->chain[i] = w.found;
	}
	walk_free(&w);
}

static int check(struct syc_nuts_opts *o, const struct syc_density *f,
		 struct syc_err *err)
{
	o->n_chains = o->n_chains ? o->n_chains : 4;
	o->n_warmup = o->n_warmup ? o->n_warmup : 500;
	o->n_draws = o->n_draws ? o->n_draws : 1500;
	o->accept = o->accept > 0 ? o->accept : 0.8;
	o->max_depth = o->max_depth ? o->max_depth : 10;
	if (!f->dim)
		return syc_fail(err, SYC_EINVAL,
				"nothing to draw: no dimension");
	if (o->n_draws < 4 || !(o->accept < 1) || o->max_depth > MAX_DEPTH)
		return syc_fail(
			err, SYC_EINVAL,
			"%zu draws a chain, acceptance %g, depth %u: at least 4 draws, "
			"below 1, at most %d",
			o->n_draws, o->accept, o->max_depth, MAX_DEPTH);
	return 0;
}

static int alloc(struct run *r)
{
	struct syc_nuts *s = r->out = calloc(1, sizeof(*s));
	size_t n;

	if (!s || !syc_mul(&n, r->o.n_chains, r->o.n_draws))
		return SYC_ENOMEM;
	s->dim = r->f->dim;
	s->n_chains = r->o.n_chains;
	s->n_draws = r->o.n_draws;
	s->chain = syc_calloc(s->n_chains, sizeof(*s->chain));
	r->ret = syc_calloc(s->n_chains, sizeof(*r->ret));
	s->x = syc_mul(&n, n, s->dim) ? syc_calloc(n, sizeof(*s->x)) : NULL;
	return s->chain && s->x && r->ret ? 0 : SYC_ENOMEM;
}

static int gather(const struct run *r, struct syc_err *err)
{
	for (size_t i = 0; i < r->o.n_chains; i++) {
		if (r->ret[i] == SYC_ENOMEM)
			return syc_nomem(err);
		if (r->ret[i] < 0)
			return syc_fail(
				err, r->ret[i],
				"chain %zu found no point in %d where the density is finite",
				i + 1, TRIES);
		r->out->n_divergent += r->out->chain[i].n_divergent;
		r->out->n_deepest += r->out->chain[i].n_deepest;
	}
	return 0;
}

int syc_nuts_run(struct syc_nuts **out, const struct syc_density *f,
		 const struct syc_nuts_opts *o, struct syc_err *err)
{
	struct run r = { .f = f, .o = *o };
	struct syc_par *pool = NULL;
	int ret = check(&r.o, f, err);

	*out = NULL;
	if (ret == 0 && alloc(&r) < 0)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = syc_par_new(&pool, o->threads, err);
	if (ret == 0) {
		syc_par_run(pool, r.o.n_chains, run_chain, &r);
		ret = gather(&r, err);
	}
	syc_par_free(pool);
	free(r.ret);
	if (ret == 0)
		*out = r.out;
	else
		syc_nuts_free(r.out);
	return ret;
}

void syc_nuts_free(struct syc_nuts *s)
{
	if (!s)
		return;
	free(s->x);
	free(s->chain);
	free(s);
}
