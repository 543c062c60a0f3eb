/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "tool/common/fail.h"
#include "tool/run/questions.h"

size_t questions_ctx(const struct load *l, const struct syc_model *m)
{
	return l->ctx ? l->ctx : syc_model_config(m)->n_ctx;
}

int questions_read(struct syc_sweep_questions *q, struct asking *a, bool prompts,
		   char *const *paths, int n_paths, struct syc_err *err)
{
	struct syc_one_run run = { 0 };
	struct syc_rows in = a->in;
	int ret;

	in.paths = paths;
	in.n_paths = n_paths;
	in.both_orders = in.both_orders && !prompts;
	in.one_run = in.one_run ? &run : NULL;
	ret = (prompts ? syc_sweep_prompts_read : syc_sweep_questions_read)(
		q, &in, a->prompter, a->n_variants, a->n_ctx, err);
	a->n_skipped += in.n_skipped;
	syc_rows_done(&in);
	if (ret == 0 && !q->n)
		ret = fail(err, SYC_EINVAL, "%s%sthere are no %s", n_paths ? paths[0] : "",
			   n_paths ? ": " : "", prompts ? "prompts" : "questions");
	return ret;
}
