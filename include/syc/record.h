/* SPDX-License-Identifier: MIT */
/* Hooks that watch and push: the recorder and steering. */
#ifndef SYC_RECORD_H
#define SYC_RECORD_H
#include "syc/acts.h"
#include "syc/engine.h"
#include "syc/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- recording: the residual stream after chosen blocks ---------------- */

struct syc_recorder;

struct syc_recorder_opts {
	const uint32_t *layers;	/* [n_layers] rising */
	size_t n_layers;
	unsigned sites;		/* mask of 1 << enum syc_site */
};

SYC_API int syc_recorder_new(struct syc_recorder **out, const struct syc_model *m,
			     const struct syc_recorder_opts *o, struct syc_err *err);
SYC_API void syc_recorder_free(struct syc_recorder *r);
/*
 * The hook to give to the engine.  Behind the steering hook it records what
 * the next block sees; in front of it, what the block itself put out.
 */
SYC_API struct syc_hook syc_recorder_hook(struct syc_recorder *r);

/* Positions of one job's sites; SYC_NOWHERE where there is none. */
#define SYC_NOWHERE UINT32_MAX
struct syc_spots {
	uint32_t prompt;	/* last token of the prompt */
	uint32_t letter;
	uint32_t begin, end;	/* the answer's tokens; while it is generated,
				 * end is SYC_NOWHERE: the last one computed */
	uint32_t n_tokens;	/* of the job, for SYC_SITE_ALL */
};

/*
 * What is taken from one job (its field rec).  A take may be used again after
 * syc_take_begin().  Rows never reached read as NULL.
 */
struct syc_take;
SYC_API struct syc_take *syc_take_new(const struct syc_recorder *r);
SYC_API void syc_take_free(struct syc_take *t);
SYC_API int syc_take_begin(struct syc_take *t, const struct syc_spots *at);
/* [n_layers][dim], or NULL.  Not for SYC_SITE_ALL. */
SYC_API const float *syc_take_site(struct syc_take *t, enum syc_site site);
/* [n_tokens][n_layers][dim], or NULL. */
SYC_API const float *syc_take_all(const struct syc_take *t);

/* ---- steering: adding vectors to the residual stream ------------------- */

struct syc_steer;

SYC_API int syc_steer_new(struct syc_steer **out, const struct syc_model *m, struct syc_err *err);
SYC_API void syc_steer_free(struct syc_steer *s);
/*
 * After each of the layers (n_layers 0: all that v has) add scale * v.  Several
 * additions to one layer are made in the order they were given.  A layer
 * without a vector, a zero vector or a vector of another width is SYC_EINVAL.
 */
SYC_API int syc_steer_add(struct syc_steer *s, const struct syc_vector *v, float scale,
			  const uint32_t *layers, size_t n_layers, struct syc_err *err);
/* The same from text: FILE[:SCALE][@LAYERS], as in "v.gguf:-2@10-14,20". */
SYC_API int syc_steer_parse(struct syc_steer *s, const char *spec, struct syc_err *err);
/* The hook that adds; jobs name their steering in their field steer. */
SYC_API struct syc_hook syc_steer_hook(void);
/* What it does, as a JSON array of {"vector": checksum, "scale", "layers"}. */
SYC_API int syc_steer_describe(const struct syc_steer *s, struct syc_buf *out);

#ifdef __cplusplus
}
#endif
#endif
