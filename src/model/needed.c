/* SPDX-License-Identifier: MIT */
/* What a model will take, told by its files' tensor table. */
#include "config.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/lora.h"
#include "model/model.h"
#include "model/tensor_checks.h"

/* As syc_packer_run() packs it. */
static size_t packed_matrix(const struct syc_tensor *t)
{
	const size_t nb = (size_t)((t->ne[0] + SYC_Q_BLOCK - 1) / SYC_Q_BLOCK);
	struct syc_form form;

	syc_matrix_form(&form, t->type);
	return syc_form_bytes(&form, nb) * (size_t)((t->ne[1] + SYC_Q_ROWS - 1) / SYC_Q_ROWS);
}

/* Whether a step multiplies with it: the embedding may be the output, too. */
static bool multiplied(const struct syc_config *c, enum syc_part part, bool has_output)
{
	if (part == SYC_PART_EMBED)
		return c->tied_output && (!c->reward || has_output);
	return part != SYC_PART_OUTPUT || !c->tied_output;
}

void syc_weights_need(struct syc_model_need *out, const struct syc_store *s,
		      const struct syc_config *c, enum syc_compute compute)
{
	const bool hub = !syc_store_gguf(s);
	const struct syc_part_at output = { .part = SYC_PART_OUTPUT };
	char name[SYC_PART_NAME];
	const bool has_output = syc_part_tensor(s, &output, name);

	out->weights = out->mapped = 0;
	out->config = *c;
	for (size_t i = 0; i < syc_store_n_tensors(s); i++) {
		const struct syc_tensor *t = syc_store_tensor_at(s, i);
		struct syc_part_at at;

		if (!syc_part_find(&at, t->name, hub))
			continue;
		out->mapped += compute != SYC_COMPUTE_INT8 ? t->bytes : 0;
		if (t->n_dims < 2 || at.part == SYC_PART_SCORE)
			out->weights += (size_t)t->ne[0] * sizeof(float);
		else if (compute != SYC_COMPUTE_F32 && multiplied(c, at.part, has_output))
			out->weights += packed_matrix(t);
	}
}

static int add_adapters(struct syc_model_need *out, const struct syc_store *s,
			const struct syc_model_opts *o, struct syc_err *err)
{
	struct syc_lora *lora = NULL;
	int ret = !o->n_adapters ? 0 : syc_lora_open(&lora, o->adapters, o->n_adapters,
						     &out->config, s, err);

	if (ret == 0 && lora)
		out->weights += syc_lora_memory(lora);
	syc_lora_free(lora);
	return ret;
}

int syc_model_memory_needed(struct syc_model_need *out, const char *path,
			    const struct syc_model_opts *o, struct syc_err *err)
{
	static const struct syc_model_opts none;
	struct syc_buf notes = { 0 };
	struct syc_config c;
	struct syc_store *s;
	int ret = syc_store_open(&s, path, err);

	o = o ? o : &none;
	if (ret < 0)
		return ret;
	if ((ret = syc_config_read(&c, s, err)) == 0 &&
	    (ret = syc_config_complete(&c, s, &notes, err)) == 0 &&
	    (ret = syc_tensors_check(&c, s, err)) == 0) {
		syc_weights_need(out, s, &c, o->compute);
		ret = add_adapters(out, s, o, err);
	}
	syc_buf_free(&notes);
	syc_store_close(s);
	return ret;
}
