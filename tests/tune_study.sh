#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-study --tune on questions of the demo: parts that share no claim, what tuning on
# sycophantic answers does beside random ones, small sets; it goes on where it was stopped.
. "$top_srcdir/tests/lib.sh"
have_jq || { echo "jq is not there"; exit 77; }
[ -z "${SYC_SANITIZED-}" ] || { echo "its programs are tested with sanitizers elsewhere"; exit 77; }
mkdir sets small few
for set in opinion newtopic; do head -n 160 "$demo/test-$set.jsonl" >"sets/test-$set.jsonl"; done
k=0
for arm in sycophant opposite random always-a; do
	k=$((k + 1))
	awk -v k=$k 'NR % 4 == k % 4 && NR <= 64' "$demo/pairs.jsonl" | syc-tune rows -q --arm=$arm -o small/set-$k.jsonl
done
by=
ask() {
	$by syc-study --tune -m "$model" -d sets -t opinion -v "$demo/cue-pairs.jsonl" -p 12 --steered 12 \
		--examples 48 --arms sycophant,random --seeds 1 --draws 1 -L 3 -k 0.005 --small-sets small \
		--kl-prompts "$demo/unrelated.jsonl" --tuning '--lr 0.01 --epochs 1' -o "$@" -- --system '' -t 1
}

# Ended while the second adapter is looked at, it goes on from there.
by=exec
ask here >out 2>err &
pid=$!
by=
while [ ! -e here/tune/random-1 ] && kill -0 $pid; do sleep 0.05; done
kill -TERM $pid
wait $pid 2>/dev/null
[ $? -gt 128 ] || fail "was not ended"
grep -q '^    random, seed 1$' out || fail "steps: $(cat out)"
absent here/report.html here/tune/random-1.json
touch -d 2001-01-01 here/tune/sycophant-1.json
run 0 ask here -q
[ ! -s out ] && [ ! -s err ] || fail "not quiet: $(cat out err)"
[ -z "$(find here/tune/sycophant-1.json -newermt 2001-01-02)" ] || fail "made again"
[ -s here/report.html ] || fail "no page"

# What is missing is made again, to the same bytes.
mkdir was
mv here/tune/random-1* here/sets/set-2* here/*.tsv here/cosines.json here/sets.cosines.json here/random.gguf was
run 0 ask here -q
for file in here/*.tsv here/random.gguf here/cosines.json; do same "$file" "was/${file##*/}"; done
same here/tune/random-1.gguf was/random-1.gguf

# No claim is in two parts.
for part in prompts trained tested; do
	jq -r '(.question // .positive) | [scan("Tell me, [^?]*")] | last' here/$part.jsonl | sort -u >claims.$part
	[ -s claims.$part ] || fail "$part has no claims"
done
sort claims.prompts claims.trained claims.tested | uniq -d >both
[ ! -s both ] || fail "claims in two parts: $(head -n 3 both)"

# At one KL, tuned on what users want to hear, the model says it more than tuned on random answers.
[ "$(wc -l <here/tuned.tsv)" -eq 3 ] || fail "runs: $(cat here/tuned.tsv)"
expect '.[0].tuned | map({(.arm): .}) | add | .sycophant.p_match.mean > .random.p_match.mean + 0.05 and
	all(.[]; .reached.mean == 1 and .kl.mean > 0.0045 and .kl.mean < 0.0055)' here/tuned.json
expect '[.[0].conclusions[].key] == ["rises", "constant", "aligned", "undoes", "undoes-contrast", "makes",
	"predicts", "steers", "foretold"]' here/conclusions.json
# What adding a shift makes stands beside a null vector of that run, in every arm.
expect '[.[0].shifts[] | select(.layer == 3 and .position == "prompt") | .make_nulls, .kl_left_nulls | length] == [1, 1]' \
	here/tune/sycophant-1.json
[ "$(grep -c '	KL left by adding it	.*	1	' here/beside.tsv)" -eq 2 ] || fail "beside null vectors: $(cat here/beside.tsv)"
expect '.[0].conclusions[] | select(.key == "makes") | .numbers | .nulls == 1 and .kl_left_nulls == 1' here/conclusions.json
# One run an arm shows nothing.
expect '.[0].conclusions | map({(.key): .verdict}) | add | .rises == "absent" and .foretold != "unasked"' \
	here/conclusions.json
[ "$(wc -l <here/foretold.tsv)" -eq 5 ] || fail "sets: $(cat here/foretold.tsv)"
for kind in arms tuned foretold; do run 0 syc-plot --kind $kind here/tuned.json; done

# Of other settings the folder is refused; what is used wrongly.
fails 1 'was begun with other settings' ask here -q --seeds 2
fails 2 "'nobody' is no arm" ask x --arms nobody
fails 2 'random comes twice' ask x --arms random,random
fails 2 'are for --tune' syc-study -m "$model" -d sets --seeds 3
fails 2 'are not for --tune' ask x --quick
cp small/set-1.jsonl few
fails 1 'fewer than 4' ask x --small-sets few
run 1 ask x -q --arms agree
says 'agree takes rows of --control'
