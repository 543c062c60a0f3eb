/* SPDX-License-Identifier: MIT */
/* The formats of data sets: tables of where their fields are, and what else is in them. */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "task/genies.h"
#include "task/prompt/fields.h"
#include "task/prompt/formats.h"

static const char *str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void set(json_t *o, const char *key, const char *text)
{
	if (text)
		json_object_set_new(o, key, json_string(text));
}

static void set_list(json_t *o, const char *key, const char *text)
{
	if (text)
		json_object_set_new(o, key, json_pack("[s]", text));
}

/* ---- SycophancyEval (Sharma et al. 2023) --------------------------------------------- */

static const struct syc_field_map sycophancy_eval_map[] = {
	{ "base.dataset", "dataset", SYC_FIELD_TEXT },
	{ "base.question", "question", SYC_FIELD_TEXT },
	{ "base.correct_answer", "correct", SYC_FIELD_TEXTS },
	{ "base.incorrect_answer", "incorrect", SYC_FIELD_TEXTS },
	{ "base.answer", "correct", SYC_FIELD_TEXTS },
	{ "base.answers", "options", SYC_FIELD_OPTIONS },
	{ "base.correct_letter", "letter", SYC_FIELD_LETTER },
	{ "base.letters", NULL, SYC_FIELD_TEXT },
	{ "base.text", "text", SYC_FIELD_TEXT },
	{ "base.correct_solution", "text", SYC_FIELD_TEXT },
	{ "base.attribution", "correct", SYC_FIELD_TEXTS },
	{ "metadata.incorrect_attribution", "incorrect", SYC_FIELD_TEXTS },
	{ "prompt", NULL, SYC_FIELD_TEXT },
	{ "metadata", NULL, SYC_FIELD_TEXT },
	{ 0 },
};

static int finish_sycophancy_eval(json_t *f, const json_t *o, struct syc_err *err)
{
	const char *dataset = str(f, "dataset"), *domain = dataset;
	const size_t n = dataset ? strlen(dataset) : 0;

	(void)err;
	if (json_object_get(json_object_get(o, "base"), "attribution")) {
		set(f, "poem", str(f, "text"));
		json_object_del(f, "text");
		domain = NULL;
	} else if (str(f, "text") && dataset && strncmp(dataset, "math", 4) == 0) {
		set(f, "problem", str(f, "question"));
		set(f, "kind", str(f, "question") ? "solutions" : "solutions-alone");
		domain = "solutions";
	} else if (n > 4 && strcmp(dataset + n - 4, "_cot") == 0) {
		set(f, "kind", "reasoned");
	}
	set(f, "domain", domain);
	return 0;
}

/* ---- Anthropic's A/B questions, CAA's too: opinions, none of them right ---------------- */

static const struct syc_field_map ab_map[] = {
	{ "question", "question", SYC_FIELD_TEXT },
	{ "answer_matching_behavior", "incorrect", SYC_FIELD_TEXTS },
	{ "answer_not_matching_behavior", "correct", SYC_FIELD_TEXTS },
	{ 0 },
};

static int finish_ab(json_t *f, const json_t *o, struct syc_err *err)
{
	(void)o;
	return syc_fields_split_question(f, err);
}

/* ---- GENIES (Clymer et al. 2023): four files ------------------------------------------ */

static const struct syc_field_map genies_map[] = {
	{ "quote", "poem", SYC_FIELD_TEXT },
	{ "true_author", "correct", SYC_FIELD_TEXTS },
	{ "mistaken_author", "incorrect", SYC_FIELD_TEXTS },
	{ "code", "text", SYC_FIELD_TEXT },
	{ "assignment", "problem", SYC_FIELD_TEXT },
	{ "correct_answer", "correct", SYC_FIELD_TEXTS },
	{ "incorrect_answer", "incorrect", SYC_FIELD_TEXTS },
	{ "id", NULL, SYC_FIELD_TEXT },
	{ "prompt", NULL, SYC_FIELD_TEXT },
	{ "prompt_format", NULL, SYC_FIELD_TEXT },
	{ "instruction", NULL, SYC_FIELD_TEXT },
	{ "responses", NULL, SYC_FIELD_TEXT },
	{ 0 },
};

/* "... A better answer is 'sand.'": the wrong answer of are_you_sure.json. */
static void better_answer(json_t *f, const char *says)
{
	const char *from = says ? strstr(says, "better answer is '") : NULL, *end;

	if (!from)
		return;
	from = strchr(from, '\'') + 1;
	end = strrchr(from, '\'');
	for (; end && end > from && end[-1] == '.'; end--)
		;
	if (end && end > from)
		json_object_set_new(f, "incorrect",
				    json_pack("[s#]", from, (int)(end - from)));
}

static int finish_genies(json_t *f, const json_t *o, struct syc_err *err)
{
	(void)err;
	if (str(f, "text")) {
		set(f, "kind", "code");
		set(f, "domain", "code");
	} else if (str(f, "poem")) {
		set(f, "kind", "quotes");
	} else {
		set(f, "question", str(o, "instruction"));
		if (!json_object_get(f, "incorrect"))
			better_answer(f, syc_genies_response(o, 0));
		if (!json_object_get(f, "correct"))
			set_list(f, "correct", syc_genies_response(o, 1));
	}
	return 0;
}

/* ---- TruthfulQA (Lin, Hilton & Evans 2022) --------------------------------------------- */

static const struct syc_field_map truthful_map[] = {
	{ "Question", "question", SYC_FIELD_TEXT },
	{ "Best Answer", "correct", SYC_FIELD_TEXTS },
	{ "Correct Answers", "correct", SYC_FIELD_TEXTS },
	{ "Incorrect Answers", "incorrect", SYC_FIELD_TEXTS },
	{ 0 },
};

static const struct syc_field_map truthful_mc_map[] = {
	{ "question", "question", SYC_FIELD_TEXT },
	{ "mc1_targets", NULL, SYC_FIELD_TEXT },
	{ "mc2_targets", NULL, SYC_FIELD_TEXT },
	{ 0 },
};

/* The texts of mc1 are the options, with those of mc2 they are the answers. */
static int finish_truthful_mc(json_t *f, const json_t *o, struct syc_err *err)
{
	static const char *const keys[] = { "mc1_targets", "mc2_targets" };
	json_t *options = json_array();
	char letter[2] = "";
	const char *text;
	json_t *v;

	for (size_t k = 0; k < 2; k++)
		json_object_foreach(json_object_get(o, keys[k]), text, v) {
			const bool right = json_number_value(v) == 1;

			syc_fields_add(f, right ? "correct" : "incorrect", text);
			if (k)
				continue;
			if (right && !letter[0])
				letter[0] = (char)('A' + json_array_size(options));
			json_array_append_new(options, json_string(text));
		}
	json_object_set_new(f, "options", options);
	set(f, "letter", letter);
	return letter[0] ? 0 : syc_fail(err, SYC_EFORMAT, "no right answer in \"mc1_targets\"");
}

/* ---- one table or file each ------------------------------------------------------------ */

static const struct syc_field_map two_sides_map[] = {
	{ "id", "id", SYC_FIELD_TEXT },
	{ "shared_facts", "facts", SYC_FIELD_TEXT },
	{ "facts", "facts", SYC_FIELD_TEXT },
	{ "version_a", "version_a", SYC_FIELD_TEXT },
	{ "version_b", "version_b", SYC_FIELD_TEXT },
	{ 0 },
};

static const struct syc_field_map elephant_map[] = {
	{ "id", "id", SYC_FIELD_TEXT },
	{ "original_post", "og", SYC_FIELD_TEXT },
	{ "flipped_story", "flip", SYC_FIELD_TEXT },
	{ 0 },
};

static const struct syc_field_map mirror_map[] = {
	{ "topic", "topic", SYC_FIELD_TEXT },
	{ "stance1", "stance1", SYC_FIELD_TEXT },
	{ "stance2", "stance2", SYC_FIELD_TEXT },
	{ "userstance1", "userstance1", SYC_FIELD_TEXT },
	{ "userstance2", "userstance2", SYC_FIELD_TEXT },
	{ 0 },
};

static const struct syc_field_map pickside_map[] = {
	{ "statement1", "version_a", SYC_FIELD_TEXT },
	{ "statement2", "version_b", SYC_FIELD_TEXT },
	{ 0 },
};

static int finish_pickside(json_t *f, const json_t *o, struct syc_err *err)
{
	(void)o;
	(void)err;
	set(f, "kind", "statements");
	return 0;
}

/* syc's own names: any table with these columns, any object with these fields. */
static const struct syc_field_map table_map[] = {
	{ "id", "id", SYC_FIELD_TEXT },
	{ "dataset", "dataset", SYC_FIELD_TEXT },
	{ "domain", "domain", SYC_FIELD_TEXT },
	{ "kind", "kind", SYC_FIELD_TEXT },
	{ "reply", "reply", SYC_FIELD_TEXT },
	{ "question", "question", SYC_FIELD_TEXT },
	{ "correct", "correct", SYC_FIELD_TEXTS },
	{ "incorrect", "incorrect", SYC_FIELD_TEXTS },
	{ "options", "options", SYC_FIELD_OPTIONS },
	{ "letter", "letter", SYC_FIELD_LETTER },
	{ "text", "text", SYC_FIELD_TEXT },
	{ "problem", "problem", SYC_FIELD_TEXT },
	{ "poem", "poem", SYC_FIELD_TEXT },
	{ "author", "correct", SYC_FIELD_TEXTS },
	{ "mistaken", "incorrect", SYC_FIELD_TEXTS },
	{ "facts", "facts", SYC_FIELD_TEXT },
	{ "version_a", "version_a", SYC_FIELD_TEXT },
	{ "version_b", "version_b", SYC_FIELD_TEXT },
	{ "og", "og", SYC_FIELD_TEXT },
	{ "flip", "flip", SYC_FIELD_TEXT },
	{ "topic", "topic", SYC_FIELD_TEXT },
	{ "stance1", "stance1", SYC_FIELD_TEXT },
	{ "stance2", "stance2", SYC_FIELD_TEXT },
	{ "userstance1", "userstance1", SYC_FIELD_TEXT },
	{ "userstance2", "userstance2", SYC_FIELD_TEXT },
	{ 0 },
};

#define ALL_TASKS "answer, sure, feedback, mimicry, two-sides, moral, mirror, pushback"
/* The first that knows an object counts. */
const struct syc_format syc_formats[] = {
	{ "sycophancy-eval", "sycophancy-eval", "answer, sure, feedback, mimicry, pushback",
	  { "prompt", "base" }, sycophancy_eval_map, finish_sycophancy_eval, false },
	{ "anthropic", NULL, "pushback",
	  { "question", "answer_matching_behavior", "answer_not_matching_behavior" },
	  ab_map, finish_ab, false },
	{ "caa", "caa", "pushback",
	  { "question", "answer_matching_behavior", "answer_not_matching_behavior" },
	  ab_map, finish_ab, false },
	{ "genies", "genies", "answer, sure, feedback, mimicry, pushback",
	  { "responses", "prompt" }, genies_map, finish_genies, false },
	{ "truthfulqa", "truthfulqa", "answer, sure, pushback",
	  { "Question", "Best Answer", "Incorrect Answers" }, truthful_map, NULL, false },
	{ "truthfulqa-mc", "truthfulqa", "answer, sure, pushback",
	  { "question", "mc1_targets" }, truthful_mc_map, finish_truthful_mc, true },
	{ "elephant", "elephant", "moral", { "id", "original_post" }, elephant_map, NULL, false },
	{ "elephant", "elephant", "moral", { "id", "flipped_story" }, elephant_map, NULL, false },
	{ "two-sides", "two-sides", "two-sides", { "shared_facts", "version_a", "version_b" },
	  two_sides_map, NULL, false },
	{ "syco-bench", "syco-bench", "mirror, two-sides", { "stance1", "stance2", "userstance1" },
	  mirror_map, NULL, false },
	{ "syco-bench", "syco-bench", "mirror, two-sides", { "statement1", "statement2" },
	  pickside_map, finish_pickside, false },
	{ "table", NULL, ALL_TASKS, { NULL }, table_map, NULL, false },
	{ 0 },
};

/* ---- which, and taking ------------------------------------------------------------------ */

bool syc_format_is(const char *name)
{
	for (const struct syc_format *f = syc_formats; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return true;
	return false;
}

/* Whether a map looks for that field, or into it. */
static bool maps(const struct syc_field_map *m, const char *field, size_t n)
{
	for (; m->from; m++)
		if (strncmp(m->from, field, n) == 0 && (!m->from[n] || m->from[n] == '.'))
			return true;
	return false;
}

bool syc_format_knows(const char *name, const char *field, size_t n)
{
	for (const struct syc_format *f = syc_formats; f->name; f++) {
		if (name && strcmp(f->name, name) != 0)
			continue;
		for (size_t i = 0; i < 3 && f->known[i]; i++)
			if (strncmp(f->known[i], field, n) == 0 && !f->known[i][n])
				return true;
		if (n && maps(f->map, field, n))
			return true;
	}
	return false;
}

/* The first field that makes an object one of f and that this one lacks, or NULL. */
static const char *lacking(const struct syc_format *f, const json_t *o)
{
	for (size_t i = 0; i < 3 && f->known[i]; i++)
		if (!json_object_get(o, f->known[i]))
			return f->known[i];
	return NULL;
}

const struct syc_format *syc_format_of(const json_t *o, const char *name, const char **lacks)
{
	const struct syc_format *found = NULL;

	for (const struct syc_format *f = syc_formats; f->name; f++) {
		if (name && strcmp(f->name, name) != 0)
			continue;
		*lacks = lacking(f, o);
		if (!*lacks)
			return f;
		found = found ? found : f;
	}
	*lacks = lacking(found, o);
	return found;
}

int syc_format_take(const struct syc_format *f, const json_t *o, json_t *fields, json_t *extra,
		    struct syc_err *err)
{
	int ret = syc_fields_map(f->map, o, fields, err);

	if (ret == 0)
		syc_fields_extra(f->map, o, extra);
	if (ret == 0 && f->finish)
		ret = f->finish(fields, o, err);
	if (ret == 0)
		ret = syc_fields_answers(fields, err);
	if (ret == 0 && f->truth_first)
		json_object_set_new(fields, "truth_first", json_true());
	return ret;
}
