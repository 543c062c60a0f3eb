/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/score/files.h"
#include "study/score/row.h"

/* FNV-1a of the id and the sample: the same for the same row everywhere. */
static uint64_t hash(const struct syc_row *row)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)row->sample;

	for (const char *s = row->id; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h;
}

/* Remember a labeled row; its number in *at. */
static int keep_row(struct syc_scores *s, const struct syc_scored_row *from,
		    uint32_t *at, struct syc_err *err)
{
	struct syc_scores_row *r;
	size_t n;
	const char *parent = syc_row_parent(from->row, &n);
	bool ok;

	if (s->n_labeled == UINT32_MAX ||
	    !syc_grow(&s->row, &s->cap_rows, s->n_labeled + 1, sizeof(*s->row)))
		return syc_nomem(err);
	*at = (uint32_t)s->n_labeled;
	r = &s->row[s->n_labeled++];
	*r = (struct syc_scores_row){
		.key = hash(from->row), .id = strdup(from->row->id),
		.parent = parent ? syc_hash(0, parent, n) : 0,
		.value = calloc(s->n_fields + 1, sizeof(*r->value)),
		.place = from->acts};
	ok = r->id && r->value;
	for (size_t i = 0; i < s->n_fields && ok; i++)
		ok = syc_scored_row_value(&r->value[i], from, s->field[i]);
	if (ok && from->acts.path) {
		r->acts = syc_acts_named(&from->acts);
		ok = r->acts != NULL;
	}
	if (s->features && ok) {
		int ret = syc_row_features(&r->features, from->row, err);

		if (ret < 0)
			return ret;
	}
	r->place.path = r->acts;
	r->place.rows = NULL;
	r->place.id = r->id;
	return ok ? 0 : syc_nomem(err);
}

static int set_layers(struct syc_scores *s, const struct syc_scored_row *r,
		      struct syc_err *err)
{
	const size_t n = json_array_size(r->layers);

	s->layer = calloc(n, sizeof(*s->layer));
	if (!s->layer)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		s->layer[i] = syc_scored_row_layer(r, i);
	s->n_layers = n;
	return 0;
}

struct syc_scores_set *syc_scores_find(const struct syc_scores *s,
				       const char *vector, const char *position)
{
	for (size_t i = 0; i < s->n_sets; i++)
		if (strcmp(s->set[i].vector, vector) == 0 &&
		    strcmp(s->set[i].position, position) == 0)
			return &s->set[i];
	return NULL;
}

/* The same, made when it is new; NULL: no memory. */
static struct syc_scores_set *have_set(struct syc_scores *s, const char *vector,
				       const char *position)
{
	struct syc_scores_set *t = syc_scores_find(s, vector, position);

	if (t)
		return t;
	if (!syc_grow(&s->set, &s->cap_sets, s->n_sets + 1, sizeof(*s->set)))
		return NULL;
	t = &s->set[s->n_sets++];
	*t = (struct syc_scores_set){ .vector = strdup(vector), .position = strdup(position) };
	return t->vector && t->position ? t : NULL;
}

/* Room in a set for one row more. */
static bool room(struct syc_scores_set *t, size_t n_layers)
{
	const size_t n = t->n + 1;

	return syc_grow(&t->label, &t->cap_label, n, sizeof(*t->label)) &&
	       syc_grow(&t->key, &t->cap_key, n, sizeof(*t->key)) &&
	       syc_grow(&t->row, &t->cap_row, n, sizeof(*t->row)) &&
	       syc_grow(&t->score, &t->cap_score, n * n_layers,
			sizeof(*t->score));
}

static int add_position(struct syc_scores *s, const struct syc_scored_row *r,
			uint32_t row, const char *vector, const char *position,
			const json_t *a, struct syc_err *err)
{
	struct syc_scores_set *t = have_set(s, vector, position);
	double *to;

	if (!t || !room(t, s->n_layers))
		return syc_nomem(err);
	/* An undecided row has made the set known; it adds nothing to it. */
	if (r->label == SYC_LABEL_UNDECIDED)
		return 0;
	to = t->score + t->n * s->n_layers;
	for (size_t i = 0; i < s->n_layers; i++) {
		const json_t *v = json_array_get(a, i);

		to[i] = json_is_null(v) ? NAN : json_number_value(v);
	}
	t->label[t->n] = (int8_t)r->label;
	t->row[t->n] = row;
	t->key[t->n++] = s->row[row].key;
	return 0;
}

/* Rows scored before know the answer's last token by another name. */
static const char *name_now(const json_t *positions, const char *position)
{
	static const char last[] = "last";

	return strcmp(position, "continuation") == 0 &&
			       !json_object_get(positions, last)
		       ? last
		       : position;
}

/* Words that may stand in a sentence or a plot as they are. */
static bool are_words(const char *s)
{
	return *s && strlen(s) <= 40 &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -")];
}

/* What the labels say, the same of all labeled rows. */
static int take_measures(struct syc_scores *s, const struct syc_scored_row *r,
			 struct syc_rows *in, struct syc_err *err)
{
	const char *m = json_string_value(json_object_get(syc_row_json(r->row), "measures"));
	const char *said = s->measures ? s->measures : "sycophantic";

	if (r->label == SYC_LABEL_UNDECIDED || s->outcome)
		return 0;
	if (m && !are_words(m))
		return syc_fail(err, SYC_EFORMAT, "%.240s: \"measures\" is not a few words of "
				"letters", syc_rows_place(in));
	if (!s->n_labeled && m) {
		s->measures = strdup(m);
		return s->measures ? 0 : syc_nomem(err);
	}
	if (strcmp(m ? m : "sycophantic", said) == 0)
		return 0;
	return syc_fail(err, SYC_EFORMAT, "%.240s: a label of 1 says '%.40s', before it '%.40s': "
			"take rows that measure one thing", syc_rows_place(in),
			m ? m : "sycophantic", said);
}

/* Whether a label is made of probabilities, and of which. */
static void count_labeler(struct syc_scores *s, const struct syc_row *row)
{
	const char *by = json_string_value(syc_scored_field(row, "labeler"));
	const char *why = json_string_value(syc_scored_field(row, "why"));
	const bool stance = by && strcmp(by, "stance") == 0;

	s->n_by_prob += stance || json_is_number(syc_scored_field(row, "p_sycophantic"));
	s->n_by_both += stance || (why && strcmp(why, "both orders") == 0);
}

static int add_row(struct syc_scores *s, const struct syc_scored_row *r,
		   struct syc_err *err)
{
	const char *vector, *position;
	json_t *positions, *a;
	uint32_t row = 0;
	int ret = 0;

	if (!s->n_layers)
		ret = set_layers(s, r, err);
	if (ret == 0 && r->label != SYC_LABEL_UNDECIDED)
		ret = keep_row(s, r, &row, err);
	if (ret == 0 && r->label != SYC_LABEL_UNDECIDED)
		count_labeler(s, r->row);
	if (ret < 0)
		return ret;
	s->n_rows++;
	s->n_syc += r->label == SYC_LABEL_SYC;
	s->n_not += r->label == SYC_LABEL_NOT;
	s->n_undecided += r->label == SYC_LABEL_UNDECIDED;
	json_object_foreach((json_t *)r->score, vector, positions)
		json_object_foreach(positions, position, a) {
		ret = add_position(s, r, row, vector,
				   name_now(positions, position), a, err);
		if (ret < 0)
			return ret;
		}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct syc_scores_set *p = a, *q = b;
	const int c = strcmp(p->vector, q->vector);

	return c ? c : strcmp(p->position, q->position);
}

static int read_all(struct syc_scores *s, struct syc_rows *in,
		    struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		struct syc_scored_row r;

		ret = syc_scored_row_check(&r, row, s, err);
		r.acts.rows = syc_rows_path(in);
		if (ret < 0)
			ret = syc_rows_bad(in, err);
		else if ((ret = take_measures(s, &r, in, err)) == 0)
			ret = add_row(s, &r, err);
		syc_row_free(row);
		if (ret < 0)
			return ret;
	}
	s->n_skipped = in->n_skipped;
	/* By name, so that the order of rows does not show. */
	if (s->n_sets)
		qsort(s->set, s->n_sets, sizeof(*s->set), by_name);
	return ret;
}

/* The fields wanted, each once. */
static int set_fields(struct syc_scores *s, const struct syc_scores_opts *o,
		      struct syc_err *err)
{
	s->acts = o->acts;
	s->features = o->features;
	s->undecided = o->undecided;
	s->field = calloc(o->n_fields + 1, sizeof(*s->field));
	if (!s->field)
		return syc_nomem(err);
	for (size_t i = 0; i < o->n_fields; i++) {
		if (syc_scores_field(s, o->field[i]) < s->n_fields)
			continue;
		s->field[s->n_fields] = strdup(o->field[i]);
		if (!s->field[s->n_fields++])
			return syc_nomem(err);
	}
	for (size_t i = 0; i < s->n_fields && o->outcome; i++)
		if (strcmp(s->field[i], o->outcome) == 0)
			s->outcome = s->field[i];
	return 0;
}

int syc_scores_read(struct syc_scores **out, struct syc_rows *in,
		    const struct syc_scores_opts *o, struct syc_err *err)
{
	static const struct syc_scores_opts none;
	struct syc_scores *s = calloc(1, sizeof(*s));
	int ret = s ? set_fields(s, o ? o : &none, err) : syc_nomem(err);

	*out = NULL;
	if (ret == 0)
		ret = read_all(s, in, err);
	if (ret == 0)
		*out = s;
	else
		syc_scores_free(s);
	return ret;
}

void syc_scores_column(const struct syc_scores *s,
		       const struct syc_scores_set *set, size_t l, double *out)
{
	for (size_t i = 0; i < set->n; i++)
		out[i] = set->score[i * s->n_layers + l];
}

size_t syc_scores_layer(const struct syc_scores *s, uint32_t layer)
{
	size_t i = 0;

	while (i < s->n_layers && s->layer[i] != layer)
		i++;
	return i;
}

size_t syc_scores_field(const struct syc_scores *s, const char *name)
{
	size_t i = 0;

	while (i < s->n_fields && strcmp(s->field[i], name) != 0)
		i++;
	return i;
}

void syc_scores_set_free(struct syc_scores_set *t)
{
	free(t->vector);
	free(t->position);
	free(t->label);
	free(t->key);
	free(t->row);
	free(t->score);
}

void syc_scores_free(struct syc_scores *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_sets; i++)
		syc_scores_set_free(&s->set[i]);
	for (size_t i = 0; i < s->n_labeled; i++) {
		struct syc_scores_row *r = &s->row[i];

		for (size_t k = 0; k < s->n_fields && r->value; k++)
			free(r->value[k].text);
		free(r->value);
		free(r->id);
		free(r->acts);
		syc_row_features_free(&r->features);
	}
	for (size_t i = 0; i < s->n_fields; i++)
		free(s->field[i]);
	free(s->field);
	free(s->row);
	free(s->set);
	free(s->layer);
	free(s->measures);
	free(s);
}
