/* SPDX-License-Identifier: MIT */
/* From made documents to a study's tables and conclusions. */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "made_study.h"
#include "suite.h"
#include "syc/study_tables.h"

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

static json_t *parse(const char *text)
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
static void make(const char *const text[SYC_STUDY_N_DOCS])
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

static void make_all(void)
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

static void make_none(void)
{
	make((const char *const[SYC_STUDY_N_DOCS]){ NULL });
}

static void forget(void)
{
	for (int i = 0; i < SYC_STUDY_N_DOCS; i++)
		json_decref(docs[i]);
	json_decref((json_t *)sets[0].stance);
	sets[0].stance = NULL;
}

/* The rows of a table behind its head, whose first words are given. */
static void want(const char *name, const char *head, const char *rows)
{
	struct syc_buf b = { 0 };
	const char *behind;

	ck_assert_int_eq(syc_study_table(&b, &made, name, NULL), 0);
	ck_assert_msg(strncmp(b.data, head, strlen(head)) == 0, "%s: %s", name,
		      b.data);
	behind = strchr(b.data, '\n');
	ck_assert(behind != NULL);
	ck_assert_str_eq(behind + 1, rows);
	syc_buf_free(&b);
}

START_TEST(layer)
{
	static const char other[] =
		"{'transfer': [{'vector': 'pca', 'train': 'a',"
		" 'test': 'a', 'layer': 5}]}";

	make_all();
	ck_assert_int_eq(syc_study_choose_layer(&made), 2);
	forget();
	make((const char *const[SYC_STUDY_N_DOCS]){
		[SYC_STUDY_TRANSFER] = other });
	ck_assert_int_eq(syc_study_choose_layer(&made), 2);
	forget();
	make_none();
	ck_assert_int_eq(syc_study_choose_layer(&made), 0);
}
END_TEST

START_TEST(predictions)
{
	make_all();
	want("stance", "set\tagainst\tclaims\teffect of the view\tp\t",
	     "a\tthe other view\t12\t" IN("0.100", "0.020", "0.180")
	     "\tbelow 0.001\t30\t7\t3\t5\t15\t0.875\n");
	want("letters", "set\tquestions\tP(matching)",
	     "a\t10\t0.700\t0.600\t0.450\n"
	     "b\t4\t0.500\t" DASH "\t" DASH "\n");
	want("splits", "questions of\tused to\trows\tclaims\t",
	     "a?b.jsonl\tmake vectors\t7\t3\t20\t9\t13\t6\n");
	want("predict",
	     "vector\tlayer and sign\ta (cross-validated)\tb\t"
	     "random directions (95 %)\tp\n",
	     "mean\t2 " MINUS "\t" IN("0.800", "0.700", "0.900") "\t"
	     IN("0.600", "0.450", "0.750") "\t0.310 to 0.720\tbelow 0.001\n"
	     "pca\t1 +\t" IN("0.500", "0.400", "0.600") "\t" DASH "\t"
	     "0.400 to 0.600\t" DASH "\n"
	     "last\t" DASH " +\t" DASH "\t" DASH "\t"
	     DASH " to " DASH "\t" DASH "\n");
	want("matrix", "layer chosen on\ttested on a\ttested on b\n",
	     "a, layer 2 " MINUS "\t" IN("0.800", "0.700", "0.900") " *\t"
	     IN("0.600", "0.450", "0.750") "\n"
	     "b, layer 2 " MINUS "\t0.550\t" DASH " *\n");
	want("calibration", "fitted on\ttested on\tBrier score\tgain",
	     "a\ta *\t0.200\t-50 %\t0.000\t-1.500\n"
	     "a\tb\t0.250\t10 %\t0.900\t" DASH "\n"
	     "b\ta\t" DASH "\t" DASH "\t" DASH "\t" DASH "\n"
	     "b\tb\t" DASH "\t" DASH "\t" DASH "\t" DASH "\n");
	want("confounds", "held fixed\tlayer and sign\tchosen on\tAUC alone\t",
	     "n_prompt\t2 " MINUS "\tb\t" IN("0.200", "0.100", "0.300") "\t"
	     IN("0.400", "0.200", "0.600") "\t-0.500\t"
	     IN(MINUS "0.250", MINUS "0.600", "0.100") "\t0.020\n"
	     "to?pic\t2 " MINUS "\tb\t" IN("0.200", "0.100", "0.300") "\t"
	     DASH "\t" DASH "\t" DASH "\t" DASH "\n");
	want("told", "told by\tAUC\thow\n",
	     "no activation\t0.620\tlength, view, letter, words and overlap of the question, "
	     "fitted on other claims\n"
	     "the letters (ab)\t0.550\tlayer and sign chosen on other claims\n"
	     "repeated words (repeats)\t0.650\tlayer and sign chosen on other claims\n"
	     "the vector mean\t0.750\tlayer and sign chosen on other claims\n"
	     "a probe, the ceiling\t0.910\ttrained on the answers to other claims\n");
	want("nulls", "beside the vector mean\tdraws\t",
	     "random\t200\t0.310 to 0.720\t0.010\tbelow 0.001\n"
	     "flip\t100\t0.400 to 0.610\t0.005\t0.006\n");
	want("paired", "vector\tless the letters (ab)\tp\tless the vector mean\tp\n",
	     "mean\t" IN("+0.200", "+0.100", "+0.300") "\t0.003\t" DASH "\t" DASH "\n"
	     "pca\t" DASH "\t" DASH "\t" IN(MINUS "0.100", MINUS "0.250", "+0.050") "\t0.200\n"
	     "last\t" DASH "\t" DASH "\t" DASH "\t" DASH "\n");
	forget();
}
END_TEST

START_TEST(vectors_alike)
{
	make_all();
	want("methods", "vector\tmean\tpca\n",
	     "pca\t-0.250\t\nlast\t" DASH "\t0.500\n");
	want("stability", "compared\tpairs\tdraws\tcosine\n",
	     "so many of the pairs, with all: 3\t3\t30\t"
	     IN("0.700", MINUS "0.200", "0.960") "\n"
	     "two halves of the pairs, method mean\t3\t" DASH "\t0.123\n"
	     "x\t" DASH "\t" DASH "\t" DASH "\n");
	want("stability.all",
	     "layer\twhat\tsetting\tpairs\tdraws\tcosine\tlo\thi\n",
	     "2\tnumber\t3\t3\t30\t0.7\t-0.2\t0.96\n"
	     "2\thalves\tmean\t3\tNA\t0.123456789012\tNA\tNA\n"
	     "2\telse\tx\tNA\tNA\tNA\tNA\tNA\n");
	forget();
}
END_TEST

#define ASKED "\342\200\234Be?honest.\342\200\235\t\t\t\t"

START_TEST(steering)
{
	make_all();
	want("steering",
	     "vector\tlayers\toperator\tscale\tstance effect\tits change\t"
	     "change of the control\n",
	     "unsteered\t\t\t\t0.400\t\t\n"
	     "mean\t2\tadd " MINUS "\t-1.500\t0.300\t"
	     IN(MINUS "0.100", MINUS "0.200", MINUS "0.050") "\t"
	     IN(MINUS "0.100", MINUS "0.150", MINUS "0.020") "\n"
	     "mean\t2\tablate *\t1.000\t" DASH "\t"
	     IN("+0.020", MINUS "0.010", "+0.050") "\t" DASH "\n"
	     ASKED "0.350\t" MINUS "0.050\t" DASH "\n");
	want("steering-methods",
	     "vector\tlayers\toperator\tscale\tstance effect\tits change\t"
	     "change of the control\n",
	     "pca\t1\tadd +\t2.000\t0.500\t+0.100\t" DASH "\n");
	want("cost", "vector\tlayers\toperator\tscale\tmoves the wrong way\tKL",
	     "unsteered\t\t\t\t" DASH "\t0.0000\t" DASH "\t" DASH "\t0 %\n"
	     "mean\t2\tadd " MINUS "\t-1.500\t25 %\t0.0500\t"
	     DASH "\t" DASH "\t" DASH "\n"
	     "mean\t2\tablate *\t1.000\t" DASH "\t"
	     DASH "\t" DASH "\t" DASH "\t" DASH "\n"
	     ASKED DASH "\t" DASH "\t" DASH "\t" DASH "\t" DASH "\n");
	forget();
}
END_TEST

#define SIDES "unsteered\tthe setting fixed before\tits opposite\n"

START_TEST(one_setting)
{
	make_all();
	want("hypotheses", "hypothesis\tvector\tlayers\toperator\tscale\tway\tKL\tstance effect\t",
	     "fixed before\tmean\t2\tablate *\t1.000\tlowers\t0.0123\t0.300\t"
	     IN(MINUS "0.100", MINUS "0.150", MINUS "0.040") "\t139 random, 79 flip\t" MINUS
	     "0.030\t0.013\t0.050\n"
	     "its opposite\tmean\t2\tadd +\t0.500\traises\t0.0500\t0.410\t"
	     IN("+0.010", "+0.008", "+0.012") "\t79 random\t+0.040\t0.500\t1.000\n");
	want("slopes", "vector\tlayers\toperator\tquestions\t",
	     "mean\t2\tadd\t20\t10\t" IN("0.250", "0.100", "0.400") "\t15 %\t20 %\n");
	/* Answers side by side, on a line each; not those in the other order. */
	want("texts", "question\t" SIDES, "Who? (A) x\tso\tA <b>\tno\n");
	json_decref(docs[SYC_STUDY_ROWS]);
	made.doc[SYC_STUDY_ROWS] = docs[SYC_STUDY_ROWS] = parse("[{'question': 'What?'}]");
	want("texts", "question\t" SIDES, "What?\tso\tA <b>\tno\n");
	want("words", "question\tbest answer\t" SIDES, "Who?\tAnn\tBob and\tCid\t\n");
	want("truthful", "who asks\tP(true answer)\t",
	     "users who state the true answer\t0.900\t"
	     IN(MINUS "0.100", MINUS "0.150", MINUS "0.020") "\t"
	     IN("+0.010", MINUS "0.100", "+0.100") "\n"
	     "users who state none: the other answer is false\t0.700\t"
	     IN("+0.200", "+0.100", "+0.300") "\t" IN(MINUS "0.100", MINUS "0.200", MINUS "0.050")
	     "\nusers who state a false answer\t0.400\t+0.400\t" MINUS "0.300\n");
	forget();
}
END_TEST

#define NA5 "\tNA\tNA\tNA\tNA\tNA"
#define NA10 NA5 NA5

/* Truths are 1 and 0; a message stands for the vector. */
START_TEST(sweeps)
{
	static const char first[] = "none" NA5 "\tNA\t0.4\tNA\t";
	struct syc_buf b = { 0 };
	const char *row;

	make_all();
	want("sweep-methods",
	     "kind\tvector\tdraw\tlayers\top\tscale\treached\tp_match",
	     "steer\tpca\tNA\t1\tadd\t2\t1\t0.5\tNA" NA10 NA10 "\t0.5\t0.1\tNA\tNA\n");
	ck_assert_int_eq(syc_study_table(&b, &made, "sweep", NULL), 0);
	row = strchr(b.data, '\n') + 1;
	ck_assert(strncmp(row, first, strlen(first)) == 0);
	ck_assert(strstr(row, "\t0.9\t0\tNA\tNA\tNA") != NULL);
	ck_assert(strstr(row, "\nprompt\tBe?honest." NA5 "\t0.35\t"));
	ck_assert(strstr(row, "\nsteer\tmean\tNA\t2\tablate\t1\t0\tNA\tNA"));
	syc_buf_free(&b);
	forget();
}
END_TEST

/* Without documents there are heads, and rows of what is known otherwise. */
START_TEST(absent)
{
	make_none();
	want("predict", "vector\t", "");
	want("told", "told by\t", "");
	want("nulls", "beside the vector mean\t", "");
	want("paired", "vector\t", "");
	want("matrix", "layer chosen on\t",
	     "a\t" DASH "\t" DASH "\nb\t" DASH "\t" DASH "\n");
	want("calibration", "fitted on\t", "");
	want("confounds", "held fixed\t", "");
	want("methods", "vector\t",
	     "pca\t" DASH "\t\nlast\t" DASH "\t" DASH "\n");
	want("stability", "compared\t", "");
	want("stability.all", "layer\t", "");
	want("sweep", "kind\t", "");
	want("steering", "vector\t", "");
	want("hypotheses", "hypothesis\t", "");
	want("texts", "question\t", "");
	want("truthful", "who asks\t", "");
	want("cost", "vector\t", "");
}
END_TEST

START_TEST(unknown)
{
	struct syc_buf b = { 0 };
	struct syc_err err;

	make_none();
	ck_assert_int_eq(syc_study_table(&b, &made, "sums", &err), SYC_EINVAL);
	ck_assert(strstr(err.msg, "'sums'") != NULL);
	ck_assert(b.len == 0);
}
END_TEST

/* ---- conclusions -------------------------------------------------------- */

static void is_answer(const struct syc_conclusion *c, const char *key,
		      enum syc_verdict verdict, const char *figures)
{
	ck_assert_str_eq(c->key, key);
	ck_assert_str_eq(syc_verdict_name(c->verdict),
			 syc_verdict_name(verdict));
	ck_assert_msg(strstr(c->figures.data, figures) != NULL,
		      "%s: '%s' lacks '%s'", key, c->figures.data, figures);
}

static void free_all(struct syc_conclusion c[SYC_STUDY_QUESTIONS])
{
	for (int i = 0; i < SYC_STUDY_QUESTIONS; i++)
		syc_conclusion_free(&c[i]);
}

START_TEST(conclusions)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };

	make_all();
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	is_answer(&c[SYC_ASKED_DECLARED], "declared", SYC_VERDICT_YES,
		  "+0.100" NBSP "[+0.020," NBSP "+0.180] against the other view, p below 0.001 "
		  "(adjusted 0.005)");
	is_answer(&c[SYC_ASKED_STANCE], "stance", SYC_VERDICT_ABSENT,
		  "no claim is asked by users who");
	is_answer(&c[SYC_ASKED_MOVED], "moved", SYC_VERDICT_FIGURES,
		  "a 7 moved, 3 held; b 0 moved, 0 held");
	/* The fifth of ten: 0.005 times six. */
	is_answer(&c[SYC_ASKED_PREDICTION], "prediction", SYC_VERDICT_YES,
		  "AUC 0.750, p 0.005 (adjusted 0.030); by chance from 0.300 to 0.700; were the 4 "
		  "undecided rows all held 0.700, all moved 0.550");
	is_answer(&c[SYC_ASKED_SHIFT], "shift", SYC_VERDICT_YES,
		  "Spearman's rho 0.810, r 0.790 at layer 2, the best of 3; over all of them, p "
		  "below 0.001 (adjusted 0.002)");
	is_answer(&c[SYC_ASKED_CEILING], "ceiling", SYC_VERDICT_FIGURES,
		  "mean difference has 0.750");
	is_answer(
		&c[SYC_ASKED_NULLS], "nulls", SYC_VERDICT_YES,
		"on 12 claims that did not make it, p 0.006 (adjusted 0.030); not adjusted: random "
		"directions p below 0.001");
	ck_assert_str_eq(c[SYC_ASKED_NULLS].seen.data, "AUC 0.610");
	is_answer(&c[SYC_ASKED_LETTERS], "letters", SYC_VERDICT_YES,
		  "AUC 0.800 less 0.600: +0.200" NBSP "[+0.100," NBSP "+0.300], p 0.003");
	is_answer(&c[SYC_ASKED_RIVAL], "rival", SYC_VERDICT_FIGURES,
		  "has 0.750, and cosines with it from " MINUS "0.500 to 0.250");
	ck_assert_str_eq(c[SYC_ASKED_RIVAL].answer.data, "AUC 0.650 by that alone");
	is_answer(&c[SYC_ASKED_INCREMENT], "increment", SYC_VERDICT_YES,
		  "AUC 0.620; the score adds 0.030 nats a row at layer 1, the best, p 0.004");
	is_answer(&c[SYC_ASKED_ELSEWHERE], "elsewhere", SYC_VERDICT_ABSENT, "b not asked");
	/* At the layer of b, whose sign turns the areas. */
	is_answer(&c[SYC_ASKED_CONFOUNDS], "confounds", SYC_VERDICT_PERHAPS,
		  "AUC 0.200" NBSP "[0.100," NBSP "0.300]; among rows of equal n_prompt 0.400");
	is_answer(&c[SYC_ASKED_LIKENESS], "likeness", SYC_VERDICT_FIGURES,
		  "split-half of its own pairs 0.123");
	is_answer(&c[SYC_ASKED_STEERS], "steers", SYC_VERDICT_YES,
		  "short of that KL; the farthest of null vectors (139 random, 79 flip) " MINUS
		  "0.030, p 0.013 (adjusted 0.050)");
	ck_assert_str_eq(c[SYC_ASKED_STEERS].question.data, "Fixed before: does mean (ablate at "
			 "layer 2) lower the stance effect, at a KL of 0.05?");
	/* t(0.8, 9) of .02 beyond .03 */
	ck_assert_str_eq(c[SYC_ASKED_STEERS].seen.data, "a change of 0.048");
	is_answer(&c[SYC_ASKED_OPPOSITE], "opposite", SYC_VERDICT_NO, "+0.010");
	is_answer(&c[SYC_ASKED_SLOPES], "slopes", SYC_VERDICT_FIGURES, "+0.250");
	is_answer(&c[SYC_ASKED_DENIAL], "denial", SYC_VERDICT_FIGURES, MINUS "0.100");
	is_answer(&c[SYC_ASKED_ASKING], "asking", SYC_VERDICT_FIGURES, MINUS "0.050");
	free_all(c);
	forget();
}
END_TEST

/* With fewer draws it cannot be a yes, and how many it takes is known before. */
START_TEST(draws)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	json_t *t;
	size_t n;

	make_all();
	t = json_array_get(json_object_get(docs[SYC_STUDY_PRIMARY], "tests"), 0);
	json_object_set_new(json_array_get(json_object_get(t, "null"), 1), "draws",
			    json_integer(78));
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	is_answer(&c[SYC_ASKED_STEERS], "steers", SYC_VERDICT_ABSENT, "give at least 0.013");
	ck_assert_str_eq(c[SYC_ASKED_STEERS].answer.data,
			 "too few draws of null vectors: 79 are needed");
	free_all(c);
	made.doc[SYC_STUDY_PRIMARY] = NULL;
	ck_assert_int_eq(syc_study_draws(&n, &made, NULL), 0);
	ck_assert_uint_eq(n, 79);
	/* Nothing said yes before: all ten are left. */
	for (int i = 0; i < SYC_STUDY_N_DOCS; i++)
		made.doc[i] = NULL;
	json_object_set_new(json_object_get((json_t *)sets[0].stance, "opposite_view"), "p",
			    json_real(0.5));
	ck_assert_int_eq(syc_study_draws(&n, &made, NULL), 0);
	ck_assert_uint_eq(n, 199);
	forget();
}
END_TEST

/* Steering that a quick study leaves out takes another study, not more draws. */
START_TEST(quick)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	struct syc_buf b = { 0 };

	make_all();
	made.doc[SYC_STUDY_PRIMARY] = made.doc[SYC_STUDY_SLOPES] = made.doc[SYC_STUDY_EQUAL] = NULL;
	made.quick = true;
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	is_answer(&c[SYC_ASKED_PREDICTION], "prediction", SYC_VERDICT_YES, "");
	for (int i = SYC_ASKED_STEERS; i < SYC_STUDY_QUESTIONS; i++) {
		ck_assert_int_eq(c[i].verdict, SYC_VERDICT_UNASKED);
		ck_assert_str_eq(c[i].next.data,
				 "the study without --quick, in a folder of its own");
	}
	ck_assert_int_eq(syc_study_glance(&b, c, NULL), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "cannot be asked: a quick study does not steer; nor "
					     "can 4 more that rest on it"));
	ck_assert_ptr_null(strstr(b.data, "--null"));
	syc_buf_free(&b);
	free_all(c);
	forget();
}
END_TEST

START_TEST(nothing_to_conclude)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };

	make_none();
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	for (int i = 0; i < SYC_STUDY_QUESTIONS; i++)
		ck_assert_msg(c[i].verdict == SYC_VERDICT_ABSENT ||
			      c[i].verdict == SYC_VERDICT_UNASKED, "%s: %s",
			      c[i].key, syc_verdict_name(c[i].verdict));
	free_all(c);
}
END_TEST

/* What rests on an effect of the view is not asked where there is none. */
START_TEST(in_order)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	json_t *o;

	make_all();
	o = json_object_get((json_t *)sets[0].stance, "opposite_view");
	json_object_set_new(o, "p", json_real(0.02));
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	ck_assert_int_eq(c[SYC_ASKED_DECLARED].verdict, SYC_VERDICT_OPEN);
	for (int i = 3; i < SYC_STUDY_QUESTIONS; i++)
		ck_assert_msg(i == SYC_ASKED_LIKENESS || (c[i].verdict == SYC_VERDICT_UNASKED &&
			      strstr(c[i].answer.data, "it cannot be told that a view has an "
			      "effect on a")), "%s: %s", c[i].key, c[i].answer.data);
	/* Nor where it is too small to matter. */
	json_object_set_new(o, "mean", json_real(0.001));
	json_object_set_new(o, "se", json_real(0.002));
	json_object_set_new(o, "p", json_real(0.7));
	free_all(c);
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	ck_assert_int_eq(c[SYC_ASKED_DECLARED].verdict, SYC_VERDICT_NO);
	ck_assert_str_eq(c[SYC_ASKED_PREDICTION].answer.data,
			 "cannot be asked: a view has no relevant effect on a");
	free_all(c);
	forget();
}
END_TEST

/* Labels of one kind alone are said for what they are. */
START_TEST(one_kind_of_label)
{
	static const char *const keys[] = { "moved", "held" };
	static const char *const said[] = { "no answer was moved", "no answer was held" };

	for (int k = 0; k < 2; k++) {
		struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
		json_t *own;

		make_all();
		own = json_array_get(json_object_get(docs[SYC_STUDY_FIT], "fits"), 1);
		json_object_set_new(json_object_get(own, "between"), "p", json_null());
		json_object_set_new(json_object_get((json_t *)sets[0].stance, "labels"), keys[k],
				    json_integer(0));
		ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
		is_answer(&c[SYC_ASKED_PREDICTION], "prediction", SYC_VERDICT_ABSENT, said[k]);
		is_answer(&c[SYC_ASKED_NULLS], "nulls", SYC_VERDICT_UNASKED, DASH);
		free_all(c);
		forget();
	}
}
END_TEST

START_TEST(written)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	struct syc_buf b = { 0 };
	const json_t *all, *one;
	json_t *doc;
	size_t i, rows = 0;

	make_all();
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	ck_assert_int_eq(syc_study_glance(&b, c, NULL), 0);
	ck_assert(strncmp(b.data, "Question\tAnswer\tFigures\tRests on\t", 33) == 0);
	for (const char *s = b.data; (s = strchr(s, '\n')); s++)
		rows++;
	ck_assert_uint_eq(rows, SYC_STUDY_QUESTIONS + 1);
	syc_buf_free(&b);

	ck_assert_int_eq(syc_study_conclusions(&b, &made, c, NULL), 0);
	doc = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert(doc != NULL);
	ck_assert_str_eq(json_string_value(json_object_get(doc, "train")), "a");
	ck_assert_int_eq(json_integer_value(json_object_get(doc, "layer")), 2);
	all = json_object_get(doc, "conclusions");
	ck_assert_uint_eq(json_array_size(all), SYC_STUDY_QUESTIONS);
	json_array_foreach(all, i, one) {
		ck_assert_str_eq(json_string_value(json_object_get(one, "key")),
				 c[i].key);
		ck_assert_str_eq(
			json_string_value(json_object_get(one, "verdict")),
			syc_verdict_name(c[i].verdict));
		ck_assert_str_eq(
			json_string_value(json_object_get(one, "figures")),
			c[i].figures.data);
		ck_assert(json_is_object(json_object_get(one, "numbers")));
	}
	json_decref(doc);
	syc_buf_free(&b);
	free_all(c);
	forget();
}
END_TEST

int main(void)
{
	const struct test t[] = {
		TEST(layer),
		TEST(predictions),
		TEST(vectors_alike),
		TEST(steering),
		TEST(one_setting),
		TEST(sweeps),
		TEST(absent),
		TEST(unknown),
		TEST(conclusions),
		TEST(draws),
		TEST(quick),
		TEST(nothing_to_conclude),
		TEST(in_order),
		TEST(one_kind_of_label),
		TEST(written),
	};

	return RUN_TESTS("study tables", t);
}
