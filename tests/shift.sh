#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-shift: the demo's adapter beside the demo model; its figures made again by numpy from
# what syc-rec and syc-gen say of the two models; equal KL; what is refused.
. "$top_srcdir/tests/lib.sh"
have_jq || exit 77
m=$demo/demo-q8_0.gguf
shift_() {
	syc-shift -q -m "$m" --lora "$demo/lora" --system '' --boot 100 --draws 0 "$@"
}
head -n 40 "$demo/test-opinion.jsonl" >q.jsonl
head -n 5 "$demo/unrelated.jsonl" >u.jsonl

# All of it, on few rows.
run 0 syc-vec convert -q --layer-base 0 --key cue -o cue.gguf "$demo/vectors.npz"
run 0 syc-vec convert -q --layer-base 0 --key cue -o cue.npy "$demo/vectors.npz"
run 0 shift_ --json --layers 2 -d cue.gguf --kl-prompts u.jsonl -n 4 --draws 3 -o shift.npz q.jsonl
cp out shift.json
expect '.[0] | .program == "syc-shift" and .questions == 40 and .claims == 20 and .prompts == 5 and
	.scale == 1 and .reached and .kl > 0.01 and .tuned.p_match > 0.9 and .base.p_match < 0.7 and
	.kl_questions_lo < .kl_questions and (.model as $m | .tuned_model | startswith($m + "+"))' shift.json
expect '.[0].shifts | length == 12 and (map(select(.undo_nulls != null and .undo_nulls != [])) |
	length == 1 and .[0].layer == 2 and (.[0].undo_nulls | length) == 3) and
	all(.[]; .constant_lo <= .constant and .constant <= .constant_hi and .constant <= 1)' shift.json
expect '.[0].shifts | map(select(.make_nulls != null and .make_nulls != [])) | length == 1 and (.[0] |
	.layer == 2 and .make_kl > 0 and (.make_nulls | length) == 3 and (.kl_left_nulls | length) == 3)' shift.json
expect '.[0].chosen | .make_p * 4 == 1 + (.make as $x | .make_nulls | map(select(. >= $x)) | length) and
	.kl_left_p * 4 == 1 + (.kl_left as $x | .kl_left_nulls | map(select(. <= $x)) | length)' shift.json
expect '.[0].chosen | .layers == [2, 2] and .undo_layers == [2, 2] and (.undo_nulls | length) == 3 and
	.undo_p * 4 == 1 + (.undo as $u | .undo_nulls | map(select(. >= $u)) | length)' shift.json
if [ -z "${SYC_SANITIZED-}" ] && find_python; then
	for k in base tuned; do
		with=
		[ $k = base ] || with="--lora $demo/lora"
		# shellcheck disable=SC2086
		run 0 syc-rec -q -m "$m" $with --system '' --dtype f32 --positions prompt,last -r $k.npz -o $k.out q.jsonl
		# shellcheck disable=SC2086
		run 0 syc-gen -q -m "$m" $with --system '' --choices -n 1 -o $k.jsonl q.jsonl
	done
	"$python" "$top_srcdir/tests/shift.py" deal || fail "the halves"
	for h in 0 1; do
		run 0 syc-vec convert -q --layer-base 0 -o half$h.gguf half$h.npy
		run 0 syc-gen -q -m "$m" --system '' --choices -n 1 -s half$h.gguf:1@2 -o made$h.jsonl q.jsonl
		run 0 syc-gen -q -m "$m" --lora "$demo/lora" --system '' --choices -n 1 -s half$h.gguf:1@2,op=ablate \
			-o undone$h.jsonl q.jsonl
	done
	run 0 syc-gen -q -m "$m" --lora "$demo/lora" --system '' --choices -n 1 -s cue.gguf:1@2,op=ablate \
		-o without.jsonl q.jsonl
	# Null vectors as long as the mean shift, where syc-sweep finds that they move the base as far.
	for i in 0 1 2; do run 0 syc-vec convert -q --layer-base 0 -o null$i.gguf null$i.npy; done
	run 0 syc-sweep -q --json -m "$m" --system '' --layers 2 --at-kl "$(jq .chosen.make_kl shift.json)" --op add:1 \
		--kl-prompts u.jsonl --answers 5 -n 4 -d null0.gguf -d null1.gguf -d null2.gguf q.jsonl
	mv out sweep.json
	run 0 syc-gen -q -m "$m" --system '' --choices -n 1 -o null.jsonl q.jsonl \
		-s "null0.gguf:$(jq '.settings[] | select(.vector == "null0") | .scale' sweep.json)@2"
	"$python" "$top_srcdir/tests/shift.py" || fail "figures differ from numpy's"
fi

# The same bytes whatever the threads and the batch; tables and columns.
run 0 shift_ --json --layers 2 -d cue.gguf --kl-prompts u.jsonl -n 4 --draws 3 -t 3 --batch 9 q.jsonl
same out shift.json "with threads"
run 0 shift_ --layers 2 -d cue.gguf --kl-prompts u.jsonl -n 4 q.jsonl
shows 'constant share' 'KL left' 'cosine with cue' 'chosen by the other half'
run 0 shift_ --tsv --layers 2 -d cue.gguf --kl-prompts u.jsonl -n 4 q.jsonl
[ "$(wc -l <out)" -eq 13 ] && [ "$(awk -F '\t' '{ print NF }' out | sort -u)" = 37 ] || fail "columns: $(head -n 2 out)"

# At a KL; a vector as any other; the other position; null vectors of a file.
run 0 shift_ --json --layers 2 --at-kl 0.05 --kl-prompts u.jsonl -n 4 --position last -o last.gguf q.jsonl
expect '.[0] | .reached and .at_kl == 0.05 and (.kl / .at_kl | log | fabs) < 0.02 and .scale > 0 and .scale < 1 and
	.steers_with == "last" and (.shifts | map(select(.position == "prompt") | has("make")) | any | not)' out
run 0 syc-info -q --json last.gguf
grep -q '"shift"' out || fail "method: $(cat out)"
run 0 syc-shift -m "$m" --lora "$demo/lora" --system '' --boot 100 --draws 0 --json --layers 2 --at-kl 50 \
	--kl-prompts u.jsonl -n 4 q.jsonl
mentions 'no scale up to 2 has a KL of 50'
expect '.[0] | (.reached | not) and .scale == 2' out
head -n 20 "$demo/pairs.jsonl" >pairs
run 0 syc-vec mean -q -m "$m" --system '' -o mean.gguf --write-nulls n.npz --null cov:20 pairs
run 0 shift_ --json --layers 2 -d mean.gguf --nulls n.npz --kl-prompts u.jsonl -n 4 --null flip --draws 2 q.jsonl
expect '.[0].shifts | map(select(.vectors) | .vectors[0]) | length == 6 and all(.[]; .cosine_nulls | length == 20)' out
expect '.[0].chosen | (.make_nulls | length) == 2 and (.kl_left_nulls | map(. > 0) | all)' out

# Nothing tuned: nothing to tell.
run 0 syc-shift -q -m "$m" --lora "$demo/lora:0" --system '' --boot 100 --layers 2 --kl-prompts u.jsonl -n 4 q.jsonl
shows 'cannot be told'
head -n 3 q.jsonl >few
run 0 shift_ --layers 2 -n 4 few
shows 'Steering is not tried' '; 16 unrelated prompts'

# What is refused.
fails 2 'nothing to compare' syc-shift -m "$m" q.jsonl
fails 2 'no model' syc-shift --lora "$demo/lora" q.jsonl
fails 1 'there are no questions' shift_ /dev/null
: >none
fails 1 'there are no prompts' shift_ --kl-prompts none q.jsonl
fails 1 'of which --direction' shift_ -d cue.gguf --nulls other=n.npz q.jsonl
fails 1 'nowhere' syc-shift -q -m "$m" --lora nowhere q.jsonl
exit $failed
