/* SPDX-License-Identifier: MIT */
/* syc-fit: how well do the scores of each layer tell the labels apart? */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/acts.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/fit/fit.h"

struct args {
	struct opt_values common;
	struct syc_fit_opts o;
	struct opt_list layers;
	struct texts confounds, nulls;
	struct syc_fit_nulls *null_file;	/* [nulls.n] */
	bool any_null;
	enum syc_metric metric; /* SYC_N_METRICS: not given */
	bool tsv, json, transfer;
	struct syc_rows in;
};

static void set_ridge(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	*(double *)at = strcmp(arg, "cv") == 0 ? -1 : opt_num(t, o->name, arg, 0, 1e12);
}

static void set_baselines(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct syc_err err;

	if (syc_baselines_parse(at, arg, &err) < 0)
		tool_usage(t, "--%s: %s", o->name, err.msg);
}

static void set_null(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct syc_fit_opts *to = at;
	struct syc_err err;

	if (syc_null_parse(to->n_null, arg, SYC_NULL_LEAST, SYC_NULL_DRAWS, &err) < 0)
		tool_usage(t, "--%s: %s", o->name, err.msg);
}

static const char *const undecided[] = { "out", "0", "1", NULL };
static const char *const metrics[] = { "cosine", "dot", "projection", NULL };

#define A struct args
static const struct opt opts[] = {
	OPT_HEAD("Report"),
	OPT_FLAG(0, "tsv", A, tsv, "write tab-separated values, one header line"),
	OPT_FLAG(0, "json", A, json, "write one JSON document with every figure"),
	OPT_TEXT(0, "vector", "NAME", A, o.vector, "this vector only"),
	{ OPT_ROW(0, "position", "NAME", "this position only", opt_text,
		  OPT_AT(A, o.position, const char *)), .nth = syc_position_name },
	OPT_NUMBERS(0, "layers", "LIST", A, layers, "these layers only (0,3-5; default: all)"),
	OPT_HEAD("Checks"),
	OPT_TEXT(0, "cluster", "FIELD", A, o.cluster,
		 "rows with one FIELD are not independent (default: parent; none)"),
	OPT_TEXT(0, "outcome", "FIELD", A, o.outcome,
		 "a number to fit in place of the label: a line, r, Spearman's rho"),
	OPT_CHOICE(0, "undecided", "LABEL", A, o.undecided, enum syc_undecided_as, undecided,
		   "take undecided rows at risk for 0 or 1, as bounds (default: out)"),
	OPT_TEXT(0, "weight", "FIELD", A, o.weight, "how much a row counts: areas and regressions"),
	OPT_TEXTS(0, "confound", "FIELD", A, confounds, "hold FIELD fixed (may be repeated)"),
	OPT_FLAG(0, "compare", A, o.compare,
		 "differences between vectors, and positions, on the same rows"),
	OPT_SIZE(0, "boot", "N", A, o.n_boot, 100, 10000000,
		 "N bootstrap samples: intervals, band over layers"),
	OPT_SIZE(0, "permute", "N", A, o.n_perm, 100, 10000000,
		 "N permutations: p, and p for the best of layers"),
	OPT_SIZE(0, "cv", "K", A, o.folds, 2, 10000,
		 "K-fold cross-validation, also of the choice of layer"),
	OPT_TEXT(0, "group", "FIELD", A, o.group,
		 "folds keep FIELD together (default: --cluster's)"),
	OPT_TEXT(0, "claim", "FIELD", A, o.claim,
		 "p of the whole procedure, layer and sign chosen by FIELD"),
	OPT_TEXT(0, "view", "FIELD", A, o.view,
		 "with --claim: pairs within a claim have one FIELD, too"),
	OPT_SIZE(0, "procedure", "N", A, o.n_procedure, 99, 10000000,
		 "with --claim: N permutations (default: 999)"),
	{ OPT_ROW(0, "baseline", "LIST",
		  "with --claim: what scores add to length,view,letter,words,overlap (all)",
		  set_baselines, offsetof(A, o.baselines)), .nth = syc_baseline_name },
	OPT_FLAG(0, "multi", A, o.multi, "all layers together, cross-validated"),
	OPT_OWN_OF(0, "ridge", "X", A, o.ridge, set_ridge, OPT_NAMES("cv"),
		   "ridge of regressions: a number, or cv to choose it"),
	OPT_FLAG(0, "transfer", A, transfer, "train on each file, test on each: [NAME=]FILE..."),
	{ OPT_ROW(0, "null", "LIST",
		  "null vectors on the rows' activations: NAME[:N],... (see --nulls), N alone: random",
		  set_null, offsetof(A, o)), .nth = syc_null_name },
	OPT_TEXTS(
		0, "nulls", "[NAME=]FILE", A, nulls,
		"vector NAME's null vectors of syc-vec; without --null all (may be repeated)"),
	OPT_CHOICE(0, "metric", "NAME", A, metric, enum syc_metric, metrics,
		   "with --null: cosine (default), dot or projection"),
	OPT_FLAG(0, "center", A, o.center, "with --null: subtract the activation file's mean"),
	OPT_HEAD("Rows"),
	OPTS_OF_ROWS(A, in),
	OPT_OF_MIXED(A, in),
	OPT_SEED_ROW(A, common),
	OPT_THREADS_ROW(A, common),
	OPTS_COMMON(A, common)};
#undef A

static const struct tool tool = {
	.name = "syc-fit",
	.usage = "[OPTION]... [FILE]...",
	.brief = "Test scores against labels, layer by layer",
	.opts = opts,
};

static void check(const struct args *a)
{
	const struct syc_fit_opts *o = &a->o;

	if (a->tsv && a->json)
		tool_usage(&tool, "choose one of --tsv and --json");
	if ((a->metric != SYC_N_METRICS || o->center) && !a->any_null)
		tool_usage(&tool, "--metric and --center need --null or --nulls");
	if ((o->view || o->n_procedure || o->baselines) && !o->claim)
		tool_usage(&tool, "--view, --procedure and --baseline need --claim");
	if (!a->transfer)
		return;
	if (o->compare || a->any_null || o->claim || a->confounds.n)
		tool_usage(
			&tool,
			"--transfer goes with none of --compare, --null, --claim and --confound");
	if (a->in.n_paths < 2)
		tool_usage(&tool, "--transfer needs two files or more");
}

static void parse(struct args *a, int argc, char **argv)
{
	const int at = opt_parse(&tool, argc, argv, a);
	struct syc_fit_opts *o = &a->o;

	a->in.paths = argv + at;
	a->in.n_paths = argc - at;
	a->any_null = syc_fit_has_nulls(o) || a->nulls.n;
	check(a);
	if (o->cluster && strcmp(o->cluster, "none") == 0)
		o->cluster = "";
	o->layer = a->layers.v;
	o->n_layers = a->layers.n;
	o->confound = a->confounds.text;
	o->n_confounds = a->confounds.n;
	o->cross = a->transfer;
	o->metric = a->metric == SYC_N_METRICS ? SYC_METRIC_COSINE : a->metric;
	o->seed = a->common.seed;
	o->threads = a->common.threads;
}

/* What the reader of a table full of dashes would ask; name is "" or "NAME: ". */
static void warn(const struct syc_scores *s, const char *name)
{
	if (!s->n_labeled)
		tool_warn(&tool, "%sno row %s: nothing to fit", name,
			  s->outcome ? "has the outcome" : "is labeled");
	else if (s->outcome && s->n_sets)
		return;
	else if (!s->n_syc || !s->n_not)
		tool_warn(&tool, "%sall %zu labeled rows are %s%s: nothing to fit", name,
			  s->n_labeled, s->n_syc ? "" : "not ", measured(s));
	else if (!s->n_sets)
		tool_warn(&tool, "%sno row has a score: nothing to fit", name);
}

static int no_rows(const struct syc_scores *s, const char *path, struct syc_err *err)
{
	const char *colon = path ? ": " : "";

	path = path ? path : "";
	if (!s->n_skipped)
		return fail(err, SYC_EFORMAT, "%.200s%sno rows", path, colon);
	return fail(err, SYC_EFORMAT, "%.200s%sno rows but %" PRIu64 " broken ones", path,
		    colon, s->n_skipped);
}

/* One data set from n files; with --transfer it has a name and one path. */
static int fit_files(struct syc_fit **f, const struct args *a, char *const *paths, int n,
		     const char *name, struct syc_err *err)
{
	struct syc_rows in = a->in;
	char said[256] = "";
	int ret;

	in.paths = paths;
	in.n_paths = n;
	ret = syc_fit_rows(f, &in, &a->o, err);
	syc_rows_done(&in);
	if (ret < 0)
		return ret;
	if (!(*f)->scores->n_rows)
		return no_rows((*f)->scores, name ? paths[0] : NULL, err);
	if (name)
		snprintf(said, sizeof(said), "%s: ", name);
	if (a->common.verbose >= 0)
		warn((*f)->scores, said);
	return 0;
}

static int write_sheet(const struct args *a, struct sheet *o, struct syc_err *err)
{
	return o->bad ? fail_nomem(err)
		      : syc_output_all(a->common.output, o->b->data, o->b->len, err);
}

static int run_one(const struct args *a, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct sheet o = { .b = &b };
	struct syc_fit *f;
	int ret = fit_files(&f, a, a->in.paths, a->in.n_paths, NULL, err);

	if (ret == 0) {
		if (a->json)
			fit_json(&o, f);
		else if (a->tsv)
			fit_tsv(&o, f);
		else
			fit_text(&o, f, a->common.verbose > 0);
		ret = write_sheet(a, &o, err);
	}
	syc_buf_free(&b);
	syc_fit_free(f);
	return ret;
}

static int read_set(struct matrix *m, const struct args *a, size_t i, struct syc_err *err)
{
	const char *path;
	char *one;

	m->name[i] = named_file(a->in.paths[i], &path);
	if (!m->name[i])
		return fail_nomem(err);
	for (size_t j = 0; j < i; j++)
		if (strcmp(m->name[j], m->name[i]) == 0)
			tool_usage(&tool, "two data sets are named '%s': give NAME=FILE",
				   m->name[i]);
	one = (char *)path;
	return fit_files(&m->fit[i], a, &one, 1, m->name[i], err);
}

static int fill_matrix(struct matrix *m, const struct args *a, struct syc_err *err)
{
	int ret = 0;

	m->name = calloc(m->n, sizeof(*m->name));
	m->fit = calloc(m->n, sizeof(*m->fit));
	if (!m->name || !m->fit)
		return fail_nomem(err);
	for (size_t i = 0; i < m->n && ret == 0; i++)
		ret = read_set(m, a, i, err);
	return ret < 0 ? ret
		       : syc_transfer_new(&m->t, (const struct syc_fit *const *)m->fit,
					  m->n, err);
}

static int run_transfer(const struct args *a, struct syc_err *err)
{
	struct matrix m = { .n = (size_t)a->in.n_paths };
	struct syc_buf b = { 0 };
	struct sheet o = { .b = &b };
	int ret = fill_matrix(&m, a, err);

	if (ret == 0) {
		(a->json ? matrix_json : a->tsv ? matrix_tsv : matrix_text)(&o, &m);
		ret = write_sheet(a, &o, err);
	}
	syc_buf_free(&b);
	syc_transfer_free(m.t);
	for (size_t i = 0; i < m.n && m.name && m.fit; i++) {
		free(m.name[i]);
		syc_fit_free(m.fit[i]);
	}
	free(m.name);
	free(m.fit);
	return ret;
}

/* Without --null: of each kind as many as every file has that has any. */
static void take_all(struct args *a)
{
	for (size_t i = 0; i < a->o.n_nulls; i++)
		for (unsigned k = 0; k < SYC_N_NULLS; k++) {
			const size_t n = syc_nulls_info(a->null_file[i].file)->n[k];

			if (n && (!a->o.n_null[k] || n < a->o.n_null[k]))
				a->o.n_null[k] = n;
		}
}

/* The files of null vectors, each under the name of its vector. */
static int open_nulls(struct args *a, struct syc_err *err)
{
	const bool all = !syc_fit_has_nulls(&a->o);
	int ret = 0;

	a->null_file = calloc(a->nulls.n + 1, sizeof(*a->null_file));
	if (!a->null_file)
		return fail_nomem(err);
	a->o.nulls = a->null_file;
	for (; a->o.n_nulls < a->nulls.n && ret == 0;) {
		const char *arg = a->nulls.text[a->o.n_nulls], *path;
		struct syc_fit_nulls *n = &a->null_file[a->o.n_nulls++];
		char *name = named_file(arg, &path);

		if (!name)
			return fail_nomem(err);
		ret = syc_nulls_open(&n->file, path, err);
		if (ret == 0 && path == arg) {
			free(name);
			name = strdup(syc_nulls_info(n->file)->name);
		}
		n->vector = name;
		if (!name)
			ret = fail_nomem(err);
	}
	if (ret == 0 && all)
		take_all(a);
	return ret;
}

static void close_nulls(struct args *a)
{
	for (size_t i = 0; i < a->o.n_nulls; i++) {
		syc_nulls_close(a->null_file[i].file);
		free((char *)(uintptr_t)a->null_file[i].vector);
	}
	free(a->null_file);
	texts_free(&a->nulls);
}

int main(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT, .metric = SYC_N_METRICS,
			  .in = { ROWS_OF_ONE_RUN(&tool) } };
	struct syc_err err = { 0 };
	int ret;

	parse(&a, argc, argv);
	ret = work_check(&tool, a.common.output, a.in.paths, a.in.n_paths, &err);
	if (ret == 0)
		ret = open_nulls(&a, &err);
	if (ret == 0)
		ret = a.transfer ? run_transfer(&a, &err) : run_one(&a, &err);
	free(a.layers.v);
	texts_free(&a.confounds);
	close_nulls(&a);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
