/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/gen/preview.h"

enum { TRIAL_TOKENS = 16 };

struct totals {
	uint64_t n_rows, n_tokens, longest;
	struct syc_ids first;
};

static void print_first(const struct syc_row *row, const struct syc_buf *text,
			const struct syc_ids *ids)
{
	struct syc_buf b = { 0 };

	syc_buf_printf(&b, "== prompt of row '%s'\n%s\n", row->id,
		       text->data ? text->data : "");
	fwrite(b.data, 1, syc_text_show(b.data, b.len, 1), stdout);
	syc_buf_free(&b);
	printf("== %zu tokens\n", ids->n);
	for (size_t i = 0; i < ids->n; i++)
		printf("%" PRId32 "%c", ids->id[i],
		       i + 1 < ids->n ? ' ' : '\n');
}

static int read_prompt(const struct preview *p, const struct syc_row *row,
		       struct totals *t, struct syc_err *err)
{
	struct syc_ids ids = { 0 };
	struct syc_buf text = { 0 };
	int ret;

	if (!row->has_prompt)
		return fail(err, SYC_EINVAL,
			"no prompt: the row needs question, messages, prompt or prompt_ids");
	ret = syc_prompter_ids(&p->m->prompter, &row->prompt, &ids, &text, err);
	if (ret == 0) {
		if (!t->n_rows)
			print_first(row, &text, &ids);
		t->n_rows++;
		t->n_tokens += ids.n;
		t->longest = ids.n > t->longest ? ids.n : t->longest;
	}
	if (ret == 0 && !t->first.n)
		t->first = ids;
	else
		syc_ids_free(&ids);
	syc_buf_free(&text);
	return ret;
}

static int read_rows(const struct preview *p, struct totals *t,
		     struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(&p->m->in, &row, err)) == 1) {
		ret = read_prompt(p, row, t, err);
		syc_row_free(row);
		if (ret < 0 && (ret = syc_rows_bad(&p->m->in, err)) < 0)
			return ret;
	}
	return ret;
}

/* Seconds for the first prompt and n generated tokens. */
static int measure(struct syc_engine *e, const struct syc_ids *ids, size_t n,
		   double *seconds, size_t *n_out, struct syc_err *err)
{
	struct syc_job job = { .id = "", .tokens = ids->id, .n_tokens = ids->n, .max_new = n };
	struct syc_job *const one = &job;
	struct syc_engine_stats before, after;
	int ret;

	syc_engine_stats(e, &before);
	ret = syc_engine_run_all(e, &one, 1, err);
	syc_engine_stats(e, &after);
	*seconds = after.seconds - before.seconds;
	*n_out = (size_t)(after.n_generated - before.n_generated);
	syc_job_clear(&job);
	return ret;
}

static void print_time(const struct preview *p, const struct totals *t,
		       double prompt, double both, size_t n)
{
	double per_prompt = prompt / (double)t->first.n;
	double per_new = n ? (both - prompt > 0 ? both - prompt : both) / (double)n : 0;
	double all = p->samples * ((double)t->n_tokens * per_prompt +
				   (double)(t->n_rows * p->max_tokens) * per_new);
	long s = (long)(all + 0.5);

	printf("time: at most %ld:%02ld:%02ld (measured: %.0f prompt tokens/s, "
	       "%.0f generated tokens/s, one row at a time)\n",
	       s / 3600, s / 60 % 60, s % 60, 1 / per_prompt,
	       per_new > 0 ? 1 / per_new : 0);
}

static int print_sizes(const struct preview *p, const struct totals *t, struct syc_err *err)
{
	uint64_t rows = t->n_rows * p->samples;
	size_t value = p->dtype == SYC_DTYPE_F32 ? 4 : 2;
	const struct syc_work work = {
		rows, rows * p->max_tokens + t->n_tokens * p->samples,
		(size_t)t->longest + p->max_tokens, p->steered,
	};
	struct syc_buf b = { 0 };
	int ret = load_need(&p->m->common, &p->m->load, &work, &b, err);

	printf("== estimate\nrows: %" PRIu64 " (%" PRIu64
	       " prompt tokens, at most %zu new ones each)\n",
	       rows, t->n_tokens * p->samples, p->max_tokens);
	if (ret == 0)
		printf("memory: %s\n", b.data);
	syc_buf_free(&b);
	if (p->n_layers)
		printf("activations: %.1f MB before compression\n",
		       (double)(rows * p->n_positions * p->n_layers *
				syc_model_config(p->m->model)->dim * value) / 1e6);
	return ret;
}

int preview(const struct preview *p, struct syc_err *err)
{
	struct syc_engine_opts eo = load_engine(&p->m->common, &p->m->load);
	struct totals t = { 0 };
	struct syc_engine *e = NULL;
	double prompt, both;
	size_t n, max = p->max_tokens < TRIAL_TOKENS ? p->max_tokens
						     : TRIAL_TOKENS;
	int ret = read_rows(p, &t, err);

	if (ret == 0 && !t.n_rows)
		ret = fail(err, SYC_EINVAL, "there are no rows");
	if (ret == 0)
		ret = print_sizes(p, &t, err);
	if (ret == 0)
		ret = syc_engine_new(&e, p->m->model, &eo, err);
	if (ret == 0)
		ret = measure(e, &t.first, 0, &prompt, &n, err);
	if (ret == 0)	/* the first run also warmed up: once more */
		ret = measure(e, &t.first, 0, &prompt, &n, err);
	if (ret == 0)
		ret = measure(e, &t.first, max, &both, &n, err);
	if (ret == 0)
		print_time(p, &t, prompt, both, n);
	syc_engine_free(e);
	syc_ids_free(&t.first);
	return ret;
}
