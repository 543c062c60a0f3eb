/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <assert.h>
#include <string.h>
#include "model/arch.h"

static const struct syc_arch archs[] = {
	/* Early files have neither positions nor key-value heads. */
	{ .type = "llama", .stem = "Llama", .gguf = "llama", .n_ctx = 2048, .kv_heads = true },
	{ .type = "mistral", .stem = "Mistral", .gguf = "llama", .window = SYC_WINDOW_NAMED },
	{ .type = "qwen2", .stem = "Qwen2", .gguf = "qwen2", .gguf_halves = true,
	  .window = SYC_WINDOW_SWITCHED },
	{ .type = "qwen3", .stem = "Qwen3", .gguf = "qwen3", .gguf_halves = true,
	  .head_norms = true, .head_dim = 128, .window = SYC_WINDOW_SWITCHED },
};

enum { N_ARCHS = sizeof(archs) / sizeof(archs[0]) };

const struct syc_arch *syc_arch_at(size_t i)
{
	return i < N_ARCHS ? &archs[i] : NULL;
}

const struct syc_arch *syc_arch_gguf(const char *name)
{
	for (size_t i = 0; i < N_ARCHS; i++)
		if (strcmp(name, archs[i].gguf) == 0)
			return &archs[i];
	return NULL;
}

const struct syc_arch *syc_arch_hub(const char *class, const char *type,
				    bool *reward)
{
	*reward = false;
	for (size_t i = 0; i < N_ARCHS; i++) {
		size_t n = strlen(archs[i].stem);

		if (class && strncmp(class, archs[i].stem, n) != 0)
			continue;
		*reward = class && strcmp(class + n, "ForSequenceClassification") == 0;
		if (!class && strcmp(type, archs[i].type) == 0)
			return &archs[i];
		if (class && (*reward || strcmp(class + n, "ForCausalLM") == 0))
			return &archs[i];
	}
	return NULL;
}

const struct syc_arch *syc_arch_of(const struct syc_config *cfg)
{
	const struct syc_arch *a = syc_arch_gguf(cfg->arch);

	assert(a);
	return a;
}

bool syc_arch_halves(const struct syc_config *cfg, bool hub)
{
	return hub || syc_arch_of(cfg)->gguf_halves;
}
