/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include <unistd.h>
#include "sweep_plan.h"

static char rows_path[] = "check_sweep-XXXXXX";

void write_rows(const char *before, const char *from, size_t n, const char *behind)
{
	char line[4096];
	FILE *f, *in = from ? fopen(source_path(from), "r") : NULL;

	strcpy(rows_path, "check_sweep-XXXXXX");
	f = fdopen(mkstemp(rows_path), "w");
	ck_assert(f && (in || !from));
	fputs(before, f);
	for (size_t i = 0; i < n; i++)
		ck_assert(fgets(line, sizeof(line), in) && fputs(line, f) >= 0);
	fputs(behind, f);
	ck_assert_int_eq(fclose(f), 0);
	if (in)
		fclose(in);
}

struct syc_prompter prompter[2];

void open_prompters(void)
{
	static const struct syc_prompter_opts plain = {.system = ""},
					      honest = {.system = "Be honest."};

	ck_assert_int_eq(syc_prompter_init(&prompter[0], int8, &plain, NULL), 0);
	ck_assert_int_eq(syc_prompter_init(&prompter[1], int8, &honest, NULL), 0);
}

static void count_skip(void *arg, const char *place, const char *why)
{
	struct skips *s = arg;

	ck_assert_ptr_nonnull(strstr(place, rows_path));
	s->n++;
	snprintf(s->why, sizeof(s->why), "%s", why);
}

int read_rows(struct syc_sweep_questions *q, size_t n_ctx, struct skips *skips,
	      struct syc_err *err)
{
	char *paths[] = { rows_path };
	struct syc_rows in = {
		.paths = paths,
		.n_paths = 1,
		.keep_going = skips,
		.allow_duplicates = true,
		.skipped = count_skip,
		.arg = skips,
	};
	int ret = syc_sweep_questions_read(q, &in, prompter, 2, n_ctx, err);

	ck_assert(!skips || in.n_skipped == skips->n);
	syc_rows_done(&in);
	unlink(rows_path);
	return ret;
}

static void read_demo(struct syc_sweep_questions *q, const char *file, size_t n)
{
	write_rows("", file, n, "");
	ck_assert_int_eq(read_rows(q, 512, NULL, NULL), 0);
	ck_assert_uint_eq(q->n, n);
}

const char raw_row[] =
	"{\"id\": \"raw\", \"prompt\": \"So (\", \"answer_matching_behavior\": \"A\", "
	"\"answer_not_matching_behavior\": \"B\"}\n";

static void told(void *arg, size_t done, size_t of)
{
	struct fixture *f = arg;

	ck_assert(done == 0 || (done == f->last + 1 && of == f->of));
	ck_assert_uint_le(done, of);
	f->n_told++;
	f->last = done;
	f->of = of;
}

void set_up(struct fixture *f)
{
	*f = (struct fixture){
		.vector = {"cue", cue},
		.op = {{{.op = SYC_STEER_ADD}, f->scale, 2},
		       {{.op = SYC_STEER_ABLATE}, NULL, 0},
		       {{.op = SYC_STEER_ROTATE, .hook = SYC_HOOK_ATTN},
			f->turn, 1}},
		.scale = {-2, 2},
		.turn = {30},
		.layer = {2, 3, 4, 1},
		.layers = {{f->layer, 1}, {f->layer, 3}, {f->layer + 3, 1}},
	};
	open_prompters();
	read_demo(&f->questions, "demo/test-opinion.jsonl", N_QUESTIONS);
	read_demo(&f->control, "demo/true-fact.jsonl", N_CONTROL);
	f->plan = (struct syc_sweep_plan){
		.model = int8,
		.engine = {.threads = 1},
		.questions = &f->questions,
		.control = &f->control,
		.vector = &f->vector,
		.n_vectors = 1,
		.op = f->op,
		.n_ops = 3,
		.layers = f->layers,
		.n_layers = 3,
		.n_random = 2,
		.seed = 1,
		.boot = 100,
		.n_answers = N_ANSWERS,
		.max_new = MAX_NEW,
		.n_text = N_TEXT,
		.progress = told,
		.arg = f,
	};
}

void tear_down(struct fixture *f)
{
	/* As they were read, whatever a test made of them. */
	f->questions.n_variants = f->control.n_variants = 2;
	syc_sweep_settings_free(&f->s);
	syc_sweep_questions_free(&f->questions);
	syc_sweep_questions_free(&f->control);
	/* What a test did to the vector that all share. */
	memset(cue->has, 1, cue->n_layers);
	free(cue->center);
	cue->center = NULL;
}

int plan_settings(struct fixture *f, struct syc_err *err)
{
	syc_sweep_settings_free(&f->s);
	return syc_sweep_settings_init(&f->s, &f->plan, err);
}

void run_plan(struct fixture *f)
{
	struct syc_err err = { 0 };

	ck_assert_msg(plan_settings(f, &err) == 0, "%s", err.msg);
	ck_assert_msg(syc_sweep_run(&f->s, &f->plan, &err) == 0, "%s", err.msg);
}

void run_plan_fails(struct fixture *f, int code, const char *why)
{
	struct syc_err err = { 0 };

	ck_assert_msg(plan_settings(f, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(syc_sweep_run(&f->s, &f->plan, &err), code);
	ck_assert_msg(strstr(err.msg, why), "'%s' lacks '%s'", err.msg, why);
}
