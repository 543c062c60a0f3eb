/* SPDX-License-Identifier: MIT */
/* Steering from text: FILE[:SCALE][@LAYERS][,KEY=VALUE]... */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/err.h"
#include "base/mem.h"
#include "rec/steer.h"
#include "syc/acts.h"

enum { MAX_VALUE = 64 };	/* characters */

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char *const whens[] = {
	[SYC_STEER_ALL] = "all",
	[SYC_STEER_PROMPT] = "prompt",
	[SYC_STEER_LAST] = "last",
	[SYC_STEER_GENERATED] = "generated",
	[SYC_STEER_AFTER] = "after",
	[SYC_STEER_FIRST] = "first",
};
static const char *const sides[] = {
	[SYC_STEER_BOTH] = "both",
	[SYC_STEER_POSITIVE] = "positive",
	[SYC_STEER_NEGATIVE] = "negative",
};
static const struct {
	const char *name;
	enum syc_hook_point point;
} hooks[] = { { "block", SYC_HOOK_BLOCK },
	      { "attn", SYC_HOOK_ATTN },
	      { "mlp", SYC_HOOK_MLP } };

const char *steer_hook_name(enum syc_hook_point point)
{
	for (size_t i = 0; i < COUNT(hooks); i++)
		if (hooks[i].point == point)
			return hooks[i].name;
	return "";
}

const char *steer_when_name(enum syc_steer_when when)
{
	return whens[when];
}

const char *steer_side_name(enum syc_steer_side side)
{
	return sides[side];
}

/* The names by number, NULL behind the last. */
static const char *op_of(unsigned i)
{
	return i < SYC_STEER_N_OPS ? syc_steer_op_info((enum syc_steer_op)i)->name : NULL;
}

static const char *hook_of(unsigned i)
{
	return i < COUNT(hooks) ? hooks[i].name : NULL;
}

static const char *when_of(unsigned i)
{
	return i < COUNT(whens) ? whens[i] : NULL;
}

static const char *side_of(unsigned i)
{
	return i < COUNT(sides) ? sides[i] : NULL;
}

/* ---- keys and values ------------------------------------------------------------ */

/* Which of the names it is; an error lists them. */
static int find_name(unsigned *out, const char *key, const char *s,
		     const char *(*name)(unsigned i), struct syc_err *err)
{
	struct syc_buf list = { 0 };
	int ret;

	for (*out = 0; name(*out); ++*out) {
		if (strcmp(s, name(*out)) == 0) {
			syc_buf_free(&list);
			return 0;
		}
		syc_buf_printf(&list, "%s%s", *out ? ", " : "", name(*out));
	}
	ret = list.failed ? syc_nomem(err)
		: syc_fail(err, SYC_EINVAL, "%s=%s: it is one of %s", key, s,
			   list.data);
	syc_buf_free(&list);
	return ret;
}

static int read_count(uint32_t *out, const char *key, const char *s,
		      unsigned long min, struct syc_err *err)
{
	char *end = NULL;
	unsigned long n = *s >= '0' && *s <= '9' && strlen(s) < 10 ? strtoul(s, &end, 10) : 0;

	if (!end || *end || n < min)
		return syc_fail(err, SYC_EINVAL,
				"%s: '%s' is no number of tokens", key, s);
	*out = (uint32_t)n;
	return 0;
}

static int set_op(struct syc_steer_rule *r, char *s, struct syc_err *err)
{
	unsigned i;
	int ret = find_name(&i, "op", s, op_of, err);

	if (ret == 0)
		r->op = (enum syc_steer_op)i;
	return ret;
}

static int set_hook(struct syc_steer_rule *r, char *s, struct syc_err *err)
{
	unsigned i;
	int ret = find_name(&i, "hook", s, hook_of, err);

	if (ret == 0)
		r->hook = hooks[i].point;
	return ret;
}

static int set_side(struct syc_steer_rule *r, char *s, struct syc_err *err)
{
	unsigned i;
	int ret = find_name(&i, "if", s, side_of, err);

	if (ret == 0)
		r->side = (enum syc_steer_side)i;
	return ret;
}

/* "all", ..., "after:N", "first:N" */
static int set_when(struct syc_steer_rule *r, char *s, struct syc_err *err)
{
	char *colon = strchr(s, ':');
	bool counts;
	unsigned i;
	int ret;

	if (colon)
		*colon = 0;
	ret = find_name(&i, "when", s, when_of, err);
	if (ret < 0)
		return ret;
	counts = i == SYC_STEER_AFTER || i == SYC_STEER_FIRST;
	if (counts && !colon)
		return syc_fail(err, SYC_EINVAL, "when=%s needs a number: %s:N",
				s, s);
	if (colon && !counts)
		return syc_fail(err, SYC_EINVAL, "when=%s takes no number", s);
	r->when = (enum syc_steer_when)i;
	r->count = 0;
	return counts ? read_count(&r->count, "when", colon + 1, i == SYC_STEER_FIRST, err) : 0;
}

static int set_decay(struct syc_steer_rule *r, char *s, struct syc_err *err)
{
	return read_count(&r->decay, "decay", s, 1, err);
}

static int set_to(struct syc_steer_rule *r, char *s, struct syc_err *err)
{
	char *end;

	r->to_mean = strcmp(s, "mean") == 0;
	if (r->to_mean)
		return 0;
	r->to = strtof(s, &end);
	if (end == s || *end || !isfinite(r->to))
		return syc_fail(err, SYC_EINVAL,
				"to=%s: it is a number or mean", s);
	return 0;
}

static const struct {
	const char *key;
	int (*set)(struct syc_steer_rule *r, char *s, struct syc_err *err);
} keys[] = {
	{ "op", set_op }, { "hook", set_hook }, { "when", set_when }, { "if", set_side },
	{ "decay", set_decay }, { "to", set_to },
};

/* One KEY=VALUE of len characters. */
static int set_key(struct syc_steer_rule *r, const char *s, size_t len,
		   bool *has_to, struct syc_err *err)
{
	const char *eq = memchr(s, '=', len);
	size_t n = eq ? (size_t)(eq - s) : 0;
	char value[MAX_VALUE];

	for (size_t i = 0; i < COUNT(keys) && eq && len - n - 1 < sizeof(value);
	     i++) {
		if (strlen(keys[i].key) != n || memcmp(s, keys[i].key, n) != 0)
			continue;
		memcpy(value, eq + 1, len - n - 1);
		value[len - n - 1] = 0;
		*has_to = *has_to || keys[i].set == set_to;
		return keys[i].set(r, value, err);
	}
	return syc_fail(err, SYC_EINVAL,
			"'%.*s': steering knows op=, hook=, when=, decay=, if= "
			"and to=", len < 100 ? (int)len : 100, s);
}

/* c is given where it is taken, and nowhere else. */
static int check_to(const struct syc_steer_rule *r, bool has_to,
		    struct syc_err *err)
{
	const struct syc_steer_op_info *op = syc_steer_op_info(r->op);
	unsigned i = 0;

	if (op->needs_to && !has_to)
		return syc_fail(err, SYC_EINVAL, "op=%s needs to=", op->name);
	if (!has_to || op->needs_to)
		return 0;
	while (!syc_steer_op_info((enum syc_steer_op)i)->needs_to)
		i++;
	return syc_fail(err, SYC_EINVAL, "to= is for op=%s", op_of(i));
}

int syc_steer_rule_parse(struct syc_steer_rule *rule, const char *text,
			 struct syc_err *err)
{
	struct syc_steer_rule r = *rule;
	bool has_to = r.to_mean || syc_steer_op_info(r.op)->needs_to;
	int ret = 0;

	for (const char *s = text; ret == 0; s++) {
		size_t len = strcspn(s, ",");

		ret = set_key(&r, s, len, &has_to, err);
		s += len;
		if (!*s)
			break;
	}
	if (ret == 0)
		ret = check_to(&r, has_to, err);
	if (ret == 0)
		*rule = r;
	return ret;
}

/* ---- files, scales and layers ----------------------------------------------------- */

/* Cut ",KEY=VALUE,..." off the end of spec; NULL when there is none. */
static char *cut_keys(char *spec)
{
	char *at = NULL;

	for (char *comma; (comma = strrchr(spec, ',')) != NULL; at = comma) {
		size_t n = strspn(comma + 1, "abcdefghijklmnopqrstuvwxyz");

		if (!n || comma[1 + n] != '=')
			break;
		if (at)		/* put back the one behind it */
			*at = ',';
		*comma = 0;
	}
	return at ? at + 1 : NULL;
}

/*
 * "3,5-7" into layers, each once; false when it is no such list.  A layer that
 * the model of n_blocks does not have comes alone, for its refusal.
 */
static bool parse_layers(const char *p, uint32_t *layers, uint32_t n_blocks,
			 size_t *n)
{
	unsigned long from, to, beyond = 0;
	size_t have;
	char *end;

	for (*n = 0;; p = end + 1) {
		if (*p < '0' || *p > '9')
			return false;
		from = to = strtoul(p, &end, 10);
		if (*end == '-') {
			if (end[1] < '0' || end[1] > '9')
				return false;
			to = strtoul(end + 1, &end, 10);
		}
		if (from > to || (*end && *end != ','))
			return false;
		if (to >= n_blocks)
			beyond = to;
		for (; from <= to && to < n_blocks; from++) {
			for (have = 0; have < *n && layers[have] != from;
			     have++)
				;
			if (have == *n)
				layers[(*n)++] = (uint32_t)from;
		}
		if (!*end)
			break;
	}
	if (beyond) {
		layers[0] = beyond < UINT32_MAX ? (uint32_t)beyond : UINT32_MAX;
		*n = 1;
	}
	return true;
}

/* Cut ":SCALE" off the end of path; false, and 1, when there is none. */
static bool cut_scale(char *path, float *scale)
{
	char *colon = strrchr(path, ':'), *end;
	float x;

	*scale = 1;
	if (!colon || !colon[1])
		return false;
	x = strtof(colon + 1, &end);
	if (*end)
		return false;
	*colon = 0;
	*scale = x;
	return true;
}

/*
 * What looks like a scale or layers is part of the name of a file only where
 * there is such a file.
 */
static int check_file(const char *path, struct syc_err *err)
{
	const char *mark = strpbrk(path, ":@");
	struct stat st;

	if (!mark || mark == path || stat(path, &st) == 0)
		return 0;
	return syc_fail(err, SYC_EINVAL,
			"'%.200s': there is no such file, and as steering it "
			"is FILE[:SCALE][@LAYERS][,KEY=VALUE], in that order, "
			"as in %.*s:2@14", path, (int)(mark - path), path);
}

/* FILE[:SCALE][@LAYERS] without the keys, which are in r already. */
static int apply_file(struct syc_steer *s, char *path, struct syc_steer_rule *r,
		      uint32_t *layers, struct syc_err *err)
{
	const struct syc_steer_op_info *op = syc_steer_op_info(r->op);
	const struct syc_vector_read_opts ro = { .dim = s->dim };
	struct syc_vector *v = NULL;
	struct syc_err e;
	char *at = strrchr(path, '@');
	bool scaled;
	int ret;

	if (at && parse_layers(at + 1, layers, s->n_blocks, &r->n_layers)) {
		*at = 0;
		r->layers = layers;
	} else {
		r->n_layers = 0;
	}
	scaled = cut_scale(path, &r->scale);
	if ((ret = check_file(path, err)) < 0)
		return ret;
	if (op->unit && !scaled)
		return syc_fail(err, SYC_EINVAL,
				"%s: op=%s needs %s, as in FILE:30", path,
				op->name, op->unit);
	ret = syc_vector_read(&v, path, &ro, err);
	s->assumed = ret == 0 && v->assumed;
	s->foreign = ret == 0 && syc_provenance_foreign(v->provenance, s->model);
	if (ret == 0 && (ret = syc_steer_apply(s, v, r, &e)) < 0)
		syc_fail(err, ret, "%s: %.400s", path, e.msg);
	syc_vector_free(v);
	return ret;
}

bool syc_steer_assumed(const struct syc_steer *s)
{
	return s->assumed;
}

bool syc_steer_foreign(const struct syc_steer *s)
{
	return s->foreign;
}

int syc_steer_parse(struct syc_steer *s, const char *spec, struct syc_err *err)
{
	struct syc_steer_rule r = { .scale = 1 };
	uint32_t *layers = syc_calloc(s->n_blocks, sizeof(*layers));
	char *path = strdup(spec), *rest;
	struct syc_err e;
	int ret = path && layers ? 0 : syc_nomem(err);

	rest = ret == 0 ? cut_keys(path) : NULL;
	if (rest && (ret = syc_steer_rule_parse(&r, rest, &e)) < 0)
		syc_fail(err, ret, "%s: %.400s", path, e.msg);
	if (ret == 0)
		ret = apply_file(s, path, &r, layers, err);
	free(path);
	free(layers);
	return ret;
}
