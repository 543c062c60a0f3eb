/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/tune/tune.h"

bool tune_wants(const struct syc_tune_example *e, int text, unsigned which)
{
	return (which & TRAINED && text == e->trained) ||
	       (which & REJECTED && text == e->rejected) ||
	       (which & CHOICES && (text == e->match || text == e->other));
}

void pass_free(struct pass *p)
{
	free(p->seq);
	free(p->logprob);
	free(p->coef);
	free(p->row);
	free(p->text);
	*p = (struct pass){ 0 };
}

static bool grow(void *array, size_t n, size_t size)
{
	void *grown =
		syc_mul(&size, n, size) ? realloc(*(void **)array, size) : NULL;

	if (grown)
		*(void **)array = grown;
	return grown;
}

/* Room for one more in all arrays. */
static bool pass_grow(struct pass *p)
{
	const size_t cap = p->cap * 2 + 16;

	if (p->n < p->cap)
		return true;
	if (!grow(&p->seq, cap, sizeof(*p->seq)) ||
	    !grow(&p->coef, cap, sizeof(*p->coef)) ||
	    !grow(&p->logprob, cap, sizeof(*p->logprob)) ||
	    !grow(&p->row, cap, sizeof(*p->row)) ||
	    !grow(&p->text, cap, sizeof(*p->text)))
		return false;
	p->cap = cap;
	return true;
}

int pass_add(struct pass *p, const struct syc_tune_example *e, size_t row,
	     int text, uint64_t key, struct syc_err *err)
{
	const struct syc_tune_text *x = &e->text[text];

	if (!pass_grow(p))
		return syc_nomem(err);
	p->seq[p->n] = (struct syc_train_sequence){
		.tokens = x->tokens,
		.n = x->n,
		.n_prompt = x->n_prompt,
		.key = key,
	};
	p->row[p->n] = row;
	p->text[p->n++] = text;
	p->tokens += x->n;
	return 0;
}

bool pass_holds(const struct pass *p, size_t tokens, size_t most)
{
	return !p->n || (p->tokens <= most && tokens <= most - p->tokens);
}

int pass_forward(struct pass *p, struct syc_trainer *t,
		 const struct syc_tune_rows *rows, enum syc_train_mode mode,
		 struct syc_err *err)
{
	const int ret =
		syc_trainer_forward(t, p->seq, p->n, mode, p->logprob, err);

	for (size_t i = 0; i < p->n && ret == 0; i++)
		if (!isfinite(p->logprob[i]))
			return syc_fail(
				err, SYC_EINVAL,
				"the probability of the answer of %.300s is not finite",
				rows->e[p->row[i]].place);
	return ret;
}

static int flush(struct syc_tune *u, const struct syc_tune_rows *rows,
		 enum syc_train_mode mode, tune_logprob *lp,
		 struct syc_err *err)
{
	struct pass *p = &u->pass;
	const int ret = p->n ? pass_forward(p, u->t, rows, mode, err) : 0;

	for (size_t i = 0; i < p->n && ret == 0; i++)
		lp[p->row[i]][p->text[i]] = p->logprob[i];
	p->n = p->tokens = 0;
	return ret;
}

int tune_probs(struct syc_tune *u, const struct syc_tune_rows *rows,
	       enum syc_train_mode mode, unsigned which, tune_logprob *lp,
	       struct syc_err *err)
{
	int ret = 0;

	u->pass.n = u->pass.tokens = 0;
	for (size_t r = 0; r < rows->n; r++) {
		const struct syc_tune_example *e = &rows->e[r];

		for (int i = 0; i < e->n_texts && ret == 0; i++) {
			if (!tune_wants(e, i, which))
				continue;
			if (!pass_holds(&u->pass, e->text[i].n, u->plan.tokens))
				ret = flush(u, rows, mode, lp, err);
			if (ret == 0)
				ret = pass_add(&u->pass, e, r, i, 0, err);
		}
	}
	return ret < 0 ? ret : flush(u, rows, mode, lp, err);
}

static int refer_to(struct syc_tune *u, const struct syc_tune_rows *rows,
		    tune_logprob **ref, struct syc_err *err)
{
	int ret;

	*ref = syc_calloc(rows->n, sizeof(**ref));
	if (!*ref)
		return syc_nomem(err);
	ret = tune_probs(u, rows, SYC_TRAIN_BASE, TRAINED | REJECTED, *ref,
			 err);
	if (ret < 0) {
		free(*ref);
		*ref = NULL;
	}
	return ret;
}

int tune_refer(struct syc_tune *u, struct syc_err *err)
{
	int ret = 0;

	if (u->plan.loss != SYC_TUNE_DPO)
		return 0;
	if (!u->ref)
		ret = refer_to(u, u->train, &u->ref, err);
	if (ret == 0 && u->held && !u->ref_held)
		ret = refer_to(u, u->held, &u->ref_held, err);
	return ret;
}
