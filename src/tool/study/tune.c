/* SPDX-License-Identifier: MIT */
/* A study of tuning: its steps and commands. */
#include "config.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "syc/arms.h"
#include "tool/common/fail.h"
#include "tool/study/jobs.h"
#include "tool/study/tune.h"

#define REC "syc-rec -q -m {model} --resume --keep-going --dtype f32 "
#define VEC "syc-vec mean -q --keep-going -o {file} "
#define SHIFT \
	"syc-shift --json -q -m {model} --lora {stem} --at-kl {kl} --kl-prompts unrelated.jsonl " \
	"-d contrast.gguf --nulls contrast.null.npz --layers {layer} --draws {draws} " \
	"--seed {seed} --both-orders {options} tested.jsonl"

enum { SMALL = 48 };	/* rows of a small training set, at most */

/* ---- before the first step ------------------------------------------------------- */

static unsigned arm_named(const char *name, size_t n)
{
	for (unsigned i = 0; i < SYC_N_ARMS; i++)
		if (strlen(syc_arm_name(i)) == n && strncmp(syc_arm_name(i), name, n) == 0)
			return i;
	tool_usage(&study_tool, "--arms: '%.*s' is no arm: see syc-tune(1)", (int)n, name);
}

void tuning_parse(struct study *s)
{
	const char *at = s->o.arms;
	unsigned seen = 0;

	while (at && *at) {
		const size_t n = strcspn(at, ",");
		const unsigned arm = arm_named(at, n);

		if (seen & 1u << arm)
			tool_usage(&study_tool, "--arms: %s comes twice", syc_arm_name(arm));
		seen |= 1u << arm;
		at += n + (at[n] == ',');
	}
	if (s->o.arms && !seen)
		tool_usage(&study_tool, "--arms: no arm is named");
	s->o.seeds = s->o.seeds ? s->o.seeds : 5;
	s->o.examples = s->o.examples ? s->o.examples : 200;
	s->o.draws = s->o.draws ? s->o.draws : 39;
}

/* In the order of the list, without agree where no row says what is true. */
static void name_arms(struct tuning *t)
{
	const char *at = t->s->o.arms;

	for (unsigned i = 0; !at && i < SYC_N_ARMS; i++)
		if (i != SYC_ARM_AGREE || t->has_truth)
			t->arm[t->n_arms++] = syc_arm_name(i);
	while (at && *at) {
		const size_t n = strcspn(at, ",");

		t->arm[t->n_arms++] = syc_arm_name(arm_named(at, n));
		at += n + (at[n] == ',');
	}
}

static void add_run(struct tuned **run, size_t *n, const char *arm, unsigned seed, char *stem)
{
	struct tuned *more = realloc(*run, (*n + 1) * sizeof(*more));

	if (!more)
		out_of_memory();
	*run = more;
	more[(*n)++] = (struct tuned){ arm, seed, stem };
}

static void name_runs(struct tuning *t)
{
	for (size_t a = 0; a < t->n_arms; a++)
		for (unsigned k = 1; k <= t->s->o.seeds; k++)
			add_run(&t->run, &t->n_runs, t->arm[a], k,
				text_new("tune/%s-%u", t->arm[a], k));
	for (size_t i = 0; i < t->s->n_small; i++)
		add_run(&t->set, &t->n_sets, t->s->small[i], 1,
			text_new("sets/%s", t->s->small[i]));
}

static int is_set(const struct dirent *d)
{
	const size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 6 && strcmp(d->d_name + n - 6, ".jsonl") == 0;
}

int tuning_prepare(struct study *s, struct syc_err *err)
{
	struct dirent **file;
	int n;

	if (!s->o.small_sets)
		return 0;
	s->small_folder = study_absolute(s->o.small_sets, err);
	if (!s->small_folder)
		return SYC_EIO;
	n = scandir(s->small_folder, &file, is_set, alphasort);
	if (n < 0)
		return fail(err, SYC_EIO, "%s: %s", s->o.small_sets, strerror(errno));
	s->small = calloc((size_t)n + 1, sizeof(*s->small));
	if (!s->small)
		out_of_memory();
	for (int i = 0; i < n; i++) {
		s->small[s->n_small++] = text_new("%.*s", (int)strlen(file[i]->d_name) - 6,
						  file[i]->d_name);
		free(file[i]);
	}
	free(file);
	return n < 4 ? fail(err, SYC_EINVAL, "%s has %d sets (*.jsonl): fewer than 4 tell nothing",
			    s->o.small_sets, n) : 0;
}

/* ---- questions -------------------------------------------------------------------- */

static int questions(struct tuning *t, struct syc_err *err)
{
	struct study *s = t->s;
	int ret = 0;

	children_step(&s->children, words_fill(&s->words, "Questions: training on {train}"));
	if (tuning_makes_pairs(s))
		ret = study_make_from(s, false, &s->n_pairs, err);
	if (ret == 0 && s->prompts)
		ret = study_make_from(s, true, &s->n_prompts, err);
	if (ret == 0)
		ret = tuning_choose_truth(t, err);
	if (ret == 0)
		ret = tuning_choose(t, err);
	if (ret == 0)
		ret = study_take_unrelated(s, err);
	if (ret < 0)
		return ret;
	name_arms(t);
	name_runs(t);
	for (size_t i = 0; i < t->n_runs + t->n_sets; i++) {
		const struct tuned *r = i < t->n_runs ? &t->run[i] : &t->set[i - t->n_runs];
		char *json = text_new("%s.json", r->stem);

		/* A backward pass takes two of those that only read; three vectors have nulls. */
		children_expect(&s->children, 9 * (double)t->n_examples, r->stem);
		children_expect(&s->children, (24 + 3 * s->o.draws) * (double)t->n_tested, json);
		free(json);
	}
	return 0;
}

/* ---- the contrast vector, and the untuned model ------------------------------------ */

struct make {
	const char *file, *command;
};

static int make_all(struct study *s, const struct make *m, size_t n, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		char *file = words_fill(&s->words, m[i].file);

		ret = jobs_make(s, file, m[i].command, false, err);
		free(file);
	}
	return ret;
}
#define MAKE_ALL(s, m, err) make_all(s, m, sizeof(m) / sizeof((m)[0]), err)

static int find_layer(struct tuning *t, struct syc_err *err)
{
	struct study *s = t->s;
	const char *path = "contrast.gguf";
	struct syc_vector *v;
	int ret = syc_vector_read(&v, path, NULL, err);

	if (ret < 0)
		return ret;
	s->n_layers = v->n_layers;
	syc_vector_free(v);
	s->found.layer = s->o.layers.n ? (int)s->o.layers.v[0] : (int)(s->n_layers - 1) / 2;
	words_set(&s->words, "layer", "%d", s->found.layer);
	return (size_t)s->found.layer < s->n_layers ? 0 :
	       fail(err, SYC_EINVAL, "--layers: the model has layers 0 to %zu", s->n_layers - 1);
}

/* Recorded once, read at several places. */
static int contrast(struct tuning *t, struct syc_err *err)
{
	static const struct make prompts[] = {
		{ "prompts.recorded.jsonl",
		  REC "--positions prompt -r prompts.npz -o {file} {options} prompts.jsonl" },
	};
	static const struct make pairs[] = {
		{ "pairs.recorded.jsonl",
		  REC "--positions letter,last -r pairs.npz -o {file} {options} pairs.jsonl" },
	};
	static const struct make vectors[] = {
		{ "contrast.gguf",
		  VEC "-a {acts} --write-nulls contrast.null.npz --null cov:200 --position {position} "
		  "{balance} {claims_of}" },
		{ "vectors.json", "syc-info --json contrast.gguf" },
	};
	static const struct make answers[] = {
		{ "answers.gguf", VEC "-a pairs.npz --position last --balance pairs.recorded.jsonl" },
	};
	struct study *s = t->s;
	int ret = 0;

	children_step(&s->children, text_new("The contrast vector"));
	if (s->prompts)
		ret = MAKE_ALL(s, prompts, err);
	if (ret == 0 && tuning_makes_pairs(s))
		ret = MAKE_ALL(s, pairs, err);
	if (ret == 0)
		ret = MAKE_ALL(s, vectors, err);
	if (ret == 0 && t->n_sets)
		ret = MAKE_ALL(s, answers, err);
	return ret < 0 ? ret : find_layer(t, err);
}

static int untuned(struct tuning *t, struct syc_err *err)
{
	static const struct make made[] = {
		{ "asked.jsonl", "syc-stance twins tested.jsonl" },
		{ "answers.jsonl",
		  "syc-gen -q -m {model} -n 8 --choices --both-orders --positions prompt,last "
		  "-r answers.npz -o {file} --resume --keep-going {options} asked.jsonl" },
		{ "stance.json", "syc-stance effect --json --keep-going answers.jsonl" },
		{ "labeled.jsonl", "syc-stance label --keep-going answers.jsonl" },
	};
	struct study *s = t->s;
	int ret;

	children_step(&s->children, text_new("The untuned model's answers"));
	ret = MAKE_ALL(s, made, err);
	return ret < 0 ? ret : study_choose(s, (struct choice){ .to = "given.jsonl",
			.from = "labeled.jsonl", .how = { .given = true } }, NULL, err);
}

/* ---- tuning ------------------------------------------------------------------------ */

/* An adapter, and what it did. */
static int tune_one(struct study *s, const struct tuned *r, struct syc_err *err)
{
	static const struct make made[] = {
		{ "{stem}",
		  "syc-tune -q -m {model} --resume --seed {seed} -o {file} {tuning} {options} "
		  "{stem}.rows.jsonl" },
		{ "{stem}.json", SHIFT " -o {stem}.gguf" },
	};

	words_set(&s->words, "stem", "%s", r->stem);
	words_set(&s->words, "seed", "%u", r->seed);
	return MAKE_ALL(s, made, err);
}

static int tune_run(struct study *s, const struct tuned *r, struct syc_err *err)
{
	char *file = text_new("%s.rows.jsonl", r->stem);
	int ret;

	words_set(&s->words, "arm", "%s", r->arm);
	words_set(&s->words, "seed", "%u", r->seed);
	words_set(&s->words, "arm_rows", "%s",
		  strcmp(r->arm, syc_arm_name(SYC_ARM_AGREE)) == 0 ? "truth" : "trained");
	ret = jobs_make(s, file, "syc-tune rows -q --arm={arm} --seed={seed} -o {file} "
			"{arm_rows}.jsonl", false, err);
	free(file);
	return ret < 0 ? ret : tune_one(s, r, err);
}

static int tune_all(struct tuning *t, struct syc_err *err)
{
	struct study *s = t->s;
	int ret = 0;

	words_set(&s->words, "n_runs", "%zu", t->n_runs);
	words_set(&s->words, "n_arms", "%zu", t->n_arms);
	children_step(&s->children, words_fill(&s->words, "Tuning: {n_arms} arms, {n_runs} runs"));
	for (size_t i = 0; i < t->n_runs && ret == 0; i++) {
		if (!s->children.quiet)
			tool_say("    %s, seed %u", t->run[i].arm, t->run[i].seed);
		fflush(stdout);
		ret = tune_run(s, &t->run[i], err);
	}
	return ret;
}

/* ---- the mean shifts in the untuned model ------------------------------------------- */

static int mean_vectors(struct tuning *t, struct syc_err *err)
{
	struct study *s = t->s;
	int ret = 0;

	words_clear(&s->words, "shifts");
	words_clear(&s->words, "means");
	for (size_t i = 0; i < t->n_runs; i++)
		words_add(&s->words, "shifts", "%s.gguf", t->run[i].stem);
	for (size_t a = 0; a < t->n_arms && ret == 0; a++) {
		char *file = text_new("%s.gguf", t->arm[a]);

		words_clear(&s->words, "own");
		for (size_t i = 0; i < t->n_runs; i++)
			if (t->run[i].arm == t->arm[a])
				words_add(&s->words, "own", "%s.gguf", t->run[i].stem);
		words_add(&s->words, "means", "%s", t->arm[a]);
		ret = jobs_make(s, file, "syc-vec combine -q --average -o {file} {own}", false,
				err);
		free(file);
	}
	return ret;
}

static int in_untuned(struct tuning *t, struct syc_err *err)
{
	static const struct make made[] = {
		{ "cosines.json", "syc-vec compare --json {shifts} contrast.gguf" },
		{ "scored.jsonl", "syc-score --direction={means}.gguf given.jsonl" },
		{ "steered.json",
		  "syc-sweep --json -q -m {model} --keep-going --both-orders --answers 8 -n 8 "
		  "--kl-prompts unrelated.jsonl --at-kl {kl} --direction={means}.gguf "
		  "--at-once {layer} --op add:1 {options} tested.jsonl" },
	};
	struct study *s = t->s;
	int ret;

	children_step(&s->children, text_new("The mean shifts in the untuned model"));
	ret = mean_vectors(t, err);
	if (ret == 0)
		ret = MAKE_ALL(s, made, err);
	for (size_t a = 0; a < t->n_arms && ret == 0; a++) {
		char *file = text_new("%s.fit.json", t->arm[a]);

		words_set(&s->words, "arm", "%s", t->arm[a]);
		ret = jobs_make(s, file, "syc-fit --json --position prompt --cluster claim "
				"--vector {arm} --outcome shift scored.jsonl", false, err);
		free(file);
	}
	return ret;
}

/* ---- small sets ---------------------------------------------------------------------- */

static int small_set(struct study *s, const struct tuned *r, struct syc_err *err)
{
	static const struct make trained[] = {
		{"{stem}.trained.jsonl", REC
		 "--positions last -r {stem}.trained.npz -o {file} {options} {stem}.rows.jsonl"},
	};
	static const struct make own[] = {
		{ "{stem}.own.jsonl",
		  "syc-gen -q -m {model} -n {longest} --resume --keep-going --positions last "
		  "-r {stem}.own.npz -o {file} {options} {stem}.rows.jsonl" },
	};
	char *recorded = text_new("%s.trained.jsonl", r->stem);
	double longest;
	int ret;

	words_set(&s->words, "small", "%s/%s.jsonl", s->small_folder, r->arm);
	words_set(&s->words, "stem", "%s", r->stem);
	ret = study_choose(s, (struct choice){ .to = "{stem}.rows.jsonl", .from = "{small}",
			.not_on = "tested.jsonl",
			.how = { .n = SMALL } }, NULL, err);
	if (ret == 0)
		ret = MAKE_ALL(s, trained, err);
	if (ret == 0)
		ret = syc_rows_file_most(&longest, recorded, "n_completion", err);
	/* As long as those of the set, so that their last tokens are of a kind. */
	if (ret == 0)
		words_set(&s->words, "longest", "%.0f", longest);
	if (ret == 0)
		ret = MAKE_ALL(s, own, err);
	free(recorded);
	return ret < 0 ? ret : tune_one(s, r, err);
}

static int small_sets(struct tuning *t, struct syc_err *err)
{
	struct study *s = t->s;
	int ret = 0;

	words_set(&s->words, "n_small", "%zu", t->n_sets);
	children_step(&s->children,
		      words_fill(&s->words, "{n_small} small sets: what was foretold"));
	words_clear(&s->words, "shifts");
	for (size_t i = 0; i < t->n_sets && ret == 0; i++) {
		words_add(&s->words, "shifts", "%s.gguf", t->set[i].stem);
		ret = small_set(s, &t->set[i], err);
	}
	return ret < 0 ? ret
		       : jobs_make(s, "sets.cosines.json",
				   "syc-vec compare --json answers.gguf {shifts}", false, err);
}

/* ---- all of it ------------------------------------------------------------------------ */

static int make_folder(struct study *s, const char *name, struct syc_err *err)
{
	syc_buf_printf(&s->children.commands, "mkdir -p %s\n", name);
	return mkdir(name, 0777) == 0 || errno == EEXIST ? 0 :
	       fail(err, SYC_EIO, "%s: %s", name, strerror(errno));
}

static void say_settings(struct study *s)
{
	struct words *w = &s->words;

	words_clear(w, "other_paths");
	for (size_t i = 0; i < s->n_sets; i++)
		if (i != s->train)
			words_add(w, "other_paths", "%s", s->set[i].path);
	words_clear(w, "made_from");
	if (tuning_makes_pairs(s))
		words_add(w, "made_from", "pairs");
	if (s->prompts)
		words_add(w, "made_from", "prompts");
	words_set(w, "draws", "%u", s->o.draws);
	words_clear(w, "tuning");
	if (s->o.tuning) {
		char *all = text_new("%s", s->o.tuning);

		for (char *p = strtok(all, " "); p; p = strtok(NULL, " "))
			words_add(w, "tuning", "%s", p);
		free(all);
	}
}

static void tuning_end(struct tuning *t)
{
	for (size_t i = 0; i < t->n_runs; i++)
		free(t->run[i].stem);
	for (size_t i = 0; i < t->n_sets; i++)
		free(t->set[i].stem);
	free(t->run);
	free(t->set);
}

int study_tune(struct study *s, struct syc_err *err)
{
	static int (*const steps[])(struct tuning *, struct syc_err *) = {
		questions, contrast, untuned, tune_all, in_untuned, small_sets, tuning_tables,
		tuning_page,
	};
	enum { N = sizeof(steps) / sizeof(steps[0]) };
	struct tuning t = { .s = s };
	int ret = make_folder(s, "tune", err);

	if (ret == 0 && s->n_small)
		ret = make_folder(s, "sets", err);
	s->children.n_steps = s->n_small ? N : N - 1;
	study_say_settings(s);
	say_settings(s);
	for (size_t i = 0; i < N && ret == 0; i++)
		ret = steps[i] == small_sets && !s->n_small ? 0 : steps[i](&t, err);
	tuning_end(&t);
	return ret < 0 ? ret : children_save(&s->children, err);
}
