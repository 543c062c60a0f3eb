/* SPDX-License-Identifier: MIT */
/*
 * A path is doubled until it turns back: a tree of 2^depth states, of which one
 * is drawn by its weight exp(-energy).  Besides Hoffman & Gelman's (2014), the
 * criterion is asked of each half with the nearest state of the other, as Stan
 * does since 2.21.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/rand.h"
#include "stat/nuts.h"

/* an energy that is off by more: divergent */
static const double far_off = 1000;

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

int walk_init(struct walk *w, const struct syc_density *f, unsigned max_depth)
{
	const size_t vectors = 2 * 3 + 5 * (2 + (size_t)max_depth) + 3;
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
	w->spread.mean = take(&from, w->dim);
	w->spread.m2 = take(&from, w->dim);
	for (size_t i = 0; i < w->dim; i++)
		w->inverse[i] = 1;
	return 0;
}

void walk_free(struct walk *w)
{
	free(w->memory);
	free(w->room);
}

static void copy(const struct walk *w, double *to, const double *from)
{
	memcpy(to, from, w->dim * sizeof(*to));
}

static void copy_state(const struct walk *w, struct state *to,
		       const struct state *from)
{
	copy(w, to->x, from->x);
	copy(w, to->grad, from->grad);
	to->log_density = from->log_density;
}

/* ---- one step ---------------------------------------------------------------- */

double walk_unit(struct walk *w)
{
	return syc_rand_unit(w->key, w->step++);
}

/* Box & Muller (1958). */
static double normal(struct walk *w)
{
	const double u = 1 - walk_unit(w), v = walk_unit(w);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

void walk_look(struct walk *w, struct state *z)
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
	walk_look(w, z);
	for (size_t i = 0; i < w->dim; i++)
		z->p[i] += e / 2 * z->grad[i];
}

/* ---- trees ------------------------------------------------------------------- */

static double add_logs(double a, double b)
{
	const double most = fmax(a, b);

	return most == -INFINITY ? most
				 : most + log(exp(a - most) + exp(b - most));
}

/* Whether a path from a to b, whose momenta sum to rho + more, goes on apart. */
static bool goes_on(const struct walk *w, const double *a, const double *b,
		    const double *rho, const double *more)
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
static bool both_go_on(const struct walk *w, const double *begin,
		       const double *end, const double *rho,
		       const struct tree *u)
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
	if (walk_unit(w) < exp(u->weight - sum))
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

	w->way = walk_unit(w) > 0.5;
	near = w->way ? &t->end : &t->begin;
	far = w->way ? &t->begin : &t->end;
	if (!build(w, depth, u))
		return false;
	/* the newer half rather, which lies farther away */
	if (walk_unit(w) < exp(u->weight - t->weight))
		swap_drawn(t, u);
	t->weight = add_logs(t->weight, u->weight);
	on = both_go_on(w, *far, *near, t->rho, u);
	for (size_t i = 0; i < w->dim; i++)
		t->rho[i] += u->rho[i];
	swap(near, &u->end);
	return on;
}

/* From the state drawn last to the next. */
unsigned walk_draw(struct walk *w)
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

double walk_try(struct walk *w)
{
	struct state *z = &w->at[0];
	double off;

	copy_state(w, z, &w->whole.drawn);
	push(w, z);
	off = energy(w, z);
	leapfrog(w, z, w->epsilon);
	return off - energy(w, z);
}
