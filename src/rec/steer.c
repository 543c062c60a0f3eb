/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "rec/steer.h"

int syc_steer_new(struct syc_steer **out, const struct syc_model *m,
		  struct syc_err *err)
{
	struct syc_steer *s = calloc(1, sizeof(*s));

	*out = s;
	if (!s)
		return syc_nomem(err);
	s->n_blocks = syc_model_config(m)->n_layers;
	s->dim = syc_model_config(m)->dim;
	s->last = &s->first;
	snprintf(s->model, sizeof(s->model), "{\"model\":\"%s\"}", syc_model_digest(m));
	return 0;
}

static void free_rule(struct steer_rule *a)
{
	if (!a)
		return;
	free(a->row);
	free(a->sq);
	free(a->to);
	free(a->v);
	free(a);
}

void syc_steer_free(struct syc_steer *s)
{
	if (!s)
		return;
	for (struct steer_rule *a = s->first, *next; a; a = next) {
		next = a->next;
		free_rule(a);
	}
	free(s);
}

/* ---- rules ------------------------------------------------------------------ */

static struct steer_rule *new_rule(const struct syc_steer *s,
				   const struct syc_vector *v,
				   const struct syc_steer_rule *r)
{
	struct steer_rule *a = calloc(1, sizeof(*a));
	size_t n;

	if (!a)
		return NULL;
	a->r = *r;
	a->r.layers = NULL;
	a->r.hook = r->hook ? r->hook : SYC_HOOK_BLOCK;
	if (syc_mul(&n, r->n_layers ? r->n_layers : v->n_layers, s->dim))
		a->v = syc_calloc(n, sizeof(*a->v));
	a->row = syc_calloc(s->n_blocks, sizeof(float *));
	a->sq = syc_calloc(s->n_blocks, sizeof(*a->sq));
	a->to = syc_calloc(s->n_blocks, sizeof(*a->to));
	a->checksum = (uint32_t)crc32_z(crc32_z(0, NULL, 0),
					(const unsigned char *)v->v,
					v->n_layers * v->dim * sizeof(*v->v));
	if (a->v && a->row && a->sq && a->to)
		return a;
	free_rule(a);
	return NULL;
}

/* Take layer l's vector into at [dim]. */
static int add_layer(const struct syc_steer *s, struct steer_rule *a,
		     const struct syc_vector *v, uint32_t l, float *at,
		     struct syc_err *err)
{
	if (l >= s->n_blocks)
		return syc_fail(err, SYC_EINVAL,
				"layer %" PRIu32
				": the model's layers are 0 to %" PRIu32,
				l, s->n_blocks - 1);
	if (l >= v->n_layers || !v->has[l])
		return syc_fail(err, SYC_EINVAL,
				"there is no vector for layer %" PRIu32, l);
	memcpy(at, v->v + (size_t)l * v->dim, s->dim * sizeof(*at));
	a->row[l] = at;
	a->sq[l] = steer_dot(at, at, s->dim);
	a->to[l] = !a->r.to_mean ? a->r.to : v->center ? v->center[l] : NAN;
	if (!isfinite(a->sq[l]))
		return syc_fail(err, SYC_EINVAL,
			"the vector of layer %" PRIu32 " is not finite", l);
	if (!(a->sq[l] > 0))
		return syc_fail(err, SYC_EINVAL,
				"the vector of layer %" PRIu32 " is zero", l);
	if (!isfinite(a->to[l]))
		return syc_fail(err, SYC_EINVAL,
				"the mean component of layer %" PRIu32
				" is not known", l);
	return 0;
}

static int check_rule(const struct syc_steer *s, const struct syc_vector *v,
		      const struct syc_steer_rule *r, struct syc_err *err)
{
	const struct syc_steer_op_info *op = syc_steer_op_info(r->op);

	if (!op)
		return syc_fail(err, SYC_EINVAL, "there is no operator %d",
				(int)r->op);
	if (v->dim != s->dim)
		return syc_fail(err, SYC_EINVAL,
				"vectors of width %zu do not fit the model's "
				"width "
				"%zu", v->dim, s->dim);
	if (!isfinite(r->scale))
		return syc_fail(err, SYC_EINVAL, "a scale of %g",
				(double)r->scale);
	if (fabs((double)r->scale) > op->limit)
		return syc_fail(err, SYC_EINVAL, "%s: %g%s%s are more than %g",
				op->name, (double)r->scale, op->unit ? " " : "",
				op->unit ? op->unit : "", op->limit);
	if (op->needs_to && !r->to_mean && !isfinite(r->to))
		return syc_fail(err, SYC_EINVAL, "%s to %g", op->name,
				(double)r->to);
	return 0;
}

/* Jobs share what they computed by this key, so all that counts is in it. */
static uint64_t rule_key(const struct syc_steer *s, const struct steer_rule *a)
{
	const uint32_t what[] = { a->r.op,   a->r.hook,  a->r.side,
				  a->r.when, a->r.count, a->r.decay };
	uint64_t h = syc_hash(s->key, what, sizeof(what));

	h = syc_hash(h, &a->r.scale, sizeof(a->r.scale));
	for (uint32_t l = 0; l < s->n_blocks; l++) {
		if (!a->row[l])
			continue;
		h = syc_hash(h, &l, sizeof(l));
		h = syc_hash(h, &a->to[l], sizeof(a->to[l]));
		h = syc_hash(h, a->row[l], s->dim * sizeof(float));
	}
	return h ? h : 1;
}

int syc_steer_apply(struct syc_steer *s, const struct syc_vector *v,
		    const struct syc_steer_rule *rule, struct syc_err *err)
{
	struct steer_rule *a;
	size_t n = 0;
	int ret = check_rule(s, v, rule, err);

	if (ret < 0)
		return ret;
	a = new_rule(s, v, rule);
	if (!a)
		return syc_nomem(err);
	for (size_t i = 0; i < rule->n_layers && ret == 0; i++)
		ret = add_layer(s, a, v, rule->layers[i], a->v + n++ * s->dim,
				err);
	for (uint32_t l = 0; !rule->n_layers && l < v->n_layers && ret == 0; l++)
		if (v->has[l])
			ret = add_layer(s, a, v, l, a->v + n++ * s->dim, err);
	if (ret < 0) {
		free_rule(a);
		return ret;
	}
	if (!n) {
		free_rule(a);
		return syc_fail(err, SYC_EINVAL,
				"there is no vector for any layer");
	}
	s->key = rule_key(s, a);
	*s->last = a;
	s->last = &a->next;
	return 0;
}

int syc_steer_add(struct syc_steer *s, const struct syc_vector *v, float scale,
		  const uint32_t *layers, size_t n_layers, struct syc_err *err)
{
	const struct syc_steer_rule r = { .scale = scale, .layers = layers, .n_layers = n_layers };

	return syc_steer_apply(s, v, &r, err);
}

/* ---- jobs and tokens ---------------------------------------------------------- */

/* The tokens [*from, *end) at which a rule acts on a job of n_prompt. */
static void window(const struct syc_steer_rule *r, size_t n_prompt,
		   size_t *from, size_t *end)
{
	*from = 0;
	*end = SIZE_MAX;
	switch (r->when) {
	case SYC_STEER_ALL: break;
	case SYC_STEER_PROMPT: *end = n_prompt; break;
	case SYC_STEER_LAST: *from = n_prompt - 1; *end = n_prompt; break;
	case SYC_STEER_GENERATED: *from = n_prompt; break;
	case SYC_STEER_AFTER: *from = n_prompt + r->count; break;
	case SYC_STEER_FIRST: *from = n_prompt; *end = n_prompt + r->count; break;
	}
}

/* The blocks that no rule reaches; one behind a block leaves that alone. */
static uint32_t n_below(const struct syc_steer *s)
{
	uint32_t n = UINT32_MAX;

	for (const struct steer_rule *a = s->first; a; a = a->next)
		for (uint32_t l = 0; l < s->n_blocks; l++) {
			const uint32_t at = l + (a->r.hook == SYC_HOOK_BLOCK);

			if (a->row[l] && at < n)
				n = at;
		}
	return n;
}

void syc_steer_job(const struct syc_steer *s, struct syc_job *job,
		   size_t n_prompt)
{
	/* Tokens before own are steered alike in every job that begins so. */
	size_t plain = job->n_tokens, own = job->n_tokens, from, end;

	job->steer = s && s->first ? s : NULL;
	job->steer_key = job->steer ? s->key : 0;
	job->n_prompt = n_prompt;
	job->n_plain = job->n_own = job->n_below = 0;
	job->steered_alike = true;
	if (!job->steer)
		return;
	job->n_below = n_below(s);
	for (const struct steer_rule *a = s->first; a; a = a->next) {
		job->steered_alike &= a->r.when == SYC_STEER_ALL;
		window(&a->r, n_prompt, &from, &end);
		if (from > 0 && from < own)
			own = from;
		if (end < own)	/* a longer prompt would go on being steered */
			own = end;
		plain = from < plain ? from : plain;
	}
	/* A window that begins with the first token by chance is the job's own. */
	for (const struct steer_rule *a = s->first; a; a = a->next)
		if (a->r.when == SYC_STEER_LAST && n_prompt == 1)
			own = 0;
	job->n_plain = plain;
	job->n_own = job->n_tokens - own;
}

static void steer_token(const struct syc_steer *s, enum syc_hook_point point,
			uint32_t layer, const struct syc_where *at, float *x)
{
	size_t n_prompt = at->job->n_prompt ? at->job->n_prompt :
					      at->job->n_tokens,
	       from, end;

	for (const struct steer_rule *a = s->first; a; a = a->next) {
		double f = 1;

		if (a->r.hook != point || !a->row[layer])
			continue;
		window(&a->r, n_prompt, &from, &end);
		if (at->pos < from || at->pos >= end)
			continue;
		if (a->r.decay)
			f = 1 - (double)(at->pos - from) / a->r.decay;
		if (f > 0)
			steer_one(a, layer, f, x, s->dim);
	}
}

static void steer(void *arg, enum syc_hook_point point, uint32_t layer,
		  size_t n, const struct syc_where *at, float *x)
{
	(void)arg;
	for (size_t t = 0; t < n; t++) {
		const struct syc_steer *s = at[t].job->steer;

		if (s)
			steer_token(s, point, layer, &at[t], x + t * s->dim);
	}
}

struct syc_hook syc_steer_hook(void)
{
	return (struct syc_hook){ SYC_HOOK_ATTN | SYC_HOOK_MLP | SYC_HOOK_BLOCK,
				  steer, NULL };
}

/* ---- in words ----------------------------------------------------------------- */

/* What differs from adding after the block, at every token. */
static int describe_rest(const struct syc_steer_rule *r, struct syc_buf *out)
{
	const struct syc_steer_op_info *op = syc_steer_op_info(r->op);
	int bad = 0;

	if (r->op != SYC_STEER_ADD)
		bad |= syc_buf_printf(out, ", \"op\": \"%s\"", op->name);
	if (op->needs_to) {
		bad |= syc_buf_puts(out, ", \"to\": ");
		bad |= r->to_mean ? syc_buf_puts(out, "\"mean\"") :
				    syc_buf_float(out, r->to);
	}
	if (r->hook != SYC_HOOK_BLOCK)
		bad |= syc_buf_printf(out, ", \"hook\": \"%s\"",
				      steer_hook_name(r->hook));
	if (r->side != SYC_STEER_BOTH)
		bad |= syc_buf_printf(out, ", \"if\": \"%s\"",
				      steer_side_name(r->side));
	if (r->when == SYC_STEER_AFTER || r->when == SYC_STEER_FIRST)
		bad |= syc_buf_printf(out, ", \"when\": \"%s:%" PRIu32 "\"",
				      steer_when_name(r->when), r->count);
	else if (r->when != SYC_STEER_ALL)
		bad |= syc_buf_printf(out, ", \"when\": \"%s\"",
				      steer_when_name(r->when));
	if (r->decay)
		bad |= syc_buf_printf(out, ", \"decay\": %" PRIu32, r->decay);
	return bad;
}

int syc_steer_describe(const struct syc_steer *s, struct syc_buf *out)
{
	int bad = syc_buf_puts(out, "[");

	for (const struct steer_rule *a = s ? s->first : NULL; a; a = a->next) {
		const char *sep = "";

		bad |= syc_buf_printf(out,
				      "%s{\"vector\": \"crc32:%08" PRIx32 "\", "
				      "\"scale\": ",
				      a == s->first ? "" : ", ", a->checksum);
		bad |= syc_buf_float(out, a->r.scale);
		bad |= syc_buf_puts(out, ", \"layers\": [");
		for (uint32_t l = 0; l < s->n_blocks; l++) {
			if (!a->row[l])
				continue;
			bad |= syc_buf_printf(out, "%s%" PRIu32, sep, l);
			sep = ", ";
		}
		bad |= syc_buf_puts(out, "]");
		bad |= describe_rest(&a->r, out);
		bad |= syc_buf_puts(out, "}");
	}
	return bad | syc_buf_puts(out, "]") ? SYC_ENOMEM : 0;
}
