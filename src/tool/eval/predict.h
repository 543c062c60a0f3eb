/* SPDX-License-Identifier: MIT */
/* Do vectors tell what the model did? */
#ifndef SRC_TOOL_EVAL_PREDICT_H
#define SRC_TOOL_EVAL_PREDICT_H
#include "tool/common/table.h"
#include "tool/options/opts.h"

/*
 * Score the rows of paths [n_paths], which have labels and activations, against
 * vectors [NAME=]FILE, and put what comes of it in the form of o: a table and
 * sentences, a table of layers, or a JSON document whose "fits" syc-plot(1)
 * draws.  Unless -q, says when a vector is of another model.
 */
int predict_put(struct sheet *o, const struct tool *tool, const struct opt_values *common,
		const struct texts *vectors, char *const *paths, int n_paths,
		struct syc_err *err);

#endif
