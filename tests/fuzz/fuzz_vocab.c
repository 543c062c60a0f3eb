/* SPDX-License-Identifier: MIT */
/* The input is a GGUF file; if it has a vocabulary, its bytes are a text too. */
#include "config.h"
#include "use_vocab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct syc_vocab *v;

	if (syc_vocab_open(&v, fuzz_file(data, size), NULL) == 0) {
		use_vocab(v, (const char *)data, size < 4096 ? size : 4096);
		syc_vocab_close(v);
	}
	return 0;
}
