#!/bin/sh
# SPDX-License-Identifier: MIT
# Folders and adapters that are damaged or not for us: one line that names the
# file and what is wrong with it.
test -x tests/damage || { echo "tests/damage is not built"; exit 77; }
damage=$PWD/tests/damage
. "$top_srcdir/tests/lib.sh"
family=$top_srcdir/tests/data/family
echo '{"prompt": "Hello"}' >in

# fresh NAME: folder "bad" is that model, whole.
fresh() {
	rm -rf bad
	mkdir bad
	copy "$family/$1"/config.json "$family/$1"/model.safetensors "$family/$1"/tokenizer.model bad
}
# refused TEXT...: syc-gen does not run it.
refused() {
	run 1 syc-gen -m bad -n 1 -t 1 -r no.npz -o no.jsonl in
	says 'syc-gen: bad' "$@"
	absent no.npz no.jsonl no.jsonl.part
}
# setting SED: a change of config.json, made to a whole folder.
setting() {
	fresh biases
	sed "$1" "$family/biases/config.json" >bad/config.json
	cmp -s bad/config.json "$family/biases/config.json" && fail "$1 changes nothing"
}
# hurt HOW...: its weights are damaged.
hurt() {
	fresh biases
	"$damage" "$family/biases/model.safetensors" bad/model.safetensors "$@" || fail "damage $*"
}

# It runs while nothing is wrong with it.
fresh biases
run 0 syc-gen -q -m bad -n 1 -t 1 in
rm bad/config.json
refused bad/config.json 'No such file'
fresh biases
rm bad/tokenizer.model
refused bad
fresh biases
head -c 500 "$family/biases/tokenizer.model" >bad/tokenizer.model
refused bad/tokenizer.model
fresh biases
rm bad/model.safetensors
refused 'no model.safetensors'

# Settings.
for n in 0 1 100 300; do
	fresh biases
	head -c $n "$family/biases/config.json" >bad/config.json
	refused bad/config.json
done
fresh biases
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "[" }' >bad/config.json
refused bad/config.json nested
fresh biases
awk 'BEGIN { printf "{\"a\":"; for (i = 0; i < 100000; i++) printf "{\"a\":" }' >bad/config.json
refused bad/config.json nested
setting 's/"hidden_size": 32/"hidden_size": 64/'
refused model.embed_tokens.weight '32 x 512' '64 x 512'
setting 's/"intermediate_size": 48/"intermediate_size": 80/'
refused mlp.gate_proj.weight '32 x 48' '32 x 80'
setting 's/"num_hidden_layers": 2/"num_hidden_layers": 3/'
refused "no tensor 'model.layers.2.input_layernorm.weight'"
setting 's/"num_hidden_layers": 2/"num_hidden_layers": 1/'
refused "'model.layers.1." 'not supported'
setting 's/"num_attention_heads": 4/"num_attention_heads": 8/'
refused self_attn.k_proj.weight
setting 's/"vocab_size": 512/"vocab_size": 511/'
refused model.embed_tokens.weight '32 x 511'
setting 's/"tie_word_embeddings": true/"tie_word_embeddings": false/'
refused "no tensor 'lm_head.weight'"
setting 's/LlamaForCausalLM/GemmaForCausalLM/'
refused "'GemmaForCausalLM'"
setting 's/"llama3"/"dynamic"/'
refused "'dynamic'"
setting 's/LlamaForCausalLM/LlamaForSequenceClassification/'
refused "no tensor 'score.weight'"
setting 's/"model_type": "llama"/"model_type": "qwen3"/; s/LlamaForCausalLM/Qwen3ForCausalLM/'
refused self_attn.q_proj.weight '32 x 512'
setting 's/"model_type": "llama"/"model_type": "qwen3", "head_dim": 8/; s/LlamaForCausalLM/Qwen3ForCausalLM/'
refused "no tensor 'model.layers.0.self_attn.q_norm.weight'"

# Tensors.
q=model.layers.1.self_attn.q_proj
hurt swap "$q.weight" model.layers.1.self_attn.x_proj.weight
refused "no tensor '$q.weight'"
hurt swap "$q.weight" model.layers.0.self_attn.q_proj.weight
refused
hurt swap "$q.bias" model.layers.1.xxrotary_emb.inv_freq
refused "no tensor '$q.bias', which other blocks have"
hurt swap model.layers.0.mlp.up_proj.bias model.layers.0.mlp.up_proj.xxxx
refused "'model.layers.0.mlp.up_proj.xxxx' is not supported"
hurt swap '"dtype":"F16"' '"dtype":"I16"'
refused i16 'not supported'
hurt swap '[32,32]' '[16,64]'
refused '64 x 16' '32 x 32'
hurt data "$q.weight" 100 007e
refused "$q.weight" 'NaN or infinite'
run 1 syc-gen --compute f32 -m bad -t 1 in
says bad "$q.weight" 'NaN or infinite'
hurt data "$q.bias" 2 00fc
refused "$q.bias" 'NaN or infinite'
hurt data model.norm.weight 2 007c
refused model.norm.weight 'NaN or infinite'
fresh layers
run 0 syc-gen -q -m bad -n 1 -t 1 in
"$damage" "$family/layers/model.safetensors" bad/model.safetensors swap self_attn.k_norm self_attn.x_norm
refused "no tensor 'model.layers.0.self_attn.k_norm.weight'"
# Norms of heads that the architecture does not have.
fresh layers
sed 's/qwen3/qwen2/; s/Qwen3/Qwen2/' "$family/layers/config.json" >bad/config.json
refused q_norm.weight 'not supported'

# ---- adapters --------------------------------------------------------------
lora=$family/biases/lora
fresh biases

# adapter NAME: folder NAME is the whole adapter.
adapter() {
	rm -rf "$1"
	copy "$lora" "$1"
}
# spurned TEXT...: the model does not take the adapter "a".
spurned() {
	run 1 syc-gen -m bad --lora "${which-a}" -n 1 -t 1 -r no.npz -o no.jsonl in
	says "syc-gen: ${which-a}" "$@"
	absent no.npz no.jsonl no.jsonl.part
}
# lora_setting SED: a change of adapter_config.json.
lora_setting() {
	adapter a
	sed "$1" "$lora/adapter_config.json" >a/adapter_config.json
	cmp -s a/adapter_config.json "$lora/adapter_config.json" && fail "$1 changes nothing"
}
lora_hurt() {
	adapter a
	"$damage" "$lora/adapter_model.safetensors" a/adapter_model.safetensors "$@" || fail "damage $*"
}

adapter a
run 0 syc-gen -q -m bad --lora a -n 1 -t 1 in
run 0 syc-gen -q -m bad --lora a:-0.5 --lora "$family/biases/lora.gguf" -n 1 -t 1 in
rm a/adapter_config.json
spurned adapter_config.json 'No such file'
rm a/adapter_model.safetensors
spurned adapter_model.safetensors 'No such file'
adapter a
head -c 50 "$lora/adapter_config.json" >a/adapter_config.json
spurned adapter_config.json
which=missing
spurned 'No such file'
unset which
run 1 syc-gen -m bad --lora "$family/biases/model.safetensors" in
says biases/adapter_config.json 'No such file'
lora_setting 's/"LORA"/"IA3"/'
spurned "'IA3'"
lora_setting 's/"peft_type": "LORA"/"x": 1/'
spurned "'peft_type'"
lora_setting 's/"r": 4/"r": 8/'
spurned 'rank 8' 'rank 4'
lora_setting 's/"r": 4/"r": 0/'
spurned "'r' is 0"
lora_setting 's/"lora_alpha": 6/"lora_alpha": -6/'
spurned "'lora_alpha'"
lora_setting 's/"lora_alpha": 6/"lora_alpha": "6"/'
spurned "'lora_alpha'"
lora_setting 's/"use_rslora": true/"use_rslora": 1/'
spurned "'use_rslora'"
lora_setting 's/"use_rslora": true/"use_dora": true/'
spurned "'use_dora' is not supported"
lora_setting 's/"bias": "none"/"bias": "all"/'
spurned "'bias' 'all'"
lora_setting 's/"modules_to_save": null/"modules_to_save": ["lm_head"]/'
spurned "'modules_to_save'"
lora_setting 's/"modules_to_save": null/"init_lora_weights": "pissa_niter_16"/'
spurned "'pissa_niter_16'"
for init in true '"gaussian"' '"orthogonal"'; do
	lora_setting "s/\"modules_to_save\": null/\"init_lora_weights\": $init/"
	run 0 syc-gen -q -m bad --lora a -n 1 -t 1 in
done
lora_setting 's/"modules_to_save": null/"init_lora_weights": "lora_ga"/'
spurned "'lora_ga'" 'changes the model'
lora_setting 's/"v_proj": 1/"v_proj": 2/'
spurned 'rank 2' v_proj 'rank 1'
lora_setting 's/"v_proj": 1/"(": 1/'
spurned "'('" pattern
lora_setting 's/"v_proj": 1/"([a-z.0-9_]+)+[A-Z]": 1/'
spurned 'takes too long'
lora_setting 's/"v_proj": 1/"v_proj": "x"/'
spurned "'v_proj' is not a whole number"

lora_hurt swap layers.0.self_attn.q_proj.lora_A layers.0.self_attn.x_proj.lora_A
spurned 'x_proj.lora_A' 'no matrix of this model'
lora_hurt swap layers.0.self_attn.q_proj.lora_A layers.7.self_attn.q_proj.lora_A
spurned 'layers.7' 'no matrix of this model'
lora_hurt swap layers.0.self_attn.q_proj.lora_B layers.7.self_attn.q_proj.lora_B
spurned 'layers.0.self_attn.q_proj.lora_A' 'lora_B'
lora_hurt swap layers.0.self_attn.q_proj.lora_B layers.0.self_attn.q_proj.lora_C
spurned q_proj
lora_hurt swap lora_embedding_A lora_embedding_X
spurned lora_embedding_X
lora_hurt swap '[4,32]' '[32,4]'
spurned 'not for a matrix of'
lora_hurt data base_model.model.model.layers.1.mlp.up_proj.lora_B.weight 8 007e
spurned up_proj.lora_B 'NaN or infinite'
# An adapter for another model.
run 1 syc-gen -m "$model" --lora "$lora" -t 1 in
says 'not for a matrix of 128 x'
run 1 syc-gen -m bad --lora "$top_srcdir/demo/lora" -t 1 in
says "$top_srcdir/demo/lora" 'not for a matrix of 32 x'
run 1 syc-gen -m bad --lora "$family/layers/lora.gguf" -t 1 in
says layers/lora.gguf general.architecture "'qwen3', not 'llama'"
run 1 syc-gen -m bad --lora "$model" -t 1 in
says general.type "not 'adapter'"
"$damage" "$family/biases/lora.gguf" x.gguf swap adapter.lora.alpha adapter.lora.alphX
run 0 syc-gen -q -m bad --lora x.gguf -n 1 -t 1 in
"$damage" "$family/biases/lora.gguf" x.gguf swap blk.1.ffn_up.weight.lora_b blk.1.ffn_up.weight.lora_c
run 1 syc-gen -m bad --lora x.gguf -t 1 in
says x.gguf blk.1.ffn_up.weight.lora_
"$damage" "$family/biases/lora.gguf" x.gguf after adapter.lora.alpha 4 0000c07f
run 1 syc-gen -m bad --lora x.gguf -t 1 in
says x.gguf adapter.lora.alpha

# Used wrongly.
for bad in '' ':2' 'a:1e30'; do
	run 2 syc-gen -m bad --lora "$bad" in
	misused --lora
done
run 2 syc-gen -m bad --window -1 in
misused --window
exit $failed
