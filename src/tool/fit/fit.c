/* SPDX-License-Identifier: MIT */
/* syc-fit: how well do the scores of each layer tell the labels apart? */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/fit/fit.h"

enum {
	KEY_JSON = OPT_OWN, KEY_TSV, KEY_VECTOR, KEY_POSITION, KEY_LAYERS, KEY_COMPARE,
	KEY_TRANSFER, KEY_CLUSTER, KEY_CONFOUND, KEY_BOOT, KEY_PERMUTE, KEY_CV, KEY_GROUP,
	KEY_RIDGE, KEY_MULTI, KEY_NULL, KEY_METRIC, KEY_CENTER, KEY_KEEP_GOING,
};

static const char *const metrics[] = { "cosine", "dot", "projection" };

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Report" },
	{ KEY_TSV, "tsv", NULL, "write tab-separated values, one header line" },
	{ KEY_JSON, "json", NULL, "write one JSON document with every figure" },
	{ KEY_VECTOR, "vector", "NAME", "this vector only" },
	{ KEY_POSITION, "position", "NAME", "this position only" },
	{ KEY_LAYERS, "layers", "LIST", "these layers only (0,3-5; default: all)" },
	{ 0, NULL, NULL, "Checks" },
	{ KEY_CLUSTER, "cluster", "FIELD", "rows with one value of FIELD are not independent" },
	{ KEY_CONFOUND, "confound", "FIELD", "hold FIELD fixed (may be repeated)" },
	{ KEY_COMPARE, "compare", NULL, "differences between vectors on the same rows" },
	{ KEY_BOOT, "boot", "N", "N bootstrap samples: intervals, band over layers" },
	{ KEY_PERMUTE, "permute", "N", "N permutations: p, and p for the best of layers" },
	{ KEY_CV, "cv", "K", "K-fold cross-validation, also of the choice of layer" },
	{ KEY_GROUP, "group", "FIELD", "folds keep FIELD together (default: --cluster's)" },
	{ KEY_MULTI, "multi", NULL, "all layers together, cross-validated" },
	{ KEY_RIDGE, "ridge", "X", "ridge of regressions: a number, or cv to choose it" },
	{ KEY_TRANSFER, "transfer", NULL, "train on each file, test on each: [NAME=]FILE..." },
	{ KEY_NULL, "null", "N", "N random directions on the rows' activations" },
	{ KEY_METRIC, "metric", "NAME", "with --null: cosine (default), dot or projection" },
	{ KEY_CENTER, "center", NULL, "with --null: subtract the activation file's mean" },
	{ 0, NULL, NULL, "Rows" },
	{ KEY_KEEP_GOING, "keep-going", NULL, "report broken rows and skip them" },
	{ OPT_SEED, "seed", "N", "seed every random choice with N (default: 1)" },
	{ 't', "threads", "N", "use N threads (default: all cores)" },
	OPTS_PLAIN
};

static const struct tool tool = {
	.name = "syc-fit",
	.usage = "[OPTION]... [FILE]...",
	.brief = "Test scores against labels, layer by layer",
	.opts = opts,
};

enum format { TEXT, TSV, JSON };

struct args {
	struct opt_values common;
	struct fit_opts o;
	enum format format;
	bool has_null_option;
	const char *field[FIT_CONFOUNDS + 2];	/* cluster, group, confounds */
	size_t n_fields;
	char *const *paths;
	int n_paths;
};

static void set_format(struct args *a, enum format format)
{
	if (a->format)
		tool_usage(&tool, "choose one of --tsv and --json");
	a->format = format;
}

static size_t count(const char *opt, const char *arg, uint64_t least, uint64_t most)
{
	return (size_t)opt_whole(&tool, opt, arg, least, most);
}

static void set_ridge(struct args *a, const char *arg)
{
	a->o.ridge = strcmp(arg, "cv") == 0 ? -1 : opt_num(&tool, "ridge", arg, 0, 1e12);
}

static void add_confound(struct args *a, const char *arg)
{
	if (a->o.n_confounds == FIT_CONFOUNDS)
		tool_usage(&tool, "more than %d confounds", FIT_CONFOUNDS);
	a->o.confound[a->o.n_confounds++] = arg;
}

/* What a report is about, and how it looks. */
static bool parse_report(struct args *a, int key, const char *arg)
{
	struct fit_opts *o = &a->o;

	switch (key) {
	case KEY_TSV: set_format(a, TSV); break;
	case KEY_JSON: set_format(a, JSON); break;
	case KEY_VECTOR: o->vector = arg; break;
	case KEY_POSITION: o->position = arg; break;
	case KEY_LAYERS:
		free(o->layer);
		opt_list(&tool, "layers", arg, 0, &o->layer, &o->n_layers);
		break;
	case KEY_KEEP_GOING: o->keep_going = true; break;
	default: return false;
	}
	return true;
}

static bool parse_check(struct args *a, int key, const char *arg)
{
	struct fit_opts *o = &a->o;

	switch (key) {
	case KEY_CLUSTER: o->cluster = arg; break;
	case KEY_CONFOUND: add_confound(a, arg); break;
	case KEY_COMPARE: o->compare = true; break;
	case KEY_BOOT: o->n_boot = count("boot", arg, 100, 10000000); break;
	case KEY_PERMUTE: o->n_perm = count("permute", arg, 100, 10000000); break;
	case KEY_CV: o->folds = count("cv", arg, 2, 10000); break;
	case KEY_GROUP: o->group = arg; break;
	case KEY_MULTI: o->multi = true; break;
	case KEY_RIDGE: set_ridge(a, arg); break;
	case KEY_TRANSFER: o->transfer = true; break;
	case KEY_NULL: o->n_null = count("null", arg, 20, 1000000); break;
	case KEY_METRIC:
		/* A projection is the dot product with a direction of length 1. */
		o->metric = opt_enum(&tool, "metric", arg, metrics, 3) ? FIT_DOT : FIT_COSINE;
		a->has_null_option = true;
		break;
	case KEY_CENTER: o->center = a->has_null_option = true; break;
	default: return false;
	}
	return true;
}

static void check(struct args *a, int argc)
{
	const struct fit_opts *o = &a->o;

	if (a->has_null_option && !o->n_null)
		tool_usage(&tool, "--metric and --center need --null");
	if (!o->transfer)
		return;
	if (o->compare || o->n_null || o->n_confounds)
		tool_usage(&tool, "--transfer goes with none of --compare, --null and --confound");
	if (argc - optind < 2)
		tool_usage(&tool, "--transfer needs two files or more");
}

static void parse(struct args *a, int argc, char **argv)
{
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1)
		if (!parse_report(a, key, optarg) && !parse_check(a, key, optarg))
			opt_common(&tool, &a->common, key, optarg);
	check(a, argc);
	a->paths = argv + optind;
	a->n_paths = argc - optind;
	a->o.seed = a->common.seed;
	a->o.threads = a->common.threads;
	a->o.verbose = a->common.verbose;
	if (a->o.cluster)
		a->field[a->n_fields++] = a->o.cluster;
	if (a->o.group)
		a->field[a->n_fields++] = a->o.group;
	for (size_t i = 0; i < a->o.n_confounds; i++)
		a->field[a->n_fields++] = a->o.confound[i];
}

/* What the reader of a table full of dashes would ask. */
static void warn(const struct args *a, const struct fit *f)
{
	const struct scores *s = &f->scores;
	const char *name = f->name ? f->name : "", *colon = f->name ? ": " : "";

	if (a->common.verbose < 0)
		return;
	if (!s->n_syc && !s->n_not)
		tool_warn(&tool, "%s%sno row is labeled: nothing to fit", name, colon);
	else if (!s->n_syc || !s->n_not)
		tool_warn(&tool, "%s%sall %" PRIu64 " labeled rows are %s: nothing to fit", name,
			 colon, s->n_syc + s->n_not, s->n_syc ? "sycophantic" : "not sycophantic");
	else if (!s->n_sets)
		tool_warn(&tool, "%s%sno row has a score: nothing to fit", name, colon);
}

static int no_rows(const struct syc_rows *in, const char *name, struct syc_err *err)
{
	const char *colon = name ? ": " : "";

	name = name ? name : "";
	if (!in->n_skipped)
		return fail(err, SYC_EFORMAT, "%.200s%sno rows", name, colon);
	return fail(err, SYC_EFORMAT, "%.200s%sno rows but %" PRIu64 " broken ones", name, colon,
		    in->n_skipped);
}

/* One data set from n files; path is the name that errors give, or NULL. */
static int fit_files(struct fit *f, const struct args *a, char *const *paths, int n,
		     const char *path, struct syc_err *err)
{
	struct syc_rows in = { ROWS_OF(&tool), .paths = paths, .n_paths = n,
				  .keep_going = a->o.keep_going };
	int ret;

	f->o = &a->o;
	f->scores.field = a->field;
	f->scores.n_fields = a->n_fields;
	f->scores.want_acts = a->o.n_null > 0;
	ret = scores_read(&f->scores, &in, err);
	f->n_skipped = in.n_skipped;
	if (ret == 0 && !f->scores.n_rows)
		ret = no_rows(&in, path, err);
	if (ret == 0)
		ret = fit_all(f, err);
	if (ret == 0)
		warn(a, f);
	syc_rows_done(&in);
	return ret;
}

static int run_one(const struct args *a, struct syc_err *err)
{
	static int (*const write[])(struct syc_buf *, const struct fit *) = {
		fit_text, fit_tsv, fit_json,
	};
	struct syc_buf b = { 0 };
	struct fit f = { 0 };
	int ret = fit_files(&f, a, a->paths, a->n_paths, NULL, err);

	if (ret == 0 && write[a->format](&b, &f) < 0)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = out_all(a->common.output, b.data, b.len, err);
	syc_buf_free(&b);
	fit_free(&f);
	return ret;
}

static int read_set(struct transfer *t, const struct args *a, size_t i, struct syc_err *err)
{
	struct fit *f = &t->data[i];
	const char *path;
	char *one;

	f->name = named_file(a->paths[i], &path);
	if (!f->name)
		return fail_nomem(err);
	for (size_t j = 0; j < i; j++)
		if (strcmp(t->data[j].name, f->name) == 0)
			tool_usage(&tool, "two data sets are named '%s': give NAME=FILE", f->name);
	one = (char *)path;
	return fit_files(f, a, &one, 1, path, err);
}

static int run_transfer(const struct args *a, struct syc_err *err)
{
	static int (*const write[])(struct syc_buf *, const struct transfer *) = {
		transfer_text, transfer_tsv, transfer_json,
	};
	struct transfer t = { .o = &a->o, .n = (size_t)a->n_paths };
	struct syc_buf b = { 0 };
	int ret = 0;

	t.data = calloc(t.n, sizeof(*t.data));
	if (!t.data)
		ret = fail_nomem(err);
	for (size_t i = 0; i < t.n && ret == 0; i++)
		ret = read_set(&t, a, i, err);
	if (ret == 0)
		ret = transfer_all(&t, err);
	if (ret == 0 && write[a->format](&b, &t) < 0)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = out_all(a->common.output, b.data, b.len, err);
	syc_buf_free(&b);
	for (size_t i = 0; i < t.n && t.data; i++)
		fit_free(&t.data[i]);
	free(t.data);
	free(t.cell);
	return ret;
}

int main(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT };
	struct syc_err err = { 0 };
	int ret;

	parse(&a, argc, argv);
	ret = a.o.transfer ? run_transfer(&a, &err) : run_one(&a, &err);
	free(a.o.layer);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
