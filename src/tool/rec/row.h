/* SPDX-License-Identifier: MIT */
/* syc-rec's rows. */
#ifndef SRC_TOOL_REC_ROW_H
#define SRC_TOOL_REC_ROW_H
#include "syc/sequence.h"

/* The output row with its newline; its activations are in that file and of that run. */
int rec_row_write(const struct syc_sequence *it, const char *acts_path, uint64_t acts_row,
		  const char *run, struct syc_buf *out, struct syc_err *err);

#endif
