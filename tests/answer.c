/* SPDX-License-Identifier: MIT */
/* answer MODEL TEXT: go on after TEXT, greedily. */
#include <stdio.h>
#include <string.h>
#include <syc.h>

struct run {
	struct syc_job job;
	int given;
};

static int next(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct run *r = arg;

	(void)err;
	*job = r->given++ ? NULL : &r->job;
	return 0;
}

static int done(void *arg, struct syc_job *job, struct syc_err *err)
{
	(void)arg;
	(void)err;
	printf("%s\n%zu tokens, ln P = %.4f\n",
	       job->text.data ? job->text.data : "", job->out.n, job->logprob);
	return 0;
}

static void drop(void *arg, struct syc_job *job)
{
	(void)arg;
	(void)job;
}

int main(int argc, char **argv)
{
	struct syc_model *model = NULL;
	struct syc_engine *engine = NULL;
	struct syc_ids ids = { 0 };
	struct syc_err err = { 0 };
	struct run r = { .job = { .id = "1", .max_new = 24 } };
	int ret;

	if (argc != 3) {
		fprintf(stderr, "usage: answer MODEL TEXT\n");
		return 2;
	}
	ret = syc_model_open(&model, argv[1], NULL, &err);
	if (ret == 0)
		ret = syc_vocab_encode(syc_model_vocab(model), argv[2],
				       strlen(argv[2]),
				       SYC_TOK_BOS | SYC_TOK_SPECIAL, &ids, &err);
	if (ret == 0)
		ret = syc_engine_new(&engine, model, NULL, &err);
	if (ret == 0) {
		r.job.tokens = ids.id;
		r.job.n_tokens = ids.n;
		ret = syc_engine_run(engine, next, done, drop, &r, &err);
	}
	if (ret < 0)
		fprintf(stderr, "answer: %s\n", err.msg);
	syc_job_clear(&r.job);
	syc_engine_free(engine);
	syc_ids_free(&ids);
	syc_model_close(model);
	return ret < 0;
}
