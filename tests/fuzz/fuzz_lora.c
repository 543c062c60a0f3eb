/* SPDX-License-Identifier: MIT */
/* The input is a GGUF adapter for the models of tests/data/family. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "fuzz.h"
#include "model/lora.h"

/* Every sum has all its numbers. */
static void use(const struct syc_lora *l, const struct syc_config *c)
{
	for (enum syc_part p = 0; p < SYC_N_PARTS; p++)
		for (uint32_t layer = 0; layer < c->n_layers; layer++) {
			const struct syc_low_rank *low = syc_lora_find(l, p, layer);
			const struct syc_part_at at = { p, layer, false };
			uint64_t cols, rows;

			syc_part_shape(c, &at, &cols, &rows);
			for (size_t i = 0; low && i < low->rank * cols; i++)
				if (!isfinite(low->a[i]))
					abort();
			for (size_t i = 0; low && i < low->rank * rows; i++)
				(void)*(volatile float *)&low->b[i];
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct syc_config c = { .n_layers = 3, .dim = 32, .n_heads = 4,
				.n_kv_heads = 2, .ffn_dim = 48,
					.n_vocab = 512 };
	const struct syc_adapter one = { fuzz_file(data, n), 2 };
	static const char *const arch[] = { "llama", "qwen3" };

	for (int i = 0; i < 2; i++) {
		struct syc_lora *l;

		strcpy(c.arch, arch[i]);
		c.head_dim = i ? 16 : 8;
		if (syc_lora_open(&l, &one, 1, &c, NULL, NULL) == 0)
			use(l, &c);
		syc_lora_free(l);
	}
	return 0;
}
