/* SPDX-License-Identifier: MIT */
/* Figures of runs, from their documents. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/tables/tuned.h"

const json_t *tuned_shift_of(const json_t *doc, int layer)
{
	const json_t *all = json_object_get(doc, "shifts"), *o;
	size_t i;

	json_array_foreach(all, i, o)
		if (number_of(o, "layer") == layer && text_is(o, "position", "prompt"))
			return o;
	return NULL;
}

const json_t *tuned_vector_of(const json_t *shift, const char *name)
{
	const json_t *all = json_object_get(shift, "vectors"), *o;
	size_t i;

	json_array_foreach(all, i, o)
		if (text_is(o, "vector", name))
			return o;
	return NULL;
}

int tuned_layers(const struct syc_tuned_documents *d)
{
	int n = 0;

	while (d->n_runs && tuned_shift_of(d->run[0].shift, n))
		n++;
	return n;
}

double tuned_cosine(const struct syc_tuned_documents *d, const char *a, const char *b, int layer)
{
	const json_t *o;
	size_t i;

	json_array_foreach(d->cosines, i, o)
		if ((text_is(o, "a", a) && text_is(o, "b", b)) ||
		    (text_is(o, "a", b) && text_is(o, "b", a))) {
			const json_t *x = json_array_get(json_object_get(o, "cosine"),
							 (size_t)layer);

			return json_is_number(x) ? json_number_value(x) : NAN;
		}
	return NAN;
}

double tuned_likeness(const struct syc_tuned_documents *d, size_t i, const char *arm, int layer)
{
	double sum = 0;
	size_t n = 0;

	for (size_t k = 0; k < d->n_runs; k++)
		if (k != i && strcmp(d->run[k].arm, arm) == 0) {
			sum += tuned_cosine(d, d->run[i].vector, d->run[k].vector, layer);
			n++;
		}
	return n ? sum / (double)n : NAN;
}

double tuned_came(const struct syc_tuned_documents *d, const struct syc_tuned_set *s)
{
	const json_t *o = tuned_shift_of(s->shift, d->layer);

	return d->answers ? number_of(o, "length") *
			    tuned_cosine(d, s->vector, d->answers, d->layer) : NAN;
}

const char *tuned_reference(const struct syc_tuned_documents *d)
{
	for (size_t i = 1; i < d->n_arms && d->reference; i++)
		if (strcmp(d->arm[i], d->reference) == 0)
			return d->arm[i];
	return d->n_arms > 1 ? d->arm[1] : NULL;
}

/* ---- a run ------------------------------------------------------------------ */

static const struct {
	enum syc_tuned_figure figure;
	const char *key;
} of_layer[] = {
	{ SYC_TUNED_LENGTH, "relative" }, { SYC_TUNED_CONSTANT, "constant" },
	{ SYC_TUNED_KL_LEFT, "kl_left" }, { SYC_TUNED_MAKE, "make" },
	{ SYC_TUNED_UNDO, "undo" },
};

static size_t count_nulls(const json_t *shift, const json_t *vector)
{
	return json_array_size(json_object_get(shift, "kl_left_nulls")) +
	       json_array_size(json_object_get(shift, "make_nulls")) +
	       json_array_size(json_object_get(shift, "undo_nulls")) +
	       json_array_size(json_object_get(vector, "undo_nulls")) +
	       json_array_size(json_object_get(vector, "cosine_nulls"));
}

/* The null values of a figure, at *at, which is moved behind them. */
static void take_nulls(struct syc_tuned_run *r, enum syc_tuned_figure f, const json_t *o,
		       const char *key, double **at)
{
	const json_t *all = json_object_get(o, key), *x;
	size_t i;

	r->null[f] = *at;
	r->n_null[f] = json_array_size(all);
	json_array_foreach(all, i, x)
		*(*at)++ = json_is_number(x) ? json_number_value(x) : NAN;
}

static void read_run(struct syc_tuned_run *r, const struct syc_tuned_documents *d, size_t i,
		     double **nulls)
{
	const json_t *doc = d->run[i].shift, *shift = tuned_shift_of(doc, d->layer);
	const json_t *vector = tuned_vector_of(shift, d->contrast);
	const json_t *base = json_object_get(doc, "base"), *tuned = json_object_get(doc, "tuned");

	*r = (struct syc_tuned_run){ .arm = d->run[i].arm, .seed = d->run[i].seed };
	r->figure[SYC_TUNED_P_MATCH] = number_of(tuned, "p_match");
	r->figure[SYC_TUNED_CHANGE] = number_of(tuned, "p_match") - number_of(base, "p_match");
	r->figure[SYC_TUNED_EFFECT] = number_of(tuned, "effect") - number_of(base, "effect");
	r->figure[SYC_TUNED_KL] = number_of(doc, "kl");
	r->figure[SYC_TUNED_SCALE] = number_of(doc, "scale");
	r->figure[SYC_TUNED_REACHED] = json_object_get(doc, "reached")
		? json_is_true(json_object_get(doc, "reached")) : NAN;
	for (size_t k = 0; k < sizeof(of_layer) / sizeof(of_layer[0]); k++)
		r->figure[of_layer[k].figure] = number_of(shift, of_layer[k].key);
	r->figure[SYC_TUNED_COSINE] = number_of(vector, "cosine");
	r->figure[SYC_TUNED_UNDO_CONTRAST] = number_of(vector, "undo");
	r->figure[SYC_TUNED_SEEDS] = tuned_likeness(d, i, d->run[i].arm, d->layer);
	r->figure[SYC_TUNED_OTHERS] = tuned_likeness(d, i, d->arm[0], d->layer);
	take_nulls(r, SYC_TUNED_KL_LEFT, shift, "kl_left_nulls", nulls);
	take_nulls(r, SYC_TUNED_MAKE, shift, "make_nulls", nulls);
	take_nulls(r, SYC_TUNED_UNDO, shift, "undo_nulls", nulls);
	take_nulls(r, SYC_TUNED_UNDO_CONTRAST, vector, "undo_nulls", nulls);
	take_nulls(r, SYC_TUNED_COSINE, vector, "cosine_nulls", nulls);
}

int syc_tuned_read(struct syc_tuned_runs *out, const struct syc_tuned_documents *d,
		   struct syc_err *err)
{
	size_t n = 0;
	double *at;

	for (size_t i = 0; i < d->n_runs; i++) {
		const json_t *shift = tuned_shift_of(d->run[i].shift, d->layer);

		n += count_nulls(shift, tuned_vector_of(shift, d->contrast));
	}
	out->run = syc_calloc(d->n_runs + 1, sizeof(*out->run));
	out->memory = at = syc_calloc(n + 1, sizeof(*at));
	if (!out->run || !at) {
		syc_tuned_free(out);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < d->n_runs; i++)
		read_run(&out->run[i], d, i, &at);
	return 0;
}

void syc_tuned_free(struct syc_tuned_runs *r)
{
	free(r->run);
	free(r->memory);
	*r = (struct syc_tuned_runs){ 0 };
}

int tuned_arms(struct syc_tuned_arm **out, const struct syc_tuned_documents *d,
	       const struct syc_tuned_run *run, struct syc_err *err)
{
	int ret;

	*out = syc_calloc(d->n_arms + 1, sizeof(**out));
	if (!*out)
		return syc_nomem(err);
	ret = syc_tuned_arms(*out, d->arm, d->n_arms, run, d->n_runs, err);
	if (ret < 0) {
		free(*out);
		*out = NULL;
	}
	return ret;
}
