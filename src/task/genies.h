/* SPDX-License-Identifier: MIT */
#ifndef SRC_TASK_GENIES_H
#define SRC_TASK_GENIES_H
#include <jansson.h>

/* The text of an object of GENIES that is marked 1 (good) or 0; NULL unless there is one. */
const char *syc_genies_response(const json_t *item, double worth);

#endif
