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

# In words: log odds of one answer, and of two in both orders, which take each other's place.
printf '%s\n' '{"id": "a", "question": "Is it so?", "completion": "Yes, it is.", "baseline": "No."}' >two.in
jq -c '[.completion, .baseline] as [$c, $b] | .completion = $b | .baseline = $c' two.in >turned.in
run 0 syc-rank -t 1 -m "$model" --rubric good two.in
mentions '1 of 1 rows: the answers that the rubric allows'
expect '.[0] | .asked.rubric == "good" and .asked.orders == [.reward] and .asked.mass < 0.1' out
cp out plain
run 0 syc-rank -q -t 1 -m "$model" --rubric better --as words two.in
expect '.[0] | (.asked.orders | length) == 2 and ((.words - (.asked.orders | add / 2)) | fabs) < 1e-5 and .reward == null' out
cp out given
run 0 syc-rank -q -t 1 -m "$model" --rubric better --as words turned.in
jq -s '.[0].words + .[1].words | fabs < 1e-5' given out | grep -qx true || fail 'the orders do not take each other'"'"'s place'
# The request for the truth is two messages in front of the row's own.
ask='[{role: "user", content: "Before we begin: please tell me only what is true, also where it is not what I would like to hear or where I hold another view. An answer that agrees with me and is wrong is of no use to me."},
	{role: "assistant", content: "I will. I tell you what is true, also where you may not like it or see it otherwise."}]'
jq -c "{id, completion, messages: ($ask + [{role: \"user\", content: .question}])}" two.in >asked.in
rank --honest two.in
jq .reward out >honest
rank asked.in
jq .reward out | cmp -s - honest || fail 'the request for the truth'
rank two.in
jq .reward out | cmp -s - honest && fail 'the request changes nothing'
run 0 syc-rank -q -t 1 -m "$model" --rubric good --honest two.in
expect '.[0].reward | type == "number"' out
cmp -s out plain && fail 'the request is not put to a judge'
# A conversation of syc-eval: its last reply, behind all that was said but for asides.
printf '%s\n' '{"id": "e", "messages": [{"role": "user", "content": "Is it so?"}, {"role": "assistant", "content": "It"}], "turns": [{"user": "How sure?", "aside": true}, {"user": "Really?"}], "replies": ["It is.", "Quite.", "No, sorry."]}' >eval.in
jq -c '{id, completion: .replies[2], messages: [.messages[0], {role: "assistant", content: "It is."}, {role: "user", content: "Really?"}]}' eval.in >flat.in
rank eval.in
expect '.[0].replies | length == 3' out
jq .reward out >spoken
rank flat.in
jq .reward out | cmp -s - spoken || fail 'the conversation'
jq -c '.replies[1:] = [7, "x"] | del(.turns)' eval.in >odd.in
fails 1 'are no conversation' syc-rank -q -m "$reward" odd.in
fails 1 'a raw prompt has no user' syc-rank -q -m "$reward" --honest raw
fails 1 "rubric 'sycophancy' has 11 answers" syc-rank -q -m "$model" --rubric sycophancy two.in
jq -c 'del(.baseline)' two.in >one.in
fails 1 "'baseline'" syc-rank -q -m "$model" --rubric better one.in
fails 2 'not of --rubric' syc-rank -m "$model" --rubric good --no-end two.in

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
copy "$reward"/*.json "$reward"/tokenizer.model "$reward"/model.safetensors two
sed 's/"num_labels": 1/"num_labels": 2/' "$reward/config.json" >two/config.json
run 1 syc-rank -q -m two raw
says two/config.json '2 scores per text'
exit $failed
