/* SPDX-License-Identifier: MIT */
/* The input is an adapter_config.json: what passes scales modules of rank 1 to 16. */
#include "config.h"
#include <math.h>
#include "fuzz.h"
#include "model/lora.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const modules[] = {
		"model.layers.0.self_attn.q_proj",
		"model.layers.11.mlp.down_proj", "lm_head",
	};
	struct syc_settings in;
	float scale;

	if (syc_settings_parse(&in, (const char *)data, n,
			       "adapter_config.json", NULL) == 0 &&
	    syc_peft_check(&in) == 0)
		for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
			for (size_t rank = 1; rank <= 16; rank *= 2)
				if (syc_peft_scale(&in, modules[i], rank,
						   &scale) == 0 &&
						   !(scale > 0 &&
						     isfinite(scale)))
					abort();
	syc_settings_free(&in);
	return 0;
}
