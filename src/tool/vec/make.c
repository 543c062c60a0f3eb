/* SPDX-License-Identifier: MIT */
/* syc-vec mean, pca, lda, logistic and diff: a vector from activations. */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/vector.h"
#include "tool/common/fail.h"
#include "tool/vec/vec.h"
#include "tool/vec/source.h"

enum { KEY_NAME = OPT_OWN };

#define OPT_NAME { KEY_NAME, "name", "TEXT", "the vector's name (default: the file's)" }

static const struct opt mean_opts[] = {
	{ 0, NULL, NULL, "Vector" },
	VEC_OPTS_SOURCE, VEC_OPT_BALANCE, VEC_OPTS_VECTOR, OPT_NAME,
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	OPTS_MODEL
};
static const struct opt pca_opts[] = {
	{ 0, NULL, NULL, "Vector" },
	VEC_OPTS_SOURCE, VEC_OPT_CENTER, VEC_OPTS_VECTOR, OPT_NAME,
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	OPTS_MODEL
};
static const struct opt lda_opts[] = {
	{ 0, NULL, NULL, "Vector" },
	VEC_OPTS_SOURCE, VEC_OPT_SHRINKAGE, VEC_OPTS_VECTOR, OPT_NAME,
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	OPTS_MODEL
};
static const struct opt logistic_opts[] = {
	{ 0, NULL, NULL, "Vector" },
	VEC_OPTS_SOURCE, VEC_OPTS_LOGISTIC, VEC_OPTS_VECTOR, OPT_NAME,
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	OPTS_SEEDED
};
static const struct opt diff_opts[] = {
	{ 0, NULL, NULL, "Vector" },
	{ VEC_KEY_OTHER, "other", "PATH", "the model (or with --acts, its activations) to subtract" },
	VEC_OPTS_SOURCE, VEC_OPTS_VECTOR, OPT_NAME,
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	OPTS_MODEL
};

static const char usage[] = "{-m MODEL | -r ACTS} -o FILE [OPTION]... [FILE]...";
static const struct tool tools[] = {
	{ "syc-vec mean", usage, "Make the mean-difference vector of contrast pairs", mean_opts },
	{ "syc-vec pca", usage, "Make a vector of the first principal component of contrast pairs", pca_opts },
	{ "syc-vec lda", usage, "Make Fisher's discriminant of the two sides of contrast pairs", lda_opts },
	{ "syc-vec logistic", usage, "Make a vector of the weights of a logistic regression", logistic_opts },
	{ "syc-vec diff", "{-m MODEL | -r ACTS} {--other PATH | --lora PATH} -o FILE [OPTION]... FILE...",
	  "Make the vector of what differs between two models", diff_opts },
};
enum { DIFF = SYC_N_METHODS };

struct make {
	const struct tool *tool;
	struct opt_values common;
	struct vec_source source;
	const char *name;
	struct syc_pairs pairs, control;
	struct syc_vector *v;
	double *direction;	/* [dim] of the layer in hand */
};

static void parse_options(struct make *m, int argc, char **argv)
{
	int key;

	while ((key = opt_next(m->tool, argc, argv)) != -1) {
		if (key == KEY_NAME)
			m->name = optarg;
		else if (!vec_source_opt(m->tool, &m->source, key, optarg))
			opt_common(m->tool, &m->common, key, optarg);
	}
	vec_source_check(&m->source, m->tool, argc, argv, optind);
	if (!m->common.output)
		tool_usage(m->tool, "nowhere to write the vector: give --output=FILE");
	m->source.recipe.seed = m->common.seed;
}

/* A vector from (A)-answers alone also holds what is special about "(A)". */
static void warn_unbalanced(const struct make *m)
{
	const struct syc_pairs *p = &m->pairs;
	uint64_t least = UINT64_MAX, most = 0;

	for (size_t g = 0; g < p->n_groups; g++) {
		least = p->group_n[g] < least ? p->group_n[g] : least;
		most = p->group_n[g] > most ? p->group_n[g] : most;
	}
	if (!p->n_groups || !p->group[0][0])
		return;
	if (p->n_groups == 1)
		tool_warn(m->tool, "warning: the matching answer is always '%s': the vector holds that answer's own direction, too",
			 p->group[0]);
	else if (!m->source.recipe.balance && most * 10 > least * 11)
		tool_warn(m->tool, "warning: the matching letter is unbalanced (%" PRIu64 " to %" PRIu64 " pairs); --balance weights it out",
			 most, least);
}

static int add_recipe(const struct make *m, struct syc_buf *b)
{
	const struct syc_recipe *r = &m->source.recipe;
	int bad = 0;

	if (m->source.in.read == SYC_READ_TOKEN)
		bad |= syc_buf_printf(b, ", \"token\": %" PRId64, m->source.in.token);
	if (r->method == SYC_MEAN)
		bad |= syc_buf_printf(b, ", \"balance\": %s", r->balance ? "true" : "false");
	if (r->method == SYC_PCA)
		bad |= syc_buf_printf(b, ", \"center\": \"%s\"", syc_center_names[r->center]);
	if (r->shrinkage_given)
		bad |= syc_buf_printf(b, ", \"shrinkage\": %.9g", r->shrinkage);
	if (r->method == SYC_LOGISTIC && r->lambda > 0)
		bad |= syc_buf_printf(b, ", \"lambda\": %.9g", r->lambda);
	else if (r->method == SYC_LOGISTIC)
		bad |= syc_buf_printf(b, ", \"folds\": %zu, \"seed\": %" PRIu64, r->folds ? r->folds : 5, r->seed);
	if (m->source.control)
		bad |= syc_buf_printf(b, ", \"control\": \"crc32:%08" PRIx32 "\"", m->control.checksum);
	if (m->source.control && m->control.single)
		bad |= syc_buf_printf(b, ", \"control_components\": %zu", m->source.n_components);
	if (r->normalize)
		bad |= syc_buf_printf(b, ", \"normalize\": \"%s\"", syc_normalize_names[r->normalize]);
	return bad;
}

static int describe(struct make *m)
{
	const char *base = strrchr(m->common.output, '/');
	char *name = strdup(m->name ? m->name : base ? base + 1 : m->common.output), position[32];
	const bool diff = m->source.in.kind == SYC_PAIRS_MODELS;
	struct syc_vector *v = m->v;
	struct syc_buf b = { 0 };
	int bad;

	if (!m->name && name && strrchr(name, '.') > name)
		*strrchr(name, '.') = 0;
	snprintf(position, sizeof(position), "%s", syc_pairs_position(&m->pairs, &m->source.in));
	bad = syc_buf_printf(&b, "{%s, \"data\": \"crc32:%08" PRIx32 "\", \"position\": \"%s\"",
			     m->pairs.described.data, m->pairs.checksum, position);
	bad |= add_recipe(m, &b);
	bad |= syc_buf_puts(&b, "}");
	if (m->source.in.read == SYC_READ_TOKEN)
		snprintf(position, sizeof(position), "token %" PRId64, m->source.in.token);
	bad |= !name || syc_vector_str(&v->name, name) < 0;
	bad |= syc_vector_str(&v->model_hint, m->pairs.arch) < 0;
	bad |= syc_vector_str(&v->method, diff ? "diff" : syc_recipe_name(&m->source.recipe)) < 0;
	bad |= syc_vector_str(&v->position, position) < 0;
	bad |= !b.data || syc_vector_str(&v->provenance, b.data) < 0;
	v->n_pairs = m->pairs.n;
	v->normalized = m->source.recipe.normalize == SYC_NORMALIZE_UNIT;
	syc_buf_free(&b);
	free(name);
	return bad;
}

static float *nans(size_t n)
{
	float *x = calloc(n, sizeof(*x));

	for (size_t i = 0; x && i < n; i++)
		x[i] = NAN;
	return x;
}

static int new_vector(struct make *m, struct syc_err *err)
{
	const size_t n = m->pairs.n_blocks;
	struct syc_vector *v = m->v = syc_vector_new(n, m->pairs.dim);

	m->direction = calloc(m->pairs.dim, sizeof(*m->direction));
	if (!v || !m->direction)
		return fail_nomem(err);
	v->norm = nans(n);
	v->explained = nans(n);
	v->dprime = nans(n);
	v->pair_cosine = nans(n);
	v->wrong_side = nans(n);
	v->center = nans(n);
	if (!v->norm || !v->explained || !v->dprime || !v->pair_cosine || !v->wrong_side ||
	    !v->center || describe(m))
		return fail_nomem(err);
	return 0;
}

/* Take what the control has at this layer out of the direction. */
static int apply_control(struct make *m, size_t layer, struct syc_err *err)
{
	const double before = syc_length(m->direction, m->pairs.dim);
	struct syc_view view;
	double *basis = NULL;
	size_t n = 0;
	int ret = syc_view_begin(&view, &m->control, layer, false, err);

	if (ret == 0)
		ret = syc_control(&basis, &n, &view, m->source.n_components, err);
	if (ret == 0)
		syc_orthogonalize(m->direction, basis, n, m->pairs.dim);
	/* What is left is rounding: activations have 24 bits. */
	if (ret == 0 && syc_length(m->direction, m->pairs.dim) < 1e-6 * before)
		ret = fail(err, SYC_EINVAL, "layer %" PRIu32 ": nothing is left of the vector beside --control",
			   m->pairs.layers[layer]);
	free(basis);
	syc_view_end(&view);
	return ret;
}

static int scale_of(double *scale, const struct make *m, const struct syc_diag *d, size_t layer, struct syc_err *err)
{
	const enum syc_normalize how = m->source.recipe.normalize;

	*scale = 1;
	if (how == SYC_NORMALIZE_NONE)
		return 0;
	*scale = (how == SYC_NORMALIZE_UNIT ? 1 : d->length) / d->norm;
	if (d->norm > 0 && isfinite(*scale))
		return 0;
	return fail(err, SYC_EINVAL, "layer %" PRIu32 ": the vector has no length to normalize", m->pairs.layers[layer]);
}

static int make_layer(struct make *m, size_t layer, struct syc_err *err)
{
	const size_t l = m->pairs.layers[layer], dim = m->pairs.dim;
	struct syc_vector *v = m->v;
	struct syc_view view;
	struct syc_diag d;
	double scale = 1;
	int ret = syc_view_begin(&view, &m->pairs, layer, false, err);

	if (ret == 0)
		ret = syc_direction(m->direction, &view, &m->source.recipe, err);
	if (ret == 0 && m->source.control)
		ret = apply_control(m, layer, err);
	/* What was taken out may have been what the majority went by. */
	if (ret == 0 && m->source.control && m->source.recipe.method == SYC_PCA)
		ret = syc_set_sign(m->direction, &view, err);
	if (ret == 0)
		ret = syc_diagnose(&d, &view, m->direction, err);
	if (ret == 0 && m->source.in.kind == SYC_PAIRS_CONTRAST && !(d.norm > 0 && d.whole > 0))
		ret = fail(err, SYC_EINVAL, "layer %zu: the two sides of the pairs do not differ there", l);
	if (ret == 0)
		ret = scale_of(&scale, m, &d, layer, err);
	syc_view_end(&view);
	if (ret < 0)
		return ret;
	for (size_t c = 0; c < dim; c++)
		v->v[l * dim + c] = (float)(m->direction[c] * scale);
	v->has[l] = 1;
	v->norm[l] = (float)d.norm;
	v->explained[l] = (float)d.explained;
	v->dprime[l] = (float)d.dprime;
	v->pair_cosine[l] = (float)d.pair_cosine;
	v->wrong_side[l] = (float)d.wrong_side;
	v->center[l] = (float)d.center;
	return 0;
}

static void show(const struct make *m)
{
	const struct syc_vector *v = m->v;

	fprintf(stderr, "%5s %12s %9s %9s %9s %9s\n", "layer", "norm", "explained", "d'", "cosine", "wrong");
	for (size_t l = 0; l < v->n_layers; l++)
		if (v->has[l])
			fprintf(stderr, "%5zu %12.6g %9.4f %9.4f %9.4f %9.4f\n", l, (double)v->norm[l],
				(double)v->explained[l], (double)v->dprime[l], (double)v->pair_cosine[l],
				(double)v->wrong_side[l]);
}

static int open_control(struct make *m, struct syc_err *err)
{
	const struct syc_pairs *p = &m->pairs;
	int ret;

	if (!m->source.control)
		return 0;
	ret = vec_source_control(&m->control, &m->source, err);
	if (ret < 0)
		return ret;
	if (m->control.dim != p->dim)
		return fail(err, SYC_EINVAL, "%s: has width %zu, the pairs %zu", m->source.control, m->control.dim, p->dim);
	if (m->control.n_layers != p->n_layers ||
	    memcmp(m->control.layers, p->layers, p->n_layers * sizeof(*p->layers)) != 0)
		return fail(err, SYC_EINVAL, "%s: has other layers than the pairs", m->source.control);
	return 0;
}

static int make(struct make *m, struct syc_err *err)
{
	int ret = syc_pairs_open(&m->pairs, &m->source.in, err);

	if (ret == 0)
		ret = open_control(m, err);
	if (ret == 0)
		ret = new_vector(m, err);
	if (ret == 0 && m->source.recipe.method == SYC_MEAN && m->source.in.kind == SYC_PAIRS_CONTRAST)
		warn_unbalanced(m);
	for (size_t l = 0; l < m->pairs.n_layers && ret == 0; l++)
		ret = make_layer(m, l, err);
	if (ret == 0)
		ret = syc_vector_write(m->v, m->common.output, SYC_VECTOR_AUTO, err);
	if (ret == 0 && m->common.verbose >= 0)
		tool_warn(m->tool, "%s: %" PRIu64 " %s, %zu layers", m->common.output, m->pairs.n,
			 m->source.in.kind == SYC_PAIRS_MODELS ? "texts" : "pairs", m->pairs.n_layers);
	if (ret == 0 && m->common.verbose > 0)
		show(m);
	return ret;
}

static int run(unsigned which, int argc, char **argv)
{
	struct make m = { .tool = &tools[which], .common = OPT_VALUES_INIT, .pairs.fd = -1, .control.fd = -1 };
	struct syc_err err = { 0 };
	int ret;

	vec_source_begin(&m.source, m.tool, &m.common, argc);
	m.source.in.kind = which == DIFF ? SYC_PAIRS_MODELS : SYC_PAIRS_CONTRAST;
	m.source.recipe.method = which == DIFF ? SYC_MEAN : (enum syc_method)which;
	parse_options(&m, argc, argv);
	ret = make(&m, &err);
	syc_pairs_close(&m.pairs);
	syc_pairs_close(&m.control);
	syc_vector_free(m.v);
	free(m.direction);
	vec_source_end(&m.source);
	return tool_finish(m.tool, ret < 0 ? tool_err(m.tool, &err) : 0);
}

int vec_mean(int argc, char **argv)
{
	return run(SYC_MEAN, argc, argv);
}

int vec_pca(int argc, char **argv)
{
	return run(SYC_PCA, argc, argv);
}

int vec_lda(int argc, char **argv)
{
	return run(SYC_LDA, argc, argv);
}

int vec_logistic(int argc, char **argv)
{
	return run(SYC_LOGISTIC, argc, argv);
}

int vec_diff(int argc, char **argv)
{
	return run(DIFF, argc, argv);
}
