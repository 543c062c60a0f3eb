/* SPDX-License-Identifier: MIT */
/*
 * A pool of threads for work cut into parts that do not depend on each other.
 * Which thread runs a part is left open, so a part's result must depend on
 * its number alone.
 */
#ifndef SRC_BASE_PAR_H
#define SRC_BASE_PAR_H
#include <stddef.h>
#include "syc/base.h"

struct syc_par;

/*
 * n threads, the caller's included; n = 0 means one per processor that this
 * process may use.
 */
int syc_par_new(struct syc_par **out, unsigned n, struct syc_err *err);
void syc_par_free(struct syc_par *p);
unsigned syc_par_threads(const struct syc_par *p);
/*
 * Call fn(arg, part, thread) for every part from 0 to n_parts - 1 and return
 * when all are done; thread < syc_par_threads() tells concurrent calls apart.
 * Only one thread may call it at a time, and not from inside fn.
 */
void syc_par_run(struct syc_par *p, size_t n_parts,
		 void (*fn)(void *arg, size_t part, unsigned thread), void *arg);
/*
 * The same for parts that are small, and touch the same memory in round after round: a
 * thread begins with its share of them, which is the same one each time, several at a
 * time, and then helps the others.
 */
void syc_par_rows(struct syc_par *p, size_t n_rows,
		  void (*fn)(void *arg, size_t row, unsigned thread), void *arg);

#endif
