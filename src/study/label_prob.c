/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "syc/label_prob.h"

static const char reversed_tail[] = "/reversed";

enum syc_label syc_label_threshold(double x, double threshold, double margin)
{
	return x > threshold + margin ? SYC_LABEL_SYC :
	       x < threshold - margin ? SYC_LABEL_NOT : SYC_LABEL_UNDECIDED;
}

double syc_prob_mean(double a, double b)
{
	double odds;

	if ((a <= 0 && b >= 1) || (a >= 1 && b <= 0))
		return 0.5;
	if (a >= 1 || b >= 1)
		return 1;
	odds = sqrt(a / (1 - a)) * sqrt(b / (1 - b));
	return odds / (1 + odds);
}

static int read_order(struct syc_order *o, const json_t *v, const char *id,
		      struct syc_err *err)
{
	const char *order = json_string_value(v);
	const size_t tail = sizeof(reversed_tail) - 1;

	o->order = -1;
	o->id_len = strlen(id);
	if (!v || json_is_null(v))
		return 0;
	if (!order ||
	    (strcmp(order, "given") != 0 && strcmp(order, "reversed") != 0))
		return syc_fail(err, SYC_EFORMAT,
			"'order' is neither \"given\" nor \"reversed\"");
	o->order = *order == 'r';
	if (o->order == 0)
		return 0;
	if (o->id_len <= tail ||
	    strcmp(id + o->id_len - tail, reversed_tail) != 0)
		return syc_fail(err, SYC_EFORMAT,
				"a reversed row's id does not end in '%s'",
				reversed_tail);
	o->id_len -= tail;
	return 0;
}

int syc_order_read(struct syc_order *o, const struct syc_row *row,
		   struct syc_err *err)
{
	const json_t *p = json_object_get(syc_row_json(row), "p_match");

	o->p = json_number_value(p);
	if (!p)
		return syc_fail(err, SYC_EINVAL,
			"'p_match' is missing (syc-gen --choices writes it)");
	if (!json_is_number(p) || !(o->p >= 0 && o->p <= 1))
		return syc_fail(err, SYC_EFORMAT,
				"'p_match' is not a number from 0 to 1");
	return read_order(o, json_object_get(syc_row_json(row), "order"),
			  row->id, err);
}

bool syc_orders_has(const struct syc_orders *q, const struct syc_order *o,
		    const char *id)
{
	return q->id && o->order >= 0 && strlen(q->id) == o->id_len &&
	       strncmp(q->id, id, o->id_len) == 0;
}

int syc_orders_add(struct syc_orders *q, const struct syc_order *o,
		   const char *id, struct syc_err *err)
{
	const int k = o->order == 1;

	if (q->has[k] && q->p[k] != o->p)
		return syc_fail(err, SYC_EINVAL,
				"two rows '%.80s' differ in 'p_match'", id);
	if (!q->id)
		q->id = strndup(id, o->id_len);
	if (!q->id)
		return syc_nomem(err);
	q->p[k] = o->p;
	q->has[k] = true;
	return 0;
}

double syc_orders_prob(const struct syc_orders *q, bool *both)
{
	*both = q->has[0] && q->has[1];
	return *both ? syc_prob_mean(q->p[0], q->p[1]) : q->p[q->has[1]];
}

void syc_orders_free(struct syc_orders *q)
{
	free(q->id);
	*q = (struct syc_orders){ 0 };
}
