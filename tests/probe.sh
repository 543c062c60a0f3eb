#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-vec probe: trained on what the demo model did, tested on other claims.
. "$top_srcdir/tests/lib.sh"

# A hundred questions of 20 topics, and their twins.
head -100 "$demo/test-opinion.jsonl" >questions
syc-stance twins questions >asked
syc-gen -q -m "$model" -t 1 --system '' -n 1 --choices --both-orders -r acts.npz \
	--positions prompt,last -o answers asked || fail gen
syc-stance label answers >labeled

run 0 syc-vec probe --target moved --json -o moved.gguf labeled
expect '.[0] | .target == "moved" and .claims > 9 and .folds == 5 and .best.auc > 0.8 and
	.positives > 9 and .rows > .positives and (.layers | length == 6)' out
mv out moved.json
syc-info --json moved.gguf >info || fail info
grep -q '"probe"' info || fail "the vector does not say how it was made"

# The shift of all rows; whatever their order.  Rows without a view have none.
run 0 syc-vec probe --target shift --json labeled
expect '.[0] | .rows == 200 and .undecided == 40 and .auc == null and .best.r2 > 0.5 and
	(.layers[0].r2 < .layers[5].r2)' out
mv out one.json
sort -r labeled >turned
run 0 syc-vec probe --target shift --json turned
cmp -s out one.json || fail "the order of rows changes a figure"

# What scores see with it, on the rows that made it; another position.
syc-score -q --direction moved.gguf labeled >scored || fail score
run 0 syc-fit --cluster claim --layers 3 --tsv scored
awk -F '\t' 'NR == 2 { bad = !($7 > 0.8) } END { exit bad }' out || fail "its own rows"
run 0 syc-fit --outcome shift --cluster claim --layers 3 --tsv scored
run 0 syc-vec probe --position last --layers 1,4 --folds 4 --tsv labeled
[ "$(cut -f1 out | tr '\n' ' ')" = "layer 1 4 " ] || fail "--layers"
run 0 syc-vec probe labeled
grep -q '^Best layer, chosen in each of 5 folds' out || fail "text"

# What cannot be done is said.
sed 's/"labeler": "stance"/"labeler": "prob"/' labeled >prob
run 1 syc-vec probe --target moved prob
mentions '"label" is not of syc-stance label'
run 1 syc-vec probe --target none labeled
mentions 'no field "none"'
run 1 syc-vec probe --claim none labeled
mentions 'no field "none"'
run 1 syc-vec probe --layers 9 labeled
mentions 'layer 9 was not recorded'
run 1 syc-vec probe --position letter labeled
mentions "has no position 'letter'"
grep -h -e 'best pet' -e 'better pet' labeled >few
run 1 syc-vec probe --target shift few
mentions 'a probe needs 3 claims'

exit $failed
