/* SPDX-License-Identifier: MIT */
/* What a row says before any activation is looked at: baselines of predictions. */
#ifndef SYC_FEATURES_H
#define SYC_FEATURES_H
#include "syc/task.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SYC_FEATURE_WORDS = 512 };

/*
 * Words are runs of letters, digits and bytes beyond ASCII, without regard to
 * case; the question is the text that asks, up to its choices.
 */
struct syc_row_features {
	double length;	/* log(1 + words of the question) */
	/*
	 * Share of the answer's different words that are in the question: of the
	 * user's choice, less that of the other choices; without choices of the
	 * completion (NaN without any).
	 */
	double overlap;
	double odds;	/* log odds of "p_match", NaN without */
	char *view;	/* the user's choice, or the field "view"; "" none */
	int option;	/* its place among the choices in order of bytes, -1 none */
	char letter;	/* of the matching answer; 0 without choices */
	/* log(1 + how often) of the question's words, hashed into so many places */
	float *words;	/* [SYC_FEATURE_WORDS] */
};

/* SYC_EINVAL where the row has no text that asks.  Free it always. */
SYC_API int syc_row_features(struct syc_row_features *out, const struct syc_row *row,
			     struct syc_err *err);
SYC_API void syc_row_features_free(struct syc_row_features *f);

#ifdef __cplusplus
}
#endif
#endif
