/* SPDX-License-Identifier: MIT */
/* A list of jobs as the engine's source and sink. */
#ifndef TESTS_JOBS_H
#define TESTS_JOBS_H
#include "suite.h"
#include "syc/engine.h"

struct jobs {
	struct syc_job *job;	/* [n] */
	struct syc_job **list;	/* [n], or NULL: those of job in order */
	/* done fails at the job of this place, from 1 */
	size_t n, fail_at;
	size_t n_next, n_done, n_dropped;
};

static inline struct syc_job *job_at(const struct jobs *j, size_t i)
{
	return j->list ? j->list[i] : &j->job[i];
}

static inline int jobs_next(void *arg, struct syc_job **job,
			    struct syc_err *err)
{
	struct jobs *j = arg;

	(void)err;
	*job = j->n_next < j->n ? job_at(j, j->n_next++) : NULL;
	return 0;
}

static inline int jobs_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct jobs *j = arg;

	(void)err;
	ck_assert_ptr_eq(job, job_at(j, j->n_done));
	return ++j->n_done == j->fail_at ? SYC_ECANCEL : 0;
}

static inline void jobs_drop(void *arg, struct syc_job *job)
{
	struct jobs *j = arg;

	ck_assert_ptr_eq(job, job_at(j, j->n_done + j->n_dropped));
	j->n_dropped++;
}

static inline int jobs_run(struct jobs *j, struct syc_engine *e,
			   struct syc_err *err)
{
	j->n_next = j->n_done = j->n_dropped = 0;
	return syc_engine_run(e, jobs_next, jobs_done, jobs_drop, j, err);
}

#endif
