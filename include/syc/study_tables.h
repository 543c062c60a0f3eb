/* SPDX-License-Identifier: MIT */
/*
 * What a study has found: from the JSON documents of the programs to its
 * tables and conclusions.  All functions are pure: the same documents give the
 * same bytes.  What a document lacks is NaN or an empty text, never an error;
 * for the eye an undefined number is an en dash, in full it is NA.
 */
#ifndef SYC_STUDY_TABLES_H
#define SYC_STUDY_TABLES_H
#include "syc/base.h"
#include "syc/conclude.h"
#include "syc/questions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The documents, as the programs write them with --json. */
enum syc_study_doc {
	/* syc-fit --null --claim --compare of the set of the vectors. */
	SYC_STUDY_FIT,
	/* syc-fit --transfer from each set to each. */
	SYC_STUDY_TRANSFER,
	/* syc-fit --confound --claim of the vector "mean" on the set of the vectors. */
	SYC_STUDY_CONFOUNDS,
	/* The same with --baseline, and with the shift as --outcome. */
	SYC_STUDY_INCREMENT,
	SYC_STUDY_SHIFT,
	/* syc-vec probe of that set. */
	SYC_STUDY_PROBE,
	/* syc-fit of it, all undecided rows taken as held, and as moved. */
	SYC_STUDY_ALL_HELD,
	SYC_STUDY_ALL_MOVED,
	/* syc-fit --claim of the vector "mean" there, read after the answers. */
	SYC_STUDY_AFTER,
	/* An array of what syc-vec compare writes, a line for two vectors. */
	SYC_STUDY_COSINES,
	/* An array of the lines of syc-vec stability at the layer. */
	SYC_STUDY_STABILITY,
	/* An array of the rows that are steered. */
	SYC_STUDY_ROWS,
	/*
	 * syc-sweep --null of the setting that was fixed before and its opposite, and
	 * --per-question of its scales.
	 */
	SYC_STUDY_PRIMARY,
	SYC_STUDY_SLOPES,
	/* The same vector at all layers at equal KL, with messages; and all vectors. */
	SYC_STUDY_EQUAL,
	SYC_STUDY_METHODS,
	/* TruthfulQA by users who state no view, and as the control the false answer. */
	SYC_STUDY_TRUTH,
	/* Arrays of its questions in words, answered unsteered, and under the two settings. */
	SYC_STUDY_WORDS,
	SYC_STUDY_WORDS_PRIMARY,
	SYC_STUDY_WORDS_OPPOSITE,
	SYC_STUDY_N_DOCS
};

/* A set of questions, and how they were answered. */
struct json_t;
struct syc_study_set {
	const char *name;
	struct syc_choice_rates rates;
	/* what syc-stance effect --json writes of its answers, or NULL */
	const struct json_t *stance;
};

/* Questions that were taken to make vectors, or to be answered. */
struct syc_study_part {
	const char *from;	/* the file's or set's name */
	const char *use;	/* "make vectors", "choose layer and sign, and test", ... */
	struct syc_picked picked;
};

/* All is borrowed. */
struct syc_study_documents {
	/* Objects of jansson's, and arrays of them; NULL: not there. */
	const struct json_t *doc[SYC_STUDY_N_DOCS];
	const struct syc_study_set *set;	/* [n_sets], at least one */
	size_t n_sets;
	size_t train;	/* index of the set that layers are chosen on */
	const struct syc_study_part *part;	/* [n_parts] */
	size_t n_parts;
	/* [n_vectors] names, without the ".gguf" that documents have. */
	const char *const *vector;
	size_t n_vectors;
	int layer;	/* see syc_study_choose_layer() */
	double at_kl;	/* nats per token that settings are compared at */
	struct syc_counts steered;	/* questions under steering */
	size_t n_pairs;		/* that the vector "mean" is made from */
	size_t n_made_claims;	/* of these pairs */
	bool quick;		/* nothing is steered */
};

/*
 * The layer at which the vector "mean" predicts the set of the vectors, of the
 * transfer alone.  Where none could be chosen, half of the first layer in it; 0
 * without any.
 */
SYC_API int syc_study_choose_layer(const struct syc_study_documents *d);

/*
 * Append a table: a head and rows, cells parted by tabs.  Control characters of
 * names become '?'.  For the eye:
 *
 *	splits			which claims make vectors, choose and test
 *	stance			what stating a view does, by set
 *	letters			each set's choices by order, and its letter
 *	predict			AUC of each vector on each set
 *	told			AUC of what else tells the answers of the vectors' set
 *	nulls			the vector "mean" beside each kind of null vectors
 *	paired			each vector less "ab", the letters, and less "mean"
 *	matrix			AUC of the vector "mean" from set to set
 *	calibration		whether its probabilities mean what they say
 *	confounds		what is left with other properties held fixed
 *	methods			cosines of all pairs of vectors at the layer
 *	stability		cosines of vectors of other pairs
 *	hypotheses		the setting that was fixed before and its opposite, tested
 *	texts			a few questions' answers without and under both
 *	slopes			how questions move with the scale
 *	truthful		P(true answer) by who asks, without and under both
 *	words			TruthfulQA's free answers without and under both
 *	steering		change of the outcome by setting, at equal KL
 *	steering-methods	the same of all vectors
 *	cost			what the settings of steering cost
 *
 * and in full, of 12 digits: stability.all, sweep (of SYC_STUDY_EQUAL) and
 * sweep-methods.  0, SYC_EINVAL for another name, or SYC_ENOMEM.
 */
SYC_API int syc_study_table(struct syc_buf *out,
			    const struct syc_study_documents *d,
			    const char *name, struct syc_err *err);

/*
 * The draws of null vectors with which steering could be a yes, of the documents that
 * are there before anything is steered: 20 times the tests of the page that have not
 * said yes already, less one.
 */
SYC_API int syc_study_draws(size_t *n, const struct syc_study_documents *d,
			    struct syc_err *err);

/*
 * The conclusions, in the order in which each rests on those before: the declared one,
 * other sets, which answers were moved; then, where the declared one shows an effect
 * of the view, prediction, of labels and of shifts, and its ceiling, and behind a yes to
 * prediction null vectors, letters, repeated words, what needs no activations, other sets,
 * other properties; how alike vectors are; and, on the declared one again, steering by
 * the setting that was fixed before, its opposite, question by question, its control
 * and messages.  A p of each test is adjusted by Holm's method for all that the page
 * may make: the sets' effects, prediction, shifts, null vectors, letters, the increment,
 * other sets and both settings of steering, asked or not.  Zero-initialize
 * them; all are to be freed with syc_conclusion_free(), also on failure.  0 or
 * SYC_ENOMEM.
 */
enum syc_study_question {
	SYC_ASKED_DECLARED,
	SYC_ASKED_STANCE,
	SYC_ASKED_MOVED,
	SYC_ASKED_PREDICTION,
	SYC_ASKED_SHIFT,
	SYC_ASKED_CEILING,
	SYC_ASKED_NULLS,
	SYC_ASKED_LETTERS,
	SYC_ASKED_RIVAL,
	SYC_ASKED_INCREMENT,
	SYC_ASKED_ELSEWHERE,
	SYC_ASKED_CONFOUNDS,
	SYC_ASKED_LIKENESS,
	SYC_ASKED_STEERS,
	SYC_ASKED_OPPOSITE,
	SYC_ASKED_SLOPES,
	SYC_ASKED_DENIAL,
	SYC_ASKED_ASKING,
	SYC_STUDY_QUESTIONS
};
SYC_API int syc_study_conclude(struct syc_conclusion out[SYC_STUDY_QUESTIONS],
			       const struct syc_study_documents *d,
			       struct syc_err *err);
/*
 * Append them as a table, in which those that are not asked for one reason are one row
 * with their number, and as the JSON document of syc-study(1).
 */
SYC_API int
syc_study_glance(struct syc_buf *out,
		 const struct syc_conclusion c[SYC_STUDY_QUESTIONS],
		 struct syc_err *err);
SYC_API int
syc_study_conclusions(struct syc_buf *out, const struct syc_study_documents *d,
		      const struct syc_conclusion c[SYC_STUDY_QUESTIONS],
		      struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
