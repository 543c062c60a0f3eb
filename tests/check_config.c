/* SPDX-License-Identifier: MIT */
/* Configurations from config.json. */
#include "config.h"
#include <math.h>
#include "hub_config.h"
#include "model/arch.h"
#include "model/rope.h"

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

static const struct test tests[] = {
	TEST(plain),
	TEST(defaults),
	TEST(architectures),
	TEST(windows),
	TEST(refused),
	TEST(no_json),
	TEST(rope_frequencies),
};

int main(void)
{
	return RUN_TESTS("config", tests);
}
