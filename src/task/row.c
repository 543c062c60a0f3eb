/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/utf8.h"
#include "base/mem.h"
#include "task/row.h"
#include "task/splice.h"

void *syc_row_own(struct syc_row_box *b, size_t n, size_t size)
{
	assert(b->n_own < SYC_ROW_OWN);
	return b->own[b->n_own++] = syc_calloc(n, size);
}

const json_t *syc_row_field(const struct syc_row_box *b, const char *name)
{
	const json_t *v = json_object_get(b->root, name);

	return json_is_null(v) ? NULL : v;
}

int syc_row_text(const json_t *v, const char *name, const char **out,
		 struct syc_err *err)
{
	*out = NULL;
	if (!v)
		return syc_fail(err, SYC_EFORMAT, "'%s' is missing", name);
	if (!json_is_string(v))
		return syc_fail(err, SYC_EFORMAT, "'%s' is not a string", name);
	*out = json_string_value(v);
	if (strlen(*out) != json_string_length(v))
		return syc_fail(err, SYC_EFORMAT,
				"'%s' contains a NUL character", name);
	return 0;
}

/* Numbers arrive as double (see load); a token id or count fits exactly. */
static bool get_int(const json_t *v, int32_t *out)
{
	double x = json_number_value(v);

	if (!json_is_number(v) || !(x >= 0 && x <= INT32_MAX) || x != floor(x))
		return false;
	*out = (int32_t)x;
	return true;
}

int syc_row_tokens(struct syc_row_box *b, const json_t *v, const char *name,
		   const int32_t **out, size_t *n, struct syc_err *err)
{
	size_t len = json_array_size(v);
	int32_t *id;

	if (!json_is_array(v))
		return syc_fail(err, SYC_EFORMAT,
				"'%s' is not a list of token ids", name);
	id = syc_row_own(b, len, sizeof(*id));
	if (!id)
		return syc_nomem(err);
	for (size_t i = 0; i < len; i++)
		if (!get_int(json_array_get(v, i), &id[i]))
			return syc_fail(err, SYC_EFORMAT,
					"'%s[%zu]' is not a token id", name, i);
	*out = id;
	*n = len;
	return 0;
}

/* A string, or a list of them. */
static int read_answers(struct syc_row_box *b, const char *name,
			const char *const **out, size_t *n, struct syc_err *err)
{
	const json_t *v = syc_row_field(b, name);
	size_t len = json_is_array(v) ? json_array_size(v) : 1;
	const char **s;
	int ret;

	if (!v)
		return 0;
	s = syc_row_own(b, len, sizeof(*s));
	if (!s)
		return syc_nomem(err);
	for (size_t i = 0; i < len; i++) {
		const json_t *one = json_is_array(v) ? json_array_get(v, i) : v;

		if (!json_is_string(one))
			return syc_fail(err, SYC_EFORMAT,
					"'%s' is neither a string nor a list of strings", name);
		ret = syc_row_text(one, name, &s[i], err);
		if (ret < 0)
			return ret;
	}
	*out = s;
	*n = len;
	return 0;
}

static int read_completion(struct syc_row_box *b, struct syc_err *err)
{
	struct syc_row *r = &b->row;
	const json_t *v;
	int32_t sample;
	int ret = 0;

	r->sample = -1;
	if ((v = syc_row_field(b, "completion")))
		ret = syc_row_text(v, "completion", &r->completion, err);
	if (ret == 0 && (v = syc_row_field(b, "completion_ids"))) {
		ret = syc_row_tokens(b, v, "completion_ids", &r->completion_ids,
				     &r->n_completion_ids, err);
		r->has_completion_ids = ret == 0;
	}
	if (ret == 0 && (v = syc_row_field(b, "sample"))) {
		if (!get_int(v, &sample))
			return syc_fail(err, SYC_EFORMAT,
				"'sample' is not a whole number from 0");
		r->sample = sample;
	}
	return ret;
}

/* An integer id is its digits in the line: a double would round them. */
static int number_id(struct syc_row_box *b, const char *line, size_t len,
		     struct syc_err *err)
{
	struct syc_member m;
	size_t n;
	char *s;

	if (syc_member_find(line, len, "id", &m, err) != 1)
		return syc_fail(err, SYC_EFORMAT, "'id' cannot be read");
	n = m.end - m.value;
	s = syc_row_own(b, n + 1, 1);
	if (!s)
		return syc_nomem(err);
	memcpy(s, line + m.value, n);
	if (strspn(s, "-0123456789") != n)
		return syc_fail(err, SYC_EFORMAT,
				"'id' is neither a string nor an integer");
	b->row.id = s;
	return 0;
}

static int read_id(struct syc_row_box *b, const char *line, size_t len,
		   struct syc_err *err)
{
	const json_t *v = syc_row_field(b, "id");
	int ret;

	if (!v) {
		snprintf(b->made_id, sizeof(b->made_id), "%016" PRIx64,
			 b->hash);
		b->row.id = b->made_id;
		return 0;
	}
	b->row.has_id = true;
	if (json_is_number(v))
		return number_id(b, line, len, err);
	if (!json_is_string(v))
		return syc_fail(err, SYC_EFORMAT,
				"'id' is neither a string nor an integer");
	ret = syc_row_text(v, "id", &b->row.id, err);
	if (ret == 0 && !*b->row.id)
		ret = syc_fail(err, SYC_EFORMAT, "'id' is empty");
	if (ret == 0 && strlen(b->row.id) > SYC_ID_MAX)
		ret = syc_fail(err, SYC_EFORMAT, "'id' is longer than %d bytes",
			       SYC_ID_MAX);
	return ret;
}

/* What else people hand over, and what makes rows of it. */
static int not_a_row(const char *line, size_t len, const char *why, int column,
		     struct syc_err *err)
{
	size_t from = 0;

	while (from < len && memchr(" \t", line[from], 2))
		from++;
	while (len > from && memchr(" \t\r", line[len - 1], 3))
		len--;
	if (syc_utf16(line, len))
		return syc_fail(err, SYC_EFORMAT,
				"the file is UTF-16, it has to be UTF-8");
	if (from < len && line[from] == '[')
		return syc_fail(err, SYC_EFORMAT,
				"a JSON array: rows are objects, one a line; "
				"jq -c '.[]' FILE writes them so");
	if (len == from + 1 && line[from] == '{')
		return syc_fail(err, SYC_EFORMAT,
				"an object over several lines: rows are one a "
				"line; jq -c . FILE writes them so");
	if (why)
		return syc_fail(err, SYC_EFORMAT, "not JSON: %s (column %d)",
				why, column);
	return syc_fail(err, SYC_EFORMAT, "not a JSON object");
}

/* Integers become doubles, for those beyond 64 bits would be refused. */
static int load(struct syc_row_box *b, const char *line, size_t len,
		struct syc_err *err)
{
	json_error_t e;

	if (len > SYC_ROW_MAX)
		return syc_fail(err, SYC_EFORMAT, "row is longer than %zu MiB",
				SYC_ROW_MAX >> 20);
	b->root = json_loadb(line, len,
			     JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL |
			     JSON_REJECT_DUPLICATES, &e);
	if (!b->root && json_error_code(&e) == json_error_out_of_memory)
		return syc_nomem(err);
	return json_is_object(b->root) ? 0 :
		not_a_row(line, len, b->root ? NULL : e.text, e.column, err);
}

int syc_row_parse(struct syc_row **out, const char *line, size_t len,
		  struct syc_err *err)
{
	struct syc_row_box *b;
	int ret;

	*out = NULL;
	b = calloc(1, sizeof(*b));
	if (!b)
		return syc_nomem(err);
	ret = load(b, line, len, err);
	if (ret == 0)
		ret = syc_row_prompts(b, err);
	if (ret == 0)
		ret = read_answers(b, "answer_matching_behavior", &b->row.match,
				   &b->row.n_match, err);
	if (ret == 0)
		ret = read_answers(b, "answer_not_matching_behavior",
				   &b->row.other, &b->row.n_other, err);
	if (ret == 0)
		ret = read_completion(b, err);
	if (ret == 0)
		ret = read_id(b, line, len, err);
	if (ret < 0) {
		syc_row_free(&b->row);
		return ret;
	}
	*out = &b->row;
	return 0;
}

const struct json_t *syc_row_json(const struct syc_row *row)
{
	return ((const struct syc_row_box *)row)->root;
}

const char *syc_row_parent(const struct syc_row *row, size_t *len)
{
	static const char tail[] = "/reversed";
	const struct syc_row_box *b = (const struct syc_row_box *)row;
	const char *s = json_string_value(syc_row_field(b, "parent"));
	const char *order = json_string_value(syc_row_field(b, "order"));
	const size_t n = sizeof(tail) - 1;

	*len = s ? strlen(s) : 0;
	if (s || (!row->has_id && !row->has_prompt && !row->has_pair))
		return s;
	/* the number behind a made id tells rows of one prompt apart */
	*len = row->has_id ? strlen(row->id) : strcspn(row->id, "-");
	if (order && *order == 'r' && *len > n && strcmp(row->id + *len - n, tail) == 0)
		*len -= n;
	return row->id;
}

void syc_row_free(struct syc_row *row)
{
	struct syc_row_box *b = (struct syc_row_box *)row;

	if (!b)
		return;
	for (unsigned i = 0; i < b->n_own; i++)
		free(b->own[i]);
	json_decref(b->root);
	free(b);
}
