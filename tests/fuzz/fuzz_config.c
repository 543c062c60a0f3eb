/* SPDX-License-Identifier: MIT */
/* The input is a config.json: what passes can be computed with. */
#include "config.h"
#include <math.h>
#include "fuzz.h"
#include "model/model.h"
#include "model/tensor_names.h"
#include "model/rope.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static float freq[SYC_MAX_DIM / 2];
	struct syc_part_at at = { 0 };
	struct syc_config c;
	uint64_t cols, rows;

	if (syc_config_json(&c, (const char *)data, n, "config.json", NULL) < 0)
		return 0;
	need(c.n_layers >= 1 && c.n_layers <= SYC_MAX_LAYERS &&
	     c.n_heads % c.n_kv_heads == 0);
	need(c.head_dim <= SYC_MAX_DIM && c.head_dim % 2 == 0 && c.n_ctx >= 1);
	syc_rope_freqs(freq, &c);
	for (size_t i = 0; i < c.head_dim / 2; i++)
		need(freq[i] >= 0 && isfinite(freq[i]));
	need(c.rope.attention > 0 && isfinite(c.rope.attention));
	for (uint32_t l = 0; l < c.n_layers; l++)
		need(syc_config_window(&c, l) == 0 ||
		     syc_config_window(&c, l) == c.window);
	for (; at.part < SYC_N_PARTS; at.part++) {
		syc_part_shape(&c, &at, &cols, &rows);
		need(cols >= 1 && rows >= 1 && cols * rows < UINT64_C(1) << 40);
	}
	return 0;
}
