/* SPDX-License-Identifier: MIT */
/* How a program uses the machine that it runs on. */
#ifndef SRC_TOOL_COMMON_MACHINE_H
#define SRC_TOOL_COMMON_MACHINE_H
#include "tool/options/opts.h"

/*
 * OpenBLAS chooses its kernels before main(): where it took bad ones the program begins
 * again, told better (syc_cpu_blas()).  Nothing may have been read or written.
 */
void machine_blas(void);
/* Threads in values, of the row `threads`: what -t or the environment says. */
void machine_threads(const struct tool *t, const struct opt *threads, bool quiet, char *values);

/*
 * The folder that this program is in, to be freed; in a build tree the one above, where
 * libtool's scripts are.  NULL where the system does not say.
 */
char *machine_folder(void);
/*
 * The demo's folder, to be freed: SYC_DEMO, else where it belongs beside this program (a
 * build tree has it as share/syc/demo), else where it was to be installed.  NULL: none is there.
 */
char *machine_demo(void);

#endif
