/* SPDX-License-Identifier: MIT */
/* Configurations, from config.json and from GGUF; names of tensors. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include "made_gguf.h"
#include "model/arch.h"
#include "model/model.h"
#include "model/tensor_names.h"
#include "model/rope.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char base[] =
	"{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\", "
	"\"hidden_size\": 64,"
	" \"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"intermediate_size\": 160,"
	" \"num_hidden_layers\": 3, \"vocab_size\": 512, \"max_position_embeddings\": 2048,"
	" \"rms_norm_eps\": 1e-5}";

/* The base with the members of `own` in place of its own; null takes one out. */
static int read_with(struct syc_config *cfg, const char *own, struct syc_err *err)
{
	json_t *o = json_loads(base, 0, NULL), *add = json_loads(own, 0, NULL), *v;
	const char *key;
	char *text;
	int ret;

	ck_assert_msg(json_is_object(add), "%s", own);
	json_object_foreach(add, key, v) {
		if (json_is_null(v) && json_object_get(o, key))
			json_object_del(o, key);
		else
			json_object_set(o, key, v);
	}
	text = json_dumps(o, 0);
	ck_assert_ptr_nonnull(text);
	ret = syc_config_json(cfg, text, strlen(text), "config.json", err);
	free(text);
	json_decref(o);
	json_decref(add);
	return ret;
}

static struct syc_config good(const char *own)
{
	struct syc_config cfg;
	struct syc_err err = { 0 };

	ck_assert_msg(read_with(&cfg, own, &err) == 0, "%s: %s", own, err.msg);
	return cfg;
}

START_TEST(plain)
{
	struct syc_config c = good("{}");

	ck_assert_str_eq(c.arch, "llama");
	ck_assert_uint_eq(c.n_layers, 3);
	ck_assert_uint_eq(c.dim, 64);
	ck_assert_uint_eq(c.n_heads, 4);
	ck_assert_uint_eq(c.n_kv_heads, 2);
	ck_assert_uint_eq(c.head_dim, 16);
	ck_assert_uint_eq(c.ffn_dim, 160);
	ck_assert_uint_eq(c.n_vocab, 512);
	ck_assert_uint_eq(c.n_ctx, 2048);
	ck_assert_uint_eq(c.window, 0);
	ck_assert(c.norm_eps == 1e-5f && c.rope.base == 10000 &&
		  c.rope.type == SYC_ROPE_PLAIN);
	ck_assert(!c.tied_output && !c.reward);
}
END_TEST

/* What files leave out, as transformers fills it in. */
START_TEST(defaults)
{
	struct syc_config c =
		good("{\"num_key_value_heads\": null, \"rms_norm_eps\": null, \"hidden_act\": "
		     "\"silu\"}");

	ck_assert_uint_eq(c.n_kv_heads, 4);
	ck_assert(c.norm_eps == 1e-6f);
	c = good("{\"max_position_embeddings\": null}");
	ck_assert_uint_eq(c.n_ctx, 2048);
	c = good("{\"architectures\": null, \"head_dim\": 32, \"tie_word_embeddings\": true}");
	ck_assert_str_eq(c.arch, "llama");
	ck_assert_uint_eq(c.head_dim, 32);
	ck_assert(c.tied_output);
	c = good("{\"architectures\": [\"Qwen3ForCausalLM\"], \"model_type\": \"qwen3\"}");
	ck_assert_str_eq(c.arch, "qwen3");
	ck_assert_uint_eq(c.head_dim, 128);
	c = good("{\"architectures\": [\"LlamaForSequenceClassification\"], \"num_labels\": 1}");
	ck_assert(c.reward);
	c = good("{\"quantization_config\": null, \"partial_rotary_factor\": 1.0, "
		 "\"logits_scaling\": 1,"
		 " \"_name_or_path\": \"me/my-model\"}");
	ck_assert_str_eq(c.name, "me/my-model");
}
END_TEST

/* Every row of the architectures is found by each of its names. */
START_TEST(architectures)
{
	char class[64];
	bool reward;

	for (size_t i = 0; syc_arch_at(i); i++) {
		const struct syc_arch *a = syc_arch_at(i),
			*as_gguf = syc_arch_gguf(a->gguf);

		ck_assert_ptr_eq(syc_arch_hub(NULL, a->type, &reward), a);
		ck_assert(!reward);
		snprintf(class, sizeof(class), "%sForCausalLM", a->stem);
		ck_assert_ptr_eq(syc_arch_hub(class, NULL, &reward), a);
		ck_assert(!reward);
		snprintf(class, sizeof(class), "%sForSequenceClassification",
			 a->stem);
		ck_assert_ptr_eq(syc_arch_hub(class, NULL, &reward), a);
		ck_assert(reward);
		/* A GGUF file does not say which of them it was. */
		ck_assert(as_gguf->gguf_halves == a->gguf_halves &&
			  as_gguf->head_norms == a->head_norms);
	}
	ck_assert_ptr_null(syc_arch_hub("LlamaModel", NULL, &reward));
	ck_assert_ptr_null(syc_arch_hub(NULL, "Llama", &reward));
	ck_assert_ptr_null(syc_arch_gguf("mistral"));
}
END_TEST

static void check_windows(const char *own, const uint32_t *want)
{
	struct syc_config c = good(own);

	for (uint32_t l = 0; l < 3; l++)
		ck_assert_msg(syc_config_window(&c, l) == want[l],
			      "%s: layer %u has %u", own, l,
			      syc_config_window(&c, l));
}

START_TEST(windows)
{
	static const struct {
		const char *own;
		uint32_t want[3];
	} cases[] = {
		{ "{\"sliding_window\": 7}", { 0, 0, 0 } },	/* Llama has none */
		{ "{\"model_type\": \"mistral\", \"architectures\": null, \"sliding_window\": 7}",
		  { 7, 7, 7 } },
		{ "{\"model_type\": \"mistral\", \"architectures\": null, \"sliding_window\": "
		  "null}", { 0, 0, 0 } },
		{ "{\"model_type\": \"mistral\", \"architectures\": null}", { 4096, 4096, 4096 } },
		{ "{\"model_type\": \"qwen2\", \"architectures\": null, \"sliding_window\": 7}",
		  { 0, 0, 0 } },
		{ "{\"model_type\": \"qwen2\", \"architectures\": null, \"sliding_window\": 7,"
		  " \"use_sliding_window\": false, \"max_window_layers\": 0}",
		  { 0, 0, 0 } },
		{ "{\"model_type\": \"qwen2\", \"architectures\": null, \"sliding_window\": 7,"
		  " \"use_sliding_window\": true}", { 0, 0, 0 } },	/* from layer 28 on */
		{ "{\"model_type\": \"qwen2\", \"architectures\": null, \"sliding_window\": 7,"
		  " \"use_sliding_window\": true, \"max_window_layers\": 2}",
		  { 0, 0, 7 } },
		{ "{\"model_type\": \"qwen3\", \"architectures\": null, \"sliding_window\": 7,"
		  " \"use_sliding_window\": true, \"max_window_layers\": 0}",
		  { 7, 7, 7 } },
		{ "{\"model_type\": \"qwen3\", \"architectures\": null, \"sliding_window\": 7,"
		  " \"use_sliding_window\": true, \"max_window_layers\": 3, \"layer_types\":"
		  " [\"sliding_attention\", \"full_attention\", \"sliding_attention\"]}",
		  { 7, 0, 7 } },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		check_windows(cases[i].own, cases[i].want);
}
END_TEST

/* Members that are wrong or not supported, and a part of the message. */
static const char *const wrong[][2] = {
	{ "{\"architectures\": [\"GemmaForCausalLM\"], \"model_type\": \"gemma\"}",
	  "'GemmaForCausalLM'" },
	{ "{\"architectures\": [\"MixtralForCausalLM\"], \"model_type\": \"mixtral\"}",
	  "'MixtralForCausalLM'" },
	{ "{\"architectures\": [\"LlamaModel\"]}", "'LlamaModel'" },
	{ "{\"model_type\": \"mllama\"}", "mllama" },
	{ "{\"architectures\": null, \"model_type\": \"qwen2_moe\"}", "qwen2_moe" },
	{ "{\"architectures\": null, \"model_type\": null}",
	  "neither 'architectures' nor 'model_type'" },
	{ "{\"architectures\": []}", "'architectures'" },
	{ "{\"architectures\": [\"LlamaForCausalLM\", \"X\"]}", "'architectures'" },
	{ "{\"architectures\": \"LlamaForCausalLM\"}", "'architectures'" },
	{ "{\"architectures\": [3]}", "'architectures'" },
	{ "{\"model_type\": 3}", "'model_type'" },
	{ "{\"hidden_act\": \"gelu\"}", "'gelu'" },
	{ "{\"hidden_act\": 1}", "'hidden_act'" },
	{ "{\"partial_rotary_factor\": 0.5}", "'partial_rotary_factor'" },
	{ "{\"num_local_experts\": 8}", "'num_local_experts'" },
	{ "{\"quantization_config\": {\"quant_method\": \"gptq\"}}",
	  "'quantization_config'" },
	{ "{\"final_logit_softcapping\": 30.0}", "'final_logit_softcapping'" },
	{ "{\"logits_scaling\": 8}", "'logits_scaling'" },
	{ "{\"hidden_size\": null}", "no 'hidden_size'" },
	{ "{\"hidden_size\": \"64\"}", "'hidden_size' is not a whole number" },
	{ "{\"hidden_size\": 64.0}", "'hidden_size' is not a whole number" },
	{ "{\"hidden_size\": 0}", "'hidden_size' is 0" },
	{ "{\"hidden_size\": -64}", "'hidden_size' is -64" },
	{ "{\"hidden_size\": 9223372036854775807}",
	  "'hidden_size' is 9223372036854775807" },
	{ "{\"num_hidden_layers\": 1025}", "'num_hidden_layers' is 1025" },
	{ "{\"num_attention_heads\": 0}", "'num_attention_heads'" },
	{ "{\"num_key_value_heads\": 3}", "4 heads over 3" },
	{ "{\"num_attention_heads\": 128}", "no 'head_dim'" },
	{ "{\"head_dim\": 15}", "heads of 15" },
	{ "{\"head_dim\": 65536, \"num_attention_heads\": 1024}", "1024 heads of 65536" },
	{ "{\"vocab_size\": null}", "'vocab_size'" },
	{ "{\"vocab_size\": 100000000}", "'vocab_size'" },
	{ "{\"rms_norm_eps\": 0}", "'rms_norm_eps' is 0" },
	{ "{\"rms_norm_eps\": \"1e-5\"}", "'rms_norm_eps' is not a number" },
	{ "{\"rms_norm_eps\": -1e-5}", "'rms_norm_eps'" },
	{ "{\"tie_word_embeddings\": 1}", "'tie_word_embeddings'" },
	{ "{\"rope_theta\": 1e300}", "'rope_theta'" },
	{ "{\"rope_scaling\": 4}", "'rope_scaling' is not an object" },
	{ "{\"rope_scaling\": {}}", "no 'rope_type'" },
	{ "{\"rope_scaling\": {\"type\": 1}}", "'type'" },
	{ "{\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2}}", "'dynamic'" },
	{ "{\"rope_scaling\": {\"type\": \"su\"}}", "'su'" },
	{ "{\"rope_scaling\": {\"rope_type\": \"longrope\"}}", "'longrope'" },
	{ "{\"rope_scaling\": {\"type\": \"linear\"}}", "no 'factor'" },
	{ "{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0}}", "'factor' is 0" },
	{ "{\"rope_scaling\": {\"type\": \"llama3\", \"factor\": 8}}",
	  "'low_freq_factor'" },
	{ "{\"rope_scaling\": {\"type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4,"
	  " \"high_freq_factor\": 4, \"original_max_position_embeddings\": 64}}",
	  "4 to 4 rotations" },
	{ "{\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 8, \"beta_fast\": 0.5}}",
	  "1 to 0.5 rotations" },
	{ "{\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 8, \"beta_slow\": -1}}",
	  "yarn" },
	{ "{\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 8, \"truncate\": 0}}",
	  "'truncate'" },
	{ "{\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 8, \"mscale\": -100, "
	  "\"mscale_all_dim\": 1}}", "'mscale'" },
	{ "{\"rope_theta\": 0.5, \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 8}}",
	  "RoPE base 0.5" },
	{ "{\"rope_theta\": 1}", "RoPE base 1" },
	{ "{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 1e-9}}",
	  "RoPE scaling by 1e-09" },
	{ "{\"rope_parameters\": {\"full_attention\": {\"rope_type\": \"default\"}}}",
	  "RoPE by kind of layer" },
	{ "{\"rope_parameters\": {\"rope_type\": \"proportional\"}}", "'proportional'" },
	{ "{\"architectures\": [\"LlamaForSequenceClassification\"], \"num_labels\": 3}",
	  "3 scores per text" },
	{ "{\"architectures\": [\"LlamaForSequenceClassification\"], \"id2label\": "
	  "{\"0\": \"a\", \"1\": \"b\"}}",
	  "2 scores per text" },
	{ "{\"architectures\": null, \"model_type\": \"mistral\", \"sliding_window\": 0}",
	  "'sliding_window' is 0" },
	{ "{\"architectures\": null, \"model_type\": \"qwen2\", "
	  "\"use_sliding_window\": 1}", "'use_sliding_window'" },
	{ "{\"architectures\": null, \"model_type\": \"qwen2\", "
	  "\"use_sliding_window\": true,"
	  " \"max_window_layers\": -1}", "'max_window_layers'" },
	{ "{\"architectures\": null, \"model_type\": \"qwen2\", "
	  "\"use_sliding_window\": true,"
	  " \"layer_types\": [\"full_attention\"]}",
	  "does not name 3 layers" },
	{ "{\"architectures\": null, \"model_type\": \"qwen2\", "
	  "\"use_sliding_window\": true,"
	  " \"layer_types\": [\"full_attention\", \"linear_attention\", "
	  "\"full_attention\"]}", "'linear_attention'" },
};

START_TEST(refused)
{
	for (size_t i = 0; i < LEN(wrong); i++) {
		struct syc_config cfg;
		struct syc_err err = { 0 };

		ck_assert_msg(read_with(&cfg, wrong[i][0], &err) < 0, "%s",
			      wrong[i][0]);
		ck_assert_msg(strncmp(err.msg, "config.json: ", 13) == 0 &&
			      strstr(err.msg, wrong[i][1]),
			      "%s: %s", wrong[i][0], err.msg);
	}
}
END_TEST

START_TEST(no_json)
{
	static const char *const cases[] = {
		"", "{", "[]", "3", "{\"hidden_size\": 1, \"hidden_size\": 1}",
		"{} {}", "{\"a\": nul}",
		"{\"a\": \"\\ud800\"}", "\xff", "{\"a\": 1e999}",
	};
	struct syc_config cfg;

	for (size_t i = 0; i < LEN(cases); i++)
		ck_assert_int_eq(syc_config_json(&cfg, cases[i],
						 strlen(cases[i]), "x", NULL),
						 SYC_EFORMAT);
}
END_TEST

/* Frequencies as tests/ref/forward.py computes them. */
START_TEST(rope_frequencies)
{
	json_t *list = json_load_file(source_path("tests/data/rope_cases.json"),
				      0, NULL), *v;
	float freq[128];
	size_t i;

	ck_assert_uint_ge(json_array_size(list), 10);
	json_array_foreach(list, i, v) {
		char *own = json_dumps(json_object_get(v, "config"), 0);
		json_t *want = json_object_get(v, "freq");
		struct syc_config c = good(own);
		double attention = json_number_value(json_object_get(v,
								     "attention"));

		ck_assert_uint_eq(json_array_size(want), c.head_dim / 2);
		ck_assert_uint_le(c.head_dim, LEN(freq));
		syc_rope_freqs(freq, &c);
		for (size_t k = 0; k < c.head_dim / 2; k++) {
			double f = json_real_value(json_array_get(want, k));

			ck_assert_msg(fabs((double)freq[k] - f) < 2e-7 * f,
				      "%s: %zu: %.9g for %.9g", own, k,
				      (double)freq[k], f);
		}
		ck_assert_msg(fabs((double)c.rope.attention - attention) < 2e-7,
			      "%s: %.9g", own, (double)c.rope.attention);
		free(own);
	}
	json_decref(list);
}
END_TEST

/* ---- GGUF ----------------------------------------------------------------- */

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
	struct syc_config json =
		good("{\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4,"
				      " \"original_max_position_embeddings\": 1024}}"), c;
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
	TEST(plain),
	TEST(defaults),
	TEST(architectures),
	TEST(windows),
	TEST(refused),
	TEST(no_json),
	TEST(rope_frequencies),
	TEST(gguf_yarn),
	TEST(gguf_linear),
	TEST(gguf_window),
	TEST(gguf_refused),
	TEST(names_there_and_back),
	TEST(names_known),
};

int main(void)
{
	return RUN_TESTS("config", tests);
}
