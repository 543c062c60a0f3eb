/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include "tool/bench/set.h"
#include "tool/common/fail.h"
#include "syc/sequence.h"

enum { MADE_PAIRS = 16, PAIR_PREFIX = 200, PAIR_ANSWER = 4 };

/* Two rows that part at the answer. */
static int made_pairs(const struct bench *b, struct bench_set *s)
{
	size_t n = b->max_pairs < MADE_PAIRS ? b->max_pairs : MADE_PAIRS;

	if (bench_set_init(s, 2 * n) < 0)
		return SYC_ENOMEM;
	for (size_t i = 0; i < s->n; i += 2) {
		struct syc_ids *a = &s->row[i].ids, *o = &s->row[i + 1].ids;

		if (bench_set_tokens(b, a, PAIR_PREFIX) < 0 || syc_ids_add(o, a->id, a->n) < 0 ||
		    bench_set_tokens(b, a, PAIR_ANSWER) < 0 ||
		    bench_set_tokens(b, o, PAIR_ANSWER) < 0)
			return SYC_ENOMEM;
		bench_set_job(s, i, 0);
		bench_set_job(s, i + 1, 0);
	}
	return 0;
}

/* Take over an item's tokens. */
static void add_item(struct bench_set *s, struct syc_sequence *it)
{
	s->row[s->n].ids = it->ids;
	it->ids = (struct syc_ids){ 0 };
	bench_set_job(s, s->n++, 0);
}

static int read_pairs(struct bench *b, struct bench_set *s, struct syc_err *err)
{
	struct load load = b->load;
	struct syc_sequence_rules rules = {
		.answers = true, .positions = 1u << SYC_POSITION_LAST,
		.n_ctx = syc_model_config(b->model)->n_ctx,
	};
	char *paths[] = { (char *)(uintptr_t)b->pairs };
	struct syc_rows in = { ROWS_OF(b->tool), .paths = paths, .n_paths = 1,
			       .allow_duplicates = true };
	struct syc_prompter p = { 0 };
	struct syc_sequence *two[2];
	struct syc_row *row;
	size_t n, len;
	int ret;

	if (!syc_vocab_chat_template(syc_model_vocab(b->model), &len))
		load.chat = "none";
	ret = bench_set_init(s, 2 * (size_t)b->max_pairs) < 0 ? fail_nomem(err) :
		load_prompter(&p, &load, b->model, err);
	s->n = 0;
	while (ret == 0 && s->n < 2 * (size_t)b->max_pairs &&
	       (ret = syc_rows_next(&in, &row, err)) == 1) {
		ret = syc_sequences_of_row(two, &n, &rules, &p, in.line, in.len, row, err);
		if (ret < 0) {
			ret = syc_rows_bad(&in, err);
			break;
		}
		for (size_t i = 0; i < n; i++)
			add_item(s, two[i]);
		/* The second item owns the row, if there are two. */
		for (size_t i = 0; i < n; i++)
			syc_sequence_free(two[i]);
	}
	if (ret == 0 && !s->n)
		ret = fail(err, SYC_EINVAL, "%s: there are no pairs", b->pairs);
	syc_rows_done(&in);
	syc_prompter_done(&p);
	return ret;
}

/* One extraction, by an engine that has seen nothing yet. */
static int time_pairs(struct bench *b, struct bench_set *s, struct syc_recorder *r, double *t,
		      struct syc_err *err)
{
	struct syc_hook hook = syc_recorder_hook(r);
	struct syc_engine *e = NULL;
	int ret = bench_set_begin_takes(s, r) < 0 ? fail_nomem(err)
						  : bench_engine(b, &e, 0, &hook, 1, err);

	if (ret == 0)
		ret = bench_set_run(s, e, err);
	*t = s->end - s->start;
	syc_engine_free(e);
	return ret;
}

int bench_contrast(struct bench *b, struct syc_err *err)
{
	struct figure *f = &b->figure[WORK_CONTRAST];
	double *v = calloc(b->repeat, sizeof(*v));
	struct syc_recorder *r = NULL;
	struct bench_set s = { 0 };
	size_t tokens = 0, longest = 0;
	int ret = v ? bench_recorder(b, &r, err) : fail_nomem(err);

	if (ret == 0)
		ret = b->pairs		      ? read_pairs(b, &s, err)
		      : made_pairs(b, &s) < 0 ? fail_nomem(err)
					      : 0;
	for (size_t i = 0; i < s.n; i++) {
		tokens += s.row[i].ids.n;
		longest = s.row[i].ids.n > longest ? s.row[i].ids.n : longest;
		s.row[i].job.may_skip = s.row[i].ids.n - 1;	/* the last is read */
	}
	for (unsigned i = 0; i < b->repeat && ret == 0; i++) {
		ret = time_pairs(b, &s, r, &v[i], err);
		v[i] = (double)tokens / v[i];
	}
	if (ret == 0) {
		figure_median(f, v, b->repeat);
		f->unit = "tokens/s";
		f->ops = bench_token_ops(b, false);
		snprintf(f->what, sizeof(f->what),
			 "%zu pairs, %zu tokens if each row is counted in full", s.n / 2, tokens);
		bench_need_kv(b, 16 * longest);
	}
	bench_set_free(&s);
	syc_recorder_free(r);
	free(v);
	return ret;
}
