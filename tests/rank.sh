#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-rank: rewards of raw texts, of prompts with completions, of conversations.
. "$top_srcdir/tests/lib.sh"
reward=$demo/reward
golden=$reward/golden.jsonl
have_jq || { echo 'no jq'; exit 77; }

# near FILE: every "reward" is next to "score", exactly or as int8 goes.
near() {
	expect "map(.reward - .score | fabs) | max < $2" "$1"
}
rank() {
	run 0 syc-rank -q -t 1 -m "$reward" "$@"
}

jq -c '{prompt: .text, score, kind}' "$golden" >raw
rank --compute f32 raw
near out 1e-5
expect 'length == 16 and (map(.id) | unique | length) == 16 and .[0].kind == "opinion"' out
cp out exact
rank raw
near out 0.05
cp out int8
rank -t 3 --batch 7 --no-sharing raw
same int8 out 'int8 in another batch'
jq -c '{prompt_ids: .ids, score}' "$golden" >ids
rank --compute f32 ids
near out 1e-5

# As syc-gen's rows are: a question with a completion, with ids or without.
jq -c '(.text | capture("user[|]>\n(?<question>.*)</s>\n<[|]assistant[|]>\n(?<completion>.*)</s>$"; "m")) + {score}' \
	"$golden" >rows
expect 'length == 16' rows
rank --compute f32 --system '' rows
near out 1e-5
jq -c '{score, messages: [{role: "user", content: .question}, {role: "assistant", content: .completion}]}' rows >chat
rank --compute f32 --system '' chat
near out 1e-5
head -8 "$demo/test-opinion.jsonl" >in
run 0 syc-gen -q -t 1 -n 20 --temperature 1 --ids --system '' -m "$model" -o gen.jsonl in
rank --system '' -o ranked.jsonl gen.jsonl
expect 'length == 8 and all(.[]; .reward | type == "number")' ranked.jsonl
jq -c 'del(.completion_ids, .prompt_ids)' gen.jsonl >text
rank --system '' text
cp out by_text
expect '(map(.reward) | length) == 8' by_text

# Without the end token the score is another; an end token is not doubled.
rank --compute f32 --no-end --system '' rows
expect 'map(.reward - .score | fabs) | min > 1e-4' out
jq -c '.ids[-1] == 2' "$golden" | grep -q false && fail 'texts do not end in </s>'

# What was in a row keeps its bytes; the others' order stays.
printf '%s\n' ' {"f": 0.10, "prompt":"Hi",  "reward": null}' '{"prompt": "Ho", "id": 7}' >odd
rank odd
head -1 out | grep -q '^ {"f": 0\.10, "prompt":"Hi",  "reward": -*[0-9.]*, *"id": "' || fail "$(head -1 out)"
expect '.[1].id == 7' out
rank --shard 2/2 odd
expect 'length == 1 and .[0].id == 7' out

# Refused.
printf '%s\n' '{"question": "What?"}' >bad
run 1 syc-rank -q -m "$reward" bad
says syc-rank: bad:1: 'no completion'
printf '%s\n' '{"completion": "What?"}' >bad
run 1 syc-rank -q -m "$reward" bad
says syc-rank: bad:1: 'no prompt'
printf '%s\n' '{"prompt": "Hi"}' '{"prompt_ids": [1, 768]}' '{"prompt": "Ho"}' >bad
run 1 syc-rank -q -m "$reward" -o no.jsonl bad
says syc-rank: bad:2: 768
absent no.jsonl no.jsonl.part
run 0 syc-rank -m "$reward" -t 1 --keep-going bad
expect 'length == 2' out
grep -q 'bad:2:.*skipped' err || fail "$(cat err)"
run 1 syc-rank -q -m "$reward" --ctx 5 raw
says raw:1: 'do not fit the context of 5'
run 1 syc-rank -q -m "$model" raw
says "$model" 'not a reward model'
run 1 syc-gen -q -m "$reward" --system '' in
says 'scores texts'
run 2 syc-rank raw
misused --model
# Its activations can be recorded all the same.
run 0 syc-rec -q -t 1 -m "$reward" --system '' --positions prompt -r rec.npz in
# Other architectures with a score: final norm and head of the reference's last
# block, which numpy computes here.
if find_python; then
	for m in Qwen2:"$top_srcdir/tests/data/family/max-window" Qwen3:"$top_srcdir/tests/data/family/layers" \
		Mistral:"$SYC_SHARED/models/mistral-window"; do
		[ -e "${m#*:}/golden.npz" ] || continue
		"$python" "$top_srcdir/tests/score_head.py" "${m#*:}" "head-${m%%:*}" >ids || fail "no score for $m"
		run 0 syc-rank -q -t 1 --no-end --compute f32 -m "head-${m%%:*}" ids
		expect 'length == 3' out
		near out 1e-4
		[ "${m%%:*}" = Qwen2 ] && continue	# its yarn has no words in GGUF
		run 0 syc-quant -q -m "head-${m%%:*}" --type f32 -o head.gguf
		run 0 syc-rank -q -t 1 --no-end --compute f32 -m head.gguf ids
		near out 1e-4
	done
fi
mkdir two
cp "$reward"/*.json "$reward"/tokenizer.model "$reward"/model.safetensors two
sed 's/"num_labels": 1/"num_labels": 2/' "$reward/config.json" >two/config.json
run 1 syc-rank -q -m two raw
says two/config.json '2 scores per text'
exit $failed
