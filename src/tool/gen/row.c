/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/record.h"
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/gen/row.h"

enum { MAX_LOGPROBS = 100 };

static int fill_row(struct gen_row *r, const struct gen_opts *o,
		    const struct model_rows *m, struct syc_err *err)
{
	int ret;

	if (!r->row->has_prompt)
		return fail(
			err, SYC_EINVAL,
			"no prompt: the row needs question, messages, prompt or prompt_ids");
	ret = syc_prompter_ids(&m->prompter, &r->row->prompt, &r->prompt, NULL,
			       err);
	if (ret == 0 && o->choices)
		ret = syc_choices_init(&r->choices, &m->prompter, r->row, err);
	if (ret < 0)
		return ret;
	if (!r->prompt.n)
		return fail(err, SYC_EINVAL, "the prompt is empty");
	if (r->prompt.n + r->choices.shared + 1 > m->n_ctx)
		return fail(
			err, SYC_EINVAL,
			"the prompt's %zu tokens do not fit the context of %zu",
			r->prompt.n, m->n_ctx);
	r->line = model_rows_line(m);
	r->len = m->in.len;
	return r->line ? 0 : fail_nomem(err);
}

int gen_row_new(struct gen_row **out, const struct gen_opts *o,
		const struct model_rows *m, struct syc_row *row,
		struct syc_err *err)
{
	struct gen_row *r = calloc(1, sizeof(*r));
	int ret;

	*out = NULL;
	if (!r) {
		syc_row_free(row);
		return fail_nomem(err);
	}
	r->refs = 1;
	r->row = row;
	ret = fill_row(r, o, m, err);
	if (ret < 0)
		gen_row_unref(r);
	else
		*out = r;
	return ret;
}

void gen_row_unref(struct gen_row *r)
{
	if (!r || --r->refs)
		return;
	syc_row_free(r->row);
	syc_ids_free(&r->prompt);
	syc_choices_free(&r->choices);
	free(r->line);
	free(r);
}

/* P(matching) among the answers, by the token in which they first differ. */
static void read_choice(struct syc_job *job, const float *logits)
{
	struct gen_item *it = job->user;

	it->p_match = (float)syc_choices_prob(&it->from->choices, logits);
	it->mass = (float)syc_choices_mass(&it->from->choices, logits,
					   syc_vocab_size(it->vocab));
	it->has_p_match = true;
}

/* One step of --logprobs: the chosen token and the most probable ones. */
static void read_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct gen_item *it = job->user;
	struct syc_buf *b = &it->steps;
	int32_t id[MAX_LOGPROBS];
	float lp[MAX_LOGPROBS];
	size_t n = syc_top_logprobs(logits, syc_vocab_size(it->vocab),
				    it->o->logprobs, id, lp),
	       len;
	const char *piece;

	syc_buf_printf(b, "%s{\"id\": %" PRId32 ", \"top\": [",
		       b->len ? ", " : "", chosen);
	for (size_t i = 0; i < n; i++) {
		piece = syc_vocab_piece(it->vocab, id[i], true, &len);
		syc_buf_printf(b, "%s{\"id\": %" PRId32 ", \"piece\": ",
			       i ? ", " : "", id[i]);
		syc_buf_json(b, piece ? piece : "", len);
		syc_buf_puts(b, ", \"logprob\": ");
		syc_buf_float(b, lp[i]);
		syc_buf_puts(b, "}");
	}
	syc_buf_puts(b, "]}");
}

struct gen_item *gen_item_new(const struct gen_opts *o,
			      const struct syc_vocab *v, struct gen_row *from,
			      uint32_t sample)
{
	struct gen_item *it = calloc(1, sizeof(*it));

	if (!it)
		return NULL;
	from->refs++;
	it->o = o;
	it->from = from;
	it->vocab = v;
	it->job = (struct syc_job){
		.id = from->row->id, .sample = sample,
		.tokens = from->prompt.id, .n_tokens = from->prompt.n,
		.may_skip = from->prompt.n - 1,
		.max_new = o->max_tokens, .sampling = &o->sampling,
		.stop = o->stop.text, .n_stop = o->stop.n,
		.feed_last = o->feed_last,
		.on_step = o->logprobs ? read_step : NULL,
		.user = it,
	};
	if (o->choices) {
		it->job.probe = from->choices.answer[0].id;
		it->job.n_probe = from->choices.shared;
		it->job.on_probe = read_choice;
	}
	return it;
}

void gen_job_drop(void *arg, struct syc_job *job)
{
	struct gen_item *it = job->user;

	(void)arg;
	syc_take_free(it->job.rec);
	syc_job_clear(&it->job);
	gen_row_unref(it->from);
	syc_buf_free(&it->steps);
	free(it);
}

static void set_ids(struct edit *s, const char *key, const struct syc_ids *ids)
{
	syc_buf_puts(&s->value, "[");
	for (size_t i = 0; i < ids->n; i++)
		syc_buf_printf(&s->value, "%s%" PRId32, i ? ", " : "",
			       ids->id[i]);
	syc_buf_puts(&s->value, "]");
	edit_set(s, key);
}

/* Samples of one row join by its id. */
static void set_parent(struct edit *s, const struct gen_item *it)
{
	size_t len;
	const char *parent = syc_row_parent(it->from->row, &len);

	syc_buf_json(&s->value, parent, len);
	edit_set(s, "parent");
}

static void set_answer(struct edit *s, const struct gen_item *it)
{
	const struct syc_job *job = &it->job;

	syc_buf_json(&s->value, job->text.data ? job->text.data : "",
		     job->text.len);
	edit_set(s, "completion");
	syc_buf_printf(&s->value, "%" PRIu32, job->sample);
	edit_set(s, "sample");
	set_parent(s, it);
	syc_buf_puts(&s->value, job->finish == SYC_FINISH_STOP ? "\"stop\""
							       : "\"length\"");
	edit_set(s, "finish");
	syc_buf_printf(&s->value, "%zu", job->n_tokens);
	edit_set(s, "n_prompt");
	syc_buf_printf(&s->value, "%zu", job->out.n);
	edit_set(s, "n_completion");
	syc_buf_float(&s->value, (float)job->logprob);
	edit_set(s, "logprob");
	syc_buf_json(&s->value, it->o->run, strlen(it->o->run));
	edit_set(s, "run");
}

static void set_extras(struct edit *s, const struct gen_item *it,
		       int64_t acts_row)
{
	if (it->has_p_match) {
		syc_buf_float(&s->value, it->p_match);
		edit_set(s, "p_match");
		syc_buf_float(&s->value, it->mass);
		edit_set(s, "mass");
	}
	if (it->o->logprobs) {
		syc_buf_printf(&s->value, "[%s]",
			       it->steps.data ? it->steps.data : "");
		edit_set(s, "logprobs");
	}
	if (it->o->ids) {
		set_ids(s, "prompt_ids", &it->from->prompt);
		set_ids(s, "completion_ids", &it->job.out);
	}
	if (acts_row >= 0)
		edit_acts(s, it->o->acts_path, acts_row, it->o->run);
}

int gen_item_write(struct gen_item *it, int64_t acts_row, struct syc_buf *out,
		   struct syc_err *err)
{
	struct edit s;

	edit_row(&s, it->from->row, it->from->line, it->from->len, err);
	set_answer(&s, it);
	set_extras(&s, it, acts_row);
	return edit_end(&s, out);
}
