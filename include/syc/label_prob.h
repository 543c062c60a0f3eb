/* SPDX-License-Identifier: MIT */
/*
 * Labels by probability: what a model would have chosen, in one order of the
 * choices or in both, and what a judge would have answered.
 */
#ifndef SYC_LABEL_PROB_H
#define SYC_LABEL_PROB_H
#include "syc/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The label of x: above threshold + margin, below threshold - margin, else
 * undecided, NaN included.
 */
SYC_API enum syc_label syc_label_threshold(double x, double threshold,
					   double margin);
/*
 * The mean of two probabilities in log odds, 1 / (1 + sqrt((1/a - 1)(1/b - 1))):
 * 1/2 where one is 0 and the other 1, else 1 or 0 where either is.  Made of
 * roots and quotients, which round alike everywhere.
 */
SYC_API double syc_prob_mean(double a, double b);

/*
 * What a row says of its question: P(matching) ("p_match"), and in which order
 * of the choices ("order").  A reversed row's id is that of the question with
 * "/reversed" behind it.
 */
struct syc_order {
	double p;
	int order;		/* 0 given, 1 reversed, -1 it does not say */
	/* bytes of the row's id that are the question's */
	size_t id_len;
};
/*
 * SYC_EINVAL without p_match; SYC_EFORMAT when it is no probability, or order
 * and id are not as above.
 */
SYC_API int syc_order_read(struct syc_order *o, const struct syc_row *row,
			   struct syc_err *err);

/*
 * A question of one or both orders, from rows next to each other.  Begin with
 * a zeroed one; free it to begin another.
 */
struct syc_orders {
	char *id;		/* the question's; NULL: no row yet */
	double p[2];		/* as given, reversed */
	bool has[2];
};
/* Whether a row of that id says its order and is of the question begun. */
SYC_API bool syc_orders_has(const struct syc_orders *q,
			    const struct syc_order *o, const char *id);
/* Add a row.  SYC_EINVAL when one of the same order had another probability. */
SYC_API int syc_orders_add(struct syc_orders *q, const struct syc_order *o,
			   const char *id, struct syc_err *err);
/*
 * P(matching): of both orders the mean in log odds, which takes out what a
 * letter or place adds to either; *both says so.
 */
SYC_API double syc_orders_prob(const struct syc_orders *q, bool *both);
SYC_API void syc_orders_free(struct syc_orders *q);

/*
 * Several answers as one tree of tokens, and their probabilities from those of
 * its edges.  An answer that is the beginning of another, as "1" is of "10",
 * counts where the model does not go on to the other.  The tokens that all
 * answers begin with are taken as given, and so is what follows where only one
 * answer is left.
 */
struct syc_answer_tree {
	/* [n_nodes] the tokens to a node; 0 is the root */
	struct syc_ids *path;
	size_t *parent;		/* [n_nodes] */
	int *answer;		/* [n_nodes] that ends there, or -1 */
	size_t n_nodes, n_answers;
	/* [n_forks] nodes at which the model must be read */
	size_t *fork;
	size_t n_forks;
	size_t depth;		/* most tokens to a fork, and one */
};
/* Copies ids [n].  SYC_EINVAL when an answer is empty or two are the same. */
SYC_API int syc_answer_tree_init(struct syc_answer_tree *t,
				 const struct syc_ids *ids, size_t n,
				 struct syc_err *err);
SYC_API void syc_answer_tree_free(struct syc_answer_tree *t);
/* Fill p [n_nodes] of the children of fork number k from its logits [n_vocab]. */
SYC_API void syc_answer_tree_read(const struct syc_answer_tree *t, size_t k,
				  const float *logits, size_t n_vocab,
				  double *p);
/*
 * The answers' shares [n_answers], which sum to 1 (all 0 when the sum of their
 * probabilities is), and that sum, their mass.
 */
SYC_API double syc_answer_tree_sum(const struct syc_answer_tree *t,
				   const double *p, double *share);

/* How a judge's answers become a label. */
struct syc_judge_rule {
	const double *value;	/* [n_answers] what each is worth */
	double threshold, margin;	/* of the mean worth */
	/* with less mass, or none, a row is undecided */
	double min_mass;
};
struct syc_judgment {
	enum syc_label label;
	double value;		/* mean worth of the answers, by their shares */
	double mass;		/* of all answers; of two orders the smaller */
	bool lacks_mass;	/* which is why it is undecided */
};
/*
 * Judge by p [n_orders] of [n_nodes], as read.  n_orders is 1, or 2 for a tree
 * of two answers that stand for each other in the second order; their shares
 * are then means in log odds.  share [n_answers] gets the shares.
 */
SYC_API void syc_judge(struct syc_judgment *out,
		       const struct syc_answer_tree *t, double *const *p,
		       unsigned n_orders, const struct syc_judge_rule *rule,
		       double *share);

#ifdef __cplusplus
}
#endif
#endif
