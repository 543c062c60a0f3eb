#!/bin/sh
# SPDX-License-Identifier: MIT
# numpy.load() opens activation files with no help and finds the same values:
# whatever the positions, the type and the number of rows.
set -e
for python in /usr/bin/python3 python3; do
	$python -c 'import numpy' 2>/dev/null && break
	python=
done
test -n "$python" || { echo "numpy is not there"; exit 77; }
test -x tests/check_acts || { echo "tests/check_acts is not built"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
leave() {
	CHECK_ACTS_OUT="$*" CK_RUN_CASE=file_for_numpy tests/check_acts > /dev/null
}
positions=prompt,last,letter,mean,all
for dtype in f16 f32; do
	for rows in 0 1 7; do
		leave "$dir/$dtype-$rows.npz" $positions $rows
	done
done
leave "$dir/f16-2-mean.npz" mean 2
$python - "$dir" <<'PY'
import json, os, sys, zipfile
import numpy as np

M = (1 << 64) - 1
L, D = 3, 5
POSITIONS = ["prompt", "last", "letter", "mean", "all"]

def mix(z):
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9 & M
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb & M
    return z ^ (z >> 31)

def value(row, position, i):
    u = mix(mix(row * 8 + position) + (i + 1) * 0x9e3779b97f4a7c15 & M)
    return (u % 2048) / 8 - 128

def values(row, position, n):
    return np.array([value(row, position, i) for i in range(n)]).reshape(-1, L, D)

def check(path, dtype, rows, positions):
    assert zipfile.ZipFile(path).testzip() is None
    z = np.load(path, allow_pickle=False)
    assert z["layer"].tolist() == [0, 2, 9] and z["layer"].dtype == "<i4"
    assert json.loads(z["provenance.json"].item()) == {"seed": 1}
    form = json.loads(z["format.json"].item())
    assert form["dim"] == D and form["layers"] == L and form["positions"] == positions
    n = 0
    while "id/%06d" % n in z.files:
        n += 1
    assert n == (rows + 1) // 2, (n, rows)
    for c in range(n):
        part = "/%06d" % c
        ids = z["id" + part]
        mine = range(2 * c, min(2 * c + 2, rows))
        assert [str(s) for s in ids] == ["r\u00f6w \U0001f642 %d" % r if r % 4 == 3
                                         else "row-%d" % r for r in mine]
        assert z["sample" + part].tolist() == [r % 3 for r in mine]
        assert z["answer" + part].tolist() == [r % 3 - 1 for r in mine]
        assert z["sample" + part].dtype == "<i4" and z["answer" + part].dtype == "i1"
        for s, name in enumerate(POSITIONS[:4]):
            if name not in positions:
                assert name + part not in z.files
                continue
            a = z[name + part]
            assert a.dtype == dtype and a.shape == (len(mine), L, D)
            for k, r in enumerate(mine):
                if name == "mean" and r == 1:
                    assert np.isnan(a[k]).all()
                else:
                    assert (a[k] == values(r, s, L * D)[0]).all()
        if "all" not in positions:
            continue
        off, tok, a = z["all_offset" + part], z["all_token" + part], z["all" + part]
        assert off.dtype == "<i8" and off[0] == 0 and off[-1] == len(tok) == len(a)
        for k, r in enumerate(mine):
            n_tok = r % 8
            assert off[k + 1] - off[k] == n_tok
            assert tok[off[k]:off[k + 1]].tolist() == [100 * r + i for i in range(n_tok)]
            assert (a[off[k]:off[k + 1]] == values(r, 4, n_tok * L * D)).all()

d = sys.argv[1]
for dtype in ("f16", "f32"):
    for rows in (0, 1, 7):
        check("%s/%s-%d.npz" % (d, dtype, rows), "<f2" if dtype == "f16" else "<f4", rows, POSITIONS)
check(d + "/f16-2-mean.npz", "<f2", 2, ["mean"])
PY
