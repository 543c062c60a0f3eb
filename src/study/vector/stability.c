/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/vector/direction.h"
#include "syc/random.h"
#include "syc/stability.h"
#include "syc/stat.h"

/* Streams of random numbers. */
enum { DIVISIONS = 1, SAMPLES, SIZES };

struct stability {
	const struct syc_pairs *const *pairs;	/* [n_pairs] */
	size_t n_pairs, dim;
	uint64_t n;			/* pairs in each */
	const struct syc_stability_opts *o;
	const enum syc_method *methods;
	size_t n_methods;
	struct syc_recipe r;		/* settled for the layer in hand */
	const uint32_t *sizes;		/* [n_sizes] */
	size_t n_sizes;
	uint32_t unsaid[3];		/* sizes where none are given */
	size_t layer;			/* in hand */
	struct view *view;		/* [n_pairs] of it */
	double *full, *x, *y;		/* [dim] */
	uint32_t *pick, *order;		/* [n] */
	double *cosine;			/* [most draws] */
	struct syc_stability_line *line;
	size_t n_lines, cap;
};

const char *syc_stability_name(unsigned what)
{
	static const char *const names[SYC_N_STABLES] = {
		"halves", "bootstrap", "number", "subset", "method", "position",
	};

	return what < SYC_N_STABLES ? names[what] : NULL;
}

/* A stream of its own for each use, so that none depends on what ran before. */
static uint64_t stream(const struct stability *s, uint64_t what, uint64_t i)
{
	uint64_t state = s->r.seed ^ what << 56 ^ i << 16;

	syc_splitmix64(&state);
	return state;
}

/* The direction of some pairs (pick NULL: all); NaN where there is none. */
static int direction(double *out, const struct stability *s, size_t read,
		     enum syc_method method, const uint32_t *pick, uint64_t n,
		     struct syc_err *err)
{
	struct syc_recipe r = s->r;
	struct view v = s->view[read];
	int ret;

	r.method = method;
	v.pick = pick;
	v.n = n;
	ret = n ? method_direction(out, &v, &r, err) : SYC_EINVAL;
	if (ret != SYC_EINVAL)
		return ret;
	out[0] = NAN;
	return 0;
}

/* One line: the mean of cosine [n], and the middle 95 % when n > 1. */
static int add_line(struct stability *s, enum syc_stability_what what,
		    const char *setting, uint64_t pairs, uint64_t n,
		    struct syc_err *err)
{
	struct syc_stability_line *l;
	double *x = s->cosine, mean = 0;
	size_t k = 0;

	if (!syc_grow(&s->line, &s->cap, s->n_lines + 1, sizeof(*l)))
		return syc_nomem(err);
	l = &s->line[s->n_lines++];
	for (size_t i = 0; i < n; i++)
		if (!isnan(x[i]))
			x[k++] = x[i];
	for (size_t i = 0; i < k; i++)
		mean += x[i] / (double)k;
	syc_stat_sort(x, k);
	*l = (struct syc_stability_line){
		.layer = s->pairs[0]->layers[s->layer],
		.what = what,
		.pairs = pairs,
		.n_draws = k,
		.cosine = k ? mean : NAN,
		.lo = k > 1 ? syc_stat_quantile(x, k, 0.025) : NAN,
		.hi = k > 1 ? syc_stat_quantile(x, k, 0.975) : NAN,
	};
	snprintf(l->setting, sizeof(l->setting), "%s", setting);
	return 0;
}

static const char *first_method(const struct stability *s)
{
	return syc_method_info(s->methods[0])->name;
}

/* The two halves of a random division, made independently. */
static int do_halves(struct stability *s, struct syc_err *err)
{
	const uint64_t half = s->n / 2;

	for (uint64_t i = 0; i < s->o->halves; i++) {
		int ret;

		syc_random_order(s->order, s->n, stream(s, DIVISIONS, i));
		ret = direction(s->x, s, 0, s->methods[0], s->order, half, err);
		if (ret == 0)
			ret = direction(s->y, s, 0, s->methods[0],
					s->order + half, half, err);
		if (ret < 0)
			return ret;
		s->cosine[i] = double_cosine(s->x, s->y, s->dim);
	}
	if (!s->o->halves || !half)
		return 0;
	return add_line(s, SYC_STABLE_HALVES, first_method(s), half,
			s->o->halves, err);
}

static int do_boot(struct stability *s, struct syc_err *err)
{
	for (uint64_t i = 0; i < s->o->boot; i++) {
		int ret;

		syc_random_picks(s->pick, s->n, stream(s, SAMPLES, i));
		ret = direction(s->x, s, 0, s->methods[0], s->pick, s->n, err);
		if (ret < 0)
			return ret;
		s->cosine[i] = double_cosine(s->x, s->full, s->dim);
	}
	if (!s->o->boot)
		return 0;
	return add_line(s, SYC_STABLE_BOOTSTRAP, first_method(s), s->n,
			s->o->boot, err);
}

static int do_size(struct stability *s, uint32_t size, struct syc_err *err)
{
	char setting[16];

	for (uint64_t i = 0; i < s->o->halves; i++) {
		int ret;

		syc_random_order(s->order, s->n, stream(s, SIZES, i));
		ret = direction(s->x, s, 0, s->methods[0], s->order, size, err);
		if (ret < 0)
			return ret;
		s->cosine[i] = double_cosine(s->x, s->full, s->dim);
	}
	snprintf(setting, sizeof(setting), "%" PRIu32, size);
	if (!s->o->halves)
		return 0;
	return add_line(s, SYC_STABLE_NUMBER, setting, size, s->o->halves, err);
}

/* The pairs of a group against those of all others. */
static int do_group(struct stability *s, uint32_t g, struct syc_err *err)
{
	uint64_t in = 0, out = 0;
	int ret;

	for (uint64_t i = 0; i < s->n; i++) {
		if (s->pairs[0]->said[i].group == g)
			s->pick[in++] = (uint32_t)i;
		else
			s->order[out++] = (uint32_t)i;
	}
	ret = direction(s->x, s, 0, s->methods[0], s->pick, in, err);
	if (ret == 0)
		ret = direction(s->y, s, 0, s->methods[0], s->order, out, err);
	if (ret < 0)
		return ret;
	s->cosine[0] = double_cosine(s->x, s->y, s->dim);
	return add_line(s, SYC_STABLE_SUBSET, s->pairs[0]->group[g].name, in, 1,
			err);
}

/* Another method or position beside the first, in the same samples. */
static int do_other(struct stability *s, size_t read, enum syc_method method,
		    struct syc_err *err)
{
	const uint64_t n = s->o->boot ? s->o->boot : 1;
	const uint32_t *pick = s->o->boot ? s->pick : NULL;
	const enum syc_stability_what what =
		read ? SYC_STABLE_POSITION : SYC_STABLE_METHOD;
	const char *setting = read ? syc_read_name(s->pairs[read]->o.read) :
		syc_method_info(method)->name;

	for (uint64_t i = 0; i < n; i++) {
		int ret;

		if (pick)
			syc_random_picks(s->pick, s->n, stream(s, SAMPLES, i));
		ret = direction(s->x, s, 0, s->methods[0], pick, s->n, err);
		if (ret == 0)
			ret = direction(s->y, s, read, method, pick, s->n, err);
		if (ret < 0)
			return ret;
		s->cosine[i] = double_cosine(s->x, s->y, s->dim);
	}
	return add_line(s, what, setting, s->n, n, err);
}

/* The views of the layer, and what is chosen once in it. */
static int begin_layer(struct stability *s, const struct syc_recipe *r,
		       struct syc_err *err)
{
	for (size_t i = 0; i < s->n_pairs; i++) {
		int ret = view_begin(&s->view[i], s->pairs[i], s->layer,
				     true, err);

		if (ret < 0)
			return ret;
	}
	s->r = *r;
	for (size_t m = 0; m < s->n_methods; m++) {
		int ret;

		s->r.method = s->methods[m];
		ret = method_settle(&s->r, &s->view[0], err);
		if (ret < 0)
			return ret;
	}
	return direction(s->full, s, 0, s->methods[0], NULL, s->n, err);
}

static int compare_layer(struct stability *s, struct syc_err *err)
{
	const size_t n_groups = s->o->subsets ? s->pairs[0]->info.n_groups : 0;
	int ret = do_halves(s, err);

	if (ret == 0)
		ret = do_boot(s, err);
	for (size_t k = 0; k < s->n_sizes && ret == 0; k++)
		ret = do_size(s, s->sizes[k], err);
	for (uint32_t g = 0; g < n_groups && n_groups > 1 && ret == 0; g++)
		ret = do_group(s, g, err);
	for (size_t m = 1; m < s->n_methods && ret == 0; m++)
		ret = do_other(s, 0, s->methods[m], err);
	for (size_t i = 1; i < s->n_pairs && ret == 0; i++)
		ret = do_other(s, i, s->methods[0], err);
	return ret;
}

/* The same pairs at the same layers, and not too many. */
static int check_pairs(const struct stability *s, struct syc_err *err)
{
	const struct syc_pairs *first = s->pairs[0];

	for (size_t i = 1; i < s->n_pairs; i++) {
		const struct syc_pairs_info *p = &s->pairs[i]->info;

		if (p->n != s->n || p->n_skipped != first->info.n_skipped)
			return syc_fail(err, SYC_EINVAL,
					"read at %s there are %" PRIu64
					" pairs, at %s %" PRIu64,
					syc_read_name(s->pairs[i]->o.read),
					p->n, syc_read_name(first->o.read),
					s->n);
		if (p->dim != s->dim || p->n_layers != first->info.n_layers)
			return syc_fail(err, SYC_EINVAL,
					"the pairs have different layers");
	}
	if (s->n > UINT32_MAX)
		return syc_fail(err, SYC_EINVAL, "too many pairs");
	return 0;
}

static int choose_sizes(struct stability *s, struct syc_err *err)
{
	const uint32_t n = (uint32_t)s->n, unsaid[3] = { n / 8, n / 4, n / 2 };

	s->sizes = s->o->n_sizes ? s->o->sizes : s->unsaid;
	s->n_sizes = s->o->n_sizes;
	for (size_t i = 0; i < 3 && !s->o->n_sizes; i++)
		if (unsaid[i] >= 2)
			s->unsaid[s->n_sizes++] = unsaid[i];
	for (size_t i = 0; i < s->n_sizes; i++)
		if (s->sizes[i] < 1 || s->sizes[i] > n)
			return syc_fail(err, SYC_EINVAL,
					"sizes: %" PRIu32 " of %" PRIu32
					" pairs",
					s->sizes[i], n);
	return 0;
}

static int make_room(struct stability *s, struct syc_err *err)
{
	const uint64_t boot = s->o->boot, halves = s->o->halves;

	s->view = calloc(s->n_pairs, sizeof(*s->view));
	s->full = calloc(3 * s->dim, sizeof(*s->full));
	s->pick = calloc((size_t)s->n, sizeof(*s->pick));
	s->order = calloc((size_t)s->n, sizeof(*s->order));
	s->cosine = calloc((size_t)(boot > halves ? boot : halves) + 1,
			   sizeof(*s->cosine));
	if (!s->view || !s->full || !s->pick || !s->order || !s->cosine)
		return syc_nomem(err);
	s->x = s->full + s->dim;
	s->y = s->x + s->dim;
	return 0;
}

static int prepare(struct stability *s, struct syc_err *err)
{
	int ret = check_pairs(s, err);

	if (ret == 0)
		ret = choose_sizes(s, err);
	return ret < 0 ? ret : make_room(s, err);
}

static int do_layer(struct stability *s, const struct syc_recipe *r,
		    struct syc_err *err)
{
	int ret = begin_layer(s, r, err);

	if (ret == 0)
		ret = compare_layer(s, err);
	for (size_t i = 0; i < s->n_pairs; i++)
		view_end(&s->view[i]);
	return ret;
}

int syc_stability(struct syc_stability_line **lines, size_t *n,
		  const struct syc_pairs *const *pairs, size_t n_pairs,
		  const struct syc_recipe *r,
		  const struct syc_stability_opts *o, struct syc_err *err)
{
	struct stability s = {
		.pairs = pairs, .n_pairs = n_pairs, .dim = pairs[0]->info.dim,
		.n = pairs[0]->info.n, .o = o,
		.methods = o->n_methods ? o->methods : &r->method,
		.n_methods = o->n_methods ? o->n_methods : 1,
	};
	int ret = prepare(&s, err);

	*lines = NULL;
	*n = 0;
	for (s.layer = 0; s.layer < pairs[0]->info.n_layers && ret == 0;
	     s.layer++)
		ret = do_layer(&s, r, err);
	free(s.view);
	free(s.full);
	free(s.pick);
	free(s.order);
	free(s.cosine);
	if (ret == 0) {
		*lines = s.line;
		*n = s.n_lines;
	} else {
		free(s.line);
	}
	return ret;
}
