#!/bin/sh
# SPDX-License-Identifier: MIT
# The demo study against its reference figures (demo/README.md): vectors,
# cosines, AUCs and steered probabilities.
set -eu
for python in /usr/bin/python3 python3; do
	$python -c 'import numpy' 2> /dev/null && break
	python=
done
[ -n "$python" ] || { echo "numpy is not there"; exit 77; }
[ -z "${SYC_SANITIZED-}" ] || { echo "figures are checked without sanitizers"; exit 77; }
demo=$top_srcdir/demo
model=$demo/demo-f16.gguf
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

gen="syc-gen -m $model --system= --compute f32"
rec="syc-rec -m $model --system="
vec="syc-vec mean -q -m $model --system= --compute f32"

$vec -o last.gguf --position last "$demo/pairs.jsonl"
$vec -o letter.gguf --position letter "$demo/pairs.jsonl"
$vec -o cue.gguf "$demo/cue-pairs.jsonl"
for v in last letter cue; do
	syc-vec convert -o "$v.npy" $v.gguf
	syc-vec convert --layer-base 0 --key $v -o ref-$v.gguf "$demo/vectors.npz"
done

for compute in f32 int8; do
	for set in opinion newtopic fact; do
		$rec --compute $compute -r $set.npz "$demo/test-$set.sampled.jsonl" |
			syc-score -d last=ref-last.gguf -d letter=ref-letter.gguf -d cue=ref-cue.gguf \
			> $compute.$set.jsonl
		syc-fit --json -o $compute.$set.json $compute.$set.jsonl
	done
done

# A sixth of the steered settings, spread over vectors, layers and signs.
head -n 200 "$demo/test-opinion.jsonl" > q.jsonl
$gen -n 1 --choices q.jsonl > "steered none"
while read -r v layer k; do
	$gen -n 1 --choices --steer $v.gguf:$k@$layer q.jsonl > "steered $v layer $layer add $k"
done << 'END'
cue 2 2
cue 3 1
last 1 -2
last 5 2
letter 4 -1
letter 5 1
END

$python "$top_srcdir/tests/study.py" "$demo"
