/* SPDX-License-Identifier: MIT */
/* Runs: the settings that made rows and activations, and their digest. */
#ifndef SYC_RUN_H
#define SYC_RUN_H
#include "syc/prompter.h"
#include "syc/steer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Everything but a row itself that can change its answer or activations. */
struct syc_run {
	const char *program;		/* "syc-gen" */
	const struct syc_model *model;
	const struct syc_prompter *prompter;
	bool set_window;		/* as in struct syc_model_opts */
	uint32_t window;
	/* Of generated answers; max_tokens 0: none are generated. */
	size_t max_tokens;
	uint32_t n_ctx;			/* context, 0: the model's */
	struct syc_sampling sampling;
	const char *const *stop;	/* [n_stop] */
	size_t n_stop;
	/* Of activations and of steered answers: */
	const struct syc_steer *steer;	/* or NULL */
	bool pre;			/* recorded before steering */
	/* JSON members of the program's own, ", \"key\": value" each; or NULL */
	const char *more;
};

enum { SYC_RUN_DIGEST = 17 };	/* 16 hex digits and the closing NUL */

/*
 * Append the settings as JSON members without braces: program, version,
 * arithmetic (syc_arithmetic()), model, compute, chat and what else is not as it
 * is by default.  What does not change numbers is not among them: files' names,
 * threads, shards, batches, kernels.
 */
SYC_API int syc_run_settings(const struct syc_run *r, struct syc_buf *out);
/*
 * The digest of a run: 64 bits over its settings but version, with generation,
 * recording and steering.  Runs with equal digests give equal rows for equal
 * input (with f32 on one machine).
 */
SYC_API int syc_run_digest(const struct syc_run *r, char digest[SYC_RUN_DIGEST]);
/*
 * Append the provenance of a run's rows and recordings: one JSON object of
 * "run", its digest, and all settings.
 */
SYC_API int syc_run_describe(const struct syc_run *r, struct syc_buf *out);

#ifdef __cplusplus
}
#endif
#endif
