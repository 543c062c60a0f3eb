/* SPDX-License-Identifier: MIT */
/* Vectors by the paths that are given, and whose null vectors a file has. */
#ifndef SRC_TOOL_COMMON_VECTORS_H
#define SRC_TOOL_COMMON_VECTORS_H
#include "syc/null.h"
#include "syc/vector.h"
#include "tool/options/opts.h"

/* The vector at a path, the caller's; unless -q says where its layers are assumed. */
int vector_open(const struct tool *t, const struct opt_values *c, const char *path,
		struct syc_vector **v, struct syc_err *err);
/*
 * That of an operand NAME=FILE or FILE; both are the caller's, also the name of a file
 * that cannot be read.
 */
int vector_named(const struct tool *t, const struct opt_values *c, const char *arg,
		 const char **name, const struct syc_vector **v, struct syc_err *err);
/*
 * Open null vectors, NAME=FILE or FILE, path being in arg.  Of the vectors of those
 * operands, number *of has them: NAME, that which the file names, or the only one.
 */
int nulls_open(struct syc_nulls **file, const char **path, size_t *of, const char *arg,
	       const struct texts *vectors, struct syc_err *err);

#endif
