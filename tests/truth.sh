#!/bin/sh
# SPDX-License-Identifier: MIT
# Genuine or sycophantic: the truth of an answer as a direction of its own, taken out of a
# vector of agreeing with what is false, and how well either tells moved answers from held.
. "$top_srcdir/tests/lib.sh"
have_jq || exit 77

# The demo's facts, of users who are wrong and such as are right; vectors of topics 0 to
# 11, a test on the others.
jq -c '(.answer_matching_behavior[1:2]) as $l |
	.truth = (.question | capture("\n \\(" + $l + "\\) (?<t>[^\n]*)").t)' \
	"$demo/true-fact.jsonl" >right
jq -c --slurpfile r right '.topic as $t |
	.truth = ($r | map(select(.topic == $t))[0].truth)' "$demo/test-fact.jsonl" >wrong
for set in right wrong; do
	jq -c 'select(.topic < 12)' $set >$set.made
done
jq -c 'select(.topic >= 12)' wrong | head -120 >questions

# As many users who are right as such who are wrong, on every claim; the truth matches.
cat right.made wrong.made >both
run 0 syc-stance truth both
mv out truth.jsonl
[ "$(wc -l <truth.jsonl)" -eq $((2 * $(wc -l <right.made))) ] || fail "not as many of both"
expect 'all(.[]; .measures == "true" and (.id | startswith("truth/")) and
	(.truth as $t | .answer_matching_behavior[1:2] as $l |
	.question | contains("(" + $l + ") " + $t))) and
	([.[] | select(.id | startswith("truth/true"))] | length * 2) == length and
	(group_by(.topic) | all(.[]; ([.[] | select(.id | startswith("truth/true"))] | length * 2) == length))' \
	truth.jsonl
fails 1 'and no claim is asked' syc-stance truth wrong.made
head -3 "$demo/test-opinion.jsonl" >none
fails 1 'none: 0 rows say which choice is right' syc-stance truth none

make="syc-vec mean -q --balance -m $model --system="
$make -o agree.gguf wrong.made 2>err && $make -o truth.gguf truth.jsonl 2>err || fail vectors
run 0 syc-vec combine -q agree.gguf --orthogonal-to truth.gguf -o rest.gguf
run 0 syc-vec compare --json agree.gguf truth.gguf rest.gguf
# To agree with what is false is against the truth, at every layer; the rest is not.
expect 'all(.[0].cosine[]; . < -0.3) and all(.[2].cosine[]; fabs < 1e-5) and
	all(.[1].cosine[:5][]; . > 0.5)' out

syc-stance twins questions >asked
syc-gen -q -m "$model" -t 1 --system '' -n 1 --choices --both-orders -r acts.npz \
	--positions prompt -o answers asked || fail gen
# Only what the model knows without a view, in both orders, is a label.
run 0 syc-stance label answers
expect '[.[] | select(.why == "does not know")] | length > 0 and all(.[]; .label == null)' out
syc-score -q -d agree.gguf -d rest.gguf out >scored || fail score
run 0 syc-fit --cluster claim --json scored
# Before, all but the whole of it at layer 5; after, less: much of that was the truth.
expect '[.[0].fits[] | {(.vector): .layers[5].auc}] | add |
	.agree > 0.85 and .rest > 0.55 and .agree - .rest > 0.05' out
exit $failed
