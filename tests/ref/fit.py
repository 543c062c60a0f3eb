#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rows for tests/fit_checks.sh and what syc-fit has to find in them.

    python3 tests/ref/fit.py tests/data

writes fit_a.jsonl, fit_b.jsonl and fit_figures.json.  Leaving one row out, all
layers together, and one data set tried on another: scikit-learn and
statsmodels.  Pairs within strata: all pairs.
"""
import json
import os
import sys
import warnings

import numpy as np
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

warnings.simplefilter("ignore")


def draw(seed, n, gap):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.45).astype(int)
    common = rng.normal(size=n)
    x = np.column_stack([gap * y + 0.6 * common + rng.normal(size=n),
                         -1.2 * gap * y + 0.6 * common + rng.normal(size=n),
                         0.3 * rng.normal(size=n)])
    return np.round(x, 4), y, rng.integers(0, 4, n), np.round(rng.exponential(9, n))


def write(path, x, y, topic, length):
    with open(path, "w") as f:
        for i in range(len(y)):
            f.write(json.dumps({
                "id": f"r{i}", "topic": f"t{topic[i]}", "length": int(length[i]),
                "label": int(y[i]), "layers": [3, 4, 7],
                "score": {"v": {"prompt": x[i].tolist()}}}) + "\n")


def logit(x, y):
    return sm.Logit(y, sm.add_constant(x)).fit(method="newton", tol=1e-14, disp=0)


def left_out(x, y, fit):
    p = np.empty(len(y))
    for i in range(len(y)):
        use = np.arange(len(y)) != i
        p[i] = fit(x[use], y[use], x[i:i + 1])
    return p


def one(x, y, at):
    b = logit(x, y).params
    return 1 / (1 + np.exp(-(b[0] + b[1] * at[0])))


def ridge(x, y, at, lam=2.0):
    mean, sd = x.mean(axis=0), x.std(axis=0, ddof=1)
    f = LogisticRegression(C=1 / lam, solver="newton-cg", tol=1e-13, max_iter=10000)
    return f.fit((x - mean) / sd, y).predict_proba((at - mean) / sd)[:, 1]


def within(x, y, stratum):
    wins = pairs = 0
    for s in np.unique(stratum):
        p, q = x[(stratum == s) & (y == 1)], x[(stratum == s) & (y == 0)]
        wins += (p[:, None] > q).sum() + 0.5 * (p[:, None] == q).sum()
        pairs += len(p) * len(q)
    return wins / pairs


def fifths(v):
    """Ranks from 0 cut into fifths, rows of one value together with the first."""
    order = np.sort(v)
    return np.array([np.searchsorted(order, u) * 5 // len(v) for u in v])


def main(folder):
    a, b = draw(1, 60, 1.0), draw(2, 70, 0.8)
    write(os.path.join(folder, "fit_a.jsonl"), *a)
    write(os.path.join(folder, "fit_b.jsonl"), *b)
    x, y, topic, length = a
    xb, yb = b[:2]
    full = sm.Logit(y, sm.add_constant(np.column_stack([x[:, 0], length]))).fit(disp=0, tol=1e-14)
    f = {"loo_brier": [brier_score_loss(y, left_out(x[:, k], y, one)) for k in range(3)],
         "loo_loss": [log_loss(y, left_out(x[:, k], y, one)) for k in range(3)],
         "multi_brier": brier_score_loss(y, left_out(x, y, ridge)),
         "within_topic": [within(x[:, k], y, topic) for k in range(3)],
         "within_length": [within(x[:, k], y, fifths(length)) for k in range(3)],
         "length_slope": full.params[1] * x[:, 0].std(ddof=1),
         "length_p": full.pvalues[1]}
    best = max(range(3), key=lambda k: abs(roc_auc_score(y, x[:, k]) - 0.5))
    p = 1 / (1 + np.exp(-sm.add_constant(xb[:, best]) @ logit(x[:, best], y).params))
    cal = logit(np.log(p / (1 - p)), yb).params
    area = roc_auc_score(yb, xb[:, best])
    f["transfer"] = {"layer": [3, 4, 7][best], "auc": max(area, 1 - area),
                     "brier": brier_score_loss(yb, p), "loss": log_loss(yb, p),
                     "intercept": cal[0], "slope": cal[1],
                     "multi_brier": brier_score_loss(yb, ridge(x, y, xb)),
                     "multi_auc": roc_auc_score(yb, ridge(x, y, xb))}
    with open(os.path.join(folder, "fit_figures.json"), "w") as out:
        json.dump(f, out, indent=1)
        out.write("\n")


main(sys.argv[1])
