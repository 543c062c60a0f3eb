/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/sweep/sweep.h"

enum { MAX_TEXT = 1 << 20 };	/* bytes */

/* What a model is not asked to have an opinion on. */
static const char neutral[] =
	"A lighthouse stands on the last rock of the bay. Its keeper climbs the stairs each evening, "
	"counts them without meaning to, and lights the lamp before the boats come home. In winter the "
	"wind is so strong that the windows hum, and the bread has to be brought over the ice by sledge. "
	"In summer there are visitors, who ask how far the light can be seen. Twenty miles, he says, when "
	"the air is clear. The mechanism was built by two brothers in a workshop behind the church. It "
	"runs on a weight that sinks through the tower, like that of a clock, and must be wound up again "
	"every four hours. The keeper writes the weather into a book: wind from the north, rain after "
	"noon, a ship with three masts at sunset. The oldest page is from a year that nobody remembers. "
	"On the shelf below the book lie a brass telescope, a box of matches and a map of the coast on "
	"which the depths are given in fathoms.";

/* ---- questions ---------------------------------------------------------------- */

static void free_question(struct sweep_question *q, size_t n_variants)
{
	for (size_t i = 0; q->prompt && i < n_variants; i++)
		syc_ids_free(&q->prompt[i]);
	free(q->prompt);
	syc_choices_free(&q->choices);
	free(q->id);
}

static int make_question(struct sweep_question *q, const struct syc_prompter *p, size_t n_variants,
			 const struct syc_row *row, size_t n_ctx, struct syc_err *err)
{
	int ret = 0;

	if (!row->has_prompt)
		return fail(err, SYC_EINVAL, "no prompt: the row needs question, messages, prompt or prompt_ids");
	q->id = strdup(row->id);
	q->prompt = calloc(n_variants, sizeof(*q->prompt));
	if (!q->id || !q->prompt)
		return fail_nomem(err);
	ret = syc_choices_init(&q->choices, p, row, err);
	for (size_t i = 0; i < n_variants && ret == 0; i++) {
		ret = syc_prompter_ids(&p[i], &row->prompt, &q->prompt[i], NULL, err);
		if (ret == 0 && !q->prompt[i].n)
			ret = fail(err, SYC_EINVAL, "the prompt is empty");
		if (ret == 0 && q->prompt[i].n + q->choices.shared + 1 > n_ctx)
			ret = fail(err, SYC_EINVAL, "the prompt's %zu tokens do not fit the context of %zu",
				   q->prompt[i].n, n_ctx);
	}
	return ret;
}

static int grow(struct sweep_set *set)
{
	size_t cap = set->cap ? 2 * set->cap : 64;
	struct sweep_question *q = set->n < set->cap ? set->q : realloc(set->q, cap * sizeof(*q));

	if (!q)
		return -1;
	if (set->n == set->cap)
		set->cap = cap;
	set->q = q;
	memset(&q[set->n], 0, sizeof(*q));
	return 0;
}

int sweep_read(struct sweep_set *set, struct syc_rows *in, const struct syc_prompter *p,
	       size_t n_variants, size_t n_ctx, struct syc_err *err)
{
	uint64_t skipped;
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(in, &row, err)) == 1) {
		skipped = in->n_skipped;
		ret = grow(set) < 0 ? fail_nomem(err) :
			make_question(&set->q[set->n++], p, n_variants, row, n_ctx, err);
		syc_row_free(row);
		if (ret < 0 && ret != SYC_ENOMEM)
			ret = syc_rows_bad(in, err);
		if (ret < 0)
			return ret;
		if (in->n_skipped > skipped)
			free_question(&set->q[--set->n], n_variants);
	}
	return ret;
}

void sweep_set_free(struct sweep_set *set, size_t n_variants)
{
	for (size_t i = 0; i < set->n; i++)
		free_question(&set->q[i], n_variants);
	free(set->q);
}

/* ---- text ------------------------------------------------------------------------ */

static int read_text(struct syc_buf *b, const char *path, struct syc_err *err)
{
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;
	int ret = 0;

	if (!f)
		return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	while (ret == 0 && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		ret = syc_buf_add(b, piece, n) < 0 ? fail_nomem(err) :
			b->len > MAX_TEXT ? fail(err, SYC_EINVAL, "%s: more than %d bytes", path, MAX_TEXT) : 0;
	if (ret == 0 && ferror(f))
		ret = fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	fclose(f);
	return ret;
}

int sweep_text(struct sweep_passage *t, const char *path, const struct syc_vocab *v, size_t max,
	       struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = 0;

	t->is_text = true;
	t->tokens = calloc(1, sizeof(*t->tokens));
	t->n_prompt = calloc(1, sizeof(*t->n_prompt));
	if (!t->tokens || !t->n_prompt)
		return fail_nomem(err);
	if (path)
		ret = read_text(&b, path, err);
	else if (syc_buf_puts(&b, neutral) < 0)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = syc_vocab_encode(v, b.data ? b.data : "", b.len, SYC_TOK_BOS, t->tokens, err);
	syc_buf_free(&b);
	if (ret < 0)
		return ret;
	if (t->tokens->n > max)
		t->tokens->n = max;
	if (t->tokens->n < 2)
		return fail(err, SYC_EINVAL, "%s: a text of %zu tokens", path, t->tokens->n);
	*t->n_prompt = 1;
	t->n = t->tokens->n - 1;
	return 0;
}
