/* SPDX-License-Identifier: MIT */
/* What a run will take. */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/par.h"
#include "study/tune/tune.h"

/* ---- tokens -------------------------------------------------------------- */

struct count {
	double tokens, answer;
	size_t longest;	/* of what must be in one pass */
};

/* together: the texts of a row are in one pass. */
static struct count count(const struct syc_tune_rows *rows, unsigned which,
			  bool together)
{
	struct count c = { 0 };

	for (size_t r = 0; rows && r < rows->n; r++) {
		const struct syc_tune_example *e = &rows->e[r];
		size_t pass = 0;

		for (int i = 0; i < e->n_texts; i++) {
			const struct syc_tune_text *x = &e->text[i];

			if (!tune_wants(e, i, which))
				continue;
			c.tokens += (double)x->n;
			c.answer += (double)(x->n - x->n_prompt);
			pass = x->n + (together ? pass : 0);
			if (pass > c.longest)
				c.longest = pass;
		}
	}
	return c;
}

static void add(struct syc_tune_work *w, struct count c, double times)
{
	w->only_tokens += c.tokens * times;
	w->only_answer_tokens += c.answer * times;
}

/* The most tokens of a pass, of `all` that there are. */
static size_t pass_of(const struct syc_tune_plan *plan, struct count c, double all)
{
	const size_t n = all < (double)plan->tokens ? (size_t)all : plan->tokens;

	return n > c.longest ? n : c.longest;
}

struct syc_tune_work syc_tune_work(const struct syc_tune_plan *plan,
				   const struct syc_tune_rows *train,
				   const struct syc_tune_rows *held)
{
	const bool dpo = plan->loss == SYC_TUNE_DPO;
	const unsigned both = TRAINED | (dpo ? REJECTED : 0);
	const double steps = (double)syc_tune_steps(plan, train->n);
	const double epochs = plan->steps ? steps * (double)plan->batch /
						    (double)train->n
					  : plan->epochs;
	const double looks =
		plan->eval_every ? steps / (double)plan->eval_every : epochs;
	const struct count learn = count(train, both, dpo);
	const struct count look = count(held, both | CHOICES, false);
	struct syc_tune_work w = {
		learn.tokens * epochs, learn.answer * epochs, 0, 0,
		pass_of(plan, learn, (double)(learn.longest * plan->batch)),
	};

	if (pass_of(plan, look, look.tokens) > w.pass)
		w.pass = pass_of(plan, look, look.tokens);
	if (dpo)
		add(&w, learn, 1);
	if (dpo && held)
		add(&w, count(held, both, false), 1);
	add(&w, look, ceil(looks) + 1);
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

/* The best of three rounds behind a first one. */
static double measure(struct syc_par *par, const struct trial *t)
{
	const size_t n = (size_t)MANY * syc_par_threads(par);
	double best = 0;

	openblas_set_num_threads(1);
	for (int i = 0; i < 4; i++) {
		const double from = syc_seconds();
		double rate;

		syc_par_run(par, n, multiply, (void *)(uintptr_t)t);
		rate = 2.0 * ROWS * COLS * DEPTH * (double)n /
		       (syc_seconds() - from);
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
