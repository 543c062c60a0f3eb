#!/bin/sh
# SPDX-License-Identifier: MIT
# One pipe: answers are labeled, scored and fitted while they are generated.
. "$top_srcdir/tests/lib.sh"
n=100
[ -z "${SYC_SANITIZED-}" ] || n=40
head -$n "$demo/test-opinion.jsonl" >in
head -40 "$demo/cue-pairs.jsonl" >cue
run 0 syc-vec mean -q -m "$model" --system '' -o cue.gguf cue
gen="syc-gen -q -m $model --system= -n 16 --temperature 1"
$gen -r acts.npz in 2>err1 | syc-label 2>err2 | syc-score -d cue.gguf 2>err3 | syc-fit --json >fit.json 2>err4
[ $? -eq 0 ] || fail "syc-fit exits $?"
cat err1 err2 err3 err4 >err
[ ! -s err ] || fail "the pipe says: $(cat err)"

# Step by step the same comes out.
run 0 $gen -r again.npz -o gen.jsonl in
same acts.npz again.npz "activations of a pipe and of a file"
run 0 syc-label -o labeled.jsonl gen.jsonl
run 0 syc-score -d cue.gguf -o scored.jsonl labeled.jsonl
run 0 syc-fit --json scored.jsonl
same fit.json out "fits of a pipe and of files"
expect 'length == '$n' and all(.[]; has("label") and (.score.cue.prompt | length == 6))' scored.jsonl
expect '[.[] | select(.label == null)] | length < '$((n / 10)) scored.jsonl

# After the prompt and after the answer: each alone as both together have it, and
# the difference on the same rows.
for position in prompt last; do
	run 0 syc-fit --json --position $position scored.jsonl
	cp out $position.json
done
run 0 syc-fit --compare scored.jsonl
shows 'cue, position last less prompt, rows paired by row'
run 0 syc-fit --compare --json scored.jsonl
expect '.[0].compare | length == 1 and .[0].a == .[0].b and .[0].position == "last" and
	.[0].b_position == "prompt" and (.[0].layers | length == 6)' out
cat prompt.json last.json >>out
expect '[.[1:3][].fits[0].layers] as [$p, $l] | .[0].compare[0].layers |
	([.[].b_auc] == [$p[].auc]) and ([.[].a_auc] == [$l[].auc])' out
run 0 syc-vec mean -q -m "$model" --system '' --position letter -o letter.gguf in
run 0 syc-score -d cue.gguf -d letter.gguf --positions last labeled.jsonl
expect 'all(.[]; .score | (.cue | keys) == ["last"] and (.letter | keys) == ["last"])' out
if find_python; then
	"$python" -c '
import pandas as pd
d = pd.read_json("scored.jsonl", lines=True)
assert len(d) == '$n' and set(d["label"].dropna()) == {0, 1}
for f in "gen.jsonl", "labeled.jsonl":
    assert len(pd.read_json(f, lines=True)) == '$n'
' || fail "pandas does not read the rows"
fi

# A reader that goes away: the recording is whole all the same, but not called so.
$gen -r closed.npz in 2>err | head -1 >out
[ "$(wc -l <out)" -eq 1 ] || fail "head got no row"
absent closed.npz
run 0 syc-info --json closed.npz
expect '.[0].complete and .[0].rows >= 32' out
{
	{
		$gen --force -r closed.npz in 2>err
		echo $? >status
	} | head -1 >out
}
[ "$(cat status)" -eq 1 ] || fail "a recorder that lost its reader exits $(cat status)"
grep -q 'closed.npz is not finished: it is closed.npz.part' err || fail "a recording without an end: $(cat err)"
grep -q '^syc-gen: standard output: Broken pipe' err || fail "a lost reader: $(cat err)"
{
	{
		$gen -n 40 in in in 2>err
		echo $? >status
	} | head -1 >out
}
[ "$(cat status)" -gt 128 ] || fail "a filter that lost its reader exits $(cat status)"
[ ! -s err ] || fail "it says $(cat err)"
exit $failed
