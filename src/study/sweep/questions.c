/* SPDX-License-Identifier: MIT */
/* What a sweep asks. */
#include "config.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/questions.h"
#include "syc/sweep.h"

static const char reversed_tail[] = "/reversed";

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

static int make_question(struct syc_sweep_question *q, bool choices,
			 const struct syc_prompter *p, size_t n_variants,
			 const struct syc_row *row, size_t n_ctx,
			 struct syc_err *err)
{
	int ret = 0;

	if (!row->has_prompt)
		return syc_fail(err, SYC_EINVAL,
			"no prompt: the row needs question, messages, prompt or prompt_ids");
	q->id = strdup(row->id);
	q->prompt = calloc(n_variants, sizeof(*q->prompt));
	if (!q->id || !q->prompt)
		return syc_nomem(err);
	if (choices)
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

/* ---- what they ask ------------------------------------------------------------ */

/* The number of a claim, whose text is copied where it is new. */
static int number_claim(struct syc_sweep_questions *q, uint32_t *claim,
			const char *text, struct syc_err *err)
{
	char **more;

	for (size_t c = q->n_claims; c-- > 0;)
		if (strcmp(q->claim[c], text) == 0) {
			*claim = (uint32_t)c;
			return 0;
		}
	more = realloc(q->claim, (q->n_claims + 1) * sizeof(*more));
	if (!more)
		return syc_nomem(err);
	q->claim = more;
	more[q->n_claims] = strdup(text);
	if (!more[q->n_claims])
		return syc_nomem(err);
	*claim = (uint32_t)q->n_claims++;
	return 0;
}

/* Claim, view and order of a question whose row is this one. */
static int place(struct syc_sweep_questions *q, struct syc_sweep_question *one,
		 const struct syc_row *row, struct syc_err *err)
{
	const size_t at = (size_t)(one - q->question), len = strlen(one->id),
		     tail = sizeof(reversed_tail) - 1;
	const char *field =
		json_string_value(json_object_get(syc_row_json(row), "claim"));
	struct syc_stated a;
	bool stated = syc_row_stated(&a, row, NULL) == 0 && a.n_options == 2;
	int ret;

	one->asks = at;
	if (at && len > tail && strcmp(one->id + len - tail, reversed_tail) == 0) {
		const char *last = q->question[at - 1].id;

		if (strlen(last) == len - tail && memcmp(last, one->id, len - tail) == 0)
			one->asks = at - 1;
	}
	one->view = stated ? a.view : -1;
	one->matching = stated ? a.matching : -1;
	q->stated = q->stated && stated;
	ret = number_claim(q, &one->claim, stated ? a.claim : field ? field :
			   q->question[one->asks].id, err);
	syc_stated_free(&a);
	return ret;
}

static int read_all(struct syc_sweep_questions *q, bool choices,
		    struct syc_rows *in, const struct syc_prompter *p,
		    size_t n_variants, size_t n_ctx, struct syc_err *err)
{
	struct syc_err own;
	struct syc_row *row;
	int ret;

	err = err ? err : &own;	/* a skipped row has a reason */
	*q = (struct syc_sweep_questions){ .n_variants = n_variants, .stated = choices };
	while ((ret = syc_rows_next(in, &row, err)) == 1) {
		const uint64_t skipped = in->n_skipped;
		struct syc_sweep_question *one = add(q);

		ret = one ? make_question(one, choices, p, n_variants, row, n_ctx, err)
			  : syc_nomem(err);
		if (ret == 0)
			ret = place(q, one, row, err);
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

int syc_sweep_questions_read(struct syc_sweep_questions *q, struct syc_rows *in,
			     const struct syc_prompter *p, size_t n_variants,
			     size_t n_ctx, struct syc_err *err)
{
	return read_all(q, true, in, p, n_variants, n_ctx, err);
}

int syc_sweep_prompts_read(struct syc_sweep_questions *q, struct syc_rows *in,
			   const struct syc_prompter *p, size_t n_variants,
			   size_t n_ctx, struct syc_err *err)
{
	return read_all(q, false, in, p, n_variants, n_ctx, err);
}

static int read_line(struct syc_sweep_questions *q, const char *line, size_t len,
		     const struct syc_prompter *p, size_t n_variants, size_t n_ctx,
		     struct syc_err *err)
{
	struct syc_sweep_question *one = add(q);
	struct syc_row *row = NULL;
	int ret = one ? syc_row_parse(&row, line, len, err) : syc_nomem(err);

	if (ret == 0)
		ret = make_question(one, false, p, n_variants, row, n_ctx, err);
	if (ret == 0)
		ret = place(q, one, row, err);
	syc_row_free(row);
	return ret;
}

int syc_sweep_prompts_own(struct syc_sweep_questions *q, const struct syc_prompter *p,
			  size_t n_variants, size_t n_ctx, struct syc_err *err)
{
	struct syc_buf text = { 0 };
	int ret = syc_unrelated_prompts(&text, err);

	*q = (struct syc_sweep_questions){ .n_variants = n_variants };
	for (char *at = text.data, *end; ret == 0 && at && *at; at = end + 1) {
		end = at + strcspn(at, "\n");
		ret = read_line(q, at, (size_t)(end - at), p, n_variants, n_ctx, err);
	}
	syc_buf_free(&text);
	return ret;
}

void syc_sweep_questions_free(struct syc_sweep_questions *q)
{
	for (size_t i = 0; i < q->n; i++)
		question_free(&q->question[i], q->n_variants);
	for (size_t c = 0; c < q->n_claims; c++)
		free(q->claim[c]);
	free(q->question);
	free(q->claim);
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
