/* SPDX-License-Identifier: MIT */
/* Configurations from GGUF; names of tensors there and on the hub. */
#include "config.h"
#include "hub_config.h"
#include "made_gguf.h"
#include "model/rope.h"
#include "model/tensor_names.h"

static void made_f32(struct made *m, const char *key, float v)
{
	made_key(m, key, SYC_GGUF_F32);
	made_bytes(m, &v, sizeof(v));
}

static void made_config(struct made *m, const char *arch)
{
	static const struct { const char *key; uint32_t v; } numbers[] = {
		{ "block_count", 3 }, { "embedding_length", 64 }, { "feed_forward_length", 160 },
		{ "context_length", 4096 }, { "attention.head_count", 4 },
		{ "attention.head_count_kv", 2 },
	};
	char key[96];

	made_str(m, "general.architecture", arch);
	for (size_t i = 0; i < LEN(numbers); i++) {
		snprintf(key, sizeof(key), "%s.%s", arch, numbers[i].key);
		made_id(m, key, numbers[i].v);
	}
	snprintf(key, sizeof(key), "%s.attention.layer_norm_rms_epsilon", arch);
	made_f32(m, key, 1e-5f);
}

static int read_made(struct made *m, struct syc_config *cfg, struct syc_err *err)
{
	struct syc_gguf *g;
	char path[64];
	int ret;

	made_write(m, path);
	ck_assert_int_eq(syc_gguf_open(&g, path, NULL), 0);
	ret = syc_config_gguf(cfg, g, err);
	syc_gguf_close(g);
	unlink(path);
	return ret;
}

START_TEST(gguf_yarn)
{
	struct syc_config c, json =
		good("{\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4,"
		     " \"original_max_position_embeddings\": 1024}}");
	struct made m = { 0 };
	float a[8], b[8];

	made_config(&m, "qwen2");
	made_str(&m, "qwen2.rope.scaling.type", "yarn");
	made_f32(&m, "qwen2.rope.scaling.factor", 4);
	made_id(&m, "qwen2.rope.scaling.original_context_length", 1024);
	ck_assert_int_eq(read_made(&m, &c, NULL), 0);
	syc_rope_freqs(a, &json);
	syc_rope_freqs(b, &c);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert(c.rope.attention == json.rope.attention &&
		  c.rope.attention > 1.13f);

	made_config(&m, "llama");
	made_str(&m, "llama.rope.scaling.type", "yarn");
	made_f32(&m, "llama.rope.scaling.factor", 4);
	made_f32(&m, "llama.rope.scaling.attn_factor", 0.5f);
	made_f32(&m, "llama.rope.scaling.yarn_beta_fast", 8);
	ck_assert_int_eq(read_made(&m, &c, NULL), 0);
	ck_assert(c.rope.attention == 0.5f * json.rope.attention);
	ck_assert(c.rope.fast == 8 && c.rope.slow == 1);
	ck_assert_uint_eq(c.rope.n_ctx, 4096);
}
END_TEST

START_TEST(gguf_linear)
{
	struct made m = { 0 };
	struct syc_config c;

	made_config(&m, "llama");
	ck_assert_int_eq(read_made(&m, &c, NULL), 0);
	ck_assert_int_eq(c.rope.type, SYC_ROPE_PLAIN);
	made_config(&m, "llama");
	made_f32(&m, "llama.rope.scale_linear", 4);
	ck_assert_int_eq(read_made(&m, &c, NULL), 0);
	ck_assert(c.rope.type == SYC_ROPE_LINEAR && c.rope.factor == 4);
	made_config(&m, "llama");
	made_str(&m, "llama.rope.scaling.type", "none");
	made_f32(&m, "llama.rope.scaling.factor", 4);
	ck_assert_int_eq(read_made(&m, &c, NULL), 0);
	ck_assert_int_eq(c.rope.type, SYC_ROPE_PLAIN);
}
END_TEST

START_TEST(gguf_window)
{
	static const uint8_t pattern[] = { 1, 0, 1 };
	struct made m = { 0 };
	struct syc_config c;

	made_config(&m, "llama");
	made_id(&m, "llama.attention.sliding_window", 24);
	ck_assert_int_eq(read_made(&m, &c, NULL), 0);
	ck_assert_uint_eq(syc_config_window(&c, 2), 24);
	made_config(&m, "qwen3");
	made_id(&m, "qwen3.attention.sliding_window", 24);
	made_array(&m, "qwen3.attention.sliding_window_pattern", SYC_GGUF_BOOL, 3);
	made_bytes(&m, pattern, 3);
	ck_assert_int_eq(read_made(&m, &c, NULL), 0);
	ck_assert_uint_eq(syc_config_window(&c, 0), 24);
	ck_assert_uint_eq(syc_config_window(&c, 1), 0);
	ck_assert_uint_eq(syc_config_window(&c, 2), 24);
	/* Longer than any row can be: none. */
	made_config(&m, "llama");
	made_id(&m, "llama.attention.sliding_window", 4096);
	ck_assert_int_eq(read_made(&m, &c, NULL), 0);
	ck_assert_uint_eq(c.window, 0);
}
END_TEST

static void check_gguf_refused(const char *arch, void (*add)(struct made *m),
			       const char *why)
{
	struct made m = { 0 };
	struct syc_err err = { 0 };
	struct syc_config c;

	made_config(&m, arch);
	if (add)
		add(&m);
	ck_assert_int_lt(read_made(&m, &c, &err), 0);
	ck_assert_msg(strstr(err.msg, why), "%s lacks %s", err.msg, why);
}

static void add_experts(struct made *m)
{
	made_id(m, "llama.expert_count", 8);
}

static void add_longrope(struct made *m)
{
	made_str(m, "llama.rope.scaling.type", "longrope");
}

static void add_partial(struct made *m)
{
	made_id(m, "llama.rope.dimension_count", 8);
}

static void add_softcap(struct made *m)
{
	made_f32(m, "llama.final_logit_softcapping", 30);
}

static void add_acausal(struct made *m)
{
	made_bool(m, "llama.attention.causal", false);
}

static void add_pattern(struct made *m)
{
	made_id(m, "llama.attention.sliding_window", 24);
	made_id(m, "llama.attention.sliding_window_pattern", 6);
}

START_TEST(gguf_refused)
{
	check_gguf_refused("gemma", NULL, "'gemma'");
	check_gguf_refused("mistral3", NULL, "'mistral3'");
	check_gguf_refused("llama", add_experts, "'llama.expert_count'");
	check_gguf_refused("llama", add_longrope, "'longrope'");
	check_gguf_refused("llama", add_partial, "RoPE over 8 of 16");
	check_gguf_refused("llama", add_softcap, "'llama.final_logit_softcapping'");
	check_gguf_refused("llama", add_acausal, "'llama.attention.causal'");
	check_gguf_refused("llama", add_pattern,
			   "'llama.attention.sliding_window_pattern'");
}
END_TEST

/* ---- names ---------------------------------------------------------------- */

START_TEST(names_there_and_back)
{
	for (int hub = 0; hub < 2; hub++)
		for (enum syc_part p = 0; p < SYC_N_PARTS; p++) {
			struct syc_part_at at =
				{ p, p < SYC_PART_ATTN_NORM ? 0 : 1023, false },
				back;
			char name[SYC_PART_NAME];

			if (!*syc_part_name(name, &at, hub))
				continue;
			ck_assert_msg(syc_part_find(&back, name, hub), "%s", name);
			ck_assert_int_eq(back.part, p);
			ck_assert_uint_eq(back.layer, at.layer);
			ck_assert(!back.bias);
			ck_assert(!syc_part_find(&back, name, !hub));
		}
}
END_TEST

START_TEST(names_known)
{
	static const struct { const char *hub, *gguf; } pairs[] = {
		{ "model.embed_tokens.weight", "token_embd.weight" },
		{ "lm_head.weight", "output.weight" },
		{ "model.norm.weight", "output_norm.weight" },
		{ "score.weight", "cls.output.weight" },
		{ "model.layers.0.input_layernorm.weight", "blk.0.attn_norm.weight" },
		{ "model.layers.10.self_attn.q_proj.bias", "blk.10.attn_q.bias" },
		{ "model.layers.7.self_attn.o_proj.weight", "blk.7.attn_output.weight" },
		{ "model.layers.7.self_attn.k_norm.weight", "blk.7.attn_k_norm.weight" },
		{ "model.layers.7.post_attention_layernorm.weight", "blk.7.ffn_norm.weight" },
		{ "model.layers.7.mlp.down_proj.bias", "blk.7.ffn_down.bias" },
	};
	static const char *const none[] = {
		"", "blk.", "blk.1", "blk.1.", "blk.1.attn_q", "blk.1.attn_q.",
		"blk.1.attn_q.weight.x", "blk..attn_q.weight",
		"blk.01.attn_q.weight", "blk.-1.attn_q.weight",
		"blk.123456.attn_q.weight", "blk.1.attn_norm.bias",
		"blk.1.token_embd.weight", "attn_q.weight",
		"blk.1.ffn_gate_exps.weight", "blk.1.attn_qkv.weight",
	};
	struct syc_part_at at;
	char name[SYC_PART_NAME];

	for (size_t i = 0; i < LEN(pairs); i++) {
		ck_assert(syc_part_find(&at, pairs[i].hub, true));
		ck_assert_str_eq(syc_part_name(name, &at, false), pairs[i].gguf);
		ck_assert(syc_part_find(&at, pairs[i].gguf, false));
		ck_assert_str_eq(syc_part_name(name, &at, true), pairs[i].hub);
	}
	for (size_t i = 0; i < LEN(none); i++)
		ck_assert_msg(!syc_part_find(&at, none[i], false), "%s", none[i]);
	ck_assert(syc_part_find(&at, "cls.weight", false) &&
		  at.part == SYC_PART_SCORE);
}
END_TEST

static const struct test tests[] = {
	TEST(gguf_yarn),
	TEST(gguf_linear),
	TEST(gguf_window),
	TEST(gguf_refused),
	TEST(names_there_and_back),
	TEST(names_known),
};

int main(void)
{
	return RUN_TESTS("config_gguf", tests);
}
