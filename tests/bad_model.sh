#!/bin/sh
# SPDX-License-Identifier: MIT
# Models that are damaged or not ours: one line that names the file and what is
# wrong with it.
test -x tests/damage || { echo "tests/damage is not built"; exit 77; }
damage=$PWD/tests/damage
. "$top_srcdir/tests/lib.sh"
echo '{"prompt": "Hello"}' >in

# refused TEXT...: syc-gen does not run bad.gguf.
refused() {
	run 1 syc-gen -m bad.gguf -n 1 -t 1 -r no.npz -o no.jsonl in
	says 'syc-gen: bad.gguf: ' "$@"
	absent no.npz no.jsonl no.jsonl.part
}
# hurt HOW...: bad.gguf is the demo model, damaged.
hurt() {
	"$damage" "$model" bad.gguf "$@" || fail "damage $*"
}

# Cut short, anywhere.
size=$(wc -c <"$model")
for n in 0 1 3 4 7 8 15 16 23 24 30 100 5000 20000 28000 40000 $((size / 2)) $((size - 100)); do
	head -c "$n" "$model" >bad.gguf
	refused
done
head -c $((size - 100)) "$model" >bad.gguf
refused "tensor '" 'needs' "file has $((size - 100))"

# Numbers that lie.
ff=ffffffffffffffff
hurt at 0 00000000
refused GGUF
hurt at 4 63000000
refused version 99
hurt at 8 $ff
refused tensors
hurt at 8 ffffffffffffff0f
refused tensors
hurt at 16 $ff
refused
hurt at 16 0000000001000000
refused
hurt after general.architecture 4 $ff
refused general.architecture
hurt after tokenizer.ggml.tokens 8 $ff
refused tokenizer.ggml.tokens
hurt after tokenizer.ggml.tokens 8 0000000000000020
refused tokenizer.ggml.tokens
hurt after tokenizer.ggml.scores 8 ffffffffffffff3f
refused tokenizer.ggml.scores
hurt after llama.block_count 0 63000000
refused llama.block_count 99

# Tensors.
q=blk.2.attn_q.weight
hurt after $q 0 00000000
refused $q '0 dimensions'
hurt after $q 0 ffffffff
refused $q
hurt after $q 4 0000000000000000
refused $q shape
hurt after $q 4 $ff
refused $q shape
hurt after $q 4 4000000000000000
refused $q '64 x 128' '128 x 128'
hurt after $q 20 0c000000
refused $q 'impossible shape for type q4_k'
hurt after $q 20 10000000
refused $q iq2_xxs 'not supported'
hurt after $q 20 27000000
refused $q mxfp4 'not supported'
hurt after $q 20 63000000
refused $q 99
hurt after $q 20 1a000000
refused $q i32
hurt after $q 24 0100000000000000
refused $q 'not a multiple of 32'
hurt after $q 24 00000000000000ff
refused $q needs
hurt after $q 24 e0ffffffffffffff
refused $q needs
hurt after $q 24 0000000000000000
refused 'shares its data with another'
hurt rename $q blk.2.attn_x.weight
refused "no tensor '$q'"
hurt rename $q blk.3.attn_q.weight
refused 'two tensors' blk.3.attn_q.weight

# Metadata.
for key in embedding_length feed_forward_length context_length attention.head_count; do	# each has an e
	hurt rename llama.$key "llama.$(echo $key | tr e x)"
	refused llama.$key
done
hurt after llama.block_count 4 00000000
refused llama.block_count
hurt after llama.block_count 4 07000000
refused blk.6.
hurt after llama.block_count 4 ffffffff
refused llama.block_count
hurt after llama.block_count 0 06000000
refused llama.block_count
hurt after llama.embedding_length 4 81000000
refused
hurt after llama.attention.head_count 4 00000000
refused llama.attention.head_count
hurt after llama.attention.head_count_kv 4 03000000
refused '4 heads over 3'
hurt after llama.context_length 4 00000000
refused llama.context_length
hurt after llama.attention.layer_norm_rms_epsilon 4 0000c07f
refused llama.attention.layer_norm_rms_epsilon
hurt after llama.attention.layer_norm_rms_epsilon 4 000080bf
refused llama.attention.layer_norm_rms_epsilon
hurt after general.architecture 12 67656d6d61
refused "'gemma'" 'not supported'
hurt after general.architecture 12 7177656e32
refused qwen2.block_count

# Vocabularies.
hurt rename tokenizer.ggml.scores tokenizer.ggml.scoXXX
refused tokenizer.ggml.scores
hurt rename tokenizer.ggml.tokens tokenizer.ggml.tokXXX
refused tokenizer.ggml.tokens
hurt after tokenizer.ggml.model 12 67707432
refused gpt2

# Weights that are not finite, with either arithmetic.
hurt data $q 4000 007e
refused $q 'NaN or infinite'
run 1 syc-gen --compute f32 -m bad.gguf in
says bad.gguf $q 'NaN or infinite'
hurt data token_embd.weight 100000 00fc
refused token_embd.weight 'NaN or infinite'
hurt data blk.5.ffn_norm.weight 8 0000c07f
refused blk.5.ffn_norm.weight 'NaN or infinite'

# Not a model at all.
cp in bad.gguf
refused GGUF
head -c 100000 /dev/zero >bad.gguf
refused GGUF
rm bad.gguf
refused 'No such file'
mkdir bad.gguf
refused 'no model.safetensors' 'in this folder'
rmdir bad.gguf
run 0 syc-vec mean -q -m "$model" --system '' -o bad.gguf "$demo/cue-pairs.jsonl"
refused controlvector

# More than any machine's memory: a file that is nearly all hole.
if find_python && "$python" - 2>/dev/null <<'PY'; then
import struct
def text(s): return struct.pack("<Q", len(s)) + s.encode()
def pair(k, t, v): return text(k) + struct.pack("<I", t) + v
def u32(k, v): return pair("llama." + k, 4, struct.pack("<I", v))
dim, ffn, layers = 65536, 1 << 20, 16
kv = [pair("general.architecture", 8, text("llama")), u32("block_count", layers),
      u32("embedding_length", dim), u32("feed_forward_length", ffn), u32("context_length", 64),
      u32("attention.head_count", 512),
      pair("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5)),
      pair("tokenizer.ggml.model", 8, text("llama")),
      pair("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 3) + text("<unk>") + text("<s>") + text("</s>")),
      pair("tokenizer.ggml.scores", 9, struct.pack("<IQ3f", 6, 3, 0, 0, 0)),
      pair("tokenizer.ggml.token_type", 9, struct.pack("<IQ3i", 5, 3, 2, 3, 3))]
tensors, at = [], 0
def tensor(name, ne, kind, size):
    global at
    tensors.append(text(name) + struct.pack("<I", len(ne)) + struct.pack("<%dQ" % len(ne), *ne) +
                   struct.pack("<IQ", kind, at))
    at += (size + 31) // 32 * 32
def matrix(name, cols, rows): tensor(name, (cols, rows), 8, cols * rows // 32 * 34)
matrix("token_embd.weight", dim, 3)
tensor("output_norm.weight", (dim,), 0, 4 * dim)
for l in range(layers):
    for n in ("ffn_gate", "ffn_up"):
        matrix("blk.%d.%s.weight" % (l, n), dim, ffn)
    matrix("blk.%d.ffn_down.weight" % l, ffn, dim)
head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(kv)) + b"".join(kv + tensors)
head += bytes(-len(head) % 32)
with open("bad.gguf", "wb") as f:
    f.write(head)
    f.truncate(len(head) + at)
PY
	refused 'needs' 'GB for weights, this machine has' 'even a file in q4_0 (syc-quant) would need'
	rm bad.gguf
fi
exit $failed
