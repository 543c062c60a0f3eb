/* SPDX-License-Identifier: MIT */
/* syc-vec stability: how much a direction depends on what it was made of. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/stability.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/common/table.h"
#include "tool/vec/source.h"
#include "tool/vec/vec.h"

enum { MAX_READS = 4 };

struct stability {
	struct vec_source s;
	enum syc_method method[SYC_N_METHODS];
	size_t n_methods;
	enum syc_read read[MAX_READS];
	size_t n_reads;
	uint64_t boot, halves;
	struct opt_list sizes;
	enum sheet_form form;
	struct syc_pairs *pairs[MAX_READS];
};

static const char *method_name(unsigned i)
{
	return i < SYC_N_METHODS ? syc_method_info(i)->name : NULL;
}

static opt_setter set_methods, set_positions;
static const struct opt opts[] = {
	OPT_HEAD("Recipe"),
	{ OPT_ROW(0, "methods", "LIST",
		  "mean (default), pca, lda, logistic: the first, and others beside it",
		  set_methods, 0), .nth = method_name },
	{ OPT_ROW(0, "positions", "LIST",
		  "prompt, last, letter, mean: likewise (default: --position)",
		  set_positions, 0), .names = vec_positions },
	VEC_OPTS_SOURCE(struct stability, s),
	VEC_OPT_BALANCE(struct stability, s),
	VEC_OPT_CENTER(struct stability, s),
	VEC_OPT_SHRINKAGE(struct stability, s),
	VEC_OPT_LAMBDA(struct stability, s),
	VEC_OPT_FOLDS(struct stability, s),
	OPT_HEAD("Resampling"),
	OPT_U64(0, "halves", "N", struct stability, halves, 0, 1000000,
		"compare the halves of N divisions (default: 100)"),
	OPT_U64(0, "boot", "N", struct stability, boot, 0, 1000000,
		"draw N bootstrap samples (default: 200)"),
	OPT_NUMBERS(0, "sizes", "LIST", struct stability, sizes,
		    "numbers of pairs to try (default: an eighth, a quarter, half)"),
	OPT_TEXT(0, "by", "FIELD", struct stability, s.by,
		 "compare the pairs of each value of the rows' FIELD with the rest"),
	OPT_HEAD("Output"),
	OPTS_OF_FORM(struct stability, form, "one JSON object per line of the table"),
	OPT_HEAD("Model"),
	OPTS_OF_MODEL(struct stability, s.load),
	OPTS_RANDOM(struct stability, s.common)
};

static const struct tool tool = {
	"syc-vec stability",
	"{-m MODEL | -a ACTS} [OPTION]... [FILE]...",
	"Print how much a vector depends on its pairs, their number, the position and the method",
	opts,
};

/* Names separated by commas as their numbers, each at most once. */
static size_t parse_names(const char *opt, const char *arg, const char *const *names,
			  unsigned n, unsigned *out)
{
	char word[16];
	size_t k = 0;

	for (const char *s = arg; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
		const size_t len = strcspn(s, ",");
		unsigned x;

		snprintf(word, sizeof(word), "%.*s", len < sizeof(word) ? (int)len : 0,
			 s);
		x = opt_enum(&tool, opt, word, names, n);
		for (size_t i = 0; i < k; i++)
			if (out[i] == x)
				tool_usage(&tool, "--%s: '%s' is given twice", opt, word);
		out[k++] = x;
	}
	return k;
}

static void set_methods(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	const char *names[SYC_N_METHODS];
	struct stability *s = at;
	unsigned x[SYC_N_METHODS];

	(void)t;
	for (unsigned i = 0; i < SYC_N_METHODS; i++)
		names[i] = method_name(i);
	s->n_methods = parse_names(o->name, arg, names, SYC_N_METHODS, x);
	for (size_t i = 0; i < s->n_methods; i++)
		s->method[i] = (enum syc_method)x[i];
}

/* Nothing stands for --reads=last of earlier versions. */
static void set_positions(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	struct stability *s = at;
	unsigned x[MAX_READS];

	(void)t;
	s->n_reads = arg[0] ? parse_names(o->name, arg, o->names, MAX_READS, x) : 0;
	for (size_t i = 0; i < s->n_reads; i++)
		s->read[i] = SYC_READ_LAST + x[i];
}

static void parse(struct stability *s, int argc, char **argv)
{
	vec_source_check(&s->s, &tool, argc, argv, opt_parse(&tool, argc, argv, s));
	if (!s->n_reads)
		s->read[s->n_reads++] = s->s.read;
	else if (s->s.read != SYC_READ_END)
		tool_usage(&tool,
			   "--positions, --position and --token: give one of them");
	for (int i = 0;
	     s->n_reads > 1 && !s->s.acts.n && i < (s->s.in.n_paths ? s->s.in.n_paths : 1); i++)
		if (!s->s.in.n_paths || strcmp(s->s.in.paths[i], "-") == 0)
			tool_usage(&tool,
				   "rows are read for each of --positions: give them as "
				   "files");
}

/* The pairs, read at every position. */
static int open_all(struct stability *s, struct syc_err *err)
{
	struct vec_model m = { .tool = &tool, .source = &s->s };
	int ret = s->s.acts.n ? 0 : vec_model_open(&m, &s->s.load, err);

	for (size_t r = 0; r < s->n_reads && ret == 0; r++)
		ret = vec_pairs(&s->pairs[r], &m, s->read[r], err);
	vec_model_close(&m);
	return ret;
}

static void put_line(struct sheet *o, const struct syc_stability_line *l)
{
	const char *what = syc_stability_name(l->what);
	char a[CELL], b[CELL], c[CELL];

	if (o->form == SHEET_JSON) {
		put(o,
		    "{\"layer\": %" PRIu32 ", \"what\": \"%s\", \"setting\": ", l->layer,
		    what);
		json_text(o, l->setting);
		put(o, ", \"pairs\": %" PRIu64 ", \"draws\": %zu, \"cosine\": ", l->pairs,
		    l->n_draws);
		put_num(o, l->cosine);
		put(o, ", \"lo\": ");
		put_num(o, l->lo);
		put(o, ", \"hi\": ");
		put_num(o, l->hi);
		put(o, "}\n");
	} else if (o->form == SHEET_TSV) {
		put(o, "%" PRIu32 "\t%s\t", l->layer, what);
		put_name(o, l->setting);
		put(o, "\t%" PRIu64 "\t%zu", l->pairs, l->n_draws);
		tsv_num(o, l->cosine);
		tsv_num(o, l->lo);
		tsv_num(o, l->hi);
		put(o, "\n");
	} else {
		put(o, "%5" PRIu32 " %-10s %-20s %7" PRIu64 " %6zu %8s %8s %8s\n",
		    l->layer, what, l->setting, l->pairs, l->n_draws,
		    fixed(a, l->cosine, 4), fixed(b, l->lo, 4), fixed(c, l->hi, 4));
	}
}

static int put_lines(const struct stability *s, const struct syc_stability_line *lines,
		     size_t n, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct sheet o = { &b, s->form, false };
	int ret;

	if (s->form == SHEET_TSV)
		put(&o, "layer\twhat\tsetting\tpairs\tdraws\tcosine\tlo\thi\n");
	else if (s->form == SHEET_TEXT)
		put(&o, "%5s %-10s %-20s %7s %6s %8s %8s %8s\n", "layer", "what",
		    "setting", "pairs", "draws", "cosine", "lo", "hi");
	for (size_t i = 0; i < n; i++)
		put_line(&o, &lines[i]);
	ret = o.bad ? fail_nomem(err) : syc_output_all(s->s.common.output, b.data, b.len, err);
	syc_buf_free(&b);
	return ret;
}

static int compare(struct stability *s, struct syc_err *err)
{
	const struct syc_stability_opts o = {
		.methods = s->method,
		.n_methods = s->n_methods,
		.halves = s->halves,
		.boot = s->boot,
		.sizes = s->sizes.v,
		.n_sizes = s->sizes.n,
		.subsets = s->s.by != NULL,
	};
	const struct syc_pairs *pairs[MAX_READS];
	struct syc_stability_line *lines;
	size_t n;
	int ret;

	for (size_t r = 0; r < s->n_reads; r++)
		pairs[r] = s->pairs[r];
	ret = syc_stability(&lines, &n, pairs, s->n_reads, &s->s.recipe, &o, err);
	if (ret < 0)
		return ret;
	ret = put_lines(s, lines, n, err);
	free(lines);
	return ret;
}

int vec_stability(int argc, char **argv)
{
	struct stability s = { .s = VEC_SOURCE_INIT(&tool), .boot = 200, .halves = 100 };
	struct syc_err err = { 0 };
	int ret;

	parse(&s, argc, argv);
	ret = work_check(&tool, s.s.common.output, s.s.in.paths, s.s.in.n_paths, &err);
	if (ret == 0)
		ret = open_all(&s, &err);
	if (ret == 0)
		ret = compare(&s, &err);
	for (size_t r = 0; r < MAX_READS; r++)
		syc_pairs_free(s.pairs[r]);
	free(s.sizes.v);
	vec_source_free(&s.s);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
