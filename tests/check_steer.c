/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <zlib.h>
#include "load.h"

enum { WATCHED = 160, NEW = 8 };

/* ---- the formula, on what passes ------------------------------------------ */

/* What passes a place of one job, by layer and position. */
struct watch {
	enum syc_hook_point point;
	float x[N_LAYERS][WATCHED][DIM];
	int seen[N_LAYERS][WATCHED];
};

static void watch(void *arg, enum syc_hook_point point, uint32_t layer, size_t n,
		  const struct syc_where *at, float *x)
{
	struct watch *w = arg;

	ck_assert_int_eq(point, w->point);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_lt(at[i].pos, WATCHED);
		memcpy(w->x[layer][at[i].pos], x + i * DIM, DIM * sizeof(*x));
		w->seen[layer][at[i].pos]++;
	}
}

static struct watch before, after;

static void run_watched(const struct syc_steer *s, enum syc_hook_point point,
			size_t n_prompt)
{
	const struct syc_hook hooks[] = {
		{ point, watch, &before }, syc_steer_hook(), { point, watch, &after },
	};
	const struct syc_engine_opts o =
		{ .threads = 2, .hooks = hooks, .n_hooks = 3 };
	struct syc_job job = { .id = "w", .tokens = prompt[0].id,
			       .n_tokens = prompt[0].n, .max_new = NEW };
	struct jobs jobs = { .job = &job, .n = 1 };
	struct syc_engine *e;

	memset(&before, 0, sizeof(before));
	memset(&after, 0, sizeof(after));
	before.point = after.point = point;
	syc_steer_job(s, &job, n_prompt);
	ck_assert_int_eq(syc_engine_new(&e, int8, &o, NULL), 0);
	ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
	ck_assert_uint_eq(job.out.n, NEW);
	syc_engine_free(e);
	syc_job_clear(&job);
}

/*
 * The formulas of steer.h as the papers write them, in long double, with the
 * unit vector made first: another way to each result than the library's.
 */
static void expect(const struct syc_steer_rule *r, long double share,
		   const float *v,
		   const float *x, long double *y)
{
	const long double k = share * (long double)r->scale;
	long double u[DIM], len = 0, c = 0, norm = 0, w = 0;

	for (size_t i = 0; i < DIM; i++)
		len += (long double)v[i] * (long double)v[i];
	len = sqrtl(len);
	for (size_t i = 0; i < DIM; i++) {
		u[i] = (long double)v[i] / len;
		c += u[i] * (long double)x[i];
		norm += (long double)x[i] * (long double)x[i];
	}
	for (size_t i = 0; i < DIM; i++)
		w += powl((long double)x[i] - c * u[i], 2);
	w = sqrtl(w);
	for (size_t i = 0; i < DIM; i++) {
		long double xi = (long double)x[i], vi = (long double)v[i], t;

		switch (r->op) {
		case SYC_STEER_ADD: y[i] = xi + k * vi; break;
		case SYC_STEER_ABLATE: y[i] = xi - k * c * u[i]; break;
		case SYC_STEER_ABLATE_ADD:
			y[i] = xi - share * c * u[i] + k * vi;
			break;
		case SYC_STEER_CLAMP:
			y[i] = xi + k * ((long double)r->to - c) * u[i];
			break;
		case SYC_STEER_ROTATE:
			/* Rotate the angle to u in the orthonormal basis of u and w / |w|. */
			t = atan2l(w, c) - k * acosl(-1.0L) / 180;
			y[i] = sqrtl(norm) * (cosl(t) * u[i] +
					      sinl(t) * (xi - c * u[i]) / w);
			break;
		case SYC_STEER_NORM_KEEP: y[i] = xi + k * vi; break;
		case SYC_STEER_N_OPS: ck_abort();
		}
	}
	if (r->op == SYC_STEER_NORM_KEEP) {
		long double to = 0;

		for (size_t i = 0; i < DIM; i++)
			to += y[i] * y[i];
		for (size_t i = 0; i < DIM; i++)
			y[i] *= sqrtl(norm / to);
	}
}

static double component(const float *x, const float *v)
{
	double d = 0, sq = 0;

	for (size_t i = 0; i < DIM; i++) {
		d += (double)x[i] * (double)v[i];
		sq += (double)v[i] * (double)v[i];
	}
	return d / sqrt(sq);
}

static double length(const float *x)
{
	return sqrt(component(x, x) * component(x, x));
}

/* Where steered the formula, to a unit in the last place; elsewhere the same bytes. */
static size_t check_place(const struct syc_steer_rule *r, uint32_t l, size_t p,
			  long double share)
{
	const float *x = before.x[l][p], *got = after.x[l][p],
		*v = cue->v + l * DIM;
	double c = component(x, v);
	bool on = share > 0;

	ck_assert_int_eq(before.seen[l][p], after.seen[l][p]);
	ck_assert_int_le(before.seen[l][p], 1);
	if (r->side)
		on = on && (r->side == SYC_STEER_POSITIVE ? c > 0 : c < 0);
	for (size_t i = 0; i < r->n_layers && r->layers[i] != l; i++)
		on = on && i + 1 < r->n_layers;
	if (!on) {
		ck_assert_mem_eq(x, got, DIM * sizeof(*x));
		return 0;
	}
	long double y[DIM];

	expect(r, share, v, x, y);
	for (size_t i = 0; i < DIM; i++) {
		long double size = fabsl(y[i]) + fabsl((long double)x[i]) +
			fabsl(y[i] - (long double)x[i]);

		ck_assert_msg(fabsl((long double)got[i] - y[i]) <= 1.2e-7L * size,
			      "op %d layer %u pos %zu: %.9g, not %.9Lg",
			      r->op, l, p, (double)got[i], y[i]);
	}
	return 1;
}

static const uint32_t two[] = { 1, 4 }, third[] = { 3 };

START_TEST(operators_do_what_they_say)
{
	static const struct syc_steer_rule rules[] = {
		{ .op = SYC_STEER_ADD, .scale = -1.5f, .layers = two, .n_layers = 2 },
		{ .op = SYC_STEER_ABLATE, .scale = 1, .layers = two, .n_layers = 2 },
		{ .op = SYC_STEER_ABLATE, .scale = 0.3f },
		{ .op = SYC_STEER_ABLATE_ADD, .scale = 2, .layers = third, .n_layers = 1 },
		{ .op = SYC_STEER_CLAMP, .scale = 1, .to = -0.75f, .layers = two, .n_layers = 2 },
		{ .op = SYC_STEER_CLAMP, .scale = 0.5f, .to = 3, .layers = third, .n_layers = 1 },
		{ .op = SYC_STEER_ROTATE, .scale = 40, .layers = two, .n_layers = 2 },
		{ .op = SYC_STEER_ROTATE, .scale = -170, .layers = third, .n_layers = 1 },
		{ .op = SYC_STEER_NORM_KEEP, .scale = 3, .layers = two, .n_layers = 2 },
		{ .op = SYC_STEER_ABLATE, .scale = 1, .side = SYC_STEER_POSITIVE },
		{ .op = SYC_STEER_ADD, .scale = 2, .side = SYC_STEER_NEGATIVE },
	};
	static const enum syc_hook_point hooks[] =
		{ SYC_HOOK_BLOCK, SYC_HOOK_ATTN, SYC_HOOK_MLP };

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules) * 3; i++) {
		struct syc_steer_rule r = rules[i / 3];
		struct syc_steer *s;
		size_t n = 0, all = 0;

		r.hook = hooks[i % 3];
		s = steer_by(&r, 1);
		run_watched(s, r.hook, prompt[0].n);
		for (uint32_t l = 0; l < N_LAYERS; l++)
			for (size_t p = 0; p < prompt[0].n + NEW - 1; p++, all++)
				n += check_place(&r, l, p, 1);
		ck_assert_uint_gt(n, 0);
		if (r.side)	/* the data has both sides */
			ck_assert_uint_lt(n, all);
		else
			ck_assert_uint_eq(n * N_LAYERS,
					  all * (r.n_layers ? r.n_layers :
						 N_LAYERS));
		syc_steer_free(s);
	}
}
END_TEST

/* What each is for, apart from any formula. */
START_TEST(operators_reach_their_end)
{
	static const struct syc_steer_rule ablate =
		{ .op = SYC_STEER_ABLATE, .scale = 1, .layers = third,
		  .n_layers = 1 };
	static const struct syc_steer_rule clamp =
		{ .op = SYC_STEER_CLAMP, .scale = 1, .to = 2.5f,
		  .layers = third, .n_layers = 1 };
	static const struct syc_steer_rule turn =
		{ .op = SYC_STEER_ROTATE, .scale = 25, .layers = third,
		  .n_layers = 1 };
	static const struct syc_steer_rule keep =
		{ .op = SYC_STEER_NORM_KEEP, .scale = 5, .layers = third,
		  .n_layers = 1 };
	const float *v = cue->v + 3 * DIM;
	const struct syc_steer_rule *const rules[] =
		{ &ablate, &clamp, &turn, &keep };

	for (size_t i = 0; i < 4; i++) {
		struct syc_steer *s = steer_by(rules[i], 1);

		run_watched(s, SYC_HOOK_BLOCK, prompt[0].n);
		for (size_t p = 0; p < prompt[0].n; p++) {
			const float *x = before.x[3][p], *y = after.x[3][p];
			double was = acos(component(x, v) / length(x)),
				is = acos(component(y, v) / length(y));

			if (i == 0)
				ck_assert_double_eq_tol(component(y, v), 0, 1e-5);
			if (i == 1)
				ck_assert_double_eq_tol(component(y, v), 2.5, 1e-5);
			if (i >= 2)
				ck_assert_double_eq_tol(length(y) / length(x),
							1, 1e-6);
			if (i == 2)
				ck_assert_double_eq_tol(was - is,
							25 * acos(-1) / 180,
							1e-5);
			if (i == 3)
				ck_assert(component(y, v) > component(x, v));
		}
		syc_steer_free(s);
	}
}
END_TEST

START_TEST(rules_in_their_order)
{
	static const struct syc_steer_rule a =
		{ .op = SYC_STEER_ABLATE, .scale = 1, .layers = third,
		  .n_layers = 1 };
	static const struct syc_steer_rule b =
		{ .op = SYC_STEER_ADD, .scale = 2, .layers = third,
		  .n_layers = 1 };
	const struct syc_steer_rule order[2][2] = { { a, b }, { b, a } };
	const float *v = cue->v + 3 * DIM;

	for (int i = 0; i < 2; i++) {
		struct syc_steer *s = steer_by(order[i], 2);

		run_watched(s, SYC_HOOK_BLOCK, prompt[0].n);
		ck_assert_double_eq_tol(component(after.x[3][40], v),
					i ? 0 : 2 * length(v), 1e-4);
		syc_steer_free(s);
	}
}
END_TEST

/* ---- at which tokens --------------------------------------------------------- */

START_TEST(tokens_as_stated)
{
	const size_t half = prompt[0].n - 10;	/* then an answer is given, too */
	static const struct {
		enum syc_steer_when when;
		uint32_t count, decay;
	} cases[] = {
		{ SYC_STEER_ALL, 0, 0 }, { SYC_STEER_PROMPT, 0, 0 }, { SYC_STEER_LAST, 0, 0 },
		{ SYC_STEER_GENERATED, 0, 0 }, { SYC_STEER_AFTER, 3, 0 }, { SYC_STEER_AFTER, 0, 0 },
		{ SYC_STEER_FIRST, 2, 0 }, { SYC_STEER_ALL, 0, 9 }, { SYC_STEER_GENERATED, 0, 4 },
		{ SYC_STEER_AFTER, 2, 3 }, { SYC_STEER_PROMPT, 0, 1000 },
	};

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		const size_t n_prompt = i % 2 ? half : prompt[0].n, c = i / 2,
			n = cases[c].count;
		const struct syc_steer_rule r = {
			.op = SYC_STEER_ADD, .scale = 1, .when = cases[c].when,
				.count = cases[c].count,
			.decay = cases[c].decay, .layers = third, .n_layers = 1,
		};
		struct syc_steer *s = steer_by(&r, 1);

		run_watched(s, SYC_HOOK_BLOCK, n_prompt);
		for (size_t p = 0; p < prompt[0].n + NEW - 1; p++) {
			size_t from = 0;
			bool on = true;

			switch (r.when) {
			case SYC_STEER_ALL: break;
			case SYC_STEER_PROMPT: on = p < n_prompt; break;
			case SYC_STEER_LAST: from = n_prompt - 1; on = p == from; break;
			case SYC_STEER_GENERATED: from = n_prompt; on = p >= from; break;
			case SYC_STEER_AFTER: from = n_prompt + n; on = p >= from; break;
			case SYC_STEER_FIRST:
				from = n_prompt;
				on = p >= from && p < from + n;
				break;
			}
			check_place(&r, 3, p, !on ? 0 : !r.decay ? 1 :
				    fmaxl(0, 1 - (long double)(p -
							       from) / r.decay));
		}
		syc_steer_free(s);
	}
}
END_TEST

/* ---- what is refused ----------------------------------------------------------------- */

static void refused(const struct syc_vector *v, struct syc_steer_rule r,
		    const char *why)
{
	struct syc_err err = { 0 };
	struct syc_steer *s;

	ck_assert_int_eq(syc_steer_new(&s, int8, NULL), 0);
	ck_assert_int_eq(syc_steer_apply(s, v, &r, &err), SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, why) != NULL, "%s", err.msg);
	syc_steer_free(s);
}

START_TEST(bad_rules)
{
	struct syc_vector *v = syc_vector_new(N_LAYERS, DIM),
		*narrow = syc_vector_new(N_LAYERS, DIM / 2);
	const uint32_t zero = 1, nan = 0, none = 2, beyond = 6;

	v->has[0] = v->has[1] = narrow->has[1] = 1;
	v->v[5] = NAN;
	narrow->v[DIM / 2] = 1;
	refused(v, (struct syc_steer_rule){ .scale = 1, .layers = &zero,
					    .n_layers = 1 }, "layer 1 is zero");
	refused(v, (struct syc_steer_rule){ .scale = 1, .layers = &nan,
					    .n_layers = 1 },
						    "layer 0 is not finite");
	refused(v, (struct syc_steer_rule){ .scale = 1, .layers = &none,
					    .n_layers = 1 },
						    "no vector for layer 2");
	refused(v, (struct syc_steer_rule){ .scale = 1, .layers = &beyond,
					    .n_layers = 1 }, "0 to 5");
	refused(narrow, (struct syc_steer_rule){ .scale = 1 }, "128");
	refused(cue, (struct syc_steer_rule){ .scale = NAN }, "scale");
	refused(cue, (struct syc_steer_rule){ .op = SYC_STEER_ROTATE,
					      .scale = 200 }, "180");
	refused(cue, (struct syc_steer_rule){ .op = SYC_STEER_CLAMP, .scale = 1,
					      .to = INFINITY }, "clamp");
	refused(cue, (struct syc_steer_rule){ .op = SYC_STEER_CLAMP, .scale = 1,
					      .to_mean = true }, "not known");
	syc_vector_free(v);
	syc_vector_free(narrow);
}
END_TEST

/* What a row says agrees with what the operator does. */
START_TEST(rows)
{
	const struct syc_steer_rule none = { .op = SYC_STEER_N_OPS, .scale = 1 };

	for (unsigned i = 0; i < SYC_STEER_N_OPS; i++) {
		const struct syc_steer_op_info *op =
			syc_steer_op_info((enum syc_steer_op)i);
		struct syc_steer_rule r = { .op = (enum syc_steer_op)i };

		ck_assert_ptr_eq(syc_steer_op_find(op->name), op);
		ck_assert_uint_gt(op->n_scales, 0);
		ck_assert(op->full <= op->limit && (op->way == 0) == op->needs_to);
		for (size_t k = 0; k < op->n_scales; k++) {
			struct syc_steer *s;

			r.scale = (float)op->scales[k];
			ck_assert_int_eq(syc_steer_new(&s, int8, NULL), 0);
			ck_assert_int_eq(syc_steer_apply(s, cue, &r, NULL), 0);
			syc_steer_free(s);
			ck_assert(fabs(op->scales[k]) <= op->full);
			ck_assert(!op->one_way || op->scales[k] > 0);
		}
	}
	ck_assert_ptr_null(syc_steer_op_info(SYC_STEER_N_OPS));
	ck_assert_ptr_null(syc_steer_op_find("remove"));
	refused(cue, none, "no operator");
}
END_TEST

START_TEST(rules_from_text)
{
	static const char *const bad[][2] = {
		{ "op=remove", "norm-keep" }, { "hook=head", "mlp" }, { "when=first", "first:N" },
		{ "when=all:3", "no number" }, { "when=first:0", "tokens" },
		{ "when=after:-1", "tokens" },
		{ "decay=0", "tokens" }, { "decay=1e9", "tokens" },
		{ "if=maybe", "both" }, { "op=clamp", "to=" },
		{ "to=3", "op=clamp" }, { "op=clamp,to=x", "number or mean" },
		{ "op=clamp,to=nan", "number" },
		{ "", "knows" }, { "op", "knows" }, { "op=add,", "knows" },
		{ "shape=round", "knows" },
	};
	struct syc_steer_rule r = { .scale = 7 }, was;
	struct syc_err err = { 0 };

	ck_assert_int_eq(syc_steer_rule_parse(&r,
			"op=ablate+add,hook=attn,when=after:12,if=negative,decay=5", &err), 0);
	ck_assert(r.op == SYC_STEER_ABLATE_ADD && r.hook == SYC_HOOK_ATTN &&
		  r.when == SYC_STEER_AFTER);
	ck_assert(r.count == 12 && r.side == SYC_STEER_NEGATIVE &&
		  r.decay == 5 && r.scale == 7);
	r = (struct syc_steer_rule){ 0 };
	ck_assert_int_eq(syc_steer_rule_parse(&r, "to=mean,op=clamp", &err), 0);
	ck_assert(r.op == SYC_STEER_CLAMP && r.to_mean);
	was = r = (struct syc_steer_rule){ 0 };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(syc_steer_rule_parse(&r, bad[i][0], &err),
				 SYC_EINVAL);
		ck_assert_msg(strstr(err.msg, bad[i][1]) != NULL, "%s: %s",
			      bad[i][0], err.msg);
		ck_assert_mem_eq(&r, &was, sizeof(r));
	}
}
END_TEST

START_TEST(specs)
{
	char spec[1100];
	struct syc_buf b = { 0 };
	struct syc_err err = { 0 };
	struct syc_steer *s;

	ck_assert_int_eq(syc_vector_write(cue, "steer-test.gguf",
					  SYC_VECTOR_AUTO, NULL), 0);
	ck_assert_int_eq(syc_steer_new(&s, int8, NULL), 0);
	snprintf(spec, sizeof(spec), "steer-test.gguf:-2@1,3-4");
	ck_assert_msg(syc_steer_parse(s, spec, &err) == 0, "%s", err.msg);
	snprintf(spec, sizeof(spec),
		 "steer-test.gguf@1,3-4,op=clamp,to=0.5,when=first:3,hook=mlp,if=positive,decay=2");
	ck_assert_msg(syc_steer_parse(s, spec, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(syc_steer_describe(s, &b), 0);
	ck_assert_msg(strstr(b.data,
			     "\"scale\": -2, \"layers\": [1, 3, 4]}, {") != NULL, "%s", b.data);
	ck_assert_msg(strstr(b.data,
			"\"scale\": 1, \"layers\": [1, 3, 4], \"op\": \"clamp\", \"to\": 0.5, "
			"\"hook\": \"mlp\", "
			     "\"if\": \"positive\", \"when\": \"first:3\", \"decay\": 2}]") != NULL,
			     "%s", b.data);
	ck_assert_int_eq(syc_steer_parse(s, "steer-test.gguf,op=rotate", &err),
			 SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "degrees"));
	ck_assert_int_eq(syc_steer_parse(s, "steer-test.gguf@9,op=ablate",
					 &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "0 to 5"));
	ck_assert_int_eq(syc_steer_parse(s, "steer-test.gguf,op=clamp,to=mean",
					 &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "not known"));
	ck_assert_int_eq(syc_steer_parse(s, "steer-test.gguf,op=none", &err),
			 SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "steer-test.gguf: op=none"));
	remove("steer-test.gguf");
	syc_buf_free(&b);
	syc_steer_free(s);
}
END_TEST

static const struct test tests[] = {
	TEST(operators_do_what_they_say),
	TEST(operators_reach_their_end),
	TEST(rules_in_their_order),
	TEST(tokens_as_stated),
	TEST(bad_rules),
	TEST(rows),
	TEST(rules_from_text),
	TEST(specs),
};

int main(void)
{
	return RUN_ON_DEMO("steer", tests);
}
