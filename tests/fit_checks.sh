#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-fit's checks on made rows: the same bytes for any threads and order of
# rows, pairs, strata, transfer, random directions, and what is refused.
. "$top_srcdir/tests/lib.sh"

# made N SEED [PREFIX]: rows with two vectors at three layers; w at layer 2
# points the other way; the label leans on the topic; size makes the score of u.
made() {
	awk -v n="$1" -v s="$2" -v pre="${3-q}" '
		function u() { s = (s * 16807) % 2147483647; return s / 2147483647 }
		function g() { return sqrt(-2 * log(u())) * cos(6.283185307 * u()) }
		BEGIN {
			for (i = 0; i < 50; i++) u()
			for (t = 0; t < 9; t++) lean[t] = g() * 0.8
			for (i = 0; i < n; i++) {
				t = int(u() * 9); y = u() < 1 / (1 + exp(-lean[t]))
				size = int(u() * 3) + 2 * y
				printf "{\"id\":\"%s%d\",\"sample\":%d,\"topic\":\"t%d\",\"meta\":{\"size\":%d},", \
					pre, i / 2, i % 2, t, size
				printf "\"label\":%d,\"layers\":[1,2,5],\"score\":{", y
				printf "\"v\":{\"prompt\":[%.6f,%.6f,%.6f]},", g() + y, g() + 1.5 * y, g() + 0.4 * y
				printf "\"w\":{\"prompt\":[%.6f,%.6f,%.6f]},", g() + y, g() - 1.2 * y, g()
				printf "\"u\":{\"prompt\":[%d,%d,%.6f]}}}\n", size, size, g()
			}
		}'
}
made 240 7 > a.jsonl
made 200 11 b > b.jsonl

# Every option at once: threads, order of rows and files change no byte.
all="--boot 200 --permute 200 --cv 4 --multi --ridge cv --cluster topic --confound meta.size
	--confound topic --compare --seed 5 --json"
# shellcheck disable=SC2086
run 0 syc-fit -t 1 $all a.jsonl
mv out one.json
awk '{ r[NR] = $0 } END { for (i = NR; i; i--) print r[i] }' a.jsonl > turned.jsonl
head -n 77 turned.jsonl > first; tail -n +78 turned.jsonl > second
# shellcheck disable=SC2086
run 0 syc-fit -t 3 $all second first
same out one.json "threads, order of rows"
# shellcheck disable=SC2086
run 0 syc-fit $all --seed 6 a.jsonl
cmp -s out one.json && fail "the seed changes nothing"
expect '.[0] | .fits | length == 3 and (map(.clusters == 9) | all)' one.json
expect '.[0].fits[] | select(.vector == "v") | .layers[1] |
	.perm_p < 0.01 and .perm_p_max >= .perm_p and .cv_auc > 0.75 and .boot_lo < .auc and
	.band_lo < .boot_lo and .band_hi > .boot_hi and .ridge > 0 and .method == "ridge" and
	(.calibration.bins | length == 10) and (.confounds | map(.field) == ["meta.size", "topic"])' one.json
expect '.[0] | .seed == 5 and .boot == 200 and .folds == 4 and .cluster == "topic" and
	.interval == "obuchowski-wilson"' one.json
expect '.[0].fits[] | select(.vector == "v") | .best | .auc > 0.75 and .folds == 4 and
	(.chosen | map(.folds) | add == 4)' one.json
expect '.[0].fits[] | select(.vector == "v") | .multi | .auc > 0.8 and .rows == 240 and
	(.slopes | length == 3)' one.json

# The whole procedure by claim, in any order of rows.
procedure="--claim id --view sample --procedure 199 --json"
# shellcheck disable=SC2086
run 0 syc-fit -t 1 $procedure a.jsonl
mv out whole.json
# shellcheck disable=SC2086
run 0 syc-fit -t 3 $procedure second first
same out whole.json "threads, order of rows"
expect '.[0] | .claim == "id" and .view == "sample"' whole.json
expect '.[0].fits[] | select(.vector == "v") | .between | .p == 0.005 and .auc > 0.75 and
	.claims == 120 and .n == 240 and .folds == 5 and (.chosen | map(.folds) | add == 5) and
	(.test | .layer == 2 and .sign == 1 and .claims == 60 and .n == 120 and .auc_lo > 0.6) and
	.null_lo < .null_mean and .null_mean < .null_hi' whole.json
# A claim has one row of a sample: no two to tell apart.
expect '.[0].fits | map(.within | .p == null and .test == null and
	.why == "fewer than 10 claims have both labels") | all' whole.json
run 0 syc-fit --claim topic --procedure 99 a.jsonl
grep -q "^Whole procedure, between claims: fewer than 10 claims" out || fail "nine topics tested"
run 0 syc-fit --claim id --procedure 99 a.jsonl
grep -q "^Whole procedure, within claims: AUC 0\.[0-9]*, p 0\.[0-9]*, [0-9]* claims; by chance \[" out ||
	fail "no test within claims"
run 2 syc-fit --view sample a.jsonl
run 2 syc-fit --transfer --claim id a.jsonl b.jsonl

# Rows of a cluster are alike: the interval is wider than of independent rows,
# which the samples of one prompt stand for here.
awk '{ print; sub(/"sample":0/, "\"sample\":2"); sub(/"sample":1/, "\"sample\":3"); print }' \
	a.jsonl > twice.jsonl
width='[.[0].fits[] | select(.vector == "v") | .layers[0] | .auc_hi - .auc_lo][0]'
syc-fit --json --cluster none a.jsonl > plain.json
syc-fit --json --cluster none twice.jsonl > naive.json
syc-fit --json --cluster id twice.jsonl > by_id.json
syc-fit --json twice.jsonl | sed 's/"cluster":"parent"/"cluster":"id"/' > unasked.json
# (clusters are drawn and named otherwise, figures are the same)
same by_id.json unasked.json "clusters by id and without asking"
if have_jq; then
	[ "$(jq -s "($width) as \$a | .[1:2] | (.[0].fits[] | select(.vector == \"v\") |
		.layers[0] | .auc_hi - .auc_lo) < 0.8 * \$a" plain.json naive.json)" = true ] ||
		fail "rows given twice are not taken for more"
	[ "$(jq -s "($width) as \$a | .[1:2] | (.[0].fits[] | select(.vector == \"v\") |
		.layers[0] | (.auc_hi - .auc_lo) / \$a) | . > 0.9 and . < 1.2" plain.json by_id.json)" = true ] ||
		fail "--cluster id: $(jq -c "$width" plain.json by_id.json)"
fi

# A sign change is said, and where.
run 0 syc-fit --vector w a.jsonl
grep -q '^The sign changes: above 1/2 at layers 1; below 1/2 at layers 2\.$' out ||
	fail "no sign change: $(cat out)"
expect '.[0].fits[] | select(.vector == "w") | .sign_changes == 1 and
	.signs == [{"from": 1, "sign": 1, "to": 1}, {"from": 2, "sign": -1, "to": 2},
		{"from": 5, "sign": 0, "to": 5}]' one.json

# Held fixed, size leaves nothing of a score that is size.
expect '.[0].fits[] | select(.vector == "u") | .layers[0] | .auc > 0.8 and
	(.confounds[0] | .within_auc == 0.5 and .slope == null and .why == "the features make up the score")' one.json
expect '.[0].fits[] | select(.vector == "v") | .layers[1].confounds[0] | .within_auc > 0.6 and
	.slope > 0 and .r2 > .r2_confound' one.json
run 0 syc-fit --vector v --layers 2 --confound topic -v a.jsonl
grep -q '^with topic held fixed$' out || fail "--confound: $(cat out)"
grep -q '^layer *AP *rho *R2 *Brier$' out || fail "-v: $(cat out)"

# Differences: rows with both vectors, or rows of two files by their ids.
run 0 syc-fit --compare --tsv a.jsonl
run 0 syc-fit --compare --vector v a.jsonl
grep -q ' less ' out && fail "one vector is compared"
sed 's/"w":{[^}]*},"u":{[^}]*}}/}/; s/},}}/}}}/' a.jsonl > only_v.jsonl
sed 's/"v":{[^}]*},//; s/,"u":{[^}]*}}/}/' a.jsonl > only_w.jsonl
syc-fit --compare --json a.jsonl > both.json
run 0 syc-fit --compare --allow-duplicates --json only_v.jsonl only_w.jsonl
cp out apart.json
expect '.[0].compare | length == 1 and .[0].paired == "id" and .[0].layers[0].n == 240' apart.json
expect '.[0].compare | map(select(.a == "v" and .b == "w")) | .[0] | .paired == "row" and .layers[1].p < 1e-9 and
	(.layers[0].lo < .layers[0].diff) and (.layers[0].diff < .layers[0].hi)' both.json
if have_jq; then
	jq -c '.compare[] | select(.a == "v" and .b == "w") | .layers' both.json > x
	jq -c '.compare[0].layers' apart.json > y
	same x y "pairs by id and by row"
fi

# Transfer: the test set's own area at the layer chosen in training.
run 0 syc-fit --transfer --tsv a.jsonl other=b.jsonl
cp out cells
[ "$(wc -l < cells)" -eq 13 ] || fail "cells: $(cat cells)"
syc-fit --tsv b.jsonl > b.tsv
awk -F '\t' '
	FNR == 1 { next }
	FILENAME == "b.tsv" { auc[$1 " " $3] = $7; next }
	$3 == "a" && $4 == "other" {
		want = auc[$1 " " $5]; if ($6 < 0) want = 1 - want
		if ($11 - want > 1e-7 || want - $11 > 1e-7) { print "not so:", $0; bad = 1 }
		n++
	}
	$1 == "w" && $3 == "a" && ($5 != 2 || $6 != -1) { print "sign:", $0; bad = 1 }
	$3 == $4 && $7 != 1 { print "not cross-validated:", $0; bad = 1 }
	END { exit bad || n != 3 }' b.tsv cells || fail "transfer"
run 0 syc-fit --transfer --multi --position prompt a.jsonl b.jsonl
[ "$(grep -c '^a  *all ' out)" -eq 3 ] || fail "--transfer --multi: $(cat out)"
grep -q '^a  *2- ' out || fail "turned layer: $(cat out)"
run 0 syc-fit --transfer --json a.jsonl b.jsonl
expect '.[0] | (.transfer | length == 12) and (.datasets | map(.name) == ["a", "b"]) and
	(.datasets[0].fits | length == 3)' out
run 2 syc-fit --transfer a.jsonl
misused "two files or more"
run 2 syc-fit --transfer a.jsonl a.jsonl
misused "two data sets are named 'a'"
run 2 syc-fit --transfer --compare a.jsonl b.jsonl
misused "--transfer goes with none of"
run 1 syc-fit --transfer a.jsonl /dev/null
says "/dev/null: no rows"

# A choice that leaves nothing, folds without groups, fields that are not there.
run 1 syc-fit --vector none a.jsonl
says "no row has a score of the chosen vector and position"
run 1 syc-fit --layers 1,3 a.jsonl
says "layer 3 is not in the rows"
run 1 syc-fit --cv 12 --group topic a.jsonl
says "12 folds of 9 groups"
run 1 syc-fit --cluster nothing a.jsonl
says "a.jsonl:1: no field \"nothing\""
run 1 syc-fit --confound meta a.jsonl
says "field \"meta\" is not a string, number or boolean"
run 2 syc-fit --center a.jsonl
misused "need --null"
run 2 syc-fit --boot 5 a.jsonl
misused "--boot: '5' is not a whole number from 100"
run 2 syc-fit --ridge -1 a.jsonl
misused "--ridge"
run 1 syc-fit --null 50 a.jsonl
says "a.jsonl:1: no \"acts\": no activations were recorded"
# Three rows, one class: dashes, not errors.
head -n 3 a.jsonl > three.jsonl
run 0 syc-fit --boot 100 --permute 100 --multi --compare --confound topic three.jsonl
grep '"label":1' a.jsonl | head -n 30 > ones.jsonl
run 0 syc-fit -q --boot 100 --permute 100 --multi --compare --confound topic --cluster topic ones.jsonl
grep -q '^All layers together: one class, or too few rows$' out || fail "one class: $(cat out)"

# A ridge draws the slope in.
slope() { syc-fit --tsv --vector v --layers 2 --ridge "$1" a.jsonl | awk -F '\t' 'NR == 2 { print $10 }'; }
awk -v a="$(slope 0)" -v b="$(slope 10)" -v c="$(slope 1000)" \
	'BEGIN { exit !(a > b && b > c && c > 0) }' || fail "--ridge"

# Figures of scikit-learn and statsmodels (tests/ref/fit.py): one row left out,
# all layers together, held fixed, tried on other rows.
data=$top_srcdir/tests/data
near='def near($x): (. - $x) | . < 2e-6 and . > -2e-6;'
syc-fit --cv 60 --json "$data/fit_a.jsonl" > loo.json
syc-fit --cv 60 --multi --ridge 2 --json "$data/fit_a.jsonl" > multi.json
syc-fit --confound topic --confound length --json "$data/fit_a.jsonl" > held.json
syc-fit --transfer --json "$data/fit_a.jsonl" "$data/fit_b.jsonl" > moved.json
syc-fit --transfer --multi --ridge 2 --json "$data/fit_a.jsonl" "$data/fit_b.jsonl" > moved2.json
# agrees WHAT JQ-EXPRESSION: of the figures ($w), loo, multi, held, moved, moved2
agrees() {
	have_jq || return 0
	[ "$(jq -n --slurpfile w "$data/fit_figures.json" --slurpfile loo loo.json \
		--slurpfile multi multi.json --slurpfile held held.json --slurpfile moved moved.json \
		--slurpfile moved2 moved2.json "$near $2" 2>&1)" = true ] || fail "not as scikit-learn has it: $1"
}
agrees "one row left out" '[range(3)] | map(. as $l | $loo[0].fits[0].layers[$l] |
	(.cv_brier | near($w[0].loo_brier[$l])) and .cv_auc == null) | all'
agrees "all layers" '$multi[0].fits[0].multi.brier | near($w[0].multi_brier)'
agrees "within" '[range(3)] | map(. as $l | $held[0].fits[0].layers[$l].confounds |
	(.[0].within_auc | near($w[0].within_topic[$l])) and
	(.[1].within_auc | near($w[0].within_length[$l]))) | all'
agrees "beside" '$held[0].fits[0].layers[0].confounds[1] |
	(.slope | near($w[0].length_slope)) and (.p | near($w[0].length_p))'
agrees "transfer" '($moved[0].transfer | map(select(.train == "fit_a" and .test == "fit_b"))[0]) as $c |
	$w[0].transfer as $t | $c.layer == $t.layer and ($c.auc | near($t.auc)) and
	($c.brier | near($t.brier)) and ($c.logloss | near($t.loss)) and
	($c.calibration_slope | near($t.slope)) and ($c.calibration_intercept | near($t.intercept))'
agrees "transfer of all layers" '($moved2[0].transfer | map(select(.train == "fit_a" and .test == "fit_b"))[0]) |
	(.multi_brier | near($w[0].transfer.multi_brier)) and (.multi_auc | near($w[0].transfer.multi_auc))'

# Random directions on recorded activations.
head -n 40 "$demo/test-opinion.jsonl" > ask.jsonl
head -n 20 "$demo/cue-pairs.jsonl" > pairs.jsonl
syc-vec mean -q -m "$model" --system '' --name cue -o cue.gguf pairs.jsonl
syc-gen -q -m "$model" --system '' --temperature 1 -n 8 -r acts.npz ask.jsonl |
	syc-label | syc-score -d cue.gguf > rows.jsonl
run 0 syc-fit -t 1 --null 60 --json rows.jsonl
mv out null.json
run 0 syc-fit -t 2 --null 60 --json rows.jsonl
same out null.json "--null and threads"
expect '.[0] | .null == 60 and .metric == "cosine" and ([.fits[].layers[] |
	.null_p > 0 and .null_p <= 1 and .null_p_max >= .null_p and .null_lo < .null_hi] | all)' null.json
run 0 syc-fit --null 60 --metric dot --center --position prompt --json rows.jsonl
cmp -s out null.json && fail "--metric and --center change nothing"
sed 's/"id": "test-opinion-000"/"id": "other"/' rows.jsonl > wrong.jsonl
run 1 syc-fit --null 60 wrong.jsonl
says "the file belongs to another run"
sed 's/acts.npz/gone.npz/' rows.jsonl > gone.jsonl
run 1 syc-fit --null 60 gone.jsonl
says "gone.npz: No such file"
exit $failed
