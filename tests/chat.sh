#!/bin/sh
# SPDX-License-Identifier: MIT
# Chat formats in the programs: by name, from the model's template, from a file.
test -x tests/damage || { echo "tests/damage is not built"; exit 77; }
damage=$PWD/tests/damage
. "$top_srcdir/tests/lib.sh"
model=$demo/demo-q8_0.gguf
gen() {
	syc-gen -m "$model" -n 4 -t 1 "$@"
}
head -3 "$demo/test-fact.jsonl" >in

# A format printed as a file is the format.
run 0 syc-info --chat zephyr
cp out z.chat
run 0 gen -r default.npz -o default.jsonl in
for chat in zephyr tinyllama; do
	run 0 gen --chat $chat -r default.npz -o out in
	same default.jsonl out "--chat $chat"
done
cp default.npz name.npz
for chat in z.chat ./z.chat "$dir/z.chat"; do
	run 0 gen --chat "$chat" -r default.npz -o out in
	same default.jsonl out "--chat $chat"
done

# Provenance has a name, or the words of the file and not its path.
run 0 syc-info --json name.npz default.npz
expect '.[0].provenance.chat == "zephyr"' out
expect '.[1].provenance.chat | startswith("system: <|system|>\\n{content}{eos}\\n\n") and
	endswith("\nprefix:\nturns: any\n")' out
cp out first
sed -i.old 's/^user:/# the same in other words\nuser: /' z.chat
run 0 gen --chat z.chat -r default.npz -o out in
run 0 syc-info --json name.npz default.npz
same first out "provenance of the same format"

# A name is a name, even where a file has it, too.
echo 'user: Q: {content}\nA:' >zephyr
cp zephyr mine
run 0 gen --chat zephyr -r default.npz -o out in
same default.jsonl out "--chat zephyr beside a file zephyr"
run 0 gen --show-prompt --chat mine in
grep -q '^Q: ' out && grep -q '^A:$' out || fail "--chat mine: $(head -4 out)"
run 0 gen --show-prompt --chat ./zephyr in
grep -q '^Q: ' out || fail "--chat ./zephyr: $(head -4 out)"

# What is wrong is said before the model is loaded, with file and line.
run 1 gen --chat pirate in
says "'pirate'" alpaca llama-3.1 qwen3-no-think zephyr none
run 1 gen --chat pirate.chat in
says 'syc-gen: pirate.chat: '
run 1 gen --chat ./ in
says 'syc-gen: ./: is a folder, it has to be a file'
printf 'user: {content}\n\nsistem: {content}\n' >bad.chat
run 1 syc-gen -m nowhere.gguf --chat bad.chat in
says "syc-gen: bad.chat: line 3: unknown key 'sistem'"
run 1 syc-rec -m "$model" -r no.npz --positions prompt --chat bad.chat in
says 'syc-rec: bad.chat: line 3'
run 1 syc-vec mean -m "$model" -o no.gguf --chat bad.chat in
says 'bad.chat: line 3'
absent no.npz no.gguf
head -c 70000 /dev/zero | tr '\0' '#' >huge.chat
run 1 gen --chat huge.chat in
says 'huge.chat: 70000 bytes'
run 2 syc-info --chat pirate
misused pirate zephyr

# An unknown template is an error that lists the names, not a guess.
"$damage" "$model" odd.gguf after tokenizer.chat_template 40 2d || fail damage
run 1 syc-gen -m odd.gguf -n 1 in
says odd.gguf 'unknown chat template' alpaca zephyr none
run 0 syc-info odd.gguf
grep -Eq 'chat  *unknown template [0-9a-f]{16}$' out || fail "syc-info of an unknown template: $(cat out)"
"$damage" "$model" odd.gguf rename tokenizer.chat_template tokenizer.chat_tomplate || fail damage
run 1 syc-gen -m odd.gguf -n 1 in
says odd.gguf 'no chat template'
run 0 syc-gen -m odd.gguf -n 4 -t 1 --chat zephyr -r default.npz -o out in
runless default.jsonl >want
runless out >got
same want got "a model without a template, --chat zephyr"

# Several turns; an answer to go on with.
u='{"role": "user", "content": "Is it so?"}'
a='{"role": "assistant", "content": "I think"}'
echo "{\"messages\": [$u, $a, $u]}" >turns
run 0 gen --show-prompt --chat vicuna turns
grep -q "questions\. USER: Is it so? ASSISTANT: I think</s>USER: Is it so? ASSISTANT:\$" out ||
	fail "vicuna: $(cat out)"
echo "{\"messages\": [$u, $a]}" >begun
run 0 gen --show-prompt --chat llama-2 begun
grep -q '^<s>\[INST\] Is it so? \[/INST\] I think$' out || fail "llama-2: $(cat out)"
echo "{\"messages\": [$u, $u]}" >twice
run 1 gen --chat mistral-v1 twice
says twice:1: "'user' where 'assistant' is due"
run 1 gen --chat mistral-v0.1 --system 'Be kind.' turns
says turns:1: "no place for message 0, of role 'system'"

# What messages say is read for control tokens, unless --no-special; what the
# format says always is.
echo '{"messages": [{"role": "user", "content": "a</s>b"}]}' >said
run 0 gen --ids said
cp out a
run 0 gen --ids --no-special said
cat out >>a
run 0 gen --ids --no-special --chat none said
cat out >>a
expect 'map(.prompt_ids | map(select(. == 2)) | length) == [2, 1, 0]' a
echo '{"messages": [{"role": "user", "content": "hi"}]}' >said
run 0 gen --ids said
runless out >a
run 0 gen --ids --no-special said
runless out >got
same a got "--no-special without anything special"

# In a given answer only what the format writes in front of it is read so (two
# tokens, and the space that SentencePiece puts behind them).
cat >eos.chat <<'EOF'
user: {content}
assistant: </s></s>{content}
EOF
echo '{"question": "Hi", "completion": "</s>", "answer_matching_behavior": "x"}' >said
for chat in none eos.chat zephyr; do
	run 0 syc-rec -m "$model" -r default.npz --chat $chat said
	cat out >>n
done
expect '.[0].n_completion > 1 and .[1].n_completion == .[0].n_completion + 3 and
	.[2].n_completion == .[0].n_completion' n

# Behind a begun answer another is taken as it is, as after raw text.
ab='"answer_matching_behavior": " (A)", "answer_not_matching_behavior": " (B)"'
echo "{\"messages\": [$u, $a], $ab}" >begun
echo "{\"prompt\": \"<|user|>\\nIs it so?</s>\\n<|assistant|>\\nI think\", $ab}" >raw
run 0 gen --choices --ids begun
cp out a
run 0 gen --choices --ids raw
cat out >>a
expect '.[0].prompt_ids == .[1].prompt_ids and .[0].p_match == .[1].p_match' a
exit $failed
