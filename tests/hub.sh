#!/bin/sh
# SPDX-License-Identifier: MIT
# A model as a GGUF file, as a folder, as one file of it and as shards behind an
# index: the same rows. What may be said of it on the command line.
. "$top_srcdir/tests/lib.sh"
head -6 "$demo/test-opinion.jsonl" >in

gen() {
	run 0 syc-gen -q -t 1 -n 12 --system '' "$@" in
}
# Rows but for the file of activations and the run, which the model is part of.
rows() {
	runless "$1" | sed 's/[a-z]*\.npz//'
}
gen -m "$model" -r gguf.npz
rows out >want
for path in "$demo" "$demo/" "$demo/model.safetensors"; do
	gen -m "$path" -r hub.npz
	rows out >got
	same want got "rows of $path"
done
if find_python; then
	"$python" - gguf.npz hub.npz <<'PY' || fail "activations differ"
import sys, json, numpy as np
a, b = np.load(sys.argv[1]), np.load(sys.argv[2])
assert a.files == b.files
for k in a.files:
    if k != "provenance.json":
        assert a[k].tobytes() == b[k].tobytes() if hasattr(a[k], "tobytes") else a[k] == b[k], k
p, q = json.loads(a["provenance.json"].item()), json.loads(b["provenance.json"].item())
assert p["model"] != q["model"] and p["model"].startswith("crc32:") and "window" not in p
PY
fi

# Two shards and an index.
mkdir shards
cp "$demo/config.json" "$demo/tokenizer.model" "$demo/tokenizer_config.json" shards
if find_python; then
	"$python" - "$demo/model.safetensors" shards <<'PY' || fail "no shards"
import json, pathlib, sys
raw, to = pathlib.Path(sys.argv[1]).read_bytes(), pathlib.Path(sys.argv[2])
n = int.from_bytes(raw[:8], "little")
head, data = json.loads(raw[8:8 + n]), raw[8 + n:]
head.pop("__metadata__", None)
names, where = sorted(head), {}
for k, part in enumerate((names[::2], names[1::2])):
    out, blob = {}, b""
    for name in part:
        a, b = head[name]["data_offsets"]
        out[name] = {**head[name], "data_offsets": [len(blob), len(blob) + b - a]}
        blob += data[a:b]
        where[name] = f"model-0000{k + 1}-of-00002.safetensors"
    text = json.dumps(out).encode()
    (to / where[part[0]]).write_bytes(len(text).to_bytes(8, "little") + text + blob)
(to / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))
PY
	for path in shards shards/model.safetensors.index.json; do
		gen -m $path -r hub.npz
		rows out >got
		same want got "rows of $path"
		run 0 syc-info $path
		grep -q 'safetensors, 2 files' out || fail "$path: $(head -1 out)"
	done
fi

# syc-info.
run 0 syc-info "$demo" "$demo/lora" "$demo/reward" "$top_srcdir/tests/data/family/layers" "$demo/model.safetensors"
for text in 'model, safetensors, 2761848 bytes' 'LlamaForCausalLM' 'key-value heads    2' 'chat               zephyr' \
	'adapter, safetensors' 'lora_alpha         16' 'LlamaForSequenceClassification' 'window             11' '57 f16'; do
	grep -qF "$text" out || fail "syc-info lacks '$text': $(cat out)"
done
run 0 syc-info --json "$demo" "$demo/lora" "$model"
expect '[.[].kind] == ["model", "adapter", "model"] and .[0].config.hidden_size == 128 and
	(.[0].tensors | length) == 57 and .[2].metadata["llama.block_count"] == 6' out
run 0 syc-info -v "$demo"
grep -q 'model.layers.5.mlp.down_proj.weight' out || fail "syc-info -v names no tensors"
mkdir empty
run 1 syc-info empty
says empty 'no model.safetensors'

# A window: its size counts, none is as the model is, and provenance has it.
gen -m "$model" --window 0 -r hub.npz
rows out >got
same want got "rows with --window=0"
gen -m "$model" --window 512
rows out >all
gen -m "$model" --window 20 -r window.npz
rows out >got
cmp -s got all && fail "--window=20 changes nothing"
run 0 syc-info --json window.npz
expect '.[0].provenance.window == 20' out

# An adapter: it makes the model sycophantic, by half less so, and provenance
# has it.
choose() {
	run 0 syc-gen -q -t 1 --choices --system '' -m "$model" "$@" many
	have_jq && jq -s 'map(.p_match) | add / length' out
}
head -60 "$demo/test-opinion.jsonl" >many
base=$(choose)
lora=$(choose --lora "$demo/lora")
file=$(choose --lora="$demo/lora/adapter_model.safetensors:1")
none=$(choose --lora "$demo/lora:0")
if have_jq; then
	[ "$lora" = "$file" ] || fail "adapter: $lora as a folder, $file as a file"
	[ "$base" = "$none" ] || fail "adapter, zero times: $none for $base"
	echo "$base $lora" | awk '{ exit !($1 < 0.7 && $2 > 0.98) }' || fail "adapter: from $base to $lora"
fi
gen -m "$demo" --lora "$demo/lora" --lora "$demo/lora:-0.5" -r lora.npz
run 0 syc-info --json lora.npz hub.npz
expect '.[0].provenance.model | test("^crc32:[0-9a-f]{8}:[0-9]+[+]crc32:[0-9a-f]{8}:244380[*]1[+]crc32:[0-9a-f]{8}:244380[*]-0[.]5$")' out
run 0 syc-rec -q -t 1 -m "$demo" --lora "$demo/lora" --system '' -r rec.npz in
run 0 syc-vec mean -q -t 1 -m "$demo" --lora "$demo/lora" --system '' -o v.gguf "$demo/cue-pairs.jsonl"

# The digest of a model's files, made while they are loaded, is that of their
# bytes: of one file, shards, a folder, with any number of threads and as floats.
digest_of() {
	run 0 syc-rec -q --system '' -r digest.npz "$@" in
	run 0 syc-info --json digest.npz
	sed 's/.*"model": "\(crc32:[0-9a-f]*:[0-9]*\).*/\1/' out
}
if [ -n "${python-}" ] || find_python; then
	crc() {
		cat "$@" | "$python" -c 'import sys, zlib
b = sys.stdin.buffer.read()
print("crc32:%08x:%d" % (zlib.crc32(b), len(b)))'
	}
	for how in '-t 1' '-t 3' '--compute f32'; do
		[ "$(digest_of -m "$model" $how)" = "$(crc "$model")" ] || fail "digest of $model, $how"
	done
	[ "$(digest_of -m "$demo/demo-q8_0.gguf" -t 2)" = "$(crc "$demo/demo-q8_0.gguf")" ] || fail "digest of q8_0"
	[ "$(digest_of -m shards)" = "$(crc shards/*.safetensors shards/config.json shards/tokenizer.model \
		shards/tokenizer_config.json)" ] || fail "digest of a folder of shards"
	run 0 syc-rec -q --system '' -m "$model" --lora "$demo/lora" -r digest.npz in
	run 0 syc-info --json digest.npz
	grep -qF "+$(crc "$demo/lora/adapter_model.safetensors" "$demo/lora/adapter_config.json")*1" out ||
		fail "digest of an adapter: $(cat out)"
fi
exit $failed
