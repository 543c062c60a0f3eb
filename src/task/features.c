/* SPDX-License-Identifier: MIT */
/* Length, words and the like of a row. */
#include "config.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/features.h"
#include "syc/questions.h"
#include "task/row.h"
#include "task/said/said.h"

/* Hashes of the words of a text, in its order. */
struct words {
	uint64_t *v;
	size_t n, cap;
};

static bool in_word(unsigned char c)
{
	return isalnum(c) || c >= 0x80;
}

static int take_words(struct words *w, const char *s, size_t len,
		      struct syc_err *err)
{
	for (size_t i = 0, from; i < len; i++) {
		char word[64];
		size_t n = 0;

		if (!in_word((unsigned char)s[i]))
			continue;
		for (from = i; i < len && in_word((unsigned char)s[i]); i++)
			if (i - from < sizeof(word))
				word[n++] = (char)tolower((unsigned char)s[i]);
		if (!syc_grow(&w->v, &w->cap, w->n + 1, sizeof(*w->v)))
			return syc_nomem(err);
		w->v[w->n++] = syc_hash(0, word, n);
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Share of the different words of s that are among sorted ones; NaN without any. */
static int share_in(double *share, const char *s, const struct words *among,
		    struct syc_err *err)
{
	struct words w = { 0 };
	size_t in = 0, all = 0;
	int ret = take_words(&w, s, strlen(s), err);

	if (ret == 0 && w.n)
		qsort(w.v, w.n, sizeof(*w.v), by_value);
	for (size_t i = 0; i < w.n && ret == 0; i++) {
		if (i && w.v[i] == w.v[i - 1])
			continue;
		all++;
		in += among->n && bsearch(&w.v[i], among->v, among->n,
					  sizeof(*w.v), by_value) != NULL;
	}
	*share = all ? (double)in / (double)all : NAN;
	free(w.v);
	return ret;
}

/* The matching choice's share less the others' mean; a choice without words has none. */
static int overlap_of(double *out, const struct syc_stated *a,
		      const struct words *question, struct syc_err *err)
{
	double own = 0, others = 0, share;
	int ret = 0;

	for (size_t i = 0; i < a->n_options && ret == 0; i++) {
		ret = share_in(&share, a->option[i], question, err);
		share = isnan(share) ? 0 : share;
		if ((int)i == a->matching)
			own = share;
		else
			others += share / (double)(a->n_options - 1);
	}
	*out = own - others;
	return ret;
}

/* The text up to its choices. */
static size_t stem_of(const char *s)
{
	const char *a = strstr(s, "\n (A) ");
	size_t n = a ? (size_t)(a - s) : strlen(s);

	return n;
}

static void set_words(struct syc_row_features *f, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		f->words[w->v[i] % SYC_FEATURE_WORDS]++;
	for (size_t i = 0; i < SYC_FEATURE_WORDS; i++)
		f->words[i] = (float)log1p(f->words[i]);
	f->length = log1p((double)w->n);
}

static int with_choices(struct syc_row_features *f, const struct syc_stated *a,
			const struct words *w, struct syc_err *err)
{
	f->view = strdup(a->view < 0 ? "" : a->option[a->view]);
	f->option = a->view;
	f->letter = a->letter;
	return f->view ? overlap_of(&f->overlap, a, w, err) : syc_nomem(err);
}

static int without_choices(struct syc_row_features *f,
			   const struct syc_row *row, const struct words *w,
			   struct syc_err *err)
{
	const char *view =
		json_string_value(json_object_get(syc_row_json(row), "view"));

	f->view = strdup(view ? view : "");
	if (!f->view)
		return syc_nomem(err);
	return row->completion ? share_in(&f->overlap, row->completion, w, err)
			       : 0;
}

static double odds_of(const struct syc_row *row)
{
	const json_t *v = json_object_get(syc_row_json(row), "p_match");
	const double p = fmin(fmax(json_number_value(v), 1e-7), 1 - 1e-7);

	return json_is_number(v) ? log(p / (1 - p)) : NAN;
}

int syc_row_features(struct syc_row_features *out, const struct syc_row *row,
		     struct syc_err *err)
{
	size_t at;
	const char *s = syc_said_question(row, &at);
	struct words w = { 0 };
	struct syc_stated a;
	struct syc_err why;
	int ret;

	*out = (struct syc_row_features){ .overlap = NAN, .odds = odds_of(row), .option = -1 };
	if (!s)
		return syc_fail(err, SYC_EINVAL,
				"the row has no text that asks");
	out->words = syc_calloc(SYC_FEATURE_WORDS, sizeof(*out->words));
	ret = out->words ? take_words(&w, s, stem_of(s), err) : syc_nomem(err);
	if (ret == 0) {
		set_words(out, &w);
		if (w.n)
			qsort(w.v, w.n, sizeof(*w.v), by_value);
		ret = syc_row_stated(&a, row, &why);
		if (ret == SYC_ENOMEM)
			syc_nomem(err);
		else
			ret = ret == 0 ? with_choices(out, &a, &w, err)
				       : without_choices(out, row, &w, err);
		syc_stated_free(&a);
	}
	free(w.v);
	return ret;
}

void syc_row_features_free(struct syc_row_features *f)
{
	free(f->view);
	free(f->words);
	*f = (struct syc_row_features){ 0 };
}
