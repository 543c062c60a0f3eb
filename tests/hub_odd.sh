#!/bin/sh
# SPDX-License-Identifier: MIT
# Models, adapters and rows as hubs and people have them, and files that change
# or are no files: what is said, on the command line.
. "$top_srcdir/tests/lib.sh"

# tensors FILE OUT [NAME=FROM]... : safetensors with tensors added, each a copy
# of another whose values are times 1 or, with a minus in front of FROM, -1.
tensors() {
	"$python" - "$@" <<'PY' || fail "no $2"
import json, pathlib, struct, sys
def load(path):
    raw = pathlib.Path(path).read_bytes()
    n = int.from_bytes(raw[:8], "little")
    head = json.loads(raw[8:8 + n])
    head.pop("__metadata__", None)
    return {k: (v["dtype"], v["shape"], raw[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]])
            for k, v in head.items()}
src, to, model = load(sys.argv[1]), sys.argv[2], load(sys.argv[3])
for change in sys.argv[4:]:
    name, of = change.split("=")
    dtype, shape, data = model[of.lstrip("-")]
    if of.startswith("-"):  # the sign bits
        step = {"F32": 4, "F16": 2, "BF16": 2}[dtype]
        data = bytes(b ^ 0x80 if i % step == step - 1 else b for i, b in enumerate(data))
    src[name] = (dtype, shape, data)
out, blob = {}, b""
for k, (dtype, shape, data) in src.items():
    out[k] = {"dtype": dtype, "shape": shape, "data_offsets": [len(blob), len(blob) + len(data)]}
    blob += data
text = json.dumps(out).encode()
pathlib.Path(to).write_bytes(len(text).to_bytes(8, "little") + text + blob)
PY
}
echo '{"prompt": "Is the sky green?"}' >in

# A flag that says tied: the file's own head is used, unless it is a copy.
if find_python; then
	mkdir tied copy
	for d in tied copy; do
		cp "$demo/tokenizer.model" "$demo/tokenizer_config.json" $d
		sed 's/"tie_word_embeddings": *false/"tie_word_embeddings": true/' \
			"$demo/config.json" >$d/config.json
		grep -q '"tie_word_embeddings": true' $d/config.json || fail "no flag in $d"
	done
	cp "$demo/model.safetensors" tied
	tensors "$demo/model.safetensors" copy/model.safetensors "$demo/model.safetensors" \
		lm_head.weight=model.embed_tokens.weight
	run 0 syc-gen -t 1 -n 4 -m "$demo" in
	runless out >want
	run 0 syc-gen -t 1 -n 4 -m tied in
	runless out >got
	same want got 'rows of a head of its own'
	says "syc-gen: warning: tied" tie_word_embeddings lm_head.weight
	run 0 syc-quant -m tied -o tied.gguf
	mentions "syc-quant: warning: tied" lm_head.weight
	run 0 syc-gen -t 1 -n 4 -m copy in
	grep -q warning err && fail "a copy is warned of: $(cat err)"

	# PEFT's copies of the model's matrices; not copies of others.
	for c in 'model.embed_tokens.base_layer.weight=model.embed_tokens.weight 0' \
		'lm_head.base_layer.weight=lm_head.weight 0' \
		'model.embed_tokens.weight=model.embed_tokens.weight 0' \
		'lm_head.base_layer.weight=-lm_head.weight 1' \
		'lm_head.base_layer.weight=model.embed_tokens.weight 1'; do
		rm -rf peft
		mkdir peft
		cp "$demo/lora/adapter_config.json" peft
		tensors "$demo/lora/adapter_model.safetensors" peft/adapter_model.safetensors \
			"$demo/model.safetensors" "base_model.model.${c% *}"
		run "${c##* }" syc-gen -q -t 1 -n 4 -m "$demo" --lora peft in
		[ "${c##* }" = 0 ] || says 'no copy of the model'
		[ "${c##* }" = 1 ] || runless out >with
	done
	run 0 syc-gen -q -t 1 -n 4 -m "$demo" --lora "$demo/lora" in
	runless out >got
	same got with "rows with PEFT's copy"

	# A zip of lzma.
	"$python" - <<'PY' || fail "no zip"
import io, zipfile, numpy as np
b = io.BytesIO()
np.save(b, np.ones((2, 8), np.float32))
with zipfile.ZipFile("lzma.npz", "w", zipfile.ZIP_LZMA) as z:
    z.writestr("a.npy", b.getvalue())
PY
	[ -e lzma.npz ] && {
		run 1 syc-info lzma.npz
		says lzma.npz 'packed by lzma'
	}
fi

# A vector whose checksum is wrong, in what says that it is one.
if [ -n "$python" ]; then
	run 0 syc-vec mean -q -t 1 -m "$model" --system '' -o v.npz "$demo/pairs.jsonl"
	"$python" - <<'PY' || fail "no bad.npz"
data, at = bytearray(open("v.npz", "rb").read()), -1
while True:  # both headers of the member have its checksum
    at = data.find(b"format.json", at + 1)
    if at < 0:
        break
    for size, crc, magic in ((30, 14, b"PK\3\4"), (46, 16, b"PK\1\2")):
        if data[at - size:at - size + 4] == magic:
            data[at - size + crc] ^= 1
open("bad.npz", "wb").write(data)
PY
	run 1 syc-info bad.npz
	says bad.npz format.json 'wrong checksum'
	run 1 syc-gen -q -t 1 -n 1 -m "$model" -s bad.npz in
	says bad.npz format.json 'wrong checksum'
fi

# Rows: a mark in front, an array, BOS as text.
{
	printf '\357\273\277'
	cat in
} >bom
run 0 syc-gen -q -t 1 -n 2 -m "$model" bom
[ "$(head -c 1 out)" = '{' ] || fail "the mark is in the rows: $(head -c 20 out | od -c)"
printf '[\n{"prompt": "a"}\n]\n' >array
run 1 syc-gen -t 1 -n 2 -m "$model" array
says array:1 "jq -c '.[]'"
echo '{"text": "<s>a"}' >bos
run 0 syc-tok -m "$model" bos
says 'syc-tok: warning' 'begin with BOS'
run 0 syc-tok --no-bos -m "$model" bos
[ -s err ] && fail "one BOS is warned of: $(cat err)"
echo '{"prompt": "<s>a"}' >bos
run 0 syc-gen -t 1 -n 1 --chat none -m "$model" bos
says 'syc-gen: warning' 'begin with BOS'

# What is no file.
mkfifo pipe
for p in gen tok info; do
	run 1 syc-$p $([ $p = info ] || echo -m) pipe
	says "syc-$p: pipe: is a pipe"
	[ "$(wc -l <err)" -eq 1 ] || fail "syc-$p pipe: $(cat err)"
done
: >empty.gguf
for p in gen tok info; do
	run 1 syc-$p $([ $p = info ] || echo -m) empty.gguf
	says "syc-$p: empty.gguf: is empty"
done

# Steering that is written in another order than the one there is.
run 1 syc-gen -q -t 1 -n 1 -m "$model" -s v.gguf@3:2 in
says "'v.gguf@3'" 'FILE[:SCALE][@LAYERS]' 'v.gguf:2@14'

# A model that cannot run is described, and that it cannot is said.
mkdir other
cp "$demo/model.safetensors" "$demo/tokenizer.model" other
sed 's/LlamaForCausalLM/MixtralForCausalLM/; s/"model_type": *"llama"/"model_type": "mixtral"/' \
	"$demo/config.json" >other/config.json
run 1 syc-info other
says 'MixtralForCausalLM' 'not supported'
grep -q 'architecture *MixtralForCausalLM' out || fail "no description: $(cat out)"

# A model that is cut short while it runs: one line, exit 1.
for kind in gguf safetensors; do
	[ -n "$SYC_SANITIZED" ] && break
	mkdir -p cut
	copy "$demo"/*.json "$demo/tokenizer.model" "$demo/model.safetensors" cut
	copy "$model" cut.gguf
	m=cut.gguf file=cut.gguf
	[ $kind = gguf ] || m=cut file=cut/model.safetensors
	rm -f feed cut.err
	mkfifo feed
	syc-gen -v -t 1 -n 40 --compute f32 -m $m <feed >cut.out 2>cut.err &
	pid=$!
	exec 9>feed
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		grep -qs 'keys and values' cut.err && break
		sleep 0.5
	done
	truncate -s 4096 $file
	cat in >&9
	exec 9>&-
	wait $pid
	status=$?
	[ $status = 1 ] || fail "$kind cut short: exit $status: $(cat cut.err)"
	grep -q "^syc-gen: $file was cut short" cut.err || fail "$kind cut short: $(cat cut.err)"
done
exit $failed
