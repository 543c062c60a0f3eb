#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-vec mean: balance, warnings, pairs of prompts, refusals.  The figures
# themselves are in study.sh.
. "$top_srcdir/tests/lib.sh"
have_jq || { echo "jq is not there"; exit 77; }
mean() {
	syc-vec mean -m "$model" --system '' "$@"
}
# read_at FILE POSITION: what the vector says of itself.
read_at() {
	run 0 syc-info --json "$1"
	expect ".[0].position == \"$2\"" out
}
head -20 "$demo/pairs.jsonl" >pairs
head -10 "$demo/cue-pairs.jsonl" >cue

run 0 mean -o a.gguf pairs
says 'a.gguf: 20 pairs, 6 layers'
[ ! -s out ] || fail "something on standard output"
for how in '-t 1' '--cpu scalar' '--batch 3' '-t 3'; do
	run 0 mean -q $how -o b.gguf --name a - <pairs
	[ ! -s err ] || fail "-q says $(cat err)"
	same a.gguf b.gguf "the vector with $how"
done
run 0 syc-info a.gguf
for text in 'mean' '20' '       norm  explained         d'"'"'     cosine wrong side'; do
	grep -qF "$text" out || fail "syc-info lacks $text"
done

# The matching letter: always the same, unbalanced, balanced.
grep -F '"answer_matching_behavior": "(A)"' "$demo/pairs.jsonl" | head -6 >only
run 0 mean -o x.gguf only
grep -qF "always '(A)'" err || fail "no warning: $(cat err)"
{ cat only; grep -F '"answer_matching_behavior": "(B)"' "$demo/pairs.jsonl" | head -2; } >unequal
run 0 mean -o x.gguf unequal
grep -qF 'unbalanced (6 to 2 pairs)' err || fail "no warning: $(cat err)"
run 0 mean -o y.gguf --balance unequal
says 'y.gguf: 8 pairs'
cmp -s x.gguf y.gguf && fail "--balance changes nothing"

# Answers in words are no letters: nothing is unbalanced where each is a text of its own.
jq -c '.answer_matching_behavior = "I agree, " + .id | .answer_not_matching_behavior = "No, " + .id' \
	unequal >words
run 0 mean -o x.gguf words
says 'x.gguf: 8 pairs'
sed 's/"(A)"/"yes"/; s/"(B)"/"no"/' "$demo/pairs.jsonl" | head -25 | sed '1,4d' >yes
{ cat yes; sed 's/"id": "/&more-/; s/"answer_matching_behavior": "no"/"answer_matching_behavior": "yes"/
	s/"answer_not_matching_behavior": "yes"/"answer_not_matching_behavior": "no"/' yes; } >yesno
run 0 mean -o x.gguf --keep-going yesno
mentions 'the matching letter is unbalanced'

# Pairs of prompts.
run 0 mean -o cue.gguf cue
says 'cue.gguf: 10 pairs'
read_at cue.gguf prompt
run 0 mean -o prompt.gguf --name cue --position prompt cue
same cue.gguf prompt.gguf 'read at the prompt'
cat cue pairs > both
run 0 mean -o both.gguf both
read_at both.gguf last,prompt
run 1 mean -o no.gguf --position last cue
says 'cue:1' 'no answer' 'position prompt'
run 1 mean -o no.gguf --position letter cue
says 'cue:1' 'no answer letter'
run 0 mean -o mixed.gguf --keep-going --position letter cue pairs
absent no.gguf no.gguf.part

# Refusals.
run 1 mean -o no.gguf /dev/null
says 'no pairs'
echo '{"prompt": "Hi"}' >bad
run 1 mean -o no.gguf bad
says 'bad:1' answer_matching_behavior
echo '{"prompt": "Hi", "answer_matching_behavior": "(A)", "answer_not_matching_behavior": "(A)"}' >equal
run 1 mean -o no.gguf --position letter equal
says 'equal:1' 'do not differ'
run 1 mean -o no.gguf --position last equal
says 'equal:1' 'do not differ'
run 1 mean -q -o no/such/folder.gguf pairs
says 'no/such/folder.gguf' 'No such file'
run 2 mean pairs
misused --output
run 2 syc-vec mean -o no.gguf pairs
misused --model
run 2 mean -o no.gguf --position first pairs
misused last letter
absent no.gguf no.gguf.part

if find_python; then
	for v in a y cue; do
		run 0 syc-vec convert -o $v.npy $v.gguf
	done
	run 0 syc-rec -m "$model" --system '' --dtype f32 -r acts.npz unequal
	"$python" - <<'PY' || fail "the vectors are not the means"
import numpy as np
z = np.load("acts.npz")
x, y = z["last/000000"].astype(float), np.load("y.npy").astype(float)
d = x[0::2] - x[1::2]
want = (d[:6].mean(0) + d[6:].mean(0)) / 2
assert np.allclose(y, want, rtol=1e-4, atol=1e-4), np.abs(y - want).max()
PY
fi
exit $failed
