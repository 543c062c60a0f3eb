/* SPDX-License-Identifier: MIT */
/* The engine's parts: scheduler (engine.c), slots, forward pass, choice of tokens. */
#ifndef SRC_RUN_ENGINE_H
#define SRC_RUN_ENGINE_H
#include "base/par.h"
#include "model/model.h"
#include "run/cache.h"
#include "syc/engine.h"

enum syc_phase {
	SYC_PHASE_FREE, SYC_PHASE_WAIT, SYC_PHASE_PROMPT, SYC_PHASE_PROBE,
		SYC_PHASE_GENERATE,
	SYC_PHASE_LAST, SYC_PHASE_DONE,
};

/* Pages of one stem: see stem.c. */
struct syc_stem {
	uint32_t blocks;
	struct syc_page **page;	/* [n] of cap */
	size_t n, cap;
	size_t n_published;
};

/* One job under way, with its keys and values. */
struct syc_slot {
	struct syc_job *job;
	enum syc_phase phase;
	/* The tokens to be computed now: feed [n_feed], the first at pos. */
	const int32_t *feed;
	size_t n_feed;
	uint32_t pos;
	bool want_logits;	/* of the last of them */
	int32_t next;		/* the token just chosen */
	uint32_t last_pos;	/* of the job's own tokens, computed last */
	bool generating;
	uint64_t key;		/* of its random numbers */

	struct syc_page **page;	/* [n_pages] of cap_pages */
	size_t n_pages, cap_pages;
	size_t n_published;	/* pages that the tree has been shown */
	size_t n_reserved;	/* pages promised while it waits */
	/*
	 * While the prompt is computed: tokens in front of root_end go on from
	 * there; all that are computed so far fill the job's own stem.
	 */
	struct syc_stem root, own;
	uint32_t root_end;
	/* While it waits: another slot computes what both begin with. */
	const struct syc_slot *leader;
	const struct syc_job *leader_job;
	uint32_t leader_pos;	/* and is done when it gets here */
	bool stem_leader;	/* what both have below their steering */
};

/* The tokens of one step and all that is computed for them. */
struct syc_batch {
	size_t n, max;
	uint32_t from;		/* the first block that they go through */
	int32_t *token;		/* [max] */
	struct syc_where *at;	/* [max] */
	struct syc_slot **slot;	/* [max] */
	/* [n_spans + 1] first tokens: see syc_attend_spans() */
	size_t *span;
	size_t n_spans;
	size_t *paged;		/* [n_paged + 1] of those with a page in common */
	size_t n_paged;
	float *x;		/* [max][dim]     residual stream */
	float *xb;		/* [max][wide]    input of a product */
	float *q;		/* [max][q_dim] */
	float *k, *v;		/* [max][kv_dim] */
	float *g, *h;		/* [max][ffn_dim] */
	/* xb, quantized, in tiles of tokens: see kern.h */
	int8_t *a;
	float *as;
	int32_t *asum;
	uint32_t *list;
	size_t n_logits;
	size_t *logit_row;	/* [n_slots] tokens whose logits are read */
	size_t n_read;
	size_t *read_row;	/* [max] tokens whose logits go to on_token */
	float *logits;		/* [n_slots][n_vocab] */
	float *score;		/* [n_slots] of a reward model */
};

struct syc_engine {
	const struct syc_model *m;
	const struct syc_kern *kern;
	struct syc_par *par;
	uint32_t n_ctx, n_layers;
	/* wide: the longest input, padded to 32 */
	size_t q_dim, kv_dim, wide;
	float second_pass;	/* of activations to int8: quantize() of kern.h */
	struct syc_cache cache;
	struct syc_cache stem;	/* see stem.c */
	const struct syc_hook *hooks;
	size_t n_hooks;

	struct syc_slot *slot;	/* [n_slots] */
	size_t n_slots;
	/* [n_slots] in the order of the source */
	struct syc_slot **queue;
	size_t n_queue;
	size_t *n_waiting;	/* [n_layers + 1] tokens that begin at a block */
	bool later;		/* the source has no job yet */
	struct syc_batch b;

	float *rope;		/* [n_rope][head_dim / 2][2] cos, sin */
	size_t n_rope;
	/* Products of queries and keys, then the weights of values. */
	float *qk;		/* [threads][SYC_ATTN_ROWS][n_qk] */
	size_t n_qk;
	/* [threads][scratch_size] for mul(), unless f32 */
	uint8_t *scratch;
	size_t scratch_size;
	/* [threads][SYC_SGEMM_ROWS][wide] unless int8 only */
	float *decoded;
	size_t sgemm_from;	/* tokens in a step from which sgemm is used */
	float *probs;		/* [n_vocab] */
	uint32_t *heap;		/* [n_vocab] */

	struct syc_engine_stats stats;
};

/* How many of a job's first tokens hooks need not see. */
static inline size_t syc_job_unseen(const struct syc_job *job)
{
	return job->may_skip < job->n_tokens ? job->may_skip : job->n_tokens;
}

/* ---- engine.c ---------------------------------------------------------------- */

/* What follows from the model's configuration and the options alone. */
void syc_engine_sizes(struct syc_engine *e, const struct syc_model *m,
		      const struct syc_engine_opts *o);

/* ---- buffers.c: memory but for keys and values ----------------------------- */

/* Allocate the batch and what does not depend on the length of sequences. */
int syc_buffers_new(struct syc_engine *e, struct syc_err *err);
/*
 * The bytes of all this for sequences of n tokens; e has what syc_engine_sizes()
 * sets, and no memory after it.
 */
size_t syc_buffers_need(struct syc_engine *e, size_t threads, size_t n);
/* Make room for sequences of n tokens: their cosines, sines and attention. */
int syc_buffers_grow(struct syc_engine *e, size_t n, struct syc_err *err);
void syc_buffers_free(struct syc_engine *e);

/* ---- admit.c: a job's way into a slot -------------------------------------- */

/* Start job in the free slot s; 1 started, 0 it has to wait for memory. */
int syc_slot_admit(struct syc_engine *e, struct syc_slot *s,
		   struct syc_job *job, struct syc_err *err);
/* Start slots whose leader is far enough; shows computed pages to the tree. */
int syc_slot_follow(struct syc_engine *e, struct syc_slot *s,
		    struct syc_err *err);
/* Give the slot's pages back. */
void syc_slot_release(struct syc_engine *e, struct syc_slot *s);

/* ---- stem.c: what steered jobs have in common below their steering --------- */

/* Make room out of the memory for keys and values, where jobs may be steered. */
void syc_stem_init(struct syc_engine *e);
/* Give the memory back to keys and values; no slot uses it. */
void syc_stem_free(struct syc_engine *e);
/* Blocks of a job that are as without steering; 0 where stems are not kept. */
uint32_t syc_stem_blocks(const struct syc_engine *e, const struct syc_job *job);
/* The most blocks of tokens behind the first pos that a stem saves the job now. */
size_t syc_stem_have(struct syc_engine *e, const struct syc_job *job, size_t pos);
/*
 * Where the job is to begin, though its first pos tokens are there: in front of
 * them where its own stem would else have a hole, and they are few.
 */
size_t syc_stem_reach(struct syc_engine *e, const struct syc_job *job, size_t pos);
/* A slot that has its pages and computes from pos: find its stem, or begin one. */
int syc_stem_start(struct syc_engine *e, struct syc_slot *s, size_t pos,
		   struct syc_err *err);
/* The block that the slot's next tokens begin at. */
uint32_t syc_stem_from(const struct syc_slot *s);
/* Show the tree what the slot has filled; when the prompt is done, leave it. */
void syc_stem_publish(struct syc_engine *e, struct syc_slot *s);
void syc_stem_drop(struct syc_engine *e, struct syc_slot *s);
/* The residual stream of a batch that begins behind block 0, into x. */
void syc_stem_load(struct syc_engine *e);
/* Whether token t's x after n_blocks blocks is to be kept. */
bool syc_stem_keeps(const struct syc_engine *e, size_t t, uint32_t n_blocks);
/* Keep x after n_blocks blocks for the slots that fill a stem of so many. */
void syc_stem_keep(struct syc_engine *e, uint32_t n_blocks);

/* ---- slot.c: its way through its phases ------------------------------------ */

/* Whether the job can run at all. */
int syc_slot_check(const struct syc_engine *e, const struct syc_job *job,
		   struct syc_err *err);
/* In this phase n tokens are to be computed, the first at pos. */
void syc_slot_feed(struct syc_slot *s, enum syc_phase phase,
		   const int32_t *tokens, size_t n, uint32_t pos,
		   bool want_logits);
/* The tokens fed to a slot are computed; logits and score are NULL unless wanted. */
int syc_slot_computed(struct syc_engine *e, struct syc_slot *s,
		      const float *logits, const float *score,
		      struct syc_err *err);

/* ---- attend.c: keys, values and attention --------------------------------- */

/*
 * Cut the batch into spans of tokens of one sequence, one behind the other: those whose
 * attention is computed together, as many as fill a kernel's rows, and those whose keys
 * and values lie in one page.
 */
void syc_attend_spans(struct syc_engine *e);
/* Put the keys and values [kv_dim] of token t of the batch into its page. */
void syc_attend_store(struct syc_engine *e, size_t t, uint32_t layer,
		      const float *k, const float *v);
/* softmax(q K' / sqrt(head_dim)) V of all tokens of the batch, into xb. */
void syc_attend(struct syc_engine *e, uint32_t layer);

/* ---- forward.c -------------------------------------------------------------- */

/*
 * Run the tokens of e->b through the model: keys and values are stored, hooks
 * called, jobs shown the logits they watch; logits are left in e->b.logits
 * (unless the model has none) and scores in e->b.score (if it has some) for the
 * rows of logit_row.
 */
void syc_forward(struct syc_engine *e);

/*
 * Choose a token from n logits; u is uniform in [0, 1).  probs and heap are
 * scratch [n].  The logits hold no NaN.
 */
int32_t syc_choose(const struct syc_kern *k, const float *logits, size_t n,
		   const struct syc_sampling *s, double u, float *probs,
		   uint32_t *heap);
/*
 * syc_log_sum_exp() of a step's logits by the kernels: quicker, its terms and
 * their sum floats.  probs is scratch [n].
 */
double syc_step_log_sum(const struct syc_kern *k, const float *logits, size_t n,
			float *probs);

#endif
