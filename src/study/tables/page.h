/* SPDX-License-Identifier: MIT */
/* The questions of a page, each a function that fills a conclusion. */
#ifndef SRC_STUDY_TABLES_PAGE_H
#define SRC_STUDY_TABLES_PAGE_H
#include "study/tables/tables.h"

/* What the questions of a page are asked with. */
struct page {
	const struct syc_study_documents *d;
	struct page_tests t;
	struct syc_buf why;		/* no effect to go on with */
	struct syc_rests effect;
};

/* NULL where what rests on an effect of the view is asked. */
const struct syc_rests *page_on_effect(const struct page *p);
/* The claims and rows that test what the vector "mean" predicts. */
struct syc_counts page_tested(const struct syc_study_documents *d);

/* Prediction: page_prediction.c. */
typedef int page_question(struct page *p, struct syc_conclusion *out, struct syc_err *err);
page_question ask_prediction, ask_shift, ask_ceiling, ask_nulls, ask_letters, ask_rival,
	ask_increment, ask_elsewhere, ask_confounds;
/* Steering: page_steering.c. */
page_question ask_steers, ask_opposite, ask_slopes, ask_denial, ask_asking;

#endif
