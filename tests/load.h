/* SPDX-License-Identifier: MIT */
/* The demo model, and a load of jobs on it that use all an engine can do. */
#ifndef TESTS_LOAD_H
#define TESTS_LOAD_H
#include "base/rand.h"
#include "jobs.h"
#include "run/engine.h"
#include "syc/record.h"
#include "syc/steer.h"

enum { N_PROMPTS = 20, N_JOBS = 15, LONGEST = 20, N_LAYERS = 6, DIM = 128,
       N_VOCAB = 768 };

extern const float scale;
extern const uint32_t steered_layers[2];
extern const struct syc_engine_opts two_threads;
extern const char *const stops[3];

/* Shared by the tests, which run in processes of their own. */
extern struct syc_model *int8, *f32;
extern struct syc_ids prompt[N_PROMPTS], answer[N_PROMPTS];
extern struct syc_vector *cue;

/* Open the models, read the prompts, run the suite: main() of a test program. */
int run_on_demo(const char *name, const struct test *tests, size_t n);
#define RUN_ON_DEMO(name, t) run_on_demo(name, t, sizeof(t) / sizeof((t)[0]))

struct syc_model *open_with(const struct syc_model_opts *o);
struct syc_model *open_demo(enum syc_compute compute, const char *cpu);
/* The vector scale times at steered_layers; and by rules. */
struct syc_steer *make_steer(const struct syc_model *m);
struct syc_steer *steer_by(const struct syc_steer_rule *rule, size_t n);

/* One job with everything that it gives. */
struct one {
	struct syc_job job;
	struct syc_take *take;
	uint32_t steps, probe;	/* checksums of logits */
};

struct load {
	struct one one[N_JOBS];
	struct syc_sampling sampling[3];
	struct syc_recorder *recorder;
	struct syc_steer *steer;
	struct syc_hook hooks[2];
};

void load_init(struct load *l, const struct syc_model *m);
void load_free(struct load *l);
/* An engine with the hooks of l, or with none when l is NULL. */
struct syc_engine *new_engine(const struct syc_model *m, struct load *l,
			      const struct syc_engine_opts *o);
/* Run the load, in an order (NULL: its own); the results in the load's own order. */
void run_load(struct load *l, const struct syc_model *m,
	      const struct syc_engine_opts *o,
	      const size_t *order, bool with_probe, struct syc_buf *b);
/* An engine of int8 that steers. */
struct syc_engine *steering_engine(struct syc_engine_opts o);
int run_one(const struct syc_model *m, struct load *l,
	    const struct syc_engine_opts *o,
	    struct syc_job *job, struct syc_err *err);
void same(const struct syc_buf *a, const struct syc_buf *b);

#endif
