/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <string.h>
#include <zlib.h>
#include "load.h"

enum { N_USED = 4 };
enum { POSITIONS = 1 << SYC_POSITION_PROMPT | 1 << SYC_POSITION_LAST };

const float scale = -1.5f;
const uint32_t steered_layers[2] = { 1, 4 };
const struct syc_engine_opts two_threads = { .threads = 2 };
const char *const stops[3] = { "\n\n", " it", "zzz" };
struct syc_model *int8, *f32;
struct syc_ids prompt[N_PROMPTS], answer[N_PROMPTS];
struct syc_vector *cue;

static bool read_ids(const json_t *row, const char *key, int32_t end,
		     struct syc_ids *out)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(row, key), i, v) {
		int32_t id = (int32_t)json_integer_value(v);

		if (id != end)
			syc_ids_add(out, &id, 1);
	}
	return out->n > 0;
}

/* The demo model's reference prompts and answers; called outside of tests. */
static bool read_prompts(void)
{
	FILE *f = fopen(source_path("demo/greedy.jsonl"), "r");
	bool ok = f != NULL;

	for (size_t i = 0; i < N_PROMPTS && ok; i++) {
		json_t *row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);

		ok = read_ids(row, "prompt_ids", -1, &prompt[i]) &&
			read_ids(row, "completion_ids", 2, &answer[i]);
		json_decref(row);
	}
	if (f)
		fclose(f);
	return ok;
}

struct syc_model *open_with(const struct syc_model_opts *o)
{
	struct syc_model *m;

	syc_model_open(&m, source_path("demo/demo-f16.gguf"), o, NULL);
	return m;
}

struct syc_model *open_demo(enum syc_compute compute, const char *cpu)
{
	const struct syc_model_opts o =
		{ .compute = compute, .threads = 1, .cpu = cpu };

	return open_with(&o);
}

static uint32_t checksum(uint32_t sum, const void *p, size_t n)
{
	return (uint32_t)crc32_z(sum, p, n);
}

static void sum_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct one *o = job->user;

	o->steps = checksum(o->steps, logits, N_VOCAB * sizeof(*logits));
	o->steps = checksum(o->steps, &chosen, sizeof(chosen));
}

static void sum_probe(struct syc_job *job, const float *logits)
{
	struct one *o = job->user;

	o->probe = checksum(o->probe, logits, N_VOCAB * sizeof(*logits));
}

struct syc_steer *make_steer(const struct syc_model *m)
{
	struct syc_steer *s;

	ck_assert_int_eq(syc_steer_new(&s, m, NULL), 0);
	ck_assert_int_eq(syc_steer_add(s, cue, scale, steered_layers, 2, NULL), 0);
	return s;
}

struct syc_steer *steer_by(const struct syc_steer_rule *rule, size_t n)
{
	struct syc_err err = { 0 };
	struct syc_steer *s;

	ck_assert_int_eq(syc_steer_new(&s, int8, NULL), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(syc_steer_apply(s, cue, &rule[i], &err) == 0,
			      "%s", err.msg);
	return s;
}

void load_init(struct load *l, const struct syc_model *m)
{
	static const uint32_t layers[N_LAYERS] = { 0, 1, 2, 3, 4, 5 };
	const struct syc_recorder_opts ro = { layers, N_LAYERS, POSITIONS };

	*l = (struct load){ .sampling = {
		{ .temperature = 1, .seed = 7 },
		{ .temperature = 1.5f, .top_k = 20, .top_p = 0.9f, .seed = 8 },
		{ .temperature = 0.7f, .top_p = 0.8f, .seed = 9 },
	} };
	ck_assert_int_eq(syc_recorder_new(&l->recorder, m, &ro, NULL), 0);
	l->steer = make_steer(m);
	l->hooks[0] = syc_steer_hook();
	l->hooks[1] = syc_recorder_hook(l->recorder);
	for (size_t i = 0; i < N_JOBS; i++) {
		static const size_t lengths[] = { LONGEST, 0, 7, 1, 15 };
		struct one *o = &l->one[i];

		ck_assert_uint_ge(prompt[i % N_USED].n, 80);
		o->job = (struct syc_job){
			.id = i % 2 ? "odd" : "even", .sample = (uint32_t)i,
			.tokens = prompt[i % N_USED].id,
				.n_tokens = 20 + i * 17 % 60,
			.max_new = lengths[i % 5], .feed_last = i % 3 == 0,
			.sampling = i % 4 ? &l->sampling[i % 4 - 1] : NULL,
			.may_skip = i % 8 == 5 ? 0 : 19 + i * 17 % 60,
			.stop = i % 7 == 2 ? stops : NULL,
				.n_stop = i % 7 == 2 ? 3 : 0,
			.on_step = sum_step, .user = o,
		};
		syc_steer_job(i % 6 == 3 ? l->steer : NULL, &o->job,
			      o->job.n_tokens);
		if (i % 5) {
			o->job.probe = answer[i % N_USED].id;
			o->job.n_probe = i % 4;
			o->job.on_probe = sum_probe;
		}
		o->take = syc_take_new(l->recorder);
		ck_assert_ptr_nonnull(o->take);
		o->job.rec = o->take;
	}
}

void load_free(struct load *l)
{
	for (size_t i = 0; i < N_JOBS; i++) {
		syc_job_clear(&l->one[i].job);
		syc_take_free(l->one[i].take);
	}
	syc_recorder_free(l->recorder);
	syc_steer_free(l->steer);
}

/* All that job i gave, as bytes. */
static void put_result(struct load *l, size_t i, bool with_probe, struct syc_buf *b)
{
	struct one *o = &l->one[i];
	const struct syc_job *j = &o->job;

	syc_buf_printf(b, "%zu: %zu tokens %08x, '%s', finish %d, steps %08x",
		       i, j->out.n,
		       (unsigned)checksum(0, j->out.id ? (void *)j->out.id : "",
					  j->out.n * 4),
		       j->text.data ? j->text.data : "", (int)j->finish,
		       (unsigned)o->steps);
	syc_buf_printf(b, ", logprob %a", j->logprob);
	if (with_probe)
		syc_buf_printf(b, ", probe %08x", (unsigned)o->probe);
	for (enum syc_position s = SYC_POSITION_PROMPT; s <= SYC_POSITION_LAST;
	     s++) {
		const float *x = syc_take_position(o->take, s);

		syc_buf_printf(b, ", %s %08x", syc_position_name(s),
			       x ? (unsigned)checksum(1, x,
						      N_LAYERS * DIM * sizeof(*x)) : 0);
	}
	syc_buf_puts(b, "\n");
}

struct syc_engine *new_engine(const struct syc_model *m, struct load *l,
			      const struct syc_engine_opts *o)
{
	struct syc_engine_opts eo = *o;
	struct syc_engine *e;

	eo.hooks = l ? l->hooks : NULL;
	eo.n_hooks = l ? 2 : 0;
	ck_assert_int_eq(syc_engine_new(&e, m, &eo, NULL), 0);
	return e;
}

void run_load(struct load *l, const struct syc_model *m,
	      const struct syc_engine_opts *o,
	      const size_t *order, bool with_probe, struct syc_buf *b)
{
	struct syc_engine *e = new_engine(m, l, o);
	struct syc_job *job[N_JOBS];
	struct syc_err err;
	struct jobs jobs = { .list = job, .n = N_JOBS };

	for (size_t i = 0; i < N_JOBS; i++) {
		struct one *w = &l->one[i];
		struct syc_spots at = {
			.prompt = (uint32_t)w->job.n_tokens - 1,
				.letter = SYC_NOWHERE,
			.begin = (uint32_t)w->job.n_tokens, .end = SYC_NOWHERE,
		};

		syc_job_clear(&w->job);
		w->steps = w->probe = 0;
		ck_assert_int_eq(syc_take_begin(w->take, &at), 0);
	}
	for (size_t i = 0; i < N_JOBS; i++)
		job[i] = &l->one[order ? order[i] : i].job;
	ck_assert_msg(jobs_run(&jobs, e, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(jobs.n_done, N_JOBS);
	syc_engine_free(e);
	b->len = 0;
	for (size_t i = 0; i < N_JOBS; i++)
		put_result(l, i, with_probe, b);
}

void same(const struct syc_buf *a, const struct syc_buf *b)
{
	if (strcmp(a->data, b->data) != 0)
		ck_abort_msg("\n%s\n%s", a->data, b->data);
}

struct syc_engine *steering_engine(struct syc_engine_opts o)
{
	static struct syc_hook hook;
	struct syc_engine *e;

	hook = syc_steer_hook();
	o.hooks = &hook;
	o.n_hooks = 1;
	ck_assert_int_eq(syc_engine_new(&e, int8, &o, NULL), 0);
	return e;
}

int run_one(const struct syc_model *m, struct load *l,
	    const struct syc_engine_opts *o,
	    struct syc_job *job, struct syc_err *err)
{
	struct syc_engine *e = new_engine(m, l, o);
	struct jobs jobs = { .job = job, .n = 1 };
	int ret = jobs_run(&jobs, e, err);

	ck_assert_uint_eq(jobs.n_done + jobs.n_dropped, 1);
	syc_engine_free(e);
	return ret;
}

int run_on_demo(const char *name, const struct test *tests, size_t n)
{
	const struct syc_vector_read_opts ro = { .key = "cue" };
	int status;

	int8 = open_demo(SYC_COMPUTE_INT8, NULL);
	f32 = open_demo(SYC_COMPUTE_F32, NULL);
	if (!int8 || !f32 || !read_prompts() ||
	    syc_vector_read(&cue, source_path("demo/vectors.npz"), &ro, NULL) < 0) {
		fprintf(stderr, "%s: the demo model is not there\n", name);
		return 1;
	}
	status = run_tests(name, tests, n);
	syc_model_close(int8);
	syc_model_close(f32);
	syc_vector_free(cue);
	for (size_t i = 0; i < N_PROMPTS; i++) {
		syc_ids_free(&prompt[i]);
		syc_ids_free(&answer[i]);
	}
	return status;
}
