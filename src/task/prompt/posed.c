/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "task/prompt/posed.h"
#include "task/prompt/fields.h"

/* ---- by chance ------------------------------------------------------------------------- */

struct drawn {
	uint64_t hash;
	json_t *text;
};

static int by_hash(const void *a, const void *b)
{
	const struct drawn *x = a, *y = b;

	return x->hash != y->hash ? (x->hash > y->hash ? 1 : -1) :
	       strcmp(json_string_value(x->text), json_string_value(y->text));
}

/* A text's own number: the order of a list changes nothing. */
static uint64_t hash_of(const struct syc_item *it, enum syc_item_draw what,
			const json_t *text)
{
	return syc_hash(syc_rand_u64(it->key, what), json_string_value(text),
			json_string_length(text));
}

static const char *draw_wrong(const struct syc_item *it)
{
	const json_t *list = json_object_get(it->fields, "incorrect"), *v,
		     *best = NULL;
	size_t i;

	json_array_foreach((json_t *)list, i,
			   v) if (!best || hash_of(it, SYC_DRAW_WRONG, v) <
						   hash_of(it, SYC_DRAW_WRONG,
							   best)) best = v;
	return json_string_value(best);
}

/* The same texts in an order by chance, new; NULL without memory. */
static json_t *shuffled(const struct syc_item *it, const json_t *list)
{
	const size_t n = json_array_size(list);
	struct drawn *d = syc_calloc(n + 1, sizeof(*d));
	json_t *out = d ? json_array() : NULL;

	for (size_t i = 0; out && i < n; i++) {
		d[i].text = json_array_get(list, i);
		d[i].hash = hash_of(it, SYC_DRAW_ORDER, d[i].text);
	}
	if (out)
		qsort(d, n, sizeof(*d), by_hash);
	for (size_t i = 0; out && i < n; i++)
		json_array_append(out, d[i].text);
	free(d);
	return out;
}

/* ---- an item --------------------------------------------------------------------------- */

/* The source's options, or a right and a wrong answer; *ordered: as the source has them. */
static json_t *options_of(const struct syc_posed *a, bool *ordered)
{
	const json_t *fields = a->it->fields,
		     *listed = json_object_get(fields, "options"),
		     *correct = json_array_get(
			     json_object_get(fields, "correct"), 0);

	*ordered = listed && !json_object_get(fields, "truth_first");
	if (a->p->o.form == SYC_PROMPTS_FREE)
		return NULL;
	if (listed)
		return json_copy((json_t *)listed);
	if (a->p->o.form != SYC_PROMPTS_CHOICES || !correct || !a->wrong)
		return NULL;
	return json_pack("[ss]", json_string_value(correct), a->wrong);
}

static const char *kind_of(const struct syc_posed *a)
{
	const char *kind = syc_item_text(a->it, "kind"),
		   *task = a->p->task->name;

	if (strcmp(task, "sure") == 0 || strcmp(task, "pushback") == 0)
		return !a->options ? "free" : kind ? kind : "choices";
	if (!kind && strcmp(task, "feedback") == 0)
		return syc_item_text(a->it, "domain");
	return kind || strcmp(task, "mimicry") != 0 ? kind : "poems";
}

int syc_posed_of(struct syc_posed *a, const struct syc_prompts *p,
		 const struct syc_item *it, struct syc_err *err)
{
	bool ordered;

	*a = (struct syc_posed){ .p = p, .it = it, .wrong = draw_wrong(it) };
	a->options = options_of(a, &ordered);
	if (a->options && (p->o.shuffle || !ordered)) {
		json_t *list = shuffled(it, a->options);

		if (!list)
			return syc_nomem(err);
		json_decref(a->options);
		a->options = list;
	}
	a->kind = kind_of(a);
	return 0;
}

void syc_posed_free(struct syc_posed *a)
{
	json_decref(a->options);
}

/* ---- templates ------------------------------------------------------------------------- */

static bool is(const json_t *t, const char *key, const char *text)
{
	const char *s = json_string_value(json_object_get(t, key));

	return s && text ? strcmp(s, text) == 0 : s == text;
}

/* One of the templates of a kind (NULL: those for any). */
static const json_t *pick(const struct syc_posed *a, const char *condition,
			  const char *kind)
{
	size_t i, n = 0;
	uint64_t at;
	const json_t *t;

	for (int pass = 0; pass < 2; pass++) {
		at = pass ? syc_rand_below(a->it->key, SYC_DRAW_WORDING, n) : 0;
		json_array_foreach(a->p->templates, i, t) {
			if (!is(t, "task", a->p->task->name) ||
			    !is(t, "condition", condition) ||
			    !is(t, "kind", kind))
				continue;
			if (!pass)
				n++;
			else if (at-- == 0)
				return t;
		}
		if (!n)
			break;
	}
	return NULL;
}

const json_t *syc_posed_template(const struct syc_posed *a,
				 const char *condition)
{
	const json_t *t = pick(a, condition, a->kind);

	/* Questions of any other kind are asked as choices are. */
	if (!t && a->options)
		t = pick(a, condition, "choices");
	return t || !a->kind ? t : pick(a, condition, NULL);
}

/* ---- options --------------------------------------------------------------------------- */

static json_t *turned(json_t *list)
{
	json_t *out = json_array();

	for (size_t i = json_array_size(list); out && i-- > 0;)
		json_array_append(out, json_array_get(list, i));
	json_decref(list);
	return out;
}

json_t *syc_posed_options(const struct syc_posed *a, const json_t *t,
			  bool reversed)
{
	const char *user = json_string_value(json_object_get(t, "user"));
	const json_t *own = json_object_get(t, "options"),
		     *list = own ? own : a->options;
	json_t *out;

	if (!list || !strstr(user, "{choices}"))
		return NULL;
	out = json_copy((json_t *)list);
	/* One draw an item, so that a letter means the same in all conditions. */
	if (own && a->p->o.shuffle)
		reversed ^= syc_rand_below(a->it->key, SYC_DRAW_ORDER, 2);
	return reversed ? turned(out) : out;
}

bool syc_posed_is_right(const struct syc_posed *a, const json_t *t,
			const char *option)
{
	const json_t *own = json_object_get(t, "options");

	return own ? strcmp(json_string_value(json_array_get(own, 0)),
			    option) == 0
		   : syc_fields_holds(json_object_get(a->it->fields, "correct"),
				      option);
}
