/* SPDX-License-Identifier: MIT */
/* What a run will take. */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include "base/mem.h"
#include "base/par.h"
#include "study/tune/tune.h"

/* ---- tokens -------------------------------------------------------------- */

struct count {
	double tokens, answer;
	size_t longest;	/* of what must be in one pass */
};

static struct count count(const struct syc_tune_rows *rows, unsigned which,
			  bool together)
{
	struct count c = { 0 };

	for (size_t r = 0; rows && r < rows->n; r++) {
		const struct syc_tune_example *e = &rows->e[r];
		size_t all = 0;

		for (int i = 0; i < e->n_texts; i++) {
			if (!tune_wants(e, i, which))
				continue;
			c.tokens += (double)e->text[i].n;
			c.answer +=
				(double)(e->text[i].n - e->text[i].n_prompt);
			all = together || e->text[i].n > all ?
				e->text[i].n + (together ? all : 0) : all;
		}
		if (all > c.longest)
			c.longest = all;
	}
	return c;
}

static void add(struct syc_tune_work *w, struct count c, double times)
{
	w->only_tokens += c.tokens * times;
	w->only_answer_tokens += c.answer * times;
}

struct syc_tune_work syc_tune_work(const struct syc_tune_plan *plan,
				   const struct syc_tune_rows *train,
				   const struct syc_tune_rows *held)
{
	const bool dpo = plan->loss == SYC_TUNE_DPO;
	const unsigned both = TRAINED | (dpo ? REJECTED : 0);
	const double steps = (double)syc_tune_steps(plan, train->n);
	const double epochs =
		plan->steps ? steps * (double)plan->batch / (double)train->n
			    : plan->epochs;
	const struct count learn = count(train, both, dpo);
	struct syc_tune_work w = {learn.tokens * epochs, learn.answer * epochs,
				  0, 0, learn.longest};
	const double looks =
		plan->eval_every ? steps / (double)plan->eval_every : epochs;

	if (dpo)
		add(&w, learn, 1);
	if (dpo && held)
		add(&w, count(held, both, false), 1);
	add(&w, count(held, both | CHOICES, false), ceil(looks) + 1);
	if (learn.longest * plan->batch < plan->tokens)
		w.pass = learn.longest * plan->batch;
	else if (plan->tokens > w.pass)
		w.pass = plan->tokens;
	return w;
}

/* ---- the machine --------------------------------------------------------- */

enum { ROWS = 256, COLS = 512, DEPTH = 1024, MANY = 8 };

struct trial {
	float *a, *b, *c;	/* c: one a thread */
};

static void multiply(void *arg, size_t part, unsigned thread)
{
	const struct trial *t = arg;

	(void)part;
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, ROWS, COLS, DEPTH,
		    1, t->a, DEPTH, t->b, DEPTH, 0,
		    t->c + (size_t)thread * ROWS * COLS, COLS);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The best of three rounds behind a first one. */
static double measure(struct syc_par *par, const struct trial *t)
{
	const size_t n = (size_t)MANY * syc_par_threads(par);
	double best = 0;

	openblas_set_num_threads(1);
	for (int i = 0; i < 4; i++) {
		const double from = seconds();
		double rate;

		syc_par_run(par, n, multiply, (void *)(uintptr_t)t);
		rate = 2.0 * ROWS * COLS * DEPTH * (double)n /
		       (seconds() - from);
		if (i && rate > best)
			best = rate;
	}
	return best;
}

double syc_sgemm_rate(unsigned threads)
{
	struct syc_par *par;
	struct trial t;
	double rate = 0;

	if (syc_par_new(&par, threads, NULL) < 0)
		return 0;
	t.a = syc_calloc((size_t)ROWS * DEPTH, sizeof(float));
	t.b = syc_calloc((size_t)COLS * DEPTH, sizeof(float));
	t.c = syc_calloc((size_t)ROWS * COLS * syc_par_threads(par),
			 sizeof(float));
	if (t.a && t.b && t.c)
		rate = measure(par, &t);
	free(t.a);
	free(t.b);
	free(t.c);
	syc_par_free(par);
	return rate;
}
