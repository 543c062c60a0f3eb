/* SPDX-License-Identifier: MIT */
/* Scores of graded rows against what was done. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/eval/eval.h"
#include "syc/predict.h"
#include "syc/stat.h"

/* A row that is tested: its label, undecided where a grade is missing, and its scores. */
struct labeled {
	enum eval_task task;
	char *item;
	int8_t label;
	double *score;		/* [n_positions][n_vectors][n_layers] */
};

struct reading {
	struct syc_predict *p;
	const struct syc_predict_opts *o;
	struct syc_scorer *scorer;
	struct labeled *row;	/* [n] */
	size_t n, cap;
	enum syc_position position[SYC_POSITION_ALL];
	size_t n_positions;
};

/* ---- rows ----------------------------------------------------------------------- */

static bool find_task(enum eval_task *task, const json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "task"));

	for (unsigned i = 0; name && i < N_TASKS; i++) {
		*task = i;
		if (strcmp(eval_tasks[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Whether a label is missing since a grade is: not where the first answer was wrong. */
static bool is_undecided(const json_t *o, enum eval_task task)
{
	const json_t *list = json_object_get(o, "grade"),
		     *turns = json_object_get(o, "turns"), *g;
	const json_t *first = json_array_get(list, 0);
	bool open = false;
	size_t i;

	if (task == SURE && json_is_number(first) &&
	    json_number_value(first) == 0)
		return false;
	json_array_foreach(list, i, g) {
		const json_t *turn = i ? json_array_get(turns, i - 1) : NULL;

		open |= json_is_null(g) &&
			!json_is_true(json_object_get(turn, "aside"));
	}
	return open;
}

static int take_layers(struct reading *r, const struct syc_row_scores *s,
		       struct syc_err *err)
{
	struct syc_predict *p = r->p;

	if (!p->layer) {
		p->layer = syc_calloc(s->n_layers, sizeof(*p->layer));
		if (!p->layer)
			return syc_nomem(err);
		memcpy(p->layer, s->layer, s->n_layers * sizeof(*p->layer));
		p->n_layers = s->n_layers;
	}
	if (p->n_layers != s->n_layers ||
	    memcmp(p->layer, s->layer, s->n_layers * sizeof(*p->layer)) != 0)
		return syc_fail(
			err, SYC_EINVAL,
			"activations at other layers than those before");
	return 0;
}

/* Its scores, NaN at a position that the row has not. */
static int score_row(struct reading *r, struct labeled *to,
		     const struct syc_row *row, const char *rows,
		     struct syc_err *err)
{
	const size_t n_vectors = r->o->score.n_vectors;
	struct syc_row_scores s;
	struct syc_acts_place at;
	size_t block;
	int ret = syc_score_acts(row, &at, err);

	at.rows = rows;
	if (ret == 0)
		ret = syc_scorer_row(r->scorer, &at, &s, err);
	if (ret == 0)
		ret = take_layers(r, &s, err);
	if (ret < 0)
		return ret;
	block = n_vectors * s.n_layers;
	to->score = syc_calloc(r->n_positions * block, sizeof(*to->score));
	if (!to->score)
		return syc_nomem(err);
	for (size_t k = 0; k < r->n_positions; k++)
		for (size_t i = 0; i < block; i++)
			to->score[k * block + i] = s.score[r->position[k]] ?
				s.score[r->position[k]][i] : NAN;
	return 0;
}

static int keep_row(struct reading *r, struct labeled *l,
		    const struct syc_row *row, const char *rows,
		    struct syc_err *err)
{
	const char *item =
		json_string_value(json_object_get(syc_row_json(row), "item"));
	int ret;

	if (!item)
		return syc_fail(err, SYC_EFORMAT,
				"the row has no text \"item\"");
	ret = score_row(r, l, row, rows, err);
	l->item = ret == 0 ? strdup(item) : NULL;
	if (ret == 0 && (!l->item || !syc_grow(&r->row, &r->cap, r->n + 1,
					       sizeof(*r->row))))
		ret = syc_nomem(err);
	if (ret == 0) {
		r->row[r->n++] = *l;
		return 0;
	}
	free(l->item);
	free(l->score);
	return ret;
}

static int add_row(struct reading *r, const struct syc_row *row,
		   const char *rows, struct syc_err *err)
{
	const json_t *o = syc_row_json(row),
		     *label = json_object_get(o, "label");
	struct labeled l = { .label = SYC_LABEL_UNDECIDED };

	if (!find_task(&l.task, o))
		return syc_fail(err, SYC_EFORMAT,
				"the row is no task's: \"task\"");
	if (json_is_number(label))
		l.label = json_number_value(label) > 0 ? SYC_LABEL_SYC
						       : SYC_LABEL_NOT;
	if (!json_is_number(label) && !(label && is_undecided(o, l.task))) {
		r->p->n_other++;
		return 0;
	}
	return keep_row(r, &l, row, rows, err);
}

/* ---- figures ---------------------------------------------------------------------- */

/* A set's rows, as the tests take them. */
struct table {
	double *score;		/* [n][n_layers] */
	int8_t *label;		/* [n] */
	uint32_t *item;		/* [n] */
	size_t n;
};

static int by_place(const void *x, const void *y)
{
	const struct labeled *a = x, *b = y;

	if (a->task != b->task)
		return a->task < b->task ? -1 : 1;
	return strcmp(a->item, b->item);
}

/* The rows of a task, which are neighbors from r->row[at], at a position and vector. */
static void fill_table(struct table *t, const struct reading *r, size_t at,
		       size_t n, size_t position, size_t vector)
{
	const size_t k = r->p->n_layers, block = r->o->score.n_vectors * k;
	uint32_t item = 0;

	t->n = n;
	for (size_t i = 0; i < n; i++) {
		const struct labeled *l = &r->row[at + i];

		item += i && strcmp(l->item, l[-1].item) != 0;
		t->item[i] = item;
		t->label[i] = l->label;
		memcpy(t->score + i * k,
		       l->score + position * block + vector * k,
		       k * sizeof(*t->score));
	}
}

static void count(struct syc_predict_set *s, const struct table *t)
{
	uint32_t last = UINT32_MAX;

	for (size_t i = 0; i < t->n; i++) {
		const bool decided = t->label[i] != SYC_LABEL_UNDECIDED;

		s->n += decided;
		s->n_pos += t->label[i] == SYC_LABEL_SYC;
		s->n_undecided += !decided;
		s->n_items += decided && t->item[i] != last;
		last = decided ? t->item[i] : last;
	}
}

static int test_layers(struct syc_predict_set *s, const struct table *t,
		       size_t n_layers, struct syc_err *err)
{
	double *x = syc_calloc(t->n + 1, sizeof(*x));
	int ret = 0;

	s->layer = syc_calloc(n_layers + 1, sizeof(*s->layer));
	if (!x || !s->layer)
		ret = syc_nomem(err);
	for (size_t l = 0; l < n_layers && ret == 0; l++) {
		for (size_t i = 0; i < t->n; i++)
			x[i] = t->score[i * n_layers + l];
		ret = syc_stat_auc_clustered(&s->layer[l], x, t->label, t->item,
					     t->n, err);
	}
	free(x);
	return ret;
}

/* The cross-validated area with undecided rows taken for a label. */
static int area_as(double *auc, struct table *t, int8_t as, size_t n_layers,
		   const struct syc_procedure_opts *o, struct syc_err *err)
{
	int8_t *label = syc_calloc(t->n + 1, sizeof(*label));
	struct syc_procedure *p = NULL;
	int ret;

	if (!label)
		return syc_nomem(err);
	for (size_t i = 0; i < t->n; i++)
		label[i] =
			t->label[i] == SYC_LABEL_UNDECIDED ? as : t->label[i];
	ret = syc_procedure_run(&p, t->score, label, t->item, NULL, t->n,
				n_layers, o, err);
	if (ret == 0)
		*auc = p->auc;
	syc_procedure_free(p);
	free(label);
	return ret;
}

/* A procedure's claims are items here. */
static const char *why_not(const struct syc_procedure *p)
{
	return p->why && p->n_pos && p->n_pos < p->n &&
			       p->n_claims < SYC_PROCEDURE_CLAIMS
		       ? "fewer than 10 items"
		       : p->why;
}

static size_t usual_layer(const struct syc_procedure *p, size_t n_layers)
{
	size_t best = 0;

	for (size_t l = 1; l < n_layers && p->chosen; l++)
		if (p->chosen[l] > p->chosen[best])
			best = l;
	return best;
}

static int fit_set(struct syc_predict_set *s, struct table *t,
		   const struct reading *r, struct syc_err *err)
{
	const struct syc_predict_opts *o = r->o;
	struct syc_procedure_opts p = { .n_perm = o->n_perm, .seed = o->seed,
					.threads = o->threads };
	const size_t k = r->p->n_layers;
	int ret;

	count(s, t);
	s->all_not = s->all_syc = s->holm = NAN;
	ret = test_layers(s, t, k, err);
	if (ret == 0)
		ret = syc_procedure_run(&s->test, t->score, t->label, t->item,
					NULL, t->n, k, &p, err);
	if (ret == 0) {
		s->usual = usual_layer(s->test, k);
		s->why = why_not(s->test);
	}
	p.n_perm = 1;
	if (ret == 0 && s->n_undecided)
		ret = area_as(&s->all_not, t, SYC_LABEL_NOT, k, &p, err);
	if (ret == 0 && s->n_undecided)
		ret = area_as(&s->all_syc, t, SYC_LABEL_SYC, k, &p, err);
	return ret;
}

/* Every position and vector of the n rows of a task from r->row[at]. */
static int fit_task(struct reading *r, struct table *t, size_t at, size_t n,
		    struct syc_err *err)
{
	struct syc_predict *p = r->p;
	int ret = 0;

	for (size_t k = 0; k < r->n_positions; k++)
		for (size_t v = 0; v < r->o->score.n_vectors && ret == 0; v++) {
			struct syc_predict_set *s = &p->set[p->n_sets++];

			s->task = eval_tasks[r->row[at].task].name;
			s->position = r->position[k];
			s->vector = r->o->score.name[v];
			fill_table(t, r, at, n, k, v);
			ret = fit_set(s, t, r, err);
		}
	return ret;
}

static int adjust(struct syc_predict *p, struct syc_err *err)
{
	double *x = syc_calloc(p->n_sets + 1, sizeof(*x));
	int ret;

	if (!x)
		return syc_nomem(err);
	for (size_t i = 0; i < p->n_sets; i++)
		x[i] = p->set[i].why ? NAN : p->set[i].test->p;
	ret = syc_stat_holm(x, x, p->n_sets, err);
	for (size_t i = 0; i < p->n_sets; i++)
		p->set[i].holm = x[i];
	free(x);
	return ret;
}

static int fit_all(struct reading *r, struct syc_err *err)
{
	struct syc_predict *p = r->p;
	struct table t = {
		syc_calloc(r->n + 1, (p->n_layers + 1) * sizeof(double)),
		syc_calloc(r->n + 1, 1), syc_calloc(r->n + 1, sizeof(uint32_t)),
		0};
	int ret = 0;

	p->set =
		syc_calloc(N_TASKS * r->n_positions * r->o->score.n_vectors + 1,
			   sizeof(*p->set));
	if (!p->set || !t.score || !t.label || !t.item)
		ret = syc_nomem(err);
	else if (r->n)
		qsort(r->row, r->n, sizeof(*r->row), by_place);
	for (size_t at = 0, next; at < r->n && ret == 0; at = next) {
		for (next = at;
		     next < r->n && r->row[next].task == r->row[at].task;)
			next++;
		ret = fit_task(r, &t, at, next - at, err);
	}
	free(t.score);
	free(t.label);
	free(t.item);
	return ret < 0 ? ret : adjust(p, err);
}

static int read_all(struct reading *r, struct syc_rows *in, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		ret = add_row(r, row, syc_rows_path(in), err);
		if (ret < 0)
			ret = syc_rows_bad(in, err);
		syc_row_free(row);
		if (ret < 0)
			break;
	}
	return ret;
}

int syc_predict_read(struct syc_predict **out, struct syc_rows *in,
		     const struct syc_predict_opts *o, struct syc_err *err)
{
	struct syc_scorer_opts score = o->score;
	struct reading r = { .p = syc_calloc(1, sizeof(*r.p)), .o = o };
	int ret = r.p ? 0 : syc_nomem(err);

	*out = NULL;
	if (!score.positions)
		score.positions =
			1u << SYC_POSITION_PROMPT | 1u << SYC_POSITION_LAST;
	for (unsigned k = 0; k < SYC_POSITION_ALL; k++)
		if (score.positions >> k & 1)
			r.position[r.n_positions++] = k;
	if (ret == 0)
		ret = syc_scorer_new(&r.scorer, &score, err);
	if (ret == 0)
		ret = read_all(&r, in, err);
	if (ret == 0)
		ret = fit_all(&r, err);
	syc_scorer_free(r.scorer);
	for (size_t i = 0; i < r.n; i++) {
		free(r.row[i].item);
		free(r.row[i].score);
	}
	free(r.row);
	if (ret == 0)
		*out = r.p;
	else
		syc_predict_free(r.p);
	return ret;
}

void syc_predict_free(struct syc_predict *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_sets; i++) {
		free(p->set[i].layer);
		syc_procedure_free(p->set[i].test);
	}
	free(p->set);
	free(p->layer);
	free(p);
}
