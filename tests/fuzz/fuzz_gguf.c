/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "format/gguf.h"
#include "fuzz.h"

static void look_at_pair(const struct syc_gguf *g, const struct syc_gguf_kv *kv)
{
	struct syc_str s, *list;
	uint64_t u;
	float x;
	bool b;

	syc_gguf_u64(g, kv->key, &u, NULL);
	syc_gguf_f32(g, kv->key, &x, NULL);
	syc_gguf_bool(g, kv->key, &b, NULL);
	syc_gguf_str(g, kv->key, &s, NULL);
	if (kv->elem != SYC_GGUF_STRING) {
		for (size_t i = 0; i < kv->n; i++)
			syc_gguf_num(kv, i);
		return;
	}
	list = calloc(kv->n ? kv->n : 1, sizeof(*list));
	if (list)
		syc_gguf_strings(kv, list);
	free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct syc_gguf *g;

	if (syc_gguf_open(&g, fuzz_file(data, n), NULL) < 0)
		return 0;
	for (size_t i = 0; i < syc_gguf_n_kv(g); i++)
		look_at_pair(g, syc_gguf_kv_at(g, i));
	for (size_t i = 0; i < syc_gguf_n_tensors(g); i++) {
		const struct syc_tensor *t = syc_gguf_tensor_at(g, i);
		size_t block = syc_type_block(t->type);
		float x[SYC_TYPE_BLOCK_MAX];

		if (syc_gguf_tensor(g, t->name) != t)
			abort();
		if (syc_type_known(t->type)) {
			syc_type_decode(x, t->type, t->data, block);
			syc_type_decode(x, t->type,
					t->data + t->bytes -
					syc_type_bytes(t->type), block);
		}
	}
	syc_gguf_close(g);
	return 0;
}
