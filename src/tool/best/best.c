/* SPDX-License-Identifier: MIT */
/* syc-best: what comes of taking the best of N samples. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/best/best.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"

struct args {
	struct opt_values common;
	enum sheet_form form;
	struct texts reward;
	const char *by, *difficulty;
	size_t most, levels;
	bool oracle, replies;
	struct syc_rows in;
};

#define A struct args
static const struct opt opts[] = {
	OPT_HEAD("Report"),
	OPTS_OF_FORM(A, form,
		     "one JSON document with every figure, for syc-plot"),
	OPT_HEAD("Preference models"),
	OPT_TEXTS(
		0, "reward", "NAME=FIELD", A, reward,
		"a model and the field of its rewards (may be repeated; default: reward)"),
	OPT_FLAG(0, "oracle", A, oracle, "also a model that knows the labels"),
	OPT_HEAD("Samples"),
	OPT_TEXT(0, "per", "FIELD", A, by,
		 "an arm for each value of FIELD (default: condition)"),
	OPT_SIZE(0, "most", "N", A, most, 2, 1000000, "up to the best of N"),
	OPT_HEAD("Misconceptions"),
	OPT_TEXT(0, "difficulty", "FILE", A, difficulty,
		 "arms by how true the model behind FILE says each item is"),
	OPT_SIZE(0, "levels", "N", A, levels, 2, 100,
		 "so many levels (default: 8)"),
	OPT_FLAG(0, "replies", A, replies,
		 "how often is the sycophantic of given replies preferred?"),
	OPT_HEAD("Rows"),
	OPTS_OF_ROWS(A, in),
	OPT_OF_MIXED(A, in),
	OPTS_COMMON(A, common)};
#undef A

static const struct tool tool = {
	"syc-best",
	"[OPTION]... [FILE]...",
	"The rate of sycophancy among the best of N samples, by preference model",
	opts,
};

/* NAME=FIELD, or FIELD, which is the name, too; name is cut out of a copy. */
static int take_models(struct syc_best_model **model, char **copy,
		       const struct texts *t, struct syc_err *err)
{
	*model = calloc(t->n + 1, sizeof(**model));
	if (!*model)
		return fail_nomem(err);
	for (size_t i = 0; i < t->n; i++) {
		const char *eq = strchr(t->text[i], '=');

		copy[i] = strndup(t->text[i], eq ? (size_t)(eq - t->text[i])
						 : strlen(t->text[i]));
		if (!copy[i])
			return fail_nomem(err);
		(*model)[i] = (struct syc_best_model){copy[i],
						      eq ? eq + 1 : t->text[i]};
		for (size_t k = 0; k < i; k++)
			if (strcmp(copy[k], copy[i]) == 0)
				return fail(err, SYC_EINVAL,
					    "two models are called '%s'",
					    copy[i]);
	}
	return 0;
}

static int read_difficulty(struct syc_difficulties **out, const struct args *a,
			   struct syc_err *err)
{
	char *paths[] = { (char *)(uintptr_t)a->difficulty };
	struct syc_rows in = { ROWS_OF(&tool), .paths = paths, .n_paths = 1,
			       .keep_going = a->in.keep_going };
	int ret = 0;

	*out = NULL;
	if (a->difficulty)
		ret = syc_difficulties_read(out, &in, err);
	syc_rows_done(&in);
	return ret;
}

/* What is left out is said. */
static void tell(const struct args *a, size_t n, const char *what)
{
	if (n && a->common.verbose >= 0)
		tool_warn(&tool, what, n);
}

static int report(struct sheet *o, struct args *a,
		  const struct syc_best_opts *opt, struct syc_err *err)
{
	struct syc_misconceptions *m = NULL;
	struct syc_best *b = NULL;
	int ret = a->replies ? syc_misconceptions_read(&m, &a->in, opt, err)
			     : syc_best_read(&b, &a->in, opt, err);

	if (ret == 0 && m) {
		tell(a, m->n_unknown,
		     "%zu items have no difficulty and are left out");
		misconceptions_sheet(o, m);
	} else if (ret == 0) {
		tell(a, b->n_unpaired,
		     "%zu arms share no item with the first: not compared with it");
		tell(a, b->n_unlabeled, "%zu rows have no label and are left out");
		best_sheet(o, b);
	}
	syc_misconceptions_free(m);
	syc_best_free(b);
	return ret < 0 ? ret : o->bad ? fail_nomem(err) : 0;
}

static int run(struct args *a, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct sheet sheet = { .b = &b, .form = a->form };
	struct syc_difficulties *d = NULL;
	struct syc_best_model *model = NULL;
	struct syc_best_opts o = {.n_models = a->reward.n,
				  .oracle = a->oracle,
				  .by = a->by,
				  .most = a->most,
				  .levels = a->levels};
	char **copy = calloc(a->reward.n + 1, sizeof(*copy));
	int ret = copy ? take_models(&model, copy, &a->reward, err)
		       : fail_nomem(err);

	if (ret == 0)
		ret = read_difficulty(&d, a, err);
	o.model = model;
	o.difficulty = d;
	if (ret == 0)
		ret = report(&sheet, a, &o, err);
	if (ret == 0)
		ret = syc_output_all(a->common.output, b.data, b.len, err);
	for (size_t i = 0; copy && i < a->reward.n; i++)
		free(copy[i]);
	free(copy);
	free(model);
	syc_difficulties_free(d);
	syc_buf_free(&b);
	return ret;
}

static void check(const struct args *a)
{
	if (a->replies && !a->difficulty)
		tool_usage(&tool, "--replies needs --difficulty");
	if (a->levels && !a->difficulty)
		tool_usage(&tool, "--levels needs --difficulty");
	if (a->difficulty && a->by)
		tool_usage(&tool,
			   "--difficulty makes the arms, so there is no --per");
	if (a->replies && a->most)
		tool_usage(&tool, "--most is of samples, not of --replies");
}

int main(int argc, char **argv)
{
	struct args a = {.common = OPT_VALUES_INIT,
			 .in = {ROWS_OF_ONE_RUN(&tool)}};
	const int at = opt_parse(&tool, argc, argv, &a);
	struct syc_err err = { 0 };
	int ret;

	check(&a);
	a.in.paths = argv + at;
	a.in.n_paths = argc - at;
	ret = work_check(&tool, a.common.output, a.in.paths, a.in.n_paths,
			 &err);
	if (ret == 0)
		ret = run(&a, &err);
	syc_rows_done(&a.in);
	texts_free(&a.reward);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
