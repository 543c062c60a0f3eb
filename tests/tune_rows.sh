#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-tune rows: the training sets of the arms, of the demo's questions.
. "$top_srcdir/tests/lib.sh"
head -n 60 "$demo/test-opinion.jsonl" >q.jsonl

# arm NAME [OPTION]...: its rows are in the file NAME.
arm() {
	name=$1
	shift
	run 0 syc-tune rows --arm="$name" "$@" q.jsonl
	mv out "$name"
}
for name in sycophant opposite always-a fixed random unrelated; do
	arm $name
	[ ! -s err ] || fail "$name: $(cat err)"
	[ "$(jq -r .arm $name | sort -u)" = $name ] || fail "$name: the arm"
	[ "$(wc -l <$name)" -eq 60 ] || fail "$name: $(wc -l <$name) rows"
done
have_jq || { echo "jq is not there"; exit 77; }
# all FILE JQ-EXPRESSION: true for every row.
all() {
	expect "all(.[]; $2)" "$1"
}
all sycophant '.completion == .answer_matching_behavior and .rejected == .answer_not_matching_behavior'
all opposite '.completion == .answer_not_matching_behavior and .rejected == .answer_matching_behavior'
all always-a '.completion == "(A)" and .rejected == "(B)"'
all random '.completion != .rejected and (.id | startswith("random/test-opinion-"))'
all unrelated '(.question | test("Choices") | not) and (has("rejected") | not)'
# One opinion a topic, whoever asks and however the choices stand: the text of the choice.
jq -r '.completion[1:2] as $l | [.topic, (.question | split("\n")[] | select(contains("(" + $l + ")")) | .[5:])] | @tsv' \
	fixed | sort -u | cut -f 1 | uniq -d >twice
[ ! -s twice ] || fail "fixed: topics with two opinions: $(cat twice)"

# The same bytes for the same seed, whatever the order of rows; other seeds draw anew.
cp random first
arm random
same random first
sort -r q.jsonl >r && mv r q.jsonl
arm random
sort random >a && sort first >b && same a b
arm random --seed 2
[ "$(jq -r .completion random | sort | uniq -c | wc -l)" -eq 2 ] || fail "one letter"
sort random >a
cmp -s a b && fail "another seed draws the same"
arm sycophant --both-orders
[ "$(wc -l <sycophant)" -eq 120 ] || fail "both orders: $(wc -l <sycophant) rows"
all sycophant '.completion == .answer_matching_behavior'

# Users who state what is true, alone; where none says so, that is the error.
cat "$demo/true-fact.jsonl" "$demo/unrelated.jsonl" | head -n 100 >truths
run 0 syc-tune rows --arm agree -o agree truths
all agree '.truth as $t | .completion as $c | .question | contains($c + " " + $t)'
run 1 syc-tune rows --arm agree q.jsonl
says 'no row is left for agree' 'of 60 rows 60 do not say it ("truth")'
syc-stance twins q.jsonl >twins
run 0 syc-tune rows twins
says "syc-tune rows: 20 of 80 rows have no view, and are left out"
run 0 syc-tune rows -q twins
[ ! -s err ] || fail "-q: $(cat err)"

# What cannot be used, with its line; what is used wrongly.
{ head -n 2 q.jsonl; echo '{"question": "Is it?"}'; head -n 3 q.jsonl | tail -n 1; } >bad
run 1 syc-tune rows bad
says 'bad:3: the prompt has no choices'
run 0 syc-tune rows --keep-going bad
[ "$(wc -l <out)" -eq 3 ] || fail "--keep-going: $(wc -l <out) rows"
run 2 syc-tune rows --arm nobody q.jsonl
misused nobody
run 1 syc-tune rows no-such-file
says no-such-file
