/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "syc/vector.h"
#include "fuzz.h"

static void check(const struct syc_vector *v)
{
	if (!v->name || !v->provenance || !v->layer_base)
		abort();
	for (size_t l = 0; l < v->n_layers; l++)
		for (size_t i = 0; i < v->dim && v->has[l]; i++)
			if (!isfinite(v->v[l * v->dim + i]))
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *path = fuzz_file(data, n);
	struct syc_vector_read_opts o = { .key = "last", .layer_base = SYC_BASE_1 };
	struct syc_vector *v;

	if (syc_vector_read(&v, path, NULL, NULL) == 0) {
		check(v);
		syc_vector_write(v, "/dev/null", SYC_VECTOR_GGUF, NULL);
		syc_vector_write(v, "/dev/null", SYC_VECTOR_SAFETENSORS, NULL);
	}
	syc_vector_free(v);
	if (syc_vector_read(&v, path, &o, NULL) == 0)
		check(v);
	syc_vector_free(v);
	o = (struct syc_vector_read_opts){ .raw_layers = 3, .raw_dim = n / 12,
					   .strict = true,
					   .layer_base = SYC_BASE_HF };
	if (syc_vector_read(&v, path, &o, NULL) == 0)
		check(v);
	syc_vector_free(v);
	return 0;
}
