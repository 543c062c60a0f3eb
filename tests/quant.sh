#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-quant: what it writes is the model, runs, and does not depend on the way
# there; what is no good leaves nothing behind.
test -x tests/damage || { echo "tests/damage is not built"; exit 77; }
damage=$PWD/tests/damage
. "$top_srcdir/tests/lib.sh"
find_python
check() {
	[ -z "$python" ] || "$python" "$top_srcdir/tests/quant.py" "$@" >out 2>err ||
		fail "quant.py $*: $(tail -3 err)"
}
[ -n "$python" ] || echo "no Python with numpy: the files are not looked into"

# Every type, by other means.
for type in q8_0 f16 f32; do
	run 0 syc-quant -m "$model" --type $type -o $type.gguf
	says "syc-quant: $type.gguf: $type, "
	absent $type.gguf.part
	check check "$model" $type.gguf $type
done
check check "$model" q8_0.gguf q8_0 "$demo/demo-q8_0.gguf"
run 0 syc-quant -q -m "$model" -o default.gguf
[ ! -s err ] || fail "--quiet: $(cat err)"
same default.gguf q8_0.gguf 'the default and q8_0'

# The way there: nothing is lost through f32, and a type stays what it is.
run 0 syc-quant -q -m f32.gguf -o x.gguf
same x.gguf q8_0.gguf 'q8_0 by way of f32'
run 0 syc-quant -q -m f32.gguf --type f16 -o x.gguf
same x.gguf f16.gguf 'f16 by way of f32'
run 0 syc-quant -q -m q8_0.gguf -o x.gguf
same x.gguf q8_0.gguf 'q8_0 of q8_0'
run 0 syc-quant -q -m q8_0.gguf --type f32 -o wide.gguf
check check q8_0.gguf wide.gguf f32
for t in 1 2 5; do
	run 0 syc-quant -q -t $t -m "$model" -o x.gguf
	same x.gguf q8_0.gguf "q8_0 with $t threads"
done

# Not onto itself; and through a pipe.
copy "$model" x.gguf
run 2 syc-quant -q -m x.gguf -o ./x.gguf
same x.gguf "$model" 'a file that would be written over'
syc-quant -q -m "$model" -o /dev/stdout | cat >x.gguf
same x.gguf q8_0.gguf 'a file through a pipe'

# A model in two files, and in a folder of its own.
if [ -n "$python" ]; then
	mkdir two
	check split "$model" two/m
	run 0 syc-quant -q -m two/m-00001-of-00002.gguf -o x.gguf
	same x.gguf q8_0.gguf 'a model of two files'
	run 0 syc-quant -q -m two -o x.gguf
	same x.gguf q8_0.gguf 'a model in a folder'
fi

# Rows of several models.
gen() {
	run 0 syc-gen "$@"
	runless out >rows && mv rows out
}

# They run; f16 and f32 hold the same numbers.
echo '{"id": "a", "prompt": "The capital of France is"}' >in
for type in f16 f32; do
	gen --compute f32 -m $type.gguf -n 8 -t 1 in
	mv out $type.rows
done
gen --compute f32 -m "$model" -n 8 -t 1 in
same out f16.rows 'rows of f16'
same out f32.rows 'rows of f32'
gen -m q8_0.gguf -n 8 -t 1 in

# Few bits: other numbers, but the same rows with other kernels, threads and batches.
run 0 syc-bench -q --shape=tiny --cache=. -t 1 --only load --repeat=1
for type in q6_k q5_k q4_k q4_0; do
	run 0 syc-quant -q -m random-tiny-1.gguf --type $type -o few.gguf
	gen -m few.gguf -n 8 -t 1 in
	mv out few.rows
	gen -m few.gguf -n 8 -t 2 --cpu=scalar --batch=3 in
	same out few.rows "rows of $type"
	run 0 syc-info --fidelity -t 1 --ctx=64 --text=in few.gguf
	awk '$1 == 3 && $4 < .03 { good = 1 } END { exit !good }' out ||
		fail "$type: far from f32: $(tail -4 out)"
done

# Floats quantized on loading are the file of that type: also where rows are no
# multiple of 256.
run 0 syc-quant -q -m random-tiny-1.gguf --type f16 -o floats.gguf
for type in q8_0 q6_k q5_k q4_k q4_0; do
	for m in floats.gguf f32.gguf; do
		run 0 syc-quant -q -m $m --type $type -o few.gguf
		gen -m few.gguf -n 8 -t 1 in
		mv out few.rows
		gen -m $m --weights=$type -n 8 -t 2 in
		same out few.rows "$type of $m, quantized on loading"
	done
done
run 0 syc-gen -m f32.gguf --weights=q4_0 -n 1 -r few.npz in
syc-info --json few.npz 2>err | grep -q '"weights": *"q4_0"' || fail "no weights in the recording"
run 1 syc-gen -m random-tiny-1.gguf --weights=q4_k in
says syc-gen random-tiny-1.gguf "is q8_0 already" q4_k syc-quant
gen -m q8_0.gguf --weights=q8_0 -n 8 in
run 1 syc-gen -m f16.gguf --weights=q4_k --compute f32 in
says q4_k f32
run 0 syc-info --fidelity --weights=q4_0 -t 1 --ctx=64 --text=in floats.gguf
grep -q '^floats.gguf, int8 of q4_0, against f32' out || fail "fidelity: $(head -1 out)"
run 2 syc-gen -m f16.gguf --weights=f16 in
misused q8_0 q6_k q5_k q4_k q4_0

# Adapters are merged: the rows of both together, in every type but for rounding.
lora=$demo/lora
for a in "$lora" "$lora:-0.5" "$lora/adapter_model.safetensors"; do
	gen --compute f32 -m "$model" --lora "$a" -n 8 -t 1 in
	mv out apart
	run 0 syc-quant -q -m "$model" --lora "$a" --type f32 -o merged.gguf
	gen --compute f32 -m merged.gguf -n 8 -t 1 in
	same out apart "rows of the model with $a"
	cmp -s out f32.rows && fail "$a changes nothing"
done
gen --compute f32 -m "$model" --lora "$lora" --lora "$lora:0.25" -n 8 -t 1 in
mv out apart
run 0 syc-quant -q -m "$model" --lora "$lora" --lora "$lora:0.25" --type f32 -o merged.gguf
gen --compute f32 -m merged.gguf -n 8 -t 1 in
same out apart 'rows of two adapters'
run 0 syc-quant -q -m merged.gguf -o x.gguf
for t in 1 3; do
	run 0 syc-quant -q -m "$demo" --lora "$lora" --lora "$lora:0.25" -t $t -o few.gguf
	check same few.gguf x.gguf general.name
done
run 0 syc-quant -q -m "$model" --lora "$lora:0" --type f16 -o x.gguf
same x.gguf f16.gguf 'an adapter that adds nothing'
run 1 syc-quant -q -m "$model" --lora "$lora:1e6" --type f16 -o no.gguf
says 'too large for float16' 'blk.'
run 1 syc-quant -q -m random-tiny-1.gguf --lora "$lora" -o no.gguf
says "syc-quant: $lora: tensor" 'are not for a matrix'
run 1 syc-quant -q -m "$model" --lora no/such -o no.gguf
says no/such
absent no.gguf no.gguf.part
copy "$lora" mine
run 2 syc-quant -q -m "$model" --lora mine -o mine/adapter_model.safetensors
misused 'is read as well'
run 2 syc-quant -q -m "$model" --lora mine:2e6 -o no.gguf
misused SCALE

# From the hub's files: what the model's own GGUF file has.
run 0 syc-quant -q -m "$demo" --type f16 -o hub.gguf
check same hub.gguf f16.gguf general.name
run 0 syc-quant -q -m "$demo/model.safetensors" --type f16 -o x.gguf
same x.gguf hub.gguf 'a folder and its file'
run 0 syc-quant -q -m "$demo" -o x.gguf
check same x.gguf q8_0.gguf general.name
gen --compute f32 -m hub.gguf -n 8 -t 1 in
same out f16.rows 'rows of hub.gguf'
[ -d "$SYC_SHARED/models" ] || echo 'left out: models of the shared data'
for m in "$SYC_SHARED"/models/*/; do
	[ -e "$m/config.json" ] || continue
	run 0 syc-quant -q -m "$m" --type f16 -o x.gguf
	check same x.gguf "$m/$(basename "$m")-f16.gguf"
done

# variant CHANGE...: a folder of another configuration gives the rows of its file.
mkdir var
for f in model.safetensors tokenizer.model tokenizer_config.json; do
	ln -s "$demo/$f" var/$f
done
variant() {
	[ -n "$python" ] || return 0
	rm -f var/config.json
	check variant "$demo/config.json" var/config.json "$@"
	run 0 syc-quant -q -m var --type f16 -o x.gguf
	for m in var x.gguf; do
		gen --compute f32 -m $m -n 12 -t 1 in
		mv out rows.$m
	done
	same rows.var rows.x.gguf "rows of $*"
}
long=$(for i in 1 2 3 4 5 6 7 8; do printf 'Is the sky of the second valley green today? '; done)
echo "{\"id\": \"a\", \"prompt\": \"$long\"}" >in
variant '"x": 1'
mv rows.var plain
variant '"rope_theta": 5e5'
variant '"rope_scaling": {"rope_type": "linear", "factor": 4}'
variant '"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 64}'
cmp -s rows.var plain && fail "scaling changes nothing"
variant '"rope_scaling": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 64}'
variant '"rope_scaling": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 64, "attention_factor": 1.5, "beta_fast": 20, "beta_slow": 2}'
variant '"architectures": ["MistralForCausalLM"], "model_type": "mistral", "sliding_window": 24'
cmp -s rows.var plain && fail "a window changes nothing"
variant '"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "use_sliding_window": true, "sliding_window": 24, "max_window_layers": 3'
variant '"tie_word_embeddings": true'
same plain rows.var 'rows of a tied flag beside a head of its own'
if [ -n "$python" ]; then
	"$python" "$top_srcdir/tests/quant.py" variant "$demo/config.json" var/config.json \
		'"rope_scaling": {"rope_type": "yarn", "factor": 4, "truncate": false}'
	run 1 syc-quant -m var -o no.gguf
	says "syc-quant: var: " yarn truncate
	absent no.gguf no.gguf.part
fi

# Rows of the embedding without tokens; several tokens that end an answer.
if [ -n "$python" ]; then
	mkdir pad
	cp "$demo/tokenizer.model" "$demo/tokenizer_config.json" pad
	check pad "$demo" pad
	run 0 syc-quant -q -m pad --type f16 -o x.gguf
	check padded x.gguf
	for m in pad x.gguf; do
		gen --compute f32 -m $m -n 12 -t 1 in
		# The rows without tokens have logits, too.
		sed 's/, "logprob".*//' out >rows.$m
	done
	same rows.pad rows.x.gguf 'rows of the padded model'
	run 0 syc-tok -m x.gguf --raw "$top_srcdir/README.md"
	mv out ids
	run 0 syc-tok -m "$model" --raw "$top_srcdir/README.md"
	same ids out 'tokens of the padded model'
fi

# A byte-level vocabulary.
if [ -n "$python" ]; then
	mkdir bpe
	ln -s "$demo/model.safetensors" bpe
	check bpe "$demo" bpe
	run 0 syc-quant -q -m bpe --type f16 -o x.gguf
	printf '%s\n' "$long" 'the valleys  été 12345 <|eot_id|>' "it's	the	THE" >texts
	for m in bpe x.gguf; do
		run 0 syc-tok -m $m --raw texts
		mv out ids.$m
	done
	same ids.bpe ids.x.gguf 'byte-level tokens'
	grep -q '" the"' ids.bpe || fail "no merges: $(head -c 300 ids.bpe)"
	check bpe "$demo" bpe 'x|y'
	run 1 syc-quant -m bpe -o no.gguf
	says 'syc-quant: bpe: ' 'no name in GGUF'
	absent no.gguf no.gguf.part
fi

# Spaces where tokenizer.json puts them.
mkdir first
ln -s "$demo"/*.safetensors "$demo"/*.model "$demo"/*.json first
echo '{"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}}' >first/tokenizer.json
printf '%s\n' 'The sky</s>The sky' ' The sky</s> The sky' >texts
run 0 syc-quant -q -m first -o x.gguf
for m in first x.gguf "$model"; do
	run 0 syc-tok -m "$m" --raw texts
	mv out "ids.$(basename "$m")"
done
same ids.first ids.x.gguf 'tokens, spaces first'
cmp -s ids.first "ids.$(basename "$model")" && fail 'tokenizer.json changes nothing'

# A reward model gives its scores.
head -3 "$demo/reward/golden.jsonl" | sed 's/"text":/"prompt":/; s/, "ids".*/}/' >rank.in
run 0 syc-quant -q -m "$demo/reward" --type f32 -o reward.gguf
for m in "$demo/reward" reward.gguf; do
	run 0 syc-rank --compute f32 -m "$m" -t 1 rank.in
	[ "$(wc -l <out)" -eq 3 ] || fail "syc-rank: $(head -c 400 err)"
	# another file is another run
	sed 's/, *"reward_run": *"[0-9a-f]*"//' out >"rank.$(basename "$m")"
done
same rank.reward rank.reward.gguf 'scores of reward.gguf'

# No room: a limit on the size of files is as a full disk.
run 1 sh -c 'ulimit -f 200; exec syc-quant -q -m "$1" -o no.gguf' sh "$model"
says 'syc-quant: no.gguf: File too large'
absent no.gguf no.gguf.part

# Wrong usage.
run 2 syc-quant -m "$model"
misused --output
run 2 syc-quant -o x.gguf
misused --model
run 2 syc-quant -m "$model" --type q4_2 -o x.gguf
misused q8_0 f16 f32 q6_k q5_k q4_k q4_0
run 2 syc-quant -m "$model" -o x.gguf y
misused "'y'"

# refused TEXT...: bad.gguf is not converted, and what was there stays.
refused() {
	echo before >no.gguf
	run 1 syc-quant -m bad.gguf -o no.gguf
	says 'syc-quant: bad.gguf: ' "$@"
	[ "$(cat no.gguf)" = before ] || fail "no.gguf was touched"
	absent no.gguf.part
}
"$damage" "$model" bad.gguf data blk.2.attn_q.weight 4000 007e
refused blk.2.attn_q.weight 'NaN or infinite'
"$damage" "$model" bad.gguf data blk.5.ffn_norm.weight 8 0000c07f
refused blk.5.ffn_norm.weight 'NaN or infinite'
"$damage" q8_0.gguf bad.gguf data output.weight 3400 007c
refused output.weight 'NaN or infinite'
"$damage" f32.gguf bad.gguf data blk.2.attn_q.weight 4000 0000004b
refused blk.2.attn_q.weight 'too large for float16'
"$damage" "$model" bad.gguf after blk.2.attn_q.weight 20 10000000
refused blk.2.attn_q.weight iq2_xxs 'not supported' llama-quantize
"$damage" "$model" bad.gguf after general.architecture 4 0500000000000000626c6f6f6d
refused bloom
head -c 100000 "$model" >bad.gguf
refused 'needs'
echo nothing >bad.gguf
refused GGUF
rm bad.gguf
refused 'No such file'
run 1 syc-quant -m "$model" -o no/such/folder.gguf
says no/such/folder.gguf
(
	trap '' XFSZ
	ulimit -f 500
	run 1 syc-quant -m "$model" -o full.gguf
	says 'syc-quant: full.gguf: File too large'
	exit $failed
) || failed=1
absent full.gguf full.gguf.part
if [ -e /dev/full ]; then
	run 1 syc-quant -m "$model" -o /dev/full
	says /dev/full
fi
exit $failed
