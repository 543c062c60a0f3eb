/* SPDX-License-Identifier: MIT */
/* The commands of a study: a table. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "syc/draws.h"
#include "tool/study/jobs.h"

/* How often the model passes over a prompt, about. */
enum passes {
	NONE,
	OF_PAIRS,	/* the questions that vectors are made from, both answers */
	OF_PROMPTS,	/* the pairs of prompts */
	OF_ADAPTER,	/* the same, with and without the adapter */
	OF_ANSWERS,	/* a set's questions */
	OF_PRIMARY,
	OF_SLOPES,
	OF_TRUTH,
	OF_WORDS,
	OF_EQUAL,
	OF_METHODS,	/* settings of sweeps */
};

#define REC "syc-rec -q -m {model} --resume --keep-going --dtype f32 "
#define VEC(method) "syc-vec " method " -q --keep-going -o {file} "
#define OF_MODEL "-m {model} {options} "
#define FIT "syc-fit --json --position prompt --cluster={cluster}"
#define STABILITY "syc-vec stability --json -q --keep-going -a {acts}"
#define SWEEP \
	"syc-sweep --json -q -m {model} --keep-going --both-orders --answers 8 " \
	"--kl-prompts unrelated.jsonl "

#define WORDS "syc-gen -q -m {model} -n 60 --keep-going -o {file} "

/*
 * A program that is not told -o {file} prints what becomes the file.  Behind "-" it may
 * fail: the study goes on without the file.
 */
static const struct job {
	enum group group;
	enum passes passes;
	const char *file, *command;
} jobs[] = {
	/* Once for all vectors: what is read in memory is the same, to the bit. */
	{PAIRED, OF_PAIRS, "pairs.recorded.jsonl",
	 REC "--positions letter,last -r pairs.npz -o {file} {options} pairs.jsonl"},
	{PAIRED, OF_PROMPTS, "prompts.recorded.jsonl",
	 REC "--positions prompt -r prompts.npz -o {file} {options} prompts.jsonl"},
	{PAIRED, NONE, "repeats.pairs.jsonl", "-syc-stance repeats pairs.jsonl"},
	{VECTORS, NONE, "mean.gguf",
	 VEC("mean") "-a {acts} --write-nulls mean.null.npz --null {kinds} --position {position} "
	 "{balance} {claims_of}"},
	{VECTORS, NONE, "pca.gguf", VEC("pca") "-a {acts} --position {position} {balance}"},
	{VECTORS, NONE, "lda.gguf", VEC("lda") "-a {acts} --position {position} {balance}"},
	{VECTORS, NONE, "logistic.gguf",
	 VEC("logistic") "-a {acts} --position {position} {balance}"},
	{VECTORS, OF_ADAPTER, "adapter.gguf",
	 VEC("diff") OF_MODEL "--lora {lora} --position last pairs.jsonl"},
	{VECTORS, NONE, "letter.gguf",
	 VEC("mean") "-a pairs.npz --position letter --balance pairs.recorded.jsonl"},
	{VECTORS, NONE, "last.gguf",
	 VEC("mean") "-a pairs.npz --position last --balance pairs.recorded.jsonl"},
	{VECTORS, NONE, "ab.gguf",
	 "-" VEC("letters") "-a pairs.npz --position letter pairs.recorded.jsonl"},
	{VECTORS, OF_PAIRS, "repeats.gguf",
	 "-" VEC("mean") OF_MODEL "--position mean repeats.pairs.jsonl"},

	{COMPARED, NONE, "cosines.tsv", "syc-vec compare --tsv {vectors}.gguf"},
	{COMPARED, NONE, "cosines.json", "syc-vec compare --json {vectors}.gguf"},
	{COMPARED, NONE, "vectors.json", "syc-info --json {vectors}.gguf"},

	{ANSWERED, NONE, "{set}.asked.jsonl", "syc-stance twins {set}.questions.jsonl"},
	{ANSWERED, OF_ANSWERS, "{set}.answers.jsonl",
	 "syc-gen -q -m {model} {drawing} --positions prompt,last -r {set}.npz -o {file} --resume "
	 "--keep-going "
	 "{options} {set}.asked.jsonl"},
	{ANSWERED, NONE, "{set}.stance.json",
	 "syc-stance effect --json --keep-going {set}.answers.jsonl"},
	{ANSWERED, NONE, "{set}.risk.jsonl", "syc-stance label --keep-going {set}.answers.jsonl"},
	{ANSWERED, NONE, "{set}.labeled.jsonl",
	 "{labeling} --keep-going {set}.{labeled_from}.jsonl"},
	{SCORED, NONE, "{set}.jsonl", "syc-score --direction={vectors}.gguf {set}.given.jsonl"},

	{FITTED, NONE, "{set}.json", FIT " --null 200 {set}.jsonl"},
	{FITTED, NONE, "{set}.tsv",
	 "syc-fit --tsv --position prompt --null 200 --cluster={cluster} {set}.jsonl"},
	{OWN, NONE, "{train}.json",
	 FIT " --null random,{kinds} --nulls mean=mean.null.npz --compare --claim claim "
	 "--view view {train}.jsonl"},
	{OWN, NONE, "{train}.tsv",
	 "syc-fit --tsv --position prompt --null random,{kinds} --nulls mean=mean.null.npz "
	 "--cluster={cluster} --claim claim --view view {train}.jsonl"},
	{BESIDE, NONE, "shift.json", FIT " --vector mean --outcome shift {train}.jsonl"},
	{BESIDE, NONE, "all-held.json", FIT " --vector mean --undecided 0 {train}.jsonl"},
	{BESIDE, NONE, "all-moved.json", FIT " --vector mean --undecided 1 {train}.jsonl"},
	{BESIDE, NONE, "after.json",
	 "syc-fit --json --position last --cluster={cluster} --vector mean --claim claim "
	 "{train}.jsonl"},
	{BESIDE, NONE, "probe.json", "-syc-vec probe -q --json --target {target} {train}.jsonl"},
	{BESIDE, NONE, "increment.json",
	 "-" FIT " --vector mean --claim claim --baseline all {train}.jsonl"},
	{BESIDE, NONE, "confounds.json",
	 FIT " --vector mean --claim claim --view view --confound=answer_matching_behavior "
	 "--confound=n_prompt --confound={confounds} {train}.jsonl"},
	{TRANSFERRED, NONE, "transfer.tsv",
	 "-syc-fit --transfer --tsv --cv {folds} --position prompt --cluster={cluster} "
	 "{sets}.jsonl"},
	{TRANSFERRED, NONE, "transfer.json",
	 "-syc-fit --transfer --json --cv {folds} --position prompt --cluster={cluster} "
	 "{sets}.jsonl"},
	{STABLE, NONE, "stability.all.json",
	 STABILITY " --layers {layer} --methods mean,pca,lda,logistic --position {position} "
		   "--boot 30 --halves 30 {balance}"},
	{STABLE, NONE, "stability.json",
	 STABILITY " --methods mean --position {position} --boot 30 --halves 30 {balance}"},

	{SWEPT, OF_PRIMARY, "primary.json",
	 SWEEP "-n 40 --text text.txt --control={control} --at-kl {kl} -d {primary}.gguf "
	       "--at-once {primary_layers} {primary_ops} --null {null} {nulls} --way {way} "
	       "{options} steered.jsonl"},
	{SCALED, OF_SLOPES, "slopes.json",
	 SWEEP "--per-question -d {primary}.gguf --at-once {primary_layers} "
	       "--op={slope_op}:{slope_scales}{slope_rule} {options} steered.jsonl"},
	{SCALED, OF_TRUTH, "truth.json",
	 SWEEP "-n 0 -d {primary}.gguf --at-once {primary_layers} {fixed_ops} "
	       "--control truth-false.jsonl {options} truth.jsonl"},
	{SCALED, OF_WORDS, "words.unsteered.jsonl",
	 WORDS "{options} words.jsonl"},
	{SCALED, OF_WORDS, "words.primary.jsonl",
	 WORDS "{steer_primary} {options} words.jsonl"},
	{SCALED, OF_WORDS, "words.opposite.jsonl",
	 WORDS "{steer_opposite} {options} words.jsonl"},
	{SCALED, OF_EQUAL, "equal.json",
	 SWEEP "--text text.txt --control={control} --at-kl {kl} -d {primary}.gguf "
	       "--layers {layers} {at_once} --op add --op ablate --prompt={prompts} {options} "
	       "steered.jsonl"},
	{SCALED, OF_METHODS, "sweep-methods.json",
	 SWEEP "--text text.txt --control={control} --at-kl {kl} --direction={steering}.gguf "
	       "--at-once {primary_layers} --op add --op ablate {options} steered.jsonl"},

	{DRAWN_OF_LABELS, NONE, "auc.svg",
	 "syc-plot -o {file} --kind auc --position prompt {sets}.json"},
	{DRAWN_OF_LABELS, NONE, "positions.svg",
	 "syc-plot -o {file} --kind auc --size 900x420 --vector mean {train}.json after.json"},
	{DRAWN_OF_LABELS, NONE, "points.svg",
	 "syc-plot -o {file} --kind points --size 900x420 --vector mean --position prompt "
	 "--layers {layer} "
	 "--xlabel 'cosine with the vector mean' {train}.jsonl"},
	{DRAWN_OF_LABELS, NONE, "transfer.svg",
	 "syc-plot -o {file} --kind transfer --size 900x420 --vector mean transfer.json"},
	{DRAWN_OF_LABELS, NONE, "calibration.svg",
	 "syc-plot -o {file} --kind calibration --vector mean --layers {layer} {sets}.json"},
	{DRAWN, NONE, "views.svg",
	 "syc-plot -o {file} --kind views --size 900x420 {train}.stance.json "
	 "{others}.stance.json"},
	{DRAWN, NONE, "methods.svg", "syc-plot -o {file} --kind heat --size 900x560 cosines.json"},
	{DRAWN, NONE, "stability.svg", "syc-plot -o {file} --kind stability stability.json"},
	{DRAWN, NONE, "vectors.svg", "syc-plot -o {file} --kind vector vectors.json"},
	{DRAWN, NONE, "equal.svg", "syc-plot -o {file} --kind best --of effect equal.json"},
	{DRAWN, NONE, "slopes.svg", "syc-plot -o {file} --kind slopes slopes.json"},
	{DRAWN, NONE, "grid.svg", "syc-plot -o {file} --kind grid grid.json"},
};
enum { N_JOBS = sizeof(jobs) / sizeof(jobs[0]) };

/* Plots of what is done only where the view has an effect. */
static bool is_of_steering(const struct job *j)
{
	return strcmp(j->file, "equal.svg") == 0 || strcmp(j->file, "slopes.svg") == 0;
}

static bool may_lack(const struct job *j)
{
	return *j->command == '-' || j->group == DRAWN || j->group == DRAWN_OF_LABELS;
}

/* A quick study makes two vectors, and neither steers nor makes any again. */
static bool is_quick(const struct job *j)
{
	if (j->group == VECTORS)
		return strcmp(j->file, "mean.gguf") == 0 || strcmp(j->file, "last.gguf") == 0 ||
		       may_lack(j);
	return j->group != STABLE && j->group != SWEPT && j->group != SCALED &&
	       strcmp(j->file, "stability.svg") != 0 &&
	       !is_of_steering(j);
}

/* Whether this study has a vector, or a plot of one. */
static bool wanted(const struct study *s, const struct job *j)
{
	return (study_goes_on(s) || !is_of_steering(j)) &&
	       (s->lora || strcmp(j->file, "adapter.gguf") != 0) &&
	       (s->prompts || (j->passes != OF_PROMPTS && strcmp(j->file, "letter.gguf") != 0)) &&
	       (!s->o.quick || is_quick(j)) &&
	       (s->has_truth || (j->passes != OF_TRUTH && j->passes != OF_WORDS)) &&
	       ((s->o.grid && study_goes_on(s)) || strcmp(j->file, "grid.svg") != 0) &&
	       (s->o.sampled || strcmp(j->file, "{set}.risk.jsonl") != 0);
}

static const char *command_of(const struct job *j)
{
	return j->command + (*j->command == '-');
}

int jobs_make(struct study *s, const char *file, const char *command, bool may_fail,
	      struct syc_err *err)
{
	struct cmd c = { .may_fail = may_fail };
	int ret;

	words_set(&s->words, "file", "%s", file);
	cmd_expand(&c, &s->words, command);
	ret = child_make(&s->children, &c, file,
			 strstr(command, "-o {file}") ? CHILD_WRITES : CHILD_PRINTS, err);
	cmd_free(&c);
	return ret;
}

static int do_job(struct study *s, const struct job *j, struct syc_err *err)
{
	char *file = words_fill(&s->words, j->file);
	const int ret = jobs_make(s, file, command_of(j), may_lack(j), err);

	free(file);
	return ret;
}

/* It could not be made. */
static void forget_vector(struct study *s, const char *file)
{
	size_t n = 0;

	words_clear(&s->words, "vectors");
	for (size_t i = 0; i < s->n_vectors; i++) {
		const size_t length = strlen(s->vector[i]);

		if (strncmp(file, s->vector[i], length) == 0 && file[length] == '.') {
			free(s->vector[i]);
			continue;
		}
		words_add(&s->words, "vectors", "%s", s->vector[i]);
		s->vector[n++] = s->vector[i];
	}
	s->n_vectors = n;
}

int jobs_do(struct study *s, enum group group, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < N_JOBS && ret == 0; i++) {
		if (jobs[i].group != group || !wanted(s, &jobs[i]))
			continue;
		ret = do_job(s, &jobs[i], err);
		if (ret != SYC_EINVAL || !may_lack(&jobs[i]))
			continue;
		child_left_out(err->msg);
		if (!s->children.quiet)
			tool_warn(&study_tool, "%s", err->msg);
		if (group == VECTORS)
			forget_vector(s, jobs[i].file);
		ret = 0;
	}
	return ret;
}

int jobs_make_nulls(struct study *s, struct syc_err *err)
{
	static const char file[] = "primary.null.npz";
	char *vector = text_new("%s.gguf", s->primary.vector);
	struct cmd c = { 0 };
	int ret = 0;

	words_clear(&s->words, "nulls");
	words_set(&s->words, "file", "primary.null.gguf");
	for (size_t i = 0; i < N_JOBS && words_any(&s->words, "null_kinds"); i++)
		if (jobs[i].group == VECTORS && strcmp(jobs[i].file, vector) == 0) {
			cmd_expand(&c, &s->words, command_of(&jobs[i]));
			if (strstr(jobs[i].command, "{acts}") &&
			    !strstr(jobs[i].command, "{claims_of}"))
				cmd_expand(&c, &s->words, "{claims_of}");
			cmd_expand(&c, &s->words, "--null={null_kinds} --write-nulls=primary.null.npz");
			ret = child_make(&s->children, &c, file, CHILD_WRITES, err);
			words_add(&s->words, "nulls", "--nulls=%s=%s", s->primary.vector, file);
		}
	cmd_free(&c);
	free(vector);
	return ret;
}

void jobs_skip(struct study *s, enum group group)
{
	for (size_t i = 0; i < N_JOBS; i++)
		if (jobs[i].group == group && wanted(s, &jobs[i])) {
			char *file = words_fill(&s->words, jobs[i].file);

			children_forget(&s->children, file);
			free(file);
		}
}

/* ---- vectors ------------------------------------------------------------ */

void jobs_name_vectors(struct study *s)
{
	struct cmd how = { 0 };

	for (size_t i = 0; i < N_JOBS; i++)
		if (jobs[i].group == VECTORS && wanted(s, &jobs[i])) {
			char *name = text_new("%.*s",
					      (int)strcspn(jobs[i].file, "."),
					      jobs[i].file);

			words_add(&s->words, "vectors", "%s", name);
			/* Rivals are not steered with. */
			if (!may_lack(&jobs[i]))
				words_add(&s->words, "steering", "%s", name);
			s->vector[s->n_vectors++] = name;
		}
	cmd_expand(&how, &s->words,
		   s->o.sampled ? "-n 48 --temperature 1 --choices"
				: "-n 8 --choices --both-orders");
	for (size_t i = 0; i < how.n; i++)
		words_add(&s->words, "drawing", "%s", how.arg[i]);
	cmd_free(&how);
}

/* ---- how much there is to do ------------------------------------------- */

/*
 * Each question is steered in both orders.  The scale for a KL takes about eight looks
 * at eight answers, of a draw two, since it begins where the last one ended; a token
 * that is generated counts for a fortieth of a prompt.
 */
static double passes_of(const struct study *s, enum passes p,
			size_t n_questions)
{
	const double pairs = 2 * (double)s->n_pairs,
		     layers = s->o.layers.n ? (double)s->o.layers.n : 3;
	const double rows = 2 * (double)s->n_steered, search = 8 * 8,
		     each = rows + 2 * (double)s->n_control + search;
	double draws = 0;

	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		draws += (double)s->n_draws[k];
	if (!(draws > 0))	/* all that the page may ask for */
		draws = (double)syc_draws_for(2 * s->n_sets + 6);
	switch (p) {
	case NONE: break;
	case OF_PAIRS: return pairs;
	case OF_PROMPTS: return 2 * (double)s->n_prompts;
	case OF_ADAPTER: return 2 * pairs;
	case OF_ANSWERS:
		return (s->o.sampled ? 1 + 48 / 40. : 2 * (1 + 8 / 40.)) *
		       (double)n_questions;
	case OF_PRIMARY: return 3 * each + 2 * draws * (rows + 16);
	case OF_SLOPES: return 5 * (rows + 8);
	case OF_TRUTH: return 3 * 2 * 2 * (double)s->n_control;
	case OF_WORDS: return 2.5 * (double)s->n_control;
	case OF_EQUAL: return (3 * (layers + 1) + 3) * each;
	case OF_METHODS: return (3 * (double)words_count(&s->words, "steering") + 1) * each;
	}
	return 0;
}

/* Of a job, of a set's when it is done for each. */
static void expect(struct study *s, const struct job *j, size_t n_questions)
{
	char *file = words_fill(&s->words, j->file);

	children_expect(&s->children, passes_of(s, j->passes, n_questions),
			file);
	free(file);
}

void jobs_renew(struct study *s, enum group group)
{
	jobs_skip(s, group);
	for (size_t i = 0; i < N_JOBS; i++)
		if (jobs[i].group == group && wanted(s, &jobs[i]))
			expect(s, &jobs[i], 0);
}

void jobs_expect(struct study *s)
{
	for (size_t i = 0; i < N_JOBS; i++)
		if (jobs[i].passes != NONE && jobs[i].passes != OF_ANSWERS &&
		    wanted(s, &jobs[i]))
			expect(s, &jobs[i], 0);
	for (size_t k = 0; k < s->n_sets; k++) {
		words_set(&s->words, "set", "%s", s->set[k].name);
		for (size_t i = 0; i < N_JOBS; i++)
			if (jobs[i].passes == OF_ANSWERS)
				expect(s, &jobs[i], s->set[k].n_asked);
	}
}
