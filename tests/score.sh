#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-score: numbers, files that are still being written, and bad input.
test -x tests/check_acts || { echo "tests/check_acts is not built"; exit 77; }
built=$PWD
. "$top_srcdir/tests/lib.sh"

acts() {
	(cd "$built" && CHECK_ACTS_OUT="$dir/$1 $2 $3" CK_RUN_CASE=file_for_numpy \
		tests/check_acts > /dev/null) || fail "cannot make $1"
}

one='\200\077'
npy ones.npy 10 5 $one
npy short.npy 3 5 $one
npy narrow.npy 10 4 $one
acts a.npz prompt,mean 7
acts only.npz all 3
for r in 0 1 2; do
	echo "{\"id\": \"row-$r\", \"x\": 1e2, \"acts\": {\"file\": \"a.npz\", \"row\": $r}}"
done > rows.jsonl

# The numbers, by an independent reckoning.
for metric in cosine dot projection; do
	for center in '' --center; do
		syc-score --metric $metric $center -d ones.npy -d s=short.npy rows.jsonl \
			> $metric$center.jsonl || fail "$metric $center"
	done
done
if python3 -c '' 2> /dev/null; then
	python3 - <<'PY' || fail "numbers"
import json, math
M = (1 << 64) - 1
def mix(z):
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9 & M
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb & M
    return z ^ (z >> 31)
def value(row, position, i):
    u = mix(mix(row * 8 + position) + (i + 1) * 0x9e3779b97f4a7c15 & M)
    return (u % 2048) / 8 - 128
def acts(row, position, k):
    return [value(row, position, 5 * k + i) for i in range(5)]
def mean(position, k):
    rows = [r for r in range(7) if not (position == 3 and r == 1)]
    return [sum(acts(r, position, k)[i] for r in rows) / len(rows) for i in range(5)]
for metric in ("cosine", "dot", "projection"):
    for center in ("", "--center"):
        rows = [json.loads(l) for l in open(metric + center + ".jsonl")]
        assert len(rows) == 3
        for r, row in enumerate(rows):
            assert row["layers"] == [0, 2, 9] and row["x"] == 100
            assert list(row["score"]) == ["ones", "s"]
            for vector, last in (("ones", 9), ("s", 2)):
                assert list(row["score"][vector]) == ["prompt", "mean"]
                for name, position in (("prompt", 0), ("mean", 3)):
                    for k, layer in enumerate((0, 2, 9)):
                        got = row["score"][vector][name][k]
                        if layer > last or (position == 3 and r == 1):
                            assert got is None
                            continue
                        x = acts(r, position, k)
                        if center:
                            x = [a - b for a, b in zip(x, mean(position, k))]
                        want = sum(x)
                        if metric != "dot":
                            want /= math.sqrt(5)
                        if metric == "cosine":
                            want /= math.sqrt(sum(a * a for a in x))
                        assert abs(got - want) < 1e-4 * max(1, abs(want)), (metric, center, got, want)
PY
fi
grep -q '"x": 1e2,' dot.jsonl || fail "a field lost its bytes"

# Options.
syc-score --positions mean -d ones.npy rows.jsonl | grep -q '"prompt":' && fail "--positions"
sed 's/a.npz/gone.npz/' rows.jsonl | syc-score -a a.npz -d ones.npy > out || fail "-a"
sed 's/gone.npz/a.npz/' out > out2
syc-score -d ones.npy < rows.jsonl | cmp - out2 || fail "-r gives other scores"
syc-score -o named.jsonl -d ones.npy rows.jsonl && cmp named.jsonl out2 || fail "-o"
fails 2 'no vector' syc-score -q rows.jsonl
fails 2 "two vectors are named 'ones'" syc-score -q -d ones.npy -d ./ones.npy rows.jsonl
fails 2 'none of' syc-score -q --metric cosinus -d ones.npy rows.jsonl
fails 2 'none of' syc-score -q --positions promt -d ones.npy rows.jsonl
fails 2 "'all' has no score" syc-score -q --positions all -d ones.npy rows.jsonl
syc-score -d ones.npy -d b=ones.npy rows.jsonl | grep -q '"b": {' || fail "NAME=FILE"

# Files that do not fit.
fails 1 'width 5, the vectors of narrow.npy 4' syc-score -q -d narrow.npy rows.jsonl
fails 1 'gone.npy: No such file' syc-score -q -d gone.npy rows.jsonl
fails 1 'the vector file is not JSON' syc-score -q -d rows.jsonl rows.jsonl
fails 1 "has no position 'letter'" syc-score -q --positions letter -d ones.npy rows.jsonl
fails 1 "no position but 'all'" syc-score -q -a only.npz -d ones.npy rows.jsonl
fails 1 'not a zip archive' syc-score -q -a rows.jsonl -d ones.npy rows.jsonl
fails 1 'not an activation file' syc-score -q -a "$top_srcdir/tests/fuzz/corpus/npz/numpy.npz" \
	-d ones.npy rows.jsonl

# Rows that do not fit; --keep-going passes over them.
cat > bad.jsonl <<'JSON'
{"id": "row-1", "acts": {"file": "a.npz", "row": 0}}
{"id": "row-1"}
{"id": "row-1", "acts": {"file": "a.npz", "row": -1}}
{"id": "row-1", "acts": {"file": "a.npz", "row": 0.5}}
{"id": "row-1", "acts": {"file": "a.npz", "row": "0"}}
{"id": "row-1", "acts": {"file": 3, "row": 0}}
{"id": "row-1", "acts": {"file": "gone.npz", "row": 1}}
{"id": "row-1", "acts": {"file": "a.npz", "row": 7}}
{"id": "row-1", "acts": {"file": "a.npz", "row": 1e300}}
{"id":
JSON
i=0
while read -r line; do
	i=$((i + 1))
	echo "$line" > one.jsonl
	fails 1 'one.jsonl:1: ' syc-score -q -d ones.npy one.jsonl
done < bad.jsonl
head -1 bad.jsonl > one.jsonl
fails 1 'belongs to another run' syc-score -q -d ones.npy one.jsonl
cat bad.jsonl rows.jsonl | syc-score --keep-going --allow-duplicates -d ones.npy > out 2> err || fail "--keep-going"
cmp out out2 || fail "--keep-going changed rows"
test "$(grep -c 'row skipped' err)" = $i || fail "skipped rows are not all reported"

# A file that lacks its end, and one that gets it.
size=$(wc -c < a.npz)
head -c $((size / 2)) a.npz > half.npz
sed 's/a.npz/half.npz/' rows.jsonl > half.jsonl
head -2 half.jsonl | syc-score -d ones.npy > out || fail "whole chunks of an unfinished file"
echo '{"id": "row-6", "acts": {"file": "half.npz", "row": 6}}' > last.jsonl
fails 1 'lacks its end' syc-score -q -d ones.npy last.jsonl
fails 1 'needs all of its rows' syc-score -q --center -d ones.npy half.jsonl
mkfifo in
syc-score -d ones.npy < in > out 2> err &
{
	head -1 half.jsonl
	i=0
	while test ! -s out && test $i -lt 50; do
		sleep 0.1
		i=$((i + 1))
	done
	cp out early
	tail -c +$((size / 2 + 1)) a.npz >> half.npz
	cat last.jsonl
} > in
wait $! || fail "following a file"
test "$(wc -l < early)" = 1 || fail "a row was kept back"
test "$(wc -l < out)" = 2 || fail "a row that came later is missing"

# Output that cannot be written; a reader that has had enough.
if test -w /dev/full; then
	syc-score -d ones.npy rows.jsonl > /dev/full 2> err && fail "/dev/full"
	grep -q 'No space left' err || fail "/dev/full says nothing"
	fails 1 'No space left' syc-score -q -o /dev/full -d ones.npy rows.jsonl
	test -c /dev/full || fail "/dev/full was replaced"
fi
i=0
while test $i -lt 3000; do
	cat rows.jsonl
	i=$((i + 1))
done | syc-score -q --allow-duplicates -d ones.npy 2> err | head -1 > out
test -s err && fail "SIGPIPE is not silent"

# Rows are scored with what their own run recorded: not with that of a later run
# into the same file, nor with a sample or an answer of theirs that is another.
gen() {
	run 0 syc-gen -q -t 1 -m "$demo/demo-q8_0.gguf" --system '' -n 3 -r own.npz "$@"
}
for i in 1 2 3; do
	echo "{\"id\": \"$i\", \"prompt\": \"Hi $i\"}"
done >asked
run 0 syc-vec mean -q -t 1 -m "$demo/demo-q8_0.gguf" --system '' -o own.gguf "$demo/cue-pairs.jsonl"
gen -o one.jsonl asked
run 0 syc-score -d own.gguf one.jsonl
expect 'map(.run == .acts.run) | all' one.jsonl
gen -s own.gguf:2 -o two.jsonl asked
run 0 syc-score -d own.gguf two.jsonl
run 1 syc-score -d own.gguf one.jsonl
says 'one.jsonl:1: own.npz: row 0 (1): the run is' 'the file belongs to another run'
sed 's/, "run": "[0-9a-f]*"//g' one.jsonl >old
run 0 syc-score -d own.gguf old
sed 's/"sample": 0/"sample": 1/' two.jsonl >other
run 1 syc-score -d own.gguf other
says 'the sample is 0 here, 1 of the row'
sed 's/"row": 0/"row": 1/' two.jsonl >other
run 1 syc-score -d own.gguf other
says 'row 1 (1): the id is 2 here, 1 of the row'

# A vector of another model file: of the same width said, once, unless it is meant;
# of another width refused.
run 0 syc-vec mean -q -t 1 -m "$model" --system '' -o other.gguf "$demo/cue-pairs.jsonl"
run 0 syc-score -d own.gguf two.jsonl
[ ! -s err ] || fail "the model's own vector: $(cat err)"
run 0 syc-score -d other.gguf -d own.gguf two.jsonl
says 'other.gguf was made with another model file than own.npz'
for meant in -q --foreign; do
	run 0 syc-score $meant -d other.gguf two.jsonl
	[ ! -s err ] || fail "$meant: $(cat err)"
done
run 0 syc-gen -t 1 -m "$demo/demo-q8_0.gguf" --system '' -n 1 -s other.gguf:2 asked
says 'other.gguf:2 was made with another model file than'
run 0 syc-gen -t 1 -m "$demo/demo-q8_0.gguf" --system '' -n 1 --foreign -s other.gguf:2 asked
[ ! -s err ] || fail "--foreign: $(cat err)"
# So of recordings: those that a vector was made from, two together, a control.
head -20 "$demo/pairs.jsonl" >made
for m in demo-f16 demo-q8_0; do
	syc-rec -q -t 1 -m "$demo/$m.gguf" --system '' --positions last -r $m.npz -o $m.out made || fail rec
done
run 0 syc-vec mean -q --allow-duplicates --write-nulls other.null.npz --null random:30,flip:20 -a demo-f16.npz \
	-o other.gguf demo-f16.out
run 0 syc-score -d other.gguf two.jsonl
says 'other.gguf was made with another model file than own.npz'
run 0 syc-vec combine other.gguf:2 -o twice.gguf
run 0 syc-score -d twice.gguf two.jsonl
says 'twice.gguf was made with another model file than own.npz'
vec='syc-vec mean --allow-duplicates -o x.gguf'
run 1 $vec -a demo-f16.npz -a demo-q8_0.npz
run 0 $vec --mixed -a demo-f16.npz -a demo-q8_0.npz
mentions 'demo-q8_0.npz is of another model file than demo-f16.npz'
run 0 $vec --mixed -a demo-q8_0.npz -a demo-q8_0.npz
grep -q 'another model' err && fail "one model is two: $(cat err)"
run 0 $vec -a demo-f16.npz --orthogonal-to own.npz
mentions 'own.npz is of another model file than the pairs'
run 0 $vec --foreign -a demo-f16.npz --orthogonal-to own.npz
grep -q 'another model' err && fail "--foreign: $(cat err)"
run 0 syc-vec forecast -d other.gguf -a demo-q8_0.npz -m "$model"
mentions 'other.gguf is of another model file than the pairs' 'demo-f16.gguf is of another model file'

# In one step: a vector of another model beside that model's random and flipped ones.
syc-gen -q -t 1 -m "$demo/demo-q8_0.gguf" --system '' -n 1 --choices -r test.npz --positions prompt \
	-o test.out "$demo/test-newtopic.jsonl" || fail gen
syc-label --by probability test.out | syc-score --foreign -d other.gguf >test.scored || fail score
run 0 syc-fit --nulls other.null.npz --json test.scored
expect '.[0] | .null == 30 and (.fits[0].layers[5] | .null_p > 0 and .flip_p > 0 and
	.cov_p == null and .shuffle_p == null)' out
npy narrow.npy 6 64 '\200\077'
fails 1 'width' syc-score -q -d narrow.npy two.jsonl
exit $failed
