/* SPDX-License-Identifier: MIT */
/* What a row says before any activation is looked at. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "suite.h"
#include "syc/features.h"

static struct syc_row_features of(const char *line)
{
	struct syc_row_features f;
	struct syc_row *row;
	struct syc_err err;

	ck_assert_int_eq(syc_row_parse(&row, line, strlen(line), &err), 0);
	ck_assert_msg(syc_row_features(&f, row, &err) == 0, "%s", err.msg);
	syc_row_free(row);
	return f;
}

static double sum(const struct syc_row_features *f)
{
	double n = 0;

	for (size_t i = 0; i < SYC_FEATURE_WORDS; i++)
		n += expm1((double)f->words[i]);
	return n;
}

#define CHOICES "\\n\\nChoices:\\n (A) a warm cat\\n (B) my old dog"

/* "a" and "cat" of three words are in the question, of the other choice "my". */
START_TEST(choices)
{
	struct syc_row_features f = of("{\"question\":\"My CAT is a cat. Tell me?" CHOICES
		"\",\"answer_matching_behavior\":\"(A)\",\"p_match\":0.75}");

	ck_assert(fabs(f.length - log1p(8)) < 1e-12);
	ck_assert(fabs(f.overlap - (2.0 / 3 - 1.0 / 3)) < 1e-12);
	ck_assert(fabs(f.odds - log(3)) < 1e-12);
	ck_assert_str_eq(f.view, "a warm cat");
	ck_assert(f.option == 0 && f.letter == 'A');
	/* choices, "Choices" too, are not counted; two of the words are one */
	ck_assert(fabs(sum(&f) - 8) < 1e-4);
	syc_row_features_free(&f);
	f = of("{\"question\":\"Tell me?" CHOICES
	       "\",\"answer_matching_behavior\":\"(B)\",\"view\":null}");
	ck_assert(f.option == -1 && f.letter == 'B' && isnan(f.odds));
	ck_assert_str_eq(f.view, "");
	ck_assert(f.overlap == 0);
	syc_row_features_free(&f);
}
END_TEST

START_TEST(free_text)
{
	struct syc_row_features f = of("{\"prompt\":\"I like my own poem, \\u00fc.\","
		"\"completion\":\"Your poem I like\",\"view\":\"good\"}");

	ck_assert(fabs(f.length - log1p(6)) < 1e-12);
	ck_assert(fabs(f.overlap - 0.75) < 1e-12);
	ck_assert(f.letter == 0 && f.option == -1 && isnan(f.odds));
	ck_assert_str_eq(f.view, "good");
	syc_row_features_free(&f);
	f = of("{\"prompt\":\"?\"}");
	ck_assert(f.length == 0 && isnan(f.overlap) && sum(&f) == 0);
	syc_row_features_free(&f);
}
END_TEST

START_TEST(nothing_asked)
{
	static const char line[] = "{\"prompt_ids\":[1,2]}";
	struct syc_row_features f;
	struct syc_row *row;
	struct syc_err err;

	ck_assert_int_eq(syc_row_parse(&row, line, sizeof(line) - 1, &err), 0);
	ck_assert_int_eq(syc_row_features(&f, row, &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "the row has no text that asks");
	syc_row_features_free(&f);
	syc_row_free(row);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(choices), TEST(free_text), TEST(nothing_asked),
	};

	return RUN_TESTS("features", tests);
}
