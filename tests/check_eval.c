/* SPDX-License-Identifier: MIT */
/*
 * The figures of the tasks on planted grades, against those of tests/ref/eval.py, which
 * finds them its own way.
 */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "suite.h"
#include "syc/eval.h"

static struct syc_eval_table *read_table(const char *name)
{
	char *paths[1];
	struct syc_rows in = { .paths = paths, .n_paths = 1 };
	struct syc_eval_table *t;
	struct syc_eval *e;
	struct syc_err err = { 0 };

	paths[0] = strdup(source_path(name));
	ck_assert_msg(syc_eval_read(&e, &in, &err) == 0, "%s", err.msg);
	ck_assert_msg(syc_eval_table(&t, e, &err) == 0, "%s", err.msg);
	syc_rows_done(&in);
	syc_eval_free(e);
	free(paths[0]);
	return t;
}

static json_t *load(const char *name)
{
	json_error_t e;
	json_t *o = json_load_file(source_path(name), 0, &e);

	ck_assert_msg(o != NULL, "%s: %s", name, e.text);
	return o;
}

static void close_to(const struct syc_eval_figure *f, const char *key,
		     double got, const json_t *want)
{
	const json_t *w = json_object_get(want, key);

	ck_assert_msg(json_is_null(w) ? isnan(got)
				      : fabs(got - json_number_value(w)) <
						1e-6 * (1 + fabs(got)),
		      "%s %s of %s: %s is %.9g, not %.9g", f->task, f->name,
		      f->domain ? f->domain : "all", key, got,
		      json_number_value(w));
}

static void same_text(const struct syc_eval_figure *f, const char *key,
		      const char *got, const json_t *want)
{
	const char *w = json_string_value(json_object_get(want, key));

	ck_assert_msg(w && got ? strcmp(w, got) == 0 : w == got,
		      "%s %s: %s is %s, not %s", f->task, f->name, key,
		      got ? got : "none", w ? w : "none");
}

static void same_figures(const struct syc_eval_table *t, const char *name)
{
	json_t *list = load(name);

	ck_assert_uint_eq(t->n, json_array_size(list));
	for (size_t i = 0; i < t->n; i++) {
		const struct syc_eval_figure *f = &t->figure[i];
		const json_t *w = json_array_get(list, i);

		same_text(f, "task", f->task, w);
		same_text(f, "name", f->name, w);
		same_text(f, "domain", f->domain, w);
		same_text(f, "unit", syc_eval_unit_name(f->unit), w);
		close_to(f, "estimate", f->x, w);
		close_to(f, "lo", f->lo, w);
		close_to(f, "hi", f->hi, w);
		close_to(f, "least", f->least, w);
		close_to(f, "most", f->most, w);
		close_to(f, "items", (double)f->n_items, w);
		close_to(f, "rows", (double)f->n_rows, w);
		close_to(f, "undecided", (double)f->n_undecided, w);
		close_to(f, "needed", (double)f->n_needed, w);
		same_text(f, "says", syc_eval_says_name(f->says), w);
		ck_assert_int_eq(f->headline,
				 json_is_true(json_object_get(w, "headline")));
		ck_assert_uint_gt(strlen(f->words), 0);
	}
	json_decref(list);
}

START_TEST(figures)
{
	struct syc_eval_table *a = read_table("tests/data/eval/a.jsonl"),
			      *b = read_table("tests/data/eval/b.jsonl"), *diff;

	same_figures(a, "tests/data/eval/a.json");
	same_figures(b, "tests/data/eval/b.json");
	ck_assert_int_eq(syc_eval_compare(&diff, a, b, NULL), 0);
	same_figures(diff, "tests/data/eval/compare.json");
	ck_assert_uint_eq(diff->n_rows, a->n_rows + b->n_rows);
	syc_eval_table_free(a);
	syc_eval_table_free(b);
	syc_eval_table_free(diff);
}
END_TEST

/* Of a model with itself: no differences, and intervals that hold 0. */
START_TEST(itself)
{
	struct syc_eval_table *a = read_table("tests/data/eval/a.jsonl"), *diff;

	ck_assert_int_eq(syc_eval_compare(&diff, a, a, NULL), 0);
	ck_assert_uint_gt(diff->n, 100);
	for (size_t i = 0; i < diff->n; i++) {
		const struct syc_eval_figure *f = &diff->figure[i];

		ck_assert(f->n_items == 0 || f->x == 0);
		ck_assert(isnan(f->lo) || (f->lo < 0 && f->hi > 0));
		ck_assert_int_ne(f->unit, SYC_EVAL_RATE);
	}
	syc_eval_table_free(a);
	syc_eval_table_free(diff);
}
END_TEST

static void put(struct syc_eval *e, const char *task, const char *item,
		const char *condition, double grade)
{
	const double g[3] = { grade, NAN, grade };
	const struct syc_eval_row row = { task, item, condition, NULL, g,
					  strcmp(task, "sure") == 0 ? 3 : 1 };

	ck_assert_int_eq(syc_eval_put(e, &row, NULL), 0);
}

/* The same bits whatever the order of rows. */
START_TEST(order)
{
	struct syc_eval_table *t[2];

	for (int k = 0; k < 2; k++) {
		struct syc_eval *e;

		ck_assert_int_eq(syc_eval_new(&e, NULL), 0);
		for (int i = 0; i < 40; i++) {
			const int at = k ? 39 - i : i;
			char item[24];

			snprintf(item, sizeof(item), "i%d", at / 4);
			put(e, "feedback", item, at % 2 ? "like" : "dislike",
			    fmod(0.1234567 * at, 1));
		}
		ck_assert_int_eq(syc_eval_table(&t[k], e, NULL), 0);
		syc_eval_free(e);
	}
	for (size_t i = 0; i < t[0]->n; i++) {
		const struct syc_eval_figure *a = &t[0]->figure[i],
					     *b = &t[1]->figure[i];

		ck_assert(memcmp(&a->x, &b->x, sizeof(a->x)) == 0);
		ck_assert(memcmp(&a->lo, &b->lo, sizeof(a->lo)) == 0);
	}
	syc_eval_table_free(t[0]);
	syc_eval_table_free(t[1]);
}
END_TEST

/* Intervals of rates of 0 and 1 and of changes that no item has. */
START_TEST(ends)
{
	static const size_t sizes[] = { 1, 2, 10, 50 };

	for (size_t k = 0; k < 4; k++) {
		const struct syc_eval_figure *right, *wrong, *sway;
		struct syc_eval_table *t;
		struct syc_eval *e;

		ck_assert_int_eq(syc_eval_new(&e, NULL), 0);
		for (size_t i = 0; i < sizes[k]; i++) {
			char item[24];

			snprintf(item, sizeof(item), "i%zu", i);
			put(e, "answer", item, "suggests-right", 1);
			put(e, "answer", item, "suggests-wrong", 1);
			put(e, "answer", item, "plain", 0);
		}
		ck_assert_int_eq(syc_eval_table(&t, e, NULL), 0);
		right = syc_eval_find(t, "answer", "suggests-right", NULL);
		wrong = syc_eval_find(t, "answer", "plain", NULL);
		sway = syc_eval_find(t, "answer", "sway", NULL);
		ck_assert(right->x == 1 && right->hi == 1 && right->lo < 0.97);
		ck_assert(wrong->x == 0 && wrong->lo == 0 && wrong->hi > 0.03);
		ck_assert(sway->x == 0 && sway->lo < -0.05 && sway->hi > 0.05);
		ck_assert_int_eq(right->says, sizes[k] < 10 ? SYC_EVAL_TOO_FEW
					      : sizes[k] == 10
						      ? SYC_EVAL_UNKNOWN
						      : SYC_EVAL_KNOWN);
		ck_assert_ptr_null(syc_eval_find(t, "answer", "sway", "sums"));
		ck_assert_ptr_null(syc_eval_find(t, "answer", "both", NULL));
		syc_eval_table_free(t);
		syc_eval_free(e);
	}
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(syc_eval_task(0), "answer");
	ck_assert_str_eq(syc_eval_task(7), "pushback");
	ck_assert_ptr_null(syc_eval_task(8));
	ck_assert_str_eq(syc_eval_condition("two-sides", 5), "third-b-first");
	ck_assert_ptr_null(syc_eval_condition("two-sides", 6));
	ck_assert_ptr_null(syc_eval_condition("flattery", 0));
}
END_TEST

static const struct bad {
	const char *line, *says;
	int code;
} bads[] = {
	{"{\"item\":\"a\",\"condition\":\"plain\",\"grade\":[1]}", "\"task\"",
	 SYC_EFORMAT},
	{"{\"task\":\"answer\",\"condition\":\"plain\",\"grade\":[1]}",
	 "\"item\"", SYC_EFORMAT},
	{"{\"task\":\"answer\",\"item\":\"a\",\"grade\":[1]}", "\"condition\"",
	 SYC_EFORMAT},
	{"{\"task\":\"answer\",\"item\":\"a\",\"condition\":\"plain\"}",
	 "graded", SYC_EFORMAT},
	{"{\"task\":\"answer\",\"item\":\"a\",\"condition\":\"plain\",\"grade\":[\"1\"]}",
	 "no number or null", SYC_EFORMAT},
	{"{\"task\":\"answer\",\"item\":\"a\",\"condition\":\"plain\",\"grade\":[1],\"domain\":3}",
	 "\"domain\"", SYC_EFORMAT},
	{"{\"task\":\"flattery\",\"item\":\"a\",\"condition\":\"plain\",\"grade\":[1]}",
	 "no task 'flattery'", SYC_EINVAL},
	{"{\"task\":\"sure\",\"item\":\"a\",\"condition\":\"plain\",\"grade\":[1,1]}",
	 "no condition 'plain'", SYC_EINVAL},
	{"{\"task\":\"sure\",\"item\":\"a\",\"condition\":\"reask\",\"grade\":[1]}",
	 "2 grades at least, not 1", SYC_EINVAL},
	{"{\"task\":\"sure\",\"item\":\"a\",\"condition\":\"reask\",\"grade\":[1,0],"
	 "\"turns\":[{\"aside\":true}]}",
	 "2 grades at least, not 1", SYC_EINVAL},
	{"{\"task\":\"answer\",\"item\":\"a\",\"condition\":\"plain\",\"grade\":[0.5]}",
	 "of 0 and 1, not 0.5", SYC_EINVAL},
	{"{\"task\":\"feedback\",\"item\":\"a\",\"condition\":\"like\",\"grade\":[1.5]}",
	 "from 0 to 1, not 1.5", SYC_EINVAL},
	{"{\"task\":\"mirror\",\"item\":\"a\",\"condition\":\"side1\",\"grade\":[7]}",
	 "from -5 to 5, not 7", SYC_EINVAL},
};

START_TEST(bad_rows)
{
	struct syc_eval *e;

	ck_assert_int_eq(syc_eval_new(&e, NULL), 0);
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		struct syc_err err = { 0 };
		struct syc_row *row;

		ck_assert_int_eq(syc_row_parse(&row, bads[i].line,
					       strlen(bads[i].line), &err),
				 0);
		ck_assert_int_eq(syc_eval_add(e, row, &err), bads[i].code);
		ck_assert_msg(strstr(err.msg, bads[i].says) != NULL, "%s: %s",
			      bads[i].line, err.msg);
		syc_row_free(row);
	}
	syc_eval_free(e);
}
END_TEST

START_TEST(two_domains)
{
	const double g = 1;
	struct syc_eval_row row = { "answer", "x", "plain", "sums", &g, 1 };
	struct syc_eval_table *t;
	struct syc_err err = { 0 };
	struct syc_eval *e;

	ck_assert_int_eq(syc_eval_new(&e, NULL), 0);
	ck_assert_int_eq(syc_eval_table(&t, e, NULL), 0);
	ck_assert_uint_eq(t->n, 0);
	syc_eval_table_free(t);
	ck_assert_int_eq(syc_eval_put(e, &row, NULL), 0);
	row.domain = "trivia";
	ck_assert_int_eq(syc_eval_put(e, &row, NULL), 0);
	ck_assert_int_eq(syc_eval_table(&t, e, &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg,
			 "item 'x' has rows of domains 'sums' and 'trivia'");
	ck_assert_ptr_null(t);
	syc_eval_free(e);
}
END_TEST

int main(void)
{
	static const struct test t[] = {
		TEST(figures), TEST(itself),   TEST(order),	  TEST(ends),
		TEST(names),   TEST(bad_rows), TEST(two_domains),
	};

	return RUN_TESTS("eval", t);
}
