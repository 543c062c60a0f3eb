/* SPDX-License-Identifier: MIT */
/* A run of tuning that can be saved and resumed, though not trained. */
#ifndef TESTS_FUZZ_SMALL_TUNE_H
#define TESTS_FUZZ_SMALL_TUNE_H
#include <stdlib.h>
#include "syc/lora.h"
#include "syc/model.h"
#include "syc/tune.h"

#define SMALL_SETTINGS "{\"rank\": 2}"

struct small_tune {
	struct syc_tune_example example;
	struct syc_tune_rows rows;
	struct syc_lora_weights *w;
	struct syc_tune *run;
};

static inline void small_tune_make(struct small_tune *s, bool best)
{
	static const struct syc_config c = { .arch = "llama", .n_layers = 1, .dim = 4,
					     .n_heads = 1, .n_kv_heads = 1, .head_dim = 4,
					     .ffn_dim = 4, .n_vocab = 8, .n_ctx = 8 };
	const struct syc_lora_shape shape = { .rank = 2, .alpha = 2, .matrices = 1 };
	const struct syc_tune_plan plan = { .adam = { .rate = 1 }, .batch = 1, .tokens = 8,
					    .steps = 9, .best = best };

	*s = (struct small_tune){ .example = { .n_texts = 2, .trained = 0, .match = 0,
					       .other = 1, .weight = 1 } };
	s->rows = (struct syc_tune_rows){ .e = &s->example, .n = 1 };
	if (syc_lora_weights_new(&s->w, &c, &shape, NULL) < 0 ||
	    syc_tune_new(&s->run, NULL, s->w, &s->rows, &s->rows, &plan, NULL) < 0)
		abort();
}

static inline void small_tune_free(struct small_tune *s)
{
	syc_tune_free(s->run);
	syc_lora_weights_free(s->w);
}

#endif
