/* SPDX-License-Identifier: MIT */
/* Telling Jinja chat templates apart without running them. */
#ifndef SRC_MODEL_TEMPLATE_H
#define SRC_MODEL_TEMPLATE_H
#include <stdbool.h>
#include "syc/base.h"

/*
 * Append a normal form of n bytes of template, as Jinja reads it with
 * trim_blocks and lstrip_blocks: spaces inside tags, the kind of quotes,
 * escapes and how a constant text is divided up make no difference.  Two
 * templates of the same form render the same; the opposite is not promised.
 * Returns 0, SYC_ENOMEM or SYC_EFORMAT.
 */
int syc_template_normal(struct syc_buf *out, const char *tmpl, size_t n);

#endif
