#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-pref: the table of the demo's pairs, its forms, its plot, features by a judge,
# what is warned of and what is refused.
. "$top_srcdir/tests/lib.sh"
have_jq || { echo "jq is not there"; exit 77; }
pairs=$demo/preferences.jsonl

run 0 syc-pref -t 2 --sum both=agrees+reason "$pairs"
[ ! -s err ] || fail "warned: $(cat err)"
shows '222 pairs of 60 prompts with 4 features; left out: 0 ties' 'to choose b 46 of 12' \
	'strongest posterior correlation' ' 0 divergences' 'tested:' 'leave one out:'
[ "$(grep -c '^[0-9.]* *<' out)" -eq 1 ] || fail "not one b of the path is marked"
grep -q '^both *+ ' out || fail "no sum: $(cat out)"

# Made with odds of 1, 0.5, 0.3 and -0.2; the same bytes with any number of threads.
run 0 syc-pref -t 1 --b 1 --sum both=agrees+reason --json "$pairs"
mv out one
run 0 syc-pref -t 3 --b 1 --sum both=agrees+reason --json "$pairs"
cmp -s one out || fail "threads change the figures"
expect '.[0] | .b == 1 and .path == [] and .split.fit.pairs + .split.test.pairs == 222 and
	.sampler.divergences == 0 and .sampler.rhat < 1.01 and (.sampler.by_chain | length) == 4 and
	(.effects | length) == 5 and ([.effects[].p.median] | . == (sort | reverse))' one
expect '.[0].effects | map({key: .feature, value: .}) | from_entries |
	.agrees.p.lo95 < 0.731 and .agrees.p.hi95 > 0.731 and .agrees.p.lo95 > 0.5 and
	.short.p.median < 0.5 and .both.sum and .both.beta.median > .agrees.beta.median and
	.reason.p.lo95 < .reason.p.lo50 and .reason.p.hi50 < .reason.p.hi95 and
	.agrees.pairs == 117 and .agrees.scale == 1' one
expect '.[0] | .leave_one_out.bad == 0 and .leave_one_out.pairs == .split.fit.pairs and
	(.prior.lo50 - 1 / 3 | fabs) < 1e-9 and .prior.median == 0.5 and
	.leave_one_out.log_lik < 0 and .test.accuracy_lo < .test.accuracy and
	.correlation.r > -1' one
run 0 syc-pref --seed 2 --b 1 --sum both=agrees+reason --json "$pairs"
cmp -s one out && fail "--seed changes nothing"

run 0 syc-pref --tsv --path 0.1,1 --split 1,1,0 --chains 2 --burn-in 200 --kept-draws 400 "$pairs"
mentions 'b = 1 is the end of the path'
[ "$(wc -l <out)" -eq 5 ] && [ "$(head -1 out | tr '\t' '\n' | wc -l)" -eq 22 ] ||
	fail "--tsv: $(cat out)"
head -2 out | grep -q '^agrees' || fail "not agreement first"
{ echo '{"question": "q", "features_a": {"agrees": 1}}'; cat "$pairs"; } >broken
run 0 syc-pref --keep-going --only agrees,polite --b 0.5 --split 1,0,0 --json broken
mentions 'broken:1: "features_b" is missing'
expect '.[0] | .pairs == 222 and .test == null and (.effects | length) == 2' out
run 0 syc-pref -q --leave-out agrees,polite --b 0.5 --kept-draws 100 - <"$pairs"
shows 'with 2 features'
run 0 syc-pref --b 1 --kept-draws 10 --burn-in 5 "$pairs"
mentions 'more --kept-draws are needed' 'R-hat is'

# A number of the answers instead of a choice, numbers by their deviation, ties.
jq -c '.features_a.score = .features_a.agrees * 2 + .features_a.polite |
	.features_b.score = .features_b.agrees * 2 + .features_b.polite |
	.features_a.words = (.response_a | length) + (.id[-2:] | tonumber) % 9 |
	.features_b.words = (.response_b | length) |
	del(.choice)' "$pairs" >scored
run 0 syc-pref --choice-by score --b 1 --kept-draws 200 --json scored
expect '.[0] | .choice_by == "score" and .ties > 20 and .pairs + .ties == 222 and
	(.effects | map(.feature) | sort) == ["agrees", "polite", "reason", "short", "words"] and
	(.effects[] | select(.feature == "words").scale) > 10 and .test.accuracy > 0.9' out

# The picture has both intervals of every line.
if gnuplot --version >which 2>&1; then
	run 0 syc-plot one
	shows 'P(preferred), all else equal' agrees both 'with all of a sum'
	run 0 syc-plot --kind best -o one.svg one
	[ "$(grep -c 'stroke-width="4.00"' one.svg)" -ge 2 ] || fail "no bars of 50 %"
fi

# Bad input.
fails 1 'scored:1: no "choice"' syc-pref scored
fails 1 "there is no feature 'age'" syc-pref --only age "$pairs"
fails 1 "there is no feature 'age' to make 'x' of" syc-pref --sum x=agrees+age "$pairs"
fails 1 "'score' of \"features_a\" is missing" syc-pref --choice-by score "$pairs"
fails 2 "'x' is not like NAME=A+B" syc-pref --sum x "$pairs"
fails 2 "--sum: a part is empty" syc-pref --sum a=b+ "$pairs"
fails 2 "three numbers are needed, not 2" syc-pref --split 1,2 "$pairs"
fails 2 "--only: a part is empty" syc-pref --only a,,b "$pairs"
fails 2 '--path chooses b' syc-pref --path 1,2 --b 1 "$pairs"
fails 1 'rising numbers above 0' syc-pref --path 2,1 "$pairs"
fails 1 'no prompts are left to choose b by' syc-pref --split 1,0,1 "$pairs"
head -3 "$pairs" >few
fails 1 '3 prompts leave 1 to' syc-pref --only short few
cat few few >again
fails 1 'again:4: the same pair as row 1' syc-pref again
run 0 syc-pref -q --allow-duplicates --only short --b 1 --split 1,0,0 --kept-draws 50 again
jq -c '.features_b.reason |= null' few >lack
fails 1 "lack:1: feature 'reason' of \"features_b\" is missing" syc-pref lack
jq -c '.features_a.sum = .features_a.agrees + .features_a.polite |
	.features_b.sum = .features_b.agrees + .features_b.polite' "$pairs" >made
fails 1 "'sum' says nothing of its own, others make it in all pairs: 1 of 'agrees', 1 of 'polite'" \
	syc-pref made
jq -c '.features_a.same = 3 | .features_b.same = 3' few >same
fails 1 "feature 'same' is the same in both answers of all 3 pairs" syc-pref same

# A judge: rows keep what they had; both orders are asked, so that letters do not count.
head -4 "$pairs" >asked
cat >list <<'END'
{"features": [{"name": "agrees", "more": "agrees more with the user", "has": "agrees with the user"},
	{"name": "polite", "more": "is more polite", "has": "is polite", "note": "It thanks the user."}]}
END
run 0 syc-pref features -m "$model" --features list asked
expect 'length == 4 and all(.[]; (.features | keys) == ["agrees", "polite"] and
	([.features[]] | all(. == 1 or . == 0 or . == -1)) and .judged.mass > 0.5 and
	([.judged.p[] | add - 1 | fabs] | all(. < 1e-5)))' out
jq -c 'del(.features, .judged)' out | jq -cS . >kept
jq -cS . asked | cmp -s - kept || fail "rows are not what they were"
mv out pairwise
jq -c '[.response_a, .response_b] as $r | .response_a = $r[1] | .response_b = $r[0]' asked >turned
run 0 syc-pref features -m "$model" --features list turned
[ "$(jq -c '.features | map_values(0 - .)' out)" = "$(jq -c .features pairwise)" ] ||
	fail "exchanged answers do not turn the features"
run 0 syc-pref features -m "$model" --features list --margin 1 asked
expect 'all(.[]; .features == {"agrees": 0, "polite": 0})' out
run 0 syc-pref features -m "$model" --features list --alone asked
says 'of 4 of 4 pairs the judge would rather say something else'
expect 'all(.[]; .features.agrees == (if .judged.p.agrees[0] > 0.5 then 1 else 0 end) -
	(if .judged.p.agrees[1] > 0.5 then 1 else 0 end))' out
# What is judged goes before what the rows had, and the choice is by the latter.
head -40 scored | syc-pref features -q -m "$model" --features list >judged || fail features
run 0 syc-pref -q --choice-by score --b 1 --split 1,0,0 --kept-draws 50 judged
shows 'with 2 features'
head -1 asked >one
run 0 syc-pref features -m "$model" one
expect '(.[0].features | keys | length) == 24 and (.[0].features | has("agree_human_implicit"))' out
echo '{"features": [{"name": "a", "more": "x"}, {"name": "a", "more": "y"}]}' >list
fails 1 "list: feature 2: a second 'a'" syc-pref features -m "$model" --features list asked
echo '{"features": [{"name": "a", "more": "x"}]}' >list
fails 1 'list: feature 1: "has" is missing' syc-pref features --alone -m "$model" --features list asked
echo '{}' >list
fails 1 'list: no list "features"' syc-pref features -m "$model" --features list asked
echo '{"question": "q", "response_a": "x"}' >half
fails 1 "half:1: 'response_b', which the rubric asks for, is missing" syc-pref features -m "$model" half

# Raters' pairs, where they are there.
raters=${SYC_SHARED-$top_srcdir/../shared}/data/preference-features/pairs.jsonl
if [ -e "$raters" ]; then
	run 0 syc-pref -t 2 --choice-by score --b 0.03 --kept-draws 400 --json "$raters"
	mentions "left out: 'factors'"
	expect '.[0] | .pairs == 1758 and .prompts == 200 and .ties == 242 and .without_features == 1039 and
		(.effects | length) == 17 and .effects[0].feature == "overall_detailed" and
		.effects[0].p.lo95 > 0.5 and .sampler.rhat < 1.05 and .test.accuracy > 0.6' out
else
	echo "left out: syc-pref of raters' pairs: the shared data is not there"
fi
exit $failed
