/* SPDX-License-Identifier: MIT */
/* Adapters of several shapes, and a folder for them. */
#ifndef TESTS_LORA_FOLDER_H
#define TESTS_LORA_FOLDER_H
#include <stdlib.h>
#include <unistd.h>
#include "made_lora.h"
#include "suite.h"

static const struct syc_lora_shape shapes[] = {
	{ .rank = 4, .alpha = 8 },
	{ .rank = 3, .alpha = 5, .rslora = true, .dropout = 0.05f,
	  .matrices = 1u << SYC_LORA_Q | 1u << SYC_LORA_K },
	{ .rank = 1, .alpha = 0.7f, .matrices = 1u << SYC_LORA_DOWN },
	{ .rank = 70, .alpha = 1.5f, .rslora = true },
};
enum { N_SHAPES = sizeof(shapes) / sizeof(*shapes) };

static char dir[64];

static inline const char *in_dir(const char *name)
{
	static char path[4][512];
	static unsigned at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", dir, name);
	return path[at];
}

static inline void enter(void)
{
	snprintf(dir, sizeof(dir), "made-lora-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static inline void remove_adapter(const char *name)
{
	char file[600];

	snprintf(file, sizeof(file), "%s/adapter_config.json", in_dir(name));
	ck_assert_int_eq(unlink(file), 0);
	snprintf(file, sizeof(file), "%s/adapter_model.safetensors",
		 in_dir(name));
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(in_dir(name)), 0);
}

static inline void leave(void)
{
	ck_assert_int_eq(rmdir(dir), 0);
}

static inline struct syc_config config_of(const char *model)
{
	struct syc_model_need need;
	struct syc_err err;

	ck_assert_msg(syc_model_memory_needed(&need, model, NULL, &err) == 0,
		      "%s", err.msg);
	return need.config;
}

static inline struct syc_lora_weights *make(const struct syc_config *c,
				     const struct syc_lora_shape *s)
{
	struct syc_lora_weights *w;
	struct syc_err err;

	ck_assert_msg(syc_lora_weights_new(&w, c, s, &err) == 0, "%s", err.msg);
	made_lora_fill(w, 1);
	return w;
}

#endif
