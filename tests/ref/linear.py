#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The figures that tests/check_linear.c compares with, from other people's code.

    python3 tests/ref/linear.py > tests/data/linear_cases.json

Moments: numpy.  Principal components, Ledoit and Wolf's shrinkage, the
discriminant, logistic regression with a ridge: scikit-learn.
"""
import json
import warnings

import numpy as np
from sklearn.covariance import ledoit_wolf
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

warnings.simplefilter("ignore")


def draw(seed, n, d, shift=0.0, gap=0.8):
    """Rows that a float holds exactly, correlated, with classes gap apart."""
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(d, d)) * np.linspace(2, 0.3, d)
    y = np.arange(n) % 2 if n < 12 else (rng.random(n) < 0.4).astype(int)
    x = rng.normal(size=(n, d)) @ mix + shift + gap * np.outer(y, rng.normal(size=d))
    return np.round(x * 64) / 64, y


def cases():
    yield "tall", *draw(1, 40, 5)
    yield "wide", *draw(2, 9, 14)
    yield "square", *draw(3, 8, 8)
    yield "far", *draw(4, 300, 4, shift=3000.0)
    yield "apart", *draw(5, 30, 3, gap=6)
    yield "one_number", *draw(6, 12, 1)
    yield "wide_apart", *draw(7, 24, 60, gap=2)
    x, y = draw(8, 30, 4)
    x[:, 2] = 1.5
    yield "constant_column", x, y


def turned(v):
    at = np.argmax(np.abs(np.round(v, 12)))
    return (v if v[at] > 0 else -v).tolist()


def pca(x, centered):
    n, d = x.shape
    k = min(3, n - centered, d)
    if centered:
        p = PCA(n_components=k, svd_solver="full").fit(x)
        var, vec, total = p.explained_variance_, p.components_, x.var(axis=0, ddof=1).sum()
    else:
        _, s, vec = np.linalg.svd(x, full_matrices=False)
        var, vec, total = s[:k] ** 2 / n, vec[:k], (x ** 2).sum() / n
    keep = [i for i in range(k) if var[i] > 1e-13 * total]
    return {"var": [var[i] for i in keep], "vec": [turned(vec[i]) for i in keep], "total": total}


def lda(x, y, shrinkage):
    if shrinkage is None:
        within = x - np.array([x[y == c].mean(axis=0) for c in y])
        shrinkage = ledoit_wolf(within, assume_centered=True)[1]
    share = [(y == c).mean() for c in (0, 1)]
    f = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=share).fit(x, y)
    gap = x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0)
    w = f.coef_[0]
    # The intercept without what the priors add to it.
    bias = f.intercept_[0] - np.log(share[1] / share[0])
    return {"shrinkage": shrinkage, "w": w.tolist(), "bias": bias, "dprime": np.sqrt(w @ gap)}


def ridge(x, y, lam, raw):
    sd = np.ones(x.shape[1]) if raw else x.std(axis=0, ddof=1)
    sd[sd == 0] = np.inf
    mean = x.mean(axis=0)
    f = LogisticRegression(C=1 / lam, solver="newton-cg", tol=1e-13, max_iter=100000)
    z = (x - mean) / sd
    f.fit(z, y)
    w = f.coef_[0] / sd
    p = f.predict_proba(z)[:, 1]
    loss = -np.mean(np.log(np.where(y == 1, p, 1 - p)))
    return {"lambda": lam, "raw": raw, "w": w.tolist(), "bias": f.intercept_[0] - w @ mean,
            "loss": loss}


def case(name, x, y):
    n = len(x)
    by_class = [x[y == c] - x[y == c].mean(axis=0) for c in (0, 1)]
    return {
        "name": name, "n": n, "dim": x.shape[1], "x": x.ravel().tolist(), "y": y.tolist(),
        "mean": x.mean(axis=0).tolist(), "var": x.var(axis=0, ddof=1).tolist(),
        "shrinkage": ledoit_wolf(x - x.mean(axis=0), assume_centered=True)[1],
        "within": ledoit_wolf(np.vstack(by_class), assume_centered=True)[1],
        "centred": pca(x - 0.0, True), "uncentred": pca(x, False),
        "lda": [lda(x, y, s) for s in (None, 0.1, 1.0)],
        "ridge": [ridge(x, y, *a) for a in ((1.0, False), (0.01, False), (100.0, True))],
    }


def main():
    doc = [case(*c) for c in cases()]
    print("[" + ",\n".join(json.dumps(c, allow_nan=False) for c in doc) + "]")


main()
