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
misused "'huge' is none of: tiny, 135m, 1.1b, 7b, mistral-7b"
run 2 syc-bench --only prefill,nothing
misused "'nothing' is none of: load, prefill"
run 2 syc-bench --repeat 0
run 2 syc-bench operand
run 1 syc-bench -m "$model" --lora absent --only load
says 'absent: No such file'
run 1 syc-bench -m absent --only load
says 'absent: No such file'
: >empty
run 1 $bench --only contrast --pairs-file empty
says 'empty: there are no pairs'
run 1 $bench --only contrast --pairs-file absent
says 'absent: No such file'
echo '{"question": "x"}' >bad
run 1 $bench --only contrast --pairs-file bad
says 'bad:1: '

# Another program in turn: here it is a text that says what it was asked.
cat >peer <<'EOF'
#!/bin/sh
echo "$*" >>asked
echo "loading" >&2
cat "$(dirname "$0")/said"
EOF
chmod +x peer
speeds() {
	printf '[{"build_commit": "abc1234", "n_prompt": %s, "n_gen": 0, "avg_ts": %s, "samples_ts": [1]},' "$1" "$2"
	printf '{"build_commit": "abc1234", "n_prompt": 0, "n_gen": 64, "avg_ts": %s}]\n' "$3"
}
speeds 512 100.5 20.25 >said
tiny="syc-bench -q -m $made --repeat 2 -t 1"
run 0 $tiny --against ./peer --against-args '-rtr 1  $HOME;*' --json -o figures
for i in 1 2; do
	echo "-m $made -t 1 -p 512 -n 64 -r 1 -o json -rtr 1 \$HOME;*"
done >want
same want asked "what it was asked"
if command -v jq >/dev/null; then
	jq -e '[.figures[].value] as $own | .against | .program == "./peer" and .build == "abc1234" and
		.arguments == "-rtr 1  $HOME;*" and ([.figures[].work] == ["prefill", "decode"]) and
		([.figures[].value] == [100.5, 20.25]) and
		all(.figures[]; .n == 2 and .ratio_lo <= .ratio and .ratio <= .ratio_hi) and
		(.figures[1].ratio / ($own[1] / 20.25) - 1 | fabs) < 1e-3' figures >out ||
		fail "not compared: $(cat figures)"
fi
{
	echo '===== repacked 3 tensors'
	speeds 0 0 20.25 | sed 's/^\[/[\n/; s/},{/}\nllama: warning\n,{/'
} >said
run 0 $tiny --against ./peer --only decode
shows 'In turn with ./peer, build abc1234, 2 rounds' 'syc / peer'
grep -qE '^decode +[0-9.]+ +20.2 +[0-9.]+  [0-9.]+ to [0-9.]+$' out || fail "no ratio: $(cat out)"
grep -q '^prefill' out && fail "more than was asked: $(cat out)"
tiny="syc-bench -q -m $made --repeat 1 -t 1 --only decode"
for said in '[]' '{}' '[{"n_prompt": 0, "n_gen": 64}]' '[{"n_prompt": 0, "n_gen": 64, "avg_ts": 0}]' 'llama 256M' ''; do
	echo "$said" >said
	run 1 $tiny --against ./peer
	says 'syc-bench: ./peer: what it printed '
done
printf '#!/bin/sh\necho x >&2; echo "no such model" >&2; echo >&2; exit 3\n' >peer
run 1 $tiny --against ./peer
says 'syc-bench: ./peer failed: no such model'
run 1 $tiny --against ./nowhere
says 'syc-bench: ./nowhere: No such file or directory'
run 1 $tiny --against .
says 'syc-bench: .: '
run 1 $tiny --against ./peer --against-args "$(seq 99)"
says 'syc-bench: --against-args: more than 64 arguments'
run 2 syc-bench -m "$made" --against ./peer --only batch
misused 'prefill and decode only'
run 2 $tiny --against-args x
misused 'goes with --against'
run 2 $tiny --against ./peer --window 5
misused 'the model alone'

[ -z "${SYC_SANITIZED-}" ] || exit $failed

# Every kind of work gives a figure, in both forms.
works='load prefill decode batch contrast record steer memory tune'
run 0 $bench --only load,prefill,decode,batch,contrast,record,steer,memory,tune
for w in $works; do
	grep -qE "^$w +[0-9.]+ [a-zA-Z]" out || fail "no figure for $w: $(cat out)"
done
grep -q '^This machine, 2 threads: reading [0-9.]* GB/s, int8 [0-9.]* Top/s' out || fail "no ceilings: $(cat out)"
cat >pairs <<'EOF'
{"question": "Is it so?\n (A) yes\n (B) no", "answer_matching_behavior": " (A)", "answer_not_matching_behavior": " (B)"}
{"question": "Is it not so?\n (A) yes\n (B) no", "answer_matching_behavior": " (B)", "answer_not_matching_behavior": " (A)"}
EOF
# A share has no upper bound: a tiny model is read from cache, not memory.
run 0 $bench --only decode,contrast --pairs-file pairs --json -o figures
if command -v jq >/dev/null; then
	jq -e '.threads == 2 and .compute == "int8" and (.ceilings | .read_bytes_per_s > 0
		and .int8_ops_per_s > 0 and .fma_ops_per_s > 0
		and .sgemm_ops_per_s > 0)
		and ([.figures[].work] == ["decode", "contrast"])
		and all(.figures[]; .value > 0 and .lo <= .value and .value <= .hi
			and .share > 0 and .threads == 2 and .kernels != "")
		and (.figures[1].what | startswith("2 pairs, "))' figures >out ||
		fail "the JSON is not as it should be: $(cat figures)"
fi
run 0 $bench --only contrast --pairs-file pairs --max-pairs 1
grep -q ' 1 pairs, ' out || fail "--max-pairs: $(cat out)"
run 0 $bench --only memory --compute f32
grep -q ' f32 on ' out || fail "f32: $(cat out)"
run 0 syc-bench -m "$model" -t 1 --repeat 1 --only decode --cpu scalar
grep -q ' 1 thread:' out || fail "-t 1: $(cat out)"
grep -q 'int8 on scalar kernels' out || fail "--cpu: $(cat out)"
run 0 syc-bench -q -m "$model" --lora "$demo/lora:0.5" --window 20 --repeat 1 --only prefill
grep -q '^prefill ' out || fail "no figure with an adapter: $(cat out)"

exit $failed
