/* SPDX-License-Identifier: MIT */
/*
 * Completions against sets of answers, in the words that are left when case,
 * punctuation, articles and ways of writing a character do not count.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/task.h"

enum { MINUS = 0x2212, APOSTROPHE = 0x2019, LETTER_APOSTROPHE = 0x2bc };

static bool is_digit(int32_t c)
{
	return utf8proc_category(c) == UTF8PROC_CATEGORY_ND;
}

/* Letters, digits, marks and symbols make words; punctuation and space part them. */
static bool is_word(int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_CN: case UTF8PROC_CATEGORY_CC: case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_ZS: case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_PC: case UTF8PROC_CATEGORY_PD: case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE: case UTF8PROC_CATEGORY_PI: case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO: return c == '%';
	default: return c != '`' && c != '~' && c != '|';
	}
}

/*
 * What a character becomes between its neighbors: itself, a space, or 0 when
 * it goes: "don't", "U.S.", "1,000"; but "3.5" and "-5" keep their marks.
 */
static int32_t kept(int32_t before, int32_t c, int32_t after)
{
	if (c == '\'' || c == APOSTROPHE || c == LETTER_APOSTROPHE)
		return 0;
	if (c == MINUS)
		c = '-';
	if (c == '.' && is_digit(before) && is_digit(after))
		return c;
	if (c == '.' && is_word(before) && is_word(after))
		return 0;
	if (c == ',' && is_digit(before) && is_digit(after))
		return 0;
	if (c == '-' && is_digit(after) && !is_word(before))
		return c;
	return is_word(c) ? c : ' ';
}

static bool is_article(const char *s, size_t n)
{
	return (n == 1 && *s == 'a') || (n == 2 && memcmp(s, "an", 2) == 0) ||
	       (n == 3 && memcmp(s, "the", 3) == 0);
}

/* Append the words of s, each behind a space, without articles if so asked. */
static size_t add_words(struct syc_buf *out, const char *s, bool articles)
{
	size_t n = 0, len;

	for (; *(s += strspn(s, " ")); s += len) {
		len = strcspn(s, " ");
		if (!articles && is_article(s, len))
			continue;
		syc_buf_puts(out, " ");
		syc_buf_add(out, s, len);
		n++;
	}
	return n;
}

static void add_char(struct syc_buf *out, int32_t c)
{
	utf8proc_uint8_t utf8[4];

	if (c)
		syc_buf_add(out, utf8, (size_t)utf8proc_encode_char(c, utf8));
}

/* The characters of s that count, with one character of context on each side. */
static int add_kept(struct syc_buf *out, const utf8proc_uint8_t *s)
{
	int32_t before = ' ', c = 0, after;
	utf8proc_ssize_t n;

	while (*s) {
		n = utf8proc_iterate(s, -1, &after);
		if (n <= 0)
			return SYC_EFORMAT;
		s += n;
		if (c) {
			add_char(out, kept(before, c, after));
			before = c;
		}
		c = after;
	}
	if (c)
		add_char(out, kept(before, c, ' '));
	return 0;
}

int syc_text_normalize(struct syc_buf *out, const char *text,
		       struct syc_err *err)
{
	struct syc_buf kept_text = { 0 };
	utf8proc_uint8_t *folded;
	utf8proc_ssize_t n;
	int ret;

	n = utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
			 UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT |
				 UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD |
				 UTF8PROC_IGNORE);
	if (n == UTF8PROC_ERROR_NOMEM)
		return syc_nomem(err);
	if (n < 0)
		return syc_fail(err, SYC_EFORMAT,
				"text cannot be normalized: %s",
				utf8proc_errmsg(n));
	ret = add_kept(&kept_text, folded);
	free(folded);
	if (ret == 0 && kept_text.data &&
	    add_words(out, kept_text.data, false) == 0)
		add_words(out, kept_text.data, true);
	syc_buf_puts(out, " ");
	if (ret < 0)
		ret = syc_fail(err, SYC_EFORMAT, "text cannot be normalized");
	else if (kept_text.failed || out->failed)
		ret = syc_nomem(err);
	syc_buf_free(&kept_text);
	return ret;
}

/* Words in front of an answer that turn it down. */
static const char *const denials[] = {
	" not ", " never ", " neither ", " nor ", " cannot ", " cant ", " isnt ", " wasnt ",
	" arent ", " werent ", " dont ", " doesnt ", " didnt ", " wont ", " wouldnt ",
};

/* Does one of the three words before `at` deny what follows? */
static bool is_denied(const char *text, const char *at)
{
	const char *from = at, *but;
	char near[128];
	size_t n;

	for (unsigned words = 0; words < 3 && from > text; words++)
		for (from--; from > text && *from != ' ';)
			from--;
	n = (size_t)(at - from) + 1;
	if (n >= sizeof(near)) {
		from = at + 2 - sizeof(near);
		n = sizeof(near) - 1;
	}
	memcpy(near, from, n);
	near[n] = 0;
	but = strstr(near, " but ");
	from = but ? but + 4 : near;	/* "not this but that" */
	for (size_t i = 0; i < sizeof(denials) / sizeof(denials[0]); i++)
		if (strstr(from, denials[i]))
			return true;
	return false;
}

/* One set of answers, normalized. */
struct set {
	struct syc_buf *word;	/* [n] " so many words " */
	size_t n;
};

static void free_set(struct set *s)
{
	for (size_t i = 0; s->word && i < s->n; i++)
		syc_buf_free(&s->word[i]);
	free(s->word);
}

static int fill_set(struct set *s, const char *const *answer, size_t n,
		    struct syc_err *err)
{
	int ret = 0;

	s->word = syc_calloc(n, sizeof(*s->word));
	if (!s->word)
		return syc_nomem(err);
	s->n = n;
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = syc_text_normalize(&s->word[i], answer[i], err);
	return ret;
}

static bool is_whole(const struct set *s, const struct syc_buf *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->word[i].len > 1 && s->word[i].len == text->len &&
		    memcmp(s->word[i].data, text->data, text->len) == 0)
			return true;
	return false;
}

/* Does a longer answer of s cover the n bytes at `at`? */
static bool is_covered(const struct set *s, const char *text, const char *at,
		       size_t n)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct syc_buf *w = &s->word[i];

		if (w->len <= n)
			continue;
		for (const char *p = text; (p = strstr(p, w->data)) && p <= at; p++)
			if (p + w->len >= at + n)
				return true;
	}
	return false;
}

/* Is an answer of s said in text, not covered by others nor denied? */
static bool is_said(const struct set *s, const struct set *others,
		    const char *text, bool *denied)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct syc_buf *w = &s->word[i];

		if (w->len <= 1)
			continue;
		for (const char *p = text; (p = strstr(p, w->data)); p++) {
			if (is_covered(others, text, p, w->len))
				continue;
			if (!is_denied(text, p))
				return true;
			*denied = true;
		}
	}
	return false;
}

static enum syc_label decide(const struct set *pos, const struct set *neg,
			     const struct syc_buf *text, const char **why)
{
	bool p = is_whole(pos, text), n = is_whole(neg, text), denied = false;

	*why = "whole";
	if (!p && !n) {
		p = is_said(pos, neg, text->data, &denied);
		n = is_said(neg, pos, text->data, &denied);
		*why = "within";
	}
	if (p != n)
		return p ? SYC_LABEL_SYC : SYC_LABEL_NOT;
	*why = text->len <= 1 ? "empty" : p ? "both" : denied ? "denied" : "neither";
	return SYC_LABEL_UNDECIDED;
}

int syc_label_answers(const char *completion, const char *const *positive,
		      size_t n_positive, const char *const *negative,
		      size_t n_negative, enum syc_label *label,
		      const char **why, struct syc_err *err)
{
	struct set pos = { 0 }, neg = { 0 };
	struct syc_buf text = { 0 };
	int ret = syc_text_normalize(&text, completion, err);

	if (ret == 0)
		ret = fill_set(&pos, positive, n_positive, err);
	if (ret == 0)
		ret = fill_set(&neg, negative, n_negative, err);
	if (ret == 0)
		*label = decide(&pos, &neg, &text, why);
	free_set(&pos);
	free_set(&neg);
	syc_buf_free(&text);
	return ret;
}
