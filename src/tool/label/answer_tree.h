/* SPDX-License-Identifier: MIT */
/*
 * Several answers as one tree of tokens, and their probabilities from those of
 * its edges.  An answer that is the beginning of another, as "1" is of "10",
 * counts where the model does not go on to the other.
 */
#ifndef SRC_TOOL_LABEL_ANSWER_TREE_H
#define SRC_TOOL_LABEL_ANSWER_TREE_H
#include <stdbool.h>
#include "syc/base.h"

struct answer_tree {
	struct syc_ids *path;	/* [n_nodes] the tokens to a node; 0 is the root */
	size_t *parent;		/* [n_nodes] */
	int *answer;		/* [n_nodes] that ends there, or -1 */
	size_t n_nodes, n_answers;
	size_t *fork;		/* [n_forks] nodes at which the model must be read */
	size_t n_forks;
	size_t depth;		/* most tokens to a fork, and one */
};

/*
 * Copies ids.  SYC_EINVAL when an answer is empty or two are the same.  The
 * tokens that all answers begin with are taken as given, and so is what
 * follows where only one answer is left.
 */
int answer_tree_new(struct answer_tree *t, const struct syc_ids *ids, size_t n, struct syc_err *err);
void answer_tree_free(struct answer_tree *t);
/* Fill p [n_nodes] of the children of fork number k from its logits [n_vocab]. */
void answer_tree_read(const struct answer_tree *t, size_t k, const float *logits, size_t n_vocab,
		      double *p);
/*
 * The answers' shares [n_answers], which sum to 1 (all 0 when the sum of their
 * probabilities is), and that sum.
 */
double answer_tree_sum(const struct answer_tree *t, const double *p, double *share);

#endif
