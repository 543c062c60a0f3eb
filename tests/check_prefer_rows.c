/* SPDX-License-Identifier: MIT */
/* Pairs of answers from rows, good and bad; features as a judge answers. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "suite.h"
#include "syc/prefer.h"
#include "syc/prefer_ask.h"

static struct syc_err said;

static struct syc_prefer_data *read_text(const char *text,
					 const struct syc_prefer_opts *o)
{
	char *path = (char *)"pairs.jsonl";
	struct syc_rows in = { .paths = &path, .n_paths = 1 };
	struct syc_prefer_data *p;

	spill(path, text, strlen(text));
	said = (struct syc_err){ 0 };
	syc_prefer_read(&p, &in, o, &said);
	syc_rows_done(&in);
	remove(path);
	return p;
}

#define ROW(prompt, a, b, rest) \
	"{\"prompt\": \"" prompt "\", \"features_a\": {" a \
	"}, \"features_b\": {" b "}" rest "}\n"

START_TEST(rows)
{
	struct syc_prefer_data *p = read_text(
		ROW("x", "\"u\": 1, \"v\": true, \"w\": 5",
		    "\"u\": 0, \"v\": false, \"w\": 2", ", \"choice\": \"a\"")
			ROW("y", "\"u\": 0, \"v\": 0, \"w\": 1, \"z\": 3",
			    "\"u\": 0, \"v\": 1, \"w\": 2", ", \"choice\": 0")
				ROW("x", "\"u\": 0, \"v\": 1, \"w\": 4",
				    "\"u\": 1, \"v\": 1, \"w\": 0",
				    ", \"choice\": \"B\"")
					ROW("q", "\"u\": 0, \"v\": 1, \"w\": 4",
					    "\"u\": 1, \"v\": 1, \"w\": 0",
					    ", \"choice\": null")
						ROW("r", "", "",
						    ", \"choice\": 1"),
		&(struct syc_prefer_opts){ 0 });

	ck_assert_msg(p != NULL, "%s", said.msg);
	ck_assert_uint_eq(p->n, 3);
	ck_assert_uint_eq(p->k, 3);
	ck_assert(p->n_ties == 1 && p->n_bare == 1 && p->n_prompts == 2 &&
		  p->n_stray == 1);
	ck_assert_str_eq(p->stray[0], "z");
	ck_assert(p->choice[0] == 1 && p->choice[1] == 0 && p->choice[2] == 0);
	ck_assert(p->prompt[0] == 0 && p->prompt[1] == 1 && p->prompt[2] == 0);
	ck_assert(p->d[0] == 1 && p->d[1] == 1 && p->d[6] == -1 &&
		  p->d[7] == 0);
	/* 3, -1, 4: mean 2, variance (1 + 9 + 4) / 3 */
	ck_assert_double_eq_tol(p->scale[2], sqrt(14.0 / 3), 1e-14);
	ck_assert_double_eq_tol(p->d[2], 3 / sqrt(14.0 / 3), 1e-14);
	ck_assert(p->scale[0] == 1 && p->n_differ[1] == 2);
	syc_prefer_data_free(p);

	p = read_text(ROW("x", "\"u\": 1, \"s\": 2", "\"u\": 0, \"s\": 1", "")
		      ROW("y", "\"u\": 1, \"s\": 2", "\"u\": 0, \"s\": 2", "")
		      ROW("z", "\"s\": 2", "\"s\": 3", ""),
		      &(struct syc_prefer_opts){ .choice_by = "s" });
	ck_assert_msg(p && p->n == 1 && p->k == 1 && p->n_ties == 1 &&
			      p->n_bare == 1 && p->choice[0] == 1,
		      "%s", said.msg);
	syc_prefer_data_free(p);

	p = read_text(
		"{\"item\": \"i\", \"features\": {\"u\": -1}, \"choice\": \"b\"}\n"
		"{\"item\": \"i\", \"features\": {\"u\": 1}, \"choice\": \"a\"}\n"
		"{\"features\": {\"u\": 1}, \"choice\": 1}\n",
		&(struct syc_prefer_opts){ 0 });
	ck_assert_msg(p && p->n == 3 && p->n_prompts == 2 &&
			      p->n_promptless == 1 && p->d[0] == -1,
		      "%s", said.msg);
	syc_prefer_data_free(p);
}
END_TEST

START_TEST(bad_rows)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ROW("x", "\"u\": 1", "\"u\": 0", ", \"choice\": 1")
			 ROW("y", "\"u\": 1", "\"v\": 0", ", \"choice\": 1"),
		 "pairs.jsonl:2: feature 'u' of \"features_b\" is missing"},
		{ROW("x", "\"u\": 1", "\"u\": \"0\"", ", \"choice\": 1"),
		 "pairs.jsonl:1: feature 'u' of \"features_b\" is not a number"},
		{ROW("x", "\"u\": 1", "\"u\": 0", ""),
		 "pairs.jsonl:1: no \"choice\""},
		{ROW("x", "\"u\": 1", "\"u\": 0", ", \"choice\": 2"),
		 "pairs.jsonl:1: \"choice\" is none of"},
		{"{\"prompt\": \"x\", \"features_a\": {\"u\": 1}, \"choice\": 1}\n",
		 "pairs.jsonl:1: \"features_b\" is missing: a pair has"},
		{"{\"prompt\": \"x\", \"choice\": 1}\n",
		 "pairs.jsonl:1: no \"features_a\""},
		{"{\"features_a\": [1], \"features_b\": {}}\n",
		 "pairs.jsonl:1: \"features_a\" is not an object"},
		{ROW("x", "\"u\": 1", "\"u\": 0", ", \"choice\": 1")
			 ROW("x", "\"u\": 1", "\"u\": 0", ", \"choice\": 1"),
		 "pairs.jsonl:2: the same pair as row 1"},
		{ROW("x", "\"u\": 1, \"v\": 2", "\"u\": 0, \"v\": 2",
		     ", \"choice\": 1"),
		 "feature 'v' is the same in both answers of all 1 pairs"},
		{ROW("x", "\"u\": 1, \"v\": 2, \"w\": 3",
		     "\"u\": 0, \"v\": 2, \"w\": 1", ", \"choice\": 1")
			 ROW("x", "\"u\": 1, \"v\": 2, \"w\": 3",
			     "\"u\": 1, \"v\": 1, \"w\": 2", ", \"choice\": 1")
				 ROW("y", "\"u\": 1, \"v\": 2, \"w\": 3",
				     "\"u\": 0, \"v\": 1, \"w\": 0",
				     ", \"choice\": 0"),
		 "feature 'w' says nothing of its own, others make it in all pairs: "
		 "2 of 'u', 1 of 'v'; leave one"},
		{ROW("x", "\"u\": 1", "\"u\": 0", ", \"choice\": null"),
		 "no pair with features and a choice (1 ties"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_ptr_null(
			read_text(bad[i].text, &(struct syc_prefer_opts){ 0 }));
		ck_assert_msg(strstr(said.msg, bad[i].why) != NULL, "%zu: %s",
			      i, said.msg);
	}
	ck_assert_ptr_null(read_text(
		ROW("x", "\"u\": 1", "\"u\": 0", ", \"choice\": 1"),
		&(struct syc_prefer_opts){ .only = (const char *const[]){ "t" },
					  .n_only = 1 }));
	ck_assert_ptr_nonnull(strstr(said.msg, "there is no feature 't'"));
	ck_assert_ptr_null(
		read_text(ROW("x", "\"u\": 1", "\"u\": 0", ""),
			  &(struct syc_prefer_opts){ .choice_by = "s" }));
	ck_assert_ptr_nonnull(
		strstr(said.msg, "'s' of \"features_a\" is missing"));
}
END_TEST

START_TEST(published)
{
	size_t n = 0;

	for (; syc_feature_published(n); n++)
		for (size_t i = 0; i < n; i++)
			ck_assert_str_ne(syc_feature_published(i)->name,
					 syc_feature_published(n)->name);
	ck_assert_uint_eq(n, 24);
}
END_TEST

/* Answers of both orders, as a judge gave them. */
START_TEST(judged)
{
	int32_t id[] = { 5, 6, 7 };
	struct syc_ids one[3] = {
		{&id[0], 1, 0 }, {&id[1], 1, 0 }, {&id[2], 1, 0 } };
	double first[] = { 0, 0.35, 0.1, 0.05 }, second[] = { 0, 0.27, 0.54, 0.09 };
	struct syc_judging j = { 0 };
	const struct syc_case c = { .p = { first, second }, .of = &j };
	struct syc_feature_list l = { 0 };
	struct syc_feature_found f;
	const double a = sqrt(0.7 * 0.6), b = sqrt(0.2 * 0.3),
		     sum = a + b + 0.1;

	ck_assert_int_eq(syc_answer_tree_init(&j.tree, one, 3, NULL), 0);
	syc_feature_answer(&f, &l, &c);
	ck_assert_double_eq_tol(f.p[0], a / sum, 1e-12);
	ck_assert_double_eq_tol(f.p[1], b / sum, 1e-12);
	ck_assert_double_eq_tol(f.p[2], 0.1 / sum, 1e-12);
	ck_assert_double_eq_tol(f.mass, 0.5, 1e-12);
	ck_assert_int_eq(f.difference, 1);
	l.margin = 0.5;
	syc_feature_answer(&f, &l, &c);
	ck_assert_int_eq(f.difference, 0);
	/* b in both orders; nothing; both alike */
	l.margin = 0;
	first[1] = second[2] = 0.01;
	syc_feature_answer(&f, &l, &c);
	ck_assert_int_eq(f.difference, -1);
	first[3] = second[3] = 0.9;
	syc_feature_answer(&f, &l, &c);
	ck_assert_int_eq(f.difference, 0);
	first[1] = first[2] = first[3] = 0;
	syc_feature_answer(&f, &l, &c);
	ck_assert(f.difference == 0 && f.mass == 0 && f.p[0] == 0);
	syc_answer_tree_free(&j.tree);

	/* alone: yes and no */
	l.alone = true;
	ck_assert_int_eq(syc_answer_tree_init(&j.tree, one, 2, NULL), 0);
	first[1] = 0.6, first[2] = 0.2, second[1] = 0.1, second[2] = 0.3;
	syc_feature_answer(&f, &l, &c);
	ck_assert_double_eq_tol(f.p[0], 0.75, 1e-12);
	ck_assert_double_eq_tol(f.p[1], 0.25, 1e-12);
	ck_assert_int_eq(f.difference, 1);
	syc_answer_tree_free(&j.tree);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(rows), TEST(bad_rows), TEST(published), TEST(judged),
	};

	return RUN_TESTS("prefer_rows", tests);
}
