#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Figures that tests/check_nested.c compares with, from scikit-learn.

    python3 tests/ref/nested.py > tests/data/nested_cases.json

Rows of claims in five folds.  For each fold a logistic regression, or least
squares, with a ridge is fitted to the other four, standardized by them; its
penalty is the one of 13 with the least loss when each of these four is left out
of the other three.
"""
import json
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

warnings.simplefilter("ignore")
GRID = [2 - 0.5 * i for i in range(13)]


def draw(seed, claims, rows, d):
    """Rows that a float holds exactly, alike in a claim."""
    rng = np.random.default_rng(seed)
    n = claims * rows
    claim = np.repeat(np.arange(claims), rows)
    x = rng.normal(size=(n, d)) + rng.normal(size=(claims, d))[claim]
    x = np.round(x * 64) / 64
    truth = x[:, 0] - 0.7 * x[:, 1]
    y = (truth + 1.5 * rng.normal(size=n) > 0).astype(int)
    outcome = np.round((truth + rng.normal(size=n)) * 64) / 64
    return x, y, outcome, claim % 5


def logistic(z, y, lam):
    f = LogisticRegression(C=1 / lam, solver="newton-cholesky", tol=1e-12, max_iter=10000)
    return f.fit(z, y)


def log_loss(f, z, y):
    t = np.where(y == 1, 1, -1) * f.decision_function(z)
    return np.logaddexp(0, -t).sum()


def square(f, z, y):
    return ((f.predict(z) - y) ** 2).sum()


def choose(z, y, fold, make, loss, stop):
    """The penalty, and its loss; `stop` when the loss has risen twice in a row."""
    k = (z ** 2).sum(axis=1).mean()
    best, least, last, rises = None, np.inf, np.inf, 0
    for power in GRID:
        lam = k * 10 ** power
        total = sum(loss(make(z[fold != f], y[fold != f], lam), z[fold == f], y[fold == f])
                    for f in np.unique(fold)) / len(y)
        if total < least:
            best, least = lam, total
        rises = rises + 1 if total > last else 0
        last = total
        if stop and rises == 2:
            break
    return best, least


def nested(x, y, fold, make, loss, stop, predict):
    pred, lams, inner = np.zeros(len(y)), [], []
    for f in range(5):
        use = fold != f
        mean, sd = x[use].mean(axis=0), x[use].std(axis=0, ddof=1)
        z = (x - mean) / sd
        lam, least = choose(z[use], y[use], fold[use], make, loss, stop)
        pred[~use] = predict(make(z[use], y[use], lam), z[~use])
        lams.append(lam)
        inner.append(least)
    z = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    lam, _ = choose(z, y, fold, make, loss, stop)
    w = make(z, y, lam).coef_.ravel() / x.std(axis=0, ddof=1)
    return {"pred": pred.tolist(), "lambda": lams, "inner": inner, "w": w.tolist()}


def main():
    out = {}
    for name, at in (("tall", (1, 15, 4, 6)), ("wide", (2, 12, 3, 50))):
        x, y, outcome, fold = draw(*at)
        out[name] = {
            "x": x.tolist(), "label": y.tolist(), "outcome": outcome.tolist(),
            "fold": fold.tolist(),
            "logistic": nested(x, y, fold, logistic, log_loss, True,
                               lambda f, z: f.decision_function(z)),
            "line": nested(x, outcome, fold, lambda z, y, lam: Ridge(alpha=lam).fit(z, y),
                           square, False, lambda f, z: f.predict(z)),
        }
    print("{" + ",\n".join(f'"{k}":\n' + "{" + ",\n".join(
        f'"{a}": ' + json.dumps(b, separators=(",", ":")) for a, b in v.items()) + "}"
        for k, v in out.items()) + "}")


main()
