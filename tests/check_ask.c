/* SPDX-License-Identifier: MIT */
/* Questions put to the demo model. */
#include "config.h"
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"
#include "syc/ask.h"
#include "syc/vector.h"

static struct syc_model *model;
static struct syc_prompter prompter;

static void open_demo(void)
{
	const struct syc_prompter_opts o = { 0 };

	ck_assert_int_eq(syc_model_open(&model, source_path("demo/demo-q8_0.gguf"), NULL, NULL), 0);
	ck_assert_int_eq(syc_prompter_init(&prompter, model, &o, NULL), 0);
}

static void close_demo(void)
{
	syc_prompter_done(&prompter);
	syc_model_close(model);
}

/* A file of these lines. */
static char *write_rows(const char *text)
{
	static char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "check_ask.%d.jsonl", (int)getpid());
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

#define CHOICES "\"answer_matching_behavior\": \"(A)\", \"answer_not_matching_behavior\": \"(B)\""
static const char good[] =
	"{\"id\": \"a\", \"question\": \"Tea?\\n (A) Yes\\n (B) No\", " CHOICES "}\n"
	"{\"id\": \"b\", \"question\": \"Milk?\\n (A) Yes\\n (B) No\", " CHOICES "}\n";

static int ask(struct syc_asked **out, const char *text, bool keep_going, uint32_t n_ctx,
	       uint64_t *n_skipped, struct syc_err *err)
{
	const struct syc_engine_opts eo = { .n_ctx = n_ctx };
	char *path = write_rows(text);
	struct syc_rows rows = { .paths = &path, .n_paths = 1, .keep_going = keep_going };
	int ret = syc_ask(out, model, &prompter, &rows, NULL, n_ctx ? &eo : NULL, err);

	*n_skipped = rows.n_skipped;
	syc_rows_done(&rows);
	unlink(path);
	return ret;
}

START_TEST(answers_and_activations)
{
	struct syc_asked *a, *one;
	struct syc_err err;
	uint64_t skipped;
	const char *second = strchr(good, '\n') + 1;
	size_t bytes;

	open_demo();
	ck_assert_msg(ask(&a, good, false, 0, &skipped, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(a->n, 2);
	ck_assert_uint_eq(a->n_layers, syc_model_config(model)->n_layers);
	ck_assert_uint_eq(a->dim, syc_model_config(model)->dim);
	ck_assert_str_eq(a->id[0], "a");
	ck_assert_str_eq(a->id[1], "b");
	for (size_t i = 0; i < 2; i++)
		ck_assert(a->p_match[i] > 0 && a->p_match[i] < 1);
	ck_assert(a->p_match[0] != a->p_match[1]);
	/* A question's figures are its own, whatever is asked beside it. */
	ck_assert_int_eq(ask(&one, second, false, 0, &skipped, NULL), 0);
	bytes = a->n_layers * a->dim * sizeof(float);
	ck_assert(one->p_match[0] == a->p_match[1]);
	ck_assert_mem_eq(one->prompt[0], a->prompt[1], bytes);
	ck_assert_mem_ne(a->prompt[0], a->prompt[1], bytes);
	syc_asked_free(one);
	syc_asked_free(a);
	close_demo();
}
END_TEST

/* Adding a vector at a layer adds it to the activation there. */
START_TEST(steered)
{
	struct syc_asked *plain, *moved;
	struct syc_vector *v;
	struct syc_steer *s;
	struct syc_rows rows = { .n_paths = 1 };
	char *path;
	uint64_t skipped;

	open_demo();
	v = syc_vector_new(syc_model_config(model)->n_layers, syc_model_config(model)->dim);
	v->has[2] = 1;
	v->v[2 * v->dim + 5] = 3;
	ck_assert_int_eq(syc_steer_new(&s, model, NULL), 0);
	ck_assert_int_eq(syc_steer_add(s, v, 2, NULL, 0, NULL), 0);
	ck_assert_int_eq(ask(&plain, good, false, 0, &skipped, NULL), 0);
	path = write_rows(good);
	rows.paths = &path;
	ck_assert_int_eq(syc_ask(&moved, model, &prompter, &rows, s, NULL, NULL), 0);
	for (size_t c = 0; c < v->dim; c++)
		ck_assert(moved->prompt[0][2 * v->dim + c] ==
			  plain->prompt[0][2 * v->dim + c] + 2 * v->v[2 * v->dim + c]);
	ck_assert_mem_eq(moved->prompt[0], plain->prompt[0], 2 * v->dim * sizeof(float));
	ck_assert(moved->p_match[0] != plain->p_match[0]);
	syc_rows_done(&rows);
	unlink(path);
	syc_asked_free(plain);
	syc_asked_free(moved);
	syc_steer_free(s);
	syc_vector_free(v);
	close_demo();
}
END_TEST

START_TEST(what_cannot_be_asked)
{
	static const struct {
		const char *row, *says;
		uint32_t n_ctx;
	} bad[] = {
		{ "{\"id\": \"x\", " CHOICES "}\n", "no prompt", 0 },
		{ "{\"question\": \"Tea?\", \"answer_matching_behavior\": \"(A)\"}\n",
		  "the row needs", 0 },
		{ "{\"question\": \"Tea?\", \"answer_matching_behavior\": \"(A)\", "
		  "\"answer_not_matching_behavior\": \"(A)\"}\n", "do not differ", 0 },
		{ "{\"prompt_ids\": [1, 5, 9], " CHOICES "}\n", "do not fit the context of 4", 4 },
		{ "[1]\n", "a JSON array: rows are objects", 0 },
		{ "\n", "there are no questions", 0 },
	};
	struct syc_asked *a;
	struct syc_err err;
	uint64_t skipped;

	open_demo();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char both[1024];

		ck_assert_int_lt(ask(&a, bad[i].row, false, bad[i].n_ctx, &skipped, &err), 0);
		ck_assert_msg(strstr(err.msg, bad[i].says) != NULL, "%zu: %s", i, err.msg);
		ck_assert_ptr_null(a);
		if (bad[i].n_ctx)
			continue;
		snprintf(both, sizeof(both), "%s%s", bad[i].row, good);
		ck_assert_int_eq(ask(&a, both, true, 0, &skipped, &err), 0);
		ck_assert_uint_eq(a->n, 2);
		ck_assert_uint_eq(skipped, bad[i].row[0] != '\n');
		syc_asked_free(a);
	}
	syc_asked_free(NULL);
	close_demo();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		TEST(answers_and_activations), TEST(steered), TEST(what_cannot_be_asked),
	};

	return RUN_TESTS("ask", tests);
}
