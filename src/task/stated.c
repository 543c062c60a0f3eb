/* SPDX-License-Identifier: MIT */
/* What a row asks, and whose view of it is stated. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/questions.h"
#include "task/row.h"
#include "task/said/said.h"

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The texts of the lines, sorted; *text [n] is where each was. */
static int take_options(struct syc_stated *a, const struct syc_said_line *line,
			size_t n, struct syc_err *err)
{
	a->option = syc_calloc(n, sizeof(*a->option));
	if (!a->option)
		return syc_nomem(err);
	for (; a->n_options < n; a->n_options++) {
		const struct syc_said_line *l = &line[a->n_options];

		a->option[a->n_options] = strndup(l->text, (size_t)(l->end - l->text));
		if (!a->option[a->n_options])
			return syc_nomem(err);
	}
	qsort(a->option, n, sizeof(*a->option), by_bytes);
	for (size_t i = 1; i < n; i++)
		if (strcmp(a->option[i - 1], a->option[i]) == 0)
			return syc_fail(err, SYC_EINVAL,
				"two choices are the same: '%.60s'", a->option[i]);
	return 0;
}

static int find_option(const struct syc_stated *a, const char *text, size_t len)
{
	for (size_t i = 0; i < a->n_options; i++)
		if (strlen(a->option[i]) == len && memcmp(a->option[i], text, len) == 0)
			return (int)i;
	return -1;
}

/* The matching answer's line. */
static int find_matching(struct syc_stated *a, const struct syc_row *row,
			 const struct syc_said_line *line, size_t n,
			 struct syc_err *err)
{
	const char *s = row->n_match ? row->match[0] : "";

	s += strspn(s, " \t\n");
	s += *s == '(';
	for (size_t i = 0; i < n && *s; i++)
		if (*s == line[i].letter && (!s[1] || s[1] == ')')) {
			a->letter = *s;
			a->matching = find_option(a, line[i].text,
						  (size_t)(line[i].end - line[i].text));
			return 0;
		}
	return syc_fail(err, SYC_EINVAL,
			"the matching answer is not the letter of a choice: '%.40s'",
			row->n_match ? row->match[0] : "");
}

static int find_view(struct syc_stated *a, const struct syc_row *row,
		     struct syc_err *err)
{
	const json_t *all = syc_row_json(row), *v = json_object_get(all, "view");
	const char *s = json_string_value(v);

	a->view = v ? -1 : a->matching;
	if (!v || json_is_null(v))
		return 0;
	a->view = s ? find_option(a, s, strlen(s)) : -1;
	if (a->view < 0)
		return syc_fail(err, SYC_EINVAL,
				"\"view\" is not the text of a choice: '%.60s'",
				s ? s : "not a string");
	return 0;
}

int syc_row_stated(struct syc_stated *out, const struct syc_row *row,
		  struct syc_err *err)
{
	struct syc_said_line line[SYC_SAID_LINES];
	size_t at, n = 0;
	const char *s = syc_said_question(row, &at);
	int ret;

	*out = (struct syc_stated){ .matching = -1, .view = -1 };
	n = s ? syc_said_lines(s, false, line) : 0;
	if (!n)
		return syc_fail(err, SYC_EINVAL,
				"the prompt has no choices: lines (A), (B)");
	ret = take_options(out, line, n, err);
	if (ret == 0)
		ret = find_matching(out, row, line, n, err);
	if (ret == 0)
		ret = find_view(out, row, err);
	if (ret == 0)
		ret = syc_row_claim(&out->claim, row, err);
	return ret < 0 || out->claim ? ret :
		syc_fail(err, SYC_EINVAL,
			 "what is asked is not found: give it a field \"claim\"");
}

int syc_stated_truth(const struct syc_stated *a, const struct syc_row *row)
{
	const char *s = json_string_value(json_object_get(syc_row_json(row), "truth"));

	return s ? find_option(a, s, strlen(s)) : -1;
}

void syc_stated_free(struct syc_stated *a)
{
	for (size_t i = 0; i < a->n_options; i++)
		free(a->option[i]);
	free(a->option);
	free(a->claim);
	*a = (struct syc_stated){ .matching = -1, .view = -1 };
}

/* Whether a sentence ends before byte `at`, with blanks between. */
static bool sentence_at(const char *s, size_t at)
{
	size_t k = at;

	while (k && strchr(" \n\t", s[k - 1]))
		k--;
	return k < at ? !k || strchr(".?!", s[k - 1]) || s[at - 1] == '\n' : !at;
}

/* Bytes that all end with. */
static size_t common_end(const char *const *text, const size_t *len, size_t n)
{
	size_t same = len[0];

	for (size_t i = 1; i < n; i++) {
		size_t k = 0;

		while (k < same && k < len[i] &&
		       text[i][len[i] - 1 - k] == text[0][len[0] - 1 - k])
			k++;
		same = k;
	}
	return same;
}

size_t syc_question_shared(const char *const *text, const size_t *len, size_t n)
{
	const size_t same = n ? common_end(text, len, n) : 0;
	size_t last = 0;
	bool differ = false;

	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		differ |= len[i] != same;
	for (size_t keep = same; keep > 0; keep--) {
		bool all = true;

		for (size_t i = 0; i < n && all; i++)
			all = sentence_at(text[i], len[i] - keep);
		if (!all)
			continue;
		last = keep;
		if (differ)
			break;
	}
	return last ? last : same;
}
