/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"

/*
 * A round is announced by a new value of `round`; its parts are dealt out by tickets,
 * each with the end of a row of parts in its upper half and the next one in its
 * lower, so that a worker that comes late (its core is busy with other work)
 * neither holds up the round nor takes a part of the next by mistake.  Rows of parts
 * that touch the same memory in each round have a ticket per thread.
 * Workers spin for a short while before they sleep: the engine's rounds are
 * microseconds apart, a sleep and a wake-up cost more than that.
 */
enum { SPIN = 4000 };

/* A thread takes so much of its share of rows at a time, unless that is too many. */
enum { TURNS = 16, MOST_ROWS = 16 };

struct worker {
	struct syc_par *pool;
	unsigned thread;
	pthread_t id;
};

struct ticket {
	_Alignas(64) _Atomic uint64_t next;	/* end << 32 | next */
};

struct syc_par {
	unsigned n_threads;
	struct worker *worker;		/* [n_threads]; 0 is the caller */
	struct ticket *ticket;		/* [n_threads + 1]; the last is everyone's */
	unsigned n_started;

	void (*fn)(void *arg, size_t part, unsigned thread);
	void *arg;
	atomic_uint step;		/* parts taken at a time */
	atomic_uint done;		/* parts of this round */
	atomic_uint round;
	atomic_uint n_asleep;
	atomic_bool stop;

	pthread_mutex_t lock;
	pthread_cond_t wake;
};

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

static bool any_left(const struct ticket *t)
{
	const uint64_t next = atomic_load(&t->next);

	return (uint32_t)next < next >> 32;
}

static void take(struct syc_par *p, struct ticket *t, unsigned thread)
{
	while (any_left(t)) {
		const unsigned step = atomic_load(&p->step);
		const uint64_t next = atomic_fetch_add(&t->next, step), end = next >> 32;
		const uint32_t part = (uint32_t)next;
		unsigned i;

		if (part >= end)
			return;
		for (i = 0; i < step && part + i < end; i++)
			p->fn(p->arg, part + i, thread);
		atomic_fetch_add(&p->done, i);
	}
}

/* One's own first, then what others have left. */
static void work(struct syc_par *p, unsigned thread)
{
	take(p, &p->ticket[p->n_threads], thread);
	for (unsigned i = 0; i < p->n_threads; i++)
		take(p, &p->ticket[(thread + i) % p->n_threads], thread);
}

/* Wait until the round is no longer `seen`; returns the new one. */
static unsigned wait_round(struct syc_par *p, unsigned seen)
{
	unsigned r;

	for (int i = 0; i < SPIN; i++) {
		r = atomic_load(&p->round);
		if (r != seen)
			return r;
		relax();
	}
	pthread_mutex_lock(&p->lock);
	atomic_fetch_add(&p->n_asleep, 1);
	while ((r = atomic_load(&p->round)) == seen)
		pthread_cond_wait(&p->wake, &p->lock);
	atomic_fetch_sub(&p->n_asleep, 1);
	pthread_mutex_unlock(&p->lock);
	return r;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct syc_par *p = w->pool;
	unsigned seen = 0;

	for (;;) {
		seen = wait_round(p, seen);
		if (atomic_load(&p->stop))
			return NULL;
		work(p, w->thread);
	}
}

/* Publish a round, waking whoever sleeps. */
static void announce(struct syc_par *p)
{
	pthread_mutex_lock(&p->lock);
	atomic_fetch_add(&p->round, 1);
	if (atomic_load(&p->n_asleep))
		pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
}

static bool run_alone(const struct syc_par *p, size_t n_parts,
		      void (*fn)(void *arg, size_t part, unsigned thread), void *arg)
{
	if (p->n_started && n_parts > 1)
		return false;
	for (size_t i = 0; i < n_parts; i++)
		fn(arg, i, 0);
	return true;
}

static void begin(struct syc_par *p, size_t step,
		  void (*fn)(void *arg, size_t part, unsigned thread), void *arg)
{
	p->fn = fn;
	p->arg = arg;
	atomic_store(&p->done, 0);
	atomic_store(&p->step, (unsigned)step);
}

static void put_ticket(struct ticket *t, size_t from, size_t end)
{
	atomic_store(&t->next, (uint64_t)end << 32 | from);
}

static void finish(struct syc_par *p, size_t n_parts)
{
	announce(p);
	work(p, 0);
	for (unsigned i = 0; atomic_load(&p->done) < n_parts; i++) {
		relax();
		/* A worker in the middle of its part may need our core. */
		if (i % SPIN == SPIN - 1)
			usleep(1);
	}
}

void syc_par_run(struct syc_par *p, size_t n_parts,
		 void (*fn)(void *arg, size_t part, unsigned thread), void *arg)
{
	if (run_alone(p, n_parts, fn, arg))
		return;
	begin(p, 1, fn, arg);
	put_ticket(&p->ticket[p->n_threads], 0, n_parts);
	finish(p, n_parts);
}

void syc_par_rows(struct syc_par *p, size_t n_rows,
		  void (*fn)(void *arg, size_t row, unsigned thread), void *arg)
{
	const size_t n = p->n_threads, step = n_rows / (TURNS * n);

	if (run_alone(p, n_rows, fn, arg))
		return;
	begin(p, step < 1 ? 1 : step > MOST_ROWS ? MOST_ROWS : step, fn, arg);
	for (size_t i = 0; i < n; i++)
		put_ticket(&p->ticket[i], n_rows * i / n, n_rows * (i + 1) / n);
	finish(p, n_rows);
}

unsigned syc_par_threads(const struct syc_par *p)
{
	return p->n_threads;
}

int syc_par_new(struct syc_par **out, unsigned n, struct syc_err *err)
{
	struct syc_par *p;
	int bad;

	*out = NULL;
	if (n == 0)
		n = syc_machine_cores();
	p = calloc(1, sizeof(*p));
	if (!p)
		return syc_nomem(err);
	p->n_threads = n;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	p->worker = calloc(n, sizeof(*p->worker));
	p->ticket = syc_aligned((size_t)n + 1, sizeof(*p->ticket));
	if (!p->worker || !p->ticket) {
		syc_par_free(p);
		return syc_nomem(err);
	}
	for (unsigned i = 0; i <= n; i++)
		put_ticket(&p->ticket[i], 0, 0);
	for (unsigned i = 1; i < n; i++) {
		p->worker[i] = (struct worker){ .pool = p, .thread = i };
		bad = pthread_create(&p->worker[i].id, NULL, worker_main, &p->worker[i]);
		if (bad) {
			syc_par_free(p);
			return syc_fail(err, SYC_EIO,
					"cannot start thread %u: %s", i,
					strerror(bad));
		}
		p->n_started++;
	}
	*out = p;
	return 0;
}

void syc_par_free(struct syc_par *p)
{
	if (!p)
		return;
	atomic_store(&p->stop, true);
	if (p->n_started)
		announce(p);
	for (unsigned i = 1; i <= p->n_started; i++)
		pthread_join(p->worker[i].id, NULL);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p->worker);
	free(p->ticket);
	free(p);
}
