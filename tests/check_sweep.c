/* SPDX-License-Identifier: MIT */
/* Sweeps of the demo model: their questions and settings. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "study/sweep/sweep.h"
#include "sweep_plan.h"

/* ---- questions ------------------------------------------------------------------ */

START_TEST(questions_are_read_in_all_variants)
{
	struct syc_sweep_questions q;

	open_prompters();
	write_rows(raw_row, "demo/test-opinion.jsonl", 3, "\n");
	ck_assert_int_eq(read_rows(&q, 512, NULL, NULL), 0);
	ck_assert_uint_eq(q.n, 4);
	ck_assert_str_eq(q.question[0].id, "raw");
	ck_assert_str_eq(q.question[1].id, "test-opinion-000");
	ck_assert_uint_eq(q.question[0].choices.n, 2);
	/* Raw text takes no system message. */
	ck_assert_uint_eq(syc_sweep_questions_same(&q, 1), 1);
	ck_assert_uint_eq(syc_sweep_questions_same(&q, 0), 4);
	ck_assert_uint_gt(q.question[1].prompt[1].n, q.question[1].prompt[0].n);
	syc_sweep_questions_free(&q);
}
END_TEST

START_TEST(rows_that_are_no_questions)
{
	static const struct {
		const char *row, *why;
	} t[] = {
		{"{\"answer_matching_behavior\": \"A\", \"answer_not_matching_behavior\": \"B\"}\n",
		 "no prompt"},
		{"{\"prompt\": \"So\"}\n", "answer_matching_behavior"},
		{"{\"prompt\": \"So\", \"answer_matching_behavior\": \"A\", "
		 "\"answer_not_matching_behavior\": \"A\"}\n",
		 "do not differ"},
		{"{\"prompt_ids\": [], \"answer_matching_behavior\": \"A\", "
		 "\"answer_not_matching_behavior\": \"B\"}\n",
		 ""},
		{"nothing\n", ""},
	};
	struct syc_sweep_questions q;

	open_prompters();
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct skips skips = { 0 };
		struct syc_err err = { 0 };

		write_rows(raw_row, NULL, 0, t[i].row);
		ck_assert_int_lt(read_rows(&q, 512, NULL, &err), 0);
		ck_assert_msg(strstr(err.msg, t[i].why) &&
			      strstr(err.msg, ":2"), "%s", err.msg);
		syc_sweep_questions_free(&q);
		write_rows(t[i].row, "demo/test-opinion.jsonl", 2, t[i].row);
		ck_assert_int_eq(read_rows(&q, 512, &skips, NULL), 0);
		ck_assert_uint_eq(q.n, 2);
		ck_assert_uint_eq(skips.n, 2);
		ck_assert_ptr_nonnull(strstr(skips.why, t[i].why));
		syc_sweep_questions_free(&q);
	}
}
END_TEST

START_TEST(questions_beyond_the_context)
{
	struct syc_sweep_questions q;
	struct skips skips = { 0 };
	struct syc_err err;
	size_t room;

	open_prompters();
	write_rows("", "demo/test-opinion.jsonl", 1, "");
	ck_assert_int_eq(read_rows(&q, 512, NULL, NULL), 0);
	/* The longer variant and the tokens that the answers share, and the one behind. */
	room = q.question[0].prompt[1].n + q.question[0].choices.shared + 1;
	syc_sweep_questions_free(&q);
	write_rows("", "demo/test-opinion.jsonl", 1, "");
	ck_assert_int_eq(read_rows(&q, room, NULL, NULL), 0);
	syc_sweep_questions_free(&q);
	write_rows("", "demo/test-opinion.jsonl", 1, "");
	ck_assert_int_eq(read_rows(&q, room - 1, NULL, &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "do not fit the context"));
	syc_sweep_questions_free(&q);
	write_rows(raw_row, "demo/test-opinion.jsonl", 1, "");
	ck_assert_int_eq(read_rows(&q, room - 1, &skips, NULL), 0);
	ck_assert_uint_eq(q.n, 1);
	ck_assert_uint_eq(skips.n, 1);
	syc_sweep_questions_free(&q);
}
END_TEST

/* ---- settings ----------------------------------------------------------------------- */

static void make(struct fixture *f)
{
	struct syc_err err = { 0 };

	ck_assert_msg(plan_settings(f, &err) == 0, "%s", err.msg);
}

/* "add -2 at 2 draw 1" of every setting, one a line. */
static const char *listing(const struct syc_sweep_settings *s)
{
	static struct syc_buf b;

	b.len = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct syc_sweep_setting *t = &s->setting[i];

		ck_assert(t->reached);
		if (t->kind == SYC_SWEEP_NONE || t->kind == SYC_SWEEP_PROMPT) {
			ck_assert_ptr_null(t->steer);
			syc_buf_printf(&b, "variant %zu\n", t->variant);
			continue;
		}
		ck_assert(t->kind == (t->draw ? SYC_SWEEP_RANDOM :
				      SYC_SWEEP_STEER));
		ck_assert_float_eq(t->rule.scale, (float)t->scale);
		syc_buf_printf(&b, "%s %g at ",
			       syc_steer_op_info(t->rule.op)->name, t->scale);
		syc_sweep_layers_text(&b, t->rule.layers, t->rule.n_layers);
		syc_buf_printf(&b, t->draw ? " draw %zu\n" : "\n", t->draw);
	}
	return b.data;
}

START_TEST(settings_of_a_plan)
{
	struct fixture f;

	set_up(&f);
	f.plan.n_layers = 2;
	f.plan.n_random = 1;
	make(&f);
	ck_assert_str_eq(listing(&f.s),
		"variant 0\n"
		"add -2 at 2\nadd 2 at 2\nablate 1 at 2\nrotate 30 at 2\n"
		"add -2 at 2 draw 1\nadd 2 at 2 draw 1\nablate 1 at 2 draw 1\nrotate 30 at 2 "
		"draw 1\n"
		"add -2 at 2-4\nadd 2 at 2-4\nablate 1 at 2-4\nrotate 30 at 2-4\n"
		"add -2 at 2-4 draw 1\nadd 2 at 2-4 draw 1\nablate 1 at 2-4 draw 1\nrotate 30 "
		"at 2-4 draw 1\n"
		"variant 1\n");
	ck_assert_int_eq(f.s.setting[4].rule.hook, SYC_HOOK_ATTN);
	f.plan.n_ops = f.plan.n_layers = 1;
	f.plan.n_random = 2;
	f.questions.n_variants = 1;
	make(&f);
	ck_assert_str_eq(listing(&f.s),
			 "variant 0\nadd -2 at 2\nadd 2 at 2\nadd -2 at 2 draw 1\n"
			 "add 2 at 2 draw 1\nadd -2 at 2 draw 2\nadd 2 at 2 draw 2\n");
	f.questions.n_variants = 2;
	f.plan.n_vectors = 0;
	make(&f);
	ck_assert_str_eq(listing(&f.s), "variant 0\nvariant 1\n");
	tear_down(&f);
}
END_TEST

START_TEST(layers_and_scales_by_default)
{
	struct fixture f;

	set_up(&f);
	f.plan.n_layers = f.plan.n_random = 0;
	f.op[0] = f.op[1];
	f.plan.n_ops = 1;
	f.questions.n_variants = 1;
	memset(cue->has, 0, cue->n_layers);
	cue->has[1] = cue->has[4] = 1;
	make(&f);
	ck_assert_str_eq(listing(&f.s),
			 "variant 0\nablate 1 at 1\nablate 1 at 4\n");
	f.op[0] = (struct syc_sweep_op){ .rule.op = SYC_STEER_NORM_KEEP };
	cue->has[1] = 0;
	make(&f);
	ck_assert_str_eq(listing(&f.s),
			 "variant 0\nnorm-keep -2 at 4\nnorm-keep -1 at 4\n"
					"norm-keep 1 at 4\nnorm-keep 2 at 4\n");
	/* At equal KL the first of each sign is where the search begins, and 0 is nowhere. */
	f.plan.at_kl = 0.1;
	make(&f);
	ck_assert_str_eq(listing(&f.s),
			 "variant 0\nnorm-keep -2 at 4\nnorm-keep 1 at 4\n");
	f.scale[0] = 0;
	f.op[0] = (struct syc_sweep_op){ .scale = f.scale, .n = 2 };
	make(&f);
	ck_assert_str_eq(listing(&f.s), "variant 0\nadd 2 at 4\n");
	tear_down(&f);
}
END_TEST

START_TEST(a_mean_has_no_random_directions)
{
	struct fixture f;

	set_up(&f);
	f.plan.n_layers = 1;
	f.plan.n_random = 1;
	f.questions.n_variants = 1;
	f.op[0] = (struct syc_sweep_op){ .rule = { .op = SYC_STEER_CLAMP,
						   .to_mean = true } };
	f.plan.n_ops = 2;
	cue->center = calloc(cue->n_layers, sizeof(*cue->center));
	make(&f);
	ck_assert_str_eq(listing(&f.s),
			 "variant 0\nclamp 1 at 2\nablate 1 at 2\nablate 1 at 2 draw 1\n");
	tear_down(&f);
}
END_TEST

static void refused(struct fixture *f, const char *why)
{
	struct syc_err err = { 0 };

	ck_assert_int_eq(plan_settings(f, &err), SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, why), "'%s' lacks '%s'", err.msg, why);
}

START_TEST(vectors_that_cannot_steer)
{
	struct syc_vector *narrow = syc_vector_new(N_LAYERS, DIM / 2);
	struct fixture f;

	set_up(&f);
	f.vector = (struct syc_sweep_vector){ "narrow", narrow };
	narrow->has[2] = 1;
	narrow->v[2 * DIM / 2] = 1;
	refused(&f, "narrow: ");
	f.vector = (struct syc_sweep_vector){ "cue", cue };
	cue->has[3] = 0;
	refused(&f, "cue: ");
	f.layer[0] = N_LAYERS;	/* beyond it, for a random direction, too */
	refused(&f, "cue: ");
	f.layer[0] = 2;
	f.plan.n_layers = 1;
	f.op[0].rule.op = SYC_STEER_N_OPS;
	refused(&f, "operator");
	syc_vector_free(narrow);
	tear_down(&f);
}
END_TEST

static double length(const float *x)
{
	double sq = 0;

	for (size_t i = 0; i < DIM; i++)
		sq += (double)x[i] * (double)x[i];
	return sqrt(sq);
}

static const float *drawn(struct syc_vector **keep, uint64_t seed, size_t draw,
			  uint32_t layer)
{
	const uint32_t list[] = { layer, 5 };

	*keep = random_vector(cue, list, 2, seed, draw);
	ck_assert_ptr_nonnull(*keep);
	ck_assert(!(*keep)->has[0] && (*keep)->has[layer] && (*keep)->has[5]);
	return (*keep)->v + layer * DIM;
}

START_TEST(random_directions_depend_on_seed_draw_and_layer)
{
	static const struct { uint64_t seed; size_t draw; uint32_t layer;
			      } other[] = {
		{ 2, 1, 2 }, { 1, 2, 2 }, { 1, 1, 3 },
	};
	const uint32_t beyond = N_LAYERS;
	struct syc_vector *a, *b;
	const float *x = drawn(&a, 1, 1, 2);

	ck_assert_double_eq_tol(length(x) / length(cue->v + 2 * DIM), 1, 1e-6);
	ck_assert_double_lt(fabs(syc_cosine(x, cue->v + 2 * DIM, DIM)), 0.4);
	ck_assert_mem_eq(drawn(&b, 1, 1, 2), x, DIM * sizeof(*x));
	syc_vector_free(b);
	for (size_t i = 0; i < 3; i++) {
		const float *y = drawn(&b, other[i].seed, other[i].draw,
				       other[i].layer);

		ck_assert_double_lt(fabs(syc_cosine(x, y, DIM)), 0.4);
		syc_vector_free(b);
	}
	b = random_vector(cue, &beyond, 1, 1, 1);
	for (size_t l = 0; l < N_LAYERS; l++)
		ck_assert(!b->has[l]);
	syc_vector_free(a);
	syc_vector_free(b);
}
END_TEST

START_TEST(null_vectors_are_as_long)
{
	const uint32_t list[] = { 2, 5, N_LAYERS };
	struct syc_vector *like = syc_vector_new(N_LAYERS, DIM), *v;

	ck_assert_ptr_nonnull(like);
	like->has[2] = true;
	for (size_t i = 0; i < DIM; i++)
		like->v[2 * DIM + i] = i % 2 ? -3 : 1e-3f;
	v = null_vector(like, cue, list, 3);
	ck_assert(v->has[2] && !v->has[5]);	/* which it lacks */
	ck_assert_double_eq_tol(length(v->v + 2 * DIM) / length(cue->v + 2 * DIM), 1,
				1e-6);
	ck_assert_double_eq_tol(syc_cosine(v->v + 2 * DIM, like->v + 2 * DIM, DIM), 1,
				1e-6);
	syc_vector_free(v);
	syc_vector_free(like);
}
END_TEST

/* Keys: a setting each, at equal KL one for vectors alike in all but length. */
START_TEST(keys_and_cost)
{
	static const struct syc_sweep_null random = { .name = "random", .n = 7 };
	struct syc_sweep_vector two[2] = { { "a", cue }, { "b", cue } };
	struct syc_sweep_cost c;
	struct fixture f;
	double prompts = 0;

	set_up(&f);
	f.plan.vector = two;
	f.plan.n_vectors = 2;
	f.plan.n_random = 0;
	f.plan.n_layers = 1;
	f.plan.control = NULL;
	f.plan.null = &random;
	f.plan.n_nulls = 1;
	make(&f);
	ck_assert_uint_eq(f.s.n_keys, 2 * 4);
	ck_assert_uint_eq(f.s.setting[0].key, SIZE_MAX);
	for (size_t i = 0; i < N_QUESTIONS; i++)
		prompts += (double)f.questions.question[i].prompt[0].n;
	syc_sweep_cost(&c, &f.s, &f.plan);
	ck_assert_uint_eq(c.n_null, 7 * 8);
	ck_assert_double_eq(c.null_tokens, 7 * 8 * prompts);
	ck_assert_double_gt(c.tokens, c.null_tokens + 9 * prompts);
	f.plan.at_kl = 0.1;
	make(&f);
	ck_assert_uint_eq(f.s.n_keys, 4);
	ck_assert_uint_eq(f.s.setting[5].key, f.s.setting[1].key);
	syc_sweep_cost(&c, &f.s, &f.plan);
	ck_assert_double_gt(c.null_tokens, 7 * 4 * prompts);
	tear_down(&f);
}
END_TEST

/* Operators and scales of one draw have one direction: the same vector in their steering. */
START_TEST(one_direction_for_all_operators)
{
	struct fixture f;
	char first[64] = "";

	set_up(&f);
	f.plan.n_layers = 1;
	make(&f);
	for (size_t i = 0; i < f.s.n; i++) {
		struct syc_buf b = { 0 };
		json_t *j, *v;

		if (f.s.setting[i].draw != 2)
			continue;
		ck_assert_int_eq(syc_steer_describe(f.s.setting[i].steer, &b), 0);
		j = json_loadb(b.data, b.len, 0, NULL);
		v = json_object_get(json_array_get(j, 0), "vector");
		ck_assert_ptr_nonnull(json_string_value(v));
		if (!*first)
			snprintf(first, sizeof(first), "%s", json_string_value(v));
		ck_assert_str_eq(json_string_value(v), first);
		json_decref(j);
		syc_buf_free(&b);
	}
	ck_assert_str_ne(first, "");
	tear_down(&f);
}
END_TEST

int main(void)
{
	static const struct test t[] = {
		TEST(questions_are_read_in_all_variants),
		TEST(rows_that_are_no_questions),
		TEST(questions_beyond_the_context),
		TEST(settings_of_a_plan),
		TEST(layers_and_scales_by_default),
		TEST(a_mean_has_no_random_directions),
		TEST(vectors_that_cannot_steer),
		TEST(random_directions_depend_on_seed_draw_and_layer),
		TEST(null_vectors_are_as_long), TEST(keys_and_cost),
		TEST(one_direction_for_all_operators),
	};

	return RUN_ON_DEMO("sweep", t);
}
