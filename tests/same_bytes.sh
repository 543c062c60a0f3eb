#!/bin/sh
# SPDX-License-Identifier: MIT
# A run of 150 rows, sampled and recorded, gives the same bytes whatever the
# threads, the batch, the kernels, the memory, what is shared, the order of
# the rows, and the shard they are in.
. "$top_srcdir/tests/lib.sh"
[ -z "${SYC_SANITIZED-}" ] || { echo "bytes are compared without sanitizers"; exit 77; }
for python in /usr/bin/python3 python3; do
	$python -c 'import numpy' 2> /dev/null && break
	python=
done

head -n 150 "$demo/test-opinion.jsonl" > in
gen() {
	syc-gen -q -m "$demo/demo-q8_0.gguf" --system '' -n 10 --temperature 1 "$@"
}

run 0 gen -r one.npz -o one.jsonl in
while read -r how; do
	# shellcheck disable=SC2086
	run 0 gen $how -r many.npz -o many.jsonl in
	sed 's/many\.npz/one.npz/' many.jsonl > out
	same one.jsonl out "rows with $how"
	same one.npz many.npz "activations with $how"
done << 'END'
-t 1
-t 2 --batch 1
--batch 7
--batch 512 --no-sharing
--kv-memory 400K
--cpu avx2
--cpu scalar -t 2
END

# Other orders: the same rows but for where their activations are.
plain() {
	sed 's/, "acts".*/}/' "$@" | sort
}
plain one.jsonl > want
awk '{ print (NR * 7919) % 150, $0 }' in | sort -n | sed 's/^[0-9]* //' > shuffled
run 0 gen -r shuffled.npz -o shuffled.jsonl shuffled
plain shuffled.jsonl > out
same want out "shuffled rows"
for i in 1 2 3; do
	run 0 gen --shard $i/3 -r shard$i.npz -o shard$i.jsonl in
done
plain shard1.jsonl shard2.jsonl shard3.jsonl > out
same want out "rows of shards"

[ -n "$python" ] || { echo "numpy is not there: activations by id are not compared"; exit $failed; }
$python - << 'END' || fail "activations by id differ"
import numpy as np

def rows(*paths):
    out = {}
    for path in paths:
        z = np.load(path)
        for chunk in sorted(k[3:] for k in z if k.startswith("id/")):
            for i, name in enumerate(z["id/" + chunk]):
                out[str(name)] = [z[f"{position}/{chunk}"][i].tobytes() for position in ("prompt", "last")]
    return out

want = rows("one.npz")
assert len(want) == 150
assert rows("shuffled.npz") == want
assert rows("shard1.npz", "shard2.npz", "shard3.npz") == want
END
exit $failed
