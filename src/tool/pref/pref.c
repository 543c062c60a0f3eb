/* SPDX-License-Identifier: MIT */
/* syc-pref: which features of an answer raters prefer. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/pref/pref.h"

struct args {
	struct opt_values common;
	enum sheet_form form;
	const char *choice_by;
	struct texts only, leave_out;
	struct syc_prefer_plan plan;
	double *path;			/* what the plan borrows */
	struct syc_prefer_sum *sum;
	uint32_t chains, warmup, draws;
	struct syc_rows in;
};

/* ---- lists of the command line, cut where they stand -------------------------- */

static char *next_part(const struct tool *t, const struct opt *o, char **arg,
		       const char *mark)
{
	char *s = strsep(arg, mark);

	if (s && !*s)
		tool_usage(t, "--%s: a part is empty", o->name);
	return s;
}

static void *more(const struct tool *t, void *array, size_t n, size_t size)
{
	void *grown = realloc(array, (n + 1) * size);

	if (!grown)
		tool_usage(t, "out of memory");
	return grown;
}

static void set_names(const struct tool *t, const struct opt *o, void *at,
		      char *arg)
{
	char *s;

	while ((s = next_part(t, o, &arg, ",")))
		opt_texts(t, o, at, s);
}

static void set_path(const struct tool *t, const struct opt *o, void *at,
		     char *arg)
{
	struct args *a = at;
	char *s;

	a->plan.n_path = 0;
	while ((s = next_part(t, o, &arg, ","))) {
		a->path = more(t, a->path, a->plan.n_path, sizeof(*a->path));
		a->path[a->plan.n_path++] = opt_num(t, o->name, s, 0, 1e9);
	}
	a->plan.path = a->path;
}

static void set_split(const struct tool *t, const struct opt *o, void *at,
		      char *arg)
{
	double *weight = at;
	size_t n = 0;
	char *s;

	while ((s = next_part(t, o, &arg, ","))) {
		const double x = opt_num(t, o->name, s, 0, 1e9);

		if (n < 3)
			weight[n] = x;
		n++;
	}
	if (n != 3)
		tool_usage(t, "--%s: three numbers are needed, not %zu",
			   o->name, n);
}

static void set_sum(const struct tool *t, const struct opt *o, void *at,
		    char *arg)
{
	struct args *a = at;
	struct syc_prefer_sum sum = { 0 };
	const char **part = NULL, *s;

	sum.name = next_part(t, o, &arg, "=");
	if (!arg)
		tool_usage(t, "--%s: '%s' is not like NAME=A+B", o->name,
			   sum.name);
	while ((s = next_part(t, o, &arg, "+"))) {
		part = more(t, part, sum.n, sizeof(*part));
		part[sum.n++] = s;
	}
	sum.part = part;
	a->sum = more(t, a->sum, a->plan.n_sums, sizeof(*a->sum));
	a->sum[a->plan.n_sums++] = sum;
	a->plan.sum = a->sum;
}

static const char *command(unsigned i)
{
	return i ? NULL : "features";
}

#define A struct args
static const struct opt opts[] = {
	OPT_FIRST(command),
	OPT_HEAD("Report"),
	OPTS_OF_FORM(A, form,
		     "one JSON document with every figure (syc-plot draws it)"),
	OPT_HEAD("Pairs"),
	OPT_TEXT(
		0, "choice-by", "FIELD", A, choice_by,
		"the answer with more of FIELD was chosen (default: field choice)"),
	OPT_OWN_AT(0, "only", "LIST", A, only, set_names,
		   "only these features: a,b,c"),
	OPT_OWN_AT(0, "leave-out", "LIST", A, leave_out, set_names,
		   "all features but these"),
	OPT_HEAD("Model"),
	OPT_CALL(0, "sum", "NAME=A+B", set_sum,
		 "also the sum of features, under NAME"),
	OPT_DOUBLE(0, "b", "X", A, plan.b, 1e-9, 1e9,
		   "scale of the Laplace prior (default: chosen)"),
	OPT_CALL(0, "path", "LIST", set_path,
		 "choose it of these (default: 0.001 to 10, nine)"),
	OPT_OWN_AT(
		0, "split", "F,C,T", A, plan.split, set_split,
		"prompts to fit, choose b and test, by weight (default: 3,1,1)"),
	OPT_U32(0, "chains", "N", A, chains, 1, 1000, "chains (default: 4)"),
	OPT_U32(0, "burn-in", "N", A, warmup, 1, 10000000,
		"draws thrown away (default: 500)"),
	OPT_U32(0, "kept-draws", "N", A, draws, 4, 10000000,
		"draws kept, a chain (default: 1500)"),
	OPT_HEAD("Rows"),
	OPTS_OF_ROWS(A, in),
	OPT_OF_MIXED(A, in),
	OPTS_RANDOM(A, common)};
#undef A

static const struct tool tool = {
	"syc-pref",
	"[OPTION]... [FILE]...\n  or:  syc-pref features -m MODEL [OPTION]... [FILE]...",
	"Which features of an answer were preferred in the pairs of FILEs or standard input",
	opts,
};

/* ---- warnings ------------------------------------------------------------------------ */

static void warn_pairs(const struct syc_prefer_data *p)
{
	if (p->n_stray)
		tool_warn(
			&tool,
			"left out: '%s'%s, which the first pair does not have",
			p->stray[0], p->n_stray > 1 ? " and others" : "");
	if (p->n_promptless)
		tool_warn(
			&tool,
			"%zu pairs without item and prompt count as prompts of their own",
			p->n_promptless);
}

static void warn_draws(const struct syc_prefer *f)
{
	if (!(f->rhat < SYC_MCMC_RHAT))
		tool_warn(
			&tool,
			"R-hat is %.3f, not below %.2f: more --kept-draws are needed",
			f->rhat, SYC_MCMC_RHAT);
	if (!(f->ess_bulk >= SYC_MCMC_ESS && f->ess_tail >= SYC_MCMC_ESS))
		tool_warn(
			&tool,
			"fewer than %.0f effective draws: more --kept-draws are needed",
			SYC_MCMC_ESS);
	if (f->draws->n_divergent)
		tool_warn(
			&tool,
			"%zu divergences: the draws may not reach all of the posterior",
			f->draws->n_divergent);
	if (f->draws->n_deepest)
		tool_warn(&tool,
			  "%zu paths were cut short at the greatest depth",
			  f->draws->n_deepest);
	if (f->loo.n_bad)
		tool_warn(
			&tool,
			"%zu prompts weigh too much to be left out by weighting (k to %.2f)",
			f->loo.n_bad, f->loo.most_k);
	if (f->b_at_end)
		tool_warn(
			&tool,
			"b = %g is the end of the path: --path may go on there",
			f->b);
}

/* ---- the report ------------------------------------------------------------------------ */

static int report(const struct args *a, const struct pref_report *r,
		  struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct sheet o = { .b = &b, .form = a->form };
	int ret;

	(a->form == SHEET_JSON	? pref_json
	 : a->form == SHEET_TSV ? pref_tsv
				: pref_text)(&o, r);
	ret = o.bad ? fail_nomem(err)
		    : syc_output_all(a->common.output, b.data, b.len, err);
	syc_buf_free(&b);
	return ret;
}

static int run(struct args *a, struct syc_err *err)
{
	struct syc_prefer_data *data = NULL;
	struct syc_prefer *found = NULL;
	const struct syc_prefer_opts o = {
		a->choice_by, a->only.text, a->leave_out.text, a->only.n,
		a->leave_out.n, a->in.allow_duplicates };
	struct pref_report r = { .plan = &a->plan, .choice_by = a->choice_by };
	int ret = work_check(&tool, a->common.output, a->in.paths,
			     a->in.n_paths, err);

	if (ret == 0)
		ret = syc_prefer_read(&data, &a->in, &o, err);
	if (ret == 0 && a->common.verbose >= 0)
		warn_pairs(data);
	if (ret == 0)
		ret = syc_prefer_run(&found, data, &a->plan, err);
	r.data = data;
	r.found = found;
	if (ret == 0)
		ret = report(a, &r, err);
	if (ret == 0 && a->common.verbose >= 0)
		warn_draws(found);
	syc_prefer_free(found);
	syc_prefer_data_free(data);
	return ret;
}

static void args_free(struct args *a)
{
	for (size_t i = 0; i < a->plan.n_sums; i++)
		free((void *)(uintptr_t)a->sum[i].part);
	free(a->sum);
	free(a->path);
	texts_free(&a->only);
	texts_free(&a->leave_out);
	syc_rows_done(&a->in);
}

int main(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT,
			  .chains = 4,
			  .warmup = 500,
			  .draws = 1500,
			  .in = { ROWS_OF_ONE_RUN(&tool) } };
	struct syc_err err = { 0 };
	int at, ret;

	if (tool_begins("features", &argc, &argv))
		return pref_features(argc, argv);
	at = opt_parse(&tool, argc, argv, &a);
	if (a.plan.path && a.plan.b > 0)
		tool_usage(&tool, "--path chooses b, and --b says it");
	a.plan.nuts = (struct syc_nuts_opts){ .n_chains = a.chains,
					      .n_warmup = a.warmup,
					      .n_draws = a.draws,
					      .seed = a.common.seed,
					      .threads = a.common.threads };
	a.in.paths = argv + at;
	a.in.n_paths = argc - at;
	ret = run(&a, &err);
	args_free(&a);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
