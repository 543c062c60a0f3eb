/* SPDX-License-Identifier: MIT */
/*
 * Questions put to a model: how probable it finds the matching answer, and
 * what it was thinking when it had read the question.
 */
#ifndef SYC_ASK_H
#define SYC_ASK_H
#include "syc/choice.h"
#include "syc/rows.h"
#include "syc/steer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One array of floats a question, which is all that is held in memory. */
struct syc_asked {
	size_t n;		/* questions */
	size_t n_layers, dim;	/* of the model */
	char **id;		/* [n] */
	double *p_match;	/* [n] P(matching), see choice.h */
	float **prompt;		/* [n] each [n_layers][dim]: the residual stream after
				 * each block at the prompt's last token */
};

/*
 * Ask all questions of rows, whose paths, keep_going and skipped count as in
 * rows.h.  Activations are after steering (steer may be NULL).  eo gives all
 * but the hooks; NULL: the defaults.  No questions is SYC_EINVAL.  The caller
 * frees *out.
 */
SYC_API int syc_ask(struct syc_asked **out, const struct syc_model *m,
		    const struct syc_prompter *p, struct syc_rows *rows,
		    const struct syc_steer *steer,
		    const struct syc_engine_opts *eo, struct syc_err *err);
SYC_API void syc_asked_free(struct syc_asked *a);

#ifdef __cplusplus
}
#endif
#endif
