/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "kern/cpu.h"
#include "model/arch.h"
#include "model/convert.h"
#include "model/model.h"
#include "model/tensor_checks.h"
#include "syc/output.h"

/* By enum syc_weights; file is GGUF's number for a file of mostly that type. */
static const struct {
	uint32_t type, file;
} kinds[] = {
	[SYC_WEIGHTS_Q8_0] = { SYC_TYPE_Q8_0, 7 },
	[SYC_WEIGHTS_F16]  = { SYC_TYPE_F16, 1 },
	[SYC_WEIGHTS_F32]  = { SYC_TYPE_F32, 0 },
	[SYC_WEIGHTS_Q6_K] = { SYC_TYPE_Q6_K, 18 },
	[SYC_WEIGHTS_Q5_K] = { SYC_TYPE_Q5_K, 16 },
	[SYC_WEIGHTS_Q4_K] = { SYC_TYPE_Q4_K, 14 },
	[SYC_WEIGHTS_Q4_0] = { SYC_TYPE_Q4_0, 2 },
};

enum { QUANTIZATION_VERSION = 2 };

const char *syc_weights_name(enum syc_weights w)
{
	return syc_type_name(kinds[w].type);
}

/* Vectors are few, and llama.cpp wants them so. */
uint32_t syc_weights_type(const struct syc_tensor *t, enum syc_weights w)
{
	if (t->n_dims < 2 || t->ne[0] == syc_tensor_values(t))
		return SYC_TYPE_F32;
	if (t->ne[0] % syc_type_block(kinds[w].type) == 0)
		return kinds[w].type;
	return t->ne[0] % syc_type_block(SYC_TYPE_Q8_0) ? SYC_TYPE_F16 : SYC_TYPE_Q8_0;
}

/* ---- from GGUF ---------------------------------------------------------- */

static int plan_gguf(struct syc_convert *c, struct syc_err *err)
{
	size_t n = syc_store_n_tensors(c->store);

	c->item = syc_calloc(n + 1, sizeof(*c->item));
	if (!c->item)
		return syc_nomem(err);
	for (; c->n < n; c->n++) {
		c->item[c->n].from = syc_store_tensor_at(c->store, c->n);
		c->item[c->n].to = *c->item[c->n].from;
	}
	return 0;
}

/* Everything but what describes the old file. */
static void copy_meta(struct syc_convert *c)
{
	const struct syc_gguf *g = syc_store_gguf(c->store);

	for (size_t i = 0; i < syc_gguf_n_kv(g); i++) {
		const struct syc_gguf_kv *kv = syc_gguf_kv_at(g, i);

		if (strcmp(kv->key, "general.file_type") != 0 &&
		    strcmp(kv->key, "general.alignment") != 0 &&
		    strcmp(kv->key, "general.quantization_version") != 0 &&
		    strncmp(kv->key, "split.", 6) != 0)
			syc_gguf_put_kv(c->out, kv);
	}
}

/* ---- adapters ----------------------------------------------------------- */

/* A matrix of the embedding and the output becomes two where adapters want it so. */
static void part_output(struct syc_convert *c)
{
	static const struct syc_part_at in = { .part = SYC_PART_EMBED },
		out = { .part = SYC_PART_OUTPUT };
	char name[SYC_PART_NAME];
	struct syc_convert_item *to = &c->item[c->n];

	if (!c->cfg.tied_output || c->cfg.reward ||
	    (!syc_lora_find(c->lora, SYC_PART_EMBED, 0) &&
	     !syc_lora_find(c->lora, SYC_PART_OUTPUT, 0)))
		return;
	syc_part_name(name, &in, false);
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->item[i].to.name, name) == 0)
			*to = c->item[i];
	to->to.name = syc_part_name(to->name, &out, false);
	c->n++;
}

static int plan_adapters(struct syc_convert *c,
			 const struct syc_convert_opts *o, struct syc_err *err)
{
	const bool halves = syc_arch_halves(&c->cfg, false);
	struct syc_part_at at;
	int ret;

	if (!o->n_adapters)
		return 0;
	ret = syc_lora_open(&c->lora, o->adapters, o->n_adapters, &c->cfg,
			    c->store, err);
	if (ret < 0)
		return ret;
	syc_kern_select(&c->kern, syc_cpu_detect());
	part_output(c);
	for (size_t i = 0; i < c->n; i++) {
		struct syc_convert_item *item = &c->item[i];

		if (!syc_part_find(&at, item->to.name, false) || at.bias)
			continue;
		item->add = syc_lora_find(c->lora, at.part, at.layer);
		if (halves && syc_part_rotated(at.part))
			item->halves = c->cfg.head_dim;
	}
	return 0;
}

/* ---- the whole ---------------------------------------------------------- */

static int set_types(struct syc_convert *c, enum syc_weights w, uint64_t *total,
		     struct syc_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct syc_tensor *to = &c->item[i].to;
		const struct syc_tensor *from = c->item[i].from;

		if (!syc_type_known(from->type))
			return syc_fail(err, SYC_EUNSUPP,
					"%s: tensor '%s' has type %s "
					"(%" PRIu32 "), which is not supported: %s",
					c->path, from->name, syc_type_name(from->type),
					from->type, syc_type_way_out(from->type));
		to->type = syc_weights_type(to, w);
		if (!syc_type_size(&to->bytes, to->type, syc_tensor_values(to)))
			return syc_fail(err, SYC_EFORMAT,
					"%s: tensor '%s' is too large", c->path,
					from->name);
		*total += syc_tensor_values(to);
		syc_gguf_put_tensor(c->out, to);
	}
	return 0;
}

static int write_tensors(const struct syc_convert *c,
			 const struct syc_convert_opts *o, uint64_t total,
			 FILE *f, const char *to, struct syc_err *err)
{
	struct syc_convert_progress p = { o->progress, o->arg, 0, total };
	struct syc_par *par;
	int ret = syc_par_new(&par, o->threads, err);

	for (size_t i = 0; i < c->n && ret == 0; i++) {
		ret = syc_convert_write(c, &c->item[i], par, f, to, &p, err);
		p.done += syc_tensor_values(&c->item[i].to);
	}
	syc_par_free(par);
	return ret;
}

static int write_file(struct syc_convert *c, const struct syc_convert_opts *o,
		      const char *to, struct syc_err *err)
{
	struct syc_output out;
	uint64_t total = 0;
	int ret = set_types(c, o->weights, &total, err);

	if (ret < 0)
		return ret;
	syc_output_begin(&out, to, SYC_LEFTOVER_REPLACE);
	syc_gguf_put_u32(c->out, "general.file_type", kinds[o->weights].file);
	syc_gguf_put_u32(c->out, "general.quantization_version",
			 QUANTIZATION_VERSION);
	ret = syc_output_open(&out, err);
	if (ret == 0)
		ret = syc_gguf_write(c->out, out.f, to, err);
	if (ret == 0)
		ret = write_tensors(c, o, total, out.f, to, err);
	if (ret == 0)
		return syc_output_finish(&out, err);
	syc_output_drop(&out);
	return ret;
}

static int plan(struct syc_convert *c, struct syc_err *err)
{
	int ret;

	if ((ret = syc_config_read(&c->cfg, c->store, err)) < 0 ||
	    (ret = syc_config_complete(&c->cfg, c->store, c->notes, err)) < 0 ||
	    (ret = syc_tensors_check(&c->cfg, c->store, err)) < 0)
		return ret;
	if (syc_store_gguf(c->store)) {
		copy_meta(c);
		return plan_gguf(c, err);
	}
	if ((ret = syc_convert_config(c, err)) < 0 ||
	    (ret = syc_convert_vocab(c, err)) < 0)
		return ret;
	return syc_convert_plan_hub(c, err);
}

int syc_model_convert(const char *from, const char *to,
		      const struct syc_convert_opts *o, struct syc_err *err)
{
	static const struct syc_convert_opts none;
	struct syc_convert c = { .path = from };
	struct syc_buf own = { 0 };
	int ret = syc_store_open(&c.store, from, err);

	if (ret < 0)
		return ret;
	c.notes = o && o->notes ? o->notes : &own;
	c.out = syc_gguf_out_new();
	o = o ? o : &none;
	ret = c.out ? plan(&c, err) : syc_nomem(err);
	if (ret == 0)
		ret = plan_adapters(&c, o, err);
	if (ret == 0)
		ret = write_file(&c, o, to, err);
	syc_buf_free(&own);
	syc_gguf_out_free(c.out);
	syc_lora_free(c.lora);
	free(c.factor);
	free(c.item);
	syc_store_close(c.store);
	return ret;
}
