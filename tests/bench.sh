#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-bench on a tiny model: figures that make sense, a cache that is kept, and
# what it says of bad input.  Speed itself is not tested.
. "$top_srcdir/tests/lib.sh"

bench="syc-bench --shape tiny --cache a/b --repeat 1 -t 2"
made=a/b/random-tiny-1.gguf

# The model is written once, whole, and the programs take it.
run 0 $bench --only load
mentions "writing $made"
[ -e "$made" ] && [ ! -e "$made.part" ] || fail "the model is not in its place: $(ls -R)"
cp "$made" kept
grep -q '^This' out && fail "ceilings were measured for nothing"
run 0 $bench --only load
[ ! -s err ] || fail "said '$(cat err)'"
cmp -s "$made" kept || fail "the model was written again"
echo '{"prompt": "Hello, my name is Ada."}' >rows
run 0 syc-gen -q -m "$made" -n 3 rows
grep -q '"finish": "length"' out || fail "no answer of the made model: $(cat out)"
printf x >>"$made"
run 0 $bench --only load
mentions "writing $made"
cmp -s "$made" kept || fail "the bytes of the model differ from the first time"
: >file
run 1 syc-bench --shape tiny --cache file/x
says 'file'
HOME=$dir/home XDG_CACHE_HOME='' run 0 syc-bench -q --shape tiny --repeat 1 --only load
[ -e home/.cache/syc/random-tiny-1.gguf ] || fail "not in ~/.cache/syc: $(ls -R home)"

# Bad use.
run 2 syc-bench --shape tiny -m "$made"
misused '--model and --shape'
run 2 syc-bench --shape huge
misused "'huge' is none of: tiny, 1.1b, 7b, mistral-7b"
run 2 syc-bench --only prefill,nothing
misused "'nothing' is none of: load, prefill"
run 2 syc-bench --repeat 0
run 2 syc-bench operand
run 1 syc-bench -m "$model" --lora absent --only load
says 'absent: No such file'
run 1 syc-bench -m absent --only load
says 'absent: No such file'
: >empty
run 1 $bench --only contrast --pairs empty
says 'empty: there are no pairs'
run 1 $bench --only contrast --pairs absent
says 'absent: No such file'
echo '{"question": "x"}' >bad
run 1 $bench --only contrast --pairs bad
says 'bad:1: '

[ -z "${SYC_SANITIZED-}" ] || exit $failed

# Every kind of work gives a figure, in both forms.
works='load prefill decode batch contrast record steer memory'
run 0 $bench --only load,prefill,decode,batch,contrast,record,steer,memory
for w in $works; do
	grep -qE "^$w +[0-9.]+ [a-zA-Z]" out || fail "no figure for $w: $(cat out)"
done
grep -q '^This machine, 2 threads: reading [0-9.]* GB/s, int8 [0-9.]* Top/s' out || fail "no ceilings: $(cat out)"
cat >pairs <<'EOF'
{"question": "Is it so?\n (A) yes\n (B) no", "answer_matching_behavior": " (A)", "answer_not_matching_behavior": " (B)"}
{"question": "Is it not so?\n (A) yes\n (B) no", "answer_matching_behavior": " (B)", "answer_not_matching_behavior": " (A)"}
EOF
# A share has no upper bound: a tiny model is read from cache, not memory.
run 0 $bench --only decode,contrast --pairs pairs --json -o figures
if command -v jq >/dev/null; then
	jq -e '.threads == 2 and .compute == "int8" and (.ceilings | .read_bytes_per_s > 0
		and .int8_ops_per_s > 0 and .fma_ops_per_s > 0)
		and ([.figures[].work] == ["decode", "contrast"])
		and all(.figures[]; .value > 0 and .lo <= .value and .value <= .hi
			and .share > 0 and .threads == 2 and .kernels != "")
		and (.figures[1].what | startswith("2 pairs, "))' figures >out ||
		fail "the JSON is not as it should be: $(cat figures)"
fi
run 0 $bench --only contrast --pairs pairs --max-pairs 1
grep -q ' 1 pairs, ' out || fail "--max-pairs: $(cat out)"
run 0 $bench --only memory --compute f32
grep -q ' f32 on ' out || fail "f32: $(cat out)"
run 0 syc-bench -m "$model" -t 1 --repeat 1 --only decode --cpu scalar
grep -q ' 1 thread:' out || fail "-t 1: $(cat out)"
grep -q 'int8 on scalar kernels' out || fail "--cpu: $(cat out)"
run 0 syc-bench -q -m "$model" --lora "$demo/lora:0.5" --window 20 --repeat 1 --only prefill
grep -q '^prefill ' out || fail "no figure with an adapter: $(cat out)"

exit $failed
