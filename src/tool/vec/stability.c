/* SPDX-License-Identifier: MIT */
/*
 * syc-vec stability: how much a direction depends on which pairs it was made
 * of, on how many, on where they were read, and on the method.
 */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/random.h"
#include "syc/stat.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/vec/vec.h"
#include "tool/vec/source.h"

enum {
	KEY_METHODS = OPT_OWN, KEY_POSITIONS, KEY_BOOT, KEY_HALVES, KEY_SIZES, KEY_BY, KEY_TSV, KEY_JSON,
	MAX_SIZES = 16, MAX_READS = 4,
};
enum style { TABLE, TSV, JSON };

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Recipe" },
	{ KEY_METHODS, "methods", "LIST", "mean (default), pca, lda, logistic: the first, and others beside it" },
	{ KEY_POSITIONS, "positions", "LIST", "prompt, last, letter, mean: likewise (default: --position)" },
	VEC_OPTS_SOURCE, VEC_OPT_BALANCE, VEC_OPT_CENTER, VEC_OPT_SHRINKAGE, VEC_OPTS_LOGISTIC,
	{ 0, NULL, NULL, "Resampling" },
	{ KEY_HALVES, "halves", "N", "compare the halves of N divisions (default: 100)" },
	{ KEY_BOOT, "boot", "N", "draw N bootstrap samples (default: 200)" },
	{ KEY_SIZES, "sizes", "LIST", "numbers of pairs to try (default: an eighth, a quarter, half)" },
	{ KEY_BY, "by", "FIELD", "compare the pairs of each value of the rows' FIELD with the rest" },
	{ 0, NULL, NULL, "Output" },
	{ KEY_TSV, "tsv", NULL, "columns separated by tabs" },
	{ KEY_JSON, "json", NULL, "one JSON object per line of the table" },
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	OPTS_SEEDED
};

static const struct tool tool = {
	"syc-vec stability", "{-m MODEL | -r ACTS} [OPTION]... [FILE]...",
	"Print how much a vector depends on its pairs, their number, the position and the method", opts,
};

struct stability {
	struct opt_values common;
	struct vec_source source;
	enum syc_method method[SYC_N_METHODS];
	size_t n_methods;
	enum syc_read read[MAX_READS];
	size_t n_reads;
	uint64_t boot, halves;
	uint32_t *sizes;
	size_t n_sizes;
	enum style style;
	struct syc_pairs pairs[MAX_READS];
	struct syc_view view[MAX_READS];	/* of the layer in hand */
	double lambda;				/* of the first read, in this layer */
	double *full, *x, *y;			/* [dim] */
	uint32_t *pick, *order, *group;		/* [n] */
	double *cosine;				/* [boot or halves] */
	struct syc_buf b;			/* the text so far */
	int bad;
};

/* Names separated by commas as their numbers, each at most once. */
static size_t parse_names(const char *opt, const char *arg, const char *const *names, unsigned n, unsigned *out)
{
	char word[16];
	size_t k = 0;

	for (const char *s = arg; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
		const size_t len = strcspn(s, ",");
		unsigned x;

		snprintf(word, sizeof(word), "%.*s", len < sizeof(word) ? (int)len : 0, s);
		x = opt_enum(&tool, opt, word, names, n);
		for (size_t i = 0; i < k; i++)
			if (out[i] == x)
				tool_usage(&tool, "--%s: '%s' is given twice", opt, word);
		out[k++] = x;
	}
	return k;
}

static bool own_opt(struct stability *s, int key, const char *arg)
{
	unsigned x[SYC_N_METHODS + MAX_READS];

	switch (key) {
	case KEY_METHODS:
		s->n_methods = parse_names("methods", arg, syc_method_names, SYC_N_METHODS, x);
		for (size_t i = 0; i < s->n_methods; i++)
			s->method[i] = (enum syc_method)x[i];
		break;
	case KEY_POSITIONS:
		s->n_reads = arg[0] ? parse_names("positions", arg, syc_read_names + SYC_READ_LAST, MAX_READS, x) : 0;
		for (size_t i = 0; i < s->n_reads; i++)
			s->read[i] = SYC_READ_LAST + x[i];
		break;
	case KEY_BOOT: s->boot = opt_whole(&tool, "boot", arg, 0, 1000000); break;
	case KEY_HALVES: s->halves = opt_whole(&tool, "halves", arg, 0, 1000000); break;
	case KEY_SIZES:
		free(s->sizes);
		opt_list(&tool, "sizes", arg, UINT32_MAX, &s->sizes, &s->n_sizes);
		break;
	case KEY_BY: s->source.in.by = arg; break;
	case KEY_TSV: s->style = TSV; break;
	case KEY_JSON: s->style = JSON; break;
	default: return false;
	}
	return true;
}

static void parse(struct stability *s, int argc, char **argv)
{
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1)
		if (!own_opt(s, key, optarg) && !vec_source_opt(&tool, &s->source, key, optarg))
			opt_common(&tool, &s->common, key, optarg);
	vec_source_check(&s->source, &tool, argc, argv, optind);
	if (!s->n_methods)
		s->method[s->n_methods++] = SYC_MEAN;
	if (!s->n_reads)
		s->read[s->n_reads++] = s->source.in.read;
	else if (s->source.in.read != SYC_READ_END)
		tool_usage(&tool, "--positions, --position and --token: give one of them");
	for (int i = 0; s->n_reads > 1 && !s->source.in.n_acts && i < (argc - optind ? argc - optind : 1); i++)
		if (argc == optind || strcmp(argv[optind + i], "-") == 0)
			tool_usage(&tool, "rows are read for each of --positions: give them as files");
	s->source.recipe.seed = s->common.seed;
}

/* A stream of its own for each use, so that none depends on what ran before. */
static uint64_t stream(const struct stability *s, uint64_t what, uint64_t i)
{
	uint64_t state = s->common.seed ^ what << 56 ^ i << 16;

	syc_splitmix64(&state);
	return state;
}

/* The direction of some pairs (pick NULL: all); NaN where there is none. */
static int direction(double *out, struct stability *s, size_t read, enum syc_method method,
		     const uint32_t *pick, uint64_t n, struct syc_err *err)
{
	struct syc_recipe r = s->source.recipe;
	struct syc_view v = s->view[read];
	int ret;

	r.method = method;
	if (method == SYC_LOGISTIC)
		r.lambda = s->lambda;
	v.pick = pick;
	v.n = n;
	ret = n ? syc_direction(out, &v, &r, err) : SYC_EINVAL;
	if (ret == SYC_EINVAL) {
		out[0] = NAN;
		ret = 0;
	}
	return ret;
}

static double cosine(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum / syc_length(a, n) / syc_length(b, n);
}

static void put_number(struct stability *s, double x)
{
	if (s->style == TABLE)
		s->bad |= isnan(x) ? syc_buf_puts(&s->b, "        -") : syc_buf_printf(&s->b, " %8.4f", x);
	else if (isnan(x))
		s->bad |= syc_buf_puts(&s->b, s->style == JSON ? "null" : "");
	else
		s->bad |= syc_buf_printf(&s->b, "%.9g", x);
}

/* One line: the mean of cosine [n], and the middle 95 % when n > 1. */
static void put_line(struct stability *s, size_t layer, const char *what, const char *setting, uint64_t pairs, size_t n)
{
	const uint32_t l = s->pairs[0].layers[layer];
	double *x = s->cosine, mean = 0, interval[2] = { NAN, NAN };
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(x[i]))
			x[k++] = x[i];
	for (size_t i = 0; i < k; i++)
		mean += x[i] / (double)k;
	syc_stat_sort(x, k);
	if (k > 1) {
		interval[0] = syc_stat_quantile(x, k, 0.025);
		interval[1] = syc_stat_quantile(x, k, 0.975);
	}
	if (s->style == JSON) {
		s->bad |= syc_buf_printf(&s->b, "{\"layer\": %" PRIu32 ", \"what\": \"%s\", \"setting\": ", l, what);
		s->bad |= syc_buf_json(&s->b, setting, strlen(setting));
		s->bad |= syc_buf_printf(&s->b, ", \"pairs\": %" PRIu64 ", \"draws\": %zu, \"cosine\": ", pairs, k);
	} else {
		s->bad |= syc_buf_printf(&s->b, s->style == TSV ? "%" PRIu32 "\t%s\t%s\t%" PRIu64 "\t%zu\t" :
					 "%5" PRIu32 " %-10s %-20s %7" PRIu64 " %6zu", l, what, setting, pairs, k);
	}
	put_number(s, k ? mean : NAN);
	s->bad |= syc_buf_puts(&s->b, s->style == JSON ? ", \"lo\": " : s->style == TSV ? "\t" : "");
	put_number(s, interval[0]);
	s->bad |= syc_buf_puts(&s->b, s->style == JSON ? ", \"hi\": " : s->style == TSV ? "\t" : "");
	put_number(s, interval[1]);
	s->bad |= syc_buf_puts(&s->b, s->style == JSON ? "}\n" : "\n");
}

/* The two halves of a random division, made independently. */
static int do_halves(struct stability *s, size_t layer, struct syc_err *err)
{
	const uint64_t half = s->pairs[0].n / 2;

	for (uint64_t i = 0; i < s->halves; i++) {
		int ret;

		syc_random_order(s->order, s->pairs[0].n, stream(s, 1, i));
		ret = direction(s->x, s, 0, s->method[0], s->order, half, err);
		if (ret == 0)
			ret = direction(s->y, s, 0, s->method[0], s->order + half, half, err);
		if (ret < 0)
			return ret;
		s->cosine[i] = cosine(s->x, s->y, s->pairs[0].dim);
	}
	if (s->halves && half)
		put_line(s, layer, "halves", syc_method_names[s->method[0]], half, (size_t)s->halves);
	return 0;
}

static int do_boot(struct stability *s, size_t layer, struct syc_err *err)
{
	for (uint64_t i = 0; i < s->boot; i++) {
		int ret;

		syc_random_picks(s->pick, s->pairs[0].n, stream(s, 2, i));
		ret = direction(s->x, s, 0, s->method[0], s->pick, s->pairs[0].n, err);
		if (ret < 0)
			return ret;
		s->cosine[i] = cosine(s->x, s->full, s->pairs[0].dim);
	}
	if (s->boot)
		put_line(s, layer, "bootstrap", syc_method_names[s->method[0]], s->pairs[0].n, (size_t)s->boot);
	return 0;
}

static int do_sizes(struct stability *s, size_t layer, struct syc_err *err)
{
	char setting[16];

	for (size_t k = 0; k < s->n_sizes; k++) {
		for (uint64_t i = 0; i < s->halves; i++) {
			int ret;

			syc_random_order(s->order, s->pairs[0].n, stream(s, 3, i));
			ret = direction(s->x, s, 0, s->method[0], s->order, s->sizes[k], err);
			if (ret < 0)
				return ret;
			s->cosine[i] = cosine(s->x, s->full, s->pairs[0].dim);
		}
		snprintf(setting, sizeof(setting), "%" PRIu32, s->sizes[k]);
		if (s->halves)
			put_line(s, layer, "number", setting, s->sizes[k], (size_t)s->halves);
	}
	return 0;
}

/* The pairs of each group against those of all others. */
static int do_groups(struct stability *s, size_t layer, struct syc_err *err)
{
	const struct syc_pairs *p = &s->pairs[0];

	for (uint32_t g = 0; g < p->n_groups && p->n_groups > 1; g++) {
		uint64_t in = 0, out = 0;
		int ret;

		for (uint64_t i = 0; i < p->n; i++) {
			if (s->group[i] == g)
				s->pick[in++] = (uint32_t)i;
			else
				s->order[out++] = (uint32_t)i;
		}
		ret = direction(s->x, s, 0, s->method[0], s->pick, in, err);
		if (ret == 0)
			ret = direction(s->y, s, 0, s->method[0], s->order, out, err);
		if (ret < 0)
			return ret;
		s->cosine[0] = cosine(s->x, s->y, p->dim);
		put_line(s, layer, "subset", p->group[g], in, 1);
	}
	return 0;
}

/* Another method or read position beside the first, in the same samples. */
static int do_other(struct stability *s, size_t layer, size_t read, enum syc_method method, struct syc_err *err)
{
	const uint64_t n = s->boot ? s->boot : 1;

	for (uint64_t i = 0; i < n; i++) {
		const uint32_t *pick = s->boot ? s->pick : NULL;
		int ret;

		if (s->boot)
			syc_random_picks(s->pick, s->pairs[0].n, stream(s, 2, i));
		ret = direction(s->x, s, 0, s->method[0], pick, s->pairs[0].n, err);
		if (ret == 0)
			ret = direction(s->y, s, read, method, pick, s->pairs[0].n, err);
		if (ret < 0)
			return ret;
		s->cosine[i] = cosine(s->x, s->y, s->pairs[0].dim);
	}
	put_line(s, layer, read ? "position" : "method", read ? syc_read_names[s->read[read]] : syc_method_names[method],
		 s->pairs[0].n, (size_t)n);
	return 0;
}

static int do_layer(struct stability *s, size_t layer, struct syc_err *err)
{
	bool logistic = false;
	int ret = 0;

	for (size_t r = 0; r < s->n_reads && ret == 0; r++)
		ret = syc_view_begin(&s->view[r], &s->pairs[r], layer, !s->source.recipe.balance, err);
	for (size_t m = 0; m < s->n_methods; m++)
		logistic |= s->method[m] == SYC_LOGISTIC;
	s->lambda = s->source.recipe.lambda;
	if (ret == 0 && logistic && !(s->lambda > 0))
		ret = syc_choose_lambda(&s->lambda, &s->view[0], &s->source.recipe, err);
	if (ret == 0)
		ret = direction(s->full, s, 0, s->method[0], NULL, s->pairs[0].n, err);
	if (ret == 0)
		ret = do_halves(s, layer, err);
	if (ret == 0)
		ret = do_boot(s, layer, err);
	if (ret == 0)
		ret = do_sizes(s, layer, err);
	if (ret == 0 && s->source.in.by)
		ret = do_groups(s, layer, err);
	for (size_t m = 1; m < s->n_methods && ret == 0; m++)
		ret = do_other(s, layer, 0, s->method[m], err);
	for (size_t r = 1; r < s->n_reads && ret == 0; r++)
		ret = do_other(s, layer, r, s->method[0], err);
	for (size_t r = 0; r < s->n_reads; r++)
		syc_view_end(&s->view[r]);
	return ret;
}

/* The pairs, read at every position: they must be the same ones. */
static int open_all(struct stability *s, struct syc_err *err)
{
	for (size_t r = 0; r < s->n_reads; r++) {
		int ret;

		s->source.in.read = s->read[r];
		ret = syc_pairs_open(&s->pairs[r], &s->source.in, err);
		if (ret < 0)
			return ret;
		if (s->pairs[r].n != s->pairs[0].n || s->pairs[r].n_skipped != s->pairs[0].n_skipped)
			return fail(err, SYC_EINVAL, "read at %s there are %" PRIu64 " pairs, at %s %" PRIu64,
				    syc_read_names[s->read[r]], s->pairs[r].n, syc_read_names[s->read[0]],
				    s->pairs[0].n);
	}
	if (s->pairs[0].n > UINT32_MAX)
		return fail(err, SYC_EINVAL, "too many pairs");
	return 0;
}

static int prepare(struct stability *s, struct syc_err *err)
{
	const size_t n = (size_t)s->pairs[0].n, dim = s->pairs[0].dim;
	const uint64_t most = s->boot > s->halves ? s->boot : s->halves;
	uint32_t unsaid[3] = { (uint32_t)n / 8, (uint32_t)n / 4, (uint32_t)n / 2 };

	s->full = calloc(3 * dim, sizeof(*s->full));
	s->pick = calloc(n, sizeof(*s->pick));
	s->order = calloc(n, sizeof(*s->order));
	s->group = calloc(n, sizeof(*s->group));
	s->cosine = calloc((size_t)most + 1, sizeof(*s->cosine));
	if (!s->sizes && (s->sizes = calloc(3, sizeof(*s->sizes))))
		for (size_t i = 0; i < 3; i++)
			if (unsaid[i] >= 2)
				s->sizes[s->n_sizes++] = unsaid[i];
	if (!s->full || !s->pick || !s->order || !s->group || !s->cosine || !s->sizes)
		return fail_nomem(err);
	s->x = s->full + dim;
	s->y = s->x + dim;
	for (size_t i = 0; i < s->n_sizes; i++)
		if (s->sizes[i] < 1 || s->sizes[i] > n)
			return fail(err, SYC_EINVAL, "--sizes: %" PRIu32 " of %zu pairs", s->sizes[i], n);
	for (size_t i = 0; i < n; i++) {
		int ret = syc_pairs_get(&s->pairs[0], i, 0, (float *)s->x, (float *)s->y, &s->group[i], err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

static int write_out(struct stability *s, struct syc_err *err)
{
	struct out o;
	int ret;

	if (s->bad)
		return fail_nomem(err);
	ret = out_open(&o, s->common.output, err);
	if (ret < 0)
		return ret;
	ret = out_write(&o, s->b.data, s->b.len, err);
	if (ret == 0)
		return out_finish(&o, err);
	out_abandon(&o);
	return ret;
}

static void end(struct stability *s)
{
	for (size_t r = 0; r < MAX_READS; r++)
		syc_pairs_close(&s->pairs[r]);
	free(s->full);
	free(s->pick);
	free(s->order);
	free(s->group);
	free(s->cosine);
	free(s->sizes);
	syc_buf_free(&s->b);
	vec_source_end(&s->source);
}

int vec_stability(int argc, char **argv)
{
	struct stability s = { .common = OPT_VALUES_INIT, .boot = 200, .halves = 100 };
	struct syc_err err = { 0 };
	int ret;

	for (size_t r = 0; r < MAX_READS; r++)
		s.pairs[r].fd = -1;
	vec_source_begin(&s.source, &tool, &s.common, argc);
	parse(&s, argc, argv);
	ret = open_all(&s, &err);
	if (ret == 0)
		ret = prepare(&s, &err);
	if (ret == 0 && s.style != JSON)
		s.bad |= syc_buf_printf(&s.b, s.style == TSV ? "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n" :
					"%5s %-10s %-20s %7s %6s %8s %8s %8s\n", "layer", "what", "setting",
					"pairs", "draws", "cosine", "lo", "hi");
	for (size_t l = 0; ret == 0 && l < s.pairs[0].n_layers; l++)
		ret = do_layer(&s, l, &err);
	if (ret == 0)
		ret = write_out(&s, &err);
	end(&s);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
