/* SPDX-License-Identifier: MIT */
/* The step that steers: what is steered, and its commands. */
#include "config.h"
#include <stdlib.h>
#include "tool/study/jobs.h"

/* Those that were said, or a quarter, a half and three quarters up. */
static void choose_layers(struct study *s)
{
	const uint32_t last = s->n_layers ? (uint32_t)s->n_layers - 1 : 0;
	const uint32_t up[] = { last / 4, last / 2, last * 3 / 4 };
	const uint32_t *v = s->o.layers.n ? s->o.layers.v : up;
	const size_t n = s->o.layers.n ? s->o.layers.n : 3;
	char *list = text_new("%u", v[0]);

	for (size_t i = 1; i < n; i++)
		if (v[i] != v[i - 1]) {
			char *more = text_new("%s,%u", list, v[i]);

			free(list);
			list = more;
		}
	words_set(&s->words, "layers", "%s",
		  s->o.layers.given && !s->o.layers.n ? "all" : list);
	words_clear(&s->words, "at_once");
	if (n > 1)
		words_add(&s->words, "at_once", "--at-once=%s", list);
	if (!s->primary.layers)
		s->primary.layers = text_new("%u", v[n / 2]);
	free(list);
}

bool study_has_one_view(const struct study *s)
{
	const json_t *o = json_object_get(s->asked[s->train].stance, "opposite_view");

	return !(doc_number(o, "claims") > 0);
}

/* What the KL is on: what was said, or the prompts that are built in. */
int study_take_unrelated(struct study *s, struct syc_err *err)
{
	static const char file[] = "unrelated.jsonl";
	struct syc_buf b = { 0 };
	int ret;

	if (s->unrelated)
		return study_choose(s, (struct choice){ .to = file, .from = "{kl_path}",
						  .how = { .n = 16 } }, NULL, err);
	children_note(&s->children, file, "syc's own");
	ret = is_there(file) ? 0 : syc_unrelated_prompts(&b, err);
	if (ret == 0 && !is_there(file))
		ret = write_file(file, &b, err);
	syc_buf_free(&b);
	return ret;
}

/* TruthfulQA by users who state nothing, and a false answer; and in words. */
static int take_truth(struct study *s, struct syc_err *err)
{
	const struct {
		const char *to;
		unsigned views;
		bool as_text;
		size_t n;
	} part[] = {
		{ "truth.jsonl", SYC_TRUTHFUL_NONE, false, s->n_control },
		{ "truth-false.jsonl", SYC_TRUTHFUL_FALSE, false, s->n_control },
		{ "words.jsonl", SYC_TRUTHFUL_NONE, true, 8 },
	};
	int ret = 0;

	for (size_t i = 0; i < 3 && s->has_truth && ret == 0; i++)
		ret = study_choose(s, (struct choice){ .to = part[i].to, .from = "{control_path}",
				.how = { .n = part[i].n, .views = part[i].views,
					 .as_text = part[i].as_text } }, NULL, err);
	return ret;
}

/* What is steered: of each claim users of both views, or where it has one that and none. */
static int take_steered(struct study *s, struct syc_err *err)
{
	int ret = study_choose(s, (struct choice){ .to = "steered.jsonl",
			.from = "{train}.questions.jsonl", .not_on = "{made_from}.jsonl",
			.how = { .n = s->n_steered, .both_views = true,
				 .no_view = study_has_one_view(s) } }, &s->steered, err);

	/* Held-out text is what people ask in sets that no vector has seen. */
	if (ret == 0)
		ret = study_choose(s, (struct choice){ .to = "text.txt",
				.from = "{others}.questions.jsonl", .how = { .text = true } },
			     NULL, err);
	if (ret == 0)
		ret = study_take_unrelated(s, err);
	return ret < 0 ? ret : take_truth(s, err);
}

int study_steer(struct study *s, struct syc_err *err)
{
	size_t n_draws = 0;
	int ret;

	children_step(&s->children, words_fill(&s->words, "Steering at a KL of {kl}"));
	choose_layers(s);
	if (!study_is_asked(s)) {
		jobs_skip(s, SWEPT);
		jobs_skip(s, SCALED);
		return 0;
	}
	if (s->o.quick)
		return 0;
	ret = syc_study_draws(&n_draws, &s->found, err);
	primary_words(s, n_draws);
	jobs_renew(s, SWEPT);
	if (ret == 0)
		ret = take_steered(s, err);
	if (ret == 0)
		ret = jobs_make_nulls(s, err);
	if (ret == 0)
		ret = jobs_do(s, SWEPT, err);
	if (ret == 0)
		ret = primary_scales(s, err);
	if (ret == 0)
		ret = jobs_do(s, SCALED, err);
	return ret < 0 ? ret : study_sweep_tables(s, err);
}
