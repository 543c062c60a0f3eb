/* SPDX-License-Identifier: MIT */
/*
 * Fine-tuning: AdamW, clipping and schedules against PyTorch's figures
 * (tests/ref/tune_adamw.py), and what rows ask for.
 */
#include "config.h"
#include <unistd.h>
#include "figures.h"
#include "prompts.h"
#include "syc/train.h"
#include "syc/tune.h"

enum { FEW = 8 };

/* ---- the optimizer --------------------------------------------------------- */

static void get_floats(float *x, const json_t *list, size_t n)
{
	ck_assert_uint_eq(json_array_size(list), n);
	for (size_t i = 0; i < n; i++)
		x[i] = (float)number(json_array_get(list, i));
}

static double field(const json_t *from, const char *key)
{
	return number(json_object_get(from, key));
}

static enum syc_decay decay_of(const json_t *c)
{
	const char *name = json_string_value(json_object_get(c, "decay"));

	return strcmp(name, "cosine") == 0   ? SYC_DECAY_COSINE
	       : strcmp(name, "linear") == 0 ? SYC_DECAY_LINEAR
					     : SYC_DECAY_NONE;
}

static void one_case(const json_t *c)
{
	const json_t *steps = json_object_get(c, "steps"), *s;
	const size_t n = json_array_size(json_object_get(c, "start"));
	struct syc_adamw o = { 0, field(c, "beta1"), field(c, "beta2"),
			       field(c, "eps"), field(c, "weight_decay") };
	float w[FEW], g[FEW], m[FEW] = { 0 }, v[FEW] = { 0 }, want[FEW];
	size_t i;

	get_floats(w, json_object_get(c, "start"), n);
	json_array_foreach(steps, i, s) {
		o.rate = field(c, "rate") *
			 syc_tune_rate(i, json_array_size(steps),
				       (uint64_t)field(c, "warm"), decay_of(c));
		near_key("step", s, "rate", o.rate, 1e-9, 0);
		get_floats(g, json_object_get(s, "grad"), n);
		near_key("step", s, "norm", syc_clip(g, n, field(c, "clip")),
			 1e-6, 0);
		syc_adamw_step(&o, w, g, m, v, n, i + 1);
		get_floats(want, json_object_get(s, "w"), n);
		for (size_t k = 0; k < n; k++)
			near("step", "w", (double)w[k], (double)want[k], 1e-6,
			     1);
	}
}

START_TEST(adamw)
{
	json_t *doc = load_figures("tests/data/tune/adamw.json"), *c;
	size_t i;

	ck_assert_uint_eq(json_array_size(doc), 3);
	json_array_foreach(doc, i, c)
		one_case(c);
	json_decref(doc);
}
END_TEST

START_TEST(schedule)
{
	/* Neither warm-up nor the end has a step of rate 0. */
	for (uint64_t warm = 0; warm <= 10; warm++)
		for (uint64_t s = 0; s < 10; s++)
			ck_assert(syc_tune_rate(s, 10, warm, SYC_DECAY_LINEAR) >
					  0 &&
				  syc_tune_rate(s, 10, warm,
						SYC_DECAY_COSINE) <= 1);
	ck_assert_double_eq(syc_tune_rate(3, 10, 4, SYC_DECAY_COSINE), 1);
	ck_assert_double_eq(syc_tune_rate(9, 10, 4, SYC_DECAY_NONE), 1);
}
END_TEST

START_TEST(steps)
{
	struct syc_tune_plan p = { .batch = 8, .epochs = 3 };

	ck_assert_uint_eq(syc_tune_steps(&p, 16), 6);
	ck_assert_uint_eq(syc_tune_steps(&p, 17), 7);
	p.epochs = 0.5;
	ck_assert_uint_eq(syc_tune_steps(&p, 17), 2);
	p.steps = 5;
	ck_assert_uint_eq(syc_tune_steps(&p, 17), 5);
}
END_TEST

/* ---- rows ------------------------------------------------------------------ */

#define Q "{\"question\": \"Which?\\n\\nChoices:\\n (A) a dog\\n (B) a cat\""
#define AB ", \"answer_matching_behavior\": \"(A)\", " \
	   "\"answer_not_matching_behavior\": \"(B)\""

static int read_rows(struct syc_tune_rows **out, const char *text,
		     const struct syc_tune_read_opts *o, struct syc_err *err)
{
	char path[] = "check_tune.jsonl", *paths[] = { path };
	struct syc_rows in = { .paths = paths, .n_paths = 1 };
	int ret;

	spill(path, text, strlen(text));
	ret = syc_tune_read(out, &in, &prompter, o, err);
	syc_rows_done(&in);
	unlink(path);
	return ret;
}

static const struct syc_tune_read_opts usual = { .max_length = 512 },
	pairs = { .max_length = 512, .pairs = true };

static struct syc_tune_rows *good(const char *text,
				  const struct syc_tune_read_opts *o)
{
	struct syc_tune_rows *rows;
	struct syc_err err = { 0 };

	ck_assert_msg(read_rows(&rows, text, o, &err) == 0, "%s: %s", text,
		      err.msg);
	return rows;
}

static void bad(const char *text, const struct syc_tune_read_opts *o,
		const char *words)
{
	struct syc_tune_rows *rows;
	struct syc_err err = { 0 };
	int ret = read_rows(&rows, text, o, &err);

	fails(ret, ret, &err, words);
	ck_assert(ret < 0 && !rows);
}

/* The answer of a text as text. */
static void says(const struct syc_tune_example *e, int at, const char *want)
{
	struct syc_buf b = { 0 };
	const struct syc_tune_text *x;

	ck_assert(at >= 0 && at < e->n_texts);
	x = &e->text[at];
	ck_assert_int_eq(syc_vocab_decode(prompter.vocab,
					  x->tokens + x->n_prompt,
					  x->n - x->n_prompt, true, false, &b),
			 0);
	ck_assert_msg(strcmp(b.data, want) == 0, "'%s', not '%s'", b.data,
		      want);
	syc_buf_free(&b);
}

START_TEST(answers)
{
	struct syc_tune_rows *r;

	open_demo(NULL);
	r = good(Q AB "}", &pairs);
	ck_assert_int_eq(r->e[0].n_texts, 2);
	ck_assert(r->e[0].trained == r->e[0].match &&
		  r->e[0].rejected == r->e[0].other);
	says(&r->e[0], r->e[0].match, "(A)");
	says(&r->e[0], r->e[0].other, "(B)");
	ck_assert_double_eq(r->e[0].weight, 1);
	ck_assert_str_eq(r->e[0].place, "check_tune.jsonl:1");
	syc_tune_rows_free(r);
	/* A completion that is a choice, and one that is none. */
	r = good(Q AB ", \"completion\": \" (B)\\n\", \"weight\": 2.5}\n"
		 Q AB ", \"id\": \"x\", \"completion\": \"a dog\"}", &pairs);
	ck_assert_uint_eq(r->n, 2);
	ck_assert(r->e[0].trained == r->e[0].other &&
		  r->e[0].rejected == r->e[0].match && r->e[0].n_texts == 2);
	ck_assert_double_eq(r->e[0].weight, 2.5);
	says(&r->e[0], r->e[0].trained, "(B)");
	says(&r->e[1], r->e[1].trained, "a dog</s>");
	ck_assert(r->e[1].rejected == r->e[1].other && r->e[1].n_texts == 3);
	ck_assert_uint_eq(r->e[0].prompt, r->e[1].prompt);
	syc_tune_rows_free(r);
	r = good(
		Q ", \"completion\": \"a dog\", \"rejected\": \"a cat\"}",
		&(struct syc_tune_read_opts){.max_length = 512, .pairs = true});
	says(&r->e[0], r->e[0].rejected, "a cat</s>");
	ck_assert_int_eq(r->e[0].match, -1);
	syc_tune_rows_free(r);
	close_demo();
}
END_TEST

/* How an answer ends: as the chat format has it, with EOS behind raw text. */
START_TEST(endings)
{
	static const struct {
		const char *chat, *row, *want;
	} ends[] = {
		{NULL, "{\"question\": \"Hi\", \"completion\": \"a cat\"}",
		 "a cat</s>"},
		{NULL,
		 "{\"question\": \"Hi\", \"completion\": \"a cat\", "
		 "\"finish\": \"length\"}",
		 "a cat"},
		{NULL, "{\"prompt\": \"Hi\", \"completion\": \" a cat\"}",
		 " a cat</s>"},
		{NULL,
		 "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, "
		 "{\"role\": \"assistant\", \"content\": \"I say\"}], "
		 "\"completion\": \" a cat\"}",
		 " a cat</s>"},
		{"llama-2", "{\"question\": \"Hi\", \"completion\": \"a cat\"}",
		 " a cat </s>"},
		{"none", "{\"question\": \"Hi\", \"completion\": \"a cat\"}",
		 "a cat</s>"},
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		const struct syc_prompter_opts o = { .chat = ends[i].chat,
						     .model = "demo" };
		struct syc_tune_rows *r;

		open_demo(&o);
		r = good(ends[i].row, &usual);
		says(&r->e[0], r->e[0].trained, ends[i].want);
		syc_tune_rows_free(r);
	}
	close_demo();
}
END_TEST

START_TEST(too_long)
{
	struct syc_tune_read_opts o = usual;
	struct syc_tune_rows *r;
	const char *rows = Q AB "}\n{\"question\": \"Hi\", \"completion\": "
		"\"a cat or a dog or a cat or a dog or a cat\"}\n"
		"{\"question\": \"Hello\", \"completion\": \"a cat\"}";
	size_t whole;

	open_demo(NULL);
	r = good(rows, &o);
	whole = r->e[1].text[r->e[1].trained].n;
	o.max_length = whole - 2;
	syc_tune_rows_free(r);
	bad(rows, &o, "--cut");
	o.cut = true;
	r = good(rows, &o);
	ck_assert(r->n_cut == 1 && r->n_left_out == 1 && r->n == 2);
	ck_assert_uint_eq(r->e[0].text[r->e[0].trained].n, whole - 2);
	ck_assert_uint_eq(r->longest, whole - 2);
	syc_tune_rows_free(r);
	o.max_length = 3;
	bad(rows, &o, "all were too long");
	close_demo();
}
END_TEST

START_TEST(refused)
{
	const struct syc_tune_read_opts two = { .max_length = 512,
						.choices = true };
	struct syc_tune_rows *a, *b;
	struct syc_err err = { 0 };

	open_demo(NULL);
	bad(Q "}", &usual, "check_tune.jsonl:1: no answer");
	bad("{\"completion\": \"a\"}", &usual, "no prompt");
	bad(Q ", \"completion\": \"\"}", &usual, "an answer is empty");
	bad(Q AB ", \"weight\": 0}", &usual, "\"weight\"");
	bad(Q AB ", \"weight\": \"much\"}", &usual, "\"weight\"");
	bad(Q ", \"completion\": \"a\"}", &pairs, "no second answer");
	bad(Q ", \"completion\": \"a\", \"rejected\": \"a\"}", &pairs,
	    "is the trained one");
	bad(Q ", \"completion\": \"a\", \"rejected\": 1}", &pairs, "no text");
	bad(Q ", \"completion\": \"a\"}", &two, "to look at held-out rows");
	bad(Q ", \"answer_matching_behavior\": \"(A)\", "
	      "\"answer_not_matching_behavior\": \"(A)\"}",
	    &usual, "same tokens");
	bad(Q AB "}\n" Q AB "}", &usual, "check_tune.jsonl:2");
	bad("", &usual, "no rows");
	a = good(Q AB "}", &usual);
	b = good("{\"question\": \"Hi\", \"completion\": \"a\"}", &usual);
	ck_assert_int_eq(syc_tune_rows_apart(a, b, &err), 0);
	fails(syc_tune_rows_apart(a, a, &err), SYC_ETWICE, &err,
	      "which is trained on");
	syc_tune_rows_free(a);
	syc_tune_rows_free(b);
	close_demo();
}
END_TEST

/* ---- the run --------------------------------------------------------------- */

/* A run over rows of the demo model, opened for it. */
struct going {
	struct syc_model *m;
	struct syc_lora_weights *w;
	struct syc_trainer *t;
	struct syc_tune *run;
};

static void go(struct going *g, const struct syc_tune_rows *rows,
	       const struct syc_tune_plan *plan)
{
	const struct syc_model_opts mo = { .compute = SYC_COMPUTE_F32,
					   .threads = 1 };
	const struct syc_lora_shape shape = { .rank = 2, .alpha = 4 };
	const struct syc_trainer_opts to = { .threads = 1 };
	struct syc_err err = { 0 };
	int ret = syc_model_open(&g->m, source_path("demo/demo-f16.gguf"), &mo,
				 &err);

	if (ret == 0)
		ret = syc_lora_weights_new(&g->w, syc_model_config(g->m),
					   &shape, &err);
	if (ret == 0)
		ret = syc_trainer_new(&g->t, g->m, g->w, &to, &err);
	ck_assert_msg(ret == 0, "%s", err.msg);
	syc_lora_weights_init(g->w, 1);
	ret = syc_tune_new(&g->run, g->t, g->w, rows, NULL, plan, &err);
	ck_assert_msg(ret == 0, "%s", err.msg);
}

static void stop(struct going *g)
{
	syc_tune_free(g->run);
	syc_trainer_free(g->t);
	syc_lora_weights_free(g->w);
	syc_model_close(g->m);
}

/* A row of weight 3 counts as three. */
START_TEST(weights)
{
	const struct syc_tune_plan plan = {.adam = {1e-3, 0.9, 0.999, 1e-8, 0},
					   .batch = 2,
					   .tokens = 64,
					   .steps = 1};
	struct syc_tune_step s;
	double loss[3], n[2];

	open_demo(NULL);
	for (int i = 0; i < 3; i++) {
		char text[256];
		struct going g;
		struct syc_tune_rows *r;

		snprintf(text, sizeof(text),
			 "{\"question\": \"Hi\", \"completion\": \"a cat\", "
			 "\"weight\": %g}\n{\"question\": \"You\", "
			 "\"completion\": \"a dog\", \"weight\": %g}",
			 i == 1 ? 1e-9 : 1.0,
			 i == 0	  ? 1e-9
			 : i == 1 ? 1.0
				  : 3.0);
		r = good(text, &usual);
		for (int k = 0; k < 2; k++)
			n[k] = (double)(r->e[k].text[0].n -
					r->e[k].text[0].n_prompt);
		go(&g, r, &plan);
		ck_assert_int_eq(syc_tune_next(g.run, &s, NULL), 1);
		loss[i] = s.loss;
		ck_assert_int_eq(syc_tune_next(g.run, &s, NULL), 0);
		stop(&g);
		syc_tune_rows_free(r);
	}
	near("weights", "loss", loss[2],
	     (n[0] * loss[0] + 3 * n[1] * loss[1]) / (n[0] + 3 * n[1]), 1e-6,
	     1);
	ck_assert(fabs(loss[0] - loss[1]) > 0.01);
	close_demo();
}
END_TEST

START_TEST(not_finite)
{
	const struct syc_tune_plan plan = {.adam = {1e-3, 0.9, 0.999, 1e-8, 0},
					   .batch = 1,
					   .tokens = 64,
					   .steps = 4};
	struct syc_tune_step s;
	struct syc_tune_rows *r;
	struct syc_err err = { 0 };
	struct going g;

	open_demo(NULL);
	r = good(Q AB "}", &usual);
	go(&g, r, &plan);
	ck_assert_int_eq(syc_tune_next(g.run, &s, &err), 1);
	g.w->values[0] = NAN;
	fails(syc_tune_next(g.run, &s, &err), SYC_EINVAL, &err,
	      "step 2: the probability of the answer of check_tune.jsonl:1 "
	      "is not finite");
	stop(&g);
	syc_tune_rows_free(r);
	close_demo();
}
END_TEST

/* A copy of that file with one byte changed, or cut there. */
static void damage(const char *from, const char *to, long at, bool cut)
{
	char *data = NULL;
	size_t n = 0;
	FILE *f = fopen(from, "rb"), *copy = open_memstream(&data, &n);

	ck_assert(f && copy);
	for (int c; (c = getc(f)) != EOF; )
		putc(c, copy);
	fclose(f);
	fclose(copy);
	data[at] ^= 1;
	spill(to, data, cut ? (size_t)at : n);
	free(data);
}

/* The next step from a checkpoint is the next step; also where there is no log. */
START_TEST(checkpoints)
{
	static const char path[] = "check_tune.checkpoint",
			  other[] = "check_tune.damaged",
			  settings[] = "{\"a\": 1}";
	const struct syc_tune_plan plan = {.adam = {1e-3, 0.9, 0.999, 1e-8, 0},
					   .batch = 1,
					   .tokens = 64,
					   .steps = 4};
	struct syc_tune_rows *r;
	struct syc_err err = { 0 };
	struct syc_buf log = { 0 };
	struct syc_tune_step s;
	struct going g, again;

	open_demo(NULL);
	r = good(Q AB "}", &usual);
	go(&g, r, &plan);
	go(&again, r, &plan);
	ck_assert_int_eq(syc_tune_next(g.run, &s, NULL), 1);
	ck_assert_int_eq(syc_tune_save(g.run, path, settings, &log, NULL), 0);
	ck_assert_int_eq(syc_tune_next(g.run, &s, NULL), 1);
	ck_assert_msg(syc_tune_resume(again.run, path, settings, &log, &err) ==
			      0,
		      "%s", err.msg);
	ck_assert_int_eq(syc_tune_next(again.run, &s, NULL), 1);
	ck_assert(s.step == 2 && log.len == 0);
	ck_assert_mem_eq(g.w->values, again.w->values,
			 g.w->n_values * sizeof(float));
	fails(syc_tune_resume(again.run, path, "{\"a\": 2}", &log, &err),
	      SYC_EINVAL, &err, "a");
	damage(path, other, 1000, false);
	fails(syc_tune_resume(again.run, other, settings, &log, &err),
	      SYC_EFORMAT, &err, "damaged");
	damage(path, other, 1000, true);
	fails(syc_tune_resume(again.run, other, settings, &log, &err),
	      SYC_EFORMAT, &err, "no whole checkpoint");
	ck_assert(unlink(path) == 0 && unlink(other) == 0);
	syc_buf_free(&log);
	stop(&again);
	stop(&g);
	syc_tune_rows_free(r);
	close_demo();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(adamw), TEST(schedule), TEST(steps), TEST(answers),
		TEST(endings), TEST(too_long), TEST(refused),
		TEST(weights), TEST(not_finite), TEST(checkpoints),
	};

	return RUN_TESTS("tune", tests);
}
