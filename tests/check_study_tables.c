/* SPDX-License-Identifier: MIT */
/* From made documents to a study's tables. */
#include <math.h>
#include <string.h>
#include "made_study.h"

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

int main(void)
{
	static const struct test tests[] = {
		TEST(layer),
		TEST(predictions),
		TEST(vectors_alike),
		TEST(steering),
		TEST(one_setting),
		TEST(sweeps),
		TEST(absent),
		TEST(unknown),
	};

	return RUN_TESTS("study tables", tests);
}
