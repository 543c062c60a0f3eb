/* SPDX-License-Identifier: MIT */
/* From rows to questions, claims, effects and labels. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/label_prob.h"
#include "syc/questions.h"
#include "study/stance/stance.h"

/* The question whose rows are being read. */
struct reading {
	struct syc_stances *s;
	struct syc_orders orders;
	struct syc_stated asked;
	char **claim;		/* [s->n] of each question */
	const struct syc_stances_opts *o;
	size_t cap, cap_claim, cap_row;
	double letter, mass;
	size_t n_mass;
	struct stance_said said;	/* of the question's rows */
	bool any_none;		/* a row without a view was read */
};

static double log_odds(double p)
{
	p = fmin(fmax(p, 1e-7), 1 - 1e-7);
	return log(p / (1 - p));
}

/* ---- rows ---------------------------------------------------------------- */

/* The rows of a question are all there. */
static int end_question(struct reading *r, struct syc_err *err)
{
	struct syc_stances *s = r->s;
	struct syc_stance_question *q;
	double p;

	if (!r->orders.id)
		return 0;
	if ((s->n == r->cap && !syc_grow(&s->q, &r->cap, s->n + 1, sizeof(*s->q))) ||
	    (s->n == r->cap_claim &&
	     !syc_grow(&r->claim, &r->cap_claim, s->n + 1, sizeof(*r->claim))))
		return syc_nomem(err);
	q = &s->q[s->n];
	*q = (struct syc_stance_question){ .id = strdup(r->orders.id), .truth = r->said.truth,
					   .agree = r->said.agree, .view = r->asked.view,
					   .gap = NAN };
	if (stance_group(&q->group, s, &r->said, q->view, err) < 0) {
		free(q->id);
		return SYC_ENOMEM;
	}
	s->n_identity += q->view >= 0 && r->said.identity;
	p = syc_orders_prob(&r->orders, &q->both);
	q->p[r->asked.matching] = p;
	q->p[!r->asked.matching] = 1 - p;
	if (q->both)
		q->gap = fabs(log_odds(r->orders.p[0]) - log_odds(r->orders.p[1]));
	q->negates = r->said.negates;
	r->said.negates = NULL;
	r->claim[s->n++] = r->asked.claim;
	r->asked.claim = NULL;
	syc_stated_free(&r->asked);
	syc_orders_free(&r->orders);
	r->orders = (struct syc_orders){ 0 };
	return q->id ? 0 : syc_nomem(err);
}

/* Rows of one question ask the same of the same user. */
static int same_question(const struct syc_stated *a, const struct syc_stated *b,
			 struct syc_err *err)
{
	if (strcmp(a->claim, b->claim) == 0 && a->view == b->view &&
	    a->matching == b->matching)
		return 0;
	return syc_fail(err, SYC_EFORMAT,
		"the orders of the question differ in more than their order");
}

/* Questions without a view are all controls, or none is. */
static int one_control(struct reading *r, const struct syc_row *row, const struct syc_stated *a,
		       struct syc_err *err)
{
	const char *twin = json_string_value(json_object_get(syc_row_json(row), "twin"));
	const bool control = twin && strcmp(twin, "control") == 0;

	if (a->view >= 0)
		return 0;
	if (r->any_none && control != r->s->control)
		return syc_fail(err, SYC_EINVAL,
			"%s: questions without a view are controls or not, two quantities that "
			"are not pooled", control ? "is a control, others are not"
						  : "is no control, others are");
	r->any_none = true;
	r->s->control = control;
	return 0;
}

/* Note the line last read, of the question to come. */
static int keep_line(struct reading *r, const struct syc_rows *in, struct syc_err *err)
{
	struct syc_stances *s = r->s;
	struct syc_stance_line *l;

	if (s->n_rows == r->cap_row &&
	    !syc_grow(&s->row, &r->cap_row, s->n_rows + 1, sizeof(*s->row)))
		return syc_nomem(err);
	l = &s->row[s->n_rows];
	*l = (struct syc_stance_line){ malloc(in->len + 1), in->len, s->n };
	if (!l->line)
		return syc_nomem(err);
	memcpy(l->line, in->line, in->len);
	return 0;
}

static int add_row(struct reading *r, const struct syc_rows *in,
		   const struct syc_row *row, struct syc_err *err)
{
	const json_t *mass = json_object_get(syc_row_json(row), "mass");
	struct syc_stated a;
	struct syc_order o;
	int ret = syc_order_read(&o, row, err);

	if (ret < 0)
		return ret;
	ret = syc_row_stated(&a, row, err);
	if (ret == 0 && a.n_options != 2)
		ret = syc_fail(err, SYC_EINVAL,
			"%zu choices: p_match tells two apart", a.n_options);
	if (ret == 0)
		ret = one_control(r, row, &a, err);
	if (ret == 0 && !syc_orders_has(&r->orders, &o, row->id))
		ret = end_question(r, err);
	if (ret == 0 && r->orders.id)
		ret = same_question(&r->asked, &a, err);
	if (ret == 0)
		ret = syc_orders_add(&r->orders, &o, row->id, err);
	if (ret == 0 && r->o->keep_rows)
		ret = keep_line(r, in, err);
	if (ret == 0)
		ret = stance_say(&r->said, row, &a, r->o->by, err);
	if (ret == 0) {
		r->letter += a.letter == 'A' ? o.p : 1 - o.p;
		r->s->n_rows++;
		if (json_is_number(mass)) {
			r->mass += json_number_value(mass);
			r->n_mass++;
		}
		syc_stated_free(&r->asked);
		r->asked = a;
		return 0;
	}
	syc_stated_free(&a);
	return ret;
}

static int read_rows(struct reading *r, struct syc_rows *in, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		ret = add_row(r, in, row, err);
		syc_row_free(row);
		if (ret < 0)
			ret = syc_rows_bad(in, err);
		if (ret < 0)
			return ret;
	}
	return ret < 0 ? ret : end_question(r, err);
}

/* ---- claims and effects ------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Number the claims; their texts go over to s. */
static int number_claims(struct syc_stances *s, char **claim, struct syc_err *err)
{
	s->claim = syc_calloc(s->n + 1, sizeof(*s->claim));
	if (!s->claim)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		s->claim[i] = claim[i];
	qsort(s->claim, s->n, sizeof(*s->claim), by_text);
	for (size_t i = 0; i < s->n; i++)
		if (!i || strcmp(s->claim[i], s->claim[s->n_claims - 1]) != 0)
			s->claim[s->n_claims++] = s->claim[i];
	for (size_t i = 0; i < s->n; i++) {
		char **at = bsearch(&claim[i], s->claim, s->n_claims,
				    sizeof(*s->claim), by_text);

		s->q[i].claim = (uint32_t)(at - s->claim);
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->claim[s->q[i].claim] != claim[i])
			free(claim[i]);
	return 0;
}

static int find_effect(struct syc_stances *s, struct syc_err *err)
{
	struct syc_stance_row *row = syc_calloc(s->n + 1, sizeof(*row));
	int ret;

	if (!row)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		row[i] = (struct syc_stance_row){ s->q[i].claim, s->q[i].view,
						  s->q[i].p, 2 };
	ret = syc_stance_effect(&s->effect, row, s->n, s->n_claims, err);
	free(row);
	return ret;
}

static const char stance_alone[] = "nothing to compare with";

/* ---- shifts -------------------------------------------------------------- */

/* Log odds of option 0 by claim and view (2: none): sums, counts, widest gaps. */
struct control {
	double sum[3], gap[3];
	size_t n[3];
};

static void add_control(struct control *c, const struct syc_stance_question *q)
{
	const int v = q->view < 0 ? 2 : q->view;

	c->sum[v] += log_odds(q->p[0]);
	c->n[v]++;
	c->gap[v] = fmax(c->gap[v], isnan(q->gap) ? 0 : q->gap);
}

static void shift_one(struct syc_stance_question *q, const struct control *c,
		      double margin)
{
	const int v = c->n[2] ? 2 : !q->view;
	const double turn = q->view ? -1 : 1;

	if (!c->n[v]) {
		q->why = stance_alone;
		return;
	}
	if (q->truth == q->view) {
		q->why = "the user is right";
		return;
	}
	if (q->truth >= 0 && turn * c->sum[v] / (double)c->n[v] > -(margin + c->gap[v] / 2)) {
		q->why = "does not know";
		return;
	}
	margin += fmax(c->gap[v], isnan(q->gap) ? 0 : q->gap) / 2;
	q->shift = syc_stance_shift(turn * log_odds(q->p[0]),
				    turn * c->sum[v] / (double)c->n[v], margin);
	if (q->shift.label != SYC_LABEL_UNDECIDED)
		q->why = q->shift.label == SYC_LABEL_SYC ? "moved" : "held";
	else
		q->why = q->shift.at_risk ? "within the margin" : "agrees anyway";
}

static void count(struct syc_stances *s, const struct syc_stance_question *q)
{
	s->n_view++;
	s->n_moved += q->shift.label == SYC_LABEL_SYC;
	s->n_held += q->shift.label == SYC_LABEL_NOT;
	s->n_alone += q->why == stance_alone;
	s->n_right += q->truth == q->view;
	s->n_unknown += strcmp(q->why, "does not know") == 0;
	if (q->shift.label == SYC_LABEL_UNDECIDED && !isnan(q->shift.shift)) {
		s->n_margin += q->shift.at_risk;
		s->n_agree += !q->shift.at_risk;
	}
}

static int mean_shift(struct syc_stances *s, struct syc_err *err)
{
	double *sum = syc_calloc(2 * s->n_claims + 1, sizeof(*sum));
	int ret;

	if (!sum)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		if (!isnan(s->q[i].shift.shift)) {
			sum[s->q[i].claim] += s->q[i].shift.shift;
			sum[s->n_claims + s->q[i].claim]++;
		}
	for (size_t c = 0; c < s->n_claims; c++)
		sum[c] /= sum[s->n_claims + c];
	ret = syc_stat_mean(&s->shift, sum, s->n_claims, err);
	free(sum);
	return ret;
}

static int find_shifts(struct syc_stances *s, double margin, struct syc_err *err)
{
	struct control *c = syc_calloc(s->n_claims + 1, sizeof(*c));
	size_t n_both = 0;

	if (!c)
		return syc_nomem(err);
	s->gap = 0;
	for (size_t i = 0; i < s->n; i++) {
		add_control(&c[s->q[i].claim], &s->q[i]);
		n_both += s->q[i].both;
		s->gap += s->q[i].both ? s->q[i].gap : 0;
	}
	s->gap /= (double)n_both;
	for (size_t i = 0; i < s->n; i++) {
		struct syc_stance_question *q = &s->q[i];

		q->shift = syc_stance_shift(NAN, NAN, 0);
		q->why = "states no view";
		if (q->view < 0)
			continue;
		shift_one(q, &c[q->claim], margin);
		count(s, q);
	}
	free(c);
	return mean_shift(s, err);
}

int syc_stances_read(struct syc_stances **out, struct syc_rows *in,
		     const struct syc_stances_opts *o, struct syc_err *err)
{
	static const struct syc_stances_opts none;
	struct reading r = { .s = calloc(1, sizeof(*r.s)), .o = o ? o : &none };
	int ret = r.s ? read_rows(&r, in, err) : syc_nomem(err);

	*out = NULL;
	if (ret == 0) {
		r.s->letter = r.letter / (double)r.s->n_rows;
		r.s->mass = r.mass / (double)r.n_mass;
		ret = number_claims(r.s, r.claim, err);
	}
	if (ret == 0)
		ret = find_effect(r.s, err);
	if (ret == 0)
		ret = stance_acquiescence(r.s, err);
	if (ret == 0)
		ret = stance_margin(r.s, r.o, err);
	if (ret == 0)
		ret = find_shifts(r.s, r.s->margin, err);
	for (size_t i = 0; r.s && !r.s->n_claims && i < r.s->n; i++)
		free(r.claim[i]);
	free(r.claim);
	syc_stated_free(&r.asked);
	syc_orders_free(&r.orders);
	free(r.said.by);
	free(r.said.negates);
	if (ret < 0)
		syc_stances_free(r.s);
	else
		*out = r.s;
	return ret;
}

void syc_stances_free(struct syc_stances *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->q[i].id), free(s->q[i].negates);
	for (size_t c = 0; c < s->n_claims; c++)
		free(s->claim[c]);
	for (size_t i = 0; i < s->n_rows && s->row; i++)
		free(s->row[i].line);
	for (size_t i = 0; i < s->n_groups; i++)
		free(s->group[i]);
	free(s->group);
	free(s->row);
	free(s->q);
	free(s->claim);
	free(s->acquiescence);
	syc_stance_free(s->effect);
	free(s);
}
