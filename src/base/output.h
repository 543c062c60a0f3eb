/* SPDX-License-Identifier: MIT */
/* What the two halves of include/syc/output.h share. */
#ifndef SRC_BASE_OUTPUT_H
#define SRC_BASE_OUTPUT_H
#include "syc/output.h"

/*
 * Where the symbolic links at path lead: a file or folder, or nothing that is
 * there.  To be freed; NULL with errno.
 */
char *syc_output_follow(const char *path);
/* The number of an open file that path stands for (/dev/stdout, /dev/fd/3), or -1. */
int syc_output_fd(const char *path);
/* The error of a leftover, and of one that is being written. */
int syc_output_left(const char *part, struct syc_err *err);
int syc_output_busy(const char *path, struct syc_err *err);

#endif
