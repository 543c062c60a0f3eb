/* SPDX-License-Identifier: MIT */
/* What the parts of include/syc/output.h share. */
#ifndef SRC_BASE_OUTPUT_H
#define SRC_BASE_OUTPUT_H
#include <sys/stat.h>
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
/* NAME.part, to be freed; NULL without memory. */
char *syc_output_part_of(const char *name);
/* Lock an open file or folder; false when another program has it. */
bool syc_output_lock(int fd);
/* Whether fd is what is called part: it may have got its name, or been removed. */
bool syc_output_is_called(int fd, const char *part, struct stat *st);
/* Bring to disk what name is called in its folder. */
int syc_output_sync_folder(const char *name, struct syc_err *err);
/* Whether a file could be made beside name; errors name path. */
int syc_output_check_folder(const char *path, const char *name, struct syc_err *err);

#endif
