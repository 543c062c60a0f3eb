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
	const char *choice_by, *only, *leave_out, *path, *split;
	struct texts sums;
	double b;
	uint32_t chains, warmup, draws;
	struct syc_rows in;
};

#define A struct args
static const struct opt opts[] = {
	OPT_HEAD("Report"),
	OPTS_OF_FORM(A, form, "one JSON document with every figure (syc-plot draws it)"),
	OPT_HEAD("Pairs"),
	OPT_TEXT(0, "choice-by", "FIELD", A, choice_by,
		 "the answer with more of FIELD was chosen (default: field choice)"),
	OPT_TEXT(0, "only", "NAMES", A, only, "only these features: a,b,c"),
	OPT_TEXT(0, "leave-out", "NAMES", A, leave_out, "all features but these"),
	OPT_HEAD("Model"),
	OPT_TEXTS(0, "sum", "NAME=A+B", A, sums, "also the sum of features, under NAME"),
	OPT_DOUBLE(0, "b", "X", A, b, 1e-9, 1e9, "scale of the Laplace prior (default: chosen)"),
	OPT_TEXT(0, "path", "LIST", A, path, "choose it of these (default: 0.001 to 10, nine)"),
	OPT_TEXT(0, "split", "F,C,T", A, split,
		 "prompts to fit, choose b and test, by weight (default: 3,1,1)"),
	OPT_U32(0, "chains", "N", A, chains, 1, 1000, "chains (default: 4)"),
	OPT_U32(0, "warmup", "N", A, warmup, 1, 10000000, "draws thrown away (default: 500)"),
	OPT_U32(0, "draws", "N", A, draws, 4, 10000000, "draws kept, a chain (default: 1500)"),
	OPT_HEAD("Rows"),
	OPTS_OF_ROWS(A, in),
	OPTS_RANDOM(A, common)
};
#undef A

static const struct tool tool = {
	"syc-pref",
	"[OPTION]... [FILE]...\n  or:  syc-pref features -m MODEL [OPTION]... [FILE]...",
	"Which features of an answer were preferred in the pairs of FILEs or standard input",
	opts,
};

/* Lists of the command line, cut at a mark. */
struct words {
	char *text;
	const char **word;	/* [n] */
	size_t n;
};

static void words_free(struct words *w)
{
	free(w->text);
	free(w->word);
}

static void words_cut(struct words *w, const char *opt, const char *text, const char *mark)
{
	*w = (struct words){ 0 };
	if (!text)
		return;
	w->text = strdup(text);
	w->word = calloc(strlen(text) + 1, sizeof(*w->word));
	if (!w->text || !w->word) {
		tool_warn(&tool, "out of memory");
		exit(1);
	}
	for (char *s = w->text, *next; s; s = next) {
		next = strpbrk(s, mark);
		if (next)
			*next++ = 0;
		if (!*s)
			tool_usage(&tool, "--%s: '%s' has an empty part", opt, text);
		w->word[w->n++] = s;
	}
}

static double *numbers(const struct words *w, const char *opt)
{
	double *x = calloc(w->n + 1, sizeof(*x));

	for (size_t i = 0; x && i < w->n; i++)
		x[i] = opt_num(&tool, opt, w->word[i], 0, 1e9);
	return x;
}

/* The plan with what it borrows. */
struct planned {
	struct syc_prefer_plan plan;
	struct words only, without, path, split, *part;
	struct syc_prefer_sum *sum;
	double *number;
	size_t n_sums;
};

static void planned_free(struct planned *p)
{
	for (size_t i = 0; i < p->n_sums; i++)
		words_free(&p->part[i]);
	free(p->part);
	free(p->sum);
	free(p->number);
	words_free(&p->only);
	words_free(&p->without);
	words_free(&p->path);
	words_free(&p->split);
}

/* "NAME=A+B": the first part of the words is the name. */
static void plan_sums(struct planned *p, const struct texts *sums)
{
	p->part = calloc(sums->n + 1, sizeof(*p->part));
	p->sum = calloc(sums->n + 1, sizeof(*p->sum));
	if (!p->part || !p->sum)
		return;
	for (; p->n_sums < sums->n; p->n_sums++) {
		const char *text = sums->text[p->n_sums];
		struct words *w = &p->part[p->n_sums];

		words_cut(w, "sum", text, "=+");
		if (w->n < 2 || strcspn(text, "=") > strcspn(text, "+") || !strchr(text, '='))
			tool_usage(&tool, "--sum: '%s' is not like NAME=A+B", text);
		p->sum[p->n_sums] = (struct syc_prefer_sum){ w->word[0], w->word + 1, w->n - 1 };
	}
	p->plan.sum = p->sum;
	p->plan.n_sums = p->n_sums;
}

static int plan(struct planned *p, const struct args *a, struct syc_err *err)
{
	*p = (struct planned){ .plan = { .b = a->b, .nuts = {
		.n_chains = a->chains, .n_warmup = a->warmup, .n_draws = a->draws,
		.seed = a->common.seed, .threads = a->common.threads } } };
	words_cut(&p->only, "only", a->only, ",");
	words_cut(&p->without, "leave-out", a->leave_out, ",");
	words_cut(&p->path, "path", a->path, ",");
	words_cut(&p->split, "split", a->split, ",");
	plan_sums(p, &a->sums);
	p->number = numbers(&p->path, "path");
	if (!p->number || !p->part || !p->sum)
		return fail_nomem(err);
	if (a->path) {
		p->plan.path = p->number;
		p->plan.n_path = p->path.n;
	}
	if (a->path && a->b > 0)
		tool_usage(&tool, "--path chooses b, and --b says it");
	if (a->split && p->split.n != 3)
		tool_usage(&tool, "--split: '%s' is not three numbers", a->split);
	for (size_t i = 0; i < p->split.n; i++)
		p->plan.split[i] = opt_num(&tool, "split", p->split.word[i], 0, 1e9);
	return 0;
}

/* ---- warnings ------------------------------------------------------------------------ */

static void warn_pairs(const struct syc_prefer_data *p)
{
	if (p->n_stray)
		tool_warn(&tool, "left out: '%s'%s, which the first pair does not have", p->stray[0],
			  p->n_stray > 1 ? " and others" : "");
	if (p->n_promptless)
		tool_warn(&tool, "%zu pairs have neither item nor prompt and count as of prompts of their own",
			  p->n_promptless);
}

static void warn_draws(const struct syc_prefer *f)
{
	if (!(f->rhat < SYC_MCMC_RHAT))
		tool_warn(&tool, "R-hat is %.3f, not below %.2f: the chains disagree, more --draws are needed",
			  f->rhat, SYC_MCMC_RHAT);
	if (!(f->ess_bulk >= SYC_MCMC_ESS && f->ess_tail >= SYC_MCMC_ESS))
		tool_warn(&tool, "fewer than %.0f effective draws: more --draws are needed", SYC_MCMC_ESS);
	if (f->draws->n_divergent)
		tool_warn(&tool, "%zu divergences: the draws may not reach all of the posterior",
			  f->draws->n_divergent);
	if (f->draws->n_deepest)
		tool_warn(&tool, "%zu paths were cut short at the greatest depth",
			  f->draws->n_deepest);
	if (f->loo.n_bad)
		tool_warn(&tool, "%zu prompts weigh too much to be left out by weighting (k to %.2f)",
			  f->loo.n_bad, f->loo.most_k);
	if (f->b_at_end)
		tool_warn(&tool, "b = %g is the end of the path: --path may go on there", f->b);
}

/* ---- the report ------------------------------------------------------------------------ */

static const struct syc_prefer *sorted;

static int by_p(const void *a, const void *b)
{
	const size_t i = *(const size_t *)a, k = *(const size_t *)b;
	const double p = sorted->effect[i].p[SYC_PREFER_MEDIAN],
		     q = sorted->effect[k].p[SYC_PREFER_MEDIAN];

	return p != q ? (p < q) - (p > q) : (i > k) - (i < k);
}

static int report(const struct args *a, struct pref_report *r, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct sheet o = { .b = &b, .form = a->form };
	int ret;

	r->order = calloc(r->found->n, sizeof(*r->order));
	if (!r->order)
		return fail_nomem(err);
	for (size_t i = 0; i < r->found->n; i++)
		r->order[i] = i;
	sorted = r->found;
	qsort(r->order, r->found->n, sizeof(*r->order), by_p);
	(a->form == SHEET_JSON ? pref_json : a->form == SHEET_TSV ? pref_tsv : pref_text)(&o, r);
	ret = o.bad ? fail_nomem(err) : syc_output_all(a->common.output, b.data, b.len, err);
	syc_buf_free(&b);
	free(r->order);
	return ret;
}

static int run(struct args *a, struct syc_err *err)
{
	struct syc_prefer_data *data = NULL;
	struct syc_prefer *found = NULL;
	struct planned p;
	int ret = plan(&p, a, err);
	const struct syc_prefer_opts o = {
		a->choice_by, p.only.word, p.without.word, p.only.n, p.without.n,
		a->in.allow_duplicates };
	struct pref_report r = { .plan = &p.plan, .choice_by = a->choice_by };

	if (ret == 0)
		ret = work_check(&tool, a->common.output, a->in.paths, a->in.n_paths, err);
	if (ret == 0)
		ret = syc_prefer_read(&data, &a->in, &o, err);
	if (ret == 0 && a->common.verbose >= 0)
		warn_pairs(data);
	if (ret == 0)
		ret = syc_prefer_run(&found, data, &p.plan, err);
	r.data = data;
	r.found = found;
	if (ret == 0)
		ret = report(a, &r, err);
	if (ret == 0 && a->common.verbose >= 0)
		warn_draws(found);
	syc_prefer_free(found);
	syc_prefer_data_free(data);
	planned_free(&p);
	return ret;
}

int main(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT, .chains = 4, .warmup = 500, .draws = 1500,
			  .in = { ROWS_OF(&tool) } };
	struct syc_err err = { 0 };
	int at, ret;

	if (argc > 1 && strcmp(argv[1], "features") == 0)
		return pref_features(argc - 1, argv + 1);
	at = opt_parse(&tool, argc, argv, &a);
	a.in.paths = argv + at;
	a.in.n_paths = argc - at;
	ret = run(&a, &err);
	syc_rows_done(&a.in);
	texts_free(&a.sums);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
