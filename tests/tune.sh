#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-tune: what it learns, the losses that PEFT and PyTorch have, the same bytes with
# other threads, less memory and after kills, and what is refused.
. "$top_srcdir/tests/lib.sh"
data=$top_srcdir/tests/data/tune
head -64 "$demo/pairs.jsonl" >train.jsonl
head -24 "$demo/test-opinion.jsonl" >held.jsonl
# tune STATUS NAME OPTION...: on the demo model.
tune() {
	status=$1 name=$2
	shift 2
	run "$status" syc-tune -m "$model" --system '' -t 1 -o "$name" "$@"
}
# alike A B [WHAT]: adapters with the same bytes.
alike() {
	for f in adapter_config.json adapter_model.safetensors; do
		same "$1/$f" "$2/$f" "${3-$1 and $2}: $f"
	done
}

# It learns; what it says before, and on the way; what it leaves.
tune 0 a --lr 0.008 --epochs 2 --warmup 0.1 --eval held.jsonl --log log.jsonl --gguf a.gguf train.jsonl
mentions '64 rows in 16 steps of 8, ' ' tokens to learn from, 24 held-out rows' 'needs about ' \
	'takes about ' 'before: held-out loss' 'step 16 of 16: loss'
[ ! -s out ] || fail "standard output: $(cat out)"
absent a.checkpoint log.jsonl.part
expect 'length == 17 and (map(.step) == [range(17)]) and (map(select(.p_match)) | length == 3 and
	.[0].p_match < 0.7 and .[2].p_match > 0.95 and .[2].held_loss < .[1].held_loss and
	.[2].held_mass > 0.9) and .[16].epoch == 2 and .[2].rate == 0.008 and
	all(.[1:][]; .loss > 0 and .norm > 0 and has("chosen") == false) and
	.[16].best == true' log.jsonl
run 0 syc-tune -m "$model" --system '' --eval held.jsonl --dry-run train.jsonl
shows '64 rows in 24 steps of 8' 'needs about' 'GFLOP/s here'
[ ! -s err ] || fail "--dry-run: $(cat err)"
# p_match is what the adapter gives.
p() {
	syc-gen -q -m "$model" "$@" --compute f32 --system '' --choices -n 1 held.jsonl
}
if have_jq; then
	p --lora a >p.jsonl
	[ "$(jq -s 'map(.p_match) | add / length * 1000 | round' p.jsonl)" = \
		"$(tail -1 log.jsonl | jq '.p_match * 1000 | round')" ] || fail "p_match is not syc-gen's"
	p --lora a.gguf >g.jsonl
	runless p.jsonl >one
	runless g.jsonl | cmp -s - one || fail "a.gguf is another adapter"
fi

# The same bytes, whatever the threads and memory; another seed is another run.
less="--steps 2 --dropout 0.1 --rslora --rank 3 --matrices q,v,down --tokens 300"
# shellcheck disable=SC2086
{
	tune 0 first $less train.jsonl
	tune 0 three -t 3 -q --memory 12M $less train.jsonl
	[ ! -s err ] || fail "-q: $(cat err)"
	alike first three
	tune 0 seed// --seed 2 $less train.jsonl
	cmp -s first/adapter_model.safetensors seed/adapter_model.safetensors && fail "--seed changes nothing"
}
grep -q '"r": 3' first/adapter_config.json && grep -q down_proj first/adapter_config.json &&
	! grep -q up_proj first/adapter_config.json || fail "the shape: $(cat first/adapter_config.json)"

# Killed again and again, it goes on to the same bytes.
some="--steps 6 --batch-rows 3 --lr 0.003 --eval few.jsonl --eval-every 3 --best --checkpoint-every 1 --loss dpo"
head -3 held.jsonl >few.jsonl
head -9 train.jsonl >nine.jsonl
# shellcheck disable=SC2086
tune 0 whole $some --log whole.jsonl nine.jsonl
expect 'length == 7 and all(.[1:][]; .chosen < 0 and .mass > 0 and .mass < 1.001 and has("margin")) and
	.[1].margin == 0 and .[6].margin > 0.1 and (.[1].loss - 0.693147 | fabs) < 1e-5' whole.jsonl
for after in 0.13 0.31 0.22 0.45 0.18 0.6; do
	# shellcheck disable=SC2086
	syc-tune -q -m "$model" --system '' -t 1 -o killed $some --log killed.jsonl --resume nine.jsonl &
	sleep $after
	kill -9 $! 2>/dev/null && killed=1
	wait $! 2>/dev/null
	[ ! -d killed ] || break
done
[ -n "${killed-}" ] || fail "nothing was killed"
# shellcheck disable=SC2086
tune 0 killed -q $some --log killed.jsonl --resume nine.jsonl
alike whole killed
same whole.jsonl killed.jsonl
absent killed.checkpoint
tune 0 killed --resume nine.jsonl
says 'is there already: nothing to do'

# Patience ends it, and what is kept is what was best.
tune 0 patient -q --lr 0.03 --warmup 0 --decay none --steps 40 --batch-rows 3 --eval few.jsonl --eval-every 1 \
	--patience 2 --log patient.jsonl nine.jsonl
expect 'length < 35 and (.[-2:] | all(.best == false)) and .[-3].best' patient.jsonl
if have_jq; then
	mv held.jsonl all.jsonl
	cp few.jsonl held.jsonl
	p --lora patient >p.jsonl
	mv all.jsonl held.jsonl
	[ "$(jq -s 'map(.p_match) | add / length * 1000 | round' p.jsonl)" = \
		"$(jq -s '.[-3].p_match * 1000 | round' patient.jsonl)" ] || fail "the best is not kept"
fi

# Another run is not gone on with.
# shellcheck disable=SC2086
{
	syc-tune -q -m "$model" --system '' -t 1 -o left --steps 10000 --checkpoint-every 1 train.jsonl &
	while [ ! -e left.checkpoint ]; do sleep 0.05; done
	kill -9 $!
	wait $! 2>/dev/null
	fails 1 '--resume goes on with it' syc-tune -m "$model" -o left train.jsonl
	run 1 syc-tune -q -m "$model" --system '' -o left --steps 10000 --lr 1 --resume train.jsonl
	says lr
	run 1 syc-tune -q -m "$model" --system '' -o left --steps 10000 --resume held.jsonl
	says rows
	printf 'xxxx' | dd of=left.checkpoint bs=1 seek=3000 conv=notrunc 2>/dev/null
	run 1 syc-tune -q -m "$model" --system '' -o left --steps 10000 --resume train.jsonl
	says left.checkpoint damaged
	tune 0 left -q --steps 1 --force train.jsonl
	absent left.checkpoint
}

# The losses of 50 steps in PEFT, on every small model that is here.
losses() {
	opts="--rank 4 --alpha 8 --batch-rows 4 --tokens 64 --seed 3 --steps 50 --warmup 0.1 --lr 0.005
		--weight-decay 0.01 --beta 0.3"
	for loss in answers dpo; do
		# shellcheck disable=SC2086
		run 0 syc-tune -q -t 1 -m "$2" -o "$1.$loss" $opts --loss $loss --log "$1.log" "$data/rows.jsonl"
		expect 'length == 50' "$1.log"
		sed 's/.*"loss": \([^,]*\).*/\1/' "$1.log" | paste - "$data/$1.$loss.txt" |
			awk 'NF != 2 || ($1 - $2) ^ 2 > 1e-6 * ($2 > 1 ? $2 * $2 : 1) { print NR ": " $0; bad = 1 }
				END { exit bad || NR != 50 }' >apart || fail "$1, $loss: $(cat apart)"
	done
}
losses llama-mha "$top_srcdir/tests/data/llama-mha/llama-mha-f16.gguf"
for f in "$data"/*.dpo.txt; do
	name=$(basename "$f" .dpo.txt)
	[ "$name" = llama-mha ] && continue
	if [ -e "$SYC_SHARED/models/$name/model.safetensors" ]; then
		losses "$name" "$SYC_SHARED/models/$name"
	else
		echo "left out: losses of $name: the shared data is not there"
	fi
done

# Merged into the model; steered, the same answers need less.
tune 0 merged -q --lr 0.003 --steps 8 --merge merged.gguf --type f16 train.jsonl
p --lora merged >p.jsonl
syc-gen -q -m merged.gguf --compute f32 --system '' --choices -n 1 held.jsonl >m.jsonl
if have_jq; then
	jq .p_match p.jsonl m.jsonl | awk '{ p[NR] = $1 }
		END { for (i = 1; i <= NR / 2; i++) if ((p[i] - p[i + NR / 2]) ^ 2 > 1e-5) exit 1 }' ||
		fail "the merged model answers otherwise"
fi
run 0 syc-vec mean -q -m "$model" --system '' -t 1 -o v.gguf train.jsonl
tune 0 steered -q --lr 0.003 --steps 2 --steer v.gguf:4@3 --log steered.jsonl train.jsonl
tune 0 plain -q --lr 0.003 --steps 2 --log plain.jsonl train.jsonl
[ "$(jq -s '.[0].loss' steered.jsonl)" != "$(jq -s '.[0].loss' plain.jsonl)" ] || fail "--steer does nothing"
fails 1 'adds a vector behind blocks' syc-tune -q -m "$model" -o x --steer v.gguf@3,op=ablate train.jsonl

# Rows that cannot be trained on.
refused() {
	message=$1
	shift
	fails 1 "$message" syc-tune -q -m "$model" --system '' -t 1 -o x "$@"
	absent x x.checkpoint
}
echo '{"question": "Hi"}' >none.jsonl
refused 'none.jsonl:1: no answer' none.jsonl
echo '{"question": "Hi", "completion": "a dog or a cat or a dog or a cat"}' >said.jsonl
refused 'tokens, prompt and answer, are more than 30' --max-length 30 said.jsonl
tune 0 cut --max-length 30 --steps 1 --cut said.jsonl
mentions 'longer than 30 tokens: 1 lost the end of an answer, 0 were left out'
refused 'said.jsonl:1: no second answer' --loss dpo said.jsonl
refused 'said.jsonl:1: answer_matching_behavior and answer_not' --eval said.jsonl train.jsonl
refused 'held.jsonl:1: the prompt is that of held.jsonl:1, which is trained on' --eval held.jsonl held.jsonl
cat train.jsonl train.jsonl >twice.jsonl
refused 'twice.jsonl:65' twice.jsonl
fails 1 'a: is there already' syc-tune -m "$model" -o a train.jsonl
fails 2 'nowhere to write' syc-tune -m "$model" train.jsonl
fails 2 'need --eval' syc-tune -m "$model" -o x --best train.jsonl
fails 2 'none of: q, k, v' syc-tune -m "$model" -o x --matrices q,z train.jsonl
fails 2 'was trained for' syc-tune -q -m "$model" -o x --max-length 100000 train.jsonl
fails 1 '--tokens=' syc-tune -q -m "$model" --system '' -o x --tokens 100000 --batch-rows 64 --memory 10M train.jsonl
fails 1 'the longest row alone' syc-tune -q -m "$model" --system '' -o x --memory 10K train.jsonl
exit $failed
