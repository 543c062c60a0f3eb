# SPDX-License-Identifier: MIT
"""Cases of tests/check_ppi.c: one stratum by ppi-python (pip install ppi-python),
which is not ours; strata by the formulas of syc/ppi.h, row by row, with numpy.

    python3 tests/ref/ppi.py > tests/data/ppi_cases.json
"""
import json

import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate


def judged(rng, n, sens, spec, rate, sharp):
    y = (rng.random(n) < rate).astype(float)
    says = np.where(y == 1, rng.random(n) < sens, rng.random(n) > spec).astype(float)
    f = np.where(says == 1, 1 - sharp * rng.random(n), sharp * rng.random(n)) if sharp else says
    return y, f


def one(rng, n, m, *how):
    y, f = judged(rng, n + m, *how)
    point = ppi_mean_pointestimate(y[:n], f[:n], f[n:])
    lo, hi = ppi_mean_ci(y[:n], f[:n], f[n:], alpha=0.05)
    return {"y": y[:n].tolist(), "f": f.tolist(), "theta": float(point[0]),
            "se": float((hi - lo)[0] / 2 / 1.959963984540054)}


def stratified(rng, counts, labeled, *how):
    """theta and plain_se of strata of so many rows, so many of them labeled."""
    y, f, total = [], [], sum(counts)
    thetas, parts = [], []
    for n_all, n in zip(counts, labeled):
        ys, fs = judged(rng, n_all, *how)
        m = n_all - n
        lam = 0
        if np.var(fs) > 0:
            lam = np.mean((ys[:n] - ys[:n].mean()) * (fs[:n] - fs[:n].mean())) / (
                (1 + n / m) * np.var(fs, ddof=1))
            lam = min(1, max(0, lam))
        theta = lam * fs[n:].mean() + (ys[:n] - lam * fs[:n]).mean()
        r = ys[:n] - lam * fs[:n]
        parts.append(n_all / total * np.concatenate([(r - r.mean()) / n, lam * (fs[n:] - fs[n:].mean()) / m]))
        thetas.append(theta)
        y.append(ys[:n].tolist())
        f.append(fs.tolist())
    theta = sum(c / total * t for c, t in zip(counts, thetas))
    square = sum(((p + (t - theta) / total) ** 2).sum() for p, t in zip(parts, thetas))
    return {"y": y, "f": f, "theta": float(theta), "se": float(np.sqrt(square))}


def main():
    rng = np.random.default_rng(15)
    how = [(0.9, 0.8, 0.4, 0), (0.9, 0.8, 0.4, 0.5), (0.6, 0.95, 0.3, 0.3), (0.3, 0.3, 0.5, 0.2)]
    print(json.dumps({
        "one": [one(rng, n, m, *h) for h in how for n, m in ((12, 40), (50, 70), (60, 5))],
        "strata": [stratified(rng, (40, 60, 30), (10, 30, 12), *h) for h in how],
    }))


main()
