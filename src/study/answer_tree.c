/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "syc/engine.h"
#include "syc/label_prob.h"

static size_t find_child(const struct syc_answer_tree *t, size_t node,
			 int32_t id)
{
	for (size_t i = 1; i < t->n_nodes; i++)
		if (t->parent[i] == node &&
		    t->path[i].id[t->path[i].n - 1] == id)
			return i;
	return 0;
}

/* A new node behind `node`, or 0 when memory runs out; room was made. */
static size_t add_child(struct syc_answer_tree *t, size_t node, int32_t id)
{
	const size_t i = t->n_nodes++;

	t->parent[i] = node;
	t->answer[i] = -1;
	return syc_ids_add(&t->path[i], t->path[node].id, t->path[node].n) <
				       0 ||
			       syc_ids_add(&t->path[i], &id, 1) < 0
		       ? 0
		       : i;
}

static int add_answer(struct syc_answer_tree *t, const struct syc_ids *ids,
		      int answer, struct syc_err *err)
{
	size_t node = 0;

	if (!ids->n)
		return syc_fail(err, SYC_EINVAL,
				"answer %d of the rubric is empty", answer + 1);
	for (size_t i = 0; i < ids->n; i++) {
		size_t next = find_child(t, node, ids->id[i]);

		if (!next)
			next = add_child(t, node, ids->id[i]);
		if (!next)
			return syc_nomem(err);
		node = next;
	}
	if (t->answer[node] >= 0)
		return syc_fail(err, SYC_EINVAL,
			"answers %d and %d of the rubric are the same tokens",
			t->answer[node] + 1, answer + 1);
	t->answer[node] = answer;
	return 0;
}

static bool is_fork(const struct syc_answer_tree *t, size_t node)
{
	size_t ways = t->answer[node] >= 0;

	for (size_t i = 1; i < t->n_nodes; i++)
		ways += t->parent[i] == node;
	return ways > 1;
}

static int alloc(struct syc_answer_tree *t, const struct syc_ids *ids, size_t n)
{
	size_t most = 1;

	for (size_t i = 0; i < n; i++)
		most += ids[i].n;
	t->path = calloc(most, sizeof(*t->path));
	t->parent = calloc(most, sizeof(*t->parent));
	t->answer = calloc(most, sizeof(*t->answer));
	t->fork = calloc(most, sizeof(*t->fork));
	return t->path && t->parent && t->answer && t->fork ? 0 : SYC_ENOMEM;
}

int syc_answer_tree_init(struct syc_answer_tree *t, const struct syc_ids *ids,
			 size_t n, struct syc_err *err)
{
	int ret = 0;

	*t = (struct syc_answer_tree){ .n_answers = n };
	if (alloc(t, ids, n) < 0) {
		syc_answer_tree_free(t);
		return syc_nomem(err);
	}
	t->n_nodes = 1;
	t->answer[0] = -1;
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = add_answer(t, &ids[i], (int)i, err);
	for (size_t i = 0; i < t->n_nodes && ret == 0; i++) {
		if (!is_fork(t, i))
			continue;
		t->fork[t->n_forks++] = i;
		if (t->depth < t->path[i].n + 1)
			t->depth = t->path[i].n + 1;
	}
	if (ret < 0)
		syc_answer_tree_free(t);
	return ret;
}

void syc_answer_tree_free(struct syc_answer_tree *t)
{
	for (size_t i = 0; t->path && i < t->n_nodes; i++)
		syc_ids_free(&t->path[i]);
	free(t->path);
	free(t->parent);
	free(t->answer);
	free(t->fork);
	*t = (struct syc_answer_tree){ 0 };
}

void syc_answer_tree_read(const struct syc_answer_tree *t, size_t k,
			  const float *logits, size_t n_vocab, double *p)
{
	for (size_t i = 1; i < t->n_nodes; i++)
		if (t->parent[i] == t->fork[k])
			p[i] = syc_token_prob(logits, n_vocab,
					      t->path[i].id[t->path[i].n - 1]);
}

/* P of coming to a node: edges behind no fork are taken as given. */
static double reach(const struct syc_answer_tree *t, const double *p,
		    size_t node)
{
	double product = 1;

	for (; node; node = t->parent[node])
		if (is_fork(t, t->parent[node]))
			product *= p[node];
	return product;
}

/* P of not going on to a longer answer from a node. */
static double stay(const struct syc_answer_tree *t, const double *p,
		   size_t node)
{
	double rest = 1;

	for (size_t i = 1; i < t->n_nodes; i++)
		if (t->parent[i] == node)
			rest -= p[i];
	return rest > 0 ? rest : 0;
}

double syc_answer_tree_sum(const struct syc_answer_tree *t, const double *p,
			   double *share)
{
	double sum = 0;

	for (size_t i = 1; i < t->n_nodes; i++) {
		if (t->answer[i] < 0)
			continue;
		share[t->answer[i]] = reach(t, p, i) * stay(t, p, i);
		sum += share[t->answer[i]];
	}
	for (size_t i = 0; i < t->n_answers; i++)
		share[i] = sum > 0 ? share[i] / sum : 0;
	return sum;
}

/* From the two orders' shares to one: the second speaks of the other answer. */
static void combine(double *share, const double *swapped)
{
	share[0] = syc_prob_mean(share[0], swapped[1]);
	share[1] = 1 - share[0];
}

void syc_judge(struct syc_judgment *out, const struct syc_answer_tree *t,
	       double *const *p, unsigned n_orders,
	       const struct syc_judge_rule *rule, double *share)
{
	double swapped[2], mass;

	*out = (struct syc_judgment){ .mass = syc_answer_tree_sum(t, p[0], share) };
	if (n_orders == 2) {
		assert(t->n_answers == 2);
		mass = syc_answer_tree_sum(t, p[1], swapped);
		out->mass = out->mass < mass ? out->mass : mass;
		combine(share, swapped);
	}
	for (size_t i = 0; i < t->n_answers; i++)
		out->value += share[i] * rule->value[i];
	out->lacks_mass = out->mass < rule->min_mass || !(out->mass > 0);
	out->label = out->lacks_mass ? SYC_LABEL_UNDECIDED :
		     syc_label_threshold(out->value, rule->threshold,
					 rule->margin);
}
