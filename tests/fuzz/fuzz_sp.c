/* SPDX-License-Identifier: MIT */
/* The input is a tokenizer.model. */
#include "config.h"
#include "use_vocab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct syc_vocab_in in = { .path = "input", .v = syc_vocab_new() };

	return in.v ? done_vocab(&in, syc_vocab_read_sp(&in, data, size), data,
				 size) : 0;
}
