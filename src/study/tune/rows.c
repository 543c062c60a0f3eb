/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/tune/text.h"

/* An example in the making. */
struct make {
	const struct syc_prompter *p;
	const struct syc_tune_read_opts *o;
	const struct syc_row *row;
	struct syc_ids prompt;
	struct syc_tune_example e;
	bool cut, left_out; /* a text lost its end; would have lost all of it */
};

static void example_free(struct syc_tune_example *e)
{
	for (int i = 0; i < e->n_texts; i++)
		free(e->text[i].tokens);
	free(e->place);
}

void syc_tune_rows_free(struct syc_tune_rows *rows)
{
	if (!rows)
		return;
	for (size_t i = 0; i < rows->n; i++)
		example_free(&rows->e[i]);
	free(rows->e);
	free(rows);
}

/* ---- texts --------------------------------------------------------------- */

/* A text that is longer than it may be. */
static int shorten(struct make *m, struct syc_tune_text *x, bool choice,
		   struct syc_err *err)
{
	const size_t most = m->o->max_length;

	if (!m->o->cut)
		return syc_fail(
			err, SYC_EINVAL,
			"%zu tokens, prompt and answer, are more than %zu (--cut takes "
			"off their end)",
			x->n, most);
	m->left_out |= choice || x->n_prompt >= most;
	m->cut = true;
	x->n = most;
	return 0;
}

/*
 * The prompt's tokens and these as a text, or the same that is there: *at its
 * place.
 */
static int add_text(struct make *m, struct syc_ids *ids, bool choice, int *at,
		    struct syc_err *err)
{
	struct syc_tune_example *e = &m->e;
	struct syc_tune_text x = {
		.tokens = ids->id, .n = ids->n, .n_prompt = m->prompt.n};

	if (x.n == x.n_prompt)
		return syc_fail(err, SYC_EINVAL, "an answer is empty");
	for (*at = 0; *at < e->n_texts; ++*at)
		if (e->text[*at].n == x.n &&
		    memcmp(e->text[*at].tokens, x.tokens,
			   x.n * sizeof(*x.tokens)) == 0)
			return 0;
	e->text[e->n_texts++] = x;
	*ids = (struct syc_ids){ 0 };
	return x.n > m->o->max_length ? shorten(m, &e->text[*at], choice, err)
				      : 0;
}

static int add_answer(struct make *m, const char *answer, bool choice, int *at,
		      struct syc_err *err)
{
	struct syc_ids ids = { 0 };
	int ret = syc_ids_add(&ids, m->prompt.id, m->prompt.n) < 0
			  ? syc_nomem(err)
			  : 0;

	if (ret == 0)
		ret = syc_prompter_answer(m->p, &m->row->prompt, answer, &ids,
					  err);
	if (ret == 0 && !choice && ids.n > m->prompt.n)
		ret = tune_add_end(m->p, m->row, &ids, err);
	if (ret == 0)
		ret = add_text(m, &ids, choice, at, err);
	syc_ids_free(&ids);
	return ret;
}

/* Of an answer that the row gives as ids. */
static int add_given(struct make *m, const int32_t *id, size_t n, int *at,
		     struct syc_err *err)
{
	struct syc_ids ids = { 0 };
	int ret = syc_ids_add(&ids, m->prompt.id, m->prompt.n) < 0 ?
			  syc_nomem(err) :
			  0;

	while (n && syc_vocab_is_end(m->p->vocab, id[n - 1]))
		n--;
	if (ret == 0)
		ret = syc_prompter_given(m->p, id, n, &ids, err);
	if (ret == 0 && n)
		ret = tune_add_end(m->p, m->row, &ids, err);
	if (ret == 0)
		ret = add_text(m, &ids, false, at, err);
	syc_ids_free(&ids);
	return ret;
}

/* ---- which answers ------------------------------------------------------- */

static int choices(struct make *m, struct syc_err *err)
{
	const struct syc_row *row = m->row;
	int ret = 0;

	if (row->n_match)
		ret = add_answer(m, row->match[0], true, &m->e.match, err);
	if (ret == 0 && row->n_other)
		ret = add_answer(m, row->other[0], true, &m->e.other, err);
	if (ret == 0 && m->e.match >= 0 && m->e.match == m->e.other)
		return syc_fail(err, SYC_EINVAL,
				"both answers are the same tokens");
	return ret;
}

/* A text that may be one of the choices; *side as of tune_choice(). */
static int add_said(struct make *m, const char *text, int *side, int *at,
		    struct syc_err *err)
{
	const char *choice = tune_choice(m->row, text, side);

	return add_answer(m, choice ? choice : text, choice != NULL, at, err);
}

/* *side is -1 where it is one of the answers that do not match. */
static int trained(struct make *m, int *side, struct syc_err *err)
{
	const struct syc_row *row = m->row;

	*side = 0;
	if (row->completion)
		return add_said(m, row->completion, side, &m->e.trained, err);
	if (row->has_completion_ids)
		return add_given(m, row->completion_ids,
				 row->n_completion_ids, &m->e.trained, err);
	m->e.trained = m->e.match;
	if (m->e.match < 0)
		return syc_fail(err, SYC_EINVAL,
				"no answer: neither completion nor "
				"answer_matching_behavior");
	return 0;
}

/* "rejected_ids" */
static int add_rejected(struct make *m, const json_t *list, struct syc_err *err)
{
	struct syc_ids ids = { 0 };
	const json_t *v;
	size_t i;
	int ret = 0;

	json_array_foreach(list, i, v) {
		const double x = json_number_value(v);
		const int32_t id = x >= 0 && x < INT32_MAX ? (int32_t)x : -1;

		if (!json_is_number(v) || (double)id != x)
			ret = syc_fail(err, SYC_EINVAL,
				       "\"rejected_ids\" is no list of tokens");
		else if (syc_ids_add(&ids, &id, 1) < 0)
			ret = syc_nomem(err);
		if (ret < 0)
			break;
	}
	if (ret == 0)
		ret = add_given(m, ids.id, ids.n, &m->e.rejected, err);
	syc_ids_free(&ids);
	return ret;
}

static int rejected(struct make *m, int side, struct syc_err *err)
{
	const json_t *row = syc_row_json(m->row);
	const json_t *v = json_object_get(row, "rejected");
	const json_t *ids = json_object_get(row, "rejected_ids");
	int ignored;

	if (json_is_array(ids))
		return add_rejected(m, ids, err);
	if (json_is_string(v))
		return add_said(m, json_string_value(v), &ignored,
				&m->e.rejected, err);
	if ((v && !json_is_null(v)) || (ids && !json_is_null(ids)))
		return syc_fail(err, SYC_EINVAL,
				"\"rejected\" is no text, or its ids are no list");
	m->e.rejected = side < 0 ? m->e.match : m->e.other;
	return 0;
}

static int weigh(struct make *m, struct syc_err *err)
{
	const json_t *v = json_object_get(syc_row_json(m->row), "weight");

	m->e.weight = 1;
	if (!v || json_is_null(v))
		return 0;
	m->e.weight = json_number_value(v);
	if (!(m->e.weight > 0 && m->e.weight <= 1e9))
		return syc_fail(err, SYC_EINVAL,
				"\"weight\" is no number above 0 (to 1e9)");
	return 0;
}

static int check(const struct make *m, struct syc_err *err)
{
	const struct syc_tune_example *e = &m->e;

	if (m->o->choices && (e->match < 0 || e->other < 0))
		return syc_fail(
			err, SYC_EINVAL,
			"answer_matching_behavior and answer_not_matching_behavior "
			"are needed to look at held-out rows");
	if (m->o->pairs && e->rejected < 0)
		return syc_fail(
			err, SYC_EINVAL,
			"no second answer to train against: neither rejected nor "
			"answer_not_matching_behavior");
	if (m->o->pairs && e->rejected == e->trained)
		return syc_fail(err, SYC_EINVAL,
				"the rejected answer is the trained one");
	return 0;
}

static int fill(struct make *m, struct syc_err *err)
{
	int ret, side;

	if (!m->row->has_prompt)
		return syc_fail(err, SYC_EINVAL,
				"no prompt: the row needs question, messages, "
				"prompt or prompt_ids");
	ret = syc_prompter_ids(m->p, &m->row->prompt, &m->prompt, NULL, err);
	if (ret == 0 && !m->prompt.n)
		ret = syc_fail(err, SYC_EINVAL, "the prompt is empty");
	if (ret == 0)
		ret = choices(m, err);
	if (ret == 0)
		ret = trained(m, &side, err);
	if (ret == 0 && m->o->pairs)
		ret = rejected(m, side, err);
	if (ret == 0)
		ret = weigh(m, err);
	return ret < 0 ? ret : check(m, err);
}

/* ---- the rows ------------------------------------------------------------ */

/* Keep what was made, or count it as left out. */
static int keep(struct syc_tune_rows *rows, size_t *cap, struct make *m,
		const char *place, struct syc_err *err)
{
	struct syc_tune_example *e = &m->e;

	if (m->left_out) {
		rows->n_left_out++;
		return 0;
	}
	e->place = strdup(place);
	e->prompt =
		syc_hash(0, m->prompt.id, m->prompt.n * sizeof(*m->prompt.id));
	if (!e->place || !syc_grow(&rows->e, cap, rows->n + 1, sizeof(*e)))
		return syc_nomem(err);
	for (int i = 0; i < e->n_texts; i++)
		if (e->text[i].n > rows->longest)
			rows->longest = e->text[i].n;
	rows->n_cut += m->cut;
	rows->e[rows->n++] = *e;
	*e = (struct syc_tune_example){ 0 };
	return 0;
}

static int take(struct syc_tune_rows *rows, size_t *cap, struct syc_rows *in,
		const struct syc_prompter *p,
		const struct syc_tune_read_opts *o, const struct syc_row *row,
		struct syc_err *err)
{
	struct make m = {
		.p = p,
		.o = o,
		.row = row,
		.e = {.trained = -1, .rejected = -1, .match = -1, .other = -1}};
	int ret = fill(&m, err);

	if (ret == 0)
		ret = keep(rows, cap, &m, syc_rows_place(in), err);
	example_free(&m.e);
	syc_ids_free(&m.prompt);
	return ret < 0 ? syc_rows_bad(in, err) : 0;
}

int syc_tune_read(struct syc_tune_rows **out, struct syc_rows *in,
		  const struct syc_prompter *p,
		  const struct syc_tune_read_opts *o, struct syc_err *err)
{
	struct syc_tune_rows *rows = calloc(1, sizeof(*rows));
	struct syc_row *row;
	size_t cap = 0;
	int ret = rows ? 1 : syc_nomem(err);

	*out = NULL;
	while (ret == 1 && (ret = syc_rows_next(in, &row, err)) == 1) {
		const int bad = take(rows, &cap, in, p, o, row, err);

		syc_row_free(row);
		if (bad < 0)
			ret = bad;
	}
	if (ret == 0 && !rows->n)
		ret = syc_fail(err, SYC_EINVAL, "no rows to train on%s",
			       rows->n_left_out ? ": all were too long" : "");
	if (ret < 0)
		syc_tune_rows_free(rows);
	else
		*out = rows;
	return ret;
}

uint64_t syc_tune_rows_digest(const struct syc_tune_rows *rows)
{
	uint64_t h = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct syc_tune_example *e = &rows->e[i];
		const int role[] = {e->trained, e->rejected, e->match,
				    e->other};

		h = syc_hash(h, role, sizeof(role));
		h = syc_hash(h, &e->weight, sizeof(e->weight));
		for (int k = 0; k < e->n_texts; k++) {
			const struct syc_tune_text *x = &e->text[k];

			h = syc_hash(h, &x->n_prompt, sizeof(x->n_prompt));
			h = syc_hash(h, x->tokens, x->n * sizeof(*x->tokens));
		}
	}
	return h;
}

int syc_tune_rows_apart(const struct syc_tune_rows *train,
			const struct syc_tune_rows *held, struct syc_err *err)
{
	for (size_t h = 0; h < held->n; h++)
		for (size_t t = 0; t < train->n; t++)
			if (held->e[h].prompt == train->e[t].prompt)
				return syc_fail(
					err, SYC_ETWICE,
					"%.200s: the prompt is that of %.200s, which is "
					"trained on",
					held->e[h].place, train->e[t].place);
	return 0;
}
