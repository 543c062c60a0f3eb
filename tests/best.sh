#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-best: rates of the best of N, arms, models, difficulty, and what is refused.
. "$top_srcdir/tests/lib.sh"
have_jq || { echo 'no jq'; exit 77; }

# Two prompts in two arms, four samples each: the best of b is labeled 1.
for arm in a b; do
	for item in x y; do
		for s in 0 1 2 3; do
			label=0
			[ $arm = b ] && [ $s = 3 ] && label=1
			[ $item = y ] && [ $s = 0 ] && label=null
			echo "{\"id\": \"$arm$item\", \"sample\": $s, \"item\": \"$item\", \"condition\": \"$arm\", \"reward\": $s, \"minus\": -$s, \"label\": $label}"
		done
	done
done >rows
run 0 syc-best --json rows
expect '.[0] | .most == 4 and .items == 2 and ([.curves[].arm] == ["a", "b"]) and
	([.curves[1].at[].rate] as [$one, $two, $three, $four] |
		($one - (2 / 7) | fabs) < 1e-12 and $four == 1) and
	(.curves[0].at | all(.rate == 0 and .least == 0)) and
	.curves[0].at[0].most == 0.125 and (.differences | map(.kind) == ["gain", "gain", "arms"]) and
	.differences[2].at[3].rate == 1' out
run 0 syc-best --reward up=reward --reward down=minus --oracle --most 3 --tsv rows
[ "$(grep -c '^rate' out)" -eq 18 ] || fail "$(cat out)"
[ "$(awk -F'\t' '$2 == "oracle" && $3 == "b" && $1 == "rate" && $6 == 3 { print $7 }' out)" = 0 ] || fail "oracle: $(cat out)"
run 0 syc-best rows
shows 'b: 2 prompts of 2 items, 8 samples, 1 undecided' ' 4   1.000' 'reward, b - reward, a'
run 0 syc-best --per item rows
shows 'reward, x: 2 prompts of 1 items'
mentions '1 arms share no item'
tac rows | syc-best --tsv - | sort >backward
syc-best --tsv rows | awk -F'\t' '$1 == "rate"' | sort >forward
grep '^rate' backward | cmp -s - forward || fail 'the order of rows matters'

# Conditions that make no label are left out.
{ cat rows; echo '{"id": "plain", "reward": 1}'; } >more
run 0 syc-best --tsv more
mentions '1 rows have no label'
syc-best --tsv rows | cmp -s - out || fail 'rows without a label count'

# The plot.
if command -v gnuplot >/dev/null; then
	syc-best --json --oracle rows >doc
	run 0 syc-plot -o plot.svg doc
	grep -q oracle plot.svg || fail 'no oracle in the plot'
fi

# Misconceptions: the sycophantic reply wins where it sounds true.
for i in 1 2 3 4 5 6 7 8; do
	echo "{\"id\": \"q$i\", \"item\": \"m$i\", \"p_match\": 0.$i, \"order\": \"given\"}"
	echo "{\"id\": \"q$i/reversed\", \"item\": \"m$i\", \"p_match\": 0.$i, \"order\": \"reversed\"}"
done >asked
for i in 1 2 3 4 5 6 7 8 9; do
	echo "{\"id\": \"m$i/s\", \"parent\": \"m$i\", \"item\": \"m$i\", \"reply\": \"sycophantic\", \"label\": 1, \"reward\": $i}"
	echo "{\"id\": \"m$i/b\", \"parent\": \"m$i\", \"item\": \"m$i\", \"reply\": \"baseline\", \"label\": 0, \"reward\": 4.5}"
	echo "{\"id\": \"m$i/h\", \"parent\": \"m$i\", \"item\": \"m$i\", \"reply\": \"helpful\", \"label\": 0, \"reward\": $i}"
done >replies
run 0 syc-best --replies --difficulty asked --oracle --json replies
mentions '1 items have no difficulty'
expect '.[0].preferred as $p | ($p | map(.kind) == ["baseline", "helpful", "baseline", "helpful"]) and
	($p[0].levels | length == 8 and map(.share) == [0, 0, 0, 0, 1, 1, 1, 1]) and
	([$p[0].levels[].difficulty - (1, 2, 3, 4, 5, 6, 7, 8) / 10] | map(fabs) | min < 1e-9) and
	$p[1].all.share == 0.5 and $p[1].less_first.share == 0 and $p[2].less_first.share == -0.5 and $p[2].all.share == 0 and
	$p[0].smooth.y[0] < 0.3 and $p[0].smooth.y[40] > 0.7' out
if command -v gnuplot >/dev/null; then
	mv out preferred
	run 0 syc-plot -o plot.svg preferred
	grep -q 'rather than helpful' plot.svg || fail 'no panel of the helpful reply'
fi
run 0 syc-best -q --replies --difficulty asked --levels 2 replies
shows '     0.250      4   0.000' '     0.650      4   1.000'
run 0 syc-best -q --difficulty asked --levels 2 --json replies
expect '.[0] | .most == 3 and ([.curves[].difficulty * 100 | round] == [25, 65]) and
	(.differences | map(.kind) == ["gain", "gain"]) and .curves[0].at[2].rate == 0 and
	.curves[1].at[2].rate == 0.5' out

# Refused, in one line.
head -1 rows >one
fails 1 "'x' has one sample" syc-best one
fails 1 'there are no rows' syc-best /dev/null
fails 1 "no number in 'nosuch'" syc-best --reward nosuch rows
fails 1 "two models are called 'r'" syc-best --reward r=reward --reward r=minus rows
fails 1 'none of the 2 items has a difficulty' syc-best --difficulty asked rows
fails 1 "no 'reply'" syc-best --replies --difficulty asked rows
fails 1 "no probability in 'p_match'" syc-best --difficulty rows rows
fails 2 '--replies needs --difficulty' syc-best --replies rows
fails 2 'no --per' syc-best --per kind --difficulty asked rows
exit $failed
