#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-label --hand: a judge's rates corrected by a hand's labels, and what is refused.
. "$top_srcdir/tests/lib.sh"
have_jq || { echo 'no jq'; exit 77; }

# Two conditions of 40 items each.  In a the judge says 1 of 20, half of them wrongly
# so; in b it is right.  The hand looks at half of each stratum.
jq -cn 'range(40) as $i | ("a", "b") as $c | {id: "x\($i)\($c)", item: "x\($i)", condition: $c,
	label: ($i % 2), truth: (if $c == "a" and $i % 4 == 1 then 0 else $i % 2 end)}' >all
jq -c 'del(.truth)' all >judged
jq -c 'select((.item | ltrimstr("x") | tonumber) < 20) | .sampled = {p: 0.5, stratum: "", label: .label} |
	.label = .truth' all >hand
run 0 syc-label --hand hand --power 0.2 --json judged
expect '.[0] | .hand == 40 and (.corrected | map(.name) == ["a", "b"]) and
	(.corrected[0].rate | .judge == 0.5 and (.corrected - 0.25 | fabs) < 1e-9 and .lo < 0.25 and .hi > 0.25) and
	(.corrected[1].rate | (.corrected - 0.5 | fabs) < 1e-9 and .items == 40) and
	(.corrected[1].difference | .judge == 0 and (.corrected - 0.25 | fabs) < 1e-9) and
	(.corrected[0].rogan_gladen | .refused == false and .sensitivity == 1 and (.rate - 0.25 | fabs) < 1e-9) and
	.corrected[1].needs.items > 0' out
run 0 syc-label --hand hand --power 0.2 judged
shows '0.500     0.250' 'less a, by item' 'a difference of 0.200 needs'
# Without conditions; and rows that make no label are left out.
jq -c 'del(.condition)' judged >plain
jq -c 'del(.condition)' hand >plain.hand
echo '{"id": "bare"}' >>plain
run 0 syc-label --hand plain.hand plain
shows 'all rows                         80     40  0.500'
mentions '1 rows have no label'
# A hand that says the contrary: Rogan & Gladen's is refused.
jq -c '.label = 1 - .sampled.label' hand >contrary
run 0 syc-label --hand contrary judged
shows 'refused, they sum to no more than 1'
# A stratum nobody looked at.
jq -c 'select(.sampled.label == 0)' hand >half
run 0 syc-label --hand half --json judged
expect '.[0].corrected[0].rate | .corrected == null and .strata_without_label == 1' out

jq -c 'del(.sampled)' hand >bare
fails 1 'no "sampled"' syc-label --hand bare judged
jq -c '.id = "y" + .id' hand >others
fails 1 "is not among the judge's rows" syc-label --hand others judged
jq -c '.label = 1 - .label' judged >changed
fails 1 "label was another one" syc-label --hand hand changed
jq -c '.label = null' hand >none
fails 1 'the hand has labeled none of 80 rows' syc-label --hand none judged
fails 2 '--power needs --hand' syc-label --power 0.1 judged
fails 2 '--sample needs --by=hand' syc-label --sample 3 judged
fails 2 'reads labels' syc-label --hand hand --by hand -o x judged
exit $failed
