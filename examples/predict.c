/* SPDX-License-Identifier: MIT */
/*
 * Does a steering vector predict when a model will be sycophantic?
 *
 *     cc predict.c $(pkg-config --cflags --libs libsyc) -o predict
 *     ./predict MODEL PAIRS QUESTIONS
 *
 * Makes the mean-difference vector of PAIRS, asks QUESTIONS, and prints for each
 * layer how well the cosine of the vector with the activation after the prompt
 * tells the questions that get the sycophantic answer from those that do not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <syc.h>

/* The area under the ROC curve at one layer; NaN where it is not defined. */
static double area(const struct syc_asked *a, const struct syc_vector *v, size_t layer)
{
	double *score = calloc(a->n, sizeof(*score));
	int8_t *label = calloc(a->n, sizeof(*label));
	struct syc_auc auc = { .auc = 0.0 / 0.0 };

	for (size_t i = 0; score && label && i < a->n; i++) {
		score[i] = syc_cosine(a->prompt[i] + layer * a->dim, v->v + layer * v->dim, v->dim);
		label[i] = a->p_match[i] > 0.5 ? SYC_LABEL_SYC : SYC_LABEL_NOT;
	}
	if (score && label)
		syc_stat_auc(&auc, score, label, a->n, NULL);
	free(score);
	free(label);
	return auc.auc;
}

int main(int argc, char **argv)
{
	struct syc_prompter prompter = { 0 };
	const struct syc_recipe mean = { .balance = true };
	const struct syc_pairs_opts positions = { .read = SYC_READ_END };
	struct syc_pairs_model through = { .prompter = &prompter };
	struct syc_model *model = NULL;
	struct syc_pairs *pairs = NULL;
	struct syc_vector *vector = NULL;
	struct syc_asked *asked = NULL;
	struct syc_err err = { 0 };
	int ret;

	if (argc != 4) {
		fprintf(stderr, "usage: predict MODEL PAIRS QUESTIONS\n");
		return 2;
	}
	struct syc_rows pair_rows = { .paths = &argv[2], .n_paths = 1 };
	struct syc_rows questions = { .paths = &argv[3], .n_paths = 1 };
	ret = syc_model_open(&model, argv[1], NULL, &err);
	through.model = model;
	if (ret == 0)
		ret = syc_prompter_init(&prompter, model, &(struct syc_prompter_opts){ 0 }, &err);
	if (ret == 0)
		ret = syc_pairs_of_model(&pairs, &positions, &through, &pair_rows, &err);
	if (ret == 0)
		ret = syc_vector_of_pairs(&vector, pairs, NULL, &mean, &err);
	if (ret == 0)
		ret = syc_ask(&asked, model, &prompter, &questions, NULL, NULL, &err);
	for (size_t l = 0; ret == 0 && l < asked->n_layers; l++)
		printf("layer %2zu  AUC %.3f\n", l, area(asked, vector, l));
	if (ret < 0)
		fprintf(stderr, "predict: %s\n", err.msg);
	syc_rows_done(&questions);
	syc_asked_free(asked);
	syc_vector_free(vector);
	syc_pairs_free(pairs);
	syc_prompter_done(&prompter);
	syc_model_close(model);
	return ret < 0;
}
