/* SPDX-License-Identifier: MIT */
/* Short exercises with their solutions, to be trained on in place of views. */
#ifndef SRC_TASK_EXERCISES_H
#define SRC_TASK_EXERCISES_H
#include <stdint.h>
#include "syc/base.h"

/*
 * Append the row of exercise number k of a seed: "question", "completion", id
 * "unrelated/K", "arm" unrelated.  No two of a seed are the same; SYC_EINVAL beyond
 * the last.
 */
int syc_exercise_row(struct syc_buf *out, uint64_t seed, uint64_t k, struct syc_err *err);

#endif
