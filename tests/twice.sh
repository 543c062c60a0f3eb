#!/bin/sh
# SPDX-License-Identifier: MIT
# Rows that come twice and rows of different runs, in all programs that would
# count them as something else.
. "$top_srcdir/tests/lib.sh"
r1=0123456789abcdef r2=fedcba9876543210

# refused COMMAND... FILES: the second row of a pair, with the first and the way out.
refused() {
	run 1 "$@"
	mentions "$place is already in $first; --allow-duplicates takes both"
}
# both COMMAND...: refused, also with --keep-going; taken with --allow-duplicates.
both() {
	refused "$@"
	refused "$@" --keep-going
	run 0 "$@" --allow-duplicates
}
# runs COMMAND...: of the second run, whose first row is named as the first's is.
runs() {
	run 1 "$@"
	mentions "two.jsonl:1: this row is of run $r2, that in one.jsonl:1 of run $r1; --mixed takes both"
	run 0 "$@" --mixed
}

head -n 3 "$demo/test-fact.jsonl" >q.jsonl
{ head -n 1 q.jsonl; head -n 2 q.jsonl | tail -n 1; } >again.jsonl
id=$(sed -n '1s/.*"id": *"\([^"]*\)".*/\1/p' q.jsonl)
place="again.jsonl:1: the row (id '$id')" first=q.jsonl:1
gen="syc-gen -q -t 1 -m $model -n 1"
both $gen q.jsonl again.jsonl
[ "$(wc -l <out)" -eq 5 ] || fail "syc-gen: not all rows"
both syc-rec -q -t 1 -m "$model" -r twice.npz q.jsonl again.jsonl
both syc-sweep -q -t 1 -m "$model" --prompt 'Be honest.' -n 0 --json q.jsonl again.jsonl
both syc-vec mean -q -t 1 -m "$model" -o v.gguf q.jsonl again.jsonl
# The same file by two names; a preview reads rows, too.
cp q.jsonl copy.jsonl
place="copy.jsonl:1: the row (id '$id')"
refused $gen --show-prompt q.jsonl copy.jsonl
place="standard input:1: the row (id '$id')" first=q.jsonl:1
run 1 $gen q.jsonl - <again.jsonl
mentions "$place is already in $first"
# A shard that has neither refuses all the same.
place="again.jsonl:1: the row (id '$id')"
refused $gen --shard 3/5 q.jsonl again.jsonl

# Samples and both orders are rows of their own.
run 0 $gen --temperature 1 --samples 3 --both-orders --choices q.jsonl
cp out answers.jsonl
run 0 syc-label answers.jsonl
run 0 syc-label --by probability answers.jsonl
head -n 1 answers.jsonl >one.jsonl
place="one.jsonl:1: the row (id '$id', sample 0)" first=answers.jsonl:1
both syc-label answers.jsonl one.jsonl
both syc-label --by probability answers.jsonl one.jsonl

# So are the two answers of a question.
run 0 syc-rec -q -t 1 -m "$model" -r acts.npz -o acts.jsonl q.jsonl
run 0 syc-score -q -d v.gguf acts.jsonl
head -n 2 acts.jsonl | tail -n 1 >one.jsonl
place="one.jsonl:1: the row (id '$id')" first=acts.jsonl:2
both syc-score -q -d v.gguf acts.jsonl one.jsonl
# Recordings are rows as well.
cp acts.npz copy.npz
run 1 syc-vec mean -q -a acts.npz -a copy.npz -o w.gguf
says "copy.npz: row 0 ('$id') is already in acts.npz, row 0; --allow-duplicates takes both"
run 0 syc-vec mean -q -a acts.npz -a copy.npz -o w.gguf --allow-duplicates

# Analyses.
row() {
	printf '{"id":"%s","label":%s,"layers":[0],"score":{"v":{"prompt":[%s]}},"run":"%s","completion":"c"}\n' "$@"
}
{ row a 0 1 $r1; row b 1 2 $r1; row c 0 1.5 $r1; row d 1 3 $r1; } >one.jsonl
{ row e 0 1 $r2; row f 1 2 $r2; } >two.jsonl
row d 1 3 $r1 >dup.jsonl
place="dup.jsonl:1: the row (id 'd')" first=one.jsonl:4
both syc-fit one.jsonl dup.jsonl
grep -q '^5 rows: 5 labeled' out || fail "--allow-duplicates: $(head -n 1 out)"
runs syc-fit one.jsonl two.jsonl
runs syc-fit --transfer one.jsonl two.jsonl
# Sets of --transfer may have rows in common; within one they may not.
run 0 syc-fit --transfer one.jsonl dup=one.jsonl
cat one.jsonl dup.jsonl >twice.jsonl
place="twice.jsonl:5: the row (id 'd')" first=twice.jsonl:4
both syc-fit --transfer one.jsonl twice.jsonl
# Labels of one run's answers are compared, not of two runs'.
sed "s/$r1/$r2/" one.jsonl >two.jsonl
runs syc-label --agree one.jsonl two.jsonl
run 2 syc-label --mixed one.jsonl
misused '--json and --mixed need --agree'
# Which run recorded counts as well, and none is not the same as one.
sed 's/,"run":[^,]*//' one.jsonl | sed 's/"id":"/&n/' >none.jsonl
run 1 syc-fit one.jsonl none.jsonl
says "none.jsonl:1: this row is of an unknown run, that in one.jsonl:1 of run $r1; --mixed takes both"
run 0 syc-fit --mixed none.jsonl one.jsonl
sed 's/"id": "/&2 /' q.jsonl | syc-rec -q -t 1 -m "$model" --system Hi -r acts2.npz -o acts2.jsonl
run 1 syc-score -q -d v.gguf acts.jsonl acts2.jsonl
mentions 'acts2.jsonl:1: this row was recorded by run ' 'that in acts.jsonl:1 by run ' '--mixed takes both'
run 0 syc-score -q -d v.gguf --mixed acts.jsonl acts2.jsonl
run 1 syc-vec mean -q -a acts.npz -a acts2.npz -o w.gguf
mentions 'acts2.npz: this row was recorded by run ' 'that in acts.npz by run ' '--mixed takes both'
run 0 syc-vec mean -q -a acts.npz -a acts2.npz -o w.gguf --mixed
for r in $r1 $r2; do
	sed "s/{/{\"run\": \"$r\", /" q.jsonl
done | sed '4,$s/"id": "/&2 /' >qs.jsonl
for p in "syc-sweep -q -t 1 -m $model --prompt Honest. -n 0 --json" \
	"syc-vec mean -q -t 1 -m $model -o v.gguf"; do
	run 1 $p qs.jsonl
	mentions "qs.jsonl:4: this row is of run $r2, that in qs.jsonl:1 of run $r1; --mixed takes both"
	run 0 $p --mixed qs.jsonl
done
# Programs that treat each row for itself do not ask.
run 0 $gen qs.jsonl
run 0 syc-label --by regex --positive c one.jsonl none.jsonl

# What a judge or a preference model makes names its run: a field has one. Sets of labels
# are compared, whoever made them.
# halves OPTIONS COMMAND...: made with the options and without; mixed has one row of each.
halves() {
	how=$1
	shift
	run 0 "$@" -o made.jsonl
	run 0 "$@" $how -o changed.jsonl
	{ head -n 1 made.jsonl; tail -n +2 changed.jsonl; } >mixed.jsonl
}
# makers FIELD COMMAND...: the second row of mixed is refused.
makers() {
	field=$1
	shift
	run 1 "$@"
	mentions "mixed.jsonl:2: $field is of run " ', that in mixed.jsonl:1 of run ' '; --mixed takes both'
	run 0 "$@" --mixed
}
run 0 $gen --temperature 1 --samples 2 -o answers.jsonl q.jsonl
halves '--margin 0.1' syc-label -t 1 --judge "$model" --min-mass 0 answers.jsonl
makers judge syc-label --agree mixed.jsonl made.jsonl
run 0 syc-label --agree changed.jsonl made.jsonl
sed 's/^{/{"item": "i", "condition": "c", "label": 1, /' answers.jsonl >items.jsonl
halves --honest syc-rank -q -t 1 -m "$demo/reward" --system= items.jsonl
makers reward syc-best mixed.jsonl
run 0 syc-rank -q -t 2 --shard 1/1 -m "$demo/reward" --system= -o again.jsonl items.jsonl
same made.jsonl again.jsonl 'a reward and its run, of another shard and number of threads'
head -n 2 "$demo/preferences.jsonl" >pairs.jsonl
halves '--margin 0.5' syc-pref features -q -t 1 -m "$model" pairs.jsonl
run 1 syc-pref mixed.jsonl
mentions 'mixed.jsonl:2: judged is of run ' '; --mixed takes both'

# Pages and plots of rows.
sed 's/"id":"/&2/' two.jsonl >other.jsonl
if command -v gnuplot >/dev/null; then
	place="twice.jsonl:5: the row (id 'd')" first=twice.jsonl:4
	both syc-plot --kind roc twice.jsonl
	run 1 syc-plot --kind points one.jsonl other.jsonl
	mentions "other.jsonl:1: this row is of run $r2" '--mixed takes both'
	run 0 syc-plot --kind points --mixed one.jsonl other.jsonl
fi
mkdir study && cp twice.jsonl study/s.jsonl
place="study/s.jsonl:5: the row (id 'd')" first=study/s.jsonl:4
refused syc-report --no-plots study
run 0 syc-report --no-plots --allow-duplicates study
cat one.jsonl other.jsonl >study/s.jsonl
run 1 syc-report --no-plots study
mentions "study/s.jsonl:5: this row is of run $r2" '--mixed takes both'
run 0 syc-report --no-plots --mixed study

# A study says so before it begins.
mkdir data
for s in a b; do head -n 60 "$demo/test-fact.jsonl" >data/$s.jsonl; done
head -n 1 data/b.jsonl >>data/b.jsonl
run 1 syc-study -q -m "$model" --questions 20 --pairs 20 -o made --data=data
mentions "b.jsonl:61: the row (id '$id') is already in "
grep -q allow-duplicates err && fail 'syc-study has no such option'
exit $failed
