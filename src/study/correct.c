/* SPDX-License-Identifier: MIT */
/* Rows to label by hand, drawn by strata; a judge's rates corrected by these labels. */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/correct.h"
#include "syc/label_set.h"
#include "task/each.h"

/* The number of a name, a new one the next; UINT32_MAX without memory. */
static uint32_t number_of(json_t *map, const char *name)
{
	const json_t *at = json_object_get(map, name);
	const size_t n = json_object_size(map);

	if (at)
		return (uint32_t)json_integer_value(at);
	return json_object_set_new(map, name, json_integer((json_int_t)n)) < 0
		       ? UINT32_MAX
		       : (uint32_t)n;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* "TASK/CONDITION": what is there of the two. */
static int add_arm(struct syc_buf *out, const struct syc_row *row)
{
	const char *task = text_of(syc_row_json(row), "task"),
		   *condition = text_of(syc_row_json(row), "condition");

	return syc_buf_printf(out, "%s%s%s", task,
			      *task && *condition ? "/" : "", condition);
}

int syc_hand_stratum(struct syc_buf *out, const struct syc_row *row,
		     struct syc_err *err)
{
	static const char *const names[] = { "undecided", "0", "1" };
	const size_t at = out->len;
	int8_t label;
	int ret = syc_row_label(row, &label, err);

	if (ret < 0)
		return ret;
	add_arm(out, row);
	syc_buf_printf(out, "%s%s", out->len > at ? "/" : "", names[label + 1]);
	return out->failed ? syc_nomem(err) : 0;
}

/* ---- drawing ------------------------------------------------------------------ */

struct drawn {
	uint64_t luck;
	size_t row;
	uint32_t stratum;
};

static int by_luck(const void *a, const void *b)
{
	const struct drawn *x = a, *y = b;

	if (x->luck != y->luck)
		return x->luck < y->luck ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Raise all quotas alike, of strata that have more, until want are drawn. */
static void share_out(size_t *quota, const size_t *size, size_t n, size_t want)
{
	size_t all = 0;
	bool more = true;

	for (size_t least = 1; more && (all < want || least <= 2); least++) {
		more = false;
		for (size_t s = 0; s < n && (all < want || least <= 2); s++)
			if (quota[s] < size[s] && quota[s] < least) {
				quota[s]++;
				all++;
				more = true;
			}
	}
}

static int keep(struct syc_hand_sample *out, const struct drawn *d,
		const size_t *quota, const size_t *size, const char *key,
		struct syc_err *err)
{
	out->row[out->n] = d->row;
	out->p[out->n] = (double)quota[d->stratum] / (double)size[d->stratum];
	out->stratum[out->n] = strdup(key);
	return out->stratum[out->n++] ? 0 : syc_nomem(err);
}

static int draw(struct syc_hand_sample *out, const char *const *key,
		const char *const *id, size_t n, size_t want, uint64_t seed,
		json_t *map, struct drawn *d, size_t *size, struct syc_err *err)
{
	size_t *quota = size + n, *taken = size + 2 * n;
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		const uint64_t hash = syc_hash(0, id[i], strlen(id[i]));

		d[i] = (struct drawn){
			syc_rand_u64(syc_rand_key(seed, "rows to label by hand",
						  hash),
				     0),
			i, number_of(map, key[i])};
		if (d[i].stratum == UINT32_MAX)
			return syc_nomem(err);
		size[d[i].stratum]++;
	}
	out->n_strata = json_object_size(map);
	share_out(quota, size, out->n_strata, want);
	qsort(d, n, sizeof(*d), by_luck);
	for (size_t i = 0; i < n && ret == 0; i++)
		if (taken[d[i].stratum]++ < quota[d[i].stratum])
			ret = keep(out, &d[i], quota, size, key[d[i].row], err);
	return ret;
}

int syc_hand_sample_draw(struct syc_hand_sample *out, const char *const *key,
			 const char *const *id, size_t n_rows, size_t want,
			 uint64_t seed, struct syc_err *err)
{
	struct drawn *d = syc_calloc(n_rows + 1, sizeof(*d));
	size_t *size = syc_calloc(3 * n_rows + 1, sizeof(*size));
	json_t *map = json_object();
	int ret;

	*out = (struct syc_hand_sample){
		syc_calloc(n_rows + 1, sizeof(*out->row)),
		syc_calloc(n_rows + 1, sizeof(*out->p)),
		syc_calloc(n_rows + 1, sizeof(*out->stratum)), 0, 0};
	ret = d && size && map && out->row && out->p && out->stratum
		      ? 0
		      : syc_nomem(err);
	if (ret == 0)
		ret = draw(out, key, id, n_rows, want, seed, map, d, size, err);
	free(d);
	free(size);
	json_decref(map);
	if (ret < 0)
		syc_hand_sample_free(out);
	return ret;
}

void syc_hand_sample_free(struct syc_hand_sample *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->stratum[i]);
	free(s->row);
	free(s->p);
	free(s->stratum);
	*s = (struct syc_hand_sample){ 0 };
}

/* ---- reading ------------------------------------------------------------------- */

struct reading {
	struct syc_corrected *c;
	json_t *arm, *cluster, *row;	/* names to numbers */
	size_t cap_arm, cap_row;
	struct syc_buf name;		/* of the row at hand */
};

/* The judge's number: its value where that is a probability, else its label. */
static double judged(const json_t *o, int8_t label)
{
	const json_t *v = json_object_get(json_object_get(o, "judge"), "value");
	const double x = json_is_number(v) ? json_number_value(v) : NAN;

	if (x >= 0 && x <= 1)
		return x;
	return label < 0 ? 0.5 : label;
}

static const char *row_name(struct syc_buf *b, const struct syc_row *row)
{
	b->len = 0;
	syc_buf_printf(b, "%d/%s", row->sample < 0 ? 0 : row->sample, row->id);
	return b->failed ? NULL : b->data;
}

static int find_arm(struct reading *r, const struct syc_row *row, uint32_t *at,
		    struct syc_err *err)
{
	struct syc_corrected *c = r->c;
	struct syc_buf name = { 0 };

	if (add_arm(&name, row) < 0)
		return syc_nomem(err);
	*at = number_of(r->arm, name.data);
	if (*at == c->n_arms) {
		if (!syc_grow(&c->arm, &r->cap_arm, c->n_arms + 1,
			      sizeof(*c->arm)))
			*at = UINT32_MAX;
		else
			c->arm[c->n_arms++] =
				(struct syc_corrected_arm){.name = name.data};
		if (*at != UINT32_MAX)
			return 0;
	}
	syc_buf_free(&name);
	return *at == UINT32_MAX ? syc_nomem(err) : 0;
}

static int add_judged(void *to_reading, struct syc_row *row, struct syc_line line,
		      struct syc_err *err)
{
	struct reading *r = to_reading;
	struct syc_corrected *c = r->c;
	struct syc_buf *b = &r->name;
	struct syc_ppi_row to = { .hand = NAN };
	size_t len = 0;
	const char *item = text_of(syc_row_json(row), "item"),
		   *parent = syc_row_parent(row, &len);
	int ret;

	(void)line;
	if (!json_object_get(syc_row_json(row), "label")) {
		c->n_unlabeled++;
		return 0;
	}
	ret = syc_row_label(row, &to.label, err);
	if (ret == 0)
		ret = find_arm(r, row, &to.arm, err);
	if (ret < 0)
		return ret;
	to.judge = judged(syc_row_json(row), to.label);
	to.stratum = (uint32_t)(to.label + 1);
	c->arm[to.arm].n_undecided += to.label < 0;
	b->len = 0;
	syc_buf_add(b, *item || !parent ? item : parent,
		    *item || !parent ? strlen(item) : len);
	if (syc_buf_add(b, "", 1) < 0 || b->failed)
		return syc_nomem(err);
	to.cluster = number_of(r->cluster, b->data);
	if (to.cluster == UINT32_MAX || !row_name(b, row))
		return syc_nomem(err);
	if (json_object_get(r->row, b->data))
		return syc_fail(err, SYC_ETWICE, "the row is there twice");
	if (number_of(r->row, b->data) == UINT32_MAX ||
	    !syc_grow(&c->row, &r->cap_row, c->n_rows + 1, sizeof(to)))
		return syc_nomem(err);
	c->row[c->n_rows++] = to;
	return 0;
}

static int add_hand(void *to_reading, struct syc_row *row, struct syc_line line,
		    struct syc_err *err)
{
	struct reading *r = to_reading;
	const json_t *said = json_object_get(syc_row_json(row), "sampled"),
		     *p = json_object_get(said, "p"), *judge = json_object_get(said, "label");
	const char *name = row_name(&r->name, row);
	const json_t *at = name ? json_object_get(r->row, name) : NULL;
	struct syc_ppi_row *to;
	int8_t label;
	int ret = syc_row_label(row, &label, err);

	(void)line;
	if (ret < 0)
		return ret;
	if (!json_is_number(p) || !judge)
		return syc_fail(
			err, SYC_EFORMAT,
			"no \"sampled\" that says with which probability "
			"it was drawn (syc-label --by=hand --sample)");
	if (!at)
		return syc_fail(err, SYC_EFORMAT,
				"'%.200s' is not among the judge's rows",
				row->id);
	to = &r->c->row[json_integer_value(at)];
	if ((json_is_number(judge) ? (int)json_number_value(judge) : -1) !=
	    to->label)
		return syc_fail(
			err, SYC_EFORMAT,
			"'%.200s': the judge's label was another one when "
			"it was drawn",
			row->id);
	if (label >= 0)
		to->hand = label;
	else
		r->c->arm[to->arm].n_hand_undecided++;
	to->p = json_number_value(p);
	r->c->n_hand += label >= 0;
	return 0;
}

static int fill(struct syc_corrected *c, struct syc_err *err)
{
	struct syc_ppi *rate = syc_calloc(c->n_arms + 1, sizeof(*rate));
	int ret = rate ? syc_stat_ppi(rate, c->row, c->n_rows, c->n_arms, err)
		       : syc_nomem(err);

	for (size_t a = 0; a < c->n_arms && ret == 0; a++) {
		c->arm[a].rate = rate[a];
		syc_stat_rogan_gladen(&c->arm[a].rg, c->row, c->n_rows,
				      (uint32_t)a);
		if (a)
			ret = syc_stat_ppi_diff(&c->arm[a].diff, c->row,
						c->n_rows, (uint32_t)a, 0, err);
	}
	free(rate);
	return ret;
}

int syc_corrected_read(struct syc_corrected **out, struct syc_rows *judged_rows,
		       struct syc_rows *hand, struct syc_err *err)
{
	struct syc_corrected *c = calloc(1, sizeof(*c));
	struct reading r = {.c = c,
			    .arm = json_object(),
			    .cluster = json_object(),
			    .row = json_object()};
	int ret = c && r.arm && r.cluster && r.row ? 0 : syc_nomem(err);

	*out = NULL;
	if (ret == 0)
		ret = syc_rows_take(judged_rows, add_judged, &r, err);
	if (ret == 0)
		ret = syc_rows_take(hand, add_hand, &r, err);
	if (ret == 0 && !c->n_hand)
		ret = syc_fail(err, SYC_EINVAL,
			       "the hand has labeled none of %zu rows",
			       c->n_rows);
	if (ret == 0)
		ret = fill(c, err);
	json_decref(r.arm);
	json_decref(r.cluster);
	json_decref(r.row);
	syc_buf_free(&r.name);
	if (ret < 0)
		syc_corrected_free(c);
	else
		*out = c;
	return ret;
}

void syc_corrected_free(struct syc_corrected *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_arms; i++)
		free(c->arm[i].name);
	free(c->arm);
	free(c->row);
	free(c);
}
