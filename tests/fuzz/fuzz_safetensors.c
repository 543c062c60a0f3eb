/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "format/safetensors.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct syc_safetensors *s;
	unsigned sum = 0;

	if (syc_safetensors_open(&s, fuzz_file(data, n), NULL) < 0)
		return 0;
	for (size_t i = 0; i < syc_safetensors_n(s); i++) {
		const struct syc_tensor *t = syc_safetensors_at(s, i);

		if (syc_safetensors_tensor(s, t->name) != t)
			abort();
		for (size_t k = 0; k < t->bytes; k++)
			sum += t->data[k];
	}
	syc_safetensors_meta(s, "format");
	syc_safetensors_close(s);
	(void)*(volatile unsigned *)&sum;
	return 0;
}
