/* SPDX-License-Identifier: MIT */
/* syc-vec probe: a vector trained on what the model did, and how well it predicts. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/behavior.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/common/table.h"
#include "tool/vec/source.h"
#include "tool/vec/vec.h"

struct probe {
	struct opt_values common;
	struct syc_behavior_opts o;
	struct texts acts;
	struct opt_list layers;
	const char *name;
	enum sheet_form form;
	struct syc_rows in;
};

static const char *const positions[] = {"prompt", "last", "letter", "mean",
					NULL};

#define P struct probe
static const struct opt opts[] = {
	OPT_HEAD("Probe"),
	OPT_TEXT(0, "target", "FIELD", P, o.target,
		 "label (default), moved, or a number such as shift"),
	OPT_TEXT(
		0, "claim", "FIELD", P, o.claim,
		"leave out rows of one FIELD together (default: what they ask)"),
	OPT_TEXTS('a', "acts", "FILE", P, acts,
		  "the rows' activations (default: the files they name)"),
	OPT_CHOICE(0, "position", "NAME", P, o.position, enum syc_position,
		   positions, "prompt (default), last, letter or mean"),
	OPT_NUMBERS(0, "layers", "LIST", P, layers,
		    "these layers only (0,3-5; default: all)"),
	OPT_SIZE(0, "folds", "K", P, o.folds, 3, 1000,
		 "folds of claims (default: 5)"),
	OPT_SEED_ROW(P, common),
	OPT_TEXT(0, "name", "TEXT", P, name,
		 "the vector's name (default: the file's)"),
	OPT_HEAD("Report"),
	OPTS_OF_FORM(P, form, "one JSON document with every figure"),
	OPT_HEAD("Rows"),
	OPTS_OF_ROWS(P, in),
	OPT_OF_MIXED(P, in),
	OPTS_COMMON(P, common)};
#undef P

static const struct tool tool = {
	"syc-vec probe",
	"[-o FILE] [OPTION]... [ROWS]...",
	"Train a probe on labeled rows: a vector (-o), and how well it predicts new claims",
	opts,
};

static void put_layer(struct sheet *o, const struct syc_behavior *b, size_t l)
{
	const struct syc_behavior_layer *at = &b->at[l];
	const struct table_field f[] = {
		{ "auc", at->auc }, { "r2", at->r2 }, { "lambda", at->lambda },
	};
	char c[2][CELL];

	if (o->form == SHEET_JSON) {
		put(o, "%s{\"layer\":%" PRIu32 ",\"folds_chose\":%zu",
		    l ? ",\n" : "\n", b->layer[l], b->chosen[l]);
		JSON_FIELDS(o, f);
		put(o, "}");
	} else if (o->form == SHEET_TSV) {
		put(o, "%" PRIu32 "\t%zu", b->layer[l], b->chosen[l]);
		for (size_t i = 0; i < 3; i++)
			tsv_num(o, f[i].x);
		put(o, "\n");
	} else {
		put(o, "%5" PRIu32 " %6s %7s %12.6g %6zu\n", b->layer[l],
		    fixed(c[0], at->auc, 3), fixed(c[1], at->r2, 3), at->lambda,
		    b->chosen[l]);
	}
}

static void put_head(struct sheet *o, const struct syc_behavior *b,
		     const struct probe *p)
{
	const char *target = p->o.target ? p->o.target : "label";
	const struct table_field f[] = {{"auc", b->best.auc},
					{"r2", b->best.r2}};

	if (o->form == SHEET_TSV) {
		put(o, "layer\tchosen\tauc\tr2\tlambda\n");
	} else if (o->form == SHEET_JSON) {
		put(o,
		    "{\"program\":\"syc-vec\",\"version\":\"%s\",\"target\":",
		    syc_version());
		json_text(o, target);
		put(o,
		    ",\"position\":\"%s\",\"seed\":%" PRIu64 ",\"folds\":%zu,",
		    positions[p->o.position], p->o.seed, b->n_folds);
		put(o,
		    "\"rows\":%zu,\"positives\":%zu,\"undecided\":%zu,\"missing\":%zu,",
		    b->n, b->n_pos, b->n_undecided, b->n_missing);
		put(o, "\"claims\":%zu,\n\"best\":{\"folds\":%zu", b->n_claims,
		    b->n_folds);
		JSON_FIELDS(o, f);
		put(o, "},\n\"layers\":[");
	} else {
		put(o, "%zu rows of %zu claims", b->n, b->n_claims);
		if (!b->numbers)
			put(o, ", %zu with label 1", b->n_pos);
		put(o, "; %zu undecided, %zu without the position\n\n",
		    b->n_undecided, b->n_missing);
		put(o, "%5s %6s %7s %12s %6s\n", "layer", "AUC", "R2",
		    "penalty", "chosen");
	}
}

static void put_foot(struct sheet *o, const struct syc_behavior *b)
{
	char c[2][CELL];

	if (o->form == SHEET_JSON)
		put(o, "]}\n");
	if (o->form != SHEET_TEXT)
		return;
	put(o,
	    "\nBest layer, chosen in each of %zu folds without its claims: AUC %s, R2 %s\n",
	    b->n_folds, fixed(c[0], b->best.auc, 3),
	    fixed(c[1], b->best.r2, 3));
	put(o, "Rows are predicted by fits to other claims.%s\n",
	    b->n_claims < SYC_BEHAVIOR_CLAIMS
		    ? "  Fewer than 10 claims are not tested on."
		    : "");
}

static int run(const struct probe *p, struct syc_behavior **b,
	       struct syc_rows *in, struct syc_err *err)
{
	const char *output = p->common.output;
	struct syc_buf text = { 0 };
	struct sheet o = { &text, p->form, false };
	int ret = syc_behavior_read(b, in, &p->o, err);

	if (ret == 0 && output)
		ret = vec_name((*b)->vector, p->name, output, err);
	if (ret == 0 && output)
		ret = syc_vector_write((*b)->vector, output, SYC_VECTOR_AUTO,
				       err);
	if (ret < 0)
		return ret;
	put_head(&o, *b, p);
	for (size_t l = 0; l < (*b)->n_layers; l++)
		put_layer(&o, *b, l);
	put_foot(&o, *b);
	ret = o.bad ? fail_nomem(err)
		    : syc_output_all(NULL, text.data, text.len, err);
	syc_buf_free(&text);
	return ret;
}

int vec_probe(int argc, char **argv)
{
	struct probe p = {.common = OPT_VALUES_INIT,
			  .in = {ROWS_OF_ONE_RUN(&tool)}};
	const int at = opt_parse(&tool, argc, argv, &p);
	struct syc_behavior *b = NULL;
	struct syc_err err = { 0 };
	int ret =
		work_check(&tool, p.common.output, argv + at, argc - at, &err);

	p.in.paths = argv + at;
	p.in.n_paths = argc - at;
	p.o.layer = p.layers.v;
	p.o.n_layers = p.layers.n;
	p.o.acts = p.acts.text;
	p.o.n_acts = p.acts.n;
	p.o.seed = p.common.seed;
	p.o.program = tool.name;
	if (ret == 0)
		ret = run(&p, &b, &p.in, &err);
	syc_rows_done(&p.in);
	syc_behavior_free(b);
	texts_free(&p.acts);
	free(p.layers.v);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
