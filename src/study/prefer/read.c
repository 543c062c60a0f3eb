/* SPDX-License-Identifier: MIT */
/* Pairs of answers from rows. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/prefer/prefer.h"
#include "task/each.h"

struct reader {
	const struct syc_prefer_opts *o;
	struct syc_prefer_data *p;
	struct syc_rows *in;
	struct syc_seen *lines, *prompts;
	size_t cap_d, cap_choice, cap_prompt, cap_stray, n_rows;
};

/* The features of a row: two objects, or one of differences. */
struct sides {
	const json_t *a, *b, *both;
};

static bool is_in(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

static bool is_wanted(const struct syc_prefer_opts *o, const char *name)
{
	return (!o->n_only || is_in(o->only, o->n_only, name)) &&
	       !is_in(o->without, o->n_without, name) &&
	       !(o->choice_by && strcmp(o->choice_by, name) == 0);
}

static bool is_number(const json_t *v)
{
	return json_is_number(v) || json_is_boolean(v);
}

static double number(const json_t *v)
{
	return json_is_boolean(v) ? json_is_true(v) : json_number_value(v);
}

/* ---- a row's parts -------------------------------------------------------------- */

/* A member, NULL when it is absent or null. */
static const json_t *field(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	return json_is_null(v) ? NULL : v;
}

static int get_sides(struct sides *s, const json_t *row, struct syc_err *err)
{
	*s = (struct sides){ field(row, "features_a"), field(row, "features_b"),
			     field(row, "features") };
	if (s->both)
		return json_is_object(s->both)
			       ? 0
			       : syc_fail(
					 err, SYC_EFORMAT,
					 "\"features\" is not an object of numbers");
	if (!s->a || !s->b)
		return syc_fail(
			err, SYC_EFORMAT,
			s->a || s->b
				? "\"features_%c\" is missing: a pair has those of both answers"
				: "no \"features_%c\" and \"features_b\": no pair with features",
			s->a ? 'b' : 'a');
	if (!json_is_object(s->a) || !json_is_object(s->b))
		return syc_fail(err, SYC_EFORMAT,
				"\"features_%c\" is not an object of numbers",
				json_is_object(s->a) ? 'b' : 'a');
	return 0;
}

/* 1, 0, or -1 for a tie. */
static int by_number(const struct sides *s, const char *name, int *choice,
		     struct syc_err *err)
{
	const json_t *a = field(s->a, name), *b = field(s->b, name);

	if (!is_number(a) || !is_number(b))
		return syc_fail(
			err, SYC_EFORMAT, "'%.60s' of \"features_%c\" is %s",
			name, is_number(a) ? 'b' : 'a',
			(is_number(a) ? b : a) ? "not a number" : "missing");
	*choice = number(a) > number(b) ? 1 : number(a) < number(b) ? 0 : -1;
	return 0;
}

static int by_field(const json_t *row, int *choice, struct syc_err *err)
{
	const json_t *v = json_object_get(row, "choice");
	const char *text = json_string_value(v);

	if (!v)
		return syc_fail(
			err, SYC_EFORMAT,
			"no \"choice\" (and no number to choose by was given)");
	if (json_is_null(v) || (text && strcasecmp(text, "tie") == 0))
		*choice = -1;
	else if (is_number(v) && (number(v) == 0 || number(v) == 1))
		*choice = (int)number(v);
	else if (text &&
		 (strcasecmp(text, "a") == 0 || strcasecmp(text, "b") == 0))
		*choice = strcasecmp(text, "a") == 0;
	else
		return syc_fail(
			err, SYC_EFORMAT,
			"\"choice\" is none of \"a\", \"b\", \"tie\", 1, 0 and null");
	return 0;
}

/* Whether one answer's features say nothing but what it is chosen by. */
static bool says_nothing(const struct reader *r, const json_t *side)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)side, name, v) {
		const bool chosen_by = r->o->choice_by &&
				       strcmp(name, r->o->choice_by) == 0;

		if (!json_is_null(v) && !chosen_by)
			return false;
	}
	return true;
}

static bool is_bare(const struct reader *r, const struct sides *s)
{
	return s->both ? says_nothing(r, s->both)
		       : says_nothing(r, s->a) && says_nothing(r, s->b);
}

/* ---- features -------------------------------------------------------------------- */

static int add_name(char ***list, size_t n, const char *name,
		    struct syc_err *err)
{
	char **more = realloc(*list, (n + 1) * sizeof(*more));

	if (!more)
		return syc_nomem(err);
	*list = more;
	more[n] = strdup(name);
	return more[n] ? 0 : syc_nomem(err);
}

static void free_names(char ***name, size_t *n)
{
	while (*n)
		free((*name)[--*n]);
	free(*name);
	*name = NULL;
}

/* The numbers of the first row that has any. */
static int find_features(struct reader *r, const struct sides *s,
			 struct syc_err *err)
{
	struct syc_prefer_data *p = r->p;
	json_t *side = (json_t *)(uintptr_t)(s->both ? s->both : s->a), *v;
	const char *name;

	json_object_foreach(side, name, v) {
		int ret;

		if (!is_number(v) || !is_wanted(r->o, name))
			continue;
		if (p->k == SYC_PREFER_MOST)
			return syc_fail(err, SYC_EFORMAT,
					"more than %d features",
					SYC_PREFER_MOST);
		ret = add_name(&p->name, p->k, name, err);
		if (ret < 0)
			return ret;
		p->k++;
	}
	for (size_t i = 0; i < r->o->n_only; i++)
		if (!is_in((const char *const *)p->name, p->k, r->o->only[i]))
			return syc_fail(err, SYC_EFORMAT,
					"there is no feature '%.100s'",
					r->o->only[i]);
	if (!p->k)
		return syc_fail(err, SYC_EFORMAT, "no feature is a number");
	p->scale = syc_calloc(p->k, sizeof(*p->scale));
	p->n_differ = syc_calloc(p->k, sizeof(*p->n_differ));
	return p->scale && p->n_differ ? 0 : syc_nomem(err);
}

/* Remember what the first row did not have. */
static int find_stray(struct reader *r, const json_t *side, struct syc_err *err)
{
	struct syc_prefer_data *p = r->p;
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)side, name, v) {
		int ret;

		if (!is_number(v) || !is_wanted(r->o, name) ||
		    is_in((const char *const *)p->name, p->k, name) ||
		    is_in((const char *const *)p->stray, p->n_stray, name))
			continue;
		ret = add_name(&p->stray, p->n_stray, name, err);
		if (ret < 0)
			return ret;
		p->n_stray++;
	}
	return 0;
}

static int get(double *x, const json_t *side, const char *name, const char *of,
	       struct syc_err *err)
{
	const json_t *v = field(side, name);

	if (!is_number(v))
		return syc_fail(err, SYC_EFORMAT,
				"feature '%.60s' of \"%s\" is %s", name, of,
				v ? "not a number" : "missing");
	*x = number(v);
	return 0;
}

static int difference(double *d, const struct sides *s, const char *name,
		      struct syc_err *err)
{
	double a, b = 0;
	int ret = s->both ? get(&a, s->both, name, "features", err) :
			    get(&a, s->a, name, "features_a", err);

	if (ret == 0 && !s->both)
		ret = get(&b, s->b, name, "features_b", err);
	if (ret == 0)
		*d = a - b;
	return ret;
}

/* ---- rows ------------------------------------------------------------------------ */

/* What tells which pairs belong together: their item, else their prompt; or NULL. */
static char *prompt_of(const struct syc_row *row)
{
	const json_t *o = syc_row_json(row), *item = json_object_get(o, "item");

	if (json_is_string(item))
		return strdup(json_string_value(item));
	for (size_t i = 0; i < 4; i++) {
		static const char *const key[] = {
			"messages", "prompt", "question", "prompt_ids" };
		const json_t *v = field(o, key[i]);

		if (v)
			return json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	}
	return NULL;
}

static int add_prompt(struct reader *r, const struct syc_row *row,
		      struct syc_err *err)
{
	struct syc_prefer_data *p = r->p;
	struct syc_seen_place first = { NULL, p->n_prompts };
	char *text = prompt_of(row);
	int seen = 0;

	if (text) {
		const struct syc_row_key key =
			syc_row_key_of(text, 0, NULL, NULL);

		seen = syc_seen_add(r->prompts, &key, first, &first);
		free(text);
	} else {
		p->n_promptless++;
	}
	if (seen < 0 ||
	    !syc_grow(&p->prompt, &r->cap_prompt, p->n + 1, sizeof(*p->prompt)))
		return syc_nomem(err);
	p->prompt[p->n] = (uint32_t)(seen ? first.number : p->n_prompts++);
	return 0;
}

static int twice(struct reader *r, struct syc_err *err)
{
	const struct syc_row_key key = {
		syc_hash(0, r->in->line, r->in->len),
		syc_hash(~(uint64_t)0, r->in->line, r->in->len) };
	struct syc_seen_place first;
	const int seen =
		r->o->allow_duplicates
			? 0
			: syc_seen_add(r->lines, &key,
				       (struct syc_seen_place){ "", r->n_rows },
				       &first);

	if (seen < 0)
		return syc_nomem(err);
	return !seen ? 0
		     : syc_fail(err, SYC_EFORMAT,
				"the same pair as row %zu of the input",
				(size_t)first.number);
}

static int add_pair(struct reader *r, const struct syc_row *row,
		    const struct sides *s, int choice, struct syc_err *err)
{
	struct syc_prefer_data *p = r->p;
	int ret = p->k ? 0 : find_features(r, s, err);

	if (ret < 0 && !p->n_differ) {
		free_names(&p->name, &p->k);
		return ret;
	}
	if (ret == 0 &&
	    (!syc_grow(&p->d, &r->cap_d, (p->n + 1) * p->k, sizeof(*p->d)) ||
	     !syc_grow(&p->choice, &r->cap_choice, p->n + 1,
		       sizeof(*p->choice))))
		ret = syc_nomem(err);
	for (size_t j = 0; j < p->k && ret == 0; j++)
		ret = difference(&p->d[p->n * p->k + j], s, p->name[j], err);
	if (ret == 0)
		ret = find_stray(r, s->both ? s->both : s->a, err);
	if (ret == 0 && !s->both)
		ret = find_stray(r, s->b, err);
	if (ret < 0)
		return ret;
	if (choice < 0) {
		p->n_ties++;
		return 0;
	}
	ret = add_prompt(r, row, err);
	if (ret < 0)
		return ret;
	for (size_t j = 0; j < p->k; j++)
		p->n_differ[j] += p->d[p->n * p->k + j] != 0;
	p->choice[p->n++] = (int8_t)choice;
	return 0;
}

static int take(void *to, struct syc_row *row, struct syc_line line,
		struct syc_err *err)
{
	struct reader *r = to;
	struct sides s;
	int choice = -1, ret;

	(void)line;
	r->n_rows++;
	ret = get_sides(&s, syc_row_json(row), err);
	if (ret < 0)
		return ret;
	if (is_bare(r, &s)) {
		r->p->n_bare++;
		return 0;
	}
	ret = twice(r, err);
	if (ret == 0)
		ret = r->o->choice_by
			      ? by_number(&s, r->o->choice_by, &choice, err)
			      : by_field(syc_row_json(row), &choice, err);
	return ret < 0 ? ret : add_pair(r, row, &s, choice, err);
}

static int read_all(struct reader *r, struct syc_err *err)
{
	struct syc_prefer_data *p = r->p;
	int ret;

	r->lines = syc_seen_new();
	r->prompts = syc_seen_new();
	if (!r->lines || !r->prompts)
		return syc_nomem(err);
	/* many pairs share a prompt */
	r->in->allow_duplicates = true;
	ret = syc_rows_take(r->in, take, r, err);
	if (ret == 0 && !p->n)
		ret = syc_fail(
			err, SYC_EFORMAT,
			"no pair with features and a choice (%zu ties, %zu without features)",
			p->n_ties, p->n_bare);
	if (ret < 0)
		return ret;
	prefer_scale(p);
	return prefer_check(p, err);
}

int syc_prefer_read(struct syc_prefer_data **out, struct syc_rows *in,
		    const struct syc_prefer_opts *o, struct syc_err *err)
{
	struct reader r = { .o = o, .in = in, .p = calloc(1, sizeof(*r.p)) };
	int ret = r.p ? read_all(&r, err) : syc_nomem(err);

	*out = NULL;
	syc_seen_free(r.lines);
	syc_seen_free(r.prompts);
	if (ret == 0)
		*out = r.p;
	else
		syc_prefer_data_free(r.p);
	return ret;
}

void syc_prefer_data_free(struct syc_prefer_data *p)
{
	if (!p)
		return;
	free_names(&p->name, &p->k);
	free_names(&p->stray, &p->n_stray);
	free(p->d);
	free(p->scale);
	free(p->n_differ);
	free(p->choice);
	free(p->prompt);
	free(p);
}
