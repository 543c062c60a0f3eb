#!/bin/sh
# SPDX-License-Identifier: MIT
# A run that is killed, wherever, and resumed ends in the bytes of one that was
# not, and computes no finished row again.
. "$top_srcdir/tests/lib.sh"
kills=20 rows=200
[ -z "${SYC_SANITIZED-}" ] || kills=3 rows=160
i=0
while [ $i -lt $rows ]; do
	echo "{\"prompt\": \"I am $i: a dog.\", \"n\": $i}"
	i=$((i + 1))
done >in

prefix=
gen() {
	$prefix syc-gen -m "$model" -n 5 --temperature 1 --samples 2 -t 1 --batch 8 -r x.npz -o x.jsonl "$@" in
}
rec() {
	$prefix syc-rec -m "$model" --positions prompt,all -t 1 --batch 8 -r x.npz -o x.jsonl "$@" in
}
now() {
	date +%s.%N
}
# fraction K N SECONDS: how long to wait.
fraction() {
	awk "BEGIN { printf \"%.3f\", $3 * $1 / $2 }"
}

# full gen|rec: an uninterrupted run, timed.
full() {
	rm -f x.npz x.jsonl
	start=$(now)
	run 0 "$1" -v
	seconds=$(awk "BEGIN { print $(now) - $start }")
	total=$(sed -n 's/.*: \([0-9]*\) rows computed.*/\1/p' err)
	mv x.npz full.npz
	mv x.jsonl full.jsonl
}

# interrupted gen|rec N: killed at N points of the run, each time resumed.  On a busy machine
# no point may lie between the first rows and the end: they come again then.
interrupted() {
	resumed=0
	k=1
	while [ $k -le "$2" ] || { [ $resumed -eq 0 ] && [ $k -le $(($2 * 10)) ]; }; do
		rm -f x.npz x.jsonl x.jsonl.part
		{
			prefix=exec	# so that the id is the program's
			"$1" >/dev/null 2>&1
		} &
		pid=$!
		sleep "$(fraction $((($k - 1) % $2 + 1 + $2 / 2)) $(($2 + $2 / 2 + 1)) "$seconds")"
		kill -9 $pid 2>/dev/null
		wait $pid 2>/dev/null
		kept=0
		[ ! -e x.jsonl.part ] || kept=$(($(wc -l <x.jsonl.part) / 32 * 32))
		# Finished but for the rows' name.
		[ ! -e x.npz ] || [ ! -e x.jsonl.part ] || kept=$(($(wc -l <x.jsonl.part)))
		run 0 "$1" --resume -v
		if [ $kept -gt 0 ]; then
			grep -qF "going on after $kept rows" err || fail "$1 $k: not after $kept rows: $(cat err)"
			grep -qF ": $((total - kept)) rows computed" err || fail "$1 $k: $kept kept: $(cat err)"
			resumed=$((resumed + 1))
		fi
		same full.jsonl x.jsonl "$1 $k: rows"
		same full.npz x.npz "$1 $k: activations"
		absent x.jsonl.part x.jsonl.part.run
		k=$((k + 1))
	done
	[ $resumed -gt 0 ] || fail "no run of $1 had rows to keep"
	echo "syc-$1: $seconds s, resumed $resumed of $((k - 1))"
}

full gen
interrupted gen $kills

# Done: nothing to do, and nothing is done.
run 0 gen --resume
says "nothing to resume"
same full.jsonl x.jsonl
same full.npz x.npz

# Killed again and again on the way.
rm -f x.npz x.jsonl
n=0
while [ ! -e x.jsonl ] && [ $n -lt 60 ]; do
	{
		prefix=exec
		gen --resume >/dev/null 2>&1
	} &
	pid=$!
	sleep "$(fraction 1 2 "$seconds")"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	n=$((n + 1))
done
run 0 gen --resume
same full.jsonl x.jsonl "killed $n times: rows"
same full.npz x.npz "killed $n times: activations"

# Other settings are refused and leave all as it is; so is another file.
head -40 full.jsonl >part
head -c 20000 full.npz >cut
for how in '--seed 2' '--temperature 2' '--dtype f32' '--layers 0-2' '--positions prompt' '--stop x' '--compute f32' '-n 9'; do
	rm -f x.jsonl x.jsonl.part.run
	cp part x.jsonl.part
	cp cut x.npz
	run 1 gen --resume $how
	says syc-gen: x.npz
	same part x.jsonl.part "rows after refused $how"
	same cut x.npz "activations after refused $how"
done
run 0 gen --resume -t 2 --batch 77
same full.npz x.npz "resumed with other threads"
same full.jsonl x.jsonl "resumed with other threads"

# Without a recording, rows alone say where to go on.
rm -f x.npz x.jsonl
run 0 syc-gen -m "$model" -n 3 -o plain.jsonl in
head -c 5000 plain.jsonl >cut.jsonl.part
run 0 syc-gen -m "$model" -n 3 -v --resume -o cut.jsonl in
grep -qF "$((rows - $(head -c 5000 plain.jsonl | wc -l) + 1)) rows computed" err || fail "rows computed again: $(cat err)"
same plain.jsonl cut.jsonl

# Steered, and with an adapter: rows behind the cut find no blocks that are kept.
steered() {
	syc-gen -m "$model" --lora "$demo/lora" --steer cue.gguf:2@3 -n 3 "$@" in
}
run 0 syc-vec convert -q --layer-base 0 --key cue -o cue.gguf "$demo/vectors.npz"
run 0 steered -o steered.jsonl
run 0 steered --no-sharing -o alone.jsonl
same steered.jsonl alone.jsonl "steered and with an adapter, nothing shared"
head -c 15000 steered.jsonl >again.jsonl.part
run 0 steered --resume -o again.jsonl
same steered.jsonl again.jsonl "steered, with an adapter, resumed"

# The run that rows name tells when something has changed, in rows of an earlier
# version the last row does; it stays, and can be resumed.
for how in "-n 4" "-n 3 --temperature 1"; do
	head -c 5000 plain.jsonl >cut.jsonl.part
	cp cut.jsonl.part before
	rm -f cut.jsonl
	run 1 syc-gen -m "$model" $how --resume -o cut.jsonl in
	grep -qF 'cut.jsonl.part:1: was made by run ' err || fail "$how: $(cat err)"
	same before cut.jsonl.part "rows after $how"
	sed 's/"run": "[0-9a-f]*", //; s/, "run": "[0-9a-f]*"//' before >cut.jsonl.part
	head -n "$(wc -l <cut.jsonl.part)" cut.jsonl.part >lines
	run 1 syc-gen -m "$model" $how --resume -o cut.jsonl in
	grep -qF "cut.jsonl.part:$(wc -l <lines): the row is not what it is now" err || fail "$how: $(cat err)"
	same lines cut.jsonl.part "rows after $how"
	cp before cut.jsonl.part
	run 0 syc-gen -m "$model" -n 3 --resume -o cut.jsonl in
	same plain.jsonl cut.jsonl
done
tail -n +2 in >shifted
head -c 5000 plain.jsonl >cut.jsonl.part
run 1 syc-gen -m "$model" -n 3 --resume -o cut.jsonl shifted
grep -qF 'cut.jsonl.part:1: is row' err || fail "other rows: $(cat err)"

# Rows that are skipped are skipped again.
{ head -20 in; echo 'not JSON'; tail -n +21 in; } >mixed
run 0 syc-gen -m "$model" -n 3 --keep-going -r k.npz -o k.jsonl mixed
cp k.npz k.whole
head -40 k.jsonl >k.jsonl.part
mv k.jsonl k.rows
run 1 syc-gen -m "$model" -n 3 --keep-going --resume -r k.npz -o k.jsonl mixed
says syc-gen: k.npz: finished
same k.whole k.npz "a finished recording that is not of these rows"
mv k.npz k.npz.part
run 0 syc-gen -m "$model" -n 3 --keep-going --resume -r k.npz -o k.jsonl mixed
same k.rows k.jsonl "rows with one skipped"
same k.whole k.npz "activations with rows skipped"

full rec
interrupted rec $((kills / 4 + 1))
run 0 rec --resume
says "nothing to resume"
for how in '--dtype f32' '--layers 0-2' '--positions prompt' '--compute f32'; do
	cp x.npz x.before
	run 1 rec --resume $how
	says syc-rec: x.npz
	same x.before x.npz "a finished recording after $how"
	head -40 x.jsonl >x.jsonl.part
	mv x.jsonl x.rows
	run 1 rec --resume $how
	says syc-rec: x.npz
	same x.before x.npz "a recording before its rows after $how"
	rm x.jsonl.part
	mv x.rows x.jsonl
done

# Rows whose activations could not be written do not leave without them.
rm -f x.npz x.jsonl
(trap '' XFSZ && ulimit -f 100 && rec 2>err) && fail 'a full disk is no error'
says syc-rec: x.npz
absent x.jsonl x.jsonl.part x.npz

# What is said to be kept is what is there and what the next run goes on after, though the
# last row came to the file in part.
few="syc-gen -t 1 -m $model -n 4 -o w.jsonl"
for with in '' '--layers 0 --positions last -r w.npz'; do
	for limit in 8 12; do
		rm -f w.*
		(trap '' XFSZ && ulimit -f $limit && $few $with in 2>err) && fail "$limit, $with: a full disk is no error"
		n=$(sed -n 's/.*: \([0-9]*\) rows* [a-z]* in w.jsonl.part; --resume .*/\1/p' err)
		[ "${n:-0}" -eq "$(wc -l <w.jsonl.part)" ] || fail "$limit, $with: $(wc -l <w.jsonl.part) rows: $(cat err)"
		kept=$(sed -n 's/.*goes on after //p' err)
		run 0 $few $with --resume in
		case $kept in
		0) is_said= ;;
		*) is_said="syc-gen: going on after $kept rows" ;;
		esac
		[ "$(cat err)" = "$is_said" ] || fail "$limit, $with, not after '$kept': $(cat err)"
	done
done
# Where there is nothing to go on with, nothing is said.
rm w.*
run 0 $few --resume in
[ ! -s err ] || fail "$(cat err)"
rm w.jsonl
: >w.jsonl.part
run 0 $few --resume in
[ ! -s err ] || fail "$(cat err)"

# What shapes rows is kept beside them while they are written: all of it must be
# the same, with a recording and without, and what was refused stays.
change() {
	text=$1
	shift
	cp r.jsonl.part rows.before
	[ -z "$record" ] || cp r.npz.part acts.before
	run 1 syc-gen -q -m "$model" -n 3 --temperature 1 --shard 1/2 --choices $record -o r.jsonl --resume "$@"
	grep -qF "$text" err || fail "resumed with $*: $(cat err)"
	same rows.before r.jsonl.part "rows after refused $*"
	[ -z "$record" ] || same acts.before r.npz.part "activations after refused $*"
}
awk '{ sub(/a dog/, "a dog\\n (A) Yes\\n (B) No\\n"); sub(/}$/, ", \"answer_matching_behavior\": \"(A)\", \"answer_not_matching_behavior\": \"(B)\"}"); print }' in >asked
for record in '-r r.npz' ''; do
	{ head -99 asked; echo broken; } >q.broken
	cp asked q.in
	tail -n +3 asked >q.shifted
	sed 's/"n": 6,/"n": 7,/' asked >q.edited
	head -20 asked >q.short
	syc-gen -q -m "$model" -n 3 --temperature 1 --shard 1/2 --choices $record -o r.jsonl q.broken 2>err && fail 'not interrupted'
	[ -e r.jsonl.part.run ] || fail 'no settings beside unfinished rows'
	change 'r.jsonl.part: was begun with shard "1/2", not "2/2"' --shard 2/2 q.in
	change 'was begun with ids false, not true' --ids q.in
	change 'was begun with logprobs 0, not 2' --logprobs 2 q.in
	change 'was begun with samples 1, not 2' --samples 2 q.in
	change 'was begun with both_orders false, not true' --both-orders q.in
	change 'was begun with max_tokens 3, not 4' -n 4 q.in
	change 'was begun with seed 1, not 5' --seed 5 q.in
	change 'was begun with system none, not "Be kind."' --system 'Be kind.' q.in
	change 'was begun with model "crc32:' -m "$demo/demo-q8_0.gguf" q.in
	change 'r.jsonl.part:1: is row ' q.shifted
	change 'has another "n" than the input' q.edited
	change 'rows more than the input: another input' q.short
	if [ -n "$record" ]; then
		change 'was begun with positions ["prompt", "last"], not ["prompt"]' --positions prompt q.in
		change 'was begun with dtype "f16", not "f32"' --dtype f32 q.in
		change 'was begun with record "r.npz", not "s.npz"' -r s.npz q.in
		absent s.npz s.npz.part
	else
		change 'was begun with record "nothing", not "r2.npz"' -r r2.npz q.in
		absent r2.npz r2.npz.part
	fi
	run 0 syc-gen -q -m "$model" -n 3 --temperature 1 --shard 1/2 --choices $record -o r.jsonl --resume q.in
	cp r.jsonl resumed.jsonl
	rm r.jsonl
	run 0 syc-gen -q -m "$model" -n 3 --temperature 1 --shard 1/2 --choices $record -o r.jsonl q.in
	same r.jsonl resumed.jsonl "rows of a run that was refused many times and resumed"
	absent r.jsonl.part r.jsonl.part.run
	# So are rows that are done: another run would not have made them.
	finished() {
		text=$1
		shift
		run 1 syc-gen -q -m "$model" --temperature 1 --shard 1/2 --choices $record -o r.jsonl --resume "$@"
		grep -qF "r.$text" err || fail "finished, resumed with $*: $(cat err)"
		same resumed.jsonl r.jsonl "finished rows after $*"
	}
	sed 's/"prompt": "/&Hm. /' asked >more.in
	made='jsonl:1: was made by run '
	[ -z "$record" ] || made='npz: was begun with max_tokens 3, not 4'
	finished "$made" -n 4 q.in
	finished 'jsonl:1: is row ' -n 3 q.shifted
	finished 'jsonl:' -n 3 q.edited
	grep -qF 'has another "n" than the input' err || fail "$(cat err)"
	finished 'jsonl: has ' -n 3 q.short
	finished 'jsonl: is finished, but the input has more rows' -n 3 q.in more.in
	rm -f r.jsonl r.npz
done
run 2 syc-gen -m "$model" --resume in
misused --resume --output
# Programs that add to rows: cut anywhere they go on, in shards, too; what shapes rows is
# kept beside them; what is complete stays; what is left is not written over.
head -n 40 "$demo/preferences.jsonl" >pairs.in
echo '{"features": [{"name": "polite", "more": "is more polite"}]}' >features.json
syc-gen -q -t 1 -m "$model" --system= -n 2 -o answers.in "$demo/true-fact.jsonl" || fail "no answers"
# adds FIELD=VALUE COMMAND...: another value is refused by that name.
adds() {
	change=$1
	shift
	rm -f y.jsonl*
	run 0 "$@" -o y.all
	for i in 1 2 3; do
		run 0 "$@" --shard $i/3 -o y.$i
	done
	paste -d '\n' y.1 y.2 y.3 | grep . >y.dealt
	same y.all y.dealt "$1: shards"
	mv y.2 y.want
	head -c $(($(wc -c <y.want) / 2)) y.want >y.jsonl.part
	run 1 "$@" --shard 2/3 -o y.jsonl
	says 'y.jsonl.part: an interrupted run left it'
	# Begun by a run that could not go on writing: its settings are there.
	rm y.jsonl.part
	(trap '' XFSZ && ulimit -f 5 && "$@" --shard 2/3 -o y.jsonl 2>err) && fail "$2: a full disk is no error"
	[ -e y.jsonl.part.run ] || fail "$1: no settings beside unfinished rows"
	cp y.jsonl.part before
	run 1 "$@" --shard 1/3 -o y.jsonl --resume
	says 'was begun with shard "2/3", not "1/3"'
	run 1 "$@" --shard 2/3 ${change#*=} -o y.jsonl --resume
	says "was begun with ${change%%=*}"
	same before y.jsonl.part "$1: rows that were refused"
	run 0 "$@" --shard 2/3 -o y.jsonl --resume
	says 'going on after'
	same y.want y.jsonl "$1: rows that went on"
	run 0 "$@" --shard 2/3 -o y.jsonl --resume
	says 'nothing to resume'
	run 1 "$@" --shard 1/3 -o y.jsonl --resume
	says 'y.jsonl:1: is row'
	run 1 "$@" --shard 2/3 ${change#*=} -o y.jsonl --resume
	says 'y.jsonl:1: was made by run' ': other options, or another model'
	same y.want y.jsonl "$1: rows that were complete"
	absent y.jsonl.part y.jsonl.part.run
}
adds as='--as liking' syc-rank -t 1 -m "$demo/reward" --system= answers.in
adds margin='--margin 0.5' syc-pref features -t 1 -m "$model" --features features.json pairs.in
adds rubric.name='--rubric truthful' syc-label -t 1 --judge "$model" --min-mass 0 answers.in
fails 2 '--resume and --shard need --by=judge' syc-label --shard 1/2 answers.in
fails 2 '--resume needs --output' syc-rank -m "$demo/reward" --resume answers.in
exit $failed
