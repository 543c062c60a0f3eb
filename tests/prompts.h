/* SPDX-License-Identifier: MIT */
/* The demo model's prompter, and rows that are read with it. */
#ifndef TESTS_PROMPTS_H
#define TESTS_PROMPTS_H
#include <string.h>
#include "suite.h"
#include "syc/prompter.h"

static struct syc_model *demo;
static struct syc_prompter prompter;

/* Once more: another prompter in the place of the one before. */
static inline void open_demo(const struct syc_prompter_opts *o)
{
	static const struct syc_prompter_opts plain = { .model = "demo" };
	const struct syc_model_opts mo = { .threads = 1 };
	struct syc_err err = { 0 };

	if (!demo)
		ck_assert_msg(syc_model_open(&demo,
					     source_path("demo/demo-f16.gguf"),
					     &mo, &err) == 0,
			      "%s", err.msg);
	syc_prompter_done(&prompter);
	ck_assert_msg(
		syc_prompter_init(&prompter, demo, o ? o : &plain, &err) == 0,
		"%s", err.msg);
}

static inline void close_demo(void)
{
	syc_prompter_done(&prompter);
	syc_model_close(demo);
	demo = NULL;
}

static inline struct syc_row *row_of(const char *json)
{
	struct syc_err err = { 0 };
	struct syc_row *row;

	ck_assert_msg(syc_row_parse(&row, json, strlen(json), &err) == 0,
		      "%s: %s", json, err.msg);
	return row;
}

/* The ids of a text as the vocabulary reads it. */
static inline void encode(struct syc_ids *ids, const char *text, unsigned flags)
{
	ck_assert_int_eq(syc_vocab_encode(prompter.vocab, text, strlen(text),
					  flags, ids, NULL),
			 0);
}

static inline void same_ids(const struct syc_ids *a, const struct syc_ids *b)
{
	ck_assert_uint_eq(a->n, b->n);
	ck_assert_mem_eq(a->id, b->id, a->n * sizeof(*a->id));
}

/* A failure with this code and these words. */
static inline void fails(int ret, int code, const struct syc_err *err,
			 const char *words)
{
	ck_assert_int_eq(ret, code);
	ck_assert_msg(strstr(err->msg, words) != NULL, "'%s' lacks '%s'",
		      err->msg, words);
}

#endif
