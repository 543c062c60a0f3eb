/* SPDX-License-Identifier: MIT */
/*
 * Labels by a judge: a model is asked a rubric about each row, and the
 * probabilities of the allowed answers are read; nothing is generated.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/label/answer_tree.h"
#include "tool/common/fail.h"
#include "tool/label/label.h"
#include "tool/common/progress.h"
#include "tool/label/rubric.h"

struct judge {
	struct label_run *r;
	struct rubric rubric;
	struct syc_model *model;
	struct load load;		/* as asked for, with rows as plain text */
	struct syc_prompter prompter;
	struct answer_tree tree;
	struct progress progress;
	uint64_t n_done;
	unsigned n_orders;
	struct asked *now;	/* whose jobs are handed out */
	unsigned order;
	size_t fork;
};

/* A row while the judge is asked about it. */
struct asked {
	char *line;
	size_t len;
	char *id;
	struct syc_ids prompt[2];	/* by order */
	double *p[2];			/* [tree's edges] */
	unsigned refs;			/* jobs under way, and the source */
};

/* One job: one fork of the tree of answers, in one order. */
struct item {
	struct syc_job job;
	struct judge *j;
	struct asked *row;
	unsigned order;
	size_t fork;
};

static void unref(struct asked *a)
{
	if (!a || --a->refs)
		return;
	for (unsigned i = 0; i < 2; i++) {
		syc_ids_free(&a->prompt[i]);
		free(a->p[i]);
	}
	free(a->line);
	free(a->id);
	free(a);
}

/* The row's prompt in words: one user's message as it is, else who says what. */
static int words(const struct syc_row *row, struct syc_buf *out, struct syc_err *err)
{
	const struct syc_prompt *p = &row->prompt;

	if (p->text)
		syc_buf_puts(out, p->text);
	else if (p->n_msg == 1)
		syc_buf_puts(out, p->msg[0].content);
	else
		for (size_t i = 0; i < p->n_msg; i++)
			syc_buf_printf(out, "%s%s: %s", i ? "\n\n" : "", p->msg[i].role, p->msg[i].content);
	if (!p->text && !p->n_msg)
		return fail(err, SYC_EINVAL, "the row has no prompt in words");
	return out->failed ? fail_nomem(err) : 0;
}

/* What the judge sees, in tokens: a conversation, or raw text for --chat=none. */
static int encode(const struct judge *j, const struct syc_buf *text, struct syc_ids *ids,
		  struct syc_err *err)
{
	const char *begin = j->rubric.begin, *chat = j->r->o->load.chat;
	struct syc_msg msg[3];
	struct syc_prompt p = { .msg = msg };
	struct syc_buf raw = { 0 };
	int ret;

	if (chat && strcmp(chat, "none") == 0) {
		if (j->rubric.system)
			syc_buf_printf(&raw, "%s\n\n", j->rubric.system);
		syc_buf_printf(&raw, "%s\n\n%s", text->data, begin ? begin : "");
		p = (struct syc_prompt){ .text = raw.data };
	} else {
		if (j->rubric.system)
			msg[p.n_msg++] = (struct syc_msg){ "system", j->rubric.system };
		msg[p.n_msg++] = (struct syc_msg){ "user", text->data };
		if (begin)
			msg[p.n_msg++] = (struct syc_msg){ "assistant", begin };
	}
	ret = raw.failed ? fail_nomem(err) : syc_prompter_ids(&j->prompter, &p, ids, NULL, err);
	syc_buf_free(&raw);
	return ret;
}

static int ask(struct judge *j, struct asked *a, const json_t *doc, const struct syc_row *row,
	       struct syc_err *err)
{
	const uint32_t n_ctx = j->r->o->load.ctx ? j->r->o->load.ctx : syc_model_config(j->model)->n_ctx;
	struct syc_buf prompt = { 0 }, text = { 0 };
	int ret = words(row, &prompt, err);

	for (unsigned k = 0; k < j->n_orders && ret == 0; k++) {
		text.len = 0;
		ret = rubric_prompt(&j->rubric, doc, prompt.data, (int)k, &text, err);
		if (ret == 0)
			ret = encode(j, &text, &a->prompt[k], err);
		if (ret == 0 && a->prompt[k].n + j->tree.depth > n_ctx)
			ret = fail(err, SYC_EINVAL, "the judge's prompt of %zu tokens does not fit the context of %u",
				   a->prompt[k].n, (unsigned)n_ctx);
		a->p[k] = calloc(j->tree.n_nodes, sizeof(double));
		if (ret == 0 && !a->p[k])
			ret = fail_nomem(err);
	}
	syc_buf_free(&prompt);
	syc_buf_free(&text);
	return ret;
}

static int new_asked(struct judge *j, const struct syc_row *row, struct asked **out, struct syc_err *err)
{
	const struct syc_rows *in = j->r->in;
	struct asked *a = calloc(1, sizeof(*a));
	json_t *doc = json_loadb(in->line, in->len, JSON_DECODE_INT_AS_REAL, NULL);
	int ret;

	*out = NULL;
	if (a) {
		a->refs = 1;
		a->line = malloc(in->len + 1);
		a->id = strdup(row->id);
	}
	if (!a || !a->line || !a->id) {
		ret = fail_nomem(err);
	} else if (!doc) {
		ret = fail(err, SYC_EFORMAT, "the row contains a NUL character");
	} else {
		memcpy(a->line, in->line, in->len);
		a->len = in->len;
		ret = ask(j, a, doc, row, err);
	}
	json_decref(doc);
	if (ret < 0)
		unref(a);
	else
		*out = a;
	return ret;
}

static int next_row(struct judge *j, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(j->r->in, &row, err)) == 1) {
		ret = new_asked(j, row, &j->now, err);
		syc_row_free(row);
		j->order = 0;
		j->fork = 0;
		if (ret == 0)
			return 1;
		ret = syc_rows_bad(j->r->in, err);
		if (ret < 0)
			return ret;
	}
	return ret;
}

static void read_fork(struct syc_job *job, const float *logits)
{
	const struct item *it = job->user;

	answer_tree_read(&it->j->tree, it->fork, logits, syc_vocab_size(it->j->prompter.vocab),
			 it->row->p[it->order]);
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct judge *j = arg;
	struct item *it;
	int ret;

	*job = NULL;
	if (!j->now && (ret = next_row(j, err)) <= 0)
		return ret;
	it = calloc(1, sizeof(*it));
	if (!it)
		return fail_nomem(err);
	*it = (struct item){ .j = j, .row = j->now, .order = j->order, .fork = j->fork };
	it->job = (struct syc_job){
		.id = j->now->id, .sample = 0,
		.tokens = j->now->prompt[j->order].id, .n_tokens = j->now->prompt[j->order].n,
		.probe = j->tree.path[j->tree.fork[j->fork]].id,
		.n_probe = j->tree.path[j->tree.fork[j->fork]].n,
		.on_probe = read_fork, .user = it,
	};
	it->job.may_skip = it->job.n_tokens - 1;
	j->now->refs++;
	if (++j->fork == j->tree.n_forks) {
		j->fork = 0;
		j->order++;
	}
	if (j->order == j->n_orders) {
		unref(j->now);
		j->now = NULL;
	}
	*job = &it->job;
	return 0;
}

static void drop(void *arg, struct syc_job *job)
{
	struct item *it = job->user;

	(void)arg;
	unref(it->row);
	syc_job_clear(job);
	free(it);
}

/* From the two orders' probabilities to one: the second speaks of the other. */
static void combine(double *p, const double *swapped)
{
	p[0] = label_mean_prob(p[0], swapped[1]);
	p[1] = 1 - p[0];
}

static int write_row(struct judge *j, const struct asked *a, struct syc_err *err)
{
	const struct rubric *r = &j->rubric;
	struct syc_buf json = { 0 };
	struct verdict v = { .why = r->name, .key = "judge" };
	double p[2][RUBRIC_ANSWERS], mass[2] = { 1, 1 }, least, value = 0;
	int ret;

	for (unsigned k = 0; k < j->n_orders; k++)
		mass[k] = answer_tree_sum(&j->tree, a->p[k], p[k]);
	least = mass[0] < mass[1] ? mass[0] : mass[1];
	if (j->n_orders == 2)
		combine(p[0], p[1]);
	for (size_t i = 0; i < r->n_answers; i++)
		value += p[0][i] * r->answer[i].value;
	v.label = label_of(value, r->threshold, j->r->o->margin);
	if (least < j->r->o->min_mass || !(least > 0)) {
		v.label = SYC_LABEL_UNDECIDED;
		v.why = "mass";
	}
	syc_buf_puts(&json, "{\"rubric\": ");
	syc_buf_json(&json, r->name, strlen(r->name));
	syc_buf_puts(&json, ", \"value\": ");
	syc_buf_float(&json, (float)value);
	syc_buf_puts(&json, ", \"mass\": ");
	syc_buf_float(&json, (float)least);
	syc_buf_puts(&json, ", \"p\": {");
	for (size_t i = 0; i < r->n_answers; i++) {
		const char *s = r->answer[i].text;

		syc_buf_puts(&json, i ? ", " : "");
		syc_buf_json(&json, s, strlen(s));
		syc_buf_puts(&json, ": ");
		syc_buf_float(&json, (float)p[0][i]);
	}
	syc_buf_puts(&json, "}}");
	v.json = json.data;
	ret = json.failed ? fail_nomem(err) : label_write(j->r, a->line, a->len, &v, err);
	syc_buf_free(&json);
	return ret;
}

static int done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct judge *j = arg;
	struct item *it = job->user;
	int ret = 0;

	if (it->order + 1 == j->n_orders && it->fork + 1 == j->tree.n_forks) {
		ret = write_row(j, it->row, err);
		progress_show(&j->progress, ++j->n_done, syc_rows_share(j->r->in));
	}
	drop(NULL, job);
	return ret;
}

/* The allowed answers as the judge would go on with them. */
static int grow(struct judge *j, struct syc_err *err)
{
	const struct syc_msg user = { "user", "" };
	const struct syc_prompt p = { .msg = &user, .n_msg = 1 };
	struct syc_ids ids[RUBRIC_ANSWERS] = { 0 };
	int ret = 0;

	for (size_t i = 0; i < j->rubric.n_answers && ret == 0; i++) {
		const char *s = j->rubric.answer[i].text;

		ret = j->rubric.begin ?
			syc_vocab_encode(j->prompter.vocab, s, strlen(s), SYC_TOK_MIDDLE, &ids[i], err) :
			syc_prompter_answer(&j->prompter, &p, s, &ids[i], err);
	}
	if (ret == 0)
		ret = answer_tree_new(&j->tree, ids, j->rubric.n_answers, err);
	for (size_t i = 0; i < j->rubric.n_answers; i++)
		syc_ids_free(&ids[i]);
	return ret;
}

static int open_judge(struct judge *j, struct syc_err *err)
{
	const struct label_opts *o = j->r->o;
	int ret = rubric_open(&j->rubric, o->rubric ? o->rubric : "sycophancy", err);

	if (ret < 0)
		return ret;
	j->n_orders = j->rubric.swap[0] ? 2 : 1;
	/* No row ends its own quotation by writing an end token. */
	j->load = o->load;
	j->load.no_special = true;
	ret = load_open(o->tool, &o->common, &j->load, &j->model, err);
	if (ret == 0 && o->load.ctx > syc_model_config(j->model)->n_ctx)
		ret = fail(err, SYC_EINVAL, "--ctx: the model was trained for %u tokens",
			   (unsigned)syc_model_config(j->model)->n_ctx);
	if (ret == 0)
		ret = load_prompter(&j->prompter, &j->load, j->model, err);
	return ret == 0 ? grow(j, err) : ret;
}

int label_by_judge(struct label_run *r, struct syc_err *err)
{
	struct judge j = { .r = r };
	struct syc_engine_opts eo = load_engine(&r->o->common, &r->o->load);
	const struct jobs work = { "rows", "questions", &j.progress, next_job, done, drop, &j };
	int ret = open_judge(&j, err);

	if (ret == 0)
		ret = load_run(r->o->tool, &r->o->common, &r->o->load, j.model, &eo, &work, err);
	unref(j.now);
	answer_tree_free(&j.tree);
	syc_prompter_done(&j.prompter);
	syc_model_close(j.model);
	rubric_close(&j.rubric);
	return ret;
}
