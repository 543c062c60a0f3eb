/* SPDX-License-Identifier: MIT */
/* The token sequences that a row asks for, and where they are read. */
#include "prompts.h"
#include "syc/sequence.h"

enum {
	PROMPT = 1 << SYC_POSITION_PROMPT,
	LAST = 1 << SYC_POSITION_LAST,
	LETTER = 1 << SYC_POSITION_LETTER,
	MEAN = 1 << SYC_POSITION_MEAN,
	ALL = 1 << SYC_POSITION_ALL,
};

#define BOTH ", \"answer_matching_behavior\": \"(A)\", \"answer_not_matching_behavior\": \"(B)\""
#define PAIR "{\"positive\": \"Yes?\", \"negative\": \"No way?\"}"

static struct syc_sequence *it[2];
static size_t n;

static int make(const char *json, unsigned positions, bool both, size_t n_ctx,
		struct syc_err *err)
{
	const struct syc_sequence_rules rules = {
		.answers = both, .positions = positions, .n_ctx = n_ctx };

	it[0] = it[1] = (struct syc_sequence *)1;
	return syc_sequences_of_row(it, &n, &rules, &prompter, json,
				    strlen(json), row_of(json), err);
}

static void made(const char *json, unsigned positions, bool both, size_t want)
{
	struct syc_err err = { 0 };

	ck_assert_msg(make(json, positions, both, 512, &err) == 0, "%s",
		      err.msg);
	ck_assert_uint_eq(n, want);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(it[i]->len, strlen(json));
		ck_assert_mem_eq(it[i]->line, json, it[i]->len);
		ck_assert_uint_eq(it[i]->job.n_tokens, it[i]->ids.n);
		ck_assert_uint_eq(it[i]->at.prompt, it[i]->n_prompt - 1);
		ck_assert_uint_eq(it[i]->at.n_tokens, it[i]->ids.n);
		ck_assert_ptr_eq(it[i]->job.user, it[i]);
	}
}

static void done(void)
{
	syc_sequence_free(it[0]);
	syc_sequence_free(it[1]);
}

static void refused(const char *json, unsigned positions, bool both,
		    const char *words)
{
	struct syc_err err = { 0 };

	fails(make(json, positions, both, 512, &err), SYC_EINVAL, &err, words);
	ck_assert_ptr_null(it[0]);
	ck_assert_ptr_null(it[1]);
}

/* The sequence ends in this text, read on from the prompt. */
static void ends_in(const struct syc_sequence *s, const char *text)
{
	struct syc_ids want = { 0 };
	const struct syc_ids got = { .id = s->ids.id + s->n_prompt,
				    .n = s->ids.n - s->n_prompt };

	encode(&want, text, SYC_TOK_MIDDLE);
	same_ids(&got, &want);
	syc_ids_free(&want);
}

START_TEST(completion)
{
	open_demo(NULL);
	made("{\"id\": \"x\", \"question\": \"Hi\", \"completion\": \"Well, hi\"}",
	     PROMPT | LAST, false, 1);
	ck_assert_str_eq(it[0]->job.id, "x");
	ck_assert_int_eq(it[0]->answer, -1);
	ends_in(it[0], "Well, hi");
	ck_assert_uint_eq(it[0]->at.begin, it[0]->n_prompt);
	ck_assert_uint_eq(it[0]->at.end, it[0]->ids.n);
	ck_assert_uint_eq(it[0]->at.letter, SYC_NOWHERE);
	ck_assert_uint_eq(it[0]->job.may_skip, it[0]->n_prompt - 1);
	done();
	/* An empty one has no answer to be read at. */
	made("{\"question\": \"Hi\", \"completion\": \"\"}", PROMPT | LAST,
	     false, 1);
	ck_assert_uint_eq(it[0]->at.begin, SYC_NOWHERE);
	ck_assert_uint_eq(it[0]->at.end, SYC_NOWHERE);
	done();
	close_demo();
}
END_TEST

/* Ids count as they are given; end tokens at their end are no answer. */
START_TEST(completion_ids)
{
	open_demo(NULL);
	made("{\"prompt_ids\": [1, 274], \"completion_ids\": [736, 2, 729, 2, 2]}",
	     LAST, false, 1);
	ck_assert_uint_eq(it[0]->n_prompt, 2);
	ck_assert_uint_eq(it[0]->ids.n, 5);
	ck_assert_int_eq(it[0]->ids.id[4], 729);
	done();
	made("{\"prompt_ids\": [1, 274], \"completion_ids\": [2]}", PROMPT,
	     false, 1);
	ck_assert_uint_eq(it[0]->ids.n, 2);
	done();
	refused("{\"prompt_ids\": [1, 768], \"completion_ids\": [736]}", PROMPT,
		false, "token 768");
	refused("{\"prompt_ids\": [1], \"completion_ids\": [9999]}", PROMPT,
		false, "token 9999");
	close_demo();
}
END_TEST

START_TEST(two_answers)
{
	open_demo(NULL);
	made("{\"question\": \"Hi\"" BOTH "}", PROMPT | LAST, false, 2);
	ck_assert_int_eq(it[0]->answer, 1);
	ck_assert_int_eq(it[1]->answer, 0);
	ends_in(it[0], "(A)");
	ends_in(it[1], "(B)");
	/* The row goes with the last. */
	ck_assert(!it[0]->owns && it[1]->owns);
	done();
	made("{\"question\": \"Hi\", \"completion\": \"(B) it is\"" BOTH "}",
	     LAST, false, 1);
	ck_assert_int_eq(it[0]->answer, -1);
	done();
	made("{\"question\": \"Hi\", \"completion\": \"(B) it is\"" BOTH "}",
	     LAST, true, 2);
	ends_in(it[1], "(B)");
	done();
	close_demo();
}
END_TEST

/* The letter is the token that tells which answer a completion begins with. */
START_TEST(letter)
{
	open_demo(NULL);
	made("{\"question\": \"Hi\"" BOTH "}", LETTER, false, 2);
	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(it[i]->at.letter, it[i]->n_prompt + 1);
	done();
	made("{\"question\": \"Hi\", \"completion\": \"(B) it is\"" BOTH "}",
	     LETTER, false, 1);
	ck_assert_uint_eq(it[0]->at.letter, it[0]->n_prompt + 1);
	done();
	made("{\"question\": \"Hi\", \"completion\": \"(C)\"" BOTH "}", LETTER,
	     false, 1);
	ck_assert_uint_eq(it[0]->at.letter, SYC_NOWHERE);
	done();
	/* Cut off in front of the letter; no answers; answers that do not part. */
	made("{\"question\": \"Hi\", \"completion\": \"(\"" BOTH "}", LETTER,
	     false, 1);
	ck_assert_uint_eq(it[0]->at.letter, SYC_NOWHERE);
	done();
	made("{\"question\": \"Hi\", \"completion\": \"(A)\"}", LETTER, false,
	     1);
	ck_assert_uint_eq(it[0]->at.letter, SYC_NOWHERE);
	done();
	made("{\"question\": \"Hi\", \"completion\": \"Yes\", "
	     "\"answer_matching_behavior\": \"Yes\", "
	     "\"answer_not_matching_behavior\": \"Yes, it is\"}",
	     LETTER, false, 1);
	ck_assert_uint_eq(it[0]->at.letter, SYC_NOWHERE);
	done();
	close_demo();
}
END_TEST

/* The first token that somebody looks at. */
START_TEST(first_seen)
{
	static const char row[] =
		"{\"question\": \"Hi\", \"completion\": \"(B) it is\"" BOTH "}";
	size_t n_prompt, len;

	open_demo(NULL);
	made(row, LAST, false, 1);
	n_prompt = it[0]->n_prompt;
	len = it[0]->ids.n;
	ck_assert_uint_eq(it[0]->job.may_skip, len - 1);
	done();
	made(row, LETTER, false, 1);
	ck_assert_uint_eq(it[0]->job.may_skip, n_prompt + 1);
	done();
	made(row, MEAN, false, 1);
	ck_assert_uint_eq(it[0]->job.may_skip, n_prompt);
	done();
	made(row, LETTER | MEAN | LAST, false, 1);
	ck_assert_uint_eq(it[0]->job.may_skip, n_prompt);
	done();
	made(row, PROMPT | LAST, false, 1);
	ck_assert_uint_eq(it[0]->job.may_skip, n_prompt - 1);
	done();
	made(row, ALL | LAST, false, 1);
	ck_assert_uint_eq(it[0]->job.may_skip, 0);
	done();
	close_demo();
}
END_TEST

START_TEST(prompt_alone)
{
	open_demo(NULL);
	made("{\"question\": \"Hi\"}", PROMPT | ALL, false, 1);
	ck_assert_uint_eq(it[0]->ids.n, it[0]->n_prompt);
	ck_assert_uint_eq(it[0]->at.begin, SYC_NOWHERE);
	done();
	refused("{\"question\": \"Hi\"}", PROMPT | LAST, false,
		"neither completion nor two answers");
	refused("{\"question\": \"Hi\", \"completion\": \"x\"}", PROMPT, true,
		"--both-answers needs");
	refused("{\"completion\": \"x\"}", PROMPT, false,
		"no prompt: the row needs question");
	close_demo();
}
END_TEST

/* No row has an empty prompt, but a caller's may. */
START_TEST(empty_prompt)
{
	static const char line[] =
		"{\"prompt_ids\": [1], \"completion\": \"x\"}";
	const struct syc_sequence_rules rules = { .positions = PROMPT,
						 .n_ctx = 512 };
	struct syc_row *row = row_of(line);
	struct syc_err err = { 0 };

	open_demo(NULL);
	row->prompt.n_ids = 0;
	fails(syc_sequences_of_row(it, &n, &rules, &prompter, line,
				   strlen(line), row, &err),
	      SYC_EINVAL, &err, "the prompt is empty");
	ck_assert_ptr_null(it[0]);
	close_demo();
}
END_TEST

START_TEST(context)
{
	static const char row[] = "{\"question\": \"Hi\"" BOTH "}";
	struct syc_err err = { 0 };
	size_t len;

	open_demo(NULL);
	made(row, PROMPT, false, 2);
	len = it[0]->ids.n;
	done();
	ck_assert_int_eq(make(row, PROMPT, false, len, &err), 0);
	done();
	fails(make(row, PROMPT, false, len - 1, &err), SYC_EINVAL, &err,
	      "do not fit the context of");
	ck_assert_ptr_null(it[0]);
	/* The second answer alone is too long: the first goes, too. */
	fails(make("{\"question\": \"Hi\", \"answer_matching_behavior\": \"(A)\", "
		   "\"answer_not_matching_behavior\": \"(B) and more of it\"}",
		   PROMPT, false, len, &err),
	      SYC_EINVAL, &err, "do not fit the context of");
	ck_assert_ptr_null(it[0]);
	ck_assert_ptr_null(it[1]);
	close_demo();
}
END_TEST

static int make_pair(unsigned positions, size_t n_ctx, struct syc_err *err)
{
	const struct syc_sequence_rules rules = { .positions = positions,
						 .n_ctx = n_ctx };

	return syc_sequences_of_prompts(it, &rules, &prompter, PAIR,
					strlen(PAIR), row_of(PAIR), err);
}

START_TEST(pairs_of_prompts)
{
	struct syc_err err = { 0 };
	struct syc_ids ids = { 0 };
	size_t len;

	open_demo(NULL);
	ck_assert_int_eq(make_pair(PROMPT, 512, &err), 0);
	ck_assert_int_eq(it[0]->answer, 1);
	ck_assert_int_eq(it[1]->answer, 0);
	ck_assert_int_eq(syc_prompter_ids(&prompter, &it[1]->row->negative,
					  &ids, NULL, NULL),
			 0);
	same_ids(&it[1]->ids, &ids);
	ck_assert_uint_eq(it[1]->n_prompt, ids.n);
	len = it[0]->ids.n;
	ck_assert_uint_lt(len, ids.n);
	ck_assert(!it[0]->owns && it[1]->owns);
	done();
	fails(make_pair(PROMPT | LAST, 512, &err), SYC_EINVAL, &err,
	      "only the positions prompt and all");
	ck_assert_ptr_null(it[0]);
	fails(make_pair(PROMPT, len, &err), SYC_EINVAL, &err,
	      "do not fit the context of");
	ck_assert_ptr_null(it[0]);
	ck_assert_ptr_null(it[1]);
	syc_ids_free(&ids);
	close_demo();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(completion),	TEST(completion_ids),
		TEST(two_answers),	TEST(letter),
		TEST(first_seen),	TEST(prompt_alone),
		TEST(empty_prompt),	TEST(context),
		TEST(pairs_of_prompts),
	};

	return RUN_TESTS("sequence", tests);
}
