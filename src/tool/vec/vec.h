/* SPDX-License-Identifier: MIT */
/* The subcommands of syc-vec: each parses its own arguments; exit status. */
#ifndef SRC_TOOL_VEC_VEC_H
#define SRC_TOOL_VEC_VEC_H
#include "syc/direction.h"

int vec_compare(int argc, char **argv);
int vec_convert(int argc, char **argv);
int vec_combine(int argc, char **argv);
int vec_diff(int argc, char **argv);
int vec_forecast(int argc, char **argv);
/* One of the methods, by its name. */
int vec_make(int argc, char **argv);
int vec_probe(int argc, char **argv);
int vec_random(int argc, char **argv);
int vec_stability(int argc, char **argv);

#endif
