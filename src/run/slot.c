/* SPDX-License-Identifier: MIT */
/*
 * A job's phases: its prompt is computed; its probe; then token after token is
 * generated, and where the last one is wanted, computed too.
 */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "run/engine.h"

void syc_slot_feed(struct syc_slot *s, enum syc_phase phase,
		   const int32_t *tokens, size_t n, uint32_t pos,
		   bool want_logits)
{
	s->phase = phase;
	s->feed = tokens;
	s->n_feed = n;
	s->pos = pos;
	s->want_logits = want_logits;
}

static void finish(struct syc_slot *s)
{
	struct syc_job *job = s->job;

	s->phase = SYC_PHASE_DONE;
	job->logprob = 0;
	for (size_t i = 0; i < job->out.n; i++)
		job->logprob += job->token_logprob[i];
}

/* What comes after a token was chosen, or the prompt has been computed. */
static void go_on(struct syc_slot *s)
{
	struct syc_job *job = s->job;
	uint32_t end = (uint32_t)(job->n_tokens + job->out.n);

	if (s->generating)
		syc_slot_feed(s, SYC_PHASE_GENERATE, &s->next, 1, end - 1,
			      true);
	else if (job->feed_last && job->out.n && s->last_pos != end - 1)
		syc_slot_feed(s, SYC_PHASE_LAST, &job->out.id[job->out.n - 1],
			      1, end - 1, false);
	else
		finish(s);
}

/* Cut the answer at the first stop text; true when there was one. */
static bool cut_at_stop(const struct syc_engine *e, struct syc_job *job)
{
	size_t cut = SIZE_MAX, len = 0, keep = 0;

	for (size_t i = 0; i < job->n_stop; i++) {
		size_t n = strlen(job->stop[i]);
		const char *p = n ? memmem(job->text.data, job->text.len,
					   job->stop[i], n) :
				    NULL;

		if (p && (size_t)(p - job->text.data) < cut)
			cut = (size_t)(p - job->text.data);
	}
	if (cut == SIZE_MAX)
		return false;
	/* Keep the tokens that begin in front of the cut. */
	for (size_t n; keep < job->out.n && len < cut; keep++) {
		syc_vocab_piece(e->m->vocab, job->out.id[keep], false, &n);
		len += n;
	}
	job->out.n = keep;
	job->text.len = cut;
	job->text.data[cut] = 0;
	return true;
}

static int add_token(struct syc_engine *e, struct syc_slot *s, int32_t id,
		     double logprob, struct syc_err *err)
{
	struct syc_job *job = s->job;
	size_t n;
	const char *piece = syc_vocab_piece(e->m->vocab, id, false, &n);

	if (!syc_grow(&job->token_logprob, &job->cap_logprob, job->out.n + 1,
		      sizeof(double)) ||
	    syc_ids_add(&job->out, &id, 1) < 0 ||
	    syc_buf_add(&job->text, piece ? piece : "", n) < 0)
		return syc_nomem(err);
	job->token_logprob[job->out.n - 1] = logprob;
	e->stats.n_generated++;
	if (job->n_stop && cut_at_stop(e, job)) {
		job->finish = SYC_FINISH_STOP;
		s->generating = false;
	} else if (job->out.n == job->max_new ||
		   job->n_tokens + job->out.n >= e->n_ctx) {
		job->finish = SYC_FINISH_LENGTH;
		s->generating = false;
	}
	return 0;
}

/* Choose the next token from the logits. */
static int take_token(struct syc_engine *e, struct syc_slot *s,
		      const float *logits, struct syc_err *err)
{
	struct syc_job *job = s->job;
	size_t n = syc_vocab_size(e->m->vocab);
	double lse = syc_step_log_sum(e->kern, logits, n, e->probs);

	if (isnan(lse))
		return syc_fail(err, SYC_EINVAL,
				"row '%s': the model's output is not finite "
				"after %zu tokens", job->id,
				job->n_tokens + job->out.n);
	s->next = syc_choose(e->kern, logits, n, job->sampling,
			     syc_rand_unit(s->key, job->out.n), e->probs,
			     e->heap);
	if (job->on_step)
		job->on_step(job, logits, s->next);
	if (syc_vocab_is_end(e->m->vocab, s->next)) {
		job->finish = SYC_FINISH_STOP;
		s->generating = false;
		return 0;
	}
	return add_token(e, s, s->next, (double)logits[s->next] - lse, err);
}

int syc_slot_computed(struct syc_engine *e, struct syc_slot *s,
		      const float *logits, const float *score,
		      struct syc_err *err)
{
	struct syc_job *job = s->job;
	int ret = 0;

	if (s->phase == SYC_PHASE_PROBE) {
		job->on_probe(job, logits);
		go_on(s);
		return 0;
	}
	if (s->phase == SYC_PHASE_PROMPT && job->want_score)
		job->score = *score;
	if (s->phase == SYC_PHASE_PROMPT && job->on_probe && !job->n_probe)
		job->on_probe(job, logits);
	if (s->generating)
		ret = take_token(e, s, logits, err);
	if (s->phase == SYC_PHASE_PROMPT && job->on_probe && job->n_probe)
		syc_slot_feed(s, SYC_PHASE_PROBE, job->probe, job->n_probe,
			      (uint32_t)job->n_tokens, true);
	else
		go_on(s);
	return ret;
}

int syc_slot_check(const struct syc_engine *e, const struct syc_job *job,
		   struct syc_err *err)
{
	size_t len = job->n_tokens + job->n_probe;

	if (!job->n_tokens)
		return syc_fail(err, SYC_EINVAL, "row '%s': no tokens",
				job->id);
	if (len > e->n_ctx || len < job->n_probe)
		return syc_fail(err, SYC_EINVAL,
			"row '%s': %zu tokens do not fit the context of "
			"%" PRIu32,
			job->id, len, e->n_ctx);
	for (size_t i = 0; i < len; i++) {
		int32_t id = i < job->n_tokens ? job->tokens[i] :
						 job->probe[i - job->n_tokens];

		if (id < 0 || (uint32_t)id >= e->m->cfg.n_vocab)
			return syc_fail(err, SYC_EINVAL,
					"row '%s': token %" PRId32 " is not in "
					"the vocabulary of %" PRIu32,
					job->id, id, e->m->cfg.n_vocab);
	}
	if ((job->max_new || job->on_probe || job->on_token ||
	     job->want_score) &&
	    e->n_layers < e->m->cfg.n_layers)
		return syc_fail(err, SYC_EINVAL,
				"row '%s': generating needs all blocks",
				job->id);
	if ((job->max_new || job->on_probe || job->on_token) &&
	    !e->m->output.rows)
		return syc_fail(err, SYC_EINVAL,
				"row '%s': the model scores texts, it does not "
				"go on with them", job->id);
	if (job->want_score && !e->m->score)
		return syc_fail(err, SYC_EINVAL,
				"row '%s': the model has no head that scores "
				"texts", job->id);
	return 0;
}
