/* SPDX-License-Identifier: MIT */
/*
 * Steering: a hook that changes activations along a vector.
 *
 * x is a token's activation at one place of the model, v the vector of that
 * layer as it is stored (any length but zero), u = v / |v|, k the scale:
 *
 *     add         x + k v
 *     ablate      x - k (x.u) u                  k = 1: no component is left
 *     ablate+add  x - (x.u) u + k v
 *     clamp       x + k (c - x.u) u              k = 1: the component is c
 *     rotate      x turned by k degrees toward v, in the plane of both
 *     norm-keep   (x + k v) |x| / |x + k v|
 *
 * Ablation is the directional ablation of Arditi et al. (2024), (x.v) v / |v|^2
 * with a vector of any length.  rotate leaves an x that is parallel to v as it
 * is, norm-keep one that v would take to zero: the result is not defined there.
 *
 * Sums are of doubles, in eight lanes whatever the processor; the result is
 * rounded to float once (add: the product, then the sum).
 */
#ifndef SYC_STEER_H
#define SYC_STEER_H
#include "syc/engine.h"
#include "syc/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

enum syc_steer_op {
	SYC_STEER_ADD, SYC_STEER_ABLATE, SYC_STEER_ABLATE_ADD, SYC_STEER_CLAMP,
	SYC_STEER_ROTATE, SYC_STEER_NORM_KEEP,
	SYC_STEER_N_OPS
};

/* What there is to know of an operator without its formula. */
struct syc_steer_op_info {
	const char *name;	/* of op=, as in "ablate+add" */
	/* What the scale is in, "degrees", where it cannot be left out; or NULL. */
	const char *unit;
	double limit;		/* scales beyond it are refused, or INFINITY */
	/* The scale that does all the operator can, or INFINITY where more is more. */
	double full;
	/* [n_scales] that a sweep tries when none is given */
	const double *scales;
	size_t n_scales;
	/*
	 * Which way a positive scale moves what v stands for: 1 more of it, -1
	 * less, 0 where that is up to c.
	 */
	int way;
	/* the scale is how far it goes, not where: no curve has its sign */
	bool one_way;
	bool needs_to;	/* takes c */
};

/* Only where the component x.u is above, or below, zero. */
enum syc_steer_side { SYC_STEER_BOTH, SYC_STEER_POSITIVE, SYC_STEER_NEGATIVE };

/*
 * At which tokens.  The answer's tokens are those behind the prompt, generated
 * or given.
 */
enum syc_steer_when {
	SYC_STEER_ALL,
	SYC_STEER_PROMPT,	/* the prompt's */
	SYC_STEER_LAST,		/* the last of the prompt */
	SYC_STEER_GENERATED,	/* the answer's */
	SYC_STEER_AFTER,	/* the answer's but its first `count` */
	SYC_STEER_FIRST,	/* the answer's first `count` */
};

struct syc_steer_rule {
	enum syc_steer_op op;
	enum syc_hook_point hook;	/* 0: SYC_HOOK_BLOCK */
	float scale;			/* k */
	float to;			/* c, for operators that take it */
	bool to_mean;			/* c is the vector's center instead */
	enum syc_steer_side side;
	enum syc_steer_when when;
	uint32_t count;
	/*
	 * Not 0: the i-th token that `when` begins with, i from 0, is steered by
	 * the share max(0, 1 - i / decay): k times it (ablate+add: both parts).
	 */
	uint32_t decay;
	/* [n_layers]; none: all the vector has */
	const uint32_t *layers;
	size_t n_layers;
};

struct syc_steer;

SYC_API int syc_steer_new(struct syc_steer **out, const struct syc_model *m,
			  struct syc_err *err);
SYC_API void syc_steer_free(struct syc_steer *s);
/*
 * Apply another rule, after those there are; v is copied.  SYC_EINVAL: a layer
 * without a vector, a vector that is zero, not finite or of another width, a
 * scale that is not finite or beyond the operator's limit, a c that is not
 * known, no such operator.
 */
SYC_API int syc_steer_apply(struct syc_steer *s, const struct syc_vector *v,
			    const struct syc_steer_rule *rule,
			    struct syc_err *err);
/* The rule add, at the block and all tokens. */
SYC_API int syc_steer_add(struct syc_steer *s, const struct syc_vector *v,
			  float scale, const uint32_t *layers, size_t n_layers,
			  struct syc_err *err);
/*
 * The same from text: FILE[:SCALE][@LAYERS][,KEY=VALUE]..., as in
 * "v.gguf:-2@10-14,20" and "v.gguf@3,op=ablate,when=generated"; syc-gen(1) has
 * the keys.
 */
SYC_API int syc_steer_parse(struct syc_steer *s, const char *spec,
			    struct syc_err *err);
/* Whether the file of the last syc_steer_parse() has layers that were assumed (syc_vector). */
SYC_API bool syc_steer_assumed(const struct syc_steer *s);
/* Whether it says that it was made with another model than the one steered. */
SYC_API bool syc_steer_foreign(const struct syc_steer *s);
/* "op=ablate,hook=attn" into a rule, which keeps what is not named. */
SYC_API int syc_steer_rule_parse(struct syc_steer_rule *rule, const char *text,
				 struct syc_err *err);
/* An operator's row, which is constant; NULL: there is no such operator. */
SYC_API const struct syc_steer_op_info *syc_steer_op_info(enum syc_steer_op op);
/* The same by name. */
SYC_API const struct syc_steer_op_info *syc_steer_op_find(const char *name);

/*
 * Let a job be steered: sets its fields steer, steer_key, n_plain, n_own, n_below
 * and n_prompt.  Its tokens are there already; the first n_prompt are the prompt.
 * s must not change until the job is done, and may be NULL.
 */
SYC_API void syc_steer_job(const struct syc_steer *s, struct syc_job *job,
			   size_t n_prompt);
/* The hook that does it; in front of a recorder's, to record what it made. */
SYC_API struct syc_hook syc_steer_hook(void);
/*
 * What it does, as a JSON array of {"vector": checksum, "scale", "layers"} and
 * what else differs from a plain addition.
 */
SYC_API int syc_steer_describe(const struct syc_steer *s, struct syc_buf *out);

#ifdef __cplusplus
}
#endif
#endif
