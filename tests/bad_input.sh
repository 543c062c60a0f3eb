#!/bin/sh
# SPDX-License-Identifier: MIT
# Rows, vectors, disks, pipes and options that are no good: one line that names
# program, file and line, and nothing left under a final name.
. "$top_srcdir/tests/lib.sh"
gen() {
	syc-gen -m "$model" -n 2 -t 1 "$@"
}
good='{"prompt": "Hello"}'

# refused ROW TEXT...: as the second row, by syc-gen and by syc-rec.
refused() {
	{ echo "$good"; printf '%s\n' "$1"; } >bad.jsonl
	shift
	run 1 gen -r no.npz -o no.jsonl bad.jsonl
	says 'syc-gen: bad.jsonl:2: ' "$@"
	absent no.jsonl no.jsonl.part
	run 0 gen --keep-going bad.jsonl
	[ "$(wc -l <out)" -eq 1 ] || fail "--keep-going: $(wc -l <out) rows"
	grep -qF 'bad.jsonl:2: ' err || fail "--keep-going does not tell of the row"
	grep -qF '1 rows were skipped' err || fail "--keep-going does not count: $(cat err)"
	run 1 syc-rec -m "$model" -t 1 --positions prompt -r no.npz -o no.jsonl bad.jsonl
	says 'syc-rec: bad.jsonl:2: '
	absent no.jsonl no.jsonl.part
}

refused 'not JSON' 'JSON'
refused '{"prompt": "Hello"' 'JSON'
refused '{"prompt": "Hello"} x' 'JSON'
refused '["prompt"]' object
refused '{"prompt": 7}' prompt
refused '{"question": ["a"]}' question
refused '{"messages": [{"role": "user"}]}' messages
refused '{"messages": []}'
refused '{"messages": [{"role": "pirate", "content": "x"}]}' pirate
refused '{"prompt_ids": [1, "2"]}' prompt_ids
refused '{"prompt_ids": []}'
refused '{"prompt_ids": [1, 768]}' 768
refused '{"prompt_ids": [1, -1]}' 'prompt_ids[1]'
refused '{"prompt_ids": [1, 99999999999999999999]}'
refused '{"x": 1}' 'no prompt' question messages prompt_ids
refused "{\"prompt\": \"$(head -c 20000 /dev/zero | tr '\0' x)\"}" 'do not fit the context of 512'
refused "$(head -c 100000 /dev/zero | tr '\0' '[')"
refused "$(printf '{"prompt": "\377\376"}')" 'not JSON'
printf '%s\n{"prompt": "a\0b"}\n' "$good" >nul
run 1 gen nul
says 'nul:2:'
printf '{"prompt": "a\\u0000b"}\n' >nul
run 1 gen nul
says 'nul:1:'
printf '%s\n\0\0\0\0' "$good" >nul
run 1 gen nul
says 'nul:2:'

# A line of 100 MB is read over, not kept.
{
	echo "$good"
	printf '{"prompt": "'
	head -c 100000000 /dev/zero | tr '\0' x
	echo '"}'
	echo '{"prompt": "another"}'
} >long
if [ -z "${SYC_SANITIZED-}" ]; then
	limit='ulimit -v 600000;'
else
	limit=
fi
(eval "$limit"; gen long >out 2>err)
[ $? -eq 1 ] || fail "a line of 100 MB: exit $?"
says 'long:2:' 'longer than 16 MiB'
run 0 gen --keep-going long
[ "$(wc -l <out)" -eq 2 ] || fail "the rows around a long one are lost"
rm long

# Answers for --choices.
answers='"answer_matching_behavior": "(A)", "answer_not_matching_behavior":'
echo '{"prompt": "Hi"}' >bad.jsonl
run 1 gen --choices bad.jsonl
says bad.jsonl:1 answer_matching_behavior
echo "{\"prompt\": \"Hi\", $answers \"(A)\"}" >bad.jsonl
run 1 gen --choices bad.jsonl
says bad.jsonl:1 'do not differ'
run 0 gen bad.jsonl
{ cat bad.jsonl; echo "{\"prompt\": \"Ho\", $answers [\"(B)\", \" (A)\"]}"; } >two
run 0 gen --choices --keep-going two
grep -qF '1 rows were skipped' err || fail "skipped rows are not counted: $(cat err)"
echo '{"prompt": "Hi", "completion_ids": [5, 4000]}' >bad.jsonl
run 1 syc-rec -m "$model" -r no.npz bad.jsonl
says bad.jsonl:1 4000

# Files.
: >empty
run 0 gen -r empty.npz -o empty.jsonl empty
[ ! -s empty.jsonl ] || fail "rows of an empty file"
run 0 syc-info empty.npz
printf '\n  \n%s' "$good" >open
run 0 gen open
[ "$(wc -l <out)" -eq 1 ] || fail "a last line without its end"
run 1 gen open none.jsonl
says 'syc-gen: none.jsonl: No such file'
mkdir folder
run 1 gen folder
says 'syc-gen: folder: Is a directory'
run 1 gen -o folder open
says 'syc-gen: folder'
run 1 gen -o folder/none/x open
says 'syc-gen: folder/none/x' 'No such file'
run 1 gen -r folder -o no.jsonl open
says 'syc-gen: folder: Is a directory'
run 1 gen -r folder/none/x -o no.jsonl open
says 'syc-gen: folder/none/x: No such file'
absent no.jsonl no.jsonl.part folder.part

# An error in the third chunk: what was done stays, to be resumed.
i=0
while [ $i -lt 70 ]; do
	echo "{\"prompt\": \"Hi $i\"}"
	i=$((i + 1))
done >seventy
{ cat seventy; echo '{"prompt'; } >broken
run 1 gen -r kept.npz -o kept.jsonl broken
[ "$(wc -l <err)" -eq 2 ] || fail "not two lines: $(cat err)"
grep -qF 'kept.jsonl.part; --resume goes on' err || fail "nothing of --resume: $(cat err)"
grep -qF 'broken:71: ' err || fail "not where: $(cat err)"
absent kept.jsonl
run 0 gen -r kept.npz -o kept.jsonl --resume seventy
run 0 gen -r whole.npz -o whole.jsonl seventy
same kept.npz whole.npz "activations after a broken row"
sed 's/whole.npz/kept.npz/' whole.jsonl >out
same kept.jsonl out "rows after a broken row"

# Vectors.
head -2 "$demo/cue-pairs.jsonl" >cue
run 0 syc-vec mean -q -m "$model" --system '' -o v.gguf cue
run 0 syc-vec mean -q -m "$top_srcdir/tests/data/llama-mha/llama-mha-f16.gguf" --chat none -o narrow.gguf cue
run 1 gen -s narrow.gguf open
says 'syc-gen: narrow.gguf:' 'width 64' 'width 128'
run 1 gen -s none.gguf:2 open
says 'syc-gen: none.gguf: No such file'
run 1 gen -s "$model" open
says demo-f16.gguf
head -c 400 v.gguf >cut.gguf
run 1 gen -s cut.gguf open
says 'syc-gen: cut.gguf: '
run 1 gen -s seventy open
says 'syc-gen: seventy:'
run 1 gen -s v.gguf:nan open
says v.gguf nan
run 1 syc-rec -m "$model" -r no.npz --positions prompt -s narrow.gguf open
says 'syc-rec: narrow.gguf:'
run 1 gen --chat pirate open
says pirate zephyr
run 1 gen --kv-memory 1K open
says 'bytes' '1024 are allowed'
run 1 gen --kv-memory 0 open
says 'bytes' '1 are allowed'
least=$(sed 's/.* take \([0-9]*\) bytes.*/\1/' err)
run 0 gen --kv-memory "$least" open
run 1 gen --kv-memory $((least - 1)) open
says "$least bytes"
run 1 gen --cpu pdp11 open
says pdp11

# A full disk, by the limit on a file's size.
small() {
	(
		trap '' XFSZ
		ulimit -f "$1"
		shift
		exec "$@"
	)
}
run 1 small 40 syc-gen -m "$model" -n 2 -r full.npz -o full.jsonl seventy
grep -qF 'syc-gen: full.npz: File too large' err || fail "not of the disk: $(cat err)"
absent full.jsonl
run 1 small 8 syc-gen -m "$model" -n 2 --force -o full.jsonl seventy
grep -qF 'full.jsonl' err && grep -qF 'File too large' err || fail "not of the disk: $(cat err)"
absent full.jsonl
run 0 gen --force -r full.npz -o full.jsonl seventy
run 1 small 1 syc-vec mean -q -m "$model" --system '' -o full.gguf cue
says full.gguf 'File too large'
absent full.gguf full.gguf.part
if [ -w /dev/full ]; then
	gen open 2>err >/dev/full
	[ $? -eq 1 ] || fail "/dev/full: exit $?"
	says 'syc-gen: standard output: No space left'
	run 1 gen -o /dev/full open
	says 'syc-gen: /dev/full: No space left'
	run 1 gen -r /dev/full -o no.jsonl open
	says 'syc-gen: /dev/full: No space left'
	[ -c /dev/full ] || fail "/dev/full is gone"
	absent /dev/full.part no.jsonl no.jsonl.part
fi

# Two programs, one recording.
mkfifo slow
gen -r shared.npz slow >/dev/null 2>&1 &
exec 3>slow
echo "$good" >&3
i=0
while [ ! -e shared.npz.part ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
sleep 0.1
run 1 gen -r shared.npz -o no.jsonl open
says 'shared.npz' 'another program is writing it'
exec 3>&-
wait
absent no.jsonl

# Options.
wrong() {
	text=$1
	shift
	run 2 syc-gen "$@" </dev/null
	misused 'syc-gen: ' "$text"
}
wrong --model open
wrong --output -m "$model" --resume open
wrong --record -m "$model" --layers 1 open
wrong --record -m "$model" --positions prompt open
wrong --record -m "$model" --pre open
wrong --temperature -m "$model" --samples 2 open
wrong --temperature -m "$model" --top-k 2 open
wrong --temperature -m "$model" --top-p 0.5 open
wrong syc-rec -m "$model" -r x.npz --positions letter open
wrong positions -m "$model" -r x.npz --positions middle open
wrong '0 to 5' -m "$model" -r x.npz --layers 6 open
wrong '0 to 5' -m "$model" -r x.npz --layers 4294967296 open
wrong '0 to 5' -m "$model" -r x.npz --layers 3-2 open
wrong layers -m "$model" -r x.npz --layers '' open
wrong max-tokens -m "$model" -n 0 open
wrong max-tokens -m "$model" -n 1x open
wrong temperature -m "$model" --temperature nan open
wrong top-p -m "$model" --temperature 1 --top-p 1.5 open
wrong threads -m "$model" -t 0 open
wrong dtype -m "$model" -r x.npz --dtype f8 open
wrong compute -m "$model" --compute fast open
wrong kv-memory -m "$model" --kv-memory 3X open
wrong shard -m "$model" --shard 4/3 open
wrong ctx -m "$model" --ctx 513 open
wrong seed -m "$model" --seed -1 open
wrong unknown-option --unknown-option
wrong same -m "$model" -r x.npz -o x.npz open
run 2 syc-rec -m "$model" open
misused --record
run 2 syc-rec -m "$model" -r x.npz -o x.npz open
misused same
run 2 syc-vec
misused command
run 2 syc-vec bend
misused bend
absent x.npz
exit $failed
