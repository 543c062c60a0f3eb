/* SPDX-License-Identifier: MIT */
/* A whole vector: a direction at each layer, how good it is, how it was made. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/vector/direction.h"

struct make {
	const struct syc_pairs *p, *control;
	const struct syc_recipe *r;
	struct syc_vector *v;
	double *direction;	/* [dim] of the layer in hand */
};

static size_t n_components(const struct make *m)
{
	return m->r->n_components ? m->r->n_components : 1;
}

/* The settings that can change the vector, as JSON members. */
static int add_recipe(const struct make *m, struct syc_buf *b)
{
	const struct syc_recipe *r = m->r;
	const unsigned takes = syc_method_info(r->method)->takes;
	int bad = 0;

	if (m->p->o.read == SYC_READ_TOKEN)
		bad |= syc_buf_printf(b, ", \"token\": %" PRId64,
				      m->p->o.token);
	if (takes & SYC_TAKES_BALANCE &&
	    (r->balance || r->method == SYC_METHOD_MEAN))
		bad |= syc_buf_printf(b, ", \"balance\": %s",
				      r->balance ? "true" : "false");
	if (takes & SYC_TAKES_CENTER)
		bad |= syc_buf_printf(b, ", \"center\": \"%s\"",
				      syc_center_name(r->center));
	if (takes & SYC_TAKES_SHRINKAGE && r->shrinkage_given)
		bad |= syc_buf_printf(b, ", \"shrinkage\": %.9g", r->shrinkage);
	if (takes & SYC_TAKES_RIDGE && r->lambda > 0)
		bad |= syc_buf_printf(b, ", \"lambda\": %.9g", r->lambda);
	else if (takes & SYC_TAKES_RIDGE)
		bad |= syc_buf_printf(b, ", \"folds\": %zu, \"seed\": %" PRIu64,
				      r->folds ? r->folds : 5, r->seed);
	if (m->control)
		bad |= syc_buf_printf(b,
				      ", \"control\": \"crc32:%08" PRIx32 "\"",
				      m->control->info.checksum);
	if (m->control && m->control->info.single)
		bad |= syc_buf_printf(b, ", \"control_components\": %zu",
				      n_components(m));
	if (r->normalize)
		bad |= syc_buf_printf(b, ", \"normalize\": \"%s\"",
				      syc_normalize_name(r->normalize));
	return bad;
}

static int describe(const struct make *m)
{
	const struct syc_pairs_info *p = &m->p->info;
	const char *method =
		p->kind == SYC_PAIRS_MODELS ? "diff" : syc_recipe_name(m->r);
	const char *position = syc_pairs_position(m->p);
	struct syc_vector *v = m->v;
	struct syc_buf b = { 0 };
	char token[32];
	int bad;

	bad = syc_buf_printf(&b,
			     "{%s, \"data\": \"crc32:%08" PRIx32
			     "\", \"position\": \"%s\"",
			     p->source, p->checksum, position);
	bad |= add_recipe(m, &b);
	bad |= syc_buf_puts(&b, "}");
	snprintf(token, sizeof(token), "token %" PRId64, m->p->o.token);
	if (m->p->o.read == SYC_READ_TOKEN)
		position = token;
	bad |= syc_vector_str(&v->name, "") < 0;
	bad |= syc_vector_str(&v->model_hint, p->arch) < 0;
	bad |= syc_vector_str(&v->method, method) < 0;
	bad |= syc_vector_str(&v->position, position) < 0;
	bad |= !b.data || syc_vector_str(&v->provenance, b.data) < 0;
	v->n_pairs = p->n;
	v->normalized = m->r->normalize == SYC_NORMALIZE_UNIT;
	syc_buf_free(&b);
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
	const size_t n = m->p->info.n_blocks;
	struct syc_vector *v = m->v = syc_vector_new(n, m->p->info.dim);

	m->direction = calloc(m->p->info.dim, sizeof(*m->direction));
	if (!v || !m->direction)
		return syc_nomem(err);
	v->norm = nans(n);
	v->explained = nans(n);
	v->dprime = nans(n);
	v->pair_cosine = nans(n);
	v->wrong_side = nans(n);
	v->center = nans(n);
	if (!v->norm || !v->explained || !v->dprime || !v->pair_cosine ||
	    !v->wrong_side || !v->center || describe(m))
		return syc_nomem(err);
	return 0;
}

int make_apart(double *direction, const struct view *v,
	       const struct syc_pairs *control, const struct syc_recipe *r,
	       struct syc_err *err)
{
	const size_t k = r->n_components ? r->n_components : 1;
	const size_t dim = v->p->info.dim;
	const double before = double_length(direction, dim);
	struct view view;
	double *basis = NULL;
	size_t n = 0;
	int ret = view_begin(&view, control, v->layer, false, err);

	if (ret == 0)
		ret = method_control(&basis, &n, &view, k, err);
	if (ret == 0)
		orthogonalize(direction, basis, n, dim);
	/* What is left is rounding: activations have 24 bits. */
	if (ret == 0 && double_length(direction, dim) < 1e-6 * before)
		ret = syc_fail(err, SYC_EINVAL,
			"layer %" PRIu32
			": nothing is left of the vector beside the control",
			v->p->layers[v->layer]);
	free(basis);
	view_end(&view);
	return ret;
}

int make_direction(double *out, const struct view *v,
		   const struct syc_pairs *control, const struct syc_recipe *r,
		   struct syc_err *err)
{
	int ret = method_direction(out, v, r, err);

	if (ret == 0 && control)
		ret = make_apart(out, v, control, r, err);
	/* What was taken out may have been what the majority went by. */
	if (ret == 0 && control && r->method == SYC_METHOD_PCA)
		ret = method_sign(out, v, r->balance, err);
	return ret;
}

static int scale_of(double *scale, const struct make *m, const struct diag *d,
		    size_t layer, struct syc_err *err)
{
	const enum syc_normalize how = m->r->normalize;

	*scale = 1;
	if (how == SYC_NORMALIZE_NONE)
		return 0;
	*scale = (how == SYC_NORMALIZE_UNIT ? 1 : d->length) / d->norm;
	if (d->norm > 0 && isfinite(*scale))
		return 0;
	return syc_fail(err, SYC_EINVAL,
			"layer %" PRIu32
			": the vector has no length to normalize",
			m->p->layers[layer]);
}

static int find_direction(struct make *m, struct diag *d, size_t layer,
			  struct syc_err *err)
{
	struct view view;
	int ret = view_begin(&view, m->p, layer, false, err);

	if (ret == 0)
		ret = make_direction(m->direction, &view, m->control, m->r, err);
	if (ret == 0)
		ret = diagnose(d, &view, m->direction, m->r->balance, err);
	view_end(&view);
	return ret;
}

static int make_layer(struct make *m, size_t layer, struct syc_err *err)
{
	const size_t l = m->p->layers[layer], dim = m->p->info.dim;
	struct syc_vector *v = m->v;
	struct diag d;
	double scale = 1;
	int ret = find_direction(m, &d, layer, err);

	if (ret == 0 && m->p->info.kind == SYC_PAIRS_CONTRAST &&
	    !(d.norm > 0 && d.whole > 0))
		ret = syc_fail(err, SYC_EINVAL,
			"layer %zu: the two sides of the pairs do not differ there",
			l);
	if (ret == 0)
		ret = scale_of(&scale, m, &d, layer, err);
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

static int check_control(const struct make *m, struct syc_err *err)
{
	const struct syc_pairs_info *p = &m->p->info, *c;

	if (!m->control)
		return 0;
	c = &m->control->info;
	if (c->dim != p->dim)
		return syc_fail(err, SYC_EINVAL,
				"the control has width %zu, the pairs %zu",
				c->dim, p->dim);
	if (c->n_layers != p->n_layers ||
	    memcmp(c->layers, p->layers, p->n_layers * sizeof(*p->layers)) != 0)
		return syc_fail(err, SYC_EINVAL,
				"the control has other layers than the pairs");
	return 0;
}

int syc_vector_of_pairs(struct syc_vector **out, const struct syc_pairs *p,
			const struct syc_pairs *control,
			const struct syc_recipe *r, struct syc_err *err)
{
	struct make m = { .p = p, .control = control, .r = r };
	int ret = check_control(&m, err);

	*out = NULL;
	if (ret == 0)
		ret = new_vector(&m, err);
	for (size_t l = 0; l < p->info.n_layers && ret == 0; l++)
		ret = make_layer(&m, l, err);
	free(m.direction);
	if (ret == 0)
		*out = m.v;
	else
		syc_vector_free(m.v);
	return ret;
}

int syc_vector_letters(double *out, const char **a, const char **b,
		       const struct syc_vector *v, const struct syc_pairs *p,
		       struct syc_err *err)
{
	const struct syc_recipe r = { .method = SYC_METHOD_LETTERS };
	const size_t dim = p->info.dim;
	double *letters = calloc(dim, 2 * sizeof(*letters));
	uint32_t two[2];
	int ret = letters ? 0 : syc_nomem(err);
	const bool has = method_letters(two, &p->info);

	*a = has ? p->letter[two[0]].name : NULL;
	*b = has ? p->letter[two[1]].name : NULL;
	for (size_t l = 0; l < v->n_layers; l++)
		out[l] = NAN;
	for (size_t i = 0; i < p->info.n_layers && has && ret == 0; i++) {
		const size_t l = p->layers[i];

		ret = syc_direction(letters, p, i, NULL, p->info.n, &r, err);
		for (size_t c = 0; c < dim; c++)
			letters[dim + c] = (double)v->v[l * dim + c];
		if (ret == 0)
			out[l] = double_cosine(letters, letters + dim, dim);
	}
	free(letters);
	return ret;
}
