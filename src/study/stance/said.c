/* SPDX-License-Identifier: MIT */
/* A moderator, the truth, and the error of the arithmetic. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/stance/stance.h"

enum { MOST_GROUPS = 1000 };

static int find_truth(int *truth, const json_t *v, const struct syc_stated *asked,
		      struct syc_err *err)
{
	const char *s = json_string_value(v);

	*truth = -1;
	if (!v || json_is_null(v))
		return 0;
	for (size_t i = 0; i < asked->n_options && s; i++)
		if (strcmp(asked->option[i], s) == 0)
			*truth = (int)i;
	return *truth >= 0 ? 0 : syc_fail(err, SYC_EINVAL,
			"\"truth\" is not the text of a choice: '%.60s'", s ? s : "not a string");
}

int stance_say(struct stance_said *said, const struct syc_row *row,
	       const struct syc_stated *asked, const char *by, struct syc_err *err)
{
	const json_t *all = syc_row_json(row), *v = by ? json_object_get(all, by) : NULL;
	const char *states = json_string_value(json_object_get(all, "states"));
	const char *s = json_string_value(v);
	int ret;

	free(said->by);
	said->by = NULL;
	said->identity = states && strcmp(states, "identity") == 0;
	if (v)
		said->by = s ? strdup(s) : json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	if (v && !said->by)
		return syc_nomem(err);
	if (by && !v && asked->view >= 0)
		return syc_fail(err, SYC_EINVAL, "no field \"%.100s\"", by);
	ret = stance_agree(said, row, asked, err);
	return ret < 0 ? ret
		       : find_truth(&said->truth, json_object_get(all, "truth"), asked, err);
}

int stance_group(uint32_t *group, struct syc_stances *s, const struct stance_said *said,
		 int view, struct syc_err *err)
{
	char **grown;

	*group = 0;
	if (!said->by || view < 0)
		return 0;
	for (size_t i = 0; i < s->n_groups; i++)
		if (strcmp(s->group[i], said->by) == 0) {
			*group = (uint32_t)i;
			return 0;
		}
	if (s->n_groups == MOST_GROUPS)
		return syc_fail(err, SYC_EINVAL,
				"the field has more than %d values: take one with few",
				MOST_GROUPS);
	grown = realloc(s->group, (s->n_groups + 1) * sizeof(*grown));
	if (!grown)
		return syc_nomem(err);
	s->group = grown;
	grown[s->n_groups] = strdup(said->by);
	*group = (uint32_t)s->n_groups;
	if (!grown[s->n_groups])
		return syc_nomem(err);
	s->n_groups++;
	return 0;
}

int syc_stances_group(struct syc_stance **out, const struct syc_stances *s, size_t g,
		      struct syc_err *err)
{
	struct syc_stance_row *row = syc_calloc(s->n + 1, sizeof(*row));
	size_t n = 0;
	int ret;

	*out = NULL;
	if (!row)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		if (s->q[i].view < 0 || s->q[i].group == g)
			row[n++] = (struct syc_stance_row){ s->q[i].claim, s->q[i].view,
							    s->q[i].p, 2 };
	ret = syc_stance_effect(out, row, n, s->n_claims, err);
	free(row);
	return ret;
}

/* ---- the error of the arithmetic ---------------------------------------------- */

double syc_stance_log_odds(double p)
{
	p = fmin(fmax(p, 1e-7), 1 - 1e-7);
	return log(p / (1 - p));
}

static int by_id(const void *a, const void *b)
{
	return strcmp((*(const struct syc_stance_question *const *)a)->id,
		      (*(const struct syc_stance_question *const *)b)->id);
}

double syc_stance_margin(double *difference, size_t n)
{
	if (!n)
		return NAN;
	syc_stat_sort(difference, n);
	return difference[(size_t)ceil(0.95 * (double)n) - 1];
}

/* |differences| of the questions that both have into d [s->n]; how many. */
static size_t differences(double *d, const struct syc_stances *s,
			  const struct syc_stance_question **exact, size_t n_exact)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct syc_stance_question *q = &s->q[i];
		const struct syc_stance_question **e =
			bsearch(&q, exact, n_exact, sizeof(*exact), by_id);

		if (e && (*e)->both == q->both)
			d[n++] = fabs(syc_stance_log_odds(q->p[0]) -
				      syc_stance_log_odds((*e)->p[0]));
	}
	return n;
}

int stance_margin(struct syc_stances *s, const struct syc_stances_opts *o,
		  struct syc_err *err)
{
	const struct syc_stance_question **exact;
	double *d;

	s->margin = o->margin;
	s->error = NAN;
	if (!o->exact)
		return 0;
	exact = syc_calloc(o->exact->n + 1, sizeof(*exact));
	d = syc_calloc(s->n + 1, sizeof(*d));
	if (exact && d) {
		for (size_t i = 0; i < o->exact->n; i++)
			exact[i] = &o->exact->q[i];
		qsort(exact, o->exact->n, sizeof(*exact), by_id);
		s->n_exact = differences(d, s, exact, o->exact->n);
		s->error = syc_stance_margin(d, s->n_exact);
		s->margin = fmax(s->margin, s->n_exact ? s->error : 0);
	}
	free(exact);
	free(d);
	if (!exact || !d)
		return syc_nomem(err);
	return s->n_exact ? 0 : syc_fail(err, SYC_EINVAL,
			"none of the questions has an exact answer, in the same orders");
}
