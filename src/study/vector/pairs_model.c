/* SPDX-License-Identifier: MIT */
/* Pairs from rows, run through a model. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "study/vector/pairs.h"
#include "syc/sequence.h"

struct source {
	struct syc_pairs *p;
	const struct syc_pairs_model *m;
	unsigned side;			/* the model's, for MODELS */
	struct syc_sequence_rules rules;
	struct syc_rows rows;
	struct syc_recorder *recorder;
	size_t *at; /* [n_layers] 0, 1, ...: all that is recorded */
	struct syc_sequence *second;	/* of a pair, still to be handed out */
	struct syc_sequence *first;	/* of a pair, waiting for the other */
	bool any;			/* a row was taken */
	uint64_t taken;			/* rows */
	uint32_t checksum;
	uint64_t n;			/* records so far */
};

/* What has to be computed for a row, beside its letter. */
static unsigned positions_of(enum syc_read read, bool answers)
{
	switch (read) {
	case SYC_READ_LETTER:
	case SYC_READ_TOKEN: return 1u << SYC_POSITION_LETTER;
	case SYC_READ_MEAN: return 1u << SYC_POSITION_MEAN;
	case SYC_READ_PROMPT: return 1u << SYC_POSITION_PROMPT;
	case SYC_READ_LAST: return 1u << SYC_POSITION_LAST;
	default:
		return 1u << (answers ? SYC_POSITION_LAST
				      : SYC_POSITION_PROMPT);
	}
}

/* A token of one's own choosing is recorded where the letter would be. */
static int set_token(const struct source *s, struct syc_sequence *it,
		     struct syc_err *err)
{
	const int64_t token = s->p->o.token, n = (int64_t)it->ids.n;
	const int64_t pos =
		token < 0 ? n + token : (int64_t)it->n_prompt + token;

	if (s->p->o.read != SYC_READ_TOKEN)
		return 0;
	if (pos < 0 || pos >= n)
		return syc_fail(err, SYC_EINVAL,
				"there is no token %" PRId64
				" (%zu of the prompt, %zu of the answer)",
				token, it->n_prompt, it->ids.n - it->n_prompt);
	it->at.letter = (uint32_t)pos;
	it->job.may_skip = (size_t)pos;
	return 0;
}

static enum syc_position position_of(const struct source *s,
				     const struct syc_sequence *it)
{
	switch (s->p->o.read) {
	case SYC_READ_LETTER:
	case SYC_READ_TOKEN: return SYC_POSITION_LETTER;
	case SYC_READ_MEAN: return SYC_POSITION_MEAN;
	case SYC_READ_PROMPT: return SYC_POSITION_PROMPT;
	default:
		return it->at.end != SYC_NOWHERE ? SYC_POSITION_LAST
						 : SYC_POSITION_PROMPT;
	}
}

/* The two prompts of a pair.  Takes over row. */
static int make_prompts(const struct source *s, struct syc_sequence_rules rules,
			struct syc_row *row, struct syc_sequence **two,
			struct syc_err *err)
{
	const enum syc_read read = s->p->o.read;

	rules.positions = 1u << SYC_POSITION_PROMPT;
	if (read == SYC_READ_END || read == SYC_READ_PROMPT ||
	    (read == SYC_READ_TOKEN && s->p->o.token < 0))
		return syc_sequences_of_prompts(two, &rules, s->m->prompter, "",
						0, row, err);
	syc_row_free(row);
	return syc_fail(err, SYC_EINVAL,
		"a pair of prompts has no answer%s (read at the position "
		"prompt)",
		read == SYC_READ_LETTER ? " letter" : "");
}

/* The sequences of a row.  Takes over row. */
static int make_items(const struct source *s, struct syc_row *row,
		      struct syc_sequence **two, size_t *n, struct syc_err *err)
{
	const struct syc_pairs_opts *o = &s->p->o;
	struct syc_sequence_rules rules = s->rules;
	const bool answers = row->n_match && row->n_other;
	const bool answered =
		answers || row->completion || row->has_completion_ids;

	*n = 2;
	if (row->has_pair)
		return make_prompts(s, rules, row, two, err);
	rules.answers = o->kind == SYC_PAIRS_CONTRAST ||
			(answers && o->kind == SYC_PAIRS_CONTROL);
	rules.positions =
		positions_of(o->read, answered && o->read != SYC_READ_PROMPT);
	return syc_sequences_of_row(two, n, &rules, s->m->prompter, "", 0, row,
				    err);
}

static bool readable(const struct source *s, const struct syc_sequence *it)
{
	const struct syc_spots *at = &it->at;

	return s->p->o.read == SYC_READ_LETTER ? at->letter != SYC_NOWHERE :
		s->p->o.read == SYC_READ_MEAN ? at->end != SYC_NOWHERE : true;
}

/* The two must differ, and what is read must be there. */
static int check_items(const struct source *s, struct syc_sequence **two,
		       size_t n, struct syc_err *err)
{
	const struct syc_sequence *a = two[0], *b = two[n - 1];
	const enum syc_read read = s->p->o.read;
	const size_t n_a = read == SYC_READ_PROMPT ? a->n_prompt : a->ids.n;
	const size_t n_b = read == SYC_READ_PROMPT ? b->n_prompt : b->ids.n;

	for (size_t i = 0; i < n; i++) {
		int ret = set_token(s, two[i], err);

		if (ret < 0)
			return ret;
	}
	if (n == 2 && s->p->o.kind != SYC_PAIRS_MODELS && n_a == n_b &&
	    memcmp(a->ids.id, b->ids.id, n_a * sizeof(*a->ids.id)) == 0)
		return syc_fail(err, SYC_EINVAL,
				"the two of the pair do not differ");
	if (!readable(s, a) || !readable(s, b))
		return syc_fail(err, SYC_EINVAL,
			read == SYC_READ_MEAN ? "there is no answer" :
			"the two answers do not differ in a token");
	return 0;
}

/* Pairs and single prompts do not mix. */
static int check_single(struct source *s, size_t n, struct syc_err *err)
{
	const bool single = n == 1 && s->p->o.kind == SYC_PAIRS_CONTROL;

	if (s->any && single != s->p->info.single)
		return syc_fail(err, SYC_EINVAL, "prompts and pairs are mixed");
	s->p->info.single = single;
	s->any = true;
	return 0;
}

/* The items of the row in hand, if it can be used.  Takes over row. */
static int take_row(struct source *s, struct syc_row *row,
		    struct syc_sequence **two, size_t *n, struct syc_err *err)
{
	int ret = make_items(s, row, two, n, err);

	if (ret < 0)
		return ret;
	ret = check_items(s, two, *n, err);
	if (ret == 0)
		ret = check_single(s, *n, err);
	if (ret == 0) {
		const unsigned char *line = (unsigned char *)s->rows.line;

		s->checksum = (uint32_t)crc32_z(s->checksum, line, s->rows.len);
		return 0;
	}
	syc_sequence_free(two[0]);
	syc_sequence_free(*n == 2 ? two[1] : NULL);
	return ret;
}

/* The items of the next row that can be used; *n 0 at the end. */
static int next_row(struct source *s, struct syc_sequence **two, size_t *n,
		    struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	*n = 0;
	if (s->p->o.most && s->taken == s->p->o.most)
		return 0;
	while ((ret = syc_rows_next(&s->rows, &row, err)) == 1) {
		if (take_row(s, row, two, n, err) == 0) {
			s->taken++;
			return 0;
		}
		ret = syc_rows_bad(&s->rows, err);
		if (ret < 0)
			break;
	}
	*n = 0;
	return ret;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct source *s = arg;
	struct syc_sequence *two[2] = { s->second, NULL };
	size_t n;
	int ret = 0;

	*job = NULL;
	if (!s->second) {
		ret = next_row(s, two, &n, err);
		if (ret < 0 || n == 0)
			return ret;
		s->second = n == 2 ? two[1] : NULL;
	} else {
		s->second = NULL;
	}
	two[0]->job.rec = syc_take_new(s->recorder);
	if (!two[0]->job.rec ||
	    syc_take_begin(two[0]->job.rec, &two[0]->at) < 0) {
		syc_sequence_free(two[0]);
		return syc_nomem(err);
	}
	*job = &two[0]->job;
	return 0;
}

static int put_side(struct source *s, uint64_t i, unsigned side,
		    const struct syc_sequence *it, struct syc_err *err)
{
	const enum syc_position position = position_of(s, it);
	const float *x = syc_take_position(it->job.rec, position);
	struct syc_err why;
	int ret;

	if (!x)
		return syc_fail(err, SYC_EINVAL,
				"row '%.100s': an answer has no tokens",
				it->row->id);
	s->p->positions |= 1u << position;
	ret = pairs_put(s->p, i, side, x, s->at, &why);
	if (ret == SYC_EINVAL)
		return syc_fail(err, ret, "row '%.100s': %.300s", it->row->id,
				why.msg);
	return ret < 0 ? syc_fail(err, ret, "%s", why.msg) : 0;
}

/* One text in one of two models. */
static int add_text(struct source *s, const struct syc_sequence *it,
		    struct syc_err *err)
{
	const unsigned char *ids = (unsigned char *)it->ids.id;
	const uint32_t mark =
		(uint32_t)crc32_z(0, ids, it->ids.n * sizeof(*it->ids.id));
	int ret;

	if (s->side && s->n >= s->p->info.n)
		return syc_fail(err, SYC_EINVAL,
				"the rows changed between the two models");
	ret = put_side(s, s->n, s->side, it, err);
	if (ret == 0)
		ret = pairs_put_mark(s->p, s->n, s->side, mark, err);
	if (ret == 0 && s->side == 0)
		ret = pairs_put_none(s->p, s->n, err);
	s->n++;
	return ret;
}

static int add_pair(struct source *s, const struct syc_sequence *match,
		    const struct syc_sequence *other, struct syc_err *err)
{
	int ret = put_side(s, s->n, 0, match, err);

	if (ret == 0)
		ret = other ? put_side(s, s->n, 1, other, err) :
			pairs_put(s->p, s->n, 1, NULL, s->at, err);
	if (ret == 0)
		ret = pairs_put_row(s->p, s->n, match->row, err);
	s->n++;
	return ret;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct source *s = arg;
	struct syc_sequence *it = job->user;
	int ret;

	if (s->m->progress)
		s->m->progress(s->m->arg, s->n, syc_rows_share(&s->rows));
	if (s->p->o.kind == SYC_PAIRS_MODELS || s->p->info.single) {
		ret = s->p->info.single ? add_pair(s, it, NULL, err)
					: add_text(s, it, err);
		syc_sequence_free(it);
		return ret;
	}
	if (!s->first) {
		s->first = it;
		return 0;
	}
	ret = add_pair(s, s->first, it, err);
	syc_sequence_free(s->first);
	syc_sequence_free(it);
	s->first = NULL;
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	syc_sequence_free(job->user);
}

static int run(struct source *s, struct syc_err *err)
{
	const struct syc_pairs_info *p = &s->p->info;
	struct syc_engine_opts eo = s->m->engine;
	struct syc_recorder_opts ro = {
		.layers = s->p->layers,
		.n_layers = p->n_layers,
		.positions = positions_of(s->p->o.read, true) |
			     positions_of(s->p->o.read, false),
	};
	struct syc_engine *e = NULL;
	struct syc_hook hook;
	int ret = syc_recorder_new(&s->recorder, s->m->model, &ro, err);

	if (ret < 0)
		return ret;
	hook = syc_recorder_hook(s->recorder);
	eo.hooks = &hook;
	eo.n_hooks = 1;
	eo.n_layers = s->p->layers[p->n_layers - 1] + 1;
	ret = syc_engine_new(&e, s->m->model, &eo, err);
	if (ret == 0)
		ret = syc_engine_run(e, next_job, job_done, job_dropped, s,
				     err);
	if (e && s->m->stats)
		syc_engine_stats(e, s->m->stats);
	syc_engine_free(e);
	return ret;
}

/* The layers of the first model; the second must have the same. */
static int begin(struct source *s, struct syc_err *err)
{
	const struct syc_config *c = syc_model_config(s->m->model);
	struct syc_pairs_info *p = &s->p->info;
	uint32_t *all;
	int ret;

	if (s->side) {
		if (c->dim == p->dim && c->n_layers == p->n_blocks)
			return 0;
		return syc_fail(err, SYC_EINVAL,
			"%s: has %u layers of width %u, the other model %zu of %zu",
			s->m->prompter->o.model, (unsigned)c->n_layers,
			(unsigned)c->dim, p->n_blocks, p->dim);
	}
	all = calloc(c->n_layers, sizeof(*all));
	if (!all)
		return syc_nomem(err);
	for (uint32_t l = 0; l < c->n_layers; l++)
		all[l] = l;
	p->n_blocks = c->n_layers;
	ret = pairs_begin(s->p, all, c->n_layers, c->dim, err);
	free(all);
	return ret;
}

static int describe(struct source *s, struct syc_err *err)
{
	struct syc_buf *b = &s->p->source;
	int bad;

	if (!s->side && s->m->source)
		bad = syc_buf_puts(b, s->m->source);
	else
		bad = syc_buf_printf(b, "%s\"%s\": \"%s\"", s->side ? ", " : "",
				     s->side ? "other_model" : "model",
				     syc_model_digest(s->m->model));
	return bad ? syc_nomem(err) : 0;
}

/* The recorder keeps just p's layers, so their places are 0, 1, ... */
static int places(struct source *s, struct syc_err *err)
{
	s->at = calloc(s->p->info.n_layers, sizeof(*s->at));
	for (size_t l = 0; s->at && l < s->p->info.n_layers; l++)
		s->at[l] = l;
	return s->at ? 0 : syc_nomem(err);
}

static int one_model(struct syc_pairs *p, const struct syc_pairs_model *m,
		     const struct syc_rows *rows, unsigned side,
		     struct syc_err *err)
{
	const uint32_t n_ctx = m->engine.n_ctx;
	struct source s = {
		.p = p,
		.m = m,
		.side = side,
		.rows = pairs_rows(rows),
		.rules.n_ctx =
			n_ctx ? n_ctx : syc_model_config(m->model)->n_ctx,
	};
	int ret = begin(&s, err);

	if (ret == 0)
		ret = places(&s, err);
	if (ret == 0)
		ret = describe(&s, err);
	if (ret == 0)
		ret = run(&s, err);
	if (ret == 0 && side &&
	    (s.n != p->info.n || s.checksum != p->info.checksum))
		ret = syc_fail(err, SYC_EINVAL,
			       "the rows changed between the two models");
	if (!side) {
		p->info.n = s.n;
		p->info.checksum = s.checksum;
		p->info.n_skipped = s.rows.n_skipped;
	}
	syc_sequence_free(s.first);
	syc_sequence_free(s.second);
	syc_rows_done(&s.rows);
	syc_recorder_free(s.recorder);
	free(s.at);
	return ret;
}

int syc_pairs_of_model(struct syc_pairs **out, const struct syc_pairs_opts *o,
		       const struct syc_pairs_model *m,
		       const struct syc_rows *rows, struct syc_err *err)
{
	struct syc_err own;
	int ret;

	err = err ? err : &own;
	ret = pairs_new(out, o, syc_model_config(m->model)->arch, err);
	if (ret == 0)
		ret = one_model(*out, m, rows, 0, err);
	if (ret == 0)
		ret = pairs_finish(*out, err);
	if (ret == 0)
		return 0;
	syc_pairs_free(*out);
	*out = NULL;
	return ret;
}

int syc_pairs_other_model(struct syc_pairs *p, const struct syc_pairs_model *m,
			  const struct syc_rows *rows, struct syc_err *err)
{
	struct syc_err own;
	int ret;

	err = err ? err : &own;
	ret = one_model(p, m, rows, 1, err);
	return ret < 0 ? ret : pairs_finish(p, err);
}
