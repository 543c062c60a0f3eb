/* SPDX-License-Identifier: MIT */
/* What a sweep asks. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/sweep.h"

static void question_free(struct syc_sweep_question *q, size_t n_variants)
{
	for (size_t i = 0; q->prompt && i < n_variants; i++)
		syc_ids_free(&q->prompt[i]);
	free(q->prompt);
	syc_choices_free(&q->choices);
	free(q->id);
}

static int prompt_ids(struct syc_ids *ids, const struct syc_prompter *p,
		      const struct syc_row *row, size_t more, size_t n_ctx,
		      struct syc_err *err)
{
	int ret = syc_prompter_ids(p, &row->prompt, ids, NULL, err);

	if (ret < 0)
		return ret;
	if (!ids->n)
		return syc_fail(err, SYC_EINVAL, "the prompt is empty");
	if (ids->n + more > n_ctx)
		return syc_fail(err, SYC_EINVAL,
				"the prompt's %zu tokens do not fit the "
				"context of %zu", ids->n, n_ctx);
	return 0;
}

static int make_question(struct syc_sweep_question *q,
			 const struct syc_prompter *p, size_t n_variants,
			 const struct syc_row *row, size_t n_ctx,
			 struct syc_err *err)
{
	int ret;

	if (!row->has_prompt)
		return syc_fail(err, SYC_EINVAL,
			"no prompt: the row needs question, messages, prompt or prompt_ids");
	q->id = strdup(row->id);
	q->prompt = calloc(n_variants, sizeof(*q->prompt));
	if (!q->id || !q->prompt)
		return syc_nomem(err);
	ret = syc_choices_init(&q->choices, p, row, err);
	for (size_t i = 0; i < n_variants && ret == 0; i++)
		ret = prompt_ids(&q->prompt[i], &p[i], row,
				 q->choices.shared + 1, n_ctx, err);
	return ret;
}

/* Room for one more, zeroed. */
static struct syc_sweep_question *add(struct syc_sweep_questions *q)
{
	if (!syc_grow(&q->question, &q->cap, q->n + 1, sizeof(*q->question)))
		return NULL;
	memset(&q->question[q->n], 0, sizeof(*q->question));
	return &q->question[q->n++];
}

int syc_sweep_questions_read(struct syc_sweep_questions *q, struct syc_rows *in,
			     const struct syc_prompter *p, size_t n_variants,
			     size_t n_ctx, struct syc_err *err)
{
	struct syc_err own;
	struct syc_row *row;
	int ret;

	err = err ? err : &own;	/* a skipped row has a reason */
	*q = (struct syc_sweep_questions){ .n_variants = n_variants };
	while ((ret = syc_rows_next(in, &row, err)) == 1) {
		const uint64_t skipped = in->n_skipped;
		struct syc_sweep_question *one = add(q);

		ret = one ? make_question(one, p, n_variants, row, n_ctx, err)
			  : syc_nomem(err);
		syc_row_free(row);
		if (ret < 0 && ret != SYC_ENOMEM)
			ret = syc_rows_bad(in, err);
		if (ret < 0)
			return ret;
		if (in->n_skipped > skipped)
			question_free(&q->question[--q->n], n_variants);
	}
	return ret;
}

void syc_sweep_questions_free(struct syc_sweep_questions *q)
{
	for (size_t i = 0; i < q->n; i++)
		question_free(&q->question[i], q->n_variants);
	free(q->question);
	*q = (struct syc_sweep_questions){ 0 };
}

size_t syc_sweep_questions_same(const struct syc_sweep_questions *q,
				size_t variant)
{
	size_t same = 0;

	for (size_t i = 0; i < q->n; i++) {
		const struct syc_ids *a = &q->question[i].prompt[0];
		const struct syc_ids *b = &q->question[i].prompt[variant];

		same += a->n == b->n &&
			memcmp(a->id, b->id, a->n * sizeof(*a->id)) == 0;
	}
	return same;
}
