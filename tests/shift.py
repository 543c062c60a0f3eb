# SPDX-License-Identifier: MIT
# Run by shift.sh in its folder: what syc-shift found, made again from recordings and
# answers of the two models.  shift.py deal: the two halves' mean shifts, and null vectors
# of their length at layer 2.
import json
import sys
import numpy as np

bad = 0
MASK, GOLDEN = (1 << 64) - 1, 0x9e3779b97f4a7c15


def check(got, want, what, rtol=1e-6, atol=1e-9):
    global bad
    if not (got is not None and np.allclose(got, want, rtol=rtol, atol=atol)):
        bad += 1
        print("FAIL:", what, got, want)


def rows(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


def acts(path, position):
    z = np.load(path)
    names = sorted(k for k in z.files if k.startswith(position + "/"))
    return np.concatenate([z[k] for k in names]).astype(float)


# Rows of a recording: the matching answer, then the other.
recorded = rows("base.out")
topics = []
for r in recorded:
    if r["topic"] not in topics:
        topics.append(r["topic"])
of_row = np.array([topics.index(r["topic"]) for r in recorded])
n = len(topics)


def by_claim(x, of):
    return np.array([np.asarray(x)[of == c].mean(axis=0) for c in range(n)])


def texts(position):
    """Both models' activations of the texts that count, and their claims."""
    keep = slice(None, None, 2) if position == "prompt" else slice(None)
    return acts("base.npz", position)[keep], acts("tuned.npz", position)[keep], of_row[keep]


# SplitMix64, and the order of the claims that it deals.
def splitmix(state):
    z = state
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & MASK
    z = (z ^ z >> 27) * 0x94d049bb133111eb & MASK
    return z ^ z >> 31


def halves(seed):
    order, state = list(range(n)), seed
    for i in range(n, 1, -1):
        state = state + GOLDEN & MASK
        k = (splitmix(state) >> 32) * i >> 32
        order[i - 1], order[k] = order[k], order[i - 1]
    half = np.empty(n, int)
    half[order] = np.arange(n) % 2
    return half


def key(seed, name, index):
    h = splitmix(seed + GOLDEN & MASK) ^ 0xcbf29ce484222325
    for c in name.encode():
        h = (h ^ c) * 0x100000001b3 & MASK
    return splitmix(splitmix(h) + (index + 1) * GOLDEN & MASK)


def direction(seed, layer, draw, dim):
    k = splitmix(key(seed, "direction", layer << 32 | draw + 1))
    u = np.array([splitmix(k + (i + 1) * GOLDEN & MASK) >> 11 for i in range(dim)]) / 2.0 ** 53
    r, phi = np.sqrt(-2 * np.log(1 - u[::2])), 2 * np.pi * u[1::2]
    x = np.column_stack([r * np.cos(phi), r * np.sin(phi)]).ravel()
    return x / np.linalg.norm(x)


half = halves(1)
a, b, of = texts("prompt")
shift = by_claim(b - a, of)
if sys.argv[1:] == ["deal"]:
    for h in range(2):
        np.save(f"half{h}.npy", shift[half == h].mean(axis=0).astype(np.float32))
    length = np.mean([np.linalg.norm(shift[half == h].mean(axis=0)[2]) for h in range(2)])
    for i in range(3):
        x = length * direction(1, 2, i, shift.shape[2])
        np.save(f"null{i}.npy", np.tile(x, (shift.shape[1], 1)).astype(np.float32))
    sys.exit(0)

doc = json.load(open("shift.json"))
for position in "prompt", "last":
    a, b, of = texts(position)
    s, square = by_claim(b - a, of), by_claim(((b - a) ** 2).sum(-1), of).mean(axis=0)
    mean = by_claim(a, of).mean(axis=0)
    spread = by_claim(((a - mean) ** 2).sum(-1), of).mean(axis=0)
    for o in doc["shifts"]:
        if o["position"] != position:
            continue
        at = f"layer {o['layer']}, {position}: "
        x = s[:, o["layer"]]
        gram = x @ x.T
        between = (gram.sum() - np.trace(gram)) / (n * (n - 1))
        check(o["length"], np.linalg.norm(x.mean(axis=0)), at + "length")
        check(o["square"], square[o["layer"]], at + "E|s|^2")
        check(o["constant"], between / square[o["layer"]], at + "constant share")
        check(o["relative"], (square / spread)[o["layer"]] ** .5, at + "relative")
vector = np.load("shift.npz")
made = next(x for x in (vector[k] for k in vector.files) if getattr(x, 'ndim', 0) == 2)
check(made, shift.mean(axis=0), "the vector", 1e-5)

# Answers: P(matching) by claim of rows, all of which state a view.
asked = rows("q.jsonl")
of = np.array([topics.index(r["topic"]) for r in asked])


def p(path):
    return np.array([r["p_match"] for r in rows(path)])


base, tuned = p("base.jsonl"), p("tuned.jsonl")
for name, x in ("base", base), ("tuned", tuned):
    check(doc[name]["p_match"], by_claim(x, of).mean(), name, 1e-5)
change = by_claim(tuned - base, of)
check(doc["change"], change.mean(), "change", 1e-5)


def kl(q, r):
    return q * np.log(q / r) + (1 - q) * np.log((1 - q) / (1 - r))


# The answers have all but a ten thousandth of the probability.
check(doc["kl_questions"], by_claim(kl(tuned, base), of).mean(), "KL of the questions", 2e-2)
crossed = np.where(half[of] == 0, p("made1.jsonl"), p("made0.jsonl"))
undone = np.where(half[of] == 0, p("undone1.jsonl"), p("undone0.jsonl"))
(tried,) = [o for o in doc["shifts"] if o.get("make") is not None]
check(tried["make"], by_claim(crossed - base, of).sum() / change.sum(), "make", 1e-4)
check(tried["kl_left"], by_claim(kl(tuned, crossed), of).sum() /
      by_claim(kl(tuned, base), of).sum(), "KL left", 2e-2)
sweep = {s["vector"]: s["p_match"] for s in json.load(open("sweep.json"))["settings"] if s.get("vector")}
check(tried["make_nulls"], (np.array([sweep[f"null{i}"] for i in range(3)]) - base.mean()) /
      change.mean(), "make of null vectors", atol=1e-3)
check(tried["kl_left_nulls"][0], by_claim(kl(tuned, p("null.jsonl")), of).sum() /
      by_claim(kl(tuned, base), of).sum(), "KL left by a null vector", 2e-2)
check(tried["undo"], by_claim(tuned - undone, of).sum() / change.sum(), "undo", 1e-4)
(v,) = tried["vectors"]
check(v["undo"], by_claim(tuned - p("without.jsonl"), of).sum() / change.sum(),
      "undo of a vector", 1e-4)
cue = np.load("cue.npy")[tried["layer"]].astype(float)
m = shift.mean(axis=0)[tried["layer"]]
check(v["cosine"], cue @ m / np.linalg.norm(cue) / np.linalg.norm(m), "cosine", 1e-5)
check(v["cosine_p"], (1 + (np.abs(v["cosine_nulls"]) >= abs(v["cosine"])).sum()) / 200, "its p")
sys.exit(bad > 0)
