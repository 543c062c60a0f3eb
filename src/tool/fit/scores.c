/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/old_names.h"
#include "tool/fit/scores.h"

/* One row, checked and ready to be added. */
struct line {
	json_t *doc;
	const json_t *score, *layers;
	int label;
	const struct syc_row *row;
	uint64_t key;
};

/* Make room for need elements of size bytes in *p. */
static bool grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap + *cap / 2 + 16;
	void *old, *new;

	if (need <= *cap)
		return true;
	if (n < need)
		n = need;
	if (n > SIZE_MAX / size)
		return false;
	memcpy(&old, p, sizeof(old));
	new = realloc(old, n * size);
	if (!new)
		return false;
	memcpy(p, &new, sizeof(new));
	*cap = n;
	return true;
}

/* FNV-1a of the id and the sample: the same for the same row everywhere. */
static uint64_t hash(const struct syc_row *row)
{
	const char *s = row->id ? row->id : "";
	uint64_t h = 14695981039346656037u ^ (uint64_t)row->sample;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h;
}

static int check_label(struct line *l, struct syc_err *err)
{
	const json_t *v = json_object_get(l->doc, "label");

	l->label = SYC_LABEL_UNDECIDED;
	if (!v)
		return fail(err, SYC_EFORMAT,
			    "no \"label\" (see syc-label(1))");
	if (json_is_null(v))
		return 0;
	if (json_number_value(v) == 1)
		l->label = SYC_LABEL_SYC;
	else if (json_is_number(v) && json_number_value(v) == 0)
		l->label = SYC_LABEL_NOT;
	else
		return fail(err, SYC_EFORMAT, "\"label\" is not 1, 0 or null");
	return 0;
}

static double layer_at(const struct line *l, size_t i)
{
	return json_number_value(json_array_get(l->layers, i));
}

static int check_layers(const struct scores *s, struct line *l,
			struct syc_err *err)
{
	const size_t n = json_array_size(l->layers);

	if (!json_is_array(l->layers) || !n)
		return fail(err, SYC_EFORMAT,
			    "\"layers\" is not a list of layer numbers");
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(l->layers, i);
		const double x = json_number_value(v);

		if (!json_is_number(v) || x != floor(x) || x < 0 || x > 1e6)
			return fail(err, SYC_EFORMAT,
				    "\"layers\" is not a list of layer numbers");
		if (s->n_layers && (n != s->n_layers || x != s->layer[i]))
			return fail(err, SYC_EFORMAT,
				    "\"layers\" is not that of the rows before");
	}
	return 0;
}

static int check_position(const struct line *l, const char *vector,
		      const char *position, const json_t *a, struct syc_err *err)
{
	const size_t n = json_array_size(l->layers);

	if (!json_is_array(a))
		return fail(err, SYC_EFORMAT,
			    "score of '%s', %s: not a list of numbers", vector,
			    position);
	if (json_array_size(a) != n)
		return fail(err, SYC_EFORMAT,
			    "score of '%s', %s: %zu numbers for %zu layers",
			    vector, position, json_array_size(a), n);
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(a, i);

		if (!json_is_number(v) && !json_is_null(v))
			return fail(err, SYC_EFORMAT,
				    "score of '%s', %s, layer %.0f: not a number",
				    vector, position, layer_at(l, i));
	}
	return 0;
}

static int check_score(struct line *l, struct syc_err *err)
{
	const char *vector, *position;
	json_t *positions, *a;
	int ret;

	json_object_foreach((json_t *)l->score, vector, positions) {
		if (!json_is_object(positions))
			return fail(err, SYC_EFORMAT,
				    "score of '%s' is not an object of positions",
				    vector);
		json_object_foreach(positions, position, a) {
			ret = check_position(l, vector, position, a, err);
			if (ret < 0)
				return ret;
		}
	}
	return 0;
}

/*
 * A field by its name, or by names with dots between objects; the id is there
 * even where it was made.
 */
static const json_t *find_field(const struct line *l, const char *name)
{
	const json_t *v = json_object_get(l->doc, name);
	const json_t *at = l->doc;
	char key[256];

	while (!v && at) {
		const size_t n = strcspn(name, ".");

		if (n >= sizeof(key))
			return NULL;
		memcpy(key, name, n);
		key[n] = 0;
		at = json_object_get(at, key);
		if (!name[n])
			return at;
		name += n + 1;
	}
	return v;
}

static int check_fields(const struct scores *s, const struct line *l, struct syc_err *err)
{
	for (size_t i = 0; i < s->n_fields && l->label != SYC_LABEL_UNDECIDED; i++) {
		const json_t *v = find_field(l, s->field[i]);

		if (strcmp(s->field[i], "id") == 0)
			continue;
		if (!v || json_is_null(v))
			return fail(err, SYC_EFORMAT, "no field \"%.100s\"", s->field[i]);
		if (json_is_object(v) || json_is_array(v))
			return fail(err, SYC_EFORMAT,
				    "field \"%.100s\" is not a string, number or boolean", s->field[i]);
	}
	return 0;
}

static int check_acts(const struct scores *s, const struct line *l, struct syc_err *err)
{
	const json_t *acts = json_object_get(l->doc, "acts");
	const json_t *number = json_object_get(acts, "row");
	const double x = json_number_value(number);

	if (!s->want_acts || l->label == SYC_LABEL_UNDECIDED)
		return 0;
	if (!json_is_string(json_object_get(acts, "file")) || !json_is_number(number) ||
	    !(x >= 0) || x > 0x1p53 || x != floor(x))
		return fail(err, SYC_EFORMAT, "no \"acts\" with the activation file and row");
	return 0;
}

/* Fill l from the row at hand. */
static int check_line(const struct scores *s, struct line *l,
		      const struct syc_rows *in, struct syc_err *err)
{
	json_error_t e;
	int ret;

	/* Integers as reals: a row may carry any number, of which none is ours. */
	l->doc = json_loadb(in->line, in->len,
			    JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &e);
	if (!l->doc)
		return fail(err, SYC_EFORMAT, "%s", e.text);
	l->layers = json_object_get(l->doc, "layers");
	l->score = json_object_get(l->doc, "score");
	ret = check_label(l, err);
	if (ret == 0 && !json_is_object(l->score))
		ret = fail(err, SYC_EFORMAT, "no \"score\" (see syc-score(1))");
	if (ret == 0 && !old_names_score(json_object_get(l->doc, "score")))
		ret = fail_nomem(err);
	if (ret == 0)
		ret = check_layers(s, l, err);
	if (ret == 0)
		ret = check_score(l, err);
	if (ret == 0)
		ret = check_fields(s, l, err);
	if (ret == 0)
		ret = check_acts(s, l, err);
	return ret;
}

static bool set_value(struct scores_value *v, const struct line *l, const char *name)
{
	const json_t *x = find_field(l, name);

	v->number = json_is_number(x) ? json_number_value(x) : NAN;
	if (strcmp(name, "id") == 0)
		v->text = strdup(l->row->id);
	else if (json_is_string(x))
		v->text = strdup(json_string_value(x));
	else
		v->text = json_dumps(x, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	return v->text != NULL;
}

/* Remember a labeled row; its number in *at. */
static int keep_row(struct scores *s, const struct line *l, uint32_t *at, struct syc_err *err)
{
	const json_t *acts = json_object_get(l->doc, "acts");
	struct scores_row *r;
	bool ok;

	if (s->n_kept == UINT32_MAX ||
	    !grow(&s->row, &s->cap_kept, s->n_kept + 1, sizeof(*s->row)))
		return fail_nomem(err);
	*at = (uint32_t)s->n_kept;
	r = &s->row[s->n_kept++];
	*r = (struct scores_row){ .key = l->key, .id = strdup(l->row->id),
				  .value = calloc(s->n_fields + 1, sizeof(*r->value)) };
	ok = r->id && r->value;
	for (size_t i = 0; i < s->n_fields && ok; i++)
		ok = set_value(&r->value[i], l, s->field[i]);
	if (ok && s->want_acts) {
		r->acts = strdup(json_string_value(json_object_get(acts, "file")));
		r->acts_row = (uint64_t)json_number_value(json_object_get(acts, "row"));
		ok = r->acts != NULL;
	}
	return ok ? 0 : fail_nomem(err);
}

static int set_layers(struct scores *s, const struct line *l,
		      struct syc_err *err)
{
	const size_t n = json_array_size(l->layers);

	s->layer = calloc(n, sizeof(*s->layer));
	if (!s->layer)
		return fail_nomem(err);
	for (size_t i = 0; i < n; i++)
		s->layer[i] = (uint32_t)layer_at(l, i);
	s->n_layers = n;
	return 0;
}

/* The set of a vector and position, made when it is new; NULL: no memory. */
static struct scores_set *find_set(struct scores *s, const char *vector,
				   const char *position)
{
	struct scores_set *t;

	for (size_t i = 0; i < s->n_sets; i++)
		if (strcmp(s->set[i].vector, vector) == 0 &&
		    strcmp(s->set[i].position, position) == 0)
			return &s->set[i];
	if (!grow(&s->set, &s->cap_sets, s->n_sets + 1, sizeof(*s->set)))
		return NULL;
	t = &s->set[s->n_sets++];
	*t = (struct scores_set){ .vector = strdup(vector),
				  .position = strdup(position) };
	return t->vector && t->position ? t : NULL;
}

static int add_position(struct scores *s, const struct line *l, uint32_t row,
		    const char *vector, const char *position, const json_t *a,
		    struct syc_err *err)
{
	struct scores_set *t = find_set(s, vector, position);
	size_t at;

	if (!t ||
	    !grow(&t->label, &t->cap_label, t->n + 1, sizeof(*t->label)) ||
	    !grow(&t->key, &t->cap_key, t->n + 1, sizeof(*t->key)) ||
	    !grow(&t->row, &t->cap_row, t->n + 1, sizeof(*t->row)) ||
	    !grow(&t->score, &t->cap_score, (t->n + 1) * s->n_layers,
		  sizeof(*t->score)))
		return fail_nomem(err);
	/* An undecided row has made the set known; it adds nothing to it. */
	if (l->label == SYC_LABEL_UNDECIDED)
		return 0;
	at = t->n * s->n_layers;
	t->label[t->n] = (int8_t)l->label;
	t->row[t->n] = row;
	t->key[t->n++] = l->key;
	for (size_t i = 0; i < s->n_layers; i++) {
		const json_t *v = json_array_get(a, i);

		t->score[at + i] = json_is_null(v) ? NAN : json_number_value(v);
	}
	return 0;
}

static int add_line(struct scores *s, const struct line *l, struct syc_err *err)
{
	const char *vector, *position;
	json_t *positions, *a;
	uint32_t row = 0;
	int ret = 0;

	if (!s->n_layers)
		ret = set_layers(s, l, err);
	if (ret == 0 && l->label != SYC_LABEL_UNDECIDED)
		ret = keep_row(s, l, &row, err);
	if (ret < 0)
		return ret;
	s->n_rows++;
	s->n_syc += l->label == SYC_LABEL_SYC;
	s->n_not += l->label == SYC_LABEL_NOT;
	s->n_undecided += l->label == SYC_LABEL_UNDECIDED;
	json_object_foreach((json_t *)l->score, vector, positions)
		json_object_foreach(positions, position, a) {
			ret = add_position(s, l, row, vector, position, a, err);
			if (ret < 0)
				return ret;
		}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct scores_set *p = a, *q = b;
	const int c = strcmp(p->vector, q->vector);

	return c ? c : strcmp(p->position, q->position);
}

int scores_read(struct scores *s, struct syc_rows *in, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		struct line l = { .row = row, .key = hash(row) };

		ret = check_line(s, &l, in, err);
		if (ret == 0)
			ret = add_line(s, &l, err);
		else
			ret = syc_rows_bad(in, err);
		json_decref(l.doc);
		syc_row_free(row);
		if (ret < 0)
			return ret;
	}
	/* By name, so that the order of rows does not show. */
	if (s->n_sets)
		qsort(s->set, s->n_sets, sizeof(*s->set), by_name);
	return ret;
}

void scores_column(const struct scores *s, const struct scores_set *set,
		   size_t l, double *out)
{
	for (size_t i = 0; i < set->n; i++)
		out[i] = set->score[i * s->n_layers + l];
}

void scores_set_free(struct scores_set *t)
{
	free(t->vector);
	free(t->position);
	free(t->label);
	free(t->key);
	free(t->row);
	free(t->score);
}

void scores_free(struct scores *s)
{
	for (size_t i = 0; i < s->n_sets; i++)
		scores_set_free(&s->set[i]);
	for (size_t i = 0; i < s->n_kept; i++) {
		struct scores_row *r = &s->row[i];

		for (size_t k = 0; k < s->n_fields && r->value; k++)
			free(r->value[k].text);
		free(r->value);
		free(r->id);
		free(r->acts);
	}
	free(s->row);
	free(s->set);
	free(s->layer);
	*s = (struct scores){ 0 };
}
