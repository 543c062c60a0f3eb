/* SPDX-License-Identifier: MIT */
/* What a model will take, told by its files' tensor table. */
#include "config.h"
#include <stdio.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/split.h"
#include "model/convert.h"
#include "model/lora.h"
#include "model/model.h"
#include "model/tensor_checks.h"

/* As syc_packer_run() packs it. */
static size_t packed_matrix(const struct syc_tensor *t, uint32_t type)
{
	const size_t nb = (size_t)((t->ne[0] + SYC_Q_BLOCK - 1) / SYC_Q_BLOCK);
	struct syc_form form;

	syc_matrix_form(&form, type);
	return syc_form_bytes(&form, nb) *
	       (size_t)((t->ne[1] + SYC_Q_ROWS - 1) / SYC_Q_ROWS);
}

/* Whether a step multiplies with it: the embedding may be the output, too. */
static bool multiplied(const struct syc_config *c, enum syc_part part,
		       bool has_output)
{
	if (part == SYC_PART_EMBED)
		return c->tied_output && (!c->reward || has_output);
	return part != SYC_PART_OUTPUT || !c->tied_output;
}

/* A matrix, of which a step may only read rows. */
static size_t matrix(const struct syc_tensor *t, const struct syc_part_at *at,
		     const struct syc_model_opts *o,
		     const struct syc_lora *lora, bool multiplied)
{
	const struct syc_part_at as = {
		at->part == SYC_PART_EMBED ? SYC_PART_OUTPUT : at->part,
		at->layer, false};
	const uint32_t type =
		o->set_weights ? syc_weights_type(t, o->weights) : t->type;

	if (o->compute == SYC_COMPUTE_F32)
		return multiplied && syc_lora_find(lora, as.part, as.layer) ?
			(size_t)syc_tensor_values(t) * sizeof(float) : 0;
	return multiplied || (o->set_weights && syc_type_splits(type))
		       ? packed_matrix(t, type)
		       : 0;
}

void syc_weights_need(struct syc_model_need *out, const struct syc_store *s,
		      const struct syc_config *c,
		      const struct syc_model_opts *o,
		      const struct syc_lora *lora)
{
	const bool hub = !syc_store_gguf(s);
	const struct syc_part_at output = { .part = SYC_PART_OUTPUT };
	char name[SYC_PART_NAME];
	const bool has_output = syc_part_tensor(s, &output, name);
	const bool f32 = o->compute == SYC_COMPUTE_F32;

	out->weights = out->mapped = 0;
	for (size_t i = 0; i < syc_store_n_tensors(s); i++) {
		const struct syc_tensor *t = syc_store_tensor_at(s, i);
		struct syc_part_at at;

		if (!syc_part_find(&at, t->name, hub))
			continue;
		out->mapped += f32 ? t->bytes : 0;
		if (t->n_dims < 2 || at.part == SYC_PART_SCORE)
			out->weights += (size_t)t->ne[0] * sizeof(float);
		else
			out->weights +=
				matrix(t, &at, o, lora,
				       multiplied(c, at.part, has_output));
	}
}

static int add_adapters(struct syc_model_need *out, const struct syc_store *s,
			const struct syc_model_opts *o, struct syc_err *err)
{
	struct syc_lora *lora = NULL;
	int ret = !o->n_adapters
			  ? 0
			  : syc_lora_open(&lora, o->adapters, o->n_adapters,
					  &out->config, s, err);

	if (ret == 0) {
		syc_weights_need(out, s, &out->config, o, lora);
		out->weights += lora ? syc_lora_memory(lora) : 0;
	}
	syc_lora_free(lora);
	return ret;
}

/* ---- types ------------------------------------------------------------------- */

static bool is_float(uint32_t type)
{
	return type == SYC_TYPE_F32 || type == SYC_TYPE_F16 ||
	       type == SYC_TYPE_BF16;
}

/* The first matrix that is neither of floats nor of the type it would get, or NULL. */
static const struct syc_tensor *find_quantized(const struct syc_store *s,
					       enum syc_weights to)
{
	for (size_t i = 0; i < syc_store_n_tensors(s); i++) {
		const struct syc_tensor *t = syc_store_tensor_at(s, i);

		if (t->n_dims > 1 && !is_float(t->type) &&
		    t->type != syc_weights_type(t, to))
			return t;
	}
	return NULL;
}

/* Quantizing what is quantized would lose more than either alone. */
int syc_weights_choose(const char **type, const struct syc_store *s,
		       const struct syc_model_opts *o, struct syc_err *err)
{
	const char *name = syc_weights_name(o->weights),
		   *path = syc_store_path(s);
	const struct syc_tensor *t;

	*type = NULL;
	if (!o->set_weights)
		return 0;
	if (o->weights > SYC_WEIGHTS_Q4_0 || o->compute == SYC_COMPUTE_F32)
		return syc_fail(err, SYC_EINVAL,
				"%s: weights in %s do not go with %s", path,
				name, syc_compute_name(o->compute));
	if ((t = find_quantized(s, o->weights)))
		return syc_fail(
			err, SYC_EINVAL,
			"%s: tensor '%s' is %s already: only floats are "
			"quantized to %s on loading (syc-quant converts files)",
			path, t->name, syc_type_name(t->type), name);
	for (size_t i = 0; i < syc_store_n_tensors(s); i++) {
		t = syc_store_tensor_at(s, i);
		if (t->n_dims > 1 && is_float(t->type) &&
		    syc_type_splits(syc_weights_type(t, o->weights)))
			*type = name;
	}
	return 0;
}

/* The largest type in which they fit, or, where none is, the smallest. */
static bool find_type(struct syc_model_opts *o, size_t *bytes,
		      const struct syc_store *s, const struct syc_config *c,
		      size_t memory)
{
	struct syc_model_need need;

	o->compute = SYC_COMPUTE_INT8;
	o->set_weights = true;
	for (int w = SYC_WEIGHTS_Q8_0; w <= SYC_WEIGHTS_Q4_0; w++) {
		o->weights = (enum syc_weights)w;
		syc_weights_need(&need, s, c, o, NULL);
		*bytes = need.weights;
		if (need.weights < memory)
			return true;
	}
	return false;
}

int syc_weights_fit(const struct syc_store *s, const struct syc_config *c,
		    const struct syc_model_opts *o, const struct syc_lora *lora,
		    size_t memory, struct syc_err *err)
{
	struct syc_model_opts other = *o;
	struct syc_model_need need;
	char what[160];
	size_t bytes;
	bool fits;

	syc_weights_need(&need, s, c, o, lora);
	if (need.weights < memory)
		return 0;
	fits = find_type(&other, &bytes, s, c, memory);
	snprintf(what, sizeof(what),
		 !find_quantized(s, other.weights)
			 ? "%s--weights=%s would need %.2f"
			 : "%sa file in %s (syc-quant) would need %.2f",
		 fits ? "" : "even ", syc_weights_name(other.weights),
		 (double)bytes / 1e9);
	return syc_fail(err, SYC_ENOMEM,
			"%s: needs %.2f GB for weights%s%s, this machine has "
			"%.2f: %s",
			syc_store_path(s), (double)need.weights / 1e9,
			o->set_weights ? " in " : "",
			o->set_weights ? syc_weights_name(o->weights) : "",
			(double)memory / 1e9, what);
}

int syc_model_memory_needed(struct syc_model_need *out, const char *path,
			    const struct syc_model_opts *o, struct syc_err *err)
{
	static const struct syc_model_opts none;
	struct syc_buf notes = { 0 };
	const char *type;
	struct syc_config c;
	struct syc_store *s;
	int ret = syc_store_open(&s, path, err);

	o = o ? o : &none;
	if (ret < 0)
		return ret;
	if ((ret = syc_config_read(&c, s, err)) == 0 &&
	    (ret = syc_config_complete(&c, s, &notes, err)) == 0 &&
	    (ret = syc_weights_choose(&type, s, o, err)) == 0 &&
	    (ret = syc_tensors_check(&c, s, err)) == 0) {
		out->config = c;
		ret = add_adapters(out, s, o, err);
	}
	syc_buf_free(&notes);
	syc_store_close(s);
	return ret;
}
