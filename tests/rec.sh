#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-rec: the same activations as syc-gen's, pairs, positions, and bytes that do
# not depend on the machine.
. "$top_srcdir/tests/lib.sh"
rec() {
	syc-rec -m "$model" --system '' -t 1 "$@"
}
head -8 "$demo/test-opinion.jsonl" >in

# A pair: two rows, the answers' marks, fields kept.
run 0 rec -r pair.npz --positions prompt,last,letter,mean,all in
cp out pairs
[ "$(wc -l <pairs)" -eq 16 ] || fail "not 16 rows"
expect '[.[].answer][0:4] == ["match", "other", "match", "other"]' pairs
expect 'all(.[]; .n_completion == 3 and .n_prompt > 50) and [.[].acts.row] == [range(16)]' pairs
expect '.[0].n_prompt == .[1].n_prompt and .[0].id == .[1].id' pairs
for how in '-t 2' '--cpu scalar' '--batch 5' '-t 3 --batch 1' '--kv-memory 200K'; do
	run 0 syc-rec -m "$model" --system '' $how -r many.npz --positions prompt,last,letter,mean,all - <in
	same pair.npz many.npz "activations with $how"
done

# What syc-gen recorded while it wrote, read again: text and ids.
run 0 syc-gen -m "$model" --system '' -n 9 --ids --temperature 1 --samples 2 -r gen.npz -o gen.jsonl in
run 0 rec -r rec.npz gen.jsonl
cp out rec.jsonl
expect 'all(.[]; has("answer") | not) and ([.[].sample] == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])' rec.jsonl
run 0 rec -r low.npz --layers 1,2 --positions all gen.jsonl
run 0 rec -r two.npz --both-answers gen.jsonl
[ "$(wc -l <out)" -eq 32 ] || fail "--both-answers: not two rows each"

# Rows alone need only the positions of a prompt.
echo '{"id": "alone", "prompt": "Hello there"}' >alone
run 0 rec -r alone.npz --positions prompt,all alone
run 1 rec -r none.npz alone
says 'alone:1' 'neither completion nor two answers'
run 1 rec -r some.npz --both-answers gen.jsonl alone
grep -q '^syc-rec: alone:1: .*answer_matching_behavior' err || fail "no second answer: $(cat err)"
run 0 rec --force --keep-going -r some.npz alone gen.jsonl
grep -qF '1 rows were skipped' err || fail "skipped rows are not counted: $(cat err)"
[ "$(wc -l <out)" -eq 16 ] || fail "--keep-going"

# A pair of prompts: two rows, and the vector is the same from them as from the model.
head -5 "$demo/cue-pairs.jsonl" >cue
run 0 rec -r cue.npz --dtype f32 --positions prompt,all cue
cp out cue.out
[ "$(wc -l <cue.out)" -eq 10 ] || fail "not two rows for each pair of prompts"
expect '[.[].answer][0:4] == ["match", "other", "match", "other"] and all(.[]; .n_completion == 0 and has("negative"))' cue.out
expect '[.[].id][0:4] == ["cue-000", "cue-000", "cue-001", "cue-001"] and [.[].acts.row] == [range(10)]' cue.out
for how in '' '--position prompt' '--token -1' '--token -4'; do
	for method in mean lda; do
		# shellcheck disable=SC2086
		run 0 syc-vec $method -q $how -a cue.npz -o a.npy
		# shellcheck disable=SC2086
		run 0 syc-vec $method -q $how -m "$model" --system '' -o b.npy cue
		same a.npy b.npy "a vector of prompts, $method $how"
	done
done
run 0 rec -r mixed.npz --positions prompt in cue
[ "$(wc -l <out)" -eq 26 ] || fail "pairs of both kinds: $(wc -l <out) rows"
run 1 rec -r none.npz cue
says 'cue:1' 'only the positions prompt and all'
run 1 rec -r none.npz --both-answers --positions prompt cue
says 'cue:1' 'no prompt'

# Steering, and what is in front of it.
run 0 syc-vec mean -q -m "$model" --system '' -o v.gguf cue
run 0 rec -r steered.npz -s v.gguf:0.5@3 gen.jsonl
# A file that does not say how it counts is taken by the block, and that is said.
run 0 syc-vec convert -q -o v.npy v.gguf
run 0 rec -r again.npz -s v.npy:0.5@3 gen.jsonl
says 'warning: v.npy:0.5@3 does not say how its layers are counted'
same steered.npz again.npz
run 0 syc-gen -m "$model" --system '' -n 1 -s v.gguf:0.5 -s v.npy:0.5@3 in
says 'warning: v.npy:0.5@3 does not say'
run 0 syc-gen -q -m "$model" --system '' -n 1 -s v.npy:0.5@3 in
[ ! -s err ] || fail "-q warns: $(cat err)"
run 0 syc-score -d v.npy -d w=v.gguf pairs
says 'warning: v.npy does not say'
run 0 rec -r before.npz --pre -s v.gguf:0.5@3 gen.jsonl

find_python || { echo "numpy is not there: arrays not looked at"; exit $failed; }
"$python" - <<'PY' || fail "the arrays are not what they should be"
import json, numpy as np, pandas as pd
assert len(pd.read_json("pairs", lines=True)) == 16 and len(pd.read_json("rec.jsonl", lines=True)) == 16
f = lambda name, key: np.load(name)[key + "/000000"].astype(np.float32)
gen, rec = np.load("gen.npz"), np.load("rec.npz")
for position in "prompt", "last":
    assert (gen[position + "/000000"] == rec[position + "/000000"]).all(), position
p = np.load("pair.npz")
off, tok, a = p["all_offset/000000"], p["all_token/000000"], f("pair.npz", "all")
rows = [json.loads(s) for s in open("pairs")]
assert p["answer/000000"].tolist() == [1, 0] * 8
for i, r in enumerate(rows):
    x = a[off[i]:off[i + 1]]
    n = r["n_prompt"]
    assert len(x) == n + r["n_completion"]
    assert (x[n - 1] == f("pair.npz", "prompt")[i]).all()
    assert (x[-1] == f("pair.npz", "last")[i]).all()
    assert (x[n + 1] == f("pair.npz", "letter")[i]).all()
    assert tok[off[i] + n + 1] in (736, 738)  # A, B
    assert np.allclose(x[n:].mean(0), f("pair.npz", "mean")[i], atol=0.05, rtol=2e-3)
low = np.load("low.npz")
assert low["layer"].tolist() == [1, 2] and low["all/000000"].shape[1:] == (2, 128)
o = low["all_offset/000000"]
assert (low["all/000000"][o[1:] - 1] == rec["last/000000"][:, 1:3]).all()
s, b = f("steered.npz", "prompt"), f("before.npz", "prompt")
r = f("rec.npz", "prompt")
assert (s[:, :3] == r[:, :3]).all() and (b[:, :4] == r[:, :4]).all() and (s[:, 4:] == b[:, 4:]).all()
assert np.abs(s[:, 3] - b[:, 3]).min(0).max() > 0.5
PY
exit $failed
