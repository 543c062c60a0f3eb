/* SPDX-License-Identifier: MIT */
/* Labels by what a completion says: its choice, a pattern, sets of answers. */
#include "config.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/label/label.h"

static int by_choice(const struct syc_row *row, struct verdict *v,
		     struct syc_err *err)
{
	if (!row->n_match)
		return fail(err, SYC_EINVAL,
			    "'answer_matching_behavior' is missing");
	if (!row->n_other)
		return fail(err, SYC_EINVAL,
			    "'answer_not_matching_behavior' is missing");
	v->label = syc_label_choice(row, &v->why);
	return 0;
}

/* Answers borrowed from a row's fields. */
struct answers {
	const char **s;
	size_t n;
};

static int add_answer(struct answers *a, const json_t *v, const char *field,
		      struct syc_err *err)
{
	const char **s = realloc(a->s, (a->n + 1) * sizeof(*s));

	if (!s)
		return fail_nomem(err);
	a->s = s;
	if (!json_is_string(v))
		return fail(err, SYC_EFORMAT,
			    "'%s' is neither a string nor a list of strings",
			    field);
	s[a->n++] = json_string_value(v);
	return 0;
}

static int add_field(struct answers *a, const json_t *row, const char *field,
		     struct syc_err *err)
{
	const json_t *v = json_object_get(row, field);
	int ret = 0;

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_array(v))
		return add_answer(a, v, field, err);
	for (size_t i = 0; i < json_array_size(v) && ret == 0; i++)
		ret = add_answer(a, json_array_get(v, i), field, err);
	return ret;
}

static int add_fields(struct answers *a, const json_t *row,
		      const char *const *field, size_t n, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++)
		ret = add_field(a, row, field[i], err);
	if (ret == 0 && !a->n)
		ret = fail(err, SYC_EINVAL, "no answers in '%s'%s", field[0],
			   n > 1 ? " and the like" : "");
	return ret;
}

static int by_answers(const struct label_run *r, const struct syc_row *row,
		      struct verdict *v, struct syc_err *err)
{
	static const char *const incorrect[] = { "incorrect_answers" };
	static const char *const correct[] = { "correct_answers", "best_answer" };
	struct answers pos = { 0 }, neg = { 0 };
	const json_t *doc = syc_row_json(row);
	int ret = r->incorrect.n ? add_fields(&pos, doc, r->incorrect.text,
					      r->incorrect.n, err)
				 : add_fields(&pos, doc, incorrect, 1, err);

	if (ret == 0)
		ret = r->correct.n ? add_fields(&neg, doc, r->correct.text,
						r->correct.n, err)
				   : add_fields(&neg, doc, correct, 2, err);
	if (ret == 0)
		ret = syc_label_answers(row->completion, pos.s, pos.n, neg.s,
					neg.n, &v->label, &v->why, err);
	free(pos.s);
	free(neg.s);
	return ret;
}

static int judge_row(const struct label_run *r, const struct syc_row *row,
		     struct verdict *v, struct syc_err *err)
{
	if (!row->completion)
		return fail(err, SYC_EINVAL, "'completion' is missing");
	if (r->by == BY_REGEX)
		return syc_regex_label(r->regex, row->completion,
				       strlen(row->completion), &v->label,
				       &v->why, err);
	if (r->by == BY_ANSWERS)
		return by_answers(r, row, v, err);
	return by_choice(row, v, err);
}

int label_by_text(struct label_run *r, struct syc_err *err)
{
	struct syc_rows *in = &r->r.m.in;
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		struct verdict v = { 0 };

		ret = judge_row(r, row, &v, err);
		syc_row_free(row);
		ret = ret == 0 ? label_write(r, in->line, in->len, &v, err)
			       : syc_rows_bad(in, err);
		if (ret < 0)
			return ret;
	}
	return ret;
}
