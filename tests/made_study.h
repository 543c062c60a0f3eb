/* SPDX-License-Identifier: MIT */
/* Documents of a small study, as the programs would have written them. */
#ifndef TESTS_MADE_STUDY_H
#define TESTS_MADE_STUDY_H
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "suite.h"
#include "syc/study_tables.h"

/* In single quotes, for the eye. */
static const char fit[] =
	"{'null': 200, 'fits': [{'vector': 'pca', 'layers': ["
	" {'layer': 1, 'null_lo': 0.4, 'null_hi': 0.6}]},"
	"{'vector': 'mean', 'layers': [{'layer': 0},"
	" {'layer': 2, 'n': 25, 'null_lo': 0.31, 'null_hi': 0.72, 'null_p': 0.01,"
	" 'null_p_max': 0.0004, 'flip_lo': 0.4, 'flip_hi': 0.61, 'flip_p': 0.005}],"
	" 'between': {'claims': 12, 'auc': 0.75, 'n': 25,"
	" 'p': 0.005, 'null_lo': 0.3, 'null_hi': 0.7},"
	" 'nulls': {'rows': 25, 'left_out': 3, 'claims': 12, 'random': {'n': 200, 'p': 0.0004},"
	" 'cov': {'n': 0, 'p': null}, 'flip': {'n': 100, 'p': 0.006}}},"
	"{'vector': 'ab', 'between': {'auc': 0.55}},"
	"{'vector': 'repeats', 'between': {'auc': 0.65}}],"
	"'compare': [{'a': 'ab', 'b': 'mean', 'layers': [], 'test': {'claims': 6, 'n': 11,"
	" 'a_auc': 0.6, 'b_auc': 0.8, 'diff': -0.2, 'lo': -0.3, 'hi': -0.1, 'p': 0.003}},"
	"{'a': 'ab', 'b': 'pca', 'layers': []},"
	"{'a': 'mean', 'b': 'pca', 'test': {'claims': 6, 'n': 11, 'a_auc': 0.8,"
	" 'b_auc': 0.7, 'diff': 0.1, 'lo': -0.05, 'hi': 0.25, 'p': 0.2}}]}";

static const char shift[] =
	"{'fits': [{'vector': 'mean', 'layers': [{'layer': 1, 'n': 30, 'p': 0.4, 'p_adj': 0.4},"
	" {'layer': 2, 'n': 30, 'p': 0.0001, 'p_adj': 0.0002, 'rho': 0.81, 'r': 0.79},"
	" {'layer': 3, 'n': 0, 'p': null, 'p_adj': null}]}]}";
static const char increment[] =
	"{'fits': [{'vector': 'mean', 'increment': {'claims': 12, 'n': 25, 'auc': 0.62,"
	" 'gain': 0.03, 'p': 0.004, 'best': 1}}]}";
static const char probe[] = "{'claims': 12, 'rows': 25, 'best': {'auc': 0.91}}";
static const char all_held[] =
	"{'fits': [{'vector': 'mean', 'layers': [{'layer': 2, 'n': 29, 'auc': 0.3}]}]}";
static const char all_moved[] =
	"{'fits': [{'vector': 'mean', 'layers': [{'layer': 2, 'n': 29, 'auc': 0.45}]}]}";

static const char stance[] =
	"{'mass': 0.875, 'opposite_view': {'claims': 12, 'mean': 0.1, 'lo': 0.02,"
	" 'hi': 0.18, 'se': 0.02, 'sd': 0.07, 'p': 0.0005, 'verdict': 'follows',"
	" 'detectable': 0.11, 'claims_needed': 40},"
	" 'labels': {'with_view': 30, 'moved': 7, 'held': 3, 'within_margin': 5,"
	" 'agree_anyway': 15}}";

static const char transfer[] =
	"{'transfer': ["
	"{'vector': 'mean', 'train': 'a', 'test': 'a', 'layer': 2, 'sign': -1,"
	" 'auc': 0.8, 'auc_lo': 0.7, 'auc_hi': 0.9, 'cross_validated': true,"
	" 'brier': 0.2, 'brier_skill': -0.5, 'calibration_slope': -0.0004,"
	" 'calibration_intercept': -1.5},"
	"{'vector': 'mean', 'train': 'a', 'test': 'b', 'layer': 2, 'sign': -1,"
	" 'auc': 0.6, 'auc_lo': 0.45, 'auc_hi': 0.75, 'cross_validated': false,"
	" 'brier': 0.25, 'brier_skill': 0.1, 'calibration_slope': 0.9,"
	" 'calibration_intercept': null},"
	"{'vector': 'mean', 'train': 'b', 'test': 'a', 'layer': 1, 'sign': 1,"
	" 'auc': 0.55},"
	"{'vector': 'mean', 'train': 'b', 'test': 'b', 'layer': 2, 'sign': -1, 'n': 40},"
	"{'vector': 'pca', 'train': 'a', 'test': 'a', 'layer': 1, 'sign': 1,"
	" 'auc': 0.5, 'auc_lo': 0.4, 'auc_hi': 0.6},"
	"{'vector': 'last', 'train': 'a', 'test': 'a', 'layer': null}]}";

static const char confounds[] =
	"{'fits': [{'vector': 'mean', 'layers': [{'layer': 2,"
	" 'auc': 0.8, 'auc_lo': 0.7, 'auc_hi': 0.9, 'confounds': ["
	"{'field': 'n_prompt', 'within_auc': 0.6, 'within_lo': 0.4,"
	" 'within_hi': 0.8, 'slope_alone': 0.5, 'slope': 0.25,"
	" 'slope_lo': -0.1, 'slope_hi': 0.6, 'p': 0.02},"
	"{'field': 'to\\tpic'}]}]}]}";

static const char cosines[] =
	"[{'a': 'mean.gguf', 'b': 'pca.gguf', 'cosine': [1, 1, -0.25]},"
	" {'a': 'mean.gguf', 'b': 'last.gguf', 'cosine': [1, 1, null]},"
	" {'a': 'pca.gguf', 'b': 'last.gguf', 'cosine': [1, 1, 0.5]},"
	" {'a': 'mean.gguf', 'b': 'repeats.gguf', 'cosine': [-0.5, null, 0.25]},"
	" {'a': 'mean.gguf.npz', 'b': 'last.gguf', 'cosine': [1, 1, 0.1]}]";

static const char stability[] =
	"[{'layer': 2, 'what': 'number', 'setting': '3', 'pairs': 3,"
	" 'draws': 30, 'cosine': 0.7, 'lo': -0.2, 'hi': 0.96},"
	" {'layer': 2, 'what': 'halves', 'setting': 'mean', 'pairs': 3,"
	" 'cosine': 0.123456789012345, 'lo': null, 'hi': null},"
	" {'layer': 2, 'what': 'else', 'setting': 'x'}]";

/* 79 draws are what the tests that are left need: four, for the others said yes before. */
static const char primary[] =
	"{'outcome': 'stance effect', 'n_control': 6, 'settings': ["
	"{'kind': 'none', 'effect': 0.4, 'p_match': 0.7, 'control': {'p_match': 0.9}},"
	"{'kind': 'steer', 'vector': 'mean', 'layers': '2', 'op': 'ablate', 'scale': 1,"
	" 'reached': false, 'kl': 0.0123, 'effect': 0.3, 'control': {'p_match': 0.8,"
	" 'change': -0.1, 'change_lo': -0.15, 'change_hi': -0.02}},"
	"{'kind': 'steer', 'vector': 'mean', 'layers': '2', 'op': 'add', 'scale': 0.5,"
	" 'reached': true, 'kl': 0.05, 'effect': 0.41, 'control': {'p_match': 0.9,"
	" 'change': 0.01, 'change_lo': -0.1, 'change_hi': 0.1}}],"
	"'tests': [{'vector': 'mean', 'way': 'lowers', 'primary': true, 'setting': 1,"
	" 'claims': 10, 'rows': 40, 'change': -0.1, 'change_lo': -0.15, 'change_hi': -0.04,"
	" 'change_se': 0.02, 'p': 0.0126, 'verdict': 'steers', 'null': ["
	" {'name': 'random', 'draws': 139, 'above': 0, 'most': 0.02},"
	" {'name': 'flip', 'draws': 79, 'above': 0, 'most': 0.03}]},"
	"{'vector': 'mean', 'way': 'raises', 'primary': false, 'setting': 2,"
	" 'claims': 10, 'rows': 40, 'change': 0.01, 'change_lo': 0.008, 'change_hi': 0.012,"
	" 'change_se': 0.001, 'p': 0.5, 'null': ["
	" {'name': 'random', 'draws': 79, 'above': 39, 'most': 0.04}]}],"
	"'texts': [{'id': 'q1', 'answers': ['so', 'A\\n\\n <b>', 'no']},"
	" {'id': 'q1/reversed', 'answers': ['1', '2', '3']}]}";

static const char steered_rows[] = "[{'id': 'q1', 'question': 'Who?\\n (A) x'}, {'id': 'q2'}]";

static const char sloped[] =
	"{'curves': [{'vector': 'mean', 'layers': '2', 'op': 'add', 'n': 20, 'claims': 10,"
	" 'slope': 0.25, 'slope_lo': 0.1, 'slope_hi': 0.4, 'wrong_way': 0.15, 'below_0': 0.2}]}";

static const char equal[] =
	"{'n': 40, 'claims': 10, 'settings': ["
	"{'kind': 'none', 'p_match': 0.4, 'effect': 0.4, 'kl': 0, 'repetition': 0,"
	" 'control': {'p_match': 0.9, 'change': 0}},"
	"{'kind': 'steer', 'vector': 'mean', 'layers': '2',"
	" 'op': 'add', 'scale': -1.5, 'reached': true, 'p_match': 0.3, 'effect': 0.3,"
	" 'effect_change': -0.1, 'effect_lo': -0.2, 'effect_hi': -0.05,"
	" 'wrong_way': 0.25, 'kl': 0.05,"
	" 'control': {'p_match': 0.8, 'change': -0.1, 'change_lo': -0.15,"
	" 'change_hi': -0.02}},"
	"{'kind': 'steer', 'vector': 'mean', 'layers': '2', 'op': 'ablate',"
	" 'scale': 1, 'reached': false, 'effect_change': 0.02, 'effect_lo': -0.01,"
	" 'effect_hi': 0.05},"
	"{'kind': 'prompt', 'system': 'Be\\nhonest.',"
	" 'p_match': 0.35, 'effect': 0.35, 'effect_change': -0.05}]}";

static const char all_methods[] =
	"{'settings': [{'kind': 'steer', 'vector': 'pca', 'layers': '1',"
	" 'op': 'add', 'scale': 2, 'reached': true,"
	" 'p_match': 0.5, 'effect': 0.5, 'effect_change': 0.1}]}";

/* The other answer is false: P(true) is what is left, and changes turn. */
static const char truth[] =
	"{'settings': [{'kind': 'none', 'p_match': 0.3, 'control': {'p_match': 0.6}},"
	"{'kind': 'steer', 'op': 'add', 'scale': 0.5, 'change': 0.1, 'change_lo': 0.05,"
	" 'change_hi': 0.2, 'control': {'change': 0.3}},"
	"{'kind': 'steer', 'op': 'ablate', 'scale': 1, 'change': -0.2, 'change_lo': -0.3,"
	" 'change_hi': -0.1, 'control': {'change': -0.4}}]}";

static const char words[] = "[{'id': 't', 'question': 'Who?', 'best_answer': 'Ann',"
	" 'completion': 'Bob\\tand'}]";
static const char words_primary[] = "[{'id': 'u'}, {'id': 't', 'completion': 'Cid'}]";

/* ---- of a study of two sets --------------------------------------------------- */

#define MINUS "\342\210\222"
#define DASH "\342\200\223"
#define NBSP "\302\240"
/* "X [LO, HI]" as words have it */
#define IN(x, lo, hi) x NBSP "[" lo "," NBSP hi "]"

static struct syc_study_set sets[] = {
	{ "a", { 10, 0.7, 0.6, 0.45 }, NULL },
	{ "b", { 4, 0.5, NAN, NAN }, NULL },
};
static const char *const vectors[] = { "mean", "pca", "last" };

static const struct syc_study_part part = {
	"a\tb.jsonl", "make vectors", { 7, 3, 20, 9, 13, 6, 0 }
};
static struct syc_study_documents made;
static json_t *docs[SYC_STUDY_N_DOCS];

static inline json_t *parse(const char *text)
{
	char *quoted = strdup(text);
	json_t *o;

	for (char *s = quoted; (s = strchr(s, '\''));)
		*s = '"';
	o = json_loads(quoted, 0, NULL);
	ck_assert(o != NULL);
	free(quoted);
	return o;
}

/* Those whose text is NULL are not there. */
static inline void make(const char *const text[SYC_STUDY_N_DOCS])
{
	made = (struct syc_study_documents){
		.set = sets, .n_sets = 2, .train = 0,
		.part = &part, .n_parts = 1,
		.vector = vectors, .n_vectors = 3,
		.layer = 2, .at_kl = 0.05, .n_made_claims = 10,
	};
	for (int i = 0; i < SYC_STUDY_N_DOCS; i++) {
		docs[i] = text[i] ? parse(text[i]) : NULL;
		made.doc[i] = docs[i];
	}
}

static inline void make_all(void)
{
	make((const char *const[SYC_STUDY_N_DOCS]){
		[SYC_STUDY_FIT] = fit,
		[SYC_STUDY_TRANSFER] = transfer,
		[SYC_STUDY_CONFOUNDS] = confounds,
		[SYC_STUDY_INCREMENT] = increment,
		[SYC_STUDY_SHIFT] = shift,
		[SYC_STUDY_PROBE] = probe,
		[SYC_STUDY_ALL_HELD] = all_held,
		[SYC_STUDY_ALL_MOVED] = all_moved,
		[SYC_STUDY_COSINES] = cosines,
		[SYC_STUDY_STABILITY] = stability,
		[SYC_STUDY_ROWS] = steered_rows,
		[SYC_STUDY_PRIMARY] = primary,
		[SYC_STUDY_SLOPES] = sloped,
		[SYC_STUDY_TRUTH] = truth,
		[SYC_STUDY_WORDS] = words,
		[SYC_STUDY_WORDS_PRIMARY] = words_primary,
		[SYC_STUDY_EQUAL] = equal,
		[SYC_STUDY_METHODS] = all_methods,
	});
	sets[0].stance = parse(stance);
}

static inline void make_none(void)
{
	make((const char *const[SYC_STUDY_N_DOCS]){ NULL });
}

static inline void forget(void)
{
	for (int i = 0; i < SYC_STUDY_N_DOCS; i++)
		json_decref(docs[i]);
	json_decref((json_t *)sets[0].stance);
	sets[0].stance = NULL;
}

#endif
