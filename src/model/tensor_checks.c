/* SPDX-License-Identifier: MIT */
/* The tensors of the family in the files of a model. */
#include "config.h"
#include <inttypes.h>
#include "base/err.h"
#include "model/arch.h"
#include "model/model.h"
#include "model/tensor_checks.h"

static bool is_hub(const struct syc_store *s)
{
	return !syc_store_gguf(s);
}

const struct syc_tensor *syc_part_tensor(const struct syc_store *s,
					 const struct syc_part_at *at,
					 char name[SYC_PART_NAME])
{
	const char *own = syc_part_name(name, at, is_hub(s));
	const struct syc_tensor *t = syc_store_tensor(s, own);

	if (!t && !is_hub(s) && at->part == SYC_PART_SCORE)
		t = syc_store_tensor(s, "cls.weight");
	return t;
}

static bool has(const struct syc_store *s, enum syc_part part)
{
	char name[SYC_PART_NAME];

	return syc_part_tensor(s, &(struct syc_part_at){ .part = part }, name);
}

static int check_tensor(const struct syc_store *s, const struct syc_config *cfg,
			const struct syc_part_at *at,
			const struct syc_tensor *t, struct syc_err *err)
{
	const char *path = syc_store_path(s);
	uint64_t cols, rows;

	if (!syc_type_known(t->type))
		return syc_fail(err, SYC_EUNSUPP,
				"%s: tensor '%s' has type %s (%" PRIu32 "), "
				"which is not supported: %s", path, t->name,
				syc_type_name(t->type), t->type, syc_type_way_out(t->type));
	syc_part_shape(cfg, at, &cols, &rows);
	if (t->ne[0] != cols || t->ne[1] != rows || t->ne[2] != 1 ||
	    t->ne[3] != 1)
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s' is %" PRIu64 " x %" PRIu64 ", "
				"should be %" PRIu64 " x %" PRIu64,
				path, t->name, t->ne[0], t->ne[1], cols, rows);
	return 0;
}

int syc_part_need(const struct syc_tensor **out, const struct syc_store *s,
		  const struct syc_config *cfg, const struct syc_part_at *at,
		  struct syc_err *err)
{
	char name[SYC_PART_NAME];

	*out = syc_part_tensor(s, at, name);
	if (!*out)
		return syc_fail(err, SYC_EFORMAT, "%s: no tensor '%s'",
				syc_store_path(s), name);
	return check_tensor(s, cfg, at, *out, err);
}

/* An output of its own, where the configuration says that it is the embedding. */
static bool has_own_output(const struct syc_store *s, const struct syc_tensor *embed)
{
	static const struct syc_part_at at = { .part = SYC_PART_OUTPUT };
	char name[SYC_PART_NAME];
	const struct syc_tensor *t = syc_part_tensor(s, &at, name);

	return t && !syc_tensor_same(t, embed);
}

int syc_config_complete(struct syc_config *c, const struct syc_store *s,
			struct syc_buf *notes, struct syc_err *err)
{
	static const struct syc_part_at at = { .part = SYC_PART_EMBED };
	char name[SYC_PART_NAME];
	const struct syc_tensor *embed = syc_part_tensor(s, &at, name);
	int ret;

	if (!embed)
		return syc_fail(err, SYC_EFORMAT, "%s: no tensor '%s'",
				syc_store_path(s), name);
	if (embed->ne[1] > SYC_MAX_VOCAB)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %" PRIu64 " tokens are too many",
				syc_store_path(s), embed->ne[1]);
	if (!is_hub(s)) {
		c->n_vocab = (uint32_t)embed->ne[1];
		c->reward = has(s, SYC_PART_SCORE);
		c->tied_output = !c->reward && !has(s, SYC_PART_OUTPUT);
	}
	ret = check_tensor(s, c, &at, embed, err);
	if (ret < 0 || !is_hub(s) || !c->tied_output || c->reward ||
	    !has_own_output(s, embed))
		return ret;
	c->tied_output = false;
	return syc_buf_printf(notes,
		"%s: 'tie_word_embeddings' is true, and the file has another "
		"'%s' than the embedding: that is used", syc_store_path(s),
		syc_part_name(name, &(struct syc_part_at){ .part = SYC_PART_OUTPUT },
			      true)) < 0 ? syc_nomem(err) : 0;
}

/* Whether a model of this configuration has that part, or may have it. */
static bool wanted(const struct syc_config *c, enum syc_part part,
		   bool *optional)
{
	*optional = part == SYC_PART_ROPE_FACTORS ||
		(part == SYC_PART_OUTPUT && (c->tied_output || c->reward));
	if (part == SYC_PART_Q_NORM || part == SYC_PART_K_NORM)
		return syc_arch_of(c)->head_norms;
	return part != SYC_PART_SCORE || c->reward;
}

int syc_tensors_check(const struct syc_config *cfg, const struct syc_store *s,
		      struct syc_err *err)
{
	const struct syc_tensor *t;
	struct syc_part_at at = { 0 };
	bool optional;
	int ret = 0;

	for (; at.layer < cfg->n_layers; at.layer++) {
		at.part = at.layer ? SYC_PART_ATTN_NORM : 0;
		for (; at.part < SYC_N_PARTS && ret == 0; at.part++)
			if (wanted(cfg, at.part, &optional) && !optional)
				ret = syc_part_need(&t, s, cfg, &at, err);
		if (ret < 0)
			return ret;
	}
	for (size_t i = 0; i < syc_store_n_tensors(s); i++) {
		const char *name = syc_store_tensor_at(s, i)->name;

		if (!syc_part_unused(name) &&
		    (!syc_part_find(&at, name, is_hub(s)) ||
		     at.layer >= cfg->n_layers ||
		     !wanted(cfg, at.part, &optional)))
			return syc_fail(err, SYC_EUNSUPP,
					"%s: tensor '%s' is not supported",
					syc_store_path(s), name);
	}
	return 0;
}
