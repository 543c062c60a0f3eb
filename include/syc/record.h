/* SPDX-License-Identifier: MIT */
/* The recorder: a hook that keeps what passes by. */
#ifndef SYC_RECORD_H
#define SYC_RECORD_H
#include "syc/acts.h"
#include "syc/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The residual stream after chosen blocks. */

struct syc_recorder;

struct syc_recorder_opts {
	const uint32_t *layers;	/* [n_layers] rising */
	size_t n_layers;
	unsigned positions;	/* mask of 1 << enum syc_position */
};

SYC_API int syc_recorder_new(struct syc_recorder **out,
			     const struct syc_model *m,
			     const struct syc_recorder_opts *o,
			     struct syc_err *err);
SYC_API void syc_recorder_free(struct syc_recorder *r);
/*
 * The hook to give to the engine.  Behind the steering hook it records what
 * the next block sees; in front of it, what the block itself put out.
 */
SYC_API struct syc_hook syc_recorder_hook(struct syc_recorder *r);

/* Which of a job's tokens the positions are; SYC_NOWHERE where there is none. */
#define SYC_NOWHERE UINT32_MAX
struct syc_spots {
	uint32_t prompt;	/* last token of the prompt */
	uint32_t letter;
	uint32_t begin, end;	/* the answer's tokens; while it is generated,
				 * end is SYC_NOWHERE: the last one computed */
	uint32_t n_tokens;	/* of the job, for SYC_POSITION_ALL */
};

/*
 * What is taken from one job (its field rec).  A take may be used again after
 * syc_take_begin().  Rows never reached read as NULL.
 */
struct syc_take;
SYC_API struct syc_take *syc_take_new(const struct syc_recorder *r);
SYC_API void syc_take_free(struct syc_take *t);
SYC_API int syc_take_begin(struct syc_take *t, const struct syc_spots *at);
/* [n_layers][dim], or NULL.  Not for SYC_POSITION_ALL. */
SYC_API const float *syc_take_position(struct syc_take *t,
				       enum syc_position position);
/* [n_tokens][n_layers][dim], or NULL. */
SYC_API const float *syc_take_all(const struct syc_take *t);

#ifdef __cplusplus
}
#endif
#endif
