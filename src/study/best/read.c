/* SPDX-License-Identifier: MIT */
/* From rows to samples with numbers for names. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/best/best.h"
#include "syc/label_set.h"
#include "task/each.h"

enum { LEVELS = 8 };

int best_name(struct best_names *b, const char *name, uint32_t *at,
	      struct syc_err *err)
{
	const json_t *known;

	if (!b->number && !(b->number = json_object()))
		return syc_nomem(err);
	known = json_object_get(b->number, name);
	if (known) {
		*at = (uint32_t)json_integer_value(known);
		return 0;
	}
	if (!syc_grow(&b->name, &b->cap, b->n + 1, sizeof(*b->name)) ||
	    !(b->name[b->n] = strdup(name)))
		return syc_nomem(err);
	*at = (uint32_t)b->n++;
	return json_object_set_new(b->number, name, json_integer(*at)) == 0
		       ? 0
		       : syc_nomem(err);
}

void best_names_free(struct best_names *b)
{
	json_decref(b->number);
	best_strings_free(b->name, b->n);
}

void best_strings_free(char **s, size_t n)
{
	for (size_t i = 0; s && i < n; i++)
		free(s[i]);
	free(s);
}

size_t best_models(const struct syc_best_opts *o,
		   const struct syc_best_model **model)
{
	static const struct syc_best_model usual = { "reward", "reward" };

	*model = o->n_models ? o->model : &usual;
	return o->n_models ? o->n_models : 1;
}

int best_model_names(char ***name, size_t *n, const struct syc_best_opts *o,
		     struct syc_err *err)
{
	const struct syc_best_model *model;
	const size_t n_models = best_models(o, &model);

	*n = n_models + o->oracle;
	*name = syc_calloc(*n + 1, sizeof(**name));
	for (size_t i = 0; *name && i < *n; i++)
		if (!((*name)[i] =
			      strdup(i < n_models ? model[i].name : "oracle")))
			return syc_nomem(err);
	return *name ? 0 : syc_nomem(err);
}

static int add_rewards(struct best_rows *b, const struct syc_row *row,
		       double liking, struct syc_err *err)
{
	const struct syc_best_model *model;
	const size_t n = best_models(b->o, &model);
	double *to;

	if (!syc_grow(&b->reward, &b->cap_reward, (b->n + 1) * (n + 1),
		      sizeof(double)))
		return syc_nomem(err);
	to = b->reward + b->n * (n + b->o->oracle);
	for (size_t i = 0; i < n; i++) {
		const json_t *v =
			json_object_get(syc_row_json(row), model[i].field);

		if (!json_is_number(v))
			return syc_fail(err, SYC_EFORMAT,
					"no number in '%.200s' (syc-rank adds "
					"'reward')",
					model[i].field);
		to[i] = json_number_value(v);
	}
	if (b->o->oracle)
		to[n] = liking;
	b->n_models = n + b->o->oracle;
	return 0;
}

int best_add_sample(struct best_rows *b, const struct syc_row *row,
		    const struct best_sample *s, double liking, struct syc_err *err)
{
	const int ret = add_rewards(b, row, liking, err);

	if (ret < 0)
		return ret;
	if (!syc_grow(&b->sample, &b->cap, b->n + 1, sizeof(*s)))
		return syc_nomem(err);
	b->sample[b->n++] = *s;
	return 0;
}

int best_item(struct syc_buf *key, const struct syc_row *row,
	      struct syc_err *err)
{
	const char *item =
		json_string_value(json_object_get(syc_row_json(row), "item"));
	size_t len = item ? strlen(item) : 0;

	if (!item)
		item = syc_row_parent(row, &len);
	if (!item)
		return syc_fail(err, SYC_EFORMAT,
				"nothing says which prompt it answers: no "
				"'item', 'parent' or 'id'");
	key->len = 0;
	return syc_buf_add(key, item, len) < 0 || syc_buf_add(key, "", 1) < 0
		       ? syc_nomem(err)
		       : 0;
}

/* The text of the field that tells the arms apart. */
static int arm_of(struct best_rows *b, const struct syc_row *row, uint32_t *arm,
		  struct syc_err *err)
{
	const char *by = b->o->by ? b->o->by : "condition";
	const json_t *v = json_object_get(syc_row_json(row), by);
	char *text = NULL;
	int ret;

	if (b->o->difficulty || (!v && !b->o->by))
		return best_name(&b->arm, "", arm, err);
	if (!v)
		return syc_fail(
			err, SYC_EINVAL,
			"no field \"%.200s\", which tells the arms apart", by);
	if (json_is_string(v))
		return best_name(&b->arm, json_string_value(v), arm, err);
	text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT |
				     JSON_REAL_PRECISION(12));
	ret = text ? best_name(&b->arm, text, arm, err) : syc_nomem(err);
	free(text);
	return ret;
}

static int take_measures(struct best_rows *b, const struct syc_row *row,
			 struct syc_err *err)
{
	const char *m = json_string_value(
		json_object_get(syc_row_json(row), "measures"));

	if (!m || (b->measures && strcmp(b->measures, m) == 0))
		return 0;
	if (b->measures || b->n)
		return syc_fail(
			err, SYC_EINVAL,
			"its label measures \"%.100s\", others \"%.100s\": "
			"no rate is of both",
			m, b->measures ? b->measures : "sycophantic");
	b->measures = strdup(m);
	return b->measures ? 0 : syc_nomem(err);
}

static int add_row(void *to, struct syc_row *row, struct syc_line line,
		   struct syc_err *err)
{
	struct best_rows *b = to;
	struct syc_buf *key = &b->key;
	struct best_sample s = { .row = b->n };
	size_t len;
	const char *parent = syc_row_parent(row, &len);
	int ret;

	(void)line;
	if (!json_object_get(syc_row_json(row), "label")) {
		b->n_unlabeled++;
		return 0;
	}
	ret = syc_row_label(row, &s.label, err);
	if (ret == 0)
		ret = take_measures(b, row, err);
	if (ret == 0)
		ret = arm_of(b, row, &s.arm, err);
	if (ret == 0)
		ret = best_item(key, row, err);
	if (ret == 0)
		ret = best_name(&b->item, key->data, &s.item, err);
	if (ret < 0)
		return ret;
	key->len = 0;
	syc_buf_printf(key, "%u/", s.arm);
	syc_buf_add(key, parent ? parent : b->item.name[s.item],
		    parent ? len : strlen(b->item.name[s.item]));
	if (syc_buf_add(key, "", 1) < 0 || key->failed)
		return syc_nomem(err);
	ret = best_name(&b->prompt, key->data, &s.prompt, err);
	return ret < 0 ? ret : best_add_sample(b, row, &s, s.label < 0 ? 0.5 : 1 - s.label, err);
}

static int read_all(struct best_rows *b, struct syc_rows *in,
		    struct syc_err *err)
{
	const int ret = syc_rows_take(in, add_row, b, err);

	if (ret == 0 && !b->n)
		return syc_fail(err, SYC_EINVAL, b->n_unlabeled ? "no row has a \"label\""
								: "there are no rows");
	return ret;
}

static int by_place(const void *a, const void *b)
{
	const struct best_sample *x = a, *y = b;

	if (x->arm != y->arm)
		return x->arm < y->arm ? -1 : 1;
	if (x->prompt != y->prompt)
		return x->prompt < y->prompt ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Arms are levels of the items' difficulty; items without one are left out. */
static int set_levels(struct syc_best *out, struct best_rows *b,
		      struct syc_err *err)
{
	const size_t wanted = b->o->levels ? b->o->levels : LEVELS,
		     n = b->item.n;
	double *x = syc_calloc(n + 1, sizeof(*x));
	uint32_t *number = syc_calloc(2 * n + 1, sizeof(*number)),
		 *level = number + n;
	size_t *count = syc_calloc(wanted + 1, sizeof(*count)), known = 0,
	       kept = 0;
	int ret;

	out->level = syc_calloc(wanted + 1, sizeof(*out->level));
	ret = x && number && count && out->level ? 0 : syc_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		const double d =
			syc_difficulty_of(b->o->difficulty, b->item.name[i]);

		number[i] = isnan(d) ? UINT32_MAX : (uint32_t)known;
		if (!isnan(d))
			x[known++] = d;
	}
	if (ret == 0)
		ret = best_levels(level, out->level, count, &out->n_arms, x,
				  known, wanted, err);
	if (ret == 0 && !known)
		ret = syc_fail(err, SYC_EINVAL,
			       "none of the %zu items has a difficulty", n);
	for (size_t i = 0; i < b->n && ret == 0; i++) {
		const uint32_t at = number[b->sample[i].item];

		if (at == UINT32_MAX)
			continue;
		b->sample[kept] = b->sample[i];
		b->sample[kept++].arm = level[at];
	}
	b->n = ret == 0 ? kept : b->n;
	free(x);
	free(number);
	free(count);
	return ret;
}

static int name_arms(struct syc_best *out, struct best_rows *b,
		     struct syc_err *err)
{
	const size_t n = b->o->difficulty ? out->n_arms : b->arm.n;
	struct syc_buf text = { 0 };
	int ret = 0;

	out->arm = syc_calloc(n + 1, sizeof(*out->arm));
	out->n_arms = out->arm ? n : 0;
	for (size_t i = 0; i < out->n_arms && ret == 0; i++) {
		text.len = 0;
		if (b->o->difficulty)
			syc_buf_printf(&text, "%.3f", out->level[i]);
		else
			syc_buf_puts(&text, b->arm.name[i]);
		out->arm[i] =
			text.data ? strndup(text.data, text.len) : strdup("");
		ret = out->arm[i] ? 0 : syc_nomem(err);
	}
	syc_buf_free(&text);
	return out->arm ? ret : syc_nomem(err);
}

/* The least number of samples of any prompt, two or more. */
static int find_most(struct syc_best *out, const struct best_rows *b,
		     struct syc_err *err)
{
	size_t least = SIZE_MAX, end;

	for (size_t i = 0; i < b->n; i = end) {
		for (end = i; end < b->n &&
			      b->sample[end].prompt == b->sample[i].prompt;)
			end++;
		least = end - i < least ? end - i : least;
		if (least < 2)
			return syc_fail(
				err, SYC_EINVAL,
				"'%.200s'%s%.100s has one sample: a best "
				"of N takes two or more of each prompt",
				b->item.name[b->sample[i].item],
				b->arm.n > 1 ? ", " : "",
				b->arm.n > 1 ? b->arm.name[b->sample[i].arm]
					     : "");
	}
	out->most = b->o->most && b->o->most < least ? b->o->most : least;
	if (b->o->most > least)
		return syc_fail(err, SYC_EINVAL,
				"the best of %zu: a prompt has %zu samples",
				b->o->most, least);
	return 0;
}

int syc_best_read(struct syc_best **out, struct syc_rows *in,
		  const struct syc_best_opts *o, struct syc_err *err)
{
	struct best_rows b = { .o = o };
	struct syc_best *s = calloc(1, sizeof(*s));
	int ret = s ? best_model_names(&s->model, &s->n_models, o, err)
		    : syc_nomem(err);

	*out = NULL;
	if (ret == 0)
		ret = read_all(&b, in, err);
	if (ret == 0 && o->difficulty)
		ret = set_levels(s, &b, err);
	if (ret == 0)
		ret = name_arms(s, &b, err);
	if (ret == 0) {
		qsort(b.sample, b.n, sizeof(*b.sample), by_place);
		ret = find_most(s, &b, err);
	}
	if (ret == 0)
		ret = best_curves(s, &b, err);
	if (s) {
		s->measures = b.measures;
		s->n_rows = b.n;
		s->n_items = b.item.n;
		s->n_unlabeled = b.n_unlabeled;
	}
	best_names_free(&b.arm);
	best_names_free(&b.prompt);
	best_names_free(&b.item);
	syc_buf_free(&b.key);
	free(b.sample);
	free(b.reward);
	if (ret < 0)
		syc_best_free(s);
	else
		*out = s;
	return ret;
}

void syc_best_free(struct syc_best *b)
{
	if (!b)
		return;
	for (size_t i = 0; b->curve && i < b->n_models * b->n_arms; i++)
		free(b->curve[i].at);
	for (size_t i = 0; i < b->n_diffs; i++)
		free(b->diff[i].at);
	best_strings_free(b->model, b->n_models);
	best_strings_free(b->arm, b->n_arms);
	free(b->curve);
	free(b->diff);
	free(b->level);
	free(b->measures);
	free(b);
}
