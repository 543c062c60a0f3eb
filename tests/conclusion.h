/* SPDX-License-Identifier: MIT */
/* Conclusions as tests expect them. */
#ifndef TESTS_CONCLUSION_H
#define TESTS_CONCLUSION_H
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "suite.h"
#include "syc/conclude.h"

#define MINUS "\342\210\222"
#define DASH "\342\200\223"
#define NBSP "\302\240"

static const struct syc_estimate nothing = { NAN, NAN, NAN };

/* Verdict and words, and that the numbers are a document. */
static inline void want(struct syc_conclusion *c, int ret, enum syc_verdict v,
		 const char *answer, const char *figures)
{
	json_t *numbers;

	ck_assert_int_eq(ret, 0);
	ck_assert_str_eq(syc_verdict_name(c->verdict), syc_verdict_name(v));
	ck_assert_str_eq(c->answer.data, answer);
	if (figures)
		ck_assert_str_eq(c->figures.data, figures);
	ck_assert(c->question.len > 0 &&
		  c->question.data[c->question.len - 1] == '?');
	numbers = json_loadb(c->numbers.data, c->numbers.len,
			     JSON_REJECT_DUPLICATES, NULL);
	ck_assert(json_is_object(numbers));
	json_decref(numbers);
}

static inline double number(const struct syc_conclusion *c, const char *key)
{
	json_t *all = json_loadb(c->numbers.data, c->numbers.len, 0, NULL);
	const json_t *v = json_object_get(all, key);
	const double x = json_is_number(v) ? json_number_value(v) : NAN;

	ck_assert(v != NULL);
	json_decref(all);
	return x;
}

static const struct syc_rests lacking = { "nothing is there", "find some" };

/* Not asked: no figure, and why. */
static inline void unasked(struct syc_conclusion *c, int ret)
{
	want(c, ret, SYC_VERDICT_UNASKED, "cannot be asked: nothing is there", DASH);
	ck_assert_str_eq(c->next.data, "find some");
	ck_assert_str_eq(c->seen.data, DASH);
}

#endif
