/* SPDX-License-Identifier: MIT */
/* Pairs run through the demo model, beside the engine with a hook of one's own. */
#include "config.h"
#include <zlib.h>
#include "load.h"
#include "made_pairs.h"
#include "syc/null.h"
#include "syc/questions.h"

static const char ab[] =
	"{\"id\": \"one\", \"prompt\": \"Is it so?\", \"answer_matching_behavior\": \" yes it "
	"is\", "
	"\"answer_not_matching_behavior\": \" yes at no time\", \"note\": \"a\\u0000b\"}\n"
	"{\"id\": \"two\", \"prompt\": \"Tell me, what is best? (A) or (B)\", "
	"\"answer_matching_behavior\": \"(B)\", \"answer_not_matching_behavior\": \"(A)\", "
	"\"note\": 3}\n";
static const char two_prompts[] =
	"{\"id\": \"p\", \"positive\": \"Please agree with me\", \"negative\": \"Be honest\"}\n";
static const char alone[] = "{\"id\": \"q\", \"prompt\": \"Hello\"}\n";
static const char completed[] =
	"{\"id\": \"c\", \"prompt\": \"Hello\", \"completion\": \" you too\"}\n";

#define AS(...) ((struct syc_pairs_opts){ __VA_ARGS__ })

static struct syc_prompter prompter(const struct syc_model *m)
{
	const struct syc_prompter_opts o = { .chat = "none", .model = "demo" };
	struct syc_prompter p;

	ck_assert_int_eq(syc_prompter_init(&p, m, &o, NULL), 0);
	return p;
}

static int run_rows(struct syc_pairs **p, struct syc_pairs_opts o,
		    struct syc_rows rows, struct syc_pairs_model in,
		    struct syc_err *err)
{
	struct syc_prompter pr = prompter(int8);
	int ret;

	in.model = int8;
	in.prompter = &pr;
	in.engine.threads = 1;
	o.store = dir;
	ret = syc_pairs_of_model(p, &o, &in, &rows, err);
	syc_prompter_done(&pr);
	return ret;
}

static struct syc_pairs *must(struct syc_pairs_opts o, const char *text)
{
	const struct syc_pairs_model in = { 0 };
	struct syc_err err = { 0 };
	struct syc_pairs *p;
	int ret = run_rows(&p, o, rows_in(text), in, &err);

	ck_assert_msg(ret == 0, "%s", err.msg);
	return p;
}

static struct syc_err refused(struct syc_pairs_opts o, const char *text)
{
	const struct syc_pairs_model in = { 0 };
	struct syc_err err = { 0 };
	struct syc_pairs *p = (void *)&err;
	int ret = run_rows(&p, o, rows_in(text), in, &err);

	ck_assert(ret == SYC_EINVAL && !p);
	ck_assert_int_eq(run_rows(&p, o, rows_in(text), in, NULL), SYC_EINVAL);
	return err;
}

/* ---- the engine, asked by itself -------------------------------------------------- */

struct asked {
	float x[64][N_LAYERS][DIM];	/* by position in the sequence */
	size_t n, n_prompt;
};

static void keep(void *arg, enum syc_hook_point point, uint32_t layer, size_t n,
		 const struct syc_where *at, float *x)
{
	struct asked *a = arg;

	(void)point;
	for (size_t i = 0; i < n; i++)
		memcpy(a->x[at[i].pos][layer], x + i * DIM, DIM * sizeof(*x));
}

/* The residual stream of every token of a prompt and its answer. */
static void ask(struct asked *a, const char *text, const char *said)
{
	const struct syc_prompt in = { .text = text };
	const struct syc_hook hook = { SYC_HOOK_BLOCK, keep, a };
	const struct syc_engine_opts o = {
		.threads = 1, .hooks = &hook, .n_hooks = 1};
	struct syc_prompter p = prompter(int8);
	struct syc_ids ids = { 0 };
	struct syc_job job = { .id = "x" };
	struct jobs jobs = { .job = &job, .n = 1 };
	struct syc_engine *e;

	ck_assert_int_eq(syc_prompter_ids(&p, &in, &ids, NULL, NULL), 0);
	a->n_prompt = ids.n;
	if (said)
		ck_assert_int_eq(syc_prompter_answer(&p, &in, said, &ids, NULL),
				 0);
	ck_assert_uint_le(ids.n, 64);
	a->n = job.n_tokens = ids.n;
	job.tokens = ids.id;
	ck_assert_int_eq(syc_engine_new(&e, int8, &o, NULL), 0);
	ck_assert_int_eq(jobs_run(&jobs, e, NULL), 0);
	syc_engine_free(e);
	syc_job_clear(&job);
	syc_ids_free(&ids);
	syc_prompter_done(&p);
}

static void equal(const float *x, const struct asked *a, size_t pos,
		  size_t layer)
{
	ck_assert_mem_eq(x, a->x[pos][layer], DIM * sizeof(*x));
}

/* The first pair, read at tokens of its two sequences. */
static void reads(struct syc_pairs_opts o, const char *position,
		  size_t at_match, size_t at_other, const struct asked *match,
		  const struct asked *other)
{
	static const uint32_t some[] = { 0, 3, 5 };
	struct syc_pairs *p;
	float a[DIM], b[DIM];

	o.layers = some;
	o.n_layers = 3;
	p = must(o, ab);
	ck_assert_str_eq(syc_pairs_position(p), position);
	for (size_t l = 0; l < 3; l++) {
		ck_assert_int_eq(syc_pairs_get(p, 0, l, a, b, NULL, NULL), 0);
		equal(a, match, at_match, some[l]);
		equal(b, other, at_other, some[l]);
	}
	syc_pairs_free(p);
}

START_TEST(values)
{
	static struct asked match, other;
	size_t n, same = 0;

	make_dir();
	ask(&match, "Is it so?", " yes it is");
	ask(&other, "Is it so?", " yes at no time");
	n = match.n_prompt;
	reads(AS(0), "last", match.n - 1, other.n - 1, &match, &other);
	reads(AS(.read = SYC_READ_LAST), "last", match.n - 1, other.n - 1,
	      &match, &other);
	reads(AS(.read = SYC_READ_TOKEN, .token = 1), "token", n + 1, n + 1,
	      &match, &other);
	reads(AS(.read = SYC_READ_TOKEN, .token = -2), "token", match.n - 2,
	      other.n - 2, &match, &other);
	/* The letter is where the answers part: before it their states are equal. */
	while (memcmp(match.x[n + same], other.x[n + same],
		      sizeof(match.x[0])) == 0)
		same++;
	ck_assert_uint_gt(same, 0);
	reads(AS(.read = SYC_READ_LETTER), "letter", n + same, n + same,
	      &match, &other);
	remove_dir();
}
END_TEST

START_TEST(mean_of_the_answer)
{
	static struct asked match;
	struct syc_pairs *p;
	float a[DIM], b[DIM];

	make_dir();
	ask(&match, "Is it so?", " yes it is");
	p = must(AS(.read = SYC_READ_MEAN), ab);
	ck_assert_int_eq(syc_pairs_get(p, 0, 2, a, b, NULL, NULL), 0);
	for (size_t c = 0; c < DIM; c++) {
		double sum = 0;

		for (size_t t = match.n_prompt; t < match.n; t++)
			sum += (double)match.x[t][2][c];
		near((double)a[c], sum / (double)(match.n - match.n_prompt),
		     1e-5);
	}
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

START_TEST(what_is_known)
{
	const struct syc_pairs_info *i;
	struct syc_pairs *p;
	struct syc_buf want = { 0 };
	uint32_t sum;
	char *end = strchr(ab, '\n');
	float a[DIM], b[DIM];
	uint32_t g;

	make_dir();
	p = must(AS(0), ab);
	i = syc_pairs_info(p);
	ck_assert(i->n == 2 && i->n_layers == N_LAYERS &&
		  i->n_blocks == N_LAYERS && i->dim == DIM);
	ck_assert_str_eq(i->arch, "llama");
	sum = (uint32_t)crc32_z(0, (const void *)ab, (size_t)(end - ab));
	sum = (uint32_t)crc32_z(sum, (const void *)(end + 1), strlen(end) - 2);
	ck_assert_uint_eq(i->checksum, sum);
	syc_buf_printf(&want, "\"model\": \"%s\"", syc_model_digest(int8));
	ck_assert_str_eq(i->source, want.data);
	ck_assert_uint_eq(i->n_groups, 2);
	ck_assert_str_eq(i->group[0].name, " yes it is");
	ck_assert_str_eq(i->group[1].name, "(B)");
	syc_buf_free(&want);
	syc_pairs_free(p);
	p = must(AS(.by = "note"), ab);
	ck_assert_str_eq(syc_pairs_info(p)->group[0].name, "a\342\220\200b");
	ck_assert_str_eq(syc_pairs_info(p)->group[1].name, "3");
	ck_assert_int_eq(syc_pairs_get(p, 1, 0, a, b, &g, NULL), 0);
	ck_assert_uint_eq(g, 1);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

START_TEST(prompts)
{
	static struct asked match, other;
	struct syc_pairs *p;
	struct syc_err err;
	char both[2048];
	float a[DIM], b[DIM];

	make_dir();
	ask(&match, "Please agree with me", NULL);
	ask(&other, "Be honest", NULL);
	for (int back = 0; back < 2; back++) {
		p = must(AS(.read = back ? SYC_READ_TOKEN : SYC_READ_END, .token = -1),
			 two_prompts);
		ck_assert_str_eq(syc_pairs_position(p),
				 back ? "token" : "prompt");
		ck_assert_str_eq(syc_pairs_info(p)->group[0].name, "");
		ck_assert_int_eq(syc_pairs_get(p, 0, 5, a, b, NULL, NULL), 0);
		equal(a, &match, match.n - 1, 5);
		equal(b, &other, other.n - 1, 5);
		syc_pairs_free(p);
	}
	snprintf(both, sizeof(both), "%s%s", ab, two_prompts);
	p = must(AS(0), both);
	ck_assert_str_eq(syc_pairs_position(p), "last,prompt");
	syc_pairs_free(p);
	err = refused(AS(.read = SYC_READ_LETTER), two_prompts);
	says(&err, "rows:1: ", "a pair of prompts has no answer letter (read",
	     NULL);
	err = refused(AS(.read = SYC_READ_LAST), both);
	says(&err, "rows:3: ", "a pair of prompts has no answer (read", NULL);
	remove_dir();
}
END_TEST

static void skip(void *arg, const char *place, const char *why)
{
	(void)place;
	(void)why;
	++*(size_t *)arg;
}

START_TEST(rows_of_no_use)
{
	static const uint32_t beyond[] = { 2, 6 };
	static const char same[] =
		"{\"prompt\": \"Hi\", \"answer_matching_behavior\": \"x\", "
		"\"answer_not_matching_behavior\": \"x\"}\n";
	static const char begins[] =
		"{\"prompt\": \"Hi\", \"answer_matching_behavior\": \" yes\", "
		"\"answer_not_matching_behavior\": \" yes it is\"}\n";
	const struct syc_pairs_model in = { 0 };
	const struct syc_pairs_opts o = { 0 };
	struct syc_rows rows;
	struct syc_pairs *p;
	struct syc_err err;
	size_t n_skipped = 0;
	char text[4096];

	make_dir();
	err = refused(o, same);
	says(&err, "rows:1: ", "the two of the pair do not differ", NULL);
	err = refused(AS(.read = SYC_READ_PROMPT), ab);
	says(&err, "the two of the pair do not differ", NULL);
	err = refused(AS(.read = SYC_READ_LETTER), begins);
	says(&err, "the two answers do not differ in a token", NULL);
	err = refused(AS(.read = SYC_READ_TOKEN, .token = 40), ab);
	says(&err, "there is no token 40 (", " of the prompt, ", NULL);
	err = refused(o, alone);
	says(&err, "answer_matching_behavior", NULL);
	err = refused(o, "");
	says(&err, "there are no pairs", NULL);
	err = refused(AS(.layers = beyond, .n_layers = 2), ab);
	says(&err, "layer 6 was not recorded", NULL);
	err = refused(AS(.kind = SYC_PAIRS_CONTROL, .read = SYC_READ_MEAN),
		      "{\"prompt\": \"Hi\", \"completion\": \"\"}\n");
	says(&err, "there is no answer", NULL);

	snprintf(text, sizeof(text), "%s%s%s%s", same, ab, alone, begins);
	rows = rows_in(text);
	rows.keep_going = true;
	rows.skipped = skip;
	rows.arg = &n_skipped;
	ck_assert_int_eq(run_rows(&p, o, rows, in, &err), 0);
	ck_assert(syc_pairs_info(p)->n == 3 &&
		  syc_pairs_info(p)->n_skipped == 2 && n_skipped == 2);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

START_TEST(controls)
{
	const struct syc_pairs_opts o = { .kind = SYC_PAIRS_CONTROL };
	static struct asked match;
	struct syc_pairs *p;
	struct syc_err err;
	char text[4096];
	float a[DIM], b[DIM];

	make_dir();
	ask(&match, "Hello", " you too");
	snprintf(text, sizeof(text), "%s%s", alone, completed);
	p = must(o, text);
	ck_assert(syc_pairs_info(p)->single && syc_pairs_info(p)->n == 2);
	ck_assert_str_eq(syc_pairs_position(p), "last,prompt");
	ck_assert_int_eq(syc_pairs_get(p, 1, 4, a, b, NULL, NULL), 0);
	equal(a, &match, match.n - 1, 4);
	ck_assert_int_eq(syc_pairs_get(p, 0, 4, a, b, NULL, NULL), 0);
	equal(a, &match, match.n_prompt - 1, 4);
	for (size_t c = 0; c < DIM; c++)
		ck_assert(b[c] == 0);
	syc_pairs_free(p);
	p = must(o, ab);
	ck_assert(!syc_pairs_info(p)->single && syc_pairs_info(p)->n == 2);
	syc_pairs_free(p);
	/* Even where the second is read before the first has been computed. */
	snprintf(text, sizeof(text), "%s%s", ab, alone);
	err = refused(o, text);
	says(&err, "rows:3: ", "prompts and pairs are mixed", NULL);
	snprintf(text, sizeof(text), "%s%s", alone, two_prompts);
	err = refused(o, text);
	says(&err, "rows:2: ", "prompts and pairs are mixed", NULL);
	err = refused(o, "");
	says(&err, "there are no rows", NULL);
	remove_dir();
}
END_TEST

struct seen {
	size_t n;
	uint64_t most;
};

static void see(void *arg, uint64_t n, double share)
{
	struct seen *s = arg;

	ck_assert(share <= 1);
	s->n++;
	s->most = n;
}

START_TEST(progress)
{
	struct seen seen = { 0 };
	struct syc_engine_stats stats = { 0 };
	const struct syc_pairs_model in = {
		.source = "\"x\": 1", .progress = see, .arg = &seen, .stats = &stats,
	};
	struct syc_pairs *p;

	make_dir();
	ck_assert_int_eq(run_rows(&p, AS(0), rows_in(ab), in, NULL), 0);
	ck_assert_str_eq(syc_pairs_info(p)->source, "\"x\": 1");
	ck_assert(seen.n == 4 && seen.most == 1 && stats.n_jobs == 4);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* Rows of a model beside those of another. */
static int beside(const char *first, const char *second, struct syc_model *m,
		  struct syc_pairs **p, struct syc_err *err)
{
	struct syc_prompter pr = prompter(m);
	const struct syc_pairs_model in = {
		.model = m, .prompter = &pr, .engine.threads = 1};
	struct syc_rows rows;
	int ret;

	*p = must(AS(.kind = SYC_PAIRS_MODELS), first);
	rows = rows_in(second);
	ret = syc_pairs_other_model(*p, &in, &rows, err);
	syc_prompter_done(&pr);
	return ret;
}

START_TEST(models)
{
	static struct asked text;
	struct syc_err err = { 0 };
	struct syc_pairs *p;
	struct syc_buf want = { 0 };
	char twice[4096];
	float a[DIM], b[DIM];
	double far = 0;

	make_dir();
	ask(&text, "Is it so?", " yes at no time");
	ck_assert_msg(beside(ab, ab, f32, &p, &err) == 0, "%s", err.msg);
	ck_assert(syc_pairs_info(p)->n == 4 && !syc_pairs_info(p)->single);
	ck_assert_int_eq(syc_pairs_get(p, 1, 5, a, b, NULL, NULL), 0);
	equal(a, &text, text.n - 1, 5);
	for (size_t c = 0; c < DIM; c++)
		far = fmax(far, fabs((double)a[c] - (double)b[c]));
	ck_assert(far > 0 && far < 1);
	syc_buf_printf(&want, ", \"other_model\": \"%s\"",
		       syc_model_digest(f32));
	ck_assert_ptr_nonnull(strstr(syc_pairs_info(p)->source, want.data));
	syc_buf_free(&want);
	syc_pairs_free(p);

	ck_assert_int_eq(beside(ab, completed, int8, &p, &err), SYC_EINVAL);
	says(&err, "the two models did not see the same rows (number 1)", NULL);
	syc_pairs_free(p);
	snprintf(twice, sizeof(twice), "%s%s", alone, alone);
	ck_assert_int_eq(beside(twice, alone, int8, &p, &err), SYC_EINVAL);
	says(&err, "the rows changed between the two models", NULL);
	ck_assert_int_eq(syc_pairs_info(p)->n, 2);
	syc_pairs_free(p);
	ck_assert_int_eq(beside(alone, twice, int8, &p, NULL), SYC_EINVAL);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

START_TEST(another_shape)
{
	struct syc_model *m;
	struct syc_err err = { 0 };
	struct syc_pairs *p;

	make_dir();
	ck_assert_int_eq(syc_model_open(
			&m,
			source_path("tests/data/llama-mha/llama-mha-f16.gguf"),
			NULL, NULL),
		0);
	ck_assert_int_eq(beside(ab, ab, m, &p, &err), SYC_EINVAL);
	says(&err, "layers of width", "the other model 6 of 128", NULL);
	syc_pairs_free(p);
	syc_model_close(m);
	remove_dir();
}
END_TEST

/* What is wrong in the middle stops the run, and all that was begun is freed. */
START_TEST(runs_that_stop)
{
	const struct syc_engine_opts short_ctx = { .n_ctx = 8 };
	struct syc_pairs *p;
	struct syc_err err = { 0 };

	make_dir();
	ck_assert_int_eq(run_rows(&p, AS(0), rows_in(ab),
				  (struct syc_pairs_model){.engine = short_ctx},
				  &err),
			 SYC_EINVAL);
	says(&err, "do not fit the context of 8", NULL);
	ck_assert_int_eq(run_rows(&p, AS(0),
				  rows_in("[1]\n"), (struct syc_pairs_model){0},
				  &err),
			 SYC_EFORMAT);
	remove_dir();
}
END_TEST

#define ASKED(who, what) "Hello, I am " who ". Tell me, " what "\\n\\nChoices:\\n (A) x\\n (B) y"
#define PAIR(who, what) \
	"{\"positive\": \"" ASKED(who, what) "\", \"negative\": \"" ASKED("he", what) "\"}\n"

/* Pairs of prompts are about what they ask, as where rows are picked by claims. */
START_TEST(claims)
{
	static const char text[] = PAIR("Ann", "what is it?") PAIR("Bob", "who is it?")
		PAIR("Eve", "what is it?")
		"{\"positive\": \"Be kind\", \"negative\": \"Be true\", \"claim\": \"c\"}\n";
	const struct syc_pick how = { .n = 3 };
	struct syc_picked got;
	struct syc_buf b = { 0 };
	struct syc_pairs *p;

	make_dir();
	p = must(AS(0), text);
	ck_assert_uint_eq(syc_pairs_claim(p, 0), syc_pairs_claim(p, 2));
	ck_assert_uint_ne(syc_pairs_claim(p, 0), syc_pairs_claim(p, 1));
	ck_assert_uint_eq(syc_pairs_claim(p, 1), syc_claim_hash("Tell me, who is it? x / y"));
	ck_assert_uint_eq(syc_pairs_claim(p, 3), syc_claim_hash("c"));
	ck_assert_int_eq(syc_rows_pick(&b, &got, text, sizeof(text) - 1, &how, NULL), 0);
	ck_assert_uint_eq(got.of_claims, 3);
	ck_assert_uint_eq(got.n_claims, 3);
	syc_buf_free(&b);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(values),	      TEST(mean_of_the_answer),
		TEST(what_is_known),  TEST(prompts),
		TEST(rows_of_no_use), TEST(controls),
		TEST(progress),	      TEST(models),
		TEST(another_shape),  TEST(runs_that_stop),
		TEST(claims),
	};

	return RUN_ON_DEMO("pairs_model", tests);
}
