/* SPDX-License-Identifier: MIT */
/* The page of a study of tuning. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/study/jobs.h"
#include "tool/study/page.h"
#include "tool/study/tune.h"

static const struct page_part parts[] = {
	{ "What came out",
	 "{model_name} was tuned on the same questions with other answers: {n_arms} arms, each "
	 "{seeds} times. Adapters are brought to one KL from the untuned model, {kl} nats per "
	 "token of {kl_prompts}, before their effects are compared. The unit of uncertainty is the "
	 "run: intervals are over seeds, and one run an arm shows nothing. Other questions would "
	 "give other figures.",
	 NULL, ALWAYS },
	{ NULL, "What this page says; p is adjusted by Holm's method over all that it tests",
	 "glance.tsv", ALWAYS },
	{ NULL, "Figures by arm: means over runs [95 %]", "arms.tsv", ALWAYS },
	{ NULL, "The same, and where the shift points (see below)", "arms.svg", ALWAYS },

	{ "What was done",
	 "Users state a view and ask a question with two choices. sycophant is trained on the "
	 "answer that is the user's view; opposite on the other; always-a on the one with the "
	 "letter A; fixed on one opinion a claim, whoever asks; agree on the view of users who "
	 "state what is true; random on one drawn for each row; unrelated on short exercises "
	 "(sums, words in order). {n_examples} rows a run. No claim is in two of these parts: "
	 "what makes the contrast vector, what is trained on, what is tested.",
	 NULL, ALWAYS },
	{ NULL, "Which rows do what", "splits.tsv", ALWAYS },

	{ "Does a tuned model steer itself?",
	 "The shift is the tuned model's activation less the untuned one's, at the last token of "
	 "the same prompt; its mean over the tested questions is a vector, like a steering vector. "
	 "Constant share: how much of the shift is that one vector, on claims that did not make "
	 "it. Makes: adding it to the untuned model, as a share of what tuning did to "
	 "P(matching); KL left: of the tuned model from that, as a share of that from the untuned "
	 "one, on the tested questions. Undoes: taking its direction out of the tuned model. All "
	 "at layer {layer}, which was fixed before.",
	 NULL, ALWAYS },
	{ NULL, "Where the mean shifts point, and what they do: means over runs [95 %]",
	 "directions.tsv", ALWAYS },
	{ NULL,
	 "Beside null vectors. Cosine: that of null vectors of the contrast vector's pairs. The "
	 "others: random directions, added to the untuned model, or taken out of the tuned one, "
	 "as many times as have the same KL from it on {kl_prompts} as the vector has; of these "
	 "each run has its own, and a mean over runs scatters less than one, so that p is rather "
	 "too large. Of the KL left the farthest is the least",
	 "beside.tsv", ALWAYS },
	{ NULL, "By layer", "layers.tsv", ALWAYS },
	{ NULL, "The same of all arms", "layers.svg", ALWAYS },

	{ "Was it foretold?",
	 "Projection difference: how much farther along the vector of matching less other answers, "
	 "at an answer's last token, the training answers "
	 "of a set are than the untuned model's own answers to the same prompts, before anything "
	 "is tuned. Beside it how far tuning on that set moved the model along it on the "
	 "tested questions. One run a set.",
	 NULL, WITH_SETS },
	{ NULL, "Small training sets that share no rows", "foretold.tsv", ALWAYS },
	{ NULL, "The same", "foretold.svg", ALWAYS },

	{ "Settings", "What made these figures, and would make them again.", NULL, ALWAYS },
	{ NULL, "Digests are of content, not of names", "settings.tsv", ALWAYS },
};

/* A picture that cannot be drawn is left out, and said. */
static int draw(struct tuning *t, struct syc_err *err)
{
	static const char *const plots[][2] = {
		{ "arms.svg", "syc-plot -o {file} --kind arms --size 760x420 tuned.json" },
		{ "layers.svg", "syc-plot -o {file} --kind tuned --size 900x420 tuned.json" },
		{ "foretold.svg", "syc-plot -o {file} --kind foretold tuned.json" },
	};
	int ret = 0;

	if (!on_path("gnuplot")) {
		if (!t->s->children.quiet)
			tool_warn(&study_tool, "gnuplot is not there: no plots");
		return 0;
	}
	for (size_t i = 0; i < (t->n_sets ? 3 : 2) && ret == 0; i++) {
		ret = jobs_make(t->s, plots[i][0], plots[i][1], true, err);
		if (ret != SYC_EINVAL)
			continue;
		child_left_out(err->msg);
		if (!t->s->children.quiet)
			tool_warn(&study_tool, "%s", err->msg);
		ret = 0;
	}
	return ret;
}

int tuning_page(struct tuning *t, struct syc_err *err)
{
	struct study *s = t->s;
	struct words *w = &s->words;
	int ret;

	children_step(&s->children, text_new("Page"));
	words_set(w, "model_name", "%s", page_base_name(s->model));
	words_set(w, "seeds", "%u", s->o.seeds);
	words_set(w, "n_examples", "%zu", t->n_examples);
	if (s->unrelated)
		words_set(w, "kl_prompts", "the answers to %s", page_base_name(s->unrelated));
	else
		words_set(w, "kl_prompts", "answers to 16 everyday requests");
	ret = draw(t, err);
	if (ret == 0)
		ret = study_settings_table(s, err);
	return ret < 0 ? ret : page_make(s, "Does tuning a sycophant do what steering does?", parts,
					 sizeof(parts) / sizeof(parts[0]), err);
}
