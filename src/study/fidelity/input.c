/* SPDX-License-Identifier: MIT */
/* A text in pieces, and rows, as sequences to be compared. */
#include "config.h"
#include <jansson.h>
#include <string.h>
#include "base/err.h"
#include "study/fidelity/fidelity.h"
#include "syc/questions.h"

static void show(const struct syc_fidelity *f, double share)
{
	if (f->o.progress)
		f->o.progress(f->o.arg, f->n_tokens, share);
}

static int add_pieces(struct syc_fidelity *f, const struct syc_ids *bos,
		      const struct syc_ids *ids, size_t ctx, struct syc_err *err)
{
	const size_t per = ctx > bos->n ? ctx - bos->n : 1;
	int ret = 0;

	for (size_t at = 0; at < ids->n && ret == 0; at += per) {
		const size_t n = ids->n - at < per ? ids->n - at : per;
		struct syc_ids w = { 0 };

		ret = syc_ids_add(&w, bos->id, bos->n) < 0 ||
		      syc_ids_add(&w, ids->id + at, n) < 0 ? syc_nomem(err) :
		      syc_fidelity_add(f, w.id, w.n, err);
		syc_ids_free(&w);
		show(f, (double)(at + n) / (double)ids->n);
	}
	return ret;
}

int syc_fidelity_add_text(struct syc_fidelity *f, const struct syc_vocab *v, const char *text,
			  size_t len, size_t ctx, struct syc_err *err)
{
	struct syc_ids bos = { 0 }, ids = { 0 };
	int ret = syc_vocab_encode(v, "", 0, SYC_TOK_BOS, &bos, err);

	if (ret == 0)
		ret = syc_vocab_encode(v, text, len, 0, &ids, err);
	if (ret == 0 && !ids.n)
		ret = syc_fail(err, SYC_EINVAL, "there is no text");
	if (ret == 0)
		ret = add_pieces(f, &bos, &ids, ctx, err);
	syc_ids_free(&bos);
	syc_ids_free(&ids);
	return ret;
}

/* ---- rows --------------------------------------------------------------------- */

static int label_of(const struct syc_row *row)
{
	const json_t *v = json_object_get(syc_row_json(row), "label");
	const double x = json_is_number(v) ? json_number_value(v) : -1;

	return x == 1 ? SYC_LABEL_SYC : x == 0 ? SYC_LABEL_NOT : SYC_LABEL_UNDECIDED;
}

static int add_row(struct syc_fidelity *f, const struct syc_prompter *p,
		   const struct syc_row *row, struct syc_err *err)
{
	struct syc_choices c = { 0 };
	struct syc_ids ids = { 0 };
	struct syc_fidelity_prompt prompt = { .label = label_of(row) };
	int ret;

	if (!row->has_prompt)
		return syc_fail(err, SYC_EINVAL, "no prompt: the row needs question, messages, "
				"prompt or prompt_ids");
	ret = syc_prompter_ids(p, &row->prompt, &ids, NULL, err);
	if (ret == 0 && !ids.n)
		ret = syc_fail(err, SYC_EINVAL, "the prompt is empty");
	if (ret == 0 && row->n_match && row->n_other) {
		ret = syc_choices_init(&c, p, row, err);
		prompt.choices = &c;
	}
	prompt.tokens = ids.id;
	prompt.n = ids.n;
	if (ret == 0)
		ret = syc_fidelity_add_prompt(f, &prompt, err);
	syc_choices_free(&c);
	syc_ids_free(&ids);
	return ret;
}

int syc_fidelity_add_rows(struct syc_fidelity *f, const struct syc_prompter *p,
			  struct syc_rows *rows, struct syc_err *err)
{
	const size_t before = f->n;
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(rows, &row, err)) == 1) {
		ret = add_row(f, p, row, err);
		syc_row_free(row);
		if (ret < 0 && (ret = syc_rows_bad(rows, err)) < 0)
			return ret;
		show(f, syc_rows_share(rows));
	}
	if (ret == 0 && f->n - before < 2)
		ret = syc_fail(err, SYC_EINVAL, "%zu prompt%s: what prompts differ in takes two",
			       f->n - before, f->n - before == 1 ? "" : "s");
	return ret;
}

int syc_fidelity_add_own(struct syc_fidelity *f, const struct syc_prompter *p,
			 struct syc_err *err)
{
	struct syc_buf text = { 0 };
	int ret = syc_unrelated_prompts(&text, err);

	for (char *at = text.data, *end; ret == 0 && at && *at; at = end + 1) {
		struct syc_row *row;

		end = at + strcspn(at, "\n");
		ret = syc_row_parse(&row, at, (size_t)(end - at), err);
		if (ret == 0)
			ret = add_row(f, p, row, err);
		syc_row_free(row);
		show(f, (double)(end - text.data) / (double)text.len);
	}
	syc_buf_free(&text);
	return ret;
}
