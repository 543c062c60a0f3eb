/* SPDX-License-Identifier: MIT */
/* syc-fit: how well do the scores of each layer tell the labels apart? */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include "tool/fail.h"
#include "tool/fit.h"

enum { KEY_JSON = SYC_KEY_TOOL, KEY_TSV, KEY_KEEP_GOING };

static const struct syc_opt opts[] = {
	{ 0, NULL, NULL, "Report" },
	{ KEY_TSV, "tsv", NULL, "write tab-separated values, one header line" },
	{ KEY_JSON, "json", NULL, "write one JSON document with every figure" },
	{ 0, NULL, NULL, "Rows" },
	{ KEY_KEEP_GOING, "keep-going", NULL,
	  "report broken rows and skip them" },
	SYC_OPTS_PLAIN
};

static const struct syc_tool tool = {
	.name = "syc-fit",
	.usage = "[OPTION]... [FILE]...",
	.brief = "Test scores against labels, layer by layer",
	.opts = opts,
};

typedef int writer(struct syc_buf *b, const struct fit *f);

struct args {
	struct syc_common common;
	writer *write;
	bool keep_going;
};

static void set_format(struct args *a, writer *write)
{
	if (a->write)
		syc_usage(&tool, "choose one of --tsv and --json");
	a->write = write;
}

static void parse(struct args *a, int argc, char **argv)
{
	int key;

	while ((key = syc_opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_TSV: set_format(a, fit_tsv); break;
		case KEY_JSON: set_format(a, fit_json); break;
		case KEY_KEEP_GOING: a->keep_going = true; break;
		default: syc_opt_common(&tool, &a->common, key, optarg);
		}
	}
	if (!a->write)
		a->write = fit_text;
}

/* All layers of one set; x is room for a column, p for the layers. */
static int fit_set(const struct scores *s, const struct scores_set *t,
		   struct fit_layer *out, double *x, double *p,
		   struct syc_err *err)
{
	int ret = 0;

	for (size_t l = 0; l < s->n_layers && ret == 0; l++) {
		scores_column(s, t, l, x);
		ret = syc_stat_auc(&out[l].auc, x, t->label, t->n, err);
		if (ret == 0)
			ret = syc_stat_logit(&out[l].logit, x, t->label, t->n,
					     err);
		if (ret == 0)
			ret = syc_stat_corr(&out[l].corr, x, t->label, t->n,
					    err);
		p[l] = out[l].logit.p;
	}
	if (ret == 0)
		ret = syc_stat_bh(p, p, s->n_layers, err);
	for (size_t l = 0; l < s->n_layers && ret == 0; l++)
		out[l].p_adj = p[l];
	return ret;
}

static int fit_all(struct fit *f, struct syc_err *err)
{
	const struct scores *s = f->scores;
	size_t most = 1;
	double *x, *p;
	int ret = 0;

	for (size_t i = 0; i < s->n_sets; i++)
		most = s->set[i].n > most ? s->set[i].n : most;
	x = calloc(most, sizeof(*x));
	p = calloc(s->n_layers + 1, sizeof(*p));
	f->layer = calloc(s->n_sets * s->n_layers + 1, sizeof(*f->layer));
	if (!x || !p || !f->layer)
		ret = fail_nomem(err);
	for (size_t i = 0; i < s->n_sets && ret == 0; i++)
		ret = fit_set(s, &s->set[i], f->layer + i * s->n_layers, x, p,
			      err);
	free(x);
	free(p);
	return ret;
}

/* What the reader of a table full of dashes would ask. */
static void warn(const struct args *a, const struct scores *s)
{
	if (a->common.verbose < 0)
		return;
	if (!s->n_syc && !s->n_not)
		syc_warn(&tool, "no row is labelled: nothing to fit");
	else if (!s->n_syc || !s->n_not)
		syc_warn(&tool,
			 "all %" PRIu64 " labelled rows are %s: nothing to fit",
			 s->n_syc + s->n_not,
			 s->n_syc ? "sycophantic" : "not sycophantic");
	else if (!s->n_sets)
		syc_warn(&tool, "no row has a score: nothing to fit");
}

static int report(const struct args *a, const struct fit *f,
		  struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct syc_out o;
	int ret = a->write(&b, f);

	if (ret < 0)
		fail_nomem(err);
	else
		ret = syc_out_open(&o, a->common.output, err);
	if (ret == 0) {
		ret = syc_out_write(&o, b.data, b.len, err);
		if (ret == 0)
			ret = syc_out_finish(&o, err);
		else
			syc_out_abandon(&o);
	}
	syc_buf_free(&b);
	return ret;
}

static int no_rows(const struct syc_rows_in *in, struct syc_err *err)
{
	if (!in->n_skipped)
		return fail(err, SYC_EFORMAT, "no rows");
	return fail(err, SYC_EFORMAT, "no rows but %" PRIu64 " broken ones",
		    in->n_skipped);
}

static int run(const struct args *a, struct syc_rows_in *in, struct scores *s,
	       struct fit *f, struct syc_err *err)
{
	int ret = scores_read(s, in, err);

	f->n_skipped = in->n_skipped;
	if (ret == 0 && !s->n_rows)
		ret = no_rows(in, err);
	if (ret == 0)
		ret = fit_all(f, err);
	if (ret == 0) {
		warn(a, s);
		ret = report(a, f, err);
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct args a = { .common = SYC_COMMON_INIT };
	struct scores s = { 0 };
	struct fit f = { .scores = &s };
	struct syc_rows_in in = { .tool = &tool };
	struct syc_err err = { 0 };
	int status = 0;

	parse(&a, argc, argv);
	in.paths = argv + optind;
	in.n_paths = argc - optind;
	in.keep_going = a.keep_going;
	if (run(&a, &in, &s, &f, &err) < 0)
		status = syc_tool_err(&tool, &err);
	free(f.layer);
	scores_free(&s);
	syc_rows_done(&in);
	return syc_tool_finish(&tool, status);
}
