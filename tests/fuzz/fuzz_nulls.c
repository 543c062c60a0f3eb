/* SPDX-License-Identifier: MIT */
/* A file of null vectors: what is said of it, every layer, and vectors of it. */
#include "config.h"
#include <math.h>
#include "syc/null.h"
#include "fuzz.h"

static void check_info(const struct syc_nulls *s, const struct syc_nulls_info *i)
{
	if (!i->name || !i->position || !i->provenance || !i->dim || !i->n_layers)
		abort();
	for (size_t l = 0; l < i->n_layers; l++)
		if (i->layers[l] >= i->n_blocks || (l && i->layers[l] <= i->layers[l - 1]))
			abort();
	for (size_t c = 0; c < i->n_claims; c++)
		if (!syc_nulls_has_claim(s, i->claim[c]))
			abort();
	syc_nulls_has_claim(s, 0);
}

static void read_layers(struct syc_nulls *s, const struct syc_nulls_info *i, enum syc_null kind)
{
	for (size_t l = 0; l < i->n_layers; l++) {
		float *x;

		if (syc_nulls_layer(&x, s, kind, l, NULL) < 0)
			continue;
		for (size_t k = 0; k < i->n[kind] * i->dim; k++)
			if (!isfinite(x[k]))
				abort();
		free(x);
	}
}

static void read_vector(struct syc_nulls *s, const struct syc_nulls_info *i,
			enum syc_null kind, size_t at)
{
	struct syc_vector *v;

	if (syc_nulls_vector(&v, s, kind, at, NULL) < 0)
		return;
	if (at >= i->n[kind] || v->dim != i->dim || v->n_layers != i->n_blocks)
		abort();
	syc_vector_free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct syc_nulls *s;

	if (syc_nulls_open(&s, fuzz_file(data, n), NULL) < 0)
		return 0;
	check_info(s, syc_nulls_info(s));
	for (unsigned kind = 0; kind < SYC_N_NULLS; kind++) {
		const struct syc_nulls_info *i = syc_nulls_info(s);

		read_layers(s, i, kind);
		read_vector(s, i, kind, 0);
		read_vector(s, i, kind, i->n[kind] - 1);
		read_vector(s, i, kind, i->n[kind]);
	}
	syc_nulls_close(s);
	return 0;
}
