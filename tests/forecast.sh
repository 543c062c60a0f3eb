#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-vec forecast: from recordings and from a model, with what came out.  The figures
# themselves are in check_forecast.c.
. "$top_srcdir/tests/lib.sh"
forecast="syc-vec forecast -d mean.gguf -d letter.gguf -d cue.gguf"
syc_m="-m $model --system="

head -60 "$demo/pairs.jsonl" >pairs
head -40 "$demo/test-opinion.jsonl" >some
tail -60 "$demo/test-newtopic.jsonl" >others
syc-vec mean -q $syc_m --balance --write-nulls null.npz --null random:20 -o mean.gguf pairs &&
	syc-vec letters -q $syc_m -o letter.gguf pairs &&
	syc-vec mean -q $syc_m -o cue.gguf "$demo/cue-pairs.jsonl" &&
	syc-vec mean -q $syc_m -o there.gguf some &&
	syc-rec -q $syc_m --positions last --dtype f32 -r o.npz -o o.out others || fail vectors

# The same from a model and from recordings; of these alone, but for the lens.
run 0 $forecast $syc_m --reference-vector there.gguf --tsv others
mv out model.tsv
[ "$(wc -l <model.tsv)" = 19 ] || fail "not a line for each vector and layer"
run 0 $forecast -a o.npz -m "$model" --reference-vector there.gguf --tsv o.out
same out model.tsv
run 0 $forecast -a o.npz --reference-vector there.gguf --tsv
[ "$(cut -f1-6 out)" = "$(cut -f1-6 model.tsv)" ] || fail "without rows"
cut -f7 out | tail -n +2 | grep -qv NA && fail "a lens without a model"

# What vectors write and take away, and their lens, of the rows' two answers.
run 0 $forecast $syc_m --lens-tokens 3 --json others
expect '.[0] | .answers == ["(A)", "(B)"] and .left_out == 0 and .pairs == 60 and
	(.forecasts | length == 3 and all(.mahalanobis == null and (.lens | type == "number") and
	(.layers | length == 6 and all((.writes | length == 3) and (.takes | length == 3)))))' out

# What came out, by the vectors' names.
printf '%s' '{"transfer": [{"vector": "mean", "test": "x", "auc": 0.8, "cross_validated": false},
	{"vector": "letter", "test": "x", "auc": 0.5, "cross_validated": false},
	{"vector": "cue", "test": "x", "auc": 0.6, "cross_validated": false}]}' >t.json
run 0 $forecast -a o.npz --results t.json
shows 'Rank correlation over vectors (descriptive)' 'transfer' 'n = 3'
run 0 $forecast -a o.npz --results t.json --test y --json
expect '.[0].outcomes[0] | .descriptive and .ranks.cosine == {"n": 0, "rho": null}' out

# Claims that made a vector are left out; pairs that made one are refused.
cat others pairs >both
run 0 $forecast $syc_m --nulls null.npz both
shows '60 pairs, 60 left out whose claim made a vector; means over 6 layers'
fails 1 'was made of these pairs' $forecast $syc_m pairs
fails 2 'give --direction' syc-vec forecast -a o.npz
fails 2 'need the rows of syc-rec' $forecast -a o.npz --nulls null.npz
echo '{}' >empty.json
fails 1 'empty.json: is no document' $forecast -a o.npz --results empty.json
exit $failed
