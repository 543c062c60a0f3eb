/* SPDX-License-Identifier: MIT */
/* syc-vec mean, pca, lda, logistic and diff: a vector from activations. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/null.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/vec/source.h"
#include "tool/vec/vec.h"

struct make {
	struct vec_source s;
	const char *name;
	struct syc_null_opts null;
	const struct tool *tool;
	struct syc_pairs *pairs, *control;
	struct syc_vector *v;
};

static opt_setter set_null;
static const struct opt first[] = {
	OPT_HEAD("Vector"),
	VEC_OPTS_SOURCE(struct make, s),
};
/* Rows of the methods that take them; 0: of diff. */
static const struct method_row {
	unsigned takes;
	struct opt row;
} of_methods[] = {
	{0,
	 OPT_TEXT(0, "other", "PATH", struct make, s.other,
		  "the model (or with --acts, its activations) to subtract")},
	{SYC_TAKES_BALANCE, VEC_OPT_BALANCE(struct make, s)},
	{SYC_TAKES_CENTER, VEC_OPT_CENTER(struct make, s)},
	{SYC_TAKES_SHRINKAGE, VEC_OPT_SHRINKAGE(struct make, s)},
	{SYC_TAKES_RIDGE, VEC_OPT_LAMBDA(struct make, s)},
	{SYC_TAKES_RIDGE, VEC_OPT_FOLDS(struct make, s)},
};
static const struct opt last[] = {
	VEC_OPT_NORMALIZE(struct make, s.recipe.normalize,
			  "length: none (default), unit, per-layer-mean"),
	OPT_TEXT(0, "control", "FILE", struct make, s.control,
		 "make it orthogonal to what FILE (rows or activations) has"),
	OPT_SIZE(0, "control-components", "K", struct make,
		 s.recipe.n_components, 1, 1000,
		 "of control prompts without pairs, take K (default: 1)"),
	OPT_TEXT(0, "name", "TEXT", struct make, name,
		 "the vector's name (default: the file's)"),
	OPT_TEXT(0, "nulls", "OUTPUT", struct make, s.nulls,
		 "write null vectors of it to OUTPUT, an .npz"),
	{ OPT_ROW(0, "null", "LIST",
		  "of these kinds: random, cov, flip, shuffle, each with :N (default: all, 200)",
		  set_null, offsetof(struct make, null)), .nth = syc_null_name },
	OPT_HEAD("Model"),
	OPTS_OF_MODEL(struct make, s.load),
	OPTS_RANDOM(struct make, s.common)};

#define N_ROWS(a) (sizeof(a) / sizeof((a)[0]))
static struct opt rows[N_ROWS(first) + N_ROWS(of_methods) + N_ROWS(last)];

static void set_null(const struct tool *t, const struct opt *o, void *at,
		     char *arg)
{
	struct syc_null_opts *null = at;
	struct syc_err err;

	if (syc_null_parse(null->n, arg, SYC_NULL_LEAST, SYC_NULL_DRAWS, &err) < 0)
		tool_usage(t, "--%s: %s", o->name, err.msg);
}

/* The rows of a method that takes so much. */
static void set_rows(unsigned takes, bool diff)
{
	struct opt *at = rows;

	memcpy(at, first, sizeof(first));
	at += N_ROWS(first);
	for (const struct method_row *m = of_methods;
	     m < of_methods + N_ROWS(of_methods); m++)
		if (m->takes ? !diff && m->takes & takes : diff)
			*at++ = m->row;
	memcpy(at, last, sizeof(last));
}

static void parse_options(struct make *m, int argc, char **argv)
{
	vec_source_check(&m->s, m->tool, argc, argv,
			 opt_parse(m->tool, argc, argv, m));
	if (!m->s.common.output)
		tool_usage(m->tool,
			   "nowhere to write the vector: give --output=FILE");
	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		if (m->null.n[k] && !m->s.nulls)
			tool_usage(m->tool, "--null needs --nulls=FILE");
}

/* "; at layer 3 the vector has a cosine of ...", where it is far from 0. */
static int say_letters(char *text, size_t size, const struct make *m,
		       struct syc_err *err)
{
	double *cosine = calloc(m->v->n_layers + 1, sizeof(*cosine));
	const char *a, *b;
	size_t most = 0;
	int ret = cosine ? syc_vector_letters(cosine, &a, &b, m->v, m->pairs, err)
			 : fail_nomem(err);

	for (size_t l = 0; ret == 0 && l < m->v->n_layers; l++)
		if (!(fabs(cosine[l]) <= fabs(cosine[most])))
			most = isnan(cosine[l]) ? most : l;
	if (ret == 0 && fabs(cosine[most]) > 0.7)
		snprintf(text, size,
			 "; at layer %zu the vector has a cosine of %.4f with '%s' less '%s'",
			 most, cosine[most], a, b);
	free(cosine);
	return ret;
}

/* A vector from (A)-answers alone also holds what is special about "(A)". */
static int warn_letters(const struct make *m, struct syc_err *err)
{
	const struct syc_pairs_info *p = syc_pairs_info(m->pairs);
	uint64_t least = UINT64_MAX, most = 0;
	char how[160] = "";
	int ret;

	if (!syc_pairs_choices(m->pairs))
		return 0;
	ret = say_letters(how, sizeof(how), m, err);
	for (size_t g = 0; g < p->n_letters; g++) {
		least = p->letter[g].n < least ? p->letter[g].n : least;
		most = p->letter[g].n > most ? p->letter[g].n : most;
	}
	if (ret < 0 || !p->letter[0].name[0])
		return ret;
	if (p->n_letters == 1)
		tool_warn(
			m->tool,
			"warning: the matching answer is always '%s': the vector holds "
			"that answer's own direction, too",
			p->letter[0].name);
	else if (!m->s.recipe.balance && most * 10 > least * 11)
		tool_warn(m->tool,
			  "warning: the matching letter is unbalanced (%" PRIu64
			  " to %" PRIu64 " pairs); --balance weights it out%s",
			  most, least, how);
	else if (how[0])
		tool_warn(m->tool, "warning: %s", how + 2);
	return 0;
}

/* Beside the vector, of the same activations. */
static int write_nulls(struct make *m, struct syc_err *err)
{
	static const size_t all = SYC_NULL_DRAWS;
	struct syc_null_opts o = m->null;
	bool any = false;

	if (!m->s.nulls)
		return 0;
	for (unsigned k = 0; k < SYC_N_NULLS; k++)
		any |= o.n[k] > 0;
	for (unsigned k = 0; k < SYC_N_NULLS && !any; k++)
		o.n[k] = all;
	o.seed = m->s.common.seed;
	o.threads = m->s.common.threads;
	o.program = m->tool->name;
	return syc_nulls_write(m->s.nulls, m->pairs, m->control, &m->s.recipe,
			       m->v, &o, err);
}

static void show(const struct syc_vector *v)
{
	fprintf(stderr, "%5s %12s %9s %9s %9s %9s\n", "layer", "norm",
		"explained", "d'", "cosine", "wrong");
	for (size_t l = 0; l < v->n_layers; l++)
		if (v->has[l])
			fprintf(stderr, "%5zu %12.6g %9.4f %9.4f %9.4f %9.4f\n",
				l, (double)v->norm[l], (double)v->explained[l],
				(double)v->dprime[l], (double)v->pair_cosine[l],
				(double)v->wrong_side[l]);
}

/* The other model, one at a time. */
static int add_other(struct make *m, struct vec_model *model,
		     struct syc_err *err)
{
	struct load other = m->s.load;

	other.model = m->s.other;
	other.n_lora = 0;
	vec_model_close(model);
	if (!m->s.acts.n) {
		int ret = vec_model_open(model, &other, err);

		if (ret < 0)
			return ret;
	}
	return vec_pairs_other(m->pairs, model, err);
}

static int read_pairs(struct make *m, struct syc_err *err)
{
	struct vec_model model = { .tool = m->tool, .source = &m->s };
	int ret = m->s.acts.n ? 0 : vec_model_open(&model, &m->s.load, err);

	if (ret == 0)
		ret = vec_pairs(&m->pairs, &model, m->s.read, err);
	if (ret == 0 && m->s.control)
		ret = vec_control(&m->control, &model, err);
	if (ret == 0 && m->s.control && syc_pairs_foreign_pairs(m->pairs, m->control))
		vec_warn_foreign(&model, m->s.control, "the pairs");
	if (ret == 0 && m->s.kind == SYC_PAIRS_MODELS)
		ret = add_other(m, &model, err);
	vec_model_close(&model);
	return ret;
}

static int make(struct make *m, struct syc_err *err)
{
	const bool models = m->s.kind == SYC_PAIRS_MODELS;
	const struct opt_values *c = &m->s.common;
	const struct syc_pairs_info *p;
	int ret = read_pairs(m, err);

	if (ret < 0)
		return ret;
	p = syc_pairs_info(m->pairs);
	ret = syc_vector_of_pairs(&m->v, m->pairs, m->control, &m->s.recipe,
				  err);
	if (ret == 0 && m->s.recipe.method != SYC_METHOD_LETTERS && !models)
		ret = warn_letters(m, err);
	if (ret == 0)
		ret = vec_name(m->v, m->name, c->output, err);
	if (ret == 0)
		ret = write_nulls(m, err);
	if (ret == 0)
		ret = syc_vector_write(m->v, c->output, SYC_VECTOR_AUTO, err);
	if (ret == 0 && c->verbose >= 0)
		tool_warn(m->tool, "%s: %" PRIu64 " %s, %zu layers", c->output,
			  p->n, models ? "texts" : "pairs", p->n_layers);
	if (ret == 0 && c->verbose > 0)
		show(m->v);
	return ret;
}

static int run(struct make *m, int argc, char **argv)
{
	struct syc_err err = { 0 };
	int ret;

	parse_options(m, argc, argv);
	ret = work_check(m->tool, m->s.common.output, m->s.in.paths, m->s.in.n_paths, &err);
	if (ret == 0 && m->s.nulls)
		ret = work_check(m->tool, m->s.nulls, m->s.in.paths, m->s.in.n_paths, &err);
	if (ret == 0 && m->s.nulls)
		ret = syc_outputs_differ(m->s.common.output, m->s.nulls, &err);
	if (ret == 0)
		ret = make(m, &err);
	syc_pairs_free(m->pairs);
	syc_pairs_free(m->control);
	syc_vector_free(m->v);
	vec_source_free(&m->s);
	return tool_finish(m->tool, ret < 0 ? tool_err(m->tool, &err) : 0);
}

int vec_make(int argc, char **argv)
{
	const enum syc_method method = syc_method_find(argv[0]);
	const struct syc_method_info *info = syc_method_info(method);
	char name[32], brief[96];
	const struct tool tool = {
		name,
		"{-m MODEL | -a ACTS} -o FILE [OPTION]... [FILE]...",
		brief,
		rows,
	};
	struct make m = { .s = VEC_SOURCE_INIT(&tool), .tool = &tool };

	snprintf(name, sizeof(name), "syc-vec %s", info->name);
	snprintf(brief, sizeof(brief), "Make %s", info->what);
	set_rows(info->takes, false);
	m.s.recipe.method = method;
	return run(&m, argc, argv);
}

int vec_diff(int argc, char **argv)
{
	static const struct tool tool = {
		"syc-vec diff",
		"{-m MODEL | -a ACTS} {--other PATH | --lora PATH} -o FILE [OPTION]... FILE...",
		"Make the vector of what differs between two models",
		rows,
	};
	struct make m = { .s = VEC_SOURCE_INIT(&tool), .tool = &tool };

	set_rows(0, true);
	m.s.kind = SYC_PAIRS_MODELS;
	return run(&m, argc, argv);
}
