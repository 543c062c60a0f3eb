/* SPDX-License-Identifier: MIT */
/* Which questions make the contrast vector, are trained on, and are tested. */
#include "config.h"
#include <string.h>
#include "syc/arms.h"
#include "tool/common/fail.h"
#include "tool/study/jobs.h"
#include "tool/study/tune.h"

/* Pairs of prompts make the contrast vector; of answers, that which sets are put on. */
bool tuning_makes_pairs(const struct study *s)
{
	return !s->prompts || s->n_small;
}

/*
 * Users who state what is true, for the arm agree: of the claims that the sets have, too,
 * a third.  No file has such rows: none.
 */
int tuning_choose_truth(struct tuning *t, struct syc_err *err)
{
	struct study *s = t->s;
	struct syc_picked got = { 0 };
	const bool asked = s->o.arms && strstr(s->o.arms, syc_arm_name(SYC_ARM_AGREE));
	size_t n = 0;
	int ret = 0;

	words_clear(&s->words, "truth");
	t->has_truth = false;
	if (s->o.arms && !asked)
		return 0;
	if (s->control)
		ret = study_choose(s,
				   (struct choice){.to = "truth.jsonl",
						   .from = "{control_path}",
						   .not_on = "{made_from}.jsonl",
						   .shared = "{train_path} {other_paths}",
						   .how = {.third = true,
							   .n = s->o.examples,
							   .views = SYC_TRUTHFUL_TRUE}},
				   &got, err);
	if (ret == 0 && got.n_rows)
		ret = syc_rows_file_values(&n, "truth.jsonl", "truth", err);
	t->has_truth = n > 0;
	if (ret < 0)
		return ret;
	if (t->has_truth) {
		words_set(&s->words, "truth", "truth.jsonl");
		study_add_part(s, s->control, "train agree on", &got);
	} else if (asked) {
		return fail(err, SYC_EINVAL,
			    "--arms: agree takes rows of --control that say what is "
			    "true (\"truth\")");
	} else if (!s->children.quiet) {
		tool_say(
			"    agree is left out: no row of --control says what is true (\"truth\")");
	}
	return 0;
}

/* What is trained on and what is tested; no claim is in two files of this step. */
int tuning_choose(struct tuning *t, struct syc_err *err)
{
	struct study *s = t->s;
	struct syc_picked got;
	int ret = study_choose(s, (struct choice){ .to = "rest.jsonl", .from = "{train_path}",
			.not_on = "{made_from}.jsonl {truth}" }, NULL, err);

	if (ret == 0)
		ret = study_choose(s, (struct choice){ .to = "trained.jsonl", .from = "rest.jsonl",
				.shared = "rest.jsonl", .how = { .n = s->o.examples } }, &got, err);
	if (ret < 0)
		return ret;
	t->n_examples = got.n_rows;
	study_add_part(s, s->set[s->train].name, "train on", &got);
	ret = study_choose(s, (struct choice){ .to = "tested.jsonl",
			.from = "{train_path} {other_paths}",
			.not_on = "{made_from}.jsonl trained.jsonl {truth}",
			.how = { .n = (s->o.steered + s->n_sets - 1) / s->n_sets,
				 .both_views = true } }, &got, err);
	t->n_tested = got.n_rows;
	if (ret == 0 && (!t->n_examples || !t->n_tested))
		return fail(err, SYC_EINVAL, "%zu rows are left to train on, and %zu to test: give "
			    "more claims (--data)", t->n_examples, t->n_tested);
	study_add_part(s, "all sets", "test", &got);
	return ret;
}

