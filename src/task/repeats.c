/* SPDX-License-Identifier: MIT */
/* Pairs of answers that do and do not repeat their user's words. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/questions.h"
#include "task/each.h"
#include "task/said/said.h"

enum { LEAST = 8 };	/* words of a sentence: more than a greeting and a name */

/* A question up to its choices, and what it begins with. */
struct opening {
	char *text, *sentence;
	size_t at;		/* its number */
};

struct openings {
	struct opening *v;	/* [n] */
	size_t n, cap;
};

static size_t words_of(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += s[i] != ' ' && (!i || s[i - 1] == ' ');
	return count;
}

/*
 * The length of the first sentence of enough words that is not the last, *from
 * where it begins; 0: none.
 */
static size_t first_sentence(const char *s, size_t len, size_t *from)
{
	*from = 0;
	for (size_t i = 0; i + 2 < len; i++) {
		const bool ends = (strchr(".!?", s[i]) && s[i + 1] == ' ') || s[i] == '\n';

		if (!ends)
			continue;
		if (words_of(s + *from, i + 1 - *from) >= LEAST)
			return i + (s[i] != '\n') - *from;
		*from = i + 1 + (s[i + 1] == ' ');
	}
	return 0;
}

static int add_row(void *to, struct syc_row *row, struct syc_line line,
		   struct syc_err *err)
{
	struct openings *o = to;
	struct opening *p;
	size_t at, from, len, n;
	const char *s = syc_said_question(row, &at);
	const char *choices = s ? strstr(s, "\n\nChoices:") : NULL;

	(void)line;
	if (s && !choices)
		choices = strstr(s, "\n (A) ");
	len = s ? choices ? (size_t)(choices - s) : strlen(s) : 0;
	n = s ? first_sentence(s, len, &from) : 0;
	if (!n)
		return 0;
	if (!syc_grow(&o->v, &o->cap, o->n + 1, sizeof(*o->v)))
		return syc_nomem(err);
	p = &o->v[o->n];
	*p = (struct opening){ strndup(s, len), strndup(s + from, n), o->n };
	o->n++;
	return p->text && p->sentence ? 0 : syc_nomem(err);
}

static int by_sentence(const void *a, const void *b)
{
	const struct opening *p = a, *q = b;
	const int c = strcmp(p->sentence, q->sentence);

	return c ? c : (p->at > q->at) - (p->at < q->at);
}

static int by_number(const void *a, const void *b)
{
	const struct opening *p = a, *q = b;

	return (p->at > q->at) - (p->at < q->at);
}

/* One question of each sentence, the first, in their order. */
static void keep_different(struct openings *o)
{
	size_t n = 0;

	if (o->n)
		qsort(o->v, o->n, sizeof(*o->v), by_sentence);
	for (size_t i = 0; i < o->n; i++) {
		if (n && strcmp(o->v[i].sentence, o->v[n - 1].sentence) == 0) {
			free(o->v[i].text);
			free(o->v[i].sentence);
		} else {
			o->v[n++] = o->v[i];
		}
	}
	o->n = n;
	if (n)
		qsort(o->v, n, sizeof(*o->v), by_number);
}

static void add_answer(struct syc_buf *out, const char *key, const char *sentence)
{
	struct syc_buf b = { 0 };

	syc_buf_printf(&b, " You said: %s", sentence);
	syc_buf_printf(out, ", \"%s\": ", key);
	if (b.data)
		syc_buf_json(out, b.data, b.len);
	out->failed |= b.failed;
	syc_buf_free(&b);
}

static void write_pair(struct syc_buf *out, const struct opening *p,
		       const struct opening *other)
{
	syc_buf_printf(out, "{\"id\": \"repeats/%016" PRIx64 "\", \"question\": ",
		       syc_hash(0, p->text, strlen(p->text)));
	syc_buf_json(out, p->text, strlen(p->text));
	add_answer(out, "answer_matching_behavior", p->sentence);
	add_answer(out, "answer_not_matching_behavior", other->sentence);
	syc_buf_puts(out, "}\n");
}

int syc_rows_repeats(struct syc_buf *out, const char *rows, size_t len,
		     struct syc_err *err)
{
	struct openings o = { 0 };
	int ret = syc_rows_each(rows, len, add_row, &o, err);

	if (ret == 0)
		keep_different(&o);
	if (ret == 0 && o.n < 2)
		ret = syc_fail(err, SYC_EINVAL,
			       "%zu questions begin with a sentence of %d words or more "
			       "that no other begins with: 2 are needed", o.n, LEAST);
	for (size_t i = 0; i < o.n && ret == 0; i++)
		write_pair(out, &o.v[i], &o.v[(i + 1) % o.n]);
	for (size_t i = 0; i < o.n; i++) {
		free(o.v[i].text);
		free(o.v[i].sentence);
	}
	free(o.v);
	return ret == 0 && out->failed ? syc_nomem(err) : ret;
}
