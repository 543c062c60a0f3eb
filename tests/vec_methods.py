# SPDX-License-Identifier: MIT
# Run by vec_methods.sh in its folder: what syc-vec made, made again.
import json
import numpy as np

try:
    from sklearn.covariance import ledoit_wolf_shrinkage
    from sklearn.linear_model import LogisticRegression
except ImportError:
    ledoit_wolf_shrinkage = LogisticRegression = None

bad = 0


def check(ok, *what):
    global bad
    if not ok:
        bad += 1
        print("FAIL:", *what)


def close(a, b, what, rtol=1e-5, atol=1e-6):
    a, b = np.asarray(a, float), np.asarray(b, float)
    scale = max(np.abs(b).max(), 1e-30)
    check(a.shape == b.shape and np.allclose(a, b, rtol=rtol, atol=atol * scale), what,
          np.abs(a - b).max() / scale if a.shape == b.shape else (a.shape, b.shape))


def cos(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def acts(path, position):
    z = np.load(path)
    names = sorted(k for k in z.files if k.startswith(position + "/"))
    return np.concatenate([z[k] for k in names]).astype(float)


def vec(path):
    z = np.load(path)
    return {k: z[k].astype(float) for k in z.files if k.endswith((".npy", "direction")) or "." not in k}


def sides(position, path="pairs.npz"):
    x = acts(path, position)
    return x[0::2], x[1::2]        # [pair, layer, dim]


P, N = sides("last")
D = P - N
n, L, dim = D.shape
X = np.concatenate([P, N])


def by_majority(u, d):
    votes = np.sign(d @ u).sum()
    return u if votes > 0 or (votes == 0 and (d @ u).sum() >= 0) else -u


def shrink(rows):
    """Ledoit & Wolf 2004 of centered rows, written out."""
    m, p = rows.shape
    s = rows.T @ rows / m
    mu = np.trace(s) / p
    delta = ((s - mu * np.eye(p)) ** 2).sum() / p
    beta = sum(((np.outer(r, r) - s) ** 2).sum() for r in rows) / m**2 / p
    return min(beta, delta) / delta


def lda(l, shrinkage=None):
    w = np.concatenate([P[:, l] - P[:, l].mean(0), N[:, l] - N[:, l].mean(0)])
    s = w.T @ w / len(w)
    if shrinkage is None:
        shrinkage = shrink(w)
        if ledoit_wolf_shrinkage:
            close(shrinkage, ledoit_wolf_shrinkage(w, assume_centered=True), "shrinkage", 1e-9)
    c = (1 - shrinkage) * s + shrinkage * np.trace(s) / dim * np.eye(dim)
    return np.linalg.solve(c, P[:, l].mean(0) - N[:, l].mean(0))


def logistic(l, lam, again=False):
    x = np.concatenate([P[:, l], N[:, l]])
    y = np.r_[np.ones(n), np.zeros(n)]
    mu, sd = x.mean(0), x.std(0, ddof=1)
    z = np.c_[(x - mu) / sd, np.ones(len(x))]
    ridge = np.diag(np.r_[np.full(dim, lam), 0])
    w = np.zeros(dim + 1)
    for _ in range(20):
        p = 1 / (1 + np.exp(-z @ w))
        w -= np.linalg.solve(z.T * (p * (1 - p)) @ z + ridge, z.T @ (p - y) + ridge @ w)
    if again and LogisticRegression:
        fit = LogisticRegression(C=1 / lam, solver="newton-cholesky", tol=1e-6).fit(z[:, :dim], y)
        close(fit.coef_[0], w[:dim], "scikit-learn's weights", 1e-3, 1e-4)
    return w[:dim] / sd


def component(rows, center):
    r = rows - rows.mean(0) if center else rows
    return np.linalg.svd(r, full_matrices=False)[2][0]


def same_both_ways(name, rtol=1e-5):
    """From a dump, and from the model."""
    a, b = vec(name + ".npz"), vec(name + "-m.npz")
    close(a["direction"], b["direction"], name + " from a dump and from a model", rtol, rtol)
    return a["direction"]


def diagnostics(name, P, N, V):
    got = vec(name + ".npz")
    D = P - N
    for l in range(L):
        u, d, m = V[l] / np.linalg.norm(V[l]), D[:, l], D[:, l].mean(0)
        a, b = P[:, l] @ u, N[:, l] @ u
        close(got["explained"][l], ((d @ u) ** 2).sum() / (d**2).sum(), (name, l, "explained"), 1e-4)
        close(got["dprime"][l], (a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2),
              (name, l, "d'"), 1e-4)
        close(got["pair_cosine"][l], np.mean([cos(x, m) for x in d]), (name, l, "cosine"), 1e-4, 1e-5)
        close(got["wrong_side"][l] + 1, np.mean(d @ u <= 0) + 1, (name, l, "wrong"))
        close(got["center"][l], np.mean([a, b]), (name, l, "center"), 1e-4, 1e-4)


# ---- the methods -----------------------------------------------------------
want = {
    "mean": D.mean(0),
    "letter": np.subtract(*sides("letter")).mean(0),
    "over": np.subtract(*sides("mean")).mean(0),
    "pca": np.array([by_majority(component(D[:, l], False), D[:, l]) for l in range(L)]),
    "pca-all": np.array([by_majority(component(X[:, l], True), D[:, l]) for l in range(L)]),
    "pca-none": np.array([by_majority(component(X[:, l], False), D[:, l]) for l in range(L)]),
    "lda": np.array([lda(l) for l in range(L)]),
    "lda-fixed": np.array([lda(l, 0.3) for l in range(L)]),
    "logistic": np.array([logistic(l, 5.0, True) for l in range(L)]),
}
for name, v in want.items():
    got = same_both_ways(name)
    for l in range(L):
        close(got[l], v[l], (name, "layer", l), 1e-4, 1e-4 if name.startswith("l") else 1e-5)
for name in ("mean", "pca", "lda", "logistic"):
    diagnostics(name, P, N, vec(name + ".npz")["direction"])
    close(vec(name + ".npz")["norm"], np.linalg.norm(want[name], axis=1), name + " norm", 1e-4)
for name, position in (("letter", "letter"), ("over", "mean"), ("unit", "last"), ("control", "last"),
                   ("prompts-out", "last"), ("pca-all", "last")):
    diagnostics(name, *sides(position), vec(name + ".npz")["direction"])
    close(vec(name + ".npz")["center"], vec(name + "-m.npz")["center"], name + " center", 1e-3, 1e-4)
s = np.linalg.svd(D[:, 2], compute_uv=False)
close(vec("pca.npz")["explained"][2], s[0] ** 2 / (s**2).sum(), "explained by the first component", 1e-5)

# A ridge chosen by cross-validation is one of the regularization path.
for l, v in enumerate(same_both_ways("logistic-cv")):
    k = (((X[:, l] - X[:, l].mean(0)) / X[:, l].std(0, ddof=1)) ** 2).sum(1).mean()
    path = [k * 10 ** (e / 2) for e in range(-8, 5)]
    check(any(cos(v, logistic(l, lam)) > 0.9999 for lam in path), "chosen ridge, layer", l)

# ---- length, controls, layers -----------------------------------------------
unit = same_both_ways("unit")
close(unit, want["lda"] / np.linalg.norm(want["lda"], axis=1)[:, None], "unit", 1e-3, 1e-4)
close(np.linalg.norm(same_both_ways("layer"), axis=1), np.linalg.norm(X, axis=2).mean(0), "per-layer-mean")
other = np.subtract(*sides("last", "other.npz")).mean(0)
u = other / np.linalg.norm(other, axis=1)[:, None]
out = want["mean"] - (want["mean"] * u).sum(1)[:, None] * u
close(same_both_ways("control"), out, "control", 1e-3, 1e-4)
C = acts("prompts.npz", "prompt")
got = same_both_ways("prompts-out", 1e-4)
for l in range(L):
    basis = np.linalg.svd(C[:, l] - C[:, l].mean(0), full_matrices=False)[2][:3]
    close(got[l], want["mean"][l] - basis.T @ (basis @ want["mean"][l]), ("control prompts", l), 1e-3, 1e-4)
some = np.load("some.npz")
check(list(some["layer"]) == [1, 4, 5], "layers", some["layer"])
close(some["direction"], vec("lda.npz")["direction"][[1, 4, 5]], "some layers")

# ---- two models ---------------------------------------------------------------
both = np.mean(acts("pairs.npz", "last") - acts("other.npz", "last"), axis=0)
close(same_both_ways("diff"), both, "diff", 1e-4, 1e-5)

try:
    both = np.mean(acts("lora.npz", "last") - acts("pairs.npz", "last"), axis=0)
    check(np.linalg.norm(both) > 0.01, "the adapter changes nothing")
    for k in "mv":
        close(vec(f"lora-{k}.npz")["direction"], both, "diff of an adapter", 1e-4, 1e-5)
except FileNotFoundError:
    print("no adapter")

# ---- traps ----------------------------------------------------------------------
# Centering the differences takes out their mean, which is what is looked for.
mean, l = D[:, L - 1].mean(0), L - 1
check(abs(cos(component(D[:, l], True), mean)) < 0.5 < 0.99 < cos(vec("pca.npz")["direction"][l], mean),
      "centering removes the mean difference")
# Swapped sides: the same, turned round, whatever the method.
for k in ("mean", "pca", "lda", "logistic"):
    close(vec(k + "-swapped.npz")["direction"], -vec(k + "-m.npz")["direction"], k + " swapped", 1e-3, 1e-3)
# Rows of different length: the last token of each, not of the longest.
z = np.load("uneven.npz")
last = acts("uneven.npz", "last")
alone = np.concatenate([acts(f"one-{i}.npz", "last") for i in range(12)])
close(last, alone, "rows together and alone", 0, 0)
close(vec("uneven-v.npz")["direction"], (alone[0::2] - alone[1::2]).mean(0), "uneven rows")
rows = [json.loads(r) for r in open("uneven.out")]
check(len({r["n_completion"] for r in rows}) >= 5, "the rows are even")
tokens = np.concatenate([z[k] for k in sorted(z.files) if k.startswith("all/")]).astype(float)
begin = np.cumsum([0] + [r["n_prompt"] + r["n_completion"] for r in rows])
check(begin[-1] == len(tokens), "tokens of all rows")
close(last, tokens[begin[1:] - 1], "last tokens", 0, 0)
first = begin[:-1] + [r["n_prompt"] for r in rows]
for t in (1, 2, -1, -3):
    x = tokens[first + t] if t >= 0 else tokens[begin[1:] + t]
    close(same_both_ways(f"token{t}"), (x[0::2] - x[1::2]).mean(0), ("token", t))
same_both_ways("lda-token", 1e-4)
# The sign is the majority's also of what --orthogonal-to leaves.
u = component(np.array([[10, 5], [2, -1], [2, -1]]), False)
close(vec("three-v.npz")["direction"][0], u * np.sign(u[0]), "three pairs")
close(vec("three-c.npz")["direction"][0], [0, -abs(u[1])], "three pairs beside the control")

# ---- random, combine ----------------------------------------------------------------
length = np.linalg.norm(vec("mean.npz")["direction"], axis=1)
R = [vec(f"r-{i}.npz")["direction"] for i in (1, 2, 3)] + [vec("s.npz")["direction"]]
for r in R:
    close(np.linalg.norm(r, axis=1), length, "random length")
check((R[0] == vec("r-1b.npz")["direction"]).all(), "seed")
every = np.concatenate(R)
C = every @ every.T / np.outer(*[np.linalg.norm(every, axis=1)] * 2)
check(np.abs(C - np.eye(len(every))).max() < 0.5, "random directions are alike")
M, A, B = (vec(k + ".npz")["direction"] for k in ("mean", "lda", "pca"))


def units(x):
    return x / np.linalg.norm(x, axis=1)[:, None]


close(vec("sum.npz")["direction"], 2 * M - A / 2, "sum")
close(vec("average.npz")["direction"], (units(M) + units(A) + units(B)) / 3, "average")
close(np.linalg.norm(vec("like.npz")["direction"], axis=1),
      (np.linalg.norm(M, axis=1) + np.linalg.norm(A, axis=1)) / 2, "per-layer-mean of inputs")
O = vec("orth.npz")["direction"]
for l in range(L):
    q = np.linalg.qr(np.c_[A[l], B[l]])[0]
    close(O[l], 3 * (M[l] - q @ (q.T @ M[l])), ("orthogonal", l), 1e-3, 1e-5 * np.linalg.norm(M[l]) / np.linalg.norm(O[l]) + 1e-6)

# ---- stability --------------------------------------------------------------------------
def lines(path):
    return [json.loads(r) for r in open(path)]


def line(rows, **what):
    found = [r for r in rows if all(r[k] == v for k, v in what.items())]
    check(len(found) == 1, what, len(found))
    return found[0]


rows = lines("stable.json")
for l in range(L):
    close(line(rows, layer=l, what="method", setting="lda")["cosine"], cos(M[l], A[l]), "stability, method", 1e-4, 1e-5)
    close(line(rows, layer=l, what="position", setting="letter")["cosine"],
          cos(M[l], vec("letter.npz")["direction"][l]), "stability, read", 1e-4, 1e-5)
    close(line(rows, layer=l, what="number", setting="90")["cosine"], 1, "all pairs are all pairs")
    half = line(rows, layer=l, what="halves")
    check(half["pairs"] == 45 and half["draws"] == 20 and half["lo"] <= half["cosine"] <= half["hi"], half)
# The bootstrap's spread, drawn again by other random numbers.
rng, rows = np.random.default_rng(1), lines("boot.json")
for l in (0, 2, 5):
    draws = [cos(D[rng.integers(0, n, n), l].mean(0), M[l]) for _ in range(400)]
    got = line(rows, layer=l, what="bootstrap")
    check(got["draws"] == 30 and abs(got["cosine"] - np.mean(draws)) < 4 * np.std(draws) / np.sqrt(30),
          "bootstrap", got, np.mean(draws), np.std(draws))
rows, topics = lines("by.json"), [json.loads(r)["topic"] for r in open("pairs")]
for t in sorted(set(topics)):
    inside = np.array([x == t for x in topics])
    got = line(rows, layer=3, what="subset", setting=str(t))
    check(got["pairs"] == inside.sum(), got)
    close(got["cosine"], cos(D[inside, 3].mean(0), D[~inside, 3].mean(0)), ("subset", t), 1e-4, 1e-5)

# Letters that are out of balance, weighted by hand.
U, V = sides("last", "unequal.npz")
first = [json.loads(x)["answer_matching_behavior"] for x in open("unequal")]
isa = np.array([("(A)" in (x[0] if isinstance(x, list) else x)) for x in first])
weight = np.where(isa, len(isa) / 2 / isa.sum(), len(isa) / 2 / (~isa).sum())
for l in range(L):
    u, v = U[:, l].copy(), V[:, l].copy()
    letters = ((u - v)[isa].mean(0) - (u - v)[~isa].mean(0)) / 2
    close(vec("u-letters.npz")["direction"][l], letters, "letters", 1e-4, 1e-5)
    rows = np.concatenate([(x - np.average(x, axis=0, weights=weight)) * np.sqrt(weight)[:, None] for x in (u, v)])
    s = rows.T @ rows / len(rows)
    s = 0.9 * s + 0.1 * np.trace(s) / dim * np.eye(dim)
    w = np.linalg.solve(s, np.average(u - v, axis=0, weights=weight))
    check(cos(vec("u-lda--shrinkage01.npz")["direction"][l], w) > 1 - 1e-6, "lda --balance", l)
    for x in (u, v):
        half = (x[isa].mean(0) + x[~isa].mean(0)) / 2
        x[isa] += half - x[isa].mean(0)
        x[~isa] += half - x[~isa].mean(0)
    both = np.concatenate([u, v])
    for path, rows in (("u-pca.npz", (u - v) * np.sqrt(weight)[:, None]),
                       ("u-pca--aboutall.npz", (both - np.average(both, axis=0, weights=np.tile(weight, 2)))
                        * np.sqrt(np.tile(weight, 2))[:, None])):
        w = np.linalg.svd(rows, full_matrices=False)[2][0]
        check(abs(cos(vec(path)["direction"][l], w)) > 1 - 1e-5, path, l, cos(vec(path)["direction"][l], w))

# Null vectors: as long as the vector; signs of whole pairs; the covariance of differences.
nulls, m = np.load("nulls.npz"), vec("m.npz")["direction"]
for l in range(L):
    for kind in ("random", "cov", "flip", "shuffle"):
        close(np.linalg.norm(nulls[f"{kind}/{l:06d}"], axis=1), np.full(len(nulls[f"{kind}/{l:06d}"]),
              np.linalg.norm(m[l])), kind, 1e-4, 1e-5)
    for x in nulls[f"flip/{l:06d}"][:5].astype(float):
        signs = np.linalg.lstsq(D[:, l].T, x, rcond=None)[0]
        made = np.sign(signs) @ D[:, l]
        check(n >= dim or cos(made, x) > 1 - 1e-6, "flip", l)
    d = D[:, l] - D[:, l].mean(0)
    want = np.random.default_rng(l).standard_normal((4000, n)) @ d
    axes = np.linalg.svd(d, full_matrices=False)[2][:4]
    share = [((x @ axes.T) ** 2 / (x ** 2).sum(1)[:, None]).mean(0) for x in (want, nulls[f"cov/{l:06d}"])]
    check(np.abs(share[0] - share[1]).max() < 0.05, "cov", l, share)


def area(score, label):
    pairs = score[label == 1][:, None] - score[label == 0]
    return (pairs > 0).mean() + (pairs == 0).mean() / 2


# What syc-fit makes of them, with numpy's areas.
label = np.array([json.loads(x)["label"] for x in open("labeled")])
x, doc = acts("pairs.npz", "last"), json.load(open("nulls.json"))["fits"][0]
unit = x / np.linalg.norm(x, axis=2, keepdims=True)
for kind, k in (("flip", 40), ("shuffle", 30)):
    reach = np.array([[abs(area(unit[:, l] @ v, label) - 0.5) for v in nulls[f"{kind}/{l:06d}"][:k]] for l in range(L)])
    own = np.array([abs(area(unit[:, l] @ m[l], label) - 0.5) for l in range(L)])
    for l in range(L):
        close(doc["layers"][l][kind + "_p"], (1 + (reach[l] >= own[l] - 1e-9).sum()) / (k + 1), (kind, "p", l), 1e-3)
        close(doc["layers"][l][kind + "_p_max"], (1 + (reach.max(0) >= own[l] - 1e-9).sum()) / (k + 1), (kind, "max", l), 1e-3)
    close(doc["nulls"][kind]["p"], (1 + (reach.max(0) >= own.max() - 1e-9).sum()) / (k + 1), (kind, "best"), 1e-3)

raise SystemExit(bad > 0)
