#!/bin/sh
# SPDX-License-Identifier: MIT
# What is written where: nothing that is there is lost by a slip.
. "$top_srcdir/tests/lib.sh"

seq 1 40 | sed 's/.*/{"id": "a&", "prompt": "Hi &", "completion": "x", "acts": {"file": "acts.npz", "row": 0}}/' >rows
{ head -36 rows; echo broken; } >cut
gen="syc-gen -q -m $model -n 1 -t 1"
run 0 $gen -r acts.npz -o out.jsonl rows
run 0 syc-vec mean -q -m "$model" --system '' -o v.gguf "$demo/cue-pairs.jsonl"
cp acts.npz acts.old
cp out.jsonl out.old

# kept WHAT: both are as they were, and nothing is half there.
kept() {
	same acts.old acts.npz "$1: the recording"
	same out.old out.jsonl "$1: the rows"
	absent out.jsonl.part acts.npz.part
}
echo broken >bad
run 1 $gen -r acts.npz -o out.jsonl none
kept "no input"
run 1 $gen -r acts.npz -o out.jsonl rows none
says 'syc-gen: none: No such file'
kept "no second input"
run 1 $gen -r acts.npz -o out.jsonl bad
kept "a broken first row"
run 1 $gen -r acts.npz -o out.jsonl -s none.gguf rows
kept "no vector"

# An input is no output, by any name, whatever the program.
copy "$model" m.gguf
ln m.gguf hard.gguf
ln -s out.jsonl link
cp v.gguf w.gguf
refused() {
	to=$1
	shift
	cp "$to" before
	for how in "$to" "./$to"; do
		run 2 "$@" -o "$how"
		grep -q 'is read as well' err || fail "$*: $(cat err)"
		same before "$to" "$* -o $how"
	done
}
for p in syc-gen syc-rank syc-tok 'syc-rec -r new.npz' 'syc-label --by judge' 'syc-sweep -d v.gguf' 'syc-vec mean'; do
	refused m.gguf $p -m m.gguf rows
	refused rows $p -m m.gguf rows
	refused hard.gguf $p -m m.gguf rows
done
refused m.gguf syc-quant -m m.gguf
copy "$demo/tasks/questions.csv" q.csv
cp q.csv s.csv
refused q.csv syc-prompt answer q.csv
refused s.csv syc-prompt answer --shots s.csv q.csv
refused s.csv syc-prompt answer --templates s.csv q.csv
refused v.gguf syc-vec convert v.gguf
refused v.gguf syc-vec combine v.gguf:2 w.gguf
refused v.gguf syc-vec compare v.gguf w.gguf
refused v.gguf syc-vec random --like v.gguf
refused v.gguf syc-score -d name=v.gguf out.jsonl
refused v.gguf syc-sweep -m "$model" -d v.gguf rows
refused v.gguf syc-sweep -m "$model" -d name=v.gguf rows
refused w.gguf syc-shift -m "$model" --lora "$demo/lora" -d name=w.gguf rows
refused v.gguf syc-gen -m "$model" -s v.gguf:2@3 rows
refused acts.npz syc-score -d v.gguf -a acts.npz out.jsonl
refused acts.npz syc-vec mean -a acts.npz
for p in 'syc-score -d v.gguf' syc-label 'syc-label --agree' syc-fit syc-report syc-info; do
	refused out.jsonl $p out.jsonl
	refused out.jsonl $p link
done
run 1 syc-score -d v.gguf out.jsonl -o acts.npz
kept "a recording that rows name"
run 1 $gen -r m.gguf rows
same "$model" m.gguf "a model is no recording"
run 1 $gen -r out.jsonl -o new.jsonl cut
says 'no recording'
run 2 $gen -r x.npz -o ./x.npz rows
run 2 $gen -r x.npz.part -o x.npz rows
absent x.npz x.npz.part new.jsonl
cp rows before
run 2 sh -c "syc-tok -m $model rows >>rows"
same before rows "rows appended to what is read"

# What an interrupted run left.
run 1 $gen -r f.npz -o f.jsonl cut
[ "$(wc -l <f.jsonl.part)" -gt 0 ] || fail "rows of an interrupted run"
cp f.jsonl.part f.rows
cp f.npz.part f.acts
run 1 $gen -r f.npz -o f.jsonl rows
says 'f.jsonl.part' --resume --force
run 1 $gen -r f.npz -o new.jsonl rows
says 'f.npz.part' --resume --force
same f.rows f.jsonl.part
same f.acts f.npz.part
run 1 $gen --force -r f.npz -o f.jsonl bad
same f.rows f.jsonl.part "--force and a broken first row"
run 0 $gen --resume -r f.npz -o f.jsonl rows
absent f.jsonl.part f.npz.part
mv f.jsonl f.rows
cp f.npz f.acts
# The recording had its name, the rows not yet.
cp f.rows f.jsonl.part
run 0 $gen --resume -r f.npz -o f.jsonl rows
same f.rows f.jsonl "rows that had no name yet"
same f.acts f.npz
: >dead.part
echo dead >score.part
run 0 $gen -o dead rows
run 0 syc-score -d v.gguf -o score out.jsonl
absent dead.part score.part

# Links, one that leads nowhere too; devices; standard output.
mkdir big
: >big/real
ln -s big/real there
ln -s big/new nowhere
run 0 $gen -o there rows
run 0 $gen -o nowhere rows
[ -L there ] && [ -L nowhere ] || fail "a link was replaced"
same big/real big/new "links"
absent big/real.part there.part
syc-score -d v.gguf -o - out.jsonl >scored
same score scored "-o -"
syc-vec convert -q v.gguf --to gguf -o - >w.gguf
same v.gguf w.gguf "syc-vec -o -"
syc-quant -q -m "$model" -o - | cat >q.gguf
syc-info q.gguf >/dev/null || fail "syc-quant -o -"

# Two writers.
mkfifo slow
$gen -o one.jsonl slow &
exec 3>slow
head -1 rows >&3
i=0
while [ ! -e one.jsonl.part ] && [ $i -lt 300 ]; do
	sleep 0.1
	i=$((i + 1))
done
run 1 $gen -o one.jsonl rows
says 'one.jsonl: another program is writing it'
run 1 $gen --force -o one.jsonl rows
exec 3>&-
wait
[ "$(wc -l <one.jsonl)" -eq 1 ] || fail "two writers"

# Recordings: beside their rows, several, while they are written.
mkdir sub
cp acts.npz sub/
cp out.jsonl sub/
mv acts.npz away.npz
run 0 syc-score -d v.gguf sub/out.jsonl
same score out "a recording beside its rows"
run 0 syc-score -d v.gguf -a f.npz -a away.npz out.jsonl
same score out "one of several recordings"
cp away.npz acts.npz.part
run 0 syc-score -d v.gguf out.jsonl
same score out "a recording that is being written"
run 0 $gen --temperature 1 -n 2 --force -r acts.npz -o other.jsonl rows
cp away.npz acts.npz.part
run 0 syc-score -d v.gguf out.jsonl
same score out "a recording that is being written, in place of another run's"
rm acts.npz.part
run 1 syc-score -d v.gguf out.jsonl
run 0 syc-score -d v.gguf -r away.npz out.jsonl
grep -q -- '-r is called --acts now' err || fail "-r: $(cat err)"
same score out -r
exit $failed
