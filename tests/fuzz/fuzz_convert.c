/* SPDX-License-Identifier: MIT */
/* The input is a GGUF file; what is made of it must be one, too. */
#include "config.h"
#include "format/gguf.h"
#include "fuzz.h"
#include "syc/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *from = fuzz_file(data, n);
	char to[128];

	snprintf(to, sizeof(to), "%s.out", from);
	for (int w = SYC_WEIGHTS_Q8_0; w <= SYC_WEIGHTS_F32; w++) {
		struct syc_convert_opts o =
			{ .weights = (enum syc_weights)w, .threads = 1 };
		struct syc_gguf *g;

		if (syc_model_convert(from, to, &o, NULL) < 0)
			continue;
		if (syc_gguf_open(&g, to, NULL) < 0)
			abort();
		syc_gguf_close(g);
		unlink(to);
	}
	if (access(to, F_OK) == 0)
		abort();
	return 0;
}
