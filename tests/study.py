# SPDX-License-Identifier: MIT
# Compares the files tests/study.sh left here with the reference in sys.argv[1].
import glob, json, sys
import numpy as np

demo = sys.argv[1]
reference = json.load(open(demo + "/reference.json"))
vectors = np.load(demo + "/vectors.npz")
cosines = np.load(demo + "/cosines.npz")
bad = 0
# The reference's word for the answer's last token.
REFERENCE = {"prompt": "prompt", "last": "continuation"}


def check(what, worst, bar):
    global bad
    ok = worst <= bar
    bad += not ok
    print(f"{'ok  ' if ok else 'FAIL'} {what}: {worst:.3g} (at most {bar})")


def cosine(a, b):
    a, b = a.astype(float), b.astype(float)
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


for name in vectors:
    got = np.load(name + ".npy")
    assert got.shape == vectors[name].shape, (name, got.shape)
    check(f"vector {name}, 1 - smallest cosine", 1 - cosine(got, vectors[name]).min(), 1e-4)

for compute, cosine_bar, auc_bar in (("f32", 1e-3, 2e-3), ("int8", 0.02, 0.03)):
    worst, n, worst_auc, n_auc = 0, 0, 0, 0
    for set_ in ("opinion", "newtopic", "fact"):
        rows = [json.loads(line) for line in open(f"{compute}.{set_}.jsonl")]
        for name in vectors:
            for position in ("prompt", "last"):
                got = np.array([[np.nan if x is None else x for x in r["score"][name][position]] for r in rows])
                want = cosines[f"test-{set_}.{name}.{REFERENCE[position]}"]
                assert (np.isnan(got) == np.isnan(want)).all()
                worst = max(worst, np.nanmax(np.abs(got - want)))
                n += np.isfinite(got).sum()
        for fit in json.load(open(f"{compute}.{set_}.json"))["fits"]:
            want = reference["test-" + set_]["auc"][f"{fit['vector']}/{REFERENCE[fit['position']]}"]
            for layer in fit["layers"]:
                worst_auc = max(worst_auc, abs(layer["auc"] - want[layer["layer"]]))
                n_auc += 1
    assert n == 3 * 400 * 3 * 2 * 6 and n_auc == 3 * 6 * 6, (n, n_auc)
    check(f"{compute}, cosines", worst, cosine_bar)
    check(f"{compute}, AUCs", worst_auc, auc_bar)

worst, n = 0, 0
for path in glob.glob("steered *"):
    rows = [json.loads(line) for line in open(path)]
    assert len(rows) == 200
    mean = sum(r["p_match"] for r in rows) / len(rows)
    worst = max(worst, abs(mean - reference["steered P(matching letter)"][path[8:]]))
    n += 1
assert n == 7, n
check("steered P(matching letter)", worst, 0.005)
sys.exit(bad > 0)
