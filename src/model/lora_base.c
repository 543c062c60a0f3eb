/* SPDX-License-Identifier: MIT */
/*
 * PEFT keeps a copy of an embedding, or of the output, beside what it learned
 * for it.  Where it is the model's own it says nothing; where it is not, it was
 * trained or resized, and the adapter is of another model.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "model/lora.h"
#include "model/tensor_checks.h"

static const char front[] = SYC_PEFT_FRONT;

/* Which matrix of the model such a tensor is a copy of. */
static bool find_base(struct syc_part_at *at, const char *name)
{
	static const char end[] = ".base_layer.weight";
	const size_t skip = sizeof(front) - 1, n = strlen(name);
	char own[SYC_PART_NAME];

	if (strncmp(name, front, skip) != 0 || n >= skip + sizeof(own))
		return false;
	snprintf(own, sizeof(own), "%s", name + skip);
	if (n > skip + sizeof(end) && strcmp(name + n - strlen(end), end) == 0)
		strcpy(own + n - skip - strlen(end), ".weight");
	return syc_part_find(at, own, true) && !at->bias;
}

int syc_lora_base(const struct syc_tensor *t, const struct syc_store *model,
		  const char *path, struct syc_err *err)
{
	const struct syc_tensor *own;
	struct syc_part_at at;
	char name[SYC_PART_NAME];

	if (!model || !find_base(&at, t->name))
		return 0;
	own = syc_part_tensor(model, &at, name);
	if (!own && at.part == SYC_PART_OUTPUT) {	/* tied */
		at.part = SYC_PART_EMBED;
		own = syc_part_tensor(model, &at, name);
	}
	if (own && syc_tensor_same(t, own))
		return 1;
	return syc_fail(err, SYC_EUNSUPP,
			"%s: tensor '%.200s' is no copy of the model's own: "
			"the adapter is of a model with another", path,
			t->name);
}
