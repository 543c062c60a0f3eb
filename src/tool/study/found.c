/* SPDX-License-Identifier: MIT */
/* What the programs found: their documents, and the tables that are made of them. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/study/study.h"

/* ---- documents --------------------------------------------------------- */

/* The first, or an array of all. */
static json_t *one_of(const struct docs *d, bool lines)
{
	json_t *all;

	if (!lines)
		return json_incref(d->doc[0].json);
	all = json_array();
	for (size_t i = 0; i < d->n; i++)
		if (json_array_append(all, d->doc[i].json) < 0)
			out_of_memory();
	return all;
}

int study_doc(struct study *s, unsigned which, const json_t **doc,
	      struct syc_err *err)
{
	static const struct {
		const char *file;
		bool lines;
	} from[SYC_STUDY_N_DOCS] = {
		[SYC_STUDY_FIT] = { "{train}.json", false },
		[SYC_STUDY_TRANSFER] = { "transfer.json", false },
		[SYC_STUDY_CONFOUNDS] = { "confounds.json", false },
		[SYC_STUDY_INCREMENT] = { "increment.json", false },
		[SYC_STUDY_SHIFT] = { "shift.json", false },
		[SYC_STUDY_PROBE] = { "probe.json", false },
		[SYC_STUDY_ALL_HELD] = { "all-held.json", false },
		[SYC_STUDY_ALL_MOVED] = { "all-moved.json", false },
		[SYC_STUDY_AFTER] = { "after.json", false },
		[SYC_STUDY_COSINES] = { "cosines.json", true },
		[SYC_STUDY_STABILITY] = { "stability.all.json", true },
		[SYC_STUDY_EQUAL] = { "equal.json", false },
		[SYC_STUDY_METHODS] = { "sweep-methods.json", false },
		[SYC_STUDY_ROWS] = { "steered.jsonl", true },
		[SYC_STUDY_PRIMARY] = { "primary.json", false },
		[SYC_STUDY_SLOPES] = { "slopes.json", false },
		[SYC_STUDY_TRUTH] = { "truth.json", false },
		[SYC_STUDY_WORDS] = { "words.unsteered.jsonl", true },
		[SYC_STUDY_WORDS_PRIMARY] = { "words.primary.jsonl", true },
		[SYC_STUDY_WORDS_OPPOSITE] = { "words.opposite.jsonl", true },
	};
	struct docs d = { 0 };
	int ret = 0;

	if (!s->doc[which]) {
		char *path = words_fill(&s->words, from[which].file);

		/* Not all studies make all of them. */
		if (is_there(path))
			ret = docs_read(&d, &path, 1, err);
		if (ret == 0 && d.n)
			s->doc[which] = one_of(&d, from[which].lines);
		docs_free(&d);
		free(path);
	}
	*doc = s->doc[which];
	return ret;
}

/* What stating a view does to a set's answers. */
static int read_stance(struct syc_study_set *set, struct syc_err *err)
{
	char *path = text_new("%s.stance.json", set->name);
	struct docs d = { 0 };
	int ret = docs_read(&d, &path, 1, err);

	if (ret == 0)
		set->stance = one_of(&d, false);
	docs_free(&d);
	free(path);
	return ret;
}

static int ask_sets(struct study *s, struct syc_err *err)
{
	int ret = 0;

	s->asked = calloc(s->n_sets, sizeof(*s->asked));
	if (!s->asked)
		out_of_memory();
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		char *file = text_new("%s.labeled.jsonl", s->set[i].name);

		s->asked[i].name = s->set[i].name;
		ret = syc_rows_file_choices(&s->asked[i].rates, file, err);
		if (ret == 0)
			ret = read_stance(&s->asked[i], err);
		free(file);
	}
	return ret;
}

/* All that tables are made of, of the documents those before one. */
static int find(struct study *s, enum syc_study_doc end, struct syc_err *err)
{
	struct syc_study_documents *f = &s->found;
	int ret = s->asked ? 0 : ask_sets(s, err);

	f->set = s->asked;
	f->n_sets = s->n_sets;
	f->train = s->train;
	f->part = s->part;
	f->n_parts = s->n_parts;
	f->steered = (struct syc_counts){ s->steered.n_claims, s->steered.n_rows };
	f->n_pairs = s->prompts ? s->n_prompts : s->n_pairs;
	f->n_made_claims = s->n_made_claims;
	f->quick = s->o.quick;
	f->vector = (const char *const *)s->vector;
	f->n_vectors = s->n_vectors;
	f->at_kl = s->o.at_kl;
	for (unsigned i = 0; i < end && ret == 0; i++)
		ret = study_doc(s, i, &f->doc[i], err);
	return ret;
}

/* ---- what is made of them ---------------------------------------------- */

int study_choose_layer(struct study *s, struct syc_err *err)
{
	const int ret = find(s, SYC_STUDY_CONFOUNDS, err);
	const json_t *all = s->found.doc[SYC_STUDY_TRANSFER];

	if (ret < 0)
		return ret;
	/* Where no label chooses one, the middle. */
	s->found.layer = json_array_size(json_object_get(all, "transfer"))
				 ? syc_study_choose_layer(&s->found)
				 : (int)s->n_layers / 2;
	return 0;
}

/* Of all conclusions, what the steps of the study and its page rest on. */
static void keep_effect(struct study *s, const struct syc_conclusion *c)
{
	const enum syc_verdict v = c[SYC_ASKED_DECLARED].verdict;

	s->has_effect = v == SYC_VERDICT_YES || v == SYC_VERDICT_REVERSED;
	free(s->unasked);
	free(s->lacking);
	s->unasked = text_new("%s", c[SYC_ASKED_PREDICTION].answer.data);
	s->lacking = text_new("%s", c[SYC_ASKED_PREDICTION].next.data);
}

int study_ask_effect(struct study *s, struct syc_err *err)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	int ret = find(s, 0, err);

	if (ret == 0)
		ret = syc_study_conclude(c, &s->found, err);
	if (ret == 0)
		keep_effect(s, c);
	for (size_t i = 0; i < SYC_STUDY_QUESTIONS; i++)
		syc_conclusion_free(&c[i]);
	return ret;
}

/* Beyond the head: nothing of the page is empty. */
static bool has_rows(const struct syc_buf *table)
{
	const char *end = table->len ? strchr(table->data, '\n') : NULL;

	return end && end[1];
}

/* A table each of the names, unless it is there. */
static int make(struct study *s, const char *names, struct syc_err *err)
{
	struct cmd all = { 0 };
	int ret = 0;

	cmd_expand(&all, &s->words, names);
	for (size_t i = 0; i < all.n && ret == 0; i++) {
		char *file = text_new("%s.tsv", all.arg[i]);
		struct syc_buf b = { 0 };

		if (!is_there(file)) {
			ret = syc_study_table(&b, &s->found, all.arg[i], err);
			if (ret == 0 && has_rows(&b))
				ret = write_file(file, &b, err);
		}
		syc_buf_free(&b);
		free(file);
	}
	cmd_free(&all);
	return ret;
}

bool study_goes_on(const struct study *s)
{
	return s->has_effect || s->o.anyway;
}

int study_tables(struct study *s, struct syc_err *err)
{
	int ret = find(s, SYC_STUDY_ROWS, err);

	if (ret == 0)
		ret = make(s, "splits stance letters methods stability.all stability", err);
	return ret < 0 || !study_goes_on(s) ? ret
		       : make(s, "predict told nulls paired matrix calibration confounds", err);
}

int study_sweep_tables(struct study *s, struct syc_err *err)
{
	int ret = find(s, SYC_STUDY_N_DOCS, err);

	if (ret == 0 && s->found.doc[SYC_STUDY_PRIMARY])
		ret = make(s, "hypotheses texts slopes sweep sweep-methods steering cost "
			      "steering-methods", err);
	return ret < 0 || !s->found.doc[SYC_STUDY_PRIMARY] || !s->control ? ret :
	       make(s, s->found.doc[SYC_STUDY_WORDS] ? "truthful words" : "truthful", err);
}

int study_conclude(struct study *s, struct syc_err *err)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	struct syc_buf table = { 0 }, doc = { 0 };
	int ret = syc_study_conclude(c, &s->found, err);

	if (ret == 0)
		keep_effect(s, c);
	if (ret == 0)
		ret = syc_study_glance(&table, c, err);
	if (ret == 0)
		ret = syc_study_conclusions(&doc, &s->found, c, err);
	if (ret == 0)
		ret = write_file("glance.tsv", &table, err);
	if (ret == 0)
		ret = write_file("conclusions.json", &doc, err);
	syc_buf_free(&table);
	syc_buf_free(&doc);
	for (size_t i = 0; i < SYC_STUDY_QUESTIONS; i++)
		syc_conclusion_free(&c[i]);
	return ret;
}
