/* SPDX-License-Identifier: MIT */
/* Null vectors: which kinds are asked for, and those of files. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/vectors.h"
#include "tool/sweep/sweep.h"

enum { LEAST = 1, USUAL = 199 };

void nulls_parse(struct sweep *w, const struct tool *t)
{
	struct syc_err err;

	if (!w->nulls)
		return;
	if (syc_null_parse(w->n_draws, w->nulls, LEAST, USUAL, &err) < 0)
		tool_usage(t, "--null: %s", err.msg);
	for (unsigned kind = SYC_NULL_RANDOM + 1; kind < SYC_N_NULLS; kind++)
		if (w->n_draws[kind] && !w->null_file.n)
			tool_usage(t, "--null: %s needs a file of syc-vec: --nulls=FILE",
				   syc_null_name(kind));
}

/* A kind more; NULL without memory. */
static struct syc_sweep_null *add(struct sweep *w, const char *name, size_t n)
{
	struct syc_sweep_null *grown =
		realloc(w->null, (w->n_nulls + 1) * sizeof(*grown));

	if (!grown)
		return NULL;
	w->null = grown;
	grown += w->n_nulls++;
	*grown = (struct syc_sweep_null){ .name = name, .n = n };
	return grown;
}

static int read_kind(struct sweep *w, struct syc_nulls *file, unsigned kind,
		     const struct syc_sweep_vector *of, size_t n, struct syc_err *err)
{
	struct syc_vector **v = calloc(n, sizeof(*v));
	struct syc_sweep_null *to = v ? add(w, syc_null_name(kind), n) : NULL;
	int ret = 0;

	if (!to) {
		free(v);
		return fail_nomem(err);
	}
	to->v = (const struct syc_vector *const *)v;
	to->of = of;
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = syc_nulls_vector(&v[i], file, kind, i, err);
	return ret;
}

static int read_file(struct sweep *w, const char *arg, struct syc_err *err)
{
	const bool all = !w->nulls;
	struct syc_nulls *file = NULL;
	const char *path;
	size_t of;
	int ret = nulls_open(&file, &path, &of, arg, &w->direction, err);

	for (unsigned k = 0; k < SYC_N_NULLS && ret == 0; k++) {
		const size_t there = syc_nulls_info(file)->n[k],
			     n = all ? there : k == SYC_NULL_RANDOM ? 0 : w->n_draws[k];

		if (n > there)
			ret = fail(err, SYC_EINVAL, "%s has %zu draws of %s, not %zu",
				   path, there, syc_null_name(k), n);
		else if (n)
			ret = read_kind(w, file, k, &w->vector[of], n, err);
	}
	syc_nulls_close(file);
	return ret;
}

int nulls_read(struct sweep *w, struct syc_err *err)
{
	const size_t n = w->n_draws[SYC_NULL_RANDOM];
	int ret = n && !add(w, syc_null_name(SYC_NULL_RANDOM), n) ? fail_nomem(err) : 0;

	for (size_t i = 0; i < w->null_file.n && ret == 0; i++)
		ret = read_file(w, w->null_file.text[i], err);
	return ret;
}

void nulls_free(struct sweep *w)
{
	for (size_t i = 0; i < w->n_nulls; i++) {
		struct syc_vector **v = (struct syc_vector **)(uintptr_t)w->null[i].v;

		for (size_t k = 0; v && k < w->null[i].n; k++)
			syc_vector_free(v[k]);
		free(v);
	}
	free(w->null);
	texts_free(&w->null_file);
}
