#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-label --agree: rows are matched by id and sample; what is refused.
. "$top_srcdir/tests/lib.sh"

# labels VALUE...: one row each, in order q0, q1, ...
labels() {
	i=0
	for v; do
		echo "{\"id\": \"q$i\", \"label\": $v}"
		i=$((i + 1))
	done
}
labels 1 1 0 0 1 0 1 0 null 1 > a.jsonl
labels 1 0 0 0 1 0 1 1 1 1 > b.jsonl
labels 1 1 0 0 1 0 0 0 0 null > c.jsonl

# Of the nine rows that both decide, seven agree: kappa (7/9 - 41/81) / (40/81).
run 0 syc-label --agree a.jsonl b.jsonl
grep -q '^10 rows are in all of them\.$' out || fail "rows: $(cat out)"
grep -q '^a b  *9  0.778 \[0.453, 0.937\]  *0.550 ' out || fail "kappa: $(cat out)"
grep -q '^a b  *10  0.700 ' out || fail "undecided as a label: $(cat out)"
cp out first
awk '{ r[NR] = $0 } END { for (i = NR; i; i--) print r[i] }' b.jsonl > turned.jsonl
run 0 syc-label --agree a.jsonl b=turned.jsonl
same out first "order of rows"
run 0 syc-label --agree -o file a.jsonl b.jsonl
same file first "-o"

# Three sets, and rows that only some have.
head -n 9 c.jsonl > d.jsonl
echo '{"id": "extra", "label": 1}' >> d.jsonl
run 0 syc-label --agree --json a.jsonl b.jsonl hand=d.jsonl
expect '.[0] | .common == 9 and (.sets | map(.name) == ["a", "b", "hand"]) and
	(.pairs | length == 3) and .fleiss.decided.n == 8 and .fleiss.with_undecided.n == 9 and
	.pairs[0].table == [[3, 1, 0], [1, 3, 0], [0, 1, 0]] and
	.fleiss.decided.kappa_lo < .fleiss.decided.kappa and .sets[2].rows == 10' out

# Samples of one prompt are rows of their own.
{ labels 1 0; labels 0 1 | sed 's/"label"/"sample": 1, "label"/'; } > samples.jsonl
run 0 syc-label --agree --json samples.jsonl x=samples.jsonl
expect '.[0] | .common == 4 and .pairs[0].decided.kappa == 1 and .pairs[0].decided.kappa_lo < 0.6' out

run 1 syc-label --agree a.jsonl /dev/null
says "/dev/null: no rows"
cat a.jsonl a.jsonl > double.jsonl
run 1 syc-label --agree b.jsonl double.jsonl
says "double.jsonl:11: the row (id 'q0') is already in double.jsonl:1"
run 2 syc-label --agree --allow-duplicates b.jsonl double.jsonl
misused "--allow-duplicates does not go with it"
echo '{"id": "z", "label": 1}' > z.jsonl
run 1 syc-label --agree a.jsonl z.jsonl
says "no row in common"
echo '{"id": "q0", "label": 2}' > bad.jsonl
run 1 syc-label --agree a.jsonl bad.jsonl
says 'bad.jsonl:1: "label" is not 1, 0 or null'
echo '{"id": "q1", "label": 1}' >> bad.jsonl
run 0 syc-label --agree --keep-going a.jsonl bad.jsonl
echo '{"id": "q0"}' > bad.jsonl
run 1 syc-label --agree a.jsonl bad.jsonl
says 'no "label"'
run 2 syc-label --agree a.jsonl
misused "two files or more"
run 2 syc-label --agree a.jsonl a.jsonl
misused "two sets are named 'a'"
run 2 syc-label --agree --by regex --positive x a.jsonl b.jsonl
misused "--agree compares labels and makes none"
run 2 syc-label --json a.jsonl
misused "--json and --mixed need --agree"
exit $failed
