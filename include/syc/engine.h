/* SPDX-License-Identifier: MIT */
/*
 * The engine runs jobs: it takes token sequences from a source, pushes them
 * through a model many at a time, and hands each back to a sink, in order.
 */
#ifndef SYC_ENGINE_H
#define SYC_ENGINE_H
#include <stdbool.h>
#include "syc/base.h"
#include "syc/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the next token is chosen; all zero is greedy. */
struct syc_sampling {
	/* 0: the most probable token, lowest id at ties */
	float temperature;
	uint32_t top_k;	/* keep the K most probable; 0: all */
	float top_p;	/* then the fewest that reach this share; 0: all */
	uint64_t seed;
};

enum syc_finish {
	SYC_FINISH_NONE,	/* nothing was to be generated */
	SYC_FINISH_STOP,	/* an end token, or a stop text */
	SYC_FINISH_LENGTH,	/* max_new or the context's end */
};

/*
 * One sequence.  The caller fills the first part and keeps what it points to
 * until the sink has the job back; the engine fills the second part.
 */
struct syc_job {
	const char *id;			/* names the stream of random numbers */
	uint32_t sample;		/* likewise */
	const int32_t *tokens;		/* [n_tokens] not empty */
	size_t n_tokens;
	size_t max_new;			/* tokens to generate; 0: none */
	const struct syc_sampling *sampling;	/* NULL: greedy */
	const char *const *stop;	/* [n_stop] texts that end the answer */
	size_t n_stop;
	bool feed_last;			/* compute the last kept token, too */
	size_t may_skip;		/* hooks need not see so many first tokens:
					 * they may come from an earlier job, whole
					 * or up to block n_below */
	/*
	 * Look ahead: after the tokens these are computed, then on_probe gets
	 * the logits that follow, then all is as if they had not been there.
	 */
	const int32_t *probe;		/* [n_probe] may be none */
	size_t n_probe;
	void (*on_probe)(struct syc_job *job, const float *logits);
	bool want_score;		/* with a reward model: fill score */
	/*
	 * The logits that follow each of tokens, beginning with tokens[read_from];
	 * they are computed, whatever may_skip says.  Or NULL.
	 */
	size_t read_from;
	void (*on_token)(struct syc_job *job, uint32_t pos,
			 const float *logits);
	/* Each step's logits, before its token `chosen` is added; or NULL. */
	void (*on_step)(struct syc_job *job, const float *logits,
			int32_t chosen);
	/*
	 * This job's steering, for hooks (record.h: syc_steer_job() sets all of
	 * this).  Jobs of one steer_key share equal beginnings, so the same key
	 * must mean the same steering; 0: steered, and shared with none.  Where
	 * the first n_plain tokens are as without steering, they are shared as
	 * such and the rest is not; the last n_own are never shared.
	 */
	const void *steer;
	uint64_t steer_key;
	size_t n_plain, n_own;
	/* What is generated is steered as if it were the prompt's: it is shared, too. */
	bool steered_alike;
	/*
	 * Of all its tokens the first n_below blocks, without the hooks of
	 * SYC_HOOK_BLOCK behind the last of these, are as without steering: jobs
	 * of one n_below compute them once.  0: none.
	 */
	uint32_t n_below;
	/* of tokens, the rest is an answer; 0: all */
	size_t n_prompt;
	void *rec;			/* for hooks: this job's recording */
	void *user;

	struct syc_ids out;		/* kept tokens, no end token */
	struct syc_buf text;		/* their text, cut at a stop text */
	double *token_logprob;		/* [out.n] ln P of each */
	size_t cap_logprob;
	double logprob;			/* their sum */
	enum syc_finish finish;
	/* of the text that ends with tokens' last */
	float score;
};

/* Free what the engine filled and clear it; for the job's next use. */
SYC_API void syc_job_clear(struct syc_job *job);

/* Named places of the forward pass. */
enum syc_hook_point {
	SYC_HOOK_ATTN  = 1,	/* attention's output, before it is added */
	/* the feed-forward output, before it is added */
	SYC_HOOK_MLP   = 2,
	SYC_HOOK_BLOCK = 4,	/* the residual stream after a block */
};

/* Which token a row of a hook's matrix belongs to. */
struct syc_where {
	struct syc_job *job;
	uint32_t pos;
	bool probe;		/* one of job->probe's */
};

/*
 * Called at a point of block `layer` with n rows x [n][dim], which may be
 * changed; at [n] says whose they are.  One call at a time, hooks in order.
 * Of tokens that it need not see (may_skip) the last block may show none.
 */
struct syc_hook {
	unsigned points;		/* mask of enum syc_hook_point */
	void (*fn)(void *arg, enum syc_hook_point point, uint32_t layer,
		   size_t n, const struct syc_where *at, float *x);
	void *arg;
};

struct syc_engine_opts {
	unsigned threads;	/* 0: all cores */
	uint32_t n_ctx;		/* longest sequence; 0: the model's */
	uint32_t batch;		/* tokens per step; 0: 512 */
	uint32_t n_slots;	/* jobs under way at once; 0: 32 */
	/*
	 * Bytes for keys and values; 0: a fair share.  Where there are hooks and
	 * sharing, a quarter is for what steered jobs have in common below
	 * their steering, unless a job needs it itself.
	 */
	size_t kv_memory;
	uint32_t n_layers;	/* compute only so many blocks; 0: all.  Jobs
				 * must then generate and probe nothing */
	bool no_sharing;	/* compute equal beginnings again */
	const struct syc_hook *hooks;	/* [n_hooks] borrowed for as long as it lives */
	size_t n_hooks;
};

/* Uses the model, which must outlive it.  One thread at a time. */
struct syc_engine;

SYC_API int syc_engine_new(struct syc_engine **out, const struct syc_model *m,
			   const struct syc_engine_opts *o,
			   struct syc_err *err);
SYC_API void syc_engine_free(struct syc_engine *e);

/*
 * Run jobs until the source ends.  next sets *job (NULL at the end); it may be
 * asked for many jobs before the first comes back.  done gets the jobs in the
 * order they came.  Both return 0 or a negative code, which stops the run; a
 * job that cannot run (too long, unknown token) stops it with SYC_EINVAL.  When
 * a run stops early, drop gets every job that done did not.
 * With int8 a job's result depends on the job alone, whatever runs beside it;
 * with f32 jobs run one after the other, to the same end.
 */
SYC_API int syc_engine_run(struct syc_engine *e,
			   int (*next)(void *arg, struct syc_job **job, struct syc_err *err),
			   int (*done)(void *arg, struct syc_job *job, struct syc_err *err),
			   void (*drop)(void *arg, struct syc_job *job), void *arg,
			   struct syc_err *err);
/*
 * For next, where it would have to wait for a job: true, and with *job NULL the
 * jobs under way go on and next is asked again; false, there are none: wait.
 */
SYC_API bool syc_engine_later(struct syc_engine *e);
/* Run n jobs, which stay the caller's. */
SYC_API int syc_engine_run_all(struct syc_engine *e,
			       struct syc_job *const *jobs, size_t n,
			       struct syc_err *err);

/*
 * The logits [n][n_vocab] that follow n rows x [n][dim] of the residual stream
 * after the last block: the final norm and the output matrix.  Rows of another
 * layer give what the model would say if it ended there.  Between runs only;
 * not of a reward model, which predicts nothing.
 */
SYC_API void syc_engine_read_out(struct syc_engine *e, const float *x, size_t n,
				 float *logits);

/* Since the engine was made. */
struct syc_engine_stats {
	uint64_t n_jobs;
	uint64_t n_prompt;	/* tokens computed from jobs */
	uint64_t n_shared;	/* of jobs, taken from earlier ones */
	/* blocks of tokens among n_prompt that came from earlier jobs */
	uint64_t n_blocks_shared;
	uint64_t n_generated;
	double seconds;		/* spent in syc_engine_run() */
	/* tokens in a step from which sgemm is used; 0: never */
	size_t sgemm_from;
};
SYC_API void syc_engine_stats(const struct syc_engine *e,
			      struct syc_engine_stats *s);

/* Bytes of keys and values per token of context. */
SYC_API size_t syc_engine_kv_bytes(const struct syc_model *m);
/*
 * The default of kv_memory beside so many bytes of weights: a quarter of the machine's
 * memory, less where both would be more than three fifths of it, a sixteenth at least.
 */
SYC_API size_t syc_engine_fair_share(size_t weights);

/* What an engine is to run, as far as it is known. */
struct syc_work {
	uint64_t n_rows, n_tokens;	/* 0: unknown */
	size_t longest;			/* tokens of a row, new ones included */
	bool steered;			/* with what is kept below it */
};
/* Bytes that an engine takes at most, beside its model. */
struct syc_engine_need {
	size_t kv;		/* keys and values, with what kv_memory also holds */
	size_t buffers;
};
SYC_API void syc_engine_memory_needed(struct syc_engine_need *out,
				      const struct syc_model_need *model,
				      enum syc_compute compute,
				      const struct syc_engine_opts *o,
				      const struct syc_work *work);

/* ln of the sum of exp of n > 0 logits; NaN where one is. */
SYC_API double syc_log_sum_exp(const float *logits, size_t n);
/*
 * The k most probable tokens, most probable first (lowest id at ties), and the
 * natural logarithms of their probabilities.  Returns how many (at most n).
 */
SYC_API size_t syc_top_logprobs(const float *logits, size_t n, size_t k,
				int32_t *id, float *logprob);
/* P(id) among all n tokens. */
SYC_API double syc_token_prob(const float *logits, size_t n, int32_t id);
/*
 * P(id) / (P(id) + the sum of P over the n others); an id given twice counts
 * once.
 */
SYC_API double syc_choice_prob(const float *logits, int32_t id,
			       const int32_t *other, size_t n);

/*
 * Which arithmetic this library computes int8 with: the digest of what the demo
 * model puts out, and of products with weights of every type.  Where it is
 * equal, outputs and activations are.
 */
SYC_API uint64_t syc_arithmetic(void);

#ifdef __cplusplus
}
#endif
#endif
