/* SPDX-License-Identifier: MIT */
/*
 * A path is doubled until it turns back: a tree of 2^depth states, of which one
 * is drawn by its weight exp(-energy).  Besides Hoffman & Gelman's (2014), the
 * criterion is asked of each half with the nearest state of the other, as Stan
 * does since 2.21.
 */
#include "config.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rand.h"
#include "stat/nuts.h"

enum { TRIES = 100, MAX_DEPTH = 30 };
static const double far_off = 1000;	/* an energy that is off by more: divergent */

struct state {
	double *x, *p, *grad;	/* [dim] */
	double log_density;
};

/* States from one end of a path to the other. */
struct tree {
	double *begin, *end;	/* [dim] momenta at the ends */
	double *rho;		/* [dim] sum of the momenta */
	struct state drawn;	/* without a momentum of its own */
	double weight;		/* log of the sum of weights */
};

struct walk {
	const struct syc_density *f;
	size_t dim;
	unsigned thread, max_depth;
	uint64_t key, step;	/* of random numbers */
	double *inverse;	/* [dim] of the metric: variances */
	double epsilon;
	struct state at[2];	/* the path's ends */
	struct tree whole, more, *room;	/* [max_depth] */
	double *both;		/* [dim] */
	struct spread spread;
	double energy;		/* at the beginning */
	unsigned way;		/* 1: forward */
	double accept;		/* sum over the states of a path */
	size_t n_states;
	bool divergent;
	double *memory;
	struct syc_nuts_chain found;
};

/* ---- memory ----------------------------------------------------------------- */

static double *take(double **from, size_t dim)
{
	double *p = *from;

	*from += dim;
	return p;
}

static void take_tree(struct tree *t, double **from, size_t dim)
{
	t->begin = take(from, dim);
	t->end = take(from, dim);
	t->rho = take(from, dim);
	t->drawn.x = take(from, dim);
	t->drawn.grad = take(from, dim);
}

static int walk_init(struct walk *w, const struct syc_density *f, unsigned max_depth)
{
	const size_t vectors = 2 * 3 + 5 * (2 + (size_t)max_depth) + 4;
	double *from;

	w->f = f;
	w->dim = w->spread.dim = f->dim;
	w->max_depth = max_depth;
	w->memory = from = syc_calloc(f->dim, vectors * sizeof(double));
	w->room = syc_calloc(max_depth, sizeof(*w->room));
	if (!from || !w->room)
		return SYC_ENOMEM;
	for (unsigned i = 0; i < 2; i++) {
		w->at[i].x = take(&from, w->dim);
		w->at[i].p = take(&from, w->dim);
		w->at[i].grad = take(&from, w->dim);
	}
	take_tree(&w->whole, &from, w->dim);
	take_tree(&w->more, &from, w->dim);
	for (unsigned i = 0; i < max_depth; i++)
		take_tree(&w->room[i], &from, w->dim);
	w->inverse = take(&from, w->dim);
	w->both = take(&from, w->dim);
	w->spread.mean = take(&from, w->dim);
	w->spread.m2 = take(&from, w->dim);
	for (size_t i = 0; i < w->dim; i++)
		w->inverse[i] = 1;
	return 0;
}

static void walk_free(struct walk *w)
{
	free(w->memory);
	free(w->room);
}

static void copy(const struct walk *w, double *to, const double *from)
{
	memcpy(to, from, w->dim * sizeof(*to));
}

static void copy_state(const struct walk *w, struct state *to, const struct state *from)
{
	copy(w, to->x, from->x);
	copy(w, to->grad, from->grad);
	to->log_density = from->log_density;
}

/* ---- one step ---------------------------------------------------------------- */

static double uniform(struct walk *w)
{
	return syc_rand_unit(w->key, w->step++);
}

/* Box & Muller (1958). */
static double normal(struct walk *w)
{
	const double u = 1 - uniform(w), v = uniform(w);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static void look(struct walk *w, struct state *z)
{
	z->log_density = w->f->at(w->f->arg, w->thread, z->x, z->grad);
	w->found.n_gradients++;
}

static double energy(const struct walk *w, const struct state *z)
{
	double kinetic = 0;

	for (size_t i = 0; i < w->dim; i++)
		kinetic += w->inverse[i] * z->p[i] * z->p[i];
	return kinetic / 2 - z->log_density;
}

static void push(struct walk *w, struct state *z)
{
	for (size_t i = 0; i < w->dim; i++)
		z->p[i] = normal(w) / sqrt(w->inverse[i]);
}

static void leapfrog(struct walk *w, struct state *z, double e)
{
	for (size_t i = 0; i < w->dim; i++) {
		z->p[i] += e / 2 * z->grad[i];
		z->x[i] += e * w->inverse[i] * z->p[i];
	}
	look(w, z);
	for (size_t i = 0; i < w->dim; i++)
		z->p[i] += e / 2 * z->grad[i];
}

/* ---- trees ------------------------------------------------------------------- */

static double add_logs(double a, double b)
{
	const double most = fmax(a, b);

	return most == -INFINITY ? most : most + log(exp(a - most) + exp(b - most));
}

/* Whether a path from a to b, whose momenta sum to rho + more, goes on apart. */
static bool goes_on(const struct walk *w, const double *a, const double *b, const double *rho,
		    const double *more)
{
	double from = 0, to = 0;

	for (size_t i = 0; i < w->dim; i++) {
		const double r = w->inverse[i] * (rho[i] + more[i]);

		from += a[i] * r;
		to += b[i] * r;
	}
	return from > 0 && to > 0;
}

/* Of a path whose parts end and begin next to each other. */
static bool both_go_on(const struct walk *w, const double *begin, const double *end,
		       const double *rho, const struct tree *u)
{
	return goes_on(w, begin, u->end, rho, u->rho) &&
	       goes_on(w, begin, u->begin, rho, u->begin) &&
	       goes_on(w, end, u->end, u->rho, end);
}

static void swap(double **a, double **b)
{
	double *c = *a;

	*a = *b;
	*b = c;
}

static void swap_drawn(struct tree *t, struct tree *u)
{
	const struct state s = t->drawn;

	t->drawn = u->drawn;
	u->drawn = s;
}

static bool leaf(struct walk *w, struct tree *t)
{
	struct state *z = &w->at[w->way];
	double off;

	leapfrog(w, z, w->way ? w->epsilon : -w->epsilon);
	off = w->energy - energy(w, z);
	if (isnan(off))
		off = -INFINITY;
	w->n_states++;
	w->accept += off > 0 ? 1 : exp(off);
	if (-off > far_off) {
		w->divergent = true;
		return false;
	}
	copy(w, t->begin, z->p);
	copy(w, t->end, z->p);
	copy(w, t->rho, z->p);
	copy_state(w, &t->drawn, z);
	t->weight = off;
	return true;
}

/* 2^depth states more; false: they turn back among themselves, or diverge. */
static bool build(struct walk *w, unsigned depth, struct tree *t)
{
	struct tree *u = depth ? &w->room[depth - 1] : NULL;
	double sum;
	bool on;

	if (!depth)
		return leaf(w, t);
	if (!build(w, depth - 1, t) || !build(w, depth - 1, u))
		return false;
	sum = add_logs(t->weight, u->weight);
	if (uniform(w) < exp(u->weight - sum))
		swap_drawn(t, u);
	t->weight = sum;
	on = both_go_on(w, t->begin, t->end, t->rho, u);
	for (size_t i = 0; i < w->dim; i++)
		t->rho[i] += u->rho[i];
	swap(&t->end, &u->end);
	return on;
}

/* Double the path once; false: it ends there. */
static bool extend(struct walk *w, unsigned depth)
{
	struct tree *t = &w->whole, *u = &w->more;
	double **near, **far;
	bool on;

	w->way = uniform(w) > 0.5;
	near = w->way ? &t->end : &t->begin;
	far = w->way ? &t->begin : &t->end;
	if (!build(w, depth, u))
		return false;
	/* the newer half rather, which lies farther away */
	if (uniform(w) < exp(u->weight - t->weight))
		swap_drawn(t, u);
	t->weight = add_logs(t->weight, u->weight);
	on = both_go_on(w, *far, *near, t->rho, u);
	for (size_t i = 0; i < w->dim; i++)
		t->rho[i] += u->rho[i];
	swap(near, &u->end);
	return on;
}

/* From the state drawn last to the next. */
static unsigned draw(struct walk *w)
{
	unsigned depth = 0;

	copy_state(w, &w->at[0], &w->whole.drawn);
	push(w, &w->at[0]);
	copy_state(w, &w->at[1], &w->at[0]);
	copy(w, w->at[1].p, w->at[0].p);
	copy(w, w->whole.begin, w->at[0].p);
	copy(w, w->whole.end, w->at[0].p);
	copy(w, w->whole.rho, w->at[0].p);
	w->whole.weight = w->accept = 0;
	w->n_states = 0;
	w->divergent = false;
	w->energy = energy(w, &w->at[0]);
	while (depth < w->max_depth && extend(w, depth))
		depth++;
	w->accept /= (double)w->n_states;
	return depth;
}

/* ---- a chain ------------------------------------------------------------------ */

/* Double or halve the step until one step's acceptance crosses 0.8 (Stan's rule). */
static void find_step(struct walk *w)
{
	struct state *z = &w->at[0];
	int way = 0;

	while (w->epsilon > 1e-300 && w->epsilon < 1e7) {
		double off;
		int now;

		copy_state(w, z, &w->whole.drawn);
		push(w, z);
		off = energy(w, z);
		leapfrog(w, z, w->epsilon);
		off -= energy(w, z);
		now = off > log(0.8) ? 1 : -1;
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
			z->x[i] = 4 * uniform(w) - 2;
		look(w, z);
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

		draw(w);
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
		const unsigned depth = draw(w);

		w->found.n_divergent += w->divergent;
		w->found.n_deepest += depth == w->max_depth;
		w->found.accept += w->accept / (double)n;
		w->found.depth += depth / (double)n;
		copy(w, x + i * w->dim, w->whole.drawn.x);
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
	struct walk w = { .thread = thread, .key = syc_rand_key(r->o.seed, "nuts", i) };

	r->ret[i] = walk_init(&w, r->f, r->o.max_depth);
	if (r->ret[i] == 0 && !begin(&w))
		r->ret[i] = SYC_EINVAL;
	if (r->ret[i] == 0) {
		warm_up(&w, r->o.n_warmup, r->o.accept);
		keep(&w, r->out->x + i * r->o.n_draws * r->f->dim, r->o.n_draws);
		r->out->chain[i] = w.found;
	}
	walk_free(&w);
}

static int check(struct syc_nuts_opts *o, const struct syc_density *f, struct syc_err *err)
{
	o->n_chains = o->n_chains ? o->n_chains : 4;
	o->n_warmup = o->n_warmup ? o->n_warmup : 500;
	o->n_draws = o->n_draws ? o->n_draws : 1500;
	o->accept = o->accept > 0 ? o->accept : 0.8;
	o->max_depth = o->max_depth ? o->max_depth : 10;
	if (!f->dim)
		return syc_fail(err, SYC_EINVAL, "nothing to draw: no dimension");
	if (o->n_draws < 4 || !(o->accept < 1) || o->max_depth > MAX_DEPTH)
		return syc_fail(err, SYC_EINVAL,
				"%zu draws a chain, acceptance %g, depth %u: at least 4 draws, "
				"below 1, at most %d", o->n_draws, o->accept, o->max_depth, MAX_DEPTH);
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
			return syc_fail(err, r->ret[i],
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
