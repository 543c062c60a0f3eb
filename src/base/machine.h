/* SPDX-License-Identifier: MIT */
/* What of the machine a process may use, read from the folders given. */
#ifndef SRC_BASE_MACHINE_H
#define SRC_BASE_MACHINE_H
#include <stddef.h>
#include "syc/base.h"

/*
 * The least limit of the control groups in the file `groups` (as
 * /proc/self/cgroup), their own and those above, both versions, whose
 * controllers are below the folder `root` (as /sys/fs/cgroup).  Processors are
 * rounded up; SIZE_MAX: no limit.
 */
size_t machine_group_cores(const char *groups, const char *root);
size_t machine_group_memory(const char *groups, const char *root);

#endif
