/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "syc/choice.h"
#include "syc/sequence.h"

void syc_sequence_free(struct syc_sequence *it)
{
	if (!it)
		return;
	syc_job_clear(&it->job);
	syc_take_free(it->job.rec);
	if (it->owns)
		syc_row_free(it->row);
	free(it->line);
	syc_ids_free(&it->ids);
	free(it);
}

static struct syc_sequence *new_sequence(struct syc_row *row, const char *line,
					 size_t len, int answer)
{
	struct syc_sequence *it = calloc(1, sizeof(*it));

	if (!it)
		return NULL;
	it->row = row;
	it->prompt = &row->prompt;
	it->answer = answer;
	it->len = len;
	it->line = malloc(len + 1);
	if (it->line)
		memcpy(it->line, line, len);
	it->at = (struct syc_spots){.prompt = SYC_NOWHERE,
				    .letter = SYC_NOWHERE,
				    .begin = SYC_NOWHERE,
				    .end = SYC_NOWHERE};
	if (!it->line) {
		syc_sequence_free(it);
		return NULL;
	}
	return it;
}

/* The ids of a completion: as given, without end tokens, or made from text. */
static int add_completion(struct syc_sequence *it, const struct syc_prompter *p,
			  struct syc_err *err)
{
	const struct syc_row *row = it->row;
	size_t n = row->n_completion_ids;

	if (!row->has_completion_ids)
		return syc_prompter_answer(p, it->prompt, row->completion,
					   &it->ids, err);
	while (n && syc_vocab_is_end(p->vocab, row->completion_ids[n - 1]))
		n--;
	return syc_prompter_given(p, row->completion_ids, n, &it->ids, err);
}

/*
 * Where the two answers part, counted from the end of the prompt; SIZE_MAX when
 * the row does not have both, or they do not part.
 */
static int parting(const struct syc_row *row, const struct syc_prompter *p,
		   struct syc_ids *a, size_t *at, struct syc_err *err)
{
	int ret;

	*at = SIZE_MAX;
	if (!row->n_match || !row->n_other)
		return 0;
	ret = syc_prompter_answer(p, &row->prompt, row->match[0], &a[0], err);
	if (ret == 0)
		ret = syc_prompter_answer(p, &row->prompt, row->other[0], &a[1],
					  err);
	if (ret == 0)
		*at = syc_shared_tokens(a, 2);
	return ret;
}

/* The letter of a completion: the token that tells which answer it begins with. */
static int find_letter(struct syc_sequence *it, const struct syc_prompter *p,
		       struct syc_err *err)
{
	const int32_t *id = it->ids.id + it->n_prompt;
	struct syc_ids a[2] = { { 0 } };
	size_t at, n = it->ids.n - it->n_prompt;
	int ret = parting(it->row, p, a, &at, err);

	for (int i = 0; i < 2 && ret == 0 && at < n; i++)
		if (memcmp(id, a[i].id, (at + 1) * sizeof(*id)) == 0)
			it->at.letter = (uint32_t)(it->n_prompt + at);
	syc_ids_free(&a[0]);
	syc_ids_free(&a[1]);
	return ret;
}

/* The first token that the recorder has to see. */
static size_t first_seen(const struct syc_spots *at, unsigned positions)
{
	size_t first = SIZE_MAX;

	if (positions & 1u << SYC_POSITION_ALL)
		return 0;
	if (positions & 1u << SYC_POSITION_PROMPT)
		first = at->prompt;
	if (positions & 1u << SYC_POSITION_LETTER && at->letter < first)
		first = at->letter;
	if (positions & 1u << SYC_POSITION_MEAN && at->begin < first)
		first = at->begin;
	if (positions & 1u << SYC_POSITION_LAST && at->end != SYC_NOWHERE &&
	    at->end - 1 < first)
		first = at->end - 1;
	return first;
}

/* All tokens are there: check the length, set the spots and the job. */
static int finish(struct syc_sequence *it,
		  const struct syc_sequence_rules *rules, struct syc_err *err)
{
	if (!it->n_prompt)
		return syc_fail(err, SYC_EINVAL, "the prompt is empty");
	if (it->ids.n > rules->n_ctx)
		return syc_fail(err, SYC_EINVAL,
				"the row's %zu tokens do not fit the context "
				"of %zu",
				it->ids.n, rules->n_ctx);
	it->at.prompt = (uint32_t)it->n_prompt - 1;
	it->at.n_tokens = (uint32_t)it->ids.n;
	if (it->ids.n > it->n_prompt) {
		it->at.begin = (uint32_t)it->n_prompt;
		it->at.end = (uint32_t)it->ids.n;
	}
	it->job = (struct syc_job){.id = it->row->id,
				   .tokens = it->ids.id,
				   .n_tokens = it->ids.n,
				   .user = it};
	it->job.may_skip = first_seen(&it->at, rules->positions);
	return 0;
}

static int fill(struct syc_sequence *it, const struct syc_sequence_rules *rules,
		     const struct syc_prompter *p, struct syc_err *err)
{
	const struct syc_row *row = it->row;
	int ret = syc_prompter_ids(p, it->prompt, &it->ids, NULL, err);

	it->n_prompt = it->ids.n;
	if (ret == 0 && it->answer >= 0)
		ret = syc_prompter_answer(p, it->prompt,
					  it->answer ? row->match[0]
						     : row->other[0],
					  &it->ids, err);
	else if (ret == 0 && (row->completion || row->has_completion_ids))
		ret = add_completion(it, p, err);
	if (ret == 0 && rules->positions & 1u << SYC_POSITION_LETTER)
		ret = find_letter(it, p, err);
	return ret < 0 ? ret : finish(it, rules, err);
}

/* How many sequences the row asks for, and whether they are its answers. */
static int count(const struct syc_sequence_rules *rules,
		 const struct syc_row *row, size_t *n, bool *pair,
		 struct syc_err *err)
{
	bool both = row->n_match && row->n_other;
	bool completed = row->completion || row->has_completion_ids;

	*pair = both && (rules->answers || !completed);
	*n = *pair ? 2 : 1;
	if (!row->has_prompt)
		return syc_fail(err, SYC_EINVAL,
				"no prompt: the row needs question, messages, "
				"prompt or prompt_ids");
	if (rules->answers && !both)
		return syc_fail(err, SYC_EINVAL,
				"--both-answers needs answer_matching_behavior and "
				"answer_not_matching_behavior");
	if (!*pair && !completed && rules->positions & ~SYC_POSITIONS_ALONE)
		return syc_fail(err, SYC_EINVAL,
				"neither completion nor two answers (only the "
				"positions prompt and all do without)");
	return 0;
}

/* Nothing is handed out, and nothing is left. */
static int give_up(struct syc_sequence **out, struct syc_row *row, int code)
{
	for (int i = 0; i < 2; i++) {
		syc_sequence_free(out[i]);
		out[i] = NULL;
	}
	syc_row_free(row);
	return code;
}

int syc_sequences_of_row(struct syc_sequence **out, size_t *n,
			 const struct syc_sequence_rules *rules,
			 const struct syc_prompter *p, const char *line,
			 size_t len, struct syc_row *row, struct syc_err *err)
{
	bool pair;
	int ret = count(rules, row, n, &pair, err);

	out[0] = out[1] = NULL;
	for (size_t i = 0; i < *n && ret == 0; i++) {
		out[i] = new_sequence(row, line, len, pair ? 1 - (int)i : -1);
		ret = out[i] ? fill(out[i], rules, p, err) : syc_nomem(err);
	}
	if (ret == 0) { /* items leave in order: the last frees the row */
		out[*n - 1]->owns = true;
		return 0;
	}
	return give_up(out, row, ret);
}

int syc_sequences_of_prompts(struct syc_sequence **out,
			     const struct syc_sequence_rules *rules,
			     const struct syc_prompter *p, const char *line,
			     size_t len, struct syc_row *row,
			     struct syc_err *err)
{
	int ret = 0;

	out[0] = out[1] = NULL;
	if (rules->positions & ~SYC_POSITIONS_ALONE)
		ret = syc_fail(err, SYC_EINVAL,
			       "a pair of prompts has only the positions "
			       "prompt and all");
	for (int i = 0; i < 2 && ret == 0; i++) {
		out[i] = new_sequence(row, line, len, 1 - i);
		if (!out[i]) {
			ret = syc_nomem(err);
			break;
		}
		out[i]->prompt = i ? &row->negative : &row->positive;
		ret = syc_prompter_ids(p, out[i]->prompt, &out[i]->ids, NULL,
				       err);
		out[i]->n_prompt = out[i]->ids.n;
		if (ret == 0)
			ret = finish(out[i], rules, err);
	}
	if (ret == 0) {
		out[1]->owns = true;
		return 0;
	}
	return give_up(out, row, ret);
}
