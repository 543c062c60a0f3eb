#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The figures that tests/check_stat.c compares with, from other people's code.

    python3 tests/ref/stat.py > tests/data/stat_cases.json

AUC, DeLong's interval: R, pROC.  Firth: R, brglm2 (both by tests/ref/stat.R).
Logistic regression: statsmodels.  Point-biserial r: scipy.  Adjustment:
statsmodels.  Tails: mpmath with 40 digits.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import warnings

import mpmath
import numpy as np
import scipy.stats
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
NAN = None


def draw(seed, n, slope, digits=None, shift=0.0, scale=1.0, rate=0.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-(rate + slope * x)))).astype(int)
    x = shift + scale * x
    return [float(v) for v in (np.round(x, digits) if digits is not None else x)], y.tolist()


def cases():
    rng = np.random.default_rng(99)
    yield "plain", *draw(1, 60, 1.0)
    yield "ties", *draw(2, 80, 1.2, digits=0)
    yield "coarse", *draw(3, 50, 0.7, digits=1)
    yield "against", *draw(4, 70, -1.5)
    yield "unbalanced", *draw(5, 90, 0.8, rate=-3)
    yield "offset", *draw(6, 60, 0.9, shift=1e5, scale=1e-2)
    yield "small_scale", *draw(7, 60, 0.9, scale=1e-9)
    yield "big_n_tiny_effect", *draw(8, 6000, 0.05, digits=4)
    yield "strong", *draw(9, 200, 6.0)
    x = np.round(np.sort(rng.normal(size=24)), 3).tolist()
    yield "separated", x, [0] * 10 + [1] * 14
    yield "separated_down", x, [1] * 9 + [0] * 15
    yield "quasi", [1.0, 2, 3, 4, 4, 4, 5, 6, 7], [0, 0, 0, 0, 1, 1, 1, 1, 1]
    yield "quasi_binary", [0.0] * 6 + [1.0] * 8, [0] * 6 + [1] * 3 + [0] * 5
    yield "nearly_separated", x, [0] * 9 + [1] + [0] + [1] * 13
    yield "three", [1.0, 2, 3.5], [1, 0, 1]
    yield "three_separated", [0.1, 0.2, 0.4], [0, 1, 1]
    yield "three_points", [0.0, 1, 1], [0, 1, 1]
    yield "four", [0.3, -1.0, 0.8, 0.2], [1, 0, 0, 1]
    yield "two", [0.5, 1.5], [0, 1]
    yield "all_positive", x[:6], [1] * 6
    yield "all_negative", x[:6], [0] * 6
    yield "all_equal", [0.7] * 7, [0, 1, 1, 0, 1, 1, 0]
    x, y = draw(10, 40, 1.0)
    yield "missing", [None if i % 7 == 3 else v for i, v in enumerate(x)], \
        [-1 if i % 11 == 5 else v for i, v in enumerate(y)]


def by_r(table):
    """Run stat.R on all cases; name -> its figures."""
    with tempfile.TemporaryDirectory() as d:
        src, dst = os.path.join(d, "in.csv"), os.path.join(d, "out.csv")
        with open(src, "w") as f:
            f.write("case,x,y\n")
            for name, x, y in table:
                for a, b in zip(x, y):
                    f.write(f"{name},{a!r},{b}\n")
        subprocess.run(["Rscript", os.path.join(HERE, "stat.R"), src, dst],
                       check=True, stdout=sys.stderr)
        with open(dst) as f:
            return {r.pop("case"): {k: number(v) for k, v in r.items()}
                    for r in csv.DictReader(f)}


def number(v):
    if v is None or v == "NA":
        return NAN
    v = float(v)
    return v if np.isfinite(v) else NAN


def ml(x, y):
    z = (x - x.mean()) / x.std(ddof=1)
    r = sm.Logit(y, sm.add_constant(z)).fit(method="newton", tol=1e-14, maxiter=200, disp=0)
    return dict(intercept=r.params[0], slope=r.params[1], se=r.bse[1],
                z=r.tvalues[1], p=r.pvalues[1])


def figures(name, x, y, r):
    out = dict(r)
    firth = {k: out.pop("firth_" + k) for k in ("intercept", "slope", "se", "z", "p")}
    x, y = np.array(x, float), np.array(y)
    defined = 0 < y.sum() < len(y) and x.min() < x.max()
    # By counting, not by rule: does some threshold split the classes?
    cut = [(np.all(y[x < c] == v) and np.all(y[x > c] == 1 - v))
           for c in x for v in (0, 1)]
    out["separated"] = bool(defined and any(cut))
    out["method"] = "none" if not defined else "firth" if out["separated"] else "ml"
    out["logit"] = None if not defined else firth if out["separated"] else ml(x, y)
    out["n"], out["positives"] = len(x), int(y.sum())
    out["mean"] = float(x.mean())
    out["sd"] = number(x.std(ddof=1)) if len(x) > 1 else NAN
    r, p = scipy.stats.pointbiserialr(y, x) if defined else (NAN, NAN)
    out["r"], out["r_p"] = number(r), number(p) if len(x) > 2 else NAN
    return out


def tails():
    mpmath.mp.dps = 40
    for df in (1, 2, 3, 4.5, 10, 29, 48, 50, 51, 100, 998, 12345, 10 ** 7):
        for t in (1e-8, 0.01, 0.5, 1, 1.5, 1.8, 2, 3.3, 6, 12, 40):
            x = mpmath.mpf(df) / (df + mpmath.mpf(t) ** 2)
            p = mpmath.betainc(mpmath.mpf(df) / 2, mpmath.mpf(1) / 2, 0, x, regularized=True)
            if p > 1e-290:
                yield [t, df, float(p)]


def main():
    table = list(cases())
    used = [(n, *zip(*[(a, b) for a, b in zip(x, y) if a is not None and b >= 0]))
            for n, x, y in table]
    r = by_r(used)
    doc = {"cases": [], "t": list(tails()), "normal": [], "bh": []}
    for (name, x, y), (_, ux, uy) in zip(table, used):
        doc["cases"].append({"name": name, "x": x, "y": y, "want": figures(name, ux, uy, r[name])})
    for z in (0, 1e-9, 0.1, 1, 1.959963984540054, 3, 8, 20, 37):
        doc["normal"].append([z, float(mpmath.erfc(mpmath.mpf(z) / mpmath.sqrt(2)))])
    rng = np.random.default_rng(5)
    for p in ([0.01, 0.02, 0.03, 0.04, 0.05], [0.5], [0.9, 0.95, 1.0],
              [0.01, 0.01, 0.2, 0.03], (rng.random(32) ** 3).tolist(), [0.0, 1e-300, 1.0]):
        doc["bh"].append([p, multipletests(p, method="fdr_bh")[1].tolist()])
    text = json.dumps(doc, allow_nan=False)
    print(text.replace('{"name"', '\n{"name"').replace('"want"', '\n "want"')
          .replace('], "t"', '],\n"t"').replace('"normal"', '\n"normal"').replace('"bh"', '\n"bh"'))


main()
