/* SPDX-License-Identifier: MIT */
/* Pairs from rows, run through a model. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "tool/common/fail.h"
#include "tool/vec/pairs.h"
#include "tool/common/progress.h"
#include "syc/sequence.h"
#include "tool/common/rows.h"

struct source {
	struct syc_pairs *p;
	const struct syc_pairs_in *in;
	const struct load *load;
	unsigned side;			/* the model's, for MODELS */
	struct syc_sequence_rules rules;
	struct syc_rows rows;
	struct syc_model *model;
	struct syc_prompter prompter;
	struct syc_recorder *recorder;
	struct progress progress;
	size_t *at;			/* [n_layers] 0, 1, ...: all that is recorded */
	struct syc_sequence *second;	/* of a pair, still to be handed out */
	struct syc_sequence *first;	/* of a pair, waiting for the other */
	uint64_t n;			/* records so far */
};

/* What has to be computed for a row, beside its letter. */
static unsigned positions_of(const struct source *s, bool answers)
{
	switch (s->in->read) {
	case SYC_READ_LETTER:
	case SYC_READ_TOKEN: return 1u << SYC_POSITION_LETTER;
	case SYC_READ_MEAN: return 1u << SYC_POSITION_MEAN;
	case SYC_READ_PROMPT: return 1u << SYC_POSITION_PROMPT;
	case SYC_READ_LAST: return 1u << SYC_POSITION_LAST;
	default: return 1u << (answers ? SYC_POSITION_LAST : SYC_POSITION_PROMPT);
	}
}

/* A token of one's own choosing is recorded where the letter would be. */
static int set_token(const struct source *s, struct syc_sequence *it, struct syc_err *err)
{
	const int64_t n = (int64_t)it->ids.n;
	const int64_t pos = s->in->token < 0 ? n + s->in->token : (int64_t)it->n_prompt + s->in->token;

	if (s->in->read != SYC_READ_TOKEN)
		return 0;
	if (pos < 0 || pos >= n)
		return fail(err, SYC_EINVAL, "there is no token %" PRId64 " (%zu of the prompt, %zu of the answer)",
			    s->in->token, it->n_prompt, it->ids.n - it->n_prompt);
	it->at.letter = (uint32_t)pos;
	it->job.may_skip = (size_t)pos;
	return 0;
}

static enum syc_position position_of(const struct source *s, const struct syc_sequence *it)
{
	switch (s->in->read) {
	case SYC_READ_LETTER:
	case SYC_READ_TOKEN: return SYC_POSITION_LETTER;
	case SYC_READ_MEAN: return SYC_POSITION_MEAN;
	case SYC_READ_PROMPT: return SYC_POSITION_PROMPT;
	default: return it->at.end != SYC_NOWHERE ? SYC_POSITION_LAST : SYC_POSITION_PROMPT;
	}
}

static int make_items(struct source *s, struct syc_row *row, struct syc_sequence **two, size_t *n,
		      struct syc_err *err)
{
	struct syc_sequence_rules rules = s->rules;
	bool answers = row->n_match && row->n_other;
	bool answered = answers || row->completion || row->has_completion_ids;

	rules.answers = s->in->kind == SYC_PAIRS_CONTRAST || (answers && s->in->kind == SYC_PAIRS_CONTROL);
	rules.positions = positions_of(s, answered && s->in->read != SYC_READ_PROMPT);
	if (!row->has_pair)
		return syc_sequences_of_row(two, n, &rules, &s->prompter, "", 0, row, err);
	*n = 2;
	if (s->in->read == SYC_READ_END || s->in->read == SYC_READ_PROMPT ||
	    (s->in->read == SYC_READ_TOKEN && s->in->token < 0)) {
		rules.positions = 1u << SYC_POSITION_PROMPT;
		return syc_sequences_of_prompts(two, &rules, &s->prompter, "", 0, row, err);
	}
	syc_row_free(row);
	if (s->in->read == SYC_READ_LETTER)
		return fail(err, SYC_EINVAL, "a pair of prompts has no answer letter (use --position prompt)");
	return fail(err, SYC_EINVAL, "a pair of prompts has no answer (use --position prompt)");
}

static bool readable(const struct source *s, const struct syc_sequence *it)
{
	const struct syc_spots *at = &it->at;

	return s->in->read == SYC_READ_LETTER ? at->letter != SYC_NOWHERE :
		s->in->read == SYC_READ_MEAN ? at->end != SYC_NOWHERE : true;
}

/* The two must differ, and what is read must be there. */
static int check_items(const struct source *s, struct syc_sequence **two, size_t n, struct syc_err *err)
{
	const struct syc_sequence *a = two[0], *b = two[n - 1];
	const size_t n_a = s->in->read == SYC_READ_PROMPT ? a->n_prompt : a->ids.n;
	const size_t n_b = s->in->read == SYC_READ_PROMPT ? b->n_prompt : b->ids.n;

	for (size_t i = 0; i < n; i++) {
		int ret = set_token(s, two[i], err);

		if (ret < 0)
			return ret;
	}
	if (n == 2 && s->in->kind != SYC_PAIRS_MODELS && n_a == n_b &&
	    memcmp(a->ids.id, b->ids.id, n_a * sizeof(*a->ids.id)) == 0)
		return fail(err, SYC_EINVAL, "the two of the pair do not differ");
	if (!readable(s, a) || !readable(s, b))
		return fail(err, SYC_EINVAL, s->in->read == SYC_READ_MEAN ? "there is no answer" :
			    "the two answers do not differ in a token");
	return 0;
}

/* Pairs and single prompts do not mix. */
static int check_single(struct source *s, size_t n, struct syc_err *err)
{
	bool single = n == 1 && s->in->kind == SYC_PAIRS_CONTROL;

	if (s->n && single != s->p->single)
		return fail(err, SYC_EINVAL, "prompts and pairs are mixed");
	s->p->single = single;
	return 0;
}

/* The items of the next row that can be used; *n 0 at the end. */
static int next_row(struct source *s, struct syc_sequence **two, size_t *n, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	*n = 0;
	while ((ret = syc_rows_next(&s->rows, &row, err)) == 1) {
		ret = make_items(s, row, two, n, err);
		if (ret == 0) {
			ret = check_items(s, two, *n, err);
			if (ret == 0)
				ret = check_single(s, *n, err);
			if (ret == 0) {
				struct syc_rows *in = &s->rows;

				s->p->checksum = (uint32_t)crc32_z(s->p->checksum, (unsigned char *)in->line, in->len);
				two[0]->line = realloc(two[0]->line, in->len + 1);
				if (!two[0]->line)
					return fail_nomem(err);
				memcpy(two[0]->line, in->line, in->len + 1);
				two[0]->len = in->len;
				return 0;
			}
			syc_sequence_free(two[0]);
			syc_sequence_free(*n == 2 ? two[1] : NULL);
		}
		*n = 0;
		ret = syc_rows_bad(&s->rows, err);
		if (ret < 0)
			return ret;
	}
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
	if (!two[0]->job.rec || syc_take_begin(two[0]->job.rec, &two[0]->at) < 0) {
		syc_sequence_free(two[0]);
		return fail_nomem(err);
	}
	*job = &two[0]->job;
	return 0;
}

static int put_side(struct source *s, uint64_t i, unsigned side, const struct syc_sequence *it, struct syc_err *err)
{
	const enum syc_position position = position_of(s, it);
	const float *x = syc_take_position(it->job.rec, position);
	struct syc_err why;
	int ret;

	if (!x)
		return fail(err, SYC_EINVAL, "row '%s': an answer has no tokens", it->row->id);
	s->p->positions |= 1u << position;
	ret = syc_pairs_put(s->p, i, side, x, s->at, &why);
	return ret < 0 ? fail(err, ret, "row '%.100s': %.300s", it->row->id, why.msg) : 0;
}

/* One text in one of two models. */
static int add_text(struct source *s, const struct syc_sequence *it, struct syc_err *err)
{
	uint32_t mark = (uint32_t)crc32_z(0, (unsigned char *)it->ids.id, it->ids.n * sizeof(*it->ids.id));
	int ret = put_side(s, s->n, s->side, it, err);

	if (ret == 0 && s->side && s->n >= s->p->n)
		return fail(err, SYC_EINVAL, "the rows changed between the two models");
	if (ret == 0)
		ret = syc_pairs_put_mark(s->p, s->n, s->side, mark, err);
	if (ret == 0 && s->side == 0)
		ret = syc_pairs_put_group(s->p, s->n, "", err);
	s->n++;
	return ret;
}

static int add_pair(struct source *s, const struct syc_sequence *match, const struct syc_sequence *other,
		    struct syc_err *err)
{
	int ret = put_side(s, s->n, 0, match, err);

	if (ret == 0)
		ret = other ? put_side(s, s->n, 1, other, err) : syc_pairs_put(s->p, s->n, 1, NULL, s->at, err);
	if (ret == 0)
		ret = syc_pairs_put_row(s->p, s->n, s->in, match->row, match->line, match->len, err);
	s->n++;
	return ret;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct source *s = arg;
	struct syc_sequence *it = job->user;
	int ret;

	progress_show(&s->progress, s->n, syc_rows_share(&s->rows));
	if (s->in->kind == SYC_PAIRS_MODELS || s->p->single) {
		ret = s->p->single ? add_pair(s, it, NULL, err) : add_text(s, it, err);
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
	struct syc_engine_opts eo = load_engine(s->in->common, s->load);
	struct syc_recorder_opts ro = { .layers = s->p->layers, .n_layers = s->p->n_layers };
	const struct jobs work = {
		"pairs", "texts", &s->progress, next_job, job_done, job_dropped, s,
	};
	struct syc_hook hook;
	int ret;

	ro.positions = positions_of(s, true) | positions_of(s, false);
	ret = syc_recorder_new(&s->recorder, s->model, &ro, err);
	if (ret < 0)
		return ret;
	hook = syc_recorder_hook(s->recorder);
	eo.hooks = &hook;
	eo.n_hooks = 1;
	eo.n_layers = s->p->layers[s->p->n_layers - 1] + 1;
	return load_run(s->in->tool, s->in->common, s->load, s->model, &eo, &work, err);
}

/* The layers of the first model; the second must have the same. */
static int begin(struct source *s, struct syc_err *err)
{
	const struct syc_config *c = syc_model_config(s->model);
	uint32_t *all;
	int ret;

	if (s->side) {
		if (c->dim == s->p->dim && c->n_layers == s->p->n_blocks)
			return 0;
		return fail(err, SYC_EINVAL, "%s: has %u layers of width %u, the other model %zu of %zu",
			    s->load->model, (unsigned)c->n_layers, (unsigned)c->dim, s->p->n_blocks, s->p->dim);
	}
	all = calloc(c->n_layers, sizeof(*all));
	if (!all)
		return fail_nomem(err);
	for (uint32_t l = 0; l < c->n_layers; l++)
		all[l] = l;
	s->p->n_blocks = c->n_layers;
	s->p->arch = strdup(c->arch);
	ret = s->p->arch ? syc_pairs_begin(s->p, s->in, all, c->n_layers, c->dim, err) : fail_nomem(err);
	free(all);
	return ret;
}

static int describe(struct source *s, struct syc_err *err)
{
	struct syc_buf *b = &s->p->described;
	int bad = s->side ? syc_buf_printf(b, ", \"other_model\": \"%s\"", syc_model_digest(s->model)) :
		load_describe(s->in->tool, s->load, s->prompter.chat, s->model, b);

	return bad ? fail_nomem(err) : 0;
}

/* The recorder keeps just p's layers, so their places are 0, 1, ... */
static int places(struct source *s, struct syc_err *err)
{
	s->at = calloc(s->p->n_layers, sizeof(*s->at));
	for (size_t l = 0; s->at && l < s->p->n_layers; l++)
		s->at[l] = l;
	return s->at ? 0 : fail_nomem(err);
}

static int one_model(struct syc_pairs *p, const struct syc_pairs_in *in, unsigned side, struct syc_err *err)
{
	struct source s = {
		.p = p, .in = in, .load = side ? in->second : in->load, .side = side,
		.rows = { ROWS_OF(in->tool), .paths = in->paths, .n_paths = in->n_paths, .keep_going = in->keep_going },
	};
	const uint32_t checksum = p->checksum;
	int ret = load_open(in->tool, in->common, s.load, &s.model, err);

	p->checksum = 0;
	if (ret == 0) {
		s.rules.n_ctx = s.load->ctx ? s.load->ctx : syc_model_config(s.model)->n_ctx;
		ret = load_prompter(&s.prompter, s.load, s.model, err);
	}
	if (ret == 0)
		ret = begin(&s, err);
	if (ret == 0)
		ret = places(&s, err);
	if (ret == 0)
		ret = describe(&s, err);
	if (ret == 0)
		ret = run(&s, err);
	if (ret == 0 && side && (s.n != p->n || checksum != p->checksum))
		ret = fail(err, SYC_EINVAL, "the rows changed between the two models");
	p->n = s.n;
	p->n_skipped = s.rows.n_skipped;
	syc_prompter_done(&s.prompter);
	syc_sequence_free(s.first);
	syc_sequence_free(s.second);
	syc_rows_done(&s.rows);
	syc_recorder_free(s.recorder);
	syc_model_close(s.model);
	free(s.at);
	return ret;
}

int syc_pairs_from_model(struct syc_pairs *p, const struct syc_pairs_in *in, struct syc_err *err)
{
	int ret = one_model(p, in, 0, err);

	if (ret == 0 && in->kind == SYC_PAIRS_MODELS)
		ret = one_model(p, in, 1, err);
	return ret;
}
