#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-gen: what it writes, whatever the machine.
. "$top_srcdir/tests/lib.sh"
gen() {
	syc-gen -m "$model" --system '' -n 12 -t 1 "$@"
}
head -6 "$demo/test-fact.jsonl" >in

# Greedy rows: every field, the old ones untouched and in front.
run 0 gen in
cp out greedy
[ "$(wc -l <greedy)" -eq 6 ] || fail "not 6 rows"
expect 'all(.[]; .sample == 0 and (.finish == "stop" or .finish == "length") and .logprob <= 0
	and .n_prompt > 50 and .n_completion >= 1 and .n_completion <= 12 and (has("acts") | not))' greedy
expect 'any(.[]; .completion | startswith("(A)"))' greedy
sed 's/, "completion".*/}/' greedy >kept
same in kept "the rows' own fields"

# The same bytes from any number of threads, kernels, batches, and from stdin.
run 0 gen -r one.npz -o one.jsonl in
sed 's/, "acts".*/}/' one.jsonl >plain
same greedy plain "rows with and without recording"
for how in '-t 2' '--cpu scalar' '--batch 5' '-t 3 --batch 1' '--kv-memory 200K' '--kv-memory 64M'; do
	run 0 gen $how -r many.npz -o many.jsonl - <in
	sed 's/many\.npz/one.npz/' many.jsonl >out
	same one.jsonl out "rows with $how"
	same one.npz many.npz "activations with $how"
done

# Rows leave while their writer is still at it, in the middle of the next.
mkfifo rows
head -1 in >first
: >out
gen first - <rows >out 2>err &
exec 3>rows
{ sed -n 2p in && sed -n 3p in | cut -c 1-40 | tr -d '\n'; } >&3
i=0
while [ "$(wc -l <out)" -lt 2 ] && [ $i -lt 600 ]; do
	sleep 0.1
	i=$((i + 1))
done
[ "$(wc -l <out)" -eq 2 ] || fail "not two answers before the input ends: $(cat err)"
{ sed -n 3p in | cut -c 41- && sed 1,3d in; } >&3
exec 3>&-
wait $! || fail "a slow writer: $(cat err)"
same greedy out "rows of a slow writer"

# --compute=auto: near the same probabilities, by whatever way it chose.
run 0 gen -v --compute auto --cpu scalar --choices -o auto.jsonl in
grep -q 'single precision\|8-bit integers' err || fail "no word about auto's choice: $(cat err)"
run 0 gen --choices -o int8.jsonl in
sed -n 's/.*"p_match": \([^,}]*\).*/\1/p' auto.jsonl int8.jsonl >out
awk '{ p[NR] = $1 } END { n = NR / 2; if (n < 2) exit 1
	for (i = 1; i <= n; i++) if ((p[i] - p[n + i]) ^ 2 > 0.05 ^ 2) exit 1 }' out ||
	fail "auto's probabilities: $(tr '\n' ' ' <out)"

# Samples: their own streams, repeatable, another seed another answer.
run 0 gen --temperature 1 --samples 3 in
cp out sampled
expect 'length == 18 and [.[].sample][0:4] == [0, 1, 2, 0]' sampled
expect '[.[0:3][].completion] | unique | length > 1' sampled
expect 'all(.[]; .parent == .id)' sampled
run 0 gen --temperature 1 --samples 3 -t 1 --batch 3 in
same sampled out samples
run 0 gen --temperature 1 --samples 3 --seed 2 in
cmp -s sampled out && fail "the seed does not matter"
run 0 gen --temperature 1 --samples 1 in
sed -n 'p;n;n' sampled >first
same first out "the first of three samples and the only one"
run 0 gen --temperature 0.01 --top-k 1 in
sed 's/"logprob".*//' greedy >a
sed 's/"logprob".*//' out >b
same a b "top-k 1 and greedy"

# Stop texts.
run 0 gen --stop ')' --stop never in
expect 'all(.[]; .finish == "stop" and (.completion == "(A" or .completion == "(B"))' out

# --choices, --logprobs, --ids.
run 0 gen --choices --logprobs 3 --ids in
expect 'all(.[]; .p_match > 0 and .p_match < 1)' out
expect 'all(.[]; (.logprobs | length) >= .n_completion and (.completion_ids | length) == .n_completion
	and (.prompt_ids | length) == .n_prompt and .prompt_ids[0] == 1)' out
expect 'all(.[]; . as $r | all(range(.n_completion); $r.logprobs[.].id == $r.completion_ids[.]))' out
expect 'all(.[]; all(.logprobs[]; .id == .top[0].id and (.top | length) == 3
	and .top[0].logprob >= .top[1].logprob and .top[0].logprob <= 0))' out
expect 'all(.[]; (([.logprobs[].top[0].logprob] | add) - .logprob | fabs) < 2)' out
cp out full

# Rows of ids give what the rows of text gave.
if have_jq; then
	jq -c '{id, prompt_ids}' full >ids
	run 0 gen ids
	jq -c '[.id, .completion, .logprob]' greedy >a
	jq -c '[.id, .completion, .logprob]' out >b
	same a b "rows of ids and of text"
	jq -c '{id, messages: [{role: "system", content: ""}, {role: "user", content: .question}]}' in >messages
	run 0 syc-gen -m "$model" -n 12 messages
	jq -c '[.id, .completion, .logprob]' out >b
	same a b "rows of messages and of questions"
fi

# The same probability, whatever else is asked.
run 0 gen --choices --temperature 1 --samples 2 in
if have_jq; then
	jq -c .p_match full >a
	jq -c 'select(.sample == 1) | .p_match' out >b
	same a b "p_match of greedy and sampled rows"
fi

# An empty system message is not none.
run 0 syc-gen -m "$model" -n 4 --ids in
expect 'all(.[]; .n_prompt < 110)' out
cp out none
if have_jq; then
	[ "$(jq -s '.[0].n_prompt' none)" -lt "$(jq -s '.[0].n_prompt' full)" ] ||
		fail "--system '' adds nothing"
fi
run 0 syc-gen -m "$model" -n 4 --system 'Be kind.' --show-prompt in
grep -qF 'Be kind.</s>' out || fail "no system message: $(cat out)"
grep -qF '<|system|>' out || fail "no system block"

# --show-prompt: text, ids, estimates, no rows.
run 0 gen --show-prompt in
for text in "== prompt of row 'test-fact-000'" '<|assistant|>' '== estimate' 'rows: 6 ' 'memory: needs about ' ': weights ' 'tokens/s'; do
	grep -qF -- "$text" out || fail "--show-prompt lacks '$text'"
done
grep -q '^activations' out && fail "activations without --record"
run 0 gen --show-prompt -r shown.npz in
grep -q '^activations: 0.* MB' out || fail "no size of activations"
absent shown.npz

# Raw prompts: as they are, </s> special unless --no-special.
echo '{"id": "raw", "prompt": "Hello</s>there"}' >raw
run 0 gen --ids raw
expect '.[0].prompt_ids | index(2) != null' out
run 0 gen --ids --no-special raw
expect '.[0].prompt_ids | index(2) == null' out
run 0 gen --ids --chat none in
expect '.[0].n_prompt < 70' out

# Ids are made of the prompt; two rows with one prompt differ.
printf '%s\n' '{"prompt": "Hello"}' '{"prompt": "Hello"}' '{"prompt": "Hi"}' >unnamed
run 0 gen --allow-duplicates unnamed
cp out named
expect '[.[].id] | unique | length == 3' named
expect '.[1].id == .[0].id + "-2"' named
tail -2 unnamed >fewer
run 0 gen fewer
if have_jq; then
	[ "$(jq -s '.[1].id' out)" = "$(jq -s '.[2].id' named)" ] || fail "an id depends on the row's place"
fi

# What a row has goes through byte for byte.
printf '%s\n' '  {"n":123456789012345678901234567890, "x" :1E2,"prompt":"Hi",   "u":"\u00e9\/", "f":0.1 , "z":[ ]}' >odd
run 0 gen -n 1 odd
case "$(cat out)" in
'  {"n":123456789012345678901234567890, "x" :1E2,"prompt":"Hi",   "u":"\u00e9\/", "f":0.1 , "z":[ ], "id": "'*) ;;
*) fail "bytes changed: $(cat out)" ;;
esac
tr '\n' '\r' <odd | sed 's/\r/\r\n/' >crlf
run 0 gen -n 1 crlf
expect 'length == 1' out

# Recording: an array per position, values that are not all the same.
run 0 gen --positions prompt --layers 2,4-5 --dtype f32 -r some.npz in
run 0 syc-info some.npz
for text in '6 rows' 'prompt' '2, 4, 5'; do
	grep -qF "$text" out || fail "syc-info lacks '$text': $(cat out)"
done
if find_python; then
	"$python" - one.npz one.jsonl some.npz sampled <<'PY' || fail "numpy or pandas does not read it"
import sys, json, numpy as np, pandas as pd
one, some = np.load(sys.argv[1]), np.load(sys.argv[3])
rows = pd.read_json(sys.argv[2], lines=True)
assert len(rows) == 6 and len(pd.read_json(sys.argv[4], lines=True)) == 18
p, c = one["prompt/000000"], one["last/000000"]
assert p.shape == c.shape == (6, 6, 128) and p.dtype == np.float16
assert np.isfinite(c).all() and (p != c).any()
assert [str(s) for s in one["id/000000"]] == list(rows["id"])
assert [a["row"] for a in rows["acts"]] == list(range(6))
q = some["prompt/000000"]
assert q.shape == (6, 3, 128) and q.dtype == np.float32 and "last/000000" not in some.files
assert some["layer"].tolist() == [2, 4, 5]
assert (q.astype(np.float16) == p[:, [2, 4, 5]]).all()
prov = json.loads(one["provenance.json"].item())
assert prov["program"] == "syc-gen" and prov["system"] == "" and prov["max_tokens"] == 12
PY
fi

# Steering: FILE[:SCALE][@LAYERS], before and after it.
head -10 "$demo/cue-pairs.jsonl" >pairs
run 0 syc-vec mean -q -m "$model" --system '' -o v.gguf pairs
run 0 gen -s v.gguf:0.5@2 -r s1.npz -o s1.jsonl in
run 0 gen --steer v.gguf:0.25@2 --steer v.gguf:0.25@2 -r s2.npz -o s2.jsonl in
run 0 gen -s v.gguf:0.5@2 --pre -r pre.npz -o pre.jsonl in
run 0 gen -s v.gguf:-3 -o strong.jsonl in
run 0 gen -s v.gguf -o all.jsonl in
run 0 gen -s v.gguf:1@0-5 -r all.npz -o all1.jsonl in
sed 's/, "acts".*/}/' all1.jsonl >out
same all.jsonl out "scale 1 at all layers and the plain file"
cmp -s greedy strong.jsonl && fail "steering changes nothing"
sed 's/"logprob".*//' s1.jsonl >a
sed 's/"logprob".*//' s2.jsonl >b
same a b "one addition and two of half of it"
run 1 gen -s v.gguf:1@6 in
says v.gguf 'layer 6' '0 to 5'
run 1 gen -s v.gguf:1@2-900 in
says v.gguf 'layer' '0 to 5'
run 1 gen -s v.gguf:2@5-3 in
says 'v.gguf:2@5-3'
if [ -n "${python-}" ]; then
	"$python" - <<'PY' || fail "steering is not where it should be"
import numpy as np
one, s1, pre = (np.load(f)["prompt/000000"].astype(np.float32) for f in ("one.npz", "s1.npz", "pre.npz"))
assert (one[:, :2] == s1[:, :2]).all() and (one[:, 3:] != s1[:, 3:]).any()
d = s1[:, 2] - one[:, 2]
assert np.allclose(d, d[0], atol=0.05) and np.abs(d).max() > 1
assert (pre[:, :3] == one[:, :3]).all()
assert (pre[:, 3:] == s1[:, 3:]).all()
PY
fi
exit $failed
