/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include "base/err.h"
#include "model/model.h"

int syc_config_check(const struct syc_config *cfg, const char *path,
		     struct syc_err *err)
{
	const struct syc_rope *r = &cfg->rope;

	if (cfg->n_heads % cfg->n_kv_heads)
		return syc_fail(err, SYC_EFORMAT,
				"%s: %" PRIu32 " heads over %" PRIu32 " "
				"key-value heads", path, cfg->n_heads,
				cfg->n_kv_heads);
	if (cfg->head_dim % 2)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: heads of %" PRIu32 " values are not "
				"supported", path, cfg->head_dim);
	if ((uint64_t)cfg->n_heads * cfg->head_dim > 1 << 20)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: %" PRIu32 " heads of %" PRIu32
				" values are not supported",
				path, cfg->n_heads, cfg->head_dim);
	if ((r->type == SYC_ROPE_LLAMA3 || r->type == SYC_ROPE_YARN) &&
	    !(r->slow < r->fast))
		return syc_fail(err, SYC_EFORMAT,
				"%s: RoPE scaling from %g to %g rotations",
				path, (double)r->slow, (double)r->fast);
	if (!(r->base > 1))
		return syc_fail(err, SYC_EFORMAT, "%s: RoPE base %g", path,
				(double)r->base);
	if (!(r->factor >= 1e-3f && r->factor <= 1e6f &&
	      r->attention >= 1e-3f && r->attention <= 1e3f))
		return syc_fail(err, SYC_EFORMAT,
				"%s: RoPE scaling by %g with factor %g for "
				"attention", path, (double)r->factor,
				(double)r->attention);
	return 0;
}

int syc_config_read(struct syc_config *cfg, const struct syc_store *s,
		    struct syc_err *err)
{
	const struct syc_gguf *g = syc_store_gguf(s);

	return g ? syc_config_gguf(cfg, g, err) :
		   syc_config_hub(cfg, syc_store_folder(s), err);
}
