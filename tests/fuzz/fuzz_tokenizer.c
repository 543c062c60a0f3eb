/* SPDX-License-Identifier: MIT */
/* The input is a tokenizer.json. */
#include "config.h"
#include "use_vocab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct syc_vocab_in in = { .path = "input", .v = syc_vocab_new() };
	json_t *root = NULL;
	int ret;

	if (!in.v)
		return 0;
	ret = syc_vocab_parse(&in, data, size, &root);
	if (ret == 0)
		ret = syc_vocab_read_json(&in, root);
	json_decref(root);
	return done_vocab(&in, ret, data, size);
}
