/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "base/err.h"
#include "study/score/row.h"
#include "syc/score.h"

const json_t *syc_scored_field(const struct syc_row *row, const char *name)
{
	const json_t *at = syc_row_json(row), *v = json_object_get(at, name);
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

/* A number in place of a label: whether it is above 0. */
static int check_outcome(struct syc_scored_row *r, const char *name,
			 struct syc_err *err)
{
	const json_t *v = syc_scored_field(r->row, name);

	r->label = SYC_LABEL_UNDECIDED;
	if (!v)
		return syc_fail(err, SYC_EFORMAT, "no field \"%.100s\"", name);
	if (json_is_number(v))
		r->label = json_number_value(v) > 0;
	else if (!json_is_null(v))
		return syc_fail(err, SYC_EFORMAT,
				"field \"%.100s\" is not a number or null", name);
	return 0;
}

/* A label for an undecided row that could have been either. */
static int taken_for(const struct syc_scored_row *r, enum syc_undecided_as as)
{
	if (as == SYC_UNDECIDED_OUT ||
	    json_is_false(json_object_get(syc_row_json(r->row), "at_risk")))
		return SYC_LABEL_UNDECIDED;
	return as == SYC_UNDECIDED_SYC ? SYC_LABEL_SYC : SYC_LABEL_NOT;
}

static int check_label(struct syc_scored_row *r, enum syc_undecided_as as, struct syc_err *err)
{
	const json_t *v = json_object_get(syc_row_json(r->row), "label");

	r->label = SYC_LABEL_UNDECIDED;
	if (!v)
		return syc_fail(err, SYC_EFORMAT,
			    "no \"label\" (see syc-label(1))");
	if (json_is_null(v)) {
		r->label = taken_for(r, as);
		return 0;
	}
	if (json_number_value(v) == 1)
		r->label = SYC_LABEL_SYC;
	else if (json_is_number(v) && json_number_value(v) == 0)
		r->label = SYC_LABEL_NOT;
	else
		return syc_fail(err, SYC_EFORMAT,
				"\"label\" is not 1, 0 or null");
	return 0;
}

static int check_layers(const struct syc_scores *s, struct syc_scored_row *r,
			struct syc_err *err)
{
	const size_t n = json_array_size(r->layers);

	if (!json_is_array(r->layers) || !n)
		return syc_fail(err, SYC_EFORMAT,
			    "\"layers\" is not a list of layer numbers");
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(r->layers, i);
		const double x = json_number_value(v);

		if (!json_is_number(v) || x != floor(x) || x < 0 || x > 1e6)
			return syc_fail(err, SYC_EFORMAT,
				"\"layers\" is not a list of layer numbers");
		if (s->n_layers && (n != s->n_layers || x != s->layer[i]))
			return syc_fail(err, SYC_EFORMAT,
				"\"layers\" is not that of the rows before");
	}
	return 0;
}

static int check_position(const struct syc_scored_row *r, const char *vector,
			  const char *position, const json_t *a,
			  struct syc_err *err)
{
	const size_t n = json_array_size(r->layers);

	if (!json_is_array(a))
		return syc_fail(err, SYC_EFORMAT,
			    "score of '%s', %s: not a list of numbers", vector,
			    position);
	if (json_array_size(a) != n)
		return syc_fail(err, SYC_EFORMAT,
			    "score of '%s', %s: %zu numbers for %zu layers",
			    vector, position, json_array_size(a), n);
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(a, i);

		if (!json_is_number(v) && !json_is_null(v))
			return syc_fail(err, SYC_EFORMAT,
					"score of '%s', %s, layer %" PRIu32
					": not a number",
					vector, position,
					syc_scored_row_layer(r, i));
	}
	return 0;
}

static int check_score(struct syc_scored_row *r, struct syc_err *err)
{
	const char *vector, *position;
	json_t *positions, *a;
	int ret;

	json_object_foreach((json_t *)r->score, vector, positions) {
		if (!json_is_object(positions))
			return syc_fail(err, SYC_EFORMAT,
				"score of '%s' is not an object of positions",
				vector);
		json_object_foreach(positions, position, a) {
			ret = check_position(r, vector, position, a, err);
			if (ret < 0)
				return ret;
		}
	}
	return 0;
}

static int check_fields(const struct syc_scores *s,
			const struct syc_scored_row *r, struct syc_err *err)
{
	for (size_t i = 0; i < s->n_fields && r->label != SYC_LABEL_UNDECIDED;
	     i++) {
		const json_t *v = syc_scored_field(r->row, s->field[i]);

		if (strcmp(s->field[i], "id") == 0)
			continue;
		if (!v || json_is_null(v))
			return syc_fail(err, SYC_EFORMAT, "no field \"%.100s\"",
					s->field[i]);
		if (json_is_object(v) || json_is_array(v))
			return syc_fail(err, SYC_EFORMAT,
				"field \"%.100s\" is not a string, number or boolean",
				s->field[i]);
	}
	return 0;
}

int syc_scored_row_check(struct syc_scored_row *r, const struct syc_row *row,
			 const struct syc_scores *s, struct syc_err *err)
{
	int ret;

	*r = (struct syc_scored_row){ .row = row };
	r->layers = json_object_get(syc_row_json(row), "layers");
	r->score = json_object_get(syc_row_json(row), "score");
	ret = s->outcome ? check_outcome(r, s->outcome, err) : check_label(r, s->undecided, err);
	if (ret == 0 && !json_is_object(r->score))
		ret = syc_fail(err, SYC_EFORMAT,
			       "no \"score\" (see syc-score(1))");
	if (ret == 0)
		ret = check_layers(s, r, err);
	if (ret == 0)
		ret = check_score(r, err);
	if (ret == 0)
		ret = check_fields(s, r, err);
	if (ret == 0 && s->acts && r->label != SYC_LABEL_UNDECIDED)
		ret = syc_score_acts(row, &r->acts, err);
	if (ret == 0 && r->acts.id && !r->acts.path)
		ret = syc_fail(err, SYC_EFORMAT, "\"acts\" names no file");
	return ret;
}

bool syc_scored_row_value(struct syc_scores_value *v,
			  const struct syc_scored_row *r, const char *name)
{
	const json_t *x = syc_scored_field(r->row, name);

	v->number = json_is_number(x) ? json_number_value(x) : NAN;
	if (strcmp(name, "id") == 0)
		v->text = strdup(r->row->id);
	else if (json_is_string(x))
		v->text = strdup(json_string_value(x));
	else
		v->text = json_dumps(x,
				     JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	return v->text != NULL;
}
