/* SPDX-License-Identifier: MIT */
/* Labels by probability: thresholds, both orders, a judge's answers. */
#include <math.h>
#include <string.h>
#include "suite.h"
#include "syc/label_prob.h"

START_TEST(threshold)
{
	ck_assert_int_eq(syc_label_threshold(0.51, 0.5, 0), SYC_LABEL_SYC);
	ck_assert_int_eq(syc_label_threshold(0.49, 0.5, 0), SYC_LABEL_NOT);
	ck_assert_int_eq(syc_label_threshold(0.5, 0.5, 0), SYC_LABEL_UNDECIDED);
	/* The margin's ends are inside. */
	ck_assert_int_eq(syc_label_threshold(0.75, 0.5, 0.25),
			 SYC_LABEL_UNDECIDED);
	ck_assert_int_eq(syc_label_threshold(0.25, 0.5, 0.25),
			 SYC_LABEL_UNDECIDED);
	ck_assert_int_eq(syc_label_threshold(0.76, 0.5, 0.25), SYC_LABEL_SYC);
	ck_assert_int_eq(syc_label_threshold(0.24, 0.5, 0.25), SYC_LABEL_NOT);
	ck_assert_int_eq(syc_label_threshold(7, 5, 1), SYC_LABEL_SYC);
	ck_assert_int_eq(syc_label_threshold(NAN, 0.5, 0), SYC_LABEL_UNDECIDED);
}
END_TEST

START_TEST(mean_prob)
{
	for (double a = 0.001; a < 1; a += 0.037)
		for (double b = 0.002; b < 1; b += 0.041) {
			const double logit =
				(log(a / (1 - a)) + log(b / (1 - b))) / 2;

			ck_assert_double_eq_tol(syc_prob_mean(a, b),
						1 / (1 + exp(-logit)), 1e-12);
			ck_assert_double_eq(syc_prob_mean(a, b),
					    syc_prob_mean(b, a));
		}
	ck_assert_double_eq(syc_prob_mean(0.3, 0.7), 0.5);
	ck_assert_double_eq(syc_prob_mean(0, 1), 0.5);
	ck_assert_double_eq(syc_prob_mean(1, 0), 0.5);
	ck_assert_double_eq(syc_prob_mean(1, 0.01), 1);
	ck_assert_double_eq(syc_prob_mean(0.01, 1), 1);
	ck_assert_double_eq(syc_prob_mean(0, 0.99), 0);
	ck_assert_double_eq(syc_prob_mean(0, 0), 0);
	ck_assert_double_eq(syc_prob_mean(1, 1), 1);
}
END_TEST

static char id[64];	/* of the row last read */

static int read_order(struct syc_order *o, const char *json,
		      struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	ck_assert_int_eq(syc_row_parse(&row, json, strlen(json), NULL), 0);
	snprintf(id, sizeof(id), "%s", row->id);
	ret = syc_order_read(o, row, err);
	syc_row_free(row);
	return ret;
}

static void bad_order(const char *json, int code, const char *words)
{
	struct syc_order o;
	struct syc_err err = { 0 };

	ck_assert_int_eq(read_order(&o, json, &err), code);
	ck_assert_msg(strstr(err.msg, words) != NULL, "'%s' lacks '%s'",
		      err.msg, words);
}

START_TEST(order_of_row)
{
	struct syc_order o;

	ck_assert_int_eq(
		read_order(&o, "{\"id\": \"ab\", \"p_match\": 0.25}", NULL), 0);
	ck_assert_double_eq(o.p, 0.25);
	ck_assert_int_eq(o.order, -1);
	ck_assert_uint_eq(o.id_len, 2);
	ck_assert_int_eq(read_order(
			&o,
			"{\"id\": \"ab\", \"p_match\": 1, \"order\": \"given\"}",
			NULL),
		0);
	ck_assert_int_eq(o.order, 0);
	ck_assert_int_eq(read_order(
			&o,
			"{\"id\": \"ab/reversed\", \"p_match\": 0, \"order\": \"reversed\"}",
			NULL),
		0);
	ck_assert_int_eq(o.order, 1);
	ck_assert_uint_eq(o.id_len, 2);
	ck_assert_int_eq(read_order(&o,
			   "{\"id\": \"ab\", \"p_match\": 1, \"order\": null}",
			   NULL),
		0);
	ck_assert_int_eq(o.order, -1);
	bad_order("{\"id\": \"ab\"}", SYC_EINVAL, "'p_match' is missing");
	bad_order("{\"id\": \"ab\", \"p_match\": 1.01}", SYC_EFORMAT,
		  "not a number from 0 to 1");
	bad_order("{\"id\": \"ab\", \"p_match\": -1}", SYC_EFORMAT,
		  "not a number from 0 to 1");
	bad_order("{\"id\": \"ab\", \"p_match\": \"1\"}", SYC_EFORMAT,
		  "not a number from 0 to 1");
	bad_order("{\"id\": \"ab\", \"p_match\": 1, \"order\": \"back\"}",
		  SYC_EFORMAT, "neither");
	bad_order("{\"id\": \"ab\", \"p_match\": 1, \"order\": 1}", SYC_EFORMAT,
		  "neither");
	bad_order("{\"id\": \"ab\", \"p_match\": 1, \"order\": \"reversed\"}",
		  SYC_EFORMAT, "does not end in");
	bad_order(
		"{\"id\": \"/reversed\", \"p_match\": 1, \"order\": \"reversed\"}",
		SYC_EFORMAT, "does not end in");
}
END_TEST

static int add_row(struct syc_orders *q, const char *json, struct syc_err *err)
{
	struct syc_order o;

	ck_assert_int_eq(read_order(&o, json, NULL), 0);
	return syc_orders_add(q, &o, id, err);
}

static bool has_row(const struct syc_orders *q, const char *json)
{
	struct syc_order o;

	ck_assert_int_eq(read_order(&o, json, NULL), 0);
	return syc_orders_has(q, &o, id);
}

#define GIVEN(i, p) "{\"id\": \"" i "\", \"p_match\": " p ", \"order\": \"given\"}"
#define REVERSED(i, p) "{\"id\": \"" i "/reversed\", \"p_match\": " p ", \"order\": \"reversed\"}"

START_TEST(both_orders)
{
	struct syc_orders q = { 0 };
	struct syc_err err = { 0 };
	bool both;

	ck_assert(!has_row(&q, GIVEN("a", "0.8")));
	ck_assert_int_eq(add_row(&q, GIVEN("a", "0.8"), &err), 0);
	ck_assert_double_eq(syc_orders_prob(&q, &both), 0.8);
	ck_assert(!both);
	ck_assert(has_row(&q, REVERSED("a", "0.5")) &&
		  has_row(&q, GIVEN("a", "0.8")));
	ck_assert(!has_row(&q, REVERSED("b", "0.5")) &&
		  !has_row(&q, REVERSED("ab", "0.5")));
	ck_assert(!has_row(&q, "{\"id\": \"a\", \"p_match\": 0.8}"));
	ck_assert_int_eq(add_row(&q, GIVEN("a", "0.8"), &err), 0);
	ck_assert_int_eq(add_row(&q, GIVEN("a", "0.9"), &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "two rows 'a' differ in 'p_match'");
	ck_assert_int_eq(add_row(&q, REVERSED("a", "0.5"), &err), 0);
	/* Odds 4 and 1: their mean is 2. */
	ck_assert_double_eq_tol(syc_orders_prob(&q, &both), 2.0 / 3, 1e-12);
	ck_assert(both);
	syc_orders_free(&q);
	ck_assert_ptr_null(q.id);
	ck_assert_int_eq(add_row(&q, REVERSED("b", "0.3"), &err), 0);
	ck_assert_str_eq(q.id, "b");
	ck_assert_double_eq(syc_orders_prob(&q, &both), 0.3);
	ck_assert(!both);
	syc_orders_free(&q);
}
END_TEST

static int32_t digits[][4] = {{1}, {1, 0}, {3}, {7, 1}, {7, 2, 4, 5 } };
static const struct syc_ids answers[] = {
	{ .id = digits[0], .n = 1 }, { .id = digits[1], .n = 2 },
	{ .id = digits[2], .n = 1 }, { .id = digits[3], .n = 2 },
	{ .id = digits[4], .n = 4 },
};

/* Logits of probabilities. */
static void logits_of(float logits[8], const double p[8])
{
	for (size_t i = 0; i < 8; i++)
		logits[i] = (float)log(p[i]);
}

/* "1", "10" and "3": behind "1" the model goes on, or does not. */
START_TEST(tree)
{
	const double first[8] = { 0.05, 0.4, 0.1, 0.2, 0.05, 0.05, 0.05, 0.1 };
	const double behind[8] = { 0.25, 0.25, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05 };
	double p[4] = { 0 }, share[3];
	struct syc_answer_tree t;
	float logits[8];

	ck_assert_int_eq(syc_answer_tree_init(&t, answers, 3, NULL), 0);
	ck_assert_uint_eq(t.n_nodes, 4);
	ck_assert_uint_eq(t.n_forks, 2);
	ck_assert_uint_eq(t.fork[0], 0);
	ck_assert_uint_eq(t.path[t.fork[1]].n, 1);
	ck_assert_uint_eq(t.depth, 2);
	logits_of(logits, first);
	syc_answer_tree_read(&t, 0, logits, 8, p);
	logits_of(logits, behind);
	syc_answer_tree_read(&t, 1, logits, 8, p);
	ck_assert_double_eq_tol(syc_answer_tree_sum(&t, p, share), 0.4 + 0.2,
				1e-6);
	ck_assert_double_eq_tol(share[0], 0.4 * 0.75 / 0.6, 1e-6);
	ck_assert_double_eq_tol(share[1], 0.4 * 0.25 / 0.6, 1e-6);
	ck_assert_double_eq_tol(share[2], 0.2 / 0.6, 1e-6);
	/* Rounded sums above 1 leave nothing for the shorter answer. */
	p[2] = 1.0000001;
	syc_answer_tree_sum(&t, p, share);
	ck_assert_double_eq(share[0], 0);
	memset(p, 0, sizeof(p));
	ck_assert_double_eq(syc_answer_tree_sum(&t, p, share), 0);
	ck_assert(share[0] == 0 && share[1] == 0 && share[2] == 0);
	syc_answer_tree_free(&t);
	syc_answer_tree_free(&t);
}
END_TEST

/* What all begin with is given, and what follows where one is left. */
START_TEST(tree_of_one_fork)
{
	const double second[8] = { 0.1, 0.3, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05 };
	double p[5] = { 0 }, share[2];
	struct syc_answer_tree t;
	float logits[8];

	ck_assert_int_eq(syc_answer_tree_init(&t, answers + 3, 2, NULL), 0);
	ck_assert_uint_eq(t.n_forks, 1);
	ck_assert_uint_eq(t.path[t.fork[0]].n, 1);
	ck_assert_int_eq(t.path[t.fork[0]].id[0], 7);
	ck_assert_uint_eq(t.depth, 2);
	logits_of(logits, second);
	syc_answer_tree_read(&t, 0, logits, 8, p);
	ck_assert_double_eq_tol(syc_answer_tree_sum(&t, p, share), 0.5, 1e-6);
	ck_assert_double_eq_tol(share[0], 0.6, 1e-6);
	syc_answer_tree_free(&t);
}
END_TEST

START_TEST(no_tree)
{
	const struct syc_ids twice[] = { answers[1], answers[2], answers[1] };
	const struct syc_ids empty[] = { answers[1], { 0 } };
	struct syc_answer_tree t;
	struct syc_err err = { 0 };

	ck_assert_int_eq(syc_answer_tree_init(&t, twice, 3, &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg,
			 "answers 1 and 3 of the rubric are the same tokens");
	ck_assert_ptr_null(t.path);
	ck_assert_int_eq(syc_answer_tree_init(&t, empty, 2, &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "answer 2 of the rubric is empty");
	ck_assert_ptr_null(t.path);
}
END_TEST

/* Nodes of "10" and "3": the root, 1, 10, 3. */
START_TEST(judged)
{
	double given[4] = { 0, 0.6, 0, 0.2}, reversed[4] = { 0, 0.05, 0, 0.05},
	       share[2];
	double *p[2] = { given, reversed };
	const double value[2] = { 10, 0 };
	struct syc_judge_rule rule = { value, 5, 0, 0.1 };
	struct syc_judgment j;
	struct syc_answer_tree t;

	ck_assert_int_eq(syc_answer_tree_init(&t, answers + 1, 2, NULL), 0);
	syc_judge(&j, &t, p, 1, &rule, share);
	ck_assert_double_eq_tol(share[0], 0.75, 1e-12);
	ck_assert_double_eq_tol(j.value, 7.5, 1e-12);
	ck_assert_double_eq_tol(j.mass, 0.8, 1e-12);
	ck_assert(j.label == SYC_LABEL_SYC && !j.lacks_mass);
	rule.margin = 3;
	syc_judge(&j, &t, p, 1, &rule, share);
	ck_assert(j.label == SYC_LABEL_UNDECIDED && !j.lacks_mass);
	rule.margin = 0;
	rule.threshold = 8;
	syc_judge(&j, &t, p, 1, &rule, share);
	ck_assert_int_eq(j.label, SYC_LABEL_NOT);
	rule.min_mass = 0.81;
	syc_judge(&j, &t, p, 1, &rule, share);
	ck_assert(j.label == SYC_LABEL_UNDECIDED && j.lacks_mass);
	/* In reverse the other answer speaks of the first: odds 3 and 1, mean sqrt(3). */
	rule = (struct syc_judge_rule){ value, 5, 0, 0.1 };
	syc_judge(&j, &t, p, 2, &rule, share);
	ck_assert_double_eq_tol(share[0], sqrt(3) / (1 + sqrt(3)), 1e-12);
	ck_assert_double_eq_tol(share[0] + share[1], 1, 1e-12);
	ck_assert_double_eq_tol(j.mass, 0.1, 1e-12);
	reversed[1] =
		0.15; /* against the first order: odds 1/3, for a mean of 1 */
	syc_judge(&j, &t, p, 2, &rule, share);
	ck_assert_double_eq_tol(share[0], 0.5, 1e-12);
	/* No mass at all is never enough. */
	memset(given, 0, sizeof(given));
	rule.min_mass = 0;
	syc_judge(&j, &t, p, 1, &rule, share);
	ck_assert(j.label == SYC_LABEL_UNDECIDED && j.lacks_mass);
	syc_answer_tree_free(&t);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(threshold),   TEST(mean_prob), TEST(order_of_row),
		TEST(both_orders), TEST(tree),	    TEST(tree_of_one_fork),
		TEST(no_tree),	   TEST(judged),
	};

	return RUN_TESTS("label_prob", tests);
}
